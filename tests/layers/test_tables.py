"""Every table format holds every kind of table; sheet and head are found, no row is lost."""

from __future__ import annotations

import csv
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from planner.errors import Notice
from planner.layers import look_at_layers, read_layers
from planner.layers.files import TABLES, open_source
from planner.layers.findings import Findings
from planner.layers.formats import Remarks, looks, workbooks
from planner.layers.notices import NOTICES
from planner.layers.quantities import plain, read_amount, read_angle
from planner.layers.tables import Table, numbers, read_table
from planner.scenario import InputFile, Scenario
from tests import writers
from tests.toy import degrees, write_toy_county
from tests.writers import WRITERS, Row

HEAD = ("site_id", "name", "lon", "lat", "height_m")
ROWS = (
    ("A-001", "站甲", 120.139145, 33.349051, 33),
    ("A-002", "站“乙”，二", 120.1685, 33.3443, 41.5),
    ("A-003", "丙", 120.15, 33.36, ""),
)
KINDS = ("towns", "landmarks", "population", "sites", "candidates", "antennas")


def cell_of(text: str) -> Any:
    """A cell of the county's tables as a program that has types holds it."""
    try:
        number = float(text)
    except ValueError:
        return text
    return int(number) if number.is_integer() and "." not in text else number


def opened(
    path: Path, *may: str, need: tuple[str, ...] = ("lon", "lat"), **said: Any
) -> tuple[Table | None, Findings]:
    findings = Findings(NOTICES)
    entry = InputFile(file=path.name, **said)
    source = open_source(path.parent, path.name, TABLES, findings, entry=entry)
    assert source is not None, [str(notice) for notice in findings.notices]
    return read_table(source, findings, need, may), findings


def found(findings: Findings) -> dict[str, Notice]:
    return {notice.code: notice for notice in findings.notices}


def read(path: Path, **said: Any) -> tuple[Table, dict[str, Notice]]:
    table, findings = opened(path, "site_id", "name", "height_m", **said)
    assert table is not None, [str(notice) for notice in findings.notices]
    return table, found(findings)


def column(path: Path, field: str, *, is_degrees: bool = False) -> tuple[list[float], list[str]]:
    """A column as numbers, and the codes of what was said."""
    table, findings = opened(path, field, need=())
    assert table is not None
    values = numbers(table, field, findings, blank=True, degrees=is_degrees).tolist()
    return values, [notice.code for notice in findings.notices if notice.code != "columns_unread"]


# formats


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """The county with a table of every kind, and its layers."""
    folder = tmp_path_factory.mktemp("county")
    write_toy_county(folder, inputs={"candidates": "candidates.csv", "antennas": "antennas.csv"})
    places = [(*degrees(2.0 + 0.3 * i, 3.1), "roof", 20 + i) for i in range(4)]
    cuts = [
        ("n41", cut, angle, abs(angle) / 10)
        for cut in ("horizontal", "vertical")
        for angle in (-90, 0, 90)
    ]
    for name, head, rows in (
        ("candidates", ("lon", "lat", "site_type", "height_m"), places),
        ("antennas", ("band", "cut", "angle_deg", "loss_db"), cuts),
    ):
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([head, *rows])
    return folder, read_layers(Scenario.from_file(folder / "scenario.yaml"))


@pytest.mark.parametrize("way", WRITERS)
def test_every_kind_of_table_is_the_same_in_every_format(
    county: tuple[Path, Any], way: str, tmp_path: Path
) -> None:
    folder, before = county
    case = Path(shutil.copytree(folder, tmp_path / "case"))
    suffix, write = WRITERS[way]
    names = {kind: f"{kind}-as.{suffix}" for kind in KINDS}
    for kind, name in names.items():
        with (case / f"{kind}.csv").open(encoding="utf-8", newline="") as stream:
            head, *rows = csv.reader(stream)
        write(case / name, head, [[cell_of(cell) for cell in row] for row in rows])

    scenario = Scenario.from_file(case / "scenario.yaml").replace(inputs=names)
    after, findings, _ = look_at_layers(scenario)
    assert after is not None, [str(notice) for notice in findings.notices]
    for kind in KINDS:
        left, right = getattr(before, kind), getattr(after, kind)
        columns = [name for name in left.columns if name not in ("geometry", "basis", "source")]
        assert len(left), kind
        pd.testing.assert_frame_equal(
            pd.DataFrame(left[columns]), pd.DataFrame(right[columns]), check_dtype=False
        )
        account = findings.account(names[kind])
        assert (account.accepted, account.rejected, account.blank) == (len(left), 0, 0), kind


