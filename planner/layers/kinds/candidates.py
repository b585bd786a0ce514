"""Places where something could be built."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from planner import fields as F
from planner.layers.files import Source
from planner.layers.findings import Findings
from planner.layers.kinds.identities import read_identities
from planner.layers.kinds.optional import Optional
from planner.layers.kinds.rows import Book, accepted, drop_repeated, mark_inside, read_points
from planner.layers.kinds.site_columns import (
    check_places,
    doubts_of,
    read_columns,
    read_site_types,
)

if TYPE_CHECKING:
    import pandas as pd

_MAY: Final = (
    "site_id", "plan_site_id", "station_id", "base_id", "name", "site_type", "build_way",
    "height_m", "basis", "source",
)  # fmt: skip


def read_candidates(source: Source, book: Book) -> pd.DataFrame | None:
    """Places where something could be built, columns: ``tables.CANDIDATES``.

    A blank type is told by the ground: a roof where it is built up, a tower elsewhere.
    """
    read = read_points(source, book, (), _MAY)
    if read is None:
        return None

    table, lon, lat = read
    cells = Optional(table, book.findings)
    identities = read_identities(table, book.scenario)
    frame = read_columns(cells, identities, lon, lat, source, book)
    frame[F.SITE_TYPE] = read_site_types(cells)
    frame[F.DOUBTS] = doubts_of(cells, frame.index.tolist())
    n_blank = int((frame[F.SITE_TYPE] == "").sum())
    if n_blank:
        book.findings.add("site_type_by_ground", file=source.name, count=n_blank)

    frame = accepted(frame[mark_inside(frame, table, book)], source, book)
    frame = drop_repeated(frame, [F.SITE_ID], table, book.findings)
    check_places(frame, source, book.findings)
    return accepted(frame, source, book)


def without_sites(
    candidates: pd.DataFrame, sites: pd.DataFrame, file: str, findings: Findings
) -> pd.DataFrame:
    """Candidates that are not sites of today by another row."""
    taken = candidates[F.SITE_ID].isin(set(sites[F.SITE_ID]))
    if taken.any():
        findings.add("candidate_on_site", file=file, count=int(taken.sum()))
    return candidates[~taken].reset_index(drop=True)
