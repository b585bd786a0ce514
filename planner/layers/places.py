"""Coordinates of any input: in range, not swapped, in the district and datum; to the work CRS."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np
import numpy.typing as npt

from planner.crs import (
    DATUMS,
    Datum,
    convert,
    detect_datum,
    gauss_kruger,
    project,
    same_datum,
    wide_zones,
    zone_crs,
)
from planner.errors import Spot
from planner.layers.files import Source
from planner.layers.findings import Findings, row_of

if TYPE_CHECKING:
    import shapely

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
SpotOf = Callable[[int], Spot]
"""Says where the i-th place stands in its file."""

REACH_DEGREES: Final = 0.5  # a place this near to the district's frame is not a swapped one
NEAR_ORIGIN_DEGREES: Final = 1.0
LEAST_METRES: Final = 1000  # no degree is that large
SWAPPED_FILE: Final = 0.95
_EPSG: Final = re.compile(r"epsg:?\s*(\d{4,6})", re.IGNORECASE)
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
    """Datum of a file of shapes: what scenario or manifest declare, else that of its CRS.

    A file name or header that says otherwise is a finding.
    """
    declared = declared_of(source, default)
    if declared not in DATUMS:
        findings.add("datum_unknown", file=source.name, found=declared[:40])
        return None
    named = detect_datum(source.name, *headers)
    if named is not None and not same_datum(named, declared):
        findings.add("datum_suspected", file=source.name, found=named, declared=declared)
    return declared


def declared_of(source: Source, default: str) -> str:
    """The datum of a file of shapes as it is declared, be it a known one or not.

    A format of shapes states its CRS, so that without another word it is WGS-84.
    """
    text = source.entry.datum or source.record.get("datum", "").strip()
    if not text or epsg_of(text):
        return default or "wgs84"
    return known_datum(text) or text


def known_datum(text: str) -> Datum | None:
    """The datum of a text such as ``gcj02``, ``GCJ-02`` or ``高德``; None where it is none."""
    plain = text.strip().lower().replace("-", "")
    return cast("Datum", plain) if plain in DATUMS else detect_datum(text)


def epsg_of(text: str) -> str:
    """The EPSG code that a text such as ``epsg:4549`` is; empty where it is none."""
    code = _EPSG.fullmatch(text.strip())
    return f"EPSG:{code[1]}" if code else ""


def on_lines(lines: npt.NDArray[np.int64]) -> SpotOf:
    """Places of a table, each on its physical line; ``lines`` (places,)."""
    return lambda i: Spot(int(lines[i]))


def check_degrees(
    lon: FloatArray,
    lat: FloatArray,
    spot_of: SpotOf,
    district: District | None,
    findings: Findings,
    file: str,
    column: str = "",
) -> BoolArray:
    """Which places are usable longitudes and latitudes, (places,); every other one is a finding.

    NaN was reported before.
    """
    east, north = np.abs(lon), np.abs(lat)
    is_known = np.isfinite(lon) & np.isfinite(lat)
    in_range = is_known & (east <= 180) & (north <= 90)
    is_swapped = is_known & _looks_swapped(lon, lat, district)
    near_zero = (east < NEAR_ORIGIN_DEGREES) & (north < NEAR_ORIGIN_DEGREES)
    if district is not None:
        # one of the two that is 0 is none either, but where the district lies on that line
        near_zero |= ((east == 0) | (north == 0)) & ~_near(lon, lat, district)
    at_origin = in_range & ~is_swapped & near_zero
    is_strange = is_known & ~in_range & ~is_swapped
    in_metres = is_strange & (east > LEAST_METRES) & (north > LEAST_METRES)

    where: dict[str, Any] = {"file": file, "column": column}
    n_swapped = int(is_swapped.sum())
    if n_swapped > 1 and n_swapped >= SWAPPED_FILE * len(lon):
        findings.add("swapped_lon_lat_file", count=n_swapped, **where)
    else:
        _report("swapped_lon_lat", is_swapped, lon, lat, spot_of, findings, where)
    _report("near_origin", at_origin, lon, lat, spot_of, findings, where)
    _report("coordinate_out_of_range", is_strange & ~in_metres, lon, lat, spot_of, findings, where)

    # metres are said once: the whole file is in them
    if in_metres.any():
        first = int(np.flatnonzero(in_metres)[0])
        spots = map(spot_of, np.flatnonzero(in_metres).tolist())
        findings.add(
            "projected_without_crs",
            left_out=[row for spot in spots if (row := row_of(spot)) is not None],
            value=shown(lon[first], lat[first]),
            guess=_guess(float(lon[first]), float(lat[first]), district),
            at=spot_of(first),
            **where,
        )
    return in_range & ~is_swapped & ~at_origin


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
    """Which places lie in the district, (places,); others are findings, errors when ``refuse``."""
    away_m = beyond_border(x, y, district)
    is_inside: BoolArray = away_m == 0
    where: dict[str, Any] = {"file": file, "severity": "E" if refuse else "W"}
    for line, km in zip(lines[~is_inside], away_m[~is_inside] / 1000, strict=True):
        findings.add(
            "outside_study_area", line=int(line), left_out=[int(line)], km=f"{km:.2f}", **where
        )
    return is_inside


def beyond_border(x: FloatArray, y: FloatArray, district: District) -> FloatArray:
    """How far beyond the border places lie, (places,) m; 0 in the district and on its border."""
    import shapely

    away_m: FloatArray = np.zeros(len(x))
    is_outside = ~shapely.intersects_xy(district.polygon, x, y)
    places = shapely.points(x[is_outside], y[is_outside])
    away_m[is_outside] = shapely.distance(places, district.polygon)
    return away_m


def to_work(lon: FloatArray, lat: FloatArray, work_crs: str) -> tuple[FloatArray, FloatArray]:
    """Work metres of WGS-84 degrees, rounded to the millimetre."""
    x, y = project(lon, lat, "EPSG:4326", work_crs)
    return np.round(x, ROUND_M), np.round(y, ROUND_M)


def to_degrees(x: float, y: float, work_crs: str, datum: str) -> tuple[float, float]:
    """Degrees in the datum of a file of a place in work metres."""
    lon, lat = project(x, y, work_crs, "EPSG:4326")
    lon, lat = convert(lon, lat, "wgs84", datum)  # type: ignore[arg-type]
    return float(lon), float(lat)


def to_wgs84(lon: FloatArray, lat: FloatArray, datum: str) -> tuple[FloatArray, FloatArray]:
    """WGS-84 degrees of degrees in a known datum; unchanged bytes when it is WGS-84 already."""
    return convert(lon, lat, datum, "wgs84")  # type: ignore[arg-type]


def near_share(lon: FloatArray, lat: FloatArray, district: District) -> float:
    """Share of the places, (places,) degrees, in or near the district; NaN do not count."""
    is_told = np.isfinite(lon) & np.isfinite(lat)
    is_near = _near(lon, lat, district)[is_told]
    return float(is_near.mean()) if is_near.size else 0.0


def _guess(x: float, y: float, district: District | None) -> str:
    """The CRS in which metres would lie in the district, whichever of the two is east.

    It is a proposal: the zone of a prefix, else of the zones of the district the first that fits.
    """
    prefixed = next(filter(None, map(gauss_kruger, (x, y))), None)
    if prefixed or district is None:
        return prefixed or ""
    west, south, east, north = district.frame
    lat = (south + north) / 2
    # the zone of three degrees, then those of six degrees and of UTM, of the neighbour too
    proposals = [zone_crs((west + east) / 2, lat)]
    proposals += [zone for lon in (west, east, west - 1, east + 1) for zone in wide_zones(lon, lat)]
    for crs in proposals:
        for east, north in ((x, y), (y, x)):
            there = project([east], [north], crs, "EPSG:4326")
            if near_share(*there, district):
                return crs
    return proposals[0]


def _near(lon: FloatArray, lat: FloatArray, district: District) -> BoolArray:
    """Which places lie in the district's frame or near it."""
    west, south, east, north = district.frame
    margin = REACH_DEGREES
    in_columns: BoolArray = (lon > west - margin) & (lon < east + margin)
    in_rows: BoolArray = (lat > south - margin) & (lat < north + margin)
    return in_columns & in_rows


def _looks_swapped(lon: FloatArray, lat: FloatArray, district: District | None) -> BoolArray:
    """Which places would be near the district if longitude and latitude changed places."""
    if district is None:
        return (np.abs(lat) > 90) & (np.abs(lat) <= 180) & (np.abs(lon) <= 90)
    return _near(lat, lon, district) & ~_near(lon, lat, district)


def _report(
    code: str,
    mask: BoolArray,
    lon: FloatArray,
    lat: FloatArray,
    spot_of: SpotOf,
    findings: Findings,
    where: dict[str, Any],
) -> None:
    """A finding about each place of the mask, where it stands."""
    for i in np.flatnonzero(mask):
        findings.add(code, value=shown(lon[i], lat[i]), at=spot_of(int(i)), **where)


def shown(lon: float, lat: float) -> str:
    """A place as a finding shows it, to a metre."""
    return f"{lon:.9g}, {lat:.9g}"
