"""The covering problem that a model puts to the optimiser, and what a plan keeps of the answer."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_matrix, vstack

from planner import fields as F
from planner import optimise
from planner.errors import ProblemError
from planner.model import CoveredWeight, Demand, FloatArray, Model, Plan, Stations, counted
from planner.scenario import Scenario

CURVE_COUNTS = 8
"""Even steps at which the curve of coverage carries a proven bound."""

_PARTS = 100
"""Parts of the unit of money that the optimiser counts in."""

IntArray = npt.NDArray[np.int64]


def make_problem(model: Model, value: CoveredWeight) -> optimise.Problem:
    """The covering problem of a model.

    Its rows are demand, then continuity, then one for each station that reviewers locked.

    Parameters
    ----------
    model
        The model.
    value
        What counts as covered.
    """
    scenario, stations, demand = model.scenario, model.stations, model.demand
    locked, due = _locks(scenario, stations)
    table = stations.table
    site, network = (pd.factorize(table[column], sort=True)[0] for column in (F.SITE_ID, F.NETWORK))

    # windows are due by the phase from which their layer must hold, demand never is, nor is what
    # neighbour stations hold already
    holds_from = np.array([(layer.must_hold_from or 0) - 1 for layer in scenario.layers])
    due_by = np.where(value.outside[value.demand_rows :], -1, holds_from[demand.window_layer])
    soft = np.full(value.demand_rows, -1)
    excluded = table[F.EXCLUDED].to_numpy(np.bool_)
    mean = _mean_station(value, scenario.counts[1:], ~excluded)
    load, cap = _carried(model, value, len(due))
    locked_rows = np.full(len(due), "锁定站点 locked stations", dtype=object)
    return optimise.Problem(
        cover=vstack([value.cover, locked], format="csr") if len(due) else value.cover,
        weight=np.hstack([value.weight, np.zeros((len(value.weight), len(due)))]),
        phases=scenario.counts[1:],
        fixed=stations.fixed,
        excluded=excluded,
        first_phase=np.maximum(table[F.FIRST_PHASE].to_numpy() - 1, 0),
        site=site,
        network=network,
        share_bonus=scenario.siting.share_bonus * mean,
        cost=_cost(scenario, stations, ~excluded) * mean[:, None],
        hard=np.concatenate([soft, due_by, due]),
        group=np.concatenate([_families(scenario, demand), locked_rows]),
        limits=tuple(_limits(scenario, stations)),
        load=load,
        cap=cap,
    )


def _carried(
    model: Model, value: CoveredWeight, locks: int
) -> tuple[FloatArray | None, FloatArray | None]:
    """What rows take and stations carry, in residents; None where the scenario does not say.

    Whom neighbour stations serve weighs on nobody, nor do windows and locks.
    """
    cap = model.scenario.capacity.residents_per_station
    if cap is None:
        return None, None
    residents = model.demand.residents(model.scenario)
    own = np.where(value.outside[: value.demand_rows], 0.0, residents)
    load = np.pad(own, (0, len(value.outside) - len(own) + locks))
    return load, np.full(len(model.stations.table), cap)


def _mean_station(
    value: CoveredWeight, counts: Sequence[int], usable: npt.NDArray[np.bool_]
) -> npt.NDArray[np.float64]:
    """All weight that stations can cover, for each station of a phase, (phases after the state,).

    It is the measure of bonus and cost: one that no plan and no method changes.
    """
    coverable = value.cover @ usable > 0
    mean: npt.NDArray[np.float64] = value.weight @ coverable / np.asarray(counts)
    return mean


def _cost(
    scenario: Scenario, stations: Stations, usable: npt.NDArray[np.bool_]
) -> npt.NDArray[np.float64]:
    """Price of each station, (stations,), in mean stations; those that open first have none.

    The cheapest is free and the dearest costs ``search.cost_share``, so that is also the most that
    the dearest plan can lose against the cheapest, as a share of coverage.
    """
    cost = stations.table[F.COST_WAN].to_numpy(np.float64)
    is_free = usable.copy()
    is_free[stations.fixed] = False
    low, high = cost[is_free].min(initial=np.inf), cost[is_free].max(initial=-np.inf)
    if not low < high:
        return np.zeros(len(cost))
    return np.where(is_free, scenario.search.cost_share * (cost - low) / (high - low), 0.0)


def _limits(scenario: Scenario, stations: Stations) -> Iterator[optimise.Limit]:
    """Limits of the scenario as the optimiser takes them, money in whole hundredths."""
    phases = len(scenario.phases) - 1
    money = scenario.references.money.label
    for limit in scenario.limits:
        own, name = counted(limit, stations.table), f"{limit.label} {limit.name}"
        if limit.least or limit.most:
            least, most = (limit.ends(end, phases) for end in ("least", "most"))
            yield optimise.Limit(name, own.astype(np.int64), least, most)
        if limit.budget:
            # rounded up, and the budget down: the plan never costs more
            price = np.ceil(np.round(_most_price(scenario, stations) * own * _PARTS, 6))
            ends = limit.ends("budget", phases)
            budget = [None if end is None else end * _PARTS for end in ends]
            amount = price.astype(np.int64)
            yield optimise.Limit(f"{name} ({money})", amount, most=budget, parts=_PARTS)


def _most_price(scenario: Scenario, stations: Stations) -> FloatArray:
    """The most that each station can cost in a plan, in the scenario's unit, (stations,).

    Which station of a new site comes first, and is no co-location, is only known of a plan. Where a
    station stands already every other one is a co-location; those of the state are paid for.
    """
    table, fixed = stations.table, stations.fixed
    own, site = table[F.COST_WAN].to_numpy(np.float64), table[F.SITE_ID]
    shared = scenario.siting.cost_wan["co_location"]
    is_shared = site.isin(site.iloc[fixed]).to_numpy()
    price = np.where(is_shared, shared, np.maximum(own, shared))
    price[fixed] = np.where(site.iloc[fixed].duplicated(), shared, own[fixed])
    price[fixed[: scenario.counts[0]]] = 0.0
    scaled: FloatArray = price * (scenario.siting.cost_scale or 1.0)
    return scaled


def _locks(scenario: Scenario, stations: Stations) -> tuple[csr_matrix, IntArray]:
    """A row without weight for each locked station, covered by nothing else; and when it is due.

    That is the index of a phase, (locked stations,). The station's ``first_phase`` is that
    phase, so it opens neither earlier nor later. Stations that open first need no lock.
    """
    table = stations.table
    phase = table[F.STATION_ID].map(scenario.review.locked)
    phase.iloc[stations.fixed] = np.nan
    column = np.flatnonzero(phase.notna())
    due = phase.iloc[column].to_numpy(np.int64)
    entries = (np.ones(len(column), np.int8), (np.arange(len(column)), column))
    return csr_matrix(entries, shape=(len(column), len(table))), due - 1


def _families(scenario: Scenario, demand: Demand) -> npt.NDArray[Any]:
    """Family of each row as an error names it: demand, or windows of a layer and network."""
    # a window lies in the network of its samples, so any of them tells
    first = demand.windows.indices[demand.windows.indptr[:-1]]
    network = demand.rows[F.NETWORK].to_numpy()[first]
    families = ["需求 demand"] * len(demand.rows)
    for i, j in zip(demand.window_layer, network, strict=True):
        layer, carrier = scenario.layers[i], scenario.networks[j]
        families.append(f"{layer.label}·{carrier.label} {layer.name}/{carrier.name}")
    # references: an array of texts takes their longest width in every row
    return np.array(families, dtype=object)


def curve_counts(problem: optimise.Problem) -> IntArray:
    """Counts at which the curve of coverage carries a proven bound.

    They are even steps, and every phase that adds to the fixed stations.
    """
    first, last = len(problem.fixed), problem.phases[-1]
    even = np.linspace(first, last, CURVE_COUNTS).round().astype(np.int64)
    counts: IntArray = np.unique([*even, *problem.phases])
    return counts[counts >= first]


def search_facts(result: optimise.Result) -> dict[str, Any]:
    """What the plan keeps of the search.

    Objective, value and bounds are sums over the phases in units of covered weight.
    """
    return {
        "objective": result.objective,
        "objective_bound": result.objective_bound,
        "objective_gap": result.objective_gap,
        "sharing_price": result.sharing_price,
        "value": result.value,
        "bound": result.bound,
        "gap": result.gap,
        "phase_bound": result.phase_bound,
        "optimal": result.optimal,
        "interrupted": result.interrupted,
        "steps": result.steps,
        "warm": result.warm,
        "certificate": _packed(result.certificate),
        "curve_bound": dict(zip(result.counts.tolist(), result.count_bound.tolist(), strict=True)),
    }


def _packed(certificate: optimise.Certificate) -> dict[str, Any]:
    """A certificate as a plan keeps it: numbers, and the multipliers' bytes compressed."""
    return {
        "checksum": certificate.checksum,
        "digest": certificate.digest,
        "objective": _packed_numbers(certificate.objective),
        "coverage": _packed_numbers(certificate.coverage),
    }


