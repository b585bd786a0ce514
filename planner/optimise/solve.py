"""Solve a nested covering problem: reduce, greedy, improve, and prove how good it is."""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from planner.errors import InfeasibleError, ProblemError
from planner.optimise.bound import (
    Certificate,
    Dual,
    bound_of,
    certify,
    evaluate,
    in_units,
    phase_bounds,
)
from planner.optimise.exact import least_count, optimum
from planner.optimise.greedy import greedy, order_classes
from planner.optimise.objective import (
    Objective,
    before_due,
    beside_coverage,
    coverage_alone,
    full_objective,
    with_duties,
)
from planner.optimise.problem import FloatArray, IntArray, Problem, check_columns
from planner.optimise.reduce import Reduced, reduce
from planner.optimise.search import begin, repaired
from planner.optimise.sharing import sites_of

Effort = Literal["fast", "standard", "long", "exact"]
#: Called with stage, step, value, bound, gap; bound and gap are infinite until there is a bound.
Progress = Callable[[str, int, float, float, float], None]


class _Budget(NamedTuple):
    """Work of an effort, in elementary operations, so that runs stop by steps and not by seconds.

    One unit of search is about 10 ns, one of the bound about 3 ns, on a slow core; the bound does
    at least and at most so many iterations.
    """

    search: float
    bound: float
    iterations: tuple[int, int]


EFFORTS = {
    "fast": _Budget(0, 3e8, (60, 120)),
    "standard": _Budget(9e8, 2.5e9, (350, 1_000)),
    "long": _Budget(1.2e10, 1.2e10, (1_000, 2_500)),
}
_ROUNDS = 40
#: Up to this many columns HiGHS finishes what the search found, within so much work.
SMALL = 300
SMALL_WORK = 1_500_000


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """A plan and how good it is.

    Attributes
    ----------
    order : int array, (last phase's count,)
        Columns in the order of opening, the fixed ones first; phase ``k`` holds the first
        ``phases[k]``.
    value : float array, (phases,)
        Covered weight in each phase.
    bound : float
        No nested plan reaches a sum of `value` above this.
    phase_bound : float array, (phases,)
        No plan for that phase alone covers more: what nesting costs lies between.
    gap : float
        ``bound / sum(value) - 1``.
    objective : float
        What is maximised: coverage, the sharing bonus, and what was agreed and stays, less cost; in
        units of `weight`.
    certificate : Certificate
        Multipliers that prove `bound`; see `verify`.
    optimal : bool
        Whether HiGHS proved that no plan has a better objective (`exact` only; `bound` is then its
        proof).
    steps : int
        Steps of improvement.
    unreachable : int
        Rows with weight that no column can cover.
    interrupted : bool
        Whether Ctrl-C ended the search early.
    """

    order: IntArray
    value: FloatArray
    bound: float
    phase_bound: FloatArray
    gap: float
    objective: float
    certificate: Certificate
    optimal: bool
    steps: int
    unreachable: int
    interrupted: bool


def solve(
    problem: Problem,
    *,
    effort: Effort = "standard",
    seed: int = 0,
    progress: Progress | None = None,
    start: ArrayLike | None = None,
    prove: bool = True,
) -> Result:
    """Find an order of columns whose every phase covers as much as it can, with a proof.

    Parameters
    ----------
    problem : Problem
    effort : {"fast", "standard", "long", "exact"}
        Greedy; with improvement; with more of it; proven by HiGHS (up to about a thousand columns).
        Up to 300 columns HiGHS looks for a better plan in `standard` and `long` too.
    seed : int
        Seed of the improvement. The same problem, effort and seed give the same order on any number
        of threads.
    progress : callable, optional
        Called with ``(stage, step, value, bound, gap)``.
    start : array of int, optional
        Order of a known plan, as `order` of a result, to begin from instead of greedy's. It need
        not be a plan of this problem: what may not stay is replaced greedily. The search then
        begins cooler and takes fewer steps, so that more of the plan stays; no result is worth
        less than the plan so repaired.
    prove : bool
        Whether to look for a bound; without it those of the result are true and say nothing.

    Returns
    -------
    Result
        Ctrl-C during the improvement returns the best plan so far with the bound proven so far.

    Raises
    ------
    ProblemError
        If the effort is unknown, or `start` is no list of different columns.
    InfeasibleError
        If rows that must be covered cannot be.
    """
    if effort not in (*EFFORTS, "exact"):
        names = ", ".join((*EFFORTS, "exact"))
        raise ProblemError(
            f"effort is {effort!r}; it must be one of {names}",
            f"effort 为 {effort!r}, 应为 {names} 之一",
        )
    known = None if start is None else check_columns("start", start, problem.shape[1])
    budget = EFFORTS["standard" if effort == "exact" else effort]
    if not prove:
        budget = budget._replace(bound=0, iterations=(0, 0))
    task = _Task(problem, budget, seed, progress, known)
    task.run()
    if effort == "exact":
        task.prove(None)
    elif effort != "fast" and task.reduced.columns <= SMALL:
        task.prove(SMALL_WORK)
    return task.result()


