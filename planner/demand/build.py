"""Layers -> Demand: places, levels, weights, windows and discs of continuity."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
from scipy.sparse import csr_matrix

from planner import fields as F
from planner.demand.places import (
    Chain,
    area_cells,
    cell_points,
    make_grid,
    people_by_cell,
    road_chains,
    road_points,
)
from planner.demand.weights import BoolArray, check_residents, layer_shares, row_weights
from planner.demand.windows import disc_windows, road_windows, stack, window_rows
from planner.model import Demand, FloatArray, Grid, IntArray, Layers
from planner.scenario import Scenario

OUTDOOR, DEEP = (F.LEVELS.index(level) for level in ("outdoor", "deep"))


def build_demand(scenario: Scenario, layers: Layers) -> Demand:
    """Turn the layers of a district into weighted demand.

    Parameters
    ----------
    scenario
        Its layers say what is asked where, its ``demand`` how places are weighed.
    layers
        The district.

    Raises
    ------
    ScenarioError
        When a layer holds no place, or is judged by residents and nobody is known to live in it.
    """
    grid = make_grid(layers.boundary, scenario.demand.cell_m)
    cells = {
        layer.name: area_cells(layers.areas[layers.areas[F.LAYER] == layer.name], grid)
        for layer in scenario.layers
        if layer.shape == "area"
    }
    chains = road_chains(
        layers.roads, tuple(layer for layer in scenario.layers if layer.shape == "road")
    )
    points = _points(scenario, layers, grid, cells, chains)
    members = _members(scenario, points, cells, chains)
    points[F.SCENE] = _scenes(scenario, layers, points, members)
    check_residents(points, members, scenario)
    shares = layer_shares(points, members, scenario)
    rows = _rows(scenario, members)
    weight = row_weights(rows, shares, scenario)
    windows, window_weight, window_layer = _windows(scenario, points, members, rows, weight, grid)
    return Demand(
        grid=grid,
        points=points,
        roads=_road_table(chains),
        layers=scenario.layer_names,
        share=shares,
        rows=rows,
        weight=weight,
        windows=windows,
        window_weight=window_weight,
        window_layer=window_layer,
    )


def _points(
    scenario: Scenario, layers: Layers, grid: Grid, cells: dict[str, IntArray], chains: list[Chain]
) -> pd.DataFrame:
    crs = scenario.district.work_crs
    wanted = np.unique(np.concatenate([*cells.values(), np.empty(0, np.int64)]))
    areas = cell_points(wanted, grid, crs)
    samples = road_points(chains, scenario.demand.road_step_m, grid, crs)
    points = pd.concat([areas, samples[areas.columns]], ignore_index=True)
    numbers, people = people_by_cell(layers.population, grid, crs)
    points[F.PEOPLE] = 0.0
    _, in_wanted, in_numbers = np.intersect1d(wanted, numbers, return_indices=True)
    points.loc[in_wanted, F.PEOPLE] = people[in_numbers]
    points[F.TOWN] = layers.town_at(points[F.X_M].to_numpy(), points[F.Y_M].to_numpy(), scenario)
    return points


def _members(
    scenario: Scenario, points: pd.DataFrame, cells: dict[str, IntArray], chains: list[Chain]
) -> BoolArray:
    road = points[F.ROAD].to_numpy()
    layer_of_road = np.array(
        [chain.layer for chain in chains] + [""]
    )  # the last one for road == -1
    members = np.empty((len(points), len(scenario.layers)), dtype=np.bool_)
    for j, layer in enumerate(scenario.layers):
        if layer.shape == "area":
            members[:, j] = (road < 0) & np.isin(points[F.CELL], cells[layer.name])
        else:
            members[:, j] = layer_of_road[road] == layer.name
    return members


def _scenes(
    scenario: Scenario, layers: Layers, points: pd.DataFrame, members: BoolArray
) -> list[str]:
    """Scene of the first layer that holds the point; a road near a built layer takes the scene of that layer."""
    scene = np.array([scenario.layers[j].scene for j in members.argmax(axis=1)], dtype=object)
    on_road = np.flatnonzero(points[F.ROAD] >= 0)
    places = shapely.points(points[F.X_M].to_numpy()[on_road], points[F.Y_M].to_numpy()[on_road])
    for layer in reversed(scenario.layers):
        if layer.shape == "area" and scenario.is_built(layer.scene):
            ground = shapely.union_all(
                layers.areas.geometry[layers.areas[F.LAYER] == layer.name].to_numpy()
            )
            shapely.prepare(ground)
            scene[on_road[shapely.dwithin(places, ground, scenario.siting.uma_margin_m)]] = (
                layer.scene
            )
    return list(scene)


def _rows(scenario: Scenario, members: BoolArray) -> pd.DataFrame:
    asks_deep = members[:, [layer.deep != "none" for layer in scenario.layers]].any(axis=1)
    points = {OUTDOOR: np.arange(len(members)), DEEP: np.flatnonzero(asks_deep)}
    parts = [
        (network, level) for network in range(len(scenario.networks)) for level in (OUTDOOR, DEEP)
    ]
    return pd.DataFrame(
        {
            F.POINT: np.concatenate([points[level] for _, level in parts]),
            F.NETWORK: np.concatenate(
                [np.full(len(points[level]), network) for network, level in parts]
            ),
            F.LEVEL: np.concatenate([np.full(len(points[level]), level) for _, level in parts]),
        }
    )


def _windows(
    scenario: Scenario,
    points: pd.DataFrame,
    members: BoolArray,
    rows: pd.DataFrame,
    weight: FloatArray,
    grid: Grid,
) -> tuple[csr_matrix, FloatArray, IntArray]:
    parts, weights, of_layer = [], [], []
    for j, layer in enumerate(scenario.layers):
        inside = np.flatnonzero(members[:, j])
        if layer.shape == "road":
            windows = road_windows(points, inside, layer, scenario.demand.road_step_m)
        else:
            windows = disc_windows(points, inside, layer, grid)
        for network in range(len(scenario.networks)):
            mine = np.flatnonzero((rows[F.NETWORK] == network) & (rows[F.LEVEL] == OUTDOOR))
            row_of_point = np.full(len(points), -1)
            row_of_point[rows[F.POINT].to_numpy()[mine]] = mine
            parts.append(window_rows(windows, row_of_point, len(rows)))
            median = np.median(weight[:, row_of_point[inside]], axis=1)
            weights.append(
                np.repeat(scenario.demand.continuity * median[:, None], len(windows), axis=1)
            )
            of_layer.append(np.full(len(windows), j))
    return stack(parts, len(rows)), np.concatenate(weights, axis=1), np.concatenate(of_layer)


def _road_table(chains: list[Chain]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            F.NAME: [c.name for c in chains],
            "ref": [c.ref for c in chains],
            F.LAYER: [c.layer for c in chains],
            F.LENGTH_M: [c.line.length for c in chains],
        }
    )
