"""Stations on the toy county: what may stand where, under which name."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from scipy.spatial import cKDTree

from planner import fields as F
from planner.demand import build_demand
from planner.errors import InfeasibleError, InputError
from planner.layers import read_layers
from planner.model import Layers, Stations
from planner.scenario import Scenario
from planner.stations import complete_stations, list_stations, propose_sites
from tests.toy import write_toy_county


def stations_of(scenario: Scenario, layers: Layers) -> Stations:
    demand = build_demand(scenario, layers)
    return complete_stations(scenario, layers, demand, list_stations(scenario, layers))


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> tuple[Scenario, Layers]:
    scenario = Scenario.from_file(write_toy_county(tmp_path_factory.mktemp("toy")))
    return scenario, read_layers(scenario)


@pytest.fixture(scope="module")
def stations(toy: tuple[Scenario, Layers]) -> Stations:
    return stations_of(*toy)


def test_the_open_come_first_then_the_retrofitted(stations: Stations) -> None:
    state = stations.table[F.STATE].iloc[stations.fixed].tolist()
    opened = state.count("open")
    assert opened == 8
    assert state == ["open"] * opened + ["retrofitted"] * (len(state) - opened)
    assert len(np.unique(stations.fixed)) == len(stations.fixed)


def test_every_site_offers_each_network_once_per_band(stations: Stations) -> None:
    table = stations.table
    assert table[F.STATION_ID].is_unique and table[F.STATION_ID].is_monotonic_increasing
    assert not table.duplicated([F.SITE_ID, F.NETWORK, F.BAND]).any()
    for band in ("n41", "n78"):
        assert set(table[F.SITE_ID][table[F.BAND] == band]) == set(table[F.SITE_ID])


def test_700_mhz_needs_a_mast_and_the_phase_it_starts_in(stations: Stations) -> None:
    low = stations.table[stations.table[F.BAND] == "n28"]
    assert len(low) > 0
    assert set(low[F.SITE_TYPE]) <= {"rebuilt", "stock", "tower"}
    assert low[F.FIRST_PHASE].eq(2).all()


def test_nothing_may_be_built_in_a_keep_out(
    toy: tuple[Scenario, Layers], stations: Stations
) -> None:
    scenario, layers = toy
    kinds = layers.keep_outs[F.KIND].isin(scenario.siting.keep_out_kinds)
    ground = shapely.union_all(layers.keep_outs.geometry[kinds].to_numpy())
    inside = shapely.contains_xy(ground, stations.table[F.X_M], stations.table[F.Y_M])
    assert not (
        inside & ~stations.table["excluded"] & (stations.table[F.STATE] == "candidate")
    ).any()
    proposed = propose_sites(scenario, layers).to_crs(scenario.district.work_crs)
    assert not shapely.contains(ground, proposed.geometry.to_numpy()).any()


def test_a_site_in_a_keep_out_is_kept_but_not_offered(toy: tuple[Scenario, Layers]) -> None:
    scenario, layers = toy
    everywhere = layers.keep_outs.iloc[:1].set_geometry(
        [layers.boundary.geometry.iloc[0]], crs=layers.keep_outs.crs
    )
    from dataclasses import replace

    with pytest.raises(InfeasibleError, match="only"):
        stations_of(
            scenario,
            replace(layers, keep_outs=everywhere, candidates=propose_sites(scenario, layers)),
        )


def test_proposed_sites_keep_their_distance(toy: tuple[Scenario, Layers]) -> None:
    scenario, layers = toy
    proposed = propose_sites(scenario, layers).to_crs(scenario.district.work_crs)
    today = layers.sites.drop_duplicates(F.SITE_ID).to_crs(scenario.district.work_crs)
    xy = np.concatenate(
        [shapely.get_coordinates(g.to_numpy()) for g in (proposed.geometry, today.geometry)]
    )
    pairs = cKDTree(xy).query_pairs(scenario.siting.min_spacing_m - 0.5)
    assert not {pair for pair in pairs if min(pair) < len(proposed)}


def test_adding_candidates_renames_nothing(
    toy: tuple[Scenario, Layers], stations: Stations
) -> None:
    scenario, layers = toy
    from dataclasses import replace

    few = propose_sites(scenario, layers)
    half = stations_of(scenario, replace(layers, candidates=few.iloc[::2]))
    columns = [F.STATION_ID, F.SITE_ID, F.NETWORK, F.BAND, F.STATE, F.HEIGHT_M, F.SCENE]
    both = half.table[columns].merge(
        stations.table[columns], on=F.STATION_ID, suffixes=("", "_full")
    )
    assert len(both) == len(half.table)
    for column in columns[1:]:
        assert both[column].equals(both[f"{column}_full"].rename(column))


def test_a_mast_at_the_edge_of_a_town_is_an_urban_one(
    toy: tuple[Scenario, Layers], stations: Stations
) -> None:
    scenario, layers = toy
    table = stations.table
    core = shapely.union_all(layers.areas.geometry[layers.areas[F.LAYER] == "core"].to_numpy())
    distance = shapely.distance(shapely.points(table[F.X_M], table[F.Y_M]), core)
    assert table[F.MODEL][distance < scenario.siting.uma_margin_m - 1].eq("UMa").all()
    assert table[F.MODEL].eq("RMa").any()
    assert table[F.HEIGHT_M][table[F.MODEL] == "RMa"].ge(35).all()


def test_a_state_that_does_not_fit_the_list_is_refused(toy: tuple[Scenario, Layers]) -> None:
    scenario, layers = toy
    phases = scenario.to_tree()["phases"]
    with pytest.raises(InfeasibleError, match="counts 9 stations, but the site list holds 8"):
        stations_of(scenario.replace(phases=[{**phases[0], "stations": 9}, *phases[1:]]), layers)
    with pytest.raises(InfeasibleError, match="only"):
        stations_of(
            scenario.replace(phases=[*phases[:2], {**phases[2], "stations": 90_000}]), layers
        )


def test_what_takes_longer_than_the_phase_cannot_open_in_it(toy: tuple[Scenario, Layers]) -> None:
    scenario, layers = toy
    days = {"new_tower": 114.0, "retrofit": 113.0}  # from 2020-09-09, the phase ends on 2020-12-31
    table = stations_of(scenario.replace(siting={"lead_days": days}), layers).table
    high = table[(table[F.BAND] == "n41") & (table[F.STATE] == "candidate")]
    assert high[F.FIRST_PHASE][high[F.SITE_TYPE] == "tower"].eq(2).all()
    assert high[F.FIRST_PHASE][high[F.SITE_TYPE].isin(["stock", "rebuilt"])].eq(1).all()


def test_a_station_of_a_band_that_its_network_lacks_is_not_lost(
    toy: tuple[Scenario, Layers],
) -> None:
    scenario, layers = toy
    networks = scenario.to_tree()["networks"]
    networks[0]["bands"] = ["n28"]
    with pytest.raises(InputError, match="which its network mobile lacks"):
        stations_of(scenario.replace(networks=networks), layers)
