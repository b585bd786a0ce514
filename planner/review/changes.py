"""What a new version changes against its parent, why, and what that costs or brings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from planner import fields as F
from planner.codes import Change, State
from planner.model import FloatArray, Model, Plan, tables
from planner.plan import compare
from planner.review.effects import effect_columns
from planner.review.statements import distinct_lines
from planner.stations.ids import site_id, station_id

_KEYS = [F.PHASE, F.LAYER, F.NETWORK, F.LEVEL]

_EXPLAIN = {
    # a station that is delivered after the last phase leaves the plan
    Change.REMOVED: {"veto", "move_far", "refuse_town", "date"},
    Change.MOVED: {"move", "move_far"},
    Change.RETIMED: {"open", "date"},
    Change.ADDED: {"open"},
}
"""Which decisions lead to which change."""

_CAUSES = set().union(*_EXPLAIN.values()) | {"lock"}
"""Decisions that are told as causes of a change; the others change no station.

A lock explains no change, but is told beside one that does: whoever moves a station or tells its
day may accept it in the same answer.
"""


@dataclass(frozen=True, slots=True, eq=False)
class Changes:
    """A version against its parent.

    Attributes
    ----------
    stations
        ``tables.CHANGES``, one row per station that changed:

        - ``change``: added, removed, moved or retimed;
        - ``station_id``, and ``base_id``, what the parent calls it (empty where added);
        - ``network, band, town, lon, lat``, as the parent has them where removed;
        - ``phase_base, phase``: number of the phase in the parent and in the version;
        - ``moved_m``: distance between its places, m;
        - ``asked``: whether an answer asked for the change; the others repair the counts;
        - ``by, said``: who answered and what they wrote, a line each;
        - ``cause``: the decisions behind it, joined by +; empty where nobody asked;
        - ``near``: where nobody asked, the ``station_id`` of the nearest one removed for one that
          was added, and of the nearest one added for one that was removed; else empty;
        - ``effect_phase``: first phase at whose end the versions differ about the station;
        - ``points_<layer>_<level>``: what the station alone serves there, gained (+) or lost (-),
          in per cent of the layer's ground in its network.
    coverage
        ``tables.COVERAGE_CHANGES``: ``phase, layer, network, level, share_base, share, points,
        passes_base, passes``.
    counts
        How many stations, and one share:

        - ``agreed``: those of the parent that were still to be built;
        - ``added, removed, moved, retimed``: those that changed, by change;
        - ``asked_removed, asked_moved, asked_retimed``: of these, those that an answer asked for;
        - ``left``: those removed, re-timed, or moved so far that their 规划编号 is another;
        - ``churn``: ``left`` as a share of ``agreed``, 0-1.
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
    reasons = _reasons(changed, parent, statements)
    effects = effect_columns(changed, base, other)
    stations = _sorted(pd.concat([changed, reasons, effects], axis=1))
    return Changes(
        tables.CHANGES.checked(stations),
        tables.COVERAGE_CHANGES.checked(_coverage(parent, version)),
        _counts(stations, parent),
    )


def _pair_far_moves(changed: pd.DataFrame, statements: pd.DataFrame) -> pd.DataFrame:
    """The changes, where a station that moved far and its successor are one row, not two.

    Beyond its tolerance a move is a veto of the old place and a candidate at the new one. Where the
    version opens that candidate, it is the station under another 规划编号. Rows are numbered anew.
    """
    changed = changed.copy()
    for move in _far_moves(statements).to_dict("records"):
        gone = _find(changed, Change.REMOVED, move[F.STATION_ID])
        come = _find(changed, Change.ADDED, _id_at(move[F.STATION_ID], move[F.LON], move[F.LAT]))
        if gone is None or come is None:
            continue

        # the row of the new place takes over what the old one was in the parent
        was = [changed.at[gone, name] for name in (F.PHASE_BASE, F.RANK_BASE)]
        replaced = [F.CHANGE, F.BASE_ID, F.MOVED_M, F.PHASE_BASE, F.RANK_BASE]
        moved = [Change.MOVED.value, move[F.STATION_ID], move[F.METRES]]
        changed.loc[come, replaced] = [*moved, *was]
        changed = changed.drop(index=gone)
    return changed.reset_index(drop=True)


def _far_moves(statements: pd.DataFrame) -> pd.DataFrame:
    """The statements that moved a station beyond its tolerance.

    Every statement about a station has its decisions; the move is the one that names a place.
    """
    is_far = ["move_far" in _split(codes) for codes in statements[F.DECISION]]
    return statements[np.array(is_far, dtype=np.bool_) & statements[F.LON].notna()]


