"""``planner check`` on anything: no row is unaccounted for, and bad cells are marked."""

from __future__ import annotations

import csv
import io
import json
import random
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pyarrow as pa
import pytest
import typer
from pyarrow import parquet

import planner
from planner import cli
from planner.inspection import FileCheck, Inspection, inspect, marked_copy
from planner.layers import findings as layer_findings
from tests.layers.plants.county import cell, edit, lines_of, put
from tests.test_pipeline import command
from tests.toy import write_toy_county
from tests.writers import WRITERS, delimited, xlsx

CELLS = (
    "ENODEBID", "ENODEB_NAME", "SECTOR_ID", "SSB_ARFCN", "PCI", "LONGITUDE", "LATITUDE", "AZIMUTH",
    "HEIGHT",
)  # fmt: skip
TABLES = ("towns", "population", "landmarks", "sites")


def cells(n_stations: int = 4) -> list[tuple[Any, ...]]:
    return [
        (
            88 + i,
            f"站{i}",
            f"{88 + i}-{j}",
            504990,
            3 * i + j,
            120.13123 + i / 100,
            33.35123,
            120 * j,
            33,
        )
        for i in range(n_stations)
        for j in range(3)
    ]


def the(looked: Inspection) -> FileCheck:
    (check,) = looked.files
    account = check.account
    assert account.rows_in == account.accepted + account.rejected + account.blank
    return check


def counts(check: FileCheck) -> tuple[int, int, int]:
    return check.account.accepted, check.account.rejected, check.account.blank


def codes(check: FileCheck, severity: str = "EW") -> list[str]:
    return sorted(notice.code for notice in check.notices if notice.severity in severity)


@pytest.fixture
def county(tmp_path: Path) -> Path:
    write_toy_county(tmp_path)
    return tmp_path


def test_a_table_of_cells_alone_is_refused_nothing_that_a_scenario_tells(tmp_path: Path) -> None:
    path = tmp_path / "工参.csv"
    delimited(",", "gb18030")(path, CELLS, cells())
    check = the(inspect(path))
    assert check.kind == "sites"
    # rows of the file, not stations
    assert counts(check) == (12, 0, 0)
    assert codes(check, "E") == []
    assert {"kind_told", "columns_unread"} & {notice.code for notice in check.notices}


def test_what_is_wrong_with_a_column_that_a_scenario_could_tell_is_said(tmp_path: Path) -> None:
    head = ("站名", "频段", "经度", "纬度", "状态", "开通日期")
    rows = [
        ("甲", "n41", 120.1201, 33.4201, "", "2020/13/45"),
        ("乙", "n41", 120.1301, 33.4201, "#REF!", ""),
        ("丙", "n41", 120.1401, 33.4201, "", ""),
    ]
    delimited(",", "utf-8")(tmp_path / "a.csv", head, rows)
    check = the(inspect(tmp_path / "a.csv", "sites"))
    assert counts(check) == (1, 2, 0)
    assert codes(check, "E") == ["date_invalid", "excel_error_value"]
    delimited(",", "utf-8")(
        tmp_path / "b.csv",
        ("band", "cut", "angle_deg", "loss_db"),
        [("n41", "horizontal", 0, 0), ("n41", "horizontal", 360, 3)],
    )
    assert codes(the(inspect(tmp_path / "b.csv", "antennas")), "E") == ["duplicate_key"]


def test_rows_that_cannot_be_used_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    rows = [list(map(str, row)) for row in cells()]
    rows[2][5] = "x"
    rows[4][6] = ""
    rows[5][5], rows[5][6] = "0", "0"
    writer = delimited(",", "utf-8")
    writer(path, CELLS, [*rows[:6], [""] * len(CELLS), *rows[6:]])
    check = the(inspect(path))
    assert counts(check) == (9, 3, 1)
    assert set(codes(check, "E")) == {"invalid_number", "missing_coordinate", "near_origin"}
    assert {notice.line for notice in check.notices if notice.severity == "E"} == {4, 6, 7}


@pytest.mark.parametrize("part", TABLES)
def test_the_kind_of_a_table_is_told_by_its_heads(county: Path, part: str) -> None:
    check = the(inspect(county / f"{part}.csv"))
    n_rows = len(lines_of(county / f"{part}.csv")) - 1
    assert check.kind == part
    assert counts(check) == (n_rows, 0, 0)
    assert codes(check) == []


