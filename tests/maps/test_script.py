"""The pure modules of the page's script, tested by Node.js itself."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

TESTS = sorted((Path(__file__).parents[1] / "page").glob("*.test.mjs"))


@pytest.mark.node
@pytest.mark.parametrize("file", TESTS, ids=[file.name.split(".")[0] for file in TESTS])
def test_module_of_the_page(file: Path) -> None:
    done = subprocess.run(
        ["node", "--test", str(file)], capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "# fail 0" in done.stdout or "ℹ fail 0" in done.stdout, done.stdout


def test_there_are_modules_to_test() -> None:
    assert len(TESTS) > 5
