"""Answers against each other: what reviewers do not agree on is taken up from none of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from planner.review.minutes import Minutes
from planner.review.reviewed import Reviewed
from planner.review.statements import DATES, Statement, by_subject


def agreeing_statements(
    reviewed: Reviewed, statements: Iterable[Statement], minutes: Minutes
) -> list[Statement]:
    """The statements that no other one speaks against; the minutes name the others.

    Parameters
    ----------
    reviewed
        The plan.
    statements
        Those that can be used by themselves.
    minutes
        Told of every contradiction.
    """
    agreeing: list[Statement] = []
    for group in by_subject(statements):
        term = _disagreement(reviewed, group)
        if not term:
            agreeing += group
            continue
        for statement in group:
            others = ", ".join(other.source for other in group if other is not statement)
            minutes.enter("contradictory_rows", statement, other=others, term=term)

    return _without_overruled(reviewed, agreeing, minutes)


def _disagreement(reviewed: Reviewed, group: Sequence[Statement]) -> str:
    """What the statements about one station or town disagree in, a term of notices; else empty."""
    verdicts = {statement.verdict for statement in group}
    is_opened = any(statement.says_open for statement in group)
    if "refuse" in verdicts and ("accept" in verdicts or is_opened):
        return "verdict"

    new_places = {(each.lon, each.lat) for each in group if reviewed.moves(each)}
    if len(new_places) > 1:
        return "place"

    for name in DATES:
        days = {getattr(statement, name) for statement in group} - {""}
        if len(days) > 1:
            return name
    return ""


def _without_overruled(
    reviewed: Reviewed, statements: Sequence[Statement], minutes: Minutes
) -> list[Statement]:
    """The statements but those that accept a candidate in a town that is refused as a whole."""
    refused = {
        statement.town: statement
        for statement in statements
        if statement.names_town and statement.verdict == "refuse"
    }
    kept = []
    for statement in statements:
        # a station on air stays, whatever its town says
        accepts = statement.verdict == "accept" and not statement.says_open
        town = reviewed.town(statement.station_id) if accepts and statement.station_id else ""
        if town in refused:
            minutes.enter("town_contradicts", statement, other=refused[town].source, town=town)
        else:
            kept.append(statement)
    return kept
