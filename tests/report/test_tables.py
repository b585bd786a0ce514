"""The office's tables: its heads, sums that tie, figures of plan and lists, nothing that runs."""

from __future__ import annotations

import csv
import io
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

import planner
from planner.exports import make_lists
from planner.model import replacement_texts
from planner.model.tables import CELLS, RESIDENTS
from planner.report import tables_xlsx
from planner.report.facts import Facts
from planner.report.figures import make_figures
from planner.report.indicators import INDICATORS
from planner.report.loads import overload_list
from planner.report.paper import excerpts
from planner.report.source import make_blocks
from planner.report.story import story
from planner.report.tables import _pace, make_tables
from planner.report.texts import report_template
from planner.rules import turning
from planner.scenario import IndicatorName, References
from planner.scenario.parts import Money
from planner.sheets import Sheet
from planner.words import Language, language

SHEETS = [
    "指标表", "任务分解表（分镇街）", "任务分解表（分场景）", "覆盖与连续性表", "居民覆盖表",
    "判定表", "信号质量表", "缺口与空洞清单", "重载小区清单", "小区标识表", "分期建设表",
    "投资估算表", "进度校核表", "疑难站址清单",
    "公共资源开放清单", "站址核查表", "资料来源表",
]  # fmt: skip
TASKS = ("tasks_by_town", "tasks_by_scene")


def frame_of(sheet: Sheet) -> pd.DataFrame:
    """The rows under heads that hold the group too."""
    heads = [f"{column.group}{column.head}" for column in sheet.columns]
    return pd.DataFrame([list(row) for row in sheet.rows], columns=heads)


@pytest.fixture(scope="module")
def tables(facts: Facts, words: Language) -> dict[str, Sheet]:
    return make_tables(facts, words)


@pytest.mark.parametrize("name", TASKS)
def test_tasks_add_up_to_the_counts_of_the_phases(
    tables: dict[str, Sheet], plan: planner.Plan, name: str
) -> None:
    table = frame_of(tables[name])
    parts, total = table.iloc[:-1], table.iloc[-1]
    counts = [
        total["现状5G基站"],
        *(total[f"{phase.name}累计"] for phase in plan.scenario.phases[1:]),
    ]
    assert counts == list(plan.scenario.counts)
    for head in table.columns[2:-1]:
        if head != "共享率(%)":
            assert parts[head].sum() == pytest.approx(total[head])
    added = total["其中改造"] + total["其中新建"]
    assert added == plan.scenario.counts[-1] - plan.scenario.counts[0]
    sites = plan.measures[plan.measures["measure"] == "sites"].set_index("phase")["value"]
    assert total["站址数"] == sites[len(plan.scenario.phases) - 1]


def test_tasks_by_town_are_those_of_the_plan(tables: dict[str, Sheet], plan: planner.Plan) -> None:
    table = frame_of(tables["tasks_by_town"]).iloc[:-1].set_index("镇（街道）")
    later = plan.towns[plan.towns["phase"] > 0]
    assert table["投资(万元)"].to_dict() == pytest.approx(
        later.groupby("town")["cost_wan"].sum().to_dict()
    )
    assert table["其中新建"].to_dict() == later.groupby("town")["new_sites"].sum().to_dict()
    for number, phase in enumerate(plan.scenario.phases[1:], start=1):
        here = plan.towns[plan.towns["phase"] == number]
        assert (
            table[f"{phase.name}累计"].to_dict() == here.groupby("town")["stations"].sum().to_dict()
        )
        for network in plan.scenario.networks:
            new = here[here["network"] == network.name].set_index("town")["new"]
            assert table[f"{phase.name}新增_{network.label}"].to_dict() == new.to_dict()
    assert table["责任单位"].isna().all()


