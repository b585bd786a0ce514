"""Layers are the same whatever order, format, encoding or datum of the files that say the same."""

from __future__ import annotations

import csv
import json
import random
import sys
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import xlsxwriter

from planner import fields as F
from planner.crs import convert
from planner.layers import layers_in_use, read_layers
from planner.model import Layers
from planner.scenario import Scenario
from planner.stations.ids import site_id
from tests.toy import PEOPLE, degrees, write_toy_county

PARTS = (
    "boundary", "areas", "roads", "streets", "water", "keep_outs", "towns", "town_areas",
    "landmarks", "population",
    "sites", "candidates",
)  # fmt: skip
TABLES = ("towns", "landmarks", "population", "sites")
VECTORS = ("areas", "roads", "streets", "water")


@pytest.fixture
def county(tmp_path: Path) -> Path:
    write_toy_county(tmp_path)
    return tmp_path


def read(folder: Path, **inputs: str) -> Layers:
    return read_layers(Scenario.from_file(folder / "scenario.yaml").replace(inputs=inputs))


def assert_same(one: Layers, other: Layers, *, within_m: float = 0.0) -> None:
    for name in PARTS:
        left, right = getattr(one, name), getattr(other, name)
        shaped = "geometry" in left
        columns = [c for c in left.columns if c != "geometry"]
        pd.testing.assert_frame_equal(
            pd.DataFrame(left[columns]),
            pd.DataFrame(right[columns]),
            check_dtype=False,
            rtol=0,
            atol=max(within_m, 1e-9),
        )
        if shaped and within_m == 0:
            assert (
                shapely.to_wkb(left.geometry.array).tolist()
                == shapely.to_wkb(right.geometry.array).tolist()
            ), name
        elif shaped:
            away = shapely.hausdorff_distance(left.geometry.array, right.geometry.array)
            assert (np.nan_to_num(away) <= within_m).all(), name


def test_permuted_rows_give_the_same_layers(county: Path) -> None:
    before = read(county)
    shuffle = random.Random(3)
    for table in TABLES:
        path = county / f"{table}.csv"
        header, *rows = path.read_text(encoding="utf-8").splitlines()
        shuffle.shuffle(rows)
        path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    for name in VECTORS:
        path = county / f"{name}.geojson"
        tree = json.loads(path.read_text(encoding="utf-8"))
        shuffle.shuffle(tree["features"])
        path.write_text(json.dumps(tree), encoding="utf-8")
    assert_same(read(county), before)


@pytest.mark.parametrize(
    ("driver", "suffix", "crs"),
    [
        ("GPKG", "gpkg", "EPSG:4549"),
        ("GPKG", "gpkg", "EPSG:4490"),
        ("ESRI Shapefile", "shp", "EPSG:4326"),
        ("KML", "kml", "EPSG:4326"),
    ],
)
def test_every_format_gives_the_same_streets(
    county: Path, driver: str, suffix: str, crs: str
) -> None:
    before = read(county)
    frame = gpd.read_file(county / "streets.geojson").assign(name="街")
    frame = frame.to_crs(crs)
    frame.to_file(county / f"streets.{suffix}", driver=driver)
    after = read(county, streets=f"streets.{suffix}")
    assert after.streets[F.NAME].tolist() == ["街"] * 4
    left, right = (
        sorted(part.streets.geometry, key=lambda line: line.bounds) for part in (before, after)
    )
    assert max(shapely.hausdorff_distance(left, right)) < 0.002


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_every_encoding_and_line_end_gives_the_same_tables(
    county: Path, encoding: str, newline: str
) -> None:
    before = read(county)
    for table in TABLES:
        path = county / f"{table}.csv"
        text = path.read_text(encoding="utf-8")
        path.write_bytes(text.replace("\n", newline).encode(encoding))
    assert_same(read(county), before)


