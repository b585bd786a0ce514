"""Tables as text: read so that nothing is lost, columns by their many names, numbers as meant."""

from __future__ import annotations

import dataclasses
import operator
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from planner.errors import CONTROL, nearest
from planner.layers import heads
from planner.layers.aliases import GIVE_WAY, HEADS, TOTALS, UNITS, plain_head
from planner.layers.feature_tables import read_features
from planner.layers.files import Source
from planner.layers.findings import Findings
from planner.layers.heads import Head, Sheet, Wanted
from planner.layers.quantities import (
    COMMA,
    PARTED,
    PLAIN,
    Number,
    Way,
    plain,
    read_amount,
    read_angle,
    times,
)

if TYPE_CHECKING:
    import pandas as pd

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

_CONTROL: Final = re.compile(CONTROL)
_SCIENTIFIC: Final = re.compile(r"\d+\.\d*[eE]\+?\d+")
_EXCEL_ERRORS: Final = ("#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!")
_WORDS: Final = frozenset({
    "name", "cell_name", "network", "band", "technology", "arfcn", "frequency", "build_way", "kind",
    "ref", "basis", "source", "licence",
})  # fmt: skip
"""Fields, beside ids, that take any text: an error would be read as what it is not."""
_POINT: Final = r"[+-]?[0-9]*\.[0-9]+"
_WIDE: Final = "[\u3000\uff01-\uff5e]"
_NEAR: Final = 0.6  # likeness of a head that is named as the nearest

_SAID_OF: Final[dict[Way, str]] = {
    "dms": "dms_parsed",
    "unit": "number_read/unit",
    "parted": "number_read/parted",
    "comma": "number_read/comma",
}
"""What is said of numbers that were written so."""


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Cells as text, columns by header.

    The index is named ``line``: the physical line, the row of the sheet, or the number of the
    record where a file has no lines; all from 1.
    """

    source: Source
    frame: pd.DataFrame
    columns: dict[str, str]
    """Our field -> head in the file."""
    units: dict[str, str]
    """Head -> unit, as the head or a row of units says; heads that have one."""

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
        return cells.mask(cells == "", default) if default else cells

    def without(self, lines: Any) -> Table:
        """The table without the rows of some lines."""
        return dataclasses.replace(self, frame=self.frame.drop(index=lines))


def read_table(
    source: Source,
    findings: Findings,
    need: tuple[str, ...],
    may: tuple[str, ...] = (),
    *,
    aliases: Mapping[str, Sequence[str]] | None = None,
) -> Table | None:
    """Read a table and find its columns; None, with findings, when it cannot be used.

    The sheet and the rows of its head are those whose names fit best. Rows are entered in the book:
    see :meth:`planner.layers.findings.Findings.account`.

    Parameters
    ----------
    source
        The file.
    findings
        Book of findings.
    need, may
        Fields that must and that can have a column; see :data:`planner.layers.aliases.HEADS`.
    aliases
        Further heads of fields, beside those.
    """
    import pandas as pd

    names = {
        field: (*HEADS.get(field, (field,)), *(aliases or {}).get(field, ()))
        for field in (*need, *may)
    }
    found = _head(source, _wanted(names, need), findings)
    if found is None:
        return None

    head, source = found
    sheet = head.sheet
    header, rows = _even(source, head, findings)
    columns = _columns(source, sheet.lines[head.last] or None, header, names, need, findings)
    meant = _meant(source, header, rows, findings)
    lines = set(sheet.lines[head.body :]) - (rows.keys() - meant.keys())
    findings.count_rows(source.name, lines, sum(sheet.blank_above[head.body :]))
    if not lines and not findings.errors_in(source.name):
        findings.add("no_data_rows", file=source.name)
    meant = _without_totals(source, meant, findings)
    if columns is None or not meant:
        return None

    _say_how(source, head, columns, findings)
    index = pd.Index(list(meant), name="line")
    frame = pd.DataFrame(list(meant.values()), index=index, columns=header, dtype=object)
    _say_unread(source, frame, columns, names, findings)
    own_row = dict(zip(header, head.units, strict=False))
    units = {name: unit for name in header if (unit := own_row.get(name) or heads.unit_of(name))}
    return Table(source, _cleaned(source, frame, columns, findings), columns, units)


def _without_totals(
    source: Source, rows: dict[int, list[str]], findings: Findings
) -> dict[int, list[str]]:
    """The rows that are no sum of the others, by line; what is a sum is one finding."""
    first = {line: next((c.strip() for c in row if c.strip()), "") for line, row in rows.items()}
    sums = [
        line
        for line, cell in first.items()
        if unicodedata.normalize("NFKC", cell).rstrip(":").strip().lower() in TOTALS
    ]
    if sums:
        findings.add(
            "total_rows",
            file=source.name,
            line=sums[0],
            value=first[sums[0]],
            count=len(sums),
            left_out=sums,
            lines=sums,
        )
    return {line: row for line, row in rows.items() if line not in set(sums)}


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

    Units are those of the field: metres of one whose name ends in ``_m``, people, degrees. A cell
    may name another one, as may the head or a row of units; see :data:`aliases.UNITS`.

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
        Whether the column is longitude or latitude: degrees, minutes and seconds
        (``120°7′50.1″``) and hemispheres are read too.
    """
    cells = table.text(field)
    where: dict[str, Any] = {"file": table.source.name, "column": table.header(field)}

    values, is_number, is_blank = _amounts(table, field, cells, findings, degrees=degrees)
    if not blank:
        for line in cells.index[is_blank]:
            findings.add(missing, line=int(line), **where)
    for line, cell in cells[~is_number & ~is_blank].items():
        code = "excel_error_value" if cell in _EXCEL_ERRORS else "invalid_number"
        findings.add(code, line=int(str(line)), value=cell, **where)

    is_outside = is_number & ~((values >= low) & (values <= high) & np.isfinite(values))
    for line, cell in cells[is_outside].items():
        number_line = int(str(line))
        findings.add(
            "value_out_of_range", line=number_line, value=cell, low=low, high=high, **where
        )
    values[is_outside] = np.nan
    return values


