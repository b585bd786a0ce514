"""Township-level units, with people and seats."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from planner import fields as F
from planner.layers import places
from planner.layers.aliases import VALUES
from planner.layers.files import Source
from planner.layers.kinds.optional import Lenient
from planner.layers.kinds.rows import Book, accepted, drop_repeated, in_wgs84, read_texts
from planner.layers.places import FloatArray
from planner.layers.tables import Table, numbers, read_table, words

if TYPE_CHECKING:
    import pandas as pd


def read_towns(source: Source, book: Book) -> pd.DataFrame | None:
    """Township-level units, columns: ``tables.TOWNS``; code, kind and seat are optional."""
    table = read_table(
        source,
        book.findings,
        ("name", "people"),
        ("town_id", "kind", "seat_lon", "seat_lat", "datum", "basis", "source"),
        aliases=book.scenario.aliases,
    )
    if table is None:
        return None

    frame = read_texts(table, ("town_id", "name"), source)
    for line in frame.index[frame[F.NAME] == ""]:
        where: dict[str, Any] = {"file": source.name, "column": table.header("name")}
        book.findings.add("missing_value", line=int(line), **where)
    ids = frame[F.TOWN_ID].where(frame[F.TOWN_ID] != "", frame[F.NAME])
    frame[F.TOWN_ID] = ids.where(frame[F.NAME] != "", np.nan)
    frame[F.KIND] = _read_kinds(table, frame[F.NAME], source, book)
    frame[F.PEOPLE] = numbers(table, "people", book.findings, low=0, high=1e9)
    lon, lat = _read_seats(table, book)
    frame[F.SEAT_LON], frame[F.SEAT_LAT] = lon, lat

    # units without a seat keep NaN: only the seats are projected
    x = np.full(len(lon), np.nan)
    y = np.full(len(lon), np.nan)
    seated = np.isfinite(lon) & np.isfinite(lat)
    if seated.any():
        x[seated], y[seated] = places.to_work(lon[seated], lat[seated], book.district.work_crs)
    frame[F.X_M], frame[F.Y_M] = x, y

    frame = drop_repeated(frame, [F.TOWN_ID], table, book.findings, "duplicate_key")
    return accepted(frame, source, book)


def _read_kinds(table: Table, names: pd.Series[str], source: Source, book: Book) -> pd.Series[str]:
    """Kind of each unit: its own, else that of the file, else by the end of its name."""
    kinds = VALUES["town_kind"]
    cells = table.text("kind", source.entry.kind)
    is_blank = cells == ""
    by_name = names.map(lambda name: next((k for k in kinds if name.endswith(k)), "town"))
    if is_blank.any():
        count, file = int(is_blank.sum()), source.name
        book.findings.add("town_kind_by_name", file=file, count=count)

    frame = table.frame.assign(**{table.header("kind"): cells.mask(is_blank, by_name)})
    columns = {**table.columns, "kind": table.header("kind")}
    told = dataclasses.replace(table, frame=frame, columns=columns)
    return words(told, "kind", book.findings, kinds)


def _read_seats(table: Table, book: Book) -> tuple[FloatArray, FloatArray]:
    """Seats in WGS-84, (rows,) degrees; NaN where there is none or it cannot be used."""
    book = dataclasses.replace(book, findings=Lenient(book.findings))
    lon = numbers(table, "seat_lon", book.findings, blank=True, degrees=True)
    lat = numbers(table, "seat_lat", book.findings, blank=True, degrees=True)
    for field, other in (("seat_lon", lat), ("seat_lat", lon)):
        is_half = (table.text(field) == "").to_numpy(bool) & np.isfinite(other)
        for line in table.frame.index[is_half]:
            where: dict[str, Any] = {"file": table.source.name, "column": table.header(field)}
            book.findings.add("missing_coordinate", line=int(line), **where)
    return in_wgs84(table, lon, lat, ("seat_lon", "seat_lat"), book)
