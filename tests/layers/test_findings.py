"""One defect planted at a time: it alone is found, with file, line and fix in two languages."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest

from planner.crs import convert
from planner.errors import InputError, Notice, n_findings
from planner.layers import files, findings, read_layers
from planner.layers.notices import NOTICES
from planner.scenario import Scenario
from tests.layers.plants import PLANTS
from tests.layers.plants.county import (
    Plant,
    as_file,
    cell,
    findings_of,
    in_format,
    lines_of,
    points_of,
    put,
    rows_of,
    shapes_of,
)
from tests.layers.plants.osm import road_in, roads_of
from tests.layers.plants.rasters import as_raster
from tests.layers.plants.sites import id_twice_at_one_place_and_then_elsewhere
from tests.layers.plants.values import misspelt_state, negative_people
from tests.osm import Extract
from tests.toy import write_toy_county


# limits that a test would have to be huge to reach are lowered
def test_a_file_over_the_limit_is_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_toy_county(tmp_path)
    monkeypatch.setattr(files, "MAX_BYTES", 1000)
    assert {n.code for n in findings_of(tmp_path) if n.severity == "E"} == {"file_too_large"}


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


def test_every_kind_of_finding_has_three_different_examples() -> None:
    planted = Counter(code for code, _, _ in PLANTS)
    assert {code: n for code, n in planted.items() if n < 3 and code not in ELSEWHERE} == {}


def test_a_clean_county_has_no_error_and_no_warning(tmp_path: Path) -> None:
    write_toy_county(tmp_path)
    notices = findings_of(tmp_path)
    assert [str(notice) for notice in notices if notice.severity != "I"] == []
    assert "manifest_mismatch" not in {notice.code for notice in notices}


# what is right in any format


TABLES = ("towns", "landmarks", "population", "sites")
SHAPES = ("boundary", "areas", "roads", "streets", "water")


def all_tables(way: str) -> Plant:
    def write(folder: Path) -> dict[str, Any]:
        made = [in_format(folder, part, rows_of(folder, part), way) for part in TABLES]
        return of_all(made)

    return write


def all_shapes(suffix: str, crs: str) -> Plant:
    def write(folder: Path) -> dict[str, Any]:
        made = [
            as_file(folder, part, shapes_of(folder, part).to_crs(crs), suffix) for part in SHAPES
        ]
        return of_all(made)

    return write


def points(suffix: str, crs: str) -> Plant:
    def write(folder: Path) -> dict[str, Any]:
        parts = ("landmarks", "population", "sites")
        made = [
            as_file(folder, part, points_of(folder, part).to_crs(crs), suffix) for part in parts
        ]
        return of_all(made)

    return write


def of_all(made: Iterable[dict[str, Any]]) -> dict[str, Any]:
    return {"inputs": {part: file for one in made for part, file in one["inputs"].items()}}


def rows_of_cells(folder: Path) -> dict[str, Any]:
    """A list with a row for each of three cells of a station."""
    rows = rows_of(folder, "sites")
    cells = [
        rows.assign(方位角=str(turn), 小区标识=[f"{i}-{turn}" for i in rows.index], height_m="30")
        for turn in (0, 120, 240)
    ]
    return in_format(folder, "sites", pd.concat(cells), "xlsx")


def declared_gcj02(folder: Path) -> dict[str, Any]:
    rows = rows_of(folder, "sites")
    lon, lat = (rows[axis].astype(float).to_numpy() for axis in ("lon", "lat"))
    lon, lat = convert(lon, lat, "wgs84", "gcj02")
    rows = rows.assign(lon=[f"{x:.7f}" for x in lon], lat=[f"{y:.7f}" for y in lat])
    made = in_format(folder, "sites", rows, "xlsx")["inputs"]["sites"]
    return {"inputs": {"sites": {"file": made, "datum": "gcj02"}}}


def people_by_cells(folder: Path) -> dict[str, Any]:
    return as_raster(folder, 50.0, nodata=-9999)


def roads_of_openstreetmap(folder: Path) -> dict[str, Any]:
    extract = Extract()
    road_in(extract)
    return roads_of(folder, extract)


CLEAN: dict[str, Plant] = {
    "xlsx": all_tables("xlsx"),
    "xls": all_tables("xls"),
    "ods": all_tables("ods"),
    "parquet": all_tables("parquet"),
    "json": all_tables("json-objects"),
    "tabs": all_tables("tsv"),
    "geopackage": all_shapes("gpkg", "EPSG:4549"),
    "shapefile": all_shapes("shp", "EPSG:4326"),
    "flatgeobuf": all_shapes("fgb", "EPSG:4490"),
    "points": points("geojson", "EPSG:4326"),
    "points in metres": points("gpkg", "EPSG:32650"),
    "cells": rows_of_cells,
    "declared datum": declared_gcj02,
    "raster": people_by_cells,
    "osm": roads_of_openstreetmap,
}
"""The county told otherwise, with nothing wrong about it."""


@pytest.mark.parametrize("change", CLEAN.values(), ids=CLEAN)
def test_a_clean_county_of_any_format_has_no_error_and_no_warning(
    tmp_path: Path, change: Plant
) -> None:
    write_toy_county(tmp_path)
    before = set(tmp_path.iterdir())
    changes = change(tmp_path)

    # the manifest knows the new files
    manifest, said = tmp_path / "MANIFEST.csv", "invented for tests,2020,MIT,0 m,wgs84,synthetic,"
    new = sorted(path.name for path in set(tmp_path.iterdir()) - before)
    put(manifest, [*lines_of(manifest), *(f"{name},{said}" for name in new)])

    notices = findings_of(tmp_path, changes)
    assert [str(notice) for notice in notices if notice.severity != "I"] == []


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