def _amounts(
    table: Table, field: str, cells: pd.Series[str], findings: Findings, *, degrees: bool
) -> tuple[FloatArray, BoolArray, BoolArray]:
    """Cells as numbers, and which of them are numbers and which are blank, (rows,) each."""
    where: dict[str, Any] = {"file": table.source.name, "column": table.header(field)}
    units = _units_of(field)
    factor = _factor(table, field, units, where, findings)
    is_number = cells.str.fullmatch(PLAIN).to_numpy(bool, copy=True)
    values = np.full(len(cells), np.nan)
    values[is_number] = cells[is_number].to_numpy(dtype=object).astype(np.float64)
    values[is_number] = times(values[is_number], factor)

    # cells of another width, with a unit or a comma are read as they are meant
    texts = {cell: plain(cell) for cell in cells[~is_number].unique()}
    comma = _is_comma_decimal(table, cells, texts, degrees=degrees)
    axis = int(field.endswith("lat"))
    read = {
        cell: read_angle(text, axis, comma=comma)
        if degrees
        else read_amount(text, units, comma=comma)
        for cell, text in texts.items()
    }
    _say_ways(cells[~is_number], read, where, findings)
    listed = cells.tolist()
    for i in np.flatnonzero(~is_number):
        number = read[listed[i]]
        if number is not None:
            values[i] = times(number.value, 1.0 if number.way == "unit" else factor)
            is_number[i] = True

    is_blank = np.array([not texts.get(cell, cell) for cell in cells], bool)
    return values, is_number, is_blank


def _units_of(field: str) -> Mapping[str, float]:
    """Units that cells of a field may name -> how many of its own each makes."""
    return UNITS.get(field.rpartition("_")[2], {})


def _factor(
    table: Table, field: str, units: Mapping[str, float], where: dict[str, Any], findings: Findings
) -> float:
    """How many of the field's own unit one of the column's makes; said where it is not one."""
    unit = table.units.get(table.header(field), "") if table.has(field) else ""
    factor = units.get(unit, 1.0)
    if factor != 1:
        findings.add("number_read/head", unit=unit, factor=f"{factor:g}", **where)
    return factor


def _is_comma_decimal(
    table: Table, cells: pd.Series[str], texts: Mapping[str, str], *, degrees: bool
) -> bool:
    """Whether a comma is the sign of decimals in a column: none of its cells has a point then.

    Where every comma could part thousands as well, the other columns tell; degrees have none.
    """
    with_comma = [text for text in texts.values() if re.search(r"\d,\d", text)]
    if not with_comma or cells.str.fullmatch(_POINT).any():
        return False
    if degrees or not all(re.match(rf"{PARTED}(?![\d,])", text) for text in with_comma):
        return True
    columns = (table.frame.iloc[:, i] for i in range(table.frame.shape[1]))
    return any(
        (column.str.fullmatch(COMMA) & ~column.str.fullmatch(PARTED)).any()
        and not column.str.fullmatch(_POINT).any()
        for column in columns
    )


