"""Extracts of OpenStreetMap."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.layers.plants.county import (
    plant,
)
from tests.osm import Extract, write_pbf, write_xml
from tests.toy import degrees


def roads_of(folder: Path, extract: Extract, name: str = "roads.osm.pbf") -> dict[str, Any]:
    """The ways of an extract, and what its roads are called, instead of the county's roads."""
    (write_xml if name.endswith(".osm") else write_pbf)(folder / name, extract)
    trunk = {"file": name, "where": {"highway": ["primary"]}, "kind": "trunk"}
    return {"inputs": {"roads": trunk}}


def road_in(extract: Extract) -> int:
    return extract.line([degrees(x, 1.0) for x in range(1, 8)], {"highway": "primary", "ref": "G1"})


@plant("osm_dangling_reference")
def way_without_a_node(folder: Path) -> dict[str, Any]:
    extract = Extract()
    road_in(extract)
    del extract.nodes[4]
    return roads_of(folder, extract)


@plant("osm_dangling_reference")
def way_without_its_end(folder: Path) -> dict[str, Any]:
    extract = Extract()
    road_in(extract)
    del extract.nodes[1]
    return roads_of(folder, extract, "roads.osm")


@plant("osm_dangling_reference")
def way_to_a_node_of_another_extract(folder: Path) -> dict[str, Any]:
    extract = Extract()
    way = road_in(extract)
    refs, tags = extract.ways[way]
    extract.ways[way] = ([*refs, 99_000_000_001], tags)
    return roads_of(folder, extract)


def areas_of(folder: Path, extract: Extract, name: str = "areas.osm.pbf") -> dict[str, Any]:
    (write_xml if name.endswith(".osm") else write_pbf)(folder / name, extract)
    parks = {"file": name, "where": {"landuse": ["industrial"]}, "kind": "industrial_park"}
    return {"inputs": {"areas": ["areas.geojson", parks]}}


def park_in(extract: Extract) -> list[int]:
    """A park whose outline is two ways, and another that is one; the numbers of the two."""
    tags = {"type": "multipolygon", "landuse": "industrial"}
    corners = [degrees(*corner) for corner in ((5, 1.4), (5.4, 1.4), (5.4, 1.8), (5, 1.8))]
    first = extract.line(corners[:3], {})
    refs = extract.ways[first][0]
    second = extract.line(corners[3:], {})
    extract.ways[second] = ([refs[-1], *extract.ways[second][0], refs[0]], {})
    extract.area([("way", first, "outer"), ("way", second, "outer")], {**tags, "name": "双园"})
    lone = [degrees(*corner) for corner in ((1, 1.4), (1.4, 1.4), (1.4, 1.8))]
    extract.line(lone, {"landuse": "industrial", "name": "小园"}, close=True)
    return [first, second]


@plant("osm_relation_incomplete")
def area_without_a_way(folder: Path) -> dict[str, Any]:
    extract = Extract()
    _, second = park_in(extract)
    del extract.ways[second]
    extract.relations[1] = (extract.relations[1][0], {"type": "multipolygon", "landuse": "basin"})
    return areas_of(folder, extract)


@plant("osm_relation_incomplete")
def area_whose_ring_is_open(folder: Path) -> dict[str, Any]:
    extract = Extract()
    _, second = park_in(extract)
    refs, tags = extract.ways[second]
    extract.ways[second] = (refs[:-1], tags)
    extract.relations[1] = (extract.relations[1][0], {"type": "boundary", "name": "园"})
    return areas_of(folder, extract, "areas.osm")


@plant("osm_relation_incomplete")
def area_without_a_node(folder: Path) -> dict[str, Any]:
    extract = Extract()
    park_in(extract)
    del extract.nodes[2]
    extract.relations[1] = (extract.relations[1][0], {"type": "multipolygon", "natural": "wood"})
    return areas_of(folder, extract)


@plant("osm_duplicate_member")
def way_twice_in_an_area(folder: Path) -> dict[str, Any]:
    extract = Extract()
    first, _ = park_in(extract)
    members, tags = extract.relations[1]
    extract.relations[1] = ([*members, ("way", first, "outer")], tags)
    return areas_of(folder, extract)


@plant("osm_duplicate_member")
def way_twice_in_another_role(folder: Path) -> dict[str, Any]:
    extract = Extract()
    first, _ = park_in(extract)
    members, tags = extract.relations[1]
    extract.relations[1] = ([("way", first, "inner"), *members], tags)
    return areas_of(folder, extract, "areas.osm")


@plant("osm_duplicate_member")
def way_three_times_in_an_area(folder: Path) -> dict[str, Any]:
    extract = Extract()
    _, second = park_in(extract)
    members, tags = extract.relations[1]
    extract.relations[1] = ([*members, *[("way", second, "")] * 2], tags)
    return areas_of(folder, extract)
