"""小区标识: how neighbour lists, identities and root sequences come out, carrier by carrier."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

from planner import fields as F
from planner.report.facts import Facts
from planner.words import Language


def identity_lines(facts: Facts, words: Language) -> tuple[str, ...]:
    """A line for each carrier, with the pairs of cells that clash where there are any."""
    return tuple(_line(facts, words, row) for row in facts.plan.carriers.to_dict("records"))


def _line(facts: Facts, words: Language, row: Mapping[Hashable, Any]) -> str:
    bands = [words.name(facts.scenario.bands[band]) for band in row[F.BAND].split("/")]
    figures = {str(name): value for name, value in row.items() if name != F.CLASHES}
    for name in (F.PCI_REUSE_M, F.ROOT_REUSE_M):
        again = row[name] == row[name]
        distance = words.length(row[name]) if again else ""
        code = "comes_again" if again else "never_again"
        figures[name] = words("report.cell", code, distance=distance)
    said = words(
        "report.note.identities",
        **figures
        | {
            F.NETWORK: words.name(facts.networks[row[F.NETWORK]]),
            F.BAND: words.join(bands),
            F.LIST_LENGTH: f"{row[F.LIST_LENGTH]:.1f}",
        },
    )
    if not row[F.CLASHES]:
        return said
    return said + words("report.note.identity_clashes", clashes=row[F.CLASHES])
