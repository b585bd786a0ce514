"""Exposure of the public to a station's field: limits of GB 8702-2014, density, distance.

Far field on the beam axis, free space: an upper bound without buildings in between. A figure here
says whether a place has to be looked at; it replaces no measurement (HJ 1151-2020) and no approval.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from planner.errors import ValidityError
from planner.parameters import Part, parameter
from planner.radio.grid import FloatArray


class ExposureParameters(Part):
    """How a station's field is counted against the limit."""

    beam_share: float = parameter(
        0.25,
        unit="1",
        source="judgement: share of the power in one beam over 6 minutes, steered antennas only",
        doc="Time-averaging over beams; 1 for a fixed pattern.",
        gt=0.0,
        le=1.0,
    )
    limit_share: float = parameter(
        1.0,
        unit="1",
        source="GB 8702-2014; HJ/T 10.3-1996 lets one project take 1/5",
        doc="Share of the limit that one station may use.",
        gt=0.0,
        le=1.0,
    )
    near_m: float = parameter(
        30.0,
        unit="m",
        source="YD 5039-2009 as quoted; replaced 2019, new text not read",
        doc="No sensitive building taller than the antenna within this distance.",
        ge=0.0,
        le=500.0,
    )


def exposure_limit(f_ghz: npt.ArrayLike) -> FloatArray:
    """Limit of power density for the public, any 6 minutes.

    Parameters
    ----------
    f_ghz
        Frequency, GHz, 0.03 to 300.

    Returns
    -------
    numpy.ndarray
        W/m2: 0.4 to 3 GHz, ``f / 7500`` with f in MHz to 15 GHz, 2 above.

    Raises
    ------
    planner.errors.ValidityError
        If a frequency lies outside the range.

    Notes
    -----
    Source: GB 8702-2014, table 1.
    """
    f = np.asarray(f_ghz, dtype=np.float64)
    if not ((f >= 0.03) & (f <= 300.0)).all():
        raise ValidityError(
            f"Exposure limits are known here from 0.03 to 300 GHz, got {f.ravel().tolist()} GHz.",
            f"曝露限值适用于 0.03 至 300 GHz,实际为 {f.ravel().tolist()} GHz。",
        )
    return np.where(f <= 3.0, 0.4, np.minimum(f * 1e3 / 7500.0, 2.0))[()]


def power_density(
    distance_m: npt.ArrayLike,
    power_w: npt.ArrayLike,
    gain_dbi: npt.ArrayLike,
    duty: npt.ArrayLike = 1.0,
) -> FloatArray:
    """Power density in the beam: ``S = P G F / (4 pi r^2)``.

    Parameters
    ----------
    distance_m
        Distance from the antenna, m, above 0.
    power_w, gain_dbi
        Transmit power, W, and gain of the beam, dBi.
    duty
        Share of the power averaged over 6 minutes, F, 0 to 1: downlink share times beam share.

    Returns
    -------
    numpy.ndarray
        W/m2.

    Raises
    ------
    planner.errors.ValidityError
        If a distance is not above 0, a power negative or a duty outside 0 to 1.
    """
    r = np.asarray(distance_m, dtype=np.float64)
    _check_source(power_w, duty)
    if not (r > 0).all():
        raise ValidityError("distance_m must be above 0 m.", "distance_m 须大于 0 米。")
    return np.asarray(_eirp_w(power_w, gain_dbi, duty) / (4.0 * np.pi * r**2))[()]


def compliance_distance(
    power_w: npt.ArrayLike,
    gain_dbi: npt.ArrayLike,
    limit_w_m2: npt.ArrayLike,
    duty: npt.ArrayLike = 1.0,
) -> FloatArray:
    """Distance on the beam axis at which the power density falls to a limit.

    ``r = sqrt(P G F / (4 pi S))``.

    Parameters
    ----------
    power_w, gain_dbi, duty
        As in :func:`power_density`.
    limit_w_m2
        Power density, W/m2, above 0: :func:`exposure_limit` times the share that one station may
        use.

    Returns
    -------
    numpy.ndarray
        Distance, m.

    Raises
    ------
    planner.errors.ValidityError
        If the limit is not above 0, a power negative or a duty outside 0 to 1.
    """
    limit = np.asarray(limit_w_m2, dtype=np.float64)
    _check_source(power_w, duty)
    if not (limit > 0).all():
        raise ValidityError("limit_w_m2 must be above 0 W/m2.", "limit_w_m2 须大于 0 W/m²。")
    return np.asarray(np.sqrt(_eirp_w(power_w, gain_dbi, duty) / (4.0 * np.pi * limit)))[()]


def _eirp_w(power_w: npt.ArrayLike, gain_dbi: npt.ArrayLike, duty: npt.ArrayLike) -> FloatArray:
    """Mean radiated power on the axis, W; the arguments broadcast."""
    gain = 10.0 ** (np.asarray(gain_dbi, dtype=np.float64) / 10.0)
    power, share = np.asarray(power_w, dtype=np.float64), np.asarray(duty, dtype=np.float64)
    return np.asarray(power * gain * share)


def _check_source(power_w: npt.ArrayLike, duty: npt.ArrayLike) -> None:
    power, share = np.asarray(power_w, dtype=np.float64), np.asarray(duty, dtype=np.float64)
    if not (power >= 0).all() or not ((share >= 0) & (share <= 1)).all():
        raise ValidityError(
            "power_w must be at least 0 W and duty lie between 0 and 1.",
            "power_w 须不小于 0 W,duty 须在 0 至 1 之间。",
        )
