"""An OpenStreetMap extract -> what the planner reads, by what ``tags.yaml`` says of tags."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import shapely

from planner.intake.borders import Border, Work
from planner.intake.given import data_of
from planner.intake.raw import Thing, read_things
from planner.layers.files import Source
from planner.layers.findings import Findings

Feature = tuple[dict[str, Any], Any]
"""Properties and shape, in WGS-84 degrees."""

MARGIN_DEGREES: Final = 0.01  # things just beyond the border: roads that come back in
CLOSE_M: Final = 60.0
"""Blocks nearer to each other than twice this are one built-up ground: streets lie between them."""
CORE_HA: Final = 100.0
SEAT_HA: Final = 10.0
SEAT_REACH_M: Final = 300.0
"""A seat's ground lies within this of the place that OSM names."""
CELL_M: Final = 100.0
HOUSES: Final = 3
"""So many buildings make a cell of :data:`CELL_M` built-up ground."""
SMOOTH_M: Final = 5.0
HECTARE: Final = 10_000.0
_PARTS: Final = ("roads", "streets", "water", "areas", "built", "buildings", "places", "landmarks")
_LINES: Final = ("LineString", "MultiLineString")
_GROUNDS: Final = ("Polygon", "MultiPolygon")
_RANKS: Final = ("city", "town", "suburb", "quarter", "village")


@dataclass(slots=True)
class Mapped:
    """What an extract holds of the district, by the part of the planner's inputs.

    ``towns`` are rows of the table of that name, ``n_buildings`` counts.
    """

    areas: list[Feature] = field(default_factory=list)
    roads: list[Feature] = field(default_factory=list)
    streets: list[Feature] = field(default_factory=list)
    water: list[Feature] = field(default_factory=list)
    landmarks: list[dict[str, Any]] = field(default_factory=list)
    towns: list[dict[str, Any]] = field(default_factory=list)
    n_buildings: int = 0
    n_places: int = 0


def map_extract(source: Source, border: Border, findings: Findings) -> Mapped:
    """Read what lies in the border and sort it."""
    tags = data_of("tags.yaml")
    things = _read(source, border, tags, findings)
    mapped = Mapped()
    ground = shapely.make_valid(border.ground)
    shapely.prepare(ground)

    found: dict[str, list[tuple[Thing, Mapping[str, Any]]]] = {part: [] for part in _PARTS}
    for thing in things:
        if not isinstance(thing.shape, shapely.Geometry) or not shapely.intersects(
            ground, thing.shape
        ):
            continue
        for part in _PARTS:
            if (entry := _entry(tags[part], thing)) is not None:
                found[part].append((thing, entry))

    work = Work(border)
    mapped.roads = list(_lines(found["roads"], tags["names"], named=True))
    mapped.streets = list(_lines(found["streets"], tags["names"]))
    mapped.water = list(_lines(found["water"], tags["names"]))
    mapped.areas = list(_grounds(found["areas"], tags["names"], work))
    houses = [thing for thing, _ in found["buildings"] if thing.shape.geom_type in _GROUNDS]
    mapped.n_buildings = len(houses)
    places = [(thing, entry) for thing, entry in found["places"] if _is_point(thing)]
    mapped.n_places = len(places)
    blocks = [thing for thing, _ in found["built"] if thing.shape.geom_type in _GROUNDS]
    mapped.areas += _built_up(blocks, houses, places, tags["names"], work, border)
    mapped.towns = _towns(places, tags["names"])
    mapped.landmarks = _landmarks(found["landmarks"], tags["names"])
    if not mapped.towns:
        mapped.landmarks += [_landmark(thing, "place", tags["names"]) for thing, _ in places]
    mapped.landmarks = _distinct(mapped.landmarks)
    return mapped