def test_coverage_and_verdicts_are_the_plans(tables: dict[str, Sheet], plan: planner.Plan) -> None:
    table = frame_of(tables["coverage"])
    labels = {layer.name: layer.label for layer in plan.scenario.layers}
    labels |= {network.name: network.label for network in plan.scenario.networks}
    labels |= {"outdoor": "室外连续", "deep": "深度覆盖"}
    key = ["图层", "网络", "级别", "期"]
    found = table.set_index(key)
    assert len(found) == len(plan.verdicts)
    for row in plan.verdicts.itertuples():
        phase = plan.scenario.phases[row.phase].name
        at = found.loc[(labels[row.layer], labels[row.network], labels[row.level], phase)]
        assert at["覆盖率(%)"] == pytest.approx(100 * row.share)
        assert at["是否达标"] == ("是" if row.passes else "否")
    verdicts = frame_of(tables["verdicts"]).set_index(["级别", "图层"])
    last = plan.verdicts[plan.verdicts["phase"] == len(plan.scenario.phases) - 1]
    for (layer, level), rows in last.groupby(["layer", "level"]):
        at = verdicts.loc[(labels[level], labels[layer])]
        said, passes = at[plan.scenario.phases[-1].name], bool(rows["passes"].all())
        assert said.startswith("达标" if passes else "未达标")
        near = [bool(turning(row)) for row in rows[rows["passes"] == passes].to_dict("records")]
        assert ("临界" in said) == (any(near) if passes else all(near))
        never = (rows["passing_count"] < 0).any()
        assert at["达标站数"] == ("候选内不能达标" if never else rows["passing_count"].max())


def test_residents_are_the_plans_and_tie_to_the_layers_together(
    tables: dict[str, Sheet], plan: planner.Plan, words: Language
) -> None:
    table, levels = frame_of(tables["residents"]), {"outdoor": "室外连续", "deep": "深度覆盖"}
    sums = table[table["镇（街道）"] == "合计"].set_index(["网络", "级别"])
    towns = table[table["镇（街道）"] != "合计"].set_index(["网络", "级别", "镇（街道）"])
    assert tables["residents"].totals == frozenset(np.flatnonzero(table["镇（街道）"] == "合计"))
    assert set(towns.index.get_level_values(2)) == {"城区街道", "东镇"}
    labels = {network.name: network.label for network in plan.scenario.networks}
    by_measure = plan.measures.set_index(["measure", "layer", "network", "level", "phase"])["value"]
    for row in plan.residents.itertuples():
        key, phase = (labels[row.network], levels[row.level]), plan.scenario.phases[row.phase].name
        if row.people:
            at = towns.loc[(*key, row.town)]
            assert at["图层内居民"] == round(row.people)
            assert at[f"{phase}覆盖居民"] == round(row.covered)
            assert at[f"{phase}居民覆盖率(%)"] == pytest.approx(100 * row.covered / row.people)
        of_all = by_measure["residents", "", row.network, row.level, row.phase]
        assert sums.loc[key, f"{phase}覆盖居民"] == round(of_all)
    layers = frame_of(tables["coverage"]).set_index(["图层", "网络", "级别", "期"]).sort_index()
    for (measure, layer, network, level, phase), served in by_measure.items():
        if measure == "residents" and layer:
            where = words.name(plan.scenario.layer(layer)), labels[network], levels[level]
            at = layers.loc[(*where, plan.scenario.phases[phase].name)]
            share = by_measure["residents_share", layer, network, level, phase]
            assert (at["覆盖居民(人)"], at["居民覆盖率(%)"]) == (
                round(served),
                pytest.approx(100 * share),
            )
    assert layers.loc["重要交通干线", "覆盖居民(人)"].isna().all(), "nobody lives on a road"


def test_without_population_nothing_is_said_of_residents(
    plan: planner.Plan, words: Language
) -> None:
    """The plan as it comes out where nobody is known to live: without the measures and the rows."""
    measures = plan.measures[~plan.measures["measure"].str.startswith("residents")]
    bare = replace(plan, measures=measures, residents=RESIDENTS.empty())
    tables = make_tables(Facts(bare), words)
    assert "residents" not in tables
    said = [
        cell
        for sheet in tables.values()
        for row in [[c.head for c in sheet.columns], *sheet.rows]
        for cell in row
    ]
    assert not [cell for cell in said if isinstance(cell, str) and "覆盖居民" in cell]
    assert story(Facts(bare), words, tables)["residents"] == ""


