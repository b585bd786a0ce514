"""The compiled loops: many points against the few stations near each of them.

They read the coefficients that :func:`planner.radio.pathloss.curve` takes from TR 38.901, so a map,
a budget and a coverage matrix cannot disagree. Nothing here checks its input. Distances in m,
levels in dB or dBm, angles in degrees.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit, vectorize

from planner.radio.grid import Buckets
from planner.radio.pathloss import NEAR_M

Array = npt.NDArray[Any]

PER_DB = math.log(10.0) / 10.0
UMA, UMI, RMA = 0, 1, 2
LOS, NLOS, EXPECTED = 0, 1, 2

# The loops take plain arrays, one row per class or sector: reading an array out of a tuple costs an
# atomic count of its owners, more than the arithmetic of a pair.
MODEL, STATE, BREAKPOINT, NEAR, NEAR_SLOPE, NEAR_LINEAR, FAR, FAR_SLOPE, HIDDEN, HIDDEN_SLOPE = (
    range(10)
)
DROP, REFERENCE, H_UT = range(10, 13)
AZIMUTH, ELECTRICAL, MECHANICAL, OFFSET, H_CURVE, V_CURVE, SIDE_LOBE, FRONT_TO_BACK, TABLE = range(
    9
)


@njit(cache=True, nogil=True, error_model="numpy")
def p_los(model: int, d2d: float, h_ut: float) -> float:
    """Probability of line of sight outdoors, Table 7.4.2-1."""
    if model == RMA:
        return 1.0 if d2d <= 10.0 else math.exp(-(d2d - 10.0) / 1000.0)
    if d2d <= 18.0:
        return 1.0
    near = 18.0 / d2d
    if model == UMI:
        return near + math.exp(-d2d / 36.0) * (1.0 - near)
    tall = 0.0 if h_ut <= 13.0 else ((h_ut - 13.0) / 10.0) ** 1.5
    lift = 1.0 + tall * 1.25 * (d2d / 100.0) ** 3 * math.exp(-d2d / 150.0)
    return (near + math.exp(-d2d / 63.0) * (1.0 - near)) * lift


@vectorize(["float64(int64, float64, float64)"], cache=True)  # type: ignore[no-untyped-call]
def p_los_array(model, d2d, h_ut):  # type: ignore[no-untyped-def]
    """:func:`p_los`, broadcast."""
    return p_los(model, d2d, h_ut)


@njit(cache=True, nogil=True, error_model="numpy")
def window(x: float, reach: float, corner: float, cell: float, n: int) -> tuple[int, int]:
    """First cell and one past the last that a reach can touch along one axis; empty when first >= last."""
    first = max(math.floor((x - reach - corner) / cell), 0)
    last = min(math.floor((x + reach - corner) / cell) + 1, n)
    return first, last


@njit(cache=True, nogil=True, error_model="numpy")
def serve(
    points: Array,
    p_class: Array,
    range_m: Array,
    buckets: Buckets,
    lo: int,
    hi: int,
    fill: bool,
    indptr: Array,
    indices: Array,
) -> None:
    """Stations in range of rows lo to hi.

    First pass (``fill`` false): their number into ``indptr[row + 1]``. Second pass: the stations
    themselves, sorted, into ``indices[indptr[row] : indptr[row + 1]]``.
    """
    xy, station, corner, cell, shape, offset, start = buckets
    for i in range(lo, hi):
        x, y = points[i, 0], points[i, 1]
        begin = indptr[i] if fill else 0
        to = begin
        for c in range(range_m.shape[1]):
            reach = range_m[p_class[i], c]
            if reach <= 0.0:
                continue
            col0, col1 = window(x, reach, corner[c, 0], cell[c], shape[c, 0])
            row0, row1 = window(y, reach, corner[c, 1], cell[c], shape[c, 1])
            if col0 >= col1:
                continue
            for row in range(row0, row1):
                base = offset[c] + row * shape[c, 0]
                for k in range(start[base + col0], start[base + col1]):
                    dx, dy = xy[k, 0] - x, xy[k, 1] - y
                    if dx * dx + dy * dy <= reach * reach:
                        if fill:
                            indices[to] = station[k]
                        to += 1
        if fill:
            indices[begin:to].sort()
        else:
            indptr[i + 1] = to


@njit(cache=True, nogil=True, error_model="numpy")
def interpolated(cuts: Array, table: int, cut: int, angle: float) -> float:
    """A cut of 360 values read at any angle, degrees."""
    if not math.isfinite(angle):
        return math.nan
    place = angle % 360.0
    low = min(int(place), 359)
    share = place - low
    between: float = (1.0 - share) * cuts[table, cut, low] + share * cuts[
        table, cut, (low + 1) % 360
    ]
    return between


@njit(cache=True, nogil=True, error_model="numpy")
def pattern(
    rows: Array,
    cuts: Array,
    s: int,
    bearing: float,
    depression: float,
    electrical: float,
    mechanical: float,
) -> float:
    """Pattern of sector ``s`` in dB, at most 0; ``bearing`` counts from the azimuth, -180 to 180 degrees."""
    off, down = bearing, depression
    if mechanical != 0.0:
        phi, delta, beta = math.radians(off), math.radians(down), math.radians(mechanical)
        ahead = math.cos(phi) * math.cos(delta)
        lifted = math.sin(delta) * math.cos(beta) - ahead * math.sin(beta)
        down = math.degrees(math.asin(min(max(lifted, -1.0), 1.0)))
        across = math.sin(phi) * math.cos(delta)
        off = math.degrees(
            math.atan2(across, ahead * math.cos(beta) + math.sin(delta) * math.sin(beta))
        )
    below = down - electrical
    if rows[s, TABLE] >= 0.0:
        table = int(rows[s, TABLE])
        return -interpolated(cuts, table, 0, off) - interpolated(cuts, table, 1, below)
    h: float = rows[s, H_CURVE] * off * off
    v: float = rows[s, V_CURVE] * below * below
    most: float = rows[s, FRONT_TO_BACK]
    low: float = rows[s, SIDE_LOBE]
    return -min(min(h, most) + min(v, low), most)


@njit(cache=True, nogil=True, error_model="numpy")
def attenuation_flat(
    rows: Array,
    cuts: Array,
    bearing: Array,
    depression: Array,
    electrical: Array,
    mechanical: Array,
    out: Array,
) -> None:
    """:func:`pattern` of the first sector over arrays of one length."""
    for i in range(len(out)):
        off = (bearing[i] + 180.0) % 360.0 - 180.0
        out[i] = pattern(rows, cuts, 0, off, depression[i], electrical[i], mechanical[i])


@njit(cache=True, nogil=True, error_model="numpy")
def sum_by_bearing(
    stations: Array, buckets: Buckets, weight: Array, reach: float, sky: Array
) -> None:
    """Weight of the points within reach of each station, by bearing; the points lie in ``buckets``."""
    bins = sky.shape[1]
    xy, point, corner, cell, shape, _, start = buckets
    for i in range(len(stations)):
        x, y = stations[i, 0], stations[i, 1]
        col0, col1 = window(x, reach, corner[0, 0], cell[0], shape[0, 0])
        row0, row1 = window(y, reach, corner[0, 1], cell[0], shape[0, 1])
        for row in range(row0, row1 if col0 < col1 else row0):
            base = row * shape[0, 0]
            for k in range(start[base + col0], start[base + col1]):
                dx, dy = xy[k, 0] - x, xy[k, 1] - y
                if 0.0 < dx * dx + dy * dy <= reach * reach:
                    turn = (math.degrees(math.atan2(dx, dy)) % 360.0) / 360.0
                    sky[i, min(int(turn * bins), bins - 1)] += weight[point[k]]


@njit(cache=True, nogil=True, error_model="numpy")
def heard(links: Array, c: int, d2d: float) -> tuple[float, float]:
    """Path loss (dB) and depression (degrees) at a distance from a mast; nearer than 10 m counts as 10 m."""
    d = max(d2d, NEAR_M)
    d3d = math.sqrt(d * d + links[c, DROP] * links[c, DROP])
    lg = math.log10(d3d)
    if d <= links[c, BREAKPOINT]:
        seen = links[c, NEAR] + links[c, NEAR_SLOPE] * lg + links[c, NEAR_LINEAR] * d3d
    else:
        seen = links[c, FAR] + links[c, FAR_SLOPE] * lg
    hidden = max(seen, links[c, HIDDEN] + links[c, HIDDEN_SLOPE] * lg)
    lost = seen if links[c, STATE] == LOS else hidden
    if links[c, STATE] == EXPECTED:
        p = p_los(int(links[c, MODEL]), d, links[c, H_UT])
        lost = p * seen + (1.0 - p) * hidden
    return lost, math.degrees(math.atan2(links[c, DROP], d))


@njit(cache=True, nogil=True, error_model="numpy")
def sector_gain(rows: Array, cuts: Array, s: int, bearing: float, depression: float) -> float:
    """Pattern plus offset of one sector towards a bearing (-180 to 180) and a depression, dB."""
    off = bearing - rows[s, AZIMUTH]
    if off < -180.0:
        off += 360.0
    gain: float = rows[s, OFFSET] + pattern(
        rows, cuts, s, off, depression, rows[s, ELECTRICAL], rows[s, MECHANICAL]
    )
    return gain


@njit(cache=True, nogil=True, error_model="numpy")
def best_gain(
    first: Array, rows: Array, cuts: Array, j: int, bearing: float, depression: float
) -> float:
    """Largest sector gain of station ``j``, dB; minus infinity without sectors."""
    best = -math.inf
    for s in range(first[j], first[j + 1]):
        best = max(best, sector_gain(rows, cuts, s, bearing, depression))
    return best


@njit(cache=True, nogil=True, error_model="numpy")
def serve_sectors(
    points: Array,
    p_class: Array,
    range_m: Array,
    max_loss: Array,
    buckets: Buckets,
    links: Array,
    first: Array,
    rows: Array,
    cuts: Array,
    lo: int,
    hi: int,
    room: Array,
    indices: Array,
    counts: Array,
) -> None:
    """Stations whose best sector serves rows lo to hi, where each pair has terms of its own.

    ``range_m`` is the distance beyond which no pair can be served; what :func:`serve` counts with
    it is the ``room`` of a row. The stations go, sorted, to the front of it, and their number into
    ``counts[row + 1]``.
    """
    xy, station, corner, cell, shape, offset, start = buckets
    for i in range(lo, hi):
        x, y = points[i, 0], points[i, 1]
        to = room[i]
        for c in range(range_m.shape[1]):
            reach = range_m[p_class[i], c]
            if reach <= 0.0:
                continue
            col0, col1 = window(x, reach, corner[c, 0], cell[c], shape[c, 0])
            row0, row1 = window(y, reach, corner[c, 1], cell[c], shape[c, 1])
            for row in range(row0, row1 if col0 < col1 else row0):
                base = offset[c] + row * shape[c, 0]
                for k in range(start[base + col0], start[base + col1]):
                    dx, dy = x - xy[k, 0], y - xy[k, 1]
                    if dx * dx + dy * dy > reach * reach:
                        continue
                    lost, down = heard(links, c, math.sqrt(dx * dx + dy * dy))
                    bearing = math.degrees(math.atan2(dx, dy))
                    gain = best_gain(first, rows, cuts, station[k], bearing, down)
                    if lost - gain <= max_loss[p_class[i], c]:
                        indices[to] = station[k]
                        to += 1
        indices[room[i] : to].sort()
        counts[i + 1] = to - room[i]


@njit(cache=True, nogil=True, error_model="numpy")
def squeeze(room: Array, indptr: Array, indices: Array) -> None:
    """Close the gaps between rows, in place: entries only move towards the front."""
    for i in range(len(indptr) - 1):
        for k in range(indptr[i + 1] - indptr[i]):
            indices[indptr[i] + k] = indices[room[i] + k]


@njit(cache=True, nogil=True, error_model="numpy")
def collect(
    x: float,
    y: float,
    reach: Array,
    taken: Array,
    buckets: Buckets,
    links: Array,
    first: Array,
    rows: Array,
    cuts: Array,
    level: Array,
    who: Array,
) -> int:
    """Every sector within its class's reach of a point: SS-RSRP (dBm) and number; returns how many."""
    xy, station, corner, cell, shape, offset, start = buckets
    n = 0
    for c in range(len(reach)):
        if reach[c] <= 0.0:
            continue
        col0, col1 = window(x, reach[c], corner[c, 0], cell[c], shape[c, 0])
        row0, row1 = window(y, reach[c], corner[c, 1], cell[c], shape[c, 1])
        for row in range(row0, row1 if col0 < col1 else row0):
            base = offset[c] + row * shape[c, 0]
            for k in range(start[base + col0], start[base + col1]):
                dx, dy = x - xy[k, 0], y - xy[k, 1]
                if dx * dx + dy * dy > reach[c] * reach[c]:
                    continue
                lost, down = heard(links, c, math.sqrt(dx * dx + dy * dy))
                bearing = math.degrees(math.atan2(dx, dy))
                j = station[k]
                for sector in range(first[j], first[j + 1]):
                    gain = sector_gain(rows, cuts, sector, bearing, down)
                    level[n] = links[c, REFERENCE] + gain - lost - taken[c]
                    who[n] = sector
                    n += 1
    return n


