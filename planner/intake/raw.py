"""Raw files: looked at and read by the child, and where they come from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely

from planner.crs import convert, project
from planner.layers.files import Source, open_source
from planner.layers.findings import Findings
from planner.layers.formats.features import Unreadable, unpacked

WGS84: Final = "EPSG:4326"
OSM: Final = "osm"
DIGITS: Final = 6  # of a degree: a decimetre


@dataclass(frozen=True, slots=True, eq=False)
class Thing:
    """A feature of a raw file: its number, properties, and its shape or why it has none."""

    number: int
    properties: dict[str, str]
    shape: Any  # a shapely geometry, Unreadable or None


def open_raw(path: Path, allowed: Any, findings: Findings) -> Source | None:
    """A file that somebody named, wherever it lies; None, with a finding, when it is unusable."""
    path = Path(path).resolve()
    return open_source(path.parent, path.name, allowed, findings)


def read_things(source: Source, findings: Findings, **options: Any) -> tuple[list[Thing], str]:
    """The features of a vector file as they are written, and its CRS; none when it is unusable."""
    read = source.read(findings, **options)
    if read is None:
        return [], ""
    records, wkb = read
    return list(_things(records, wkb)), records["crs"]


def _things(records: dict[str, Any], wkb: bytes) -> Iterator[Thing]:
    for number, (_, properties, drawn) in enumerate(unpacked(records, wkb), start=1):
        shape: Any = drawn
        if isinstance(drawn, bytes):
            try:
                shape = shapely.force_2d(shapely.from_wkb(drawn))
            except shapely.errors.GEOSException as error:
                shape = Unreadable(str(error), None)
        yield Thing(number, properties, shape)


def to_degrees(shape: Any, crs: str, datum: str) -> Any:
    """A shape in WGS-84 degrees, to a decimetre."""

    def turned(xy: Any) -> Any:
        lon, lat = xy[:, 0], xy[:, 1]
        if crs != WGS84:
            lon, lat = project(lon, lat, crs, WGS84)
        else:
            lon, lat = convert(lon, lat, datum, "wgs84")  # type: ignore[arg-type]
        return np.round(np.column_stack([lon, lat]), DIGITS)

    return shapely.transform(shape, turned)


def plain_name(path: Path) -> str:
    """A name under which a copy of a file can lie anywhere."""
    return re.sub(r"[^\w.-]+", "_", path.name).lstrip(".") or "file"
