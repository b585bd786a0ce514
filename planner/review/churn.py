"""Solving near an agreed plan: what staying near costs, and the version between two extremes."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from planner import fields as F
from planner import optimise, pipeline
from planner.groundwork import Stage, silent
from planner.model import WARM_START, CoveredWeight, IntArray, Model, Plan, tables
from planner.optimise import Problem, Result
from planner.plan import start_order
from planner.problem import curve_counts, make_problem, proof_of
from planner.schema import member
from planner.service import Before

NEVER_WORTH_IT: Final = 2.0
"""Price of leaving, in times all that a station can cover: nothing leaves unless it has to."""
_ZERO: Final = "zero"
_VERSION: Final = "version"
_FREE: Final = "free"


class _Found(NamedTuple):
    """A solution, its objective without what staying is paid, and how many stations stay."""

    result: Result
    covered: float
    stays: int


def replan(
    model: Model,
    agreed: Plan,
    *,
    base: Model | None = None,
    stage: Stage = silent,
    progress: Callable[..., None] | None = None,
) -> tuple[Plan, pd.DataFrame]:
    """Solve a model near an agreed plan, between no change that is not forced and a free hand.

    Three ways, each from the plan of the one before: the agreed plan at a price of leaving at which
    nothing leaves unless it has to, which leaves nothing to search; then ``review.churn_price``,
    and none. Only the last proves a bound, which holds for all. Each way then takes the best of the
    three by its own price, so that a poor search does not make a way look dear.

    Parameters
    ----------
    model
        The model of the version.
    agreed
        The plan that was agreed.
    base
        Its model, from whose numbers the bound then begins.
    stage, progress
        As in :func:`planner.pipeline.solve`.

    Returns
    -------
    plan
        The version: the best at ``review.churn_price``.
    prices
        ``tables.PRICES``, a row each for ``zero``, ``version`` and ``free``: ``way, price`` (mean
        stations: what the agreed plan covers in a phase for each of its stations, summed over the
        phases), ``value`` (covered weight, summed over the phases), ``gap`` (of what is
        maximised, proven against any plan), ``left`` (agreed stations that leave their phase),
        ``points`` (per cent of all weight against the version), ``covered_<n>`` per phase, share of
        its weight.
    """
    with stage("search"):
        value = CoveredWeight.of(model.demand, model.coverage)
        problem = make_problem(model, value)
        phases = agreed_phases(model, agreed)
        mean = _mean_station(agreed, problem)
        prices = _prices(model, problem, mean)
        before = None if base is None else _problem_of(base)
        found = _walk(model, problem, agreed, before, phases, mean, prices, progress)
        proof = found[-1].result
        best = {
            way: _against(problem, _best(found, price * mean), proof)
            for way, price in prices.items()
        }
        version = _with_phase_bounds(problem, best[_VERSION], proof)
    options = {WARM_START: agreed.key}
    given = Before(agreed.cells)
    plan = pipeline.to_plan(
        model, value, problem, version, options=options, before=given, stage=stage
    )
    return plan, _price_table(model, problem, phases, prices, best)


def _problem_of(model: Model) -> Problem:
    return make_problem(model, CoveredWeight.of(model.demand, model.coverage))


def _mean_station(agreed: Plan, problem: Problem) -> float:
    """What a station of the agreed plan covers in a phase on average, summed over the phases."""
    per_station = zip(agreed.provenance["value"], problem.phases, strict=True)
    mean: float = sum(value / count for value, count in per_station)
    return mean


def _prices(model: Model, problem: Problem, mean: float) -> dict[str, float]:
    """Price of leaving, in mean stations, of each way to replan."""
    most = float((problem.cover.T @ problem.weight.sum(axis=0)).max())
    return {
        _ZERO: NEVER_WORTH_IT * most / mean,
        _VERSION: model.scenario.review.churn_price,
        _FREE: 0.0,
    }


def _walk(
    model: Model,
    problem: Problem,
    agreed: Plan,
    before: Problem | None,
    phases: IntArray,
    mean: float,
    prices: Mapping[str, float],
    progress: Callable[..., None] | None,
) -> list[_Found]:
    """A solution at each price of leaving, from the agreed plan to a free hand."""
    search, found = model.scenario.search, []
    start, _ = start_order(model, agreed)
    for way, price in prices.items():
        near = problem.replace(agreed=phases - 1, churn_price=price * mean)
        # without a search there is no way from one plan to the next: each begins anew
        is_searched = search.effort != "fast"
        result = optimise.solve(
            near,
            effort="fast" if way == _ZERO else search.effort,
            seed=search.seed,
            progress=progress,
            start=start if is_searched else None,
            proof=proof_of(agreed) if way == _FREE else None,
            proof_of=before if way == _FREE else None,
            prove=way == _FREE,
            # those of the version are looked for once it is known
            by_phase=False,
            counts=curve_counts(problem) if way == _FREE else (),
        )
        stays = _stays(model, phases, result.order)
        found.append(_Found(result, result.objective - price * mean * stays, stays))
        start = result.order
    return found


def _against(problem: Problem, result: Result, proof: Result) -> Result:
    """A solution with the proof of another one, which holds for every plan of the model."""
    if result is proof:
        return proof
    return dataclasses.replace(
        optimise.appraise_by(problem, result.order, proof),
        optimal=result.optimal,
        steps=result.steps,
        interrupted=result.interrupted,
    )


def _with_phase_bounds(problem: Problem, result: Result, proof: Result) -> Result:
    """A solution with the bounds of its phases, the search for which begins from what it covers."""
    again = optimise.appraise(problem, result.order, proof.certificate, warm=proof.warm)
    return dataclasses.replace(result, phase_bound=again.phase_bound)


def _best(found: list[_Found], price: float) -> Result:
    """The best of several solutions at a price of leaving, whatever price each was found at."""
    return max(found, key=lambda each: each.covered + price * each.stays).result


def _price_table(
    model: Model,
    problem: Problem,
    phases: IntArray,
    prices: Mapping[str, float],
    best: Mapping[str, Result],
) -> pd.DataFrame:
    """What each way to replan comes to; see :func:`replan`."""
    weight = problem.weight.sum(axis=1)  # of each phase
    rows = [
        (
            way,
            prices[way],
            float(result.value.sum()),
            result.objective_gap,
            _leaves(model, phases, result.order),
            *(result.value / weight),
        )
        for way, result in best.items()
    ]
    covered = [member(F.COVERED_AT, count=count) for count in problem.phases]
    table = pd.DataFrame(rows, columns=[F.WAY, F.PRICE, F.VALUE, F.GAP, F.LEFT, *covered])
    version = table.loc[table[F.WAY] == _VERSION, F.VALUE].iloc[0]
    table[F.POINTS] = 100 * (table[F.VALUE] - version) / float(weight.sum())
    return tables.PRICES.checked(table)


def agreed_phases(model: Model, agreed: Plan) -> IntArray:
    """Number of the phase in which each station of a model opens in an agreed plan.

    (stations,); 0 for stations that are not in the plan, and for those of the state.
    """
    phase = agreed.stations.set_index(F.STATION_ID)[F.PHASE]
    found: IntArray = phase.reindex(model.stations.table[F.STATION_ID]).fillna(0).to_numpy(np.int64)
    return found


def _leaves(model: Model, agreed: IntArray, order: IntArray) -> int:
    """How many agreed stations are not in their phase."""
    return int(((agreed > 0) & (_phases(model, order) != agreed)).sum())


def _stays(model: Model, agreed: IntArray, order: IntArray) -> int:
    """How many agreed stations are in their phase by choice.

    Those that open first in any case have no price.
    """
    is_free = np.ones(len(agreed), np.bool_)
    is_free[model.stations.fixed] = False
    return int((is_free & (agreed > 0) & (_phases(model, order) == agreed)).sum())


def _phases(model: Model, order: IntArray) -> IntArray:
    """Number of the phase of each station under an order, (stations,); 0 as in agreed_phases."""
    phase = np.zeros(len(model.stations.table), np.int64)
    phase[order] = np.searchsorted(model.scenario.counts, np.arange(len(order)), side="right")
    return phase
