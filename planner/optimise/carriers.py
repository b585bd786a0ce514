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

from planner.compiled import compiled, inner
from planner.optimise.annealing import allowed_loss, annealing
from planner.optimise.draws import draw
from planner.optimise.improving import Candidates, Improving, seats_held
from planner.optimise.knapsack import score_carried, threshold
from planner.optimise.limits import Use, enter, fits, is_held, no_use
from planner.optimise.objective import Objective, with_fixed
from planner.optimise.problem import FloatArray, IntArray
from planner.optimise.reduce import Cover, Reduced
from planner.optimise.serving import Carried, Links, by_density, links_of, split
from planner.optimise.sharing import Sites, share_gain
from planner.optimise.swaps import change_seat

#: Columns looked at for paths, and times that they are looked for anew after some were used up.
_REACH, _ROUNDS = 64, 4
#: Closed columns of which a step tries the one with most load nobody serves; one in so many of them
#: is any column, the others are near. One step in so many exchanges classes of two open columns.
_TRIES, _FAR, _EXCHANGE = 8, 4, 16
#: What a late step may lose, as a share of what an early one may.
_COLD = 0.03
#: Steps after which the best split is made anew.
_ANEW = 4096
#: Changes that a step may make to the split before it stops looking for paths.
_CHANGES = 1 << 14
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
    #: How many columns serve each row, and the entry of one of them, -1 for nobody, (K, rows).
    servers: NDArray[np.int32]
    server: IntArray
    #: The first entries of each row are those of its open columns, (entries,), so many, (rows,).
    opened_entry: IntArray
    opened_size: NDArray[np.int32]
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
    #: row was last seen, the column from which each was reached, how far along the list of the one
    #: that takes rows of the other, and rows at the ends of paths with what is asked of them.
    queue: NDArray[np.int32]
    seen: IntArray
    row_seen: IntArray
    parent: NDArray[np.int32]
    cursor: IntArray
    found: NDArray[np.int32]
    found_at: IntArray
    key: IntArray
    amount: IntArray
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
                self._covers,
                self.objective,
                self.sites,
            )
            if self.step % _ANEW == 0:
                self._split_anew()
                _keep_if_better(self._plan)

    def open(self, classes: NDArray[np.int8]) -> None:
        """Open columns, (columns,), the number of classes being none."""
        _open_all(classes, *self._books)

    def fill(self, cls: int, count: int, allowed: NDArray[np.bool_]) -> None:
        """Open the best `count` of the allowed columns, (columns,), in a class, one by one."""
        # no column serves more than it would alone
        score = np.zeros((self._carried.cap.size, len(self.reduced.classes)), dtype=np.int64)
        weight = np.ascontiguousarray(self._plan.weight.T)
        nothing = np.zeros((0, score.shape[1]), dtype=np.int64)
        score_carried(score, weight, nothing, self.reduced.cover.unsigned(), self._carried)
        stale = np.ascontiguousarray(score[: allowed.size, cls])
        opened = np.bincount(self.now, minlength=self.reduced.budget.size + 1)[:-1]
        owed = np.cumsum(self.reduced.budget - opened)
        _fill_class(cls, count, allowed.copy(), stale, owed, *self._books)

    @property
    def now(self) -> NDArray[np.int8]:
        """Class of each column in the plan as it stands, (columns,)."""
        now: NDArray[np.int8] = self._plan.cls[: self.reduced.columns].copy()
        return now

    @property
    def _books(self) -> tuple[_Plan, Carried, Links, Links, Objective, Sites]:
        """What a move changes, and what it goes by."""
        return self._plan, self._carried, self._links, self._covers, self.objective, self.sites

    def _open_fixed(self) -> None:
        """Fixed columns are open from the start; their seats are held already."""
        for column in range(self.reduced.columns, self._carried.cap.size):
            _cover_more(column, self._plan, self._links, self._covers)

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
            _note_servers(k, plan, self._links)
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


