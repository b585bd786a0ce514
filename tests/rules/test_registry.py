"""The rules are found by themselves: what a further one takes, and how they meet the scenario."""

from __future__ import annotations

from pathlib import Path

import pytest

from planner.errors import ScenarioError
from planner.rules import RULES, UNITS, asked, failing, limit_texts
from planner.scenario import Rule, Scenario
from planner.words import known_languages, language
from tests.toy import SCENARIO


def test_the_four_rules_stand_first_in_their_order() -> None:
    first = list(RULES.values())[:4]
    assert [rule.code for rule in first] == ["share", "residents", "gap", "hole"]
    assert [rule.key for rule in first] == ["share", "residents", "gap_m", "hole_radius_m"]


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