@pytest.mark.parametrize("part", ["boundary", "areas", "roads", "streets", "water"])
def test_the_kind_of_shapes_is_told_by_them_and_their_properties(county: Path, part: str) -> None:
    check = the(inspect(county / f"{part}.geojson"))
    n_features = len(json.loads((county / f"{part}.geojson").read_text("utf-8"))["features"])
    assert (check.kind, counts(check)) == (part, (n_features, 0, 0))
    assert codes(check) == []
    # whatever the file is called
    (county / f"{part}.geojson").rename(county / "x.geojson")
    other = {"streets": "roads"}.get(part, part)
    assert the(inspect(county / "x.geojson")).kind == other


def test_points_of_a_vector_file_are_rows(tmp_path: Path) -> None:
    points = gpd.points_from_xy([120.1, 120.2, 500], [33.3, 33.4, 33.5])
    frame = gpd.GeoDataFrame(
        {"站名": list("甲乙丙"), "方位角": ["0"] * 3}, geometry=points, crs=4326
    )
    frame.to_parquet(tmp_path / "a.parquet")
    check = the(inspect(tmp_path / "a.parquet"))
    assert (check.kind, counts(check)) == ("sites", (2, 1, 0))
    (said,) = [notice for notice in check.notices if notice.severity == "E"]
    assert (said.code, said.feature) == ("coordinate_out_of_range", 3)


def test_what_heads_do_not_tell_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    put(path, ["甲,乙", "1,2"])
    done = command("check", path)
    assert done.returncode == 2
    assert "--kind" in done.stdout
    assert command("check", path, "--kind", "nonsense").returncode == 2
    check = the(inspect(path, "population"))
    assert counts(check) == (0, 1, 0)
    assert set(codes(check, "E")) == {"missing_required_column"}


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    assert codes(the(inspect(tmp_path / "none.csv"))) == ["unreadable_file"]


def test_a_folder_is_looked_at_file_by_file(county: Path) -> None:
    (county / "说明.md").write_text("x", "utf-8")
    (county / "streets.prj").write_text("x", "utf-8")
    looked = inspect(county)
    by_name = {Path(check.path).name: check for check in looked.files}
    for part in TABLES:
        assert by_name[f"{part}.csv"].account.accepted == len(lines_of(county / f"{part}.csv")) - 1
    assert by_name["scenario.yaml"].kind == "scenario"
    (said,) = [notice for notice in looked.notices if notice.code == "files_passed_over"]
    assert all(name in said.zh for name in ("说明.md", "streets.prj", "MANIFEST.csv"))
    (county / "empty").mkdir()
    assert [notice.code for notice in inspect(county / "empty").notices] == ["no_files"]


def test_of_a_scenario_every_input_has_its_rows(county: Path) -> None:
    cell(county / "population.csv", 3, 2, "nan")
    looked = inspect(county / "scenario.yaml")
    assert looked.notices == planner.check(county / "scenario.yaml")
    by_kind = {check.kind: check for check in looked.files}
    assert by_kind["scenario"].account.rows_in == 0
    n_rows = len(lines_of(county / "population.csv")) - 1
    assert counts(by_kind["population"]) == (n_rows - 1, 1, 0)
    assert codes(by_kind["population"], "E") == ["invalid_number"]
    said = sum(len(check.notices) for check in looked.files)
    assert said == len(looked.notices)


def test_json_has_the_rows_and_notices_of_each_file(county: Path) -> None:
    cell(county / "sites.csv", 3, 5, "x")
    done = command("check", county / "sites.csv", county / "towns.csv", "--json")
    assert done.returncode == 2, done.stderr
    files = json.loads(done.stdout)["files"]
    assert [Path(file["path"]).name for file in files] == ["sites.csv", "towns.csv"]
    for file in files:
        assert file["rows_in"] == file["accepted"] + file["rejected"] + file["blank"]
        assert all({"code", "severity", "zh", "en"} <= notice.keys() for notice in file["notices"])
    assert [(file["accepted"], file["rejected"]) for file in files] == [(10, 1), (3, 0)]
    clean = command("check", county / "towns.csv", "--json")
    assert (clean.returncode, clean.stderr) == (0, "")


