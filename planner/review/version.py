"""A version of a plan that a review made, and its run folder."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from planner import files, pipeline
from planner.errors import Notice
from planner.folder import Place
from planner.model import NOTICES_NAME, PLAN_FOLDER, RECORD, REVIEW, Plan, notices_table
from planner.review.changes import Changes
from planner.review.difficult import Difficult
from planner.review.record import Entry, record_bytes
from planner.review.tables import answer_table, change_table, difficult_table
from planner.words import language

FOLDER: Final = "review"
"""Folder of a version's tables, in its run folder."""
_NOT_TOLD: Final = ("file_read_before",)
"""Notices of how answers were given, not of what they say: the version does not depend on it."""


@dataclass(frozen=True, slots=True, eq=False)
class Version:
    """What a review came to.

    Attributes
    ----------
    folder
        Run folder of the version; that of the parent when nothing changed.
    number
        Number in the chain, 1 = the first plan.
    plan
        The plan of the version.
    notices
        One for each row that was not taken up, and remarks.
    is_new
        False when the files change nothing, or the very version was made before.
    answers
        What was taken up, an answer a row: ``statements`` of :class:`planner.review.Decisions`.
    changes, prices, difficult
        See :func:`planner.review.make_changes`, :func:`planner.review.replan`,
        :func:`planner.review.refused_sites`; None when nothing is new.
    """

    folder: Path
    number: int
    plan: Plan
    notices: tuple[Notice, ...]
    is_new: bool
    answers: pd.DataFrame
    changes: Changes | None = None
    prices: pd.DataFrame | None = None
    difficult: Difficult | None = None


NEEDS: Final = (*pipeline.RUN_NEEDS, "compare.html", f"{FOLDER}/")
"""What a version writes into its folder."""


def write_version(
    version: Version, parent: Plan, history: Sequence[Entry], place: Place
) -> Version:
    """Write a new version into its folder: plan, pages, lists, tables and record in one change.

    Parameters
    ----------
    version
        The version.
    parent
        The plan that was reviewed.
    history
        The chain of reviews, this one last.
    place
        The version's folder, open.

    Returns
    -------
    Version
        With the plan as written: its provenance names the record and counts the changes; and with
        what is to be said of the files.
    """
    assert version.changes is not None
    record = record_bytes(history)
    review = {
        "version": version.number,
        "parent": history[-1]["parent"],
        "record": files.digest(record),
        **version.changes.counts,
    }
    plan = dataclasses.replace(version.plan, provenance={**version.plan.provenance, REVIEW: review})
    written = dataclasses.replace(version, plan=plan)
    change = place.replace(_contents(written, parent, record), plan.edition)
    notices = (*version.notices, *place.notices, *change.notices())
    return dataclasses.replace(written, notices=notices)


def _contents(version: Version, parent: Plan, record: bytes) -> Iterator[tuple[str, bytes]]:
    """Name and content of every file of a version."""
    assert version.changes is not None
    yield from pipeline.run_contents(version.plan, (parent, version.changes.stations))
    yield f"{PLAN_FOLDER}/{RECORD}", record
    for name, table in _tables(version, parent).items():
        yield f"{FOLDER}/{name}", files.csv_bytes(table)


def _tables(version: Version, parent: Plan) -> dict[str, pd.DataFrame]:
    """Every table by file name; a last column says whose plan it belongs to."""
    key = version.plan.short_key
    office, code = _office_tables(version, parent), _code_tables(version)
    head = language()("plan_key")
    return {
        **{name: table.assign(**{head: key}) for name, table in office.items()},
        **{name: table.assign(plan_key=key) for name, table in code.items()},
    }


def _office_tables(version: Version, parent: Plan) -> dict[str, pd.DataFrame]:
    """The tables that the office reads, by file name, in its language."""
    assert version.changes is not None
    assert version.difficult is not None
    words, difficult = language(), version.difficult
    shown = {
        "changes": change_table(version.changes.stations, version.plan.scenario, words),
        "answers": answer_table(version.answers, words),
        "difficult": difficult_table(difficult.sites, difficult.openings, parent, words),
    }
    return {words("review.file", name): table for name, table in shown.items()}


def _code_tables(version: Version) -> dict[str, pd.DataFrame]:
    """The tables by codes, by file name."""
    assert version.changes is not None
    assert version.prices is not None
    assert version.difficult is not None
    told = [notice for notice in version.notices if notice.code not in _NOT_TOLD]
    return {
        "changes.csv": version.changes.stations,
        "coverage.csv": version.changes.coverage,
        "prices.csv": version.prices,
        "difficult.csv": version.difficult.sites,
        "openings.csv": version.difficult.openings,
        NOTICES_NAME: notices_table(told),
    }
