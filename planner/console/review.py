"""What a review came to: changes, the price of staying near, and comments on areas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pandas as pd
from rich.console import Console
from rich.table import Table

from planner import fields as F
from planner.codes import Change
from planner.console.office import OFFICE
from planner.console.terminal import plain
from planner.model import Plan
from planner.schema import member
from planner.words import beside

SHOWN_STATIONS: Final = 8
"""Of the stations in an area, how many are named."""


def print_review(
    console: Console, plan: Plan, counts: Mapping[str, float], prices: pd.DataFrame
) -> None:
    """Print what a new version changes, and what staying near the agreed plan costs.

    Parameters
    ----------
    console
        Where to.
    plan
        The version.
    counts
        How many stations changed: ``added, removed, moved, retimed, left, agreed, asked_removed,
        asked_moved, asked_retimed``, and ``churn``, the share of the agreed ones that left.
    prices
        ``tables.PRICES``: what each way to replan comes to.
    """
    console.print(plain(_changes_line(counts)))
    console.print(_price_table(plan, prices))


def _changes_line(counts: Mapping[str, float]) -> str:
    comma = OFFICE("language.and_comma")
    changed = comma.join(f"{beside('change', change)} {counts[change]}" for change in Change)
    churn = f"{beside('console.churn')} {100 * counts['churn']:.2f} %"
    of_agreed = f"{counts['left']} / {counts['agreed']}"
    asked = f"{beside('console.asked')} {counts['asked_removed'] + counts['asked_retimed']}"
    return OFFICE.clauses((changed, OFFICE.bracketed(churn, comma.join((of_agreed, asked)))))


def _price_table(plan: Plan, prices: pd.DataFrame) -> Table:
    last = plan.scenario.counts[-1]
    table = Table(*(beside("console", head) for head in ("way", "left", "gap")), box=None)
    for head in (beside("console.covered", count=last), beside("console.against")):
        table.add_column(head, justify="right")

    for row in prices.to_dict("records"):
        cells = (
            beside("way", row[F.WAY]),
            str(row[F.LEFT]),
            f"{100 * row[F.GAP]:.2f} %",
            f"{100 * row[member(F.COVERED_AT, count=last)]:.3f} %",
            f"{row[F.POINTS]:+.4f}",
        )
        table.add_row(*map(plain, cells))
    return table


def print_areas(console: Console, answers: pd.DataFrame) -> None:
    """Print the comments on areas, which change nothing by themselves: size, stations, words.

    Parameters
    ----------
    console
        Where to.
    answers
        ``tables.STATEMENTS``: the answers that were taken up.
    """
    areas = answers[answers[F.AREA] != ""]
    if areas.empty:
        return
    heads = ("answer.area", "unit.ha", "unit.stations", "console.by", "console.note")
    table = Table(*map(beside, heads), box=None)
    for row in areas.to_dict("records"):
        cells = (
            f"{row[F.FILE]}:{row[F.LINE]}",
            f"{row[F.AREA_HA]:.2f}",
            _named(row[F.INSIDE]),
            row[F.REVIEWER],
            row[F.NOTE],
        )
        table.add_row(*map(plain, cells))
    console.print(table)


def _named(stations: tuple[str, ...]) -> str:
    """How many stations, and the first of them by name."""
    if not stations:
        return "0"
    named = OFFICE.join(stations[:SHOWN_STATIONS])
    more = " …" if len(stations) > SHOWN_STATIONS else ""
    return f"{len(stations)}{OFFICE('language.colon')}{named}{more}"
