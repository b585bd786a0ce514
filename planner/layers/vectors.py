"""Polygons and lines of GeoJSON, GeoPackage, Shapefile, KML -> features in the work CRS.

None is lost unsaid.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from planner.crs import project
from planner.errors import CONTROL, Spot
from planner.layers import places
from planner.layers.aliases import HEADS
from planner.layers.files import Source
from planner.layers.findings import Findings
from planner.layers.formats.features import Unreadable, unpacked
from planner.layers.notices import reason_of
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

Raw = tuple[int | None, dict[str, str], bytes | Unreadable | None]
"""Line of a feature where that tells something, properties, and WKB or why there is none."""

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
        ``FIELDS`` as text (empty where a feature does not say), ``spot`` (where the feature is,
        its first corner in the degrees of the file, those of WGS-84 in a projected one) and
        ``geometry`` in the work CRS, in the file's order.
    """
    import geopandas as gpd

    read = _features(source, findings)
    declared = places.datum_of(source, datum, findings)
    if read is None or declared is None:
        return None

    raw, crs = read
    rows: list[dict[str, Any]] = []
    for number, (line, properties, drawn) in enumerate(raw, start=1):
        texts = _texts(properties)
        name = texts["name"] or texts["ref"] or texts["adcode"]
        spot = Spot(line, number, name)
        for field, text in texts.items():
            if re.search(CONTROL, text):
                findings.add(
                    "control_character", file=source.name, column=field, value=text, at=spot
                )
        geometry = _usable(drawn, spot, shape, crs, source, findings)
        if geometry is not None:
            rows.append({**texts, "spot": spot, "geometry": geometry})

    # areas before and after a repair are compared in metres, so rings are mended in the work CRS
    rows = _located(rows, crs, declared, work_crs, district, source, findings)
    for row in rows:
        row["geometry"] = _whole(row, crs, declared, work_crs, source, findings)
    rows = _distinct([row for row in rows if row["geometry"] is not None], source, findings)
    if not rows:
        if not findings.errors_in(source.name):
            findings.add("no_data_rows", file=source.name)
        return None
    return gpd.GeoDataFrame(rows, geometry="geometry", crs=work_crs)


def _features(source: Source, findings: Findings) -> tuple[list[Raw], str] | None:
    """Features and the CRS of a file; None, with a finding, when it cannot be used."""
    read = source.read(findings)
    if read is None:
        return None
    records, wkb = read
    raw = [
        (line, {key.lower(): text for key, text in properties.items()}, drawn)
        for line, properties, drawn in unpacked(records, wkb)
    ]
    return raw, records["crs"]


def _usable(
    drawn: bytes | Unreadable | None,
    spot: Spot,
    shape: Shape,
    crs: str,
    source: Source,
    findings: Findings,
) -> shapely.Geometry | None:
    """A geometry of the right type with finite coordinates; None, with a finding, of any other."""
    import shapely

    file = source.name
    if drawn is None:
        findings.add("null_geometry", file=file, at=spot)
        return None
    try:
        made = drawn if isinstance(drawn, Unreadable) else shapely.from_wkb(drawn)
    except shapely.errors.GEOSException as error:
        made = Unreadable(str(error), None)
    if isinstance(made, Unreadable):
        # the library's own name says nothing
        reason = re.sub(r"^\w+Exception: ", "", " ".join(made.reason.split()))
        at = _at_corner(spot, made.corner, crs)
        findings.add("invalid_ring", file=file, reason=reason_of(reason[:80]), at=at)
        return None

    made = shapely.force_2d(made)
    if made.is_empty:
        findings.add("null_geometry", file=file, at=spot)
        return None
    if made.geom_type not in TYPES[shape]:
        need, found = " / ".join(TYPES[shape]), made.geom_type
        at = _at_corner(spot, shapely.get_coordinates(made)[0], crs)
        findings.add("wrong_geometry_type", file=file, found=found, need=need, at=at)
        return None
    if not np.isfinite(shapely.get_coordinates(made)).all():
        at = _at_corner(spot, shapely.get_coordinates(made)[0], crs)
        findings.add("non_finite_coordinate", file=file, at=at)
        return None
    return made


