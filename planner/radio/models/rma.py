"""Rural macro, RMa: open land with villages.

Source: 3GPP TR 38.901 V17, Tables 7.4.1-1 and 7.4.2-1, with c = 3e8 m/s; as there streets are
20 m wide and buildings 5 m high unless a scene says otherwise.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from planner.radio.grid import FloatArray
from planner.radio.model import Curve, Link, PropagationModel, Validity

_C = 3.0e8


def _curve(link: Link) -> Curve:
    f_ghz, h_bs_m, h_ut_m, street_m, building_m = link
    f_db = 20.0 * np.log10(f_ghz)
    breakpoint_m = 2.0 * math.pi * h_bs_m * h_ut_m * f_ghz * 1e9 / _C

    near = 20.0 * math.log10(40.0 * math.pi / 3.0) + f_db
    near = near - np.minimum(0.044 * building_m**1.72, 14.77)
    near_slope = 20.0 + np.minimum(0.03 * building_m**1.72, 10.0)
    near_linear = 0.002 * np.log10(building_m)

    nlos_slope = 43.42 - 3.1 * np.log10(h_bs_m)
    nlos = (
        161.04
        - 7.1 * np.log10(street_m)
        + 7.5 * np.log10(building_m)
        - (24.37 - 3.7 * (building_m / h_bs_m) ** 2) * np.log10(h_bs_m)
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
    street_width_m=20.0,
    building_height_m=5.0,
)