def appraise(problem: Problem, order: ArrayLike, certificate: Certificate | None = None) -> Result:
    """What a known order comes to, and what a certificate proves of it: nothing is searched.

    Parameters
    ----------
    problem : Problem
    order : array of int, (last phase's count,)
        The fixed columns first.
    certificate : Certificate, optional
        Without one the bound is the sum of all weights.

    Returns
    -------
    Result
        After no step.

    Raises
    ------
    ProblemError
        If the certificate does not prove anything of this problem; see `verify`.
    """
    reduced = reduce(problem)
    if certificate is None:
        nothing = np.zeros_like(reduced.weight), np.zeros(reduced.weight.shape[1], dtype=np.int64)
        certificate = certify(reduced, *nothing)
    given = np.asarray(order, dtype=np.int64)
    bound = bound_of(reduced, certificate)
    value = cover_value(problem, given)
    return Result(
        order=given,
        value=value,
        bound=bound,
        phase_bound=phase_bounds(reduced, certificate.multipliers, value),
        gap=_gap(float(value.sum()), bound),
        objective=float(value.sum()) + beside_coverage(problem, given),
        certificate=certificate,
        optimal=False,
        steps=0,
        unreachable=reduced.unreachable,
        interrupted=False,
    )


class Faults(NamedTuple):
    """What of an order a problem does not allow.

    Attributes
    ----------
    fixed, excluded, early : int arrays
        Columns that should open first, in their order, and do not; that never open; that open
        before their first phase.
    missed : int array
        Rows that must be covered by a phase and are not.
    """

    fixed: IntArray
    excluded: IntArray
    early: IntArray
    missed: IntArray


def faults(problem: Problem, order: ArrayLike) -> Faults:
    """What of an order, (last phase's count,), a problem does not allow; all empty for a plan."""
    given = np.asarray(order, dtype=np.int64)
    head = problem.fixed[: given.size]
    free = np.setdiff1d(given, head)
    rank = np.full(problem.shape[1], given.size, dtype=np.int64)
    rank[given] = np.arange(given.size)

    phase = np.searchsorted(problem.phases, rank[free], side="right")
    due = np.where(problem.hard >= 0, np.asarray(problem.phases)[problem.hard], given.size + 1)
    return Faults(
        fixed=head[rank[head] != np.arange(head.size)],
        excluded=np.intersect1d(free, problem.excluded),
        early=free[problem.first_phase[free] > phase],
        missed=np.flatnonzero(first_rank(problem, given) >= due),
    )


