"""What an order says beyond its phases: reordered inside them, continued past the last, coverage count by count."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from planner.errors import ProblemError
from planner.optimise.bound import Certificate, Dual, in_units
from planner.optimise.greedy import Lists, pick
from planner.optimise.problem import FloatArray, IntArray, Problem
from planner.optimise.reduce import Reduced, reduce, scaled, transpose


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
    """Reorder the columns inside each phase by what they gain for their effort; the phases keep their columns.

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
    line = _check_order(problem, order)
    work = _check_effort(problem, effort)
    weight = scaled(problem.weight)[2]
    lists = columns, _ = _both_ways(problem)
    parts = [line[: problem.fixed.size]]
    covered = _covered_by(columns, parts[0], problem.shape[0])
    begin = problem.fixed.size
    for phase, end in enumerate(problem.phases):
        if end > begin:
            allowed = np.zeros(problem.shape[1], dtype=np.bool_)
            allowed[line[begin:end]] = True
            worth = weight[phase:].sum(axis=0)
            parts.append(pick(*lists, int(allowed.sum()), allowed, covered, worth, work))
            begin = end
    return np.concatenate([*parts, line[begin:]])


def extend(
    problem: Problem, order: ArrayLike, count: int, weight: ArrayLike | None = None
) -> IntArray:
    """Continue an order greedily to `count` columns, or as far as there are columns.

    Parameters
    ----------
    problem : Problem
    order : array of int
    count : int
        Length of the new order.
    weight : array, (rows,), optional
        Worth of the rows the continuation serves; by default the last phase's.

    Returns
    -------
    int array
        `order` followed by the new columns. Where none gains any more, the lowest columns follow.
    """
    line = _check_order(problem, order)
    rows, size = problem.shape
    worth = problem.weight[-1] if weight is None else np.asarray(weight, dtype=np.float64)
    if worth.shape != (rows,) or not np.isfinite(worth).all() or np.any(worth < 0):
        raise ProblemError(
            f"weight needs {rows} finite numbers from 0 up",
            f"weight 须为 {rows} 个不小于 0 的有限数",
        )
    lists = columns, _ = _both_ways(problem)
    covered = _covered_by(columns, line, rows)
    allowed = np.ones(size, dtype=np.bool_)
    allowed[problem.excluded] = False
    allowed[line] = False
    more = pick(*lists, max(0, count - line.size), allowed, covered, scaled(worth)[2])
    return np.concatenate([line, more])


def curve(
    problem: Problem,
    order: ArrayLike,
    *,
    counts: Sequence[int] = (),
    phase: int = -1,
    iterations: int = 100,
    certificate: Certificate | None = None,
) -> Curve:
    """Coverage after every column of an order, and what no choice of as many columns can exceed.

    Parameters
    ----------
    problem : Problem
    order : array of int
    counts : sequence of int
        Counts to bound, from the number of fixed columns up; may lie beyond the order.
    phase : int
        Phase whose weights count.
    iterations : int
        Work spent on each bound.
    certificate : Certificate, optional
        Of a result for this problem: its multipliers are a much better start than none.

    Returns
    -------
    Curve
    """
    line = _check_order(problem, order)
    gained = _gains(*_both_ways(problem)[0], line, problem.weight[phase])
    asked = np.asarray(counts, dtype=np.int64)
    if np.any(asked < problem.fixed.size) or np.any(
        asked > problem.shape[1] - problem.excluded.size
    ):
        raise ProblemError(
            "a count lies below the fixed columns or above all",
            "计数少于 fixed 站数或多于全部可用站数",
        )
    covered = np.concatenate([[0.0], np.cumsum(gained)])
    known = covered[np.minimum(asked, line.size)]
    bounds = _bounds(problem, asked, known, phase % len(problem.phases), iterations, certificate)
    return Curve(covered=covered, counts=asked, bound=bounds)


