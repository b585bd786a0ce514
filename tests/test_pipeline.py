"""The main job on the toy county: one command, one run folder, the same bytes for permuted rows."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import planner
from planner import cli, optimise, pipeline
from planner import fields as F
from planner.model import CoveredWeight, Model, Plan
from planner.problem import make_problem
from planner.report import make_report
from planner.service import make_rasters
from planner.verify import verify
from tests.toy import write_toy_county

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_toy_county(tmp_path_factory.mktemp("county"))


@pytest.fixture(scope="module")
def model(county: Path) -> Model:
    return planner.build(planner.Scenario.from_file(county))


@pytest.fixture(scope="module")
def folder(county: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("run")
    planner.run(planner.Scenario.from_file(county), out)
    return out


def digest(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


def command(*arguments: object) -> subprocess.CompletedProcess[str]:
    """The command line in this process: what it prints and its exit code."""
    out, err = io.StringIO(), io.StringIO()
    with (
        pytest.MonkeyPatch.context() as patch,
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        patch.setattr(sys, "argv", ["planner", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            cli.main()
    return subprocess.CompletedProcess(
        [], int(left.value.code or 0), out.getvalue(), err.getvalue()
    )


def test_counts_are_exact_and_phases_nested(folder: Path) -> None:
    plan = planner.load_plan(folder)
    chosen = plan.stations[plan.stations[F.RANK].notna()].sort_values(F.RANK)
    assert chosen[F.RANK].tolist() == list(range(40))
    assert [int((chosen[F.RANK] < count).sum()) for count in plan.scenario.counts] == [8, 20, 40]
    assert chosen[F.STATE].tolist()[:8] == ["open"] * 8
    assert set(chosen[F.NETWORK]) == {"mobile", "telecom-unicom"}
    low = chosen[chosen[F.BAND] == "n28"]
    assert low[F.RANK].ge(20).all(), "700 MHz opens after the first phase"


def test_the_bound_holds_and_can_be_checked_again(model: Model) -> None:
    problem = make_problem(model, CoveredWeight.of(model.demand, model.coverage))
    result = optimise.solve(problem, effort="fast")
    assert result.bound >= result.value.sum() > 0
    assert optimise.verify(problem, result.certificate).coverage == pytest.approx(result.bound)


def test_a_saved_plan_proves_its_gap_without_the_inputs(folder: Path) -> None:
    plan = planner.load_plan(folder)
    found = verify(plan)
    assert found.holds and found.inputs == {}
    assert found.bound == pytest.approx(plan.provenance["bound"])
    assert found.gap == pytest.approx(plan.provenance["gap"])
    assert "gap" in command("verify", folder).stdout


def test_coverage_agrees_with_the_budget(county: Path) -> None:
    """With antennas that are alike all round, a row is served from within the printed range."""
    alike = {"antenna": {"side_lobe_db": 0.0, "front_to_back_db": 0.0}}
    bands = dict.fromkeys(("n28", "n41", "n78"), alike)
    model = planner.build(planner.Scenario.from_file(county).replace(bands=bands))
    stations, rows, points = model.stations.table, model.demand.rows, model.demand.points
    network = np.array(model.scenario.network_names)[rows[F.NETWORK]]

    # The printed budget: range outdoors of each station, metres.
    budget = model.coverage.budget
    key = [F.MODEL, F.HEIGHT_M, F.BAND, "place"]
    range_m = budget[budget["term"] == "range_m"].set_index(key)["value"]
    reach = np.array(
        [range_m.get((s.model, s.height_m, s.band, "outdoor"), 0.0) for s in stations.itertuples()]
    )

    cover = model.coverage.cover
    outdoor = np.flatnonzero(rows[F.LEVEL] == 0)
    for row in np.random.default_rng(3).choice(outdoor, 60, replace=False):
        place = points.iloc[rows[F.POINT].iloc[row]]
        distance = np.hypot(stations[F.X_M] - place[F.X_M], stations[F.Y_M] - place[F.Y_M])
        near = (distance <= reach) & (stations[F.NETWORK] == network[row])
        found = np.sort(cover.indices[cover.indptr[row] : cover.indptr[row + 1]])
        assert np.array_equal(found, np.flatnonzero(near))


def test_deep_rows_need_more_than_outdoor_ones(model: Model) -> None:
    rows = model.demand.rows
    served = np.diff(model.coverage.cover.indptr)
    key = rows[F.POINT].to_numpy() * 10 + rows[F.NETWORK].to_numpy()
    outdoor = dict(zip(key[rows[F.LEVEL] == 0], served[rows[F.LEVEL] == 0], strict=True))
    deep = rows[F.LEVEL].to_numpy() == 1
    assert all(served[i] <= outdoor[key[i]] for i in np.flatnonzero(deep))


def test_same_bytes_again_and_for_permuted_inputs(
    county: Path, folder: Path, tmp_path: Path
) -> None:
    shuffled = write_toy_county(tmp_path / "shuffled")
    rng = random.Random(5)

    for path in sorted(shuffled.parent.iterdir()):
        if path.suffix == ".csv":
            head, *rows = path.read_text(encoding="utf-8").splitlines()
            rng.shuffle(rows)
            path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
        elif path.suffix == ".geojson":
            tree = json.loads(path.read_text(encoding="utf-8"))
            rng.shuffle(tree["features"])
            path.write_text(json.dumps(tree, ensure_ascii=False), encoding="utf-8")

    planner.run(planner.Scenario.from_file(county), tmp_path / "again")
    assert digest(tmp_path / "again") == digest(folder)

    # The files differ now and so do their hashes: the plan does not.
    mixed = planner.solve(planner.build(planner.Scenario.from_file(shuffled)))
    plan = planner.load_plan(folder)
    assert mixed.stations[F.RANK].equals(plan.stations[F.RANK])
    assert mixed.measures.equals(plan.measures)


@pytest.mark.slow
def test_same_bytes_for_any_hash_seed_and_thread_count(
    county: Path, folder: Path, tmp_path: Path
) -> None:
    for threads, seed in (("1", "1"), ("2", "77")):
        out = tmp_path / threads
        environment = {
            "PYTHONHASHSEED": seed,
            "NUMBA_NUM_THREADS": threads,
            "OMP_NUM_THREADS": threads,
        }
        subprocess.run(
            [sys.executable, "-m", "planner", "run", county, "-o", out],
            check=True,
            env={**os.environ, **environment},
            cwd=ROOT,
        )
        assert digest(out) == digest(folder)


@pytest.mark.usefixtures("draft_figures")
def test_a_plan_that_is_read_back_gives_the_same_files(model: Model, folder: Path) -> None:
    made = [files_of(plan) for plan in (planner.solve(model), planner.load_plan(folder))]
    assert list(made[0]) == list(made[1])
    assert [name for name, data in made[0].items() if data != made[1][name]] == []
    on_disk = {name: (folder / name).read_bytes() for name in made[0] if (folder / name).is_file()}
    assert on_disk.keys() > {"map.html", "plan/provenance.json"}
    assert [name for name, data in on_disk.items() if data != made[0][name]] == []


def files_of(plan: Plan) -> dict[str, bytes]:
    """Every file that is made of a plan."""
    return dict([*pipeline.run_contents(plan), *make_report(plan), *make_rasters(plan)])


def test_a_run_folder_holds_what_the_design_says(folder: Path) -> None:
    assert (folder / "map.html").is_file()
    assert {path.suffix for path in (folder / "lists").iterdir()} == {".xlsx", ".csv", ".geojson"}
    assert {"scenario.yaml", "provenance.json", "measures.csv", "stations.parquet"} <= {
        p.name for p in (folder / "plan").iterdir()
    }
    assert isinstance(planner.load_plan(folder), Plan)


def test_map_export_and_compare_read_a_run_folder(folder: Path, tmp_path: Path) -> None:
    assert command("map", folder, "-o", tmp_path / "new" / "m.html").returncode == 0
    assert (tmp_path / "new" / "m.html").read_bytes() == (folder / "map.html").read_bytes()
    done = command("export", folder, "-o", tmp_path / "csv", "--format", "csv")
    assert {path.suffix for path in (tmp_path / "csv").iterdir()} == {".csv"}
    done = command("export", folder, "-o", tmp_path / "lists", "--datum", "gcj02")
    assert done.returncode == 0
    assert all("GCJ02" in path.name for path in (tmp_path / "lists").iterdir())
    done = command("compare", folder, folder, "-o", tmp_path / "c.html")
    assert done.returncode == 0 and (tmp_path / "c.html").stat().st_size > 100_000


@pytest.mark.parametrize(
    ("change", "zh", "en"),
    [
        ({"demnd": {"cell_m": 50.0}}, "不认识的键", "nearest: demand"),
        (
            {
                "phases": [
                    {"name": "a", "date": "2020-09-09", "stations": 8},
                    {"name": "b", "date": "2025-12-31", "stations": 99_999},
                ],
                "demand": {"deep_weight": [1.0], "phase_weight": [1.0], "share_5g": [0.1, 0.8]},
            },
            "可建站点只有",
            "only",
        ),
        ({"inputs": {"areas": "nowhere.geojson"}}, "nowhere.geojson", "nowhere.geojson"),
    ],
)
def test_a_wrong_scenario_is_one_clear_message_and_exit_2(
    tmp_path: Path, change: dict[str, object], zh: str, en: str
) -> None:
    done = command("run", write_toy_county(tmp_path / "bad", **change), "-o", tmp_path / "out")
    assert done.returncode == 2
    assert zh in done.stderr and en in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written_is_exit_74(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    done = command("export", folder, "-o", tmp_path / "file" / "lists")
    assert done.returncode == 74, done.stderr
    assert "Traceback" not in done.stderr


def test_not_a_run_folder_is_exit_2(tmp_path: Path) -> None:
    done = command("map", tmp_path)
    assert done.returncode in (2, 74)
    assert "Traceback" not in done.stderr
    assert str(tmp_path) in done.stderr


@pytest.mark.parametrize(
    ("arguments", "known"),
    [
        (("export", "--datum", "wgs72"), "gcj02"),
        (("export", "--format", "xls"), "geojson"),
        (("report", "--language", "xx"), "en"),
    ],
)
def test_an_unknown_choice_is_refused_in_both_languages(
    folder: Path, arguments: tuple[str, ...], known: str
) -> None:
    verb, *choice = arguments
    before = sorted(folder.iterdir())
    done = command(verb, folder, *choice)
    assert done.returncode == 2
    chinese, english = done.stderr.splitlines()
    assert "可选" in chinese and known in chinese and choice[1] in chinese
    assert "known" in english and known in english and choice[1] in english
    assert sorted(folder.iterdir()) == before


def test_check_reports_and_new_copies_the_case(county: Path, tmp_path: Path) -> None:
    assert command("check", county).returncode == 0
    done = command("new", tmp_path / "mine")
    assert done.returncode == 0, done.stderr
    (path,) = (tmp_path / "mine").rglob("tinghu.yaml")
    assert planner.Scenario.from_file(path).counts == (230, 654, 1840)


def test_nothing_but_results_is_printed_when_piped(county: Path, tmp_path: Path) -> None:
    done = command("run", county, "-o", tmp_path / "out")
    assert done.stderr == ""
    assert "合成数据" in done.stdout and "8" in done.stdout and "\x1b" not in done.stdout


def test_a_fault_of_our_own_is_exit_70(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("planted")

    monkeypatch.setattr("planner.layers.packaged_case", broken)
    done = command("run")
    assert done.returncode == 70
    assert "internal_error" in done.stderr


def test_hard_continuity_is_kept_or_refused_with_the_family_and_the_least_count(
    county: Path,
) -> None:
    base = planner.Scenario.from_file(county)
    layers = base.to_tree()["layers"]
    roads = next(layer for layer in layers if layer["name"] == "roads")

    roads["must_hold_from"] = 2
    plan = planner.solve(planner.build(base.replace(layers=layers)))
    asked = "layer == 'roads' and level == 'outdoor' and count == 40"
    assert len(plan.verdicts.query(asked)) == 2  # networks
    gaps = plan.measures.query(f"{asked} and measure == 'gaps'")
    assert len(gaps) and gaps["value"].eq(0).all()

    roads["must_hold_from"] = 1
    phases = base.to_tree()["phases"]
    phases[1]["stations"] = 13
    with pytest.raises(planner.InfeasibleError) as refused:
        planner.solve(planner.build(base.replace(layers=layers, phases=phases)))
    assert "roads/" in refused.value.en and "at least" in refused.value.en
    assert "重要交通干线" in refused.value.zh
