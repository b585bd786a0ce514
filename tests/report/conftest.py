"""Two plans of the toy county, solved once: a report's own and the one it is compared with."""

from __future__ import annotations

import pytest

import planner
from planner.report.facts import Facts
from planner.words import Language, language
from tests.toy import SCENARIO, write_toy_county

REFERENCES = {
    "indicators": {
        "sharing": {"target": 80.0, "source": "甲省目标", "source_en": "goal of province A"},
        "cost": {
            "target": 2000.0,
            "source": "单价按甲市校准", "source_en": "unit costs scaled to city A",
        },
    },
    "pace": {
        "label": "甲省", "label_en": "province A",
        "source": "甲省公报", "source_en": "gazette of province A",
        "stations": {
            "2020": 7.1, "2021": 13.0, "2022": 18.7, "2023": 22.7, "2024": 24.1, "2025": 25.5,
        },
    },
}  # fmt: skip


def solve_toy(folder: pytest.TempPathFactory, **changes: object) -> planner.Plan:
    scenario = planner.Scenario.from_file(write_toy_county(folder.mktemp("county"), **changes))
    return planner.solve(planner.build(scenario))


@pytest.fixture(scope="session")
def plan(tmp_path_factory: pytest.TempPathFactory) -> planner.Plan:
    """Held against references as a district gives them."""
    return solve_toy(tmp_path_factory, references=REFERENCES)


@pytest.fixture(scope="session")
def other(tmp_path_factory: pytest.TempPathFactory) -> planner.Plan:
    return solve_toy(
        tmp_path_factory,
        name="strict",
        references=REFERENCES,
        levels={"outdoor": {"rsrp_dbm": -98.0}},
    )


@pytest.fixture(scope="session")
def one_network(tmp_path_factory: pytest.TempPathFactory) -> planner.Plan:
    """The county with the sites of one network, which it names alone."""
    network = SCENARIO["networks"][0] | {"operators": ["移动"]}
    phases = [
        phase | {"stations": count}
        for phase, count in zip(SCENARIO["phases"], (4, 10, 20), strict=True)
    ]
    folder = tmp_path_factory.mktemp("county")
    path = write_toy_county(folder, phases=phases, networks=[network])
    sites = path.parent / "sites.csv"
    rows = sites.read_text(encoding="utf-8").splitlines(keepends=True)
    sites.write_text("".join(row for row in rows if "telecom-unicom" not in row), encoding="utf-8")
    return planner.solve(planner.build(planner.Scenario.from_file(path)))


@pytest.fixture(scope="session")
def facts(plan: planner.Plan) -> Facts:
    return Facts(plan)


@pytest.fixture(scope="session")
def words() -> Language:
    return language("zh")
