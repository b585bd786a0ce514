"""A small complete county for every test: 8 x 6 km, drawn by hand, all layers, both networks.

It is invented from end to end. Distances are round: one kilometre east or north is a fixed number
of degrees.
"""

from __future__ import annotations

import csv
import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from planner.stations.ids import site_id

Pair = tuple[float, float]

ORIGIN = (120.1, 33.4)  # lower left corner
DEGREES_PER_KM = (1 / 93.03, 1 / 110.92)  # east, north, at this latitude
PEOPLE = {"T1": 20_000, "T2": 5_000, "T3": 6_000}

SCENARIO: dict[str, Any] = {
    "name": "toy",
    "as_of": "2020-09-30",
    "district": {
        "name": "玩具县", "name_en": "Toy County", "adcode": "999999", "work_crs": "EPSG:4549",
    },
    "phases": [
        {"name": "现状", "date": "2020-09-09", "stations": 8},
        {"name": "一期", "date": "2020-12-31", "stations": 20},
        {"name": "二期", "date": "2025-12-31", "stations": 40},
    ],
    "networks": [
        {"name": "mobile", "code": "M", "label": "移动", "operators": ["移动", "广电"],
         "bands": ["n41", "n28"]},
        {"name": "telecom-unicom", "code": "T", "label": "电信联通", "operators": ["电信", "联通"],
         "bands": ["n78"]},
    ],
    "layers": [
        {"name": "core", "label": "主城区", "shape": "area", "kinds": ["urban_core"],
         "scene": "urban", "deep": "indoor", "spacing_m": 300.0, "outdoor_only_bands": ["n28"]},
        {"name": "parks", "label": "工业园区", "shape": "area", "kinds": ["industrial_park"],
         "scene": "industrial", "deep": "indoor", "spacing_m": 400.0,
         "outdoor_only_bands": ["n28"]},
        {"name": "seats", "label": "乡镇驻地", "shape": "area", "kinds": ["township_seat"],
         "scene": "township", "deep": "indoor", "rule": {"hole_radius_m": 400.0},
         "spacing_m": 400.0},
        {"name": "scenic", "label": "景区", "shape": "area", "kinds": ["scenic"], "scene": "rural",
         "rule": {"hole_radius_m": 400.0}, "spacing_m": 500.0},
        {"name": "roads", "label": "重要交通干线", "shape": "road", "kinds": ["trunk"],
         "scene": "rural", "deep": "vehicle", "spacing_m": 700.0},
    ],
    "siting": {
        "street_spacing_m": 1000.0,
        "stock_spacing_m": {"urban": 400.0, "industrial": 550.0, "township": 550.0,
                            "rural": 1200.0, "street": 1500.0},
        "keep_out_kinds": ["keep_out_airport"],
        "bands": {"n28": {"first_phase": 2, "site_types": ["rebuilt", "stock", "tower"]}},
    },
    "search": {"effort": "fast"},
    "inputs": {
        "boundary": "boundary.geojson", "areas": "areas.geojson", "roads": "roads.geojson",
        "streets": "streets.geojson", "water": "water.geojson", "towns": "towns.csv",
        "landmarks": "landmarks.csv", "population": "population.csv", "sites": "sites.csv",
        "candidates": "", "datum": "wgs84",
    },
}  # fmt: skip


def write_toy_county(folder: Path, **changes: Any) -> Path:
    """Write the county's scenario and tables into a folder; returns the scenario file.

    Parameters
    ----------
    folder
        Made if missing.
    changes
        Merged into the scenario by key, mappings to any depth, anything else replaced.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _features(folder / "boundary.geojson", [({"name": "玩具县"}, _box(0, 0, 8, 6))])
    _features(folder / "areas.geojson", _areas())
    _features(folder / "roads.geojson", _roads())
    _features(folder / "streets.geojson", _streets())
    river = ({"name": "小河", "kind": "river"}, _line((0, 5.8), (8, 5.6)))
    _features(folder / "water.geojson", [river])

    _table(folder / "towns.csv", "town_id name kind people seat_lon seat_lat", _towns())
    office = ("县政府", "government", *degrees(3.1, 3.4))
    _table(folder / "landmarks.csv", "name kind lon lat", [office])
    _table(folder / "population.csv", "lon lat people cell_m", _people())
    _table(folder / "sites.csv", "site_id name state network band lon lat", _sites())

    # Last, because it holds the hash of every other table.
    _manifest(folder)

    path = folder / "scenario.yaml"
    text = yaml.safe_dump(_merged(SCENARIO, changes), allow_unicode=True, sort_keys=False)
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def write_contents(folder: Path, contents: Iterable[tuple[str, bytes]]) -> tuple[Path, ...]:
    """Write what a room gives, ``(name, content)`` each, into a folder; returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, data in contents:
        paths.append(folder / name)
        paths[-1].write_bytes(data)
    return tuple(paths)


def _areas() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    return [
        ({"name": "老城", "kind": "urban_core"}, _box(2.0, 2.5, 4.0, 4.5)),
        ({"name": "东园", "kind": "industrial_park"}, _box(4.6, 3.0, 5.8, 4.2)),
        ({"name": "东镇驻地", "kind": "township_seat"}, _disc(6.6, 1.4, 0.5)),
        ({"name": "西湖", "kind": "scenic"}, _box(0.6, 4.6, 1.4, 5.4)),
        ({"name": "机场", "kind": "keep_out_airport"}, _box(5.4, 3.9, 6.2, 4.6)),
    ]


