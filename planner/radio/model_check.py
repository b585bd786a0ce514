"""What is asked of every propagation model before anything reads it.

Whoever writes a model is told at once what is wrong with it and where, in the words of its fields.
Without this a coefficient that is no number passes through every comparison and ends as a wrong
plan.
"""

from __future__ import annotations

import reprlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from planner.errors import Said, ValidityError
from planner.radio.grid import FloatArray
from planner.radio.model import (
    BUILDING_HEIGHTS_M,
    NEAR_M,
    STREET_WIDTHS_M,
    Curve,
    Link,
    PropagationModel,
    Validity,
)

_DISTANCES = 24
"""Distances of the coarse grid, on a logarithmic scale."""

_STEPS = 5
"""Frequencies, and heights of either kind; a range of one value has it as often."""

_NUMBER = Said("大于 0 的有限数", "a finite number above 0")
_TEXT = Said("非空文字", "a text")
_FUNCTION = Said("函数", "a function")
_SWITCH = Said("True 或 False", "True or False")
_PAIR = Said("两个大于 0 的有限数", "two finite numbers above 0")
_RANGE = Said("两个大于 0 的有限数,先小后大", "two finite numbers above 0, the lesser first")
_FINITE = Said("有限数", "a finite number")
_RISING = Said("随距离增大的值", "greater than nearer to the mast")
_SHARE = Said("介于 0 至 1 的数", "a number from 0 to 1")