@pytest.mark.office
@pytest.mark.parametrize("suffix", ["xls", "ods"])
def test_what_an_office_writes_is_read_the_same(tmp_path: Path, suffix: str) -> None:
    writers.xlsx(tmp_path / "a.xlsx", HEAD, ROWS)
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    book.active.merge_cells("B2:B3")
    book.active.row_dimensions[4].hidden = True
    book.save(tmp_path / "a.xlsx")
    command = ["soffice", "--headless", "--convert-to", suffix, "--outdir", tmp_path]
    subprocess.run([*command, tmp_path / "a.xlsx"], check=True, capture_output=True)
    table, said = read(tmp_path / f"a.{suffix}")
    assert table.text("name").tolist() == ["站甲", "站甲", "丙"]
    assert table.text("lon").tolist() == ["120.139145", "120.1685", "120.15"]
    assert said["merged_cells"].line == 3
    assert said["hidden_rows"].line == 4


@pytest.mark.parametrize("way", ["xlsx", "xls", "xlsb", "ods", "parquet", "json-objects"])
def test_texts_and_numbers_of_a_format_with_types_come_as_they_are_written(
    tmp_path: Path, way: str
) -> None:
    suffix, write = WRITERS[way]
    write(tmp_path / f"a.{suffix}", HEAD, ROWS)
    table, _ = read(tmp_path / f"a.{suffix}")
    assert table.frame.to_numpy().tolist() == [[str(cell) for cell in row] for row in ROWS]


def test_an_ods_of_repeated_cells_over_the_limit_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.ods"
    writers.ods(path, HEAD, ROWS)
    cell = '<table:table-cell office:value-type="string" {}><text:p>x</text:p></table:table-cell>'
    wide = cell.format('table:number-columns-repeated="16384"')
    rows = f'<table:table-row table:number-rows-repeated="1000000">{wide}</table:table-row>'
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("content.xml", writers.ods_content(rows))
    findings = Findings(NOTICES)
    source = open_source(tmp_path, path.name, TABLES, findings)
    assert source is not None
    assert source.read(findings) is None
    assert found(findings)["table_too_large"].column == "XFD1000000"


def test_cells_far_apart_in_a_binary_workbook_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsb"
    writers.xlsb(path, ["x"], [["y"], *[[""]] * 3])
    far = writers.record(0, (1_048_575).to_bytes(4, "little") + bytes(14))
    far += writers.record(5, (16_383).to_bytes(4, "little") + bytes(12))
    parts = {}
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    end = writers.record(146)
    parts["xl/worksheets/sheet1.bin"] = parts["xl/worksheets/sheet1.bin"].replace(end, far + end)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    findings = Findings(NOTICES)
    source = open_source(tmp_path, path.name, TABLES, findings)
    assert source is not None
    assert source.read(findings) is None
    assert found(findings)["table_too_large"].column == "XFD1048576"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"a": 1, "b": [1, 2]}', "unsupported_format"),
        ('{"lon": [1, 2], "lat": [1]}', "unsupported_format"),
        ('[{"lon": 120.1, "lat": NaN}]', "truncated_file"),
        ('[{"lon": 120.1, "lat": 3', "truncated_file"),
        ("[]", "empty_file"),
        ('[{"lon": 120.1}] [', "truncated_file"),
    ],
)
def test_json_that_holds_no_table_is_named(tmp_path: Path, text: str, code: str) -> None:
    (tmp_path / "a.json").write_text(text, encoding="utf-8")
    table, findings = opened(tmp_path / "a.json")
    assert table is None
    assert code in found(findings)


def test_a_parquet_that_is_cut_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    writers.parquet(path, HEAD, ROWS)
    path.write_bytes(path.read_bytes()[:-20])
    table, findings = opened(path)
    assert table is None
    assert list(found(findings)) == ["truncated_file"]


# sheets and heads


def book_of(path: Path, **sheets: list[Row]) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    book.save(path)
    return book


