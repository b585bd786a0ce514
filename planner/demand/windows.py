"""Continuity as rows: a window of road or a disc of area in which something must be served.

"No gap longer than L" holds when every window of the fewest consecutive samples that are longer
than L has a covered one. "No hole that holds a disc of radius r" holds when every disc of a
somewhat smaller radius round the points of a lattice has a covered cell: any disc of radius r holds
one of those. So the rows are exact for roads and on the safe side for areas. Both are asked
outdoors only; depth has no continuity rows because they bring nothing there.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix, vstack

from planner import fields as F
from planner.model import Grid, IntArray
from planner.scenario import Layer

Windows = list[IntArray]


def road_windows(points: pd.DataFrame, members: IntArray, layer: Layer, step_m: float) -> Windows:
    """Windows over the samples of a road layer, each the places in ``points`` of its samples.

    A chain shorter than the limit has none.
    """
    # the fewest samples that are longer than the limit
    count = int(layer.rule.gap_m // step_m) + 1
    road = points[F.ROAD].to_numpy()[members]
    windows: Windows = []
    for number in np.unique(road):
        samples = members[road == number]
        starts = range(len(samples) - count + 1)
        windows += [samples[start : start + count] for start in starts]
    return windows


def disc_windows(points: pd.DataFrame, members: IntArray, layer: Layer, grid: Grid) -> Windows:
    """Discs over the cells of an area layer that lie wholly inside it, as places in ``points``."""
    # a disc of the rule's radius has a lattice point within half a lattice's diagonal of its
    # centre; the discs round the lattice points are smaller by so much. All in cells.
    lattice = max(1, int(layer.rule.hole_radius_m / 2 / grid.cell_m))
    radius = layer.rule.hole_radius_m / grid.cell_m - lattice / np.sqrt(2)
    reach = int(radius)
    dy, dx = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    inside = dx**2 + dy**2 <= radius**2
    dy = dy[inside]
    dx = dx[inside]

    # the layer as a raster with a margin, so that every disc can be read off it
    row, column = np.divmod(points[F.CELL].to_numpy()[members], grid.columns)
    top, left = row.min() - reach, column.min() - reach
    place = np.full((row.max() - top + reach + 1, column.max() - left + reach + 1), -1, np.int64)
    place[row - top, column - left] = members

    centre = (row % lattice == 0) & (column % lattice == 0)
    discs = place[row[centre, None] - top + dy, column[centre, None] - left + dx]
    return list(discs[(discs >= 0).all(axis=1)])


def window_rows(windows: Windows, row_of_point: IntArray, n_rows: int) -> csr_matrix:
    """(windows, rows) 0/1 for one network, whose outdoor row of a point is ``row_of_point``."""
    lengths = np.fromiter(map(len, windows), np.int64, len(windows))
    indices = row_of_point[np.concatenate(windows)] if windows else np.empty(0, np.int64)
    matrix = csr_matrix(
        (np.ones(len(indices), np.int8), indices, np.concatenate([[0], np.cumsum(lengths)])),
        (len(windows), n_rows),
    )
    matrix.sort_indices()
    return matrix


def stack(parts: list[csr_matrix], n_rows: int) -> csr_matrix:
    """All windows under each other."""
    return csr_matrix(vstack([csr_matrix(np.empty((0, n_rows), np.int8)), *parts], format="csr"))
