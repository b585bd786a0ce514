"""The packaged case: as it stands, and as it once stood, with the plan that was found then.

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

from pathlib import Path

import numpy as np
from scipy import sparse

from benchmarks.instances.instance import Instance
from benchmarks.pairs import ROOT
from planner.model import CoveredWeight
from planner.optimise import Problem
from planner.pipeline import build
from planner.problem import make_problem
from planner.scenario import Scenario

FOLDER = Path(__file__).parent


def packaged() -> Instance:
    """The packaged case of this checkout, worked out from its scenario."""
    model = build(Scenario.from_file(ROOT / "data" / "scenarios" / "tinghu.yaml"))
    covered = CoveredWeight.of(model.demand, model.coverage)
    return Instance("packaged", make_problem(model, covered))


def stored(name: str) -> Instance:
    """A stored problem with its plan, by its name, ``packaged-7643c7b``."""
    with np.load(FOLDER / f"{name}.npz") as data:
        scale = float(data["scale"])
        ones = np.ones(data["indices"].size, dtype=bool)
        shape = data["indptr"].size - 1, int(data["columns"])
        problem = Problem(
            weight=data["weight"] / scale,
            cover=sparse.csr_array((ones, data["indices"], data["indptr"]), shape=shape),
            phases=data["phases"].tolist(),
            fixed=data["fixed"],
            excluded=data["excluded"],
            first_phase=data["first_phase"],
            site=data["site"],
            network=data["network"],
            share_bonus=data["bonus"] / scale,
            cost=data["cost"] / scale,
        )
        return Instance(name, problem, order=data["order"].astype(np.int64))
