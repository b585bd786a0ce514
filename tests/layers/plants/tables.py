"""Tables as text: encoding, heads, rows of another length, rows that stand twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter

from tests.layers.plants.county import (
    SITES,
    as_file,
    as_json,
    as_shapefile,
    as_workbook,
    cell,
    edit,
    in_cells,
    in_format,
    in_text,
    lines_of,
    listed,
    plant,
    points_of,
    put,
    rows_of,
)


@plant("encoding_guessed")
def shapefile_in_gbk(folder: Path) -> dict[str, Any]:
    changes = as_shapefile(folder, "GB18030")
    (folder / "streets.cpg").unlink()
    return changes


@plant("encoding_guessed")
def gbk(folder: Path) -> None:
    path = folder / "towns.csv"
    path.write_bytes(path.read_text(encoding="utf-8").encode("gbk"))


@plant("encoding_error")
def damaged_bytes(folder: Path) -> None:
    path = folder / "towns.csv"
    path.write_bytes(path.read_bytes().replace("城中".encode(), b"\xff\xff"))


@plant("encoding_error")
def damaged_json(folder: Path) -> None:
    path = folder / "areas.geojson"
    path.write_bytes(path.read_bytes().replace("老城".encode(), b"\xff\xff"))


@plant("delimiter_guessed")
def semicolons(folder: Path) -> None:
    path = folder / "population.csv"
    put(path, [line.replace(",", ";") for line in lines_of(path)])


@plant("two_header_rows", 2)
def groups_above_heads(folder: Path) -> None:
    path = folder / "population.csv"
    put(path, ["位置,,people,cell_m", "lon,lat,,", *lines_of(path)[1:]])


@plant("unit_row", 2)
def row_of_units(folder: Path) -> None:
    path = folder / "population.csv"
    put(path, [lines_of(path)[0], "（°）,（°）,人,m", *lines_of(path)[1:]])


@plant("unit_row", 2)
def row_of_types(folder: Path) -> None:
    path = folder / "landmarks.csv"
    put(path, [lines_of(path)[0], "字符串,枚举,度,度", *lines_of(path)[1:]])


@plant("columns_unread")
def columns_of_others(folder: Path) -> None:
    path = folder / "sites.csv"
    lines = lines_of(path)
    put(path, [f"{lines[0]},下倾角,site_typ", *(f"{line},3,roof" for line in lines[1:])])


@plant("missing_required_column", 1)
def misspelt_header(folder: Path) -> None:
    edit(folder / "population.csv", "people", "poeple")


@plant("duplicate_column")
def double_header(folder: Path) -> None:
    edit(folder / "population.csv", "people", "lon")


@plant("ambiguous_column")
def two_longitudes(folder: Path) -> None:
    path = folder / "population.csv"
    put(path, [f"{line},{'经度' if i == 0 else '120.1'}" for i, line in enumerate(lines_of(path))])


@plant("invalid_row_length", 5)
def short_row(folder: Path) -> None:
    path = folder / "population.csv"
    lines = lines_of(path)
    lines[4] = lines[4].rsplit(",", 1)[0]
    put(path, lines)


@plant("trailing_delimiter")
def trailing_comma(folder: Path) -> None:
    path = folder / "population.csv"
    lines = lines_of(path)
    put(path, [lines[0], *(f"{line}," for line in lines[1:])])


@plant("unterminated_quote", 3)
def open_quote(folder: Path) -> None:
    cell(folder / "sites.csv", 3, 1, '"站02')


@plant("control_character", 4)
def bell(folder: Path) -> None:
    cell(folder / "sites.csv", 4, 1, "站\x0703")


@plant("whitespace_trimmed")
def blanks(folder: Path) -> None:
    cell(folder / "sites.csv", 3, 1, " 站02 ")


@plant("duplicate_key", 4)
def town_twice(folder: Path) -> None:
    cell(folder / "towns.csv", 4, 0, "T1")


@plant("duplicate_row", 13)
def row_twice(folder: Path) -> None:
    path = folder / "sites.csv"
    put(path, [*lines_of(path), lines_of(path)[4]])


for head in ("站名,站址名称", "名称,基站名称", "name,站点名称"):
    listed("ambiguous_column", None, f"{head},state,band,lon,lat", "甲,乙,open,n41,@1")
for copy in range(3):
    both = {"inputs": {"sites": ["sites.csv", {"file": "sites.csv", "where": {"name": "甲"}}]}}
    listed("rows_in_other_file", 2, SITES, "甲,open,n41,@1", f"乙,open,n41,@{2 + copy}", **both)


@plant("encoding_guessed")
def utf16_without_a_mark(folder: Path) -> dict[str, Any]:
    return in_format(folder, "landmarks", rows_of(folder, "landmarks"), "utf16-big-without-a-mark")


@plant("encoding_error")
def half_a_letter_of_utf16(folder: Path) -> dict[str, Any]:
    changes = in_format(folder, "landmarks", rows_of(folder, "landmarks"), "utf16")
    with (folder / "landmarks.txt").open("ab") as stream:
        stream.write(b"\x00")
    return changes


@plant("delimiter_guessed")
def tabs(folder: Path) -> dict[str, Any]:
    return in_format(folder, "sites", rows_of(folder, "sites"), "tsv")


@plant("delimiter_guessed")
def bars(folder: Path) -> None:
    path = folder / "towns.csv"
    put(path, [line.replace(",", "|") for line in lines_of(path)])


@plant("two_header_rows", 2)
def one_group_for_the_seat(folder: Path) -> None:
    path = folder / "towns.csv"
    put(path, ["town_id,name,kind,people,驻地,", ",,,,seat_lon,seat_lat", *lines_of(path)[1:]])


@plant("two_header_rows", 2)
def group_over_the_coordinates_of_a_workbook(folder: Path) -> dict[str, Any]:
    rows = rows_of(folder, "landmarks")
    rows.loc[-1] = ["", "", "经度", "纬度"]
    rows = rows.sort_index().rename(columns={"lon": "坐标", "lat": ""})
    return in_format(folder, "landmarks", rows, "xlsx")


@plant("unit_row", 2)
def row_of_what_is_required(folder: Path) -> dict[str, Any]:
    rows = rows_of(folder, "sites")
    rows.loc[-1] = ["必填", "选填", "必填", "必填", "MHz", "度", "度"]
    return in_format(folder, "sites", rows.sort_index(), "xlsx")


@plant("columns_unread")
def properties_of_a_map(folder: Path) -> dict[str, Any]:
    points = points_of(folder, "landmarks").assign(电话="0515")
    return as_file(folder, "landmarks", points, "geojson")


@plant("columns_unread")
def remarks_in_a_workbook(folder: Path) -> dict[str, Any]:
    return in_format(folder, "towns", rows_of(folder, "towns").assign(负责人="张三"), "xlsx")


in_text("missing_required_column", 1, "towns.csv", ",people", ",多少")


@plant("missing_required_column")
def sites_without_a_latitude(folder: Path) -> dict[str, Any]:
    return in_format(folder, "sites", rows_of(folder, "sites").drop(columns="lat"), "xlsx")


in_text("duplicate_column", None, "sites.csv", "name,state", "name,name")


@plant("duplicate_column")
def two_names_of_a_workbook(folder: Path) -> dict[str, Any]:
    return as_workbook(folder, lambda opened, _: opened[1].write_string(0, 1, "name"), "landmarks")


in_cells("invalid_row_length", 3, "sites.csv", (3, 1, "站,02"))
in_text("invalid_row_length", 2, "towns.csv", ",urban", "")


@plant("trailing_delimiter")
def trailing_comma_of_the_head_too(folder: Path) -> None:
    path = folder / "sites.csv"
    put(path, [f"{line}," for line in lines_of(path)])


@plant("trailing_delimiter")
def trailing_tab(folder: Path) -> None:
    path = folder / "towns.csv"
    head, *lines = lines_of(path)
    put(path, [head.replace(",", "\t"), *(line.replace(",", "\t") + "\t" for line in lines)])


in_cells("unterminated_quote", 4, "towns.csv", (4, 1, '"东镇'))
in_cells("unterminated_quote", 2, "landmarks.csv", (2, 0, '"县"政府"'))
in_cells("control_character", 3, "towns.csv", (3, 1, "城南\x1b街道"))


@plant("control_character", 1)
def bell_in_json(folder: Path) -> dict[str, Any]:
    return as_json(folder, "landmarks", rows_of(folder, "landmarks").assign(name="县\x07政府"))


in_cells("whitespace_trimmed", None, "towns.csv", (2, 1, "\u3000城中街道"))


@plant("whitespace_trimmed")
def blanks_in_parquet(folder: Path) -> dict[str, Any]:
    rows = rows_of(folder, "landmarks").assign(kind="government ")
    return in_format(folder, "landmarks", rows, "parquet")


ANGLES = [f"n41,{cut},{turn},0" for cut in ("horizontal", "vertical") for turn in (0, 90, 180)]
listed(
    "duplicate_key", 8, "band,cut,angle_deg,loss_db", *ANGLES, "n41,水平,90,3",
    file="antennas.csv", inputs={"antennas": "antennas.csv"},
)  # fmt: skip
listed(
    "duplicate_key", 2, "town_id,name,kind,people", "T1,城中街道,urban,21000",
    file="more.csv", inputs={"towns": ["towns.csv", "more.csv"]},
)  # fmt: skip


@plant("duplicate_row", 5)
def town_listed_again(folder: Path) -> None:
    path = folder / "towns.csv"
    put(path, [*lines_of(path), lines_of(path)[3]])


@plant("duplicate_row", 2)
def object_listed_again(folder: Path) -> dict[str, Any]:
    rows = rows_of(folder, "sites")
    return as_json(folder, "sites", pd.concat([rows[:1], rows]))


@plant("header_row_guessed", 2)
def title_above_the_head(folder: Path) -> None:
    path = folder / "towns.csv"
    put(path, ["玩具县各镇人口,,,,,", *lines_of(path)])


@plant("header_row_guessed", 4)
def notes_above_the_head(folder: Path) -> None:
    path = folder / "sites.csv"
    put(path, ["附件1", "填报单位：移动公司", "", *lines_of(path)])


@plant("header_row_guessed", 2)
def title_over_all_columns_of_a_workbook(folder: Path) -> dict[str, Any]:
    rows = rows_of(folder, "landmarks")
    with xlsxwriter.Workbook(folder / "landmarks.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.merge_range(0, 0, 0, 3, "地标一览表")
        for i, row in enumerate((rows.columns, *rows.to_numpy()), start=1):
            sheet.write_row(i, 0, row)
    return {"inputs": {"landmarks": "landmarks.xlsx"}}


listed(
    "total_rows", 3, "town_id,name,people,kind", "T1,城,5000,town", "合计,,5000,", file="towns.csv"
)
listed("total_rows", 4, f"{SITES},height_m", "甲,open,n41,@1,3", "乙,open,n41,@2,3", "总计：,,,,,6")
listed(
    "total_rows", 3, "lon,lat,people,cell_m", "120.13,33.43,40,200", "Total,,40,",
    file="population.csv",
)  # fmt: skip
