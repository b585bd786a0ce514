"""The numbered pieces of a paper, the same for Word and PDF."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from planner.report.facts import Facts
from planner.report.figures import Draw
from planner.report.sheet import head_text
from planner.report.source import Block
from planner.report.tables import verdict_table
from planner.sheets import Column, Sheet, display_width, shown_text
from planner.words import Language

WIDE_COLUMNS: Final = 11  # from so many columns on a table lies across
TEXT_MM: Final = 156.0  # text width of GB/T 9704-2012
WIDE_MM: Final = 225.0  # across
MM_PT: Final = 72 / 25.4
_PRINTED_ROWS: Final = 20  # of a long table
# Columns that are printed of the long tables, by the code of their heads.
_PUBLIC: Final = ("number", "station_id", "town", "kind", "phase", "usable_height", "owner")
_DIFFICULT: Final = (
    "number", "station_id", "town", "due", "layers", "new_gap", "lost", "stand_in", "responsible",
)  # fmt: skip
_MARGIN: Final = 2.5  # of a cell, in half-width characters
_WIDEST: Final = 60.0  # from which texts are wrapped
_WORD = re.compile("[\x21-\x7e]+")


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A table as it is printed.

    Attributes
    ----------
    caption
        With its number.
    heads, groups
        Header row and the row above it (empty texts where there is none).
    aligns
        ``left``, ``center`` or ``right`` per column.
    shares
        Width of each column as a share of the whole.
    rows, totals, notes
        Cells as texts, places of the bold rows, lines below.
    """

    caption: str
    heads: tuple[str, ...]
    groups: tuple[str, ...]
    aligns: tuple[str, ...]
    shares: tuple[float, ...]
    rows: tuple[tuple[str, ...], ...]
    totals: tuple[int, ...]
    notes: tuple[str, ...]

    @property
    def is_wide(self) -> bool:
        """Whether it is printed across the page."""
        return len(self.heads) >= WIDE_COLUMNS

    @property
    def size_pt(self) -> float:
        """Size of its letters."""
        return letter_size(len(self.heads))


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A figure: caption with its number, and a PNG."""

    caption: str
    png: bytes


Piece = Block | Table | Picture


def make_pieces(
    blocks: Sequence[Block],
    tables: Mapping[str, Sheet],
    figures: Mapping[str, Draw],
    words: Language,
) -> list[Piece]:
    """Number tables and figures in the order of the text and draw them."""
    pieces: list[Piece] = []
    counts = {"table": 0, "figure": 0}
    for block in blocks:
        if block.kind == "table":
            counts["table"] += 1
            sheet = tables[block.text]
            name = sheet.title or sheet.name
            caption = words("report.caption.table", n=counts["table"], name=name)
            pieces.append(_table(sheet, caption))
        elif block.kind == "figure":
            counts["figure"] += 1
            number, name = counts["figure"], words("report.figure", block.text)
            caption = words("report.caption.figure", n=number, name=name)
            pieces.append(Picture(caption, figures[block.text](number)))
        else:
            pieces.append(block)
    return pieces


def _table(sheet: Sheet, caption: str) -> Table:
    columns = sheet.columns
    rows = tuple(
        tuple(shown_text(cell, columns[j]) for j, cell in enumerate(row)) for row in sheet.rows
    )
    widths = _widths(columns, rows)
    return Table(
        caption=caption,
        heads=tuple(column.head for column in columns),
        groups=tuple(column.group for column in columns) if sheet.header_rows == 2 else (),
        aligns=tuple("left" if column.kind == "text" else "right" for column in columns),
        shares=tuple(width / sum(widths) for width in widths),
        rows=rows,
        totals=tuple(sorted(sheet.totals)),
        notes=sheet.notes,
    )


def _widths(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> list[float]:
    """Width of each column in half-width characters.

    No word is broken as long as all of them fit; long texts share what is left.
    """
    is_wide = len(columns) >= WIDE_COLUMNS
    room = 2 * MM_PT * (WIDE_MM if is_wide else TEXT_MM) / letter_size(len(columns))

    cells = [[column.head, *(row[j] for row in rows)] for j, column in enumerate(columns)]
    least = [max(map(_longest_word, texts)) + _MARGIN for texts in cells]
    longest = [max(map(display_width, texts)) + _MARGIN for texts in cells]
    wanted = [max(low, min(high, _WIDEST)) for low, high in zip(least, longest, strict=True)]

    extra = sum(wanted) - sum(least)
    given = min(max(room - sum(least), 0.0) / extra, 1.0) if extra else 0.0
    return [low + given * (high - low) for low, high in zip(least, wanted, strict=True)]


def _longest_word(text: str) -> float:
    """Width of the longest piece that cannot be broken, in half-width characters.

    It is a Latin word or a number; where there is none, two Chinese characters.
    """
    return max(map(_word_width, _WORD.findall(text)), default=4.0)


def _word_width(word: str) -> float:
    """Capitals and digits are a third wider than half a Chinese character."""
    return sum(1.3 if letter.isupper() or letter.isdigit() else 1.0 for letter in word)


def letter_size(columns: int) -> float:
    """Size of a table's letters in points."""
    return 10.5 if columns <= 4 else 9.0 if columns <= 8 else 8.0


def excerpts(facts: Facts, tables: Mapping[str, Sheet], words: Language) -> dict[str, Sheet]:
    """Shorter forms of long tables, for print; the workbook holds them whole."""
    most = _PRINTED_ROWS
    shorter = {
        "verdicts_brief": _excerpt(verdict_table(facts, words, brief=True), words, drop="rule"),
        "failures_brief": _excerpt(tables["failures"], words, most=most),
        "public_brief": _excerpt(tables["public"], words, most=most, keep=_PUBLIC),
        "difficult_brief": _excerpt(tables["difficult"], words, most=most, keep=_DIFFICULT),
    }
    if "residents" in tables:
        # The sums of all towns are printed, without the notes, which are about the towns.
        whole = tables["residents"]
        rows = [whole.rows[place] for place in sorted(whole.totals)]
        sums = replace(whole, rows=rows, totals=frozenset(), notes=())
        shorter["residents_brief"] = _excerpt(sums, words, drop="town")
    return shorter


def _excerpt(
    sheet: Sheet,
    words: Language,
    *,
    keep: Sequence[str] = (),
    drop: str = "",
    most: int | None = None,
) -> Sheet:
    """The columns to keep in their order, or all but one; the first rows of many."""
    heads = [column.head for column in sheet.columns]
    if keep:
        places = [heads.index(head_text(words, code)) for code in keep]
    else:
        dropped = head_text(words, drop) if drop else None
        places = [place for place, head in enumerate(heads) if head != dropped]
    columns = tuple(sheet.columns[place] for place in places)
    rows = [[row[place] for place in places] for row in sheet.rows[:most]]

    notes = sheet.notes
    if len(rows) < len(sheet.rows):
        notes = (*notes, words("report.note.excerpt", n=len(sheet.rows), most=len(rows)))
    return replace(sheet, columns=columns, rows=rows, notes=notes)


def runs(groups: Sequence[str]) -> list[tuple[str, int]]:
    """Neighbours with the same text as (text, number of columns)."""
    found: list[tuple[str, int]] = []
    for group in groups:
        if found and found[-1][0] == group:
            found[-1] = (group, found[-1][1] + 1)
        else:
            found.append((group, 1))
    return found
