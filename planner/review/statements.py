"""One answer of a reviewer: a row of a returned list or a mark of the page."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from itertools import groupby
from typing import Final, NamedTuple

from planner.files import digest

DATES: Final = ("opened_on", "due_on", "delivered_on")
_CONTENT: Final = (
    "reviewer", "station_id", "town", "verdict", "is_open", "lon", "lat", *DATES, "reason", "note",
)  # fmt: skip
_KEY_LENGTH: Final = 32


class Statement(NamedTuple):
    """One answer, in the columns that ``tables.STATEMENTS`` begins with.

    ``kind`` is ``row`` of a list or the kind of a mark; ``verdict`` accept, refuse, wait or empty;
    ``is_open`` whether the row says that the station is on air. Places are WGS-84 with six
    decimals, NaN where none is told; days are ``YYYY-MM-DD`` or empty. ``mark_lon, mark_lat`` is
    where a mark stands, ``area`` the ring of a comment on an area as WKT in WGS-84, else empty.
    """

    file: str
    line: int
    reviewer: str
    kind: str
    station_id: str = ""
    town: str = ""
    verdict: str = ""
    is_open: bool = False
    lon: float = math.nan
    lat: float = math.nan
    demand_lon: float = math.nan
    demand_lat: float = math.nan
    offset_m: float = math.nan
    opened_on: str = ""
    due_on: str = ""
    delivered_on: str = ""
    reason: str = ""
    note: str = ""
    mark_lon: float = math.nan
    mark_lat: float = math.nan
    area: str = ""

    @property
    def key(self) -> str:
        """Hash of what is said, wherever it stands: the same answer read again has the same key."""
        values = (getattr(self, name) for name in _CONTENT)
        content = [None if value != value else value for value in values]

        # answers without an area keep the keys that versions before areas wrote down
        if self.area:
            content.append(self.area)
        return digest(json.dumps(content, ensure_ascii=False).encode())[:_KEY_LENGTH]

    @property
    def source(self) -> str:
        """Where it stands: file and line."""
        return f"{self.file}:{self.line}"

    @property
    def subject(self) -> str:
        """What it is about: a 规划编号; a town; a place, alone with itself."""
        if self.station_id:
            return self.station_id
        return f" {self.town}" if self.names_town else f"  {self.source}"

    @property
    def has_place(self) -> bool:
        """Whether it names a place."""
        return math.isfinite(self.lon)

    @property
    def names_town(self) -> bool:
        """Whether it is about a whole town."""
        return bool(self.town) and not self.station_id and not self.has_place

    @property
    def says_open(self) -> bool:
        """Whether it says that the station is on air."""
        return self.is_open or bool(self.opened_on)

    @property
    def is_silent(self) -> bool:
        """Whether it leaves everything but the place as it is."""
        has_date = any(getattr(self, name) for name in DATES)
        has_verdict = self.verdict not in ("", "wait")
        return self.kind == "row" and not (has_verdict or has_date or self.is_open)


def by_subject(statements: Iterable[Statement]) -> list[list[Statement]]:
    """The statements about each station, town or place, in a fixed order."""
    ordered = sorted(statements, key=lambda each: (each.subject, each.file, each.line))
    return [list(group) for _, group in groupby(ordered, key=lambda each: each.subject)]


def distinct_lines(texts: Iterable[str]) -> str:
    """Texts that differ, a line each: none of them holds a line end."""
    return "\n".join(text for text in dict.fromkeys(texts) if text)
