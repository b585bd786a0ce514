"""From a scenario to a run folder: the only module that knows every room.

``Scenario -> Layers -> (Demand, Stations) -> Coverage -> Problem -> order -> Plan -> maps, lists``
"""

from __future__ import annotations

import base64
import dataclasses
import zlib
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix, vstack

from planner import fields as F
from planner import optimise
from planner.demand import build_demand
from planner.errors import Notice, PlannerError, ScenarioError, raise_together
from planner.layers import layers_in_use, look_at_layers
from planner.model import Demand, Layers, Model, Plan, Stations
from planner.plan import MOVE_M, compare, make_plan, unopened
from planner.scenario import Scenario
from planner.service import build_coverage, describe_cells, lay_out_sectors
from planner.stations import build_stations, judge_sites, unusual_state

CURVE_COUNTS, CURVE_ITERATIONS = 8, 100
"""Counts at which the curve of coverage carries a proven bound, and the work spent on each."""

_T = TypeVar("_T")

Stage = Callable[[str], AbstractContextManager[Any]]
"""Called with the name of a stage; what it returns is entered while the stage runs (progress, timing)."""


def _silent(_stage: str) -> AbstractContextManager[Any]:
    return nullcontext()


@dataclass(frozen=True, slots=True, eq=False)
class Groundwork:
    """What a plan rests on, as far as it could be worked out before coverage, and all that stands in its way.

    Attributes
    ----------
    scenario
        What is asked, without the layers for which the case names no file.
    layers, demand, stations
        None where an error came before it; ``stations`` have sectors and siting when there is no error.
    errors
        What refuses the plan. :func:`build` raises them, :func:`check` lists them.
    notices
        Everything found, errors included.
    """

    scenario: Scenario
    layers: Layers | None
    demand: Demand | None
    stations: Stations | None
    errors: tuple[PlannerError, ...]
    notices: tuple[Notice, ...]


def lay_groundwork(
    scenario: Scenario, *, layers: Layers | None = None, demand: Demand | None = None, stage: Stage = _silent,
    conflicts: tuple[Notice, ...] = (),
) -> Groundwork:  # fmt: skip
    """Work out layers, demand and stations and find everything that refuses a plan before coverage, in one pass.

    Parameters
    ----------
    scenario, layers, demand, stage
        As in :func:`build`.
    conflicts
        What :meth:`planner.Scenario.look_into` found: then only what does not depend on it is looked at.
    """
    errors: list[PlannerError] = [ScenarioError.found(notice) for notice in conflicts]
    notices: list[Notice] = list(conflicts)
    lines: Mapping[str, tuple[str, int]] = {}
    spoilt: set[str] = set()
    was_read = layers is None
    if layers is None:
        with stage("layers"):
            layers, findings, lines = look_at_layers(scenario)
        notices += findings.notices
        spoilt = {part for part in type(scenario.inputs).model_fields
                  if findings.errors_in(getattr(scenario.inputs, part))}  # fmt: skip
        try:
            findings.raise_errors()
        except PlannerError as error:
            errors.append(error)
    if layers is None:
        return Groundwork(scenario, None, None, None, tuple(errors), tuple(notices))
    found: list[PlannerError] = []
    if not conflicts:
        scenario = _attempt(found, layers_in_use, scenario, layers) or scenario
    if demand is None and not (conflicts or found or spoilt & _DEMAND_READS):
        with stage("demand"):
            demand = _attempt(found, build_demand, scenario, layers)
    stations = None
    if not (spoilt & _STATIONS_READ or any(n.column.split(".")[0] in _STATIONS_ASK for n in conflicts)):
        with stage("stations"):
            stations = _attempt(found, build_stations, scenario, layers, lines)
            if demand is not None and stations is not None and not (errors or found):
                stations = judge_sites(scenario, layers, lay_out_sectors(scenario, demand, stations))
    if was_read and stations is not None:
        unusual = tuple(unusual_state(scenario, layers, stations))
        notices += unusual
        layers = dataclasses.replace(layers, notices=(*layers.notices, *unusual))
    notices += (notice for error in found for notice in error.as_notices())
    return Groundwork(scenario, layers, demand, stations, (*errors, *found), tuple(notices))


_DEMAND_READS = {"boundary", "areas", "roads", "population", "towns", "town_areas"}
_STATIONS_READ = _DEMAND_READS - {"population"} | {"streets", "sites", "candidates", "antennas"}
_STATIONS_ASK = {"networks", "bands", "radio", "siting"}
"""Inputs that demand and stations are made of, and parts of the scenario without which no station can be listed."""


def _attempt(found: list[PlannerError], step: Callable[..., _T], *arguments: Any) -> _T | None:
    """What a step returns; None when it refuses, and then its error is among those found."""
    try:
        return step(*arguments)
    except PlannerError as error:
        found.append(error)
        return None


