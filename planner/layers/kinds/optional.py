"""Optional cells: one that cannot be used is left out, said and marked, and its row stays."""

from __future__ import annotations

import dataclasses
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from planner.errors import Severity
from planner.layers.aliases import UNKNOWN, UNKNOWN_NUMBERS
from planner.layers.findings import Account, Findings, row_said
from planner.layers.notices import NOTICES
from planner.layers.places import FloatArray
from planner.layers.tables import Table, numbers, words

if TYPE_CHECKING:
    import pandas as pd


class Optional:
    """The optional cells of a table.

    Parameters
    ----------
    table, findings
        Where they stand, and what is found.

    Attributes
    ----------
    marks
        Line -> fields of ours of which its cell was left out.
    """

    def __init__(self, table: Table, findings: Findings) -> None:
        self.table = table
        self.findings = findings
        self.marks: defaultdict[int, set[str]] = defaultdict(set)

    def text(self, field: str, *, zero: bool = False) -> pd.Series[str]:
        """Cells of a field; those that mean unknown are blank, which is one finding.

        ``zero`` says that 0 is a value.
        """
        cells = self.table.text(field)
        if not self.table.has(field):
            return cells
        known = {cell: not is_unknown(cell, zero=zero) for cell in cells.unique()}
        is_known = cells.map(known).to_numpy(bool)
        if is_known.all():
            return cells

        first = int(np.flatnonzero(~is_known)[0])
        self.findings.add(
            "sentinel_value",
            line=int(cells.index[first]),
            value=cells.iloc[first],
            count=int((~is_known).sum()),
            lines=cells.index[~is_known],
            **self._column(field),
        )
        self._mark(field, cells.index[~is_known])
        return cells.where(is_known, "")

    def numbers(
        self,
        field: str,
        *,
        zero: bool = False,
        low: float = -np.inf,
        high: float = np.inf,
        degrees: bool = False,
        unusable: str = "",
        **facts: Any,
    ) -> FloatArray:
        """A column as numbers, (rows,); NaN where a cell is blank, unknown or no such number.

        ``unusable`` is a finding of the field's own, with its facts, for what is no number.
        """
        if not self.table.has(field):
            return np.full(len(self.table.frame), np.nan)
        instead = {"invalid_number": (unusable, facts)} if unusable else {}
        book = Lenient(self.findings, instead)
        table = self._with(field, self.text(field, zero=zero))
        values = numbers(table, field, book, low=low, high=high, blank=True, degrees=degrees)
        self._mark(field, book.lines)
        return values

    def words(self, field: str, allowed: dict[str, str]) -> pd.Series[str]:
        """A column of known words in their short form; blank where a cell is none of them."""
        cells = self.text(field)
        if not self.table.has(field):
            return cells
        book = Lenient(self.findings)
        told = self._with(field, cells).without(cells.index[cells == ""])
        self._mark(field, ())
        read = words(told, field, book, allowed)
        self._mark(field, book.lines)
        return read.reindex(cells.index, fill_value="")

    def leave_out(self, code: str, field: str, line: int, value: str, **facts: Any) -> None:
        """Say that a cell is left out, and mark its row."""
        self.findings.add(code, line=line, value=value, **facts, **self._column(field))
        self._mark(field, [line])

    def _with(self, field: str, cells: pd.Series[str]) -> Table:
        """The table with other cells of a field."""
        if not self.table.has(field):
            return self.table
        frame = self.table.frame.assign(**{self.table.header(field): cells})
        return dataclasses.replace(self.table, frame=frame)

    def _column(self, field: str) -> dict[str, Any]:
        return {"file": self.table.source.name, "column": self.table.header(field)}

    def _mark(self, field: str, lines: Iterable[int]) -> None:
        for line in lines:
            self.marks[int(line)].add(field)


class Lenient(Findings):
    """A book in which nothing refuses a row: errors about one are warnings.

    Parameters
    ----------
    findings
        The book behind.
    instead
        Codes of which another one is entered, with facts of its own.

    Attributes
    ----------
    lines
        The rows that these are about.
    """

    def __init__(
        self, findings: Findings, instead: Mapping[str, tuple[str, Mapping[str, Any]]] | None = None
    ) -> None:
        self._into = findings
        self._instead = instead or {}
        self.lines: set[int] = set()

    def account(self, file: str) -> Account:
        """What became of the rows of a file so far, in the book that stands behind this one."""
        return self._into.account(file)

    def add(
        self,
        code: str,
        *,
        file: str = "",
        severity: Severity | None = None,
        left_out: Iterable[int] | None = None,
        **said: Any,
    ) -> None:
        """Enter a finding in the book behind."""
        row = row_said(said)
        is_error = (severity or NOTICES[code].severity) == "E"
        if code in self._instead:
            code, facts = self._instead[code]
            said |= facts
        if row and is_error:
            self.lines |= row
            severity = "W"
        self._into.add(code, file=file, severity=severity, left_out=left_out, **said)


def is_unknown(cell: str, *, zero: bool = False) -> bool:
    """Whether a cell that is not blank holds nothing; ``zero`` says that 0 is a value."""
    plain = unicodedata.normalize("NFKC", cell).strip().lower()
    if plain in UNKNOWN:
        return True
    try:
        number = float(plain)
    except ValueError:
        return False
    return number in UNKNOWN_NUMBERS and not (zero and number == 0)
