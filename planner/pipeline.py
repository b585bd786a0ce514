"""From a scenario to a run folder: the only module that knows every room.

``Scenario -> Layers -> Demand -> Stations -> Coverage -> Problem -> order -> Plan -> map, lists,
report``
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pandas as pd

from planner import fields as F
from planner import optimise
from planner.errors import Notice, raise_together
from planner.groundwork import Stage, lay_groundwork, silent
from planner.model import CoveredWeight, Demand, Explanation, Layers, Model, Plan
from planner.plan import MOVE_M, check_order, compare, make_plan, order_stations, unopened
from planner.plan import explain as explain_station
from planner.problem import make_problem, search_facts, unpacked
from planner.scenario import Scenario
from planner.service import build_coverage, describe_cells


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
    stage: Stage = silent,
) -> Plan:
    """What a solution of a model's problem brings; see :func:`solve`."""
    table = model.stations.table
    search = model.scenario.search
    # the solver settles the phases; inside each the order is still free
    with stage("curve"):
        effort = table[F.EFFORT] if search.order == "effort" else None
        order = optimise.order_inside(problem, result.order, effort)
        extension = optimise.extend(problem, order, problem.cover.shape[1])
        facts = search_facts(problem, result, order)

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


def verify(plan: Plan) -> float:
    """Prove a plan's bound again from its certificate and its own layers.

    See :func:`planner.optimise.verify`.

    Returns
    -------
    float
        The bound of the covered weight, summed over the phases, that no nested plan exceeds.

    Raises
    ------
    planner.errors.ProblemError
        When the certificate was changed, or belongs to another problem.
    """
    model = build(plan.scenario, layers=plan.layers)
    problem = make_problem(model, CoveredWeight.of(model.demand, model.coverage))
    return optimise.verify(problem, unpacked(plan.provenance["certificate"]))


def run(
    scenario: Scenario,
    folder: str | Path,
    *,
    stage: Stage = silent,
    progress: Callable[..., None] | None = None,
) -> Plan:
    """Build, solve, and write plan, map and lists into a run folder.

    Parameters
    ----------
    scenario
        What is asked.
    folder
        Run folder; made when missing. Files of an earlier run with the same names are replaced,
        each as a whole.

    Raises
    ------
    planner.errors.StorageError
        When the folder cannot be written.
    """
    folder = Path(folder)
    plan = solve(build(scenario, stage=stage), stage=stage, progress=progress)
    with stage("save"):
        plan.save(folder)
    with stage("map"):
        write_map(plan, folder / "map.html")
    with stage("lists"):
        write_lists(plan, folder / "lists")
    return plan


def remarks(plan: Plan) -> tuple[Notice, ...]:
    """What is unusual about a plan and its inputs, to be said aloud where it is shown."""
    return (*(notice for notice in plan.layers.notices if notice.severity == "W"), *unopened(plan))


def write_map(
    plan: Plan, path: Path, other: Plan | None = None, changes: pd.DataFrame | None = None
) -> int:
    """Write the office's page and return its size in bytes; see :func:`planner.maps.save_page`.

    Two plans differ as :func:`planner.plan.compare` says, or as ``changes`` does where answers told
    what moved.
    """
    from planner import maps

    if other is None or changes is not None:
        return maps.save_page(plan, path, other, changes)
    return maps.save_page(plan, path, other, compare(other, plan).stations, MOVE_M)


def write_report(
    plan: Plan, folder: Path, base: Plan | None = None, language: str = "zh"
) -> tuple[Path, ...]:
    """Write report and tables, against a base where one is given.

    See :func:`planner.report.write_report`.
    """
    from planner import report

    comparison = compare(base, plan) if base is not None else None
    return report.write_report(plan, folder, comparison, language=language)


def write_lists(
    plan: Plan,
    folder: Path,
    datum: Literal["wgs84", "cgcs2000", "gcj02", "bd09"] = "wgs84",
    version: int = 1,
) -> tuple[Path, ...]:
    """Write the carriers' lists; see :func:`planner.exports.export_lists`."""
    from planner import exports

    return exports.export_lists(plan, folder, datum=datum, version=version)
