import numba
import numpy as np
import pytest
from scipy import sparse

from planner.errors import ProblemError
from planner.optimise import Problem, cover_matrix, solve
from planner.optimise.draws import draw, mix

COVER = sparse.csr_array(np.eye(4))
GOOD = {"weight": np.ones(4), "cover": COVER, "phases": [1, 3]}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"weight": [1, 2, np.nan, 1]}, "row 2"),
        ({"weight": [1, -1, 1, 1]}, "row 1"),
        ({"weight": [1, np.inf, 1, 1]}, "row 1"),
        ({"weight": [[1, 1, 1, np.nan], [1, 1, 1, 1]]}, "row 3"),
        ({"weight": [[1, 1, 1, 1], [1, 1, -1, 1]]}, "row 2"),
        ({"weight": np.ones(3)}, "shape"),
        ({"weight": np.ones((3, 4))}, "shape"),
        ({"weight": ["a"] * 4}, "numbers"),
        ({"cover": np.eye(4)}, "sparse"),
        ({"cover": sparse.csr_array(np.array([[np.nan]]))}, "finite"),
        ({"phases": []}, "phases"),
        ({"phases": [2, 2]}, "phases"),
        ({"phases": [0, 2]}, "phases"),
        ({"phases": [1.5]}, "whole"),
        ({"phases": [2, 5]}, "asks for 5"),
        ({"fixed": [0, 0]}, "more than once"),
        ({"fixed": [4]}, "columns from 0 to 3"),
        ({"fixed": [-1]}, "columns from 0 to 3"),
        ({"fixed": [0, 1, 2, 3]}, "fixed"),
        ({"fixed": [0], "excluded": [0]}, "both fixed and excluded"),
        ({"excluded": [0, 1]}, "asks for 3"),
        ({"excluded": np.array([True, True, False, False])}, "asks for 3"),
        ({"first_phase": [1, 1, 1, 1]}, "phase 0 asks for 1"),
        ({"first_phase": [0, 0, 0, 2]}, "between 0 and 1"),
        ({"site": [0, 1, 2, 3]}, "network"),
        ({"site": [0, 1], "network": [0, 1]}, "shape"),
        ({"share_bonus": -0.2}, "share_bonus"),
        ({"share_bonus": [0.1] * 4}, "share_bonus has shape (4,); expected () or (2,)"),
        ({"share_bonus": np.inf}, "share_bonus"),
        ({"cost": [1, 2, 3, -1]}, "cost"),
        ({"cost": [[1, 2, 3, 4]] * 3}, "cost has shape (3, 4); expected (4,) or (2, 4)"),
        ({"cost": ["a"] * 4}, "cost must hold numbers"),
        ({"churn_price": -1.0}, "churn_price"),
        ({"churn_price": np.inf}, "churn_price"),
        ({"agreed": [0, 1, 2, 0]}, "agreed"),
        ({"hard": [0, 1, 2, 0]}, "hard"),
        ({"group": ["a"]}, "group"),
    ],
)
def test_a_malformed_problem_is_refused_in_both_languages(change, said):
    with pytest.raises(ProblemError) as caught:
        Problem(**{**GOOD, **change})
    assert said in caught.value.en
    assert any("一" <= letter <= "鿿" for letter in caught.value.zh)


def test_any_sparse_form_is_the_same_problem():
    orders = [
        solve(Problem(**{**GOOD, "cover": form(np.eye(4))}), effort="fast").order for form in FORMS
    ]
    assert all(np.array_equal(order, orders[0]) for order in orders)


FORMS = [
    sparse.csr_matrix,
    sparse.csc_array,
    sparse.coo_array,
    sparse.lil_matrix,
    sparse.dok_array,
    sparse.dia_array,
]


def test_entries_given_twice_or_as_zero_count_once_or_not_at_all():
    twice = sparse.coo_array(([1.0, 1.0, 0.0], ([0, 0, 1], [0, 0, 1])), shape=(2, 2))
    result = solve(Problem(weight=[1.0, 1.0], cover=twice, phases=[2]), effort="fast")
    assert result.value.tolist() == [1.0]
    assert result.unreachable == 1


def test_a_problem_does_not_change():
    weight = np.ones(4)
    problem = Problem(**{**GOOD, "weight": weight})
    weight[0] = 5
    assert problem.weight[0, 0] == 1
    with pytest.raises(AttributeError):
        problem.phases = (2,)
    with pytest.raises(ValueError, match="read-only"):
        problem.weight[0] = 2
    with pytest.raises(ValueError, match="read-only"):
        problem.cover.indices[0] = 2


def test_effort_must_be_known():
    with pytest.raises(ProblemError, match="best"):
        solve(Problem(**GOOD), effort="best")


def test_a_cover_that_nobody_can_change_is_shared_and_any_other_is_copied() -> None:
    kept = cover_matrix(sparse.random(5, 6, 0.5, format="csr", random_state=1))
    assert cover_matrix(kept) is kept
    assert Problem(cover=kept, weight=np.ones(5), phases=[1, 2]).cover is kept
    loose = kept.copy()
    assert cover_matrix(loose) is not loose
    assert (cover_matrix(loose) != kept).nnz == 0


@numba.njit
def mixed(values):
    return np.array([mix(value) for value in values])


@numba.njit
def drawn(seed, count):
    counter = np.zeros(1, dtype=np.uint64)
    return np.array([draw(seed, counter) for _ in range(count)])


def test_random_numbers_are_those_of_splitmix64() -> None:
    """The first three of its published sequence for the seed 0; draws keep the upper 31 bits."""
    published = [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F]
    golden = 0x9E3779B97F4A7C15
    states = np.array([i * golden % 2**64 for i in range(3)], dtype=np.uint64)
    assert mixed(states).tolist() == published

    seed = np.uint64(5)
    asked = mixed(seed ^ mixed(np.arange(1, 1001, dtype=np.uint64))) >> np.uint64(33)
    assert drawn(seed, 1000).tolist() == asked.tolist()
    assert asked.max() < 2**31 <= 2 * asked.max()
