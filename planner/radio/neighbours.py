"""Neighbour lists: which cells share most ground, on their own carrier and on the others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, diags_array

from planner.errors import ProblemError
from planner.radio.grid import FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Relations:
    """Pairs of neighbours; each pair once, and each is in the list of the other.

    Attributes
    ----------
    one, other
        (pairs,) numbers of the cells, the lower one first; sorted.
    shared_m2
        (pairs,) ground on which both are heard.
    same_site
        (pairs,) whether both stand on one site.
    """

    one: IntArray
    other: IntArray
    shared_m2: FloatArray
    same_site: npt.NDArray[np.bool_]

    def both_ways(self) -> tuple[IntArray, IntArray]:
        """Each relation in both directions: first all as they are, then all turned."""
        return np.concatenate((self.one, self.other)), np.concatenate((self.other, self.one))

    def among(self, wanted: npt.NDArray[np.bool_]) -> Relations:
        """Those pairs only, (pairs,)."""
        return Relations(
            self.one[wanted], self.other[wanted], self.shared_m2[wanted], self.same_site[wanted]
        )


def neighbours(
    heard: csr_matrix,
    weight: npt.ArrayLike,
    site: npt.ArrayLike,
    carrier: npt.ArrayLike,
    known: npt.ArrayLike,
    *,
    most: int,
) -> Relations:
    """Neighbour lists from the ground that cells share.

    The lists grow in rounds. In round k come the pairs of which each is among the k with which the
    other shares most on that carrier, those first that share most; a pair stands while both lists
    have room. So a list holds the best of every carrier. Cells of one site come before all others.

    Parameters
    ----------
    heard
        (points, cells) which cells are heard at a point, from :func:`planner.radio.heard_cells`.
    weight
        (points,) ground of each point, m2, 0 or above.
    site, carrier
        (cells,) number of the site and of the carrier.
    known
        (cells,) whether it may stand in a list at all.
    most
        Longest list of a cell, 1 or above; a longer one stands only where a site has more cells.

    Raises
    ------
    planner.errors.ProblemError
        If shapes do not fit.
    """
    n_points, count = heard.shape
    load, place, band = np.asarray(weight, np.float64), np.asarray(site), np.asarray(carrier)
    listed = np.asarray(known, np.bool_)
    by_cell = place.shape == band.shape == listed.shape == (count,)
    if load.shape != (n_points,) or not by_cell or most < 1:
        raise ProblemError(
            "neighbours needs a weight per point, a site, a carrier and a mark per cell, and most "
            "of at least 1.",
            "邻区计算需要每点一个权重、每小区一个站址、载波和标记,且 most 不小于 1。",
        )

    # ground that two cells share, (pairs,), each pair once
    each = heard.astype(np.float64)
    shared = csr_matrix(each.T @ diags_array(load) @ each)
    mates = _site_mates(place)
    both = csr_matrix(shared + mates).tocoo()
    useful = (both.row < both.col) & listed[both.row] & listed[both.col]
    one, other = both.row[useful].astype(np.int64), both.col[useful].astype(np.int64)
    order = np.lexsort((other, one))
    one, other = one[order], other[order]
    # scipy gives no array where no pair is asked for
    ground = np.asarray(shared[one, other]).reshape(-1) if len(one) else np.zeros(0)
    same = place[one] == place[other]

    stands = _within_room(one, other, ground, same, band, most, count)
    return Relations(one, other, ground, same).among(stands)


def _site_mates(site: npt.NDArray[np.generic]) -> csr_matrix:
    """Cells that stand on one site, (cells, cells), itself included."""
    number = np.unique(site, return_inverse=True)[1]
    count = len(number)
    member = csr_matrix((np.ones(count), (np.arange(count), number)), shape=(count, count))
    return csr_matrix(member @ member.T)


def _within_room(
    one: IntArray,
    other: IntArray,
    ground: FloatArray,
    same: npt.NDArray[np.bool_],
    carrier: npt.NDArray[np.generic],
    most: int,
    count: int,
) -> npt.NDArray[np.bool_]:
    """Which pairs stand when each list holds at most so many, (pairs,)."""
    turn = np.maximum(
        _round_of(one, carrier[other], ground), _round_of(other, carrier[one], ground)
    )
    order = np.lexsort((other, one, -ground, turn, ~same))
    room, stands = [most] * count, np.zeros(len(one), dtype=np.bool_)
    pairs = zip(
        order.tolist(), one[order].tolist(), other[order].tolist(), same[order].tolist(),
        strict=True,
    )  # fmt: skip
    for pair, a, b, is_mate in pairs:
        if is_mate or (room[a] > 0 and room[b] > 0):
            room[a], room[b], stands[pair] = room[a] - 1, room[b] - 1, True
    return stands


def _round_of(cell: IntArray, carrier: npt.NDArray[np.generic], ground: FloatArray) -> IntArray:
    """Place of each pair among those of its cell on that carrier, most ground first, from 0."""
    order = np.lexsort((np.arange(len(cell)), -ground, carrier, cell))
    is_new = np.ones(len(cell), dtype=np.bool_)
    is_new[1:] = (np.diff(cell[order]) != 0) | (carrier[order][1:] != carrier[order][:-1])
    begin = np.flatnonzero(is_new)
    found = np.empty(len(cell), dtype=np.int64)
    found[order] = np.arange(len(cell)) - np.repeat(begin, np.diff(np.append(begin, len(cell))))
    return found
