import _thread
import hashlib
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from planner.errors import InfeasibleError
from planner.optimise import Numbers, Problem, appraise, solve, verify
from planner.optimise.bound import Dual, Start
from planner.optimise.greedy import greedy
from planner.optimise.improve import Search
from planner.optimise.objective import Objective, coverage_alone, first_cover
from planner.optimise.reduce import reduce
from planner.optimise.sharing import sites_of
from planner.optimise.swaps import Swaps
from tests.optimise.problems import (
    best_sum,
    full_problem,
    objective_of,
    plain_greedy,
    problems,
    random_problem,
    value_of,
)

ROOT = Path(__file__).parents[2]
EFFORTS = st.sampled_from(["fast", "standard"])


def medium(seed=0, columns=120, rows=900, **more):
    """Stations scattered over a square, two networks a site, demand around them."""
    rng = np.random.default_rng(seed)
    sites, points = rng.random((columns // 2, 2)), rng.random((rows // 2, 2))
    near = np.hypot(*(points[:, None] - sites[None]).T).T < 0.12
    cover = sparse.block_array([[sparse.csr_array(near), None], [None, sparse.csr_array(near)]])
    given = {
        "weight": rng.random(rows // 2 * 2),
        "cover": cover,
        "phases": [5, 20, 50],
        "fixed": rng.permutation(columns)[:8],
        "site": np.tile(np.arange(columns // 2), 2),
        "network": np.repeat([0, 1], columns // 2),
    }
    given = {**given, **more}

    # a twentieth of what a mean station would bring if all were covered by the last
    given.setdefault("share_bonus", 0.05 * np.sum(given["weight"]) / given["phases"][-1])
    return Problem(**given)


@settings(max_examples=1000, deadline=None)
@given(problems, EFFORTS)
def test_a_plan_keeps_every_promise(problem, effort):
    result = solve(problem, effort=effort)
    order = result.order.tolist()
    assert len(order) == len(set(order)) == problem.phases[-1]
    assert order[: problem.fixed.size] == problem.fixed.tolist()
    assert not set(order) & set(problem.excluded.tolist())
    for rank in range(problem.fixed.size, len(order)):
        phase = np.searchsorted(problem.phases, rank, side="right")
        assert problem.first_phase[order[rank]] <= phase
    np.testing.assert_allclose(result.value, value_of(problem, order), rtol=1e-12)
    assert np.all(result.phase_bound >= result.value)
    best = best_sum(problem)
    assert result.value.sum() <= best * (1 + 1e-12)
    assert result.bound >= best * (1 - 1e-15)
    assert verify(problem, result.certificate) == (result.objective_bound, result.bound)
    assert result.gap == pytest.approx(
        result.bound / best - 1 if best else 0, abs=result.gap + 1e-12
    )


@settings(max_examples=300, deadline=None)
@given(problems)
def test_each_phase_alone_stays_below_its_bound(problem):
    result = solve(problem, effort="fast")
    for k, count in enumerate(problem.phases):
        fixed = problem.fixed[:count]
        alone = Problem(
            weight=problem.weight[k],
            cover=problem.cover,
            phases=[count],
            fixed=fixed,
            excluded=np.concatenate([problem.excluded, np.flatnonzero(problem.first_phase > k)])
            if fixed.size == 0
            else np.setdiff1d(
                np.union1d(problem.excluded, np.flatnonzero(problem.first_phase > k)), problem.fixed
            ),
        )
        assert result.phase_bound[k] >= best_sum(alone) * (1 - 1e-15)


@settings(max_examples=150, deadline=None)
@given(problems)
def test_exact_is_brute_force(problem):
    result = solve(problem, effort="exact")
    assert result.optimal
    assert result.value.sum() == pytest.approx(best_sum(problem), rel=1e-9)
    assert result.bound == pytest.approx(result.value.sum(), rel=1e-9)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_exact_weighs_sharing_cost_churn_and_duties_as_the_search_does(seed):
    rng = np.random.default_rng(seed)
    problem = random_problem(seed, columns=(4, 7))
    columns, rows = problem.shape[1], problem.shape[0]
    problem = problem.replace(
        site=rng.integers(0, 3, columns),
        network=rng.integers(0, 3, columns),
        share_bonus=rng.random(len(problem.phases)) * problem.weight.max(),
        cost=rng.random((len(problem.phases), columns)),
        churn_price=0.5 * float(problem.weight.max()),
        agreed=rng.integers(-1, len(problem.phases), columns),
    )
    exact = solve(problem, effort="exact")
    found = solve(problem, effort="standard", seed=1)
    assert exact.optimal
    assert exact.objective >= found.objective - 1e-9 * max(1.0, abs(found.objective))
    proven = verify(problem, exact.certificate)
    assert proven.coverage >= exact.bound * (1 - 1e-12)
    assert rows and proven.objective >= exact.objective_bound - 1e-9 * problem.weight.sum()


@settings(max_examples=100, deadline=None)
@given(problems, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(problem, random):
    rows = list(range(problem.shape[0]))
    random.shuffle(rows)
    other = problem.replace(
        weight=problem.weight[:, rows], cover=problem.cover[rows], hard=problem.hard[rows]
    )
    one, two = solve(problem), solve(other)
    assert one.order.tobytes() == two.order.tobytes()
    assert (one.bound, one.value.tolist()) == (two.bound, two.value.tolist())
    assert verify(other, one.certificate) == (one.objective_bound, one.bound)


def test_rows_permuted_in_a_larger_problem():
    problem = medium()
    rows = np.random.default_rng(5).permutation(problem.shape[0])
    other = problem.replace(weight=problem.weight[:, rows], cover=problem.cover[rows], hard=None)
    assert solve(problem).order.tobytes() == solve(other).order.tobytes()


@settings(max_examples=300, deadline=None)
@given(problems)
def test_lazy_greedy_is_plain_greedy(problem):
    last = problem.replace(phases=problem.phases[-1:], first_phase=None, weight=problem.weight[-1])
    result = solve(last, effort="fast")
    cover = problem.cover.toarray()
    allowed = np.ones(problem.shape[1], dtype=bool)
    allowed[problem.excluded] = allowed[problem.fixed] = False
    reduced = reduce(last)
    whole = np.ceil(problem.weight[-1] * reduced.scale).astype(np.int64)
    covered = cover[:, problem.fixed].any(axis=1)
    plain = plain_greedy(cover, whole, problem.phases[-1] - problem.fixed.size, allowed, covered)
    assert result.order[problem.fixed.size :].tolist() == plain


def test_greedy_with_sharing_takes_the_best_station_of_all_at_every_step():
    """A station becomes worth more when the other network opens at its site, however late."""
    columns, count = 160, 60
    rng = np.random.default_rng(4)
    problem = Problem(
        weight=rng.integers(1, 9, 600),
        cover=sparse.csr_array(rng.random((600, columns)) < 0.02),
        phases=[count],
        site=rng.permutation(columns) // 2,
        network=np.arange(columns) % 2,
    )
    reduced = reduce(problem)
    sites, worth = sites_of(problem, reduced.free), reduced.gain()
    step = int(worth[:, 0].max())
    reward = np.zeros((columns, 1), dtype=np.int64)
    order, _ = greedy(reduced, Objective(worth, reward, np.array([3 * step, 0])), sites)

    # every gain worked out anew at every step, ties to the lowest column
    cover = reduced.cover.matrix().toarray().astype(bool)
    weight, covered = worth[:, 0] - worth[:, 1], np.zeros(len(cover), dtype=bool)
    picked = []
    for _ in range(count):
        gain = weight @ (cover & ~covered[:, None])
        for column in range(columns):
            there = {problem.network[j] for j in picked if problem.site[j] == problem.site[column]}
            brings = there and problem.network[column] not in there
            gain[column] = -1 if column in picked else gain[column] + 3 * step * bool(brings)
        picked.append(int(np.argmax(gain)))
        covered |= cover[:, picked[-1]]
    assert order.tolist() == picked
    assert len({problem.site[j] for j in picked}) < count


@pytest.mark.parametrize("kind", [Search, Swaps])
@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_search_keeps_exact_books(kind, seed):
    """After any number of steps, kept or undone, counts and objective are those of its plan."""
    problem = random_problem(seed, columns=(6, 10), rows=(8, 30)).replace(
        site=np.arange(0, 100)[: random_problem(seed, columns=(6, 10), rows=(8, 30)).shape[1]] // 2,
        network=np.arange(0, 100)[: random_problem(seed, columns=(6, 10), rows=(8, 30)).shape[1]]
        % 2,
    )
    reduced = reduce(problem)
    if not reduced.classes:
        return
    sites, classes = sites_of(problem, reduced.free), len(reduced.classes)
    rng = np.random.default_rng(seed)
    worth = reduced.gain()
    reward = rng.integers(-(1 << 20), 1 << 20, (reduced.columns, classes))
    bonus = np.append(np.sort(rng.integers(1, 1 << 40, classes))[::-1], 0)
    objective = Objective(worth, reward, bonus)
    order, picked = greedy(reduced, objective, sites)
    start = np.full(reduced.columns, classes, dtype=np.int8)
    start[order] = picked
    search = kind(reduced, sites, objective, start, 40, 1 << 40, seed)
    while search.step < search.steps:
        search.advance(7)
        again = kind(reduced, sites, objective, search.best, 1, 0, 0)
        assert again.value == search.value
        nothing = np.full(reduced.columns, classes, dtype=np.int8)
        written_out = [
            written_out_value(reduced, objective, sites, p) for p in (search.best, nothing)
        ]
        assert search.value == written_out[0] - written_out[1]
        assert (
            np.bincount(search.best, minlength=classes + 1)[:classes].tolist()
            == reduced.budget.tolist()
        )
        assert np.all(search.best[search.best < classes] >= reduced.first[search.best < classes])


def written_out_value(reduced, objective, sites, plan):
    """What a plan is worth, from the definition: rows, rewards, and sites that are shared."""
    cover, never = reduced.cover.matrix().toarray().astype(bool), len(reduced.classes)
    value = sum(
        int(objective.worth[row, plan[cover[row]].min(initial=never)]) for row in range(len(cover))
    )
    value += sum(int(objective.reward[j, plan[j]]) for j in range(len(plan)) if plan[j] < never)

    held = [
        0 if sites.open_seat[seat] else plan[sites.seat == seat].min(initial=never)
        for seat in range(len(sites.seat_site))
    ]
    for site in range(len(sites.seat_ptr) - 1):
        second = sorted(held[seat] for seat in np.flatnonzero(sites.seat_site == site))[1:2]
        value += int(objective.bonus[second[0]]) if second else 0
    return value


def test_an_objective_is_in_whole_numbers():
    """In floats, sums and ties would depend on the order in which gains are added."""
    assert {term.dtype for term in coverage_alone(reduce(medium()))} == {np.dtype(np.int64)}


def test_a_plan_found_elsewhere_ends_the_search():
    """The books are those of another plan, so a step from there would corrupt the best one."""
    cover = sparse.csr_array(np.eye(6, dtype=int))
    problem = Problem(weight=np.arange(1.0, 7.0), cover=cover, phases=[2, 4])
    reduced = reduce(problem)
    sites, objective = sites_of(problem, reduced.free), coverage_alone(reduced)
    poor, good = np.array([[0, 0, 1, 1, 2, 2], [2, 2, 1, 1, 0, 0]], dtype=np.int8)
    search = Search(reduced, sites, objective, poor, 100, 1 << 40, 0)
    search.advance(1)
    search.replace_best(good)
    value = search.value
    search.advance(50)
    assert (search.step, search.value) == (1, value)
    assert search.best.tolist() == good.tolist()


def test_the_best_two_are_not_among_the_best_four():
    """Two wide stations are the best pair, four narrow ones the best four: nesting costs."""
    cover = np.zeros((12, 6), dtype=int)
    cover[[0, 1, 3, 4], 0] = cover[[6, 7, 9, 10], 1] = 1
    for j in range(4):
        cover[3 * j : 3 * j + 3, 2 + j] = 1
    problem = Problem(weight=np.ones(12), cover=sparse.csr_array(cover), phases=[2, 4])
    apart = [solve(problem.replace(phases=[count]), effort="exact") for count in (2, 4)]
    assert set(apart[0].order.tolist()) == {0, 1}
    assert set(apart[1].order.tolist()) == {2, 3, 4, 5}
    nested = solve(problem, effort="exact")
    assert nested.value.sum() == best_sum(problem) == 18.0
    assert nested.phase_bound.tolist() == [8.0, 12.0]
    assert solve(problem).value.sum() == 18.0


def test_nothing_to_gain_and_all_tied():
    nothing = Problem(weight=np.zeros(3), cover=sparse.csr_array(np.eye(3)), phases=[1, 2])
    result = solve(nothing)
    assert (result.order.tolist(), result.bound, result.gap) == ([0, 1], 0.0, 0.0)
    tied = Problem(weight=np.ones(6), cover=sparse.csr_array(np.eye(6)), phases=[2, 4])
    result = solve(tied, effort="fast")
    assert (result.order.tolist(), result.bound, result.value.tolist()) == (
        [0, 1, 2, 3],
        6.0,
        [2.0, 4.0],
    )
    nobody = Problem(weight=np.ones(2), cover=sparse.csr_array((2, 3)), phases=[1])
    assert solve(nobody).unreachable == 2


def test_a_fixed_plan_and_phases_that_end_within_it():
    problem = medium(phases=[3, 8])
    for effort in ("standard", "exact"):
        result = solve(problem, effort=effort)
        assert result.order.tolist() == problem.fixed.tolist()
        assert result.bound == pytest.approx(result.value.sum(), rel=1e-9)
        assert result.optimal

    # in whole numbers nothing is lost: one plan, and its value is the bound
    given = Problem(weight=[3.0, 2.0], cover=sparse.csr_array(np.eye(2)), phases=[1], fixed=[0])
    only = solve(given, effort="exact")
    assert (only.value.tolist(), only.bound, only.gap, only.optimal) == ([3.0], 3.0, 0.0, True)


def test_improvement_and_bound_meet():
    result = solve(medium(share_bonus=0.0))
    assert solve(medium(share_bonus=0.0), effort="fast").value.sum() < result.value.sum()
    assert result.gap < 0.02


def test_the_bonus_brings_networks_to_one_site_and_no_second_band():
    sites = lambda r, p: len(np.unique(p.site[r.order]))  # noqa: E731
    shared, free = medium(), medium(share_bonus=0.0)
    assert sites(solve(shared), shared) < sites(solve(free), free)
    # one network with two bands at a site: nothing to share, so nothing changes
    bands = shared.replace(network=np.zeros(free.shape[1]))
    assert np.array_equal(solve(bands).order, solve(free).order)


def test_the_cheaper_of_two_equals_wins_and_never_for_more_than_it_saves():
    cover = sparse.csr_array(np.array([[1, 1, 0], [0, 0, 1]]))
    problem = Problem(weight=[1.0, 1.0], cover=cover, phases=[2], cost=[0.005, 0.001, 0.001])
    assert set(solve(problem).order) == {1, 2}
    apart = Problem(weight=[1.0, 0.99], cover=sparse.csr_array(np.eye(2)), phases=[1])
    assert solve(apart.replace(cost=[0.009, 0.0])).order.tolist() == [0]
    assert solve(apart.replace(cost=[0.011, 0.0])).order.tolist() == [1]


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_objective_is_what_the_problem_says_and_no_method_changes_it(seed):
    problem = full_problem(seed)
    results = [solve(problem, effort=effort) for effort in ("fast", "standard")]
    for result in results:
        by_hand = objective_of(problem, result.order.tolist())
        scale = max(1.0, float(problem.weight.sum()))
        assert result.objective == pytest.approx(by_hand, abs=1e-9 * scale)
        assert appraise(problem, result.order).objective == result.objective
    assert results[1].objective >= results[0].objective - 1e-9 * scale


def phases_of(problem, order):
    """Index of the phase of each column, -1 for those that stay closed."""
    phase = np.full(problem.shape[1], -1)
    phase[order] = np.searchsorted(problem.phases, np.arange(order.size), side="right")
    return phase


def test_replanning_changes_little_where_little_is_gained():
    problem = medium(share_bonus=0.0)
    agreed = phases_of(problem, solve(problem, seed=1).order)
    weight = problem.weight * np.random.default_rng(2).uniform(0.9, 1.1, problem.weight.shape[1])
    changes = []
    for price in (0.0, float(problem.weight.sum())):
        new = problem.replace(weight=weight, agreed=agreed, churn_price=price)
        phase = phases_of(problem, solve(new).order)
        changes.append(np.count_nonzero((agreed >= 0) & (phase != agreed)))
    assert changes[1] == 0 < changes[0]


def test_rows_that_must_be_covered_are():
    problem = medium()
    lightest = int(np.argmin(problem.weight[0]))
    hard = np.full(problem.shape[0], -1)
    hard[lightest] = 1
    result = solve(
        problem.replace(
            hard=hard, weight=np.where(np.arange(hard.size) == lightest, 0, problem.weight)
        )
    )
    assert problem.cover.toarray()[lightest, result.order[: problem.phases[1]]].any()


def test_what_cannot_be_covered_is_refused_with_the_least_count():
    problem = Problem(
        weight=np.ones(5),
        cover=sparse.csr_array(np.eye(5)),
        phases=[1, 3],
        group=list("aabbb"),
        hard=[True] * 5,
    )
    with pytest.raises(InfeasibleError) as caught:
        solve(problem)
    assert "at least 5 stations" in caught.value.en
    assert "2 rows" in caught.value.en
    assert "至少需要 5 站" in caught.value.zh
    with pytest.raises(InfeasibleError, match="phase 1"):
        solve(problem.replace(hard=[0, 0, -1, -1, -1]))
    with pytest.raises(InfeasibleError, match="no usable column"):
        solve(problem.replace(hard=[True] + [False] * 4, excluded=[0]))


@pytest.mark.parametrize("damage", ["multiplier", "range", "shape", "price", "problem", "type"])
@pytest.mark.parametrize("name", ["objective", "coverage"])
def test_a_tampered_certificate_is_refused(name, damage):
    problem = medium()
    good = solve(problem, effort="fast").certificate
    multipliers, prices, charges = (part.copy() for part in getattr(good, name))
    row = int(np.argmax(multipliers[:, 0]))
    if damage == "multiplier":
        multipliers[row, 0] -= 1
    elif damage == "range":
        multipliers[row, 0] = -1
    elif damage == "shape":
        multipliers = multipliers[:-1]
    elif damage == "price":
        prices[0] += 1
    elif damage == "type":
        multipliers = multipliers.astype(float)
    else:
        problem = problem.replace(weight=problem.weight * 1.01)
    with pytest.raises(ValueError, match="证书"):
        verify(problem, replace(good, **{name: Numbers(multipliers, prices, charges)}))


def test_ctrl_c_returns_the_best_so_far_with_a_bound_that_holds():
    problem = medium()

    def interrupt(stage, step, value, bound, gap):
        if step > 3000:
            _thread.interrupt_main()

    before = signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # a shell's background job ignores it
    try:
        result = solve(problem, effort="standard", progress=interrupt)
    finally:
        signal.signal(signal.SIGINT, before)
    assert result.interrupted
    assert 0 < result.steps < solve(problem).steps
    assert verify(problem, result.certificate).objective == result.objective_bound
    assert result.objective_bound >= result.objective


def test_progress_tells_of_value_bound_and_gap():
    seen = []
    result = solve(medium(), progress=lambda *told: seen.append(told))
    stages, steps, values, bounds, gaps = zip(*seen, strict=True)
    assert stages[0] == "greedy" and set(stages[1:]) == {"improve", "prove"}
    assert list(steps) == sorted(steps)
    assert bounds[-1] == pytest.approx(result.objective_bound, rel=1e-6)
    assert gaps[-1] == pytest.approx(result.objective_gap, abs=1e-6)
    assert values[-1] == pytest.approx(result.objective, rel=1e-6)


SCRIPT = """
from tests.optimise.test_solve import digest
print(digest())
"""


def digest():
    """The numbers of a result."""
    result = solve(medium(cost=np.arange(120.0)), seed=3)
    parts = (
        result.order,
        result.value,
        result.certificate.objective.multipliers,
        result.certificate.coverage.multipliers,
        np.array([result.bound, result.objective]),
    )
    return hashlib.sha256(
        b"".join(np.ascontiguousarray(part).tobytes() for part in parts)
    ).hexdigest()


@pytest.mark.parametrize("threads", ["1", "2", "4"])
def test_the_same_bytes_for_any_number_of_threads_and_hash_seed(threads):
    env = {
        **os.environ,
        "NUMBA_NUM_THREADS": threads,
        "OMP_NUM_THREADS": threads,
        "PYTHONHASHSEED": threads,
    }
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env=env,
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert done.stdout.strip() == digest()


def test_the_bound_reaches_the_relaxation():
    """The multipliers come within 0.2 % of the linear relaxation's optimum."""
    from scipy.optimize import linprog

    problem = medium(phases=[20, 50], fixed=[])
    reduced = reduce(problem)
    rows, columns = reduced.rows, reduced.columns
    cover = reduced.cover.matrix()
    eye, one = sparse.eye_array(rows), sparse.csr_array(np.ones((1, columns)))
    nested, none = sparse.eye_array(columns), sparse.csr_array((1, rows))
    up = sparse.block_array(
        [[-cover, None, eye, None], [None, -cover, None, eye], [nested, -nested, None, None]]
    )
    counts = sparse.block_array([[one, None, none, None], [None, one, None, none]])
    worth = reduced.weight / reduced.scale
    lp = linprog(
        np.concatenate([np.zeros(2 * columns), -worth[:, 0], -worth[:, 1]]),
        A_ub=up,
        b_ub=np.zeros(up.shape[0]),
        A_eq=counts,
        b_eq=[20, 50],
        bounds=(0, 1),
    )
    result = solve(problem)
    assert -lp.fun * (1 - 1e-9) <= result.bound <= -lp.fun * 1.002


def test_bound_of_any_multipliers_holds():
    """Not only good ones: the certificate's formula is a bound whatever it is given."""
    problem = random_problem(11, columns=(6, 8), rows=(10, 14))
    reduced = reduce(problem)
    best = best_sum(problem)
    rng = np.random.default_rng(0)
    for _ in range(50):
        multipliers = rng.random(reduced.weight.shape) * reduced.weight
        start = Start(multipliers, np.zeros(len(reduced.classes)))
        dual = Dual(reduced, reduced.weight, reduced.budget, reduced.first, 0, 1, start)
        dual.prices[:] = rng.normal(0, 2 * reduced.scale, dual.prices.size)
        assert (dual.exact_bound() + reduced.constant.sum()) / reduced.scale >= best * (1 - 1e-12)


def test_first_cover_of_a_plan():
    reduced = reduce(medium())
    nobody = np.full(reduced.columns, len(reduced.classes), dtype=np.int8)
    assert np.all(first_cover(reduced, nobody) == len(reduced.classes))
