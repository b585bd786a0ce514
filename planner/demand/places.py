"""The places of demand: cells of the areas and samples of the roads."""

from __future__ import annotations

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from planner import fields as F
from planner.crs import transformer
from planner.model import FloatArray, Grid, IntArray
from planner.scenario import Layer

MERCATOR = "EPSG:3857"


class Chain(NamedTuple):
    """A stretch of one road without a break inside the district."""

    name: str
    ref: str
    layer: str
    line: shapely.LineString


def make_grid(boundary: gpd.GeoDataFrame, cell_m: float) -> Grid:
    """The grid over the district: ``cell_m`` on the ground at its middle latitude."""
    west, south, east, north = boundary.to_crs(MERCATOR).total_bounds
    _, low, _, high = boundary.to_crs(F.WGS84).total_bounds
    step = cell_m / np.cos(np.radians((low + high) / 2))

    # one cell of margin; edges on whole steps, so that cells do not move with the boundary
    left = np.floor(west / step) - 1
    top = np.ceil(north / step) + 1
    return Grid(
        west=float(left * step),
        north=float(top * step),
        step=float(step),
        columns=int(np.ceil(east / step) - left) + 1,
        rows=int(top - np.floor(south / step)) + 1,
        cell_m=cell_m,
    )


def area_cells(areas: gpd.GeoDataFrame, grid: Grid) -> IntArray:
    """Sorted numbers of the cells whose middle lies in one of the polygons.

    Parameters
    ----------
    areas
        Polygons in any CRS.
    grid
        The grid.
    """
    found = [_cells_in(polygon, grid) for polygon in areas.to_crs(MERCATOR).geometry]
    return np.unique(np.concatenate(found)) if found else np.empty(0, np.int64)


def _cells_in(polygon: shapely.Polygon, grid: Grid) -> IntArray:
    """Numbers of the cells whose middle lies in a polygon, given in Web Mercator."""
    # only the cells of the polygon's box are tested
    west, south, east, north = polygon.bounds
    columns = np.arange(
        max(0, int((west - grid.west) / grid.step)),
        min(grid.columns, int((east - grid.west) / grid.step) + 1),
    )
    rows = np.arange(
        max(0, int((grid.north - north) / grid.step)),
        min(grid.rows, int((grid.north - south) / grid.step) + 1),
    )
    cells = (rows[:, None] * grid.columns + columns[None, :]).ravel().astype(np.int64)

    x, y = grid.centres(cells)
    shapely.prepare(polygon)
    return cells[shapely.contains_xy(polygon, x, y)]


def cell_points(cells: IntArray, grid: Grid, work_crs: str) -> pd.DataFrame:
    """A row per cell: place in the work CRS and in degrees, and the true area."""
    x, y = grid.centres(cells)
    lon, lat = transformer(MERCATOR, F.WGS84).transform(x, y)
    x_m, y_m = transformer(MERCATOR, work_crs).transform(x, y)

    # the projection stretches lengths by 1 / cos(latitude)
    side = grid.step * np.cos(np.radians(lat))
    return pd.DataFrame(
        {
            F.X_M: x_m,
            F.Y_M: y_m,
            F.LON: lon,
            F.LAT: lat,
            F.CELL: cells,
            F.AREA_M2: side**2,
            F.LENGTH_M: np.nan,
            F.ROAD: -1,
            F.CHAINAGE_M: np.nan,
        }
    )


def road_chains(roads: gpd.GeoDataFrame, layers: tuple[Layer, ...]) -> list[Chain]:
    """Chains of the road layers, by layer, road number and place.

    Pieces of a road are joined where their ends meet; parallel pieces stay apart.
    """
    chains: list[Chain] = []
    for layer in layers:
        of_layer = roads[roads[F.LAYER] == layer.name]
        label = of_layer[F.REF].where(of_layer[F.REF] != "", of_layer[F.NAME])
        for key in sorted(set(label)):
            pieces = of_layer[label == key]
            for line in _merged_lines(pieces):
                # names of the piece that holds the middle of the chain
                middle = line.interpolate(0.5, normalized=True)
                piece = pieces.iloc[int(pieces.distance(middle).to_numpy().argmin())]
                chains.append(Chain(str(piece[F.NAME]), str(piece[F.REF]), layer.name, line))
    return chains


