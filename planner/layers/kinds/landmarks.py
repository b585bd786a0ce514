"""Points to find one's way by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from planner import fields as F
from planner.layers import places
from planner.layers.files import Source
from planner.layers.kinds.neighbours import within_reach
from planner.layers.kinds.rows import Book, accepted, read_points, read_texts

if TYPE_CHECKING:
    import pandas as pd

_FAR_M: Final = 100_000.0
"""What lies farther beyond the border has nothing to do with the district [judgement]."""


def read_landmarks(source: Source, book: Book) -> pd.DataFrame | None:
    """Points to find one's way by, columns: ``tables.LANDMARKS``.

    Those outside the district stay: they are neighbours, as far as that makes sense.
    """
    read = read_points(source, book, ("name",), ("kind", "basis", "source"))
    if read is None:
        return None
    # those outside stay, as neighbours; what is elsewhere altogether is a slip in its degrees
    table, lon, lat = within_reach(*read, book, _FAR_M, "beyond_reach/places")
    frame = read_texts(table, ("name", "kind"), source)
    frame[F.KIND] = table.text("kind", source.entry.kind)
    frame[F.X_M], frame[F.Y_M] = places.to_work(lon, lat, book.district.work_crs)
    return accepted(frame, source, book)