def _packed_numbers(numbers: optimise.Numbers) -> dict[str, Any]:
    multipliers = np.ascontiguousarray(numbers.multipliers, dtype="<i8")
    packed = zlib.compress(multipliers.tobytes())
    return {
        "prices": numbers.prices,
        "charges": numbers.charges,
        "shape": multipliers.shape,
        "multipliers": base64.b64encode(packed).decode(),
    }


def proof_of(plan: Plan | None) -> optimise.Certificate | None:
    """The certificate of a plan to start from; None without a plan, or where it proves nothing."""
    kept = None if plan is None else plan.provenance.get("certificate")
    return None if kept is None else unpacked(kept)


def unpacked(kept: Mapping[str, Any]) -> optimise.Certificate:
    """The certificate that a plan keeps.

    Raises
    ------
    ProblemError
        When it cannot be read.
    """
    try:
        return optimise.Certificate(
            checksum=str(kept["checksum"]),
            objective=_unpacked_numbers(kept["objective"]),
            coverage=_unpacked_numbers(kept["coverage"]),
            digest=str(kept["digest"]),
        )
    except (KeyError, TypeError, ValueError, OverflowError, zlib.error) as error:
        raise ProblemError(
            f"the certificate cannot be read: {error!r}", f"证书无法读取：{error!r}"
        ) from None


def _unpacked_numbers(kept: Mapping[str, Any]) -> optimise.Numbers:
    packed = base64.b64decode(kept["multipliers"])
    numbers = np.frombuffer(zlib.decompress(packed), dtype="<i8").astype(np.int64)
    prices = np.array(kept["prices"], dtype=np.int64)
    return optimise.Numbers(
        multipliers=numbers.reshape(kept["shape"]),
        prices=prices,
        charges=np.array(kept["charges"], dtype=np.int64).reshape(-1, prices.size),
    )
