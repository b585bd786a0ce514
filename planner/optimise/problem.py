"""What is optimised: a nested covering problem, free of geography, checked when it is made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from planner.optimise.checks import FloatArray, IntArray, integers, read_only, refuse
from planner.optimise.limits import Limit, check_limits

__all__ = ["FloatArray", "IntArray", "Problem", "check_columns", "cover_matrix"]

#: Default of a field that is made from the others when it is not given.
_NOT_GIVEN: Any = None
_NO_BONUS: Any = 0.0


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Problem:
    """Which station covers which demand, how many may be open in each phase, and what else counts.

    Row ``i`` of `cover` is a piece of demand, column ``j`` a station. A plan is one order of
    columns; phase ``k`` holds its first ``phases[k]`` columns, so the phases are nested by
    construction. A row counts in a phase when at least one open column covers it. Any array-like
    is taken; the fields then hold checked, read-only arrays.

    What is maximised is the sum, over the phases, of the weight covered and `share_bonus` for each
    shared site, less the `cost` of each open column; and `churn_price` for each agreed column that
    opens in its phase. All of it is in units of `weight`; nothing depends on how a plan is found.
    Rows that must be covered are a condition and have no price.

    Parameters
    ----------
    weight : array, (rows,) or (phases, rows)
        Worth of each row, finite and not negative; one line per phase if it differs between phases.
    cover : sparse matrix, (rows, columns)
        Any SciPy sparse matrix or array; a non-zero entry says that the column covers the row.
    phases : sequence of int
        Cumulative counts of open columns, strictly increasing. Phases that end within `fixed` are
        allowed.
    fixed : sequence of int, optional
        Columns that open first, in this order. They count and are kept.
    excluded : sequence of int or boolean array, optional
        Columns that never open: indices, or one truth value per column.
    first_phase : array of int, (columns,), optional
        Index of the first phase in which a column may be open (0 = from the start).
    site, network : arrays of int, (columns,), optional
        Opaque labels. A site whose open columns belong to two networks earns the sharing bonus,
        once, in each phase.
    share_bonus : float or array, (phases,)
        Worth of a shared site in each phase, in units of `weight`.
    cost : array, (columns,) or (phases, columns), optional
        Price of an open column in each phase, in units of `weight`, finite and not negative.
    group : array, (rows,), optional
        Label per row, for reporting only.
    agreed : array of int, (columns,), optional
        Phase index of each column in a plan already agreed, -1 where it was not in it.
    churn_price : float
        Price of each agreed column that leaves its phase, in units of `weight`.
    hard : array, (rows,), optional
        Rows that must be covered: truth values (by the last phase), or the index of the phase by
        which, -1 for none.
    limits : sequence of Limit
        What the open columns of each phase may come to, at least and at most: counts of groups,
        budgets.
    load, cap : arrays, (rows,) and (columns,), optional
        What serving each row takes, finite and not negative, and what each column carries, from 0
        up, infinite where it has no cap; both or neither, in one unit of the caller's. A row then
        counts by the share of it that is served: in each phase it is split among the open columns
        that cover it so that most weight is served. A row of load 0 is served by any of them.
        Neither changes what `hard` asks: cover.

    Raises
    ------
    ProblemError
        If any of this does not hold, or a count cannot be reached with the columns available by
        then.
    """

    weight: FloatArray
    cover: sparse.csr_array
    phases: tuple[int, ...]
    fixed: IntArray = _NOT_GIVEN
    excluded: IntArray = _NOT_GIVEN
    first_phase: IntArray = _NOT_GIVEN
    site: IntArray | None = None
    network: IntArray | None = None
    share_bonus: FloatArray = _NO_BONUS
    cost: FloatArray | None = None
    group: NDArray[Any] | None = None
    agreed: IntArray | None = None
    churn_price: float = 0.0
    hard: IntArray = _NOT_GIVEN
    limits: Sequence[Limit] = ()
    load: FloatArray | None = None
    cap: FloatArray | None = None

    def __post_init__(self) -> None:
        cover = cover_matrix(self.cover)
        rows, columns = cover.shape
        phases = _check_phases(self.phases)
        last = len(phases) - 1

        # None stays where the problem has no such rule
        checked = {
            "cover": cover,
            "phases": phases,
            "weight": _check_weight(self.weight, rows, len(phases)),
            "fixed": check_columns("fixed", self.fixed, columns),
            "excluded": check_columns("excluded", self.excluded, columns),
            "first_phase": _check_labels("first_phase", self.first_phase, columns, (0, last), 0),
            "site": _check_labels("site", self.site, columns),
            "network": _check_labels("network", self.network, columns),
            "share_bonus": _check_lines("share_bonus", self.share_bonus, len(phases)),
            "cost": _check_cost(self.cost, columns, len(phases)),
            "group": _check_group(self.group, rows),
            "agreed": _check_labels("agreed", self.agreed, columns, (-1, last)),
            "churn_price": _check_number("churn_price", self.churn_price),
            "hard": _check_hard(self.hard, rows, last),
            "limits": check_limits(self.limits, columns, len(phases)),
            "load": None if self.load is None else _check_amounts("load", self.load, rows),
            "cap": None if self.cap is None else _check_amounts("cap", self.cap, columns),
        }
        for name, value in checked.items():
            object.__setattr__(self, name, value)
        self._check_together()

    @property
    def shape(self) -> tuple[int, int]:
        """Number of rows and of columns."""
        rows, columns = self.cover.shape
        return int(rows), int(columns)

    def replace(self, **changes: Any) -> Problem:
        """The same problem with some fields changed, checked again.

        What is equal in all phases stays so, however many phases there are then.
        """
        by_phase = {"weight": self.weight, "share_bonus": self.share_bonus, "cost": self.cost}
        same = {
            name: lines[0]
            for name, lines in by_phase.items()
            if lines is not None and np.all(lines == lines[0])
        }
        limits = tuple(each.same_in_all_phases() for each in self.limits)
        return replace(self, **{**same, "limits": limits, **changes})

    def _check_together(self) -> None:
        both = np.intersect1d(self.fixed, self.excluded)
        if both.size:
            refuse(
                f"column {both[0]} is both fixed and excluded",
                f"列 {both[0]} 既在 fixed 又在 excluded 中",
            )
        if (self.site is None) != (self.network is None):
            refuse(
                "site and network belong together: give both or neither",
                "site 与 network 须同时给出或都不给",
            )
        if (self.load is None) != (self.cap is None):
            refuse(
                "load and cap belong together: give both or neither",
                "load 与 cap 须同时给出或都不给",
            )
        if self.load is not None and not np.isfinite(self.load).all():
            refuse("load must hold finite numbers from 0 up", "load 须为不小于 0 的有限数")
        if self.fixed.size > self.phases[-1]:
            refuse(
                f"{self.fixed.size} columns are fixed but the last phase holds only "
                f"{self.phases[-1]}",
                f"fixed 有 {self.fixed.size} 列, 而最后一期只有 {self.phases[-1]} 站",
            )

        # columns that come later cannot fill an earlier phase
        usable = np.ones(self.shape[1], dtype=bool)
        usable[self.excluded] = False
        usable[self.fixed] = False
        for index, count in enumerate(self.phases):
            within = int(self.fixed.size + np.count_nonzero(usable & (self.first_phase <= index)))
            if within < count:
                refuse(
                    f"phase {index} asks for {count} columns but only {within} can be open by then",
                    f"第 {index + 1} 期要求 {count} 站, 但届时最多只能开通 {within} 站",
                )


def cover_matrix(given: Any) -> sparse.csr_array:
    """A cover as problems keep it: boolean, sorted, read-only.

    A matrix that is one already is returned itself.

    Parameters
    ----------
    given
        (rows, columns) sparse, any format; entries that are not zero count.

    Raises
    ------
    ProblemError
        When it is no such matrix.
    """
    if isinstance(given, sparse.csr_array) and _is_kept(given):
        return given
    cover: Any = given if sparse.issparse(given) else None
    if cover is None or cover.ndim != 2:
        refuse(
            "cover must be a two-dimensional SciPy sparse matrix", "cover 须为二维 SciPy 稀疏矩阵"
        )
    matrix: sparse.csr_array = sparse.csr_array(cover, copy=True)
    if matrix.dtype.kind not in "biuf" or not np.isfinite(matrix.data).all():
        refuse("cover holds entries that are not finite numbers", "cover 中含有非有限数值")

    # an entry counts once, whatever its value; half as wide where that is wide enough
    matrix.eliminate_zeros()
    wide = _index_type(matrix)
    indices, indptr = (part.astype(wide, copy=False) for part in (matrix.indices, matrix.indptr))
    ones = np.ones(matrix.nnz, dtype=bool)
    matrix = sparse.csr_array((ones, indices, indptr), shape=matrix.shape)
    matrix.sum_duplicates()
    for array in (matrix.data, matrix.indices, matrix.indptr):
        array.flags.writeable = False
    return matrix


def _is_kept(matrix: sparse.csr_array) -> bool:
    """Whether nobody can change the matrix and it has the form that :func:`cover_matrix` gives."""
    if any(array.flags.writeable for array in (matrix.data, matrix.indices, matrix.indptr)):
        return False
    is_boolean = matrix.dtype == np.bool_ and matrix.indices.dtype == _index_type(matrix)
    return is_boolean and bool(matrix.has_canonical_format and matrix.data.all())


def _index_type(matrix: sparse.csr_array) -> type[np.int32 | np.int64]:
    """The narrowest type of index that holds every place and entry of a matrix."""
    return np.int32 if max(*matrix.shape, matrix.nnz) <= np.iinfo(np.int32).max else np.int64


def _check_phases(phases: Sequence[int]) -> tuple[int, ...]:
    counts = integers("phases", phases)
    if counts.ndim != 1 or not counts.size or counts[0] < 1 or np.any(np.diff(counts) < 1):
        refuse(
            f"phases must be cumulative counts that grow from phase to phase, got {list(phases)}",
            f"phases 须为逐期递增的累计站数, 现为 {list(phases)}",
        )
    return tuple(int(count) for count in counts)


def _check_weight(weight: ArrayLike, rows: int, phases: int) -> FloatArray:
    try:
        array = np.array(weight, dtype=np.float64)
    except (TypeError, ValueError):
        refuse("weight must hold numbers", "weight 须为数值")
    if array.shape not in ((rows,), (phases, rows)):
        refuse(
            f"weight has shape {array.shape}; expected ({rows},) or ({phases}, {rows})",
            f"weight 的形状为 {array.shape}, 应为 ({rows},) 或 ({phases}, {rows})",
        )

    # a row that is not finite is named before one that is negative
    lines = np.atleast_2d(array)
    bad = np.flatnonzero(~np.isfinite(lines).all(axis=0))
    bad = bad if bad.size else np.flatnonzero((lines < 0).any(axis=0))
    if bad.size:
        refuse(
            f"weight of row {bad[0]} is negative or not finite; every weight must be a number from "
            f"0 up",
            f"第 {bad[0]} 行的 weight 为负或非有限数, 须为不小于 0 的数",
        )
    return read_only(np.broadcast_to(array, (phases, rows)).copy())


def check_columns(name: str, chosen: ArrayLike | None, columns: int) -> IntArray:
    """Different columns of a problem of so many, given as indices or one truth value per column.

    Raises
    ------
    ProblemError
        When they are no such list; it speaks of them as `name`.
    """
    array = np.asarray([] if chosen is None else chosen)
    if array.dtype == bool and array.shape == (columns,):
        array = np.flatnonzero(array)
    index = integers(name, array)
    if index.ndim != 1 or np.any((index < 0) | (index >= columns)):
        refuse(
            f"{name} must name columns from 0 to {columns - 1}",
            f"{name} 须为 0 到 {columns - 1} 的列号",
        )
    values, counts = np.unique(index, return_counts=True)
    if np.any(counts > 1):
        twice = values[counts > 1][0]
        refuse(f"{name} names column {twice} more than once", f"{name} 中列 {twice} 重复")
    return read_only(index)


def _check_labels(
    name: str,
    labels: ArrayLike | None,
    size: int,
    limits: tuple[int, int] | None = None,
    default: int | None = None,
) -> IntArray | None:
    """Whole numbers within `limits`, (size,); all equal to `default`, if any, when not given."""
    if labels is None:
        return None if default is None else read_only(np.full(size, default, dtype=np.int64))
    array = integers(name, labels)
    if array.shape != (size,):
        refuse(
            f"{name} has shape {array.shape}; expected ({size},)",
            f"{name} 的形状为 {array.shape}, 应为 ({size},)",
        )
    if limits is not None:
        low, high = limits
        if np.any((array < low) | (array > high)):
            refuse(f"{name} must lie between {low} and {high}", f"{name} 须在 {low} 与 {high} 之间")
    return read_only(array)


def _check_cost(cost: ArrayLike | None, columns: int, phases: int) -> FloatArray | None:
    return None if cost is None else _check_lines("cost", cost, phases, columns)


def _check_lines(name: str, value: ArrayLike, phases: int, *size: int) -> FloatArray:
    """Numbers from 0 up of shape `size`, the same in all phases or a line for each, as lines."""
    try:
        array = np.array(value, dtype=np.float64)
    except (TypeError, ValueError):
        refuse(f"{name} must hold numbers", f"{name} 须为数值")
    if array.shape not in (size, (phases, *size)):
        refuse(
            f"{name} has shape {array.shape}; expected {size} or {(phases, *size)}",
            f"{name} 的形状为 {array.shape}, 应为 {size} 或 {(phases, *size)}",
        )
    if not np.isfinite(array).all() or np.any(array < 0):
        refuse(f"{name} must hold finite numbers from 0 up", f"{name} 须为不小于 0 的有限数")
    return read_only(np.broadcast_to(array, (phases, *size)).copy())


def _check_amounts(name: str, value: ArrayLike, size: int) -> FloatArray:
    """Numbers from 0 up, (size,), which may be infinite."""
    try:
        array = np.array(value, dtype=np.float64)
    except (TypeError, ValueError):
        refuse(f"{name} must hold numbers", f"{name} 须为数值")
    if array.shape != (size,):
        refuse(
            f"{name} has shape {array.shape}; expected ({size},)",
            f"{name} 的形状为 {array.shape}, 应为 ({size},)",
        )
    if not np.all(array >= 0):
        refuse(f"{name} must hold numbers from 0 up", f"{name} 须为不小于 0 的数")
    return read_only(array)


def _check_number(name: str, value: float) -> float:
    number = float(value)
    if not 0 <= number < np.inf:
        refuse(
            f"{name} is {value}; it must be a finite number from 0 up",
            f"{name} 为 {value}, 须为不小于 0 的有限数",
        )
    return number


def _check_group(group: ArrayLike | None, rows: int) -> NDArray[Any] | None:
    if group is None:
        return None
    array = np.array(group)
    if array.shape != (rows,):
        refuse(
            f"group has shape {array.shape}; expected ({rows},)",
            f"group 的形状为 {array.shape}, 应为 ({rows},)",
        )
    return read_only(array)


def _check_hard(hard: ArrayLike | None, rows: int, last: int) -> IntArray | None:
    array = np.asarray(hard) if hard is not None else None
    if array is not None and array.dtype == bool:
        array = np.where(array, last, -1)
    return _check_labels("hard", array, rows, (-1, last), default=-1)