def _say_ways(
    cells: pd.Series[str],
    read: Mapping[str, Number | None],
    where: dict[str, Any],
    findings: Findings,
) -> None:
    """How numbers were written that are no plain ones: how many, and the first."""
    wide = cells[cells.str.contains(_WIDE)]
    if len(wide):
        findings.add("fullwidth_normalised", count=len(wide), **where)
    ways: dict[Way, list[str]] = {}
    for cell in cells:
        number = read[cell]
        if number is not None and number.way in _SAID_OF:
            ways.setdefault(number.way, []).append(cell)
    for way, alike in sorted(ways.items()):
        findings.add(_SAID_OF[way], count=len(alike), value=alike[0], **where)


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
        elif cell in _EXCEL_ERRORS:
            findings.add("excel_error_value", line=number, value=cell, **where)
        else:
            near = nearest(cell.lower(), allowed)
            findings.add("enum_unknown", line=number, value=cell, near=near, allowed=shown, **where)
    return mapped


def _wanted(names: Mapping[str, tuple[str, ...]], need: tuple[str, ...]) -> Wanted:
    """Every field and its heads, without width and case."""
    plain = {field: frozenset(map(plain_head, aliases)) for field, aliases in names.items()}
    return Wanted(
        {field: plain[field] for field in need},
        {field: plain[field] for field in names if field not in need},
    )


def _head(source: Source, wanted: Wanted, findings: Findings) -> tuple[Head, Source] | None:
    """The head of the sheet that fits best, and the file as its degrees are to be taken.

    None, with a finding, when the file holds nothing. Features of a vector file are one sheet.
    """
    if source.family == "vector":
        return read_features(source, wanted, findings)
    read = source.read(findings)
    if read is None:
        return None
    sheets = [Sheet(**sheet) for sheet in read[0] if sheet["rows"]]
    if not sheets:
        findings.add("empty_file", file=source.name)
        return None

    named = [sheet for sheet in sheets if source.entry.layer in ("", sheet.name)]
    if not named:
        have = ", ".join(sheet.name for sheet in sheets)
        findings.add("layer_unknown/sheet", file=source.name, sheet=source.entry.layer, have=have)
        return None

    merged = [heads.filled(sheet) for sheet in named]
    head, alike = heads.choose([sheet for sheet, _ in merged], wanted)
    sheet = head.sheet
    where = _sheet_said(source, sheet)
    if len(named) > 1:
        code = "multiple_sheets/alike" if alike else "multiple_sheets"
        findings.add(code, count=len(named), chosen=sheet.name, others=alike, **where)
    if sheet.is_hidden:
        findings.add("hidden_sheet", **where)

    first = sheet.lines[min(head.body, len(sheet.lines) - 1)]
    lines = next(lines for found, lines in merged if found is sheet)
    in_body = [line for line in lines if line >= first]
    if in_body:
        findings.add("merged_cells", line=in_body[0], count=len(in_body), **where)
    hidden = [line for line in sheet.hidden if line >= first and line in set(sheet.lines)]
    if sheet.unvalued:
        cells = sheet.unvalued
        findings.add("formula_without_value", column=cells[0], count=len(cells), **where)
    if hidden:
        findings.add("hidden_rows", line=hidden[0], count=len(hidden), **where)
    return head, source


def _sheet_said(source: Source, sheet: Sheet) -> dict[str, Any]:
    """File and sheet of a finding; a sheet that the name of the file tells is said once."""
    is_told = source.name != source.entry.file and bool(source.entry.layer)
    return {"file": source.name, "sheet": "" if is_told else sheet.name}


def _say_how(source: Source, head: Head, columns: dict[str, str], findings: Findings) -> None:
    """How the head was found, and ids that are numbers in a workbook."""
    sheet = head.sheet
    where = _sheet_said(source, sheet)
    line = sheet.lines[head.last]
    if head.first < head.last:
        findings.add("two_header_rows", line=line, first=sheet.lines[head.first], **where)
    if head.first:
        findings.add("header_row_guessed", line=line, **where)
    if head.body > head.last + 1:
        units = [unit for unit in head.units if unit]
        findings.add("unit_row", line=sheet.lines[head.last + 1], units=units, **where)

    above = sheet.lines[head.body - 1]
    are_numbers = dict(zip(head.names, sheet.text_until, strict=False))
    for field, name in columns.items():
        if field.endswith("_id") and are_numbers.get(name, above + 1) <= above:
            findings.add("leading_zero_lost", column=name, file=source.name)


def _even(source: Source, head: Head, findings: Findings) -> tuple[list[str], dict[int, list[str]]]:
    """Header, and rows of its length by line; rows of another length are findings and left out."""
    file, sheet = source.name, head.sheet
    header = head.names
    body = list(zip(sheet.lines[head.body :], sheet.rows[head.body :], strict=True))
    if source.format != "csv":
        # what stands right of the header and is blank is no column
        width = max((i + 1 for i, cell in enumerate(header) if cell), default=0)
        header = header[:width]
        body = [(line, row[:width] if not any(row[width:]) else row) for line, row in body]

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
    # a column without a name is called by its place
    header = [name or f"#{i}" for i, name in enumerate(header, start=1)]
    return header, {line: row for line, row in body if len(row) == width}


