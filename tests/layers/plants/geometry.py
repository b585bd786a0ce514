"""Shapes, the layers that they make, and the CRS in which the district is worked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
from shapely.geometry import LineString, MultiPoint, MultiPolygon, Point, Polygon, box

from tests.layers.plants.county import (
    as_file,
    edit,
    feature,
    in_scenario,
    lines_of,
    one_street,
    plant,
    plant_each,
    put,
    shapes_of,
)
from tests.toy import ORIGIN


@plant("invalid_ring")
def nan_in_json(folder: Path) -> None:
    edit(folder / "water.geojson", "[120.1,", "[NaN,")


@plant("shape_as_point")
def landmark_with_an_outline(folder: Path) -> dict[str, Any]:
    return as_landmarks(folder, Point(ORIGIN).buffer(0.001))


@plant("shape_as_point")
def landmark_of_two_points(folder: Path) -> dict[str, Any]:
    return as_landmarks(folder, MultiPoint([ORIGIN, (ORIGIN[0] + 0.001, ORIGIN[1])]))


@plant("shape_as_point")
def landmark_along_a_line(folder: Path) -> dict[str, Any]:
    return as_landmarks(folder, LineString([ORIGIN, (ORIGIN[0] + 0.001, ORIGIN[1])]))


def as_landmarks(folder: Path, shape: Any) -> dict[str, Any]:
    columns = {"name": ["公园", "县政府"], "kind": ["park", "government"]}
    frame = gpd.GeoDataFrame(columns, geometry=[shape, Point(ORIGIN)], crs="EPSG:4326")
    frame.to_file(folder / "landmarks.geojson", driver="GeoJSON")
    return {"inputs": {"landmarks": "landmarks.geojson"}}


@plant("null_geometry", 3)
def no_geometry(folder: Path) -> None:
    feature(folder / "streets.geojson", 1, geometry=None)


@plant("wrong_geometry_type", 2)
def point_for_a_line(folder: Path) -> None:
    feature(
        folder / "streets.geojson", 0, geometry={"type": "Point", "coordinates": [120.12, 33.42]}
    )


@plant("invalid_ring", 5)
def unclosed_ring(folder: Path) -> None:
    ring = [[120.12, 33.42], [120.13, 33.42], [120.13, 33.43], [120.12, 33.43]]
    feature(folder / "areas.geojson", 3, geometry={"type": "Polygon", "coordinates": [ring]})


@plant("invalid_ring", 5)
def bow_tie(folder: Path) -> None:
    ring = [[120.12, 33.42], [120.13, 33.43], [120.13, 33.42], [120.12, 33.43], [120.12, 33.42]]
    feature(folder / "areas.geojson", 3, geometry={"type": "Polygon", "coordinates": [ring]})


@plant("invalid_ring", 2)
def words_for_numbers(folder: Path) -> None:
    feature(
        folder / "streets.geojson",
        0,
        geometry={"type": "LineString", "coordinates": [["a", "b"], ["c", "d"]]},
    )


@plant("repaired_ring", 5)
def tiny_spike(folder: Path) -> None:
    ring = [
        [120.11, 33.45],
        [120.116, 33.45],
        [120.116, 33.455],
        [120.1131, 33.455],
        [120.1130, 33.4551],
        [120.1131, 33.4551],
        [120.1130, 33.455],
        [120.11, 33.455],
        [120.11, 33.45],
    ]
    feature(folder / "areas.geojson", 3, geometry={"type": "Polygon", "coordinates": [ring]})


@plant("duplicate_feature", 6)
def area_twice(folder: Path) -> None:
    path = folder / "streets.geojson"
    text = lines_of(path)
    text.insert(5, text[1])
    text[4] += ","
    text[5] = text[5].rstrip(",")
    put(path, text)


@plant("clipped_to_boundary")
def road_over_the_boundary(folder: Path) -> None:
    """The county's own trunk roads cross its boundary."""