@pytest.mark.parametrize("way", ["csv", "xlsx", "ods", "json-objects", "parquet"])
def test_the_marked_copy_has_every_row_and_marks_what_is_bad(tmp_path: Path, way: str) -> None:
    suffix, write = WRITERS[way]
    rows = [list(row) for row in cells()]
    rows[1][1] = "=1+1"
    rows[2][5] = 520.0
    rows[3][1] = "https://example.org"
    write(tmp_path / f"a.{suffix}", CELLS, rows)
    out = tmp_path / "marked.xlsx"
    done = command("check", tmp_path / f"a.{suffix}", "--marked", out)
    assert done.returncode == 2, done.stderr

    book = openpyxl.load_workbook(out)
    table = list(book.active.iter_rows())
    texts = [[cell.value or "" for cell in row[: len(CELLS)]] for row in table]
    assert texts[0] == list(CELLS)
    assert [row[1:5] for row in texts[1:]] == [[str(cell) for cell in row[1:5]] for row in rows]
    assert not any(cell.data_type == "f" or cell.hyperlink for row in table for cell in row)
    filled = {(cell.row, cell.column) for row in table[1:] for cell in row if cell.fill.fill_type}
    assert filled == {(4, 6), (4, len(CELLS) + 2)}
    said = table[3][len(CELLS) + 1].value
    assert "超出经纬度" in said and "coordinate_out_of_range" in said


