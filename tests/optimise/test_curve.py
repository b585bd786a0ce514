import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from planner.errors import ProblemError
from planner.optimise import Problem, cover_value, curve, extend, order_inside, solve
from tests.optimise.problems import best_sum, plain_greedy, problems, value_of


@settings(max_examples=200, deadline=None)
@given(problems)
def test_order_inside_keeps_phases_and_puts_gain_first(problem):
    result = solve(problem, effort="fast")
    shuffled = result.order.copy()
    begin = problem.fixed.size
    for count in problem.phases:
        if count > begin:
            shuffled[begin:count] = shuffled[begin:count][::-1]
            begin = count
    again = order_inside(problem, shuffled)
    assert np.array_equal(again, result.order)
    np.testing.assert_array_equal(cover_value(problem, again), result.value)


def test_effort_puts_the_easy_station_first():
    problem = Problem(weight=[3.0, 2.0], cover=sparse.csr_array(np.eye(2)), phases=[2])
    assert order_inside(problem, [0, 1]).tolist() == [0, 1]
    assert order_inside(problem, [0, 1], [2.0, 1.0]).tolist() == [1, 0]
    with pytest.raises(ProblemError):
        order_inside(problem, [0, 1], [0.0, 1.0])


@settings(max_examples=200, deadline=None)
@given(problems, st.integers(0, 10))
def test_extend_goes_on_greedily_and_never_past_the_columns(problem, more):
    order = solve(problem, effort="fast").order
    longer = extend(problem, order, order.size + more)
    free = problem.shape[1] - problem.excluded.size
    assert longer.size == min(order.size + more, free)
    assert np.array_equal(longer[: order.size], order)
    assert np.unique(longer).size == longer.size
    assert not np.intersect1d(longer, problem.excluded).size


def test_extend_serves_the_last_phase_and_refuses_what_is_no_order():
    cover = np.eye(4)
    problem = Problem(weight=[9.0, 5.0, 1.0, 1.0], cover=sparse.csr_array(cover), phases=[1])
    assert extend(problem, [0], 2).tolist() == [0, 1]
    covered = cover[:, [0]].any(axis=1)
    expected = plain_greedy(
        cover.astype(bool), problem.weight[0], 3, np.array([False, True, True, True]), covered
    )
    assert extend(problem, [0], 4).tolist() == [0, *expected]
    for order in ([0, 0], [4], [-1]):
        with pytest.raises(ProblemError):
            extend(problem, order, 2)


@settings(max_examples=150, deadline=None)
@given(problems)
def test_the_curve_grows_and_its_bound_holds_at_every_count(problem):
    free = problem.shape[1] - problem.excluded.size
    counts = list(range(problem.fixed.size, free + 1))
    result = solve(problem, effort="fast", counts=counts)
    order = extend(problem, result.order, free)
    drawn = curve(problem, order, counts=counts, certificate=result.certificate)
    assert np.all(np.diff(drawn.covered) >= 0)
    assert result.count_bound.tolist() == drawn.bound.tolist()
    for count, bound in zip(counts, drawn.bound, strict=True):
        assert bound >= drawn.covered[count] * (1 - 1e-12)
        if count > 0 and problem.phases[-1] > problem.fixed.size:
            alone = problem.replace(
                weight=problem.weight[-1], phases=[count], first_phase=None, hard=None
            )
            assert bound >= best_sum(alone) * (1 - 1e-12)
    at_phases = drawn.covered[list(problem.phases)]
    assert at_phases[-1] == pytest.approx(value_of(problem, order)[-1])


def test_a_count_that_no_plan_has_gets_no_bound():
    problem = Problem(
        weight=np.ones(4), cover=sparse.csr_array(np.eye(4)), phases=[2], fixed=[0], excluded=[3]
    )
    assert curve(problem, [0, 1, 2], counts=[1, 3]).bound.tolist() == [1.0, 3.0]
    for count in (0, 4):
        with pytest.raises(ProblemError, match="a count lies"):
            curve(problem, [0, 1, 2], counts=[count])
        with pytest.raises(ProblemError, match="a count lies"):
            solve(problem, counts=[count])
