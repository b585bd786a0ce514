"""Candidate sites for any district: lattices over its areas, points along its roads and streets.

The sites are synthetic and say so. None is called an existing 4G site (``stock``) unless the
scenario asks for that guess by the usual 4G spacings: an operator's or tower company's own list
replaces all of it.
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

STREET_SIDE_M: Final = 45.0
"""A built-up site within this distance of a street or road is a pole at its side, else a roof."""

CLEAR_OF_SETBACK_M: Final = 10.0
"""Masts stand this much farther from a trunk road than the largest setback."""

DEGREE_DIGITS: Final = 5  # 1 m, what a site id can tell apart
SOURCE: Final = "proposed by rule"
_BRACKETS: Final = re.compile("[（(]")
_NOWHERE: Final = np.empty((0, 2))


@dataclass(frozen=True, slots=True, eq=False)
class _Batch:
    """Places of one origin, an area or a kind of road.

    Attributes
    ----------
    xy
        (places, 2), work metres.
    names
        What each place is called.
    is_built
        (places,), whether the ground is built up.
    stock_xy, stock_spacing_m
        (4G sites, 2): where these are taken to stand, and how far apart; none when 0.
    """

    xy: FloatArray
    names: list[str]
    is_built: BoolArray
    stock_xy: FloatArray
    stock_spacing_m: float


def propose_sites(scenario: Scenario, layers: Layers) -> gpd.GeoDataFrame:
    """Propose candidate sites.

    Parameters
    ----------
    scenario
        Spacings per layer and along streets, of 4G sites if they are to be guessed, least spacing,
        kinds of keep-outs.
    layers
        The district; sites of today and candidates out of lists keep their places.

    Returns
    -------
    GeoDataFrame
        Columns of ``Layers.candidates``, points in the work CRS, sorted by ``site_id``. Every site
        lies in the district, outside every keep-out and at least ``siting.min_spacing_m`` from
        every other site.
    """
    import geopandas as gpd

    batches = [*_area_batches(scenario, layers), *_line_batches(scenario, layers)]
    number = np.repeat(np.arange(len(batches)), [len(batch.names) for batch in batches])
    names = np.array([name for batch in batches for name in batch.names], dtype=object)
    is_built = np.concatenate([batch.is_built for batch in batches])
    lon, lat, xy = _on_the_metre(np.vstack([batch.xy for batch in batches]), scenario)

    # earlier batches go first: a place gives way to those before it
    kept = _allowed(xy, scenario, layers)
    kept[kept] = _spaced(xy[kept], _today(layers), scenario.siting.min_spacing_m)
    lon, lat, xy = lon[kept], lat[kept], xy[kept]

    ids = [site_id(*place) for place in zip(lon, lat, strict=True)]
    columns = {
        F.SITE_ID: ids,
        F.NAME: [f"{name}-{text[-4:]}" for name, text in zip(names[kept], ids, strict=True)],
        F.SITE_TYPE: _site_types(xy, is_built[kept], number[kept], batches, layers),
        F.HEIGHT_M: np.full(len(ids), np.nan),
        F.DOUBTS: "",
        F.LON: lon,
        F.LAT: lat,
        F.BASIS: "synthetic",
        F.SOURCE: SOURCE,
    }
    points = gpd.points_from_xy(*xy.T)
    frame = gpd.GeoDataFrame(columns, geometry=points, crs=scenario.district.work_crs)
    return frame.sort_values(F.SITE_ID, ignore_index=True)


def lattice(polygon: Any, spacing_m: float) -> FloatArray:
    """Points of a hexagonal lattice that lie in a polygon, (n, 2) in metres, south to north.

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

    # every other row is shifted by half a spacing
    x = (column + 0.5 * (row % 2)) * spacing_m
    y = row * step
    inside = shapely.contains_xy(polygon, x, y)
    return np.round(np.column_stack([x, y])[inside], 2)


def along(
    lines: Any, spacing_m: float, *, short: bool = True, beside_m: float = 0.0
) -> tuple[FloatArray, npt.NDArray[np.int64]]:
    """Points evenly along lines, (n, 2) in metres, and the number of the line of each, (n,).

    They are about a spacing apart. A line shorter than half a spacing gets one point when
    ``short``, else none. With ``beside_m`` the points stand so far beside their line, right and
    left in turn; a line without length has no side, and its point stands on it.
    """
    import shapely

    lengths = shapely.length(lines)
    counts = np.maximum(np.round(lengths / spacing_m).astype(np.int64), int(short))
    line = np.repeat(np.arange(len(counts)), counts)

    # each point by its number on its own line, from 0, in the middle of its part of that line
    first_point = np.cumsum(counts) - counts
    place = np.arange(len(line)) - first_point[line]
    chainage = lengths[line] * (place + 0.5) / counts[line]
    own_line = np.asarray(lines)[line]
    here = _points_at(own_line, chainage)

    # the direction over two metres; a distance below 0 would be counted from the line's end
    before = _points_at(own_line, np.maximum(chainage - 1.0, 0.0))
    way = _points_at(own_line, chainage + 1.0) - before
    way_m = np.hypot(*way.T)[:, None]
    right = np.column_stack([way[:, 1], -way[:, 0]])
    normal = np.divide(right, way_m, out=np.zeros_like(right), where=way_m > 0)

    side = np.where(place % 2 == 0, beside_m, -beside_m)
    return np.round(here + normal * side[:, None], 2), line


