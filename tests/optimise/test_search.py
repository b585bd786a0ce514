"""Which search is taken, what it finds, and how it begins from a known plan."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from planner.errors import ProblemError
from planner.optimise import Problem, faults, solve
from planner.optimise.greedy import greedy
from planner.optimise.improve import Search
from planner.optimise.objective import coverage_alone, full_objective
from planner.optimise.reduce import reduce
from planner.optimise.search import FEW, begin
from planner.optimise.sharing import sites_of
from planner.optimise.swaps import Swaps
from tests.optimise.problems import full_problem, problems, random_problem, value_of


def few_large(seed=0, columns=600, count=40, rows=8000):
    """Large stations over a square of which few may open; each covers a hundred rows or more."""
    rng = np.random.default_rng(seed)
    sites, points = rng.random((columns, 2)), rng.random((rows, 2))
    near = np.hypot(*(points[:, None] - sites[None]).T).T < 0.09
    return Problem(
        weight=rng.lognormal(0, 0.6, rows),
        cover=sparse.csr_array(near),
        phases=[count // 3, count],
    )


def search_of(problem, kind=None, steps=20_000, seed=0):
    """The search that a problem is given, or one of some kind, from greedy's plan."""
    reduced = reduce(problem)
    sites, objective = sites_of(problem, reduced.free), coverage_alone(reduced)
    order, classes = greedy(reduced, objective, sites)
    start = np.full(reduced.columns, len(reduced.classes), dtype=np.int8)
    start[order] = classes
    value = Search(reduced, sites, objective, start, 0, 0, 0).value
    if kind is None:
        return begin(reduced, sites, objective, start, value, 1e7, seed)
    heat = value // int(reduced.budget.sum()) // 16
    return kind(reduced, sites, objective, start, steps, heat, seed)


def test_the_problem_chooses_the_search():
    """Swaps where few columns of many rows open, ruin and recreate elsewhere."""
    assert isinstance(search_of(few_large()), Swaps)
    assert isinstance(search_of(few_large(columns=500, count=FEW + 100)), Search)
    assert isinstance(search_of(few_large(rows=300)), Search)


def test_swaps_find_more_than_ruin_and_recreate_where_stations_are_large():
    """Over three problems, with steps that take the same time."""
    total = {Swaps: 0.0, Search: 0.0}
    for seed in range(3):
        for kind, steps in ((Swaps, 60_000), (Search, 15_000)):
            search = search_of(few_large(seed), kind, steps)
            search.advance(steps)
            total[kind] += search.value / search.reduced.scale
    assert total[Swaps] > total[Search]


@pytest.mark.parametrize("kind", [Search, Swaps])
@pytest.mark.parametrize("seed", range(4))
def test_both_searches_find_the_best_of_a_small_problem(kind, seed):
    """Two of twelve columns open first and four in all: every plan is tried."""
    problem = random_problem(seed, columns=(12, 12), rows=(40, 60)).replace(
        phases=[2, 4],
        fixed=None,
        excluded=None,
        first_phase=None,
        weight=np.arange(1.0, 61.0)[
            : random_problem(seed, columns=(12, 12), rows=(40, 60)).shape[0]
        ],
    )
    best = max(
        value_of(problem, np.array(early + late)).sum()
        for early in itertools.combinations(range(12), 2)
        for late in itertools.combinations(sorted(set(range(12)) - set(early)), 2)
    )
    search = search_of(problem, kind, 3000)
    search.advance(3000)
    assert search.value / search.reduced.scale == pytest.approx(best, rel=1e-12)


def test_a_swap_search_takes_the_same_steps_however_they_are_divided():
    problem = few_large()
    one, two = search_of(problem, Swaps, 2000), search_of(problem, Swaps, 2000)
    one.advance(2000)
    while two.step < 2000:
        two.advance(37)
    assert one.best.tobytes() == two.best.tobytes()
    assert one.value > search_of(problem, Swaps, 0).value


def test_an_open_column_without_rows_is_swapped_like_any_other():
    """Nothing is near it, so its partner is any column."""
    cover = sparse.csr_array(np.diag([1, 1, 0, 0]))
    problem = Problem(weight=[1.0, 2.0, 0.0, 0.0], cover=cover, phases=[3])
    search = search_of(problem, Swaps, 500)
    search.advance(500)
    assert search.value == 3 * search.reduced.scale


@settings(max_examples=200, deadline=None)
@given(problems, st.integers(0, 2**32 - 1))
def test_a_known_plan_becomes_a_plan_of_this_problem(problem, seed):
    """Whatever columns it names and lacks, no rule is broken and nothing is lost."""
    rng = np.random.default_rng(seed)
    known = rng.permutation(problem.shape[1])[: rng.integers(0, problem.shape[1] + 1)]
    result = solve(problem, start=known)
    assert all(len(fault) == 0 for fault in faults(problem, result.order))
    assert result.order.size == problem.phases[-1]

    again = solve(problem, start=result.order)
    assert again.objective >= result.objective * (1 - 1e-12) - 1e-12


def test_a_search_from_a_known_plan_keeps_most_of_it():
    rng = np.random.default_rng(1)
    problem = few_large(columns=600, count=60, rows=2000)
    before = solve(problem)
    closed = before.order[rng.permutation(60)[:3]]
    weight = problem.weight[0] * np.where(rng.random(2000) < 0.1, rng.uniform(0.95, 1.05, 2000), 1)
    changed = problem.replace(weight=weight, excluded=closed)
    cold, warm = solve(changed, seed=5), solve(changed, seed=5, start=before.order)
    kept = [np.isin(before.order, result.order).sum() for result in (cold, warm)]
    assert kept[1] > kept[0]
    assert warm.steps < cold.steps
    assert warm.value.sum() >= 0.99 * cold.value.sum()
    assert warm.order.tobytes() == solve(changed, seed=5, start=before.order).order.tobytes()


@pytest.mark.parametrize("start", [[0, 0], [9999], [0.5]])
def test_a_start_that_is_no_list_of_columns_is_refused(start):
    with pytest.raises(ProblemError, match="start"):
        solve(few_large(), effort="fast", start=start)


@pytest.mark.parametrize("seed", range(12))
def test_after_many_moves_the_books_are_those_of_the_plan_that_stands(seed):
    problem = full_problem(seed, columns=(6, 14), rows=(5, 30))
    reduced = reduce(problem)
    sites, objective = sites_of(problem, reduced.free), full_objective(problem, reduced)
    order, classes = greedy(reduced, objective, sites)
    start = np.full(reduced.columns, len(reduced.classes), dtype=np.int8)
    start[order] = classes
    search = Search(reduced, sites, objective, start, 40, 1000, seed)
    search.advance(40)

    moved = search._plan
    anew = Search(reduced, sites, objective, moved.cls, 0, 0, seed)._plan
    for book in ("over", "row_class", "gain", "held", "seat_class"):
        assert np.array_equal(getattr(moved, book), getattr(anew, book)), book
    assert np.array_equal(moved.use.now, anew.use.now)
    assert moved.counts[0] == anew.counts[0] and moved.counts[3] == anew.counts[3]
