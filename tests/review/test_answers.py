"""Reading what comes back: every kind of finding planted, and places, days and words."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from planner.layers import read_layers
from planner.model import Layers
from planner.review import Answers, Statement, read_answers
from planner.review.notices import RETURNED
from planner.scenario import Scenario
from tests.toy import write_toy_county

ID = "SFBC71A0RHZ-T-N78"
PLACE = {"经度": "120.13", "纬度": "33.43"}


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> tuple[Scenario, Layers]:
    scenario = Scenario.from_file(write_toy_county(tmp_path_factory.mktemp("county")))
    return scenario, read_layers(scenario)


OWN, OTHER, OLD = "0123456789ab", "ba9876543210", "0123456789abcdef"
"""方案编号 of the plan and of another one; what pages wrote before there was one."""


def read(
    county: tuple[Scenario, Layers], *paths: Path, known: frozenset[str] = frozenset()
) -> Answers:
    return read_answers(paths, *county, known=known, plan_key=OWN)


def write(path: Path, *rows: dict[str, Any], above: str = "") -> Path:
    heads = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        stream.write(above)
        writer = csv.DictWriter(stream, heads)
        writer.writeheader()
        writer.writerows(rows)
    return path


def marks(path: Path, *rows: Any, **tree: Any) -> Path:
    head = {"format": "planner-review", "version": 1, "datum": "WGS-84", "marks": list(rows)}
    path.write_text(json.dumps({**head, **tree}, ensure_ascii=False), encoding="utf-8")
    return path


def mark(**values: Any) -> dict[str, Any]:
    return {
        "id": "甲#1",
        "kind": "object",
        "station_id": ID,
        "lon": 120.13,
        "lat": 33.43,
        "reason": "",
        "note": "",
        "reviewer": "甲",
        **values,
    }


def table(answers: Answers) -> pd.DataFrame:
    """The statements that were read, a row each."""
    return pd.DataFrame(answers.rows, columns=Statement._fields)


def found(answers: Answers) -> dict[str, int | None]:
    return {notice.code: notice.line for notice in answers.notices}


def test_every_kind_of_finding_is_planted(county: tuple[Scenario, Layers], tmp_path: Path) -> None:
    titled = write(tmp_path / "a.csv", {"规划编号": ID, **PLACE}, above="5G站址反馈表\n")
    dated = write(tmp_path / "b_WGS84.csv", {"规划编号": ID, "开通日期": "2020-02-30"})
    torn = write(tmp_path / "c_GCJ02.csv", {"规划编号": ID, **PLACE, "坐标系": "WGS84"})
    again = Path(shutil.copy(dated, tmp_path / "d_WGS84.csv"))
    broken = marks(
        tmp_path / "e.json", mark(kind="veto"), mark(kind="comment", area=[[120.1, 33.4]])
    )
    foreign = marks(tmp_path / "f.json", format="other")
    elsewhere = marks(tmp_path / "g.json", mark(plan=OTHER))
    answers = read(county, titled, dated, torn, again, broken, foreign, elsewhere)
    assert set(RETURNED) <= set(found(answers))
    assert found(answers)["date_invalid"] == 2
    assert found(answers)["header_row_guessed"] == 2
    for notice in answers.notices:
        assert notice.file and notice.zh and notice.en


def test_answers_to_another_plan_are_named_and_used(
    county: tuple[Scenario, Layers], tmp_path: Path
) -> None:
    keys = (OWN, OTHER, OTHER.upper(), "", "1.23E+11")
    rows = [{"规划编号": ID, "备注": str(i), "方案编号": key} for i, key in enumerate(keys)]
    listed = write(tmp_path / "a_WGS84.csv", *rows)
    page = marks(tmp_path / "b.json", mark(plan=OWN), mark(plan=OTHER), plan=OWN)
    answers = read(county, listed, page)
    assert len(answers.rows) == 7
    named = [notice for notice in answers.notices if notice.code == "other_plan"]
    assert [notice.file for notice in named] == [listed.name, page.name]
    for notice, count in zip(named, (2, 1), strict=True):
        assert notice.severity == "W"
        assert f"{count} 条" in notice.zh
        assert all(key in said for key in (OWN, OTHER) for said in (notice.zh, notice.en))


def test_marks_that_were_saved_before_plans_had_keys_are_read(
    county: tuple[Scenario, Layers], tmp_path: Path
) -> None:
    answers = read(county, marks(tmp_path / "a.json", mark(plan=OLD), mark(), plan=OLD))
    assert len(answers.rows) == 2
    assert answers.notices == ()


def test_rows_and_marks_come_to_the_same_columns(
    county: tuple[Scenario, Layers], tmp_path: Path
) -> None:
    listed = write(
        tmp_path / "反馈_WGS84.csv",
        {
            "规划编号": ID,
            **PLACE,
            "审核状态": "选址困难，提变更",
            "不通过原因": " 业主 不同意 ",
            "约定交付时间": "2021年3月1日",
            "经纬度偏移距离（米）": "12.5",
            "所处状态": "",
            "备注": "'=1+1",
        },
        {"规划编号": ID, "审核状态": "", "所处状态": "已开通", "备注": ""},
    )
    page = marks(
        tmp_path / "marks.json", mark(note="太近"), mark(kind="propose", lon=120.1401, id="甲#2")
    )
    rows = table(read(county, listed, page))
    assert rows["verdict"].tolist() == [
        "refuse",
        "",
        "refuse",
        "",
    ]  # files in the order of their names
    by_line = rows[rows["file"] == listed.name].set_index("line")
    assert by_line.loc[2, ["lon", "lat", "offset_m", "due_on", "opened_on"]].tolist() == [
        120.13,
        33.43,
        12.5,
        "2021-03-01",
        "",
    ]
    assert by_line.loc[2, ["reason", "note", "reviewer"]].tolist() == [
        "业主 不同意",
        "=1+1",
        "反馈_WGS84",
    ]
    assert by_line["is_open"].tolist() == [False, True]
    of_page = rows[rows["file"] == page.name].set_index("line")
    assert of_page["lon"].isna().tolist() == [True, False]
    assert of_page.loc[2, "lon"] == 120.1401


@pytest.mark.parametrize("separator", ["，", ",", " ", "、", ""])
def test_the_state_of_review_is_known_however_its_comma_is_written(
    county: tuple[Scenario, Layers], tmp_path: Path, separator: str
) -> None:
    path = write(
        tmp_path / "a_WGS84.csv", {"规划编号": ID, "审核状态": f"建站工程受阻{separator}提变更"}
    )
    assert [each.verdict for each in read(county, path).rows] == ["refuse"]


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"审核状态": "大概通过"}, "enum_unknown"),
        ({"经度": "120.13", "纬度": ""}, "missing_coordinate"),
        ({"经度": "33.43", "纬度": "120.13"}, "swapped_lon_lat"),
        ({"经度": "121.5", "纬度": "33.43"}, "outside_study_area"),
        ({"经度": "东经", "纬度": "33.43"}, "invalid_number"),
        ({**PLACE, "坐标系": "北京54"}, "datum_unknown"),
        ({"经纬度偏移距离(米)": "-3"}, "value_out_of_range"),
        ({"约定交付时间": "下个月"}, "date_invalid"),
        ({"约定交付时间": "44150"}, "date_invalid"),
    ],
)
def test_a_row_with_a_bad_cell_is_said_and_left_out(
    county: tuple[Scenario, Layers], tmp_path: Path, cells: dict[str, str], code: str
) -> None:
    heads = {
        "审核状态": "",
        "经度": "",
        "纬度": "",
        "坐标系": "",
        "经纬度偏移距离(米)": "",
        "约定交付时间": "",
    }
    good = {"规划编号": "SFBC71A0RHZ-M-N41", **heads, "审核状态": "站址筛查通过"}
    path = write(tmp_path / "a_WGS84.csv", {"规划编号": ID, **heads, **cells}, good)
    answers = read(county, path)
    assert [each.station_id for each in answers.rows] == [good["规划编号"]]
    assert (code, 2) in [(n.code, n.line) for n in answers.notices]


@pytest.mark.parametrize(
    "bad",
    [
        {"kind": "propose", "lon": 1e999},
        {"kind": "propose", "lon": True},
        {"lon": "120.13"},
        {"reviewer": None},
        {"lon": 10**400},
        {"note": "x" * 2001},
        {"kind": ["object"]},
        {"kind": "propose", "lon": 118.0},
        {"id": 7},
    ],
)
def test_a_bad_mark_is_said_and_the_others_are_read(
    county: tuple[Scenario, Layers], tmp_path: Path, bad: dict[str, Any]
) -> None:
    answers = read(county, marks(tmp_path / "m.json", mark(**bad), mark(), "text", None))
    assert [each.line for each in answers.rows] == [2]
    assert [n.line for n in answers.notices if n.code == "mark_unusable"] == [1, 3, 4]


RING = [[120.13, 33.43], [120.14, 33.43], [120.14, 33.44]]


@pytest.mark.parametrize(
    ("area", "value"),
    [
        ([*RING[:2], [10**400, 33.4]], "120.13"),
        ([*RING[:2], [float("nan"), 33.4]], "NaN"),
        ([*RING[:2], [True, 33.4]], "true"),
        ([*RING[:2], [118.0, -91]], "-91"),
        ([RING[0], RING[2], *RING[:2]], "120.13"),
        ([RING] * 3, "[[["),
        ("POLYGON ((0 0))", "POLYGON"),
        ([RING[0]] * 300, "120.13"),
        ({"type": "Polygon"}, "type"),
    ],
)
def test_a_bad_area_is_said_and_its_comment_is_kept(
    county: tuple[Scenario, Layers], tmp_path: Path, area: Any, value: str
) -> None:
    bad = mark(kind="comment", station_id="", note="看这一片", area=area)
    answers = read(county, marks(tmp_path / "m.json", mark(), bad))
    (notice,) = answers.notices
    assert (notice.code, notice.severity, notice.file, notice.line) == (
        "mark_area_unusable",
        "W",
        "m.json",
        2,
    )
    assert value in notice.value
    assert "第 2 条" in notice.zh and "mark 2" in notice.en and notice.fix_zh and notice.fix_en
    assert [each.note for each in answers.rows] == ["", "看这一片"]
    assert [each.area for each in answers.rows] == ["", ""]


def test_an_area_is_kept_as_a_ring_of_six_decimals(
    county: tuple[Scenario, Layers], tmp_path: Path
) -> None:
    page = marks(
        tmp_path / "m.json",
        mark(kind="comment", area=[[120.1300001, 33.43], *RING[1:]]),
        mark(area=None),
    )
    rows = table(read(county, page))
    assert rows["area"].tolist() == [
        (
            "POLYGON ((120.130000 33.430000, 120.140000 33.430000, "
            "120.140000 33.440000, 120.130000 33.430000))"
        ),
        "",
    ]
    assert rows[["mark_lon", "mark_lat"]].values.tolist() == [[120.13, 33.43]] * 2


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[" * 5000,
        "{}",
        '{"format": "planner-review"}',
        '{"format":"planner-review","version":1,"marks":7}',
    ],
)
def test_a_file_that_holds_no_marks_is_said(
    county: tuple[Scenario, Layers], tmp_path: Path, text: str
) -> None:
    path = tmp_path / "m.json"
    path.write_text(text, encoding="utf-8")
    assert set(found(read(county, path))) == {"marks_unreadable"}


def test_a_workbook_of_ours_is_read_from_its_own_sheet(
    county: tuple[Scenario, Layers], tmp_path: Path
) -> None:
    from planner.sheets import Column, Sheet, workbook_bytes

    guide = Sheet("填写说明", (Column("项目"), Column("内容")), [("清单", "说明")])
    heads = (
        Column("电信企业", group="站点位置及要求"),
        Column("规划编号"),
        Column("审核状态"),
        Column("开通日期"),
    )
    sheet = Sheet(
        "站址清单", heads, [("移动", ID, "建站完成", None), ("移动", ID, None, "2020-11-15")]
    )
    path = tmp_path / "清单_WGS84.xlsx"
    path.write_bytes(workbook_bytes([guide, sheet], created="2020-09-30", title="x"))
    rows = table(read(county, path))
    assert rows["verdict"].tolist() == ["accept", ""]
    assert rows["opened_on"].tolist() == ["", "2020-11-15"]


def test_a_missing_file_and_a_known_one_are_said(
    county: tuple[Scenario, Layers], tmp_path: Path
) -> None:
    path = write(tmp_path / "a_WGS84.csv", {"规划编号": ID, "审核状态": "站址筛查通过"})
    first = read(county, path, tmp_path / "nowhere.csv")
    assert "unreadable_file" in found(first)
    again = read(county, path, known=frozenset(sha256 for _, sha256 in first.files))
    assert again.rows == () and again.files == ()
    assert set(found(again)) == {"file_read_before"}


def test_a_list_without_its_key_names_the_accepted_heads(
    county: tuple[Scenario, Layers], tmp_path: Path
) -> None:
    path = write(tmp_path / "a.csv", {"规划站点名称": "甲站", "审核状态": "站址筛查通过"})
    (notice,) = read(county, path).notices
    assert notice.code == "missing_required_column"
    assert "规划编号" in notice.fix_zh
