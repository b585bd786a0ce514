"""A whole plan on the drawn district: figures that tie, figures that can be counted another way."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from planner import fields as F
from planner.errors import ProblemError
from planner.model import Model, Plan
from planner.model.measures import MEASURES
from planner.plan.build import NEW_BUILDS, in_order
from planner.plan.service import sole_column
from planner.rules import RULES, asked, failing, limit_texts
from planner.words import language
from tests.frames import covered_by
from tests.plan.conftest import SEARCH, plan_of


def served_area(plan: Plan, layer: str, network: int, level: int, count: int) -> float:
    """Share of a layer's ground, counted from ``first`` alone."""
    inside = plan.share[:, plan.scenario.layer_names.index(layer)] > 0
    size = plan.points[F.AREA_M2].fillna(plan.points[F.LENGTH_M]).to_numpy()[inside]
    return float(size[plan.first[inside, network, level] < count].sum() / size.sum())


def test_first_is_the_least_rank_of_the_stations_that_serve_a_row(model: Model, plan: Plan) -> None:
    rank = {column: rank for rank, column in enumerate(plan.order)}
    cover, rows = model.coverage.cover, model.demand.rows
    for row in range(0, len(rows), 97):
        point, network, level = rows.loc[row, [F.POINT, F.NETWORK, F.LEVEL]]
        ranks = [
            rank[c] for c in cover.indices[cover.indptr[row] : cover.indptr[row + 1]] if c in rank
        ]
        first = plan.first[point, network, level]
        assert plan.wanted[point, network, level]
        assert first == min(ranks, default=F.NEVER)
        assert plan.server[point, network, level] == (plan.order[first] if ranks else -1)


def test_nothing_is_served_where_nothing_is_asked_for(plan: Plan) -> None:
    assert (plan.first[~plan.wanted] == F.NEVER).all()
    assert (plan.server[~plan.wanted] == -1).all()


def test_every_count_from_the_state_to_the_last_phase_is_there(plan: Plan) -> None:
    assert list(plan.by_count.index) == list(range(6, 161))
    assert plan.by_count.columns.is_unique
    assert plan.by_count.columns.is_monotonic_increasing
    rules = {
        rule.code: rule
        for layer in plan.scenario.layers
        for rule, _ in asked(layer.rule, layer.shape)
    }
    assert list(rules) == ["share", "hole", "gap"]
    judged = {
        measure for rule in rules.values() for measure in (*rule.measures, f"fail_{rule.code}")
    }
    # the residents' rule is not asked for; who lives in the layers is counted all the same
    district = {
        "passes",
        "stations",
        "sites",
        "cost_wan",
        "per_10k",
        "residents",
        "residents_share",
    }
    assert set(plan.by_count.columns.get_level_values("measure")) == judged | district
    assert {
        measure for rule in RULES.values() for measure in rule.measures
    } | judged | district <= set(MEASURES)


@pytest.mark.parametrize("count", [6, 7, 40, 95, 160])
def test_shares_equal_those_counted_from_the_points(plan: Plan, count: int) -> None:
    for layer, network, level, measure in plan.by_count.columns:
        if measure == "share":
            n, k = plan.scenario.network_names.index(network), F.LEVELS.index(level)
            share = plan.by_count.loc[count, (layer, network, level, "share")]
            assert share == pytest.approx(served_area(plan, layer, n, k, count), rel=1e-6)


def test_more_stations_never_serve_less_nor_leave_longer_gaps(plan: Plan) -> None:
    table = plan.by_count
    rising = {
        "share",
        "passes",
        "stations",
        "sites",
        "cost_wan",
        "per_10k",
        "residents",
        "residents_share",
    }
    falling = {"longest_m", "largest_ha", "fail_share", "fail_gap"}
    for column in table.columns:
        steps = np.diff(table[column].to_numpy(float))
        if column[3] in rising:
            assert (steps >= 0).all(), column
        if column[3] in falling:
            assert (steps <= 0).all(), column


