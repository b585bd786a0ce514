"""One defect planted at a time: it alone is found, with file, line and fix in two languages."""

from __future__ import annotations

import json
import sqlite3
import struct
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import rasterio
import xlsxwriter
from affine import Affine
from shapely.geometry import LineString, MultiPoint, Point

from planner.crs import convert
from planner.errors import InputError, Notice, n_findings
from planner.layers import files, findings, look_at_layers, read_layers
from planner.layers.datum import HYPOTHESES
from planner.layers.formats import archives
from planner.layers.notices import NOTICES
from planner.scenario import Scenario
from tests.layers.test_datum import along_roads, in_crs, in_datum, list_again
from tests.osm import Extract, write_pbf, write_xml
from tests.toy import ORIGIN, degrees, write_toy_county

Plant = Callable[[Path], dict[str, Any] | None]
"""Changes a written county; may return changes of its scenario."""

PLANTS: list[tuple[str, int | None, Plant]] = []
"""Code, line that it must name (None = not checked), how it is planted."""


def plant(code: str, line: int | None = None) -> Callable[[Plant], Plant]:
    def register(function: Plant) -> Plant:
        PLANTS.append((code, line, function))
        return function

    return register


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text, old
    path.write_text(text.replace(old, new, 1), encoding="utf-8", newline="\n")


