"""The values that a report's text may name; the templates' own list of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import shapely

from planner import fields as F
from planner.report.facts import Facts, sharing_rate
from planner.report.loads import load_lines
from planner.report.sheet import Comparison
from planner.report.words import Words
from planner.sheets import Sheet


def story(facts: Facts, words: Words, tables: Mapping[str, Sheet], compare: Comparison | None = None) -> dict[str, Any]:
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
    scenario, plan, stations, later = facts.scenario, facts.plan, facts.stations, facts.later
    phases = [_phase(facts, words, number) for number in range(len(scenario.phases))]
    return {
        "title": words.title(), "district": words.district(),
        "adcode": scenario.district.adcode, "client": scenario.titles.client,
        "compiled_by": scenario.titles.compiled_by, "date": _date(words, scenario.as_of), "as_of": scenario.as_of,
        "synthetic": plan.layers.is_synthetic, "phases": phases, "later": phases[1:],
        "networks": [_network(facts, words, network.name) for network in scenario.networks],
        "layers": [_layer(facts, words, name) for name in scenario.layer_names],
        "layer_names": [words.layer(name) for name in scenario.layer_names], "rules": _rules(facts, words),
        "area_km2": f"{shapely.union_all(plan.layers.boundary.geometry.to_numpy()).area / 1e6:.0f}",
        "people": _figure(plan.layers.towns[F.PEOPLE].sum() / 1e4 or np.nan),
        "ready": int((stations["state"] == "retrofitted").sum()),
        "outdoor_dbm": f"{scenario.levels.outdoor.rsrp_dbm:g}", "deep_dbm": f"{scenario.levels.deep.rsrp_dbm:g}",
        "gap": _gap(facts), "retrofit_share": f"{100 * (~later['is_new']).mean():.1f}",
        "sharing_rate": _figure(sharing_rate(later)), "near_m": f"{scenario.exposure.near_m:g}",
        "public_sites": len(facts.public()),
        "difficult": len(tables["疑难站址清单"].rows), "failures": len(tables["缺口与空洞清单"].rows),
        "keep_outs": list(dict.fromkeys(map(str, plan.layers.keep_outs.get(F.NAME, [])))),
        "checks": _checks(facts, words), "loads": load_lines(facts, words),
        "comparison": _comparison(compare) if compare is not None else None,
    }  # fmt: skip


def _figure(value: float) -> str:
    """With one decimal; empty where there is none, so that the templates leave its sentence out."""
    return f"{value:.1f}" if np.isfinite(value) else ""


def _date(words: Words, text: str) -> str:
    year, month, _ = text.split("-")
    return f"{year}年{int(month)}月" if words.language == "zh" else f"{year}-{month}"


def _phase(facts: Facts, words: Words, number: int) -> dict[str, Any]:
    phase, new = facts.scenario.phases[number], facts.of_phase(number)
    passed: dict[tuple[str, bool], list[str]] = {}
    for layer, level in facts.pairs:
        holds = facts.verdict(phase.name, layer, level).passes
        passed.setdefault((level, holds), []).append(words.layer(layer))
    outdoor, deep = F.LEVELS
    return {
        "name": words.phase(phase), "date": phase.date, "stations": phase.stations, "new": len(new),
        "sites": int(facts.value(phase.name, "sites")), "per_10k": _figure(facts.value(phase.name, "per_10k")),
        "cost": f"{new[F.COST_WAN].sum():,.0f}", "total_cost": f"{facts.value(phase.name, 'cost_wan'):,.0f}",
        "passing": passed.get((outdoor, True), []), "failing": passed.get((outdoor, False), []),
        "deep_passing": passed.get((deep, True), []), "deep_failing": passed.get((deep, False), []),
    }  # fmt: skip


def _network(facts: Facts, words: Words, name: str) -> dict[str, Any]:
    network = next(network for network in facts.scenario.networks if network.name == name)
    bands = [facts.scenario.bands[band] for band in network.bands]
    return {
        "label": words.network(network),
        "operators": list(network.operators),
        "bands": [band.label_zh if words.language == "zh" else band.label_en for band in bands],
        "stations": [int(facts.value(phase.name, "stations", network=name)) for phase in facts.scenario.phases],
    }


def _layer(facts: Facts, words: Words, name: str) -> dict[str, Any]:
    asked = {level for layer, level in facts.pairs if layer == name}
    of = {level: [facts.verdict(phase.name, name, level) for phase in facts.scenario.phases] for level in asked}
    outdoor, deep = F.LEVELS
    return {
        "label": words.layer(name),
        "outdoor": [f"{100 * one.share:.1f}" for one in of[outdoor]],
        "outdoor_needs": _needs(words, of[outdoor][-1].passing_count),
        "deep": [f"{100 * one.share:.1f}" for one in of.get(deep, [])],
        "deep_needs": _needs(words, of[deep][-1].passing_count) if deep in of else "",
    }


def _needs(words: Words, count: int) -> str:
    return words("本次序内不能达标") if count < 0 else words("{count}站起达标", count=count)


def _rules(facts: Facts, words: Words) -> list[dict[str, str]]:
    """Each rule once, with the layers it holds for."""
    first = facts.plan.verdicts.drop_duplicates(F.LAYER).set_index(F.LAYER)[f"rule_{words.language}"]
    rules: dict[str, list[str]] = {}
    for name in facts.scenario.layer_names:
        rules.setdefault(str(first[name]), []).append(words.layer(name))
    return [{"label": words.join(labels), "rule": rule} for rule, labels in rules.items()]


def _gap(facts: Facts) -> str | None:
    gap = facts.plan.provenance.get("gap")
    if isinstance(gap, list | tuple):
        gap = gap[-1] if gap else None
    return None if gap is None or not np.isfinite(gap) else f"{100 * float(gap):.2f}"


def _checks(facts: Facts, words: Words) -> str:
    """How many of the stations to be opened have each siting verdict."""
    counts = facts.later["siting_verdict"].value_counts()
    verdicts = [name for name in ("通过", "需核算", "需征求意见", "禁止") if name in counts]
    return words.join([words("{verdict}{n}站", verdict=words(name), n=counts[name]) for name in verdicts])


def _comparison(compare: Comparison) -> dict[str, Any]:
    base, other = compare.names[:2]
    changes = compare.stations.loc[compare.stations["plan"] == other, "change"].value_counts()
    return {"base": base, "other": other} | {
        change: int(changes.get(change, 0)) for change in ("added", "removed", "moved", "retimed")
    }
