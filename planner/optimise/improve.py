"""Ruin and recreate over all phases and networks at once, accepted by annealing.

A step takes a few open columns round one or two random seeds out, puts as many back class by class,
always the best exact gain among those taken out and the columns near the seeds, and keeps the
result if the annealing accepts it. Two seeds let the budget move between places and between
networks. All sums are whole numbers, the generator is a counter, acceptance is a table of integers:
the same seed gives the same plan on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from planner.optimise.compiled import compiled, draw
from planner.optimise.greedy import precedes, unsigned
from planner.optimise.problem import IntArray
from planner.optimise.reduce import Reduced
from planner.optimise.sharing import Sites, share_gain

#: Columns near a seed that may be put in; shorter lists hurt, longer ones bring nothing.
NEAR = 120
#: Most columns taken out in one step.
RUIN = 8
#: Points of the table of exponential quantiles, and its unit.
_QUANTILES = 1024
_UNIT = 1 << 12

_OBJECTIVE, _BEST, _STEP, _OPEN, _DIRTY = range(5)


def exponential_table() -> IntArray:
    """Quantiles of the exponential distribution as whole numbers, for thresholds without a logarithm in the loop."""
    middle = (np.arange(_QUANTILES) + 0.5) / _QUANTILES
    return np.round(-np.log(middle) * _UNIT).astype(np.int64)


def neighbours(
    reduced: Reduced, sites: Sites, most: int = NEAR
) -> tuple[IntArray, NDArray[np.int32]]:
    """For each column the columns at the sites that share most demand with its own, nearest first.

    Sites are compared over all their columns, so a list holds every network and band of the places
    nearby.
    """
    size = sites.column_ptr.size - 1
    site_of_column = sites.seat_site[sites.seat]
    near_ptr, near_list = _near_sites(
        size,
        sites.column_ptr,
        sites.column_list,
        site_of_column,
        *unsigned((reduced.col_ptr, reduced.col_row)),
        *unsigned((reduced.row_ptr, reduced.row_col)),
        most,
    )
    return near_ptr, near_list


@compiled
def _near_sites(size, column_ptr, column_list, site_of, col_ptr, col_row, row_ptr, row_col, most):  # type: ignore[no-untyped-def]
    """Columns near each site, at most `most`; rows are sampled evenly, some 96 a column."""
    shared = np.zeros(size)
    heap = np.empty(size, dtype=np.int32)
    place = np.empty(size, dtype=np.int32)
    ptr = np.zeros(size + 1, dtype=np.int64)
    lists = np.empty((size, most), dtype=np.int32)
    for site in range(size):
        found = 0
        for c in range(column_ptr[site], column_ptr[site + 1]):
            column = column_list[c]
            stride = max(1, (col_ptr[column + 1] - col_ptr[column]) // 96)
            for at in range(col_ptr[column], col_ptr[column + 1], stride):
                row = col_row[at]
                for other in range(row_ptr[row], row_ptr[row + 1]):
                    near = site_of[row_col[other]]
                    if shared[near] == 0:
                        heap[found] = near
                        place[near] = found
                        found += 1
                    shared[near] += stride
        filled = 0
        shared[site] = np.inf  # its own columns first
        for start in range(found // 2 - 1, -1, -1):
            sift_down(heap, place, shared, start, found)
        while found > 0:
            near = np.int64(heap[0])
            for c in range(column_ptr[near], column_ptr[near + 1]):
                if filled < most:
                    lists[site, filled] = column_list[c]
                    filled += 1
            found -= 1
            heap[0] = heap[found]
            place[heap[0]] = 0
            sift_down(heap, place, shared, 0, found)
            shared[near] = 0.0
        ptr[site + 1] = ptr[site] + filled
    flat = np.empty(ptr[size], dtype=np.int32)
    for site in range(size):
        for at in range(ptr[site], ptr[site + 1]):
            flat[at] = lists[site, at - ptr[site]]
    return ptr, flat


@compiled
def sift_down(heap, place, key, at, size):  # type: ignore[no-untyped-def]
    """Let an entry of a heap (largest key first, then lowest index) sink to its place."""
    while True:
        best = at
        left = 2 * at + 1
        if left < size and precedes(heap[left], heap[best], key):
            best = left
        if left + 1 < size and precedes(heap[left + 1], heap[best], key):
            best = left + 1
        if best == at:
            return
        heap[at], heap[best] = heap[best], heap[at]
        place[heap[at]] = at
        place[heap[best]] = best
        at = best


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
            np.zeros(
                (self.reduced.rows, never), dtype=np.int32
            ),  # open columns of each class over each row
            np.full(
                self.reduced.rows, never, dtype=np.int8
            ),  # class from which each row is covered
            np.zeros(
                (self.reduced.columns, never), dtype=np.int64
            ),  # gain of each column in each class
            np.zeros(
                (self.sites.seat_site.size, never), dtype=np.int32
            ),  # open columns of each class in each seat
            np.where(self.sites.open_seat > 0, 0, never).astype(
                np.int8
            ),  # class from which each seat is held
            np.zeros(self.reduced.columns, dtype=np.int32),  # the open columns ...
            np.full(
                self.reduced.columns, -1, dtype=np.int32
            ),  # ... and the place of each among them
            np.zeros(
                self.reduced.columns, dtype=np.int32
            ),  # columns whose class may differ from the best plan's
            np.zeros(self.reduced.columns, dtype=np.bool_),
        )
        self._state[4][self.sites.open_seat > 0, :1] = (
            1  # fixed columns hold their seats from the first class on
        )
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

    def replace_best(self, classes: NDArray[np.int8]) -> None:
        """Take over a plan found elsewhere as the best and last one."""
        other = Search(
            self.reduced, self.sites, self.worth, self.reward, self.bonus, classes, 0, 0, self.seed
        )
        self.best = other.best
        self._count[_BEST] = other.objective

    def advance(self, steps: int) -> None:
        """Take up to `steps` more steps."""
        steps = min(steps, self.steps - self.step)
        _advance(
            steps,
            self.steps,
            self.heat,
            np.uint64(self.seed),
            exponential_table(),
            self.best,
            self._count,
            *self.near,
            self.reduced.first,
            *self._arrays(),
            *self._state,
        )

    def _arrays(self) -> tuple[NDArray[np.generic], ...]:
        r, s = self.reduced, self.sites
        return (
            *unsigned((r.col_ptr, r.col_row)),
            *unsigned((r.row_ptr, r.row_col)),
            self.worth,
            self.reward,
            self.bonus,
            s.seat,
            s.seat_site,
            s.seat_ptr,
            s.seat_list,
        )


@compiled
def _start(  # type: ignore[no-untyped-def]
    classes,
    best,
    count,
    col_ptr,
    col_row,
    row_ptr,
    row_col,
    worth,
    reward,
    bonus,
    seat,
    seat_site,
    seat_ptr,
    seat_list,
    cls,
    over,
    row_class,
    gain,
    held,
    seat_class,
    opened,
    place,
    dirty,
    is_dirty,
):
    """Gains of the empty plan, then every column of the first plan opened."""
    never = worth.shape[1] - 1
    for column in range(cls.size):
        for at in range(col_ptr[column], col_ptr[column + 1]):
            for c in range(never):
                gain[column, c] += worth[col_row[at], c]
    for column in range(cls.size):
        if classes[column] < never:
            _move(
                column,
                np.int64(classes[column]),
                count,
                col_ptr,
                col_row,
                row_ptr,
                row_col,
                worth,
                reward,
                bonus,
                seat,
                seat_site,
                seat_ptr,
                seat_list,
                cls,
                over,
                row_class,
                gain,
                held,
                seat_class,
                opened,
                place,
                dirty,
                is_dirty,
            )
    _keep(best, count, cls, dirty, is_dirty)


@compiled
def _keep(best, count, cls, dirty, is_dirty):  # type: ignore[no-untyped-def]
    """The plan as it stands is the best; only what changed since the last best is copied."""
    for at in range(count[_DIRTY]):
        best[dirty[at]] = cls[dirty[at]]
        is_dirty[dirty[at]] = False
    count[_DIRTY] = 0
    count[_BEST] = count[_OBJECTIVE]


@compiled
def _reprice(row, old, new, row_ptr, row_col, worth, gain):  # type: ignore[no-untyped-def]
    """Bring the gains of a row's columns up to date when it is covered from class `new` instead of `old` on."""
    for c in range(worth.shape[1] - 1):
        change = np.int64(0)
        if c < new:
            change += worth[row, c] - worth[row, new]
        if c < old:
            change -= worth[row, c] - worth[row, old]
        if change != 0:
            for at in range(row_ptr[row], row_ptr[row + 1]):
                gain[row_col[at], c] += change


