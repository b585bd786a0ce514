"""Benchmarks are run by hand: here they import, are described, and are run where they are small."""

from __future__ import annotations

import csv
import dataclasses
import importlib
import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from benchmarks import commands, greedy, pairs
from planner import pipeline
from planner.optimise import Problem, solve
from planner.optimise.objective import full_objective
from planner.optimise.reduce import reduce
from planner.optimise.sharing import sites_of
from planner.scenario import Scenario
from tests.toy import write_toy_county

FOLDER = Path(__file__).resolve().parents[1] / "benchmarks"
MODULES = sorted(path.stem for path in FOLDER.glob("[!_]*.py"))
README = (FOLDER / "README.md").read_text(encoding="utf-8")
HERE = pairs.Where("0123456789ab", "2026-11-26", "a machine, 2 cores", "3.11.7")


@pytest.mark.parametrize("name", MODULES)
def test_a_benchmark_is_described_and_imports(name: str) -> None:
    assert f"`{name}.py`" in README
    importlib.import_module(f"benchmarks.{name}")


def test_the_parts_of_the_readme_are_those_of_the_command() -> None:
    parts = importlib.import_module("benchmarks.__main__").PARTS
    assert re.findall(r"^\| `(\w+)` \|", README, re.MULTILINE) == list(parts)


def test_figures_of_the_readme_are_those_of_the_stored_run() -> None:
    with (FOLDER / "results" / "search.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    told = re.findall(
        r"^\| ([^|]+) \| ([\d.%]+) \| ([\d.%]+) \| ([\d.%]+) \| ([\d.%]*)", README, re.MULTILINE
    )
    assert told
    for figure, *values in told:
        for instance, value in zip(("district", "strict", "fine", "city"), values, strict=True):
            measured = [row["measured"] for row in rows if row["instance"] == instance]
            found = any(value in re.findall(r"[\d.]+%?", text) for text in measured)
            assert found or not value, f"{figure}, {instance}: {value} was not measured"


# --- pairs and the table -------------------------------------------------------------------------


def test_the_first_of_a_pair_is_measured_in_turn() -> None:
    turns: list[str] = []

    def measured(name: str, seconds: float) -> dict[str, float]:
        turns.append(name)
        return {"cpu": seconds * len(turns)}

    taken = pairs.alternate(lambda: measured("A", 1.0), lambda: measured("B", 2.0), 3)
    assert "".join(turns) == "ABBAAB"
    assert taken == [({"cpu": 1}, {"cpu": 4}), ({"cpu": 4}, {"cpu": 6}), ({"cpu": 5}, {"cpu": 12})]


def test_a_line_tells_the_ratios_of_the_pairs() -> None:
    taken = [({"cpu": ours}, {"cpu": peer}) for ours, peer in ((1, 4), (3, 4), (10, 20))]
    one = pairs.line(taken, "cpu", "a / b", "s", 0.6)
    assert (one.ours, one.peer, one.ratio) == ("3", "4", "0.5")
    assert (one.least, one.most, one.pairs) == ("0.25", "0.75", "3")
    assert pairs.verdict(vars(one)) == "<= 0.6 holds"
    assert pairs.verdict(vars(one) | {"ratio": "0.61"}) == "<= 0.6 MISSED"
    assert pairs.verdict(vars(one) | {"target": ""}) == ""


def test_the_table_keeps_a_line_for_each_commit(tmp_path: Path) -> None:
    def lines(*ratios: float) -> list[pairs.Line]:
        return [
            pairs.line([({"s": ratio}, {"s": 1.0})], "s", f"line {number}", "s")
            for number, ratio in enumerate(ratios)
        ]

    later = pairs.Where("fedcba987654", "2026-11-27", HERE.machine, HERE.python)
    pairs.store(lines(1, 2), HERE, tmp_path)
    pairs.store(lines(3, 4), later, tmp_path)
    pairs.store(lines(5), HERE, tmp_path)

    rows = pairs.read(tmp_path / "pairs.csv")
    kept = [(row["commit"], row["what"], row["ratio"]) for row in rows]
    assert kept == [
        (HERE.commit, "line 0", "5"),
        (HERE.commit, "line 1", "2"),
        (later.commit, "line 0", "3"),
        (later.commit, "line 1", "4"),
    ]
    elsewhere = dataclasses.replace(HERE, machine="another machine, 8 cores")
    pairs.store(lines(6), elsewhere, tmp_path)
    text = (tmp_path / "pairs.md").read_text(encoding="utf-8")
    assert re.findall("^## (.*) of|^(.* cores)", text, re.MULTILINE) == [
        (HERE.commit, ""), ("", elsewhere.machine),
        (HERE.commit, ""), ("", HERE.machine),
        (later.commit, ""), ("", later.machine),
    ]  # fmt: skip
    assert "| line 1 | s | 2 | 1 | 2 | 2 .. 2 | 1 |  |  |" in text


def test_the_stored_table_is_that_of_the_stored_rows() -> None:
    if not (FOLDER / "results" / "pairs.csv").exists():
        pytest.skip("nothing is stored yet")
    rows = pairs.read(FOLDER / "results" / "pairs.csv")
    assert (FOLDER / "results" / "pairs.md").read_text(encoding="utf-8") == pairs.table(rows)


