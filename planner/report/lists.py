"""The long lists of the report: what is left open, what is difficult, what is to be checked, what changed."""

from __future__ import annotations

from typing import Any

import pandas as pd

from planner import fields as F
from planner.model import replacement_texts
from planner.report.facts import Facts, loss_name
from planner.report.sheet import Comparison, columns_of, make_sheet
from planner.report.words import Words
from planner.sheets import Column, Sheet


def failure_list(facts: Facts, words: Words) -> Sheet:
    """Gaps and holes that are left, outdoors, at the phases after the state, the largest first."""
    later = [phase.name for phase in facts.scenario.phases[1:]]
    gaps = facts.plan.gaps.rename(columns={"length_m": "size"}).assign(kind="缺口", unit="米")
    holes = facts.plan.holes.rename(columns={"area_ha": "size"}).assign(kind="空洞", unit="公顷")
    rows = [
        (words.phase(row[F.PHASE]), words.network(row[F.NETWORK]), words.layer(row[F.LAYER]), words(row["kind"]),
         row[F.NAME], row[F.TOWN], row["size"], words(row["unit"]), row[F.LON], row[F.LAT])
        for part in (gaps, holes)
        for row in part[part[F.PHASE].isin(later) & (part[F.LEVEL] == F.LEVELS[0])].to_dict("records")
    ]  # fmt: skip
    heads = "期 网络 图层 类别 名称 镇（街道） 大小:number 单位 经度:degrees 纬度:degrees"
    return make_sheet(words, "缺口与空洞清单", columns_of(words, heads), rows, notes=(words("室外；坐标系WGS-84。"),))


def difficult_list(facts: Facts, words: Words) -> Sheet:
    """New sites whose failure would cost most: to be settled first. Reasons and people stay empty for the office."""
    scenario = facts.scenario
    length = {str(name): float(metres) for name, metres in facts.plan.roads.groupby(F.LAYER)["length_m"].sum().items()}
    dates = {phase.name: phase.date for phase in scenario.phases}
    operators = {network.name: words.join(list(network.operators)) for network in scenario.networks}
    stand_in = replacement_texts(facts.plan.replacements, english=words.language == "en")
    rows: list[list[Any]] = []
    for number, row in enumerate(facts.difficult().to_dict("records"), start=1):
        hurt = [name for name in scenario.layer_names
                if any(row.get(loss_name(name, level), 0.0) > 0 for level in F.LEVELS)]  # fmt: skip
        gap = sum(row[loss_name(name, F.LEVELS[0])] / 100 * metres for name, metres in length.items())
        layers = [words.layer(name) for name in hurt]
        own = [number, row[F.NAME] or None, None, operators[row[F.NETWORK]], words.scene(row[F.SCENE]), layers[0]]
        ours = [row[F.STATION_ID], row[F.TOWN], None, dates[row[F.PHASE]], words.join(layers), round(gap), row["lost"]]
        named = stand_in.get(row[F.STATION_ID], [])
        ours += ["".join(named[:1]) or None, words.join(named[1:]) or None]
        rows.append([*own, row[F.LON], row[F.LAT], *[None] * 13, *ours])
    heads = (
        "序号:integer 难点站名称 详细地址 运营商 区域类型 所属场景 经度:degrees 纬度:degrees 入库时间 "
        "详细难点原因描述 是否存在协调问题 协调问题分类 是否存在建设问题 建设问题分类 是否存在其它问题 其他问题 "
        "难点负责人 备注 难点拟解决方案 难点是否解决 本周难点进度 规划编号 镇（街道） 责任单位 完成时限 影响图层 "
        "新增缺口(米):integer 失去覆盖(百分点):number 备选站址 其他备选"
    )
    notes = (
        words("按建不成时末期各图层失去的覆盖率之和（百分点）由大到小列出新址基站；"
              "难点情况由责任单位填写，姓名、电话不预填。"),
        words("新增缺口为该站建不成时干线失去的室外覆盖里程。坐标系WGS-84。"),
        words("备选站址为补回最多的候选站；补回为末期因缺该站而失去的价值中补回的比例。"),
    )  # fmt: skip
    return make_sheet(words, "疑难站址清单", columns_of(words, heads), rows, notes=notes)


def public_list(facts: Facts, words: Words) -> Sheet:
    """Roofs and poles that the plan asks to be opened, one row a site, by the order of building."""
    kind = {"new_roof": words("楼面"), "new_pole": words("杆塔")}
    rows = [
        (number, None, None, None, row[F.LON], row[F.LAT], row[F.HEIGHT_M], row[F.STATION_ID], row[F.TOWN],
         words.phase(row[F.PHASE]), kind[row[F.BUILD_TYPE]])
        for number, row in enumerate(facts.public().to_dict("records"), start=1)
    ]  # fmt: skip
    heads = (
        "序号:integer 基站地址 物业所属单位 资源类型 经度:degrees 纬度:degrees 可用高度(米):number "
        "规划编号 镇（街道） 期 类别"
    )
    notes = (
        words("资源类型取值：党政机关楼宇、事业单位、国有企业、学校、医院、公园广场、道路桥梁、路灯杆、监控杆、电力杆塔；"
              "由物业核实后填写。"),
        words("可用高度为方案采用的挂高。每半年更新一次。坐标系WGS-84。"),
    )  # fmt: skip
    return make_sheet(words, "公共资源开放清单", columns_of(words, heads), rows, notes=notes)