def _links_where(cover: Cover, is_taken: NDArray[np.bool_]) -> Links:
    """Links of a cover with the rows that are taken alone, the others having no column."""
    per_row = np.diff(cover.row_ptr)
    row_ptr = np.concatenate([[0], np.cumsum(np.where(is_taken, per_row, 0))])
    row_col = cover.row_col[np.repeat(is_taken, per_row)]
    return links_of(row_ptr, row_col, cover.col_ptr.size - 1)


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
    # a row may be found once for each column that serves it
    most_found = min(entries, rows + _REACH * longest)
    return _Plan(
        cls=with_fixed(reduced, closed),
        best=closed.copy(),
        weight=weight,
        density=density,
        rank=np.array(ranks, dtype=np.int32).reshape(never, rows),
        parts=np.zeros((never, entries), dtype=np.int64),
        left=np.tile(carried.load, (never, 1)),
        room=np.tile(carried.cap, (never, 1)),
        servers=np.zeros((never, rows), dtype=np.int32),
        server=np.full((never, rows), -1, dtype=np.int64),
        opened_entry=np.arange(entries, dtype=np.int64),
        opened_size=np.zeros(rows, dtype=np.int32),
        over=np.zeros((rows, never), dtype=np.int32),
        held=seats_held(sites, never),
        seat_class=sites.first_classes(never),
        opened=np.zeros(columns, dtype=np.int32),
        place=np.full(columns, -1, dtype=np.int32),
        changes=np.zeros((2 * _CHANGES + 4 * never * longest + 1024, 5), dtype=np.int64),
        queue=np.zeros(carriers, dtype=np.int32),
        seen=np.zeros(carriers, dtype=np.int64),
        row_seen=np.zeros(rows, dtype=np.int64),
        parent=np.zeros(carriers, dtype=np.int32),
        cursor=np.zeros(carriers, dtype=np.int64),
        found=np.zeros(most_found, dtype=np.int32),
        found_at=np.zeros(most_found, dtype=np.int64),
        key=np.zeros(most_found, dtype=np.int64),
        amount=np.zeros(most_found, dtype=np.int64),
        use=no_use(reduced.limits),
        counts=np.zeros(len(_COUNTS), dtype=np.int64),
    )


@compiled
def _open_all(classes, plan, carried, links, covers, objective, sites):  # type: ignore[no-untyped-def]
    """Open the columns of a plan, one by one."""
    for column in range(classes.size):
        if classes[column] < plan.weight.shape[0]:
            _shift(
                column, np.int64(classes[column]), plan, carried, links, covers, objective, sites
            )
            _list(column, plan)
            plan.counts[_CHANGED] = 0


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
    never = np.int64(plan.weight.shape[0])
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
        plan.counts[_CHANGED] = 0
        _shift(best, np.int64(c), plan, carried, links, covers, objective, sites)
        allowed[best] = False
        _list(best, plan)


@inner
def _worth_alone(column, c, plan, carried, links, covers):  # type: ignore[no-untyped-def]
    """What a closed column would serve from class `c` on of that which nobody serves.

    Nobody's row would move for it, so with what it frees along paths it serves no less.
    """
    key, amount, room = plan.key, plan.amount, carried.cap[column]
    total = np.int64(0)
    for k in range(c, plan.weight.shape[0]):
        size, heavy = np.int64(0), np.int64(0)
        for at in range(links.col_ptr[column], links.col_ptr[column + 1]):
            row = links.col_row[at]
            if plan.left[k, row] > 0 and plan.weight[k, row] > 0:
                key[size], amount[size] = -np.int64(plan.rank[k, row]), plan.left[k, row]
                heavy += plan.left[k, row]
                size += 1
        last, above = np.int64(plan.rank.shape[1]), np.int64(0)
        if heavy > room:
            last, above, _ = threshold(key, amount, size, room)
            last = -last
        worth, best = 0.0, 0.0
        for at in range(links.col_ptr[column], links.col_ptr[column + 1]):
            row = links.col_row[at]
            if plan.rank[k, row] < last:
                worth += plan.left[k, row] * plan.density[k, row]
            elif plan.rank[k, row] == last:
                best = plan.density[k, row]
        total += np.int64(worth + (room - above) * best)
        for at in range(covers.col_ptr[column], covers.col_ptr[column + 1]):
            if plan.over[covers.col_row[at], k] == 0:
                total += plan.weight[k, covers.col_row[at]]
    return total


