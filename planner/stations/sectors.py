"""Sectors of every station: azimuths as they stand, else such as follow the demand, and a tilt to the cell edge."""

from __future__ import annotations

import numpy as np
import pandas as pd

from planner import fields as F
from planner import radio
from planner.model import Demand, FloatArray
from planner.scenario import Scenario

AZIMUTH_REACH_M = 500.0
"""Demand up to this distance turns the sectors of a site: about the outdoor range in built-up land [judgement]."""


def lay_out_sectors(scenario: Scenario, demand: Demand, table: pd.DataFrame) -> pd.DataFrame:
    """Give every station its sectors: those of the site list, never turned, or three that the planner proposes.

    Parameters
    ----------
    scenario
        Its radio parameters and bands.
    demand
        Weighs the directions; road samples give the bearing of roads.
    table
        Stations without sectors, ``azimuths_deg`` as listed or empty.

    Returns
    -------
    DataFrame
        The table with ``azimuths_deg`` ("0/120/240", true north clockwise; listed ones in their own
        order), ``azimuth_reason`` (road, demand, default; on_air or rebuilt where listed) and
        ``tilt_deg`` (electrical). Stations of a site for which azimuths are proposed look the same
        ways.
    """
    sites = table.drop_duplicates(F.SITE_ID)
    road, bearing = _road_bearings(demand)
    azimuth, reason = radio.default_azimuths(
        sites[[F.X_M, F.Y_M]].to_numpy(),
        demand.points[[F.X_M, F.Y_M]].to_numpy(),
        demand.share.sum(axis=1),
        reach_m=AZIMUTH_REACH_M,
        road_xy=road,
        road_bearing_deg=bearing,
    )
    of_site = pd.DataFrame(
        {
            F.AZIMUTHS_DEG: [
                "/".join(f"{a:.0f}" for a in np.sort(np.rint(row) % 360)) for row in azimuth
            ],
            F.AZIMUTH_REASON: [radio.AZIMUTH_REASONS[code] for code in reason],
        },
        index=sites[F.SITE_ID].to_numpy(),
    )
    rows = of_site.loc[table[F.SITE_ID]].set_index(table.index)
    listed = table[F.AZIMUTHS_DEG] != ""
    rows[F.AZIMUTHS_DEG] = table[F.AZIMUTHS_DEG].where(listed, rows[F.AZIMUTHS_DEG])
    as_listed = table[F.STATE].map({"open": "on_air"}).fillna("rebuilt")
    rows[F.AZIMUTH_REASON] = rows[F.AZIMUTH_REASON].mask(listed, as_listed)
    tilts = {F.TILT_DEG: _tilts(scenario, table)}
    return table.drop(columns=F.AZIMUTHS_DEG).assign(
        **{str(name): rows[name] for name in rows}, **tilts
    )


def _road_bearings(demand: Demand) -> tuple[FloatArray, FloatArray]:
    """Samples of the roads, and at each the bearing of the road there, degrees."""
    samples = demand.points[demand.points[F.ROAD] >= 0]
    xy = samples[[F.X_M, F.Y_M]].to_numpy()
    chain = samples[F.ROAD].to_numpy()
    ahead = np.concatenate([chain[1:] == chain[:-1], [False]])[: len(chain)]
    behind = np.concatenate([[False], chain[1:] == chain[:-1]])[: len(chain)]
    here = np.arange(len(chain))
    start, end = here - behind, here + ahead
    known = start < end
    return xy[known], radio.bearing_deg(xy[start[known]], xy[end[known]])


def _tilts(scenario: Scenario, table: pd.DataFrame) -> FloatArray:
    """Electrical tilt that meets the ground at the outdoor range, by band, scene and height."""
    tilts: FloatArray = np.zeros(len(table))
    keys = pd.MultiIndex.from_frame(table[[F.BAND, F.SCENE, F.HEIGHT_M]])
    number, unique = pd.factorize(keys)
    for i, (band, scene, height) in enumerate(unique):
        budget = radio.link_budget(
            scenario.radio,
            scenario.bands[band],
            scenario.radio.scenes[scene],
            "outdoor",
            rsrp_dbm=scenario.levels.outdoor.rsrp_dbm,
            h_bs_m=height,
        )
        tilts[number == i] = radio.default_tilt(height, budget.range_m, scenario.radio.h_ut_m)
    return tilts
