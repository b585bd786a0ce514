"""Ruin and recreate over all phases and networks at once, accepted by annealing.

A step takes a few open columns round one or two random seeds out, puts as many back class by class, always the best
exact gain among those taken out and the columns near the seeds, and keeps the result if the annealing accepts it.
Two seeds let the budget move between places and between networks. All sums are whole numbers, the generator is a
counter, acceptance is a table of integers: the same seed gives the same plan on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numba import njit
from numpy.typing import NDArray

from planner.optimise.problem import IntArray
from planner.optimise.reduce import Reduced, mix
from planner.optimise.sharing import Sites, share_gain

#: Columns near a seed that may be put in; shorter lists hurt, longer ones bring nothing.
NEAR = 120
#: Most columns taken out in one step.
RUIN = 14
#: Points of the table of exponential quantiles, and its unit.
_QUANTILES = 1024
_UNIT = 1 << 12

_OBJECTIVE, _BEST, _STEP, _OPEN, _DIRTY = range(5)


def exponential_table() -> IntArray:
    """Quantiles of the exponential distribution as whole numbers, for thresholds without a logarithm in the loop."""
    middle = (np.arange(_QUANTILES) + 0.5) / _QUANTILES
    return np.round(-np.log(middle) * _UNIT).astype(np.int64)


def neighbours(reduced: Reduced, sites: Sites, most: int = NEAR) -> tuple[IntArray, NDArray[np.int32]]:
    """For each column the columns at the sites that share most demand with its own, nearest first.

    Sites are compared over all their columns, so a list holds every network and band of the places nearby.
    """
    size = sites.column_ptr.size - 1
    site_of_column = sites.seat_site[sites.seat]
    near_ptr, near_list = _near_sites(
        size, sites.column_ptr, sites.column_list, site_of_column, reduced.col_ptr, reduced.col_row,
        reduced.row_ptr, reduced.row_col, most,
    )  # fmt: skip
    return near_ptr, near_list


@njit(cache=True, nogil=True)
def _near_sites(size, column_ptr, column_list, site_of, col_ptr, col_row, row_ptr, row_col, most):  # type: ignore[no-untyped-def]
    """Columns near each site, at most `most`; rows are sampled evenly, at most 96 a column."""
    shared = np.zeros(size, dtype=np.int64)
    touched = np.empty(size, dtype=np.int32)
    ptr = np.zeros(size + 1, dtype=np.int64)
    lists = np.empty((size, most), dtype=np.int32)
    for site in range(size):
        found = 0
        for c in range(column_ptr[site], column_ptr[site + 1]):
            column = column_list[c]
            length = col_ptr[column + 1] - col_ptr[column]
            stride = max(1, length // 96)
            for at in range(col_ptr[column], col_ptr[column + 1], stride):
                row = col_row[at]
                for other in range(row_ptr[row], row_ptr[row + 1]):
                    place = site_of[row_col[other]]
                    if shared[place] == 0:
                        touched[found] = place
                        found += 1
                    shared[place] += stride
        near = touched[:found].copy()
        near.sort()
        rank = np.argsort(-shared[near], kind="mergesort")
        filled = 0
        for at in range(-1, found):
            place = site if at < 0 else near[rank[at]]
            if at >= 0 and place == site:
                continue
            for c in range(column_ptr[place], column_ptr[place + 1]):
                if filled < most:
                    lists[site, filled] = column_list[c]
                    filled += 1
        ptr[site + 1] = ptr[site] + filled
        shared[near] = 0
    flat = np.empty(ptr[size], dtype=np.int32)
    for site in range(size):
        flat[ptr[site] : ptr[site + 1]] = lists[site, : ptr[site + 1] - ptr[site]]
    return ptr, flat


@dataclass(slots=True, eq=False)
class Search:
    """A plan under improvement. Counts, gains and the objective stay exact from step to step.

    Parameters
    ----------
    reduced : Reduced
    sites : Sites
    worth : int array, (rows, K + 1)
        Worth of a row first covered in each class.
    reward : int array, (columns, K)
        Worth of a column in each class apart from coverage.
    bonus : int array, (K + 1,)
        Worth of a shared site from each class on.
    classes : int8 array, (columns,)
        Starting plan; K = not open.
    steps : int
        Length of the annealing.
    heat : int
        Mean worth an early step may lose.
    seed : int
    """

    reduced: Reduced
    sites: Sites
    worth: IntArray
    reward: IntArray
    bonus: IntArray
    classes: NDArray[np.int8]
    steps: int
    heat: int
    seed: int
    best: NDArray[np.int8] = field(init=False)
    near: tuple[IntArray, NDArray[np.int32]] = field(init=False)
    _state: tuple[NDArray[np.generic], ...] = field(init=False)
    _count: IntArray = field(init=False)

    def __post_init__(self) -> None:
        never = len(self.reduced.classes)
        self.best = np.full(self.reduced.columns, never, dtype=np.int8)
        self.near = neighbours(self.reduced, self.sites)
        self._count = np.zeros(5, dtype=np.int64)
        self._state = (
            np.full(self.reduced.columns, never, dtype=np.int8),  # class of each column
            np.zeros((self.reduced.rows, never), dtype=np.int32),  # open columns of each class over each row
            np.full(self.reduced.rows, never, dtype=np.int8),  # class from which each row is covered
            np.zeros((self.reduced.columns, never), dtype=np.int64),  # gain of each column in each class
            np.zeros((self.sites.seat_site.size, never), dtype=np.int32),  # open columns of each class in each seat
            np.where(self.sites.open_seat > 0, 0, never).astype(np.int8),  # class from which each seat is held
            np.zeros(self.reduced.columns, dtype=np.int32),  # the open columns ...
            np.full(self.reduced.columns, -1, dtype=np.int32),  # ... and the place of each among them
            np.zeros(self.reduced.columns, dtype=np.int32),  # columns whose class may differ from the best plan's
            np.zeros(self.reduced.columns, dtype=np.bool_),
        )
        self._state[4][self.sites.open_seat > 0, :1] = 1  # fixed columns hold their seats from the first class on
        _start(self.classes, self.best, self._count, *self._arrays(), *self._state)

    @property
    def done(self) -> bool:
        """Whether the annealing has run its steps."""
        return bool(self._count[_STEP] >= self.steps)

    @property
    def step(self) -> int:
        """Steps taken so far."""
        return int(self._count[_STEP])

    @property
    def objective(self) -> int:
        """Objective of the best plan so far."""
        return int(self._count[_BEST])

    def advance(self, steps: int) -> None:
        """Take up to `steps` more steps."""
        steps = min(steps, self.steps - self.step)
        _advance(
            steps, self.steps, self.heat, np.uint64(self.seed), exponential_table(), self.best, self._count,
            *self.near, self.reduced.first, *self._arrays(), *self._state,
        )  # fmt: skip

    def _arrays(self) -> tuple[NDArray[np.generic], ...]:
        r, s = self.reduced, self.sites
        return (
            r.col_ptr, r.col_row, r.row_ptr, r.row_col, self.worth, self.reward, self.bonus,
            s.seat, s.seat_site, s.seat_ptr, s.seat_list,
        )  # fmt: skip


@njit(cache=True, nogil=True)
def _start(
    classes, best, count, col_ptr, col_row, row_ptr, row_col, worth, reward, bonus,
    seat, seat_site, seat_ptr, seat_list,
    cls, over, row_class, gain, held, seat_class, opened, place, dirty, is_dirty,
):  # type: ignore[no-untyped-def]  # fmt: skip
    never = worth.shape[1] - 1
    for column in range(cls.size):
        for at in range(col_ptr[column], col_ptr[column + 1]):
            for c in range(never):
                gain[column, c] += worth[col_row[at], c]
    change = np.zeros(never, dtype=np.int64)
    for column in range(cls.size):
        if classes[column] < never:
            count[0] += _open(
                column, classes[column], change, count, col_ptr, col_row, row_ptr, row_col, worth, reward, bonus,
                seat, seat_site, seat_ptr, seat_list, cls, over, row_class, gain, held, seat_class,
                opened, place, dirty, is_dirty,
            )  # fmt: skip
    best[:] = cls
    for at in range(count[4]):
        is_dirty[dirty[at]] = False
    count[4] = 0
    count[1] = count[0]


@njit(cache=True, nogil=True)
def _reprice(row, old, new, change, row_ptr, row_col, worth, gain):  # type: ignore[no-untyped-def]
    """Bring the gains of a row's columns up to date when it is covered from class `new` instead of `old` on."""
    never = worth.shape[1] - 1
    for c in range(never):
        change[c] = max(0, worth[row, c] - worth[row, new]) * (c < new) - max(
            0, worth[row, c] - worth[row, old]
        ) * (c < old)
    if never == 2:
        first = change[0]
        second = change[1]
        for at in range(row_ptr[row], row_ptr[row + 1]):
            column = row_col[at]
            gain[column, 0] += first
            gain[column, 1] += second
    else:
        for at in range(row_ptr[row], row_ptr[row + 1]):
            column = row_col[at]
            for c in range(never):
                gain[column, c] += change[c]


