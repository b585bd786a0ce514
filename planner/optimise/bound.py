"""How much better any other plan could be: a Lagrangian bound over all phases.

The inner problem is that of :mod:`planner.optimise.lagrangian`. Its multipliers are improved by a
subgradient method with averaged directions and Polyak steps, which are as long as what is still
missing to a known plan says and shrink after idle steps. A multiplier moves in proportion to the
root of its weight: rows that stand for many pieces of demand have far to go. What limits charge is
improved with them, in proportion to what a column is worth for the amounts that it uses.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from planner.compiled import compiled, inlined
from planner.optimise.certificate import Numbers, in_units
from planner.optimise.knapsack import count_parts, fixed_worth, score_parts
from planner.optimise.lagrangian import (
    Terms,
    charge,
    evaluate,
    inner_value,
    no_terms,
    score_columns,
    uncharged,
)
from planner.optimise.limits import Limits, most_charge, no_limits
from planner.optimise.objective import first_cover
from planner.optimise.problem import FloatArray, IntArray
from planner.optimise.reduce import Cover, Reduced

#: Share of the last direction kept in the next one. On the packaged case 0.7 and 0.9 prove less
#: here; `by_count`, which has one class and steps in proportion to the weight, keeps 0.7.
DEFLECTION = 0.8
#: After some idle iterations the step shrinks by this much.
SHRINK = 0.7
#: An iteration is idle if it lowers the bound by less than this share.
_PROGRESS = 1e-5
#: Prices tried for each phase, at first and from then on, and the share of a count that may be
#: missed: one in so many.
_FIRST_TRIES, _TRIES = 40, 5
_SLACK = 256
#: First length of the steps from multipliers of another question, and from those of an earlier
#: answer with their prices: longer ones would lose them.
NEAR, _NEARER = 0.25, 0.05
#: Work spent on the bound of one phase alone.
PHASE_ITERATIONS = 50

#: How far charges move beside the multipliers, for each column there is: of 400 columns, 400 left
#: bounds under a budget that ran away, 1 gaps twice as wide; of 12,000 columns 600 ran away.
_CHARGED = 20

#: Places in the counts of a state.
_BEST, _STEP, _IDLE, _LENGTH = range(4)


class _Descent(NamedTuple):
    """Where the search for multipliers stands, in integer units as floats."""

    #: Multipliers, (rows, classes), prices, (classes,), and what limits charge, (limits, classes):
    #: now, and those of the best bound.
    now: FloatArray
    prices: FloatArray
    charges: FloatArray
    best: FloatArray
    best_prices: FloatArray
    best_charges: FloatArray
    #: Direction of the last step and how far each multiplier moves along it, (rows, classes), and
    #: the same of the charges, (limits, classes).
    direction: FloatArray
    ease: FloatArray
    charge_direction: FloatArray
    charge_ease: FloatArray
    #: Class of each column in the inner problem, (columns,), the number of classes being none,
    #: and chosen columns over each row up to each class, (rows, classes).
    chosen: NDArray[np.int8]
    over: NDArray[Any]
    #: Where columns carry only so much, the price of load of each and the share of the rows at it
    #: that it takes, (columns, classes).
    load_price: FloatArray
    load_share: FloatArray
    #: By how much the price of a phase moves for each column too many, (classes,).
    rates: FloatArray
    #: Best bound, iterations, idle iterations in a row, length of the steps.
    counts: FloatArray


class Start(NamedTuple):
    """Where a search for multipliers begins: theirs, (rows, classes), and prices, (classes,).

    And how long its first steps are.
    """

    multipliers: FloatArray
    prices: FloatArray
    length: float = NEAR


@dataclass(slots=True, eq=False)
class Dual:
    """The search for good multipliers.

    Parameters
    ----------
    reduced : Reduced
    weight : int array, (rows, classes)
        Worth of each row per phase.
    budget : int array, (classes,)
        Columns to open in each class.
    first : int8 array, (columns,)
        First class of each column; from the number of classes on: never.
    target : int
        Value of a known plan without the constant, for the length of the steps. It may rise
        between two calls of `advance`.
    iterations : int
        Length of the search, which decides how soon the steps shrink.
    start : Start, optional
        First multipliers and prices; by default half of each weight, and nothing.
    terms : Terms, optional
        What counts beside coverage; by default nothing.
    limits : Limits, optional
        By default none.
    """

    reduced: Reduced
    weight: IntArray
    budget: IntArray
    first: NDArray[np.int8]
    target: int
    iterations: int
    start: Start | None = None
    terms: Terms | None = None
    limits: Limits | None = None
    _cover: Cover = field(init=False)
    _terms: Terms = field(init=False)
    _limits: Limits = field(init=False)
    _state: _Descent = field(init=False)

    def __post_init__(self) -> None:
        rows, classes = self.weight.shape
        if self.start is None:
            start, prices = self.weight * 0.5, np.zeros(classes)
        else:
            start, prices = np.clip(self.start.multipliers, 0, self.weight), self.start.prices
        self._cover = self.reduced.cover.unsigned()
        carriers = 0 if self.reduced.carried is None else self.reduced.carried.cap.size
        self._terms = no_terms(self.first.size, classes) if self.terms is None else self.terms
        limits = no_limits(self.first.size, classes) if self.limits is None else self.limits
        self._limits = limits
        ease = np.sqrt(self.weight.astype(np.float64))
        self._state = _Descent(
            now=start.astype(np.float64),
            prices=prices.astype(np.float64),
            charges=np.zeros(limits.least.shape),
            best=start.astype(np.float64),
            best_prices=prices.astype(np.float64),
            best_charges=np.zeros(limits.least.shape),
            direction=np.zeros((rows, classes)),
            ease=ease,
            charge_direction=np.zeros(limits.least.shape),
            charge_ease=_charge_ease(limits, float(ease.sum()), int(self.budget.sum())),
            chosen=np.full(self.first.size, classes, dtype=np.int8),
            over=np.zeros((rows, classes), dtype=np.float64 if carriers else np.int32),
            load_price=np.zeros((carriers, classes)),
            load_share=np.zeros((carriers, classes)),
            rates=np.zeros(classes),
            counts=np.array([np.inf, 0.0, 0.0, 1.0 if self.start is None else self.start.length]),
        )

    @property
    def best(self) -> FloatArray:
        """Multipliers of the best bound so far, (rows, classes)."""
        return self._state.best

    @property
    def prices(self) -> FloatArray:
        """Prices of the best bound so far, (classes,)."""
        return self._state.best_prices

    @property
    def charges(self) -> FloatArray:
        """What limits charge at the best bound so far, (limits, classes)."""
        return self._state.best_charges

    @property
    def bound(self) -> float:
        """Best bound so far without the constant, in integer units (not yet exact)."""
        return float(self._state.counts[_BEST])

    @property
    def step(self) -> int:
        """Iterations done."""
        return int(self._state.counts[_STEP])

    @property
    def patience(self) -> int:
        """Idle iterations before the steps shrink: in a short search sooner."""
        return min(15, max(3, self.iterations // 70))

    def advance(self, steps: int) -> None:
        """Do some more iterations."""
        if self.weight.size:
            target, weight = float(self.target), self.weight.astype(np.float64)
            budget, first, cover = self.budget, self.first, self._cover
            terms = self._terms._replace(
                reward=self._terms.reward.astype(np.float64),
                bonus=self._terms.bonus.astype(np.float64),
            )
            carried, limits = self.reduced.carried, self._limits
            _descend(
                steps, self.patience, target, weight, budget, first, cover, terms, carried, limits,
                self._state,
            )  # fmt: skip

    def rounded(self) -> Numbers:
        """The best numbers so far as whole ones within their range."""
        multipliers = np.clip(np.round(self.best).astype(np.int64), 0, self.weight)
        most = most_charge(self._limits)[:, None]
        charges = np.clip(np.round(self.charges), -most, most).astype(np.int64)
        return Numbers(multipliers, np.round(self.prices).astype(np.int64), charges)

    def exact_bound(self) -> int:
        """The bound of the rounded multipliers, exact, without the constant."""
        numbers = self.rounded()
        reduced = self.reduced
        return evaluate(
            reduced.cover, self.weight, *numbers, self.budget, self.first, self._terms,
            reduced.carried, self._limits,
        )  # fmt: skip


def _charge_ease(limits: Limits, ease: float, count: int) -> FloatArray:
    """How far each charge moves for each unit of amount too much, (limits, classes).

    `ease` is that of all multipliers. So a limit that is missed by all it allows moves its charge
    by the share of a column's worth by which the multipliers of rows that nobody covers move.
    """
    columns = max(1, limits.amount.shape[1])
    members = np.maximum(1, np.count_nonzero(limits.amount, axis=1))
    mean = np.maximum(1, limits.amount.sum(axis=1) / members)[:, None]
    is_open = limits.most < limits.amount.sum(axis=1)[:, None]
    size = np.maximum(np.where(is_open, limits.most, limits.least), mean)
    share: FloatArray = _CHARGED * ease / (columns * max(1, count) * mean * size)
    return share


def fitted(weight: IntArray, numbers: Numbers) -> Start | None:
    """Numbers of one problem as a start for another with nearly the same rows, like `weight`.

    Rows are ordered by their columns, so where nothing but weights and counts changed they are the
    same. A row that is covered no more than once has its whole weight as multiplier. Most are such,
    so by their middle ratio the others follow from one unit to another, class by class. None where
    the shapes, (rows, classes), differ.
    """
    if numbers.multipliers.shape != weight.shape:
        return None
    multipliers = numbers.multipliers.astype(np.float64)
    prices = numbers.prices.astype(np.float64)
    for k in range(weight.shape[1]):
        is_priced = (multipliers[:, k] > 0) & (weight[:, k] > 0)
        if is_priced.any():
            ratio = np.median(weight[is_priced, k] / multipliers[is_priced, k])
            multipliers[:, k] *= ratio
            prices[k] *= ratio
    return Start(multipliers, prices, _NEARER)


def carried_over(before: Reduced, numbers: Numbers, reduced: Reduced) -> Start | None:
    """Numbers of one problem as a start for another with the same rows but other columns.

    Rows with the same columns are one; which these are differs. Each takes its share by weight.
    None where the numbers, (rows, classes), are not those of the first.
    """
    fits = numbers.multipliers.shape == before.weight.shape
    if not fits or before.weight.shape[1] != reduced.weight.shape[1]:
        return None
    multipliers = spread(before, numbers.multipliers.astype(np.float64), reduced)
    prices = numbers.prices.astype(np.float64) * (reduced.scale / before.scale)
    return Start(multipliers, prices, _NEARER)


def spread(before: Reduced, multipliers: FloatArray, reduced: Reduced) -> FloatArray:
    """Multipliers of one problem over the rows of another with the same rows, (rows, classes).

    Rows that fixed columns cover in the first are none there, and begin with nothing, as do those
    at the end that only the other has.
    """
    of_before = np.full(reduced.rows, -1, dtype=np.int64)
    both = min(len(reduced.source_row), len(before.source_row))
    now, then = reduced.source_row[:both], before.source_row[:both]
    is_both = (now >= 0) & (then >= 0)
    of_before[now[is_both]] = then[is_both]
    share = np.where(before.weight > 0, multipliers / np.maximum(1, before.weight), 0.0)
    over, known = np.zeros(reduced.weight.shape), of_before >= 0
    over[known] = share[of_before[known]] * reduced.weight[known]
    return over


@compiled
def _descend(  # type: ignore[no-untyped-def]
    steps, patience, target, weight, budget, first, cover, terms, carried, limits, state
):
    """Do some iterations; `weight`, (rows, classes), as floats."""
    now, prices, best, best_prices = state.now, state.prices, state.best, state.best_prices
    direction, ease, chosen, over = state.direction, state.ease, state.chosen, state.over
    charges, best_charges, counts = state.charges, state.best_charges, state.counts
    charge_direction, charge_ease = state.charge_direction, state.charge_ease
    col_ptr, col_row, reward = cover.col_ptr, cover.col_row, np.empty(terms.reward.shape)
    score = np.empty((cover.col_ptr.size - 1, prices.size))
    picked = np.empty_like(chosen)
    for _ in range(steps):
        # the inner problem: what columns are worth, and what counts and limits make them cost
        bound = charge(reward, terms.reward, charges, limits)
        if carried is None:
            score_columns(score, now, reward, col_ptr, col_row)
        else:
            score_parts(score, now, reward, cover, carried, state.load_price, state.load_share)
            bound += fixed_worth(score, first.size)
        bound += uncharged(weight, now)
        bound += _settle_prices(score, first, budget, prices, state.rates, terms, picked)
        counts[_IDLE] = 0 if bound < counts[_BEST] * (1 - _PROGRESS) else counts[_IDLE] + 1
        if bound < counts[_BEST]:
            counts[_BEST] = bound
            _copy(now, prices, charges, best, best_prices, best_charges)
        counts[_STEP] += 1

        # whoever stands still for long takes shorter steps from then on
        if counts[_IDLE] >= patience:
            counts[_IDLE] = 0
            counts[_LENGTH] *= SHRINK

        if carried is None:
            _choose(picked, chosen, over, col_ptr, col_row)
        else:
            count_parts(picked, now, cover, carried, state.load_price, state.load_share, over)
            for column in range(picked.size):
                chosen[column] = picked[column]
        norm = _turn(direction, ease, over, now, weight)
        norm += _turn_charges(charge_direction, charge_ease, chosen, charges, limits)
        if norm == 0 or counts[_BEST] <= target:
            return
        length = counts[_LENGTH] * (bound - target) / norm
        _walk(now, direction, ease, weight, length)
        _walk_charges(charges, charge_direction, charge_ease, length, limits)


def phase_bounds(
    reduced: Reduced,
    multipliers: IntArray,
    value: FloatArray,
    iterations: int = PHASE_ITERATIONS,
) -> FloatArray:
    """Bound of each phase alone, whatever the others hold, (phases,), in the caller's units.

    Parameters
    ----------
    reduced
        The problem.
    multipliers : int array, (rows, classes)
        Those of a certificate: what all phases share is a good start for one of them.
    value : array, (phases,)
        What a known plan covers in each phase, in the caller's units.
    iterations
        Work spent on each.
    """
    bounds = [in_units(reduced.scale, reduced.step, int(total)) for total in reduced.constant]
    taken = np.cumsum(reduced.budget)
    reached = first_cover(reduced, reduced.first)
    for k, phase in enumerate(reduced.classes):
        first = np.where(reduced.first <= k, 0, 1).astype(np.int8)
        weight = np.ascontiguousarray(reduced.weight[:, k : k + 1])
        constant = int(reduced.constant[phase])
        target = int(value[phase] * reduced.scale) - constant

        start = Start(multipliers[:, k : k + 1].astype(np.float64), np.zeros(1))
        budget = taken[k : k + 1]
        alone = Dual(reduced, weight, budget, first, target, iterations, start)
        alone.advance(iterations)
        least = min(alone.exact_bound(), int(weight[reached <= k].sum()))
        bounds[phase] = in_units(reduced.scale, reduced.step, constant + least)
    return np.array(bounds)


@inlined
def _settle_prices(score, first, budget, prices, rates, terms, picked):  # type: ignore[no-untyped-def]
    """Good prices for the counts, found from the last ones on; the value of the inner problem.

    The value is convex in the price of each phase, which every class that is open then pays, and
    falls as long as more columns want to be open than may. So a price is hedged in from both sides.
    It need not be the best one: any price gives a bound. `picked`, (columns,), is brought to the
    classes at these prices, `rates`, (classes,), to what a price moves for each column too many.
    """
    classes = prices.size
    best, opened = np.empty(first.size), np.empty(classes, dtype=np.int64)
    kept = prices.copy()
    value = inner_value(score, first, budget, prices, terms, picked, best, opened)
    least = value
    taken = np.int64(0)
    for k in range(classes):
        taken += budget[k]
        excess = before = opened[k] - taken
        is_new = rates[k] == 0
        reach = _mean(score, k) / first.size if is_new else rates[k]
        low, high, over, under, at = -np.inf, np.inf, np.int64(0), np.int64(0), 0.0
        for _ in range(_FIRST_TRIES if is_new else _TRIES):
            if abs(excess) <= taken // _SLACK:
                break
            if excess > 0:
                low, over = at, excess
            else:
                high, under = at, -excess

            # between two prices in proportion, else as far as the last columns came
            if low > -np.inf and high < np.inf:
                to = low + (high - low) * min(0.9, max(0.1, over / (over + under)))
            else:
                to = at + excess * reach
                reach *= 3
            for c in range(k + 1):
                prices[c] += to - at
            at = to
            value = inner_value(score, first, budget, prices, terms, picked, best, opened)
            excess = opened[k] - taken
            if value < least:
                least = value
                for c in range(classes):
                    kept[c] = prices[c]

        if excess != before:
            rate = abs(at / (excess - before))
            rates[k] = rate if is_new else min(3 * rates[k], max(rates[k] / 3, rate))
        if value > least:
            for c in range(classes):
                prices[c] = kept[c]
            value = inner_value(score, first, budget, prices, terms, picked, best, opened)
    return value


@inlined
def _mean(score, k):  # type: ignore[no-untyped-def]
    total = 0.0
    for column in range(score.shape[0]):
        total += abs(score[column, k])
    return total / score.shape[0]


@inlined
def _copy(multipliers, prices, charges, to, to_prices, to_charges):  # type: ignore[no-untyped-def]
    for row in range(multipliers.shape[0]):
        for k in range(prices.size):
            to[row, k] = multipliers[row, k]
    for k in range(prices.size):
        to_prices[k] = prices[k]
        for limit in range(charges.shape[0]):
            to_charges[limit, k] = charges[limit, k]


@inlined
def _choose(picked, chosen, over, col_ptr, col_row):  # type: ignore[no-untyped-def]
    """Each column takes the class picked for it; counts over the rows follow the changes."""
    for column in range(picked.size):
        pick = picked[column]
        old = chosen[column]
        if pick == old:
            continue

        # a column counts from its class on, so only the classes between old and new change
        low = min(pick, old)
        high = max(pick, old)
        sign = 1 if pick < old else -1
        for entry in range(col_ptr[column], col_ptr[column + 1]):
            for k in range(low, high):
                over[col_row[entry], k] += sign
        chosen[column] = pick


@inlined
def _turn(direction, ease, over, now, weight):  # type: ignore[no-untyped-def]
    """Turn the direction towards the slope; the square of its length, all (rows, classes).

    A length counts by how far a step goes there, and not at all where the direction leaves the
    range of a multiplier.
    """
    norm = 0.0
    for row in range(direction.shape[0]):
        for k in range(direction.shape[1]):
            slope = over[row, k] - 1.0
            along = (1 - DEFLECTION) * slope + DEFLECTION * direction[row, k]
            direction[row, k] = along
            if (along > 0 and now[row, k] > 0) or (along < 0 and now[row, k] < weight[row, k]):
                norm += along * along * ease[row, k]
    return norm


@inlined
def _walk(now, direction, ease, weight, length):  # type: ignore[no-untyped-def]
    """A step down, kept within the range of each multiplier."""
    for row in range(now.shape[0]):
        for k in range(now.shape[1]):
            down = now[row, k] - length * ease[row, k] * direction[row, k]
            now[row, k] = min(weight[row, k], max(0.0, down))


@inlined
def _turn_charges(direction, ease, chosen, charges, limits):  # type: ignore[no-untyped-def]
    """Turn the direction of the charges towards the slope; its length, all (limits, classes).

    The slope is how much less than its end the inner problem uses of a limit that is charged or
    broken.
    """
    amount, least, most = limits
    norm = 0.0
    for limit in range(charges.shape[0]):
        for k in range(charges.shape[1]):
            use = np.int64(0)
            for column in range(chosen.size):
                if chosen[column] <= k:
                    use += amount[limit, column]
            slope = 0.0
            if charges[limit, k] > 0 or (charges[limit, k] == 0 and use > most[limit, k]):
                slope = float(most[limit, k] - use)
            elif charges[limit, k] < 0 or use < least[limit, k]:
                slope = float(least[limit, k] - use)
            along = (1 - DEFLECTION) * slope + DEFLECTION * direction[limit, k]
            direction[limit, k] = along
            norm += along * along * ease[limit, k]
    return norm


@inlined
def _walk_charges(charges, direction, ease, length, limits):  # type: ignore[no-untyped-def]
    """A step down; a charge stops at nothing before it charges the other end of its limit."""
    least, most = limits.least, limits.most
    for limit in range(charges.shape[0]):
        for k in range(charges.shape[1]):
            now = charges[limit, k]
            down = now - length * ease[limit, k] * direction[limit, k]
            crosses = (now > 0 and down < 0) or (now < 0 and down > 0)
            charges[limit, k] = 0.0 if crosses and least[limit, k] < most[limit, k] else down
