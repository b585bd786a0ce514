"""A plan from an earlier one: only when it is named, the same bytes each time, and said so."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

import planner
from planner import fields as F
from planner import optimise, pipeline
from planner.errors import Notice, ScenarioError
from planner.model import Model, Plan
from planner.optimise import Whole
from planner.optimise.bound import fitted
from planner.verify import verify
from tests.test_pipeline import command, digest
from tests.toy import SCENARIO, write_toy_county


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_toy_county(tmp_path_factory.mktemp("county"))


@pytest.fixture(scope="module")
def first(county: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("first")
    planner.run(planner.Scenario.from_file(county), out)
    return out


@pytest.fixture(scope="module")
def model(county: Path) -> Model:
    """The county when depth counts more and the first phase is larger."""
    tree = SCENARIO["phases"]
    phases = [tree[0], {**tree[1], "stations": 24}, tree[2]]
    scenario = planner.Scenario.from_file(county).replace(
        phases=phases, demand={"deep_weight": [1.0, 1.0]}
    )
    return planner.build(scenario)


def test_it_is_in_the_key_and_twice_the_same(county: Path, first: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        done = command("run", county, "--from", first, "-o", tmp_path / name)
        assert done.returncode == 0, done.stderr
    assert digest(tmp_path / "a") == digest(tmp_path / "b")
    start, plan = planner.load_plan(first), planner.load_plan(tmp_path / "a")
    facts = json.loads((tmp_path / "a" / "plan" / "provenance.json").read_text("utf-8"))
    assert facts["options"] == {"warm_start": start.key}
    assert plan.key != start.key
    assert verify(plan).holds


def test_a_folder_may_start_from_itself(county: Path, first: Path, tmp_path: Path) -> None:
    start = planner.load_plan(first)
    start.save(tmp_path)
    assert command("run", county, "--from", tmp_path, "-o", tmp_path).returncode == 0
    assert planner.load_plan(tmp_path).provenance["options"] == {"warm_start": start.key}


def test_it_stays_near_what_was_agreed(model: Model, first: Path) -> None:
    start = planner.load_plan(first)
    cold, warm = planner.solve(model), planner.solve(model, start=start)
    opened = [set(plan.stations[F.STATION_ID].iloc[plan.order]) for plan in (start, cold, warm)]
    assert len(opened[2]) == model.scenario.counts[-1]
    assert len(opened[0] & opened[2]) >= len(opened[0] & opened[1])

    # cells that both plans have keep their identities and root sequences
    was, cells = start.cells.set_index(F.CELL_ID), warm.cells.set_index(F.CELL_ID)
    both = was.index.intersection(cells.index)
    for column in (F.PCI, F.ROOT_INDEX):
        assert cells.loc[both, column].tolist() == was.loc[both, column].tolist()


def test_verdicts_alone_are_those_of_the_plan(
    county: Path, first: Path, model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = planner.load_plan(first)
    for known in (None, start):
        whole, outline = planner.solve(model, start=known), pipeline.outline(model, start=known)
        assert outline.order.tolist() == whole.order.tolist()
        pd.testing.assert_frame_equal(outline.verdicts, whole.verdicts)

    monkeypatch.chdir(tmp_path)
    done = command("run", county, "--verdicts", "--from", first)
    assert done.returncode == 0, done.stderr
    assert "主城区" in done.stdout
    assert list(tmp_path.iterdir()) == []
    refused = command("run", county, "--verdicts", "-o", tmp_path / "out")
    assert refused.returncode == 2
    assert "leave out -o" in refused.stderr


def renamed(plan: Plan, stations: int) -> Plan:
    """The plan, where so many stations stood at places that are unknown today."""
    table = plan.stations.copy()
    rows = plan.order[-stations:]
    table.loc[rows, F.STATION_ID] = [f"SF{row:09d}-M-N41" for row in rows]
    return dataclasses.replace(plan, stations=table)


def test_stations_that_are_gone_are_told(model: Model, first: Path) -> None:
    said: list[Notice] = []
    start = renamed(planner.load_plan(first), 12)
    plan = planner.solve(model, start=start, tell=said.append)
    (notice,) = said
    assert (notice.code, notice.severity) == ("start_stations_gone", "W")
    assert "12 个站" in notice.zh
    assert "12 stations" in notice.en
    assert f"SF{start.order[-12]:09d}" in notice.en
    assert notice.en.endswith("…")
    assert len(plan.order) == model.scenario.counts[-1]


def test_a_plan_of_elsewhere_is_refused(model: Model, first: Path) -> None:
    start = planner.load_plan(first)
    with pytest.raises(ScenarioError, match="no station of the plan to start from"):
        planner.solve(model, start=renamed(start, len(start.order)))


def test_the_search_begins_at_the_order() -> None:
    rng = np.random.default_rng(7)
    problem = optimise.Problem(
        cover=csr_array(rng.random((900, 400)) < 0.01),
        weight=rng.random(900),
        phases=[10, 200],
        fixed=[3, 5],
    )
    known = optimise.solve(problem, effort="standard")
    again = optimise.solve(problem, effort="fast", start=known.order)
    assert {*again.order[:10]} == {*known.order[:10]}
    assert {*again.order} == {*known.order}

    # what is missing is filled up, what may not open is passed over
    barred = problem.replace(excluded=known.order[-3:])
    filled = optimise.solve(barred, effort="fast", start=known.order[:150])
    assert {*known.order[:150]} <= {*filled.order}
    assert len(filled.order) == 200
    assert not {*known.order[-3:]} & {*filled.order}


def test_without_a_proof_the_bound_still_holds() -> None:
    rng = np.random.default_rng(7)
    problem = optimise.Problem(
        cover=csr_array(rng.random((900, 400)) < 0.02), weight=rng.random(900), phases=[10, 30]
    )
    proven, free = (optimise.solve(problem, prove=prove) for prove in (True, False))
    assert free.order.tolist() == proven.order.tolist()
    assert free.bound >= proven.bound
    assert (free.phase_bound >= free.value).all()
    assert optimise.verify(problem, free.certificate).coverage == pytest.approx(free.bound)


def test_a_proof_of_other_weights_begins_the_bound() -> None:
    rng = np.random.default_rng(7)
    cover = csr_array(rng.random((3000, 600)) < 0.01)
    problem = optimise.Problem(cover=cover, weight=rng.random((2, 3000)), phases=[20, 60])
    known = optimise.solve(problem)
    other = problem.replace(weight=problem.weight * np.array([[1.5], [40.0]]))
    cold = optimise.solve(other, start=known.order)
    warm = optimise.solve(other, start=known.order, proof=known.certificate)
    assert warm.order.tolist() == cold.order.tolist()
    assert optimise.verify(other, warm.certificate).objective == warm.objective_bound
    assert warm.objective_bound == pytest.approx(cold.objective_bound, rel=1e-3)
    # a certificate with its prices proves at once what it proved before
    again = optimise.solve(problem, start=known.order, proof=known.certificate)
    assert again.objective_bound <= known.objective_bound * (1 + 1e-4)

    # it begins near where the known one ended, whatever the units
    weight = Whole.of(other).reduced.weight
    start = fitted(weight, known.certificate.objective)
    before = Whole.of(problem).reduced.weight
    assert start is not None
    share = known.certificate.objective.multipliers / before
    assert np.median(np.abs(start.multipliers / weight - share)) < 1e-3

    # one of another size is passed over
    assert fitted(weight[1:], known.certificate.objective) is None
