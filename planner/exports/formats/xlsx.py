"""XLSX: a workbook with a guide, the list, and its cells."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Final

from planner.exports.format import ListFormat, SiteList, cells_below
from planner.sheets import workbook_bytes


def _write(one: SiteList) -> bytes:
    sheets = [sheet for sheet in (one.guide, one.stations, one.cells) if sheet is not None]
    return workbook_bytes(sheets, created=one.as_of, title=one.title)


def _read_ids(path: Path, head: str) -> list[str]:
    """Of the first sheet that has the head: the guide has not, and the cells come after the list."""
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_path(str(path))
    for name in book.sheet_names:
        rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        with suppress(LookupError):
            return cells_below([[str(cell) for cell in row] for row in rows], head)
    raise LookupError(head)


FORMAT: Final = ListFormat("xlsx", _write, _read_ids)
