"""Rules on what is heard: figures by hand, and what a layer that asks for them is told."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import planner
from planner import fields as F
from planner.errors import ScenarioError
from planner.model import STATED_COUNTS, Plan
from planner.plan.measures import heard_by_count
from planner.report.facts import Facts
from planner.report.reception import stated_notes
from planner.report.tables import make_tables
from planner.rules import RULES, failing, judge, reached_by
from planner.scenario import Scenario
from planner.words import language
from tests.rules.grounds import chains_of
from tests.toy import SCENARIO, write_toy_county

ASKED = {"ss_sinr_db": -3.0, "overlap_share": 0.2}


def test_the_sinr_that_a_share_reaches_counts_ground_not_places() -> None:
    sinr, size = np.array([20.0, -5.0, -np.inf, 3.0]), np.array([60.0, 5.0, 1.0, 34.0])
    assert reached_by(sinr, size, 0.94) == 3.0
    assert reached_by(sinr, size, 0.95) == -5.0
    # where nothing is heard stands the least that a terminal reports
    assert reached_by(sinr, size, 1.0) == -23.0


def test_a_layer_fails_by_decibels_and_by_ground_and_may_fail_again_later() -> None:
    ground, rank = chains_of([[50.0, 50.0]]), np.array([0, 1])
    heard = {
        "ss_sinr_edge_db": np.array([-9.0, -3.0, -3.04, 1.0]),
        "overlap_judged_share": np.array([0.0, 0.2, 0.1, 0.25]),
    }
    limits = [(RULES["share"], 0.5), (RULES["ss_sinr"], -3.0), (RULES["overlap"], 0.2)]
    figures = judge(ground, rank, limits, 3, heard).measures
    assert figures["passes"].tolist() == [False, True, False, False]
    words = language("zh")
    at = [{name: values[count] for name, values in figures.items()} for count in range(4)]
    assert words.failures(failing(at[2])) == "SINR欠0.1 dB"
    assert words.failures(failing(at[3])) == "重叠超5.0%"


def test_between_stated_counts_the_one_before_holds() -> None:
    rows = [(2, "core", "mobile", "m", 1.0), (5, "core", "mobile", "m", 2.0)]
    table = pd.DataFrame(rows, columns=[F.COUNT, F.LAYER, F.NETWORK, F.MEASURE, F.VALUE])
    figures = heard_by_count(table, 6)["core", "mobile"]["m"]
    assert figures.tolist() == [1.0, 1.0, 1.0, 1.0, 1.0, 2.0, 2.0]


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"ss_sinr": -3.0}, "ss_sinr_db"),
        ({"ss_sinr_db": 60.0}, "less than or equal to 40"),
        ({"overlap_share": 20.0}, "less than or equal to 1"),
        ({"overlap_share": "viel"}, "number"),
    ],
)
def test_unknown_and_impossible_limits_are_told_with_their_key(
    rule: dict[str, Any], said: str
) -> None:
    layers = [{**SCENARIO["layers"][0], "rule": rule}, *SCENARIO["layers"][1:]]
    with pytest.raises(ScenarioError, match=said) as caught:
        Scenario.from_tree({**SCENARIO, "layers": layers}, root=Path())
    (notice,) = caught.value.notices
    assert notice.column == f"layers.0.rule.{next(iter(rule))}"


@pytest.fixture(scope="module")
def plans(tmp_path_factory: pytest.TempPathFactory) -> tuple[Plan, Plan]:
    """The toy county on a coarse grid; as it is, and with what the core and the roads ask for."""
    folder = tmp_path_factory.mktemp("toy")
    coarse = {"cell_m": 200.0, "road_step_m": 200.0}
    layers = [
        {**layer, "rule": {**layer.get("rule", {}), **ASKED}}
        if layer["name"] in ("core", "roads")
        else layer
        for layer in SCENARIO["layers"]
    ]
    path = write_toy_county(folder, demand=coarse)
    model = planner.build(planner.Scenario.from_file(path))
    asking = dataclasses.replace(model, scenario=model.scenario.replace(layers=layers))
    return planner.solve(model), planner.solve(asking)


def test_what_is_asked_of_the_signal_moves_verdicts_and_no_station(
    plans: tuple[Plan, Plan],
) -> None:
    plain, asking = plans
    assert plain.stations[F.RANK].equals(asking.stations[F.RANK])
    assert STATED_COUNTS not in plain.provenance
    counts = asking.provenance[STATED_COUNTS]
    assert set(asking.scenario.counts) <= set(counts)
    assert sum(count <= 40 for count in counts) >= 20 and len(counts) >= 28

    keys = [F.COUNT, F.LAYER, F.NETWORK, F.LEVEL]
    before, after = (plan.verdicts.set_index(keys) for plan in plans)
    is_asked = before.index.get_level_values(F.LAYER).isin(["core", "roads"])
    is_outdoor = before.index.get_level_values(F.LEVEL) == "outdoor"
    moved = is_asked & is_outdoor
    assert before[~moved].equals(after[~moved])
    assert not (after.loc[moved, F.PASSES] & ~before.loc[moved, F.PASSES]).any()
    assert (after.loc[moved, ["fail_ss_sinr", "fail_overlap"]] > 0).any(axis=None)


def test_what_is_judged_is_what_the_cells_are_described_by(plans: tuple[Plan, Plan]) -> None:
    _, asking = plans
    facts = asking.measures[asking.measures[F.LEVEL] == "outdoor"]
    figures = facts.set_index([F.MEASURE, F.COUNT, F.LAYER, F.NETWORK])[F.VALUE]
    judged, described = figures["overlap_judged_share"], figures["overlap_share"]
    assert judged.to_numpy() == pytest.approx(described[judged.index].to_numpy(), abs=1e-9)
    edge = figures["ss_sinr_edge_db"]
    is_enough = figures["ss_sinr_share"][edge.index].to_numpy() >= 0.95 - 1e-9
    assert ((edge.to_numpy() >= -3.0) == is_enough).all()


def test_report_and_page_say_at_which_counts_it_is_judged(plans: tuple[Plan, Plan]) -> None:
    from planner.maps.payload import payload

    plain, asking = plans
    words = language("zh")
    tables = make_tables(Facts(asking), words)
    for name in ("verdicts", "coverage", "reception"):
        assert any("只在下列站数判定" in note for note in tables[name].notes)
    assert stated_notes(Facts(plain), words) == ()
    assert payload(plain)["stated_counts"] == []
    data = payload(asking)
    assert {8, 20, 40} <= set(data["stated_counts"]) and max(data["stated_counts"]) == 40
    rows = data["reception"]["rows"]
    assert len(rows) == 3 * 5 * 2
    place = data["reception"]["measures"].index("overlap_share")
    share = asking.measures.query(
        "measure == 'overlap_share' and count == 40 and layer == 'core' and network == 'mobile'"
    )["value"].item()
    (texts,) = (row[3] for row in rows if row[:3] == [2, "core", 0])
    assert texts[place] == f"{100 * share:.1f}"
