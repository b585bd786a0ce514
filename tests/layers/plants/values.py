"""What a cell holds: numbers, words, days."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path
from typing import Any

from tests import writers
from tests.layers.plants.county import (
    SITES,
    as_file,
    as_workbook,
    candidates,
    cell,
    edit,
    in_cells,
    in_format,
    in_text,
    lines_of,
    listed,
    plant,
    put,
    replaced,
    rows_of,
    shapes_of,
)
from tests.toy import PEOPLE


@plant("fullwidth_normalised")
def fullwidth(folder: Path) -> None:
    cell(folder / "population.csv", 3, 2, "２５０")


@plant("number_read")
def suffix_of_ten_thousand(folder: Path) -> None:
    cell(folder / "towns.csv", 2, 3, "2.2万人")


@plant("number_read")
def thousands_parted(folder: Path) -> None:
    cell(folder / "towns.csv", 2, 3, '"22,000"')


@plant("number_read")
def unit_in_the_head(folder: Path) -> None:
    path = folder / "population.csv"
    lines = lines_of(path)
    rows = [line.split(",") for line in lines[1:]]
    texts = [",".join((*row[:2], f"{int(row[2]) / 10000:g}", row[3])) for row in rows]
    put(path, [lines[0].replace("people", "人口（万人）"), *texts])


@plant("number_read")
def decimal_commas(folder: Path) -> None:
    path = folder / "population.csv"
    put(path, [line.replace(",", ";").replace(".", ",") for line in lines_of(path)])


@plant("scientific_notation_id", 3)
def rounded_id(folder: Path) -> None:
    cell(folder / "sites.csv", 3, 0, "3.20902E+17")


@plant("excel_error_value", 4)
def broken_formula(folder: Path) -> None:
    cell(folder / "sites.csv", 4, 5, "#REF!")


@plant("missing_value", 3)
def no_state(folder: Path) -> None:
    cell(folder / "sites.csv", 3, 2, "")


@plant("missing_value", 2)
def no_band_of_two(folder: Path) -> None:
    cell(folder / "sites.csv", 2, 4, "")


@plant("invalid_number", 3)
def decimal_comma(folder: Path) -> None:
    cell(folder / "population.csv", 3, 0, '"120,13"')


@plant("invalid_number", 3)
def not_a_number(folder: Path) -> None:
    cell(folder / "population.csv", 3, 2, "nan")


@plant("dms_parsed")
def degrees_minutes_seconds(folder: Path) -> None:
    put(folder / "landmarks.csv", ["name,kind,lon,lat", "县政府,government,120°8′0.5″,33°25'52\""])


@plant("enum_unknown", 3)
def misspelt_state(folder: Path) -> None:
    cell(folder / "sites.csv", 3, 2, "opne")


@plant("enum_unknown", 3)
def misspelt_network(folder: Path) -> None:
    cell(folder / "sites.csv", 3, 3, "telecom")


@plant("enum_unknown", 3)
def misspelt_band(folder: Path) -> None:
    cell(folder / "sites.csv", 3, 4, "n87")


@plant("enum_unknown", 3)
def misspelt_kind(folder: Path) -> None:
    edit(folder / "areas.geojson", "industrial_park", "industrial_prak")


@plant("kind_unused")
def arterial(folder: Path) -> None:
    """The county's ring road belongs to no layer."""


@plant("value_out_of_range", 3)
def negative_people(folder: Path) -> None:
    cell(folder / "population.csv", 3, 2, "-99999")


@plant("value_out_of_range", 3)
def endless_people(folder: Path) -> None:
    cell(folder / "population.csv", 3, 2, "1e999")


for unknown in ("-999", "9999", "无"):
    listed("sentinel_value", 2, f"{SITES},height_m", f"甲,open,n41,@1,{unknown}")
for head in ("开通日期", "入网时间", "open_date"):
    listed("state_by_date", None, f"name,band,lon,lat,{head}", "甲,n41,@1,2020-01-01")
    listed("date_invalid", 3, f"name,band,lon,lat,{head}", "甲,n41,@1,20200101", "乙,n41,@2,前年")
for head in ("name,band", "站名,频段", "基站名称,工作频段"):
    listed("missing_value", None, f"{head},lon,lat", "甲,n41,@1")
for name in ("城中街道", "三里镇", "东乡"):
    listed("town_kind_by_name", None, "name,people", f"{name},900", file="towns.csv")
for people in ("5", "50", "500"):
    squares = (f"@1,{people}", f"@2,{people}")
    listed("cell_m_by_distance", None, "lon,lat,people", *squares, file="population.csv")
listed("cell_m_by_distance", None, "lon,lat,people", "@1,5", "@1,5", file="population.csv")
listed(
    "duplicate_location", 4, "lon,lat,people,cell_m", "@1,5,9", "@2,5,9", "@1,6,9",
    file="population.csv",
)  # fmt: skip


