"""Sector antennas: pattern, tilts, and azimuths that follow demand.

The pattern is the form of TR 38.901, clause 7.3, or a measured table. Angles are degrees. Azimuths
and bearings run clockwise from true north, 0 to 360; depression is positive below the horizon. A
pattern is an attenuation, 0 dB on the main axis and negative elsewhere; the gain on the axis
belongs to the link budget.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from planner.errors import ProblemError, ValidityError
from planner.parameters import Part, parameter
from planner.radio.arrays import Beams
from planner.radio.grid import FloatArray, IntArray, checked_points, fill_buckets

_SOURCE = "3GPP TR 38.901 V17, Table 7.3-1"


class Antenna(Part):
    """A sector's pattern in the parabolic form of TR 38.901, Table 7.3-1, with its beam widths."""

    h_beamwidth_deg: float = parameter(
        65.0, unit="deg", source=_SOURCE, doc="Horizontal half-power beam width.", gt=0.0, le=360.0
    )
    v_beamwidth_deg: float = parameter(
        65.0, unit="deg", source=_SOURCE, doc="Vertical half-power beam width.", gt=0.0, le=180.0
    )
    side_lobe_db: float = parameter(
        30.0, unit="dB", source=_SOURCE, doc="Largest vertical attenuation, SLA.", ge=0.0, le=60.0
    )
    front_to_back_db: float = parameter(
        30.0, unit="dB", source=_SOURCE, doc="Largest attenuation anywhere, A_max.", ge=0.0, le=60.0
    )
    electrical_tilt_min_deg: float = parameter(
        -2.0,
        unit="deg",
        source="judgement: usual of panels of 64 branches",
        doc="Least electrical down-tilt.",
        ge=-15.0,
        le=15.0,
    )
    electrical_tilt_max_deg: float = parameter(
        9.0,
        unit="deg",
        source="judgement: usual of panels of 64 branches; of passive antennas 10 to 12",
        doc="Greatest electrical down-tilt; what is steeper is turned mechanically.",
        ge=0.0,
        le=30.0,
    )
    mechanical_tilt_max_deg: float = parameter(
        15.0,
        unit="deg",
        source="judgement: brackets turn a panel by 20 degrees, the pattern suffers beyond 15",
        doc="Greatest mechanical down-tilt.",
        ge=0.0,
        le=30.0,
    )


class PatternTable(NamedTuple):
    """A measured pattern: attenuation in dB, 0 or above, at 0 .. 359 degrees of either cut.

    ``horizontal`` starts on the main axis and runs clockwise; ``vertical`` starts on the horizon
    and runs downwards, as in the vendors' files.
    """

    horizontal: FloatArray
    vertical: FloatArray


class Antennas(NamedTuple):
    """The antennas in use as arrays for the compiled loops.

    ``h_curve, v_curve`` are ``12 / width^2`` of the parabolas; ``table`` is -1 for the parabolic
    form.
    """

    h_curve: FloatArray
    v_curve: FloatArray
    side_lobe: FloatArray
    front_to_back: FloatArray
    table: IntArray
    horizontal: FloatArray
    vertical: FloatArray


class Sectors(NamedTuple):
    """Sectors of all stations as arrays, ordered by station; see :func:`make_sectors`.

    Attributes
    ----------
    start
        (stations + 1,) first sector of each station.
    station
        (sectors,) station of the sector.
    azimuth, electrical_tilt, mechanical_tilt
        (sectors,) degrees.
    antenna
        (sectors,) place in ``antennas``.
    offset_db
        (sectors,) power per resource element plus gain above those of the station's class, dB.
    antennas
        The patterns.
    """

    start: IntArray
    station: IntArray
    azimuth: FloatArray
    electrical_tilt: FloatArray
    mechanical_tilt: FloatArray
    antenna: IntArray
    offset_db: FloatArray
    antennas: Antennas


ROAD, DEMAND, DEFAULT = 0, 1, 2
AZIMUTH_REASONS: tuple[str, ...] = ("road", "demand", "default")
"""Why an azimuth is what it is, by the code of :func:`default_azimuths`."""


