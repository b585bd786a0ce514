"""Channel numbers: which frequency they mean, and which NR bands hold it."""

from __future__ import annotations

import math
from typing import Final

# TS 38.104, Table 5.4.2.1-1: last number of a range, its step in kHz, its first MHz and number
_RANGES: Final = (
    (599_999, 5.0, 0.0, 0),
    (2_016_666, 15.0, 3000.0, 600_000),
    (3_279_165, 60.0, 24_250.08, 2_016_667),
)
LAST_EARFCN: Final = 70_655
"""Highest downlink channel number of LTE (TS 36.101, Table 5.7.3-1).

As a number of NR it is 353 MHz, and no NR band lies so low.
"""
# TS 38.104, Tables 5.2-1 and 5.2-2: downlink, MHz
_DOWNLINK: Final = {
    "n1": (2110, 2170), "n2": (1930, 1990), "n3": (1805, 1880), "n5": (869, 894),
    "n7": (2620, 2690), "n8": (925, 960), "n12": (729, 746), "n14": (758, 768),
    "n18": (860, 875), "n20": (791, 821), "n25": (1930, 1995), "n26": (859, 894),
    "n28": (758, 803), "n30": (2350, 2360), "n34": (2010, 2025), "n38": (2570, 2620),
    "n39": (1880, 1920), "n40": (2300, 2400), "n41": (2496, 2690), "n46": (5150, 5925),
    "n48": (3550, 3700), "n50": (1432, 1517), "n65": (2110, 2200), "n66": (2110, 2200),
    "n70": (1995, 2020), "n71": (617, 652), "n74": (1475, 1518), "n75": (1432, 1517),
    "n77": (3300, 4200), "n78": (3300, 3800), "n79": (4400, 5000), "n96": (5925, 7125),
    "n257": (26_500, 29_500), "n258": (24_250, 27_500), "n260": (37_000, 40_000),
    "n261": (27_500, 28_350),
}  # fmt: skip


def nr_frequency(number: int) -> float:
    """Frequency of an NR-ARFCN from 0 on, MHz, by TS 38.104, 5.4.2.1; NaN where it is none."""
    for last, step_khz, first_mhz, first in _RANGES:
        if number <= last:
            return first_mhz + step_khz * (number - first) / 1000
    return math.nan


def in_band(mhz: float, name: str) -> bool:
    """Whether a frequency, MHz, lies in the downlink of an NR band; False of an unknown name."""
    low, high = _DOWNLINK.get(name.lower(), (1, 0))
    return low <= mhz <= high


def in_some_band(mhz: float) -> bool:
    """Whether a frequency, MHz, lies in the downlink of any NR band."""
    return any(in_band(mhz, name) for name in _DOWNLINK)
