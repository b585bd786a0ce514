"""Urban macro, UMa: masts above the roofs of a town.

Source: 3GPP TR 38.901 V17, Tables 7.4.1-1 and 7.4.2-1, with c = 3e8 m/s.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from planner.radio.grid import FloatArray
from planner.radio.model import Curve, PropagationModel, Validity

_C = 3.0e8


def urban_breakpoint_m(f_ghz: FloatArray, h_bs_m: FloatArray, h_ut_m: FloatArray) -> FloatArray:
    """Effective breakpoint distance, m: heights count above the 1 m of the environment (note 1)."""
    return 4.0 * (h_bs_m - 1.0) * (h_ut_m - 1.0) * f_ghz * 1e9 / _C


def los_in_streets(d2d_m: FloatArray, decay_m: float) -> FloatArray:
    """Probability of line of sight among houses: 1 up to 18 m, then down to ``18 / d``."""
    near = 18.0 / np.maximum(d2d_m, 18.0)
    return near + np.exp(-d2d_m / decay_m) * (1.0 - near)


def _curve(f_ghz: FloatArray, h_bs_m: FloatArray, h_ut_m: FloatArray) -> Curve:
    f_db = 20.0 * np.log10(f_ghz)
    breakpoint_m = urban_breakpoint_m(f_ghz, h_bs_m, h_ut_m)
    return Curve(
        breakpoint_m=breakpoint_m,
        near=28.0 + f_db,
        near_slope=22.0,
        near_linear=0.0,
        far=28.0 + f_db - 9.0 * np.log10(breakpoint_m**2 + (h_bs_m - h_ut_m) ** 2),
        far_slope=40.0,
        nlos=13.54 + f_db - 0.6 * (h_ut_m - 1.5),
        nlos_slope=39.08,
    )


def _los_probability(d2d_m: FloatArray, _: FloatArray) -> FloatArray:
    # C'(h_UT) of the table is 0 up to 13 m, where the range below ends
    return los_in_streets(d2d_m, 63.0)


MODEL: Final = PropagationModel(
    name="UMa",
    source="3GPP TR 38.901 V17, Table 7.4.1-1",
    valid=Validity(
        h_bs_m=(25.0, 25.0),
        # above 13 m note 1 draws the height of the environment at random: no use in a plan
        h_ut_m=(1.5, 13.0),
        f_ghz=(0.5, 100.0),
        los_m=5000.0,
        nlos_m=5000.0,
        h_bs_extended_m=(15.0, 50.0),
    ),
    h_bs_m=25.0,
    curve=_curve,
    los_probability=_los_probability,
    sigma_db=(4.0, 6.0),
    # into a building: Table 7.5-6, O2I
    indoor_sigma_db=7.0,
    open_land=False,
)
