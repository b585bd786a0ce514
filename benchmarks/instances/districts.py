"""Seeded, made-up districts for the optimiser's benchmarks: no place, no network in them is real.

A district is 1,007 km2 with one dense core, seats and parks around it, villages and trunk roads.
Demand cells ask for an outdoor and a deep service of each of two networks, roads are sampled, and
windows along roads and discs in areas make continuity rows. Sites are denser where demand is.
`dense` has twice the sites in its core, shorter and uneven ranges; `city` is ten districts side by
side whose stations cover across their borders.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.spatial import cKDTree

from benchmarks.instances.instance import Instance
from planner.optimise import Problem

AREA_KM2 = 1007.0
FIXED = 330
PHASES = (654, 1840)
RANGES = {0: (610.0, 225.0), 1: (700.0, 260.0), 2: (1250.0, 430.0)}
"""Range in metres, outdoors and deep, of the 3.5 GHz network by scene: core, places, open."""

SECOND = 1.17
"""The 2.6 GHz network reaches this much farther."""

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Shape:
    """What the named problems differ in.

    Size of a cell in metres, factor on all ranges, districts side by side, sites of a district and
    those of them in its core, and how uneven the ranges are (deviation of their logarithm).
    """

    cell: float = 100.0
    factor: float = 1.0
    parts: int = 1
    sites: int = 4335
    core: int = 1900
    uneven: float = 0.0


SHAPES = {
    "district": Shape(),
    "strict": Shape(factor=0.75),
    "fine": Shape(cell=50.0),
    "dense": Shape(factor=0.6, sites=6084, core=4000, uneven=0.15),
    "city": Shape(parts=10),
}


def district(name: str, seed: int) -> Instance:
    """One of :data:`SHAPES`, its parts side by side."""
    shape = SHAPES[name]
    side = np.sqrt(AREA_KM2) * 1000
    parts = []
    for number in range(shape.parts):
        # Five stand in a row, so that inner ones have three neighbours.
        corner = np.array([number % 5, number // 5]) * side
        parts.append(_Ground.make(seed + number, side, corner, shape))

    sites = np.concatenate([part.sites for part in parts])
    scene = np.concatenate([part.scene for part in parts])
    ranges = shape.factor * np.concatenate([part.spread for part in parts])
    blocks, weights = zip(*(_demand_of(part, sites, scene, ranges) for part in parts), strict=True)
    columns = shape.sites * np.arange(shape.parts)
    fixed = [
        np.where(part.fixed < shape.sites, part.fixed, part.fixed - shape.sites + len(sites))
        + first
        for part, first in zip(parts, columns, strict=True)
    ]
    problem = Problem(
        weight=np.concatenate(weights),
        cover=sparse.csr_array(sparse.vstack(blocks, format="csr")),
        phases=[count * shape.parts for count in PHASES],
        fixed=np.concatenate(fixed),
        site=np.tile(np.arange(len(sites)), 2),
        network=np.repeat([0, 1], len(sites)),
    )
    return Instance(name, problem, np.tile(sites, (2, 1)), np.tile(scene, 2))


@dataclass(frozen=True)
class _Ground:
    """A district's demand and sites; `spread` is each site's own share of its scene's range."""

    cells: Array
    kind: NDArray[np.int64]
    people: Array
    roads: list[Array]
    sites: Array
    scene: NDArray[np.int64]
    spread: Array
    fixed: NDArray[np.int64]
    cell: float

    @classmethod
    def make(cls, seed: int, side: float, corner: Array, shape: Shape) -> _Ground:
        """The district of a seed with its south-western corner somewhere."""
        rng = np.random.default_rng(seed)
        hubs, radii = _hubs(rng, side)
        roads = _roads(rng, side, hubs)
        cells, kind, people = _cells(rng, side, shape.cell, hubs, radii)
        sites, scene = _sites(rng, side, hubs, radii, roads, shape)
        fixed = _fixed(rng, sites, hubs)
        spread = np.exp(shape.uneven * rng.standard_normal(shape.sites))
        return cls(
            cells=cells + corner,
            kind=kind,
            people=people,
            roads=[road + corner for road in roads],
            sites=sites + corner,
            scene=scene,
            spread=spread,
            fixed=fixed,
            cell=shape.cell,
        )


