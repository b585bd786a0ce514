"""Why a station is there, against plain re-computation on the drawn district."""

from __future__ import annotations

import numpy as np
import pytest

from planner import fields as F
from planner.console import explanation_text
from planner.errors import ProblemError
from planner.model import Model, Plan
from planner.plan import explain, hurt_by_veto
from planner.words import known_languages, language


def planned(plan: Plan) -> list[str]:
    return plan.stations.iloc[plan.order][F.STATION_ID].tolist()


def road_samples(
    plan: Plan, model: Model, network: int, order: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Which samples of the one road are served outdoors, and their lengths, along the road."""
    rows = model.demand.rows
    mine = (rows[F.NETWORK] == network) & (rows[F.LEVEL] == 0)
    served = np.asarray(model.coverage.cover[:, order].sum(axis=1)).ravel() > 0
    by_point = dict(zip(rows.loc[mine, F.POINT], served[mine.to_numpy()], strict=True))
    points = np.flatnonzero(plan.points[F.ROAD].to_numpy() >= 0)
    return np.array([by_point[p] for p in points]), plan.points[F.LENGTH_M].to_numpy()[points]


def dark_lengths(served: np.ndarray, length: np.ndarray) -> list[float]:
    runs, now = [], 0.0
    for is_served, metres in zip([*served, True], [*length, 0.0], strict=True):
        if is_served:
            runs += [now] if now else []
            now = 0.0
        else:
            now += metres
    return runs


def on_road(plan: Plan) -> list[str]:
    """Stations that bring the road something at their rank, outdoors."""
    table = plan.stations.iloc[plan.order]
    first = plan.scenario.counts[0]
    found: list[str] = table.loc[
        (table["gain_road_m"] > 0) & (table[F.RANK] >= first), F.STATION_ID
    ].tolist()
    assert len(found) >= 6
    return found


def test_the_gap_that_a_station_closes_is_the_one_on_the_ground(plan: Plan, model: Model) -> None:
    for station in on_road(plan)[:6]:
        told = explain(plan, model, station)
        row = told.station
        network, rank = plan.scenario.network_names.index(row[F.NETWORK]), int(row[F.RANK])
        before = dark_lengths(*road_samples(plan, model, network, plan.order[:rank]))
        after = dark_lengths(*road_samples(plan, model, network, plan.order[: rank + 1]))
        gaps = told.closes[(told.closes["kind"] == "gap") & (told.closes[F.LEVEL] == "outdoor")]
        assert len(gaps)
        for gap in gaps.itertuples():
            assert round(gap.before, 1) in [round(run, 1) for run in before]
            assert gap.after == 0 or round(gap.after, 1) in [round(run, 1) for run in after]
            assert "G15" in gap.name


def test_the_gaps_that_a_veto_opens_are_those_on_the_ground(plan: Plan, model: Model) -> None:
    limit = next(layer.rule.gap_m for layer in plan.scenario.layers if layer.shape == "road") + 0.5
    for station in on_road(plan)[:6]:
        told = explain(plan, model, station)
        network = plan.scenario.network_names.index(told.station[F.NETWORK])
        for number, phase in enumerate(plan.scenario.phases[1:], start=1):
            order = plan.order[: phase.stations]
            without = order[plan.stations[F.STATION_ID].to_numpy()[order] != station]
            before = [
                run
                for run in dark_lengths(*road_samples(plan, model, network, order))
                if run > limit
            ]
            after = [
                run
                for run in dark_lengths(*road_samples(plan, model, network, without))
                if run > limit
            ]
            new = sorted(set(np.round(after, 1)) - set(np.round(before, 1)))
            opens = told.opens
            mine = opens[
                (opens["kind"] == "gap")
                & (opens[F.LEVEL] == "outdoor")
                & (opens[F.PHASE] == number)
            ]
            assert sorted(np.round(mine["size"], 1)) == new


def test_what_it_adds_and_loses_are_the_plans_own_figures(plan: Plan, model: Model) -> None:
    station = planned(plan)[plan.scenario.counts[0] + 3]
    told = explain(plan, model, station)
    for row in told.adds.itertuples():
        assert row.points == told.station[f"gain_{row.layer}_{row.level}"]
    assert told.loses.equals(hurt_by_veto(plan, model, station))
    for code in known_languages():
        text = explanation_text(told, plan, language(code))
        assert station in text
        assert len(text.splitlines()) >= 5


def test_an_unknown_station_is_refused(plan: Plan, model: Model) -> None:
    with pytest.raises(ProblemError, match="S000"):
        explain(plan, model, "S000")
