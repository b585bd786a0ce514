"""Rural macro, RMa: open land with villages.

Source: 3GPP TR 38.901 V17, Tables 7.4.1-1 and 7.4.2-1, with streets of W = 20 m, roofs of h = 5 m
and c = 3e8 m/s.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from planner.radio.grid import FloatArray
from planner.radio.model import Curve, PropagationModel, Validity

_C = 3.0e8
_STREET_M, _ROOF_M = 20.0, 5.0


def _curve(f_ghz: FloatArray, h_bs_m: FloatArray, h_ut_m: FloatArray) -> Curve:
    f_db = 20.0 * np.log10(f_ghz)
    breakpoint_m = 2.0 * math.pi * h_bs_m * h_ut_m * f_ghz * 1e9 / _C

    near = 20.0 * math.log10(40.0 * math.pi / 3.0) + f_db - min(0.044 * _ROOF_M**1.72, 14.77)
    near_slope = 20.0 + min(0.03 * _ROOF_M**1.72, 10.0)
    near_linear = 0.002 * math.log10(_ROOF_M)

    nlos_slope = 43.42 - 3.1 * np.log10(h_bs_m)
    nlos = (
        161.04
        - 7.1 * math.log10(_STREET_M)
        + 7.5 * math.log10(_ROOF_M)
        - (24.37 - 3.7 * (_ROOF_M / h_bs_m) ** 2) * np.log10(h_bs_m)
        - 3.0 * nlos_slope
        + f_db
        - (3.2 * np.log10(11.75 * h_ut_m) ** 2 - 4.97)
    )
    return Curve(
        breakpoint_m=breakpoint_m,
        near=near,
        near_slope=near_slope,
        near_linear=near_linear,
        # the far line begins where the near one ends
        far=near + (near_slope - 40.0) * np.log10(breakpoint_m) + near_linear * breakpoint_m,
        far_slope=40.0,
        nlos=nlos,
        nlos_slope=nlos_slope,
    )


def _los_probability(d2d_m: FloatArray, _: FloatArray) -> FloatArray:
    return np.exp(-np.maximum(d2d_m - 10.0, 0.0) / 1000.0)


MODEL: Final = PropagationModel(
    name="RMa",
    source="3GPP TR 38.901 V17, Table 7.4.1-1",
    valid=Validity(
        h_bs_m=(10.0, 150.0),
        h_ut_m=(1.0, 10.0),
        f_ghz=(0.5, 30.0),
        los_m=10_000.0,
        nlos_m=5000.0,
    ),
    h_bs_m=35.0,
    curve=_curve,
    los_probability=_los_probability,
    # with line of sight: the deviation beyond the breakpoint
    sigma_db=(6.0, 8.0),
    # into a building: Table 7.5-6, O2I
    indoor_sigma_db=8.0,
    open_land=True,
)
