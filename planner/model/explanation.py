"""Why one station is in a plan, by codes and numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from planner.model import tables

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """What there is to say of a station of a plan.

    Attributes
    ----------
    station
        Its row in ``Plan.stations``.
    adds
        ``layer, level, points``: what it adds at its rank, in per cent of the layer's ground in its
        network.
    closes
        ``kind`` (gap, hole), ``layer, level, name, town, before, after`` (m or ha: the dark run of
        road or hole that it serves the first of, and the longest left of it), ``over_limit`` (bool:
        before it failed the rule, and after it no longer does).
    loses
        Of :func:`planner.plan.hurt_by_veto`: the layers that a veto hurts, by phase.
    opens
        ``phase, count, kind, layer, level, name, town, size, before``: gaps over the limit and
        holes that a veto opens or makes longer at each phase, m or ha.
    replacements
        Of :func:`planner.plan.alternatives`: the best stations to stand in, as the plan keeps them.
    """

    station: pd.Series
    adds: pd.DataFrame
    closes: pd.DataFrame
    loses: pd.DataFrame
    opens: pd.DataFrame
    replacements: pd.DataFrame

    def __post_init__(self) -> None:
        for table in (tables.ADDS, tables.CLOSES, tables.LOSES, tables.OPENS, tables.REPLACEMENTS):
            table.checked(getattr(self, table.name))
