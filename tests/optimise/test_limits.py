"""Floors, caps and budgets: held by every plan, in the bound, and refused by name."""

import numpy as np
import pytest

from planner.errors import InfeasibleError, ProblemError
from planner.optimise import Limit, faults, greedy, improve, order_inside, solve, verify
from tests.optimise.problems import (
    all_orders,
    full_problem,
    holds_limits,
    objective_of,
    random_limits,
)
from tests.optimise.test_solve import medium


@pytest.mark.parametrize("seed", range(40))
def test_a_plan_holds_its_limits_and_the_best_one_is_that_of_all(seed):
    problem = full_problem(seed, columns=(4, 7))
    problem = problem.replace(limits=random_limits(problem, np.random.default_rng(seed)))
    allowed = [order for order in all_orders(problem) if holds_limits(problem, order)]
    if not allowed:
        with pytest.raises(InfeasibleError, match="limit"):
            solve(problem)
        return
    best = max(objective_of(problem, order) for order in allowed)
    found, exact = solve(problem), solve(problem, effort="exact")
    slack = 1e-9 * max(1.0, abs(best))
    for each in (found, exact):
        assert holds_limits(problem, each.order) and not faults(problem, each.order).limits
    assert exact.optimal and exact.objective == pytest.approx(best, rel=1e-6)
    assert verify(problem, found.certificate).objective >= best - slack
    assert found.objective <= best + slack


def test_a_larger_plan_stays_near_its_bound_under_cap_floor_and_budget():
    price = np.random.default_rng(3).integers(20, 60, 400)
    problem = medium(columns=400, rows=3_000, phases=[20, 60])
    free = solve(problem)
    limits = [
        Limit("network", (problem.network == 0).astype(int), most=[9, 27]),
        Limit("budget", price, most=[np.nan, int(0.95 * price[free.order].sum())]),
        Limit("town", (problem.site < 40).astype(int), least=[None, 15]),
    ]
    limited = problem.replace(limits=limits)
    result = solve(limited)
    assert not faults(limited, result.order).limits and faults(limited, free.order).limits
    assert result.objective_bound < free.objective_bound
    assert result.objective_gap < 0.005


def test_loops_are_compiled_once_for_problems_with_limits_and_without():
    problem = full_problem(5, columns=(8, 8))
    limit = Limit("all", np.ones(problem.shape[1], dtype=int), least=0, most=1_000)
    effort = np.ones(problem.shape[1])
    effort.flags.writeable = False
    for each in (problem, problem.replace(limits=[limit, limit])):
        order_inside(each, solve(each).order, effort)
    for loop in (improve._advance, greedy._pick):
        assert len(loop.signatures) == 1, loop


def test_limits_that_contradict_are_named_and_no_others():
    problem = medium()
    first = np.arange(problem.shape[1]) < 30
    limits = [
        Limit("harmless", np.ones(problem.shape[1], dtype=int), most=1_000),
        Limit("low", first.astype(int), most=[None, None, 12]),
        Limit("high", first.astype(int), least=[None, None, 14]),
    ]
    with pytest.raises(InfeasibleError) as error:
        solve(problem.replace(limits=limits))
    for text in (error.value.en, error.value.zh):
        assert "low" in text and "high" in text and "harmless" not in text
    with pytest.raises(ProblemError, match="least 3 is above most 2"):
        problem.replace(limits=[Limit("turned", first.astype(int), 3, 2)])


def test_limits_that_are_the_same_in_all_phases_stay_where_the_phases_change():
    problem = medium(columns=40, rows=100, phases=[5, 10])
    amount = np.ones(40, dtype=int)
    limited = problem.replace(limits=[Limit("all", amount, least=2, most=[10, 10])])
    assert np.array_equal(limited.replace(phases=[10]).limits[0].most, [10])
    with pytest.raises(ProblemError, match="'rising'"):
        problem.replace(limits=[Limit("rising", amount, most=[5, 10])]).replace(phases=[10])
