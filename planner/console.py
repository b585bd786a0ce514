"""What the command line shows: stages with progress while they run, and the plan as tables a person can read."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from planner import fields as F

if TYPE_CHECKING:
    from planner.model import Plan

STAGES = {
    "layers": "读取图层 reading layers",
    "demand": "生成需求 demand",
    "stations": "候选站点 stations",
    "coverage": "计算覆盖 coverage",
    "search": "求解次序 search",
    "curve": "计算曲线上界 bounds along the curve",
    "measures": "计算指标 measures",
    "cells": "信号、负荷与PCI signal, load and PCI",
    "signal": "信号栅格 signal layers",
    "save": "保存方案 saving the plan",
    "map": "生成地图 map",
    "lists": "导出清单 lists",
    "report": "生成报告 report",
    "changes": "比对变更 changes",
}


SHOWN_STATIONS = 8
"""Of the stations in an area, how many are named."""


class Progress:
    """Names each stage and its seconds on a terminal; says nothing when the output is piped."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self.seconds: dict[str, float] = {}
        self._status: Any = None

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Run one stage."""
        start = time.perf_counter()
        label = STAGES.get(name, name)
        with self._console.status(label) as self._status:
            yield
        self.seconds[name] = time.perf_counter() - start
        if self._console.is_terminal:
            self._console.print(f"[dim]{label:<28} {self.seconds[name]:6.1f} s[/dim]")

    def search(self, stage: str, step: int, value: float, bound: float, gap: float) -> None:
        """Show how far the search is; takes what :data:`planner.optimise.Progress` gives."""
        if self._status is not None:
            proven = f"，上界 bound {bound:.5g}，差距 gap {100 * gap:.2f} %" if math.isfinite(bound) else ""
            self._status.update(f"{STAGES['search']}: {stage} {step}，值 value {value:.5g}{proven}")


def print_plan(console: Console, plan: Plan) -> None:
    """Print verdicts, counts and the proven gap of a plan."""
    scenario = plan.scenario
    title = f"{scenario.district.name} {' → '.join(map(str, scenario.counts))}"
    console.print(f"\n[bold]{title}[/bold]" + ("  合成数据 synthetic inputs" if plan.layers.is_synthetic else ""))
    console.print(_phase_table(plan))
    console.print(_verdict_table(plan))
    facts = plan.provenance
    console.print(
        f"可证明差距 proven gap: {100 * facts['gap']:.2f} %"
        "（任何嵌套方案至多再高这么多 no nested plan covers more than this above）"
    )


_WAYS = {"zero": "不动原方案 no change unforced", "version": "本版 this version", "free": "重新规划 free hand"}


def print_review(console: Console, plan: Plan, changes: Any, prices: Any) -> None:
    """Print what a new version changes, what staying near the agreed plan costs, and the proven gap.

    Parameters
    ----------
    console
        Where to.
    plan
        The version.
    changes, prices
        ``planner.plan.Changes`` and the frame of ``planner.review.price_churn``.
    """
    c = changes.counts
    console.print(
        f"新增 added {c['added']}，删除 removed {c['removed']}，移动 moved {c['moved']}，调期 re-timed {c['retimed']}；"
        f"变动率 churn {100 * c['churn']:.2f} %（{c['left']} / {c['agreed']}，"
        f"意见所致 asked {c['asked_removed'] + c['asked_retimed']}）"
    )
    table = Table("方式 way", "离开原期 left", "差距 gap", box=None)
    last = plan.scenario.counts[-1]
    for heading in (f"{last} 站覆盖 covered", "较本版 against this version"):
        table.add_column(heading, justify="right")
    for row in prices.to_dict("records"):
        table.add_row(
            _WAYS[row["way"]], str(row["left"]), f"{100 * row['gap']:.2f} %", f"{100 * row[f'covered_{last}']:.3f} %",
            f"{row['points']:+.4f}",
        )  # fmt: skip
    console.print(table)


def print_areas(console: Console, answers: Any) -> None:
    """Print the comments on areas, which change nothing by themselves: size, stations of the plan inside, words.

    Parameters
    ----------
    console
        Where to.
    answers
        ``planner.review.Version.answers``.
    """
    areas = answers[answers["类型"] == "区域意见"]
    if areas.empty:
        return
    table = Table("区域意见 comment on an area", "公顷 ha", "站 stations", "提出方 by", "说明 note", box=None)
    for row in areas.to_dict("records"):
        inside = row["区域内规划编号"].split("、")
        named = "、".join(inside[:SHOWN_STATIONS]) + (" …" if len(inside) > SHOWN_STATIONS else "")
        count = f"{row['区域内站数']}：{named}" if named else "0"
        cells = (f"{row['文件']}:{row['行号']}", f"{row['区域（公顷）']:.2f}", count, row["提出方"], row["说明"])
        table.add_row(*map(Text, cells))  # as text: people wrote it
    console.print(table)


def _phase_table(plan: Plan) -> Table:
    table = Table("期 phase", "基站 stations", "站址 sites", "每万人 per 10k", "投资（亿元）CNY 100M", box=None)
    for network in plan.scenario.networks:
        table.add_column(network.label, justify="right")
    for phase in plan.scenario.phases:
        row = plan.by_count.loc[[phase.stations]].astype(float).to_dict(orient="records")[0]
        sites, per_10k, cost = (row["", "", "", measure] for measure in ("sites", "per_10k", "cost_wan"))
        networks = [f"{row['', n, '', 'stations']:.0f}" for n in plan.scenario.network_names]
        density = f"{per_10k:.1f}" if math.isfinite(per_10k) else "—"
        table.add_row(phase.name, str(phase.stations), f"{sites:.0f}", density, f"{cost / 1e4:.2f}", *networks)
    return table


def _verdict_table(plan: Plan) -> Table:
    scenario = plan.scenario
    table = Table("图层 layer", "等级 level", "网络 network", box=None)
    for phase in scenario.phases:
        table.add_column(str(phase.stations), justify="right")
    table.add_column("达标站数 passes from", justify="right")
    levels = {"outdoor": "室外连续 outdoor", "deep": "深度 deep"}
    verdicts = {(v[F.LAYER], v[F.LEVEL], v[F.NETWORK], v[F.PHASE]): v for v in plan.verdicts.to_dict(orient="records")}
    for layer in scenario.layers:
        for level in F.LEVELS:
            for network in scenario.networks:
                if (layer.name, level, network.name, scenario.phases[0].name) not in verdicts:
                    continue
                of = [verdicts[(layer.name, level, network.name, phase.name)] for phase in scenario.phases]
                cells = [f"{100 * v['share']:.1f}% " + ("✓" if v["passes"] else f"✕ {v['reason_zh']}") for v in of]
                count = int(of[-1]["passing_count"])
                table.add_row(layer.label, levels[level], network.label, *cells, str(count) if count >= 0 else "—")
    return table
