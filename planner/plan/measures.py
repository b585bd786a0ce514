"""The one table of measures: each layer, network and level at every count; the verdicts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from planner import fields as F
from planner.model import FloatArray, IntArray, Layers, tables
from planner.model.measures import MEASURES, NEAR_DB
from planner.plan.build import cost_by_count, sites_by_count
from planner.plan.grounds import levels_of
from planner.plan.residents import Residents
from planner.rules import RULES, Ground, asked, judge, reserve_db, served_people
from planner.scenario import Layer, Scenario
from planner.schema import member

Array = npt.NDArray[Any]

Heard = Mapping[tuple[str, str], Mapping[str, Array]]
"""Figures of what is heard by layer and network, then measure; arrays by count from 0."""
NOT_HEARD: Final[Heard] = {}

BY_COUNT_LEVELS = (F.LAYER, F.NETWORK, F.LEVEL, F.MEASURE)


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A layer as one network serves it at one level, at every count.

    Attributes
    ----------
    layer, ground
        The layer, and its ground.
    network, level
        Their places in ``scenario.networks`` and ``fields.LEVELS``.
    rank, opened
        (n,) first served at, and in a failing piece up to; see :class:`planner.rules.Judged`.
    measures
        Arrays by count from 0: those of :class:`planner.rules.Judged`, and of a layer in which
        somebody lives ``residents, residents_share``.
    """

    layer: Layer
    ground: Ground
    network: int
    level: int
    rank: IntArray
    opened: IntArray
    measures: Mapping[str, Array]

    def key(self, scenario: Scenario) -> tuple[str, str, str]:
        """Names of layer, network and level."""
        return self.layer.name, scenario.network_names[self.network], F.LEVELS[self.level]

    def passing_count(self, least: int, last: int) -> int:
        """The least count, `least` or more, from which the rules hold; -1 when they never do.

        They hold on up to `last`, the last phase, or from a later count.
        """
        passes = self.measures[F.PASSES]
        if passes[last]:
            fails = np.flatnonzero(~passes[least:last])
            return least + int(fails[-1]) + 1 if len(fails) else least
        later = np.flatnonzero(passes[last:])
        return last + int(later[0]) if len(later) else -1


def measure_cases(
    scenario: Scenario,
    grounds: tuple[Ground, ...],
    first: Array,
    top: int,
    networks: tuple[int, ...] | None = None,
    heard: Heard = NOT_HEARD,
) -> tuple[Case, ...]:
    """Every layer, network and level that has a rule to pass, by layer, network, level.

    Parameters
    ----------
    scenario
        Says where depth is asked for.
    grounds
        The layers' grounds, in the scenario's order.
    first
        (points, networks, levels) rank at which each point is first served.
    top
        The greatest count.
    networks
        Places of the networks to measure; all by default.
    heard
        What is heard, for the rules that judge it; see :func:`heard_by_count`.
    """
    chosen = range(len(scenario.networks)) if networks is None else networks
    return tuple(
        _case(layer, ground, network, level, first, top, figures)
        for layer, ground in zip(scenario.layers, grounds, strict=True)
        for network in chosen
        for figures in [heard.get((layer.name, scenario.network_names[network]), {})]
        for level in levels_of(layer)
    )


def _case(
    layer: Layer,
    ground: Ground,
    network: int,
    level: int,
    first: Array,
    top: int,
    heard: Mapping[str, Array],
) -> Case:
    rank = first[ground.places, network, level].astype(np.int64)
    # what is heard is judged outdoors alone
    limits = asked(layer.rule, layer.shape)
    limits = [each for each in limits if level == F.OUTDOOR or not each[0].is_heard]
    measures, opened = judge(ground, rank, limits, top, heard)
    if ground.people.any():
        measures = {**measures, **served_people(ground.people, rank, top)}
    return Case(layer, ground, network, level, rank, opened, measures)


def heard_by_count(heard: pd.DataFrame, top: int) -> Heard:
    """Figures of ``tables.HEARD`` at every count up to `top`: those of the last one before it."""
    figures: dict[tuple[str, str], dict[str, Array]] = {}
    for key, rows in heard.groupby([F.LAYER, F.NETWORK, F.MEASURE], sort=False):
        layer, network, measure = map(str, key)
        place = np.searchsorted(rows[F.COUNT].to_numpy(), np.arange(top + 1), side="right") - 1
        values = rows[F.VALUE].to_numpy(np.float64)[np.maximum(place, 0)]
        figures.setdefault((layer, network), {})[measure] = values
    return figures


