"""Equipment of 2G to 4G that site lists tell of: it has no part in the plan but in the exposure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np

from planner import fields as F
from planner.layers.files import Source
from planner.layers.kinds.carriers import generation
from planner.layers.kinds.powers import watts_of
from planner.layers.kinds.rows import Book
from planner.layers.tables import Table
from planner.model import tables

if TYPE_CHECKING:
    import pandas as pd

_BETWEEN: Final = re.compile(r"[/+、,，;；&|]")
_TOLD: Final = ("network", "technology", "arfcn", "frequency")
"""What tells one system of a site from another."""


def note_equipment(frame: pd.DataFrame, table: Table, source: Source, book: Book) -> None:
    """Enter what a list tells of 2G to 4G in the book, and say how much of it has no power.

    A row of 5G may name other generations beside it. Rows that say the same of one site are one:
    cells of a station without azimuths stand for all of its sectors.

    Parameters
    ----------
    frame
        Rows of the list that are used, with ``is_stock`` and ``sectors``.
    table, source
        The list.
    book
        Its ``equipment`` is filled.
    """
    systems = table.text("technology").reindex(frame.index).map(_systems).to_numpy(np.int64)
    systems = np.maximum(systems, frame["is_stock"].to_numpy(bool))
    is_told = systems > 0
    if not is_told.any():
        return

    told = frame[is_told]
    watts = watts_of(table)
    texts = [sectors.texts() for sectors in told["sectors"]]
    rows = told[[F.SITE_ID, F.X_M, F.Y_M]].assign(
        **{name: [text[name] for text in texts] for name in (F.AZIMUTHS_DEG, F.TILTS_DEG)},
        **{F.SYSTEMS: systems[is_told]},
        # the power of a row of 5G is that of its station of 5G
        **{
            F.POWER_W: [
                watts.get(line, np.nan) if is_stock else np.nan
                for line, is_stock in zip(told.index.tolist(), told["is_stock"], strict=True)
            ]
        },
    )
    words = {f"said_{name}": table.text(name).reindex(told.index) for name in _TOLD}
    rows = rows.assign(**words).drop_duplicates()
    book.findings.add(
        "no_5g_station/equipment",
        file=source.name,
        line=int(rows.index[0]),
        count=len(rows),
        sites=rows[F.SITE_ID].nunique(),
        unpowered=int(rows[F.POWER_W].isna().sum()),
    )
    book.equipment.append(rows)


def gathered(book: Book) -> pd.DataFrame:
    """The equipment of all lists, as ``tables.EQUIPMENT``; what two of them tell is one."""
    import pandas as pd

    if not book.equipment:
        return tables.EQUIPMENT.empty()
    columns = list(tables.EQUIPMENT.columns)
    whole = pd.concat(book.equipment).drop_duplicates(ignore_index=True)
    return whole[columns].sort_values(columns, ignore_index=True)


def _systems(technology: str) -> int:
    """How many systems of 2G to 4G a cell names, such as 1 in ``4G+5G`` and 2 in ``GSM/LTE``."""
    return sum(generation(part) == "other" for part in _BETWEEN.split(technology.lower()))
