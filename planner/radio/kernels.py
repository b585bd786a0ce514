"""Scalar formulas of TR 38.901, compiled: the one place where they are written.

The array functions of :mod:`planner.radio.pathloss` and the fused loops of :mod:`planner.radio.coverage` and
:mod:`planner.radio.signal` call the same scalars, so a map, a budget and a coverage matrix cannot disagree.
Nothing here checks its input. Frequencies are in GHz, distances in metres; ``C`` is the report's own 3e8 m/s.
"""

from __future__ import annotations

import math
from typing import Any

import numpy.typing as npt
from numba import njit, vectorize

from planner.radio.grid import Buckets
from planner.radio.pathloss import NEAR_M

Array = npt.NDArray[Any]

UMA, UMI, RMA = 0, 1, 2
LOS, NLOS, EXPECTED = 0, 1, 2

C = 3.0e8
STREET_WIDTH_M = 20.0  # W, default of the RMa row
BUILDING_HEIGHT_M = 5.0  # h, default of the RMa row


@njit(cache=True)
def distance_3d(d2d: float, h_bs: float, h_ut: float) -> float:
    """Distance between the antennas, m."""
    return math.sqrt(d2d * d2d + (h_bs - h_ut) * (h_bs - h_ut))


@njit(cache=True)
def breakpoint_2d(model: int, f_ghz: float, h_bs: float, h_ut: float) -> float:
    """Breakpoint distance, m; UMa and UMi count heights above the 1 m of their environment (note 1)."""
    if model == RMA:
        return 2.0 * math.pi * h_bs * h_ut * f_ghz * 1e9 / C
    return 4.0 * (h_bs - 1.0) * (h_ut - 1.0) * f_ghz * 1e9 / C


@njit(cache=True)
def rma_near(d3d: float, f_ghz: float) -> float:
    """RMa line of sight up to the breakpoint, PL1, dB."""
    rise = BUILDING_HEIGHT_M**1.72
    near: float = (
        20.0 * math.log10(40.0 * math.pi * d3d * f_ghz / 3.0)
        + min(0.03 * rise, 10.0) * math.log10(d3d)
        - min(0.044 * rise, 14.77)
        + 0.002 * math.log10(BUILDING_HEIGHT_M) * d3d
    )
    return near


@njit(cache=True)
def loss_los(model: int, d2d: float, f_ghz: float, h_bs: float, h_ut: float) -> float:
    """Line of sight, dB, Table 7.4.1-1."""
    d3d = distance_3d(d2d, h_bs, h_ut)
    d_bp = breakpoint_2d(model, f_ghz, h_bs, h_ut)
    if model == RMA:
        if d2d <= d_bp:
            return rma_near(d3d, f_ghz)
        return rma_near(d_bp, f_ghz) + 40.0 * math.log10(d3d / d_bp)
    tail = d_bp * d_bp + (h_bs - h_ut) * (h_bs - h_ut)
    f_term = 20.0 * math.log10(f_ghz)
    if model == UMA:
        if d2d <= d_bp:
            return 28.0 + 22.0 * math.log10(d3d) + f_term
        return 28.0 + 40.0 * math.log10(d3d) + f_term - 9.0 * math.log10(tail)
    if d2d <= d_bp:
        return 32.4 + 21.0 * math.log10(d3d) + f_term
    return 32.4 + 40.0 * math.log10(d3d) + f_term - 9.5 * math.log10(tail)


@njit(cache=True)
def loss_nlos(model: int, d2d: float, f_ghz: float, h_bs: float, h_ut: float) -> float:
    """No line of sight, dB, Table 7.4.1-1: never below the line of sight."""
    d3d = distance_3d(d2d, h_bs, h_ut)
    if model == UMA:
        own = 13.54 + 39.08 * math.log10(d3d) + 20.0 * math.log10(f_ghz) - 0.6 * (h_ut - 1.5)
    elif model == UMI:
        own = 22.4 + 35.3 * math.log10(d3d) + 21.3 * math.log10(f_ghz) - 0.3 * (h_ut - 1.5)
    else:
        ratio = BUILDING_HEIGHT_M / h_bs
        own = (
            161.04
            - 7.1 * math.log10(STREET_WIDTH_M)
            + 7.5 * math.log10(BUILDING_HEIGHT_M)
            - (24.37 - 3.7 * ratio * ratio) * math.log10(h_bs)
            + (43.42 - 3.1 * math.log10(h_bs)) * (math.log10(d3d) - 3.0)
            + 20.0 * math.log10(f_ghz)
            - (3.2 * math.log10(11.75 * h_ut) ** 2 - 4.97)
        )
    return max(own, loss_los(model, d2d, f_ghz, h_bs, h_ut))


@njit(cache=True)
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


@njit(cache=True)
def loss(model: int, state: int, d2d: float, f_ghz: float, h_bs: float, h_ut: float) -> float:
    """Median path loss, dB. ``state``: LOS, NLOS or EXPECTED (the mean in dB over the LOS probability)."""
    if state == LOS:
        return loss_los(model, d2d, f_ghz, h_bs, h_ut)
    if state == NLOS:
        return loss_nlos(model, d2d, f_ghz, h_bs, h_ut)
    p = p_los(model, d2d, h_ut)
    return p * loss_los(model, d2d, f_ghz, h_bs, h_ut) + (1.0 - p) * loss_nlos(model, d2d, f_ghz, h_bs, h_ut)


@vectorize(["float64(int64, int64, float64, float64, float64, float64)"], cache=True)  # type: ignore[no-untyped-call]
def loss_array(model, state, d2d, f_ghz, h_bs, h_ut):  # type: ignore[no-untyped-def]
    """:func:`loss`, broadcast."""
    return loss(model, state, d2d, f_ghz, h_bs, h_ut)


@vectorize(["float64(int64, float64, float64)"], cache=True)  # type: ignore[no-untyped-call]
def p_los_array(model, d2d, h_ut):  # type: ignore[no-untyped-def]
    """:func:`p_los`, broadcast."""
    return p_los(model, d2d, h_ut)


@njit(cache=True)
def farthest(model: int, state: int, max_loss: float, f_ghz: float, h_bs: float, h_ut: float, d_max: float) -> float:
    """Largest distance up to ``d_max`` whose loss is within ``max_loss``, bisected to neighbouring floats."""
    if not loss(model, state, NEAR_M, f_ghz, h_bs, h_ut) <= max_loss:
        return 0.0
    if loss(model, state, d_max, f_ghz, h_bs, h_ut) <= max_loss:
        return d_max
    low, high = NEAR_M, d_max
    while True:
        middle = 0.5 * (low + high)
        if middle <= low or middle >= high:
            return low
        if loss(model, state, middle, f_ghz, h_bs, h_ut) <= max_loss:
            low = middle
        else:
            high = middle


@njit(cache=True, nogil=True)
def window(x: float, reach: float, corner: float, cell: float, n: int) -> tuple[int, int]:
    """First cell and one past the last that a reach can touch along one axis; empty when first >= last."""
    first = max(math.floor((x - reach - corner) / cell), 0)
    last = min(math.floor((x + reach - corner) / cell) + 1, n)
    return first, last


@njit(cache=True, nogil=True)
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
