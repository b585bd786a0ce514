"""The loop on the toy county: answers come back, the next version follows, the same answers twice change nothing."""

from __future__ import annotations

import csv
import dataclasses
import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

import planner
from planner import crs, optimise, pipeline
from planner import fields as F
from planner.model import Model, Plan
from planner.review import (
    Version,
    decide,
    make_changes,
    read_answers,
    read_history,
    replan,
    review,
)
from planner.review.answers import COLUMNS
from planner.stations.ids import site_id
from tests.test_pipeline import command
from tests.toy import write_toy_county

HEADS = ("规划编号", "站址编码", "所处阶段", "所处状态", "需求经度", "需求纬度", "经度", "纬度",
    "经纬度偏移距离(米)",
         "约定交付时间", "交付确认时间", "备注", "审核状态", "不通过原因", "开通日期",
         "镇（街道）")  # fmt: skip
PASS, FAIL = "站址筛查通过", "选址困难，提变更"
TOWN, UNKNOWN = "东镇", "S0000000000-M-N41"
AREA = [[120.11, 33.41], [120.13, 33.41], [120.13, 33.43], [120.11, 33.43]]
EAST = 1 / 93_030  # degrees of one metre east in the county


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("loop")
    planner.run(planner.Scenario.from_file(write_toy_county(folder / "county")), folder / "out")
    return folder / "out"


@pytest.fixture(scope="module")
def plan(out: Path) -> Plan:
    return planner.load_plan(out)


@pytest.fixture(scope="module")
def ranked(plan: Plan) -> pd.DataFrame:
    """The plan's stations by rank: 0-7 open, 8-10 retrofitted, then candidates; the first phase ends at 20."""
    return plan.stations.iloc[plan.order].reset_index(drop=True)


@pytest.fixture(scope="module")
def cast(ranked: pd.DataFrame) -> dict[str, int]:
    """Ranks of the stations that play a part, none but `townsman` in the town that is refused."""
    away = ranked[(ranked[F.TOWN] != TOWN) & (ranked[F.STATE] == "candidate")]
    first, second = (away.index[away[F.PHASE] == phase].tolist() for phase in (1, 2))
    inside = ranked.index[(ranked[F.TOWN] == TOWN) & (ranked[F.STATE] == "candidate")]
    later = ("far", "early", "double", "torn", "built", "waiting", "free")
    return {
        **dict(zip(("vetoed", "moved", "late"), first, strict=False)),
        **dict(zip(later, second, strict=False)),
        "townsman": int(inside[0]),
        "open": 2,
        "standing": 9,
    }


@pytest.fixture(scope="module")
def ids(ranked: pd.DataFrame, cast: dict[str, int]) -> dict[str, str]:
    """规划编号 of the cast."""
    return {name: str(ranked[F.STATION_ID][rank]) for name, rank in cast.items()}


def row(station: Any = "", **cells: Any) -> dict[str, Any]:
    return {"规划编号": station, **cells}


def write_list(path: Path, *rows: dict[str, Any]) -> Path:
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, HEADS)
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_marks(path: Path, *marks: dict[str, Any]) -> Path:
    filled = [
        {
            "id": f"甲#{i}",
            "station_id": "",
            "lon": 120.13,
            "lat": 33.43,
            "reason": "",
            "note": "",
            "reviewer": "评审甲",
            "plan": "",
            "count": 20,
            **mark,
        }
        for i, mark in enumerate(marks, start=1)
    ]
    tree = {
        "format": "planner-review",
        "version": 1,
        "plan": "x",
        "plan_name": "toy",
        "datum": "WGS-84",
    }
    path.write_text(json.dumps({**tree, "marks": filled}, ensure_ascii=False), encoding="utf-8")
    return path


def place(ranked: pd.DataFrame, rank: int, east_m: float = 0.0) -> dict[str, float]:
    at = ranked.loc[rank]
    return {"经度": round(float(at[F.LON]) + east_m * EAST, 6), "纬度": round(float(at[F.LAT]), 6)}


def digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def said(version: Version, severity: str = "E") -> list[tuple[str, int | None]]:
    return sorted((n.code, n.line) for n in version.notices if n.severity == severity)


@pytest.fixture(scope="module")
def answers(
    ranked: pd.DataFrame,
    cast: dict[str, int],
    ids: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> list[Path]:
    """A list with every kind of row, and marks of the page."""
    folder = tmp_path_factory.mktemp("answers")
    listed = write_list(
        folder / "铁塔反馈_WGS84.csv",
        row(ids["built"], 审核状态="建站进行中"),  # line 2
        row(ids["moved"], **place(ranked, cast["moved"], 30.0), 审核状态=PASS),
        row(ids["far"], **place(ranked, cast["far"], 560.0)),
        row(ids["early"], 开通日期="2020/11/15"),
        row(UNKNOWN, 审核状态=PASS),  # line 6: nobody knows it
        row(ids["double"], 审核状态=PASS),
        row(ids["double"], 审核状态=PASS),  # line 8: again
        row(ids["torn"], 审核状态=PASS),
        row(ids["torn"], 审核状态="选址困难,提变更"),  # lines 9 and 10 disagree
        {"镇（街道）": TOWN, "审核状态": "站址筛查不通过", "备注": "=镇里不同意"},
        row(ids["open"], 审核状态="站址筛查不通过"),  # line 12: it is open
        row(ids["standing"], **place(ranked, cast["standing"], 60.0)),  # line 13: the site stands
        row(ids["waiting"], 审核状态="待审核"),
    )
    marks = write_marks(
        folder / "marks.json",
        {
            "kind": "object",
            "station_id": ids["vetoed"],
            "reason": "产权或租金",
            "note": "业主{{7*7}}不同意",
        },
        {"kind": "propose", "lon": 120.1155, "lat": 33.4188},
        {"kind": "comment", "note": "看一下"},
        {"kind": "accept", "station_id": ids["townsman"]},  # line 4: its town is refused
        {"kind": "comment", "area": AREA, "note": "=此片先不动"},
    )
    return [listed, marks]


@pytest.fixture(scope="module")
def second(out: Path, answers: list[Path]) -> Version:
    return review(out, answers)


def test_every_bad_row_is_said_and_no_other(second: Version) -> None:
    assert said(second) == [
        ("contradictory_rows", 9),
        ("contradictory_rows", 10),
        ("standing_moved", 13),
        ("standing_refused", 12),
        ("town_contradicts", 4),
        ("unknown_station", 6),
    ]
    assert said(second, "W") == [("double_row", 8)]
    for notice in second.notices:
        assert notice.file
        assert notice.zh
        assert notice.en


def test_the_outcome_is_exact(second: Version, ids: dict[str, str], plan: Plan) -> None:
    new, decided = second.plan.stations.set_index(F.STATION_ID), second.plan.scenario.review
    assert (second.number, second.is_new, second.folder.name) == (2, True, "out-v2")
    assert second.plan.scenario.counts == plan.scenario.counts
    assert sorted(new[F.RANK].dropna()) == list(range(40))
    assert set(decided.vetoed) == {ids["vetoed"], ids["far"]}
    assert dict(decided.locked) == {ids["built"]: 2, ids["moved"]: 1, ids["double"]: 2}
    assert dict(decided.opened) == {ids["early"]: "2020-11-15"}
    assert decided.refused_towns == (TOWN,)
    assert [(p.lon, p.lat) for p in decided.proposed].count((120.1155, 33.4188)) == 1
    assert new.loc[[ids["vetoed"], ids["far"]], F.RANK].isna().all()
    assert new.loc[[ids["moved"], ids["built"], ids["double"]], F.PHASE].tolist() == [1, 2, 2]
    assert not ((new[F.TOWN] == TOWN) & (new[F.STATE] == "candidate") & new[F.RANK].notna()).any()
    assert second.plan.scenario.as_of == "2020-11-15"


def test_a_move_within_tolerance_keeps_its_number_and_is_reckoned_at_the_new_place(
    second: Version, ranked: pd.DataFrame, cast: dict[str, int], ids: dict[str, str], model: Model
) -> None:
    moved = second.plan.stations.set_index(F.STATION_ID).loc[ids["moved"]]
    assert (moved[F.LON], moved[F.LAT]) == tuple(place(ranked, cast["moved"], 30.0).values())
    assert moved[F.SITE_ID] == site_id(moved[F.LON], moved[F.LAT])
    change = second.changes.stations.set_index(F.STATION_ID).loc[ids["moved"]]
    assert (change["change"], change["base_id"]) == ("moved", ids["moved"])
    assert change["moved_m"] == pytest.approx(30, abs=0.5)
    there = pipeline.build(second.plan.scenario, layers=second.plan.layers).coverage.cover
    column = int(np.flatnonzero(second.plan.stations[F.STATION_ID] == ids["moved"])[0])
    old = int(np.flatnonzero(model.stations.table[F.STATION_ID] == ids["moved"])[0])
    assert set(there[:, [column]].nonzero()[0]) != set(model.coverage.cover[:, [old]].nonzero()[0])


def test_a_far_move_is_a_veto_and_a_new_candidate(
    second: Version, ranked: pd.DataFrame, cast: dict[str, int], ids: dict[str, str]
) -> None:
    new_site = site_id(*place(ranked, cast["far"], 560.0).values())
    twin = f"{new_site}-{ids['far'].split('-', 1)[1]}"
    offered = second.plan.stations.set_index(F.STATION_ID)
    assert twin in offered.index
    changes = second.changes.stations.set_index("base_id")
    expected = "removed" if pd.isna(offered.loc[twin, F.RANK]) else "moved"
    assert changes.loc[ids["far"], "change"] == expected


def test_a_station_opened_early_comes_right_after_the_state(
    second: Version, ids: dict[str, str]
) -> None:
    station = second.plan.stations.set_index(F.STATION_ID).loc[ids["early"]]
    assert (station[F.RANK], station[F.STATE], station["opened_on"]) == (8, "open", "2020-11-15")
    change = second.changes.stations.set_index(F.STATION_ID).loc[ids["early"]]
    assert (change["change"], change["phase_base"], bool(change["asked"])) == ("retimed", 2, True)


def test_nothing_else_changed_but_repairs(second: Version, plan: Plan) -> None:
    changes = second.changes.stations
    asked = changes[changes["asked"]]
    assert set(asked["change"]) <= {"removed", "moved", "retimed", "added"}
    repair = changes[~changes["asked"]]
    # a removed or re-timed station that nobody asked for exists only where a phase had too many
    assert len(repair[repair["change"].isin(["removed", "retimed"])]) <= 1
    assert (changes["change"] == "added").sum() == (changes["change"] == "removed").sum()
    assert (asked["by"] != "").all() and (repair["by"] == "").all()


def test_the_gap_is_proven_and_the_price_is_shown(second: Version) -> None:
    facts = second.plan.provenance
    assert pipeline.verify(planner.load_plan(second.folder)) == pytest.approx(facts["bound"])
    assert facts["bound"] >= sum(facts["value"])
    prices = second.prices.set_index("way")
    assert prices.loc["zero", "left"] <= prices.loc["version", "left"]
    assert prices.loc["free", "value"] >= prices.loc["version", "value"]
    assert prices["value"].max() <= facts["bound"]
    assert prices.loc["version", "left"] == second.changes.counts["left"]


def test_reasons_are_kept_as_text_with_the_reviewers_own_label(
    second: Version, ids: dict[str, str]
) -> None:
    row = second.changes.stations.set_index(F.STATION_ID).loc[ids["vetoed"]]
    assert row["by"] == "评审甲"
    assert (row["cause"], row["near"]) == ("veto", "")
    assert row["said"].splitlines() == ["产权或租金", "业主{{7*7}}不同意"]
    text = (second.folder / "review" / "变更对照.csv").read_text(encoding="utf-8-sig")
    assert "业主{{7*7}}不同意" in text
    assert '"=镇里' not in text
    hard = second.difficult.sites.set_index(F.STATION_ID)
    assert hard.index.is_unique
    assert hard.loc[ids["vetoed"], "reason"] == "产权或租金"
    assert hard["lost_points"].is_monotonic_decreasing


def inside_area(ranked: pd.DataFrame) -> list[str]:
    within = ranked[F.LON].between(120.11, 120.13) & ranked[F.LAT].between(33.41, 33.43)
    return ranked.loc[within, F.STATION_ID].tolist()


def test_a_comment_on_an_area_is_answered_with_its_size_and_stations(
    second: Version, ranked: pd.DataFrame
) -> None:
    written = pd.read_csv(
        second.folder / "review" / "意见答复.csv", dtype=str, keep_default_na=False
    )
    assert len(written) == len(second.answers)
    area = written[written["类型"] == "区域意见"].iloc[0]
    metres = 0.02 / EAST, 0.02 * 110_920
    assert float(area["区域（公顷）"]) == pytest.approx(metres[0] * metres[1] / 1e4, rel=5e-3)
    assert area["区域内规划编号"].split("、") == inside_area(ranked)
    assert int(area["区域内站数"]) == len(inside_area(ranked)) > 0
    assert (area["处理"], area["提出方"], float(area["经度"])) == ("记录", "评审甲", 120.13)
    assert area["说明"].endswith("=此片先不动") and not area["说明"].startswith(
        "="
    )  # no formula for a spreadsheet
    (kept,) = [s for s in read_history(second.folder)[0]["statements"] if "area" in s]
    assert kept["area"].startswith("POLYGON ((120.110000 33.410000,")


def test_areas_alone_make_no_version_and_are_answered_all_the_same(
    out: Path, ranked: pd.DataFrame, tmp_path: Path
) -> None:
    only = write_marks(
        tmp_path / "area.json", {"kind": "comment", "area": AREA, "note": "[bold]看[/bold]"}
    )
    version = review(out, [only])
    assert not version.is_new
    assert [list(inside) for inside in version.answers["inside"]] == [inside_area(ranked)]
    done = command("review", out, only)
    assert done.returncode == 0, done.stderr
    assert inside_area(ranked)[0] in done.stdout and "[bold]看[/bold]" in done.stdout


def test_changed_coverage_ties_to_both_plans(second: Version, plan: Plan) -> None:
    table = second.changes.coverage
    for row in table.itertuples():
        for source, share in ((plan, row.share_base), (second.plan, row.share)):
            count = source.scenario.counts[row.phase]
            assert source.by_count[row.layer, row.network, row.level, "share"].loc[count] == share
    changes = second.changes.stations
    removed = changes[(changes["change"] == "removed") & (changes["phase_base"] == 2)]
    losses = plan.stations.set_index(F.STATION_ID)
    for row in removed.itertuples():
        assert row.points_roads_outdoor == pytest.approx(
            -losses.loc[row.base_id, "loss_roads_outdoor"]
        )


def test_reading_the_same_again_changes_nothing(
    out: Path, answers: list[Path], second: Version, tmp_path: Path
) -> None:
    before = digests(second.folder)
    again = review(second.folder, answers)
    assert not again.is_new and again.folder == second.folder
    assert {n.code for n in again.notices} == {"file_read_before"}
    same = review(out, [*reversed(answers), answers[0]])
    assert not same.is_new and same.folder == second.folder
    renamed = shutil.copy(answers[1], tmp_path / "another name.json")
    more = json.loads(renamed.read_text(encoding="utf-8"))
    more["marks"].append({**more["marks"][2], "id": "甲#9", "note": "再看一下"})
    renamed.write_text(json.dumps(more, ensure_ascii=False), encoding="utf-8")
    grown = review(second.folder, [renamed])
    assert not grown.is_new
    assert "answers_known" in {n.code for n in grown.notices}
    assert not (second.folder.parent / "out-v3").exists()
    assert digests(second.folder) == before


def test_the_order_of_files_and_a_file_given_twice_make_no_difference(
    out: Path, answers: list[Path], second: Version, tmp_path: Path
) -> None:
    other = review(out, [answers[1], answers[0], answers[1]], output=tmp_path / "v2")
    assert other.is_new
    assert digests(tmp_path / "v2") == digests(second.folder)


@pytest.fixture(scope="module")
def third(
    second: Version, ids: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Version, Path]:
    """A second round: an accepted station is refused, a vetoed one accepted, a delivery comes late."""
    path = write_list(
        tmp_path_factory.mktemp("third") / "第二次反馈.csv",
        row(ids["double"], 审核状态="建站工程受阻，提变更", 不通过原因="阻工"),
        row(ids["vetoed"], 审核状态=PASS),
        row(ids["late"], 约定交付时间="2021年3月1日"),
    )
    return review(second.folder, [path]), path


def test_a_later_answer_replaces_an_earlier_one(
    third: tuple[Version, Path], ids: dict[str, str]
) -> None:
    version = third[0]
    decided = version.plan.scenario.review
    assert (version.number, version.folder.name) == (3, "out-v3")
    assert ids["double"] in decided.vetoed
    assert ids["double"] not in decided.locked
    assert ids["vetoed"] not in decided.vetoed
    assert [code for code, _ in said(version, "W")].count("earlier_replaced") == 2
    assert dict(decided.opened) == {ids["early"]: "2020-11-15"}


def test_a_planned_day_never_becomes_an_actual_one(
    third: tuple[Version, Path], ids: dict[str, str]
) -> None:
    station = third[0].plan.stations.set_index(F.STATION_ID).loc[ids["late"]]
    assert station[F.STATE] == "candidate"
    assert station["opened_on"] == ""
    assert pd.isna(station[F.PHASE]) or station[F.PHASE] == 2
    assert third[0].plan.scenario.as_of == "2020-11-15"
    assert ("due_later", 4) in said(third[0], "W")


def test_any_version_can_be_made_again_from_the_first_one_and_the_files(
    out: Path, answers: list[Path], second: Version, third: tuple[Version, Path], tmp_path: Path
) -> None:
    shutil.copytree(out, tmp_path / "first")
    two = review(tmp_path / "first", answers)
    three = review(two.folder, [third[1]])
    assert digests(two.folder) == digests(second.folder)
    assert digests(three.folder) == digests(third[0].folder)


def test_the_chain_tells_who_asked_for_what(
    out: Path, third: tuple[Version, Path], second: Version
) -> None:
    history = read_history(third[0].folder)
    assert [entry["version"] for entry in history] == [2, 3]
    for entry, parent in zip(history, (out, second.folder), strict=True):
        data = (parent / "plan" / "provenance.json").read_bytes()
        assert entry["parent"] == hashlib.sha256(data).hexdigest()
    assert history[1]["files"] == [
        {"name": third[1].name, "sha256": hashlib.sha256(third[1].read_bytes()).hexdigest()}
    ]
    asked = {s["reviewer"] for entry in history for s in entry["statements"]}
    assert asked == {"评审甲", "铁塔反馈_WGS84", "第二次反馈"}
    assert {s["code"] for s in history[0]["not_taken_up"]} >= {
        "unknown_station",
        "contradictory_rows",
    }


def test_a_record_that_was_changed_is_noticed(second: Version, tmp_path: Path) -> None:
    copy = shutil.copytree(second.folder, tmp_path / "copy")
    record = copy / "plan" / "review.json"
    record.write_text(
        record.read_text(encoding="utf-8").replace("评审甲", "评审乙"),
        encoding="utf-8",
        newline="\n",
    )
    with pytest.raises(planner.StorageError):
        read_history(copy)


def test_nothing_is_overwritten(
    out: Path, second: Version, ranked: pd.DataFrame, tmp_path: Path
) -> None:
    other = write_list(tmp_path / "other.csv", row(ranked[F.STATION_ID][35], 审核状态=FAIL))
    with pytest.raises(planner.StorageError, match="nothing is overwritten"):
        review(out, [other])
    before = digests(second.folder)
    done = command("review", out, other)
    assert done.returncode == 74 and "-o" in done.stderr
    assert digests(second.folder) == before


def test_a_list_in_another_datum_says_the_same(
    out: Path, plan: Plan, ranked: pd.DataFrame, tmp_path: Path
) -> None:
    ids = ranked[F.STATION_ID]
    wgs = place(ranked, 15, 30.0)
    for datum in ("gcj02", "bd09"):
        lon, lat = crs.convert([wgs["经度"]], [wgs["纬度"]], "wgs84", datum)  # type: ignore[arg-type]
        path = write_list(
            tmp_path / f"反馈_{datum}.csv", row(ids[15], 经度=f"{lon[0]:.7f}", 纬度=f"{lat[0]:.7f}")
        )
        read = read_answers([path], plan.scenario, plan.layers)
        assert read.rows[["lon", "lat"]].to_numpy() == pytest.approx(
            np.array([[*wgs.values()]]), abs=2e-6
        )
        assert "move" in decide(plan, read.rows).statements["decision"].tolist()


def test_a_wrong_datum_is_seen_by_the_demanded_place_and_by_the_offset(
    plan: Plan, ranked: pd.DataFrame
) -> None:
    at = ranked.loc[15]
    lon, lat = (float(v[0]) for v in crs.convert([at[F.LON]], [at[F.LAT]], "wgs84", "gcj02"))
    shifted = statement(at[F.STATION_ID], verdict="accept", demand_lon=lon, demand_lat=lat)
    assert codes(plan, shifted) == ["demand_elsewhere"]
    far = statement(
        at[F.STATION_ID],
        lon=lon,
        lat=lat,
        demand_lon=at[F.LON],
        demand_lat=at[F.LAT],
        offset_m=20.0,
    )
    assert codes(plan, far) == ["offset_disagrees"]


def statement(station: str = "", **values: Any) -> dict[str, Any]:
    empty = dict.fromkeys(COLUMNS, "") | dict.fromkeys(
        ("lon", "lat", "demand_lon", "demand_lat", "offset_m", "mark_lon", "mark_lat"), float("nan")
    )
    return {
        **empty,
        "file": "f.csv",
        "line": 2,
        "kind": "row",
        "is_open": False,
        "station_id": station,
        **values,
    }


def codes(plan: Plan, *rows: dict[str, Any], as_of: str = "") -> list[str]:
    frame = pd.DataFrame(
        [{**one, "line": i} for i, one in enumerate(rows, start=2)], columns=list(COLUMNS)
    )
    return [notice.code for notice in decide(plan, frame, as_of=as_of).notices]


def test_rows_that_cannot_be_taken_up(plan: Plan, ranked: pd.DataFrame) -> None:
    ids = ranked[F.STATION_ID]
    airport = {"lon": round(120.1 + 5.8 / 93.03, 6), "lat": round(33.4 + 4.2 / 110.92, 6)}
    cases = [
        ([statement(verdict="refuse")], ["no_key"]),
        ([statement(ids[12][:-1] + "9", verdict="refuse")], ["unknown_station"]),
        ([statement(town="西镇", verdict="refuse")], ["unknown_town"]),
        ([statement(ids[12], verdict="refuse", opened_on="2020-10-01")], ["contradictory_row"]),
        ([statement(ids[12], verdict="wait", opened_on="2020-10-01")], ["contradictory_row"]),
        ([statement(**airport)], ["in_keep_out"]),
        ([statement(ids[12], is_open=True)], ["opening_without_date"]),
        (
            [
                statement(ids[12], opened_on="2020-10-01"),
                statement(ids[12], opened_on="2020-10-02"),
            ],
            ["contradictory_rows"] * 2,
        ),
        ([statement(ids[12], due_on="2027-01-01")], ["due_after_plan"]),
        ([statement(ids[12])], ["answers_silent"]),
        (
            [
                statement(town="东镇", verdict="refuse"),
                statement(in_town(ranked, "东镇"), verdict="accept"),
            ],
            ["town_contradicts", "stations_stay"],
        ),
        ([statement(free_station(plan), verdict="accept")], ["not_in_plan"]),
    ]
    for rows, expected in cases:
        assert codes(plan, *rows) == expected, rows
    late = statement(ids[12], opened_on="2020-12-01")
    assert codes(plan, late, as_of="2020-11-30") == ["date_in_future"]
    assert codes(plan, late, as_of="2020-12-01") == []


def in_town(ranked: pd.DataFrame, town: str) -> str:
    own = ranked[(ranked[F.TOWN] == town) & (ranked[F.STATE] == "candidate")]
    return str(own[F.STATION_ID].iloc[0])


def free_station(plan: Plan) -> str:
    free = plan.stations[plan.stations[F.RANK].isna() & ~plan.stations["excluded"]]
    return str(free[F.STATION_ID].iloc[0])


def test_more_locks_than_a_phase_holds_are_refused(plan: Plan, ranked: pd.DataFrame) -> None:
    ids = ranked[F.STATION_ID]
    locks = dict.fromkeys(ids[11:20], 1)
    scenario = plan.scenario.replace(review={"locked": locks, "opened": {ids[30]: ""}})
    with pytest.raises(planner.InfeasibleError, match="lift a lock"):
        pipeline.build(scenario, layers=plan.layers)


def test_a_decision_about_a_station_that_is_not_there_is_refused(plan: Plan) -> None:
    scenario = plan.scenario.replace(review={"vetoed": ["S0000000000-M-N41"]})
    with pytest.raises(planner.ScenarioError, match="S0000000000-M-N41"):
        pipeline.build(scenario, layers=plan.layers)


@pytest.fixture(scope="module")
def model(plan: Plan) -> Model:
    return pipeline.build(plan.scenario, layers=plan.layers)


class Base:
    """A plan and its model under a name short enough to be printed."""

    def __init__(self, plan: Plan, model: Model, ranked: pd.DataFrame) -> None:
        self.plan, self.model, self.ranked = plan, model, ranked

    def __repr__(self) -> str:
        return "toy"


def test_every_way_takes_the_best_of_all_searches_by_its_own_price(
    monkeypatch: pytest.MonkeyPatch, plan: Plan, ranked: pd.DataFrame
) -> None:
    """A search at the version's own price that went astray must not become the version."""
    real = optimise.solve
    scenario = plan.scenario.replace(
        review={"vetoed": [ranked[F.STATION_ID][25]], "churn_price": 5.0}
    )
    new_model = pipeline.build(scenario, layers=plan.layers)
    straight, _ = replan(new_model, plan)

    def astray(problem: optimise.Problem, **options: Any) -> optimise.Result:
        mean = sum(v / n for v, n in zip(plan.provenance["value"], problem.phases, strict=True))
        if problem.churn_price == pytest.approx(5.0 * mean):  # as if nothing had been agreed
            free = real(problem.replace(churn_price=0.0), **options)
            kept = (problem.agreed >= 0) & (problem.phase_of(free.order) == problem.agreed)
            kept[problem.fixed] = False
            return dataclasses.replace(
                free, objective=free.objective + problem.churn_price * float(kept.sum())
            )
        return real(problem, **options)

    monkeypatch.setattr(optimise, "solve", astray)
    saved, prices = replan(new_model, plan)
    assert prices["left"].tolist()[:2] == [1, 1]
    assert saved.order.tolist() == straight.order.tolist()


@pytest.fixture(scope="module")
def base(plan: Plan, model: Model, ranked: pd.DataFrame) -> Base:
    return Base(plan, model, ranked)


@settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)
@example(refused=set(), accepted=set(), opened=set())
@given(
    refused=st.sets(st.integers(11, 39), max_size=5),
    accepted=st.sets(st.integers(11, 39), max_size=6),
    opened=st.sets(st.integers(20, 39), max_size=1),
)
def test_a_new_version_differs_only_where_answers_or_their_repair_ask_for_it(
    base: Base, refused: set[int], accepted: set[int], opened: set[int]
) -> None:
    plan, model, ranked = base.plan, base.model, base.ranked
    ids = ranked[F.STATION_ID]
    accepted, opened = accepted - refused - opened, opened - refused
    rows = [statement(ids[i], verdict="refuse", line=i) for i in sorted(refused)]
    rows += [statement(ids[i], verdict="accept", line=i) for i in sorted(accepted)]
    rows += [statement(ids[i], opened_on="2020-11-01", line=i) for i in sorted(opened)]
    decided = decide(plan, pd.DataFrame(rows, columns=list(COLUMNS)))
    part = {**decided.review.model_dump(), "churn_price": 500.0}
    scenario = plan.scenario.replace(review=part)
    new_model = pipeline.build(scenario, layers=plan.layers, demand=model.demand)
    new, _ = replan(new_model, plan)
    table = new.stations.set_index(F.STATION_ID)
    assert sorted(table[F.RANK].dropna()) == list(range(40))
    assert all(pd.isna(table.loc[ids[i], F.RANK]) for i in refused)
    assert all(table.loc[ids[i], F.PHASE] == ranked.loc[i, F.PHASE] for i in accepted)
    assert all(table.loc[ids[i], F.PHASE] == 1 for i in opened)
    changes = make_changes((plan, model), (new, new_model), decided.statements).stations
    asked = {ids[i] for i in refused | opened}
    left = changes[changes["change"].isin(["removed", "retimed"]) & ~changes["base_id"].isin(asked)]
    # whoever opens early takes a place in the first phase: it is freed by a veto there, or one
    # station makes room
    assert len(left) <= len(opened)
    assert (changes["change"] == "added").sum() == (changes["change"] == "removed").sum()


def test_the_command_line_reviews_and_explains(
    out: Path, second: Version, answers: list[Path], ids: dict[str, str]
) -> None:
    done = command("review", out, *answers)
    assert done.returncode == 0, done.stderr
    assert "nothing changes" in done.stdout and "unknown_station" in done.stdout
    done = command("explain", second.folder, ids["moved"])
    assert done.returncode == 0, done.stderr
    assert "若否决" in done.stdout and "A veto costs" in done.stdout
    done = command("explain", second.folder, "S0000000000-M-N41")
    assert done.returncode == 2 and "Traceback" not in done.stderr


def test_the_version_is_a_run_folder_with_a_page_that_shows_the_difference(second: Version) -> None:
    assert {"map.html", "compare.html", "plan", "review", "lists"} <= {
        p.name for p in second.folder.iterdir()
    }
    assert all("_V2" in path.name for path in (second.folder / "lists").iterdir())
    assert "toy-v2" in (second.folder / "compare.html").read_text(encoding="utf-8")
    printed = str(planner.compare(planner.load_plan(second.folder.parent / "out"), second.plan))
    assert "review.vetoed" in printed
