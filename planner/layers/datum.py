"""Which datum a list is in that does not say: its places against what is known to stand where.

Stations stand beside streets far more often than chance has it. In the right datum a list therefore
fits the streets better than when it is moved about at random, and better than in any other datum.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from planner.crs import Datum, convert, project

if TYPE_CHECKING:
    import shapely
    from scipy.spatial import cKDTree

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

HYPOTHESES: Final[tuple[Datum, ...]] = ("wgs84", "gcj02", "bd09")
"""CGCS2000 is WGS-84 to centimetres: places cannot tell the two apart."""

STREETS_SHIFTED: Final = "streets"
"""That the streets, not the list, are in GCJ-02."""

STEP_M: Final = 5.0
"""Distance of the points by which a line is known; half of it is the finest distance told."""
MOVES: Final = 200
"""Places to which a list is moved, about each hypothesis."""
NEAREST_M: Final = 300.0  # a move nearer than this fits for the same reason
FARTHEST_M: Final = 1200.0
SCALES_M: Final = (4.0, 10.0, 20.0, 50.0, 100.0)
FAR_M: Final = 350.0  # beyond it every scale gives nothing
SHARES: Final = (0.1, 0.25, 0.5)
BESIDE_M: Final = 20.0
MOST_ROWS: Final = 400
LEAST_ROWS: Final = 20
LEAD: Final = 3.0
"""Nats by which a datum must lead; wrong ones led by 0.5 (benchmarks), by 6.7 in mixed lists."""
SPREADS: Final = 1.5  # the lead in standard deviations of the moves, for rows that move as one

SAME_PLACE_M: Final = 50.0
LEAST_PAIRS: Final = 5
MOST_OF_PAIRS: Final = 0.8
SAME_SHIFT_M: Final = 30.0


class Fit(NamedTuple):
    """How the rows lie when they are taken in one datum."""

    street_m: float
    """Median distance to the nearest road or street; NaN without any."""
    beside: float
    """Share of the rows within :data:`BESIDE_M` of one; NaN without any."""
    beyond: float
    """Share of the rows beyond the boundary."""
    place_m: float
    """Median distance to the places of the same name or number in other files; NaN without any."""


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """What the places say.

    Attributes
    ----------
    datum
        One of :data:`HYPOTHESES`; empty where the evidence is not safe.
    by
        What decided: ``lines`` or ``places``; empty where nothing did.
    fits
        The figures of each hypothesis.
    likeliest, lead
        The datum that fits the streets best, and by how many nats better than any other datum or
        move; empty and NaN where they were not asked.
    streets_shifted
        Whether it is the streets that look like GCJ-02, and the list like WGS-84.
    shift_m
        Metres east and north by which the rows lie off the same places of other files, where that
        is one vector for all and no datum's; None otherwise.
    """

    datum: Datum | str
    by: str
    fits: Mapping[str, Fit]
    likeliest: Datum | str = ""
    lead: float = float("nan")
    streets_shifted: bool = False
    shift_m: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class References:
    """What is known to stand where, in the work CRS, metres.

    Attributes
    ----------
    work_crs
        CRS of everything here.
    boundary
        The district.
    lines
        Points along roads and streets, one every :data:`STEP_M`; None without any.
    places
        Places of other files by name or number.
    """

    work_crs: str
    boundary: shapely.Geometry
    lines: cKDTree | None = None
    places: dict[str, tuple[float, float]] = field(default_factory=dict)


def stake_out(lines: Sequence[shapely.Geometry]) -> cKDTree | None:
    """Points along lines in metres, one every :data:`STEP_M`; None without a line."""
    import shapely
    from scipy.spatial import cKDTree

    xy = shapely.get_coordinates(shapely.segmentize(np.asarray(lines, dtype=object), STEP_M))
    return cKDTree(xy) if len(xy) else None


def judge(
    lon: FloatArray, lat: FloatArray, known: References, names: Sequence[str] = ()
) -> Verdict:
    """Tell the datum of degrees by where their places would be.

    Parameters
    ----------
    lon, lat
        Degrees as the file has them, (rows,), all finite.
    known
        What they are compared with.
    names
        Name or number of each row, (rows,), by which other files may have its place.

    Returns
    -------
    Verdict
        A datum only where it is safe: the places of most rows are known from another file, or the
        rows fit the streets better than under any other datum and than when moved at random.
    """
    degrees = [convert(lon, lat, datum, "wgs84") for datum in HYPOTHESES]
    # when the streets are in GCJ-02 and taken for WGS-84, places of WGS-84 fit them in GCJ-02
    degrees.append(convert(lon, lat, "wgs84", "gcj02"))
    every = np.array(
        [np.column_stack(project(*pair, "EPSG:4326", known.work_crs)) for pair in degrees]
    )
    places = every[: len(HYPOTHESES)]
    rows, there = _same_places(names, known)
    off = there - places[:, rows]
    fits = _fits(places, off, known)

    told, shift_m = _by_places(off)
    if told:
        return Verdict(told, "places", fits)
    likeliest, lead, is_safe = _by_lines(every, known)
    told = likeliest if is_safe and likeliest != STREETS_SHIFTED else ""
    are_shifted = is_safe and likeliest == STREETS_SHIFTED
    return Verdict(told, "lines" if told else "", fits, likeliest, lead, are_shifted, shift_m)


def _fits(places: FloatArray, off: FloatArray, known: References) -> dict[str, Fit]:
    """The figures of each hypothesis."""
    import shapely

    fits: dict[str, Fit] = {}
    for datum, xy, away in zip(HYPOTHESES, places, off, strict=True):
        away_m = np.full(len(xy), np.nan) if known.lines is None else known.lines.query(xy)[0]
        beside = np.nan if known.lines is None else np.mean(away_m <= BESIDE_M)
        beyond = 1 - shapely.intersects_xy(known.boundary, xy).mean()
        place_m = np.median(np.hypot(*away.T)) if len(away) else np.nan
        fits[datum] = Fit(float(np.median(away_m)), float(beside), float(beyond), float(place_m))
    return fits


def _same_places(
    names: Sequence[str], known: References
) -> tuple[npt.NDArray[np.int64], FloatArray]:
    """Rows whose place another file has, (pairs,), and that place, (pairs, 2)."""
    rows = [row for row, name in enumerate(names) if name in known.places]
    there = [known.places[names[row]] for row in rows]
    return np.array(rows, np.int64), np.array(there, np.float64).reshape(-1, 2)


def _by_places(off: FloatArray) -> tuple[Datum | str, tuple[float, float] | None]:
    """The datum in which most rows are where other files have them, and one shift of them all.

    ``off`` is the way there under each hypothesis, (hypotheses, pairs, 2).
    """
    if off.shape[1] < LEAST_PAIRS:
        return "", None
    away_m = np.hypot(off[..., 0], off[..., 1])
    agree = (away_m <= SAME_PLACE_M).mean(axis=1)
    best = int(agree.argmax())
    if agree[best] >= MOST_OF_PAIRS and np.delete(agree, best).max() <= 1 - MOST_OF_PAIRS:
        return HYPOTHESES[best], None

    # the shift of a datum is a field that turns from place to place; one vector has another cause
    middle = np.median(off[0], axis=0)
    is_one = np.hypot(*(off[0] - middle).T) <= SAME_SHIFT_M
    is_shift = is_one.mean() >= MOST_OF_PAIRS and agree.max() < MOST_OF_PAIRS
    return "", (float(middle[0]), float(middle[1])) if is_shift else None


def _by_lines(places: FloatArray, known: References) -> tuple[Datum | str, float, bool]:
    """The datum in which the rows fit streets best, its lead in nats, and whether it is safe."""
    places = _witnesses(places)
    if known.lines is None or places.shape[1] < LEAST_ROWS:
        return "", float("nan"), False
    score, moved = scores(places, known)
    by_chance = np.array([ring.max() for ring in moved])
    best = int(score.argmax())
    lead = float(score[best]) - max(float(np.delete(score, best).max()), float(by_chance.max()))

    # a list of two halves fits in two datums, each better than anywhere about it
    is_one = float(np.delete(score - by_chance, best).max()) < LEAD / 2
    is_safe = lead >= max(LEAD, SPREADS * float(np.concatenate(moved).std())) and is_one
    return (*HYPOTHESES, STREETS_SHIFTED)[best], lead, is_safe


def _witnesses(places: FloatArray) -> FloatArray:
    """Each place once, at most :data:`MOST_ROWS`, spread evenly from west to east.

    A place that stands in many rows, one a cell, is one witness.
    """
    _, rows = np.unique(places[0], axis=0, return_index=True)
    chosen = np.linspace(0, len(rows) - 1, min(len(rows), MOST_ROWS)).round().astype(int)
    return places[:, rows[chosen]]


def scores(places: FloatArray, known: References) -> tuple[FloatArray, list[FloatArray]]:
    """How well rows fit the streets under each hypothesis, and when they are moved about it.

    The score is the log of a likelihood ratio. A share of the rows stands at a distance from a
    street that a normal law of some scale gives, the rest stands anywhere; share and scale are the
    best of a few. What chance gives at a row's own place is the mean over the moves about it, so
    that neither dense streets nor a town in the middle of fields favour a datum.

    Parameters
    ----------
    places
        Work metres, (hypotheses, rows, 2).
    known
        Its ``lines`` are there.

    Returns
    -------
    score, moved
        (hypotheses,), and (moves,) about each of them, in nats.
    """
    middles = places.mean(axis=1)
    found = [_score(place, _moves(number, middles), known) for number, place in enumerate(places)]
    return np.array([score[0] for score in found]), [score[1:] for score in found]


def _score(place: FloatArray, moves: FloatArray, known: References) -> FloatArray:
    """The score of the rows where they are, first, and at each move, (1 + moves,)."""
    import shapely

    assert known.lines is not None
    xy = (place + np.concatenate([np.zeros((1, 2)), moves])[:, None]).reshape(-1, 2)
    away_m = known.lines.query(xy, distance_upper_bound=FAR_M)[0]
    away_m = np.maximum(away_m, STEP_M / 2).reshape(-1, len(place))
    inside = shapely.intersects_xy(known.boundary, xy).reshape(away_m.shape)

    n_told = inside[1:].sum(axis=0) + 1.0
    best = np.full(len(away_m), -np.inf)
    for scale_m in SCALES_M:
        near = np.exp(-0.5 * (away_m / scale_m) ** 2)
        chance = ((near[1:] * inside[1:]).sum(axis=0) + 1.0) / n_told
        ratio = np.where(inside, near / chance, 1.0)
        for share in SHARES:
            best = np.maximum(best, np.log1p(share * (ratio - 1.0)).sum(axis=1))
    return best


def _moves(number: int, middles: FloatArray) -> FloatArray:
    """Moves in metres, (moves, 2), evenly over a ring about a hypothesis.

    Those near to another hypothesis are left out. ``middles`` are those of the rows, (hypotheses,
    2).
    """
    step = np.arange(MOVES) + 0.5
    radius = np.sqrt(NEAREST_M**2 + (FARTHEST_M**2 - NEAREST_M**2) * step / MOVES)
    angle = step * np.pi * (3 - np.sqrt(5))
    moves = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
    off = middles[number] + moves - middles[:, None]
    is_apart = (np.hypot(off[..., 0], off[..., 1]) > NEAREST_M - 1.0).all(axis=0)
    kept: FloatArray = moves[is_apart]
    return kept
