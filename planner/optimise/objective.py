"""What a plan is worth to the search: coverage, and beside it cost, sharing, churn and duties."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from planner.optimise.problem import FloatArray, IntArray, Problem
from planner.optimise.reduce import TOTAL, Reduced


class Objective(NamedTuple):
    """Worth of a plan for ``K`` classes, in integer units.

    Attributes
    ----------
    worth : int array, (rows, K + 1)
        Worth of a row first covered in each class.
    reward : int array, (columns, K)
        Worth of opening a column in each class apart from coverage.
    bonus : int array, (K + 1,)
        Worth of a shared site from each class on.
    """

    worth: IntArray
    reward: IntArray
    bonus: IntArray


def coverage_alone(reduced: Reduced) -> Objective:
    """The objective of coverage and nothing else."""
    never = len(reduced.classes)
    reward = np.zeros((reduced.columns, never), dtype=np.int64)
    return Objective(reduced.gain(), reward, np.zeros(never + 1, dtype=np.int64))


def full_objective(problem: Problem, reduced: Reduced, covered: IntArray) -> Objective:
    """Coverage, duties, cost, churn and sharing.

    Cost and sharing are measured against `covered`, (K,), what greedy covers in each class's
    phase: the bonus by a mean station, the tie-break of cost by all of them.
    """
    counts = np.array([problem.phases[k] for k in reduced.classes], dtype=np.int64)
    total = covered + reduced.constant[list(reduced.classes)]
    mean = total / np.maximum(counts, 1)
    return Objective(
        worth=reduced.gain() + reduced.gain(duties(reduced)),
        reward=_cost(problem, reduced, mean) + _kept(problem, reduced),
        bonus=_bonus(problem, mean),
    )


def before_due(problem: Problem, reduced: Reduced, objective: Objective) -> Objective:
    """The objective for greedy: opening an agreed column before its phase costs what it forgoes.

    Greedy fills class by class, so it cannot see that the column would earn its reward later.
    """
    if problem.agreed is None:
        return objective
    reward = objective.reward.copy()
    agreed = problem.agreed[reduced.free]
    for cls, phase in enumerate(reduced.classes):
        reward[agreed > phase, cls] -= _churn_price(problem, reduced)
    return objective._replace(reward=reward)


def _cost(problem: Problem, reduced: Reduced, mean: FloatArray) -> IntArray:
    """What the cost of a column takes off its worth in each class, (columns, K), never above 0."""
    reward = np.zeros((reduced.columns, mean.size), dtype=np.int64)
    if problem.cost is None:
        return reward
    cost = problem.cost[reduced.free]
    spread = cost - cost.min(initial=np.inf)
    if spread.any():
        price = problem.cost_share * spread[:, None] / spread.max() * mean
        reward -= np.floor(_from_there_on(price)).astype(np.int64)
    return reward


def _kept(problem: Problem, reduced: Reduced) -> IntArray:
    """Reward of a column that opens in the phase agreed for it, (columns, K)."""
    reward = np.zeros((reduced.columns, len(reduced.classes)), dtype=np.int64)
    if problem.agreed is not None:
        agreed = problem.agreed[reduced.free]
        for cls, phase in enumerate(reduced.classes):
            reward[agreed == phase, cls] = _churn_price(problem, reduced)
    return reward


def _churn_price(problem: Problem, reduced: Reduced) -> int:
    return int(problem.churn_price * reduced.scale)


def _bonus(problem: Problem, mean: FloatArray) -> IntArray:
    """Worth of a shared site from each class on, (K + 1,)."""
    bonus = np.zeros(mean.size + 1, dtype=np.int64)
    if problem.network is not None:
        bonus[:-1] = _from_there_on(np.floor(problem.share_bonus * mean).astype(np.int64))
    return bonus


def _from_there_on(each: NDArray[Any]) -> NDArray[Any]:
    """Sums over each class and all later ones, along the last axis."""
    return np.cumsum(each[..., ::-1], axis=-1)[..., ::-1]


def duties(reduced: Reduced) -> IntArray:
    """Extra weight of rows that must be covered, (rows, K): more than all weights together.

    It stands in the phase by which the row is due.
    """
    extra = np.zeros_like(reduced.weight)
    rows = np.flatnonzero(reduced.hard >= 0)
    if rows.size:
        # all duties together stay far below the largest int64
        extra[rows, reduced.hard[rows]] = min(2 * TOTAL, (1 << 61) // rows.size)
    return extra
