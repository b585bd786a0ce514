"""Demand on drawn districts whose figures can be worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from planner import fields as F
from planner.demand import build_demand
from planner.demand.places import area_cells, cell_points, make_grid, people_by_cell, road_chains
from planner.demand.windows import disc_windows, road_windows
from planner.errors import ScenarioError
from planner.model import Demand, Layers
from planner.scenario import Scenario
from tests.frames import empty_layers

CRS = "EPSG:4549"
Rows = Sequence[dict[str, object]]
EAST, NORTH = 520_000.0, 3_700_000.0  # a place inside the district, metres


def box(x: float, y: float, width: float, height: float) -> shapely.Polygon:
    return shapely.box(EAST + x, NORTH + y, EAST + x + width, NORTH + y + height)


def line(*places: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString([(EAST + x, NORTH + y) for x, y in places])


def frame(rows: Sequence[dict[str, object]], columns: Sequence[str]) -> gpd.GeoDataFrame:
    geometry = [row["geometry"] for row in rows]
    return gpd.GeoDataFrame(
        [{c: row.get(c, "") for c in columns} for row in rows],
        columns=list(columns),
        geometry=geometry,
        crs=CRS,
    )


def district(areas: Rows, roads: Rows, people: Sequence[tuple[float, float, float]]) -> Layers:
    towns = pd.DataFrame(
        {
            "town_id": ["1", "2"],
            F.NAME: ["西镇", "东镇"],
            F.KIND: ["town", "town"],
            F.PEOPLE: [1.0, 1.0],
            F.X_M: [EAST, EAST + 30_000],
            F.Y_M: [NORTH, NORTH],
        }
    )
    population = pd.DataFrame(
        [(EAST + x, NORTH + y, float(n), 100.0) for x, y, n in people],
        columns=[F.X_M, F.Y_M, F.PEOPLE, F.CELL_M],
    )
    return empty_layers(
        CRS,
        boundary=frame([{"geometry": box(-5_000, -5_000, 40_000, 20_000)}], [F.NAME]),
        areas=frame(areas, [F.LAYER, F.NAME, F.KIND]),
        roads=frame(roads, [F.LAYER, F.NAME, F.REF, F.KIND]),
        towns=towns,
        population=population,
    )


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return Scenario.from_file(Path(__file__).parents[2] / "data" / "scenarios" / "tinghu.yaml")


AREAS = [
    {F.LAYER: "core", F.NAME: "core", "geometry": box(0, 0, 2_000, 2_000)},
    {F.LAYER: "parks", F.NAME: "park", "geometry": box(5_000, 0, 1_000, 1_000)},
    {F.LAYER: "seats", F.NAME: "seat", "geometry": box(10_000, 0, 1_000, 1_000)},
    {F.LAYER: "scenic", F.NAME: "spot in the core", "geometry": box(0, 0, 1_000, 1_000)},
]
ROADS = [
    {
        F.LAYER: "roads",
        F.NAME: "G1 main road",
        "ref": "G1",
        "geometry": line((0, 8_000), (20_000, 8_000)),
    }
]
PEOPLE = [
    (500.0, 500.0, 600.0),
    (5_500.0, 500.0, 200.0),
    (10_500.0, 500.0, 200.0),
    (25_000.0, 5_000.0, 1_000.0),
]


@pytest.fixture(scope="module")
def demand(scenario: Scenario) -> Demand:
    return build_demand(scenario, district(AREAS, ROADS, PEOPLE))


def test_the_share_of_a_network_is_its_part_of_the_weight(scenario: Scenario) -> None:
    networks = scenario.to_tree()["networks"]
    uneven = scenario.replace(networks=[{**networks[0], "share": 0.8}, networks[1]])
    demand = build_demand(uneven, district(AREAS, ROADS, PEOPLE))
    of_first = (demand.rows[F.NETWORK] == 0).to_numpy()
    weight = demand.weight[:, of_first].sum(axis=1)
    assert weight == pytest.approx(0.8 * demand.weight.sum(axis=1))


def test_cells_carry_true_areas_and_samples_true_lengths(demand: Demand) -> None:
    core = demand.points.iloc[demand.members("core")]
    assert core[F.AREA_M2].sum() == pytest.approx(4e6, rel=0.01)
    assert core[F.AREA_M2].between(50**2 * 0.99, 50**2 * 1.01).all()
    road = demand.points.iloc[demand.members("roads")]
    assert road[F.LENGTH_M].sum() == pytest.approx(20_000, abs=1e-6)
    assert len(road) == 400


def test_a_place_in_two_layers_counts_in_both(demand: Demand) -> None:
    spot, core = demand.members("scenic"), demand.members("core")
    assert len(spot) > 350 and np.isin(spot, core).all()
    assert demand.points[F.SCENE].iloc[spot].eq("urban").all(), (
        "in overlaps the earlier layer gives the scene"
    )


def test_layers_share_the_whole_half_by_residents_half_by_ground(demand: Demand) -> None:
    ground = np.array([4.0, 1.0, 1.0, 1.0, 20_000 * 500 / 1e6])
    people = np.array([600.0, 200.0, 200.0, 600.0, 0.0])
    expected = 0.5 * people / people.sum() + 0.5 * ground / ground.sum()
    assert demand.share.sum() == pytest.approx(1.0)
    assert demand.share.sum(axis=0) == pytest.approx(expected, abs=0.002)


def test_a_layer_share_can_be_set(scenario: Scenario) -> None:
    layers = scenario.to_tree()["layers"]
    layers[1]["weight_share"] = 0.5
    demand = build_demand(scenario.replace(layers=layers), district(AREAS, ROADS, PEOPLE))
    assert demand.share[:, 1].sum() == pytest.approx(0.5)
    assert demand.share.sum() == pytest.approx(1.0)


def test_rows_ask_outdoors_everywhere_and_depth_where_it_is_asked(
    demand: Demand, scenario: Scenario
) -> None:
    rows = demand.rows
    outdoor, deep = (rows[rows[F.LEVEL] == level] for level in (0, 1))
    assert len(outdoor) == len(scenario.networks) * len(demand.points)
    asked = np.unique(
        np.concatenate([demand.members(layer) for layer in ("core", "parks", "seats", "roads")])
    )
    for network in (0, 1):
        assert np.array_equal(deep[F.POINT][deep[F.NETWORK] == network], asked)
    # weights: networks alike, depth a quarter in the first phase, the second phase twice the first
    assert demand.weight[0, outdoor.index].sum() == pytest.approx(1.0)
    assert demand.weight[1, outdoor.index].sum() == pytest.approx(2.0)
    assert demand.weight[0, deep.index].sum() * 8 == pytest.approx(
        demand.weight[1, deep.index].sum()
    )


def test_people_are_spread_over_their_square_and_none_is_made(
    demand: Demand, scenario: Scenario
) -> None:
    layers = district(AREAS, ROADS, PEOPLE)
    grid = make_grid(layers.boundary, 50.0)
    cells, people = people_by_cell(layers.population, grid, CRS)
    assert people.sum() == pytest.approx(2_000.0)
    assert (len(cells) <= 9 * len(PEOPLE) and people.max() <= 600 / 4 + 1e-9) or people.max() <= 300
    assert demand.points[F.PEOPLE].sum() == pytest.approx(1_000.0), (
        "those outside every layer are not demand"
    )


def test_windows_of_a_road_are_the_fewest_samples_longer_than_the_limit(
    demand: Demand, scenario: Scenario
) -> None:
    windows = road_windows(demand.points, demand.members("roads"), scenario.layer("roads"), 50.0)
    assert {len(window) for window in windows} == {11}
    assert len(windows) == 400 - 10
    assert all(np.array_equal(np.diff(window), np.ones(10)) for window in windows)


def test_discs_lie_inside_their_area_and_catch_every_hole(
    demand: Demand, scenario: Scenario
) -> None:
    layer = scenario.layer("core")
    members = demand.members("core")
    discs = disc_windows(demand.points, members, layer, demand.grid)
    assert np.isin(np.concatenate(discs), members).all()
    # a hole that just holds a disc of the rule's radius, anywhere: at least one window lies wholly
    # in it
    xy = demand.points[[F.X_M, F.Y_M]].to_numpy()
    rng = np.random.default_rng(1)
    for x, y in rng.uniform(260, 1_740, (50, 2)):
        hole = np.flatnonzero(
            np.hypot(xy[:, 0] - EAST - x, xy[:, 1] - NORTH - y) <= layer.rule.hole_radius_m
        )
        assert any(np.isin(disc, hole).all() for disc in discs)


def test_pieces_that_meet_are_one_chain_in_any_order(scenario: Scenario) -> None:
    west, east = line((0, 0), (700, 0)), line((700, 0), (1_000, 300))
    far = line((5_000, 0), (6_000, 0))
    roads = [
        {F.LAYER: "roads", F.NAME: "G2", "ref": "G2", "geometry": g} for g in (west, east, far)
    ]
    layer = (scenario.layer("roads"),)
    chains = road_chains(frame(roads, [F.LAYER, F.NAME, "ref"]), layer)
    turned = [{**row, "geometry": shapely.reverse(row["geometry"])} for row in reversed(roads)]
    again = road_chains(frame(turned, [F.LAYER, F.NAME, "ref"]), layer)
    assert [round(c.line.length) for c in chains] == [1124, 1000]
    assert [c.line.wkb for c in chains] == [c.line.wkb for c in again]


def test_a_road_near_a_built_layer_takes_its_scene(scenario: Scenario) -> None:
    roads = [{**ROADS[0], "geometry": line((-4_000, 2_400), (20_000, 2_400))}]
    demand = build_demand(scenario, district(AREAS, roads, PEOPLE))
    road = demand.points.iloc[demand.members("roads")]
    x = road[F.X_M] - EAST
    assert road[F.SCENE][x.between(100, 1_900)].eq("urban").all()
    assert road[F.SCENE][x > 3_000].eq("rural").all()


def test_towns_come_from_the_nearest_seat_and_the_core_is_urban(
    demand: Demand, scenario: Scenario
) -> None:
    assert set(demand.points[F.TOWN].iloc[demand.members("core")]) == {scenario.district.urban_town}
    road = demand.points.iloc[demand.members("roads")]
    assert set(road[F.TOWN][road[F.X_M] - EAST < 14_000]) == {"西镇"}
    assert set(road[F.TOWN][road[F.X_M] - EAST > 16_000]) == {"东镇"}


def test_an_empty_layer_is_an_error_not_a_layer_without_demand(scenario: Scenario) -> None:
    with pytest.raises(ScenarioError, match="scenic"):
        build_demand(scenario, district(AREAS[:3], ROADS, PEOPLE))


def test_grid_cells_and_centres_are_inverse(scenario: Scenario) -> None:
    grid = make_grid(district(AREAS, ROADS, PEOPLE).boundary, 50.0)
    cells = np.arange(0, grid.columns * grid.rows, 9_973)
    assert np.array_equal(grid.cells(*grid.centres(cells)), cells)
    assert (grid.cells(np.array([grid.west - 1.0]), np.array([grid.north - 1.0])) == -1).all()
    square = area_cells(frame([{"geometry": box(0, 0, 500, 500)}], [F.NAME]), grid)
    assert 81 <= len(square) <= 121
    assert (cell_points(square, grid, CRS)[F.X_M] - EAST).between(-1, 501).all()
