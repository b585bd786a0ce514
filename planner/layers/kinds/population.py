"""Where people live: squares with people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner import fields as F
from planner.layers import places
from planner.layers.files import Source
from planner.layers.kinds.rows import Book, mark_inside, read_points, read_texts, whole_rows
from planner.layers.rasters import read_squares
from planner.layers.tables import numbers

if TYPE_CHECKING:
    import pandas as pd


def read_population(source: Source, book: Book) -> pd.DataFrame | None:
    """Squares with people, columns: ``tables.POPULATION``.

    A square outside the district is left out and said. Of a raster it is the cells.
    """
    if source.family == "raster":
        squares = read_squares(source, book.district, book.findings)
        return None if squares is None else _ordered(squares.assign(basis=source.basis))
    read = read_points(source, book, ("people", "cell_m"), ("basis",))
    if read is None:
        return None
    table, lon, lat = read
    frame = read_texts(table, (), source)
    frame[F.PEOPLE] = numbers(table, "people", book.findings, low=0, high=1e9)
    frame["cell_m"] = numbers(table, "cell_m", book.findings, low=0, high=1e5)
    frame[F.X_M], frame[F.Y_M] = places.to_work(lon, lat, book.district.work_crs)
    kept: pd.DataFrame = frame[mark_inside(frame, table, book)]
    return _ordered(kept)


def _ordered(squares: pd.DataFrame) -> pd.DataFrame:
    """The columns of squares, and their rows from south to north."""
    whole = whole_rows(squares, "population")
    return whole.sort_values([F.Y_M, F.X_M, F.PEOPLE], ignore_index=True)
