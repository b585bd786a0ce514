"""From a scenario to a run folder: the only module that knows every room.

``Scenario -> Layers -> Demand -> Stations -> Coverage -> Problem -> order -> Plan -> map, lists,
report``
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import pandas as pd

from planner import fields as F
from planner import folder as run_folder
from planner import optimise
from planner.crs import Datum
from planner.errors import Notice, PlannerError, ProblemError, Said, raise_together
from planner.folder import Change
from planner.groundwork import Stage, lay_groundwork, silent
from planner.layers import input_digests, read_layers
from planner.model import (
    OPTIONS,
    PLAN_FOLDER,
    REVIEW,
    CoveredWeight,
    Demand,
    Explanation,
    InputState,
    IntArray,
    Layers,
    Model,
    Plan,
    Verification,
)
from planner.plan import (
    MOVE_M,
    RELATIVE,
    check_order,
    compare,
    differences,
    make_plan,
    order_findings,
    order_stations,
    saved_order,
    unopened,
)
from planner.plan import explain as explain_station
from planner.plan.notices import NOTICES
from planner.problem import make_problem, search_facts, unpacked
from planner.scenario import Scenario
from planner.schema import SchemaError
from planner.service import build_coverage, describe_cells, make_rasters


def build(
    scenario: Scenario,
    *,
    layers: Layers | None = None,
    demand: Demand | None = None,
    stage: Stage = silent,
) -> Model:
    """Read the inputs and work out demand, stations and coverage.

    Parameters
    ----------
    scenario
        What is asked.
    layers
        What is there, when it was read before; a plan carries its own (``plan.layers``), so that
        its model can be built again without the input files.
    demand
        The demand, when it was worked out before for a scenario that differs in its review alone.
    stage
        Told of each stage: ``layers``, ``demand``, ``stations``, ``coverage``.

    Returns
    -------
    Model
        Its scenario has the work CRS, and lacks the layers for which the case names no file.

    Raises
    ------
    planner.errors.PlannerError
        Once, with everything that :func:`planner.check` lists as an error: an
        :class:`~planner.errors.InputError` when an input cannot be used, an
        :class:`~planner.errors.InfeasibleError` when the counts cannot be met, ...
    """
    ground = lay_groundwork(scenario, layers=layers, demand=demand, stage=stage)
    if ground.errors:
        raise_together(ground.errors)
    assert ground.layers is not None
    assert ground.demand is not None
    assert ground.stations is not None
    with stage("coverage"):
        coverage = build_coverage(
            ground.scenario, ground.layers, ground.demand, ground.stations.table
        )
    return Model(ground.scenario, ground.layers, ground.demand, ground.stations, coverage)


def solve(
    model: Model, *, stage: Stage = silent, progress: Callable[..., None] | None = None
) -> Plan:
    """Order the stations of a model and work out what the order brings.

    Parameters
    ----------
    model
        From :func:`build`.
    stage
        Told of the stages ``search``, ``curve``, ``cells`` and ``measures``.
    progress
        Passed to :func:`planner.optimise.solve`.
    """
    search = model.scenario.search
    with stage("search"):
        value = CoveredWeight.of(model.demand, model.coverage)
        problem = make_problem(model, value)
        result = optimise.solve(problem, effort=search.effort, seed=search.seed, progress=progress)
    return to_plan(model, value, problem, result, stage=stage)


def to_plan(
    model: Model,
    value: CoveredWeight,
    problem: optimise.Problem,
    result: optimise.Result,
    *,
    options: Mapping[str, str] | None = None,
    stage: Stage = silent,
) -> Plan:
    """What a solution of a model's problem brings; see :func:`solve`.

    ``options`` is what changed the result and stands in no input: it is part of the plan's key.
    """
    table = model.stations.table
    search = model.scenario.search
    # the solver settles the phases; inside each the order is still free
    with stage("curve"):
        effort = table[F.EFFORT] if search.order == "effort" else None
        order = optimise.order_inside(problem, result.order, effort)
        extension = optimise.extend(problem, order, problem.cover.shape[1])
        facts = {**search_facts(problem, result, order), OPTIONS: dict(options or {})}

    with stage("cells"):
        check_order(model, order, extension)
        stations = order_stations(table, order, model.scenario)
        reception = describe_cells(model, stations.iloc[order])

    with stage("measures"):
        return make_plan(
            model,
            value,
            order,
            extension=extension,
            stations=stations,
            reception=reception,
            search=facts,
        )


def explain(plan: Plan, station_id: str) -> Explanation:
    """Say why a station is in a plan, from its own layers; see :func:`planner.plan.explain`."""
    return explain_station(plan, build(plan.scenario, layers=plan.layers), station_id)


def verify(plan: Plan, *, inputs: Path | None = None, stage: Stage = silent) -> Verification:
    """Work a plan out again from its own layers, stations and certificate; nothing is searched.

    The model is built again, the order of the saved stations is held against it, and everything
    that follows is worked out anew: value, bounds and gap, the order inside the phases, every
    column of every table, and the facts of the provenance. Where the input files are there, their
    hashes are compared, and when none has changed the layers are read from them again.

    Numbers are the same within :data:`planner.plan.differences.RELATIVE`, all else exactly. Not
    proven: how the plan was found (``steps, optimal, interrupted, versions``), the title block, the
    state of a version and the plan it was made from; layers whose input files are not there.

    Parameters
    ----------
    plan
        A plan, as a rule one that was loaded.
    inputs
        Project folder of the input files; without it they are not looked at.
    stage
        Told of the stages of :func:`build` and :func:`solve` but for the search.

    Returns
    -------
    Verification

    Raises
    ------
    planner.errors.PlannerError
        When no model can be built from the plan's layers and scenario any more.
    """
    states, findings, layers = _look_at_inputs(plan, inputs)
    try:
        model = build(plan.scenario, layers=layers, stage=stage)
    except PlannerError:
        raise
    except (SchemaError, LookupError, TypeError, ValueError) as error:
        # what a reader would have refused was put into the layers after they were read
        doubt = NOTICES.notice("no_model", file="plan/layers", why=repr(error))
        return Verification(math.nan, math.nan, math.nan, (*findings, doubt), states)
    order, refused = saved_order(plan, model)
    findings += refused
    if order is None:
        return Verification(math.nan, math.nan, math.nan, tuple(findings), states)

    value = CoveredWeight.of(model.demand, model.coverage)
    problem = make_problem(model, value)
    findings += order_findings(problem, order, model.stations.table)
    result, bound, unproven, doubts = _appraised(plan, problem, order)
    findings += doubts

    options = plan.provenance.get(OPTIONS)
    known = options if isinstance(options, Mapping) else None
    again = to_plan(model, value, problem, result, options=known, stage=stage)
    findings += differences(plan, again, unproven)
    total = float(result.value.sum())
    gap = bound / total - 1 if total > 0 else math.nan
    return Verification(total, bound, gap, tuple(findings), states)


def _look_at_inputs(
    plan: Plan, root: Path | None
) -> tuple[dict[str, InputState], list[Notice], Layers]:
    """State of each input file, what of it refutes the plan, and the layers to work from.

    Those are read again when no file has changed, else they are the plan's own.
    """
    if root is None:
        return {}, [], plan.layers
    sources = plan.layers.sources
    stored = dict(zip(sources[F.FILE], sources[F.SHA256], strict=True))
    found = input_digests(root, sources)
    states: dict[str, InputState] = {
        name: "unchanged" if digest == stored[name] else "changed" if digest else "missing"
        for name, digest in found.items()
    }
    findings = [
        NOTICES.notice(
            "input_changed", file=str(root / name), stored=stored[name], again=found[name]
        )
        for name, state in states.items()
        if state == "changed"
    ]
    if any(state != "unchanged" for state in states.values()):
        return states, findings, plan.layers

    # the plan may hold more notices: what was found of the stations' state stands there too
    read = read_layers(Scenario.from_tree(plan.scenario.to_tree(), root=root))
    findings += [
        NOTICES.notice(
            "finding_left_out", file="plan/layers/notices.json", said=Said(each.zh, each.en)
        )
        for each in read.notices
        if each not in plan.layers.notices
    ]
    return states, findings, dataclasses.replace(read, notices=plan.layers.notices)


def _appraised(
    plan: Plan, problem: optimise.Problem, order: IntArray
) -> tuple[optimise.Result, float, frozenset[str], list[Notice]]:
    """What the order comes to, its bound (NaN: none), what is unproven, and why."""
    kept = plan.provenance.get("certificate")
    try:
        result = optimise.appraise(problem, order, unpacked(kept or {}))
    except ProblemError as error:
        doubt = NOTICES.notice(
            "certificate_refused", file=_PROVENANCE, why=Said(error.zh, error.en)
        )
        return optimise.appraise(problem, order), math.nan, _OF_THE_CERTIFICATE, [doubt]

    # only HiGHS proves a lower bound than the certificate's, when it was asked for the optimum
    stored, total = plan.provenance.get("bound"), float(result.value.sum())
    is_lower = isinstance(stored, float) and total <= stored < result.bound * (1 - RELATIVE)
    if plan.scenario.search.effort == "exact" and is_lower:
        doubt = NOTICES.notice(
            "bound_has_no_certificate", file=_PROVENANCE, stored=stored, again=result.bound
        )
        return result, result.bound, _OF_HIGHS, [doubt]
    return result, result.bound, frozenset(), []


_PROVENANCE = "plan/provenance.json"
_OF_HIGHS = frozenset({"provenance.json/bound", "provenance.json/gap"})
_OF_THE_CERTIFICATE = _OF_HIGHS | {
    "provenance.json/phase_bound", "provenance.json/curve_bound", "curve.parquet/bound",
}  # fmt: skip


def run(
    scenario: Scenario,
    folder: str | Path,
    *,
    stage: Stage = silent,
    progress: Callable[..., None] | None = None,
    tell: Callable[[Notice], None] | None = None,
) -> Plan:
    """Build, solve, and write plan, map and lists into a run folder.

    Parameters
    ----------
    scenario
        What is asked.
    folder
        Run folder; made when missing. The run that it holds is replaced as a whole or not at all:
        what belongs to another plan goes, what the planner did not write stays.
    stage, progress
        As in :func:`solve`.
    tell
        Told what became of the files that were there.

    Raises
    ------
    planner.errors.StorageError
        Before the work when the folder cannot be written or another process writes it; after it
        when the disk is full. It says whether the earlier run stands or the new one.
    """
    with run_folder.opened(folder, "run", RUN_NEEDS) as place:
        plan = solve(build(scenario, stage=stage), stage=stage, progress=progress)
        change = place.replace(run_contents(plan, stage=stage), plan.edition)
    if tell is not None:
        for notice in (*place.notices, *change.notices()):
            tell(notice)
    return plan


RUN_NEEDS: Final = (f"{PLAN_FOLDER}/", "map.html", "lists/")
"""What a run writes into its folder."""


def run_contents(plan: Plan, *, stage: Stage = silent) -> Iterator[tuple[str, bytes]]:
    """Name and content of every file of a run: the plan, its map, its lists."""
    from planner import exports, maps

    with stage("save"):
        yield from plan.contents()
    with stage("map"):
        yield "map.html", maps.page_html(plan)
    with stage("lists"):
        for name, data in exports.make_lists(plan, version=_version_of(plan)):
            yield f"lists/{name}", data


def _version_of(plan: Plan) -> int:
    """Number of a plan in its chain of reviews, 1 = the first."""
    number: int = plan.provenance.get(REVIEW, {}).get("version", 1)
    return number


def remarks(plan: Plan) -> tuple[Notice, ...]:
    """What is unusual about a plan and its inputs, to be said aloud where it is shown."""
    return (*(notice for notice in plan.layers.notices if notice.severity == "W"), *unopened(plan))


def page(plan: Plan, other: Plan | None = None, changes: pd.DataFrame | None = None) -> bytes:
    """The office's page; see :func:`planner.maps.page_html`.

    Two plans differ as :func:`planner.plan.compare` says, or as ``changes`` does where answers told
    what moved.
    """
    from planner import maps

    if other is None or changes is not None:
        return maps.page_html(plan, other, changes)
    return maps.page_html(plan, other, compare(other, plan).stations, MOVE_M)


def write_map(
    plan: Plan, path: Path, other: Plan | None = None, changes: pd.DataFrame | None = None
) -> Change:
    """Write a :func:`page`, in a run folder as a part of it.

    Raises
    ------
    planner.errors.StorageError
        When the place cannot be written, or lies in the run folder of another plan.
    """
    shown = [each.edition for each in (plan, other) if each is not None]
    with run_folder.into(path.parent, "map", (path.name,)) as place:
        return place.add([(path.name, page(plan, other, changes))], *shown)


def write_report(
    plan: Plan, folder: Path, base: Plan | None = None, language: str = "zh"
) -> Change:
    """Write report and tables, against a base where one is given.

    See :func:`planner.report.make_report`; errors are those of :func:`write_map`.
    """
    from planner import report

    with run_folder.into(folder, "report") as place:
        comparison = compare(base, plan) if base is not None else None
        return place.add(report.make_report(plan, comparison, language=language), plan.edition)


def write_lists(
    plan: Plan,
    folder: Path,
    datum: Datum = "wgs84",
    formats: Sequence[str] = (),
) -> Change:
    """Write the carriers' lists; see :func:`planner.exports.make_lists` and :func:`write_map`."""
    from planner import exports

    with run_folder.into(folder, "export") as place:
        version = _version_of(plan)
        lists = exports.make_lists(plan, datum=datum, formats=formats, version=version)
        return place.add(lists, plan.edition)


def write_signal(plan: Plan, folder: Path) -> Change:
    """Write the signal layers as GeoTIFF.

    See :func:`planner.service.make_rasters` and :func:`write_map`.
    """
    with run_folder.into(folder, "signal") as place:
        return place.add(make_rasters(plan), plan.edition)
