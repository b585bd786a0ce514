"""Greedy: always the column that adds most, ties to the lowest index.

It neither recomputes nor compares every gain: gains follow each newly covered row.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from planner.compiled import compiled, inlined, inner
from planner.optimise.objective import Objective
from planner.optimise.problem import FloatArray, IntArray
from planner.optimise.reduce import Cover, Reduced
from planner.optimise.sharing import Sites, share_gain


class _Class(NamedTuple):
    """What one class of columns earns, and what it costs to build them.

    weight, (rows,), of a row; reward, (columns,), of a column apart from coverage; bonus, (K + 1,),
    of a shared site from each class on, all in integer units; effort, (columns,), above 0.
    """

    weight: IntArray
    reward: IntArray
    bonus: IntArray
    effort: FloatArray


def greedy(
    reduced: Reduced,
    objective: Objective,
    sites: Sites,
    kept: NDArray[np.int8] | None = None,
) -> tuple[IntArray, NDArray[np.int8]]:
    """Nested greedy: fill class after class; a pick earns its own phase and all later ones.

    Parameters
    ----------
    reduced : Reduced
    objective : Objective
    sites : Sites
    kept : int8 array, (columns,), optional
        Classes that some columns have already, K for the others; no class holds more than its
        budget. Such a column moves to an earlier class only where no other is left.

    Returns
    -------
    order : int array
        Free columns, in each class those kept, then the others in the order of picking.
    classes : int8 array
        Class of each of them.
    """
    never = len(reduced.classes)
    cover = reduced.cover.unsigned()
    covered = np.zeros(reduced.rows, dtype=np.bool_)
    seat_class = sites.first_classes(never)
    kept = np.full(reduced.columns, never, dtype=np.int8) if kept is None else kept
    taken = np.zeros(reduced.columns, dtype=np.bool_)
    effort = np.ones(reduced.columns)
    order, classes = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int8)]
    for cls in range(never):
        held = np.flatnonzero((kept == cls) & ~taken)
        taken[held] = True
        for column in held:
            covered[reduced.cover.rows_of(int(column))] = True
        np.minimum.at(seat_class, sites.seat[held], cls)

        count = int(reduced.budget[cls]) - held.size
        usable = ~taken & (reduced.first <= cls)
        apart = usable & (kept == never)
        allowed = apart if np.count_nonzero(apart) >= count else usable
        weight, reward = objective.worth[:, cls].copy(), objective.reward[:, cls].copy()
        earned = _Class(weight, reward, objective.bonus, effort)
        queue = np.flatnonzero(allowed).astype(np.int32)
        picked = _pick(count, cls, queue, covered, seat_class, earned, cover, sites)
        taken[picked] = True
        order += [held, picked]
        classes.append(np.full(held.size + picked.size, cls, dtype=np.int8))
    return np.concatenate(order), np.concatenate(classes)


def order_classes(reduced: Reduced, classes: NDArray[np.int8], worth: IntArray) -> IntArray:
    """Order the chosen columns inside each class by gain."""
    covered = np.zeros(reduced.rows, dtype=np.bool_)
    parts = [np.zeros(0, dtype=np.int64)]
    for cls in range(len(reduced.classes)):
        allowed = np.zeros(reduced.cover.col_ptr.size - 1, dtype=np.bool_)
        allowed[: classes.size] = classes == cls
        weight = worth[:, cls].copy()
        parts.append(pick(reduced.cover, int(allowed.sum()), allowed, covered, weight))
    return np.concatenate(parts)


def pick(
    cover: Cover,
    count: int,
    allowed: NDArray[np.bool_],
    covered: NDArray[np.bool_],
    weight: IntArray,
    effort: FloatArray | None = None,
) -> IntArray:
    """The next `count` of the allowed columns by coverage gained per effort.

    `allowed`, (columns,); `covered`, (rows,), is brought up to date; `weight`, (rows,), in integer
    units; `effort`, (columns,), by default equal.
    """
    columns = allowed.size
    nothing, no_bonus = np.zeros(columns, dtype=np.int64), np.zeros(2, dtype=np.int64)
    effort = np.ones(columns) if effort is None else effort
    earned = _Class(weight, nothing, no_bonus, effort)

    # every column is a site of its own, and no seat is held
    index = np.arange(columns, dtype=np.int32)
    ptr = np.arange(columns + 1, dtype=np.int64)
    apart = Sites(index, index, ptr, index, ptr, index, np.zeros(columns, dtype=np.int8))
    held = apart.first_classes(1)
    queue = np.flatnonzero(allowed).astype(np.int32)
    picked: IntArray = _pick(count, 0, queue, covered, held, earned, cover.unsigned(), apart)
    return picked


@compiled
def _pick(count, cls, queue, covered, seat_class, earned, cover, sites):  # type: ignore[no-untyped-def]
    """Fill class `cls` with up to `count` columns of the queue, (columns allowed,).

    Changes the queue, `covered`, (rows,), and `seat_class`, (seats,), on the way.

    Gains follow every newly covered row through the row's columns, so they are always exact. Only
    the *front* of the queue is looked at: the columns at or above a bar that the rest was below
    when the front was last filled. Gains fall, so the best of the front is the best of all; a
    column that rises with its site joins the front.
    """
    weight, effort, bonus = earned.weight, earned.effort, earned.bonus
    col_ptr, col_row, row_ptr, row_col = cover
    seat, seat_site = sites.seat, sites.seat_site
    seat_ptr, seat_list = sites.seat_ptr, sites.seat_list
    gain = _first_gains(earned.reward, covered, weight, col_ptr, col_row)
    shared = np.zeros(gain.size, dtype=np.int64)
    for column in queue:
        shared[column] = share_gain(
            seat[column], cls, seat_class, seat_site, seat_ptr, seat_list, bonus
        )
        gain[column] += shared[column]

    key = np.empty(gain.size)
    place = np.full(gain.size, -1, dtype=np.int32)
    size, front, bar = queue.size, np.int64(0), np.int64(0)
    # measured: longer fronts cost steps, shorter ones fillings
    enough = int(np.sqrt(6.0 * size)) + 1
    picked = np.empty(min(count, size), dtype=np.int64)
    for step in range(picked.size):
        best, front = _best(queue, place, front, gain, effort, key[bar], bar)
        if front == 0:
            front = np.int64(min(enough, size))
            _fill(queue, place, front, size, gain, effort, key)
            bar = np.int64(queue[front - 1])
            best, front = _best(queue, place, front, gain, effort, key[bar], bar)

        # the last of the front, then the last of the queue, move into the gaps
        picked[step] = best
        front -= 1
        size -= 1
        _swap(queue, place, place[best], front)
        _swap(queue, place, front, size)
        place[best] = -1
        _cover(best, covered, weight, gain, col_ptr, col_row, row_ptr, row_col)

        if bonus[0] > 0 and seat_class[seat[best]] > cls:
            seat_class[seat[best]] = cls
            front = _share(best, cls, front, queue, place, gain, shared, seat_class, sites, bonus)
    return picked


@inlined
def _share(best, cls, front, queue, place, gain, shared, seat_class, sites, bonus):  # type: ignore[no-untyped-def]
    """Bring the gains at a column's site up to date; those waiting there join the front.

    Returns the new length of the front.
    """
    seat, seat_site = sites.seat, sites.seat_site
    seat_ptr, seat_list = sites.seat_ptr, sites.seat_list
    column_ptr, column_list = sites.column_ptr, sites.column_list
    site = seat_site[seat[best]]
    for entry in range(column_ptr[site], column_ptr[site + 1]):
        column = np.int64(column_list[entry])
        before = shared[column]
        shared[column] = share_gain(
            seat[column], cls, seat_class, seat_site, seat_ptr, seat_list, bonus
        )
        gain[column] += shared[column] - before
        if place[column] >= front:
            _swap(queue, place, place[column], front)
            front += 1
    return front


@inlined
def _first_gains(reward, covered, weight, col_ptr, col_row):  # type: ignore[no-untyped-def]
    """Gain of each column from the rows not yet covered, with its reward, (columns,)."""
    left = weight.copy()
    for row in range(left.size):
        if covered[row]:
            left[row] = 0
    gain = reward.copy()
    for column in range(gain.size):
        total = np.int64(0)
        for entry in range(col_ptr[column], col_ptr[column + 1]):
            total += left[col_row[entry]]
        gain[column] += total
    return gain


@inner
def _best(queue, place, front, gain, effort, bar_key, bar):  # type: ignore[no-untyped-def]
    """Best column of the front and the front's new length: columns below the bar leave it."""
    best, best_key = np.int64(-1), -np.inf
    index = 0
    while index < front:
        column = np.int64(queue[index])
        key = gain[column] / effort[column]
        if key < bar_key or (key == bar_key and column > bar):
            front -= 1
            _swap(queue, place, index, front)
            continue
        if key > best_key or (key == best_key and column < best):
            best, best_key = column, key
        index += 1
    return best, front


