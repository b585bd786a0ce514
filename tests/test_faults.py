"""What is unusual is planned and said aloud.

Nothing on air, an idle network, no roads, no areas, nobody counted.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

import planner
from planner import fields as F
from planner.model import Plan
from planner.report.facts import Facts
from planner.report.story import story
from planner.report.tables import make_tables
from planner.scenario.parts import BUILD_TYPES
from planner.words import language
from tests.test_check import COARSE, phases
from tests.test_pipeline import command
from tests.toy import SCENARIO, write_toy_county

ROADS = [layer for layer in SCENARIO["layers"] if layer["shape"] == "road"]
AREAS = [layer for layer in SCENARIO["layers"] if layer["shape"] == "area"]


def one_network_today(folder: Path) -> None:
    """Leave the stations of ``mobile`` in the site list, four of them on air."""
    path = folder / "sites.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        head, *rows = csv.reader(stream)
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(
            [head, *(row for row in rows if row[3] == "mobile")]
        )


def nothing(_: Path) -> None:
    pass


# name: changes of the scenario, edit of its files, the code by which check and run say so
CASES: dict[str, tuple[dict[str, Any], Callable[[Path], None], str]] = {
    "greenfield": (
        {"phases": phases(0, 20, 40), "inputs": {"sites": ""}}, nothing, "nothing_on_air"),
    "network-not-on-air": ({"phases": phases(4, 20, 40)}, one_network_today, "network_not_on_air"),
    # a network that comes late or never has nothing to do with roads or areas that nobody asked for
    "network-late-roads-not-asked-all-free": (
        {"phases": phases(4, 20, 40), "layers": AREAS, "inputs": {"roads": ""},
         "siting": {"bands": {"n78": {"first_phase": 2}},
                    "cost_wan": dict.fromkeys(BUILD_TYPES, 0.0)}},
        one_network_today, "network_not_on_air"),
    "network-never-areas-not-asked": (
        {"phases": phases(4, 20, 40), "layers": ROADS, "inputs": {"areas": ""},
         "siting": {"bands": {"n78": {"first_phase": 9}}}},
        one_network_today, "network_without_stations"),
    "roads-empty": ({"inputs": {"roads": ""}}, nothing, "layer_left_out"),
    "areas-empty": ({"inputs": {"areas": ""}}, nothing, "layer_left_out"),
    "nobody-counted": ({"inputs": {"population": "", "towns": ""}}, nothing, "nobody_lives_here"),
}  # fmt: skip

# the others go through every command in tests/test_empty.py
NOT_IN_TEST_EMPTY = ["network-late-roads-not-asked-all-free", "network-never-areas-not-asked"]


@pytest.fixture(scope="module", params=list(CASES))
def case(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Path, str, str]:
    """A case, its run folder, and what check and run said."""
    change, edit, _ = CASES[request.param]
    folder = tmp_path_factory.mktemp(request.param)
    path = write_toy_county(folder / "in", **{**change, **COARSE})
    edit(folder / "in")
    checked, run = command("check", path), command("run", path, "-o", folder / "out")
    assert (checked.returncode, run.returncode) == (0, 0), (checked.stdout, run.stderr)
    return request.param, folder / "out", checked.stdout, run.stdout


def test_it_is_said_aloud_by_both(case: tuple[str, Path, str, str]) -> None:
    name, _, checked, run = case
    code = CASES[name][2]
    for said in (checked, run):
        found = [line for line in said.splitlines() if line.startswith("W ")]
        assert any(line.startswith(f"W {code}") for line in found), said
        # what nobody asks for is not missed
        is_left_out = any(line.startswith("W layer_left_out") for line in found)
        assert is_left_out == (code == "layer_left_out"), said
    assert " nan" not in run.lower()


def test_the_plan_holds_its_counts_and_finite_figures(case: tuple[str, Path, str, str]) -> None:
    name, folder, _, _ = case
    plan = planner.load_plan(folder)
    assert plan.stations[F.RANK].notna().sum() == plan.scenario.counts[-1]
    chosen = plan.stations[plan.stations[F.RANK].notna()]
    assert np.isfinite(chosen[F.COST_WAN]).all()
    assert np.isfinite(plan.provenance["cost_scale"])
    shares = plan.measures[plan.measures["measure"] == "share"]["value"]
    assert shares.between(0, 1).all()
    asked = {
        "roads-empty": AREAS,
        "network-late-roads-not-asked-all-free": AREAS,
        "areas-empty": ROADS,
        "network-never-areas-not-asked": ROADS,
    }
    expected = asked.get(name, SCENARIO["layers"])
    assert list(plan.scenario.layer_names) == [layer["name"] for layer in expected]
    if name.startswith("network"):
        opened_by = [
            int(plan.by_count.loc[count, ("", "telecom-unicom", "", "stations")])
            for count in plan.scenario.counts
        ]
        idle = {"not": 1, "late": 2, "never": 3}[name.split("-")[1]]
        assert opened_by[:idle] == [0] * idle
        assert all(count > 0 for count in opened_by[idle:])
        silent = plan.points[F.signal_column("telecom-unicom", plan.scenario.counts[0])]
        assert silent.isna().all()


@pytest.mark.usefixtures("draft_figures")
@pytest.mark.parametrize("case", NOT_IN_TEST_EMPTY, indirect=True)
def test_everything_else_works_on_it(case: tuple[str, Path, str, str], tmp_path: Path) -> None:
    name, folder, _, _ = case
    plan = planner.load_plan(folder)
    first, last = (str(plan.stations[F.STATION_ID].iloc[plan.order[place]]) for place in (0, -1))
    for order in (
        ("map", folder, "-o", tmp_path / "map.html"),
        ("export", folder, "-o", tmp_path / "lists", "--datum", "gcj02"),
        ("compare", folder, folder, "-o", tmp_path / "compare.html"),
        ("explain", folder, first),
        ("explain", folder, last),
        ("signal", folder, "-o", tmp_path / "signal"),
        ("verify", folder),
        ("report", folder, "-o", tmp_path / "zh"),
    ):
        done = command(*order)
        assert done.returncode == 0, (name, order[0], done.stderr)
    assert (tmp_path / "map.html").read_bytes() == (folder / "map.html").read_bytes()
    book = CalamineWorkbook.from_path(str(tmp_path / "zh" / "tables.xlsx"))
    cells = [
        str(cell)
        for sheet in book.sheet_names
        for row in book.get_sheet_by_name(sheet).to_python()
        for cell in row
    ]
    facts, words = Facts(plan), language("en")
    tables = make_tables(facts, words)
    cells += [str(value) for value in story(facts, words, tables).values()]
    assert not [cell for cell in cells if re.search(r"\bnan\b", cell, re.IGNORECASE)]


@pytest.mark.browser
def test_the_page_opens_without_an_error(case: tuple[str, Path, str, str], opened: Any) -> None:
    name, folder, _, _ = case
    with opened(folder / "map.html") as page:
        text = page.inner_text("body")
        assert not [word for word in ("NaN", "undefined", "Infinity") if word in text], name
        for tab in page.locator("[role=tab]").all():
            tab.click()


@pytest.mark.parametrize("case", NOT_IN_TEST_EMPTY[:1], indirect=True)
def test_an_idle_phase_is_named(case: tuple[str, Path, str, str]) -> None:
    *_, said = case
    assert "network_opens_nothing" in said
    assert "没有新开基站的期：一期" in said


def test_what_cannot_be_planned_is_one_clear_error_for_both(tmp_path: Path) -> None:
    path = write_toy_county(tmp_path / "in", inputs={"boundary": ""}, **COARSE)
    checked, run = command("check", path), command("run", path, "-o", tmp_path / "out")
    assert (checked.returncode, run.returncode) == (2, 2)
    assert sum(line.startswith("E ") for line in checked.stdout.splitlines()) == 1
    assert "Name a file" in checked.stdout
    assert "Name a file" in run.stderr
    assert "请" in run.stderr
    assert "Traceback" not in run.stderr


def lines_fit(text: str, lines: int) -> None:
    from rich.cells import cell_len

    shown = text.splitlines()
    assert len(shown) <= lines
    assert max(map(cell_len, shown)) <= 120


@pytest.fixture(scope="module")
def plans(tmp_path_factory: pytest.TempPathFactory) -> list[Plan]:
    """The county, a stricter one and one without areas."""
    made = []
    for name, change in (
        ("county", {}),
        ("strict-threshold-outdoors", {"levels": {"outdoor": {"rsrp_dbm": -95.0}}}),
        ("roads-alone", {"inputs": {"areas": ""}}),
    ):
        path = write_toy_county(tmp_path_factory.mktemp(name), name=name, **change, **COARSE)
        made.append(planner.solve(planner.build(planner.Scenario.from_file(path))))
    return made


def test_what_is_printed_fits_on_a_screen(plans: list[Plan]) -> None:
    one = plans[0]
    model = planner.build(one.scenario, layers=one.layers)
    for thing in (
        one,
        model,
        one.layers,
        model.demand,
        model.stations,
        model.coverage,
        one.scenario,
    ):
        lines_fit(repr(thing), 20)
        assert type(thing).__name__ in repr(thing)
    for count in one.scenario.counts:
        assert str(count) in repr(one)
    held = one.verdicts[(one.verdicts["count"] == 40) & (one.verdicts[F.LEVEL] == "outdoor")][
        "passes"
    ]
    assert f"outdoor {int(held.sum())} / {len(held)}" in repr(one)


@pytest.mark.parametrize("number", [2, 3, 5])
def test_a_printed_comparison_fits_on_a_screen_and_says_how_to_see_all(
    plans: list[Plan], number: int
) -> None:
    comparison = planner.compare(*[plans[place % 3] for place in range(number)])
    lines_fit(str(comparison), 40)
    lines_fit(repr(comparison), 3)
    assert "to_frame()" in str(comparison)
    frame = comparison.to_frame()
    assert len(frame) > 100
    assert set(frame["part"]) == {"parameter", "indicator", "stations"}
    assert isinstance(frame, pd.DataFrame)