def _bounds(
    problem: Problem,
    counts: IntArray,
    known: FloatArray,
    phase: int,
    iterations: int,
    certificate: Certificate | None,
) -> FloatArray:
    """Bounds of one phase's coverage for several counts, of which `known` values are reached.

    Any multipliers bound every count: each count begins with the best seen so far, and takes the
    least of all.
    """
    reduced = reduce(problem)
    if (
        counts.size and phase not in reduced.classes and counts.max() > problem.fixed.size
    ):  # a phase of fixed columns
        longer = problem.replace(
            weight=problem.weight[phase],
            phases=[int(counts.max())],
            first_phase=None,
            agreed=None,
            hard=None,
        )
        return _bounds(longer, counts, known, 0, iterations, None)
    if not counts.size or phase not in reduced.classes:
        return np.full(counts.size, in_units(reduced, int(reduced.constant[phase])))
    k = reduced.classes.index(phase)
    weight = np.ascontiguousarray(reduced.weight[:, k : k + 1])
    more = counts - problem.fixed.size
    starts = [weight // 2]
    if certificate is not None and certificate.multipliers.shape == reduced.weight.shape:
        starts += [np.minimum(column[:, None], weight) for column in certificate.multipliers.T]
    proven = [_bounds_of(reduced, weight, start, more) for start in starts]
    anywhere = np.zeros_like(reduced.first)
    for at in np.argsort(np.abs(counts - problem.phases[phase]), kind="stable"):
        best = int(np.argmin([bounds[at] for bounds in proven]))
        target = int(known[at] * reduced.scale) - int(reduced.constant[phase])
        start = starts[best].astype(np.float64)
        dual = Dual(reduced, weight, more[at : at + 1], anywhere, target, iterations, start)
        dual.advance(iterations)
        starts.append(dual.rounded()[0])
        proven.append(_bounds_of(reduced, weight, starts[-1], more))
    return np.array(
        [
            in_units(reduced, int(reduced.constant[phase] + least))
            for least in np.min(proven, axis=0)
        ]
    )


def _bounds_of(
    reduced: Reduced, weight: IntArray, multipliers: IntArray, counts: IntArray
) -> IntArray:
    """What one set of multipliers proves for each count: the rest of the weights and the best columns."""
    worth = np.add.reduceat(np.append(multipliers[reduced.col_row, 0], 0), reduced.col_ptr[:-1])
    worth[np.diff(reduced.col_ptr) == 0] = 0
    best = np.concatenate([[0], np.cumsum(np.sort(worth)[::-1])])
    bounds: IntArray = int((weight - multipliers).sum()) + best[counts]
    return bounds


def _check_order(problem: Problem, order: ArrayLike) -> IntArray:
    line = np.asarray(order, dtype=np.int64)
    columns = problem.shape[1]
    if (
        line.ndim != 1
        or np.any((line < 0) | (line >= columns))
        or np.unique(line).size != line.size
    ):
        raise ProblemError(
            f"the order must name columns from 0 to {columns - 1}, each at most once",
            f"次序须由 0 到 {columns - 1} 的列号组成, 且不得重复",
        )
    return line


def _check_effort(problem: Problem, effort: ArrayLike | None) -> FloatArray:
    if effort is None:
        return np.ones(problem.shape[1])
    work = np.asarray(effort, dtype=np.float64)
    if work.shape != (problem.shape[1],) or not np.isfinite(work).all() or np.any(work <= 0):
        raise ProblemError(
            "effort needs one finite number above 0 per column",
            "effort 须为每列一个大于 0 的有限数",
        )
    return work


def _both_ways(problem: Problem) -> tuple[Lists, Lists]:
    """The cover by columns and by rows."""
    indptr, indices = problem.cover.indptr.astype(np.int64), problem.cover.indices.astype(np.int32)
    return transpose(indptr, indices, problem.shape[1]), (indptr, indices)


def _covered_by(columns: Lists, chosen: IntArray, rows: int) -> NDArray[np.bool_]:
    covered = np.zeros(rows, dtype=np.bool_)
    for column in chosen:
        covered[columns[1][columns[0][column] : columns[0][column + 1]]] = True
    return covered


def _gains(
    ptr: IntArray, index: NDArray[np.int32], line: IntArray, weight: FloatArray
) -> FloatArray:
    covered = np.zeros(weight.size, dtype=np.bool_)
    gains = np.zeros(line.size)
    for rank, column in enumerate(line):
        rows = index[ptr[column] : ptr[column + 1]]
        new = rows[~covered[rows]]
        covered[new] = True
        gains[rank] = math.fsum(weight[new])
    return gains
