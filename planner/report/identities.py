"""小区标识表: how neighbour lists, identities and root sequences come out, carrier by carrier."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any, Final

from planner import fields as F
from planner.report.facts import Facts
from planner.report.sheet import columns_of, make_sheet
from planner.sheets import Column, Sheet
from planner.words import Language

_FIGURES: Final = (
    F.CELLS, F.LIST_LENGTH, F.CARRIER_PAIRS, F.PCI_REUSE_M, F.PCI_COLLISIONS, F.PCI_CONFUSIONS,
    F.PCI_MOD3, F.PCI_MOD4, F.PCI_MOD30, F.PRACH_LENGTH, F.ROOTS_MOST, F.ROOT_REUSE_M,
    F.ROOT_COLLISIONS, F.ROOT_CONFUSIONS,
)  # fmt: skip


def identity_table(facts: Facts, words: Language) -> Sheet:
    """A row for each figure, a column for each carrier; notes name pairs of cells that clash."""
    carriers = facts.plan.carriers.to_dict("records")
    names = [_name(facts, words, carrier) for carrier in carriers]
    rows = [
        [words("report.identity", code), *(_shown(words, carrier[code]) for carrier in carriers)]
        for code in _FIGURES
    ]
    columns = [*columns_of(words, "indicator"), *(Column(name, "mixed") for name in names)]
    clashes = tuple(
        words("report.note.identity_clashes", carrier=name, clashes=carrier[F.CLASHES])
        for name, carrier in zip(names, carriers, strict=True)
        if carrier[F.CLASHES]
    )
    notes = (words("report.note.identities"), *clashes)
    return make_sheet(words, "identities", columns, rows, notes=notes)


def _name(facts: Facts, words: Language, carrier: Mapping[Hashable, Any]) -> str:
    bands = [words.name(facts.scenario.bands[band]) for band in carrier[F.BAND].split("/")]
    return f"{words.name(facts.networks[carrier[F.NETWORK]])} {words.join(bands)}"


def _shown(words: Language, value: float) -> float | str:
    """A figure as it is counted; a distance at which nothing comes again is said in words."""
    return words("report.cell.never_again") if value != value else value
