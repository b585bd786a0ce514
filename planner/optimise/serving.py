"""What open columns serve where each carries only so much: the best split of the rows among them.

In each phase a row is served in parts by open columns that cover it; the loads of its parts count
against their caps. What a part is worth depends on the row alone, so taking rows by falling worth
per load is best, each as far as paths of exchanges find room. A row of load 0 is served by any open
column. Loads and caps are whole numbers here, so the split is exact.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from planner.compiled import compiled, inner
from planner.optimise.problem import FloatArray, IntArray, Problem

#: All loads together become at most this integer.
TOTAL_LOAD = 1 << 40


class Carried(NamedTuple):
    """What rows weigh on the columns that serve them, in whole numbers.

    Attributes
    ----------
    load : int array, (rows,)
    cap : int array, (columns,)
        At most all loads together, which is no cap.
    """

    load: IntArray
    cap: IntArray


class Links(NamedTuple):
    """A cover with the place of each entry of a column among those of the rows.

    row_ptr, row_col; col_ptr, col_row as in `Cover`; col_entry, (entries,).
    """

    row_ptr: IntArray
    row_col: NDArray[np.int32]
    col_ptr: IntArray
    col_row: NDArray[np.int32]
    col_entry: IntArray


def carried_by(problem: Problem) -> Carried | None:
    """Loads and caps of a problem, all its rows and columns; None where there are none.

    Loads are rounded down and caps up, so no plan is worth less than the problem says; a power of
    two scales them, so whole ones stay exact.
    """
    if problem.load is None or problem.cap is None:
        return None
    total = math.fsum(problem.load)
    if total == 0:
        nothing = np.zeros(problem.shape[0], dtype=np.int64)
        return Carried(nothing, np.zeros(problem.shape[1], dtype=np.int64))
    scale = 2.0 ** max(-1000, min(1000, math.floor(math.log2(TOTAL_LOAD / total))))
    load = np.floor(problem.load * scale).astype(np.int64)
    cap = np.ceil(np.minimum(problem.cap, 2 * total) * scale).astype(np.int64)
    return Carried(load, np.minimum(cap, load.sum()))


def links_of(row_ptr: NDArray[Any], row_col: NDArray[Any], columns: int) -> Links:
    """Links of rows whose lists are given."""
    by_column = np.argsort(row_col, kind="stable")
    counts = np.bincount(row_col, minlength=columns)
    rows = np.repeat(np.arange(row_ptr.size - 1, dtype=np.int32), np.diff(row_ptr))
    col_ptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return Links(
        row_ptr.astype(np.int64), row_col.astype(np.int32), col_ptr, rows[by_column], by_column
    )


def by_density(weight: IntArray | FloatArray, load: IntArray) -> IntArray:
    """Rows with weight and load by falling weight per load."""
    rows = np.flatnonzero((weight > 0) & (load > 0))
    density = weight[rows] / load[rows]
    return rows[np.argsort(-density, kind="stable")]


def parts_served(
    links: Links, carried: Carried, weight: Any, is_open: NDArray[np.bool_]
) -> IntArray:
    """Load of each row that each open column serves in the best split, (entries,) by row.

    Parameters
    ----------
    links : Links
    carried : Carried
    weight : array, (rows,)
    is_open : bool array, (columns,)
    """
    order = by_density(weight, carried.load)
    parts = np.zeros(links.row_col.size, dtype=np.int64)
    split(order, carried.load.copy(), np.where(is_open, carried.cap, 0), is_open, links, parts)
    return parts


def shares_served(
    links: Links, carried: Carried, weight: Any, is_open: NDArray[np.bool_]
) -> FloatArray:
    """Share of each row that is served in the best split, (rows,)."""
    left = carried.load.copy()
    order = by_density(weight, left)
    parts = np.zeros(links.row_col.size, dtype=np.int64)
    split(order, left, np.where(is_open, carried.cap, 0), is_open, links, parts)
    is_covered = np.zeros(left.size, dtype=np.bool_)
    rows = np.repeat(np.arange(left.size), np.diff(links.row_ptr))
    is_covered[rows[is_open[links.row_col]]] = True
    share: FloatArray = 1 - left / np.maximum(1, carried.load)
    return np.where(carried.load > 0, share, is_covered)


def whole_served(weight: IntArray, load: IntArray, served: IntArray) -> IntArray:
    """Whole worth of what is served of each row, rounded down."""
    share = served / np.maximum(1, load)
    return np.floor(weight * share).astype(np.int64)


def served_value(problem: Problem, order: IntArray) -> FloatArray:
    """Served weight in each phase under an order, (phases,)."""
    carried = carried_by(problem)
    assert carried is not None
    links = links_of(problem.cover.indptr, problem.cover.indices.astype(np.int32), problem.shape[1])
    values = []
    for weight, count in zip(problem.weight, problem.phases, strict=True):
        is_open = np.zeros(problem.shape[1], dtype=np.bool_)
        is_open[order[:count]] = True
        values.append(math.fsum(weight * shares_served(links, carried, weight, is_open)))
    return np.array(values)


@compiled
def split(order, left, room, is_open, links, parts):  # type: ignore[no-untyped-def]
    """Serve rows in an order, each as far as it goes; `left`, `room` and `parts` follow.

    A set of full columns that no path leads out of stays full, so nobody looks at it again.
    """
    row_ptr, row_col, row_entry, col_ptr, col_row, col_entry = _among_open(order, is_open, links)
    amount = np.zeros(row_col.size, dtype=np.int64)
    is_shut = np.zeros(room.size, dtype=np.bool_)
    queue = np.empty(room.size, dtype=np.int32)
    #: The place by which a column was reached, and the place by which its row is served before it:
    #: -1 for the row to be served.
    at_place = np.empty(room.size, dtype=np.int64)
    from_place = np.empty(room.size, dtype=np.int64)
    seen = np.zeros(room.size, dtype=np.int64)
    row_seen = np.zeros(order.size, dtype=np.int64)
    turn = np.int64(0)
    for index in range(order.size):
        row = order[index]
        while left[row] > 0:
            turn += 1
            size, done, end = np.int64(0), np.int64(0), np.int64(-1)
            row_seen[index] = turn
            for place in range(row_ptr[index], row_ptr[index + 1]):
                column = np.int64(row_col[place])
                if not is_shut[column]:
                    seen[column] = turn
                    at_place[column] = place
                    from_place[column] = -1
                    queue[size] = column
                    size += 1
                    if room[column] > 0:
                        end = column
                        break

            # columns to which rows of those reached may move
            while end < 0 and done < size:
                column = np.int64(queue[done])
                done += 1
                for spot in range(col_ptr[column], col_ptr[column + 1]):
                    other_row, own = np.int64(col_row[spot]), col_entry[spot]
                    if amount[own] == 0 or row_seen[other_row] == turn:
                        continue
                    row_seen[other_row] = turn
                    for place in range(row_ptr[other_row], row_ptr[other_row + 1]):
                        other = np.int64(row_col[place])
                        if is_shut[other] or seen[other] == turn:
                            continue
                        seen[other] = turn
                        at_place[other] = place
                        from_place[other] = own
                        queue[size] = other
                        size += 1
                        if room[other] > 0:
                            end = other
                            break
                    if end >= 0:
                        break
            if end < 0:
                for reached in range(size):
                    is_shut[queue[reached]] = True
                break

            # as much as the narrowest place of the path lets through
            most = min(left[row], room[end])
            place = from_place[end]
            while place >= 0:
                most = min(most, amount[place])
                place = from_place[row_col[place]]
            left[row] -= most
            room[end] -= most
            column = end
            while True:
                amount[at_place[column]] += most
                place = from_place[column]
                if place < 0:
                    break
                amount[place] -= most
                column = np.int64(row_col[place])
    for place in range(amount.size):
        parts[row_entry[place]] = amount[place]


@inner
def _among_open(order, is_open, links):  # type: ignore[no-untyped-def]
    """Rows of an order with the open columns over each, and these with their rows: both ways round.

    `row_entry` is the entry of each place in the links, `col_entry` the place of each in the rows.
    """
    row_ptr = np.zeros(order.size + 1, dtype=np.int64)
    col_ptr = np.zeros(is_open.size + 1, dtype=np.int64)
    for index in range(order.size):
        size = np.int64(0)
        for entry in range(links.row_ptr[order[index]], links.row_ptr[order[index] + 1]):
            if is_open[links.row_col[entry]]:
                size += 1
                col_ptr[links.row_col[entry] + 1] += 1
        row_ptr[index + 1] = row_ptr[index] + size
    for each in range(is_open.size):
        col_ptr[each + 1] += col_ptr[each]

    row_col = np.empty(row_ptr[-1], dtype=np.int32)
    row_entry = np.empty(row_col.size, dtype=np.int64)
    col_row = np.empty(row_col.size, dtype=np.int32)
    col_entry = np.empty(row_col.size, dtype=np.int64)
    filled, place = col_ptr[:-1].copy(), np.int64(0)
    for index in range(order.size):
        for entry in range(links.row_ptr[order[index]], links.row_ptr[order[index] + 1]):
            column = np.int64(links.row_col[entry])
            if is_open[column]:
                row_col[place], row_entry[place] = column, entry
                col_row[filled[column]], col_entry[filled[column]] = index, place
                filled[column] += 1
                place += 1
    return row_ptr, row_col, row_entry, col_ptr, col_row, col_entry


def attached_value(problem: Problem, order: IntArray, preference: FloatArray) -> FloatArray:
    """Weight served in each phase, (phases,), if every row goes wholly to its best open server.

    What exceeds a cap is not served: a column serves the same share of each of its rows.

    Parameters
    ----------
    problem : Problem
        With loads and caps.
    order : int array
    preference : array, (entries of `problem.cover`,)
        The best server of a row is the open column with the largest; ties go to the lower column.
    """
    assert problem.load is not None
    assert problem.cap is not None
    cover = problem.cover
    rows = np.repeat(np.arange(problem.shape[0]), np.diff(cover.indptr))
    by_row = np.lexsort((cover.indices, -preference, rows))
    values = []
    for weight, count in zip(problem.weight, problem.phases, strict=True):
        is_open = np.isin(np.arange(problem.shape[1]), order[:count])
        entries = by_row[is_open[cover.indices[by_row]]]
        served, at = np.unique(rows[entries], return_index=True)
        server = cover.indices[entries[at]]
        heavy = np.bincount(server, problem.load[served], minlength=problem.shape[1])
        share = np.minimum(1.0, problem.cap / np.where(heavy > 0, heavy, 1.0))
        share[heavy == 0] = 1.0
        values.append(math.fsum(weight[served] * share[server]))
    return np.array(values)
