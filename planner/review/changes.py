"""What a new version changes against the one that was reviewed, why, and what it costs or brings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from planner import fields as F
from planner.codes import Change
from planner.crs import place_code
from planner.model import Model, Plan, tables
from planner.plan.compare import compare
from planner.plan.losses import alone_points

_KEYS = [F.PHASE, F.LAYER, F.NETWORK, F.LEVEL]
_CAUSES = ("veto", "open", "move", "move_far", "date", "lock", "refuse_town")
"""Decisions that change a station; the others only say something of it."""


@dataclass(frozen=True, slots=True, eq=False)
class Changes:
    """A version against its parent.

    Attributes
    ----------
    stations
        One row per station that changed: ``change`` (added, removed, moved, retimed), ``station_id,
        base_id, network, band, town, phase_base, phase, lon, lat, moved_m, asked`` (bool: by an
        answer, else to repair the counts), ``by`` (who answered, a line each), ``cause`` (the
        decisions that changed it, joined by +; empty where nobody asked), ``near`` (``station_id``
        of the nearest one that was removed for one that was added, and the other way round; empty
        without one or where somebody asked), ``said`` (what people wrote, a line each),
        ``effect_phase`` (first phase at whose end the versions differ about the station) and
        ``points_<layer>_<level>``: what the station alone serves there, gained (+) or lost (-), in
        per cent of the layer's ground in its network.
    coverage
        ``phase, layer, network, level, share_base, share, points, passes_base, passes``.
    counts
        ``agreed``: stations of the parent that were still to be built; ``removed, retimed, moved,
        added``; of these ``asked_removed, asked_retimed``; ``churn``: share of the agreed ones that
        were removed or re-timed.
    """

    stations: pd.DataFrame
    coverage: pd.DataFrame
    counts: Mapping[str, float]


def make_changes(
    base: tuple[Plan, Model], other: tuple[Plan, Model], statements: pd.DataFrame
) -> Changes:
    """Set a version against its parent.

    Parameters
    ----------
    base, other
        Plan and model of the parent and of the version.
    statements
        The answers that were taken up, see :class:`planner.review.Decisions`.
    """
    old, new = base[0], other[0]
    table = compare(old, new, move_m=0.0).stations
    table = _far_moves(table, statements).drop(columns=["plan", F.RANK, "rank_base"])
    table = pd.concat(
        [table, _reasons(table, old, statements), _effects(table, base, other)], axis=1
    )
    order = pd.Categorical(table[F.CHANGE], [change.value for change in Change])
    table = (
        table.assign(_order=order)
        .sort_values(["_order", F.STATION_ID], ignore_index=True)
        .drop(columns="_order")
    )
    coverage = tables.COVERAGE_CHANGES.checked(_coverage(old, new))
    return Changes(tables.CHANGES.checked(table), coverage, _counts(table, old))


def _far_moves(table: pd.DataFrame, statements: pd.DataFrame) -> pd.DataFrame:
    """Pair a station that moved beyond its tolerance with the one that came at its new place, if it came."""
    table = table.copy()
    far = statements[statements["decision"].str.contains("move_far") & statements[F.LON].notna()]
    for station, lon, lat, metres in far[[F.STATION_ID, F.LON, F.LAT, "metres"]].itertuples(
        index=False
    ):
        _, network, band = station.rsplit("-", 2)
        come = table.index[
            (table[F.STATION_ID] == f"S{place_code(lon, lat)}-{network}-{band}")
            & (table["change"] == "added")
        ]
        gone = table.index[(table[F.STATION_ID] == station) & (table["change"] == "removed")]
        if len(come) and len(gone):
            was = table.loc[gone[0], ["phase_base", "rank_base"]].tolist()
            table.loc[come[0], ["change", "base_id", "moved_m", "phase_base", "rank_base"]] = [
                "moved",
                station,
                metres,
                *was,
            ]
            table = table.drop(index=gone[0])
    return table.reset_index(drop=True)


def _reasons(table: pd.DataFrame, old: Plan, statements: pd.DataFrame) -> pd.DataFrame:
    """Whether an answer asked for each change, who did, and why."""
    named = {station: rows for station, rows in statements.groupby(F.STATION_ID) if station}
    towns = statements[statements["decision"] == "refuse_town"].groupby("town")
    refused = {str(town): rows for town, rows in towns}
    state = old.stations.set_index(F.STATION_ID)[F.STATE]
    reasons = []
    for (change, base_id, own, town), near in zip(
        table[["change", "base_id", F.STATION_ID, F.TOWN]].itertuples(index=False),
        _nearest_other(table),
        strict=True,
    ):
        rows = named.get(base_id or own)
        if (
            change == "removed"
            and rows is None
            and town in refused
            and state.get(base_id) == "candidate"
        ):
            rows = refused[town]
        if rows is not None and _explains(change, rows):
            reasons.append(
                (True, _lines(rows["reviewer"]), "+".join(_causes(rows)), "", _said(rows))
            )
        else:
            reasons.append((False, "", "", near, ""))
    return pd.DataFrame(
        reasons, columns=["asked", "by", "cause", "near", "said"], index=table.index
    )


def _explains(change: str, rows: pd.DataFrame) -> bool:
    """Whether the answers about a station are what changed it."""
    done = set("+".join(rows["decision"]).split("+"))
    causes = {
        "removed": {"veto", "move_far", "refuse_town", "date"},
        "moved": {"move", "move_far"},
        "retimed": {"open", "date"},
        "added": {"open"},
    }
    return bool(done & causes[change])


def _causes(rows: pd.DataFrame) -> list[str]:
    done = dict.fromkeys("+".join(rows["decision"]).split("+"))
    return [code for code in done if code in _CAUSES]


def _said(rows: pd.DataFrame) -> str:
    return _lines([*rows["reason"], *rows["note"]])


def _lines(texts: Iterable[str]) -> str:
    """Texts that differ, a line each: none of them holds a line end."""
    return "\n".join(text for text in dict.fromkeys(texts) if text)


def _nearest_other(table: pd.DataFrame) -> list[str]:
    """For each added station the nearest removed one of its network, and the other way round."""
    near = [""] * len(table)
    lon, lat = (
        np.radians(table[F.LON].to_numpy(np.float64)),
        np.radians(table[F.LAT].to_numpy(np.float64)),
    )
    xy = np.column_stack([lon * np.cos(lat.mean() if len(lat) else 0.0), lat])
    for _, mine in table.groupby(F.NETWORK):
        for change, opposite in (("added", "removed"), ("removed", "added")):
            here, there = (
                mine.index[mine["change"] == kind].to_numpy() for kind in (change, opposite)
            )
            if len(here) and len(there):
                _, which = cKDTree(xy[there]).query(xy[here])
                for i, j in zip(here, there[which], strict=True):
                    near[i] = str(table.at[j, F.STATION_ID])
    return near


def _effects(
    table: pd.DataFrame, base: tuple[Plan, Model], other: tuple[Plan, Model]
) -> pd.DataFrame:
    """What each changed station alone serves, at the end of the first phase in which the versions differ about it."""
    scenario = base[0].scenario
    was, now = (
        table[column].fillna(len(scenario.phases)).to_numpy(np.int64)
        for column in (F.PHASE_BASE, F.PHASE)
    )
    at = np.minimum(was, now)
    parts = []
    for number in np.unique(at):
        count = scenario.counts[number]
        before, after = (alone_points(model, plan.order[:count]) for plan, model in (base, other))
        rows = np.flatnonzero(at == number)
        mine = table.iloc[rows]
        lost = (
            before.reindex(mine["base_id"]).fillna(0.0).to_numpy() * (was[rows] <= number)[:, None]
        )
        won = (
            after.reindex(mine[F.STATION_ID]).fillna(0.0).to_numpy()
            * (now[rows] <= number)[:, None]
        )
        parts.append(pd.DataFrame(won - lost, index=rows, columns=before.columns))
    columns = [
        F.points_column(layer.name, level) for layer in scenario.layers for level in layer.levels
    ]
    none = pd.DataFrame(columns=columns, index=table.index, dtype="float64")
    points = pd.concat(parts).sort_index() if parts else none
    return pd.concat([pd.Series(at, index=table.index, name=F.EFFECT_PHASE), points], axis=1)


def _coverage(old: Plan, new: Plan) -> pd.DataFrame:
    """Share and verdict of every layer, network and level at every phase, before and after."""
    keep = [*_KEYS, "share", "passes"]
    table = old.verdicts[keep].merge(new.verdicts[keep], on=_KEYS, suffixes=("_base", ""))
    table["points"] = 100 * (table["share"] - table["share_base"])
    return table[[*_KEYS, "share_base", "share", "points", "passes_base", "passes"]]


def _counts(table: pd.DataFrame, old: Plan) -> dict[str, float]:
    """How many stations changed, and the churn."""
    agreed = int((old.stations[F.RANK].notna() & (old.stations[F.STATE] != "open")).sum())
    kinds = {kind.value: int((table[F.CHANGE] == kind).sum()) for kind in Change}
    # a station that moved far has another 规划编号, and counts as removed for those who agreed on
    # the old one
    left = (
        kinds["removed"]
        + kinds["retimed"]
        + int(((table["change"] == "moved") & (table["base_id"] != table[F.STATION_ID])).sum())
    )
    asked = {
        f"asked_{kind}": int(((table["change"] == kind) & table["asked"]).sum())
        for kind in ("removed", "retimed", "moved")
    }
    return {
        "agreed": agreed,
        **kinds,
        **asked,
        "left": left,
        "churn": left / agreed if agreed else 0.0,
    }