def test_money_and_stations_agree_between_tables(
    tables: dict[str, Sheet], plan: planner.Plan
) -> None:
    phases, costs = frame_of(tables["phases"]), frame_of(tables["costs"])
    indicators = frame_of(tables["indicators"]).set_index("指标")
    last = plan.scenario.phases[-1].name
    money = phases["投资(万元)"].iloc[-1]
    assert money == pytest.approx(costs["合计万元"].iloc[-1])
    assert money == pytest.approx(indicators.loc["累计投资", last])
    assert money == pytest.approx(frame_of(tables[TASKS[0]])["投资(万元)"].iloc[-1])
    assert phases["新增基站"].iloc[-1] == plan.scenario.counts[-1]
    assert costs["合计基站"].iloc[-1] == plan.scenario.counts[-1] - plan.scenario.counts[0]
    by_network = [
        indicators.loc[f"5G基站数（{network.label}）", last] for network in plan.scenario.networks
    ]
    assert sum(by_network) == plan.scenario.counts[-1]


def test_indicators_by_hand(tables: dict[str, Sheet], facts: Facts) -> None:
    indicators = frame_of(tables["indicators"]).set_index("指标")
    phases, last = [phase.name for phase in facts.scenario.phases], facts.scenario.phases[-1].name
    people = facts.plan.layers.towns["people"].sum()
    counts = np.array(facts.scenario.counts)
    assert indicators.loc["每万人拥有5G基站数", phases].tolist() == pytest.approx(
        (counts / people * 1e4).tolist()
    )
    assert indicators.loc["完成率", phases].tolist() == pytest.approx(
        (100 * counts[0] / counts).tolist()
    )
    later = facts.later
    new = later["build_type"].str.startswith("new_")
    networks = facts.stations.groupby("site_id")["network"].nunique()
    alone = new & (later["site_id"].map(networks) == 1)
    shared = (later["build_type"] == "co_location") | (new & ~alone)
    assert indicators.loc["新建站址共享率", last] == pytest.approx(
        100 * shared.sum() / (shared.sum() + alone.sum())
    )
    assert indicators.loc["利用已有站址占比", last] == pytest.approx(100 * (~new).mean())
    assert indicators.loc["新建站址共享率", "目标值"] == 80
    assert pd.isna(indicators.loc["新建站址共享率", phases[0]]), "nothing is built before the state"


def test_difficult_sites_are_new_and_sorted_by_what_is_lost(
    tables: dict[str, Sheet], plan: planner.Plan
) -> None:
    table = frame_of(tables["difficult"])
    assert len(table) > 0
    assert table["失去覆盖(百分点)"].is_monotonic_decreasing
    at = plan.stations.set_index("station_id").loc[table["规划编号"]]
    assert at["build_type"].str.startswith("new_").all()
    losses = at[[column for column in at if column.startswith("loss_")]].sum(axis=1)
    assert table["失去覆盖(百分点)"].tolist() == pytest.approx(losses.tolist())
    road = plan.roads.loc[plan.roads["layer"] == "roads", "length_m"].sum()
    assert table["新增缺口(米)"].tolist() == pytest.approx(
        (at["loss_roads_outdoor"] / 100 * road).tolist(), abs=0.5
    )
    texts = replacement_texts(plan.replacements, language("zh"))
    assert texts
    expected = [texts.get(station, []) for station in table["规划编号"]]
    assert table["备选站址"].fillna("").tolist() == ["".join(parts[:1]) for parts in expected]
    assert table["其他备选"].fillna("").tolist() == ["、".join(parts[1:]) for parts in expected]
    assert table[["难点负责人", "详细地址", "责任单位", "难点拟解决方案"]].isna().all(axis=None)


def test_public_resources_are_one_row_a_site(tables: dict[str, Sheet], plan: planner.Plan) -> None:
    table = frame_of(tables["public"])
    at = plan.stations.set_index("station_id").loc[table["规划编号"]]
    assert at["site_id"].is_unique
    assert set(at["build_type"]) <= {"new_roof", "new_pole"}
    chosen = plan.stations[plan.stations["build_type"].isin(["new_roof", "new_pole"])]
    assert set(at["site_id"]) == set(chosen["site_id"])
    assert table[["基站地址", "物业所属单位", "资源类型"]].isna().all(axis=None)


def test_every_station_to_be_opened_is_checked(tables: dict[str, Sheet], facts: Facts) -> None:
    table = frame_of(tables["checks"])
    assert set(table["规划编号"]) == set(facts.later["station_id"])
    order = ["禁止", "需征求意见", "需核算", "通过"]
    assert table["结论"].map(order.index).is_monotonic_increasing
    assert (table["结论依据"].notna() | (table["结论"] == "通过")).all()


