"""Datum and CRS: declared, told, contradicted, unknown."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from planner.crs import convert
from planner.layers.datum import HYPOTHESES
from tests.layers.plants.county import (
    Plant,
    as_geopackage,
    as_shapefile,
    edit,
    in_format,
    in_text,
    lines_of,
    one_street,
    plant,
    plant_each,
    put,
)
from tests.layers.test_datum import along_roads, in_crs, in_datum, list_again, with_first


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


@plant("crs_missing")
def no_crs(folder: Path) -> dict[str, Any]:
    changes = as_geopackage(folder, "streets", None)
    with sqlite3.connect(folder / "streets.gpkg") as base:
        base.execute("update gpkg_contents set srs_id = -1")
        base.execute("update gpkg_geometry_columns set srs_id = -1")
    base.close()
    return changes


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


def in_list(change: Any, *, default: str = "", **entry: Any) -> Plant:
    """The sites as another list, which no manifest knows."""

    def planted(folder: Path) -> dict[str, Any]:
        return {"inputs": {**list_again(folder, change, **entry), "datum": default}}

    return planted


plant_each("datum_detected", *(in_list(along_roads(datum)) for datum in HYPOTHESES))


plant_each("datum_undeclared", *(in_list(in_datum(datum)) for datum in HYPOTHESES))


plant_each(
    "datum_contradicted",
    in_list(along_roads("gcj02"), datum="wgs84"),
    in_list(along_roads("bd09"), datum="wgs84"),
    in_list(along_roads("wgs84"), datum="gcj02"),
)


plant_each("projected_by_zone", *(in_list(in_crs(f"EPSG:{code}")) for code in (4528, 4499, 4498)))


plant_each(
    "zone_of_other_rows",
    *(
        in_list(with_first("EPSG:4528", other))
        for other in (in_crs("EPSG:4549"), in_crs("EPSG:4526"), in_datum("wgs84"))
    ),
)


plant_each(
    "axes_swapped",
    *(
        in_list(in_crs(f"EPSG:{code}", north_first=True), crs=f"EPSG:{code}")
        for code in (4549, 4528, 32650)
    ),
)


def headed(datum: str, *heads: str) -> Plant:
    change = in_datum(datum)
    return in_list(
        lambda f: change(f).rename(columns=dict(zip(("lon", "lat"), heads, strict=True)))
    )


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


@plant("crs_missing")
def shapefile_without_crs(folder: Path) -> dict[str, Any]:
    changes = as_shapefile(folder)
    (folder / "streets.prj").unlink()
    return changes


@plant("crs_missing")
def drawing_without_crs(folder: Path) -> dict[str, Any]:
    one_street()[["geometry"]].to_file(folder / "streets.dxf", driver="DXF")
    return {"inputs": {"streets": "streets.dxf"}}


@plant("datum_suspected")
def name_of_a_file(folder: Path) -> dict[str, Any]:
    (folder / "streets.geojson").rename(folder / "streets_gcj02.geojson")
    return {"inputs": {"streets": "streets_gcj02.geojson"}}


@plant("datum_suspected")
def rows_of_another_datum(folder: Path) -> None:
    path = folder / "landmarks.csv"
    put(path, ["name,kind,lon,lat,坐标系", "县政府,government,120.138,33.436,GCJ-02"])


in_text("datum_unknown", None, "MANIFEST.csv", "0 m,wgs84", "0 m,xian80")


@plant("datum_unknown", 2)
def datum_of_a_row_that_nobody_knows(folder: Path) -> None:
    path = folder / "landmarks.csv"
    put(path, ["name,kind,lon,lat,坐标系", "县政府,government,120.133,33.431,北京54"])


@plant("crs_unknown")
def code_of_the_manifest_that_is_none(folder: Path) -> None:
    path = folder / "MANIFEST.csv"
    lines = [
        line.replace("wgs84", "EPSG:999999") if line.startswith("sites") else line
        for line in lines_of(path)
    ]
    put(path, lines)


@plant("streets_contradicted")
def streets_of_a_web_map_and_a_workbook(folder: Path) -> dict[str, Any]:
    streets_of_a_web_map("wgs84", "roads", "streets")(folder)
    rows = pd.read_csv(folder / "listed.csv", dtype=str)
    changes = in_format(folder, "sites", rows, "xlsx")
    return {"inputs": {**changes["inputs"], "datum": "wgs84"}}
