"""The office's tables of a review: exact cells under exact heads, from coded frames."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from planner import fields as F
from planner.model import Plan, tables
from planner.review.tables import answer_table, change_table, difficult_table
from planner.scenario import Scenario
from planner.words import language
from tests.exports.conftest import make_plan, make_scenario
from tests.frames import complete

ZH = language("zh")
NAN = math.nan


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return make_scenario()


@pytest.fixture(scope="module")
def plan(scenario: Scenario) -> Plan:
    return make_plan(scenario)


def changes(scenario: Scenario) -> pd.DataFrame:
    first, second, none = 1, 2, pd.NA
    rows = [
        ("added", "SA-M-N41", "", "mobile", none, first, NAN, False, "", "", "SB-M-N41", ""),
        ("added", "SE-M-N41", "", "mobile", none, first, NAN, True, "甲", "open", "", ""),
        (
            "removed",
            "SB-M-N41",
            "SB-M-N41",
            "mobile",
            first,
            none,
            NAN,
            True,
            "甲\n乙",
            "veto+date",
            "",
            "租金\n=不行",
        ),
        (
            "removed",
            "SC-M-N41",
            "SC-M-N41",
            "mobile",
            first,
            none,
            NAN,
            True,
            "镇",
            "refuse_town",
            "",
            "",
        ),
        (
            "moved",
            "SD-T-N78",
            "SO-T-N78",
            "telecom-unicom",
            first,
            first,
            30.04,
            True,
            "甲",
            "move_far",
            "",
            "",
        ),
        ("retimed", "SF-M-N41", "SF-M-N41", "mobile", first, second, NAN, False, "", "", "", ""),
    ]
    names = [
        "change",
        F.STATION_ID,
        "base_id",
        F.NETWORK,
        "phase_base",
        F.PHASE,
        "moved_m",
        "asked",
        "by",
        "cause",
        "near",
        "said",
    ]
    table = pd.DataFrame(rows, columns=names)
    places = {F.BAND: "n41", F.TOWN: "东镇", F.LON: 120.1234567, F.LAT: 33.4, "effect_phase": first}
    points = [
        F.points_column(layer.name, level) for layer in scenario.layers for level in layer.judged_at
    ]
    table = table.assign(**places, **dict.fromkeys(points, 0.0))
    table = table.assign(points_core_outdoor=-0.00001, points_roads_deep=1.23456)
    return tables.CHANGES.checked(table.astype({"phase_base": "Int64", F.PHASE: "Int64"}))


def test_changes_under_the_heads_of_the_office(scenario: Scenario) -> None:
    shown = change_table(changes(scenario), scenario, ZH)
    assert list(shown) == [
        "变更",
        "规划编号",
        "原规划编号",
        "网络",
        "频段",
        "镇（街道）",
        "原期",
        "新期",
        "经度",
        "纬度",
        "移动距离（米）",
        "缘由",
        "提出方",
        "原因",
        "影响期末",
        "主城区室外（百分点）",
        "主城区深度（百分点）",
        "工业园区室外（百分点）",
        "工业园区深度（百分点）",
        "乡镇驻地室外（百分点）",
        "乡镇驻地深度（百分点）",
        "景区室外（百分点）",
        "重要交通干线室外（百分点）",
        "重要交通干线深度（百分点）",
    ]
    assert shown["变更"].tolist() == ["新增", "新增", "删除", "删除", "移动", "调期"]
    assert shown["原规划编号"].tolist() == ["", "", "", "", "SO-T-N78", ""]
    assert shown["网络"].tolist() == ["移动（广电）"] * 4 + ["电信联通", "移动（广电）"]
    assert shown["缘由"].tolist() == [
        "重新求解",
        "反馈意见",
        "反馈意见",
        "反馈意见",
        "反馈意见",
        "重新求解",
    ]
    assert shown["提出方"].tolist() == ["", "甲", "甲、乙", "镇", "甲", ""]
    assert shown["原因"].tolist() == [
        "补足站数，就近替代 SB-M-N41",
        "提前开通",
        "否决；约定交付时间；租金；=不行",
        "东镇整体否决",
        "移位超出允许偏离半径",
        "因各期站数不变而调整",
    ]
    assert shown["新期"].tolist() == ["一期（2020年底）"] * 2 + [
        "",
        "",
        "一期（2020年底）",
        "二期（2025年底）",
    ]
    assert (shown["经度"] == 120.123457).all() and shown["移动距离（米）"][4] == 30.0
    assert (shown["重要交通干线深度（百分点）"] == 1.2346).all()
    signs = shown["主城区室外（百分点）"].map(lambda value: math.copysign(1, value))
    assert signs.tolist() == [1.0] * 6  # no -0.0


def test_changes_in_english_have_no_chinese_of_ours(scenario: Scenario) -> None:
    shown = change_table(changes(scenario), scenario, language("en"))
    assert shown.shape == change_table(changes(scenario), scenario, ZH).shape
    assert shown["reason"][0] == "fills the count, nearest to SB-M-N41"
    assert shown["reason"][2] == "refused; day of delivery; 租金; =不行"
    assert shown["because of"].tolist()[:2] == ["solved again", "answers"]


def test_answers_under_the_heads_of_the_office() -> None:
    given = pd.DataFrame(
        {
            "file": "a.json",
            "line": [2, 3],
            "reviewer": "甲",
            "kind": ["object", "comment"],
            F.STATION_ID: ["SA", ""],
            "town": "",
            F.LON: [math.nan, math.nan],
            F.LAT: math.nan,
            "mark_lon": [120.1, 120.2],
            "mark_lat": 33.4,
            "area": ["", "POLYGON ((0 0, 1 0, 1 1, 0 0))"],
            "area_ha": [math.nan, 4.25],
            "inside": [(), ("SB", "SC")],
            "decision": ["date+veto", "note"],
            "reason": ["租金", ""],
            "note": "",
        }
    )
    shown = answer_table(tables.STATEMENTS.checked(complete(tables.STATEMENTS, given)), ZH)
    assert list(shown) == [
        "文件",
        "行号",
        "提出方",
        "类型",
        "规划编号",
        "镇（街道）",
        "经度",
        "纬度",
        "区域（公顷）",
        "区域内站数",
        "区域内规划编号",
        "处理",
        "原因",
        "说明",
    ]
    assert shown["类型"].tolist() == ["反对", "区域意见"]
    assert shown["处理"].tolist() == ["记入日期、否决", "记录"]
    assert shown["区域内规划编号"].tolist() == ["", "SB、SC"]
    assert pd.isna(shown["区域内站数"][0]) and shown["区域内站数"][1] == 2
    assert shown["经度"].tolist() == [120.1, 120.2]


@pytest.fixture
def difficult(plan: Plan) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The last station of the plan, for which two could stand in, and one that loses nothing."""
    at = plan.stations[plan.stations[F.RANK].isin([119, 118])].sort_values(F.RANK, ascending=False)
    columns = [
        F.STATION_ID,
        F.NAME,
        F.NETWORK,
        F.BAND,
        F.TOWN,
        F.SCENE,
        F.LON,
        F.LAT,
        F.PHASE,
        F.RANK,
    ]
    sites = (
        at[columns]
        .reset_index(drop=True)
        .assign(
            lost_points=[3.00001, 0.0],
            new_gap_m=[852.68, 0.0],
            new_hole_ha=[0.126, 0.0],
            loss_core_outdoor=[1.0, 0.0],
            loss_roads_deep=[2.00001, 0.0],
            reviewer=["甲\n乙", ""],
            reason=["租金", ""],
            note=["", ""],
        )
    )
    rows = [
        ("gap", "roads", "deep", "G901 东西线", "东镇", 652.7, 0.0),
        ("hole", "core", "deep", "", "东镇", 0.13, 0.0),
    ]
    openings = pd.DataFrame(
        rows, columns=["kind", F.LAYER, F.LEVEL, F.NAME, F.TOWN, "size", "before"]
    )
    losses = [
        F.loss_column(layer.name, level)
        for layer in plan.scenario.layers
        for level in layer.judged_at
    ]
    sites = complete(tables.DIFFICULT, pd.DataFrame(sites), **{F.LOSS: tuple(losses)})
    return sites, openings.assign(station_id=sites[F.STATION_ID][0])