@njit(cache=True, nogil=True, error_model="numpy")
def listen(
    points: Array,
    reach: Array,
    taken: Array,
    buckets: Buckets,
    links: Array,
    first: Array,
    rows: Array,
    cuts: Array,
    carrier: Array,
    window_db: float,
    lo: int,
    hi: int,
    rsrp: Array,
    server: Array,
    others: Array,
    rivals: Array,
) -> None:
    """What a terminal hears at rows lo to hi.

    The best server's SS-RSRP (dBm) and sector (-1: none; ties to the lowest), the sum of the other
    sectors on its carrier (mW per resource element), and into ``rivals[row + 1]`` how many sectors
    of that carrier lie within ``window_db`` of the best, itself included. ``carrier`` is per
    sector.
    """
    level, who = np.empty(len(rows)), np.empty(len(rows), dtype=np.int64)
    for i in range(lo, hi):
        n = collect(
            points[i, 0], points[i, 1], reach, taken, buckets, links, first, rows, cuts, level, who
        )
        best, mine = -math.inf, -1
        for k in range(n):
            if level[k] > best or (level[k] == best and who[k] < mine):
                best, mine = level[k], who[k]
        total, near = 0.0, 0
        for k in range(n):
            if carrier[who[k]] == carrier[mine]:
                near += level[k] >= best - window_db
                if who[k] != mine:
                    total += math.exp(level[k] * PER_DB)
        rsrp[i], server[i], others[i], rivals[i + 1] = best, mine, total, near


@njit(cache=True, nogil=True, error_model="numpy")
def list_rivals(
    points: Array,
    reach: Array,
    taken: Array,
    buckets: Buckets,
    links: Array,
    first: Array,
    rows: Array,
    cuts: Array,
    carrier: Array,
    window_db: float,
    lo: int,
    hi: int,
    rsrp: Array,
    server: Array,
    indptr: Array,
    indices: Array,
) -> None:
    """The sectors that :func:`listen` counted as rivals, sorted, after the counts were summed up.

    Rows whose count was set to 0 are left out; a count of 1 is the server alone.
    """
    level, who = np.empty(len(rows)), np.empty(len(rows), dtype=np.int64)
    for i in range(lo, hi):
        if indptr[i + 1] - indptr[i] == 1:
            indices[indptr[i]] = server[i]
        if indptr[i + 1] - indptr[i] < 2:
            continue
        n = collect(
            points[i, 0], points[i, 1], reach, taken, buckets, links, first, rows, cuts, level, who
        )
        to = indptr[i]
        for k in range(n):
            if carrier[who[k]] == carrier[server[i]] and level[k] >= rsrp[i] - window_db:
                indices[to] = who[k]
                to += 1
        indices[indptr[i] : to].sort()
