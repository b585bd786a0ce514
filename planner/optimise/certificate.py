"""The certificate of a bound, and the whole numbers that it speaks of."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from planner.errors import ProblemError
from planner.optimise.lagrangian import Terms, evaluate, no_terms, terms_of
from planner.optimise.limits import most_charge
from planner.optimise.objective import first_cover, full_objective, parts_by_class, settled
from planner.optimise.problem import IntArray, Problem
from planner.optimise.reduce import Reduced, reduce
from planner.optimise.sharing import Sites, sites_of


class Bounds(NamedTuple):
    """What no plan exceeds, in the caller's units: of what is maximised, and of coverage alone."""

    objective: float
    coverage: float


class Numbers(NamedTuple):
    """Whole numbers that prove a bound, in integer units.

    Attributes
    ----------
    multipliers : int array, (rows of the reduced problem, classes)
        Each from 0 to the weight of its row in that phase.
    prices : int array, (classes,)
    charges : int array, (limits, classes)
        Price of a unit of each limit's amount: above 0 the end of it is the most that is allowed,
        below 0 the least.
    """

    multipliers: IntArray
    prices: IntArray
    charges: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Certificate:
    """Proof of both bounds: recomputed by `verify` from these numbers and the problem alone.

    Attributes
    ----------
    checksum : str
        SHA-256 of the whole numbers of the problem it belongs to; see `Whole.arrays`.
    objective : Numbers
        Those that bound what is maximised.
    coverage : Numbers
        Those that bound coverage alone.
    digest : str
        SHA-256 of the checksum and all numbers, so that a changed one is noticed.
    """

    checksum: str
    objective: Numbers
    coverage: Numbers
    digest: str


class Whole(NamedTuple):
    """A problem in whole numbers, which fix its objective and everything a bound depends on.

    Attributes
    ----------
    reduced : Reduced
    sites : Sites
    terms : Terms
        What counts beside coverage.
    settled : int
        What the fixed columns bring beside coverage, whatever else opens.
    """

    reduced: Reduced
    sites: Sites
    terms: Terms
    settled: int

    @classmethod
    def of(cls, problem: Problem, reduced: Reduced | None = None) -> Whole:
        """Reduce a problem, unless that was done."""
        reduced = reduce(problem) if reduced is None else reduced
        sites = sites_of(problem, reduced.free)
        terms = terms_of(full_objective(problem, reduced), sites)
        return cls(reduced, sites, terms, settled(problem, reduced))

    @property
    def is_coverage_alone(self) -> bool:
        """Whether nothing that a plan may choose counts beside coverage."""
        return not (self.terms.reward.any() or self.terms.bonus.any())

    @property
    def covered(self) -> int:
        """What the fixed columns cover, over all phases."""
        return int(self.reduced.constant.sum())

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Everything the bounds depend on, by name; the same for permuted rows.

        Values and bounds are whole numbers of ``1 / scale``. ``step``: every value of the
        objective, and of coverage, is a multiple of it. ``constant``: what the fixed columns cover,
        over all phases, and what they bring beside it. ``free``: columns of the problem that are
        columns here, ``first`` the first class of each, ``budget`` how many open in each class.
        ``row_ptr, row_col``: columns of each row, ``weight`` its worth in each class's phase,
        ``due`` the class by which it must be covered (-1: none). ``amount, least, most`` are those
        of `Limits`. ``load, cap``: where there are any; fixed columns then follow the others. The
        rest is that of `Terms`.
        """
        reduced = self.reduced
        return {
            "scale": np.array([reduced.scale]),
            "step": np.array([self.step, reduced.step]),
            "constant": np.array([self.covered, self.settled]),
            "budget": reduced.budget,
            "free": reduced.free,
            "first": reduced.first,
            "row_ptr": reduced.cover.row_ptr,
            "row_col": reduced.cover.row_col,
            "weight": reduced.weight,
            "due": reduced.hard,
            **self.terms._asdict(),
            **reduced.limits._asdict(),
            **({} if reduced.carried is None else reduced.carried._asdict()),
        }

    @property
    def step(self) -> int:
        """Every value of the objective is a multiple of this."""
        beside = np.gcd.reduce(self.terms.reward, axis=None), np.gcd.reduce(self.terms.bonus)
        return math.gcd(self.reduced.step, *(int(each) for each in beside), self.settled) or 1

    def classes_of(self, order: IntArray) -> NDArray[np.int8]:
        """Class of each free column in an order, (columns,); the number of classes is closed."""
        reduced = self.reduced
        ends = [reduced.problem.phases[phase] for phase in reduced.classes]
        rank = np.full(reduced.problem.shape[1], order.size, dtype=np.int64)
        rank[order] = np.arange(order.size)
        return np.searchsorted(ends, rank[reduced.free], side="right").astype(np.int8)

    def proof(self, order: IntArray, certificate: Certificate) -> dict[str, NDArray[Any]]:
        """`arrays` with the class of each free column in an order, and a certificate.

        Where columns carry only so much, ``parts`` is the load that each serves of each row, by
        class and entry of the cover.
        """
        reduced, classes = self.reduced, self.classes_of(order)
        split = {}
        if reduced.carried is not None:
            split["parts"] = parts_by_class(reduced, reduced.gain(), classes)
        return {
            **self.arrays(),
            **split,
            "classes": classes,
            "objective_multipliers": certificate.objective.multipliers,
            "objective_prices": certificate.objective.prices,
            "objective_charges": certificate.objective.charges,
            "coverage_multipliers": certificate.coverage.multipliers,
            "coverage_prices": certificate.coverage.prices,
            "coverage_charges": certificate.coverage.charges,
        }

    def checksum(self) -> str:
        """SHA-256 of `arrays`, one after the other."""
        digest = hashlib.sha256()
        for part in self.arrays().values():
            digest.update(np.ascontiguousarray(part).astype(part.dtype.newbyteorder("<")).tobytes())
        return digest.hexdigest()

    def bounds(self, certificate: Certificate) -> Bounds:
        """What a certificate proves of this problem; see :func:`verify`."""
        numbers = certificate.objective, certificate.coverage
        if certificate.checksum != self.checksum():
            raise ProblemError("the certificate belongs to another problem", "该证书属于另一个问题")
        for each in numbers:
            _check(each, self.reduced)
        if certificate.digest != _digest(certificate.checksum, *numbers):
            raise ProblemError(
                "the certificate was changed after it was made", "证书在生成后被改动"
            )
        return self.proven(*numbers)

    def proven(self, objective: Numbers, coverage: Numbers) -> Bounds:
        """What whole numbers prove, exactly, in the caller's units."""
        alone = no_terms(self.reduced.columns, len(self.reduced.classes))
        most = self.covered + self.settled + self._evaluate(objective, self.terms)
        covered = self.covered + self._evaluate(coverage, alone)
        return Bounds(
            in_units(self.reduced.scale, self.step, most),
            in_units(self.reduced.scale, self.reduced.step, covered),
        )

    def certify(self, objective: Numbers, coverage: Numbers) -> Certificate:
        """A certificate of these numbers."""
        checksum = self.checksum()
        return Certificate(checksum, objective, coverage, _digest(checksum, objective, coverage))

    def nothing(self) -> Numbers:
        """Numbers that prove that no plan covers more than what columns reach by each class."""
        reduced = self.reduced
        never = len(reduced.classes)
        # what no column can cover in time has its whole weight as multiplier, which nobody earns
        is_reached = first_cover(reduced, reduced.first)[:, None] <= np.arange(never)
        multipliers = np.where(is_reached, 0, reduced.weight)
        prices = np.zeros(never, dtype=np.int64)
        return Numbers(multipliers, prices, np.zeros_like(reduced.limits.least))

    def _evaluate(self, numbers: Numbers, terms: Terms) -> int:
        reduced = self.reduced
        return evaluate(
            reduced.cover, reduced.weight, *numbers, reduced.budget, reduced.first, terms,
            reduced.carried, reduced.limits,
        )  # fmt: skip


