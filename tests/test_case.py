"""The packaged case: the script makes its tables, its figures are the published ones."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from scipy.spatial import cKDTree

from planner import check
from planner import fields as F
from planner.errors import StorageError
from planner.layers import copy_case, packaged_case, read_layers
from planner.model import Layers
from planner.scenario import Scenario
from planner.stations.ids import site_id
from scripts.build_case import build

DATA = Path(__file__).resolve().parents[1] / "data"
MADE = (
    "tinghu/osm/population.csv",
    "tinghu/osm/sites.csv",
    "tinghu/osm/candidates.csv",
    "MANIFEST.csv",
)

# Lengths of the trunk roads inside the boundary, as the facts table has them.
MAPPED_KM = {
    "G15": 22.0, "G1515": 18.3, "G1516": 16.7, "G204": 17.2, "G228": 11.2, "G343": 12.2,
    "S331": 30.2, "S226": 15.2,
}  # fmt: skip


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return Scenario.from_file(packaged_case())


@pytest.fixture(scope="module")
def layers(scenario: Scenario) -> Layers:
    return read_layers(scenario)


def manifest() -> list[dict[str, str]]:
    with (DATA / "MANIFEST.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_the_script_makes_the_committed_tables_byte_for_byte(tmp_path: Path) -> None:
    made = shutil.ignore_patterns(*(Path(file).name for file in MADE))
    shutil.copytree(DATA, tmp_path / "data", ignore=made)
    assert not any((tmp_path / "data" / file).exists() for file in MADE)
    build(tmp_path / "data")
    for file in MADE:
        assert (tmp_path / "data" / file).read_bytes() == (DATA / file).read_bytes(), file


def test_the_manifest_names_every_table_and_its_bytes() -> None:
    rows = manifest()
    paths = [*DATA.rglob("*.csv"), *DATA.rglob("*.geojson")]
    tables = {path.relative_to(DATA).as_posix() for path in paths} - {"MANIFEST.csv"}
    assert {row["file"] for row in rows} == tables

    for row in rows:
        content = (DATA / row["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == row["sha256"], row["file"]
        assert b"\r" not in content
        stated = ("source", "date", "licence", "datum", "basis")
        assert all(row[column] for column in stated), row["file"]
        assert set(row["basis"].split(", ")) <= {"evidence", "estimate", "synthetic"}
        if row["file"].endswith("json"):
            count = len(json.loads(content)["features"])
        else:
            count = content.count(b"\n") - 1
        assert int(row["rows"]) == count


def test_a_copy_whose_manifest_has_no_ending_is_read_alike(tmp_path: Path, layers: Layers) -> None:
    # Copies made before 2026-11-26 hold `MANIFEST` and a scenario that names it.
    path = copy_case(tmp_path / "case")
    (tmp_path / "case" / "MANIFEST.csv").rename(tmp_path / "case" / "MANIFEST")
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("manifest: MANIFEST.csv", "manifest: MANIFEST"), encoding="utf-8")
    copied = read_layers(Scenario.from_file(path))
    pd.testing.assert_frame_equal(copied.sources, layers.sources)
    assert copied.notices == layers.notices


def test_openstreetmap_tables_stand_apart_with_their_notice() -> None:
    notice = (DATA / "tinghu" / "osm" / "NOTICE").read_text(encoding="utf-8")
    assert "OpenStreetMap contributors" in notice
    assert "opendatacommons.org/licenses/odbl/1-0" in notice
    apart = {row["file"] for row in manifest() if "ODbL" in row["licence"]}
    assert apart == {row["file"] for row in manifest() if "/osm/" in row["file"]}


def test_the_case_has_no_error_and_no_warning(scenario: Scenario) -> None:
    assert [str(notice) for notice in check(scenario) if notice.severity != "I"] == []


def test_people_sum_to_the_census_and_live_in_the_district(layers: Layers) -> None:
    people = layers.population[F.PEOPLE]
    assert people.sum() == 798_003
    assert layers.towns[F.PEOPLE].sum() == 798_003
    assert (people == people.round()).all()
    assert (layers.population["cell_m"] == 100).all()
    ground = layers.boundary.geometry.iloc[0]
    assert shapely.intersects_xy(ground, layers.population[F.X_M], layers.population[F.Y_M]).all()


def test_urban_units_live_in_the_core_and_towns_on_seat_and_streets(layers: Layers) -> None:
    x, y, people = (layers.population[c].to_numpy() for c in (F.X_M, F.Y_M, F.PEOPLE))
    towns = layers.towns.set_index(F.NAME)[F.PEOPLE]
    core = shapely.union_all(layers.areas.geometry[layers.areas[F.LAYER] == "core"].array)
    in_core = people[shapely.contains_xy(core, x, y)].sum()
    urban = layers.towns.loc[
        (layers.towns[F.KIND] == "urban") & (layers.towns[F.NAME] != "新城街道"), F.PEOPLE
    ].sum()
    assert in_core == pytest.approx(urban, rel=0.01)  # a seat's disc may reach into the core
    seat = layers.areas.set_index(F.NAME).geometry["便仓镇驻地"]
    assert people[shapely.contains_xy(seat, x, y)].sum() == 13_000
    seat = layers.areas.set_index(F.NAME).geometry["黄尖镇驻地"]
    assert people[shapely.contains_xy(seat, x, y)].sum() == round(towns["黄尖镇"] / 3)


def test_230_stations_are_open_and_100_retrofitted_each_on_its_own_site(layers: Layers) -> None:
    sites = layers.sites
    assert sites[F.STATE].value_counts().to_dict() == {"open": 230, "retrofitted": 100}
    assert sites[F.SITE_ID].is_unique
    for state, mobile in (("open", 124), ("retrofitted", 54)):
        assert (sites.loc[sites[F.STATE] == state, F.NETWORK] == "mobile").sum() == mobile  # 54 %
    assert dict(zip(sites[F.NETWORK], sites[F.BAND], strict=True)) == {
        "mobile": "n41",
        "telecom-unicom": "n78",
    }
    assert set(sites[F.BASIS]) == {"synthetic"}
    assert layers.is_synthetic


def test_candidates_keep_their_distance_and_stay_out_of_keep_outs(
    scenario: Scenario, layers: Layers
) -> None:
    sites, candidates = (
        shapely.get_coordinates(part.geometry.array) for part in (layers.sites, layers.candidates)
    )
    every = np.vstack([sites, candidates])
    away, _ = cKDTree(every).query(every, k=2)
    assert away[:, 1].min() >= scenario.siting.min_spacing_m
    closed = shapely.union_all(layers.keep_outs.geometry.array)
    assert not shapely.intersects_xy(closed, every[:, 0], every[:, 1]).any()
    assert shapely.contains_xy(layers.boundary.geometry.iloc[0], every[:, 0], every[:, 1]).all()
    assert 4_500 < len(candidates) < 5_500


def test_every_point_of_the_areas_has_a_candidate_near(scenario: Scenario, layers: Layers) -> None:
    tree = cKDTree(shapely.get_coordinates(layers.candidates.geometry.array))
    closed = shapely.union_all(layers.keep_outs.geometry.array)
    rng = np.random.default_rng(1)
    for layer in scenario.layers:
        ground = shapely.union_all(layers.areas.geometry[layers.areas[F.LAYER] == layer.name].array)
        if ground.is_empty:
            continue
        west, south, east, north = ground.bounds
        xy = rng.uniform((west, south), (east, north), (20_000, 2))
        xy = xy[shapely.contains_xy(ground, *xy.T) & ~shapely.contains_xy(closed, *xy.T)]
        away, _ = tree.query(xy)
        assert np.quantile(away, 0.99) < layer.spacing_m, layer.name


def test_site_types_follow_the_ground(layers: Layers) -> None:
    kind = layers.candidates[F.SITE_TYPE]
    assert set(kind) == {"stock", "roof", "pole", "tower"}
    xy = shapely.get_coordinates(layers.candidates.geometry.array)
    built = shapely.union_all(
        layers.areas.geometry[layers.areas[F.LAYER].isin(["core", "parks", "seats"])].array
    )
    inside = shapely.contains_xy(built, xy[:, 0], xy[:, 1])
    assert not (inside & (kind == "tower")).any()
    assert not (shapely.distance(shapely.points(xy), built)[kind == "roof"] > 300).any()


def test_site_ids_come_from_the_place(layers: Layers) -> None:
    for part in (layers.sites, layers.candidates):
        assert part[F.SITE_ID].is_monotonic_increasing
        assert part[F.SITE_ID].is_unique
        made = [site_id(lon, lat) for lon, lat in zip(part[F.LON], part[F.LAT], strict=True)]
        assert part[F.SITE_ID].tolist() == made


def test_mapped_lengths_and_areas_are_those_of_the_facts(layers: Layers) -> None:
    km = (layers.roads.length / 1000).groupby(layers.roads["ref"]).sum()
    for ref, expected in MAPPED_KM.items():
        assert km[ref] == pytest.approx(expected, abs=0.06), ref

    km2 = (layers.areas.area / 1e6).groupby(layers.areas[F.LAYER]).sum()
    assert km2["core"] == pytest.approx(48.5, abs=0.1)
    assert km2["parks"] == pytest.approx(46.2, abs=0.1)
    assert layers.boundary.area.iloc[0] / 1e6 == pytest.approx(1005, abs=1)


def test_a_copy_of_the_case_reads_the_same(tmp_path: Path, layers: Layers) -> None:
    copied = read_layers(Scenario.from_file(copy_case(tmp_path / "亭湖 copy")))
    pd.testing.assert_frame_equal(pd.DataFrame(copied.candidates), pd.DataFrame(layers.candidates))
    pd.testing.assert_frame_equal(copied.sources, layers.sources)


def test_a_copy_never_overwrites(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep", encoding="utf-8")
    with pytest.raises(StorageError):
        copy_case(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_an_installed_package_finds_its_case_without_the_checkout(tmp_path: Path) -> None:
    package = tmp_path / "planner"
    compiled = shutil.ignore_patterns("__pycache__")
    shutil.copytree(DATA.parent / "planner", package, ignore=compiled)
    shutil.copytree(DATA, package / "data")  # where the wheel puts it
    program = "from planner.layers import packaged_case; print(packaged_case())"
    done = subprocess.run(
        [sys.executable, "-P", "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )
    found = Path(done.stdout.strip())
    assert found == tmp_path.resolve() / "planner" / "data" / "scenarios" / "tinghu.yaml"
