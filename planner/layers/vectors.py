"""Polygons and lines of GeoJSON, GeoPackage, Shapefile, KML -> features in the work CRS, none lost unsaid."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from planner.crs import project
from planner.layers import places
from planner.layers.aliases import HEADS
from planner.layers.files import Source
from planner.layers.findings import Findings
from planner.layers.geojson import Raw, read_geojson
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

    read = (
        read_geojson(source, findings)
        if source.format == "geojson"
        else _read_gdal(source, findings)
    )
    declared = places.datum_of(source, datum, findings)
    if read is None or declared is None:
        return None
    raw, crs = read
    rows: list[dict[str, Any]] = []
    for line, properties, drawn in raw:
        geometry = _usable(drawn, line, shape, source, findings)
        if geometry is not None:
            rows.append({**_texts(properties), "line": line, "geometry": geometry})
    rows = _located(rows, crs, declared, work_crs, district, source, findings)
    for row in rows:
        row["geometry"] = _whole(row["geometry"], row["line"], source, findings)
    rows = _distinct([row for row in rows if row["geometry"] is not None], source, findings)
    if not rows:
        if not findings.errors_in(source.name):
            findings.add("no_data_rows", file=source.name)
        return None
    return gpd.GeoDataFrame(rows, geometry="geometry", crs=work_crs)


def _read_gdal(source: Source, findings: Findings) -> tuple[list[Raw], str] | None:
    if source.format == "shapefile" and not _has_sidecars(source, findings):
        return None
    if source.format == "kml" and not _is_plain_kml(source, findings):
        return None
    try:
        opened = _open(source, findings)
    except Exception as error:  # noqa: BLE001 (GDAL and pyogrio raise many kinds, all of them about the file)
        findings.add("truncated_file", file=source.name, offset=0, reason=str(error)[:80])
        return None
    if opened is None:
        findings.add("no_data_rows", file=source.name)
        return None
    meta, _, shapes, columns = opened
    if meta["crs"] is None:
        findings.add("crs_missing", file=source.name)
        return None
    names = [str(name) for name in meta["fields"]]
    properties = (
        [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
        if names
        else None
    )
    empty: dict[str, Any] = {}
    return [
        (i + 1, properties[i] if properties else empty, wkb) for i, wkb in enumerate(shapes)
    ], str(meta["crs"])


def _open(source: Source, findings: Findings) -> Any:
    """What pyogrio reads of the first layer; a shapefile without .cpg is UTF-8 or else GB18030, never Latin."""
    from planner.layers.drivers import load_gdal

    pyogrio = load_gdal()
    layers = pyogrio.list_layers(source.path)
    if len(layers) == 0:
        return None
    if len(layers) > 1:
        findings.add(
            "multiple_layers", file=source.name, count=len(layers), chosen=str(layers[0][0])
        )
    options: dict[str, Any] = {"layer": str(layers[0][0]), "force_2d": True}
    if source.format != "shapefile" or source.path.with_suffix(".cpg").is_file():
        return pyogrio.raw.read(source.path, **options)
    try:
        return pyogrio.raw.read(source.path, encoding="UTF-8", **options)
    except UnicodeDecodeError:
        findings.add(
            "encoding_guessed", file=source.name, guess="gb18030", sample=source.path.stem + ".dbf"
        )
        return pyogrio.raw.read(source.path, encoding="GB18030", **options)


def _has_sidecars(source: Source, findings: Findings) -> bool:
    complete = True
    for suffix in (".shx", ".dbf", ".prj"):
        if not any(source.path.with_suffix(s).is_file() for s in (suffix, suffix.upper())):
            findings.add("sidecar_missing", file=source.name, what=source.path.stem + suffix)
            complete = False
    return complete


def _is_plain_kml(source: Source, findings: Findings) -> bool:
    text = source.path.read_bytes()
    for mark in (b"<!DOCTYPE", b"<!ENTITY", b"NetworkLink", b"\0"):
        if mark in text:
            findings.add(
                "remote_reference",
                file=source.name,
                what=mark.decode("ascii").strip("\0") or "UTF-16",
            )
            return False
    return True


def _usable(
    geometry: Any, line: int, shape: Shape, source: Source, findings: Findings
) -> shapely.Geometry | None:
    import json

    import shapely

    if geometry is None:
        findings.add("null_geometry", file=source.name, line=line)
        return None
    try:
        made = (
            shapely.from_wkb(geometry)
            if isinstance(geometry, bytes)
            else shapely.from_geojson(json.dumps(geometry))
        )
    except (shapely.errors.GEOSException, ValueError, RecursionError) as error:
        reason = re.sub(
            r"^\w+Exception: ", "", " ".join(str(error).split())
        )  # the library's own name says nothing
        findings.add("invalid_ring", file=source.name, line=line, reason=reason[:80])
        return None
    made = shapely.force_2d(made)
    if made.is_empty:
        findings.add("null_geometry", file=source.name, line=line)
        return None
    if made.geom_type not in TYPES[shape]:
        need = " / ".join(TYPES[shape])
        findings.add(
            "wrong_geometry_type", file=source.name, line=line, found=made.geom_type, need=need
        )
        return None
    if not np.isfinite(shapely.get_coordinates(made)).all():
        findings.add("non_finite_coordinate", file=source.name, line=line)
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
    """The rows with their geometry in the work CRS; one whose coordinates are no places is a finding and left out."""
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
    good = _are_places(xy, owner, rows, district, source, findings)
    if system.is_geographic and system.to_epsg() != 4490:  # any other CRS names its datum itself
        xy = np.column_stack(places.to_wgs84(xy[:, 0], xy[:, 1], datum))
    x, y = places.to_work(xy[:, 0], xy[:, 1], work_crs)
    lost = np.isin(np.arange(len(rows)), owner[~(np.isfinite(x) & np.isfinite(y))])
    for i in np.flatnonzero(good & lost):
        findings.add("coordinate_out_of_range", file=source.name, line=rows[i]["line"])
    shapes = shapely.set_coordinates(shapes, np.column_stack([x, y]))
    return [{**row, "geometry": shapes[i]} for i, row in enumerate(rows) if good[i] and not lost[i]]


def _are_places(
    xy: Any,
    owner: Any,
    rows: list[dict[str, Any]],
    district: District | None,
    source: Source,
    findings: Findings,
) -> places.BoolArray:
    """Which features have usable degrees: judged by their middle, and no corner out of range."""
    count = np.bincount(owner, minlength=len(rows))
    lon, lat = (
        np.bincount(owner, weights=axis, minlength=len(rows)) / count
        for axis in (xy[:, 0], xy[:, 1])
    )
    lines = np.array([row["line"] for row in rows], dtype=np.int64)
    good = places.check_degrees(lon, lat, lines, district, findings, source.name)
    beyond = np.isin(np.arange(len(rows)), owner[~(np.abs(xy) <= (180, 90)).all(axis=1)])
    for line in lines[good & (beyond | ~np.isfinite(lon + lat))]:
        findings.add("coordinate_out_of_range", file=source.name, line=int(line))
    return good & ~beyond


def _whole(geometry: Any, line: int, source: Source, findings: Findings) -> Any:
    """A valid polygon; a small repair is recorded, a large one refused. Lines pass."""
    import shapely

    if geometry.geom_type in TYPES["line"] or shapely.is_valid(geometry):
        return geometry
    reason = str(shapely.is_valid_reason(geometry))
    mended: Any = shapely.make_valid(geometry)
    before, after = shapely.area(geometry), shapely.area(mended)
    change = abs(after - before) / max(before, 1e-9)
    if mended.geom_type not in TYPES["polygon"] or change > REPAIR_LIMIT:
        findings.add("invalid_ring", file=source.name, line=line, reason=reason)
        return None
    findings.add(
        "repaired_ring", file=source.name, line=line, reason=reason, change=f"{100 * change:.2f}"
    )
    return mended


def _texts(properties: dict[str, Any]) -> dict[str, str]:
    """The fields in use as text, under whichever of their names they stand."""
    lower = {str(key).strip().lower(): value for key, value in properties.items()}
    found = {}
    for field in FIELDS:
        value = next((lower[alias] for alias in HEADS.get(field, (field,)) if alias in lower), None)
        found[field] = "" if value is None or value != value else str(value).strip()
    return found


def _distinct(
    rows: list[dict[str, Any]], source: Source, findings: Findings
) -> list[dict[str, Any]]:
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