@njit(cache=True, nogil=True)
def _open(
    column, c, change, count, col_ptr, col_row, row_ptr, row_col, worth, reward, bonus,
    seat, seat_site, seat_ptr, seat_list,
    cls, over, row_class, gain, held, seat_class, opened, place, dirty, is_dirty,
):  # type: ignore[no-untyped-def]  # fmt: skip
    """Open a column in class `c`; returns what the objective gains."""
    total = reward[column, c] + gain[column, c]
    for at in range(col_ptr[column], col_ptr[column + 1]):
        row = col_row[at]
        over[row, c] += 1
        if row_class[row] > c:
            _reprice(row, row_class[row], c, change, row_ptr, row_col, worth, gain)
            row_class[row] = c
    cls[column] = c
    place[column] = count[3]
    opened[count[3]] = column
    count[3] += 1
    if not is_dirty[column]:
        is_dirty[column] = True
        dirty[count[4]] = column
        count[4] += 1
    own = seat[column]
    held[own, c] += 1
    if seat_class[own] > c:
        total += share_gain(own, c, seat_class, seat_site, seat_ptr, seat_list, bonus)
        seat_class[own] = c
    return total


@njit(cache=True, nogil=True)
def _close(
    column, change, count, col_ptr, col_row, row_ptr, row_col, worth, reward, bonus,
    seat, seat_site, seat_ptr, seat_list,
    cls, over, row_class, gain, held, seat_class, opened, place, dirty, is_dirty,
):  # type: ignore[no-untyped-def]  # fmt: skip
    """Close a column; returns what the objective loses."""
    never = worth.shape[1] - 1
    c = cls[column]
    for at in range(col_ptr[column], col_ptr[column + 1]):
        row = col_row[at]
        over[row, c] -= 1
        if row_class[row] == c and over[row, c] == 0:
            later = c + 1
            while later < never and over[row, later] == 0:
                later += 1
            _reprice(row, c, later, change, row_ptr, row_col, worth, gain)
            row_class[row] = later
    total = reward[column, c] + gain[column, c]
    cls[column] = never
    count[3] -= 1
    last = opened[count[3]]
    opened[place[column]] = last
    place[last] = place[column]
    place[column] = -1
    if not is_dirty[column]:
        is_dirty[column] = True
        dirty[count[4]] = column
        count[4] += 1
    own = seat[column]
    held[own, c] -= 1
    if seat_class[own] == c and held[own, c] == 0:
        later = c + 1
        while later < never and held[own, later] == 0:
            later += 1
        seat_class[own] = later
        total += share_gain(own, c, seat_class, seat_site, seat_ptr, seat_list, bonus)
    return total


