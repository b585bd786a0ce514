"""Floors, caps and budgets of a scenario: every plan holds them, and whoever reads it sees them."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

import planner
from planner import cli
from planner.console import print_plan
from planner.model import Plan, counted, limit_uses
from planner.report.facts import Facts
from planner.report.tables import make_tables
from planner.verify import verify
from planner.words import language
from tests.toy import write_toy_county

CAP = {"name": "cap", "label": "移动上限", "label_en": "cap of mobile", "networks": ["mobile"]}
MONEY = {"name": "money", "label": "投资上限", "label_en": "cap of money"}
LIMITS: list[dict[str, Any]] = [
    CAP | {"most": [9, 18]},
    MONEY | {"budget": [450, 1250.5]},
    {"name": "poles", "label": "杆站", "towns": ["城区街道", "东镇"], "site_types": ["pole"],
     "least": [0, 6]},
]  # fmt: skip


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    path = write_toy_county(tmp_path_factory.mktemp("county"), limits=LIMITS)
    return planner.solve(planner.build(planner.Scenario.from_file(path)))


def test_a_plan_holds_its_limits(plan: Plan) -> None:
    mobile = plan.by_count["", "mobile", "", "stations"].loc[[20, 40]].tolist()
    money = plan.by_count["", "", "", "cost_wan"].loc[[20, 40]].tolist()
    cap, budget, poles = limit_uses(plan)
    assert list(cap.found) == mobile and mobile[0] <= 9 and mobile[1] <= 18
    assert list(budget.found) == pytest.approx(money) and money[0] <= 450 and money[1] <= 1250.5
    assert poles.found[1] >= 6 and poles.most == (None, None)
    opened = plan.stations[plan.stations["phase"].notna()]
    own = opened[counted(poles.limit, opened)]
    assert set(own["site_type"]) == {"pole"} and set(own["town"]) <= {"城区街道", "东镇"}


def test_console_and_report_show_each_limit(plan: Plan) -> None:
    console = Console(width=200, record=True, file=None, quiet=False)
    with console.capture() as shown:
        print_plan(console, plan)
    cap, *_ = limit_uses(plan)
    assert re.search(rf"移动上限（基站 stations） +{cap.found[0]:.0f}（≤9）", shown.get())

    for code, name in (("zh", "移动上限"), ("en", "cap of mobile")):
        sheet = make_tables(Facts(plan), language(code))["limits"]
        row = next(row for row in sheet.rows if row[0] == name)
        assert list(row[3:]) == [None, 9, cap.found[0]]
        assert len(sheet.rows) == 6


def test_a_plan_that_breaks_a_limit_is_refuted(plan: Plan) -> None:
    more = LIMITS[2] | {"least": [0, 39]}
    tighter = [CAP | {"most": [9, 10]}, MONEY | {"budget": [450, 300]}, more]
    changed = dataclasses.replace(plan, scenario=plan.scenario.replace(limits=tighter))
    found = [each for each in verify(changed).findings if "limit" in each.code + each.en]
    cap, *_ = limit_uses(plan)
    said = " ".join(each.en for each in found)
    assert f"phase 2 breaks the limit 移动上限 cap: {cap.found[1]:.0f}, not ≤ 10" in said
    assert "breaks the limit 投资上限 money (万元)" in said and "not ≤ 300" in said
    assert "phase 2 breaks the limit 杆站 poles" in said and "not ≥ 39" in said
    assert "第 2 期超出限制“移动上限 cap”" in " ".join(each.zh for each in found)


def test_limits_that_contradict_are_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_toy_county(tmp_path / "county", limits=[MONEY | {"budget": 300.5}])
    monkeypatch.setattr("sys.argv", ["planner", "run", str(path), "-o", str(tmp_path / "run")])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    said = "".join(capsys.readouterr())
    assert ended.value.code == 2
    assert "投资上限 money (万元) at most 300.5 in phase 2" in said
    assert "投资上限 money (万元) 第 2 期不多于 300.5" in said
    assert not (tmp_path / "run" / "plan").exists()
