"""Features on their way to the parent: line, properties as text, geometry as WKB."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

NOT_GEOJSON: Final = "not as GeoJSON writes it: type, and numbers for coordinates"
"""Why a geometry is none, where the library speaks of its own parser."""


class Unreadable(NamedTuple):
    """Why a geometry is none, and its first corner as it is written, None where it has none."""

    reason: str
    corner: tuple[Any, Any] | None


Drawn = bytes | Unreadable | None
"""A geometry as WKB, why it is none, or that there is none."""


class Features:
    """The features of one file, in its order.

    Parameters
    ----------
    names
        Properties that are wanted, in lower case; the others stay behind.

    Attributes
    ----------
    lines
        Physical line of each feature; None where that tells nothing.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self.lines: list[int | None] = []
        self._names = frozenset(names)
        self._rows: list[tuple[dict[str, str], int | Unreadable | None]] = []
        self._wkb = bytearray()

    def add(self, line: int | None, properties: Mapping[str, Any], drawn: Drawn) -> None:
        """Add a feature."""
        texts = {}
        for key, value in properties.items():
            name = str(key).strip().lower()
            if name in self._names:
                texts[name] = _text(value)

        if isinstance(drawn, bytes):
            self._wkb += drawn
        self.lines.append(line)
        self._rows.append((texts, len(drawn) if isinstance(drawn, bytes) else drawn))

    def clear(self) -> None:
        """Forget what was added."""
        self.lines.clear()
        self._rows.clear()
        self._wkb.clear()

    def with_crs(self, crs: str) -> tuple[dict[str, Any], bytes]:
        """What the parent gets."""
        rows = zip(self.lines, self._rows, strict=True)
        features = [(line, texts, drawn) for line, (texts, drawn) in rows]
        return {"crs": crs, "features": features}, bytes(self._wkb)


def _text(value: Any) -> str:
    """A property as text; nothing, not a number and no time are blank."""
    text = str(value)
    is_blank = value is None or (not isinstance(value, str) and text in ("nan", "NaT"))
    return "" if is_blank else text.strip()
