"""The frozen types that pass from room to room: Layers -> Demand, Stations -> Coverage -> Model -> Plan.

Frames are not to be changed after construction; arrays are set read-only. Geometry is in the district's work CRS
(metres) everywhere but in ``Stations`` and ``Plan.stations``, whose points are WGS-84 and which carry
``x_m, y_m`` beside.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from planner import fields as F
from planner import files
from planner.errors import Notice, ProblemError, StorageError
from planner.radio import Antenna, PatternTable, pattern_table
from planner.scenario import Scenario

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from scipy.sparse import csr_matrix

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


def _freeze(*arrays: npt.NDArray[Any]) -> None:
    for array in arrays:
        array.setflags(write=False)


def _no_antennas() -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame({"band": [], "cut": [], "angle_deg": [], "loss_db": []}).astype({"band": object, "cut": object})


@dataclass(frozen=True, slots=True, eq=False)
class Layers:
    """What is there, as read, checked and brought to the work CRS.

    Attributes
    ----------
    boundary
        One row: ``name, adcode``, polygon.
    areas
        Polygons of the area layers: ``layer, name, kind, basis, accuracy_m, source, licence``, inside the boundary.
        A feature of a later phase (``kind`` not asked for by any layer) has ``layer`` empty and is drawn only.
    roads
        Lines of the road layers, clipped to the boundary, and of other named roads: ``layer`` (empty when the road
        is context only), ``name, ref, kind, basis, accuracy_m, source, licence``.
    streets, water
        Lines for candidates and for drawing: ``name, kind, basis, accuracy_m, source, licence``.
    keep_outs
        Polygons where nothing may be built: ``name, kind, basis, accuracy_m, source, licence``.
    towns
        Plain frame: ``town_id, name, kind`` (urban or town), ``people, seat_lon, seat_lat, x_m, y_m`` (NaN without
        a seat), ``basis, source``.
    town_areas
        Polygons ``town_id, name`` where the borders are known; else empty, and towns are the nearest seat's.
    landmarks
        Points ``name, kind, basis, source``.
    population
        Plain frame: ``x_m, y_m, people, cell_m`` (side of the square a row stands for), ``basis``.
    sites
        Points of the sites of today: ``site_id, name, state`` (open or retrofitted), ``network, band, site_type,
        height_m`` (NaN = by scene), ``lon, lat, basis, source``; one row per station.
    candidates
        Points of candidate sites: ``site_id, name, site_type`` (stock, roof, pole, tower), ``height_m`` (NaN = by
        scene), ``lon, lat, basis, source``.
    antennas
        Plain frame of measured patterns: ``band, cut`` (horizontal, vertical), ``angle_deg, loss_db``; a band without
        rows has the parabolic form of its parameters.
    sources
        The manifest rows of the inputs in use: ``file, source, date, licence, accuracy, datum, basis, sha256``.
    notices
        Findings about the inputs, errors excluded (those raise).
    """

    boundary: gpd.GeoDataFrame
    areas: gpd.GeoDataFrame
    roads: gpd.GeoDataFrame
    streets: gpd.GeoDataFrame
    water: gpd.GeoDataFrame
    keep_outs: gpd.GeoDataFrame
    towns: pd.DataFrame
    town_areas: gpd.GeoDataFrame
    landmarks: gpd.GeoDataFrame
    population: pd.DataFrame
    sites: gpd.GeoDataFrame
    candidates: gpd.GeoDataFrame
    sources: pd.DataFrame
    antennas: pd.DataFrame = field(default_factory=_no_antennas)
    notices: tuple[Notice, ...] = ()

    def town_at(self, x_m: FloatArray, y_m: FloatArray, scenario: Scenario) -> npt.NDArray[Any]:
        """Town of places given in the work CRS, as names (object array).

        By polygons where they are known; else the nearest seat's, and the one urban row for places inside an urban
        layer or nearest to the seat of an urban unit: the borders of those units are not public.
        """
        import shapely
        from scipy.spatial import cKDTree

        seated = self.towns[self.towns[F.X_M].notna()]
        urban_name = scenario.district.urban_town
        names = np.where(seated[F.KIND] == "urban", urban_name, seated[F.NAME]).astype(object)
        if len(seated):
            _, nearest = cKDTree(seated[[F.X_M, F.Y_M]].to_numpy()).query(np.column_stack([x_m, y_m]))
            town = names[nearest]
        else:
            town = np.full(len(x_m), urban_name, dtype=object)
        urban_layers = [layer.name for layer in scenario.layers if layer.scene in ("urban", "dense-urban")]
        for polygon in self.areas.geometry[self.areas[F.LAYER].isin(urban_layers)]:
            town[shapely.contains_xy(polygon, x_m, y_m)] = urban_name
        for polygon, name in zip(self.town_areas.geometry, self.town_areas[F.NAME], strict=True):
            town[shapely.contains_xy(polygon, x_m, y_m)] = name
        return town

    def antenna_of(self, scenario: Scenario, band: str) -> Antenna | PatternTable:
        """Pattern of a band's sectors: the measured one where the case has one, else the band's parameters.

        Raises
        ------
        planner.errors.ValidityError
            When a cut of the measured pattern is missing or holds an angle twice.
        """
        rows = self.antennas[self.antennas["band"] == band]
        if rows.empty:
            return scenario.bands[band].antenna
        cuts = [rows[rows["cut"] == cut] for cut in ("horizontal", "vertical")]
        return pattern_table(*(cut[column].to_numpy() for cut in cuts for column in ("angle_deg", "loss_db")))

    @property
    def is_synthetic(self) -> bool:
        """Whether any input is synthetic, so that maps, reports and lists must say so."""
        return bool(self.sources[F.BASIS].str.contains("synthetic").any())


@dataclass(frozen=True, slots=True)
class Grid:
    """The one regular grid, in Web Mercator (EPSG:3857): cells, rasters and the page all draw it.

    ``west, north`` are the outer corner in metres of the projection, ``step`` the side of a cell there
    (``cell_m / cos(latitude of the middle)``), row 0 is the northernmost.
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
        """Numbers of the cells that hold points given in Web Mercator metres; -1 outside the grid."""
        column = np.floor((x - self.west) / self.step).astype(np.int64)
        row = np.floor((self.north - y) / self.step).astype(np.int64)
        inside = (column >= 0) & (column < self.columns) & (row >= 0) & (row < self.rows)
        return np.where(inside, row * self.columns + column, -1)


