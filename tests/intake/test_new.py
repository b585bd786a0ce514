"""From raw files to a case: what is mapped, what is missing, what is made up and what never is."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely
import yaml
from typer.testing import CliRunner

from planner import Scenario
from planner.cli import app
from planner.crs import convert
from planner.errors import InputError, PlannerError, ScenarioError, StorageError
from planner.groundwork import check, lay_groundwork
from planner.intake import Given, make_case
from planner.pipeline import build, solve
from tests.county import (
    ADCODE,
    NAME,
    county,
    write_city,
    write_extract,
    write_people,
    write_register,
)

COUNTS, DATES = ("0", "12", "24"), ("2024-12-31", "2025-12-31", "2027-12-31")
ASKED = Given(counts=COUNTS, dates=DATES)


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("raw")
    write_extract(folder / "county.osm.pbf")
    write_extract(folder / "county.osm")
    write_city(folder / "city.geojson")
    write_people(folder / "people.tif")
    write_register(folder / "register.csv")
    return folder


@pytest.fixture(scope="module")
def mapped(raw: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case from the extract alone."""
    folder = tmp_path_factory.mktemp("cases") / "mapped"
    make_case(folder, replace(ASKED, osm=raw / "county.osm.pbf"))
    return folder


def features(path: Path) -> list[tuple[dict[str, Any], Any]]:
    tree = json.loads(path.read_text(encoding="utf-8"))
    return [
        (one["properties"], shapely.from_geojson(json.dumps(one["geometry"])))
        for one in tree["features"]
    ]


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def scenario_of(folder: Path) -> dict[str, Any]:
    tree: dict[str, Any] = yaml.safe_load((folder / "scenario.yaml").read_text(encoding="utf-8"))
    return tree


def errors_of(path: Path) -> list[str]:
    return [notice.code for notice in check(path) if notice.severity == "E"]


def refused(kind: type[PlannerError], folder: Path, given: Given) -> str:
    """The code with which a case is refused; nothing is written."""
    with pytest.raises(kind) as caught:
        make_case(folder, given)
    assert not folder.exists()
    return caught.value.as_notices()[0].code


def test_an_extract_is_mapped_part_by_part(mapped: Path) -> None:
    roads = {(said["name"], said.get("ref"), said["kind"], said["class"]): line
             for said, line in features(mapped / "roads.geojson")}  # fmt: skip
    assert set(roads) == {
        ("合成高速", "G99", "trunk", "expressway"), ("G299", "G299", "trunk", "national"),
        ("环城路", None, "arterial", "provincial"),
    }  # fmt: skip
    # pieces of one road are one line
    assert roads["G299", "G299", "trunk", "national"].geom_type == "LineString"

    areas = {(said["kind"], said["name"]): (said["basis"], ground)
             for said, ground in features(mapped / "areas.geojson")}  # fmt: skip
    assert {key: basis for key, (basis, _) in areas.items()} == {
        ("urban_core", "中镇"): "estimate", ("township_seat", "东村"): "estimate",
        ("industrial_park", "东园"): "evidence", ("scenic", "西湖公园"): "evidence",
        ("keep_out_airport", "合成机场"): "evidence",
    }  # fmt: skip
    # blocks on both sides of a street are one ground
    assert areas["urban_core", "中镇"][1].geom_type == "Polygon"

    assert [said["name"] for said, _ in features(mapped / "streets.geojson")] == [
        "街2.9", "街3.5", "街4.1",
    ]  # fmt: skip
    assert [said["kind"] for said, _ in features(mapped / "water.geojson")] == ["river"]
    kinds = {row["name"]: row["kind"] for row in rows(mapped / "landmarks.csv")}
    assert kinds == {"合成医院": "hospital", "合成小学": "school", "合成机场": "airport"}
    towns = {row["name"]: (row["people"], row["kind"]) for row in rows(mapped / "towns.csv")}
    assert towns == {"中镇": ("25000", "town"), "东村": ("3000", "town")}

    ((border, ground),) = features(mapped / "boundary.geojson")
    assert border == {"name": NAME, "adcode": ADCODE}
    assert ground.equals(shapely.box(*ground.bounds))


def test_the_case_of_an_extract_plans(mapped: Path) -> None:
    path = mapped / "scenario.yaml"
    assert errors_of(path) == []
    tree = scenario_of(mapped)
    assert [layer["name"] for layer in tree["layers"]] == [
        "core", "parks", "seats", "scenic", "roads",
    ]  # fmt: skip
    plan = solve(build(Scenario.from_file(path).replace(search={"effort": "fast"})))
    assert plan.scenario.counts == (0, 12, 24)
    assert len(plan.order) >= 24


