"""Make the problem small and whole-numbered once, so that every later step is exact and fast.

Rows that the fixed columns cover become a constant, rows with the same set of columns become one,
rows nobody can cover are counted and dropped. The order of the reduced rows depends on their sets
of columns only, so a permuted problem reduces to the same arrays.

Where columns carry only so much, fixed ones stay as columns that are open from the start, for they
may serve one row or another; and rows become one only where their worth per load is equal too. A
row with a load that must be covered is two then: one that is served, one that is covered.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from planner.compiled import compiled
from planner.optimise.draws import mix
from planner.optimise.limits import Limits, open_limits
from planner.optimise.problem import FloatArray, IntArray, Problem
from planner.optimise.serving import Carried, carried_by, links_of, parts_served, whole_served

#: All weights together become at most this integer; a power of two scales them, so whole numbers
#: stay exact.
TOTAL = 1 << 44


class Cover(NamedTuple):
    """Which columns cover which rows, both ways round; each list is ascending.

    Attributes
    ----------
    col_ptr : int array, (columns + 1,)
        Where the list of each column begins in `col_row`.
    col_row : int32 array, (entries,)
        Rows of each column (CSC).
    row_ptr : int array, (rows + 1,)
        Where the list of each row begins in `row_col`.
    row_col : int32 array, (entries,)
        Columns of each row (CSR).
    """

    col_ptr: NDArray[np.integer[Any]]
    col_row: NDArray[np.integer[Any]]
    row_ptr: NDArray[np.integer[Any]]
    row_col: NDArray[np.integer[Any]]

    @classmethod
    def of_rows(cls, row_ptr: IntArray, row_col: NDArray[np.int32], columns: int) -> Cover:
        """The cover of rows whose ascending lists are given."""
        col_ptr, col_row = _transpose(row_ptr, row_col, columns)
        return cls(col_ptr, col_row, row_ptr, row_col)

    def unsigned(self) -> Cover:
        """The same for compiled loops, which then need not ask if an index counts from the end."""
        return Cover(
            self.col_ptr.view(np.uint64),
            self.col_row.view(np.uint32),
            self.row_ptr.view(np.uint64),
            self.row_col.view(np.uint32),
        )

    def rows_of(self, column: int) -> NDArray[np.integer[Any]]:
        """Rows that a column covers."""
        return self.col_row[self.col_ptr[column] : self.col_ptr[column + 1]]

    def matrix(self, kind: type[np.generic] = np.float64) -> sparse.csr_array:
        """The same as a matrix of ones of a kind, (rows, columns)."""
        shape = (self.row_ptr.size - 1, self.col_ptr.size - 1)
        ones = np.ones(self.row_col.size, dtype=kind)
        return sparse.csr_array((ones, self.row_col, self.row_ptr), shape=shape)


@dataclass(frozen=True, slots=True, eq=False)
class Reduced:
    """The part of a problem that is still open, in whole numbers.

    ``K`` is the number of *classes*: class ``c`` is the ``c``-th phase that reaches beyond the
    fixed columns, and class ``K`` stands for never. Column ``j`` here is column ``free[j]`` of the
    problem.

    Attributes
    ----------
    problem : Problem
    scale : float
        Units of the integers: integer = caller's weight * scale, rounded up.
    step : int
        Every sum of the integer weights is a multiple of this.
    constant : int array, (phases,)
        Integer weight that the fixed columns cover, per phase.
    classes : tuple of int
        Phase index of each class.
    budget : int array, (K,)
        Columns to open in each class.
    free : int array, (columns here,)
    first : int8 array, (columns here,)
        First class a column may take.
    cover : Cover
        Of the rows and columns here; where columns carry only so much, the fixed ones follow them.
    weight : int array, (rows here, K)
        Worth of a row in each class's phase alone.
    hard : int8 array, (rows here,)
        Class by which a row must be covered, -1 for none.
    limits : Limits
        What the limits leave to the columns here.
    unreachable : int
        Rows of the problem no usable column covers (with a weight or a hard rule).
    source_row : int array, (rows of the problem,)
        Reduced row of each row, -1 if dropped as fixed or worthless, -2 if unreachable.
    carried : Carried or None
        Loads of the rows and caps of the columns here and of the fixed ones.
    """

    problem: Problem
    scale: float
    step: int
    constant: IntArray
    classes: tuple[int, ...]
    budget: IntArray
    free: IntArray
    first: NDArray[np.int8]
    cover: Cover
    weight: IntArray
    hard: NDArray[np.int8]
    limits: Limits
    unreachable: int
    source_row: NDArray[np.int32]
    carried: Carried | None

    @property
    def rows(self) -> int:
        """Number of rows left."""
        return int(self.weight.shape[0])

    @property
    def columns(self) -> int:
        """Number of columns left."""
        return int(self.free.size)

    def gain(self, weight: IntArray | None = None) -> IntArray:
        """Worth of a row first covered in each class, (rows, K + 1).

        It is the sum of `weight`, (rows, K), over the phases from there on.
        """
        weight = self.weight if weight is None else weight
        worth = np.zeros((weight.shape[0], weight.shape[1] + 1), dtype=np.int64)
        worth[:, :-1] = np.cumsum(weight[:, ::-1], axis=1)[:, ::-1]
        return worth


def reduce(problem: Problem) -> Reduced:
    """Reduce a problem to its open part."""
    rows, columns = problem.shape
    fixed = problem.fixed.size
    scale, step, weight = scaled(problem.weight, _beside(problem))
    classes = tuple(k for k, count in enumerate(problem.phases) if count > fixed)
    open_weight = weight[list(classes)]

    # columns: those that are free get a new index, the fixed ones their rank
    free, position = _free_columns(problem)
    rank = np.full(columns, columns, dtype=np.int32)
    rank[problem.fixed] = np.arange(fixed, dtype=np.int32)
    first = np.searchsorted(classes, problem.first_phase[free]).astype(np.int8)
    taken = np.concatenate([[fixed], [problem.phases[k] for k in classes]])

    # fixed columns that carry only so much are columns too
    carried = carried_by(problem)
    load = np.zeros(rows, dtype=np.int64) if carried is None else carried.load
    if carried is not None:
        position[problem.fixed] = free.size + rank[problem.fixed]

    # rows: what no fixed column covers is open if anybody cares, and lost if nobody can cover it
    indptr, indices = row_lists(problem)
    earliest, size, keys = _scan_rows(indptr, indices, position, rank)
    by_fixed = earliest[None, :] < np.minimum(problem.phases, fixed)[:, None]
    is_left = (earliest == columns) | (load > 0)
    is_due = (problem.hard >= 0) & (earliest == columns)
    is_open = is_left & (size > 0) & (open_weight.any(axis=0) | is_due)
    is_lost = is_left & (size == 0) & (weight.any(axis=0) | is_due)
    constant = np.where(by_fixed & ~is_left, weight, 0).sum(axis=1)

    # open rows with the same columns become one
    opened, due = np.flatnonzero(is_open), np.where(is_due, problem.hard, -1)
    if carried is None:
        rows_here, due_here, open_here = opened, due[opened], open_weight[:, opened]
        kept, merged = _merge(indptr, indices, position, rows_here, keys[rows_here])
        carried_here = None
    else:
        constant += _served_by_fixed(problem, carried, weight, len(classes))
        twice = opened[(load[opened] > 0) & (due[opened] >= 0)]
        rows_here = np.concatenate([opened, twice])
        is_second = np.arange(rows_here.size) >= opened.size
        load_here = np.where(is_second, 0, load[rows_here])
        due_here = np.where(load_here > 0, -1, due[rows_here])
        open_here = np.where(is_second, 0, open_weight[:, rows_here])
        density = _densities(problem, classes, rows_here, load_here)
        key = np.concatenate([keys[rows_here], density], axis=1)
        kept, merged = _merge(indptr, indices, position, rows_here, key)
        cap = carried.cap[np.concatenate([free, problem.fixed])]
        carried_here = Carried(_sum_weights(load_here[None], merged, kept.size)[:, 0], cap)

    row_ptr, row_col = _take_rows(indptr, indices, position, kept, size)
    cover = Cover.of_rows(row_ptr, row_col, free.size if carried is None else free.size + fixed)
    source = np.full(rows, -1, dtype=np.int32)
    source[is_lost] = -2
    source[opened] = merged[: opened.size]
    return Reduced(
        problem=problem,
        scale=scale,
        step=step if carried is None else 1,
        constant=constant,
        classes=classes,
        budget=np.diff(taken).astype(np.int64),
        free=free,
        first=first,
        cover=cover,
        weight=_sum_weights(open_here, merged, kept.size),
        hard=_hard_classes(problem, classes, due_here, merged, kept.size),
        limits=open_limits(problem.limits, problem.fixed, free, classes),
        unreachable=int(np.count_nonzero(is_lost)),
        source_row=source,
        carried=carried_here,
    )


def _served_by_fixed(
    problem: Problem, carried: Carried, weight: IntArray, classes: int
) -> IntArray:
    """What fixed columns serve of rows with a load in the phases that end within them, (phases,).

    In the later ones, `classes` in number, it depends on what else opens.
    """
    links = links_of(*row_lists(problem), problem.shape[1])
    served = np.zeros(len(problem.phases), dtype=np.int64)
    for phase in range(len(problem.phases) - classes):
        is_open = np.zeros(problem.shape[1], dtype=np.bool_)
        is_open[problem.fixed[: problem.phases[phase]]] = True
        parts = parts_served(links, carried, weight[phase], is_open)
        rows = np.repeat(np.arange(problem.shape[0]), np.diff(links.row_ptr))
        of_row = np.bincount(rows, parts, minlength=problem.shape[0])
        served[phase] = whole_served(weight[phase], carried.load, of_row).sum()
    return served


def _densities(
    problem: Problem, classes: tuple[int, ...], rows: IntArray, load: IntArray
) -> NDArray[np.uint64]:
    """Weight per load of some rows in each class, as keys, (rows, classes); one key for load 0.

    They are those of the caller's numbers, whose roundings would tell equal ones apart.
    """
    assert problem.load is not None
    with np.errstate(divide="ignore", invalid="ignore"):
        density = problem.weight[list(classes)][:, rows] / problem.load[rows]
    return np.where(load > 0, density, -1.0).T.copy().view(np.uint64)


def _beside(problem: Problem) -> float:
    """The most that sharing, cost and churn may come to, so that no sum of integers overflows."""
    columns = problem.shape[1]
    sharing = 0.0 if problem.network is None else columns // 2 * math.fsum(problem.share_bonus)
    cost = 0.0 if problem.cost is None else math.fsum(problem.cost.ravel())
    churn = 0.0 if problem.agreed is None else columns * problem.churn_price
    return sharing + cost + churn


def scaled(weight: FloatArray, beside: float = 0.0) -> tuple[float, int, IntArray]:
    """Scale, step and integer weights of the same shape.

    They are rounded up, so that a bound on them holds for the caller's; the scale is a power of
    two, so that whole weights stay exact. `beside` is the most that all else may come to.
    """
    total = math.fsum(weight.ravel()) + beside
    if total == 0:
        return 1.0, 1, np.zeros(weight.shape, dtype=np.int64)
    scale = 2.0 ** max(-1000, min(1000, math.floor(math.log2(TOTAL / total))))
    whole = np.ceil(weight * scale).astype(np.int64)
    step = int(np.gcd.reduce(whole, axis=None)) or 1
    return scale, step, whole


def row_lists(problem: Problem) -> tuple[IntArray, NDArray[np.int32]]:
    """Columns of each row of a problem, (rows + 1,) and (entries,), the latter read-only."""
    indices = problem.cover.indices.astype(np.int32, copy=False)
    return problem.cover.indptr.astype(np.int64), indices


def _free_columns(problem: Problem) -> tuple[IntArray, NDArray[np.int32]]:
    """Columns that may still open, and the place of each column among them, (columns,), or -1."""
    columns = problem.shape[1]
    usable = np.ones(columns, dtype=bool)
    usable[problem.excluded] = False
    usable[problem.fixed] = False
    free = np.flatnonzero(usable).astype(np.int64)
    position = np.full(columns, -1, dtype=np.int32)
    position[free] = np.arange(free.size, dtype=np.int32)
    return free, position


def _sum_weights(weight: IntArray, merged: NDArray[np.int32], size: int) -> IntArray:
    """Weights, (K, open rows), added up for the `size` rows they merge into, (size, K)."""
    total = np.zeros((size, weight.shape[0]), dtype=np.int64)
    np.add.at(total, merged, weight.T)
    return total


def _hard_classes(
    problem: Problem,
    classes: tuple[int, ...],
    due: IntArray,
    merged: NDArray[np.int32],
    size: int,
) -> NDArray[np.int8]:
    """Earliest class by which each of the `size` merged rows is due, -1 for none.

    `due` is the phase by which each open row is due, -1 for none.
    """
    never = len(problem.phases)
    earliest = np.full(size, never, dtype=np.int64)
    np.minimum.at(earliest, merged, np.where(due >= 0, due, never))
    place = np.searchsorted(classes, earliest) if classes else np.zeros(size, dtype=np.int64)
    return np.where(earliest < never, place, -1).astype(np.int8)


@compiled
def _scan_rows(indptr, indices, position, rank):  # type: ignore[no-untyped-def]
    """Earliest fixed rank and number of free columns, (rows,), and keys of their set, (rows, 3).

    A row without a fixed column has as rank the number of columns. The keys are the lowest free
    column and two sums of the columns' hashes: sums do not depend on the order of a row's list.
    """
    rows = indptr.size - 1
    none = rank.size
    earliest = np.full(rows, none, dtype=np.int64)
    size = np.zeros(rows, dtype=np.int64)
    keys = np.zeros((rows, 3), dtype=np.uint64)
    for row in range(rows):
        lowest = np.uint64(none)
        first_sum = np.uint64(0)
        second_sum = np.uint64(0)
        for entry in range(indptr[row], indptr[row + 1]):
            column = indices[entry]
            earliest[row] = min(earliest[row], rank[column])

            # a column has a place among the free ones or a rank among the fixed ones, or neither
            free = position[column]
            if free >= 0:
                size[row] += 1
                lowest = min(lowest, np.uint64(free))

                # the second sum hashes other numbers, so that both agree by chance almost never
                first_sum += mix(np.uint64(free))
                second_sum += mix(np.uint64(free) ^ np.uint64(0x5851F42D4C957F2D))

        keys[row, 0] = lowest
        keys[row, 1] = first_sum
        keys[row, 2] = second_sum
    return earliest, size, keys


def _merge(
    indptr: IntArray,
    indices: NDArray[np.int32],
    position: NDArray[np.int32],
    rows: IntArray,
    keys: NDArray[np.uint64],
) -> tuple[IntArray, NDArray[np.int32]]:
    """One row for each different set of free columns: those kept, and where each of `rows` went.

    The rows kept stand in an order of their sets, whatever the order of `rows`.
    """
    if not rows.size:
        return rows.astype(np.int64), np.zeros(0, dtype=np.int32)

    by_set = np.lexsort(keys.T[::-1])
    ordered = rows[by_set]
    is_new = np.ones(rows.size, dtype=bool)
    is_new[1:] = (keys[by_set[1:]] != keys[by_set[:-1]]).any(axis=1)

    # equal keys are equal sets almost surely; a proof needs it surely
    if not _same_sets(indptr, indices, position, ordered, is_new):
        raise ArithmeticError("two different sets of columns have the same 192-bit key")
    merged = np.empty(rows.size, dtype=np.int32)
    merged[by_set] = np.cumsum(is_new) - 1
    return ordered[is_new].astype(np.int64), merged


@compiled
def _same_sets(indptr, indices, position, ordered, is_new):  # type: ignore[no-untyped-def]
    """Whether each row that is not new has exactly the free columns of the row before it."""
    for i in range(1, ordered.size):
        if is_new[i]:
            continue
        mine, my_end = indptr[ordered[i]], indptr[ordered[i] + 1]
        other, other_end = indptr[ordered[i - 1]], indptr[ordered[i - 1] + 1]
        while True:
            while mine < my_end and position[indices[mine]] < 0:
                mine += 1
            while other < other_end and position[indices[other]] < 0:
                other += 1
            if mine == my_end or other == other_end:
                break
            if indices[mine] != indices[other]:
                return False
            mine += 1
            other += 1
        if mine != my_end or other != other_end:
            return False
    return True


@compiled
def _take_rows(indptr, indices, position, kept, size):  # type: ignore[no-untyped-def]
    """The kept rows with their free columns, renumbered and ascending, as those of the cover."""
    row_ptr = np.zeros(kept.size + 1, dtype=np.int64)
    for i in range(kept.size):
        row_ptr[i + 1] = row_ptr[i] + size[kept[i]]
    row_col = np.empty(row_ptr[-1], dtype=np.int32)
    for i in range(kept.size):
        filled = row_ptr[i]
        for entry in range(indptr[kept[i]], indptr[kept[i] + 1]):
            free = position[indices[entry]]
            if free >= 0:
                row_col[filled] = free
                filled += 1
    return row_ptr, row_col


@compiled
def _transpose(ptr, index, size):  # type: ignore[no-untyped-def]
    """A compressed list the other way round: for each of `size` members the lists it is in."""
    other_ptr = np.zeros(size + 1, dtype=np.int64)
    for entry in range(index.size):
        other_ptr[index[entry] + 1] += 1
    for member in range(size):
        other_ptr[member + 1] += other_ptr[member]

    filled = other_ptr[:-1].copy()
    other_index = np.empty(index.size, dtype=np.int32)
    for i in range(ptr.size - 1):
        for entry in range(ptr[i], ptr[i + 1]):
            member = index[entry]
            other_index[filled[member]] = i
            filled[member] += 1
    return other_ptr, other_index
