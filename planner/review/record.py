"""The chain of reviews that led to a version: whose plan, which files, who asked for what."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import Any, Final

from planner import fields as F
from planner import files
from planner.errors import Notice, StorageError
from planner.folder import STATE
from planner.model import PLAN_FOLDER, RECORD, Plan
from planner.review.answers import Answers
from planner.review.decisions import Decisions

FORMAT: Final = "planner-review-record"
FORMAT_VERSION: Final = 1
_PROVENANCE: Final = "provenance.json"
_KEPT: Final = (
    F.FILE, F.LINE, F.REVIEWER, F.KIND, F.STATION_ID, F.TOWN, F.VERDICT, F.DECISION, F.LON, F.LAT,
    F.OPENED_ON, F.DUE_ON, F.DELIVERED_ON, F.REASON, F.NOTE, F.KEY,
)  # fmt: skip
"""What is kept of every statement; its area too, where it has one."""

Entry = dict[str, Any]
"""One review, as JSON holds it."""


def read_history(folder: str | Path) -> list[Entry]:
    """The chain of reviews that led to a run folder, oldest first; empty for a first plan.

    Raises
    ------
    StorageError
        When the record is damaged, or is not the one that was written with the plan.
    """
    path = Path(folder) / PLAN_FOLDER / RECORD
    provenance = files.parse_json(files.read_bytes(path.with_name(_PROVENANCE)), _PROVENANCE)
    written = provenance.get("review")
    if written is None:
        return []

    data = files.read_bytes(path)
    if files.digest(data) != written["record"]:
        raise StorageError(
            f"{path} is not what was written with this plan", f"{path} 与方案写出时不一致"
        )
    history: list[Entry] = files.parse_json(data, RECORD)["history"]
    return history


def known_files(history: Sequence[Entry]) -> frozenset[str]:
    """SHA-256 of every file that earlier versions read."""
    return frozenset(file["sha256"] for entry in history for file in entry["files"])


def known_statements(history: Sequence[Entry]) -> frozenset[str]:
    """Keys of every statement that earlier versions took up."""
    return frozenset(each["key"] for entry in history for each in entry["statements"])


def make_entry(
    folder: Path, number: int, answers: Answers, decisions: Decisions, as_of: str
) -> Entry:
    """What the record says of a review.

    Parameters
    ----------
    folder
        Run folder of the version that was reviewed.
    number
        Number of the new version.
    answers, decisions
        What was read, and what it came to.
    as_of
        Day that was asked for; empty = by the answers.
    """
    provenance = files.read_bytes(folder / PLAN_FOLDER / _PROVENANCE)
    return {
        "version": number,
        "parent": files.digest(provenance),
        "as_of": as_of,
        "files": [{"name": name, "sha256": sha256} for name, sha256 in answers.files],
        "statements": _statements(decisions),
        "not_taken_up": _not_taken_up((*answers.notices, *decisions.notices)),
    }


def _statements(decisions: Decisions) -> list[dict[Hashable, Any]]:
    table = decisions.statements[list(_KEPT)].astype(object)
    statements = table.where(table.notna(), None).to_dict("records")
    for statement, area in zip(statements, decisions.statements[F.AREA], strict=True):
        if area:
            statement[F.AREA] = area
    return statements


def _not_taken_up(notices: Sequence[Notice]) -> list[dict[str, Any]]:
    return [
        {"code": notice.code, "file": notice.file, "line": notice.line, "value": notice.value}
        for notice in notices
        if notice.severity == "E"
    ]


def made_before(folder: Path, entry: Entry) -> Plan | None:
    """The plan of an open run folder when the very review made it; None when the folder is free.

    Raises
    ------
    StorageError
        When the folder holds anything else: nothing is overwritten.
    """
    if all(path.name == STATE for path in folder.iterdir()):
        return None

    is_plan = (folder / PLAN_FOLDER / _PROVENANCE).is_file()
    history = read_history(folder) if is_plan else []
    if not history or history[-1] != entry:
        raise StorageError(
            f"{folder} holds something else; nothing is overwritten, name another folder with -o",
            f"{folder} 已有其他内容；不会覆盖，请用 -o 另选文件夹",
        )
    return Plan.load(folder)


def record_bytes(history: Sequence[Entry]) -> bytes:
    """The chain of reviews, as it lies beside a plan."""
    record = {"format": FORMAT, "format_version": FORMAT_VERSION, "history": list(history)}
    return files.json_bytes(record)
