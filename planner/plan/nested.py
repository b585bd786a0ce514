"""The order that a plan was saved with: whether it is one that its problem allows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import pandas as pd

from planner import fields as F
from planner import optimise
from planner.errors import Notice
from planner.model import IntArray, Model, Plan
from planner.plan.notices import NOTICES

_FILE: Final = "plan/stations.parquet"
_NAMED: Final = 5
"""Stations that a finding names."""


def saved_order(plan: Plan, model: Model) -> tuple[IntArray | None, tuple[Notice, ...]]:
    """Places in ``model.stations.table`` of a plan's stations, by rank.

    Returns
    -------
    order
        None when they cannot be stations of that model, or are too few or too many.
    notices
        Why not.
    """
    ids = plan.stations[F.STATION_ID].iloc[plan.order].astype(str)
    places = pd.Index(model.stations.table[F.STATION_ID]).get_indexer(ids)
    if (places < 0).any():
        unknown = _some(ids[places < 0].tolist())
        return None, (NOTICES.notice("not_of_the_model", file=_FILE, stations=unknown),)
    found, last = len(np.unique(places)), model.scenario.counts[-1]
    if not len(places) == found == last:
        return None, (
            NOTICES.notice("order_of_other_length", file=_FILE, stored=found, again=last),
        )
    return places.astype(np.int64), ()


def order_findings(
    problem: optimise.Problem, order: IntArray, table: pd.DataFrame
) -> Iterator[Notice]:
    """What a problem does not allow of an order, by station_id; nothing of a plan."""
    ids = table[F.STATION_ID]
    faults = optimise.faults(problem, order)
    broken = {
        "order_not_allowed/fixed": faults.fixed,
        "order_not_allowed/excluded": faults.excluded,
        "order_not_allowed/early": faults.early,
    }
    for code, columns in broken.items():
        if len(columns):
            stations = _some(ids.iloc[columns].tolist())
            yield NOTICES.notice(code, file=_FILE, stations=stations)
    if len(faults.missed):
        assert problem.group is not None  # a model's problem names its rows
        labels, sizes = np.unique(problem.group[faults.missed], return_counts=True)
        rows = [f"{label}: {size}" for label, size in zip(labels, sizes, strict=True)]
        yield NOTICES.notice("order_not_allowed/missed", file=_FILE, rows=rows)
    for each in faults.limits:
        yield NOTICES.notice(
            "order_not_allowed/limit",
            file=_FILE,
            limit=each.name,
            phase=each.phase + 1,
            found=f"{each.amount:.12g}",
            ends=_ends(each.least, each.most),
        )


def _ends(least: float, most: float) -> str:
    said = {"≥": least, "≤": most}
    return " ".join(f"{sign} {end:.12g}" for sign, end in said.items() if end == end)


def _some(ids: list[str]) -> list[str]:
    more = len(ids) - _NAMED
    return [*ids[:_NAMED], *([f"… +{more}"] if more > 0 else [])]
