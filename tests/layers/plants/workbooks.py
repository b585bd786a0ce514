"""Workbooks: what is hidden, merged or not worked out."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import openpyxl

from tests import writers
from tests.layers.plants.county import (
    as_workbook,
    in_format,
    lines_of,
    plant,
    replaced,
    rows_of,
)


@plant("table_too_large")
def sparse_sheet(folder: Path) -> dict[str, Any]:
    return as_workbook(folder, lambda opened, _: opened[1].write_string(1_048_575, 16_383, "x"))


@plant("encrypted_workbook")
def encrypted(folder: Path) -> dict[str, Any]:
    (folder / "sites.xlsx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000)
    return {"inputs": {"sites": "sites.xlsx"}}


@plant("multiple_sheets")
def two_sheets(folder: Path) -> dict[str, Any]:
    return as_workbook(
        folder, lambda opened, _: opened[0].add_worksheet("备注").write_string(0, 0, "x")
    )


@plant("multiple_sheets")
def two_phases(folder: Path) -> dict[str, Any]:
    def write(opened: Any, rows: list[list[str]]) -> None:
        sheet = opened[0].add_worksheet("二期")
        for j, text in enumerate(rows[0]):
            sheet.write_string(0, j, text)

    return as_workbook(folder, write)


@plant("hidden_sheet")
def table_out_of_sight(folder: Path) -> dict[str, Any]:
    def write(opened: Any, _: list[list[str]]) -> None:
        book, sheet = opened
        shown = book.add_worksheet("说明")
        shown.write_string(0, 0, "本表为测试")
        shown.activate()
        shown.set_first_sheet()
        sheet.hide()

    return as_workbook(folder, write)


@plant("hidden_rows", 3)
def rows_out_of_sight(folder: Path) -> dict[str, Any]:
    return as_workbook(folder, lambda opened, _: opened[1].set_row(2, None, None, {"hidden": 1}))


@plant("formula_without_value")
def formulas_nobody_worked_out(folder: Path) -> dict[str, Any]:
    rows = [line.split(",") for line in lines_of(folder / "sites.csv")]
    book = openpyxl.Workbook()
    for row in (["height_m", *rows[0]], *(["=30+3", *row] for row in rows[1:])):
        book.active.append(row)
    book.save(folder / "sites.xlsx")
    return {"inputs": {"sites": "sites.xlsx"}}


@plant("merged_cells", 3)
def one_name_for_two_rows(folder: Path) -> dict[str, Any]:
    def write(opened: Any, _: list[list[str]]) -> None:
        opened[1].merge_range(1, 1, 2, 1, "站01")
        opened[1].write_string(2, 1, "")

    return as_workbook(folder, write)


@plant("leading_zero_lost")
def numeric_ids(folder: Path) -> dict[str, Any]:
    def write(opened: Any, rows: list[list[str]]) -> None:
        for i in range(1, len(rows)):
            opened[1].write_number(i, 0, 320902000 + i)

    return as_workbook(folder, write)


@plant("table_too_large")
def rows_repeated(folder: Path) -> dict[str, Any]:
    rows = (
        '<table:table-row table:number-rows-repeated="1000000"><table:table-cell '
        'table:number-columns-repeated="100"><text:p>x</text:p></table:table-cell>'
        "</table:table-row>"
    )
    in_format(folder, "sites", rows_of(folder, "sites"), "ods")
    with zipfile.ZipFile(folder / "sites.ods", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("content.xml", writers.ods_content(rows))
    return {"inputs": {"sites": "sites.ods"}}


@plant("table_too_large")
def objects_without_a_common_head(folder: Path) -> dict[str, Any]:
    return as_objects(folder, [{f"列{i}": 1} for i in range(3000)])


def as_objects(folder: Path, objects: list[dict[str, int]]) -> dict[str, Any]:
    (folder / "sites.json").write_text(json.dumps(objects), encoding="utf-8")
    return {"inputs": {"sites": "sites.json"}}


@plant("encrypted_workbook")
def sheet_of_noise(folder: Path) -> dict[str, Any]:
    changes = as_workbook(folder, lambda *_: None)
    replaced(folder / "sites.xlsx", "xl/worksheets/sheet1.xml", b"\0\1\2\3" * 100)
    return changes


@plant("encrypted_workbook")
def open_document_of_noise(folder: Path) -> dict[str, Any]:
    changes = in_format(folder, "towns", rows_of(folder, "towns"), "ods")
    replaced(folder / "towns.ods", "content.xml", b"\x8a\x01" * 100)
    return changes


@plant("multiple_sheets")
def notes_before_the_towns(folder: Path) -> dict[str, Any]:
    def write(opened: Any, rows: list[list[str]]) -> None:
        notes = opened[0].add_worksheet("填表说明")
        notes.write_string(0, 0, "人口为常住人口")

    return as_workbook(folder, write, "towns")


@plant("hidden_sheet")
def only_sheet_with_the_columns(folder: Path) -> dict[str, Any]:
    return under_a_shown_sheet(folder, "population", "hide")


@plant("hidden_sheet")
def very_hidden(folder: Path) -> dict[str, Any]:
    return under_a_shown_sheet(folder, "towns", "very_hidden")


def under_a_shown_sheet(folder: Path, part: str, how: str) -> dict[str, Any]:
    def write(opened: Any, _: list[list[str]]) -> None:
        book, sheet = opened
        book.add_worksheet("封面").write_string(0, 0, "封面")
        book.get_worksheet_by_name("封面").activate()
        getattr(sheet, how)()

    return as_workbook(folder, write, part)


@plant("hidden_rows", 5)
def squares_filtered_out(folder: Path) -> dict[str, Any]:
    def write(opened: Any, rows: list[list[str]]) -> None:
        opened[1].autofilter(0, 0, len(rows) - 1, len(rows[0]) - 1)
        for row in (4, 5, 9):
            opened[1].set_row(row, None, None, {"hidden": True})

    return as_workbook(folder, write, "population")


@plant("hidden_rows", 4)
def last_town_folded_away(folder: Path) -> dict[str, Any]:
    row = {"hidden": True, "level": 1}
    return as_workbook(folder, lambda opened, _: opened[1].set_row(3, None, None, row), "towns")


@plant("formula_without_value")
def one_formula_among_names(folder: Path) -> dict[str, Any]:
    return with_formula(folder, "landmarks", {"kind": '=IF(1,"government","")'})


@plant("formula_without_value")
def codes_by_formula(folder: Path) -> dict[str, Any]:
    return with_formula(folder, "towns", {"town_id": '="T"&ROW()'})


def with_formula(folder: Path, part: str, formulas: dict[str, str]) -> dict[str, Any]:
    """A table with formulas in columns, as a program writes them that works none of them out."""
    rows = rows_of(folder, part).assign(**formulas)
    book = openpyxl.Workbook()
    for row in (list(rows.columns), *rows.to_numpy().tolist()):
        book.active.append(row)
    book.save(folder / f"{part}.xlsx")
    return {"inputs": {part: f"{part}.xlsx"}}


@plant("merged_cells", 6)
def one_state_for_three_rows(folder: Path) -> dict[str, Any]:
    return with_merged(folder, "sites", (4, 2, 6, 2), "open")


@plant("merged_cells", 3)
def one_kind_for_two_towns(folder: Path) -> dict[str, Any]:
    return with_merged(folder, "towns", (1, 2, 2, 2), "urban")


def with_merged(
    folder: Path, part: str, cells: tuple[int, int, int, int], text: str
) -> dict[str, Any]:
    def write(opened: Any, _: list[list[str]]) -> None:
        top, column, bottom, _ = cells
        opened[1].merge_range(*cells, text)
        for row in range(top + 1, bottom + 1):
            opened[1].write_string(row, column, "")

    return as_workbook(folder, write, part)


@plant("leading_zero_lost")
def numeric_codes_of_towns(folder: Path) -> dict[str, Any]:
    def write(opened: Any, rows: list[list[str]]) -> None:
        for i in range(1, len(rows)):
            opened[1].write_number(i, 0, 320902100 + i)

    return as_workbook(folder, write, "towns")


@plant("leading_zero_lost")
def numeric_numbers_of_stations(folder: Path) -> dict[str, Any]:
    def write(opened: Any, rows: list[list[str]]) -> None:
        opened[1].write_string(0, 0, "基站号")
        for i in range(1, len(rows)):
            opened[1].write_number(i, 0, 7000 + i)

    return as_workbook(folder, write)
