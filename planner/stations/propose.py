"""Candidate sites for any district: lattices over its areas, points along its roads and streets, none in a keep-out.

The sites are synthetic and say so. Which of them are existing 4G sites (``stock``) is a guess by
the usual 4G spacings: an operator's or tower company's own list replaces all of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from planner import fields as F
from planner.crs import project
from planner.model import Layers
from planner.scenario import Layer, Scenario
from planner.stations.ids import site_id

if TYPE_CHECKING:
    import geopandas as gpd

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

STOCK_SPACING_M: Final = {  # 4G TDD spacings of a provincial planning code; parks as its county towns
    "dense-urban": 400.0, "urban": 400.0, "industrial": 550.0, "township": 550.0, "rural": 1200.0,
    "street": 1500.0,
}  # fmt: skip
STREET_SIDE_M: Final = 45.0  # a site this near to a street or road is a pole at its side
CLEAR_OF_SETBACK_M: Final = (
    10.0  # masts stand this much farther from a trunk road than the largest setback
)
DEGREE_DIGITS: Final = 5  # 1 m, what a site id can tell apart
SOURCE: Final = "proposed by rule"
_BRACKETS: Final = re.compile("[（(]")


@dataclass(frozen=True, slots=True, eq=False)
class _Batch:
    """Places of one origin: their names, whether the ground is built up, and where 4G sites would stand there."""

    xy: FloatArray
    names: list[str]
    built: BoolArray
    stock_xy: FloatArray
    stock_spacing_m: float


def propose_sites(scenario: Scenario, layers: Layers) -> gpd.GeoDataFrame:
    """Propose candidate sites.

    Parameters
    ----------
    scenario
        Spacings per layer and along streets, least spacing, kinds of keep-outs.
    layers
        The district; its ``candidates`` are not looked at.

    Returns
    -------
    GeoDataFrame
        Columns of ``Layers.candidates``, points in the work CRS, sorted by ``site_id``. Every site
        lies in the district, outside every keep-out and at least ``siting.min_spacing_m`` from
        every other site.
    """
    import geopandas as gpd
    import pandas as pd

    batches = [*_area_batches(scenario, layers), *_line_batches(scenario, layers)]
    rows = pd.DataFrame(
        {
            F.NAME: [name for batch in batches for name in batch.names],
            "batch": np.repeat(np.arange(len(batches)), [len(batch.names) for batch in batches]),
            "built": np.concatenate([batch.built for batch in batches]),
        }
    )
    lon, lat, xy = _on_the_metre(np.vstack([batch.xy for batch in batches]), scenario)
    kept = _allowed(xy, scenario, layers)
    kept[kept] = _spaced(xy[kept], _today(layers), scenario.siting.min_spacing_m)
    rows, lon, lat, xy = rows[kept].reset_index(drop=True), lon[kept], lat[kept], xy[kept]
    rows[F.SITE_ID] = [site_id(x, y) for x, y in zip(lon, lat, strict=True)]
    rows[F.NAME] = rows[F.NAME] + "-" + rows[F.SITE_ID].str[-4:]
    rows[F.SITE_TYPE] = _site_types(rows, xy, batches, layers)
    rows[F.HEIGHT_M], rows[F.LON], rows[F.LAT] = np.nan, lon, lat
    rows[F.BASIS], rows[F.SOURCE] = "synthetic", SOURCE
    columns = [F.SITE_ID, F.NAME, F.SITE_TYPE, F.HEIGHT_M, F.LON, F.LAT, F.BASIS, F.SOURCE]
    frame = gpd.GeoDataFrame(
        rows[columns], geometry=gpd.points_from_xy(*xy.T), crs=scenario.district.work_crs
    )
    return frame.sort_values(F.SITE_ID, ignore_index=True)


def lattice(polygon: Any, spacing_m: float) -> FloatArray:
    """Points of the one hexagonal lattice of a spacing that lie in a polygon, (n, 2) in metres, south to north.

    The lattice is anchored at the origin of the projection, so that neighbouring polygons share it.
    """
    import shapely

    if polygon.is_empty:
        return np.empty((0, 2))
    west, south, east, north = polygon.bounds
    step = spacing_m * np.sqrt(0.75)
    rows = np.arange(np.floor(south / step), np.ceil(north / step) + 1)
    columns = np.arange(np.floor(west / spacing_m) - 1, np.ceil(east / spacing_m) + 1)
    row, column = (grid.ravel() for grid in np.meshgrid(rows, columns, indexing="ij"))
    x, y = (column + 0.5 * (row % 2)) * spacing_m, row * step
    inside = shapely.contains_xy(polygon, x, y)
    return np.round(np.column_stack([x, y])[inside], 2)


def along(
    lines: Any, spacing_m: float, *, short: bool = True, beside_m: float = 0.0
) -> tuple[FloatArray, npt.NDArray[np.int64]]:
    """Points evenly along lines, about a spacing apart, with the number of the line each belongs to.

    A line shorter than half a spacing gets one point when ``short``, else none. With ``beside_m``
    the points stand so far beside their line, left and right in turn.
    """
    import shapely

    lengths = shapely.length(lines)
    counts = np.maximum(np.round(lengths / spacing_m).astype(np.int64), int(short))
    line = np.repeat(np.arange(len(counts)), counts)
    place = np.arange(len(line)) - np.repeat(np.cumsum(counts) - counts, counts)
    chainage = lengths[line] * (place + 0.5) / counts[line]
    before, here, after = (
        shapely.get_coordinates(
            shapely.line_interpolate_point(np.asarray(lines)[line], np.maximum(chainage + d, 0.0))
        )
        for d in (-1.0, 0.0, 1.0)
    )
    way = after - before
    normal = np.column_stack([way[:, 1], -way[:, 0]]) / np.hypot(*way.T)[:, None]
    side = np.where(place % 2 == 0, beside_m, -beside_m)
    return np.round(here + normal * side[:, None], 2), line


def _area_batches(scenario: Scenario, layers: Layers) -> Iterator[_Batch]:
    """One batch per area, the layers in the scenario's order: an earlier one takes the ground that they share."""
    import shapely

    ground = _keep_out_ground(scenario, layers)
    for layer in scenario.layers:
        mine = layers.areas[layers.areas[F.LAYER] == layer.name]
        for name, polygon in zip(mine[F.NAME], mine.geometry, strict=True):
            rim = shapely.intersection(polygon, ground).buffer(layer.spacing_m)
            reach = shapely.union(polygon, shapely.difference(rim, ground))
            xy = lattice(reach, layer.spacing_m)
            spacing = STOCK_SPACING_M[layer.scene]
            built = np.full(len(xy), scenario.is_built(layer.scene))
            yield _Batch(
                xy,
                [_BRACKETS.split(name)[0].strip()] * len(xy),
                built,
                lattice(polygon, spacing),
                spacing,
            )


