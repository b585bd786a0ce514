"""The rules are found by themselves: what a further one takes, and how they meet the scenario."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import planner
from planner.errors import ScenarioError
from planner.rules import RULES, UNITS, asked, failing, limit_texts
from planner.scenario import Rule, Scenario
from planner.words import known_languages, language
from tests.toy import SCENARIO

PLANTED = '''
"""A layer has at most so many dark places."""

from planner.parameters import parameter
from planner.rules.rule import Rule
from planner.rules.ground import sum_by_count
import numpy as np


class DarkRule(Rule):
    code = "dark"
    key = "dark_places"
    limit = parameter(None, unit="1", source="asked", doc="Most places that may be dark.", ge=0)
    shapes = ("area", "road")
    measures = {"dark": "1"}
    form = "count"

    def measure(self, ground, rank, opened, limit, top):
        return {"dark": len(rank) - sum_by_count(rank, np.ones(len(rank)), top)}

    def failure(self, measured, limit):
        return np.maximum(measured["dark"] - limit, 0.0)


RULE = DarkRule()
'''

SCRIPT = """
import planner
from planner.demand import build_demand
from planner.model import Coverage, Model
from planner.plan import hurt_by_veto, make_plan
from planner.rules import failing, limit_texts
from planner.scenario import Scenario
from planner.words import language
import pandas as pd
from tests.plan import conftest as drawn

scenario = drawn.make_scenario()
tree = scenario.to_tree()
tree["layers"][0]["rule"]["dark_places"] = 100
scenario = Scenario.from_tree(tree, root=scenario.root)
layers = drawn.make_layers()
demand, stations = build_demand(scenario, layers), drawn.make_stations(scenario, layers)
cover = Coverage(drawn.make_cover(scenario, demand, stations), pd.DataFrame())
model = Model(scenario, layers, demand, stations, cover)
order = drawn.greedy_order(model)
plan = make_plan(model, order[:160], extension=order, search=drawn.SEARCH)
verdicts = plan.verdicts.set_index(["layer", "network", "level", "count"])
row = verdicts.loc["core", "mobile", "outdoor", 40]
places = plan.share[:, 0] > 0
dark = int((plan.first[places, 0, 0] >= 40).sum())
assert dark > 100, dark
assert row["fail_dark"] == dark - 100 == plan.by_count.loc[40, ("core", "mobile", "outdoor", "fail_dark")]
assert ("dark", "count", dark - 100) in failing(row) and not row["passes"]
assert (verdicts.loc["roads", "fail_dark"] == 0).all()
assert (plan.measures["measure"] == "dark").sum() == 3 * 2 * 2
assert f"暗处{dark - 100}" in language("zh").failures(failing(row))
layer = scenario.layer("core")
assert language("zh").rules(limit_texts(layer.rule, "area"), "area").endswith("且暗处≤100")
assert "fail_dark" in hurt_by_veto(plan, model, plan.stations["station_id"].iloc[plan.order[20]])
print("planted", planner.__file__)
"""


def test_the_four_rules_stand_in_their_order() -> None:
    assert list(RULES) == ["share", "residents", "gap", "hole"]
    assert [rule.key for rule in RULES.values()] == ["share", "residents", "gap_m", "hole_radius_m"]


def test_every_rule_has_words_and_units() -> None:
    for code in known_languages():
        words = language(code)
        for rule in RULES.values():
            assert words.failure(rule.code, rule.form, 2.0)
            for shape in rule.shapes:
                assert words.rules([(rule.code, "7")], shape)
                assert words.rules([(rule.code, "7")], shape, brief=True)
            for measure in (*rule.measures, f"fail_{rule.code}"):
                assert words("measure", measure)
                assert UNITS[measure]


def test_what_is_not_asked_is_not_judged() -> None:
    part = Rule(residents=None)
    assert [(rule.code, limit) for rule, limit in asked(part, "area")] == [
        ("share", 0.95),
        ("hole", 250.0),
    ]
    assert [(rule.code, limit) for rule, limit in asked(part, "road")] == [
        ("share", 0.95),
        ("gap", 500.0),
    ]
    texts = limit_texts(Rule(residents=0.985), "area")
    assert texts == [("share", "95"), ("residents", "98.5"), ("hole", "250")]
    assert failing({"fail_share": 0.0, "share": 0.96}) == []


@pytest.mark.parametrize(
    ("place", "key", "value"),
    [(4, "residents", 0.95), (4, "hole_radius_m", 300.0), (0, "gap_m", 300.0)],
)
def test_a_rule_that_cannot_judge_a_layer_is_refused(place: int, key: str, value: float) -> None:
    layers = [dict(layer) for layer in SCENARIO["layers"]]
    layers[place]["rule"] = {key: value}
    with pytest.raises(ScenarioError, match=f"cannot be judged by rule.{key}") as caught:
        Scenario.from_tree({**SCENARIO, "layers": layers}, root=Path())
    assert len(caught.value.notices) == 1


def test_a_planted_rule_is_asked_judged_and_told(tmp_path: Path) -> None:
    house = Path(planner.__file__).parent
    copy = tmp_path / "planner"
    shutil.copytree(house, copy, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "rules" / "dark.py").write_text(PLANTED, encoding="utf-8")
    codes = copy / "words" / "zh" / "codes.yaml"
    text = codes.read_text(encoding="utf-8")
    text = text.replace("\nfailure: {", '\nfailure: {dark: "暗处{number}", ', 1)
    codes.write_text(text.replace("\nrule:\n", '\nrule:\n  dark: {area: "暗处≤{limit}"}\n', 1), encoding="utf-8")
    path = os.pathsep.join([str(tmp_path), str(house.parent)])
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": path}, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["planted", str(copy / "__init__.py")]
