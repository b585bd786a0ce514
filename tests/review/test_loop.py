"""The loop on the toy county: the next version follows, the same answers twice change nothing."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import planner
from planner import fields as F
from planner import pipeline
from planner.model import Model, Plan
from planner.review import Version, read_history, review
from planner.stations.ids import site_id
from planner.verify import verify
from tests.review.returned import EAST, FAIL, PASS, place, row, write_list, write_marks
from tests.test_pipeline import command

TOWN, UNKNOWN = "东镇", "S0000000000-M-N41"
AREA = [[120.11, 33.41], [120.13, 33.41], [120.13, 33.43], [120.11, 33.43]]


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


def test_cells_that_stay_keep_identity_and_root_sequence(second: Version, plan: Plan) -> None:
    """None of them stopped fitting, though stations came and went."""
    before, after = (each.cells.set_index(F.CELL_ID) for each in (plan, second.plan))
    both = before.index.intersection(after.index)
    assert len(both) < min(len(before), len(after))
    for column in (F.PCI, F.ROOT_INDEX):
        assert after.loc[both, column].tolist() == before.loc[both, column].tolist()
    assert not second.plan.carriers[[F.PCI_COLLISIONS, F.PCI_CONFUSIONS]].any(axis=None)


def test_the_gap_is_proven_and_the_price_is_shown(second: Version, plan: Plan) -> None:
    facts = second.plan.provenance
    found = verify(planner.load_plan(second.folder))
    assert found.findings == ()
    assert found.bound == pytest.approx(facts["bound"])
    assert facts["options"] == {"warm_start": plan.key}
    assert facts["bound"] >= sum(facts["value"])
    prices = second.prices.set_index("way")
    assert prices.loc["zero", "left"] <= prices.loc["version", "left"]
    assert prices.loc["free", "value"] >= prices.loc["version", "value"]
    assert prices["value"].max() <= facts["bound"]
    assert prices.loc["version", "left"] == second.changes.counts["left"]


def test_reasons_are_kept_as_text_with_the_reviewers_own_label(
    second: Version, ids: dict[str, str]
) -> None:
    change = second.changes.stations.set_index(F.STATION_ID).loc[ids["vetoed"]]
    assert change["by"] == "评审甲"
    assert (change["cause"], change["near"]) == ("veto", "")
    assert change["said"].splitlines() == ["产权或租金", "业主{{7*7}}不同意"]
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
    for case in table.itertuples():
        for source, share in ((plan, case.share_base), (second.plan, case.share)):
            count = source.scenario.counts[case.phase]
            key = (case.layer, case.network, case.level, "share")
            assert source.by_count[key].loc[count] == share
    changes = second.changes.stations
    removed = changes[(changes["change"] == "removed") & (changes["phase_base"] == 2)]
    losses = plan.stations.set_index(F.STATION_ID)
    for station in removed.itertuples():
        lost = losses.loc[station.base_id, "loss_roads_outdoor"]
        assert station.points_roads_outdoor == pytest.approx(-lost)


def test_what_a_new_station_brings_is_what_the_version_would_lose_with_it(
    second: Version,
) -> None:
    changes = second.changes.stations
    added = changes[(changes["change"] == "added") & (changes["phase"] == 2)]
    at = second.plan.stations.set_index(F.STATION_ID).loc[added[F.STATION_ID]]
    names = [name for name in changes if name.startswith("points_")]
    brings = added[names].to_numpy()
    losses = at[[name.replace("points_", "loss_") for name in names]].to_numpy()
    np.testing.assert_allclose(brings, losses, atol=1e-9)
    assert (brings > 0).any()


def test_reading_the_same_again_changes_nothing(
    out: Path, answers: list[Path], second: Version, tmp_path: Path
) -> None:
    before = digests(second.folder)
    again = review(second.folder, answers)
    assert not again.is_new and again.folder == second.folder
    assert {n.code for n in again.notices} == {"file_read_before"}
    same = review(out, [*reversed(answers), answers[0]])
    assert not same.is_new and same.folder == second.folder
    assert same.plan.order.tolist() == second.plan.order.tolist()
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
    """A second round: an accepted station is refused, a vetoed one accepted, a delivery is late."""
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


def test_a_run_does_not_take_the_place_of_a_version(second: Version) -> None:
    """The answers that led to it stand nowhere else."""
    record = (second.folder / "plan" / "review.json").read_bytes()
    with pytest.raises(planner.StorageError, match="version that answers led to"):
        pipeline.run(second.plan.scenario, second.folder)
    assert (second.folder / "plan" / "review.json").read_bytes() == record


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


def test_every_table_of_a_version_says_whose_it_is(second: Version) -> None:
    for path in (second.folder / "review").glob("*.csv"):
        with path.open(encoding="utf-8-sig", newline="") as stream:
            head, *rows = csv.reader(stream)
        assert head[-1] in ("方案编号", "plan_key")
        assert {row[-1] for row in rows} <= {second.plan.key[:12]}


def test_the_version_is_a_run_folder_with_a_page_that_shows_the_difference(second: Version) -> None:
    assert {"map.html", "compare.html", "plan", "review", "lists"} <= {
        p.name for p in second.folder.iterdir()
    }
    assert all("_V2" in path.name for path in (second.folder / "lists").iterdir())
    assert "toy-v2" in (second.folder / "compare.html").read_text(encoding="utf-8")
    parent = planner.load_plan(second.folder.parent / "out")
    assert "review.vetoed" in str(planner.compare(parent, second.plan))

    # both pages are made from data that are worked out once
    assert second.changes is not None
    apart = pipeline.page(second.plan, parent, second.changes.stations)
    assert (second.folder / "compare.html").read_bytes() == apart
    assert (second.folder / "map.html").read_bytes() == pipeline.page(second.plan)


def test_what_reviewers_accept_stays_though_a_free_hand_would_drop_it(
    plan: Plan, model: Model, tmp_path: Path
) -> None:
    """A lock binds: the station opens in its phase, in this version and in the next."""
    # the office holds the worst candidate of all in its first phase; leaving costs nothing
    table = model.stations.table
    is_free = (plan.stations[F.RANK].isna() & ~plan.stations[F.EXCLUDED]).to_numpy()
    gain = model.coverage.cover.getnnz(axis=0)
    worst = str(table[F.STATION_ID].iloc[np.flatnonzero(is_free)[gain[is_free].argmin()]])
    review_of_office = {"locked": {worst: 1}, "churn_price": 0.0}
    scenario = plan.scenario.replace(review=review_of_office)
    planner.solve(pipeline.build(scenario, layers=plan.layers)).save(tmp_path / "out")

    # one answer accepts it, another changes the rest
    office = planner.load_plan(tmp_path / "out").stations
    others = office[(office[F.PHASE] == 2) & (office[F.STATE] == "candidate")]
    refused = str(others[F.STATION_ID].iloc[0])
    answered = write_list(
        tmp_path / "反馈_WGS84.csv", row(worst, 审核状态=PASS), row(refused, 审核状态=FAIL)
    )
    version = review(tmp_path / "out", [answered])

    phases = version.plan.stations.set_index(F.STATION_ID)[F.PHASE]
    assert office.set_index(F.STATION_ID).loc[worst, F.PHASE] == 1
    assert phases[worst] == 1 and pd.isna(phases[refused])
