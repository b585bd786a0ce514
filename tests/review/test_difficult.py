"""What hangs on single stations of the drawn district, against its explanation and its losses."""

from __future__ import annotations

import pytest

from planner import fields as F
from planner.errors import ProblemError
from planner.model import Model, Plan
from planner.plan import explain
from planner.plan.grounds import make_grounds
from planner.review import difficult_sites
from planner.review.effects import alone_points
from tests.plan.conftest import greedy_order, make_model, plan_of
from tests.plan.test_explain import planned


@pytest.fixture(scope="module")
def model() -> Model:
    return make_model()


@pytest.fixture(scope="module")
def plan(model: Model) -> Plan:
    order = greedy_order(model)
    return plan_of(model, order[: model.scenario.counts[-1]], extension=order)


def test_difficult_sites_are_sorted_by_what_is_lost(plan: Plan, model: Model) -> None:
    ids = planned(plan)[plan.scenario.counts[0] :: 7]
    difficult = difficult_sites(plan, model, [*ids, ids[0]])
    table = difficult.sites
    assert sorted(table[F.STATION_ID]) == sorted(ids)
    assert table["lost_points"].is_monotonic_decreasing
    losses = plan.stations.set_index(F.STATION_ID).filter(like="loss_")
    for row in table.itertuples():
        assert row.lost_points == pytest.approx(losses.loc[row.station_id].sum())
        own = table.loc[row.Index, losses.columns].astype(float)
        assert own.to_numpy() == pytest.approx(losses.loc[row.station_id].to_numpy())
        opens = explain(plan, model, row.station_id).opens
        last = opens[opens["count"] == plan.scenario.counts[-1]]
        mine = difficult.openings[difficult.openings[F.STATION_ID] == row.station_id]
        told = last.drop(columns=[F.PHASE, "count"]).reset_index(drop=True)
        assert mine.drop(columns=F.STATION_ID).reset_index(drop=True).to_dict() == told.to_dict()
        gaps = last[last["kind"] == "gap"]
        assert row.new_gap_m == pytest.approx((gaps["size"] - gaps["before"]).sum(), abs=0.2)


def test_an_unknown_station_is_refused(plan: Plan, model: Model) -> None:
    with pytest.raises(ProblemError, match="S000"):
        difficult_sites(plan, model, ["S000"])


def test_what_a_station_alone_serves_is_its_loss_in_the_last_phase(
    plan: Plan, model: Model
) -> None:
    alone = alone_points(model, plan.order)
    pairs = [(layer.name, level) for layer in plan.scenario.layers for level in layer.judged_at]
    assert list(alone) == [F.points_column(*pair) for pair in pairs]
    for pair in pairs:
        losses = plan.stations[F.loss_column(*pair)].fillna(0.0).to_numpy()
        assert alone[F.points_column(*pair)].to_numpy() == pytest.approx(losses)
    assert len(make_grounds(plan.scenario, plan.points, plan.share, plan.grid)) == 3