@compiled
def _advance(steps, annealing, candidates, plan, carried, links, covers, objective, sites):  # type: ignore[no-untyped-def]
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
            other = _partner(
                column, own, seed, counter, candidates, plan, carried, links, covers, sites
            )
            if other < 0:
                continue

        counts[_CHANGED] = 0
        _shift(column, never, plan, carried, links, covers, objective, sites)
        if theirs < never:
            _shift(other, never, plan, carried, links, covers, objective, sites)
        _shift(other, own, plan, carried, links, covers, objective, sites)
        if theirs < never:
            _shift(column, theirs, plan, carried, links, covers, objective, sites)
        if counts[_OBJECTIVE] < before - loss:
            _relabel(other, theirs, plan, links, covers, objective, sites)
            _take_back(column, own, before, plan, carried, links, covers, objective, sites)
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
            for at in range(covers.col_ptr[other], covers.col_ptr[other + 1]):
                if plan.over[covers.col_row[at], k] == 0:
                    total += plan.weight[k, covers.col_row[at]]
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
def _shift(column, new, plan, carried, links, covers, objective, sites):  # type: ignore[no-untyped-def]
    """Open a closed column in a class, or close an open one; its rows are served accordingly."""
    old, never = np.int64(plan.cls[column]), np.int64(plan.weight.shape[0])
    _relabel(column, new, plan, links, covers, objective, sites)
    if new < never:
        for k in range(new, never):
            _serve(column, k, plan, carried, links)
    else:
        for k in range(old, never):
            _release(column, k, plan, carried, links)


@inner
def _relabel(column, new, plan, links, covers, objective, sites):  # type: ignore[no-untyped-def]
    """Give a column another class in all books but the split."""
    counts, over, weight = plan.counts, plan.over, plan.weight
    old, never = np.int64(plan.cls[column]), np.int64(weight.shape[0])
    if old < never:
        counts[_OBJECTIVE] -= objective.reward[column, old]
    if new < never:
        counts[_OBJECTIVE] += objective.reward[column, new]
    for at in range(covers.col_ptr[column], covers.col_ptr[column + 1]):
        row = covers.col_row[at]
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
    if (old < never) != (new < never):
        _reorder(column, new < never, plan, links)
    counts[_OBJECTIVE] += change_seat(column, old, new, plan, objective, sites)
    enter(column, old, new, plan.use)
    plan.cls[column] = new


@inner
def _reorder(column, is_open, plan, links):  # type: ignore[no-untyped-def]
    """Enter a column among the open ones over its rows, or take it out."""
    row_ptr, opened, size = links.row_ptr, plan.opened_entry, plan.opened_size
    for at in range(links.col_ptr[column], links.col_ptr[column + 1]):
        row, entry = links.col_row[at], links.col_entry[at]
        place = row_ptr[row]
        while opened[place] != entry:
            place += 1
        # the last open one, or the first closed one, changes places with it
        to = row_ptr[row] + size[row] - (0 if is_open else 1)
        opened[place], opened[to] = opened[to], opened[place]
        size[row] += 1 if is_open else -1


@compiled
def _cover_more(column, plan, links, covers):  # type: ignore[no-untyped-def]
    """Open a fixed column over its rows."""
    _reorder(column, True, plan, links)
    for at in range(covers.col_ptr[column], covers.col_ptr[column + 1]):
        for k in range(plan.over.shape[1]):
            plan.over[covers.col_row[at], k] += 1


