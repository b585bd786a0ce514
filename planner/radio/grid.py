"""Bucket grids: which stations stand near a point, without ever looking at the others.

Stations are sorted by class, and each class has a grid of its own whose cells fit the class's
longest range, so that short ranges do not pay for long ones. Cells of one grid row are neighbours
in memory.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from planner.errors import ProblemError

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

TILE_ROWS = 32_768
"""Rows that one task of a parallel loop takes; also what a step holds in scratch memory."""


class Buckets(NamedTuple):
    """Stations in buckets: a named tuple of arrays, which the compiled loops can take.

    Attributes
    ----------
    xy
        (stations, 2) coordinates in bucket order, m.
    station
        (stations,) number of the station in the caller's order.
    kind
        (stations,) its class.
    corner, cell
        (classes, 2) south-west corner and (classes,) side of a cell, m.
    shape
        (classes, 2) number of cells, columns and rows.
    offset
        (classes,) place of the class's first cell in ``start``.
    start
        First station of each cell, and one past the last.
    """

    xy: FloatArray
    station: npt.NDArray[np.int32]
    kind: IntArray
    corner: FloatArray
    cell: FloatArray
    shape: IntArray
    offset: IntArray
    start: IntArray


def fill_buckets(
    stations_xy: FloatArray, station_class: IntArray, longest_m: FloatArray
) -> Buckets:
    """Sort stations into one grid per class.

    Parameters
    ----------
    stations_xy
        (stations, 2) coordinates, m.
    station_class
        (stations,) class of each.
    longest_m
        (classes,) longest range of the class, m; a class of range 0 gets a single cell.
    """
    n_classes = len(longest_m)
    corner, cell = np.zeros((n_classes, 2)), np.ones(n_classes)
    shape = np.ones((n_classes, 2), dtype=np.int64)
    offset = np.zeros(n_classes + 1, dtype=np.int64)
    key = np.zeros(len(stations_xy), dtype=np.int64)

    for c in range(n_classes):
        mine = np.flatnonzero(station_class == c)
        if len(mine) and longest_m[c] > 0:
            corner[c] = stations_xy[mine].min(axis=0)
            extent = stations_xy[mine].max(axis=0) - corner[c]
            cell[c] = _cell_m(extent, len(mine), longest_m[c])
            shape[c] = np.floor(extent / cell[c]).astype(np.int64) + 1
            place = np.floor((stations_xy[mine] - corner[c]) / cell[c]).astype(np.int64)
            place = np.minimum(place, shape[c] - 1)
            key[mine] = place[:, 1] * shape[c, 0] + place[:, 0]
        key[mine] += offset[c]
        offset[c + 1] = offset[c] + shape[c, 0] * shape[c, 1]

    # cells of a grid row lie side by side, so a loop reads each row as one stretch
    order = np.argsort(key, kind="stable")
    start = np.zeros(offset[-1] + 1, dtype=np.int64)
    np.cumsum(np.bincount(key, minlength=offset[-1]), out=start[1:])
    return Buckets(
        np.ascontiguousarray(stations_xy[order]),
        order.astype(np.int32),
        np.ascontiguousarray(station_class[order]),
        corner,
        cell,
        shape,
        offset[:-1],
        start,
    )


def _cell_m(extent: FloatArray, count: int, longest_m: float) -> float:
    """Side of a cell, m: half a range, but never more cells than a few per station."""
    few = float(np.sqrt(extent[0] * extent[1] / (4 * count)))
    return max(longest_m / 2, few, float(extent.max()) / 1e5)


def checked_points(name: str, xy: npt.ArrayLike) -> FloatArray:
    """Coordinates as a finite float64 array of shape (n, 2), or a :class:`ProblemError`."""
    array = np.ascontiguousarray(xy, dtype=np.float64)
    if array.ndim != 2 or array.shape[1] != 2 or not np.isfinite(array).all():
        raise ProblemError(
            f"{name} must be finite metres of shape (n, 2), got shape {array.shape}.",
            f"{name} 须为形状 (n, 2) 的有限米制坐标,实际形状为 {array.shape}。",
        )
    return array


def checked_classes(name: str, values: npt.ArrayLike, n: int, n_classes: int) -> IntArray:
    """Class numbers as int64 of length ``n``, 0 or above and below ``n_classes``.

    Anything else is a :class:`ProblemError`.
    """
    array = np.ascontiguousarray(values)
    whole = array.shape == (n,) and (n == 0 or array.dtype.kind in "iu")
    if not whole or (n and (array.min() < 0 or array.max() >= n_classes)):
        raise ProblemError(
            f"{name} must be {n} integers, 0 to {n_classes - 1}, got {array.dtype} of shape "
            f"{array.shape}.",
            f"{name} 须为 {n} 个 0 至 {n_classes - 1} 的整数,实际为 {array.dtype}、形状 "
            f"{array.shape}。",
        )
    return array.astype(np.int64)


def over_rows(
    n_rows: int, step: Callable[..., None], rest: tuple[object, ...], threads: int | None = None
) -> None:
    """Run ``step(lo, hi, *rest)`` over tiles of rows.

    Each tile writes to its own rows only, so any number of threads gives the same result.
    """
    tiles = [(lo, min(lo + TILE_ROWS, n_rows)) for lo in range(0, n_rows, TILE_ROWS)]
    if threads == 1 or len(tiles) < 2:
        for lo, hi in tiles:
            step(lo, hi, *rest)
        return

    with ThreadPoolExecutor(max_workers=threads or os.cpu_count()) as pool:
        for done in [pool.submit(step, lo, hi, *rest) for lo, hi in tiles]:
            done.result()
