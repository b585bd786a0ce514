"""The search for numbers that prove a bound: within the limits, and without them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from planner.optimise.bound import Dual, Start
from planner.optimise.certificate import Numbers, Whole
from planner.optimise.lagrangian import Terms


class Proving(NamedTuple):
    """The search for what no plan exceeds, of what is maximised or of coverage alone.

    What bounds all plans bounds those within limits, and sometimes proves more. So where there are
    limits the same is looked for without them as well.

    Attributes
    ----------
    whole : Whole
    terms : Terms, optional
        What counts beside coverage; by default nothing.
    within : Dual
    without : Dual, optional
        None where there are no limits.
    """

    whole: Whole
    terms: Terms | None
    within: Dual
    without: Dual | None

    @classmethod
    def begin(
        cls,
        whole: Whole,
        terms: Terms | None,
        iterations: int,
        targets: tuple[int, int],
        starts: tuple[Start | None, Start | None],
    ) -> Proving:
        """At the first iteration; the values of known plans and the starts are of each in turn."""
        within = _dual(whole, terms, iterations, targets[0], starts[0])
        without = None
        if whole.reduced.problem.limits:
            without = _dual(whole, terms, iterations, targets[1], starts[1], limited=False)
        return cls(whole, terms, within, without)

    def advance(self, iterations: int) -> None:
        """Lower the bounds."""
        for dual in self._duals():
            dual.advance(iterations)

    def coverage(self, covered: int, iterations: int, start: Start | None) -> Proving:
        """A search for a bound of coverage alone, from a start or from where this one ended.

        `covered` is what a known plan covers.
        """
        ends = (start, start)
        if start is None:
            starts = [Start(dual.best, np.zeros_like(dual.prices)) for dual in self._duals()]
            ends = starts[0], starts[-1]
        return self.begin(self.whole, None, iterations, (covered, covered), ends)

    def numbers(self, beside: int) -> Numbers:
        """Those that prove most; `beside` is what some plan is worth beside what it covers."""
        best, least = self.within.rounded(), self.within.exact_bound()
        if self.without is not None and self.without.exact_bound() < least:
            least = self.without.exact_bound()
            best = self.without.rounded()._replace(charges=np.zeros_like(best.charges))

        # with all weight for nothing the bound is no less than that and what any plan is worth
        # beside it: where plans cover nearly all, no search may get as low
        free = self.whole.nothing()
        if int(self.whole.reduced.weight.sum() - free.multipliers.sum()) + beside < least:
            start = Start(free.multipliers.astype(np.float64), free.prices.astype(np.float64))
            priced = _dual(self.whole, self.terms, 1, self.within.target, start)
            priced.advance(1)
            if priced.exact_bound() < least:
                best = priced.rounded()
        return best

    def _duals(self) -> tuple[Dual, ...]:
        return (self.within,) if self.without is None else (self.within, self.without)


def _dual(
    whole: Whole,
    terms: Terms | None,
    iterations: int,
    target: int,
    start: Start | None,
    *,
    limited: bool = True,
) -> Dual:
    reduced = whole.reduced
    limits = reduced.limits if limited else None
    return Dual(
        reduced, reduced.weight, reduced.budget, reduced.first, target, iterations, start, terms,
        limits,
    )  # fmt: skip
