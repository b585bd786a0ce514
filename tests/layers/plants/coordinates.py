"""Coordinates of rows and of shapes: missing, out of range, swapped, elsewhere."""

from __future__ import annotations

import json
import sqlite3
import struct
from pathlib import Path
from typing import Any

from shapely.geometry import LineString, Point

from tests.layers.plants.county import (
    as_file,
    as_geopackage,
    candidates,
    cell,
    edit,
    feature,
    in_cells,
    in_format,
    lines_of,
    plant,
    points_of,
    put,
    rows_of,
    shapes_of,
)


@plant("missing_coordinate", 3)
def no_latitude(folder: Path) -> None:
    cell(folder / "sites.csv", 3, 6, "")


@plant("coordinate_out_of_range", 3)
def tenfold(folder: Path) -> None:
    cell(folder / "sites.csv", 3, 5, "220.12")


@plant("projected_without_crs", 2)
def metres_in_a_table(folder: Path) -> None:
    path = folder / "landmarks.csv"
    put(path, ["name,kind,lon,lat", "县政府,government,511234.5,3696543.2"])


@plant("projected_without_crs")
def metres_in_geojson(folder: Path) -> None:
    feature(
        folder / "water.geojson",
        0,
        geometry={"type": "LineString", "coordinates": [[511234, 3696543], [512234, 3697543]]},
    )


@plant("swapped_lon_lat", 3)
def one_swapped(folder: Path) -> None:
    cells = lines_of(folder / "sites.csv")[2].split(",")
    cell(folder / "sites.csv", 3, 5, cells[6])
    cell(folder / "sites.csv", 3, 6, cells[5])


@plant("swapped_lon_lat_file")
def all_swapped(folder: Path) -> None:
    edit(folder / "population.csv", "lon,lat", "lat,lon")


@plant("near_origin", 3)
def null_island(folder: Path) -> None:
    cell(folder / "sites.csv", 3, 5, "0")
    cell(folder / "sites.csv", 3, 6, "0")


@plant("near_origin")
def road_by_way_of_null_island(folder: Path) -> None:
    path = folder / "streets.geojson"
    tree = json.loads(path.read_text(encoding="utf-8"))
    tree["features"][1]["geometry"]["coordinates"].insert(1, [0, 0])
    path.write_text(json.dumps(tree), encoding="utf-8")


@plant("beyond_reach", 3)
def site_abroad(folder: Path) -> None:
    cell(folder / "sites.csv", 3, 5, "120.3")


@plant("beyond_reach", 4)
def site_of_another_country(folder: Path) -> None:
    cell(folder / "sites.csv", 4, 5, "2.35")
    cell(folder / "sites.csv", 4, 6, "48.85")
    cell(folder / "sites.csv", 4, 3, "orange")


@plant("beyond_reach", 3)
def school_of_another_country(folder: Path) -> None:
    put(folder / "landmarks.csv", ["name,lon,lat", "小学,120.12,33.42", "中学,12.012,33.42"])


@plant("beyond_reach", 2)
def every_site_elsewhere(folder: Path) -> None:
    for line in range(2, 13):
        cell(folder / "sites.csv", line, 6, "34.4")


@plant("neighbour_stations")
def site_just_beyond_the_border(folder: Path) -> None:
    cell(folder / "sites.csv", 3, 5, "120.1865")


@plant("neighbour_stations")
def site_a_kilometre_north(folder: Path) -> None:
    cell(folder / "sites.csv", 3, 6, "33.464")


@plant("neighbour_stations")
def all_within_a_far_reach(folder: Path) -> dict[str, Any]:
    cell(folder / "sites.csv", 3, 5, "120.3")
    return {"district": {"neighbour_m": 20_000.0}}


@plant("neighbour_not_open", 10)
def ready_station_beyond_the_border(folder: Path) -> None:
    cell(folder / "sites.csv", 10, 5, "120.19")


@plant("neighbour_not_open", 11)
def two_ready_stations_beyond_the_border(folder: Path) -> None:
    cell(folder / "sites.csv", 11, 6, "33.395")
    cell(folder / "sites.csv", 12, 6, "33.396")


@plant("neighbour_not_open", 3)
def state_unlike_the_border(folder: Path) -> None:
    cell(folder / "sites.csv", 3, 2, "retrofitted")
    cell(folder / "sites.csv", 3, 5, "120.19")


@plant("outside_study_area", 3)
def people_abroad(folder: Path) -> None:
    cell(folder / "population.csv", 3, 0, "120.3")


@plant("coordinate_precision_low", 3)
def three_decimals(folder: Path) -> None:
    cell(folder / "sites.csv", 3, 5, "120.13")
    cell(folder / "sites.csv", 3, 6, "33.42")