def with_limit(plan: planner.Plan, limit: float) -> planner.Plan:
    return replace(plan, scenario=plan.scenario.replace(capacity={"overload": limit}))


@pytest.mark.parametrize("rank", [0, 20, -1])
def test_overloaded_sectors_are_those_above_the_limit_and_every_phase_is_counted(
    plan: planner.Plan, words: Language, rank: int
) -> None:
    """The limit is put at a load of the plan: none, some and nearly all sectors lie above it."""
    loads = plan.cells[[f"load_{count}" for count in plan.scenario.counts]]
    ranked = np.sort(loads.to_numpy()[np.isfinite(loads.to_numpy())])[::-1]
    limit = max(float(ranked[rank]), 1e-6)
    plan = with_limit(plan, limit)
    sheet = overload_list(Facts(plan), words)
    table, cells = frame_of(sheet), plan.cells.set_index("cell_id")
    expected = [
        (phase.name, cell)
        for phase in plan.scenario.phases
        for cell, load in cells[f"load_{phase.stations}"].items()
        if load > limit
    ]
    assert sorted(zip(table["期"], table["小区"], strict=True)) == sorted(expected)
    assert len(expected) == rank or (rank < 0 and len(expected) > 20), (
        "a load at the limit is not above it"
    )
    stations = plan.stations.set_index("station_id")
    later = {
        phase.name: plan.scenario.counts[i + 1 :] for i, phase in enumerate(plan.scenario.phases)
    }
    counts = {phase.name: phase.stations for phase in plan.scenario.phases}
    for row in table.to_dict("records"):
        cell = cells.loc[row["小区"]]
        assert row["负荷(%)"] == pytest.approx(100 * cell[f"load_{counts[row['期']]}"])
        assert (row["PCI"], row["规划编号"], row["方位角(度)"]) == (
            cell["pci"],
            cell["station_id"],
            cell["azimuth_deg"],
        )
        assert row["名称"] == stations.loc[cell["station_id"], "name"]
        assert row["忙时流量(GB)"] == pytest.approx(row["忙时业务量(Mbit/s)"] * 0.45)
        if row["缓解期"] == "至末期未缓解":
            assert not later[row["期"]] or cell[f"load_{plan.scenario.counts[-1]}"] > limit
        else:
            assert row["届时负荷(%)"] == pytest.approx(100 * cell[f"load_{counts[row['缓解期']]}"])
            assert all(
                cell[f"load_{n}"] <= limit for n in later[row["期"]] if n >= counts[row["缓解期"]]
            )
        if row["同址异频站"]:
            others = [text.partition("（")[0] for text in row["同址异频站"].split("、")]
            assert (
                stations.loc[others, "site_id"] == stations.loc[cell["station_id"], "site_id"]
            ).all()
    for phase, line in zip(plan.scenario.phases, sheet.notes, strict=False):
        above = int((cells[f"load_{phase.stations}"] > limit).sum())
        assert line.startswith(f"{phase.name}：")
        assert (f"{above}个负荷超过" if above else "没有负荷超过") in line


def test_overloaded_sectors_of_the_plan_are_as_many_as_it_counts(
    plan: planner.Plan, tables: dict[str, Sheet]
) -> None:
    table = frame_of(tables["overloads"])
    counted = plan.measures[plan.measures["measure"] == "overloaded_sectors"]
    assert len(table) == counted["value"].sum()


def test_a_plan_without_sectors_says_so(plan: planner.Plan, words: Language) -> None:
    sheet = overload_list(Facts(replace(plan, cells=CELLS.empty())), words)
    assert not sheet.rows and sheet.notes[0] == "方案没有小区，负荷未计算。"


def test_pace_begins_and_ends_at_the_phases(tables: dict[str, Sheet], plan: planner.Plan) -> None:
    table = frame_of(tables["pace"])
    for head in ("匀速", "按甲省增速"):
        assert table[head].iloc[[0, -1]].tolist() == list(plan.scenario.counts[1:])
        assert table[head].is_monotonic_increasing