def _at_corner(spot: Spot, corner: Any, crs: str) -> Spot:
    """The spot with a corner of a shape as it was read, where that is a place."""
    import pyproj

    try:
        lon, lat = (float(axis) for axis in corner[:2])
        if _is_projected(crs):
            lon, lat = map(float, project(lon, lat, crs, "EPSG:4326"))
    except (TypeError, ValueError, OverflowError, pyproj.exceptions.CRSError):
        return spot
    is_place = abs(lon) <= 180 and abs(lat) <= 90
    return spot._replace(lon=lon, lat=lat) if is_place else spot


def _is_projected(crs: str) -> bool:
    import pyproj

    return bool(pyproj.CRS.from_user_input(crs).is_projected)


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
    corners = xy[np.searchsorted(owner, np.arange(len(rows)))].tolist()

    xy = np.column_stack(places.to_wgs84(xy[:, 0], xy[:, 1], _datum_of_degrees(crs, datum)))
    x, y = places.to_work(xy[:, 0], xy[:, 1], work_crs)
    is_lost = np.isin(np.arange(len(rows)), owner[~(np.isfinite(x) & np.isfinite(y))])
    for i in np.flatnonzero(is_place & is_lost):
        value = places.shown(*corners[i])
        findings.add("coordinate_out_of_range", file=source.name, value=value, at=rows[i]["spot"])

    shapes = shapely.set_coordinates(shapes, np.column_stack([x, y]))
    located = []
    for i in np.flatnonzero(is_place & ~is_lost):
        lon, lat = corners[i]
        spot = rows[i]["spot"]._replace(lon=lon, lat=lat)
        located.append({**rows[i], "spot": spot, "geometry": shapes[i]})
    return located


def _datum_of_degrees(crs: str, declared: str) -> str:
    """Datum of a file's degrees: the declared one, unless its CRS names its datum itself."""
    import pyproj

    system = pyproj.CRS.from_user_input(crs)
    is_open = system.is_geographic and system.to_epsg() != EPSG_CGCS2000
    return declared if is_open else "wgs84"


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
    spots = [row["spot"] for row in rows]
    is_place = places.check_degrees(lon, lat, spots.__getitem__, district, findings, source.name)

    beyond = np.flatnonzero(~(np.abs(xy) <= (180, 90)).all(axis=1))
    is_beyond = np.isin(np.arange(n_rows), owner[beyond])
    for i in np.flatnonzero(is_place & is_beyond):
        corner = beyond[np.searchsorted(owner[beyond], i)]
        findings.add(
            "coordinate_out_of_range",
            file=source.name,
            value=places.shown(*xy[corner]),
            at=spots[i],
        )
    return is_place & ~is_beyond


def _whole(
    row: dict[str, Any], crs: str, datum: str, work_crs: str, source: Source, findings: Findings
) -> Any:
    """A valid polygon; a small repair is recorded, a large one refused. Lines pass."""
    import shapely

    geometry = row["geometry"]
    if geometry.geom_type in TYPES["line"] or shapely.is_valid(geometry):
        return geometry

    # why, and the place in work metres: Ring Self-intersection[478123.5 3691234.1]
    why, _, metres = str(shapely.is_valid_reason(geometry)).partition("[")
    place = metres.rstrip("]").split()
    spot = row["spot"]
    if len(place) == 2:
        x, y = map(float, place)
        lon, lat = places.to_degrees(x, y, work_crs, _datum_of_degrees(crs, datum))
        spot = spot._replace(lon=lon, lat=lat)

    mended: Any = shapely.make_valid(geometry)
    before, after = shapely.area(geometry), shapely.area(mended)
    change = abs(after - before) / max(before, 1e-9)
    if mended.geom_type not in TYPES["polygon"] or change > REPAIR_LIMIT:
        findings.add("invalid_ring", file=source.name, reason=reason_of(why), at=spot)
        return None
    percent = f"{100 * change:.2f}"
    findings.add("repaired_ring", file=source.name, reason=reason_of(why), change=percent, at=spot)
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
            findings.add("duplicate_feature", file=source.name, other=first[key], at=row["spot"])
        else:
            first[key] = row["spot"].feature
            kept.append(row)
    return kept
