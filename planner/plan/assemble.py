"""Model and order -> Plan: first service, measures, verdicts, reasons and the record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from planner import fields as F
from planner.errors import ProblemError
from planner.model import (
    STATED_COUNTS,
    CoveredWeight,
    FloatArray,
    IntArray,
    Model,
    Plan,
    Reception,
)
from planner.plan.build import cost_scale, in_order, town_table
from planner.plan.failures import gap_table, hole_table
from planner.plan.grounds import make_grounds
from planner.plan.measures import (
    Case,
    count_table,
    heard_by_count,
    measure_cases,
    phase_table,
    verdict_table,
)
from planner.plan.provenance import make_provenance
from planner.plan.replacements import replacement_table
from planner.plan.residents import find_residents, resident_table
from planner.plan.service import first_rank, rank_of_columns, sole_column, to_cube
from planner.plan.why import gain_columns, loss_columns


def make_plan(
    model: Model,
    value: CoveredWeight,
    order: IntArray,
    *,
    extension: IntArray,
    reception: Reception,
    stations: gpd.GeoDataFrame,
    search: Mapping[str, Any],
) -> Plan:
    """Work out everything that an order of stations brings.

    Parameters
    ----------
    model
        The model that was solved.
    value
        What counts as covered.
    order
        Places in ``model.stations.table``, in opening order, as many as the last phase counts.
    extension
        The same order continued past the last phase; tells from which count a rule would hold, and
        the curve beyond.
    reception
        What the order is received as.
    stations
        The stations with their place in the order, from :func:`planner.plan.order_stations`.
    search
        What the optimiser says of itself (value, bound, phase_bound, gap, certificate, steps, ...),
        kept in the plan's ``provenance``. ``curve_bound``, when given, maps counts to proven
        bounds; see :func:`curve_table`.

    Raises
    ------
    ProblemError
        When order and extension do not fit the model: wrong length, a station twice, a number out
        of range.
    """
    order, extension = np.asarray(order, np.int64), np.asarray(extension, np.int64)
    check_order(model, order, extension)
    scenario, demand, layers = model.scenario, model.demand, model.layers
    columns = len(model.stations.table)
    cube = (len(demand.points), len(scenario.networks), len(F.LEVELS))

    # who serves what first, along the order as far as it is known
    rank = first_rank(value, rank_of_columns(extension, columns))
    row_rank = rank[: value.demand_rows]
    reached = to_cube(demand.rows, row_rank, cube, F.NEVER, np.int64)
    sole = to_cube(demand.rows, sole_column(model.coverage, order), cube, -1, np.int64)

    # every rule at every count
    grounds = make_grounds(scenario, demand.points, demand.share, demand.grid)
    heard = heard_by_count(reception.heard, len(extension))
    cases = measure_cases(scenario, grounds, reached, len(extension), heard=heard)
    residents = find_residents(scenario, grounds, reached)

    gains = gain_columns(cases, residents, order, columns)
    stations = stations.assign(**gains, **loss_columns(cases, sole, order, columns))
    by_count = count_table(scenario, cases, residents, in_order(stations), layers)
    measures = pd.concat([phase_table(scenario, by_count), reception.measures], ignore_index=True)
    scale = cost_scale(scenario.siting, stations[F.BUILD_TYPE].iloc[order], scenario.counts)

    # the plan ends with its last phase: later ranks are those of nobody
    is_ours = (reached >= 0) & (reached < len(order))
    first = np.where(is_ours | (reached < 0), reached, F.NEVER).astype(np.int32)
    server = np.where(is_ours, order[np.where(is_ours, reached, 0)], -1).astype(np.int32)
    wanted = to_cube(demand.rows, np.ones(len(demand.rows), np.bool_), cube, 0, np.bool_)
    return Plan(
        scenario=scenario,
        layers=layers,
        grid=demand.grid,
        points=reception.points,
        roads=demand.roads,
        share=demand.share,
        stations=stations,
        neighbour_stations=model.stations.neighbours,
        findings=model.stations.findings,
        first=first,
        wanted=wanted,
        server=server,
        broken=_broken(cases, cube, len(order)),
        by_count=by_count,
        measures=measures,
        verdicts=verdict_table(scenario, cases, _in_hand(demand.rows, reception.reserve_db, cube)),
        gaps=gap_table(scenario, cases, demand.points, demand.roads),
        holes=hole_table(scenario, cases, demand.points, layers),
        towns=town_table(stations, layers, scenario),
        residents=resident_table(scenario, layers, demand.points, residents),
        curve=curve_table(model, value, rank, cases, len(extension), search),
        cells=reception.cells,
        neighbours=reception.neighbours,
        carriers=reception.carriers,
        replacements=replacement_table(model, value, order),
        provenance=make_provenance(model, row_rank, scale, {**search, **_stated(reception)}),
    )


def _in_hand(
    rows: pd.DataFrame, reserve_db: FloatArray | None, cube: tuple[int, int, int]
) -> FloatArray | None:
    """What is in hand at each phase, (phases, *cube)."""
    if reserve_db is None:
        return None
    return np.stack([to_cube(rows, row, cube, -np.inf, np.float64) for row in reserve_db])


def _stated(reception: Reception) -> dict[str, list[int]]:
    """The counts at which what is heard was judged; nothing where no layer asks."""
    counts = sorted(set(reception.heard[F.COUNT].tolist()))
    return {STATED_COUNTS: counts} if counts else {}


def check_order(model: Model, order: IntArray, extension: IntArray) -> None:
    """Refuse an order that does not fit its model; see :func:`make_plan`."""
    columns, last = len(model.stations.table), model.scenario.counts[-1]
    fits = (
        len(order) == last
        and len(extension) >= last
        and np.array_equal(extension[:last], order)
        and len(np.unique(extension)) == len(extension)
        and extension.min(initial=0) >= 0
        and extension.max(initial=-1) < columns
    )
    if not fits:
        raise ProblemError(
            f"an order must hold {last} different stations of {columns}, and its extension must "
            f"begin with it",
            f"次序须含 {columns} 站中互不相同的 {last} 站，其延伸须以该次序开头",
        )


def _broken(
    cases: tuple[Case, ...], cube: tuple[int, int, int], last: int
) -> npt.NDArray[np.int32]:
    """Greatest count at which each place still lies in a hole or gap over the limit, `cube`."""
    broken = np.zeros(cube, np.int64)
    for case in cases:
        mine = (case.ground.places, case.network, case.level)
        broken[mine] = np.maximum(broken[mine], case.opened)
    return np.where(broken >= last, F.NEVER, broken).astype(np.int32)


def curve_table(
    model: Model,
    value: CoveredWeight,
    rank: IntArray,
    cases: tuple[Case, ...],
    top: int,
    search: Mapping[str, Any],
) -> pd.DataFrame:
    """Coverage against count, on past the last phase until more stations serve nothing more.

    Weights are those of the last phase, demand rows and continuity rows together, as the optimiser
    counts them, and of what neighbour stations serve, which is covered at every count; ``rank`` is
    that at which each of these rows is first served.

    Returns
    -------
    DataFrame
        ``tables.CURVE``: ``covered``, share of all weight; ``bound``, share that no set of so many
        stations exceeds (NaN where none was proven); one column ``<layer>/<network>/<level>`` per
        share of ground.
    """
    scenario = model.scenario
    # rows that neighbours serve weigh nothing here
    rank, weight, given = np.clip(rank, 0, top), value.weight[-1], value.given[-1]
    by_rank = np.bincount(rank, weights=weight, minlength=top + 1)
    total = float(given + np.cumsum(by_rank)[-1]) or 1.0
    covered = (given + np.concatenate([[0.0], np.cumsum(by_rank[:top])])) / total

    # the curve ends with the last station that is the first to serve anything
    useful = np.flatnonzero(by_rank[:top])
    last = max(scenario.counts[-1], int(useful[-1]) + 1 if len(useful) else 0)
    counts = np.arange(scenario.counts[0], last + 1)
    none = np.full(len(counts), np.nan)
    columns: dict[str, FloatArray] = {F.COVERED: covered[counts], F.BOUND: none}
    columns |= {"/".join(case.key(scenario)): case.measures[F.SHARE][counts] for case in cases}
    table = pd.DataFrame(columns, index=pd.RangeIndex(counts[0], last + 1, name=F.COUNT))

    for count, bound in dict(search.get("curve_bound", {})).items():
        if count in table.index:
            table.loc[count, F.BOUND] = min((given + float(bound)) / total, 1.0)
    return table
