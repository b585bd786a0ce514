"""The values that a report's text may name; the templates' own list of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import shapely

from planner import fields as F
from planner.codes import Change, Level, Siting, State
from planner.model import Comparison, input_notes
from planner.radio import MODELS
from planner.report.facts import Facts, report_title, sharing_rate
from planner.report.indicators import indicator_source
from planner.report.loads import load_lines
from planner.scenario import Network
from planner.sheets import Sheet
from planner.words import Language, percent, shown_size

_GAPS = ("objective_gap", "sharing_price", "gap")


def story(
    facts: Facts, words: Language, tables: Mapping[str, Sheet], compare: Comparison | None = None
) -> dict[str, Any]:
    """Values by name, as texts and numbers.

    Parameters
    ----------
    facts, words
        The plan and the language.
    tables
        From :func:`planner.report.tables.make_tables`.
    compare
        What changed against other plans.
    """
    scenario, plan, stations = facts.scenario, facts.plan, facts.stations
    phases = [_phase(facts, words, number) for number in range(len(scenario.phases))]
    is_proposed = (facts.later[F.STATE] == State.CANDIDATE) & (facts.later[F.BASIS] == "synthetic")
    is_unknown = (stations[F.STATE] != State.CANDIDATE) & (stations[F.BASIS] == "synthetic")
    ((over, probability),) = scenario.radio.probability().items()
    area_m2 = shapely.union_all(plan.layers.boundary.geometry.to_numpy()).area
    return {
        # The cover.
        "title": report_title(scenario, words),
        "district": words.name(scenario.district),
        "adcode": scenario.district.adcode,
        "client": scenario.titles.client,
        "compiled_by": scenario.titles.compiled_by,
        "date": _date(words, scenario.as_of),
        "as_of": scenario.as_of,
        "synthetic": plan.is_synthetic,
        "notes": [words.said(said) for said in input_notes(plan.layers.notices)],
        # What was asked, and what comes out at each phase.
        "phases": phases,
        "later": phases[1:],
        "networks": [_network(facts, words, network) for network in scenario.networks],
        "deep": any(layer.deep != "none" for layer in scenario.layers),
        "layers": [_layer(facts, words, name) for name in scenario.layer_names],
        "layer_names": [words.name(layer) for layer in scenario.layers],
        "rules": _rules(facts, words),
        "area_km2": f"{area_m2 / 1e6:.0f}",
        "residents": _figure(_inside(plan.residents) / 1e4 or np.nan),
        "per_station": scenario.capacity.residents_per_station,
        "bounded": bool(scenario.limits or scenario.capacity.residents_per_station),
        "people": _figure(plan.layers.people / 1e4 or np.nan),
        "unknown_today": int(is_unknown.sum()),
        "neighbours": len(plan.neighbour_stations),
        "neighbour_ground": _neighbour_ground(facts, words),
        "ready": int((stations[F.STATE] == State.RETROFITTED).sum()),
        "outdoor_dbm": f"{scenario.levels.outdoor.rsrp_dbm:g}",
        "deep_dbm": f"{scenario.levels.deep.rsrp_dbm:g}",
        "own_dbm": _own_thresholds(facts, words),
        "held_over": words("probability", over),
        "held_percent": f"{100 * probability:g}",
        "places": _places(facts, words),
        **_gaps(facts),
        # What is to be done, and what is left.
        "proposed": facts.later[F.SITE_ID][is_proposed].nunique(),
        "retrofit_share": f"{100 * (~facts.later[F.IS_NEW]).mean():.1f}",
        "sharing_rate": _figure(sharing_rate(facts.later)),
        "public_sites": len(facts.public()),
        "difficult": len(tables["difficult"].rows),
        "failures": len(tables["failures"].rows),
        "keep_outs": list(dict.fromkeys(plan.layers.keep_outs[F.NAME])),
        "checks": _checks(facts, words),
        "loads": load_lines(facts, words),
        # Notes on method and money.
        "models": _models(facts),
        "money": words.name(scenario.references.money),
        "cost_source": indicator_source(facts, words, "cost"),
        "pace": words.name(scenario.references.pace) if scenario.references.pace else "",
        "cell_m": f"{scenario.demand.cell_m:g}",
        "exposure": _exposure(facts),
        "comparison": _comparison(compare) if compare is not None else None,
    }


def _neighbour_ground(facts: Facts, words: Language) -> str:
    """What the neighbour stations of each network serve outdoors."""
    grounds = [facts.plan.ground_beyond(number) for number in range(len(facts.networks))]
    return words.clauses(
        [
            words(
                "report.neighbour_ground",
                network=words.name(network),
                km2=f"{area_m2 / 1e6:.2f}",
                km=f"{road_m / 1e3:.2f}",
            )
            for network, (area_m2, road_m) in zip(facts.networks.values(), grounds, strict=True)
        ]
    )


def _inside(residents: pd.DataFrame) -> float:
    """People inside the layers, each once; nought where nobody is known to live."""
    outdoors = residents[(residents[F.PHASE] == 0) & (residents[F.LEVEL] == Level.OUTDOOR)]
    return float(outdoors.groupby(F.NETWORK)[F.PEOPLE].sum().max()) if len(outdoors) else 0.0


def _figure(value: float) -> str:
    """With one decimal; empty where there is none, and the templates leave the sentence out."""
    return f"{value:.1f}" if np.isfinite(value) else ""


def _date(words: Language, text: str) -> str:
    year, month, _ = map(int, text.split("-"))
    return words("report.date", year=year, month=month)


def _phase(facts: Facts, words: Language, number: int) -> dict[str, Any]:
    phase, new = facts.scenario.phases[number], facts.of_phase(number)
    passed: dict[tuple[str, bool], list[str]] = {}
    for layer, level in facts.pairs:
        verdict, name = facts.verdict(number, layer, level), words.name(facts.layers[layer])
        named = words.bracketed(name, words("report.borderline")) if verdict.hanging else name
        passed.setdefault((level, verdict.passes), []).append(named)

    outdoor, deep = F.LEVELS
    return {
        "name": words.name(phase),
        "date": phase.date,
        "stations": phase.stations,
        "new": len(new),
        "sites": int(facts.value(number, "sites")),
        "per_10k": _figure(facts.value(number, "per_10k")),
        "cost": f"{new[F.COST_WAN].sum():,.0f}",
        "served": [
            f"{shown_size('count', people):,.0f}"
            for people in facts.plan.residents_served(number).values()
        ],
        "total_cost": f"{facts.value(number, 'cost_wan'):,.0f}",
        "passing": passed.get((outdoor, True), []),
        "failing": passed.get((outdoor, False), []),
        "deep_passing": passed.get((deep, True), []),
        "deep_failing": passed.get((deep, False), []),
    }


def _network(facts: Facts, words: Language, network: Network) -> dict[str, Any]:
    phases = range(len(facts.scenario.phases))
    counts = [facts.value(number, "stations", network=network.name) for number in phases]
    return {
        "label": words.name(network),
        "operators": list(network.operators),
        "bands": [words.name(facts.scenario.bands[band]) for band in network.bands],
        "stations": list(map(int, counts)),
    }


def _layer(facts: Facts, words: Language, name: str) -> dict[str, Any]:
    asked = {level for layer, level in facts.pairs if layer == name}
    phases = range(len(facts.scenario.phases))
    verdicts = {level: [facts.verdict(number, name, level) for number in phases] for level in asked}
    outdoor, deep = F.LEVELS
    limit = facts.layers[name].rule.share
    return {
        "label": words.name(facts.layers[name]),
        "outdoor": [percent(verdict.share, limit) for verdict in verdicts[outdoor]],
        "outdoor_needs": _needs(words, verdicts[outdoor][-1].passing_count),
        "deep": [percent(verdict.share, limit) for verdict in verdicts.get(deep, [])],
        "deep_needs": _needs(words, verdicts[deep][-1].passing_count) if deep in verdicts else "",
    }


def _models(facts: Facts) -> list[dict[str, Any]]:
    """Each source of the propagation models that the plan's stations have, with its models."""
    used = set(facts.stations[F.MODEL])
    sources: dict[str, list[str]] = {}
    for name, model in MODELS.items():
        if name in used:
            sources.setdefault(model.source, []).append(name)
    return [{"names": names, "source": source} for source, names in sources.items()]


