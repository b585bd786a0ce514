"""Cells, load, PCI and signal rasters of the toy county's plan."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rasterio

import planner
from planner import fields as F
from planner.model import Plan
from planner.service import Ordered, make_rasters
from tests.toy import write_contents, write_toy_county


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    return planner.solve(
        planner.build(planner.Scenario.from_file(write_toy_county(tmp_path_factory.mktemp("toy"))))
    )


def measure(plan: Plan, name: str, count: int) -> pd.Series:
    rows = plan.measures[(plan.measures["measure"] == name) & (plan.measures["count"] == count)]
    return rows.set_index([F.LAYER, F.NETWORK])["value"]


def test_every_station_of_the_plan_has_its_cells(plan: Plan) -> None:
    chosen = plan.stations[plan.stations[F.RANK].notna()]
    per_station = plan.cells.groupby(F.STATION_ID)["azimuth_deg"].apply(
        lambda a: "/".join(f"{x:.0f}" for x in a)
    )
    assert per_station.to_dict() == chosen.set_index(F.STATION_ID)[F.AZIMUTHS_DEG].to_dict()
    assert plan.cells["cell_id"].is_unique


def test_no_two_neighbours_share_an_identity_and_no_cell_hears_two_alike(plan: Plan) -> None:
    pci = plan.cells.set_index("cell_id")["pci"]
    assert pci.between(0, 1007).all()
    pairs = plan.neighbours
    assert (pci[pairs["cell_id"]].to_numpy() != pci[pairs["neighbour_id"]].to_numpy()).all()
    heard = pairs.assign(pci=pci[pairs["neighbour_id"]].to_numpy())
    assert not heard.duplicated(["cell_id", "pci"]).any()
    there = set(zip(pairs["cell_id"], pairs["neighbour_id"], strict=True))
    assert {(b, a) for a, b in there} == there, "relations go both ways"
    for network in plan.scenario.network_names:
        assert measure(plan, "pci_collisions", 40)["", network] == 0
        assert measure(plan, "pci_confusions", 40)["", network] == 0
    same = pci[pairs["cell_id"]].to_numpy() % 3 == pci[pairs["neighbour_id"]].to_numpy() % 3
    network_of = plan.cells.set_index("cell_id")[F.NETWORK][pairs["cell_id"]].to_numpy()
    for network, share in measure(plan, "pci_mod3_share", 40)[""].items():
        assert share == pytest.approx(same[network_of == network].mean())


def test_a_sector_is_loaded_from_the_phase_it_opens_in(plan: Plan) -> None:
    rank = plan.stations.set_index(F.STATION_ID)[F.RANK][plan.cells[F.STATION_ID]].to_numpy()
    for count in plan.scenario.counts:
        load = plan.cells[f"load_{count}"]
        assert load.notna().eq(rank < count).all()
        assert load.dropna().ge(0).all()
        offered = plan.cells[f"offered_mbps_{count}"].groupby(plan.cells[F.NETWORK]).sum()
        carried = measure(plan, "carried_mbps", count)
        for network in plan.scenario.network_names:
            assert carried["", network] <= offered[network] + 1e-6


def test_signal_measures_are_shares_and_grow_with_the_network(plan: Plan) -> None:
    first, last = plan.scenario.counts[0], plan.scenario.counts[-1]
    for name in ("ss_sinr_share", "overlap_share", "load_share"):
        assert measure(plan, name, last).between(0, 1 + 1e-9).all()
    median = measure(plan, "rsrp_median_dbm", last)
    before = measure(plan, "rsrp_median_dbm", first)
    assert (median >= before.fillna(-200)).all()


def test_rasters_agree_with_the_points_and_are_the_same_again(plan: Plan, tmp_path: Path) -> None:
    paths = write_contents(tmp_path / "a", make_rasters(plan))
    again = write_contents(tmp_path / "b", make_rasters(plan))
    assert [p.name for p in paths] == [
        f"{n}_{c}.tif" for c in (8, 20, 40) for n in plan.scenario.network_names
    ]
    assert [p.read_bytes() for p in paths] == [p.read_bytes() for p in again]
    with rasterio.open(paths[-1], driver="GTiff") as raster:
        assert raster.crs.to_epsg() == 3857 and raster.descriptions[0] == "ss_rsrp_dbm"
        assert raster.tags()["synthetic"] == "True"
        assert raster.tags()["plan_key"] == plan.key[:12]
        rsrp, rank = raster.read(1).ravel(), raster.read(2).ravel()
    cells = plan.points[plan.points[F.ROAD] < 0]
    network = plan.scenario.network_names[-1]
    order = Ordered(
        plan.scenario, plan.layers, plan.stations.iloc[plan.order], plan.neighbour_stations
    )
    signal = order.open_network(network, 40).signal(cells[[F.X_M, F.Y_M]].to_numpy(), plan.scenario)
    heard = signal.station >= 0
    at = cells[F.CELL].to_numpy()
    assert rsrp[at][heard] == pytest.approx(signal.rsrp_dbm[heard], abs=0.051)
    assert np.isnan(rsrp[at][~heard]).all()
    assert np.isnan(rsrp[0]), "outside the district nothing is said"
    servers = plan.stations.iloc[plan.order[rank[at][heard].astype(int)]]
    assert set(servers[F.NETWORK]) == {network}


def test_identities_on_air_are_kept(tmp_path: Path) -> None:
    path = write_toy_county(tmp_path)
    sites = tmp_path / "sites.csv"
    head, first, *rest = sites.read_text(encoding="utf-8").splitlines()
    rows = [f"{head},pci", f"{first},5/6/7", *(f"{row}," for row in rest)]
    sites.write_text("\n".join(rows) + "\n", encoding="utf-8")
    model = planner.build(planner.Scenario.from_file(path))
    station = model.stations.table[model.stations.table[F.PCIS] == "5/6/7"][F.STATION_ID].item()
    cells = planner.solve(model).cells
    assert cells[cells[F.STATION_ID] == station]["pci"].tolist() == [5, 6, 7]

    sites.write_text("\n".join([rows[0], f"{first},5/6/1008", *rows[2:]]) + "\n", encoding="utf-8")
    # one that is none is left out, and the planner gives the cells their own
    layers = planner.build(planner.Scenario.from_file(path)).layers
    assert "pci_invalid" in {notice.code for notice in layers.notices}
    assert set(layers.sites[F.PCIS]) == {""}
