"""Coordinates of a table, whatever they are in, as WGS-84.

What a row, the scenario, the manifest or a head declares is taken. What nobody declares is told by
the places, with the evidence, or asked about.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np
import numpy.typing as npt

from planner import fields as F
from planner.crs import (
    DATUMS,
    Datum,
    convert,
    datum_differs,
    detect_datum,
    gauss_kruger,
    project,
    same_datum,
    system_of,
)  # fmt: skip
from planner.layers import places
from planner.layers.datum import References, judge
from planner.layers.files import VECTORS, Source
from planner.layers.findings import Findings
from planner.layers.notices import evidence_of
from planner.layers.places import BoolArray, District, FloatArray
from planner.layers.tables import Table

if TYPE_CHECKING:
    import geopandas as gpd

TextArray = npt.NDArray[np.object_]

UNKNOWN: Final = "?"  # a row names a datum that nobody knows: it is a finding by now
NAMES: Final = ("site_id", "name", "town_id", "station_id")
_MOST: Final = 0.95
_MOST_ROWS: Final = 0.9
"""Share of the rows that must name one zone; the others are refused one by one."""
_WAYS: Final = (False, True)
"""Whether the two columns have changed places."""
_LEAST_M: Final = 1e5
_MOST_NORTH_M: Final = 10_002_000.0
"""Northings of China are far larger; what is smaller is no pair of metres."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What the places of a table are held against."""

    district: District
    known: References
    default: str
    """Datum of a file that does not say its own; empty = it is to be asked."""


def as_wgs84(
    table: Table, x: FloatArray, y: FloatArray, axes: tuple[str, str], ground: Ground,
    findings: Findings,
) -> tuple[FloatArray, FloatArray]:  # fmt: skip
    """Longitude and latitude in WGS-84, (rows,) each; NaN where there is no place, a finding.

    Parameters
    ----------
    table
        Where the two columns are from.
    x, y
        As the file has them, (rows,): degrees, or metres of a CRS; NaN was reported before.
    axes
        Fields of the two columns, such as ``("lon", "lat")``.
    ground, findings
        What they are held against, and the book.
    """
    x, y, is_done = _from_metres(table, x, y, axes, ground, findings)
    datums = np.full(len(x), "wgs84", object)
    if not is_done.all():
        datums = np.where(is_done, datums, _declared(table, axes, ground.default, findings))

    lines = table.frame.index.to_numpy(np.int64)
    good = places.check_degrees(
        x, y, places.on_lines(lines), ground.district, findings, table.source.name,
        table.header(axes[0]),
    )  # fmt: skip
    lon, lat = np.where(good, x, np.nan), np.where(good, y, np.nan)

    names = _names(table)
    for datum in sorted(set(datums)):
        rows = np.flatnonzero(good & (datums == datum))
        told = _settled(datum, lon[rows], lat[rows], names[rows], table.source, ground, findings)
        if told:
            lon[rows], lat[rows] = places.to_wgs84(lon[rows], lat[rows], told)
            _remember(names[rows], lon[rows], lat[rows], ground.known)
    return lon, lat


def question(
    source: Source, declared: str, lon: FloatArray, lat: FloatArray, known: References,
    findings: Findings, names: TextArray | None = None,
) -> None:  # fmt: skip
    """Say where places look like another datum than the one that is declared.

    Parameters
    ----------
    source
        The file that they are from.
    declared
        Their datum; it stands.
    lon, lat
        Degrees in that datum, (rows,).
    known, findings
        What they are held against, and the book.
    names
        What each row is called, (rows,).
    """
    if not len(lon) or not datum_differs(lon, lat):
        return
    one_of_three = "wgs84" if declared == "cgcs2000" else declared
    verdict = judge(lon, lat, known, () if names is None else names.tolist(), one_of_three)
    where: dict[str, Any] = {"file": source.name}
    if verdict.datum and not same_datum(verdict.datum, declared):
        evidence = evidence_of(verdict.fits)
        findings.add(
            "datum_contradicted", declared=declared, found=verdict.datum, evidence=evidence, **where
        )
    elif verdict.streets_shifted:
        findings.add("streets_contradicted", declared=declared, **where)
    elif verdict.shift_m is not None:
        east, north = verdict.shift_m
        findings.add("places_shifted", east=f"{east:+.0f}", north=f"{north:+.0f}", **where)


