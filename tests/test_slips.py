"""A slip of the user's is named before the work: exit code 2 and the place, never 70."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import planner
from planner import cli, estimate, groundwork
from planner.errors import PlannerError
from planner.estimate import size
from planner.layers import read_layers
from planner.scenario import Scenario
from tests.toy import SCENARIO, write_toy_county

LONG = "9" * 5000
"""More digits than Python turns into a number."""
ROOT = Path(__file__).resolve().parents[1]


class Said(NamedTuple):
    """How a command ended: its exit code and all that it printed."""

    code: int
    text: str


Slip = dict[str, Any] | Callable[[Path], object]
"""Changes of the scenario, or of the written county."""


def edit(file: str, old: str, new: str) -> Callable[[Path], object]:
    """A slip that changes one text in one file."""

    def change(folder: Path) -> None:
        text = (folder / file).read_text(encoding="utf-8")
        assert old in text, old
        (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8", newline="\n")

    return change


def yaml(old: str, new: str) -> Callable[[Path], object]:
    return edit("scenario.yaml", old, new)


def whole(content: bytes) -> Callable[[Path], object]:
    """A slip that puts something else into the place of the scenario."""
    return lambda folder: (folder / "scenario.yaml").write_bytes(content)


def a_folder(folder: Path) -> None:
    (folder / "scenario.yaml").unlink()
    (folder / "scenario.yaml").mkdir()


def large(folder: Path) -> None:
    os.truncate(folder / "scenario.yaml", 200_000_000)


def layers_with(number: int, **changes: Any) -> dict[str, Any]:
    """The county's layers, one of them changed."""
    layers = [dict(layer) for layer in SCENARIO["layers"]]
    layers[number].update(changes)
    return {"layers": layers}


def phases_with(number: int, **changes: Any) -> dict[str, Any]:
    phases = [dict(phase) for phase in SCENARIO["phases"]]
    phases[number].update(changes)
    return {"phases": phases}


COSTS = ("retrofit", "co_location", "new_roof", "new_pole", "new_tower")
TEXT = (ROOT / "data/scenarios/tinghu.yaml").read_text(encoding="utf-8")