@plant("layer_empty")
def no_seat(folder: Path) -> None:
    edit(folder / "areas.geojson", "township_seat", "village")


@plant("layer_left_out")
def no_file_of_roads(_: Path) -> dict[str, Any]:
    return {"inputs": {"roads": ""}}


@plant("work_crs_unusable")
def degrees_to_work_in(_: Path) -> dict[str, Any]:
    return {"district": {"work_crs": "EPSG:4490"}}


@plant("work_crs_scale")
def web_mercator_to_work_in(_: Path) -> dict[str, Any]:
    return {"district": {"work_crs": "EPSG:3857"}}


@plant("work_crs_local")
def nothing_named_to_work_in(_: Path) -> dict[str, Any]:
    return {"district": {"work_crs": ""}}


@plant("district_too_wide")
def boundary_of_half_a_continent(folder: Path) -> dict[str, Any]:
    ring = [[110.0, 30.0], [122.0, 30.0], [122.0, 38.0], [110.0, 38.0], [110.0, 30.0]]
    feature(folder / "boundary.geojson", 0, geometry={"type": "Polygon", "coordinates": [ring]})
    return {"district": {"work_crs": ""}}


@plant("null_geometry")
def empty_shape(folder: Path) -> None:
    empty = {"type": "LineString", "coordinates": []}
    feature(folder / "streets.geojson", 1, geometry=empty)


@plant("null_geometry")
def row_of_a_shapefile_without_shape(folder: Path) -> dict[str, Any]:
    frame = gpd.GeoDataFrame(
        {"name": ["人民路", "无"]}, geometry=[one_street().geometry[0], None], crs="EPSG:4326"
    )
    frame.to_file(folder / "streets.shp", driver="ESRI Shapefile", encoding="UTF-8")
    return {"inputs": {"streets": "streets.shp"}}


@plant("wrong_geometry_type")
def points_without_a_radius_among_areas(folder: Path) -> None:
    tree = json.loads((folder / "areas.geojson").read_text(encoding="utf-8"))
    point = {"type": "Point", "coordinates": [120.12, 33.42]}
    tree["features"] += [{"type": "Feature", "properties": {"kind": "school"}, "geometry": point}]
    (folder / "areas.geojson").write_text(json.dumps(tree, ensure_ascii=False), encoding="utf-8")


@plant("wrong_geometry_type")
def only_areas_for_streets(folder: Path) -> dict[str, Any]:
    return {"inputs": {"streets": "areas.geojson"}}


SPIKE = [
    (120.11, 33.45), (120.116, 33.45), (120.116, 33.455), (120.1131, 33.455), (120.1130, 33.4551),
    (120.1131, 33.4551), (120.1130, 33.455), (120.11, 33.455),
]  # fmt: skip


@plant("repaired_ring")
def spike_in_a_geopackage_in_metres(folder: Path) -> dict[str, Any]:
    areas = shapes_of(folder, "areas")
    areas.loc[3, "geometry"] = Polygon(SPIKE)
    return as_file(folder, "areas", areas.to_crs("EPSG:4549"), "gpkg")


@plant("repaired_ring")
def spike_in_one_of_two_parts(folder: Path) -> dict[str, Any]:
    areas = shapes_of(folder, "areas")
    other = box(120.12, 33.45, 120.124, 33.454)
    areas.loc[3, "geometry"] = MultiPolygon([Polygon(SPIKE), other])
    return as_file(folder, "areas", areas, "fgb")


@plant("duplicate_feature")
def area_twice_from_another_corner(folder: Path) -> dict[str, Any]:
    areas = shapes_of(folder, "areas")
    ring = list(areas.geometry[0].exterior.coords)[:-1]
    again = areas.iloc[:1].set_geometry([Polygon([*ring[2:], *ring[:2]])], crs=areas.crs)
    return as_file(folder, "areas", pd.concat([areas, again]), "gpkg")


