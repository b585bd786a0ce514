"""Files written whole, the same bytes for the same content; plans that come back as they were."""

from __future__ import annotations

import errno
import json
import os
import unicodedata
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from planner import files
from planner.errors import StorageError
from planner.model import FORMAT_VERSION, Plan

FRAMES = (
    "points",
    "roads",
    "stations",
    "by_count",
    "measures",
    "verdicts",
    "gaps",
    "holes",
    "towns",
    "curve",
    "replacements",
)
ARRAYS = ("share", "first", "wanted", "server", "broken")


def all_bytes(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def saved(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("亭湖 run")
    plan.save(folder)
    return folder


def test_a_plan_comes_back_as_it_was(plan: Plan, saved: Path) -> None:
    loaded = Plan.load(saved)
    for name in FRAMES:
        assert_frame_equal(getattr(loaded, name), getattr(plan, name), obj=name)
    for name in ARRAYS:
        assert np.array_equal(getattr(loaded, name), getattr(plan, name)), name
        assert getattr(loaded, name).dtype == getattr(plan, name).dtype
        assert not getattr(loaded, name).flags.writeable
    assert loaded.scenario.to_tree() == plan.scenario.to_tree()
    assert loaded.provenance == plan.provenance
    assert loaded.grid == plan.grid
    assert loaded.layers.notices == plan.layers.notices
    assert_frame_equal(loaded.layers.areas, plan.layers.areas)
    assert loaded.stations.crs == plan.stations.crs
    assert loaded.layers.areas.crs == plan.layers.areas.crs
    assert np.array_equal(loaded.order, plan.order)


def test_same_plan_same_bytes_also_after_a_round_trip(
    plan: Plan, saved: Path, tmp_path: Path
) -> None:
    plan.save(tmp_path / "again")
    Plan.load(saved).save(tmp_path / "loaded")
    assert all_bytes(saved) == all_bytes(tmp_path / "again") == all_bytes(tmp_path / "loaded")


def test_the_plan_folder_itself_can_be_loaded(plan: Plan, saved: Path) -> None:
    assert np.array_equal(Plan.load(saved / "plan").order, plan.order)


def test_no_path_of_this_machine_and_no_clock_is_in_a_file(saved: Path) -> None:
    here = str(Path(__file__).parents[2]).encode()
    for name, data in all_bytes(saved).items():
        assert here not in data, name
        assert str(saved).encode() not in data, name


@pytest.mark.parametrize(
    "name",
    [
        "points.parquet",
        "replacements.parquet",
        "measures.csv",
        "scenario.yaml",
        "layers/areas.parquet",
    ],
)
def test_a_changed_or_missing_file_is_named(plan: Plan, tmp_path: Path, name: str) -> None:
    plan.save(tmp_path)
    path = tmp_path / "plan" / name
    path.write_bytes(path.read_bytes()[:-7])
    with pytest.raises(StorageError, match=path.name) as changed:
        Plan.load(tmp_path)
    assert changed.value.exit_code == 74
    path.unlink()
    with pytest.raises(StorageError, match=path.name):
        Plan.load(tmp_path)


def test_a_plan_of_another_format_is_refused(plan: Plan, tmp_path: Path) -> None:
    plan.save(tmp_path)
    path = tmp_path / "plan" / "provenance.json"
    facts = json.loads(path.read_text(encoding="utf-8"))
    for version in (FORMAT_VERSION - 1, 99):
        other = json.dumps({**facts, "format_version": version})
        path.write_text(other, encoding="utf-8", newline="\n")
        with pytest.raises(StorageError, match=f"{version}. Run its scenario again") as old:
            Plan.load(tmp_path)
        assert str(tmp_path) in old.value.en and str(tmp_path) in old.value.zh
    path.write_text("{", encoding="utf-8", newline="\n")
    with pytest.raises(StorageError, match=r"provenance\.json"):
        Plan.load(tmp_path)


def test_a_folder_without_a_plan_says_so(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"provenance\.json is missing"):
        Plan.load(tmp_path)


def test_a_full_disk_leaves_the_old_file_and_nothing_beside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = files.write_bytes(tmp_path / "a.bin", b"old")

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match=r"disk is full") as error:
        files.write_bytes(path, b"new")
    assert "磁盘已满" in error.value.zh
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.bin"]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError, match="cannot write"):
        files.write_bytes(tmp_path / "file" / "a.bin", b"")


TEXTS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"))


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            TEXTS, st.floats(allow_infinity=False), st.integers(-(2**62), 2**62), st.booleans()
        ),
        max_size=5,
    )
)
def test_csv_gives_back_every_text_and_every_bit(rows: list[tuple[str, float, int, bool]]) -> None:
    types = {"text": "str", "number": "float64", "count": "int64", "yes": "bool"}
    kinds = {"text": "text", "number": "float", "count": "int", "yes": "bool"}
    frame = pd.DataFrame(rows, columns=list(types)).astype(types)
    data = files.csv_bytes(frame)
    assert_frame_equal(files.parse_csv(data, "t.csv", kinds.__getitem__), frame)


