"""Which station serves which demand: link budgets by kind of place and station, and the pairs that hold them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from planner import fields as F
from planner import radio
from planner.model import Coverage, Demand, IntArray, Layers
from planner.scenario import Scenario
from planner.service.sectors import sectors_of

Budgets = dict[tuple[str, float, str, radio.Place, float], radio.LinkBudget]


class RowKind(NamedTuple):
    """What a demand row asks: of which network, at which level, where the terminal is, bands that do not count."""

    network: str
    level: str
    place: radio.Place
    not_counted: tuple[str, ...]


class StationKind(NamedTuple):
    """What stations have in common for a link budget."""

    network: str
    band: str
    scene: str
    height_m: float


def build_coverage(
    scenario: Scenario, layers: Layers, demand: Demand, table: pd.DataFrame
) -> Coverage:
    """Work out which station serves which demand row.

    A row is served when the best sector of a station reaches the level's SS-RSRP there and the
    terminal reaches the station, margin and penetration taken off.

    Parameters
    ----------
    scenario, layers
        Levels, bands and radio parameters; measured antenna patterns.
    demand
        The rows.
    table
        Stations with sectors, the columns of the matrix.

    Raises
    ------
    planner.errors.ValidityError
        When a height or frequency lies outside the model of its scene.
    """
    row_kind, row_kinds = _row_kinds(scenario, demand)
    station_kind, station_kinds = station_kinds_of(table)
    loss = np.full((len(row_kinds), len(station_kinds)), -np.inf)
    budgets: Budgets = {}
    for i, row in enumerate(row_kinds):
        for j, station in enumerate(station_kinds):
            if row.network == station.network and station.band not in row.not_counted:
                loss[i, j] = _budget(scenario, row, station, budgets).max_loss_db
    points = demand.points[[F.X_M, F.Y_M]].to_numpy()[demand.rows[F.POINT]]
    cover = radio.sector_coverage(
        points,
        row_kind,
        table[[F.X_M, F.Y_M]].to_numpy(),
        station_kind,
        loss,
        station_classes(scenario, station_kinds),
        sectors_of(scenario, layers, table),
        scenario.radio,
    )
    near = radio.near_mast(
        demand.points[[F.X_M, F.Y_M]].to_numpy(), table[[F.X_M, F.Y_M]].to_numpy()
    )
    return Coverage(csr_matrix(cover), _budget_table(budgets), int(near.sum()))


def station_kinds_of(table: pd.DataFrame) -> tuple[IntArray, list[StationKind]]:
    """Kind of each station, and the kinds."""
    keys = pd.MultiIndex.from_frame(table[[F.NETWORK, F.BAND, F.SCENE, F.HEIGHT_M]])
    number, unique = pd.factorize(keys, sort=True)
    return number, [StationKind(*key) for key in unique]


def station_classes(scenario: Scenario, kinds: list[StationKind]) -> list[radio.StationClass]:
    """The kinds as the radio knows them."""
    return [
        radio.StationClass(scenario.bands[k.band], scenario.radio.scenes[k.scene], k.height_m)
        for k in kinds
    ]


def _row_kinds(scenario: Scenario, demand: Demand) -> tuple[IntArray, list[RowKind]]:
    """Kind of each demand row, and the kinds. Where layers overlap the first that asks for depth says what it is."""
    deep_layers = [(j, layer) for j, layer in enumerate(scenario.layers) if layer.deep != "none"]
    member = demand.share > 0
    place = np.full(len(demand.points), "indoor", dtype=object)
    for j, layer in reversed(deep_layers):
        place[member[:, j]] = layer.deep
    not_counted = np.zeros(len(demand.points), dtype=np.int64)  # a bit for each band
    bands = list(scenario.bands)
    for j, layer in deep_layers:
        for band in layer.outdoor_only_bands:
            not_counted[member[:, j]] |= 1 << bands.index(band)
    point = demand.rows[F.POINT].to_numpy()
    is_deep = (demand.rows[F.LEVEL] == F.LEVELS.index("deep")).to_numpy()
    keys = pd.MultiIndex.from_arrays(
        [
            demand.rows[F.NETWORK],
            demand.rows[F.LEVEL],
            np.where(is_deep, place[point], "outdoor"),
            np.where(is_deep, not_counted[point], 0),
        ]
    )
    number, unique = pd.factorize(keys, sort=True)
    names = scenario.network_names
    return number, [
        RowKind(
            names[n], F.LEVELS[level], where, tuple(b for i, b in enumerate(bands) if mask >> i & 1)
        )
        for n, level, where, mask in unique
    ]


def _budget(
    scenario: Scenario, row: RowKind, station: StationKind, known: Budgets
) -> radio.LinkBudget:
    propagation = scenario.radio.scenes[station.scene]
    rsrp: float = getattr(scenario.levels, row.level).rsrp_dbm
    key = (propagation.model, station.height_m, station.band, row.place, rsrp)
    if key not in known:
        known[key] = radio.link_budget(
            scenario.radio,
            scenario.bands[station.band],
            propagation,
            row.place,
            rsrp_dbm=rsrp,
            h_bs_m=station.height_m,
        )
    return known[key]


def _budget_table(budgets: Budgets) -> pd.DataFrame:
    rows = [
        (model, height, band, place, row.term, row.value, row.unit, row.source)
        for (model, height, band, place, _), budget in budgets.items()
        for row in budget.rows
    ]
    return pd.DataFrame(
        rows, columns=[F.MODEL, F.HEIGHT_M, F.BAND, F.PLACE, F.TERM, F.VALUE, F.UNIT, F.SOURCE]
    )
