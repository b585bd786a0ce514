"""The compiled loop that gives codes to stations one after the other."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from planner.compiled import compiled
from planner.radio.grid import Buckets
from planner.radio.kernels import find_near

Array = npt.NDArray[Any]

OWN_SITE = 2**40
"""Weight of a remainder that another cell of the station has: more than any ground."""
TURNS = ((0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0))
"""Ways in which three cells take three remainders."""
BY3, BY30, BY4 = 0, 3, 33
"""Where the remainders by 3, 30 and 4 begin in a row."""


@compiled
def give_codes(
    units: Array,
    place: Array,
    home: Array,
    first: Array,
    buckets: Buckets,
    reach: Array,
    carrier_of: Array,
    code: Array,
    before: Array,
    width: Array,
    near_start: Array,
    near: Array,
    start: Array,
    other: Array,
    ground: Array,
    counts: Array,
    most: int,
    by_three: bool,
    keep2: float,
    enough2: float,
) -> None:
    """Fill ``code`` unit by unit; see :func:`planner.radio.reuse.spread_codes`.

    Stations stand at ``place``; ``home`` is the station of a cell, ``first`` the first cell of a
    station, and their carriers are the classes of ``buckets``.
    """
    xy, station = buckets.xy, buckets.station
    found = np.empty(len(station), dtype=np.uint32)
    far2 = np.empty(most)
    # by cell of the unit: how often each code is taken, and each remainder
    taken = np.empty((3, most), dtype=np.int64)
    alike_by = np.empty((3, BY4 + 4), dtype=np.int64)
    shift = np.empty(3, dtype=np.int64)

    for u in range(len(units)):
        size = 0
        while size < 3 and units[u, size] >= 0:
            size += 1
        s, count = home[units[u, 0]], counts[units[u, 0]]

        # how far away each code is used next
        for j in range(count):
            far2[j] = enough2
        x, y = place[s, 0], place[s, 1]
        for i in range(find_near(x, y, reach[carrier_of[s]], buckets, found)):
            k = found[i]
            dx, dy = xy[k, 0] - x, xy[k, 1] - y
            d2 = dx * dx + dy * dy
            for c in range(first[station[k]], first[station[k] + 1]):
                if code[c] >= 0:
                    for j in range(code[c], code[c] + width[c]):
                        far2[j] = min(far2[j], d2)

        # what is taken within two steps, and which remainders the neighbours have
        for m in range(size):
            for j in range(count):
                taken[m, j] = 0
            for j in range(BY4 + 4):
                alike_by[m, j] = 0
            cell = units[u, m]
            for k in range(near_start[cell], near_start[cell + 1]):
                c = near[k]
                if code[c] >= 0:
                    for j in range(code[c], code[c] + width[c]):
                        taken[m, j] += 1
            for k in range(start[cell], start[cell + 1]):
                c = other[k]
                if by_three and code[c] >= 0:
                    alike_by[m, BY3 + code[c] % 3] += OWN_SITE if home[c] == s else ground[k]
                    alike_by[m, BY30 + code[c] % 30] += 1
                    alike_by[m, BY4 + code[c] % 4] += 1

        # which cell takes which place in a block of codes
        span = 0
        for m in range(size):
            shift[m] = span
            span += width[units[u, m]]
        if by_three:
            span = 3
            least = -1
            for turn in range(len(TURNS)):
                alike = 0
                for m in range(size):
                    alike += alike_by[m, BY3 + TURNS[turn][m]]
                if least < 0 or alike < least:
                    least = alike
                    for m in range(size):
                        shift[m] = TURNS[turn][m]

        # the best block; equal ones to the lowest
        best, best_hits, best_far2, best_alike = -1, 0, 0.0, 0
        for base in range(0, count - span + 1, span):
            hits, nearest2, alike = 0, enough2, 0
            for m in range(size):
                own = base + shift[m]
                for j in range(own, own + width[units[u, m]]):
                    hits += taken[m, j]
                    nearest2 = min(nearest2, far2[j])
                if by_three:
                    # one alike by 30 is worse than any number alike by 4
                    alike += alike_by[m, BY30 + own % 30] * 1000 + alike_by[m, BY4 + own % 4]
            if (
                best < 0
                or hits < best_hits
                or (
                    hits == best_hits
                    and (nearest2 > best_far2 or (nearest2 == best_far2 and alike < best_alike))
                )
            ):
                best, best_hits, best_far2, best_alike = base, hits, nearest2, alike

        # what had to be given up stays where the other would not do either
        stays = best_hits > 0 or best_far2 <= keep2
        hits = 0
        for m in range(size):
            old = before[units[u, m]]
            stays = stays and old >= 0 and old + width[units[u, m]] <= count
            if stays:
                for j in range(old, old + width[units[u, m]]):
                    hits += taken[m, j]
        stays = stays and hits <= best_hits
        for m in range(size):
            cell = units[u, m]
            code[cell] = before[cell] if stays else best + shift[m]
