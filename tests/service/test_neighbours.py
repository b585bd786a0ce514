"""Stations beyond the border: they serve and interfere, are not counted and not planned."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

import planner
from planner import exports, pipeline, radio
from planner import fields as F
from planner.layers import read_layers
from planner.maps import page_html
from planner.model import CoveredWeight, Model, Plan
from planner.plan.grounds import make_grounds
from planner.plan.measures import measure_cases
from planner.plan.service import first_rank, rank_of_columns, sole_column, to_cube
from planner.problem import make_problem
from planner.review import review
from planner.service import Ordered, make_rasters
from planner.stations.ids import site_id
from planner.verify import verify
from tests.frames import covered_by
from tests.review.returned import FAIL, row, write_list
from tests.toy import SCENARIO, degrees, write_toy_county

# east of the border, where G901 leaves the county: km, state, network, band and PCI
NEAR = (8.05, 1.18, "open", "mobile", "n41", "5/6/7")
OTHER_NETWORK = (8.5, 1.2, "open", "telecom-unicom", "n78", "")
AWAY = (11.0, 1.2, "open", "mobile", "n28", "")
FAR = (58.0, 1.2, "open", "mobile", "n41", "")
NOT_OPEN = (8.2, 3.0, "retrofitted", "mobile", "n41", "")
REACH_M = 5_000.0
# pixels of the live canvas in the colour of neighbour stations
GREY = """() => {
  const canvas = document.querySelector('.canvases canvas.live');
  const copy = new OffscreenCanvas(canvas.width, canvas.height)
    .getContext('2d', { willReadFrequently: true });
  copy.drawImage(canvas, 0, 0);
  const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
  let found = 0;
  for (let i = 0; i < data.length; i += 4) {
    if (data[i] === 0x86 && data[i + 1] === 0x8f && data[i + 2] === 0x96) found++;
  }
  return found;
}"""


def county_with(folder: Path, *places: tuple[Any, ...], **changes: Any) -> Path:
    """The toy county whose site list holds some more stations."""
    path, sites = write_toy_county(folder, **changes), folder / "sites.csv"
    head, *rows = sites.read_text(encoding="utf-8").splitlines()
    rows = [f"{row}," for row in rows]
    for x_km, y_km, state, network, band, pci in places:
        lon, lat = degrees(x_km, y_km)
        name = f"邻站{x_km}"
        rows.append(f"{site_id(lon, lat)},{name},{state},{network},{band},{lon},{lat},{pci}")
    sites.write_text("\n".join([f"{head},pci", *rows]) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """The county without neighbours."""
    path = write_toy_county(tmp_path_factory.mktemp("alone"))
    return planner.build(planner.Scenario.from_file(path))


@pytest.fixture(scope="module")
def alone_plan(alone: Model) -> Plan:
    return planner.solve(alone)


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("beside")
    return county_with(folder, NEAR, OTHER_NETWORK, AWAY, FAR, NOT_OPEN)


@pytest.fixture(scope="module")
def model(county: Path) -> Model:
    return planner.build(planner.Scenario.from_file(county))


@pytest.fixture(scope="module")
def out(county: Path) -> Path:
    planner.run(planner.Scenario.from_file(county), county.parent / "out")
    return county.parent / "out"


@pytest.fixture(scope="module")
def plan(out: Path) -> Plan:
    return planner.load_plan(out)


def measured(model: Model, order: np.ndarray) -> dict[Any, Any]:
    """Every figure of every layer, network and level, by count, under an order."""
    cube = (len(model.demand.points), len(model.scenario.networks), len(F.LEVELS))
    rank = rank_of_columns(order, len(model.stations.table))
    first = to_cube(model.demand.rows, first_rank(model.coverage, rank), cube, F.NEVER, np.int64)
    grounds = make_grounds(
        model.scenario, model.demand.points, model.demand.share, model.demand.grid
    )
    cases = measure_cases(model.scenario, grounds, first, len(order))
    return {
        (*case.key(model.scenario), name): values
        for case in cases
        for name, values in case.measures.items()
    }


# who is a neighbour


def test_an_open_station_within_reach_is_a_neighbour(model: Model, alone: Model) -> None:
    assert model.layers.sites.equals(alone.layers.sites)
    assert model.layers.neighbours[F.NAME].tolist() == ["邻站8.05", "邻站8.5", "邻站11.0"]
    found = {notice.code: notice for notice in model.layers.notices}
    assert "3 stations up to 5 km" in found["neighbour_stations"].en
    assert "1 stations beyond the border are not open" in found["neighbour_not_open"].en
    assert "49.99 km" in found["beyond_reach"].en and found["beyond_reach"].line == 16
    assert not any(notice.severity == "E" for notice in model.layers.notices)
    assert "outside_study_area" not in found


@pytest.mark.parametrize(("reach_m", "count"), [(0.0, 0), (100.0, 1), (1000.0, 2), (1e5, 4)])
def test_how_far_they_reach_is_a_parameter(county: Path, reach_m: float, count: int) -> None:
    scenario = planner.Scenario.from_file(county).replace(district={"neighbour_m": reach_m})
    assert len(read_layers(scenario).neighbours) == count


def test_what_is_out_of_reach_may_be_anything(tmp_path: Path) -> None:
    """A list of a whole province: its other operators and bands are nobody's fault."""
    path = county_with(tmp_path, (58.0, 1.2, "dreamt", "other", "n1", "9999"))
    notices = planner.check(path)
    assert not [str(notice) for notice in notices if notice.severity == "E"]
    assert "beyond_reach" in {notice.code for notice in notices}


