"""What the office asks next: how many would do, what ten more bring, whom a veto hurts."""

from __future__ import annotations

import numpy as np
import pandas as pd

from planner import fields as F
from planner.errors import ProblemError
from planner.model import Model, Plan, tables
from planner.plan.grounds import make_grounds
from planner.plan.measures import measure_cases
from planner.plan.service import first_rank, rank_of_columns, to_cube
from planner.plan.why import column_of
from planner.rules import RULES
from planner.schema import member


def least_count(plan: Plan, layer: str, network: str, level: str = "outdoor") -> int:
    """The least number of stations of this order from which a layer passes.

    Parameters
    ----------
    plan
        The plan; past its last phase the count is that of the order continued.
    layer, network, level
        Names as in ``plan.verdicts``.

    Returns
    -------
    int
        Not less than the open stations; -1 when the layer never passes.

    Raises
    ------
    ProblemError
        When the plan has no such verdict.
    """
    of = plan.verdicts
    row = of[(of[F.LAYER] == layer) & (of[F.NETWORK] == network) & (of[F.LEVEL] == level)]
    if row.empty:
        known = ", ".join(
            sorted(
                {"/".join(key) for key in zip(of[F.LAYER], of[F.NETWORK], of[F.LEVEL], strict=True)}
            )
        )
        raise ProblemError(
            f"no verdict for {layer}/{network}/{level}; known: {known}",
            f"没有 {layer}/{network}/{level} 的结论；可选：{known}",
        )
    return int(row["passing_count"].iloc[0])


def value_of_more(plan: Plan, count: int, more: int = 10) -> pd.DataFrame:
    """What the next stations of the order add to a number of them.

    Parameters
    ----------
    plan
        The plan.
    count
        Stations to start from.
    more
        How many more.

    Returns
    -------
    DataFrame
        ``layer, network, level, share, share_then, points``: shares (0-1) before and after, and the
        difference in per cent of the whole. The first row, with empty names, is the weight of all
        demand.

    Raises
    ------
    ProblemError
        When the plan's curve does not hold both counts.
    """
    curve = plan.curve
    first, last = int(curve.index[0]), int(curve.index[-1])
    if not first <= count <= count + more <= last:
        raise ProblemError(
            f"the order is known from {first} to {last} stations, not from {count} to "
            f"{count + more}",
            f"该次序只知 {first} 至 {last} 站，不含 {count} 至 {count + more} 站",
        )
    shares = curve.drop(columns=F.BOUND).rename(columns={F.COVERED: "//"})
    keys = [tuple(column.split("/")) for column in shares.columns]
    table = pd.DataFrame(keys, columns=[F.LAYER, F.NETWORK, F.LEVEL])
    table[F.SHARE] = shares.loc[count].to_numpy()
    table[F.SHARE_THEN] = shares.loc[count + more].to_numpy()
    table[F.POINTS] = 100 * (table[F.SHARE_THEN] - table[F.SHARE])
    return tables.MORE.checked(table)


def hurt_by_veto(plan: Plan, model: Model, station_id: str) -> pd.DataFrame:
    """Which layers lose when a station of the plan is not built and nothing stands in for it.

    Parameters
    ----------
    plan, model
        The plan and the model it was made from.
    station_id
        A station of the plan.

    Returns
    -------
    DataFrame
        ``phase, count, layer, network, level, share, share_without, points`` (lost, in per cent of
        the layer), ``passes, passes_without, fail_<rule>`` (what each rule fails by without it, 0
        where it holds); a row per phase, layer and level that loses anything, the greatest loss of
        a phase first. Empty when nobody is hurt.

    Raises
    ------
    ProblemError
        When the plan holds no such station.
    """
    column = column_of(plan, station_id)
    scenario, demand = plan.scenario, model.demand
    rank = rank_of_columns(plan.order, len(plan.stations))
    rank[column] = F.NEVER
    first = to_cube(
        demand.rows, first_rank(model.coverage.cover, rank), plan.first.shape, F.NEVER, np.int64
    )
    network = scenario.network_names.index(str(plan.stations[F.NETWORK].iloc[column]))
    grounds = make_grounds(scenario, plan.points, plan.share, plan.grid)
    failures, rows = [member(F.FAIL, rule=code) for code in RULES], []
    for case in measure_cases(scenario, grounds, first, scenario.counts[-1], (network,)):
        key = case.key(scenario)
        for number, phase in enumerate(scenario.phases):
            share, passes = (
                plan.by_count[*key, measure].loc[phase.stations] for measure in ("share", "passes")
            )
            after = {measure: values[phase.stations] for measure, values in case.measures.items()}
            lost = 100 * (float(share) - float(after["share"]))
            if lost > 0 or bool(passes) != bool(after["passes"]):
                rows.append(
                    (
                        number,
                        phase.stations,
                        *key,
                        float(share),
                        float(after["share"]),
                        lost,
                        bool(passes),
                        bool(after["passes"]),
                        *(float(after.get(name, 0.0)) for name in failures),
                    )
                )
    names = [name for name in tables.LOSES.columns if name != F.FAIL] + failures
    table = tables.LOSES.checked(pd.DataFrame(rows, columns=names))
    return table.sort_values(
        [F.COUNT, F.POINTS], ascending=[True, False], kind="stable", ignore_index=True
    )