def pattern_table(
    h_angle_deg: npt.ArrayLike,
    h_loss_db: npt.ArrayLike,
    v_angle_deg: npt.ArrayLike,
    v_loss_db: npt.ArrayLike,
) -> PatternTable:
    """A pattern from the two cuts of a vendor's table.

    Parameters
    ----------
    h_angle_deg, v_angle_deg
        Angles of each cut, degrees, any order, at least two distinct ones within a turn. Horizontal
        clockwise from the main axis, vertical downwards from the horizon.
    h_loss_db, v_loss_db
        Attenuation at those angles, dB, 0 to 100.

    Returns
    -------
    PatternTable
        Both cuts at whole degrees, interpolated linearly round the circle.

    Raises
    ------
    planner.errors.ValidityError
        If lengths differ, an angle stands twice or a value lies outside its range.
    """
    return PatternTable(
        _cut("horizontal", h_angle_deg, h_loss_db), _cut("vertical", v_angle_deg, v_loss_db)
    )


def _cut(name: str, angle_deg: npt.ArrayLike, loss_db: npt.ArrayLike) -> FloatArray:
    """A cut of a pattern at whole degrees, (360,), dB."""
    angle = np.asarray(angle_deg, dtype=np.float64)
    loss = np.asarray(loss_db, dtype=np.float64)
    is_list = angle.ndim == 1 and angle.shape == loss.shape and len(angle) >= 2
    fits = is_list and bool(np.isfinite(angle).all())
    turned = np.mod(angle, 360.0) if fits else angle

    if not fits or len(np.unique(turned)) < len(turned) or not ((loss >= 0) & (loss <= 100)).all():
        raise ValidityError(
            f"The {name} cut needs distinct angles and as many attenuations from 0 to 100 dB.",
            f"{name} 方向图须有互不相同的角度,以及同样数目、0 至 100 dB 的衰减值。",
        )
    return np.asarray(np.interp(np.arange(360.0), turned, loss, period=360.0))


def antenna_arrays(antennas: Sequence[Antenna | PatternTable]) -> Antennas:
    """The antennas as arrays, in the order of ``antenna`` in :func:`make_sectors`."""
    # a table has a form too, which nobody reads: the arrays are of one length
    tables = [a for a in antennas if isinstance(a, PatternTable)]
    forms = [a if isinstance(a, Antenna) else Antenna() for a in antennas]
    numbers = np.cumsum([isinstance(a, PatternTable) for a in antennas]) - 1
    return Antennas(
        np.array([12.0 / a.h_beamwidth_deg**2 for a in forms]),
        np.array([12.0 / a.v_beamwidth_deg**2 for a in forms]),
        np.array([a.side_lobe_db for a in forms]),
        np.array([a.front_to_back_db for a in forms]),
        np.where([isinstance(a, PatternTable) for a in antennas], numbers, -1).astype(np.int64),
        np.array([t.horizontal for t in tables]).reshape(-1, 360),
        np.array([t.vertical for t in tables]).reshape(-1, 360),
    )


def attenuation(
    antenna: Antenna | PatternTable,
    bearing_deg: npt.ArrayLike,
    depression_deg: npt.ArrayLike,
    *,
    electrical_tilt_deg: npt.ArrayLike = 0.0,
    mechanical_tilt_deg: npt.ArrayLike = 0.0,
) -> FloatArray:
    """Pattern of a sector towards a direction.

    Parameters
    ----------
    antenna
        Parabolic form or table.
    bearing_deg
        Bearing of the direction less the sector's azimuth, degrees, any value.
    depression_deg
        Angle of the direction below the horizon, -90 to 90 degrees.
    electrical_tilt_deg, mechanical_tilt_deg
        Down-tilts, degrees. The electrical one shifts the vertical cut in every direction, the
        mechanical one turns the panel about its horizontal axis.

    Returns
    -------
    numpy.ndarray
        dB, 0 on the axis and negative elsewhere, of the shape to which the arguments broadcast; NaN
        stays NaN.

    Notes
    -----
    Source: 3GPP TR 38.901 V17, Table 7.3-1 (pattern) and clause 7.1.3 (turned panel); the
    electrical tilt enters as in TR 36.814, Table A.2.1.1-2. A table's cuts add up.
    """
    from planner.radio.kernels import attenuation_flat

    parts = np.broadcast_arrays(
        bearing_deg, depression_deg, electrical_tilt_deg, mechanical_tilt_deg
    )
    bearing, depression, electrical, mechanical = (
        np.ascontiguousarray(part, dtype=np.float64).ravel() for part in parts
    )
    out = np.empty(len(bearing))
    beams = beams_of(make_sectors(1, [0], [0.0], [antenna]))
    attenuation_flat(beams, bearing, depression, electrical, mechanical, out)
    return np.asarray(out.reshape(parts[0].shape))[()]


