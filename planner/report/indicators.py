"""指标表: each indicator with formula and yardstick. Names, targets and sources are data, in ``indicators.yaml``."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
import yaml

from planner import fields as F
from planner.report.facts import PUBLIC_BUILDS, Facts, sharing_rate
from planner.report.words import Words, template_text
from planner.sheets import Column, Sheet

Values = list[float | int | None]


def indicator_sheet(facts: Facts, words: Words) -> Sheet:
    """Every indicator at every phase, with its target and whether the last phase meets it."""
    phases = [Column(words.phase(phase), "mixed") for phase in facts.scenario.phases]
    columns = (
        Column(words("指标"), widest=34), Column(words("单位")), Column(words("口径"), widest=44), *phases,
        Column(words("目标值"), "mixed"), Column(words("是否达标")), Column(words("依据"), widest=44),
    )  # fmt: skip
    return Sheet(words("指标表"), columns, list(_rows(facts, words)), title=words("指标表"))


def _rows(facts: Facts, words: Words) -> Iterator[tuple[Any, ...]]:
    language = words.language
    for entry in yaml.safe_load(template_text("indicators.yaml")):
        text = {key: entry[key][language] for key in ("name", "unit", "formula", "source")}
        target = entry.get("target")
        for label, values in _INDICATORS[entry["key"]](facts, words):
            name = f"{text['name']}{words('（{part}）', part=label)}" if label else text["name"]
            met = "" if target is None or values[-1] is None else words("是" if values[-1] >= target else "否")
            yield name, text["unit"], text["formula"], *values, target, met, text["source"]


def _over_phases(facts: Facts, measure: str, **key: str) -> Values:
    found = [facts.value(phase.name, measure, **key) for phase in facts.scenario.phases]
    return [
        None if math.isnan(one) else int(one) if one == int(one) and measure != "cost_wan" else one for one in found
    ]


def _opened(facts: Facts) -> Iterator[pd.DataFrame]:
    """What is opened after the state, up to each phase."""
    stations = facts.stations
    for number in range(len(facts.scenario.phases)):
        yield stations[(stations["number"] > 0) & (stations["number"] <= number)]


def _percent(part: float, whole: float) -> float | None:
    return 100 * float(part) / float(whole) if whole else None


def _stations(facts: Facts, words: Words) -> Iterator[tuple[str, Values]]:
    yield "", list(facts.scenario.counts)
    for network in facts.scenario.networks:
        yield words.network(network), _over_phases(facts, "stations", network=network.name)


def _sites(facts: Facts, _: Words) -> Iterator[tuple[str, Values]]:
    yield "", _over_phases(facts, "sites")


def _per_10k(facts: Facts, _: Words) -> Iterator[tuple[str, Values]]:
    yield "", [None if one is None else float(one) for one in _over_phases(facts, "per_10k")]


def _completion(facts: Facts, _: Words) -> Iterator[tuple[str, Values]]:
    yield "", [_percent(facts.scenario.counts[0], count) for count in facts.scenario.counts]


def _share(level: str) -> Callable[[Facts, Words], Iterator[tuple[str, Values]]]:
    def rows(facts: Facts, words: Words) -> Iterator[tuple[str, Values]]:
        for layer, of_level in facts.pairs:
            if of_level == level:
                shares = [facts.verdict(phase.name, layer, level).share for phase in facts.scenario.phases]
                yield words.layer(layer), [100 * share for share in shares]

    return rows


def _passing(facts: Facts, _: Words) -> Iterator[tuple[str, Values]]:
    pairs = [(layer, level) for layer, level in facts.pairs if level == F.LEVELS[0]]
    yield "", [sum(facts.verdict(phase.name, *pair).passes for pair in pairs) for phase in facts.scenario.phases]


def _longest_gap(facts: Facts, words: Words) -> Iterator[tuple[str, Values]]:
    for layer in facts.scenario.layers:
        if layer.shape == "road":
            by_network = [
                [
                    facts.value(phase.name, "longest_m", layer.name, network, F.LEVELS[0])
                    for phase in facts.scenario.phases
                ]
                for network in facts.scenario.network_names
            ]
            yield words.layer(layer), [round(float(one)) for one in np.max(by_network, axis=0)]


def _sharing(facts: Facts, _: Words) -> Iterator[tuple[str, Values]]:
    rates = [sharing_rate(stations) for stations in _opened(facts)]
    yield "", [None if math.isnan(rate) else rate for rate in rates]


def _retrofit(facts: Facts, _: Words) -> Iterator[tuple[str, Values]]:
    yield "", [_percent((~stations["is_new"]).sum(), len(stations)) for stations in _opened(facts)]


def _public(facts: Facts, _: Words) -> Iterator[tuple[str, Values]]:
    new = [stations[stations["is_new"]] for stations in _opened(facts)]
    yield "", [_percent(stations[F.BUILD_TYPE].isin(PUBLIC_BUILDS).sum(), len(stations)) for stations in new]


def _cost(facts: Facts, _: Words) -> Iterator[tuple[str, Values]]:
    yield "", _over_phases(facts, "cost_wan")


_INDICATORS: Mapping[str, Callable[[Facts, Words], Iterator[tuple[str, Values]]]] = {
    "stations": _stations, "sites": _sites, "per_10k": _per_10k, "completion": _completion,
    "outdoor_passing": _passing, "outdoor_share": _share("outdoor"), "deep_share": _share("deep"),
    "longest_gap": _longest_gap, "sharing": _sharing, "retrofit": _retrofit, "public": _public, "cost": _cost,
}  # fmt: skip