def _points_at(lines: Any, distance_m: FloatArray) -> FloatArray:
    """Point of each line at a distance from its start, (lines, 2) in metres."""
    import shapely

    return np.asarray(shapely.get_coordinates(shapely.line_interpolate_point(lines, distance_m)))


def _area_batches(scenario: Scenario, layers: Layers) -> Iterator[_Batch]:
    """One batch for each area, by layer in the scenario's order.

    An earlier one takes the ground that they share.
    """
    keep_outs = _keep_out_ground(scenario, layers)
    for layer in scenario.layers:
        areas = layers.areas[layers.areas[F.LAYER] == layer.name]
        stock_spacing_m = scenario.siting.stock_spacing_m.get(layer.scene, 0.0)
        is_built = scenario.is_built(layer.scene)
        for name, polygon in zip(areas[F.NAME], areas.geometry, strict=True):
            xy = lattice(_with_rim(polygon, keep_outs, layer.spacing_m), layer.spacing_m)
            yield _Batch(
                xy=xy,
                names=[_BRACKETS.split(name)[0].strip()] * len(xy),
                is_built=np.full(len(xy), is_built),
                stock_xy=lattice(polygon, stock_spacing_m) if stock_spacing_m else _NOWHERE,
                stock_spacing_m=stock_spacing_m,
            )


def _with_rim(polygon: Any, keep_outs: Any, spacing_m: float) -> Any:
    """The area and the open ground within a spacing of each keep-out that lies in it.

    What of the area lies in a keep-out is demand all the same: it is served from that rim, which
    may reach past the area's edge.
    """
    import shapely

    rim = shapely.intersection(polygon, keep_outs).buffer(spacing_m)
    return shapely.union(polygon, shapely.difference(rim, keep_outs))


def _line_batches(scenario: Scenario, layers: Layers) -> Iterator[_Batch]:
    """Places along the roads of the road layers, then along every other road and street.

    Inside areas stands the lattice.
    """
    import shapely

    areas = shapely.union_all(layers.areas.geometry[layers.areas[F.LAYER] != ""].array)
    town = _built_ground(scenario, layers)
    for layer in scenario.layers:
        roads = layers.roads[layers.roads[F.LAYER] == layer.name]
        if len(roads):
            yield _road_batch(scenario, layer, roads, areas, town)

    lines = [*layers.roads.geometry[layers.roads[F.LAYER] == ""], *layers.streets.geometry]
    if lines:
        merged = shapely.get_parts(shapely.line_merge(shapely.union_all(lines)))
        yield _street_batch(scenario, layers, _outside(merged, areas), town)


def _road_batch(
    scenario: Scenario, layer: Layer, roads: gpd.GeoDataFrame, areas: Any, town: Any
) -> _Batch:
    """Places beside the roads of a layer, clear of their setback."""
    import shapely

    outside = shapely.difference(roads.geometry.array, areas)
    pieces, number = shapely.get_parts(outside, return_index=True)
    beside_m = max(scenario.siting.rules.road_setback_m.values(), default=0.0) + CLEAR_OF_SETBACK_M
    xy, line = along(pieces, layer.spacing_m, short=False, beside_m=beside_m)

    titles = roads["ref"].where(roads["ref"] != "", roads[F.NAME]).to_numpy()
    stock_spacing_m = scenario.siting.stock_spacing_m.get(layer.scene, 0.0)
    stock_xy = along(pieces, stock_spacing_m, short=False)[0] if stock_spacing_m else _NOWHERE
    return _Batch(
        xy=xy,
        names=list(titles[number[line]]),
        is_built=_near(xy, town, scenario.siting.uma_margin_m),
        stock_xy=stock_xy,
        stock_spacing_m=stock_spacing_m,
    )


def _street_batch(scenario: Scenario, layers: Layers, lines: Any, town: Any) -> _Batch:
    """Places along streets and lesser roads, named by their town."""
    xy, _ = along(lines, scenario.siting.street_spacing_m)
    stock_spacing_m = scenario.siting.stock_spacing_m.get("street", 0.0)
    stock_xy = along(lines, stock_spacing_m, short=False)[0] if stock_spacing_m else _NOWHERE
    return _Batch(
        xy=xy,
        names=[f"{name}道路" for name in layers.town_at(xy[:, 0], xy[:, 1], scenario)],
        is_built=_near(xy, town, scenario.siting.uma_margin_m),
        stock_xy=stock_xy,
        stock_spacing_m=stock_spacing_m,
    )


