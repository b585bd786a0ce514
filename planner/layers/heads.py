"""Which sheet holds the table and where its head is: titles, groups, units, merged cells.

A sheet is known by the names of its columns, not by its place.
"""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from planner.layers.aliases import UNIT_WORDS, plain_head

HEADER_ROWS: Final = 10
"""Rows among which the head is: a list may carry titles and notes above it."""
_UNIT: Final = r"\(([^()]*)\)|\[([^\[\]]*)\]|【([^【】]*)】"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet as its file holds it: see :mod:`planner.layers.formats.workbooks`."""

    name: str
    lines: list[int]
    rows: list[list[str]]
    blank_above: list[int] = field(default_factory=list)
    text_until: list[int] = field(default_factory=list)
    hidden: list[int] = field(default_factory=list)
    merged: list[list[int]] = field(default_factory=list)
    unvalued: list[str] = field(default_factory=list)
    is_hidden: bool = False


@dataclass(frozen=True, slots=True)
class Head:
    """Where the head of a sheet is, and what it says.

    ``last`` is the row of its names and ``body`` that of the first data, both places in
    ``sheet.rows``; ``units`` are those of a row of units, blank without one.
    """

    sheet: Sheet
    names: list[str]
    units: list[str]
    first: int
    last: int
    body: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """The columns that are looked for: our field -> its names, as :func:`plain_head` has them."""

    need: Mapping[str, frozenset[str]]
    may: Mapping[str, frozenset[str]]

    def score(self, names: Iterable[str]) -> tuple[bool, int, int]:
        """How well names fit: whether all that are needed are there, how many, how many in all."""
        plain = {plain_head(name) for name in names}
        n_need = sum(not plain.isdisjoint(aliases) for aliases in self.need.values())
        n_may = sum(not plain.isdisjoint(aliases) for aliases in self.may.values())
        return n_need == len(self.need), n_need, n_need + n_may


def unit_of(name: str) -> str:
    """What stands in brackets in a head, in lower case; blank where nothing does."""
    match = re.search(_UNIT, unicodedata.normalize("NFKC", name))
    return next(filter(None, match.groups()), "").strip().lower() if match else ""


def choose(sheets: Sequence[Sheet], wanted: Wanted) -> tuple[Head, list[str]]:
    """The head of the sheet that fits best, and the names of the others that would do as well.

    A hidden sheet is chosen only where no other has what is needed.
    """
    heads = [find_head(sheet, wanted) for sheet in sheets]
    scores = [wanted.score(head.names) for head in heads]
    ranks = [
        (fits, not head.sheet.is_hidden, n_need, n_all)
        for head, (fits, n_need, n_all) in zip(heads, scores, strict=True)
    ]
    best = ranks.index(max(ranks))
    alike = [
        sheet.name
        for i, (sheet, rank) in enumerate(zip(sheets, ranks, strict=True))
        if i != best and rank[:2] == ranks[best][:2] and rank[0]
    ]
    return heads[best], alike


def find_head(sheet: Sheet, wanted: Wanted) -> Head:
    """The rows of names: those that fit best; where none does, the first of the fullest."""
    rows = sheet.rows[:HEADER_ROWS]
    singles = [wanted.score(row) for row in rows]
    last = singles.index(max(singles))
    if not max(singles)[2]:
        filled = [sum(bool(cell.strip()) for cell in row) for row in rows]
        last = filled.index(max(filled))

    # of two rows of names each tells a part
    pairs = [wanted.score(_joined(above, below)) for above, below in pairwise(rows)]
    first = last
    if pairs and max(pairs)[2] > singles[last][2]:
        first = pairs.index(max(pairs))
        last = first + 1
    elif last and _are_groups(rows[last - 1], rows[last]):
        first = last - 1

    names = rows[last] if first == last else _joined(rows[first], rows[last])
    names = [name.strip() for name in names]
    body = last + 1
    units = [""] * len(names)
    if body < len(sheet.rows) and _are_units(sheet.rows[body]):
        units = [plain_unit(cell) for cell in sheet.rows[body]]
        body += 1
    return Head(sheet, names, units, first, last, body)


def _joined(above: Sequence[str], below: Sequence[str]) -> list[str]:
    """The names of two rows; one that stands twice is told apart by the group above it."""
    width = max(len(above), len(below))
    upper, lower = ([*row, *[""] * (width - len(row))] for row in (above, below))

    # a group reaches to the next one
    groups, group = [], ""
    for name, sub in zip(upper, lower, strict=True):
        group = name.strip() or (group if sub.strip() else "")
        groups.append(group)

    plain = [plain_head(name) for name in lower]
    return [
        group if not sub.strip() else f"{group}{sub}" if plain.count(name) > 1 else sub
        for group, sub, name in zip(groups, lower, plain, strict=True)
    ]


def _are_groups(above: Sequence[str], names: Sequence[str]) -> bool:
    """Whether a row tells names below it apart that stand twice."""
    plain = [plain_head(name) for name in names if name.strip()]
    joined = [plain_head(name) for name in _joined(above, names) if name.strip()]
    return len(set(plain)) < len(plain) and len(set(joined)) == len(joined)


def plain_unit(cell: str) -> str:
    """A cell of a row of units, in lower case and without brackets."""
    text = unicodedata.normalize("NFKC", cell).strip().lower()
    return text.strip("()[]【】/ ")


def _are_units(row: Sequence[str]) -> bool:
    """Whether a row below the names holds units or types, and nothing else."""
    cells = [plain_unit(cell) for cell in row if cell.strip()]
    return bool(cells) and all(cell in UNIT_WORDS for cell in cells)


def filled(sheet: Sheet) -> tuple[Sheet, list[int]]:
    """The sheet with the text of merged cells in each of them, and the lines that were filled.

    A text over at least half of the columns of one row is a title and stays where it is.
    """
    if not sheet.merged:
        return sheet, []
    rows = [list(row) for row in sheet.rows]
    lines: set[int] = set()
    for top, left, bottom, right in sheet.merged:
        first, end = bisect_left(sheet.lines, top), bisect_right(sheet.lines, bottom)
        if first == end or sheet.lines[first] != top or left >= len(rows[first]):
            continue
        if top == bottom and 2 * (right - left + 1) >= len(rows[first]):
            continue
        text = rows[first][left]
        for i in range(first, end):
            for j in range(left, min(right + 1, len(rows[i]))):
                if text and not rows[i][j]:
                    rows[i][j] = text
                    lines.add(sheet.lines[i])
    return dataclasses.replace(sheet, rows=rows), sorted(lines)
