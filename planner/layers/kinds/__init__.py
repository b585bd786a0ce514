"""What rows of a file mean: one module for each kind, whatever the format of the file.

A reader takes a file that was found and the book of the reading, and gives the rows of its kind, by
their line in it; None, with findings, when the file cannot be used.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from planner import fields as F
from planner.layers.files import Source
from planner.layers.kinds.antennas import read_antennas
from planner.layers.kinds.candidates import read_candidates, without_sites
from planner.layers.kinds.equipment import gathered
from planner.layers.kinds.landmarks import read_landmarks
from planner.layers.kinds.neighbours import split_neighbours
from planner.layers.kinds.population import read_population
from planner.layers.kinds.rows import COLUMNS, TABLES, Book, Lines, add_points, drop_known
from planner.layers.kinds.sites import KEYS, read_sites, settle_sites
from planner.layers.kinds.spread import join_spread
from planner.layers.kinds.towns import read_towns

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["READERS", "Book", "Lines", "empty", "read_part", "settle"]

_PLAIN: Final = ("towns", "population", "antennas")
_LISTED: Final = ("sites", "candidates")
_KEYS: Final[dict[str, list[str]]] = {
    "towns": [F.TOWN_ID],
    "sites": list(KEYS),
    "candidates": [F.SITE_ID],
    "antennas": [F.BAND, F.CUT, F.ANGLE_DEG],
}
"""What stands once among all files of a part."""
_ORDER: Final[dict[str, list[str]]] = {
    **_KEYS,
    "landmarks": [F.NAME, F.KIND, F.X_M, F.Y_M],
    "population": [F.Y_M, F.X_M, F.PEOPLE],
}
"""By what the rows of a part are sorted, whatever their order in the files."""

READERS: Final[dict[str, Callable[[Source, Book], pd.DataFrame | None]]] = {
    "towns": read_towns,
    "landmarks": read_landmarks,
    "population": read_population,
    "sites": read_sites,
    "candidates": read_candidates,
    "antennas": read_antennas,
}


def read_part(part: str, sources: Sequence[Source], book: Book) -> Any:
    """The rows of every file of a key, in their canonical order; None when one cannot be used.

    Sites and candidates are in the order of their files: :func:`settle` needs it.
    """
    import pandas as pd

    read = [(READERS[part](source, book), source) for source in sources]
    # a file that was not refused and gives nothing holds no row
    if any(frame is None and book.findings.errors_in(source.name) for frame, source in read):
        return None
    frames = [frame for frame, _ in read if frame is not None]
    if not frames:
        return empty(part, book.district.work_crs)
    if part in _KEYS:
        known = [source for frame, source in read if frame is not None]
        if part == "sites":
            frames = join_spread(frames, known, book.findings)
        frames = drop_known(frames, known, _KEYS[part], book.findings)
    whole = pd.concat(frames, ignore_index=True)
    return whole if part in _LISTED else _finished(part, whole, book)


def settle(sites: pd.DataFrame, candidates: pd.DataFrame, book: Book) -> dict[str, Any]:
    """Sites, neighbours, candidates and equipment as their tables, when all lists were read.

    What a site list holds that is no station of today is a candidate; see
    :func:`planner.layers.kinds.sites.settle_sites`. A candidate that is a site of today is one of
    these.
    """
    import pandas as pd

    sites, planned = settle_sites(sites, book)
    file = book.scenario.inputs.names("candidates")
    candidates = without_sites(candidates, sites, file, book.findings)
    candidates = pd.concat([candidates, planned], ignore_index=True)
    candidates = candidates.drop_duplicates(F.SITE_ID, ignore_index=True)
    file = book.scenario.inputs.names("sites")
    inside, beyond = split_neighbours(_finished("sites", sites, book), file, book)
    found = _finished("candidates", candidates, book)
    parts = {"sites": inside, "neighbours": beyond, "candidates": found}
    return {**parts, "equipment": gathered(book)}


def empty(part: str, work_crs: str) -> Any:
    """The part without rows, for an input that the case does not have."""
    import geopandas as gpd

    frame = TABLES[part].empty()
    if part in _LISTED:
        # as a reader gives it: with places in metres
        return frame.drop(columns=F.GEOMETRY, errors="ignore").assign(x_m=0.0, y_m=0.0)
    return frame if part in _PLAIN else gpd.GeoDataFrame(frame, geometry=[], crs=work_crs)


def _finished(part: str, frame: pd.DataFrame, book: Book) -> Any:
    """The columns of the part, with points where it has any, in the canonical order."""
    # a list of which nothing is left does not know what its columns hold
    floats = [column.name for column in TABLES[part] if column.kind == "float"]
    others = [name for name in floats if frame[name].dtype != np.float64]
    frame = frame.astype(dict.fromkeys(others, "float64")) if others else frame
    if part not in _PLAIN:
        return add_points(frame, book, _ORDER[part], COLUMNS[part])
    return frame.sort_values(_ORDER[part], ignore_index=True)[list(TABLES[part].columns)]