CELLS = ("ENODEBID", "ENODEB_NAME", "LONGITUDE", "LATITUDE", "AZIMUTH", "HEIGHT")
ZH_CELLS = ("基站ID", "基站名称", "经度", "纬度", "方向角", "天线挂高(m)")
CELL_ROWS = (
    ("880100", "测试站01", 120.139145, 33.349051, 0, 33),
    ("880104", "测试站05", 120.113375, 33.366019, "全向", 12),
    ("880108", "测试站09", 120.166469, 33.396863, 0, "楼顶"),
)


@pytest.mark.parametrize(
    ("heads", "delimiter", "encoding", "guess"),
    [
        (CELLS, ",", "utf-8", ""),
        (ZH_CELLS, ",", "gb18030", "gb18030"),
        (ZH_CELLS, "\t", "utf-16-le", "utf-16-le"),
    ],
)
def test_a_table_of_cells_is_read_in_its_letters(
    tmp_path: Path, heads: Row, delimiter: str, encoding: str, guess: str
) -> None:
    path = tmp_path / "cells.txt"
    writers.delimited(delimiter, encoding)(path, heads, CELL_ROWS)
    table, findings = opened(path, "height_m", "azimuths_deg")
    assert table is not None
    assert [table.header(field) for field in ("lon", "azimuths_deg", "height_m")] == [
        heads[2],
        heads[4],
        heads[5],
    ]
    assert table.text("azimuths_deg").tolist() == ["0", "全向", "0"]
    said = found(findings)
    assert ("encoding_guessed" in said) == bool(guess)
    assert guess in (said["encoding_guessed"].en if guess else "")
    assert heads[0] in said["columns_unread"].en
    assert findings.account(path.name).rows_in == 3


def test_the_sheet_is_known_by_its_heads_below_a_title_and_above_units(tmp_path: Path) -> None:
    path = tmp_path / "sites.xlsx"
    head = ("序号", "站名", "归属", "频段", "经度", "纬度")
    rows: list[Row] = [("亭湖区5G站址现状表（2020年9月）",), head]
    rows += [(None, None, None, "GHz", "度", "度"), (1, "楼1", "移动", 2.6, "120.16", "33.36")]
    book = book_of(path, 说明=[("本表为测试",)], 站址=rows)
    book["站址"].merge_cells("A1:F1")
    book.save(path)
    table, findings = opened(path, "name", "band")
    assert table is not None
    said = found(findings)
    assert (said["multiple_sheets"].sheet, said["multiple_sheets"].severity) == ("站址", "I")
    assert said["header_row_guessed"].line == 2
    assert said["unit_row"].line == 3
    assert "merged_cells" not in said
    assert table.frame.index.tolist() == [4]
    assert table.text("name").tolist() == ["楼1"]
    assert table.units == {"频段": "ghz", "经度": "度", "纬度": "度"}