def check_list(facts: Facts, words: Words) -> Sheet:
    """Siting and exposure of every station that is still to be opened, the strictest verdict first."""
    order = {text: i for i, text in enumerate(("禁止", "需征求意见", "需核算", "通过"))}
    reason = "siting_reason" if words.language == "zh" else "siting_reason_en"
    strictest = facts.later.assign(severity=facts.later["siting_verdict"].map(order))
    rows = [
        (row[F.STATION_ID], None, None, None, row[F.HEIGHT_M], row["limit_w_m2"], row["compliance_m"],
         row["airport_cap_m"], None, words(row["siting_verdict"]), row[reason] or None, row[F.TOWN],
         words.phase(row[F.PHASE]))
        for row in strictest.sort_values(["severity", F.RANK], kind="stable").to_dict("records")
    ]  # fmt: skip
    heads = (
        "规划编号 最近敏感建筑 距离(米):number 其高度(米):number 天线挂高(米):number 限值(W/m²):fine "
        "达标距离(米):number 机场限高(米):number 保护区 结论 结论依据 镇（街道） 期"
    )
    notes = (
        words("达标距离为主波束轴向、远场；机场限高为空表示在限制面之外；敏感建筑、保护区没有资料时为空，须现场核查。"),
    )
    return make_sheet(words, "站址核查表", columns_of(words, heads), rows, notes=notes)


def source_list(facts: Facts, words: Words) -> Sheet:
    """The inputs with source, date, licence, accuracy and basis."""
    heads = {"file": "资料", "source": "来源", "date": "日期", "licence": "许可", "accuracy": "精度", "basis": "性质"}
    known = [field for field in heads if field in facts.plan.layers.sources]
    rows = [
        [str(row[field]).rsplit("/", 1)[-1] if field == "file" else str(row[field]) for field in known]
        for row in facts.plan.layers.sources[known].to_dict("records")
    ]
    return make_sheet(words, "资料来源表", columns_of(words, " ".join(heads[field] for field in known)), rows)


def comparison_list(compare: Comparison, words: Words) -> Sheet:
    """Parameters that differ, then every indicator that differs, as value and difference to the base."""
    base, *others = compare.names
    rows: list[list[Any]] = [
        [words("参数"), row[0], None, *row[1:], *[None] * len(others)]
        for row in compare.parameters.itertuples(index=False, name=None)
    ]
    for row in compare.indicators.to_dict("records"):
        differences = [row[f"{name} - {base}"] for name in others]
        if row["measure"] not in _MEASURES or not any(abs(one) > 1e-9 for one in differences if not pd.isna(one)):
            continue
        item = [compare.labels.get(row[key], row[key]) for key in (F.LAYER, F.NETWORK) if row[key]]
        item += [words.level(row[F.LEVEL])] if row[F.LEVEL] else []
        item.append(words(_MEASURES[row["measure"]]))
        shown = [_shown(row["measure"], one) for one in (*(row[name] for name in compare.names), *differences)]
        rows.append([words("指标"), " ".join(item), words.phase(row[F.PHASE]), *shown])
    columns = columns_of(words, "类别 项目 期") + [Column(name, "mixed") for name in compare.names]
    columns += [Column(words("{name}较{base}", name=name, base=base), "mixed") for name in others]
    return make_sheet(words, "方案对比表", columns, rows)


_MEASURES = {
    "share": "覆盖率(%)", "gaps": "缺口数", "longest_m": "最大缺口(米)", "holes": "空洞数",
    "largest_ha": "最大空洞(公顷)", "passes": "是否达标", "passing_count": "达标所需站数", "stations": "基站",
    "sites": "站址数", "cost_wan": "投资(万元)", "per_10k": "每万人基站",
}  # fmt: skip


def _shown(measure: str, number: Any) -> float | int | None:
    if pd.isna(number):
        return None
    shown = float(number) * (100 if measure == "share" else 1)
    return int(shown) if shown == int(shown) else shown


def change_list(compare: Comparison, words: Words) -> Sheet:
    """变更对照: stations that a plan adds, drops, moves or shifts to another phase."""
    labels = {"added": "新增", "removed": "删除", "moved": "移动", "retimed": "调期"}
    rows = [
        (row["plan"], words(labels[row["change"]]), row[F.STATION_ID], row["base_id"] or None,
         words.network(row[F.NETWORK]), row[F.TOWN], words.phase(row["phase_base"]), words.phase(row[F.PHASE]),
         row["moved_m"])
        for row in compare.stations.to_dict("records")
    ]  # fmt: skip
    heads = "方案 变更 规划编号 原规划编号 网络 镇（街道） 原期 现期 移动(米):number"
    return make_sheet(words, "变更对照", columns_of(words, heads), rows)
