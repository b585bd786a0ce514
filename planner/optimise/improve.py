"""Ruin and recreate over all phases and networks at once, accepted by annealing.

A step takes a few open columns round one or two random seeds out, puts as many back class by class,
always the best exact gain among those taken out and the columns near the seeds, and keeps the
result if the annealing accepts it. Two seeds let the budget move between places and between
networks. All sums are whole numbers, the generator is a counter, acceptance is a table of integers:
the same seed gives the same plan on every machine.

Rows, columns and classes are those of :class:`~planner.optimise.reduce.Reduced`: demand, stations,
and the phase from which a station is open. Class ``K``, here ``never``, is that of a closed column.
Seats are those of :class:`~planner.optimise.sharing.Sites`: one network at one site.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from planner.compiled import compiled, inlined, inner
from planner.optimise.annealing import allowed_loss, annealing
from planner.optimise.draws import draw
from planner.optimise.improving import Candidates, Improving, next_class, seats_held
from planner.optimise.limits import Use, enter, fits, no_use, uses
from planner.optimise.near import NEAR
from planner.optimise.objective import Objective, first_cover, plan_value
from planner.optimise.problem import IntArray
from planner.optimise.reduce import Cover, Reduced
from planner.optimise.sharing import Sites, share_gain

#: Most columns taken out in one step.
RUIN = 8
#: What a late step may lose, as a share of what an early one may.
_COLD = 0.02
#: One in so many of the columns that a step could put in is passed over.
_PASSED_OVER = 4
#: Bits of the random counter for the draws of one step. It makes few hundred: four for the seeds,
#: one for each column near them, one for the acceptance.
_DRAW_BITS = np.uint64(20)

#: Places in the counts of a state.
_COUNTS = range(5)
_OBJECTIVE, _BEST, _STEP, _OPEN, _DIRTY = _COUNTS


class _State(NamedTuple):
    """A plan with its books, which every move keeps exact."""

    #: Class of each column in this plan and in the best one, (columns,).
    cls: NDArray[np.int8]
    best: NDArray[np.int8]
    #: Open columns of each class over each row, (rows, K), and the class that covers it, (rows,).
    over: NDArray[np.int32]
    row_class: NDArray[np.int8]
    #: Coverage that a column would add to the plan as it stands by opening in each class,
    #: (K, columns), integer units. Rows that it covers itself are covered, so an open column has
    #: less here than it brings.
    gain: IntArray
    #: Open columns of each class in each seat, (seats, K), and the class that holds it, (seats,).
    held: NDArray[np.int32]
    seat_class: NDArray[np.int8]
    #: The open columns in no order, and the place of each among them, (columns,).
    opened: NDArray[np.int32]
    place: NDArray[np.int32]
    #: Columns whose class may differ from the best plan's, and whether one is such, (columns,).
    dirty: NDArray[np.int32]
    is_dirty: NDArray[np.bool_]
    #: Objective now and of the best plan, steps taken, open columns, dirty columns.
    counts: IntArray
    #: What the open columns use of the limits.
    use: Use


class _Work(NamedTuple):
    """What a step works with; nothing in it outlives the step."""

    #: Columns taken out, then columns put in, (2 RUIN,): one that comes back stands here twice.
    moved: NDArray[np.int32]
    #: Class of each before the step, (2 RUIN,).
    moved_class: IntArray
    #: Columns to put back into each class, (K,).
    quota: IntArray
    #: How many of those are still to open by each class, (K,).
    owed: IntArray
    #: Columns near the seeds, (2 NEAR,), and whether a column is among them, (columns,).
    pool: NDArray[np.int32]
    in_pool: NDArray[np.bool_]
    #: Where the random numbers are, (1,).
    counter: NDArray[np.uint64]


@dataclass(slots=True, eq=False)
class Search(Improving):
    """A plan under improvement by ruin and recreate; its counts and gains stay exact too."""

    _cover: Cover = field(init=False)
    _work: _Work = field(init=False)

    def __post_init__(self) -> None:
        columns, never = self.reduced.columns, len(self.reduced.classes)
        self._cover = self.reduced.cover.unsigned()
        self._candidates = Candidates.of(self.reduced, self.sites, self._cover)
        self._annealing = annealing(self.steps, self.seed, self.heat, int(_COLD * self.heat))
        self._plan = _state_of(self.classes, self.reduced, self.sites, self.objective)
        self._work = _Work(
            moved=np.empty(2 * RUIN, dtype=np.int32),
            moved_class=np.empty(2 * RUIN, dtype=np.int64),
            quota=np.zeros(never, dtype=np.int64),
            owed=np.zeros(never, dtype=np.int64),
            pool=np.empty(2 * NEAR, dtype=np.int32),
            in_pool=np.zeros(columns, dtype=np.bool_),
            counter=np.zeros(1, dtype=np.uint64),
        )

    def advance(self, steps: int) -> None:
        """Take up to `steps` more steps."""
        _advance(
            min(steps, self.steps - self.step),
            self._annealing,
            self._candidates,
            self._work,
            self._plan,
            self._cover,
            self.objective,
            self.sites,
        )


def _state_of(
    classes: NDArray[np.int8], reduced: Reduced, sites: Sites, objective: Objective
) -> _State:
    """A plan with its books, (columns,); it is the best one so far."""
    never, cover, worth = len(reduced.classes), reduced.cover, objective.worth
    opened = np.flatnonzero(classes < never).astype(np.int32)
    row_class = first_cover(reduced, classes)

    # a column that opens before a row is covered gains what the row is worth so much sooner
    is_sooner = np.arange(never) < row_class[:, None]
    now = worth[np.arange(reduced.rows), row_class]
    sooner = np.where(is_sooner, worth[:, :never] - now[:, None], 0)
    gain = cover.matrix(np.int64).T @ sooner

    place = np.full(classes.size, -1, dtype=np.int32)
    place[opened] = np.arange(opened.size)
    is_of = np.arange(never) == classes[:, None]
    held, seat_class = seats_held(sites, never), sites.first_classes(never)
    np.add.at(held, (sites.seat[opened], classes[opened]), 1)
    np.minimum.at(seat_class, sites.seat, classes)

    # what fixed columns share counts for no plan
    closed = np.full_like(classes, never)
    value = plan_value(reduced, sites, objective, classes)
    value -= plan_value(reduced, sites, objective, closed)
    counts = np.zeros(len(_COUNTS), dtype=np.int64)
    counts[[_OBJECTIVE, _BEST, _OPEN]] = value, value, opened.size
    return _State(
        cls=classes.copy(),
        best=classes.copy(),
        over=np.ascontiguousarray(cover.matrix(np.int32) @ is_of.astype(np.int32)),
        row_class=row_class,
        gain=np.ascontiguousarray(gain.T),
        held=held,
        seat_class=seat_class,
        opened=np.concatenate([opened, np.zeros(classes.size - opened.size, dtype=np.int32)]),
        place=place,
        dirty=np.zeros(classes.size, dtype=np.int32),
        is_dirty=np.zeros(classes.size, dtype=np.bool_),
        counts=counts,
        use=no_use(reduced.limits)._replace(now=uses(reduced.limits, classes)),
    )


@compiled
def _advance(steps, annealing, candidates, work, state, cover, objective, sites):  # type: ignore[no-untyped-def]
    """Take some steps, each kept or undone."""
    counts, counter = state.counts, work.counter
    length, seed, mean, quantiles = annealing

    # with all or no columns open there is nothing to exchange
    if counts[_OPEN] == 0 or counts[_OPEN] == state.cls.size:
        counts[_STEP] += steps
        return

    for _ in range(steps):
        # random numbers depend on the number of the step, not on how the steps are divided
        counter[0] = np.uint64(counts[_STEP]) << _DRAW_BITS
        before = counts[_OBJECTIVE]
        leaving, pooled = _ruin(seed, candidates, work, state, cover, objective, sites)
        kept = _pass_over(seed, pooled, work, state)
        touched, is_whole = _recreate(
            leaving, kept, candidates, work, state, cover, objective, sites
        )

        counts[_STEP] += 1
        loss = allowed_loss(counts[_STEP], draw(seed, counter), length, mean, quantiles)
        if not is_whole or counts[_OBJECTIVE] < before - loss:
            _undo(touched, work, state, cover, objective, sites)
        elif counts[_OBJECTIVE] > counts[_BEST]:
            _keep(state)


@inlined
def _ruin(seed, candidates, work, state, cover, objective, sites):  # type: ignore[no-untyped-def]
    """Close some columns near one or two random open ones.

    Returns how many left, and how many columns are in the pool.
    """
    moved, moved_class, quota = work.moved, work.moved_class, work.quota
    pool, in_pool, counter = work.pool, work.in_pool, work.counter
    cls, counts, opened = state.cls, state.counts, state.opened
    near_ptr, near_list = candidates.near_ptr, candidates.near_list
    never = quota.size
    for c in range(never):
        quota[c] = 0

    wanted = min(1 + draw(seed, counter) % RUIN, counts[_OPEN])
    seeds = 1 + draw(seed, counter) % 2
    leaving = np.int64(0)
    pooled = np.int64(0)
    for turn in range(seeds):
        if counts[_OPEN] == 0:
            break
        site = sites.seat_site[sites.seat[opened[draw(seed, counter) % counts[_OPEN]]]]

        # of two seeds the first takes half, the second what is still wanted
        gone_by_then = wanted if turn == seeds - 1 else (wanted + 1) // 2
        for entry in range(near_ptr[site], near_ptr[site + 1]):
            column = np.int64(near_list[entry])

            # seeds that are near each other share columns, which stand in the pool once
            if not in_pool[column]:
                in_pool[column] = True
                pool[pooled] = column
                pooled += 1
            if cls[column] < never and leaving < gone_by_then:
                moved[leaving] = column
                moved_class[leaving] = cls[column]
                quota[cls[column]] += 1
                leaving += 1
                _move(column, never, state, cover, objective, sites)
    return leaving, pooled


@inlined
def _pass_over(seed, pooled, work, state):  # type: ignore[no-untyped-def]
    """Drop some of the closed columns from the pool, and all open ones; how many stay.

    Without it a step would find the same greedy choice again and again.
    """
    pool, in_pool, counter = work.pool, work.in_pool, work.counter
    cls, never = state.cls, work.quota.size
    kept = np.int64(0)
    for index in range(pooled):
        column = pool[index]
        in_pool[column] = False
        if cls[column] == never and draw(seed, counter) % _PASSED_OVER != 0:
            pool[kept] = column
            kept += 1
    return kept


@inlined
def _recreate(leaving, kept, candidates, work, state, cover, objective, sites):  # type: ignore[no-untyped-def]
    """Open as many columns in each class as left it; how many were moved in all.

    And whether all are open: limits may leave none to choose.
    """
    moved, moved_class, quota, pool = work.moved, work.moved_class, work.quota, work.pool
    first, never, owed = candidates.first, work.quota.size, work.owed
    touched = leaving
    total = np.int64(0)
    for c in range(never):
        total += quota[c]
        owed[c] = total
    for c in range(never):
        for _ in range(quota[c]):
            for k in range(c, never):
                owed[k] -= 1

            # The pool may hold none for this class; those that left always do. Classes fill from
            # the first on, so fewer are back than left the classes up to `c`: one of these is
            # still closed, and as it was open by then, it may be so again. Only limits forbid it.
            column = _best_of(pool, kept, c, first, owed, state, objective, sites)
            if column < 0:
                column = _best_of(moved, leaving, c, first, owed, state, objective, sites)
            if column < 0:
                return touched, False

            moved[touched] = column
            moved_class[touched] = _class_before(column, leaving, moved, moved_class, never)
            touched += 1
            _move(column, c, state, cover, objective, sites)
    return touched, True


@inlined
def _class_before(column, leaving, moved, moved_class, never):  # type: ignore[no-untyped-def]
    """Class that a closed column had before the step: that which it left in it, else K."""
    for index in range(leaving):
        if moved[index] == column:
            return moved_class[index]
    return np.int64(never)


@inlined
def _undo(touched, work, state, cover, objective, sites):  # type: ignore[no-untyped-def]
    """Give the columns of a step the classes they had before it.

    Those that left come back before those that came leave: a row that both cover then stays covered
    all the time. A column that left and came back stands among them twice, with the same class.
    """
    moved, moved_class, cls, never = work.moved, work.moved_class, state.cls, work.quota.size
    for index in range(touched):
        if cls[moved[index]] == never and moved_class[index] < never:
            _move(np.int64(moved[index]), moved_class[index], state, cover, objective, sites)
    for index in range(touched):
        if cls[moved[index]] != moved_class[index]:
            _move(np.int64(moved[index]), moved_class[index], state, cover, objective, sites)


@inner
def _best_of(pool, size, c, first, owed, state, objective, sites):  # type: ignore[no-untyped-def]
    """Closed column of the first `size` that gains most in class `c`, ties to the lowest, or -1."""
    cls, gain, seat_class, use = state.cls, state.gain, state.seat_class, state.use
    reward, bonus = objective.reward, objective.bonus
    seat, seat_site = sites.seat, sites.seat_site
    seat_ptr, seat_list = sites.seat_ptr, sites.seat_list
    never = gain.shape[0]
    best = np.int64(-1)
    most = np.int64(0)
    for index in range(size):
        column = np.int64(pool[index])
        if cls[column] == never and first[column] <= c:
            score = gain[c, column] + reward[column, c]

            # sharing brings at most the whole bonus, and counting it takes long
            if best >= 0 and score + bonus[c] < most:
                continue
            score += share_gain(seat[column], c, seat_class, seat_site, seat_ptr, seat_list, bonus)
            is_better = best < 0 or score > most or (score == most and column < best)
            if is_better and fits(column, c, owed, use):
                best = column
                most = score
    return best


@inner
def _keep(state):  # type: ignore[no-untyped-def]
    """The plan as it stands is the best; only what changed since the last best is copied."""
    cls, best, counts = state.cls, state.best, state.counts
    dirty, is_dirty = state.dirty, state.is_dirty
    for index in range(counts[_DIRTY]):
        column = dirty[index]
        best[column] = cls[column]
        is_dirty[column] = False
    counts[_DIRTY] = 0
    counts[_BEST] = counts[_OBJECTIVE]


@inner
def _move(column, c, state, cover, objective, sites):  # type: ignore[no-untyped-def]
    """Give a column class `c`, K meaning that it closes; all books follow."""
    cls, counts, dirty, is_dirty = state.cls, state.counts, state.dirty, state.is_dirty
    never = state.gain.shape[0]
    if not is_dirty[column]:
        is_dirty[column] = True
        dirty[counts[_DIRTY]] = column
        counts[_DIRTY] += 1

    old = np.int64(cls[column])
    if old < never:
        _close(column, old, state, cover, objective, sites)
    if c < never:
        _open(column, c, state, cover, objective, sites)
    enter(column, old, c, state.use)
    cls[column] = c


@inlined
def _close(column, old, state, cover, objective, sites):  # type: ignore[no-untyped-def]
    """Take an open column of class `old` out of the books, all but its class."""
    counts, opened, place = state.counts, state.opened, state.place
    held, seat_class, gain = state.held, state.seat_class, state.gain
    seat_site, own = sites.seat_site, sites.seat[column]

    # only once its rows are free again does its gain say what it brought
    _uncover_rows(column, old, cover, state.over, state.row_class, objective.worth, gain)
    counts[_OBJECTIVE] -= objective.reward[column, old] + gain[old, column]

    # the last of the open columns moves into the gap
    counts[_OPEN] -= 1
    last = opened[counts[_OPEN]]
    opened[place[column]] = last
    place[last] = place[column]

    # without another column of its class the seat is held later, if at all
    held[own, old] -= 1
    if seat_class[own] == old and held[own, old] == 0:
        seat_class[own] = next_class(held, own, old)
        counts[_OBJECTIVE] -= share_gain(
            own, old, seat_class, seat_site, sites.seat_ptr, sites.seat_list, objective.bonus
        )


@inlined
def _open(column, c, state, cover, objective, sites):  # type: ignore[no-untyped-def]
    """Enter a closed column into the books as one of class `c`, all but its class."""
    counts, opened, place = state.counts, state.opened, state.place
    held, seat_class, gain = state.held, state.seat_class, state.gain
    seat_site, own = sites.seat_site, sites.seat[column]

    # its gain is what it brings only as long as its rows are free of it
    counts[_OBJECTIVE] += objective.reward[column, c] + gain[c, column]
    _cover_rows(column, c, cover, state.over, state.row_class, objective.worth, gain)

    place[column] = counts[_OPEN]
    opened[counts[_OPEN]] = column
    counts[_OPEN] += 1

    # what sharing brings is counted before the seat is held, as when it is freed
    held[own, c] += 1
    if seat_class[own] > c:
        counts[_OBJECTIVE] += share_gain(
            own, c, seat_class, seat_site, sites.seat_ptr, sites.seat_list, objective.bonus
        )
        seat_class[own] = c


@inlined
def _uncover_rows(column, old, cover, over, row_class, worth, gain):  # type: ignore[no-untyped-def]
    """Take a column of class `old` off its rows; those it alone covered are covered later."""
    col_ptr, col_row, row_ptr, row_col = cover
    for entry in range(col_ptr[column], col_ptr[column + 1]):
        row = col_row[entry]
        left = over[row, old] - 1
        over[row, old] = left
        if left == 0 and row_class[row] == old:
            later = next_class(over, row, old)
            _reprice(row, old, later, row_ptr, row_col, worth, gain)
            row_class[row] = later


@inlined
def _cover_rows(column, c, cover, over, row_class, worth, gain):  # type: ignore[no-untyped-def]
    """Lay a column of class `c` over its rows."""
    col_ptr, col_row, row_ptr, row_col = cover
    for entry in range(col_ptr[column], col_ptr[column + 1]):
        row = col_row[entry]
        there = over[row, c]
        over[row, c] = there + 1
        if there == 0 and row_class[row] > c:
            _reprice(row, np.int64(row_class[row]), c, row_ptr, row_col, worth, gain)
            row_class[row] = c


@inner
def _reprice(row, old, new, row_ptr, row_col, worth, gain):  # type: ignore[no-untyped-def]
    """Update the gains over a row that is now covered from class `new` on instead of `old`."""
    # the last class of `worth`, (rows, K + 1), is K, in which no column opens
    for c in range(worth.shape[1] - 1):
        # a column that opens before the row is covered gains what it is worth so much sooner
        change = np.int64(0)
        if c < new:
            change += worth[row, c] - worth[row, new]
        if c < old:
            change -= worth[row, c] - worth[row, old]
        if change != 0:
            for entry in range(row_ptr[row], row_ptr[row + 1]):
                gain[c, row_col[entry]] += change
