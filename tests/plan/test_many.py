"""More stations than 16 bits can number: searched, ranked and looked up as any other."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from planner import fields as F
from planner.model import Coverage, tables
from planner.optimise import Problem, extend, solve
from planner.plan.service import first_rank, rank_of_columns

STATIONS, ROWS = 70_000, 400


def test_an_order_of_more_stations_than_16_bits_hold_says_who_serves_first() -> None:
    # each row has three stations, and the order that is given ends with those of the last rows
    rng = np.random.default_rng(3)
    columns = rng.integers(0, STATIONS, (ROWS, 3))
    rows = np.repeat(np.arange(ROWS), 3)
    cover = sparse.csr_array(
        (np.ones(rows.size, np.bool_), (rows, columns.ravel())), shape=(ROWS, STATIONS)
    )
    used = np.unique(columns)
    given = np.concatenate([np.setdiff1d(np.arange(STATIONS), used), used])
    fixed = given[: STATIONS - len(used) + 5]
    phases = [len(fixed), len(fixed) + 40, len(fixed) + 200]

    problem = Problem(weight=np.ones(ROWS), cover=cover, phases=phases, fixed=fixed)
    result = solve(problem, effort="fast", seed=0)
    order = extend(problem, result.order, STATIONS)
    assert np.array_equal(order[: len(fixed)], fixed)
    assert len(np.unique(order)) == len(order) > 65_536

    service = Coverage(cover, np.zeros(ROWS, np.bool_), tables.BUDGET.empty())
    first = first_rank(service, rank_of_columns(order, STATIONS))
    place = {column: rank for rank, column in enumerate(order.tolist())}
    least = [min(place.get(one, F.NEVER) for one in each) for each in columns.tolist()]
    assert first.tolist() == least
    assert max(rank for rank in least if rank < F.NEVER) > 65_536
