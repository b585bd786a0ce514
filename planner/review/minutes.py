"""The notices of one reading of answers, in the order in which they come up."""

from __future__ import annotations

from typing import Any

from planner.errors import Notice
from planner.review.notices import notice
from planner.review.statements import Statement


class Minutes:
    """A book in which notices about statements are entered."""

    def __init__(self) -> None:
        self.notices: list[Notice] = []

    def enter(self, code: str, statement: Statement, value: str = "", **facts: Any) -> None:
        """Enter a notice about a statement; by default the value is what the statement is about."""
        shown = value or _subject(statement)
        self.notices.append(notice(code, statement.file, statement.line, value=shown, **facts))

    def enter_count(self, code: str, *, file: str, count: int) -> None:
        """Enter a notice about so many rows of a file."""
        self.notices.append(notice(code, file, None, count=count))


def _subject(statement: Statement) -> str:
    if statement.station_id:
        return statement.station_id
    return statement.town if statement.names_town else f"{statement.lon}, {statement.lat}"