def verify(problem: Problem, certificate: Certificate) -> Bounds:
    """Recompute both bounds of a problem from a certificate.

    Parameters
    ----------
    problem : Problem
    certificate : Certificate

    Returns
    -------
    Bounds
        In units of `weight`, rounded up.

    Raises
    ------
    ProblemError
        If the certificate belongs to another problem, has the wrong shape, a multiplier out of
        range, or was changed.
    """
    return Whole.of(problem).bounds(certificate)


def _check(numbers: Numbers, reduced: Reduced) -> None:
    weight, limits = reduced.weight, reduced.limits
    multipliers, prices, charges = numbers
    shapes = multipliers.shape, prices.shape, charges.shape
    if shapes != (weight.shape, (weight.shape[1],), limits.least.shape):
        raise ProblemError("the certificate has the wrong shape", "证书的形状不符")
    if any(each.dtype != np.int64 for each in numbers):
        raise ProblemError("the certificate must hold whole numbers", "证书须为整数")
    is_far = np.any(np.abs(charges.astype(np.float64)) > most_charge(limits)[:, None])
    if np.any(multipliers < 0) or np.any(multipliers > weight) or is_far:
        raise ProblemError(
            "a multiplier of the certificate is out of range", "证书中有乘子超出范围"
        )


def _digest(checksum: str, *numbers: Numbers) -> str:
    digest = hashlib.sha256(checksum.encode())
    for part in (array for each in numbers for array in each):
        digest.update(np.ascontiguousarray(part).astype("<i8").tobytes())
    return digest.hexdigest()


def in_units(scale: float, step: int, bound: int) -> float:
    """An integer bound in the caller's units.

    It goes down to the next possible sum, and then never below its true size.
    """
    whole = bound // step * step
    value = whole / scale
    return value if int(value * scale) >= whole else math.nextafter(value, math.inf)
