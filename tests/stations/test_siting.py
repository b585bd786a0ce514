"""Siting and exposure rules on hand-placed stations: the verdict and the figure that decided it."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely

import planner
from planner import fields as F
from planner.demand import build_demand
from planner.layers import read_layers
from planner.model import Layers, Stations, tables
from planner.scenario import Scenario
from planner.stations import complete_stations, list_stations
from planner.stations.siting import judge_sites, road_class
from planner.words import language
from tests.frames import complete
from tests.toy import write_toy_county


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> tuple[Scenario, Layers, Stations]:
    scenario = Scenario.from_file(write_toy_county(tmp_path_factory.mktemp("toy")))
    layers = read_layers(scenario)
    return (
        scenario,
        layers,
        complete_stations(
            scenario, layers, build_demand(scenario, layers), list_stations(scenario, layers)
        ),
    )


def judged(
    case: tuple[Scenario, Layers, Stations], layers: Layers | None = None, **columns: object
) -> object:
    """The first station of the table, moved and changed as asked, as it is judged, with reasons."""
    scenario, own, stations = case
    table = stations.table.iloc[[0]].assign(**columns).reset_index(drop=True)
    table, findings = judge_sites(scenario, layers or own, table)
    texts = {
        code: [
            words(
                "siting_rule", row["rule"], **{key: row[key] for key in ("figure", "limit", "name")}
            )
            for row in findings.to_dict("records")
        ]
        for code, words in (("zh", language("zh")), ("en", language("en")))
    }
    assert set(findings[F.STATION_ID]) <= set(table[F.STATION_ID])
    return table.iloc[0].to_dict() | {
        "reason": "；".join(texts["zh"]),
        "reason_en": "; ".join(texts["en"]),
    }


def at(layers: Layers, east_m: float, north_m: float) -> dict[str, float]:
    west, south, _, _ = layers.boundary.total_bounds
    return {F.X_M: west + east_m, F.Y_M: south + north_m}


def airport(layers: Layers, east_m: float, north_m: float) -> Layers:
    place = at(layers, east_m, north_m)
    ground = shapely.Point(place[F.X_M], place[F.Y_M]).buffer(100, quad_segs=64)
    row = {F.KIND: "keep_out_airport", F.NAME: "机场", "geometry": ground}
    zone = gpd.GeoDataFrame([row], geometry="geometry", crs=layers.keep_outs.crs)
    return replace(layers, keep_outs=complete(tables.KEEP_OUTS, zone))


def test_a_mast_in_open_land_passes_with_its_figures(
    case: tuple[Scenario, Layers, Stations],
) -> None:
    station = judged(
        case, airport(case[1], 90_000, 0), **at(case[1], 500, 5_700), **{F.SITE_TYPE: "roof"}
    )
    assert station["siting_verdict"] == "pass" and station["reason"] == ""
    assert np.isnan(station["airport_cap_m"])
    assert 0 < station["ground_share"] < 1


@pytest.mark.parametrize(
    ("distance", "height", "verdict", "figure"),
    [
        (3_000, 46.0, "forbidden", "45 m"),  # above the inner horizontal surface
        (3_000, 44.0, "pass", ""),
        (5_000, 94.0, "pass", ""),  # the cone allows 45 + 5 % of 1,000 m = 95 m
        (5_000, 96.0, "forbidden", "95 m"),
        (6_500, 120.0, "pass", ""),
        (1_000, 25.0, "consult", "1000 m"),  # 60 + 25 / 2 % = 1,310 m
        (1_320, 25.0, "pass", ""),
    ],
)
def test_airport_surfaces(
    case: tuple[Scenario, Layers, Stations],
    distance: float,
    height: float,
    verdict: str,
    figure: str,
) -> None:
    layers = airport(case[1], 500 + distance + 100, 5_700)
    station = judged(
        case, layers, **at(case[1], 500, 5_700), **{F.HEIGHT_M: height, F.SITE_TYPE: "roof"}
    )
    assert station["siting_verdict"] == verdict, station["reason"]
    assert figure in station["reason"]


def test_a_keep_out_forbids_the_new_and_asks_about_the_old(
    case: tuple[Scenario, Layers, Stations],
) -> None:
    layers = airport(case[1], 500, 5_700)
    inside = at(case[1], 500, 5_700)
    assert judged(case, layers, **inside, **{F.STATE: "candidate"})["siting_verdict"] == "forbidden"
    assert judged(case, layers, **inside, **{F.STATE: "open"})["siting_verdict"] == "consult"


def test_setback_counts_for_ground_towers_only(case: tuple[Scenario, Layers, Stations]) -> None:
    layers = airport(case[1], 90_000, 0)
    road = layers.roads[layers.roads["ref"] == "G902"].geometry.iloc[0]  # a national road: 20 m
    place = road.interpolate(0.9, normalized=True)
    near = {F.X_M: place.x + 10, F.Y_M: place.y}
    assert road_class("G902") == "national"
    tower = judged(case, layers, **near, **{F.SITE_TYPE: "tower"})
    assert (
        tower["siting_verdict"] == "calculate"
        and "20 m" in tower["reason"]
        and "20 m" in tower["reason_en"]
    )
    assert judged(case, layers, **near, **{F.SITE_TYPE: "roof"})["siting_verdict"] == "pass"
    assert (
        judged(case, layers, **{**near, F.X_M: place.x + 25}, **{F.SITE_TYPE: "tower"})[
            "siting_verdict"
        ]
        == "pass"
    )


def test_a_school_next_door_is_named(case: tuple[Scenario, Layers, Stations]) -> None:
    layers = airport(case[1], 90_000, 0)
    here = at(layers, 500, 5_700)
    school = gpd.GeoDataFrame(
        [{F.NAME: "{0}小学", F.KIND: "school", F.BASIS: "evidence", F.SOURCE: ""}],
        geometry=[shapely.Point(here[F.X_M] + 40, here[F.Y_M])],
        crs=layers.boundary.crs,
    )
    station = judged(case, replace(layers, landmarks=school), **here, **{F.SITE_TYPE: "roof"})
    assert station["siting_verdict"] == "calculate"
    assert "{0}小学" in station["reason"] and "40 m" in station["reason"]


@pytest.mark.parametrize(
    ("ref", "name"),
    [
        ("G15", "expressway"),
        ("G1516", "expressway"),
        ("S9", "expressway"),
        ("G204", "national"),
        ("S331", "provincial"),
        ("X101", "county"),
        ("", ""),
        ("人民路", ""),
    ],
)
def test_road_class(ref: str, name: str) -> None:
    assert road_class(ref) == name


def test_limits_are_those_of_the_standard(case: tuple[Scenario, Layers, Stations]) -> None:
    scenario, layers, stations = case
    table = judge_sites(scenario, layers, stations.table)[0]
    by_band = table.groupby(F.BAND)["limit_w_m2"].first()
    assert by_band["n28"] == by_band["n41"] == 0.4
    assert by_band["n78"] == pytest.approx(3500 / 7500)
    # 200 W, 24 dBi, TDD 0.64, beams 0.25: r = sqrt(P G F / (4 pi S))
    expected = np.sqrt(200 * 10**2.4 * 0.64 * 0.25 / (4 * np.pi * 3500 / 7500))
    assert table[table[F.BAND] == "n78"]["compliance_m"].to_numpy() == pytest.approx(expected)
    assert planner.Scenario is not None
