"""Every figure of the report by its Chinese name, drawn when it is asked for."""

from __future__ import annotations

from collections.abc import Callable

from planner.report import charts, maps
from planner.report.facts import Facts
from planner.report.frame import make_map
from planner.report.sheet import Comparison
from planner.report.words import Words

Draw = Callable[[int], bytes]
"""Draws a figure under its number; returns a PNG."""


def make_figures(facts: Facts, words: Words, compare: Comparison | None = None) -> dict[str, Draw]:
    """The figures a template may name, as drawings to be made."""
    base = maps.Base(facts, words)
    phases = facts.scenario.phases

    def one(title: str, draw: maps.Draw) -> Draw:
        return lambda number: make_map(base, words(title), number, [("", draw)])

    def grid(title: str, make: Callable[[maps.Base, int, int], maps.Draw]) -> Draw:
        panels = [
            (f"{words.network(network)}　{words.phase(phase)}", make(base, i, phase.stations))
            for i, network in enumerate(facts.scenario.networks)
            for phase in phases
        ]
        return lambda number: make_map(base, words(title), number, panels, columns=min(len(phases), 3))

    def one_chart(draw: Callable[[Facts, Words], bytes]) -> Draw:
        return lambda _: draw(facts, words)  # a chart does not show its number

    figures: dict[str, Draw] = {
        "现状站址分布图": one("现状站址分布图", maps.present_map(base)),
        "规划站址布局图": one("规划站址布局图", maps.layout_map(base)),
        "分期建设图": one("分期建设图", maps.phase_map(base)),
        "覆盖图": grid("覆盖图", maps.coverage_map),
        "连续覆盖核查图": grid("连续覆盖核查图", maps.continuity_map),
        "疑难站址图": one("疑难站址图", maps.difficult_map(base)),
        "公共资源利用图": one("公共资源利用图", maps.resource_map(base)),
    }
    for name, draw in (
        ("覆盖曲线", charts.coverage_chart),
        ("连续性曲线", charts.continuity_chart),
        ("投资图", charts.cost_chart),
    ):
        figures[name] = one_chart(draw)
    if compare is not None:
        figures["方案差异图"] = one("方案差异图", maps.difference_map(base, compare))
    return figures
