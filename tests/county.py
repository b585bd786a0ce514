"""Raw files of a made county, as they come from elsewhere: an extract, borders, people, sites.

All of it is invented. The county is 8 x 6 km; its neighbour in the city's file has a broken ring.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tests.osm import Extract, write_pbf, write_xml
from tests.toy import degrees

Pair = tuple[float, float]
NAME, ADCODE = "合成县", "999901"
CORNERS: Sequence[Pair] = ((0, 0), (8, 0), (8, 6), (0, 6))


def write_extract(path: Path, extract: Extract | None = None) -> Path:
    """Write the county's extract, PBF or XML by its name."""
    return (write_xml if path.suffix == ".osm" else write_pbf)(path, extract or county())


def county() -> Extract:
    """Border in two halves, roads of every class, streets, land use, houses, places, a school."""
    made = Extract()
    west = made.line(_places((0, 6), (0, 0), (8, 0)), {})
    first, last = made.ways[west][0][0], made.ways[west][0][-1]
    east = made.line(_places((8, 6)), {})
    made.ways[east] = ([last, made.ways[east][0][0], first], {})
    border = {"type": "boundary", "boundary": "administrative", "admin_level": "6", "name": NAME}
    made.area([("way", west, "outer"), ("way", east, "outer")], {**border, "ref": ADCODE})

    made.line(_places((-1, 1), (9, 1.2)), {"highway": "motorway", "ref": "G99", "name": "合成高速"})
    made.line(_places((3, -1), (3, 3.4)), {"highway": "primary", "ref": "G299"})
    made.line(_places((3, 3.4), (3, 7)), {"highway": "primary", "ref": "G299"})
    made.line(_places((1.6, 2.2), (4.4, 2.2)), {"highway": "secondary", "name": "环城路"})
    for y in (2.9, 3.5, 4.1):
        made.line(_places((2, y), (4, y)), {"highway": "residential", "name": f"街{y:g}"})
    made.line(_places((0, 5.8), (8, 5.6)), {"waterway": "river", "name": "合成河"})

    _ground(made, (2, 2.5, 3, 4.5), {"landuse": "residential"})
    _ground(made, (3.05, 2.5, 4, 4.5), {"landuse": "commercial"})
    _ground(made, (4.8, 3, 5.6, 3.8), {"landuse": "industrial", "name": "东园"})
    _ground(made, (0.6, 4.6, 1.4, 5.2), {"leisure": "park", "name": "西湖公园"})
    _ground(made, (6.2, 4, 7.4, 4.6), {"aeroway": "aerodrome", "name": "合成机场"})
    for i in range(10):
        for j in range(10):
            x, y = 6.3 + 0.045 * i, 1.6 + 0.045 * j
            _ground(made, (x, y, x + 0.02, y + 0.02), {"building": "yes"})
    made.point(*degrees(3, 3.5), {"place": "town", "name": "中镇", "population": "25000"})
    made.point(*degrees(6.5, 1.8), {"place": "village", "name": "东村", "population": "3 000"})
    made.point(*degrees(2.4, 3.1), {"amenity": "school", "name": "合成小学"})
    _ground(made, (3.4, 3.6, 3.5, 3.7), {"amenity": "hospital", "name": "合成医院"})
    return made


def write_city(path: Path) -> Path:
    """Write two counties of a city: ours, and a neighbour whose ring cannot be read."""
    ours = {"name": NAME, "adcode": int(ADCODE)}
    features = [
        _feature({"name": "邻县", "adcode": 999902}, [[list(degrees(9, 0)), list(degrees(9, 1))]]),
        _feature(ours, [[list(degrees(*corner)) for corner in (*CORNERS, CORNERS[0])]]),
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def write_people(path: Path) -> Path:
    """Write a raster of people: 60 in each cell of the core, 1 elsewhere, none in a corner."""
    import rasterio
    from rasterio.transform import Affine

    west, south = degrees(-1, -1)
    east, north = degrees(9, 7)
    cells = np.full((80, 100), 1.0, dtype=np.float32)
    cells[25:45, 30:50] = 60.0
    cells[:5, :5] = -99999.0
    with rasterio.open(
        path, "w", driver="GTiff", width=100, height=80, count=1, dtype="float32", crs="EPSG:4326",
        nodata=-99999.0,
        transform=Affine((east - west) / 100, 0, west, 0, (south - north) / 80, north),
    ) as raster:  # fmt: skip
        raster.write(cells, 1)
    return path


def write_register(path: Path) -> Path:
    """Write a register of masts: no state, no date, no type."""
    places = [degrees(2.05 + 0.3 * (i % 7), 2.6 + 0.6 * (i // 7)) for i in range(20)]
    rows = [(f"塔{i}", lon, lat) for i, (lon, lat) in enumerate(places, start=1)]
    with path.open("w", encoding="gb18030", newline="") as stream:
        csv.writer(stream).writerows([("站名", "经度", "纬度"), *rows])
    return path


def _places(*corners: Pair) -> list[Pair]:
    return [degrees(*corner) for corner in corners]


def _ground(made: Extract, box: tuple[float, float, float, float], tags: dict[str, str]) -> None:
    west, south, east, north = box
    corners = ((west, south), (east, south), (east, north), (west, north))
    made.line(_places(*corners), tags, close=True)


def _feature(properties: dict[str, Any], rings: Any) -> dict[str, Any]:
    geometry = {"type": "Polygon", "coordinates": rings}
    return {"type": "Feature", "properties": properties, "geometry": geometry}
