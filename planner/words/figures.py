"""How figures are written: the same in every language and on the page.

``page/writing.js`` reads the steps.
"""

from __future__ import annotations

import math
from typing import Final, Literal

Form = Literal["share", "length", "count", "level"]
"""What the size of a failure is: a share (0-1), a length in metres, a bare number, or decibels."""

LENGTH_STEPS: Final = ((1000, 1, 0, "m"), (None, 1000, 1, "km"))
"""How a length is written: below so many metres, in a unit of so many metres, digits, unit."""

SHARE_STEPS: Final = 1000
"""A share is written in tenths of a per cent."""

LEVEL_STEPS: Final = 10
"""A level is written in tenths of a decibel."""

SLACK: Final = 1e-6
"""Of such a step: what float sums leave behind is no step more."""


def rounded(value: float, digits: int) -> str:
    """A number with so many decimals, halves up as on the page (Python rounds them to even)."""
    scale = 10**digits
    return f"{math.floor(value * scale + 0.5) / scale:.{digits}f}"


def shown_share(share: float, limit: float = 0.0) -> int:
    """A share (0-1) as the tenths of a per cent that are written: the nearest, halves up.

    One that is below its limit is rounded down where it would read as the limit: 94.97 % of 95 % is
    written 94.9 %.
    """
    tenths = share * SHARE_STEPS
    least = limit * SHARE_STEPS - SLACK
    nearest = math.floor(tenths + 0.5)
    return math.ceil(least) - 1 if tenths < least <= nearest else nearest


def percent(share: float, limit: float = 0.0) -> str:
    """The same as it is written, without its sign: ``94.9``."""
    return rounded(100 * shown_share(share, limit) / SHARE_STEPS, 1)


def shown_size(form: Form, size: float) -> int:
    """The size of a failure as the whole number that is written.

    Tenths of a per cent or of a decibel, metres or pieces. What is missing of a share or a level is
    rounded up, so that what fails by a hair does not read as nought.
    """
    if form == "share":
        return math.ceil(size * SHARE_STEPS - SLACK)
    if form == "level":
        return math.ceil(size * LEVEL_STEPS - SLACK)
    return math.floor(size + 0.5)


def figure_parts(form: Form, size: float) -> tuple[str, str]:
    """Number and unit of the size of a failure, for example ``("1.8", "km")``."""
    whole = shown_size(form, size)
    if form == "share":
        return rounded(100 * whole / SHARE_STEPS, 1), "%"
    if form == "level":
        return rounded(whole / LEVEL_STEPS, 1), "dB"
    if form == "count":
        return str(whole), ""
    fitting = (step for step in LENGTH_STEPS if step[0] is None or whole < step[0])
    _, per, digits, unit = next(fitting)
    return rounded(whole / per, digits), unit