class _FaultError(Exception):
    """What is wrong with a model, in both languages, without its file."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.said = Said(zh, en)


def check_model(file: str, model: object) -> PropagationModel:
    """The model, after a look at everything that the planner takes for granted.

    The fields are checked one by one, the two functions on a coarse grid of the model's range.

    Parameters
    ----------
    file
        Where the model is written; the error names it.
    model
        What the file holds as ``MODEL``; None where it holds nothing.

    Raises
    ------
    planner.errors.ValidityError
        Naming the file, what is wrong, and where on the grid.
    """
    try:
        if not isinstance(model, PropagationModel):
            must = Said("PropagationModel 对象", "a PropagationModel")
            raise _refused("MODEL", model, must)
        _check_fields(model)
        _check_probability(model)
        _check_curve(model)
    except _FaultError as fault:
        raise ValidityError(
            f"{file}: {fault.said.en}.", f"{file}:{fault.said.zh}。"
        ) from fault.__cause__
    return model


def _check_fields(model: PropagationModel) -> None:
    for name, value, holds, must in _demands(model):
        if not holds:
            raise _refused(name, value, must)


def _demands(model: PropagationModel) -> Iterator[tuple[str, object, bool, Said]]:
    """Name and value of each field, whether it is as it must be, and how that is.

    One at a time: a demand may rely on those before it.
    """
    yield "name", model.name, _is_text(model.name), _TEXT
    yield "source", model.source, _is_text(model.source), _TEXT
    yield "curve", model.curve, callable(model.curve), _FUNCTION
    yield "los_probability", model.los_probability, callable(model.los_probability), _FUNCTION
    yield "open_land", model.open_land, isinstance(model.open_land, bool), _SWITCH
    yield "h_bs_m", model.h_bs_m, _is_positive(model.h_bs_m), _NUMBER
    indoor_db = model.indoor_sigma_db
    yield "indoor_sigma_db", indoor_db, _is_positive(indoor_db), _NUMBER
    yield "sigma_db", model.sigma_db, _are_two(model.sigma_db), _PAIR

    valid = model.valid
    yield "valid", valid, isinstance(valid, Validity), Said("Validity 对象", "a Validity")
    for name in ("h_bs_m", "h_ut_m", "f_ghz", "h_bs_extended_m"):
        limits = getattr(valid, name)
        if limits is not None or name != "h_bs_extended_m":
            in_order = _are_two(limits) and limits[0] <= limits[1]
            yield f"valid.{name}", limits, in_order, _RANGE
    for name in ("los_m", "nlos_m"):
        distance = getattr(valid, name)
        yield f"valid.{name}", distance, _is_positive(distance), _NUMBER

    # the figures against each other
    low, high = valid.h_bs_m
    within = Said(f"在 valid.h_bs_m 的 {low:g} 至 {high:g} 米内", f"within {low:g} to {high:g} m")
    yield "h_bs_m", model.h_bs_m, low <= model.h_bs_m <= high, within
    least, most = model.masts_m
    around = Said("包含 valid.h_bs_m 的范围", "a range around valid.h_bs_m")
    yield "valid.h_bs_extended_m", (least, most), least <= low <= high <= most, around
    beyond = Said(f"大于 {NEAR_M:g} 米的距离", f"beyond {NEAR_M:g} m")
    yield "valid.nlos_m", valid.nlos_m, valid.nlos_m > NEAR_M, beyond
    not_less = Said("不小于 valid.nlos_m 的距离", "valid.nlos_m or more")
    yield "valid.los_m", valid.los_m, valid.los_m >= valid.nlos_m, not_less
    for name, (least, most) in (
        ("street_width_m", STREET_WIDTHS_M),
        ("building_height_m", BUILDING_HEIGHTS_M),
    ):
        value = getattr(model, name)
        stated = Said(f"{least:g} 至 {most:g} 米", f"from {least:g} to {most:g} m")
        yield name, value, _is_positive(value) and least <= value <= most, stated


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_positive(value: object) -> bool:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return is_number and bool(0.0 < value < np.inf)  # type: ignore[operator]


def _are_two(value: object) -> bool:
    return isinstance(value, tuple) and len(value) == 2 and all(map(_is_positive, value))


def _check_probability(model: PropagationModel) -> None:
    """The probability of line of sight is one, wherever and however it is read."""
    # from 0 m, where the table of it begins, past the last distance, where it ends
    far = np.geomspace(1.0, model.valid.los_m + 1.0, _DISTANCES)
    distance = np.concatenate(([0.0], far))
    heights = _steps(model.valid.h_ut_m)
    spread = np.broadcast_to(distance[:, None], (len(distance), len(heights)))

    # a single point, a table at one height, and an array at an array of heights
    asked = [(distance[-1:].reshape(()), heights[0].reshape(()))]
    asked += [(distance, height.reshape(())) for height in heights]
    asked += [(spread, heights)]
    for d2d_m, h_ut_m in asked:
        answer = _probability(model, d2d_m, h_ut_m)
        p = _as_numbers("los_probability", answer)
        _require_shape("los_probability", p, d2d_m.shape, exactly=True)
        wrong = ~((p >= 0.0) & (p <= 1.0))
        places = {"d2d_m": d2d_m, "h_ut_m": h_ut_m}
        _forbid(wrong, Said("los_probability ", "los_probability"), p, _SHARE, places)


def _check_curve(model: PropagationModel) -> None:
    """Coefficients are finite, and every loss rises with distance, so that one range says all."""
    grid = _coarse_grid(model)
    # a budget asks for one link: arrays without a dimension
    _checked_coefficients(model, Link(*(part.ravel()[0].reshape(()) for part in grid)))
    curve = _checked_coefficients(model, grid)
    drop_m = grid.h_bs_m - grid.h_ut_m

    d2d_m = _distances(curve, grid, model.valid.los_m)
    seen, _ = curve.lines(d2d_m, drop_m)
    _require_rise(Said("视距损耗", "the loss with line of sight"), seen, d2d_m, grid)

    # the line by itself: below the loss with line of sight it would never show that it falls
    d2d_m = _distances(curve, grid, model.valid.nlos_m)
    seen, nlos = curve.lines(d2d_m, drop_m)
    _require_rise(Said("非视距损耗", "the loss without line of sight"), nlos, d2d_m, grid)

    p = _probability(model, d2d_m, grid.h_ut_m)
    expected = p * seen + (1.0 - p) * np.maximum(seen, nlos)
    _require_rise(Said("期望损耗", "the expected loss"), expected, d2d_m, grid)


def _coarse_grid(model: PropagationModel) -> Link:
    """Steps of each range, (5, 1, 1), (5, 1) and (5,), among the model's usual buildings."""
    valid = model.valid
    f_ghz = _steps(valid.f_ghz)
    h_bs_m = _steps(model.masts_m)
    around = map(np.asarray, (model.street_width_m, model.building_height_m))
    return Link(f_ghz[:, None, None], h_bs_m[:, None], _steps(valid.h_ut_m), *around)


def _steps(limits: tuple[float, float]) -> FloatArray:
    return np.geomspace(*limits, _STEPS)


