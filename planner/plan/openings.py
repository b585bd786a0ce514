"""Gaps and holes that are there when a station is not, by name: where each one is and how large."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from planner import fields as F
from planner.model import Plan
from planner.plan.losses import Failure, road_label

OPENING: Final = (F.KIND, F.LAYER, F.LEVEL, F.NAME, F.TOWN, F.SIZE, F.BEFORE)
"""``kind`` gap or hole; ``name`` of the road, empty for a hole; ``size, before`` m or ha."""


def opening_rows(plan: Plan, failures: Sequence[Failure]) -> list[tuple[object, ...]]:
    """Failures as rows of :data:`OPENING`, in their order."""
    return [
        (
            "gap" if one.is_road else "hole",
            one.layer,
            one.level,
            road_label(plan, one.middle),
            str(plan.points[F.TOWN].iloc[one.middle]),
            *sized(one.is_road, one.size, one.before),
        )
        for one in failures
    ]


def sized(is_road: bool, size: float, other: float) -> tuple[float, float]:
    """Two sizes in metres of road or hectares of ground."""
    if is_road:
        return round(size, 1), round(other, 1)
    return round(size / 1e4, 2), round(other / 1e4, 2)
