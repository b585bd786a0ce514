"""信号质量表: SINR, rates, overlap and load of each layer at each phase, beside its verdict."""

from __future__ import annotations

import math
from typing import Any

from planner.codes import Level
from planner.model import STATED_COUNTS
from planner.model.measures import BESIDE_VERDICTS, MEASURES
from planner.report.facts import Facts
from planner.report.sheet import columns_of, make_sheet
from planner.scenario import Layer, Network
from planner.sheets import Sheet
from planner.words import Language


def reception_table(facts: Facts, words: Language) -> Sheet:
    """A row for each layer, network and phase."""
    rows = [
        _row(facts, words, layer, network, number)
        for layer in facts.scenario.layers
        for network in facts.scenario.networks
        for number in range(len(facts.scenario.phases))
    ]
    units = ((code, MEASURES[code].shown_unit) for code in BESIDE_VERDICTS)
    heads = (f"{code}({unit}):{'percent' if unit == '%' else 'number'}" for code, unit in units)
    columns = columns_of(words, "layer", "network", "phase", "passes", *heads)
    load = f"{100 * facts.scenario.demand.load:g}"
    notes = (words("report.note.reception", load=load), *stated_notes(facts, words))
    return make_sheet(words, "reception", columns, rows, notes=notes)


def stated_notes(facts: Facts, words: Language) -> tuple[str, ...]:
    """At which counts rules on what is heard were judged; nothing where no layer asks for one."""
    counts = facts.plan.provenance.get(STATED_COUNTS, ())
    if not counts:
        return ()
    return (words("report.note.stated_counts", counts=words.join(map(str, counts))),)


def _row(facts: Facts, words: Language, layer: Layer, network: Network, number: int) -> list[Any]:
    key = (layer.name, network.name, Level.OUTDOOR)
    figures = [facts.value(number, code, *key) for code in BESIDE_VERDICTS]
    shown = zip(BESIDE_VERDICTS, figures, strict=True)
    return [
        words.name(layer),
        words.name(network),
        words.name(facts.scenario.phases[number]),
        words("report.cell", "holds" if facts.value(number, "passes", *key) else "fails"),
        *(None if math.isnan(value) else MEASURES[code].shown(value) for code, value in shown),
    ]
