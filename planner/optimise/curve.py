"""What an order says beyond its phases: their insides, what follows the last, coverage by count."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from planner.errors import ProblemError
from planner.optimise.by_count import COUNT_ITERATIONS, check_counts, count_bounds
from planner.optimise.certificate import Certificate
from planner.optimise.greedy import pick
from planner.optimise.problem import FloatArray, IntArray, Problem
from planner.optimise.reduce import Cover, reduce, row_lists, scaled


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Coverage against count.

    Attributes
    ----------
    covered : float array, (length of the order + 1,)
        Covered weight after each number of columns of the order, in units of `weight`.
    counts : int array
        Counts for which a bound was asked.
    bound : float array
        No set of that many columns (the fixed ones among them) covers more.
    """

    covered: FloatArray
    counts: IntArray
    bound: FloatArray


def order_inside(problem: Problem, order: ArrayLike, effort: ArrayLike | None = None) -> IntArray:
    """Reorder the columns inside each phase by what they gain for their effort.

    The phases keep their columns.

    Parameters
    ----------
    problem : Problem
    order : array of int
        An order as `solve` returns it; the fixed columns at its head stay as they are.
    effort : array, (columns,), optional
        Effort to build each column, above 0; by default all are equal, so that gain alone decides.

    Returns
    -------
    int array
        The new order.
    """
    given = _check_order(problem, order)
    work = _check_effort(problem, effort)
    weight = scaled(problem.weight)[2]
    cover = _cover(problem)
    begin = problem.fixed.size
    parts = [given[:begin]]
    covered = _covered_by(cover, parts[0])
    for phase, end in enumerate(problem.phases):
        if end > begin:
            allowed = np.zeros(problem.shape[1], dtype=np.bool_)
            allowed[given[begin:end]] = True

            # a column earns in its phase and in all later ones
            worth = weight[phase:].sum(axis=0)
            parts.append(pick(cover, int(allowed.sum()), allowed, covered, worth, work))
            begin = end
    return np.concatenate([*parts, given[begin:]])


def extend(problem: Problem, order: ArrayLike, count: int) -> IntArray:
    """Continue an order greedily to `count` columns, or as far as there are columns.

    Parameters
    ----------
    problem : Problem
    order : array of int
    count : int
        Length of the new order.

    Returns
    -------
    int array
        `order` followed by the new columns, which serve the rows of the last phase. Where none
        gains any more, the lowest columns follow.
    """
    given = _check_order(problem, order)
    cover = _cover(problem)
    covered = _covered_by(cover, given)
    allowed = np.ones(problem.shape[1], dtype=np.bool_)
    allowed[problem.excluded] = False
    allowed[given] = False
    weight = scaled(problem.weight[-1])[2]
    more = pick(cover, max(0, count - given.size), allowed, covered, weight)
    return np.concatenate([given, more])


def curve(
    problem: Problem,
    order: ArrayLike,
    *,
    counts: Sequence[int] = (),
    iterations: int = COUNT_ITERATIONS,
    certificate: Certificate | None = None,
) -> Curve:
    """Coverage of the last phase after every column of an order, and what no choice can exceed.

    Parameters
    ----------
    problem : Problem
    order : array of int
    counts : sequence of int
        Counts to bound, from the number of fixed columns up; may lie beyond the order.
    iterations : int
        Work spent on each bound.
    certificate : Certificate, optional
        Of a result for this problem: its multipliers are a much better start than none.

    Returns
    -------
    Curve
    """
    given = _check_order(problem, order)
    gained = _gains(_cover(problem), given, problem.weight[-1])
    covered = np.concatenate([[0.0], np.cumsum(gained)])
    asked = check_counts(problem, counts)
    bound = count_bounds(reduce(problem), asked, certificate, iterations)
    return Curve(covered=covered, counts=asked, bound=bound)


def _check_order(problem: Problem, order: ArrayLike) -> IntArray:
    given = np.asarray(order, dtype=np.int64)
    columns = problem.shape[1]
    is_outside = np.any((given < 0) | (given >= columns))
    if given.ndim != 1 or is_outside or np.unique(given).size != given.size:
        raise ProblemError(
            f"the order must name columns from 0 to {columns - 1}, each at most once",
            f"次序须由 0 到 {columns - 1} 的列号组成, 且不得重复",
        )
    return given


def _check_effort(problem: Problem, effort: ArrayLike | None) -> FloatArray:
    if effort is None:
        return np.ones(problem.shape[1])
    work = np.array(effort, dtype=np.float64)  # a copy, which may be written: see _cover
    if work.shape != (problem.shape[1],) or not np.isfinite(work).all() or np.any(work <= 0):
        raise ProblemError(
            "effort needs one finite number above 0 per column",
            "effort 须为每列一个大于 0 的有限数",
        )
    return work


def _cover(problem: Problem) -> Cover:
    """The whole cover of a problem, fixed columns among them."""
    # compiled loops take arrays that may be written: the others would compile a second time
    row_ptr, row_col = row_lists(problem)
    return Cover.of_rows(row_ptr, row_col.copy(), problem.shape[1])


def _covered_by(cover: Cover, chosen: IntArray) -> NDArray[np.bool_]:
    """Whether a chosen column covers each row, (rows,)."""
    covered = np.zeros(cover.row_ptr.size - 1, dtype=np.bool_)
    for column in chosen:
        covered[cover.rows_of(column)] = True
    return covered


def _gains(cover: Cover, order: IntArray, weight: FloatArray) -> FloatArray:
    """What each column of an order adds to those before it, (length of the order,)."""
    covered = np.zeros(weight.size, dtype=np.bool_)
    gains = np.zeros(order.size)
    for rank, column in enumerate(order):
        rows = cover.rows_of(column)
        new = rows[~covered[rows]]
        covered[new] = True
        gains[rank] = math.fsum(weight[new])
    return gains
