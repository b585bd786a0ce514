"""Seeded, made-up districts for the optimiser's benchmarks: no place, no network in them is real.

A district is 1,007 km2 with one dense core, seats and parks around it, villages and trunk roads.
Demand cells ask for an outdoor and a deep service of each of two networks, roads are sampled, and
windows along roads and discs in areas make continuity rows. Sites are denser where demand is.
`city` is ten districts side by side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.spatial import cKDTree

from planner.optimise import Problem

AREA_KM2 = 1007.0
SITES = 4335
FIXED = 330
PHASES = (654, 1840)
RANGES = {0: (610.0, 225.0), 1: (700.0, 260.0), 2: (1250.0, 430.0)}
"""Range in metres, outdoors and deep, of the 3.5 GHz network by scene: core, places, open."""

SECOND = 1.17
"""The 2.6 GHz network reaches this much farther."""

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Instance:
    """A made problem with its geography, which only the peers that need one look at."""

    name: str
    problem: Problem
    xy: Array
    scene: NDArray[np.int64]


def district(name: str, seed: int) -> Instance:
    """``district``, ``strict``, ``fine`` or ``city``."""
    shapes = {
        "district": (100.0, 1.0, 1),
        "strict": (100.0, 0.75, 1),
        "fine": (50.0, 1.0, 1),
        "city": (100.0, 1.0, 10),
    }
    cell, factor, copies = shapes[name]
    parts = [_district(seed + copy, cell, factor) for copy in range(copies)]
    cover = sparse.block_diag([part[0] for part in parts], format="csr")
    columns = parts[0][0].shape[1]
    fixed = np.concatenate([part[2] + copy * columns for copy, part in enumerate(parts)])
    sites = [np.tile(np.arange(SITES), 2) + copy * SITES for copy in range(copies)]
    problem = Problem(
        weight=np.concatenate([part[1] for part in parts]),
        cover=cover,
        phases=[count * copies for count in PHASES],
        fixed=fixed,
        site=np.concatenate(sites),
        network=np.tile(np.repeat([0, 1], SITES), copies),
        share_bonus=0.0,
    )

    # Districts stand 40 km apart, so that they share nothing.
    xy = np.concatenate([part[3] + np.array([copy * 40e3, 0.0]) for copy, part in enumerate(parts)])
    return Instance(name, problem, xy, np.concatenate([part[4] for part in parts]))


def _district(
    seed: int, cell: float, factor: float
) -> tuple[sparse.csr_array, Array, NDArray[np.int64], Array, NDArray[np.int64]]:
    """Cover, weights, fixed columns, and place and scene of each column."""
    rng = np.random.default_rng(seed)
    side = np.sqrt(AREA_KM2) * 1000
    hubs, radii = _hubs(rng, side)
    roads = _roads(rng, side, hubs)
    cells, kind, people = _cells(rng, side, cell, hubs, radii)
    sites, scene = _sites(rng, side, hubs, radii, roads)
    farther = {0: factor, 1: factor * SECOND}  # by network

    blocks, weights = [], []
    for points, asks_depth, worth in _demands(cells, people, roads, cell):
        for network, reach in farther.items():
            for deep in (0, 1) if asks_depth else (0,):
                block = _reach(points, sites, scene, deep, reach)
                blocks.append(_beside(block, network))
                weights.append(worth * (0.5 if deep else 1.0))

    # A row of continuity is covered by whatever covers one of its members.
    typical = float(np.median(np.concatenate(weights)))
    for points, members in _windows(roads, cells, kind):
        for network, reach in farther.items():
            block = _reach(points, sites, scene, 0, reach)
            blocks.append(_beside((members @ block).tocsr(), network))
            weights.append(np.full(members.shape[0], 20 * typical))

    cover = sparse.csr_array(sparse.vstack(blocks, format="csr"))
    fixed = _fixed(rng, sites, hubs)
    return cover, np.concatenate(weights), fixed, np.tile(sites, (2, 1)), np.tile(scene, 2)


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
    rng: np.random.Generator, side: float, hubs: Array, radii: Array, roads: list[Array]
) -> tuple[Array, NDArray[np.int64]]:
    """Candidate sites, jittered, denser where people are, and the scene of each."""
    road = np.concatenate(roads)
    road = road[rng.permutation(len(road))[:900]]
    pools = [hubs[0] + radii[0] * _disc(rng, 1900)]
    for hub, radius in zip(hubs[1:], radii[1:], strict=True):
        pools.append(hub + 1.1 * radius * _disc(rng, int(45 * (radius / 1050) ** 2)))
    pools.append(road + rng.normal(0, 60, road.shape))
    rest = SITES - sum(len(pool) for pool in pools)
    pools.append(rng.uniform(0, side, (rest, 2)))

    sites = np.clip(np.concatenate(pools), 0, side)
    distance, near = cKDTree(hubs).query(sites)
    scene = np.where(distance < 1.1 * radii[near], np.where(near == 0, 0, 1), 2)
    return sites, scene.astype(np.int64)


def _disc(rng: np.random.Generator, count: int) -> Array:
    """Random points of the unit disc, (count, 2)."""
    angle, reach = rng.uniform(0, 2 * np.pi, count), np.sqrt(rng.uniform(0, 1, count))
    return np.stack([reach * np.cos(angle), reach * np.sin(angle)], axis=1)


def _demands(
    cells: Array, people: Array, roads: list[Array], cell: float
) -> list[tuple[Array, int, Array]]:
    """Points, whether depth is asked, worth: half by residents, half by ground; road samples."""
    worth = 0.5 * people / people.mean() + 0.5
    road = np.concatenate(roads)[::2]
    return [(cells, 1, worth * (cell / 100) ** 2), (road, 0, np.full(len(road), 1.0))]


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
    points: Array, sites: Array, scene: NDArray[np.int64], deep: int, factor: float
) -> sparse.csr_array:
    """Which site covers which point by the range of the site's scene, (points, sites)."""
    reached, reaching = [], []
    tree = cKDTree(points)
    for kind, ranges in RANGES.items():
        here = np.flatnonzero(scene == kind)
        found = tree.query_ball_point(sites[here], ranges[deep] * factor)
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
