"""Outlines of the layers as whole-number longitudes and latitudes.

Each ring or line is given as steps from its first point.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import shapely

from planner import fields as F

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from planner.model import Layers

DEGREE = 100_000  # 1 m of latitude, finer than any input
FINE_DEGREE = 1_000_000  # stations and road samples: 6 decimal places, as the lists give them
SIMPLIFY_M = 5.0


def outlines(layers: Layers) -> dict[str, Any]:
    """What is drawn under and over the coverage, by kind of feature."""
    return {
        "boundary": _features(layers.boundary),
        "areas": _features(layers.areas, F.LAYER, F.NAME, F.KIND),
        "keep_outs": _features(layers.keep_outs, F.NAME, F.KIND),
        "town_areas": _features(layers.town_areas, F.NAME),
        "roads": _features(layers.roads, F.LAYER, F.NAME, F.REF),
        "streets": _features(layers.streets),
        "water": _features(layers.water, F.NAME),
        "landmarks": _landmarks(layers.landmarks),
        "seats": _seats(layers.towns),
    }


def point_columns(frame: pd.DataFrame) -> dict[str, npt.NDArray[np.int32]]:
    """Columns ``lon, lat`` in millionths of a degree, as differences from the row before."""
    columns = {}
    for name in (F.LON, F.LAT):
        whole = np.rint(frame[name].to_numpy(dtype=np.float64) * FINE_DEGREE).astype(np.int32)
        columns[name] = np.diff(whole, prepend=np.int32(0)).astype(np.int32)
    return columns


def _features(frame: gpd.GeoDataFrame, *names: str) -> list[dict[str, Any]]:
    """The named columns and the outline of each row."""
    if frame.empty:
        return []
    shapes = frame.geometry.simplify(SIMPLIFY_M).to_crs(F.WGS84)
    texts = [frame[name].astype(str).tolist() for name in names]
    features = []
    for shape, *values in zip(shapes, *texts, strict=True):
        lines = [_steps(line) for line in _lines(shape)]
        features.append({**dict(zip(names, values, strict=True)), "lines": lines})
    return features


def _lines(shape: Any) -> list[npt.NDArray[np.float64]]:
    """Coordinates of every ring or line of a geometry, each (vertices, 2), degrees."""
    parts = shapely.get_parts(shape)
    if len(parts) and shapely.get_dimensions(parts[0]) == 2:
        parts = shapely.get_rings(parts)
    return [shapely.get_coordinates(part) for part in parts if not part.is_empty]


def _steps(line: npt.NDArray[np.float64]) -> list[int]:
    """A line as lon, lat, lon, lat, ..., each the difference from the vertex before."""
    whole = np.rint(line * DEGREE).astype(np.int64)
    steps: list[int] = np.diff(whole, axis=0, prepend=0).ravel().tolist()
    return steps


def _landmarks(frame: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    if frame.empty:
        return []
    points = frame.geometry.to_crs(F.WGS84)
    return [
        {"name": str(name), "kind": str(kind), "lon": round(point.x, 5), "lat": round(point.y, 5)}
        for name, kind, point in zip(frame[F.NAME], frame[F.KIND], points, strict=True)
    ]


def _seats(towns: pd.DataFrame) -> list[dict[str, Any]]:
    seats = towns[towns[F.SEAT_LON].notna() & towns[F.SEAT_LAT].notna()]
    columns = (seats[name].tolist() for name in (F.NAME, F.KIND, F.SEAT_LON, F.SEAT_LAT))
    return [
        {"name": str(name), "kind": str(kind), "lon": round(lon, 5), "lat": round(lat, 5)}
        for name, kind, lon, lat in zip(*columns, strict=True)
    ]
