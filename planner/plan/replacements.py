"""Who could stand in for each station of a plan, by how much of what is lost comes back."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_matrix

from planner import fields as F
from planner.model import CoveredWeight, FloatArray, IntArray, Model, Plan
from planner.plan.service import sole_column
from planner.plan.why import column_of

MOST = 3
"""Replacements that are kept of each station."""


def replacement_table(model: Model, value: CoveredWeight, order: IntArray) -> pd.DataFrame:
    """The stations that would bring back most of what is lost without each station of an order.

    What is lost is the value that the optimiser counts in the last phase: weight of the demand rows
    and of the continuity rows that the station alone serves. What comes back is the part of it that
    a station serves which is neither chosen nor excluded (keep-outs, vetoes) and stands at another
    site, whether or not it could have opened when the lost one does. It is of the same network,
    since a row is of one network; its band may be another.

    Parameters
    ----------
    model
        The model.
    value
        What counts as covered.
    order
        Places in its table of the stations that are open at the last phase.

    Returns
    -------
    DataFrame
        ``tables.REPLACEMENTS``: at most three rows per station that is not on air yet, none where
        nothing is lost or nothing comes back; distances to 0.1 m, ``regained`` to 1e-6. Best first:
        by ``regained``, distance, ``replacement_id``.
    """
    table = model.stations.table
    station, other, regained = _regained(model, value, order)
    xy = table[[F.X_M, F.Y_M]].to_numpy(dtype=np.float64)
    distance = np.round(np.hypot(*(xy[other] - xy[station]).T), 1)

    best = np.lexsort((other, distance, -regained, station))
    choice = _number_in_group(station[best])
    best, choice = best[choice <= MOST], choice[choice <= MOST]

    columns = [F.STATION_ID, F.SITE_ID, F.BAND, F.LON, F.LAT]
    found = pd.DataFrame(table.iloc[other[best]][columns].reset_index(drop=True))
    found = found.rename(columns={F.STATION_ID: F.REPLACEMENT_ID})
    found.insert(0, F.STATION_ID, table[F.STATION_ID].to_numpy()[station[best]])
    found.insert(1, F.CHOICE, choice)
    return found.assign(**{F.DISTANCE_M: distance[best], F.REGAINED: regained[best]})


def _regained(
    model: Model, value: CoveredWeight, order: IntArray
) -> tuple[IntArray, IntArray, FloatArray]:
    """Planned and free stations and the share that the second serves of what the first does alone.

    Three arrays, (pairs,). One product of sparse matrices: (stations, rows that they serve alone)
    times (rows, who serves them).
    """
    table, columns = model.stations.table, len(model.stations.table)
    weight = value.weight[-1]
    in_plan = np.zeros(columns, np.bool_)
    in_plan[order] = True
    is_free = ~in_plan & ~table[F.EXCLUDED].to_numpy(dtype=bool)
    is_replaceable = in_plan & (table[F.STATE] != "open").to_numpy()

    # rows that one replaceable station serves alone, and their weight by station
    sole = sole_column(value, order)
    rows = np.flatnonzero((sole >= 0) & is_replaceable[sole])
    alone = sole[rows]
    lost = np.bincount(alone, weights=weight[rows], minlength=columns)

    shape = (columns, len(rows))
    weights = csr_matrix((weight[rows], (alone, np.arange(len(rows)))), shape=shape)
    back = (weights @ value.cover[rows]).tocoo()

    site = pd.factorize(table[F.SITE_ID])[0]
    is_kept = is_free[back.col] & (site[back.row] != site[back.col]) & (back.data > 0)
    station, other = back.row[is_kept].astype(np.int64), back.col[is_kept].astype(np.int64)
    share = np.round(back.data[is_kept] / lost[station], 6)
    return station[share > 0], other[share > 0], share[share > 0]


def _number_in_group(groups: IntArray) -> npt.NDArray[np.int64]:
    """1, 2, 3 ... within each run of equal numbers."""
    place = np.arange(len(groups))
    starts = np.flatnonzero(np.diff(groups, prepend=-1))
    return place - np.repeat(starts, np.diff(np.append(starts, len(groups)))) + 1


def alternatives(plan: Plan, station_id: str) -> pd.DataFrame:
    """The stations that could stand in the place of one of the plan's.

    Parameters
    ----------
    plan
        The plan.
    station_id
        A station of the plan.

    Returns
    -------
    DataFrame
        Its rows of ``plan.replacements``, best first; none for a station that is on air, that
        nothing is lost without, or that no other makes up for.

    Raises
    ------
    ProblemError
        When the plan holds no such station.
    """
    column_of(plan, station_id)
    found = plan.replacements
    return pd.DataFrame(found[found[F.STATION_ID] == station_id].reset_index(drop=True))
