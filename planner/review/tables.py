"""The tables that a review writes for the office: 变更对照, 意见答复, 疑难站址."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from planner import fields as F
from planner.model import Plan, replacement_texts
from planner.review.texts import DEGREE_PLACES
from planner.scenario import Scenario
from planner.words import Language


def change_table(stations: pd.DataFrame, scenario: Scenario, words: Language) -> pd.DataFrame:
    """变更对照: what a version changes, station by station.

    Parameters
    ----------
    stations
        ``stations`` of :class:`planner.review.Changes`.
    scenario
        The version's.
    words
        The language.
    """
    # the old 规划编号 only where the change gave another one
    is_renamed = stations[F.BASE_ID] != stations[F.STATION_ID]
    table = {
        "change": _said("change", stations[F.CHANGE], words),
        "station_id": stations[F.STATION_ID],
        "base_id": stations[F.BASE_ID].where(is_renamed, ""),
        "network": _networks(stations, scenario, words),
        "band": stations[F.BAND],
        "town": stations[F.TOWN],
        "phase_base": _phases(stations[F.PHASE_BASE], scenario, words),
        "phase": _phases(stations[F.PHASE], scenario, words),
        "lon": stations[F.LON].round(DEGREE_PLACES),
        "lat": stations[F.LAT].round(DEGREE_PLACES),
        "moved_m": stations[F.MOVED_M].round(1),
        "asked": [words("asked", str(bool(asked)).lower()) for asked in stations[F.ASKED]],
        "by": [words.join(text.splitlines()) for text in stations[F.BY]],
        "reason": [_change_reason(row, words) for row in stations.to_dict("records")],
        "effect_phase": _phases(stations[F.EFFECT_PHASE], scenario, words),
    }
    shown = _headed(table, "review.change", words)

    for layer in scenario.layers:
        for level in layer.judged_at:
            named = {"layer": words.name(layer), "level": words("level_short", level)}
            points = stations[F.points_column(layer.name, level)]
            # + 0.0, so that nothing is shown as -0.0
            shown[words("review.change.points", **named)] = points.round(4) + 0.0
    return shown


def _change_reason(row: dict[Any, Any], words: Language) -> str:
    """Why a station changed: what was asked for and written, or how it repairs the counts."""
    if not row[F.ASKED]:
        return words("repair", row[F.CHANGE], near=row[F.NEAR])
    causes = [words("cause", code, town=row[F.TOWN]) for code in row[F.CAUSE].split("+")]
    return words.clauses([*causes, *row[F.SAID].splitlines()])


def answer_table(statements: pd.DataFrame, words: Language) -> pd.DataFrame:
    """意见答复: every answer that was taken up, and what it came to.

    Parameters
    ----------
    statements
        Of :class:`planner.review.Decisions`.
    words
        The language.
    """
    has_area = statements[F.AREA] != ""
    table = {
        "file": statements[F.FILE],
        "line": statements[F.LINE],
        "reviewer": statements[F.REVIEWER],
        "kind": _said("answer", statements[F.KIND].where(~has_area, "area"), words),
        "station_id": statements[F.STATION_ID],
        "town": statements[F.TOWN],
        "lon": statements[F.LON].fillna(statements[F.MARK_LON]),
        "lat": statements[F.LAT].fillna(statements[F.MARK_LAT]),
        "area_ha": statements[F.AREA_HA],
        "inside_count": statements[F.INSIDE].map(len).where(has_area).astype("Int64"),
        "inside": [words.join(stations) for stations in statements[F.INSIDE]],
        "decision": [_decision(codes, words) for codes in statements[F.DECISION]],
        "reason": statements[F.REASON],
        "note": statements[F.NOTE],
    }
    return _headed(table, "review.answer", words)


def _decision(codes: str, words: Language) -> str:
    return words.join(_said("decision", codes.split("+"), words))


def difficult_table(
    sites: pd.DataFrame, openings: pd.DataFrame, plan: Plan, words: Language
) -> pd.DataFrame:
    """疑难站址: what hangs on each station that somebody refused, and who could stand in.

    Parameters
    ----------
    sites, openings
        Of :func:`planner.review.refused_sites`.
    plan
        The plan that holds the stations.
    words
        The language.
    """
    scenario = plan.scenario
    stand_ins = replacement_texts(plan.replacements, words)
    opened = dict(iter(openings.groupby(F.STATION_ID)))
    table = {
        "station_id": sites[F.STATION_ID],
        "name": sites[F.NAME],
        "network": _networks(sites, scenario, words),
        "band": sites[F.BAND],
        "town": sites[F.TOWN],
        "scene": _said("scene", sites[F.SCENE], words),
        "lon": sites[F.LON].round(DEGREE_PLACES),
        "lat": sites[F.LAT].round(DEGREE_PLACES),
        "phase": _phases(sites[F.PHASE], scenario, words),
        "order": sites[F.RANK] + 1,
        "lost_points": sites[F.LOST_POINTS].round(4),
        "layers": [_lost_layers(row, scenario, words) for row in sites.to_dict("records")],
        "new_gap_m": sites[F.NEW_GAP_M].round(1),
        "new_hole_ha": sites[F.NEW_HOLE_HA].round(2),
        "openings": [
            words.clauses(_opened(row, scenario, words) for row in _rows(opened.get(station)))
            for station in sites[F.STATION_ID]
        ],
        "stand_in": [words.clauses(stand_ins.get(station, [])) for station in sites[F.STATION_ID]],
        "reviewer": _joined(sites[F.REVIEWER], words),
        "reason": _joined(sites[F.REASON], words),
        "note": _joined(sites[F.NOTE], words),
    }
    return _headed(table, "review.difficult", words)


def _joined(texts: Iterable[str], words: Language) -> list[str]:
    """Texts of a line each."""
    return [words.clauses(text.splitlines()) for text in texts]


def _lost_layers(row: dict[Any, Any], scenario: Scenario, words: Language) -> str:
    """Layers and levels that lose, the greatest loss first."""
    lost = [
        (layer, level, points)
        for layer in scenario.layers
        for level in layer.judged_at
        if (points := row[F.loss_column(layer.name, level)]) > 0
    ]
    parts = []
    for layer, level, points in sorted(lost, key=lambda part: -part[2]):
        named = {"layer": words.name(layer), "level": words("level_short", level)}
        parts.append(words("review.lost", **named, points=points))
    return words.clauses(parts)


def _opened(row: dict[Any, Any], scenario: Scenario, words: Language) -> str:
    layer = words.name(scenario.layer(row[F.LAYER]))
    return words(
        "review.opened",
        row[F.KIND],
        layer=layer,
        name=row[F.NAME],
        town=row[F.TOWN],
        size=row[F.SIZE],
    )


def _rows(frame: pd.DataFrame | None) -> list[dict[Any, Any]]:
    return [] if frame is None else frame.to_dict("records")


def _networks(stations: pd.DataFrame, scenario: Scenario, words: Language) -> pd.Series:
    """Names of the networks of stations."""
    names = {network.name: words.name(network) for network in scenario.networks}
    return stations[F.NETWORK].map(names)


def _phases(phases: Iterable[Any], scenario: Scenario, words: Language) -> list[str]:
    """Names of phases; empty where a station is not in the plan."""
    return [
        "" if pd.isna(number) else words.name(scenario.phases[int(number)]) for number in phases
    ]


def _said(part: str, codes: Iterable[str], words: Language) -> list[str]:
    return [words(part, code) for code in codes]


def _headed(table: dict[str, Any], heads: str, words: Language) -> pd.DataFrame:
    """Columns by their codes, under the heads of the language."""
    return pd.DataFrame({words(heads, code): values for code, values in table.items()})
