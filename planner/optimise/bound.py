"""How much better any other plan could be: a Lagrangian bound over all phases at once, with a certificate.

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

import numpy as np
from numpy.typing import NDArray

from planner.errors import ProblemError
from planner.optimise.compiled import compiled
from planner.optimise.problem import FloatArray, IntArray, Problem
from planner.optimise.reduce import Reduced, reduce

#: Share of the last direction kept in the next one; without it the method stalls 0.3 % too high.
DEFLECTION = 0.7
#: After some idle iterations the step shrinks by this much.
SHRINK = 0.7
#: An iteration is idle if it lowers the bound by less than this share.
_PROGRESS = 1e-6
_BEST, _STEP = 0, 1


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
    reduced = reduce(problem)
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
    """The bound of whole-numbered multipliers and prices, exact, in integer units, with the constant of all phases."""
    return int(reduced.constant.sum()) + int(
        _evaluate(
            reduced.col_ptr,
            reduced.col_row,
            reduced.weight,
            multipliers,
            prices,
            reduced.budget,
            reduced.first,
        )
    )


def in_units(reduced: Reduced, bound: int) -> float:
    """An integer bound in the caller's units: down to the next possible sum, then never below its true size."""
    whole = bound // reduced.step * reduced.step
    value = whole / reduced.scale
    return value if int(value * reduced.scale) >= whole else math.nextafter(value, math.inf)


