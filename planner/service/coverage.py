"""Which station serves which demand: link budgets by kind, and the pairs that hold them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from planner import fields as F
from planner import radio
from planner.kept import NOTHING, Store, key_of
from planner.model import Coverage, Demand, FloatArray, IntArray, Layers, Model, Stations
from planner.model.measures import NEAR_DB
from planner.model.packed import pack, unpack
from planner.scenario import Layer, Scenario
from planner.service.transmitters import (
    HEARD,
    StationKind,
    kinds_of,
    station_kinds_of,
    transmitters_of,
)

Budgets = dict[tuple[radio.Propagation, str, radio.Entry, float], radio.LinkBudget]

OUTSIDE = -1
"""In place of a layer's number: the terminal is outdoors."""


class RowKind(NamedTuple):
    """What a demand row asks: of which network, where the terminal is, and which SS-RSRP there.

    The terminal is where ``layer`` asks for depth, outdoors for None. The bands in ``not_counted``
    do not count for it.
    """

    network: str
    layer: Layer | None
    not_counted: tuple[str, ...]
    rsrp_dbm: float


class Limits(NamedTuple):
    """What each kind of row may lose to each kind of station.

    Attributes
    ----------
    loss_db
        (row kinds, station kinds) largest path loss, minus infinity for never.
    rise_db
        The same by elevation of the path, see :attr:`planner.radio.LinkBudget.rise_db`.
    """

    loss_db: FloatArray
    rise_db: FloatArray


def build_coverage(
    scenario: Scenario,
    layers: Layers,
    demand: Demand,
    stations: Stations,
    store: Store = NOTHING,
) -> Coverage:
    """Work out which station serves which demand row, and which rows neighbour stations serve.

    A row is served when the best sector of a station reaches the level's SS-RSRP there and the
    terminal reaches the station, margin and penetration taken off.

    Parameters
    ----------
    scenario, layers
        Levels, bands and radio parameters; measured antenna patterns.
    demand
        The rows.
    stations
        With sectors: those of the table are the columns of the matrix.
    store
        Where the pairs are looked for, by all that the loop over them takes, and kept.

    Raises
    ------
    planner.errors.ValidityError
        When a frequency lies outside the model of its scene.
    """
    row_kind, row_kinds = _row_kinds(scenario, demand)
    points = demand.points[[F.X_M, F.Y_M]].to_numpy()
    xy = points[demand.rows[F.POINT]]
    budgets: Budgets = {}

    def serves(table: pd.DataFrame) -> csr_matrix:
        loss, rise = _limits(scenario, row_kinds, table, budgets)
        transmitters = transmitters_of(scenario, layers, table)
        return _pairs(store, xy, row_kind, loss, transmitters, rise)

    cover, neighbours = serves(stations.table), serves(stations.neighbours)
    outside = np.diff(neighbours.indptr) > 0
    near = radio.near_mast(points, stations.table[[F.X_M, F.Y_M]].to_numpy())
    return Coverage.of(cover, demand.windows, outside, _budget_table(budgets), int(near.sum()))


def measure_reserve(model: Model, opened: pd.DataFrame) -> FloatArray:
    """What the best station has in hand at each demand row at each phase, (phases, rows) dB.

    At 0 and above the row is served, below it is not; exact within ``NEAR_DB`` either way, and
    beyond it not closer than that.

    Parameters
    ----------
    model
        The scenario, layers and demand.
    opened
        The stations of an order by rank, as many as the last phase counts.
    """
    scenario, demand, beyond = model.scenario, model.demand, model.stations.neighbours
    row_kind, row_kinds = _row_kinds(scenario, demand)
    table = pd.concat([opened[HEARD], beyond[HEARD]]) if len(beyond) else opened
    loss, rise = _limits(scenario, row_kinds, table, {})

    counts = np.array(scenario.counts)
    since = np.searchsorted(counts, np.arange(len(opened)), side="right")
    return radio.coverage_reserve(
        demand.points[[F.X_M, F.Y_M]].to_numpy()[demand.rows[F.POINT]],
        row_kind,
        loss,
        transmitters_of(scenario, model.layers, table),
        rise,
        # those beyond the border are always on
        since=np.concatenate([since, np.zeros(len(beyond), np.int64)]),
        steps=len(counts),
        within_db=NEAR_DB,
    )


def _pairs(store: Store, *taken: Any) -> csr_matrix:
    """:func:`planner.radio.sector_coverage` of what it takes, which is all that it follows from."""
    if not store.keeps:
        return csr_matrix(radio.sector_coverage(*taken))
    key = key_of("coverage", taken)
    known = store.get(key)
    if known is not None:
        pairs: csr_matrix = unpack(known)["pairs"]
        return pairs
    pairs = csr_matrix(radio.sector_coverage(*taken))
    store.put(key, pack({"pairs": pairs}))
    return pairs


