"""Why a station is there: what it adds at its rank, what is lost without it, and what could stand in its place."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.sparse import csc_matrix

from planner import fields as F
from planner.errors import ProblemError
from planner.model import FloatArray, IntArray, Model, Plan
from planner.plan.measures import Case
from planner.plan.service import sole_column


def gain_columns(cases: tuple[Case, ...], order: IntArray, columns: int) -> dict[str, FloatArray]:
    """What each station adds at its rank; NaN for stations that are not in the plan.

    ``gain_<layer>_<level>`` in points of the layer's own coverage (per cent of its ground, in the station's own
    network), and ``gain_road_m``, metres of the road layers served outdoors for the first time.
    """
    gains: dict[str, FloatArray] = {}
    road = np.zeros(len(order))
    for case in cases:
        added = np.bincount(case.rank, weights=case.ground.size, minlength=len(order))[: len(order)]
        name = f"gain_{case.ground.layer.name}_{F.LEVELS[case.level]}"
        gains[name] = gains.get(name, 0.0) + 100 * added / max(case.ground.size.sum(), 1.0)
        if case.ground.is_road and case.level == 0:
            road += added
    gains["gain_road_m"] = road
    return {name: _on_plan(values, order, columns) for name, values in gains.items()}


def loss_columns(cases: tuple[Case, ...], sole: IntArray, order: IntArray, columns: int) -> dict[str, FloatArray]:
    """``loss_<layer>_<level>``: points of the layer that the last phase would lose without the station.

    Parameters
    ----------
    cases
        Layers, networks and levels to count in.
    sole
        (points, networks, levels) place in the table of the one station that serves the point, -1 for none or several.
    order, columns
        The plan's stations, and how many the table holds.
    """
    losses: dict[str, FloatArray] = {}
    for case in cases:
        column = sole[case.ground.places, case.network, case.level].astype(np.int64)
        alone = column >= 0
        lost = np.bincount(column[alone], weights=case.ground.size[alone], minlength=columns)
        name = f"loss_{case.ground.layer.name}_{F.LEVELS[case.level]}"
        losses[name] = losses.get(name, 0.0) + 100 * lost / max(case.ground.size.sum(), 1.0)
    return {name: _on_plan(values[order], order, columns) for name, values in losses.items()}


def _on_plan(values: FloatArray, order: IntArray, columns: int) -> FloatArray:
    out = np.full(columns, np.nan)
    out[order] = values
    return out


def alternatives(plan: Plan, model: Model, station_id: str, *, most: int = 3) -> pd.DataFrame:
    """Stations that could stand in the place of one of the plan's: unchosen ones of its network, nearest in effect.

    Parameters
    ----------
    plan
        The plan.
    model
        The model it was made from.
    station_id
        A station of the plan.
    most
        How many to list.

    Returns
    -------
    DataFrame
        ``station_id, site_id, band, site_type, lon, lat``; ``recovers``, share (0-1) of the weight that only the
        station serves in the last phase which the other would serve too (1 when it serves nothing alone);
        ``common``, rows both serve as a share of the rows either serves; ``distance_m``. Best first: by
        ``recovers``, ``common``, distance, ``station_id``.

    Raises
    ------
    ProblemError
        When the plan holds no such station.
    """
    column = column_of(plan, station_id)
    table, cover = model.stations.table, model.coverage.cover.tocsc()
    alone = np.flatnonzero(sole_column(model.coverage.cover, plan.order) == column)
    mine = cover.indices[cover.indptr[column] : cover.indptr[column + 1]].astype(np.int64)
    free = plan.stations[F.RANK].isna().to_numpy() & ~table["excluded"].to_numpy(bool)
    rivals = np.flatnonzero(free & (table[F.NETWORK] == table[F.NETWORK].iloc[column]).to_numpy())
    offer = cover[:, rivals]
    weight = model.demand.weight[-1]
    both = _sums(offer, mine, np.ones(len(weight)))
    either = np.diff(offer.indptr) + len(mine) - both
    recovered, lost = _sums(offer, alone, weight), float(weight[alone].sum())
    found = table.iloc[rivals][[F.STATION_ID, F.SITE_ID, F.BAND, F.SITE_TYPE, F.LON, F.LAT]].reset_index(drop=True)
    found["recovers"] = recovered / lost if lost > 0 else 1.0
    found["common"] = both / np.maximum(either, 1)
    xy = table[[F.X_M, F.Y_M]].to_numpy()
    found["distance_m"] = np.hypot(*(xy[rivals] - xy[column]).T)
    found = found[both > 0].sort_values(
        ["recovers", "common", "distance_m", F.STATION_ID], ascending=[False, False, True, True], ignore_index=True
    )
    return pd.DataFrame(found.head(most))


def column_of(plan: Plan, station_id: str) -> int:
    """Place in the table of a station of the plan."""
    place = np.flatnonzero((plan.stations[F.STATION_ID] == station_id) & plan.stations[F.RANK].notna())
    if not len(place):
        raise ProblemError(f"the plan holds no station {station_id!r}", f"方案中没有规划编号为 {station_id!r} 的基站")
    return int(place[0])


def _sums(offer: csc_matrix, rows: IntArray, weight: FloatArray) -> FloatArray:
    """Weight of some rows that each column of the offer serves."""
    chosen = np.zeros(offer.shape[0])
    chosen[rows] = weight[rows]
    return np.asarray(offer.T @ chosen, np.float64)