def check(scenario: Scenario | str | Path) -> tuple[Notice, ...]:
    """Everything that :func:`run` would refuse before coverage is worked out, and remarks; nothing is raised.

    Parameters
    ----------
    scenario
        A scenario, or the path of its file: then what contradicts itself in it is found too.

    Returns
    -------
    tuple of Notice
        Severity ``E`` refuses the plan.
    """
    conflicts: tuple[Notice, ...] = ()
    if not isinstance(scenario, Scenario):
        known, conflicts = Scenario.look_into(scenario)
        if known is None:
            return conflicts
        scenario = known
    return lay_groundwork(scenario, conflicts=conflicts).notices


def build(
    scenario: Scenario, *, layers: Layers | None = None, demand: Demand | None = None, stage: Stage = _silent
) -> Model:
    """Read the inputs and work out demand, stations and coverage.

    Parameters
    ----------
    scenario
        What is asked.
    layers
        What is there, when it was read before; a plan carries its own (``plan.layers``), so that its model can be
        built again without the input files.
    demand
        The demand, when it was worked out before for a scenario that differs in its review alone.
    stage
        Told of each stage: ``layers``, ``demand``, ``stations``, ``coverage``.

    Returns
    -------
    Model
        Its scenario lacks the layers for which the case names no file.

    Raises
    ------
    planner.errors.PlannerError
        Once, with everything that :func:`check` lists as an error: an :class:`~planner.errors.InputError` when an
        input cannot be used, an :class:`~planner.errors.InfeasibleError` when the counts cannot be met, ...
    """
    ground = lay_groundwork(scenario, layers=layers, demand=demand, stage=stage)
    if ground.errors:
        raise_together(ground.errors)
    assert ground.layers is not None
    assert ground.demand is not None
    assert ground.stations is not None
    with stage("coverage"):
        coverage = build_coverage(ground.scenario, ground.layers, ground.demand, ground.stations.table)
    return Model(ground.scenario, ground.layers, ground.demand, ground.stations, coverage)


def solve(model: Model, *, stage: Stage = _silent, progress: Callable[..., None] | None = None) -> Plan:
    """Order the stations of a model and work out what the order brings.

    Parameters
    ----------
    model
        From :func:`build`.
    stage
        Told of the stages ``search``, ``curve``, ``measures`` and ``cells``.
    progress
        Passed to :func:`planner.optimise.solve`.
    """
    search = model.scenario.search
    with stage("search"):
        problem = to_problem(model)
        result = optimise.solve(problem, effort=search.effort, seed=search.seed, progress=progress)
    return to_plan(model, problem, result, stage=stage)


def to_plan(model: Model, problem: optimise.Problem, result: optimise.Result, *, stage: Stage = _silent) -> Plan:
    """What a solution of a model's problem brings; see :func:`solve`."""
    search = model.scenario.search
    with stage("curve"):
        effort = model.stations.table["effort"] if search.order == "effort" else None
        order = optimise.order_inside(problem, result.order, effort)
        extension = optimise.extend(problem, order, problem.cover.shape[1])
        facts = _search_facts(problem, result, order)
    with stage("measures"):
        plan = make_plan(model, order, extension=extension, search=facts)
    with stage("cells"):
        return describe_cells(plan)


def to_problem(model: Model) -> optimise.Problem:
    """The covering problem of a model: demand rows, continuity rows, then a row per station that reviewers locked."""
    demand, stations, scenario = model.demand, model.stations, model.scenario
    cover = model.coverage.cover
    windows = (demand.windows @ cover).astype(bool)
    table = stations.table
    site, network = (pd.factorize(table[column], sort=True)[0] for column in (F.SITE_ID, F.NETWORK))
    locked, due = _locks(model)
    families = _families(scenario, model.demand)
    must_hold = np.array([(layer.must_hold_from or 0) - 1 for layer in scenario.layers])[demand.window_layer]
    return optimise.Problem(
        cover=vstack([cover, windows, locked], format="csr"),
        weight=np.hstack([demand.weight, demand.window_weight, np.zeros((len(demand.weight), len(due)))]),
        phases=scenario.counts[1:],
        fixed=stations.fixed,
        excluded=np.flatnonzero(table["excluded"]),
        first_phase=np.maximum(table[F.FIRST_PHASE].to_numpy() - 1, 0),
        site=site,
        network=network,
        share_bonus=scenario.siting.share_bonus,
        cost=table[F.COST_WAN].to_numpy(),
        cost_share=scenario.search.cost_share,
        hard=np.concatenate([np.full(cover.shape[0], -1), must_hold, due]),
        group=np.concatenate([families, np.full(len(due), "锁定站点 locked stations")]),
    )


def _families(scenario: Scenario, demand: Demand) -> np.ndarray[Any, Any]:
    """Family of each row as an error names it: demand, and the windows of each layer and network."""
    first = demand.windows.indices[demand.windows.indptr[:-1]]
    network = demand.rows[F.NETWORK].to_numpy()[first]
    windows = [
        f"{scenario.layers[j].label}·{scenario.networks[n].label} {scenario.layers[j].name}/{scenario.networks[n].name}"
        for j, n in zip(demand.window_layer, network, strict=True)
    ]
    return np.array(["需求 demand"] * len(demand.rows) + windows)