def test_they_stand_and_radiate_as_stations_of_today_do(model: Model) -> None:
    near = model.stations.neighbours.iloc[0]
    assert near[F.SCENE] == "rural"
    assert near[F.HEIGHT_M] == model.scenario.radio.scenes["rural"].h_bs_m
    assert near[F.PCIS] == "5/6/7"
    # a sector along the road that leads to it
    azimuths = [float(text) for text in near[F.AZIMUTHS_DEG].split("/")]
    assert near[F.AZIMUTH_REASON] == "road"
    assert min(abs(azimuth - 267) for azimuth in azimuths) <= 2
    alike = model.stations.table.query("scene == 'rural' and band == 'n41'").iloc[0]
    assert near[F.TILT_DEG] == alike[F.TILT_DEG]


# they serve


def test_an_order_serves_no_less_with_neighbours(
    alone: Model, alone_plan: Plan, model: Model
) -> None:
    order = alone_plan.order
    assert model.stations.table[F.STATION_ID].equals(alone.stations.table[F.STATION_ID])
    before, after = measured(alone, order), measured(model, order)
    for key, was in before.items():
        if key[-1] in ("share", "residents", "residents_share"):
            assert (after[key] >= was).all(), key
        if key[-1] in ("longest_m", "largest_ha"):
            assert (after[key] <= was).all(), key
    # from the very first count on, that of no station at all
    outdoors = ("roads", "mobile", "outdoor")
    assert before[*outdoors, "share"][0] == 0 < after[*outdoors, "share"][0]
    assert after[*outdoors, "longest_m"][0] < before[*outdoors, "longest_m"][0]


def test_neighbours_serve_from_the_start_and_nothing_is_gained_there(
    model: Model, plan: Plan
) -> None:
    beyond = plan.first == F.OUTSIDE
    assert beyond[:, 0].any() and beyond[:, 1].any()
    assert (plan.server[beyond] == -1).all()

    # every row that they serve is one that the radio says a neighbour of its network serves
    rows, outside = model.demand.rows, model.coverage.outside
    served = plan.first[rows[F.POINT], rows[F.NETWORK], rows[F.LEVEL]] == F.OUTSIDE
    assert np.array_equal(served, outside)
    points = plan.points.iloc[rows[F.POINT][outside]]
    far = np.hypot(*(points[[F.X_M, F.Y_M]].to_numpy() - border_of(model)).T)
    assert far.max() < REACH_M

    # none of ours gains or loses by that ground
    value = CoveredWeight.of(model.demand, model.coverage)
    assert (value.weight[:, value.outside] == 0).all()
    whole = np.hstack([model.demand.weight, model.demand.window_weight])
    assert value.given + value.weight.sum(axis=1) == pytest.approx(whole.sum(axis=1))
    assert plan.curve[F.COVERED].iloc[-1] <= 1 + 1e-12
    assert plan.curve[F.COVERED].iloc[0] >= value.given[-1] / whole[-1].sum()
    bounded = plan.curve[plan.curve[F.BOUND].notna()]
    assert (bounded[F.BOUND] >= bounded[F.COVERED] - 1e-12).all() and len(bounded)


