import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import linprog

from planner.errors import InfeasibleError, ProblemError
from planner.optimise import Limit, Numbers, Problem, Whole, faults, solve, verify
from planner.optimise.carriers import Carriers
from planner.optimise.objective import full_objective, plan_value
from planner.optimise.search import first_plan
from planner.optimise.serving import attached_value, served_value
from tests import recheck
from tests.optimise.problems import (
    all_orders,
    full_problem,
    holds_limits,
    objective_of,
    random_limits,
    value_of,
)

SEEDS = st.integers(0, 2**32 - 1)


def carrying(seed, **size):
    """A random problem in which everything counts and columns carry only so much."""
    rng = np.random.default_rng(seed)
    problem = full_problem(seed, **size)
    rows, columns = problem.shape
    load = rng.integers(0, 6, rows) if rng.random() < 0.5 else rng.random(rows)
    cap = rng.integers(0, 8, columns) * rng.choice([0.5, 1.0, 3.0])
    return problem.replace(load=load, cap=np.where(rng.random(columns) < 0.2, np.inf, cap))


def split_by_highs(problem, order):
    """Served weight in each phase by a linear program, from the definition."""
    cover, values = problem.cover.toarray(), []
    for weight, count in zip(problem.weight, problem.phases, strict=True):
        pairs = [(i, j) for j in order[:count] for i in np.flatnonzero(cover[:, j])]
        if not pairs:
            values.append(0.0)
            continue
        rules, ends = [], []
        for i in {i for i, _ in pairs}:
            rules.append([float(p[0] == i) for p in pairs])
            ends.append(1.0)
        for j in order[:count]:
            if np.isfinite(problem.cap[j]):
                rules.append([problem.load[i] * (p == j) for i, p in pairs])
                ends.append(problem.cap[j])
        found = linprog([-weight[i] for i, _ in pairs], A_ub=rules, b_ub=ends, bounds=(0, None))
        values.append(-found.fun)
    return np.array(values)


@settings(max_examples=150, deadline=None)
@given(SEEDS)
def test_the_split_is_that_of_a_linear_program(seed):
    problem = carrying(seed, columns=(3, 8), rows=(1, 14))
    order = next(all_orders(problem))
    served = served_value(problem, np.array(order))
    assert served == pytest.approx(split_by_highs(problem, order), rel=1e-7, abs=1e-7)


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_bound_and_optimum_are_those_of_all_plans(seed):
    problem = carrying(seed, columns=(3, 5), rows=(1, 10))
    found = {tuple(order): split_by_highs(problem, order) for order in all_orders(problem)}
    beside = {
        order: objective_of(problem, list(order)) - value_of(problem, list(order)).sum()
        for order in found
    }
    best = max(found[order].sum() + beside[order] for order in found)
    most = max(each.sum() for each in found.values())
    slack = 1e-6 * max(1.0, float(problem.weight.sum()))
    for effort in ("fast", "standard", "exact"):
        result = solve(problem, effort=effort)
        order = tuple(result.order.tolist())
        assert result.value == pytest.approx(split_by_highs(problem, list(order)), abs=slack)
        assert result.objective_bound >= best - slack
        assert result.bound >= most - slack
        assert verify(problem, result.certificate).objective >= best - slack
        if effort == "exact":
            assert result.objective == pytest.approx(best, abs=slack)


