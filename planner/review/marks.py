"""Marks of the review page, JSON."""

from __future__ import annotations

import json
import math
from typing import Any, Final

import numpy as np

from planner.layers import places
from planner.layers.files import Source
from planner.layers.findings import Findings
from planner.layers.places import District
from planner.review.statements import Statement
from planner.review.texts import DEGREE_PLACES, clean
from planner.review.whose import name_other_plans

FORMAT: Final = "planner-review"
VERDICTS: Final = {"accept": "accept", "object": "refuse", "propose": "", "comment": ""}
"""What each kind of mark decides."""
MAX_BYTES: Final = 20_000_000
CORNERS: Final = (3, 200)
"""How many corners the ring of a comment on an area may have."""
MAX_LATITUDE: Final = 86.0
"""Of the page's map, which is in Web Mercator."""
_LONGEST: Final = {"id": 200, "station_id": 200, "reason": 200, "note": 2000, "reviewer": 100}
_SHOWN: Final = 80  # characters of a bad value in a notice


def read_marks(
    source: Source, district: District, plan_key: str, findings: Findings
) -> list[Statement] | None:
    """Statements of a file of marks, None when it is none; what cannot be used is a finding.

    Marks to another plan than that of ``plan_key``, where one is given, are used and named.
    """
    marks = _marks(source, findings)
    if marks is None:
        return None
    plans = (mark.get("plan") for mark in marks if isinstance(mark, dict))
    name_other_plans(plans, plan_key, source.name, findings)

    statements = []
    for number, mark in enumerate(marks, start=1):
        fault = _mark_fault(mark, district)
        if fault:
            where: dict[str, Any] = {"file": source.name, "line": number, "column": "marks"}
            findings.add("mark_unusable", **where, number=number, reason=fault)
        else:
            statements.append(_statement(mark, source.name, number, district, findings))
    return statements


def _marks(source: Source, findings: Findings) -> list[Any] | None:
    """The marks of a file; None, with a finding, when it is no file of marks."""
    tree: Any = None
    fault = ""
    try:
        if source.path.stat().st_size > MAX_BYTES:
            fault = f"> {MAX_BYTES} bytes"
        else:
            tree = json.loads(source.path.read_bytes().decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        fault = str(error)[:_SHOWN]

    fault = fault or _tree_fault(tree)
    if fault:
        findings.add("marks_unreadable", file=source.name, reason=fault)
        return None
    return list(tree["marks"])


def _tree_fault(tree: Any) -> str:
    """What is wrong with the head of a file of marks; empty when it can be used."""
    if not isinstance(tree, dict) or tree.get("format") != FORMAT or tree.get("version") != 1:
        return f"format = {FORMAT}, version = 1?"
    if tree.get("datum") != "WGS-84" or not isinstance(tree.get("marks"), list):
        return "datum = WGS-84, marks = [...]?"
    return ""


def _mark_fault(mark: Any, district: District) -> str:
    """What is wrong with a mark; empty when it can be used."""
    if not isinstance(mark, dict):
        return "{...}?"
    if not isinstance(mark.get("kind"), str) or mark["kind"] not in VERDICTS:
        return f"kind: {', '.join(VERDICTS)}?"
    for name, longest in _LONGEST.items():
        if not isinstance(mark.get(name), str) or len(mark[name]) > longest:
            return f"{name}?"
    if not _is_place(mark.get("lon"), mark.get("lat")):
        return "lon, lat?"
    if mark["kind"] == "propose" and not _is_inside(mark["lon"], mark["lat"], district):
        return "在区界外 outside the district"
    return ""


def _is_place(lon: Any, lat: Any) -> bool:
    """Whether two values of a file are degrees that the page's map can show."""
    are_numbers = all(isinstance(v, int | float) and not isinstance(v, bool) for v in (lon, lat))
    return are_numbers and abs(lon) <= 180 and abs(lat) < MAX_LATITUDE


def _is_inside(lon: float, lat: float, district: District) -> bool:
    import shapely

    x, y = places.to_work(np.array([float(lon)]), np.array([float(lat)]), district.work_crs)
    return bool(shapely.intersects_xy(district.polygon, x[0], y[0]))


def _statement(
    mark: dict[str, Any], file: str, number: int, district: District, findings: Findings
) -> Statement:
    """What a sound mark says; only a proposal names a place, the others stand beside theirs."""
    lon, lat = (round(float(mark[axis]), DEGREE_PLACES) for axis in ("lon", "lat"))
    is_proposal = mark["kind"] == "propose"
    return Statement(
        file=file,
        line=number,
        reviewer=clean(mark["reviewer"]),
        kind=mark["kind"],
        station_id=clean(mark["station_id"]),
        verdict=VERDICTS[mark["kind"]],
        lon=lon if is_proposal else math.nan,
        lat=lat if is_proposal else math.nan,
        reason=clean(mark["reason"]),
        note=clean(mark["note"]),
        mark_lon=lon,
        mark_lat=lat,
        area=_area(mark, file, number, district, findings),
    )


def _area(
    mark: dict[str, Any], file: str, number: int, district: District, findings: Findings
) -> str:
    """The ring of a mark as WKT; empty without one, and with a finding when it cannot be used."""
    ring = mark.get("area")
    if ring is None:
        return ""

    fault = "comment?" if mark["kind"] != "comment" else _ring_fault(ring, district)
    if fault:
        where: dict[str, Any] = {
            "file": file,
            "line": number,
            "column": "area",
            "value": _shown(ring),
        }
        findings.add("mark_area_unusable", **where, number=number, reason=fault)
        return ""

    corners = [" ".join(f"{degrees:.{DEGREE_PLACES}f}" for degrees in corner) for corner in ring]
    return f"POLYGON (({', '.join([*corners, corners[0]])}))"


def _ring_fault(ring: Any, district: District) -> str:
    """What is wrong with a ring of corners [lon, lat]; empty when it can be used."""
    import shapely

    if not isinstance(ring, list) or not CORNERS[0] <= len(ring) <= CORNERS[1]:
        return f"角点数 corners: {CORNERS[0]}–{CORNERS[1]}?"
    for corner in ring:
        if not isinstance(corner, list) or len(corner) != 2 or not _is_place(*corner):
            return "[lon, lat]?"

    corners = [tuple(round(float(degrees), DEGREE_PLACES) for degrees in corner) for corner in ring]
    if len(set(corners)) < len(corners):
        return "角点重复 a corner comes twice"
    polygon = shapely.Polygon(corners)
    if not polygon.is_valid or not polygon.area > 0:
        return "边界自交 the boundary crosses itself"

    lon, lat = np.array(corners).T
    x, y = places.to_work(lon, lat, district.work_crs)
    return "" if np.isfinite([x, y]).all() else "经纬度超出范围 out of range"


def _shown(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False)[:_SHOWN]
    except RecursionError:
        return "[[[…"
