"""The office's tables: one sheet each, with 合计 rows that tie to the plan's counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Protocol

import numpy as np
import pandas as pd
import yaml

from planner import fields as F
from planner.report.facts import Facts, Verdict, loss_name, sharing_rate
from planner.report.indicators import indicator_sheet
from planner.report.words import SCENES, Words, template_text
from planner.sheets import Column, Sheet

BUILD_TYPES = ("retrofit", "co_location", "new_roof", "new_pole", "new_tower")


class Comparison(Protocol):
    """What :func:`planner.compare` returns, as far as a report reads it."""

    names: tuple[str, ...]
    labels: Mapping[str, str]
    parameters: pd.DataFrame
    indicators: pd.DataFrame
    stations: pd.DataFrame


def make_tables(facts: Facts, words: Words, compare: Comparison | None = None) -> dict[str, Sheet]:
    """Every table of the report by its Chinese name, in the order of the office's list."""
    tables = {
        "指标表": indicator_sheet(facts, words),
        "任务分解表（分镇街）": _tasks(facts, words, F.TOWN),
        "任务分解表（分场景）": _tasks(facts, words, F.SCENE),
        "覆盖与连续性表": _coverage(facts, words),
        "判定表": _verdicts(facts, words),
        "缺口与空洞清单": _failures(facts, words),
        "分期建设表": _phases(facts, words),
        "投资估算表": _costs(facts, words),
        "进度校核表": _pace(facts, words),
        "疑难站址清单": _difficult(facts, words),
        "公共资源开放清单": _public_resources(facts, words),
        "资料来源表": _sources(facts, words),
    }
    if compare is not None:
        tables["方案对比表"] = _comparison(compare, words)
        tables["变更对照"] = _changes(compare, words)
    return tables


def _sheet(words: Words, name: str, columns: Sequence[Column], rows: Sequence[Sequence[Any]], **parts: Any) -> Sheet:
    return Sheet(words(name)[:31], tuple(columns), rows, title=words(name), **parts)


def _tasks(facts: Facts, words: Words, key: str) -> Sheet:
    """What each town or scene is to build: stations of today, new ones by phase and network, and how."""
    stations = facts.stations
    groups = _groups(facts, key)
    rows = [_task_row(facts, words, i + 1, label, stations[stations[key] == name])
            for i, (name, label) in enumerate(_labelled(groups, key, words))]  # fmt: skip
    rows.append(_task_row(facts, words, None, words("合计"), stations))
    head = "镇（街道）" if key == F.TOWN else "场景"
    columns = [Column(words("序号"), "integer"), Column(words(head)), Column(words("现状5G基站"), "integer")]
    for phase in facts.scenario.phases[1:]:
        name = words.phase(phase)
        added = [words("新增_{network}", network=words.network(network)) for network in facts.scenario.networks]
        columns += [Column(text, "integer", name) for text in (*added, words("累计"))]
    columns += [
        Column(words("其中改造"), "integer"), Column(words("其中新建"), "integer"), Column(words("站址数"), "integer"),
        Column(words("共享率(%)"), "percent"), Column(words("投资(万元)"), "number"), Column(words("责任单位")),
    ]  # fmt: skip
    notes = (
        words("其中改造、其中新建、共享率、投资均为现状之后各期之和；改造含已有站址改造和共址加装，新建为新址。"),
        words("一处站址计入最先使用它的基站；镇（街道）无边界资料时按最近的镇驻地估计。"),
    )
    name = "任务分解表（分镇街）" if key == F.TOWN else "任务分解表（分场景）"
    return _sheet(words, name, columns, rows, totals=frozenset({len(rows) - 1}), notes=notes)


def _groups(facts: Facts, key: str) -> list[str]:
    if key == F.TOWN:
        return list(dict.fromkeys(facts.plan.towns[F.TOWN]))
    return [scene for scene in SCENES if scene in set(facts.stations[key])]


def _labelled(groups: list[str], key: str, words: Words) -> list[tuple[str, str]]:
    return [(name, name if key == F.TOWN else words.scene(name)) for name in groups]


