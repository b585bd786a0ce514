"""What fails without one station: the gaps and holes that its loss would open."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from planner import fields as F
from planner.model import IntArray, Model, Plan
from planner.plan.grounds import levels_of, make_grounds
from planner.plan.service import first_rank, rank_of_columns, sole_column, to_cube
from planner.rules import Ground, asked, failing_pieces, opened_rank

SERVED, DARK = 0, 2
"""Ranks of a place at one count: below it, or not."""


class Failure(NamedTuple):
    """A gap over the limit or a hole that is there without a station.

    ``size`` and ``before``, the largest that was there with it, are m of road or m2 of ground;
    ``middle`` is the place in ``points`` of the one in its middle.
    """

    layer: str
    level: str
    is_road: bool
    size: float
    before: float
    middle: int


class Standing:
    """A plan at one count: who serves what, and what fails without a station.

    Parameters
    ----------
    plan, model
        The plan and the model it was made from.
    count
        Number of open stations.
    """

    def __init__(self, plan: Plan, model: Model, count: int) -> None:
        self._plan = plan
        order, shape = plan.order[:count], plan.first.shape
        coverage, rows = model.coverage, model.demand.rows
        rank = first_rank(coverage, rank_of_columns(order, coverage.cover.shape[1]))
        service = np.where(rank == F.NEVER, DARK, SERVED)
        self._rank = to_cube(rows, service, shape, DARK, np.int64)
        self._sole = to_cube(rows, sole_column(coverage, order), shape, -1, np.int64)
        self._grounds = make_grounds(plan.scenario, plan.points, plan.share, plan.grid)
        # what fails with every station there, worked out once for each layer, network and level
        self._opened: dict[tuple[int, int, int], IntArray] = {}

    def without(self, column: int) -> list[Failure]:
        """Gaps over the limit and holes that one station keeps away or smaller, largest first."""
        scenario = self._plan.scenario
        network = scenario.network_names.index(str(self._plan.stations[F.NETWORK].iloc[column]))
        failures: list[Failure] = []
        for number, ground in enumerate(self._grounds):
            for level in levels_of(scenario.layers[number]):
                is_mine = self._sole[ground.places, network, level] == column
                if is_mine.any():
                    failures += self._failures(number, network, level, is_mine)

        # roads first; within them by growth
        return sorted(
            failures,
            key=lambda each: (not each.is_road, each.before - each.size, each.layer, each.level),
        )

    def _failures(self, number: int, network: int, level: int, is_mine: Any) -> list[Failure]:
        """Failing pieces of a layer when places that one station alone serves are dark."""
        ground, layer = self._grounds[number], self._plan.scenario.layers[number]
        rank = self._rank[ground.places, network, level]
        before = self._opened_before(number, network, level, rank)
        after = opened_rank(ground, np.where(is_mine, DARK, rank), asked(layer.rule, layer.shape))

        failures = []
        for piece in failing_pieces(ground, after, 1):
            failed_before = before[piece] >= 1
            if failed_before.all():
                continue
            size = float(ground.size[piece].sum())
            left = _largest(ground, before, piece[failed_before])
            middle = int(ground.places[piece[len(piece) // 2]])
            level_name = F.LEVELS[level]
            failures.append(Failure(layer.name, level_name, ground.is_road, size, left, middle))
        return failures

    def _opened_before(self, number: int, network: int, level: int, rank: IntArray) -> IntArray:
        key = number, network, level
        if key not in self._opened:
            layer, ground = self._plan.scenario.layers[number], self._grounds[number]
            self._opened[key] = opened_rank(ground, rank, asked(layer.rule, layer.shape))
        return self._opened[key]


def _largest(ground: Ground, opened: IntArray, places: IntArray) -> float:
    """Size of the largest failing piece among some places of a layer; 0 without one."""
    if not len(places):
        return 0.0
    inside = np.full(len(opened), -1, np.int64)
    inside[places] = 1
    return max(float(ground.size[piece].sum()) for piece in failing_pieces(ground, inside, 1))


def dark_runs(ground: Ground, dark: Any, touched: Any) -> list[tuple[IntArray, float]]:
    """Runs of dark places of a layer that hold a touched one, with their size, largest first."""
    pieces = failing_pieces(ground, np.where(dark, 1, -1).astype(np.int64), 1)
    runs = [(piece, float(ground.size[piece].sum())) for piece in pieces if touched[piece].any()]
    return sorted(runs, key=lambda run: -run[1])


def road_label(plan: Plan, point: int) -> str:
    """Number and name of the road on which a point of demand lies; empty for an area's."""
    road = int(plan.points[F.ROAD].iloc[point])
    if road < 0:
        return ""
    ref, name = str(plan.roads.at[road, F.REF]), str(plan.roads.at[road, F.NAME])
    return name if name.startswith(ref) else f"{ref} {name}".strip()
