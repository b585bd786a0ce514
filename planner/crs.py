"""WGS-84, CGCS2000, GCJ-02 and BD-09: declare, detect, convert.

GCJ-02 and BD-09 are what Chinese web maps draw in; in Tinghu they lie 474 m and about 1,180 m off
WGS-84. The formulas are the ones that circulate publicly, inverted exactly; the legal transform is
not public. CGCS2000 is taken as WGS-84: PROJ has only a null transform between the two, they differ
by centimetres.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, get_args

import numpy as np
import numpy.typing as npt

from planner.errors import InputError

if TYPE_CHECKING:
    from pyproj import CRS, Transformer

Datum = Literal["wgs84", "cgcs2000", "gcj02", "bd09"]
DATUMS: Final[tuple[str, ...]] = get_args(Datum)
FloatArray = npt.NDArray[np.float64]
_Pair = tuple[FloatArray, FloatArray]

# the ellipsoid is that of Krasovsky 1940, as the published algorithm has it
_SEMI_MAJOR_M: Final = 6378245.0
_ECCENTRICITY_2: Final = 0.00669342162296594323
# west, east, south, north in degrees; the published algorithm shifts nothing outside
_CHINA: Final = (72.004, 137.8347, 0.8293, 55.8271)
_BD_WAVE: Final = np.pi * 3000.0 / 180.0
_BD_SHIFT: Final = (0.0065, 0.006)
# the fixed point gains 2 to 3 digits a step; a double holds 16
_STEPS: Final = 12

_WORDS: Final[tuple[tuple[str, Datum], ...]] = (
    ("bd09", "bd09"), ("bd-09", "bd09"), ("bd_09", "bd09"), ("百度", "bd09"), ("baidu", "bd09"),
    ("gcj", "gcj02"), ("火星", "gcj02"), ("高德", "gcj02"), ("amap", "gcj02"),
    ("腾讯", "gcj02"), ("奥维", "gcj02"),
    ("cgcs", "cgcs2000"), ("国家2000", "cgcs2000"), ("2000国家", "cgcs2000"),
    ("大地2000", "cgcs2000"), ("wgs", "wgs84"), ("gps", "wgs84"),
)  # fmt: skip
_LOCAL: Final = re.compile(r"\+proj=tmerc \+lat_0=(?P<lat>-?\d{1,2}\.\d\d) "
                           r"\+lon_0=(?P<lon>-?\d{1,3}\.\d\d) .*")  # fmt: skip
# Crockford base 32: no I, L, O, U
_CODE_LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
# latitudes at 1e-5 degree
_LAT_STEPS: Final = 18_000_001


def convert(lon: npt.ArrayLike, lat: npt.ArrayLike, source: Datum, target: Datum) -> _Pair:
    """Convert geographic coordinates between datums.

    Parameters
    ----------
    lon, lat
        Degrees, any shape that broadcasts.
    source, target
        ``wgs84``, ``cgcs2000``, ``gcj02`` or ``bd09``.

    Returns
    -------
    lon, lat
        Degrees in the target. There and back again gives the start to the last digits of a double
        (1e-9 m); only within 1e-6 m of the meridian 105 E does the published GCJ-02 give one result
        for two places, 1e-6 m apart.

    Raises
    ------
    InputError
        When a datum is not one of the four.
    """
    for datum in (source, target):
        if datum not in DATUMS:
            raise InputError(
                f"unknown datum {datum!r}; known: {', '.join(DATUMS)}", f"不认识的坐标系 {datum!r}"
            )

    both = np.broadcast_arrays(np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64))
    x, y = (np.array(part) for part in both)

    # WGS-84, GCJ-02 and BD-09 are rungs of a ladder: each is made from the one below
    start = _rung(source)
    end = _rung(target)
    for step in _LADDER[start:end]:
        x, y = step(x, y)
    for step in reversed(_LADDER[end:start]):
        x, y = _inverse(step, x, y)
    return x, y


def datum_differs(lon: npt.ArrayLike, lat: npt.ArrayLike) -> bool:
    """Whether GCJ-02 is anything but WGS-84 for one of these degrees: only in and around China."""
    return bool(_in_china(np.asarray(lon, np.float64), np.asarray(lat, np.float64)).any())


def same_datum(one: str, other: str) -> bool:
    """Whether two datums are one to places: WGS-84 and CGCS2000 differ by centimetres."""
    return one == other or {one, other} == {"wgs84", "cgcs2000"}


def detect_datum(*texts: str) -> Datum | None:
    """The datum that a header, sheet or file name speaks of.

    None when none does or two contradict each other. This reads words only. Coordinates alone do
    not tell their datum: that takes a known place to compare with.
    """
    plain = [text.lower().replace(" ", "") for text in texts]
    found = {datum for text in plain for word, datum in _WORDS if word in text}
    return found.pop() if len(found) == 1 else None


def gauss_kruger(easting_m: float) -> str | None:
    """The CGCS2000 CRS that the zone prefix of an easting names; None without a prefix.

    Eight digits before the point carry a zone number: 40 511 234 is the 3-degree zone 40
    (EPSG:4528), 21 234 567 the 6-degree zone 21 (EPSG:4499). Six digits do not, then the central
    meridian has to be known (120 E: EPSG:4549).
    """
    zone = int(easting_m // 1_000_000)
    if 25 <= zone <= 45:
        return f"EPSG:{4488 + zone}"
    return f"EPSG:{4478 + zone}" if 13 <= zone <= 23 else None


def local_crs(lon: float, lat: float) -> str:
    """The transverse Mercator centred on a place, true to scale there, in metres.

    It is written out as text that every GIS reads. ``lon`` and ``lat`` are WGS-84 degrees and are
    rounded to 0.01 degree.
    """
    # the centre of a boundary often lies just between two hundredths: the last digits of a
    # projection must not decide which of them it is
    lon, lat = (round(round(degrees, 7), 2) + 0.0 for degrees in (lon, lat))
    return _written_out(f"{lon:.2f}", f"{lat:.2f}")


def is_local_crs(text: str) -> bool:
    """Whether a text is one that :func:`local_crs` gives, to the letter."""
    found = _LOCAL.fullmatch(text)
    return found is not None and text == _written_out(found["lon"], found["lat"])


def _written_out(lon: str, lat: str) -> str:
    side = f"{lon.lstrip('-')}{'EW'[lon[0] == '-']}-{lat.lstrip('-')}{'NS'[lat[0] == '-']}"
    return (
        f"+proj=tmerc +lat_0={lat} +lon_0={lon} +k=1 +x_0=0 +y_0=0 +datum=WGS84 +units=m +no_defs "
        f"+title=WGS84/TM-{side} +type=crs"
    )


def zone_crs(lon: float, lat: float) -> str:
    """The official zone of a place: CGCS2000 in 3 degrees in China, else UTM of WGS-84."""
    from pyproj import CRS

    meridian = 3 * round(lon / 3)
    if 75 <= meridian <= 135:
        code = f"EPSG:{4534 + (meridian - 75) // 3}"
        area: Any = CRS.from_user_input(code).area_of_use
        if area.west <= lon <= area.east and area.south <= lat <= area.north:
            return code
    return _utm(lon, lat)


def _utm(lon: float, lat: float) -> str:
    zone = int((lon + 180) // 6) % 60 + 1
    return f"EPSG:{(32600 if lat >= 0 else 32700) + zone}"


def wide_zones(lon: float, lat: float) -> tuple[str, ...]:
    """Zones of six degrees that hold a place: that of CGCS2000, where there is one, and UTM."""
    meridian = 6 * int(lon // 6) + 3
    chinese = (f"EPSG:{4502 + (meridian - 75) // 6}",) if 75 <= meridian <= 135 else ()
    return (*chinese, _utm(lon, lat))


class Scale(NamedTuple):
    """How many metres on the map one on the ground is, over some places.

    ``least`` and ``greatest`` are those of lengths in any direction (the axes of the ellipse of
    Tissot); ``area`` is the farthest from 1 of areas. Infinite where a place cannot be drawn.
    """

    least: float
    greatest: float
    area: float

    @property
    def error(self) -> float:
        """The largest error of a length, as a share of it."""
        return max(1 - self.least, self.greatest - 1)


def scale_at(crs: CRS, lon: npt.ArrayLike, lat: npt.ArrayLike) -> Scale:
    """The scale of a projected CRS over places given in degrees."""
    from pyproj import Proj

    factors = Proj(crs).get_factors(
        np.asarray(lon, np.float64), np.asarray(lat, np.float64), errcheck=False
    )
    least, greatest = np.min(factors.tissot_semiminor), np.max(factors.tissot_semimajor)
    if not (np.isfinite(least) and np.isfinite(greatest)):
        return Scale(0.0, float("inf"), float("inf"))
    areas = np.atleast_1d(factors.areal_scale)
    area = areas[np.argmax(np.abs(areas - 1))]
    return Scale(float(least), float(greatest), float(area))


def system_of(name: str) -> CRS | None:
    """The CRS of a name, a code or a definition; None where there is none.

    One of the earth that does not lead to WGS-84 is none.
    """
    from pyproj import CRS
    from pyproj.exceptions import CRSError, ProjError

    # a damaged definition may be a CRS and yet have no way to any other
    try:
        system = CRS.from_user_input(name)
        if system.is_geographic or system.is_projected:
            transformer(system.to_wkt(), "EPSG:4326")
    except (CRSError, ProjError):
        return None
    return system


@lru_cache(maxsize=32)
def transformer(source: str, target: str) -> Transformer:
    """A pyproj transformer that takes and gives x (east, longitude) before y for every CRS."""
    from pyproj import Transformer

    return Transformer.from_crs(source, target, always_xy=True)


def project(x: npt.ArrayLike, y: npt.ArrayLike, source: str, target: str) -> _Pair:
    """Project arrays of x, y from one CRS to another; see :func:`transformer`."""
    east, north = transformer(source, target).transform(
        np.asarray(x, np.float64), np.asarray(y, np.float64)
    )
    return np.asarray(east, np.float64), np.asarray(north, np.float64)


def place_code(lon: float, lat: float) -> str:
    """Ten Crockford base-32 characters that name a WGS-84 place to 1e-5 degree (1 m)."""
    number = round((lon + 180.0) * 1e5) * _LAT_STEPS + round((lat + 90.0) * 1e5)
    return "".join(_CODE_LETTERS[number >> shift & 31] for shift in range(45, -1, -5))


def _rung(datum: Datum) -> int:
    """How many steps of the ladder lead from WGS-84 to a datum."""
    return {"gcj02": 1, "bd09": 2}.get(datum, 0)


def _in_china(x: FloatArray, y: FloatArray) -> npt.NDArray[np.bool_]:
    west, east, south, north = _CHINA
    inside: npt.NDArray[np.bool_] = (x >= west) & (x <= east) & (y >= south) & (y <= north)
    return inside


def _wgs_to_gcj(lon: FloatArray, lat: FloatArray) -> _Pair:
    """GCJ-02 of WGS-84, degrees: the shift is a polynomial and waves, in metres."""
    x = lon - 105.0
    y = lat - 35.0
    root = np.sqrt(np.abs(x))
    ripple = 20.0 * np.sin(6.0 * np.pi * x) + 20.0 * np.sin(2.0 * np.pi * x)

    waves = ripple + 20.0 * np.sin(np.pi * x) + 40.0 * np.sin(np.pi / 3.0 * x)
    waves = waves + 150.0 * np.sin(np.pi / 12.0 * x) + 300.0 * np.sin(np.pi / 30.0 * x)
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + waves * (2.0 / 3.0)

    waves = ripple + 20.0 * np.sin(np.pi * y) + 40.0 * np.sin(np.pi / 3.0 * y)
    waves = waves + 160.0 * np.sin(np.pi / 12.0 * y) + 320.0 * np.sin(np.pi / 30.0 * y)
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north = north + waves * (2.0 / 3.0)

    # metres to degrees by the radii of curvature of the ellipsoid
    phi = np.radians(lat)
    w2 = 1.0 - _ECCENTRICITY_2 * np.sin(phi) ** 2
    w = np.sqrt(w2)
    d_lat = np.degrees(north / (_SEMI_MAJOR_M * (1.0 - _ECCENTRICITY_2) / (w2 * w)))
    d_lon = np.degrees(east / (_SEMI_MAJOR_M / w * np.cos(phi)))

    inside = _in_china(lon, lat)
    return np.where(inside, lon + d_lon, lon), np.where(inside, lat + d_lat, lat)


def _gcj_to_bd(lon: FloatArray, lat: FloatArray) -> _Pair:
    """BD-09 of GCJ-02, degrees."""
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BD_WAVE)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BD_WAVE)
    inside = _in_china(lon, lat)
    return (
        np.where(inside, radius * np.cos(angle) + _BD_SHIFT[0], lon),
        np.where(inside, radius * np.sin(angle) + _BD_SHIFT[1], lat),
    )


_LADDER: Final = (_wgs_to_gcj, _gcj_to_bd)


def _inverse(forward: Callable[[Any, Any], _Pair], lon: FloatArray, lat: FloatArray) -> _Pair:
    """The place that ``forward`` takes to this one, degrees: ``p = p + target - forward(p)``.

    The shift varies by less than 1 % of the way, so the fixed point contracts.
    """
    x, y = lon, lat
    for _ in range(_STEPS):
        there_x, there_y = forward(x, y)
        before = x, y
        x, y = x + (lon - there_x), y + (lat - there_y)
        # what stands still goes on standing
        if np.array_equal(before, (x, y)):
            break
    return x, y