def _line_batches(scenario: Scenario, layers: Layers) -> Iterator[_Batch]:
    """Along the roads of the road layers, then along every other street and road; inside areas the lattice stands."""
    import shapely

    areas = shapely.union_all(layers.areas.geometry[layers.areas[F.LAYER] != ""].array)
    town = _built_ground(scenario, layers)
    for layer in scenario.layers:
        mine = layers.roads[layers.roads[F.LAYER] == layer.name]
        if len(mine):
            yield _road_batch(scenario, layer, mine, areas, town)
    lines = [*layers.roads.geometry[layers.roads[F.LAYER] == ""], *layers.streets.geometry]
    if lines:
        merged = shapely.get_parts(shapely.line_merge(shapely.union_all(lines)))
        open_lines = _outside(merged, areas)
        xy, _ = along(open_lines, scenario.siting.street_spacing_m)
        names = [f"{name}道路" for name in layers.town_at(xy[:, 0], xy[:, 1], scenario)]
        stock, _ = along(open_lines, STOCK_SPACING_M["street"], short=False)
        yield _Batch(
            xy,
            names,
            _near(xy, town, scenario.siting.uma_margin_m),
            stock,
            STOCK_SPACING_M["street"],
        )


def _road_batch(
    scenario: Scenario, layer: Layer, roads: gpd.GeoDataFrame, areas: Any, town: Any
) -> _Batch:
    import shapely

    pieces, number = shapely.get_parts(
        shapely.difference(roads.geometry.array, areas), return_index=True
    )
    beside_m = max(scenario.siting.rules.road_setback_m.values(), default=0.0) + CLEAR_OF_SETBACK_M
    xy, line = along(pieces, layer.spacing_m, short=False, beside_m=beside_m)
    titles = roads["ref"].where(roads["ref"] != "", roads[F.NAME]).to_numpy()
    spacing = STOCK_SPACING_M[layer.scene]
    stock, _ = along(pieces, spacing, short=False)
    return _Batch(
        xy,
        list(titles[number[line]]),
        _near(xy, town, scenario.siting.uma_margin_m),
        stock,
        spacing,
    )


