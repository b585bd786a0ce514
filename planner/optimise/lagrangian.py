"""The inner problem of the bound: what columns are worth once rows and counts have their price.

Each (row, phase) has a multiplier between 0 and its weight: what being covered is worth there.
Columns are then worth the multipliers they reach, or what of those they carry, and their reward,
compete for the counts of the phases at the prices of the classes, and earn the bonus of a shared
site. Nothing else links them, so the best choice is found site by site. Whatever the multipliers
and prices,

    sum(weight - multiplier) + sum(count * price) + sum(over sites, of the best choice)

is worth no less than any nested plan. Limits are charged likewise: each unit of a column's amount
costs what the limit charges in each class from its own on, above 0 for the most that it allows and
below 0 for the least, and that end times the charge comes on top of the sum.
On whole numbers this gives an exact bound, by numpy; the steps of compiled loops below are for
floats, by which the multipliers are improved.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from planner.compiled import inlined, inner
from planner.optimise.knapsack import score_carried
from planner.optimise.limits import Limits
from planner.optimise.objective import Objective
from planner.optimise.problem import IntArray
from planner.optimise.reduce import Cover
from planner.optimise.serving import Carried
from planner.optimise.sharing import Sites

#: More than anything is worth; twice as much is a whole number of 64 bits still.
_FAR = 1 << 60


class Terms(NamedTuple):
    """What counts beside coverage, site by site, ``K`` being the number of classes.

    Sites are those at which two seats, each one network's, may be held; without a bonus there are
    none, and every column stands for itself.

    Attributes
    ----------
    reward : int array, (columns, K)
        Worth of opening a column in each class apart from coverage.
    bonus : int array, (K + 1,)
        Worth of a shared site from each class on.
    site_ptr : int array, (sites + 1,)
        Where the seats of each site begin.
    seat_ptr, seat_column : arrays, (seats + 1,) and (entries,)
        Columns of each seat.
    is_open : bool array, (seats,)
        Whether a fixed column holds the seat from the start.
    """

    reward: NDArray[Any]
    bonus: NDArray[Any]
    site_ptr: IntArray
    seat_ptr: IntArray
    seat_column: NDArray[np.int32]
    is_open: NDArray[np.bool_]


def no_terms(columns: int, classes: int) -> Terms:
    """Terms of coverage alone."""
    return Terms(
        reward=np.zeros((columns, classes), dtype=np.int64),
        bonus=np.zeros(classes + 1, dtype=np.int64),
        site_ptr=np.zeros(1, dtype=np.int64),
        seat_ptr=np.zeros(1, dtype=np.int64),
        seat_column=np.zeros(0, dtype=np.int32),
        is_open=np.zeros(0, dtype=np.bool_),
    )


def terms_of(objective: Objective, sites: Sites) -> Terms:
    """Terms of an objective."""
    nothing = no_terms(*objective.reward.shape)._replace(reward=objective.reward)
    is_pair = np.diff(sites.seat_ptr) > 1
    if not (objective.bonus.any() and is_pair.any()):
        return nothing

    # seats of one site follow each other, so those of sites with two stay whole
    kept = np.flatnonzero(is_pair[sites.seat_site])
    columns = np.flatnonzero(is_pair[sites.of_columns()])
    by_seat = columns[np.argsort(sites.seat[columns], kind="stable")]
    counts = np.bincount(sites.seat, minlength=sites.seat_site.size)[kept]
    return nothing._replace(
        bonus=objective.bonus,
        site_ptr=_starts(np.diff(sites.seat_ptr)[is_pair]),
        seat_ptr=_starts(counts),
        seat_column=by_seat.astype(np.int32),
        is_open=sites.open_seat[kept] > 0,
    )


def _starts(sizes: IntArray) -> IntArray:
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)


def evaluate(
    cover: Cover,
    weight: IntArray,
    multipliers: IntArray,
    prices: IntArray,
    charges: IntArray,
    budget: IntArray,
    first: NDArray[np.int8],
    terms: Terms,
    carried: Carried | None,
    limits: Limits,
) -> int:
    """The bound without the constant, in whole numbers; weight and multipliers, (rows, classes).

    It shares nothing with the loops that look for the multipliers, so it checks them too. `carried`
    is None where columns have no caps; else the fixed columns follow the others.
    """
    classes = prices.size
    if not classes:
        return 0
    owed = _from_there_on(charges)
    reward = terms.reward - limits.amount.T @ owed
    paid = int((charges * np.where(charges > 0, limits.most, limits.least)).sum())
    if carried is None:
        score = _from_there_on(cover.matrix(np.int64).T @ multipliers) + reward
    else:
        score = np.empty((carried.cap.size, classes), dtype=np.int64)
        score_carried(score, multipliers, reward, cover.unsigned(), carried)
        paid += int(score[first.size :, 0].sum())

    # what a column gains at most by opening by each class; closed ones gain nothing
    gain = np.where(np.arange(classes) < first[:, None], -_FAR, score[: first.size] - prices)
    by_then = np.maximum.accumulate(gain, axis=1)
    best = np.maximum(by_then[:, -1], 0)
    shared = _shared(best[:, None] - by_then, terms)
    uncovered = int(weight.sum()) - int(multipliers.sum())
    return paid + uncovered + int((budget * prices).sum()) + int(best.sum()) + shared


def _from_there_on(worth: IntArray) -> IntArray:
    """Sums over the classes from each on, (.., classes)."""
    sums: IntArray = np.cumsum(worth[:, ::-1], axis=1)[:, ::-1]
    return sums


def _shared(loss: IntArray, terms: Terms) -> int:
    """What sharing adds; `loss`, (columns, classes), is what opening by each class costs a column.

    A site is shared from a class on when two of its seats are held by then. So sharing brings the
    bonus of that class, less the two smallest losses of seats that one of their columns has to hold
    by then; each site takes the best class, or none.
    """
    seats = np.diff(terms.seat_ptr)
    of_seat = np.full((seats.size, loss.shape[1]), _FAR)
    np.minimum.at(of_seat, np.repeat(np.arange(seats.size), seats), loss[terms.seat_column])
    of_seat[terms.is_open] = 0

    # a site's seats follow each other, and so do they by their losses
    start = terms.site_ptr[:-1]
    site = np.repeat(np.arange(start.size), np.diff(terms.site_ptr))
    most = np.zeros(start.size, dtype=np.int64)
    for c in range(loss.shape[1]):
        by_loss = of_seat[np.lexsort((of_seat[:, c], site)), c]
        most = np.maximum(most, terms.bonus[c] - by_loss[start] - by_loss[start + 1])
    return int(most.sum())


@inlined
def charge(charged, reward, charges, limits):  # type: ignore[no-untyped-def]
    """Rewards, (columns, classes), less what the limits charge, into `charged`; what they pay back.

    `charges`, (limits, classes): above 0 for the most that a limit allows, below 0 for the least.
    """
    amount, least, most = limits
    for column in range(reward.shape[0]):
        for k in range(reward.shape[1]):
            charged[column, k] = reward[column, k]

    paid = charges.dtype.type(0)
    for limit in range(charges.shape[0]):
        for k in range(charges.shape[1]):
            end = most[limit, k] if charges[limit, k] > 0 else least[limit, k]
            paid += charges[limit, k] * end
        for column in range(reward.shape[0]):
            # an open column uses the limit in the later phases too
            owed = charges.dtype.type(0)
            for k in range(charges.shape[1] - 1, -1, -1):
                owed += charges[limit, k]
                charged[column, k] -= owed * amount[limit, column]
    return paid


@inlined
def uncharged(weight, now):  # type: ignore[no-untyped-def]
    """Sum of the weight that the multipliers leave, both (rows, classes)."""
    total = weight.dtype.type(0)
    for row in range(weight.shape[0]):
        for k in range(weight.shape[1]):
            total += weight[row, k] - now[row, k]
    return total


@inlined
def score_columns(score, now, reward, col_ptr, col_row):  # type: ignore[no-untyped-def]
    """What each column is worth in each class: its reward, and its rows from that phase on."""
    columns, classes = score.shape
    if classes == 2:
        # the usual case, with both sums in registers
        for column in range(columns):
            earlier = score.dtype.type(0)
            later = score.dtype.type(0)
            for entry in range(col_ptr[column], col_ptr[column + 1]):
                row = col_row[entry]
                earlier += now[row, 0]
                later += now[row, 1]
            score[column, 0] = earlier
            score[column, 1] = later
    else:
        for column in range(columns):
            for k in range(classes):
                score[column, k] = 0
            for entry in range(col_ptr[column], col_ptr[column + 1]):
                for k in range(classes):
                    score[column, k] += now[col_row[entry], k]

    # an open column serves the later phases too
    for column in range(columns):
        for k in range(classes - 2, -1, -1):
            score[column, k] += score[column, k + 1]
        for k in range(classes):
            score[column, k] += reward[column, k]


@inner
def inner_value(score, first, budget, prices, terms, picked, best, opened):  # type: ignore[no-untyped-def]
    """What the counts pay, and what the columns gain, site by site, in their best classes.

    `score`, (columns, classes). Brings `picked`, (columns,), to the class of each column, `best`,
    (columns,), to what it gains there, and `opened`, (classes,), to the columns open by each class.
    """
    classes = prices.size
    total = score.dtype.type(0)
    for k in range(classes):
        total += budget[k] * prices[k]
        opened[k] = 0
    for column in range(first.size):
        most = score.dtype.type(0)
        pick = classes
        for k in range(first[column], classes):
            gain = score[column, k] - prices[k]
            if gain > most:
                most = gain
                pick = k
        best[column] = most
        picked[column] = pick
        total += most

    if terms.site_ptr.size > 1:
        total += _shared_value(score, first, prices, terms, picked, best)
    for column in range(first.size):
        for k in range(picked[column], classes):
            opened[k] += 1
    return total


@inlined
def _shared_value(score, first, prices, terms, picked, best):  # type: ignore[no-untyped-def]
    """What sharing adds, site by site: the best of no sharing and of sharing from each class on.

    A site is shared from a class on when two of its seats are held by then. So sharing brings the
    bonus of that class, less the two smallest losses of seats that one of their columns has to hold
    by then. The columns that do so change their class in `picked`.
    """
    site_ptr, seat_ptr, seat_column = terms.site_ptr, terms.seat_ptr, terms.seat_column
    is_open, bonus = terms.is_open, terms.bonus
    classes = prices.size
    none = np.int64(-1)
    total = score.dtype.type(0)
    for site in range(site_ptr.size - 1):
        most = score.dtype.type(0)
        one = two = none
        shared_by = classes
        for c in range(classes):
            # the two seats that lose least by being held by class c, and the columns that hold them
            first_loss = second_loss = score.dtype.type(-1)
            first_by = second_by = none
            for seat in range(site_ptr[site], site_ptr[site + 1]):
                loss, by = score.dtype.type(0), none
                if not is_open[seat]:
                    loss, by = _holding(c, seat, score, first, prices, seat_ptr, seat_column, best)
                    if by < 0:
                        continue
                if first_loss < 0 or loss < first_loss:
                    second_loss, second_by = first_loss, first_by
                    first_loss, first_by = loss, by
                elif second_loss < 0 or loss < second_loss:
                    second_loss, second_by = loss, by
            if second_loss >= 0 and bonus[c] - first_loss - second_loss > most:
                most = bonus[c] - first_loss - second_loss
                one, two, shared_by = first_by, second_by, c

        total += most
        if one >= 0:
            picked[one] = _best_by(shared_by, one, score, first, prices)
        if two >= 0:
            picked[two] = _best_by(shared_by, two, score, first, prices)
    return total


@inlined
def _holding(c, seat, score, first, prices, seat_ptr, seat_column, best):  # type: ignore[no-untyped-def]
    """Least that a column of a seat loses by opening by class `c`, and that column, or -1."""
    least = score.dtype.type(0)
    by = np.int64(-1)
    for entry in range(seat_ptr[seat], seat_ptr[seat + 1]):
        column = seat_column[entry]
        for k in range(first[column], c + 1):
            loss = best[column] - (score[column, k] - prices[k])
            if by < 0 or loss < least:
                least = loss
                by = np.int64(column)
    return least, by


@inner
def _best_by(c, column, score, first, prices):  # type: ignore[no-untyped-def]
    """Best class of a column among those up to class `c`."""
    pick = first[column]
    for k in range(first[column] + 1, c + 1):
        if score[column, k] - prices[k] > score[column, pick] - prices[pick]:
            pick = k
    return pick
