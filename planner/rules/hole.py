"""An area layer has no hole: no disc fits inside the layer with nothing served in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from planner.parameters import parameter
from planner.rules.ground import HECTARE_M2, Array, FloatArray, Ground, IntArray, padded
from planner.rules.pieces import grow, open_by_disc
from planner.rules.rule import SHARE_SLACK, Rule


class HoleRule(Rule):
    """Radius of the disc that no hole of an area may hold."""

    code = "hole"
    key = "hole_radius_m"
    limit = parameter(
        250.0,
        unit="m",
        source="judgement; 3GPP TR 38.901 lets no macro station reach beyond 10 km",
        doc="An area may have no hole that holds a disc of this radius.",
        gt=0,
        le=1e4,
    )
    shapes = ("area",)
    measures: ClassVar[Mapping[str, str]] = {"holes": "1", "largest_ha": "ha"}
    form = "count"

    def opened(self, ground: Ground, rank: IntArray, limit: float) -> IntArray:
        """Greatest count at which each cell lies in a hole."""
        disc = disc_offsets(limit, ground.cell_m)
        margin = int(np.abs(disc).max())
        return open_by_disc(rank, padded(ground.raster, margin), ground.spot + margin, disc)

    def measure(
        self, ground: Ground, rank: IntArray, opened: IntArray | None, limit: float, top: int
    ) -> Mapping[str, Array]:
        """The holes; see :meth:`Rule.measure`."""
        in_hole = self.opened(ground, rank, limit) if opened is None else opened
        pieces, _, largest = grow(in_hole, ground.neighbours, ground.size, 0.0, top)
        return {"holes": pieces.astype(np.int64), "largest_ha": largest / HECTARE_M2}

    def failure(self, measured: Mapping[str, Array], limit: float) -> FloatArray:
        """How many holes there are."""
        return measured["holes"].astype(np.float64)


def disc_offsets(radius_m: float, cell_m: float) -> IntArray:
    """(k, 2) row and column offsets of the cells whose middle is within the radius of one's own."""
    reach = int(radius_m / cell_m + SHARE_SLACK)
    dy, dx = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    inside = (dx**2 + dy**2) * cell_m**2 <= radius_m**2 * (1 + SHARE_SLACK)
    return np.stack([dy[inside], dx[inside]], axis=1)


RULE = HoleRule()
