"""Tables as workbooks that an office opens: safe against formulas and links.

The same rows give the same bytes.
"""

from __future__ import annotations

import datetime as dt
import io
import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

Kind = Literal["text", "integer", "number", "fine", "percent", "degrees", "mixed"]
MAX_CELL = 32_767
_FORMATS: dict[Kind, dict[str, Any]] = {
    "text": {"num_format": "@", "align": "left", "text_wrap": True},
    "integer": {"num_format": "0", "align": "right"},
    "number": {"num_format": "0.0", "align": "right"},
    "fine": {"num_format": "0.000", "align": "right"},
    "percent": {"num_format": "0.0", "align": "right"},
    "degrees": {"num_format": "0.000000", "align": "right"},
    "mixed": {"num_format": "@", "align": "right"},
}
# controls, and what XML 1.0 does not allow
_UNSTORABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_LINE = {"border": 1, "border_color": "#7F7F7F", "valign": "vcenter"}
_BOLD = {"bold": True}
_MARKED = {"bg_color": "#FFD966"}
_HEAD = {
    "bold": True, "align": "center", "text_wrap": True, "bg_color": "#DDE6EE", "num_format": "@",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """Head of a column and what its cells hold.

    Parameters
    ----------
    head
        Text in the header row.
    kind
        ``text`` is never read as a number, ``number`` shows one decimal place, ``fine`` three,
        ``degrees`` six; ``percent`` holds 0-100; in a ``mixed`` column each value goes by its own
        type.
    group
        Text of a second header row above; neighbours with the same text share one merged cell.
    widest
        Width in characters from which texts are wrapped.
    """

    head: str
    kind: Kind = "text"
    group: str = ""
    widest: int = 60


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """One sheet: rows below a header; ``None`` is an empty cell.

    Parameters
    ----------
    name
        Name of the tab, at most 31 characters.
    columns, rows
        Every row has one value per column.
    title
        Line above the header; without one the header is the first row, as programs that load lists
        expect.
    totals
        Places in ``rows`` of the rows that are set in bold.
    notes
        Lines below the table.
    marked
        Row and column, places in ``rows`` and ``columns``, of cells that are filled with a colour.
    """

    name: str
    columns: tuple[Column, ...]
    rows: Sequence[Sequence[Any]]
    title: str = ""
    totals: frozenset[int] = frozenset()
    notes: tuple[str, ...] = ()
    marked: frozenset[tuple[int, int]] = frozenset()

    @property
    def header_rows(self) -> int:
        """Number of header rows: two when any column has a group."""
        return 2 if any(column.group for column in self.columns) else 1


def clean_text(value: object) -> str:
    """Text without characters that a workbook or file name cannot hold, in one line."""
    text = str(value)
    # nearly all of them are
    if not text.isprintable():
        text = _UNSTORABLE.sub("", " ".join(text.splitlines()))
    return text[:MAX_CELL]


# lists repeat their texts: a station's in the row of each of its cells
@lru_cache(maxsize=1 << 14)
def display_width(text: str) -> int:
    """Width of a text in half-width characters."""
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(letter) in "WFA" else 1 for letter in text)


def workbook_bytes(
    sheets: Iterable[Sheet], *, created: str, title: str, keywords: str = ""
) -> bytes:
    """Write sheets to an XLSX file in memory.

    Parameters
    ----------
    sheets
        In the order of the tabs.
    created
        Date that the file says it was made on, ``YYYY-MM-DD``; never the clock's.
    title, keywords
        What the file's properties say: its title, and whose it is, which every printed page says
        too.
    """
    import xlsxwriter

    buffer = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book = xlsxwriter.Workbook(buffer, options)
    made = dt.datetime.combine(dt.date.fromisoformat(created), dt.time())
    said = {"title": clean_text(title), "keywords": clean_text(keywords)}
    book.set_properties({**said, "created": made})

    for sheet in sheets:
        tab = book.add_worksheet(sheet.name)
        _write(book, tab, sheet)
        tab.set_footer(f"&L{said['keywords'].replace('&', '&&')}&C&P / &N")
    book.close()
    return buffer.getvalue()