def test_two_sheets_with_the_same_heads_are_asked_about(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    rows = [HEAD, *ROWS]
    book_of(path, 一期=rows, 二期=[HEAD, ROWS[2]])
    table, said = read(path)
    assert len(table.frame) == 3
    assert said["multiple_sheets"].severity == "W"
    assert "二期" in said["multiple_sheets"].zh
    table, said = read(path, layer="二期")
    assert (len(table.frame), "multiple_sheets" in said) == (1, False)
    nothing, findings = opened(path, layer="三期")
    assert nothing is None
    assert "一期" in found(findings)["layer_unknown"].zh


def test_a_hidden_sheet_is_read_only_where_no_other_will_do(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = book_of(path, 旧=[(*HEAD, "band"), (*ROWS[0], "n41")], 新=[HEAD, ROWS[1]])
    book["旧"].sheet_state = "hidden"
    book.active = 1
    book.save(path)
    table, said = read(path)
    assert table.text("site_id").tolist() == ["A-002"]
    assert "hidden_sheet" not in said
    table, said = read(path, layer="旧")
    assert table.text("site_id").tolist() == ["A-001"]
    assert said["hidden_sheet"].severity == "W"


GROUPED = ("", "", "规划", "", "", "需求", "")
SUBHEADS = ("site_id", "name", "经度", "纬度", "挂高", "经度", "纬度")


@pytest.mark.parametrize("is_merged", [True, False])
def test_groups_above_the_heads_tell_two_of_a_name_apart(tmp_path: Path, is_merged: bool) -> None:
    path = tmp_path / "a.xlsx"
    data = ("A", "甲", 120.1, 33.1, 30, 120.2, 33.2)
    book = book_of(path, a=[GROUPED, SUBHEADS, data])
    if is_merged:
        book["a"].merge_cells("C1:E1")
        book["a"].merge_cells("F1:G1")
    book.save(path)
    table, findings = opened(path, "demand_lat", need=("demand_lon",))
    assert table is not None
    assert table.text("demand_lon").tolist() == ["120.2"]
    assert table.text("demand_lat").tolist() == ["33.2"]
    assert found(findings)["two_header_rows"].line == 2


def test_heads_merged_over_two_rows_stand_beside_those_below_a_group(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = book_of(
        path,
        a=[
            ("名单",),
            ("site_id", "站名", "位置", None, "挂高"),
            (None, None, "经度", "纬度", None),
            ("A", "甲", 120.1, 33.1, 30),
        ],
    )
    for cells in ("A1:E1", "A2:A3", "B2:B3", "C2:D2", "E2:E3"):
        book["a"].merge_cells(cells)
    book.save(path)
    table, said = read(path)
    assert table.frame.index.tolist() == [4]
    assert [table.text(field).tolist() for field in ("site_id", "name", "lat", "height_m")] == [
        ["A"],
        ["甲"],
        ["33.1"],
        ["30"],
    ]
    assert "merged_cells" not in said


def test_a_merged_block_fills_its_rows_and_a_line_across_the_table_does_not(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.xlsx"
    rows = [HEAD, *ROWS, ("以下为二期", None, None, None, None), *ROWS]
    book = book_of(path, a=rows)
    book["a"]["B3"] = None
    book["a"].merge_cells("B2:B3")
    book["a"].merge_cells("A5:E5")
    book.save(path)
    table, said = read(path)
    assert table.text("name").tolist()[:2] == ["站甲", "站甲"]
    assert table.frame.loc[5].tolist() == ["以下为二期", "", "", "", ""]
    assert (said["merged_cells"].line, "1 行" in said["merged_cells"].zh) == (3, True)


def test_hidden_rows_are_read_and_said(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = book_of(path, a=[HEAD, *ROWS])
    book["a"].row_dimensions[3].hidden = True
    book.save(path)
    table, said = read(path)
    assert len(table.frame) == 3
    assert (said["hidden_rows"].line, said["hidden_rows"].severity) == (3, "W")


@pytest.mark.parametrize("is_short", [False, True])
def test_an_old_workbook_tells_hidden_rows_and_errors(tmp_path: Path, is_short: bool) -> None:
    rows = [("A", "#REF!", "#N/A", 33.1, "#DIV/0!"), *ROWS[1:]]
    writers.xls(tmp_path / "a.xls", HEAD, rows, hidden=[3], is_short=is_short)
    table, findings = opened(tmp_path / "a.xls", "name")
    assert table is not None
    assert table.frame.loc[2].tolist() == ["A", "", "#N/A", "33.1", "#DIV/0!"]
    assert (found(findings)["hidden_rows"].line, found(findings)["hidden_rows"].sheet) == (3, "表")
    assert np.isnan(numbers(table, "lon", findings)[0])
    errors = [n for n in findings.notices if n.code == "excel_error_value"]
    assert [(n.severity, n.line, n.column, n.value) for n in errors] == [
        ("W", 2, "name", "#REF!"),
        ("E", 2, "lon", "#N/A"),
    ]


def test_the_corner_of_an_old_workbook_is_looked_at_before_it_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbooks, "MAX_CELLS", 19)
    writers.xls(tmp_path / "a.xls", HEAD, ROWS)
    remarks = Remarks()
    assert workbooks.read_workbook(tmp_path / "a.xls", remarks) is None
    assert remarks == [("table_too_large", {"column": "E4", "cells": 20, "limit": 19})]


def test_rows_that_are_not_meant_are_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    writers.delimited(",", "utf-8")(path, HEAD, ROWS)
    table, findings = opened(path, where={"Name": ("站甲", "丙")})
    assert table is not None
    assert table.frame.index.tolist() == [2, 4]
    assert findings.account("a.csv").rows_in == 2
    for where, have in (({"name": ("丁",)}, "站甲"), ({"市": ("甲",)}, "site_id")):
        nothing, findings = opened(path, where=where)
        assert nothing is None
        assert have in found(findings)["where_unknown"].zh


# rows


def test_every_row_is_accepted_rejected_or_blank(tmp_path: Path) -> None:
    write_toy_county(tmp_path)
    path = tmp_path / "sites.csv"
    head, *rows = path.read_text(encoding="utf-8").splitlines()
    rows[1] = rows[1].replace("120.", "12x.")  # no number
    rows[3] = rows[3].rsplit(",", 1)[0]  # too short
    rows[4] = rows[5]  # twice
    rows[7] = rows[7].replace("120.", "121.")  # outside
    path.write_text("\n".join([head, *rows[:6], "", "", *rows[6:], ",,,,,,", ""]), "utf-8")
    _, findings, _ = look_at_layers(Scenario.from_file(tmp_path / "scenario.yaml"))
    account = findings.account("sites.csv")
    assert (account.rows_in, account.accepted, account.rejected, account.blank) == (13, 7, 4, 2)
    people = findings.account("population.csv")
    assert (people.accepted, people.rejected, people.blank) == (people.rows_in, 0, 0)


def test_a_file_that_cannot_be_used_accepts_no_row(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    writers.delimited(",", "utf-8")(path, ("name", "lon"), [("甲", 1), ("乙", 2)])
    table, findings = opened(path)
    assert table is None
    account = findings.account("a.csv")
    assert (account.rows_in, account.accepted, account.rejected) == (2, 0, 2)
    assert found(findings)["missing_required_column"].line == 1


def test_a_column_that_is_not_read_is_named_with_the_nearest(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    writers.delimited(",", "utf-8")(
        path, (*HEAD, "heigth", "空"), [(*row, "3", "") for row in ROWS]
    )
    table, findings = opened(path, "height_m", "name", "site_id", "accuracy_m")
    assert table is not None
    (one,) = [notice for notice in findings.notices if notice.code == "columns_unread"]
    assert "heigth" in one.zh
    assert "空" not in one.zh
    writers.delimited(",", "utf-8")(path, ("lon", "lat", "heigth"), [(120.1, 33.1, 3)])
    _, findings = opened(path, "height_m")
    assert "nearest: height" in found(findings)["columns_unread"].en


# numbers


@pytest.mark.parametrize(
    ("field", "head", "cells", "values", "said"),
    [
        ("height_m", "挂高", ["35m", "35米", "35 M", "35"], [35, 35, 35, 35], "number_read"),
        ("height_m", "挂高（英尺）", ["100", "30米"], [30.48, 30], "number_read"),
        ("people", "人口", ["1.2万", "3,400", "5000人", "１２００"], [12000, 3400, 5000, 1200], ""),
        ("people", "常住人口（万人）", ["1.2", "0.05"], [12000, 500], "number_read"),
        ("people", "人口", ["3,400", "1,200,000"], [3400, 1_200_000], "number_read"),
        ("height_m", "挂高", ["3,5", "12", "1.234,5"], [3.5, 12, 1234.5], "number_read"),
        ("height_m", "挂高", ["33,7,1"], [None], "invalid_number"),
        ("height_m", "挂高", ["3,5", "12.5"], [None, 12.5], "invalid_number"),
        ("height_m", "挂高", ["35dBm"], [None], "invalid_number"),
        ("height_m", "挂高", ["−35"], [-35], ""),
        ("height_m", "挂高", ["约35"], [None], "invalid_number"),
    ],
)
def test_numbers_are_read_as_they_are_meant(
    tmp_path: Path, field: str, head: str, cells: list[str], values: list[float], said: str
) -> None:
    writers.delimited("\t", "utf-8")(
        tmp_path / "a.tsv", ("name", head), [("x", cell) for cell in cells]
    )
    numbers_, codes = column(tmp_path / "a.tsv", field)
    expected = [pytest.approx(value) if value is not None else None for value in values]
    assert [None if number != number else number for number in numbers_] == expected
    assert not said or said in codes


def test_a_comma_that_could_part_thousands_is_what_it_is_in_the_other_columns(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("lon;people\n120,13;3,400\n120,1452;1,200\n", "utf-8")
    assert column(path, "people")[0] == [3.4, 1.2]
    path.write_text("lon;people\n120.13;3,400\n120.1452;1,200\n", "utf-8")
    assert column(path, "people")[0] == [3400, 1200]
    path.write_text("lon;people\n120,130;3\n120,145;1\n", "utf-8")
    assert column(path, "lon", is_degrees=True)[0] == [120.13, 120.145]


WAYS = (
    "120°7′50.1″", "120°07'50.1\"", "E120°07′50.1″", "120°7'50.1''E", "东经120度7分50.1秒",
    "120度7分50.1秒（E）".replace("（E）", "E"), "120:07:50.1", "120 07 50.1", "120-07-50.1",
    "120d07m50.1s", "120º7’50.1”", "120°7.835′", "１２０°７′５０．１″", "120.13058°", "E 120.13058",
    "120.13058", "东经：120.13058°",
)  # fmt: skip


@pytest.mark.parametrize("text", WAYS)
def test_degrees_are_read_in_every_way_to_write_them(text: str) -> None:
    number = read_angle(plain(text), 0)
    assert number is not None
    assert number.value == pytest.approx(120.13058333, abs=1e-5)


@pytest.mark.parametrize(
    ("text", "axis"),
    [
        ("120°70′50″", 0), ("120°7′60″", 0), ("北纬33°22′16″", 0), ("E120°7′", 1),
        ("120°7′5″E5", 0), ("E120E", 0), ("-120W", 0), ("120°7.5′50″", 0), ("", 0),
        ("1200750.1", 0), ("7:50", 0),
    ],
)  # fmt: skip
def test_what_is_no_angle_is_none(text: str, axis: int) -> None:
    assert read_angle(plain(text), axis) is None


@given(
    d=st.integers(0, 179),
    m=st.integers(0, 59),
    tenths=st.integers(0, 599),
    way=st.sampled_from(["{d}°{m}′{s}″", "{d}°{m:02}'{s}\"", "{d}度{m}分{s}秒", "{d}:{m:02}:{s}"]),
    side=st.sampled_from(["", "E", "W", "东经", "西"]),
    is_before=st.booleans(),
)
def test_degrees_come_back_from_every_notation(
    d: int, m: int, tenths: int, way: str, side: str, is_before: bool
) -> None:
    text = way.format(d=d, m=m, s=tenths / 10)
    number = read_angle(plain(f"{side}{text}" if is_before else f"{text}{side}"), 0)
    assert number is not None
    degrees_ = (d + m / 60 + tenths / 36000) * (-1 if side in ("W", "西") else 1)
    assert number.value == pytest.approx(degrees_, abs=1e-9)


@given(
    value=st.decimals(0, 10**7, places=3, allow_nan=False),
    unit=st.sampled_from([("", 1), ("米", 1), ("km", 1000), (" m", 1)]),
    is_parted=st.booleans(),
)
def test_numbers_come_back_from_every_way_to_write_them(
    value: Any, unit: tuple[str, int], is_parted: bool
) -> None:
    units = {"m": 1.0, "米": 1.0, "km": 1000.0}
    text = f"{value:,}" if is_parted else f"{value}"
    number = read_amount(plain(f"{text}{unit[0]}"), units)
    assert number is not None
    assert number.value == pytest.approx(float(value) * unit[1], rel=1e-12, abs=1e-9)


@given(st.text(max_size=40))
def test_any_text_is_a_number_or_none(text: str) -> None:
    for comma in (False, True):
        for number in (
            read_amount(plain(text), {"m": 1.0}, comma=comma),
            read_angle(plain(text), 1, comma=comma),
        ):
            assert number is None or number.value == number.value


def test_what_a_workbook_says_of_itself_is_read_in_pieces_of_any_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet()
        for row in range(200):
            sheet.set_row(row, None, None, {"hidden": row % 3 == 0})
            sheet.write_formula(row, 0, "=1/0", None, "#DIV/0!")
            sheet.write_string(row, 1, "x" * row)

    def look() -> Any:
        with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
            return next(look for look in looks.look_into(archive) if look.name)

    whole = look()
    assert whole.errors == {line: {0: "#DIV/0!"} for line in range(1, 201)}
    for size in (500, 777, 1024):
        monkeypatch.setattr(looks, "_CHUNK", size)
        assert look() == whole