def _outside(lines: Any, areas: Any) -> Any:
    import shapely

    parts = shapely.get_parts(shapely.difference(lines, areas))
    return parts[~shapely.is_empty(parts)]


def _near(xy: FloatArray, ground: Any, margin_m: float) -> BoolArray:
    import shapely

    shapely.prepare(ground)
    near: BoolArray = shapely.dwithin(shapely.points(xy), ground, margin_m)
    return near


def _built_ground(scenario: Scenario, layers: Layers) -> Any:
    import shapely

    built = [
        layer.name
        for layer in scenario.layers
        if layer.shape == "area" and scenario.is_built(layer.scene)
    ]
    return shapely.union_all(layers.areas.geometry[layers.areas[F.LAYER].isin(built)].array)


def _keep_out_ground(scenario: Scenario, layers: Layers) -> Any:
    import shapely

    kinds = layers.keep_outs[F.KIND].isin(scenario.siting.keep_out_kinds)
    return shapely.union_all(layers.keep_outs.geometry[kinds].array)


def _on_the_metre(xy: FloatArray, scenario: Scenario) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Degrees rounded as the list will carry them, and the metres of those rounded degrees."""
    work = scenario.district.work_crs
    lon, lat = (
        np.round(axis, DEGREE_DIGITS) for axis in project(xy[:, 0], xy[:, 1], work, F.WGS84)
    )
    x, y = project(lon, lat, F.WGS84, work)
    return lon, lat, np.column_stack([np.round(x, 3), np.round(y, 3)])


def _allowed(xy: FloatArray, scenario: Scenario, layers: Layers) -> BoolArray:
    import shapely

    free = shapely.difference(layers.boundary.geometry.iloc[0], _keep_out_ground(scenario, layers))
    allowed: BoolArray = shapely.contains_xy(free, xy[:, 0], xy[:, 1])
    return allowed


def _today(layers: Layers) -> FloatArray:
    import shapely

    return np.unique(shapely.get_coordinates(layers.sites.geometry.array), axis=0)


def _spaced(xy: FloatArray, today: FloatArray, spacing_m: float) -> BoolArray:
    """Which places stay when each, in order, must keep the spacing from the sites of today and those before it."""
    from scipy.spatial import cKDTree

    every = np.vstack([today, xy])
    pairs = cKDTree(every).query_pairs(np.nextafter(spacing_m, 0), output_type="ndarray")
    pairs = np.sort(pairs, axis=1)
    kept = np.ones(len(every), dtype=np.bool_)
    for first, second in pairs[np.lexsort((pairs[:, 0], pairs[:, 1]))]:
        if kept[first] and second >= len(today):
            kept[second] = False
    return kept[len(today) :]


def _site_types(
    rows: Any, xy: FloatArray, batches: list[_Batch], layers: Layers
) -> npt.NDArray[Any]:
    """``stock`` near a 4G site; on built-up ground a pole beside a street, else a roof; in the open a tower."""
    import shapely
    from scipy.spatial import cKDTree

    lines = shapely.union_all([*layers.streets.geometry, *layers.roads.geometry])
    built = rows["built"].to_numpy()
    types = np.where(
        built, np.where(_near(xy, lines, STREET_SIDE_M), "pole", "roof"), "tower"
    ).astype(object)
    today = _today(layers)
    for number, batch in enumerate(batches):
        mine = np.flatnonzero(rows["batch"].to_numpy() == number)
        wanted = batch.stock_xy
        if len(today) and len(wanted):  # a 4G site that was rebuilt stands there already
            away, _ = cKDTree(today).query(wanted)
            wanted = wanted[away > batch.stock_spacing_m / 2]
        if len(mine) and len(wanted):
            away, nearest = (np.atleast_1d(part) for part in cKDTree(xy[mine]).query(wanted))
            types[mine[nearest[away <= batch.stock_spacing_m / 2]]] = "stock"
    return types
