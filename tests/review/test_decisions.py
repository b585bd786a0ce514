"""What answers come to against the plan of the toy county, row by row."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import planner
from planner import crs, pipeline
from planner import fields as F
from planner.model import Plan
from planner.review import Statement, decide, read_answers
from tests.review.returned import place, row, statement, write_list
from tests.toy import degrees


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
        (only,) = read.rows
        assert (only.lon, only.lat) == pytest.approx(tuple(wgs.values()), abs=2e-6)
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


def test_a_demand_may_lie_beyond_the_border_a_station_may_not(
    plan: Plan, ranked: pd.DataFrame, tmp_path: Path
) -> None:
    """The border runs 8 km east of the county's corner."""
    beyond = dict(zip(("经度", "纬度"), degrees(8.4, 3.0), strict=True))
    demanded = {f"需求{head}": value for head, value in beyond.items()}
    ids = ranked[F.STATION_ID]
    listed = write_list(
        tmp_path / "反馈_WGS84.csv", row(ids[15], **demanded), row(ids[16], **beyond)
    )
    read = read_answers([listed], plan.scenario, plan.layers)
    assert [(each.station_id, each.demand_lon) for each in read.rows] == [(ids[15], beyond["经度"])]
    assert [notice.line for notice in read.notices] == [3]


def test_rows_that_are_passed_over_are_counted_file_by_file(
    plan: Plan, ranked: pd.DataFrame
) -> None:
    ids = ranked[F.STATION_ID]
    rows = [statement(ids[12]), statement(ids[13]), statement(ids[14], file="g.csv")]
    told = {(notice.code, notice.file): notice.en for notice in decide(plan, rows).notices}
    assert told["answers_silent", "f.csv"].startswith("2 rows")
    assert told["answers_silent", "g.csv"].startswith("1 rows")

    accepted = [statement(ids[i], verdict="accept") for i in (12, 13, 14)]
    known = frozenset(each.key for each in accepted)
    (notice,) = decide(plan, accepted, known=known).notices
    assert (notice.code, notice.en[:6]) == ("answers_known", "3 rows")


def codes(plan: Plan, *rows: Statement, as_of: str = "") -> list[str]:
    """Codes of the notices about statements that stand line below line."""
    numbered = [each._replace(line=line) for line, each in enumerate(rows, start=2)]
    return [notice.code for notice in decide(plan, numbered, as_of=as_of).notices]


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
