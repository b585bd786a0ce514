"""What fails without one station: the gaps and holes that its loss would open."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from planner import fields as F
from planner.model import IntArray, Model, Plan
from planner.plan.grounds import levels_of, make_grounds
from planner.plan.service import first_rank, rank_of_columns, sole_column, to_cube
from planner.rules import Ground, asked, failing_pieces, opened_rank

SERVED, DARK = 0, 2  # ranks of a place at one count: below it, or not


class Failure(NamedTuple):
    """A gap over the limit or a hole that is there without a station: its size, and what there was before."""

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
        self.plan, self.count = plan, count
        order = plan.order[:count]
        cover, rows = model.coverage.cover, model.demand.rows
        rank = first_rank(cover, rank_of_columns(order, cover.shape[1]))
        shape = plan.first.shape
        self._rank = to_cube(rows, np.where(rank == F.NEVER, DARK, SERVED), shape, DARK, np.int64)
        self._sole = to_cube(rows, sole_column(cover, order), shape, -1, np.int64)
        self._grounds = make_grounds(plan.scenario, plan.points, plan.share, plan.grid)
        self._opened: dict[tuple[int, int, int], IntArray] = {}

    def without(self, column: int) -> list[Failure]:
        """Gaps over the limit and holes that are new or larger when one station is not there, largest first."""
        network = self.plan.scenario.network_names.index(
            str(self.plan.stations[F.NETWORK].iloc[column])
        )
        found = []
        for number, ground in enumerate(self._grounds):
            for level in levels_of(self.plan.scenario.layers[number]):
                mine = self._sole[ground.places, network, level] == column
                if mine.any():
                    found += self._failures(number, network, level, mine)
        return sorted(
            found, key=lambda one: (not one.is_road, one.before - one.size, one.layer, one.level)
        )

    def _failures(self, number: int, network: int, level: int, mine: Any) -> list[Failure]:
        ground, layer = self._grounds[number], self.plan.scenario.layers[number]
        rank = self._rank[ground.places, network, level]
        before = self._opened_before(number, network, level, rank)
        after = opened_rank(ground, np.where(mine, DARK, rank), asked(layer.rule, layer.shape))
        failures = []
        for piece in failing_pieces(ground, after, 1):
            was = before[piece] >= 1
            if (~was).any():
                size, left = float(ground.size[piece].sum()), _largest(ground, before, piece[was])
                middle = int(ground.places[piece[len(piece) // 2]])
                failures.append(
                    Failure(layer.name, F.LEVELS[level], ground.is_road, size, left, middle)
                )
        return failures

    def _opened_before(self, number: int, network: int, level: int, rank: IntArray) -> IntArray:
        key = number, network, level
        if key not in self._opened:
            layer = self.plan.scenario.layers[number]
            self._opened[key] = opened_rank(
                self._grounds[number], rank, asked(layer.rule, layer.shape)
            )
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
    ref, name = str(plan.roads.at[road, "ref"]), str(plan.roads.at[road, F.NAME])
    return name if name.startswith(ref) else f"{ref} {name}".strip()