class _Task:
    """One run: what is weighed, the search and the bound side by side, and what came out."""

    def __init__(
        self,
        problem: Problem,
        budget: _Budget,
        seed: int,
        progress: Progress | None,
        known: IntArray | None,
    ) -> None:
        self.problem = problem
        self.progress = progress
        self.interrupted = False
        self.optimal = False
        self.reduced = reduced = reduce(problem)
        self.sites = sites_of(problem, reduced.free)

        self.coverage = coverage_alone(reduced)
        self.objective = with_duties(reduced, full_objective(problem, reduced))
        ahead = before_due(problem, reduced, self.objective)
        if known is None:
            start = self._greedy(ahead)
        else:
            start = repaired(reduced, self.sites, ahead, known)
        value = int(self._covered(start).sum())

        iterations = _iterations(reduced, budget)
        weighed = reduced, self.sites, self.objective
        warm = known is not None
        self.search = begin(*weighed, start, value, budget.search, seed, warm=warm)
        self.dual = Dual(reduced, reduced.weight, reduced.budget, reduced.first, value, iterations)
        self.iterations = iterations
        self.proof: float | None = None

    def run(self) -> None:
        """Improve and bound side by side, in rounds, until both have done their steps or Ctrl-C."""
        self._report("greedy")
        pool = ThreadPoolExecutor(1)
        try:
            for turn in range(_ROUNDS):
                share = _ROUNDS - turn
                iterations = -(-(self.iterations - self.dual.step) // share)
                steps = -(-(self.search.steps - self.search.step) // share)
                work = pool.submit(self.dual.advance, iterations)
                self.search.advance(steps)
                work.result()
                self._report("improve")
        except KeyboardInterrupt:
            self.interrupted = True
        finally:
            pool.shutdown(wait=True)

    def prove(self, work: int | None) -> None:
        """Let HiGHS prove the plan, or find the better one.

        Without a limit on its work its bound of coverage counts as well.
        """
        reduced, search = self.reduced, self.search
        if self.interrupted:
            return

        # without a free column or class there is one plan only
        if not reduced.columns or not reduced.classes:
            self.proof, self.optimal = 0.0, True
            return

        # the bound speaks of coverage only, so it needs a proof of its own beside other terms
        pairs = zip(self.objective, self.coverage, strict=True)
        weighs_more = any(not np.array_equal(term, plain) for term, plain in pairs)
        if work is None and weighs_more:
            classes, most, proven = optimum(reduced, self.coverage, self.sites, search.best, None)
            self.proof = float(self._covered(classes).sum()) if proven else most
        if not weighs_more and self.dual.exact_bound() <= search.value:
            self.optimal = True
            return
        classes, most, proven = optimum(reduced, self.objective, self.sites, search.best, work)
        self.optimal = proven
        search.replace_best(classes)
        if work is None:
            self.interrupted = not proven
            if not weighs_more:
                self.proof = float(search.value) if proven else most
        self._report("prove")

    def result(self) -> Result:
        """What came out, in the caller's units."""
        reduced, best = self.reduced, self.search.best
        order = self._order(best)
        check_hard(self.problem, reduced, order)
        value = cover_value(self.problem, order)
        total = float(value.sum())
        multipliers, prices = self.dual.rounded()
        bound = in_units(reduced, evaluate(reduced, multipliers, prices))
        if self.proof is not None and math.isfinite(self.proof):
            proven = int(reduced.constant.sum()) + math.ceil(self.proof)
            bound = min(bound, max(total, in_units(reduced, proven)))
        return Result(
            order=order,
            value=value,
            bound=bound,
            phase_bound=self._phase_bound(multipliers, value),
            gap=_gap(total, bound),
            objective=total + beside_coverage(self.problem, order),
            certificate=certify(reduced, multipliers, prices),
            optimal=self.optimal,
            steps=self.search.step,
            unreachable=reduced.unreachable,
            interrupted=self.interrupted,
        )

    def _phase_bound(self, multipliers: IntArray, value: FloatArray) -> FloatArray:
        """Bound of each phase alone, (phases,): all weight where no bound was asked for."""
        if self.iterations:
            return phase_bounds(self.reduced, multipliers, value)
        total: FloatArray = self.problem.weight.sum(axis=1)
        return total

    def _greedy(self, objective: Objective) -> NDArray[np.int8]:
        """Class of each column in greedy's plan, (columns,)."""
        order, classes = greedy(self.reduced, objective, self.sites)
        chosen = np.full(self.reduced.columns, len(self.reduced.classes), dtype=np.int8)
        chosen[order] = classes
        return chosen

    def _covered(self, classes: NDArray[np.int8]) -> IntArray:
        """Covered integer weight of each class's phase, (K,), without the constant."""
        weight = self.reduced.weight
        row_class = first_cover(self.reduced, classes)
        covered = [weight[row_class <= k, k].sum() for k in range(weight.shape[1])]
        return np.array(covered, dtype=np.int64)

    def _order(self, classes: NDArray[np.int8]) -> IntArray:
        """Columns of the problem in the order of opening, (last phase's count,)."""
        picked = order_classes(self.reduced, classes, self.coverage.worth)
        fixed = self.problem.fixed[: self.problem.phases[-1]]
        return np.concatenate([fixed, self.reduced.free[picked]]).astype(np.int64)

    def _report(self, stage: str) -> None:
        if self.progress is None:
            return
        constant = int(self.reduced.constant.sum())
        value = (constant + int(self._covered(self.search.best).sum())) / self.reduced.scale
        bound = (constant + self.dual.bound) / self.reduced.scale
        self.progress(stage, self.search.step, value, bound, _gap(value, bound))


def _gap(value: float, bound: float) -> float:
    if value > 0:
        return max(0.0, bound / value - 1)
    return 0.0 if bound <= 0 else math.inf


def _iterations(reduced: Reduced, budget: _Budget) -> int:
    """Iterations of the bound that an effort buys on this problem."""
    if not reduced.columns or not reduced.classes:
        return 0
    entries = max(1, reduced.cover.row_col.size)
    least, most = budget.iterations
    return min(most, max(least, int(budget.bound / (entries * len(reduced.classes)))))


def check_hard(problem: Problem, reduced: Reduced, order: IntArray) -> None:
    """Refuse an order that misses rows which must be covered, and say which and what it would take.

    Raises
    ------
    InfeasibleError
        For the first phase in which rows are missed.
    """
    due = np.where(problem.hard >= 0, np.asarray(problem.phases)[problem.hard], order.size + 1)
    missed = np.flatnonzero(first_rank(problem, order) >= due)
    if not missed.size:
        return
    phase = int(problem.hard[missed].min())
    rows = missed[problem.hard[missed] == phase]
    count = problem.phases[phase]
    en = [f"{rows.size} rows that must be covered by phase {phase + 1} ({count} stations) are not"]
    zh = [f"第 {phase + 1} 期 ({count} 站) 必须覆盖的行中有 {rows.size} 行未覆盖"]
    if problem.group is not None:
        labels, sizes = np.unique(problem.group[rows], return_counts=True)
        parts = ", ".join(f"{label}: {size}" for label, size in zip(labels, sizes, strict=True))
        en.append(f"by group: {parts}")
        zh.append(f"按组: {parts}")

    # more stations help only where a usable column covers the row at all
    lost = int(np.count_nonzero(reduced.source_row[rows] == -2))
    if lost:
        en.append(f"no usable column covers {lost} of them at all")
        zh.append(f"其中 {lost} 行没有任何可用站能覆盖")
    elif phase in reduced.classes:
        cls = reduced.classes.index(phase)
        is_due = (reduced.hard >= 0) & (reduced.hard <= cls)
        least = problem.fixed.size + least_count(reduced, is_due, cls)
        en.append(f"covering all of them takes at least {least} stations")
        zh.append(f"全部覆盖至少需要 {least} 站")
    raise InfeasibleError("; ".join(en), "; ".join(zh))


def first_cover(reduced: Reduced, classes: NDArray[np.int8]) -> NDArray[np.int8]:
    """Class from which each reduced row is covered, the number of classes where it never is."""
    if not reduced.rows:
        return np.zeros(0, dtype=np.int8)
    return np.minimum.reduceat(classes[reduced.cover.row_col], reduced.cover.row_ptr[:-1])


def first_rank(problem: Problem, order: IntArray) -> IntArray:
    """Rank of the first column of an order that covers each row, its length where none does."""
    rank = np.full(problem.shape[1], order.size, dtype=np.int32)
    rank[order] = np.arange(order.size)
    cover = problem.cover
    filled = np.flatnonzero(np.diff(cover.indptr))
    first = np.full(problem.shape[0], order.size, dtype=np.int64)
    if filled.size:
        first[filled] = np.minimum.reduceat(rank[cover.indices], cover.indptr[filled])
    return first


def cover_value(problem: Problem, order: IntArray) -> FloatArray:
    """Covered weight in each phase under an order, (phases,), summed without loss of digits."""
    first = first_rank(problem, order)
    phases = zip(problem.weight, problem.phases, strict=True)
    return np.array([math.fsum(weight[first < count]) for weight, count in phases])
