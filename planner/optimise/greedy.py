"""Greedy: always the column that adds most, ties to the lowest index, without recomputing or comparing every gain."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from planner.optimise.compiled import compiled, inlined
from planner.optimise.problem import FloatArray, IntArray
from planner.optimise.reduce import Reduced
from planner.optimise.sharing import Sites, share_gain

#: A compressed list of lists: where each begins, and all their members.
Lists = tuple[IntArray, NDArray[np.int32]]


def greedy(
    reduced: Reduced, worth: IntArray, reward: IntArray, bonus: IntArray, sites: Sites
) -> tuple[IntArray, NDArray[np.int8]]:
    """Nested greedy: fill class after class; a pick earns its own phase and all later ones.

    Parameters
    ----------
    reduced : Reduced
    worth : int array, (rows, K + 1)
        Worth of a row first covered in each class.
    reward : int array, (columns, K)
        Worth of opening a column in each class apart from coverage.
    bonus : int array, (K + 1,)
        Worth of a site shared from each class on.
    sites : Sites

    Returns
    -------
    order : int array
        Free columns in the order of picking.
    classes : int8 array
        Class of each of them.
    """
    never = len(reduced.classes)
    covered = np.zeros(reduced.rows, dtype=np.bool_)
    seat_class = np.where(sites.open_seat > 0, 0, never).astype(np.int8)
    taken = np.zeros(reduced.columns, dtype=np.bool_)
    effort = np.ones(reduced.columns)
    order, classes = [], []
    for cls in range(never):
        allowed = ~taken & (reduced.first <= cls)
        picked = _pick(
            int(reduced.budget[cls]),
            cls,
            allowed,
            covered,
            worth[:, cls].copy(),
            reward[:, cls].copy(),
            effort,
            *unsigned((reduced.col_ptr, reduced.col_row)),
            *unsigned((reduced.row_ptr, reduced.row_col)),
            sites.seat,
            seat_class,
            sites.seat_site,
            sites.seat_ptr,
            sites.seat_list,
            sites.column_ptr,
            sites.column_list,
            bonus,
        )
        taken[picked] = True
        order.append(picked)
        classes.append(np.full(picked.size, cls, dtype=np.int8))
    if not order:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int8)
    return np.concatenate(order), np.concatenate(classes)


def pick(
    by_column: Lists,
    by_row: Lists,
    count: int,
    allowed: NDArray[np.bool_],
    covered: NDArray[np.bool_],
    weight: IntArray,
    effort: FloatArray | None = None,
) -> IntArray:
    """The next `count` of the allowed columns by coverage gained per effort; `covered` is brought up to date."""
    columns = allowed.size
    index = np.arange(columns, dtype=np.int32)
    ptr = np.arange(columns + 1, dtype=np.int64)
    alone = (
        index,
        np.ones(columns, dtype=np.int8),
        index,
        ptr,
        index,
        ptr,
        index,
    )  # every column a site of its own
    reward, bonus = np.zeros(columns, dtype=np.int64), np.zeros(2, dtype=np.int64)
    work = np.ones(columns) if effort is None else effort
    lists = *unsigned(by_column), *unsigned(by_row)
    return np.asarray(
        _pick(count, 0, allowed, covered, weight, reward, work, *lists, *alone, bonus)
    )


def unsigned(lists: Lists) -> tuple[NDArray[np.uint64], NDArray[np.uint32]]:
    """The same lists for compiled loops, which then need not ask whether an index counts from the end."""
    return lists[0].view(np.uint64), lists[1].view(np.uint32)


@compiled
def _pick(  # type: ignore[no-untyped-def]
    count,
    cls,
    allowed,
    covered,
    weight,
    reward,
    effort,
    col_ptr,
    col_row,
    row_ptr,
    row_col,
    seat,
    seat_class,
    seat_site,
    seat_ptr,
    seat_list,
    column_ptr,
    column_list,
    bonus,
):
    """Fill one class; changes `covered` and `seat_class`.

    Gains follow every newly covered row through the row's columns, so they are always exact. Only
    the *front* of the line is looked at: the columns at or above a bar that the rest was below when
    the front was last filled. Gains fall, so the best of the front is the best of all; a column
    that rises with its site joins the front.
    """
    gain = _first_gains(reward, covered, weight, col_ptr, col_row)
    shared = np.zeros(gain.size, dtype=np.int64)
    line = np.flatnonzero(allowed).astype(np.int32)
    for column in line:
        shared[column] = share_gain(
            seat[column], cls, seat_class, seat_site, seat_ptr, seat_list, bonus
        )
        gain[column] += shared[column]
    key = np.empty(gain.size)
    place = np.full(gain.size, -1, dtype=np.int32)
    size, front, bar = line.size, 0, np.int64(0)
    enough = (
        int(np.sqrt(6.0 * size)) + 1
    )  # measured: longer fronts cost steps, shorter ones fillings
    picked = np.empty(min(count, size), dtype=np.int64)
    for step in range(picked.size):
        best, front = _best(line, place, front, gain, effort, key[bar], bar)
        if front == 0:
            front = int(min(enough, size))
            _fill(line, place, front, size, gain, effort, key)
            bar = np.int64(line[front - 1])
            best, front = _best(line, place, front, gain, effort, key[bar], bar)
        picked[step] = best
        front -= 1
        size -= 1
        _swap(line, place, place[best], front)
        _swap(line, place, front, size)
        place[best] = -1
        _cover(best, covered, weight, gain, col_ptr, col_row, row_ptr, row_col)
        if bonus[0] > 0 and seat_class[seat[best]] > cls:
            seat_class[seat[best]] = cls
            site = seat_site[seat[best]]
            for at in range(
                column_ptr[site], column_ptr[site + 1]
            ):  # what they gain may have grown
                near = np.int64(column_list[at])
                before = shared[near]
                shared[near] = share_gain(
                    seat[near], cls, seat_class, seat_site, seat_ptr, seat_list, bonus
                )
                gain[near] += shared[near] - before
                if place[near] >= front:
                    _swap(line, place, place[near], front)
                    front += 1
    return picked


@compiled
def _first_gains(reward, covered, weight, col_ptr, col_row):  # type: ignore[no-untyped-def]
    left = np.where(covered, 0, weight)
    gain = reward.copy()
    for column in range(gain.size):
        total = np.int64(0)
        for at in range(col_ptr[column], col_ptr[column + 1]):
            total += left[col_row[at]]
        gain[column] += total
    return gain


@compiled
def _best(line, place, front, gain, effort, bar_key, bar):  # type: ignore[no-untyped-def]
    """Best column of the front and the new length of the front, from which those below the bar have gone."""
    best, best_key = np.int64(-1), -np.inf
    at = 0
    while at < front:
        column = np.int64(line[at])
        key = gain[column] / effort[column]
        if key < bar_key or (key == bar_key and column > bar):
            front -= 1
            _swap(line, place, at, front)
            continue
        if key > best_key or (key == best_key and column < best):
            best, best_key = column, key
        at += 1
    return best, front


@compiled
def _fill(line, place, front, size, gain, effort, key):  # type: ignore[no-untyped-def]
    """Bring the best of the line to its front, the worst of them last (quickselect)."""
    for at in range(size):
        key[line[at]] = gain[line[at]] / effort[line[at]]
    low, high = 0, size - 1
    while low < high:
        pivot = line[(low + high) // 2]
        left, right = low, high
        while left <= right:
            while precedes(line[left], pivot, key):
                left += 1
            while precedes(pivot, line[right], key):
                right -= 1
            if left <= right:
                line[left], line[right] = line[right], line[left]
                left += 1
                right -= 1
        if front - 1 <= right:
            high = right
        elif front - 1 >= left:
            low = left
        else:
            break
    for at in range(size):
        place[line[at]] = at


@compiled
def _cover(column, covered, weight, gain, col_ptr, col_row, row_ptr, row_col):  # type: ignore[no-untyped-def]
    for at in range(col_ptr[column], col_ptr[column + 1]):
        row = col_row[at]
        if not covered[row]:
            covered[row] = True
            worth = weight[row]
            for other in range(row_ptr[row], row_ptr[row + 1]):
                gain[row_col[other]] -= worth


@inlined
def _swap(line, place, one, two):  # type: ignore[no-untyped-def]
    line[one], line[two] = line[two], line[one]
    place[line[one]] = one
    place[line[two]] = two


@inlined
def precedes(one, two, key):  # type: ignore[no-untyped-def]
    """Whether a column comes before another: larger key, then lower index."""
    return key[one] > key[two] or (key[one] == key[two] and one < two)


def order_classes(reduced: Reduced, classes: NDArray[np.int8], worth: IntArray) -> IntArray:
    """Order the chosen columns inside each class by gain."""
    lists = (reduced.col_ptr, reduced.col_row), (reduced.row_ptr, reduced.row_col)
    covered = np.zeros(reduced.rows, dtype=np.bool_)
    parts = [np.zeros(0, dtype=np.int64)]
    for cls in range(len(reduced.classes)):
        allowed = classes == cls
        parts.append(pick(*lists, int(allowed.sum()), allowed, covered, worth[:, cls].copy()))
    return np.concatenate(parts)
