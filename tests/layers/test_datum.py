"""Coordinates in any datum and CRS: the declared are converted, others told or asked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from scipy.spatial import cKDTree

import tests.toy as toy
from planner import fields as F
from planner.crs import convert, local_crs, project
from planner.errors import Notice
from planner.layers import datum as told
from planner.layers import look_at_layers, packaged_case, read_layers
from planner.layers.datum import HYPOTHESES, References, judge, stake_out
from planner.model import Layers
from planner.scenario import Scenario

EXACT_DEGREES = 1e-7
Frame = pd.DataFrame
Change = Callable[[Frame], Frame]


@pytest.fixture
def county(tmp_path: Path) -> Path:
    toy.write_toy_county(tmp_path)
    return tmp_path


def look(folder: Path, **inputs: Any) -> tuple[Layers | None, list[Notice]]:
    heads = {axis: [f"{datum}{axis_zh}" for datum in ("高德", "百度", "WGS84")]
             for axis, axis_zh in (("lon", "经度"), ("lat", "纬度"))}  # fmt: skip
    scenario = Scenario.from_file(folder / "scenario.yaml")
    scenario = scenario.replace(inputs=inputs, aliases=heads)
    layers, findings, _ = look_at_layers(scenario)
    return layers, list(findings.notices)


def of_code(notices: list[Notice], *codes: str) -> list[Notice]:
    return [notice for notice in notices if notice.code in codes]


def codes(notices: list[Notice], start: str = "") -> set[str]:
    return {notice.code for notice in notices if notice.code.startswith(start)}


def list_again(folder: Path, change: Change, **entry: Any) -> dict[str, Any]:
    """The sites as another list, which no manifest knows; the key under which it is named."""
    frame = pd.read_csv(folder / "sites.csv", dtype=str)
    frame[["lon", "lat"]] = frame[["lon", "lat"]].astype(float)
    change(frame).to_csv(folder / "listed.csv", index=False)
    return {"sites": {"file": "listed.csv", **entry}}


def in_datum(datum: Any) -> Change:
    def changed(frame: Frame) -> Frame:
        frame["lon"], frame["lat"] = convert(frame["lon"], frame["lat"], "wgs84", datum)
        return frame

    return changed


def in_crs(crs: str, *, north_first: bool = False) -> Change:
    def changed(frame: Frame) -> Frame:
        x, y = project(frame["lon"], frame["lat"], "EPSG:4326", crs)
        frame["lon"], frame["lat"] = (y, x) if north_first else (x, y)
        return frame

    return changed


def with_first(crs: str, change: Change) -> Change:
    """All rows in a CRS, but the first one as ``change`` has it."""

    def changed(frame: Frame) -> Frame:
        own = change(frame.iloc[:1].copy())[["lon", "lat"]]
        frame = in_crs(crs)(frame)
        frame.loc[frame.index[:1], ["lon", "lat"]] = own
        return frame

    return changed


def assert_sites_stand(layers: Layers | None, folder: Path) -> None:
    assert layers is not None
    there = pd.read_csv(folder / "sites.csv").set_index(F.SITE_ID)[["lon", "lat"]].sort_index()
    here = layers.sites.set_index(F.SITE_ID)[[F.LON, F.LAT]].sort_index()
    assert len(here) == len(there)
    assert np.abs(here.to_numpy() - there.to_numpy()).max() <= EXACT_DEGREES


# --- declared ------------------------------------------------------------------------------------


@pytest.mark.parametrize("datum", ["wgs84", "cgcs2000", "gcj02", "bd09"])
def test_a_datum_declared_of_a_file_is_converted_exactly(county: Path, datum: Any) -> None:
    layers, notices = look(county, **list_again(county, in_datum(datum), datum=datum))
    assert_sites_stand(layers, county)
    assert not codes(notices, "datum_")


@pytest.mark.parametrize("north_first", [False, True])
@pytest.mark.parametrize(
    "crs", ["EPSG:4490", "EPSG:4549", "EPSG:4528", "EPSG:4509", "EPSG:32650", "EPSG:3857"]
)
def test_any_crs_is_converted_exactly_in_either_order_of_axes(
    county: Path, crs: str, north_first: bool
) -> None:
    change = in_crs(crs, north_first=north_first)
    layers, notices = look(county, **list_again(county, change, crs=crs))
    assert_sites_stand(layers, county)
    assert bool(of_code(notices, "axes_swapped")) == north_first
    assert not codes(notices, "coordinate_")


def test_the_manifest_may_name_an_epsg_code(county: Path) -> None:
    named = list_again(county, in_crs("EPSG:4549"))
    with (county / "MANIFEST.csv").open("a", encoding="utf-8") as stream:
        stream.write("listed.csv,survey,2020,MIT,0 m,EPSG:4549,synthetic,\n")
    layers, _ = look(county, **named)
    assert_sites_stand(layers, county)


def test_each_row_may_say_its_own_datum(county: Path) -> None:
    words = ["GCJ-02", "百度", "", "WGS84", "国家2000", "高德"]
    datums = ["gcj02", "bd09", "wgs84", "wgs84", "wgs84", "gcj02"]

    def changed(frame: Frame) -> Frame:
        for row in frame.index:
            datum: Any = datums[row % 6]
            lon, lat = convert(frame.at[row, "lon"], frame.at[row, "lat"], "wgs84", datum)
            frame.loc[row, ["lon", "lat"]] = float(lon), float(lat)
        return frame.assign(坐标系=[words[row % 6] for row in frame.index])

    layers, notices = look(county, **list_again(county, changed, datum="wgs84"))
    assert_sites_stand(layers, county)
    assert {n.column for n in of_code(notices, "datum_suspected")} == {"坐标系"}


def test_each_row_may_name_its_own_crs(county: Path) -> None:
    crs = {0: "EPSG:4549", 1: "epsg:32650", 2: "EPSG:4490"}

    def changed(frame: Frame) -> Frame:
        parts = [in_crs(crs[own])(part.copy()).assign(坐标系=crs[own])
                 if own in crs else in_datum("gcj02")(part.copy()).assign(坐标系="高德")
                 for own, part in frame.groupby(frame.index % 4)]  # fmt: skip
        return pd.concat(parts).sort_index()

    layers, notices = look(county, datum="", **list_again(county, changed))
    assert_sites_stand(layers, county)
    assert not codes(notices, "datum_") | codes(notices, "coordinate_")


def test_a_row_of_a_crs_that_does_not_exist_is_refused_alone(county: Path) -> None:
    def changed(frame: Frame) -> Frame:
        return frame.assign(坐标系=["EPSG:999999", *["WGS84"] * (len(frame) - 1)])

    layers, notices = look(county, datum="", **list_again(county, changed))
    (one,) = of_code(notices, "crs_unknown")
    assert (one.value, one.column, one.line) == ("EPSG:999999", "坐标系", 2)
    assert layers is not None
    assert len(layers.sites) == len(pd.read_csv(county / "sites.csv")) - 1


def test_a_row_of_a_datum_that_nobody_knows_is_refused_alone(county: Path) -> None:
    def changed(frame: Frame) -> Frame:
        return frame.assign(坐标系=["北京54", *["WGS84"] * (len(frame) - 1)])

    _, notices = look(county, datum="", **list_again(county, changed))
    (one,) = of_code(notices, "datum_unknown")
    assert (one.line, one.column, one.value) == (2, "坐标系", "北京54")


@pytest.mark.parametrize(
    ("heads", "datum"),
    [(("高德经度", "高德纬度"), "gcj02"), (("百度经度", "百度纬度"), "bd09"),
     (("WGS84经度", "WGS84纬度"), "wgs84"), (("经度(GCJ-02)", "纬度(GCJ-02)"), "gcj02")],
)  # fmt: skip
def test_heads_say_the_datum_of_their_columns(
    county: Path, heads: tuple[str, str], datum: Any
) -> None:
    def changed(frame: Frame) -> Frame:
        return in_datum(datum)(frame).rename(columns=dict(zip(("lon", "lat"), heads, strict=True)))

    layers, notices = look(county, datum="", **list_again(county, changed))
    assert_sites_stand(layers, county)
    (one,) = of_code(notices, "datum_named")
    assert one.column == " / ".join(heads)
    assert datum in one.en


def test_what_is_declared_stands_and_the_doubt_is_said(county: Path) -> None:
    layers, notices = look(county, **list_again(county, along_roads("gcj02"), datum="wgs84"))
    (one,) = of_code(notices, "datum_contradicted")
    assert (one.severity, one.file) == ("W", "listed.csv")
    assert "gcj02" in one.en
    assert "m from the nearest road" in one.en
    assert layers is not None
    written = pd.read_csv(county / "listed.csv").set_index(F.SITE_ID)
    read = layers.sites.set_index(F.SITE_ID)
    assert len(read) > 100
    assert np.abs(read[F.LON] - written.loc[read.index, "lon"]).max() <= EXACT_DEGREES


# --- projected, and nobody says how --------------------------------------------------------------


@pytest.mark.parametrize("north_first", [False, True])
@pytest.mark.parametrize("crs", ["EPSG:4528", "EPSG:4498"])
def test_a_zone_prefix_that_leads_here_is_taken_and_said(
    county: Path, crs: str, north_first: bool
) -> None:
    named = list_again(county, in_crs(crs, north_first=north_first))
    layers, notices = look(county, datum="", **named)
    assert_sites_stand(layers, county)
    (one,) = of_code(notices, "projected_by_zone")
    assert crs in one.en
    assert one.severity == "W"


@pytest.mark.parametrize(
    "other",
    [in_crs("EPSG:4549"), in_crs("EPSG:4526"), in_datum("wgs84")],
    ids=["no-prefix", "another-prefix", "degrees"],
)
def test_a_row_of_another_zone_is_refused_alone(county: Path, other: Change) -> None:
    named = list_again(county, with_first("EPSG:4528", other))
    layers, notices = look(county, datum="", **named)
    (one,) = of_code(notices, "zone_of_other_rows")
    assert (one.severity, one.line) == ("E", 2)
    assert layers is not None
    assert len(layers.sites) == len(pd.read_csv(county / "sites.csv")) - 1
    assert not of_code(notices, "projected_without_crs")


@pytest.mark.parametrize("crs", ["EPSG:4549", "EPSG:4509"])
def test_metres_without_a_prefix_are_asked_for_with_the_zone_that_fits(
    county: Path, crs: str
) -> None:
    _, notices = look(county, **list_again(county, in_crs(crs, north_first=True)))
    (one,) = of_code(notices, "projected_without_crs")
    assert one.severity == "E"
    assert f"crs: {crs}" in one.fix_en


def test_a_prefix_that_leads_elsewhere_is_not_taken(county: Path) -> None:
    _, notices = look(county, **list_again(county, in_crs("EPSG:4526")))
    assert of_code(notices, "projected_by_zone") == []

    def moved(frame: Frame) -> Frame:
        frame = in_crs("EPSG:4528")(frame)
        frame["lon"] -= 2_000_000
        return frame

    _, notices = look(county, **list_again(county, moved))
    assert of_code(notices, "projected_without_crs")
    assert of_code(notices, "projected_by_zone") == []


def test_a_crs_that_does_not_exist_is_named(county: Path) -> None:
    _, notices = look(county, **list_again(county, in_crs("EPSG:4549"), crs="EPSG:999999"))
    assert {(n.file, n.value) for n in of_code(notices, "crs_unknown")} == {
        ("listed.csv", "EPSG:999999")
    }


# --- not declared --------------------------------------------------------------------------------


def along_roads(datum: Any) -> Change:
    """A list of sites 10 m beside the county's roads and streets, in a datum."""

    def changed(frame: Frame) -> Frame:
        draw = np.random.default_rng(3)
        lines = [shapely.LineString([(0, 1.0), (4, 1.0), (8, 1.176)]),
                 shapely.LineString([(3.0, 0), (3.0, 6)]),
                 shapely.LineString([(1.6, 2.2), (4.4, 2.2), (4.4, 4.8), (7.4, 5.2)])]  # fmt: skip
        lines += [shapely.LineString([(2.0, y), (4.0, y)]) for y in (2.9, 3.5, 4.1)]
        on = [shapely.line_interpolate_point(line, at) for line in lines
              for at in np.sort(draw.uniform(0.1, line.length - 0.1, 20))]  # fmt: skip
        places = [toy.degrees(point.x + 0.007, point.y + 0.007) for point in on]
        many = pd.concat([frame.iloc[:1]] * len(places), ignore_index=True)
        many["site_id"] = [f"R{i:03d}" for i in range(len(many))]
        many["name"] = many["site_id"]
        many["lon"], many["lat"] = convert(*np.array(places).T, "wgs84", datum)
        return many

    return changed


