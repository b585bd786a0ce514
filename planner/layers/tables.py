"""Tables as text: CSV, XLSX and XLS read so that nothing is lost, then columns found by their many names."""

from __future__ import annotations

import codecs
import csv
import difflib
import io
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from planner.layers.aliases import HEADS
from planner.layers.files import Source
from planner.layers.findings import Findings

if TYPE_CHECKING:
    import pandas as pd

FloatArray = npt.NDArray[np.float64]
_Cells = tuple[
    list[str], list[list[str]], list[int], frozenset[str]
]  # header, rows, lines, columns of bare numbers

_NUMBER: Final = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_DMS: Final = r"^[EN东北]?\s*(?P<d>\d{1,3})[°度](?P<m>[0-5]?\d)['′分](?P<s>[0-5]?\d(?:\.\d+)?)(?:[\"″秒]|''|′′)?\s*[EN]?$"
_CONTROL: Final = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
_EXCEL_ERRORS: Final = ("#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!")
_DELIMITERS: Final = {",": "comma 逗号", "\t": "tab 制表符", ";": "semicolon 分号", "|": "bar 竖线"}

HEADER_ROWS: Final = 5  # a returned list may carry a title and a row of groups above its header


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Cells as text, columns by header, index = physical line (or row of the sheet), from 1."""

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
    raw = (
        _read_csv(source, findings, heads)
        if source.format == "csv"
        else _read_workbook(source, findings, heads)
    )
    if raw is None:
        return None
    header, rows, lines, numeric = raw
    columns = _columns(source, header, need, may, findings)
    if not rows and not findings.errors_in(source.name):
        findings.add("no_data_rows", file=source.name)
    if columns is None or not rows:
        return None
    for field, name in columns.items():
        if field.endswith("_id") and name in numeric:
            findings.add("leading_zero_lost", file=source.name, column=name)
    frame = pd.DataFrame(rows, index=pd.Index(lines, name="line"), columns=header, dtype=object)
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
    """A column as numbers, NaN where a cell is blank or refused; every refused cell is a finding.

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
    cells, header = table.text(field), table.header(field)
    plain = cells.map(lambda cell: unicodedata.normalize("NFKC", cell).strip())
    widened = int((plain != cells).sum())
    if widened:
        findings.add("fullwidth_normalised", file=table.source.name, column=header, count=widened)
    good = plain.str.fullmatch(_NUMBER).to_numpy(bool)
    if degrees and not good.all():
        plain = _decimal(plain, table.source.name, header, findings)
        good = plain.str.fullmatch(_NUMBER).to_numpy(bool)
    values = np.full(len(cells), np.nan)
    values[good] = plain[good].to_numpy(dtype=object).astype(np.float64)
    where: dict[str, Any] = {"file": table.source.name, "column": header}
    empty = (plain == "").to_numpy(bool)
    if not blank:
        for line in cells.index[empty]:
            findings.add(missing, line=int(line), **where)
    for line, cell in cells[~good & ~empty].items():
        code = "excel_error_value" if cell in _EXCEL_ERRORS else "invalid_number"
        findings.add(code, line=int(str(line)), value=cell, **where)
    outside = good & ~((values >= low) & (values <= high) & np.isfinite(values))
    for line, cell in cells[outside].items():
        findings.add(
            "value_out_of_range", line=int(str(line)), value=cell, low=low, high=high, **where
        )
    values[outside] = np.nan
    return values


def _decimal(cells: pd.Series[str], file: str, header: str, findings: Findings) -> pd.Series[str]:
    """Cells in degrees, minutes and seconds as decimal degrees; the others as they are."""
    parts = cells.str.extract(_DMS).dropna(subset=["d", "m", "s"])
    if parts.empty:
        return cells
    findings.add(
        "dms_parsed", file=file, column=header, count=len(parts), value=cells[parts.index[0]]
    )
    decimal = (
        parts["d"].astype(float) + parts["m"].astype(float) / 60 + parts["s"].astype(float) / 3600
    )
    return cells.where(~cells.index.isin(parts.index), decimal.map(repr).reindex(cells.index))


