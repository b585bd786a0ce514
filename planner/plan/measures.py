"""The one table of measures: what each layer, network and level has at every count, at the phases, and the verdicts."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from planner import fields as F
from planner.model import IntArray, Layers
from planner.plan.build import cost_by_count, people_of, sites_by_count
from planner.plan.continuity import Ground, measure_ground, opened_rank
from planner.scenario import Layer, Scenario

Array = npt.NDArray[Any]

BY_COUNT_LEVELS = (F.LAYER, F.NETWORK, F.LEVEL, "measure")
UNITS = {
    "share": "1", "gaps": "1", "gaps_all": "1", "longest_m": "m", "gaps_per_100km": "1/100 km", "holes": "1",
    "largest_ha": "ha", "passes": "1", "stations": "1", "sites": "1", "cost_wan": "10,000 yuan",
    "per_10k": "1/10,000 people",
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A layer as one network serves it at one level, at every count.

    Attributes
    ----------
    ground
        The layer.
    network, level
        Their places in ``scenario.networks`` and ``fields.LEVELS``.
    rank, opened
        (n,) first served at, and failing up to; see :func:`planner.plan.continuity.opened_rank`.
    measures
        Arrays by count from 0; see :func:`planner.plan.continuity.measure_ground`.
    """

    ground: Ground
    network: int
    level: int
    rank: IntArray
    opened: IntArray
    measures: Mapping[str, Array]

    def key(self, scenario: Scenario) -> tuple[str, str, str]:
        """Names of layer, network and level."""
        return self.ground.layer.name, scenario.network_names[self.network], F.LEVELS[self.level]

    def passing_count(self, least: int) -> int:
        """The least count, `least` or more, from which the rule holds; -1 when it never does."""
        passes = self.measures["passes"][least:]
        return least + int(passes.argmax()) if passes.any() else -1


def measure_cases(
    scenario: Scenario, grounds: tuple[Ground, ...], first: Array, top: int, networks: tuple[int, ...] | None = None
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
    """
    return tuple(
        _case(ground, network, level, first[ground.places, network, level].astype(np.int64), top)
        for ground in grounds
        for network in (range(len(scenario.networks)) if networks is None else networks)
        for level in levels_of(ground.layer)
    )


def levels_of(layer: Layer) -> range:
    """Numbers of the levels that a layer is judged at."""
    return range(len(F.LEVELS) if layer.deep != "none" else 1)


def _case(ground: Ground, network: int, level: int, rank: IntArray, top: int) -> Case:
    opened = opened_rank(ground, rank)
    return Case(ground, network, level, rank, opened, measure_ground(ground, rank, opened, top))


def count_table(scenario: Scenario, cases: tuple[Case, ...], opened: pd.DataFrame, layers: Layers) -> pd.DataFrame:
    """Every measure at every count from the state to the last phase; see ``Plan.by_count``."""
    counts = np.arange(scenario.counts[0], scenario.counts[-1] + 1)
    columns: dict[tuple[str, str, str, str], Array] = {}
    for case in cases:
        for measure, values in case.measures.items():
            columns[(*case.key(scenario), measure)] = values[counts]
    for name in scenario.network_names:
        of_network = np.concatenate([[0], np.cumsum(opened[F.NETWORK].to_numpy() == name)])
        columns["", name, "", "stations"] = of_network[counts].astype(np.int64)
    people = people_of(layers)
    columns["", "", "", "sites"] = sites_by_count(opened)[counts]
    columns["", "", "", "cost_wan"] = cost_by_count(opened)[counts]
    columns["", "", "", "per_10k"] = counts / people * 1e4 if people > 0 else np.full(len(counts), np.nan)
    table = pd.DataFrame(columns, index=pd.RangeIndex(counts[0], counts[-1] + 1, name="count"))
    table.columns = pd.MultiIndex.from_tuples(columns, names=BY_COUNT_LEVELS)
    # sorted, so that a part of the key finds its columns
    return table.sort_index(axis=1)


def phase_table(scenario: Scenario, by_count: pd.DataFrame) -> pd.DataFrame:
    """The measures at the phases, one row per figure; see ``Plan.measures``."""
    rows = [
        (phase.name, phase.stations, *key, float(by_count[key].loc[phase.stations]), UNITS[key[3]])
        for phase in scenario.phases
        for key in by_count.columns
    ]
    return pd.DataFrame(rows, columns=[F.PHASE, "count", *BY_COUNT_LEVELS, "value", "unit"])


def verdict_table(scenario: Scenario, cases: tuple[Case, ...]) -> pd.DataFrame:
    """Whether each layer is continuous and deep, at each phase, with the rule and the reason; see ``Plan.verdicts``."""
    rows = []
    for phase in scenario.phases:
        for case in cases:
            at = {measure: values[phase.stations] for measure, values in case.measures.items()}
            layer = case.ground.layer
            rows.append(
                (phase.name, phase.stations, *case.key(scenario), bool(at["passes"]), float(at["share"]), *_rule(layer),
                 *reason(layer, at), case.passing_count(scenario.counts[0]))
            )  # fmt: skip
    names = [F.PHASE, "count", F.LAYER, F.NETWORK, F.LEVEL, "passes", "share", "rule_zh", "rule_en", "reason_zh",
             "reason_en", "passing_count"]  # fmt: skip
    return pd.DataFrame(rows, columns=names)


def _rule(layer: Layer) -> tuple[str, str]:
    """The rule in words, Chinese and English."""
    rule, share = layer.rule, f"{100 * layer.rule.share:g}"
    if layer.shape == "road":
        return (
            f"里程覆盖率≥{share}%，且无超过{rule.gap_m:g}米的缺口",
            f"at least {share} % of the length and no gap over {rule.gap_m:g} m",
        )
    return (
        f"面积覆盖率≥{share}%，且无可容半径{rule.hole_radius_m:g}米圆的空洞",
        f"at least {share} % of the area and no hole that holds a disc of {rule.hole_radius_m:g} m radius",
    )


def reason(layer: Layer, at: Mapping[str, Any]) -> tuple[str, str]:
    """Why the rule fails, as short as a table's cell: 欠2.8%, 缺1.2km, 空洞3; empty when it holds."""
    if at["passes"]:
        return "", ""
    parts = list(_shortfalls(layer, at))
    return "，".join(zh for zh, _ in parts), ", ".join(en for _, en in parts)


def _shortfalls(layer: Layer, at: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    # rounded up, so that what fails by a hair does not read as 0.0 %
    short = math.ceil((layer.rule.share - at["share"]) * 1000 - 1e-6) / 10
    if short > 0:
        yield f"欠{short:.1f}%", f"{short:.1f} % short"
    if at.get("gaps", 0):
        length = length_text(at["longest_m"])
        yield f"缺{length.replace(' ', '')}", f"gap {length}"
    if at.get("holes", 0):
        holes = int(at["holes"])
        yield f"空洞{holes}", f"{holes} hole{'s' if holes > 1 else ''}"


def length_text(metres: float) -> str:
    """A length as people say it: metres below a kilometre, then kilometres with one decimal."""
    return f"{metres:.0f} m" if metres < 999.5 else f"{metres / 1000:.1f} km"
