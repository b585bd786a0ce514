"""Every figure of the report by its code, drawn when it is asked for."""

from __future__ import annotations

from collections.abc import Callable

from planner.model import Comparison
from planner.report import charts, maps
from planner.report.facts import Facts
from planner.report.frame import make_map
from planner.words import Language

Draw = Callable[[int], bytes]
"""Draws a figure under its number; returns a PNG."""


def make_figures(
    facts: Facts, words: Language, compare: Comparison | None = None
) -> dict[str, Draw]:
    """The figures a template may name, as drawings to be made."""
    base = maps.Base(facts, words)
    phases = facts.scenario.phases

    def one(code: str, draw: maps.Draw) -> Draw:
        return lambda number: make_map(base, words("report.figure", code), number, [("", draw)])

    def grid(code: str, make: Callable[[maps.Base, int, int], maps.Draw]) -> Draw:
        panels = [
            (
                words("report.map.panel", network=words.name(network), phase=words.name(phase)),
                make(base, i, phase.stations),
            )
            for i, network in enumerate(facts.scenario.networks)
            for phase in phases
        ]
        return lambda number: make_map(
            base, words("report.figure", code), number, panels, columns=min(len(phases), 3)
        )

    def one_chart(draw: Callable[[Facts, Language], bytes]) -> Draw:
        return lambda _: draw(facts, words)  # a chart does not show its number

    figures = {
        "present": one("present", maps.present_map(base)),
        "layout": one("layout", maps.layout_map(base)),
        "phases": one("phases", maps.phase_map(base)),
        "coverage": grid("coverage", maps.coverage_map),
        "continuity": grid("continuity", maps.continuity_map),
        "difficult": one("difficult", maps.difficult_map(base)),
        "public": one("public", maps.resource_map(base)),
        "coverage_curve": one_chart(charts.coverage_chart),
        "continuity_curve": one_chart(charts.continuity_chart),
        "costs": one_chart(charts.cost_chart),
    }
    if compare is not None:
        figures["differences"] = one("differences", maps.difference_map(base, compare))
    return figures
