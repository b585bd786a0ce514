"""What reviewers decided, applied to the stations: moves, vetoes, openings, locks and days of delivery."""

from __future__ import annotations

from collections.abc import Callable

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
    """Candidate sites that reviewers named, one row each; ``site_type`` may be empty: by the ground."""
    named = scenario.review.proposed
    ids = [site_id(one.lon, one.lat) for one in named]
    return pd.DataFrame(
        {
            F.SITE_ID: ids,
            F.NAME: [f"反馈站址-{text[-4:]}" for text in ids],
            F.SITE_TYPE: [one.site_type for one in named],
            F.HEIGHT_M: np.full(len(named), np.nan),
            F.LON: [one.lon for one in named],
            F.LAT: [one.lat for one in named],
            F.BASIS: "review",
        }
    ).drop_duplicates(F.SITE_ID)


def apply_decisions(
    scenario: Scenario, table: pd.DataFrame, sites: pd.DataFrame, place: Place
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
    """
    review = scenario.review
    table = _moved(scenario, table, sites, place)
    ids, candidate = table[F.STATION_ID], table[F.STATE] == "candidate"
    opened = ids.isin(review.opened.keys()) & (table[F.STATE] != "open")
    kept = opened | ids.isin(review.locked.keys())
    refused = ids.isin(review.vetoed) | (
        table[F.TOWN].isin(review.refused_towns) & candidate & ~kept
    )
    due = ids.map(review.due).map(scenario.phase_by, na_action="ignore").fillna(0).astype("int64")
    first = table[F.FIRST_PHASE].astype("int64").clip(lower=due.where(candidate, 0))
    first = ids.map(review.locked).fillna(first).astype("int64").where(~opened, 0)
    late = first >= len(scenario.phases)
    table = table.assign(**{F.EXCLUDED: (table[F.EXCLUDED] | refused | late) & ~opened})
    table[F.STATE] = table[F.STATE].mask(opened, "open")
    table[F.FIRST_PHASE] = first.mask(late, len(scenario.phases) - 1)
    return table.assign(**{F.OPENED_ON: [review.opened.get(station, "") for station in ids]})


def opening_order(scenario: Scenario, table: pd.DataFrame) -> IntArray:
    """Places of the stations that open first: those of the state, those opened since by day, those retrofitted."""
    since = table[F.STATION_ID].isin(scenario.review.opened.keys())
    is_open = table[F.STATE] == "open"
    later = table[since & is_open]
    days = later[F.STATION_ID].map(scenario.review.opened).replace("", "9999")
    ready = (table[F.STATE] == "retrofitted") & ~table[F.EXCLUDED]
    since_at = days.sort_values(kind="stable").index.to_numpy(np.int64)
    return np.concatenate(
        [np.flatnonzero(is_open & ~since), since_at, np.flatnonzero(ready)]
    ).astype(np.int64)


def _moved(
    scenario: Scenario, table: pd.DataFrame, sites: pd.DataFrame, place: Place
) -> pd.DataFrame:
    """Stations at their new places, under their own 规划编号; the site is named by the new place.

    A candidate that stands for the same network and band at the very place gives way.
    """
    moves = scenario.review.moved
    mine = table[F.STATION_ID].isin(moves.keys()).to_numpy()
    if not mine.any():
        return table
    listed = sites.set_index(F.SITE_ID).loc[table.loc[mine, F.SITE_ID]].reset_index()
    listed[F.LON] = [moves[station].lon for station in table.loc[mine, F.STATION_ID]]
    listed[F.LAT] = [moves[station].lat for station in table.loc[mine, F.STATION_ID]]
    listed[F.SITE_ID] = [
        site_id(lon, lat) for lon, lat in zip(listed[F.LON], listed[F.LAT], strict=True)
    ]
    there = place(listed)
    table = table.copy()
    for column in PLACED:
        table.loc[mine, column] = there[column].to_numpy()
    keys = [F.SITE_ID, F.NETWORK, F.BAND]
    taken = pd.MultiIndex.from_frame(table.loc[mine, keys])
    twin = (
        pd.MultiIndex.from_frame(table[keys]).isin(taken)
        & ~mine
        & (table[F.STATE] == "candidate").to_numpy()
    )
    table[F.EXCLUDED] |= twin
    return table