@pytest.mark.parametrize("datum", HYPOTHESES)
def test_a_list_beside_the_roads_is_told_and_converted(county: Path, datum: Any) -> None:
    layers, notices = look(county, datum="", **list_again(county, along_roads(datum)))
    (one,) = of_code(notices, "datum_detected")
    assert one.severity == "W"
    assert f"told to be {datum}" in one.en
    assert layers is not None
    true = along_roads("wgs84")(pd.read_csv(county / "sites.csv", dtype=str))
    found = layers.sites.set_index(F.SITE_ID).loc[true["site_id"]]
    assert np.abs(found[F.LON].to_numpy() - true["lon"].to_numpy()).max() <= EXACT_DEGREES
    assert np.abs(found[F.LAT].to_numpy() - true["lat"].to_numpy()).max() <= EXACT_DEGREES


def test_a_list_that_nothing_tells_is_asked_about(county: Path) -> None:
    _, notices = look(county, datum="", **list_again(county, in_datum("gcj02")))
    (one,) = of_code(notices, "datum_undeclared")
    assert (one.severity, one.file) == ("E", "listed.csv")
    assert all(word in one.fix_en for word in ("inputs", "wgs84", "gcj02", "bd09", "坐标系"))
    assert all(f"as {datum}:" in one.en for datum in HYPOTHESES)