def _outside(lines: Any, areas: Any) -> Any:
    """The parts of lines outside the areas."""
    import shapely

    parts = shapely.get_parts(shapely.difference(lines, areas))
    return parts[~shapely.is_empty(parts)]


def _near(xy: FloatArray, ground: Any, margin_m: float) -> BoolArray:
    """Which places lie within a margin of the ground, (places,)."""
    import shapely

    shapely.prepare(ground)
    near: BoolArray = shapely.dwithin(shapely.points(xy), ground, margin_m)
    return near


def _built_ground(scenario: Scenario, layers: Layers) -> Any:
    """The areas of layers that are built up, as one."""
    import shapely

    areas = [layer for layer in scenario.layers if layer.shape == "area"]
    built = [layer.name for layer in areas if scenario.is_built(layer.scene)]
    return shapely.union_all(layers.areas.geometry[layers.areas[F.LAYER].isin(built)].array)


def _keep_out_ground(scenario: Scenario, layers: Layers) -> Any:
    """The keep-outs of the kinds that the scenario keeps out of, as one."""
    import shapely

    kinds = layers.keep_outs[F.KIND].isin(scenario.siting.keep_out_kinds)
    return shapely.union_all(layers.keep_outs.geometry[kinds].array)


def _on_the_metre(xy: FloatArray, scenario: Scenario) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Degrees rounded as the list will carry them, and the metres of those rounded degrees."""
    work_crs = scenario.district.work_crs
    degrees = project(xy[:, 0], xy[:, 1], work_crs, F.WGS84)
    lon, lat = (np.round(axis, DEGREE_DIGITS) for axis in degrees)
    x, y = project(lon, lat, F.WGS84, work_crs)
    return lon, lat, np.column_stack([np.round(x, 3), np.round(y, 3)])


def _allowed(xy: FloatArray, scenario: Scenario, layers: Layers) -> BoolArray:
    """Which places lie in the district and in no keep-out, (places,)."""
    import shapely

    free = shapely.difference(layers.boundary.geometry.iloc[0], _keep_out_ground(scenario, layers))
    allowed: BoolArray = shapely.contains_xy(free, xy[:, 0], xy[:, 1])
    return allowed


def _today(layers: Layers) -> FloatArray:
    """Sites of today, each place once, (sites, 2) in metres."""
    import shapely

    known = [
        shapely.get_coordinates(part.geometry.array) for part in (layers.sites, layers.candidates)
    ]
    return np.unique(np.vstack(known), axis=0)


def _spaced(xy: FloatArray, today: FloatArray, spacing_m: float) -> BoolArray:
    """Which places stay, (places,): each keeps the spacing from sites of today and those before."""
    from scipy.spatial import cKDTree

    # pairs that are too near; a distance of just the spacing is enough
    every = np.vstack([today, xy])
    pairs = cKDTree(every).query_pairs(np.nextafter(spacing_m, 0), output_type="ndarray")
    pairs = np.sort(pairs, axis=1)

    # in order of the later place: whether the earlier one stays is settled when its pairs with
    # later ones come, for all its pairs with still earlier ones came before
    by_later = np.lexsort((pairs[:, 0], pairs[:, 1]))
    kept = np.ones(len(every), dtype=np.bool_)
    for first, second in pairs[by_later]:
        # sites of today stand, however near to each other
        if kept[first] and second >= len(today):
            kept[second] = False
    return kept[len(today) :]


def _site_types(
    xy: FloatArray,
    is_built: BoolArray,
    number: npt.NDArray[np.int64],
    batches: list[_Batch],
    layers: Layers,
) -> npt.NDArray[Any]:
    """Type of each place, (places,); ``number`` is that of its batch.

    It is ``stock`` near a 4G site. Elsewhere it is a pole beside a street or a roof on built-up
    ground, and a tower in the open.
    """
    import shapely
    from scipy.spatial import cKDTree

    lines = shapely.union_all([*layers.streets.geometry, *layers.roads.geometry])
    in_town = np.where(_near(xy, lines, STREET_SIDE_M), "pole", "roof")
    types = np.where(is_built, in_town, "tower").astype(object)

    today = _today(layers)
    for i, batch in enumerate(batches):
        places = np.flatnonzero(number == i)
        stock_xy, reach_m = batch.stock_xy, batch.stock_spacing_m / 2
        # a 4G site that was rebuilt stands there already
        if len(today) and len(stock_xy):
            away_m, _ = cKDTree(today).query(stock_xy)
            stock_xy = stock_xy[away_m > reach_m]
        if len(places) and len(stock_xy):
            found = cKDTree(xy[places]).query(stock_xy)
            away_m, nearest = (np.atleast_1d(part) for part in found)
            types[places[nearest[away_m <= reach_m]]] = "stock"
    return types
