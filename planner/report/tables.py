"""The office's tables: tasks, coverage, verdicts, phases and money, with 合计 rows that tie to the plan's counts."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import numpy as np
import pandas as pd
import yaml

from planner import fields as F
from planner.report import lists
from planner.report.facts import Facts, Verdict, sharing_rate
from planner.report.indicators import indicator_sheet
from planner.report.loads import overload_list
from planner.report.sheet import Comparison, columns_of, make_sheet
from planner.report.words import SCENES, Words, template_text
from planner.sheets import Column, Sheet

BUILD_LABELS: Final = {
    "retrofit": "已有站址改造", "co_location": "共址加装", "new_roof": "新址楼面", "new_pole": "新址杆塔",
    "new_tower": "新址地面塔",
}  # fmt: skip


def make_tables(facts: Facts, words: Words, compare: Comparison | None = None) -> dict[str, Sheet]:
    """Every table of the report by its Chinese name, in the order of the workbook."""
    tables = {
        "指标表": indicator_sheet(facts, words),
        "任务分解表（分镇街）": _tasks(facts, words, F.TOWN),
        "任务分解表（分场景）": _tasks(facts, words, F.SCENE),
        "覆盖与连续性表": _coverage(facts, words),
        "判定表": _verdicts(facts, words),
        "缺口与空洞清单": lists.failure_list(facts, words),
        "重载小区清单": overload_list(facts, words),
        "分期建设表": _phases(facts, words),
        "投资估算表": _costs(facts, words),
        "进度校核表": _pace(facts, words),
        "疑难站址清单": lists.difficult_list(facts, words),
        "公共资源开放清单": lists.public_list(facts, words),
        "站址核查表": lists.check_list(facts, words),
        "资料来源表": lists.source_list(facts, words),
    }
    if compare is not None:
        tables["方案对比表"] = lists.comparison_list(compare, words)
        tables["变更对照"] = lists.change_list(compare, words)
    return tables


def _tasks(facts: Facts, words: Words, key: str) -> Sheet:
    """What each town or scene is to build: stations of today, new ones by phase and network, and how."""
    if key == F.TOWN:
        labels = {name: name for name in dict.fromkeys(facts.plan.towns[F.TOWN])}
    else:
        labels = {scene: words.scene(scene) for scene in SCENES if (facts.stations[key] == scene).any()}
    rows = [
        _task_row(facts, number, label, facts.stations[facts.stations[key] == name])
        for number, (name, label) in enumerate(labels.items(), start=1)
    ]
    rows.append(_task_row(facts, None, words("合计"), facts.stations))
    columns = columns_of(words, f"序号:integer {'镇（街道）' if key == F.TOWN else '场景'} 现状5G基站:integer")
    for phase in facts.scenario.phases[1:]:
        added = [words("新增_{network}", network=words.network(network)) for network in facts.scenario.networks]
        columns += [Column(head, "integer", words.phase(phase)) for head in (*added, words("累计"))]
    columns += columns_of(
        words, "其中改造:integer 其中新建:integer 站址数:integer 共享率(%):percent 投资(万元):number 责任单位"
    )
    notes = (
        words("其中改造、其中新建、共享率、投资均为现状之后各期之和；改造含已有站址改造和共址加装，新建为新址。"),
        words("一处站址计入最先使用它的基站；镇（街道）无边界资料时按最近的镇驻地估计。"),
    )
    name = "任务分解表（分镇街）" if key == F.TOWN else "任务分解表（分场景）"
    return make_sheet(words, name, columns, rows, totals=frozenset({len(rows) - 1}), notes=notes)


def _task_row(facts: Facts, number: int | None, label: str, own: pd.DataFrame) -> list[Any]:
    row: list[Any] = [number, label, int((own["number"] == 0).sum())]
    for phase in range(1, len(facts.scenario.phases)):
        new = own[own["number"] == phase]
        row += [int((new[F.NETWORK] == network).sum()) for network in facts.scenario.network_names]
        row.append(int((own["number"] <= phase).sum()))
    later = own[own["number"] > 0]
    row += [int((~later["is_new"]).sum()), int(later["is_new"].sum()), int(own["first_here"].sum())]
    return [*row, sharing_rate(later), float(later[F.COST_WAN].sum()), None]


def _coverage(facts: Facts, words: Words) -> Sheet:
    """Coverage and continuity of each layer by network, level and phase."""
    rows = []
    for layer, level in sorted(facts.pairs, key=lambda pair: facts.scenario.layer_names.index(pair[0])):
        for network in facts.scenario.network_names:
            for phase in facts.scenario.phases:
                share, gaps, longest, largest, passes = (
                    facts.value(phase.name, measure, layer, network, level)
                    for measure in ("share", "gaps", "longest_m", "largest_ha", "passes")
                )
                where = words.layer(layer), words("全部"), words.network(network), words.level(level)
                continuous = words("是") if passes else words("否")
                rows.append((*where, words.phase(phase), 100 * share, gaps, longest, largest, continuous))
    heads = (
        "图层 名称 网络 级别 期 覆盖率(%):percent 缺口数:integer 最大缺口(米):integer 最大空洞(公顷):number "
        "是否连续覆盖"
    )
    notes = (words("缺口数为超过限值的缺口；空洞为可容规则半径圆的未覆盖区。"),)
    return make_sheet(words, "覆盖与连续性表", columns_of(words, heads), rows, notes=notes)


def _verdicts(facts: Facts, words: Words) -> Sheet:
    """One row per layer and level: whether all networks pass at each phase, and the count that would."""
    rules = facts.plan.verdicts.drop_duplicates([F.LAYER, F.LEVEL]).set_index([F.LAYER, F.LEVEL])
    rows = []
    for layer, level in facts.pairs:
        verdicts = [facts.verdict(phase.name, layer, level) for phase in facts.scenario.phases]
        count = verdicts[-1].passing_count
        needed = words("本次序内不能达标") if count < 0 else count
        cells = [_verdict_text(facts, words, one) for one in verdicts]
        rule = rules.loc[(layer, level), f"rule_{words.language}"]
        rows.append((words.level(level), words.layer(layer), *cells, needed, rule))
    phases = [Column(words.phase(phase)) for phase in facts.scenario.phases]
    columns = columns_of(words, "级别 图层") + phases + columns_of(words, "达标所需站数:mixed 判定规则")
    return make_sheet(words, "判定表", columns, rows)


def _verdict_text(facts: Facts, words: Words, one: Verdict) -> str:
    """Short: networks are named only where some pass and some fail."""
    if one.passes:
        return words("达标")
    if len(one.failing) == len(facts.scenario.networks):
        return words("未达标")
    return words("未达标：{networks}", networks=words.join([words.network(name) for name in one.failing]))


def _phases(facts: Facts, words: Words) -> Sheet:
    """Stations, sites and money by phase."""
    rows: list[list[Any]] = []
    for number, phase in enumerate(facts.scenario.phases):
        new = facts.of_phase(number)
        by_network = [int((new[F.NETWORK] == network).sum()) for network in facts.scenario.network_names]
        counts = [phase.stations, len(new), *by_network, int(new["first_here"].sum())]
        rows.append([words.phase(phase), phase.date, *counts, float(new[F.COST_WAN].sum())])
    rows.append([words("合计"), None, None, *(sum(row[i] for row in rows) for i in range(3, len(rows[0])))])
    networks = [Column(words.network(network), "integer", words("其中")) for network in facts.scenario.networks]
    columns = columns_of(words, "期 截止日期 累计基站:integer 新增基站:integer") + networks
    columns += columns_of(words, "新增站址:integer 投资(万元):number")
    return make_sheet(words, "分期建设表", columns, rows, totals=frozenset({len(rows) - 1}))


def _costs(facts: Facts, words: Words) -> Sheet:
    """Money of the phases after the state by build type."""
    later = range(1, len(facts.scenario.phases))
    rows: list[list[Any]] = []
    for build_type, label in BUILD_LABELS.items():
        row: list[Any] = [words(label)]
        for number in later:
            new = facts.of_phase(number)
            new = new[new[F.BUILD_TYPE] == build_type]
            row += [len(new), float(new[F.COST_WAN].sum())]
        rows.append([*row, sum(row[1::2]), float(sum(row[2::2]))])
    rows.append([words("合计"), *(sum(row[i] for row in rows) for i in range(1, len(rows[0])))])
    columns = columns_of(words, "建设方式")
    for name in (*(words.phase(facts.scenario.phases[number]) for number in later), words("合计")):
        columns += [Column(words("基站"), "integer", name), Column(words("万元"), "number", name)]
    notes = (words("单价为判断值，按全市2020年每站投资（公开报道）校准；不含现状已开通基站。"),)
    return make_sheet(words, "投资估算表", columns, rows, totals=frozenset({len(rows) - 1}), notes=notes)


def _pace(facts: Facts, words: Words) -> Sheet:
    """Year ends between the last two phases: evenly, and at the province's pace where its figures span the years."""
    pace = yaml.safe_load(template_text("pace.yaml"))
    start, end = facts.scenario.phases[-2:]
    years = range(date.fromisoformat(start.date).year, date.fromisoformat(end.date).year + 1)
    province = np.array([pace["stations_10k"].get(year, np.nan) for year in years], dtype=np.float64)
    grown = [np.linspace(0.0, 1.0, len(years))]
    spans = len(years) > 1 and bool(np.isfinite(province).all())
    if spans:
        grown.append((province - province[0]) / (province[-1] - province[0]))
    counts = [np.rint(start.stations + part * (end.stations - start.stations)).astype(int).tolist() for part in grown]
    columns = columns_of(words, "年末 匀速:integer" + " 按全省增速:integer" * spans)
    rows = list(zip(map(str, years), *counts, strict=True))
    return make_sheet(words, "进度校核表", columns, rows, notes=(pace["source"][words.language],) * spans)
