"""The optimiser against its peers at equal seconds of the processor, on every instance.

``ours`` is `solve` with the effort `standard`; what it spends is what CP-SAT gets, with one worker,
for the same objective over all phases. For the last phase alone, from nothing, submodlib's greedy
is beside it; and on a cut-out of 250 columns spopt's model, solved by HiGHS to the end. A peer that
is not installed is named and left out. A line's gap is its own bound's; ``/ ours`` compares values.
"""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from benchmarks.cp_sat import cp_sat
from benchmarks.greedy import lazy_greedy, one_phase
from benchmarks.instances import LARGE, make
from benchmarks.pairs import RESULTS, read
from benchmarks.relaxation import constant_of, increments, pairs_of
from planner.optimise import Problem, appraise, solve
from planner.optimise.objective import full_objective
from planner.optimise.reduce import reduce
from planner.optimise.sharing import sites_of

INSTANCES = ("packaged-7643c7b", "packaged", "district", "dense", *LARGE)
CUT = 250


@dataclass(frozen=True)
class Line:
    """What one method came to on one problem; empty where it proves nothing."""

    instance: str
    problem: str
    method: str
    cpu_s: str
    objective: str
    bound: str = ""
    gap: str = ""
    over_ours: str = ""


def measure(names: tuple[str, ...] = INSTANCES) -> Iterator[Line]:
    """Every line of some instances; each is stored at once in place of the one before."""
    for name in names:
        for one in _lines(name, make(name).problem):
            _store(one)
            yield one


def _lines(name: str, problem: Problem) -> Iterator[Line]:
    seconds, ours = spend(lambda: solve(problem))
    yield _line(name, "all phases", "ours", seconds, ours.objective, ours.objective_bound)
    yield cp_sat_line(name, problem, seconds, ours.objective)

    # One phase, nothing built: what submodlib and spopt can say.
    last = one_phase(problem)
    seconds, alone = spend(lambda: solve(last))
    yield _line(name, "last phase", "ours", seconds, alone.objective, alone.objective_bound)
    yield _submodlib(name, last, alone.objective)

    small = cut(last, CUT)
    if small is not None:
        what = f"{CUT} columns"
        seconds, little = spend(lambda: solve(small))
        yield _line(name, what, "ours", seconds, little.objective, little.objective_bound)
        yield _spopt(name, what, small, little.objective)


def spend(call: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds of the processor, of all threads, and what came out."""
    began = time.process_time()
    result = call()
    return time.process_time() - began, result


def _line(
    instance: str,
    problem: str,
    method: str,
    seconds: float,
    objective: float,
    bound: float | None = None,
    ours: float | None = None,
) -> Line:
    return Line(
        instance,
        problem,
        method,
        f"{seconds:.2f}",
        f"{objective:.8g}",
        "" if bound is None else f"{bound:.8g}",
        "" if bound is None else f"{bound / objective - 1:.3%}",
        "" if ours is None else f"{objective / ours:.5f}",
    )


def _left_out(instance: str, problem: str, method: str, error: ImportError) -> Line:
    """A peer that is not installed."""
    return Line(instance, problem, method, "", f"left out: {str(error).rpartition('/')[2][:60]}")


def cut(problem: Problem, columns: int) -> Problem | None:
    """The columns that share most weight with the heaviest one; None where there are not as many.

    A quarter of them open.
    """
    if problem.shape[1] <= columns:
        return None
    cover = problem.cover.astype(float)
    middle = int(np.argmax(cover.T @ problem.weight[0]))
    rows = cover[:, [middle]].toarray().ravel()
    shared = cover.T @ (problem.weight[0] * rows)
    near = np.sort(np.argsort(-shared, kind="stable")[:columns])
    here = problem.cover[:, near]
    kept = np.flatnonzero(np.diff(here.indptr))
    return Problem(weight=problem.weight[0, kept], cover=here[kept], phases=[columns // 4])


# --- peers ---------------------------------------------------------------------------------------


def _submodlib(name: str, problem: Problem, ours: float) -> Line:
    """LazyGreedy: the greedy plan, which ours begins with."""
    try:
        import submodlib  # noqa: F401
    except ImportError as error:
        return _left_out(name, "last phase", "submodlib LazyGreedy", error)
    reduced = reduce(problem)
    seconds, order = spend(lazy_greedy(reduced))
    value = appraise(problem, reduced.free[order]).objective
    return _line(name, "last phase", "submodlib LazyGreedy", seconds, value, None, ours)


def _spopt(name: str, what: str, problem: Problem, ours: float) -> Line:
    """MCLP, built and solved by HiGHS until it is proven."""
    method = "spopt MCLP, HiGHS"
    try:
        import pulp
        from spopt.locate import MCLP
    except ImportError as error:
        return _left_out(name, what, method, error)
    distance = np.where(problem.cover.toarray(), 0.0, 2.0)

    def both() -> float:
        count = problem.phases[-1]
        model = MCLP.from_cost_matrix(distance, problem.weight[0], 1.0, count)
        solved = model.solve(pulp.HiGHS(msg=False, gapRel=0))
        return float(solved.problem.objective.value())

    seconds, value = spend(both)
    return _line(name, what, method, seconds, value, value, ours)


def cp_sat_line(name: str, problem: Problem, seconds: float, ours: float) -> Line:
    """CP-SAT on all phases with sharing and cost."""
    reduced = reduce(problem)
    sites = sites_of(problem, reduced.free)
    objective = full_objective(problem, reduced)
    opening, covering, sharing = increments(objective)
    _, of_seat, held = pairs_of(sites, reduced.columns)
    program = {
        "opening": opening,
        "covering": covering,
        "sharing": sharing,
        "row_ptr": reduced.cover.row_ptr,
        "row_col": reduced.cover.row_col,
        "budget": reduced.budget,
        "first": reduced.first,
        "seat_ptr": of_seat.indptr,
        "seat_list": of_seat.indices,
        "held": held > 0,
    }
    try:
        found = cp_sat(program, seconds)
    except ImportError as error:
        return _left_out(name, "all phases", "CP-SAT", error)
    if not found.classes:
        return Line(name, "all phases", "CP-SAT", f"{found.seconds:.2f}", "no plan")

    # What opens by an earlier class comes first.
    classes = np.array(found.classes)
    free = np.flatnonzero(classes >= 0)
    free = free[np.argsort(classes[free], kind="stable")]
    value = appraise(problem, np.concatenate([problem.fixed, reduced.free[free]])).objective
    bound = (constant_of(reduced, objective, sites) + found.bound) / reduced.scale
    return _line(name, "all phases", "CP-SAT", found.seconds, value, bound, ours)


# --- the table -----------------------------------------------------------------------------------


def _store(one: Line) -> None:
    """Keep a line in ``results/optimise.csv`` in place of the one of the same name."""
    path = RESULTS / "optimise.csv"
    rows = {_key(row): row for row in (read(path) if path.exists() else [])}
    rows[_key(vars(one))] = vars(one)
    with path.open("w", encoding="utf-8", newline="") as file:
        names = [field.name for field in fields(Line)]
        writer = csv.DictWriter(file, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows.values())


def _key(row: Mapping[str, str]) -> tuple[str, ...]:
    return row["instance"], row["problem"], row["method"]


def print_line(one: Line) -> None:
    """Show a line as soon as it is measured."""
    print(" | ".join(vars(one).values()), flush=True)
