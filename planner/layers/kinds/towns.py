"""Township-level units, with people and seats."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from planner import fields as F
from planner.layers import places
from planner.layers.aliases import VALUES
from planner.layers.files import Source
from planner.layers.kinds.rows import Book, drop_repeated, in_wgs84, read_texts, whole_rows
from planner.layers.tables import numbers, read_table, words

if TYPE_CHECKING:
    import pandas as pd


def read_towns(source: Source, book: Book) -> pd.DataFrame | None:
    """Township-level units, columns: ``tables.TOWNS``; a seat is optional."""
    table = read_table(
        source,
        book.findings,
        ("town_id", "name", "kind", "people"),
        ("seat_lon", "seat_lat", "datum", "basis", "source"),
        aliases=book.scenario.aliases,
    )
    if table is None:
        return None

    frame = read_texts(table, ("town_id", "name"), source)
    frame[F.KIND] = words(table, "kind", book.findings, VALUES["town_kind"]).to_numpy()
    frame[F.PEOPLE] = numbers(table, "people", book.findings, low=0, high=1e9)
    lon = numbers(table, "seat_lon", book.findings, blank=True, degrees=True)
    lat = numbers(table, "seat_lat", book.findings, blank=True, degrees=True)
    lon, lat = in_wgs84(table, lon, lat, ("seat_lon", "seat_lat"), book)
    frame["seat_lon"], frame["seat_lat"] = lon, lat

    # units without a seat keep NaN: only the seats are projected
    x = np.full(len(lon), np.nan)
    y = np.full(len(lon), np.nan)
    seated = np.isfinite(lon) & np.isfinite(lat)
    if seated.any():
        x[seated], y[seated] = places.to_work(lon[seated], lat[seated], book.district.work_crs)
    frame[F.X_M], frame[F.Y_M] = x, y

    frame = drop_repeated(frame, ["town_id"], table, book.findings)
    return whole_rows(frame, "towns").sort_values("town_id", ignore_index=True)
