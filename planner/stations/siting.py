"""Siting and exposure rules: a verdict for every station with the figure that decided it.

Nothing is removed. Flat land without buildings is assumed: where a case has no table of sensitive
buildings, exposure is judged on the ground only. Rules and figures:
:class:`planner.scenario.SitingRules`, :class:`planner.radio.ExposureParameters`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from planner import fields as F
from planner.codes import Siting
from planner.model import FloatArray, Layers
from planner.scenario import Scenario
from planner.stations.exposure import site_exposures

SITINGS = tuple(siting.value for siting in Siting)
PASS, CALCULATE, CONSULT, FORBIDDEN = range(len(SITINGS))
GROUND_TOWERS = ("tower", "pole")


class Finding(NamedTuple):
    """One rule applied to all stations, each part but ``rule`` (stations,).

    Attributes
    ----------
    rule
        Its name.
    verdict
        How hard it hits each station, a place in ``SITINGS``; 0 = not.
    figure, limit
        What was found and what the rule allows, in the rule's own unit.
    name
        What it was found at, if that has a name.
    """

    rule: str
    verdict: npt.NDArray[np.int64]
    figure: FloatArray
    limit: FloatArray
    name: npt.NDArray[np.object_]


def judge_sites(
    scenario: Scenario, layers: Layers, table: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Check every station against the siting and exposure rules.

    Parameters
    ----------
    scenario
        Its ``siting.rules`` and ``exposure``.
    layers
        Keep-outs, roads and landmarks.
    table
        Stations with sectors.

    Returns
    -------
    table
        With ``siting_verdict`` (the strictest of all rules, a code of
        :class:`planner.codes.Siting`), ``airport_cap_m`` (NaN beyond the surfaces) and the columns
        of :func:`planner.stations.exposure.site_exposures`.
    findings
        Every rule that hits a station, with its figure; see ``planner.model.tables.FINDINGS``.
    """
    exposure = site_exposures(scenario, layers, table)
    airports = layers.keep_outs[layers.keep_outs[F.KIND] == "keep_out_airport"]
    airport_m = _distance(airports, table)
    cap_m = _airport_cap(scenario, airport_m)
    found = [
        _in_keep_out(layers, scenario, table),
        _above_cap(table, cap_m),
        _near_approach(scenario, table, airport_m),
        _near_road(scenario, layers, table),
        _on_ground(exposure),
        _near_sensitive(scenario, layers, table, exposure),
    ]
    strictest = np.max([finding.verdict for finding in found], axis=0)
    judged = table.copy()
    judged[F.SITING_VERDICT] = [SITINGS[code] for code in strictest]
    judged[F.AIRPORT_CAP_M] = cap_m
    return judged.assign(**exposure), _finding_table(table, found)


def _finding_table(table: pd.DataFrame, found: list[Finding]) -> pd.DataFrame:
    """The hits of all rules, by station and in the order of the rules."""
    hits = [np.flatnonzero(finding.verdict > PASS) for finding in found]
    station = np.concatenate(hits)
    order = np.argsort(station, kind="stable")
    columns = {
        F.STATION_ID: table[F.STATION_ID].to_numpy()[station],
        F.RULE: np.repeat([finding.rule for finding in found], list(map(len, hits))),
        F.VERDICT: np.array(SITINGS)[_of_hits(found, hits, "verdict").astype(np.int64)],
        F.FIGURE: _of_hits(found, hits, "figure").astype(np.float64),
        F.LIMIT: _of_hits(found, hits, "limit").astype(np.float64),
        F.NAME: _of_hits(found, hits, "name"),
    }
    return pd.DataFrame(columns).iloc[order].reset_index(drop=True)


def _of_hits(
    found: list[Finding], hits: list[npt.NDArray[np.int64]], part: str
) -> npt.NDArray[np.object_]:
    """One part of each finding at the stations that it hits, one after the other, (all hits,)."""
    pairs = zip(found, hits, strict=True)
    return np.concatenate([getattr(finding, part)[rows] for finding, rows in pairs])


def _finding(
    rule: str,
    hit: npt.NDArray[np.bool_],
    verdict: npt.ArrayLike,
    figure: npt.ArrayLike = np.nan,
    limit: npt.ArrayLike = np.nan,
    name: npt.ArrayLike = "",
) -> Finding:
    """A rule's finding; what is the same for all stations is given once."""
    spread = [
        np.broadcast_to(np.asarray(part, dtype), hit.shape)
        for part, dtype in ((figure, np.float64), (limit, np.float64), (name, np.object_))
    ]
    return Finding(rule, np.where(hit, verdict, PASS).astype(np.int64), *spread)


def _distance(shapes: gpd.GeoDataFrame, table: pd.DataFrame) -> FloatArray:
    """Metres from each station to the nearest shape, (stations,); infinite where there is none."""
    if shapes.empty:
        return np.full(len(table), np.inf)
    places = shapely.points(table[F.X_M].to_numpy(), table[F.Y_M].to_numpy())
    ground = shapely.union_all(shapes.geometry.to_numpy())
    shapely.prepare(ground)
    return np.asarray(shapely.distance(places, ground))


