"""Residents whom stations serve where each serves only so many: by the best split, and in fact."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.sparse import csr_array

from planner import fields as F
from planner.model import FloatArray, IntArray, Model
from planner.optimise import Problem
from planner.optimise.serving import attached_value, served_value


def served_rows(
    model: Model, network: int, columns: IntArray, server: IntArray
) -> Iterator[tuple[str, str, str, float, str]]:
    """Measures of a network's open stations, as of :func:`planner.service.describe_cells`.

    Nothing where the scenario does not say how many residents a station serves. Whom neighbour
    stations serve weighs on none of the district's.

    Parameters
    ----------
    model
        Who lives where, and who serves whom.
    network
        Its place in ``scenario.networks``.
    columns
        (stations,) places of its open stations in the table.
    server
        (points,) the strongest at each place: its place in ``columns``, anything else for none of
        them. Where that one does not serve the place, the first of them that does takes it.
    """
    cap = model.scenario.capacity.residents_per_station
    if cap is None:
        return
    demand, coverage = model.demand, model.coverage
    everybody = demand.residents(model.scenario)
    rows = np.flatnonzero((demand.rows[F.NETWORK].to_numpy() == network) & (everybody > 0))
    people, outside = everybody[rows], coverage.outside[rows]
    cover = csr_array(coverage.cover[rows][:, columns])
    is_covered = outside | (np.diff(cover.indptr) > 0)

    # whom neighbour stations serve is served, whatever else
    own, beyond = np.where(outside, 0.0, people), float(people[outside].sum())
    strongest = server[demand.rows[F.POINT].to_numpy()[rows]]
    split, attached = _served(own, cover, strongest, cap)
    yield "", "", "covered_residents", float(people[is_covered].sum()), "people"
    yield "", "", "split_residents", beyond + split, "people"
    yield "", "", "attached_residents", beyond + attached, "people"


def _served(
    people: FloatArray, cover: csr_array, strongest: IntArray, cap: float
) -> tuple[float, float]:
    """Residents whom open stations serve, (rows,) before: by the best split, by the strongest."""
    columns = cover.shape[1]
    if not cover.nnz:
        return 0.0, 0.0
    opened, caps = np.arange(columns), np.full(columns, cap)
    problem = Problem(weight=people, cover=cover, phases=(columns,), load=people, cap=caps)
    per_row = np.diff(problem.cover.indptr)
    is_strongest = np.repeat(strongest, per_row) == problem.cover.indices
    split = served_value(problem, opened)
    attached = attached_value(problem, opened, is_strongest.astype(np.float64))
    return float(split[0]), float(attached[0])
