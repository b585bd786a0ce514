"""The ground of a layer as arrays: its places, their size, who lives there, which of them touch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Shape = Literal["area", "road"]

HECTARE_M2: Final = 1e4
SIZE_PARTS: Final = 1024
"""Sizes and people are counted in such parts of 1 m, 1 m2 and one person."""

_AROUND: Final = ((-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1))
"""Row and column offsets of the cells that touch one."""


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """All points of one layer; made by :func:`area_ground` or :func:`road_ground`.

    Attributes
    ----------
    shape
        ``area`` or ``road``.
    places
        (n,) numbers of the layer's points in the caller's table: cells of an area layer, samples of
        a road layer.
    size
        (n,) m2 of a cell, m of a sample, in whole 1/1024 parts.
    people
        (n,) residents of a cell, in whole 1/1024 parts; 0 for road samples.
    neighbours
        (n, 8 or 2) numbers within the layer of the points that touch, -1 for none: the cells
        around, or the samples before and after on the chain.
    raster
        Of an area: number within the layer per cell of the box round it, -1 outside the layer.
        Empty for roads.
    spot
        (n, 2) row and column of each cell in that raster; empty for roads.
    cell_m
        Side of a cell, m; NaN for roads.
    """

    shape: Shape
    places: IntArray
    size: FloatArray
    people: FloatArray
    neighbours: npt.NDArray[np.int32]
    raster: npt.NDArray[np.int32]
    spot: IntArray
    cell_m: float

    @property
    def is_road(self) -> bool:
        """Whether the layer is one of roads."""
        return self.shape == "road"


def road_ground(places: IntArray, road: IntArray, length_m: FloatArray) -> Ground:
    """The ground of a road layer.

    Parameters
    ----------
    places
        (n,) ascending numbers of the samples; those that follow each other by number on one chain
        are neighbours.
    road
        (n,) chain of each sample.
    length_m
        (n,) length of each sample, m.
    """
    # follows[i]: sample i comes right behind sample i - 1 of its chain
    follows = np.zeros(len(places) + 1, np.bool_)
    follows[1:-1] = (np.diff(places) == 1) & (np.diff(road) == 0)
    number = np.arange(len(places))
    before = np.where(follows[:-1], number - 1, -1)
    after = np.where(follows[1:], number + 1, -1)

    none = np.empty((0, 2), np.int64)
    return Ground(
        shape="road",
        places=places,
        size=whole_parts(length_m),
        people=np.zeros(len(places)),
        neighbours=np.stack([before, after], axis=1).astype(np.int32),
        raster=none.astype(np.int32),
        spot=none,
        cell_m=np.nan,
    )


def area_ground(
    places: IntArray,
    row: IntArray,
    column: IntArray,
    area_m2: FloatArray,
    people: FloatArray,
    cell_m: float,
) -> Ground:
    """The ground of an area layer.

    Parameters
    ----------
    places
        (n,) numbers of the cells in the caller's table.
    row, column
        (n,) where each cell lies in a regular grid.
    area_m2, people
        (n,) m2 and residents of each cell.
    cell_m
        Side of a cell, m.
    """
    # the layer's own raster: the box round its cells
    spot = np.stack([row, column], axis=1).astype(np.int64)
    box = np.zeros(2, np.int64)
    if len(places):
        spot -= spot.min(axis=0)
        box = spot.max(axis=0) + 1
    raster = np.full(tuple(box), -1, np.int32)
    raster[spot[:, 0], spot[:, 1]] = np.arange(len(places))

    # with a margin of one cell every neighbour can be read off, also on the edge
    around = padded(raster, 1)
    y, x = (spot + 1).T
    neighbours = np.stack([around[y + dy, x + dx] for dy, dx in _AROUND], axis=1)

    return Ground(
        shape="area",
        places=places,
        size=whole_parts(area_m2),
        people=whole_parts(people),
        neighbours=neighbours,
        raster=raster,
        spot=spot,
        cell_m=cell_m,
    )


def padded(raster: npt.NDArray[np.int32], margin: int) -> npt.NDArray[np.int32]:
    """The raster with so many cells outside the layer on every side."""
    return np.pad(raster, margin, constant_values=-1)


def whole_parts(size: FloatArray) -> FloatArray:
    """Sizes in whole parts of a power of two: sums are exact in whatever order they are added."""
    return np.round(size * SIZE_PARTS) / SIZE_PARTS


def sum_by_count(rank: IntArray, size: FloatArray, top: int) -> FloatArray:
    """(top + 1,) size of the places with a rank below each count; -1 is below all."""
    served = np.bincount(np.minimum(rank, top) + 1, weights=size, minlength=top + 2)
    return np.cumsum(served[: top + 1])


def share_by_count(rank: IntArray, size: FloatArray, top: int) -> FloatArray:
    """(top + 1,) share of the size with a rank below each count; of nothing all is served."""
    total = size.sum()
    return sum_by_count(rank, size, top) / total if total > 0 else np.ones(top + 1)
