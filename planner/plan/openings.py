"""Gaps and holes that are there when a station is not, by name: where each one is and how large."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from planner import fields as F
from planner.model import Plan
from planner.plan.losses import Failure, road_label
from planner.rules import HECTARE_M2

OPENING: Final = (F.KIND, F.LAYER, F.LEVEL, F.NAME, F.TOWN, F.SIZE, F.BEFORE)
"""``kind`` gap or hole; ``name`` of the road, empty for a hole; ``size, before`` m or ha."""


def opening_rows(plan: Plan, failures: Sequence[Failure]) -> list[tuple[object, ...]]:
    """Failures as rows of :data:`OPENING`, in their order."""
    return [
        (
            "gap" if failure.is_road else "hole",
            failure.layer,
            failure.level,
            road_label(plan, failure.middle),
            str(plan.points[F.TOWN].iloc[failure.middle]),
            *sized(failure.is_road, failure.size, failure.before),
        )
        for failure in failures
    ]


def sized(is_road: bool, size: float, other: float) -> tuple[float, float]:
    """Two sizes in metres of road or hectares of ground."""
    if is_road:
        return round(size, 1), round(other, 1)
    return round(size / HECTARE_M2, 2), round(other / HECTARE_M2, 2)
