"""Random access: length of the sequence, cyclic shift and number of root sequences of a cell."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

LONG, SHORT = 839, 139
"""Lengths of the sequences, TS 38.211, 6.3.3.1."""
LONG_KHZ = 1.25
"""Subcarrier spacing of long sequences in formats 0 to 2, Table 6.3.3.1-1, kHz."""
PREAMBLES = 64
"""Preambles of a cell, TS 38.211, 6.3.3.1."""
METRES_PER_US = 300.0
"""Light, m per microsecond."""

SHIFTS: Final[dict[int, tuple[int, ...]]] = {
    LONG: (0, 13, 15, 18, 22, 26, 32, 38, 46, 59, 76, 93, 119, 167, 279, 419),
    SHORT: (0, 2, 4, 6, 8, 10, 12, 13, 15, 17, 19, 23, 27, 34, 46, 69),
}
"""N_CS of the unrestricted set by zeroCorrelationZoneConfig: TS 38.211 V17, Tables 6.3.3.1-5 (long,
formats 0 to 2) and 6.3.3.1-7 (short)."""


class RandomAccess(NamedTuple):
    """What a cell needs for random access.

    Attributes
    ----------
    length
        Length of the sequence, 839 or 139.
    n_cs
        Cyclic shift; 0 = a preamble takes a whole sequence.
    zone
        Its ``zeroCorrelationZoneConfig``.
    roots
        Consecutive root sequences that 64 preambles take.
    reach_m
        Cell radius up to which the shift tells two preambles apart, m.
    """

    length: int
    n_cs: int
    zone: int
    roots: int
    reach_m: float


def random_access(
    radius_m: float, length: int, scs_khz: float, delay_spread_us: float, guard: int
) -> RandomAccess:
    """The smallest cyclic shift that holds a cell's round trip, and what follows from it.

    Parameters
    ----------
    radius_m
        Cell radius, m.
    length
        839 or 139.
    scs_khz
        Subcarrier spacing of the sequence, kHz; that of a long one is :data:`LONG_KHZ`.
    delay_spread_us
        Longest echo, microseconds.
    guard
        Samples more, for the receiver's filter.

    Notes
    -----
    Source: Sesia, Toufik and Baker, LTE, 2nd ed., 17.4.2.1: N_CS is at least the round trip and the
    delay spread in samples of the sequence, rounded up, and the guard.
    """
    us_per_sample = 1e3 / scs_khz / length
    trip_us = 2.0 * radius_m / METRES_PER_US + delay_spread_us
    # a hair less, so that a radius worked out from a shift is given that shift again
    need = math.ceil(trip_us / us_per_sample - 1e-9) + guard
    fitting = [zone for zone, shift in enumerate(SHIFTS[length]) if shift >= need]
    zone = fitting[0] if fitting else 0
    n_cs = SHIFTS[length][zone]

    samples = (n_cs or length) - guard
    reach_m = (samples * us_per_sample - delay_spread_us) * METRES_PER_US / 2.0
    roots = math.ceil(PREAMBLES / (length // n_cs if n_cs else 1))
    return RandomAccess(length, n_cs, zone, roots, reach_m)