SLIPS: dict[str, tuple[Slip, str]] = {
    # days that are none
    "as_of": ({"as_of": "2020-02-30"}, "[as_of] = 2020-02-30"),
    "as_of-number": (yaml("as_of: '2020-09-30'", "as_of: 20200930"), "wrong_type"),
    "as_of-blank": ({"as_of": ""}, "[as_of]"),
    "phase-day": (phases_with(0, date="2020-13-01"), "[phases.0.date] = 2020-13-01"),
    "phase-year-0": (phases_with(0, date="0000-01-01"), "[phases.0.date]"),
    "opened": ({"review": {"opened": {"x": "2021-02-29"}}}, "[review.opened.x] = 2021-02-29"),
    "due": ({"review": {"due": {"x": "2020-02-30"}}}, "[review.due.x] = 2020-02-30"),
    "delivered": ({"review": {"delivered": {"x": "20200101"}}}, "[review.delivered.x]"),
    # steps that no machine could hold, or no number could
    "cell": ({"demand": {"cell_m": 0.05}}, "memory_short [demand.cell_m]"),
    "cell-smallest": ({"demand": {"cell_m": 5e-324}}, "memory_short"),
    "cell-largest": ({"demand": {"cell_m": 1e5}}, "layer_without_place"),
    "road-step": ({"demand": {"road_step_m": 0.001}}, "demand.road_step_m"),
    "road-step-smallest": ({"demand": {"road_step_m": 5e-324}}, "memory_short"),
    "spacing": (layers_with(0, spacing_m=0.3), "memory_short [layers.spacing_m]"),
    "spacing-of-roads": (layers_with(4, spacing_m=1e-9), "layers.spacing_m"),
    "street-spacing": ({"siting": {"street_spacing_m": 1e-6}}, "siting.street_spacing_m"),
    "least-spacing": ({"siting": {"min_spacing_m": 1e9}}, "siting.min_spacing_m"),
    "hole": (layers_with(2, rule={"hole_radius_m": 1e5}), "rule.hole_radius_m"),
    "stations": (phases_with(2, stations=10**9), "count_over_possible"),
    # numbers of too many digits, and what is no number
    "digits": (yaml("stations: 40", f"stations: {LONG}"), "scenario.yaml:17"),
    "digits-of-a-day": (yaml("as_of: '2020-09-30'", f"as_of: {LONG}"), "数字过长"),
    "digits-of-a-text": (yaml("adcode: '999999'", f"adcode: {LONG}"), "too many digits"),
    "digits-of-a-length": (yaml("spacing_m: 300.0", f"spacing_m: {LONG}.5"), "spacing_m"),
    "digits-in-a-table": (edit("population.csv", ",250,", f",{LONG},"), "[people]"),
    "digits-in-towns": (edit("towns.csv", ",20000,", f",{LONG},"), "towns.csv:2"),
    "digits-in-degrees": (edit("sites.csv", ",120.", f",{LONG}."), "sites.csv:2 [lon]"),
    "digits-in-geojson": (edit("areas.geojson", "[120.", f"[{LONG},120."), "areas.geojson"),
    "digits-in-a-name": (edit("areas.geojson", '"老城"', LONG), "areas.geojson"),
    "infinite": (yaml("spacing_m: 300.0", "spacing_m: .inf"), "spacing_m] = .inf"),
    "not-a-number": (yaml("spacing_m: 300.0", "spacing_m: .nan"), "spacing_m] = .nan"),
    "beyond-a-double": (yaml("spacing_m: 300.0", "spacing_m: 1.0e400"), "spacing_m"),
    "beyond-in-a-table": (edit("population.csv", ",250,", ",1e400,"), "[people] = 1e400"),
    "beyond-in-geojson": (edit("areas.geojson", "[120.", "[1e400,120."), "areas.geojson"),
    "beyond-in-a-cell": (edit("population.csv", ",250,200", ",250,1e300"), "[cell_m] = 1e300"),
    "negative": ({"siting": {"street_spacing_m": -5.0}}, "[siting.street_spacing_m] = -5.0"),
    "cost": ({"siting": {"cost_wan": dict.fromkeys(COSTS, 1e308)}}, "[siting.cost_wan.retrofit]"),
    "setback": ({"siting": {"rules": {"road_setback_m": {"county": 1e308}}}}, "road_setback_m"),
    "weight": ({"demand": {"phase_weight": [1.0, 1e308]}}, "demand.phase_weight"),
    "weight-of-all": (layers_with(0, weight_share=1.0), "weight_share"),
    "margin": ({"siting": {"uma_margin_m": 1e308}}, "[siting.uma_margin_m] = 1e+308"),
    "workers": (
        {"capacity": {"workers_per_km2": {"urban": -1.0}}}, "[capacity.workers_per_km2.urban]"
    ),
    "seed": ({"search": {"seed": 2**40}}, "[search.seed]"),
    # what is no scenario
    "empty": (whole(b""), "不是键值结构"),
    "only-a-comment": (whole(b"# nothing\n"), "holds no mapping"),
    "list": (whole(b"- a\n"), "holds no mapping"),
    "binary": (whole(bytes(range(256)) * 10), "not UTF-8"),
    "utf-16": (whole(TEXT.encode("utf-16")), "not UTF-8"),
    "gbk": (whole(TEXT.encode("gbk")), "not UTF-8"),
    "nul": (whole(b"name: toy\nas_of: a\0b\n"), "scenario.yaml:2: 第 2 行第 9 列"),
    "nested": (whole(b"a: " + b"[" * 5000 + b"]" * 5000), "嵌套过深"),
    "nested-keys": (whole("\n".join(" " * i + "a:" for i in range(400)).encode()), "嵌套过深"),
    "alias": (whole(b"a: &x [1]\nb: *x\n"), "不允许使用别名"),
    "no-key": (whole(b"? \n: 2\n"), "键须为文字"),
    "tag": (yaml("name: toy", "name: !!python/object:os.system toy"), "yaml_syntax_error"),
    "lone-surrogate": (yaml("name: 玩具县", 'name: "\\ud800"'), "value_out_of_range"),
    "a-folder": (a_folder, "scenario.yaml"),
    "missing": (lambda folder: (folder / "scenario.yaml").unlink(), "No such file"),
    "200-MB": (large, "超过 4000000 字节"),
    # paths and names
    "spacing-near": (layers_with(0, spacing_m=6.0), "places_too_near [layers.spacing_m]"),
    "nul-in-a-path": (yaml("boundary.geojson", '"bound\\0ary"'), "unreadable_file"),
    "long-path": (yaml("boundary.geojson", "a" * 5000), "unreadable_file"),
    "long-name": ({"name": "x" * 5000}, "[name]"),
    "path-for-a-name": ({"name": "../toy"}, "[name]"),
    # coordinates
    "web-mercator": ({"district": {"work_crs": "EPSG:3857"}}, "EPSG:4549"),
    "another-zone": ({"district": {"work_crs": "EPSG:32601"}}, "work_crs_scale"),
    "us-feet": ({"district": {"work_crs": "EPSG:2263"}}, "US survey foot"),
    "degrees": ({"district": {"work_crs": "EPSG:4326"}}, "work_crs_unusable"),
    "no-such-crs": ({"district": {"work_crs": "EPSG:999999"}}, "没有这个坐标系"),
    "crs-of-a-grid": (
        {"district": {"work_crs": "+proj=tmerc +nadgrids=@/etc/passwd"}},
        "[district.work_crs]",
    ),
}  # fmt: skip
"""The slip, and what the command says of it."""