@dataclass(frozen=True, slots=True, eq=False)
class Demand:
    """Where service is wanted.

    Attributes
    ----------
    grid
        The grid of the cells.
    points
        One row per place, index 0 .. n-1: area cells first, by cell number, then road samples by road and chainage.
        ``x_m, y_m, lon, lat, cell`` (cell of the grid that holds it), ``area_m2`` (NaN for samples), ``length_m``
        (NaN for cells), ``road, chainage_m`` (-1, NaN for cells), ``scene, people, town``.
    roads
        One row per chain of road, index = ``points.road``: ``name, ref, layer, length_m``. Pieces of one road that
        meet are one chain; a chain ends where the road leaves the district.
    layers
        Names of the layers, in the scenario's order.
    share
        (points, layers): weight of the point in the layer, the whole sums to 1; 0 = not a point of the layer.
        A point can belong to several layers; a layer is measured on all its points.
    rows
        One row per (point, network, level) that is asked for: ``point, network, level`` (numbers: place in
        ``points``, in ``scenario.networks``, in ``fields.LEVELS``), ordered by network, level, point.
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

    def __post_init__(self) -> None:
        n_points, n_rows, n_windows = len(self.points), len(self.rows), self.windows.shape[0]
        shapes = (
            self.share.shape == (n_points, len(self.layers))
            and self.weight.shape[1] == n_rows
            and self.windows.shape[1] == n_rows
            and self.window_weight.shape == (self.weight.shape[0], n_windows)
            and self.window_layer.shape == (n_windows,)
        )
        if not shapes:
            raise ProblemError("the parts of the demand do not fit together", "需求各部分的形状不一致")
        _freeze(self.share, self.weight, self.window_weight, self.window_layer)

    def members(self, layer: str) -> IntArray:
        """Places in ``points`` of the points of a layer."""
        return np.flatnonzero(self.share[:, self.layers.index(layer)] > 0)


@dataclass(frozen=True, slots=True, eq=False)
class Stations:
    """What could be built: the open and retrofitted stations and every candidate station.

    Attributes
    ----------
    table
        GeoDataFrame of WGS-84 points sorted by ``station_id``, index 0 .. m-1: ``station_id, site_id, name, network,
        band, state, site_type, height_m, scene, model, town, lon, lat, x_m, y_m, first_phase, cost_wan`` (first
        station of its site, unscaled), ``effort`` (build effort, 1 = co-location), ``excluded`` (bool: in a keep-out,
        may not be built), ``basis``.
    fixed
        Places in ``table`` of the stations that open first, in opening order: the open ones, then those retrofitted.
    """

    table: gpd.GeoDataFrame
    fixed: IntArray

    def __post_init__(self) -> None:
        _freeze(self.fixed)


@dataclass(frozen=True, slots=True, eq=False)
class Coverage:
    """Which station serves which demand row.

    Attributes
    ----------
    cover
        (demand rows, stations) sparse 0/1 with int32 indices.
    budget
        Link budgets in use, one row per term: ``model, height_m, band, place, term_zh, term_en, value, unit, source``.
    near_mast
        Places within 10 m of a candidate mast, where the loss at 10 m stands for the true one.
    """

    cover: csr_matrix
    budget: pd.DataFrame
    near_mast: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A scenario with everything the optimiser needs to know of it."""

    scenario: Scenario
    layers: Layers
    demand: Demand
    stations: Stations
    coverage: Coverage

    def __post_init__(self) -> None:
        if self.coverage.cover.shape != (len(self.demand.rows), len(self.stations.table)):
            raise ProblemError("coverage does not fit demand and stations", "覆盖矩阵与需求、站点数量不符")


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """One order of stations and what it brings. Everything that is shown or exported is read from here.

    Attributes
    ----------
    scenario, layers
        What was asked and what was there.
    grid, points, roads, share
        The places of demand, as in :class:`Demand`.
    stations
        The table of :class:`Stations` with ``rank`` (Int64, missing when not in the plan), ``phase`` (name, empty
        when not in the plan), ``build_type, cost_wan`` (scaled, as built in this order), ``sector azimuths`` when the
        radio has sectors, and the station's own reason: ``gain_<layer>_<level>`` (points of the layer's own
        coverage, in per cent, that it adds at its rank), ``gain_road_m`` (road it adds, outdoors), ``loss_<layer>
        _<level>`` (what the last phase loses without it).
    first
        (points, networks, levels) uint16: rank of the station that first serves the point; ``fields.NEVER`` when no
        station of the plan does or nothing is asked for.
    wanted
        (points, networks, levels) bool: what is asked for.
    server
        (points, networks, levels) int32: place in ``stations`` of that first station, -1 for none.
    broken
        (points, networks, levels) uint16: the greatest count at which the place still lies in a hole, or in a gap over
        the limit, of any of its layers (so it does at every count up to this one); 0 = in none while a station is
        open, ``fields.NEVER`` = to the end of the plan.
    by_count
        Every measure at every count from the open stations to the last phase. Index ``count``; columns are a
        MultiIndex ``layer, network, level, measure``; ``""`` where a part does not apply. Measures: ``share`` (0-1),
        ``gaps`` (over the limit), ``gaps_all``, ``longest_m``, ``gaps_per_100km``, ``holes``, ``largest_ha``,
        ``passes`` (bool, per layer, network, level); for a network ``stations``; for the whole ``sites, cost_wan,
        per_10k``.
    measures
        The same at the phases, tidy, one row per figure: ``phase, count, layer, network, level, measure, value,
        unit``.
    verdicts
        One row per phase, layer, network, level: ``passes, share, rule_zh, rule_en, reason_zh, reason_en,
        passing_count`` (least count of this order, extended past the last phase if need be, from which the rule
        holds; -1 when it never does).
    gaps, holes
        What fails at each phase: ``phase, count, network, level, layer, name, town, length_m | area_ha, lon, lat``.
    towns
        Task table: ``town, phase, network, stations, new, retrofit, new_sites, cost_wan, people``.
    curve
        Index ``count``: covered weight as a share of all, ``bound`` where one was proven.
    cells
        One row per sector of the plan, by network, rank and azimuth: ``cell_id, station_id, network, band,
        azimuth_deg, tilt_deg, pci``, and for each phase ``offered_mbps_<count>, load_<count>`` (NaN before it opens).
    neighbours
        Relations between cells of a network, each way: ``cell_id, neighbour_id, shared_m2`` (ground on which both are
        heard within 6 dB), ``same_site``.
    provenance
        JSON-able: format_version, versions, seed, effort, input hashes, value, bound, phase_bound, gap, certificate,
        counts of rejected and unreachable rows, cost scale.
    """

    scenario: Scenario
    layers: Layers
    grid: Grid
    points: pd.DataFrame
    roads: pd.DataFrame
    share: FloatArray
    stations: gpd.GeoDataFrame
    first: npt.NDArray[np.uint16]
    wanted: npt.NDArray[np.bool_]
    server: npt.NDArray[np.int32]
    broken: npt.NDArray[np.uint16]
    by_count: pd.DataFrame
    measures: pd.DataFrame
    verdicts: pd.DataFrame
    gaps: pd.DataFrame
    holes: pd.DataFrame
    towns: pd.DataFrame
    curve: pd.DataFrame
    cells: pd.DataFrame
    neighbours: pd.DataFrame
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _freeze(self.share, self.first, self.wanted, self.server, self.broken)

    @property
    def order(self) -> IntArray:
        """Places in ``stations`` of the plan's stations, by rank."""
        rank = self.stations[F.RANK]
        chosen = np.flatnonzero(rank.notna().to_numpy())
        return chosen[np.argsort(rank.to_numpy(dtype="float64", na_value=np.nan)[chosen], kind="stable")]

    def save(self, folder: str | Path) -> Path:
        """Write the plan below ``folder/plan``; the same plan gives the same bytes.

        Parameters
        ----------
        folder
            Run folder; made when missing. Files of an earlier plan are replaced.

        Returns
        -------
        Path
            The folder ``folder/plan``.

        Raises
        ------
        planner.errors.StorageError
            When it cannot be written. ``provenance.json`` comes last and holds the SHA-256 of every other file, so
            that a plan that was not written to its end is noticed when it is loaded.
        """
        plan = Path(folder) / PLAN_FOLDER
        parts = _plan_parts(self)
        for name, data in parts.items():
            files.write_bytes(plan / name, data)
        hashes = {name: files.digest(data) for name, data in parts.items()}
        facts = {**self.provenance, "format_version": FORMAT_VERSION, "files": hashes}
        files.write_bytes(plan / "provenance.json", files.json_bytes(facts))
        return plan

    @classmethod
    def load(cls, folder: str | Path) -> Plan:
        """Read back what :meth:`save` wrote.

        Parameters
        ----------
        folder
            Run folder, or the folder ``plan`` in it. The scenario's inputs are not needed.

        Raises
        ------
        planner.errors.StorageError
            When a file is missing, damaged or of another version of the format.
        """
        plan = Path(folder) / PLAN_FOLDER
        if not plan.is_dir() and (Path(folder) / "provenance.json").is_file():
            plan = Path(folder)
        facts = files.parse_json(files.read_bytes(plan / "provenance.json"), "provenance.json")
        hashes = _checked_hashes(facts)
        parts = {name: files.read_bytes(plan / name) for name in _PART_NAMES}
        for name, data in parts.items():
            if hashes.get(name) != files.digest(data):
                raise StorageError(
                    f"{plan / name} is not what was written with this plan; run the plan again",
                    f"{plan / name} 与方案写出时不一致，请重新运行",
                )
        scenario = Scenario.from_file(plan / "scenario.yaml")
        return cls(scenario=scenario, provenance=facts, **_read_parts(parts, scenario))


