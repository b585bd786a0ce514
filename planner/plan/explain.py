"""Why one station is in the plan, in words: what it adds, which gap it closes, what a veto does, who could stand in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from planner import fields as F
from planner.model import Model, Plan, replacement_texts
from planner.plan.counts import hurt_by_veto
from planner.plan.grounds import levels_of, make_grounds
from planner.plan.losses import Standing, dark_runs, road_label
from planner.plan.replacements import alternatives
from planner.plan.why import column_of
from planner.radio import AZIMUTH_REASONS
from planner.rules import LENGTH_SLACK_M, asked, failing, opened_rank
from planner.words import language

LEVELS = {"outdoor": ("室外", "outdoors"), "deep": ("深度", "deep")}
SMALLEST_POINTS = 5e-5  # a smaller share is shown as none


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """What there is to say of a station of a plan; prints as text.

    Attributes
    ----------
    station
        Its row in ``Plan.stations``.
    adds
        ``layer, level, points``: what it adds at its rank, in per cent of the layer's ground in its network.
    closes
        ``kind`` (gap, hole), ``layer, level, name, town, before, after`` (m or ha: the dark run of road or hole that
        it serves the first of, and the longest left of it), ``over_limit`` (bool: before it failed the rule, and
        after it no longer does).
    loses
        Of :func:`planner.plan.hurt_by_veto`: the layers that a veto hurts, by phase.
    opens
        ``phase, count, kind, layer, level, name, town, size, before``: gaps over the limit and holes that a veto opens
        or makes longer at each phase, m or ha.
    replacements
        Of :func:`planner.plan.alternatives`: the best stations to stand in, as the plan keeps them.
    zh, en
        The same as text.
    """

    station: pd.Series
    adds: pd.DataFrame
    closes: pd.DataFrame
    loses: pd.DataFrame
    opens: pd.DataFrame
    replacements: pd.DataFrame
    zh: str
    en: str

    def __str__(self) -> str:
        return f"{self.zh}\n\n{self.en}"


def explain(plan: Plan, model: Model, station_id: str) -> Explanation:
    """Say why a station is in the plan.

    Parameters
    ----------
    plan, model
        The plan and the model it was made from.
    station_id
        规划编号 of a station of the plan.

    Raises
    ------
    ProblemError
        When the plan holds no such station.
    """
    column = column_of(plan, station_id)
    station = plan.stations.iloc[column]
    adds, closes = _adds(plan, station), _closes(plan, column)
    loses, opens = hurt_by_veto(plan, model, station_id), _opens(plan, model, column)
    replacements = alternatives(plan, station_id)
    parts = (plan, station, adds, closes, loses, opens, replacements)
    zh, en = ("\n".join(_lines(*parts, lang=lang)) for lang in (0, 1))
    return Explanation(station, adds, closes, loses, opens, replacements, zh, en)


def _adds(plan: Plan, station: pd.Series) -> pd.DataFrame:
    rows = [
        (layer.name, level, float(station[name]))
        for layer in plan.scenario.layers
        for level in F.LEVELS
        if (name := f"gain_{layer.name}_{level}") in station.index and station[name] > SMALLEST_POINTS
    ]
    return pd.DataFrame(rows, columns=[F.LAYER, F.LEVEL, "points"])


def _closes(plan: Plan, column: int) -> pd.DataFrame:
    """Dark runs of road and holes, at the count before it opens, in which it is the first to serve something."""
    rank = int(plan.stations[F.RANK].iloc[column])
    network = plan.scenario.network_names.index(str(plan.stations[F.NETWORK].iloc[column]))
    rows = []
    grounds = make_grounds(plan.scenario, plan.points, plan.share, plan.grid)
    for layer, ground in zip(plan.scenario.layers, grounds, strict=True):
        limit = layer.rule.gap_m + LENGTH_SLACK_M if ground.is_road else 0.0
        for level in levels_of(layer):
            first = plan.first[ground.places, network, level].astype(np.int64)
            mine = (first == rank) & plan.wanted[ground.places, network, level]
            if not mine.any():
                continue
            fails_to = first if ground.is_road else opened_rank(ground, first, asked(layer.rule, layer.shape))
            for run, before in dark_runs(ground, fails_to >= rank, mine):
                inside = np.zeros(len(first), np.bool_)
                inside[run] = fails_to[run] > rank
                after = max((size for _, size in dark_runs(ground, inside, inside)), default=0.0)
                middle = int(ground.places[run[mine[run]][0]])
                rows.append((
                    "gap" if ground.is_road else "hole", layer.name, F.LEVELS[level], road_label(plan, middle),
                    str(plan.points[F.TOWN].iloc[middle]), *_sized(ground.is_road, before, after),
                    before > limit and after <= limit,
                ))  # fmt: skip
    names = ["kind", F.LAYER, F.LEVEL, F.NAME, F.TOWN, "before", "after", "over_limit"]
    return pd.DataFrame(rows, columns=names)


def _sized(is_road: bool, *sizes: float) -> tuple[float, ...]:
    """Sizes in metres of road or hectares of ground."""
    return tuple(round(size, 1) if is_road else round(size / 1e4, 2) for size in sizes)


def _opens(plan: Plan, model: Model, column: int) -> pd.DataFrame:
    rank, rows = int(plan.stations[F.RANK].iloc[column]), []
    for phase in plan.scenario.phases:
        if phase.stations <= rank:
            continue
        rows += [
            (phase.name, phase.stations, "gap" if one.is_road else "hole", one.layer, one.level,
             road_label(plan, one.middle), str(plan.points[F.TOWN].iloc[one.middle]),
             *_sized(one.is_road, one.size, one.before))
            for one in Standing(plan, model, phase.stations).without(column)
        ]  # fmt: skip
    names = [F.PHASE, "count", "kind", F.LAYER, F.LEVEL, F.NAME, F.TOWN, "size", "before"]
    return pd.DataFrame(rows, columns=names)


def _lines(
    plan: Plan, station: pd.Series, adds: pd.DataFrame, closes: pd.DataFrame, loses: pd.DataFrame, opens: pd.DataFrame,
    replacements: pd.DataFrame, *, lang: int,
) -> Iterator[str]:  # fmt: skip
    """The explanation line by line; `lang` 0 = Chinese, 1 = English."""
    scenario, rank = plan.scenario, int(station[F.RANK]) + 1
    network = next(n for n in scenario.networks if n.name == station[F.NETWORK])
    label = network.label_en if lang and network.label_en else network.label
    phases = {phase.name: phase.name_en if lang and phase.name_en else phase.name for phase in scenario.phases}
    head = (f"第 {rank} 站", f"station no. {rank}")[lang]
    parts = (f"{station[F.STATION_ID]} {station[F.NAME]}", label, head, phases[station[F.PHASE]], station[F.TOWN])
    yield " · ".join(map(str, parts))
    if F.AZIMUTHS_DEG in station.index:
        why = AZIMUTH_REASONS[station["azimuth_reason"]][lang]
        yield (f"方位角 {station[F.AZIMUTHS_DEG]}°：{why}", f"Azimuths {station[F.AZIMUTHS_DEG]}°: {why}")[lang]
    yield ("按次序开通时增加：", "Adds at its rank: ")[lang] + (
        _joined(
            (f"{_layer(plan, r, lang)} {r['points']:.4f}" + ("个百分点", " points")[lang] for r in _rows(adds)), lang
        )
    )
    for r in _rows(closes[closes["kind"] == "gap"].head(3)):
        before, after = (language().length(r[name]) for name in ("before", "after"))
        yield (
            f"缺口：{_layer(plan, r, 0)} {r['name']}（{r['town']}）{before} → {after}",
            f"Gap: {_layer(plan, r, 1)} {r['name']} ({r['town']}) {before} -> {after}",
        )[lang] + (("，达标" if not lang else ", now within the rule") if r["over_limit"] else "")
    for r in _rows(closes[closes["kind"] == "hole"].head(3)):
        yield (
            f"空洞：{_layer(plan, r, 0)}（{r['town']}）{r['before']:g} → {r['after']:g} 公顷",
            f"Hole: {_layer(plan, r, 1)} ({r['town']}) {r['before']:g} -> {r['after']:g} ha",
        )[lang]
    last = loses[loses["count"] == scenario.counts[-1]]
    yield ("若否决，末期损失：", "A veto costs in the last phase: ")[lang] + _joined(
        (f"{_layer(plan, r, lang)} {r['points']:.4f}" + _verdict(r, lang) for r in _rows(last)), lang
    )
    yield ("若否决，新增缺口与空洞：", "A veto opens: ")[lang] + _joined(
        (
            f"{phases[r[F.PHASE]]} {_layer(plan, r, lang)} {r['name'] or r['town']} {_size(r, lang)}"
            for r in _rows(opens)
        ),
        lang,
    )
    yield ("可替代：", "Could stand in: ")[lang] + _stand_in(station, replacements, not last.empty, lang)


def _stand_in(station: pd.Series, replacements: pd.DataFrame, is_missed: bool, lang: int) -> str:
    """Who could stand in, or why nobody is named."""
    if len(replacements):
        return _joined(iter(replacement_texts(replacements, english=bool(lang))[station[F.STATION_ID]]), lang)
    if station[F.STATE] == "open":
        return ("已开通，无需替代", "nobody needs to, it is on air")[lang]
    if not is_missed:
        return ("末期没有损失，无需替代", "nobody needs to, the last phase loses nothing")[lang]
    return ("没有可补回的候选站", "no candidate regains anything")[lang]


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def _joined(parts: Iterator[str], lang: int) -> str:
    return ("；", "; ")[lang].join(parts) or ("无", "nothing")[lang]


def _layer(plan: Plan, row: dict[str, Any], lang: int) -> str:
    layer = plan.scenario.layer(str(row[F.LAYER]))
    name = layer.label_en if lang and layer.label_en else layer.label
    word = LEVELS[str(row[F.LEVEL])][lang]
    return f"{name} {word}" if lang else f"{name}{word}"


def _verdict(row: dict[str, Any], lang: int) -> str:
    """That the layer no longer passes, and why."""
    if not row["passes"] or row["passes_without"]:
        return ""
    reason = language(("zh", "en")[lang]).failures(failing(row))
    return (f"（不再达标：{reason}）", f" (fails then: {reason})")[lang]


def _size(row: dict[str, Any], lang: int) -> str:
    unit = "m" if row["kind"] == "gap" else "ha"
    was = (f"（原 {row['before']:g} {unit}）", f" (was {row['before']:g} {unit})")[lang] if row["before"] else ""
    return f"{row['size']:g} {unit}{was}"