def border_of(model: Model) -> np.ndarray:
    """Where the road leaves the county."""
    near = model.stations.neighbours.iloc[0]
    return np.array([near[F.X_M], near[F.Y_M]])


def test_a_window_with_a_sample_that_a_neighbour_serves_is_held(model: Model) -> None:
    value = CoveredWeight.of(model.demand, model.coverage)
    held = value.outside[value.demand_rows :]
    touched = [
        bool(model.coverage.outside[model.demand.windows[i].indices].any())
        for i in range(len(held))
    ]
    assert held.tolist() == touched and held.any() and not held.all()

    # no station has a duty there, also where no gap may remain
    layers = [
        layer.model_dump(mode="json") | ({"must_hold_from": 2} if layer.shape == "road" else {})
        for layer in model.scenario.layers
    ]
    strict = dataclasses.replace(model, scenario=model.scenario.replace(layers=layers))
    hard = make_problem(strict, value).hard[value.demand_rows :]
    is_road = model.demand.window_layer == model.scenario.layer_names.index("roads")
    assert ((hard >= 0) == (is_road & ~held)).all()


def test_they_serve_where_nothing_of_ours_is_open_yet(tmp_path: Path) -> None:
    """A district from nothing, a 24 m mast beside it: at count 0 the border is served."""
    phases = [dict(phase) for phase in SCENARIO["phases"]]
    phases[0]["stations"] = 0
    path, (lon, lat) = write_toy_county(tmp_path, phases=phases), degrees(*NEAR[:2])
    listed = f"A1,open,mobile,n41,{lon},{lat},24"
    (tmp_path / "sites.csv").write_text(
        f"site_id,state,network,band,lon,lat,height_m\n{listed}\n", encoding="utf-8"
    )
    plan = solved(path)
    share = plan.by_count["roads", "mobile", "outdoor", "share"]
    assert share.index[0] == 0 and 0 < share.iloc[0] < share.iloc[-1]
    assert plan.ground_beyond(0)[1] > 0 == plan.ground_beyond(1)[1]
    assert verify(plan).findings == ()


# they interfere


def test_signal_falls_where_the_server_stays_the_same(model: Model, plan: Plan) -> None:
    xy, stations = plan.points[[F.X_M, F.Y_M]].to_numpy(), plan.stations.iloc[plan.order]
    beyond = plan.neighbour_stations
    for network in plan.scenario.network_names:
        orders = (
            Ordered(plan.scenario, plan.layers, stations, each) for each in (beyond[:0], beyond)
        )
        without, beside = (
            order.open_network(network, 40).signal(xy, plan.scenario) for order in orders
        )
        same = (without.sector == beside.sector) & (without.sector >= 0)
        assert (beside.pdsch_sinr_db[same] <= without.pdsch_sinr_db[same] + 1e-9).all()
        assert (beside.rsrp_dbm >= without.rsrp_dbm).all()
        fallen = without.pdsch_sinr_db[same] - beside.pdsch_sinr_db[same]
        assert fallen.max() > 0.1
        # what is served best from beyond is louder there than anything of ours
        taken = beside.station >= (stations[F.NETWORK] == network).sum()
        assert taken.any() and (beside.rsrp_dbm[taken] > without.rsrp_dbm[taken]).all()