def lines_of(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def put(path: Path, lines: list[str]) -> None:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def cell(path: Path, line: int, column: int, value: str) -> None:
    lines = lines_of(path)
    cells = lines[line - 1].split(",")
    cells[column] = value
    lines[line - 1] = ",".join(cells)
    put(path, lines)


def feature(path: Path, number: int, **changes: Any) -> None:
    tree = json.loads(path.read_text(encoding="utf-8"))
    tree["features"][number].update(changes)
    features = ",\n".join(json.dumps(one, ensure_ascii=False) for one in tree["features"])
    path.write_text(
        '{"type":"FeatureCollection","features":[\n' + features + "\n]}\n",
        encoding="utf-8",
        newline="\n",
    )


def as_workbook(folder: Path, write: Callable[[Any, list[list[str]]], None]) -> dict[str, Any]:
    rows = [line.split(",") for line in lines_of(folder / "sites.csv")]
    with xlsxwriter.Workbook(folder / "sites.xlsx") as book:
        sheet = book.add_worksheet("站址")
        for i, row in enumerate(rows):
            for j, text in enumerate(row):
                sheet.write_number(i, j, float(text)) if i and j >= 5 else sheet.write_string(
                    i, j, text
                )
        write((book, sheet), rows)
    return {"inputs": {"sites": "sites.xlsx"}}


def findings_of(folder: Path, changes: dict[str, Any] | None = None) -> tuple[Notice, ...]:
    scenario = Scenario.from_file(folder / "scenario.yaml")
    return look_at_layers(scenario.replace(**changes) if changes else scenario)[1].notices


# file


@plant("unreadable_file")
def missing_layer_file(folder: Path) -> None:
    (folder / "areas.geojson").unlink()


@plant("unreadable_file")
def folder_for_a_file(folder: Path) -> dict[str, Any]:
    (folder / "streets").mkdir()
    return {"inputs": {"streets": "streets"}}


@plant("path_outside_project")
def parent_path(folder: Path) -> dict[str, Any]:
    return {"inputs": {"streets": "../streets.geojson"}}


@plant("path_outside_project")
def absolute_path(folder: Path) -> dict[str, Any]:
    return {"inputs": {"streets": "/etc/passwd"}}


@plant("path_outside_project")
def windows_drive(folder: Path) -> dict[str, Any]:
    return {"inputs": {"streets": "C:\\streets.geojson"}}


@plant("path_outside_project")
def symlink_out(folder: Path) -> dict[str, Any]:
    outside = folder.parent / "outside.geojson"
    outside.write_bytes((folder / "streets.geojson").read_bytes())
    (folder / "link.geojson").symlink_to(outside)
    return {"inputs": {"streets": "link.geojson"}}


@plant("remote_reference")
def web_address(folder: Path) -> dict[str, Any]:
    return {"inputs": {"streets": "https://example.org/streets.geojson"}}


@plant("remote_reference")
def virtual_file(folder: Path) -> dict[str, Any]:
    return {"inputs": {"streets": "/vsicurl/example.org/streets.geojson"}}


@plant("remote_reference")
def network_link(folder: Path) -> dict[str, Any]:
    text = '<?xml version="1.0"?><kml><NetworkLink><Link><href>http://x</href></Link></NetworkLink></kml>'
    (folder / "streets.kml").write_text(text, encoding="utf-8")
    return {"inputs": {"streets": "streets.kml"}}


@plant("remote_reference")
def document_type(folder: Path) -> dict[str, Any]:
    text = '<?xml version="1.0"?><!DOCTYPE kml [<!ENTITY a SYSTEM "file:///etc/passwd">]><kml>&a;</kml>'
    (folder / "streets.kml").write_text(text, encoding="utf-8")
    return {"inputs": {"streets": "streets.kml"}}


@plant("forbidden_driver")
def vrt_named_geojson(folder: Path) -> None:
    layer = '<OGRVRTLayer name="x"><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer>'
    text = f"<OGRVRTDataSource>{layer}</OGRVRTDataSource>"
    (folder / "streets.geojson").write_text(text, encoding="utf-8")


@plant("unsupported_format")
def streamed_algorithm(folder: Path) -> None:
    text = '{"type":"gdal_streamed_alg","command_line":"gdal vector pipeline ! read /etc/passwd"}'
    (folder / "streets.geojson").write_text(text, encoding="utf-8")


@plant("unsupported_format")
def plain_sqlite(folder: Path) -> dict[str, Any]:
    with sqlite3.connect(folder / "streets.gpkg") as base:
        base.execute("create table t (a)")
    base.close()
    return {"inputs": {"streets": "streets.gpkg"}}


@plant("unsupported_format")
def zip_for_a_table(folder: Path) -> None:
    with zipfile.ZipFile(folder / "sites.csv", "w") as archive:
        archive.writestr("sites.bin", b"\0\1\2\3")


@plant("extension_mismatch")
def workbook_named_csv(folder: Path) -> None:
    as_workbook(folder, lambda *_: None)
    (folder / "sites.xlsx").replace(folder / "sites.csv")


@plant("archive_too_large")
def bomb(folder: Path) -> dict[str, Any]:
    with zipfile.ZipFile(folder / "sites.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"\0" * (archives.RATIO_FLOOR + 1))
    return {"inputs": {"sites": "sites.xlsx"}}


@plant("table_too_large")
def sparse_sheet(folder: Path) -> dict[str, Any]:
    return as_workbook(folder, lambda opened, _: opened[1].write_string(1_048_575, 16_383, "x"))


@plant("truncated_file")
def cut_json(folder: Path) -> None:
    path = folder / "roads.geojson"
    path.write_bytes(path.read_bytes()[:300])


@plant("truncated_file", 1)
def deep_json(folder: Path) -> None:
    (folder / "streets.geojson").write_text(
        '{"type":"FeatureCollection","features":' + "[" * 100_000, encoding="utf-8"
    )


@plant("invalid_ring")
def nan_in_json(folder: Path) -> None:
    edit(folder / "water.geojson", "[120.1,", "[NaN,")


@plant("truncated_file")
def cut_workbook(folder: Path) -> dict[str, Any]:
    changes = as_workbook(folder, lambda *_: None)
    data = (folder / "sites.xlsx").read_bytes()
    (folder / "sites.xlsx").write_bytes(data[: len(data) // 2])
    return changes


@plant("encrypted_workbook")
def encrypted(folder: Path) -> dict[str, Any]:
    (folder / "sites.xlsx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000)
    return {"inputs": {"sites": "sites.xlsx"}}


@plant("empty_file")
def empty_table(folder: Path) -> None:
    (folder / "towns.csv").write_bytes(b"\xef\xbb\xbf\r\n")


@plant("no_data_rows")
def header_only(folder: Path) -> None:
    put(folder / "population.csv", lines_of(folder / "population.csv")[:1])


@plant("no_data_rows")
def no_features(folder: Path) -> None:
    (folder / "water.geojson").write_text(
        '{"type":"FeatureCollection","features":[]}', encoding="utf-8"
    )


@plant("sidecar_missing")
def shapefile_without_index(folder: Path) -> dict[str, Any]:
    changes = as_shapefile(folder)
    (folder / "streets.shx").unlink()
    return changes


def one_street() -> gpd.GeoDataFrame:
    line = LineString([ORIGIN, (ORIGIN[0] + 0.02, ORIGIN[1] + 0.02)])
    return gpd.GeoDataFrame({"name": ["人民路"]}, geometry=[line], crs="EPSG:4326")


def as_shapefile(folder: Path, encoding: str = "UTF-8") -> dict[str, Any]:
    streets = one_street()
    streets.to_file(folder / "streets.shp", driver="ESRI Shapefile", encoding=encoding)
    return {"inputs": {"streets": "streets.shp"}}


@plant("encoding_guessed")
def shapefile_in_gbk(folder: Path) -> dict[str, Any]:
    changes = as_shapefile(folder, "GB18030")
    (folder / "streets.cpg").unlink()
    return changes


def as_geopackage(folder: Path, layer: str, crs: str | None) -> dict[str, Any]:
    streets = one_street()
    streets = streets if crs is None else streets.to_crs(crs)
    streets.to_file(folder / "streets.gpkg", layer=layer, driver="GPKG")
    return {"inputs": {"streets": "streets.gpkg"}}


@plant("multiple_layers")
def two_layers(folder: Path) -> dict[str, Any]:
    as_geopackage(folder, "streets", "EPSG:4549")
    return as_geopackage(folder, "others", "EPSG:4549")


@plant("multiple_layers")
def two_shapefiles_in_a_zip(folder: Path) -> dict[str, Any]:
    as_shapefile(folder)
    return as_zip(folder, "streets.shp", {"一": "streets", "二": "streets"})


@plant("multiple_layers")
def two_tables_of_a_geodatabase(folder: Path) -> dict[str, Any]:
    for layer in ("one", "two"):
        one_street().to_file(folder / "streets.gdb", driver="OpenFileGDB", layer=layer)
    return {"inputs": {"streets": "streets.gdb"}}


def as_zip(folder: Path, main: str, names: dict[str, str]) -> dict[str, Any]:
    """The files of a shapefile, in a zip under other names; name in the zip -> name beside it."""
    with zipfile.ZipFile(folder / "streets.zip", "w") as archive:
        for inside, beside in names.items():
            for suffix in (".shp", ".shx", ".dbf", ".prj", ".cpg"):
                archive.write(folder / f"{beside}{suffix}", f"图层/{inside}{suffix}")
    return {"inputs": {"streets": "streets.zip"}}


@plant("layer_unknown")
def layer_of_no_geopackage(folder: Path) -> dict[str, Any]:
    as_geopackage(folder, "streets", "EPSG:4549")
    return {"inputs": {"streets": {"file": "streets.gpkg", "layer": "道路"}}}


@plant("layer_unknown")
def layer_of_no_kml(folder: Path) -> dict[str, Any]:
    one_street().to_file(folder / "streets.kml", driver="KML")
    return {"inputs": {"streets": {"file": "streets.kml", "layer": "道路"}}}


@plant("layer_unknown")
def layer_of_no_geodatabase(folder: Path) -> dict[str, Any]:
    one_street().to_file(folder / "streets.gdb", driver="OpenFileGDB", layer="one")
    return {"inputs": {"streets": {"file": "streets.gdb", "layer": "One"}}}


@plant("where_unknown")
def name_of_no_street(folder: Path) -> dict[str, Any]:
    return {"inputs": {"streets": {"file": "streets.geojson", "where": {"name": "无名路"}}}}


@plant("where_unknown")
def column_of_no_street(folder: Path) -> dict[str, Any]:
    return {"inputs": {"streets": {"file": "streets.geojson", "where": {"路名": "人民路"}}}}


@plant("where_unknown")
def name_of_no_feature_of_a_list(folder: Path) -> dict[str, Any]:
    point = gpd.GeoDataFrame(
        {"name": ["县政府"], "kind": ["government"]}, geometry=[Point(ORIGIN)], crs="EPSG:4326"
    )
    point.to_file(folder / "landmarks.gpkg", driver="GPKG")
    where = {"kind": ["school", "hospital"]}
    return {"inputs": {"landmarks": {"file": "landmarks.gpkg", "where": where}}}


@plant("crs_mismatch")
def degrees_called_metres(folder: Path) -> dict[str, Any]:
    changes = as_geopackage(folder, "streets", "EPSG:4549")
    return {"inputs": {"streets": {"file": changes["inputs"]["streets"], "crs": "EPSG:4548"}}}


@plant("crs_mismatch")
def cgcs2000_called_wgs84(folder: Path) -> dict[str, Any]:
    one_street().to_crs("EPSG:4490").to_file(folder / "streets.fgb", driver="FlatGeobuf")
    return {"inputs": {"streets": {"file": "streets.fgb", "crs": "EPSG:4326"}}}


@plant("crs_mismatch")
def crs_of_a_list_that_has_another(folder: Path) -> dict[str, Any]:
    return {"inputs": {"streets": {"file": "streets.geojson", "crs": "EPSG:4490"}}}


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


@plant("crs_missing")
def no_crs(folder: Path) -> dict[str, Any]:
    changes = as_geopackage(folder, "streets", None)
    with sqlite3.connect(folder / "streets.gpkg") as base:
        base.execute("update gpkg_contents set srs_id = -1")
        base.execute("update gpkg_geometry_columns set srs_id = -1")
    base.close()
    return changes


@plant("multiple_sheets")
def two_sheets(folder: Path) -> dict[str, Any]:
    return as_workbook(
        folder, lambda opened, _: opened[0].add_worksheet("备注").write_string(0, 0, "x")
    )


@plant("multiple_sheets")
def two_phases(folder: Path) -> dict[str, Any]:
    def write(opened: Any, rows: list[list[str]]) -> None:
        sheet = opened[0].add_worksheet("二期")
        for j, text in enumerate(rows[0]):
            sheet.write_string(0, j, text)

    return as_workbook(folder, write)


@plant("hidden_sheet")
def table_out_of_sight(folder: Path) -> dict[str, Any]:
    def write(opened: Any, _: list[list[str]]) -> None:
        book, sheet = opened
        shown = book.add_worksheet("说明")
        shown.write_string(0, 0, "本表为测试")
        shown.activate()
        shown.set_first_sheet()
        sheet.hide()

    return as_workbook(folder, write)


@plant("hidden_rows", 3)
def rows_out_of_sight(folder: Path) -> dict[str, Any]:
    return as_workbook(folder, lambda opened, _: opened[1].set_row(2, None, None, {"hidden": 1}))


@plant("formula_without_value")
def formulas_nobody_worked_out(folder: Path) -> dict[str, Any]:
    rows = [line.split(",") for line in lines_of(folder / "sites.csv")]
    book = openpyxl.Workbook()
    for row in (["height_m", *rows[0]], *(["=30+3", *row] for row in rows[1:])):
        book.active.append(row)
    book.save(folder / "sites.xlsx")
    return {"inputs": {"sites": "sites.xlsx"}}


@plant("merged_cells", 3)
def one_name_for_two_rows(folder: Path) -> dict[str, Any]:
    def write(opened: Any, _: list[list[str]]) -> None:
        opened[1].merge_range(1, 1, 2, 1, "站01")
        opened[1].write_string(2, 1, "")

    return as_workbook(folder, write)


@plant("manifest_not_found")
def manifest_of_another_name(folder: Path) -> None:
    (folder / "MANIFEST.csv").rename(folder / "MANIFEST")


@plant("manifest_missing")
def no_manifest_row(folder: Path) -> None:
    put(
        folder / "MANIFEST.csv",
        [line for line in lines_of(folder / "MANIFEST.csv") if "water" not in line],
    )


@plant("manifest_mismatch")
def edited_table(folder: Path) -> None:
    edit(folder / "towns.csv", "城中街道", "城北街道")


# encoding and table


@plant("encoding_guessed")
def gbk(folder: Path) -> None:
    path = folder / "towns.csv"
    path.write_bytes(path.read_text(encoding="utf-8").encode("gbk"))


@plant("encoding_error")
def damaged_bytes(folder: Path) -> None:
    path = folder / "towns.csv"
    path.write_bytes(path.read_bytes().replace("城中".encode(), b"\xff\xff"))


@plant("encoding_error")
def damaged_json(folder: Path) -> None:
    path = folder / "areas.geojson"
    path.write_bytes(path.read_bytes().replace("老城".encode(), b"\xff\xff"))


@plant("delimiter_guessed")
def semicolons(folder: Path) -> None:
    path = folder / "population.csv"
    put(path, [line.replace(",", ";") for line in lines_of(path)])


@plant("two_header_rows", 2)
def groups_above_heads(folder: Path) -> None:
    path = folder / "population.csv"
    put(path, ["位置,,people,cell_m", "lon,lat,,", *lines_of(path)[1:]])


@plant("unit_row", 2)
def row_of_units(folder: Path) -> None:
    path = folder / "population.csv"
    put(path, [lines_of(path)[0], "（°）,（°）,人,m", *lines_of(path)[1:]])


@plant("unit_row", 2)
def row_of_types(folder: Path) -> None:
    path = folder / "landmarks.csv"
    put(path, [lines_of(path)[0], "字符串,枚举,度,度", *lines_of(path)[1:]])


@plant("columns_unread")
def columns_of_others(folder: Path) -> None:
    path = folder / "sites.csv"
    lines = lines_of(path)
    put(path, [f"{lines[0]},下倾角,site_typ", *(f"{line},3,roof" for line in lines[1:])])


@plant("missing_required_column", 1)
def misspelt_header(folder: Path) -> None:
    edit(folder / "population.csv", "people", "poeple")


@plant("duplicate_column")
def double_header(folder: Path) -> None:
    edit(folder / "population.csv", "people", "lon")


@plant("ambiguous_column")
def two_longitudes(folder: Path) -> None:
    path = folder / "population.csv"
    put(path, [f"{line},{'经度' if i == 0 else '120.1'}" for i, line in enumerate(lines_of(path))])


@plant("invalid_row_length", 5)
def short_row(folder: Path) -> None:
    path = folder / "population.csv"
    lines = lines_of(path)
    lines[4] = lines[4].rsplit(",", 1)[0]
    put(path, lines)


@plant("trailing_delimiter")
def trailing_comma(folder: Path) -> None:
    path = folder / "population.csv"
    lines = lines_of(path)
    put(path, [lines[0], *(f"{line}," for line in lines[1:])])


@plant("unterminated_quote", 3)
def open_quote(folder: Path) -> None:
    cell(folder / "sites.csv", 3, 1, '"站02')


@plant("control_character", 4)
def bell(folder: Path) -> None:
    cell(folder / "sites.csv", 4, 1, "站\x0703")


@plant("fullwidth_normalised")
def fullwidth(folder: Path) -> None:
    cell(folder / "population.csv", 3, 2, "２５０")


@plant("whitespace_trimmed")
def blanks(folder: Path) -> None:
    cell(folder / "sites.csv", 3, 1, " 站02 ")


@plant("number_read")
def suffix_of_ten_thousand(folder: Path) -> None:
    cell(folder / "towns.csv", 2, 3, "2.2万人")


@plant("number_read")
def thousands_parted(folder: Path) -> None:
    cell(folder / "towns.csv", 2, 3, '"22,000"')


@plant("number_read")
def unit_in_the_head(folder: Path) -> None:
    path = folder / "population.csv"
    lines = lines_of(path)
    rows = [line.split(",") for line in lines[1:]]
    texts = [",".join((*row[:2], f"{int(row[2]) / 10000:g}", row[3])) for row in rows]
    put(path, [lines[0].replace("people", "人口（万人）"), *texts])


@plant("number_read")
def decimal_commas(folder: Path) -> None:
    path = folder / "population.csv"
    put(path, [line.replace(",", ";").replace(".", ",") for line in lines_of(path)])


@plant("leading_zero_lost")
def numeric_ids(folder: Path) -> dict[str, Any]:
    def write(opened: Any, rows: list[list[str]]) -> None:
        for i in range(1, len(rows)):
            opened[1].write_number(i, 0, 320902000 + i)

    return as_workbook(folder, write)


@plant("scientific_notation_id", 3)
def rounded_id(folder: Path) -> None:
    cell(folder / "sites.csv", 3, 0, "3.20902E+17")


@plant("excel_error_value", 4)
def broken_formula(folder: Path) -> None:
    cell(folder / "sites.csv", 4, 5, "#REF!")


@plant("missing_value", 3)
def no_state(folder: Path) -> None:
    cell(folder / "sites.csv", 3, 2, "")


@plant("missing_value", 2)
def no_band_of_two(folder: Path) -> None:
    cell(folder / "sites.csv", 2, 4, "")


@plant("duplicate_site_id", 3)
def id_of_another_place(folder: Path) -> None:
    first = lines_of(folder / "sites.csv")[1].split(",")
    cell(folder / "sites.csv", 3, 0, first[0])


@plant("duplicate_site_id", 14)
def id_twice_at_one_place_and_then_elsewhere(folder: Path) -> None:
    path = folder / "sites.csv"
    site_id, name, *_, lon, lat = lines_of(path)[1].split(",")
    here, elsewhere = f"{lon},{lat}", ",".join(lines_of(path)[2].split(",")[-2:])
    band = f"{site_id},{name},open,mobile,n28,{here}"
    moved = f"{site_id},{name},open,telecom-unicom,n78,{elsewhere}"
    put(path, [*lines_of(path), band, moved])


@plant("duplicate_key", 4)
def town_twice(folder: Path) -> None:
    cell(folder / "towns.csv", 4, 0, "T1")


@plant("duplicate_row", 13)
def row_twice(folder: Path) -> None:
    path = folder / "sites.csv"
    put(path, [*lines_of(path), lines_of(path)[4]])


@plant("duplicate_location")
def two_ids_for_one_place(folder: Path) -> None:
    path = folder / "sites.csv"
    _, _, _, _, _, lon, lat = lines_of(path)[1].split(",")
    put(path, [*lines_of(path), f"SXX,另站,retrofitted,telecom-unicom,n78,{lon},{lat}"])


@plant("candidate_on_site")
def candidate_that_stands(folder: Path) -> dict[str, Any]:
    site = lines_of(folder / "sites.csv")[1].split(",")
    put(
        folder / "candidates.csv",
        [
            "site_id,site_type,lon,lat",
            f"{site[0]},roof,{site[5]},{site[6]}",
            "SB,roof,120.13,33.43",
        ],
    )
    return {"inputs": {"candidates": "candidates.csv"}}


# coordinates


@plant("invalid_number", 3)
def decimal_comma(folder: Path) -> None:
    cell(folder / "population.csv", 3, 0, '"120,13"')


@plant("invalid_number", 3)
def not_a_number(folder: Path) -> None:
    cell(folder / "population.csv", 3, 2, "nan")


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


@plant("beyond_reach", 3)
def site_abroad(folder: Path) -> None:
    cell(folder / "sites.csv", 3, 5, "120.3")


@plant("beyond_reach", 4)
def site_of_another_country(folder: Path) -> None:
    cell(folder / "sites.csv", 4, 5, "2.35")
    cell(folder / "sites.csv", 4, 6, "48.85")
    cell(folder / "sites.csv", 4, 3, "orange")


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


@plant("datum_suspected")
def baidu_column(folder: Path) -> None:
    path = folder / "landmarks.csv"
    put(path, ["name,kind,lon,lat,百度经度", "县政府,government,120.133,33.431,120.14"])


@plant("datum_unknown")
def datum_of_1954(folder: Path) -> None:
    path = folder / "MANIFEST.csv"
    put(
        path,
        [
            line.replace("wgs84", "beijing54") if "water" in line else line
            for line in lines_of(path)
        ],
    )


def listed(change: Any, *, default: str = "", **entry: Any) -> Plant:
    """The sites as another list, which no manifest knows."""

    def planted(folder: Path) -> dict[str, Any]:
        return {"inputs": {**list_again(folder, change, **entry), "datum": default}}

    return planted


def plant_each(code: str, *plants: Plant) -> None:
    """Several examples of one kind, each under a name of its own."""
    for number, change in enumerate(plants):
        change.__name__ = f"example_{number}"
        plant(code)(change)


plant_each("datum_detected", *(listed(along_roads(datum)) for datum in HYPOTHESES))
plant_each("datum_undeclared", *(listed(in_datum(datum)) for datum in HYPOTHESES))
plant_each(
    "datum_contradicted",
    listed(along_roads("gcj02"), datum="wgs84"),
    listed(along_roads("bd09"), datum="wgs84"),
    listed(along_roads("wgs84"), datum="gcj02"),
)
plant_each("projected_by_zone", *(listed(in_crs(f"EPSG:{code}")) for code in (4528, 4499, 4498)))
plant_each(
    "axes_swapped",
    *(
        listed(in_crs(f"EPSG:{code}", north_first=True), crs=f"EPSG:{code}")
        for code in (4549, 4528, 32650)
    ),
)


def headed(datum: str, *heads: str) -> Plant:
    change = in_datum(datum)
    return listed(lambda f: change(f).rename(columns=dict(zip(("lon", "lat"), heads, strict=True))))


plant_each(
    "datum_named",
    headed("gcj02", "经度(GCJ-02)", "纬度(GCJ-02)"),
    headed("bd09", "经度(百度)", "纬度(百度)"),
    headed("wgs84", "经度(GPS)", "纬度(GPS)"),
)


def shifted_again(east: float, north: float) -> Plant:
    """Candidates with the numbers of the sites, all of them moved by one vector of degrees."""

    def planted(folder: Path) -> dict[str, Any]:
        frame = pd.read_csv(folder / "sites.csv").assign(site_type="tower")
        frame["lon"] += east
        frame["lat"] += north
        frame.to_csv(folder / "more.csv", index=False)
        return {"inputs": {"candidates": "more.csv"}}

    return planted


plant_each(
    "places_shifted",
    *(shifted_again(*move) for move in ((0.0, 0.002), (0.003, 0.0), (-0.002, 0.002))),
)


def streets_of_a_web_map(datum: str, *parts: str) -> Plant:
    """Roads and streets in GCJ-02 that say nothing, and a list whose datum is right."""

    def planted(folder: Path) -> dict[str, Any]:
        for part in parts:
            path = folder / f"{part}.geojson"
            tree = json.loads(path.read_text(encoding="utf-8"))
            for one in tree["features"]:
                corners = np.array(one["geometry"]["coordinates"])
                moved = np.column_stack(convert(*corners.T, "wgs84", "gcj02"))
                one["geometry"]["coordinates"] = moved.tolist()
            path.write_text(json.dumps(tree, ensure_ascii=False), encoding="utf-8")
        return {"inputs": list_again(folder, along_roads("wgs84"), datum=datum)}

    return planted


plant_each(
    "streets_contradicted",
    *(streets_of_a_web_map(datum, "roads", "streets") for datum in ("wgs84", "cgcs2000")),
)


@plant("crs_unknown")
def strange_crs(folder: Path) -> None:
    edit(
        folder / "water.geojson",
        '"features"',
        '"crs":{"type":"name","properties":{"name":"my own"}},"features"',
    )


@plant("crs_unknown")
def code_of_no_crs(folder: Path) -> None:
    name = "urn:ogc:def:crs:EPSG::999999"
    edit(
        folder / "water.geojson",
        '"features"',
        f'"crs":{{"type":"name","properties":{{"name":"{name}"}}}},"features"',
    )


@plant("dms_parsed")
def degrees_minutes_seconds(folder: Path) -> None:
    put(folder / "landmarks.csv", ["name,kind,lon,lat", "县政府,government,120°8′0.5″,33°25'52\""])


# geometry


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


# values


@plant("enum_unknown", 3)
def misspelt_state(folder: Path) -> None:
    cell(folder / "sites.csv", 3, 2, "opne")


@plant("enum_unknown", 3)
def misspelt_network(folder: Path) -> None:
    cell(folder / "sites.csv", 3, 3, "telecom")


@plant("enum_unknown", 3)
def misspelt_band(folder: Path) -> None:
    cell(folder / "sites.csv", 3, 4, "n87")


@plant("enum_unknown", 3)
def misspelt_kind(folder: Path) -> None:
    edit(folder / "areas.geojson", "industrial_park", "industrial_prak")


@plant("kind_unused")
def arterial(folder: Path) -> None:
    """The county's ring road belongs to no layer."""


@plant("value_out_of_range", 3)
def negative_people(folder: Path) -> None:
    cell(folder / "population.csv", 3, 2, "-99999")


@plant("value_out_of_range", 3)
def endless_people(folder: Path) -> None:
    cell(folder / "population.csv", 3, 2, "1e999")


def with_heights(folder: Path, height: str) -> None:
    path = folder / "sites.csv"
    lines = lines_of(path)
    put(
        path,
        [
            lines[0] + ",天线挂高(m)",
            *(f"{line},{height if i == 1 else ''}" for i, line in enumerate(lines[1:])),
        ],
    )


@plant("height_impossible", 3)
def height_of_zero(folder: Path) -> None:
    with_heights(folder, "-2")


def with_identities(folder: Path, identities: str) -> None:
    path = folder / "sites.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    put(
        path,
        [
            f"{lines[0]},PCI",
            *(f"{line},{identities if i == 1 else ''}" for i, line in enumerate(lines[1:])),
        ],
    )


@plant("pci_invalid", 3)
def two_identities(folder: Path) -> None:
    with_identities(folder, "5/6")


@plant("pci_invalid", 3)
def an_identity_above_the_last(folder: Path) -> None:
    with_identities(folder, "5/1007/1008")


def with_azimuths(folder: Path, azimuths: str, pci: str = "") -> None:
    path = folder / "sites.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    cells = [
        f"{line},{azimuths},{pci}" if i == 1 else f"{line},," for i, line in enumerate(lines[1:])
    ]
    put(path, [f"{lines[0]},方位角（度）,PCI", *cells])


@plant("azimuth_invalid", 3)
def azimuth_in_words(folder: Path) -> None:
    with_azimuths(folder, "0/东/240")


@plant("azimuth_invalid", 3)
def azimuth_past_a_turn(folder: Path) -> None:
    with_azimuths(folder, "0/120/361")


@plant("azimuth_invalid", 3)
def azimuth_that_a_workbook_made_a_date(folder: Path) -> None:
    with_azimuths(folder, "2012-10-11")


@plant("azimuth_repeated", 3)
def north_twice(folder: Path) -> None:
    with_azimuths(folder, "0/120/360")


@plant("sectors_too_many", 3)
def seven_sectors(folder: Path) -> None:
    with_azimuths(folder, "0/50/100/150/200/250/300", "1/2/3/4/5/6/7")


@plant("azimuths_unlike_pci", 3)
def two_azimuths_for_three_identities(folder: Path) -> None:
    with_azimuths(folder, "0/180", "5/6/7")


@plant("height_suspicious", 3)
def height_in_feet(folder: Path) -> None:
    with_heights(folder, "150")


@plant("band_of_other_network", 3)
def foreign_band(folder: Path) -> None:
    cell(folder / "sites.csv", 3, 4, "n41")


def listed(
    code: str, line: int | None, head: str, *rows: str, file: str = "sites.csv", **changes: Any
) -> None:
    """Plant a list of its own; ``@1``, ``@2`` ... are places in the county, a kilometre apart."""

    def write(folder: Path) -> dict[str, Any]:
        places = {f"@{i}": f"{120.12 + 0.0107 * i:.6f},33.42" for i in range(6)}
        put(folder / file, [_placed(text, places) for text in (head, *rows)])
        return changes

    write.__name__ = f"{len(PLANTS)}"
    PLANTS.append((code, line, write))


def _placed(text: str, places: dict[str, str]) -> str:
    for mark, place in places.items():
        text = text.replace(mark, place)
    return text


SITES = "name,state,band,lon,lat"
for unknown in ("0", "9999", "无"):
    listed("sentinel_value", 2, f"{SITES},height_m", f"甲,open,n41,@1,{unknown}")
for height in ("-3", "701", "1e4"):
    listed("height_impossible", 2, f"{SITES},height_m", f"甲,open,n41,@1,{height}")
for turns in ("90/90", "0,120,360"):
    listed("azimuth_repeated", 2, f"{SITES},方位角", f'甲,open,n41,@1,"{turns}"')
for turns in ("0/50/100/150/200/250/300", "1 2 3 4 5 6 7 8"):
    listed("sectors_too_many", 2, f"{SITES},方位角", f"甲,open,n41,@1,{turns}")
for turns, pcis in (("0/180", "1/2/3"), ("0/120/240", "1/2")):
    listed("azimuths_unlike_pci", 2, f"{SITES},方位角,PCI", f"甲,open,n41,@1,{turns},{pcis}")
listed("pci_invalid", 2, f"{SITES},方位角,PCI", "甲,open,n41,@1,90,1008")
for name in ("甲", "乙"):
    units = ("town_id,name,people,kind", "T1,城,5,town", f"T1,{name},6,town")
    listed("duplicate_key", 3, *units, file="towns.csv")
for tilt in ("60", "陡", "-40/2/2"):
    listed("tilt_out_of_range", 2, f"{SITES},下倾角", f"甲,open,n41,@1,{tilt}")
for tilts, turns in (("5/6", "0/120/240"), ("5/6/7", "0/90"), ("1/2", "")):
    row = f"甲,open,n41,@1,{tilts},{turns}"
    listed("tilts_unlike_azimuths", 2, f"{SITES},下倾角,方位角", row)
for turn in ("全向", "omni", "Omnidirectional"):
    listed("omni_antenna", 2, f"{SITES},方位角", f"甲,open,n41,@1,{turn}")
for head in ("功率", "发射功率", "power_w"):
    listed("power_unused", None, f"{SITES},{head}", "甲,open,n41,@1,46")
for head in ("开通日期", "入网时间", "open_date"):
    listed("state_by_date", None, f"name,band,lon,lat,{head}", "甲,n41,@1,2020-01-01")
    listed("date_invalid", 3, f"name,band,lon,lat,{head}", "甲,n41,@1,20200101", "乙,n41,@2,前年")
for state in ("first", "open", "by_date"):
    default = {"defaults": {"state": state}}
    listed("default_taken", 2, "name,band,lon,lat", "甲,n41,@1", **default)
for head in ("name,band", "站名,频段", "基站名称,工作频段"):
    listed("missing_value", None, f"{head},lon,lat", "甲,n41,@1")
for word, head in (("n41", "频段"), ("2.6GHz", "频段"), ("504990", "SSB频点")):
    listed("network_by_band", 2, f"name,state,{head},lon,lat", f"甲,open,{word},@1")
for word, head in (("427000", "ARFCN"), ("2200", "频率"), ("700001", "中心频点")):
    listed("frequency_unknown", 2, f"name,state,{head},lon,lat", f"甲,open,{word},@1")
for word, head in (("LTE", "网络制式"), ("1650", "频点"), ("4G", "制式")):
    listed("no_5g_station", 2, f"name,state,{head},lon,lat", f"甲,open,{word},@1")
for day, head in (("2031-01-01", "开通日期"), ("2031年1月", "入网时间"), ("20310101", "open_date")):
    listed("open_before_its_day", 2, f"name,state,band,lon,lat,{head}", f"甲,open,n41,@1,{day}")
for field in ("siteid", "经度", "operator"):
    listed(
        "alias_unknown", None, "name,state,band,lon,lat", "甲,open,n41,@1", aliases={field: ["甲"]}
    )
for word, head in (("一代", "网络制式"), ("6G", "RAT"), ("LTX", "制式")):
    listed("technology_unknown", 2, f"name,state,band,{head},lon,lat", f"甲,open,n41,{word},@1")
for word, head in (("LTE", "网络制式"), ("1650", "频点"), ("4G", "制式")):
    rows = (f"A1,甲,open,n41,@1,{word}", "A2,乙,open,n41,@1,")
    listed("site_of_today", None, f"site_id,name,state,band,lon,lat,{head}", *rows)
for head in ("小区标识", "cellId", "CGI"):
    cells = ("甲,open,n41,@1,0,1", "甲,open,n41,@1,120,2")
    listed("cells_grouped", None, f"{SITES},方位角,{head}", *cells)
    alike = ("甲,open,n41,@1,0,1", "甲,open,n41,@1,0,2")
    listed("cells_look_alike", 2, f"{SITES},方位角,{head}", *alike)
for head in ("基站标识", "gNBId", "ENODEBID"):
    apart = ("7,open,n41,@1,0", "7,open,n41,@2,0")
    listed("base_at_several_places", None, f"{head},state,band,lon,lat,方位角", *apart)
for turns in ((0, 120), (10, 200), (90, 270)):
    near = [f"7,open,n41,120.13,33.4200{i},{turn}" for i, turn in enumerate((*turns, 300))]
    listed("site_places_joined", None, "基站标识,state,band,lon,lat,方位角", *near[::2])
for head in ("name", "站名", "站点名称"):
    given = {"inputs": {"candidates": "places.csv"}}
    listed("site_type_by_ground", None, f"{head},lon,lat", "甲,@1", file="places.csv", **given)
for name in ("城中街道", "三里镇", "东乡"):
    listed("town_kind_by_name", None, "name,people", f"{name},900", file="towns.csv")
for people in ("5", "50", "500"):
    squares = (f"@1,{people}", f"@2,{people}")
    listed("cell_m_by_distance", None, "lon,lat,people", *squares, file="population.csv")
for head in ("站名,站址名称", "名称,基站名称", "name,站点名称"):
    listed("ambiguous_column", None, f"{head},state,band,lon,lat", "甲,乙,open,n41,@1")
for copy in range(3):
    both = {"inputs": {"sites": ["sites.csv", {"file": "sites.csv", "where": {"name": "甲"}}]}}
    listed("rows_in_other_file", 2, SITES, "甲,open,n41,@1", f"乙,open,n41,@{2 + copy}", **both)


# limits that a test would have to be huge to reach are lowered


def test_a_file_over_the_limit_is_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_toy_county(tmp_path)
    monkeypatch.setattr(files, "MAX_BYTES", 1000)
    assert {n.code for n in findings_of(tmp_path) if n.severity == "E"} == {"file_too_large"}


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


def test_a_flood_of_findings_is_counted_and_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_toy_county(tmp_path)
    path = tmp_path / "population.csv"
    lines = lines_of(path)
    put(path, [lines[0], *(line.replace("120.", "12x.", 1) for line in lines[1:])])
    monkeypatch.setattr(findings, "KEPT", 10)
    notices = findings_of(tmp_path)
    refused = [notice for notice in notices if notice.severity == "E"]
    assert [notice.more for notice in refused] == [0] * 9 + [len(lines) - 1 - 10]
    assert n_findings(refused) == len(lines) - 1
    with pytest.raises(InputError) as caught:
        read_layers(Scenario.from_file(tmp_path / "scenario.yaml"))
    assert f"{len(lines) - 1} error(s)" in caught.value.en


def test_no_kind_crowds_out_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(findings, "KEPT", 3)
    book = findings.Findings(NOTICES)
    for _ in range(5):
        book.add("kind_unused", found="x")
    book.add("empty_file")
    assert [(notice.code, notice.more) for notice in book.notices] == [
        ("kind_unused", 0),
        ("kind_unused", 0),
        ("kind_unused", 2),
        ("empty_file", 0),
    ]


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


@plant("sidecar_missing")
def shapefile_without_names(folder: Path) -> dict[str, Any]:
    changes = as_shapefile(folder)
    (folder / "streets.dbf").unlink()
    return changes


@plant("sidecar_missing")
def mapinfo_without_names(folder: Path) -> dict[str, Any]:
    one_street().to_file(folder / "streets.mif", driver="MapInfo File", ENCODING="UTF-8")
    (folder / "streets.mid").unlink()
    return {"inputs": {"streets": "streets.mif"}}


@plant("crs_missing")
def shapefile_without_crs(folder: Path) -> dict[str, Any]:
    changes = as_shapefile(folder)
    (folder / "streets.prj").unlink()
    return changes


@plant("crs_missing")
def drawing_without_crs(folder: Path) -> dict[str, Any]:
    one_street()[["geometry"]].to_file(folder / "streets.dxf", driver="DXF")
    return {"inputs": {"streets": "streets.dxf"}}


@plant("forbidden_driver")
def wfs_in_a_zip(folder: Path) -> dict[str, Any]:
    with zipfile.ZipFile(folder / "streets.kmz", "w") as archive:
        archive.writestr("doc.kml", "<OGRWFSDataSource/>")
    return {"inputs": {"streets": "streets.kmz"}}


@plant("forbidden_driver")
def raster_of_rasters(folder: Path) -> dict[str, Any]:
    (folder / "people.tif").write_text("<VRTDataset rasterXSize='1'/>", encoding="utf-8")
    return {"inputs": {"population": "people.tif"}}


# rasters


def from_origin(west: float, north: float, width: float, height: float) -> Affine:
    """The map of a raster whose first cell begins there."""
    return Affine(width, 0, west, 0, -height, north)


def as_raster(
    folder: Path,
    values: Any = 10.0,
    *,
    transform: Any = None,
    crs: str | None = "EPSG:4326",
    **said: Any,
) -> dict[str, Any]:
    """A raster of 40 x 40 cells around the county, or of those values."""
    west, north = ORIGIN[0] - 0.02, ORIGIN[1] + 0.08
    cells = np.broadcast_to(np.asarray(values, dtype=np.float32), (40, 40))
    place = transform or from_origin(west, north, 0.0025, 0.0025)
    shape = {"driver": "GTiff", "width": 40, "height": 40, "count": 1, "dtype": "float32"}
    with rasterio.open(
        folder / "people.tif", "w", crs=crs, transform=place, **shape, **said
    ) as raster:
        raster.write(cells, 1)
    return {"inputs": {"population": "people.tif"}}


def one_cell(value: float) -> Any:
    """Ten people a cell, and another value in one near the middle."""
    cells = np.full((40, 40), 10.0, dtype=np.float32)
    cells[25, 14] = value
    return cells


@plant("raster_read")
def people_by_cells(folder: Path) -> dict[str, Any]:
    return as_raster(folder)


@plant("raster_read")
def people_by_cells_in_metres(folder: Path) -> dict[str, Any]:
    return as_raster(folder, transform=from_origin(510_000, 3_706_000, 500, 500), crs="EPSG:4549")


@plant("raster_read")
def people_by_cells_in_a_zip(folder: Path) -> dict[str, Any]:
    as_raster(folder)
    with zipfile.ZipFile(folder / "people.zip", "w") as archive:
        archive.write(folder / "people.tif", "../人口/people.tif")
    return {"inputs": {"population": "people.zip"}}


@plant("raster_crs_missing")
def raster_without_crs(folder: Path) -> dict[str, Any]:
    return as_raster(folder, crs=None)


@plant("raster_crs_missing")
def raster_in_metres_without_crs(folder: Path) -> dict[str, Any]:
    return as_raster(folder, transform=from_origin(510_000, 3_706_000, 500, 500), crs=None)


@plant("raster_crs_missing")
def raster_with_its_crs_beside_it(folder: Path) -> dict[str, Any]:
    (folder / "people.prj").write_text("EPSG:4326", encoding="utf-8")
    (folder / "people.tfw").write_text("0.1\n0\n0\n-0.1\n120\n34\n", encoding="utf-8")
    return as_raster(folder, crs=None)


@plant("raster_rotated")
def raster_turned(folder: Path) -> dict[str, Any]:
    return as_raster(folder, transform=Affine(0.002, 0.001, 120.08, 0.001, -0.002, 33.48))


@plant("raster_rotated")
def raster_turned_by_a_quarter(folder: Path) -> dict[str, Any]:
    return as_raster(folder, transform=Affine(0, 0.0025, 120.08, 0.0025, 0, 33.38))


@plant("raster_rotated")
def raster_sheared(folder: Path) -> dict[str, Any]:
    return as_raster(folder, transform=Affine(0.0025, 0.0001, 120.08, 0, -0.0025, 33.48))


@plant("raster_nodata_missing")
def undeclared_nodata(folder: Path) -> dict[str, Any]:
    return as_raster(folder, one_cell(-99999))


@plant("raster_nodata_missing")
def undeclared_least_number(folder: Path) -> dict[str, Any]:
    return as_raster(folder, one_cell(-3.4e38))


@plant("raster_nodata_missing")
def undeclared_greatest_number(folder: Path) -> dict[str, Any]:
    return as_raster(folder, one_cell(3.4e38))


@plant("raster_negative_population")
def fewer_people_than_none(folder: Path) -> dict[str, Any]:
    return as_raster(folder, one_cell(-1), nodata=-99999)


@plant("raster_negative_population")
def another_nodata_than_declared(folder: Path) -> dict[str, Any]:
    return as_raster(folder, one_cell(-9999), nodata=-99999)


@plant("raster_negative_population")
def negative_everywhere(folder: Path) -> dict[str, Any]:
    return as_raster(folder, -5.0, nodata=0)


@plant("raster_too_large")
def raster_of_a_metre(folder: Path) -> dict[str, Any]:
    place = from_origin(ORIGIN[0] - 0.02, ORIGIN[1] + 0.08, 0.00001, 0.00001)
    return sparse_raster(folder, place, tiled=True)


@plant("raster_too_large")
def raster_of_one_strip(folder: Path) -> dict[str, Any]:
    place = from_origin(ORIGIN[0] - 5, ORIGIN[1] + 5, 0.001, 0.001)
    return sparse_raster(folder, place, blockysize=10_000)


@plant("raster_too_large")
def raster_of_one_tile(folder: Path) -> dict[str, Any]:
    place = from_origin(ORIGIN[0] - 5, ORIGIN[1] + 5, 0.001, 0.001)
    return sparse_raster(folder, place, tiled=True, blockxsize=9984, blockysize=9984)


def sparse_raster(folder: Path, transform: Any, **said: Any) -> dict[str, Any]:
    """A raster of 100 million cells that takes no room."""
    shape = {"driver": "GTiff", "width": 10_000, "height": 10_000, "count": 1, "dtype": "float32"}
    with rasterio.open(
        folder / "people.tif", "w", crs="EPSG:4326", transform=transform, **shape, sparse_ok=True,
        compress="deflate", **said,
    ):  # fmt: skip
        pass
    return {"inputs": {"population": "people.tif"}}


@plant("raster_empty_overlap")
def raster_elsewhere(folder: Path) -> dict[str, Any]:
    return as_raster(folder, transform=from_origin(10, 50, 0.0025, 0.0025))


@plant("raster_empty_overlap")
def raster_of_nobody(folder: Path) -> dict[str, Any]:
    return as_raster(folder, 0.0)


@plant("raster_empty_overlap")
def raster_without_data(folder: Path) -> dict[str, Any]:
    return as_raster(folder, -99999, nodata=-99999)


# OpenStreetMap extracts


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


# found by tests of their own: limits lowered above, lists with a title, what `check` says, the end
# of the child that reads, and rows and sheets that the scenario names
ELSEWHERE = {
    "file_too_large", "header_row_guessed", "nothing_asked", "reader_died", "reader_over_memory",
    "reader_over_time", "file_changed", "work_crs_of_layers", "kind_told", "kind_untold",
    "left_to_scenario", "osm_too_many", "people_out_of_proportion", "unit_suspected",
    "rows_left_out",
    # what a county lacks, in tests/test_empty.py
    "land_is_the_layer", "no_manifest", "people_by_town_only", "one_town", "no_sensitive_places",
    "no_streets",
}  # fmt: skip


@pytest.mark.parametrize(
    ("code", "line", "change"),
    PLANTS,
    ids=[f"{code}-{one.__name__}-{i}" for i, (code, _, one) in enumerate(PLANTS)],
)
def test_a_planted_defect_is_found_and_named(
    tmp_path: Path, code: str, line: int | None, change: Plant
) -> None:
    folder = tmp_path / "county"
    write_toy_county(folder)
    changes = change(folder)
    notices = findings_of(folder, changes)
    found = [notice for notice in notices if notice.code == code]
    assert found, [str(notice) for notice in notices]
    one = found[0]
    assert one.file
    assert one.zh
    assert one.en
    assert one.severity == "I" or (one.fix_zh and one.fix_en)
    assert line is None or one.line == line, str(one)
    errors = {notice.code for notice in notices if notice.severity == "E"}
    assert errors <= {code}, [str(notice) for notice in notices]


def test_an_id_at_two_places_names_the_lines_of_both(tmp_path: Path) -> None:
    write_toy_county(tmp_path)
    id_twice_at_one_place_and_then_elsewhere(tmp_path)
    (one,) = [n for n in findings_of(tmp_path) if n.code == "duplicate_site_id"]
    assert (one.line, one.en.endswith("(line 2)")) == (14, True), one.en


def test_a_crs_that_cannot_be_used_is_shown(tmp_path: Path) -> None:
    write_toy_county(tmp_path)
    notices = findings_of(tmp_path, {"district": {"work_crs": "EPSG:4490"}})
    (one,) = [notice for notice in notices if notice.code == "work_crs_unusable"]
    assert (one.column, one.value) == ("district.work_crs", "EPSG:4490")


def test_every_kind_of_finding_is_planted() -> None:
    kinds = {code.partition("/")[0] for code in NOTICES}
    assert {code for code, _, _ in PLANTS} | ELSEWHERE == kinds


def test_a_clean_county_has_no_error_and_no_warning(tmp_path: Path) -> None:
    write_toy_county(tmp_path)
    notices = findings_of(tmp_path)
    assert [str(notice) for notice in notices if notice.severity != "I"] == []
    assert "manifest_mismatch" not in {notice.code for notice in notices}


def test_a_row_of_the_manifest_without_a_hash_says_nothing_of_changes(tmp_path: Path) -> None:
    write_toy_county(tmp_path)
    manifest = tmp_path / "MANIFEST.csv"
    kept = [line.rsplit(",", 1)[0] + "," for line in lines_of(manifest)[1:]]
    put(manifest, [lines_of(manifest)[0], *kept])
    assert "manifest_mismatch" not in {notice.code for notice in findings_of(tmp_path)}


def test_all_problems_come_at_once(tmp_path: Path) -> None:
    write_toy_county(tmp_path)
    misspelt_state(tmp_path)
    negative_people(tmp_path)
    (tmp_path / "water.geojson").unlink()
    with pytest.raises(InputError) as caught:
        read_layers(Scenario.from_file(tmp_path / "scenario.yaml"))
    assert {n.code for n in caught.value.notices if n.severity == "E"} == {
        "enum_unknown",
        "value_out_of_range",
        "unreadable_file",
    }
    assert "nearest: open" in caught.value.en


def test_a_value_from_a_file_is_shown_but_never_followed(tmp_path: Path) -> None:
    write_toy_county(tmp_path)
    cell(tmp_path / "sites.csv", 3, 2, "{0.__class__} {{7*7}} %s \x1b[31m" + "x" * 200)
    notices = findings_of(tmp_path)
    shown = next(notice for notice in notices if notice.code == "enum_unknown")
    assert "{0.__class__}" in shown.value
    assert len(shown.value) <= 80
    assert "\x1b" not in str(shown)


# where a finding about a feature is

BOW = [[120.14, 33.42], [120.15, 33.43], [120.15, 33.42], [120.14, 33.43], [120.14, 33.42]]


def with_bow(folder: Path, *, indent: int | None, **said: Any) -> Path:
    """The county with an area more, 乙县, whose sides cross; a feature a line when indented."""
    write_toy_county(folder)
    path = folder / "areas.geojson"
    tree = json.loads(path.read_text(encoding="utf-8"))
    ring = {"type": "Polygon", "coordinates": [BOW]}
    properties = {"name": "乙县", "kind": "scenic", **said}
    tree["features"].append({"type": "Feature", "properties": properties, "geometry": ring})
    path.write_text(json.dumps(tree, ensure_ascii=False, indent=indent), encoding="utf-8")
    return path


def the(notices: Iterable[Notice], code: str) -> Notice:
    (one,) = [notice for notice in notices if notice.code == code]
    return one


@pytest.mark.parametrize(("indent", "has_line"), [(None, False), (1, True)])
def test_a_bad_ring_is_named_by_number_name_and_degrees(
    tmp_path: Path, indent: int | None, has_line: bool
) -> None:
    path = with_bow(tmp_path, indent=indent)
    one = the(findings_of(tmp_path), "invalid_ring")
    assert (one.feature, one.feature_name) == (6, "乙县")
    assert one.lon == pytest.approx(120.145, abs=1e-5)
    assert one.lat == pytest.approx(33.425, abs=1e-5)
    assert "feature 6 乙县 (120.145" in one.place
    assert ("边与边相交" in one.zh, "Self-intersection" in one.en) == (True, True)
    # the line on which the feature begins, where each has one of its own
    assert (one.line is not None) == has_line
    if one.line is not None:
        begins = path.read_text(encoding="utf-8").splitlines()[one.line - 1 :]
        assert "乙县" in "".join(begins[:4])


@pytest.mark.parametrize(
    ("suffix", "driver", "crs"),
    [
        ("gpkg", "GPKG", "EPSG:4326"),
        ("gpkg", "GPKG", "EPSG:4549"),
        ("shp", "ESRI Shapefile", "EPSG:4326"),
    ],
)
def test_other_formats_name_the_feature_too(
    tmp_path: Path, suffix: str, driver: str, crs: str
) -> None:
    path = with_bow(tmp_path, indent=None)
    gpd.read_file(path).to_crs(crs).to_file(tmp_path / f"areas.{suffix}", driver=driver)
    one = the(findings_of(tmp_path, {"inputs": {"areas": f"areas.{suffix}"}}), "invalid_ring")
    assert (one.line, one.feature, one.feature_name) == (None, 6, "乙县")
    assert (one.lon, one.lat) == (pytest.approx(120.145, abs=1e-4), pytest.approx(33.425, abs=1e-4))


def test_degrees_are_those_of_the_file(tmp_path: Path) -> None:
    with_bow(tmp_path, indent=None)
    lines = lines_of(tmp_path / "MANIFEST.csv")
    put(
        tmp_path / "MANIFEST.csv",
        [line.replace("wgs84", "gcj02") if "areas" in line else line for line in lines],
    )
    one = the(findings_of(tmp_path), "invalid_ring")
    # in WGS-84 the place is 0.005 degrees elsewhere
    assert (one.lon, one.lat) == (pytest.approx(120.145, abs=1e-4), pytest.approx(33.425, abs=1e-4))


def test_a_feature_without_a_name_is_told_by_its_code(tmp_path: Path) -> None:
    with_bow(tmp_path, indent=None, name="", adcode=990102)
    assert the(findings_of(tmp_path), "invalid_ring").feature_name == "990102"


def test_a_control_character_in_a_name_is_a_finding(tmp_path: Path) -> None:
    with_bow(tmp_path, indent=None, name="乙\x1b[31m县")
    one = the(findings_of(tmp_path), "control_character")
    assert (one.severity, one.column, one.feature) == ("E", "name", 6)
    assert "\\x1b" in str(one) and "\x1b" not in str(one)


CORNER = [120.11, 33.41]


@pytest.mark.parametrize(
    ("geometry", "zh"),
    [
        ({"type": "Polygon", "coordinates": [[[10**400, 33.4], CORNER, CORNER]]}, "几何无效"),
        ({"type": "Polygon", "coordinates": [[["120.11", "33.41"]]]}, "坐标须为数字"),
        ({"coordinates": []}, "须有 type"),
        ("here", "须有 type"),
        ({"type": "LineString", "coordinates": [CORNER]}, "线只有一个点"),
        (
            {
                "type": "Polygon",
                "coordinates": [[CORNER, [120.12, 33.41], [120.12, 33.42], [120.11, 33.42]]],
            },
            "环没有闭合",
        ),
    ],
)
def test_what_is_no_geometry_is_named_in_the_words_of_a_user(
    tmp_path: Path, geometry: Any, zh: str
) -> None:
    path = with_bow(tmp_path, indent=None)
    tree = json.loads(path.read_text(encoding="utf-8"))
    tree["features"][-1]["geometry"] = geometry
    path.write_text(json.dumps(tree), encoding="utf-8")
    one = the(findings_of(tmp_path), "invalid_ring")
    assert (one.feature, one.feature_name) == (6, "乙县")
    assert zh in one.zh
    assert "json.exception" not in str(one)


def test_a_number_too_long_is_named_with_its_feature(tmp_path: Path) -> None:
    path = with_bow(tmp_path, indent=None)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("120.14,", "9" * 5000 + ","), encoding="utf-8")
    one = the(findings_of(tmp_path), "truncated_file")
    assert ("feature 6" in one.zh, "feature 6" in one.en) == (True, True)


@pytest.mark.parametrize("number", ["NaN", "-Infinity"])
def test_a_number_that_json_has_not_costs_its_feature_alone(tmp_path: Path, number: str) -> None:
    path = with_bow(tmp_path, indent=None)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("120.14,", f"{number},"), encoding="utf-8")
    notices = findings_of(tmp_path)
    assert the(notices, "invalid_ring").feature == 6
    assert {notice.code for notice in notices if notice.severity == "E"} == {"invalid_ring"}


def test_an_endless_name_does_not_drown_the_finding(tmp_path: Path) -> None:
    with_bow(tmp_path, indent=None, name="长" * 100_000)
    assert the(findings_of(tmp_path), "invalid_ring").feature_name == "长" * 80