# what begins with a sign in any width, after what is not seen, or with the guard itself
RUNS = (
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\rx", "\n1", "'=1", "'q", "''", "＝1+1", "＋1", "－1",
    "＠x", "﹣1", "⁺1", "₌1", " =1", "\u3000=1", "\u00a0+1", "\ufeff=1", "\u200b@x",
    "\u2060\u200e＝1", "\x00=1",
)  # fmt: skip
PLAIN = ("", "a=1", "1-2", "_x0041_", "站=1", "\u200b1", "1=", '"=1"', "#REF!", "\u200b'")


@pytest.mark.parametrize("text", RUNS)
def test_no_cell_and_no_head_of_a_csv_starts_a_formula(text: str) -> None:
    data = files.csv_bytes(pd.DataFrame({text: [text]}, dtype="str"))
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.decode("utf-8-sig") == f'"\'{text}"\n"\'{text}"\n'
    assert files.parse_csv(data, "t.csv", {text: "text"}.__getitem__)[text].tolist() == [text]


@pytest.mark.parametrize("text", PLAIN)
def test_a_text_that_cannot_run_stays_as_it_is(text: str) -> None:
    assert files.guarded(text) == text == files.unguarded(text)


def test_a_number_is_never_guarded() -> None:
    frame = pd.DataFrame({"a": [-1.5], "b": [-3]})
    assert files.csv_bytes(frame).decode("utf-8-sig") == '"a","b"\n-1.5,-3\n'


SIGNS = st.sampled_from("'=+-@＝＋－＠﹣⁼\t\r\n \u3000\ufeff\u200bx1")


@given(st.text(SIGNS, max_size=6) | TEXTS)
def test_the_guard_is_taken_off_exactly(text: str) -> None:
    written = files.guarded(text)
    assert files.unguarded(written) == text
    assert written == text or written == f"'{text}"
    seen = [letter for letter in written if unicodedata.category(letter)[0] not in "ZC"]
    assert not seen or unicodedata.normalize("NFKC", seen[0])[0] not in "=+-@"


def test_json_is_sorted_and_refuses_nan() -> None:
    assert files.json_bytes({"b": 1, "a": "亭"}) == '{\n "a": "亭",\n "b": 1\n}\n'.encode()
    with pytest.raises(ValueError, match="JSON"):
        files.json_bytes({"a": float("nan")})


@pytest.mark.parametrize("data", [b"", b"PAR1", b"PAR1 not parquet PAR1"])
def test_a_parquet_that_is_none_is_damaged(data: bytes) -> None:
    with pytest.raises(StorageError, match=r"x\.parquet is damaged"):
        files.parse_parquet(data, "x.parquet")


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b'"a"\n"x"\n', b'"a","b"\n1\n'])
def test_a_csv_that_does_not_fit_is_damaged(data: bytes) -> None:
    with pytest.raises(StorageError, match=r"x\.csv is damaged"):
        files.parse_csv(data, "x.csv", {"a": "int"}.__getitem__)
