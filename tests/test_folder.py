"""A run replaces a run as a whole or not at all, whatever stops it, and loses nobody's file."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner import files
from planner import folder as run_folder
from planner.errors import StorageError
from planner.folder import STATE, Change, Manifest, change
from tests.disk import FULL, Death, Disk

ROOT: Final = Path(__file__).parent.parent
Contents = Mapping[str, bytes]

OLD: Final = {
    "plan/a.csv": b"old a",
    "plan/layers/b.bin": b"same in both",
    "plan/provenance.json": b"old",
    "map.html": b"old map",
    "lists/20200930.csv": b"old list",
    "report/report.docx": b"old report",
}
NEW: Final = {
    "plan/a.csv": b"new a",
    "plan/layers/b.bin": b"same in both",
    "plan/c.csv": b"new c",
    "plan/provenance.json": b"new",
    "map.html": b"new map",
    "lists/20201015.csv": b"new list",
}
NOTES: Final = {"lists/notes.txt": b"of somebody", "readme.txt": b"of somebody else"}


def put(home: Path, contents: Contents, key: str) -> Change:
    with run_folder.opened(home, "run") as place:
        return place.replace(contents.items(), key)


def holding(home: Path) -> dict[str, bytes]:
    """Every file but the planner's own state."""
    paths = (path for path in home.rglob("*") if path.is_file())
    found = {path.relative_to(home).as_posix(): path.read_bytes() for path in paths}
    return {name: data for name, data in found.items() if not name.startswith(f"{STATE}/")}


def assert_whole(home: Path, either: Mapping[str, Contents], others: Contents) -> str:
    """The folder holds one of the runs, whole, and its manifest is true; which one."""
    manifest = Manifest.read(home)
    run = either[manifest.key]
    assert holding(home) == {**run, **others}
    assert manifest.files.keys() == run.keys()
    for name, data in run.items():
        assert manifest.files[name] == (files.digest(data), manifest.key), name
    left = {path.name for path in (home / STATE).iterdir()} if (home / STATE).exists() else set()
    assert left <= {"lock", "manifest.json"}, left
    return manifest.key


@pytest.fixture
def used(tmp_path: Path) -> Path:
    """A run folder with a run, a report that was added to it, and files of other people."""
    return used_folder(tmp_path / "亭湖 run")


def used_folder(home: Path) -> Path:
    run = {name: data for name, data in OLD.items() if not name.startswith("report/")}
    with Disk().mounted():
        put(home, run, "old")
        with run_folder.into(home / "report", "report") as place:
            place.add([("report.docx", OLD["report/report.docx"])], "old")
    for name, data in NOTES.items():
        (home / name).write_bytes(data)
    return home


EITHER: Final = {"old": OLD, "new": NEW}


def test_a_run_replaces_a_run_and_all_that_belongs_to_it(used: Path) -> None:
    done = put(used, NEW, "new")
    assert assert_whole(used, EITHER, NOTES) == "new"
    assert done.written == tuple(NEW)
    assert set(done.removed) == {"lists/20200930.csv", "report/report.docx"}
    assert set(done.foreign) == set(NOTES)
    assert not (used / "report").exists()
    removed, among, others = done.notices()
    assert "lists/notes.txt" in str(among)
    assert "readme.txt" not in str(among)
    assert "readme.txt" in str(others)
    assert "2 " in str(removed)


def test_the_same_run_again_touches_nothing(used: Path) -> None:
    def times() -> dict[str, int]:
        return {name: (used / name).stat().st_mtime_ns for name in (*OLD, *NOTES)}

    before = times()
    run = {name: data for name, data in OLD.items() if not name.startswith("report/")}
    done = put(used, run, "old")
    assert times() == before
    assert not done.removed
    assert assert_whole(used, EITHER, NOTES) == "old"  # the report of the same plan stays


