"""Why one station is in the plan: what it adds, which gap it closes, what a veto does, who could stand in."""

from __future__ import annotations

import numpy as np
import pandas as pd

from planner import fields as F
from planner.model import Explanation, Model, Plan, tables
from planner.plan.counts import hurt_by_veto
from planner.plan.grounds import levels_of, make_grounds
from planner.plan.losses import Standing, dark_runs, road_label
from planner.plan.openings import opening_rows, sized
from planner.plan.replacements import alternatives
from planner.plan.why import column_of
from planner.rules import LENGTH_SLACK_M, asked, opened_rank

SMALLEST_POINTS = 5e-5  # a smaller share is told as none


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
    rows = [
        (layer.name, level, points)
        for layer in plan.scenario.layers
        for level in layer.levels
        if (points := float(station[F.gain_column(layer.name, level)])) > SMALLEST_POINTS
    ]
    return pd.DataFrame(rows, columns=list(tables.ADDS.columns))


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
            fails_to = (
                first
                if ground.is_road
                else opened_rank(ground, first, asked(layer.rule, layer.shape))
            )
            for run, before in dark_runs(ground, fails_to >= rank, mine):
                inside = np.zeros(len(first), np.bool_)
                inside[run] = fails_to[run] > rank
                after = max((size for _, size in dark_runs(ground, inside, inside)), default=0.0)
                middle = int(ground.places[run[mine[run]][0]])
                rows.append(
                    (
                        "gap" if ground.is_road else "hole",
                        layer.name,
                        F.LEVELS[level],
                        road_label(plan, middle),
                        str(plan.points[F.TOWN].iloc[middle]),
                        *sized(ground.is_road, before, after),
                        before > limit and after <= limit,
                    )
                )
    return pd.DataFrame(rows, columns=list(tables.CLOSES.columns))


def _opens(plan: Plan, model: Model, column: int) -> pd.DataFrame:
    rank = int(plan.stations[F.RANK].iloc[column])
    rows = [
        (number, count, *row)
        for number, count in enumerate(plan.scenario.counts)
        if count > rank
        for row in opening_rows(plan, Standing(plan, model, count).without(column))
    ]
    return pd.DataFrame(rows, columns=list(tables.OPENS.columns))
