"""Whether each answer can be used by itself: it is new, says something, and fits the plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final

from planner.errors import nearest
from planner.review.minutes import Minutes
from planner.review.reviewed import Reviewed
from planner.review.statements import Statement

SAME_DEMAND_M: Final = 5.0
"""How far the demanded place may be off: it is echoed from our list, rounded and converted."""
ALIKE: Final = 0.8
"""Least likeness of a name that is shown as near: those of stations differ by few letters only."""
OFFSET_SLACK: Final = 0.1
OFFSET_SLACK_M: Final = 10.0
"""How far a stated offset may be off, as a share and in m: it is paced out or read from a map."""

Fault = tuple[str, dict[str, Any]] | None
"""Code of a notice with its facts; None when nothing is wrong."""


def fresh_statements(
    reviewed: Reviewed, statements: Iterable[Statement], known: frozenset[str], minutes: Minutes
) -> list[Statement]:
    """The statements that are new, each once, and say something.

    Parameters
    ----------
    reviewed
        The plan.
    statements
        All that was read.
    known
        Keys of the statements that earlier versions took up.
    minutes
        Told of rows that come twice, and of how many rows of a file are passed over.
    """
    first: dict[str, Statement] = {}
    passed: Counter[tuple[str, str]] = Counter()
    for statement in statements:
        key = statement.key
        if key in known:
            passed["answers_known", statement.file] += 1
        elif _says_nothing(reviewed, statement):
            passed["answers_silent", statement.file] += 1
        elif key in first:
            minutes.enter("double_row", statement, other=first[key].source)
        else:
            first[key] = statement

    for (code, file), count in sorted(passed.items()):
        minutes.enter_count(code, file=file, count=count)
    return list(first.values())


def _says_nothing(reviewed: Reviewed, statement: Statement) -> bool:
    """Whether a statement leaves what it is about as it is.

    A row about nothing that is known is not silent: its missing key is worth a notice.
    """
    moves = reviewed.moves(statement) if statement.station_id else statement.has_place
    has_subject = reviewed.knows(statement.station_id) or bool(statement.town)
    return statement.is_silent and not moves and has_subject


def sound_statements(
    reviewed: Reviewed, statements: Sequence[Statement], as_of: str, minutes: Minutes
) -> list[Statement]:
    """The statements that fit the plan; the minutes say why the others do not.

    Parameters
    ----------
    reviewed, statements, minutes
        As in :func:`fresh_statements`.
    as_of
        No day of fact may lie after it; empty = not checked.
    """
    sound = []
    for statement in statements:
        fault = (
            _subject_fault(reviewed, statement)
            or _station_fault(reviewed, statement, as_of)
            or _place_fault(reviewed, statement)
        )
        if fault is None:
            sound.append(statement)
        else:
            code, facts = fault
            minutes.enter(code, statement, **facts)
    return sound


def _subject_fault(reviewed: Reviewed, statement: Statement) -> Fault:
    """A statement is about a known station, a known town or a place; a comment need not be."""
    station, town = statement.station_id, statement.town
    if station:
        if reviewed.knows(station):
            return None
        near = nearest(station, reviewed.stations.index, likeness=ALIKE)
        return "unknown_station", {"near": near}

    if statement.has_place or statement.kind == "comment":
        return None
    if not town:
        return "no_key", {}
    if town not in reviewed.towns:
        near = nearest(town, reviewed.towns, likeness=ALIKE)
        return "unknown_town", {"near": near, "known": reviewed.towns}
    return None


def _station_fault(reviewed: Reviewed, statement: Statement, as_of: str) -> Fault:
    """What a statement says of a station agrees with itself and with the station's state."""
    if not statement.station_id:
        return None
    return (
        _demand_fault(reviewed, statement)
        or _date_fault(statement, as_of)
        or _state_fault(reviewed, statement)
    )


def _demand_fault(reviewed: Reviewed, statement: Statement) -> Fault:
    """Places and offset tie: a wrong datum or a wrong 规划编号 shows here."""
    station = statement.station_id
    demand = statement.demand_lon, statement.demand_lat
    known = reviewed.place_planned(station), reviewed.place_now(station)
    away = min(reviewed.metres(place, demand) for place in known)
    if away > SAME_DEMAND_M:
        return "demand_elsewhere", {"metres": away}

    offset = reviewed.metres(demand, (statement.lon, statement.lat))
    if abs(statement.offset_m - offset) > OFFSET_SLACK_M + OFFSET_SLACK * offset:
        return "offset_disagrees", {"stated": statement.offset_m, "metres": offset}
    return None


def _date_fault(statement: Statement, as_of: str) -> Fault:
    """A station on air is not refused in the same row, and no day of fact lies in the future."""
    if statement.says_open and statement.verdict in ("refuse", "wait"):
        return "contradictory_row", {"term": statement.verdict}
    for name in ("opened_on", "delivered_on"):
        day = getattr(statement, name)
        if as_of and day > as_of:
            return "date_in_future", {"as_of": as_of, "column": name, "value": day}
    return None


def _state_fault(reviewed: Reviewed, statement: Statement) -> Fault:
    """An open station cannot be refused, and a site that stands cannot move."""
    state = reviewed.state(statement.station_id)
    if state == "open" and statement.verdict == "refuse":
        return "standing_refused", {}
    if state != "candidate" and reviewed.moves(statement):
        return "standing_moved", {"metres": reviewed.moved_m(statement)}
    return None


def _place_fault(reviewed: Reviewed, statement: Statement) -> Fault:
    """A new place lies in no keep-out."""
    is_new = reviewed.moves(statement) if statement.station_id else statement.has_place
    if not is_new:
        return None
    name = reviewed.keep_out_at((statement.lon, statement.lat))
    return None if name is None else ("in_keep_out", {"name": name})
