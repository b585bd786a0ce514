"""Tables as text: CSV, XLSX and XLS read so that nothing is lost, columns by their many names."""

from __future__ import annotations

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from planner.errors import CONTROL, nearest
from planner.layers.aliases import HEADS
from planner.layers.files import Source
from planner.layers.findings import Findings

if TYPE_CHECKING:
    import pandas as pd

FloatArray = npt.NDArray[np.float64]

_NUMBER: Final = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_DMS: Final = (
    r"^[EN东北]?\s*(?P<d>\d{1,3})[°度](?P<m>[0-5]?\d)['′分]"
    r"(?P<s>[0-5]?\d(?:\.\d+)?)(?:[\"″秒]|''|′′)?\s*[EN]?$"
)
_SCIENTIFIC: Final = r"\d+\.\d*[eE]\+?\d+"
_EXCEL_ERRORS: Final = ("#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!")
_DELIMITERS: Final = {",": "comma 逗号", "\t": "tab 制表符", ";": "semicolon 分号", "|": "bar 竖线"}

HEADER_ROWS: Final = 5  # a returned list may carry a title and a row of groups above its header


class _Cells(NamedTuple):
    """What a file holds, as text: ``lines`` and ``rows`` side by side."""

    header: list[str]
    rows: list[list[str]]
    lines: list[int]
    bare_numbers: frozenset[str] = frozenset()
    """Columns whose cells a workbook holds as numbers."""


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Cells as text, columns by header.

    The index is named ``line``: the physical line, or the row of the sheet, from 1.
    """

    source: Source
    frame: pd.DataFrame
    columns: dict[str, str]

    def has(self, field: str) -> bool:
        """Whether the field has a column."""
        return field in self.columns

    def header(self, field: str) -> str:
        """The header under which the field stands in the file."""
        return self.columns.get(field, field)

    def text(self, field: str, default: str = "") -> pd.Series[str]:
        """Cells of a field; the default where the column or the cell is missing."""
        import pandas as pd

        if field not in self.columns:
            return pd.Series(default, index=self.frame.index, dtype=object)
        cells = self.frame[self.columns[field]]
        return cells.mask(cells == "", default)

    def without(self, lines: Any) -> Table:
        """The table without the rows of some lines."""
        return Table(self.source, self.frame.drop(index=lines), self.columns)


def read_table(
    source: Source,
    findings: Findings,
    need: tuple[str, ...],
    may: tuple[str, ...] = (),
    key: str = "",
) -> Table | None:
    """Read a table and find its columns; None, with findings, when it cannot be used.

    Parameters
    ----------
    source
        The file.
    findings
        Book of findings.
    need, may
        Fields that must and that can have a column; see :data:`planner.layers.aliases.HEADS`.
    key
        Field whose column tells the header: rows and sheets before it are skipped and said. By
        default the header is the first row of the first sheet.
    """
    import pandas as pd

    heads = frozenset(_plain(alias) for alias in HEADS[key]) if key else frozenset()
    read = _read_csv if source.format == "csv" else _read_workbook
    cells = read(source, findings, heads)
    if cells is None:
        return None

    columns = _columns(source, cells.header, need, may, findings)
    if not cells.rows and not findings.errors_in(source.name):
        findings.add("no_data_rows", file=source.name)
    if columns is None or not cells.rows:
        return None

    for field, name in columns.items():
        if field.endswith("_id") and name in cells.bare_numbers:
            findings.add("leading_zero_lost", file=source.name, column=name)
    lines = pd.Index(cells.lines, name="line")
    frame = pd.DataFrame(cells.rows, index=lines, columns=cells.header, dtype=object)
    return Table(source, _cleaned(source, frame, columns, findings), columns)


def numbers(
    table: Table,
    field: str,
    findings: Findings,
    *,
    low: float = -np.inf,
    high: float = np.inf,
    missing: str = "missing_value",
    blank: bool = False,
    degrees: bool = False,
) -> FloatArray:
    """A column as numbers, (rows,); NaN where a cell is blank or refused, which is a finding.

    Parameters
    ----------
    table, field, findings
        Where it is read and what for.
    low, high
        Range that is accepted.
    missing
        Code of the finding for a blank cell.
    blank
        Whether blank cells are fine.
    degrees
        Whether degrees, minutes and seconds (``120°7′50.1″``) are read too.
    """
    cells = table.text(field)
    where: dict[str, Any] = {"file": table.source.name, "column": table.header(field)}

    # cells of another width are read as they are meant
    plain = cells.map(lambda cell: unicodedata.normalize("NFKC", cell))
    changed = int((plain != cells).sum())
    if changed:
        findings.add("fullwidth_normalised", count=changed, **where)

    is_number = plain.str.fullmatch(_NUMBER).to_numpy(bool)
    if degrees and not is_number.all():
        plain = _decimal(plain, findings, where)
        is_number = plain.str.fullmatch(_NUMBER).to_numpy(bool)
    values = np.full(len(cells), np.nan)
    values[is_number] = plain[is_number].to_numpy(dtype=object).astype(np.float64)

    is_blank = (plain == "").to_numpy(bool)
    if not blank:
        for line in cells.index[is_blank]:
            findings.add(missing, line=int(line), **where)
    for line, cell in cells[~is_number & ~is_blank].items():
        code = "excel_error_value" if cell in _EXCEL_ERRORS else "invalid_number"
        findings.add(code, line=int(str(line)), value=cell, **where)

    is_outside = is_number & ~((values >= low) & (values <= high) & np.isfinite(values))
    for line, cell in cells[is_outside].items():
        number = int(str(line))
        findings.add("value_out_of_range", line=number, value=cell, low=low, high=high, **where)
    values[is_outside] = np.nan
    return values


def _decimal(cells: pd.Series[str], findings: Findings, column: dict[str, Any]) -> pd.Series[str]:
    """Cells in degrees, minutes and seconds as decimal degrees; the others as they are."""
    parts = cells.str.extract(_DMS).dropna(subset=["d", "m", "s"])
    if parts.empty:
        return cells
    where = {**column, "value": cells[parts.index[0]]}
    findings.add("dms_parsed", count=len(parts), **where)
    degrees, minutes, seconds = (parts[unit].astype(float) for unit in ("d", "m", "s"))
    decimal = degrees + minutes / 60 + seconds / 3600
    return cells.where(~cells.index.isin(parts.index), decimal.map(repr).reindex(cells.index))


def words(
    table: Table, field: str, findings: Findings, allowed: dict[str, str], default: str = ""
) -> pd.Series[str]:
    """A column of known words, brought to their short form.

    An unknown one is a finding with the nearest match. ``allowed`` maps each accepted spelling, in
    lower case, to the short form. Blank cells without a default are findings too.
    """
    cells = table.text(field, default)
    plain = cells.map(lambda cell: unicodedata.normalize("NFKC", cell).lower())
    mapped = plain.map(lambda word: allowed.get(word, ""))

    where: dict[str, Any] = {"file": table.source.name, "column": table.header(field)}
    shown = ", ".join(dict.fromkeys(allowed.values()))
    for line, cell in cells[mapped == ""].items():
        number = int(str(line))
        if cell == "":
            findings.add("missing_value", line=number, **where)
        else:
            near = nearest(cell.lower(), allowed)
            findings.add("enum_unknown", line=number, value=cell, near=near, allowed=shown, **where)
    return mapped


def _header_row(rows: Sequence[Sequence[str]], heads: frozenset[str]) -> int | None:
    """Which of the first rows holds one of the heads; the first one when no head is asked for."""
    if not heads:
        return 0
    for i, row in enumerate(rows[:HEADER_ROWS]):
        if any(_plain(cell) in heads for cell in row):
            return i
    return None


def _is_filled(row: Sequence[str]) -> bool:
    return any(cell.strip() for cell in row)


def _read_csv(source: Source, findings: Findings, heads: frozenset[str]) -> _Cells | None:
    """The rows of a CSV file; None, with a finding, when it is none or holds nothing."""
    text = _decoded(source, findings)
    if text is None:
        return None
    delimiter = _delimiter(text)
    if delimiter != ",":
        findings.add("delimiter_guessed", file=source.name, what=_DELIMITERS[delimiter])
    records = _csv_records(source, text, delimiter, findings)
    if records is None:
        return None
    if not records:
        findings.add("empty_file", file=source.name)
        return None

    header = _header_row([record for _, record in records], heads) or 0
    if header:
        findings.add("header_row_guessed", file=source.name, line=records[header][0])
    return _even(source, records[header:], findings)


def _csv_records(
    source: Source, text: str, delimiter: str, findings: Findings
) -> list[tuple[int, list[str]]] | None:
    """Rows that are not blank, each with the physical line on which it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    records: list[tuple[int, list[str]]] = []
    line = 1
    try:
        for record in reader:
            if _is_filled(record):
                records.append((line, record))
            line = reader.line_num + 1
    except csv.Error as error:
        reason = str(error)
        is_quote = "end of data" in reason or "expected after" in reason
        code = "unterminated_quote" if is_quote else "truncated_file"
        findings.add(code, file=source.name, line=line, offset=len(text), reason=reason)
        return None
    return records


