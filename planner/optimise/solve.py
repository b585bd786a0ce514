"""Solve a nested covering problem: reduce, greedy, improve, and prove how good it is."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from planner.errors import InfeasibleError, ProblemError
from planner.optimise.bound import Certificate, Dual, certify, evaluate, in_units
from planner.optimise.exact import least_count, optimum
from planner.optimise.greedy import greedy, order_classes
from planner.optimise.improve import Search
from planner.optimise.problem import FloatArray, IntArray, Problem
from planner.optimise.reduce import TOTAL, Reduced, reduce
from planner.optimise.sharing import sites_of

Effort = Literal["fast", "standard", "long", "exact"]
#: Called with stage, step, value, bound, gap; bound and gap are infinite until there is a bound.
Progress = Callable[[str, int, float, float, float], None]


@dataclass(frozen=True, slots=True, eq=False)
class Budget:
    """Work of an effort, in elementary operations, so that runs stop by steps and not by seconds."""

    search: float
    bound: float
    iterations: tuple[int, int]


#: One unit of search is about 15 ns, one of the bound about 3 ns, on a slow core; at least and at
#: most iterations.
EFFORTS = {
    "fast": Budget(0, 3e8, (60, 120)),
    "standard": Budget(8e8, 2.5e9, (350, 1_000)),
    "long": Budget(1.2e10, 1.2e10, (1_000, 2_500)),
}
#: A search that moves a few columns at a time needs steps in proportion to the columns, above a
#: district's.
_DISTRICT_COLUMNS = 14_000
_ROUNDS = 40
#: Up to this many columns HiGHS finishes what the search found, within so many nodes of its tree.
SMALL = 300
SMALL_NODES = 2_000


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
        What the search maximised: coverage with the sharing bonus, less cost and churn, in units of
        `weight`.
    certificate : Certificate
        Multipliers that prove `bound`; see `verify`.
    optimal : bool
        Whether HiGHS proved that no plan has a better objective (`exact` only; `bound` is then its
        proof).
    steps : int
        Steps of improvement.
    seconds : float
        Wall time. Everything else is the same in every run.
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
    seconds: float
    unreachable: int
    interrupted: bool

    def summary(self) -> str:
        """A few lines for people, in Chinese and English."""
        lines = [
            f"第 {k + 1} 期 phase {k + 1}: 覆盖 covered {value:.6g}, 单独上界 bound alone "
            f"{bound:.6g}"
            for k, (value, bound) in enumerate(zip(self.value, self.phase_bound, strict=True))
        ]
        lines.append(
            f"合计 sum {self.value.sum():.6g}, 上界 bound {self.bound:.6g}, 差距 gap {self.gap:.3%}"
        )
        lines.append(f"改进步数 steps {self.steps}, 用时 seconds {self.seconds:.1f}")
        if self.interrupted:
            lines.append("已中断, 为目前最优 interrupted, the best so far")
        return "\n".join(lines)


def solve(
    problem: Problem,
    *,
    effort: Effort = "standard",
    seed: int = 0,
    progress: Progress | None = None,
) -> Result:
    """Find an order of columns whose every phase covers as much as it can, and a proof of how good it is.

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

    Returns
    -------
    Result
        Ctrl-C during the improvement returns the best plan so far with the bound proven so far.

    Raises
    ------
    ProblemError
        If the effort is unknown.
    InfeasibleError
        If rows that must be covered cannot be.
    """
    if effort not in (*EFFORTS, "exact"):
        names = ", ".join((*EFFORTS, "exact"))
        raise ProblemError(
            f"effort is {effort!r}; it must be one of {names}",
            f"effort 为 {effort!r}, 应为 {names} 之一",
        )
    began = time.perf_counter()
    task = _Task(problem, EFFORTS["standard" if effort == "exact" else effort], seed, progress)
    task.run()
    if effort == "exact":
        task.prove(None)
    elif effort != "fast" and task.reduced.columns <= SMALL:
        task.prove(SMALL_NODES)
    return task.result(began)


class _Task:
    """One run: what is weighed, the search and the bound side by side, and what came out."""

    def __init__(
        self, problem: Problem, budget: Budget, seed: int, progress: Progress | None
    ) -> None:
        self.problem = problem
        self.progress = progress
        self.interrupted = False
        self.optimal = False
        self.reduced = reduced = reduce(problem)
        self.sites = sites_of(problem, reduced.free)
        self.worth = reduced.gain()
        self.due = reduced.gain(hard_weight(reduced))
        columns, never = reduced.columns, len(reduced.classes)
        self.nothing = (
            np.zeros((columns, never), dtype=np.int64),
            np.zeros(never + 1, dtype=np.int64),
        )
        covered = self._covered(
            self._by_column(*greedy(reduced, self.worth, *self.nothing, self.sites))
        )
        self.reward, self.bonus = _extras(problem, reduced, covered)
        weighed = self.worth + self.due, self.reward, self.bonus
        waiting = self.reward - foregone(problem, reduced)
        start = self._by_column(
            *greedy(reduced, self.worth + self.due, waiting, self.bonus, self.sites)
        )
        steps, iterations = _amounts(reduced, budget)
        heat = int(covered.sum() // max(1, int(reduced.budget.sum())) // 40)
        self.search = Search(reduced, self.sites, *weighed, start, steps, heat, seed)
        self.proof: float | None = None
        self.dual = Dual(
            reduced, reduced.weight, reduced.budget, reduced.first, int(covered.sum()), iterations
        )
        self.iterations = iterations

    def run(self) -> None:
        """Improve and bound side by side, in rounds, until both have done their steps or Ctrl-C."""
        self._report("greedy")
        pool = ThreadPoolExecutor(1)
        try:
            for turn in range(_ROUNDS):
                share = _ROUNDS - turn
                work = pool.submit(
                    self.dual.advance, -(-(self.iterations - self.dual.step) // share)
                )
                self.search.advance(-(-(self.search.steps - self.search.step) // share))
                work.result()
                self._report("improve")
        except KeyboardInterrupt:
            self.interrupted = True
        finally:
            pool.shutdown(wait=True)

    def prove(self, nodes: int | None) -> None:
        """Let HiGHS prove the plan, or find the better one; without a limit its bound of coverage counts as well."""
        reduced, search = self.reduced, self.search
        if self.interrupted:
            return
        if not reduced.columns or not reduced.classes:  # one plan only
            self.proof, self.optimal = 0.0, True
            return
        weighs_more = bool(self.due.any() or self.reward.any() or self.bonus.any())
        if nodes is None and weighs_more:  # the bound speaks of coverage only
            classes, most, proven = optimum(
                reduced, self.worth, *self.nothing, self.sites, search.best, None
            )
            self.proof = float(self._covered(classes).sum()) if proven else most
        if not weighs_more and self.dual.exact_bound() <= search.objective:
            self.optimal = True
            return
        classes, most, proven = optimum(
            reduced, search.worth, self.reward, self.bonus, self.sites, search.best, nodes
        )
        self.optimal = proven
        search.replace_best(classes)
        if nodes is None:
            self.interrupted = not proven
            if not weighs_more:
                self.proof = float(search.objective) if proven else most
        self._report("prove")

    def result(self, began: float) -> Result:
        """What came out, in the caller's units."""
        reduced, best = self.reduced, self.search.best
        order = self._order(best)
        check_hard(self.problem, reduced, order)
        value = cover_value(self.problem, order)
        multipliers, prices = self.dual.rounded()
        bound = in_units(reduced, evaluate(reduced, multipliers, prices))
        if self.proof is not None and math.isfinite(self.proof):
            constant = int(reduced.constant.sum())
            bound = min(
                bound, max(float(value.sum()), in_units(reduced, constant + math.ceil(self.proof)))
            )
        row_class = first_cover(reduced, best).astype(np.int64)[:, None]
        extras = self.search.objective - int(
            np.take_along_axis(self.search.worth, row_class, axis=1).sum()
        )
        return Result(
            order=order,
            value=value,
            bound=bound,
            phase_bound=self._phase_bounds(),
            gap=_gap(float(value.sum()), bound),
            objective=float(value.sum()) + extras / reduced.scale,
            certificate=certify(reduced, multipliers, prices),
            optimal=self.optimal,
            steps=self.search.step,
            seconds=time.perf_counter() - began,
            unreachable=reduced.unreachable,
            interrupted=self.interrupted,
        )

    def _by_column(self, order: IntArray, classes: NDArray[np.int8]) -> NDArray[np.int8]:
        chosen = np.full(self.reduced.columns, len(self.reduced.classes), dtype=np.int8)
        chosen[order] = classes
        return chosen

    def _covered(self, classes: NDArray[np.int8]) -> IntArray:
        """Covered integer weight of each class's phase, without the constant."""
        row_class = first_cover(self.reduced, classes)
        return np.array(
            [
                self.reduced.weight[row_class <= k, k].sum()
                for k in range(len(self.reduced.classes))
            ],
            dtype=np.int64,
        )

    def _order(self, classes: NDArray[np.int8]) -> IntArray:
        picked = order_classes(self.reduced, classes, self.worth)
        fixed = self.problem.fixed[: self.problem.phases[-1]]
        return np.concatenate([fixed, self.reduced.free[picked]]).astype(np.int64)

    def _phase_bounds(self) -> FloatArray:
        reduced = self.reduced
        bounds = [in_units(reduced, int(total)) for total in reduced.constant]
        taken = np.cumsum(reduced.budget)
        covered = self._covered(self.search.best)
        more = max(20, self.iterations // 6)
        for k, phase in enumerate(reduced.classes):
            first = np.where(reduced.first <= k, 0, 1).astype(np.int8)
            weight = np.ascontiguousarray(reduced.weight[:, k : k + 1])
            start = np.ascontiguousarray(self.dual.best[:, k : k + 1])
            alone = Dual(reduced, weight, taken[k : k + 1], first, int(covered[k]), more, start)
            alone.advance(more)
            bounds[phase] = in_units(reduced, int(reduced.constant[phase]) + alone.exact_bound())
        return np.array(bounds)

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


def _amounts(reduced: Reduced, budget: Budget) -> tuple[int, int]:
    """Steps of improvement and iterations of the bound that an effort buys on a problem of this size."""
    entries = max(1, reduced.row_col.size)
    if not reduced.columns or not reduced.classes:
        return 0, 0
    per_column = entries / reduced.columns
    per_row = entries / max(1, reduced.rows)
    work = budget.search * max(1.0, reduced.columns / _DISTRICT_COLUMNS)
    steps = min(200 * reduced.columns, int(work / (500 + 2 * per_column * per_row)))
    least, most = budget.iterations
    iterations = min(most, max(least, int(budget.bound / (entries * len(reduced.classes)))))
    return steps, iterations


def _extras(problem: Problem, reduced: Reduced, covered: IntArray) -> tuple[IntArray, IntArray]:
    """Worth of opening a column in each class, and of a shared site from each class on, beside coverage.

    Both are measured against what greedy covers in the phase: the bonus by a mean station, the
    tie-break by all.
    """
    never = len(reduced.classes)
    counts = np.array([problem.phases[k] for k in reduced.classes], dtype=np.int64)
    total = covered + reduced.constant[list(reduced.classes)]
    each = total / np.maximum(counts, 1)
    reward = np.zeros((reduced.columns, never), dtype=np.int64)
    if problem.cost is not None:
        cost = problem.cost[reduced.free]
        spread = cost - cost.min(initial=np.inf)
        if spread.any():
            price = problem.cost_share * spread[:, None] / spread.max() * each
            reward -= np.floor(np.cumsum(price[:, ::-1], axis=1)[:, ::-1]).astype(np.int64)
    if problem.agreed is not None and problem.churn_price:
        agreed = problem.agreed[reduced.free]
        for c, phase in enumerate(reduced.classes):
            reward[agreed == phase, c] += int(problem.churn_price * reduced.scale)
    bonus = np.zeros(never + 1, dtype=np.int64)
    if problem.network is not None:
        here = np.floor(problem.share_bonus * each).astype(np.int64)
        bonus[:-1] = np.cumsum(here[::-1])[::-1]
    return reward, bonus


def foregone(problem: Problem, reduced: Reduced) -> IntArray:
    """What an agreed column forgoes when it opens before its phase: greedy fills class by class and cannot see it."""
    lost = np.zeros((reduced.columns, len(reduced.classes)), dtype=np.int64)
    if problem.agreed is not None:
        agreed = problem.agreed[reduced.free]
        for c, phase in enumerate(reduced.classes):
            lost[agreed > phase, c] = int(problem.churn_price * reduced.scale)
    return lost


def hard_weight(reduced: Reduced) -> IntArray:
    """Extra weight of the rows that must be covered, in the phase by which: more than all weights together."""
    extra = np.zeros_like(reduced.weight)
    rows = np.flatnonzero(reduced.hard >= 0)
    if rows.size:
        extra[rows, reduced.hard[rows]] = min(2 * TOTAL, (1 << 61) // rows.size)
    return extra


def check_hard(problem: Problem, reduced: Reduced, order: IntArray) -> None:
    """Refuse an order that misses rows which must be covered, and say which and what it would take."""
    due = np.where(problem.hard >= 0, np.asarray(problem.phases)[problem.hard], order.size + 1)
    missed = np.flatnonzero(first_rank(problem, order) >= due)
    if not missed.size:
        return
    phase = int(problem.hard[missed].min())
    here = missed[problem.hard[missed] == phase]
    count = problem.phases[phase]
    en, zh = (
        [f"{here.size} rows that must be covered by phase {phase + 1} ({count} stations) are not"],
        [f"第 {phase + 1} 期 ({count} 站) 必须覆盖的行中有 {here.size} 行未覆盖"],
    )
    if problem.group is not None:
        labels, sizes = np.unique(problem.group[here], return_counts=True)
        parts = ", ".join(f"{label}: {size}" for label, size in zip(labels, sizes, strict=True))
        en.append(f"by group: {parts}")
        zh.append(f"按组: {parts}")
    lost = int(np.count_nonzero(reduced.source_row[here] == -2))
    if lost:
        en.append(f"no usable column covers {lost} of them at all")
        zh.append(f"其中 {lost} 行没有任何可用站能覆盖")
    elif phase in reduced.classes:
        cls = reduced.classes.index(phase)
        rows = (reduced.hard >= 0) & (reduced.hard <= cls)
        least = problem.fixed.size + least_count(reduced, rows, cls)
        en.append(f"covering all of them takes at least {least} stations")
        zh.append(f"全部覆盖至少需要 {least} 站")
    raise InfeasibleError("; ".join(en), "; ".join(zh))


def first_cover(reduced: Reduced, classes: NDArray[np.int8]) -> NDArray[np.int8]:
    """Class from which each reduced row is covered, the number of classes where it never is."""
    if not reduced.rows:
        return np.zeros(0, dtype=np.int8)
    return np.minimum.reduceat(classes[reduced.row_col], reduced.row_ptr[:-1])


def first_rank(problem: Problem, order: IntArray) -> IntArray:
    """Rank of the first column of an order that covers each row; the order's length where none does."""
    rank = np.full(problem.shape[1], order.size, dtype=np.int64)
    rank[order] = np.arange(order.size)
    cover = problem.cover
    filled = np.flatnonzero(np.diff(cover.indptr))
    first = np.full(problem.shape[0], order.size, dtype=np.int64)
    if filled.size:
        first[filled] = np.minimum.reduceat(rank[cover.indices], cover.indptr[filled])
    return first


def cover_value(problem: Problem, order: IntArray) -> FloatArray:
    """Covered weight in each phase under an order, in the caller's units, summed without loss of digits."""
    first = first_rank(problem, order)
    return np.array(
        [
            math.fsum(w[first < count])
            for w, count in zip(problem.weight, problem.phases, strict=True)
        ]
    )