def _limits(
    scenario: Scenario, row_kinds: list[RowKind], table: pd.DataFrame, budgets: Budgets
) -> Limits:
    """Largest path loss at which each kind of station serves each kind of row."""
    _, station_kinds = station_kinds_of(table)

    # minus infinity: a station of another network, or of a band that does not count, never serves
    loss: FloatArray = np.full((len(row_kinds), len(station_kinds)), -np.inf)
    rises: dict[tuple[int, int], FloatArray] = {}
    for i, row in enumerate(row_kinds):
        for j, station in enumerate(station_kinds):
            if row.network == station.network and station.band not in row.not_counted:
                budget = _budget(scenario, row, station, budgets)
                loss[i, j] = budget.max_loss_db
                if len(budget.rise_db):
                    rises[i, j] = budget.rise_db

    rise = np.zeros((*loss.shape, max(map(len, rises.values()), default=0)))
    for pair, values in rises.items():
        rise[pair] = values
    return Limits(loss, rise)


def _row_kinds(scenario: Scenario, demand: Demand) -> tuple[IntArray, list[RowKind]]:
    """Kind of each demand row, and the kinds.

    Where layers overlap the first that asks for depth says what the place is, and the highest
    threshold of the layers that ask for the level holds.
    """
    bands, names = list(scenario.bands), scenario.network_names
    point = demand.rows[F.POINT].to_numpy()
    is_deep = (demand.rows[F.LEVEL] == F.DEEP).to_numpy()
    place, not_counted = _deep_places(scenario, demand)
    least_dbm = _least_dbm(scenario, demand)
    number, unique = kinds_of(
        demand.rows[F.NETWORK],
        demand.rows[F.LEVEL],
        np.where(is_deep, place[point], OUTSIDE),
        np.where(is_deep, not_counted[point], 0),
        np.where(is_deep, least_dbm[F.DEEP][point], least_dbm[F.OUTDOOR][point]),
    )

    kinds = []
    for network, _, where, mask, rsrp_dbm in unique:
        left_out = tuple(band for i, band in enumerate(bands) if mask >> i & 1)
        layer = None if where == OUTSIDE else scenario.layers[where]
        kinds.append(RowKind(names[network], layer, left_out, float(rsrp_dbm)))
    return number, kinds


def _deep_places(scenario: Scenario, demand: Demand) -> tuple[IntArray, IntArray]:
    """Layer whose depth is asked at each point, and a bit for each band that does not count."""
    deep_layers = [(j, layer) for j, layer in enumerate(scenario.layers) if layer.deep != "none"]
    member = demand.share > 0
    bands = list(scenario.bands)

    place = np.full(len(demand.points), OUTSIDE, dtype=np.int64)
    for j, _ in reversed(deep_layers):
        place[member[:, j]] = j

    not_counted = np.zeros(len(demand.points), dtype=np.int64)
    for j, layer in deep_layers:
        for band in layer.outdoor_only_bands:
            not_counted[member[:, j]] |= 1 << bands.index(band)

    return place, not_counted


def _least_dbm(scenario: Scenario, demand: Demand) -> FloatArray:
    """Least SS-RSRP at each point, (levels, points) dBm; the scenario's where no layer asks."""
    member = demand.share > 0
    least: FloatArray = np.full((len(F.LEVELS), len(member)), -np.inf)
    for j, layer in enumerate(scenario.layers):
        inside = member[:, j]
        for i, level in enumerate(layer.judged_at):
            own = scenario.least_dbm(layer, level)
            least[i, inside] = np.maximum(least[i, inside], own)

    general = [getattr(scenario.levels, level).rsrp_dbm for level in F.LEVELS]
    return np.where(np.isfinite(least), least, np.array(general)[:, None])


def _budget(
    scenario: Scenario, row: RowKind, station: StationKind, known: Budgets
) -> radio.LinkBudget:
    """The link budget of a row and a station; equal ones are worked out once."""
    propagation = scenario.radio.scenes[station.scene].at(station.height_m)
    entry = scenario.entry(row.layer, station.band)
    key = (propagation, station.band, entry, row.rsrp_dbm)
    if key not in known:
        known[key] = radio.link_budget(
            scenario.radio,
            scenario.bands[station.band],
            propagation,
            entry,
            rsrp_dbm=row.rsrp_dbm,
        )
    return known[key]


def _budget_table(budgets: Budgets) -> pd.DataFrame:
    """Every term of every budget, a row each."""
    rows = [
        (scene.model, scene.h_bs_m, band, entry.name, row.term, row.value, row.unit, row.source)
        for (scene, band, entry, _), budget in budgets.items()
        for row in budget.rows
    ]
    return pd.DataFrame(
        rows, columns=[F.MODEL, F.HEIGHT_M, F.BAND, F.PLACE, F.TERM, F.VALUE, F.UNIT, F.SOURCE]
    )