def _id_at(station: str, lon: float, lat: float) -> str:
    """规划编号 that a station has at another place: network and band stay."""
    _, network_code, band = station.rsplit("-", 2)
    return station_id(site_id(lon, lat), network_code, band)


def _find(changed: pd.DataFrame, change: Change, station: str) -> int | None:
    """Label of the row of a station with that change, None where there is none."""
    rows = changed.index[(changed[F.STATION_ID] == station) & (changed[F.CHANGE] == change)]
    return int(rows[0]) if len(rows) else None


def _reasons(changed: pd.DataFrame, parent: Plan, statements: pd.DataFrame) -> pd.DataFrame:
    """Whether an answer asked for each change, who did, and why; a row per row of `changed`."""
    rows = []
    explained = _answers(changed, parent, statements)
    for answers, near in zip(explained, _nearest_other(changed), strict=True):
        if answers is None:
            rows.append((False, "", "", near, ""))
        else:
            by = distinct_lines(answers[F.REVIEWER])
            said = distinct_lines([*answers[F.REASON], *answers[F.NOTE]])
            rows.append((True, by, _causes(answers), "", said))
    names = [F.ASKED, F.BY, F.CAUSE, F.NEAR, F.SAID]
    return pd.DataFrame(rows, columns=names, index=changed.index)


def _answers(
    changed: pd.DataFrame, parent: Plan, statements: pd.DataFrame
) -> Iterator[pd.DataFrame | None]:
    """The statements that explain each change; None where none does."""
    by_station = {station: rows for station, rows in statements.groupby(F.STATION_ID) if station}
    refusing = statements[statements[F.DECISION] == "refuse_town"].groupby(F.TOWN)
    by_town = {str(town): rows for town, rows in refusing}
    state = parent.stations.set_index(F.STATION_ID)[F.STATE]

    columns = [F.CHANGE, F.BASE_ID, F.STATION_ID, F.TOWN]
    for change, base_id, own_id, town in changed[columns].itertuples(index=False, name=None):
        # people answer under the 规划编号 of the parent, where an added station has none
        answers = by_station.get(base_id or own_id)

        # nobody named the station, but its town was refused with all candidates
        if answers is None and change == Change.REMOVED and state[base_id] == State.CANDIDATE:
            answers = by_town.get(town)
        yield answers if answers is not None and _explains(change, answers) else None


def _explains(change: str, answers: pd.DataFrame) -> bool:
    """Whether the answers about a station are what changed it."""
    return not _EXPLAIN[Change(change)].isdisjoint(_decisions(answers))


def _causes(answers: pd.DataFrame) -> str:
    """Codes of the decisions that changed a station, each once, joined by +."""
    return "+".join(code for code in dict.fromkeys(_decisions(answers)) if code in _CAUSES)


def _decisions(answers: pd.DataFrame) -> list[str]:
    """Codes of all decisions on some statements, in their order."""
    return [code for codes in answers[F.DECISION] for code in _split(codes)]


def _split(codes: str) -> list[str]:
    """Codes of the decisions on one statement, which its table joins by +."""
    return codes.split("+")


def _nearest_other(changed: pd.DataFrame) -> list[str]:
    """For each added station the nearest removed one of its network, and the other way round.

    The rows of `changed` are numbered from 0, so a label is a place in the list.
    """
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
    """How many stations changed, and the churn; see :class:`Changes`."""
    is_planned = parent.stations[F.RANK].notna() & (parent.stations[F.STATE] != State.OPEN)
    agreed = int(is_planned.sum())
    changed = {change.value: _count(stations, change) for change in Change}
    # the column of an empty table has no type yet
    by_answers = stations[stations[F.ASKED].astype("bool")]
    asked = {
        f"asked_{change}": _count(by_answers, change)
        for change in (Change.REMOVED, Change.RETIMED, Change.MOVED)
    }

    # a station that moved far has another 规划编号: for those who agreed on the old one it left
    is_renamed = stations[F.BASE_ID] != stations[F.STATION_ID]
    moved_far = _count(stations[is_renamed], Change.MOVED)
    left = changed[Change.REMOVED] + changed[Change.RETIMED] + moved_far
    churn = left / agreed if agreed else 0.0
    return {"agreed": agreed, **changed, **asked, "left": left, "churn": churn}


def _count(stations: pd.DataFrame, change: Change) -> int:
    """How many of the stations have that change."""
    return int((stations[F.CHANGE] == change).sum())
