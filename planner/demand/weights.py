"""What each place counts: by residents and by ground.

Layers share the whole, and places share their layer, in the same way.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from planner import fields as F
from planner.demand.notices import NOTICES
from planner.errors import ScenarioError, raise_together
from planner.model import FloatArray
from planner.scenario import Layer, Scenario

BoolArray = npt.NDArray[np.bool_]


def layer_shares(points: pd.DataFrame, members: BoolArray, scenario: Scenario) -> FloatArray:
    """Weight of each point in each layer, summing to 1.

    Parameters
    ----------
    points
        Places with ``area_m2, length_m, people``.
    members
        (points, layers) bool.
    scenario
        Its ``demand`` says how residents and ground are mixed; a layer's ``weight_share`` sets the
        layer's part.

    Raises
    ------
    ScenarioError
        When a layer holds no place; names every such layer.
    """
    if empty := [layer for j, layer in enumerate(scenario.layers) if not members[:, j].any()]:
        raise_together([_no_place(layer) for layer in empty])

    # a road counts as ground by a strip along it
    strip_m2 = points[F.LENGTH_M] * scenario.demand.road_strip_m
    ground = points[F.AREA_M2].fillna(strip_m2).to_numpy(np.float64)
    by_ground: FloatArray = members * ground[:, None]
    by_people: FloatArray = members * points[F.PEOPLE].to_numpy(np.float64)[:, None]

    mix = scenario.demand.resident_share
    parts = _mixed(by_people.sum(axis=0), by_ground.sum(axis=0), mix)
    shares: FloatArray = np.empty(members.shape)
    for layer, part in enumerate(_with_set_parts(parts, scenario)):
        shares[:, layer] = part * _mixed(by_people[:, layer], by_ground[:, layer], mix)
    return shares


def _no_place(layer: Layer) -> ScenarioError:
    notice = NOTICES.notice(
        "layer_without_place",
        column=f"layers.{layer.name}",
        layer=layer.name,
        label=layer.label,
        kinds=", ".join(layer.kinds),
    )
    return ScenarioError.found(notice)


def _mixed(people: FloatArray, ground: FloatArray, mix: float) -> FloatArray:
    """Parts of a whole by residents and by ground; by ground alone where nobody lives."""
    by_ground: FloatArray = ground / ground.sum()
    if people.sum() <= 0:
        return by_ground
    mixed: FloatArray = mix * people / people.sum() + (1 - mix) * by_ground
    return mixed


def _with_set_parts(parts: FloatArray, scenario: Scenario) -> FloatArray:
    """Part of each layer, (layers,): as the scenario sets it, the others share the rest."""
    wanted: FloatArray = np.array(
        [np.nan if layer.weight_share is None else layer.weight_share for layer in scenario.layers]
    )
    is_set = ~np.isnan(wanted)

    rest = max(0.0, 1 - wanted[is_set].sum())
    free = parts[~is_set].sum()
    return np.where(is_set, wanted, parts * (rest / free if free > 0 else 0.0))


def row_weights(rows: pd.DataFrame, shares: FloatArray, scenario: Scenario) -> FloatArray:
    """What covering each row is worth, (phases after the state, rows).

    The shares of the row's place in the layers that ask for its level, times the weights of its
    network, level and phase.
    """
    asks_deep = np.array([layer.deep != "none" for layer in scenario.layers])
    outdoor = shares.sum(axis=1)
    deep = shares[:, asks_deep].sum(axis=1)

    point = rows[F.POINT].to_numpy()
    is_deep = rows[F.LEVEL].to_numpy() == F.DEEP
    of_network = np.array(scenario.network_shares)[rows[F.NETWORK]]
    weight = np.where(is_deep, deep[point], outdoor[point]) * of_network

    phases = zip(scenario.demand.phase_weight, scenario.demand.deep_weight, strict=True)
    return np.stack([weight * phase * np.where(is_deep, depth, 1.0) for phase, depth in phases])


def check_residents(points: pd.DataFrame, members: BoolArray, scenario: Scenario) -> None:
    """Refuse a layer that is judged by its residents but in which nobody is known to live.

    Parameters
    ----------
    points, members, scenario
        As in :func:`layer_shares`.

    Raises
    ------
    ScenarioError
        Names every such layer.
    """
    residents: FloatArray = members.T @ points[F.PEOPLE].to_numpy(np.float64)
    empty = [
        layer
        for layer, people in zip(scenario.layers, residents, strict=True)
        if layer.rule.residents is not None and people <= 0
    ]
    if not empty:
        return
    names = ", ".join(layer.name for layer in empty)
    raise ScenarioError.found(NOTICES.notice("residents_unknown", value=names, layers=names))
