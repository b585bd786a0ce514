"""Workbooks, XLSX and XLS: the rows of their sheets as text."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from planner.layers.formats import MAX_CELLS, Remarks

# a cell that holds something has an end of its own: `<c r="S9" s="3"/>` is a format alone
_CELL: Final = re.compile(
    rb"""<(?:\w+:)?c\s[^<>]*?\br\s*=\s*["']([A-Z]{1,3})([0-9]{1,7})["'][^<>]*(?<!/)>"""
)
_CHUNK: Final = 1 << 20


def read_workbook(path: Path, remarks: Remarks) -> tuple[list[dict[str, Any]], bytes] | None:
    """The sheets that hold anything, rows without text left out.

    A sheet has ``name``, ``rows`` of text with their ``lines`` from 1, and for each column
    ``text_until``: the last line on which the column holds no number, 0 when it never does.
    """
    import python_calamine

    if zipfile.is_zipfile(path) and not _fits(path, remarks):
        return None
    try:
        book = python_calamine.CalamineWorkbook.from_path(path)
        sheets = {
            name: book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            for name in book.sheet_names
        }
    # calamine raises many kinds, and panics, which are no Exception: all of them about the file
    except BaseException as error:
        if isinstance(error, MemoryError):
            raise
        remarks.add("encrypted_workbook", reason=str(error)[:80])
        return None
    return [_sheet(name, rows) for name, rows in sheets.items() if any(map(_holds, rows))], b""


def _fits(path: Path, remarks: Remarks) -> bool:
    """Whether the rectangles that the sheets span can be held; a remark when they cannot.

    calamine holds all cells between the first and the last, however few are filled: two far apart
    take gigabytes, or more than there is, and then it aborts.
    """
    spanned = 0
    try:
        for row, column in _corners(path):
            spanned += row * column
            if spanned > MAX_CELLS:
                corner = f"{_letters(column)}{row}"
                remarks.add("table_too_large", column=corner, cells=spanned, limit=MAX_CELLS)
                return False
    # whatever is wrong with the archive, calamine says in its own words
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, RuntimeError, NotImplementedError):
        pass
    return True


def _corners(path: Path) -> Iterator[tuple[int, int]]:
    """Last row and last column that are filled, of each sheet.

    Sheets may lie anywhere in the archive, so every member is looked at.
    """
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            last_row = last_column = 0
            with archive.open(member) as stream:
                for letters, row in _cells(stream):
                    last_row = max(last_row, row)
                    last_column = max(last_column, _number(letters))
            yield last_row, last_column


def _cells(stream: Any) -> Iterator[tuple[bytes, int]]:
    """Column and row of each filled cell of a sheet, read in pieces."""
    rest = b""
    while chunk := stream.read(_CHUNK):
        # a tag cut in two waits for its other half
        text = rest + chunk
        end = text.rfind(b"<")
        for match in _CELL.finditer(text):
            yield match[1], int(match[2])
        rest = text[end:][-4096:] if end > text.rfind(b">") else b""


def _number(letters: bytes) -> int:
    """Number of a column by its letters: A is 1, AA is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _letters(number: int) -> str:
    """Letters of a column by its number."""
    letters = ""
    while number:
        number, letter = divmod(number - 1, 26)
        letters = chr(65 + letter) + letters
    return letters


def _sheet(name: str, cells: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """The rows of a sheet as text, and which columns hold numbers."""
    lines, rows = [], []
    text_until = [0] * len(cells[0])
    for line, row in enumerate(cells, start=1):
        if not _holds(row):
            continue
        for i, cell in enumerate(row):
            if not isinstance(cell, (int, float)):
                text_until[i] = line
        texts = [_cell_text(cell) for cell in row]
        if any(text.strip() for text in texts):
            lines.append(line)
            rows.append(texts)
    return {"name": name, "lines": lines, "rows": rows, "text_until": text_until}


def _holds(row: Sequence[Any]) -> bool:
    """Whether a row of a sheet holds anything."""
    return any(cell != "" for cell in row)


def _cell_text(cell: Any) -> str:
    """Text of a spreadsheet cell; whole numbers without the point that the format gives them."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell)
