"""What comes back from reviewers: marks of the page (JSON) and lists of carriers and the tower company (CSV, XLSX)."""

from __future__ import annotations

import datetime as dt
import json
import math
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from planner.crs import Datum, convert, detect_datum, project
from planner.errors import Notice
from planner.fields import WGS84
from planner.layers import places
from planner.layers.aliases import VALUES
from planner.layers.files import TABLES, Source, open_source
from planner.layers.findings import Findings
from planner.layers.notices import NOTICES, RETURNED
from planner.layers.places import District, FloatArray
from planner.layers.tables import Table, nearest, numbers, read_table
from planner.model import Layers
from planner.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

MARK_FORMAT: Final = "planner-review"
MARK_KINDS: Final = {"accept": "accept", "object": "refuse", "propose": "", "comment": ""}
MAX_MARKS_BYTES: Final = 20_000_000
CORNERS: Final = (3, 200)  # of the ring of a comment on an area
MAX_LATITUDE: Final = 86.0  # of the page's map
DEGREE_PLACES: Final = 6
DATES: Final = ("opened_on", "due_on", "delivered_on")
TEXTS: Final = ("station_id", "town", "reason", "note")
COLUMNS: Final = (
    "file", "line", "reviewer", "kind", "station_id", "town", "verdict", "is_open", "lon", "lat",
    "demand_lon",
    "demand_lat", "offset_m", *DATES, "reason", "note", "mark_lon", "mark_lat", "area",
)  # fmt: skip
_LIST_FIELDS: Final = (
    "town", "verdict", "status", "reason", "note", "reviewer", "datum", "lon", "lat", "demand_lon",
    "demand_lat",
    "offset_m", *DATES,
)  # fmt: skip
_DATE: Final = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?(?: 0?0:00(?::00)?)?")
_LONGEST: Final = {"id": 200, "station_id": 200, "reason": 200, "note": 2000, "reviewer": 100}


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What the files say, row by row.

    Attributes
    ----------
    rows
        Columns :data:`COLUMNS`. ``kind`` is ``row`` of a list or the kind of a mark; ``verdict``
        accept, refuse, wait or empty; ``is_open`` whether the row says the station is on air;
        places are WGS-84, six decimals, NaN where none is told; dates are ``YYYY-MM-DD`` or empty.
        ``mark_lon, mark_lat`` is where a mark stands, and ``area`` the ring of a comment on an area
        as WKT in WGS-84, else empty. A row that cannot be used is not in it, but in ``notices``.
    files
        ``(name, sha256)`` of each file that was read, sorted.
    notices
        Findings, errors included.
    """

    rows: pd.DataFrame
    files: tuple[tuple[str, str], ...]
    notices: tuple[Notice, ...]


def read_answers(
    paths: Iterable[str | Path],
    scenario: Scenario,
    layers: Layers,
    *,
    known: frozenset[str] = frozenset(),
) -> Answers:
    """Read marks and returned lists; nothing is raised for what they hold.

    Parameters
    ----------
    paths
        Files, in any order: the result does not depend on it.
    scenario, layers
        Of the plan: the district, and the datum of files that do not tell their own.
    known
        SHA-256 of files that were read for an earlier version; they are passed over.
    """
    import pandas as pd

    findings, district = Findings(NOTICES | RETURNED), _district(layers, scenario)
    sources = [_open(Path(path), findings) for path in paths]
    seen, parts, files = set(known), [], []
    for source in sorted(
        (one for one in sources if one is not None), key=lambda one: (one.name, one.sha256)
    ):
        if source.sha256 in seen:
            findings.add("file_read_before", file=source.name)
            continue
        seen.add(source.sha256)
        files.append((source.name, source.sha256))
        read = _read_marks if source.format == "geojson" else _read_list
        parts.append(read(source, scenario, district, findings))
    rows = pd.DataFrame([row for part in parts for row in part], columns=list(COLUMNS))
    return Answers(rows, tuple(files), findings.notices)


def _open(path: Path, findings: Findings) -> Source | None:
    return open_source(path.parent, path.name, {**TABLES, "geojson": (".json",)}, findings)


def _district(layers: Layers, scenario: Scenario) -> District:
    """The boundary as the readers take it: its frame in degrees."""
    import shapely

    polygon = layers.boundary.geometry.iloc[0]
    shapely.prepare(polygon)
    xy = shapely.get_coordinates(polygon)
    lon, lat = project(xy[:, 0], xy[:, 1], scenario.district.work_crs, WGS84)
    return District(
        polygon, (lon.min(), lat.min(), lon.max(), lat.max()), scenario.district.work_crs
    )


# marks of the page


def _read_marks(
    source: Source, _scenario: Scenario, district: District, findings: Findings
) -> list[dict[str, Any]]:
    marks = _marks(source, findings)
    rows: list[dict[str, Any]] = []
    for number, mark in enumerate(marks, start=1):
        reason = _mark_fault(mark, district)
        if reason:
            findings.add(
                "mark_unusable",
                file=source.name,
                line=number,
                column="marks",
                number=number,
                reason=reason,
            )
            continue
        placed = mark["kind"] == "propose"
        at = [round(float(mark[axis]), DEGREE_PLACES) for axis in ("lon", "lat")]
        lon, lat = at if placed else (math.nan, math.nan)
        rows.append(
            _row(
                file=source.name,
                line=number,
                reviewer=_clean(mark["reviewer"]),
                kind=mark["kind"],
                lon=lon,
                lat=lat,
                verdict=MARK_KINDS[mark["kind"]],
                mark_lon=at[0],
                mark_lat=at[1],
                area=_area(mark, source.name, number, district, findings),
                **{name: _clean(mark[name]) for name in ("station_id", "reason", "note")},
            )
        )
    return rows


def _area(
    mark: dict[str, Any], file: str, number: int, district: District, findings: Findings
) -> str:
    """The ring of a mark as WKT; empty without one, and with a finding when it cannot be used."""
    ring = mark.get("area")
    if ring is None:
        return ""
    reason = "comment?" if mark["kind"] != "comment" else _ring_fault(ring, district)
    if reason:
        findings.add(
            "mark_area_unusable",
            file=file,
            line=number,
            column="area",
            value=_shown(ring),
            number=number,
            reason=reason,
        )
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


def _is_place(lon: Any, lat: Any) -> bool:
    """Whether two values of a file are degrees that the page's map can show."""
    told = all(isinstance(v, int | float) and not isinstance(v, bool) for v in (lon, lat))
    return told and abs(lon) <= 180 and abs(lat) < MAX_LATITUDE


