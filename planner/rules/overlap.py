"""At most a share of the ground of a layer lies under three or more cells at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from planner.parameters import parameter
from planner.rules.ground import Array, FloatArray
from planner.rules.heard import HeardRule
from planner.rules.rule import SHARE_SLACK


class OverlapRule(HeardRule):
    """Largest share of the ground on which cells overlap."""

    code = "overlap"
    key = "overlap_share"
    limit = parameter(
        None,
        unit="1",
        source="asked; practice: above 5-10 % there are too many or too flat beams",
        doc="Largest share of the ground outdoors with three or more cells within 6 dB of the "
        "strongest; null asks for none. Judged at the phases and at stated counts, no aim of the "
        "optimisation.",
        ge=0,
        le=1,
    )
    shapes = ("area", "road")
    measures: ClassVar[Mapping[str, str]] = {"overlap_judged_share": "1"}
    form = "share"

    def failure(self, measured: Mapping[str, Array], limit: float) -> FloatArray:
        """Share that is too much."""
        over = measured["overlap_judged_share"] - limit
        return np.where(over > SHARE_SLACK, over, 0.0)


RULE = OverlapRule()
