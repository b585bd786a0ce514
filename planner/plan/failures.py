"""Gaps and holes by name: where each one is, so that somebody can go there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import shapely

from planner import fields as F
from planner.model import FloatArray, IntArray, Layers
from planner.plan.measures import Case
from planner.rules import HECTARE_M2, failing_pieces
from planner.scenario import Scenario

Key = tuple[int, int, str, str, str]
"""Phase, count, network, level and layer."""
_KEYS = [F.PHASE, F.COUNT, F.NETWORK, F.LEVEL, F.LAYER]
_PLACE = [F.NAME, F.TOWN]


def gap_table(
    scenario: Scenario, cases: tuple[Case, ...], points: pd.DataFrame, roads: pd.DataFrame
) -> pd.DataFrame:
    """Gaps over the limit at each phase, the longest first; see ``Plan.gaps``.

    ``lon, lat`` is the middle sample, ``name`` the road's number (its name where it has none).
    """
    label = roads[F.REF].where(roads[F.REF] != "", roads[F.NAME])
    road, length = points[F.ROAD].to_numpy(), points[F.LENGTH_M].to_numpy()
    rows = []
    for key, layer_places in _pieces(scenario, [case for case in cases if case.ground.is_road]):
        for places in layer_places:
            middle = places[len(places) // 2]
            rows.append((*key, str(label[road[middle]]), float(length[places].sum()), middle))
    return _table(rows, F.LENGTH_M, points)


def hole_table(
    scenario: Scenario, cases: tuple[Case, ...], points: pd.DataFrame, layers: Layers
) -> pd.DataFrame:
    """Holes at each phase, the largest first; see ``Plan.holes``.

    ``lon, lat`` is the hole's cell nearest to its middle, ``name`` that of the feature the cell
    lies in.
    """
    area, xy = points[F.AREA_M2].to_numpy(), points[[F.X_M, F.Y_M]].to_numpy()
    rows = []
    for key, layer_places in _pieces(scenario, [case for case in cases if not case.ground.is_road]):
        for places in layer_places:
            off = xy[places] - xy[places].mean(axis=0)
            middle = places[np.argmin((off**2).sum(axis=1))]
            rows.append((*key, "", float(area[places].sum()) / HECTARE_M2, middle))

    table = _table(rows, F.AREA_HA, points)
    middles = [row[-1] for row in rows]
    table[F.NAME] = _feature_names(layers, table[F.LAYER], xy[middles].reshape(-1, 2))
    return table


def _pieces(scenario: Scenario, cases: list[Case]) -> list[tuple[Key, list[IntArray]]]:
    """Failing pieces, as places in ``points``, by phase, network, level and layer."""
    found = []
    for number, phase in enumerate(scenario.phases):
        for case in sorted(cases, key=lambda case: (case.network, case.level)):
            layer, network, level = case.key(scenario)
            pieces = failing_pieces(case.ground, case.opened, phase.stations)
            key = (number, phase.stations, network, level, layer)
            found.append((key, [case.ground.places[piece] for piece in pieces]))
    return found


def _table(rows: Sequence[tuple[object, ...]], size: str, points: pd.DataFrame) -> pd.DataFrame:
    """Rows of key, name, size and middle point as a table, with town and place of the point."""
    table = pd.DataFrame(rows, columns=[*_KEYS, F.NAME, size, F.POINT])
    middle = points.iloc[table.pop(F.POINT).to_numpy(np.int64)]
    for column in (F.TOWN, F.LON, F.LAT):
        table[column] = middle[column].to_numpy()

    types = dict.fromkeys([F.NETWORK, F.LEVEL, F.LAYER, F.NAME, F.TOWN], "str")
    types |= dict.fromkeys([F.PHASE, F.COUNT], "int64")
    types |= dict.fromkeys([size, F.LON, F.LAT], "float64")
    return table[[*_KEYS, *_PLACE, size, F.LON, F.LAT]].astype(types)


def _feature_names(layers: Layers, layer: pd.Series, xy: FloatArray) -> list[str]:
    """Name of the layer's polygon that holds each place or is nearest; xy (places, 2), m."""
    names = [""] * len(layer)
    for name in sorted(set(layer)):
        polygons = layers.areas[layers.areas[F.LAYER] == name]
        if polygons.empty:
            continue
        mine = np.flatnonzero(layer == name)
        tree = shapely.STRtree(polygons.geometry.to_numpy())
        nearest = np.asarray(tree.nearest(shapely.points(xy[mine])))
        for place, polygon in zip(mine, nearest, strict=True):
            names[place] = str(polygons[F.NAME].iloc[polygon])
    return names