def test_a_workbook_with_chinese_headers_gives_the_same_sites(county: Path) -> None:
    before = read(county)
    headers = {
        "site_id": "站址编码",
        "name": "站点名称",
        "state": "状态",
        "network": "运营商",
        "band": "频段",
        "lon": "经度（°）",
        "lat": "纬度（°）",
    }
    said = {
        "open": "已开通",
        "retrofitted": "已改造未开通",
        "mobile": "移动",
        "telecom-unicom": "电信联通",
        "n41": "N41",
    }
    with (county / "sites.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    with xlsxwriter.Workbook(county / "sites.xlsx") as book:
        sheet = book.add_worksheet()
        for j, (field, header) in enumerate(headers.items()):
            sheet.write_string(0, j, header)
            for i, row in enumerate(rows, start=1):
                if field in ("lon", "lat"):
                    sheet.write_number(i, j, float(row[field]))
                else:
                    sheet.write_string(i, j, said.get(row[field], row[field]))
    after = read(county, sites="sites.xlsx")
    columns = [
        c for c in before.sites.columns if c not in ("basis", "source")
    ]  # the workbook has no manifest row
    pd.testing.assert_frame_equal(
        pd.DataFrame(after.sites[columns]), pd.DataFrame(before.sites[columns])
    )
    assert set(after.sites[F.BASIS]) == {"unstated"}


def shifted(node: Any, datum: Any) -> Any:
    if isinstance(node, list) and node and isinstance(node[0], float):
        return [float(axis) for axis in convert(*node, "wgs84", datum)]
    return [shifted(part, datum) for part in node]


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_a_shifted_county_comes_back_to_its_place(county: Path, datum: Any) -> None:
    before = read(county)
    for path in county.glob("*.geojson"):
        tree = json.loads(path.read_text(encoding="utf-8"))
        for feature in tree["features"]:
            feature["geometry"]["coordinates"] = shifted(feature["geometry"]["coordinates"], datum)
        path.write_text(json.dumps(tree), encoding="utf-8")
    for path in (county / f"{table}.csv" for table in TABLES):
        frame = pd.read_csv(path, dtype=str)
        for lon, lat in (("lon", "lat"), ("seat_lon", "seat_lat")):
            if lon in frame:
                x, y = convert(frame[lon].astype(float), frame[lat].astype(float), "wgs84", datum)
                frame[lon], frame[lat] = (
                    ["" if np.isnan(v) else repr(float(v)) for v in axis] for axis in (x, y)
                )
        frame.to_csv(path, index=False)
    manifest = county / "MANIFEST.csv"
    manifest.write_text(
        manifest.read_text(encoding="utf-8").replace("wgs84", datum), encoding="utf-8"
    )
    after = read(county)
    assert_same(after, before, within_m=0.002)


def test_what_a_row_does_not_say_comes_from_the_manifest(county: Path) -> None:
    layers = read(county)
    assert set(layers.areas[F.BASIS]) == {"synthetic"}
    assert set(layers.roads[F.LICENCE]) == {"MIT"}
    assert set(layers.streets[F.ACCURACY_M]) == {0.0}
    assert layers.is_synthetic
    manifest = county / "MANIFEST.csv"
    manifest.write_text(
        manifest.read_text(encoding="utf-8").replace("synthetic", "evidence"), encoding="utf-8"
    )
    assert not read(county).is_synthetic
    sites = county / "sites.csv"
    header, *rows = sites.read_text(encoding="utf-8").splitlines()
    sites.write_text(
        "\n".join([header + ",basis", *(row + ",synthetic" for row in rows)]), encoding="utf-8"
    )
    assert read(county).is_synthetic  # a row that says so outweighs a manifest that does not


def test_sites_without_an_id_are_named_by_their_place(county: Path) -> None:
    path = county / "sites.csv"
    rows = [line.split(",", 1)[1] for line in path.read_text(encoding="utf-8").splitlines()]
    path.write_text("\n".join(rows), encoding="utf-8")
    sites = read(county).sites
    assert sites[F.SITE_ID].tolist() == [
        site_id(lon, lat) for lon, lat in zip(sites[F.LON], sites[F.LAT], strict=True)
    ]


def test_long_ids_and_leading_zeros_are_kept(county: Path) -> None:
    path = county / "sites.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    own = {1: "001234567890123456", 2: "NA", 3: "1E5"}
    for i, name in own.items():
        lines[i] = ",".join([name, *lines[i].split(",")[1:]])
    path.write_text("\n".join(lines), encoding="utf-8")
    assert set(own.values()) <= set(read(county).sites[F.SITE_ID])


def test_parts_lie_inside_the_boundary_and_layers_are_told_apart(county: Path) -> None:
    layers = read(county)
    ground = layers.boundary.geometry.iloc[0].buffer(0.01)
    for part in (layers.areas, layers.roads, layers.streets, layers.keep_outs):
        assert shapely.covers(ground, part.geometry.array).all()
    assert layers.areas[F.LAYER].tolist() == ["core", "parks", "seats", "scenic"]
    assert layers.keep_outs[F.KIND].tolist() == ["keep_out_airport"]
    assert sorted(layers.roads[F.LAYER]) == ["", "roads", "roads"]
    assert layers.population[F.PEOPLE].sum() == sum(PEOPLE.values())
    assert layers.towns[F.X_M].isna().tolist() == [False, True, False]


def test_optional_inputs_may_be_left_out(county: Path) -> None:
    layers = read(county, streets="", water="", landmarks="", candidates="", town_areas="")
    for name in ("streets", "water", "landmarks", "candidates", "town_areas"):
        part = getattr(layers, name)
        assert len(part) == 0
        assert part.crs == "EPSG:4549"


def test_gdal_is_loaded_without_drivers_that_follow_files(tmp_path: Path) -> None:
    import subprocess

    load = "from planner.layers.formats.gdal import load_gdal"
    program = f"{load}; print(*load_gdal().list_drivers(), sep='|')"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=Path.cwd()
    )
    drivers = set(done.stdout.strip().split("|"))
    assert {"GPKG", "ESRI Shapefile"} <= drivers
    assert not drivers & {"OGR_VRT", "GDALG", "WFS", "HTTP", "CSV", "XLSX", "OAPIF", "ADBC"}
    assert done.stderr == ""