def test_every_cell_of_a_finding_about_many_is_marked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One finding tells of all unknown heights, and only so many of a kind are kept."""
    monkeypatch.setattr(layer_findings, "KEPT", 1)
    heights = ["9999", "30", "0", "-1", "30"]
    azimuths = ["0", "400", "90", "120", "west"]
    rows = [
        f"s{i},120.12{i}1,33.42{i}1,{height},{azimuth}\n"
        for i, (height, azimuth) in enumerate(zip(heights, azimuths, strict=True))
    ]
    path = tmp_path / "sites.csv"
    path.write_text("站名,经度,纬度,挂高(m),方位角\n" + "".join(rows), encoding="utf-8")

    data, said = marked_copy(inspect(path).files)

    table = list(openpyxl.load_workbook(io.BytesIO(data)).active.iter_rows(min_row=2))
    filled = {(i, c.column) for i, row in enumerate(table) for c in row if c.fill.fill_type}
    assert not said
    assert {i for i, column in filled if column == 4} == {0, 2, 3}
    assert {i for i, column in filled if column == 5} == {1, 4}
    told = [row[-1].value or "" for row in table]
    assert all("sentinel_value" in told[i] for i in (0, 3)) and "height_unusable" in told[2]
    assert all("azimuth_invalid" in told[i] for i in (1, 4))


def test_points_without_a_crs_are_counted_and_left_to_the_scenario(tmp_path: Path) -> None:
    places = gpd.points_from_xy([120.1, 120.2], [33.4, 33.5], crs="EPSG:4326")
    gpd.GeoDataFrame({"name": ["a", "b"]}, geometry=places).to_file(tmp_path / "sites.shp")
    (tmp_path / "sites.prj").write_text("http://localhost/prj")

    (check,) = inspect(tmp_path / "sites.shp", "sites").files

    assert (check.account.rows_in, check.account.accepted) == (2, 2)
    assert [notice.code for notice in check.notices] == ["left_to_scenario"]


@pytest.mark.parametrize(
    "geo",
    [
        b'{"primary_column": "gone", "columns": {}}',
        b'{"primary_column": "gone", "columns": {"gone": {"encoding": "WKB"}}}',
        b'{"primary_column": "name", "columns": ["name"]}',
        b'{"primary_column": "name", "columns": {"name": "WKB"}}',
    ],
)
def test_hostile_metadata_of_parquet_are_a_notice(tmp_path: Path, geo: bytes) -> None:
    table = pa.table({"name": ["a"], "lon": [120.1]}, metadata={b"geo": geo})
    parquet.write_table(table, tmp_path / "sites.parquet")

    (check,) = inspect(tmp_path / "sites.parquet", "sites").files

    assert [notice.code for notice in check.notices] == ["unsupported_format"]


def test_what_is_no_table_is_not_copied(county: Path) -> None:
    out = county / "marked.xlsx"
    done = command("check", county / "areas.geojson", "--kind", "areas", "--marked", out)
    assert done.returncode == 2
    assert "not_a_table" in done.stdout
    assert not out.exists()


@pytest.mark.parametrize("whole", ["", "scenario.yaml"])
def test_every_table_of_a_folder_or_scenario_has_a_sheet_of_the_copy(
    county: Path, whole: str
) -> None:
    for name, row in (("sites.csv", 3), ("towns.csv", 1)):
        lines = lines_of(county / name)
        cells = lines[row].split(",")
        cells[3 if name == "towns.csv" else 5] = "-x"
        put(county / name, [*lines[:row], ",".join(cells), *lines[row + 1 :]])

    data, (said,) = marked_copy(inspect(county / whole).files)

    book = openpyxl.load_workbook(io.BytesIO(data))

    tables = {"towns.csv", "landmarks.csv", "population.csv", "sites.csv"}
    assert set(book.sheetnames) - {"MANIFEST.csv"} == tables
    marked = [
        (sheet.title, cell.coordinate)
        for sheet in book
        for row in sheet.iter_rows(min_row=2)
        for cell in row[:-2]
        if cell.fill.fill_type
    ]
    assert sorted(marked) == [("sites.csv", "F4"), ("towns.csv", "D2")]
    assert said.code == "not_copied"
    assert "areas.geojson" in said.en


# figures out of proportion


@pytest.mark.parametrize(("times", "factor"), [(10, "10"), (0.0001, "1e+04"), (100, "100")])
def test_people_tenfold_are_questioned(county: Path, times: float, factor: str) -> None:
    path = county / "population.csv"
    head, *rows = (line.split(",") for line in lines_of(path))
    people = [[*row[:2], f"{float(row[2]) * times:g}", row[3]] for row in rows]
    put(path, [",".join(row) for row in (head, *people)])
    by_kind = {check.kind: check for check in inspect(county / "scenario.yaml").files}
    (said,) = [n for n in by_kind["population"].notices if n.code == "people_out_of_proportion"]
    assert factor in said.en
    assert said.severity == "W"


@pytest.mark.parametrize(
    ("heights", "is_feet"),
    [
        ([98, 115, 82, 148, 108, 98, 131, 95], True),
        ([100, 120, 95, 150, 110, 90], True),
        ([30, 35, 25, 45, 33, 18, 12], False),
        ([65, 70, 62, 75, 68, 71, 64], False),
        ([98, 115], False),
    ],
)
def test_heights_in_feet_are_questioned(tmp_path: Path, heights: list[int], is_feet: bool) -> None:
    rows = [("甲", 120.13 + i / 100, 33.35, "铁塔", height) for i, height in enumerate(heights)]
    path = tmp_path / "a.csv"
    delimited(",", "utf-8")(path, ("站名", "经度", "纬度", "站址类型", "挂高"), rows)
    check = the(inspect(path, "sites"))
    assert ("unit_suspected" in codes(check)) == is_feet


def test_any_damage_is_accounted_for(county: Path) -> None:
    """Whatever cells are damaged: exit 0 or 2, and every row is accepted, rejected or blank."""
    dice = random.Random(11)
    odd = ["", "x", "0", "-1", "9" * 400, "nan", "#REF!", "120°7′", "１", "=1", "a,b", '"', "1e999"]
    path = county / "sites.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        before = list(csv.reader(stream))
    for _ in range(30):
        rows = [list(row) for row in before]
        for _ in range(dice.randint(1, 12)):
            row = rows[dice.randrange(1, len(rows))]
            row[dice.randrange(len(row))] = dice.choice(odd)
        xlsx(county / "damaged.xlsx", rows[0], rows[1:])
        check = the(inspect(county / "damaged.xlsx", "sites"))
        assert check.account.rows_in == len(before) - 1
        named = {notice.line for notice in check.notices if notice.severity in "EW"}
        is_whole = any(notice.severity == "E" and notice.line is None for notice in check.notices)
        assert is_whole or check.account.rejected <= len(named)
    edit(county / "scenario.yaml", "sites.csv", "damaged.xlsx")
    assert command("check", county / "scenario.yaml").returncode in (0, 2)


def test_what_is_said_of_a_copy_is_no_part_of_the_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_toy_county(tmp_path)
    with pytest.raises(typer.Exit):
        cli.check([tmp_path / "roads.geojson"], as_json=True, marked=tmp_path / "marked.xlsx")
    told = capsys.readouterr()
    assert json.loads(told.out)["files"]
    assert "not_a_table" in told.err