PLAN_FOLDER = "plan"
FORMAT_VERSION = 1
_LAYER_FRAMES = tuple(part.name for part in fields(Layers) if part.name != "notices")
_TABLES = ("measures", "verdicts", "gaps", "holes", "towns")
_FRAMES = ("stations", "points", "roads", "by_count", "curve", "cells", "neighbours")
_PART_NAMES = (
    "scenario.yaml", "grid.json", "layers/notices.json", *(f"layers/{name}.parquet" for name in _LAYER_FRAMES),
    *(f"{name}.parquet" for name in _FRAMES), *(f"{name}.csv" for name in _TABLES),
)  # fmt: skip
_CUBES: Mapping[str, Any] = {"first": np.uint16, "wanted": np.bool_, "server": np.int32, "broken": np.uint16}
_CSV_TYPES = {
    **dict.fromkeys(("count", "passing_count", "stations", "sites", "people"), "int64"),
    **dict.fromkeys(("new", "retrofit", "co_location", "new_sites"), "int64"),
    **dict.fromkeys(("value", "share", "length_m", "area_ha", "lon", "lat", "cost_wan", "per_10k"), "float64"),
    "passes": "bool",
}  # fmt: skip


def _plan_parts(plan: Plan) -> dict[str, bytes]:
    """Content of every file of a plan but its provenance, by name."""
    by_count = plan.by_count.set_axis(["/".join(key) for key in plan.by_count.columns], axis=1)
    frames = {name: getattr(plan, name) for name in _FRAMES}
    frames |= {"points": _points_with_arrays(plan), "by_count": by_count}
    return {
        "scenario.yaml": plan.scenario.to_yaml().encode(),
        "grid.json": files.json_bytes(asdict(plan.grid)),
        "layers/notices.json": files.json_bytes([asdict(notice) for notice in plan.layers.notices]),
        **{f"layers/{name}.parquet": files.parquet_bytes(getattr(plan.layers, name)) for name in _LAYER_FRAMES},
        **{f"{name}.parquet": files.parquet_bytes(frame) for name, frame in frames.items()},
        **{f"{name}.csv": files.csv_bytes(getattr(plan, name)) for name in _TABLES},
    }


