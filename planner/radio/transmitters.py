"""The transmitters of a network: where its stations stand, of what kind they are, their sectors.

They are made and checked once; coverage, signal and rivals take them as one value.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from planner.errors import ProblemError
from planner.radio.antenna import Sectors, beams_of
from planner.radio.arrays import Masts
from planner.radio.bands import Band
from planner.radio.budget import Propagation, RadioParameters
from planner.radio.grid import (
    FloatArray,
    IntArray,
    checked_classes,
    checked_points,
    fill_buckets,
)
from planner.radio.models import MODELS
from planner.radio.pathloss import VISIBILITIES, checked_link, los_table, max_range


@dataclass(frozen=True, slots=True)
class StationClass:
    """What stations of one class have in common; most stations share a few of them.

    Parameters
    ----------
    band
        Carrier, powers and gains.
    propagation
        Model and line of sight of the scene; kept is what :meth:`Propagation.at` makes of it for
        the mast, with the height at which the path loss is taken.
    h_bs_m
        Antenna height, m; the site's own, or that of the scene.
    """

    band: Band
    propagation: Propagation
    h_bs_m: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "propagation", self.propagation.at(self.h_bs_m))

    @property
    def reference_dbm(self) -> float:
        """Power per resource element plus SSB gain on the axis, dBm."""
        return self.band.epre_dbm + self.band.beam_gain_dbi

    def reach_m(self, max_loss_db: float, radio: RadioParameters) -> float:
        """Range of a path loss, m, as :func:`planner.radio.max_range`; 0 for minus infinity."""
        if max_loss_db == -math.inf:
            return 0.0
        return max_range(
            self.propagation.model,
            max_loss_db,
            self.band.f_ghz,
            visibility=self.propagation.visibility,
            h_bs_m=self.propagation.h_bs_m,
            h_ut_m=radio.h_ut_m,
            street_width_m=self.propagation.street_width_m,
            building_height_m=self.propagation.building_height_m,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Transmitters:
    """Stations with their sectors, and the radio parameters that hold for all of them.

    Parameters
    ----------
    xy
        (stations, 2) coordinates, m, in any projected CRS.
    station_class
        (stations,) class of each station.
    classes
        Band, propagation and height of each class.
    sectors
        Sectors of the stations, from :func:`planner.radio.make_sectors`.
    radio
        Height of the terminal and the rule on heights, noise figures, link curves.

    Raises
    ------
    planner.errors.ProblemError
        If shapes or classes do not fit, or a coordinate is not finite.
    """

    xy: FloatArray
    station_class: IntArray
    classes: tuple[StationClass, ...]
    sectors: Sectors
    radio: RadioParameters

    def __post_init__(self) -> None:
        xy = checked_points("xy", self.xy)
        kind = checked_classes("station_class", self.station_class, len(xy), len(self.classes))
        if len(self.sectors.start) != len(xy) + 1:
            raise ProblemError(
                f"sectors must fit {len(xy)} stations.", f"扇区须与 {len(xy)} 个基站对应。"
            )
        object.__setattr__(self, "xy", xy)
        object.__setattr__(self, "station_class", kind)
        object.__setattr__(self, "classes", tuple(self.classes))

    @property
    def carriers(self) -> IntArray:
        """(classes,) number of the carrier: classes on one frequency disturb each other."""
        return np.unique([c.band.f_ghz for c in self.classes], return_inverse=True)[1].astype(
            np.int64
        )

    def reach_m(self, max_loss_db: FloatArray) -> FloatArray:
        """Range (m) of each class for its own largest path loss (dB), both (classes,)."""
        pairs = zip(self.classes, max_loss_db.tolist(), strict=True)
        return np.array([c.reach_m(loss, self.radio) for c, loss in pairs], dtype=np.float64)

    def masts(self, longest_m: FloatArray) -> Masts:
        """The stations as the compiled loops take them.

        ``longest_m`` is how far any of a class is looked for, (classes,), m.
        """
        buckets = fill_buckets(self.xy, self.station_class, longest_m)
        return Masts(buckets, _links(self.classes, self.radio), beams_of(self.sectors))


def _links(classes: tuple[StationClass, ...], radio: RadioParameters) -> FloatArray:
    """Coefficients of each class, and its table of line of sight where it takes one."""
    rows = []
    for c in classes:
        p, model = c.propagation, MODELS[c.propagation.model]
        around = (p.street_width_m, p.building_height_m)
        link = checked_link(model, c.band.f_ghz, p.h_bs_m, radio.h_ut_m, *around)
        state, curve = VISIBILITIES.index(p.visibility), model.curve(link)
        drop_m, mast_m = link.h_bs_m - link.h_ut_m, c.h_bs_m - radio.h_ut_m
        row = np.array([float(part) for part in (state, *curve, drop_m, c.reference_dbm, mast_m)])
        if p.visibility == "expected":
            row = np.concatenate((row, los_table(model, radio.h_ut_m)))
        rows.append(row)

    # rows without a table, or with a shorter one, end in zeros that nobody reads
    links = np.zeros((len(rows), max(map(len, rows), default=0)))
    for i, row in enumerate(rows):
        links[i, : len(row)] = row
    return links
