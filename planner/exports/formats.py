"""CSV and GeoJSON of a list in memory, and the reading back of all three formats."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any, Final

import pandas as pd

from planner.crs import Datum
from planner.exports.rows import DATUM_LABELS
from planner.sheets import Column, Sheet, clean_text, kind_of, shown_text

# A text that begins so may run as a formula where a CSV is opened by a spreadsheet; full-width forms are folded there.
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_DATUM_NOTES: Final = {
    "wgs84": "坐标为WGS-84经纬度",
    "cgcs2000": "坐标为CGCS2000（EPSG:4490）经纬度",
    "gcj02": "坐标为GCJ-02经纬度，不是WGS-84，按公开算法换算，叠加到WGS-84底图会偏移数百米",
    "bd09": "坐标为BD-09经纬度，不是WGS-84，按公开算法换算，叠加到WGS-84底图会偏移一千余米",
}
# RFC 7946 knows WGS-84 only. The older `crs` member keeps GDAL and QGIS from taking the other datums for it: GCJ-02
# and BD-09 have no EPSG code, so they are named as local systems that nothing is laid over by mistake.
_CRS: Final = {
    "cgcs2000": "urn:ogc:def:crs:EPSG::4490",
    "gcj02": 'LOCAL_CS["GCJ-02",UNIT["degree",0.0174532925199433]]',
    "bd09": 'LOCAL_CS["BD-09",UNIT["degree",0.0174532925199433]]',
}


def csv_bytes(sheet: Sheet) -> bytes:
    """A sheet as CSV in UTF-8 with the mark that Excel needs; texts that look like formulas get a leading '."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    if sheet.header_rows == 2:
        groups = [column.group for column in sheet.columns]
        writer.writerow([group if j == 0 or groups[j - 1] != group else "" for j, group in enumerate(groups)])
    writer.writerow([neutral_text(column.head) for column in sheet.columns])
    for row in sheet.rows:
        writer.writerow([_csv_cell(value, column) for value, column in zip(row, sheet.columns, strict=True)])
    return out.getvalue().encode("utf-8-sig")


def neutral_text(value: object) -> str:
    """Text that no spreadsheet evaluates when it opens a CSV."""
    text = clean_text(value)
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _csv_cell(value: Any, column: Column) -> str:
    shown = shown_text(value, column)
    return neutral_text(shown) if kind_of(value, column) == "text" else shown


def geojson_bytes(sheet: Sheet, rows: pd.DataFrame, datum: Datum, title: str, *, synthetic: bool) -> bytes:
    """A list as a GeoJSON collection of points that says its datum."""
    heads = [column.head for column in sheet.columns]
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [lon, lat]},
            "properties": dict(zip(heads, map(_plain, values), strict=True)),
        }
        for lon, lat, values in zip(rows["lon"].tolist(), rows["lat"].tolist(), sheet.rows, strict=True)
    ]
    collection: dict[str, Any] = {
        "type": "FeatureCollection",
        "name": clean_text(title),
        "datum": DATUM_LABELS[datum],
        "note": _DATUM_NOTES[datum],
        "data_nature": "合成数据" if synthetic else "规划结果",
    }
    if datum in _CRS:
        collection["crs"] = {"type": "name", "properties": {"name": _CRS[datum]}}
    text = json.dumps(collection | {"features": features}, ensure_ascii=False, allow_nan=False)
    return text.encode()


def _plain(value: Any) -> Any:
    return clean_text(value) if isinstance(value, str) else value


def read_ids(path: Path, head: str) -> list[str]:
    """The 规划编号 of a written list, row by row."""
    match path.suffix:
        case ".geojson":
            features = json.loads(path.read_text(encoding="utf-8"))["features"]
            table = [[head], *([str(f["properties"].get(head, ""))] for f in features)]
        case ".csv":
            with path.open(encoding="utf-8-sig", newline="") as file:
                table = list(csv.reader(file))
        case _:
            from python_calamine import CalamineWorkbook

            sheet = CalamineWorkbook.from_path(str(path)).get_sheet_by_name("站址清单")
            cells = sheet.to_python(skip_empty_area=False)
            table = [[str(cell) for cell in row] for row in cells]
    return _column(table, head)


def _column(table: list[list[str]], head: str) -> list[str]:
    """Cells below the header row; that is the second row where the first one holds groups."""
    start = next(i for i, row in enumerate(table[:2]) if head in row)
    place = table[start].index(head)
    return [row[place] for row in table[start + 1 :]]