def test_what_somebody_changed_is_kept_beside(used: Path) -> None:
    (used / "lists/20200930.csv").write_bytes(b"filled in by a carrier")
    (used / "map.html").write_bytes(b"another map")
    (used / "plan/c.csv").write_bytes(b"never ours, but in the way")
    done = put(used, NEW, "new")
    kept = {
        "kept/lists/20200930.csv": b"filled in by a carrier",
        "kept/map.html": b"another map",
        "kept/plan/c.csv": b"never ours, but in the way",
    }
    assert set(done.kept) == set(kept)
    assert assert_whole(used, EITHER, {**NOTES, **kept}) == "new"
    assert "kept/map.html" in str(done.notices())

    # once more under the same name, with other content: both are there
    (used / "map.html").write_bytes(b"a third map")
    done = put(used, OLD, "old")
    assert done.kept == (f"kept/map.{files.digest(b'a third map')[:8]}.html",)
    assert (used / "kept/map.html").read_bytes() == b"another map"
    assert (used / done.kept[0]).read_bytes() == b"a third map"


def test_what_is_added_belongs_to_the_plan_and_is_refused_beside_another(used: Path) -> None:
    put(used, NEW, "new")
    with (
        run_folder.into(used / "report", "report") as place,
        pytest.raises(StorageError, match="holds plan new") as refused,
    ):
        place.add([("report.docx", b"of the old plan")], "old")
    assert "方案 new" in refused.value.zh
    assert "-o" in refused.value.zh
    assert assert_whole(used, EITHER, NOTES) == "new"


def test_files_elsewhere_need_no_run_folder(tmp_path: Path) -> None:
    with run_folder.into(tmp_path / "new" / "folder", "map", ("m.html",)) as place:
        done = place.add([("m.html", b"map"), ("b/c.txt", b"c")], "key")
    assert [path.read_bytes() for path in done.paths] == [b"map", b"c"]
    assert holding(tmp_path) == {"new/folder/m.html": b"map", "new/folder/b/c.txt": b"c"}


@pytest.mark.parametrize("name", ["", "../a", "/a", "a/../../b", "C:/a", "a\\b", f"{STATE}/lock"])
def test_no_name_leads_out_of_the_folder(used: Path, name: str) -> None:
    with pytest.raises(ValueError, match="no name of a file"):
        put(used, {name: b"x"}, "new")
    assert assert_whole(used, EITHER, NOTES) == "old"

    # nor one in a journal that came with a folder
    journal = {
        "format_version": 1,
        "moves": [],
        "removes": {name: files.digest(b"x")},
        "manifest": {"format_version": 1, "key": "new", "files": {}},
    }
    (used / STATE / "journal.json").write_text(json.dumps(journal), encoding="utf-8")
    with pytest.raises(StorageError, match="damaged"):
        run_folder.recover(used)


# ---------------------------------------------------------------------- what stops a change


def changes_of(home: Path, kinds: tuple[str, ...]) -> int:
    """How many changes of the disk a run over a used folder makes."""
    with Disk(kinds=kinds).mounted() as disk:
        put(home, NEW, "new")
    return disk.count


@pytest.mark.parametrize("for_good", [False, True])
@pytest.mark.parametrize("code", FULL)
@pytest.mark.parametrize("kind", ["write", "fsync", "replace"])
def test_a_disk_that_fails_at_any_step_leaves_one_of_the_two(
    tmp_path: Path, kind: str, code: int, for_good: bool
) -> None:
    count = changes_of(used_folder(tmp_path / "count"), (kind,))
    assert count >= 6
    found = set()
    for number in range(1, count + 1):
        home = used_folder(tmp_path / str(number))
        disk = Disk(number, (kind,), code, for_good=for_good)
        with disk.mounted():
            said = refusal_of(home)
        assert disk.stopped

        stands = "new" if "新方案" in said else "old" if "原有成果未变" in said else ""
        run_folder.recover(home)
        held = assert_whole(home, EITHER, NOTES)
        # the error says which; the last folder of all is flushed when all is in place
        assert held == (stands or held), (number, said)
        assert said or held == "new"
        found.add(held)
    assert found == {"old", "new"}


def refusal_of(home: Path) -> str:
    """What a run that fails says; empty when it does not."""
    try:
        put(home, NEW, "new")
    except StorageError as error:
        return error.zh
    return ""