def question_shapes(
    frame: gpd.GeoDataFrame, sources: Iterable[Source], default: str, known: References,
    findings: Findings,
) -> None:  # fmt: skip
    """Say where the corners of shapes look like another datum than the declared one.

    Parameters
    ----------
    frame
        Shapes in the work CRS, each with its file.
    sources
        The files.
    default
        Datum of a file that does not say its own.
    known, findings
        What they are held against, and the book.
    """
    import shapely

    for source in sources:
        shapes = frame.loc[frame[F.FILE] == source.name, "geometry"].array
        xy = shapely.get_coordinates(shapes)
        declared = places.declared_of(source, default)
        if len(xy) and declared in DATUMS:
            lon, lat = project(xy[:, 0], xy[:, 1], known.work_crs, "EPSG:4326")
            lon, lat = convert(lon, lat, "wgs84", cast("Datum", declared))
            question(source, declared, lon, lat, known, findings)


def is_declared(source: Source, default: str) -> bool:
    """Whether scenario, manifest or the name of a table declare in what its coordinates are."""
    record = source.record.get("datum", "").strip()
    entry = source.entry
    return bool(entry.datum or entry.crs or record or default or detect_datum(source.name))


def _settled(
    datum: str, lon: FloatArray, lat: FloatArray, names: TextArray, source: Source,
    ground: Ground, findings: Findings,
) -> str:  # fmt: skip
    """The datum of some rows of which ``datum`` is declared; empty where it has to be asked."""
    if datum == UNKNOWN or not len(lon):
        return ""
    if datum:
        question(source, datum, lon, lat, ground.known, findings, names)
        return datum

    # outside China every web map draws in WGS-84
    if not datum_differs(lon, lat):
        return "wgs84"
    verdict = judge(lon, lat, ground.known, names.tolist())
    code = "datum_detected" if verdict.datum else "datum_undeclared"
    findings.add(
        code,
        file=source.name,
        datum=verdict.datum,
        count=len(lon),
        evidence=evidence_of(verdict.fits),
    )
    if verdict.streets_shifted:
        findings.add("streets_contradicted", declared="wgs84", file=source.name)
    return verdict.datum


def _declared(table: Table, axes: tuple[str, str], default: str, findings: Findings) -> TextArray:
    """Datum of each row, (rows,), as it is declared; empty where nobody does."""
    source = table.source
    heads = [table.header(axis) for axis in axes]
    of_file = _of_file(source, findings)
    of_heads = detect_datum(*heads) or detect_datum(source.name)
    if of_file == "" and of_heads:
        findings.add("datum_named", file=source.name, column=" / ".join(heads), datum=of_heads)
    whole = of_file or of_heads or default
    if not whole and source.format in VECTORS:
        # a format of shapes states its CRS, which is a declaration
        whole = "wgs84"

    # what other heads or the name of the file speak of is a doubt
    named = detect_datum(source.name, *table.frame.columns)
    if named and whole in DATUMS and not same_datum(named, whole):
        findings.add("datum_suspected", file=source.name, found=named, declared=whole)
    return _of_rows(table, whole, findings)


def _of_file(source: Source, findings: Findings) -> str:
    """The datum that scenario or manifest declare of a file; empty where they do not."""
    text = source.entry.datum or source.record.get("datum", "").strip()
    if not text or places.epsg_of(text):
        return ""
    found = places.known_datum(text)
    if found is None:
        findings.add("datum_unknown", file=source.name, found=text[:40])
        return UNKNOWN
    return found