@compiled
def _note_servers(k, plan, links):  # type: ignore[no-untyped-def]
    """Who serves each row, after the split was made anew."""
    for row in range(plan.left.shape[1]):
        plan.servers[k, row], plan.server[k, row] = 0, -1
        for at in range(links.row_ptr[row], links.row_ptr[row] + plan.opened_size[row]):
            entry = plan.opened_entry[at]
            if plan.parts[k, entry] > 0:
                plan.servers[k, row] += 1
                plan.server[k, row] = entry


@inner
def _take_back(column, to, before, plan, carried, links, covers, objective, sites):  # type: ignore[no-untyped-def]
    """Give a column its class of before, and the split its form, which was worth `before`."""
    _relabel(column, to, plan, links, covers, objective, sites)
    changes, load = plan.changes, carried.load
    for index in range(plan.counts[_CHANGED] - 1, -1, -1):
        k, row, other, entry, amount = changes[index]
        _push(k, row, other, entry, -amount, plan, links, load)
    plan.counts[_CHANGED] = 0
    plan.counts[_OBJECTIVE] = before


@inner
def _push(k, row, column, entry, amount, plan, links, load):  # type: ignore[no-untyped-def]
    """Let a column serve so much more of a row, or less."""
    counts, changes, parts = plan.counts, plan.changes, plan.parts
    left, weight = plan.left, np.float64(plan.weight[k, row])
    before = np.int64(weight * ((load[row] - left[k, row]) / load[row]))
    was = parts[k, entry] > 0
    parts[k, entry] += amount
    left[k, row] -= amount
    plan.room[k, column] -= amount
    gained = np.int64(weight * ((load[row] - left[k, row]) / load[row])) - before
    counts[_OBJECTIVE] += gained
    counts[_SPLIT] += gained
    if not was:
        plan.servers[k, row] += 1
        plan.server[k, row] = entry
    elif parts[k, entry] == 0:
        plan.servers[k, row] -= 1
        plan.server[k, row] = -1
        if plan.servers[k, row] > 0:
            at = links.row_ptr[row]
            while parts[k, at] == 0:
                at += 1
            plan.server[k, row] = at
    if counts[_CHANGED] < changes.shape[0]:
        changes[counts[_CHANGED], 0] = k
        changes[counts[_CHANGED], 1] = row
        changes[counts[_CHANGED], 2] = column
        changes[counts[_CHANGED], 3] = entry
        changes[counts[_CHANGED], 4] = amount
        counts[_CHANGED] += 1


@inner
def _serve(column, k, plan, carried, links):  # type: ignore[no-untyped-def]
    """Fill a column that just opened with the best rows that are reached along paths.

    A column with room left has nobody to serve in its reach, nor has one to which its rows could
    move: so only full columns lie on a path.
    """
    room, left, rank, load = plan.room, plan.left, plan.rank, carried.load
    found, found_at, key, amount = plan.found, plan.found_at, plan.key, plan.amount
    for _ in range(_ROUNDS):
        if room[k, column] == 0 or plan.counts[_CHANGED] >= _CHANGES:
            return
        size, heavy = _reach_unserved(column, k, plan, links)
        worst = np.int64(rank.shape[1])
        if heavy > room[k, column]:
            for index in range(size):
                key[index] = -rank[k, found[index]]
                amount[index] = left[k, found[index]]
            worst = -threshold(key, amount, size, room[k, column])[0]

        moved = np.int64(0)
        for is_last in range(2):
            for index in range(size):
                row = np.int64(found[index])
                is_own = rank[k, row] < worst if is_last == 0 else rank[k, row] == worst
                while is_own and left[k, row] > 0 and room[k, column] > 0:
                    entry = found_at[index]
                    at = np.int64(links.row_col[entry])
                    most = _narrowest(at, column, True, k, plan, links)
                    most = min(most, left[k, row], room[k, column])
                    if most == 0 or plan.counts[_CHANGED] >= _CHANGES:
                        break
                    _push(k, row, at, entry, most, plan, links, load)
                    _pass_on(at, column, True, most, k, plan, links, load)
                    moved += most
        if moved == 0 or moved == heavy:
            return


