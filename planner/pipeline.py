"""From a scenario to a run folder: the only module that knows every room.

``Scenario -> Layers -> Demand -> Stations -> Coverage -> Problem -> order -> Plan -> map, lists,
report``
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import pandas as pd

from planner import fields as F
from planner import folder as run_folder
from planner import optimise
from planner.crs import Datum
from planner.errors import Notice, StorageError, raise_together
from planner.folder import Change
from planner.groundwork import Stage, lay_groundwork, silent
from planner.kept import NOTHING, Store
from planner.model import (
    OPTIONS,
    PLAN_FOLDER,
    RECORD,
    REVIEW,
    WARM_START,
    CoveredWeight,
    Demand,
    Explanation,
    IntArray,
    Layers,
    Model,
    Plan,
    Reception,
    tables,
)
from planner.plan import (
    MOVE_M,
    check_order,
    compare,
    identity_doubts,
    make_plan,
    neighbours_serve,
    order_stations,
    start_order,
    unopened,
)
from planner.plan import explain as explain_station
from planner.problem import curve_counts, make_problem, proof_of, search_facts
from planner.scenario import Scenario
from planner.service import (
    Before,
    build_coverage,
    describe_cells,
    judge_reception,
    make_rasters,
    measure_reserve,
)


def build(
    scenario: Scenario,
    *,
    layers: Layers | None = None,
    demand: Demand | None = None,
    stage: Stage = silent,
    without_refused_rows: bool = False,
    afresh: bool = False,
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
    without_refused_rows
        Whether to go on without rows of the inputs that cannot be used. How many they are is said
        wherever the plan is shown, and is part of its key.
    afresh
        Whether to work everything out, whatever :mod:`planner.kept` holds. The model is the same.

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
    store = NOTHING if afresh else Store.of_user()
    ground = lay_groundwork(
        scenario,
        layers=layers,
        demand=demand,
        stage=stage,
        without_refused_rows=without_refused_rows,
        store=store,
    )
    if ground.errors:
        raise_together(ground.errors)
    assert ground.layers is not None
    assert ground.demand is not None
    assert ground.stations is not None
    with stage("coverage"):
        coverage = build_coverage(
            ground.scenario, ground.layers, ground.demand, ground.stations, store
        )
    return Model(ground.scenario, ground.layers, ground.demand, ground.stations, coverage)


def solve(
    model: Model,
    *,
    start: Plan | None = None,
    stage: Stage = silent,
    progress: Callable[..., None] | None = None,
    tell: Callable[[Notice], None] | None = None,
) -> Plan:
    """Order the stations of a model and work out what the order brings.

    Parameters
    ----------
    model
        From :func:`build`.
    start
        A plan to start the search from, so that the new one keeps more of it and takes less time.
        It is in the new plan's key and provenance.
    stage
        Told of the stages ``search``, ``curve``, ``cells`` and ``measures``.
    progress
        Passed to :func:`planner.optimise.solve`.
    tell
        Told of stations to start from that the model does not have.

    Raises
    ------
    planner.errors.ScenarioError
        When it has none of them.
    """
    with stage("search"):
        known = _start(model, start, tell)
        value = CoveredWeight.of(model.demand, model.coverage)
        problem = make_problem(model, value)
        result = _search(model, problem, known, progress, proof=proof_of(start))
    options = {WARM_START: start.key} if start is not None else {}
    before = Before(start.cells) if start is not None else None
    return to_plan(model, value, problem, result, options=options, before=before, stage=stage)


def outline(
    model: Model,
    *,
    start: Plan | None = None,
    stage: Stage = silent,
    progress: Callable[..., None] | None = None,
    tell: Callable[[Notice], None] | None = None,
) -> Plan:
    """Order and verdicts alone, to try counts and weights: no bound, no curve, no signal.

    Parameters
    ----------
    model, start, stage, progress, tell
        As in :func:`solve`.

    Returns
    -------
    Plan
        With the order and verdicts of :func:`solve`, to be looked at and not to be saved: it has no
        cells and nothing is proven.
    """
    with stage("search"):
        known = _start(model, start, tell)
        value = CoveredWeight.of(model.demand, model.coverage)
        problem = make_problem(model, value)
        result = _search(model, problem, known, progress, prove=False)
        order, extension = _order(model, problem, result)
    check_order(model, order, extension)
    with stage("measures"):
        stations = order_stations(model.stations.table, order, model.scenario)
        opened = stations.iloc[order]
        return make_plan(
            model,
            value,
            order,
            extension=extension,
            stations=stations,
            reception=Reception(
                points=model.demand.points,
                cells=tables.CELLS.empty(),
                neighbours=tables.NEIGHBOURS.empty(),
                carriers=tables.CARRIERS.empty(),
                measures=tables.MEASURES.empty(),
                heard=judge_reception(model, extension),
                reserve_db=measure_reserve(model, opened),
            ),
            search={"value": result.value, "steps": result.steps},
        )


def _search(
    model: Model,
    problem: optimise.Problem,
    start: IntArray | None,
    progress: Callable[..., None] | None,
    *,
    proof: optimise.Certificate | None = None,
    prove: bool = True,
) -> optimise.Result:
    """The optimiser's answer, with the scenario's effort and seed."""
    search = model.scenario.search
    return optimise.solve(
        problem,
        effort=search.effort,
        seed=search.seed,
        progress=progress,
        start=start,
        proof=proof,
        prove=prove,
        counts=curve_counts(problem) if prove else (),
    )


def _order(
    model: Model, problem: optimise.Problem, result: optimise.Result
) -> tuple[IntArray, IntArray]:
    """The order of opening, and the same continued past the last phase.

    The solver settles the phases; inside each the order is still free.
    """
    by_effort = model.scenario.search.order == "effort"
    effort = model.stations.table[F.EFFORT] if by_effort else None
    order = optimise.order_inside(problem, result.order, effort)
    return order, optimise.extend(problem, order, problem.cover.shape[1])


def _start(
    model: Model, start: Plan | None, tell: Callable[[Notice], None] | None
) -> IntArray | None:
    """The order that the search starts from; None without a plan."""
    if start is None:
        return None
    order, notices = start_order(model, start)
    if tell is not None:
        for notice in notices:
            tell(notice)
    return order


def to_plan(
    model: Model,
    value: CoveredWeight,
    problem: optimise.Problem,
    result: optimise.Result,
    *,
    options: Mapping[str, str] | None = None,
    before: Before | None = None,
    stage: Stage = silent,
) -> Plan:
    """What a solution of a model's problem brings; see :func:`solve`.

    ``options`` is what changed the result and stands in no input: it is part of the plan's key.
    ``before`` is what the cells of an earlier plan were given: it stays where it fits.
    """
    with stage("curve"):
        order, extension = _order(model, problem, result)
        known = {**(options or {}), **_left_out(model)}
        facts = {**search_facts(result), OPTIONS: known}

    with stage("cells"):
        check_order(model, order, extension)
        stations = order_stations(model.stations.table, order, model.scenario)
        opened = stations.iloc[order]
        received = describe_cells(model, opened, judge_reception(model, extension), before)
        reception = replace(received, reserve_db=measure_reserve(model, opened))

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


def _left_out(model: Model) -> dict[str, str]:
    """That the plan goes without rows that were refused, and how many; nothing where none was."""
    count = model.layers.rows_left_out
    return {"rows_left_out": str(count)} if count else {}


def explain(plan: Plan, station_id: str) -> Explanation:
    """Say why a station is in a plan, from its own layers; see :func:`planner.plan.explain`."""
    return explain_station(plan, build(plan.scenario, layers=plan.layers), station_id)


def run(
    scenario: Scenario,
    folder: str | Path,
    *,
    start: Plan | None = None,
    stage: Stage = silent,
    progress: Callable[..., None] | None = None,
    tell: Callable[[Notice], None] | None = None,
    without_refused_rows: bool = False,
) -> Plan:
    """Build, solve, and write plan, map and lists into a run folder.

    Parameters
    ----------
    scenario
        What is asked.
    folder
        Run folder; made when missing. The run that it holds is replaced as a whole or not at all:
        what belongs to another plan goes, what the planner did not write stays.
    start, stage, progress
        As in :func:`solve`.
    tell
        Told what :func:`solve` tells, and what became of the files that were there.
    without_refused_rows
        As in :func:`build`.

    Raises
    ------
    planner.errors.StorageError
        Before the work when the folder cannot be written, another process writes it, or it holds a
        version that answers led to; after it when the disk is full. It says whether the earlier run
        stands or the new one.
    """
    _check_no_version(Path(folder))
    with run_folder.opened(folder, "run", RUN_NEEDS) as place:
        # the model goes with the solution: files are written from the plan
        plan = solve(
            build(scenario, stage=stage, without_refused_rows=without_refused_rows),
            start=start,
            stage=stage,
            progress=progress,
            tell=tell,
        )
        change = place.replace(run_contents(plan, stage=stage), plan.edition)
    if tell is not None:
        for notice in (*place.notices, *change.notices()):
            tell(notice)
    return plan


def _check_no_version(folder: Path) -> None:
    """Refuse a folder with the record of a review: nowhere else do the answers stand."""
    if (folder / PLAN_FOLDER / RECORD).exists():
        raise StorageError(
            f"{folder} holds a version that answers led to, and their record; name another folder "
            "with -o",
            f"{folder} 存有按反馈意见生成的版本及其记录，请用 -o 另选文件夹",
        )


RUN_NEEDS: Final = (f"{PLAN_FOLDER}/", "map.html", "lists/")
"""What a run writes into its folder."""


def run_contents(
    plan: Plan, compared: tuple[Plan, pd.DataFrame] | None = None, *, stage: Stage = silent
) -> Iterator[tuple[str, bytes]]:
    """Name and content of every file of a run: the plan, its map, its lists.

    With ``compared``, another plan and what answers changed against it, also ``compare.html``.
    """
    from planner import exports, maps

    with stage("save"):
        yield from plan.contents()
    with stage("map"):
        if compared is None:
            yield "map.html", maps.page_html(plan)
        else:
            own, beside = maps.both_html(plan, *compared)
            yield "map.html", own
            yield "compare.html", beside
    with stage("lists"):
        for name, data in exports.make_lists(plan, version=_version_of(plan)):
            yield f"lists/{name}", data


def _version_of(plan: Plan) -> int:
    """Number of a plan in its chain of reviews, 1 = the first."""
    number: int = plan.provenance.get(REVIEW, {}).get("version", 1)
    return number


def remarks(plan: Plan) -> tuple[Notice, ...]:
    """What is unusual about a plan and its inputs, to be said aloud where it is shown."""
    warnings = (notice for notice in plan.layers.notices if notice.severity == "W")
    return (*warnings, *unopened(plan), *neighbours_serve(plan), *identity_doubts(plan))


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
    with run_folder.into(path.parent, "map", (path.name,), PLAN_FOLDER) as place:
        return place.add([(path.name, page(plan, other, changes))], *shown)


def write_report(
    plan: Plan, folder: Path, base: Plan | None = None, language: str = "zh"
) -> Change:
    """Write report and tables, against a base where one is given.

    See :func:`planner.report.make_report`; errors are those of :func:`write_map`.
    """
    from planner import report

    with run_folder.into(folder, "report", apart=PLAN_FOLDER) as place:
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

    with run_folder.into(folder, "export", apart=PLAN_FOLDER) as place:
        version = _version_of(plan)
        lists = exports.make_lists(plan, datum=datum, formats=formats, version=version)
        return place.add(lists, plan.edition)


def write_signal(plan: Plan, folder: Path) -> Change:
    """Write the signal layers as GeoTIFF.

    See :func:`planner.service.make_rasters` and :func:`write_map`.
    """
    with run_folder.into(folder, "signal", apart=PLAN_FOLDER) as place:
        return place.add(make_rasters(plan), plan.edition)
