"""The loop: what reviewers send back becomes the next version of a plan, with the difference explained.

``plan + files -> answers -> decisions -> scenario -> plan``. Every version is made from its parent
and the files alone, so a chain can be made again from the first version; nothing is ever
overwritten.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from planner import fields as F
from planner import files, optimise, pipeline
from planner.errors import Notice, StorageError
from planner.groundwork import Stage, silent
from planner.model import PLAN_FOLDER, CoveredWeight, Model, Plan, tables
from planner.problem import make_problem
from planner.review.answers import Answers, read_answers
from planner.review.changes import Changes, make_changes
from planner.review.decisions import Decisions, decide
from planner.review.difficult import Difficult, difficult_sites
from planner.review.tables import answer_table, change_table, difficult_table
from planner.scenario import Scenario
from planner.schema import member
from planner.words import language

RECORD = "review.json"
RECORD_FORMAT = "planner-review-record"
NEVER_WORTH_IT = (
    2.0  # times all that a station can cover: at this price nothing leaves unless it has to
)
_KEPT = ("file", "line", "reviewer", "kind", F.STATION_ID, "town", "verdict", "decision", F.LON,
    F.LAT, "opened_on",
         "due_on", "delivered_on", "reason", "note", "key")  # fmt: skip


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
        What was taken up, an answer a row: ``statements`` of :class:`Decisions`.
    changes, prices, difficult
        See :func:`make_changes`, :func:`replan`, :func:`difficult_sites`,
        whose ``sites`` hold ``reviewer, reason, note`` too (of those who refused, a line each);
        None when nothing is new.
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
        Day of the new version, ``YYYY-MM-DD``; no actual day may lie after it. By default the
        latest day that a row reports as a fact, not before the parent's.
    stage, progress
        As in :func:`planner.pipeline.solve`.

    Returns
    -------
    Version
        Written to its folder when it is new.

    Raises
    ------
    planner.errors.InfeasibleError
        When the counts cannot be met with what was refused or locked.
    planner.errors.StorageError
        When the folder holds another version, or cannot be written.
    """
    folder = Path(folder)
    parent = Plan.load(folder)
    history = read_history(folder)
    answers = read_answers(
        paths, parent.scenario, parent.layers, known=_known(history, "files", "sha256")
    )
    decisions = decide(
        parent, answers.rows, known=_known(history, "statements", "key"), as_of=as_of
    )
    notices = (*answers.notices, *decisions.notices)
    number = len(history) + 2
    said = decisions.statements
    if decisions.review == parent.scenario.review:
        return Version(folder, number - 1, parent, notices, is_new=False, answers=said)
    entry = _entry(folder, number, answers, decisions, as_of)
    target = Path(output) if output else folder.with_name(f"{_stem(folder)}-v{number}")
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        return Version(
            target, number, _made_before(target, entry), notices, is_new=False, answers=said
        )
    scenario = _next_scenario(parent, decisions, number)
    base = pipeline.build(parent.scenario, layers=parent.layers, stage=stage)
    model = pipeline.build(scenario, layers=parent.layers, demand=base.demand, stage=stage)
    plan, prices = replan(model, parent, stage=stage, progress=progress)
    with stage("changes"):
        changes = make_changes((parent, base), (plan, model), decisions.statements)
        difficult = _difficult(parent, base, decisions.statements)
    version = Version(target, number, plan, notices, True, said, changes, prices, difficult)
    with stage("save"):
        return _write(version, parent, history, entry)


def read_history(folder: str | Path) -> list[dict[str, Any]]:
    """The chain of reviews that led to a run folder, oldest first; empty for a first plan.

    Raises
    ------
    StorageError
        When the record is damaged, or is not the one that was written with the plan.
    """
    path = Path(folder) / PLAN_FOLDER / RECORD
    written = files.parse_json(
        files.read_bytes(path.with_name("provenance.json")), "provenance.json"
    ).get("review")
    if written is None:
        return []
    data = files.read_bytes(path)
    if files.digest(data) != written["record"]:
        raise StorageError(
            f"{path} is not what was written with this plan", f"{path} 与方案写出时不一致"
        )
    history: list[dict[str, Any]] = files.parse_json(data, RECORD)["history"]
    return history


def _known(history: Sequence[dict[str, Any]], part: str, key: str) -> frozenset[str]:
    return frozenset(item[key] for entry in history for item in entry[part])


def _stem(folder: Path) -> str:
    """Name of the first version's folder."""
    return re.sub(r"-v\d+$", "", folder.resolve().name)