def _task_row(facts: Facts, words: Words, number: int | None, label: str, own: pd.DataFrame) -> list[Any]:
    row: list[Any] = [number, label, int((own["number"] == 0).sum())]
    for phase in range(1, len(facts.scenario.phases)):
        new = own[own["number"] == phase]
        row += [int((new[F.NETWORK] == network).sum()) for network in facts.scenario.network_names]
        row.append(int((own["number"] <= phase).sum()))
    later = own[own["number"] > 0]
    rate = sharing_rate(later)
    row += [int((~later["is_new"]).sum()), int(later["is_new"].sum()), int(own["first_here"].sum())]
    return [*row, None if np.isnan(rate) else float(rate), float(later[F.COST_WAN].sum()), None]


def _coverage(facts: Facts, words: Words) -> Sheet:
    """Coverage and continuity of each layer by network, level and phase."""
    v = facts.plan.verdicts
    rows = []
    for layer, level in sorted(facts.pairs, key=lambda pair: facts.scenario.layer_names.index(pair[0])):
        for network in facts.scenario.network_names:
            for phase in facts.scenario.phases:
                key = {"layer": layer, "network": network, "level": level}
                passes = v[(v[F.PHASE] == phase.name) & (v[F.LAYER] == layer) & (v[F.NETWORK] == network)
                           & (v[F.LEVEL] == level)]["passes"].iloc[0]  # fmt: skip
                figures = [facts.value(phase.name, m, **key) for m in ("share", "gaps", "longest_m", "largest_ha")]
                rows.append(
                    (words.layer(layer), words("全部"), words.network(network), words.level(level), words.phase(phase),
                     100 * figures[0], _whole(figures[1]), _whole(figures[2]), figures[3],
                     words("是") if passes else words("否"))
                )  # fmt: skip
    heads = ("图层", "名称", "网络", "级别", "期", "覆盖率(%)", "缺口数", "最大缺口(米)", "最大空洞(公顷)", "是否连续覆盖")
    kinds = ("text",) * 5 + ("percent", "integer", "integer", "number", "text")
    columns = [Column(words(head), kind) for head, kind in zip(heads, kinds, strict=True)]  # type: ignore[arg-type]
    return _sheet(words, "覆盖与连续性表", columns, rows, notes=(words("缺口数为超过限值的缺口；空洞为可容规则半径圆的未覆盖区。"),))


def _whole(number: float) -> int | None:
    return None if np.isnan(number) else round(number)


def _verdicts(facts: Facts, words: Words) -> Sheet:
    """One row per layer and level: whether all networks pass at each phase, and the count that would."""
    v = facts.plan.verdicts
    rows = []
    for layer, level in facts.pairs:
        verdicts = [facts.verdict(phase.name, layer, level) for phase in facts.scenario.phases]
        rule = v.loc[(v[F.LAYER] == layer) & (v[F.LEVEL] == level), f"rule_{words.language}"].iloc[0]
        count = verdicts[-1].passing_count
        cells = []
        for one in verdicts:
            cells.append(_verdict_text(facts, words, one))
        needed = words("本次序内不能达标") if count < 0 else count
        rows.append((words.level(level), words.layer(layer), *cells, needed, rule))
    phases = [Column(words.phase(phase)) for phase in facts.scenario.phases]
    columns = (Column(words("级别")), Column(words("图层")), *phases, Column(words("达标所需站数"), "mixed"), Column(words("判定规则")))
    return _sheet(words, "判定表", columns, rows)


def _verdict_text(facts: Facts, words: Words, one: Verdict) -> str:
    """Short: networks are named only where some pass and some fail."""
    if one.passes:
        return words("达标")
    if len(one.failing) == len(facts.scenario.networks):
        return words("未达标")
    return words("未达标：{networks}", networks=words.join([words.network(name) for name in one.failing]))


