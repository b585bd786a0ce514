"""The scenario file: what it refuses, what it says, and that nothing is read as something else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from planner.errors import ScenarioError
from planner.scenario import Scenario, read_yaml
from planner.scenario.notices import PATTERNS

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


def from_text(folder: Path, text: str) -> Scenario:
    """The packaged scenario with lines of YAML added or changed by hand."""
    return Scenario.from_file(write(folder, TINGHU.read_text("utf-8") + text))


def test_a_file_writes_only_what_differs_from_a_table_of_defaults(
    tinghu: Scenario, tmp_path: Path
) -> None:
    """What ``replace`` merges, a file does too: no entry goes because another one is written."""
    scenario = from_text(
        tmp_path,
        "bands: {n79: {f_ghz: 4.85}}\n"
        "radio: {scenes: {urban: {h_bs_m: 24.0}}}\n"
        "capacity: {workers_per_km2: {urban: 1.0}}\n"
        "review: {tolerance_m: {rural: 150.0}}\n",
    )
    assert set(scenario.bands) == {"n41", "n78", "n28", "n79"}
    assert scenario.bands["n41"] == tinghu.bands["n41"]
    assert (scenario.bands["n79"].f_ghz, scenario.bands["n79"].n_prb) == (4.85, 273)
    assert scenario.radio.scenes["urban"].model == "UMa"
    assert scenario.capacity.workers_per_km2 == {**tinghu.capacity.workers_per_km2, "urban": 1.0}
    assert scenario.review.tolerance_m == {**tinghu.review.tolerance_m, "rural": 150.0}

    siting = tinghu.replace(
        siting={
            "cost_wan": {"new_tower": 70.0},
            "effort": {"new_tower": 3.0},
            "lead_days": {"new_tower": 60.0},
            "rules": {"road_setback_m": {"national": 25.0}},
        }
    ).siting
    for table, key in (
        (siting.cost_wan, "new_roof"),
        (siting.effort, "new_roof"),
        (siting.lead_days, "new_roof"),
        (siting.rules.road_setback_m, "county"),
    ):
        assert key in table

    back = Scenario.from_file(write(tmp_path, scenario.to_yaml()))
    assert back.to_tree() == scenario.to_tree()


@pytest.mark.parametrize("change", [{"bands": {"n41": None}}, {"demand": {"cell_m": None}}])
def test_an_empty_value_is_refused_and_what_to_do_is_said(
    tinghu: Scenario, change: dict[str, object]
) -> None:
    with pytest.raises(ScenarioError) as caught:
        tinghu.replace(**change)
    (notice,) = caught.value.notices
    assert (notice.code, notice.column) == ("wrong_type", ".".join(way_of(change)))
    assert "没有值" in notice.zh and "leave the key out" in notice.fix_en


def way_of(change: Any) -> list[str]:
    """Keys of nested mappings of one entry each."""
    return (
        []
        if not isinstance(change, dict)
        else [f for k, v in change.items() for f in [k, *way_of(v)]]
    )


def test_a_band_that_is_known_by_name_needs_no_values(tinghu: Scenario) -> None:
    networks = tinghu.to_tree()["networks"]
    scenario = tinghu.replace(networks=[{**networks[0], "bands": ["n79", "n258"]}, networks[1]])
    assert set(scenario.bands) == {"n41", "n78", "n28", "n79", "n258"}
    assert (scenario.bands["n258"].scs_khz, scenario.bands["n258"].n_prb) == (120, 66)
    assert "n257" not in scenario.bands


def test_a_band_that_is_not_known_says_what_it_lacks(tinghu: Scenario) -> None:
    with pytest.raises(ScenarioError) as caught:
        tinghu.replace(bands={"n260": {"f_ghz": 28.0, "power_w": 4.0}})
    (notice,) = caught.value.notices
    assert (notice.code, notice.column) == ("missing_key", "bands.n260")
    assert "scs_khz" not in notice.en and "n_prb" in notice.en and "label_zh" in notice.zh
    assert "n258" in notice.fix_en


def test_resource_blocks_follow_a_new_bandwidth(tinghu: Scenario) -> None:
    assert tinghu.replace(bands={"n41": {"bandwidth_mhz": 60.0}}).bands["n41"].n_prb == 162
    assert tinghu.replace(bands={"n28": {"bandwidth_mhz": 20.0}}).bands["n28"].n_prb == 106
    full = Scenario.from_tree(tinghu.to_tree(), root=tinghu.root)
    assert full.replace(bands={"n41": {"bandwidth_mhz": 60.0}}).bands["n41"].n_prb == 162
    with pytest.raises(ScenarioError, match="162 resource blocks"):
        tinghu.replace(bands={"n41": {"bandwidth_mhz": 60.0, "n_prb": 273}})


def phases_on(*days: str) -> list[dict[str, object]]:
    return [{"name": day, "date": day, "stations": 100 * i} for i, day in enumerate(days, 1)]


@pytest.mark.parametrize(
    ("days", "deep", "weight", "share"),
    [
        (("2020-09-09", "2020-12-31", "2025-12-31"), (0.25, 1.0), (1.0, 2.0), (0.05, 0.1, 0.8)),
        (("2019-01-01", "2030-12-31"), (1.0,), (2.0,), (0.05, 0.8)),
        (
            ("2020-12-31", "2021-12-31", "2023-06-30", "2025-12-31"),
            (0.25, 0.625, 1.0),
            (1.0, 1.5, 2.0),
            (0.1, 0.2399, 0.4492, 0.8),
        ),
    ],
)
def test_lists_of_a_value_for_each_phase_fit_any_number_of_phases(
    tinghu: Scenario,
    days: tuple[str, ...],
    deep: tuple[float, ...],
    weight: tuple[float, ...],
    share: tuple[float, ...],
) -> None:
    demand = tinghu.replace(phases=phases_on(*days), references={"pace": None}).demand
    assert (demand.deep_weight, demand.phase_weight) == (deep, weight)
    assert demand.share_5g == pytest.approx(share, abs=1e-9)


def test_a_list_that_was_given_stays(tinghu: Scenario) -> None:
    set_by_hand = tinghu.replace(demand={"share_5g": [0.1, 0.2, 0.3]})
    assert set_by_hand.replace(name="b").demand.share_5g == (0.1, 0.2, 0.3)
    with pytest.raises(ScenarioError, match=r"4, not 3"):
        set_by_hand.replace(
            phases=phases_on("2020-01-01", "2021-01-01", "2022-01-01", "2023-01-01"),
            references={"pace": None},
        )


@pytest.mark.parametrize(
    ("change", "zh"),
    [
        ({"demand": {"cell_m": -1.0}}, "须大于 0"),
        ({"demand": {"cell_m": "50"}}, "须为数"),
        ({"demand": {"load": 1.5}}, "不得大于 1"),
        ({"search": {"effort": "fats"}}, "须为 'fast'、'standard'、'long'、'exact' 之一"),
        ({"search": {"seed": 1.5}}, "须为整数"),
        ({"name": "a b"}, "不能有空格"),
        ({"inputs": {"sites": {"file": "a.csv", "crs": "4549"}}}, "如 EPSG:4549"),
        ({"district": {"work_crs": "wgs84"}}, "须为 EPSG 代码"),
        ({"name": 7}, "须为文字"),
        ({"as_of": "2020-02-30"}, "不是 YYYY-MM-DD 形式的日期"),
        ({"district": {"name": ""}}, "至少 1 个字"),
        ({"networks": []}, "至少 1 项"),
        ({"demand": {"share_5g": 0.5}}, "须为列表"),
        ({"radio": 5}, "须为一组"),
        ({"bands": {"n41": {"scs_khz": 120}}}, "2.6 GHz 的 scs_khz 须为 15, 30, 60 之一"),
    ],
)
def test_the_reason_is_said_in_chinese_too(
    tinghu: Scenario, change: dict[str, object], zh: str
) -> None:
    with pytest.raises(ScenarioError) as caught:
        tinghu.replace(**change)
    (notice,) = caught.value.notices
    assert zh in notice.zh
    assert not any("一" <= letter <= "鿿" for letter in notice.en)


def test_every_pattern_of_the_schema_is_said_in_words() -> None:
    found = re.findall(r'"pattern": "(.*?)"[,}]', json.dumps(Scenario.json_schema()))
    patterns = {json.loads(f'"{one}"') for one in found}
    assert patterns and patterns <= set(PATTERNS)


def test_a_slip_in_a_file_of_several_is_told_the_nearest_key(tinghu: Scenario) -> None:
    with pytest.raises(ScenarioError, match="radius_m"):
        tinghu.replace(inputs={"areas": [{"file": "a.geojson", "radius": 5.0}]})


def test_the_schema_allows_what_a_file_may_write() -> None:
    schema = Scenario.json_schema()
    one, entry, many = schema["$defs"]["Inputs"]["properties"]["areas"]["anyOf"]
    assert (one["type"], entry["$ref"], many["type"]) == ("string", "#/$defs/InputFile", "array")
    texts = schema["$defs"]["InputFile"]["properties"]["where"]["additionalProperties"]
    assert [form["type"] for form in texts["anyOf"]] == ["string", "array"]


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
        ({"inputs": {"areas": {"file": "a.csv", "where": {"code": 5}}}}, "wrong_type", "string"),
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
        ({"radio": {"margin_db": 8.0}}, "unknown_key", "radio.edge_probability"),
        ({"radio": {"extended_heights": True}}, "unknown_key", "masts of every height plan"),
        ({"bands": {"n41": {"indoor_loss_db": 20.0}}}, "unknown_key", "radio.walls"),
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


@pytest.mark.parametrize(
    ("limit", "column", "said"),
    [
        ({"networks": ["mobil"], "most": 5}, "limits.a.networks", "nearest: mobile"),
        ({"site_types": ["towr"], "most": 5}, "limits.a.site_types", "nearest: tower"),
        ({"least": [1, 2, 3]}, "limits.a.least", "needs one value for each"),
        ({"least": 4, "most": [5, 3]}, "limits.a", "the least, 4, is above the most, 3"),
        ({}, "limits.a", "no least, most or budget"),
        ({"budget": 5000}, "limits.a.budget", "prices are known only when the plan is"),
        ({"most": "many"}, "limits.0.most.0", "valid integer"),
        ({"networks": ["mobile", "移动"], "most": 5}, "limits.a.networks", "移动 is not among"),
        ({"site_types": ["抱杆"], "least": 5}, "limits.a.site_types", "抱杆 is not among"),
        ({"most": [1, 2, 3, 4]}, "limits.a.most", "2, not 4"),
        ({"least": [9, 8], "most": 8, "towns": ["甲镇"]}, "limits.a", "the least, 9"),
        ({"least": [0, 6], "most": [9, 5]}, "limits.a", "the least, 6, is above the most, 5"),
        ({"towns": ["甲镇"]}, "limits.a", "no least, most or budget"),
        ({"networks": ["mobile"], "least": []}, "limits.a", "no least, most or budget"),
        ({"budget": [100, 200], "most": 9}, "limits.a.budget", "no budget can be held"),
        ({"budget": 200.5, "towns": ["甲镇"]}, "limits.a.budget", "no budget can be held"),
    ],
)
def test_a_limit_that_cannot_be_held_is_refused(
    tinghu: Scenario, limit: dict[str, Any], column: str, said: str
) -> None:
    with pytest.raises(ScenarioError) as refused:
        tinghu.replace(limits=[{"name": "a", "label": "甲", **limit}])
    (notice,) = refused.value.as_notices()
    assert notice.column == column and said in notice.en
