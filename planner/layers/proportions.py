"""Figures that are well written and yet cannot be right: in another unit, or tenfold."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from planner import fields as F
from planner.layers.findings import Findings
from planner.layers.places import FloatArray

MOST_TIMES: Final = 3.0
"""So many times the people of the towns, or as many times fewer, and the population is doubted."""
FEET_M: Final = 0.3048
TALL_M: Final = 60.0
"""Median height above which a list is one of feet when they divide to whole metres."""
TALLEST_M: Final = 90.0
"""Median height above which it is doubted whatever they divide to: 27 m are 90 feet."""
LEAST_HEIGHTS: Final = 5
_WAYS: Final = ("people_out_of_proportion/more", "people_out_of_proportion/fewer")
_MOST_OFF_M: Final = 0.16  # of a whole metre, in which heights were measured: half a foot
_SHARE: Final = 0.8  # by chance a third lies so near to one


def question_people(population: Any, towns: Any, file: str, findings: Findings) -> None:
    """A finding where the population and the people of the towns are too far apart.

    Parameters
    ----------
    population, towns
        ``tables.POPULATION`` and ``tables.TOWNS``.
    file
        Of the population.
    findings
        Book of findings.
    """
    people, listed = (float(frame[F.PEOPLE].sum()) for frame in (population, towns))
    if people <= 0 or listed <= 0 or 1 / MOST_TIMES <= people / listed <= MOST_TIMES:
        return
    # the nearest power of ten tells a unit or a slip
    power = round(math.log10(people / listed))
    factor = 10.0 ** abs(power) if power else people / listed
    findings.add(
        _WAYS[power < 0],
        file=file,
        people=f"{people:,.0f}",
        listed=f"{listed:,.0f}",
        factor=f"{factor:.3g}",
    )


def question_heights(heights_m: FloatArray, where: dict[str, Any], findings: Findings) -> None:
    """A finding where heights, (rows,) m, look like feet: tall, or whole metres when divided.

    ``where`` is file and column.
    """
    known = heights_m[np.isfinite(heights_m) & (heights_m > 0)]
    median = float(np.median(known)) if len(known) >= LEAST_HEIGHTS else 0.0
    if median <= TALL_M:
        return
    metres = known * FEET_M
    is_whole = np.abs(metres - np.round(metres)) <= _MOST_OFF_M
    if is_whole.mean() >= _SHARE or median > TALLEST_M:
        findings.add("unit_suspected", median=f"{median:.1f}", **where)
