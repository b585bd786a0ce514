"""What rows of a file mean: one module for each kind, whatever the format of the file.

A reader takes a file that was found and the book of the reading, and gives the rows of its kind in
their canonical order; None, with findings, when the file cannot be used.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from planner import fields as F
from planner.layers.files import Source
from planner.layers.kinds.antennas import read_antennas
from planner.layers.kinds.candidates import read_candidates, without_sites
from planner.layers.kinds.landmarks import read_landmarks
from planner.layers.kinds.neighbours import split_neighbours
from planner.layers.kinds.population import read_population
from planner.layers.kinds.rows import TABLES, Book, Lines
from planner.layers.kinds.sites import read_sites
from planner.layers.kinds.towns import read_towns

__all__ = [
    "ORDER", "READERS", "Book", "Lines", "empty", "read_part", "split_neighbours", "without_sites",
]  # fmt: skip

_PLAIN: Final = ("towns", "population", "antennas")
ORDER: Final[dict[str, list[str]]] = {
    "towns": [F.TOWN_ID],
    "landmarks": [F.NAME, F.KIND, F.X_M, F.Y_M],
    "population": [F.Y_M, F.X_M, F.PEOPLE],
    "sites": [F.SITE_ID, F.NETWORK, F.BAND],
    "candidates": [F.SITE_ID],
    "antennas": [F.BAND, "cut", "angle_deg"],
}
"""By what the rows of a part are sorted, whatever their order in the files."""

READERS: Final[dict[str, Callable[[Source, Book], Any]]] = {
    "towns": read_towns,
    "landmarks": read_landmarks,
    "population": read_population,
    "sites": read_sites,
    "candidates": read_candidates,
    "antennas": read_antennas,
}


def read_part(part: str, sources: Sequence[Source], book: Book) -> Any:
    """The rows of every file of a key, in their canonical order; None when one cannot be used."""
    import pandas as pd

    read = READERS[part]
    frames = [read(source, book) for source in sources]
    if any(frame is None for frame in frames):
        return None
    if len(frames) == 1:
        return frames[0]
    return pd.concat(frames, ignore_index=True).sort_values(ORDER[part], ignore_index=True)


def empty(part: str, work_crs: str) -> Any:
    """The part without rows, for an input that the case does not have."""
    import geopandas as gpd

    frame = TABLES[part].empty()
    return frame if part in _PLAIN else gpd.GeoDataFrame(frame, geometry=[], crs=work_crs)
