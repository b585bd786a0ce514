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
    district = maps.DistrictMap(facts, words)
    figures: dict[str, Draw] = {
        "present": _single(district, "present", maps.present_map(district)),
        "layout": _single(district, "layout", maps.layout_map(district)),
        "phases": _single(district, "phases", maps.phase_map(district)),
        "coverage": _panels(district, "coverage", maps.coverage_map),
        "continuity": _panels(district, "continuity", maps.continuity_map),
        "difficult": _single(district, "difficult", maps.difficult_map(district)),
        "public": _single(district, "public", maps.resource_map(district)),
        # A chart does not show its number.
        "coverage_curve": lambda _: charts.coverage_chart(facts, words),
        "continuity_curve": lambda _: charts.continuity_chart(facts, words),
        "costs": lambda _: charts.cost_chart(facts, words),
    }
    if compare is not None:
        difference = maps.difference_map(district, compare)
        figures["differences"] = _single(district, "differences", difference)
    return figures


def _single(district: maps.DistrictMap, code: str, draw: maps.Draw) -> Draw:
    """A sheet with one map."""
    title = district.words("report.figure", code)
    return lambda number: make_map(district, title, number, [("", draw)])


def _panels(
    district: maps.DistrictMap, code: str, make: Callable[[maps.DistrictMap, int, int], maps.Draw]
) -> Draw:
    """A sheet with a map of every network at every phase, the phases side by side."""
    words, scenario = district.words, district.facts.scenario
    title = words("report.figure", code)
    panels = []
    for i, network in enumerate(scenario.networks):
        for phase in scenario.phases:
            name = words("report.map.panel", network=words.name(network), phase=words.name(phase))
            panels.append((name, make(district, i, phase.stations)))
    columns = min(len(scenario.phases), 3)
    return lambda number: make_map(district, title, number, panels, columns=columns)