def test_xml_and_pbf_make_the_same_tables(mapped: Path, raw: Path, tmp_path: Path) -> None:
    make_case(tmp_path / "mapped", replace(ASKED, osm=raw / "county.osm"))
    for path in sorted(mapped.glob("*.geojson")) + sorted(mapped.glob("*s.csv")):
        assert (tmp_path / "mapped" / path.name).read_bytes() == path.read_bytes(), path.name


def test_the_same_files_make_the_same_case(mapped: Path, raw: Path, tmp_path: Path) -> None:
    make_case(tmp_path / "mapped", replace(ASKED, osm=raw / "county.osm.pbf"))
    mine, yours = (
        {path.name: path.read_bytes() for path in folder.iterdir()}
        for folder in (mapped, tmp_path / "mapped")
    )
    assert mine == yours


def test_the_manifest_names_the_raw_file(mapped: Path, raw: Path) -> None:
    digest = hashlib.sha256((raw / "county.osm.pbf").read_bytes()).hexdigest()
    listed = rows(mapped / "MANIFEST.csv")
    inputs = {*mapped.glob("*.geojson"), *mapped.glob("*s.csv")}
    assert {row["file"] for row in listed} == {path.name for path in inputs}
    for row in listed:
        assert digest in row["source"]
        assert row["licence"] == "ODbL-1.0"
        assert row["sha256"] == hashlib.sha256((mapped / row["file"]).read_bytes()).hexdigest()
    assert "OpenStreetMap contributors" in (mapped / "NOTICE").read_text(encoding="utf-8")


@pytest.mark.parametrize("pick", [NAME, ADCODE, "合成", "#2"])
def test_one_county_of_a_city_whose_other_ring_is_broken(
    raw: Path, tmp_path: Path, pick: str
) -> None:
    made = make_case(tmp_path / "c", replace(ASKED, boundary=raw / "city.geojson", pick=pick))
    tree = scenario_of(tmp_path / "c")
    assert tree["district"] == {"name": NAME, "adcode": ADCODE}
    assert errors_of(made.scenario) == []


def test_the_broken_one_itself_is_refused(raw: Path, tmp_path: Path) -> None:
    given = replace(ASKED, boundary=raw / "city.geojson", pick="邻县")
    assert refused(InputError, tmp_path / "c", given) == "border_unusable"


def test_a_border_that_crosses_itself_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    bow = shapely.Polygon([(120, 33), (120.1, 33.1), (120.1, 33), (120, 33.1)])
    path = tmp_path / "bow.geojson"
    path.write_text(str(shapely.to_geojson(bow)))
    given = replace(ASKED, boundary=path)
    assert refused(InputError, tmp_path / "c", given) == "border_unusable"
    with pytest.raises(InputError, match="边与边相交"):
        make_case(tmp_path / "c", given)


def test_a_file_that_cannot_be_read_leaves_nothing_behind(raw: Path, tmp_path: Path) -> None:
    cut = tmp_path / "people.tif"
    cut.write_bytes((raw / "people.tif").read_bytes()[:200])
    given = replace(ASKED, osm=raw / "county.osm.pbf", population=cut)
    assert refused(InputError, tmp_path / "c", given) == "truncated_file"


@pytest.mark.parametrize(
    ("pick", "code"),
    [("", "border_unpicked"), ("县", "border_ambiguous"), ("乙", "border_unknown")],
)
def test_a_border_that_is_not_told_is_asked_for(tmp_path: Path, pick: str, code: str) -> None:
    squares = [("甲县", 0.0), ("丙县", 1.0)]
    tree = {"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": {"name": name},
         "geometry": json.loads(str(shapely.to_geojson(shapely.box(x, 50, x + 0.1, 50.1))))}
        for name, x in squares
    ]}  # fmt: skip
    path = tmp_path / "two.geojson"
    path.write_text(json.dumps(tree))
    with pytest.raises(InputError, match="甲县") as caught:
        make_case(tmp_path / "c", replace(ASKED, boundary=path, pick=pick))
    assert caught.value.as_notices()[0].code == code