def _checked_coefficients(model: PropagationModel, link: Link) -> Curve:
    """The coefficients of links, each found to be a number and of a shape that broadcasts."""
    curve = _called("curve", lambda: model.curve(link), link)
    if not isinstance(curve, Curve):
        raise _refused("curve(...)", curve, Said("Curve 对象", "a Curve"))

    shape = np.broadcast_shapes(*(part.shape for part in link))
    for name, value in curve._asdict().items():
        full_name = f"curve(...).{name}"
        part = _as_numbers(full_name, value)
        _require_shape(full_name, part, shape)
        # a model that knows no break has it at infinity
        wrong = np.isnan(part) if name == "breakpoint_m" else ~np.isfinite(part)
        _forbid(wrong, Said(f"{full_name} ", full_name), part, _FINITE, link._asdict())
    return Curve(*(np.asarray(part, dtype=np.float64) for part in curve))


def _distances(curve: Curve, link: Link, farthest_m: float) -> FloatArray:
    """Rising distances of each link, (distances, 5, 5, 5), m: even steps, and about its break."""
    shape = np.broadcast_shapes(*(part.shape for part in link))
    even = np.geomspace(NEAR_M, farthest_m, _DISTANCES)
    at_break = np.broadcast_to(curve.breakpoint_m, shape)
    # the next one lies so far beyond that rounding decides nothing
    about = np.clip(np.stack((at_break, 1.001 * at_break)), NEAR_M, farthest_m)
    everywhere = np.broadcast_to(even[:, None, None, None], (len(even), *shape))
    return np.sort(np.concatenate((everywhere, about)), axis=0)


def _require_rise(name: Said, loss: FloatArray, d2d_m: FloatArray, link: Link) -> None:
    """A loss (dB) is finite, and greater than the one before it, (distances, 5, 5, 5)."""
    places = {**link._asdict(), "d2d_m": d2d_m}
    _forbid(~np.isfinite(loss), name, loss, _FINITE, places)
    falls = np.zeros(loss.shape, dtype=np.bool_)
    falls[1:] = (np.diff(loss, axis=0) <= 0.0) & (np.diff(d2d_m, axis=0) > 0.0)
    _forbid(falls, name, loss, _RISING, places)


def _probability(model: PropagationModel, d2d_m: FloatArray, h_ut_m: FloatArray) -> Any:
    asked = (d2d_m, h_ut_m)
    return _called("los_probability", lambda: model.los_probability(*asked), asked)


def _called(name: str, function: Callable[[], Any], arguments: Iterable[FloatArray]) -> Any:
    """What a function of the model returns; what is no number is found afterwards."""
    try:
        with np.errstate(all="ignore"):
            return function()
    except Exception as error:
        shapes = ", ".join(str(argument.shape) for argument in arguments)
        raise _FaultError(
            f"{name} raises {error!r} for arrays of the shapes {shapes}",
            f"{name} 对形状为 {shapes} 的数组报错 {error!r}",
        ) from error


def _as_numbers(name: str, value: object) -> FloatArray:
    try:
        return np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise _refused(name, value, Said("数或数组", "a number or an array")) from None


def _require_shape(
    name: str, value: FloatArray, shape: tuple[int, ...], *, exactly: bool = False
) -> None:
    """An array broadcasts to the shape of what was asked, or has it exactly."""
    got = value.shape
    try:
        fits = got == shape or (not exactly and np.broadcast_shapes(got, shape) == shape)
    except ValueError:
        fits = False
    if not fits:
        raise _FaultError(
            f"{name} must be an array of the shape {shape}, got {got}",
            f"{name} 须为形状 {shape} 的数组,实际为 {got}",
        )


def _forbid(
    wrong: npt.NDArray[np.bool_],
    name: Said,
    value: FloatArray,
    must: Said,
    places: Mapping[str, FloatArray],
) -> None:
    """Refuse the first value that is wrong, with the place where it was asked for."""
    if not wrong.any():
        return
    wide_wrong, *wide = np.broadcast_arrays(wrong, value, *places.values())
    first = int(np.argmax(wide_wrong))
    got, *at = (float(part.flat[first]) for part in wide)
    where = ", ".join(f"{place} = {number:g}" for place, number in zip(places, at, strict=True))
    raise _FaultError(
        f"{name.en} must be {must.en}, got {got:g} at {where}",
        f"{name.zh}须为{must.zh},在 {where} 处实际为 {got:g}",
    )


def _refused(name: str, value: object, must: Said) -> _FaultError:
    """A field that is not as it must be."""
    got = reprlib.repr(value)
    return _FaultError(f"{name} must be {must.en}, got {got}", f"{name} 须为{must.zh},实际为 {got}")
