"""An earlier plan as a place to start from: its order in the columns of a new model."""

from __future__ import annotations

import numpy as np
import pandas as pd

from planner import fields as F
from planner.errors import Notice, ScenarioError
from planner.model import IntArray, Model, Plan
from planner.plan.notices import NOTICES

NAMED = 10
"""Stations that a notice names; of more it tells how many there are."""


def start_order(model: Model, start: Plan) -> tuple[IntArray, tuple[Notice, ...]]:
    """Places in a model of the stations of an earlier plan, in its order.

    Parameters
    ----------
    model
        The model to be solved.
    start
        The plan. Its counts may be others: what counts is the order.

    Returns
    -------
    order
        (stations that both have,) places in ``model.stations.table``.
    notices
        One about the stations that the model does not have, where there are any.

    Raises
    ------
    ScenarioError
        When the model has none of them.
    """
    ids = start.stations[F.STATION_ID].to_numpy()[start.order]
    place = pd.Index(model.stations.table[F.STATION_ID]).get_indexer(ids)
    gone = [str(station) for station in ids[place < 0]]
    if len(gone) == len(ids):
        raise ScenarioError.found(NOTICES.notice("start_elsewhere", value=start.short_key))
    if not gone:
        return place.astype(np.int64), ()
    named = gone if len(gone) <= NAMED else [*gone[:NAMED], "…"]
    notice = NOTICES.notice(
        "start_stations_gone", value=start.short_key, count=len(gone), stations=named
    )
    return place[place >= 0].astype(np.int64), (notice,)
