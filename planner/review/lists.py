"""Returned lists of carriers and the tower company, CSV or XLSX."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from pathlib import Path
from typing import Any, Final

import numpy as np

from planner.crs import Datum, convert, detect_datum
from planner.errors import nearest
from planner.files import unguarded
from planner.layers import places
from planner.layers.aliases import VALUES
from planner.layers.files import Source
from planner.layers.findings import Findings
from planner.layers.places import BoolArray, District, FloatArray
from planner.layers.tables import Table, numbers, read_table
from planner.review.statements import DATES, Statement
from planner.review.texts import DEGREE_PLACES, clean, letters
from planner.review.whose import name_other_plans

MAX_OFFSET_M: Final = 1e6
_TEXTS: Final = ("station_id", "town", "reason", "note")
_FIELDS: Final = (
    "town", "verdict", "status", "reason", "note", "reviewer", "datum", "lon", "lat", "demand_lon",
    "demand_lat", "offset_m", "plan_key", *DATES,
)  # fmt: skip
_DATE: Final = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?(?: 0?0:00(?::00)?)?")


def read_list(
    source: Source, default_datum: Datum, district: District, plan_key: str, findings: Findings
) -> list[Statement] | None:
    """Statements of a returned list; a row with a cell that cannot be used is a finding.

    None when the file cannot be read at all.

    Parameters
    ----------
    source
        The file.
    default_datum
        Datum of a file that does not tell its own.
    district
        The boundary: a station's place must lie in it.
    plan_key
        方案编号 of the plan that is reviewed; empty = not compared.
    findings
        Book of findings.
    """
    table = read_table(source, findings, ("station_id",), _FIELDS)
    if table is None:
        return None
    name_other_plans(table.text("plan_key"), plan_key, source.name, findings)

    lines = table.frame.index.to_numpy(np.int64)
    usable = np.ones(len(lines), np.bool_)
    columns: dict[str, Any] = {}

    # the place of a station lies in the district; the demand may have been drawn beyond its border
    datums = _datums(table, default_datum, findings)
    for axes, inside in ((("lon", "lat"), True), (("demand_lon", "demand_lat"), False)):
        lon, lat, good = _degrees(table, axes, datums, district, findings, inside=inside)
        columns |= dict(zip(axes, (lon.tolist(), lat.tolist()), strict=True))
        usable &= good

    offset_m = numbers(table, "offset_m", findings, low=0, high=MAX_OFFSET_M, blank=True)
    columns["offset_m"] = offset_m.tolist()
    usable &= np.isfinite(offset_m) | (table.text("offset_m") == "").to_numpy(bool)
    for name in DATES:
        columns[name], good = _dates(table, name, findings)
        usable &= good
    columns["verdict"], good = _verdicts(table, findings)
    usable &= good

    columns |= {name: [clean(unguarded(text)) for text in table.text(name)] for name in _TEXTS}
    columns["is_open"] = [letters(text) in VALUES["status"] for text in table.text("status")]
    reviewers = table.text("reviewer", Path(source.name).stem)
    columns["reviewer"] = [clean(unguarded(text)) for text in reviewers]

    return [
        Statement(
            file=source.name,
            line=int(lines[row]),
            kind="row",
            **{name: values[row] for name, values in columns.items()},
        )
        for row in np.flatnonzero(usable)
    ]


def _datums(table: Table, default: Datum, findings: Findings) -> list[Datum | None]:
    """Datum of each row; None, with a finding, where it is not known.

    It is that of the row's own column, else what the file name or a header tells, else the default.
    """
    file = table.source.name
    named = detect_datum(file, *table.frame.columns)
    fallback: Datum = named or default

    # said once for the file: its coordinates are taken on trust
    cells = table.text("datum")
    if named is None and (cells == "").any() and table.has("lon"):
        findings.add("datum_assumed", file=file, datum=fallback)

    column = table.header("datum")
    found: list[Datum | None] = []
    for line, cell in cells.items():
        where: dict[str, Any] = {
            "file": file,
            "line": int(str(line)),
            "column": column,
            "value": cell,
        }
        own = detect_datum(cell) if cell else fallback

        # WGS-84 and CGCS2000 differ by centimetres: the two contradict nothing
        if own is None:
            findings.add("datum_unknown", **where, found=cell[:40])
        elif named is not None and own != named and {own, named} != {"wgs84", "cgcs2000"}:
            findings.add("datum_contradicts", **where, own=own, named=named)
        found.append(own)
    return found


def _degrees(
    table: Table,
    axes: tuple[str, str],
    datums: list[Datum | None],
    district: District,
    findings: Findings,
    *,
    inside: bool,
) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Longitude and latitude in WGS-84, (rows,), and which rows can be used.

    A place is told wholly or not at all; NaN where it is not told.
    """
    lines, file = table.frame.index.to_numpy(np.int64), table.source.name
    told = np.stack([(table.text(name) != "").to_numpy(bool) for name in axes])
    lon, lat = (numbers(table, name, findings, blank=True, degrees=True) for name in axes)
    for row in np.flatnonzero(told[0] != told[1]):
        missing = table.header(axes[int(told[0][row])])
        findings.add("missing_coordinate", file=file, line=int(lines[row]), column=missing)

    good = places.check_degrees(
        lon, lat, places.on_lines(lines), district, findings, file, table.header(axes[0])
    )
    good &= np.array([datum is not None for datum in datums], np.bool_)
    lon, lat = np.where(good, lon, np.nan), np.where(good, lat, np.nan)

    # datums in a fixed order, so that every run converts the same groups
    for datum in sorted(
        {datum for datum, fits in zip(datums, good, strict=True) if datum and fits}
    ):
        mine = good & np.array([each == datum for each in datums], np.bool_)
        lon[mine], lat[mine] = convert(lon[mine], lat[mine], datum, "wgs84")

    if inside and good.any():
        rows = np.flatnonzero(good)
        x, y = places.to_work(lon[rows], lat[rows], district.work_crs)
        good[rows] = places.inside(x, y, lines[rows], district, findings, file, refuse=True)
    return np.round(lon, DEGREE_PLACES), np.round(lat, DEGREE_PLACES), good | ~told.any(axis=0)


def _dates(table: Table, field: str, findings: Findings) -> tuple[list[str], BoolArray]:
    """Days as ``YYYY-MM-DD``, empty for blank cells; and which cells can be used."""
    days = [_day(cell) for cell in table.text(field)]
    good = np.array([day is not None for day in days], np.bool_)
    for line, cell in table.text(field)[~good].items():
        findings.add(
            "date_invalid",
            file=table.source.name,
            line=int(str(line)),
            column=table.header(field),
            value=cell,
        )
    return [day or "" for day in days], good


def _day(text: str) -> str | None:
    """A day as ISO text, "" for none, None when it is no day of the calendar."""
    match = _DATE.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if match is None:
        return None if text else ""
    try:
        return dt.date(*map(int, match.groups())).isoformat()
    except ValueError:
        return None


def _verdicts(table: Table, findings: Findings) -> tuple[list[str], BoolArray]:
    """What each row decides, empty for blank cells; and which cells are known words."""
    cells, known = table.text("verdict"), VALUES["verdict"]
    found = [known.get(letters(cell), "") for cell in cells]
    good = np.array([bool(code) or not cell for code, cell in zip(found, cells, strict=True)], bool)
    for line, cell in cells[~good].items():
        findings.add(
            "enum_unknown",
            file=table.source.name,
            line=int(str(line)),
            column=table.header("verdict"),
            value=cell,
            near=nearest(letters(cell), known),
            allowed="、".join(known),
        )
    return found, good
