"""A drawn district of 12 by 6 km, small enough to look through, with hand-made stations."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Transformer
from scipy.sparse import csr_matrix
from scipy.spatial import cKDTree

from planner import fields as F
from planner.demand import build_demand
from planner.errors import Notice
from planner.model import CoveredWeight, Demand, Layers, Model, Plan, Stations, tables
from planner.plan import check_order, make_plan, order_stations
from planner.scenario import Scenario
from tests.frames import complete, covered_by, empty_layers, silent

CRS = "EPSG:4549"
EAST, NORTH = 520_000.0, 3_700_000.0
RANGE_M = {"outdoor": 620.0, "deep": 230.0}
SEARCH = {
    "objective": 3.1,
    "objective_bound": 3.2,
    "objective_gap": 0.04,
    "sharing_price": 0.06,
    "value": np.array([1.0, 2.0]),
    "bound": 3.5,
    "gap": 0.1,
    "phase_bound": (1.2, 2.3),
    "steps": 7,
}


def box(x: float, y: float, width: float, height: float) -> shapely.Polygon:
    return shapely.box(EAST + x, NORTH + y, EAST + x + width, NORTH + y + height)


def frame(
    rows: Sequence[dict[str, object]], columns: Sequence[str], crs: str = CRS
) -> gpd.GeoDataFrame:
    data = [{c: row.get(c, "") for c in columns} for row in rows]
    return gpd.GeoDataFrame(
        data, columns=list(columns), geometry=[row["geometry"] for row in rows], crs=crs
    )


def make_scenario() -> Scenario:
    base = Scenario.from_file(Path(__file__).parents[2] / "data" / "scenarios" / "tinghu.yaml")
    tree = base.to_tree()
    for phase, count in zip(tree["phases"], (6, 40, 160), strict=True):
        phase["stations"] = count
    tree["name"] = "drawn"
    tree["layers"] = [
        layer for layer in tree["layers"] if layer["name"] in ("core", "seats", "roads")
    ]
    return Scenario.from_tree(tree, root=Path())


def make_layers() -> Layers:
    areas = [
        {
            F.LAYER: "core",
            F.NAME: "主城区",
            F.KIND: "urban_core",
            "geometry": box(0, 0, 2_400, 2_400),
        },
        {
            F.LAYER: "seats",
            F.NAME: "东镇驻地",
            F.KIND: "township_seat",
            "geometry": box(8_000, 500, 1_500, 1_500),
        },
    ]
    road = shapely.LineString([(EAST, NORTH + 3_000), (EAST + 10_000, NORTH + 3_000)])
    towns = pd.DataFrame(
        {
            "town_id": ["1", "2", "3"],
            F.NAME: ["一街道", "二街道", "东镇"],
            F.KIND: ["urban", "urban", "town"],
            F.PEOPLE: [30_000.0, 10_000.0, 20_000.0],
            F.X_M: [np.nan, np.nan, EAST + 9_000],
            F.Y_M: [np.nan, np.nan, NORTH + 1_000],
            F.BASIS: "estimate",
        }
    )
    landmarks = frame(
        [{F.NAME: "站", F.KIND: "", "geometry": shapely.Point(EAST, NORTH)}], [F.NAME, F.KIND]
    )
    people = [
        (EAST + 1_000.0, NORTH + 1_000.0, 40_000.0, 100.0, "synthetic"),
        (EAST + 8_500.0, NORTH + 1_000.0, 20_000.0, 100.0, "synthetic"),
    ]
    district = frame([{F.NAME: "区", "geometry": box(-1_000, -1_000, 12_000, 6_000)}], [F.NAME])
    line = {F.LAYER: "roads", F.NAME: "沈海高速", F.REF: "G15", "geometry": road}
    return empty_layers(
        CRS,
        boundary=district,
        areas=frame(areas, [F.LAYER, F.NAME, F.KIND]),
        roads=frame([line], [F.LAYER, F.NAME, F.REF]),
        towns=towns,
        landmarks=landmarks,
        population=pd.DataFrame(people, columns=[F.X_M, F.Y_M, F.PEOPLE, F.CELL_M, F.BASIS]),
        sources=pd.DataFrame({F.FILE: ["sites.csv"], F.BASIS: ["synthetic"], F.SHA256: ["00ff"]}),
        notices=(
            Notice("made", "I", "虚构数据", "made data", file="sites.csv", line=3, value="x"),
        ),
    )


def make_stations(scenario: Scenario, layers: Layers) -> Stations:
    """Sites 350 m apart, two networks each; the first six stand and are open."""
    places = [(x, y) for x in range(100, 2_400, 350) for y in range(100, 2_400, 350)]
    places += [(x, y) for x in range(8_050, 9_500, 350) for y in range(550, 2_000, 350)]
    places += [(x, 3_040) for x in range(0, 10_001, 350)]
    rng = np.random.default_rng(5)
    places = [places[i] for i in rng.permutation(len(places))]
    rows = []
    for number, (x, y) in enumerate(places):
        stock = "rebuilt" if number < 8 else ("stock", "roof", "pole", "tower")[number % 4]
        for network in scenario.networks:
            mine = number < 8 and network is scenario.networks[number % 2]
            state = ("open" if number < 6 else "retrofitted") if mine else "candidate"
            rows.append(
                (
                    f"S{number:03d}-{network.code}",
                    f"S{number:03d}",
                    network.name,
                    state,
                    stock,
                    EAST + x,
                    NORTH + y,
                )
            )
    table = pd.DataFrame(
        rows, columns=[F.STATION_ID, F.SITE_ID, F.NETWORK, F.STATE, F.SITE_TYPE, F.X_M, F.Y_M]
    )
    table[F.NAME], table[F.BAND], table[F.SCENE], table[F.MODEL] = "站", "n41", "urban", "UMa"
    table[F.HEIGHT_M], table[F.FIRST_PHASE], table[F.EFFORT], table[F.EXCLUDED] = (
        25.0,
        0,
        1.0,
        False,
    )
    table[F.BASIS], table[F.COST_WAN] = "synthetic", 40.0
    table[F.TOWN] = layers.town_at(table[F.X_M].to_numpy(), table[F.Y_M].to_numpy(), scenario)
    to_wgs = Transformer.from_crs(CRS, F.WGS84, always_xy=True)
    table[F.LON], table[F.LAT] = to_wgs.transform(table[F.X_M].to_numpy(), table[F.Y_M].to_numpy())
    table = table.sort_values(F.STATION_ID, ignore_index=True)
    points = gpd.GeoDataFrame(
        table, geometry=gpd.points_from_xy(table[F.LON], table[F.LAT]), crs=F.WGS84
    )
    state = table[F.STATE].to_numpy()
    fixed = np.concatenate(
        [np.flatnonzero(state == "open"), np.flatnonzero(state == "retrofitted")]
    )
    points[F.AZIMUTHS_DEG], points[F.AZIMUTH_REASON] = "0/120/240", "default"
    neighbours = tables.NEIGHBOUR_STATIONS.empty()
    return Stations(complete(tables.STATIONS, points), fixed, tables.FINDINGS.empty(), neighbours)


def make_cover(scenario: Scenario, demand: Demand, stations: Stations) -> csr_matrix:
    """A station serves its own network within a fixed range for each level."""
    at = demand.points[[F.X_M, F.Y_M]].to_numpy()[demand.rows[F.POINT]]
    tree = cKDTree(stations.table[[F.X_M, F.Y_M]].to_numpy())
    reach = np.array([RANGE_M[F.LEVELS[level]] for level in demand.rows[F.LEVEL]])
    number = (
        stations.table[F.NETWORK]
        .map({name: i for i, name in enumerate(scenario.network_names)})
        .to_numpy()
    )
    found = [
        np.sort([j for j in near if number[j] == n])
        for near, n in zip(tree.query_ball_point(at, reach), demand.rows[F.NETWORK], strict=True)
    ]
    indptr = np.concatenate([[0], np.cumsum([len(f) for f in found])])
    indices = np.concatenate(found).astype(np.int32)
    return csr_matrix(
        (np.ones(len(indices), np.int8), indices, indptr), (len(at), len(stations.table))
    )


def greedy_order(model: Model) -> np.ndarray:
    """Fixed stations, then always the one that adds the most weight, ties to the first."""
    cover, weight = model.coverage.cover.tocsc(), model.demand.weight[-1].copy()
    order = []
    for step in range(cover.shape[1]):
        gains = cover.T @ weight
        gains[order] = -1.0
        best = (
            model.stations.fixed[step]
            if step < len(model.stations.fixed)
            else int(np.argmax(gains))
        )
        order.append(int(best))
        weight[cover.indices[cover.indptr[best] : cover.indptr[best + 1]]] = 0.0
    return np.array(order)


def plan_of(
    model: Model, order: np.ndarray, *, extension: np.ndarray, search: dict[str, object] = SEARCH
) -> Plan:
    """The plan of an order, without signal and cells."""
    check_order(model, np.asarray(order, np.int64), np.asarray(extension, np.int64))
    stations = order_stations(model.stations.table, np.asarray(order, np.int64), model.scenario)
    value = CoveredWeight.of(model.demand, model.coverage)
    return make_plan(
        model,
        value,
        order,
        extension=extension,
        stations=stations,
        reception=silent(model.demand.points),
        search=search,
    )


def make_model() -> Model:
    scenario, layers = make_scenario(), make_layers()
    demand, stations = build_demand(scenario, layers), make_stations(scenario, layers)
    cover = make_cover(scenario, demand, stations)
    coverage = covered_by(cover, windows=demand.windows)
    return Model(scenario, layers, demand, stations, coverage)


@pytest.fixture(scope="session")
def model() -> Model:
    return make_model()


@pytest.fixture(scope="session")
def extension(model: Model) -> np.ndarray:
    return greedy_order(model)


@pytest.fixture(scope="session")
def plan(model: Model, extension: np.ndarray) -> Plan:
    return plan_of(model, extension[: model.scenario.counts[-1]], extension=extension)
