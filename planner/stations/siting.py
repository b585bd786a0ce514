"""Siting and exposure rules: a verdict for every station with the figure that decided it. Nothing is removed.

Flat land without buildings is assumed: where a case has no table of sensitive buildings, exposure is judged on the
ground only. Rules and figures: :class:`planner.scenario.SitingRules`, :class:`planner.radio.ExposureParameters`.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from planner import fields as F
from planner import radio
from planner.model import FloatArray, Layers, Stations
from planner.scenario import Scenario

PASS, CALCULATE, CONSULT, FORBIDDEN = range(4)
GROUND_TOWERS = ("tower", "pole")
_GROUND_M = np.concatenate([np.arange(1.0, 100.0, 1.0), np.arange(100.0, 1000.0, 10.0)])


class Finding(NamedTuple):
    """One rule applied to all stations: how hard it hits each (0 = not), and what to say of it."""

    verdict: npt.NDArray[np.int64]
    zh: npt.NDArray[Any]
    en: npt.NDArray[Any]


def judge_sites(scenario: Scenario, layers: Layers, stations: Stations) -> Stations:
    """Check every station against the siting and exposure rules.

    Parameters
    ----------
    scenario
        Its ``siting.rules`` and ``exposure``.
    layers
        Keep-outs, roads and landmarks.
    stations
        With sectors.

    Returns
    -------
    Stations
        With ``siting_verdict`` (通过, 需核算, 需征求意见, 禁止; the strictest of all rules), ``siting_reason`` and
        ``siting_reason_en`` (every rule that was hit, with its figure), ``limit_w_m2, compliance_m`` (on the beam
        axis), ``ground_share`` (highest power density on the ground over the limit), ``airport_cap_m`` (NaN beyond
        the surfaces).
    """
    table = stations.table
    exposure = _exposure(scenario, layers, table)
    airport_m = _distance(layers.keep_outs[layers.keep_outs[F.KIND] == "keep_out_airport"], table)
    cap = _airport_cap(scenario, airport_m)
    findings = [
        _in_keep_out(layers, scenario, table),
        _above_cap(table, cap),
        _near_approach(scenario, table, airport_m),
        _near_road(scenario, layers, table),
        _on_ground(exposure),
        _near_sensitive(scenario, layers, table),
    ]
    worst = np.max([finding.verdict for finding in findings], axis=0)
    judged = table.assign(
        siting_verdict=[radio.VERDICTS[v][0] for v in worst],
        siting_reason=_joined([(f.verdict, f.zh) for f in findings], "；"),
        siting_reason_en=_joined([(f.verdict, f.en) for f in findings], "; "),
        airport_cap_m=cap,
        **{str(name): exposure[name].to_numpy() for name in exposure},
    )
    return Stations(judged, stations.fixed)


def _joined(parts: list[tuple[npt.NDArray[np.int64], npt.NDArray[Any]]], mark: str) -> list[str]:
    hits = [np.where(verdict > PASS, words, "") for verdict, words in parts]
    return [mark.join(word for word in row if word) for row in zip(*hits, strict=True)]


def _finding(hit: npt.NDArray[np.bool_], verdict: npt.ArrayLike, zh: str, en: str, *figures: npt.ArrayLike) -> Finding:
    """A rule's finding; ``{}`` in the words is filled with the station's own figures."""

    def said(template: str) -> npt.NDArray[Any]:
        rows = zip(*figures, strict=True) if figures else ((),) * len(hit)
        return np.array([template.format(*row) for row in rows], dtype=object)

    return Finding(np.where(hit, verdict, PASS).astype(np.int64), said(zh), said(en))


def _distance(shapes: gpd.GeoDataFrame, table: pd.DataFrame) -> FloatArray:
    """Metres from each station to the nearest shape; infinite where there is none."""
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
    return _finding(_distance(zones, table) <= 0, verdict, "位于禁建区内", "inside a keep-out")


def _airport_cap(scenario: Scenario, airport_m: FloatArray) -> FloatArray:
    """Highest top under the inner horizontal and conical surfaces, m; NaN beyond them."""
    rules = scenario.siting.rules
    cap = rules.airport_cap_m + rules.airport_slope * np.maximum(airport_m - rules.airport_inner_m, 0.0)
    return np.where(airport_m <= rules.airport_outer_m, cap, np.nan)


def _above_cap(table: pd.DataFrame, cap: FloatArray) -> Finding:
    top = table[F.HEIGHT_M].to_numpy(np.float64)
    zh, en = "天线顶高 {:.0f} m 超过机场限高 {:.0f} m", "top at {:.0f} m above the airport's cap of {:.0f} m"
    return _finding(top > np.nan_to_num(cap, nan=np.inf), FORBIDDEN, zh, en, top, cap)


def _near_approach(scenario: Scenario, table: pd.DataFrame, airport_m: FloatArray) -> Finding:
    """Where the runway ends are not known: every place at which an approach surface could be as low as the top."""
    top = table[F.HEIGHT_M].to_numpy(np.float64)
    hit = airport_m < 60.0 + top / scenario.siting.rules.approach_slope
    zh = "距机场 {:.0f} m，跑道端点未知，进近面可能低于天线顶高 {:.0f} m"
    en = "{:.0f} m from the airport: without the runway ends an approach surface may lie below the top at {:.0f} m"
    return _finding(hit, CONSULT, zh, en, airport_m, top)


def road_class(ref: str) -> str:
    """Class of a Chinese road by its number (GB/T 917): expressway, national, provincial, county, township or empty."""
    patterns = {
        "expressway": r"[GS](\d{1,2}|\d{4})", "national": r"G\d{3}", "provincial": r"S\d{3}", "county": r"X\d{3}",
        "township": r"Y\d{3}",
    }  # fmt: skip
    return next((name for name, pattern in patterns.items() if re.fullmatch(pattern, ref)), "")


def _near_road(scenario: Scenario, layers: Layers, table: pd.DataFrame) -> Finding:
    """Ground towers nearer to a road's line than its setback; the line itself may be off by its accuracy."""
    setback = scenario.siting.rules.road_setback_m
    classes = layers.roads["ref"].map(road_class)
    short: FloatArray = np.full(len(table), np.nan)
    limit: FloatArray = np.zeros(len(table))
    for name in sorted(set(classes) & set(setback)):
        distance = _distance(layers.roads[classes == name], table)
        hit = (distance < setback[name]) & (setback[name] > limit)
        short[hit], limit[hit] = distance[hit], setback[name]
    hit = table[F.SITE_TYPE].isin(GROUND_TOWERS).to_numpy() & (limit > 0)
    zh = "距公路中线 {:.0f} m，小于退让 {:.0f} m"
    en = "{:.0f} m from the line of a road, less than the setback of {:.0f} m"
    return _finding(hit, CALCULATE, zh, en, np.nan_to_num(short), limit)


