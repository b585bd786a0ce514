"""Which station serves which demand row: a sparse matrix from fused compiled loops, never a dense one.

Where the loss depends on distance alone, the range is solved once per kind of link and the loop compares
distances (:func:`coverage`).
"""

from __future__ import annotations

from functools import partial

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from planner.errors import ProblemError
from planner.radio.grid import checked_classes, checked_points, fill_buckets, over_rows
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
        (point classes, station classes) range in m, 0 = never; see :func:`planner.radio.link_budget`.
        A range below 10 m is refused: the loss at 10 m stands for every nearer point.
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
    Time and memory grow with the pairs within range; scratch memory with stations only. Rows can be streamed:
    the matrix of a slice of rows is the slice of the matrix.
    """
    points, stations = checked_points("points_xy", points_xy), checked_points("stations_xy", stations_xy)
    reach = _ranges(range_m)
    p_class = checked_classes("point_class", point_class, len(points), reach.shape[0])
    s_class = checked_classes("station_class", station_class, len(stations), reach.shape[1])
    buckets = fill_buckets(stations, s_class, reach.max(axis=0, initial=0.0))
    from planner.radio.kernels import serve

    indptr = np.zeros(len(points) + 1, dtype=np.int64)
    indices = np.empty(0, dtype=np.int32)
    for fill in (False, True):
        if fill:
            np.cumsum(indptr, out=indptr)
            indices = np.empty(indptr[-1], dtype=np.int32)
        over_rows(len(points), partial(serve, points, p_class, reach, buckets), (fill, indptr, indices), threads)
    return sparse_bool(indptr, indices, (len(points), len(stations)))


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
    points, stations = checked_points("points_xy", points_xy), checked_points("stations_xy", stations_xy)
    reach = np.nextafter(NEAR_M, 0.0)  # strictly nearer: at 10 m the formula itself holds
    buckets = fill_buckets(stations, np.zeros(len(stations), dtype=np.int64), np.array([reach]))
    from planner.radio.kernels import serve

    found = np.zeros(len(points) + 1, dtype=np.int64)
    one_class = np.zeros(len(points), dtype=np.int64)
    step = partial(serve, points, one_class, np.array([[reach]]), buckets)
    over_rows(len(points), step, (False, found, np.empty(0, dtype=np.int32)))
    return np.asarray(found[1:] > 0)


def sparse_bool(indptr: npt.NDArray[np.int64], indices: npt.NDArray[np.int32], shape: tuple[int, int]) -> csr_matrix:
    """The finished matrix; index types are int32 as long as the number of entries allows it."""
    narrow = indptr[-1] <= np.iinfo(np.int32).max
    starts = indptr.astype(np.int32) if narrow else indptr
    matrix = csr_matrix((np.ones(len(indices), dtype=np.bool_), indices, starts), shape=shape, copy=False)
    matrix.has_sorted_indices = True
    return matrix


def _ranges(range_m: npt.ArrayLike) -> npt.NDArray[np.float64]:
    reach = np.ascontiguousarray(range_m, dtype=np.float64)
    fits = reach.ndim == 2 and bool(np.isfinite(reach).all()) and bool(((reach == 0) | (reach >= NEAR_M)).all())
    if not fits:
        raise ProblemError(
            f"range_m must be a table of finite ranges, 0 or at least {NEAR_M:g} m, got shape {reach.shape}.",
            f"range_m 须为有限的覆盖半径表,取 0 或不小于 {NEAR_M:g} 米,实际形状为 {reach.shape}。",
        )
    return reach
