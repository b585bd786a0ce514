"""What is maximised, in whole numbers: coverage, the sharing bonus, cost, and what was agreed.

It follows from the problem alone. The whole numbers make no plan worth less than the problem says:
weights, bonus and the price of leaving are rounded up, cost is rounded down. So what bounds them
bounds the problem.

Rows that must be covered are a condition. The search meets it by an extra weight on them, which is
in no value and in no bound: a bound that leaves a condition out holds for all plans that meet it.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from planner.optimise.problem import FloatArray, IntArray, Problem
from planner.optimise.reduce import TOTAL, Reduced
from planner.optimise.serving import links_of, parts_served, whole_served
from planner.optimise.sharing import Sites


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


def full_objective(problem: Problem, reduced: Reduced) -> Objective:
    """Coverage, sharing, cost and churn: what is maximised."""
    return Objective(
        worth=reduced.gain(),
        reward=_cost(problem, reduced) + _kept(problem, reduced),
        bonus=_bonus(problem, reduced),
    )


def with_duties(reduced: Reduced, objective: Objective) -> Objective:
    """The objective for the search, to which rows that must be covered are worth more than all."""
    return objective._replace(worth=objective.worth + reduced.gain(_duties(reduced)))


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


def beside_coverage(
    problem: Problem, order: IntArray, sharing: Collection[int] | None = None
) -> float:
    """What an order is worth to the objective beside what it covers, in units of `weight`.

    Sharing counts in all phases, or only in those of `sharing`.
    """
    parts = [0.0]
    for phase, count in enumerate(problem.phases):
        opened = order[:count]
        if sharing is None or phase in sharing:
            parts.append(float(problem.share_bonus[phase]) * _shared_sites(problem, opened))
        if problem.cost is not None:
            parts.append(-math.fsum(problem.cost[phase, opened]))
    if problem.agreed is not None:
        phases = np.searchsorted(problem.phases, np.arange(order.size), side="right")
        stays = np.count_nonzero(problem.agreed[order] == phases)
        parts.append(problem.churn_price * int(stays))
    return math.fsum(parts)


def plan_value(
    reduced: Reduced, sites: Sites, objective: Objective, classes: NDArray[np.int8]
) -> int:
    """What a plan is worth to an objective, in integer units without the constants."""
    never = len(reduced.classes)
    if not never:
        return 0
    if reduced.carried is None:
        covered = objective.worth[np.arange(reduced.rows), first_cover(reduced, classes)]
    else:
        covered = served_by_class(reduced, objective.worth, classes)
    opened = np.flatnonzero(classes < never)
    rewards = objective.reward[opened, classes[opened]]
    shared = objective.bonus[sites.shared_from(classes, never)]
    return int(covered.sum()) + int(rewards.sum()) + int(shared.sum())


def first_cover(reduced: Reduced, classes: NDArray[np.int8]) -> NDArray[np.int8]:
    """Class from which each reduced row is covered, the number of classes where it never is."""
    if not reduced.rows:
        return np.zeros(0, dtype=np.int8)
    if reduced.carried is not None:
        classes = with_fixed(reduced, classes)
    return np.minimum.reduceat(classes[reduced.cover.row_col], reduced.cover.row_ptr[:-1])


def with_fixed(reduced: Reduced, classes: NDArray[np.int8]) -> NDArray[np.int8]:
    """Classes of the columns with those of the fixed ones, which are open from the start."""
    fixed = reduced.cover.col_ptr.size - 1 - classes.size
    return np.concatenate([classes, np.zeros(fixed, dtype=np.int8)])


def served_by_class(reduced: Reduced, worth: IntArray, classes: NDArray[np.int8]) -> IntArray:
    """Whole weight served in each class's phase, (K,), where columns carry only so much.

    `worth`, (rows, K + 1), is that of rows served from each class on.
    """
    carried = reduced.carried
    assert carried is not None
    row = np.repeat(np.arange(reduced.rows), np.diff(reduced.cover.row_ptr))
    covered = first_cover(reduced, classes)
    served = np.zeros(worth.shape[1] - 1, dtype=np.int64)
    for k, parts in enumerate(parts_by_class(reduced, worth, classes)):
        weight = worth[:, k] - worth[:, k + 1]
        of_row = np.bincount(row, parts, minlength=reduced.rows)
        whole = whole_served(weight, carried.load, of_row)
        served[k] = np.where(carried.load > 0, whole, weight * (covered <= k)).sum()
    return served


def parts_by_class(reduced: Reduced, worth: IntArray, classes: NDArray[np.int8]) -> IntArray:
    """Load of each row that each open column serves in each phase, (K, entries of the cover)."""
    cover, carried = reduced.cover, reduced.carried
    assert carried is not None
    links = links_of(cover.row_ptr, cover.row_col, cover.col_ptr.size - 1)
    everywhere = with_fixed(reduced, classes)
    never = worth.shape[1] - 1
    parts = [
        parts_served(links, carried, worth[:, k] - worth[:, k + 1], everywhere <= k)
        for k in range(never)
    ]
    return np.array(parts, dtype=np.int64).reshape(never, cover.row_col.size)


def settled(problem: Problem, reduced: Reduced) -> int:
    """What the fixed columns bring beside coverage whatever else opens, in integer units.

    Their sharing in phases that other columns join is left out: it is found site by site.
    """
    closed = set(range(len(problem.phases))) - set(reduced.classes)
    return math.ceil(beside_coverage(problem, problem.fixed, closed) * reduced.scale)


def _shared_sites(problem: Problem, opened: IntArray) -> int:
    """How many sites hold columns of two networks."""
    if problem.site is None or problem.network is None:
        return 0
    labels = np.stack([problem.site[opened], problem.network[opened]], axis=1)
    _, networks = np.unique(np.unique(labels, axis=0)[:, 0], return_counts=True)
    return int(np.count_nonzero(networks > 1))


def _cost(problem: Problem, reduced: Reduced) -> IntArray:
    """What the cost of a column takes off its worth in each class, (columns, K), never above 0."""
    if problem.cost is None:
        return np.zeros((reduced.columns, len(reduced.classes)), dtype=np.int64)
    price = problem.cost[list(reduced.classes)][:, reduced.free].T
    return -_from_there_on(np.floor(price * reduced.scale).astype(np.int64))


def _kept(problem: Problem, reduced: Reduced) -> IntArray:
    """Reward of a column that opens in the phase agreed for it, (columns, K)."""
    reward = np.zeros((reduced.columns, len(reduced.classes)), dtype=np.int64)
    if problem.agreed is not None:
        agreed = problem.agreed[reduced.free]
        for cls, phase in enumerate(reduced.classes):
            reward[agreed == phase, cls] = _churn_price(problem, reduced)
    return reward


def _churn_price(problem: Problem, reduced: Reduced) -> int:
    return math.ceil(problem.churn_price * reduced.scale)


def _bonus(problem: Problem, reduced: Reduced) -> IntArray:
    """Worth of a shared site from each class on, (K + 1,)."""
    bonus = np.zeros(len(reduced.classes) + 1, dtype=np.int64)
    if problem.network is not None:
        each: FloatArray = problem.share_bonus[list(reduced.classes)] * reduced.scale
        bonus[:-1] = _from_there_on(np.ceil(each).astype(np.int64))
    return bonus


def _from_there_on(each: NDArray[Any]) -> NDArray[Any]:
    """Sums over each class and all later ones, along the last axis."""
    return np.cumsum(each[..., ::-1], axis=-1)[..., ::-1]


def _duties(reduced: Reduced) -> IntArray:
    """Extra weight of rows that must be covered, (rows, K): more than all weights together.

    It stands in the phase by which the row is due.
    """
    extra = np.zeros_like(reduced.weight)
    rows = np.flatnonzero(reduced.hard >= 0)
    if rows.size:
        # all duties together stay far below the largest int64
        extra[rows, reduced.hard[rows]] = min(2 * TOTAL, (1 << 61) // rows.size)
    return extra
