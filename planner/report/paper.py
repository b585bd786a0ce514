"""The numbered pieces of a paper, the same for Word and PDF: heads, paragraphs, tables as texts, pictures."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from planner.report.figures import Draw
from planner.report.source import Block
from planner.report.words import Words
from planner.sheets import Column, Sheet, display_width, shown_text

WIDE_COLUMNS: Final = 11  # from so many columns on a table lies across
TEXT_MM: Final = 156.0  # text width of GB/T 9704-2012
WIDE_MM: Final = 225.0  # across
MM_PT: Final = 72 / 25.4
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
    blocks: Sequence[Block], tables: Mapping[str, Sheet], figures: Mapping[str, Draw], words: Words
) -> list[Piece]:
    """Number tables and figures in the order of the text and draw them."""
    pieces: list[Piece] = []
    counts = {"table": 0, "figure": 0}
    for block in blocks:
        if block.kind == "table":
            counts["table"] += 1
            sheet = tables[block.text]
            caption = words("表{n}　{name}", n=counts["table"], name=sheet.title or sheet.name)
            pieces.append(_table(sheet, caption))
        elif block.kind == "figure":
            counts["figure"] += 1
            caption = words("图{n}　{name}", n=counts["figure"], name=words(block.text))
            pieces.append(Picture(caption, figures[block.text](counts["figure"])))
        else:
            pieces.append(block)
    return pieces


def _table(sheet: Sheet, caption: str) -> Table:
    columns = sheet.columns
    rows = tuple(tuple(shown_text(cell, columns[j]) for j, cell in enumerate(row)) for row in sheet.rows)
    widths = _widths(columns, rows)
    return Table(
        caption,
        tuple(column.head for column in columns),
        tuple(column.group for column in columns) if sheet.header_rows == 2 else (),
        tuple("left" if column.kind == "text" else "right" for column in columns),
        tuple(width / sum(widths) for width in widths),
        rows,
        tuple(sorted(sheet.totals)),
        sheet.notes,
    )


def _widths(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> list[float]:
    """Widths in half-width characters: no word is broken as long as all of them fit, long texts share what is left."""
    is_wide = len(columns) >= WIDE_COLUMNS
    room = 2 * MM_PT * (WIDE_MM if is_wide else TEXT_MM) / letter_size(len(columns))
    cells = [[column.head, *(row[j] for row in rows)] for j, column in enumerate(columns)]
    least = [max(map(_longest_word, texts)) + 2.5 for texts in cells]
    wanted = [max(least[j], min(max(map(display_width, texts)) + 2.5, 60.0)) for j, texts in enumerate(cells)]
    extra = sum(wanted) - sum(least)
    given = min(max(room - sum(least), 0.0) / extra, 1.0) if extra else 0.0
    return [low + given * (high - low) for low, high in zip(least, wanted, strict=True)]


def _longest_word(text: str) -> float:
    """Width of the longest piece that cannot be broken: a Latin word or a number, or two Chinese characters."""
    # capitals and digits are a third wider than half a Chinese character
    return max(
        (sum(1.3 if c.isupper() or c.isdigit() else 1.0 for c in word) for word in _WORD.findall(text)), default=4.0
    )


def letter_size(columns: int) -> float:
    """Size of a table's letters in points."""
    return 10.5 if columns <= 4 else 9.0 if columns <= 8 else 8.0


def excerpts(tables: Mapping[str, Sheet], words: Words) -> dict[str, Sheet]:
    """Shorter forms of long tables, for print; the workbook holds them whole."""
    return {
        "判定表（要点）": _excerpt(tables["判定表"], words, drop="判定规则"),
        "缺口与空洞（摘录）": _excerpt(tables["缺口与空洞清单"], words, most=20),
        "公共资源（摘录）": _excerpt(
            tables["公共资源开放清单"], words, most=20,
            keep="序号 规划编号 镇（街道） 类别 期 可用高度(米) 物业所属单位",
        ),
        "疑难站址（摘录）": _excerpt(
            tables["疑难站址清单"], words, most=20,
            keep="序号 规划编号 镇（街道） 完成时限 影响图层 新增缺口(米) 失去覆盖(百分点) 备选站址 责任单位",
        ),
    }  # fmt: skip


def _excerpt(sheet: Sheet, words: Words, *, keep: str = "", drop: str = "", most: int | None = None) -> Sheet:
    heads = [column.head for column in sheet.columns]
    dropped = {words(head) for head in drop.split()}
    wanted = [words(head) for head in keep.split()] or [head for head in heads if head not in dropped]
    places = [heads.index(head) for head in wanted]
    rows = [[row[place] for place in places] for row in sheet.rows[:most]]
    notes = sheet.notes
    if len(rows) < len(sheet.rows):
        notes = (*notes, words("共{n}行，此处列前{most}行，全表见tables.xlsx。", n=len(sheet.rows), most=len(rows)))
    return replace(sheet, columns=tuple(sheet.columns[place] for place in places), rows=rows, notes=notes)
