"""Path loss on flat land by any of the propagation models: median loss, line of sight, range.

The formulas know no terrain and no single building. Models are named as their modules in
``planner/radio/models`` say. Everything takes arrays and broadcasts. Outside the range that a
model's source states a :class:`~planner.errors.ValidityError` is raised; nothing is extrapolated.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt

from planner.errors import ValidityError
from planner.radio.grid import FloatArray
from planner.radio.model import (
    BUILDING_HEIGHTS_M,
    NEAR_M,
    STREET_WIDTHS_M,
    Curve,
    Link,
    PropagationModel,
    Range,
)
from planner.radio.models import find_model

Visibility = Literal["los", "nlos", "expected"]

VISIBILITIES: tuple[Visibility, ...] = ("los", "nlos", "expected")

LOS_STEP_M = 0.25
"""Step of the tables of line of sight; read linearly, they move no loss by 0.001 dB."""


def path_loss(
    model: str,
    d2d_m: npt.ArrayLike,
    f_ghz: npt.ArrayLike,
    *,
    los: npt.ArrayLike,
    h_bs_m: npt.ArrayLike | None = None,
    h_ut_m: npt.ArrayLike = 1.5,
    street_width_m: npt.ArrayLike | None = None,
    building_height_m: npt.ArrayLike | None = None,
) -> FloatArray:
    """Median outdoor path loss.

    Parameters
    ----------
    model
        Name of the propagation model, for example ``"UMa"``.
    d2d_m
        Distance on the ground, m, from 10 to the longest of the model.
    f_ghz
        Carrier frequency, GHz.
    los
        Whether there is line of sight; a bool or an array of bool.
    h_bs_m, h_ut_m
        Heights of antenna and terminal, m; by default the model's usual mast.
    street_width_m, building_height_m
        Average width of the streets and height of the buildings, m; by default the model's usual
        ones.

    Returns
    -------
    numpy.ndarray
        Loss in dB, of the shape to which the arguments broadcast.

    Raises
    ------
    planner.errors.ValidityError
        If the model is unknown or an argument lies outside its range.
    """
    found, seen = find_model(model), np.asarray(los)
    if seen.dtype != np.bool_:
        raise ValidityError(
            f"los must be true or false, got {seen.dtype}; pass a bool or an array of bool.",
            f"los 必须为布尔值,实际类型为 {seen.dtype};请传入 True/False 或布尔数组。",
        )
    link = checked_link(found, f_ghz, h_bs_m, h_ut_m, street_width_m, building_height_m)
    farthest = np.where(seen, found.valid.los_m, found.valid.nlos_m)
    distance = _within(found, "d2d_m", d2d_m, (NEAR_M, farthest), "m")

    with_los, without = _losses(found.curve(link), distance, link.h_bs_m - link.h_ut_m)
    # plain numbers in, a plain number out
    return np.where(seen, with_los, without)[()]


def expected_path_loss(
    model: str,
    d2d_m: npt.ArrayLike,
    f_ghz: npt.ArrayLike,
    *,
    h_bs_m: npt.ArrayLike | None = None,
    h_ut_m: float = 1.5,
    street_width_m: npt.ArrayLike | None = None,
    building_height_m: npt.ArrayLike | None = None,
) -> FloatArray:
    """Mean of the two median losses in dB, weighted by the probability of line of sight.

    Parameters, valid ranges and errors are those of :func:`path_loss`; distances end at the longest
    one without line of sight.

    Returns
    -------
    numpy.ndarray
        ``p * loss_los + (1 - p) * loss_nlos`` in dB with ``p`` from :func:`los_table`, as in the
        coverage loops. Taking the mean in dB is ours [judgement].
    """
    found = find_model(model)
    link = checked_link(found, f_ghz, h_bs_m, h_ut_m, street_width_m, building_height_m)
    distance = _within(found, "d2d_m", d2d_m, (NEAR_M, found.valid.nlos_m), "m")

    losses = _losses(found.curve(link), distance, link.h_bs_m - link.h_ut_m)
    # plain numbers in, a plain number out
    return _expected(los_table(found, h_ut_m), distance, *losses)[()]


def los_probability(model: str, d2d_m: npt.ArrayLike, h_ut_m: npt.ArrayLike = 1.5) -> FloatArray:
    """Probability of line of sight outdoors, between 0 and 1, by the model's own formula.

    Parameters
    ----------
    model
        Name of the propagation model.
    d2d_m
        Distance on the ground, m, from 0 to the longest of the model.
    h_ut_m
        Height of the terminal, m.

    Raises
    ------
    planner.errors.ValidityError
        If the model is unknown or an argument lies outside its range.
    """
    found = find_model(model)
    # any line of sight ends at los_m; the table of the expected loss ends, as that loss, at nlos_m
    distance = _within(found, "d2d_m", d2d_m, (0.0, found.valid.los_m), "m")
    height = _within(found, "h_ut_m", h_ut_m, found.valid.h_ut_m, "m")

    probability = found.los_probability(distance, height)
    # a model may leave the height out of account, the answer has its shape all the same; plain
    # numbers in, a plain number out
    return np.array(np.broadcast_arrays(probability, height)[0])[()]


def max_range(
    model: str,
    max_loss_db: float,
    f_ghz: float,
    *,
    visibility: Visibility = "nlos",
    h_bs_m: float | None = None,
    h_ut_m: float = 1.5,
    street_width_m: float | None = None,
    building_height_m: float | None = None,
) -> float:
    """Largest distance on the ground whose path loss stays within ``max_loss_db``.

    The loss rises with distance in every model, so one distance says all: a point is served exactly
    when it is no farther. Solved by bisection down to neighbouring floating-point numbers.

    Parameters
    ----------
    model, f_ghz, h_bs_m, h_ut_m, street_width_m, building_height_m
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
    found = find_model(model)
    if visibility not in VISIBILITIES or not math.isfinite(max_loss_db):
        raise ValidityError(
            f"max_range needs a finite loss and one of {VISIBILITIES}, got {max_loss_db}, "
            f"{visibility!r}.",
            f"损耗须有限,可视条件须为 {VISIBILITIES} 之一,实际为 {max_loss_db}、{visibility!r}。",
        )
    link = checked_link(found, f_ghz, h_bs_m, h_ut_m, street_width_m, building_height_m)
    return _range(found, float(max_loss_db), visibility, *map(float, link))


