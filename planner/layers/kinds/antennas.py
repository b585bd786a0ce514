"""Measured antenna patterns, as rows of a table or as the file of one antenna."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.layers.aliases import VALUES
from planner.layers.files import Source
from planner.layers.kinds.patterns import read_pattern, tilt_in_rows
from planner.layers.kinds.rows import COLUMNS, Book, accepted, drop_repeated, read_texts
from planner.layers.tables import numbers, read_table, words

if TYPE_CHECKING:
    import pandas as pd


def read_antennas(source: Source, book: Book) -> pd.DataFrame | None:
    """Measured antenna patterns: attenuation over angle, columns: ``tables.ANTENNAS``.

    A horizontal and a vertical cut for each band that is named. Azimuths run clockwise, whichever
    way the scenario says that those of the file do.
    """
    frame = read_pattern(source, book) if source.family == "pattern" else _read_rows(source, book)
    if frame is not None and source.entry.turn == "counterclockwise":
        is_turned = frame["cut"] == "horizontal"
        frame["angle_deg"] = frame["angle_deg"].mask(is_turned, -frame["angle_deg"] % 360.0)
    return frame


def _read_rows(source: Source, book: Book) -> pd.DataFrame | None:
    """Rows of band, cut, angle and attenuation."""
    findings = book.findings
    table = read_table(source, findings, COLUMNS["antennas"], aliases=book.scenario.aliases)
    if table is None:
        return None

    bands = {name.lower(): name for name in book.scenario.bands}
    frame = read_texts(table, (), source)
    frame["band"] = words(table, "band", findings, bands).to_numpy()
    frame["cut"] = words(table, "cut", findings, VALUES["cut"]).to_numpy()
    frame["angle_deg"] = numbers(table, "angle_deg", findings, low=-360, high=360)
    frame["loss_db"] = numbers(table, "loss_db", findings, low=0, high=100)

    # -90 and 270 degrees are one angle: they are compared as one
    frame["angle_deg"] %= 360.0
    keys = ["band", "cut", "angle_deg"]
    frame = drop_repeated(frame, keys, table, findings, "duplicate_key")
    frame = accepted(frame, source, book)
    for _, rows in frame[frame["cut"] == "vertical"].groupby("band"):
        tilt_deg = tilt_in_rows(rows, source, findings)
        frame.loc[rows.index, "angle_deg"] = (rows["angle_deg"] - tilt_deg) % 360.0
    return frame