@compiled
def _evaluate(col_ptr, col_row, weight, multipliers, prices, budget, first):  # type: ignore[no-untyped-def]
    total = np.int64(0)
    classes = prices.size
    for row in range(weight.shape[0]):
        for k in range(classes):
            total += weight[row, k] - multipliers[row, k]
    for k in range(classes):
        total += budget[k] * prices[k]
    worth = np.zeros(classes, dtype=np.int64)
    for column in range(first.size):
        for k in range(classes):
            worth[k] = 0
        for at in range(col_ptr[column], col_ptr[column + 1]):
            for k in range(classes):
                worth[k] += multipliers[col_row[at], k]
        score = np.int64(0)
        most = np.int64(0)
        for k in range(classes - 1, first[column] - 1, -1):
            score += worth[k]
            most = max(most, score - prices[k])
        total += most
    return total


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
    best: FloatArray = field(init=False)
    prices: FloatArray = field(init=False)
    _state: tuple[NDArray[np.generic], ...] = field(init=False)
    _count: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        rows, classes = self.weight.shape
        now = (
            self.weight * 0.5 if self.start is None else np.clip(self.start, 0, self.weight)
        ).astype(np.float64)
        self.best = now.copy()
        self.prices = np.zeros(classes)
        self._count = np.array([np.inf, 0.0, 0.0, 1.0])
        self._state = (
            now,
            np.zeros((rows, classes)),  # direction
            np.zeros((rows, classes), dtype=np.int32),  # chosen columns over each row by each class
            np.full(
                self.first.size, classes, dtype=np.int8
            ),  # class of each column in the inner problem
            np.zeros(classes),  # prices
        )

    @property
    def bound(self) -> float:
        """Best bound so far without the constant, in integer units (not yet exact)."""
        return float(self._count[_BEST])

    @property
    def step(self) -> int:
        """Iterations done."""
        return int(self._count[_STEP])

    @property
    def patience(self) -> int:
        """Idle iterations before the steps shrink: in a short search sooner."""
        return min(20, max(3, self.iterations // 40))

    def advance(self, steps: int) -> None:
        """Do some more iterations."""
        if self.weight.size:
            _descend(
                steps,
                self.patience,
                float(self.target),
                self.weight.astype(np.float64),
                self.budget,
                self.first,
                self.reduced.col_ptr,
                self.reduced.col_row,
                self.best,
                self.prices,
                self._count,
                *self._state,
            )

    def rounded(self) -> tuple[IntArray, IntArray]:
        """The best multipliers and prices so far as whole numbers within their range."""
        multipliers = np.clip(np.round(self.best).astype(np.int64), 0, self.weight)
        return multipliers, np.round(self.prices).astype(np.int64)

    def exact_bound(self) -> int:
        """The bound of the rounded multipliers, exact, without the constant."""
        multipliers, prices = self.rounded()
        return int(
            _evaluate(
                self.reduced.col_ptr,
                self.reduced.col_row,
                self.weight,
                multipliers,
                prices,
                self.budget,
                self.first,
            )
        )


@compiled
def _largest(values, rank):  # type: ignore[no-untyped-def]
    """The `rank`-th largest of some values (1 = the largest); works on them in place."""
    low = 0
    high = values.size - 1
    want = rank - 1
    while low < high:
        middle = values[(low + high) // 2]
        i = low
        j = high
        while i <= j:
            while values[i] > middle:
                i += 1
            while values[j] < middle:
                j -= 1
            if i <= j:
                values[i], values[j] = values[j], values[i]
                i += 1
                j -= 1
        if want <= j:
            high = j
        elif want >= i:
            low = i
        else:
            break
    return values[want]


@compiled
def _settle_prices(score, budget, available, prices, work):  # type: ignore[no-untyped-def]
    """Best prices for the counts by exact steps along each class and along all at once; returns the inner value."""
    columns, classes = score.shape
    total = 0
    for k in range(classes):
        total += budget[k]
    value = np.inf
    for _ in range(60):
        for move in range(classes):
            for column in range(columns):
                other = 0.0
                for k in range(classes):
                    if k != move:
                        other = max(other, score[column, k] - prices[k])
                work[column] = score[column, move] - other
            prices[move] = _largest(work, min(budget[move] + 1, available[move]))
        if classes > 1:
            for column in range(columns):
                most = -np.inf
                for k in range(classes):
                    most = max(most, score[column, k] - prices[k])
                work[column] = most
            shift = _largest(work, min(total + 1, available[classes - 1]))
            for k in range(classes):
                prices[k] += shift
        now = 0.0
        for k in range(classes):
            now += budget[k] * prices[k]
        for column in range(columns):
            most = 0.0
            for k in range(classes):
                most = max(most, score[column, k] - prices[k])
            now += most
        if now >= value - 1e-9 * abs(value):
            return min(now, value)
        value = now
    return value


@compiled
def _descend(  # type: ignore[no-untyped-def]
    steps,
    patience,
    target,
    weight,
    budget,
    first,
    col_ptr,
    col_row,
    best,
    best_prices,
    count,
    now,
    direction,
    over,
    chosen,
    prices,
):
    rows, classes = weight.shape
    columns = first.size
    score = np.empty((columns, classes))
    work = np.empty(columns)
    available = np.zeros(classes, dtype=np.int64)
    for column in range(columns):
        for k in range(first[column], classes):
            available[k] += 1
    for _ in range(steps):
        # the inner problem: what columns are worth, what the counts make them cost, who is chosen
        bound = 0.0
        for row in range(rows):
            for k in range(classes):
                bound += weight[row, k] - now[row, k]
        _score(score, now, first, col_ptr, col_row)
        bound += _settle_prices(score, budget, available, prices, work)
        if bound < count[0] * (1 - _PROGRESS):
            count[2] = 0
        else:
            count[2] += 1
        if bound < count[0]:
            count[0] = bound
            _copy(now, prices, best, best_prices)
        count[1] += 1
        if count[2] >= patience:
            count[2] = 0
            count[3] *= SHRINK
            _copy(best, best_prices, now, prices)
            _score(score, now, first, col_ptr, col_row)
            for row in range(rows):
                for k in range(classes):
                    direction[row, k] = 0.0
        _choose(score, prices, chosen, over, col_ptr, col_row)
        # a step down
        norm = 0.0
        for row in range(rows):
            for k in range(classes):
                slope = over[row, k] - 1.0
                along = (1 - DEFLECTION) * slope + DEFLECTION * direction[row, k]
                direction[row, k] = along
                if (along > 0 and now[row, k] > 0) or (along < 0 and now[row, k] < weight[row, k]):
                    norm += along * along
        if norm == 0 or count[0] <= target:
            return
        length = count[3] * (bound - target) / norm
        for row in range(rows):
            for k in range(classes):
                now[row, k] = min(
                    weight[row, k], max(0.0, now[row, k] - length * direction[row, k])
                )


@compiled
def _copy(multipliers, prices, to, to_prices):  # type: ignore[no-untyped-def]
    for row in range(multipliers.shape[0]):
        for k in range(prices.size):
            to[row, k] = multipliers[row, k]
    for k in range(prices.size):
        to_prices[k] = prices[k]


@compiled
def _score(score, now, first, col_ptr, col_row):  # type: ignore[no-untyped-def]
    """What each column is worth in each class: the multipliers of its rows from that phase on."""
    classes = now.shape[1]
    if classes == 2:
        for column in range(first.size):
            one = 0.0
            two = 0.0
            for at in range(col_ptr[column], col_ptr[column + 1]):
                row = col_row[at]
                one += now[row, 0]
                two += now[row, 1]
            score[column, 0] = one
            score[column, 1] = two
    else:
        for column in range(first.size):
            for k in range(classes):
                score[column, k] = 0.0
            for at in range(col_ptr[column], col_ptr[column + 1]):
                for k in range(classes):
                    score[column, k] += now[col_row[at], k]
    for column in range(first.size):
        for k in range(classes - 2, -1, -1):
            score[column, k] += score[column, k + 1]
        for k in range(min(first[column], classes)):
            score[column, k] = -1e300


@compiled
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
        low = min(pick, old)
        high = max(pick, old)
        sign = 1 if pick < old else -1
        for at in range(col_ptr[column], col_ptr[column + 1]):
            for k in range(low, high):
                over[col_row[at], k] += sign
        chosen[column] = pick
