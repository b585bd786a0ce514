"""The split of the rows where columns carry only so much, which follows each move of a search.

A column that opens takes rows along paths of exchanges: it serves one that nobody serves, or one of
a neighbour, which then has room for another. A column that closes hands its rows on in the same
way. Paths are looked for among a few columns only, so the split is one that is allowed but perhaps
not the best, which `split_anew` makes.

Rows and columns are those of :mod:`planner.optimise.reduce`; fixed columns follow the others.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from planner.compiled import compiled, inlined, inner
from planner.optimise.knapsack import threshold
from planner.optimise.problem import FloatArray, IntArray
from planner.optimise.serving import Carried, Links, by_density
from planner.optimise.serving import split as best_split

#: Columns looked at for paths, and times that they are looked for anew after some were used up.
_REACH, _ROUNDS = 64, 4
#: Changes that a step may make to the split before it stops looking for paths.
_CHANGES = 1 << 14

#: Places in the counts of a split.
_COUNTS = range(3)
SERVED, _CHANGED, _TURN = _COUNTS


class Split(NamedTuple):
    """Who serves what of each row, ``K`` being the number of classes; what is served is allowed."""

    #: Class of each column and fixed column.
    cls: NDArray[np.int8]
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
    #: Changes since the step began: class, row, column, entry, load, (.., 5).
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
    #: Worth of what is served, changes, and turn of the search for paths.
    counts: IntArray


def nothing_served(
    cls: NDArray[np.int8], weight: IntArray, carried: Carried, links: Links
) -> Split:
    """The split before any column serves a row; `weight`, (K, rows), of each class's phase."""
    (never, rows), entries, carriers = weight.shape, links.row_col.size, carried.cap.size
    density = np.where(carried.load > 0, weight / np.maximum(1, carried.load), 0.0)
    ranks = [np.unique(-line, return_inverse=True)[1].reshape(-1) for line in density]
    longest = int(np.diff(links.col_ptr).max(initial=0))
    # a row may be found once for each column that serves it
    most_found = min(entries, rows + _REACH * longest)
    return Split(
        cls=cls,
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
        counts=np.zeros(len(_COUNTS), dtype=np.int64),
    )


def split_anew(split: Split, carried: Carried, links: Links) -> None:
    """Make the best split among the open columns."""
    load = carried.load
    served = 0
    for k in range(split.weight.shape[0]):
        is_open = split.cls <= k
        left, parts = load.copy(), np.zeros_like(split.parts[k])
        room = np.where(is_open, carried.cap, 0)
        best_split(by_density(split.weight[k], load), left, room, is_open, links, parts)
        split.left[k], split.parts[k] = left, parts
        _note_servers(k, split, links)
        split.room[k] = np.where(is_open, room, carried.cap)
        share = (load - left) / np.maximum(1, load)
        served += int(np.floor(split.weight[k] * share)[load > 0].sum())
    split.counts[SERVED] = served


@compiled
def _note_servers(k, split, links):  # type: ignore[no-untyped-def]
    """Who serves each row, after the split was made anew."""
    for row in range(split.left.shape[1]):
        split.servers[k, row], split.server[k, row] = 0, -1
        for at in range(links.row_ptr[row], links.row_ptr[row] + split.opened_size[row]):
            entry = split.opened_entry[at]
            if split.parts[k, entry] > 0:
                split.servers[k, row] += 1
                split.server[k, row] = entry


@inner
def list_open(column, is_open, split, links):  # type: ignore[no-untyped-def]
    """Enter a column among the open ones over its rows, or take it out."""
    row_ptr, opened, size = links.row_ptr, split.opened_entry, split.opened_size
    for at in range(links.col_ptr[column], links.col_ptr[column + 1]):
        row, entry = links.col_row[at], links.col_entry[at]
        place = row_ptr[row]
        while opened[place] != entry:
            place += 1
        # the last open one, or the first closed one, changes places with it
        to = row_ptr[row] + size[row] - (0 if is_open else 1)
        opened[place], opened[to] = opened[to], opened[place]
        size[row] += 1 if is_open else -1


@inner
def begin_step(split):  # type: ignore[no-untyped-def]
    """From here on changes can be undone."""
    split.counts[_CHANGED] = 0


@inner
def undo(split, links, load):  # type: ignore[no-untyped-def]
    """Give the split the form that it had when the step began."""
    changes = split.changes
    for index in range(split.counts[_CHANGED] - 1, -1, -1):
        k, row, other, entry, amount = changes[index]
        _push(k, row, other, entry, -amount, split, links, load)
    split.counts[_CHANGED] = 0


@inner
def serve(column, k, split, carried, links):  # type: ignore[no-untyped-def]
    """Fill a column that just opened with the best rows that are reached along paths.

    A column with room left has nobody to serve in its reach, nor has one to which its rows could
    move: so only full columns lie on a path.
    """
    room, left, rank, load = split.room, split.left, split.rank, carried.load
    found, found_at, key, amount = split.found, split.found_at, split.key, split.amount
    for _ in range(_ROUNDS):
        if room[k, column] == 0 or split.counts[_CHANGED] >= _CHANGES:
            return
        size, heavy = _reach_unserved(column, k, split, links)
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
                    most = _narrowest(at, column, True, k, split, links)
                    most = min(most, left[k, row], room[k, column])
                    if most == 0 or split.counts[_CHANGED] >= _CHANGES:
                        break
                    _push(k, row, at, entry, most, split, links, load)
                    _pass_on(at, column, True, most, k, split, links, load)
                    moved += most
        if moved == 0 or moved == heavy:
            return


