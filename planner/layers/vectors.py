"""Polygons and lines of GeoJSON, GeoPackage, Shapefile, KML -> features in the work CRS.

None is lost unsaid.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from planner.crs import project
from planner.layers import places
from planner.layers.aliases import HEADS
from planner.layers.files import Source
from planner.layers.findings import Findings
from planner.layers.places import District

if TYPE_CHECKING:
    import geopandas as gpd
    import shapely

Shape = Literal["polygon", "line"]
TYPES: Final[dict[Shape, tuple[str, ...]]] = {
    "polygon": ("Polygon", "MultiPolygon"),
    "line": ("LineString", "MultiLineString"),
}
FIELDS: Final = (
    "name",
    "ref",
    "kind",
    "basis",
    "accuracy_m",
    "source",
    "licence",
    "adcode",
    "town_id",
)
REPAIR_LIMIT: Final = 0.01  # of the area
EPSG_CGCS2000: Final = 4490  # geographic

Raw = tuple[int, dict[str, str], bytes | str | None]
"""Line (or number of the feature), properties, and WKB, or why there is none."""

_ALIASES: Final = {field: HEADS.get(field, (field,)) for field in FIELDS}


def read_vector(
    source: Source,
    findings: Findings,
    shape: Shape,
    *,
    datum: str,
    work_crs: str,
    district: District | None = None,
) -> gpd.GeoDataFrame | None:
    """Read one file of polygons or lines.

    Returns
    -------
    GeoDataFrame
        ``FIELDS`` as text (empty where a feature does not say), ``line`` (physical line, or number
        of the feature in a binary file) and ``geometry`` in the work CRS, in the file's order.
    """
    import geopandas as gpd

    read = _features(source, findings)
    declared = places.datum_of(source, datum, findings)
    if read is None or declared is None:
        return None

    raw, crs = read
    rows: list[dict[str, Any]] = []
    for line, properties, drawn in raw:
        geometry = _usable(drawn, line, shape, source, findings)
        if geometry is not None:
            rows.append({**_texts(properties), "line": line, "geometry": geometry})

    # areas before and after a repair are compared in metres, so rings are mended in the work CRS
    rows = _located(rows, crs, declared, work_crs, district, source, findings)
    for row in rows:
        row["geometry"] = _whole(row["geometry"], row["line"], source, findings)
    rows = _distinct([row for row in rows if row["geometry"] is not None], source, findings)
    if not rows:
        if not findings.errors_in(source.name):
            findings.add("no_data_rows", file=source.name)
        return None
    return gpd.GeoDataFrame(rows, geometry="geometry", crs=work_crs)


def _features(source: Source, findings: Findings) -> tuple[list[Raw], str] | None:
    """Features and the CRS of a file; None, with a finding, when it cannot be used."""
    names = sorted({alias for aliases in _ALIASES.values() for alias in aliases})
    read = source.read(findings, names=names)
    if read is None:
        return None

    records, wkb = read
    raw: list[Raw] = []
    at = 0
    for line, properties, drawn in records["features"]:
        if isinstance(drawn, int):
            raw.append((line, properties, wkb[at : at + drawn]))
            at += drawn
        else:
            raw.append((line, properties, drawn))
    return raw, records["crs"]


def _usable(
    drawn: bytes | str | None, line: int, shape: Shape, source: Source, findings: Findings
) -> shapely.Geometry | None:
    """A geometry of the right type with finite coordinates; None, with a finding, of any other."""
    import shapely

    file = source.name
    if drawn is None:
        findings.add("null_geometry", file=file, line=line)
        return None
    try:
        made = drawn if isinstance(drawn, str) else shapely.from_wkb(drawn)
    except shapely.errors.GEOSException as error:
        made = str(error)
    if isinstance(made, str):
        # the library's own name says nothing
        reason = re.sub(r"^\w+Exception: ", "", " ".join(made.split()))
        findings.add("invalid_ring", file=file, line=line, reason=reason[:80])
        return None

    made = shapely.force_2d(made)
    if made.is_empty:
        findings.add("null_geometry", file=file, line=line)
        return None
    if made.geom_type not in TYPES[shape]:
        need, found = " / ".join(TYPES[shape]), made.geom_type
        findings.add("wrong_geometry_type", file=file, line=line, found=found, need=need)
        return None
    if not np.isfinite(shapely.get_coordinates(made)).all():
        findings.add("non_finite_coordinate", file=file, line=line)
        return None
    return made


def _located(
    rows: list[dict[str, Any]],
    crs: str,
    datum: str,
    work_crs: str,
    district: District | None,
    source: Source,
    findings: Findings,
) -> list[dict[str, Any]]:
    """The rows with their geometry in the work CRS.

    One whose coordinates are no places is a finding and left out.
    """
    import pyproj
    import shapely

    try:
        system = pyproj.CRS.from_user_input(crs)
    except pyproj.exceptions.CRSError:
        findings.add("crs_unknown", file=source.name, value=crs)
        return []
    if not (system.is_geographic or system.is_projected):
        findings.add("crs_missing", file=source.name, value=system.name)
        return []
    if not rows:
        return []

    shapes: Any = np.array([row["geometry"] for row in rows], dtype=object)
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    if not system.is_geographic:
        xy = np.column_stack(project(xy[:, 0], xy[:, 1], crs, "EPSG:4326"))
    is_place = _are_places(xy, owner, rows, district, source, findings)

    # degrees may be in the declared datum; any other CRS names its datum itself
    if system.is_geographic and system.to_epsg() != EPSG_CGCS2000:
        xy = np.column_stack(places.to_wgs84(xy[:, 0], xy[:, 1], datum))
    x, y = places.to_work(xy[:, 0], xy[:, 1], work_crs)
    is_lost = np.isin(np.arange(len(rows)), owner[~(np.isfinite(x) & np.isfinite(y))])
    for i in np.flatnonzero(is_place & is_lost):
        findings.add("coordinate_out_of_range", file=source.name, line=rows[i]["line"])

    shapes = shapely.set_coordinates(shapes, np.column_stack([x, y]))
    kept = np.flatnonzero(is_place & ~is_lost)
    return [{**rows[i], "geometry": shapes[i]} for i in kept]


def _are_places(
    xy: Any,
    owner: Any,
    rows: list[dict[str, Any]],
    district: District | None,
    source: Source,
    findings: Findings,
) -> places.BoolArray:
    """Which features have usable degrees, (rows,): by their middle, and no corner out of range.

    ``xy`` are degrees, (corners, 2), and ``owner`` is the row of each corner.
    """
    n_rows = len(rows)
    n_corners = np.bincount(owner, minlength=n_rows)
    sums = (np.bincount(owner, weights=axis, minlength=n_rows) for axis in xy.T)
    lon, lat = (total / n_corners for total in sums)
    lines = np.array([row["line"] for row in rows], dtype=np.int64)
    is_place = places.check_degrees(lon, lat, lines, district, findings, source.name)

    is_beyond = np.isin(np.arange(n_rows), owner[~(np.abs(xy) <= (180, 90)).all(axis=1)])
    for line in lines[is_place & (is_beyond | ~np.isfinite(lon + lat))]:
        findings.add("coordinate_out_of_range", file=source.name, line=int(line))
    return is_place & ~is_beyond


def _whole(geometry: Any, line: int, source: Source, findings: Findings) -> Any:
    """A valid polygon; a small repair is recorded, a large one refused. Lines pass."""
    import shapely

    if geometry.geom_type in TYPES["line"] or shapely.is_valid(geometry):
        return geometry

    file, reason = source.name, str(shapely.is_valid_reason(geometry))
    mended: Any = shapely.make_valid(geometry)
    before, after = shapely.area(geometry), shapely.area(mended)
    change = abs(after - before) / max(before, 1e-9)
    if mended.geom_type not in TYPES["polygon"] or change > REPAIR_LIMIT:
        findings.add("invalid_ring", file=file, line=line, reason=reason)
        return None
    percent = f"{100 * change:.2f}"
    findings.add("repaired_ring", file=file, line=line, reason=reason, change=percent)
    return mended


def _texts(properties: dict[str, str]) -> dict[str, str]:
    """The fields in use, under whichever of their names they stand."""
    return {
        field: next((properties[alias] for alias in aliases if alias in properties), "")
        for field, aliases in _ALIASES.items()
    }


def _distinct(
    rows: list[dict[str, Any]], source: Source, findings: Findings
) -> list[dict[str, Any]]:
    """The rows, each shape of a kind and name once."""
    import shapely

    first: dict[tuple[str, str, bytes], int] = {}
    kept = []
    for row in rows:
        key = (row["kind"], row["name"], shapely.to_wkb(shapely.normalize(row["geometry"])))
        if key in first:
            findings.add("duplicate_feature", file=source.name, line=row["line"], other=first[key])
        else:
            first[key] = row["line"]
            kept.append(row)
    return kept