@compiled
def _move(  # type: ignore[no-untyped-def]
    column,
    c,
    count,
    col_ptr,
    col_row,
    row_ptr,
    row_col,
    worth,
    reward,
    bonus,
    seat,
    seat_site,
    seat_ptr,
    seat_list,
    cls,
    over,
    row_class,
    gain,
    held,
    seat_class,
    opened,
    place,
    dirty,
    is_dirty,
):
    """Give a column class `c`, the number of classes meaning that it closes; all sums follow."""
    never = worth.shape[1] - 1
    own = seat[column]
    old = np.int64(cls[column])
    if not is_dirty[column]:
        is_dirty[column] = True
        dirty[count[_DIRTY]] = column
        count[_DIRTY] += 1
    if old < never:
        for at in range(col_ptr[column], col_ptr[column + 1]):
            row = col_row[at]
            over[row, old] -= 1
            if row_class[row] == old and over[row, old] == 0:
                later = old + 1
                while later < never and over[row, later] == 0:
                    later += 1
                _reprice(row, old, later, row_ptr, row_col, worth, gain)
                row_class[row] = later
        count[_OBJECTIVE] -= reward[column, old] + gain[column, old]
        count[_OPEN] -= 1
        last = opened[count[_OPEN]]
        opened[place[column]] = last
        place[last] = place[column]
        held[own, old] -= 1
        if seat_class[own] == old and held[own, old] == 0:
            later = old + 1
            while later < never and held[own, later] == 0:
                later += 1
            seat_class[own] = later
            count[_OBJECTIVE] -= share_gain(
                own, old, seat_class, seat_site, seat_ptr, seat_list, bonus
            )
    if c < never:
        count[_OBJECTIVE] += reward[column, c] + gain[column, c]
        for at in range(col_ptr[column], col_ptr[column + 1]):
            row = col_row[at]
            over[row, c] += 1
            if row_class[row] > c:
                _reprice(row, np.int64(row_class[row]), c, row_ptr, row_col, worth, gain)
                row_class[row] = c
        place[column] = count[_OPEN]
        opened[count[_OPEN]] = column
        count[_OPEN] += 1
        held[own, c] += 1
        if seat_class[own] > c:
            count[_OBJECTIVE] += share_gain(
                own, c, seat_class, seat_site, seat_ptr, seat_list, bonus
            )
            seat_class[own] = c
    cls[column] = c


