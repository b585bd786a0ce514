"""The terminal: codes beside each other in two languages, plans and reviews as tables."""

from __future__ import annotations

import ast
import dataclasses
import io
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from rich.console import Console

import planner
from planner import console as show
from planner import fields as F
from planner.model import Plan
from planner.rules import failing
from planner.scenario import Scenario
from planner.words import beside, known_languages, language


def printed(draw: object, *arguments: object) -> str:
    out = io.StringIO()
    draw(Console(file=out, width=160, highlight=False), *arguments)  # type: ignore[operator]
    return out.getvalue()


def test_a_code_is_said_in_both_languages_and_once_where_they_agree() -> None:
    assert beside("measure.stations") == "基站 stations"
    assert beside("console.covered", count=654) == "654 站覆盖 covered"
    assert beside("datum", "gcj02") == "GCJ02"
    with pytest.raises(KeyError, match=r"measure\.nothing"):
        beside("measure.nothing")


def test_every_stage_of_the_program_has_a_name() -> None:
    stages = {
        node.args[0].value
        for path in Path(planner.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and "stage" in (getattr(node.func, "id", ""), getattr(node.func, "attr", ""))
    }
    assert {"layers", "search", "lists", "report", "changes"} <= stages
    for code in known_languages():
        assert set(language(code).under("stage")) == {f"stage.{stage}" for stage in stages}


def test_stages_are_named_and_timed_on_a_terminal_and_silent_in_a_pipe() -> None:
    for is_terminal in (True, False):
        out = io.StringIO()
        progress = show.Progress(Console(file=out, force_terminal=is_terminal, width=160))
        with progress.stage("search"):
            progress.search("greedy", 3, 12.5, 13.0, 0.04)
        assert set(progress.seconds) == {"search"}
        assert ("求解次序 search" in out.getvalue()) == is_terminal


def test_a_plan_is_printed_with_every_verdict(plan: Plan) -> None:
    text = printed(show.print_plan, plan)
    assert "合成数据 synthetic data" in text
    gaps = [line for line in text.splitlines() if "gap" in line or "price of" in line]
    heads = ("可证明差距 proven gap: 4.00 %", "共享代价 price of sharing: 6.00 %",
             "覆盖差距 coverage gap: 10.00 %")  # fmt: skip
    assert all(line.startswith(head) for line, head in zip(gaps, heads, strict=True))
    for row in plan.verdicts.to_dict("records"):
        mark = "✓" if row["passes"] else f"✕ {language('zh').failures(failing(row))}"
        assert f"{100 * row['share']:.1f}% {mark}" in text
    lines = [line for line in text.splitlines() if "Outdoor" in line or "Deep" in line]
    assert len(lines) == len(plan.verdicts) / len(plan.scenario.phases)
    assert len(text.splitlines()) == 2 + 1 + len(plan.scenario.phases) + 1 + len(lines) + 3


def test_names_are_printed_as_they_are_and_reasons_never_cut(plan: Plan) -> None:
    tree = plan.scenario.to_tree()
    tree["district"]["name"], tree["phases"][1]["name"] = "县[/]", "一期[bold]"
    tree["layers"][0]["label"], tree["networks"][0]["label"] = "区[/x]", "网[red]"
    named = dataclasses.replace(plan, scenario=Scenario.from_tree(tree, root=Path()))
    out = io.StringIO()
    show.print_plan(Console(file=out, width=90, highlight=False), named)
    text = out.getvalue()
    for name in ("县[/]", "一期[bold]", "区[/x]", "网[red]"):
        assert name in text
    assert "…" not in text


def test_a_review_is_printed_with_its_price(plan: Plan) -> None:
    counts = {
        "added": 8,
        "removed": 7,
        "moved": 2,
        "retimed": 1,
        "churn": 0.28125,
        "left": 9,
        "agreed": 32,
        "asked_removed": 5,
        "asked_retimed": 1,
    }
    prices = pd.DataFrame(
        {
            "way": ["zero", "version", "free"],
            "left": [9, 9, 16],
            "gap": [0.0111, 0.0111, 0.0072],
            "covered_160": [0.75995, 0.75995, 0.76138],
            "points": [0.0, 0.0, 0.2976],
        }
    )
    first, head, *rows = printed(show.print_review, plan, counts, prices).splitlines()
    assert first == (
        "新增 added 8，删除 removed 7，移动 moved 2，调期 re-timed 1；变动率 churn 28.12 %（9 / "
        "32，意见所致 asked 6）"
    )
    assert head.split("  ")[0].strip() == "方式 way" and "160 站覆盖 covered" in head
    assert [row.split("  ")[0].strip() for row in rows] == [
        "不动原方案 no change unforced",
        "本版 this version",
        "重新规划 free hand",
    ]
    assert rows[2].split()[-1] == "+0.2976" and "76.138 %" in rows[2]


def test_comments_on_areas_are_printed_as_text_and_no_other_answer() -> None:
    answers = pd.DataFrame(
        {
            "file": "marks.json",
            "line": [5, 6, 7],
            "area": ["POLYGON ((0 0, 1 0, 1 1, 0 0))"] * 2 + [""],
            "area_ha": [412.633, 3.0, float("nan")],
            "inside": [tuple(f"S{i}" for i in range(9)), (), ()],
            "reviewer": "甲",
            "note": ["[bold]先不动[/bold]", "空", "别处"],
        }
    )
    head, first, second = printed(show.print_areas, answers).splitlines()
    assert head.split("  ")[0].strip() == "区域意见 comment on an area"
    assert (
        "412.63" in first
        and "9：S0、S1、S2、S3、S4、S5、S6、S7 …" in first
        and "[bold]先不动[/bold]" in first
    )
    assert second.split() == ["marks.json:6", "3.00", "0", "甲", "空"]
    assert printed(show.print_areas, answers[answers["area"] == ""]) == ""


def told(plan: Plan) -> SimpleNamespace:
    """What there is to say of a station, drawn by hand."""
    station = plan.stations.iloc[plan.order[20]]
    return SimpleNamespace(
        station=station,
        adds=pd.DataFrame(
            {F.LAYER: ["core", "roads"], F.LEVEL: ["outdoor", "deep"], "points": [1.25, 0.00005]}
        ),
        closes=pd.DataFrame(
            [
                ("gap", "roads", "outdoor", "G15 沈海高速", "东镇", 1550.0, 300.0, True),
                ("gap", "roads", "deep", "G15 沈海高速", "东镇", 999.6, 0.0, False),
                ("hole", "core", "outdoor", "", "一街道", 40.49, 20.2, True),
            ],
            columns=["kind", F.LAYER, F.LEVEL, F.NAME, F.TOWN, "before", "after", "over_limit"],
        ),
        loses=pd.DataFrame(
            {
                "count": [40, 160, 160],
                F.LAYER: ["core", "core", "roads"],
                F.LEVEL: "outdoor",
                "points": [9.0, 2.5, 1.0],
                "passes": [True, True, True],
                "passes_without": [False, False, True],
                "fail_share": [0.01, 0.02, 0.0],
            }
        ),
        opens=pd.DataFrame(
            [
                (2, "gap", "roads", "outdoor", "G15 沈海高速", "东镇", 350.0, 0.0),
                (2, "hole", "core", "deep", "", "一街道", 12.5, 3.25),
            ],
            columns=[F.PHASE, "kind", F.LAYER, F.LEVEL, F.NAME, F.TOWN, "size", "before"],
        ),
        replacements=pd.DataFrame(
            {
                F.STATION_ID: station[F.STATION_ID],
                "replacement_id": ["SA", "SB"],
                "distance_m": [149.6, 310.2],
                "regained": [0.6049, 0.004],
            }
        ),
    )


def test_an_explanation_reads_line_by_line_in_chinese(plan: Plan) -> None:
    one = told(plan)
    head, *lines = show.explanation_text(one, plan, language("zh")).splitlines()
    last, roads = "二期（2025年底）", "重要交通干线室外"
    assert head.split(" · ") == [
        f"{one.station[F.STATION_ID]} 站",
        "移动（广电）" if one.station[F.NETWORK] == "mobile" else "电信联通",
        "第 21 站",
        "一期（2020年底）",
        one.station[F.TOWN],
    ]
    assert lines == [
        "方位角 0/120/240°：需求各向均匀或无需求，采用 0/120/240 度",
        "按次序开通时增加：主城区室外 1.2500个百分点；重要交通干线深度 0.0001个百分点",
        "缺口：重要交通干线室外 G15 沈海高速（东镇）1.6 km → 300 m，达标",
        "缺口：重要交通干线深度 G15 沈海高速（东镇）1.0 km → 0 m",
        "空洞：主城区室外（一街道）40.49 → 20.2 公顷",
        "若否决，末期损失：主城区室外 2.5000（不再达标：欠2.0%）；重要交通干线室外 1.0000",
        (
            f"若否决，新增缺口与空洞：{last} {roads} G15 沈海高速 350 m；"
            f"{last} 主城区深度 一街道 12.5 ha（原 3.25 ha）"
        ),
        "可替代：SA 距150米 补回60%；SB 距310米 补回<1%",
    ]


def test_an_explanation_reads_line_by_line_in_english(plan: Plan) -> None:
    lines = show.explanation_text(told(plan), plan, language("en")).splitlines()[1:]
    core, roads = (plan.scenario.layer(name).label_en for name in ("core", "roads"))
    last = plan.scenario.phases[-1].name_en
    assert lines == [
        "Azimuths 0/120/240°: demand is even around the site or absent: 0/120/240",
        f"Adds at its rank: {core} outdoors 1.2500 points; {roads} deep 0.0001 points",
        f"Gap: {roads} outdoors G15 沈海高速 (东镇) 1.6 km -> 300 m, now within the rule",
        f"Gap: {roads} deep G15 沈海高速 (东镇) 1.0 km -> 0 m",
        f"Hole: {core} outdoors (一街道) 40.49 -> 20.2 ha",
        (
            f"A veto costs in the last phase: {core} outdoors 2.5000 (fails then: −2.0%); {roads} "
            f"outdoors 1.0000"
        ),
        (
            f"A veto opens: {last} {roads} outdoors G15 沈海高速 350 m; "
            f"{last} {core} deep 一街道 12.5 ha (was 3.25 ha)"
        ),
        "Could stand in: SA at 150 m regains 60%; SB at 310 m regains <1%",
    ]


def test_an_explanation_says_why_nobody_is_named(plan: Plan) -> None:
    one = told(plan)
    one.replacements = one.replacements.iloc[:0]
    is_open, nothing = plan.stations.iloc[plan.order[0]], one.loses.iloc[:0]
    cases = [
        (one.station, one.loses, "没有可补回的候选站", "no candidate regains anything"),
        (
            one.station,
            nothing,
            "末期没有损失，无需替代",
            "nobody needs to, the last phase loses nothing",
        ),
        (is_open, one.loses, "已开通，无需替代", "nobody needs to, it is on air"),
    ]
    for one.station, one.loses, chinese, english in cases:
        assert show.explanation_text(one, plan, language("zh")).endswith(f"\n可替代：{chinese}")
        assert show.explanation_text(one, plan, language("en")).endswith(
            f"\nCould stand in: {english}"
        )
    one.opens = one.opens.iloc[:0]
    assert "\n若否决，新增缺口与空洞：无\n" in show.explanation_text(one, plan, language("zh"))


def test_azimuths_are_told_with_their_reason(plan: Plan) -> None:
    one = told(plan)
    one.station = one.station.copy()
    one.station[[F.AZIMUTHS_DEG, F.AZIMUTH_REASON]] = "0/120/240", "on_air"
    assert "\n方位角 0/120/240°：现网方位角，按站址表所列\n" in show.explanation_text(
        one, plan, language("zh")
    )
    assert "\nAzimuths 0/120/240°: on air, as listed\n" in show.explanation_text(
        one, plan, language("en")
    )
