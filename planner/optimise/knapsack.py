"""What a column that carries only so much is worth to the bound: a fractional knapsack.

In each phase it takes rows by falling multiplier per load until its cap is full. Instead of the
last part the whole-number form weighs the cap at a price ``t`` for a unit of load,

    cap * t + sum over rows of max(0, multiplier - t * load),

which no choice of rows exceeds, whatever ``t``: the least key at which what lies above it fits.
"""

from __future__ import annotations

import numpy as np

from planner.compiled import compiled, inner

#: Whole multipliers are taken so many times, so that a price of load is fine enough.
FINE = 1 << 16


@compiled
def longest(col_ptr):  # type: ignore[no-untyped-def]
    """Most rows of a column."""
    most = np.int64(0)
    for column in range(col_ptr.size - 1):
        most = max(most, np.int64(col_ptr[column + 1] - col_ptr[column]))
    return most


@compiled
def score_carried(score, now, reward, cover, carried):  # type: ignore[no-untyped-def]
    """What each column is worth in each class, its rows from that phase on, in whole numbers.

    `score` has a line for each column, those of `reward` first, then the fixed ones.
    """
    key = np.empty(longest(cover.col_ptr), dtype=np.int64)
    amount = np.empty(key.size, dtype=np.int64)
    col_ptr, col_row, load, cap = cover.col_ptr, cover.col_row, carried.load, carried.cap
    for column in range(score.shape[0]):
        for k in range(score.shape[1]):
            size, free, heavy = np.int64(0), np.int64(0), np.int64(0)
            for entry in range(col_ptr[column], col_ptr[column + 1]):
                worth, weighs = now[col_row[entry], k], load[col_row[entry]]
                if weighs == 0:
                    free += worth
                elif worth > 0:
                    key[size] = -(-worth * FINE // weighs)
                    amount[size] = weighs
                    heavy += weighs
                    size += 1
            price = np.int64(0)
            if heavy > cap[column]:
                price = threshold(key, amount, size, cap[column])[0]
            total = cap[column] * price
            for entry in range(col_ptr[column], col_ptr[column + 1]):
                worth, weighs = now[col_row[entry], k], load[col_row[entry]]
                # a row whose key is no larger brings nothing; its product could overflow
                if weighs > 0 and -(-worth * FINE // weighs) > price:
                    total += worth * FINE - price * weighs
            score[column, k] = free - (-total // FINE)
    _from_there_on(score, reward)


@inner
def score_parts(score, now, reward, cover, carried, price, share):  # type: ignore[no-untyped-def]
    """The same in floats, with the price of load and the share taken at it, (columns, classes)."""
    key = np.empty(longest(cover.col_ptr))
    amount = np.empty(key.size, dtype=np.int64)
    col_ptr, col_row, load, cap = cover.col_ptr, cover.col_row, carried.load, carried.cap
    for column in range(score.shape[0]):
        for k in range(score.shape[1]):
            size, total, heavy = np.int64(0), 0.0, np.int64(0)
            for entry in range(col_ptr[column], col_ptr[column + 1]):
                worth, weighs = now[col_row[entry], k], load[col_row[entry]]
                total += worth
                if weighs > 0:
                    key[size] = worth / weighs
                    amount[size] = weighs
                    heavy += weighs
                    size += 1
            price[column, k] = -1.0
            if heavy > cap[column]:
                at, above, same = threshold(key, amount, size, cap[column])
                price[column, k] = at
                share[column, k] = (cap[column] - above) / same
                # rows at the price count by their share, those below it not at all
                for index in range(size):
                    if key[index] == at:
                        total -= at * amount[index] * (1 - share[column, k])
                    elif key[index] < at:
                        total -= key[index] * amount[index]
            score[column, k] = total
    _from_there_on(score, reward)


@inner
def _from_there_on(score, reward):  # type: ignore[no-untyped-def]
    """An open column serves the later phases too; `reward` is that of the columns not fixed."""
    for column in range(score.shape[0]):
        for k in range(score.shape[1] - 2, -1, -1):
            score[column, k] += score[column, k + 1]
    for column in range(reward.shape[0]):
        for k in range(score.shape[1]):
            score[column, k] += reward[column, k]


@inner
def fixed_worth(score, free):  # type: ignore[no-untyped-def]
    """What the fixed columns, which follow the `free` others, are worth: open from the start."""
    total = score.dtype.type(0)
    for column in range(free, score.shape[0] if score.shape[1] else free):
        total += score[column, 0]
    return total


@inner
def count_parts(picked, now, cover, carried, price, share, over):  # type: ignore[no-untyped-def]
    """Parts of each row that the columns of the inner problem take in each phase, (rows, classes).

    `picked`, (columns that are not fixed,), is the class of each.
    """
    col_ptr, col_row, load = cover.col_ptr, cover.col_row, carried.load
    for row in range(over.shape[0]):
        for k in range(over.shape[1]):
            over[row, k] = 0.0
    for column in range(price.shape[0]):
        begin = np.int64(picked[column]) if column < picked.size else np.int64(0)
        for k in range(begin, over.shape[1]):
            for entry in range(col_ptr[column], col_ptr[column + 1]):
                row = col_row[entry]
                part = 1.0
                if load[row] > 0 and price[column, k] >= 0:
                    key = now[row, k] / load[row]
                    part = 1.0 if key > price[column, k] else 0.0
                    if key == price[column, k]:
                        part = share[column, k]
                over[row, k] += part


@inner
def threshold(key, amount, size, cap):  # type: ignore[no-untyped-def]
    """Least of the first `size` keys above which all amounts fit in `cap`, where not all fit.

    Also the amounts above it and at it. Changes the order of both arrays.
    """
    low, high = np.int64(0), size
    above = np.int64(0)
    while True:
        # parted into keys above the pivot, the pivot, and those below
        pivot = key[(low + high) // 2]
        at, end = low, high
        greater = low
        more, same = np.int64(0), np.int64(0)
        while at < end:
            if key[at] > pivot:
                more += amount[at]
                key[at], key[greater] = key[greater], key[at]
                amount[at], amount[greater] = amount[greater], amount[at]
                greater += 1
                at += 1
            elif key[at] < pivot:
                end -= 1
                key[at], key[end] = key[end], key[at]
                amount[at], amount[end] = amount[end], amount[at]
            else:
                same += amount[at]
                at += 1
        if above + more > cap:
            high = greater
        elif above + more + same > cap:
            return pivot, above + more, same
        else:
            above += more + same
            low = end
