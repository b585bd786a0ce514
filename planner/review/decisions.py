"""What answers come to: every row is taken up or said to be unusable, and decisions remain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from planner import fields as F
from planner.errors import Notice
from planner.model import Plan, tables
from planner.review.checks import fresh_statements, sound_statements
from planner.review.contradictions import agreeing_statements
from planner.review.draft import Draft
from planner.review.minutes import Minutes
from planner.review.reviewed import Reviewed
from planner.review.statements import Statement, by_subject
from planner.scenario import Review


@dataclass(frozen=True, slots=True, eq=False)
class Decisions:
    """What the answers come to.

    Attributes
    ----------
    review
        Every decision so far, this reading's included.
    statements
        ``tables.STATEMENTS``: the answers that were taken up, by station, with ``decision`` (open,
        veto, lock, move, move_far, propose, refuse_town, date, note, joined by +), ``metres`` from
        the planned place and ``key``; for a comment on an area ``area_ha`` and ``inside``, the
        规划编号 of the plan's stations in it, by rank.
    notices
        One for each row that was not taken up, and remarks on those that were.
    as_of
        Latest day that a taken-up row reports as a fact; not before the plan's.
    """

    review: Review
    statements: pd.DataFrame
    notices: tuple[Notice, ...]
    as_of: str


def decide(
    plan: Plan,
    rows: Sequence[Statement],
    *,
    known: frozenset[str] = frozenset(),
    as_of: str = "",
) -> Decisions:
    """Weigh answers against a plan.

    Parameters
    ----------
    plan
        The version that was reviewed, or an earlier one's successor: 规划编号 are stable.
    rows
        ``Answers.rows``.
    known
        Keys of the statements that earlier versions took up; they are passed over.
    as_of
        No day of fact may lie after it; empty = not checked.
    """
    reviewed, minutes = Reviewed(plan), Minutes()
    fresh = fresh_statements(reviewed, rows, known, minutes)
    sound = sound_statements(reviewed, fresh, as_of, minutes)
    agreeing = agreeing_statements(reviewed, sound, minutes)

    draft = Draft(reviewed, minutes)
    records = []
    for group in by_subject(agreeing):
        codes = _settle(draft, reviewed, group)
        records += [_record(reviewed, statement, codes) for statement in group]

    facts = [day for each in agreeing for day in (each.opened_on, each.delivered_on) if day]
    latest = as_of or max([plan.scenario.as_of, *facts])
    return Decisions(draft.review(), _table(records), tuple(minutes.notices), latest)


def _settle(draft: Draft, reviewed: Reviewed, group: Sequence[Statement]) -> list[str]:
    """Decide on one station, town or place; the codes of what was done."""
    first = group[0]
    if first.station_id:
        return _settle_station(draft, reviewed, first.station_id, group)
    if first.names_town:
        return [_settle_town(draft, group)]
    if first.has_place and first.kind != "comment":
        return [draft.propose(first)]
    return ["note"]


def _settle_station(
    draft: Draft, reviewed: Reviewed, station: str, group: Sequence[Statement]
) -> list[str]:
    """What a station's statements come to: on air before refused, refused before accepted."""
    codes = draft.deliver(station, group)
    if any(statement.says_open for statement in group):
        return [*codes, draft.open(station, group)]

    moving = [each for each in group if each.kind != "comment" and reviewed.moves(each)]
    refusing = [statement for statement in group if statement.verdict == "refuse"]
    if refusing:
        codes.append(draft.veto(station, refusing[0]))
        # the place that a refusal names is where it could be built instead
        if moving:
            codes.append(draft.propose(moving[0], station))
        return codes

    if moving:
        codes.append(draft.move(station, moving[0]))
    accepting = [statement for statement in group if statement.verdict == "accept"]
    if accepting and "move_far" not in codes:
        codes.append(draft.lock(station, accepting[0]))
    return codes or ["note"]


def _settle_town(draft: Draft, group: Sequence[Statement]) -> str:
    """A town is refused or accepted as a whole; any other word on it is a note."""
    for statement in group:
        if statement.verdict == "refuse":
            return draft.refuse_town(statement)
        if statement.verdict == "accept":
            return draft.accept_town(statement)
    return "note"


def _record(reviewed: Reviewed, statement: Statement, codes: Sequence[str]) -> dict[str, Any]:
    """A row of ``tables.STATEMENTS``."""
    return {
        **statement._asdict(),
        F.DECISION: "+".join(dict.fromkeys(codes)),
        F.METRES: reviewed.moved_m(statement),
        F.KEY: statement.key,
        **reviewed.area_facts(statement.area),
    }


def _table(records: Sequence[dict[str, Any]]) -> pd.DataFrame:
    columns = [*Statement._fields, F.DECISION, F.METRES, F.KEY, F.AREA_HA, F.INSIDE]
    return tables.STATEMENTS.checked(pd.DataFrame(records, columns=columns))