def _shown(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False)[:80]
    except RecursionError:
        return "[[[…"


def _marks(source: Source, findings: Findings) -> list[Any]:
    """The marks of a file; none, with a finding, when it is no file of marks."""
    reason = ""
    tree: Any = None
    try:
        if source.path.stat().st_size > MAX_MARKS_BYTES:
            reason = f"> {MAX_MARKS_BYTES} bytes"
        else:
            tree = json.loads(source.path.read_bytes().decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        reason = str(error)[:80]
    if not reason and (
        not isinstance(tree, dict) or tree.get("format") != MARK_FORMAT or tree.get("version") != 1
    ):
        reason = f"format = {MARK_FORMAT}, version = 1?"
    elif not reason and (tree.get("datum") != "WGS-84" or not isinstance(tree.get("marks"), list)):
        reason = "datum = WGS-84, marks = [...]?"
    if reason:
        findings.add("marks_unreadable", file=source.name, reason=reason)
        return []
    return list(tree["marks"])


def _mark_fault(mark: Any, district: District) -> str:
    """What is wrong with a mark; empty when it can be used."""
    if not isinstance(mark, dict):
        return "{...}?"
    if not isinstance(mark.get("kind"), str) or mark["kind"] not in MARK_KINDS:
        return f"kind: {', '.join(MARK_KINDS)}?"
    for name, longest in _LONGEST.items():
        if not isinstance(mark.get(name), str) or len(mark[name]) > longest:
            return f"{name}?"
    if not _is_place(mark.get("lon"), mark.get("lat")):
        return "lon, lat?"
    if mark["kind"] == "propose" and not _inside(float(mark["lon"]), float(mark["lat"]), district):
        return "在区界外 outside the district"
    return ""


def _inside(lon: float, lat: float, district: District) -> bool:
    import shapely

    x, y = places.to_work(np.array([lon]), np.array([lat]), district.work_crs)
    return bool(shapely.intersects_xy(district.polygon, x[0], y[0]))


# lists of carriers and the tower company


def _read_list(
    source: Source, scenario: Scenario, district: District, findings: Findings
) -> list[dict[str, Any]]:
    table = read_table(source, findings, ("station_id",), _LIST_FIELDS, key="station_id")
    if table is None:
        return []
    lines = table.frame.index.to_numpy(np.int64)
    usable = np.ones(len(lines), dtype=np.bool_)
    datums = _datums(table, scenario, findings)
    columns: dict[str, Any] = {}
    for east, north, inside in (("lon", "lat", True), ("demand_lon", "demand_lat", False)):
        columns[east], columns[north], good = _degrees(
            table, (east, north), datums, district, findings, inside=inside
        )
        usable &= good
    columns["offset_m"] = numbers(table, "offset_m", findings, low=0, high=1e6, blank=True)
    usable &= np.isfinite(columns["offset_m"]) | (table.text("offset_m") == "").to_numpy(bool)
    for name in DATES:
        columns[name], good = _dates(table, name, findings)
        usable &= good
    columns["verdict"], good = _verdicts(table, findings)
    usable &= good
    for name in TEXTS:
        columns[name] = [_clean(text) for text in table.text(name)]
    columns["is_open"] = [_plain(text) in VALUES["status"] for text in table.text("status")]
    columns["reviewer"] = [_clean(text) for text in table.text("reviewer", Path(source.name).stem)]
    return [
        _row(
            file=source.name,
            line=int(lines[i]),
            kind="row",
            **{name: values[i] for name, values in columns.items()},
        )
        for i in np.flatnonzero(usable)
    ]


def _row(**values: Any) -> dict[str, Any]:
    unknown = ("demand_lon", "demand_lat", "offset_m", "mark_lon", "mark_lat")
    empty = {"is_open": False, "town": "", "area": "", **dict.fromkeys(unknown, math.nan)}
    return {**empty, **dict.fromkeys(DATES, ""), **values}


def _datums(table: Table, scenario: Scenario, findings: Findings) -> list[Datum | None]:
    """Datum of each row: its own column's, else what the file name or a header tells, else the scenario's."""
    name = table.source.name
    named = detect_datum(name, *table.frame.columns)
    fallback: Datum = named or scenario.inputs.datum
    cells = table.text("datum")
    if named is None and (cells == "").any() and table.has("lon"):
        findings.add("datum_assumed", file=name, datum=fallback)
    found: list[Datum | None] = []
    for line, cell in cells.items():
        own = detect_datum(cell) if cell else fallback
        if own is None:
            findings.add(
                "datum_unknown",
                file=name,
                line=int(str(line)),
                column=table.header("datum"),
                value=cell,
                found=cell[:40],
            )
        elif named is not None and own != named and {own, named} != {"wgs84", "cgcs2000"}:
            findings.add(
                "datum_contradicts",
                file=name,
                line=int(str(line)),
                column=table.header("datum"),
                value=cell,
                own=own,
                named=named,
            )
        found.append(own)
    return found


def _degrees(
    table: Table,
    fields: tuple[str, str],
    datums: list[Datum | None],
    district: District,
    findings: Findings,
    *,
    inside: bool,
) -> tuple[FloatArray, FloatArray, Any]:
    """Places in WGS-84, NaN where none is told; and whether each row's place is told wholly or not at all."""
    lines, file = table.frame.index.to_numpy(np.int64), table.source.name
    told = np.stack([(table.text(name) != "").to_numpy(bool) for name in fields])
    lon, lat = (numbers(table, name, findings, blank=True, degrees=True) for name in fields)
    for i in np.flatnonzero(told[0] != told[1]):
        findings.add(
            "missing_coordinate",
            file=file,
            line=int(lines[i]),
            column=table.header(fields[int(told[0][i])]),
        )
    good = places.check_degrees(lon, lat, lines, district, findings, file, table.header(fields[0]))
    good &= np.array([datum is not None for datum in datums], dtype=np.bool_)
    lon, lat = np.where(good, lon, np.nan), np.where(good, lat, np.nan)
    for datum in sorted(
        {one for one, fits in zip(datums, good, strict=True) if fits and one is not None}
    ):
        mine = good & np.array([one == datum for one in datums], dtype=np.bool_)
        lon[mine], lat[mine] = convert(lon[mine], lat[mine], datum, "wgs84")
    if inside and good.any():
        at = np.flatnonzero(good)
        x, y = places.to_work(lon[at], lat[at], district.work_crs)
        good[at] = places.inside(x, y, lines[at], district, findings, file, refuse=True)
    return np.round(lon, DEGREE_PLACES), np.round(lat, DEGREE_PLACES), good | ~told.any(axis=0)


def _dates(table: Table, field: str, findings: Findings) -> tuple[list[str], Any]:
    """Days as ``YYYY-MM-DD``, empty for blank cells; and which cells can be used."""
    days: list[str] = []
    good = np.ones(len(table.frame), dtype=np.bool_)
    for i, (line, cell) in enumerate(table.text(field).items()):
        day = _day(cell)
        if day is None:
            findings.add(
                "date_invalid",
                file=table.source.name,
                line=int(str(line)),
                column=table.header(field),
                value=cell,
            )
        good[i] = day is not None
        days.append(day or "")
    return days, good


def _day(text: str) -> str | None:
    """A day as ISO text, "" for none, None when it is no day of the calendar."""
    match = _DATE.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if match is None:
        return None if text else ""
    try:
        return dt.date(*map(int, match.groups())).isoformat()
    except ValueError:
        return None


def _verdicts(table: Table, findings: Findings) -> tuple[list[str], Any]:
    """What each row decides, empty for blank cells; and which cells are known words."""
    cells, known = table.text("verdict"), VALUES["verdict"]
    found = [known.get(_plain(cell), "") for cell in cells]
    good = np.array(
        [bool(word) or not cell for word, cell in zip(found, cells, strict=True)], dtype=np.bool_
    )
    for line, cell in cells[~good].items():
        findings.add(
            "enum_unknown",
            file=table.source.name,
            line=int(str(line)),
            column=table.header("verdict"),
            value=cell,
            near=nearest(_plain(cell), known),
            allowed="、".join(known),
        )
    return found, good


def _plain(text: str) -> str:
    """Letters and digits alone, so that 选址困难，提变更 is known however its comma is written."""
    return re.sub(r"\W", "", unicodedata.normalize("NFKC", text))


def _clean(text: str) -> str:
    """Text in one line without controls and without the apostrophe that keeps a spreadsheet from running it."""
    kept = "".join(
        c for c in " ".join(text.split()) if unicodedata.category(c) not in ("Cc", "Cs", "Cn", "Co")
    )
    return re.sub(r"^'(?=[=+\-@＝＋－＠'])", "", kept)
