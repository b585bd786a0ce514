"""The compiled loops: many points against the few stations near each of them.

They read the coefficients that :func:`planner.radio.pathloss.curve` takes from TR 38.901, so a map, a budget and a
coverage matrix cannot disagree. Nothing here checks its input. Distances in m, levels in dB or dBm, angles in
degrees.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit, vectorize

from planner.radio.antenna import Antennas, Sectors
from planner.radio.grid import Buckets
from planner.radio.pathloss import NEAR_M, Curve

Array = npt.NDArray[Any]

PER_DB = math.log(10.0) / 10.0
UMA, UMI, RMA = 0, 1, 2
LOS, NLOS, EXPECTED = 0, 1, 2


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

    First pass (``fill`` false): their number into ``indptr[row + 1]``. Second pass: the stations themselves,
    sorted, into ``indices[indptr[row] : indptr[row + 1]]``.
    """
    for i in range(lo, hi):
        x, y = points[i, 0], points[i, 1]
        begin = indptr[i] if fill else 0
        to = begin
        for c in range(range_m.shape[1]):
            reach = range_m[p_class[i], c]
            if reach <= 0.0:
                continue
            col0, col1 = window(x, reach, buckets.corner[c, 0], buckets.cell[c], buckets.shape[c, 0])
            row0, row1 = window(y, reach, buckets.corner[c, 1], buckets.cell[c], buckets.shape[c, 1])
            if col0 >= col1:
                continue
            for row in range(row0, row1):
                base = buckets.offset[c] + row * buckets.shape[c, 0]
                for k in range(buckets.start[base + col0], buckets.start[base + col1]):
                    dx, dy = buckets.xy[k, 0] - x, buckets.xy[k, 1] - y
                    if dx * dx + dy * dy <= reach * reach:
                        if fill:
                            indices[to] = buckets.station[k]
                        to += 1
        if fill:
            indices[begin:to].sort()
        else:
            indptr[i + 1] = to


@njit(cache=True, nogil=True, error_model="numpy")
def interpolated(cut: Array, angle: float) -> float:
    """A cut of 360 values read at any angle, degrees."""
    if not math.isfinite(angle):
        return math.nan
    place = angle % 360.0
    low = min(int(place), 359)
    share = place - low
    between: float = (1.0 - share) * cut[low] + share * cut[(low + 1) % 360]
    return between


@njit(cache=True, nogil=True, error_model="numpy")
def sector_attenuation(
    antennas: Antennas, a: int, bearing: float, depression: float, electrical: float, mechanical: float
) -> float:
    """Pattern of antenna ``a`` in dB, at most 0; ``bearing`` counts from the azimuth, -180 to 180 degrees."""
    off, down = bearing, depression
    if mechanical != 0.0:
        phi, delta, beta = math.radians(off), math.radians(down), math.radians(mechanical)
        ahead = math.cos(phi) * math.cos(delta)
        lifted = math.sin(delta) * math.cos(beta) - ahead * math.sin(beta)
        down = math.degrees(math.asin(min(max(lifted, -1.0), 1.0)))
        across = math.sin(phi) * math.cos(delta)
        off = math.degrees(math.atan2(across, ahead * math.cos(beta) + math.sin(delta) * math.sin(beta)))
    table = antennas.table[a]
    if table >= 0:
        across_db = interpolated(antennas.horizontal[table], off)
        return -across_db - interpolated(antennas.vertical[table], down - electrical)
    below = down - electrical
    h: float = antennas.h_curve[a] * off * off
    v: float = antennas.v_curve[a] * below * below
    most: float = antennas.front_to_back[a]
    low: float = antennas.side_lobe[a]
    return -min(min(h, most) + min(v, low), most)


@njit(cache=True, nogil=True, error_model="numpy")
def attenuation_flat(
    antennas: Antennas, bearing: Array, depression: Array, electrical: Array, mechanical: Array, out: Array
) -> None:
    """:func:`sector_attenuation` of the first antenna over arrays of one length."""
    for i in range(len(out)):
        off = (bearing[i] + 180.0) % 360.0 - 180.0
        out[i] = sector_attenuation(antennas, 0, off, depression[i], electrical[i], mechanical[i])


