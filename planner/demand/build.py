"""Layers -> Demand: places, levels, weights, windows and discs of continuity."""

from __future__ import annotations

from itertools import product

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
from planner.model import Demand, FloatArray, Grid, IntArray, Layers, on_road
from planner.scenario import Scenario


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
    area_layers = [layer for layer in scenario.layers if layer.shape == "area"]
    road_layers = tuple(layer for layer in scenario.layers if layer.shape == "road")

    # where: cells of the areas and samples of the roads, each in the layers that hold it
    grid = make_grid(layers.boundary, scenario.demand.cell_m)
    cells = {
        layer.name: area_cells(layers.areas[layers.areas[F.LAYER] == layer.name], grid)
        for layer in area_layers
    }
    chains = road_chains(layers.roads, road_layers)
    points = _points(scenario, layers, grid, cells, chains)
    members = _members(scenario, points, cells, chains)
    points[F.SCENE] = _scenes(scenario, layers, points, members)
    check_residents(points, members, scenario)

    # what: rows by network and level, weighed; windows reuse the weights of the rows in them
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
    """The places without their scene: cells of the areas by number, then samples by chain."""
    crs = scenario.district.work_crs
    wanted = np.unique(np.concatenate([*cells.values(), np.empty(0, np.int64)]))
    areas = cell_points(wanted, grid, crs)
    samples = road_points(chains, scenario.demand.road_step_m, grid, crs)
    points = pd.concat([areas, samples[areas.columns]], ignore_index=True)

    # people live in cells; the rows of the cells are the first len(wanted)
    numbers, people = people_by_cell(layers.population, grid, crs)
    points[F.PEOPLE] = 0.0
    _, in_wanted, in_numbers = np.intersect1d(wanted, numbers, return_indices=True)
    points.loc[in_wanted, F.PEOPLE] = people[in_numbers]

    points[F.TOWN] = layers.town_at(points[F.X_M].to_numpy(), points[F.Y_M].to_numpy(), scenario)
    return points


def _members(
    scenario: Scenario, points: pd.DataFrame, cells: dict[str, IntArray], chains: list[Chain]
) -> BoolArray:
    """Whether each point belongs to each layer, (points, layers)."""
    is_cell = ~on_road(points)

    # the last name is that of road -1, an area cell: no layer's
    layer_of_road = np.array([chain.layer for chain in chains] + [""])
    road = points[F.ROAD].to_numpy()
    members = np.empty((len(points), len(scenario.layers)), dtype=np.bool_)
    for number, layer in enumerate(scenario.layers):
        if layer.shape == "area":
            members[:, number] = is_cell & np.isin(points[F.CELL], cells[layer.name])
        else:
            members[:, number] = layer_of_road[road] == layer.name
    return members


def _scenes(
    scenario: Scenario, layers: Layers, points: pd.DataFrame, members: BoolArray
) -> list[str]:
    """Scene of each point: that of the first layer that holds it.

    A road in or near a built-up layer takes the scene of that layer.
    """
    first = members.argmax(axis=1)
    scene = np.array([scenario.layers[layer].scene for layer in first], dtype=object)

    samples = np.flatnonzero(on_road(points))
    places = shapely.points(points[F.X_M].to_numpy()[samples], points[F.Y_M].to_numpy()[samples])
    # from the last layer to the first, so that the earlier one wins
    for layer in reversed(scenario.layers):
        if layer.shape == "area" and scenario.is_built(layer.scene):
            of_layer = layers.areas[F.LAYER] == layer.name
            ground = shapely.union_all(layers.areas.geometry[of_layer].to_numpy())
            shapely.prepare(ground)
            is_near = shapely.dwithin(places, ground, scenario.siting.uma_margin_m)
            scene[samples[is_near]] = layer.scene
    return list(scene)


def _rows(scenario: Scenario, members: BoolArray) -> pd.DataFrame:
    """What is asked for, by network, level and point: outdoors at every point."""
    asks_deep = members[:, [layer.deep != "none" for layer in scenario.layers]].any(axis=1)
    points = {F.OUTDOOR: np.arange(len(members)), F.DEEP: np.flatnonzero(asks_deep)}

    parts = list(product(range(len(scenario.networks)), (F.OUTDOOR, F.DEEP)))
    sizes = [len(points[level]) for _, level in parts]
    return pd.DataFrame(
        {
            F.POINT: np.concatenate([points[level] for _, level in parts]),
            F.NETWORK: np.repeat([network for network, _ in parts], sizes),
            F.LEVEL: np.repeat([level for _, level in parts], sizes),
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
    """Windows by layer and network: (windows, rows), weights (phases, windows), layer of each."""
    parts = []
    weights = []
    of_layer = []
    for number, layer in enumerate(scenario.layers):
        inside = np.flatnonzero(members[:, number])
        if layer.shape == "road":
            windows = road_windows(points, inside, layer, scenario.demand.road_step_m)
        else:
            windows = disc_windows(points, inside, layer, grid)

        for network in range(len(scenario.networks)):
            outdoor = np.flatnonzero((rows[F.NETWORK] == network) & (rows[F.LEVEL] == F.OUTDOOR))
            row_of_point = np.full(len(points), -1)
            row_of_point[rows[F.POINT].to_numpy()[outdoor]] = outdoor
            parts.append(window_rows(windows, row_of_point, len(rows)))

            # a window counts as so many median samples of its layer
            median = np.median(weight[:, row_of_point[inside]], axis=1)
            each = scenario.demand.continuity * median[:, None]
            weights.append(np.repeat(each, len(windows), axis=1))
            of_layer.append(np.full(len(windows), number))
    return stack(parts, len(rows)), np.concatenate(weights, axis=1), np.concatenate(of_layer)


def _road_table(chains: list[Chain]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            F.NAME: [chain.name for chain in chains],
            F.REF: [chain.ref for chain in chains],
            F.LAYER: [chain.layer for chain in chains],
            F.LENGTH_M: [chain.line.length for chain in chains],
        }
    )
