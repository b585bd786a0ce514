"""Places where something could be built."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner import fields as F
from planner.layers.aliases import VALUES
from planner.layers.files import Source
from planner.layers.findings import Findings
from planner.layers.kinds.rows import (
    COLUMNS,
    Book,
    add_points,
    drop_repeated,
    mark_inside,
    read_points,
)
from planner.layers.kinds.site_columns import check_places, read_columns
from planner.layers.tables import words

if TYPE_CHECKING:
    import geopandas as gpd


def read_candidates(source: Source, book: Book) -> gpd.GeoDataFrame | None:
    """Places where something could be built, columns: ``tables.CANDIDATES``."""
    may = ("site_id", "name", "height_m", "basis", "source")
    read = read_points(source, book, ("site_type",), may)
    if read is None:
        return None

    table, lon, lat = read
    frame = read_columns(table, lon, lat, source, book)
    frame[F.SITE_TYPE] = words(table, "site_type", book.findings, VALUES["site_type"]).to_numpy()
    frame = frame[mark_inside(frame, table, book)]
    frame = drop_repeated(frame, [F.SITE_ID], table, book.findings)
    check_places(frame, source, book.findings)
    return add_points(frame, book, [F.SITE_ID], COLUMNS["candidates"])


def without_sites(
    candidates: gpd.GeoDataFrame, sites: gpd.GeoDataFrame, file: str, findings: Findings
) -> gpd.GeoDataFrame:
    """Candidates that are not sites of today by another row."""
    taken = candidates[F.SITE_ID].isin(set(sites[F.SITE_ID]))
    if taken.any():
        findings.add("candidate_on_site", file=file, count=int(taken.sum()))
    return candidates[~taken].reset_index(drop=True)
