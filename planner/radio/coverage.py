"""Which station serves which demand row: a sparse matrix from compiled loops, never a dense one.

Each pair of a row and a sector has terms of its own; the longest range that any sector of a class
can have only limits where the loop looks.
"""

from __future__ import annotations

from functools import partial

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from planner.errors import ProblemError
from planner.radio.arrays import Rows
from planner.radio.budget import ELEVATIONS
from planner.radio.grid import (
    FloatArray,
    IntArray,
    checked_classes,
    checked_points,
    fill_buckets,
    over_rows,
)
from planner.radio.model import NEAR_M
from planner.radio.transmitters import Transmitters


def sector_coverage(
    points_xy: npt.ArrayLike,
    point_class: npt.ArrayLike,
    max_loss_db: npt.ArrayLike,
    transmitters: Transmitters,
    rise_db: npt.ArrayLike | None = None,
    *,
    threads: int | None = None,
) -> csr_matrix:
    """Coverage: row i is served by station j when its best sector is heard, and hears, well enough.

    Parameters
    ----------
    points_xy
        (rows, 2) place of each demand row, m, in the CRS of the transmitters.
    point_class
        (rows,) class of the row: network, level and restrictions.
    max_loss_db
        (point classes, station classes) largest path loss, dB, on the axis of an antenna: the
        ``max_loss_db`` of :func:`planner.radio.link_budget`, which holds SS-RSRP, uplink, margin
        and penetration. Minus infinity where the class never serves.
    transmitters
        The stations. Pattern and offset of their sectors count against the loss, in both
        directions.
    rise_db
        (point classes, station classes, 91) by how much less that loss is on a path of so many
        whole degrees of elevation, dB, between them linearly; without it by nothing.
    threads
        Number of threads; by default as many as the machine has. Does not change the result.

    Returns
    -------
    scipy.sparse.csr_matrix
        (rows, columns) bool, int32 indices sorted within each row.

    Raises
    ------
    planner.errors.ProblemError
        If shapes or classes do not fit, or a coordinate is not finite.
    planner.errors.ValidityError
        If a height or frequency lies outside its model.

    Notes
    -----
    Pairs nearer than 10 m take the loss and the depression of 10 m; pairs beyond the model's
    longest valid distance are never served. Pattern: see :func:`planner.radio.attenuation`. Time
    and memory grow with the pairs within range; scratch memory with stations only. Rows can be
    streamed: the matrix of a slice of rows is the slice of the matrix.
    """
    demand = _rows(points_xy, point_class, max_loss_db, transmitters, rise_db, 0.0)
    points, kind, reach = demand.xy, demand.kind, demand.reach
    masts = transmitters.masts(reach.max(axis=0, initial=0.0))
    from planner.radio.kernels import count_near, serve, squeeze

    # the stations in reach are the room of a row; those that serve go to its front
    room, counts = (np.zeros(len(points) + 1, dtype=np.int64) for _ in range(2))
    count = partial(count_near, points, kind, reach, masts.buckets)
    over_rows(len(points), count, (room,), threads)
    np.cumsum(room, out=room)
    indices = np.empty(room[-1], dtype=np.int32)
    over_rows(len(points), partial(serve, demand, masts), (room, indices, counts), threads)

    indptr = np.cumsum(counts)
    squeeze(room, indptr, indices)
    indices.resize(indptr[-1], refcheck=False)
    return sparse_bool(indptr, indices, (len(points), len(transmitters.xy)))


def coverage_reserve(
    points_xy: npt.ArrayLike,
    point_class: npt.ArrayLike,
    max_loss_db: npt.ArrayLike,
    transmitters: Transmitters,
    rise_db: npt.ArrayLike | None = None,
    *,
    since: IntArray,
    steps: int,
    within_db: float,
    threads: int | None = None,
) -> FloatArray:
    """By how much the best station of a network that grows serves each row, or misses it.

    Parameters
    ----------
    points_xy, point_class, max_loss_db, transmitters, rise_db, threads
        As in :func:`sector_coverage`.
    since
        (stations,) step from which each is on, from 0.
    steps
        Number of steps.
    within_db
        How much is of interest, dB: a row that has more in hand has this or more in the answer, one
        that lacks more has minus infinity or what it lacks.

    Returns
    -------
    numpy.ndarray
        (steps, rows) dB: at 0 and above the row is served as :func:`sector_coverage` says.

    Raises
    ------
    planner.errors.ProblemError, planner.errors.ValidityError
        As in :func:`sector_coverage`.
    """
    demand = _rows(points_xy, point_class, max_loss_db, transmitters, rise_db, within_db)
    masts = transmitters.masts(demand.reach.max(axis=0, initial=0.0))
    on = checked_classes("since", since, len(transmitters.xy), steps)
    best = np.full((steps, len(demand.xy)), -np.inf)
    from planner.radio.kernels import reserve

    find = partial(reserve, demand, masts, on, within_db)
    over_rows(len(demand.xy), find, (best,), threads)
    return best


