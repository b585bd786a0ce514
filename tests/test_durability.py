"""Commands on a used run folder: what is kept, what goes, what is said, what a kill leaves."""

from __future__ import annotations

import contextlib
import io
import multiprocessing
import multiprocessing.process
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

import pytest

import planner
from planner import cli, pipeline
from planner import folder as run_folder
from planner.errors import StorageError
from planner.folder import STATE, Manifest
from planner.model import Plan
from tests.disk import FULL, Death, Disk
from tests.test_folder import assert_whole, holding
from tests.test_pipeline import command
from tests.toy import write_toy_county

ROOT: Final = Path(__file__).parent.parent
DAYS: Final = ("2020-09-30", "2020-10-15")


class Case:
    """The toy county as of two days: scenario, plan and contents of a run of each."""

    def __init__(self, folder: Path) -> None:
        self.scenarios = [
            write_toy_county(folder / day, as_of=day).rename(folder / day / f"{day}.yaml")
            for day in DAYS
        ]
        self.plans = [
            planner.solve(planner.build(planner.Scenario.from_file(path)))
            for path in self.scenarios
        ]
        self.contents = [dict(pipeline.run_contents(plan)) for plan in self.plans]
        self.either = {
            plan.edition: contents for plan, contents in zip(self.plans, self.contents, strict=True)
        }

    def used(self, home: Path, number: int = 0) -> Path:
        """A run folder that holds one of the plans."""
        with Disk().mounted():
            self.put(home, number)
        return home

    def put(self, home: Path, number: int) -> None:
        with run_folder.opened(home, "run") as place:
            place.replace(self.contents[number].items(), self.plans[number].edition)


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return Case(tmp_path_factory.mktemp("case"))


def names(home: Path) -> set[str]:
    return set(holding(home))


def test_a_run_of_another_day_leaves_nothing_of_the_first(case: Case, tmp_path: Path) -> None:
    home = case.used(tmp_path / "out")
    pipeline.write_map(case.plans[0], home / "again.html")
    (home / "lists" / "返回.csv").write_text("of a carrier", encoding="utf-8")

    done = command("run", case.scenarios[1], "-o", home)
    assert done.returncode == 0, done.stderr
    assert_whole(home, case.either, {"lists/返回.csv": b"of a carrier"})
    assert not any("20200930" in name for name in names(home))
    assert "again.html" not in names(home)
    removed = sum("20200930" in name for name in case.contents[0]) + 1
    assert f"已移除上一方案的 {removed} 个文件" in done.stdout
    assert "返回.csv" in done.stdout


def test_what_commands_add_belongs_to_the_plan(case: Case, tmp_path: Path) -> None:
    home = case.used(tmp_path / "out")
    assert command("export", home, "--datum", "gcj02", "--format", "csv").returncode == 0
    assert command("map", home, "-o", home / "maps" / "office.html").returncode == 0
    assert command("map", home, "-o", tmp_path / "new" / "folder" / "m.html").returncode == 0
    added = Manifest.read(home).files.keys() - case.contents[0].keys()
    assert "maps/office.html" in added
    assert sum("GCJ" in name for name in added) == len(added) - 1
    assert (tmp_path / "new/folder/m.html").read_bytes() == case.contents[0]["map.html"]

    # the same run again keeps them, another plan takes them with it
    case.put(home, 0)
    assert added < names(home)
    case.put(home, 1)
    assert not added & names(home)
    with pytest.raises(StorageError, match="belongs to plan"):
        pipeline.write_lists(case.plans[0], home / "lists")
    assert_whole(home, case.either, {})


def test_a_copied_page_is_named(case: Case, tmp_path: Path) -> None:
    home = case.used(tmp_path / "out")
    (home / "map.html").write_bytes(case.contents[1]["map.html"])
    done = command("verify", home)
    assert done.returncode == 0
    assert "stale_file" in done.stdout
    assert "map.html" in done.stdout

    for name, data in case.contents[1].items():
        if name.startswith("plan/"):
            (home / name).write_bytes(data)
    done = command("verify", home)
    assert case.plans[0].key[:12] in done.stdout
    assert case.plans[1].key[:12] in done.stdout


@pytest.mark.parametrize(
    ("place", "code", "said"),
    [
        ("", 2, "路径为空"),
        ("file", 74, "需要文件夹"),
        ("file/deeper", 74, "需要文件夹"),
        ("taken", 74, "需要文件"),
    ],
)
def test_an_unsuitable_place_is_found_before_the_work(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, code: int, said: str
) -> None:
    def no_work(*_: object, **__: object) -> Plan:
        raise AssertionError("the work must not begin")

    monkeypatch.setattr(pipeline, "build", no_work)
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "taken" / "map.html").mkdir(parents=True)
    done = command("run", case.scenarios[0], "-o", tmp_path / place if place else "")
    assert done.returncode == code
    assert said in done.stderr
    assert "-o" in done.stderr


