"""The best plans known for the problems of few large stations, and what is proven beside them.

    python -m benchmarks.best [NAME ...] [--methods swaps ruin planner highs] [--work 1]

Four methods, each with `--work` times its usual amount: annealing over pair swaps, written here and
nowhere else; ruin and recreate, the search of the planner alone; the planner's `solve` with the
effort `long`, whose bound is proven; HiGHS on the nested program from the best plan so far, with a
limit on its work. ``benchmarks/results/large.csv`` keeps of each the best value and the best
bound of all runs: a further run can only improve a line.
"""

from __future__ import annotations

import argparse
import csv
import math
from collections.abc import Callable
from functools import partial
from typing import Any

import highspy
import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from benchmarks.instances import LARGE, Instance, make
from benchmarks.optimise import spend
from benchmarks.pairs import RESULTS, read
from benchmarks.relaxation import UNIT, program_of
from planner.optimise import appraise, solve
from planner.optimise.greedy import greedy
from planner.optimise.improve import Search
from planner.optimise.objective import coverage_alone
from planner.optimise.reduce import Reduced, reduce
from planner.optimise.sharing import sites_of

PROPOSALS, STEPS, SECONDS = 6_000_000, 100_000, 900.0
PATH = RESULTS / "large.csv"

Classes = NDArray[np.int8]
Found = tuple[Classes, float | None]
"""Class of each column, and a bound of the objective in units of weight, if one was proven."""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", default=LARGE)
    parser.add_argument("--methods", nargs="+", default=METHODS, choices=METHODS)
    parser.add_argument("--work", type=float, default=1.0)
    given = parser.parse_args()
    for name in given.names:
        instance = make(name)
        reduced = reduce(instance.problem)
        best = _greedy(reduced)
        for method in given.methods:
            task = partial(METHODS[method], instance, reduced, best, given.work)
            seconds, (classes, bound) = spend(task)
            best = max(best, classes, key=lambda plan: _value(reduced, plan))
            _keep(name, method, _value(reduced, classes), bound, seconds)


def best_known(name: str) -> tuple[float, float]:
    """The best value of all methods, and the best proven bound."""
    rows = [row for row in read(PATH) if row["instance"] == name]
    bounds = [float(row["bound"]) for row in rows if row["bound"]]
    return max(float(row["objective"]) for row in rows), min(bounds, default=math.inf)


def _keep(name: str, method: str, value: float, bound: float | None, seconds: float) -> None:
    """Store a line, with the better of its value and of its bound before and now."""
    rows = {(row["instance"], row["method"]): row for row in (read(PATH) if PATH.exists() else [])}
    old = rows.get((name, method))
    if old:
        value = max(value, float(old["objective"]))
        bound = min([x for x in (bound, float(old["bound"] or math.inf)) if x], default=math.inf)
        seconds += float(old["cpu_s"])
    told = f"{bound:.10g}" if bound and math.isfinite(bound) else ""
    row = {"instance": name, "method": method, "objective": f"{value:.10g}", "bound": told}
    rows[name, method] = row | {"cpu_s": f"{seconds:.1f}"}
    print(*rows[name, method].values(), flush=True)
    with PATH.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[name, method]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows[key] for key in sorted(rows))


def _greedy(reduced: Reduced) -> Classes:
    sites = sites_of(reduced.problem, reduced.free)
    return _classes(reduced, *greedy(reduced, coverage_alone(reduced), sites))


def _classes(reduced: Reduced, columns: Any, classes: Any) -> Classes:
    plan = np.full(reduced.columns, len(reduced.classes), dtype=np.int8)
    plan[columns] = classes
    return plan


def _value(reduced: Reduced, classes: Classes) -> float:
    """What a plan is worth, in units of weight, by the planner's own appraisal of its order."""
    count = int(reduced.budget.sum())
    order = reduced.free[np.argsort(classes, kind="stable")[:count]]
    return appraise(reduced.problem, order).objective


# --- the methods ---------------------------------------------------------------------------------