in_cells("fullwidth_normalised", None, "towns.csv", (3, 3, "５０００"))
listed(
    "fullwidth_normalised",
    None,
    f"{SITES},方位角",
    "甲,open,n41,@1,０／１２０／２４０",
)
in_cells("scientific_notation_id", 4, "towns.csv", (4, 0, "3.20902E+08"))
candidates("scientific_notation_id", 2, "site_id,site_type,lon,lat", "4.6E+14,roof,@1")
in_cells("excel_error_value", 3, "population.csv", (3, 2, "#N/A"))
in_cells("excel_error_value", 2, "towns.csv", (2, 0, "#REF!"))
in_cells("missing_value", 3, "towns.csv", (3, 1, ""))


@plant("excel_error_value", 2)
def division_by_zero_in_a_workbook(folder: Path) -> dict[str, Any]:
    return as_workbook(
        folder, lambda opened, _: opened[1].write_formula(1, 3, "=1/0", None, "#DIV/0!"), "towns"
    )


@plant("excel_error_value", 3)
def state_that_was_looked_up_in_vain(folder: Path) -> dict[str, Any]:
    return as_workbook(
        folder, lambda opened, _: opened[1].write_formula(2, 2, "=VLOOKUP(1,A:A,1,0)", None, "#N/A")
    )


@plant("excel_error_value", 2)
def error_in_a_binary_workbook(folder: Path) -> dict[str, Any]:
    changes = in_format(folder, "towns", rows_of(folder, "towns"), "xlsb")
    at = struct.pack("<II", 3, 0)
    number = writers.record(5, at + struct.pack("<d", PEOPLE["T1"]))
    path, member = folder / "towns.xlsb", "xl/worksheets/sheet1.bin"
    with zipfile.ZipFile(path) as archive:
        data = archive.read(member)
    assert number in data
    replaced(path, member, data.replace(number, writers.record(3, at + b"\x07"), 1))
    return changes


@plant("excel_error_value", 2)
def error_in_an_open_document(folder: Path) -> dict[str, Any]:
    changes = in_format(folder, "towns", rows_of(folder, "towns"), "ods")
    with zipfile.ZipFile(folder / "towns.ods") as archive:
        text = archive.read("content.xml").decode()
    number = f'office:value-type="float" office:value="{PEOPLE["T1"]:.1f}"'
    assert number in text
    error = (
        'table:formula="of:=1/0" office:value-type="string" office:string-value="" '
        'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0" '
        'calcext:value-type="error"'
    )
    text = text.replace(number, error, 1).replace(
        f"<text:p>{PEOPLE['T1']:.1f}<", "<text:p>#DIV/0!<"
    )
    replaced(folder / "towns.ods", "content.xml", text.encode())
    return changes


listed("invalid_number", 2, "name,people", "城中街道,约两万", file="towns.csv")
in_cells("value_out_of_range", 3, "towns.csv", (3, 3, "-5"))
listed("dms_parsed", None, SITES, "甲,open,n41,E120°8′0.5″,N33°25′12.3″")
in_cells("dms_parsed", None, "towns.csv", (4, 4, "120度10分15秒"), (4, 5, "33度24分55秒"))
in_text("kind_unused", None, "areas.geojson", "scenic", "reservoir")


@plant("kind_unused")
def roads_of_another_catalogue(folder: Path) -> dict[str, Any]:
    roads = shapes_of(folder, "roads")
    return as_file(folder, "roads", roads.assign(kind=["trunk", "trunk", "县道"]), "gpkg")


@plant("people_out_of_proportion")
def people_tenfold(folder: Path) -> None:
    rows = rows_of(folder, "population")
    rows.assign(people=rows["people"] + "0").to_csv(folder / "population.csv", index=False)


@plant("people_out_of_proportion")
def tens_of_thousands_without_a_word(folder: Path) -> dict[str, Any]:
    rows = rows_of(folder, "population")
    people = [f"{int(count) / 10_000:g}" for count in rows["people"]]
    return in_format(folder, "population", rows.assign(people=people), "xlsx")


listed("people_out_of_proportion", None, "name,people", "城中街道,310万", file="towns.csv")

FEET = ("98.4", "114.8", "131.2", "82", "65.6", "98.4")
FEET_ROWS = [f"站{i},open,n41,@{i},{height}" for i, height in enumerate(FEET)]
listed("unit_suspected", None, f"{SITES},height_m", *FEET_ROWS)
listed("unit_suspected", None, f"{SITES},天线挂高", *FEET_ROWS[1:])
candidates(
    "unit_suspected", None, "site_id,lon,lat,站高",
    *(f"C{i},@{i},{height}" for i, height in enumerate(FEET)),
)  # fmt: skip
