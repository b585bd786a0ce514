"""A plan as tables: its phases, and which layer passes at which of them."""

from __future__ import annotations

import math
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from planner import fields as F
from planner.console.office import OFFICE
from planner.model import Plan
from planner.rules import failing
from planner.words import beside, percent


def print_plan(console: Console, plan: Plan) -> None:
    """Print verdicts, counts and the proven gap of a plan."""
    scenario = plan.scenario
    title = f"{escape(OFFICE.name(scenario.district))} {' → '.join(map(str, scenario.counts))}"
    remark = f"  {beside('console.synthetic')}" if plan.layers.is_synthetic else ""
    console.print(f"\n[bold]{title}[/bold]{remark}")
    console.print(_phase_table(plan))
    console.print(_verdict_table(plan))
    gap = f"{beside('console.proven')}: {100 * plan.provenance['gap']:.2f} %"
    console.print(OFFICE.bracketed(gap, beside("console.proven_means")))


def _table(*heads: str) -> Table:
    """A table whose texts are never cut: where the terminal is narrow they go on in the next line."""
    table = Table(box=None)
    for head in heads:
        table.add_column(head, overflow="fold")
    return table


def _phase_table(plan: Plan) -> Table:
    measures = (beside("measure", measure) for measure in ("stations", "sites", "per_10k"))
    money = OFFICE.bracketed(
        beside("measure", "cost_wan"), escape(OFFICE.name(plan.scenario.references.money))
    )
    table = _table(beside("console.phase"), *measures, money)
    for network in plan.scenario.networks:
        table.add_column(escape(OFFICE.name(network)), justify="right")
    for phase in plan.scenario.phases:
        row = plan.by_count.loc[[phase.stations]].astype(float).to_dict(orient="records")[0]
        sites, per_10k = row["", "", "", "sites"], row["", "", "", "per_10k"]
        cost = row["", "", "", "cost_wan"]
        networks = [f"{row['', n, '', 'stations']:.0f}" for n in plan.scenario.network_names]
        counts = (
            str(phase.stations),
            f"{sites:.0f}",
            f"{per_10k:.1f}" if math.isfinite(per_10k) else "—",
            f"{cost:,.0f}",
            *networks,
        )
        table.add_row(escape(OFFICE.name(phase)), *counts)
    return table


def _verdict_table(plan: Plan) -> Table:
    scenario = plan.scenario
    table = _table(*(beside("console", head) for head in ("layer", "level", "network")))
    for phase in scenario.phases:
        table.add_column(str(phase.stations), justify="right", overflow="fold")
    table.add_column(beside("measure.passing_count"), justify="right")
    keys = [F.LAYER, F.LEVEL, F.NETWORK, "count"]
    verdicts = {tuple(row[key] for key in keys): row for row in plan.verdicts.to_dict("records")}
    for layer in scenario.layers:
        for level in F.LEVELS:
            for network in scenario.networks:
                at = [(layer.name, level, network.name, count) for count in scenario.counts]
                if at[0] not in verdicts:  # depth is not asked of every layer
                    continue
                count = int(verdicts[at[-1]]["passing_count"])
                passing = str(count) if count >= 0 else OFFICE("console.never")
                names = (
                    escape(OFFICE.name(layer)),
                    beside("level", level),
                    escape(OFFICE.name(network)),
                )
                table.add_row(
                    *names, *(_verdict(verdicts[key], layer.rule.share) for key in at), passing
                )
    return table


def _verdict(row: dict[Any, Any], limit: float) -> str:
    share = percent(row[F.SHARE], limit)
    if row["passes"]:
        return OFFICE("console.passes", share=share)
    return OFFICE("console.fails", share=share, reason=_reason(row))


def _reason(row: dict[Any, Any]) -> str:
    """Why a layer fails at a phase."""
    return OFFICE.failures(failing(row))