def _ruin(_: Instance, reduced: Reduced, start: Classes, work: float) -> Found:
    """The planner's ruin and recreate, whatever `solve` would choose."""
    objective, sites = coverage_alone(reduced), sites_of(reduced.problem, reduced.free)
    mean = int(objective.worth[:, 0].sum() // reduced.budget.sum())
    steps = int(STEPS * work)
    search = Search(reduced, sites, objective, start, steps, mean // 40, 0)
    search.advance(steps)
    return search.best, None


def _planner(_: Instance, reduced: Reduced, __: Classes, work: float) -> Found:
    """`solve` with the effort `long`, or `standard` with less than the usual work."""
    result = solve(reduced.problem, effort="long" if work >= 1 else "standard")
    position = np.searchsorted(reduced.free, result.order)
    phases = np.searchsorted(reduced.problem.phases, np.arange(result.order.size), side="right")
    return _classes(reduced, position, phases), result.bound


def _highs(_: Instance, reduced: Reduced, start: Classes, work: float) -> Found:
    """HiGHS from the best plan so far, its relaxations by interior points, for some minutes."""
    objective, sites = coverage_alone(reduced), sites_of(reduced.problem, reduced.free)
    program = program_of(reduced, objective, sites)
    places = len(reduced.classes) * reduced.columns
    whole, part = highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous
    program.integrality_ = [whole] * places + [part] * (program.num_col_ - places)

    highs: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    options = {"threads": 1, "time_limit": SECONDS * work, "mip_lp_solver": "ipm"}
    for option, value in (options | {"output_flag": False}).items():
        highs.setOptionValue(option, value)
    highs.passModel(program)
    opened = np.concatenate([start <= c for c in range(len(reduced.classes))]).astype(float)
    highs.setSolution(places, np.arange(places, dtype=np.int32), opened)
    highs.run()

    found = np.round(np.asarray(highs.getSolution().col_value)[:places]).astype(np.int64)
    classes = len(reduced.classes) - found.reshape(-1, reduced.columns).sum(axis=0)
    bound = int(reduced.constant.sum()) + highs.getInfo().mip_dual_bound * UNIT
    return classes.astype(np.int8), bound / reduced.scale


def _swaps(instance: Instance, reduced: Reduced, start: Classes, work: float) -> Found:
    """Annealing over exchanges of two columns' classes, nine in ten of them between neighbours."""
    assert instance.xy is not None
    xy = instance.xy[reduced.free]
    near = cKDTree(xy).query(xy, 61)[1][:, 1:].astype(np.int32)
    mean = reduced.weight.sum() / reduced.budget.sum()
    cover = reduced.cover
    best = _anneal(
        start,
        reduced.weight,
        cover.col_ptr,
        cover.col_row,
        near,
        float(mean),
        int(PROPOSALS * work),
        np.random.default_rng(0),
    )
    return best, None


@njit(cache=True)
def _anneal(start, weight, col_ptr, col_row, near, mean, proposals, rng):  # type: ignore[no-untyped-def]
    """Best classes of an annealing that cools from 0.06 to 0.002 of the mean worth of a column."""
    rows, classes = weight.shape
    over = np.zeros((classes, rows), dtype=np.int32)
    cls = start.copy()
    for j in range(cls.size):
        for k in range(cls[j], classes):
            for entry in range(col_ptr[j], col_ptr[j + 1]):
                over[k, col_row[entry]] += 1
    opened = np.flatnonzero(cls < classes)
    best, value, most = cls.copy(), 0, 0
    heat = 0.06 * mean
    cooling = (0.002 / 0.06) ** (1 / proposals)
    for _ in range(proposals):
        heat *= cooling
        at = int(rng.random() * opened.size)
        a = opened[at]
        b = near[a, int(rng.random() * near.shape[1])]
        if rng.random() < 0.1:
            b = int(rng.random() * cls.size)
        if cls[a] == cls[b]:
            continue

        # The one that opens sooner leaves the phases between both, the other joins them.
        out, into = (a, b) if cls[a] < cls[b] else (b, a)
        change = 0
        for k in range(cls[out], cls[into]):
            for entry in range(col_ptr[out], col_ptr[out + 1]):
                row = col_row[entry]
                over[k, row] -= 1
                if over[k, row] == 0:
                    change -= weight[row, k]
            for entry in range(col_ptr[into], col_ptr[into + 1]):
                row = col_row[entry]
                if over[k, row] == 0:
                    change += weight[row, k]
                over[k, row] += 1

        # Worse is taken by chance, less and less; else all counts go back.
        if change >= 0 or rng.random() < np.exp(change / heat):
            if cls[b] == classes:
                opened[at] = b
            cls[a], cls[b] = cls[b], cls[a]
            value += change
            if value > most:
                most = value
                best[:] = cls
            continue

        for k in range(cls[out], cls[into]):
            for entry in range(col_ptr[out], col_ptr[out + 1]):
                over[k, col_row[entry]] += 1
            for entry in range(col_ptr[into], col_ptr[into + 1]):
                over[k, col_row[entry]] -= 1
    return best


METHODS: dict[str, Callable[[Instance, Reduced, Classes, float], Found]] = {
    "swaps": _swaps,
    "ruin": _ruin,
    "planner": _planner,
    "highs": _highs,
}


if __name__ == "__main__":
    main()
