"""A station that serves only so many residents: the plan, its figures, its proof."""

from __future__ import annotations

import io
from pathlib import Path

import docx
import numpy as np
import pytest
from rich.console import Console

import planner
from planner import fields as F
from planner.console.plan import print_plan
from planner.model import CoveredWeight, Model, Plan
from planner.optimise.serving import served_value
from planner.problem import make_problem
from planner.report import make_report
from planner.verify import proof_bytes, verify
from tests import recheck
from tests.toy import write_toy_county

CAP = 600.0


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> tuple[Model, Plan]:
    folder = write_toy_county(
        tmp_path_factory.mktemp("county"),
        capacity={"residents_per_station": CAP},
        networks=[
            {
                "name": "mobile", "code": "M", "label": "移动", "operators": ["移动"],
                "bands": ["n41", "n28"], "share": 0.75,
            },
            {
                "name": "telecom-unicom", "code": "T", "label": "电信联通", "operators": ["电信"],
                "bands": ["n78"],
            },
        ],
    )  # fmt: skip
    model = planner.build(planner.Scenario.from_file(folder))
    return model, planner.solve(model)


def test_the_plan_serves_more_than_the_one_without_a_cap(case: tuple[Model, Plan]) -> None:
    model, plan = case
    problem = make_problem(model, CoveredWeight.of(model.demand, model.coverage))
    assert problem.load is not None and problem.cap is not None
    assert problem.load.sum() == pytest.approx(model.demand.points[F.PEOPLE].sum())
    assert (problem.cap == CAP).all()

    free = model.scenario.replace(capacity={"residents_per_station": None})
    other = planner.solve(planner.build(free, layers=model.layers))
    assert set(plan.order) != set(other.order) and not other.residents_served(0)
    assert served_value(problem, plan.order).sum() > served_value(problem, other.order).sum()
    assert sum(plan.provenance["value"]) == pytest.approx(
        served_value(problem, plan.order).sum(), rel=1e-6
    )


def test_residents_are_counted_from_who_lives_where(case: tuple[Model, Plan]) -> None:
    model, plan = case
    demand, cover = model.demand, model.coverage.cover.toarray().astype(bool)
    rows = demand.rows
    for phase, count in enumerate(plan.scenario.counts):
        found = plan.residents_served(phase)
        is_open = np.isin(np.arange(cover.shape[1]), plan.order[:count])
        people = demand.points[F.PEOPLE].to_numpy()[rows[F.POINT]]
        people = people * np.where(rows[F.NETWORK] == 0, 0.75, 0.25)
        is_covered = cover[:, is_open].any(axis=1) & (rows[F.LEVEL] == F.OUTDOOR)
        covered = people[is_covered].sum()
        assert found["covered_residents"] == pytest.approx(covered)
        assert found["attached_residents"] <= found["split_residents"] + 1e-6
        assert found["split_residents"] <= min(covered, CAP * count) + 1e-6
    assert found["attached_residents"] < found["split_residents"] < found["covered_residents"]


def test_it_is_verified_and_checked_by_numpy_alone(
    case: tuple[Model, Plan], tmp_path: Path
) -> None:
    _, plan = case
    plan.save(tmp_path / "run")
    found = verify(planner.load_plan(tmp_path / "run"))
    assert found.findings == () and found.objective_bound >= found.objective
    (tmp_path / "proof.npz").write_bytes(proof_bytes(found))
    z = dict(np.load(tmp_path / "proof.npz"))
    recheck.check_plan(z)
    objective, _ = recheck.values(z)
    constant, settled = (int(each) for each in z["constant"])
    own = (z[f"objective_{name}"] for name in ("multipliers", "prices", "charges"))
    most = constant + settled + recheck.bound(z, *own, z["reward"], recheck.seats_of(z))
    assert objective <= most


@pytest.mark.parametrize("language", ["zh", "en"])
def test_console_and_report_say_all_three(case: tuple[Model, Plan], language: str) -> None:
    _, plan = case
    console = Console(width=200, record=True, file=io.StringIO())
    print_plan(console, plan)
    printed = console.export_text()
    word = docx.Document(io.BytesIO(dict(make_report(plan, language=language))["report.docx"]))
    report = "\n".join(paragraph.text for paragraph in word.paragraphs)
    assert "[[" not in report
    assert {"zh": "图中上界未计", "en": "knows neither limits"}[language] in report
    for phase in range(3):
        for people in plan.residents_served(phase).values():
            assert f"{people:.0f}" in printed
            assert f"{people:,.0f}" in report
