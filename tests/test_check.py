"""``planner check`` finds what ``planner run`` refuses before coverage, all of it in one pass."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import planner
from planner import radio
from planner.errors import Notice
from planner.model import CoveredWeight
from planner.problem import make_problem
from planner.scenario import Scenario
from planner.stations.ids import station_id
from tests.test_pipeline import command
from tests.toy import SCENARIO, write_toy_county

COARSE = {"demand": {"cell_m": 100.0, "road_step_m": 100.0}}


def county(folder: Path, **changes: Any) -> Path:
    """The toy county on a coarse grid, written anew."""
    return write_toy_county(
        folder, **{**changes, "demand": {**COARSE["demand"], **changes.get("demand", {})}}
    )


def phases(*counts: int) -> list[dict[str, Any]]:
    return [
        {**phase, "stations": count}
        for phase, count in zip(SCENARIO["phases"], counts, strict=True)
    ]


def set_heights(path: Path, heights: dict[int, str]) -> None:
    """Write heights into rows of the site list."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    rows[0].append("height_m")
    for number, cells in enumerate(rows[1:], start=1):
        cells.append(heights.get(number, ""))
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(rows)


def errors(path: Path) -> list[Notice]:
    return [notice for notice in planner.check(path) if notice.severity == "E"]


def refuses(path: Path) -> planner.PlannerError | None:
    """What the run would refuse up to the search: the error, or None."""
    try:
        model = planner.build(Scenario.from_file(path))
        make_problem(model, CoveredWeight.of(model.demand, model.coverage))
    except planner.PlannerError as error:
        return error
    return None