def _decoded(source: Source, findings: Findings) -> str | None:
    """The text: by its byte order mark, else UTF-8, else GB18030 and said so."""
    data = source.path.read_bytes()
    is_marked = data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    is_utf16 = is_marked and not data.startswith(codecs.BOM_UTF8)
    plain, bad = _attempt(data, "utf-16" if is_utf16 else "utf-8-sig")
    if plain is not None and (is_marked or not _is_gbk_in_disguise(plain)):
        return plain

    text, _ = (None, 0) if is_marked else _attempt(data, "gb18030")
    if text is None:
        if plain is None:
            shown = data[bad : bad + 4].hex(" ")
            findings.add("encoding_error", file=source.name, offset=bad, bytes=shown)
        return plain

    # two words tell a reader whether the guess is right
    words = re.findall(r"[^\x00-\x7f]+", text)[:2]
    sample = " / ".join(words)[:40]
    findings.add("encoding_guessed", file=source.name, guess="gb18030", sample=sample)
    return text


def _attempt(data: bytes, encoding: str) -> tuple[str | None, int]:
    """The text, or None and the offset of the first byte that is no text in this encoding."""
    try:
        return data.decode(encoding), 0
    except UnicodeDecodeError as error:
        return None, error.start


def _is_gbk_in_disguise(text: str) -> bool:
    """Whether Greek, Cyrillic, Armenian or Hebrew letters stand where no Chinese does.

    Some GBK words are valid UTF-8 of two bytes a letter: 站 reads as an Armenian one.
    """
    has_foreign = re.search("[\u0250-\u07ff]", text) is not None
    has_chinese = re.search("[\u0800-\U0010ffff]", text) is not None
    return has_foreign and not has_chinese


