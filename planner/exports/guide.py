"""The sheet that explains a list: what it is, what its columns mean, what was made up."""

from __future__ import annotations

from typing import Final

from planner.crs import Datum
from planner.exports.profile import ListColumn, Profile
from planner.model import Plan
from planner.sheets import Column, Sheet
from planner.words import Language

_WIDEST: Final = 100


def guide_sheet(
    plan: Plan, form: Profile, network: str, phase: str, n_rows: int, datum: Datum, words: Language
) -> Sheet:
    """Explain a list to who fills it in and to who reads it."""
    scenario, left_out = plan.scenario, plan.layers.rows_left_out
    phases = [
        words("guide.phase", number=number, phase=words.name(part), count=part.stations)
        for number, part in enumerate(scenario.phases)
    ]
    facts = {
        "list": f"{words.name(scenario.district)}{form.title}",
        "scenario": scenario.name,
        "plan_key": plan.short_key,
        "network": network,
        "phase": phase,
        "rows": str(n_rows),
        "datum": words("datum", datum),
        "as_of": scenario.as_of,
        "compiled_by": scenario.titles.compiled_by,
        "left_out": words("guide.left_out", count=left_out),
        "nature": words("guide.synthetic" if plan.is_synthetic else "lists.result"),
        "station": words("guide.station"),
        "site": words("guide.site"),
        "phases": words.clauses(phases),
        "blank": words("guide.blank"),
        "texts": words("guide.texts"),
    }

    rows = [
        (words("guide.item", item), text)
        for item, text in facts.items()
        if left_out or item != "left_out"
    ]
    rows += [
        (words("guide.item.column", head=column.head), text)
        for column in form.columns
        if (text := _meaning(column, words))
    ]

    heads = (Column(words("guide.head.item")), Column(words("guide.head.text"), widest=_WIDEST))
    return Sheet(words("lists.sheet.guide"), heads, rows)


def _meaning(column: ListColumn, words: Language) -> str:
    """What a column holds; empty where its head says it all."""
    if column.note:
        return column.note
    if not column.field:
        return words("guide.column_blank")
    values = dict.fromkeys(value for value in column.values.values() if value)
    return words("guide.values", values=words.join(values)) if values else ""