def test_stations_sites_money_and_people_tie_everywhere(plan: Plan) -> None:
    opened = in_order(plan.stations)
    for number, count in enumerate(plan.scenario.counts):
        whole = plan.by_count.loc[count]
        so_far = plan.towns[plan.towns[F.PHASE] <= number]
        now = plan.towns[plan.towns[F.PHASE] == number]
        assert sum(whole["", name, "", "stations"] for name in plan.scenario.network_names) == count
        assert now["stations"].sum() == so_far["new"].sum() == count
        assert (
            now["sites"].sum() == whole["", "", "", "sites"] == opened[F.SITE_ID][:count].nunique()
        )
        assert so_far[F.COST_WAN].sum() == pytest.approx(whole["", "", "", "cost_wan"])
        assert (now[["retrofit", "co_location", "new_sites"]].sum(axis=1) == now["new"]).all()
        assert whole["", "", "", "per_10k"] == pytest.approx(count / 6.0)


def test_urban_units_are_one_row_of_the_task_table(plan: Plan) -> None:
    assert list(dict.fromkeys(plan.towns[F.TOWN])) == ["城区街道", "东镇"]
    assert set(plan.towns.loc[plan.towns[F.TOWN] == "城区街道", F.PEOPLE]) == {40_000}


def test_build_type_follows_the_order_at_a_site(plan: Plan) -> None:
    opened = in_order(plan.stations)
    first = {
        "rebuilt": "retrofit",
        "stock": "retrofit",
        "roof": "new_roof",
        "pole": "new_pole",
        "tower": "new_tower",
    }
    for _, site in opened.groupby(F.SITE_ID):
        assert site[F.BUILD_TYPE].iloc[0] == first[site[F.SITE_TYPE].iloc[0]]
        assert (site[F.BUILD_TYPE].iloc[1:] == "co_location").all()
    assert opened[F.BUILD_TYPE].isin(NEW_BUILDS).any()


def test_the_first_phase_costs_the_published_mean_and_the_state_nothing(plan: Plan) -> None:
    cost = in_order(plan.stations)[F.COST_WAN]
    assert (cost[:6] == 0).all()
    assert cost[6:40].mean() == pytest.approx(plan.scenario.siting.mean_cost_wan)
    assert plan.stations.loc[plan.stations[F.RANK].isna(), F.COST_WAN].isna().all()


def test_without_a_published_mean_the_costs_stand_as_they_are(
    model: Model, extension: np.ndarray
) -> None:
    plain = dataclasses.replace(
        model, scenario=model.scenario.replace(siting={"mean_cost_wan": None})
    )
    later = in_order(plan_of(plain, extension[:160], extension=extension).stations)[6:]
    assert (
        later[F.COST_WAN].tolist()
        == later[F.BUILD_TYPE].map(dict(plain.scenario.siting.cost_wan)).tolist()
    )


def test_a_set_cost_scale_is_kept(model: Model, extension: np.ndarray) -> None:
    fixed = dataclasses.replace(model, scenario=model.scenario.replace(siting={"cost_scale": 2.0}))
    plan = plan_of(fixed, extension[:160], extension=extension)
    built = in_order(plan.stations).iloc[6:]
    assert built[F.COST_WAN].to_numpy() == pytest.approx(
        2 * built[F.BUILD_TYPE].map(plan.scenario.siting.cost_wan)
    )
    assert plan.provenance["cost_scale"] == 2.0


def test_gains_of_all_stations_add_up_to_what_both_networks_have(plan: Plan) -> None:
    for layer, level in [
        ("core", "outdoor"),
        ("core", "deep"),
        ("seats", "deep"),
        ("roads", "outdoor"),
    ]:
        gain = plan.stations[f"gain_{layer}_{level}"].sum()
        have = [
            plan.by_count.loc[160, (layer, name, level, "share")]
            for name in plan.scenario.network_names
        ]
        assert gain == pytest.approx(100 * sum(have))
    assert plan.stations["gain_road_m"].sum() == pytest.approx(
        20_000
    )  # 10 km for each of two networks