def _of_rows(table: Table, whole: str, findings: Findings) -> TextArray:
    """Datum of each row: what its own cell says, else that of the file."""
    # rows that name a CRS are in degrees of WGS-84 by now
    cells = table.text("datum").map(lambda cell: "" if places.epsg_of(cell) else cell)
    known = {cell: places.known_datum(cell) for cell in set(cells) if cell}
    found = [known[cell] or UNKNOWN if cell else whole for cell in cells]

    where: dict[str, Any] = {"file": table.source.name, "column": table.header("datum")}
    for line, cell in cells.items():
        if cell and known[cell] is None:
            findings.add("datum_unknown", line=int(str(line)), value=cell, found=cell[:40], **where)
    others = {own for own in found if whole in DATUMS and own in DATUMS}
    for own in sorted(own for own in others if not same_datum(own, whole)):
        findings.add("datum_suspected/rows", found=own, declared=whole, **where)
    return np.array(found, dtype=object)


def _names(table: Table) -> TextArray:
    """What each row is called, (rows,): its number, else its name; empty where it has neither."""
    columns = [table.text(field).tolist() for field in NAMES if table.has(field)]
    called = [next(filter(None, cells), "") for cells in zip(*columns, strict=True)]
    return np.array(called or [""] * len(table.frame), dtype=object)


def _remember(names: TextArray, lon: FloatArray, lat: FloatArray, known: References) -> None:
    """Keep the places of rows by name, for the lists that are read after this one."""
    x, y = places.to_work(lon, lat, known.work_crs)
    for name, *place in zip(names, x.tolist(), y.tolist(), strict=True):
        if name:
            known.places.setdefault(name, (place[0], place[1]))


def _from_metres(
    table: Table, x: FloatArray, y: FloatArray, axes: tuple[str, str], ground: Ground,
    findings: Findings,
) -> tuple[FloatArray, FloatArray, BoolArray]:  # fmt: skip
    """Degrees in WGS-84 of the rows whose CRS is declared or told by a zone prefix; which they are.

    The others are given back as they are.
    """
    x, y = x.copy(), y.copy()
    declared = _crs_of_rows(table)
    is_done = np.zeros(len(x), np.bool_)
    for crs in sorted(set(declared) - {""}):
        rows = np.flatnonzero((declared == crs) & np.isfinite(x) & np.isfinite(y))
        if rows.size:
            _to_degrees(table, x, y, rows, crs, axes, ground.district, findings)
            is_done |= declared == crs

    # metres that nobody declares may name their zone; rows of another zone are refused
    crs, is_other = zone_of(np.where(is_done, np.nan, x), np.where(is_done, np.nan, y))
    rows = np.flatnonzero(~is_done & ~is_other & np.isfinite(x) & np.isfinite(y))
    if not (crs and rows.size and _leads_there(x[rows], y[rows], crs, ground.district)):
        return x, y, is_done
    where: dict[str, Any] = {"file": table.source.name, "column": table.header(axes[0]), "crs": crs}
    value = places.shown(x[rows[0]], y[rows[0]])
    findings.add("projected_by_zone", value=value, **where)
    for line in table.frame.index[is_other]:
        findings.add("zone_of_other_rows", line=int(line), **where)
    x[is_other], y[is_other] = np.nan, np.nan
    _to_degrees(table, x, y, rows, crs, axes, ground.district, findings)
    return x, y, np.ones(len(x), np.bool_)


def _to_degrees(
    table: Table, x: FloatArray, y: FloatArray, rows: npt.NDArray[np.int64], crs: str,
    axes: tuple[str, str], district: District, findings: Findings,
) -> None:  # fmt: skip
    """Turn some rows of a CRS into degrees of WGS-84, whichever of the two columns is east."""
    where: dict[str, Any] = {"file": table.source.name, "column": table.header(axes[0])}
    if not is_known(crs):
        _refuse_crs(table, rows, crs, where, findings)
        x[rows], y[rows] = np.nan, np.nan
        return
    first, second = x[rows], y[rows]
    taken = {swapped: _near_share(first, second, crs, swapped, district) for swapped in _WAYS}
    swapped = taken[True] > taken[False]
    if swapped:
        findings.add("axes_swapped", crs=crs, **where)
    x[rows], y[rows] = _degrees(first, second, crs, swapped)


