"""Polygons and lines of any file -> features in the work CRS, areas also from points with a radius.

None is lost unsaid.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from planner import fields as F
from planner.errors import CONTROL, Spot
from planner.layers import places
from planner.layers.files import Source
from planner.layers.findings import Findings
from planner.layers.formats.features import Unreadable
from planner.layers.notices import reason_of
from planner.layers.places import District
from planner.layers.shapes import (
    Feature,
    Names,
    Shapes,
    degrees_of,
    known_crs,
    names_datum,
    plain_names,
    read_shapes,
    texts_in,
)
from planner.layers.tables import numbers, read_table
from planner.parameters import FARTHEST_M

if TYPE_CHECKING:
    import geopandas as gpd
    from pyproj import CRS

Shape = Literal["polygon", "line", "water"]
TYPES: Final[dict[Shape, tuple[str, ...]]] = {
    "polygon": ("Polygon", "MultiPolygon"),
    "line": ("LineString", "MultiLineString"),
    "water": ("LineString", "MultiLineString", "Polygon", "MultiPolygon"),
}
POINTS: Final = ("Point", "MultiPoint")
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
_LEAST_AREA: Final = 1e-30  # of no ground at all, in any unit
RADIUS: Final = "radius_m"
_CALLED: Final = ("name", "ref", "adcode")


def read_vector(
    source: Source,
    findings: Findings,
    shape: Shape,
    *,
    datum: str,
    work_crs: str,
    district: District | None = None,
    radii_m: Mapping[str, float] = {},
    aliases: Mapping[str, Sequence[str]] | None = None,
) -> gpd.GeoDataFrame | None:
    """Read one file of polygons, of lines or of both; what is of another type is left out.

    Parameters
    ----------
    source
        A vector file, or for polygons a table of places with a radius.
    findings
        Book of findings.
    shape
        What is looked for. Points are polygons where a radius is known: by their own column
        ``radius_m``, that of the file in the scenario, or ``radii_m``.
    datum
        Of a file that does not say its own.
    work_crs
        CRS of the result.
    district
        Where it is to lie, once that is known.
    radii_m
        Radius of the points of each kind.
    aliases
        Further heads of fields, beside :data:`planner.layers.aliases.HEADS`.

    Returns
    -------
    GeoDataFrame
        ``FIELDS`` as text but ``accuracy_m``, which is a number; what a feature does not say of
        its origin, the manifest says of its file. ``spot`` (where the feature is, its first corner
        in the degrees of the file, those of WGS-84 in a projected one), ``file``, and ``geometry``
        in the work CRS, in the file's order.
    """
    import geopandas as gpd

    names = plain_names((*FIELDS, RADIUS), aliases or {})
    read = _features(source, names, aliases, findings)
    declared = places.datum_of(source, datum, findings)
    if read is None or declared is None:
        return None
    shapes, crs = read

    rows = []
    others = _Others(source, shape)
    for feature in shapes.features:
        row = _row(feature, names, source, radii_m, findings)
        geometry = _readable(feature, crs, others, findings, source.name)
        usable = None if geometry is None else _usable(geometry, row, shape, source)
        if usable is not None:
            rows.append({**row, "geometry": usable})
        elif geometry is not None:
            others.count(geometry, _at_corner(row["spot"], _first_of(geometry), crs))
    others.say(findings, is_all=not rows)

    # areas before and after a repair are compared in metres, so rings are mended in the work CRS
    rows = _located(rows, crs, declared, work_crs, district, source, findings)
    for row in rows:
        row["geometry"] = _whole(row, crs, declared, work_crs, source, findings)
    rows = _distinct([row for row in rows if row["geometry"] is not None], source, findings)
    if not rows:
        if not findings.errors_in(source.name):
            findings.add("no_data_rows", file=source.name)
        return None
    whole = [_with_origin(row, source) for row in rows]
    return gpd.GeoDataFrame(whole, geometry="geometry", crs=work_crs)


def _features(
    source: Source,
    names: Names,
    aliases: Mapping[str, Sequence[str]] | None,
    findings: Findings,
) -> tuple[Shapes, CRS] | None:
    """Features and the CRS of a file; None, with a finding, when it cannot be used."""
    if source.family == "vector":
        called = {field: names[field] for field in _CALLED}
        shapes = read_shapes(source, called, findings)
        numbers_of = (int(one.spot.feature or 0) for one in shapes.features) if shapes else ()
        findings.count_rows(source.name, numbers_of, 0)
    else:
        shapes = _places_of(source, aliases, findings)
    crs = None if shapes is None else known_crs(shapes, source, findings)
    return None if shapes is None or crs is None else (shapes, crs)


def _places_of(
    source: Source, aliases: Mapping[str, Sequence[str]] | None, findings: Findings
) -> Shapes | None:
    """The rows of a table as points in its degrees; one without a place is a finding."""
    import shapely

    table = read_table(source, findings, ("lon", "lat"), (*FIELDS, RADIUS), aliases=aliases)
    if table is None:
        return None
    lon, lat = (
        numbers(table, axis, findings, missing="missing_coordinate", degrees=True)
        for axis in ("lon", "lat")
    )
    texts = {field: table.text(field).tolist() for field in (*FIELDS, RADIUS)}
    points: Any = shapely.to_wkb(shapely.points(lon, lat))
    features = []
    for i, line in enumerate(table.frame.index.tolist()):
        properties = {field: cells[i] for field, cells in texts.items()}
        if np.isfinite(lon[i]) and np.isfinite(lat[i]):
            name = properties["name"] or properties["ref"] or properties["adcode"]
            spot = Spot(int(line), feature_name=name)
            features.append(Feature(spot, properties, points[i]))
    return Shapes(features, source.entry.crs or "EPSG:4326")


def _row(
    feature: Feature,
    names: Names,
    source: Source,
    radii_m: Mapping[str, float],
    findings: Findings,
) -> dict[str, Any]:
    """The fields of a feature as text, its radius in metres or NaN, and where it is."""
    file = source.name
    texts: dict[str, Any] = texts_in(feature.properties, names)
    own = texts.pop(RADIUS)
    texts["kind"] = source.entry.kind or texts["kind"]
    spot = feature.spot
    for field, text in texts.items():
        if re.search(CONTROL, text):
            findings.add("control_character", file=file, column=field, value=text, at=spot)

    radius_m = source.entry.radius_m or radii_m.get(texts["kind"], np.nan)
    if own:
        radius_m = float(own) if re.fullmatch(r"\d+(?:\.\d*)?", own) else np.nan
        if not 0 < radius_m <= FARTHEST_M:
            where: dict[str, Any] = {"file": file, "column": RADIUS, "value": own, "at": spot}
            findings.add("value_out_of_range", low=0, high=FARTHEST_M, **where)
            radius_m = np.nan
    return {**texts, RADIUS: radius_m, "spot": spot}


class _Others:
    """Features of a file that are no shapes of the type that is looked for, counted by type."""

    def __init__(self, source: Source, shape: Shape) -> None:
        self._file = source.name
        self._need = " / ".join(TYPES[shape])
        self._rows: dict[str, list[int]] = {}
        self._first: dict[str, Spot] = {}

    def count(self, geometry: Any, spot: Spot) -> None:
        found = "" if geometry is None else geometry.geom_type
        self._rows.setdefault(found, []).append(int(spot.feature or spot.line or 0))
        self._first.setdefault(found, spot)

    def say(self, findings: Findings, *, is_all: bool) -> None:
        """One finding a type; an error when there is nothing else in the file."""
        for found, rows in self._rows.items():
            where: dict[str, Any] = {"file": self._file, "at": self._first[found]}
            count = len(rows)
            if not found:
                findings.add("null_geometry", count=count, left_out=rows, **where)
                continue
            findings.add(
                "wrong_geometry_type",
                severity="E" if is_all else "W",
                found=found,
                need=self._need,
                count=count,
                left_out=rows,
                **where,
            )


def _readable(feature: Feature, crs: CRS, others: _Others, findings: Findings, file: str) -> Any:
    """A geometry with finite coordinates; None, with a finding, of any other."""
    import shapely

    drawn, spot = feature.drawn, feature.spot
    try:
        made = shapely.from_wkb(drawn) if isinstance(drawn, bytes) else drawn
    except shapely.errors.GEOSException as error:
        made = Unreadable(str(error), None)
    if isinstance(made, Unreadable):
        at = _at_corner(spot, made.corner, crs)
        findings.add("invalid_ring", file=file, reason=reason_of(made.reason), at=at)
        return None
    if made is None or made.is_empty:
        others.count(None, spot)
        return None

    made = shapely.force_2d(made)
    if not np.isfinite(shapely.get_coordinates(made)).all():
        at = _at_corner(spot, _first_of(made), crs)
        findings.add("non_finite_coordinate", file=file, at=at)
        return None
    return made


def _usable(geometry: Any, row: dict[str, Any], shape: Shape, source: Source) -> Any:
    """What of a geometry is of the type that is looked for; None where nothing is."""
    import shapely

    if geometry.geom_type in TYPES[shape]:
        return geometry
    if geometry.geom_type == "GeometryCollection":
        parts: Any = shapely.get_parts(geometry)
        kept = [part for part in parts if part.geom_type in TYPES[shape]]
        return shapely.union_all(kept) if kept else None
    if shape != "polygon":
        return None
    if geometry.geom_type in POINTS and row[RADIUS] > 0:
        return geometry
    # a drawing has no polygons: its areas are closed lines
    if source.format == "dxf" and geometry.geom_type == "LineString" and geometry.is_ring:
        return shapely.Polygon(geometry)
    return None


def _first_of(geometry: Any) -> Any:
    """The first corner of a shape."""
    import shapely

    return shapely.get_coordinates(geometry)[0]


def _at_corner(spot: Spot, corner: Any, crs: CRS) -> Spot:
    """The spot with a corner of a shape as it was read, where that is a place."""
    import pyproj

    try:
        xy = np.array([corner[:2]], dtype=float)
        lon, lat = map(float, degrees_of(xy, crs)[0])
    except (TypeError, ValueError, OverflowError, pyproj.exceptions.CRSError):
        return spot
    is_place = abs(lon) <= 180 and abs(lat) <= 90
    return spot._replace(lon=lon, lat=lat) if is_place else spot


def _located(
    rows: list[dict[str, Any]],
    crs: CRS,
    datum: str,
    work_crs: str,
    district: District | None,
    source: Source,
    findings: Findings,
) -> list[dict[str, Any]]:
    """The rows with their geometry in the work CRS, points as discs.

    One whose coordinates are no places is a finding and left out.
    """
    import shapely

    if not rows:
        return []
    shapes: Any = np.array([row["geometry"] for row in rows], dtype=object)
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    xy = degrees_of(xy, crs)
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
        geometry = _disc(shapes[i], rows[i][RADIUS])
        located.append({**rows[i], "spot": spot, "geometry": geometry})
    return located


def _disc(geometry: Any, radius_m: float) -> Any:
    """The disc around points, in work metres; any other shape as it is."""
    import shapely

    if geometry.geom_type not in POINTS:
        return geometry
    disc = shapely.buffer(geometry, radius_m)
    return shapely.set_coordinates(disc, np.round(shapely.get_coordinates(disc), places.ROUND_M))


def _datum_of_degrees(crs: CRS, declared: str) -> str:
    """Datum of a file's degrees: the declared one, unless its CRS names its datum itself."""
    return "wgs84" if names_datum(crs) else declared


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
    # one corner that nobody set draws a shape to another continent
    unset = owner[(xy == 0).all(axis=1)]
    is_unset = np.isin(np.arange(n_rows), unset)
    for i in np.flatnonzero(is_place & ~is_beyond & is_unset):
        findings.add("near_origin", file=source.name, value=places.shown(0.0, 0.0), at=spots[i])
    return is_place & ~is_beyond & ~is_unset