def words(
    table: Table, field: str, findings: Findings, allowed: dict[str, str], default: str = ""
) -> pd.Series[str]:
    """A column of known words, brought to their short form; an unknown one is a finding with the nearest match.

    ``allowed`` maps each accepted spelling, in lower case, to the short form. Blank cells without a
    default are findings too.
    """
    cells = table.text(field, default)
    mapped = cells.map(
        lambda cell: allowed.get(unicodedata.normalize("NFKC", cell).strip().lower(), "")
    )
    shown = ", ".join(dict.fromkeys(allowed.values()))
    for line, cell in cells[mapped == ""].items():
        where: dict[str, Any] = {
            "file": table.source.name,
            "line": int(str(line)),
            "column": table.header(field),
        }
        if cell == "":
            findings.add("missing_value", **where)
        else:
            findings.add(
                "enum_unknown",
                value=cell,
                near=nearest(cell.lower(), allowed),
                allowed=shown,
                **where,
            )
    return mapped


def nearest(word: str, known: Any) -> str:
    """A remark that names the nearest of the known words, or nothing."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f"（最接近 nearest: {close[0]}）" if close else ""


def _header_row(rows: Sequence[Sequence[str]], heads: frozenset[str]) -> int | None:
    """Which of the first rows holds one of the heads; the first of all when no head is asked for."""
    if not heads:
        return 0
    return next(
        (
            i
            for i, row in enumerate(rows[:HEADER_ROWS])
            if any(_plain(cell) in heads for cell in row)
        ),
        None,
    )


def _read_csv(
    source: Source, findings: Findings, heads: frozenset[str] = frozenset()
) -> _Cells | None:
    text = _decoded(source, findings)
    if text is None:
        return None
    delimiter = _delimiter(text)
    if delimiter != ",":
        findings.add("delimiter_guessed", file=source.name, what=_DELIMITERS[delimiter])
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    records: list[tuple[int, list[str]]] = []
    line = 1
    try:
        for record in reader:
            if any(cell.strip() for cell in record):
                records.append((line, record))
            line = reader.line_num + 1
    except csv.Error as error:
        code = (
            "unterminated_quote"
            if "end of data" in str(error) or "expected after" in str(error)
            else "truncated_file"
        )
        findings.add(code, file=source.name, line=line, offset=len(text), reason=str(error))
        return None
    if not records:
        findings.add("empty_file", file=source.name)
        return None
    header = _header_row([record for _, record in records], heads) or 0
    if header:
        findings.add("header_row_guessed", file=source.name, line=records[header][0])
    return _even(source, records[header:], findings)


def _decoded(source: Source, findings: Findings) -> str | None:
    """The text: by its byte order mark, else UTF-8, else GB18030 and said so."""
    data = source.path.read_bytes()
    marked = data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    encoding = "utf-16" if marked and not data.startswith(codecs.BOM_UTF8) else "utf-8-sig"
    plain, bad = _attempt(data, encoding)
    if plain is not None and (marked or not _is_gbk_in_disguise(plain)):
        return plain
    text, _ = (None, 0) if marked else _attempt(data, "gb18030")
    if text is None:
        if plain is None:
            findings.add(
                "encoding_error", file=source.name, offset=bad, bytes=data[bad : bad + 4].hex(" ")
            )
        return plain
    sample = re.findall(r"[^\x00-\x7f]+", text)[:2]
    findings.add(
        "encoding_guessed", file=source.name, guess="gb18030", sample=" / ".join(sample)[:40]
    )
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
    return (
        re.search("[\u0250-\u07ff]", text) is not None
        and re.search("[\u0800-\U0010ffff]", text) is None
    )


def _delimiter(text: str) -> str:
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(_DELIMITERS, key=first.count)


def _even(source: Source, records: list[tuple[int, list[str]]], findings: Findings) -> _Cells:
    """Header and rows of one length; rows of another length are findings and left out."""
    (_, header), body = records[0], records[1:]
    header = [cell.strip() for cell in header]
    width = len(header)
    if (
        width > 1
        and header[-1] == ""
        and all(len(row) == width and row[-1] == "" for _, row in body)
    ):
        findings.add("trailing_delimiter", file=source.name)
        header, width, body = header[:-1], width - 1, [(line, row[:-1]) for line, row in body]
    elif body and all(len(row) == width + 1 and row[-1] == "" for _, row in body):
        findings.add("trailing_delimiter", file=source.name)
        body = [(line, row[:-1]) for line, row in body]
    for line, row in body:
        if len(row) != width:
            findings.add(
                "invalid_row_length", file=source.name, line=line, got=len(row), expected=width
            )
    kept = [(line, row) for line, row in body if len(row) == width]
    return header, [row for _, row in kept], [line for line, _ in kept], frozenset()


def _read_workbook(
    source: Source, findings: Findings, heads: frozenset[str] = frozenset()
) -> _Cells | None:
    import python_calamine

    try:
        book = python_calamine.CalamineWorkbook.from_path(source.path)
        sheets = [
            (name, book.get_sheet_by_name(name).to_python(skip_empty_area=False))
            for name in book.sheet_names
        ]
    except Exception as error:  # noqa: BLE001 (calamine raises many kinds, all of them about the file)
        findings.add("encrypted_workbook", file=source.name, reason=str(error)[:80])
        return None
    filled = [
        (name, rows)
        for name, rows in sheets
        if any(any(cell != "" for cell in row) for row in rows)
    ]
    if not filled:
        findings.add("empty_file", file=source.name)
        return None
    texts = [[[_cell_text(cell) for cell in row] for row in rows] for _, rows in filled]
    starts = [
        _header_row([row for row in rows if any(cell.strip() for cell in row)], heads)
        for rows in texts
    ]
    chosen = next((i for i, start in enumerate(starts) if start is not None), 0)
    if len(filled) > 1 and not heads:
        findings.add("multiple_sheets", file=source.name, sheet=filled[0][0], count=len(filled))
    numbered = [
        (i, row)
        for i, row in enumerate(texts[chosen], start=1)
        if any(cell.strip() for cell in row)
    ]
    start = starts[chosen] or 0
    if start:
        findings.add(
            "header_row_guessed", file=source.name, sheet=filled[chosen][0], line=numbered[start][0]
        )
    numbered = numbered[start:]
    header = numbered[0][1]
    width = max((i + 1 for i, cell in enumerate(header) if cell.strip()), default=0)
    trimmed = [(i, row[:width] if not any(row[width:]) else row) for i, row in numbered]
    even = _even(source, trimmed, findings)
    body = [row for row in filled[chosen][1][numbered[0][0] :] if any(cell != "" for cell in row)]
    numeric = {
        header[i].strip()
        for i in range(width)
        if body and all(isinstance(row[i], (int, float)) for row in body)
    }
    return (*even[:3], frozenset(numeric))


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
    for name in dict.fromkeys(name for name in header if name and header.count(name) > 1):
        findings.add("duplicate_column", file=source.name, column=name)
    if len({name for name in header if name}) < sum(bool(name) for name in header):
        return None
    plain = {name: _plain(name) for name in header}
    found: dict[str, str] = {}
    complete = True
    for field in need + may:
        accepted = [_plain(alias) for alias in HEADS.get(field, (field,))]
        hits = [name for name in header if plain[name] in accepted]
        if len(hits) > 1:
            findings.add("ambiguous_column", file=source.name, need=field, have=", ".join(hits))
            complete = False
        elif hits:
            found[field] = hits[0]
        elif field in need:
            findings.add(
                "missing_required_column",
                file=source.name,
                line=1,
                need=field,
                have=", ".join(header)[:200],
                near=nearest(field, header),
                accepted=", ".join(HEADS.get(field, (field,))),
            )
            complete = False
    return found if complete else None


def _plain(name: str) -> str:
    """A header without width, case, blanks and units: ``经度（°）`` and ``经度`` are one."""
    return re.sub(r"\(.*?\)|[\s_-]", "", unicodedata.normalize("NFKC", name)).lower()


def _cleaned(
    source: Source, frame: pd.DataFrame, columns: dict[str, str], findings: Findings
) -> pd.DataFrame:
    """Cells in use without blanks around them; control characters and damaged ids are findings."""
    frame = frame.copy()
    for field, header in columns.items():
        cells = frame[header]
        trimmed = cells.str.strip()
        changed = int((trimmed != cells).sum())
        if changed:
            findings.add("whitespace_trimmed", file=source.name, column=header, count=changed)
        for line, cell in trimmed[trimmed.str.contains(_CONTROL, regex=True)].items():
            findings.add(
                "control_character",
                file=source.name,
                line=int(str(line)),
                column=header,
                value=cell,
            )
        if field.endswith("_id"):
            for line, cell in trimmed[trimmed.str.fullmatch(r"\d+\.\d*[eE]\+?\d+")].items():
                findings.add(
                    "scientific_notation_id",
                    file=source.name,
                    line=int(str(line)),
                    column=header,
                    value=cell,
                )
        frame[header] = trimmed
    return frame