@pytest.mark.parametrize("seed", range(30))
def test_plans_hold_limits_beside_caps_and_the_best_is_that_of_all(seed):
    problem = carrying(seed, columns=(4, 6), rows=(1, 10))
    problem = problem.replace(limits=random_limits(problem, np.random.default_rng(seed)))

    def worth(order):
        beside = objective_of(problem, order) - value_of(problem, order).sum()
        return beside + split_by_highs(problem, order).sum()

    allowed = [order for order in all_orders(problem) if holds_limits(problem, order)]
    if not allowed:
        with pytest.raises(InfeasibleError, match="limit"):
            solve(problem)
        return
    best, slack = max(map(worth, allowed)), 1e-6 * max(1.0, float(problem.weight.sum()))
    for effort in ("fast", "standard", "exact"):
        result = solve(problem, effort=effort)
        assert not faults(problem, result.order).limits
        assert result.objective == pytest.approx(worth(result.order.tolist()), abs=slack)
        assert result.objective_bound >= best - slack
        assert verify(problem, result.certificate).objective >= best - slack
    assert result.objective == pytest.approx(best, abs=slack)


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_whatever_multipliers_and_prices_they_bound_every_plan(seed):
    rng = np.random.default_rng(seed)
    problem = carrying(seed, columns=(3, 5))
    whole = Whole.of(problem)
    weight, never = whole.reduced.weight, len(whole.reduced.classes)
    multipliers = np.floor(rng.random(weight.shape) * (weight + 1)).astype(np.int64)
    most = int(weight.sum(axis=0).max(initial=1))
    prices = rng.integers(-most // 4, most // 2 + 1, never)
    nothing = whole.nothing()
    found = whole.proven(Numbers(multipliers, prices, nothing.charges), nothing).objective
    for order in all_orders(problem):
        served = split_by_highs(problem, order).sum()
        value = objective_of(problem, order) - value_of(problem, order).sum() + served
        assert found >= value - 1e-6 * max(1.0, abs(value))


def test_caps_so_wide_that_none_binds_are_no_caps():
    problem = full_problem(7, columns=(8, 8), rows=(14, 14))
    wide = problem.replace(load=np.ones(problem.shape[0]), cap=np.full(problem.shape[1], np.inf))
    for effort in ("standard", "exact"):
        plain, free = solve(problem, effort=effort), solve(wide, effort=effort)
        assert free.value == pytest.approx(value_of(problem, free.order.tolist()))
        assert free.objective == pytest.approx(plain.objective)


def test_best_servers_serve_no_more_than_the_best_split():
    problem = carrying(3, columns=(8, 8), rows=(14, 14))
    order = np.array(next(all_orders(problem)))
    preference = np.random.default_rng(0).random(problem.cover.nnz)
    attached = attached_value(problem, order, preference)
    assert (attached <= served_value(problem, order) + 1e-9).all()


def test_loads_without_caps_are_refused():
    problem = full_problem(1)
    with pytest.raises(ProblemError, match="load and cap belong together"):
        problem.replace(load=np.ones(problem.shape[0]))
    with pytest.raises(ProblemError, match="load must hold finite"):
        problem.replace(load=np.full(problem.shape[0], np.inf), cap=np.ones(problem.shape[1]))


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_numpy_alone_finds_the_same_value_and_bounds(seed):
    problem = carrying(seed, columns=(3, 8), rows=(1, 14))
    result, whole = solve(problem, effort="fast"), Whole.of(problem)
    z = whole.proof(result.order, result.certificate)
    recheck.check_plan(z)
    constant, settled = (int(each) for each in z["constant"])
    own = [z[f"objective_{name}"] for name in ("multipliers", "prices", "charges")]
    most = constant + settled + recheck.bound(z, *own, z["reward"], recheck.seats_of(z))
    units = result.objective_bound * whole.reduced.scale
    assert most // int(z["step"][0]) * int(z["step"][0]) == pytest.approx(units, rel=1e-12)
    value, _ = recheck.values(z)
    slack = problem.weight.size * 4 + 1e-9 * whole.reduced.scale * problem.weight.sum()
    assert value == pytest.approx(result.objective * whole.reduced.scale, abs=slack)

    # a split that loads a column beyond its cap is refused
    if z["parts"].any():
        broken = {**z, "cap": np.zeros_like(z["cap"])}
        with pytest.raises(AssertionError):
            recheck.values(broken)


def test_the_search_finds_what_greedy_misses_and_the_same_again():
    """Stations in a row: those that greedy takes first leave people between them unserved."""
    rng = np.random.default_rng(5)
    people, places = rng.uniform(0, 10, (400, 2)), rng.uniform(0, 10, (60, 2))
    cover = np.hypot(*(people[:, None] - places[None]).transpose(2, 0, 1)) < 1.6
    load = rng.integers(1, 9, 400)
    problem = Problem(
        weight=load,
        cover=sparse.csr_array(cover),
        phases=[8, 16],
        fixed=[3, 4],
        load=load,
        cap=rng.integers(60, 120, 60),
    )
    greedy = solve(problem, effort="fast", prove=False)
    whole = Whole.of(problem)
    reduced, objective = whole.reduced, full_objective(problem, whole.reduced)
    start = first_plan(reduced, objective, whole.sites)
    plans = []
    for step in (700, 3_000):
        search = Carriers(reduced, whole.sites, objective, start, 3_000, 1 << 30, 1)
        while search.step < 3_000:
            search.advance(step)
        exact = plan_value(reduced, whole.sites, objective, search.best)
        assert exact >= search.value >= plan_value(reduced, whole.sites, objective, start)
        plans.append(search.best.tolist())
    assert plans[0] == plans[1]
    result = solve(problem)
    assert greedy.objective <= result.objective <= result.objective_bound

    # a limit that the best plan breaks costs a little, and the search still beats its start
    west = (places[:, 0] < 5).astype(int)
    within = problem.replace(limits=[Limit("west", west, most=int(west[result.order].sum()) - 3)])
    begun, held = solve(within, effort="fast", prove=False), solve(within)
    assert not faults(within, held.order).limits and not faults(within, begun.order).limits
    assert begun.objective < held.objective < result.objective