def _failures(facts: Facts, words: Words) -> Sheet:
    """Gaps and holes that are left, outdoors, at the phases after the state, the largest first."""
    later = [phase.name for phase in facts.scenario.phases[1:]]
    both = [facts.plan.gaps.assign(kind="缺口", size=facts.plan.gaps["length_m"], unit="米"),
            facts.plan.holes.assign(kind="空洞", size=facts.plan.holes["area_ha"], unit="公顷")]  # fmt: skip
    table = pd.concat([part[part[F.PHASE].isin(later) & (part[F.LEVEL] == F.LEVELS[0])] for part in both])
    rows = [
        (words.phase(row.phase), words.network(row.network), words.layer(row.layer), words(row.kind), row.name_, row.town,
         float(row.size_), words(row.unit), float(row.lon), float(row.lat))
        for row in table.rename(columns={F.NAME: "name_", "size": "size_"}).itertuples(index=False)
    ]  # fmt: skip
    heads = ("期", "网络", "图层", "类别", "名称", "镇（街道）", "大小", "单位", "经度", "纬度")
    kinds = ("text",) * 6 + ("number", "text", "degrees", "degrees")
    columns = [Column(words(head), kind) for head, kind in zip(heads, kinds, strict=True)]  # type: ignore[arg-type]
    return _sheet(words, "缺口与空洞清单", columns, rows, notes=(words("室外；坐标系WGS-84。"),))


def _phases(facts: Facts, words: Words) -> Sheet:
    """Stations, sites and money by phase."""
    stations = facts.stations
    rows = []
    for number, phase in enumerate(facts.scenario.phases):
        new = stations[stations["number"] == number]
        by_network = [int((new[F.NETWORK] == network).sum()) for network in facts.scenario.network_names]
        sites = int(new["first_here"].sum())
        rows.append((words.phase(phase), phase.date, phase.stations, len(new), *by_network, sites, float(new[F.COST_WAN].sum())))
    sums = [sum(row[i] for row in rows) for i in range(3, len(rows[0]))]
    rows.append((words("合计"), None, None, *sums))
    networks = [Column(words.network(network), "integer", words("其中")) for network in facts.scenario.networks]
    columns = (
        Column(words("期")), Column(words("截止日期")), Column(words("累计基站"), "integer"), Column(words("新增基站"), "integer"),
        *networks, Column(words("新增站址"), "integer"), Column(words("投资(万元)"), "number"),
    )  # fmt: skip
    return _sheet(words, "分期建设表", columns, rows, totals=frozenset({len(rows) - 1}))


def _costs(facts: Facts, words: Words) -> Sheet:
    """Money of the phases after the state by build type."""
    stations = facts.stations
    later = list(enumerate(facts.scenario.phases))[1:]
    rows = []
    for build_type in BUILD_TYPES:
        own = stations[stations[F.BUILD_TYPE] == build_type]
        row: list[Any] = [words(BUILD_LABELS[build_type])]
        for number, _ in later:
            new = own[own["number"] == number]
            row += [len(new), float(new[F.COST_WAN].sum())]
        rows.append([*row, sum(row[1::2]), float(sum(row[2::2]))])
    rows.append([words("合计"), *(sum(row[i] for row in rows) for i in range(1, len(rows[0])))])
    names = [words.phase(phase) for _, phase in later] + [words("合计")]
    pairs = [column for name in names for column in (Column(words("基站"), "integer", name), Column(words("万元"), "number", name))]
    notes = (words("单价为判断值，按全市2020年每站投资（公开报道）校准；不含现状已开通基站。"),)
    return _sheet(words, "投资估算表", [Column(words("建设方式")), *pairs], rows, totals=frozenset({len(rows) - 1}), notes=notes)


BUILD_LABELS = {
    "retrofit": "已有站址改造", "co_location": "共址加装", "new_roof": "新址楼面", "new_pole": "新址杆塔", "new_tower": "新址地面塔",
}  # fmt: skip


def _pace(facts: Facts, words: Words) -> Sheet:
    """Year ends between the last two phases: evenly, and at the province's pace where its figures span the years."""
    pace = yaml.safe_load(template_text("pace.yaml"))
    start, end = facts.scenario.phases[-2:]
    years = range(date.fromisoformat(start.date).year, date.fromisoformat(end.date).year + 1)
    province = {year: pace["stations_10k"].get(year) for year in years}
    spans = all(province.values())
    rows = []
    for year in years:
        even = (year - years[0]) / max(len(years) - 1, 1)
        row: list[Any] = [str(year), round(start.stations + even * (end.stations - start.stations))]
        if spans:
            grown = (province[year] - province[years[0]]) / (province[years[-1]] - province[years[0]])
            row.append(round(start.stations + grown * (end.stations - start.stations)))
        rows.append(row)
    columns = [Column(words("年末")), Column(words("匀速"), "integer")]
    columns += [Column(words("按全省增速"), "integer")] if spans else []
    notes = (pace["source"][words.language],) if spans else ()
    return _sheet(words, "进度校核表", columns, rows, notes=notes)