def _entry(
    folder: Path, number: int, answers: Answers, decisions: Decisions, as_of: str
) -> dict[str, Any]:
    """What the record says of a review: whose plan, which files, who asked for what."""
    rows = decisions.statements[list(_KEPT)].astype(object)
    statements = rows.where(rows.notna(), None).to_dict("records")
    for statement, area in zip(statements, decisions.statements["area"], strict=True):
        if area:
            statement["area"] = area
    return {
        "version": number,
        "parent": files.digest(files.read_bytes(folder / PLAN_FOLDER / "provenance.json")),
        "as_of": as_of,
        "files": [{"name": name, "sha256": sha256} for name, sha256 in answers.files],
        "statements": statements,
        "not_taken_up": _refused((*answers.notices, *decisions.notices)),
    }


def _refused(notices: Sequence[Notice]) -> list[dict[str, Any]]:
    return [
        {"code": n.code, "file": n.file, "line": n.line, "value": n.value}
        for n in notices
        if n.severity == "E"
    ]


def _made_before(target: Path, entry: dict[str, Any]) -> Plan:
    """The plan of a folder that was made from the same parent and files; anything else is not touched."""
    history = read_history(target) if (target / PLAN_FOLDER / "provenance.json").is_file() else []
    if not history or history[-1] != entry:
        raise StorageError(
            f"{target} holds something else; nothing is overwritten, name another folder with -o",
            f"{target} 已有其他内容；不会覆盖，请用 -o 另选文件夹",
        )
    return Plan.load(target)


def _next_scenario(parent: Plan, decisions: Decisions, number: int) -> Scenario:
    """The parent's scenario with the decisions, its own name and day, and costs on the parent's scale."""
    old = parent.scenario
    tree = old.to_tree()
    tree["review"] = decisions.review.model_dump(mode="json")
    tree["name"] = re.sub(r"-v\d+$", "", old.name) + f"-v{number}"
    tree["as_of"] = decisions.as_of
    tree["siting"]["cost_scale"] = parent.provenance["cost_scale"]
    return Scenario.from_tree(tree, root=old.root, file=tree["name"])


def _difficult(parent: Plan, base: Model, statements: pd.DataFrame) -> Difficult:
    """The refused stations of the parent's plan, with who refused them and why, by what hangs on them."""
    planned = parent.stations[
        parent.stations[F.RANK].notna() & (parent.stations[F.STATE] != "open")
    ]
    own = statements[
        statements["decision"].str.contains("veto|move_far") & (statements[F.STATION_ID] != "")
    ]
    towns = statements[statements["decision"] == "refuse_town"].drop(columns=F.STATION_ID)
    candidates = planned.loc[planned[F.STATE] == "candidate", [F.STATION_ID, F.TOWN]]
    refused = pd.concat([own, towns.merge(candidates, on=F.TOWN)], ignore_index=True)
    refused = refused[refused[F.STATION_ID].isin(planned[F.STATION_ID])]
    difficult = difficult_sites(parent, base, refused[F.STATION_ID].tolist())
    said = refused.groupby(F.STATION_ID)[["reviewer", "reason", "note"]].agg(_lines)
    return dataclasses.replace(difficult, sites=difficult.sites.join(said, on=F.STATION_ID))


def _lines(texts: pd.Series) -> str:
    """Texts that differ, a line each."""
    return "\n".join(text for text in dict.fromkeys(texts) if text)


