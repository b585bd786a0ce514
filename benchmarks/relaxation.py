"""The nested linear relaxation of an objective by HiGHS: what no Lagrangian bound can undercut.

    python -m benchmarks.relaxation [NAME] [--coverage] [--solver hipo]

It takes minutes to an hour and up to some gigabytes, so nothing else calls it. The line it prints
is kept in ``benchmarks/results/relaxation.csv``.
"""

from __future__ import annotations

import argparse
import csv
import time
from typing import Any, NamedTuple

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from benchmarks.instances import NAMES, make
from benchmarks.pairs import RESULTS, peak_mb, read
from planner.optimise.objective import Objective, coverage_alone, full_objective, settled
from planner.optimise.problem import IntArray
from planner.optimise.reduce import Reduced, reduce
from planner.optimise.sharing import Sites, sites_of

UNIT = 2.0**30
"""Integer units of the objective in one of the program's: values of some hundreds to thousands."""


class Relaxed(NamedTuple):
    """Value of the relaxation from below and above, integer units without the constant."""

    primal: float
    dual: float
    seconds: float
    status: str


def relaxation(
    reduced: Reduced, objective: Objective, sites: Sites, solver: str, tolerance: float
) -> Relaxed:
    """Solve it once."""
    program = program_of(reduced, objective, sites)
    highs: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    options = {
        "output_flag": True,
        "solver": solver,
        "run_crossover": "off",
        "threads": 1,
        "ipm_optimality_tolerance": tolerance,
        "pdlp_optimality_tolerance": tolerance,
        "kkt_tolerance": tolerance,
    }
    for option, value in options.items():
        highs.setOptionValue(option, value)
    highs.passModel(program)
    began = time.process_time()
    highs.run()
    seconds = time.process_time() - began
    solution, status = highs.getSolution(), highs.modelStatusToString(highs.getModelStatus())
    point = np.clip(np.asarray(solution.col_value), 0.0, np.asarray(program.col_upper_))
    duals = np.asarray(solution.row_dual)
    return Relaxed(
        primal=float(program.col_cost_ @ point) * UNIT,
        dual=_dual_value(program, duals) * UNIT,
        seconds=seconds,
        status=status,
    )


def _dual_value(program: Any, duals: NDArray[np.float64]) -> float:
    """What any multipliers of the rows prove, for their signs are set right first."""
    low, high = np.asarray(program.row_lower_), np.asarray(program.row_upper_)
    matrix = sparse.csc_array(
        (program.a_matrix_.value_, program.a_matrix_.index_, program.a_matrix_.start_),
        shape=(low.size, program.num_col_),
    )

    # maximise c x, low <= A x <= high: y >= 0 where only high binds, y <= 0 where only low does
    duals = np.where(np.isinf(high), np.minimum(duals, 0.0), duals)
    duals = np.where(np.isinf(low), np.maximum(duals, 0.0), duals)
    side = np.where(duals > 0, np.where(np.isinf(high), 0, high), np.where(np.isinf(low), 0, low))
    left = np.asarray(program.col_cost_) - matrix.T @ duals
    return float(duals @ side + np.maximum(left, 0.0) @ np.asarray(program.col_upper_))


def program_of(reduced: Reduced, objective: Objective, sites: Sites) -> Any:
    """Columns open by each class, then rows covered and sites shared by each class, for HiGHS.

    A row of one column is that column, so its worth is added to the column's. A site of two seats
    is shared no more than either seat is held: the convex hull, where half of the sum is not.
    """
    columns, classes = reduced.columns, len(reduced.classes)
    opening, covering, sharing = (term / UNIT for term in increments(objective))
    cover = reduced.cover.matrix()
    size = np.diff(cover.indptr)
    single = np.flatnonzero(size == 1)
    np.add.at(opening, cover.indices[cover.indptr[single]], covering[single])
    wide = np.flatnonzero(size > 1)
    cover, covering = cover[wide].astype(float), covering[wide]
    pair, held, already = pairs_of(sites, columns)
    if not sharing.any():
        pair, held, already = pair[:0], held[:0], already[:0]

    rows, places = wide.size, pair.shape[1] if pair.shape[0] else 0
    width = [columns] * classes + [rows] * classes + [places] * classes
    blocks, low = [], []
    for c in range(classes):
        line = [None] * len(width)
        line[c], line[classes + c] = cover, -sparse.eye_array(rows)
        blocks.append(line)
        low.append(np.zeros(rows))
        if places:
            line = [None] * len(width)
            line[c], line[2 * classes + c] = held, -pair
            blocks.append(line)
            low.append(-already)
        if c + 1 < classes:
            line = [None] * len(width)
            line[c], line[c + 1] = -sparse.eye_array(columns), sparse.eye_array(columns)
            blocks.append(line)
            low.append(np.zeros(columns))
    for c in range(classes):
        line = [None] * len(width)
        line[c] = sparse.csr_array(np.ones((1, columns)))
        blocks.append(line)
    keep = [at for at, w in enumerate(width) if w]
    blocks = [[line[at] for at in keep] for line in blocks]
    matrix = sparse.csc_array(sparse.block_array(blocks, format="csc"))
    counts = np.cumsum(reduced.budget).astype(float)

    lp = highspy.HighsLp()
    lp.num_row_, lp.num_col_ = matrix.shape
    lp.sense_ = highspy.ObjSense.kMaximize
    lp.col_cost_ = np.concatenate(
        [*opening.T, *covering.T, *(np.full(places, sharing[c]) for c in range(classes))]
    )
    lp.col_lower_ = np.zeros(matrix.shape[1])
    usable = [(reduced.first <= c).astype(float) for c in range(classes)]
    lp.col_upper_ = np.concatenate([*usable, np.ones((rows + places) * classes)])
    lp.row_lower_ = np.concatenate([*low, counts])
    lp.row_upper_ = np.concatenate([np.full(matrix.shape[0] - classes, np.inf), counts])
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = matrix.indptr
    lp.a_matrix_.index_ = matrix.indices
    lp.a_matrix_.value_ = matrix.data
    return lp


