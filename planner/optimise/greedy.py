"""Lazy greedy: always the column that adds most, ties to the lowest index, without recomputing every gain."""

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
            int(reduced.budget[cls]), cls, allowed, covered, worth[:, cls].copy(), reward[:, cls].copy(), effort,
            reduced.col_ptr, reduced.col_row, reduced.row_ptr, reduced.row_col,
            sites.seat, seat_class, sites.seat_site, sites.seat_ptr,
            sites.seat_list, sites.column_ptr, sites.column_list, bonus,
        )  # fmt: skip
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
    alone = index, np.ones(columns, dtype=np.int8), index, ptr, index, ptr, index  # every column a site of its own
    reward, bonus = np.zeros(columns, dtype=np.int64), np.zeros(2, dtype=np.int64)
    work = np.ones(columns) if effort is None else effort
    return np.asarray(_pick(count, 0, allowed, covered, weight, reward, work, *by_column, *by_row, *alone, bonus))


@compiled
def _pick(  # type: ignore[no-untyped-def]
    count, cls, allowed, covered, weight, reward, effort, col_ptr, col_row, row_ptr, row_col,
    seat, seat_class, seat_site, seat_ptr, seat_list, column_ptr, column_list, bonus,
):  # fmt: skip
    """Fill one class; changes `covered` and `seat_class`.

    Gains follow every newly covered row through the row's columns, so they are always exact; only the heap is lazy:
    its keys may be too large until they come to the top.
    """
    columns = col_ptr.size - 1
    gain = reward.copy()
    key = np.empty(columns)
    heap = np.empty(columns, dtype=np.int32)
    place = np.full(columns, -1, dtype=np.int32)
    size = 0
    for column in range(columns):
        if allowed[column]:
            for at in range(col_ptr[column], col_ptr[column + 1]):
                if not covered[col_row[at]]:
                    gain[column] += weight[col_row[at]]
            shared = share_gain(seat[column], cls, seat_class, seat_site, seat_ptr, seat_list, bonus)
            key[column] = (gain[column] + shared) / effort[column]
            heap[size] = column
            place[column] = size
            size += 1
    for start in range(size // 2 - 1, -1, -1):
        sift_down(heap, place, key, start, size)
    picked = np.empty(min(count, size), dtype=np.int64)
    for step in range(picked.size):
        while True:
            top = np.int64(heap[0])
            shared = share_gain(seat[top], cls, seat_class, seat_site, seat_ptr, seat_list, bonus)
            now = (gain[top] + shared) / effort[top]
            if now == key[top]:
                break
            key[top] = now
            sift_down(heap, place, key, 0, size)
        size -= 1
        heap[0] = heap[size]
        place[heap[0]] = 0
        place[top] = -1
        sift_down(heap, place, key, 0, size)
        picked[step] = top
        for at in range(col_ptr[top], col_ptr[top + 1]):
            row = col_row[at]
            if not covered[row]:
                covered[row] = True
                for other in range(row_ptr[row], row_ptr[row + 1]):
                    gain[row_col[other]] -= weight[row]
        if bonus[0] > 0 and seat_class[seat[top]] > cls:
            seat_class[seat[top]] = cls
            site = seat_site[seat[top]]
            for at in range(column_ptr[site], column_ptr[site + 1]):  # what they gain may have grown
                near = np.int64(column_list[at])
                if place[near] >= 0:
                    shared = share_gain(seat[near], cls, seat_class, seat_site, seat_ptr, seat_list, bonus)
                    key[near] = (gain[near] + shared) / effort[near]
                    _sift_up(heap, place, key, np.int64(place[near]))
                    sift_down(heap, place, key, np.int64(place[near]), size)
    return picked


@inlined
def _before(one, two, key):  # type: ignore[no-untyped-def]
    return key[one] > key[two] or (key[one] == key[two] and one < two)


@compiled
def sift_down(heap, place, key, at, size):  # type: ignore[no-untyped-def]
    """Let an entry of a heap (largest key first, then lowest index) sink to its place."""
    while True:
        best = at
        left = 2 * at + 1
        if left < size and _before(heap[left], heap[best], key):
            best = left
        if left + 1 < size and _before(heap[left + 1], heap[best], key):
            best = left + 1
        if best == at:
            return
        heap[at], heap[best] = heap[best], heap[at]
        place[heap[at]] = at
        place[heap[best]] = best
        at = best


@compiled
def _sift_up(heap, place, key, at):  # type: ignore[no-untyped-def]
    while at > 0:
        above = (at - 1) // 2
        if not _before(heap[at], heap[above], key):
            return
        heap[at], heap[above] = heap[above], heap[at]
        place[heap[at]] = at
        place[heap[above]] = above
        at = above


def order_classes(reduced: Reduced, classes: NDArray[np.int8], worth: IntArray) -> IntArray:
    """Order the chosen columns inside each class by gain."""
    lists = (reduced.col_ptr, reduced.col_row), (reduced.row_ptr, reduced.row_col)
    covered = np.zeros(reduced.rows, dtype=np.bool_)
    parts = [np.zeros(0, dtype=np.int64)]
    for cls in range(len(reduced.classes)):
        allowed = classes == cls
        parts.append(pick(*lists, int(allowed.sum()), allowed, covered, worth[:, cls].copy()))
    return np.concatenate(parts)
