"""Annealing over swaps where columns carry only so much: the split of the rows follows each move.

A column that opens takes rows along paths of exchanges: it serves one that nobody serves, or one of
a neighbour, which then has room for another. A column that closes hands its rows on in the same
way. Paths are looked for among a few columns only, so the split is one that is allowed but perhaps
not the best: what the search counts is never more than a plan is worth. The best split is made anew
after every so many steps, and `plan_value` knows it exactly.

Rows, columns, classes, sites and seats are those of :mod:`planner.optimise.improve`; fixed columns
follow the others and have class 0.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from planner.optimise.annealing import allowed_loss, annealing
from planner.optimise.compiled import compiled, draw, inner
from planner.optimise.improving import Candidates, Improving, seats_held
from planner.optimise.limits import Use, enter, fits, is_held, no_use
from planner.optimise.objective import Objective, with_fixed
from planner.optimise.problem import FloatArray, IntArray
from planner.optimise.reduce import Cover, Reduced
from planner.optimise.serving import Carried, Links, by_density, links_of, split
from planner.optimise.sharing import Sites, share_gain
from planner.optimise.swaps import change_seat

#: Columns looked at for a path.
_REACH = 64
#: Closed columns of which a step tries the one with most load nobody serves; one in so many of them
#: is any column, the others are near. One step in so many exchanges classes of two open columns.
_TRIES, _FAR, _EXCHANGE = 8, 4, 16
#: What a late step may lose, as a share of what an early one may.
_COLD = 0.03
#: Steps after which the best split is made anew.
_ANEW = 4096
#: Changes that a step may make to the split before it stops looking for paths.
_CHANGES = 1 << 16
#: Bits of the random counter for the draws of one step.
_DRAW_BITS = np.uint64(6)

#: Places in the counts of a plan.
_COUNTS = range(7)
_OBJECTIVE, _BEST, _STEP, _OPEN, _CHANGED, _TURN, _SPLIT = _COUNTS


class _Plan(NamedTuple):
    """A plan with its split, which every move keeps allowed."""

    #: Class of each column and fixed column in this plan, and of each column in the best one.
    cls: NDArray[np.int8]
    best: NDArray[np.int8]
    #: Worth of each row in each class's phase, (K, rows), that for each unit of load, and the place
    #: of that among all, best first.
    weight: IntArray
    density: FloatArray
    rank: NDArray[np.int32]
    #: Load that each column serves of each row, (K, entries by row), what nobody serves of it,
    #: (K, rows), and what each column could still carry, (K, columns and fixed ones).
    parts: IntArray
    left: IntArray
    room: IntArray
    #: Open columns over each row of load 0, (rows, K).
    over: NDArray[np.int32]
    #: Open columns of each class in each seat, (seats, K), and the class that holds it, (seats,).
    held: NDArray[np.int32]
    seat_class: NDArray[np.int8]
    #: The open columns in no order and the place of each among them, (columns,).
    opened: NDArray[np.int32]
    place: NDArray[np.int32]
    #: Changes of the split since the step began: class, row, column, entry, load, (.., 5).
    changes: IntArray
    #: A search for paths: columns in the order of reaching them, the turn in which each column and
    #: row was last seen, and the entry by which it was reached.
    queue: NDArray[np.int32]
    seen: IntArray
    row_seen: IntArray
    by_entry: IntArray
    row_entry: IntArray
    #: Row of each entry.
    entry_row: NDArray[np.int32]
    #: What the open columns use of the limits.
    use: Use
    #: Objective now and of the best plan, steps, open columns, changes, turn of the search for
    #: paths, and what of the objective is served load.
    counts: IntArray


@dataclass(slots=True, eq=False)
class Carriers(Improving):
    """A plan under improvement where columns carry only so much.

    What it counts is never more than its plans are worth, and may be less.
    """

    _carried: Carried = field(init=False)
    _links: Links = field(init=False)

    def __post_init__(self) -> None:
        reduced = self.reduced
        assert reduced.carried is not None
        self._carried, cover = reduced.carried, reduced.cover
        self._links = links_of(cover.row_ptr, cover.row_col, cover.col_ptr.size - 1)
        self._candidates = Candidates.of(reduced, self.sites, _free_cover(reduced).unsigned())
        cold = int(_COLD * self.heat)
        self._annealing = annealing(self.steps, self.seed, self.heat, cold)
        self._plan = _closed(reduced, self.sites, self.objective, self._links)
        self._open_fixed()
        self.open(self.classes)
        self._split_anew()
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
                self.objective,
                self.sites,
            )
            if self.step % _ANEW == 0:
                self._split_anew()
                _keep_if_better(self._plan)

    def open(self, classes: NDArray[np.int8]) -> None:
        """Open columns, (columns,), the number of classes being none."""
        _open_all(classes, self._plan, self._carried, self._links, self.objective, self.sites)

    def fill(self, cls: int, count: int, allowed: NDArray[np.bool_]) -> None:
        """Open the best `count` of the allowed columns, (columns,), in a class, one by one."""
        upper = (self._plan.weight[cls:].sum(axis=0) * 1.0).astype(np.int64)
        stale = np.add.reduceat(
            np.append(upper[self._links.col_row], 0), self._links.col_ptr[: allowed.size]
        )
        stale[np.diff(self._links.col_ptr)[: allowed.size] == 0] = 0
        opened = np.bincount(self.now, minlength=self.reduced.budget.size + 1)[:-1]
        owed = np.cumsum(self.reduced.budget - opened)
        given = self._plan, self._carried, self._links, self.objective, self.sites
        _fill_class(cls, count, allowed.copy(), stale, owed, *given)

    @property
    def now(self) -> NDArray[np.int8]:
        """Class of each column in the plan as it stands, (columns,)."""
        now: NDArray[np.int8] = self._plan.cls[: self.reduced.columns].copy()
        return now

    def _open_fixed(self) -> None:
        """Fixed columns cover rows of load 0 too; their seats are held already."""
        for row, column in zip(self._plan.entry_row, self._links.row_col, strict=True):
            if column >= self.reduced.columns and self._carried.load[row] == 0:
                self._plan.over[row] += 1

    def _split_anew(self) -> None:
        """Make the best split of the plan as it stands."""
        plan, carried = self._plan, self._carried
        load = carried.load
        before = int(plan.counts[_SPLIT])
        served = 0
        for k in range(plan.weight.shape[0]):
            is_open = plan.cls <= k
            left, parts = load.copy(), np.zeros_like(plan.parts[k])
            room = np.where(is_open, carried.cap, 0)
            order = by_density(plan.weight[k], load)
            split(order, left, room, is_open, self._links, parts)
            plan.left[k], plan.parts[k] = left, parts
            plan.room[k] = np.where(is_open, room, carried.cap)
            share = (load - left) / np.maximum(1, load)
            served += int(np.floor(plan.weight[k] * share)[load > 0].sum())
        plan.counts[_SPLIT] = served
        plan.counts[_OBJECTIVE] += served - before


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


def _closed(reduced: Reduced, sites: Sites, objective: Objective, links: Links) -> _Plan:
    """The plan that opens no free column, and serves nothing."""
    carried = reduced.carried
    assert carried is not None
    rows, columns = reduced.rows, reduced.columns
    never, carriers, entries = len(reduced.classes), carried.cap.size, links.row_col.size
    closed = np.full(columns, never, dtype=np.int8)
    weight = np.ascontiguousarray((objective.worth[:, :-1] - objective.worth[:, 1:]).T)
    density = np.where(carried.load > 0, weight / np.maximum(1, carried.load), 0.0)
    ranks = [np.unique(-line, return_inverse=True)[1].reshape(-1) for line in density]
    longest = int(np.diff(links.col_ptr).max(initial=0))
    return _Plan(
        cls=with_fixed(reduced, closed),
        best=closed.copy(),
        weight=weight,
        density=density,
        rank=np.array(ranks, dtype=np.int32).reshape(never, rows),
        parts=np.zeros((never, entries), dtype=np.int64),
        left=np.tile(carried.load, (never, 1)),
        room=np.tile(carried.cap, (never, 1)),
        over=np.zeros((rows, never), dtype=np.int32),
        held=seats_held(sites, never),
        seat_class=sites.first_classes(never),
        opened=np.zeros(columns, dtype=np.int32),
        place=np.full(columns, -1, dtype=np.int32),
        changes=np.zeros((2 * _CHANGES + 4 * never * longest, 5), dtype=np.int64),
        queue=np.zeros(carriers, dtype=np.int32),
        seen=np.zeros(carriers, dtype=np.int64),
        row_seen=np.zeros(rows, dtype=np.int64),
        by_entry=np.zeros(carriers, dtype=np.int64),
        row_entry=np.zeros(rows, dtype=np.int64),
        entry_row=np.repeat(np.arange(rows, dtype=np.int32), np.diff(links.row_ptr)),
        use=no_use(reduced.limits),
        counts=np.zeros(len(_COUNTS), dtype=np.int64),
    )


@compiled
def _open_all(classes, plan, carried, links, objective, sites):  # type: ignore[no-untyped-def]
    """Open the columns of a plan, one by one."""
    for column in range(classes.size):
        if classes[column] < plan.weight.shape[0]:
            _shift(column, np.int64(classes[column]), plan, carried, links, objective, sites)
            _list(column, plan)
            plan.counts[_CHANGED] = 0


@inner
def _list(column, plan):  # type: ignore[no-untyped-def]
    plan.place[column] = plan.counts[_OPEN]
    plan.opened[plan.counts[_OPEN]] = column
    plan.counts[_OPEN] += 1


@compiled
def _fill_class(c, count, allowed, stale, owed, plan, carried, links, objective, sites):  # type: ignore[no-untyped-def]
    """Open the best of the allowed columns; `stale`, (columns,), is no less than each serves.

    `owed`, (K,), is how many columns are still to open by each class. Where no column fits the
    limits any more, they are left aside: what breaks them is for others to mend.
    """
    counts, reward, bonus = plan.counts, objective.reward, objective.bonus
    seat_site, seat_ptr, seat_list = sites.seat_site, sites.seat_ptr, sites.seat_list
    never = np.int64(plan.weight.shape[0])
    is_bound = True
    for _ in range(count):
        for k in range(c, never):
            owed[k] -= 1
        while True:
            best, most, second = np.int64(-1), np.int64(0), np.int64(0)
            for column in range(allowed.size):
                if not allowed[column] or (is_bound and not fits(column, c, owed, plan.use)):
                    continue
                key = (
                    stale[column]
                    + reward[column, c]
                    + share_gain(
                        sites.seat[column],
                        c,
                        plan.seat_class,
                        seat_site,
                        seat_ptr,
                        seat_list,
                        bonus,
                    )
                )
                if best < 0 or key > most:
                    second = most if best >= 0 else key
                    best, most = np.int64(column), key
                elif key > second or second == most:
                    second = key
            if best < 0:
                is_bound = False
                continue

            before = counts[_OBJECTIVE]
            counts[_CHANGED] = 0
            _shift(best, np.int64(c), plan, carried, links, objective, sites)
            gain = counts[_OBJECTIVE] - before
            if gain >= most or gain >= second:
                break
            stale[best] -= most - gain
            _take_back(best, never, before, plan, carried, links, objective, sites)
        allowed[best] = False
        _list(best, plan)


@compiled
def _advance(steps, annealing, candidates, plan, carried, links, objective, sites):  # type: ignore[no-untyped-def]
    """Take some steps: each gives the class of an open column to another, or changes nothing."""
    length, seed, mean, quantiles = annealing
    counts, cls, opened, place = plan.counts, plan.cls, plan.opened, plan.place
    never = np.int64(plan.weight.shape[0])
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
        before = counts[_OBJECTIVE]
        if draw(seed, counter) % _EXCHANGE == 0:
            other = np.int64(opened[draw(seed, counter) % counts[_OPEN]])
            theirs = np.int64(cls[other])
            if theirs == own or first[other] > own or first[column] > theirs:
                continue
            if not _may_take(other, column, plan):
                continue
        else:
            other = _partner(column, own, seed, counter, candidates, plan, carried, links, sites)
            if other < 0:
                continue

        counts[_CHANGED] = 0
        _shift(column, never, plan, carried, links, objective, sites)
        if theirs < never:
            _shift(other, never, plan, carried, links, objective, sites)
        _shift(other, own, plan, carried, links, objective, sites)
        if theirs < never:
            _shift(column, theirs, plan, carried, links, objective, sites)
        if counts[_OBJECTIVE] < before - loss:
            _relabel(other, theirs, plan, carried, links, objective, sites)
            _take_back(column, own, before, plan, carried, links, objective, sites)
            continue
        if theirs == never:
            place[other] = place[column]
            opened[place[other]] = other
            place[column] = -1
        _keep_if_better(plan)


@inner
def _partner(column, own, seed, counter, candidates, plan, carried, links, sites):  # type: ignore[no-untyped-def]
    """Of a few closed columns, mostly near one, that with most weight in reach nobody serves."""
    near_ptr, near_list, first = candidates.near_ptr, candidates.near_list, candidates.first
    never, columns = plan.weight.shape[0], first.size
    site = sites.seat_site[sites.seat[column]]
    begin, end = near_ptr[site], near_ptr[site + 1]
    best, most = np.int64(-1), -1.0
    for _ in range(_TRIES):
        is_far = draw(seed, counter) % _FAR == 0
        random = draw(seed, counter)
        other = random % columns
        if not is_far and end > begin:
            other = np.int64(near_list[begin + random % (end - begin)])
        if plan.cls[other] < never or first[other] > own or not _may_take(other, column, plan):
            continue
        total = 0.0
        for k in range(own, never):
            heavy, worth = np.int64(0), 0.0
            for at in range(links.col_ptr[other], links.col_ptr[other + 1]):
                row = links.col_row[at]
                heavy += plan.left[k, row]
                worth += plan.left[k, row] * plan.density[k, row]
                if carried.load[row] == 0 and plan.over[row, k] == 0:
                    total += plan.weight[k, row]
            total += worth * min(1.0, carried.cap[other] / max(heavy, 1))
        if total > most:
            best, most = other, total
    return best


@inner
def _may_take(other, column, plan):  # type: ignore[no-untyped-def]
    """Whether the plan holds all limits if two columns exchange their classes."""
    own, theirs, use = np.int64(plan.cls[column]), np.int64(plan.cls[other]), plan.use
    enter(column, own, theirs, use)
    enter(other, theirs, own, use)
    is_right = is_held(use)
    enter(other, own, theirs, use)
    enter(column, theirs, own, use)
    return is_right


@inner
def _shift(column, new, plan, carried, links, objective, sites):  # type: ignore[no-untyped-def]
    """Open a closed column in a class, or close an open one; its rows are served accordingly."""
    old, never = np.int64(plan.cls[column]), np.int64(plan.weight.shape[0])
    _relabel(column, new, plan, carried, links, objective, sites)
    if new < never:
        for k in range(new, never):
            _serve(column, k, plan, carried, links)
    else:
        for k in range(old, never):
            _release(column, k, plan, carried, links)


@inner
def _relabel(column, new, plan, carried, links, objective, sites):  # type: ignore[no-untyped-def]
    """Give a column another class in all books but the split."""
    counts, over, weight = plan.counts, plan.over, plan.weight
    old, never = np.int64(plan.cls[column]), np.int64(weight.shape[0])
    if old < never:
        counts[_OBJECTIVE] -= objective.reward[column, old]
    if new < never:
        counts[_OBJECTIVE] += objective.reward[column, new]
    for at in range(links.col_ptr[column], links.col_ptr[column + 1]):
        row = links.col_row[at]
        if carried.load[row] > 0:
            continue
        for k in range(never):
            before, after = old <= k, new <= k
            if after and not before:
                over[row, k] += 1
                if over[row, k] == 1:
                    counts[_OBJECTIVE] += weight[k, row]
            elif before and not after:
                over[row, k] -= 1
                if over[row, k] == 0:
                    counts[_OBJECTIVE] -= weight[k, row]
    counts[_OBJECTIVE] += change_seat(column, old, new, plan, objective, sites)
    enter(column, old, new, plan.use)
    plan.cls[column] = new


@inner
def _take_back(column, to, before, plan, carried, links, objective, sites):  # type: ignore[no-untyped-def]
    """Give a column its class of before, and the split its form, which was worth `before`."""
    _relabel(column, to, plan, carried, links, objective, sites)
    changes, load = plan.changes, carried.load
    for index in range(plan.counts[_CHANGED] - 1, -1, -1):
        k, row, other, entry, amount = changes[index]
        _push(k, row, other, entry, -amount, plan, load)
    plan.counts[_CHANGED] = 0
    plan.counts[_OBJECTIVE] = before


@inner
def _push(k, row, column, entry, amount, plan, load):  # type: ignore[no-untyped-def]
    """Let a column serve so much more of a row, or less."""
    counts, changes = plan.counts, plan.changes
    left, weight = plan.left, np.float64(plan.weight[k, row])
    before = np.int64(weight * ((load[row] - left[k, row]) / load[row]))
    plan.parts[k, entry] += amount
    left[k, row] -= amount
    plan.room[k, column] -= amount
    gained = np.int64(weight * ((load[row] - left[k, row]) / load[row])) - before
    counts[_OBJECTIVE] += gained
    counts[_SPLIT] += gained
    if counts[_CHANGED] < changes.shape[0]:
        changes[counts[_CHANGED], 0] = k
        changes[counts[_CHANGED], 1] = row
        changes[counts[_CHANGED], 2] = column
        changes[counts[_CHANGED], 3] = entry
        changes[counts[_CHANGED], 4] = amount
        counts[_CHANGED] += 1


@inner
def _serve(column, k, plan, carried, links):  # type: ignore[no-untyped-def]
    """Fill a column that just opened, always along a path from the best row that is reached."""
    row_ptr, row_col, load = links.row_ptr, links.row_col, carried.load
    col_ptr, col_row, col_entry = links.col_ptr, links.col_row, links.col_entry
    parts, left, room, rank = plan.parts, plan.left, plan.room, plan.rank
    queue, seen, row_seen, counts = plan.queue, plan.seen, plan.row_seen, plan.counts
    while room[k, column] > 0 and counts[_CHANGED] < _CHANGES:
        # backwards: rows that may move to a column, then the columns that serve them now
        counts[_TURN] += 1
        turn = counts[_TURN]
        queue[0] = column
        seen[column] = turn
        size, done, best = np.int64(1), np.int64(0), np.int64(-1)
        while done < size and not (best >= 0 and rank[k, best] == 0):
            now = np.int64(queue[done])
            done += 1
            for spot in range(col_ptr[now], col_ptr[now + 1]):
                row = np.int64(col_row[spot])
                if row_seen[row] == turn or load[row] == 0 or plan.weight[k, row] == 0:
                    continue
                row_seen[row] = turn
                plan.row_entry[row] = col_entry[spot]
                if left[k, row] > 0 and (best < 0 or rank[k, row] < rank[k, best]):
                    best = row
                    if rank[k, best] == 0:
                        break
                for entry in range(row_ptr[row], row_ptr[row + 1]):
                    other = np.int64(row_col[entry])
                    if parts[k, entry] > 0 and seen[other] != turn and size < _REACH:
                        seen[other] = turn
                        plan.by_entry[other] = entry
                        queue[size] = other
                        size += 1
        if best < 0:
            return

        most = min(left[k, best], room[k, column])
        at = np.int64(row_col[plan.row_entry[best]])
        while at != column:
            entry = plan.by_entry[at]
            most = min(most, parts[k, entry])
            at = np.int64(row_col[plan.row_entry[plan.entry_row[entry]]])
        row = best
        while True:
            at = np.int64(row_col[plan.row_entry[row]])
            _push(k, row, at, plan.row_entry[row], most, plan, load)
            if at == column:
                break
            entry = plan.by_entry[at]
            row = np.int64(plan.entry_row[entry])
            _push(k, row, at, entry, -most, plan, load)


@inner
def _release(column, k, plan, carried, links):  # type: ignore[no-untyped-def]
    """Hand the rows of a column that just closed on, or leave those that are worth least."""
    row_ptr, row_col, load = links.row_ptr, links.row_col, carried.load
    col_ptr, col_row, col_entry = links.col_ptr, links.col_row, links.col_entry
    cls, parts, room, rank = plan.cls, plan.parts, plan.room, plan.rank
    queue, seen, row_seen, counts = plan.queue, plan.seen, plan.row_seen, plan.counts
    while room[k, column] < carried.cap[column]:
        # forwards: rows of a column, then the columns they may move to
        counts[_TURN] += 1
        turn = counts[_TURN]
        queue[0] = column
        seen[column] = turn
        size, done = np.int64(1), np.int64(0)
        end, worst, direct = np.int64(-1), np.int64(-1), np.int64(-1)
        while done < size and end < 0:
            now = np.int64(queue[done])
            done += 1
            for spot in range(col_ptr[now], col_ptr[now + 1]):
                row = np.int64(col_row[spot])
                if row_seen[row] == turn or parts[k, col_entry[spot]] == 0:
                    continue
                row_seen[row] = turn
                plan.row_entry[row] = col_entry[spot]
                if worst < 0 or rank[k, row] > rank[k, worst]:
                    worst = row
                if now == column and (direct < 0 or rank[k, row] > rank[k, direct]):
                    direct = row
                for entry in range(row_ptr[row], row_ptr[row + 1]):
                    other = np.int64(row_col[entry])
                    if cls[other] <= k and seen[other] != turn and size < _REACH:
                        seen[other] = turn
                        plan.by_entry[other] = entry
                        queue[size] = other
                        size += 1
                        if room[k, other] > 0:
                            end = other
                            break
                if end >= 0:
                    break
            if counts[_CHANGED] >= _CHANGES:
                break

        # nobody has room: if none is worth less than its own rows, these are left at once
        if end < 0 and (rank[k, worst] == rank[k, direct] or counts[_CHANGED] >= _CHANGES):
            _leave(column, k, rank[k, direct], plan, carried, links)
            continue

        most = room[k, end] if end >= 0 else load[worst]
        row = np.int64(plan.entry_row[plan.by_entry[end]]) if end >= 0 else worst
        while True:
            entry = plan.row_entry[row]
            most = min(most, parts[k, entry])
            if row_col[entry] == column:
                break
            row = np.int64(plan.entry_row[plan.by_entry[row_col[entry]]])
        row = worst
        if end >= 0:
            row = np.int64(plan.entry_row[plan.by_entry[end]])
            _push(k, row, end, plan.by_entry[end], most, plan, load)
        while True:
            entry = plan.row_entry[row]
            at = np.int64(row_col[entry])
            _push(k, row, at, entry, -most, plan, load)
            if at == column:
                break
            row = np.int64(plan.entry_row[plan.by_entry[at]])
            _push(k, row, at, plan.by_entry[at], most, plan, load)


@inner
def _leave(column, k, rank, plan, carried, links):  # type: ignore[no-untyped-def]
    """Leave the rows of a column that are worth no more than others of a rank."""
    for at in range(links.col_ptr[column], links.col_ptr[column + 1]):
        row, entry = np.int64(links.col_row[at]), links.col_entry[at]
        if plan.parts[k, entry] > 0 and plan.rank[k, row] >= rank:
            _push(k, row, column, entry, -plan.parts[k, entry], plan, carried.load)


@compiled
def _keep_if_better(plan):  # type: ignore[no-untyped-def]
    if plan.counts[_OBJECTIVE] > plan.counts[_BEST]:
        _keep(plan)


@compiled
def _keep(plan):  # type: ignore[no-untyped-def]
    """The plan as it stands is the best."""
    for column in range(plan.best.size):
        plan.best[column] = plan.cls[column]
    plan.counts[_BEST] = plan.counts[_OBJECTIVE]
