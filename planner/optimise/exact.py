"""HiGHS for what is small or must be proven: the optimum of a nested problem, and the least count that covers."""

from __future__ import annotations

import math
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from planner.optimise.problem import FloatArray, IntArray
from planner.optimise.reduce import Reduced
from planner.optimise.sharing import Sites

#: The objective is scaled to about this size, far above the solver's tolerances.
_SIZE = 1e6
#: Up to this many columns the least count is solved as whole numbers, above as a relaxation.
_WHOLE = 1000


class _Silent(highspy.Highs):
    """HiGHS without its banner, which it prints as soon as callbacks are enabled."""

    def enableCallbacks(self) -> None:
        self.setOptionValue("output_flag", False)
        super().enableCallbacks()  # type: ignore[no-untyped-call]


def optimum(
    reduced: Reduced,
    worth: IntArray,
    reward: IntArray,
    bonus: IntArray,
    sites: Sites,
    start: NDArray[np.int8],
    nodes: int | None,
) -> tuple[NDArray[np.int8], float, bool]:
    """Best nested plan, proven by HiGHS unless Ctrl-C or a limit ends it.

    Parameters
    ----------
    reduced, worth, reward, bonus, sites
        As for `greedy`.
    start : int8 array, (columns,)
        Plan to start from.
    nodes : int or None
        Most nodes of the solver's tree.

    Returns
    -------
    classes : int8 array, (columns,)
        Class of each column.
    bound : float
        Upper bound of the objective, in integer units, without the constant.
    proven : bool
        Whether the plan reaches it.
    """
    rows, classes, columns = reduced.rows, len(reduced.classes), reduced.columns
    gain = worth[:, :-1] - worth[:, 1:]
    unit = max(1.0, float(gain.sum())) / _SIZE
    cover = sparse.csr_array(
        (np.ones(reduced.row_col.size), reduced.row_col, reduced.row_ptr), shape=(rows, columns)
    )
    shared, seats_of = _seat_matrices(sites, columns)
    places, seats = shared.shape[0], shared.shape[1]
    sharing = classes if bonus[0] else 0
    # per class: open[columns] (cumulative), covered[rows]; then per class held[seats],
    # shared[sites] if sharing counts
    width = [columns] * classes + [rows] * classes + [seats] * sharing + [places] * sharing
    blocks: list[tuple[dict[int, Any], FloatArray, FloatArray]] = []
    taken = np.cumsum(reduced.budget).astype(np.float64)
    already = sites.open_seat.astype(float)
    for c in range(classes):
        blocks.append(
            (
                {c: cover, classes + c: -sparse.eye_array(rows)},
                np.zeros(rows),
                np.full(rows, np.inf),
            )
        )
        blocks.append(
            ({c: sparse.csr_array(np.ones((1, columns)))}, taken[c : c + 1], taken[c : c + 1])
        )
        if c + 1 < classes:
            step = {c: -sparse.eye_array(columns), c + 1: sparse.eye_array(columns)}
            blocks.append((step, np.zeros(columns), np.full(columns, np.inf)))
        if sharing:
            held, both = 2 * classes + c, 3 * classes + c
            blocks.append(
                ({c: seats_of, held: -sparse.eye_array(seats)}, -already, np.full(seats, np.inf))
            )
            two = {held: shared, both: -2 * sparse.eye_array(places)}
            blocks.append((two, np.zeros(places), np.full(places, np.inf)))
    cost = np.zeros(sum(width))
    reach = np.cumsum([0, *width])
    for c in range(classes):
        later = reward[:, c + 1] if c + 1 < classes else 0
        cost[reach[c] : reach[c + 1]] = (reward[:, c] - later) / unit
        cost[reach[classes + c] : reach[classes + c + 1]] = gain[:, c] / unit
        if sharing:
            cost[reach[3 * classes + c] : reach[3 * classes + c + 1]] = (
                bonus[c] - bonus[c + 1]
            ) / unit
    upper = np.ones(cost.size)
    for c in range(classes):
        upper[reach[c] : reach[c + 1]] = reduced.first <= c
    whole = np.ones(cost.size, dtype=bool)
    whole[reach[classes] : reach[2 * classes]] = False
    hint = np.concatenate([start <= c for c in range(classes)]).astype(float)
    solver = _model(cost, upper, whole, _stack(blocks, width), blocks)
    solver.setSolution(hint.size, np.arange(hint.size, dtype=np.int32), hint)
    if nodes is not None:
        solver.setOptionValue("mip_max_nodes", nodes)
    solver.HandleKeyboardInterrupt = True
    solver.solve()
    info = solver.getInfo()
    proven = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return start, math.inf, False
    solution = np.asarray(solver.getSolution().col_value)
    is_open = np.round(solution[: reach[classes]]).astype(np.int64).reshape(classes, columns)
    return (classes - is_open.sum(axis=0)).astype(np.int8), info.mip_dual_bound * unit, proven


