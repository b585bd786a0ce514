"""Residents whom stations serve where each serves only so many: by the best split, and in fact."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from planner import fields as F
from planner.model import Demand, FloatArray, IntArray, Model
from planner.optimise import Problem
from planner.optimise.serving import attached_value, served_value
from planner.scenario import Scenario


def row_residents(scenario: Scenario, demand: Demand) -> FloatArray:
    """Residents that each demand row stands for, (rows,).

    They stand at the outdoor row of their place, for each network by its share: over all networks
    everybody is counted once. Rows of depth and samples of roads stand for nobody.
    """
    rows = demand.rows
    people = demand.points[F.PEOPLE].to_numpy(np.float64)[rows[F.POINT]]
    share = np.array(scenario.network_shares)[rows[F.NETWORK]]
    residents: FloatArray = np.where(rows[F.LEVEL] == F.OUTDOOR, people * share, 0.0)
    return residents


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
    everybody = row_residents(model.scenario, demand)
    rows = np.flatnonzero((demand.rows[F.NETWORK].to_numpy() == network) & (everybody > 0))
    people, outside = everybody[rows], coverage.outside[rows]
    cover = coverage.cover[rows][:, columns]
    beyond = float(people[outside].sum())
    yield (
        "",
        "",
        "covered_residents",
        float(people[outside | (np.diff(cover.indptr) > 0)].sum()),
        "people",
    )

    split = attached = 0.0
    if cover.nnz:
        own, opened = np.where(outside, 0.0, people), np.arange(len(columns))
        problem = Problem(
            weight=own, cover=cover, phases=[len(columns)], load=own, cap=np.full(len(columns), cap)
        )
        strongest = np.repeat(
            server[demand.rows[F.POINT].to_numpy()[rows]], np.diff(problem.cover.indptr)
        )
        is_strongest = (problem.cover.indices == strongest).astype(np.float64)
        split = float(served_value(problem, opened)[0])
        attached = float(attached_value(problem, opened, is_strongest)[0])
    yield "", "", "split_residents", beyond + split, "people"
    yield "", "", "attached_residents", beyond + attached, "people"
