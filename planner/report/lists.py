"""The long lists of the report: what is left open, difficult, to be checked, what changed."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any, Final

import pandas as pd

from planner import fields as F
from planner.codes import Level, Siting
from planner.model import Comparison, replacement_texts
from planner.model.measures import MEASURES, unit_text
from planner.report.facts import PUBLIC_KINDS, Facts
from planner.report.sheet import columns_of, make_sheet, with_unit
from planner.sheets import Column, Sheet
from planner.words import Language

# Heads of the tables, see `columns_of`.
_FAILURE_HEADS: Final = (
    "phase", "network", "layer", "kind", "name", "town", "size:number", "unit",
    "lon:degrees", "lat:degrees",
)  # fmt: skip
_DIFFICULT_HEADS: Final = (
    "number:integer", "site_name", "address", "operators", "area_type", "in_layer",
    "lon:degrees", "lat:degrees", "entered", "difficulty", "negotiation", "negotiation_kind",
    "building", "building_kind", "other", "other_kind", "contact", "remarks", "proposal", "solved",
    "progress", "station_id", "town", "responsible", "due", "layers", "new_gap:integer",
    "lost:number", "stand_in", "other_stand_ins",
)  # fmt: skip
_PUBLIC_HEADS: Final = (
    "number:integer", "station_address", "owner", "resource", "lon:degrees", "lat:degrees",
    "usable_height:number", "station_id", "town", "phase", "kind",
)  # fmt: skip
_CHECK_HEADS: Final = (
    "station_id", "sensitive", "distance:number", "its_height:number", "height:number",
    "power_limit:fine", "compliance:number", "worst_bearing:integer", "worst_height:number",
    "ground_share:fine", "other_systems", "airport_cap:number", "reserve", "verdict", "reason",
    "town", "phase",
)  # fmt: skip
_CHANGE_HEADS: Final = (
    "plan", "change", "station_id", "base_id", "network", "town", "phase_before", "phase_now",
    "moved:number",
)  # fmt: skip


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
    columns = columns_of(words, *_FAILURE_HEADS)
    return make_sheet(words, "failures", columns, rows, notes=(words("report.note.failures"),))


def difficult_list(facts: Facts, words: Language) -> Sheet:
    """New sites whose failure would cost most: to be settled first.

    Reasons and people stay empty for the office.
    """
    stand_ins = replacement_texts(facts.plan.replacements, words)
    sites = facts.difficult()
    sites = sites.assign(gap_m=_new_gap_m(facts, sites))
    rows = [
        _difficult_row(facts, words, number, row, stand_ins.get(row[F.STATION_ID], []))
        for number, row in enumerate(sites.to_dict("records"), start=1)
    ]
    columns = columns_of(words, *_DIFFICULT_HEADS)
    notes = [words("report.note", f"difficult_{note}") for note in ("order", "gap", "stand_in")]
    return make_sheet(words, "difficult", columns, rows, notes=tuple(notes))


def _difficult_row(
    facts: Facts, words: Language, number: int, row: Mapping[Hashable, Any], stand_ins: list[str]
) -> list[Any]:
    """A row under ``_DIFFICULT_HEADS``: the office's own columns first, then those of the plan."""
    hurt = [
        words.name(layer)
        for layer in facts.scenario.layers
        if any(row[F.loss_column(layer.name, level)] > 0 for level in layer.judged_at)
    ]
    office = [
        number,
        row[F.NAME] or None,
        None,
        words.join(facts.networks[row[F.NETWORK]].operators),
        words("scene", row[F.SCENE]),
        hurt[0],
        row[F.LON],
        row[F.LAT],
    ]
    plan = [
        row[F.STATION_ID],
        row[F.TOWN],
        None,
        facts.scenario.phases[row[F.PHASE]].date,
        words.join(hurt),
        round(row["gap_m"]),
        row[F.LOST_POINTS],
        "".join(stand_ins[:1]) or None,
        words.join(stand_ins[1:]) or None,
    ]
    blank = len(_DIFFICULT_HEADS) - len(office) - len(plan)
    return [*office, *[None] * blank, *plan]


def _new_gap_m(facts: Facts, sites: pd.DataFrame) -> pd.Series:
    """Length of road that loses outdoor service without each site, (sites,), m."""
    gap_m = pd.Series(0.0, index=sites.index)
    for layer, metres in facts.plan.roads.groupby(F.LAYER)[F.LENGTH_M].sum().items():
        gap_m += sites[F.loss_column(str(layer), Level.OUTDOOR)] / 100 * metres
    return gap_m


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
    columns = columns_of(words, *_PUBLIC_HEADS)
    notes = tuple(words("report.note", f"public_{note}") for note in ("kinds", "height"))
    return make_sheet(words, "public", columns, rows, notes=notes)


