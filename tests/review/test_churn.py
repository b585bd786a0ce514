"""Solving near an agreed plan: nothing leaves that need not, and no way is made to look dear."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from planner import fields as F
from planner import optimise, pipeline
from planner.model import Model, Plan
from planner.review import decide, make_changes, replan
from tests.review.returned import statement


class Base:
    """A plan and its model under a name short enough to be printed."""

    def __init__(self, plan: Plan, model: Model, ranked: pd.DataFrame) -> None:
        self.plan, self.model, self.ranked = plan, model, ranked

    def __repr__(self) -> str:
        return "toy"


@pytest.fixture(scope="module")
def base(plan: Plan, model: Model, ranked: pd.DataFrame) -> Base:
    return Base(plan, model, ranked)


def test_every_way_takes_the_best_of_all_searches_by_its_own_price(
    monkeypatch: pytest.MonkeyPatch, plan: Plan, ranked: pd.DataFrame
) -> None:
    """A poor search at the version's own price must not become the version."""
    real = optimise.solve
    scenario = plan.scenario.replace(
        review={"vetoed": [ranked[F.STATION_ID][25]], "churn_price": 5.0}
    )
    new_model = pipeline.build(scenario, layers=plan.layers)
    straight, _ = replan(new_model, plan)

    def poor(problem: optimise.Problem, **options: Any) -> optimise.Result:
        mean = sum(v / n for v, n in zip(plan.provenance["value"], problem.phases, strict=True))
        if problem.churn_price == pytest.approx(5.0 * mean):  # as if nothing had been agreed
            free = real(problem.replace(churn_price=0.0), **options)
            phase = np.full(problem.shape[1], -1)
            opened = free.order[: problem.phases[-1]]
            phase[opened] = np.searchsorted(problem.phases, np.arange(len(opened)), side="right")
            kept = (problem.agreed >= 0) & (phase == problem.agreed)
            kept[problem.fixed] = False
            return dataclasses.replace(
                free, objective=free.objective + problem.churn_price * float(kept.sum())
            )
        return real(problem, **options)

    monkeypatch.setattr(optimise, "solve", poor)
    saved, prices = replan(new_model, plan)
    assert prices["left"].tolist()[:2] == [1, 1]
    assert saved.order.tolist() == straight.order.tolist()


@settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)
@example(refused=set(), accepted=set(), opened=set())
@given(
    refused=st.sets(st.integers(11, 39), max_size=5),
    accepted=st.sets(st.integers(11, 39), max_size=6),
    opened=st.sets(st.integers(20, 39), max_size=1),
)
def test_a_new_version_differs_only_where_answers_or_their_repair_ask_for_it(
    base: Base, refused: set[int], accepted: set[int], opened: set[int]
) -> None:
    plan, model, ranked = base.plan, base.model, base.ranked
    ids = ranked[F.STATION_ID]
    accepted, opened = accepted - refused - opened, opened - refused
    rows = [statement(ids[i], verdict="refuse", line=i) for i in sorted(refused)]
    rows += [statement(ids[i], verdict="accept", line=i) for i in sorted(accepted)]
    rows += [statement(ids[i], opened_on="2020-11-01", line=i) for i in sorted(opened)]
    decided = decide(plan, rows)
    part = {**decided.review.model_dump(), "churn_price": 500.0}
    scenario = plan.scenario.replace(review=part)
    new_model = pipeline.build(scenario, layers=plan.layers, demand=model.demand)
    new, _ = replan(new_model, plan)
    table = new.stations.set_index(F.STATION_ID)
    assert sorted(table[F.RANK].dropna()) == list(range(40))
    assert all(pd.isna(table.loc[ids[i], F.RANK]) for i in refused)
    assert all(table.loc[ids[i], F.PHASE] == ranked.loc[i, F.PHASE] for i in accepted)
    assert all(table.loc[ids[i], F.PHASE] == 1 for i in opened)
    changes = make_changes((plan, model), (new, new_model), decided.statements).stations
    asked = {ids[i] for i in refused | opened}
    left = changes[changes["change"].isin(["removed", "retimed"]) & ~changes["base_id"].isin(asked)]
    # whoever opens early takes a place in the first phase: it is freed by a veto there, or one
    # station makes room
    assert len(left) <= len(opened)
    assert (changes["change"] == "added").sum() == (changes["change"] == "removed").sum()