def test_difficult_sites_under_the_heads_of_the_office(
    difficult: tuple[pd.DataFrame, pd.DataFrame], plan: Plan
) -> None:
    shown = difficult_table(*difficult, plan, ZH)
    first, second = shown.to_dict("records")
    assert (first["开通次序"], first["工程期别"], first["覆盖场景"]) == (
        120,
        "二期（2025年底）",
        "一般市区",
    )
    assert first["影响图层"] == "重要交通干线深度 2.0000 %；主城区室外 1.0000 %"
    assert first["新增缺口与空洞"] == "重要交通干线 G901 东西线 653 m；主城区 东镇 0.1 ha"
    assert (first["末期损失（百分点）"], first["新增缺口（米）"], first["新增空洞（公顷）"]) == (
        3.0,
        852.7,
        0.13,
    )
    assert first["备选站址"].count("；") == 1 and "距150米 补回60%" in first["备选站址"]
    assert (first["提出方"], first["原因"], first["说明"]) == ("甲；乙", "租金", "")
    assert [second[head] for head in ("影响图层", "新增缺口与空洞", "备选站址", "提出方")] == [
        ""
    ] * 4
    english = difficult_table(*difficult, plan, language("en"))
    assert (
        english["new gaps and holes"][0].endswith(" 东镇 0.1 ha")
        and "at 150 m" in english["could stand in"][0]
    )