@pytest.mark.parametrize("kind", ["Point", "LineString"])
def test_corners_or_sides_of_a_border_are_never_joined_in_silence(
    tmp_path: Path, kind: str
) -> None:
    corners = [(120.0, 33.0), (120.1, 33.1), (120.1, 33.0), (120.0, 33.1)]
    sides = shapely.linestrings(list(zip(corners, [*corners[1:], corners[0]], strict=True)))
    shapes = shapely.points(corners) if kind == "Point" else sides
    gpd.GeoDataFrame(geometry=list(shapes), crs="EPSG:4326").to_file(tmp_path / "b.geojson")
    with pytest.raises(InputError, match=f"{kind}, 4 in all") as caught:
        make_case(tmp_path / "c", replace(ASKED, boundary=tmp_path / "b.geojson"))
    assert caught.value.as_notices()[0].code == "border_missing"
    assert not (tmp_path / "c").exists()


def test_a_border_that_the_extract_cuts_off_is_refused(tmp_path: Path) -> None:
    cut = county()
    del cut.ways[2]
    given = replace(ASKED, osm=write_extract(tmp_path / "cut.osm.pbf", cut), pick=NAME)
    assert refused(InputError, tmp_path / "c", given) == "border_unusable"
    given = replace(given, pick="")
    assert refused(InputError, tmp_path / "c", given) == "border_unpicked"


def test_no_border_at_all_is_refused(raw: Path, tmp_path: Path) -> None:
    given = replace(ASKED, sites=(raw / "register.csv",))
    assert refused(InputError, tmp_path / "c", given) == "border_missing"


def test_a_border_in_another_datum_is_converted(raw: Path, tmp_path: Path) -> None:
    border = replace(ASKED, boundary=raw / "city.geojson", pick=NAME)
    make_case(tmp_path / "here", border)
    make_case(tmp_path / "there", replace(border, datum="gcj02"))
    ((_, here),) = features(tmp_path / "here" / "boundary.geojson")
    ((_, there),) = features(tmp_path / "there" / "boundary.geojson")
    lon, lat = shapely.get_coordinates(here)[0]
    expected = convert(lon, lat, "gcj02", "wgs84")
    assert shapely.get_coordinates(there)[0] == pytest.approx(expected, abs=1e-6)


def test_sites_without_a_state_are_existing_ones(raw: Path, tmp_path: Path) -> None:
    given = replace(
        ASKED, boundary=raw / "city.geojson", pick=NAME, sites=(raw / "register.csv",),
        networks="one", counts=("8", "16", "24"),
    )  # fmt: skip
    # a list that names no datum is asked about where nothing tells it
    assert errors_of(make_case(tmp_path / "asked", given).scenario) == ["datum_undeclared"]
    made = make_case(tmp_path / "c", replace(given, datum="wgs84"))

    copied = tmp_path / "c" / "raw" / "register.csv"
    assert copied.read_bytes() == (raw / "register.csv").read_bytes()
    tree = scenario_of(tmp_path / "c")
    assert tree["inputs"]["sites"] == "raw/register.csv"
    assert tree["defaults"] == {"state": "first", "network": "shared"}
    assert errors_of(made.scenario) == []
    layers = lay_groundwork(Scenario.from_file(made.scenario)).layers
    assert layers is not None
    assert Counter(layers.sites["state"]) == {"open": 8}
    assert set(layers.sites["name"]) == {f"塔{i}" for i in range(1, 9)}
    assert len(layers.candidates) == 12


@pytest.mark.parametrize(
    ("name", "driver"),
    [("s.tab", "MapInfo File"), ("s.mif", "MapInfo File"), ("S.SHP", "ESRI Shapefile"),
     ("s.gdb", "OpenFileGDB"), ("s.gpkg", "GPKG")],
)  # fmt: skip
def test_a_raw_file_is_copied_with_all_that_belongs_to_it(
    raw: Path, tmp_path: Path, name: str, driver: str
) -> None:
    with (raw / "register.csv").open(encoding="gb18030", newline="") as stream:
        register = list(csv.DictReader(stream))
    places = [shapely.Point(float(row["经度"]), float(row["纬度"])) for row in register]
    names = [row["站名"] for row in register]
    frame = gpd.GeoDataFrame({"name": names}, geometry=places, crs=4326)
    path = tmp_path / name.lower()
    frame.to_file(path, driver=driver, engine="pyogrio")
    if name.isupper():
        for file in tmp_path.glob("s.*"):
            file.rename(tmp_path / file.name.upper())
        path = tmp_path / name
    given = replace(
        ASKED, boundary=raw / "city.geojson", pick=NAME, sites=(path,), networks="one",
        counts=("8", "16", "24"),
    )  # fmt: skip
    made = make_case(tmp_path / "c", given)
    assert scenario_of(tmp_path / "c")["inputs"]["sites"] == f"raw/{name}"
    assert errors_of(made.scenario) == []
    layers = lay_groundwork(Scenario.from_file(made.scenario)).layers
    assert layers is not None
    assert len(layers.sites) == 8