def make_sectors(
    n_stations: int,
    station: npt.ArrayLike,
    azimuth_deg: npt.ArrayLike,
    antennas: Sequence[Antenna | PatternTable],
    *,
    antenna: npt.ArrayLike = 0,
    electrical_tilt_deg: npt.ArrayLike = 0.0,
    mechanical_tilt_deg: npt.ArrayLike = 0.0,
    offset_db: npt.ArrayLike = 0.0,
) -> Sectors:
    """Sectors as the coverage and signal loops take them.

    Parameters
    ----------
    n_stations
        Number of stations; one without a sector serves nobody.
    station
        (sectors,) station of each sector, in ascending order.
    azimuth_deg
        (sectors,) azimuth, degrees clockwise from true north.
    antennas
        Patterns that ``antenna`` numbers.
    antenna, electrical_tilt_deg, mechanical_tilt_deg, offset_db
        Per sector, or one for all; see :class:`Sectors`. Tilts within 90 degrees.

    Raises
    ------
    planner.errors.ProblemError
        If stations are out of order or range, an antenna is unknown, or a number is not finite.
    """
    owner = np.ascontiguousarray(station, dtype=np.int64)
    count = len(owner)

    def each(values: npt.ArrayLike) -> FloatArray:
        return np.ascontiguousarray(np.broadcast_to(np.asarray(values, dtype=np.float64), count))

    azimuth, offset = each(azimuth_deg), each(offset_db)
    electrical, mechanical = each(electrical_tilt_deg), each(mechanical_tilt_deg)
    kind = np.ascontiguousarray(np.broadcast_to(np.asarray(antenna, dtype=np.int64), count))

    # NaN fails each of these comparisons
    in_range = count == 0 or bool(owner[0] >= 0 and owner[-1] < n_stations)
    ordered = in_range and bool((np.diff(owner) >= 0).all())
    known = bool(((kind >= 0) & (kind < len(antennas))).all())
    finite = bool((np.isfinite(azimuth) & np.isfinite(offset)).all())
    tilted = bool(((np.abs(electrical) <= 90) & (np.abs(mechanical) <= 90)).all())
    if not (ordered and known and finite and tilted):
        raise ProblemError(
            "Sectors must be ordered by station, name a known antenna, and have finite angles and "
            "tilts within 90.",
            "扇区须按基站升序排列、引用已有天线,角度须为有限值且下倾角不超过 90 度。",
        )

    start = np.searchsorted(owner, np.arange(n_stations + 1)).astype(np.int64)
    turned, patterns = np.mod(azimuth, 360.0), antenna_arrays(antennas)
    return Sectors(start, owner, turned, electrical, mechanical, kind, offset, patterns)


def beams_of(sectors: Sectors) -> Beams:
    """The sectors as the compiled loops take them."""
    kind, forms = sectors.antenna, sectors.antennas
    columns = (
        sectors.azimuth,
        sectors.electrical_tilt,
        sectors.mechanical_tilt,
        sectors.offset_db,
        forms.h_curve[kind],
        forms.v_curve[kind],
        forms.side_lobe[kind],
        forms.front_to_back[kind],
        forms.table[kind].astype(np.float64),
    )
    rows = np.ascontiguousarray(np.column_stack(columns))
    cuts = np.ascontiguousarray(np.stack((forms.horizontal, forms.vertical), axis=1))
    return Beams(sectors.start, rows, cuts)