@inner
def _reach_unserved(column, k, split, links):  # type: ignore[no-untyped-def]
    """Find rows nobody serves that paths of full columns lead to: how many, and what they weigh."""
    queue, seen, row_seen, room, servers = (
        split.queue, split.seen, split.row_seen, split.room, split.servers,
    )  # fmt: skip
    turn = _look_anew(column, split)
    done, size, count, heavy = np.int64(0), np.int64(1), np.int64(0), np.int64(0)
    while done < size:
        now = np.int64(queue[done])
        done += 1
        for spot in range(links.col_ptr[now], links.col_ptr[now + 1]):
            row = np.int64(links.col_row[spot])
            if row_seen[row] == turn or split.weight[k, row] == 0:
                continue
            row_seen[row] = turn
            if split.left[k, row] > 0:
                split.found[count], split.found_at[count] = row, links.col_entry[spot]
                heavy += split.left[k, row]
                count += 1
            begin, end = split.server[k, row], split.server[k, row] + 1
            if servers[k, row] == 0:
                continue
            if servers[k, row] > 1:
                begin, end = links.row_ptr[row], links.row_ptr[row + 1]
            for entry in range(begin, end):
                other = np.int64(links.row_col[entry])
                if seen[other] == turn or room[k, other] > 0 or size == _REACH:
                    continue
                if split.parts[k, entry] > 0:
                    size = _reach(other, now, spot, turn, size, split)
    return count, heavy


@inner
def release(column, k, split, carried, links):  # type: ignore[no-untyped-def]
    """Hand the rows of a column that just closed on, and leave the rows that are worth least."""
    room, cap = split.room, carried.cap
    size = np.int64(1)
    for _ in range(_ROUNDS):
        if room[k, column] == cap[column]:
            return
        size, moved = _hand_on(column, k, split, carried, links)
        if moved == 0:
            break
    if room[k, column] < cap[column]:
        _leave(column, size, k, split, carried, links)


@inner
def _hand_on(column, k, split, carried, links):  # type: ignore[no-untyped-def]
    """Move rows along paths to columns with room: the columns reached, and what was moved."""
    queue, seen, row_seen, room, cap = (
        split.queue, split.seen, split.row_seen, split.room, carried.cap,
    )  # fmt: skip
    turn = _look_anew(column, split)
    done, size, moved = np.int64(0), np.int64(1), np.int64(0)
    while done < size:
        now = np.int64(queue[done])
        done += 1
        for spot in range(links.col_ptr[now], links.col_ptr[now + 1]):
            row = np.int64(links.col_row[spot])
            if row_seen[row] == turn or split.parts[k, links.col_entry[spot]] == 0:
                continue
            row_seen[row] = turn
            begin = links.row_ptr[row]
            for at in range(begin, begin + split.opened_size[row]):
                other = np.int64(links.row_col[split.opened_entry[at]])
                if seen[other] == turn or split.cls[other] > k or size == _REACH:
                    continue
                size = _reach(other, now, links.col_ptr[other], turn, size, split)
                while room[k, other] > 0:
                    most = min(_narrowest(other, column, False, k, split, links), room[k, other])
                    if most == 0 or split.counts[_CHANGED] >= _CHANGES:
                        break
                    _pass_on(other, column, False, most, k, split, links, carried.load)
                    moved += most
                if room[k, column] == cap[column] or split.counts[_CHANGED] >= _CHANGES:
                    return size, moved
    return size, moved


@inner
def _leave(column, size, k, split, carried, links):  # type: ignore[no-untyped-def]
    """Leave the rows worth least among those that the first `size` columns reached serve.

    As many as a column that closed still serves; its own rows move to whom they served.
    """
    parts, rank, load, room = split.parts, split.rank, carried.load, split.room
    count, heavy = _find_worse(column, size, k, split, links)
    owed, last = carried.cap[column] - room[k, column], np.int64(-1)
    if heavy > owed:
        last = threshold(split.key, split.amount, count, owed)[0]
    for index in range(count):
        row, entry = np.int64(split.found[index]), split.found_at[index]
        if rank[k, row] <= last:
            continue
        at = np.int64(links.row_col[entry])
        while parts[k, entry] > 0 and room[k, column] < carried.cap[column]:
            most = parts[k, entry]
            if at != column:
                if split.counts[_CHANGED] >= _CHANGES:
                    break
                most = min(most, _narrowest(at, column, False, k, split, links))
                if most == 0:
                    break
            _push(k, row, at, entry, -most, split, links, load)
            _pass_on(at, column, False, most, k, split, links, load)

    for spot in range(links.col_ptr[column], links.col_ptr[column + 1]):
        entry = links.col_entry[spot]
        if parts[k, entry] > 0:
            row = np.int64(links.col_row[spot])
            _push(k, row, column, entry, -parts[k, entry], split, links, load)