def test_a_list_is_told_by_the_same_numbers_in_another_file(county: Path) -> None:
    frame = in_datum("bd09")(pd.read_csv(county / "sites.csv")).assign(site_type="tower")
    frame.drop_duplicates("site_id").to_csv(county / "more.csv", index=False)
    _, notices = look(county, datum="", candidates="more.csv")
    (one,) = of_code(notices, "datum_detected")
    assert "told to be bd09" in one.en
    assert "0 m from the same names" in one.en


def test_one_shift_of_all_rows_is_no_datum(county: Path) -> None:
    frame = pd.read_csv(county / "sites.csv").assign(site_type="tower")
    frame["lat"] += 0.002
    frame.to_csv(county / "more.csv", index=False)
    _, notices = look(county, candidates={"file": "more.csv", "datum": "wgs84"})
    (one,) = of_code(notices, "places_shifted")
    assert "+0 m east and -222 m north" in one.en
    assert not of_code(notices, "datum_contradicted")


def test_outside_china_nothing_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(toy, "ORIGIN", (10.4, 55.3))
    toy.write_toy_county(tmp_path, district={"work_crs": ""}, inputs={"datum": "", "manifest": ""})
    layers, notices = look(tmp_path)
    assert layers is not None
    assert not codes(notices, "datum_")
    assert_sites_stand(layers, tmp_path)