@lru_cache(maxsize=4096)  # many masts of a plan have one height, and many plans have one budget
def _range(
    found: PropagationModel,
    max_loss_db: float,
    visibility: Visibility,
    *numbers: float,
) -> float:
    """The range of a link that was checked, m; ``numbers`` are its parts."""
    link = Link(*map(np.asarray, numbers))
    curve = found.curve(link)
    drop_m = np.asarray(link.h_bs_m - link.h_ut_m)
    table = los_table(found, float(link.h_ut_m)) if visibility == "expected" else None

    def within(d2d: float) -> bool:
        with_los, without = _losses(curve, np.asarray(d2d), drop_m)
        if table is not None:
            return bool(_expected(table, np.asarray(d2d), with_los, without) <= max_loss_db)
        return bool((with_los if visibility == "los" else without) <= max_loss_db)

    limit = found.valid.los_m if visibility == "los" else found.valid.nlos_m
    if not within(NEAR_M):
        return 0.0
    if within(limit):
        return limit

    # until no number lies between: the range is then the last distance within the loss
    low, high = NEAR_M, limit
    while low < (middle := 0.5 * (low + high)) < high:
        low, high = (middle, high) if within(middle) else (low, middle)
    return low


def los_table(model: PropagationModel, h_ut_m: float) -> FloatArray:
    """Probability of line of sight every ``LOS_STEP_M`` of distance from 0 m on, (steps,).

    The last step lies beyond ``nlos_m``, so that every distance has one on either side. Budgets,
    ranges and the compiled loops all read this table linearly, so they cannot disagree; a model
    needs no compiled formula of its own.
    """
    steps = math.ceil(model.valid.nlos_m / LOS_STEP_M) + 2
    distance = np.arange(steps, dtype=np.float64) * LOS_STEP_M
    return model.los_probability(distance, np.array(h_ut_m, dtype=np.float64))


def checked_link(
    model: PropagationModel,
    f_ghz: npt.ArrayLike,
    h_bs_m: npt.ArrayLike | None,
    h_ut_m: npt.ArrayLike,
    street_width_m: npt.ArrayLike | None,
    building_height_m: npt.ArrayLike | None,
) -> Link:
    """The parts of a link as arrays within the model's range; None is the model's usual value.

    Raises :class:`~planner.errors.ValidityError` naming the first value outside.
    """

    def metres(name: str, value: npt.ArrayLike | None, limits: Range) -> FloatArray:
        given = getattr(model, name) if value is None else value
        return _within(model, name, given, limits, "m")

    return Link(
        _within(model, "f_ghz", f_ghz, model.valid.f_ghz, "GHz"),
        metres("h_bs_m", h_bs_m, model.masts_m),
        _within(model, "h_ut_m", h_ut_m, model.valid.h_ut_m, "m"),
        metres("street_width_m", street_width_m, STREET_WIDTHS_M),
        metres("building_height_m", building_height_m, BUILDING_HEIGHTS_M),
    )


def _losses(curve: Curve, d2d: FloatArray, drop_m: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Median loss with line of sight and without, dB; ``drop_m`` is the heights' difference."""
    with_los, nlos = curve.lines(d2d, drop_m)
    # walls in the way never make a path better
    return with_los, np.maximum(with_los, nlos)


def _expected(
    table: FloatArray, d2d: FloatArray, with_los: FloatArray, without: FloatArray
) -> FloatArray:
    """The two losses weighed by the table's probability of line of sight, dB."""
    p = np.interp(d2d, np.arange(len(table)) * LOS_STEP_M, table)
    return np.asarray(p * with_los + (1.0 - p) * without)


def _within(
    model: PropagationModel,
    name: str,
    value: npt.ArrayLike,
    limits: tuple[float, npt.ArrayLike],
    unit: str,
) -> FloatArray:
    """The value as an array, or an error naming its first entry outside the limits.

    NaN is outside.
    """
    array = np.asarray(value, dtype=np.float64)
    low, top = limits[0], np.asarray(limits[1], dtype=np.float64)
    inside = (array >= low) & (array <= top)
    if inside.all():
        return array

    bad = float(np.broadcast_to(array, inside.shape)[~inside][0])
    most = float(np.broadcast_to(top, inside.shape)[~inside][0])
    where = f"{model.name} ({model.source})"
    raise ValidityError(
        f"{name} = {bad:g} {unit} is outside {low:g} to {most:g} {unit}, valid in {where}.",
        f"{name} = {bad:g} {unit} 超出 {where} 的适用范围 {low:g} 至 {most:g} {unit}。",
        quantity=name,
    )