@inner
def _reach_unserved(column, k, plan, links):  # type: ignore[no-untyped-def]
    """Find rows nobody serves that paths of full columns lead to: how many, and what they weigh."""
    queue, seen, row_seen, room, servers = (
        plan.queue, plan.seen, plan.row_seen, plan.room, plan.servers,
    )  # fmt: skip
    plan.counts[_TURN] += 1
    turn = plan.counts[_TURN]
    queue[0], seen[column] = column, turn
    done, size, count, heavy = np.int64(0), np.int64(1), np.int64(0), np.int64(0)
    while done < size:
        now = np.int64(queue[done])
        done += 1
        for spot in range(links.col_ptr[now], links.col_ptr[now + 1]):
            row = np.int64(links.col_row[spot])
            if row_seen[row] == turn or plan.weight[k, row] == 0:
                continue
            row_seen[row] = turn
            if plan.left[k, row] > 0:
                plan.found[count], plan.found_at[count] = row, links.col_entry[spot]
                heavy += plan.left[k, row]
                count += 1
            begin, end = plan.server[k, row], plan.server[k, row] + 1
            if servers[k, row] == 0:
                continue
            if servers[k, row] > 1:
                begin, end = links.row_ptr[row], links.row_ptr[row + 1]
            for entry in range(begin, end):
                other = np.int64(links.row_col[entry])
                if seen[other] == turn or room[k, other] > 0 or size == _REACH:
                    continue
                if plan.parts[k, entry] > 0:
                    seen[other] = turn
                    plan.parent[other], plan.cursor[other] = now, spot
                    queue[size] = other
                    size += 1
    return count, heavy


@inner
def _release(column, k, plan, carried, links):  # type: ignore[no-untyped-def]
    """Hand the rows of a column that just closed on, and leave the rows that are worth least."""
    room, cap = plan.room, carried.cap
    size = np.int64(1)
    for _ in range(_ROUNDS):
        if room[k, column] == cap[column]:
            return
        size, moved = _hand_on(column, k, plan, carried, links)
        if moved == 0:
            break
    if room[k, column] < cap[column]:
        _leave(column, size, k, plan, carried, links)


@inner
def _hand_on(column, k, plan, carried, links):  # type: ignore[no-untyped-def]
    """Move rows along paths to columns with room: the columns reached, and what was moved."""
    queue, seen, row_seen, room, cap = (
        plan.queue, plan.seen, plan.row_seen, plan.room, carried.cap,
    )  # fmt: skip
    plan.counts[_TURN] += 1
    turn = plan.counts[_TURN]
    queue[0], seen[column] = column, turn
    done, size, moved = np.int64(0), np.int64(1), np.int64(0)
    while done < size:
        now = np.int64(queue[done])
        done += 1
        for spot in range(links.col_ptr[now], links.col_ptr[now + 1]):
            row = np.int64(links.col_row[spot])
            if row_seen[row] == turn or plan.parts[k, links.col_entry[spot]] == 0:
                continue
            row_seen[row] = turn
            begin = links.row_ptr[row]
            for at in range(begin, begin + plan.opened_size[row]):
                other = np.int64(links.row_col[plan.opened_entry[at]])
                if seen[other] == turn or plan.cls[other] > k or size == _REACH:
                    continue
                seen[other] = turn
                plan.parent[other], plan.cursor[other] = now, links.col_ptr[other]
                queue[size] = other
                size += 1
                while room[k, other] > 0:
                    most = min(_narrowest(other, column, False, k, plan, links), room[k, other])
                    if most == 0 or plan.counts[_CHANGED] >= _CHANGES:
                        break
                    _pass_on(other, column, False, most, k, plan, links, carried.load)
                    moved += most
                if room[k, column] == cap[column] or plan.counts[_CHANGED] >= _CHANGES:
                    return size, moved
    return size, moved


