"""The long lists of the report: what is left open, what is difficult, what is to be checked, what changed."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any, Final

import pandas as pd

from planner import fields as F
from planner.model import replacement_texts
from planner.report.facts import PUBLIC_KINDS, SITING, Facts, loss_name
from planner.report.sheet import Comparison, columns_of, make_sheet, with_unit
from planner.sheets import Column, Sheet
from planner.words import Language


def failure_list(facts: Facts, words: Language) -> Sheet:
    """Gaps and holes that are left, outdoors, at the phases after the state, the largest first."""
    phases = facts.scenario.phases
    rows = [
        (words.name(phases[row["number"]]), words.name(facts.networks[row[F.NETWORK]]),
         words.name(facts.layers[row[F.LAYER]]), words("piece", row["kind"]), row[F.NAME], row[F.TOWN], row["size"],
         words("unit", row["unit"]), row[F.LON], row[F.LAT])
        for row in facts.failures()
    ]  # fmt: skip
    columns = columns_of(
        words, "phase", "network", "layer", "kind", "name", "town", "size:number", "unit", "lon:degrees", "lat:degrees"
    )
    return make_sheet(words, "failures", columns, rows, notes=(words("report.note.failures"),))


def difficult_list(facts: Facts, words: Language) -> Sheet:
    """New sites whose failure would cost most: to be settled first. Reasons and people stay empty for the office."""
    scenario = facts.scenario
    length = {str(name): float(metres) for name, metres in facts.plan.roads.groupby(F.LAYER)["length_m"].sum().items()}
    operators = {name: words.join(network.operators) for name, network in facts.networks.items()}
    stand_in = replacement_texts(facts.plan.replacements, english=words.code == "en")
    rows: list[list[Any]] = []
    for number, row in enumerate(facts.difficult().to_dict("records"), start=1):
        hurt = [name for name in scenario.layer_names
                if any(row.get(loss_name(name, level), 0.0) > 0 for level in F.LEVELS)]  # fmt: skip
        gap = sum(row[loss_name(name, F.LEVELS[0])] / 100 * metres for name, metres in length.items())
        layers = [words.name(facts.layers[name]) for name in hurt]
        due = scenario.phases[row["number"]].date
        own = [number, row[F.NAME] or None, None, operators[row[F.NETWORK]], words("scene", row[F.SCENE]), layers[0]]
        ours = [row[F.STATION_ID], row[F.TOWN], None, due, words.join(layers), round(gap), row["lost"]]
        named = stand_in.get(row[F.STATION_ID], [])
        ours += ["".join(named[:1]) or None, words.join(named[1:]) or None]
        rows.append([*own, row[F.LON], row[F.LAT], *[None] * 13, *ours])
    columns = columns_of(
        words, "number:integer", "site_name", "address", "operators", "area_type", "in_layer", "lon:degrees",
        "lat:degrees", "entered", "difficulty", "negotiation", "negotiation_kind", "building", "building_kind", "other",
        "other_kind", "contact", "remarks", "proposal", "solved", "progress", "station_id", "town", "responsible",
        "due", "layers", "new_gap:integer", "lost:number", "stand_in", "other_stand_ins",
    )  # fmt: skip
    notes = tuple(words("report.note", f"difficult_{note}") for note in ("order", "gap", "stand_in"))
    return make_sheet(words, "difficult", columns, rows, notes=notes)


def public_list(facts: Facts, words: Language) -> Sheet:
    """Roofs and poles that the plan asks to be opened, one row a site, by the order of building."""
    rows = [
        (number, None, None, None, row[F.LON], row[F.LAT], row[F.HEIGHT_M], row[F.STATION_ID], row[F.TOWN],
         words.name(facts.scenario.phases[row["number"]]), words("site_type", PUBLIC_KINDS[row[F.BUILD_TYPE]]))
        for number, row in enumerate(facts.public().to_dict("records"), start=1)
    ]  # fmt: skip
    columns = columns_of(
        words, "number:integer", "station_address", "owner", "resource", "lon:degrees", "lat:degrees",
        "usable_height:number", "station_id", "town", "phase", "kind",
    )  # fmt: skip
    notes = tuple(words("report.note", f"public_{note}") for note in ("kinds", "height"))
    return make_sheet(words, "public", columns, rows, notes=notes)


def check_list(facts: Facts, words: Language) -> Sheet:
    """Siting and exposure of every station that is still to be opened, the strictest verdict first."""
    strictest = facts.later.assign(severity=-facts.later["siting"].map(SITING.index))
    rows = [
        (row[F.STATION_ID], None, None, None, row[F.HEIGHT_M], row["limit_w_m2"], row["compliance_m"],
         row["airport_cap_m"], None, words("siting", row["siting"]), _siting_reason(row, words), row[F.TOWN],
         words.name(facts.scenario.phases[row["number"]]))
        for row in strictest.sort_values(["severity", F.RANK], kind="stable").to_dict("records")
    ]  # fmt: skip
    columns = columns_of(
        words, "station_id", "sensitive", "distance:number", "its_height:number", "height:number", "power_limit:fine",
        "compliance:number", "airport_cap:number", "reserve", "verdict", "reason", "town", "phase",
    )  # fmt: skip
    return make_sheet(words, "checks", columns, rows, notes=(words("report.note.checks"),))


def _siting_reason(row: Mapping[Hashable, Any], words: Language) -> str | None:
    """Rules that a station's place hits, in words."""
    return row["siting_reason_en" if words.code == "en" else "siting_reason"] or None