def _read(
    source: Source, border: Border, tags: Mapping[str, Any], findings: Findings
) -> list[Thing]:
    """Things in the frame of the border that one part or another asks for."""
    wanted: dict[str, list[str] | None] = {}
    for part in _PARTS:
        for entry in tags[part]:
            for key, values in entry["tags"].items():
                known = wanted.setdefault(key, [])
                # without values every one is wanted
                if known is not None:
                    wanted[key] = [*known, *map(str, values)] if values else None
    west, south, east, north = border.frame
    frame = (
        west - MARGIN_DEGREES, south - MARGIN_DEGREES, east + MARGIN_DEGREES, north + MARGIN_DEGREES
    )  # fmt: skip
    options = {
        "tags": {key: values or [] for key, values in wanted.items()},
        "keep": [*wanted, *tags["names"], "ref", "population"],
        "frame": frame,
    }
    things, _ = read_things(source, findings, **options)
    findings.raise_errors()
    return things


def _entry(entries: Iterable[Mapping[str, Any]], thing: Thing) -> Mapping[str, Any] | None:
    """The first entry that fits a thing."""
    for entry in entries:
        for key, values in entry["tags"].items():
            text = thing.properties.get(key, "")
            if text and text != "no" and (not values or text in map(str, values)):
                return entry
    return None


def _called(thing: Thing, names: Iterable[str]) -> str:
    return next((text for key in names if (text := thing.properties.get(key, ""))), "")


def _lines(
    found: Iterable[tuple[Thing, Mapping[str, Any]]], names: list[str], *, named: bool = False
) -> Iterator[Feature]:
    """Lines of a part, the pieces of one name, number and kind as one feature."""
    pieces: dict[tuple[str, str, str, str], list[Any]] = {}
    for thing, entry in found:
        if thing.shape is None or thing.shape.geom_type not in _LINES:
            continue
        ref = thing.properties.get("ref", "") if named else ""
        called = _called(thing, names)
        # a road is known by a name: without one by its number, else by its class
        name = called or (ref or thing.properties.get("highway", "") if named else "")
        key = (entry["kind"], entry.get("class", ""), name, ref)
        pieces.setdefault(key, []).append(thing.shape)

    for key in sorted(pieces):
        kind, road_class, name, ref = key
        said = {"name": name, "ref": ref, "kind": kind, "class": road_class, "basis": "evidence"}
        line = shapely.line_merge(shapely.union_all(pieces[key]))
        yield {head: text for head, text in said.items() if text}, line


def _grounds(
    found: Iterable[tuple[Thing, Mapping[str, Any]]], names: list[str], work: Work
) -> Iterator[Feature]:
    """Polygons of a part that are large enough."""
    rows = []
    for thing, entry in found:
        if thing.shape is None or thing.shape.geom_type not in _GROUNDS:
            continue
        area_ha = shapely.area(work.metres(thing.shape)) / HECTARE
        if area_ha >= entry["least_ha"]:
            name = _called(thing, names)
            rows.append((entry["kind"], name, thing))
    for kind, name, thing in sorted(rows, key=lambda row: (*row[:2], row[2].properties["osm_id"])):
        yield {"name": name, "kind": kind, "basis": "evidence"}, thing.shape


def _built_up(
    blocks: list[Thing],
    houses: list[Thing],
    places: list[tuple[Thing, Mapping[str, Any]]],
    names: list[str],
    work: Work,
    border: Border,
) -> list[Feature]:
    """Built-up ground: the core where it is large, a seat around a place where it is small."""
    grounds = [shapely.make_valid(work.metres(thing.shape)) for thing in blocks]
    grounds += _housed(houses, work)
    if not grounds:
        return []
    closed = shapely.union_all(grounds).buffer(CLOSE_M).buffer(-CLOSE_M)
    inside = shapely.intersection(closed, shapely.make_valid(work.metres(border.ground)))
    parts = [part for part in shapely.get_parts(inside) if part.geom_type == "Polygon"]
    parts = sorted(parts, key=lambda part: (-part.area, part.bounds))

    seats = sorted(places, key=lambda place: _rank(place[0]))
    points = [work.metres(thing.shape) for thing, _ in seats]
    features = []
    used: set[str] = set()
    for i, part in enumerate(parts):
        area_ha = part.area / HECTARE
        near = [j for j, point in enumerate(points) if part.distance(point) <= SEAT_REACH_M]
        # where no ground is large, the largest is the core
        is_core = area_ha >= CORE_HA or (i == 0 and area_ha >= SEAT_HA)
        if not is_core and not (near and area_ha >= SEAT_HA):
            continue
        called = _called(seats[near[0]][0], names) if near else ""
        name = _unused(called or border.name, used)
        kind = "urban_core" if is_core else "township_seat"
        said = {"name": name, "kind": kind, "basis": "estimate"}
        features.append((said, work.degrees(part.simplify(SMOOTH_M))))
    return features


