"""Problems as they once stood, in plain arrays, with the plan that was found then.

``packaged-7643c7b.npz`` is the packaged case at the commit 7643c7b, reduced to its open part. The
candidates of that case are synthetic: no site in it is a real one. Rows with the same free columns
are one row, rows that nobody can cover are left out, and the last row stands for all that the fixed
columns cover. No array is a pickle; units are 1 / `scale` of the weight that the commit counted in:

======================  ============================================================================
``weight``              (phases, rows) int64, worth of a row in each phase
``indptr``, ``indices`` columns of each row, compressed
``phases``              cumulative counts
``fixed``               columns that open first, in this order
``excluded``            columns that never open (none)
``first_phase``         (columns,) phase from which a column may be open
``site``, ``network``   (columns,) labels
``bonus``               (phases,) worth of a shared site in each phase; the commit measured it by
                        what greedy covered, the number that came out is stored
``cost``                (phases, columns) price of an open column in each phase, stored likewise
``order``               (last count,) the plan that the commit found with the effort `standard`
``objective``           its worth: coverage and bonus less cost; a site whose fixed columns share it
                        already earns nothing
``value``               (phases,) what it covers, in units of weight
``bound``               the commit's proven bound of the sum of `value`
``phase_bound``         (phases,) and of each phase alone
======================  ============================================================================
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from planner.optimise import Problem
from planner.optimise.objective import Objective
from planner.optimise.reduce import Reduced

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Stored:
    """A stored problem and the plan that was known for it.

    `bonus`, (phases,), and `cost`, (phases, columns), are in units of the problem's weight;
    `objective` is the worth of `order` and `bound` a proven bound of its coverage, likewise.
    """

    name: str
    problem: Problem
    bonus: NDArray[np.float64]
    cost: NDArray[np.float64]
    order: NDArray[np.int64]
    value: NDArray[np.float64]
    bound: float
    objective: float

    def in_integers(self, reduced: Reduced) -> Objective:
        """What a plan is worth, in the integers of the reduced problem."""
        never = len(reduced.classes)
        bonus = np.zeros(never + 1, dtype=np.int64)
        bonus[:-1] = np.cumsum(self.bonus[::-1] * reduced.scale)[::-1]
        cost = self.cost[:, reduced.free] * reduced.scale
        reward = -np.cumsum(cost[::-1], axis=0)[::-1].T.astype(np.int64)
        return Objective(reduced.gain(), reward, bonus)


def stored(name: str) -> Stored:
    """A stored problem by its name, ``packaged-7643c7b``."""
    with np.load(FOLDER / f"{name}.npz") as data:
        scale = float(data["scale"])
        columns, rows = int(data["columns"]), data["indptr"].size - 1
        ones = np.ones(data["indices"].size, dtype=bool)
        cover = sparse.csr_array((ones, data["indices"], data["indptr"]), shape=(rows, columns))
        problem = Problem(
            weight=data["weight"] / scale,
            cover=cover,
            phases=data["phases"].tolist(),
            fixed=data["fixed"],
            excluded=data["excluded"],
            first_phase=data["first_phase"],
            site=data["site"],
            network=data["network"],
            share_bonus=0.0,
        )
        return Stored(
            name=name,
            problem=problem,
            bonus=data["bonus"] / scale,
            cost=data["cost"] / scale,
            order=data["order"].astype(np.int64),
            value=data["value"],
            bound=float(data["bound"]),
            objective=float(data["objective"]) / scale,
        )
