"""What is wanted and what could be built, and the model that holds both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from planner import fields as F
from planner.errors import ProblemError
from planner.model import tables
from planner.model.arrays import BoolArray, FloatArray, IntArray, describe, freeze
from planner.model.layers import Layers
from planner.scenario import Scenario

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from scipy.sparse import csr_array, csr_matrix


@dataclass(frozen=True, slots=True)
class Grid:
    """The one regular grid, in Web Mercator (EPSG:3857): cells, rasters and the page all draw it.

    ``west, north`` are the outer corner in metres of the projection, ``step`` the side of a cell
    there (``cell_m / cos(latitude of the middle)``), row 0 is the northernmost.
    """

    west: float
    north: float
    step: float
    columns: int
    rows: int
    cell_m: float

    def centres(self, cell: IntArray) -> tuple[FloatArray, FloatArray]:
        """Web Mercator metres of the middle of the cells numbered ``row * columns + column``."""
        row, column = np.divmod(cell, self.columns)
        return self.west + (column + 0.5) * self.step, self.north - (row + 0.5) * self.step

    def cells(self, x: FloatArray, y: FloatArray) -> IntArray:
        """Numbers of the cells that hold points given in Web Mercator metres; -1 outside."""
        column = np.floor((x - self.west) / self.step).astype(np.int64)
        row = np.floor((self.north - y) / self.step).astype(np.int64)
        inside = (column >= 0) & (column < self.columns) & (row >= 0) & (row < self.rows)
        return np.where(inside, row * self.columns + column, -1)


def on_road(points: pd.DataFrame) -> BoolArray:
    """Which places of demand are samples of a road, (points,); the others are cells of areas."""
    is_sample: BoolArray = points[F.ROAD].to_numpy() >= 0
    return is_sample


@dataclass(frozen=True, slots=True, eq=False)
class Demand:
    """Where service is wanted.

    Attributes
    ----------
    grid
        The grid of the cells.
    points
        One row per place, index 0 .. n-1: area cells first, by cell number, then road samples by
        road and chainage. ``x_m, y_m, lon, lat, cell`` (cell of the grid that holds it),
        ``area_m2`` (NaN for samples), ``length_m`` (NaN for cells), ``road, chainage_m`` (-1, NaN
        for cells), ``scene, people, town``.
    roads
        One row per chain of road, index = ``points.road``: ``name, ref, layer, length_m``. Pieces
        of one road that meet are one chain; a chain ends where the road leaves the district.
    layers
        Names of the layers, in the scenario's order.
    share
        (points, layers): weight of the point in the layer, the whole sums to 1; 0 = not a point of
        the layer. A point can belong to several layers; a layer is measured on all its points.
    rows
        One row per (point, network, level) that is asked for: ``point, network, level`` (numbers:
        place in ``points``, in ``scenario.networks``, in ``fields.LEVELS``), ordered by network,
        level, point.
    weight
        (phases after the state, rows): what covering the row is worth in the phase.
    windows
        (windows, rows) sparse 0/1: a continuity row holds when one of its rows is covered.
    window_weight
        (phases after the state, windows).
    window_layer
        (windows,): layer of the window, its place in ``layers``.
    """

    grid: Grid
    points: pd.DataFrame
    roads: pd.DataFrame
    layers: tuple[str, ...]
    share: FloatArray
    rows: pd.DataFrame
    weight: FloatArray
    windows: csr_matrix
    window_weight: FloatArray
    window_layer: IntArray

    def __repr__(self) -> str:
        """How large each part is."""
        return describe(self)

    def __post_init__(self) -> None:
        n_points = len(self.points)
        n_rows = len(self.rows)
        n_windows = self.windows.shape[0]
        fits = (
            self.share.shape == (n_points, len(self.layers))
            and self.weight.shape[1] == n_rows
            and self.windows.shape[1] == n_rows
            and self.window_weight.shape == (self.weight.shape[0], n_windows)
            and self.window_layer.shape == (n_windows,)
        )
        if not fits:
            raise ProblemError(
                "the parts of the demand do not fit together", "需求各部分的形状不一致"
            )

        tables.POINTS.checked(self.points)
        tables.CHAINS.checked(self.roads)
        tables.ROWS.checked(self.rows)
        freeze(self.share, self.weight, self.window_weight, self.window_layer)

    def residents(self, scenario: Scenario) -> FloatArray:
        """Residents that each row stands for, (rows,).

        They stand at the outdoor row of their place, for each network by its share: over all
        networks everybody is counted once. Rows of depth and samples of roads stand for nobody.
        """
        people = self.points[F.PEOPLE].to_numpy(np.float64)[self.rows[F.POINT]]
        share = np.array(scenario.network_shares)[self.rows[F.NETWORK]]
        residents: FloatArray = np.where(self.rows[F.LEVEL] == F.OUTDOOR, people * share, 0.0)
        return residents

    def members(self, layer: str) -> IntArray:
        """Places in ``points`` of the points of a layer."""
        return np.flatnonzero(self.share[:, self.layers.index(layer)] > 0)


@dataclass(frozen=True, slots=True, eq=False)
class Stations:
    """What could be built: the open and retrofitted stations and every candidate station.

    Attributes
    ----------
    table
        GeoDataFrame of WGS-84 points sorted by ``station_id``, index 0 .. m-1; its columns are
        those of ``tables.STATIONS``. ``cost_wan`` is that of the first station of a site, unscaled;
        ``excluded`` stations may not be built.
    fixed
        Places in ``table`` of the stations that open first, in opening order: the open ones, then
        those retrofitted.
    findings
        Every siting rule that hits a station, with its figure: ``tables.FINDINGS``.
    neighbours
        The stations beyond the border, which stand from the start: ``tables.NEIGHBOUR_STATIONS``.
    """

    table: gpd.GeoDataFrame
    fixed: IntArray
    findings: pd.DataFrame
    neighbours: pd.DataFrame

    def __repr__(self) -> str:
        """How large each part is."""
        return describe(self)

    def __post_init__(self) -> None:
        freeze(self.fixed)
        tables.STATIONS.checked(self.table)
        tables.FINDINGS.checked(self.findings)
        tables.NEIGHBOUR_STATIONS.checked(self.neighbours)


@dataclass(frozen=True, slots=True, eq=False)
class Coverage:
    """Which station serves which demand row, and holds which continuity row.

    Attributes
    ----------
    whole
        (demand rows, then continuity rows; stations) sparse, boolean: who serves a row, and which
        continuity rows have a demand row that is served; read-only, as the problem holds it.
    outside
        (demand rows,) whether a neighbour station serves the row, from the start.
    budget
        Link budgets in use, one row per term: ``tables.BUDGET``.
    near_mast
        Places within 10 m of a candidate mast, where the loss at 10 m stands for the true one.
    """

    whole: csr_array
    outside: BoolArray
    budget: pd.DataFrame
    near_mast: int = 0

    @classmethod
    def of(
        cls,
        cover: csr_matrix,
        windows: csr_matrix,
        outside: BoolArray,
        budget: pd.DataFrame,
        near_mast: int = 0,
    ) -> Coverage:
        """The coverage of demand rows, (demand rows, stations), and of windows of them."""
        from scipy.sparse import csr_array, vstack

        from planner.optimise import cover_matrix

        held = (windows @ cover).astype(bool)
        # nobody else holds the new matrix: read-only, it is the problem's own and not copied
        whole = csr_array(vstack([cover, held], format="csr"))
        whole.sum_duplicates()
        freeze(whole.data, whole.indices, whole.indptr)
        return cls(cover_matrix(whole), outside, budget, near_mast)

    @property
    def cover(self) -> csr_matrix:
        """The demand rows alone, (demand rows, stations), on the same memory."""
        from scipy.sparse import csr_matrix

        rows = len(self.outside)
        starts = self.whole.indptr[: rows + 1]
        entries = self.whole.data[: starts[-1]], self.whole.indices[: starts[-1]], starts
        return csr_matrix(entries, shape=(rows, self.whole.shape[1]), copy=False)

    def __repr__(self) -> str:
        """How large each part is."""
        return describe(self)

    def __post_init__(self) -> None:
        freeze(self.outside)
        tables.BUDGET.checked(self.budget)


@dataclass(frozen=True, slots=True, eq=False)
class CoveredWeight:
    """What counts as covered, for the optimiser, the curve and the replacements alike.

    Rows are those of the demand, then the continuity rows, which hold when one of their demand rows
    is served. What neighbour stations serve cannot be gained: value and bound are those of the rest
    alone.

    Attributes
    ----------
    cover
        (rows, stations) sparse, boolean: who serves a row; the very matrix that the problem holds.
    weight
        (phases after the state, rows): what serving it is worth; 0 where a neighbour station does.
    outside
        (rows,) whether a neighbour station serves the row or, of a window, one of its rows.
    given
        (phases after the state,) weight of the rows that neighbour stations serve.
    demand_rows
        How many of the rows are those of the demand.
    """

    cover: csr_array
    weight: FloatArray
    outside: BoolArray
    given: FloatArray
    demand_rows: int

    def __post_init__(self) -> None:
        freeze(self.weight, self.outside, self.given)

    @classmethod
    def of(cls, demand: Demand, coverage: Coverage) -> CoveredWeight:
        """The weight of a district's demand under its coverage."""
        held = (demand.windows @ coverage.outside) > 0
        outside: BoolArray = np.concatenate([coverage.outside, held])
        worth = np.hstack([demand.weight, demand.window_weight])
        return cls(
            cover=coverage.whole,
            weight=np.where(outside, 0.0, worth),
            outside=outside,
            given=worth[:, outside].sum(axis=1),
            demand_rows=len(demand.rows),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A scenario with everything the optimiser needs to know of it."""

    scenario: Scenario
    layers: Layers
    demand: Demand
    stations: Stations
    coverage: Coverage

    def __repr__(self) -> str:
        """The scenario, and how large each part is."""
        parts = (self.scenario, self.layers, self.demand, self.stations, self.coverage)
        return "Model(" + ",\n  ".join(repr(part).replace("\n", "\n  ") for part in parts) + ")"

    def __post_init__(self) -> None:
        rows, columns = len(self.demand.rows), len(self.stations.table)
        fits = self.coverage.cover.shape == (rows, columns)
        if not fits or self.coverage.outside.shape != (rows,):
            raise ProblemError(
                "coverage does not fit demand and stations", "覆盖矩阵与需求、站点数量不符"
            )


@dataclass(frozen=True, slots=True, eq=False)
class Reception:
    """What an order of stations is received as: signal, load and identities.

    Attributes
    ----------
    points
        The places of demand with the SS-RSRP of each network at each phase: ``tables.PLAN_POINTS``.
    cells, neighbours, carriers
        ``tables.CELLS, NEIGHBOURS, CARRIERS``.
    measures
        Figures of signal and load at the phases: ``tables.MEASURES``.
    heard
        Figures for the rules on what is heard, at stated counts: ``tables.HEARD``; without rows
        where no layer asks.
    reserve_db
        (phases, demand rows) what the best station has in hand, dB, see
        :func:`planner.service.measure_reserve`; None where nobody asked.
    """

    points: pd.DataFrame
    cells: pd.DataFrame
    neighbours: pd.DataFrame
    carriers: pd.DataFrame
    measures: pd.DataFrame
    heard: pd.DataFrame
    reserve_db: FloatArray | None = None

    def __post_init__(self) -> None:
        tables.HEARD.checked(self.heard)