def test_a_raster_of_people_is_taken_as_it_is(raw: Path, tmp_path: Path) -> None:
    given = replace(ASKED, boundary=raw / "city.geojson", pick=NAME, population=raw / "people.tif")
    made = make_case(tmp_path / "c", given)
    assert scenario_of(tmp_path / "c")["inputs"]["population"] == "raw/people.tif"
    assert errors_of(made.scenario) == []
    layers = lay_groundwork(Scenario.from_file(made.scenario)).layers
    assert layers is not None
    assert layers.population["people"].sum() > 20 * 20 * 50


def bases(folder: Path) -> set[str]:
    """Every basis that any table of a case states."""
    said = {row["basis"] for row in rows(folder / "MANIFEST.csv")}
    for path in folder.glob("*.geojson"):
        said |= {one.get("basis", "") for one, _ in features(path)}
    for path in set(folder.glob("*.csv")) - {folder / "MANIFEST.csv"}:
        said |= {row.get("basis", "") for row in rows(path)}
    return said


def test_nothing_is_made_up_unless_asked(mapped: Path) -> None:
    assert not any("synthetic" in basis for basis in bases(mapped))
    assert not {"population", "sites", "candidates"} & set(scenario_of(mapped)["inputs"])
    assert "siting" not in scenario_of(mapped)

    stations = lay_groundwork(Scenario.from_file(mapped / "scenario.yaml")).stations
    assert stations is not None
    table = stations.table
    assert set(table["basis"]) == {"synthetic"}
    assert "stock" not in set(table["site_type"])
    assert not (table["state"] == "open").any()


def test_what_is_made_up_says_so(raw: Path, tmp_path: Path) -> None:
    given = replace(ASKED, osm=raw / "county.osm.pbf", counts=("6", "12", "24"), synthetic=True)
    made = make_case(tmp_path / "c", given)
    for name, count in (("population.csv", 1000), ("sites.csv", 6)):
        made_up = rows(tmp_path / "c" / name)
        assert len(made_up) >= count
        assert {row["basis"] for row in made_up} == {"synthetic"}
    record = {row["file"]: row for row in rows(tmp_path / "c" / "MANIFEST.csv")}
    assert record["population.csv"]["basis"] == record["sites.csv"]["basis"] == "synthetic"
    assert record["roads.geojson"]["basis"] == "evidence"
    assert errors_of(made.scenario) == []
    told = made.list_file.read_text(encoding="utf-8")
    assert "虚构（--synthetic）" in told
    assert "Made up (--synthetic)" in told


def test_what_is_made_up_is_not_said_to_be_missing(raw: Path, tmp_path: Path) -> None:
    given = replace(ASKED, osm=raw / "county.osm", synthetic=True)
    told = make_case(tmp_path / "c", given).list_file.read_text(encoding="utf-8")
    assert "siting.stock_spacing_m" in told
    assert "没有可改造的现有站" not in told
    assert "nothing can be retrofitted" not in told


def test_the_list_tells_how_near_made_up_stations_stand(raw: Path, tmp_path: Path) -> None:
    given = replace(
        ASKED, boundary=raw / "city.geojson", pick=NAME, counts=("2000", "2001"),
        dates=DATES[:2], synthetic=True,
    )  # fmt: skip
    told = make_case(tmp_path / "c", given).list_file.read_text(encoding="utf-8")
    metres = {float(said) for said in re.findall(r"间距 ([0-9.]+) 米|outwards, ([0-9.]+) m", told)
              for said in said if said}  # fmt: skip
    assert len(metres) == 1
    assert metres.pop() < 400


def test_people_of_towns_are_not_said_to_be_unknown(mapped: Path) -> None:
    told = (mapped / "先看我.md").read_text(encoding="utf-8")
    assert "每万人指标按镇街人口" in told
    assert "人口指标留空" not in told
    assert "hospital 1" in told


def test_stations_that_nobody_lists_are_not_made_up_in_silence(raw: Path, tmp_path: Path) -> None:
    given = replace(ASKED, osm=raw / "county.osm", counts=("5", "12", "24"))
    assert refused(ScenarioError, tmp_path / "c", given) == "sites_missing"