FAULTS: dict[str, tuple[str, dict[str, Any]]] = {
    "state below the site list": ("state_count", {"phases": phases(7, 20, 40)}),
    "state above the site list": ("state_count", {"phases": phases(9, 20, 40)}),
    "more than can be built": ("count_over_possible", {"phases": phases(8, 20, 99_999)}),
    "more than can be ready": ("count_over_possible", {
        "phases": phases(8, 200, 210),
        "siting": {"lead_days": {"retrofit": 20.0, "co_location": 20.0, "new_roof": 900.0,
                                 "new_pole": 900.0, "new_tower": 900.0}},
    }),
    "fewer than stand ready": ("locks_over_count", {"phases": phases(8, 9, 10)}),
    "unknown town": ("unknown_town", {"review": {"refused_towns": ["西镇"]}}),
    "urban unit without a row": ("unknown_town", {"review": {"refused_towns": ["城中街道"]}}),
    "code of a town in a limit": ("unknown_town", {"limits": [
        {"name": "a", "label": "甲", "towns": ["T3"], "most": 5}]}),
    "unknown station": ("unknown_station", {"review": {"vetoed": ["SAAAAAAAAAA-M-N41"]}}),
    "scene lower than its model": ("outside_model", {"radio": {"scenes": {
        **{scene: {"model": "UMa", "h_bs_m": 25.0}
           for scene in ("dense-urban", "urban", "township", "industrial")},
        "rural": {"model": "RMa", "h_bs_m": 8.0}}}}),
    "list too short": ("conflicting_options", {"demand": {"deep_weight": [1.0]}}),
    "networks' shares below one": ("conflicting_options", {"networks": [
        {**network, "share": 0.3} for network in SCENARIO["networks"]]}),
    "shares above one": ("conflicting_options", {"layers": [
        {**layer, "weight_share": 0.3} for layer in SCENARIO["layers"]]}),
    "no boundary": ("conflicting_options", {"inputs": {"boundary": ""}}),
    "no feature of any layer": ("nothing_asked", {"layers": [
        {**layer, "kinds": [f"no_{layer['name']}"]} for layer in SCENARIO["layers"]]}),
    "no feature of any layer, and no line": ("nothing_asked", {
        "layers": [{**layer, "kinds": [f"no_{layer['name']}"]} for layer in SCENARIO["layers"]],
        "inputs": {"roads": "", "streets": ""}}),
    "dates that go back, and nothing but land": ("conflicting_options", {
        "phases": [{**phase, "date": day} for phase, day in zip(
            SCENARIO["phases"], ("2020-09-09", "2025-12-31", "2020-12-31"), strict=True)],
        "inputs": {"areas": "", "roads": "", "streets": ""}}),
    "cells larger than a layer": ("layer_without_place", {"demand": {"cell_m": 3000.0}}),
    "work CRS in degrees": ("work_crs_unusable", {"district": {"work_crs": "EPSG:4490"}}),
    "band that the network lacks": ("band_of_other_network", {"networks": [
        {**SCENARIO["networks"][0], "bands": ["n28"]}, SCENARIO["networks"][1]]}),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_found_by_both(tmp_path: Path, name: str) -> None:
    code, change = FAULTS[name]
    path = county(tmp_path, **change)
    found = errors(path)
    assert {notice.code for notice in found} == {code}, list(map(str, found))
    assert all(notice.zh and notice.en for notice in found)
    refused = refuses(path)
    assert refused is not None
    assert [n for n in refused.notices if n.severity == "E"] == found
    assert all(notice.zh in str(refused) and notice.en in str(refused) for notice in found)


def test_every_mast_of_a_list_plans_and_its_loss_is_told(tmp_path: Path) -> None:
    path = county(tmp_path)
    heights = ["24", "28", "38", "60", "12", "8", "3", "0", "楼顶", "75"]
    set_heights(tmp_path / "sites.csv", dict(enumerate(heights, start=1)))
    found = [notice for notice in planner.check(path) if "height" in notice.code]
    at = "sites.csv:{} [height_m] = {}"
    unusable = [at.format(9, "0"), at.format(10, "楼顶"), at.format(11, "75")]
    places = {notice.place for notice in found if notice.code == "height_unusable"}
    assert places == set(unusable)

    said = {notice.code: notice.en for notice in found if notice.code != "height_usual"}
    assert "5 sites have antennas at 12, 24, 28, 38, 60 m" in said["height_term"]
    assert "joined at 25 m, where they differ by at most 0.03 dB" in said["height_term"]
    assert "2 sites have antennas at 3, 8 m, none for UMa" in said["height_of_other_model"]
    assert (
        "2 sites have antennas at 3, 8 m, the source of UMi states 10 m" in said["height_extended"]
    )
    assert "1 sites have antennas at 3 m" in said["height_outside_model"]
    usual = [notice.en for notice in found if notice.code == "height_usual"]
    assert sum(int(text.split(" sites")[0].split()[-1]) for text in usual) == 3
    assert any("urban: 25 m" in text for text in usual)
    assert refuses(path) is None


def narrowed(monkeypatch: pytest.MonkeyPatch, model: str, **valid: Any) -> None:
    """Let a model hold in less than its source says."""
    found = radio.MODELS[model]
    assert isinstance(radio.MODELS, dict)
    monkeypatch.setitem(radio.MODELS, model, replace(found, valid=replace(found.valid, **valid)))


@pytest.mark.parametrize(
    ("model", "valid", "change", "place", "fix"),
    [
        ("UMa", {"f_ghz": (1.0, 6.0)}, {}, "[bands.n28.f_ghz] = 0.7", "the scene another model"),
        ("RMa", {"h_ut_m": (2.0, 10.0)}, {}, "[radio.h_ut_m] = 1.5", "Correct radio.h_ut_m"),
        ("UMa", {}, {"ul_mbps": 900.0}, "[radio.ul_mbps] = 900", "Lower radio.ul_mbps"),
        ("RMa", {"h_bs_m": (40.0, 40.0)}, {}, "[radio.scenes.rural.h_bs_m] = 35",
         "the scene another model"),
    ],
)  # fmt: skip
def test_what_is_outside_the_model_is_named_with_a_fix_of_its_own(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    model: str,
    valid: dict[str, Any],
    change: dict[str, Any],
    place: str,
    fix: str,
) -> None:
    narrowed(monkeypatch, model, **valid)
    found = errors(county(tmp_path, radio=change))
    assert {notice.code for notice in found} == {"outside_model"}
    assert len({(notice.place, notice.zh) for notice in found}) == len(found)
    told = [notice for notice in found if notice.place == place]
    assert told and all(fix in notice.fix_en for notice in told)
    for notice in found:
        assert "。。" not in notice.said_zh and ".." not in notice.said_en


def test_locks_over_the_count_and_of_what_may_not_be_built_are_found(tmp_path: Path) -> None:
    late = {"bands": {"n28": {"first_phase": 9}}}
    table = planner.build(Scenario.from_file(county(tmp_path, siting=late))).stations.table
    free = table[(table["state"] == "candidate") & ~table["excluded"]]["station_id"].tolist()
    shut = table[(table["state"] == "candidate") & table["excluded"]]["station_id"].tolist()
    path = county(
        tmp_path, siting=late, review={"locked": {**dict.fromkeys(free[:12], 1), shut[0]: 2}}
    )
    assert [notice.code for notice in errors(path)] == ["locks_over_count", "lock_excluded"]
    assert isinstance(refuses(path), planner.InfeasibleError)


def test_a_station_on_air_cannot_be_vetoed(tmp_path: Path) -> None:
    model = planner.build(Scenario.from_file(county(tmp_path)))
    on_air = str(model.stations.table["station_id"].iloc[model.stations.fixed[0]])
    path = county(tmp_path, review={"vetoed": [on_air]})
    assert [notice.code for notice in errors(path)] == ["veto_on_air"]
    assert refuses(path) is not None


def test_all_faults_come_in_one_pass(tmp_path: Path) -> None:
    """A short list, a wrong count, unknown names, a damaged population: in one call."""
    path = county(
        tmp_path,
        phases=phases(7, 20, 99_999),
        demand={"deep_weight": [1.0]},
        networks=[{**network, "share": 0.3} for network in SCENARIO["networks"]],
        review={"refused_towns": ["西镇", "北镇"], "vetoed": ["SAAAAAAAAAA-M-N41"]},
    )
    people = tmp_path / "population.csv"
    people.write_text(
        people.read_text(encoding="utf-8").replace("120.", "12x.", 1), encoding="utf-8"
    )
    assert sorted(notice.code for notice in errors(path)) == [
        "conflicting_options",
        "conflicting_options",
        "count_over_possible",
        "invalid_number",
        "state_count",
        "unknown_station",
        "unknown_town",
        "unknown_town",
    ]


def test_the_command_lists_every_scenario_and_leaves_with_2(tmp_path: Path) -> None:
    good = county(tmp_path / "good")
    bad = county(tmp_path / "bad", phases=phases(7, 20, 40), review={"refused_towns": ["西镇"]})
    unreadable = county(tmp_path / "unreadable", serch={"seed": 1})
    done = command("check", unreadable, bad, good)
    assert done.returncode == 2
    assert "unknown_key" in done.stdout
    assert "state_count" in done.stdout
    assert "unknown_town" in done.stdout
    assert f"{bad}: 错误 errors 2" in done.stdout
    assert f"{good}: 错误 errors 0" in done.stdout
    done = command("run", bad, "-o", tmp_path / "out")
    assert done.returncode == 2
    assert "state_count" in done.stderr
    assert "unknown_town" in done.stderr
    assert "Traceback" not in done.stderr


STATIONS = [station_id("SFBAK9VA99M", "M", band) for band in ("n41", "n28")] + ["nowhere"]
REQUESTS = st.fixed_dictionaries(
    {},
    optional={
        "phases": st.tuples(st.integers(7, 9), st.integers(9, 60), st.integers(9, 400)).map(
            lambda counts: phases(*counts)),
        "demand": st.fixed_dictionaries({}, optional={
            "deep_weight": st.lists(st.floats(-0.5, 1.0), min_size=1, max_size=3),
            "phase_weight": st.lists(st.sampled_from([0.0, 1.0]), min_size=2, max_size=2),
        }),
        "review": st.fixed_dictionaries({}, optional={
            "locked": st.dictionaries(st.sampled_from(STATIONS), st.integers(0, 3), max_size=2),
            "vetoed": st.lists(st.sampled_from(STATIONS), max_size=2),
            "refused_towns": st.lists(
                st.sampled_from(["东镇", "城区街道", "城中街道", "西镇"]), max_size=2),
        }),
        "siting": st.fixed_dictionaries({}, optional={
            "lead_days": st.sampled_from([
                {"retrofit": 0.0, "co_location": 20.0,
                 "new_roof": 40.0, "new_pole": 40.0, "new_tower": 5000.0},
                {"retrofit": 20.0},
                dict.fromkeys(("retrofit", "co_location", "new_roof", "new_pole"), 9.0),
            ]),
            "bands": st.sampled_from([
                {"n28": {"first_phase": 9}}, {"n78": {"site_types": ["rebuilt"]}}, {"n77": {}}]),
        }),
        "radio": st.fixed_dictionaries({}, optional={
            "h_ut_m": st.sampled_from([1.5, 12.0]),
            "walls": st.sampled_from([{"brick": {"loss_db": {"n41": 20.0}, "sigma_db": 5.0}}]),
        }),
        "inputs": st.fixed_dictionaries({}, optional={
            part: st.sampled_from(["", "nowhere.csv"])
            for part in ("boundary", "areas", "roads", "streets", "towns", "population",
                         "sites", "candidates")
        }),
        "networks": st.sampled_from([
            SCENARIO["networks"][:1],
            [{**SCENARIO["networks"][0], "bands": ["n28"]}, SCENARIO["networks"][1]],
            *([{**SCENARIO["networks"][0], "share": share}, SCENARIO["networks"][1]]
              for share in (0.0, 0.3, 1.0)),
            [{**network, "share": 0.6} for network in SCENARIO["networks"]],
        ]),
        "layers": st.sampled_from([
            SCENARIO["layers"][:2], SCENARIO["layers"][4:],
            [*SCENARIO["layers"], SCENARIO["layers"][0]],
            [{**SCENARIO["layers"][0], "must_hold_from": 3, "outdoor_only_bands": ["n99"]}],
        ]),
    },
)  # fmt: skip


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("desk")


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(change=REQUESTS, height=st.sampled_from(["", "", "3", "25", "60", "800"]))
def test_check_has_errors_exactly_when_the_run_refuses(
    desk: Path, change: dict[str, Any], height: str
) -> None:
    path = county(desk, **change)
    if height:
        set_heights(desk / "sites.csv", {2: height})
    found, refused = errors(path), refuses(path)
    assert bool(found) == (refused is not None), (list(map(str, found)), refused)
    if refused is not None and refused.notices:
        # the run stops at the scenario before it reads inputs: check says that and more
        assert {str(n) for n in refused.notices if n.severity == "E"} <= set(map(str, found))


def test_a_band_that_the_scenario_forgot_is_said_once_and_not_for_every_row_of_the_site_list(
    tmp_path: Path,
) -> None:
    tree = yaml.safe_load(write_toy_county(tmp_path).read_text(encoding="utf-8"))
    path = tmp_path / "forgot.yaml"
    # a band without an entry that is not known by its name either
    tree["networks"][0]["bands"] = ["n14", "n28"]
    sites = tmp_path / "sites.csv"
    sites.write_text(sites.read_text("utf-8").replace("n41", "n14"), encoding="utf-8")
    path.write_text(yaml.safe_dump(tree, allow_unicode=True), encoding="utf-8")
    found = errors(path)
    assert [notice.column for notice in found] == ["networks.mobile.bands"]
    assert all("under `bands`" in notice.fix_en for notice in found)


def test_a_town_is_refused_by_its_code_as_by_its_name(tmp_path: Path) -> None:
    by_name, by_code = (
        planner.build(
            planner.Scenario.from_file(
                write_toy_county(tmp_path / town, review={"refused_towns": [town]})
            )
        ).stations.table
        for town in ("东镇", "T3")
    )
    assert by_code.equals(by_name)
    refused = by_code[by_code["town"] == "东镇"]
    assert refused.loc[refused["state"] == "candidate", "excluded"].all()