@pytest.mark.parametrize("datum", HYPOTHESES)
def test_a_list_is_told_by_areas_and_people_alone(county: Path, datum: Any) -> None:
    def across_the_areas(frame: Frame) -> Frame:
        draw = np.random.default_rng(5)
        core = draw.uniform((2.02, 2.52), (3.98, 4.48), (150, 2))
        places = [toy.degrees(*place) for place in core]
        many = pd.concat([frame.iloc[:1]] * len(places), ignore_index=True)
        many["site_id"] = [f"A{i:03d}" for i in range(len(many))]
        many["name"] = many["site_id"]
        many["lon"], many["lat"] = convert(*np.array(places).T, "wgs84", datum)
        return many

    named = list_again(county, across_the_areas)
    _, notices = look(county, datum="", roads="", streets="", population={
        "file": "population.csv", "datum": "wgs84"}, **named)  # fmt: skip
    (one,) = of_code(notices, "datum_detected")
    assert f"told to be {datum}" in one.en
    assert f"as {datum}: 100.0 % in the areas, 100.0 % where people live, 0.0 % beyond" in one.en
    assert "100.0% 在建成区等面域内，100.0% 在人口密集处" in one.zh


def test_a_short_list_of_a_false_datum_is_questioned(county: Path) -> None:
    def short(frame: Frame) -> Frame:
        return along_roads("bd09")(frame).iloc[::8]

    _, notices = look(county, **list_again(county, short, datum="wgs84"))
    (one,) = of_code(notices, "datum_contradicted")
    assert "bd09" in one.en


