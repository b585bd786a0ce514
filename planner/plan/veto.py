"""What a veto costs: the layers that lose without a station, and those that then no longer pass."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from planner import fields as F
from planner.model import Model, Plan, tables
from planner.plan.grounds import make_grounds
from planner.plan.measures import Case, Heard, measure_cases
from planner.plan.service import first_rank, rank_of_columns, to_cube
from planner.plan.why import column_of
from planner.rules import RULES
from planner.schema import member


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
    rows = [
        row
        for case in _cases_without(plan, model, column)
        for number, phase in enumerate(plan.scenario.phases)
        if (row := _loss(plan, case, number, phase.stations)) is not None
    ]
    failures = [member(F.FAIL, rule=code) for code in RULES]
    names = [name for name in tables.LOSES.columns if name != F.FAIL] + failures
    table = tables.LOSES.checked(pd.DataFrame(rows, columns=names))
    return table.sort_values(
        [F.COUNT, F.POINTS], ascending=[True, False], kind="stable", ignore_index=True
    )


def _cases_without(plan: Plan, model: Model, column: int) -> tuple[Case, ...]:
    """What each layer of a station's network has when the station is not built."""
    scenario, rows = plan.scenario, model.demand.rows
    rank = rank_of_columns(plan.order, len(plan.stations))
    rank[column] = F.NEVER
    row_rank = first_rank(model.coverage, rank)
    first = to_cube(rows, row_rank, plan.first.shape, F.NEVER, np.int64)

    network = scenario.network_names.index(str(plan.stations[F.NETWORK].iloc[column]))
    grounds = make_grounds(scenario, plan.points, plan.share, plan.grid)
    top = scenario.counts[-1]
    return measure_cases(scenario, grounds, first, top, (network,), _heard_as_planned(plan, top))


def _heard_as_planned(plan: Plan, top: int) -> Heard:
    """What is heard with every station there: what one of them changes of it is not judged."""
    figures: dict[tuple[str, str], dict[str, Any]] = {}
    names = {measure for rule in RULES.values() if rule.is_heard for measure in rule.measures}
    columns: list[Any] = [column for column in plan.by_count.columns if column[3] in names]
    for layer, network, _, measure in columns:
        values = plan.by_count[layer, network, F.LEVELS[F.OUTDOOR], measure]
        by_count = values.reindex(range(top + 1)).bfill().to_numpy(np.float64)
        figures.setdefault((layer, network), {})[measure] = by_count
    return figures


def _loss(plan: Plan, case: Case, phase: int, count: int) -> tuple[Any, ...] | None:
    """What a layer loses at a phase, a row of ``tables.LOSES``; None when it loses nothing."""
    key = case.key(plan.scenario)
    share, passes = (plan.by_count[*key, measure].loc[count] for measure in (F.SHARE, F.PASSES))
    after = {measure: values[count] for measure, values in case.measures.items()}
    lost = 100 * (float(share) - float(after[F.SHARE]))
    hurts = lost > 0 or bool(passes) != bool(after[F.PASSES])
    if not hurts:
        return None

    shares = (float(share), float(after[F.SHARE]), lost)
    verdicts = (bool(passes), bool(after[F.PASSES]))
    fails_by = (float(after.get(member(F.FAIL, rule=code), 0.0)) for code in RULES)
    return (phase, count, *key, *shares, *verdicts, *fails_by)
