"""The long lists of the report: what is left open, what is difficult, what is to be checked, what changed."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any, Final

import pandas as pd

from planner import fields as F
from planner.codes import Siting
from planner.model import Comparison, replacement_texts
from planner.model.measures import MEASURES, unit_text
from planner.report.facts import PUBLIC_KINDS, Facts
from planner.report.sheet import columns_of, make_sheet, with_unit
from planner.sheets import Column, Sheet
from planner.words import Language


def failure_list(facts: Facts, words: Language) -> Sheet:
    """Gaps and holes that are left, outdoors, at the phases after the state, the largest first."""
    phases = facts.scenario.phases
    rows = [
        (
            words.name(phases[row[F.PHASE]]),
            words.name(facts.networks[row[F.NETWORK]]),
            words.name(facts.layers[row[F.LAYER]]),
            words("piece", row[F.KIND]),
            row[F.NAME],
            row[F.TOWN],
            row[F.SIZE],
            words("unit", row[F.UNIT]),
            row[F.LON],
            row[F.LAT],
        )
        for row in facts.failures()
    ]
    columns = columns_of(
        words,
        "phase",
        "network",
        "layer",
        "kind",
        "name",
        "town",
        "size:number",
        "unit",
        "lon:degrees",
        "lat:degrees",
    )
    return make_sheet(words, "failures", columns, rows, notes=(words("report.note.failures"),))


def difficult_list(facts: Facts, words: Language) -> Sheet:
    """New sites whose failure would cost most: to be settled first. Reasons and people stay empty for the office."""
    scenario = facts.scenario
    length = {
        str(name): float(metres)
        for name, metres in facts.plan.roads.groupby(F.LAYER)[F.LENGTH_M].sum().items()
    }
    operators = {name: words.join(network.operators) for name, network in facts.networks.items()}
    stand_in = replacement_texts(facts.plan.replacements, words)
    rows: list[list[Any]] = []
    for number, row in enumerate(facts.difficult().to_dict("records"), start=1):
        hurt = [
            layer
            for layer in scenario.layers
            if any(row[F.loss_column(layer.name, level)] > 0 for level in layer.levels)
        ]
        gap = sum(
            row[F.loss_column(name, F.LEVELS[0])] / 100 * metres for name, metres in length.items()
        )
        layers = [words.name(layer) for layer in hurt]
        due = scenario.phases[row[F.PHASE]].date
        own = [
            number,
            row[F.NAME] or None,
            None,
            operators[row[F.NETWORK]],
            words("scene", row[F.SCENE]),
            layers[0],
        ]
        ours = [
            row[F.STATION_ID],
            row[F.TOWN],
            None,
            due,
            words.join(layers),
            round(gap),
            row[F.LOST_POINTS],
        ]
        named = stand_in.get(row[F.STATION_ID], [])
        ours += ["".join(named[:1]) or None, words.join(named[1:]) or None]
        rows.append([*own, row[F.LON], row[F.LAT], *[None] * 13, *ours])
    columns = columns_of(
        words,
        "number:integer",
        "site_name",
        "address",
        "operators",
        "area_type",
        "in_layer",
        "lon:degrees",
        "lat:degrees",
        "entered",
        "difficulty",
        "negotiation",
        "negotiation_kind",
        "building",
        "building_kind",
        "other",
        "other_kind",
        "contact",
        "remarks",
        "proposal",
        "solved",
        "progress",
        "station_id",
        "town",
        "responsible",
        "due",
        "layers",
        "new_gap:integer",
        "lost:number",
        "stand_in",
        "other_stand_ins",
    )
    notes = tuple(
        words("report.note", f"difficult_{note}") for note in ("order", "gap", "stand_in")
    )
    return make_sheet(words, "difficult", columns, rows, notes=notes)


def public_list(facts: Facts, words: Language) -> Sheet:
    """Roofs and poles that the plan asks to be opened, one row a site, by the order of building."""
    rows = [
        (
            number,
            None,
            None,
            None,
            row[F.LON],
            row[F.LAT],
            row[F.HEIGHT_M],
            row[F.STATION_ID],
            row[F.TOWN],
            words.name(facts.scenario.phases[row[F.PHASE]]),
            words("site_type", PUBLIC_KINDS[row[F.BUILD_TYPE]]),
        )
        for number, row in enumerate(facts.public().to_dict("records"), start=1)
    ]
    columns = columns_of(
        words,
        "number:integer",
        "station_address",
        "owner",
        "resource",
        "lon:degrees",
        "lat:degrees",
        "usable_height:number",
        "station_id",
        "town",
        "phase",
        "kind",
    )
    notes = tuple(words("report.note", f"public_{note}") for note in ("kinds", "height"))
    return make_sheet(words, "public", columns, rows, notes=notes)


def check_list(facts: Facts, words: Language) -> Sheet:
    """Siting and exposure of every station that is still to be opened, the strictest verdict first."""
    strictest = facts.later.assign(severity=-facts.later[F.SITING_VERDICT].map(list(Siting).index))
    reasons = _siting_reasons(facts, words)
    rows = [
        (
            row[F.STATION_ID],
            None,
            None,
            None,
            row[F.HEIGHT_M],
            row[F.LIMIT_W_M2],
            row[F.COMPLIANCE_M],
            row[F.AIRPORT_CAP_M],
            None,
            words("siting", row[F.SITING_VERDICT]),
            reasons.get(row[F.STATION_ID]),
            row[F.TOWN],
            words.name(facts.scenario.phases[row[F.PHASE]]),
        )
        for row in strictest.sort_values(["severity", F.RANK], kind="stable").to_dict("records")
    ]
    columns = columns_of(
        words,
        "station_id",
        "sensitive",
        "distance:number",
        "its_height:number",
        "height:number",
        "power_limit:fine",
        "compliance:number",
        "airport_cap:number",
        "reserve",
        "verdict",
        "reason",
        "town",
        "phase",
    )
    return make_sheet(words, "checks", columns, rows, notes=(words("report.note.checks"),))


def _siting_reasons(facts: Facts, words: Language) -> dict[str, str]:
    """Rules that each station's place hits, in words; nothing of a station that hits none."""
    parts: dict[str, list[str]] = {}
    columns = [F.STATION_ID, F.RULE, F.FIGURE, F.LIMIT, F.NAME]
    for station, rule, figure, limit, name in facts.plan.findings[columns].itertuples(
        index=False, name=None
    ):
        text = words("siting_rule", rule, figure=figure, limit=limit, name=name)
        parts.setdefault(station, []).append(text)
    return {station: words.clauses(texts) for station, texts in parts.items()}