# --- the judge, on made districts ----------------------------------------------------------------

PLACES = [(87.6, 43.8), (113.3, 23.1), (126.6, 45.8)]
"""Far apart, so that the datums lie off one another by other ways."""


def made_district(lon: float, lat: float, draw: np.random.Generator) -> References:
    """Twelve towns with people in their middles, and nine lakes, in a square of 20 km."""
    work_crs = local_crs(lon, lat)
    towns = draw.uniform(-8500.0, 8500.0, (12, 2))
    areas = [shapely.Point(*town).buffer(draw.uniform(500.0, 1600.0)) for town in towns]
    lakes = [shapely.Point(*place).buffer(700.0) for place in draw.uniform(-9000, 9000, (9, 2))]
    middles = np.array(np.meshgrid(*[np.arange(-9950.0, 10000.0, 100.0)] * 2)).reshape(2, -1)
    ground, water = shapely.union_all(areas), shapely.union_all(lakes)
    middles = middles[:, shapely.contains_xy(shapely.difference(ground, water), *middles)]
    n = middles.shape[1]
    people = told.where_people_live(*middles, draw.uniform(50.0, 90.0, n), np.full(n, 100.0))
    return References(
        work_crs, shapely.box(-10000, -10000, 10000, 10000), None, ground, water, people
    )


def scattered(over: Any, count: int, draw: np.random.Generator) -> Any:
    """Places anywhere in a shape, (count, 2)."""
    xy = draw.uniform(*np.array(over.bounds).reshape(2, 2), (100 * count, 2))
    return xy[shapely.contains_xy(over, *xy.T)][:count]


def as_listed(xy: Any, datum: Any, known: References) -> Any:
    """Degrees of work metres as a list in a datum has them, (2, rows)."""
    return np.array(convert(*project(*xy.T, known.work_crs, "EPSG:4326"), "wgs84", datum))


@pytest.mark.parametrize("datum", HYPOTHESES)
@pytest.mark.parametrize("place", PLACES)
def test_a_list_of_a_made_district_is_told_or_asked_about(place: Any, datum: Any) -> None:
    draw = np.random.default_rng(int(place[0]))
    known = made_district(*place, draw)
    built = shapely.difference(known.areas, known.water)
    assert judge(*as_listed(scattered(built, 250, draw), datum, known), known).datum == datum

    anywhere = as_listed(scattered(known.boundary, 250, draw), datum, known)
    assert judge(*anywhere, known).datum == ""
    # no datum lies south of another by so much
    moved = scattered(built, 250, draw) - np.array([0.0, 900.0])
    assert judge(*as_listed(moved, datum, known), known).datum == ""


@pytest.mark.parametrize("place", PLACES)
def test_water_alone_speaks_against_a_datum(place: Any) -> None:
    draw = np.random.default_rng(int(place[0]))
    known = made_district(*place, draw)
    dry = scattered(shapely.difference(known.boundary, known.water), 400, draw)
    water = References(known.work_crs, known.boundary, water=known.water)
    verdict = judge(*as_listed(dry, "gcj02", known), water)
    assert verdict.likeliest == "gcj02"
    assert verdict.fits["gcj02"].wet == 0 < verdict.fits["wgs84"].wet


