"""The compiled greedy against submodlib's LazyGreedy, one phase from nothing, in one process.

Both solve the same reduced instance to the same count; seconds are the processor's. Equal gains may
be taken in another order, so each order is replayed: every pick must be one of the best there were.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from benchmarks.instances import make
from benchmarks.pairs import Line, Measured, alternate, line
from planner.optimise import Problem
from planner.optimise.greedy import greedy
from planner.optimise.objective import coverage_alone
from planner.optimise.reduce import Reduced, reduce
from planner.optimise.sharing import sites_of

INSTANCES = ("district", "strict", "fine")
CALLS = 7
TARGET = 0.1

Order = np.ndarray[Any, Any]


def measure(pairs: int) -> Iterator[Line]:
    """Seconds on each made district; nothing, said aloud, where submodlib is missing."""
    try:
        import submodlib  # noqa: F401
    except ImportError:
        print("greedy: left out, submodlib-py is not installed; scripts/benchmark installs it")
        return
    for name in INSTANCES:
        yield compare(one_phase(make(name).problem), f"greedy / submodlib, {name}", pairs)


def one_phase(problem: Problem) -> Problem:
    """Coverage of the last phase alone, with nothing built."""
    last = problem.phases[-1:]
    weight = problem.weight[-1]
    nothing = {"fixed": None, "first_phase": None, "share_bonus": 0.0, "cost": None}
    return problem.replace(phases=last, weight=weight, **nothing)


def compare(problem: Problem, what: str, pairs: int) -> Line:
    """Seconds of both for a problem of one phase, and whether their orders are greedy."""
    reduced = reduce(problem)
    ours, peer = our_greedy(reduced), lazy_greedy(reduced)

    # The first call of ours compiles.
    orders = ours(), peer()
    taken = alternate(lambda: _seconds(ours), lambda: _seconds(peer), pairs)
    return line(taken, "cpu", what, "CPU s", TARGET, compared(reduced, *orders))


def _seconds(call: Callable[[], Order]) -> Measured:
    """Seconds of the processor, the median of some calls."""
    seconds = []
    for _ in range(CALLS):
        began = time.process_time()
        call()
        seconds.append(time.process_time() - began)
    return {"cpu": statistics.median(seconds)}


def our_greedy(reduced: Reduced) -> Callable[[], Order]:
    """The planner's own, ready to be called."""
    sites, objective = sites_of(reduced.problem, reduced.free), coverage_alone(reduced)
    return lambda: greedy(reduced, objective, sites)[0]


def lazy_greedy(reduced: Reduced) -> Callable[[], Order]:
    """submodlib's, ready to be called, with our whole weights as its floats: no sum is rounded."""
    from submodlib import SetCoverFunction

    count, columns = int(reduced.budget.sum()), reduced.columns
    sets = [set(reduced.cover.rows_of(j).tolist()) for j in range(columns)]
    weights = reduced.weight[:, 0].astype(float).tolist()
    function = SetCoverFunction(columns, sets, reduced.rows, weights)

    def call() -> Order:
        chosen = function.maximize(
            budget=count,
            optimizer="LazyGreedy",
            stopIfZeroGain=False,
            stopIfNegativeGain=False,
            show_progress=False,
        )
        return np.array([j for j, _ in chosen])

    return call


def compared(reduced: Reduced, ours: Order, peer: Order) -> str:
    """What two orders have in common."""
    wrong = [
        f"{name} is NOT GREEDY from rank {rank}"
        for name, rank in (("ours", not_greedy(reduced, ours)), ("peer", not_greedy(reduced, peer)))
        if rank is not None
    ]
    if wrong:
        return ", ".join(wrong)
    other = np.flatnonzero(ours != peer)
    if other.size == 0:
        return "same order"
    return f"both greedy; same order to rank {other[0]}, where gains tie"


def not_greedy(reduced: Reduced, order: Order) -> int | None:
    """The first rank at which an order takes less than the best gain; None when there is none."""
    cover = reduced.cover.matrix().astype(np.int64)
    left = reduced.weight[:, 0].astype(np.int64).copy()
    gain = cover.T @ left
    for rank, pick in enumerate(order):
        best = int(gain.max())
        if gain[pick] != best:
            return rank

        # Nobody gains the same rows again.
        rows = reduced.cover.rows_of(pick)
        rows = rows[left[rows] > 0]
        gain -= cover[rows].T @ left[rows]
        left[rows] = 0
        gain[pick] = -1
    return None