def test_a_death_at_any_step_leaves_one_of_the_two(tmp_path: Path) -> None:
    count = changes_of(used_folder(tmp_path / "count"), change_kinds())
    found = []
    for number in range(1, count + 1):
        home = used_folder(tmp_path / str(number))
        with Disk(number).mounted(), pytest.raises(Death):
            put(home, NEW, "new")
        assert_no_file_is_torn(home)
        run_folder.recover(home)
        found.append(assert_whole(home, EITHER, NOTES))
    # old up to a point, new from there on
    assert found == sorted(found, reverse=True)
    assert set(found) == {"old", "new"}


def change_kinds() -> tuple[str, ...]:
    return Disk().kinds


def assert_no_file_is_torn(home: Path) -> None:
    """Before the next command too, every file is one of the two, whole."""
    for name, data in holding(home).items():
        if not Path(name).name.endswith(".part"):
            assert data in (OLD.get(name), NEW.get(name), NOTES.get(name)), name


def test_a_death_in_a_new_folder_leaves_nothing_or_the_run(tmp_path: Path) -> None:
    with Disk().mounted() as disk:
        put(tmp_path / "count", NEW, "new")
    for number in range(1, disk.count + 1):
        home = tmp_path / str(number)
        with Disk(number).mounted(), pytest.raises(Death):
            put(home, NEW, "new")
        run_folder.recover(home)
        assert holding(home) in ({}, NEW), number
        put(home, NEW, "new")
        assert_whole(home, EITHER, {})


STEPS: Final = st.lists(
    st.tuples(
        st.sampled_from(["old", "new", "third"]),
        st.integers(1, 90),  # a run takes about 70 changes
        st.sampled_from(["read", "run", "nothing"]),
    ),
    min_size=1,
    max_size=6,
)
RUNS: Final = {
    "old": OLD,
    "new": NEW,
    "third": {"plan/provenance.json": b"third", "lists/20200930.csv": b"third list"},
}


