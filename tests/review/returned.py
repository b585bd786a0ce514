"""Answers as reviewers send them back: rows of a list, marks of the page, statements."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pandas as pd

from planner import fields as F
from planner.review import Statement

HEADS = (
    "规划编号", "站址编码", "所处阶段", "所处状态", "需求经度", "需求纬度", "经度", "纬度",
    "经纬度偏移距离(米)", "约定交付时间", "交付确认时间", "备注", "审核状态", "不通过原因",
    "开通日期", "镇（街道）",
)  # fmt: skip
EMPTY_MARK = {
    "station_id": "", "lon": 120.13, "lat": 33.43, "reason": "", "note": "", "reviewer": "评审甲",
    "plan": "", "count": 20,
}  # fmt: skip
MARKS_HEAD = {
    "format": "planner-review", "version": 1, "plan": "x", "plan_name": "toy", "datum": "WGS-84",
}  # fmt: skip
PASS, FAIL = "站址筛查通过", "选址困难，提变更"
EAST = 1 / 93_030  # degrees of one metre east in the county


def row(station: Any = "", **cells: Any) -> dict[str, Any]:
    return {"规划编号": station, **cells}


def write_list(path: Path, *rows: dict[str, Any]) -> Path:
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, HEADS)
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_marks(path: Path, *marks: dict[str, Any]) -> Path:
    filled = [{"id": f"甲#{i}", **EMPTY_MARK, **mark} for i, mark in enumerate(marks, start=1)]
    tree = {**MARKS_HEAD, "marks": filled}
    path.write_text(json.dumps(tree, ensure_ascii=False), encoding="utf-8")
    return path


def place(ranked: pd.DataFrame, rank: int, east_m: float = 0.0) -> dict[str, float]:
    """Cells with the place of the station of a rank, so many metres to the east."""
    station = ranked.loc[rank]
    lon, lat = float(station[F.LON]) + east_m * EAST, float(station[F.LAT])
    return {"经度": round(lon, 6), "纬度": round(lat, 6)}


def statement(station: str = "", **values: Any) -> Statement:
    """A row of a list as it was read."""
    told = {"file": "f.csv", "line": 2, "reviewer": "", "kind": "row", "station_id": station}
    return Statement(**{**told, **values})
