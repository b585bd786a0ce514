"""The work CRS against the place: areas of a district are those on the ground, wherever it lies."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from pyproj import Geod

import planner
from planner import crs
from planner import fields as F
from planner.errors import Notice, ScenarioError
from planner.layers import look_at_layers, read_layers
from planner.model import Plan
from planner.scenario import Scenario
from tests import toy

PLACES = {
    "Tinghu": (120.1, 33.4),
    "Urumqi": (87.6, 43.8),
    "Iceland": (-20.3, 64.1),
    "Blue Mountains": (150.2, -33.5),
    "Quito": (-78.5, -0.03),
}
"""Lower left corners, degrees."""


def county_at(folder: Path, place: str, work_crs: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The toy county at another place, kilometre for kilometre."""
    lon, lat = PLACES[place]
    degrees_per_km = (1 / (111.32 * math.cos(math.radians(lat))), 1 / 110.92)
    monkeypatch.setattr(toy, "ORIGIN", (lon, lat))
    monkeypatch.setattr(toy, "DEGREES_PER_KM", degrees_per_km)
    return toy.write_toy_county(folder, district={"work_crs": work_crs})


def notices_about(path: Path) -> list[Notice]:
    """What is said of the work CRS, and every error."""
    _, findings, _ = look_at_layers(Scenario.from_file(path))
    return [
        notice
        for notice in findings.notices
        if notice.severity == "E" or notice.code.startswith(("work_crs", "district_too_wide"))
    ]


@pytest.mark.parametrize("place", PLACES)
def test_unset_is_true_to_the_ground_everywhere(
    tmp_path: Path, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = Scenario.from_file(county_at(tmp_path, place, "", monkeypatch))
    layers = read_layers(scenario)
    assert [notice.code for notice in layers.notices if notice.column == "district.work_crs"] == [
        "work_crs_local"
    ]

    # the areas on the ellipsoid know no projection
    on_ground = layers.areas.to_crs(F.WGS84).geometry
    geod = Geod(ellps="WGS84")
    for drawn, shape in zip(layers.areas.geometry.area, on_ground, strict=True):
        assert drawn == pytest.approx(abs(geod.geometry_area_perimeter(shape)[0]), rel=1e-5)


@pytest.mark.parametrize("place", ["Urumqi", "Blue Mountains"])
def test_a_plan_names_the_crs_it_was_worked_in_and_is_read_back_in_it(
    tmp_path: Path, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = county_at(tmp_path / "county", place, "", monkeypatch)
    scenario = Scenario.from_file(path)
    planner.solve(planner.build(scenario)).save(tmp_path / "out")

    plan = Plan.load(tmp_path / "out")
    named = plan.scenario.district.work_crs
    assert crs.is_local_crs(named)
    assert plan.layers.boundary.crs.name in named
    assert planner.build(plan.scenario, layers=plan.layers).scenario.district.work_crs == named

    # one that names none takes that of the layers it is given, one that names another is refused
    unset = planner.build(scenario, layers=plan.layers)
    assert unset.scenario.district.work_crs == named
    with pytest.raises(ScenarioError, match="read the layers again"):
        planner.build(scenario.replace(district={"work_crs": "EPSG:4549"}), layers=plan.layers)


def test_layers_of_a_code_give_that_code_to_a_scenario_without(tmp_path: Path) -> None:
    named = Scenario.from_file(toy.write_toy_county(tmp_path))
    unset = named.replace(district={"work_crs": ""})
    model = planner.build(unset, layers=read_layers(named))
    assert model.scenario.district.work_crs == "EPSG:4549"


@pytest.mark.parametrize(
    ("place", "code", "amiss", "better"),
    [
        ("Tinghu", 3857, "areas 1.43", "EPSG:4549"),
        ("Tinghu", 32601, "areas 2.2", "EPSG:4549"),
        # areas are true, lengths are not
        ("Tinghu", 6933, "areas 1.0000", "EPSG:4549"),
        ("Tinghu", 5514, "areas inf", "EPSG:4549"),
        ("Tinghu", 2263, "US survey foot", "EPSG:4549"),
        ("Tinghu", 4326, "Geographic 2D CRS", "EPSG:4549"),
        ("Tinghu", 4978, "Geocentric CRS", "EPSG:4549"),
        ("Tinghu", 5773, "Vertical CRS", "EPSG:4549"),
        ("Tinghu", 9705, "Compound CRS", "EPSG:4549"),
        ("Tinghu", 2053, "south / west", "EPSG:4549"),
        ("Tinghu", 3031, "north / north", "EPSG:4549"),
        ("Tinghu", 999999, "no such CRS", "EPSG:4549"),
        ("Urumqi", 4549, "1.0839 - 1.0846", "EPSG:4538"),
        ("Iceland", 4549, "not true", "EPSG:32627"),
        ("Blue Mountains", 32656, "work_crs", ""),
        ("Blue Mountains", 32654, "not true", "EPSG:32756"),
    ],
)
def test_what_does_not_fit_is_refused_and_a_better_one_named(
    tmp_path: Path,
    place: str,
    code: int,
    amiss: str,
    better: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    notices = notices_about(county_at(tmp_path, place, f"EPSG:{code}", monkeypatch))
    if not better:
        assert notices == []
        return
    (notice,) = notices
    assert notice.severity == "E"
    assert notice.value == f"EPSG:{code}"
    assert amiss in notice.en
    assert better in notice.fix_zh
    assert better in notice.fix_en
    assert "leave it empty" in notice.fix_en

    # what is named is taken without a word
    assert notices_about(county_at(tmp_path, place, better, monkeypatch)) == []


def test_up_to_two_in_a_thousand_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # the zone beside that of the place: its meridian lies 3.5 degrees off
    (warned,) = notices_about(county_at(tmp_path, "Quito", "EPSG:32718", monkeypatch))
    assert warned.severity == "W"
    assert "1.0014 - 1.0015" in warned.en
    assert "EPSG:32717" in warned.fix_en


def test_a_text_that_names_a_file_or_an_address_is_never_opened(tmp_path: Path) -> None:
    scenario = Scenario.from_file(toy.write_toy_county(tmp_path))
    local = crs.local_crs(120.1, 33.4)
    for text in (
        "+proj=tmerc +nadgrids=@/etc/passwd +type=crs",
        local.replace(" +units", " +nadgrids=@/etc/passwd +units"),
        local.replace("120.10", "120.1"),
        local + " +nadgrids=@x",
        local + "\n",
        "urn:ogc:def:crs:EPSG::4549",
        "/etc/passwd.prj",
        "https://example.org/crs.prj",
        "EPSG:4549+5773",
        "EPSG:４５４９",
        "ESRI:102025",
        "epsg:4549",
    ):
        with pytest.raises(ScenarioError, match="EPSG:4549；留空"):
            scenario.replace(district={"work_crs": text})
    assert scenario.replace(district={"work_crs": local}).district.work_crs == local


def test_the_centre_is_the_same_whichever_way_the_last_digits_fall() -> None:
    names = {crs.local_crs(87.625 + d, -43.805 + d) for d in (0.0, 1e-9, -1e-9, 5e-9)}
    assert len(names) == 1
    assert "=-0.00" not in crs.local_crs(-0.001, -0.001)