def _exposure(scenario: Scenario, layers: Layers, table: pd.DataFrame) -> pd.DataFrame:
    """Limit, compliance distance on the axis, and the highest share of the limit on the ground, by kind of station."""
    number, kinds = pd.factorize(pd.MultiIndex.from_frame(table[[F.BAND, F.HEIGHT_M, "tilt_deg"]]))
    figures = [_kind_exposure(scenario, layers, *kind) for kind in kinds]
    columns = ["limit_w_m2", "compliance_m", "ground_share"]
    return pd.DataFrame(figures, columns=columns).iloc[number].reset_index(drop=True)


def _kind_exposure(
    scenario: Scenario, layers: Layers, name: str, height_m: float, tilt_deg: float
) -> tuple[float, float, float]:
    band = scenario.bands[name]
    steered = band.traffic_gain_dbi > band.beam_gain_dbi
    duty = band.dl_share * (scenario.exposure.beam_share if steered else 1.0)
    limit = float(radio.exposure_limit(band.f_ghz)) * scenario.exposure.limit_share
    compliance = float(radio.compliance_distance(band.power_w, band.traffic_gain_dbi, limit, duty))
    drop = height_m - scenario.radio.h_ut_m
    loss = radio.attenuation(
        layers.antenna_of(scenario, name), 0.0, np.degrees(np.arctan2(drop, _GROUND_M)), electrical_tilt_deg=tilt_deg
    )
    density = radio.power_density(np.hypot(_GROUND_M, drop), band.power_w, band.traffic_gain_dbi + loss, duty)
    return limit, compliance, float(density.max()) / limit


def _on_ground(exposure: pd.DataFrame) -> Finding:
    share = exposure["ground_share"].to_numpy()
    zh, en = "地面最大功率密度为限值的 {:.2f} 倍", "{:.2f} times the limit of power density on the ground"
    return _finding(share > 1.0, CALCULATE, zh, en, share)


def _near_sensitive(scenario: Scenario, layers: Layers, table: pd.DataFrame) -> Finding:
    rules = scenario.siting.rules
    places = layers.landmarks[layers.landmarks[F.KIND].isin(rules.sensitive_kinds)]
    if places.empty:
        return _finding(np.zeros(len(table), dtype=np.bool_), PASS, "", "")
    tree = cKDTree(shapely.get_coordinates(places.geometry.to_numpy()))
    distance, nearest = tree.query(table[[F.X_M, F.Y_M]].to_numpy())
    names = places[F.NAME].to_numpy()[nearest]
    zh, en = "距敏感建筑“{0}” {1:.0f} m（高度未知）", "{1:.0f} m from the sensitive building {0} (height unknown)"
    return _finding(np.asarray(distance <= rules.sensitive_m), CALCULATE, zh, en, names, distance)