@inlined
def _fill(queue, place, front, size, gain, effort, key):  # type: ignore[no-untyped-def]
    """Bring the best of the queue to its front, the worst of them last (quickselect).

    `key`, (columns,), is brought up to date for the `size` columns of the queue.
    """
    for index in range(size):
        column = queue[index]
        key[column] = gain[column] / effort[column]

    # no two columns are equal, so the place `front - 1` ends up with the same one on every machine
    low, high = 0, size - 1
    while low < high:
        # columns from `low` to `high` are parted: those before the pivot, then those after it
        pivot = queue[(low + high) // 2]
        left, right = low, high
        while left <= right:
            while precedes(queue[left], pivot, key):
                left += 1
            while precedes(pivot, queue[right], key):
                right -= 1
            if left <= right:
                queue[left], queue[right] = queue[right], queue[left]
                left += 1
                right -= 1

        # only the part that holds the end of the front goes on
        if front - 1 <= right:
            high = right
        elif front - 1 >= left:
            low = left
        else:
            break

    for index in range(size):
        place[queue[index]] = index


@inlined
def _cover(column, covered, weight, gain, col_ptr, col_row, row_ptr, row_col):  # type: ignore[no-untyped-def]
    """Cover the rows of a column; the gains of all columns over them follow."""
    for entry in range(col_ptr[column], col_ptr[column + 1]):
        row = col_row[entry]
        if not covered[row]:
            covered[row] = True
            worth = weight[row]
            for other in range(row_ptr[row], row_ptr[row + 1]):
                gain[row_col[other]] -= worth


@inlined
def _swap(queue, place, first, second):  # type: ignore[no-untyped-def]
    queue[first], queue[second] = queue[second], queue[first]
    place[queue[first]] = first
    place[queue[second]] = second


@inlined
def precedes(column, other, key):  # type: ignore[no-untyped-def]
    """Whether a column comes before another: larger key, then lower index."""
    return key[column] > key[other] or (key[column] == key[other] and column < other)