def _write(book: Workbook, tab: Worksheet, sheet: Sheet) -> None:
    """Write title, header, rows and notes under each other."""
    top = 1 if sheet.title else 0
    if sheet.title:
        large = book.add_format({"bold": True, "font_size": 14})
        tab.write_string(0, 0, clean_text(sheet.title), large)
    _write_header(book, tab, sheet, top)

    first = top + sheet.header_rows
    plain = {kind: book.add_format(_LINE | style) for kind, style in _FORMATS.items()}
    bold = {kind: book.add_format(_LINE | style | _BOLD) for kind, style in _FORMATS.items()}
    filled = {kind: book.add_format(_LINE | style | _MARKED) for kind, style in _FORMATS.items()}
    for number, values in enumerate(sheet.rows):
        formats = bold if number in sheet.totals else plain
        for place, (value, column) in enumerate(zip(values, sheet.columns, strict=True)):
            kind = kind_of(value, column)
            style = (filled if (number, place) in sheet.marked else formats)[kind]
            write_cell(tab, first + number, place, value, kind, style)

    small = book.add_format({"font_size": 9, "font_color": "#404040"})
    for row, note in enumerate(sheet.notes, start=first + len(sheet.rows)):
        tab.write_string(row, 0, clean_text(note), small)
    _lay_out(tab, sheet, top, first)


def _write_header(book: Workbook, tab: Worksheet, sheet: Sheet, top: int) -> None:
    """Write the heads, and above them the groups where there are any."""
    style = book.add_format(_LINE | _HEAD)
    for place, column in enumerate(sheet.columns):
        tab.write_string(top + sheet.header_rows - 1, place, clean_text(column.head), style)
    if sheet.header_rows == 1:
        return

    # neighbours of one group share a cell
    start = 0
    for group, columns in groupby(sheet.columns, key=lambda column: column.group):
        end = start + len(list(columns))
        text = clean_text(group)
        if end - start > 1:
            tab.merge_range(top, start, top, end - 1, text, style)
        else:
            tab.write_string(top, start, text, style)
        start = end


def kind_of(value: Any, column: Column) -> Kind:
    """How a value is written in a column."""
    if column.kind != "mixed":
        return column.kind
    return "text" if isinstance(value, str) else "integer" if isinstance(value, int) else "number"


def shown_text(value: Any, column: Column) -> str:
    """A value as a table on paper shows it."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    match kind_of(value, column):
        case "integer":
            return str(round(value))
        case "number" | "percent":
            return f"{value:.1f}"
        case "fine":
            return f"{value:.3f}"
        case "degrees":
            return f"{value:.6f}"
        case _:
            return clean_text(value)


def write_cell(
    tab: Worksheet, row: int, column: int, value: Any, kind: Kind, style: Format
) -> None:
    """Write one value by its kind; a text never becomes a formula, a link or a number."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        tab.write_blank(row, column, None, style)
    elif kind == "text":
        tab.write_string(row, column, clean_text(value), style)
    else:
        tab.write_number(row, column, round(value) if kind == "integer" else float(value), style)


def _lay_out(tab: Worksheet, sheet: Sheet, top: int, first: int) -> None:
    """Set widths of columns, heights of rows, and how the sheet is printed."""
    lines = [1] * len(sheet.rows)
    for place, column in enumerate(sheet.columns):
        used = [_text_width(values[place], column) for values in sheet.rows]
        # a long head is wrapped at half its length; digits of a coordinate take eleven characters
        least = 12 if column.kind == "degrees" else 8
        head = max(least, min(display_width(column.head), 14) + 2)
        width = min(column.widest, max(head, max(used, default=0) + 2))
        tab.set_column(place, place, width)
        wrapped = [-(-text // (width - 1)) for text in used]
        lines = [max(pair) for pair in zip(lines, wrapped, strict=True)]

    # LibreOffice does not grow the row of a wrapped text by itself
    for number, count in enumerate(lines):
        if count > 1:
            tab.set_row(first + number, 15 * count)

    tab.freeze_panes(first, 0)
    tab.repeat_rows(top, first - 1)
    tab.set_landscape()
    tab.set_paper(9)
    tab.fit_to_pages(1, 0)
    tab.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)


def _text_width(value: Any, column: Column) -> int:
    """Width of a text in a cell; 0 for what is no text."""
    return display_width(str(value)) if column.kind == "text" and value is not None else 0
