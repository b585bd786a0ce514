"""Which file it is, what it is, and whether it can be opened."""

from __future__ import annotations

import sqlite3
import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
from shapely.geometry import Point

from planner.layers.formats import archives
from tests.layers.plants.county import (
    as_file,
    as_geopackage,
    as_json,
    as_shapefile,
    as_workbook,
    edit,
    in_format,
    in_scenario,
    in_text,
    lines_of,
    one_street,
    plant,
    points_of,
    put,
    rows_of,
)
from tests.toy import ORIGIN


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


@plant("truncated_file")
def cut_json(folder: Path) -> None:
    path = folder / "roads.geojson"
    path.write_bytes(path.read_bytes()[:300])


@plant("truncated_file", 1)
def deep_json(folder: Path) -> None:
    (folder / "streets.geojson").write_text(
        '{"type":"FeatureCollection","features":' + "[" * 100_000, encoding="utf-8"
    )


@plant("truncated_file")
def cut_workbook(folder: Path) -> dict[str, Any]:
    changes = as_workbook(folder, lambda *_: None)
    data = (folder / "sites.xlsx").read_bytes()
    (folder / "sites.xlsx").write_bytes(data[: len(data) // 2])
    return changes


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


@plant("forbidden_driver")
def wfs_in_a_zip(folder: Path) -> dict[str, Any]:
    with zipfile.ZipFile(folder / "streets.kmz", "w") as archive:
        archive.writestr("doc.kml", "<OGRWFSDataSource/>")
    return {"inputs": {"streets": "streets.kmz"}}


@plant("forbidden_driver")
def raster_of_rasters(folder: Path) -> dict[str, Any]:
    (folder / "people.tif").write_text("<VRTDataset rasterXSize='1'/>", encoding="utf-8")
    return {"inputs": {"population": "people.tif"}}


in_scenario("unreadable_file", inputs={"sites": "站址表.xlsx"})


@plant("unreadable_file")
def link_to_itself(folder: Path) -> dict[str, Any]:
    (folder / "loop.csv").symlink_to(folder / "loop.csv")
    return {"inputs": {"population": "loop.csv"}}


@plant("extension_mismatch")
def geojson_named_geopackage(folder: Path) -> dict[str, Any]:
    (folder / "streets.geojson").rename(folder / "streets.gpkg")
    return {"inputs": {"streets": "streets.gpkg"}}


@plant("extension_mismatch")
def text_named_workbook(folder: Path) -> dict[str, Any]:
    (folder / "towns.csv").rename(folder / "towns.xls")
    return {"inputs": {"towns": "towns.xls"}}


@plant("archive_too_large")
def thousand_members(folder: Path) -> dict[str, Any]:
    with zipfile.ZipFile(folder / "streets.zip", "w") as archive:
        for number in range(archives.MAX_MEMBERS + 1):
            archive.writestr(str(number), b"")
    return {"inputs": {"streets": "streets.zip"}}


@plant("archive_too_large")
def map_of_blanks(folder: Path) -> dict[str, Any]:
    text = (folder / "streets.geojson").read_bytes() + b" " * archives.RATIO_FLOOR
    with zipfile.ZipFile(folder / "streets.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("streets.geojson", text)
    return {"inputs": {"streets": "streets.zip"}}


@plant("empty_file")
def no_byte(folder: Path) -> None:
    (folder / "sites.csv").write_bytes(b"")


@plant("empty_file")
def blank_workbook(folder: Path) -> dict[str, Any]:
    openpyxl.Workbook().save(folder / "landmarks.xlsx")
    return {"inputs": {"landmarks": "landmarks.xlsx"}}


@plant("empty_file")
def list_of_nothing(folder: Path) -> dict[str, Any]:
    return as_json(folder, "population", rows_of(folder, "population").iloc[:0])


@plant("no_data_rows")
def head_of_a_workbook(folder: Path) -> dict[str, Any]:
    return in_format(folder, "sites", rows_of(folder, "sites").iloc[:0], "xlsx")


@plant("no_data_rows")
def geopackage_without_a_row(folder: Path) -> dict[str, Any]:
    return as_file(folder, "sites", points_of(folder, "sites").iloc[:0], "gpkg")


in_scenario("manifest_not_found", inputs={"manifest": "清单.csv"})


@plant("manifest_not_found")
def folder_for_a_manifest(folder: Path) -> dict[str, Any]:
    (folder / "lists").mkdir()
    return {"inputs": {"manifest": "lists"}}


in_text("manifest_missing", None, "MANIFEST.csv", "towns.csv", "Towns.csv")


@plant("manifest_missing")
def file_in_another_format(folder: Path) -> dict[str, Any]:
    return in_format(folder, "landmarks", rows_of(folder, "landmarks"), "xlsx")


in_text("manifest_mismatch", None, "streets.geojson", "]}", "]} ")


@plant("manifest_mismatch")
def hash_of_another_file(folder: Path) -> None:
    path = folder / "MANIFEST.csv"
    hashes = [line.rpartition(",")[2] for line in lines_of(path)]
    edit(path, hashes[1], hashes[2])
