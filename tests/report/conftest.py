"""Two plans of the toy county, solved once: what a report is written from and what it is compared with."""

from __future__ import annotations

import pytest

import planner
from planner.report.facts import Facts
from planner.report.words import Words
from tests.toy import write_toy_county


def solve_toy(folder: pytest.TempPathFactory, **changes: object) -> planner.Plan:
    scenario = planner.Scenario.from_file(write_toy_county(folder.mktemp("county"), **changes))
    return planner.solve(planner.build(scenario))


@pytest.fixture(scope="session")
def plan(tmp_path_factory: pytest.TempPathFactory) -> planner.Plan:
    return solve_toy(tmp_path_factory)


@pytest.fixture(scope="session")
def other(tmp_path_factory: pytest.TempPathFactory) -> planner.Plan:
    return solve_toy(tmp_path_factory, name="strict", levels={"outdoor": {"rsrp_dbm": -98.0}})


@pytest.fixture(scope="session")
def facts(plan: planner.Plan) -> Facts:
    return Facts(plan)


@pytest.fixture(scope="session")
def words(plan: planner.Plan) -> Words:
    return Words(plan.scenario, "zh")
