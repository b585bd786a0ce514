"""The down-tilt of every station: one for the life of the plan, settled before any order is sought.

A list's own tilts win. Else the main axis meets the ground where the range to be served ends,
:func:`planner.radio.default_tilt`. The range to be served is

- in the layers that the station is for: those with demand no farther from it than their candidates
  stand apart, ``spacing_m``; of several the shortest;
- in a layer: that of the level which it asks for in the station's band, into buildings or cars
  where it asks for depth, else outdoors; but no shorter than 2/3 of ``spacing_m``, the radius of a
  cell of three sectors in a net of such sites (a cloverleaf: distance of sites 1.5 R);
- beside no layer: outdoors.

So a mast in a street of houses looks steeper than one that serves a road, whatever the order will
be: judgement. It aims at the ground that the level asks for, and gives away what reaches past it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from planner import fields as F
from planner import radio
from planner.model import Demand, FloatArray, IntArray
from planner.scenario import Layer, Scenario

CELL_RADIUS = 2.0 / 3.0
"""Radius of a cell over the distance of sites, of three sectors each."""


def tilts_of(scenario: Scenario, demand: Demand, table: pd.DataFrame) -> FloatArray:
    """Tilt that the rule gives each station, (stations,) degrees, whatever a list says.

    Parameters
    ----------
    scenario
        Radio parameters, bands, levels and layers.
    demand
        Tells which layers a station is for.
    table
        Stations with ``x_m, y_m, band, scene, height_m``.
    """
    near = _near(scenario, demand, table)
    kinds = table[[F.BAND, F.SCENE, F.HEIGHT_M]].assign(near=near)
    number, unique = pd.factorize(pd.MultiIndex.from_frame(kinds))

    tilts: FloatArray = np.zeros(len(table))
    for i, (band, scene, height_m, bits) in enumerate(unique):
        layers = [layer for j, layer in enumerate(scenario.layers) if bits >> j & 1]
        range_m = _range_to_be_served(scenario, band, scene, height_m, layers)
        antenna = scenario.bands[band].antenna
        h_ut_m = scenario.radio.h_ut_m
        tilts[number == i] = radio.default_tilt(antenna, height_m, range_m, h_ut_m)
    return tilts


def _near(scenario: Scenario, demand: Demand, table: pd.DataFrame) -> IntArray:
    """Layers that each station is for, (stations,): a bit for each, in the scenario's order."""
    from scipy.spatial import cKDTree

    xy = table[[F.X_M, F.Y_M]].to_numpy()
    places = demand.points[[F.X_M, F.Y_M]].to_numpy()
    bits: IntArray = np.zeros(len(table), dtype=np.int64)
    for j, layer in enumerate(scenario.layers):
        inside = places[demand.share[:, j] > 0]
        if len(inside):
            # where cells are wider than that, a site in the layer has none so near
            within = max(layer.spacing_m, demand.grid.cell_m)
            away_m, _ = cKDTree(inside).query(xy, distance_upper_bound=within)
            bits |= np.isfinite(away_m).astype(np.int64) << j
    return bits


def _range_to_be_served(
    scenario: Scenario, band: str, scene: str, height_m: float, layers: list[Layer]
) -> float:
    """Range to be served by a kind of station, m."""
    propagation = scenario.radio.scenes[scene].at(height_m)

    def reach_m(within: Layer | None, rsrp_dbm: float) -> float:
        entry = scenario.entry(within, band)
        budget = radio.link_budget(
            scenario.radio, scenario.bands[band], propagation, entry, rsrp_dbm=rsrp_dbm
        )
        return budget.range_m

    ranges_m = []
    for layer in layers:
        if layer.deep == "none" or band in layer.outdoor_only_bands:
            served_m = reach_m(None, scenario.least_dbm(layer, "outdoor"))
        else:
            served_m = reach_m(layer, scenario.least_dbm(layer, "deep"))
        ranges_m.append(max(served_m, CELL_RADIUS * layer.spacing_m))
    if ranges_m:
        return min(ranges_m)
    return max(reach_m(None, scenario.levels.outdoor.rsrp_dbm), radio.NEAR_M)
