"""How much better any other plan could be: a Lagrangian bound over all phases, with a certificate.

Each (row, phase) gets a multiplier between 0 and its weight: what being covered would be worth
there. Columns are then worth the sum of the multipliers they reach and compete for the counts of
the phases, whose prices are part of the certificate too. Whatever the multipliers and prices,

    sum(weight - multiplier) + sum(count * price) + sum(over columns, of the best of 0 and worth -
    price over classes)

is an upper bound for every nested plan, so whole-numbered ones give an exact bound that anyone can
recompute. The multipliers are improved by a deflected subgradient method with Polyak steps, going
back to the best point after idle steps.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from planner.errors import ProblemError
from planner.optimise.compiled import compiled, inner
from planner.optimise.problem import FloatArray, IntArray, Problem
from planner.optimise.reduce import Cover, Reduced, reduce

#: Share of the last direction kept in the next one; without it the method stalls 0.3 % too high.
DEFLECTION = 0.7
#: After some idle iterations the step shrinks by this much.
SHRINK = 0.7
#: An iteration is idle if it lowers the bound by less than this share.
_PROGRESS = 1e-6
#: Rounds of the search for prices, which ends sooner as a rule.
_PRICE_ROUNDS = 60
#: Work spent on the bound of one phase alone.
_PHASE_ITERATIONS = 100

#: Places in the counts of a state.
_BEST, _STEP, _IDLE, _LENGTH = range(4)


@dataclass(frozen=True, slots=True, eq=False)
class Certificate:
    """Proof of a bound: recomputed by `verify` from these numbers and the problem alone.

    Attributes
    ----------
    checksum : str
        SHA-256 of the reduced problem it belongs to.
    multipliers : int array, (rows of the reduced problem, classes)
        Each from 0 to the weight of its row in that phase, in integer units.
    prices : int array, (classes,)
        Price of a column in each class, in integer units.
    digest : str
        SHA-256 of checksum, multipliers and prices, so that a changed number is noticed.
    """

    checksum: str
    multipliers: IntArray
    prices: IntArray
    digest: str


def certify(reduced: Reduced, multipliers: IntArray, prices: IntArray) -> Certificate:
    """A certificate of these multipliers and prices for a reduced problem."""
    checksum = reduced.checksum()
    return Certificate(checksum, multipliers, prices, _digest(checksum, multipliers, prices))


def verify(problem: Problem, certificate: Certificate) -> float:
    """Recompute an upper bound of the sum of the phases' values from a certificate.

    Parameters
    ----------
    problem : Problem
    certificate : Certificate

    Returns
    -------
    float
        The bound, in units of `weight`, rounded up.

    Raises
    ------
    ProblemError
        If the certificate belongs to another problem, has the wrong shape, a multiplier out of
        range, or was changed.
    """
    return bound_of(reduce(problem), certificate)


def bound_of(reduced: Reduced, certificate: Certificate) -> float:
    """The bound that a certificate proves of a problem that was reduced; see :func:`verify`."""
    weight = reduced.weight
    multipliers, prices = certificate.multipliers, certificate.prices
    if certificate.checksum != reduced.checksum():
        raise ProblemError("the certificate belongs to another problem", "该证书属于另一个问题")
    if multipliers.shape != weight.shape or prices.shape != (weight.shape[1],):
        raise ProblemError("the certificate has the wrong shape", "证书的形状不符")
    if multipliers.dtype != np.int64 or prices.dtype != np.int64:
        raise ProblemError("the certificate must hold whole numbers", "证书须为整数")
    if np.any(multipliers < 0) or np.any(multipliers > weight):
        raise ProblemError(
            "a multiplier of the certificate is out of range", "证书中有乘子超出范围"
        )
    if certificate.digest != _digest(certificate.checksum, multipliers, prices):
        raise ProblemError("the certificate was changed after it was made", "证书在生成后被改动")
    return in_units(reduced, evaluate(reduced, multipliers, prices))


def _digest(checksum: str, multipliers: IntArray, prices: IntArray) -> str:
    digest = hashlib.sha256(checksum.encode())
    digest.update(np.ascontiguousarray(multipliers).astype("<i8").tobytes())
    digest.update(np.ascontiguousarray(prices).astype("<i8").tobytes())
    return digest.hexdigest()


def evaluate(reduced: Reduced, multipliers: IntArray, prices: IntArray) -> int:
    """The bound of whole-numbered multipliers and prices, exact, in integer units.

    It contains the constant of all phases.
    """
    cover, weight = reduced.cover.unsigned(), reduced.weight
    open_part = _evaluate(cover, weight, multipliers, prices, reduced.budget, reduced.first)
    return int(reduced.constant.sum()) + int(open_part)


def in_units(reduced: Reduced, bound: int) -> float:
    """An integer bound in the caller's units.

    It goes down to the next possible sum, and then never below its true size.
    """
    whole = bound // reduced.step * reduced.step
    value = whole / reduced.scale
    return value if int(value * reduced.scale) >= whole else math.nextafter(value, math.inf)


@compiled
def _evaluate(cover, weight, multipliers, prices, budget, first):  # type: ignore[no-untyped-def]
    """The bound without the constant, in whole numbers; weight and multipliers, (rows, classes)."""
    col_ptr, col_row = cover.col_ptr, cover.col_row
    total = np.int64(0)
    classes = prices.size
    for row in range(weight.shape[0]):
        for k in range(classes):
            total += weight[row, k] - multipliers[row, k]
    for k in range(classes):
        total += budget[k] * prices[k]

    # each column takes the class in which it is worth most above the price, or none
    worth = np.zeros(classes, dtype=np.int64)
    for column in range(first.size):
        for k in range(classes):
            worth[k] = 0
        for entry in range(col_ptr[column], col_ptr[column + 1]):
            for k in range(classes):
                worth[k] += multipliers[col_row[entry], k]
        score = np.int64(0)
        most = np.int64(0)
        for k in range(classes - 1, first[column] - 1, -1):
            score += worth[k]
            most = max(most, score - prices[k])
        total += most
    return total


class _Descent(NamedTuple):
    """Where the search for multipliers stands, in integer units as floats."""

    #: Multipliers, (rows, classes), and prices, (classes,): now, and those of the best bound.
    now: FloatArray
    prices: FloatArray
    best: FloatArray
    best_prices: FloatArray
    #: Direction of the last step, (rows, classes).
    direction: FloatArray
    #: Class of each column in the inner problem, (columns,), the number of classes being none,
    #: and chosen columns over each row up to each class, (rows, classes).
    chosen: NDArray[np.int8]
    over: NDArray[np.int32]
    #: Best bound, iterations, idle iterations in a row, length of the steps.
    counts: FloatArray


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
        Value of a known plan without the constant, for the length of the steps.
    iterations : int
        Length of the search, which decides how soon the steps shrink.
    start : float array, (rows, classes), optional
        First multipliers; by default half of each weight.
    """

    reduced: Reduced
    weight: IntArray
    budget: IntArray
    first: NDArray[np.int8]
    target: int
    iterations: int
    start: FloatArray | None = None
    _cover: Cover = field(init=False)
    _state: _Descent = field(init=False)

    def __post_init__(self) -> None:
        rows, classes = self.weight.shape
        start = self.weight * 0.5 if self.start is None else np.clip(self.start, 0, self.weight)
        self._cover = self.reduced.cover.unsigned()
        self._state = _Descent(
            now=start.astype(np.float64),
            prices=np.zeros(classes),
            best=start.astype(np.float64),
            best_prices=np.zeros(classes),
            direction=np.zeros((rows, classes)),
            chosen=np.full(self.first.size, classes, dtype=np.int8),
            over=np.zeros((rows, classes), dtype=np.int32),
            counts=np.array([np.inf, 0.0, 0.0, 1.0]),
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
        return min(20, max(3, self.iterations // 40))

    def advance(self, steps: int) -> None:
        """Do some more iterations."""
        if self.weight.size:
            target, weight = float(self.target), self.weight.astype(np.float64)
            budget, first, cover = self.budget, self.first, self._cover
            _descend(steps, self.patience, target, weight, budget, first, cover, self._state)

    def rounded(self) -> tuple[IntArray, IntArray]:
        """The best multipliers and prices so far as whole numbers within their range."""
        multipliers = np.clip(np.round(self.best).astype(np.int64), 0, self.weight)
        return multipliers, np.round(self.prices).astype(np.int64)

    def exact_bound(self) -> int:
        """The bound of the rounded multipliers, exact, without the constant."""
        numbers = self.rounded()
        return int(_evaluate(self._cover, self.weight, *numbers, self.budget, self.first))


@compiled
def _descend(steps, patience, target, weight, budget, first, cover, state):  # type: ignore[no-untyped-def]
    """Do some iterations; `weight`, (rows, classes), as floats."""
    now, prices, best, best_prices, direction, chosen, over, counts = state
    col_ptr, col_row = cover.col_ptr, cover.col_row
    available = _available(first, prices.size)
    score = np.empty((first.size, prices.size))
    work = np.empty(first.size)
    for _ in range(steps):
        # the inner problem: what columns are worth, and what the counts make them cost
        bound = _uncharged(weight, now)
        _score(score, now, first, col_ptr, col_row)
        bound += _settle_prices(score, budget, available, prices, work)
        counts[_IDLE] = 0 if bound < counts[_BEST] * (1 - _PROGRESS) else counts[_IDLE] + 1
        if bound < counts[_BEST]:
            counts[_BEST] = bound
            _copy(now, prices, best, best_prices)
        counts[_STEP] += 1

        # after idle iterations back to the best point, with shorter steps and no old direction
        if counts[_IDLE] >= patience:
            counts[_IDLE] = 0
            counts[_LENGTH] *= SHRINK
            _copy(best, best_prices, now, prices)
            _score(score, now, first, col_ptr, col_row)
            for row in range(direction.shape[0]):
                for k in range(direction.shape[1]):
                    direction[row, k] = 0.0

        _choose(score, prices, chosen, over, col_ptr, col_row)
        norm = _turn(direction, over, now, weight)
        if norm == 0 or counts[_BEST] <= target:
            return
        _walk(now, direction, weight, counts[_LENGTH] * (bound - target) / norm)


def phase_bounds(reduced: Reduced, multipliers: IntArray, value: FloatArray) -> FloatArray:
    """Bound of each phase alone, whatever the others hold, (phases,), in the caller's units.

    Parameters
    ----------
    reduced
        The problem.
    multipliers : int array, (rows, classes)
        Those of a certificate: what all phases share is a good start for one of them.
    value : array, (phases,)
        What a known plan covers in each phase, in the caller's units.
    """
    bounds = [in_units(reduced, int(total)) for total in reduced.constant]
    taken = np.cumsum(reduced.budget)
    for k, phase in enumerate(reduced.classes):
        first = np.where(reduced.first <= k, 0, 1).astype(np.int8)
        weight = np.ascontiguousarray(reduced.weight[:, k : k + 1])
        constant = int(reduced.constant[phase])
        target = int(value[phase] * reduced.scale) - constant

        start = np.ascontiguousarray(multipliers[:, k : k + 1], dtype=np.float64)
        budget = taken[k : k + 1]
        alone = Dual(reduced, weight, budget, first, target, _PHASE_ITERATIONS, start)
        alone.advance(_PHASE_ITERATIONS)
        bounds[phase] = in_units(reduced, constant + alone.exact_bound())
    return np.array(bounds)


@inner
def _available(first, classes):  # type: ignore[no-untyped-def]
    """How many columns each class may take, (classes,)."""
    available = np.zeros(classes, dtype=np.int64)
    for column in range(first.size):
        for k in range(first[column], classes):
            available[k] += 1
    return available


@inner
def _uncharged(weight, now):  # type: ignore[no-untyped-def]
    """Sum of the weight that the multipliers leave, both (rows, classes)."""
    total = 0.0
    for row in range(weight.shape[0]):
        for k in range(weight.shape[1]):
            total += weight[row, k] - now[row, k]
    return total


@inner
def _score(score, now, first, col_ptr, col_row):  # type: ignore[no-untyped-def]
    """What each column is worth in each class: the multipliers of its rows from that phase on."""
    classes = now.shape[1]
    if classes == 2:
        # the usual case, with both sums in registers
        for column in range(first.size):
            earlier = 0.0
            later = 0.0
            for entry in range(col_ptr[column], col_ptr[column + 1]):
                row = col_row[entry]
                earlier += now[row, 0]
                later += now[row, 1]
            score[column, 0] = earlier
            score[column, 1] = later
    else:
        for column in range(first.size):
            for k in range(classes):
                score[column, k] = 0.0
            for entry in range(col_ptr[column], col_ptr[column + 1]):
                for k in range(classes):
                    score[column, k] += now[col_row[entry], k]

    # an open column serves the later phases too; before its first class it may not be open
    for column in range(first.size):
        for k in range(classes - 2, -1, -1):
            score[column, k] += score[column, k + 1]
        for k in range(min(first[column], classes)):
            score[column, k] = -1e300


@inner
def _settle_prices(score, budget, available, prices, work):  # type: ignore[no-untyped-def]
    """Best prices for the counts; returns the value of the inner problem.

    Exact steps along the price of each class and along all at once; `score`, (columns, classes).
    """
    columns, classes = score.shape
    total = 0
    for k in range(classes):
        total += budget[k]
    value = np.inf
    for _ in range(_PRICE_ROUNDS):
        # at the best price of a class its count of columns gains more there than elsewhere
        for move in range(classes):
            for column in range(columns):
                other = 0.0
                for k in range(classes):
                    if k != move:
                        other = max(other, score[column, k] - prices[k])
                work[column] = score[column, move] - other
            prices[move] = largest(work, min(budget[move] + 1, available[move]))

        # and at the best shift of all prices the total count gains anything at all
        if classes > 1:
            for column in range(columns):
                most = -np.inf
                for k in range(classes):
                    most = max(most, score[column, k] - prices[k])
                work[column] = most
            shift = largest(work, min(total + 1, available[classes - 1]))
            for k in range(classes):
                prices[k] += shift

        now = _inner_value(score, budget, prices)
        if now >= value - 1e-9 * abs(value):
            return min(now, value)
        value = now
    return value


@inner
def _inner_value(score, budget, prices):  # type: ignore[no-untyped-def]
    """What the counts pay, and what each column gains in its best class or in none."""
    columns, classes = score.shape
    total = 0.0
    for k in range(classes):
        total += budget[k] * prices[k]
    for column in range(columns):
        most = 0.0
        for k in range(classes):
            most = max(most, score[column, k] - prices[k])
        total += most
    return total


@inner
def largest(values, rank):  # type: ignore[no-untyped-def]
    """The `rank`-th largest of some values (1 = the largest), by quickselect; reorders them."""
    low = 0
    high = values.size - 1
    want = rank - 1
    while low < high:
        # values from `low` to `high` are parted: down to the pivot first, then up to it
        pivot = values[(low + high) // 2]
        left = low
        right = high
        while left <= right:
            while values[left] > pivot:
                left += 1
            while values[right] < pivot:
                right -= 1
            if left <= right:
                values[left], values[right] = values[right], values[left]
                left += 1
                right -= 1

        # only the part that holds the place goes on; what lies between both equals the pivot
        if want <= right:
            high = right
        elif want >= left:
            low = left
        else:
            break
    return values[want]


@inner
def _copy(multipliers, prices, to, to_prices):  # type: ignore[no-untyped-def]
    for row in range(multipliers.shape[0]):
        for k in range(prices.size):
            to[row, k] = multipliers[row, k]
    for k in range(prices.size):
        to_prices[k] = prices[k]


@inner
def _choose(score, prices, chosen, over, col_ptr, col_row):  # type: ignore[no-untyped-def]
    """Each column takes its best class; counts over the rows follow the changes."""
    columns, classes = score.shape
    for column in range(columns):
        pick = classes
        most = 0.0
        for k in range(classes):
            if score[column, k] - prices[k] > most:
                most = score[column, k] - prices[k]
                pick = k
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


@inner
def _turn(direction, over, now, weight):  # type: ignore[no-untyped-def]
    """Turn the direction towards the slope; the square of its length, all (rows, classes).

    Where the direction leaves the range of a multiplier it does not count.
    """
    norm = 0.0
    for row in range(direction.shape[0]):
        for k in range(direction.shape[1]):
            slope = over[row, k] - 1.0
            along = (1 - DEFLECTION) * slope + DEFLECTION * direction[row, k]
            direction[row, k] = along
            if (along > 0 and now[row, k] > 0) or (along < 0 and now[row, k] < weight[row, k]):
                norm += along * along
    return norm


@inner
def _walk(now, direction, weight, length):  # type: ignore[no-untyped-def]
    """A step down, kept within the range of each multiplier."""
    for row in range(now.shape[0]):
        for k in range(now.shape[1]):
            down = now[row, k] - length * direction[row, k]
            now[row, k] = min(weight[row, k], max(0.0, down))
