"""Cells, load, PCI and signal rasters of the toy county's plan."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rasterio

import planner
from planner import fields as F
from planner import pipeline
from planner.layers import packaged_case
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
    band = plan.cells.set_index("cell_id")["band"]
    one, other = pairs["cell_id"].to_numpy(), pairs["neighbour_id"].to_numpy()
    same = band[one].to_numpy() == band[other].to_numpy()
    assert (pci[one].to_numpy() != pci[other].to_numpy())[same].all()
    of = plan.cells.set_index("cell_id").loc[pairs["neighbour_id"]]
    heard = pairs.assign(pci=of["pci"].to_numpy(), band=of["band"].to_numpy())
    assert not heard.duplicated(["cell_id", "band", "pci"]).any()
    there = set(zip(pairs["cell_id"], pairs["neighbour_id"], strict=True))
    assert {(b, a) for a, b in there} == there, "relations go both ways"
    assert not plan.carriers[[F.PCI_COLLISIONS, F.PCI_CONFUSIONS]].any(axis=None)
    assert (plan.carriers[F.CLASHES] == "").all()


def test_carriers_say_how_good_lists_and_codes_are(plan: Plan) -> None:
    """Counted again from cells and lists, cell by cell."""
    cells = plan.cells.merge(plan.stations[[F.STATION_ID, F.X_M, F.Y_M]], on=F.STATION_ID)
    of = cells.set_index(F.CELL_ID)
    pairs = plan.neighbours[plan.neighbours[F.CELL_ID] < plan.neighbours[F.NEIGHBOUR_ID]]
    a, b = of.loc[pairs[F.CELL_ID]], of.loc[pairs[F.NEIGHBOUR_ID]]
    assert (a[F.NETWORK].to_numpy() == b[F.NETWORK].to_numpy()).all()
    assert (a[F.BAND].to_numpy() != b[F.BAND].to_numpy()).any(), "other carriers too"
    lists = plan.neighbours.groupby(F.CELL_ID, sort=False)
    assert lists.size().max() <= plan.scenario.identity.most_neighbours
    assert lists[F.SHARED_M2].apply(lambda ground: ground.is_monotonic_decreasing).all()

    assert list(zip(plan.carriers[F.NETWORK], plan.carriers[F.BAND], strict=True)) == [
        ("mobile", "n28"), ("mobile", "n41"), ("telecom-unicom", "n78"),
    ]  # fmt: skip
    for row in plan.carriers.to_dict("records"):
        mine = cells[(cells[F.NETWORK] == row[F.NETWORK]) & (cells[F.BAND] == row[F.BAND])]
        assert row[F.CELLS] == len(mine)
        assert row[F.LIST_LENGTH] == pytest.approx(
            lists.size().reindex(mine[F.CELL_ID]).fillna(0).mean()
        )
        same = a[F.BAND].to_numpy() == row[F.BAND]
        same &= b[F.BAND].to_numpy() == row[F.BAND]
        assert row[F.CARRIER_PAIRS] == same.sum()
        for modulus, name in ((3, F.PCI_MOD3), (4, F.PCI_MOD4), (30, F.PCI_MOD30)):
            alike = a[F.PCI].to_numpy() % modulus == b[F.PCI].to_numpy() % modulus
            assert row[name] == (alike & same).sum()

        xy, pci = mine[[F.X_M, F.Y_M]].to_numpy(), mine[F.PCI].to_numpy()
        far = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
        again = (pci[:, None] == pci[None]) & ~np.eye(len(pci), dtype=bool)
        least = far[again].min() if again.any() else np.nan
        assert row[F.PCI_REUSE_M] == pytest.approx(least, nan_ok=True)


def test_root_sequences_hold_the_cell_and_belong_to_it(plan: Plan) -> None:
    cells = plan.cells
    trip_us = 2 * cells[F.RADIUS_M] / 300 + plan.scenario.identity.delay_spread_us
    assert (cells[F.PRACH_LENGTH] == 839).all()
    assert ((cells[F.N_CS] - 2) * 800 / 839 >= trip_us - 1e-9).all()
    assert (cells[F.ROOTS] * (839 // cells[F.N_CS]) >= 64).all()
    assert ((cells[F.ROOTS] - 1) * (839 // cells[F.N_CS]) < 64).all()

    # where two cells have one in common, they are far apart
    cells = cells.merge(plan.stations[[F.STATION_ID, F.X_M, F.Y_M]], on=F.STATION_ID)
    for row in plan.carriers.to_dict("records"):
        mine = cells[(cells[F.NETWORK] == row[F.NETWORK]) & (cells[F.BAND] == row[F.BAND])]
        begin = mine[F.ROOT_INDEX].to_numpy()
        end = begin + mine[F.ROOTS].to_numpy()
        assert begin.min() >= 0 and end.max() <= 838
        common = (begin[:, None] < end[None]) & (begin[None] < end[:, None])
        common &= ~np.eye(len(mine), dtype=bool)
        xy = mine[[F.X_M, F.Y_M]].to_numpy()
        far = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
        least = far[common].min() if common.any() else np.nan
        assert row[F.ROOT_REUSE_M] == pytest.approx(least, nan_ok=True)
        assert not least < plan.scenario.identity.reuse_m


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


def test_what_is_left_amiss_is_counted_named_and_said(tmp_path: Path) -> None:
    """Listed identities clash, and short sequences are far too few."""
    path = write_toy_county(tmp_path, bands={"n78": {"prach_length": 139}})
    sites = tmp_path / "sites.csv"
    head, *rows = sites.read_text(encoding="utf-8").splitlines()
    listed = [f"{row},{'5/6/7' if ',open,' in row and ',n41,' in row else ''}" for row in rows]
    sites.write_text("\n".join([f"{head},pci", *listed]) + "\n", encoding="utf-8")
    plan = planner.solve(planner.build(planner.Scenario.from_file(path)))

    on_air = plan.cells[(plan.cells["band"] == "n41") & plan.cells["pci"].isin((5, 6, 7))]
    assert len(on_air) > 3
    carriers = plan.carriers.set_index(F.BAND)
    n41, n78 = carriers.loc["n41"], carriers.loc["n78"]
    assert n41[F.PCI_REUSE_M] < 3000 and n41[[F.PCI_COLLISIONS, F.PCI_CONFUSIONS]].sum() > 0
    named = n41[F.CLASHES].split("; ")[0].removeprefix("PCI ").split(" = ")
    assert set(named) <= set(on_air["cell_id"])
    assert n78[F.ROOT_REUSE_M] < 3000 and (n78[F.PCI_COLLISIONS], n78[F.PRACH_LENGTH]) == (0, 139)

    said = [(each.code, each.zh) for each in pipeline.remarks(plan) if each.severity == "W"]
    assert any(code == "identities_clash" and n41[F.CLASHES] in zh for code, zh in said)
    least = f"{n78[F.ROOT_REUSE_M]:.0f} 米"
    assert any(code == "identities_near" and least in zh for code, zh in said)
    assert sum(code == "identities_near" for code, _ in said) == 2


@pytest.mark.slow  # the packaged case
def test_the_packaged_case_reuses_identities_far_away() -> None:
    scenario = planner.Scenario.from_file(packaged_case()).replace(search={"effort": "fast"})
    plan = planner.solve(planner.build(scenario))
    cells = plan.cells.merge(plan.stations[[F.STATION_ID, F.X_M, F.Y_M]], on=F.STATION_ID)
    for _, mine in cells.groupby([F.NETWORK, F.BAND]):
        xy, pci = mine[[F.X_M, F.Y_M]].to_numpy(), mine[F.PCI].to_numpy()
        far = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
        again = (pci[:, None] == pci[None]) & ~np.eye(len(pci), dtype=bool)
        assert far[again].min(initial=np.inf) >= 5000.0
        remainders = mine.assign(left=pci % 3).groupby(F.STATION_ID)["left"]
        assert (remainders.nunique() == remainders.size()).all()

    # over the plan's own lists: no neighbour alike, no two neighbours alike
    of = cells.set_index(F.CELL_ID)
    one, other = of.loc[plan.neighbours[F.CELL_ID]], of.loc[plan.neighbours[F.NEIGHBOUR_ID]]
    same = one[F.BAND].to_numpy() == other[F.BAND].to_numpy()
    assert not (one[F.PCI].to_numpy() == other[F.PCI].to_numpy())[same].any()
    heard = other.reset_index()[[F.BAND, F.PCI]].assign(of=plan.neighbours[F.CELL_ID])
    assert not heard.duplicated().any()
    lists = plan.neighbours.groupby(F.CELL_ID).size()
    assert lists.mean() >= 20 and lists.max() <= 30