@compiled
def _best_of(
    pool, kept, c, cls, first, gain, reward, seat, seat_class, seat_site, seat_ptr, seat_list, bonus
):  # type: ignore[no-untyped-def]
    """Closed column of the pool that gains most in class `c`, ties to the lowest; -1 if there is none."""
    never = gain.shape[1]
    column = np.int64(-1)
    most = np.int64(0)
    for at in range(kept):
        other = np.int64(pool[at])
        if cls[other] == never and first[other] <= c:
            score = gain[other, c] + reward[other, c]
            score += share_gain(seat[other], c, seat_class, seat_site, seat_ptr, seat_list, bonus)
            if column < 0 or score > most or (score == most and other < column):
                column = other
                most = score
    return column


@compiled
def _advance(  # type: ignore[no-untyped-def]
    steps,
    length,
    heat,
    seed,
    table,
    best,
    count,
    near_ptr,
    near_list,
    first,
    col_ptr,
    col_row,
    row_ptr,
    row_col,
    worth,
    reward,
    bonus,
    seat,
    seat_site,
    seat_ptr,
    seat_list,
    cls,
    over,
    row_class,
    gain,
    held,
    seat_class,
    opened,
    place,
    dirty,
    is_dirty,
):
    never = worth.shape[1] - 1
    counter = np.zeros(1, dtype=np.uint64)
    moved = np.empty(2 * RUIN, dtype=np.int32)  # columns taken out, then columns put in
    moved_class = np.empty(2 * RUIN, dtype=np.int64)  # their classes before, never for those put in
    quota = np.zeros(never, dtype=np.int64)
    pool = np.empty(2 * NEAR, dtype=np.int32)
    in_pool = np.zeros(cls.size, dtype=np.bool_)
    if count[_OPEN] == 0 or count[_OPEN] == cls.size:
        count[_STEP] += steps
        return
    for _ in range(steps):
        counter[0] = np.uint64(count[_STEP]) << np.uint64(20)
        before = count[_OBJECTIVE]
        # which columns leave
        wanted = min(1 + draw(seed, counter, RUIN), count[_OPEN])
        seeds = 1 + draw(seed, counter, 2)
        leaving = 0
        pooled = 0
        for c in range(never):
            quota[c] = 0
        for turn in range(seeds):
            if count[_OPEN] == 0:
                break
            site = seat_site[seat[opened[draw(seed, counter, count[_OPEN])]]]
            share = wanted if turn == seeds - 1 else (wanted + 1) // 2
            for at in range(near_ptr[site], near_ptr[site + 1]):
                column = np.int64(near_list[at])
                if not in_pool[column]:
                    in_pool[column] = True
                    pool[pooled] = column
                    pooled += 1
                if cls[column] < never and leaving < share:
                    moved[leaving] = column
                    moved_class[leaving] = cls[column]
                    quota[cls[column]] += 1
                    leaving += 1
                    _move(
                        column,
                        never,
                        count,
                        col_ptr,
                        col_row,
                        row_ptr,
                        row_col,
                        worth,
                        reward,
                        bonus,
                        seat,
                        seat_site,
                        seat_ptr,
                        seat_list,
                        cls,
                        over,
                        row_class,
                        gain,
                        held,
                        seat_class,
                        opened,
                        place,
                        dirty,
                        is_dirty,
                    )
        # some candidates are passed over, so that a step can find something else than the greedy
        # choice
        kept = 0
        for at in range(pooled):
            in_pool[pool[at]] = False
            if cls[pool[at]] == never and draw(seed, counter, 10) != 0:
                pool[kept] = pool[at]
                kept += 1
        # which ones come in, class by class
        touched = leaving
        for c in range(never):
            for _ in range(quota[c]):
                column = _best_of(
                    pool,
                    kept,
                    c,
                    cls,
                    first,
                    gain,
                    reward,
                    seat,
                    seat_class,
                    seat_site,
                    seat_ptr,
                    seat_list,
                    bonus,
                )
                if column < 0:
                    column = _best_of(
                        moved,
                        leaving,
                        c,
                        cls,
                        first,
                        gain,
                        reward,
                        seat,
                        seat_class,
                        seat_site,
                        seat_ptr,
                        seat_list,
                        bonus,
                    )
                moved[touched] = column
                moved_class[touched] = never
                for at in range(leaving):
                    if moved[at] == column:
                        moved_class[touched] = moved_class[at]
                touched += 1
                _move(
                    column,
                    c,
                    count,
                    col_ptr,
                    col_row,
                    row_ptr,
                    row_col,
                    worth,
                    reward,
                    bonus,
                    seat,
                    seat_site,
                    seat_ptr,
                    seat_list,
                    cls,
                    over,
                    row_class,
                    gain,
                    held,
                    seat_class,
                    opened,
                    place,
                    dirty,
                    is_dirty,
                )
        # keep it, or go back
        count[_STEP] += 1
        loss = (
            heat
            * (length - count[_STEP])
            // length
            * table[draw(seed, counter, table.size)]
            // _UNIT
        )
        if count[_OBJECTIVE] >= before - loss:
            if count[_OBJECTIVE] > count[_BEST]:
                _keep(best, count, cls, dirty, is_dirty)
            continue
        for at in range(touched - 1, -1, -1):
            if cls[moved[at]] != moved_class[at]:
                _move(
                    np.int64(moved[at]),
                    moved_class[at],
                    count,
                    col_ptr,
                    col_row,
                    row_ptr,
                    row_col,
                    worth,
                    reward,
                    bonus,
                    seat,
                    seat_site,
                    seat_ptr,
                    seat_list,
                    cls,
                    over,
                    row_class,
                    gain,
                    held,
                    seat_class,
                    opened,
                    place,
                    dirty,
                    is_dirty,
                )
