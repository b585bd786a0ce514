"""Continuity on the ground itself, at every count at once.

A place is served from the count after its rank on: at count n it is dark when ``rank >= n``. Dark road samples that
follow each other on one chain are a gap. Dark cells are a hole where a disc of the rule's radius fits, inside the
layer, with nothing served in it. Both are the same question: give each place its *opened* rank, the greatest count at
which it still lies in a failing piece (a grey opening, along a road or by a disc), and let the pieces grow together
while the count falls. One pass gives every count.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from numba import njit
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from planner import fields as F
from planner.model import FloatArray, Grid, IntArray
from planner.scenario import Layer, Scenario

Array = npt.NDArray[Any]

SHARE_SLACK = 1e-9  # a share is a sum of floats: 95 % of the length must not fail by its last bit
LENGTH_SLACK_M = 0.5  # lengths are judged in whole metres: ten samples of 50 m are 500 m whatever their last bits
HECTARE_M2 = 1e4
SIZE_PARTS = 1024  # sizes are counted in 1/1024 m or m2
_AROUND = ((-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1))


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """All points of one layer, and which of them touch.

    Attributes
    ----------
    layer
        The layer with its rule.
    places
        (n,) places in ``points``: cells of an area layer, samples of a road layer.
    size
        (n,) m2 of a cell, m of a sample, in whole 1/1024 parts.
    neighbours
        (n, 8 or 2) numbers within the layer of the points that touch, -1 for none: the cells around, or the samples
        before and after on the chain.
    raster
        Of an area: number within the layer per cell of the box round it, -1 outside the layer, with a margin as wide
        as the rule's radius. Empty for roads.
    spot
        (n, 2) row and column of each cell in that raster.
    disc
        (k, 2) row and column offsets of the rule's disc.
    """

    layer: Layer
    places: IntArray
    size: FloatArray
    neighbours: npt.NDArray[np.int32]
    raster: npt.NDArray[np.int32]
    spot: IntArray
    disc: IntArray

    @property
    def is_road(self) -> bool:
        """Whether the layer is one of roads."""
        return self.layer.shape == "road"

    @property
    def limit(self) -> float:
        """Size from which a piece fails: the rule's gap with half a metre of slack; any piece that is a hole."""
        return self.layer.rule.gap_m + LENGTH_SLACK_M if self.is_road else 0.0


def make_grounds(scenario: Scenario, points: pd.DataFrame, share: FloatArray, grid: Grid) -> tuple[Ground, ...]:
    """The ground of every layer, in the scenario's order."""
    on_road = points[F.ROAD].to_numpy() >= 0
    grounds = []
    for number, layer in enumerate(scenario.layers):
        wanted = (share[:, number] > 0) & (on_road == (layer.shape == "road"))
        places = np.flatnonzero(wanted)
        if layer.shape == "road":
            grounds.append(_road_ground(layer, points, places))
        else:
            grounds.append(_area_ground(layer, points, places, grid))
    return tuple(grounds)


def _road_ground(layer: Layer, points: pd.DataFrame, places: IntArray) -> Ground:
    """Samples stand in ``points`` by road and chainage, so those that follow each other are neighbours."""
    road = points[F.ROAD].to_numpy()[places]
    follows = np.zeros(len(places) + 1, np.bool_)
    follows[1:-1] = (np.diff(places) == 1) & (np.diff(road) == 0)
    number = np.arange(len(places))
    neighbours = np.stack([np.where(follows[:-1], number - 1, -1), np.where(follows[1:], number + 1, -1)], axis=1)
    size = _whole_parts(points[F.LENGTH_M].to_numpy(np.float64)[places])
    none = np.empty((0, 2), np.int64)
    return Ground(layer, places, size, neighbours.astype(np.int32), none.astype(np.int32), none, none)


