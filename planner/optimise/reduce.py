"""Make the problem small and whole-numbered once, so that every later step is exact and fast.

Rows that the fixed columns cover become a constant, rows with the same set of columns become one,
rows nobody can cover are counted and dropped. The order of the reduced rows depends on their sets
of columns only, so a permuted problem reduces to the same arrays.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.optimise.compiled import compiled, mix
from planner.optimise.problem import FloatArray, IntArray, Problem

#: All weights together become at most this integer; a power of two scales them, so whole numbers
#: stay exact.
TOTAL = 1 << 44


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
    covered_value : float array, (phases,)
        The same in the caller's units.
    classes : tuple of int
        Phase index of each class.
    budget : int array, (K,)
        Columns to open in each class.
    free : int array, (columns here,)
    first : int8 array, (columns here,)
        First class a column may take.
    row_ptr, row_col : arrays
        Rows by their columns (CSR).
    col_ptr, col_row : arrays
        Columns by their rows (CSC).
    weight : int array, (rows here, K)
        Worth of a row in each class's phase alone.
    hard : int8 array, (rows here,)
        Class by which a row must be covered, -1 for none.
    unreachable : int
        Rows of the problem no usable column covers (with a weight or a hard rule).
    source_row : int array, (rows of the problem,)
        Reduced row of each row, -1 if dropped as fixed or worthless, -2 if unreachable.
    """

    problem: Problem
    scale: float
    step: int
    constant: IntArray
    covered_value: FloatArray
    classes: tuple[int, ...]
    budget: IntArray
    free: IntArray
    first: NDArray[np.int8]
    row_ptr: IntArray
    row_col: NDArray[np.int32]
    col_ptr: IntArray
    col_row: NDArray[np.int32]
    weight: IntArray
    hard: NDArray[np.int8]
    unreachable: int
    source_row: NDArray[np.int32]

    @property
    def rows(self) -> int:
        """Number of rows left."""
        return int(self.row_ptr.size - 1)

    @property
    def columns(self) -> int:
        """Number of columns left."""
        return int(self.free.size)

    def gain(self, weight: IntArray | None = None) -> IntArray:
        """Worth of a row first covered in each class, (rows, K + 1): the sum of the phases from there on."""
        weight = self.weight if weight is None else weight
        worth = np.zeros((weight.shape[0], weight.shape[1] + 1), dtype=np.int64)
        worth[:, :-1] = np.cumsum(weight[:, ::-1], axis=1)[:, ::-1]
        return worth

    def checksum(self) -> str:
        """SHA-256 of everything the bound depends on; the same for permuted rows."""
        digest = hashlib.sha256()
        parts = (
            self.constant,
            self.budget,
            self.free,
            self.first,
            self.row_ptr,
            self.row_col,
            self.weight,
        )
        for part in (np.array([self.scale]), np.array([self.step]), *parts):
            digest.update(np.ascontiguousarray(part).astype(part.dtype.newbyteorder("<")).tobytes())
        return digest.hexdigest()


def reduce(problem: Problem) -> Reduced:
    """Reduce a problem to its open part."""
    indptr, indices = problem.cover.indptr.astype(np.int64), problem.cover.indices.astype(np.int32)
    rows, columns = problem.shape
    scale, step, weight = scaled(problem.weight)
    usable = np.ones(columns, dtype=bool)
    usable[problem.excluded] = False
    usable[problem.fixed] = False
    free = np.flatnonzero(usable)
    position = np.full(columns, -1, dtype=np.int32)
    position[free] = np.arange(free.size, dtype=np.int32)
    rank = np.full(columns, columns, dtype=np.int32)
    rank[problem.fixed] = np.arange(problem.fixed.size, dtype=np.int32)
    classes = tuple(k for k, count in enumerate(problem.phases) if count > problem.fixed.size)
    earliest, size, keys = _scan_rows(indptr, indices, position, rank)
    by_fixed = earliest[None, :] < np.minimum(problem.phases, problem.fixed.size)[:, None]
    open_rows = (
        (earliest == columns)
        & (size > 0)
        & (weight[list(classes)].any(axis=0) | (problem.hard >= 0))
    )
    kept, merged = _merge(indptr, indices, position, np.flatnonzero(open_rows), keys)
    row_ptr, row_col = _take_rows(indptr, indices, position, kept, size)
    col_ptr, col_row = transpose(row_ptr, row_col, free.size)
    source = np.full(rows, -1, dtype=np.int32)
    lost = (earliest == columns) & (size == 0) & (weight.any(axis=0) | (problem.hard >= 0))
    source[lost] = -2
    source[open_rows] = merged
    first = np.searchsorted(classes, problem.first_phase[free]).astype(np.int8)
    taken = np.concatenate([[problem.fixed.size], [problem.phases[k] for k in classes]])
    return Reduced(
        problem=problem,
        scale=scale,
        step=step,
        constant=np.where(by_fixed, weight, 0).sum(axis=1),
        covered_value=np.array(
            [math.fsum(w[c]) for w, c in zip(problem.weight, by_fixed, strict=True)]
        ),
        classes=classes,
        budget=np.diff(taken).astype(np.int64),
        free=free.astype(np.int64),
        first=first,
        row_ptr=row_ptr,
        row_col=row_col,
        col_ptr=col_ptr,
        col_row=col_row,
        weight=_sum_weights(weight[list(classes)], open_rows, merged, kept.size),
        hard=_hard_classes(problem, classes, open_rows, merged, kept.size),
        unreachable=int(np.count_nonzero(lost)),
        source_row=source,
    )


