"""Who serves what first: one pass over the covering matrix per question.

What neighbour stations serve is served from the start, so no station is the first or the only one.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from planner import fields as F
from planner.compiled import compiled
from planner.model import Coverage, CoveredWeight, IntArray

Array = npt.NDArray[Any]


@compiled
def _least(indptr: Array, indices: Array, rank: Array, out: Array) -> None:
    """Least rank over the columns of each row of a CSR matrix, into out, (rows,)."""
    for row in range(len(out)):
        for entry in range(indptr[row], indptr[row + 1]):
            if rank[indices[entry]] < out[row]:
                out[row] = rank[indices[entry]]


@compiled
def _sole(indptr: Array, indices: Array, chosen: Array, out: Array) -> None:
    """The one chosen column of each row of a CSR matrix, -1 for none or several, into out."""
    for row in range(len(out)):
        found = -1
        for entry in range(indptr[row], indptr[row + 1]):
            if chosen[indices[entry]]:
                if found >= 0:
                    found = -1
                    break
                found = indices[entry]
        out[row] = found


def rank_of_columns(order: IntArray, columns: int) -> npt.NDArray[np.int64]:
    """Rank of each column of the covering matrix; ``fields.NEVER`` for one not in the order."""
    rank = np.full(columns, F.NEVER, np.int64)
    rank[order] = np.arange(len(order))
    return rank


def first_rank(service: Coverage | CoveredWeight, rank: IntArray) -> IntArray:
    """Rank of the station that first serves each row.

    Parameters
    ----------
    service
        Who serves which row.
    rank
        (columns,), ``fields.NEVER`` for columns that never open.

    Returns
    -------
    array, (rows,)
        Least rank over the row's columns; ``fields.NEVER`` when none of them opens,
        ``fields.OUTSIDE`` where a neighbour station serves.
    """
    cover = service.cover
    out = np.full(cover.shape[0], F.NEVER, np.int64)
    _least(cover.indptr, cover.indices, rank, out)
    out[service.outside] = F.OUTSIDE
    return out


def sole_column(service: Coverage | CoveredWeight, order: IntArray) -> IntArray:
    """The one column of `order` that alone serves each row, (rows,).

    It is -1 when none does, several do, or a neighbour station does.
    """
    cover = service.cover
    chosen = np.zeros(cover.shape[1], np.bool_)
    chosen[order] = True
    out = np.empty(cover.shape[0], np.int64)
    _sole(cover.indptr, cover.indices, chosen, out)
    out[service.outside] = -1
    return out


def to_cube(
    rows: pd.DataFrame, values: Array, shape: tuple[int, int, int], fill: float, dtype: Any
) -> Array:
    """Values of demand rows by (point, network, level); `fill` where none is asked for."""
    cube = np.full(shape, fill, dtype)
    place = tuple(rows[axis].to_numpy() for axis in (F.POINT, F.NETWORK, F.LEVEL))
    cube[place] = values
    return cube