NARROW_BEAM_DEG = 8.0
"""Vertical half-power width up to which half of it is added to a tilt."""


def default_tilt(
    antenna: Antenna, h_bs_m: npt.ArrayLike, range_m: npt.ArrayLike, h_ut_m: float = 1.5
) -> FloatArray:
    """Whole degrees of down-tilt that let the main axis meet the ground where the range ends.

    Parameters
    ----------
    antenna
        Its widths and the tilts that it can be set to.
    h_bs_m, h_ut_m
        Heights of antenna and terminal, m.
    range_m
        Range to be served, m, above 0.

    Returns
    -------
    numpy.ndarray
        Degrees, electrical and mechanical together, within the antenna's range.

    Raises
    ------
    planner.errors.ValidityError
        If a range is not above 0.

    Notes
    -----
    ``atan((h_bs - h_ut) / range)``, the textbook's start of a tilt. It puts half of the vertical
    width on top where that is 8 degrees or less, so that the upper half-power point and not the
    axis meets the edge: a wider beam would look far short of the range [judgement].
    """
    reach = np.asarray(range_m, dtype=np.float64)
    if not (reach > 0).all():
        raise ValidityError("range_m must be above 0 m.", "range_m 须大于 0 米。")
    down = np.degrees(np.arctan2(np.asarray(h_bs_m) - h_ut_m, reach))
    if antenna.v_beamwidth_deg <= NARROW_BEAM_DEG:
        down = down + antenna.v_beamwidth_deg / 2.0
    steepest = antenna.electrical_tilt_max_deg + antenna.mechanical_tilt_max_deg
    # a mast as low as the terminal would look down by -0
    return np.asarray(np.clip(np.rint(down), antenna.electrical_tilt_min_deg, steepest) + 0.0)[()]