@inner
def _leave(column, size, k, plan, carried, links):  # type: ignore[no-untyped-def]
    """Leave the rows worth least among those that the first `size` columns reached serve.

    As many as a column that closed still serves; its own rows move to whom they served.
    """
    parts, rank, load, room = plan.parts, plan.rank, carried.load, plan.room
    found, found_at, key, amount = plan.found, plan.found_at, plan.key, plan.amount
    best = np.int64(rank.shape[1])
    for spot in range(links.col_ptr[column], links.col_ptr[column + 1]):
        if parts[k, links.col_entry[spot]] > 0:
            best = min(best, np.int64(rank[k, links.col_row[spot]]))

    count, heavy = np.int64(0), np.int64(0)
    for index in range(size):
        now = np.int64(plan.queue[index])
        for spot in range(links.col_ptr[now], links.col_ptr[now + 1]):
            row, entry = links.col_row[spot], links.col_entry[spot]
            if parts[k, entry] > 0 and (now == column or rank[k, row] > best):
                found[count], found_at[count] = row, entry
                key[count], amount[count] = rank[k, row], parts[k, entry]
                heavy += parts[k, entry]
                count += 1
    owed = carried.cap[column] - room[k, column]
    last = best
    if heavy > owed:
        last = threshold(key, amount, count, owed)[0]
    for index in range(count):
        row, entry = np.int64(found[index]), found_at[index]
        if heavy > owed and rank[k, row] <= last:
            continue
        at = np.int64(links.row_col[entry])
        while parts[k, entry] > 0 and room[k, column] < carried.cap[column]:
            most = parts[k, entry]
            if at != column:
                if plan.counts[_CHANGED] >= _CHANGES:
                    break
                most = min(most, _narrowest(at, column, False, k, plan, links))
                if most == 0:
                    break
            _push(k, row, at, entry, -most, plan, links, load)
            _pass_on(at, column, False, most, k, plan, links, load)

    for spot in range(links.col_ptr[column], links.col_ptr[column + 1]):
        entry = links.col_entry[spot]
        if parts[k, entry] > 0:
            row = np.int64(links.col_row[spot])
            _push(k, row, column, entry, -parts[k, entry], plan, links, load)


@inner
def _narrowest(at, column, is_giver, k, plan, links):  # type: ignore[no-untyped-def]
    """As much as may move along the path that reached a column; 0 where it is used up.

    From `at` to the column the search began at, if `at` is a giver, else the other way.
    """
    most = np.int64(1) << 60
    while at != column:
        entry = _between(at, is_giver, k, plan, links)
        if entry < 0:
            return np.int64(0)
        most = min(most, plan.parts[k, entry])
        at = np.int64(plan.parent[at])
    return most


@inner
def _pass_on(at, column, is_giver, most, k, plan, links, load):  # type: ignore[no-untyped-def]
    """Move so much along the path that reached a column, as for `_narrowest`."""
    while at != column:
        before = np.int64(plan.parent[at])
        entry = _between(at, is_giver, k, plan, links)
        giver, taker = (at, before) if is_giver else (before, at)
        spot = plan.cursor[at]
        row = np.int64(links.col_row[spot])
        _push(k, row, giver, entry, -most, plan, links, load)
        _push(k, row, taker, links.col_entry[spot], most, plan, links, load)
        at = before


@inner
def _between(at, is_giver, k, plan, links):  # type: ignore[no-untyped-def]
    """Entry of a row that may move between a column and the one it was reached from, or -1.

    The cursor, which goes along the rows of the taker, is brought to that row.
    """
    before = np.int64(plan.parent[at])
    giver, taker = (at, before) if is_giver else (before, at)
    end = links.col_ptr[taker + 1]
    while plan.cursor[at] < end:
        row = links.col_row[plan.cursor[at]]
        if plan.servers[k, row] > 0:
            if links.row_col[plan.server[k, row]] == giver:
                return plan.server[k, row]
            if plan.servers[k, row] > 1:
                for entry in range(links.row_ptr[row], links.row_ptr[row + 1]):
                    if links.row_col[entry] == giver and plan.parts[k, entry] > 0:
                        return np.int64(entry)
        plan.cursor[at] += 1
    return np.int64(-1)


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
