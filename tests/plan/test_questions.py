"""What the office asks of a plan, and plans beside each other."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from planner import fields as F
from planner.errors import ProblemError
from planner.model import Model, Plan
from planner.plan import compare, hurt_by_veto
from tests.plan.conftest import plan_of


@pytest.fixture(scope="module")
def other(model: Model, extension: np.ndarray) -> Plan:
    """Another order, asked with another threshold."""
    scenario = model.scenario.replace(name="strict", levels={"outdoor": {"rsrp_dbm": -100.0}})
    rng = np.random.default_rng(1)
    order = np.concatenate([extension[:8], rng.permutation(extension[8:])])
    return plan_of(dataclasses.replace(model, scenario=scenario), order[:160], extension=order)


def test_a_veto_hurts_exactly_what_the_station_alone_serves_at_the_end(
    model: Model, plan: Plan
) -> None:
    losses = [c for c in plan.stations.columns if c.startswith("loss_")]
    for rank in (0, 25, 60, 159):
        station = plan.stations.iloc[plan.order[rank]]
        hurt = hurt_by_veto(plan, model, station[F.STATION_ID])
        at_end = hurt[hurt["count"] == 160].set_index([F.LAYER, F.LEVEL])["points"]
        for column in losses:
            _, layer, level = column.split("_")
            assert at_end.get((layer, level), 0.0) == pytest.approx(station[column])
        assert set(hurt[F.NETWORK]) <= {station[F.NETWORK]}
        assert (hurt["share_without"] <= hurt["share"]).all()


def test_a_veto_that_breaks_a_rule_says_why(model: Model, plan: Plan) -> None:
    found = [
        hurt_by_veto(plan, model, plan.stations[F.STATION_ID].iloc[column])
        for column in plan.order[8:40]
    ]
    broken = pd.concat([hurt[hurt["passes"] & ~hurt["passes_without"]] for hurt in found])
    assert len(broken)
    assert (broken[["fail_share", "fail_hole", "fail_gap"]].max(axis=1) > 0).all()


def test_a_station_that_is_not_in_the_plan_is_refused(model: Model, plan: Plan) -> None:
    unchosen = plan.stations.loc[plan.stations[F.RANK].isna(), F.STATION_ID].iloc[0]
    with pytest.raises(ProblemError, match=unchosen):
        hurt_by_veto(plan, model, unchosen)


def test_only_the_parameters_that_differ_are_listed(plan: Plan, other: Plan) -> None:
    parameters = compare(plan, other).parameters
    assert parameters.to_dict("records") == [
        {"parameter": "levels.outdoor.rsrp_dbm", "drawn": "-105.0", "strict": "-100.0"}
    ]


def test_indicators_are_values_and_differences_to_the_base(plan: Plan, other: Plan) -> None:
    figures = compare(plan, other).indicators
    assert (
        figures["strict - drawn"].dropna() == (figures["strict"] - figures["drawn"]).dropna()
    ).all()
    keys = [F.PHASE, F.LAYER, F.NETWORK, F.LEVEL, "measure"]
    mine = figures.set_index(keys)["drawn"]
    for _, row in plan.measures.iterrows():
        assert mine[tuple(row[keys])] == row["value"]
    assert (figures["measure"] == "passing_count").sum() == 12


def test_station_changes_account_for_every_station(plan: Plan, other: Plan) -> None:
    changes = compare(plan, other).stations
    old = set(plan.stations.loc[plan.stations[F.RANK].notna(), F.STATION_ID])
    new = set(other.stations.loc[other.stations[F.RANK].notna(), F.STATION_ID])
    by = dict(iter(changes.groupby("change")))
    assert set(by["added"][F.STATION_ID]) == new - old
    assert set(by["removed"][F.STATION_ID]) == old - new
    assert set(by["retimed"][F.STATION_ID]) <= old & new
    assert (by["retimed"][F.PHASE] != by["retimed"]["phase_base"]).all()
    assert "moved" not in by


def test_a_new_station_near_a_gone_one_has_moved(plan: Plan, other: Plan) -> None:
    far = compare(plan, other, move_m=100.0).stations
    near = compare(plan, other, move_m=400.0).stations
    moved = near[near["change"] == "moved"]
    assert len(moved)
    assert (moved["moved_m"] <= 400).all()
    assert not moved["base_id"].duplicated().any()
    kinds = plan.stations.set_index(F.STATION_ID)[F.NETWORK]
    assert (kinds[moved["base_id"]].to_numpy() == moved[F.NETWORK]).all()
    assert len(far[far["change"] == "added"]) == len(near[near["change"] == "added"]) + len(moved)


def test_a_plan_beside_itself_differs_in_nothing(plan: Plan) -> None:
    same = compare(plan, plan)
    assert same.names == ("drawn", "drawn (2)")
    assert same.parameters.empty
    assert same.stations.empty
    assert (same.indicators["drawn (2) - drawn"].dropna() == 0).all()
    assert "覆盖率" not in str(same)


def test_the_printed_table_reads_as_the_office_writes(plan: Plan, other: Plan) -> None:
    text = str(compare(plan, other))
    assert "levels.outdoor.rsrp_dbm" in text
    assert "主城区 · 移动（广电） · 室外 outdoors · 覆盖率 coverage %" in text
    assert "调期 re-timed" in text
    assert "e-1" not in text


def test_the_whole_comparison_is_one_frame(plan: Plan, other: Plan) -> None:
    comparison = compare(plan, other, other)
    frame = comparison.to_frame()
    assert list(frame.columns)[-5:] == [
        "drawn",
        "strict",
        "strict (2)",
        "strict - drawn",
        "strict (2) - drawn",
    ]
    assert list(dict.fromkeys(frame["part"])) == ["parameter", "indicator", "stations"]
    share = frame[
        (frame[F.MEASURE] == "share") & (frame[F.PHASE] == 1) & (frame[F.LAYER] == "core")
    ]
    assert len(share) == 4 and (share["strict"] - share["drawn"] == share["strict - drawn"]).all()
    changed = frame.set_index(F.CHANGE).loc["retimed"]
    assert (
        changed["strict"]
        == (comparison.stations.query("plan == 'strict'")[F.CHANGE] == "retimed").sum()
    )


def test_one_plan_alone_is_no_comparison(plan: Plan) -> None:
    with pytest.raises(ProblemError, match="two plans"):
        compare(plan)
