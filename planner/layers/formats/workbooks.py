"""Workbooks, XLSX, XLS, XLSB and ODS: the rows of their sheets as text."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Final

from planner.layers.formats import MAX_CELLS, Remarks, cell_text
from planner.layers.formats.biff import look_into_xls
from planner.layers.formats.looks import Look, letters_of, look_into

_INDENTS: Final = re.compile(rb"(</?(?:office|table):[^<>]*>|</text:p>)\s+(?=<)")


def read_workbook(path: Path, remarks: Remarks) -> tuple[list[dict[str, Any]], bytes] | None:
    """The sheets that hold anything, rows without text left out.

    A sheet has ``name``, ``is_hidden``, ``rows`` of text with their ``lines`` from 1, how many
    blank rows are ``blank_above`` each, which ``hidden`` lines it has, which ranges are ``merged``
    (see :data:`planner.layers.formats.looks.Range`), and for each column ``text_until``: the last
    line on which the column holds no number, 0 when it never does. Cells of an XLSX that hold a
    formula without a value are ``unvalued``.
    """
    import python_calamine

    looks = _looks(path, remarks)
    if looks is None:
        return None
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(_stream(path))
        sheets = [
            _sheet(about, book.get_sheet_by_name(about.name), looks)
            for about in book.sheets_metadata
            if about.typ == python_calamine.SheetTypeEnum.WorkSheet
        ]
    # calamine raises many kinds, and panics, which are no Exception: all of them about the file
    except BaseException as error:
        if isinstance(error, MemoryError):
            raise
        remarks.add("encrypted_workbook", reason=str(error)[:80])
        return None
    return [sheet for sheet in sheets if sheet["rows"]], b""


def _stream(path: Path) -> BinaryIO:
    """The bytes of a workbook; in an ODS without the blanks by which some programs indent it.

    calamine takes only tags between the tags of a table.
    """
    data = path.read_bytes()
    if not zipfile.is_zipfile(path):
        return io.BytesIO(data)
    with zipfile.ZipFile(path) as archive:
        if "content.xml" not in archive.namelist():
            return io.BytesIO(data)
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as copy:
            for member in archive.infolist():
                text = archive.read(member)
                is_content = member.filename == "content.xml"
                copy.writestr(member.filename, _INDENTS.sub(rb"\1", text) if is_content else text)
    buffer.seek(0)
    return buffer


def _looks(path: Path, remarks: Remarks) -> dict[str, Look] | None:
    """What the sheets say of themselves; None, with a remark, when they span too much."""
    from lxml import etree

    found: dict[str, Look] = {}
    spanned = 0
    try:
        for look in _every_look(path):
            found[look.name] = look
            spanned += look.last_line * look.last_column
            if spanned > MAX_CELLS:
                corner = f"{letters_of(look.last_column)}{look.last_line}"
                remarks.add("table_too_large", column=corner, cells=spanned, limit=MAX_CELLS)
                return None
    # whatever is wrong with the file, calamine says in its own words
    except (
        zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError, LookupError,
        struct.error, etree.LxmlError,
    ):  # fmt: skip
        pass
    return found


def _every_look(path: Path) -> Iterator[Look]:
    if not zipfile.is_zipfile(path):
        yield from look_into_xls(path)
        return
    with zipfile.ZipFile(path) as archive:
        yield from look_into(archive)


def _sheet(about: Any, sheet: Any, looks: Mapping[str, Look]) -> dict[str, Any]:
    """The rows of a sheet as text, and what else is to be known of them."""
    import python_calamine

    look = looks.get(about.name, Look("", 0, 0, [], [], [], {}))
    cells: Sequence[Sequence[Any]] = sheet.to_python(skip_empty_area=False)
    lines: list[int] = []
    rows: list[list[str]] = []
    blank_above: list[int] = []
    text_until = [0] * (len(cells[0]) if cells else 0)
    for line, row in enumerate(cells, start=1):
        for i, cell in enumerate(row):
            if not isinstance(cell, (int, float)):
                text_until[i] = line
        texts = [cell_text(cell) for cell in row]
        for i, error in look.errors.get(line, {}).items():
            if i < len(texts):
                texts[i] = error
        if any(text.strip() for text in texts):
            blank_above.append(line - 1 - (lines[-1] if lines else 0))
            lines.append(line)
            rows.append(texts)

    merged = look.merged
    if sheet.merged_cell_ranges:
        merged = [
            (top + 1, left, bottom + 1, right)
            for (top, left), (bottom, right) in sheet.merged_cell_ranges
        ]
    return {
        "name": about.name,
        "is_hidden": about.visible != python_calamine.SheetVisibleEnum.Visible,
        "lines": lines,
        "rows": rows,
        "blank_above": blank_above,
        "text_until": text_until,
        "hidden": look.hidden,
        "unvalued": look.unvalued,
        "merged": merged,
    }