def count_table(
    scenario: Scenario,
    cases: tuple[Case, ...],
    residents: tuple[Residents, ...],
    opened: pd.DataFrame,
    layers: Layers,
) -> pd.DataFrame:
    """Every measure at every count from the state to the last phase; see ``Plan.by_count``."""
    counts = np.arange(scenario.counts[0], scenario.counts[-1] + 1)
    columns: dict[tuple[str, str, str, str], Array] = {}
    for case in cases:
        for measure, values in case.measures.items():
            columns[(*case.key(scenario), measure)] = values[counts]
    for group in residents:
        for measure, values in group.measures(int(counts[-1])).items():
            columns[(*group.key(scenario), measure)] = values[counts]

    # of the networks
    for name in scenario.network_names:
        of_network = np.concatenate([[0], np.cumsum(opened[F.NETWORK].to_numpy() == name)])
        columns["", name, "", "stations"] = of_network[counts].astype(np.int64)

    # of the district
    people = layers.people
    unknown = np.full(len(counts), np.nan)
    columns["", "", "", "sites"] = sites_by_count(opened)[counts]
    columns["", "", "", "cost_wan"] = cost_by_count(opened)[counts]
    columns["", "", "", "per_10k"] = counts / people * 1e4 if people > 0 else unknown

    table = pd.DataFrame(columns, index=pd.RangeIndex(counts[0], counts[-1] + 1, name=F.COUNT))
    table.columns = pd.MultiIndex.from_tuples(columns, names=BY_COUNT_LEVELS)
    # sorted, so that a part of the key finds its columns
    return table.sort_index(axis=1)


def phase_table(scenario: Scenario, by_count: pd.DataFrame) -> pd.DataFrame:
    """The measures at the phases, one row per figure; see ``Plan.measures``."""
    keys = list(by_count.columns)
    values = by_count.loc[list(scenario.counts)].to_numpy(np.float64)
    rows = [
        (number, count, *key, value, MEASURES[key[3]].unit)
        for number, count in enumerate(scenario.counts)
        for key, value in zip(keys, values[number].tolist(), strict=True)
    ]
    return pd.DataFrame(rows, columns=list(tables.MEASURES.columns))


def verdict_table(
    scenario: Scenario, cases: tuple[Case, ...], hand_db: FloatArray | None
) -> pd.DataFrame:
    """Whether each layer passes at each phase, and what it fails by; see ``Plan.verdicts``.

    ``hand_db`` is what is in hand, (phases, points, networks, levels); nothing hangs on it without.
    """
    failures = [member(F.FAIL, rule=code) for code in RULES]
    rows = []
    for number, phase in enumerate(scenario.phases):
        for case in cases:
            figures = {measure: values[phase.stations] for measure, values in case.measures.items()}
            rows.append(
                (
                    number,
                    phase.stations,
                    *case.key(scenario),
                    bool(figures[F.PASSES]),
                    float(figures[F.SHARE]),
                    case.passing_count(scenario.counts[0], scenario.counts[-1]),
                    np.nan if hand_db is None else _reserve_db(case, hand_db[number], figures),
                    *(float(figures.get(failure, 0.0)) for failure in failures),
                )
            )
    names = [name for name in tables.VERDICTS.columns if name != F.FAIL] + failures
    return pd.DataFrame(rows, columns=names)


def _reserve_db(case: Case, hand_db: FloatArray, figures: Mapping[str, Any]) -> float:
    """What a verdict hangs on, dB; ``hand_db`` is (points, networks, levels).

    Nothing where it fails by what is heard: signals that grow all at once do not mend that.
    """
    every = asked(case.layer.rule, case.layer.shape)
    fails = (member(F.FAIL, rule=rule.code) for rule, _ in every if rule.is_heard)
    if any(figures.get(fail, 0.0) > 0 for fail in fails):
        return float("nan")
    hand = hand_db[case.ground.places, case.network, case.level]
    return reserve_db(case.ground, hand, every, NEAR_DB)