def test_loss_is_what_the_last_phase_misses_without_the_station(model: Model, plan: Plan) -> None:
    cover, rows = model.coverage.cover, model.demand.rows
    area = plan.points[F.AREA_M2].to_numpy()
    core = plan.share[:, 0] > 0
    column = plan.order[20]
    served = np.asarray(cover[:, np.delete(plan.order, 20)].sum(axis=1)).ravel() > 0
    mine = np.asarray(cover[:, [column]].todense()).ravel() > 0
    point = rows[F.POINT].to_numpy()
    alone = mine & ~served & (rows[F.LEVEL] == 1).to_numpy() & core[point]
    assert plan.stations["loss_core_deep"].iloc[column] == pytest.approx(
        100 * area[point[alone]].sum() / area[core].sum()
    )


def test_verdicts_name_what_fails_and_the_count_that_passes(plan: Plan) -> None:
    verdicts = plan.verdicts
    assert len(verdicts) == 3 * 3 * 2 * 2
    for _, row in verdicts.iterrows():
        key = (row[F.LAYER], row[F.NETWORK], row[F.LEVEL])
        at = plan.by_count.loc[row["count"], key]
        assert row["passes"] == at["passes"]
        assert (failing(row) == []) == row["passes"]
        for code, _, size in failing(row):
            assert at[f"fail_{code}"] == size == row[f"fail_{code}"] > 0
        passes = plan.by_count[(*key, "passes")]
        if row["passing_count"] > 160:
            assert not passes.any()
        else:
            assert passes[row["passing_count"]]
            assert row["passing_count"] == 6 or not passes[row["passing_count"] - 1]
        assert row["passing_count"] != -1  # with every station open, all of this district is served


def test_a_layer_that_never_passes_has_no_passing_count(
    model: Model, extension: np.ndarray
) -> None:
    plan = plan_of(model, extension[:160], extension=extension[:160])
    deep = plan.verdicts[(plan.verdicts[F.LAYER] == "core") & (plan.verdicts[F.LEVEL] == "deep")]
    assert set(deep["passing_count"]) == {-1}


def test_reasons_are_short(plan: Plan) -> None:
    at = plan.verdicts.set_index(["count", F.LAYER, F.NETWORK, F.LEVEL])
    zh, en = language("zh"), language("en")
    assert zh.failures(failing(at.loc[(6, "core", "mobile", "outdoor")])) == "欠75.8%，空洞1"
    assert zh.failures(failing(at.loc[(40, "roads", "mobile", "deep")])) == "欠55.0%，缺900m"
    assert en.failures(failing(at.loc[(6, "roads", "mobile", "outdoor")])) == "−83.0%, gap 7.3 km"


def test_rules_in_words(plan: Plan) -> None:
    core, roads = (
        limit_texts(layer.rule, layer.shape)
        for layer in map(plan.scenario.layer, ("core", "roads"))
    )
    zh, en = language("zh"), language("en")
    assert zh.rules(core, "area") == "面积覆盖率≥95%，且无可容半径250米圆的空洞"
    assert zh.rules(core, "area", brief=True) == "面≥95%且无空洞"
    assert en.rules(roads, "road") == "at least 95 % of the length and no gap over 500 m"


def test_gaps_and_holes_tie_to_the_counts_and_say_where(plan: Plan) -> None:
    for table, number, size, largest, factor in [
        (plan.gaps, "gaps", F.LENGTH_M, "longest_m", 1.0),
        (plan.holes, "holes", "area_ha", "largest_ha", 1.0),
    ]:
        for column in plan.by_count.columns:
            if column[3] != number:
                continue
            for count in plan.scenario.counts:
                here = table[
                    (table["count"] == count)
                    & (table[F.LAYER] == column[0])
                    & (table[F.NETWORK] == column[1])
                    & (table[F.LEVEL] == column[2])
                ]
                assert len(here) == plan.by_count.loc[count, column]
                if len(here):
                    assert here[size].iloc[0] * factor == pytest.approx(
                        plan.by_count.loc[count, (*column[:3], largest)]
                    )
                    assert here[size].is_monotonic_decreasing
    assert set(plan.gaps[F.NAME]) == {"G15"}
    assert set(plan.holes[F.NAME]) <= {"主城区", "东镇驻地"}
    assert set(plan.gaps[F.TOWN]) | set(plan.holes[F.TOWN]) <= {"城区街道", "东镇"}