# --- the parts, small ----------------------------------------------------------------------------


def test_a_command_is_measured_with_its_memory_or_tells_why_it_failed(tmp_path: Path) -> None:
    side = commands.Side(pairs.ROOT, tmp_path)
    held = side.spend("-c", "held = b'1' * 200_000_000; sum(range(10_000_000))")
    assert held["cpu"] > 0.05
    assert held["wall"] > 0.05
    assert held["peak"] > 190
    with pytest.raises(RuntimeError, match="exit 1\nno such case"):
        side.spend("-c", "import sys; sys.exit('no such case')")


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_the_release_is_laid_beside_and_runs(tmp_path: Path) -> None:
    commit = commands.baseline()
    if commit is None:
        pytest.skip(f"this clone has neither {commands.BASELINE} nor its commit")
    assert commit == commands.BASELINE_COMMIT
    source = commands.lay(commit, tmp_path / "source")
    side = commands.Side(source, tmp_path)
    found = f"import planner; assert planner.__file__.startswith({str(source)!r})"
    assert side.spend("-c", found)["cpu"] > 0


@pytest.mark.slow
def test_coverage_and_the_tree_find_the_same_matrix() -> None:
    coverage = importlib.import_module("benchmarks.coverage")
    lines = list(coverage.measure(1, (2000, 150)))
    assert [one.what for one in lines] == [
        f"coverage / k-d tree, {figure}" for figure in ("seconds", "one thread", "peak")
    ]
    assert all(one.found.startswith("identical matrix") for one in lines)


def small_problem() -> Problem:
    """Forty stations over 300 pieces of demand whose worths are all different."""
    random = np.random.default_rng(1)
    cover = sparse.random_array((300, 40), density=0.1, rng=random, format="csr")
    return Problem(weight=random.random(300), cover=cover, phases=[5, 12], fixed=[3])


def test_an_order_is_greedy_or_the_rank_where_it_is_not_is_told() -> None:
    reduced = reduce(greedy.one_phase(small_problem()))
    order = greedy.our_greedy(reduced)()
    assert len(order) == 12
    assert greedy.not_greedy(reduced, order) is None
    assert greedy.compared(reduced, order, order.copy()) == "same order"

    swapped = order.copy()
    swapped[[4, 5]] = order[[5, 4]]
    assert greedy.not_greedy(reduced, swapped) == 4
    assert greedy.compared(reduced, order, swapped) == "peer is NOT GREEDY from rank 4"


def test_greedy_and_submodlib_take_the_same_stations() -> None:
    pytest.importorskip("submodlib", reason="scripts/benchmark installs submodlib")
    one = greedy.compare(greedy.one_phase(small_problem()), "greedy / submodlib", 1)
    assert one.found == "same order"


def with_sharing() -> Problem:
    """Twenty of the pieces; two networks at each of twenty sites, one shared by fixed stations."""
    small, columns = small_problem(), np.arange(40)
    rows = np.flatnonzero(np.diff(small.cover.indptr))[:20]
    return Problem(
        weight=small.weight[0, rows],
        cover=small.cover[rows],
        phases=small.phases,
        fixed=[2, 3],
        site=columns // 2,
        network=columns % 2,
        share_bonus=0.3,
    )


def test_cp_sat_finds_a_plan_and_its_bound_holds() -> None:
    optimise = importlib.import_module("benchmarks.optimise")
    if importlib.util.find_spec("ortools") is None:
        pytest.skip("OR-Tools is installed by hand")
    problem = with_sharing()
    exact = solve(problem, effort="exact")
    one = optimise.cp_sat_line("small", problem, 2.0, exact.objective)
    assert 0.9 < float(one.over_ours) <= 1.00001
    assert float(one.bound) >= exact.objective * 0.99999


def test_the_relaxation_is_no_less_than_the_best_plan() -> None:
    relaxation = importlib.import_module("benchmarks.relaxation")
    problem = with_sharing()
    reduced = reduce(problem)
    sites, objective = sites_of(problem, reduced.free), full_objective(problem, reduced)
    found = relaxation.relaxation(reduced, objective, sites, "ipm", 1e-9)
    constant = relaxation.constant_of(reduced, objective, sites)
    value = solve(problem, effort="exact").objective
    assert value <= (constant + found.dual) / reduced.scale * (1 + 1e-6) < value * 1.1


@pytest.mark.browser
def test_the_page_and_a_bare_one_are_measured_alike(browser: Any, tmp_path: Path) -> None:
    page = importlib.import_module("benchmarks.page")
    scenario = Scenario.from_file(write_toy_county(tmp_path / "toy"))
    plan = page.with_many(pipeline.solve(pipeline.build(scenario)), 120)
    assert len(plan.order) == 120
    lines = list(page.compare(browser, plan, tmp_path, 1))
    figures = ["size", *page.FIGURES]
    assert [one.what.rpartition(", ")[2] for one in lines] == figures
    assert all(float(one.ours) > 0 < float(one.peer) for one in lines)


def test_the_command_refuses_an_unknown_part() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "tree"],
        cwd=pairs.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "no such part: tree; there are commands, page, coverage, greedy" in done.stderr