def _whole(
    row: dict[str, Any], crs: CRS, datum: str, work_crs: str, source: Source, findings: Findings
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

    mended, change = mend(geometry)
    if mended is None:
        findings.add("invalid_ring", file=source.name, reason=reason_of(why), at=spot)
        return None
    percent = f"{100 * change:.2f}"
    findings.add("repaired_ring", file=source.name, reason=reason_of(why), change=percent, at=spot)
    return mended


def mend(shape: Any) -> tuple[Any, float]:
    """A valid polygon of an invalid one, None where that is a large repair; its part of the area.

    :data:`REPAIR_LIMIT` parts a small repair from a large one.
    """
    import shapely

    mended: Any = shapely.make_valid(shape)
    before, after = shapely.area(shape), shapely.area(mended)
    change = abs(after - before) / max(before, _LEAST_AREA)
    is_small = mended.geom_type in TYPES["polygon"] and change <= REPAIR_LIMIT
    return (mended if is_small else None), change


def _with_origin(row: dict[str, Any], source: Source) -> dict[str, Any]:
    """A row as it is given back: the manifest says what the feature does not say itself."""
    told = {field: row[field] for field in (*FIELDS, "spot")}
    told[F.BASIS] = told[F.BASIS] or source.basis
    for field in (F.SOURCE, F.LICENCE):
        told[field] = told[field] or source.record.get(field, "")
    told[F.ACCURACY_M] = _metres(told[F.ACCURACY_M] or source.record.get("accuracy", ""))
    return {**told, F.FILE: source.name, "geometry": row["geometry"]}


def _metres(text: str) -> float:
    """The first number of a text such as ``150 m``; NaN without one."""
    match = re.search(r"\d+(?:\.\d+)?", text)
    return float(match.group()) if match else float("nan")


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
            number = row["spot"].feature or row["spot"].line
            where: dict[str, Any] = {"other": first[key], "at": row["spot"], "left_out": [number]}
            findings.add("duplicate_feature", file=source.name, **where)
        else:
            first[key] = row["spot"].feature or row["spot"].line
            kept.append(row)
    return kept
