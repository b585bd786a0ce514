"""Urban macro, UMa: masts above the roofs of a town.

Source: 3GPP TR 38.901 V17, Tables 7.4.1-1 and 7.4.2-1, with c = 3e8 m/s, for masts of 25 m. What
another height, width of streets or height of buildings changes without line of sight is the
difference of two losses of Report ITU-R M.2135-1, Table A1-2, UMa: the one there less the one at
25 m, 20 m and 20 m. So a mast of 25 m has the loss of TR 38.901 to the bit.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from planner.radio.grid import FloatArray
from planner.radio.model import NEAR_M, Curve, Link, PropagationModel, Validity

_C = 3.0e8
_MAST_M, _STREET_M, _BUILDING_M = 25.0, 20.0, 20.0
_FARTHEST_M = 5000.0
_NLOS, _NLOS_SLOPE = 13.54, 39.08


def urban_breakpoint_m(link: Link) -> FloatArray:
    """Effective breakpoint distance, m: heights count above the 1 m of the environment (note 1)."""
    return 4.0 * (link.h_bs_m - 1.0) * (link.h_ut_m - 1.0) * link.f_ghz * 1e9 / _C


def los_in_streets(d2d_m: FloatArray, decay_m: float) -> FloatArray:
    """Probability of line of sight among houses: 1 up to 18 m, then down to ``18 / d``."""
    near = 18.0 / np.maximum(d2d_m, 18.0)
    return near + np.exp(-d2d_m / decay_m) * (1.0 - near)


def _curve(link: Link) -> Curve:
    f_db = 20.0 * np.log10(link.f_ghz)
    breakpoint_m = urban_breakpoint_m(link)
    more_db, more_slope = _over_the_usual(link)
    return Curve(
        breakpoint_m=breakpoint_m,
        near=28.0 + f_db,
        near_slope=22.0,
        near_linear=0.0,
        far=28.0 + f_db - 9.0 * np.log10(breakpoint_m**2 + (link.h_bs_m - link.h_ut_m) ** 2),
        far_slope=40.0,
        nlos=_NLOS + f_db - 0.6 * (link.h_ut_m - 1.5) + more_db,
        nlos_slope=_NLOS_SLOPE + more_slope,
    )


def _over_the_usual(link: Link) -> tuple[FloatArray, FloatArray]:
    """What mast, streets and buildings add to the line without line of sight, dB and dB per lg."""
    loss, slope = _of_m2135(link.h_bs_m, link.street_width_m, link.building_height_m)
    usual, usual_slope = _of_m2135(*map(np.asarray, (_MAST_M, _STREET_M, _BUILDING_M)))
    return loss - usual, slope - usual_slope


def _of_m2135(
    h_bs_m: FloatArray, street_m: FloatArray, building_m: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Loss at 1 m and 1 GHz to a terminal at 1.5 m, dB, and its slope, dB per lg of the metres."""
    lg = np.log10(h_bs_m)
    slope = 43.42 - 3.1 * lg
    loss = (
        161.04
        - 7.1 * np.log10(street_m)
        + 7.5 * np.log10(building_m)
        - (24.37 - 3.7 * (building_m / h_bs_m) ** 2) * lg
        - 3.0 * slope
        - (3.2 * math.log10(11.75 * 1.5) ** 2 - 4.97)
    )
    return loss, slope


def _joint_db() -> float:
    """Largest difference of the two sources for a mast of 25 m, dB: that of lines, at an end."""
    loss, slope = _of_m2135(*map(np.asarray, (_MAST_M, _STREET_M, _BUILDING_M)))
    ends = np.log10([NEAR_M, _FARTHEST_M])
    return float(np.abs(loss - _NLOS + (slope - _NLOS_SLOPE) * ends).max())


def _los_probability(d2d_m: FloatArray, _: FloatArray) -> FloatArray:
    # C'(h_UT) of the table is 0 up to 13 m, where the range below ends
    return los_in_streets(d2d_m, 63.0)


MODEL: Final = PropagationModel(
    name="UMa",
    source="3GPP TR 38.901 V17, Table 7.4.1-1; ITU-R M.2135-1, Table A1-2",
    valid=Validity(
        h_bs_m=(10.0, 150.0),
        # above 13 m note 1 draws the height of the environment at random: no use in a plan
        h_ut_m=(1.5, 13.0),
        f_ghz=(0.5, 100.0),
        los_m=_FARTHEST_M,
        nlos_m=_FARTHEST_M,
    ),
    h_bs_m=_MAST_M,
    curve=_curve,
    los_probability=_los_probability,
    sigma_db=(4.0, 6.0),
    # into a building: Table 7.5-6, O2I
    indoor_sigma_db=7.0,
    open_land=False,
    street_width_m=_STREET_M,
    building_height_m=_BUILDING_M,
    # what hangs no higher hangs in the street
    lower="UMi",
    joint_db=_joint_db(),
)
