"""指标表: each indicator with formula and yardstick.

What an indicator is held against stands in the scenario's references.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from planner import fields as F
from planner.codes import Level
from planner.model.measures import MONEY, unit_text
from planner.report.facts import PUBLIC_KINDS, Facts, sharing_rate
from planner.report.sheet import columns_of, head_text, make_sheet
from planner.scenario import IndicatorName
from planner.sheets import Column, Sheet
from planner.words import Language

Values = list[float | int | None]


@dataclass(frozen=True, slots=True)
class Row:
    """An indicator of the whole or of one part.

    Attributes
    ----------
    label
        What the part is called; empty for the whole.
    values
        A value per phase; None where there is none.
    target
        Target of the part's own.
    """

    label: str
    values: Values
    target: float | None = None


@dataclass(frozen=True, slots=True)
class Indicator:
    """How an indicator is worked out.

    Attributes
    ----------
    unit
        Code of its unit.
    rows
        Its rows.
    of_networks
        Which of several networks it shows: the ``least`` or ``greatest``; empty where it shows them
        together.
    is_limit
        Whether a target is the most that it may be, not the least.
    """

    unit: str
    rows: Callable[[Facts, Language], Iterator[Row]]
    of_networks: str = ""
    is_limit: bool = False


def indicator_sheet(facts: Facts, words: Language) -> Sheet:
    """Every indicator at every phase, with its target and whether the last phase meets it."""
    phases = [Column(words.name(phase), "mixed") for phase in facts.scenario.phases]
    columns = (
        Column(head_text(words, "indicator"), widest=34),
        *columns_of(words, "unit"),
        Column(head_text(words, "definition"), widest=44),
        *phases,
        *columns_of(words, "target:mixed", "met"),
        Column(head_text(words, "yardstick"), widest=44),
    )
    rows = [cells for name in INDICATORS for cells in _rows(facts, words, name)]
    return make_sheet(words, "indicators", columns, rows)


def indicator_source(facts: Facts, words: Language, name: IndicatorName) -> str:
    """Where an indicator's target or yardstick comes from.

    The references say it; else what holds for every plan.
    """
    reference = facts.scenario.references.indicators.get(name)
    said = words.name(reference, "source") if reference else ""
    return said or words("report.indicator", name, "source")


def _rows(facts: Facts, words: Language, name: IndicatorName) -> Iterator[tuple[Any, ...]]:
    references, indicator = facts.scenario.references, INDICATORS[name]
    title, formula = (words("report.indicator", name, part) for part in ("name", "formula"))
    if indicator.of_networks and len(facts.networks) > 1:
        which = words("report.of_networks", indicator.of_networks)
        formula = words("language.and_comma").join([formula, which])
    unit = unit_text(indicator.unit, references.money, words)
    source = indicator_source(facts, words, name)

    # A target of the references goes before the limit that a layer's rule has.
    reference = references.indicators.get(name)
    for row in indicator.rows(facts, words):
        target = row.target if reference is None or reference.target is None else reference.target
        met = _met(indicator, row.values[-1], target)
        said = "" if met is None else words("report.cell", "holds" if met else "fails")
        shown = words.bracketed(title, row.label) if row.label else title
        goal = int(target) if target is not None and target == int(target) else target
        yield shown, unit, formula, *row.values, goal, said, source


def _met(indicator: Indicator, value: float | None, target: float | None) -> bool | None:
    if value is None or target is None:
        return None
    return value <= target if indicator.is_limit else value >= target


def _over_phases(facts: Facts, measure: str, **key: str) -> Values:
    phases = range(len(facts.scenario.phases))
    return [_cell(facts.value(number, measure, **key), measure) for number in phases]


def _cell(value: float, measure: str) -> float | int | None:
    """Whole numbers as such, but not money, which keeps its decimal."""
    if math.isnan(value):
        return None
    return int(value) if value == int(value) and measure != "cost_wan" else value


def _opened(facts: Facts) -> Iterator[pd.DataFrame]:
    """What is opened after the state, up to each phase."""
    stations = facts.stations
    for number in range(len(facts.scenario.phases)):
        yield stations[(stations[F.PHASE] > 0) & (stations[F.PHASE] <= number)]


def _percent(part: float, whole: float) -> float | None:
    return 100 * float(part) / float(whole) if whole else None


def _stations(facts: Facts, words: Language) -> Iterator[Row]:
    yield Row("", list(facts.scenario.counts))
    for network in facts.scenario.networks:
        yield Row(words.name(network), _over_phases(facts, "stations", network=network.name))


def _sites(facts: Facts, _: Language) -> Iterator[Row]:
    yield Row("", _over_phases(facts, "sites"))


def _per_10k(facts: Facts, _: Language) -> Iterator[Row]:
    rates = _over_phases(facts, "per_10k")
    yield Row("", [None if rate is None else float(rate) for rate in rates])


def _completion(facts: Facts, _: Language) -> Iterator[Row]:
    yield Row("", [_percent(facts.scenario.counts[0], count) for count in facts.scenario.counts])


def _share(level: str) -> Callable[[Facts, Language], Iterator[Row]]:
    def rows(facts: Facts, words: Language) -> Iterator[Row]:
        phases = range(len(facts.scenario.phases))
        for name, of_level in facts.pairs:
            if of_level == level:
                layer = facts.layers[name]
                shares = [facts.verdict(number, name, level).share for number in phases]
                percent: Values = [100 * share for share in shares]
                yield Row(words.name(layer), percent, 100 * layer.rule.share)

    return rows


def _passing(facts: Facts, _: Language) -> Iterator[Row]:
    pairs = [(layer, level) for layer, level in facts.pairs if level == Level.OUTDOOR]
    phases = range(len(facts.scenario.phases))
    yield Row("", [sum(facts.verdict(number, *pair).passes for pair in pairs) for number in phases])


def _longest_gap(facts: Facts, words: Language) -> Iterator[Row]:
    phases = range(len(facts.scenario.phases))
    for layer in facts.scenario.layers:
        if layer.shape == "road":
            keys = [(layer.name, network, Level.OUTDOOR) for network in facts.networks]
            longest = np.array(
                [[facts.value(number, "longest_m", *key) for key in keys] for number in phases]
            )
            metres = longest.max(axis=1).tolist()  # of all networks, at each phase
            yield Row(words.name(layer), [round(length) for length in metres])


def _sharing(facts: Facts, _: Language) -> Iterator[Row]:
    rates = [sharing_rate(stations) for stations in _opened(facts)]
    yield Row("", [None if math.isnan(rate) else rate for rate in rates])


def _retrofit(facts: Facts, _: Language) -> Iterator[Row]:
    shares = [_percent((~table[F.IS_NEW]).sum(), len(table)) for table in _opened(facts)]
    yield Row("", shares)


def _public(facts: Facts, _: Language) -> Iterator[Row]:
    new = [stations[stations[F.IS_NEW]] for stations in _opened(facts)]
    public = [stations[F.BUILD_TYPE].isin(PUBLIC_KINDS).sum() for stations in new]
    yield Row("", [_percent(part, len(whole)) for part, whole in zip(public, new, strict=True)])


def _cost(facts: Facts, _: Language) -> Iterator[Row]:
    yield Row("", _over_phases(facts, "cost_wan"))


INDICATORS: Final[Mapping[IndicatorName, Indicator]] = {
    "stations": Indicator("stations", _stations),
    "sites": Indicator("sites", _sites),
    "per_10k": Indicator("1/10,000 people", _per_10k),
    "completion": Indicator("%", _completion),
    "outdoor_passing": Indicator("layers", _passing),
    "outdoor_share": Indicator("%", _share("outdoor"), "least"),
    "deep_share": Indicator("%", _share("deep"), "least"),
    "longest_gap": Indicator("m", _longest_gap, "greatest", is_limit=True),
    "sharing": Indicator("%", _sharing),
    "retrofit": Indicator("%", _retrofit),
    "public": Indicator("%", _public),
    "cost": Indicator(MONEY, _cost, is_limit=True),
}
"""Every indicator, in the order of the table."""