def _points_with_arrays(plan: Plan) -> pd.DataFrame:
    """The points with a column per layer's share, and per network and level of each array."""
    columns = {f"share/{name}": plan.share[:, j] for j, name in enumerate(plan.scenario.layer_names)}
    for name in _CUBES:
        array = getattr(plan, name)
        for key, network, level in _cube_keys(plan.scenario):
            columns[f"{name}/{key}"] = array[:, network, level]
    return plan.points.assign(**columns)


def _cube_keys(scenario: Scenario) -> list[tuple[str, int, int]]:
    return [
        (f"{network}/{level}", n, k)
        for n, network in enumerate(scenario.network_names)
        for k, level in enumerate(F.LEVELS)
    ]


def _checked_hashes(facts: Any) -> dict[str, str]:
    """Take the hashes out of the provenance; refuse a format that this version does not know."""
    version = facts.get("format_version") if isinstance(facts, dict) else None
    if version != FORMAT_VERSION or not isinstance(facts.get("files"), dict):
        raise StorageError(
            f"provenance.json is not of a plan in format {FORMAT_VERSION}: {version!r}",
            f"provenance.json 不是格式版本 {FORMAT_VERSION} 的方案：{version!r}",
        )
    hashes: dict[str, str] = facts.pop("files")
    return hashes


