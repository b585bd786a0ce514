"""CSV in UTF-8: the list alone, safe against formulas where a spreadsheet opens it."""

from __future__ import annotations

import csv
import io
import itertools
from typing import Any, Final

from planner.exports.format import ListFormat, SiteList, cells_below
from planner.files import guarded, unguarded
from planner.sheets import Column, clean_text, kind_of, shown_text


def _write(site_list: SiteList) -> bytes:
    """With the mark that Excel needs, and no text that might run."""
    sheet = site_list.stations
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    # A group is named at its first column only, as in the merged cell of a workbook.
    if sheet.header_rows == 2:
        groups = ["", *(column.group for column in sheet.columns)]
        pairs = itertools.pairwise(groups)
        writer.writerow(["" if group == before else _safe(group) for before, group in pairs])

    writer.writerow([_safe(column.head) for column in sheet.columns])
    for row in sheet.rows:
        writer.writerow(map(_cell, row, sheet.columns))
    return out.getvalue().encode("utf-8-sig")


def _safe(value: object) -> str:
    return guarded(clean_text(value))


def _cell(value: Any, column: Column) -> str:
    shown = shown_text(value, column)
    return _safe(shown) if kind_of(value, column) == "text" else shown


def _read_ids(data: bytes, head: str) -> list[str]:
    rows = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    return cells_below([list(map(unguarded, row)) for row in rows], head)


FORMAT: Final = ListFormat("csv", _write, _read_ids)
