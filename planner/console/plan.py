"""A plan as tables: its phases, and which layer passes at which of them."""

from __future__ import annotations

import itertools
import math
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from planner import fields as F
from planner.console.office import OFFICE
from planner.console.terminal import plain
from planner.model import STATED_COUNTS, LimitUse, Plan, limit_uses
from planner.model.measures import MEASURES, RESIDENTS_SERVED
from planner.rules import failing, turning
from planner.words import beside, percent


def print_plan(console: Console, plan: Plan) -> None:
    """Print verdicts, counts, and how good a plan is at worst, where that was proven."""
    scenario = plan.scenario
    title = f"{OFFICE.name(scenario.district)} {' → '.join(map(str, scenario.counts))}"
    remark = f"  {beside('console.synthetic')}" if plan.is_synthetic else ""
    console.print()
    console.print(Text.assemble(plain(title, "bold"), remark))
    console.print(_phase_table(plan))
    console.print(_verdict_table(plan))
    if plan.scenario.limits:
        console.print(_limit_table(plan))
    if plan.scenario.capacity.residents_per_station is not None:
        console.print(_resident_table(plan))
    if STATED_COUNTS in plan.provenance:
        counts = OFFICE.join(map(str, plan.provenance[STATED_COUNTS]))
        console.print(plain(OFFICE.bracketed(beside("console.stated_counts"), counts)))
    if "gap" not in plan.provenance:
        return
    for name in ("objective_gap", "sharing_price", "gap"):
        said = f"{beside('console', name)}: {100 * plan.provenance[name]:z.2f} %"
        console.print(plain(OFFICE.bracketed(said, beside("console.means", name))))


def _table(*heads: str) -> Table:
    """A table whose texts are never cut: in a narrow terminal they go on in the next line."""
    table = Table(box=None)
    for head in heads:
        table.add_column(plain(head), overflow="fold")
    return table


def _phase_table(plan: Plan) -> Table:
    """A row a phase: stations, sites, stations per 10,000 people, money, stations by network."""
    scenario = plan.scenario

    # one column for each network, as many as the scenario has
    measures = [beside("measure", measure) for measure in ("stations", "sites", "per_10k")]
    unit = OFFICE.name(scenario.references.money)
    money = OFFICE.bracketed(beside("measure", "cost_wan"), unit)
    table = _table(beside("console.phase"), *measures, money)
    for network in scenario.networks:
        table.add_column(plain(OFFICE.name(network)), justify="right")

    for phase in scenario.phases:
        figures = plan.by_count.loc[phase.stations].astype(float).to_dict()
        sites, per_10k, cost = (
            figures["", "", "", measure] for measure in ("sites", "per_10k", "cost_wan")
        )
        by_network = [figures["", name, "", "stations"] for name in scenario.network_names]
        cells = (
            OFFICE.name(phase),
            str(phase.stations),
            f"{sites:.0f}",
            # unknown where the towns tell nothing of their people
            f"{per_10k:.1f}" if math.isfinite(per_10k) else "—",
            f"{cost:,.0f}",
            *(f"{stations:.0f}" for stations in by_network),
        )
        table.add_row(*map(plain, cells))
    return table


def _verdict_table(plan: Plan) -> Table:
    """A row a layer, level and network: share and verdict at every phase, and where it passes."""
    scenario = plan.scenario
    table = _table(*(beside("console", head) for head in ("layer", "level", "network")))
    for phase in scenario.phases:
        table.add_column(str(phase.stations), justify="right", overflow="fold")
    table.add_column(beside("measure.passing_count"), justify="right")

    keys = [F.LAYER, F.LEVEL, F.NETWORK, F.COUNT]
    verdicts = {tuple(row[key] for key in keys): row for row in plan.verdicts.to_dict("records")}
    for layer, level, network in itertools.product(scenario.layers, F.LEVELS, scenario.networks):
        case = (layer.name, level, network.name)
        rows = [verdicts.get((*case, count)) for count in scenario.counts]
        # depth is not asked of every layer
        asked = [row for row in rows if row is not None]
        if not asked:
            continue
        cells = (
            OFFICE.name(layer),
            beside("level", level),
            OFFICE.name(network),
            *(_verdict(row, layer.rule.share) for row in asked),
            _passing(int(asked[-1][F.PASSING_COUNT])),
        )
        table.add_row(*map(plain, cells))
    return table


def _limit_table(plan: Plan) -> Table:
    """A row a limit: what the plan comes to at each phase after the state, and its ends."""
    scenario = plan.scenario
    table = _table(beside("console.limit"))
    for phase in scenario.phases[1:]:
        table.add_column(str(phase.stations), justify="right", overflow="fold")
    for use in limit_uses(plan):
        unit = (
            OFFICE.name(scenario.references.money) if use.is_money else beside("measure.stations")
        )
        name = OFFICE.bracketed(OFFICE.name(use.limit), unit)
        table.add_row(*map(plain, (name, *_uses(use))))
    return table


def _uses(use: LimitUse) -> list[str]:
    form = "{:,.2f}" if use.is_money else "{:,.0f}"
    cells = []
    for found, least, most in zip(use.found, use.least, use.most, strict=True):
        ends = [
            sign + form.format(end) for sign, end in (("≥", least), ("≤", most)) if end is not None
        ]
        cells.append(
            OFFICE.bracketed(form.format(found), " ".join(ends)) if ends else form.format(found)
        )
    return cells


def _resident_table(plan: Plan) -> Table:
    """A row a phase: residents covered, and served where a station serves only so many."""
    limit = f"{plan.scenario.capacity.residents_per_station:g}"
    table = _table(beside("console.phase"))
    for measure in RESIDENTS_SERVED:
        table.add_column(plain(beside("measure", measure)), justify="right", overflow="fold")
    for number, phase in enumerate(plan.scenario.phases):
        figures = plan.residents_served(number)
        cells = (MEASURES[code].text(value) for code, value in figures.items())
        table.add_row(plain(OFFICE.name(phase)), *map(plain, cells))
    table.title = plain(f"{beside('console.residents_per_station')}: {limit}")
    return table


def _verdict(row: dict[Any, Any], limit: float) -> str:
    """Share and verdict, and why a layer fails at a phase."""
    share = percent(row[F.SHARE], limit)
    hangs = OFFICE.borderline(turning(row))
    if row[F.PASSES]:
        return f"{OFFICE('console.passes', share=share)} {hangs}".rstrip()
    reasons = filter(None, (OFFICE.failures(failing(row)), hangs))
    return OFFICE("console.fails", share=share, reason=OFFICE("language.and_comma").join(reasons))


def _passing(count: int) -> str:
    """The count from which a layer passes; -1 = never."""
    return str(count) if count >= 0 else OFFICE("console.never")