def _area_ground(layer: Layer, points: pd.DataFrame, places: IntArray, grid: Grid) -> Ground:
    disc = disc_offsets(layer.rule.hole_radius_m, grid.cell_m)
    margin = max(1, int(np.abs(disc).max()))
    spot = np.stack(np.divmod(points[F.CELL].to_numpy(np.int64)[places], grid.columns), axis=1)
    box = np.zeros(2, np.int64)
    if len(places):
        spot = spot - spot.min(axis=0) + margin
        box = spot.max(axis=0) + margin + 1
    raster = np.full(tuple(box), -1, np.int32)
    raster[spot[:, 0], spot[:, 1]] = np.arange(len(places))
    neighbours = np.stack([raster[spot[:, 0] + dy, spot[:, 1] + dx] for dy, dx in _AROUND], axis=1)
    size = _whole_parts(points[F.AREA_M2].to_numpy(np.float64)[places])
    return Ground(layer, places, size, neighbours, raster, spot, disc)


def _whole_parts(size: FloatArray) -> FloatArray:
    """Sizes in whole parts of a power of two: their sums are exact, the same in whatever order they are added."""
    return np.round(size * SIZE_PARTS) / SIZE_PARTS


def disc_offsets(radius_m: float, cell_m: float) -> IntArray:
    """(k, 2) row and column offsets of the cells whose middle is within the radius of a cell's middle."""
    reach = int(radius_m / cell_m + SHARE_SLACK)
    dy, dx = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    inside = (dx**2 + dy**2) * cell_m**2 <= radius_m**2 * (1 + SHARE_SLACK)
    return np.stack([dy[inside], dx[inside]], axis=1)


def opened_rank(ground: Ground, rank: IntArray) -> IntArray:
    """Greatest count at which each place still lies in a failing piece; -1 for never.

    Parameters
    ----------
    ground
        A layer.
    rank
        (n,) rank at which each of its places is first served, for one network and level.
    """
    if not ground.is_road:
        return _open_by_disc(rank, ground.raster, ground.spot, ground.disc)
    follows = ground.neighbours[:, 1] >= 0
    return _open_along(rank, ground.size, follows, ground.limit)


@njit(cache=True)
def _open_by_disc(rank: Array, raster: Array, spot: Array, disc: Array) -> Array:
    n, k = len(rank), len(disc)
    eroded = np.empty(n, np.int64)
    for place in range(n):
        least = rank[place]
        for j in range(k):
            other = raster[spot[place, 0] + disc[j, 0], spot[place, 1] + disc[j, 1]]
            if other < 0:
                least = -1
                break
            least = min(least, rank[other])
        eroded[place] = least
    opened = eroded.copy()
    for place in range(n):
        if eroded[place] >= 0:
            for j in range(k):
                other = raster[spot[place, 0] + disc[j, 0], spot[place, 1] + disc[j, 1]]
                opened[other] = max(opened[other], eroded[place])
    return opened


@njit(cache=True)
def _open_along(rank: Array, size: Array, follows: Array, limit: float) -> Array:
    """Shortest runs longer than the limit, from each sample on and back to each sample: together they fill a gap."""
    n = len(rank)
    opened = np.full(n, -1, np.int64)
    for step in (1, -1):
        for start in range(n):
            end, length, least = start, size[start], rank[start]
            while length <= limit:
                link = end if step == 1 else end - 1
                if link < 0 or not follows[link]:
                    break
                end += step
                length += size[end]
                least = min(least, rank[end])
            if length > limit:
                for place in range(min(start, end), max(start, end) + 1):
                    opened[place] = max(opened[place], least)
    return opened


@njit(cache=True)
def _root(parent: Array, place: int) -> int:
    while parent[place] != place:
        parent[place] = parent[parent[place]]
        place = parent[place]
    return place


