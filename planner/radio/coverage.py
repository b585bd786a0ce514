"""Which station serves which demand row: a sparse matrix from fused compiled loops, never a dense one.

Where the loss depends on distance alone, the range is solved once per kind of link and the loop
compares distances (:func:`coverage`). With sectors each pair has terms of its own, and the longest
possible range is only where the loop stops looking (:func:`sector_coverage`).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from planner.errors import ProblemError
from planner.radio.antenna import Sectors, sector_rows
from planner.radio.budget import RadioParameters
from planner.radio.grid import checked_classes, checked_points, fill_buckets, over_rows
from planner.radio.link import StationClass, link_rows
from planner.radio.pathloss import NEAR_M


def coverage(
    points_xy: npt.ArrayLike,
    point_class: npt.ArrayLike,
    stations_xy: npt.ArrayLike,
    station_class: npt.ArrayLike,
    range_m: npt.ArrayLike,
    *,
    threads: int | None = None,
) -> csr_matrix:
    """Coverage by range: row i is served by station j when they are no farther apart than their classes' range.

    Parameters
    ----------
    points_xy
        (rows, 2) place of each demand row, m, in any projected CRS.
    point_class
        (rows,) class of the row: network, level and restrictions.
    stations_xy
        (columns, 2) place of each station, m, same CRS.
    station_class
        (columns,) class of the station: network, band, model and height.
    range_m
        (point classes, station classes) range in m, 0 = never; see
        :func:`planner.radio.link_budget`. A range below 10 m is refused: the loss at 10 m stands
        for every nearer point.
    threads
        Number of threads; by default as many as the machine has. Does not change the result.

    Returns
    -------
    scipy.sparse.csr_matrix
        (rows, columns) bool, int32 indices sorted within each row.

    Raises
    ------
    planner.errors.ProblemError
        If shapes, classes or ranges do not fit, or a coordinate is not finite.

    Notes
    -----
    Time and memory grow with the pairs within range; scratch memory with stations only. Rows can be
    streamed: the matrix of a slice of rows is the slice of the matrix.
    """
    points, stations = (
        checked_points("points_xy", points_xy),
        checked_points("stations_xy", stations_xy),
    )
    reach = _ranges(range_m)
    p_class = checked_classes("point_class", point_class, len(points), reach.shape[0])
    s_class = checked_classes("station_class", station_class, len(stations), reach.shape[1])
    buckets = fill_buckets(stations, s_class, reach.max(axis=0, initial=0.0))
    from planner.radio.kernels import serve

    step = partial(serve, points, p_class, reach, buckets)
    indptr = np.zeros(len(points) + 1, dtype=np.int64)
    over_rows(len(points), step, (False, indptr, np.empty(0, dtype=np.int32)), threads)
    np.cumsum(indptr, out=indptr)
    indices = np.empty(indptr[-1], dtype=np.int32)
    over_rows(len(points), step, (True, indptr, indices), threads)
    return sparse_bool(indptr, indices, (len(points), len(stations)))


def sector_coverage(
    points_xy: npt.ArrayLike,
    point_class: npt.ArrayLike,
    stations_xy: npt.ArrayLike,
    station_class: npt.ArrayLike,
    max_loss_db: npt.ArrayLike,
    classes: Sequence[StationClass],
    sectors: Sectors,
    radio: RadioParameters,
    *,
    threads: int | None = None,
) -> csr_matrix:
    """Coverage by sectors: row i is served by station j when its best sector is heard, and hears, well enough.

    Parameters
    ----------
    points_xy, point_class, stations_xy, station_class, threads
        As in :func:`coverage`.
    max_loss_db
        (point classes, station classes) largest path loss, dB, on the axis of an antenna: the
        ``max_loss_db`` of :func:`planner.radio.link_budget`, which holds SS-RSRP, uplink, margin
        and penetration. Minus infinity where the class never serves.
    classes
        Band, propagation and height of each station class.
    sectors
        Sectors of the stations; their pattern and offset count against the loss, in both
        directions.
    radio
        Height of the terminal and the rule on heights.

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
    longest valid distance are never served. Pattern: see :func:`planner.radio.attenuation`.
    """
    points, stations = (
        checked_points("points_xy", points_xy),
        checked_points("stations_xy", stations_xy),
    )
    loss = np.ascontiguousarray(max_loss_db, dtype=np.float64)
    table = loss.ndim == 2 and loss.shape[1] == len(classes) and not np.isnan(loss).any()
    if not table or len(sectors.start) != len(stations) + 1:
        raise ProblemError(
            f"max_loss_db needs a column for each of {len(classes)} classes, sectors must fit "
            f"{len(stations)} stations",
            f"max_loss_db 须为 {len(classes)} 个站类各有一列,扇区须与 {len(stations)} 个基站对应。",
        )
    p_class = checked_classes("point_class", point_class, len(points), loss.shape[0])
    s_class = checked_classes("station_class", station_class, len(stations), loss.shape[1])
    loudest = _loudest(sectors, s_class, len(classes))
    reach = np.array(
        [
            [
                c.reach_m(limit + up, radio)
                for c, limit, up in zip(classes, row, loudest, strict=True)
            ]
            for row in loss
        ]
    ).reshape(loss.shape)
    buckets = fill_buckets(stations, s_class, reach.max(axis=0, initial=0.0))
    from planner.radio.kernels import serve, serve_sectors, squeeze

    n = len(points)
    room, counts = np.zeros(n + 1, dtype=np.int64), np.zeros(n + 1, dtype=np.int64)
    over_rows(
        n,
        partial(serve, points, p_class, reach, buckets),
        (False, room, np.empty(0, np.int32)),
        threads,
    )
    np.cumsum(room, out=room)
    indices = np.empty(room[-1], dtype=np.int32)
    heard = (link_rows(classes, radio), sectors.start, *sector_rows(sectors))
    step = partial(serve_sectors, points, p_class, reach, loss, buckets, *heard)
    over_rows(n, step, (room, indices, counts), threads)
    indptr = np.cumsum(counts)
    squeeze(room, indptr, indices)
    indices.resize(indptr[-1], refcheck=False)
    return sparse_bool(indptr, indices, (n, len(stations)))


def _loudest(
    sectors: Sectors, station_class: npt.NDArray[np.int64], n_classes: int
) -> npt.NDArray[np.float64]:
    """Largest sector offset in each class, dB; minus infinity where a class has no sector."""
    loudest = np.full(n_classes, -np.inf)
    np.maximum.at(loudest, station_class[sectors.station], sectors.offset_db)
    return loudest


def near_mast(points_xy: npt.ArrayLike, stations_xy: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Whether a point lies within 10 m of any station, where the loss at 10 m was used instead of its own.

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
    points, stations = (
        checked_points("points_xy", points_xy),
        checked_points("stations_xy", stations_xy),
    )
    reach = np.nextafter(NEAR_M, 0.0)  # strictly nearer: at 10 m the formula itself holds
    buckets = fill_buckets(stations, np.zeros(len(stations), dtype=np.int64), np.array([reach]))
    from planner.radio.kernels import serve

    found = np.zeros(len(points) + 1, dtype=np.int64)
    one_class = np.zeros(len(points), dtype=np.int64)
    step = partial(serve, points, one_class, np.array([[reach]]), buckets)
    over_rows(len(points), step, (False, found, np.empty(0, dtype=np.int32)))
    return np.asarray(found[1:] > 0)


def sparse_bool(
    indptr: npt.NDArray[np.int64], indices: npt.NDArray[np.int32], shape: tuple[int, int]
) -> csr_matrix:
    """The finished matrix; index types are int32 as long as the number of entries allows it."""
    narrow = indptr[-1] <= np.iinfo(np.int32).max
    starts = indptr.astype(np.int32) if narrow else indptr
    matrix = csr_matrix(
        (np.ones(len(indices), dtype=np.bool_), indices, starts), shape=shape, copy=False
    )
    matrix.has_sorted_indices = True
    return matrix


def _ranges(range_m: npt.ArrayLike) -> npt.NDArray[np.float64]:
    reach = np.ascontiguousarray(range_m, dtype=np.float64)
    fits = (
        reach.ndim == 2
        and bool(np.isfinite(reach).all())
        and bool(((reach == 0) | (reach >= NEAR_M)).all())
    )
    if not fits:
        raise ProblemError(
            f"range_m must be a table of finite ranges, 0 or at least {NEAR_M:g} m, got shape "
            f"{reach.shape}.",
            f"range_m 须为有限的覆盖半径表,取 0 或不小于 {NEAR_M:g} 米,实际形状为 {reach.shape}。",
        )
    return reach