def _delimiter(text: str) -> str:
    """The delimiter that the first line has most of."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(_DELIMITERS, key=first.count)


def _even(source: Source, records: list[tuple[int, list[str]]], findings: Findings) -> _Cells:
    """Header and rows of one length; rows of another length are findings and left out."""
    file = source.name
    header = [cell.strip() for cell in records[0][1]]
    body = records[1:]

    # a delimiter at the end of every row, of the header too or not
    width = len(header)
    with_header = width > 1 and header[-1] == "" and _all_end_blank(body, width)
    if with_header or (body and _all_end_blank(body, width + 1)):
        findings.add("trailing_delimiter", file=file)
        header = header[:-1] if with_header else header
        body = [(line, row[:-1]) for line, row in body]

    width = len(header)
    for line, row in body:
        if len(row) != width:
            findings.add("invalid_row_length", file=file, line=line, got=len(row), expected=width)
    kept = [(line, row) for line, row in body if len(row) == width]
    return _Cells(header, [row for _, row in kept], [line for line, _ in kept])


def _all_end_blank(body: list[tuple[int, list[str]]], width: int) -> bool:
    """Whether every row has this many cells and the last one is blank."""
    return all(len(row) == width and row[-1] == "" for _, row in body)


def _read_workbook(source: Source, findings: Findings, heads: frozenset[str]) -> _Cells | None:
    """The rows of a workbook's sheet that has the header; None, with a finding, when it has none.

    Without heads to look for it is the first sheet that holds anything.
    """
    import python_calamine

    file = source.name
    try:
        book = python_calamine.CalamineWorkbook.from_path(source.path)
        sheets = {
            name: book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            for name in book.sheet_names
        }
    # calamine raises many kinds, all of them about the file
    except Exception as error:  # noqa: BLE001
        findings.add("encrypted_workbook", file=file, reason=str(error)[:80])
        return None
    filled = {name: rows for name, rows in sheets.items() if any(map(_holds, rows))}
    if not filled:
        findings.add("empty_file", file=file)
        return None

    # rows with their numbers in the sheet, blank ones left out
    texts = {
        name: [(i, row) for i, row in enumerate(map(_texts, rows), start=1) if _is_filled(row)]
        for name, rows in filled.items()
    }
    starts = {name: _header_row([row for _, row in rows], heads) for name, rows in texts.items()}
    first = next(iter(filled))
    chosen = next((name for name, start in starts.items() if start is not None), first)
    if len(filled) > 1 and not heads:
        findings.add("multiple_sheets", file=file, sheet=first, count=len(filled))
    start = starts[chosen] or 0
    rows = texts[chosen][start:]
    if start:
        findings.add("header_row_guessed", file=file, sheet=chosen, line=rows[0][0])

    # what stands right of the header and is blank is no column
    line, header = rows[0]
    width = max((i + 1 for i, cell in enumerate(header) if cell.strip()), default=0)
    trimmed = [(i, row[:width] if not any(row[width:]) else row) for i, row in rows]
    bare = _bare_numbers(header[:width], [row for row in filled[chosen][line:] if _holds(row)])
    return _even(source, trimmed, findings)._replace(bare_numbers=bare)


def _holds(row: Sequence[Any]) -> bool:
    """Whether a row of a sheet holds anything."""
    return any(cell != "" for cell in row)


def _bare_numbers(header: Sequence[str], body: Sequence[Sequence[Any]]) -> frozenset[str]:
    """Columns of a sheet in which every cell is a number."""
    if not body:
        return frozenset()
    return frozenset(
        name.strip()
        for i, name in enumerate(header)
        if all(isinstance(row[i], (int, float)) for row in body)
    )


def _texts(row: Sequence[Any]) -> list[str]:
    return [_cell_text(cell) for cell in row]


def _cell_text(cell: Any) -> str:
    """Text of a spreadsheet cell; whole numbers without the point that the format gives them."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell)


