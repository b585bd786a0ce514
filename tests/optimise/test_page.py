"""The page for operations researchers: its example runs, and its tables name what there is."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from planner.optimise import Problem, Result

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "optimiser.md").read_text(encoding="utf-8")


def test_the_example_runs_and_its_bound_is_proven(capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    exec(code, {})
    order = capsys.readouterr().out.splitlines()[0]
    assert re.findall(r"\d+", order)[:2] == ["3", "14"]


@pytest.mark.parametrize("described", [Problem, Result])
def test_every_field_is_described(described: type) -> None:
    fields = {field.name for field in dataclasses.fields(described)} - {"group"}
    told = {
        name
        for line in PAGE.splitlines()
        if line.startswith("|")
        for name in re.findall(r"`(\w+)`", line)
    }
    assert fields <= told, f"not described: {fields - told}"
