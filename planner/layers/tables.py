"""Tables as text: CSV, XLSX and XLS read so that nothing is lost, columns by their many names."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from planner.errors import CONTROL, nearest
from planner.layers.aliases import HEADS, plain_head
from planner.layers.feature_tables import read_sheet
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

HEADER_ROWS: Final = 5  # a returned list may carry a title and a row of groups above its header


class _Cells(NamedTuple):
    """What a file holds, as text: ``lines`` and ``rows`` side by side."""

    source: Source
    header: list[str]
    rows: list[list[str]]
    lines: list[int]
    bare_numbers: frozenset[str] = frozenset()
    """Columns whose cells a workbook holds as numbers."""


class _Sheet(NamedTuple):
    """A sheet as its file holds it: see :mod:`planner.layers.formats.workbooks`."""

    name: str
    lines: list[int]
    rows: list[list[str]]
    text_until: list[int]


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

    heads = frozenset(plain_head(alias) for alias in HEADS[key]) if key else frozenset()
    cells = _cells(source, findings, heads)
    if cells is None:
        return None

    source = cells.source
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
    parts = cells.str.extract(_DMS).dropna()
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
        if any(plain_head(cell) in heads for cell in row):
            return i
    return None


def _cells(source: Source, findings: Findings, heads: frozenset[str]) -> _Cells | None:
    """The rows of the sheet that has the header; None, with a finding, when there is none.

    Without heads to look for it is the first sheet that holds anything; a CSV is one sheet.
    """
    read = _sheets(source, findings)
    if read is None:
        return None
    found, source = read
    sheets = [_Sheet(**sheet) for sheet in found if sheet["rows"]]
    if not sheets:
        findings.add("empty_file", file=source.name)
        return None

    starts = [_header_row(sheet.rows, heads) for sheet in sheets]
    chosen = next((i for i, start in enumerate(starts) if start is not None), 0)
    sheet, start = sheets[chosen], starts[chosen] or 0
    if len(sheets) > 1 and not heads:
        findings.add("multiple_sheets", file=source.name, sheet=sheet.name, count=len(sheets))
    line, rows = sheet.lines[start], sheet.rows[start:]
    if start:
        findings.add("header_row_guessed", file=source.name, sheet=sheet.name, line=line)

    bare: frozenset[str] = frozenset()
    if source.format != "csv":
        # what stands right of the header and is blank is no column
        width = max((i + 1 for i, cell in enumerate(rows[0]) if cell.strip()), default=0)
        rows = [row[:width] if not any(row[width:]) else row for row in rows]
        are_numbers = zip(rows[0][:width], sheet.text_until, strict=False)
        bare = frozenset(name.strip() for name, until in are_numbers if until <= line)
    records = list(zip(sheet.lines[start:], rows, strict=True))
    return _even(source, records, findings)._replace(bare_numbers=bare)


def _sheets(source: Source, findings: Findings) -> tuple[list[dict[str, Any]], Source] | None:
    """What a file holds as sheets, and the file; the features of a vector file are one sheet."""
    if source.family == "table":
        read = source.read(findings)
        return None if read is None else (read[0], source)
    made = read_sheet(source, findings)
    return None if made is None else ([{**made[0], "text_until": []}], made[1])


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
    return _Cells(source, header, [row for _, row in kept], [line for line, _ in kept])


def _all_end_blank(body: list[tuple[int, list[str]]], width: int) -> bool:
    """Whether every row has this many cells and the last one is blank."""
    return all(len(row) == width and row[-1] == "" for _, row in body)


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
    plain = {name: plain_head(name) for name in header}
    found: dict[str, str] = {}
    is_complete = True
    for field in need + may:
        aliases = HEADS.get(field, (field,))
        accepted = [plain_head(alias) for alias in aliases]
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
                line=None if source.family == "vector" else 1,
                need=field,
                near=nearest(field, header),
                have=", ".join(header)[:200],
                accepted=", ".join(aliases),
            )
            is_complete = False
    return found if is_complete else None


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