@pytest.fixture
def command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Said]:
    """Run the command line in this process."""

    def run(*arguments: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["planner", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            cli.main()
        out, err = capsys.readouterr()
        assert isinstance(left.value.code, int)
        return Said(left.value.code, out + err)

    return run


@pytest.mark.parametrize("name", SLIPS)
def test_a_slip_is_named_by_check_and_stops_a_run(
    tmp_path: Path, name: str, command: Callable[..., Said]
) -> None:
    slip, words = SLIPS[name]
    path = write_toy_county(tmp_path, **(slip if isinstance(slip, dict) else {}))
    if not isinstance(slip, dict):
        slip(tmp_path)

    checked, ran = command("check", path), command("run", path, "-o", tmp_path / "out")
    assert words in checked.text
    for said in (checked, ran):
        assert said.code == 2, said.text
        assert "Traceback" not in said.text
    assert not (tmp_path / "out").exists()


def test_check_tells_the_size_and_a_run_comes_to_it(tmp_path: Path) -> None:
    scenario = Scenario.from_file(write_toy_county(tmp_path))
    (told,) = (one for one in planner.check(scenario) if one.code == "work_estimated")
    assert told.severity == "I"

    # of points and rows within 1 in 50, of what thins itself out within half as much again
    layers = read_layers(scenario)
    found, model = estimate.measure_size(scenario, layers), planner.build(scenario, layers=layers)
    assert found.points == pytest.approx(len(model.demand.points), rel=0.02)
    assert found.rows == pytest.approx(len(model.demand.rows), rel=0.02)
    assert found.sites == pytest.approx(model.stations.table["site_id"].nunique(), rel=0.5)
    assert found.pairs == pytest.approx(model.coverage.cover.nnz, rel=0.5)
    assert len(model.stations.table) <= found.stations


@pytest.mark.parametrize(
    ("key", "change"),
    [
        ("cells", {"demand": {"cell_m": 10.0}}),
        ("samples", {"demand": {"road_step_m": 5.0}}),
        ("candidates", {"siting": {"street_spacing_m": 50.0}}),
    ],
)
def test_a_shorter_step_needs_more(tmp_path: Path, key: str, change: dict[str, Any]) -> None:
    scenario = Scenario.from_file(write_toy_county(tmp_path))
    layers = read_layers(scenario)
    before = estimate.measure_size(scenario, layers)
    after = estimate.measure_size(scenario.replace(**change), layers)
    assert after.memory[key] > 2 * before.memory[key]
    assert after.memory_bytes > before.memory_bytes


def test_what_does_not_fit_is_refused_before_demand_and_stations(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = Scenario.from_file(write_toy_county(tmp_path))
    monkeypatch.setattr(size, "_free_bytes", lambda: 1e6)
    for step in ("build_demand", "list_stations"):
        monkeypatch.setattr(groundwork, step, None)
    with pytest.raises(PlannerError, match=r"0\.001 GB are free") as caught:
        planner.build(scenario)
    assert caught.value.exit_code == 2
    assert {"memory_short", "work_estimated"} <= {one.code for one in planner.check(scenario)}


def test_a_container_with_less_memory_than_its_machine_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(size, "CGROUP", tmp_path)
    (tmp_path / "memory.max").write_text("3000000\n", encoding="ascii")
    (tmp_path / "memory.current").write_text("1000000\n", encoding="ascii")
    assert size._free_bytes() == 2e6
    (tmp_path / "memory.max").write_text("max\n", encoding="ascii")
    assert size._free_bytes() > 2e6


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        OSError(errno.ENOMEM, "Cannot allocate memory"),
        ImportError("libgeos.so.3: failed to map segment from shared object"),
    ],
    ids=["for-data", "of-the-system", "for-a-library"],
)
def test_memory_that_runs_out_all_the_same_is_no_fault_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: Callable[..., Said], error: Exception
) -> None:
    def exhausted(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(groundwork, "build_demand", exhausted)
    said = command("check", write_toy_county(tmp_path))
    assert said.code == 74
    assert "内存不足" in said.text and "demand.cell_m" in said.text
    assert "Traceback" not in said.text


BROKEN: dict[str, bytes | None] = {
    "missing.csv": None,
    "empty.csv": b"",
    "binary.csv": bytes(range(256)) * 20,
    "cut.xlsx": b"PK\x03\x04 and no more",
    "marks.json": b'{"format": "planner-review", "version": ',
    "digits.json": f'{{"format": "planner-review", "version": {LONG}}}'.encode(),
    "columns.csv": "名称,经度\n甲,120.1\n".encode(),
}


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("slips")
    scenario = Scenario.from_file(write_toy_county(folder / "county"))
    planner.solve(planner.build(scenario)).save(folder / "out")
    return folder / "out"


@pytest.mark.parametrize("name", BROKEN)
def test_a_returned_file_that_cannot_be_read_stops_the_review(
    out: Path, tmp_path: Path, name: str, command: Callable[..., Said]
) -> None:
    sound = tmp_path / "sound_WGS84.csv"
    station = planner.load_plan(out).stations["station_id"].iloc[0]
    sound.write_text(f"规划编号,审核状态\n{station},站址筛查不通过\n", encoding="utf-8")
    content = BROKEN[name]
    if content is not None:
        (tmp_path / name).write_bytes(content)

    said = command("review", out, sound, tmp_path / name)
    assert said.code == 2, said.text
    assert name in said.text
    assert "没有采纳任何意见" in said.text
    assert "nothing changes" not in said.text
    assert not out.with_name("out-v2").exists()


@pytest.mark.parametrize(
    "settings",
    [
        {"LANG": "C", "PYTHONUTF8": "0"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"},
    ],
)
def test_names_in_chinese_are_opened_in_any_locale(
    tmp_path: Path, settings: dict[str, str]
) -> None:
    folder = tmp_path / "城区 试"
    path = write_toy_county(folder, inputs={"boundary": "区界.geojson", "manifest": ""})
    (folder / "boundary.geojson").rename(folder / "区界.geojson")
    path = path.rename(folder / "情景.yaml")

    plain = {"LANG", "LC_ALL", "PYTHONUTF8", "PYTHONIOENCODING", "PYTHONCOERCECLOCALE"}
    inherited = {key: value for key, value in os.environ.items() if key not in plain}
    done = subprocess.run(
        [sys.executable, "-m", "planner", "check", str(path)],
        env={**inherited, **settings},
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    text = done.stdout.decode("utf-8")
    assert done.returncode == 0, text + done.stderr.decode("utf-8", "replace")
    assert f"{path}: 错误 errors 0" in text


def test_a_real_process_leaves_with_the_code(tmp_path: Path) -> None:
    path = write_toy_county(tmp_path, demand={"cell_m": 0.05})
    done = subprocess.run(
        [sys.executable, "-m", "planner", "run", str(path), "-o", str(tmp_path / "out")],
        cwd=ROOT,
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    assert done.returncode == 2
    assert "demand.cell_m" in done.stderr
    assert "Traceback" not in done.stderr
