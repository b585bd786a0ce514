"""Which datum a list is in that does not say: its places against what is known to stand where.

Stations stand beside streets, in built-up areas and where people live far more often than chance
has it, and not in water. In the right datum a list therefore fits the ground better than when it is
moved about at random, and better than in any other datum.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
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
Kinds = Sequence[Sequence[FloatArray]]
"""For each kind of ground, in one way or more, a ratio to chance, (hypotheses, rows)."""

HYPOTHESES: Final[tuple[Datum, ...]] = ("wgs84", "gcj02", "bd09")
"""CGCS2000 is WGS-84 to centimetres: places cannot tell the two apart."""

WAYS: Final = tuple(itertools.permutations(HYPOTHESES, 2))
"""From one datum to another."""

STREETS_SHIFTED: Final = "streets"
"""That the streets and areas, not the list, are in GCJ-02."""

STEP_M: Final = 5.0
"""Distance of the points by which a line is known; half of it is the finest distance told."""
MOVES: Final = 200
"""Places to which a list is moved, about each hypothesis."""
FEW_MOVES: Final = 20
"""As many show that a list fits best in the datum that is declared: then nothing is left to ask."""
NEAREST_M: Final = 300.0  # a move nearer than this fits for the same reason
FARTHEST_M: Final = 1200.0
SCALES_M: Final = (4.0, 10.0, 20.0, 50.0, 100.0)
FAR_M: Final = 350.0  # beyond it every scale gives nothing
SHARES: Final = (0.1, 0.25, 0.5, 0.8, 0.95)
PARTS: Final = (0.2, 0.35, 0.5)  # of the rows, in another datum
BESIDE_M: Final = 20.0
PEOPLED: Final = 0.9
"""Share of the people that the densest squares hold: these are where people live."""
MOST_ROWS: Final = 400
LEAST_ROWS: Final = 10
LEAST_GAIN: Final = 3.0
"""Nats by which a list must fit better in two parts than as one, where parts fit by chance.

So it is where one part would have been converted twice, or lines alone are known. A part in another
datum needs none where areas or people are known: a true list then fits worse in two parts.
"""
LEAST_PART: Final = 1 / 6
"""The same as a part of the lead: of a long list some rows fit elsewhere by chance."""
LEAD: Final = 3.0
"""Nats by which a datum must lead; `benchmarks/results/datum.csv` has what wrong ones led by."""
SPREADS: Final = 1.5
"""The lead in standard deviations of the moves: rows are no independent witnesses."""

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
    built: float
    """Share of the rows in areas; NaN without any."""
    peopled: float
    """Share of the rows where people live; NaN where that is not known."""
    wet: float
    """Share of the rows in water; NaN without any."""
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
        What decided: ``ground`` or ``places``; empty where nothing did.
    fits
        The figures of each hypothesis; none where the rows fit the declared one best.
    likeliest, lead
        The datum that fits the ground best, and by how many nats better than any other datum or
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


class Squares(NamedTuple):
    """Squares in the work CRS."""

    middles: cKDTree
    half_m: float
    """Half of their usual side."""

    def hold(self, xy: FloatArray) -> BoolArray:
        """Which places, (places, 2), lie in one of them."""
        away_m = self.middles.query(xy, p=np.inf, distance_upper_bound=1.01 * self.half_m)[0]
        return np.isfinite(away_m)


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
    areas, water
        Where stations are likely to stand, and where they are not; None without any.
    people
        The squares where people live; None without any.
    places
        Places of other files by name or number.
    """

    work_crs: str
    boundary: shapely.Geometry
    lines: cKDTree | None = None
    areas: shapely.Geometry | None = None
    water: shapely.Geometry | None = None
    people: Squares | None = None
    places: dict[str, tuple[float, float]] = field(default_factory=dict)


def stake_out(lines: Sequence[shapely.Geometry]) -> cKDTree | None:
    """Points along lines in metres, one every :data:`STEP_M`; None without a line."""
    import shapely
    from scipy.spatial import cKDTree

    xy = shapely.get_coordinates(shapely.segmentize(np.asarray(lines, dtype=object), STEP_M))
    return cKDTree(xy) if len(xy) else None


def where_people_live(
    x_m: FloatArray, y_m: FloatArray, people: FloatArray, cell_m: FloatArray
) -> Squares | None:
    """The densest squares, which hold :data:`PEOPLED` of the people, all (squares,).

    None where nobody lives anywhere, or squares have no size.
    """
    from scipy.spatial import cKDTree

    is_told = (people > 0) & (cell_m > 0)
    if not is_told.any():
        return None
    x_m, y_m, people, cell_m = (part[is_told] for part in (x_m, y_m, people, cell_m))
    density = people / cell_m**2
    order = np.argsort(-density, kind="stable")
    last = np.searchsorted(np.cumsum(people[order]), PEOPLED * people.sum())
    dense = density >= density[order[min(int(last), len(order) - 1)]]
    middles = cKDTree(np.column_stack([x_m, y_m])[dense])
    return Squares(middles, float(np.median(cell_m[dense])) / 2)


