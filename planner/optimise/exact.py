"""HiGHS for small problems and proofs: the best nested plan, and the least count that covers."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from planner.errors import ProblemError
from planner.optimise.objective import Objective
from planner.optimise.problem import FloatArray
from planner.optimise.reduce import Reduced
from planner.optimise.sharing import Sites

#: The objective is scaled to about this size, far above the solver's tolerances.
_SIZE = 1e6
#: Up to this many columns the least count is solved as whole numbers, above as a relaxation.
_WHOLE = 1000
#: Relaxations that may be solved for a first plan within limits, times columns in all classes, and
#: the fewest: a district's is found after a few.
_NEAREST_WORK, _LEAST_ASKED = 50_000_000, 500
#: What HiGHS says where there is no plan; a program of variables from 0 to 1 has an end.
_NO_PLAN = (
    highspy.HighsModelStatus.kInfeasible,
    highspy.HighsModelStatus.kUnboundedOrInfeasible,
)


class _Silent(highspy.Highs):
    """HiGHS without its banner, which it prints as soon as callbacks are enabled."""

    def enableCallbacks(self) -> None:
        self.setOptionValue("output_flag", False)
        super().enableCallbacks()  # type: ignore[no-untyped-call]


class _After:
    """Ends a search of HiGHS after it asked so many times: once for each relaxation, or nearly.

    It asks by what it has done, not by the clock, so the search ends at the same place every time.
    """

    def __init__(self, times: int) -> None:
        self.left = times

    def __call__(self, event: Any) -> None:
        self.left -= 1
        if self.left < 0:
            event.interrupt()


class _Rules(NamedTuple):
    """Some rules ``low <= sum over families of matrix x variables <= high``, a line each.

    `parts` holds the matrix of each family of variables that takes part, by the family's number.
    """

    parts: dict[int, Any]
    low: FloatArray
    high: FloatArray


class _Program(NamedTuple):
    """A linear program that maximises ``gain`` over variables from 0 to ``upper``.

    `width` is the size of each family of variables; `whole` says which variables are integer.
    """

    gain: FloatArray
    upper: FloatArray
    whole: NDArray[np.bool_]
    width: list[int]
    rules: list[_Rules]


def optimum(
    reduced: Reduced,
    objective: Objective,
    sites: Sites,
    start: NDArray[np.int8],
    work: int | None,
) -> tuple[NDArray[np.int8], float, bool]:
    """Best nested plan, proven by HiGHS unless Ctrl-C or a limit ends it.

    Parameters
    ----------
    reduced, objective, sites
        As for `greedy`.
    start : int8 array, (columns,)
        Plan to start from.
    work : int or None
        Most relaxations that may be solved, times rows and columns in all classes: about ten
        microseconds each. The first relaxation is solved in any case.

    Returns
    -------
    classes : int8 array, (columns,)
        Class of each column.
    bound : float
        Upper bound of the objective, in integer units, without the constant.
    proven : bool
        Whether the plan reaches it.
    """
    classes, columns = len(reduced.classes), reduced.columns
    covered = float((objective.worth[:, :-1] - objective.worth[:, 1:]).sum())
    unit = max(1.0, covered) / _SIZE
    solver = _solver(_nested(reduced, objective, sites, unit))
    hint = np.concatenate([start <= c for c in range(classes)]).astype(float)
    solver.setSolution(hint.size, np.arange(hint.size, dtype=np.int32), hint)
    if work is not None:
        solver.cbMipInterrupt += _After(work // max(1, (reduced.rows + columns) * classes))
    solver.HandleKeyboardInterrupt = True
    solver.solve()

    info = solver.getInfo()
    proven = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return start, math.inf, False

    # a column is open from its class on, so it is open as often as there are classes from there
    solution = np.asarray(solver.getSolution().col_value)[: classes * columns]
    is_open = np.round(solution).astype(np.int64).reshape(classes, columns)
    return (classes - is_open.sum(axis=0)).astype(np.int8), info.mip_dual_bound * unit, proven


def _nested(reduced: Reduced, objective: Objective, sites: Sites, unit: float) -> _Program:
    """The nested problem, its objective in units of `unit`.

    Families of variables: for each class the columns open by then, then for each class the rows
    covered by then; if sharing counts, also the seats held and the sites shared by then.
    """
    rows, columns, classes = reduced.rows, reduced.columns, len(reduced.classes)
    worth, reward, bonus = objective
    shared, seats_of = _seat_matrices(sites, columns)
    places, seats = shared.shape
    sharing = classes if bonus[0] else 0
    width = [columns] * classes + [rows] * classes + [seats] * sharing + [places] * sharing
    families = len(width)
    carries = reduced.carried is not None
    width += [reduced.cover.row_col.size] * (classes if carries else 0)

    cover, taken = reduced.cover.matrix(), np.cumsum(reduced.budget).astype(np.float64)
    already = sites.open_seat.astype(float)
    rules = []
    for c in range(classes):
        # a covered row has an open column, the count is met, an open column stays open
        if carries:
            rules += _carrying(reduced, c, classes + c, families + c)
        else:
            rules.append(_at_least(0.0, {c: cover, classes + c: -sparse.eye_array(rows)}, rows))
        count = {c: sparse.csr_array(np.ones((1, columns)))}
        rules.append(_Rules(count, taken[c : c + 1], taken[c : c + 1]))
        rules += _within(reduced, c)
        if c + 1 < classes:
            stays = {c: -sparse.eye_array(columns), c + 1: sparse.eye_array(columns)}
            rules.append(_at_least(0.0, stays, columns))

        # a held seat has an open column of its own or a fixed one, a shared site two held seats
        if sharing:
            held, both = 2 * classes + c, 3 * classes + c
            holds = {c: seats_of, held: -sparse.eye_array(seats)}
            rules.append(_at_least(-already, holds, seats))
            pair = {held: shared, both: -2 * sparse.eye_array(places)}
            rules.append(_at_least(0.0, pair, places))

    # what opens by a class and by the next earns there what the class earns more than the next
    covering = worth[:, :-1] - worth[:, 1:]
    opening = reward - np.pad(reward[:, 1:], ((0, 0), (0, 1)))
    gains = [*(opening.T / unit), *(covering.T / unit)]
    if sharing:
        gains += [np.zeros(seats)] * classes
        gains += [np.full(places, (bonus[c] - bonus[c + 1]) / unit) for c in range(classes)]
    gains += [np.zeros(size) for size in width[families:]]
    uppers = [reduced.first <= c for c in range(classes)] + [np.ones(w) for w in width[classes:]]
    integer = [index // classes != 1 and index < families for index in range(len(width))]
    return _Program(
        gain=np.concatenate(gains),
        upper=np.concatenate(uppers).astype(np.float64),
        whole=np.repeat(integer, width),
        width=width,
        rules=rules,
    )


def _within(reduced: Reduced, c: int) -> list[_Rules]:
    """What the columns open by a class may come to."""
    amount, least, most = reduced.limits
    if not len(amount):
        return []
    ends = least[:, c].astype(np.float64), most[:, c].astype(np.float64)
    return [_Rules({c: sparse.csr_array(amount.astype(np.float64))}, *ends)]


def nearest(reduced: Reduced, wanted: NDArray[np.int8]) -> NDArray[np.int8] | None:
    """A plan that holds counts, first classes, duties and limits and keeps most of a wanted one.

    Among columns that may be kept or added, those with more to cover come first. `wanted` is
    (columns,). None where HiGHS proves that there is no such plan.

    Raises
    ------
    ProblemError
        If HiGHS finds neither a plan nor that there is none within its work, which follows from the
        size.
    """
    columns, classes = reduced.columns, len(reduced.classes)
    # where columns carry only so much, the fixed ones follow; they cover no row that is due
    cover = reduced.cover.matrix()[:, :columns]
    own = cover.T @ reduced.weight.sum(axis=1)
    worth = own / max(1.0, float(own.max(initial=0.0)))
    taken = np.cumsum(reduced.budget).astype(np.float64)
    rules = []
    for c in range(classes):
        count = {c: sparse.csr_array(np.ones((1, columns)))}
        rules += [_Rules(count, taken[c : c + 1], taken[c : c + 1]), *_within(reduced, c)]
        due = np.flatnonzero(reduced.hard == c)
        if due.size:
            rules.append(_at_least(1.0, {c: cover[due]}, due.size))
        if c + 1 < classes:
            stays = {c: -sparse.eye_array(columns), c + 1: sparse.eye_array(columns)}
            rules.append(_at_least(0.0, stays, columns))

    # a column that keeps its class is worth one more there, and in the next one so much less
    gains = np.zeros((classes, columns))
    for c in range(classes):
        gains[c] += worth / classes + (wanted == c) - (wanted == c - 1) * (c > 0)
    uppers = np.concatenate([reduced.first <= c for c in range(classes)])
    program = _Program(
        gain=gains.ravel(),
        upper=uppers.astype(np.float64),
        whole=np.ones(classes * columns, dtype=np.bool_),
        width=[columns] * classes,
        rules=rules,
    )
    solver = _solver(program)
    solver.setOptionValue("mip_rel_gap", 0.001)
    solver.cbMipInterrupt += _After(max(_LEAST_ASKED, _NEAREST_WORK // max(1, columns * classes)))
    solver.solve()
    if solver.getModelStatus() in _NO_PLAN:
        return None
    if solver.getInfo().primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        # what is only not found must not be called impossible
        raise ProblemError(
            f"HiGHS found no plan within the limits and none that there is not: "
            f"{solver.getModelStatus().name}",
            f"HiGHS 既未找到满足限制的方案, 也未证明不存在: {solver.getModelStatus().name}",
        )
    solution = np.round(np.asarray(solver.getSolution().col_value)).astype(np.int64)
    is_open = solution.reshape(classes, columns)
    chosen: NDArray[np.int8] = (classes - is_open.sum(axis=0)).astype(np.int8)
    return chosen


def _carrying(reduced: Reduced, opened: int, served: int, split: int) -> list[_Rules]:
    """Rules of what columns carry in a class, by its families of variables.

    `split` has a part for each entry of the cover: none exceeds its column, a row is served by its
    parts, and their loads stay below the caps.
    """
    cover, carried = reduced.cover, reduced.carried
    assert carried is not None
    entries, columns = cover.row_col.size, reduced.columns
    row = np.repeat(np.arange(reduced.rows), np.diff(cover.row_ptr))
    unit = max(1.0, float(carried.load.max(initial=0)))
    load, cap = carried.load[row] / unit, carried.cap / unit

    place = np.arange(entries)
    ones = np.ones(entries)
    of_row = sparse.csr_array((ones, (row, place)), shape=(reduced.rows, entries))
    of_column = sparse.csr_array((load, (cover.row_col, place)), shape=(cap.size, entries))
    free = np.flatnonzero(cover.row_col < columns)
    its = np.ones(free.size), (np.arange(free.size), cover.row_col[free])
    own = np.ones(free.size), (np.arange(free.size), free)
    is_within = {
        opened: sparse.csr_array(its, shape=(free.size, columns)),
        split: -sparse.csr_array(own, shape=(free.size, entries)),
    }
    carries = {opened: sparse.diags_array(cap[:columns]), split: -of_column[:columns]}
    fixed = cap[columns:]
    return [
        _at_least(0.0, {split: of_row, served: -sparse.eye_array(reduced.rows)}, reduced.rows),
        _at_least(0.0, is_within, free.size),
        _at_least(0.0, carries, columns),
        _Rules({split: of_column[columns:]}, np.full(fixed.size, -np.inf), fixed),
    ]


def _at_least(low: float | FloatArray, parts: dict[int, Any], size: int) -> _Rules:
    """`size` rules without an upper end."""
    return _Rules(parts, np.broadcast_to(low, size), np.full(size, np.inf))


def _seat_matrices(sites: Sites, columns: int) -> tuple[sparse.csr_array, sparse.csr_array]:
    """Seats of each site, (sites, seats), and columns of each seat, (seats, columns)."""
    seats = sites.seat_site.size
    places = int(sites.seat_ptr.size - 1)
    of_site = np.ones(seats), (sites.seat_site, np.arange(seats))
    of_seat = np.ones(columns), (sites.seat, np.arange(columns))
    return (
        sparse.csr_array(of_site, shape=(places, seats)),
        sparse.csr_array(of_seat, shape=(seats, columns)),
    )


def least_count(reduced: Reduced, rows: NDArray[np.bool_], cls: int) -> int:
    """Fewest free columns, available by class `cls`, that cover some reduced rows.

    Above a thousand columns it is a proven lower bound of that number. `rows` is (rows,).
    """
    usable = np.flatnonzero(reduced.first <= cls)
    cover = reduced.cover.matrix()[np.flatnonzero(rows)][:, usable]
    program = _Program(
        gain=-np.ones(usable.size),
        upper=np.ones(usable.size),
        whole=np.full(usable.size, usable.size <= _WHOLE),
        width=[usable.size],
        rules=[_at_least(1.0, {0: cover}, cover.shape[0])],
    )
    solver = _solver(program)
    solver.run()
    return math.ceil(-float(solver.getInfo().objective_function_value) - 1e-6)


def _solver(program: _Program) -> Any:
    """A silent, single-threaded HiGHS that holds a program."""
    matrix = _matrix(program)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = program.gain.size, matrix.shape[0]
    lp.sense_ = highspy.ObjSense.kMaximize
    lp.col_cost_ = program.gain
    lp.col_lower_, lp.col_upper_ = np.zeros(program.gain.size), program.upper
    lp.row_lower_ = np.concatenate([rule.low for rule in program.rules])
    lp.row_upper_ = np.concatenate([rule.high for rule in program.rules])
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = matrix.indptr
    lp.a_matrix_.index_ = matrix.indices
    lp.a_matrix_.value_ = matrix.data
    if program.whole.any():
        integer, continuous = highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous
        lp.integrality_ = [integer if whole else continuous for whole in program.whole]

    solver: Any = _Silent()
    for option, value in (("threads", 1), ("mip_rel_gap", 0.0), ("mip_abs_gap", 1e-7)):
        solver.setOptionValue(option, value)
    solver.passModel(lp)
    return solver


def _matrix(program: _Program) -> sparse.csc_array:
    """All rules of a program, (rules, variables); zero where a family takes no part."""
    lines = []
    for rule in program.rules:
        empty = [sparse.csr_array((rule.low.size, size)) for size in program.width]
        line = [rule.parts.get(family, empty[family]) for family in range(len(empty))]
        lines.append(sparse.hstack(line, format="csr"))
    return sparse.csc_array(sparse.vstack(lines, format="csc"))
