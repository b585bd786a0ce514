"""Why a station is there: what it adds at its rank, and what is lost without it."""

from __future__ import annotations

import numpy as np

from planner import fields as F
from planner.errors import ProblemError
from planner.model import FloatArray, IntArray, Plan
from planner.plan.measures import Case
from planner.plan.residents import Residents


def gain_columns(
    cases: tuple[Case, ...], residents: tuple[Residents, ...], order: IntArray, columns: int
) -> dict[str, FloatArray]:
    """What each station adds at its rank; NaN for stations that are not in the plan.

    ``gain_<layer>_<level>`` in points of the layer's own coverage (per cent of its ground, in the
    station's own network); ``gain_road_m``, metres of the road layers served outdoors for the first
    time; ``gain_residents``, people inside the area layers served outdoors for the first time, NaN
    where nobody is known to live.
    """
    count = len(order)
    gains: dict[str, FloatArray] = {}
    road = np.zeros(count)
    for case in cases:
        added = _by_rank(case.rank, case.ground.size, count)
        name = F.gain_column(case.layer.name, F.LEVELS[case.level])
        gains[name] = gains.get(name, 0.0) + 100 * added / max(case.ground.size.sum(), 1.0)
        if case.ground.is_road and case.level == F.OUTDOOR:
            road += added
    gains[F.GAIN_ROAD_M] = road

    people = [
        _by_rank(group.rank, group.people, count) for group in residents if group.level == F.OUTDOOR
    ]
    gains[F.GAIN_RESIDENTS] = np.sum(people, axis=0) if people else np.full(count, np.nan)
    return {name: _on_plan(values, order, columns) for name, values in gains.items()}


def _by_rank(rank: IntArray, size: FloatArray, count: int) -> FloatArray:
    """Size that is first served at each rank of the plan, (count,).

    What neighbour stations serve is added by none.
    """
    is_ours = (rank >= 0) & (rank < count)
    added = np.bincount(rank[is_ours], weights=size[is_ours], minlength=count)
    return np.asarray(added, np.float64)


def loss_columns(
    cases: tuple[Case, ...], sole: IntArray, order: IntArray, columns: int
) -> dict[str, FloatArray]:
    """``loss_<layer>_<level>``: points of the layer that the last phase loses without a station.

    Parameters
    ----------
    cases
        Layers, networks and levels to count in.
    sole
        (points, networks, levels) place in the table of the one station that serves the point, -1
        for none or several.
    order, columns
        The plan's stations, and how many the table holds.
    """
    losses: dict[str, FloatArray] = {}
    for case in cases:
        column = sole[case.ground.places, case.network, case.level].astype(np.int64)
        is_alone = column >= 0
        size = case.ground.size[is_alone]
        lost = np.bincount(column[is_alone], weights=size, minlength=columns)
        name = F.loss_column(case.layer.name, F.LEVELS[case.level])
        losses[name] = losses.get(name, 0.0) + 100 * lost / max(case.ground.size.sum(), 1.0)
    return {name: _on_plan(values[order], order, columns) for name, values in losses.items()}


def _on_plan(values: FloatArray, order: IntArray, columns: int) -> FloatArray:
    """Values by rank as a column of the table, (columns,); NaN for stations not in the plan."""
    out = np.full(columns, np.nan)
    out[order] = values
    return out


def column_of(plan: Plan, station_id: str) -> int:
    """Place in the table of a station of the plan."""
    stations = plan.stations
    is_it = (stations[F.STATION_ID] == station_id) & stations[F.RANK].notna()
    place = np.flatnonzero(is_it)
    if not len(place):
        raise ProblemError(
            f"the plan holds no station {station_id!r}",
            f"方案中没有规划编号为 {station_id!r} 的基站",
        )
    return int(place[0])