def _merged_lines(pieces: gpd.GeoDataFrame) -> list[shapely.LineString]:
    """Lines that pieces make where their ends meet, in an order that is their own."""
    merged = shapely.line_merge(shapely.union_all(pieces.geometry.to_numpy()))
    lines = [_southwest_first(line) for line in shapely.get_parts(merged) if line.length > 0]
    return sorted(lines, key=lambda line: line.coords[0])


def _southwest_first(line: shapely.LineString) -> shapely.LineString:
    """The line in the direction that does not depend on how it was drawn."""
    return line if tuple(line.coords[0]) <= tuple(line.coords[-1]) else shapely.reverse(line)


def road_points(chains: list[Chain], step_m: float, grid: Grid, work_crs: str) -> pd.DataFrame:
    """Samples of the chains, one a row: pieces of ``step_m``, each known by its middle.

    The last piece of a chain may be shorter.
    """
    frames = [_samples(number, chain.line, step_m) for number, chain in enumerate(chains)]
    points = pd.concat(frames, ignore_index=True) if frames else _samples(0, None, step_m)

    x_m, y_m = points[F.X_M].to_numpy(), points[F.Y_M].to_numpy()
    to_degrees = transformer(work_crs, F.WGS84)
    points[F.LON], points[F.LAT] = to_degrees.transform(x_m, y_m)

    to_mercator = transformer(work_crs, MERCATOR)
    x, y = to_mercator.transform(x_m, y_m)
    points[F.CELL] = grid.cells(np.asarray(x), np.asarray(y))
    return points


def _samples(number: int, line: shapely.LineString | None, step_m: float) -> pd.DataFrame:
    """Samples of the chain of that number; none, but all columns, without a line."""
    length = line.length if line is not None else 0.0
    starts = np.arange(0.0, length, step_m)
    ends = np.minimum(starts + step_m, length)
    middle = (starts + ends) / 2

    if line is not None:
        places = shapely.line_interpolate_point(line, middle)
    else:
        places = np.empty(0, object)
    return pd.DataFrame(
        {
            F.X_M: shapely.get_x(places),
            F.Y_M: shapely.get_y(places),
            F.AREA_M2: np.nan,
            F.LENGTH_M: ends - starts,
            F.ROAD: number,
            F.CHAINAGE_M: middle,
        }
    )


def people_by_cell(
    population: pd.DataFrame, grid: Grid, work_crs: str
) -> tuple[IntArray, FloatArray]:
    """People per cell of the grid.

    Each row of the population stands for a square of side ``cell_m``; its people are spread evenly
    over the grid cells whose middle is nearest to the parts of that square.

    Returns
    -------
    cells, people
        Sorted cell numbers and their people; those outside the grid are left out.
    """
    # a square is cut into k x k parts of about a cell; squares of the same k are done together
    side_cells = population[F.CELL_M].to_numpy(float) / grid.cell_m
    parts = np.maximum(1, np.rint(side_cells)).astype(np.int64)
    cells: list[IntArray] = []
    people: list[FloatArray] = []
    to_mercator = transformer(work_crs, MERCATOR)
    for k in np.unique(parts):
        squares = population[parts == k]
        side = squares[F.CELL_M].to_numpy(float)[:, None]
        offset = (np.arange(k) + 0.5) / k - 0.5
        dx, dy = (axis.ravel()[None, :] for axis in np.meshgrid(offset, offset))
        x, y = to_mercator.transform(
            squares[F.X_M].to_numpy()[:, None] + side * dx,
            squares[F.Y_M].to_numpy()[:, None] + side * dy,
        )
        cells.append(grid.cells(np.asarray(x).ravel(), np.asarray(y).ravel()))
        people.append(np.repeat(squares[F.PEOPLE].to_numpy(float) / k**2, k**2))
    if not cells:
        return np.empty(0, np.int64), np.empty(0)

    # parts of several squares may fall into one cell
    numbers, place = np.unique(np.concatenate(cells), return_inverse=True)
    total = np.zeros(len(numbers))
    np.add.at(total, place, np.concatenate(people))
    return numbers[numbers >= 0], total[numbers >= 0]