def test_places_of_which_some_state_no_people_are_landmarks(tmp_path: Path) -> None:
    made = county()
    made.point(120.15, 33.42, {"place": "village", "name": "西村"})
    extract = write_extract(tmp_path / "a.osm.pbf", made)
    make_case(tmp_path / "c", replace(ASKED, osm=extract))
    assert not (tmp_path / "c" / "towns.csv").exists()
    kinds = {row["name"]: row["kind"] for row in rows(tmp_path / "c" / "landmarks.csv")}
    assert kinds["西村"] == kinds["中镇"] == "place"


def test_networks_of_a_file(raw: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text("networks:\n- {name: rail, code: R, label: 铁路, bands: [n28]}\n", "utf-8")
    given = replace(ASKED, boundary=raw / "city.geojson", pick=NAME, networks=str(own))
    made = make_case(tmp_path / "c", given)
    assert [network.name for network in Scenario.from_file(made.scenario).networks] == ["rail"]

    for text in (
        "bands: {}\n", "networks: [a, b]\n", "networks:\n- {name: a, label: 甲}\n",
        "networks:\n- {name: a, label: 甲, bands: []}\n",
        "networks:\n- {name: a, label: 甲, bands: n41}\n",
        "networks:\n- {name: 5, label: 甲, bands: [n41]}\n",
    ):  # fmt: skip
        own.write_text(text, "utf-8")
        for synthetic in (False, True):
            asked = replace(given, synthetic=synthetic)
            assert refused(ScenarioError, tmp_path / "d", asked) == "option_invalid"


@pytest.mark.parametrize(
    "change",
    [
        {"counts": ("60",)},
        {"counts": ("0", "x")},
        {"counts": ("0", "60", "60")},
        {"counts": ("0", "-5", "60")},
        {"dates": ("2024-12-31", "2025-02-30", "2027-12-31")},
        {"dates": ("2024-12-31", "2025-12-31")},
        {"dates": ("2024-12-31", "2027-12-31", "2025-12-31")},
        {"dates": (), "as_of": ""},
        {"as_of": "20241231"},
        {"datum": "utm"},
    ],
)
def test_an_option_that_cannot_be_used_is_named(
    raw: Path, tmp_path: Path, change: dict[str, Any]
) -> None:
    given = replace(ASKED, boundary=raw / "city.geojson", pick=NAME, **change)
    assert refused(ScenarioError, tmp_path / "c", given) == "option_invalid"


def test_without_dates_phases_end_with_the_years(raw: Path, tmp_path: Path) -> None:
    given = replace(ASKED, boundary=raw / "city.geojson", pick=NAME, dates=(), as_of="2024-06-30")
    make_case(tmp_path / "c", given)
    days = [phase["date"] for phase in scenario_of(tmp_path / "c")["phases"]]
    assert days == ["2024-06-30", "2024-12-31", "2025-12-31"]


def test_a_folder_in_use_is_left_alone(raw: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    given = replace(ASKED, osm=raw / "county.osm")
    with pytest.raises(StorageError, match="not empty"):
        make_case(tmp_path, given)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(
    "content", [b"", b"\x00" * 40, b"<osm><way", b"{", b"<VRT/>", b"PK\x03\x04"]
)
def test_a_file_that_is_no_extract_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.osm.pbf"
    path.write_bytes(content)
    with pytest.raises(InputError):
        make_case(tmp_path / "c", replace(ASKED, osm=path))


def test_the_list_says_both_languages_alike(mapped: Path) -> None:
    told = (mapped / "先看我.md").read_text(encoding="utf-8")
    chinese, english = told.split("\n# ")[0], told.split("\n# ")[1]
    assert chinese.count("\n- ") == english.count("\n- ") > 8
    assert not re.search("[一-鿿]", re.sub(NAME + "|移动（广电）|电信联通|先看我", "", english))


def test_the_command_line_writes_and_checks(raw: Path, tmp_path: Path) -> None:
    words = ["new", str(tmp_path / "c"), "--boundary", str(raw / "city.geojson"), "--pick", ADCODE,
             "--counts", "0，12，24", "--as-of", "2024-12-31"]  # fmt: skip
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    assert "错误 errors 0" in result.output
    assert Scenario.from_file(tmp_path / "c" / "scenario.yaml").counts == (0, 12, 24)


def test_without_files_the_packaged_case_is_copied(tmp_path: Path) -> None:
    assert CliRunner().invoke(app, ["new", str(tmp_path / "c")]).exit_code == 0
    assert (tmp_path / "c" / "scenarios" / "tinghu.yaml").is_file()