@plant("non_finite_coordinate")
def infinite_in_geopackage(folder: Path) -> dict[str, Any]:
    changes = as_geopackage(folder, "streets", "EPSG:4549")
    with sqlite3.connect(folder / "streets.gpkg") as base:
        (shape,) = base.execute("select geom from streets").fetchone()
        for name in (
            "insert",
            "update1",
            "update2",
            "update3",
            "update4",
            "update5",
            "update6",
            "update7",
            "delete",
        ):
            base.execute(f'drop trigger if exists "rtree_streets_geom_{name}"')
        base.execute("update streets set geom = ?", (shape[:-8] + struct.pack("<d", float("inf")),))
    base.close()
    return changes


in_cells("missing_coordinate", 4, "population.csv", (4, 0, ""))


@plant("missing_coordinate", 3)
def blank_cell_of_a_workbook(folder: Path) -> dict[str, Any]:
    rows = rows_of(folder, "sites")
    rows.loc[1, "lon"] = ""
    return in_format(folder, "sites", rows, "xlsx")


in_cells("coordinate_out_of_range", 5, "population.csv", (5, 1, "93.42"))


@plant("coordinate_out_of_range", 5)
def corner_beyond_the_pole(folder: Path) -> None:
    ring = [[120.11, 33.45], [120.12, 33.45], [120.12, 95.0], [120.11, 33.45]]
    feature(folder / "areas.geojson", 3, geometry={"type": "Polygon", "coordinates": [ring]})


@plant("non_finite_coordinate")
def endless_street_in_flatgeobuf(folder: Path) -> dict[str, Any]:
    streets = shapes_of(folder, "streets").assign(name="")
    streets.loc[0, "geometry"] = LineString([(120.12, 33.42), (120.13, float("inf"))])
    streets.to_file(
        folder / "streets.fgb", driver="FlatGeobuf", engine="pyogrio", SPATIAL_INDEX="NO"
    )
    return {"inputs": {"streets": "streets.fgb"}}


@plant("non_finite_coordinate")
def endless_area_in_a_shapefile(folder: Path) -> dict[str, Any]:
    changes = as_file(folder, "areas", shapes_of(folder, "areas"), "shp")
    data = bytearray((folder / "areas.shp").read_bytes())
    # header of the file and the record, type, frame, counts, one part: then x and y of each corner
    at = 100 + 8 + 4 + 32 + 8 + 4 + 16
    data[at : at + 8] = struct.pack("<d", float("inf"))
    (folder / "areas.shp").write_bytes(data)
    return changes


@plant("projected_without_crs", 2)
def metres_in_a_workbook(folder: Path) -> dict[str, Any]:
    rows = rows_of(folder, "population").assign(lon="511234.5", lat="3696543.2")
    return in_format(folder, "population", rows, "xlsx")


in_cells("swapped_lon_lat", 4, "population.csv", (4, 0, "33.43"), (4, 1, "120.13"))


@plant("swapped_lon_lat", 3)
def street_of_swapped_corners(folder: Path) -> None:
    line = [[33.42, 120.12], [33.43, 120.13]]
    feature(folder / "streets.geojson", 1, geometry={"type": "LineString", "coordinates": line})


@plant("swapped_lon_lat_file")
def all_roads_swapped(folder: Path) -> dict[str, Any]:
    streets = shapes_of(folder, "streets")
    swapped = streets.geometry.map(lambda line: LineString([(y, x) for x, y in line.coords]))
    return as_file(folder, "streets", streets.set_geometry(swapped), "geojson")


@plant("swapped_lon_lat_file")
def heads_of_a_workbook_swapped(folder: Path) -> dict[str, Any]:
    rows = rows_of(folder, "sites").rename(columns={"lon": "纬度", "lat": "经度"})
    return in_format(folder, "sites", rows, "xlsx")


in_cells("near_origin", 2, "landmarks.csv", (2, 2, "0.5"), (2, 3, "0.3"))


@plant("near_origin", 2)
def street_at_the_origin(folder: Path) -> None:
    line = [[0.0, 0.0], [0.01, 0.01]]
    feature(folder / "streets.geojson", 0, geometry={"type": "LineString", "coordinates": line})


candidates(
    "outside_study_area", 3, "site_id,site_type,lon,lat", "A,roof,@1", "B,roof,120.31,33.42",
)  # fmt: skip


@plant("outside_study_area")
def square_of_a_map_abroad(folder: Path) -> dict[str, Any]:
    squares = points_of(folder, "population")
    squares.loc[0, "geometry"] = Point(120.12, 33.52)
    return as_file(folder, "population", squares, "gpkg")


candidates("coordinate_precision_low", 2, "site_id,site_type,lon,lat", "A,roof,120.131,33.43")


@plant("coordinate_precision_low", 2)
def whole_list_of_two_decimals(folder: Path) -> dict[str, Any]:
    rows = rows_of(folder, "sites")
    places = [f"{120.11 + 0.01 * (i % 4):.2f}" for i in range(len(rows))]
    north = [f"{33.41 + 0.01 * (i // 4):.2f}" for i in range(len(rows))]
    return in_format(folder, "sites", rows.assign(lon=places, lat=north), "xlsx")
