"""Proposed sites: spaced, out of keep-outs, typed by the ground, stable when the question grows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial import cKDTree

from planner import fields as F
from planner.layers import read_layers
from planner.model import Layers
from planner.scenario import Scenario
from planner.stations.ids import site_id, station_id
from planner.stations.propose import along, lattice, propose_sites
from tests.toy import write_toy_county


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> tuple[Scenario, Layers]:
    scenario = Scenario.from_file(write_toy_county(tmp_path_factory.mktemp("county")))
    return scenario, read_layers(scenario)


@given(st.floats(30, 900), st.floats(-5e5, 5e5), st.floats(3e6, 4e6))
def test_a_lattice_is_hexagonal_and_leaves_no_place_far(spacing: float, x: float, y: float) -> None:
    ground = shapely.box(x, y, x + 5 * spacing, y + 5 * spacing)
    points = lattice(ground, spacing)
    away, _ = cKDTree(points).query(points, k=2)
    assert np.allclose(away[:, 1], spacing, atol=0.02)
    inner = shapely.box(x + spacing, y + spacing, x + 4 * spacing, y + 4 * spacing)
    probes = np.random.default_rng(0).uniform(inner.bounds[:2], inner.bounds[2:], (200, 2))
    assert cKDTree(points).query(probes)[0].max() <= spacing / np.sqrt(3) + 0.02


def test_neighbouring_areas_share_one_lattice() -> None:
    left, right = shapely.box(0, 0, 1000, 1000), shapely.box(1000, 0, 2000, 1000)
    both = lattice(shapely.box(0, 0, 2000, 1000), 150)
    apart = np.vstack([lattice(left, 150), lattice(right, 150)])
    assert {tuple(p) for p in apart} <= {tuple(p) for p in both}


def test_points_along_a_line_are_even_and_half_a_step_from_its_ends() -> None:
    lines = np.array(
        [shapely.LineString([(0, 0), (1000, 0)]), shapely.LineString([(0, 9), (60, 9)])]
    )
    points, line = along(lines, 250)
    assert points[line == 0, 0].tolist() == [125, 375, 625, 875]
    assert points[line == 1, 0].tolist() == [30]
    assert set(along(lines, 250, short=False)[1]) == {0}


def test_a_line_without_length_has_its_point_where_it_is() -> None:
    lines = np.array([shapely.LineString([(7, 3), (7, 3)]), shapely.LineString([(0, 0), (0.5, 0)])])
    points, line = along(lines, 250, beside_m=10)
    assert points.tolist() == [[7, 3], [0.25, -10]]
    assert line.tolist() == [0, 1]


def test_sites_are_spaced_open_and_inside(county: tuple[Scenario, Layers]) -> None:
    scenario, layers = county
    sites = propose_sites(scenario, layers)
    every = np.vstack(
        [shapely.get_coordinates(part.geometry.array) for part in (layers.sites, sites)]
    )
    away, _ = cKDTree(every).query(every, k=2)
    assert away[len(layers.sites) :, 1].min() >= scenario.siting.min_spacing_m
    xy = every[len(layers.sites) :]
    assert not shapely.intersects_xy(layers.keep_outs.geometry.iloc[0], xy[:, 0], xy[:, 1]).any()
    assert shapely.contains_xy(layers.boundary.geometry.iloc[0], xy[:, 0], xy[:, 1]).all()
    assert set(sites[F.BASIS]) == {"synthetic"}


def test_ground_lost_to_a_keep_out_is_served_from_its_rim(county: tuple[Scenario, Layers]) -> None:
    scenario, layers = county
    park = layers.areas.geometry[layers.areas[F.LAYER] == "parks"].iloc[0]
    closed = layers.keep_outs.geometry.iloc[0]
    lost = shapely.intersection(park, closed)
    assert lost.area > 0
    near = propose_sites(scenario, layers).geometry.array
    assert (shapely.distance(near, lost) < scenario.layer("parks").spacing_m).any()


def test_types_follow_the_ground(county: tuple[Scenario, Layers]) -> None:
    scenario, layers = county
    sites = propose_sites(scenario, layers)
    core = layers.areas.geometry[layers.areas[F.LAYER] == "core"].iloc[0]
    scenic = layers.areas.geometry[layers.areas[F.LAYER] == "scenic"].iloc[0]
    assert set(sites[F.SITE_TYPE][shapely.contains(core, sites.geometry.array)]) <= {
        "stock",
        "roof",
        "pole",
    }
    assert set(sites[F.SITE_TYPE][shapely.contains(scenic, sites.geometry.array)]) <= {
        "stock",
        "tower",
    }
    lines = shapely.union_all([*layers.streets.geometry, *layers.roads.geometry])
    roofs = sites.geometry.array[sites[F.SITE_TYPE] == "roof"]
    assert (shapely.distance(roofs, lines) > 30).all()


def test_a_new_area_renames_no_site(county: tuple[Scenario, Layers]) -> None:
    scenario, layers = county
    fewer = layers.areas[layers.areas[F.LAYER] != "seats"]
    parts = {name: getattr(layers, name) for name in Layers.__dataclass_fields__}
    before = propose_sites(scenario, Layers(**{**parts, "areas": fewer}))
    after = propose_sites(scenario, layers)
    core = layers.areas.geometry[layers.areas[F.LAYER] == "core"].iloc[0]

    def in_core(sites: pd.DataFrame) -> set[str]:
        return set(sites[F.SITE_ID][shapely.contains(core, sites["geometry"].array)])

    assert in_core(before) == in_core(after) != set()


def test_the_same_question_gets_the_same_sites(county: tuple[Scenario, Layers]) -> None:
    first, second = (pd.DataFrame(propose_sites(*county)) for _ in range(2))
    pd.testing.assert_frame_equal(first, second)
    assert first[F.SITE_ID].is_monotonic_increasing
    assert first[F.SITE_ID].is_unique


def test_ids_say_place_network_and_band() -> None:
    place = site_id(120.13058, 33.38324)
    assert place == "S" + place[1:]
    assert len(place) == 11
    assert site_id(120.13058, 33.38325) != place
    assert site_id(120.130581, 33.383241) == place  # within half a metre
    assert station_id(place, "M", "n41") == f"{place}-M-N41"
