"""居民覆盖表: who lives inside the area layers, and how many of them each phase serves, by town."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from planner import fields as F
from planner.report.facts import Facts
from planner.report.sheet import columns_of, head_text, make_sheet
from planner.sheets import Sheet
from planner.words import Language, shown_size


def resident_table(facts: Facts, words: Language) -> Sheet:
    """The towns of each network and level with their sum.

    Everybody is counted once; a town without residents in the layers is left out.
    """
    rows: list[list[Any]] = []
    totals = set()
    for key, own in facts.plan.residents.groupby([F.NETWORK, F.LEVEL], sort=False):
        network, level = map(str, key)
        where = words.name(facts.networks[network]), words("level", level)
        for town, people, covered in _towns(own, head_text(words, "total")):
            row = [*where, town, shown_size("count", people)]
            for served in covered:
                row += [shown_size("count", served), 100 * served / people]
            rows.append(row)
        totals.add(len(rows) - 1)

    columns = columns_of(words, "network", "level", "town", "people:integer")
    for phase in facts.scenario.phases:
        pair = columns_of(words, "residents:integer", "residents_share(%):percent")
        columns += [replace(column, group=words.name(phase)) for column in pair]
    notes = (words("report.note.residents"),)
    return make_sheet(words, "residents", columns, rows, totals=frozenset(totals), notes=notes)


def _towns(own: pd.DataFrame, total: str) -> Iterator[tuple[str, float, Sequence[float]]]:
    """Each town of a network and level: people, people served at each phase; then their sum."""
    people = own.drop_duplicates(F.TOWN).set_index(F.TOWN)[F.PEOPLE]
    covered = [rows.set_index(F.TOWN)[F.COVERED] for _, rows in own.groupby(F.PHASE)]
    for town in people.index[people > 0]:
        yield str(town), people[town], [served[town] for served in covered]
    yield total, people.sum(), [served.sum() for served in covered]
