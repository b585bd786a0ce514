"""Tables as workbooks that an office opens: safe against formulas and links.

The same rows give the same bytes.
"""

from __future__ import annotations

import datetime as dt
import io
import math
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, Any, Literal
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

Kind = Literal["text", "integer", "number", "fine", "percent", "degrees", "mixed"]
MAX_CELL = 32_767
LONG = 100
"""Rows from which a uniform sheet is written by columns, in a fifth of the time."""

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
# what a workbook reads as the code of a letter
_CODED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_LINE_HEIGHT = 15  # points
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

    @property
    def is_uniform(self) -> bool:
        """Whether all rows look like the first one, and nothing stands below them."""
        mixed = [(n, column) for n, column in enumerate(self.columns) if column.kind == "mixed"]
        alike = all(
            kind_of(values[n], column) == kind_of(self.rows[0][n], column)
            for n, column in mixed
            for values in self.rows
        )
        return alike and not (self.totals or self.notes or self.marked)


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

    long: dict[str, tuple[Sheet, list[int]]] = {}
    for number, sheet in enumerate(sheets, start=1):
        tab = book.add_worksheet(sheet.name)
        widths, lines = _measured(sheet)
        if len(sheet.rows) >= LONG and sheet.is_uniform:
            long[f"xl/worksheets/sheet{number}.xml"] = sheet, lines
            # the others will be written in the image of the first
            sheet, lines = replace(sheet, rows=sheet.rows[:1]), lines[:1]
        _write(book, tab, sheet)
        _lay_out(tab, sheet, widths, lines)
        tab.set_footer(f"&L{said['keywords'].replace('&', '&&')}&C&P / &N")
    book.close()
    return _with_rows(buffer, long) if long else buffer.getvalue()


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


def _measured(sheet: Sheet) -> tuple[list[int], list[int]]:
    """Width of each column in characters, (columns,), and lines of text of each row, (rows,)."""
    widths, lines = [], [1] * len(sheet.rows)
    for place, column in enumerate(sheet.columns):
        used = [_text_width(values[place], column) for values in sheet.rows]
        # a long head is wrapped at half its length; digits of a coordinate take eleven characters
        least = 12 if column.kind == "degrees" else 8
        head = max(least, min(display_width(column.head), 14) + 2)
        width = min(column.widest, max(head, max(used, default=0) + 2))
        widths.append(width)
        if max(used, default=0) >= width:
            wrapped = [-(-text // (width - 1)) for text in used]
            lines = [max(pair) for pair in zip(lines, wrapped, strict=True)]
    return widths, lines


def _text_width(value: Any, column: Column) -> int:
    """Width of a text in a cell; 0 for what is no text."""
    return display_width(str(value)) if column.kind == "text" and value is not None else 0


def _lay_out(tab: Worksheet, sheet: Sheet, widths: list[int], lines: list[int]) -> None:
    """Set widths of columns, heights of rows, and how the sheet is printed."""
    top = 1 if sheet.title else 0
    first = top + sheet.header_rows
    for place, width in enumerate(widths):
        tab.set_column(place, place, width)

    # LibreOffice does not grow the row of a wrapped text by itself
    for number, count in enumerate(lines):
        if count > 1:
            tab.set_row(first + number, _LINE_HEIGHT * count)

    tab.freeze_panes(first, 0)
    tab.repeat_rows(top, first - 1)
    tab.set_landscape()
    tab.set_paper(9)
    tab.fit_to_pages(1, 0)
    tab.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)


def _with_rows(book: io.BytesIO, long: dict[str, tuple[Sheet, list[int]]]) -> bytes:
    """A workbook with all rows of its long sheets, of which it has the first one only."""
    out = io.BytesIO()
    with zipfile.ZipFile(book) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            data = old.read(member)
            if member.filename in long:
                data = _continued(data.decode(), *long[member.filename]).encode()
            fixed = zipfile.ZipInfo(member.filename, member.date_time)
            new.writestr(fixed, data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _continued(part: str, sheet: Sheet, lines: list[int]) -> str:
    """The XML of a sheet whose first row is its last, with the others in the image of that row.

    ECMA-376-1, 18.3.1.4 (c), 18.3.1.53 (is) and 18.3.1.73 (row).
    """
    head, _, tail = part.partition("</sheetData>")
    # of each cell of the first row its column and its format
    image = re.findall(r'<c r="([A-Z]+)(\d+)" s="(\d+)"', head[head.rindex("<row ") :])
    start = int(image[0][1])
    end = start + len(sheet.rows)

    columns = []
    for place, (column, (letter, _, style)) in enumerate(zip(sheet.columns, image, strict=True)):
        kind = kind_of(sheet.rows[0][place], column)
        contents = _contents([values[place] for values in sheet.rows[1:]], kind)
        begin, mid = f'<c r="{letter}', f'" s="{style}"'
        cells = zip(range(start + 1, end), contents, strict=True)
        columns.append([f"{begin}{row}{mid}{content}" for row, content in cells])
    rows = [
        f'<row r="{row}"{_height(count)}>{"".join(cells)}</row>'
        for row, count, *cells in zip(range(start + 1, end), lines[1:], *columns, strict=True)
    ]
    covered = f'<dimension ref="A1:{image[-1][0]}'
    head = head.replace(f'{covered}{start}"', f'{covered}{end - 1}"', 1)
    return f"{head}{''.join(rows)}</sheetData>{tail}"


def _contents(values: list[Any], kind: Kind) -> Iterator[str]:
    """What stands in the cells of a column, as :func:`write_cell` writes it."""
    for value in values:
        if value is None or (isinstance(value, float) and math.isnan(value)):
            yield "/>"
        elif kind == "text":
            yield _inline(str(value))
        else:
            number = round(value) if kind == "integer" else float(value)
            yield f"><v>{number:.16G}</v></c>"


@lru_cache(maxsize=1 << 14)
def _inline(text: str) -> str:
    """A text in a cell of its own."""
    text = clean_text(text)
    kept = ' xml:space="preserve"' if text != text.strip() else ""
    coded = escape(_CODED.sub("_x005F_", text))
    return f' t="inlineStr"><is><t{kept}>{coded}</t></is></c>'


def _height(lines: int) -> str:
    """The height of a row with so many lines of text."""
    return f' ht="{_LINE_HEIGHT * lines}" customHeight="1"' if lines > 1 else ""
