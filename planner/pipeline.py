"""From a scenario to a run folder: the only module that knows every room.

``Scenario -> Layers -> (Demand, Stations) -> Coverage -> Problem -> order -> Plan -> maps, lists``
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix, vstack

from planner import fields as F
from planner import optimise
from planner.demand import build_demand
from planner.errors import InfeasibleError
from planner.layers import read_layers
from planner.model import Demand, Layers, Model, Plan, Stations
from planner.plan import MOVE_M, compare, make_plan
from planner.scenario import Scenario
from planner.service import build_coverage, describe_cells, lay_out_sectors
from planner.stations import build_stations, judge_sites

CURVE_COUNTS, CURVE_ITERATIONS = 8, 100
"""Counts at which the curve of coverage carries a proven bound, and the work spent on each."""

Stage = Callable[[str], AbstractContextManager[Any]]
"""Called with the name of a stage; what it returns is entered while the stage runs (progress, timing)."""


def _silent(_stage: str) -> AbstractContextManager[Any]:
    return nullcontext()


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

    Raises
    ------
    planner.errors.InputError
        When an input cannot be used; carries every notice.
    planner.errors.ScenarioError
        When a layer of the scenario is empty in this district.
    planner.errors.InfeasibleError
        When the counts cannot be met.
    """
    if layers is None:
        with stage("layers"):
            layers = read_layers(scenario)
    if demand is None:
        with stage("demand"):
            demand = build_demand(scenario, layers)
    with stage("stations"):
        stations = lay_out_sectors(scenario, demand, build_stations(scenario, layers))
        stations = judge_sites(scenario, layers, stations)
    with stage("coverage"):
        coverage = build_coverage(scenario, layers, demand, stations.table)
    return Model(scenario, layers, demand, stations, coverage)


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
    _check_fixed(scenario, stations)
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
    table, scenario = model.stations.table, model.scenario
    phase = table[F.STATION_ID].map(scenario.review.locked)
    phase.iloc[model.stations.fixed] = np.nan
    column = np.flatnonzero(phase.notna())
    due = phase.iloc[column].to_numpy(np.int64)
    for number, name in enumerate((later.name for later in scenario.phases[1:]), start=1):
        held = len(model.stations.fixed) + int((due <= number).sum())
        if held > scenario.counts[number]:
            raise InfeasibleError(
                f"{held} stations are open, ready or locked by phase {name}, which counts {scenario.counts[number]}; "
                "raise its count or lift a lock",
                f"至“{name}”已开通、已改造和锁定的共 {held} 站，超过该期的 {scenario.counts[number]} 站；"
                "请提高该期站数或解除锁定",
            )
    entries = (np.ones(len(column), np.int8), (np.arange(len(column)), column))
    return csr_matrix(entries, shape=(len(column), len(table))), due - 1


def _check_fixed(scenario: Scenario, stations: Stations) -> None:
    if len(stations.fixed) > scenario.counts[-1]:
        raise InfeasibleError(
            f"{len(stations.fixed)} stations stand or are ready, more than the {scenario.counts[-1]} of the last phase",
            f"已开通和已改造的共 {len(stations.fixed)} 站，超过末期的 {scenario.counts[-1]} 站",
        )


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
