"""A kind of station: one band, one propagation model, one height. Most stations share a few of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from planner.radio.budget import Band, Propagation, RadioParameters
from planner.radio.grid import FloatArray
from planner.radio.pathloss import MODELS, VISIBILITIES, curve, max_range


@dataclass(frozen=True, slots=True)
class StationClass:
    """What stations of one class have in common.

    Parameters
    ----------
    band
        Carrier, powers and gains.
    propagation
        Model and line of sight.
    h_bs_m
        Antenna height, m; the site's own, or that of the scene.
    """

    band: Band
    propagation: Propagation
    h_bs_m: float

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
            h_bs_m=self.h_bs_m,
            h_ut_m=radio.h_ut_m,
            extended=radio.extended_heights,
        )


def link_rows(classes: Sequence[StationClass], radio: RadioParameters) -> FloatArray:
    """The classes as one row of numbers each, in the kernels' order; ``reach_m`` checks heights and frequencies."""
    rows = []
    for c in classes:
        model, visibility = c.propagation.model, c.propagation.visibility
        numbers = curve(model, np.array(c.band.f_ghz), np.array(c.h_bs_m), np.array(radio.h_ut_m))
        kinds = (float(MODELS.index(model)), float(VISIBILITIES.index(visibility)))
        rows.append((*kinds, *(float(n) for n in numbers), c.reference_dbm, radio.h_ut_m))
    return np.array(rows).reshape(
        len(classes), -1 if classes else 1
    )  # a network may have no station yet


def carriers(classes: Sequence[StationClass]) -> list[int]:
    """Number of each class's carrier: classes on one frequency disturb each other."""
    known = sorted({c.band.f_ghz for c in classes})
    return [known.index(c.band.f_ghz) for c in classes]
