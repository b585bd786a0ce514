"""Features on their way to the parent: line, properties as text, geometry as WKB."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
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
    """The features of one file, in its order, with all their properties.

    Features that have the same properties in the same order share one list of their names.

    Attributes
    ----------
    lines
        Physical line of each feature; None where that tells nothing.
    """

    def __init__(self) -> None:
        self.lines: list[int | None] = []
        self._heads: dict[tuple[str, ...], int] = {}
        self._rows: list[tuple[int, tuple[str, ...], int | Unreadable | None]] = []
        self._words: dict[str, str] = {}
        self._wkb = bytearray()

    def add(self, line: int | None, properties: Mapping[str, Any], drawn: Drawn) -> None:
        """Add a feature."""
        head = tuple(str(key).strip() for key in properties)
        number = self._heads.setdefault(head, len(self._heads))
        # the same few words stand in most features
        texts = (text_of(value) for value in properties.values())
        words = tuple(self._words.setdefault(text, text) for text in texts)

        if isinstance(drawn, bytes):
            self._wkb += drawn
        self.lines.append(line)
        self._rows.append((number, words, len(drawn) if isinstance(drawn, bytes) else drawn))

    def clear(self) -> None:
        """Forget what was added."""
        self.lines.clear()
        self._rows.clear()
        self._wkb.clear()

    def with_crs(self, crs: str) -> tuple[dict[str, Any], bytes]:
        """What the parent gets: records and bytes.

        ``crs`` is blank where the file names none.
        """
        rows = zip(self.lines, self._rows, strict=True)
        features = [(line, *row) for line, row in rows]
        return {"crs": crs, "heads": list(self._heads), "features": features}, bytes(self._wkb)


def unpacked(
    records: dict[str, Any], wkb: bytes
) -> Iterator[tuple[int | None, dict[str, str], Drawn]]:
    """Line, properties and geometry of each feature, as the child added them."""
    at = 0
    for line, head, texts, drawn in records["features"]:
        properties = dict(zip(records["heads"][head], texts, strict=True))
        if isinstance(drawn, int):
            yield line, properties, wkb[at : at + drawn]
            at += drawn
        else:
            yield line, properties, drawn and Unreadable(*drawn)


def text_of(value: Any) -> str:
    """A property as text; nothing and not a number are blank.

    Whole numbers stand without the point that a format gives them, what is nested as JSON.
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    text = str(value)
    return "" if text == "nan" else text