def judge(
    lon: FloatArray,
    lat: FloatArray,
    known: References,
    names: Sequence[str] = (),
    declared: str = "",
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
    declared
        The datum that is declared, one of :data:`HYPOTHESES`; empty where none is. The ground then
        tells a datum only to contradict it.

    Returns
    -------
    Verdict
        A datum only where it is safe: the places of most rows are known from another file, or the
        rows fit the ground better than under any other datum and than when moved at random.
    """
    rows, there = _same_places(names, known)
    # a few corners say nothing against what is declared
    if declared and len(lon) < LEAST_ROWS and len(rows) < LEAST_PAIRS:
        return Verdict("", "", {})

    degrees = [convert(lon, lat, datum, "wgs84") for datum in HYPOTHESES]
    places = np.array([_metres(pair, known) for pair in degrees])
    off = there - places[:, rows]

    told, shift_m = _by_places(off)
    if told:
        return Verdict(told, "places", _fits(places, off, known))
    rows = _witnesses(lon, lat)
    degrees = [(east[rows], north[rows]) for east, north in degrees]
    likeliest, lead, is_safe = _by_ground(degrees, places[:, rows], known, declared)
    told = likeliest if is_safe and likeliest != STREETS_SHIFTED else ""
    are_shifted = is_safe and likeliest == STREETS_SHIFTED
    fits = _fits(places, off, known) if told or not declared else {}
    return Verdict(told, "ground" if told else "", fits, likeliest, lead, are_shifted, shift_m)


def _metres(degrees: tuple[FloatArray, FloatArray], known: References) -> FloatArray:
    """Work metres, (rows, 2), of WGS-84 degrees."""
    return np.column_stack(project(*degrees, "EPSG:4326", known.work_crs))


def _fits(places: FloatArray, off: FloatArray, known: References) -> dict[str, Fit]:
    """The figures of each hypothesis."""
    fits: dict[str, Fit] = {}
    for datum, xy, away in zip(HYPOTHESES, places, off, strict=True):
        away_m = np.full(len(xy), np.nan) if known.lines is None else known.lines.query(xy)[0]
        beside = np.nan if known.lines is None else np.mean(away_m <= BESIDE_M)
        built = np.nan if known.areas is None else _lies_in(known.areas, xy).mean()
        peopled = np.nan if known.people is None else known.people.hold(xy).mean()
        wet = np.nan if known.water is None else _lies_in(known.water, xy).mean()
        beyond = 1 - _lies_in(known.boundary, xy).mean()
        place_m = np.median(np.hypot(*away.T)) if len(away) else np.nan
        figures = (np.median(away_m), beside, built, peopled, wet, beyond, place_m)
        fits[datum] = Fit(*map(float, figures))
    return fits


def _lies_in(shape: shapely.Geometry, xy: FloatArray) -> BoolArray:
    """Which places, (places, 2), lie in a shape."""
    import shapely

    shapely.prepare(shape)
    inside: BoolArray = shapely.intersects_xy(shape, xy)
    return inside


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


def _by_ground(
    degrees: Sequence[tuple[FloatArray, FloatArray]],
    places: FloatArray,
    known: References,
    declared: str,
) -> tuple[Datum | str, float, bool]:
    """The datum in which the rows fit the ground best, its lead in nats, and whether it is safe.

    ``degrees`` of WGS-84, (rows,) each, and ``places``, (hypotheses, rows, 2) work metres, are
    those of each hypothesis.
    """
    ground = (known.lines, known.areas, known.people, known.water)
    if places.shape[1] < LEAST_ROWS or all(one is None for one in ground):
        return "", float("nan"), False

    # when the streets are in GCJ-02 and taken for WGS-84, places of WGS-84 fit them in GCJ-02
    as_listed = degrees[HYPOTHESES.index("wgs84")]
    degrees = [*degrees, convert(*as_listed, "wgs84", "gcj02")]
    places = np.concatenate([places, _metres(degrees[-1], known)[None]])
    if declared:
        few = np.concatenate([places, _moved(places, FEW_MOVES)])
        fits_best = int(_scores(_nearer_than_chance(few, known))[: len(places)].argmax())
        if fits_best == HYPOTHESES.index(declared):
            return "", float("nan"), False

    # where a part of the rows stands that is in another datum, or was converted twice
    parts = np.array([_metres(convert(*pair, *way), known) for pair in degrees for way in WAYS])
    kinds = _nearer_than_chance(np.concatenate([places, parts, _moved(places, MOVES)]), known)
    score = _scores(kinds)

    n_told, n_parts = len(places), len(parts)
    here, chance = score[:n_told], score[n_told + n_parts :]
    best = int(here.argmax())
    lead = float(here[best] - max(np.delete(here, best).max(), chance.max()))

    is_safe = lead >= max(LEAD, SPREADS * float(chance.std()))
    told = (*HYPOTHESES, STREETS_SHIFTED)[best]
    of_parts = n_told + len(WAYS) * best + np.arange(len(WAYS))
    gains = _of_two_parts(kinds, best, of_parts) - here[best]
    least = max(LEAST_GAIN, LEAST_PART * lead)
    in_other = least if known.areas is None and known.people is None else 0.0
    needed = [in_other if into == told else least for _, into in WAYS]
    return told, lead, is_safe and bool((gains < needed).all())


def _witnesses(lon: FloatArray, lat: FloatArray) -> npt.NDArray[np.int64]:
    """Rows with each place once, at most :data:`MOST_ROWS`, spread evenly from west to east.

    A place that stands in many rows, one a cell, is one witness.
    """
    _, rows = np.unique(np.column_stack([lon, lat]), axis=0, return_index=True)
    chosen = np.linspace(0, len(rows) - 1, min(len(rows), MOST_ROWS)).round().astype(int)
    witnesses: npt.NDArray[np.int64] = rows[chosen]
    return witnesses


def _moved(places: FloatArray, moves: int) -> FloatArray:
    """The rows moved, evenly over a ring about each hypothesis, (moves, rows, 2).

    ``places`` is (hypotheses, rows, 2); moves near to another hypothesis are left out.
    """
    step = np.arange(moves) + 0.5
    radius = np.sqrt(NEAREST_M**2 + (FARTHEST_M**2 - NEAREST_M**2) * step / moves)
    angle = step * np.pi * (3 - np.sqrt(5))
    ways = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])

    middles = places.mean(axis=1)
    off = middles[:, None, None] + ways[:, None] - middles  # (hypotheses, moves, hypotheses, 2)
    is_apart = (np.hypot(off[..., 0], off[..., 1]) > NEAREST_M - 1.0).all(axis=2)
    return np.concatenate(
        [place + ways[kept][:, None] for place, kept in zip(places, is_apart, strict=True)]
    )


def _nearer_than_chance(places: FloatArray, known: References) -> Kinds:
    """How much nearer each row is to each kind of ground than anywhere about it.

    What chance gives is the mean over all places of a row, the same for every hypothesis, so that
    neither dense streets nor a town in the middle of fields favour a datum. ``places`` are work
    metres of each row under each hypothesis and move, (hypotheses, rows, 2).
    """
    xy, shape = places.reshape(-1, 2), places.shape[:2]
    inside = _lies_in(known.boundary, xy).reshape(shape)
    n_told = inside.sum(axis=0) + 1.0

    kinds = []
    for ways in _nearness(xy, known):
        of_kind = []
        for near in ways:
            near = near.reshape(shape) * inside
            chance = (near.sum(axis=0) + 1.0) / n_told
            # nothing is known of what lies beyond the boundary
            of_kind.append(np.where(inside, near / chance, 1.0))
        kinds.append(of_kind)
    return kinds


def _nearness(xy: FloatArray, known: References) -> Iterator[list[FloatArray | BoolArray]]:
    """How near places, (places, 2), are to each kind of ground, from 0 to 1, in one way or more."""
    is_dry = np.ones(len(xy), np.bool_)
    if known.water is not None:
        is_dry = ~_lies_in(known.water, xy)
        yield [is_dry]
    if known.areas is not None:
        yield [is_dry & _lies_in(known.areas, xy)]
    if known.people is not None:
        yield [is_dry & known.people.hold(xy)]
    if known.lines is not None:
        away_m = known.lines.query(xy, distance_upper_bound=FAR_M)[0]
        away_m = np.maximum(away_m, STEP_M / 2)
        yield [np.exp(-0.5 * (away_m / scale_m) ** 2) for scale_m in SCALES_M]


def _scores(kinds: Kinds) -> FloatArray:
    """Nats by which the rows fit each hypothesis better than chance, (hypotheses,).

    A share of the rows stands at a distance from a street that a normal law of some scale gives, a
    share stands in areas, a share where people live, the rest anywhere. Shares and scale are the
    best of a few for each hypothesis.
    """
    ratios = np.ones_like(kinds[0][0])
    for ways in kinds:
        ratios = _mixed(ratios, ways)
    scores: FloatArray = np.log(ratios).sum(axis=1)
    return scores


def _mixed(ratios: FloatArray, ways: Sequence[FloatArray]) -> FloatArray:
    """Likelihoods, (hypotheses, rows), when a share of the rows, maybe 0, goes by another kind."""
    best, score = ratios, np.log(ratios).sum(axis=1)
    for way in ways:
        for share in SHARES:
            mixed = share * way + (1 - share) * ratios
            found = np.log(mixed).sum(axis=1)
            best = np.where((found > score)[:, None], mixed, best)
            score = np.maximum(found, score)
    return best


def _of_two_parts(kinds: Kinds, one: int, others: npt.NDArray[np.int64]) -> FloatArray:
    """Nats of the best fit when some of :data:`PARTS` of the rows stand where another has them.

    ``one`` has the rest of them, ``others`` are (hypotheses,), as are the nats.

    Shares and scale are chosen anew: those of all rows are too small where half of them stand
    elsewhere, and would hide it.
    """
    scores = [
        _scores([[(1 - part) * near[one] + part * near[others] for near in ways] for ways in kinds])
        for part in PARTS
    ]
    best: FloatArray = np.max(scores, axis=0)
    return best
