"""Annealing over swaps where columns carry only so much: the split of the rows follows each move.

How it follows is in :mod:`planner.optimise.splitting`. What the search counts is never more than a
plan is worth. The best split is made anew after every so many steps, and `plan_value` knows it
exactly.

Rows, columns, classes, sites and seats are those of :mod:`planner.optimise.improve`; fixed columns
follow the others and have class 0.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from planner.compiled import compiled, inlined, inner
from planner.optimise.annealing import allowed_loss, annealing
from planner.optimise.draws import draw
from planner.optimise.improving import Candidates, Improving, seats_held
from planner.optimise.knapsack import score_carried, threshold
from planner.optimise.limits import Use, enter, fits, is_held, no_use
from planner.optimise.objective import Objective, with_fixed
from planner.optimise.problem import IntArray
from planner.optimise.reduce import Cover, Reduced
from planner.optimise.serving import Carried, Links, links_of
from planner.optimise.sharing import Sites, share_gain
from planner.optimise.splitting import (
    SERVED,
    Split,
    begin_step,
    list_open,
    nothing_served,
    release,
    serve,
    split_anew,
    undo,
)
from planner.optimise.swaps import change_seat

#: Closed columns of which a step tries the one with most load nobody serves; one in so many of them
#: is any column, the others are near. One step in so many exchanges classes of two open columns.
_TRIES, _FAR, _EXCHANGE = 8, 4, 16
#: What a late step may lose, as a share of what an early one may.
_COLD = 0.03
#: Steps after which the best split is made anew.
_ANEW = 4096
#: Bits of the random counter for the draws of one step.
_DRAW_BITS = np.uint64(6)

#: Places in the counts of a plan.
_COUNTS = range(4)
_BESIDE, _BEST, _STEP, _OPEN = _COUNTS


class _Plan(NamedTuple):
    """A plan with its split, which every move keeps allowed."""

    #: Class of each column in the best plan, and the split of this one, with its classes.
    best: NDArray[np.int8]
    split: Split
    #: Open columns over each row of load 0, (rows, K).
    over: NDArray[np.int32]
    #: Open columns of each class in each seat, (seats, K), and the class that holds it, (seats,).
    held: NDArray[np.int32]
    seat_class: NDArray[np.int8]
    #: The open columns in no order and the place of each among them, (columns,).
    opened: NDArray[np.int32]
    place: NDArray[np.int32]
    #: What the open columns use of the limits.
    use: Use
    #: Worth now beside what is served, that of the best plan with it, steps, and open columns.
    counts: IntArray


@dataclass(slots=True, eq=False)
class Carriers(Improving):
    """A plan under improvement where columns carry only so much.

    What it counts is never more than its plans are worth, and may be less.
    """

    _carried: Carried = field(init=False)
    #: Rows with a load, and those without, which count as covered or not.
    _links: Links = field(init=False)
    _covers: Links = field(init=False)

    def __post_init__(self) -> None:
        reduced = self.reduced
        assert reduced.carried is not None
        self._carried = reduced.carried
        self._links = _links_where(reduced.cover, reduced.carried.load > 0)
        self._covers = _links_where(reduced.cover, reduced.carried.load == 0)
        self._candidates = Candidates.of(reduced, self.sites, _free_cover(reduced).unsigned())
        cold = int(_COLD * self.heat)
        self._annealing = annealing(self.steps, self.seed, self.heat, cold)
        self._plan = _closed(reduced, self.sites, self.objective, self._links)
        self._open_fixed()
        self.open(self.classes)
        split_anew(self._plan.split, self._carried, self._links)
        _keep(self._plan)

    def advance(self, steps: int) -> None:
        """Take up to `steps` more steps."""
        end = min(self.steps, self.step + steps)
        while self.step < end:
            now = min(end, (self.step // _ANEW + 1) * _ANEW)
            _advance(
                now - self.step,
                self._annealing,
                self._candidates,
                self._plan,
                self._carried,
                self._links,
                self._covers,
                self.objective,
                self.sites,
            )
            if self.step % _ANEW == 0:
                split_anew(self._plan.split, self._carried, self._links)
                _keep_if_better(self._plan)

    def open(self, classes: NDArray[np.int8]) -> None:
        """Open columns, (columns,), the number of classes being none."""
        _open_all(classes, *self._books)

    def fill(self, cls: int, count: int, allowed: NDArray[np.bool_]) -> None:
        """Open the best `count` of the allowed columns, (columns,), in a class, one by one."""
        # no column serves more than it would alone
        score = np.zeros((self._carried.cap.size, len(self.reduced.classes)), dtype=np.int64)
        weight = np.ascontiguousarray(self._plan.split.weight.T)
        nothing = np.zeros((0, score.shape[1]), dtype=np.int64)
        score_carried(score, weight, nothing, self.reduced.cover.unsigned(), self._carried)
        stale = np.ascontiguousarray(score[: allowed.size, cls])
        opened = np.bincount(self.now, minlength=self.reduced.budget.size + 1)[:-1]
        owed = np.cumsum(self.reduced.budget - opened)
        _fill_class(cls, count, allowed.copy(), stale, owed, *self._books)

    @property
    def now(self) -> NDArray[np.int8]:
        """Class of each column in the plan as it stands, (columns,)."""
        now: NDArray[np.int8] = self._plan.split.cls[: self.reduced.columns].copy()
        return now

    @property
    def _books(self) -> tuple[_Plan, Carried, Links, Links, Objective, Sites]:
        """What a move changes, and what it goes by."""
        return self._plan, self._carried, self._links, self._covers, self.objective, self.sites

    def _open_fixed(self) -> None:
        """Fixed columns are open from the start; their seats are held already."""
        for column in range(self.reduced.columns, self._carried.cap.size):
            _cover_more(column, self._plan, self._links, self._covers)


def carried_greedy(
    reduced: Reduced, objective: Objective, sites: Sites, kept: NDArray[np.int8] | None
) -> NDArray[np.int8]:
    """Nested greedy by what is served: class after class; class of each column, (columns,)."""
    never = len(reduced.classes)
    if not never or not reduced.columns:
        return np.full(reduced.columns, never, dtype=np.int8)
    start = np.full(reduced.columns, never, dtype=np.int8) if kept is None else kept.copy()
    for cls in range(never):
        # a column kept for later moves to an earlier class only where no other is left
        missing = int(reduced.budget[cls]) - np.count_nonzero(start == cls)
        usable = reduced.first <= cls
        if np.count_nonzero(usable & (start == never)) < missing:
            start[usable & (start > cls)] = never
    plan = Carriers(reduced, sites, objective, start, 0, 0, 0)
    for cls in range(never):
        now = plan.now
        count = int(reduced.budget[cls] - np.count_nonzero(now == cls))
        plan.fill(cls, count, (reduced.first <= cls) & (now == never))
    return plan.now


def _free_cover(reduced: Reduced) -> Cover:
    """The cover of the columns that are not fixed."""
    cover = reduced.cover
    is_free = cover.row_col < reduced.columns
    counts = np.concatenate([[0], np.cumsum(is_free)])
    return Cover.of_rows(
        counts[cover.row_ptr].astype(np.int64),
        cover.row_col[is_free].astype(np.int32),
        reduced.columns,
    )


def _links_where(cover: Cover, is_taken: NDArray[np.bool_]) -> Links:
    """Links of a cover with the rows that are taken alone, the others having no column."""
    per_row = np.diff(cover.row_ptr)
    row_ptr = np.concatenate([[0], np.cumsum(np.where(is_taken, per_row, 0))])
    row_col = cover.row_col[np.repeat(is_taken, per_row)]
    return links_of(row_ptr, row_col, cover.col_ptr.size - 1)


def _closed(reduced: Reduced, sites: Sites, objective: Objective, links: Links) -> _Plan:
    """The plan that opens no free column, and serves nothing."""
    carried, never = reduced.carried, len(reduced.classes)
    assert carried is not None
    closed = np.full(reduced.columns, never, dtype=np.int8)
    weight = np.ascontiguousarray((objective.worth[:, :-1] - objective.worth[:, 1:]).T)
    return _Plan(
        best=closed.copy(),
        split=nothing_served(with_fixed(reduced, closed), weight, carried, links),
        over=np.zeros((reduced.rows, never), dtype=np.int32),
        held=seats_held(sites, never),
        seat_class=sites.first_classes(never),
        opened=np.zeros(reduced.columns, dtype=np.int32),
        place=np.full(reduced.columns, -1, dtype=np.int32),
        use=no_use(reduced.limits),
        counts=np.zeros(len(_COUNTS), dtype=np.int64),
    )


@compiled
def _open_all(classes, plan, carried, links, covers, objective, sites):  # type: ignore[no-untyped-def]
    """Open the columns of a plan, one by one."""
    for column in range(classes.size):
        if classes[column] < plan.over.shape[1]:
            begin_step(plan.split)
            _shift(
                column, np.int64(classes[column]), plan, carried, links, covers, objective, sites
            )
            _list(column, plan)


@inner
def _list(column, plan):  # type: ignore[no-untyped-def]
    plan.place[column] = plan.counts[_OPEN]
    plan.opened[plan.counts[_OPEN]] = column
    plan.counts[_OPEN] += 1


@compiled
def _fill_class(c, count, allowed, stale, owed, plan, carried, links, covers, objective, sites):  # type: ignore[no-untyped-def]
    """Open the best of the allowed columns; `stale`, (columns,), is no less than each is worth.

    `owed`, (K,), is how many columns are still to open by each class. Where no column fits the
    limits any more, they are left aside: what breaks them is for others to mend.
    """
    reward, bonus, seat = objective.reward, objective.bonus, sites.seat
    seat_site, seat_ptr, seat_list = sites.seat_site, sites.seat_ptr, sites.seat_list
    never = np.int64(plan.over.shape[1])
    beside = np.zeros(allowed.size, dtype=np.int64)
    may = np.zeros(allowed.size, dtype=np.bool_)
    is_bound = True
    for _ in range(count):
        for k in range(c, never):
            owed[k] -= 1
        some = False
        for column in range(allowed.size):
            may[column] = allowed[column] and (not is_bound or fits(column, c, owed, plan.use))
            if may[column]:
                some = True
                beside[column] = reward[column, c] + share_gain(
                    seat[column], c, plan.seat_class, seat_site, seat_ptr, seat_list, bonus
                )
        if not some:
            is_bound = False
            for column in range(allowed.size):
                may[column], beside[column] = allowed[column], reward[column, c]

        best = np.int64(-1)
        while True:
            best, most, second = np.int64(-1), np.int64(0), np.int64(0)
            for column in range(allowed.size):
                if may[column]:
                    key = stale[column] + beside[column]
                    if best < 0 or key > most:
                        second = most if best >= 0 else key
                        best, most = np.int64(column), key
                    elif key > second or second == most:
                        second = key
            gain = _worth_alone(best, c, plan, carried, links, covers)
            is_best = gain >= stale[best] or most - stale[best] + gain >= second
            stale[best] = gain
            if is_best:
                break
        begin_step(plan.split)
        _shift(best, np.int64(c), plan, carried, links, covers, objective, sites)
        allowed[best] = False
        _list(best, plan)


@inner
def _worth_alone(column, c, plan, carried, links, covers):  # type: ignore[no-untyped-def]
    """What a closed column would serve from class `c` on of that which nobody serves.

    Nobody's row would move for it, so with what it frees along paths it serves no less.
    """
    split, over, room = plan.split, plan.over, carried.cap[column]
    key, amount = split.key, split.amount
    total = np.int64(0)
    for k in range(c, split.weight.shape[0]):
        size, heavy = np.int64(0), np.int64(0)
        for at in range(links.col_ptr[column], links.col_ptr[column + 1]):
            row = links.col_row[at]
            if split.left[k, row] > 0 and split.weight[k, row] > 0:
                key[size], amount[size] = -np.int64(split.rank[k, row]), split.left[k, row]
                heavy += split.left[k, row]
                size += 1
        last, above = np.int64(split.rank.shape[1]), np.int64(0)
        if heavy > room:
            last, above, _ = threshold(key, amount, size, room)
            last = -last
        worth, best = 0.0, 0.0
        for at in range(links.col_ptr[column], links.col_ptr[column + 1]):
            row = links.col_row[at]
            if split.rank[k, row] < last:
                worth += split.left[k, row] * split.density[k, row]
            elif split.rank[k, row] == last:
                best = split.density[k, row]
        total += np.int64(worth + (room - above) * best)
        for at in range(covers.col_ptr[column], covers.col_ptr[column + 1]):
            if over[covers.col_row[at], k] == 0:
                total += split.weight[k, covers.col_row[at]]
    return total


@compiled
def _advance(steps, annealing, candidates, plan, carried, links, covers, objective, sites):  # type: ignore[no-untyped-def]
    """Take some steps: each gives the class of an open column to another, or changes nothing."""
    length, seed, mean, quantiles = annealing
    split, counts, opened, place = plan.split, plan.counts, plan.opened, plan.place
    cls, never = split.cls, np.int64(plan.over.shape[1])
    first = candidates.first
    counter = np.zeros(1, dtype=np.uint64)
    if counts[_OPEN] == 0:
        counts[_STEP] += steps
        return

    for _ in range(steps):
        # random numbers depend on the number of the step, not on how the steps are divided
        counter[0] = np.uint64(counts[_STEP]) << _DRAW_BITS
        counts[_STEP] += 1
        loss = allowed_loss(counts[_STEP], draw(seed, counter), length, mean, quantiles)
        column = np.int64(opened[draw(seed, counter) % counts[_OPEN]])
        own, theirs = np.int64(cls[column]), never
        before = _worth(plan)
        if draw(seed, counter) % _EXCHANGE == 0:
            other = np.int64(opened[draw(seed, counter) % counts[_OPEN]])
            theirs = np.int64(cls[other])
            if theirs == own or first[other] > own or first[column] > theirs:
                continue
            if not _may_take(other, column, plan):
                continue
        else:
            other = _partner(
                column, own, seed, counter, candidates, plan, carried, links, covers, sites
            )
            if other < 0:
                continue

        begin_step(split)
        _shift(column, never, plan, carried, links, covers, objective, sites)
        if theirs < never:
            _shift(other, never, plan, carried, links, covers, objective, sites)
        _shift(other, own, plan, carried, links, covers, objective, sites)
        if theirs < never:
            _shift(column, theirs, plan, carried, links, covers, objective, sites)
        if _worth(plan) < before - loss:
            _relabel(other, theirs, plan, links, covers, objective, sites)
            _relabel(column, own, plan, links, covers, objective, sites)
            undo(split, links, carried.load)
            continue
        if theirs == never:
            place[other] = place[column]
            opened[place[other]] = other
            place[column] = -1
        _keep_if_better(plan)


@inner
def _partner(column, own, seed, counter, candidates, plan, carried, links, covers, sites):  # type: ignore[no-untyped-def]
    """Of a few closed columns, mostly near one, that with most weight in reach nobody serves."""
    near_ptr, near_list, first = candidates.near_ptr, candidates.near_list, candidates.first
    split, never, columns = plan.split, plan.over.shape[1], first.size
    site = sites.seat_site[sites.seat[column]]
    begin, end = near_ptr[site], near_ptr[site + 1]
    best, most = np.int64(-1), -1.0
    for _ in range(_TRIES):
        is_far = draw(seed, counter) % _FAR == 0
        random = draw(seed, counter)
        other = random % columns
        if not is_far and end > begin:
            other = np.int64(near_list[begin + random % (end - begin)])
        if split.cls[other] < never or first[other] > own or not _may_take(other, column, plan):
            continue
        total = 0.0
        for k in range(own, never):
            heavy, worth = np.int64(0), 0.0
            for at in range(links.col_ptr[other], links.col_ptr[other + 1]):
                row = links.col_row[at]
                heavy += split.left[k, row]
                worth += split.left[k, row] * split.density[k, row]
            for at in range(covers.col_ptr[other], covers.col_ptr[other + 1]):
                if plan.over[covers.col_row[at], k] == 0:
                    total += split.weight[k, covers.col_row[at]]
            total += worth * min(1.0, carried.cap[other] / max(heavy, 1))
        if total > most:
            best, most = other, total
    return best


@inner
def _may_take(other, column, plan):  # type: ignore[no-untyped-def]
    """Whether the plan holds all limits if two columns exchange their classes."""
    cls, use = plan.split.cls, plan.use
    own, theirs = np.int64(cls[column]), np.int64(cls[other])
    enter(column, own, theirs, use)
    enter(other, theirs, own, use)
    is_right = is_held(use)
    enter(other, own, theirs, use)
    enter(column, theirs, own, use)
    return is_right


@inner
def _shift(column, new, plan, carried, links, covers, objective, sites):  # type: ignore[no-untyped-def]
    """Open a closed column in a class, or close an open one; its rows are served accordingly."""
    split, never = plan.split, np.int64(plan.over.shape[1])
    old = np.int64(split.cls[column])
    _relabel(column, new, plan, links, covers, objective, sites)
    if new < never:
        for k in range(new, never):
            serve(column, k, split, carried, links)
    else:
        for k in range(old, never):
            release(column, k, split, carried, links)


@inner
def _relabel(column, new, plan, links, covers, objective, sites):  # type: ignore[no-untyped-def]
    """Give a column another class in all books but the split."""
    split, counts, over = plan.split, plan.counts, plan.over
    weight, old, never = split.weight, np.int64(split.cls[column]), np.int64(over.shape[1])
    if old < never:
        counts[_BESIDE] -= objective.reward[column, old]
    if new < never:
        counts[_BESIDE] += objective.reward[column, new]
    for at in range(covers.col_ptr[column], covers.col_ptr[column + 1]):
        row = covers.col_row[at]
        for k in range(never):
            before, after = old <= k, new <= k
            if after and not before:
                over[row, k] += 1
                if over[row, k] == 1:
                    counts[_BESIDE] += weight[k, row]
            elif before and not after:
                over[row, k] -= 1
                if over[row, k] == 0:
                    counts[_BESIDE] -= weight[k, row]
    if (old < never) != (new < never):
        list_open(column, new < never, split, links)
    counts[_BESIDE] += change_seat(column, old, new, plan, objective, sites)
    enter(column, old, new, plan.use)
    split.cls[column] = new


@compiled
def _cover_more(column, plan, links, covers):  # type: ignore[no-untyped-def]
    """Open a fixed column over its rows."""
    list_open(column, True, plan.split, links)
    for at in range(covers.col_ptr[column], covers.col_ptr[column + 1]):
        for k in range(plan.over.shape[1]):
            plan.over[covers.col_row[at], k] += 1


@compiled
def _keep_if_better(plan):  # type: ignore[no-untyped-def]
    if _worth(plan) > plan.counts[_BEST]:
        _keep(plan)


@compiled
def _keep(plan):  # type: ignore[no-untyped-def]
    """The plan as it stands is the best."""
    for column in range(plan.best.size):
        plan.best[column] = plan.split.cls[column]
    plan.counts[_BEST] = _worth(plan)


@inlined
def _worth(plan):  # type: ignore[no-untyped-def]
    return plan.counts[_BESIDE] + plan.split.counts[SERVED]
