"""What a new version changes against its parent, why, and what that costs or brings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from planner import fields as F
from planner.codes import Change
from planner.crs import place_code
from planner.model import FloatArray, Model, Plan, tables
from planner.plan import compare
from planner.review.effects import effect_columns
from planner.review.statements import distinct_lines

_KEYS = [F.PHASE, F.LAYER, F.NETWORK, F.LEVEL]
_CAUSES = ("veto", "open", "move", "move_far", "date", "lock", "refuse_town")
"""Decisions that change a station; the others only say something of it."""
_EXPLAIN = {
    "removed": {"veto", "move_far", "refuse_town", "date"},
    "moved": {"move", "move_far"},
    "retimed": {"open", "date"},
    "added": {"open"},
}
"""Which decisions lead to which change."""


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
    parent, version = base[0], other[0]
    changed = compare(parent, version, move_m=0.0).stations
    changed = _pair_far_moves(changed, statements).drop(columns=[F.PLAN, F.RANK, F.RANK_BASE])
    reasons, effects = _reasons(changed, parent, statements), effect_columns(changed, base, other)
    stations = _sorted(pd.concat([changed, reasons, effects], axis=1))
    return Changes(
        tables.CHANGES.checked(stations),
        tables.COVERAGE_CHANGES.checked(_coverage(parent, version)),
        _counts(stations, parent),
    )


def _pair_far_moves(changed: pd.DataFrame, statements: pd.DataFrame) -> pd.DataFrame:
    """Pair a station that moved beyond its tolerance with the one at its new place, if it came."""
    changed = changed.copy()
    is_far = statements[F.DECISION].str.contains("move_far") & statements[F.LON].notna()
    columns = [F.STATION_ID, F.LON, F.LAT, F.METRES]
    for station, lon, lat, metres in statements.loc[is_far, columns].itertuples(index=False):
        _, network, band = station.rsplit("-", 2)
        twin = f"S{place_code(lon, lat)}-{network}-{band}"
        is_twin = (changed[F.STATION_ID] == twin) & (changed[F.CHANGE] == Change.ADDED)
        is_gone = (changed[F.STATION_ID] == station) & (changed[F.CHANGE] == Change.REMOVED)
        if not (is_twin.any() and is_gone.any()):
            continue

        come, gone = changed.index[is_twin][0], changed.index[is_gone][0]
        was = changed.loc[gone, [F.PHASE_BASE, F.RANK_BASE]].tolist()
        told = [F.CHANGE, F.BASE_ID, F.MOVED_M, F.PHASE_BASE, F.RANK_BASE]
        changed.loc[come, told] = ["moved", station, metres, *was]
        changed = changed.drop(index=gone)
    return changed.reset_index(drop=True)


def _reasons(changed: pd.DataFrame, parent: Plan, statements: pd.DataFrame) -> pd.DataFrame:
    """Whether an answer asked for each change, who did, and why."""
    by_station = {station: rows for station, rows in statements.groupby(F.STATION_ID) if station}
    refusing = statements[statements[F.DECISION] == "refuse_town"].groupby(F.TOWN)
    by_town = {str(town): rows for town, rows in refusing}
    state = parent.stations.set_index(F.STATION_ID)[F.STATE]

    reasons = []
    columns = [F.CHANGE, F.BASE_ID, F.STATION_ID, F.TOWN]
    stations = changed[columns].itertuples(index=False, name=None)
    for (change, base_id, own_id, town), near in zip(
        stations, _nearest_other(changed), strict=True
    ):
        answers = by_station.get(base_id or own_id)
        # nobody named the station, but its town was refused with all candidates
        if answers is None and change == Change.REMOVED and state.get(base_id) == "candidate":
            answers = by_town.get(town)

        if answers is not None and _explains(change, answers):
            by, said = distinct_lines(answers[F.REVIEWER]), _said(answers)
            reasons.append((True, by, "+".join(_causes(answers)), "", said))
        else:
            reasons.append((False, "", "", near, ""))
    names = [F.ASKED, F.BY, F.CAUSE, F.NEAR, F.SAID]
    return pd.DataFrame(reasons, columns=names, index=changed.index)


def _explains(change: str, answers: pd.DataFrame) -> bool:
    """Whether the answers about a station are what changed it."""
    return bool(set(_decisions(answers)) & _EXPLAIN[change])


def _causes(answers: pd.DataFrame) -> list[str]:
    return [code for code in dict.fromkeys(_decisions(answers)) if code in _CAUSES]


def _decisions(answers: pd.DataFrame) -> list[str]:
    return "+".join(answers[F.DECISION]).split("+")


def _said(answers: pd.DataFrame) -> str:
    return distinct_lines([*answers[F.REASON], *answers[F.NOTE]])


def _nearest_other(changed: pd.DataFrame) -> list[str]:
    """For each added station the nearest removed one of its network, and the other way round."""
    near = [""] * len(changed)
    xy = _plane(changed)
    for _, stations in changed.groupby(F.NETWORK):
        added, removed = (
            stations.index[stations[F.CHANGE] == change].to_numpy()
            for change in (Change.ADDED, Change.REMOVED)
        )
        if not (len(added) and len(removed)):
            continue
        for here, there in ((added, removed), (removed, added)):
            _, nearest = cKDTree(xy[there]).query(xy[here])
            for row, other in zip(here, there[nearest], strict=True):
                near[row] = str(changed.at[other, F.STATION_ID])
    return near


def _plane(stations: pd.DataFrame) -> FloatArray:
    """Places on a plane that keeps the order of near distances, (stations, 2), radians."""
    lon, lat = (np.radians(stations[axis].to_numpy(np.float64)) for axis in (F.LON, F.LAT))
    return np.column_stack([lon * np.cos(lat.mean() if len(lat) else 0.0), lat])


def _sorted(stations: pd.DataFrame) -> pd.DataFrame:
    """Changes in the order of their kinds, by 规划编号 within one."""
    kind = pd.Categorical(stations[F.CHANGE], [change.value for change in Change])
    ordered = stations.assign(_kind=kind).sort_values(["_kind", F.STATION_ID], ignore_index=True)
    return ordered.drop(columns="_kind")


def _coverage(parent: Plan, version: Plan) -> pd.DataFrame:
    """Share and verdict of every layer, network and level at every phase, before and after."""
    keep = [*_KEYS, F.SHARE, F.PASSES]
    table = parent.verdicts[keep].merge(version.verdicts[keep], on=_KEYS, suffixes=("_base", ""))
    table[F.POINTS] = 100 * (table[F.SHARE] - table[F.SHARE_BASE])
    return table[list(tables.COVERAGE_CHANGES.columns)]


def _counts(stations: pd.DataFrame, parent: Plan) -> dict[str, float]:
    """How many stations changed, and the churn."""
    is_planned = parent.stations[F.RANK].notna() & (parent.stations[F.STATE] != "open")
    agreed = int(is_planned.sum())
    counts = {change.value: int((stations[F.CHANGE] == change).sum()) for change in Change}
    asked = {
        f"asked_{change}": int(((stations[F.CHANGE] == change) & stations[F.ASKED]).sum())
        for change in (Change.REMOVED, Change.RETIMED, Change.MOVED)
    }

    # a station that moved far has another 规划编号: for those who agreed on the old one it left
    is_renamed = stations[F.BASE_ID] != stations[F.STATION_ID]
    moved_far = int(((stations[F.CHANGE] == Change.MOVED) & is_renamed).sum())
    left = counts[Change.REMOVED] + counts[Change.RETIMED] + moved_far
    churn = left / agreed if agreed else 0.0
    return {"agreed": agreed, **counts, **asked, "left": left, "churn": churn}
