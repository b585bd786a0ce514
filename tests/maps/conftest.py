"""Plans of the toy county and their pages."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from planner import fields as F
from planner import pipeline
from planner.maps import page_html
from planner.model import Plan
from planner.scenario import Scenario
from tests.toy import SCENARIO, write_toy_county


@pytest.fixture(scope="session")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """The toy county's plan."""
    path = write_toy_county(tmp_path_factory.mktemp("toy"))
    return pipeline.solve(pipeline.build(Scenario.from_file(path)))


RULES_OF = {
    "core": {"residents": 0.9, "overlap_share": 0.01},
    "seats": {"residents": 0.9},
    "roads": {"ss_sinr_db": 20.0},
}


@pytest.fixture(scope="session")
def other(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """The same county under a stricter threshold, rules on residents and on what is heard.

    Two stations of both plans are elsewhere: one stands 40 m east under its own 规划编号, one
    60 m east under another.
    """
    layers = [
        layer | {"rule": layer.get("rule", {}) | RULES_OF.get(layer["name"], {})}
        for layer in SCENARIO["layers"]
    ]
    levels = {"outdoor": {"rsrp_dbm": -98.0}}
    path = write_toy_county(
        tmp_path_factory.mktemp("strict"), name="strict", levels=levels, layers=layers
    )
    strict = pipeline.solve(pipeline.build(Scenario.from_file(path)))
    mine, theirs = (
        one.stations.iloc[one.order].set_index(F.STATION_ID)[F.PHASE] for one in (plan, strict)
    )
    both = [
        name for name in mine.index.intersection(theirs.index) if mine[name] == theirs[name] != 0
    ]
    table = strict.stations.copy()
    for name, metres, new in ((both[0], 40.0, both[0]), (both[-1], 60.0, f"{both[-1]}X")):
        at = table.index[table[F.STATION_ID] == name]
        table.loc[at, F.LON] += metres / 93_030
        table.loc[at, F.STATION_ID] = new
    renamed = strict.replacements.replace({F.STATION_ID: {both[-1]: f"{both[-1]}X"}})
    return dataclasses.replace(strict, stations=table, replacements=renamed)


@pytest.fixture(scope="session")
def page_file(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the plan."""
    path = tmp_path_factory.mktemp("page") / "map.html"
    path.write_bytes(page_html(plan))
    return path


@pytest.fixture(scope="session")
def compare_file(plan: Plan, other: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of both plans."""
    path = tmp_path_factory.mktemp("compare") / "compare.html"
    pipeline.write_map(plan, path, other)
    return path


@pytest.fixture
def page(opened: Callable[..., Any], page_file: Path) -> Iterator[Any]:
    """The plan's page, fresh."""
    with opened(page_file) as one:
        yield one
