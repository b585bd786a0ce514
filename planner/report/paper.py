"""The numbered pieces of a paper, the same for Word and PDF: heads, paragraphs, tables as texts, pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from planner.report.figures import Draw
from planner.report.source import Block
from planner.report.words import Words
from planner.sheets import Column, Sheet, display_width, shown_text

WIDE_COLUMNS: Final = 11  # from so many columns on a table lies across
_LONGEST: Final = ((6, 40), (8, 28), (99, 20))  # up to so many columns: half-width characters before a cell is wrapped


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
        return 10.5 if len(self.heads) <= 4 else 9.0 if len(self.heads) <= 8 else 8.0


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
    most = next(longest for count, longest in _LONGEST if len(columns) <= count)
    widths = [_width(column, [row[j] for row in rows], most) for j, column in enumerate(columns)]
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


def _width(column: Column, cells: Sequence[str], most: int) -> float:
    longest = max((min(display_width(cell), most) for cell in cells), default=0)
    return max(longest, min(display_width(column.head), 8), 4) + 1.5


def excerpts(tables: Mapping[str, Sheet], words: Words) -> dict[str, Sheet]:
    """Shorter forms of long tables, for print; the workbook holds them whole."""
    return {
        "判定表（要点）": _excerpt(tables["判定表"], words, drop=("判定规则",)),
        "缺口与空洞（摘录）": _excerpt(tables["缺口与空洞清单"], words, most=20),
        "公共资源（摘录）": _excerpt(
            tables["公共资源开放清单"], words, most=20, keep=("序号", "规划编号", "镇（街道）", "类别", "期", "可用高度(米)", "物业所属单位")
        ),
        "疑难站址（摘录）": _excerpt(
            tables["疑难站址清单"], words, most=20,
            keep=("序号", "规划编号", "镇（街道）", "运营商", "完成时限", "影响图层", "新增缺口(米)", "失去覆盖(百分点)", "责任单位"),
        ),
    }  # fmt: skip


def _excerpt(
    sheet: Sheet, words: Words, *, keep: Sequence[str] = (), drop: Sequence[str] = (), most: int | None = None
) -> Sheet:
    heads = [column.head for column in sheet.columns]
    wanted = [words(head) for head in keep] or [head for head in heads if head not in {words(one) for one in drop}]
    places = [heads.index(head) for head in wanted]
    rows = [[row[place] for place in places] for row in sheet.rows[:most]]
    notes = sheet.notes
    if len(rows) < len(sheet.rows):
        notes = (*notes, words("共{n}行，此处列前{most}行，全表见tables.xlsx。", n=len(sheet.rows), most=len(rows)))
    return replace(sheet, columns=tuple(sheet.columns[place] for place in places), rows=rows, notes=notes)
