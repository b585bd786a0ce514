"""XLSX: a workbook with a guide, the list, and its cells."""

from __future__ import annotations

import io
from contextlib import suppress
from typing import Final

from planner.exports.format import ListFormat, SiteList, cells_below
from planner.sheets import workbook_bytes


def _write(site_list: SiteList) -> bytes:
    sheets = [site_list.guide, site_list.stations]
    if site_list.cells is not None:
        sheets.append(site_list.cells)
    keywords = f"{site_list.words('plan_key')} {site_list.plan_key}"
    return workbook_bytes(sheets, created=site_list.as_of, title=site_list.title, keywords=keywords)


def _read_ids(data: bytes, head: str) -> list[str]:
    """From the first sheet that has the head: the guide has not, the cells come after the list."""
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    for name in book.sheet_names:
        rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        with suppress(LookupError):
            return cells_below([[str(cell) for cell in row] for row in rows], head)
    raise LookupError(head)


FORMAT: Final = ListFormat("xlsx", _write, _read_ids)
