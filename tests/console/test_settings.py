"""A scenario as it was resolved: nothing missing, and each value with where it comes from."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from planner.console import print_inputs, print_settings
from planner.layers import file_states
from planner.scenario import PARTS, Scenario, Setting, settings
from tests.test_pipeline import command
from tests.toy import write_toy_county


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_toy_county(
        tmp_path_factory.mktemp("toy"),
        bands={"n41": {"power_w": 240.0}},
        siting={"cost_wan": {"new_tower": 70.0}},
        inputs={"areas": {"file": "areas.geojson", "kind": "park"}, "water": "nowhere.geojson"},
    )


@pytest.fixture(scope="module")
def rows(path: Path) -> dict[str, Setting]:
    found = list(settings(Scenario.from_file(path)))
    assert len({row.path for row in found}) == len(found)
    return {row.path: row for row in found}


def leaves(tree: Any, path: str = "") -> Iterator[str]:
    """Paths of all values of a tree, as a setting names them."""
    if isinstance(tree, dict) and tree:
        for name, part in tree.items():
            yield from leaves(part, f"{path}.{name}".removeprefix("."))
    elif isinstance(tree, list) and tree and isinstance(tree[0], dict):
        for i, part in enumerate(tree):
            is_named = path in ("networks", "layers")
            yield from leaves(part, f"{path}.{part['name'] if is_named else i}")
    else:
        yield path


def test_every_value_of_the_resolved_scenario_is_shown(
    path: Path, rows: dict[str, Setting]
) -> None:
    tree = Scenario.from_file(path).to_tree()
    tree["inputs"] = {key: value for key, value in tree["inputs"].items() if key not in PARTS}
    assert set(rows) == set(leaves(tree))
    assert all(row.unit and row.source for row in rows.values())


def test_what_the_file_says_is_told_from_defaults(rows: dict[str, Setting]) -> None:
    power, cost = rows["bands.n41.power_w"], rows["siting.cost_wan.new_tower"]
    assert (power.value, power.is_set, power.default) == (240.0, True, 200.0)
    assert (cost.value, cost.is_set, cost.default) == (70.0, True, 75.0)
    assert not rows["bands.n41.n_prb"].is_set
    assert not rows["siting.cost_wan.new_roof"].is_set
    assert rows["layers.core.spacing_m"].is_set and not rows["layers.core.radius_m"].is_set
    assert rows["layers.core.spacing_m"].default == 200.0
    assert rows["demand.share_5g"].value == (0.05, 0.1, 0.8)
    assert not rows["demand.share_5g"].is_set


def test_files_are_looked_at(path: Path) -> None:
    states, findings = file_states(Scenario.from_file(path))
    of = {state.part: state for state in states}
    assert (of["areas"].found, of["areas"].format) == ("usable", "geojson")
    assert (of["sites"].found, of["sites"].format) == ("usable", "csv")
    assert (of["water"].found, of["water"].format) == ("missing", "")
    assert "candidates" not in of
    assert {notice.file for notice in findings.notices if notice.severity == "E"} == {
        "nowhere.geojson"
    }


def test_both_are_printed_beside_each_other(path: Path) -> None:
    scenario = Scenario.from_file(path)
    out = io.StringIO()
    console = Console(file=out, width=160, highlight=False, markup=False)
    print_settings(console, scenario, settings(scenario))
    print_inputs(console, file_states(scenario)[0])
    lines = {" ".join(line.split()) for line in out.getvalue().splitlines()}
    assert any(
        line.startswith("bands.n41.power_w 240 W 文件 file 缺省 default 200") for line in lines
    )
    assert any(line.startswith("siting.cost_wan.new_roof 42 万元 缺省 default") for line in lines)
    assert any(line.startswith("areas areas.geojson 可用 usable geojson") for line in lines)
    assert any("kind park" in line for line in lines)


def test_the_command_shows_what_a_word_names(path: Path) -> None:
    done = command("show", path, "CELL_M")
    shown = done.stdout.split()
    assert done.returncode == 0 and "demand.cell_m" in shown and "bands.n41.f_ghz" not in shown

    done = command("show", path, "water")
    assert "未找到 missing" in done.stdout and "unreadable_file" in done.stdout

    done = command("show", path, "cel_m")
    assert done.returncode == 2 and "cell_m" in done.stderr and "没有键名含" in done.stderr
