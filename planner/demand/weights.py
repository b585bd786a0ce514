"""What each place counts: by residents and by ground.

Layers share the whole, and places share their layer, in the same way.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from planner import fields as F
from planner.errors import Notice, ScenarioError, raise_together
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
    kinds = ", ".join(layer.kinds)
    return ScenarioError.found(
        Notice(
            "layer_without_place",
            "E",
            f"图层 {layer.label}（{layer.name}）没有任何需求点：境内没有类别为 {kinds} 的要素，"
            f"或都小于一个网格",
            f"layer {layer.name} holds no place of demand: no feature of kind {kinds} in the "
            f"district, or all of them "
            "are smaller than a cell",
            "请检查要素，或减小 demand.cell_m。",
            "Check the features, or make demand.cell_m smaller.",
            column=f"layers.{layer.name}",
        )
    )


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
    is_deep = rows[F.LEVEL].to_numpy() == F.LEVELS.index("deep")
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
    notice = Notice(
        "residents_unknown",
        "E",
        f"图层 {names} 要求按居民判定（rule.residents），但范围内没有人口数据",
        f"rule.residents is asked of {names}, but no resident is known inside",
        "请补充 inputs.population，或删去该图层的 rule.residents。",
        "Add them to inputs.population, or remove rule.residents from the layer.",
        column="layers",
        value=names,
    )
    raise ScenarioError.found(notice)
