"""Why one station is in the plan: what it adds and closes, what a veto does, who stands in."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from planner import fields as F
from planner.model import Explanation, Model, Plan, tables
from planner.plan.grounds import levels_of, make_grounds
from planner.plan.losses import Standing, dark_runs, road_label
from planner.plan.openings import opening_rows, sized
from planner.plan.replacements import alternatives
from planner.plan.veto import hurt_by_veto
from planner.plan.why import column_of
from planner.rules import LENGTH_SLACK_M, Ground, asked, opened_rank
from planner.scenario import Layer

SMALLEST_POINTS = 5e-5
"""What a station adds is told from here on, per cent of a layer: half of the last digit shown."""


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
    return Explanation(
        station,
        _adds(plan, station),
        _closes(plan, column),
        hurt_by_veto(plan, model, station_id),
        _opens(plan, model, column),
        alternatives(plan, station_id),
    )


def _adds(plan: Plan, station: pd.Series) -> pd.DataFrame:
    """``tables.ADDS``: what the station adds at its rank."""
    rows = [
        (layer.name, level, points)
        for layer in plan.scenario.layers
        for level in layer.judged_at
        if (points := float(station[F.gain_column(layer.name, level)])) > SMALLEST_POINTS
    ]
    return pd.DataFrame(rows, columns=list(tables.ADDS.columns))


def _closes(plan: Plan, column: int) -> pd.DataFrame:
    """``tables.CLOSES``: dark runs of road and holes, just before the station opens, it serves."""
    rank = int(plan.stations[F.RANK].iloc[column])
    network = plan.scenario.network_names.index(str(plan.stations[F.NETWORK].iloc[column]))
    grounds = make_grounds(plan.scenario, plan.points, plan.share, plan.grid)
    rows = [
        row
        for layer, ground in zip(plan.scenario.layers, grounds, strict=True)
        for level in levels_of(layer)
        for row in _closed_pieces(plan, layer, ground, network, level, rank)
    ]
    return pd.DataFrame(rows, columns=list(tables.CLOSES.columns))


def _closed_pieces(
    plan: Plan, layer: Layer, ground: Ground, network: int, level: int, rank: int
) -> Iterator[tuple[object, ...]]:
    """Pieces of a layer that are dark before a rank and of which it is the first to serve some."""
    first = plan.first[ground.places, network, level].astype(np.int64)
    is_mine = (first == rank) & plan.wanted[ground.places, network, level]
    if not is_mine.any():
        return

    # a sample of road is dark until it is served, a cell until its hole is small enough
    if ground.is_road:
        dark_to, limit = first, layer.rule.gap_m + LENGTH_SLACK_M
    else:
        dark_to, limit = opened_rank(ground, first, asked(layer.rule, layer.shape)), 0.0

    for piece, before in dark_runs(ground, dark_to >= rank, is_mine):
        is_left = np.zeros(len(first), np.bool_)
        is_left[piece] = dark_to[piece] > rank
        after = max((size for _, size in dark_runs(ground, is_left, is_left)), default=0.0)
        point = int(ground.places[piece[is_mine[piece]][0]])
        yield (
            "gap" if ground.is_road else "hole",
            layer.name,
            F.LEVELS[level],
            road_label(plan, point),
            str(plan.points[F.TOWN].iloc[point]),
            *sized(ground.is_road, before, after),
            before > limit and after <= limit,
        )


def _opens(plan: Plan, model: Model, column: int) -> pd.DataFrame:
    """``tables.OPENS``: what a veto opens or makes larger, at each phase that holds the station."""
    rank = int(plan.stations[F.RANK].iloc[column])
    rows = [
        (number, count, *row)
        for number, count in enumerate(plan.scenario.counts)
        if count > rank
        for row in opening_rows(plan, Standing(plan, model, count).without(column))
    ]
    return pd.DataFrame(rows, columns=list(tables.OPENS.columns))
