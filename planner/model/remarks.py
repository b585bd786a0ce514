"""Notices as a table: all of them, where a terminal shows the first of a kind."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Final

from planner import files
from planner.errors import Notice

NOTICES_NAME: Final = "notices.csv"


def notices_csv(notices: Iterable[Notice]) -> bytes:
    """A row a notice, a column a field of :class:`planner.errors.Notice`."""
    import pandas as pd

    columns = [field.name for field in dataclasses.fields(Notice)]
    rows = [dataclasses.astuple(notice) for notice in notices]
    table = pd.DataFrame(rows, columns=columns)
    return files.csv_bytes(table.astype(_NUMBERS))


_NUMBERS: Final = {
    "line": "Int64",
    "feature": "Int64",
    "lon": "float64",
    "lat": "float64",
    "more": "int64",
}