def source_list(facts: Facts, words: Language) -> Sheet:
    """The inputs with source, date, licence, accuracy and basis."""
    sources = facts.plan.layers.sources
    known = [field for field in ("file", "source", "date", "licence", "accuracy", "basis") if field in sources]
    rows = [
        [str(row[field]).rsplit("/", 1)[-1] if field == "file" else str(row[field]) for field in known]
        for row in sources[known].to_dict("records")
    ]
    return make_sheet(words, "sources", columns_of(words, *known), rows)


COMPARED: Final = {
    "share": "%", "gaps": "", "longest_m": "m", "holes": "", "largest_ha": "ha", "passes": "", "passing_count": "",
    "stations": "", "sites": "", "cost_wan": "money", "per_10k": "",
}  # fmt: skip
"""Measures that the comparison shows, each with the unit that is written behind it."""


def comparison_list(facts: Facts, compare: Comparison, words: Language) -> Sheet:
    """Parameters that differ, then every indicator that differs, as value and difference to the base."""
    base, *others = compare.names
    rows: list[list[Any]] = [
        [words("report.cell.parameter"), row[0], None, *row[1:], *[None] * len(others)]
        for row in compare.parameters.itertuples(index=False, name=None)
    ]
    for row in compare.indicators.to_dict("records"):
        differences = [row[f"{name} - {base}"] for name in others]
        if row["measure"] not in COMPARED or not any(abs(one) > 1e-9 for one in differences if not pd.isna(one)):
            continue
        item = _compared_item(facts, compare, words, row)
        shown = [_shown(row["measure"], one) for one in (*(row[name] for name in compare.names), *differences)]
        rows.append([words("report.cell.figure"), item, _compared_phase(facts, words, row[F.PHASE]), *shown])
    columns = columns_of(words, "kind", "item", "phase") + [Column(name, "mixed") for name in compare.names]
    columns += [Column(words("report.head.against", name=name, base=base), "mixed") for name in others]
    return make_sheet(words, "comparison", columns, rows)


def _compared_item(facts: Facts, compare: Comparison, words: Language, row: Mapping[Hashable, Any]) -> str:
    """What a figure is: layer, network, level and measure with its unit."""
    unit = COMPARED[row["measure"]]
    unit = words.name(facts.scenario.references.money) if unit == "money" else unit and words("unit", unit)
    measure = with_unit(words, words("measure", row["measure"]), unit) if unit else words("measure", row["measure"])
    parts = facts.layers | facts.networks
    names = [
        words.name(parts[name]) if name in parts else compare.labels.get(name, name)
        for name in (row[F.LAYER], row[F.NETWORK])
        if name
    ]
    return " ".join([*names, *([words("level", row[F.LEVEL])] if row[F.LEVEL] else []), measure])


def _compared_phase(facts: Facts, words: Language, name: str) -> str:
    """A phase of one of the plans; the name itself where this plan has no such phase, or none."""
    return next((words.name(phase) for phase in facts.scenario.phases if phase.name == name), name)


def _shown(measure: str, number: Any) -> float | int | None:
    if pd.isna(number):
        return None
    shown = float(number) * (100 if measure == "share" else 1)
    return int(shown) if shown == int(shown) else shown


def change_list(facts: Facts, compare: Comparison, words: Language) -> Sheet:
    """变更对照: stations that a plan adds, drops, moves or shifts to another phase."""
    rows = [
        (row["plan"], words("change", row["change"]), row[F.STATION_ID], row["base_id"] or None,
         words.name(facts.networks[row[F.NETWORK]]), row[F.TOWN],
         *(_compared_phase(facts, words, row[phase]) for phase in ("phase_base", F.PHASE)), row["moved_m"])
        for row in compare.stations.to_dict("records")
    ]  # fmt: skip
    columns = columns_of(
        words, "plan", "change", "station_id", "base_id", "network", "town", "phase_before", "phase_now", "moved:number"
    )
    return make_sheet(words, "changes", columns, rows)