def test_notices_of_a_check_need_a_file_too(case: Case, tmp_path: Path) -> None:
    for place, code in (("", 2), (tmp_path, 74), (case.scenarios[0] / "notices.csv", 74)):
        done = command("check", case.scenarios[0], "-o", place)
        assert done.returncode == code
        assert "错误 errors" not in done.stdout


def test_a_page_cannot_be_a_folder_nor_lie_in_a_file(case: Case, tmp_path: Path) -> None:
    home = case.used(tmp_path / "out")
    for place in (home / "lists", home / "map.html" / "m.html", tmp_path):
        done = command("map", home, "-o", place)
        assert done.returncode == 74, place
        assert "需要文件" in done.stderr
    for place in (home / "plan" / "stations.parquet", home / STATE / "m.html"):
        done = command("map", home, "-o", place)
        assert done.returncode == 74, place
        assert "-o" in done.stderr
    done = command("check", case.scenarios[0], "-o", home / "plan" / "notices.csv")
    assert done.returncode == 74
    assert_whole(home, case.either, {})


def test_a_folder_that_another_command_writes_is_refused(case: Case, tmp_path: Path) -> None:
    home = case.used(tmp_path / "out")
    with run_folder.opened(home, "run"):
        for arguments in (("run", case.scenarios[1], "-o", home), ("map", home)):
            done = command(*arguments)
            assert done.returncode == 74
            assert f"planner run, PID {os.getpid()}" in done.stderr
    assert_whole(home, case.either, {})


@pytest.mark.parametrize("reader", ["load_plan", "explain"])
def test_whoever_reads_a_run_that_died_reads_a_whole_one(
    case: Case, tmp_path: Path, reader: str
) -> None:
    home = case.used(tmp_path / "out")
    with Disk(20, ("replace",)).mounted(), pytest.raises(Death):
        case.put(home, 1)
    assert (home / STATE / "journal.json").exists()

    if reader == "load_plan":
        assert planner.load_plan(home / "plan").edition == case.plans[1].edition
    else:
        station = case.plans[1].stations["station_id"].iloc[case.plans[1].order[0]]
        done = command("explain", home, station)
        assert done.returncode == 0, done.stderr
        assert "run_finished" in done.stdout
    assert assert_whole(home, case.either, {}) == case.plans[1].edition


def test_a_plan_that_is_saved_replaces_the_run(case: Case, tmp_path: Path) -> None:
    home = case.used(tmp_path / "out")
    case.plans[1].save(home)
    plan = {name: data for name, data in case.contents[1].items() if name.startswith("plan/")}
    assert_whole(home, {case.plans[1].edition: plan}, {})


def running(*arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "planner", *map(str, arguments)],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_who_stops_a_run_is_told_what_is_kept(
    case: Case, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    home = case.used(tmp_path / "out")
    process = running("run", case.scenarios[1], "-o", home)
    wait_for(home / STATE / "holder.json")
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    assert process.returncode == code, said
    assert "已中断" in said
    assert "原有成果未变" in said
    assert "Traceback" not in said
    assert assert_whole(home, case.either, {}) == case.plans[0].edition


def wait_for(path: Path) -> None:
    until = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < until
        time.sleep(0.01)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["write", "fsync", "replace"])
def test_a_disk_that_fails_at_any_step_of_a_real_run(case: Case, tmp_path: Path, kind: str) -> None:
    """Full at one step, broken at the next; tests/test_folder.py has each step with both."""
    home, found = case.used(tmp_path / "out"), []
    with Disk(kinds=(kind,)).mounted() as counted:
        case.put(home, 1)
    for number in range(1, counted.count + 1):
        case.used(home, 0)
        code = FULL[number % len(FULL)]
        with Disk(number, (kind,), code).mounted(), pytest.raises(StorageError):
            case.put(home, 1)
        run_folder.recover(home)
        found.append(assert_whole(home, case.either, {}))
    assert set(found) == {plan.edition for plan in case.plans}


STARTS: Final = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
"""How a process starts that has the libraries already, where there is such a way."""


def run_command(*arguments: str) -> None:
    """`planner` as the whole work of a process."""
    sys.argv[1:] = arguments
    with contextlib.redirect_stdout(io.StringIO()):
        cli.main()


@pytest.mark.slow
def test_kills_at_random_moments_leave_one_of_the_two(case: Case, tmp_path: Path) -> None:
    home, dice = case.used(tmp_path / "out"), random.Random(1)
    context = multiprocessing.get_context(STARTS)
    context.set_forkserver_preload([__name__])

    def started(number: int) -> multiprocessing.process.BaseProcess:
        arguments = ("run", str(case.scenarios[number % 2]), "-o", str(home))
        process = context.Process(target=run_command, args=arguments)
        process.start()
        return process

    # the first loads the libraries for all; the second tells how long the others take
    for number in range(2):
        began = time.monotonic()
        process = started(number)
        process.join()
        assert process.exitcode == 0
        seconds = time.monotonic() - began
    for number in range(8):
        process = started(number)
        time.sleep(dice.uniform(0.0, seconds))
        process.kill()
        process.join()
        run_folder.recover(home)
        assert_whole(home, case.either, {})