@settings(deadline=None, max_examples=40)
@given(STEPS)
def test_any_row_of_deaths_leaves_a_run_whole(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int, str]]
) -> None:
    home = used_folder(tmp_path_factory.mktemp("deaths") / "out")
    stands = {"old"}
    for key, number, then in steps:
        with Disk(number).mounted(), suppress(Death):
            put(home, RUNS[key], key)
        stands |= {key}
        if then == "read":
            # whoever brings it to an end may die over it, too
            with Disk(max(1, number // 3)).mounted(), suppress(Death):
                run_folder.recover(home)
            run_folder.recover(home)
            stands = {assert_whole(home, RUNS, NOTES)}
        elif then == "run":
            put(home, RUNS[key], key)
            assert assert_whole(home, RUNS, NOTES) == key
            stands = {key}
    run_folder.recover(home)
    assert assert_whole(home, RUNS, NOTES) in stands


KILLED: Final = """
import os, signal, sys
from pathlib import Path
from tests.disk import Disk
from tests.test_folder import EITHER, NEW, NOTES, assert_whole, put, used_folder
from planner import folder

class Kill(Disk):
    def before(self, kind, path):
        self.count += 1
        if self.count == self.stop_at:
            os.kill(os.getpid(), signal.SIGKILL)

found = []
for number in range(1, 1000):
    home = used_folder(Path(sys.argv[1]) / str(number))
    child = os.fork()
    if not child:
        with Kill(number).mounted():
            put(home, NEW, "new")
        os._exit(0)
    _, status = os.waitpid(child, 0)
    folder.recover(home)
    found.append(assert_whole(home, EITHER, NOTES))
    if not os.WIFSIGNALED(status):
        break
print(len(found) - 1, found.count("old"), found.count("new"))
"""


@pytest.mark.skipif(os.name == "nt", reason="needs fork")
def test_kill_9_at_every_step_leaves_one_of_the_two(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", KILLED, tmp_path],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    kills, old, new = map(int, done.stdout.split())
    assert kills > 40
    assert old > 5
    assert new > 5


# ---------------------------------------------------------------------- remains, readers, locks


def test_parts_of_dead_runs_go_and_others_stay(used: Path) -> None:
    for name in (".0123456789ab.part", f".0123456789ab.{2**22}-00ff.part"):
        (used / "lists" / name).write_bytes(b"half")
    (used / "lists" / "spare.part").write_bytes(b"of somebody")
    put(used, NEW, "new")
    assert assert_whole(used, EITHER, {**NOTES, "lists/spare.part": b"of somebody"}) == "new"


def test_a_single_file_removes_what_its_own_dead_writers_left(tmp_path: Path) -> None:
    with Disk(2).mounted(), pytest.raises(Death):
        files.write_bytes(tmp_path / "m.html", b"one")
    (left,) = tmp_path.iterdir()
    assert files.PART.fullmatch(left.name)
    # as if by a process that is gone; one that lives keeps its own
    gone = left.rename(left.with_name(left.name.replace(str(os.getpid()), str(2**22))))
    living = left.with_name(left.name.replace(str(os.getpid()), str(os.getppid())))
    living.write_bytes(b"x")
    files.write_bytes(tmp_path / "m.html", b"two")
    assert not gone.exists()
    assert {path.name for path in tmp_path.iterdir()} == {"m.html", living.name}


def stopped(home: Path, *, after_the_journal: bool) -> None:
    """Leave a run in the middle, as a death does."""
    # writing: before the journal six files are staged; then nothing but moves
    kinds, number = (("rmdir",), 1) if after_the_journal else (("write",), 4)
    with Disk(number, kinds).mounted(), pytest.raises(Death):
        put(home, NEW, "new")
    assert (home / STATE / "journal.json").exists() == after_the_journal


@pytest.mark.parametrize("after_the_journal", [False, True])
def test_whoever_reads_finishes_or_undoes_first(used: Path, after_the_journal: bool) -> None:
    stopped(used, after_the_journal=after_the_journal)
    read = run_folder.read_whole(used / "plan", lambda: (used / "plan/a.csv").read_bytes(), "plan")
    assert read == (b"new a" if after_the_journal else b"old a")
    assert_whole(used, EITHER, NOTES)


def test_what_was_done_is_said(used: Path) -> None:
    stopped(used, after_the_journal=False)
    assert [notice.code for notice in run_folder.recover(used)] == ["run_undone"]
    stopped(used, after_the_journal=True)
    assert run_folder.recover(used)[0].code == "run_finished"
    assert run_folder.recover(used) == ()


def test_a_place_that_cannot_be_written_says_what_to_do_with_a_half_done_run(used: Path) -> None:
    stopped(used, after_the_journal=True)
    read_only = Disk(1, ("write", "fsync", "replace", "rmdir"), errno.EROFS, for_good=True)
    with (
        read_only.mounted(),
        pytest.raises(StorageError, match="the folder cannot be written now") as error,
    ):
        run_folder.read_whole(used, lambda: None, "plan")
    assert ".planner" in error.value.zh
    run_folder.recover(used)
    assert assert_whole(used, EITHER, NOTES) == "new"


def test_a_read_in_the_middle_of_a_change_is_done_again(used: Path) -> None:
    reads: list[bytes] = []

    def read() -> bytes:
        reads.append((used / "plan/a.csv").read_bytes())
        if len(reads) == 1:
            put(used, NEW, "new")
            raise StorageError("the hashes do not match", "哈希不符")
        return reads[-1]

    assert run_folder.read_whole(used, read) == b"new a"
    assert len(reads) == 2

    # what is wrong in itself is not read for ever
    with pytest.raises(StorageError, match="damaged"):
        run_folder.read_whole(used, damaged)


def damaged() -> None:
    raise StorageError("damaged", "损坏")


@pytest.fixture
def holder(used: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that works in the folder."""
    code = (
        "import sys, time; from planner import folder\n"
        "with folder.opened(sys.argv[1], 'run') as place:\n"
        "    print('open', flush=True); time.sleep(60)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, used],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "open\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_a_second_run_is_refused_by_name_at_once(used: Path, holder: subprocess.Popen[str]) -> None:
    began = time.monotonic()
    with pytest.raises(StorageError, match=f"planner run, PID {holder.pid}") as refused:
        put(used, NEW, "new")
    assert time.monotonic() - began < 2
    assert refused.value.exit_code == 74
    assert refused.value.notices[0].code == "locked_by_other_run"
    assert f"PID {holder.pid}" in refused.value.zh
    with pytest.raises(StorageError, match="another command"), run_folder.into(used, "map"):
        pass
    # who only reads is not held up: nothing has been moved yet
    assert run_folder.read_whole(used, lambda: (used / "map.html").read_bytes()) == b"old map"

    holder.kill()
    holder.wait()
    put(used, NEW, "new")
    assert assert_whole(used, EITHER, NOTES) == "new"


def test_a_reader_waits_for_moves_that_are_being_made(used: Path) -> None:
    stopped(used, after_the_journal=True)
    journal = (used / STATE / "journal.json").read_bytes()
    begun = threading.Event()

    def moving() -> None:
        with run_folder.opened(used, "run"):
            (used / STATE / "journal.json").write_bytes(journal)
            begun.set()
            time.sleep(0.6)

    other = threading.Thread(target=moving)
    other.start()
    begun.wait()
    began = time.monotonic()
    run_folder.recover(used)
    assert time.monotonic() - began > 0.3
    other.join()
    assert assert_whole(used, EITHER, NOTES) == "new"


# ---------------------------------------------------------------------- as on Windows


def hold_open(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Let files be held by another program: they can be neither replaced nor removed."""
    real_replace, real_unlink = os.replace, os.unlink

    def is_held(path: object) -> bool:
        return Path(str(path)).name in names and STATE not in Path(str(path)).parts

    def replace(source: str, target: str) -> None:
        if is_held(source) or is_held(target):
            raise PermissionError(13, "held", str(target))
        real_replace(source, target)

    def unlink(path: str, **options: Any) -> None:
        if is_held(path):
            raise PermissionError(13, "held", str(path))
        real_unlink(path, **options)

    monkeypatch.setattr(os, "replace", replace)
    monkeypatch.setattr(os, "unlink", unlink)
    monkeypatch.setattr(change, "PATIENCE_S", 0.3)


def test_a_page_that_is_open_is_replaced_by_the_next_command(used: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        hold_open(patch, "map.html", "20200930.csv")
        done = put(used, NEW, "new")
        assert set(done.pending) == {"map.html", "lists/20200930.csv"}
        (told,) = (notice for notice in done.notices() if notice.code == "file_in_use")
        assert "map.html" in told.zh
        assert "planner" in told.fix_zh

        # the plan can be read, and a further run says what to close
        read = (used / "plan/a.csv").read_bytes
        assert run_folder.read_whole(used, read, "plan") == b"new a"
        with pytest.raises(StorageError, match=r"map\.html.* Close the program"):
            put(used, OLD, "old")
        assert run_folder.read_whole(used, (used / "map.html").read_bytes) == b"old map"

    run_folder.recover(used)
    assert assert_whole(used, EITHER, NOTES) == "new"


def test_a_file_of_the_plan_that_is_open_stops_who_reads_the_plan(used: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        hold_open(patch, "a.csv")
        assert put(used, NEW, "new").pending == ("plan/a.csv",)
        with pytest.raises(StorageError, match=r"plan/a\.csv"):
            run_folder.read_whole(used, lambda: None, "plan")
    run_folder.recover(used)
    assert assert_whole(used, EITHER, NOTES) == "new"


def test_a_file_that_is_closed_soon_is_waited_for(used: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        hold_open(patch, "map.html")
        patch.setattr(change, "PATIENCE_S", 5.0)
        threading.Timer(0.5, patch.undo).start()
        assert put(used, NEW, "new").pending == ()
    assert assert_whole(used, EITHER, NOTES) == "new"


def test_names_that_differ_in_case_alone_do_not_cost_a_file(used: Path) -> None:
    put(used, {"plan/provenance.json": b"1", "lists/A.csv": b"old"}, "first")
    run = {"plan/provenance.json": b"2", "lists/a.csv": b"new"}
    put(used, run, "second")
    assert assert_whole(used, {"second": run}, NOTES) == "second"


# ---------------------------------------------------------------------- before the work


@pytest.mark.parametrize("way", [run_folder.opened, run_folder.into])
def test_an_unsuitable_place_is_found_before_the_work(tmp_path: Path, way: object) -> None:
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "map.html").mkdir()
    (tmp_path / "lists").write_bytes(b"")
    wrong = {
        (tmp_path / "file", ()): "a folder is needed here",
        (tmp_path / "file" / "deeper", ()): "a folder is needed here",
        (tmp_path, ("map.html",)): "a file is needed here",
        (tmp_path, ("lists/",)): "a folder is needed here",
    }
    before = sorted(tmp_path.rglob("*"))
    for (place, needs), said in wrong.items():
        with pytest.raises(StorageError, match=said) as error, way(place, "run", needs):  # type: ignore[operator]
            raise AssertionError("the work must not begin")
        assert error.value.exit_code == 74
        assert "-o" in error.value.zh
    assert sorted(tmp_path.rglob("*")) == before


def test_a_link_out_of_the_folder_is_refused(used: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (used / "signal").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    with (
        pytest.raises(StorageError, match="leads out of the run folder"),
        run_folder.opened(used, "run", ("signal/",)),
    ):
        raise AssertionError("the work must not begin")
    with pytest.raises(StorageError, match="leads out of the run folder"):
        put(used, {"signal/a.tif": b"x"}, "new")
    assert not list((tmp_path / "elsewhere").iterdir())


def test_a_run_over_one_of_an_earlier_version_names_what_it_cannot_know(tmp_path: Path) -> None:
    for name, data in OLD.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    done = put(tmp_path, NEW, "new")
    assert set(done.foreign) == {"lists/20200930.csv", "report/report.docx"}  # kept/ is said apart
    kept, among, others = (str(notice) for notice in done.notices())
    assert "kept/map.html" in kept
    assert "lists/20200930.csv" in among
    assert "report/report.docx" in others
    assert holding(tmp_path)["lists/20200930.csv"] == OLD["lists/20200930.csv"]


@pytest.mark.parametrize("place", ["plan", "plan/layers", "lists", STATE, f"{STATE}/x", "PLAN/x"])
def test_a_part_of_a_run_folder_is_no_place_for_another(used: Path, place: str) -> None:
    if place != "PLAN/x":
        with (
            pytest.raises(StorageError, match="run folder's own"),
            run_folder.opened(used / place, "run"),
        ):
            pass
    if place != "lists":
        with (
            pytest.raises(StorageError, match="run folder's own"),
            run_folder.into(used / place, "map", apart="plan"),
        ):
            pass
    assert assert_whole(used, EITHER, NOTES) == "old"

    # a run folder that merely lies in another is one of its own
    assert put(used / "variants" / "a", NEW, "new").written == tuple(NEW)


def test_a_place_with_no_end_or_no_room_for_its_name_is_said(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    long = "规" * 100
    for place, needs, said in (
        ("loop", (), "leads back to itself"),
        (long, (), "too long"),
        ("", (f"{long}.html",), "too long"),
    ):
        with (
            pytest.raises(StorageError, match=said),
            run_folder.into(tmp_path / place, "map", needs),
        ):
            pass


def test_a_torn_journal_says_what_to_do(used: Path) -> None:
    (used / STATE / "journal.json").write_bytes(b"{")
    with pytest.raises(StorageError, match="delete the folder"):
        run_folder.recover(used)


def test_a_folder_in_which_nothing_came_to_stand_is_gone_again(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), run_folder.opened(tmp_path / "a" / "b", "run"):
        raise RuntimeError
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
def test_who_is_stopped_is_told_what_is_kept(
    used: Path, tmp_path: Path, stop: type[BaseException]
) -> None:
    with pytest.raises(stop) as stopped, run_folder.opened(used, "run"):
        raise stop
    assert "原有成果未变" in stopped.value.__notes__[0]
    with pytest.raises(stop) as stopped, run_folder.opened(tmp_path / "new", "run"):
        raise stop
    assert "未写出任何文件" in stopped.value.__notes__[0]


def test_what_does_not_belong_to_the_plan_is_named(used: Path) -> None:
    assert run_folder.stale_files(used, "old") == ()
    (used / "map.html").write_bytes(b"copied from another run")
    (told,) = run_folder.stale_files(used / "plan", "old")
    assert "map.html" in told.zh
    (told,) = run_folder.stale_files(used, "another")
    assert "another" in told.zh
    assert "old" in told.zh