def _difficult(facts: Facts, words: Words) -> Sheet:
    """New sites whose failure would cost most: to be settled first. Reasons and people are for the office to fill in."""
    scenario, roads = facts.scenario, facts.plan.roads
    length = roads.groupby(F.LAYER)["length_m"].sum()
    dates = {phase.name: phase.date for phase in scenario.phases}
    operators = {network.name: words.join(list(network.operators)) for network in scenario.networks}
    rows = []
    for number, row in enumerate(facts.difficult().to_dict("records"), start=1):
        hurt = [name for name in scenario.layer_names
                if any(row.get(loss_name(name, level), 0.0) > 0 for level in F.LEVELS)]  # fmt: skip
        layers = [words.layer(name) for name in hurt]
        gap = sum(row[loss_name(name, F.LEVELS[0])] / 100 * metres for name, metres in length.items())
        own = [number, row[F.NAME] or None, None, operators[row[F.NETWORK]], words.scene(row[F.SCENE]), layers[0]]
        ours = [row[F.STATION_ID], row[F.TOWN], None, dates[row[F.PHASE]], words.join(layers), round(gap), row["lost"]]
        rows.append([*own, float(row[F.LON]), float(row[F.LAT]), *[None] * 13, *ours])
    return _sheet(words, "疑难站址清单", _difficult_columns(words), rows, notes=(
        words("按建不成时末期各图层失去的覆盖率之和（百分点）由大到小列出新址基站；难点情况由责任单位填写，姓名、电话不预填。"),
        words("新增缺口为该站建不成时干线失去的室外覆盖里程。坐标系WGS-84。"),
    ))  # fmt: skip


def _difficult_columns(words: Words) -> list[Column]:
    kinds: dict[str, Any] = {
        "序号": "integer", "经度": "degrees", "纬度": "degrees", "新增缺口(米)": "integer", "失去覆盖(百分点)": "number",
    }  # fmt: skip
    heads = (
        "序号 难点站名称 详细地址 运营商 区域类型 所属场景 经度 纬度 入库时间 详细难点原因描述 是否存在协调问题 协调问题分类 "
        "是否存在建设问题 建设问题分类 是否存在其它问题 其他问题 难点负责人 备注 难点拟解决方案 难点是否解决 本周难点进度 "
        "规划编号 镇（街道） 责任单位 完成时限 影响图层 新增缺口(米) 失去覆盖(百分点)"
    ).split()
    return [Column(words(head), kinds.get(head, "text")) for head in heads]


def _public_resources(facts: Facts, words: Words) -> Sheet:
    """Roofs and poles that the plan asks to be opened, one row a site, by the order of building."""
    shown = facts.public()
    rows = [
        (number, None, None, None, float(row[F.LON]), float(row[F.LAT]), float(row[F.HEIGHT_M]), row[F.STATION_ID],
         row[F.TOWN], words.phase(row[F.PHASE]), words("楼面" if row[F.BUILD_TYPE] == "new_roof" else "杆塔"))
        for number, row in enumerate(shown.to_dict("records"), start=1)
    ]  # fmt: skip
    heads = ("序号", "基站地址", "物业所属单位", "资源类型", "经度", "纬度", "可用高度(米)", "规划编号", "镇（街道）", "期", "类别")
    kinds = ("integer", "text", "text", "text", "degrees", "degrees", "number", "text", "text", "text", "text")
    columns = [Column(words(head), kind) for head, kind in zip(heads, kinds, strict=True)]  # type: ignore[arg-type]
    return _sheet(words, "公共资源开放清单", columns, rows, notes=(
        words("资源类型取值：党政机关楼宇、事业单位、国有企业、学校、医院、公园广场、道路桥梁、路灯杆、监控杆、电力杆塔；由物业核实后填写。"),
        words("可用高度为方案采用的挂高。每半年更新一次。坐标系WGS-84。"),
    ))  # fmt: skip