@pytest.mark.parametrize(("one", "other"), [("wgs84", "gcj02"), ("gcj02", "bd09")])
def test_a_list_of_two_datums_is_asked_about(one: Any, other: Any) -> None:
    draw = np.random.default_rng(4)
    known = made_district(*PLACES[0], draw)
    xy = scattered(shapely.difference(known.areas, known.water), 300, draw)
    for part in (2, 3):
        listed = as_listed(xy, one, known)
        listed[:, ::part] = as_listed(xy[::part], other, known)
        assert judge(*listed, known).datum == ""


# --- the judge, on the packaged streets ----------------------------------------------------------


@pytest.fixture(scope="module")
def ground() -> Layers:
    return read_layers(Scenario.from_file(packaged_case()))


@pytest.fixture(scope="module")
def packaged(ground: Layers) -> tuple[References, dict[str, Any]]:
    """The packaged streets, and the degrees of the packaged lists."""
    lines = [*ground.roads.geometry, *ground.streets.geometry]
    known = References(WORK, ground.boundary.geometry[0], stake_out(lines))
    folder = packaged_case().parents[1] / "tinghu" / "osm"
    lists = {
        name: pd.read_csv(folder / f"{name}.csv")[["lon", "lat"]].to_numpy()
        for name in ("sites", "candidates")
    }
    return known, lists


@pytest.fixture(scope="module")
def without_streets(ground: Layers) -> References:
    """The packaged roads, areas and people."""
    squares = ground.population[[F.X_M, F.Y_M, F.PEOPLE, F.CELL_M]].to_numpy()
    return References(
        WORK, ground.boundary.geometry[0], stake_out([*ground.roads.geometry]),
        shapely.union_all(ground.areas.geometry.array), None, told.where_people_live(*squares.T),
    )  # fmt: skip


WORK = "EPSG:4549"


@pytest.mark.parametrize("datum", HYPOTHESES)
@pytest.mark.parametrize("name", ["sites", "candidates"])
def test_the_packaged_lists_are_told(packaged: Any, name: str, datum: Any) -> None:
    known, lists = packaged
    draw = np.random.default_rng(7)
    for count in (330, 100, 100):
        some = lists[name][draw.permutation(len(lists[name]))[:count]]
        verdict = judge(*convert(*some.T, "wgs84", datum), known)
        assert verdict.datum == datum or (count == 100 and verdict.datum == "")
        assert verdict.likeliest == datum


@pytest.mark.parametrize("datum", HYPOTHESES)
@pytest.mark.parametrize("name", ["sites", "candidates"])
def test_the_packaged_lists_are_told_without_streets(
    packaged: Any, without_streets: References, name: str, datum: Any
) -> None:
    _, lists = packaged
    draw = np.random.default_rng(19)
    for count in (330, 100):
        some = lists[name][draw.permutation(len(lists[name]))[:count]]
        verdict = judge(*convert(*some.T, "wgs84", datum), without_streets)
        assert verdict.datum == datum or (count == 100 and verdict.datum == "")


@pytest.mark.parametrize("datum", HYPOTHESES)
def test_places_that_have_nothing_to_do_with_streets_are_not_told(
    packaged: Any, datum: Any
) -> None:
    known, lists = packaged
    draw = np.random.default_rng(11)
    for count in (330, 100):
        middles = lists["candidates"][draw.permutation(4978)[:count]]
        anywhere = middles + draw.uniform(-0.006, 0.006, middles.shape)
        verdict = judge(*convert(*anywhere.T, "wgs84", datum), known)
        assert verdict.datum == ""
        assert verdict.lead < told.LEAD / 2


def test_a_list_of_two_halves_is_not_told(packaged: Any) -> None:
    known, lists = packaged
    half = lists["candidates"][::15].copy()
    half[::2] = np.column_stack(convert(*half[::2].T, "wgs84", "gcj02"))
    assert judge(*half.T, known).datum == ""


def test_streets_in_another_datum_are_told_apart_from_the_list(packaged: Any) -> None:
    known, lists = packaged
    degrees = project(*known.lines.data.T, WORK, "EPSG:4326")
    moved = project(*convert(*degrees, "wgs84", "gcj02"), "EPSG:4326", WORK)
    verdict = judge(
        *lists["sites"].T, References(WORK, known.boundary, cKDTree(np.column_stack(moved)))
    )
    assert verdict.streets_shifted
    assert verdict.datum == ""
