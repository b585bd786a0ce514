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
    figures: dict[str, Draw] = {
        "present": _single(base, "present", maps.present_map(base)),
        "layout": _single(base, "layout", maps.layout_map(base)),
        "phases": _single(base, "phases", maps.phase_map(base)),
        "coverage": _panels(base, "coverage", maps.coverage_map),
        "continuity": _panels(base, "continuity", maps.continuity_map),
        "difficult": _single(base, "difficult", maps.difficult_map(base)),
        "public": _single(base, "public", maps.resource_map(base)),
        # A chart does not show its number.
        "coverage_curve": lambda _: charts.coverage_chart(facts, words),
        "continuity_curve": lambda _: charts.continuity_chart(facts, words),
        "costs": lambda _: charts.cost_chart(facts, words),
    }
    if compare is not None:
        difference = maps.difference_map(base, compare)
        figures["differences"] = _single(base, "differences", difference)
    return figures


def _single(base: maps.Base, code: str, draw: maps.Draw) -> Draw:
    """A sheet with one map."""
    title = base.words("report.figure", code)
    return lambda number: make_map(base, title, number, [("", draw)])


def _panels(base: maps.Base, code: str, make: Callable[[maps.Base, int, int], maps.Draw]) -> Draw:
    """A sheet with a map of every network at every phase, the phases side by side."""
    words, scenario = base.words, base.facts.scenario
    title = words("report.figure", code)
    panels = []
    for i, network in enumerate(scenario.networks):
        for phase in scenario.phases:
            name = words("report.map.panel", network=words.name(network), phase=words.name(phase))
            panels.append((name, make(base, i, phase.stations)))
    columns = min(len(scenario.phases), 3)
    return lambda number: make_map(base, title, number, panels, columns=columns)
