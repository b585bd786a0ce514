"""Where people live: squares with people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.spatial import cKDTree

from planner import fields as F
from planner.layers import places
from planner.layers.files import Source
from planner.layers.kinds.rows import Book, accepted, mark_inside, read_points, read_texts
from planner.layers.rasters import read_squares
from planner.layers.tables import numbers

if TYPE_CHECKING:
    import pandas as pd


def read_population(source: Source, book: Book) -> pd.DataFrame | None:
    """Squares with people, columns: ``tables.POPULATION``.

    A square outside the district is left out and said. Without a column of sizes the squares are as
    wide as their middles usually are apart. Of a raster it is the cells.
    """
    if source.family == "raster":
        squares = read_squares(source, book.district, book.findings)
        return None if squares is None else squares.assign(basis=source.basis)
    read = read_points(source, book, ("people",), ("cell_m", "basis"))
    if read is None:
        return None
    table, lon, lat = read
    frame = read_texts(table, (), source)
    frame[F.PEOPLE] = numbers(table, "people", book.findings, low=0, high=1e9)
    frame[F.X_M], frame[F.Y_M] = places.to_work(lon, lat, book.district.work_crs)
    if table.has("cell_m"):
        frame[F.CELL_M] = numbers(table, "cell_m", book.findings, low=0, high=1e5)
    else:
        frame[F.CELL_M] = _usual_distance(frame)
        cell_m = frame[F.CELL_M].max()
        code = "cell_m_by_distance" if cell_m > 0 else "cell_m_by_distance/none"
        book.findings.add(code, file=source.name, cell_m=f"{cell_m:g}")
    is_again = frame.duplicated([F.X_M, F.Y_M]).to_numpy(bool)
    if is_again.any():
        line, count = int(frame.index[is_again][0]), int(is_again.sum())
        book.findings.add("duplicate_location/squares", file=source.name, line=line, count=count)
    return accepted(frame[mark_inside(frame, table, book)], source, book)


def _usual_distance(frame: pd.DataFrame) -> float:
    """Median distance from a place to the next, whole m; 0 where there is one place only."""
    xy = np.unique(frame[[F.X_M, F.Y_M]].to_numpy(), axis=0)
    if len(xy) < 2:
        return 0.0
    away_m: Any = cKDTree(xy).query(xy, k=2)[0]
    return float(np.rint(np.median(away_m[:, 1])))