def parted_tilt(antenna: Antenna, tilt_deg: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Electrical and mechanical part of a down-tilt, degrees: as much as can be is electrical."""
    total = np.asarray(tilt_deg, dtype=np.float64)
    least, most = antenna.electrical_tilt_min_deg, antenna.electrical_tilt_max_deg
    electrical = np.clip(total, least, most)
    return electrical, total - electrical


def default_azimuths(
    stations_xy: npt.ArrayLike,
    demand_xy: npt.ArrayLike,
    weight: npt.ArrayLike,
    *,
    reach_m: float,
    road_xy: npt.ArrayLike = (),
    road_bearing_deg: npt.ArrayLike = (),
    road_reach_m: float = 300.0,
    beamwidth_deg: float = 65.0,
) -> tuple[FloatArray, IntArray]:
    """Three azimuths per station that follow what lies around it, and why.

    A station near a road looks along it both ways and to the busier side; else the three sectors
    turn together, in steps of 10 degrees, to where most demand lies near an axis; where turning
    wins less than 2 % they stay at 0/120/240.

    Parameters
    ----------
    stations_xy, demand_xy
        (stations, 2), (points, 2) coordinates, m, axes east and north.
    weight
        (points,) weight of the demand, 0 or above.
    reach_m
        Distance up to which demand counts, m, above 0.
    road_xy, road_bearing_deg
        (samples, 2) samples of trunk roads, m, and their bearings, degrees.
    road_reach_m
        A road is followed when a sample lies within this distance, m [judgement].
    beamwidth_deg
        Horizontal half-power beam width, degrees.

    Returns
    -------
    azimuth
        (stations, 3) degrees in ascending order.
    reason
        (stations,) code: ``ROAD``, ``DEMAND`` or ``DEFAULT``, the place in :data:`AZIMUTH_REASONS`.

    Raises
    ------
    planner.errors.ProblemError
        If shapes do not fit or a value is not finite or negative.
    """
    stations = checked_points("stations_xy", stations_xy)
    demand = checked_points("demand_xy", demand_xy)
    roads = checked_points("road_xy", np.reshape(np.asarray(road_xy, dtype=np.float64), (-1, 2)))
    load = np.asarray(weight, dtype=np.float64)
    along = np.asarray(road_bearing_deg, dtype=np.float64)
    if load.shape != (len(demand),) or not (load >= 0).all() or along.shape != (len(roads),):
        raise ProblemError(
            "weight needs one value of at least 0 per point, and road_bearing_deg one per road "
            "sample.",
            "weight 须为每点一个非负值,road_bearing_deg 须为每个道路采样点一个方位角。",
        )

    sky = _sky(stations, demand, load, reach_m)
    azimuth = np.tile([0.0, 120.0, 240.0], (len(stations), 1))
    reason = np.full(len(stations), DEFAULT, dtype=np.int64)

    turned = _turned(sky, beamwidth_deg)
    follows = turned >= 0
    azimuth[follows] += turned[follows, None]
    reason[follows] = DEMAND

    # a road comes before the demand around it
    if len(roads):
        from scipy.spatial import cKDTree

        distance, sample = map(np.asarray, cKDTree(roads).query(stations))
        near = np.flatnonzero(distance <= road_reach_m)
        azimuth[near] = _along(sky[near], along[sample[near]])
        reason[near] = ROAD

    return np.sort(np.mod(azimuth, 360.0), axis=1), reason


_BINS = 36


def _sky(
    stations: FloatArray, demand: FloatArray, weight: FloatArray, reach_m: float
) -> FloatArray:
    """Weight of the demand around each station in bins of 10 degrees, (stations, 36)."""
    from planner.radio.kernels import sum_by_bearing

    one_class, reach = np.zeros(len(demand), dtype=np.int64), np.array([reach_m], dtype=np.float64)
    buckets = fill_buckets(demand, one_class, reach)
    sky = np.zeros((len(stations), _BINS))
    sum_by_bearing(stations, buckets, np.ascontiguousarray(weight), reach, sky)
    return sky


def _turned(sky: FloatArray, beamwidth_deg: float) -> FloatArray:
    """Best common turn of three sectors, degrees; -1 where it wins less than 2 % over none."""
    middle = (np.arange(_BINS) + 0.5) * (360.0 / _BINS)
    turn = np.arange(0.0, 120.0, 10.0)
    off = np.abs(np.mod(middle[:, None] - turn[None] + 60.0, 120.0) - 60.0)
    power = 10.0 ** (-np.minimum(12.0 * (off / beamwidth_deg) ** 2, 30.0) / 10.0)
    heard = sky @ power
    best = np.asarray(heard.argmax(axis=1))
    gain = heard[np.arange(len(sky)), best]
    return np.where(gain > 1.02 * heard[:, 0], turn[best], -1.0)


def _along(sky: FloatArray, bearing: FloatArray) -> FloatArray:
    """Both ways along a road, and the side with more demand within 60 degrees."""
    middle = (np.arange(_BINS) + 0.5) * (360.0 / _BINS)
    side = np.mod(bearing[:, None] + [90.0, 270.0], 360.0)
    off = np.abs(np.mod(middle - side[:, :, None] + 180.0, 360.0) - 180.0)
    busy = (sky[:, None, :] * (off <= 60.0)).sum(axis=2)
    third = side[np.arange(len(side)), busy.argmax(axis=1)]
    return np.column_stack((bearing, bearing + 180.0, third))


def bearing_deg(from_xy: npt.ArrayLike, to_xy: npt.ArrayLike) -> FloatArray:
    """Bearing from one point to another, degrees clockwise from the y axis (grid north), 0 to 360.

    Grid north differs from true north by the meridian convergence, in Tinghu less than 0.5 degrees.
    """
    step = np.asarray(to_xy, dtype=np.float64) - np.asarray(from_xy, dtype=np.float64)
    return np.asarray(np.mod(np.degrees(np.arctan2(step[..., 0], step[..., 1])), 360.0))[()]