def _needs(words: Language, count: int) -> str:
    return words("never_passes") if count < 0 else words("from_count", count=count)


def _rules(facts: Facts, words: Language) -> list[dict[str, str]]:
    """Each rule once, with the layers it holds for."""
    rules: dict[str, list[str]] = {}
    for layer in facts.scenario.layers:
        rules.setdefault(facts.rule_text(layer.name, words), []).append(words.name(layer))
    return [{"label": words.join(labels), "rule": rule} for rule, labels in rules.items()]


def _own_thresholds(facts: Facts, words: Language) -> str:
    """Layers with thresholds of their own; empty for none."""
    own = ((layer, facts.scenario.own_thresholds(layer)) for layer in facts.scenario.layers)
    return words.clauses(
        words.bracketed(words.name(layer), words.thresholds(levels))
        for layer, levels in own
        if levels
    )


def _places(facts: Facts, words: Language) -> str:
    """Where depth is asked in each layer: in vehicles, or behind which walls; empty for nowhere."""
    places: dict[str, list[str]] = {}
    for layer in facts.scenario.layers:
        if layer.deep != "none":
            place = layer.wall if layer.deep == "indoor" else layer.deep
            # a class of the scenario's own is called what it is called there
            named = place if place in facts.scenario.radio.walls else words("place", place)
            places.setdefault(named, []).append(words.name(layer))
    return words.clauses(words.bracketed(place, words.join(on)) for place, on in places.items())


