"""What each changed station alone serves: what a version wins or loses with it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from planner import fields as F
from planner.model import FloatArray, IntArray, Model, Plan
from planner.plan.grounds import levels_of, make_grounds
from planner.plan.measures import Case
from planner.plan.service import sole_column, to_cube
from planner.plan.why import loss_columns
from planner.scenario import Scenario


def effect_columns(
    changed: pd.DataFrame, base: tuple[Plan, Model], other: tuple[Plan, Model]
) -> pd.DataFrame:
    """What each changed station alone serves, gained (+) or lost (-).

    Parameters
    ----------
    changed
        Stations that changed, with ``base_id, station_id, phase_base, phase``; index 0 .. n-1.
    base, other
        Plan and model of the parent and of the version.

    Returns
    -------
    DataFrame
        Aligned with ``changed``: ``effect_phase``, the first phase at whose end the versions differ
        about the station, and ``points_<layer>_<level>`` at that count, per cent of the layer's
        ground in the station's network.
    """
    scenario = base[0].scenario
    was, now = (_phases(changed[column], scenario) for column in (F.PHASE_BASE, F.PHASE))
    differ = np.minimum(was, now)
    parts = []
    for phase in np.unique(differ):
        before, after = (
            alone_points(model, plan.order[: scenario.counts[phase]])
            for plan, model in (base, other)
        )
        rows = np.flatnonzero(differ == phase)
        stations = changed.iloc[rows]
        lost = _points_of(before, stations[F.BASE_ID], was[rows] <= phase)
        won = _points_of(after, stations[F.STATION_ID], now[rows] <= phase)
        parts.append(pd.DataFrame(won - lost, index=rows, columns=before.columns))

    names = [F.points_column(*pair) for pair in _pairs(scenario)]
    none = pd.DataFrame(columns=names, index=changed.index, dtype="float64")
    points = pd.concat(parts).sort_index() if parts else none
    return pd.concat([pd.Series(differ, index=changed.index, name=F.EFFECT_PHASE), points], axis=1)


def _phases(phases: pd.Series, scenario: Scenario) -> IntArray:
    """Numbers of phases; one past the last where a station is not in the plan."""
    return phases.fillna(len(scenario.phases)).to_numpy(np.int64)


def _points_of(
    alone: pd.DataFrame, station_ids: pd.Series, is_open: npt.NDArray[np.bool_]
) -> FloatArray:
    """Points of stations, (stations, layers and levels); 0 where a station is not open."""
    points: FloatArray = alone.reindex(station_ids).fillna(0.0).to_numpy() * is_open[:, None]
    return points


def alone_points(model: Model, order: IntArray) -> pd.DataFrame:
    """Points of each layer that each station of an order serves alone.

    Parameters
    ----------
    model
        The model.
    order
        Places in its table of the stations that are open.

    Returns
    -------
    DataFrame
        Index ``station_id`` of the model's table; a column ``points_<layer>_<level>`` per layer and
        level, in per cent of the layer's ground in the station's own network; 0 for stations that
        are not in the order.
    """
    scenario, demand, stations = model.scenario, model.demand, model.stations.table
    cube = (len(demand.points), len(scenario.networks), len(F.LEVELS))
    sole = to_cube(demand.rows, sole_column(model.coverage, order), cube, -1, np.int64)

    losses = loss_columns(_cases(model), sole, order, len(stations))
    table = pd.DataFrame(losses, index=pd.Index(stations[F.STATION_ID])).fillna(0.0)
    names = {F.loss_column(*pair): F.points_column(*pair) for pair in _pairs(scenario)}
    return table.rename(columns=names)


def _cases(model: Model) -> tuple[Case, ...]:
    """Every layer, network and level of a model, without ranks and measures."""
    scenario, demand = model.scenario, model.demand
    none = np.empty(0, np.int64)
    grounds = make_grounds(scenario, demand.points, demand.share, demand.grid)
    return tuple(
        Case(layer, ground, network, level, none, none, {})
        for layer, ground in zip(scenario.layers, grounds, strict=True)
        for network in range(len(scenario.networks))
        for level in levels_of(layer)
    )


def _pairs(scenario: Scenario) -> list[tuple[str, str]]:
    """Names of every layer with each of its levels."""
    return [(layer.name, level) for layer in scenario.layers for level in layer.judged_at]
