"""Points to find one's way by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner import fields as F
from planner.layers import places
from planner.layers.files import Source
from planner.layers.kinds.rows import Book, accepted, read_points, read_texts

if TYPE_CHECKING:
    import pandas as pd


def read_landmarks(source: Source, book: Book) -> pd.DataFrame | None:
    """Points to find one's way by, columns: ``tables.LANDMARKS``.

    Those outside the district stay: they are neighbours.
    """
    read = read_points(source, book, ("name",), ("kind", "basis", "source"))
    if read is None:
        return None
    table, lon, lat = read
    frame = read_texts(table, ("name", "kind"), source)
    frame[F.KIND] = table.text("kind", source.entry.kind)
    frame[F.X_M], frame[F.Y_M] = places.to_work(lon, lat, book.district.work_crs)
    return accepted(frame, source, book)