def _columns(
    source: Source,
    header: list[str],
    need: tuple[str, ...],
    may: tuple[str, ...],
    findings: Findings,
) -> dict[str, str] | None:
    """The head of each field; None, with findings, when one is missing or not clear."""
    file = source.name

    # of two columns with one name nobody can say which is meant
    twice = dict.fromkeys(name for name in header if name and header.count(name) > 1)
    for name in twice:
        findings.add("duplicate_column", file=file, column=name)
    if twice:
        return None

    # on to the last field, so that every missing one is named at once
    plain = {name: _plain(name) for name in header}
    found: dict[str, str] = {}
    is_complete = True
    for field in need + may:
        aliases = HEADS.get(field, (field,))
        accepted = [_plain(alias) for alias in aliases]
        hits = [name for name in header if plain[name] in accepted]

        if len(hits) == 1:
            found[field] = hits[0]
        elif hits:
            findings.add("ambiguous_column", file=file, need=field, have=", ".join(hits))
            is_complete = False
        elif field in need:
            findings.add(
                "missing_required_column",
                file=file,
                line=1,
                need=field,
                near=nearest(field, header),
                have=", ".join(header)[:200],
                accepted=", ".join(aliases),
            )
            is_complete = False
    return found if is_complete else None


def _plain(name: str) -> str:
    """A header without width, case, blanks and units: ``经度（°）`` and ``经度`` are one."""
    return re.sub(r"\(.*?\)|[\s_-]", "", unicodedata.normalize("NFKC", name)).lower()


def _cleaned(
    source: Source, frame: pd.DataFrame, columns: dict[str, str], findings: Findings
) -> pd.DataFrame:
    """Cells in use without blanks around them; control characters and damaged ids are findings."""
    frame = frame.copy()
    for field, header in columns.items():
        where: dict[str, Any] = {"file": source.name, "column": header}
        cells = frame[header]
        trimmed = cells.str.strip()
        changed = int((trimmed != cells).sum())
        if changed:
            findings.add("whitespace_trimmed", count=changed, **where)

        for line, cell in trimmed[trimmed.str.contains(CONTROL, regex=True)].items():
            findings.add("control_character", line=int(str(line)), value=cell, **where)
        if field.endswith("_id"):
            for line, cell in trimmed[trimmed.str.fullmatch(_SCIENTIFIC)].items():
                findings.add("scientific_notation_id", line=int(str(line)), value=cell, **where)
        frame[header] = trimmed
    return frame
