"""State of a row: as it says it, else by the day on which it opened, else as the scenario says."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from planner.codes import State
from planner.layers.aliases import VALUES
from planner.layers.kinds.optional import is_unknown
from planner.layers.kinds.rows import Book
from planner.layers.tables import Table, words

if TYPE_CHECKING:
    import pandas as pd

PENDING: Final = ""
"""State of a row that the scenario settles when every list was read: ``defaults.state: first``."""
RANKS: Final = (State.OPEN, State.RETROFITTED, PENDING, State.CANDIDATE)
"""States of the cells of a station: it has the first that one of them has."""

_DAY: Final = re.compile(
    r"(\d{4})[^\d\s](\d{1,2})(?:[^\d\s](\d{1,2})[^\d\s]?|[^\d\s])?"
    r"(?:[ T]\d{1,2}:[\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?"
)
_DIGITS: Final = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})")
_SERIAL: Final = re.compile(r"(\d{5})(?:\.\d+)?")
_FIRST_SERIAL: Final = date(1899, 12, 30)  # day 0 of a spreadsheet, after its false leap day
_SERIALS: Final = (29_221, 73_050)  # 1980 to 2099


def read_states(table: Table, book: Book) -> list[str]:
    """State of each row, (rows,): open, retrofitted, candidate, or :data:`PENDING`."""
    findings, as_of = book.findings, date.fromisoformat(book.scenario.as_of)
    told = _known(table.text("state"))
    says = table.without(told.index[told == ""])
    stated = words(says, "state", findings, VALUES["state"]).reindex(told.index, fill_value=PENDING)

    states: list[str] = []
    dated: list[str] = []
    undated: list[int] = []
    where: dict[str, Any] = {"file": table.source.name}
    for line, cell, state, opened in zip(
        told.index.tolist(), told, stated, _known(table.text("opened_on")), strict=True
    ):
        if cell == "" and opened != "":
            day = read_day(opened)
            if day is None:
                column = table.header("opened_on")
                findings.add("date_invalid", line=int(line), value=opened, column=column, **where)
            else:
                state = State.OPEN if day <= as_of else State.CANDIDATE
                dated.append(state)
        elif cell == "":
            undated.append(int(line))
        elif opened != "":
            _question_day(opened, state, int(line), table, book)
        states.append(str(state))

    if dated:
        n_open = dated.count(State.OPEN)
        facts: dict[str, Any] = {
            "open": n_open,
            "planned": len(dated) - n_open,
            "as_of": book.scenario.as_of,
        }
        findings.add("state_by_date", column=table.header("opened_on"), **facts, **where)
    if undated:
        state = _default(table, undated, len(told), book)
        chosen = set(undated)
        states = [
            state if line in chosen else known
            for line, known in zip(told.index.tolist(), states, strict=True)
        ]
    return states


def _question_day(opened: str, state: str, line: int, table: Table, book: Book) -> None:
    """Say where the day of a row whose state is told is none, or contradicts it."""
    day, as_of = read_day(opened), book.scenario.as_of
    where: dict[str, Any] = {"file": table.source.name, "column": table.header("opened_on")}
    if day is None:
        book.findings.add("date_invalid", line=line, value=opened, severity="W", **where)
    elif state == State.OPEN and day > date.fromisoformat(as_of):
        book.findings.add("open_before_its_day", line=line, value=opened, as_of=as_of, **where)


def _known(cells: pd.Series[str]) -> pd.Series[str]:
    """Cells without those that say that nothing is known, such as ``/`` or 0."""
    return cells.mask(cells.map(is_unknown).astype(bool), "")


def _default(table: Table, lines: list[int], rows: int, book: Book) -> str:
    """State of rows that tell none, which is a finding: an error where the scenario has none."""
    default, findings = book.scenario.defaults.state, book.findings
    where: dict[str, Any] = {"file": table.source.name}
    if default:
        said = "default_taken/first" if default == "first" else "default_taken/state"
        findings.add(said, line=lines[0], count=len(lines), default=default, **where)
        by_word = {"by_date": State.CANDIDATE, "first": PENDING}
        return str(by_word.get(default, default))

    if len(lines) == rows:
        findings.add("missing_value/no_state", count=rows, **where)
    else:
        for line in lines:
            findings.add("missing_value/state", line=line, **where)
    return PENDING


def read_day(text: str) -> date | None:
    """The day of a cell; of a month alone its last one. None where it is no day.

    ``2020-09-01``, ``2020/9/1``, ``20200901``, also with the Chinese words for year, month and day,
    and the number of the day that spreadsheets count (44075).
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    serial = _SERIAL.fullmatch(plain)
    if serial and _SERIALS[0] <= int(serial[1]) <= _SERIALS[1]:
        return _FIRST_SERIAL + timedelta(days=int(serial[1]))
    parts = _DAY.fullmatch(plain) or _DIGITS.fullmatch(plain)
    if parts is None:
        return None
    year, month, day = (int(part) if part else None for part in parts.groups())
    assert year is not None
    assert month is not None
    try:
        if day is None:
            return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
        return date(year, month, day)
    except ValueError:
        return None