def _refuse_crs(
    table: Table, rows: npt.NDArray[np.int64], crs: str, where: dict[str, Any], findings: Findings
) -> None:
    """A CRS that does not exist is a finding of its file, or of each row that names it."""
    if crs == _crs_of(table.source):
        findings.add("crs_unknown", value=crs, **where)
        return
    where = {**where, "column": table.header("datum")}
    for line in table.frame.index[rows]:
        findings.add("crs_unknown", value=crs, line=int(line), left_out=[int(line)], **where)


def _leads_there(x: FloatArray, y: FloatArray, crs: str, district: District) -> bool:
    """Whether metres lie in the district one way round and not the other.

    A prefix that does not lead there is none: it is asked about as metres are.
    """
    shares = sorted(_near_share(x, y, crs, swapped, district) for swapped in _WAYS)
    return shares[1] >= _MOST and shares[0] <= 1 - _MOST


def _near_share(
    x: FloatArray, y: FloatArray, crs: str, swapped: bool, district: District
) -> float:  # fmt: skip
    return places.near_share(*_degrees(x, y, crs, swapped), district)


def _degrees(
    x: FloatArray, y: FloatArray, crs: str, swapped: bool
) -> tuple[FloatArray, FloatArray]:  # fmt: skip
    return degrees_of(*((y, x) if swapped else (x, y)), crs)


def _crs_of_rows(table: Table) -> TextArray:
    """The CRS of each row, (rows,), as its own cell or its file declares it; empty where none."""
    whole = _crs_of(table.source)
    own = table.text("datum").map(lambda cell: places.epsg_of(cell) or whole)
    return own.to_numpy(dtype=object)


def _crs_of(source: Source) -> str:
    """The CRS that scenario or manifest declare of a table; empty where they do not."""
    if source.format in VECTORS:
        return ""
    return source.entry.crs or places.epsg_of(source.record.get("datum", ""))


def zone_of(x: FloatArray, y: FloatArray) -> tuple[str, BoolArray]:
    """The zone that most eastings name by their prefix, and the rows, (rows,), that do not.

    The zone is empty where more than a tenth of the rows name none or another.
    """
    is_told = np.isfinite(x) & np.isfinite(y)
    for axis, other in ((x, y), (y, x)):
        # no northing is more than a quarter of the earth's round
        is_metres = is_told & (np.abs(other) > _LEAST_M) & (np.abs(other) < _MOST_NORTH_M)
        pairs = zip(axis, is_metres, strict=True)
        zones = [gauss_kruger(value) if own else None for value, own in pairs]
        named = Counter(zone for zone in zones if zone is not None).most_common(1)
        if named and named[0][1] >= _MOST_ROWS * is_told.sum():
            return named[0][0], is_told & np.array([zone != named[0][0] for zone in zones])
    return "", np.zeros(len(x), np.bool_)


def is_known(crs: str) -> bool:
    """Whether a CRS of this name exists, with an east and a north."""
    system = system_of(crs)
    return system is not None and bool(system.is_projected or system.is_geographic)


def degrees_of(x: FloatArray, y: FloatArray, crs: str) -> tuple[FloatArray, FloatArray]:
    """WGS-84 degrees of places in a CRS, x east; NaN where there are none."""
    lon, lat = project(x, y, crs, "EPSG:4326")
    is_place: BoolArray = np.isfinite(lon) & np.isfinite(lat)
    return np.where(is_place, lon, np.nan), np.where(is_place, lat, np.nan)