def _demand_of(
    ground: _Ground, sites: Array, scene: NDArray[np.int64], ranges: Array
) -> tuple[sparse.csr_array, Array]:
    """Rows of a district over the sites of all, and what they are worth."""
    blocks, weights = [], []
    for points, asks_depth, worth in _demands(ground):
        for network, farther in enumerate((1.0, SECOND)):
            for deep in (0, 1) if asks_depth else (0,):
                block = _reach(points, sites, scene, deep, farther * ranges)
                blocks.append(_beside(block, network))
                weights.append(worth * (0.5 if deep else 1.0))

    # A row of continuity is covered by whatever covers one of its members.
    typical = float(np.median(np.concatenate(weights)))
    for points, members in _windows(ground.roads, ground.cells, ground.kind):
        for network, farther in enumerate((1.0, SECOND)):
            block = _reach(points, sites, scene, 0, farther * ranges)
            blocks.append(_beside((members @ block).tocsr(), network))
            weights.append(np.full(members.shape[0], 20 * typical))
    return sparse.csr_array(sparse.vstack(blocks, format="csr")), np.concatenate(weights)


def _hubs(rng: np.random.Generator, side: float) -> tuple[Array, Array]:
    """The core and 24 smaller places with their radii (m)."""
    places = np.vstack([[0.45 * side, 0.5 * side], rng.uniform(0.06, 0.94, (24, 2)) * side])
    return places, np.concatenate([[5500.0], rng.uniform(600.0, 1500.0, 24)])


def _roads(rng: np.random.Generator, side: float, hubs: Array) -> list[Array]:
    """Trunk roads as points every 50 m: across the district through the core and between places."""
    roads = []
    for _ in range(7):
        angle = rng.uniform(0, np.pi)
        way = np.array([np.cos(angle), np.sin(angle)])
        along = np.arange(-side, side, 50.0)[:, None]
        bend = 800 * np.sin(along / rng.uniform(4000, 9000))
        line = hubs[rng.integers(0, 6)] + along * way + bend * way[::-1] * [-1, 1]
        roads.append(line[((line > 0) & (line < side)).all(axis=1)])
    return roads


def _cells(
    rng: np.random.Generator, side: float, cell: float, hubs: Array, radii: Array
) -> tuple[Array, NDArray[np.int64], Array]:
    """Demand cells ``(cells, 2)`` of core, places and villages, their scenes and residents."""
    axis = np.arange(cell / 2, side, cell)
    grid = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    distance, near = cKDTree(hubs).query(grid)
    inside = distance < radii[near]

    villages = rng.uniform(0, side, (700, 2))
    village = cKDTree(villages).query(grid)[0] < 220
    kind = np.where(inside, np.where(near == 0, 0, 1), 2)
    keep = inside | village

    # People thin out from the middle of a place; a village has 0.3 of its core.
    share = np.exp(-((distance / radii[near]) ** 2)) * np.where(near == 0, 8.0, 3.0) + 0.3
    people = share * np.exp(rng.normal(0, 0.5, len(grid))) * (cell / 100) ** 2
    return grid[keep], kind[keep], people[keep]


def _sites(
    rng: np.random.Generator,
    side: float,
    hubs: Array,
    radii: Array,
    roads: list[Array],
    shape: Shape,
) -> tuple[Array, NDArray[np.int64]]:
    """Candidate sites, jittered, denser where people are, and the scene of each."""
    road = np.concatenate(roads)
    road = road[rng.permutation(len(road))[:900]]
    pools = [hubs[0] + radii[0] * _disc(rng, shape.core)]
    for hub, radius in zip(hubs[1:], radii[1:], strict=True):
        pools.append(hub + 1.1 * radius * _disc(rng, int(45 * (radius / 1050) ** 2)))
    pools.append(road + rng.normal(0, 60, road.shape))
    rest = shape.sites - sum(len(pool) for pool in pools)
    pools.append(rng.uniform(0, side, (rest, 2)))

    sites = np.clip(np.concatenate(pools), 0, side)
    distance, near = cKDTree(hubs).query(sites)
    scene = np.where(distance < 1.1 * radii[near], np.where(near == 0, 0, 1), 2)
    return sites, scene.astype(np.int64)