def _roads() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    return [
        (
            {"name": "G901 东西线", "ref": "G901", "kind": "trunk"},
            _line((-0.5, 1.0), (4, 1.0), (8.5, 1.2)),
        ),
        (
            {"name": "G902 南北线", "ref": "G902", "kind": "trunk"},
            _line((3.0, -0.5), (3.0, 6.5)),
        ),
        (
            {"name": "环城路", "ref": "", "kind": "arterial"},
            _line((1.6, 2.2), (4.4, 2.2), (4.4, 4.8)),
        ),
    ]


def _streets() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Three across the core, one that leads out of it."""
    lines = [_line((2.0, y), (4.0, y)) for y in (2.9, 3.5, 4.1)]
    return [({}, line) for line in (*lines, _line((4.4, 4.8), (7.4, 5.2)))]


def _towns() -> list[Sequence[Any]]:
    return [
        ("T1", "城中街道", "urban", PEOPLE["T1"], *degrees(3.0, 3.5)),
        ("T2", "城南街道", "urban", PEOPLE["T2"], "", ""),
        ("T3", "东镇", "town", PEOPLE["T3"], *degrees(6.6, 1.4)),
    ]


def _people() -> Sequence[Sequence[Any]]:
    """Squares of 200 m: the urban units over the core, the town over a square around its seat."""
    core = [(2.1 + 0.2 * i, 2.6 + 0.2 * j) for i in range(10) for j in range(10)]
    seat = [(6.2 + 0.2 * i, 1.0 + 0.2 * j) for i in range(5) for j in range(5)]
    urban = (PEOPLE["T1"] + PEOPLE["T2"]) // len(core)
    rural = PEOPLE["T3"] // len(seat)
    people = [(cell, urban) for cell in core] + [(cell, rural) for cell in seat]
    return [(*degrees(*cell), count, 200) for cell, count in people]


def _sites() -> Sequence[Sequence[Any]]:
    """Eight open stations on as many sites and three retrofitted ones."""
    places = [
        (2.3, 2.8),
        (2.9, 2.8),
        (3.5, 2.8),
        (2.3, 3.4),
        (2.9, 3.4),
        (3.5, 3.4),
        (2.6, 4.0),
        (3.3, 4.0),
        (5.0, 3.4),
        (6.6, 1.5),
        (3.05, 1.05),
    ]
    rows = []
    for i, place in enumerate(places):
        lon, lat = degrees(*place)
        network, band = ("mobile", "n41") if i % 2 == 0 else ("telecom-unicom", "n78")
        state = "open" if i < 8 else "retrofitted"
        rows.append((site_id(lon, lat), f"站{i + 1:02d}", state, network, band, lon, lat))
    return rows


def _manifest(folder: Path) -> None:
    said = ("invented for tests", "2020", "MIT", "0 m", "wgs84", "synthetic")
    paths = sorted({*folder.glob("*.geojson"), *folder.glob("*.csv")} - {folder / "MANIFEST.csv"})
    rows = [(path.name, *said, hashlib.sha256(path.read_bytes()).hexdigest()) for path in paths]
    columns = "file source date licence accuracy datum basis sha256"
    _table(folder / "MANIFEST.csv", columns, rows)


def degrees(x_km: float, y_km: float) -> Pair:
    """Longitude and latitude of a place of the county, as its tables give it."""
    lon = ORIGIN[0] + x_km * DEGREES_PER_KM[0]
    lat = ORIGIN[1] + y_km * DEGREES_PER_KM[1]
    return round(lon, 5), round(lat, 5)


def _line(*corners: Pair) -> dict[str, Any]:
    return {"type": "LineString", "coordinates": [list(degrees(*corner)) for corner in corners]}


def _polygon(corners: Iterable[Pair]) -> dict[str, Any]:
    ring = [list(degrees(*corner)) for corner in corners]
    return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}


def _box(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    return _polygon([(west, south), (east, south), (east, north), (west, north)])


def _disc(x_km: float, y_km: float, radius_km: float, corners: int = 24) -> dict[str, Any]:
    angles = [2 * math.pi * i / corners for i in range(corners)]
    return _polygon(
        [(x_km + radius_km * math.cos(a), y_km + radius_km * math.sin(a)) for a in angles]
    )


def _features(path: Path, features: Iterable[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> None:
    lines = [
        json.dumps({"type": "Feature", "properties": p, "geometry": g}, ensure_ascii=False)
        for p, g in features
    ]
    text = '{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n"
    path.write_text(text, encoding="utf-8", newline="\n")


def _table(path: Path, header: str, rows: Iterable[Sequence[Any]]) -> None:
    """Write rows below a header, whose names are given in one text."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows([header.split(), *rows])


def _merged(base: Any, change: Any) -> Any:
    if isinstance(base, dict) and isinstance(change, Mapping):
        return {**base, **{key: _merged(base.get(key), value) for key, value in change.items()}}
    return list(change) if isinstance(change, tuple) else change
