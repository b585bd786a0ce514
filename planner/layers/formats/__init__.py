"""HOW A FILE IS OPENED: bytes -> plain records, and nothing of what they mean.

Everything here runs in a child process, which :mod:`planner.layers.reader` starts and watches:
a file may crash a library, or make it take all memory, and only the child ends. Each module reads
one family of formats: a path and :class:`Remarks` go in, what can be written as JSON and bytes come
out; None, with a remark that says why, when the file cannot be used.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

MAX_CELLS: Final = 8_000_000
"""Cells of a table, blank ones too: 200,000 rows of 40 columns. They take some 0.5 GB as text."""


class Remarks(list[tuple[str, dict[str, Any]]]):
    """What is to be said about a file: codes of the room's catalogue and their facts.

    The parent makes notices of them.
    """

    def add(self, code: str, **facts: Any) -> None:
        """Say something; facts are what JSON can hold."""
        self.append((code, facts))


def cell_text(cell: Any) -> str:
    """Text of a cell that has a type; nothing and not a number are blank.

    Whole numbers are without the point that a format gives them, and days without a time of day.
    """
    if cell is None or cell != cell:
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, dt.datetime) and cell.timetz() == dt.time():
        return cell.date().isoformat()
    return str(cell)
