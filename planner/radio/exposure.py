"""Exposure of the public to the field of a site: limits of GB 8702-2014, density, distance.

Far field in free space: an upper bound without buildings in between. All antennas of a site count
as standing at one point, and each frequency against its own limit: GB 8702-2014 adds their shares
up. A figure here says whether a place has to be looked at; it replaces no measurement (HJ
1151-2020, which asks for all generations of a site together) and no approval.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from planner.errors import ValidityError
from planner.parameters import Part, parameter
from planner.radio.antenna import Antenna, PatternTable, attenuation
from planner.radio.grid import FloatArray

OTHER_ANTENNA: Final = Antenna(h_beamwidth_deg=65.0, v_beamwidth_deg=10.0)
"""What equipment of 2G to 4G is taken to stand on: a passive sector antenna [judgement]."""

OTHER_F_GHZ: Final = 1.8
"""Where equipment of 2G to 4G is taken to transmit.

GB 8702-2014 has one limit from 30 MHz to 3 GHz, the lowest above that: it is never taken too high.
"""

_BEARINGS: Final = np.arange(360.0)
_DEPRESSIONS: Final = np.concatenate([np.arange(-20.0, 20.0, 0.5), np.arange(20.0, 91.0)])
"""Directions that are looked at, degrees: finer where main beams are. 90 is the foot of the mast.

No antenna of a site looks up at more than 20 degrees.
"""
_DESCENTS: Final = np.maximum(np.sin(np.radians(_DEPRESSIONS)), 0.0)
"""How far below an antenna a place is, over its distance; 0 where it is above."""
_NEAREST_M: Final = 1.0
"""Nobody on the ground is taken nearer below an antenna than this."""


class ExposureParameters(Part):
    """How the field of a site is counted against the limit."""

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
        source="GB 8702-2014, clause 4; HJ/T 10.3-1996, clause 4.2, lets one project take 1/5",
        doc="Share of the limit that a site may use; 0.2 for the management target of 1/5.",
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
    other_systems: int = parameter(
        4,
        unit="1",
        source="judgement: two networks with a carrier each below and above 1 GHz",
        doc="Systems of 2G to 4G that count in every sector of a site of which no list tells any.",
        ge=0,
        le=24,
    )
    other_power_w: float = parameter(
        80.0,
        unit="W",
        source="judgement: remote unit of 2 x 40 W, all of it on air all the time",
        doc="Power of a system of 2G to 4G in a sector, where no list tells it.",
        gt=0.0,
        le=1000.0,
    )
    other_gain_dbi: float = parameter(
        15.0,
        unit="dBi",
        source="judgement: passive antenna of 15 to 17.5 dBi, cable and combiner taken off",
        doc="Gain of antennas of 2G to 4G.",
        ge=0.0,
        le=40.0,
    )


class Emitter(NamedTuple):
    """One sector as a source of exposure.

    Attributes
    ----------
    azimuth_deg
        Degrees clockwise from north; looked at by whole degrees.
    spread
        Of its antenna at its tilt, see :func:`power_spread`.
    reach_m
        Distance on its axis at which it alone meets its limit, see :func:`compliance_distance`.
    """

    azimuth_deg: float
    spread: FloatArray
    reach_m: float


class SiteField(NamedTuple):
    """Where the sum of all emitters of a site meets the limit, by depression.

    Attributes
    ----------
    depression_deg
        (depressions,) degrees below the horizon.
    reach_m
        (depressions,) distance from the antennas up to which the shares of the limits sum to more
        than 1, towards the worst bearing.
    bearing_deg
        (depressions,) that bearing, whole degrees clockwise from north.
    """

    depression_deg: FloatArray
    reach_m: FloatArray
    bearing_deg: FloatArray


class WorstPlace(NamedTuple):
    """The place farthest from a site at which the limit is only just kept.

    Attributes
    ----------
    distance_m
        From the antennas, m.
    bearing_deg
        Towards where, degrees clockwise from north.
    height_m
        Height of the place above ground, m; 0 where the ground is nearer.
    ground_share
        Largest sum of the shares of the limits on the ground, at the height of a terminal.
    """

    distance_m: float
    bearing_deg: float
    height_m: float
    ground_share: float


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


def compliance_distance(
    power_w: npt.ArrayLike,
    gain_dbi: npt.ArrayLike,
    limit_w_m2: npt.ArrayLike,
    duty: npt.ArrayLike = 1.0,
) -> FloatArray:
    """Distance on the beam axis at which the power density falls to a limit.

    ``S = P G F / (4 pi r^2)``, so ``r = sqrt(P G F / (4 pi S))``.

    Parameters
    ----------
    power_w, gain_dbi
        Transmit power, W, and gain of the beam, dBi.
    limit_w_m2
        Power density, W/m2, above 0: :func:`exposure_limit` times the share that a site may use.
    duty
        Share of the power averaged over 6 minutes, F, 0 to 1: downlink share times beam share.

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


def power_spread(antenna: Antenna | PatternTable, tilt_deg: float) -> FloatArray:
    """What an antenna radiates in each direction that is looked at, over what it does on its axis.

    Parameters
    ----------
    antenna
        Its pattern.
    tilt_deg
        Down-tilt of its axis, degrees, all of it electrical.

    Returns
    -------
    numpy.ndarray
        (bearings from the azimuth, depressions), 0 to 1.
    """
    loss_db = attenuation(
        antenna, _BEARINGS[:, None], _DEPRESSIONS[None, :], electrical_tilt_deg=tilt_deg
    )
    return np.asarray(10.0 ** (loss_db / 10.0))


def site_field(emitters: Sequence[Emitter]) -> SiteField:
    """The sum over emitters that stand at one point of space.

    A place is worst where ``sum S / S_limit`` is largest; with ``S = P G F / (4 pi r^2)`` that sum
    is ``sum reach^2 spread / r^2``, so the limit is met at ``r = sqrt(sum reach^2 spread)``.

    Parameters
    ----------
    emitters
        Every sector of every station and system of the site, at least one.
    """
    total = np.zeros((len(_BEARINGS), len(_DEPRESSIONS)))
    for emitter in emitters:
        turn = round(emitter.azimuth_deg) % len(_BEARINGS)
        ahead = len(_BEARINGS) - turn
        total[turn:] += emitter.reach_m**2 * emitter.spread[:ahead]
        total[:turn] += emitter.reach_m**2 * emitter.spread[ahead:]
    worst = total.argmax(axis=0)
    reach_m = np.sqrt(total[worst, np.arange(len(_DEPRESSIONS))])
    return SiteField(_DEPRESSIONS, reach_m, _BEARINGS[worst])


def worst_place(field: SiteField, height_m: float, h_ut_m: float) -> WorstPlace:
    """The farthest place at which the limit is only just kept, and the worst share on the ground.

    Parameters
    ----------
    field
        Of the site.
    height_m, h_ut_m
        Heights of its antennas and of a terminal above flat ground, m.
    """
    far = int(field.reach_m.argmax())
    distance_m = float(field.reach_m[far])
    below_m = distance_m * float(np.sin(np.radians(field.depression_deg[far])))

    # on the ground a direction ends where it is as far below as the terminal
    drop_m = max(height_m - h_ut_m, _NEAREST_M)
    share = float(((field.reach_m * _DESCENTS) ** 2).max()) / drop_m**2
    bearing_deg = float(field.bearing_deg[far])
    return WorstPlace(distance_m, bearing_deg, max(height_m - below_m, 0.0), share)


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
