"""At least a share of the ground of a layer is served."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from planner.parameters import parameter
from planner.rules.ground import Array, FloatArray, Ground, IntArray, share_by_count
from planner.rules.rule import Rule, missing_share


class ShareRule(Rule):
    """Least share of the area or of the length."""

    code = "share"
    key = "share"
    limit = parameter(
        0.95,
        unit="1",
        source="95 % of the length (MIIT 2023 No. 257); areas: judgement",
        doc="Least share.",
        ge=0,
        le=1,
    )
    shapes = ("area", "road")
    measures: ClassVar[Mapping[str, str]] = {"share": "1"}  # 0-1, by ground
    form = "share"

    def measure(
        self, ground: Ground, rank: IntArray, opened: IntArray | None, limit: float, top: int
    ) -> Mapping[str, Array]:
        """``share`` of the ground; see :meth:`Rule.measure`."""
        return {"share": share_by_count(rank, ground.size, top)}

    def failure(self, measured: Mapping[str, Array], limit: float) -> FloatArray:
        """Share that is missing."""
        return missing_share(measured["share"], limit)


RULE = ShareRule()