def _gaps(facts: Facts) -> dict[str, str | None]:
    """Gap of what is maximised, price of sharing, gap of coverage, per cent; None: not proven."""
    found = {name: facts.plan.provenance.get(name) for name in _GAPS}
    return {
        name: None if gap is None or not np.isfinite(gap) else f"{100 * float(gap):z.2f}"
        for name, gap in found.items()
    }


def _checks(facts: Facts, words: Language) -> str:
    """How many of the stations to be opened have each siting verdict."""
    counts = facts.later[F.SITING_VERDICT].value_counts()
    verdicts = [verdict for verdict in Siting if verdict in counts]
    return words.join(
        words("report.count_of", name=words("siting", code), n=counts[code]) for code in verdicts
    )


def _exposure(facts: Facts) -> dict[str, str]:
    """What the exposure counts, and how far it reaches at the worst of the sites to be built on."""
    asked, sites = facts.scenario.exposure, facts.later.drop_duplicates(F.SITE_ID)
    counted = sites[F.OTHER_SYSTEMS].value_counts()
    return {
        "near_m": f"{asked.near_m:g}",
        "share": f"{100 * asked.limit_share:g}",
        "systems": f"{asked.other_systems}",
        "power_w": f"{asked.other_power_w:g}",
        "gain_dbi": f"{asked.other_gain_dbi:g}",
        "listed": f"{counted.get('listed', 0)}",
        "allowed": f"{counted.get('allowed', 0)}",
        "uncounted": f"{counted.get('none', 0)}",
        "farthest_m": f"{sites[F.COMPLIANCE_M].max():.0f}" if len(sites) else "",
    }


def _comparison(compare: Comparison) -> dict[str, Any]:
    """The first two plans, and how many stations each kind of change concerns."""
    base, other = compare.names[:2]
    changes = compare.stations.loc[compare.stations[F.PLAN] == other, F.CHANGE].value_counts()
    counts = {change.value: int(changes.get(change, 0)) for change in Change}
    return {"base": base, "other": other, **counts}
