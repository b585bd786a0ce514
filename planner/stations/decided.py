"""What reviewers decided, applied to the stations.

Moves, vetoes, openings, locks and days of delivery.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from planner import fields as F
from planner.model import IntArray
from planner.scenario import Scenario
from planner.stations.ids import site_id

Place = Callable[[pd.DataFrame], pd.DataFrame]
"""Works out everything about sites that follows from their longitude and latitude."""

PLACED = (F.SITE_ID, F.HEIGHT_M, F.SCENE, F.MODEL, F.TOWN, F.LON, F.LAT, F.X_M, F.Y_M, F.EXCLUDED)


def proposed_sites(scenario: Scenario) -> pd.DataFrame:
    """Candidate sites that reviewers named, one row each.

    An empty ``site_type`` is filled in by the ground.
    """
    proposals = scenario.review.proposed
    ids = [site_id(proposal.lon, proposal.lat) for proposal in proposals]
    columns = {
        F.SITE_ID: ids,
        F.NAME: [f"反馈站址-{text[-4:]}" for text in ids],
        F.SITE_TYPE: [proposal.site_type for proposal in proposals],
        F.HEIGHT_M: np.full(len(proposals), np.nan),
        F.DOUBTS: "",
        F.LON: [proposal.lon for proposal in proposals],
        F.LAT: [proposal.lat for proposal in proposals],
        F.BASIS: "review",
    }
    return pd.DataFrame(columns).drop_duplicates(F.SITE_ID)


def apply_decisions(
    scenario: Scenario,
    table: pd.DataFrame,
    sites: pd.DataFrame,
    place: Place,
    town_codes: Mapping[str, str],
) -> pd.DataFrame:
    """The table of stations after every decision of ``scenario.review``.

    Parameters
    ----------
    scenario
        Holds the decisions.
    table
        Every station, sorted by ``station_id``; index 0 .. m-1.
    sites
        Sites as they were listed, before heights were filled in.
    place
        Fills in what follows from a place.
    town_codes
        Name of each town by its code: either names one that is refused.
    """
    review = scenario.review
    table = _moved(scenario, table, sites, place)
    ids = table[F.STATION_ID]
    is_candidate = table[F.STATE] == "candidate"
    opened = ids.isin(review.opened.keys()) & (table[F.STATE] != "open")

    # what was agreed on, station by station, outlives the refusal of a whole town
    agreed = opened | ids.isin(review.locked.keys())
    refused_towns = [town_codes.get(town, town) for town in review.refused_towns]
    in_refused_town = table[F.TOWN].isin(refused_towns) & is_candidate & ~agreed
    refused = ids.isin(review.vetoed) | in_refused_town

    # a lock names the phase itself, a day of delivery the earliest one
    due = ids.map(review.due).map(scenario.phase_by, na_action="ignore").fillna(0).astype("int64")
    first = table[F.FIRST_PHASE].astype("int64").clip(lower=due.where(is_candidate, 0))
    first = ids.map(review.locked).fillna(first).astype("int64").where(~opened, 0)
    too_late = first >= len(scenario.phases)

    decided: dict[str, Any] = {
        F.EXCLUDED: (table[F.EXCLUDED] | refused | too_late) & ~opened,
        F.STATE: table[F.STATE].mask(opened, "open"),
        F.FIRST_PHASE: first.mask(too_late, len(scenario.phases) - 1),
        F.OPENED_ON: [review.opened.get(station, "") for station in ids.tolist()],
    }
    return table.assign(**decided)


def opening_order(scenario: Scenario, table: pd.DataFrame) -> IntArray:
    """Rows of the stations that open first, (n,), in their order.

    Those of the state come first, then those opened since, by day, then those retrofitted.
    """
    opened = scenario.review.opened
    is_open = table[F.STATE] == "open"
    is_reported = table[F.STATION_ID].isin(opened.keys())
    is_ready = (table[F.STATE] == "retrofitted") & ~table[F.EXCLUDED]

    # those without a day come after those with one
    days = table.loc[is_reported & is_open, F.STATION_ID].map(opened).replace("", "9999")
    since = days.sort_values(kind="stable").index.to_numpy(np.int64)
    of_state, ready = np.flatnonzero(is_open & ~is_reported), np.flatnonzero(is_ready)
    return np.concatenate([of_state, since, ready]).astype(np.int64)


def _moved(
    scenario: Scenario, table: pd.DataFrame, sites: pd.DataFrame, place: Place
) -> pd.DataFrame:
    """Stations at their new places, under their own 规划编号; the site is named by the new place.

    A candidate that stands for the same network and band at the very place gives way.
    """
    moves = scenario.review.moved
    is_moved = table[F.STATION_ID].isin(moves.keys()).to_numpy()
    if not is_moved.any():
        return table

    # begun from the list, so that a height it does not give follows from the new scene
    stations = table.loc[is_moved, F.STATION_ID]
    moved = sites.set_index(F.SITE_ID).loc[table.loc[is_moved, F.SITE_ID]].reset_index()
    moved[F.LON] = [moves[station].lon for station in stations]
    moved[F.LAT] = [moves[station].lat for station in stations]
    moved[F.SITE_ID] = [site_id(*place) for place in zip(moved[F.LON], moved[F.LAT], strict=True)]
    placed = place(moved)
    table = table.copy()
    for column in PLACED:
        table.loc[is_moved, column] = placed[column].to_numpy()

    keys = [F.SITE_ID, F.NETWORK, F.BAND]
    taken = pd.MultiIndex.from_frame(table.loc[is_moved, keys])
    is_there = pd.MultiIndex.from_frame(table[keys]).isin(taken) & ~is_moved
    table[F.EXCLUDED] |= is_there & (table[F.STATE] == "candidate").to_numpy()
    return table
