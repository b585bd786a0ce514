"""Coordinates of any input: in range, not swapped, in the district, in the right datum; then to the work CRS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from planner.crs import DATUMS, convert, detect_datum, gauss_kruger, project
from planner.layers.files import Source
from planner.layers.findings import Findings

if TYPE_CHECKING:
    import shapely

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

REACH_DEGREES: Final = 0.5  # a place this near to the district's frame is not a swapped one
NEAR_ORIGIN_DEGREES: Final = 1.0
SWAPPED_FILE: Final = 0.95
ROUND_M: Final = 3  # millimetres: the last digits of a projection differ between machines


@dataclass(frozen=True, slots=True)
class District:
    """The boundary in the work CRS, its frame in degrees, and that CRS."""

    polygon: shapely.Geometry
    frame: tuple[float, float, float, float]
    work_crs: str

    def __contains__(self, place: tuple[float, float]) -> bool:
        west, south, east, north = self.frame
        lon, lat = place
        return west <= lon <= east and south <= lat <= north


def datum_of(source: Source, default: str, findings: Findings, *headers: str) -> str | None:
    """Datum of a file: what the manifest declares, else the scenario's; a name that says otherwise is a finding."""
    declared = source.record.get("datum", "").strip().lower().replace("-", "") or default
    if declared not in DATUMS:
        findings.add("datum_unknown", file=source.name, found=declared[:40])
        return None
    named = detect_datum(source.name, *headers)
    if named is not None and named != declared and {named, declared} != {"wgs84", "cgcs2000"}:
        findings.add("datum_suspected", file=source.name, found=named, declared=declared)
    return declared


def check_degrees(
    lon: FloatArray,
    lat: FloatArray,
    lines: npt.NDArray[np.int64],
    district: District | None,
    findings: Findings,
    file: str,
    column: str = "",
) -> BoolArray:
    """Which places are usable longitudes and latitudes; every other one is a finding. NaN was reported before."""
    known = np.isfinite(lon) & np.isfinite(lat)
    swapped = known & _looks_swapped(lon, lat, district)
    in_range = known & (np.abs(lon) <= 180) & (np.abs(lat) <= 90)
    origin = (
        in_range
        & ~swapped
        & (np.abs(lon) < NEAR_ORIGIN_DEGREES)
        & (np.abs(lat) < NEAR_ORIGIN_DEGREES)
    )
    metres = known & ~in_range & ~swapped & (np.abs(lon) > 1000) & (np.abs(lat) > 1000)
    beyond = known & ~in_range & ~swapped & ~metres
    where: dict[str, Any] = {"file": file, "column": column}
    if swapped.sum() > 1 and swapped.sum() >= SWAPPED_FILE * len(lon):
        findings.add("swapped_lon_lat_file", count=int(swapped.sum()), **where)
    else:
        _report("swapped_lon_lat", swapped, lon, lat, lines, findings, where)
    _report("near_origin", origin, lon, lat, lines, findings, where)
    _report("coordinate_out_of_range", beyond, lon, lat, lines, findings, where)
    if metres.any():
        first = int(np.flatnonzero(metres)[0])
        east = max(lon[first], lat[first])  # sheets of surveyors write x for north
        findings.add(
            "projected_without_crs",
            line=int(lines[first]),
            guess=gauss_kruger(float(east)),
            value=f"{lon[first]:g}, {lat[first]:g}",
            **where,
        )
    return in_range & ~swapped & ~origin


def inside(
    x: FloatArray,
    y: FloatArray,
    lines: npt.NDArray[np.int64],
    district: District,
    findings: Findings,
    file: str,
    *,
    refuse: bool,
) -> BoolArray:
    """Which places lie in the district; the others are findings, errors when ``refuse``."""
    import shapely

    within: BoolArray = shapely.intersects_xy(district.polygon, x, y)
    away: Any = shapely.distance(shapely.points(x[~within], y[~within]), district.polygon) / 1000
    for line, km in zip(lines[~within], away, strict=True):
        findings.add(
            "outside_study_area",
            file=file,
            line=int(line),
            severity="E" if refuse else "W",
            km=f"{km:.2f}",
        )
    return within


def to_work(lon: FloatArray, lat: FloatArray, work_crs: str) -> tuple[FloatArray, FloatArray]:
    """Work metres of WGS-84 degrees, rounded to the millimetre."""
    x, y = project(lon, lat, "EPSG:4326", work_crs)
    return np.round(x, ROUND_M), np.round(y, ROUND_M)


def to_wgs84(lon: FloatArray, lat: FloatArray, datum: str) -> tuple[FloatArray, FloatArray]:
    """WGS-84 degrees of degrees in a known datum; unchanged bytes when it is WGS-84 already."""
    return convert(lon, lat, datum, "wgs84")  # type: ignore[arg-type]


def _looks_swapped(lon: FloatArray, lat: FloatArray, district: District | None) -> BoolArray:
    if district is None:
        return (np.abs(lat) > 90) & (np.abs(lat) <= 180) & (np.abs(lon) <= 90)
    west, south, east, north = district.frame
    margin = REACH_DEGREES

    def near(x: FloatArray, y: FloatArray) -> BoolArray:
        hit: BoolArray = (
            (x > west - margin) & (x < east + margin) & (y > south - margin) & (y < north + margin)
        )
        return hit

    return near(lat, lon) & ~near(lon, lat)


def _report(
    code: str,
    mask: BoolArray,
    lon: FloatArray,
    lat: FloatArray,
    lines: npt.NDArray[np.int64],
    findings: Findings,
    where: dict[str, Any],
) -> None:
    for i in np.flatnonzero(mask):
        findings.add(code, line=int(lines[i]), value=f"{lon[i]:g}, {lat[i]:g}", **where)
