"""Sites and candidates -> Stations: one row for each network and band that a site can hold."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from planner import fields as F
from planner.crs import transformer
from planner.errors import raise_together
from planner.model import Demand, IntArray, Layers, Stations, tables
from planner.scenario import FIRST_BUILD, Network, Scenario
from planner.stations.decided import apply_decisions, opening_order, proposed_sites
from planner.stations.faults import Lines, find_faults
from planner.stations.ids import station_id
from planner.stations.propose import propose_sites
from planner.stations.sectors import lay_out_sectors
from planner.stations.siting import judge_sites

COLUMNS = [
    F.STATION_ID, F.SITE_ID, F.NAME, F.NETWORK, F.BAND, F.STATE, F.SITE_TYPE,
    F.HEIGHT_M, F.SCENE, F.MODEL, F.TOWN, F.LON, F.LAT, F.X_M, F.Y_M,
    F.FIRST_PHASE, F.COST_WAN, F.EFFORT, F.EXCLUDED, F.PCIS, F.TILTS_DEG,
    F.MECHANICAL_TILTS_DEG, F.AZIMUTHS_DEG, F.DOUBTS, F.BASIS,
]  # fmt: skip

_OF_SITE = (F.HEIGHT_M, F.SITE_TYPE)
"""Columns of a list that are the site's, not the station's."""
STANDING = [
    F.STATE, F.PCIS, F.AZIMUTHS_DEG, F.TILTS_DEG, F.MECHANICAL_TILTS_DEG, F.DOUBTS,
]  # fmt: skip
"""What the site list tells of a station of today."""


class Listed(NamedTuple):
    """Stations before they have sectors.

    Attributes
    ----------
    table
        Every station by ``station_id``, with what reviewers decided.
    fixed
        Rows of those that open first, in their order.
    """

    table: pd.DataFrame
    fixed: IntArray


def list_stations(scenario: Scenario, layers: Layers, lines: Lines | None = None) -> Listed:
    """Every station that stands or could be built, without sectors and siting.

    Parameters
    ----------
    scenario
        Its networks and bands are offered at every site that can hold them.
    layers
        Sites of today and candidate sites; where the case has no candidates they are proposed.
    lines
        Where the sites were listed, so that a fault names file and line.

    Raises
    ------
    PlannerError
        With every fault that :func:`planner.stations.faults.find_faults` finds.
    """
    listed = _listed(scenario, layers)
    table = _offers(scenario, _placed(scenario, layers, listed), layers.sites)
    table = table.sort_values(F.STATION_ID, ignore_index=True)
    # a station that reviewers moved is placed anew
    table = apply_decisions(
        scenario,
        table,
        listed,
        lambda sites: _placed(scenario, layers, sites),
        layers.town_codes,
    )

    fixed = opening_order(scenario, table)
    if faults := list(find_faults(scenario, layers, table, fixed, lines or {})):
        raise_together(faults)
    return Listed(table.drop(columns="listed_at"), fixed)


def complete_stations(
    scenario: Scenario, layers: Layers, demand: Demand, listed: Listed
) -> Stations:
    """The listed stations with their sectors and what the siting rules say of them.

    Parameters
    ----------
    scenario, layers
        As in :func:`list_stations`.
    demand
        Turns the sectors of stations whose azimuths no list tells.
    listed
        Of :func:`list_stations`.

    Returns
    -------
    Stations
        Sorted by ``station_id``; stations in a keep-out are ``excluded``, not dropped. With the
        neighbour stations beyond the border.
    """
    laid = lay_out_sectors(scenario, demand, listed.table)
    table, findings = judge_sites(scenario, layers, laid)
    points = gpd.points_from_xy(table[F.LON], table[F.LAT])
    return Stations(
        gpd.GeoDataFrame(table, geometry=points, crs=F.WGS84),
        listed.fixed,
        findings,
        _neighbours(scenario, layers, demand),
    )


def _neighbours(scenario: Scenario, layers: Layers, demand: Demand) -> pd.DataFrame:
    """The stations beyond the border, with scene, height and sectors as those of today have them.

    One in a band that its network does not plan here meets nothing that it could serve or disturb.
    """
    columns = list(tables.NEIGHBOUR_STATIONS.columns)
    bands = [(network.name, band) for network in scenario.networks for band in network.bands]
    listed = pd.DataFrame(layers.neighbours.drop(columns="geometry"))
    is_planned = pd.MultiIndex.from_frame(listed[[F.NETWORK, F.BAND]]).isin(bands)
    listed = listed[is_planned].reset_index(drop=True)
    if listed.empty:
        return tables.NEIGHBOUR_STATIONS.empty()
    return lay_out_sectors(scenario, demand, _placed(scenario, layers, listed))[columns]


def _listed(scenario: Scenario, layers: Layers) -> pd.DataFrame:
    """One row per site as it was listed: those of today, candidates, those that reviewers named.

    A site that stands in two of these lists is taken from the first.
    """
    columns = [F.SITE_ID, F.NAME, F.SITE_TYPE, F.HEIGHT_M, F.DOUBTS, F.LON, F.LAT, F.BASIS]
    parts = [pd.DataFrame(layers.sites[columns]), pd.DataFrame(layers.candidates[columns])]
    # site lists may hold planned sites: only a list of candidates says that there are no others
    if not scenario.inputs.candidates:
        parts.append(pd.DataFrame(propose_sites(scenario, layers)[columns]))
    if scenario.review.proposed:
        parts.append(proposed_sites(scenario)[columns])
    sites = pd.concat(parts, ignore_index=True).drop_duplicates(F.SITE_ID, ignore_index=True)
    # what is in doubt of a station of today is none of the others that its site could hold
    sites[F.DOUBTS] = [
        " ".join(name for name in text.split() if name in _OF_SITE) for text in sites[F.DOUBTS]
    ]
    return sites


def _placed(scenario: Scenario, layers: Layers, listed: pd.DataFrame) -> pd.DataFrame:
    """The sites with work coordinates, scene, model, height, town and keep-out."""
    sites = listed.copy()
    to_work = transformer(F.WGS84, scenario.district.work_crs)
    sites[F.X_M], sites[F.Y_M] = to_work.transform(sites[F.LON].to_numpy(), sites[F.LAT].to_numpy())
    x_m, y_m = sites[F.X_M].to_numpy(), sites[F.Y_M].to_numpy()

    # the scene tells what the list leaves open: model, height and kind of site
    sites[F.SCENE] = _scene_at(scenario, layers, x_m, y_m)
    scenes = [scenario.radio.scenes[name] for name in sites[F.SCENE]]
    usual_m = pd.Series([scene.h_bs_m for scene in scenes])
    sites[F.HEIGHT_M] = sites[F.HEIGHT_M].astype(float).fillna(usual_m)
    masts = zip(scenes, sites[F.HEIGHT_M], strict=True)
    sites[F.MODEL] = [scene.at(height_m).model for scene, height_m in masts]
    by_ground = np.where([scenario.is_built(scene) for scene in sites[F.SCENE]], "roof", "tower")
    sites[F.SITE_TYPE] = sites[F.SITE_TYPE].where(sites[F.SITE_TYPE] != "", by_ground)

    sites[F.TOWN] = layers.town_at(x_m, y_m, scenario)
    is_keep_out = layers.keep_outs[F.KIND].isin(scenario.siting.keep_out_kinds)
    sites[F.EXCLUDED] = _inside(layers.keep_outs[is_keep_out], x_m, y_m)
    return sites


def _scene_at(
    scenario: Scenario, layers: Layers, x_m: npt.NDArray[Any], y_m: npt.NDArray[Any]
) -> npt.NDArray[Any]:
    """Scene of each site, (sites,): of the first layer that holds it, else of a built one nearby.

    Nearby is within the margin; what is near nothing is rural. A mast at the edge of a town is seen
    through the town: counting it as one in open land would flatter it.
    """
    scene = np.full(len(x_m), "rural", dtype=object)
    places = shapely.points(x_m, y_m)
    areas = [layer for layer in scenario.layers if layer.shape == "area"]
    built = [layer for layer in areas if scenario.is_built(layer.scene)]

    # what comes later overwrites: margins before grounds, the first layer last
    margin_m = scenario.siting.uma_margin_m
    reaches = [(layer, margin_m) for layer in reversed(built)]
    reaches += [(layer, 0.0) for layer in reversed(areas)]
    for layer, reach_m in reaches:
        polygons = layers.areas.geometry[layers.areas[F.LAYER] == layer.name]
        ground = shapely.union_all(polygons.to_numpy())
        shapely.prepare(ground)
        if reach_m > 0:
            hit = shapely.dwithin(places, ground, reach_m)
        else:
            hit = shapely.contains(ground, places)
        scene[hit] = layer.scene
    return scene


def _inside(
    polygons: gpd.GeoDataFrame, x_m: npt.NDArray[Any], y_m: npt.NDArray[Any]
) -> npt.NDArray[np.bool_]:
    """Which places lie in one of the polygons, (places,)."""
    inside = np.zeros(len(x_m), dtype=np.bool_)
    for polygon in polygons.geometry:
        shapely.prepare(polygon)
        inside |= shapely.contains_xy(polygon, x_m, y_m)
    return inside


def _offers(scenario: Scenario, sites: pd.DataFrame, today: gpd.GeoDataFrame) -> pd.DataFrame:
    """Every (site, network, band) that may hold a station, with its state, cost and effort."""
    keys = [F.SITE_ID, F.NETWORK, F.BAND]
    standing = pd.DataFrame(today).set_index(keys).reindex(columns=STANDING).astype(object)
    parts = [
        _offers_in_band(scenario, sites, standing, network, band)
        for network in scenario.networks
        for band in network.bands
    ]
    table = pd.concat(parts, ignore_index=True)

    build_type = table[F.SITE_TYPE].map(FIRST_BUILD)
    table[F.COST_WAN] = build_type.map(dict(scenario.siting.cost_wan)).astype(float)
    table[F.EFFORT] = build_type.map(dict(scenario.siting.effort)).astype(float)

    # a candidate opens no earlier than it can be built; one that comes too late is excluded
    is_candidate = table[F.STATE] == "candidate"
    lead_days = scenario.siting.lead_days
    earliest = {name: _earliest_phase(scenario, days) for name, days in lead_days.items()}
    first = table[F.FIRST_PHASE].clip(lower=build_type.map(earliest).where(is_candidate, 0))
    last = len(scenario.phases) - 1
    table[F.EXCLUDED] = is_candidate & (table[F.EXCLUDED] | (first > last))
    table[F.FIRST_PHASE] = first.clip(upper=last).astype("int64")
    return table[COLUMNS].assign(listed_at=table[F.SITE_ID])


def _offers_in_band(
    scenario: Scenario, sites: pd.DataFrame, standing: pd.DataFrame, network: Network, band: str
) -> pd.DataFrame:
    """Sites that may hold a station of one network in one band, or hold it already.

    ``standing`` holds the stations of today, by site, network and band.
    """
    keys = pd.MultiIndex.from_product([sites[F.SITE_ID], [network.name], [band]])
    today = standing.reindex(keys).set_axis(sites.index)
    limits = scenario.siting.bands.get(band)
    offered = today[F.STATE].notna()
    offered |= sites[F.SITE_TYPE].isin(limits.site_types) if limits else True

    part = sites[offered].copy()
    for column in STANDING:
        told = today.loc[part.index, column].fillna("")
        # what is in doubt of a site is so of every station there
        part[column] = told.where(told != "", part.get(column, "")).to_numpy()
    part[F.STATE] = part[F.STATE].replace("", "candidate")
    part[F.NETWORK] = network.name
    part[F.BAND] = band
    part[F.STATION_ID] = [station_id(site, network.code, band) for site in part[F.SITE_ID].tolist()]
    first_phase = limits.first_phase if limits else 0
    part[F.FIRST_PHASE] = np.where(part[F.STATE] == "candidate", first_phase, 0)
    return part


def _earliest_phase(scenario: Scenario, lead_days: float) -> int:
    """Number of the first phase by whose end a build is ready that begins on the state's day."""
    begin = date.fromisoformat(scenario.phases[0].date)
    return scenario.phase_by((begin + timedelta(days=lead_days)).isoformat())