def _sources(facts: Facts, words: Words) -> Sheet:
    """The inputs with source, date, licence, accuracy and basis."""
    heads = {"file": "资料", "source": "来源", "date": "日期", "licence": "许可", "accuracy": "精度", "basis": "性质"}
    known = {field: head for field, head in heads.items() if field in facts.plan.layers.sources}
    table = facts.plan.layers.sources[list(known)]
    rows = [tuple(str(cell).rsplit("/", 1)[-1] if i == 0 else str(cell) for i, cell in enumerate(row))
            for row in table.itertuples(index=False, name=None)]  # fmt: skip
    return _sheet(words, "资料来源表", [Column(words(head)) for head in known.values()], rows)


def _comparison(compare: Comparison, words: Words) -> Sheet:
    """Parameters that differ, then every indicator as value and difference to the base."""
    base, *others = compare.names
    rows: list[list[Any]] = [
        [words("参数"), row[0], None, *row[1:], *[None] * len(others)]
        for row in compare.parameters.itertuples(index=False, name=None)
    ]
    figures = compare.indicators
    for row in figures.to_dict("records"):
        differences = [row[f"{name} - {base}"] for name in others]
        values = [_comparable(row["measure"], row[name]) for name in compare.names]
        if not any(_is_difference(one) for one in differences):
            continue
        item = [compare.labels.get(row[key], row[key]) for key in (F.LAYER, F.NETWORK) if row[key]]
        item += [words.level(row[F.LEVEL])] if row[F.LEVEL] else []
        item.append(words(_MEASURES[row["measure"]]))
        changes = [_comparable(row["measure"], one) for one in differences]
        rows.append([words("指标"), " ".join(item), words.phase(row[F.PHASE]), *values, *changes])
    columns = [Column(words("类别")), Column(words("项目")), Column(words("期"))]
    columns += [Column(name, "mixed") for name in compare.names]
    columns += [Column(words("{name}较{base}", name=name, base=base), "mixed") for name in others]
    return _sheet(words, "方案对比表", columns, rows)


_MEASURES = {
    "share": "覆盖率(%)", "gaps": "缺口数", "gaps_all": "全部缺口数", "longest_m": "最大缺口(米)",
    "gaps_per_100km": "每百公里缺口", "holes": "空洞数", "largest_ha": "最大空洞(公顷)", "passes": "是否达标",
    "passing_count": "达标所需站数", "stations": "基站", "sites": "站址数", "cost_wan": "投资(万元)", "per_10k": "每万人基站",
}  # fmt: skip


def _is_difference(number: Any) -> bool:
    return not pd.isna(number) and abs(float(number)) > 1e-9


def _comparable(measure: str, number: Any) -> float | int | None:
    if pd.isna(number):
        return None
    shown = float(number) * (100 if measure == "share" else 1)
    return int(shown) if shown == int(shown) else shown


def _changes(compare: Comparison, words: Words) -> Sheet:
    """变更对照: stations that a plan adds, drops, moves or shifts to another phase."""
    labels = {"added": "新增", "removed": "删除", "moved": "移动", "retimed": "调期"}
    rows = []
    for row in compare.stations.to_dict("records"):
        phases = [words.phase(row[key]) if row[key] else None for key in ("phase_base", F.PHASE)]
        moved = None if pd.isna(row["moved_m"]) else float(row["moved_m"])
        rows.append(
            (row["plan"], words(labels[row["change"]]), row[F.STATION_ID], row["base_id"] or None,
             words.network(row[F.NETWORK]), row[F.TOWN], *phases, moved)
        )  # fmt: skip
    heads = ("方案", "变更", "规划编号", "原规划编号", "网络", "镇（街道）", "原期", "现期", "移动(米)")
    columns = [Column(words(head), "number" if head == "移动(米)" else "text") for head in heads]
    return _sheet(words, "变更对照", columns, rows)


