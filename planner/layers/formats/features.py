"""Features on their way to the parent: line, properties as text, geometry as WKB."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Drawn = bytes | str | None
"""A geometry as WKB, why it is none, or that there is none."""


class Features:
    """The features of one file, in its order.

    Parameters
    ----------
    names
        Properties that are wanted, in lower case; the others stay behind.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(names)
        self._rows: list[tuple[int, dict[str, str], int | str | None]] = []
        self._wkb = bytearray()

    def add(self, line: int, properties: Mapping[str, Any], drawn: Drawn) -> None:
        """Add a feature; ``line`` is its physical line, or its number in a binary file."""
        texts = {}
        for key, value in properties.items():
            name = str(key).strip().lower()
            if name in self._names:
                texts[name] = _text(value)

        if isinstance(drawn, bytes):
            self._wkb += drawn
        self._rows.append((line, texts, len(drawn) if isinstance(drawn, bytes) else drawn))

    def clear(self) -> None:
        """Forget what was added."""
        self._rows.clear()
        self._wkb.clear()

    def with_crs(self, crs: str) -> tuple[dict[str, Any], bytes]:
        """What the parent gets."""
        return {"crs": crs, "features": self._rows}, bytes(self._wkb)


def _text(value: Any) -> str:
    """A property as text; nothing, not a number and no time are blank."""
    text = str(value)
    is_blank = value is None or (not isinstance(value, str) and text in ("nan", "NaT"))
    return "" if is_blank else text.strip()
