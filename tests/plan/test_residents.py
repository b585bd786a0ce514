"""Residents inside the layers: judged, measured at every count, told by town and by station."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import planner
from planner import fields as F
from planner.demand import build_demand
from planner.errors import ScenarioError
from planner.model import Model, Plan
from planner.plan.grounds import make_grounds
from planner.plan.residents import find_residents
from planner.scenario import Scenario
from tests.frames import covered_by
from tests.plan import conftest as drawn
from tests.toy import PEOPLE, SCENARIO, write_toy_county

LIMIT = 0.97


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """The toy county whose core and seats are judged by residents too."""
    layers = [dict(layer) for layer in SCENARIO["layers"]]
    for place in (0, 2):
        layers[place]["rule"] = {**layers[place].get("rule", {}), "residents": LIMIT}
    path = write_toy_county(tmp_path_factory.mktemp("toy"), layers=layers)
    return planner.solve(planner.build(Scenario.from_file(path)))


def area_layers(plan: Plan, level: str) -> list[int]:
    return [
        number
        for number, layer in enumerate(plan.scenario.layers)
        if layer.shape == "area" and (level == "outdoor" or layer.deep != "none")
    ]


def covered(
    plan: Plan, layers: list[int], network: int, level: str, count: int
) -> tuple[float, float]:
    """People served and people there, added place by place."""
    served, there = 0.0, 0.0
    inside = (plan.share[:, layers] > 0).any(axis=1) & (plan.points[F.ROAD].to_numpy() < 0)
    for point in np.flatnonzero(inside):
        people = float(plan.points[F.PEOPLE].iloc[point])
        there += people
        served += people if plan.first[point, network, F.LEVELS.index(level)] < count else 0.0
    return served, there


def test_residents_of_layers_and_of_all_are_counted_place_by_place(toy: Plan) -> None:
    keys = {key[:3] for key in toy.by_count.columns if key[3] == "residents"}
    assert {key[0] for key in keys} == {
        "",
        "core",
        "seats",
    }  # nobody lives in the parks and the scenic area
    for layer, network, level in keys:
        numbers = (
            area_layers(toy, level) if layer == "" else [toy.scenario.layer_names.index(layer)]
        )
        for count in (8, 14, 20, 33, 40):
            at = toy.by_count.loc[count, (layer, network, level)]
            n = toy.scenario.network_names.index(network)
            served, there = covered(toy, numbers, n, level, count)
            assert at["residents"] == pytest.approx(served, abs=0.5)
            assert at["residents_share"] == pytest.approx(served / there, abs=1e-4)


def test_a_layer_passes_when_its_residents_are_served_too(toy: Plan) -> None:
    found = set()
    for row in toy.verdicts.to_dict("records"):
        at = toy.by_count.loc[row["count"], (row[F.LAYER], row[F.NETWORK], row[F.LEVEL])]
        if row[F.LAYER] in ("core", "seats"):
            short = max(LIMIT - at["residents_share"], 0.0)
            assert row["fail_residents"] == at["fail_residents"] == pytest.approx(short)
            found.add(short > 0)
        else:
            assert row["fail_residents"] == 0.0
            assert "fail_residents" not in at
        others = max(row["fail_share"], row["fail_hole"], row["fail_gap"])
        assert row["passes"] == (max(others, row["fail_residents"]) == 0)
    assert found == {True, False}


def test_towns_add_up_to_the_layers(toy: Plan) -> None:
    table = toy.residents
    keys = [F.PHASE, F.NETWORK, F.LEVEL]
    assert not table.duplicated([F.TOWN, *keys]).any()
    assert set(table[F.TOWN]) == set(toy.towns[F.TOWN])
    for (phase, network, level), rows in table.groupby(keys):
        count = toy.scenario.counts[int(phase)]
        at = toy.by_count.loc[count, ("", network, level)]
        assert rows["covered"].sum() == at["residents"]
        assert rows["covered"].sum() / rows[F.PEOPLE].sum() == pytest.approx(at["residents_share"])
        assert (rows["covered"] <= rows[F.PEOPLE]).all()
    urban = table[table[F.TOWN] == toy.scenario.district.urban_town]
    assert 0 < urban[F.PEOPLE].max() <= PEOPLE["T1"] + PEOPLE["T2"]


def test_stations_of_a_network_add_up_to_its_residents(toy: Plan) -> None:
    opened = toy.stations.iloc[toy.order]
    for network in toy.scenario.network_names:
        for count in toy.scenario.counts:
            mine = (opened[F.NETWORK] == network).to_numpy() & (np.arange(len(opened)) < count)
            gained = opened.loc[mine, "gain_residents"].sum()
            assert gained == toy.by_count.loc[count, ("", network, "outdoor", "residents")]
    assert toy.stations.loc[toy.stations[F.RANK].isna(), "gain_residents"].isna().all()


def test_the_residents_come_back_from_their_folder(toy: Plan, tmp_path: Path) -> None:
    toy.save(tmp_path)
    pd.testing.assert_frame_equal(Plan.load(tmp_path).residents, toy.residents)
    pd.testing.assert_frame_equal(Plan.load(tmp_path).verdicts, toy.verdicts)


def test_a_place_in_two_layers_counts_once() -> None:
    scenario, layers = drawn.make_scenario(), drawn.make_layers()
    areas = layers.areas.copy()
    areas.loc[1, "geometry"] = drawn.box(1_000, 0, 2_000, 2_400)  # the seats lie half in the core
    layers = dataclasses.replace(layers, areas=gpd.GeoDataFrame(areas, crs=layers.areas.crs))
    demand = build_demand(scenario, layers)
    grounds = make_grounds(scenario, demand.points, demand.share, demand.grid)
    first = np.full((len(demand.points), 2, 2), F.NEVER)
    found = find_residents(scenario, grounds, first)
    each = [float(ground.people.sum()) for ground in grounds]
    assert min(each[:2]) > 0 and each[2] == 0
    for one in found:
        assert one.people.sum() == demand.points[F.PEOPLE].sum() < sum(each)


def test_without_population_nobody_is_counted(extension: np.ndarray, tmp_path: Path) -> None:
    scenario, layers = drawn.make_scenario(), drawn.make_layers()
    layers = dataclasses.replace(layers, population=layers.population.iloc[:0])
    demand, stations = build_demand(scenario, layers), drawn.make_stations(scenario, layers)
    cover = drawn.make_cover(scenario, demand, stations)
    coverage = covered_by(cover, windows=demand.windows)
    model = Model(scenario, layers, demand, stations, coverage)
    plan = drawn.plan_of(model, extension[:160], extension=extension)
    assert not set(plan.measures["measure"]) & {"residents", "residents_share", "fail_residents"}
    assert plan.residents.empty
    assert plan.stations["gain_residents"].isna().all()
    plan.save(tmp_path)
    pd.testing.assert_frame_equal(Plan.load(tmp_path).residents, plan.residents)


def test_a_layer_where_nobody_lives_cannot_be_judged_by_residents() -> None:
    tree = drawn.make_scenario().to_tree()
    tree["layers"][1]["rule"]["residents"] = 0.9
    scenario, layers = Scenario.from_tree(tree, root=Path()), drawn.make_layers()
    assert len(build_demand(scenario, layers).points)
    with pytest.raises(ScenarioError, match="seats") as caught:
        build_demand(scenario, dataclasses.replace(layers, population=layers.population.iloc[:1]))
    assert "inputs.population" in caught.value.zh
    assert [notice.code for notice in caught.value.notices] == ["residents_unknown"]
