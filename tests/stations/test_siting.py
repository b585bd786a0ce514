"""Siting and exposure rules on hand-placed stations: the verdict and the figure that decided it."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

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
    # one fifth, the management target: what each station may use of it
    fifth = judge_sites(scenario.replace(exposure={"limit_share": 0.2}), layers, stations.table)[0]
    assert fifth["limit_w_m2"].to_numpy() == pytest.approx(0.2 * table["limit_w_m2"].to_numpy())
    assert fifth["compliance_m"].to_numpy() == pytest.approx(
        np.sqrt(5) * table["compliance_m"].to_numpy()
    )


def two_stations(
    case: tuple[Scenario, Layers, Stations], **exposure: object
) -> tuple[object, Scenario]:
    """A site with a station of 3.5 GHz towards 0 degrees and one of 2.6 GHz towards 90."""
    scenario, layers, stations = case
    scenario = scenario.replace(exposure=exposure)
    table = stations.table
    site = table.groupby(F.SITE_ID)[F.BAND].agg(set).ge({"n41", "n78"}).idxmax()
    rows = table[(table[F.SITE_ID] == site) & table[F.BAND].isin(["n41", "n78"])]
    turns = rows[F.BAND].map({"n78": "0", "n41": "90"})
    rows = rows.assign(
        **{F.AZIMUTHS_DEG: turns, F.TILTS_DEG: "", F.TILT_DEG: 2.0, F.HEIGHT_M: 25.0}
    )
    return judge_sites(scenario, layers, rows.reset_index(drop=True))[0], scenario


def test_all_stations_of_a_site_add_up(case: tuple[Scenario, Layers, Stations]) -> None:
    """Both stand at the worst bearing, each 30 to 60 degrees off: panels of 105 degrees.

    n78: 200 W, 24 dBi, 64 % downlink, a quarter of it in one beam, over 3.5 / 7.5 W/m2; n41: 74 %,
    over 0.4 W/m2.
    """
    table, _ = two_stations(case, other_systems=0)
    bearing = table["worst_bearing_deg"].iloc[0]
    assert table["other_systems"].tolist() == ["none", "none"]
    assert (
        table[["compliance_m", "worst_bearing_deg", "ground_share"]].nunique().tolist() == [1] * 3
    )

    def share(duty: float, limit: float, off: float) -> float:
        axis = 200 * 10**2.4 * duty / (4 * np.pi * limit)
        return float(axis * 10 ** (-12 * (off / 105) ** 2 / 10))

    total = [
        share(0.64 * 0.25, 3.5 / 7.5, turn) + share(0.74 * 0.25, 0.4, turn - 90)
        for turn in range(91)
    ]
    assert table["compliance_m"].iloc[0] == pytest.approx(np.sqrt(max(total)), rel=1e-6)
    assert bearing == int(np.argmax(total))
    assert table["worst_height_m"].iloc[0] == pytest.approx(
        25 - np.sqrt(max(total)) * np.sin(np.radians(2))
    )


def test_other_generations_are_never_left_out_in_silence(
    case: tuple[Scenario, Layers, Stations],
) -> None:
    """No list tells of them: 4 systems of 80 W and 15 dBi on every sector of the first station."""
    without, _ = two_stations(case, other_systems=0)
    table, scenario = two_stations(case)
    asked = scenario.exposure
    assert (asked.other_systems, asked.other_power_w, asked.other_gain_dbi) == (4, 80.0, 15.0)
    assert set(table["other_systems"]) == {"allowed"}
    # n41 is the first by its id: the others look where it looks, at 90 degrees
    own = 200 * 10**2.4 * 0.74 * 0.25 / (4 * np.pi * 0.4)
    other = 4 * 80 * 10**1.5 / (4 * np.pi * 0.4)
    least, most = np.sqrt(own + other), np.sqrt(own + other + without["compliance_m"].iloc[0] ** 2)
    assert least < table["compliance_m"].iloc[0] < most
    assert table["ground_share"].iloc[0] > without["ground_share"].iloc[0]


def test_what_a_list_tells_of_other_generations_stands_in_the_place_of_the_allowance(
    case: tuple[Scenario, Layers, Stations],
) -> None:
    """Two systems on the site: one of 60 W towards 40 degrees, one without a power or azimuths.

    At 40 degrees the first has 60 x 10^1.5 / (4 pi 0.4) = 377.5 m2, all of it.
    """
    _, layers, _ = case
    table, scenario = two_stations(case)
    x_m, y_m = table[[F.X_M, F.Y_M]].iloc[0]
    rows = pd.DataFrame({
        F.SITE_ID: ["a", "b", "c"], F.X_M: [x_m + 20, x_m, x_m + 60], F.Y_M: [y_m, y_m, y_m],
        F.AZIMUTHS_DEG: ["40", "", "40"], F.TILTS_DEG: ["2", "", ""], F.SYSTEMS: [1, 1, 9],
        F.POWER_W: [60.0, np.nan, 999.0],
    })  # fmt: skip
    reach = {}
    for name, kept in (("first", rows[:1]), ("both", rows[:2]), ("far", rows)):
        listed = replace(layers, equipment=kept.reset_index(drop=True))
        judged_ = judge_sites(scenario, listed, table)[0]
        assert set(judged_["other_systems"]) == {"listed"}
        reach[name] = judged_["compliance_m"].iloc[0]
    assert reach["first"] < reach["both"] == reach["far"] < table["compliance_m"].iloc[0]

    def panel(duty: float, limit: float, off: float) -> float:
        axis = 200 * 10**2.4 * duty / (4 * np.pi * limit)
        return float(axis * 10 ** (-12 * (off / 105) ** 2 / 10))

    total = [
        panel(0.64 * 0.25, 3.5 / 7.5, turn)
        + panel(0.74 * 0.25, 0.4, turn - 90)
        + 377.5 * 10 ** (-12 * ((turn - 40) / 65) ** 2 / 10)
        for turn in range(91)
    ]
    assert reach["first"] == pytest.approx(np.sqrt(max(total)), rel=1e-4)


def test_a_measured_pattern_reaches_the_exposure(
    case: tuple[Scenario, Layers, Stations],
) -> None:
    """All round alike, both stations add up in full: r^2 is the sum of their squares."""
    scenario, layers, _ = case
    cuts = [(band, cut, 90.0 * i, 0.0) for band in ("n41", "n78")
            for cut in ("horizontal", "vertical") for i in range(4)]  # fmt: skip
    columns = [F.BAND, F.CUT, F.ANGLE_DEG, F.LOSS_DB]
    measured = replace(layers, antennas=pd.DataFrame(cuts, columns=columns))
    form, _ = two_stations(case, other_systems=0)
    table, _ = two_stations((scenario, measured, case[2]), other_systems=0)
    axes = [200 * 10**2.4 * duty / (4 * np.pi * limit)
            for duty, limit in ((0.16, 3.5 / 7.5), (0.185, 0.4))]  # fmt: skip
    assert table["compliance_m"].iloc[0] == pytest.approx(np.sqrt(sum(axes)))
    assert table["ground_share"].iloc[0] > form["ground_share"].iloc[0]


def test_a_sensitive_place_within_the_reach_of_the_field_is_calculated(
    case: tuple[Scenario, Layers, Stations],
) -> None:
    layers = airport(case[1], 90_000, 0)
    here = at(layers, 500, 5_700)
    reach = judged(case, layers, **here, **{F.SITE_TYPE: "roof"})["compliance_m"]
    assert reach > 50
    for away, verdict in ((reach - 0.5, "calculate"), (reach + 0.5, "pass")):
        hospital = gpd.GeoDataFrame(
            [{F.NAME: "医院", F.KIND: "hospital", F.BASIS: "evidence", F.SOURCE: ""}],
            geometry=[shapely.Point(here[F.X_M] + away, here[F.Y_M])],
            crs=layers.boundary.crs,
        )
        near = judged(case, replace(layers, landmarks=hospital), **here, **{F.SITE_TYPE: "roof"})
        assert near["siting_verdict"] == verdict