def replan(
    model: Model,
    agreed: Plan,
    *,
    stage: Stage = silent,
    progress: Callable[..., None] | None = None,
) -> tuple[Plan, pd.DataFrame]:
    """Solve a model near an agreed plan, between no change that is not forced and a free hand.

    Three searches with the scenario's effort and seed: at a price of leaving at which nothing
    leaves unless it has to, at ``review.churn_price``, and at none. Each way then takes the best of
    the three by its own price, so that a search that went astray does not make a way look dear.

    Parameters
    ----------
    model
        The model of the version.
    agreed
        The plan that was agreed.
    stage, progress
        As in :func:`planner.pipeline.solve`.

    Returns
    -------
    plan
        The version: the best at ``review.churn_price``.
    prices
        A row each for ``zero``, ``version`` and ``free``: ``way, price`` (mean stations: what the
        agreed plan covers in a phase for each of its stations, summed over the phases), ``value``
        (covered weight, summed over the phases), ``gap`` (proven, against any plan), ``left``
        (agreed stations that leave their phase), ``points`` (per cent of all weight against the
        version), ``covered_<n>`` per phase, share of its weight.
    """
    search = model.scenario.search
    with stage("search"):
        value = CoveredWeight.of(model.demand, model.coverage)
        problem = make_problem(model, value)
        phases = agreed_phases(model, agreed)
        mean = sum(v / n for v, n in zip(agreed.provenance["value"], problem.phases, strict=True))
        dearest = (
            NEVER_WORTH_IT * float((problem.cover.T @ problem.weight.sum(axis=0)).max()) / mean
        )
        prices = {"zero": dearest, "version": model.scenario.review.churn_price, "free": 0.0}
        found = []
        for price in prices.values():
            near = problem.replace(agreed=phases - 1, churn_price=price * mean)
            result = optimise.solve(near, effort=search.effort, seed=search.seed, progress=progress)
            kept = _kept(model, phases, result.order)
            found.append((result, result.objective - price * mean * kept, kept))
        best = {
            way: max(found, key=lambda one: one[1] + price * mean * one[2])[0]
            for way, price in prices.items()
        }
    plan = pipeline.to_plan(model, value, problem, best["version"], stage=stage)
    all_weight = problem.weight.sum(axis=1)
    rows = [
        (
            way,
            prices[way],
            float(one.value.sum()),
            one.gap,
            _left(model, phases, one.order),
            *(one.value / all_weight),
        )
        for way, one in best.items()
    ]
    covered = [member(F.COVERED_AT, count=count) for count in problem.phases]
    table = pd.DataFrame(rows, columns=[F.WAY, F.PRICE, F.VALUE, F.GAP, F.LEFT, *covered])
    table[F.POINTS] = 100 * (table[F.VALUE] - table[F.VALUE].iloc[1]) / float(all_weight.sum())
    return plan, tables.PRICES.checked(table)


def agreed_phases(model: Model, agreed: Plan) -> np.ndarray[Any, Any]:
    """Number of the phase in which each station of the model opens in an agreed plan; 0 for none, and for the state."""
    phase = agreed.stations.set_index(F.STATION_ID)[F.PHASE]
    found: np.ndarray[Any, Any] = (
        phase.reindex(model.stations.table[F.STATION_ID]).fillna(0).to_numpy(np.int64)
    )
    return found


def _left(model: Model, agreed: np.ndarray[Any, Any], order: np.ndarray[Any, Any]) -> int:
    """How many agreed stations are not in their phase."""
    return int(((agreed > 0) & (_phases(model, order) != agreed)).sum())


def _kept(model: Model, agreed: np.ndarray[Any, Any], order: np.ndarray[Any, Any]) -> int:
    """How many agreed stations are in their phase by choice: those that open first in any case have no price."""
    free = np.ones(len(agreed), np.bool_)
    free[model.stations.fixed] = False
    return int((free & (agreed > 0) & (_phases(model, order) == agreed)).sum())


def _phases(model: Model, order: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Number of the phase of each station under an order; 0 for none, and for the state."""
    phase = np.zeros(len(model.stations.table), np.int64)
    phase[order] = np.searchsorted(model.scenario.counts, np.arange(len(order)), side="right")
    return phase


def _write(
    version: Version, parent: Plan, history: Sequence[dict[str, Any]], entry: dict[str, Any]
) -> Version:
    """Write the version: tables and record first, the plan's own provenance last."""
    assert version.changes is not None
    assert version.prices is not None
    assert version.difficult is not None
    changes, folder = version.changes, version.folder
    told = [
        n for n in version.notices if n.code != "file_read_before"
    ]  # of the answers, not of how they were given
    written = {
        **_office_tables(version, parent),
        "changes.csv": changes.stations,
        "coverage.csv": changes.coverage,
        "prices.csv": version.prices,
        "difficult.csv": version.difficult.sites,
        "openings.csv": version.difficult.openings,
        "notices.csv": pd.DataFrame(
            [dataclasses.astuple(n) for n in told],
            columns=[f.name for f in dataclasses.fields(Notice)],
        ).astype({"line": "Int64"}),
    }
    for name, table in written.items():
        files.write_bytes(folder / "review" / name, files.csv_bytes(table))
    record = {"format": RECORD_FORMAT, "format_version": 1, "history": [*history, entry]}
    data = files.json_bytes(record)
    files.write_bytes(folder / PLAN_FOLDER / RECORD, data)
    kept = {
        "version": version.number,
        "parent": entry["parent"],
        "record": files.digest(data),
        **changes.counts,
    }
    plan = dataclasses.replace(version.plan, provenance={**version.plan.provenance, "review": kept})
    plan.save(folder)
    pipeline.write_map(plan, folder / "map.html")
    pipeline.write_map(plan, folder / "compare.html", parent, changes.stations)
    pipeline.write_lists(plan, folder / "lists", version=version.number)
    return dataclasses.replace(version, plan=plan)


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