def source_list(facts: Facts, words: Language) -> Sheet:
    """The inputs with source, date, licence, accuracy and basis."""
    sources = facts.plan.layers.sources
    said = (F.FILE, F.SOURCE, F.DATE, F.LICENCE, F.ACCURACY, F.BASIS)
    rows = [
        (
            file.rsplit("/", 1)[-1],
            *texts,
            words.join(words("basis", one) for one in basis.split(", ")),
        )
        for file, *texts, basis in sources[list(said)].itertuples(index=False, name=None)
    ]
    return make_sheet(words, "sources", columns_of(words, *said), rows)


COMPARED: Final = (
    "share", "gaps", "longest_m", "holes", "largest_ha", "residents", "residents_share", "passes",
    "passing_count",
    "stations", "sites", "cost_wan", "per_10k",
)  # fmt: skip
"""Measures that the comparison shows."""
SAME: Final = 1e-9  # what float sums leave behind is no difference


def comparison_list(compare: Comparison, words: Language) -> Sheet:
    """Parameters that differ, then every indicator that differs, as value and difference to the base."""
    base, *others = compare.names
    rows: list[list[Any]] = [
        [words("report.cell.parameter"), row[0], None, *row[1:], *[None] * len(others)]
        for row in compare.parameters.itertuples(index=False, name=None)
    ]
    for row in compare.indicators.to_dict("records"):
        first, *rest = shown = [_shown(row[F.MEASURE], row[name]) for name in compare.names]
        differences = [None if first is None or one is None else one - first for one in rest]
        if row[F.MEASURE] in COMPARED and any(
            abs(one) > SAME for one in differences if one is not None
        ):
            item, phase = (
                _compared_item(compare, words, row),
                _compared_phase(compare, words, row[F.PHASE]),
            )
            rows.append([words("report.cell.figure"), item, phase, *shown, *differences])
    columns = columns_of(words, "kind", "item", "phase") + [
        Column(name, "mixed") for name in compare.names
    ]
    columns += [
        Column(words("report.head.against", name=name, base=base), "mixed") for name in others
    ]
    return make_sheet(words, "comparison", columns, rows)


def _compared_item(compare: Comparison, words: Language, row: Mapping[Hashable, Any]) -> str:
    """What a figure is: layer, network, level and measure with its unit."""
    unit = unit_text(MEASURES[row[F.MEASURE]].shown_unit, compare.money, words)
    measure = words("measure", row[F.MEASURE])
    names = [words.name(compare.parts[name]) for name in (row[F.LAYER], row[F.NETWORK]) if name]
    level = [words("level", row[F.LEVEL])] if row[F.LEVEL] else []
    return " ".join([*names, *level, with_unit(words, measure, unit) if unit else measure])


def _compared_phase(compare: Comparison, words: Language, number: Any) -> str:
    """A phase of the plans; empty for none."""
    return "" if pd.isna(number) or number < 0 else words.name(compare.phases[number])


def _shown(measure: str, number: Any) -> float | int | None:
    if pd.isna(number):
        return None
    shown = MEASURES[measure].shown(number)
    return int(shown) if shown == int(shown) else shown


def change_list(compare: Comparison, words: Language) -> Sheet:
    """变更对照: stations that a plan adds, drops, moves or shifts to another phase."""
    rows = [
        (
            row[F.PLAN],
            words("change", row[F.CHANGE]),
            row[F.STATION_ID],
            row[F.BASE_ID] or None,
            words.name(compare.parts[row[F.NETWORK]]),
            row[F.TOWN],
            *(_compared_phase(compare, words, row[phase]) for phase in (F.PHASE_BASE, F.PHASE)),
            row[F.MOVED_M],
        )
        for row in compare.stations.to_dict("records")
    ]
    columns = columns_of(
        words,
        "plan",
        "change",
        "station_id",
        "base_id",
        "network",
        "town",
        "phase_before",
        "phase_now",
        "moved:number",
    )
    return make_sheet(words, "changes", columns, rows)
