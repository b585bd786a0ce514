"""What no choice of so many columns exceeds in one phase alone, for several counts at once.

The bound is that of :mod:`planner.optimise.lagrangian` with one class and nothing beside coverage.
There the price of a column is what the best one that is left out is worth, so it needs no search,
and an iteration is one pass through the cover. Steps are in proportion to the weight of a row: on
the packaged case 60 iterations then prove less than 400 of equal steps.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from planner.compiled import compiled, inlined, inner
from planner.errors import ProblemError
from planner.optimise.certificate import Certificate, in_units
from planner.optimise.greedy import pick
from planner.optimise.problem import FloatArray, IntArray, Problem
from planner.optimise.reduce import Cover, Reduced, reduce

#: Share of the last direction kept in the next one, and by how much steps shrink.
_DEFLECTION, _SHRINK = 0.7, 0.7
#: Idle iterations before the steps shrink; an iteration is idle that gains less than this share.
_PATIENCE = 3
_PROGRESS = 1e-6
#: Work spent on each count.
COUNT_ITERATIONS = 60
#: Length of the first step from multipliers that suit a count nearby.
_NEAR = 0.1


def check_counts(problem: Problem, counts: ArrayLike) -> IntArray:
    """Counts that a plan of the last phase may have, (counts,)."""
    asked = np.asarray(counts, dtype=np.int64)
    highest = problem.shape[1] - problem.excluded.size
    if np.any((asked < problem.fixed.size) | (asked > highest)):
        raise ProblemError(
            "a count lies below the fixed columns or above all",
            "计数少于 fixed 站数或多于全部可用站数",
        )
    return asked


def count_bounds(
    reduced: Reduced,
    counts: IntArray,
    certificate: Certificate | None,
    iterations: int = COUNT_ITERATIONS,
) -> FloatArray:
    """What no choice of so many columns covers in the last phase, (counts,), in caller's units.

    Parameters
    ----------
    reduced : Reduced
        The problem; caps of its columns do not count.
    counts : int array, (counts,)
        The fixed columns are among them; may lie beyond the last phase.
    certificate : Certificate or None
        Of a result for the same problem: a much better start than none.
    iterations : int
        Work spent on each bound.
    """
    problem = reduced.problem
    if not counts.size:
        return np.zeros(0)
    if problem.load is not None:
        reduced = reduce(problem.replace(load=None, cap=None))

    # where the fixed columns fill the last phase, no class is left: ask as if it were longer
    constant = int(reduced.constant[-1])
    if not reduced.classes:
        if counts.max() == problem.fixed.size:
            return np.full(counts.size, in_units(reduced.scale, reduced.step, constant))
        longer = problem.replace(
            weight=problem.weight[-1],
            phases=[int(counts.max())],
            share_bonus=0.0,
            cost=None,
            first_phase=None,
            agreed=None,
            hard=None,
        )
        return count_bounds(reduce(longer), counts, None, iterations)

    # what each class of the certificate says of this phase
    weight = np.ascontiguousarray(reduced.weight[:, -1])
    starts: list[IntArray] = []
    if certificate is not None and certificate.coverage.multipliers.shape == reduced.weight.shape:
        starts = [np.minimum(column, weight) for column in certificate.coverage.multipliers.T]
    free = counts - problem.fixed.size
    least = least_bounds(reduced.cover, weight, free, starts, iterations)
    return np.array(
        [in_units(reduced.scale, reduced.step, constant + int(bound)) for bound in least]
    )


def least_bounds(
    cover: Cover, weight: IntArray, counts: IntArray, starts: list[IntArray], iterations: int
) -> IntArray:
    """Bounds of the weight that columns cover, (counts,), in integer units, exact.

    Any multipliers bound every count, so each count takes the least of all.

    Parameters
    ----------
    cover : Cover
    weight : int array, (rows,)
    counts : int array, (counts,)
        Columns that may be open, up to all of them.
    starts : list of int array, (rows,)
        Multipliers of a certificate, each from 0 to the weight of its row; none will do.
    iterations : int
        Work spent on each count.
    """
    reached = _greedy_values(cover, weight, counts)
    known = [bounds_of(cover, weight, start, counts) for start in (weight, *starts)]
    least: IntArray = np.minimum(np.min(known, axis=0), weight.sum())

    def tighten(place: int, start: IntArray, length: float) -> IntArray:
        """Multipliers for one count; what they prove counts for all."""
        floats, target = weight.astype(np.float64), float(reached[place])
        best = _descend(
            iterations, counts[place], target, length, floats, start.astype(np.float64),
            cover.unsigned(),
        )  # fmt: skip
        multipliers: IntArray = np.clip(np.round(best).astype(np.int64), 0, weight)
        np.minimum(least, bounds_of(cover, weight, multipliers, counts), out=least)
        return multipliers

    # few columns overlap little: there the weights themselves are nearly right, and each count
    # leads to the next
    upwards = np.argsort(counts, kind="stable")
    of_starts = np.min(known, axis=0)
    multipliers = weight
    for place in upwards:
        multipliers = tighten(place, multipliers, 1.0 if multipliers is weight else _NEAR)

    # a certificate suits its own count and those nearby; where it proves less, go on from it
    for place in upwards[::-1]:
        if least[place] < of_starts[place] or not starts:
            break
        best = min(starts, key=lambda start: bounds_of(cover, weight, start, counts)[place])
        starts = [*starts, tighten(place, best, _NEAR)]
    return least


def bounds_of(cover: Cover, weight: IntArray, multipliers: IntArray, counts: IntArray) -> IntArray:
    """What one set of multipliers, (rows,), proves for each count, (counts,).

    It is the rest of the weights and as many of the best columns.
    """
    worth = _worth(multipliers, cover.col_ptr, cover.col_row)
    best = np.concatenate([[0], np.cumsum(np.sort(worth)[::-1])])
    bounds: IntArray = int((weight - multipliers).sum()) + best[counts]
    return bounds


def _greedy_values(cover: Cover, weight: IntArray, counts: IntArray) -> IntArray:
    """What greedy covers with each count, (counts,): near the optimum, so the steps fit."""
    columns = cover.col_ptr.size - 1
    covered = np.zeros(weight.size, dtype=np.bool_)
    order = pick(cover, int(counts.max()), np.ones(columns, dtype=np.bool_), covered, weight)
    rank = np.full(columns, order.size, dtype=np.int32)
    rank[order] = np.arange(order.size)
    first = np.minimum.reduceat(rank[cover.row_col], cover.row_ptr[:-1])
    gains = np.zeros(order.size + 1, dtype=np.int64)
    np.add.at(gains, first, weight)
    values: IntArray = np.concatenate([[0], np.cumsum(gains)])[counts]
    return values


@compiled
def _worth(multipliers, col_ptr, col_row):  # type: ignore[no-untyped-def]
    """Sum of the multipliers, (rows,), that each column reaches, (columns,)."""
    worth = np.zeros(col_ptr.size - 1, dtype=np.int64)
    for column in range(worth.size):
        for entry in range(col_ptr[column], col_ptr[column + 1]):
            worth[column] += multipliers[col_row[entry]]
    return worth


@compiled
def _descend(steps, count, target, length, weight, start, cover):  # type: ignore[no-untyped-def]
    """Multipliers of the best bound, (rows,): deflected subgradients with Polyak steps.

    `weight` and `start`, (rows,), in integer units as floats. After idle iterations it goes back to
    the best point, with shorter steps and no old direction.
    """
    col_ptr, col_row = cover.col_ptr, cover.col_row
    now = start.copy()
    best = start.copy()
    direction = np.zeros(now.size)
    over = np.zeros(now.size, dtype=np.int32)
    chosen = np.zeros(col_ptr.size - 1, dtype=np.bool_)
    score = np.empty(chosen.size)
    work = np.empty(chosen.size)
    lowest = np.inf
    idle = np.int64(0)
    for _ in range(steps):
        bound, price = _bound(score, work, count, now, weight, col_ptr, col_row)
        idle = idle + 1 if bound >= lowest * (1 - _PROGRESS) else np.int64(0)
        if bound < lowest:
            lowest = bound
            for row in range(now.size):
                best[row] = now[row]
        if lowest <= target:
            break
        if idle >= _PATIENCE:
            idle = np.int64(0)
            length *= _SHRINK
            for row in range(now.size):
                now[row] = best[row]
                direction[row] = 0.0
            bound, price = _bound(score, work, count, now, weight, col_ptr, col_row)

        _choose(score, price, chosen, over, col_ptr, col_row)
        norm = _turn(direction, over, now, weight)
        if norm == 0:
            break
        move = length * (bound - target) / norm
        for row in range(now.size):
            down = now[row] - move * weight[row] * direction[row]
            now[row] = min(weight[row], max(0.0, down))
    return best


@inner
def _bound(score, work, count, now, weight, col_ptr, col_row):  # type: ignore[no-untyped-def]
    """Bound of the multipliers, and the price of a column; fills `score`, (columns,)."""
    bound = 0.0
    for row in range(now.size):
        bound += weight[row] - now[row]
    for column in range(score.size):
        worth = 0.0
        for entry in range(col_ptr[column], col_ptr[column + 1]):
            worth += now[col_row[entry]]
        score[column] = worth
        work[column] = worth
    # what the best column that is left out is worth
    price = _largest(work, count + 1) if count < score.size else 0.0
    bound += price * count
    for column in range(score.size):
        bound += max(0.0, score[column] - price)
    return bound, price


@inner
def _largest(values, rank):  # type: ignore[no-untyped-def]
    """The `rank`-th largest of some values (1 = the largest), by quickselect; reorders them."""
    low = 0
    high = values.size - 1
    want = rank - 1
    while low < high:
        # values from `low` to `high` are parted: down to the pivot first, then up to it
        pivot = values[(low + high) // 2]
        left = low
        right = high
        while left <= right:
            while values[left] > pivot:
                left += 1
            while values[right] < pivot:
                right -= 1
            if left <= right:
                values[left], values[right] = values[right], values[left]
                left += 1
                right -= 1

        # only the part that holds the place goes on; what lies between both equals the pivot
        if want <= right:
            high = right
        elif want >= left:
            low = left
        else:
            break
    return values[want]


@inlined
def _choose(score, price, chosen, over, col_ptr, col_row):  # type: ignore[no-untyped-def]
    """Columns worth more than the price are chosen; counts over the rows follow the changes."""
    for column in range(score.size):
        is_worth = score[column] > price
        if is_worth == chosen[column]:
            continue
        chosen[column] = is_worth
        change = np.int32(1) if is_worth else np.int32(-1)
        for entry in range(col_ptr[column], col_ptr[column + 1]):
            over[col_row[entry]] += change


@inlined
def _turn(direction, over, now, weight):  # type: ignore[no-untyped-def]
    """Turn the direction, in shares of the weight, towards the slope; its length squared, (rows,).

    Where the direction leaves the range of a multiplier it does not count.
    """
    norm = 0.0
    for row in range(direction.size):
        along = (1 - _DEFLECTION) * (over[row] - 1.0) + _DEFLECTION * direction[row]
        direction[row] = along
        if (along > 0 and now[row] > 0) or (along < 0 and now[row] < weight[row]):
            norm += weight[row] * along * along
    return norm
