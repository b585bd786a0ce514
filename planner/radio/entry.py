"""What is lost on the way from the street to a terminal in a building or a vehicle.

Every loss has its own spread, which :mod:`planner.radio.shadowing` puts together with that of the
path. A class of walls is a formula in the frequency, so that every band follows from one choice.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final

import numpy as np
import numpy.typing as npt
from pydantic import Field

from planner.parameters import Part, parameter
from planner.radio.grid import FloatArray

MOST_DB = 60.0
"""Largest loss that a scenario may give for a wall or a vehicle, dB."""

Loss = Annotated[float, Field(ge=0.0, le=MOST_DB)]


@dataclass(frozen=True, slots=True)
class Entry:
    """Loss into one place at one frequency, and how it spreads over the terminals there.

    Attributes
    ----------
    name
        Of the place: ``outdoor``, ``vehicle``, or the class of walls.
    parts
        Mean and standard deviation (dB) of parts whose powers add up. At a standard normal number z
        each part is ``mean + deviation z``, so one part alone is a normal loss.
    source
        Where that stands.
    per_degree
        By how much the mean of the first part grows with the elevation of the path, dB a degree.
    through_wall
        Whether the terminal is inside a building of the 3GPP model, whose shadowing is another.
    """

    name: str
    parts: tuple[tuple[float, float], ...]
    source: str
    per_degree: float = 0.0
    through_wall: bool = False

    @property
    def is_normal(self) -> bool:
        """Whether the loss is normal in dB."""
        return len(self.parts) == 1

    @property
    def median_db(self) -> float:
        """The loss that half of the terminals do not exceed, along a level path, dB."""
        return float(self.at(np.zeros(())))

    def at(self, z: npt.ArrayLike, elevation_deg: float = 0.0) -> FloatArray:
        """The loss at standard normal numbers, dB, of their shape."""
        number = np.asarray(z, dtype=np.float64)
        (first, spread), *others = self.parts
        raised = first + self.per_degree * abs(elevation_deg)
        if not others:
            return np.asarray(raised + spread * number)
        powers = [10.0 ** (0.1 * (m + s * number)) for m, s in [(raised, spread), *others]]
        return np.asarray(10.0 * np.log10(np.sum(powers, axis=0)))


class Wall(Part):
    """A class of walls of the scenario's own, for example as measured."""

    loss_db: Mapping[str, Loss] = parameter(
        ...,
        unit="dB",
        source="asked",
        doc="Median loss from the street to the demanded place inside, by band.",
        min_length=1,
    )
    sigma_db: float = parameter(
        ...,
        unit="dB",
        source="asked",
        doc="Standard deviation of that loss over the buildings and the places in them.",
        ge=0.0,
        le=20.0,
    )


OUTDOORS: Final = Entry("outdoor", ((0.0, 0.0),), "outdoors")


_TABLE: Final = "3GPP TR 38.901 V17, 7.4.3.1"

# Table 7.4.3-1: loss of a material, dB, and its growth with the frequency, dB a GHz
_MATERIALS: Final = {
    "glass": (2.0, 0.2),
    "coated glass": (23.0, 0.3),
    "concrete": (5.0, 4.0),
    "wood": (4.85, 0.12),
}

# Table 7.4.3-2: share of each material in the wall, deviation, and who says so
_COMPOSED: Final = {
    "light": ({"glass": 0.3, "wood": 0.7}, 4.4, f"judgement: {_TABLE}, wood in place of concrete"),
    "tr-low": ({"glass": 0.3, "concrete": 0.7}, 4.4, f"{_TABLE}, low-loss"),
    "tr-high": ({"coated glass": 0.7, "concrete": 0.3}, 6.5, f"{_TABLE}, high-loss"),
}

# Table 1 of the Recommendation: r, s, t, u, v, w, x, y, z
_P2109: Final = {
    "p2109-traditional": (12.64, 3.72, 0.96, 9.6, 2.0, 9.1, -3.0, 4.5, -2.0),
    "p2109-efficient": (28.19, -3.0, 8.48, 13.5, 3.8, 27.8, -2.9, 9.4, -2.1),
}

WALLS: Final = ("none", *_COMPOSED, *_P2109)
"""Classes of walls."""

NOT_IN_OPEN_LAND: Final = "tr-high"
"""TR 38.901, 7.4.3.1: only the low-loss wall is applicable to RMa."""


def wall_entry(wall: str, f_ghz: float, *, is_open_land: bool = False) -> Entry:
    """Loss into a building whose walls are of a class.

    Parameters
    ----------
    wall
        One of ``WALLS``. Those that begin with ``tr`` are of TR 38.901; those of ITU-R P.2109-2 are
        for a place anywhere inside.
    f_ghz
        Carrier frequency, GHz.
    is_open_land
        Whether the buildings stand in open land, where those of TR 38.901 are less deep.
    """
    if wall in _P2109:
        return _of_p2109(wall, f_ghz)
    return _composed(wall, f_ghz, is_open_land) if wall in _COMPOSED else OUTDOORS


def _composed(wall: str, f_ghz: float, is_open_land: bool) -> Entry:
    """A wall of some materials and the way on inside, by the form of TR 38.901, 7.4.3.1."""
    shares, sigma_db, source = _COMPOSED[wall]
    through = 0.0
    for material, share in shares.items():
        loss_db, per_ghz = _MATERIALS[material]
        through += share * 10.0 ** (-0.1 * (loss_db + per_ghz * f_ghz))

    # the depth is the smaller of two even draws up to 25 m, 10 m in RMa: a third on average
    depth_m = (10.0 if is_open_land else 25.0) / 3.0
    mean_db = 5.0 - 10.0 * math.log10(through) + 0.5 * depth_m
    return Entry(wall, ((mean_db, sigma_db),), source, through_wall=True)


def _of_p2109(wall: str, f_ghz: float) -> Entry:
    """A class of buildings of ITU-R P.2109-2, 3, by the names of its coefficients."""
    r, s, t, u, v, w, x, y, z = _P2109[wall]
    lg = math.log10(f_ghz)
    parts = ((r + s * lg + t * lg * lg, u + v * lg), (w + x * lg, y + z * lg), (-3.0, 0.0))
    return Entry(wall, parts, "ITU-R P.2109-2, 3", per_degree=0.212)
