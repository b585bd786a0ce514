"""Made problems where few large stations are chosen out of thousands: ``large-01`` to ``large-12``.

50 to 100 of 2,700 to 7,700 columns open, each covers hundreds of rows, and the stations that are
wanted would about tile the ground once. Odd ones have one phase, even ones two. They come in four
kinds: people spread evenly; people in towns; a dense core whose stations reach less far than those
around it; and a plain where small stations stand among large ones.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.spatial import cKDTree

from benchmarks.instances.districts import Array
from benchmarks.instances.instance import Instance
from planner.optimise import Problem

NAMES = tuple(f"large-{number:02d}" for number in range(1, 13))
SIDE = 100.0
"""Side of the ground; everything else follows from how many stations shall fill it."""


def large(name: str) -> Instance:
    """One of :data:`NAMES`."""
    number = NAMES.index(name)
    rng = np.random.default_rng(1000 + number)
    columns, rows = int(rng.integers(2700, 7701)), int(rng.integers(14_000, 24_001))
    count = int(rng.integers(50, 101))
    kind = number % 4

    # The wanted stations fill the ground 0.9 to 1.3 times.
    reach = SIDE * np.sqrt(rng.uniform(0.9, 1.3) / count / np.pi)
    points, weight = _demand(rng, rows, kind)
    sites, factor = _sites(rng, columns, points, kind)
    found = cKDTree(points).query_ball_point(sites, reach * factor)
    column = np.repeat(np.arange(columns), [len(near) for near in found])
    row = np.concatenate([np.asarray(near, dtype=np.int64) for near in found])
    cover = sparse.csr_array((np.ones(row.size, dtype=bool), (row, column)), shape=(rows, columns))

    phases = [count] if number % 2 == 0 else [count * 2 // 5, count]
    problem = Problem(weight=weight, cover=cover, phases=phases)
    return Instance(name, problem, sites)


def _demand(rng: np.random.Generator, rows: int, kind: int) -> tuple[Array, Array]:
    """Points, (rows, 2), and what each is worth."""
    even = rng.uniform(0, SIDE, (rows, 2))
    weight = rng.lognormal(0.0, 0.6, rows)
    if kind in (0, 3):
        return even, weight
    if kind == 1:
        towns = rng.uniform(0.05, 0.95, (40, 2)) * SIDE
        radius = rng.uniform(0.02, 0.06, 40) * SIDE
    else:
        towns, radius = np.array([[0.5, 0.5]]) * SIDE, np.array([0.14]) * SIDE
    home = rng.integers(0, len(towns), rows)
    gathered = towns[home] + rng.normal(0, 1, (rows, 2)) * radius[home, None]
    points = np.where((rng.random(rows) < 0.6)[:, None], gathered, even)
    return np.clip(points, 0, SIDE), weight


def _sites(
    rng: np.random.Generator, columns: int, points: Array, kind: int
) -> tuple[Array, NDArray[np.float64]]:
    """Sites, (columns, 2), half of them where people are, and the factor of each one's reach."""
    here = points[rng.choice(len(points), columns // 2, replace=False)]
    near = here + rng.normal(0, 0.01 * SIDE, here.shape)
    sites = np.vstack([near, rng.uniform(0, SIDE, (columns - len(near), 2))])
    factor = rng.uniform(0.95, 1.05, columns)
    if kind == 2:
        distance = np.sqrt(np.square(sites - 0.5 * SIDE).sum(axis=1))
        factor *= np.where(distance < 0.2 * SIDE, 0.6, 1.1)
    if kind == 3:
        factor *= np.where(rng.random(columns) < 0.5, 0.7, 1.2)
    return np.clip(sites, 0, SIDE), factor
