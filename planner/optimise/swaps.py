"""Annealing over swaps of two columns, for plans of few stations that each cover many rows.

A step closes a random open column and offers its class to a few partners in turn, mostly closed
columns near it. What a closed one brings is a plain sum over its rows, about a nanosecond each, so
many partners are looked at for every one that is taken. Ruin and recreate keeps the gain of every
column instead: a change costs the rows of a column times the columns of a row, and where those are
hundreds each it comes to too few choices.

Rows, columns, classes, sites and seats are those of :mod:`planner.optimise.improve`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from planner.compiled import compiled, inner
from planner.optimise.annealing import allowed_loss, annealing
from planner.optimise.draws import draw
from planner.optimise.improving import Candidates, Improving, next_class, seats_held
from planner.optimise.limits import Use, enter, fits, is_held, no_use
from planner.optimise.problem import IntArray
from planner.optimise.reduce import Cover, Reduced
from planner.optimise.sharing import Sites, share_gain

#: Partners that a step offers the class of a column to.
_PARTNERS = 10
#: One in so many partners is any column, and one in as many any open one; the others are near.
_FAR = 20
#: What a late step may lose, as a share of what an early one may.
_COLD = 0.03
#: How often it is heated again, the first time counted: single annealings of this length end 0.3 %
#: apart.
_HEATS = 4
#: Bits of the random counter for the draws of one step: one, and three for each partner.
_DRAW_BITS = np.uint64(5)

#: Places in the counts of a plan.
_COUNTS = range(4)
_OBJECTIVE, _BEST, _STEP, _OPEN = _COUNTS


class _Plan(NamedTuple):
    """A plan with its books, which every accepted swap keeps exact."""

    #: Class of each column in this plan and in the best one, (columns,).
    cls: NDArray[np.int8]
    best: NDArray[np.int8]
    #: Open columns of each class over each row, (rows, K), the class that covers it, (rows,), and
    #: what it would be worth to be covered from each class on instead, (K, rows).
    over: NDArray[np.int32]
    row_class: NDArray[np.int8]
    left: IntArray
    #: Open columns of each class in each seat, (seats, K), and the class that holds it, (seats,).
    held: NDArray[np.int32]
    seat_class: NDArray[np.int8]
    #: The open columns in no order and the place of each among them, (columns,).
    opened: NDArray[np.int32]
    place: NDArray[np.int32]
    #: Objective now and of the best plan, steps taken, open columns.
    counts: IntArray
    #: What the open columns use of the limits, and that no more columns are owed, (K,).
    use: Use
    owed: IntArray


@dataclass(slots=True, eq=False)
class Swaps(Improving):
    """A plan under improvement by swaps."""

    _cover: Cover = field(init=False)

    def __post_init__(self) -> None:
        self._cover = self.reduced.cover.unsigned()
        self._candidates = Candidates.of(self.reduced, self.sites, self._cover)
        cold = int(_COLD * self.heat)
        self._annealing = annealing(self.steps, self.seed, self.heat, cold, _HEATS)
        self._plan = _closed(self.reduced, self.sites, self.objective.worth)
        _start(self.classes, self._plan, self._cover, self.objective, self.sites)

    def advance(self, steps: int) -> None:
        """Take up to `steps` more steps."""
        _advance(
            min(steps, self.steps - self.step),
            self._annealing,
            self._candidates,
            self._plan,
            self._cover,
            self.objective,
            self.sites,
        )


def _closed(reduced: Reduced, sites: Sites, worth: IntArray) -> _Plan:
    """The plan that opens no free column."""
    rows, columns, never = reduced.rows, reduced.columns, len(reduced.classes)
    return _Plan(
        cls=np.full(columns, never, dtype=np.int8),
        best=np.full(columns, never, dtype=np.int8),
        over=np.zeros((rows, never), dtype=np.int32),
        row_class=np.full(rows, never, dtype=np.int8),
        left=worth[:, :never].T.copy(order="C"),
        held=seats_held(sites, never),
        seat_class=sites.first_classes(never),
        opened=np.zeros(columns, dtype=np.int32),
        place=np.full(columns, -1, dtype=np.int32),
        counts=np.zeros(len(_COUNTS), dtype=np.int64),
        use=no_use(reduced.limits),
        owed=np.zeros(never, dtype=np.int64),
    )


@compiled
def _start(classes, plan, cover, objective, sites):  # type: ignore[no-untyped-def]
    """Open the columns of the first plan, one by one."""
    counts, opened, place, never = plan.counts, plan.opened, plan.place, plan.over.shape[1]
    for column in range(classes.size):
        c = np.int64(classes[column])
        if c < never:
            _shift(column, c, plan, cover, objective, sites)
            place[column] = counts[_OPEN]
            opened[counts[_OPEN]] = column
            counts[_OPEN] += 1
    _keep(plan)


@compiled
def _advance(steps, annealing, candidates, plan, cover, objective, sites):  # type: ignore[no-untyped-def]
    """Take some steps: each gives the class of an open column to a partner, or back to it."""
    length, seed, mean, quantiles = annealing
    counts, cls, opened, never = plan.counts, plan.cls, plan.opened, plan.over.shape[1]
    counter = np.zeros(1, dtype=np.uint64)

    # with no column open there is nothing to exchange
    if counts[_OPEN] == 0:
        counts[_STEP] += steps
        return

    for _ in range(steps):
        # random numbers depend on the number of the step, not on how the steps are divided
        counter[0] = np.uint64(counts[_STEP]) << _DRAW_BITS
        counts[_STEP] += 1
        column = np.int64(opened[draw(seed, counter) % counts[_OPEN]])
        own = np.int64(cls[column])
        before = counts[_OBJECTIVE]
        _shift(column, never, plan, cover, objective, sites)
        taken = False
        turn = 0
        while turn < _PARTNERS and not taken:
            turn += 1
            partner = _partner(column, seed, counter, candidates, plan, sites)
            loss = allowed_loss(counts[_STEP], draw(seed, counter), length, mean, quantiles)
            least = before - loss
            first = candidates.first
            taken = _takes(partner, column, own, least, first, plan, cover, objective, sites)
        if not taken:
            _shift(column, own, plan, cover, objective, sites)
        elif counts[_OBJECTIVE] > counts[_BEST]:
            _keep(plan)


@inner
def _partner(column, seed, counter, candidates, plan, sites):  # type: ignore[no-untyped-def]
    """A random column near another; now and then any one, or any that is open."""
    near_ptr, near_list, opened = candidates.near_ptr, candidates.near_list, plan.opened
    kind = draw(seed, counter) % _FAR
    chosen = draw(seed, counter)
    site = sites.seat_site[sites.seat[column]]
    begin, end = np.int64(near_ptr[site]), np.int64(near_ptr[site + 1])
    if kind == 0:
        return np.int64(opened[chosen % plan.counts[_OPEN]])

    # a column without rows has no list: nothing is near it
    if kind == 1 or begin == end:
        return chosen % plan.cls.size
    return np.int64(near_list[begin + chosen % (end - begin)])


@inner
def _takes(partner, column, own, least, first, plan, cover, objective, sites):  # type: ignore[no-untyped-def]
    """Let a partner take class `own` of a column just closed if the plan is then worth `least`.

    An open partner gives its class in exchange. Returns whether it did.
    """
    cls, counts, never = plan.cls, plan.counts, plan.over.shape[1]
    theirs = np.int64(cls[partner])
    if partner == column or theirs == own or first[partner] > own:
        return False

    if theirs == never:
        if not fits(partner, own, plan.owed, plan.use):
            return False
        if counts[_OBJECTIVE] + _brings(partner, own, plan, cover, objective, sites) < least:
            return False
        _shift(partner, own, plan, cover, objective, sites)
        plan.place[partner] = plan.place[column]
        plan.opened[plan.place[partner]] = partner
        return True

    # an exchange is rare, so it is simply tried out
    if first[column] > theirs:
        return False
    _shift(partner, own, plan, cover, objective, sites)
    _shift(column, theirs, plan, cover, objective, sites)
    if counts[_OBJECTIVE] >= least and is_held(plan.use):
        return True
    _shift(column, never, plan, cover, objective, sites)
    _shift(partner, theirs, plan, cover, objective, sites)
    return False


@inner
def _brings(column, c, plan, cover, objective, sites):  # type: ignore[no-untyped-def]
    """What a closed column adds to the objective by opening in class `c`."""
    left, col_ptr, col_row = plan.left[c], cover.col_ptr, cover.col_row
    total = objective.reward[column, c]
    for entry in range(col_ptr[column], col_ptr[column + 1]):
        total += left[col_row[entry]]
    return total + share_gain(
        sites.seat[column],
        c,
        plan.seat_class,
        sites.seat_site,
        sites.seat_ptr,
        sites.seat_list,
        objective.bonus,
    )


@inner
def _shift(column, new, plan, cover, objective, sites):  # type: ignore[no-untyped-def]
    """Give a column another class, K meaning that it closes; all books but `opened` follow."""
    cls, counts, never = plan.cls, plan.counts, plan.over.shape[1]
    old = np.int64(cls[column])
    if old < never:
        counts[_OBJECTIVE] -= objective.reward[column, old]
    if new < never:
        counts[_OBJECTIVE] += objective.reward[column, new]
    counts[_OBJECTIVE] += _cross_rows(column, old, new, plan, cover, objective.worth)
    counts[_OBJECTIVE] += change_seat(column, old, new, plan, objective, sites)
    enter(column, old, new, plan.use)
    cls[column] = new


@inner
def _cross_rows(column, old, new, plan, cover, worth):  # type: ignore[no-untyped-def]
    """Move a column from one class to another in the books of its rows; the coverage gained."""
    over, row_class, left = plan.over, plan.row_class, plan.left
    col_ptr, col_row, never = cover.col_ptr, cover.col_row, plan.over.shape[1]
    gained = np.int64(0)
    for entry in range(col_ptr[column], col_ptr[column + 1]):
        row = col_row[entry]
        before = np.int64(row_class[row])
        now = before
        if new < never:
            over[row, new] += 1
            now = min(now, new)
        if old < never:
            over[row, old] -= 1
            if now == old and over[row, old] == 0:
                now = next_class(over, row, old)
        if now != before:
            row_class[row] = now
            gained += worth[row, now] - worth[row, before]
            for c in range(never):
                left[c, row] = worth[row, c] - worth[row, now] if c < now else 0
    return gained


@inner
def change_seat(column, old, new, plan, objective, sites):  # type: ignore[no-untyped-def]
    """Move a column from one class to another in the book of its seat; the bonus this brings."""
    held, seat_class, own = plan.held, plan.seat_class, sites.seat[column]
    seat_site, seat_ptr, seat_list = sites.seat_site, sites.seat_ptr, sites.seat_list
    bonus, never = objective.bonus, plan.over.shape[1]
    brought = np.int64(0)
    if old < never:
        held[own, old] -= 1
        if seat_class[own] == old and held[own, old] == 0:
            seat_class[own] = next_class(held, own, old)
            brought -= share_gain(own, old, seat_class, seat_site, seat_ptr, seat_list, bonus)
    if new < never:
        held[own, new] += 1
        if seat_class[own] > new:
            brought += share_gain(own, new, seat_class, seat_site, seat_ptr, seat_list, bonus)
            seat_class[own] = new
    return brought


@inner
def _keep(plan):  # type: ignore[no-untyped-def]
    """The plan as it stands is the best."""
    for column in range(plan.cls.size):
        plan.best[column] = plan.cls[column]
    plan.counts[_BEST] = plan.counts[_OBJECTIVE]