def near_mast(points_xy: npt.ArrayLike, stations_xy: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Whether a point lies within 10 m of any station: there the loss at 10 m was used.

    Parameters
    ----------
    points_xy, stations_xy
        (n, 2) and (m, 2) coordinates, m, same projected CRS.

    Returns
    -------
    numpy.ndarray
        (n,) bool; its sum is what a report states.

    Raises
    ------
    planner.errors.ProblemError
        If a shape does not fit or a coordinate is not finite.

    Notes
    -----
    Source: 10 m is the shortest valid distance of 3GPP TR 38.901 V17, Table 7.4.1-1.
    """
    points = checked_points("points_xy", points_xy)
    stations = checked_points("stations_xy", stations_xy)
    # strictly nearer: at 10 m the formula itself holds
    reach = np.array([[np.nextafter(NEAR_M, 0.0)]])
    buckets = fill_buckets(stations, np.zeros(len(stations), dtype=np.int64), reach[0])
    from planner.radio.kernels import count_near

    counts = np.zeros(len(points) + 1, dtype=np.int64)
    kind = np.zeros(len(points), dtype=np.int64)
    over_rows(len(points), partial(count_near, points, kind, reach, buckets), (counts,))
    return np.asarray(counts[1:] > 0)


def sparse_bool(
    indptr: IntArray, indices: npt.NDArray[np.int32], shape: tuple[int, int]
) -> csr_matrix:
    """The finished matrix; index types are int32 as long as the number of entries allows it."""
    narrow = indptr[-1] <= np.iinfo(np.int32).max
    starts = indptr.astype(np.int32) if narrow else indptr
    matrix = csr_matrix(
        (np.ones(len(indices), dtype=np.bool_), indices, starts), shape=shape, copy=False
    )
    matrix.has_sorted_indices = True
    return matrix


def _rows(
    points_xy: npt.ArrayLike,
    point_class: npt.ArrayLike,
    max_loss_db: npt.ArrayLike,
    transmitters: Transmitters,
    rise_db: npt.ArrayLike | None,
    beyond_db: float,
) -> Rows:
    """The demand rows as the loops take them, with pairs up to so much beyond the largest loss."""
    loss = np.ascontiguousarray(max_loss_db, dtype=np.float64)
    n_classes = len(transmitters.classes)
    if loss.ndim != 2 or loss.shape[1] != n_classes or np.isnan(loss).any():
        raise ProblemError(
            f"max_loss_db needs a column for each of {n_classes} classes, without NaN.",
            f"max_loss_db 须为 {n_classes} 个站类各有一列,且不含 NaN。",
        )
    rise = np.zeros((*loss.shape, 0)) if rise_db is None else np.array(rise_db, dtype=np.float64)
    if rise.shape[:-1] != loss.shape or rise.shape[-1] not in (0, ELEVATIONS) or (rise < 0.0).any():
        raise ProblemError(
            f"rise_db needs {ELEVATIONS} values, none below 0, for each entry of max_loss_db.",
            f"rise_db 须为 max_loss_db 的每一项各给 {ELEVATIONS} 个不小于 0 的值。",
        )
    points = checked_points("points_xy", points_xy)
    kind = checked_classes("point_class", point_class, len(points), len(loss))

    # no sector reaches farther than the loudest of its class would on its axis
    farthest = loss + _loudest_db(transmitters) + beyond_db
    reach = np.array([transmitters.reach_m(row) for row in farthest]).reshape(loss.shape)
    return Rows(points, kind, reach, loss, rise)


def _loudest_db(transmitters: Transmitters) -> FloatArray:
    """Largest sector offset of each class, (classes,), dB; minus infinity without a sector."""
    sectors = transmitters.sectors
    loudest = np.full(len(transmitters.classes), -np.inf)
    np.maximum.at(loudest, transmitters.station_class[sectors.station], sectors.offset_db)
    return loudest