def test_pace_of_the_packaged_path_is_the_published_one(words: Language) -> None:
    scenario = planner.Scenario.from_file(planner.packaged_case())
    pace = scenario.references.pace
    assert pace is not None

    class Path1840(Facts):
        def __init__(self) -> None:
            self.scenario = scenario

    sheet = _pace(Path1840(), words, pace)
    table = frame_of(sheet)
    assert table["匀速"].tolist() == [654, 891, 1128, 1366, 1603, 1840]
    assert table["按全省增速"].tolist() == [654, 1034, 1402, 1660, 1750, 1840]
    assert sheet.notes[0].startswith("全省数为公开报道")


def test_figures_are_held_against_what_the_scenario_refers_to(
    tables: dict[str, Sheet], facts: Facts
) -> None:
    indicators = frame_of(tables["indicators"]).set_index("指标")
    last = facts.scenario.phases[-1].name
    assert indicators.loc["新建站址共享率", ["目标值", "依据"]].tolist() == [80, "甲省目标"]
    cost = indicators.loc["累计投资"]
    assert (cost["单位"], cost["依据"]) == ("万元", "单价按甲市校准")
    assert cost["是否达标"] == ("是" if cost[last] <= 2000 else "否"), (
        "a goal for money is the most it may be"
    )
    assert tables["costs"].notes == ("单价按甲市校准；不含现状已开通基站。",)
    assert tables["pace"].notes == ("甲省公报",)
    for layer in facts.scenario.layers:
        row = indicators.loc[f"室外覆盖率（{layer.label}）"]
        assert row["目标值"] == 100 * layer.rule.share
        assert row["是否达标"] == ("是" if row[last] >= 95 else "否")


def test_without_references_nothing_is_said_of_any_district(
    plan: planner.Plan, words: Language
) -> None:
    euro = References(money=Money(label="千欧元", label_en="1,000 euro"))
    bare = plan.scenario.model_copy(update={"references": euro})
    facts = Facts(replace(plan, scenario=bare))
    tables = make_tables(facts, words)
    assert "pace" not in tables
    indicators = frame_of(tables["indicators"]).set_index("指标")
    assert pd.isna(indicators.loc["新建站址共享率", "目标值"])
    assert indicators.loc["新建站址共享率", ["是否达标", "依据"]].tolist() == ["", "规划结果"]
    assert indicators.loc["累计投资", "单位"] == "千欧元"
    assert tables["costs"].notes == ("单价由情景给定；不含现状已开通基站。",)
    heads = [
        column.head
        for name in ("phases", "costs", "tasks_by_town")
        for column in tables[name].columns
    ]
    assert heads.count("投资(千欧元)") == 2
    assert heads.count("千欧元") == len(plan.scenario.phases)
    english = make_tables(facts, language("en"))["phases"]
    assert "Cost (1,000 euro)" in [column.head for column in english.columns]


def test_a_scenario_can_refer_to_every_indicator_of_the_table() -> None:
    assert tuple(INDICATORS) == get_args(IndicatorName)


def test_workbook_reads_back_and_is_the_same_twice(
    plan: planner.Plan, tables: dict[str, Sheet]
) -> None:
    data = tables_xlsx(plan)
    assert data == tables_xlsx(plan)
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    assert book.sheet_names == SHEETS
    for sheet in tables.values():
        rows = book.get_sheet_by_name(sheet.title).to_python(skip_empty_area=False)
        top = 1 + sheet.header_rows
        assert rows[0][0] == sheet.title
        assert rows[top - 1][: len(sheet.columns)] == [column.head for column in sheet.columns]
        for row, written in zip(rows[top : top + len(sheet.rows)], sheet.rows, strict=True):
            for found, value in zip(row, written, strict=False):
                if value is None or (isinstance(value, float) and np.isnan(value)):
                    assert found == ""
                elif isinstance(value, str):
                    assert found == value
                else:
                    assert found == pytest.approx(value, abs=0.5)


def test_lists_and_tables_count_the_same(plan: planner.Plan, tables: dict[str, Sheet]) -> None:
    lists = make_lists(plan, formats=["csv"])
    total = frame_of(tables[TASKS[0]]).iloc[-1]
    for network in plan.scenario.networks:
        for phase in plan.scenario.phases[1:]:
            (text,) = [
                data.decode("utf-8-sig")
                for name, data in lists
                if network.label in name and f"_{phase.name}_" in name
            ]
            rows = len(list(csv.reader(io.StringIO(text, newline="")))) - 1
            assert rows == total[f"{phase.name}新增_{network.label}"]