@njit(cache=True, nogil=True, error_model="numpy")
def sum_by_bearing(stations: Array, buckets: Buckets, weight: Array, reach: float, sky: Array) -> None:
    """Weight of the points within reach of each station, by bearing; the points lie in ``buckets``."""
    bins = sky.shape[1]
    for i in range(len(stations)):
        x, y = stations[i, 0], stations[i, 1]
        col0, col1 = window(x, reach, buckets.corner[0, 0], buckets.cell[0], buckets.shape[0, 0])
        row0, row1 = window(y, reach, buckets.corner[0, 1], buckets.cell[0], buckets.shape[0, 1])
        for row in range(row0, row1 if col0 < col1 else row0):
            base = row * buckets.shape[0, 0]
            for k in range(buckets.start[base + col0], buckets.start[base + col1]):
                dx, dy = buckets.xy[k, 0] - x, buckets.xy[k, 1] - y
                if 0.0 < dx * dx + dy * dy <= reach * reach:
                    turn = (math.degrees(math.atan2(dx, dy)) % 360.0) / 360.0
                    sky[i, min(int(turn * bins), bins - 1)] += weight[buckets.station[k]]


class Links(NamedTuple):
    """How each class of stations is heard: arrays over the classes, and the terminal's height."""

    curve: Curve
    model: Array
    state: Array
    reference_dbm: Array  # power per resource element plus gain on the axis
    h_ut: float


@njit(cache=True, nogil=True, error_model="numpy")
def heard(links: Links, c: int, d2d: float) -> tuple[float, float]:
    """Path loss (dB) and depression (degrees) at a distance from a mast; nearer than 10 m counts as 10 m."""
    d, row = max(d2d, NEAR_M), links.curve
    d3d = math.sqrt(d * d + row.drop_m[c] * row.drop_m[c])
    lg = math.log10(d3d)
    if d <= row.breakpoint_m[c]:
        seen = row.near[c] + row.near_slope[c] * lg + row.near_linear[c] * d3d
    else:
        seen = row.far[c] + row.far_slope[c] * lg
    hidden = max(seen, row.nlos[c] + row.nlos_slope[c] * lg)
    lost = seen if links.state[c] == LOS else hidden
    if links.state[c] == EXPECTED:
        p = p_los(links.model[c], d, links.h_ut)
        lost = p * seen + (1.0 - p) * hidden
    return lost, math.degrees(math.atan2(row.drop_m[c], d))


@njit(cache=True, nogil=True, error_model="numpy")
def sector_gain(sectors: Sectors, s: int, bearing: float, depression: float) -> float:
    """Pattern plus offset of one sector towards a bearing (-180 to 180) and a depression, dB."""
    off = bearing - sectors.azimuth[s]
    gain: float = sectors.offset_db[s] + sector_attenuation(
        sectors.antennas,
        sectors.antenna[s],
        off + 360.0 if off < -180.0 else off,
        depression,
        sectors.electrical_tilt[s],
        sectors.mechanical_tilt[s],
    )
    return gain


@njit(cache=True, nogil=True, error_model="numpy")
def best_gain(sectors: Sectors, j: int, bearing: float, depression: float) -> float:
    """Largest sector gain of station ``j``, dB; minus infinity without sectors."""
    best = -math.inf
    for s in range(sectors.start[j], sectors.start[j + 1]):
        best = max(best, sector_gain(sectors, s, bearing, depression))
    return best


