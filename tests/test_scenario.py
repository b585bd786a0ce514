"""The scenario file: what it refuses, what it says, and that nothing is read as something else."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from planner.errors import ScenarioError
from planner.scenario import Scenario, read_yaml

DATA = Path(__file__).parent.parent / "data"
TINGHU = DATA / "scenarios" / "tinghu.yaml"
LATER = [
    {"name": name, "date": date, "stations": stations}
    for name, date, stations in (
        ("a", "2020-09-09", 230),
        ("b", "2020-12-31", 654),
        ("c", "2027-12-31", 1840),
    )
]


@pytest.fixture(scope="module")
def tinghu() -> Scenario:
    return Scenario.from_file(TINGHU)


def write(folder: Path, text: str) -> Path:
    path = folder / "scenario.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_packaged_case_asks_for_the_published_path(tinghu: Scenario) -> None:
    assert tinghu.counts == (230, 654, 1840)
    assert tinghu.network_names == ("mobile", "telecom-unicom")
    assert {layer.label for layer in tinghu.layers} == {
        "主城区",
        "乡镇驻地",
        "景区",
        "工业园区",
        "重要交通干线",
    }


def test_tree_and_text_round_trip(tinghu: Scenario, tmp_path: Path) -> None:
    assert Scenario.from_tree(tinghu.to_tree(), root=tinghu.root).to_tree() == tinghu.to_tree()
    assert Scenario.from_file(write(tmp_path, tinghu.to_yaml())).to_tree() == tinghu.to_tree()


def test_replace_merges_to_any_depth_and_leaves_the_base(tinghu: Scenario) -> None:
    strict = tinghu.replace(
        name="strict", levels={"outdoor": {"rsrp_dbm": -100}}, bands={"n41": {"power_w": 240.0}}
    )
    assert (strict.levels.outdoor.rsrp_dbm, strict.levels.deep.rsrp_dbm) == (-100.0, -105.0)
    assert (strict.bands["n41"].power_w, strict.bands["n41"].n_prb) == (240.0, 273)
    assert tinghu.levels.outdoor.rsrp_dbm == -105.0 and tinghu.bands["n41"].power_w == 200.0


@pytest.mark.parametrize(
    ("change", "code", "hint"),
    [
        ({"demnd": {}}, "unknown_key", "demand"),
        ({"demand": {"cel_m": 50.0}}, "unknown_key", "cell_m"),
        ({"siting": {"bands": {"n28": {"first_fase": 1}}}}, "unknown_key", "first_phase"),
        ({"demand": {"cell_m": -1.0}}, "value_out_of_range", "greater than 0"),
        ({"demand": {"cell_m": "50"}}, "wrong_type", "number"),
        ({"search": {"effort": "fats"}}, "value_out_of_range", "fast"),
        (
            {
                "networks": [{"name": "m", "code": "M", "label": "m", "bands": ["n14"]}],
            },
            "conflicting_options",
            "n14",
        ),
        (
            {"demand": {"network_share": [0.5, 0.5]}},
            "unknown_key",
            "write each share into its network, as `share` under `networks`",
        ),
        ({"demand": {"phase_weight": [1.0]}}, "conflicting_options", "phase_weight"),
        ({"as_of": "2020-02-30"}, "value_out_of_range", "YYYY-MM-DD"),
        ({"search": {"cost_share": 0.011}}, "value_out_of_range", "0.01"),
        ({"siting": {"bands": {"n14": {}}}}, "conflicting_options", "n14"),
        ({"siting": {"cost_wan": {"new_towers": 75.0}}}, "conflicting_options", "new_tower"),
        (
            {"inputs": {"boundary": ""}},
            "conflicting_options",
            "Name a file with the district's polygon",
        ),
        ({"district": {"name": ""}}, "value_out_of_range", "at least 1 character"),
        (
            {"references": {"indicators": {"sharin": {"target": 80.0}}}},
            "value_out_of_range",
            "'sharing'",
        ),
        ({"phases": LATER}, "conflicting_options", "2026, 2027"),
        ({"references": {"pace": {"stations": {"2025": 7.0}}}}, "conflicting_options", "must grow"),
    ],
)
def test_what_cannot_be_used_is_named_with_the_nearest_match(
    tinghu: Scenario, change: dict[str, object], code: str, hint: str
) -> None:
    with pytest.raises(ScenarioError) as caught:
        tinghu.replace(**change)
    assert [notice.code for notice in caught.value.notices] == [code]
    assert hint in str(caught.value.notices[0])
    assert caught.value.notices[0].zh


def test_all_findings_come_at_once(tinghu: Scenario) -> None:
    with pytest.raises(ScenarioError) as caught:
        tinghu.replace(nam=1, search={"sed": 1, "seed": -1})
    assert sorted(notice.code for notice in caught.value.notices) == [
        "unknown_key",
        "unknown_key",
        "value_out_of_range",
    ]


def test_every_conflict_is_said_not_only_the_first(tinghu: Scenario) -> None:
    with pytest.raises(ScenarioError) as caught:
        tinghu.replace(
            demand={"deep_weight": [1.0], "share_5g": [0.1]},
            networks=[{**network, "share": 0.4} for network in tinghu.to_tree()["networks"]],
            inputs={"boundary": ""},
            review={"locked": {"A": 9, "B": 7}, "vetoed": ["A"]},
        )
    assert [notice.column for notice in caught.value.notices] == [
        "networks.share",
        "demand.deep_weight",
        "demand.share_5g",
        "review.locked",
        "review.locked",
        "review.vetoed",
        "inputs.boundary",
    ]
    assert all(notice.zh and notice.en and notice.file for notice in caught.value.notices)


@pytest.mark.parametrize(
    ("given", "shares"),
    [
        ((None,), (1.0,)),
        ((None, None), (0.5, 0.5)),
        ((None, None, 0.5), (0.25, 0.25, 0.5)),
        ((0.0, None), (0.0, 1.0)),
        ((0.7, 0.2, 0.1), (0.7, 0.2, 0.1)),
    ],
)
def test_networks_without_a_share_divide_the_rest(
    tinghu: Scenario, given: tuple[float | None, ...], shares: tuple[float, ...]
) -> None:
    scenario = tinghu.replace(networks=networks_of(given))
    assert scenario.network_shares == shares
    assert Scenario.from_tree(scenario.to_tree(), root=tinghu.root).network_shares == shares


@pytest.mark.parametrize(
    ("given", "hint"),
    [
        ((0.5,), "must sum to 1, not 0.5"),
        ((0.5, 0.6), "must sum to 1, not 1.1"),
        ((1.0, None), "sum to 1 and leave nothing to b"),
        ((0.8, 0.4, None), "sum to 1.2 and leave nothing to c"),
    ],
)
def test_shares_of_networks_sum_to_1(
    tinghu: Scenario, given: tuple[float | None, ...], hint: str
) -> None:
    with pytest.raises(ScenarioError, match=hint) as caught:
        tinghu.replace(networks=networks_of(given))
    (notice,) = caught.value.notices
    assert (notice.code, notice.column) == ("conflicting_options", "networks.share")
    assert "share" in notice.fix_zh and "`share` under `networks`" in notice.fix_en


def networks_of(shares: tuple[float | None, ...]) -> list[dict[str, object]]:
    """Networks a, b, c with these shares."""
    return [
        {"name": name, "code": name.upper(), "label": name, "bands": ["n41"], "share": share}
        for name, share in zip("abc", shares, strict=False)
    ]


def test_counts_and_dates_must_grow(tinghu: Scenario) -> None:
    phases = tinghu.to_tree()["phases"]
    with pytest.raises(ScenarioError, match="counts must grow"):
        tinghu.replace(phases=[phases[0], {**phases[1], "stations": 230}, phases[2]])
    with pytest.raises(ScenarioError, match="dates must grow"):
        tinghu.replace(phases=[phases[0], {**phases[1], "date": "2020-01-01"}, phases[2]])


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("name: [1, 2", "line"),
        ("name: a\nname: b", "stands twice, lines 1 and 2"),
        ("a: &x 1\nb: *x", "aliases"),
        ("a: " + "[" * 30 + "]" * 30, "nested deeper"),
        ("- 1\n- 2", "no mapping"),
        ("1: a", "not text"),
        ("name: !!python/object/apply:os.system ['true']", "constructor"),
    ],
)
def test_yaml_that_is_refused(tmp_path: Path, text: str, hint: str) -> None:
    with pytest.raises(ScenarioError, match=hint):
        read_yaml(write(tmp_path, text))


def test_yaml_words_stay_what_they_look_like(tmp_path: Path) -> None:
    tree = read_yaml(
        write(
            tmp_path,
            "a: NO\nb: 010\nc: 12:30\nd: 2020-09-30\ne: on\nf: 1.5e3\ng: 7\nh: true\ni: 320902\n",
        )
    )
    assert tree == {
        "a": "NO",
        "b": "010",
        "c": "12:30",
        "d": "2020-09-30",
        "e": "on",
        "f": 1500.0,
        "g": 7,
        "h": True,
        "i": 320902,
    }


def test_missing_file_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="cannot read"):
        Scenario.from_file(tmp_path / "nowhere.yaml")


def test_inputs_are_relative_to_the_project(tinghu: Scenario, tmp_path: Path) -> None:
    assert tinghu.root == DATA.resolve()
    assert Scenario.from_file(write(tmp_path, tinghu.to_yaml())).root == tmp_path.resolve()


def test_every_parameter_has_unit_source_and_meaning() -> None:
    def leaves(schema: dict[str, object]) -> list[tuple[str, dict[str, object]]]:
        parts = {"Scenario": schema, **schema["$defs"]}  # type: ignore[dict-item]
        return [
            (f"{part}.{name}", field)
            for part, body in parts.items()
            for name, field in body["properties"].items()  # type: ignore[index]
            if "$ref" not in field
            and "$ref" not in str(field.get("items", ""))
            and name not in ("bands", "moved")
        ]

    bare = [
        name
        for name, field in leaves(Scenario.json_schema())
        if not {"unit", "source", "description"} <= set(field)
    ]
    assert bare == []


def test_the_committed_schema_is_what_the_code_makes() -> None:
    committed = json.loads((DATA / "scenarios" / "schema.json").read_text(encoding="utf-8"))
    assert committed == Scenario.json_schema(), "run: planner schema > data/scenarios/schema.json"


def test_every_number_has_a_least_and_a_greatest_value() -> None:
    """Else a slip of digits passes `check` and ends as infinity somewhere in a plan."""

    def numbers(node: Any, place: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
        parts = node.items() if isinstance(node, dict) else enumerate(node)
        if isinstance(node, dict) and node.get("type") == "number":
            yield place, node
        for name, part in parts:
            if isinstance(part, dict | list):
                yield from numbers(part, f"{place}/{name}")

    found = dict(numbers(Scenario.json_schema()))
    assert len(found) > 50
    for place, node in found.items():
        assert {"minimum", "exclusiveMinimum"} & set(node), place
        assert {"maximum", "exclusiveMaximum"} & set(node), place
