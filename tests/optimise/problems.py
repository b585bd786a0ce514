"""Tiny random problems and the plain ways to solve them."""

import itertools

import numpy as np
from hypothesis import strategies as st
from scipy import sparse

from planner.optimise import Limit, Problem


def random_problem(seed, *, columns=(3, 8), rows=(1, 14)):
    """A random problem, well formed: some columns fixed or excluded, some available only later."""
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(*columns, endpoint=True)), int(rng.integers(*rows, endpoint=True))
    cover = sparse.csr_array(rng.random((m, n)) < rng.choice([0.1, 0.3, 0.5]))
    excluded = rng.permutation(n)[: rng.integers(0, 2)]
    usable = rng.permutation(np.setdiff1d(np.arange(n), excluded))
    counts = rng.permutation(np.arange(1, usable.size + 1))
    phases = np.sort(counts[: rng.integers(1, 4)])
    fixed = usable[: rng.integers(0, phases[-1] + 1)] if rng.random() < 0.5 else usable[:0]
    first = np.zeros(n, dtype=int)
    for column in usable[fixed.size :][::-1]:  # put off as many as the counts allow
        phase = int(rng.integers(0, phases.size))
        first[column] = phase
        free = np.setdiff1d(usable, fixed)
        if any(fixed.size + np.sum(first[free] <= k) < count for k, count in enumerate(phases)):
            first[column] = 0
    weight = rng.integers(0, 10, (phases.size, m)) if rng.random() < 0.5 else rng.random(m)
    return Problem(
        weight=weight,
        cover=cover,
        phases=phases.tolist(),
        fixed=fixed,
        excluded=excluded,
        first_phase=first,
    )


problems = st.integers(0, 2**32 - 1).map(random_problem)


def value_of(problem, order):
    """Covered weight per phase, from the definition."""
    cover = problem.cover.toarray()
    return np.array(
        [
            w[cover[:, order[:count]].any(axis=1)].sum()
            for w, count in zip(problem.weight, problem.phases, strict=True)
        ]
    )


def all_orders(problem):
    """Every nested plan, as an order (the order inside a phase does not matter)."""
    fixed = problem.fixed.tolist()
    barred = {*fixed, *problem.excluded.tolist()}

    def extend(order, phase):
        if phase == len(problem.phases):
            yield order
            return
        free = [j for j in range(problem.shape[1]) if j not in barred and j not in order]
        free = [j for j in free if problem.first_phase[j] <= phase]
        for more in itertools.combinations(free, max(0, problem.phases[phase] - len(order))):
            yield from extend(order + list(more), phase + 1)

    yield from extend(fixed, 0)


def best_sum(problem):
    """Largest sum over the phases of any nested plan, by trying all."""
    return max(value_of(problem, order).sum() for order in all_orders(problem))


def plain_greedy(cover, weight, count, allowed, covered):
    """Greedy that recomputes every gain at every step; ties to the lowest column."""
    picked, covered, allowed = [], covered.copy(), allowed.copy()
    for _ in range(count):
        gains = np.where(allowed, weight @ (cover & ~covered[:, None]), -1)
        column = int(np.argmax(gains))
        picked.append(column)
        covered |= cover[:, column]
        allowed[column] = False
    return picked


def full_problem(seed, **size):
    """A random problem in which everything counts, with up to three networks at a site."""
    rng = np.random.default_rng(seed)
    problem = random_problem(seed, **size)
    columns, phases = problem.shape[1], len(problem.phases)
    most = float(problem.weight.max()) or 1.0
    return problem.replace(
        site=rng.integers(0, 3, columns),
        network=rng.integers(0, 3, columns),
        share_bonus=rng.random(phases) * most * rng.choice([0.1, 1.0]),
        cost=rng.random((phases, columns)) * most * rng.choice([0.1, 1.0]),
        churn_price=rng.choice([0.0, 0.3]) * most,
        agreed=rng.integers(-1, phases, columns),
    )


def objective_of(problem, order):
    """What an order is worth to the problem's objective, from the definition, phase by phase."""
    total = value_of(problem, order).sum()
    for k, count in enumerate(problem.phases):
        networks = {}
        for j in order[:count]:
            networks.setdefault(problem.site[j], set()).add(problem.network[j])
        total += problem.share_bonus[k] * sum(len(each) > 1 for each in networks.values())
        total -= problem.cost[k, order[:count]].sum()
        opening = order[problem.phases[k - 1] if k else 0 : count]
        total += problem.churn_price * sum(problem.agreed[j] == k for j in opening)
    return total


def meets_duties(problem, order):
    """Whether an order covers every row that must be covered, in time."""
    cover = problem.cover.toarray()
    return all(
        due < 0 or cover[row, order[: problem.phases[due]]].any()
        for row, due in enumerate(problem.hard)
    )


def random_limits(problem, rng, *, free=0.3):
    """Up to three limits that some plan or other may break: counts of a group, or a budget."""
    columns, phases = problem.shape[1], len(problem.phases)
    limits = []
    for number in range(int(rng.integers(1, 4))):
        amount = rng.integers(0, 2, columns) if rng.random() < 0.6 else rng.integers(1, 10, columns)
        ends = np.sort(rng.integers(0, amount.sum() + 1, (2, phases)), axis=0).astype(float)
        least, most = np.where(rng.random((2, phases)) < free, np.nan, ends)
        limits.append(Limit(f"limit {number}", amount, least, most))
    return limits


def holds_limits(problem, order):
    """Whether every phase of an order keeps within all limits, from the definition."""
    return all(
        not limit.least[k] > limit.amount[order[:count]].sum()
        and not limit.most[k] < limit.amount[order[:count]].sum()
        for limit in problem.limits
        for k, count in enumerate(problem.phases)
    )