def test_comparison_shows_only_what_differs(plan: planner.Plan, other: planner.Plan) -> None:
    compared = planner.compare(plan, other)
    book = CalamineWorkbook.from_filelike(io.BytesIO(tables_xlsx(plan, compared)))
    assert book.sheet_names == [*SHEETS, "方案对比表", "变更对照"]
    _, head, *rows = book.get_sheet_by_name("方案对比表").to_python()
    table = pd.DataFrame(rows, columns=head)
    parameters = table[table["类别"] == "参数"]
    assert parameters["项目"].tolist() == ["levels.outdoor.rsrp_dbm"]
    figures = table[table["类别"] == "指标"]
    assert len(figures) > 0
    items = figures["项目"].tolist()
    assert "移动 室外连续 覆盖居民(人)" in items and "主城区 移动 室外连续 居民覆盖率(%)" in items
    change = (figures["strict"].astype(float) - figures["toy"].astype(float)).tolist()
    assert figures["strict较toy"].astype(float).tolist() == pytest.approx(change, abs=0.11)
    _, head, *rows = book.get_sheet_by_name("变更对照").to_python()
    assert len(rows) == len(compared.stations)
    assert {row[head.index("变更")] for row in rows} <= {"新增", "删除", "移动", "调期"}


def hostile(plan: planner.Plan) -> planner.Plan:
    stations = plan.stations.copy()
    stations["name"] = '=HYPERLINK("http://x.example","点我")'
    stations["town"] = "@SUM(1)"
    towns = plan.towns.assign(town="@SUM(1)")
    return replace(plan, stations=stations, towns=towns)


def test_nothing_in_the_workbook_runs(plan: planner.Plan) -> None:
    with zipfile.ZipFile(io.BytesIO(tables_xlsx(hostile(plan)))) as archive:
        sheets = b"".join(archive.read(name) for name in archive.namelist() if "worksheets" in name)
    assert b"<f>" not in sheets
    assert b"hyperlink" not in sheets


@pytest.mark.office
def test_libreoffice_shows_the_sums(
    plan: planner.Plan, tables: dict[str, Sheet], tmp_path: Path
) -> None:
    path = tmp_path / "tables.xlsx"
    path.write_bytes(tables_xlsx(plan))
    home = f"-env:UserInstallation={(tmp_path / 'home').as_uri()}"
    target = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"
    command: list[Any] = [
        "soffice",
        home,
        "--headless",
        "--convert-to",
        target,
        "--outdir",
        tmp_path / "back",
        path,
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    for name in TASKS:
        with (tmp_path / "back" / f"tables-{tables[name].title}.csv").open(
            encoding="utf-8-sig", newline=""
        ) as file:
            rows = list(csv.reader(file))
        total = next(row for row in rows if row[1] == "合计")
        expected = tables[name].rows[-1]
        assert [float(cell) for cell in total[2:12] if cell] == pytest.approx(
            [value for value in expected[2:12] if value is not None], abs=0.05
        )


@pytest.mark.parametrize(
    ("code", "shown"),
    [("zh", "主城区（SS-RSRP室外≥-96 dBm）"), ("en", "主城区 (SS-RSRP outdoors ≥ -96 dBm)")],
)
def test_a_threshold_of_a_layer_is_said_where_thresholds_are(
    plan: planner.Plan, code: str, shown: str
) -> None:
    layers = plan.scenario.to_tree()["layers"]
    layers[0]["levels"]["outdoor"]["rsrp_dbm"] = -96.0
    # the same as the scenario's is none of its own
    layers[1]["levels"]["outdoor"]["rsrp_dbm"] = -105.0
    facts = Facts(replace(plan, scenario=plan.scenario.replace(layers=layers)))
    words = language(code)
    tables = make_tables(facts, words)

    told = story(facts, words, tables)
    assert told["own_dbm"] == shown
    assert story(Facts(plan), words, tables)["own_dbm"] == ""
    own = shown.removeprefix("主城区").strip(" （）()")
    assert [own in rule["rule"] for rule in told["rules"]].count(True) == 1
    ruled = [row for row in tables["verdicts"].rows if own in row[-1]]
    assert {row[1] for row in ruled} == {"主城区"}

    printed = tables | excerpts(facts, tables, words)
    blocks = make_blocks(report_template(words), told, printed, make_figures(facts, words, None))
    assert sum(own in str(block) for block in blocks) == 2