def test_a_projected_file_names_its_datum_itself(county: Path) -> None:
    before = read(county)
    gpd.read_file(county / "streets.geojson").to_crs("EPSG:4549").to_file(
        county / "streets.gpkg", driver="GPKG"
    )
    with (county / "MANIFEST.csv").open("a", encoding="utf-8") as stream:
        stream.write("streets.gpkg,drawn on a web map,2020,MIT,0 m,gcj02,synthetic,\n")
    left, right = (
        part.streets.union_all() for part in (before, read(county, streets="streets.gpkg"))
    )
    assert shapely.hausdorff_distance(left, right) < 0.002


def test_town_borders_replace_the_nearest_seat(county: Path) -> None:
    ring = [[120.10, 33.40], [120.15, 33.40], [120.15, 33.45], [120.10, 33.45], [120.10, 33.40]]
    feature = {
        "type": "Feature",
        "properties": {"town_id": "T3", "name": "东镇"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    tree = {"type": "FeatureCollection", "features": [feature]}
    (county / "borders.geojson").write_text(json.dumps(tree), encoding="utf-8")
    layers = read(county, town_areas="borders.geojson")
    assert layers.town_areas["town_id"].tolist() == ["T3"]
    seat = layers.towns.set_index("town_id").loc["T1"]
    scenario = Scenario.from_file(county / "scenario.yaml")
    assert layers.town_at(np.array([seat[F.X_M]]), np.array([seat[F.Y_M]]), scenario).tolist() == [
        "东镇"
    ]
    assert read(county).town_at(
        np.array([seat[F.X_M]]), np.array([seat[F.Y_M]]), scenario
    ).tolist() == ["城区街道"]


def test_greek_letters_are_not_taken_for_chinese_when_marked(county: Path) -> None:
    path = county / "landmarks.csv"
    text = path.read_text(encoding="utf-8").replace("县政府", "Αθήνα")
    path.write_text(text, encoding="utf-8-sig")
    assert read(county).landmarks[F.NAME].tolist() == ["Αθήνα"]


def test_of_an_area_across_the_border_the_part_inside_stays_and_no_touching_edge(
    county: Path,
) -> None:
    """West of the border lies a square kilometre; farther south the area only runs along it."""
    border = [(0, 0), (8, 0), (8, 1), (8, 3), (8, 4), (8, 6), (0, 6), (0, 0)]
    across = [(7, 3), (8, 3), (8, 1), (9, 1), (9, 4), (8, 4), (7, 4), (7, 3)]
    for name, ring in (("boundary", border), ("areas", across)):
        path = county / f"{name}.geojson"
        tree = json.loads(path.read_text(encoding="utf-8"))
        corners = [degrees(*corner) for corner in ring]
        tree["features"][0]["geometry"] = {"type": "Polygon", "coordinates": [corners]}
        path.write_text(json.dumps(tree, ensure_ascii=False), encoding="utf-8")

    areas = read(county).areas
    (inside,) = areas.geometry[areas[F.NAME] == "老城"]
    assert inside.geom_type == "Polygon"
    assert inside.area == pytest.approx(1e6, rel=2e-3)


def test_shares_of_the_layers_that_stay_are_scaled(county: Path) -> None:
    scenario = Scenario.from_file(county / "scenario.yaml")
    shares = (0.1, 0.2, 0.2, 0.3, 0.2)
    layers = [
        {**layer.model_dump(mode="json"), "weight_share": share}
        for layer, share in zip(scenario.layers, shares, strict=True)
    ]
    without_roads = scenario.replace(layers=layers, inputs={"roads": ""})
    kept = layers_in_use(without_roads, read_layers(without_roads)).layers
    assert [layer.weight_share for layer in kept] == pytest.approx([0.125, 0.25, 0.25, 0.375])


def test_layers_without_a_file_are_left_out_and_with_none_left_the_land_is_the_layer(
    county: Path,
) -> None:
    scenario = Scenario.from_file(county / "scenario.yaml").replace(inputs={"roads": ""})
    layers = read_layers(scenario)
    assert layers_in_use(scenario, layers).layer_names == ("core", "parks", "seats", "scenic")

    neither = scenario.replace(inputs={"areas": "", "roads": ""})
    land = read_layers(neither)
    (layer,) = layers_in_use(neither, land).layers
    assert (layer.name, layer.kinds) == ("land", ("land",))
    assert land.areas.geometry.area.sum() == pytest.approx(land.boundary.geometry.area.sum())

    # 300 sites, more than three for each station that a network is to have, over 8 x 6 km
    assert layer.spacing_m == 430.0
    # a lake is no land, and is drawn by its bank beside the river
    path = county / "water.geojson"
    lake = {
        "type": "Feature",
        "properties": {"name": "湖", "kind": "lake"},
        "geometry": {
            "type": "Polygon",
            "coordinates": [[degrees(*c) for c in ((5, 5), (6, 5), (6, 5.5), (5, 5.5), (5, 5))]],
        },
    }
    tree = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**tree, "features": [*tree["features"], lake]}), encoding="utf-8")
    with_lake = read_layers(neither)
    less_m2 = land.areas.geometry.area.sum() - with_lake.areas.geometry.area.sum()
    assert less_m2 == pytest.approx(0.5e6, rel=2e-3)
    assert len(with_lake.water) == len(land.water) + 1
    assert with_lake.water.geom_type.isin(["LineString", "MultiLineString"]).all()

    # a scenario that was resolved asks for the land by its kind
    again = neither.replace(layers=[layer.model_dump(mode="json")])
    assert layers_in_use(again, land).layers == (layer,)