def check_list(facts: Facts, words: Language) -> Sheet:
    """Siting and exposure of every station still to be opened, the strictest verdict first."""
    severity = facts.later[F.SITING_VERDICT].map(list(Siting).index)
    strictest = facts.later.assign(severity=-severity)
    strictest = strictest.sort_values(["severity", F.RANK], kind="stable")

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
            row[F.WORST_BEARING_DEG],
            row[F.WORST_HEIGHT_M],
            row[F.GROUND_SHARE],
            words("other_systems", row[F.OTHER_SYSTEMS]),
            row[F.AIRPORT_CAP_M],
            None,
            words("siting", row[F.SITING_VERDICT]),
            reasons.get(row[F.STATION_ID]),
            row[F.TOWN],
            words.name(facts.scenario.phases[row[F.PHASE]]),
        )
        for row in strictest.to_dict("records")
    ]
    columns = columns_of(words, *_CHECK_HEADS)
    return make_sheet(words, "checks", columns, rows, notes=(_check_note(facts, words),))


def _check_note(facts: Facts, words: Language) -> str:
    """What the figures of the exposure are, with the share of the limit that a site may use."""
    return words("report.note.checks", share=f"{100 * facts.scenario.exposure.limit_share:g}")


def _siting_reasons(facts: Facts, words: Language) -> dict[str, str]:
    """Rules that each station's place hits, in words; nothing of a station that hits none."""
    parts: dict[str, list[str]] = {}
    findings = facts.plan.findings[[F.STATION_ID, F.RULE, F.FIGURE, F.LIMIT, F.NAME]]
    for station, rule, figure, limit, name in findings.itertuples(index=False, name=None):
        text = words("siting_rule", rule, figure=figure, limit=limit, name=name)
        parts.setdefault(station, []).append(text)
    return {station: words.clauses(texts) for station, texts in parts.items()}


def source_list(facts: Facts, words: Language) -> Sheet:
    """The inputs with source, date, licence, accuracy and basis."""
    sources = facts.plan.layers.sources
    said = (F.FILE, F.SOURCE, F.DATE, F.LICENCE, F.ACCURACY, F.BASIS)
    rows = []
    for file, *texts, basis in sources[list(said)].itertuples(index=False, name=None):
        bases = words.join(words("basis", code) for code in basis.split(", "))
        rows.append((file.rsplit("/", 1)[-1], *texts, bases))
    return make_sheet(words, "sources", columns_of(words, *said), rows)


COMPARED: Final = (
    "share", "gaps", "longest_m", "holes", "largest_ha", "residents", "residents_share", "passes",
    "passing_count", "stations", "sites", "cost_wan", "per_10k",
)  # fmt: skip
"""Measures that the comparison shows."""
SAME: Final = 1e-9  # what float sums leave behind is no difference


def comparison_list(compare: Comparison, words: Language) -> Sheet:
    """Parameters, then indicators that differ: value of each plan and difference to the base."""
    base, *others = compare.names
    rows = _parameter_rows(compare, words) + _indicator_rows(compare, words)
    values = [Column(name, "mixed") for name in compare.names]
    heads = [words("report.head.against", name=name, base=base) for name in others]
    differences = [Column(head, "mixed") for head in heads]
    columns = [*columns_of(words, "kind", "item", "phase"), *values, *differences]
    return make_sheet(words, "comparison", columns, rows)


def _parameter_rows(compare: Comparison, words: Language) -> list[list[Any]]:
    kind, blank = words("report.cell.parameter"), [None] * (len(compare.names) - 1)
    parameters = compare.parameters.itertuples(index=False, name=None)
    return [[kind, name, None, *values, *blank] for name, *values in parameters]


def _indicator_rows(compare: Comparison, words: Language) -> list[list[Any]]:
    rows: list[list[Any]] = []
    indicators = compare.indicators[compare.indicators[F.MEASURE].isin(COMPARED)]
    for row in indicators.to_dict("records"):
        first, *others = shown = [_shown(row[F.MEASURE], row[name]) for name in compare.names]
        differences = [
            None if first is None or other is None else other - first for other in others
        ]
        if any(abs(step) > SAME for step in differences if step is not None):
            item = _compared_item(compare, words, row)
            phase = _compared_phase(compare, words, row[F.PHASE])
            rows.append([words("report.cell.figure"), item, phase, *shown, *differences])
    return rows


def _compared_item(compare: Comparison, words: Language, row: Mapping[Hashable, Any]) -> str:
    """What a figure is: layer, network, level and measure with its unit."""
    unit = unit_text(MEASURES[row[F.MEASURE]].shown_unit, compare.money, words)
    measure = words("measure", row[F.MEASURE])
    if unit:
        measure = with_unit(words, measure, unit)
    names = [words.name(compare.parts[name]) for name in (row[F.LAYER], row[F.NETWORK]) if name]
    level = [words("level", row[F.LEVEL])] if row[F.LEVEL] else []
    return " ".join([*names, *level, measure])


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
    return make_sheet(words, "changes", columns_of(words, *_CHANGE_HEADS), rows)
