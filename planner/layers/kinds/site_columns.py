"""What sites and candidates share: identity, name, height and place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from planner import fields as F
from planner.crs import place_code
from planner.files import unguarded
from planner.layers import places
from planner.layers.files import Source
from planner.layers.findings import Findings
from planner.layers.kinds.rows import Book, read_texts
from planner.layers.places import FloatArray
from planner.layers.proportions import question_heights
from planner.layers.tables import Table, numbers

if TYPE_CHECKING:
    import pandas as pd

_COARSE: Final = r"\d{1,3}(?:\.\d{0,3})?"  # a coordinate of fewer than four decimals
_SAME_PLACE_M: Final = 1.0
_TALLEST_M: Final = 700.0
_USUAL_M: Final = (5.0, 120.0)


def read_columns(
    table: Table, lon: FloatArray, lat: FloatArray, source: Source, book: Book
) -> pd.DataFrame:
    """The columns of these, by physical line."""
    frame = read_texts(table, (), source)

    # a site without an id of its own is called by its place; in a list of ours that comes back an
    # apostrophe before a text is none of it
    made = ["S" + place_code(x, y) for x, y in zip(lon, lat, strict=True)]
    own, named = (table.text(field).map(unguarded) for field in ("site_id", "name"))
    frame[F.SITE_ID] = own.where(own != "", made)
    frame[F.NAME] = named.where(named != "", frame[F.SITE_ID])

    for line, site in zip(frame.index, frame[F.SITE_ID], strict=True):
        book.lines.setdefault(site, (source.name, int(line)))

    frame[F.HEIGHT_M] = _read_heights(table, book.findings)
    frame[F.LON], frame[F.LAT] = lon, lat
    frame[F.X_M], frame[F.Y_M] = places.to_work(lon, lat, book.district.work_crs)
    _say_coarse(table, source, book.findings)
    return frame


def _read_heights(table: Table, findings: Findings) -> FloatArray:
    """Heights, (rows,) m, NaN where none is given; impossible and doubtful ones are findings."""
    heights_m = numbers(table, "height_m", findings, blank=True)
    is_known = np.isfinite(heights_m)
    is_impossible = is_known & ((heights_m <= 0) | (heights_m > _TALLEST_M))
    is_unusual = (heights_m < _USUAL_M[0]) | (heights_m > _USUAL_M[1])
    is_doubtful = is_known & ~is_impossible & is_unusual

    lines = table.frame.index.tolist()
    where: dict[str, Any] = {"file": table.source.name, "column": table.header("height_m")}
    for code, mask in (("height_impossible", is_impossible), ("height_suspicious", is_doubtful)):
        for i in np.flatnonzero(mask):
            findings.add(code, line=lines[i], value=f"{heights_m[i]:g}", **where)
    question_heights(heights_m, where, findings)
    return heights_m


def _say_coarse(table: Table, source: Source, findings: Findings) -> None:
    """One finding for the places of which both coordinates have too few decimals."""
    lon, lat = (table.text(axis).str.fullmatch(_COARSE) for axis in ("lon", "lat"))
    is_coarse = (lon & lat).to_numpy(bool)
    if is_coarse.any():
        line = int(table.frame.index[int(is_coarse.argmax())])
        count = int(is_coarse.sum())
        findings.add("coordinate_precision_low", file=source.name, line=line, count=count)


def check_places(frame: pd.DataFrame, source: Source, findings: Findings) -> None:
    """An id with two places is an error; two ids within a metre are worth a word."""
    from scipy.spatial import cKDTree

    by_id = frame.groupby(F.SITE_ID)[[F.X_M, F.Y_M]]
    reach_m = (by_id.max() - by_id.min()).max(axis=1)
    where: dict[str, Any] = {"file": source.name, "column": F.SITE_ID}
    for site in reach_m.index[reach_m > _SAME_PLACE_M]:
        # named with the first row is the farthest from it: one between may repeat its place
        xy = frame.loc[frame[F.SITE_ID] == site, [F.X_M, F.Y_M]]
        away_m = (xy - xy.iloc[0]).abs().max(axis=1)
        first, second = int(xy.index[0]), int(away_m.idxmax())
        findings.add("duplicate_site_id", line=second, value=site, other=first, **where)

    xy = frame.drop_duplicates(F.SITE_ID)[[F.X_M, F.Y_M]].to_numpy()
    pairs = cKDTree(xy).query_pairs(_SAME_PLACE_M) if len(xy) > 1 else ()
    if pairs:
        findings.add("duplicate_location", file=source.name, count=len(pairs))