@plant("duplicate_feature")
def road_twice_the_other_way(folder: Path) -> dict[str, Any]:
    roads = shapes_of(folder, "roads")
    again = roads.iloc[:1].set_geometry(roads.geometry[:1].reverse())
    return as_file(folder, "roads", pd.concat([roads, again]), "shp")


@plant("clipped_to_boundary")
def area_over_the_boundary(folder: Path) -> dict[str, Any]:
    areas = shapes_of(folder, "areas")
    areas.loc[3, "geometry"] = box(120.09, 33.45, 120.11, 33.455)
    return as_file(folder, "areas", areas, "gpkg")


@plant("clipped_to_boundary")
def lake_over_the_boundary(folder: Path) -> dict[str, Any]:
    lake = gpd.GeoDataFrame(
        {"kind": ["lake"]}, geometry=[box(120.15, 33.39, 120.16, 33.41)], crs="EPSG:4326"
    )
    return as_file(folder, "water", lake, "fgb")


@plant("layer_empty")
def roads_without_a_trunk(folder: Path) -> dict[str, Any]:
    return as_file(folder, "roads", shapes_of(folder, "roads").assign(kind="arterial"), "gpkg")


@plant("layer_empty")
def one_area_alone(folder: Path) -> dict[str, Any]:
    return as_file(folder, "areas", shapes_of(folder, "areas").iloc[:1], "geojson")


in_scenario("layer_left_out", inputs={"areas": ""})
in_scenario("layer_left_out", inputs={"roads": [], "streets": ""})
in_scenario("work_crs_unusable", district={"work_crs": "EPSG:2263"})
in_scenario("work_crs_unusable", district={"work_crs": "EPSG:999999"})
in_scenario("work_crs_scale", district={"work_crs": "EPSG:3395"})
in_scenario("work_crs_scale", district={"work_crs": "EPSG:4545"})


@plant("work_crs_local")
def boundary_in_metres_and_nothing_named(folder: Path) -> dict[str, Any]:
    changes = as_file(folder, "boundary", shapes_of(folder, "boundary").to_crs(4549), "gpkg")
    return {**changes, "district": {"work_crs": ""}}


@plant("work_crs_local")
def boundary_of_a_globe_and_nothing_named(folder: Path) -> dict[str, Any]:
    changes = as_file(folder, "boundary", shapes_of(folder, "boundary"), "kml")
    return {**changes, "district": {"work_crs": ""}}


@plant("district_too_wide")
def boundary_from_coast_to_coast(folder: Path) -> dict[str, Any]:
    return with_boundary(folder, box(100.0, 33.0, 120.2, 33.5), "gpkg")


@plant("district_too_wide")
def boundary_with_an_island_far_away(folder: Path) -> dict[str, Any]:
    parts = [box(120.1, 33.4, 120.19, 33.46), box(110.0, 33.4, 110.1, 33.5)]
    return with_boundary(folder, MultiPolygon(parts), "shp")


def halves(folder: Path, *names: str) -> dict[str, Any]:
    """The boundary in two parts of these names."""
    west, south, east, north = shapes_of(folder, "boundary").total_bounds
    middle = (west + east) / 2
    parts = [box(west, south, middle, north), box(middle, south, east, north)]
    shapes = gpd.GeoDataFrame({"name": names}, geometry=parts, crs="EPSG:4326")
    return as_file(folder, "boundary", shapes, "gpkg")


plant_each(
    "boundary_of_parts",
    lambda folder: halves(folder, "甲县", "乙县"),
    lambda folder: halves(folder, "玩具县", "玩具县"),
    lambda folder: halves(folder, "", ""),
)


def with_boundary(folder: Path, shape: Any, suffix: str) -> dict[str, Any]:
    boundary = gpd.GeoDataFrame({"name": ["玩具县"]}, geometry=[shape], crs="EPSG:4326")
    changes = as_file(folder, "boundary", boundary, suffix)
    return {**changes, "district": {"work_crs": ""}}
