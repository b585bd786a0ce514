"""Population by cells."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from affine import Affine

from tests.layers.plants.county import (
    plant,
)
from tests.toy import ORIGIN


def from_origin(west: float, north: float, width: float, height: float) -> Affine:
    """The map of a raster whose first cell begins there."""
    return Affine(width, 0, west, 0, -height, north)


def as_raster(
    folder: Path,
    values: Any = 10.0,
    *,
    transform: Any = None,
    crs: str | None = "EPSG:4326",
    **said: Any,
) -> dict[str, Any]:
    """A raster of 40 x 40 cells around the county, or of those values."""
    west, north = ORIGIN[0] - 0.02, ORIGIN[1] + 0.08
    cells = np.broadcast_to(np.asarray(values, dtype=np.float32), (40, 40))
    place = transform or from_origin(west, north, 0.0025, 0.0025)
    shape = {"driver": "GTiff", "width": 40, "height": 40, "count": 1, "dtype": "float32"}
    with rasterio.open(
        folder / "people.tif", "w", crs=crs, transform=place, **shape, **said
    ) as raster:
        raster.write(cells, 1)
    return {"inputs": {"population": "people.tif"}}


def one_cell(value: float) -> Any:
    """Ten people a cell, and another value in one near the middle."""
    cells = np.full((40, 40), 10.0, dtype=np.float32)
    cells[25, 14] = value
    return cells


@plant("raster_read")
def people_by_cells(folder: Path) -> dict[str, Any]:
    return as_raster(folder)


@plant("raster_read")
def people_by_cells_in_metres(folder: Path) -> dict[str, Any]:
    return as_raster(folder, transform=from_origin(510_000, 3_706_000, 500, 500), crs="EPSG:4549")


@plant("raster_read")
def people_by_cells_in_a_zip(folder: Path) -> dict[str, Any]:
    as_raster(folder)
    with zipfile.ZipFile(folder / "people.zip", "w") as archive:
        archive.write(folder / "people.tif", "../人口/people.tif")
    return {"inputs": {"population": "people.zip"}}


@plant("raster_crs_missing")
def raster_without_crs(folder: Path) -> dict[str, Any]:
    return as_raster(folder, crs=None)


@plant("raster_crs_missing")
def raster_in_metres_without_crs(folder: Path) -> dict[str, Any]:
    return as_raster(folder, transform=from_origin(510_000, 3_706_000, 500, 500), crs=None)


@plant("raster_crs_missing")
def raster_with_its_crs_beside_it(folder: Path) -> dict[str, Any]:
    (folder / "people.prj").write_text("EPSG:4326", encoding="utf-8")
    (folder / "people.tfw").write_text("0.1\n0\n0\n-0.1\n120\n34\n", encoding="utf-8")
    return as_raster(folder, crs=None)


@plant("raster_rotated")
def raster_turned(folder: Path) -> dict[str, Any]:
    return as_raster(folder, transform=Affine(0.002, 0.001, 120.08, 0.001, -0.002, 33.48))


@plant("raster_rotated")
def raster_turned_by_a_quarter(folder: Path) -> dict[str, Any]:
    return as_raster(folder, transform=Affine(0, 0.0025, 120.08, 0.0025, 0, 33.38))


@plant("raster_rotated")
def raster_sheared(folder: Path) -> dict[str, Any]:
    return as_raster(folder, transform=Affine(0.0025, 0.0001, 120.08, 0, -0.0025, 33.48))


@plant("raster_nodata_missing")
def undeclared_nodata(folder: Path) -> dict[str, Any]:
    return as_raster(folder, one_cell(-99999))


@plant("raster_nodata_missing")
def undeclared_least_number(folder: Path) -> dict[str, Any]:
    return as_raster(folder, one_cell(-3.4e38))


@plant("raster_nodata_missing")
def undeclared_greatest_number(folder: Path) -> dict[str, Any]:
    return as_raster(folder, one_cell(3.4e38))


@plant("raster_negative_population")
def fewer_people_than_none(folder: Path) -> dict[str, Any]:
    return as_raster(folder, one_cell(-1), nodata=-99999)


@plant("raster_negative_population")
def another_nodata_than_declared(folder: Path) -> dict[str, Any]:
    return as_raster(folder, one_cell(-9999), nodata=-99999)


@plant("raster_negative_population")
def negative_everywhere(folder: Path) -> dict[str, Any]:
    return as_raster(folder, -5.0, nodata=0)


@plant("raster_too_large")
def raster_of_a_metre(folder: Path) -> dict[str, Any]:
    place = from_origin(ORIGIN[0] - 0.02, ORIGIN[1] + 0.08, 0.00001, 0.00001)
    return sparse_raster(folder, place, tiled=True)


@plant("raster_too_large")
def raster_of_one_strip(folder: Path) -> dict[str, Any]:
    place = from_origin(ORIGIN[0] - 5, ORIGIN[1] + 5, 0.001, 0.001)
    return sparse_raster(folder, place, blockysize=10_000)


@plant("raster_too_large")
def raster_of_one_tile(folder: Path) -> dict[str, Any]:
    place = from_origin(ORIGIN[0] - 5, ORIGIN[1] + 5, 0.001, 0.001)
    return sparse_raster(folder, place, tiled=True, blockxsize=9984, blockysize=9984)


def sparse_raster(folder: Path, transform: Any, **said: Any) -> dict[str, Any]:
    """A raster of 100 million cells that takes no room."""
    shape = {"driver": "GTiff", "width": 10_000, "height": 10_000, "count": 1, "dtype": "float32"}
    with rasterio.open(
        folder / "people.tif", "w", crs="EPSG:4326", transform=transform, **shape, sparse_ok=True,
        compress="deflate", **said,
    ):  # fmt: skip
        pass
    return {"inputs": {"population": "people.tif"}}


@plant("raster_empty_overlap")
def raster_elsewhere(folder: Path) -> dict[str, Any]:
    return as_raster(folder, transform=from_origin(10, 50, 0.0025, 0.0025))


@plant("raster_empty_overlap")
def raster_of_nobody(folder: Path) -> dict[str, Any]:
    return as_raster(folder, 0.0)


@plant("raster_empty_overlap")
def raster_without_data(folder: Path) -> dict[str, Any]:
    return as_raster(folder, -99999, nodata=-99999)
