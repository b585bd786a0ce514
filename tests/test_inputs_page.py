"""docs/inputs.md says what the readers read; its small case is read as it stands there."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from planner.groundwork import check
from planner.layers import look_at_layers
from planner.scenario import PARTS, Scenario

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def page() -> ModuleType:
    path = ROOT / "scripts" / "write_inputs.py"
    spec = importlib.util.spec_from_file_location("write_inputs", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_what_the_readers_ask_for(page: ModuleType) -> None:
    written = (ROOT / "docs" / "inputs.md").read_text(encoding="utf-8")
    assert written == page.inputs_text(), "run scripts/write_inputs.py"


def test_every_file_of_the_small_case_is_read_whole(page: ModuleType, tmp_path: Path) -> None:
    path = page.write_case(tmp_path)
    assert [str(notice) for notice in check(path) if notice.severity == "E"] == []

    scenario = Scenario.from_file(path)
    assert all(scenario.inputs.files(part) for part in PARTS)
    layers, findings, _ = look_at_layers(scenario)
    assert layers is not None
    n_rows = {
        "towns": 2, "landmarks": 1, "population": 2, "sites": 3, "candidates": 4, "antennas": 6,
        "areas": 3, "roads": 1,
    }  # fmt: skip
    assert {part: len(getattr(layers, part)) for part in n_rows} == n_rows
    assert set(layers.areas["layer"]) == {"core", "schools"}
    left_out = {"number_read", "manifest_missing", "datum_suspected"}
    assert {notice.code for notice in findings.notices if notice.severity != "I"} <= left_out