def increments(objective: Objective) -> tuple[IntArray, IntArray, IntArray]:
    """What each column, (columns, K), row, (rows, K), and site, (K,), is worth by each class.

    What is open by a class is open by all later ones, so a class adds what the next does not.
    """
    reward, worth, bonus = objective.reward, objective.worth, objective.bonus
    opening = reward - np.pad(reward[:, 1:], ((0, 0), (0, 1)))
    return opening, worth[:, :-1] - worth[:, 1:], bonus[:-1] - bonus[1:]


def pairs_of(
    sites: Sites, columns: int
) -> tuple[sparse.csr_array, sparse.csr_array, NDArray[np.float64]]:
    """Of each seat of a site of two: the site, its columns, and whether a fixed one holds it.

    A site whose fixed columns hold both seats earns nothing more and is left out.
    """
    seats = np.diff(sites.seat_ptr)
    if seats.max(initial=0) > 2:
        raise NotImplementedError("a site of more than two networks")
    fixed = np.bincount(sites.seat_site, sites.open_seat, minlength=seats.size)
    places = np.flatnonzero((seats == 2) & (fixed < 2))
    chosen = np.concatenate(
        [sites.seat_list[sites.seat_ptr[s] : sites.seat_ptr[s + 1]] for s in places]
        or [np.zeros(0, int)]
    )
    of_site = sparse.csr_array(
        (np.ones(chosen.size), (np.arange(chosen.size), np.repeat(np.arange(places.size), 2))),
        shape=(chosen.size, places.size),
    )
    of_seat = sparse.csr_array(
        (np.ones(columns), (sites.seat, np.arange(columns))), shape=(sites.seat_site.size, columns)
    )
    return of_site, of_seat[chosen], sites.open_seat[chosen].astype(float)


def constant_of(reduced: Reduced, objective: Objective, sites: Sites) -> int:
    """What every plan is worth beside the program of the full objective, in integer units.

    That is what the fixed columns cover and bring, with the sites that `pairs_of` leaves out.
    """
    held = np.bincount(sites.seat_site, sites.open_seat > 0, minlength=sites.seat_ptr.size - 1)
    shared = int(np.count_nonzero(held >= 2)) * int(objective.bonus[0])
    return int(reduced.constant.sum()) + settled(reduced.problem, reduced) + shared


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("name", nargs="?", default="packaged-7643c7b", choices=NAMES)
    parser.add_argument("--coverage", action="store_true", help="coverage alone")
    parser.add_argument("--solver", default="ipm", help="of HiGHS; hipo needs highspy-extras")
    parser.add_argument("--tolerance", type=float, default=1e-7)
    given = parser.parse_args()

    problem = make(given.name).problem
    reduced = reduce(problem)
    objective = coverage_alone(reduced) if given.coverage else full_objective(problem, reduced)
    sites = sites_of(problem, reduced.free)
    found = relaxation(reduced, objective, sites, given.solver, given.tolerance)
    constant = constant_of(reduced, objective, sites)
    if given.coverage:
        constant = int(reduced.constant.sum())
    keep(
        {
            "instance": given.name,
            "of": "coverage" if given.coverage else "objective",
            "primal": f"{(constant + found.primal) / reduced.scale:.8g}",
            "dual": f"{(constant + found.dual) / reduced.scale:.8g}",
            "solver": f"HiGHS {highspy.Highs().version()} {given.solver}",
            "status": found.status,
            "tolerance": f"{given.tolerance:g}",
            "CPU s": f"{found.seconds:.0f}",
            "peak MB": f"{peak_mb():.0f}",
        }
    )


def keep(line: dict[str, str]) -> None:
    """Print a line and store it in place of the one of the same instance and solver."""
    print(line, flush=True)
    path, key = RESULTS / "relaxation.csv", ("instance", "of", "solver")
    old = read(path) if path.exists() else []
    rows = [*(row for row in old if any(row[name] != line[name] for name in key)), line]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(line), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
