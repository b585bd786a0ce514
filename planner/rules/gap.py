"""A road layer has no gap over a limit: dark samples that follow each other on one chain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

import numpy as np

from planner.parameters import FARTHEST_M, parameter
from planner.rules.ground import Array, FloatArray, Ground, IntArray
from planner.rules.pieces import grow, open_along
from planner.rules.rule import Rule

LENGTH_SLACK_M: Final = 0.5
"""Lengths are judged in whole metres: ten samples of 50 m are 500 m whatever their last bits."""


class GapRule(Rule):
    """Longest gap that a road may have."""

    code = "gap"
    key = "gap_m"
    limit = parameter(
        500.0,
        unit="m",
        source="judgement",
        doc="Longest gap a road may have.",
        gt=0,
        le=FARTHEST_M,
    )
    shapes = ("road",)
    measures: ClassVar[Mapping[str, str]] = {
        "gaps": "1",  # over the limit
        "gaps_all": "1",
        "longest_m": "m",
        "gaps_per_100km": "1/100 km",  # of all gaps
    }
    form = "length"

    def opened(self, ground: Ground, rank: IntArray, limit: float) -> IntArray:
        """Greatest count at which each sample lies in a gap over the limit."""
        follows = ground.neighbours[:, 1] >= 0  # a sample comes after it on its chain
        return open_along(rank, ground.size, follows, limit + LENGTH_SLACK_M)

    def measure(
        self, ground: Ground, rank: IntArray, opened: IntArray | None, limit: float, top: int
    ) -> Mapping[str, Array]:
        """The gaps; see :meth:`Rule.measure`."""
        over_m = limit + LENGTH_SLACK_M
        pieces, over, largest = grow(rank, ground.neighbours, ground.size, over_m, top)

        length_km = ground.size.sum() / 1000
        return {
            "gaps": over.astype(np.int64),
            "gaps_all": pieces.astype(np.int64),
            "longest_m": largest,
            "gaps_per_100km": pieces / length_km * 100 if length_km else np.zeros(top + 1),
        }

    def failure(self, measured: Mapping[str, Array], limit: float) -> FloatArray:
        """The longest gap, m, where one over the limit is left."""
        return np.where(measured["gaps"] > 0, measured["longest_m"], 0.0)


RULE = GapRule()
