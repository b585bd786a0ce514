"""Rasters of people: nobody is lost or doubled, whatever the cells and the border."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine

from planner.crs import project
from planner.layers import read_layers
from planner.model import Layers
from planner.scenario import Scenario
from tests.toy import ORIGIN, write_toy_county

WEST, NORTH = ORIGIN[0] - 0.05, ORIGIN[1] + 0.1


def read(folder: Path, cells: Any, step: float, *, crs: str = "EPSG:4326", **said: Any) -> Layers:
    """The county with people of a raster; ``said`` is what the scenario says of the file."""
    write_toy_county(folder)
    x, y = (float(axis) for axis in project(WEST, NORTH, "EPSG:4326", crs))
    place = Affine(step, 0, x, 0, -step, y)
    height, width = cells.shape
    shape = {"driver": "GTiff", "width": width, "height": height, "count": 1}
    with rasterio.open(
        folder / "people.tif", "w", crs=crs, transform=place, dtype=cells.dtype.name, **shape
    ) as raster:
        raster.write(cells, 1)
    entry = {"file": "people.tif", **said}
    scenario = Scenario.from_file(folder / "scenario.yaml")
    return read_layers(scenario.replace(inputs={"population": entry}))


def district_of(layers: Layers, crs: str = "EPSG:4326") -> Any:
    return layers.boundary.to_crs(crs).geometry.iloc[0]


def quads(cells: Any, step: float) -> Any:
    """Each cell as a square in degrees, row by row."""
    rows, columns = np.indices(cells.shape)
    west, north = WEST + step * columns.ravel(), NORTH - step * rows.ravel()
    return shapely.box(west, north - step, west + step, north)


@pytest.mark.parametrize("step", [0.0009, 0.01, 0.3])
def test_people_of_cells_are_shared_at_the_border_by_area(tmp_path: Path, step: float) -> None:
    side = int(np.ceil(0.3 / step))
    cells = np.random.default_rng(7).integers(1, 200, (side, side)).astype(np.float32)
    layers = read(tmp_path, cells, step)
    squares = quads(cells, step)
    inside = shapely.area(shapely.intersection(squares, district_of(layers)))
    expected = (cells.ravel() * inside / shapely.area(squares)).sum()
    # shares of degrees are not quite those of the ground: a degree is longer in the south of a cell
    assert layers.population.people.sum() == pytest.approx(expected, rel=0.01 * step + 1e-4)
    places = shapely.points(layers.population[["x_m", "y_m"]].to_numpy())
    assert shapely.distance(places, layers.boundary.geometry.iloc[0]).max() < 0.001


def test_a_cell_inside_keeps_its_people_and_its_place(tmp_path: Path) -> None:
    cells = np.zeros((200, 200), np.float32)
    cells[90, 80] = 123.5
    layers = read(tmp_path, cells, 0.001)
    (row,) = layers.population.itertuples()
    crs = str(layers.boundary.crs)
    x, y = project(WEST + 0.0805, NORTH - 0.0905, "EPSG:4326", crs)
    assert row.people == 123.5
    assert (row.x_m, row.y_m) == pytest.approx((float(x), float(y)), abs=0.01)
    (east, high) = project(WEST + 0.081, NORTH - 0.09, "EPSG:4326", crs)
    assert row.cell_m == pytest.approx(np.sqrt(4 * (east - x) * (high - y)), rel=1e-3)


def test_a_density_is_one_where_it_is_declared(tmp_path: Path) -> None:
    cells = np.full((60, 60), 250.0, np.float32)
    people = read(tmp_path / "a", cells, 500, crs="EPSG:4549").population.people.sum()
    layers = read(tmp_path / "b", cells, 500, crs="EPSG:4549", kind="density")
    area_km2 = layers.boundary.area.iloc[0] / 1e6
    assert layers.population.people.sum() == pytest.approx(250 * area_km2, rel=1e-9)
    assert people == pytest.approx(250 * area_km2 / 0.25, rel=1e-9)


def test_cells_without_data_are_nobody(tmp_path: Path) -> None:
    cells = np.full((60, 60), np.nan, np.float64)
    cells[15, 15] = 5.0
    assert read(tmp_path, cells, 0.005).population.people.tolist() == [5.0]


def test_a_crs_that_the_file_does_not_name_is_that_of_the_scenario(tmp_path: Path) -> None:
    cells = np.full((60, 60), 10.0, np.float32)
    named = read(tmp_path / "a", cells, 500, crs="EPSG:4549")
    told = tmp_path / "b"
    write_toy_county(told)
    with rasterio.open(tmp_path / "a" / "people.tif") as raster:
        profile, values = raster.profile, raster.read()
    with rasterio.open(told / "people.tif", "w", **{**profile, "crs": None}) as raster:
        raster.write(values)
    entry = {"file": "people.tif", "crs": "EPSG:4549"}
    scenario = Scenario.from_file(told / "scenario.yaml").replace(inputs={"population": entry})
    assert read_layers(scenario).population.equals(named.population)
