"""A test without its program is named when it is skipped, and fails where all is required."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import LONG_FILES

MARKERS = ("browser", "node", "office")


@pytest.fixture
def run_without_programs(tmp_path: Path):
    shutil.copy(Path(__file__).with_name("conftest.py"), tmp_path)
    markers = "\n    ".join(("markers =", *MARKERS))
    (tmp_path / "pytest.ini").write_text(f"[pytest]\n{markers}\n", encoding="utf-8")
    tests = "\n".join(
        f"@pytest.mark.{marker}\ndef test_{marker}():\n    pass\n" for marker in MARKERS
    )
    (tmp_path / "test_planted.py").write_text(f"import pytest\n\n{tests}", encoding="utf-8")

    def run(require_all: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "no:cacheprovider"],
            cwd=tmp_path,
            env=os.environ | {"PATH": str(tmp_path), "PLANNER_REQUIRE_ALL": require_all},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_skipped_tests_are_listed_in_capitals(run_without_programs) -> None:
    done = run_without_programs("0")
    assert done.returncode == 0, done.stdout
    assert "NOT TESTED" in done.stdout
    for marker in MARKERS:
        assert f"SKIPPED TEST_PLANTED.PY::TEST_{marker.upper()}" in done.stdout


def test_skipped_tests_fail_where_all_is_required(run_without_programs) -> None:
    done = run_without_programs("1")
    assert done.returncode == 1, done.stdout
    assert f"{len(MARKERS)} failed" in done.stdout or f"{len(MARKERS)} errors" in done.stdout
    assert "PLANNER_REQUIRE_ALL" in done.stdout


def test_files_that_come_first_are_there() -> None:
    assert [name for name in LONG_FILES if not (Path(__file__).parent / name).is_file()] == []
