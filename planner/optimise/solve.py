"""Solve a nested covering problem: reduce, greedy, improve, and prove how good it is."""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from planner.errors import InfeasibleError, ProblemError
from planner.optimise.bound import (
    PHASE_ITERATIONS,
    Start,
    carried_over,
    fitted,
    phase_bounds,
    spread,
)
from planner.optimise.by_count import COUNT_ITERATIONS, check_counts, count_bounds
from planner.optimise.certificate import Bounds, Certificate, Whole, in_units
from planner.optimise.exact import least_count, nearest, optimum
from planner.optimise.greedy import order_classes
from planner.optimise.limits import Broken, broken_limits, holds
from planner.optimise.objective import (
    Objective,
    before_due,
    beside_coverage,
    coverage_alone,
    first_cover,
    full_objective,
    plan_value,
    served_by_class,
    with_duties,
)
from planner.optimise.problem import FloatArray, IntArray, Problem, check_columns
from planner.optimise.proving import Proving
from planner.optimise.reduce import Reduced, reduce
from planner.optimise.search import begin, first_plan, repaired
from planner.optimise.serving import served_value

Effort = Literal["fast", "standard", "long", "exact"]
#: Called with stage, step, and value, bound and gap of what is maximised, the last two of which are
#: infinite until there is a bound.
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
    "standard": _Budget(9e8, 1e9, (250, 500)),
    "long": _Budget(1.2e10, 6e9, (700, 1_500)),
}
_ROUNDS = 40
#: Share of the iterations that the bound takes from a proof that fits, and those of phases and
#: counts where a plan was known.
_WARM_ITERATIONS, _WARM_BOUNDS = 0.2, 0.4
#: The same where that without caps goes before, an iteration of which takes a tenth of the time.
_CAPPED_ITERATIONS = 0.6
#: Rounds after which a plan under caps is weighed, which takes the split of all rows.
_WEIGHED = 8
#: Work spent on the bound of coverage alone where something else counts too.
_COVERAGE_ITERATIONS = 100
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
    objective : float
        What is maximised: coverage, the sharing bonus, and what was agreed and stays, less cost; in
        units of `weight`.
    objective_bound : float
        No nested plan has an objective above this.
    objective_gap : float
        ``objective_bound / objective - 1``: how much better a plan could be at most.
    sharing_price : float
        What remains of `gap` without `objective_gap`: coverage that was given up for shared sites,
        for cost and for what was agreed, as a share of what is covered.
    value : float array, (phases,)
        Covered weight in each phase.
    bound : float
        No nested plan reaches a sum of `value` above this.
    gap : float
        ``bound / sum(value) - 1``: how much more any plan could cover at most.
    phase_bound : float array, (phases,)
        No plan for that phase alone covers more: what nesting costs lies between.
    counts : int array
        Numbers of columns for which `count_bound` was asked.
    count_bound : float array, (counts,)
        No choice of so many columns, the fixed ones among them, covers more in the last phase.
    certificate : Certificate
        Numbers that prove `objective_bound` and `bound`; see `verify`.
    optimal : bool
        Whether it is proven that no plan has a better objective. With the effort `exact` the bounds
        are those of HiGHS.
    steps : int
        Steps of improvement.
    unreachable : int
        Rows with weight that no column can cover.
    interrupted : bool
        Whether Ctrl-C ended the search early.
    warm : bool
        Whether it was found from a known plan: then less work was spent on bounds by phase and
        count.
    """

    order: IntArray
    objective: float
    objective_bound: float
    objective_gap: float
    sharing_price: float
    value: FloatArray
    bound: float
    gap: float
    phase_bound: FloatArray
    counts: IntArray
    count_bound: FloatArray
    certificate: Certificate
    optimal: bool
    steps: int
    unreachable: int
    interrupted: bool
    warm: bool


def solve(
    problem: Problem,
    *,
    effort: Effort = "standard",
    seed: int = 0,
    progress: Progress | None = None,
    start: ArrayLike | None = None,
    proof: Certificate | None = None,
    proof_of: Problem | None = None,
    prove: bool = True,
    by_phase: bool = True,
    counts: ArrayLike = (),
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
        Called with ``(stage, step, value, bound, gap)``, the latter of what is maximised.
    start : array of int, optional
        Order of a known plan, as `order` of a result, to begin from instead of greedy's. It need
        not be a plan of this problem: what may not stay is replaced greedily. The search then
        begins cooler and takes fewer steps, so that more of the plan stays; no result is worth
        less than the plan so repaired.
    proof : Certificate, optional
        That of a problem with nearly the same rows and columns, to begin the bound from, which then
        takes fewer iterations. It may be any: bounds hold whatever they began from, and one with
        another number of rows or phases is passed over.
    proof_of : Problem, optional
        The problem that `proof` is of, where its rows are the same and its columns are not: rows
        with the same columns count as one, so without it the numbers of rows would not fit.
    prove : bool
        Whether to look for bounds; without it those of the result are of a plan that covers all.
    by_phase : bool
        Whether to look for a bound of each phase by itself beside those of the sums.
    counts : array of int
        Numbers of columns, from that of the fixed ones up, for which `count_bound` is asked.

    Returns
    -------
    Result
        Ctrl-C during the improvement returns the best plan so far with the bound proven so far.

    Raises
    ------
    ProblemError
        If the effort is unknown, `start` is no list of different columns, or no plan can have so
        many columns as a count says.
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
    asked = check_counts(problem, counts)
    begun = proof, proof_of
    task = _Task(problem, budget, seed, progress, known, begun, asked, prove=prove)
    task.run()
    if effort == "exact":
        task.prove(None)
    elif effort != "fast" and task.reduced.columns <= SMALL:
        task.prove(SMALL_WORK)
    return task.result(by_phase=by_phase)


def appraise(
    problem: Problem,
    order: ArrayLike,
    certificate: Certificate | None = None,
    counts: ArrayLike = (),
    *,
    warm: bool = False,
) -> Result:
    """What a known order comes to, and what a certificate proves of it: nothing is searched.

    Parameters
    ----------
    problem : Problem
    order : array of int, (last phase's count,)
        The fixed columns first.
    certificate : Certificate, optional
        Without one the bounds are those of a plan that covers all.
    counts : array of int
        As in `solve`.
    warm : bool
        As `Result.warm`; the same bounds by phase and count follow.

    Returns
    -------
    Result
        After no step.

    Raises
    ------
    ProblemError
        If the certificate does not prove anything of this problem; see `verify`.
    """
    whole = Whole.of(problem)
    if certificate is None:
        certificate = whole.certify(whole.nothing(), whole.nothing())
    given = np.asarray(order, dtype=np.int64)
    asked = check_counts(problem, counts)
    bounds = whole.bounds(certificate)
    return _assess(problem, whole, given, certificate, bounds, asked, warm=warm)


def appraise_by(problem: Problem, order: IntArray, proof: Result) -> Result:
    """What an order comes to by the bounds of another result, which hold for every plan.

    Parameters
    ----------
    problem : Problem
    order : int array, (last phase's count,)
        The fixed columns first.
    proof : Result
        Of the same problem.

    Returns
    -------
    Result
        After no step.
    """
    bounds = Bounds(proof.objective_bound, proof.bound)
    value = cover_value(problem, order)
    return replace(proof, **_rated(problem, order, value, bounds), optimal=False, steps=0)


def _assess(
    problem: Problem,
    whole: Whole,
    order: IntArray,
    certificate: Certificate,
    bounds: Bounds,
    counts: IntArray,
    *,
    warm: bool,
    prove: bool = True,
    by_phase: bool = True,
) -> Result:
    """An order and how good it is by bounds that were proven; it was not searched for.

    Bounds of the phases and counts alone take work: without it they are all that there is to cover.
    """
    value = cover_value(problem, order)
    phase_bound: FloatArray = problem.weight.sum(axis=1)
    count_bound = np.full(counts.size, phase_bound[-1])
    if prove:
        reduced, share = whole.reduced, _WARM_BOUNDS if warm else 1.0
        for_phases, for_counts = (
            int(each * share) for each in (PHASE_ITERATIONS, COUNT_ITERATIONS)
        )
        multipliers = certificate.coverage.multipliers
        with ThreadPoolExecutor(1) as pool:
            beside = pool.submit(count_bounds, reduced, counts, certificate, for_counts)
            if by_phase:
                phase_bound = phase_bounds(reduced, multipliers, value, for_phases)
            count_bound = beside.result()
    return Result(
        **_rated(problem, order, value, bounds),
        phase_bound=phase_bound,
        counts=counts,
        count_bound=count_bound,
        certificate=certificate,
        optimal=False,
        steps=0,
        unreachable=whole.reduced.unreachable,
        interrupted=False,
        warm=warm,
    )


def _rated(problem: Problem, order: IntArray, value: FloatArray, bounds: Bounds) -> dict[str, Any]:
    """What an order that covers `value`, (phases,), comes to and its gaps, by field of a result."""
    total = float(value.sum())
    objective = total + beside_coverage(problem, order)
    gap, objective_gap = _gap(total, bounds.coverage), _gap(objective, bounds.objective)
    return {
        "order": order,
        "objective": objective,
        "objective_bound": bounds.objective,
        "objective_gap": objective_gap,
        "sharing_price": 0.0 if gap == objective_gap else gap - objective_gap,
        "value": value,
        "bound": bounds.coverage,
        "gap": gap,
    }


class Faults(NamedTuple):
    """What of an order a problem does not allow.

    Attributes
    ----------
    fixed, excluded, early : int arrays
        Columns that should open first, in their order, and do not; that never open; that open
        before their first phase.
    missed : int array
        Rows that must be covered by a phase and are not.
    limits : tuple of Broken
        Limits that do not hold.
    """

    fixed: IntArray
    excluded: IntArray
    early: IntArray
    missed: IntArray
    limits: tuple[Broken, ...]


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
        limits=broken_limits(problem.limits, given, problem.phases),
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
        proof: tuple[Certificate | None, Problem | None],
        counts: IntArray,
        *,
        prove: bool,
    ) -> None:
        self.problem = problem
        self.counts = counts
        self.progress = progress
        self.interrupted = False
        self.optimal = False
        #: The plan that was weighed last, and its worth: a split of all rows takes long.
        self._weighed: tuple[NDArray[np.int8], int] | None = None
        _check_fixed(problem)
        self.whole = Whole.of(problem)
        self.reduced = reduced = self.whole.reduced
        self.sites = self.whole.sites
        self.full = full_objective(problem, reduced)
        self.objective = with_duties(reduced, self.full)
        ahead = before_due(problem, reduced, self.objective)
        if known is None:
            start = self._greedy(ahead)
        else:
            start = repaired(reduced, self.sites, ahead, known)

        free_target = self._worth(start)
        if not holds(reduced.limits, start):
            start = _within_limits(reduced, start)
        iterations = _iterations(reduced, budget) if prove else 0
        self.every = 1 if reduced.carried is None else _WEIGHED
        near: Start | None = None
        if reduced.carried is not None:
            start, near = self._better_if_free(start, budget, seed, known, prove=prove)
        covered, self.is_warm = int(self._covered(start).sum()), known is not None
        weighed = reduced, self.sites, self.objective
        self.search = begin(*weighed, start, covered, budget.search, seed, warm=self.is_warm)
        proven, self.proven_coverage = _starts(reduced, *proof)
        if proven is not None:
            near, iterations = proven, int(iterations * _WARM_ITERATIONS)
        elif near is not None:
            iterations = int(iterations * _CAPPED_ITERATIONS)
        worth = self._worth(start)
        self.proving: Proving = Proving.begin(
            self.whole, self.whole.terms, iterations, (worth, free_target), (near, near)
        )
        # what the search does not count: seats that fixed columns share among themselves
        self.apart = worth - self.search.value
        self.is_proven = prove
        self.iterations = iterations
        self.proof = Bounds(math.inf, math.inf)

    def _better_if_free(
        self,
        start: NDArray[np.int8],
        budget: _Budget,
        seed: int,
        known: IntArray | None,
        *,
        prove: bool,
    ) -> tuple[NDArray[np.int8], Start]:
        """The better of a plan and of that without caps, and where the bound of the latter ended.

        A step without caps is so much cheaper that it leads further where caps bind few columns.
        """
        free = self.problem.replace(load=None, cap=None)
        task = _Task(
            free, budget, seed, self.progress, known, (None, None), self.counts[:0], prove=prove
        )
        task.run()
        self.interrupted = task.interrupted
        other, dual = task.search.best, task.proving.within
        is_better = self._worth(other) > self._worth(start)
        multipliers = spread(task.reduced, dual.best, self.reduced)
        return other if is_better else start, Start(multipliers, dual.prices, length=1.0)

    def run(self) -> None:
        """Improve and bound side by side, in rounds, until both have done their steps or Ctrl-C."""
        self._report("greedy")
        dual = self.proving.within
        pool = ThreadPoolExecutor(1)
        try:
            for turn in range(_ROUNDS):
                share = _ROUNDS - turn
                iterations = -(-(self.iterations - dual.step) // share)
                steps = -(-(self.search.steps - self.search.step) // share)
                if turn % self.every == 0:
                    dual.target = max(dual.target, self._found())
                work = pool.submit(self.proving.advance, iterations)
                self.search.advance(steps)
                work.result()
                if (turn + 1) % self.every == 0:
                    self._report("improve")
        except KeyboardInterrupt:
            self.interrupted = True
        finally:
            pool.shutdown(wait=True)

    def prove(self, work: int | None) -> None:
        """Let HiGHS prove the plan, or find the better one.

        Without a limit on its work its bounds count as well.
        """
        reduced, search, is_alone = self.reduced, self.search, self.whole.is_coverage_alone
        if self.interrupted:
            return

        # without a free column or class there is one plan only
        if not reduced.columns or not reduced.classes:
            self.proof, self.optimal = Bounds(0.0, 0.0), True
            return

        # coverage alone needs a proof of its own beside other terms
        if work is None and not is_alone:
            coverage = coverage_alone(reduced)
            classes, most, proven = optimum(reduced, coverage, self.sites, search.best, None)
            covered = float(self._covered(classes).sum()) if proven else most
            self.proof = self.proof._replace(coverage=covered)
        has_duties = bool((reduced.hard >= 0).any())
        # a plan that reaches the bound may miss what must be covered, of which neither counts any
        if not has_duties and self.proving.within.exact_bound() <= self._worth(search.best):
            self.optimal = True
        else:
            classes, most, proven = optimum(reduced, self.objective, self.sites, search.best, work)
            self.optimal = proven
            search.replace_best(classes)
            self.interrupted = work is None and not proven

            # beside the weight of duties, which is no part of it, a bound would say nothing
            best = float(self._worth(classes)) if proven else math.inf if has_duties else most
            if work is None:
                coverage_proof = best if is_alone else self.proof.coverage
                self.proof = Bounds(best, coverage_proof)
        self._report("prove")

    def result(self, *, by_phase: bool = True) -> Result:
        """What came out, in the caller's units."""
        whole = self.whole
        order = self._order(self.search.best)
        check_hard(self.problem, self.reduced, order)
        covered = int(self._covered(self.search.best).sum())
        numbers = self.proving.numbers(self._worth(self.search.best) - covered)
        coverage = numbers
        if not whole.is_coverage_alone:
            coverage = self._coverage(covered).numbers(0)
        certificate = whole.certify(numbers, coverage)
        bounds = self._least(whole.proven(numbers, coverage), order)
        return replace(
            _assess(
                self.problem,
                whole,
                order,
                certificate,
                bounds,
                self.counts,
                warm=self.is_warm,
                prove=self.is_proven,
                by_phase=by_phase,
            ),
            optimal=self.optimal,
            steps=self.search.step,
            interrupted=self.interrupted,
        )

    def _coverage(self, covered: int) -> Proving:
        """A short search for a bound of coverage alone, of which the plan found covers so much."""
        share = 1.0 if self.reduced.carried is None else _CAPPED_ITERATIONS
        iterations = min(int(share * _COVERAGE_ITERATIONS), self.iterations)
        proving = self.proving.coverage(covered, iterations, self.proven_coverage)
        proving.advance(iterations)
        return proving

    def _least(self, bounds: Bounds, order: IntArray) -> Bounds:
        """The lower of what the numbers and what HiGHS proves, never below the plan itself."""
        whole, scale = self.whole, self.reduced.scale
        covered = float(cover_value(self.problem, order).sum())
        objective = covered + beside_coverage(self.problem, order)
        most, most_covered = self.proof
        least, least_covered = bounds
        if math.isfinite(most):
            proven = whole.covered + whole.settled + math.ceil(most)
            least = min(least, max(objective, in_units(scale, whole.step, proven)))
        if math.isfinite(most_covered):
            proven = whole.covered + math.ceil(most_covered)
            proven_covered = in_units(scale, self.reduced.step, proven)
            least_covered = min(least_covered, max(covered, proven_covered))
        return Bounds(least, least_covered)

    def _worth(self, classes: NDArray[np.int8]) -> int:
        """What is maximised, of a plan, in integer units without the constants or duties."""
        known = self._weighed
        if known is None or not np.array_equal(known[0], classes):
            worth = plan_value(self.reduced, self.sites, self.full, classes)
            self._weighed = known = classes.copy(), worth
        return known[1]

    def _found(self) -> int:
        """The same of the best plan so far, which the search knows but for duties and caps."""
        is_known = self.reduced.carried is None and not (self.reduced.hard >= 0).any()
        return self.search.value + self.apart if is_known else self._worth(self.search.best)

    def _greedy(self, objective: Objective) -> NDArray[np.int8]:
        """Class of each column in greedy's plan, (columns,)."""
        return first_plan(self.reduced, objective, self.sites)

    def _covered(self, classes: NDArray[np.int8]) -> IntArray:
        """Covered integer weight of each class's phase, (K,), without the constant."""
        if self.reduced.carried is not None:
            return served_by_class(self.reduced, self.reduced.gain(), classes)
        weight = self.reduced.weight
        row_class = first_cover(self.reduced, classes)
        covered = [weight[row_class <= k, k].sum() for k in range(weight.shape[1])]
        return np.array(covered, dtype=np.int64)

    def _order(self, classes: NDArray[np.int8]) -> IntArray:
        """Columns of the problem in the order of opening, (last phase's count,)."""
        picked = order_classes(self.reduced, classes, self.reduced.gain())
        fixed = self.problem.fixed[: self.problem.phases[-1]]
        return np.concatenate([fixed, self.reduced.free[picked]]).astype(np.int64)

    def _report(self, stage: str) -> None:
        if self.progress is None:
            return
        constant, scale = self.whole.covered + self.whole.settled, self.reduced.scale
        value = (constant + self._found()) / scale
        bound = (constant + min(self.proving.within.bound, self.proof.objective)) / scale
        self.progress(stage, self.search.step, value, bound, _gap(value, bound))


def _check_fixed(problem: Problem) -> None:
    """Refuse limits that the fixed columns alone break, in phases that hold nothing else."""
    for each in broken_limits(problem.limits, problem.fixed, problem.phases):
        at_least, zh_least = ("at least", "不少于") if each.amount < each.least else (
            "at most", "不多于",
        )  # fmt: skip
        end = each.least if each.amount < each.least else each.most
        raise InfeasibleError(
            f"{each.name} must be {at_least} {end:.12g} in phase {each.phase + 1}, which holds "
            f"only columns that are fixed; they come to {each.amount:.12g}",
            f"{each.name} 第 {each.phase + 1} 期须{zh_least} {end:.12g}, 而该期只有 fixed 站, "
            f"合计 {each.amount:.12g}",
        )


def _within_limits(reduced: Reduced, start: NDArray[np.int8]) -> NDArray[np.int8]:
    """The plan nearest to one that breaks limits.

    Raises
    ------
    InfeasibleError
        Where there is none; it names a smallest set of ends that contradict each other.
    """
    found = nearest(reduced, start)
    if found is not None:
        return found

    # drop one end after the other; those without which there is a plan are kept
    limits = reduced.limits
    trivial = (
        np.zeros_like(limits.least),
        np.broadcast_to(limits.amount.sum(axis=1)[:, None], limits.most.shape),
    )
    ends = [limits.least.copy(), limits.most.copy()]
    needed = []
    for side, limit, cls in np.argwhere(np.stack(ends) != np.stack(trivial)):
        kept = ends[side][limit, cls]
        ends[side][limit, cls] = trivial[side][limit, cls]
        loose = replace(reduced, limits=limits._replace(least=ends[0], most=ends[1]))
        if nearest(loose, start) is not None:
            ends[side][limit, cls] = kept
            needed.append((int(side), int(limit), reduced.classes[cls]))
    problem = reduced.problem
    en, zh = [], []
    for side, number, phase in needed:
        limit = problem.limits[number]
        end = float(np.asarray(limit.most if side else limit.least)[phase]) / limit.parts
        en.append(
            f"{limit.name} {'at most' if side else 'at least'} {end:.12g} in phase {phase + 1}"
        )
        zh.append(f"{limit.name} 第 {phase + 1} 期{'不多于' if side else '不少于'} {end:.12g}")
    rest = bool((reduced.hard >= 0).any())
    raise InfeasibleError(
        "no plan holds these together with the counts"
        + (" and the rows that must be covered" if rest else "")
        + f": {'; '.join(en) or 'no limit is to blame'}",
        "以下限制与各期站数"
        + ("及必须覆盖的行" if rest else "")
        + f"不能同时满足: {'; '.join(zh) or '与限制无关'}",
    )


def _gap(value: float, bound: float) -> float:
    if value > 0:
        return max(0.0, bound / value - 1)
    return 0.0 if bound <= 0 else math.inf


def _starts(
    reduced: Reduced, proof: Certificate | None, proof_of: Problem | None
) -> tuple[Start | None, Start | None]:
    """Where a known proof lets the bounds of the objective and of coverage begin, if it fits."""
    if proof is None:
        return None, None
    if proof_of is None:
        return fitted(reduced.weight, proof.objective), fitted(reduced.weight, proof.coverage)
    before = reduce(proof_of)
    return (
        carried_over(before, proof.objective, reduced),
        carried_over(before, proof.coverage, reduced),
    )


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
    """Covered weight in each phase under an order, (phases,), summed without loss of digits.

    Where columns carry only so much it is what the best split serves.
    """
    if problem.load is not None:
        return served_value(problem, order)
    first = first_rank(problem, order)
    phases = zip(problem.weight, problem.phases, strict=True)
    return np.array([math.fsum(weight[first < count]) for weight, count in phases])
