"""The compiled loops: many points against the few stations near each of them.

They read coefficients and tables that :mod:`planner.radio.pathloss` reads too, so a map, a budget
and a coverage matrix cannot disagree, and they know no propagation model by name. Nothing here
checks its input. Distances in m, levels in dB or dBm, angles in degrees.

Loops over points take named tuples of arrays and unpack them at their head. What is called for a
pair takes the arrays themselves: reading an array out of a tuple costs an atomic count of its
owners, more than the arithmetic of a pair.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from planner.compiled import compiled, inner
from planner.radio.arrays import Beams, Ear, Masts, Rows
from planner.radio.grid import Buckets
from planner.radio.model import NEAR_M
from planner.radio.pathloss import LOS_STEP_M

Array = npt.NDArray[Any]

PER_DB = math.log(10.0) / 10.0
LOS, NLOS, EXPECTED = 0, 1, 2

# columns of Masts.links: a class a row, its table of line of sight at the end
STATE, BREAKPOINT, NEAR, NEAR_SLOPE, NEAR_LINEAR, FAR, FAR_SLOPE = range(7)
HIDDEN, HIDDEN_SLOPE, DROP, REFERENCE, MAST, TABLE = range(7, 13)

# columns of Ear.sweep: a sector a row. SSB beams side by side, degrees from one to the next, and
# the mean of the traffic beams less the SSB's axis, dB
N_BEAMS, BEAM_WIDTH, SPREAD = range(3)

# columns of Beams.rows: a sector a row
AZIMUTH, ELECTRICAL, MECHANICAL, OFFSET, H_CURVE, V_CURVE, SIDE_LOBE, FRONT_TO_BACK = range(8)
CUTS = 8


@inner
def window(x: float, reach: float, corner: float, cell: float, n: int) -> tuple[int, int]:
    """First cell and one past the last that a reach can touch along one axis.

    Empty when first >= last.
    """
    first = max(math.floor((x - reach - corner) / cell), 0)
    last = min(math.floor((x + reach - corner) / cell) + 1, n)
    return first, last


@inner
def find_near(x: float, y: float, reach: Array, buckets: Buckets, found: Array) -> int:
    """Stations within their class's reach of a point; returns how many.

    Their places in the buckets go to the front of ``found``, class by class.
    """
    xy, _, _, corner, cell, shape, offset, start = buckets
    count = 0
    for c in range(len(reach)):
        far = reach[c]
        if far <= 0.0:
            continue
        col0, col1 = window(x, far, corner[c, 0], cell[c], shape[c, 0])
        row0, row1 = window(y, far, corner[c, 1], cell[c], shape[c, 1])
        for row in range(row0, row1 if col0 < col1 else row0):
            base = offset[c] + row * shape[c, 0]
            for k in range(start[base + col0], start[base + col1]):
                dx, dy = xy[k, 0] - x, xy[k, 1] - y
                if dx * dx + dy * dy <= far * far:
                    found[count] = k
                    count += 1
    return count


@compiled
def count_near(
    points: Array, kind: Array, reach: Array, buckets: Buckets, lo: int, hi: int, counts: Array
) -> None:
    """Number of stations in reach of rows lo to hi, into ``counts[row + 1]``."""
    found = np.empty(len(buckets.xy), dtype=np.uint32)
    for i in range(lo, hi):
        counts[i + 1] = find_near(points[i, 0], points[i, 1], reach[kind[i]], buckets, found)


@compiled
def sum_by_bearing(
    stations: Array, buckets: Buckets, weight: Array, reach: Array, sky: Array
) -> None:
    """Weight of the points within reach of each station, by bearing, into ``sky``.

    The points lie in ``buckets``, all of one class.
    """
    xy, point = buckets.xy, buckets.station
    bins = sky.shape[1]
    found = np.empty(len(xy), dtype=np.uint32)

    for i in range(len(stations)):
        x, y = stations[i, 0], stations[i, 1]
        count = find_near(x, y, reach, buckets, found)
        for k in found[:count]:
            dx, dy = xy[k, 0] - x, xy[k, 1] - y
            if dx != 0.0 or dy != 0.0:
                turn = (math.degrees(math.atan2(dx, dy)) % 360.0) / 360.0
                sky[i, min(int(turn * bins), bins - 1)] += weight[point[k]]


@inner
def sort(values: Array, lo: int, hi: int) -> None:
    """Sort a short part of an array; that of NumPy takes a second to compile."""
    for i in range(lo + 1, hi):
        value = values[i]
        to = i
        while to > lo and values[to - 1] > value:
            values[to] = values[to - 1]
            to -= 1
        values[to] = value


@inner
def interpolated(cuts: Array, table: int, cut: int, angle: float) -> float:
    """A cut of 360 values read at any angle, degrees."""
    if not math.isfinite(angle):
        return math.nan
    place = angle % 360.0
    low = min(int(place), 359)
    share = place - low
    between: float = (1.0 - share) * cuts[table, cut, low] + share * cuts[
        table, cut, (low + 1) % 360
    ]
    return between


@inner
def pattern(
    rows: Array,
    cuts: Array,
    s: int | np.int64,
    bearing: float,
    depression: float,
    electrical: float,
    mechanical: float,
) -> float:
    """Pattern of sector ``s`` in dB, at most 0.

    ``bearing`` counts from the azimuth, -180 to 180 degrees.
    """
    off, down = bearing, depression
    if mechanical != 0.0:
        # the direction as the turned panel sees it
        phi, delta, beta = math.radians(off), math.radians(down), math.radians(mechanical)
        ahead = math.cos(phi) * math.cos(delta)
        lifted = math.sin(delta) * math.cos(beta) - ahead * math.sin(beta)
        down = math.degrees(math.asin(min(max(lifted, -1.0), 1.0)))
        across = math.sin(phi) * math.cos(delta)
        off = math.degrees(
            math.atan2(across, ahead * math.cos(beta) + math.sin(delta) * math.sin(beta))
        )
    below = down - electrical

    if rows[s, CUTS] >= 0.0:
        table = int(rows[s, CUTS])
        return -interpolated(cuts, table, 0, off) - interpolated(cuts, table, 1, below)

    return parabolas(rows, s, off, below)


@inner
def parabolas(rows: Array, s: int | np.int64, off: float, below: float) -> float:
    """The parabolas of Table 7.3-1, each cut off at its largest attenuation, dB, at most 0."""
    h: float = rows[s, H_CURVE] * off * off
    v: float = rows[s, V_CURVE] * below * below
    most: float = rows[s, FRONT_TO_BACK]
    low: float = rows[s, SIDE_LOBE]
    return -min(min(h, most) + min(v, low), most)


@inner
def is_plain(rows: Array) -> bool:
    """Whether all sectors have parabolas and no panel is turned; see :func:`plain_gain`."""
    plain = True
    for s in range(len(rows)):
        plain &= rows[s, MECHANICAL] == 0.0 and rows[s, CUTS] < 0.0
    return plain


@compiled
def attenuation_flat(
    beams: Beams,
    bearing: Array,
    depression: Array,
    electrical: Array,
    mechanical: Array,
    out: Array,
) -> None:
    """:func:`pattern` of the first sector over arrays of one length."""
    _, rows, cuts = beams
    for i in range(len(out)):
        off = (bearing[i] + 180.0) % 360.0 - 180.0
        # a plain 0 would compile the pattern a second time
        out[i] = pattern(rows, cuts, np.int64(0), off, depression[i], electrical[i], mechanical[i])


@inner
def heard(links: Array, c: int, d2d: float) -> tuple[float, float]:
    """Path loss (dB) and depression (degrees) at a distance from a mast of class ``c``.

    Nearer than 10 m counts as 10 m. The pattern looks down from the mast itself, the path loss may
    be taken at another height.
    """
    d = max(d2d, NEAR_M)
    d3d = math.sqrt(d * d + links[c, DROP] * links[c, DROP])
    lg = math.log10(d3d)
    if d <= links[c, BREAKPOINT]:
        seen = links[c, NEAR] + links[c, NEAR_SLOPE] * lg + links[c, NEAR_LINEAR] * d3d
    else:
        seen = links[c, FAR] + links[c, FAR_SLOPE] * lg
    # walls in the way never make a path better
    hidden = max(seen, links[c, HIDDEN] + links[c, HIDDEN_SLOPE] * lg)

    lost = seen if links[c, STATE] == LOS else hidden
    if links[c, STATE] == EXPECTED:
        place = d / LOS_STEP_M
        low = TABLE + int(place)
        p = links[c, low] + (place - int(place)) * (links[c, low + 1] - links[c, low])
        lost = p * seen + (1.0 - p) * hidden
    return lost, math.degrees(math.atan2(links[c, MAST], d))


@inner
def sector_gain(rows: Array, cuts: Array, s: int, off: float, depression: float) -> float:
    """Pattern plus offset of one sector towards a direction off its axis and a depression, dB."""
    gain: float = rows[s, OFFSET] + pattern(
        rows, cuts, s, off, depression, rows[s, ELECTRICAL], rows[s, MECHANICAL]
    )
    return gain


@inner
def plain_gain(rows: Array, s: int, off: float, depression: float) -> float:
    """The same where all sectors are plain: without the cuts, whose owners are counted each time.

    It takes a third of the time.
    """
    gain: float = rows[s, OFFSET] + parabolas(rows, s, off, depression - rows[s, ELECTRICAL])
    return gain


@inner
def off_axis(rows: Array, s: int, bearing: float) -> float:
    """A bearing (-180 to 180) from the azimuth of a sector, -180 to 180 degrees."""
    off: float = bearing - rows[s, AZIMUTH]
    return off + 360.0 if off < -180.0 else off


@inner
def best_gain(
    first: Array, rows: Array, cuts: Array, plain: bool, j: int, bearing: float, depression: float
) -> float:
    """Largest sector gain of station ``j``, dB; minus infinity without sectors."""
    best = -math.inf
    for s in range(first[j], first[j + 1]):
        off = off_axis(rows, s, bearing)
        if plain:
            gain = plain_gain(rows, s, off, depression)
        else:
            gain = sector_gain(rows, cuts, s, off, depression)
        best = max(best, gain)
    return best


@inner
def steeper(rise: Array, row: int, c: int, elevation: float) -> float:
    """By how much less may be lost on a path of an elevation, degrees: a table read linearly."""
    last = rise.shape[2] - 1
    if last < 0:
        return 0.0
    low = min(int(elevation), last - 1)
    share = elevation - low
    between: float = (1.0 - share) * rise[row, c, low] + share * rise[row, c, low + 1]
    return between


@inner
def in_hand(
    demand_loss: Array,
    rise: Array,
    row: int,
    c: int,
    links: Array,
    first: Array,
    rows: Array,
    cuts: Array,
    plain: bool,
    j: int,
    dx: float,
    dy: float,
) -> float:
    """What a pair has in hand, dB: its largest loss less its loss, by the best sector.

    ``dx, dy`` lead from station ``j`` of class ``c`` to the place.
    """
    lost, down = heard(links, c, math.sqrt(dx * dx + dy * dy))
    bearing = math.degrees(math.atan2(dx, dy))
    gain = best_gain(first, rows, cuts, plain, j, bearing, down)
    hand: float = demand_loss[row, c] - steeper(rise, row, c, down) - (lost - gain)
    return hand


@compiled
def serve(
    demand: Rows, masts: Masts, lo: int, hi: int, room: Array, indices: Array, counts: Array
) -> None:
    """Stations whose best sector serves rows lo to hi, where each pair has terms of its own.

    What :func:`count_near` counts is the ``room`` of a row. The stations go, sorted, to the front
    of it, and their number into ``counts[row + 1]``.
    """
    points, p_class, range_m, max_loss, rise = demand
    buckets, links, beams = masts
    xy, station, kind = buckets.xy, buckets.station, buckets.kind
    first, rows, cuts = beams
    plain = is_plain(rows)
    found = np.empty(len(xy), dtype=np.uint32)

    for i in range(lo, hi):
        x, y, row = points[i, 0], points[i, 1], p_class[i]
        to = room[i]

        # the reach is that on a sector's axis: the pattern decides about each pair within it
        count = find_near(x, y, range_m[row], buckets, found)
        for k in found[:count]:
            c, j = kind[k], station[k]
            dx, dy = x - xy[k, 0], y - xy[k, 1]
            hand = in_hand(max_loss, rise, row, c, links, first, rows, cuts, plain, j, dx, dy)
            if hand >= 0.0:
                indices[to] = j
                to += 1

        # the order in the buckets must not show
        sort(indices, room[i], to)
        counts[i + 1] = to - room[i]


@compiled
def reserve(
    demand: Rows, masts: Masts, since: Array, most_db: float, lo: int, hi: int, best: Array
) -> None:
    """What rows lo to hi have in hand at most in each step, dB, into ``best``, (steps, rows).

    ``since`` is the step from which each station is on. Nothing is found that is lower than the
    reach of ``demand`` allows; from ``most_db`` on a row is not looked at any closer.
    """
    points, p_class, range_m, max_loss, rise = demand
    buckets, links, beams = masts
    xy, station, kind = buckets.xy, buckets.station, buckets.kind
    first, rows, cuts = beams
    plain = is_plain(rows)
    found = np.empty(len(xy), dtype=np.uint32)

    for i in range(lo, hi):
        x, y, row = points[i, 0], points[i, 1], p_class[i]
        count = find_near(x, y, range_m[row], buckets, found)
        for k in found[:count]:
            c, j = kind[k], station[k]
            if max(best[0, i], best[since[j], i]) >= most_db:
                continue
            dx, dy = x - xy[k, 0], y - xy[k, 1]
            hand = in_hand(max_loss, rise, row, c, links, first, rows, cuts, plain, j, dx, dy)
            best[since[j], i] = max(best[since[j], i], hand)

        # who is on stays on
        for step in range(1, len(best)):
            best[step, i] = max(best[step, i], best[step - 1, i])


@compiled
def squeeze(room: Array, indptr: Array, indices: Array) -> None:
    """Close the gaps between rows, in place: entries only move towards the front."""
    for i in range(len(indptr) - 1):
        for k in range(indptr[i + 1] - indptr[i]):
            indices[indptr[i] + k] = indices[room[i] + k]


@inner
def collect(
    ear: Ear,
    plain: bool,
    i: int,
    found: Array,
    level: Array,
    who: Array,
    off: Array,
    since: Array,
) -> int:
    """Every sector in reach of point ``i``: SS-RSRP (dBm), number, direction, step since heard.

    The direction of the point is in degrees off the axis. Returns how many.
    """
    points, reach, taken, on, _, _, masts = ear
    buckets, links, beams = masts
    xy, station, kind = buckets.xy, buckets.station, buckets.kind
    first, rows, cuts = beams

    x, y = points[i, 0], points[i, 1]
    near, count = find_near(x, y, reach[-1], buckets, found), 0
    for k in found[:near]:
        c, j = kind[k], station[k]
        dx, dy = x - xy[k, 0], y - xy[k, 1]
        far = dx * dx + dy * dy
        step = on[j]
        while far > reach[step, c] * reach[step, c]:
            step += 1

        lost, down = heard(links, c, math.sqrt(far))
        bearing = math.degrees(math.atan2(dx, dy))
        for sector in range(first[j], first[j + 1]):
            aside = off_axis(rows, sector, bearing)
            if plain:
                gain = plain_gain(rows, sector, aside, down)
            else:
                gain = sector_gain(rows, cuts, sector, aside, down)
            level[count] = links[c, REFERENCE] + gain - lost - taken[c]
            who[count], off[count], since[count] = sector, aside, step
            count += 1
    return count


@inner
def beam_towards(sweep: Array, s: int, off: float) -> int:
    """The SSB beam of a sector that is nearest to a direction, from 0."""
    n = int(sweep[s, N_BEAMS])
    nearest: int = min(max(math.floor(off / sweep[s, BEAM_WIDTH] + 0.5 * n), 0), n - 1)
    return nearest


@inner
def missed_by(sweep: Array, rows: Array, s: int, off: float, beam: int) -> float:
    """How far below its envelope a sector is heard while its beam of that number is on, dB.

    The envelope is that of the best beam. Each beam has the pattern's form, as wide as the beams
    lie apart.
    """
    n = int(sweep[s, N_BEAMS])
    if n == 1:
        return 0.0
    most: float = rows[s, FRONT_TO_BACK]
    away: float = off / sweep[s, BEAM_WIDTH] - (beam % n - 0.5 * (n - 1))
    wide: float = rows[s, H_CURVE] * off * off
    return max(min(12.0 * away * away, most) - min(wide, most), 0.0)


@compiled
def listen(
    ear: Ear,
    window_db: float,
    lo: int,
    hi: int,
    rsrp: Array,
    server: Array,
    ssb: Array,
    data: Array,
    rivals: Array,
) -> None:
    """What a terminal hears at rows lo to hi in each step, all (steps, rows).

    The best server's SS-RSRP (dBm) and sector (-1: none; ties to the lowest); of the other sectors
    on its carrier the sum in mW per resource element, of the SSB beams that are on with the
    server's and of full traffic; and how many sectors of that carrier lie within ``window_db`` of
    the best, itself included.
    """
    carrier, sweep, rows = ear.carrier, ear.sweep, ear.masts.beams.rows
    plain = is_plain(rows)
    found = np.empty(len(ear.masts.buckets.xy), dtype=np.uint32)
    level, off = np.empty(len(carrier)), np.empty(len(carrier))
    power, beams = np.empty(len(carrier)), np.empty(len(carrier))
    who, since = np.empty(len(carrier), dtype=np.int64), np.empty(len(carrier), dtype=np.int64)

    for i in range(lo, hi):
        count = collect(ear, plain, i, found, level, who, off, since)
        for k in range(count):
            power[k] = math.exp((level[k] + sweep[who[k], SPREAD]) * PER_DB)

        before = -1
        for step in range(len(rsrp)):
            # ties to the lowest sector: the order in the buckets must not show
            best, mine, aside = -math.inf, -1, 0.0
            for k in range(count):
                if since[k] <= step and (level[k] > best or (level[k] == best and who[k] < mine)):
                    best, mine, aside = level[k], who[k], off[k]
            beam = beam_towards(sweep, mine, aside) if mine >= 0 else 0

            # only the server's own carrier disturbs it; a server that stays meets the same beams
            met, traffic, near = 0.0, 0.0, 0
            for k in range(count):
                if since[k] <= step and carrier[who[k]] == carrier[mine]:
                    near += level[k] >= best - window_db
                    if who[k] != mine:
                        if mine != before or since[k] == step:
                            missed = missed_by(sweep, rows, who[k], off[k], beam)
                            beams[k] = math.exp((level[k] - missed) * PER_DB)
                        met += beams[k]
                        traffic += power[k]
            before = mine
            rsrp[step, i], server[step, i] = best, mine
            ssb[step, i], data[step, i], rivals[step, i] = met, traffic, near


@compiled
def list_heard(
    ear: Ear,
    of_class: Array,
    reach: Array,
    row: Array,
    own: Array,
    window_db: float,
    least_dbm: float,
    lo: int,
    hi: int,
    counts: Array,
    room: Array,
) -> tuple[int, int]:
    """The sectors heard at rows lo to hi, sorted, into ``room``; how many of a row into ``counts``.

    Those are heard that are no weaker by more than ``window_db`` than the best of their carrier,
    where that one has ``least_dbm``; ``of_class`` is that of a class. Stations on the carrier
    ``own`` of a row (-1: none) are looked for within row ``row`` of ``reach``, which is (rows,
    classes), all others within its first row.
    Ends early when the room might not hold the next row: returns the row it came to, and how much
    of the room is used.
    """
    points, _, _, _, carrier, _, masts = ear
    buckets, links, beams = masts
    xy, station, kind = buckets.xy, buckets.station, buckets.kind
    first, rows, cuts = beams
    plain = is_plain(rows)
    found, limit = np.empty(len(xy), dtype=np.uint32), np.empty(reach.shape[1])
    # there are no more carriers than classes
    level, best = np.empty(len(carrier)), np.empty(reach.shape[1])
    who = np.empty(len(carrier), dtype=np.int64)

    to = 0
    for i in range(lo, hi):
        for c in range(len(limit)):
            limit[c] = reach[row[i] if of_class[c] == own[i] else 0, c]
            best[c] = -math.inf
        count = 0
        x, y = points[i, 0], points[i, 1]
        for f in range(find_near(x, y, limit, buckets, found)):
            k = found[f]
            c, j = kind[k], station[k]
            dx, dy = x - xy[k, 0], y - xy[k, 1]
            lost, down = heard(links, c, math.sqrt(dx * dx + dy * dy))
            bearing = math.degrees(math.atan2(dx, dy))
            for sector in range(first[j], first[j + 1]):
                off = off_axis(rows, sector, bearing)
                if plain:
                    gain = plain_gain(rows, sector, off, down)
                else:
                    gain = sector_gain(rows, cuts, sector, off, down)
                level[count], who[count] = links[c, REFERENCE] + gain - lost, sector
                best[of_class[c]] = max(best[of_class[c]], level[count])
                count += 1

        if to + count > len(room):
            return i, to
        begin = to
        for k in range(count):
            top = best[carrier[who[k]]]
            if top >= least_dbm and level[k] >= top - window_db:
                room[to] = who[k]
                to += 1
        sort(room, begin, to)
        counts[i] = to - begin
    return hi, to