def test_broken_marks_the_places_of_the_failing_pieces_at_every_count(plan: Plan) -> None:
    area = plan.points[F.AREA_M2].to_numpy()
    for count in (6, 20, 40, 160):
        for network, name in enumerate(plan.scenario.network_names):
            broken = plan.broken[:, network, 0] >= count
            holes = plan.holes[
                (plan.holes["count"] == count)
                & (plan.holes[F.NETWORK] == name)
                & (plan.holes[F.LEVEL] == "outdoor")
            ]
            if count in plan.scenario.counts:
                assert np.nansum(area[broken]) / 1e4 == pytest.approx(
                    holes["area_ha"].sum(), rel=1e-6
                )
            assert (plan.first[broken, network, 0] >= count).all()


def test_phase_measures_are_the_count_table_at_the_phases(plan: Plan) -> None:
    assert len(plan.measures) == 3 * len(plan.by_count.columns)
    for _, row in plan.measures.iterrows():
        column = tuple(row[[F.LAYER, F.NETWORK, F.LEVEL, "measure"]])
        assert row["value"] == float(plan.by_count.loc[row["count"], column])


def test_the_curve_counts_as_the_optimiser_does_and_goes_on(model: Model, plan: Plan) -> None:
    demand = model.demand
    cover = model.coverage.cover[:, plan.order]
    served = np.asarray(cover.sum(axis=1)).ravel() > 0
    windows = np.asarray(demand.windows @ served.astype(int)).ravel() > 0
    value = demand.weight[-1][served].sum() + demand.window_weight[-1][windows].sum()
    total = demand.weight[-1].sum() + demand.window_weight[-1].sum()
    assert plan.curve.loc[160, "covered"] == pytest.approx(value / total)
    assert plan.curve["covered"].is_monotonic_increasing
    assert plan.curve.index[-1] > 160
    assert (
        plan.curve.loc[40, "core/mobile/outdoor"]
        == plan.by_count.loc[40, ("core", "mobile", "outdoor", "share")]
    )


def test_bounds_of_the_curve_come_in_where_they_were_proven(
    model: Model, extension: np.ndarray
) -> None:
    weight = float(model.demand.weight[-1].sum() + model.demand.window_weight[-1].sum())
    search = {**SEARCH, "curve_bound": {40: 0.5 * weight, 160: 2 * weight}}
    curve = plan_of(model, extension[:160], extension=extension, search=search).curve
    assert curve["bound"].dropna().to_dict() == {40: pytest.approx(0.5), 160: 1.0}


def test_provenance_counts_what_cannot_be_served(model: Model, plan: Plan) -> None:
    facts = plan.provenance
    assert facts["rows"] == len(model.demand.rows)
    assert (
        facts["rows_without_candidate"]
        == int((np.diff(model.coverage.cover.indptr) == 0).sum())
        > 0
    )
    assert facts["rows_never_served"] >= facts["rows_without_candidate"]
    assert facts["inputs"] == {"sites.csv": "00ff"}
    assert facts["synthetic"] is True
    assert facts["value"] == [1.0, 2.0]


@pytest.mark.parametrize("what", ["short", "twice", "other extension", "out of range"])
def test_an_order_that_does_not_fit_is_refused(
    model: Model, extension: np.ndarray, what: str
) -> None:
    order, longer = extension[:160].copy(), extension.copy()
    if what == "short":
        order = order[:-1]
    elif what == "twice":
        order[3] = longer[3] = longer[4]
    elif what == "other extension":
        longer = longer[::-1]
    else:
        order[3] = longer[3] = len(model.stations.table)
    with pytest.raises(ProblemError, match="160"):
        plan_of(model, order, extension=longer)


def test_who_serves_a_row_alone_also_where_stations_outnumber_rows() -> None:
    cover = covered_by(csr_matrix([[1, 0, 1, 0, 1], [0, 1, 1, 0, 0], [0, 0, 0, 1, 1]]))
    assert sole_column(cover, np.array([4])).tolist() == [4, -1, 4]
    assert sole_column(cover, np.array([4, 1, 0])).tolist() == [-1, 1, 4]
    assert sole_column(cover, np.array([3, 4])).tolist() == [4, -1, -1]