def test_rasters_say_where_a_neighbour_serves_best(plan: Plan, alone_plan: Plan) -> None:
    name, content = list(make_rasters(plan))[-2]
    assert name == "mobile_40.tif"
    with rasterio.MemoryFile(content) as memory, memory.open() as raster:
        assert raster.tags(2)["neighbour_station"] == "-1"
        best = raster.read(2)
    assert best[np.isfinite(best)].min() == -1
    _, columns = np.nonzero(best == -1)
    assert columns.min() > 0.5 * best.shape[1], "east of the middle"
    content = list(make_rasters(alone_plan))[-2][1]
    with rasterio.MemoryFile(content) as memory, memory.open() as raster:
        assert "neighbour_station" not in raster.tags(2)
        assert np.nanmin(raster.read(2)) >= 0


def test_an_identity_on_air_beyond_the_border_is_avoided(tmp_path: Path) -> None:
    """The neighbour's facing sector is given the identity that the cell before it would take."""
    ours = (7.6, 1.16, "retrofitted", "mobile", "n41", "")
    unknown = solved(county_with(tmp_path / "unknown", ours, (*NEAR[:5], "")))
    cell, sector = next(iter(facing(unknown)))
    pci = unknown.cells.set_index("cell_id")[F.PCI]
    others = [900, 901, 902]
    others[sector] = int(pci[cell])

    listed = "/".join(map(str, others))
    known = solved(county_with(tmp_path / "known", ours, (*NEAR[:5], listed)))
    pci = known.cells.set_index("cell_id")[F.PCI]
    pairs = facing(known)
    assert (cell, sector) in pairs
    assert all(pci[cell] != others[sector] for cell, sector in pairs)
    assert not known.carriers[[F.PCI_COLLISIONS, F.PCI_CONFUSIONS]].any(axis=None)
    # the relations are those of the district's cells
    assert set(known.neighbours[["cell_id", "neighbour_id"]].to_numpy().ravel()) <= set(pci.index)


def solved(path: Path) -> Plan:
    return planner.solve(planner.build(planner.Scenario.from_file(path)))


def facing(plan: Plan) -> list[tuple[str, int]]:
    """Mobile cells of ours and the neighbour's sectors, where they compete somewhere."""
    stations = plan.stations.iloc[plan.order]
    order = Ordered(plan.scenario, plan.layers, stations, plan.neighbour_stations)
    network = order.open_network("mobile", plan.scenario.counts[-1])
    xy = plan.points[[F.X_M, F.Y_M]].to_numpy()
    signal = network.signal(xy, plan.scenario)
    heard = radio.heard_cells(xy, network.transmitters, signal, window_db=6.0).astype(int)
    both = (heard[:, : network.n_own].T @ heard[:, network.n_own :]).tocoo()
    cells = plan.cells[plan.cells[F.NETWORK] == "mobile"]["cell_id"].to_numpy()
    return sorted((cells[i], int(j)) for i, j in zip(both.row, both.col, strict=True))


# they are not counted, not planned


def test_nothing_of_them_is_counted_or_asked_for(plan: Plan, alone: Model, county: Path) -> None:
    ids = set(plan.neighbour_stations[F.SITE_ID])
    assert len(ids) == 3
    assert not ids & set(plan.stations[F.SITE_ID])
    assert len(plan.stations) == len(alone.stations.table)
    state = plan.stations[plan.stations[F.STATE] == "open"]
    assert len(state) == plan.scenario.counts[0] == 8
    assert plan.towns.query("phase == 0")[F.STATIONS].sum() == 8
    assert plan.by_count[("", "", "", "cost_wan")].iloc[0] == 0
    for name, content in exports.make_lists(plan):
        text = content.decode("utf-8", "replace")
        assert not any(each in text for each in ids | {"邻站"}), name
    assert not [n for n in planner.check(county) if n.severity == "E"]


def test_a_plan_with_neighbours_holds_up(out: Path, plan: Plan, county: Path) -> None:
    verification = verify(plan, inputs=county.parent)
    assert verification.findings == ()
    assert verification.value == pytest.approx(sum(plan.provenance["value"]))
    assert verification.value <= verification.bound <= verification.value * 1.2

    # a neighbour that is taken out of the saved layers is missed
    robbed = dataclasses.replace(
        plan, layers=dataclasses.replace(plan.layers, neighbours=plan.layers.neighbours.iloc[1:])
    )
    said = {notice.file for notice in verify(robbed).findings}
    assert any("neighbour_stations" in file for file in said), said


