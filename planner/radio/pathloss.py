"""Path loss of TR 38.901 V17 (Release 17), clause 7.4: median loss, line of sight, walls and shadow margin.

Flat land: the formulas know no terrain and no single building. Scenarios are ``"UMa"`` (urban
macro), ``"UMi"`` (urban micro, street canyon) and ``"RMa"`` (rural macro). Everything takes arrays
and broadcasts. Outside the range that the report states a :class:`~planner.errors.ValidityError` is
raised; nothing is extrapolated.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from planner.errors import ValidityError

Model = Literal["UMa", "UMi", "RMa"]
Visibility = Literal["los", "nlos", "expected"]
Wall = Literal["low", "high"]
FloatArray = npt.NDArray[np.float64]

MODELS: tuple[Model, ...] = ("UMa", "UMi", "RMa")
VISIBILITIES: tuple[Visibility, ...] = ("los", "nlos", "expected")
NEAR_M = 10.0
"""Shortest distance of Table 7.4.1-1; nearer points take the loss at 10 m and are counted."""

VEHICLE_LOSS_DB = 9.0
"""Mean loss into a car, clause 7.4.3.2, valid from 0.6 to 60 GHz."""


@dataclass(frozen=True, slots=True)
class _Validity:
    """The applicability column of Table 7.4.1-1, and how far a scenario may leave its mast height."""

    h_bs_m: float
    h_bs_range_m: tuple[float, float]
    h_bs_extended_m: tuple[float, float]
    h_ut_range_m: tuple[float, float]
    f_ghz: tuple[float, float]
    los_m: float
    nlos_m: float


# UMa: above 13 m note 1 of the table draws the environment height at random, which is no use in a
# plan.
_VALID: dict[str, _Validity] = {
    "UMa": _Validity(25.0, (25.0, 25.0), (15.0, 50.0), (1.5, 13.0), (0.5, 100.0), 5000.0, 5000.0),
    "UMi": _Validity(10.0, (10.0, 10.0), (5.0, 15.0), (1.5, 22.5), (0.5, 100.0), 5000.0, 5000.0),
    "RMa": _Validity(35.0, (10.0, 150.0), (10.0, 150.0), (1.0, 10.0), (0.5, 30.0), 10000.0, 5000.0),
}

_SIGMA_DB = {"UMa": (4.0, 6.0), "UMi": (4.0, 7.82), "RMa": (6.0, 8.0)}
_INSIDE_M = {"UMa": 25.0, "UMi": 25.0, "RMa": 10.0}


def path_loss(
    scenario: Model,
    d2d_m: npt.ArrayLike,
    f_ghz: npt.ArrayLike,
    *,
    los: npt.ArrayLike,
    h_bs_m: npt.ArrayLike | None = None,
    h_ut_m: npt.ArrayLike = 1.5,
    extended: bool = False,
) -> FloatArray:
    """Median outdoor path loss.

    Parameters
    ----------
    scenario
        ``"UMa"``, ``"UMi"`` (street canyon) or ``"RMa"``.
    d2d_m
        Distance on the ground, m: 10 to 5000, RMa with line of sight to 10000.
    f_ghz
        Carrier frequency, GHz: 0.5 to 100, RMa to 30.
    los
        Whether there is line of sight; a bool or an array of bool.
    h_bs_m
        Antenna height, m: UMa 25, UMi 10, RMa 10 to 150 (default 35).
    h_ut_m
        Height of the terminal, m: UMa 1.5 to 13 (above it the report draws a random environment
        height), UMi 1.5 to 22.5, RMa 1 to 10.
    extended
        Accept masts of 15 to 50 m in UMa and 5 to 15 m in UMi, outside the report's table
        [judgement].

    Returns
    -------
    numpy.ndarray
        Loss in dB, of the shape to which the arguments broadcast.

    Raises
    ------
    planner.errors.ValidityError
        If the scenario is unknown or an argument lies outside its range.

    Notes
    -----
    Source: 3GPP TR 38.901 V17, Table 7.4.1-1, with W = 20 m and h = 5 m in RMa and c = 3e8 m/s.
    """
    seen = np.asarray(los)
    if seen.dtype != np.bool_:
        raise ValidityError(
            f"los must be true or false, got {seen.dtype}; pass a bool or an array of bool.",
            f"los 必须为布尔值,实际类型为 {seen.dtype};请传入 True/False 或布尔数组。",
        )
    return _loss(scenario, d2d_m, f_ghz, np.where(seen, 0, 1), h_bs_m, h_ut_m, extended)


def expected_path_loss(
    scenario: Model,
    d2d_m: npt.ArrayLike,
    f_ghz: npt.ArrayLike,
    *,
    h_bs_m: npt.ArrayLike | None = None,
    h_ut_m: npt.ArrayLike = 1.5,
    extended: bool = False,
) -> FloatArray:
    """Mean of the two median losses in dB, weighted by the probability of line of sight.

    Parameters, valid ranges and errors are those of :func:`path_loss`; distances to 5000 m.

    Returns
    -------
    numpy.ndarray
        ``p * loss_los + (1 - p) * loss_nlos`` in dB with ``p`` of :func:`los_probability`.

    Notes
    -----
    Source: 3GPP TR 38.901 V17, Tables 7.4.1-1 and 7.4.2-1; taking the mean in dB is ours.
    """
    return _loss(scenario, d2d_m, f_ghz, np.asarray(2), h_bs_m, h_ut_m, extended)


def los_probability(
    scenario: Model, d2d_m: npt.ArrayLike, h_ut_m: npt.ArrayLike = 1.5
) -> FloatArray:
    """Probability of line of sight outdoors, between 0 and 1.

    Parameters
    ----------
    scenario
        ``"UMa"``, ``"UMi"`` or ``"RMa"``.
    d2d_m
        Distance on the ground, m, 0 to 5000 (RMa 10000).
    h_ut_m
        Height of the terminal, m: UMa 1.5 to 23, UMi 1.5 to 22.5, RMa 1 to 10. It matters in UMa
        above 13 m.

    Raises
    ------
    planner.errors.ValidityError
        If the scenario is unknown or an argument lies outside its range.

    Notes
    -----
    Source: 3GPP TR 38.901 V17, Table 7.4.2-1.
    """
    valid = _validity(scenario)
    distance = _within("d2d_m", d2d_m, 0.0, valid.los_m, scenario, "m")
    low, high = (1.5, 23.0) if scenario == "UMa" else valid.h_ut_range_m
    height = _within("h_ut_m", h_ut_m, low, high, scenario, "m")
    from planner.radio import kernels

    return np.asarray(kernels.p_los_array(MODELS.index(scenario), distance, height))[()]


def max_range(
    scenario: Model,
    max_loss_db: float,
    f_ghz: float,
    *,
    visibility: Visibility = "nlos",
    h_bs_m: float | None = None,
    h_ut_m: float = 1.5,
    extended: bool = False,
) -> float:
    """Largest distance on the ground whose path loss stays within ``max_loss_db``.

    The loss rises with distance in all three scenarios, so one distance says all: a point is served
    exactly when it is no farther. Solved by bisection down to neighbouring floating-point numbers.

    Parameters
    ----------
    scenario, f_ghz, h_bs_m, h_ut_m, extended
        As in :func:`path_loss`.
    max_loss_db
        Largest acceptable median path loss, dB.
    visibility
        ``"los"``, ``"nlos"`` or ``"expected"``.

    Returns
    -------
    float
        Range in metres: 0 if even the loss at 10 m is too large, and never beyond the model's
        longest valid distance, where the answer stops rather than extrapolate.

    Raises
    ------
    planner.errors.ValidityError
        As in :func:`path_loss`, and if ``max_loss_db`` is not finite.
    """
    valid = _validity(scenario)
    limit = valid.los_m if visibility == "los" else valid.nlos_m
    if visibility not in VISIBILITIES or not math.isfinite(max_loss_db):
        raise ValidityError(
            f"max_range needs a finite loss and one of {VISIBILITIES}, got {max_loss_db}, "
            f"{visibility!r}.",
            f"损耗须有限,可视条件须为 {VISIBILITIES} 之一,实际为 {max_loss_db}、{visibility!r}。",
        )
    state = np.asarray(VISIBILITIES.index(visibility))
    _, f, _, h_bs, h_ut = _checked(scenario, limit, f_ghz, state, h_bs_m, h_ut_m, extended)
    row = curve(scenario, f, h_bs, h_ut)

    def within(d2d: float) -> bool:
        return bool(_median(scenario, row, np.asarray(d2d), state, h_ut) <= max_loss_db)

    if not within(NEAR_M):
        return 0.0
    if within(limit):
        return limit
    low, high = NEAR_M, limit
    while low < (middle := 0.5 * (low + high)) < high:
        low, high = (middle, high) if within(middle) else (low, middle)
    return low


def o2i_loss(
    f_ghz: npt.ArrayLike,
    *,
    wall: Wall = "low",
    inside_m: npt.ArrayLike | None = None,
    scenario: Model = "UMa",
) -> FloatArray:
    """Loss from outdoors to indoors: the outer wall and the way inside.

    Parameters
    ----------
    f_ghz
        Carrier frequency, GHz, 0.5 to 100.
    wall
        ``"low"`` (30 % plain glass, 70 % concrete) or ``"high"`` (70 % coated glass, 30 %
        concrete).
    inside_m
        Distance behind the outer wall, m, 0 to 25 (RMa 10). The default is the mean of the report's
        draw, the smaller of two uniform values up to that limit: a third of it.
    scenario
        RMa knows low-loss buildings only.

    Returns
    -------
    numpy.ndarray
        Mean loss in dB to add to the outdoor loss. Its deviation (4.4 dB low, 6.5 dB high) is not
        in it; put it into the margin with :func:`shadow_margin`.

    Raises
    ------
    planner.errors.ValidityError
        If an argument lies outside its range or RMa is asked for a high-loss wall.

    Notes
    -----
    Source: 3GPP TR 38.901 V17, clause 7.4.3.1, Tables 7.4.3-1 and 7.4.3-2.
    """
    _validity(scenario)
    if wall not in ("low", "high") or (wall == "high" and scenario == "RMa"):
        raise ValidityError(
            f"wall must be 'low' or 'high', in RMa only 'low' (clause 7.4.3.1); got {wall!r} in "
            f"{scenario}.",
            f"外墙类型须为 low 或 high,RMa 只可用 low(7.4.3.1 条);实际为 {scenario} 的 {wall!r}。",
        )
    f = _within("f_ghz", f_ghz, 0.5, 100.0, scenario, "GHz")
    deepest = _INSIDE_M[scenario]
    depth = _within(
        "inside_m", deepest / 3.0 if inside_m is None else inside_m, 0.0, deepest, scenario, "m"
    )
    glass, share = (2.0 + 0.2 * f, 0.3) if wall == "low" else (23.0 + 0.3 * f, 0.7)
    concrete = 5.0 + 4.0 * f
    through = share * 10.0 ** (-glass / 10.0) + (1.0 - share) * 10.0 ** (-concrete / 10.0)
    return np.asarray(5.0 - 10.0 * np.log10(through) + 0.5 * depth)[()]


def shadow_sigma(scenario: Model, *, los: bool) -> float:
    """Standard deviation of shadow fading, dB (Table 7.4.1-1; RMa LOS: that beyond the breakpoint).

    Raises
    ------
    planner.errors.ValidityError
        If the scenario is unknown.
    """
    _validity(scenario)
    return _SIGMA_DB[scenario][0 if los else 1]


def shadow_margin(
    sigma_db: float,
    *,
    edge_probability: float | None = None,
    area_probability: float | None = None,
    exponent: float = 3.908,
) -> float:
    """Margin that keeps the signal above its threshold with a stated probability under log-normal shadowing.

    Parameters
    ----------
    sigma_db
        Standard deviation of the shadowing, dB, above 0. Independent parts add in squares.
    edge_probability
        Wanted probability at the cell edge, between 0 and 1 (exclusive).
    area_probability
        Or: wanted mean probability over a round cell. Give exactly one of the two.
    exponent
        Distance exponent of the path loss, for the area form only: 3.908 is UMa NLOS (39.08 dB per
        decade).

    Returns
    -------
    float
        Margin in dB; negative where the wanted probability is below what no margin gives.

    Raises
    ------
    planner.errors.ValidityError
        If not exactly one probability is given, or a value lies outside its range.

    Notes
    -----
    Source: W. C. Jakes, Microwave Mobile Communications (1974), section 2.5.3.
    """
    wanted = area_probability if edge_probability is None else edge_probability
    one = (edge_probability is None) != (area_probability is None)
    if (
        not one
        or wanted is None
        or not 0.0 < wanted < 1.0
        or not sigma_db > 0.0
        or not exponent > 0.0
    ):
        raise ValidityError(
            "shadow_margin needs sigma_db > 0, exponent > 0 and exactly one probability between 0 "
            "and 1, got "
            f"sigma_db={sigma_db}, edge={edge_probability}, area={area_probability}, "
            f"exponent={exponent}.",
            "阴影余量需要 sigma_db > 0、exponent > 0,且边缘概率与面积概率二者只给其一(0 到 1 之间);"
            "实际为 "
            f"sigma_db={sigma_db},边缘={edge_probability},面积={area_probability},"
            f"指数={exponent}。",
        )
    if edge_probability is not None:
        return float(sigma_db * ndtri(edge_probability))
    from scipy.optimize import brentq

    goal = wanted
    return float(
        brentq(lambda m: area_share(m, sigma_db, exponent) - goal, -12 * sigma_db, 12 * sigma_db)
    )


def area_share(margin_db: float, sigma_db: float, exponent: float) -> float:
    """Share of a round cell above the threshold when its edge has ``margin_db`` in hand (Jakes, 2.5-14).

    Units: dB, dB, and the distance exponent of the loss; the result lies in 0 to 1. No input is
    refused.
    """
    b = 10.0 * exponent * math.log10(math.e) / sigma_db
    edge = float(ndtr(margin_db / sigma_db))
    far = math.exp(2.0 * margin_db / (sigma_db * b) + 2.0 / (b * b))
    return edge + far * float(ndtr(-margin_db / sigma_db - 2.0 / b))


class Curve(NamedTuple):
    """A row of Table 7.4.1-1 as numbers: every loss is a line in ``lg = log10(d3d)``, with one break.

    Line of sight up to the ground distance ``breakpoint_m``: ``near + near_slope lg + near_linear
    d3d``; beyond: ``far + far_slope lg``. Without it: ``nlos + nlos_slope lg``, but never below the
    line of sight. ``drop_m`` is the antennas' difference in height. Arrays of one shape; dB and m.
    """

    breakpoint_m: FloatArray
    near: FloatArray
    near_slope: FloatArray
    near_linear: FloatArray
    far: FloatArray
    far_slope: FloatArray
    nlos: FloatArray
    nlos_slope: FloatArray
    drop_m: FloatArray


_C = 3.0e8  # the report's own speed of light, m/s
_STREET_M, _ROOF_M = 20.0, 5.0  # W and h of the RMa row, at their defaults


def curve(scenario: Model, f_ghz: FloatArray, h_bs_m: FloatArray, h_ut_m: FloatArray) -> Curve:
    """Coefficients of Table 7.4.1-1 for checked frequencies (GHz) and heights (m), which broadcast."""
    rows = {"UMa": _uma, "UMi": _umi, "RMa": _rma}
    parts = rows[scenario](f_ghz, h_bs_m, h_ut_m, 20.0 * np.log10(f_ghz))
    return Curve(
        *(np.array(part, dtype=np.float64) for part in np.broadcast_arrays(*parts, h_bs_m - h_ut_m))
    )


def _uma(f: FloatArray, h_bs: FloatArray, h_ut: FloatArray, f_db: FloatArray) -> tuple[Any, ...]:
    at = _urban_breakpoint(f, h_bs, h_ut)
    far = 28.0 + f_db - 9.0 * np.log10(at**2 + (h_bs - h_ut) ** 2)
    return at, 28.0 + f_db, 22.0, 0.0, far, 40.0, 13.54 + f_db - 0.6 * (h_ut - 1.5), 39.08


def _umi(f: FloatArray, h_bs: FloatArray, h_ut: FloatArray, f_db: FloatArray) -> tuple[Any, ...]:
    at = _urban_breakpoint(f, h_bs, h_ut)
    far = 32.4 + f_db - 9.5 * np.log10(at**2 + (h_bs - h_ut) ** 2)
    return at, 32.4 + f_db, 21.0, 0.0, far, 40.0, 22.4 + 1.065 * f_db - 0.3 * (h_ut - 1.5), 35.3


def _urban_breakpoint(f: FloatArray, h_bs: FloatArray, h_ut: FloatArray) -> FloatArray:
    """Heights count above the 1 m of the environment (note 1); the frequency is in Hz here."""
    return 4.0 * (h_bs - 1.0) * (h_ut - 1.0) * f * 1e9 / _C


def _rma(f: FloatArray, h_bs: FloatArray, h_ut: FloatArray, f_db: FloatArray) -> tuple[Any, ...]:
    at = 2.0 * math.pi * h_bs * h_ut * f * 1e9 / _C
    near = 20.0 * math.log10(40.0 * math.pi / 3.0) + f_db - min(0.044 * _ROOF_M**1.72, 14.77)
    slope = 20.0 + min(0.03 * _ROOF_M**1.72, 10.0)
    linear = 0.002 * math.log10(_ROOF_M)
    far = near + (slope - 40.0) * np.log10(at) + linear * at
    nlos_slope = 43.42 - 3.1 * np.log10(h_bs)
    nlos = (
        161.04
        - 7.1 * math.log10(_STREET_M)
        + 7.5 * math.log10(_ROOF_M)
        - (24.37 - 3.7 * (_ROOF_M / h_bs) ** 2) * np.log10(h_bs)
        - 3.0 * nlos_slope
        + f_db
        - (3.2 * np.log10(11.75 * h_ut) ** 2 - 4.97)
    )
    return at, near, slope, linear, far, 40.0, nlos, nlos_slope


def _loss(
    scenario: Model,
    d2d_m: npt.ArrayLike,
    f_ghz: npt.ArrayLike,
    state: npt.NDArray[Any],
    h_bs_m: npt.ArrayLike | None,
    h_ut_m: npt.ArrayLike,
    extended: bool,
) -> FloatArray:
    distance, f, states, h_bs, h_ut = _checked(
        scenario, d2d_m, f_ghz, state, h_bs_m, h_ut_m, extended
    )
    return _median(scenario, curve(scenario, f, h_bs, h_ut), distance, states, h_ut)[()]


def _median(
    scenario: Model, row: Curve, d2d: FloatArray, states: npt.NDArray[Any], h_ut: FloatArray
) -> FloatArray:
    d3d = np.hypot(d2d, row.drop_m)
    lg = np.log10(d3d)
    near = row.near + row.near_slope * lg + row.near_linear * d3d
    seen = np.where(d2d <= row.breakpoint_m, near, row.far + row.far_slope * lg)
    hidden = np.maximum(seen, row.nlos + row.nlos_slope * lg)
    if (states == 2).all():
        p = los_probability(scenario, d2d, h_ut)
        return np.asarray(p * seen + (1.0 - p) * hidden)
    return np.where(states == 0, seen, hidden)


def _checked(
    scenario: Model,
    d2d_m: npt.ArrayLike,
    f_ghz: npt.ArrayLike,
    state: npt.NDArray[Any],
    h_bs_m: npt.ArrayLike | None,
    h_ut_m: npt.ArrayLike,
    extended: bool,
) -> tuple[FloatArray, FloatArray, npt.NDArray[Any], FloatArray, FloatArray]:
    valid = _validity(scenario)
    masts = valid.h_bs_extended_m if extended else valid.h_bs_range_m
    h_bs = _within("h_bs_m", valid.h_bs_m if h_bs_m is None else h_bs_m, *masts, scenario, "m")
    h_ut = _within("h_ut_m", h_ut_m, *valid.h_ut_range_m, scenario, "m")
    f = _within("f_ghz", f_ghz, *valid.f_ghz, scenario, "GHz")
    farthest = np.where(state == 0, valid.los_m, valid.nlos_m)
    distance = _within("d2d_m", d2d_m, NEAR_M, farthest, scenario, "m")
    return distance, f, state, h_bs, h_ut


def _validity(scenario: str) -> _Validity:
    if scenario not in _VALID:
        raise ValidityError(
            f"Unknown propagation scenario {scenario!r}; use one of {', '.join(MODELS)}.",
            f"未知传播场景 {scenario!r};请使用 {'、'.join(MODELS)} 之一。",
        )
    return _VALID[scenario]


def _within(
    name: str, value: npt.ArrayLike, low: float, high: npt.ArrayLike, scenario: str, unit: str
) -> FloatArray:
    """The value as an array, or an error naming the first entry outside ``[low, high]``; NaN is outside."""
    array = np.asarray(value, dtype=np.float64)
    top = np.asarray(high, dtype=np.float64)
    inside = (array >= low) & (array <= top)
    if inside.all():
        return array
    bad = float(np.broadcast_to(array, inside.shape)[~inside][0])
    most = float(np.broadcast_to(top, inside.shape)[~inside][0])
    raise ValidityError(
        f"{name} = {bad:g} {unit} is outside {low:g} to {most:g} {unit}, valid in TR 38.901 "
        f"{scenario}.",
        f"{name} = {bad:g} {unit} 超出 TR 38.901 {scenario} 的适用范围 {low:g} 至 {most:g} "
        f"{unit}。",
    )