def _seat_matrices(sites: Sites, columns: int) -> tuple[sparse.csr_array, sparse.csr_array]:
    seats = sites.seat_site.size
    count = int(sites.seat_ptr.size - 1)
    shared = sparse.csr_array(
        (np.ones(seats), (sites.seat_site, np.arange(seats))), shape=(count, seats)
    )
    of = sparse.csr_array(
        (np.ones(columns), (sites.seat, np.arange(columns))), shape=(seats, columns)
    )
    return shared, of


def _stack(
    blocks: list[tuple[dict[int, Any], FloatArray, FloatArray]], width: list[int]
) -> sparse.csc_array:
    lines = []
    for parts, low, _ in blocks:
        line = [parts.get(at, sparse.csr_array((low.size, size))) for at, size in enumerate(width)]
        lines.append(sparse.hstack(line, format="csr"))
    return sparse.csc_array(sparse.vstack(lines, format="csc"))


def _model(
    gain: FloatArray,
    upper: FloatArray,
    whole: NDArray[np.bool_],
    matrix: sparse.csc_array,
    blocks: list[tuple[dict[int, Any], FloatArray, FloatArray]],
) -> Any:
    """A silent, single-threaded HiGHS model that maximises `gain`."""
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = gain.size, matrix.shape[0]
    lp.sense_ = highspy.ObjSense.kMaximize
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = gain, np.zeros(gain.size), upper
    lp.row_lower_ = np.concatenate([low for _, low, _ in blocks])
    lp.row_upper_ = np.concatenate([high for _, _, high in blocks])
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = (
        matrix.indptr,
        matrix.indices,
        matrix.data,
    )
    if whole.any():
        kinds = np.where(
            whole, int(highspy.HighsVarType.kInteger), int(highspy.HighsVarType.kContinuous)
        )
        lp.integrality_ = [highspy.HighsVarType(int(kind)) for kind in kinds]
    solver: Any = _Silent()  # type: ignore[no-untyped-call]
    for option, value in (("threads", 1), ("mip_rel_gap", 0.0), ("mip_abs_gap", 1e-7)):
        solver.setOptionValue(option, value)
    solver.passModel(lp)
    return solver


def least_count(reduced: Reduced, rows: NDArray[np.bool_], cls: int) -> int:
    """Fewest free columns, available by class `cls`, that cover some reduced rows, or a proven lower bound of it."""
    usable = np.flatnonzero(reduced.first <= cls)
    cover = sparse.csr_array(
        (np.ones(reduced.row_col.size), reduced.row_col, reduced.row_ptr),
        shape=(reduced.rows, reduced.columns),
    )[np.flatnonzero(rows)][:, usable]
    due = np.ones(cover.shape[0])
    whole = np.full(usable.size, usable.size <= _WHOLE)
    blocks: list[tuple[dict[int, Any], FloatArray, FloatArray]] = [
        ({0: cover}, due, np.full(due.size, np.inf))
    ]
    solver = _model(
        -np.ones(usable.size), np.ones(usable.size), whole, _stack(blocks, [usable.size]), blocks
    )
    solver.run()
    return math.ceil(-float(solver.getInfo().objective_function_value) - 1e-6)