def scaled(weight: FloatArray) -> tuple[float, int, IntArray]:
    """Integer weights, rounded up so that a bound on them holds for the caller's; a power of two keeps wholes exact."""
    total = math.fsum(weight.ravel())
    if total == 0:
        return 1.0, 1, np.zeros(weight.shape, dtype=np.int64)
    scale = 2.0 ** max(-1000, min(1000, math.floor(math.log2(TOTAL / total))))
    whole = np.ceil(weight * scale).astype(np.int64)
    step = int(np.gcd.reduce(whole, axis=None)) or 1
    return scale, step, whole


def _sum_weights(
    weight: IntArray, open_rows: NDArray[np.bool_], merged: NDArray[np.int32], size: int
) -> IntArray:
    total = np.zeros((size, weight.shape[0]), dtype=np.int64)
    np.add.at(total, merged, weight[:, open_rows].T)
    return total


def _hard_classes(
    problem: Problem,
    classes: tuple[int, ...],
    open_rows: NDArray[np.bool_],
    merged: NDArray[np.int32],
    size: int,
) -> NDArray[np.int8]:
    """Earliest class by which a reduced row is due; a due date within the fixed columns cannot be met and is -1."""
    due = problem.hard[open_rows]
    never = len(problem.phases)
    earliest = np.full(size, never, dtype=np.int64)
    np.minimum.at(earliest, merged, np.where(due >= 0, due, never))
    place = np.searchsorted(classes, earliest) if classes else np.zeros(size, dtype=np.int64)
    return np.where(earliest < never, place, -1).astype(np.int8)


@compiled
def _scan_rows(indptr, indices, position, rank):  # type: ignore[no-untyped-def]
    """Earliest fixed rank, number of free columns and three keys of the set of free columns, per row."""
    rows = indptr.size - 1
    none = rank.size
    earliest = np.full(rows, none, dtype=np.int64)
    size = np.zeros(rows, dtype=np.int64)
    keys = np.zeros((rows, 3), dtype=np.uint64)
    for row in range(rows):
        low = np.uint64(none)
        one = np.uint64(0)
        two = np.uint64(0)
        for at in range(indptr[row], indptr[row + 1]):
            column = indices[at]
            earliest[row] = min(earliest[row], rank[column])
            here = position[column]
            if here >= 0:
                size[row] += 1
                low = min(low, np.uint64(here))
                one += mix(np.uint64(here))
                two += mix(np.uint64(here) ^ np.uint64(0x5851F42D4C957F2D))
        keys[row, 0] = low
        keys[row, 1] = one
        keys[row, 2] = two
    return earliest, size, keys


def _merge(
    indptr: IntArray,
    indices: NDArray[np.int32],
    position: NDArray[np.int32],
    rows: IntArray,
    keys: NDArray[np.uint64],
) -> tuple[IntArray, NDArray[np.int32]]:
    """One row for each different set of columns: those kept, in an order of their sets, and where each row went."""
    if not rows.size:
        return rows.astype(np.int64), np.zeros(0, dtype=np.int32)
    key = keys[rows]
    by_set = np.lexsort((key[:, 2], key[:, 1], key[:, 0]))
    line = rows[by_set]
    new = np.ones(rows.size, dtype=bool)
    new[1:] = (key[by_set[1:]] != key[by_set[:-1]]).any(axis=1)
    if not _same_sets(indptr, indices, position, line, new):
        raise ArithmeticError("two different sets of columns have the same 192-bit key")
    merged = np.empty(rows.size, dtype=np.int32)
    merged[by_set] = np.cumsum(new) - 1
    return line[new].astype(np.int64), merged


@compiled
def _same_sets(indptr, indices, position, line, new):  # type: ignore[no-untyped-def]
    """Whether each row that is not new has exactly the free columns of the row before it."""
    for i in range(1, line.size):
        if new[i]:
            continue
        one, end = indptr[line[i]], indptr[line[i] + 1]
        two, stop = indptr[line[i - 1]], indptr[line[i - 1] + 1]
        while True:
            while one < end and position[indices[one]] < 0:
                one += 1
            while two < stop and position[indices[two]] < 0:
                two += 1
            if one == end or two == stop:
                break
            if indices[one] != indices[two]:
                return False
            one += 1
            two += 1
        if one != end or two != stop:
            return False
    return True


@compiled
def _take_rows(indptr, indices, position, kept, size):  # type: ignore[no-untyped-def]
    """The kept rows with their free columns, renumbered; ascending, since those of the cover are."""
    row_ptr = np.zeros(kept.size + 1, dtype=np.int64)
    for i in range(kept.size):
        row_ptr[i + 1] = row_ptr[i] + size[kept[i]]
    row_col = np.empty(row_ptr[-1], dtype=np.int32)
    for i in range(kept.size):
        put = row_ptr[i]
        for at in range(indptr[kept[i]], indptr[kept[i] + 1]):
            here = position[indices[at]]
            if here >= 0:
                row_col[put] = here
                put += 1
    return row_ptr, row_col


@compiled
def transpose(ptr, index, size):  # type: ignore[no-untyped-def]
    """The other way round of a compressed list: (ptr, index) over `size` targets, each list ascending."""
    other = np.zeros(size + 1, dtype=np.int64)
    for at in range(index.size):
        other[index[at] + 1] += 1
    for i in range(size):
        other[i + 1] += other[i]
    place = other[:-1].copy()
    result = np.empty(index.size, dtype=np.int32)
    for i in range(ptr.size - 1):
        for at in range(ptr[i], ptr[i + 1]):
            target = index[at]
            result[place[target]] = i
            place[target] += 1
    return other, result
