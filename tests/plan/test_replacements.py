"""Who could stand in for a station, against plain re-computation on the drawn district."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import diags_array

from planner import fields as F
from planner.console import explanation_text
from planner.errors import ProblemError
from planner.model import CoveredWeight, Model, Plan, replacement_texts, whole_percent
from planner.plan import alternatives, explain
from planner.plan.replacements import MOST, replacement_table
from planner.words import known_languages, language
from tests.plan.conftest import plan_of

TIE = 2e-6  # shares are kept to 1e-6


class Value:
    """The value of a set of stations in the last phase, counted row by row."""

    def __init__(self, model: Model) -> None:
        cover = model.coverage.cover.toarray() > 0
        windows = (model.demand.windows @ cover.astype(float)) > 0
        self.serves = np.vstack([cover, windows])
        self.weight = np.concatenate([model.demand.weight[-1], model.demand.window_weight[-1]])

    def dark(self, columns: np.ndarray) -> np.ndarray:
        """Weight of each row that none of some stations serves, 0 for the others."""
        return np.where(self.serves[:, columns].any(axis=1), 0.0, self.weight)

    def regained(self, model: Model, order: np.ndarray, station: int) -> pd.Series:
        """Share of the lost value that each station which may be built brings back, by 规划编号."""
        table = model.stations.table
        rest = order[order != station]
        missed = self.dark(rest) - self.dark(order)
        lost = missed.sum()
        others = table[
            ~table.index.isin(order)
            & ~table["excluded"]
            & (table[F.SITE_ID] != table[F.SITE_ID].iloc[station])
            & (table[F.NETWORK] == table[F.NETWORK].iloc[station])
        ]
        back = missed @ self.serves[:, others.index]
        shares = back / lost if lost > 1e-12 else np.zeros(len(others))
        return pd.Series(shares, index=others[F.STATION_ID])


@pytest.fixture(scope="module")
def value(model: Model) -> Value:
    return Value(model)


def check(model: Model, order: np.ndarray, value: Value, station: int, found: pd.DataFrame) -> None:
    """The rows kept of one station are the best there are."""
    expected = value.regained(model, order, station)
    helps = expected[expected > TIE]
    assert len(found) == min(MOST, len(helps))
    assert found["choice"].tolist() == list(range(1, len(found) + 1))
    assert found["regained"].to_numpy() == pytest.approx(helps.nlargest(MOST).to_numpy(), abs=TIE)
    assert found["regained"].to_numpy() == pytest.approx(
        expected[found["replacement_id"]].to_numpy(), abs=TIE
    )


def covered(model: Model) -> CoveredWeight:
    return CoveredWeight.of(model.demand, model.coverage)


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), count=st.sampled_from([40, 120, 160]))
def test_they_are_the_best_of_all_free_stations(
    model: Model, value: Value, seed: int, count: int
) -> None:
    rng = np.random.default_rng(seed)
    others = np.setdiff1d(np.arange(len(model.stations.table)), model.stations.fixed)
    order = np.concatenate([model.stations.fixed, rng.permutation(others)])[:count]
    found = replacement_table(model, covered(model), order)
    ids = model.stations.table[F.STATION_ID]
    for station in rng.choice(order[len(model.stations.fixed) :], 5, replace=False):
        check(model, order, value, int(station), found[found[F.STATION_ID] == ids.iloc[station]])


def test_the_plan_keeps_them_for_every_station_that_is_not_on_air(
    model: Model, plan: Plan, value: Value
) -> None:
    for station in plan.order[::9]:
        mine = alternatives(plan, plan.stations[F.STATION_ID].iloc[station])
        if plan.stations[F.STATE].iloc[station] == "open":
            assert mine.empty
        else:
            check(model, plan.order, value, station, mine)
    named = plan.stations.set_index(F.STATION_ID)
    assert named.loc[plan.replacements["replacement_id"], F.RANK].isna().all()
    assert named.loc[plan.replacements[F.STATION_ID], F.RANK].notna().all()
    assert not plan.replacements.duplicated([F.STATION_ID, "choice"]).any()


def test_each_row_says_where_the_other_stands(plan: Plan) -> None:
    at = plan.stations.set_index(F.STATION_ID)
    found = plan.replacements
    lost, other = at.loc[found[F.STATION_ID]], at.loc[found["replacement_id"]]
    for name in (F.SITE_ID, F.BAND, F.LON, F.LAT):
        assert found[name].tolist() == other[name].tolist()
    assert (lost[F.SITE_ID].to_numpy() != found[F.SITE_ID]).all()
    assert (lost[F.NETWORK].to_numpy() == other[F.NETWORK].to_numpy()).all()
    metres = np.hypot(*(lost[[F.X_M, F.Y_M]].to_numpy() - other[[F.X_M, F.Y_M]].to_numpy()).T)
    assert found["distance_m"].to_numpy() == pytest.approx(metres, abs=0.051)


def test_of_equal_ones_the_nearest_comes_first(plan: Plan) -> None:
    found = plan.replacements
    ties = found.groupby([F.STATION_ID, "regained"])["distance_m"]
    assert (ties.size() > 1).any()
    assert ties.apply(lambda metres: metres.is_monotonic_increasing).all()


def test_an_excluded_station_stands_in_for_nobody(model: Model, plan: Plan) -> None:
    best = plan.replacements["replacement_id"].mode().iloc[0]
    table = model.stations.table.assign(excluded=lambda t: t[F.STATION_ID] == best)
    kept_out = dataclasses.replace(model, stations=dataclasses.replace(model.stations, table=table))
    assert best not in set(
        replacement_table(kept_out, covered(kept_out), plan.order)["replacement_id"]
    )


def test_a_station_that_is_not_in_the_plan_is_refused(plan: Plan) -> None:
    unchosen = plan.stations.loc[plan.stations[F.RANK].isna(), F.STATION_ID].iloc[0]
    with pytest.raises(ProblemError, match=unchosen):
        alternatives(plan, unchosen)


def test_an_explanation_names_what_the_plan_keeps(model: Model, plan: Plan) -> None:
    station = plan.replacements[F.STATION_ID].iloc[0]
    told = explain(plan, model, station)
    pd.testing.assert_frame_equal(told.replacements, alternatives(plan, station))
    for words in map(language, known_languages()):
        texts = replacement_texts(plan.replacements, words)[station]
        assert explanation_text(told, plan, words).endswith(words.clauses(texts))


def test_an_explanation_says_why_nobody_is_named(
    model: Model, plan: Plan, extension: np.ndarray
) -> None:
    idle, busy = plan.order[-1], plan.order[-2]
    serves = np.ones(len(plan.stations))
    serves[idle] = 0
    whole = (model.coverage.whole @ diags_array(serves)).tocsr()
    whole.eliminate_zeros()
    changed = dataclasses.replace(model, coverage=dataclasses.replace(model.coverage, whole=whole))
    one = plan_of(changed, plan.order, extension=extension)
    assert not len(alternatives(one, plan.stations[F.STATION_ID].iloc[idle]))
    alone = dataclasses.replace(one, replacements=one.replacements.iloc[:0])
    for station, words in [
        (plan.order[0], "已开通"),
        (idle, "末期没有损失"),
        (busy, "没有可补回的候选站"),
    ]:
        told = explain(alone, changed, plan.stations[F.STATION_ID].iloc[station])
        assert words in explanation_text(told, alone, language("zh")).splitlines()[-1]


def test_what_does_not_bring_back_all_never_reads_as_all() -> None:
    assert [whole_percent(share) for share in (1.0, 0.999999, 0.29, 0.009, 0.0)] == [
        100,
        99,
        29,
        0,
        0,
    ]
    row = {F.STATION_ID: ["A"], "replacement_id": ["B"], "distance_m": [12.4], "regained": [0.004]}
    assert replacement_texts(pd.DataFrame(row), language()) == {"A": ["B 距12米 补回<1%"]}
    assert replacement_texts(pd.DataFrame(row), language("en")) == {"A": ["B at 12 m regains <1%"]}
