"""The limits of a scenario on its stations, and what a plan comes to under each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from planner import fields as F
from planner.model.arrays import BoolArray
from planner.model.plan import Plan
from planner.scenario import Limit

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class LimitUse:
    """A limit of stations or of money, and what a plan comes to at each phase after the state.

    Attributes
    ----------
    limit
        As the scenario has it.
    is_money
        Whether it is the budget of the limit, in the scenario's unit, not its count of stations.
    least, most
        Ends for each phase; None where there is none.
    found
        Stations, or money spent after the state, at the end of each phase.
    """

    limit: Limit
    is_money: bool
    least: tuple[float | None, ...]
    most: tuple[float | None, ...]
    found: tuple[float, ...]


def counted(limit: Limit, stations: pd.DataFrame) -> BoolArray:
    """Which stations a limit counts, (stations,)."""
    is_counted = np.ones(len(stations), np.bool_)
    for column, names in (
        (F.NETWORK, limit.networks),
        (F.TOWN, limit.towns),
        (F.SITE_TYPE, limit.site_types),
    ):
        if names:
            is_counted &= stations[column].isin(names).to_numpy()
    return is_counted


def limit_uses(plan: Plan) -> Iterator[LimitUse]:
    """Every limit of a plan's scenario, stations before money."""
    phases = range(1, len(plan.scenario.phases))
    opened = plan.stations[plan.stations[F.PHASE].notna()]
    for limit in plan.scenario.limits:
        own = opened[counted(limit, opened)]
        by_then = [own[own[F.PHASE] <= number] for number in phases]
        least, most, budget = (limit.ends(end, len(phases)) for end in ("least", "most", "budget"))
        if limit.least or limit.most:
            stations: tuple[float, ...] = tuple(map(len, by_then))
            yield LimitUse(limit, False, least, most, stations)
        if limit.budget:
            money = tuple(float(each[F.COST_WAN].sum()) for each in by_then)
            yield LimitUse(limit, True, (None,) * len(phases), budget, money)