def _disc(rng: np.random.Generator, count: int) -> Array:
    """Random points of the unit disc, (count, 2)."""
    angle, reach = rng.uniform(0, 2 * np.pi, count), np.sqrt(rng.uniform(0, 1, count))
    return np.stack([reach * np.cos(angle), reach * np.sin(angle)], axis=1)


def _demands(ground: _Ground) -> list[tuple[Array, bool, Array]]:
    """Points, whether depth is asked, worth: half by residents, half by ground; road samples."""
    worth = (0.5 * ground.people / ground.people.mean() + 0.5) * (ground.cell / 100) ** 2
    road = np.concatenate(ground.roads)[::2]
    return [(ground.cells, True, worth), (road, False, np.ones(len(road)))]


def _windows(
    roads: list[Array], cells: Array, kind: NDArray[np.int64]
) -> list[tuple[Array, sparse.csr_array]]:
    """Points and rows of continuity over them: 500 m of road, discs of 250 m in core and places."""
    samples, first = [], 0
    for road in roads:
        samples += [first + start + np.arange(11) for start in range(0, len(road) - 10, 4)]
        first += len(road)
    windows = _members(samples, first)

    ground = cells[kind < 2]
    centres = ground[:: max(1, len(ground) // 1500)]
    discs = _members(cKDTree(ground).query_ball_point(centres, 250.0), len(ground))
    return [(np.concatenate(roads), windows), (ground, discs)]


def _members(lists: Sequence[Sequence[int]] | Array, points: int) -> sparse.csr_array:
    """Matrix of lists of points, (lists, points)."""
    row = np.repeat(np.arange(len(lists)), [len(members) for members in lists])
    column = np.concatenate(lists).astype(int)
    return sparse.csr_array((np.ones(len(row)), (row, column)), shape=(len(lists), points))


def _reach(
    points: Array, sites: Array, scene: NDArray[np.int64], deep: int, factor: Array
) -> sparse.csr_array:
    """Which site covers which point by its scene's range times its factor, (points, sites)."""
    reached, reaching = [], []
    tree = cKDTree(points)
    for kind, ranges in RANGES.items():
        here = np.flatnonzero(scene == kind)
        found = tree.query_ball_point(sites[here], ranges[deep] * factor[here])
        reached.append(np.concatenate([np.asarray(near, dtype=np.int64) for near in found]))
        reaching.append(np.repeat(here, [len(near) for near in found]))

    row, column = np.concatenate(reached), np.concatenate(reaching)
    pairs = np.ones(len(row), dtype=bool)
    return sparse.csr_array((pairs, (row, column)), shape=(len(points), len(sites)))


def _beside(block: sparse.csr_array, network: int) -> sparse.csr_array:
    """Columns of one network in the columns of both, (rows, 2 x sites)."""
    empty = sparse.csr_array(block.shape, dtype=bool)
    return sparse.csr_array(sparse.hstack([block, empty] if network == 0 else [empty, block]))


def _fixed(rng: np.random.Generator, sites: Array, hubs: Array) -> NDArray[np.int64]:
    """330 stations that stand already, three in four of them in the core."""
    distance = np.sqrt(((sites - hubs[0]) ** 2).sum(axis=1))
    odds = np.where(distance < 5500, 3.0 * (distance >= 5500).sum() / (distance < 5500).sum(), 1.0)
    chosen = rng.choice(len(sites), FIXED, replace=False, p=odds / odds.sum())
    return (chosen + np.where(rng.random(FIXED) < 0.5, 0, len(sites))).astype(np.int64)
