"""The book in which the findings of one reading are entered."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from planner.errors import Catalogue, InputError, Notice, Severity, Spot, grouped

KEPT: Final = 1000
"""Findings of a kind that are kept in full; all are counted."""


@dataclass(slots=True)
class Account:
    """What became of the rows of one file; a row is known by its line, or the number of a feature.

    Attributes
    ----------
    rows
        Every row that holds something.
    blank
        How many hold nothing.
    left_out
        Rows that are not used, or lines that are no rows, such as that of the head.
    refused
        Those of them that an error is about.
    is_refused
        Whether no row of the file can be used.
    marks
        Row -> column (blank: none) -> code of the error or warning about its cell. All of them,
        also where one finding is about many rows, or more were made than are kept.
    """

    rows: set[int] = field(default_factory=set)
    blank: int = 0
    left_out: set[int] = field(default_factory=set)
    refused: set[int] = field(default_factory=set)
    is_refused: bool = False
    marks: dict[int, dict[str, str]] = field(default_factory=dict)

    @property
    def rows_in(self) -> int:
        """Rows of the file: those that are accepted, rejected and blank."""
        return len(self.rows) + self.blank

    @property
    def rejected(self) -> int:
        """Rows that are not used."""
        is_refused = self.is_refused or not self.left_out <= self.rows
        return len(self.rows) if is_refused else len(self.left_out)

    @property
    def accepted(self) -> int:
        """Rows that are used."""
        return len(self.rows) - self.rejected


class Findings:
    """The findings of one reading, in the order in which they were made.

    Parameters
    ----------
    catalogue
        What can be found.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._kept: list[Notice] = []
        self._counts: Counter[tuple[str, Severity]] = Counter()
        self._errors: Counter[str] = Counter()
        self._features: dict[str, Mapping[int, Spot]] = {}
        self._accounts: dict[str, Account] = {}
        self._may_be_empty: set[str] = set()

    def let_be_empty(self, file: str) -> None:
        """Let a file without rows be a warning: a plan can do without what it could hold."""
        self._may_be_empty.add(file)

    def add(
        self,
        code: str,
        *,
        file: str = "",
        severity: Severity | None = None,
        left_out: Iterable[int] | None = None,
        lines: Iterable[int] = (),
        **said: Any,
    ) -> None:
        """Enter a finding; ``said`` is the rest of its place and its facts.

        See :meth:`planner.errors.Catalogue.notice`. ``left_out`` are the rows that it costs: by
        default the one that an error is about, or the whole file when it is about no row.
        ``lines`` are the rows that it is about, where it names the first of them alone.
        """
        spot = self._features.get(file, {}).get(
            row_of(said.get("at") or Spot(said.get("line"))) or 0
        )
        if spot is not None:
            said = {**said, "line": None, "at": spot}
        if code == "no_data_rows" and file in self._may_be_empty:
            code = "no_data_rows/without"
        severity = severity or self._catalogue[code].severity
        kind = (code.partition("/")[0], severity)
        self._counts[kind] += 1
        self._errors[file] += severity == "E"
        if severity == "E" or left_out is not None:
            rows = row_said(said) if left_out is None else set(left_out)
            self.account(file).left_out |= rows
            self.account(file).refused |= rows if severity == "E" else set()
            # what is about no row is about the file
            self.account(file).is_refused |= left_out is None and not rows
        if severity != "I":
            for row in {*lines, *row_said(said)}:
                marks = self.account(file).marks.setdefault(int(row), {})
                marks[str(said.get("column") or "")] = kind[0]
        if self._counts[kind] <= KEPT:
            self._kept.append(self._catalogue.notice(code, file=file, severity=severity, **said))

    def know_features(self, file: str, spots: Mapping[int, Spot]) -> None:
        """Name features where a finding names a row: its line is the number of a feature there."""
        self._features[file] = spots

    def count_rows(self, file: str, rows: Iterable[int], blank: int) -> None:
        """Enter the rows of a file: lines or numbers of those that hold something; the others."""
        account = self.account(file)
        account.rows |= set(rows)
        account.blank += blank

    @property
    def accounts(self) -> Mapping[str, Account]:
        """What became of the rows of each file, by its name."""
        return self._accounts

    def account(self, file: str) -> Account:
        """What became of the rows of a file so far."""
        return self._accounts.setdefault(file, Account())

    @property
    def errors(self) -> int:
        """How many findings refuse a row or a file."""
        return self._errors.total()

    def errors_in(self, file: str) -> int:
        """How many of them are about one file.

        What follows from those needs no finding of its own.
        """
        return self._errors[file]

    @property
    def notices(self) -> tuple[Notice, ...]:
        """The findings; of a kind the first 1,000, the last of which tells how many more."""
        notices = list(self._kept)
        last = {(notice.code, notice.severity): i for i, notice in enumerate(notices)}
        for kind, i in last.items():
            left = self._counts[kind] - KEPT
            if left > 0:
                notices[i] = dataclasses.replace(notices[i], more=left)
        return tuple(notices)

    @property
    def refuse_rows_alone(self) -> bool:
        """Whether everything that was refused is a row, and every file can be used without it."""
        accounts = self._accounts.values()
        return all(not one.is_refused and one.refused <= one.rows for one in accounts)

    def go_on_without_rows(self) -> None:
        """Let every refused row go, which is said for each file: errors refuse nothing any more.

        Raises
        ------
        InputError
            When more than rows was refused.
        """
        if not self.refuse_rows_alone:
            self.raise_errors()
        for file, account in sorted(self._accounts.items()):
            if account.refused:
                count = len(account.refused)
                self.add("rows_left_out", file=file, value=str(count), count=count)
        self._errors.clear()

    def raise_errors(self) -> None:
        """Raise an :class:`~planner.errors.InputError` with every finding, if any is an error."""
        errors = self.errors
        if not errors:
            return

        notices = self.notices
        refused = [notice for notice in notices if notice.severity == "E"]
        raise InputError(
            "\n".join((f"the inputs cannot be used, {errors} error(s)", *grouped(refused))),
            f"输入数据有 {errors} 处错误",
            notices,
        )


def row_said(said: dict[str, Any]) -> set[int]:
    """The row that a finding is about; none, or one."""
    row = row_of(said.get("at") or Spot(said.get("line")))
    return set() if row is None else {row}


def row_of(spot: Spot) -> int | None:
    """What a row is known by: the number of its feature, else its line."""
    return spot.line if spot.feature is None else spot.feature