@njit(cache=True)
def _grow(rank: Array, by_rank: Array, neighbours: Array, size: Array, limit: float, top: int) -> Array:
    """Pieces of ``{rank >= n}`` for n = top .. 0: how many, how many over the limit, size of the largest."""
    out = np.zeros((top + 1, 3))
    parent = np.full(len(rank), -1, np.int64)
    total = size.copy()
    pieces, over, largest, head = 0, 0, 0.0, 0
    for count in range(top, -1, -1):
        while head < len(by_rank) and rank[by_rank[head]] >= count:
            place = by_rank[head]
            head += 1
            parent[place] = place
            pieces += 1
            over += total[place] > limit
            for j in range(neighbours.shape[1]):
                other = neighbours[place, j]
                if other < 0 or parent[other] < 0:
                    continue
                a, b = _root(parent, place), _root(parent, other)
                if a != b:
                    over -= (total[a] > limit) + (total[b] > limit)
                    parent[b] = a
                    total[a] += total[b]
                    pieces -= 1
                    over += total[a] > limit
            largest = max(largest, total[_root(parent, place)])
        out[count, 0], out[count, 1], out[count, 2] = pieces, over, largest
    return out


def measure_ground(ground: Ground, rank: IntArray, opened: IntArray, top: int) -> Mapping[str, Array]:
    """Every measure of a layer at every count, for one network and level.

    Parameters
    ----------
    ground
        A layer.
    rank, opened
        (n,) rank at which each of its places is first served, and what :func:`opened_rank` makes of it.
    top
        The greatest count.

    Returns
    -------
    mapping
        Arrays of length ``top + 1``, index = count. ``share`` (0-1) by ground; for roads ``gaps`` (over the limit),
        ``gaps_all``, ``longest_m``, ``gaps_per_100km`` (of all gaps); for areas ``holes``, ``largest_ha``; ``passes``.
    """
    share = _share(ground, rank, top)
    enough = share >= ground.layer.rule.share - SHARE_SLACK
    dark = rank if ground.is_road else opened
    by_rank = np.argsort(-dark, kind="stable")
    pieces, over, largest = _grow(dark, by_rank, ground.neighbours, ground.size, ground.limit, top).T
    if not ground.is_road:
        return {
            "share": share,
            "holes": pieces.astype(np.int64),
            "largest_ha": largest / HECTARE_M2,
            "passes": enough & (pieces == 0),
        }
    length_km = ground.size.sum() / 1000
    return {
        "share": share,
        "gaps": over.astype(np.int64),
        "gaps_all": pieces.astype(np.int64),
        "longest_m": largest,
        "gaps_per_100km": pieces / length_km * 100 if length_km else np.zeros(top + 1),
        "passes": enough & (over == 0),
    }


def _share(ground: Ground, rank: IntArray, top: int) -> FloatArray:
    """Share of the ground with a rank below each count; of an empty layer all is served."""
    served = np.bincount(np.minimum(rank, top), weights=ground.size, minlength=top + 1)
    total = np.cumsum(served)
    share = np.concatenate([[0.0], total[:top]])
    return share / total[-1] if total[-1] > 0 else np.ones(top + 1)


def failing_pieces(ground: Ground, opened: IntArray, count: int) -> list[IntArray]:
    """The gaps over the limit, or the holes, at one count: numbers within the layer, the largest piece first."""
    inside = np.flatnonzero(opened >= count)
    number = np.full(len(opened), -1, np.int64)
    number[inside] = np.arange(len(inside))
    near = ground.neighbours[inside]
    mine, which = np.nonzero((near >= 0) & (number[near] >= 0))
    link = (np.ones(len(mine), np.int8), (mine, number[near[mine, which]]))
    _, label = connected_components(coo_matrix(link, shape=(len(inside), len(inside))), directed=False)
    pieces = [inside[part] for part in _split(label.astype(np.int64))]
    return sorted(pieces, key=lambda piece: (-round(float(ground.size[piece].sum()), 3), int(piece[0])))


def _split(label: IntArray) -> list[IntArray]:
    """Places of each label, ascending within it."""
    if not len(label):
        return []
    by_label = np.argsort(label, kind="stable")
    return np.split(by_label, np.flatnonzero(np.diff(label[by_label])) + 1)
