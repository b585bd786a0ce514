"""Codes that cells share with cells far away: which of them clash, which stay, which are given.

A code is a physical cell identity or a root sequence; a cell takes ``width`` consecutive ones from
its first on. Two cells of one carrier clash where they have a code in common and are neighbours, or
have a neighbour in common. Where no clash can be avoided, the fewest remain, and they are counted.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from planner.radio.grid import FloatArray, IntArray, fill_buckets
from planner.radio.neighbours import Relations

NONE = -1
"""The first code of a cell that has none."""
FAR_M = 10_000.0
"""Cells farther than this count as equally far, m: reuse over the horizon disturbs nobody."""
MOST_SIDES = 3
"""Cells of a station that are given their codes together: one for each remainder by 3."""


class Places(NamedTuple):
    """Where cells stand, and on which carrier they are.

    Attributes
    ----------
    xy
        (stations, 2) place, m.
    station
        (cells,) number of its station, never falling.
    carrier
        (cells,) number of its carrier; the cells of a station have one.
    """

    xy: FloatArray
    station: IntArray
    carrier: IntArray


class Codes(NamedTuple):
    """What there is to be given.

    Attributes
    ----------
    total
        (cells,) how many codes there are on the cell's carrier.
    width
        (cells,) how many consecutive codes each cell takes.
    by_three
        Whether remainders matter: those by 3 differ inside a station, those by 30 and by 4 clash
        as seldom as may be.
    """

    total: IntArray
    width: IntArray
    by_three: bool


class Clashes(NamedTuple):
    """What is wrong with codes, from the codes alone.

    Attributes
    ----------
    first, second
        (pairs, 2) cells with a code in common that are neighbours, and those that have a neighbour
        in common; the lower number first, sorted.
    reuse_m
        (cells,) distance to the nearest other cell of the carrier with a code in common, m;
        infinite where there is none.
    """

    first: IntArray
    second: IntArray
    reuse_m: FloatArray


def near_pairs(relations: Relations, places: Places) -> csr_array:
    """Cells of one carrier that are neighbours or have a neighbour in common, each way."""
    count = len(places.station)
    hops = _hops(relations, count)
    both = csr_array(hops + hops @ hops).tocoo()
    same = (places.carrier[both.row] == places.carrier[both.col]) & (both.row != both.col)
    kept = np.ones(int(same.sum()), dtype=np.bool_)
    found = csr_array((kept, (both.row[same], both.col[same])), shape=(count, count))
    found.sort_indices()
    return found


def find_clashes(
    code: IntArray, codes: Codes, relations: Relations, near: csr_array, places: Places
) -> Clashes:
    """What is wrong with the codes of cells; a cell without a code has none in common."""
    count = len(places.station)
    pairs = _once(near)
    pairs = pairs[_overlap(code, codes.width, pairs)]
    a, b = pairs[:, 0], pairs[:, 1]
    is_first = np.isin(a * count + b, relations.one * count + relations.other)

    # a neighbour in common, whether or not they are neighbours themselves
    hops = _hops(relations, count)
    is_second = hops[a].multiply(hops[b]).sum(axis=1) > 0
    return Clashes(pairs[is_first], pairs[is_second], _reuse_m(code, codes, places))


def kept_codes(
    wanted: IntArray,
    settled: npt.NDArray[np.bool_],
    codes: Codes,
    near: csr_array,
    places: Places,
    keep_m: float,
) -> IntArray:
    """Codes that may stay: of two that clash, or lie within ``keep_m``, one gives way.

    Parameters
    ----------
    wanted
        (cells,) first code that each cell has; :data:`NONE` where it has none.
    settled
        (cells,) whether it stays whatever happens, because it is on air.
    codes, near, places
        As in :func:`spread_codes`.
    keep_m
        Distance up to which a code in common makes one of the two give way, m.

    Returns
    -------
    numpy.ndarray
        (cells,) first codes, :data:`NONE` for cells without one and those that give way: of two the
        one that is not settled, else the later.
    """
    code = np.where((wanted >= 0) & (wanted + codes.width <= codes.total), wanted, NONE)
    linked = _once(near)
    linked = linked[_overlap(code, codes.width, linked)]
    found = np.unique(np.vstack((linked, _close_pairs(code, codes, places, keep_m))), axis=0)

    gone = np.zeros(len(code), dtype=np.bool_)
    # settled ones come first, so that nobody gives way to a cell that gives way itself
    late = (~settled[found]).sum(axis=1) if len(found) else np.zeros(0, np.int64)
    for a, b in found[np.argsort(late, kind="stable")]:
        if not gone[a] and not gone[b] and not (settled[a] and settled[b]):
            gone[a if settled[b] else b] = True
    return np.where(gone, NONE, code)


def spread_codes(
    held: IntArray,
    before: IntArray,
    codes: Codes,
    relations: Relations,
    near: csr_array,
    places: Places,
    *,
    own: int,
    keep_m: float,
    reuse_m: float,
) -> IntArray:
    """Codes for all cells: those held stay, the others are given station by station.

    Each carrier begins where its stations stand densest and goes outwards. Three cells of a station
    take codes side by side. Of what is free they take what clashes with fewest cells, then what is
    used again farthest away, up to ``reuse_m``, then, where remainders matter, what is least alike
    by 30 and by 4 to the neighbours; ties go to the lowest code.

    Parameters
    ----------
    held
        (cells,) first codes that stay, from :func:`kept_codes`; :data:`NONE` elsewhere.
    before
        (cells,) first codes of an earlier plan. One that is not held is still not given up for
        another that would have to be given up as well.
    codes, places
        What is given, and to whom.
    relations, near
        Neighbours, and cells of one carrier up to two steps apart, from :func:`near_pairs`.
    own
        How many cells are given codes; they come first, the others have theirs or none.
    keep_m
        Distance from which a code may be used again, m.
    reuse_m
        Distance beyond which it does not matter how far, m, at most :data:`FAR_M`.

    Returns
    -------
    numpy.ndarray
        (cells,) first code of each cell.
    """
    first = np.searchsorted(places.station, np.arange(len(places.xy) + 1)).astype(np.int64)
    units = _units(held[:own], codes, first, places, reuse_m)
    if not len(units):
        return held.copy()

    from planner.radio.reuse_loop import give_codes

    carrier_of = places.carrier[np.minimum(first[:-1], max(0, len(places.carrier) - 1))]
    n_carriers = int(places.carrier.max(initial=0)) + 1
    reach = np.diag(np.full(n_carriers, FAR_M))
    buckets = fill_buckets(places.xy, carrier_of, np.full(n_carriers, FAR_M))

    one, other = relations.both_ways()
    alike = places.carrier[one] == places.carrier[other]
    order = np.lexsort((other, one))
    order = order[alike[order]]
    start = np.searchsorted(one[order], np.arange(len(held) + 1)).astype(np.int64)
    ground = np.rint(np.concatenate((relations.shared_m2,) * 2)).astype(np.int64)[order]

    code = held.copy()
    give_codes(
        units,
        places.xy,
        places.station,
        first,
        buckets,
        reach,
        carrier_of,
        code,
        before,
        codes.width,
        near.indptr.astype(np.int64),
        near.indices.astype(np.int64),
        start,
        other[order],
        ground + 1,
        codes.total,
        int(codes.total.max()),
        codes.by_three,
        keep_m**2,
        min(reuse_m, FAR_M) ** 2,
    )
    return code


def _units(
    held: IntArray, codes: Codes, first: IntArray, places: Places, reuse_m: float
) -> IntArray:
    """Cells that are given codes together, a row a station or a part of it, in the order of giving.

    Rows are filled up with :data:`NONE`.
    """
    rows = []
    for station in _outwards(first, places, reuse_m):
        last = min(int(first[station + 1]), len(held))
        cells = [c for c in range(int(first[station]), last) if held[c] == NONE]
        while cells:
            room = int(codes.total[cells[0]] // codes.width[cells].max())
            sides = max(1, min(MOST_SIDES, room))
            now, cells = cells[:sides], cells[sides:]
            rows.append(now + [NONE] * (MOST_SIDES - len(now)))
    return np.array(rows, dtype=np.int64).reshape(-1, MOST_SIDES)


def _outwards(first: IntArray, places: Places, reuse_m: float) -> IntArray:
    """Stations, carrier by carrier, from the place where they stand densest outwards."""
    own = np.flatnonzero(np.diff(first) > 0)
    carrier = places.carrier[first[own]]
    order = []
    for number in np.unique(carrier):
        mine = own[carrier == number]
        xy = places.xy[mine]
        crowd = cKDTree(xy).query_ball_point(xy, reuse_m, return_length=True)
        centre = xy[int(np.argmax(crowd))]
        order.append(mine[np.argsort(np.hypot(*(xy - centre).T), kind="stable")])
    return np.concatenate(order) if order else np.zeros(0, np.int64)


def _hops(relations: Relations, count: int) -> csr_array:
    """Who is whose neighbour, (cells, cells)."""
    one, other = relations.both_ways()
    return csr_array((np.ones(len(one), dtype=np.int64), (one, other)), shape=(count, count))


def _once(near: csr_array) -> IntArray:
    """Each pair of a symmetric table once, the lower cell first, sorted: (pairs, 2)."""
    row = np.repeat(np.arange(near.shape[0]), np.diff(near.indptr))
    pairs = np.column_stack((row, near.indices)).astype(np.int64)
    return pairs[pairs[:, 0] < pairs[:, 1]]


def _overlap(code: IntArray, width: IntArray, pairs: IntArray) -> npt.NDArray[np.bool_]:
    """Which pairs of cells have a code in common, (pairs,)."""
    a, b = pairs[:, 0], pairs[:, 1]
    known = (code[a] >= 0) & (code[b] >= 0)
    found: npt.NDArray[np.bool_] = (
        known & (code[a] < code[b] + width[b]) & (code[b] < code[a] + width[a])
    )
    return found


def _spread_out(code: IntArray, codes: Codes, places: Places) -> tuple[IntArray, FloatArray]:
    """A point for each code of each cell: its cell, and a place that only equal codes share.

    The third coordinate sets carriers and codes farther apart than any two cells.
    """
    cells = np.flatnonzero(code >= 0)
    cell = np.repeat(cells, codes.width[cells])
    step = np.arange(len(cell)) - np.repeat(
        np.cumsum(codes.width[cells]) - codes.width[cells], codes.width[cells]
    )
    number = places.carrier[cell] * codes.total.max(initial=1) + code[cell] + step
    return cell, np.column_stack((places.xy[places.station[cell]], number * 1e7))


def _close_pairs(code: IntArray, codes: Codes, places: Places, keep_m: float) -> IntArray:
    """Pairs of cells of a carrier with a code in common within a distance, (pairs, 2)."""
    cell, points = _spread_out(code, codes, places)
    if not len(points):
        return np.zeros((0, 2), dtype=np.int64)
    pairs = cKDTree(points).query_pairs(keep_m, output_type="ndarray")
    return np.sort(cell[pairs].reshape(-1, 2), axis=1)


def _reuse_m(code: IntArray, codes: Codes, places: Places) -> FloatArray:
    cell, points = _spread_out(code, codes, places)
    reuse = np.full(len(code), np.inf)
    if len(points) < 2:
        return reuse
    far = np.asarray(cKDTree(points).query(points, k=[2], distance_upper_bound=5e6)[0])
    np.minimum.at(reuse, cell, far[:, 0])
    return reuse