def _read_parts(parts: Mapping[str, bytes], scenario: Scenario) -> dict[str, Any]:
    """Attributes of a plan from the content of its files."""
    layers = {name: files.parse_parquet(parts[f"layers/{name}.parquet"], f"{name}.parquet") for name in _LAYER_FRAMES}
    notices = files.parse_json(parts["layers/notices.json"], "notices.json")
    frames = {name: files.parse_parquet(parts[f"{name}.parquet"], f"{name}.parquet") for name in _FRAMES}
    points, by_count = frames["points"], frames["by_count"]
    names = (F.LAYER, F.NETWORK, F.LEVEL, "measure")
    by_count.columns = by_count.columns.str.split("/", expand=True).set_names(names)
    frames["points"] = points[[column for column in points.columns if "/" not in column]]
    return {
        "layers": Layers(**layers, notices=tuple(Notice(**notice) for notice in notices)),
        "grid": Grid(**files.parse_json(parts["grid.json"], "grid.json")),
        "share": np.stack([points[f"share/{name}"] for name in scenario.layer_names], axis=1),
        **{name: _cube(points, name, scenario) for name in _CUBES},
        **frames,
        **{name: files.parse_csv(parts[f"{name}.csv"], f"{name}.csv", _CSV_TYPES) for name in _TABLES},
    }


def _cube(points: pd.DataFrame, name: str, scenario: Scenario) -> npt.NDArray[Any]:
    shape = (len(points), len(scenario.networks), len(F.LEVELS))
    cube: npt.NDArray[Any] = np.empty(shape, _CUBES[name])
    for key, network, level in _cube_keys(scenario):
        cube[:, network, level] = points[f"{name}/{key}"]
    return cube
