"""Urban micro in a street canyon, UMi: masts below the roofs.

Source: 3GPP TR 38.901 V17, Tables 7.4.1-1 and 7.4.2-1, for masts of 10 m. Lower poles are off the
source [judgement]; higher masts stand over the roofs and are UMa.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from planner.radio.model import Curve, Link, PropagationModel, Validity
from planner.radio.models.uma import los_in_streets, urban_breakpoint_m


def _curve(link: Link) -> Curve:
    f_db = 20.0 * np.log10(link.f_ghz)
    breakpoint_m = urban_breakpoint_m(link)
    return Curve(
        breakpoint_m=breakpoint_m,
        near=32.4 + f_db,
        near_slope=21.0,
        near_linear=0.0,
        far=32.4 + f_db - 9.5 * np.log10(breakpoint_m**2 + (link.h_bs_m - link.h_ut_m) ** 2),
        far_slope=40.0,
        nlos=22.4 + 1.065 * f_db - 0.3 * (link.h_ut_m - 1.5),
        nlos_slope=35.3,
    )


MODEL: Final = PropagationModel(
    name="UMi",
    source="3GPP TR 38.901 V17, Table 7.4.1-1",
    valid=Validity(
        h_bs_m=(10.0, 10.0),
        h_ut_m=(1.5, 22.5),
        f_ghz=(0.5, 100.0),
        los_m=5000.0,
        nlos_m=5000.0,
        h_bs_extended_m=(5.0, 10.0),
    ),
    h_bs_m=10.0,
    curve=_curve,
    los_probability=lambda d2d_m, _: los_in_streets(d2d_m, 36.0),
    sigma_db=(4.0, 7.82),
    # into a building: Table 7.5-6, O2I
    indoor_sigma_db=7.0,
    open_land=False,
    higher="UMa",
)
