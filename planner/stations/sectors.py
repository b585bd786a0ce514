"""Sectors of every station: azimuths and tilts as they stand, or as demand and range ask."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from planner import fields as F
from planner import radio
from planner.model import Demand, FloatArray, on_road
from planner.scenario import Scenario
from planner.stations.tilts import tilts_of

AZIMUTH_REACH_M = 500.0
"""Demand up to this distance turns the sectors of a site.

It is about the outdoor range in built-up land [judgement].
"""


def lay_out_sectors(scenario: Scenario, demand: Demand, table: pd.DataFrame) -> pd.DataFrame:
    """Give every station its sectors: those of the site list, or three that the planner proposes.

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
        ``tilt_deg`` (the largest of ``tilts_deg`` where these are listed, else by the rule of
        :mod:`planner.stations.tilts`). Stations of a site for which azimuths are proposed look the
        same ways.
    """
    proposed = _proposed_azimuths(demand, table.drop_duplicates(F.SITE_ID))
    proposed = proposed.loc[table[F.SITE_ID]].set_index(table.index)

    # listed azimuths are never turned
    is_listed = table[F.AZIMUTHS_DEG] != ""
    as_listed = table[F.STATE].map({"open": "on_air"}).fillna("rebuilt")
    sectors: dict[str, Any] = {
        F.AZIMUTHS_DEG: table[F.AZIMUTHS_DEG].where(is_listed, proposed[F.AZIMUTHS_DEG]),
        F.AZIMUTH_REASON: proposed[F.AZIMUTH_REASON].mask(is_listed, as_listed),
        F.TILT_DEG: _largest(table[F.TILTS_DEG], tilts_of(scenario, demand, table)),
    }
    return table.drop(columns=F.AZIMUTHS_DEG).assign(**sectors)


def _proposed_azimuths(demand: Demand, sites: pd.DataFrame) -> pd.DataFrame:
    """Azimuths for each site and their reason, by ``site_id``."""
    road_xy, road_bearing = _road_bearings(demand)
    azimuths, reasons = radio.default_azimuths(
        sites[[F.X_M, F.Y_M]].to_numpy(),
        demand.points[[F.X_M, F.Y_M]].to_numpy(),
        demand.share.sum(axis=1),
        reach_m=AZIMUTH_REACH_M,
        road_xy=road_xy,
        road_bearing_deg=road_bearing,
    )
    whole = np.sort(np.rint(azimuths) % 360, axis=1)
    columns = {
        F.AZIMUTHS_DEG: ["/".join(f"{azimuth:.0f}" for azimuth in row) for row in whole],
        F.AZIMUTH_REASON: [radio.AZIMUTH_REASONS[code] for code in reasons],
    }
    return pd.DataFrame(columns, index=sites[F.SITE_ID].to_numpy())


def _road_bearings(demand: Demand) -> tuple[FloatArray, FloatArray]:
    """Samples of the roads, (n, 2) metres, and the bearing of the road at each, (n,) degrees."""
    samples = demand.points[on_road(demand.points)]
    xy = samples[[F.X_M, F.Y_M]].to_numpy()
    road = samples[F.ROAD].to_numpy()

    # the bearing runs from the sample before to the one after, where they are of the same road
    is_same = road[1:] == road[:-1]
    ahead = np.concatenate([is_same, [False]])[: len(road)]
    behind = np.concatenate([[False], is_same])[: len(road)]
    here = np.arange(len(road))
    start, end = here - behind, here + ahead
    known = start < end
    return xy[known], radio.bearing_deg(xy[start[known]], xy[end[known]])


def _largest(listed: pd.Series, proposed: FloatArray) -> FloatArray:
    """The largest tilt that a list tells of each station, else the proposed one, degrees."""
    own = [max(map(float, text.split("/"))) if text else np.nan for text in listed.tolist()]
    return np.where(np.isnan(own), proposed, own)
