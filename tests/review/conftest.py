"""The plan of the toy county that answers are given to."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import planner
from planner import pipeline
from planner.model import Model, Plan
from tests.toy import write_toy_county


@pytest.fixture(scope="session")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("loop")
    planner.run(planner.Scenario.from_file(write_toy_county(folder / "county")), folder / "out")
    return folder / "out"


@pytest.fixture(scope="session")
def plan(out: Path) -> Plan:
    return planner.load_plan(out)


@pytest.fixture(scope="session")
def ranked(plan: Plan) -> pd.DataFrame:
    """The plan's stations by rank: 8 open, 3 retrofitted, then candidates; a phase ends at 20."""
    return plan.stations.iloc[plan.order].reset_index(drop=True)


@pytest.fixture(scope="session")
def model(plan: Plan) -> Model:
    return pipeline.build(plan.scenario, layers=plan.layers)
