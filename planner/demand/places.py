"""The places of demand: cells of the areas and samples of the roads."""

from __future__ import annotations

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer

from planner import fields as F
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
    # one cell of margin, edges on whole steps so that two runs of neighbouring districts tie
    left, top = np.floor(west / step) - 1, np.ceil(north / step) + 1
    columns = int(np.ceil(east / step) - left) + 1
    rows = int(top - np.floor(south / step)) + 1
    return Grid(float(left * step), float(top * step), float(step), columns, rows, cell_m)


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
    lon, lat = Transformer.from_crs(MERCATOR, F.WGS84, always_xy=True).transform(x, y)
    x_m, y_m = Transformer.from_crs(MERCATOR, work_crs, always_xy=True).transform(x, y)
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
        label = of_layer["ref"].where(of_layer["ref"] != "", of_layer[F.NAME])
        for key in sorted(set(label)):
            pieces = of_layer[label == key]
            merged = shapely.line_merge(shapely.union_all(pieces.geometry.to_numpy()))
            parts = [
                _southwest_first(part) for part in shapely.get_parts(merged) if part.length > 0
            ]
            for part in sorted(parts, key=lambda part: part.coords[0]):
                piece = pieces.iloc[
                    int(pieces.distance(part.interpolate(0.5, normalized=True)).to_numpy().argmin())
                ]
                chains.append(Chain(str(piece[F.NAME]), str(piece["ref"]), layer.name, part))
    return chains


def _southwest_first(line: shapely.LineString) -> shapely.LineString:
    """The line in the direction that does not depend on how it was drawn."""
    return line if tuple(line.coords[0]) <= tuple(line.coords[-1]) else shapely.reverse(line)


def road_points(chains: list[Chain], step_m: float, grid: Grid, work_crs: str) -> pd.DataFrame:
    """Samples of the chains: pieces of ``step_m`` (the last may be shorter), each known by its middle."""
    frames = [_samples(number, chain.line, step_m) for number, chain in enumerate(chains)]
    points = pd.concat(frames, ignore_index=True) if frames else _samples(0, None, step_m)
    x_m, y_m = points[F.X_M].to_numpy(), points[F.Y_M].to_numpy()
    points[F.LON], points[F.LAT] = Transformer.from_crs(
        work_crs, F.WGS84, always_xy=True
    ).transform(x_m, y_m)
    x, y = Transformer.from_crs(work_crs, MERCATOR, always_xy=True).transform(x_m, y_m)
    points[F.CELL] = grid.cells(np.asarray(x), np.asarray(y))
    return points


def _samples(number: int, line: shapely.LineString | None, step_m: float) -> pd.DataFrame:
    length = line.length if line is not None else 0.0
    starts = np.arange(0.0, length, step_m)
    ends = np.minimum(starts + step_m, length)
    middle = (starts + ends) / 2
    places = (
        shapely.line_interpolate_point(line, middle) if line is not None else np.empty(0, object)
    )
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
    parts = np.maximum(1, np.rint(population["cell_m"].to_numpy(float) / grid.cell_m)).astype(
        np.int64
    )
    cells: list[IntArray] = []
    people: list[FloatArray] = []
    to_mercator = Transformer.from_crs(work_crs, MERCATOR, always_xy=True)
    for k in np.unique(parts):
        rows = population[parts == k]
        side = rows["cell_m"].to_numpy(float)[:, None]
        offset = (np.arange(k) + 0.5) / k - 0.5
        dx, dy = (a.ravel()[None, :] for a in np.meshgrid(offset, offset))
        x, y = to_mercator.transform(
            rows[F.X_M].to_numpy()[:, None] + side * dx, rows[F.Y_M].to_numpy()[:, None] + side * dy
        )
        cells.append(grid.cells(np.asarray(x).ravel(), np.asarray(y).ravel()))
        people.append(np.repeat(rows[F.PEOPLE].to_numpy(float) / k**2, k**2))
    if not cells:
        return np.empty(0, np.int64), np.empty(0)
    where, what = np.concatenate(cells), np.concatenate(people)
    numbers, place = np.unique(where, return_inverse=True)
    total = np.zeros(len(numbers))
    np.add.at(total, place, what)
    return numbers[numbers >= 0], total[numbers >= 0]
