"""What a propagation model is: its range, its coefficients, and what a plan takes from it.

The compiled loops know no model by name. They read the row of numbers that a model gives for a
frequency and two heights, and a table of its probability of line of sight, so a further model is a
further object and no further code.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from planner.radio.grid import FloatArray

NEAR_M = 10.0
"""Shortest distance of every model, m; nearer points take the loss at 10 m and are counted."""

Range = tuple[float, float]


STREET_WIDTHS_M: Range = (5.0, 50.0)
"""Average widths of streets for which any of the formulas is stated, m (ITU-R M.2135-1, W)."""

BUILDING_HEIGHTS_M: Range = (5.0, 50.0)
"""Average heights of buildings for which any is stated, m (ITU-R M.2135-1, h)."""


class Link(NamedTuple):
    """What a path loss is asked for: arrays that broadcast, also some without a dimension.

    Carrier frequency (GHz), heights of mast and terminal, and what stands between them: average
    width of the streets and height of the buildings (m).
    """

    f_ghz: FloatArray
    h_bs_m: FloatArray
    h_ut_m: FloatArray
    street_width_m: FloatArray
    building_height_m: FloatArray


class Curve(NamedTuple):
    """Coefficients of a path loss: every loss is a line in ``lg = log10(d3d)``, with one break.

    With line of sight, up to the ground distance ``breakpoint_m``, the loss is ``near + near_slope
    lg + near_linear d3d``, beyond it ``far + far_slope lg``. Without line of sight it is ``nlos +
    nlos_slope lg``, but never less than with it. Arrays of a shape to which the parts of the
    link broadcast, or numbers; dB and m. ``breakpoint_m`` is infinite where there is no break.
    """

    breakpoint_m: FloatArray | float
    near: FloatArray | float
    near_slope: FloatArray | float
    near_linear: FloatArray | float
    far: FloatArray | float
    far_slope: FloatArray | float
    nlos: FloatArray | float
    nlos_slope: FloatArray | float

    def lines(self, d2d_m: FloatArray, drop_m: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Loss with line of sight, and the line without by itself, dB.

        ``d2d_m`` is the distance on the ground, ``drop_m`` the difference of the heights.
        """
        d3d = np.hypot(d2d_m, drop_m)
        lg = np.log10(d3d)

        near = self.near + self.near_slope * lg + self.near_linear * d3d
        far = self.far + self.far_slope * lg
        return np.where(d2d_m <= self.breakpoint_m, near, far), self.nlos + self.nlos_slope * lg


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
        Heights of the mast that are accepted beyond those, each with a notice; None where these are
        the same.
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
        Coefficients of a link.
    los_probability
        Probability of line of sight outdoors, 0 to 1, of the shape of the distance on the ground
        (m, 0 or above). The height of the terminal (m) comes behind it, mostly without a dimension.
        Read only where a scene's ``visibility`` is ``expected``.
    sigma_db
        Standard deviation of the shadowing with line of sight and without, dB. Where a source has
        two with line of sight, the one beyond the breakpoint: there the edge of a cell lies.
    indoor_sigma_db
        The same on the way to a terminal behind a wall of TR 38.901, dB.
    open_land
        Whether it describes open land. A scene of such a model is not built up: no town reaches
        beyond its border there, and new sites are towers.
    street_width_m, building_height_m
        Usual average width of streets and height of buildings, m; a scene may have its own. Read by
        formulas that know them.
    lower, higher
        Names of the models that take masts up to the least accepted height, and those above the
        greatest; empty where the loss is taken at that height.
    joint_db
        Where the masts of other heights follow a second source: by how much the two differ at the
        usual mast, at most, dB.
    """

    name: str
    source: str
    valid: Validity
    h_bs_m: float
    curve: Callable[[Link], Curve]
    los_probability: Callable[[FloatArray, FloatArray], FloatArray]
    sigma_db: tuple[float, float]
    indoor_sigma_db: float
    open_land: bool
    street_width_m: float = 20.0
    building_height_m: float = 20.0
    lower: str = ""
    higher: str = ""
    joint_db: float = 0.0

    @property
    def masts_m(self) -> Range:
        """Least and greatest height of a mast that is accepted, m."""
        return self.valid.h_bs_extended_m or self.valid.h_bs_m
