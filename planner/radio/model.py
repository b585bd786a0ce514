"""What a propagation model is: its range, its coefficients, and what a plan takes from it.

The compiled loops know no model by name. They read the row of numbers that a model gives for a
frequency and two heights, and a table of its probability of line of sight, so a further model is a
further object and no further code.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from planner.radio.grid import FloatArray

NEAR_M = 10.0
"""Shortest distance of every model, m; nearer points take the loss at 10 m and are counted."""

Range = tuple[float, float]


class Curve(NamedTuple):
    """Coefficients of a path loss: every loss is a line in ``lg = log10(d3d)``, with one break.

    With line of sight, up to the ground distance ``breakpoint_m``, the loss is ``near + near_slope
    lg + near_linear d3d``, beyond it ``far + far_slope lg``. Without line of sight it is ``nlos +
    nlos_slope lg``, but never less than with it. Arrays that broadcast, or numbers; dB and m.
    """

    breakpoint_m: FloatArray | float
    near: FloatArray | float
    near_slope: FloatArray | float
    near_linear: FloatArray | float
    far: FloatArray | float
    far_slope: FloatArray | float
    nlos: FloatArray | float
    nlos_slope: FloatArray | float


@dataclass(frozen=True, slots=True)
class Validity:
    """Where the source of a model says that it holds; outside, the planner refuses to use it.

    Attributes
    ----------
    h_bs_m
        Least and greatest height of the mast, m.
    h_ut_m
        Least and greatest height of the terminal, m.
    f_ghz
        Least and greatest carrier frequency, GHz.
    los_m, nlos_m
        Longest distance on the ground with line of sight and without, m; the shortest is 10 m.
        Expected losses end at ``nlos_m``.
    h_bs_extended_m
        Heights of the mast that are accepted where ``radio.extended_heights`` is set; None where
        these are the same.
    """

    h_bs_m: Range
    h_ut_m: Range
    f_ghz: Range
    los_m: float
    nlos_m: float
    h_bs_extended_m: Range | None = None


@dataclass(frozen=True, slots=True)
class PropagationModel:
    """A propagation model: the object ``MODEL`` of a module in ``planner/radio/models/``.

    Attributes
    ----------
    name
        What a scenario calls it.
    source
        Document and table; stands in link budgets and in the errors about its range.
    valid
        Where it holds.
    h_bs_m
        Usual height of the mast, m.
    curve
        Coefficients for frequency (GHz), height of the mast and of the terminal (m), three arrays
        that broadcast.
    los_probability
        Probability of line of sight outdoors, 0 to 1, for distance on the ground (m, 0 or above)
        and height of the terminal (m).
    sigma_db
        Standard deviation of the shadowing with line of sight and without, dB.
    margin_db
        Usual shadow margin, dB: 90 % at the edge without line of sight.
    open_land
        Whether it describes open land. A scene of such a model is not built up: no town reaches
        beyond its border there, and new sites are towers.
    """

    name: str
    source: str
    valid: Validity
    h_bs_m: float
    curve: Callable[[FloatArray, FloatArray, FloatArray], Curve]
    los_probability: Callable[[FloatArray, FloatArray], FloatArray]
    sigma_db: tuple[float, float]
    margin_db: float
    open_land: bool