def _locks(model: Model) -> tuple[csr_matrix, np.ndarray[Any, Any]]:
    """A row without weight for each locked station, covered by nothing else; and the phase by which it is due.

    Its ``first_phase`` is that phase, so it opens neither earlier nor later. Stations that open first need no lock.
    """
    table = model.stations.table
    phase = table[F.STATION_ID].map(model.scenario.review.locked)
    phase.iloc[model.stations.fixed] = np.nan
    column = np.flatnonzero(phase.notna())
    due = phase.iloc[column].to_numpy(np.int64)
    entries = (np.ones(len(column), np.int8), (np.arange(len(column)), column))
    return csr_matrix(entries, shape=(len(column), len(table))), due - 1


def _search_facts(problem: optimise.Problem, result: optimise.Result, order: np.ndarray[Any, Any]) -> dict[str, Any]:
    """What the plan keeps of the search; value and bounds are covered weight, summed over the phases."""
    first, last = len(problem.fixed), problem.phases[-1]
    counts = np.unique(np.linspace(first, last, CURVE_COUNTS).round().astype(int).tolist() + list(problem.phases))
    curve = optimise.curve(
        problem, order, counts=counts[counts >= first].tolist(), iterations=CURVE_ITERATIONS,
        certificate=result.certificate,
    )  # fmt: skip
    return {
        "value": result.value, "bound": result.bound, "phase_bound": result.phase_bound, "gap": result.gap,
        "objective": result.objective, "optimal": result.optimal, "interrupted": result.interrupted,
        "steps": result.steps, "certificate": _packed(result.certificate),
        "curve_bound": dict(zip(curve.counts.tolist(), curve.bound.tolist(), strict=True)),
    }  # fmt: skip


def _packed(certificate: optimise.Certificate) -> dict[str, Any]:
    multipliers = np.ascontiguousarray(certificate.multipliers, dtype="<i8")
    return {
        "checksum": certificate.checksum, "digest": certificate.digest, "prices": certificate.prices,
        "shape": multipliers.shape, "multipliers": base64.b64encode(zlib.compress(multipliers.tobytes())).decode(),
    }  # fmt: skip


def verify(plan: Plan) -> float:
    """Prove a plan's bound again from its certificate and its own layers; see :func:`planner.optimise.verify`.

    Returns
    -------
    float
        The bound of the covered weight, summed over the phases, that no nested plan exceeds.

    Raises
    ------
    planner.errors.ProblemError
        When the certificate was changed, or belongs to another problem.
    """
    kept = plan.provenance["certificate"]
    numbers = np.frombuffer(zlib.decompress(base64.b64decode(kept["multipliers"])), dtype="<i8").astype(np.int64)
    certificate = optimise.Certificate(
        checksum=kept["checksum"], digest=kept["digest"], prices=np.array(kept["prices"], dtype=np.int64),
        multipliers=numbers.reshape(kept["shape"]),
    )  # fmt: skip
    return optimise.verify(to_problem(build(plan.scenario, layers=plan.layers)), certificate)


def run(
    scenario: Scenario, folder: str | Path, *, stage: Stage = _silent, progress: Callable[..., None] | None = None
) -> Plan:
    """Build, solve, and write plan, map and lists into a run folder.

    Parameters
    ----------
    scenario
        What is asked.
    folder
        Run folder; made when missing. Files of an earlier run with the same names are replaced, each as a whole.

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


def write_map(plan: Plan, path: Path, other: Plan | None = None, changes: pd.DataFrame | None = None) -> int:
    """Write the office's page and return its size in bytes; see :func:`planner.maps.save_page`.

    Two plans differ as :func:`planner.plan.compare` says, or as ``changes`` does where answers told what moved.
    """
    from planner import maps

    if other is None or changes is not None:
        return maps.save_page(plan, path, other, changes)
    return maps.save_page(plan, path, other, compare(other, plan).stations, MOVE_M)


def write_report(
    plan: Plan, folder: Path, base: Plan | None = None, language: Literal["zh", "en"] = "zh"
) -> tuple[Path, ...]:
    """Write report and tables, against a base where one is given; see :func:`planner.report.write_report`."""
    from planner import report

    return report.write_report(plan, folder, compare(base, plan) if base is not None else None, language=language)


def write_lists(
    plan: Plan, folder: Path, datum: Literal["wgs84", "cgcs2000", "gcj02", "bd09"] = "wgs84", version: int = 1
) -> tuple[Path, ...]:
    """Write the carriers' lists; see :func:`planner.exports.export_lists`."""
    from planner import exports

    return exports.export_lists(plan, folder, datum=datum, version=version)