def test_a_review_goes_on_with_neighbours(out: Path, plan: Plan, tmp_path: Path) -> None:
    ranked = plan.stations.iloc[plan.order]
    vetoed = ranked[ranked[F.STATE] == "candidate"].iloc[0]
    answer = row(vetoed[F.STATION_ID], 审核状态=FAIL)
    version = review(out, [write_list(tmp_path / "back.csv", answer)], output=tmp_path / "v2")
    assert version.plan is not None and version.is_new
    assert vetoed[F.STATION_ID] not in set(
        version.plan.stations[F.STATION_ID].iloc[version.plan.order]
    )
    assert version.plan.neighbour_stations.equals(plan.neighbour_stations)
    assert verify(version.plan).findings == ()


def test_how_much_they_serve_is_said_once_a_network(plan: Plan, alone_plan: Plan) -> None:
    said = [n for n in pipeline.remarks(plan) if n.code == "served_from_outside"]
    assert [notice.value for notice in said] == ["mobile", "telecom-unicom"]
    _, road_m = plan.ground_beyond(0)
    served = plan.points[plan.first[:, 0, F.OUTDOOR] == F.OUTSIDE]
    assert road_m == served[F.LENGTH_M].sum() > 500
    assert f"{road_m / 1e3:.2f} km" in said[0].en and "including neighbours" in said[0].en
    assert "served_from_outside" not in {n.code for n in pipeline.remarks(alone_plan)}
    assert alone_plan.neighbour_stations.empty
    assert not (alone_plan.first == F.OUTSIDE).any()


# arrays


@given(st.data())
def test_whoever_is_outside_makes_no_station_first_or_alone(data: st.DataObject) -> None:
    rows, columns = data.draw(st.tuples(st.integers(1, 6), st.integers(1, 5)))
    bits = st.lists(st.booleans(), min_size=rows * columns, max_size=rows * columns)
    cover = csr_matrix(np.array(data.draw(bits)).reshape(rows, columns).astype(np.int8))
    outside = np.array(data.draw(st.lists(st.booleans(), min_size=rows, max_size=rows)))
    rank = np.arange(columns)
    service, without = covered_by(cover, outside), covered_by(cover)
    first, before = first_rank(service, rank), first_rank(without, rank)
    assert (first[outside] == F.OUTSIDE).all() and (first[~outside] == before[~outside]).all()
    alone, before = sole_column(service, rank), sole_column(without, rank)
    assert (alone[outside] == -1).all() and (alone[~outside] == before[~outside]).all()


# the page


@pytest.mark.browser
def test_the_page_shows_neighbours_with_a_symbol_of_their_own(
    plan: Plan, alone_plan: Plan, tmp_path: Path, opened: Callable[..., Any]
) -> None:
    path = tmp_path / "map.html"
    path.write_bytes(page_html(plan))
    with opened(path) as page:
        assert "邻区站点（不计数）" in page.inner_text(".legend")
        page.click("#tab-why")
        assert "区界外 3 个邻区站点" in page.text_content("details.about")

        # the road's last sample: the ground says who serves it
        last = plan.points[plan.first[:, 0, F.OUTDOOR] == F.OUTSIDE].iloc[-1]
        page.fill(".search input", f"{last[F.LON]}, {last[F.LAT]}")
        page.press(".search input", "Enter")
        page.wait_for_selector("text=由区界外的邻区站点覆盖")

        # grey where they stand, when the stations are shown; the map has zoomed to the border
        page.wait_for_timeout(600)
        grey = page.evaluate(GREY)
        page.click("[data-toggle=stations] >> nth=0")
        assert grey > 20 and page.evaluate(GREY) == 0
    path.write_bytes(page_html(alone_plan))
    with opened(path) as page:
        assert "邻区站点" not in page.text_content("body")