def _housed(houses: list[Thing], work: Work) -> list[Any]:
    """Cells of ground on which buildings stand."""
    if not houses:
        return []
    middles = shapely.get_coordinates([work.metres(shapely.centroid(one.shape)) for one in houses])
    cells, counts = np.unique(
        np.floor(middles / CELL_M).astype(np.int64), axis=0, return_counts=True
    )
    low = cells[counts >= HOUSES] * CELL_M
    return list(shapely.box(low[:, 0], low[:, 1], low[:, 0] + CELL_M, low[:, 1] + CELL_M))


def _rank(thing: Thing) -> tuple[int, str]:
    place = thing.properties.get("place", "")
    return (_RANKS.index(place) if place in _RANKS else len(_RANKS)), thing.properties["osm_id"]


def _unused(name: str, used: set[str]) -> str:
    """The name, or with a number behind it when it is taken."""
    number, own = 1, name
    while own in used:
        number += 1
        own = f"{name} {number}"
    used.add(own)
    return own


def _is_point(thing: Thing) -> bool:
    return thing.shape is not None and thing.shape.geom_type == "Point"


def _towns(places: list[tuple[Thing, Mapping[str, Any]]], names: list[str]) -> list[dict[str, Any]]:
    """Units with people, where every place of the district below a city states them.

    Some that do and some that do not would make a sum of people that is none.
    """
    lesser = [place for place in places if place[0].properties.get("place") != "city"]
    units = lesser or places
    if not units or any(_people(thing) is None for thing, _ in units):
        return []
    rows = []
    for thing, entry in units:
        (lon, lat) = shapely.get_coordinates(thing.shape)[0]
        rows.append({
            "town_id": thing.properties["osm_id"].replace("/", ""),
            "name": _called(thing, names), "kind": entry["kind"], "people": _people(thing),
            "basis": "evidence", "seat_lon": round(lon, 6), "seat_lat": round(lat, 6),
        })  # fmt: skip
    return sorted(rows, key=lambda row: str(row["town_id"]))


def _people(thing: Thing) -> int | None:
    text = thing.properties.get("population", "").replace(" ", "").replace(",", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _landmarks(
    found: Iterable[tuple[Thing, Mapping[str, Any]]], names: list[str]
) -> list[dict[str, Any]]:
    return [_landmark(thing, entry["kind"], names) for thing, entry in found]


def _landmark(thing: Thing, kind: str, names: list[str]) -> dict[str, Any]:
    lon, lat = shapely.get_coordinates(shapely.point_on_surface(thing.shape))[0]
    name = _called(thing, names) or kind
    return {
        "name": name, "kind": kind, "lon": round(lon, 6), "lat": round(lat, 6), "basis": "evidence",
    }  # fmt: skip


def _distinct(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each landmark once, in an order of its own: a school may be a point and a ground."""
    kept: dict[tuple[str, str, float, float], dict[str, Any]] = {}
    for row in sorted(rows, key=lambda row: tuple(map(str, row.values()))):
        key = row["name"], row["kind"], round(row["lon"], 3), round(row["lat"], 3)
        kept.setdefault(key, row)
    return list(kept.values())
