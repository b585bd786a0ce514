"""Benchmarks are run by hand: here they import, are described, and one is run where it is small."""

from __future__ import annotations

import csv
import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[1] / "benchmarks"
MODULES = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem != "__init__")
README = (FOLDER / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", MODULES)
def test_a_benchmark_is_described_and_imports(name: str) -> None:
    assert f"| `{name}.py` |" in README
    importlib.import_module(f"benchmarks.{name}")


def test_figures_of_the_readme_are_those_of_the_stored_run() -> None:
    with (FOLDER / "results" / "optimise.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    told = re.findall(
        r"^\| ([^|]+) \| ([\d.%]+) \| ([\d.%]+) \| ([\d.%]+) \| ([\d.%]*)", README, re.MULTILINE
    )
    assert told
    for figure, *values in told:
        for instance, value in zip(("district", "strict", "fine", "city"), values, strict=True):
            measured = [row["measured"] for row in rows if row["instance"] == instance]
            found = any(value in re.findall(r"[\d.]+%?", text) for text in measured)
            assert found or not value, f"{figure}, {instance}: {value} was not measured"


@pytest.mark.slow
def test_coverage_and_the_tree_find_the_same_matrix() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.coverage", "2000", "150"],
        cwd=FOLDER.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ", identical;" in done.stdout, done.stdout