@inlined
def _find_worse(column, size, k, split, links):  # type: ignore[no-untyped-def]
    """Find the rows of a column, and those worth less than its best that others reached serve.

    How many parts there are, and what they weigh.
    """
    parts, rank = split.parts, split.rank
    found, found_at, key, amount = split.found, split.found_at, split.key, split.amount
    best = np.int64(rank.shape[1])
    for spot in range(links.col_ptr[column], links.col_ptr[column + 1]):
        if parts[k, links.col_entry[spot]] > 0:
            best = min(best, np.int64(rank[k, links.col_row[spot]]))

    count, heavy = np.int64(0), np.int64(0)
    for index in range(size):
        now = np.int64(split.queue[index])
        for spot in range(links.col_ptr[now], links.col_ptr[now + 1]):
            row, entry = links.col_row[spot], links.col_entry[spot]
            if parts[k, entry] > 0 and (now == column or rank[k, row] > best):
                found[count], found_at[count] = row, entry
                key[count], amount[count] = rank[k, row], parts[k, entry]
                heavy += parts[k, entry]
                count += 1
    return count, heavy


@inlined
def _look_anew(column, split):  # type: ignore[no-untyped-def]
    """Begin a search for paths at a column; the turn in which all that it reaches is seen."""
    split.counts[_TURN] += 1
    split.queue[0], split.seen[column] = column, split.counts[_TURN]
    return split.counts[_TURN]


@inlined
def _reach(other, now, spot, turn, size, split):  # type: ignore[no-untyped-def]
    """Reach a column from another; so many are reached now."""
    split.seen[other] = turn
    split.parent[other], split.cursor[other] = now, spot
    split.queue[size] = other
    return size + 1


@inner
def _narrowest(at, column, is_giver, k, split, links):  # type: ignore[no-untyped-def]
    """As much as may move along the path that reached a column; 0 where it is used up.

    From `at` to the column the search began at, if `at` is a giver, else the other way.
    """
    most = np.int64(1) << 60
    while at != column:
        entry = _between(at, is_giver, k, split, links)
        if entry < 0:
            return np.int64(0)
        most = min(most, split.parts[k, entry])
        at = np.int64(split.parent[at])
    return most


@inner
def _pass_on(at, column, is_giver, most, k, split, links, load):  # type: ignore[no-untyped-def]
    """Move so much along the path that reached a column, as for `_narrowest`."""
    while at != column:
        before = np.int64(split.parent[at])
        entry = _between(at, is_giver, k, split, links)
        giver, taker = (at, before) if is_giver else (before, at)
        spot = split.cursor[at]
        row = np.int64(links.col_row[spot])
        _push(k, row, giver, entry, -most, split, links, load)
        _push(k, row, taker, links.col_entry[spot], most, split, links, load)
        at = before


@inner
def _between(at, is_giver, k, split, links):  # type: ignore[no-untyped-def]
    """Entry of a row that may move between a column and the one it was reached from, or -1.

    The cursor, which goes along the rows of the taker, is brought to that row.
    """
    before = np.int64(split.parent[at])
    giver, taker = (at, before) if is_giver else (before, at)
    end = links.col_ptr[taker + 1]
    while split.cursor[at] < end:
        row = links.col_row[split.cursor[at]]
        if split.servers[k, row] > 0:
            if links.row_col[split.server[k, row]] == giver:
                return split.server[k, row]
            if split.servers[k, row] > 1:
                for entry in range(links.row_ptr[row], links.row_ptr[row + 1]):
                    if links.row_col[entry] == giver and split.parts[k, entry] > 0:
                        return np.int64(entry)
        split.cursor[at] += 1
    return np.int64(-1)


@inner
def _push(k, row, column, entry, amount, split, links, load):  # type: ignore[no-untyped-def]
    """Let a column serve so much more of a row, or less."""
    counts, changes, parts = split.counts, split.changes, split.parts
    left, weight = split.left, np.float64(split.weight[k, row])
    before = np.int64(weight * ((load[row] - left[k, row]) / load[row]))
    was = parts[k, entry] > 0
    parts[k, entry] += amount
    left[k, row] -= amount
    split.room[k, column] -= amount
    gained = np.int64(weight * ((load[row] - left[k, row]) / load[row])) - before
    counts[SERVED] += gained
    if not was:
        split.servers[k, row] += 1
        split.server[k, row] = entry
    elif parts[k, entry] == 0:
        split.servers[k, row] -= 1
        split.server[k, row] = -1
        if split.servers[k, row] > 0:
            at = links.row_ptr[row]
            while parts[k, at] == 0:
                at += 1
            split.server[k, row] = at
    if counts[_CHANGED] < changes.shape[0]:
        changes[counts[_CHANGED], 0] = k
        changes[counts[_CHANGED], 1] = row
        changes[counts[_CHANGED], 2] = column
        changes[counts[_CHANGED], 3] = entry
        changes[counts[_CHANGED], 4] = amount
        counts[_CHANGED] += 1
