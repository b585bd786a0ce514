"""Tests of the workbooks."""

from __future__ import annotations

import io
import math

import openpyxl
import pytest

from planner import sheets
from planner.sheets import Column, Sheet, workbook_bytes

COLUMNS = (
    Column("名称"), Column("序号", "integer"), Column("高度", "number"), Column("经度", "degrees"),
    Column("方位角", "mixed"), Column("说明", widest=12, group="其他"),
)  # fmt: skip
TEXTS = ("<甲&乙>", "_x0041_ 站", " 前后有空格 ", "=1+1", "0012", "很长的说明" * 9, None, "a\nb")


def decoded(value: object) -> object:
    """A value without the mark of a bare underscore, which openpyxl leaves in texts of a cell."""
    return value.replace("_x005F_", "_") if isinstance(value, str) else value


def test_a_long_sheet_reads_as_one_written_cell_by_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    """Texts, numbers, empty cells, looks, heights of rows: nothing tells the two apart."""
    rows = [
        (TEXTS[i % 8], i, math.nan if i % 5 == 1 else i / 7, 120 + i / 3e6, i % 360, TEXTS[-i % 8])
        for i in range(sheets.LONG + 20)
    ]
    sheet = Sheet("清单", COLUMNS, rows, title="题")
    fast = workbook_bytes([sheet, Sheet("短", COLUMNS, rows[:3])], created="2020-09-30", title="x")
    monkeypatch.setattr(sheets, "LONG", len(rows) + 1)
    slow = workbook_bytes([sheet, Sheet("短", COLUMNS, rows[:3])], created="2020-09-30", title="x")
    assert fast != slow

    pair = [openpyxl.load_workbook(io.BytesIO(data)) for data in (fast, slow)]
    for tabs in zip(*pair, strict=True):
        cells = [
            [(c.coordinate, decoded(c.value), c.data_type, c.style_id) for row in tab for c in row]
            for tab in tabs
        ]
        assert cells[0] == cells[1]
        heights = [{n: row.height for n, row in tab.row_dimensions.items()} for tab in tabs]
        assert heights[0] == heights[1]
        assert tabs[0].dimensions == tabs[1].dimensions


def test_rows_of_other_looks_are_written_cell_by_cell() -> None:
    """Totals, notes and columns of several kinds are not in the image of the first row."""
    rows = [(i if i % 2 else "无",) for i in range(sheets.LONG)]
    assert not Sheet("表", (Column("值", "mixed"),), rows).is_uniform
    assert not Sheet("表", (Column("值"),), rows, totals=frozenset({3})).is_uniform
    assert Sheet("表", (Column("值"),), rows).is_uniform