def _in_keep_out(layers: Layers, scenario: Scenario, table: pd.DataFrame) -> Finding:
    """A keep-out forbids new stations; one that stands in it already is to be consulted on."""
    zones = layers.keep_outs[layers.keep_outs[F.KIND].isin(scenario.siting.keep_out_kinds)]
    verdict = np.where(table[F.STATE] == "candidate", FORBIDDEN, CONSULT)
    return _finding("keep_out", _distance(zones, table) <= 0, verdict)


def _airport_cap(scenario: Scenario, airport_m: FloatArray) -> FloatArray:
    """Highest top under the inner horizontal and conical surfaces, (stations,) m; NaN beyond."""
    rules = scenario.siting.rules
    beyond_inner_m = np.maximum(airport_m - rules.airport_inner_m, 0.0)
    cap_m = rules.airport_cap_m + rules.airport_slope * beyond_inner_m
    return np.where(airport_m <= rules.airport_outer_m, cap_m, np.nan)


def _above_cap(table: pd.DataFrame, cap_m: FloatArray) -> Finding:
    """No top stands above the surfaces of an airport."""
    top_m = table[F.HEIGHT_M].to_numpy(np.float64)
    is_above = top_m > np.nan_to_num(cap_m, nan=np.inf)
    return _finding("airport_cap", is_above, FORBIDDEN, top_m, cap_m)


def _near_approach(scenario: Scenario, table: pd.DataFrame, airport_m: FloatArray) -> Finding:
    """Every place at which an approach surface could be as low as the top.

    Where the runway ends is not known, so it could be on any side.
    """
    top_m = table[F.HEIGHT_M].to_numpy(np.float64)
    is_near = airport_m < 60.0 + top_m / scenario.siting.rules.approach_slope
    return _finding("airport_approach", is_near, CONSULT, airport_m, top_m)


def road_class(ref: str) -> str:
    """Class of a Chinese road by its number (GB/T 917); empty when it has none.

    One of expressway, national, provincial, county and township.
    """
    patterns = {
        "expressway": r"[GS](\d{1,2}|\d{4})",
        "national": r"G\d{3}",
        "provincial": r"S\d{3}",
        "county": r"X\d{3}",
        "township": r"Y\d{3}",
    }
    return next((name for name, pattern in patterns.items() if re.fullmatch(pattern, ref)), "")


def _near_road(scenario: Scenario, layers: Layers, table: pd.DataFrame) -> Finding:
    """Ground towers stand no nearer to a road's line than its setback.

    The line itself may be off by its accuracy.
    """
    setbacks = scenario.siting.rules.road_setback_m
    classes = layers.roads[F.REF].map(road_class)
    away_m: FloatArray = np.zeros(len(table))
    limit_m: FloatArray = np.zeros(len(table))
    for name in sorted(set(classes) & set(setbacks)):
        distance_m = _distance(layers.roads[classes == name], table)
        # of several roads, the one with the largest setback is named
        is_near = (distance_m < setbacks[name]) & (setbacks[name] > limit_m)
        away_m[is_near] = distance_m[is_near]
        limit_m[is_near] = setbacks[name]

    is_tower = table[F.SITE_TYPE].isin(GROUND_TOWERS).to_numpy()
    return _finding("road_setback", is_tower & (limit_m > 0), CALCULATE, away_m, limit_m)


def _on_ground(exposure: pd.DataFrame) -> Finding:
    """The power densities on the ground, each over its limit, sum to no more than 1."""
    share = exposure[F.GROUND_SHARE].to_numpy()
    return _finding("ground_density", share > 1.0, CALCULATE, share, 1.0)


def _near_sensitive(
    scenario: Scenario, layers: Layers, table: pd.DataFrame, exposure: pd.DataFrame
) -> Finding:
    """Exposure is calculated where a sensitive place is near, or as near as the limit is reached.

    How tall the place is, and where it looks, is not known: the longest distance counts all round.
    """
    rules = scenario.siting.rules
    places = layers.landmarks[layers.landmarks[F.KIND].isin(rules.sensitive_kinds)]
    if places.empty:
        return _finding("sensitive", np.zeros(len(table), dtype=np.bool_), PASS)

    tree = cKDTree(shapely.get_coordinates(places.geometry.to_numpy()))
    distance_m, nearest = tree.query(table[[F.X_M, F.Y_M]].to_numpy())
    names = places[F.NAME].to_numpy()[nearest]
    near_m = np.maximum(rules.sensitive_m, exposure[F.COMPLIANCE_M].to_numpy())
    is_near = np.asarray(distance_m <= near_m)
    return _finding("sensitive", is_near, CALCULATE, distance_m, near_m, names)
