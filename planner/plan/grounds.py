"""The points of demand as the arrays that pass rules judge."""

from __future__ import annotations

import numpy as np
import pandas as pd

from planner import fields as F
from planner.model import FloatArray, Grid, IntArray, on_road
from planner.rules import Ground, area_ground, road_ground
from planner.scenario import Layer, Scenario


def levels_of(layer: Layer) -> range:
    """Numbers of the levels that a layer is judged at."""
    return range(len(layer.judged_at))


def make_grounds(
    scenario: Scenario, points: pd.DataFrame, share: FloatArray, grid: Grid
) -> tuple[Ground, ...]:
    """The ground of every layer, in the scenario's order."""
    is_sample = on_road(points)
    grounds = []
    for number, layer in enumerate(scenario.layers):
        is_in_layer = share[:, number] > 0
        if layer.shape == "road":
            grounds.append(_road_ground(points, np.flatnonzero(is_in_layer & is_sample)))
        else:
            grounds.append(_area_ground(points, np.flatnonzero(is_in_layer & ~is_sample), grid))
    return tuple(grounds)


def _road_ground(points: pd.DataFrame, places: IntArray) -> Ground:
    """Samples stand in ``points`` by road and chainage: those that follow each other touch."""
    road = points[F.ROAD].to_numpy()[places]
    length_m = points[F.LENGTH_M].to_numpy(np.float64)[places]
    return road_ground(places, road, length_m)


def _area_ground(points: pd.DataFrame, places: IntArray, grid: Grid) -> Ground:
    """Cells touch when they are neighbours in the grid."""
    row, column = np.divmod(points[F.CELL].to_numpy(np.int64)[places], grid.columns)
    area_m2 = points[F.AREA_M2].to_numpy(np.float64)[places]
    people = points[F.PEOPLE].to_numpy(np.float64)[places]
    return area_ground(places, row, column, area_m2, people, grid.cell_m)