@njit(cache=True, nogil=True, inline="always")
def _draw(seed, counter, below):  # type: ignore[no-untyped-def]
    """Whole number from 0 to `below` - 1, from the seed and a counter that moves on."""
    counter[0] += np.uint64(1)
    return np.int64(mix(seed ^ mix(counter[0])) >> np.uint64(33)) % below


@njit(cache=True, nogil=True)
def _advance(
    steps, length, heat, seed, table, best, count, near_ptr, near_list, first,
    col_ptr, col_row, row_ptr, row_col, worth, reward, bonus, seat, seat_site, seat_ptr, seat_list,
    cls, over, row_class, gain, held, seat_class, opened, place, dirty, is_dirty,
):  # type: ignore[no-untyped-def]  # fmt: skip
    never = worth.shape[1] - 1
    counter = np.zeros(1, dtype=np.uint64)
    change = np.zeros(never, dtype=np.int64)
    out = np.empty(RUIN, dtype=np.int32)
    out_class = np.empty(RUIN, dtype=np.int8)
    put = np.empty(RUIN, dtype=np.int32)
    put_class = np.empty(RUIN, dtype=np.int8)
    quota = np.zeros(never, dtype=np.int64)
    pool = np.empty(2 * NEAR + RUIN, dtype=np.int32)
    in_pool = np.zeros(cls.size, dtype=np.bool_)
    if count[3] == 0 or count[3] == cls.size:
        count[2] += steps
        return
    for _ in range(steps):
        counter[0] = np.uint64(count[2]) << np.uint64(20)
        # which columns leave
        wanted = min(1 + _draw(seed, counter, RUIN), count[3])
        seeds = 1 + _draw(seed, counter, 2)
        leaving = 0
        pooled = 0
        quota[:] = 0
        before = count[0]
        for turn in range(seeds):
            centre = opened[_draw(seed, counter, count[3])] if count[3] > 0 else out[0]
            site = seat_site[seat[centre]]
            share = wanted if turn == seeds - 1 else (wanted + 1) // 2
            for at in range(near_ptr[site], near_ptr[site + 1]):
                column = near_list[at]
                if not in_pool[column]:
                    in_pool[column] = True
                    pool[pooled] = column
                    pooled += 1
                if cls[column] < never and leaving < share:
                    out[leaving] = column
                    out_class[leaving] = cls[column]
                    quota[cls[column]] += 1
                    leaving += 1
                    count[0] -= _close(
                        column, change, count, col_ptr, col_row, row_ptr, row_col, worth, reward, bonus,
                        seat, seat_site, seat_ptr, seat_list, cls, over, row_class, gain, held, seat_class,
                        opened, place, dirty, is_dirty,
                    )  # fmt: skip
        # some candidates are passed over, so that a step can find something else than the greedy choice
        kept = 0
        for at in range(pooled):
            column = pool[at]
            in_pool[column] = False
            if cls[column] == never and _draw(seed, counter, 10) != 0:
                pool[kept] = column
                kept += 1
        # which ones come in
        coming = 0
        for c in range(never):
            for _ in range(quota[c]):
                column = -1
                most = np.int64(0)
                for at in range(kept):
                    other = pool[at]
                    if cls[other] == never and first[other] <= c:
                        score = gain[other, c] + reward[other, c]
                        score += share_gain(seat[other], c, seat_class, seat_site, seat_ptr, seat_list, bonus)
                        if column < 0 or score > most or (score == most and other < column):
                            column = other
                            most = score
                if column < 0:
                    for at in range(leaving):
                        if cls[out[at]] == never and first[out[at]] <= c:
                            column = out[at]
                            break
                put[coming] = column
                put_class[coming] = c
                coming += 1
                count[0] += _open(
                    column, c, change, count, col_ptr, col_row, row_ptr, row_col, worth, reward, bonus,
                    seat, seat_site, seat_ptr, seat_list, cls, over, row_class, gain, held, seat_class,
                    opened, place, dirty, is_dirty,
                )  # fmt: skip
        # keep it, or go back
        left = length - count[2]
        loss = heat * left // length * table[_draw(seed, counter, table.size)] // _UNIT
        if count[0] < before - loss:
            for at in range(coming):
                if put_class[at] != _class_in(put[at], out, out_class, leaving):
                    count[0] -= _close(
                        put[at], change, count, col_ptr, col_row, row_ptr, row_col, worth, reward, bonus,
                        seat, seat_site, seat_ptr, seat_list, cls, over, row_class, gain, held, seat_class,
                        opened, place, dirty, is_dirty,
                    )  # fmt: skip
            for at in range(leaving):
                if cls[out[at]] != out_class[at]:
                    count[0] += _open(
                        out[at], out_class[at], change, count, col_ptr, col_row, row_ptr, row_col, worth, reward,
                        bonus, seat, seat_site, seat_ptr, seat_list, cls, over, row_class, gain, held, seat_class,
                        opened, place, dirty, is_dirty,
                    )  # fmt: skip
        elif count[0] > count[1]:
            count[1] = count[0]
            for at in range(count[4]):
                best[dirty[at]] = cls[dirty[at]]
                is_dirty[dirty[at]] = False
            count[4] = 0
        count[2] += 1


@njit(cache=True, nogil=True)
def _class_in(column, out, out_class, leaving):  # type: ignore[no-untyped-def]
    for at in range(leaving):
        if out[at] == column:
            return out_class[at]
    return np.int8(-1)
