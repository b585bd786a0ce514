"""The key of a plan: what changes it, what does not, and that a stored one is checked."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from planner import fields as F
from planner import files
from planner.errors import StorageError
from planner.model import OPTIONS, Plan
from planner.scenario import Scenario
from planner.scenario.parts import Titles

TITLES = ("title", "title_en", "compiled_by", "client", "secrecy", "review_number")


def with_facts(plan: Plan, **facts: Any) -> Plan:
    return dataclasses.replace(plan, provenance={**plan.provenance, **facts})


def with_scenario(plan: Plan, **changes: Any) -> Plan:
    return dataclasses.replace(plan, scenario=plan.scenario.replace(**changes))


def with_ranks_swapped(plan: Plan, one: int, other: int) -> Plan:
    stations, order = plan.stations.copy(), plan.order
    rank = stations.columns.get_loc(F.RANK)
    stations.iloc[order[[one, other]], rank] = stations.iloc[order[[other, one]], rank].to_numpy()
    return dataclasses.replace(plan, stations=stations)


def with_source(plan: Plan, column: str, text: str) -> Plan:
    sources = plan.layers.sources.assign(**{column: text})
    return dataclasses.replace(plan, layers=dataclasses.replace(plan.layers, sources=sources))


def test_what_a_plan_follows_from_is_in_its_key(plan: Plan) -> None:
    certificate = plan.provenance.get("certificate", {})
    changed = {
        "input": with_source(plan, F.SHA256, "00fe"),
        "name of an input": with_source(plan, F.FILE, "other.csv"),
        "level": with_scenario(plan, levels={"outdoor": {"rsrp_dbm": -100.0}}),
        "effort": with_scenario(plan, search={"effort": "long"}),
        "seed": with_scenario(plan, search={"seed": 7}),
        "day": with_scenario(plan, as_of="2020-10-01"),
        "reference": with_scenario(plan, references={"money": {"label": "元"}}),
        "decision": with_scenario(plan, review={"vetoed": ["S001-M"]}),
        "warm start": with_facts(plan, **{OPTIONS: {"warm_start": "ab" * 32}}),
        "another warm start": with_facts(plan, **{OPTIONS: {"warm_start": "cd" * 32}}),
        "order": with_ranks_swapped(plan, 20, 21),
        "certificate": with_facts(plan, certificate={**certificate, "digest": "ef" * 32}),
    }
    keys = {"as it was": plan.key} | {name: each.key for name, each in changed.items()}
    assert len(set(keys.values())) == len(keys), keys
    assert {each.state_key for each in changed.values()} == {plan.state_key}
    assert all(len(key) == 64 and set(key) <= set("0123456789abcdef") for key in keys.values())


@pytest.mark.parametrize("title", TITLES)
def test_the_title_block_has_a_hash_of_its_own(plan: Plan, title: str) -> None:
    other = with_scenario(plan, titles={title: "亭湖区规划办"})
    assert other.key == plan.key
    assert other.state_key != plan.state_key


def test_so_has_the_state_of_a_version(plan: Plan) -> None:
    states = [plan, *(with_facts(plan, review={"version": number}) for number in (2, 3))]
    assert len({each.key for each in states}) == 1
    assert len({each.state_key for each in states}) == 3


def test_every_title_was_tried() -> None:
    assert set(Titles.model_fields) == {*TITLES}


def test_versions_and_figures_are_outside_both(plan: Plan) -> None:
    other = with_facts(plan, versions={"numpy": "9"}, value=[9.0], steps=1, gap=0.0)
    assert (other.key, other.state_key) == (plan.key, plan.state_key)


def test_the_way_a_scenario_is_written_is_outside(plan: Plan) -> None:
    tree = plan.scenario.to_tree()
    turned = {part: tree[part] for part in reversed(tree)}
    turned["siting"]["cost_wan"] = dict(reversed(tree["siting"]["cost_wan"].items()))
    other = Scenario.from_tree(turned, root=Path("elsewhere"))
    assert dataclasses.replace(plan, scenario=other).key == plan.key


def test_a_plan_that_comes_back_has_the_same_keys(plan: Plan, tmp_path: Path) -> None:
    plan.save(tmp_path)
    loaded = Plan.load(tmp_path)
    assert (loaded.key, loaded.state_key) == (plan.key, plan.state_key)
    facts = json.loads((tmp_path / "plan" / "provenance.json").read_bytes())
    assert (facts["key"], facts["state_key"]) == (plan.key, plan.state_key)
    assert np.array_equal(loaded.order, plan.order)


@pytest.mark.parametrize(
    ("name", "old", "new", "key", "covers"),
    [
        ("scenario.yaml", "rsrp_dbm: -105.0", "rsrp_dbm: -104.0", "`key`", "scenario"),
        ("scenario.yaml", "compiled_by: ''", "compiled_by: 某院", "`state_key`", "title block"),
    ],
)
def test_a_key_that_is_not_that_of_the_files_is_refused_by_name(
    plan: Plan, tmp_path: Path, name: str, old: str, new: str, key: str, covers: str
) -> None:
    """Also when whoever changed a file wrote its hash again."""
    plan.save(tmp_path)
    path, record = tmp_path / "plan" / name, tmp_path / "plan" / "provenance.json"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8", newline="\n")
    facts = json.loads(record.read_bytes())
    facts["files"][name] = files.digest(path.read_bytes())
    record.write_bytes(files.json_bytes(facts))

    with pytest.raises(StorageError) as refused:
        Plan.load(tmp_path)
    assert key in refused.value.en and key in refused.value.zh
    assert covers in refused.value.en and str(tmp_path) in refused.value.en
