"""The loop: what reviewers send back becomes the next version of a plan, its changes explained.

``plan + files -> answers -> decisions -> scenario -> plan``. Every version is made from its parent
and the files alone, so a chain can be made again from the first version; nothing is ever
overwritten.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from planner import folder as run_folder
from planner import pipeline
from planner.errors import InputError
from planner.groundwork import Stage, silent
from planner.model import Plan
from planner.review.answers import Answers, read_answers
from planner.review.changes import make_changes
from planner.review.churn import replan
from planner.review.decisions import Decisions, decide
from planner.review.difficult import refused_sites
from planner.review.record import (
    known_files,
    known_statements,
    made_before,
    make_entry,
    read_history,
)
from planner.review.version import NEEDS, Version, write_version
from planner.scenario import Scenario


def review(
    folder: str | Path,
    paths: Sequence[str | Path],
    *,
    output: str | Path | None = None,
    as_of: str = "",
    stage: Stage = silent,
    progress: Callable[..., None] | None = None,
) -> Version:
    """Make the next version of a plan from what reviewers sent back.

    Parameters
    ----------
    folder
        Run folder of the version that was reviewed.
    paths
        Marks of the review page (JSON) and returned lists (CSV, XLSX), in any order.
    output
        Folder of the new version; by default beside the old one, ``OUT-v2``, ``OUT-v3``, ...
    as_of
        Day of the new version, ``YYYY-MM-DD``; no day of fact may lie after it. By default the
        latest day that a row reports as a fact, not before the parent's.
    stage, progress
        As in :func:`planner.pipeline.solve`.

    Returns
    -------
    Version
        Written to its folder when it is new.

    Raises
    ------
    planner.errors.InputError
        When one of the files is missing or cannot be read: then none of them is taken up.
    planner.errors.InfeasibleError
        When the counts cannot be met with what was refused or locked.
    planner.errors.StorageError
        When the folder holds another version, or cannot be written.
    """
    # what came back, without what an earlier version was made from
    folder = Path(folder)
    parent, history = Plan.load(folder), read_history(folder)
    known, key = known_files(history), parent.short_key
    answers = read_answers(paths, parent.scenario, parent.layers, known=known, plan_key=key)
    _refuse_unread(answers)
    decisions = decide(parent, answers.rows, known=known_statements(history), as_of=as_of)

    # the first plan is version 1 and has no entry in the record
    number = len(history) + 2
    target = Path(output) if output else folder.with_name(f"{_first_name(folder)}-v{number}")
    version = Version(
        folder=target,
        number=number,
        plan=parent,
        notices=(*answers.notices, *decisions.notices),
        is_new=False,
        answers=decisions.statements,
    )

    # answers that change nothing make no version, the same review makes the same one only once
    if decisions.review == parent.scenario.review:
        return dataclasses.replace(version, folder=folder, number=number - 1)
    entry = make_entry(folder, number, answers, decisions, as_of)
    with run_folder.opened(target, "review", NEEDS) as place:
        plan = made_before(target, entry)
        if plan is not None:
            return dataclasses.replace(version, plan=plan)

        version = _next_version(version, parent, decisions, stage, progress)
        with stage("save"):
            return write_version(version, parent, [*history, entry], place)


def _refuse_unread(answers: Answers) -> None:
    """Stop at a file of which nothing could be read: without it the version would lack answers."""
    if not answers.unread:
        return
    why = [notice for notice in answers.notices if notice.file in answers.unread]
    said = "\n".join(str(notice) for notice in why)
    files = ", ".join(answers.unread)
    raise InputError(
        f"nothing was taken up: {files} cannot be read; mend it or leave it out\n{said}",
        f"没有采纳任何意见：{files} 无法读取，请改正或不列入",
        why,
    )


def _first_name(folder: Path) -> str:
    """Name of the first version's folder."""
    return _without_version(folder.resolve().name)


def _without_version(name: str) -> str:
    return re.sub(r"-v\d+$", "", name)


def _next_version(
    version: Version,
    parent: Plan,
    decisions: Decisions,
    stage: Stage,
    progress: Callable[..., None] | None,
) -> Version:
    """The version with the plan that follows from the decisions, and what that changes."""
    scenario = _next_scenario(parent, decisions, version.number)
    base = pipeline.build(parent.scenario, layers=parent.layers, stage=stage)

    # the scenarios differ in decisions alone, so the demand is the parent's
    model = pipeline.build(scenario, layers=parent.layers, demand=base.demand, stage=stage)
    plan, prices = replan(model, parent, base=base, stage=stage, progress=progress)
    with stage("changes"):
        changes = make_changes((parent, base), (plan, model), decisions.statements)
        difficult = refused_sites(parent, base, decisions.statements)
    return dataclasses.replace(
        version, plan=plan, is_new=True, changes=changes, prices=prices, difficult=difficult
    )


def _next_scenario(parent: Plan, decisions: Decisions, number: int) -> Scenario:
    """The parent's scenario with the decisions, and a name and day of its own.

    Costs stay on the parent's scale: the mean that it was set by is that of the first plan.
    """
    scenario = parent.scenario
    tree = scenario.to_tree()
    tree["review"] = decisions.review.model_dump(mode="json")
    tree["name"] = f"{_without_version(scenario.name)}-v{number}"
    tree["as_of"] = decisions.as_of
    tree["siting"]["cost_scale"] = parent.provenance["cost_scale"]
    return Scenario.from_tree(tree, root=scenario.root, file=tree["name"])