@njit(cache=True, nogil=True, error_model="numpy")
def serve_sectors(
    points: Array,
    p_class: Array,
    range_m: Array,
    max_loss: Array,
    buckets: Buckets,
    links: Links,
    sectors: Sectors,
    lo: int,
    hi: int,
    room: Array,
    indices: Array,
    counts: Array,
) -> None:
    """Stations whose best sector serves rows lo to hi, where each pair has terms of its own.

    ``range_m`` is the distance beyond which no pair can be served; what :func:`serve` counts with it is the ``room``
    of a row. The stations go, sorted, to the front of it, and their number into ``counts[row + 1]``.
    """
    for i in range(lo, hi):
        x, y = points[i, 0], points[i, 1]
        to = room[i]
        for c in range(range_m.shape[1]):
            reach = range_m[p_class[i], c]
            if reach <= 0.0:
                continue
            col0, col1 = window(x, reach, buckets.corner[c, 0], buckets.cell[c], buckets.shape[c, 0])
            row0, row1 = window(y, reach, buckets.corner[c, 1], buckets.cell[c], buckets.shape[c, 1])
            for row in range(row0, row1 if col0 < col1 else row0):
                base = buckets.offset[c] + row * buckets.shape[c, 0]
                for k in range(buckets.start[base + col0], buckets.start[base + col1]):
                    dx, dy = x - buckets.xy[k, 0], y - buckets.xy[k, 1]
                    if dx * dx + dy * dy > reach * reach:
                        continue
                    lost, down = heard(links, c, math.sqrt(dx * dx + dy * dy))
                    bearing = math.degrees(math.atan2(dx, dy))
                    gain = best_gain(sectors, buckets.station[k], bearing, down)
                    if lost - gain <= max_loss[p_class[i], c]:
                        indices[to] = buckets.station[k]
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
    links: Links,
    sectors: Sectors,
    level: Array,
    who: Array,
) -> int:
    """Every sector within its class's reach of a point: SS-RSRP (dBm) and number; returns how many."""
    n = 0
    for c in range(len(reach)):
        if reach[c] <= 0.0:
            continue
        col0, col1 = window(x, reach[c], buckets.corner[c, 0], buckets.cell[c], buckets.shape[c, 0])
        row0, row1 = window(y, reach[c], buckets.corner[c, 1], buckets.cell[c], buckets.shape[c, 1])
        for row in range(row0, row1 if col0 < col1 else row0):
            base = buckets.offset[c] + row * buckets.shape[c, 0]
            for k in range(buckets.start[base + col0], buckets.start[base + col1]):
                dx, dy = x - buckets.xy[k, 0], y - buckets.xy[k, 1]
                if dx * dx + dy * dy > reach[c] * reach[c]:
                    continue
                lost, down = heard(links, c, math.sqrt(dx * dx + dy * dy))
                bearing = math.degrees(math.atan2(dx, dy))
                j = buckets.station[k]
                for sector in range(sectors.start[j], sectors.start[j + 1]):
                    gain = sector_gain(sectors, sector, bearing, down)
                    level[n] = links.reference_dbm[c] + gain - lost - taken[c]
                    who[n] = sector
                    n += 1
    return n


@njit(cache=True, nogil=True, error_model="numpy")
def listen(
    points: Array,
    reach: Array,
    taken: Array,
    buckets: Buckets,
    links: Links,
    sectors: Sectors,
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

    The best server's SS-RSRP (dBm) and sector (-1: none; ties to the lowest), the sum of the other sectors on its
    carrier (mW per resource element), and into ``rivals[row + 1]`` how many sectors of that carrier lie within
    ``window_db`` of the best, itself included. ``carrier`` is per sector.
    """
    level, who = np.empty(len(sectors.station)), np.empty(len(sectors.station), dtype=np.int64)
    for i in range(lo, hi):
        n = collect(points[i, 0], points[i, 1], reach, taken, buckets, links, sectors, level, who)
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
    links: Links,
    sectors: Sectors,
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
    level, who = np.empty(len(sectors.station)), np.empty(len(sectors.station), dtype=np.int64)
    for i in range(lo, hi):
        if indptr[i + 1] - indptr[i] == 1:
            indices[indptr[i]] = server[i]
        if indptr[i + 1] - indptr[i] < 2:
            continue
        n = collect(points[i, 0], points[i, 1], reach, taken, buckets, links, sectors, level, who)
        to = indptr[i]
        for k in range(n):
            if carrier[who[k]] == carrier[server[i]] and level[k] >= rsrp[i] - window_db:
                indices[to] = who[k]
                to += 1
        indices[indptr[i] : to].sort()
