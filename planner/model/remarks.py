"""Notices as a table: all of them, where a terminal shows the first of a kind."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from planner import files
from planner.errors import Notice

if TYPE_CHECKING:
    import pandas as pd

NOTICES_NAME: Final = "notices.csv"


def notices_csv(notices: Iterable[Notice]) -> bytes:
    """:func:`notices_table` as the content of a file."""
    return files.csv_bytes(notices_table(notices))


def notices_table(notices: Iterable[Notice]) -> pd.DataFrame:
    """A row a notice, a column a field of :class:`planner.errors.Notice`."""
    import pandas as pd

    columns = [field.name for field in dataclasses.fields(Notice)]
    rows = [dataclasses.astuple(notice) for notice in notices]
    return pd.DataFrame(rows, columns=columns).astype(_NUMBERS)


_NUMBERS: Final = {
    "line": "Int64",
    "feature": "Int64",
    "lon": "float64",
    "lat": "float64",
    "more": "int64",
}
