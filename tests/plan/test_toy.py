"""The plan of the toy county, from its files through the whole house."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import planner
from planner import fields as F
from planner.model import Model, Plan
from planner.scenario import Scenario
from tests.toy import write_toy_county


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return planner.build(Scenario.from_file(write_toy_county(tmp_path_factory.mktemp("toy"))))


@pytest.fixture(scope="module")
def plan(model: Model) -> Plan:
    return planner.solve(model)


def test_the_plan_counts_the_same_weight_as_the_optimiser(model: Model, plan: Plan) -> None:
    total = model.demand.weight[-1].sum() + model.demand.window_weight[-1].sum()
    last = plan.scenario.counts[-1]
    assert plan.curve.loc[last, "covered"] * total == pytest.approx(
        plan.provenance["value"][-1], rel=1e-9
    )
    bounds = plan.curve["bound"].dropna()
    assert len(bounds) > 2
    assert (bounds >= plan.curve.loc[bounds.index, "covered"] - 1e-12).all()


def test_counts_are_exact_and_phases_nested(plan: Plan) -> None:
    ranks = np.sort(plan.stations[F.RANK].dropna().to_numpy(dtype="int64"))
    assert np.array_equal(ranks, np.arange(plan.scenario.counts[-1]))
    sizes = plan.stations[F.PHASE].value_counts()
    assert [sizes[number] for number in range(len(plan.scenario.phases))] == list(
        np.diff([0, *plan.scenario.counts])
    )
    first = plan.stations[F.STATE].iloc[plan.order[: plan.scenario.counts[0]]]
    assert set(first) == {"open"}


def test_every_layer_has_its_verdicts(plan: Plan) -> None:
    found = set(zip(plan.verdicts[F.LAYER], plan.verdicts[F.LEVEL], strict=True))
    asked = {(layer.name, "outdoor") for layer in plan.scenario.layers}
    asked |= {(layer.name, "deep") for layer in plan.scenario.layers if layer.deep != "none"}
    assert found == asked


def test_towns_add_up_to_the_district(plan: Plan) -> None:
    at = plan.towns.groupby(F.PHASE)["stations"].sum()
    assert [at[number] for number in range(len(plan.scenario.phases))] == list(plan.scenario.counts)


def test_it_comes_back_from_its_folder(plan: Plan, tmp_path: Path) -> None:
    plan.save(tmp_path / "a")
    loaded = Plan.load(tmp_path / "a")
    loaded.save(tmp_path / "b")
    for path in sorted((tmp_path / "a" / "plan").rglob("*")):
        if path.is_file():
            assert (
                path.read_bytes()
                == (tmp_path / "b" / path.relative_to(tmp_path / "a")).read_bytes()
            ), path.name
    assert np.array_equal(loaded.first, plan.first)