def _meant(
    source: Source, header: list[str], rows: dict[int, list[str]], findings: Findings
) -> dict[int, list[str]]:
    """The rows that the scenario means; none, with a finding, where none is."""
    kept = rows
    for column, wanted in source.entry.where.items():
        where: dict[str, Any] = {"file": source.name, "column": column}
        plain = [plain_head(name) for name in header]
        if plain_head(column) not in plain:
            near, have = nearest(column, header), ", ".join(header)[:200]
            findings.add("where_unknown/column", near=near, have=have, **where)
            return {}
        at = plain.index(plain_head(column))
        there = list(dict.fromkeys(row[at].strip() for row in kept.values()))
        kept = {line: row for line, row in kept.items() if row[at].strip() in wanted}
        if there and not kept:
            value, have = ", ".join(wanted), ", ".join(there)[:200]
            near = nearest(wanted[0], there)
            findings.add("where_unknown", near=near, have=have, value=value, **where)
    return kept


def _all_end_blank(body: list[tuple[int, list[str]]], width: int) -> bool:
    """Whether every row has this many cells and the last one is blank."""
    return all(len(row) == width and row[-1] == "" for _, row in body)


def _columns(
    source: Source,
    line: int | None,
    header: list[str],
    names: Mapping[str, tuple[str, ...]],
    need: tuple[str, ...],
    findings: Findings,
) -> dict[str, str] | None:
    """The head of each field; None, with findings, when one is missing or not clear."""
    file = source.name

    # of two columns with one name nobody can say which is meant
    twice = dict.fromkeys(name for name in header if header.count(name) > 1)
    for name in twice:
        findings.add("duplicate_column", file=file, column=name)
    if twice:
        return None

    # on to the last field, so that every missing one is named at once
    plain_names = {name: plain_head(name) for name in header}
    found: dict[str, str] = {}
    is_complete = True
    for field, aliases in names.items():
        accepted = [plain_head(alias) for alias in aliases]
        hits = [name for name in header if plain_names[name] in accepted]
        hits = [name for name in hits if plain_names[name] not in GIVE_WAY] or hits

        if len(hits) > 1 and field in need:
            findings.add("ambiguous_column", file=file, need=field, have=", ".join(hits))
            is_complete = False
        elif hits:
            # what may be missing is no reason to refuse a file: the more usual head is meant
            found[field] = min(hits, key=lambda name: accepted.index(plain_names[name]))
            if len(hits) > 1:
                have, chosen = ", ".join(hits), found[field]
                findings.add(
                    "ambiguous_column/optional", file=file, need=field, have=have, chosen=chosen
                )
        elif field in need:
            findings.add(
                "missing_required_column",
                file=file,
                line=line,
                need=field,
                near=nearest(field, header),
                have=", ".join(header)[:200],
                accepted=", ".join(aliases),
            )
            is_complete = False
    return found if is_complete else None


def _say_unread(
    source: Source,
    frame: pd.DataFrame,
    columns: dict[str, str],
    names: Mapping[str, tuple[str, ...]],
    findings: Findings,
) -> None:
    """One finding for the columns that are not read, each with the nearest head that would be."""
    unread = [
        name
        for name in map(str, frame)
        if name not in columns.values() and (frame[name] != "").any()
    ]
    known = [alias for field, aliases in names.items() if field not in columns for alias in aliases]
    if unread:
        said = [f"{name}{nearest(name, known, likeness=_NEAR)}" for name in unread]
        findings.add("columns_unread", file=source.name, columns=said)


def _cleaned(
    source: Source, frame: pd.DataFrame, columns: dict[str, str], findings: Findings
) -> pd.DataFrame:
    """Cells in use without blanks around them; what no text may hold is a finding."""
    import pandas as pd

    frame = frame.copy()
    for field, header in columns.items():
        where: dict[str, Any] = {"file": source.name, "column": header}
        cells = frame[header].tolist()
        trimmed = [cell.strip() for cell in cells]
        changed = sum(map(operator.ne, trimmed, cells))
        if changed:
            findings.add("whitespace_trimmed", count=changed, **where)

        for line, cell in zip(frame.index, trimmed, strict=True):
            if _CONTROL.search(cell):
                findings.add("control_character", line=int(line), value=cell, **where)
            if field.endswith("_id") and _SCIENTIFIC.fullmatch(cell):
                findings.add("scientific_notation_id", line=int(line), value=cell, **where)
            if cell in _EXCEL_ERRORS and (field.endswith("_id") or field in _WORDS):
                findings.add("excel_error_value/text", line=int(line), value=cell, **where)
                changed += 1
        if field.endswith("_id") or field in _WORDS:
            trimmed = ["" if cell in _EXCEL_ERRORS else cell for cell in trimmed]
        if changed:
            frame[header] = pd.Series(trimmed, index=frame.index, dtype=object)
    return frame
