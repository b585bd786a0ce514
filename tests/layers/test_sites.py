"""Sites of any list: a row a station or a row a cell, with what the list says and does not say."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import planner
from planner import fields as F
from planner import radio
from planner.exports import make_lists
from planner.layers import look_at_layers
from planner.layers.kinds.sectors import Sectors, joined
from planner.layers.kinds.states import read_day
from planner.model import OPTIONS, Layers, Plan
from planner.scenario import Scenario
from planner.verify import verify
from tests.toy import degrees, write_toy_county

CHINESE = [
    "基站ID", "基站名称", "小区标识", "中心频点", "物理小区标识", "经度", "纬度", "方向角",
    "天线挂高(m)", "电子下倾角", "机械下倾角", "总下倾角",
]  # fmt: skip
ENGLISH = [
    "ENODEBID", "ENODEB_NAME", "SECTOR_ID", "SSB_ARFCN", "PCI", "LONGITUDE", "LATITUDE", "AZIMUTH",
    "HEIGHT", "ELECTTILT", "MECHTILT", "TOTLETILT",
]  # fmt: skip
N41, N78, N28 = 504_990, 627_264, 154_570


def cells() -> list[list[Any]]:
    """Ten cells of five stations: unusable heights, an antenna all round, three channels."""
    rows: list[list[Any]] = []

    def station(number: int, arfcn: int, turns: Sequence[Any], heights: Sequence[Any]) -> None:
        lon, lat = degrees(2.0 + 0.7 * number, 3.0)
        for i, (turn, height) in enumerate(zip(turns, heights, strict=True)):
            name, pci = f"{77000 + number}", 30 * number + i
            tilts = (3 + i, 2, 5 + i)
            rows.append(
                [name, f"站{number}", f"{name}-{i}", arfcn, pci, lon, lat, turn, height, *tilts]
            )

    station(0, N41, (0, 120, 240), (33, 33, 33))
    station(1, N78, (0, 120, 240), (0, 0, 0))
    station(2, N28, ("全向",), (6,))
    station(3, N78, (10, 190), (28, 28))
    station(4, N41, (240,), ("楼顶",))
    return rows


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("county")
    write_toy_county(folder, demand={"cell_m": 100.0, "road_step_m": 100.0})
    return folder


def text_of(head: Sequence[Any], rows: Sequence[Sequence[Any]], comma: str = ",") -> str:
    stream = io.StringIO()
    csv.writer(stream, delimiter=comma, lineterminator="\n").writerows([head, *rows])
    return stream.getvalue()


def read(
    county: Path, head: Sequence[Any], rows: Sequence[Sequence[Any]], **changes: Any
) -> tuple[Layers, dict[str, list[str]]]:
    """The layers with a site list, and what was found, by code."""
    (county / "list.csv").write_text(text_of(head, rows), encoding="utf-8")
    return look(county, {"inputs": {"sites": "list.csv"}} | changes)


def look(county: Path, changes: dict[str, Any]) -> tuple[Layers, dict[str, list[str]]]:
    scenario = Scenario.from_file(county / "scenario.yaml").replace(**changes)
    layers, findings, _ = look_at_layers(scenario)
    assert layers is not None, [str(notice) for notice in findings.notices]
    found: dict[str, list[str]] = {}
    for notice in findings.notices:
        found.setdefault(f"{notice.severity} {notice.code}", []).append(str(notice))
    return layers, found


@pytest.mark.parametrize("dress", ["english", "gb18030", "utf-16"])
def test_cells_become_stations_with_all_that_they_say(county: Path, dress: str) -> None:
    name = {"english": "cells.csv", "gb18030": "cells_zh.csv", "utf-16": "cells_zh.txt"}[dress]
    head, comma = (ENGLISH, ",") if dress == "english" else (CHINESE, ",")
    code = {"english": "utf-8", "utf-16": "utf-16-le"}.get(dress, dress)
    comma = "\t" if dress == "utf-16" else comma
    (county / name).write_bytes(text_of(head, cells(), comma).encode(code))
    layers, found = look(county, {"inputs": {"sites": name}, "defaults": {"state": "open"}})
    assert not [code for code in found if code.startswith("E")], found

    sites = layers.sites.set_index(F.SITE_ID)
    assert sites[F.NAME].to_dict() == {str(77000 + i): f"站{i}" for i in range(5)}
    assert sites[F.BAND].tolist() == ["n41", "n78", "n28", "n78", "n41"]
    mobile, others = "mobile", "telecom-unicom"
    assert sites[F.NETWORK].tolist() == [mobile, others, mobile, others, mobile]
    assert sites[F.AZIMUTHS_DEG].tolist() == ["0/120/240", "0/120/240", "", "10/190", "240"]
    assert sites[F.PCIS].tolist() == ["0/1/2", "30/31/32", "60", "90/91", "120"]
    assert sites[F.TILTS_DEG].tolist() == ["5/6/7", "5/6/7", "5", "5/6", "5"]
    heights = sites[F.HEIGHT_M]
    assert heights.dropna().to_dict() == {"77000": 33, "77002": 6, "77003": 28}
    marks = ["", "height_m", "omni", "", "height_m"]
    assert sites[F.DOUBTS].tolist() == marks
    assert len(found["W height_unusable"]) == 4


@given(st.randoms(use_true_random=False))
def test_the_order_of_cells_makes_no_difference(shuffle: random.Random) -> None:
    sectors = [
        Sectors((0.0,), (5,), (3.0,), cell="a"),
        Sectors((120.0,), (6,), (4.0,), cell="b"),
        Sectors((120.0,), (9,), (4.0,), cell="c"),
        Sectors((240.0,), (7,), (5.0,), cell="d"),
    ]
    expected = joined(sectors)
    shuffle.shuffle(sectors)
    assert joined(sectors) == expected
    whole, marks, twice = expected
    assert (whole.azimuths, whole.pcis, whole.tilts) == ((0, 120, 240), (5, 6, 7), (3, 4, 5))
    assert (marks, twice) == (set(), 1)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_order_of_rows_makes_no_difference(county: Path, seed: int) -> None:
    rows = cells()
    expected, _ = read(county, CHINESE, rows, defaults={"state": "open"})
    random.Random(seed).shuffle(rows)
    found, _ = read(county, CHINESE, rows, defaults={"state": "open"})
    pd.testing.assert_frame_equal(pd.DataFrame(found.sites), pd.DataFrame(expected.sites))


def test_cells_without_an_id_are_one_station_by_name_and_place(county: Path) -> None:
    lon, lat = degrees(3.0, 3.0)
    head = ["小区名称", "经度", "纬度", "频段", "状态", "方位角"]
    rows = [
        [f"东风路-{i + 1}", lon + 1e-5 * i, lat, "2.6GHz", "开通", 120 * i] for i in range(3)
    ] + [["东风路-1", lon + 0.02, lat, "2.6", "开通", 0]]
    layers, _ = read(county, head, rows)
    assert layers.sites[F.NAME].tolist() == ["东风路", "东风路"]
    assert sorted(layers.sites[F.AZIMUTHS_DEG]) == ["0", "0/120/240"]
    assert layers.sites[F.LON].min() == lon


def test_antennas_of_one_base_far_apart_are_sites_of_their_own(county: Path) -> None:
    head = ["gNBId", "经度", "纬度", "ARFCN", "状态", "方位角"]
    rows = [["7001", *degrees(2.0 + i, 3.0), N41, "在网", 0] for i in range(2)]
    layers, found = read(county, head, rows)
    assert len(layers.sites) == 2
    assert all(site.startswith("S") for site in layers.sites[F.SITE_ID])
    assert "W base_at_several_places" in found


@pytest.mark.parametrize(
    ("number", "mhz"),
    [
        (513_000, 2565.00),
        (630_000, 3450.00),
        (504_990, 2524.95),
        (627_264, 3408.96),
        (154_570, 772.85),
        (0, 0.0),
        (599_999, 2999.995),
        (600_000, 3000.0),
        (2_016_666, 24_249.99),
        (2_016_667, 24_250.08),
        (3_279_165, 99_999.96),
    ],
)
def test_channel_numbers_are_those_of_the_standard(number: int, mhz: float) -> None:
    assert radio.nr_frequency(number) == pytest.approx(mhz, abs=1e-9)


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2020-09-01", date(2020, 9, 1)),
        ("2020/9/1", date(2020, 9, 1)),
        ("20200901", date(2020, 9, 1)),
        ("2020年9月1日", date(2020, 9, 1)),
        ("44075", date(2020, 9, 1)),
        ("44075.0", date(2020, 9, 1)),
        ("2020-09-01 00:00:00", date(2020, 9, 1)),
        ("2020-09-01T08:30:00", date(2020, 9, 1)),
        ("2020年8月", date(2020, 8, 31)),
        ("2020.12", date(2020, 12, 31)),
        ("2020-02-30", None),
        ("1/9/2020", None),
        ("去年", None),
        ("12", None),
    ],
)
def test_days_are_read_in_every_style(cell: str, day: date | None) -> None:
    assert read_day(cell) == day


def test_a_day_of_opening_tells_the_state_and_a_row_without_one_is_asked_about(
    county: Path,
) -> None:
    head = ["站名", "运营商", "频段", "站址类型", "经度", "纬度", "入网时间"]
    days = ["2020-06-01", "2020/9/30", "20201001", "2021年3月1日", ""]
    rows = [
        [f"楼{i}", "中国移动", "2.6", "楼面站", *degrees(2 + 0.5 * i, 3.0), day]
        for i, day in enumerate(days)
    ]
    layers, found = read(county, head, rows)
    assert layers.sites[F.NAME].tolist() == ["楼0", "楼1"]
    assert set(layers.sites[F.STATE]) == {"open"}
    planned = layers.candidates[layers.candidates[F.NAME].isin(["楼2", "楼3"])]
    assert planned[F.SITE_TYPE].tolist() == ["roof", "roof"]
    (asked,) = found["E missing_value"]
    assert "list.csv:6" in asked
    assert "defaults.state" in asked

    by_date, found = read(county, head, rows, defaults={"state": "by_date"})
    assert "楼4" in by_date.candidates[F.NAME].tolist()
    assert "E missing_value" not in found
    assert "W default_taken" in found


def test_of_a_list_without_states_the_first_ones_are_open(county: Path) -> None:
    head = ["站名", "频段", "经度", "纬度"]
    rows = [[f"站{i}", "n78", *degrees(2 + 0.3 * i, 3.0)] for i in range(11)]
    layers, found = read(county, head, rows, defaults={"state": "first"})
    assert set(layers.sites[F.NAME]) == {f"站{i}" for i in range(8)}
    rest = layers.candidates.set_index(F.NAME)[F.SITE_TYPE]
    assert rest.to_dict() == {f"站{i}": "stock" for i in range(8, 11)}
    assert len(found["W default_taken"]) == 1

    # nothing is taken that the scenario does not say
    refused = Scenario.from_file(county / "scenario.yaml").replace(inputs={"sites": "list.csv"})
    with pytest.raises(planner.InputError, match=r"defaults\.state"):
        planner.build(refused)


def test_a_network_that_nothing_tells_is_asked_about_or_taken_as_said(county: Path) -> None:
    both = [
        {"name": "mobile", "code": "M", "label": "移动", "operators": ["移动"], "bands": ["n41"]},
        {"name": "second", "code": "T", "label": "电信", "operators": ["电信"], "bands": ["n41"]},
    ]
    head = ["站名", "频段", "状态", "经度", "纬度"]
    rows = [["甲", "n41", "开通", *degrees(3.0, 3.0)]]
    _, found = read(county, head, rows, networks=both)
    assert "defaults.network" in found["E missing_value"][0]
    layers, found = read(county, head, rows, networks=both, defaults={"network": "电信"})
    assert layers.sites[F.NETWORK].tolist() == ["second"]
    assert "W default_taken" in found


def test_a_list_of_one_carrier_has_the_network_and_band_of_its_entry(county: Path) -> None:
    head = ["站名", "状态", "经度", "纬度"]
    for name, i in (("移动", 0), ("电信", 1)):
        row = [f"{name}站", "开通", *degrees(3.0 + i, 3.0)]
        (county / f"{name}.csv").write_text(text_of(head, [row]), encoding="utf-8")
    files = [{"file": "移动.csv", "network": "移动", "band": "n28"},
             {"file": "电信.csv", "network": "电信"}]  # fmt: skip
    layers, found = look(county, {"inputs": {"sites": files}})
    listed = layers.sites.set_index(F.NAME)
    assert listed[F.NETWORK].to_dict() == {"移动站": "mobile", "电信站": "telecom-unicom"}
    assert listed[F.BAND].to_dict() == {"移动站": "n28", "电信站": "n78"}
    assert len(found["W default_taken"]) == 3

    # what a row says stands; a band of another network is never taken for it
    rows = [["甲", "联通", "开通", *degrees(3.0, 3.0)]]
    (county / "移动.csv").write_text(text_of(["站名", "网络", *head[1:]], rows), encoding="utf-8")
    layers, found = look(county, {"inputs": {"sites": files[:1]}})
    assert layers.sites[[F.NETWORK, F.BAND]].to_numpy().tolist() == [["telecom-unicom", "n78"]]
    assert "W default_taken" not in found

    for wrong in ({"network": "铁通"}, {"band": "n99"}):
        _, found = look(county, {"inputs": {"sites": [files[0] | wrong]}})
        assert next(iter(wrong.values())) in found["E enum_unknown"][0]


def test_a_channel_outside_the_band_of_its_row_is_said(county: Path) -> None:
    head = ["站名", "频段", "频点", "状态", "经度", "纬度"]
    said = (("n41", N78), ("n78", N78), ("n28", "700M"))
    rows = [[f"站{i}", *each, "开通", *degrees(3.0 + i / 2, 3.0)] for i, each in enumerate(said)]
    layers, found = read(county, head, rows)
    assert layers.sites.sort_values(F.NAME)[F.BAND].tolist() == ["n41", "n78", "n28"]
    (one,) = found["W channel_of_other_band"]
    assert "list.csv:2" in one


def test_rows_of_4g_are_sites_that_could_be_used_and_no_stations(county: Path) -> None:
    head = ["基站标识", "小区名称", "频点", "网络制式", "状态", "经度", "纬度", "天线挂高"]
    here, there = degrees(3.0, 3.0), degrees(4.0, 3.0)
    rows = [
        ["9001", "甲-1", 1650, "", "", *there, 30],
        ["9001", "甲-2", 1650, "", "", *there, 30],
        ["9002", "乙-1", "", "LTE", "", *here, 25],
        ["8001", "乙5G-1", N78, "5G", "开通", *here, 25],
    ]
    layers, found = read(county, head, rows)
    assert layers.sites[F.SITE_ID].tolist() == ["8001"]
    # where a station of today stands there is no other site
    assert layers.candidates[[F.SITE_ID, F.HEIGHT_M]].values.tolist() == [["9001", 30.0]]
    assert "I no_5g_station" in found
    assert "I site_of_today" in found


def test_what_lists_tell_of_other_generations_is_kept_for_the_exposure(county: Path) -> None:
    head = ["站名", "运营商", "网络制式", "频点", "状态", "经度", "纬度", "方位角", "下倾角",
            "发射功率(W)"]  # fmt: skip
    here, there = degrees(3.0, 3.0), degrees(4.0, 3.0)
    rows = [
        ["甲", "移动", "4G", 1650, "", *here, "10/130/250", "4", 60],
        ["甲", "移动", "2G/3G", "", "", *here, "", "", ""],
        # cells that do not tell where they look are one station
        ["乙", "联通", "LTE", 1650, "", *there, "", "", 40],
        ["乙", "联通", "LTE", 1650, "", *there, "", "", 40],
        ["乙", "电信", "4G+5G", N78, "开通", *there, "0/120/240", "", 200],
    ]
    # what two lists tell is one
    for files in ([rows], [rows[:3], rows]):
        names = in_files(county, head, *files)
        layers, found = read(county, head, rows, inputs={"sites": names})
        kept = layers.equipment.sort_values([F.X_M, F.SYSTEMS, F.POWER_W])
        columns = [F.AZIMUTHS_DEG, F.TILTS_DEG, F.SYSTEMS]
        assert kept[columns].values.tolist() == [
            ["10/130/250", "4/4/4", 1], ["", "", 2], ["", "", 1], ["0/120/240", "", 1],
        ]  # fmt: skip
        assert kept[F.POWER_W].fillna(-1).tolist() == [60, -1, 40, -1]
    said = [text for text in found["I no_5g_station"] if "exposure" in text][-1]
    assert "2 sites (4 rows)" in said and "2 rows have no power" in said


def test_a_site_of_4g_is_retrofitted_whatever_its_type(county: Path) -> None:
    head = ["站名", "网络制式", "频段", "状态", "经度", "纬度", "站址类型"]
    kinds = [("4G", "地面塔"), ("4G", "抱杆"), ("4G", ""), ("4G", "已改造"), ("5G", "地面塔")]
    rows = [
        [f"站{i}", technology, "n41", "规划", *degrees(3.0 + 0.5 * i, 3.0), kind]
        for i, (technology, kind) in enumerate(kinds)
    ]
    layers, found = read(county, head, rows)
    types = layers.candidates.sort_values(F.NAME)[F.SITE_TYPE].tolist()
    assert types == ["stock", "stock", "stock", "rebuilt", "tower"]
    (one,) = [text for text in found["I no_5g_station"] if "roof" in text]
    assert "2" in one and "tower" in one


def test_places_keep_every_digit_that_a_list_gives(county: Path) -> None:
    head = ["站名", "频段", "状态", "经度", "纬度"]
    here, there = (120.123456789, 33.423456789), (120.133456789, 33.413456789)
    layers, _ = read(county, head, [["甲", "n41", "开通", *here], ["乙", "n41", "规划", *there]])
    for part, place in ((layers.sites, here), (layers.candidates, there)):
        assert [tuple(row) for row in part[[F.LON, F.LAT]].to_numpy()] == [place]


def test_a_scenario_names_further_heads_and_unread_columns_are_listed(county: Path) -> None:
    head = ["站名", "频段", "状态", "经度", "纬度", "塔高", "锁闭情况", "发射功率"]
    rows = [["甲", "n41", "开通", *degrees(3.0, 3.0), 27, "否", 46]]
    layers, found = read(county, head, rows, aliases={"height_m": ["塔高"]})
    assert layers.sites[F.HEIGHT_M].tolist() == [27]
    assert "锁闭情况" in found["I columns_unread"][0]
    assert "I power_unused" in found


def in_files(county: Path, head: Sequence[Any], *files: Sequence[Sequence[Any]]) -> list[str]:
    """Rows in a file each; the names of the files."""
    names = [f"cells{i}.csv" for i in range(len(files))]
    for name, rows in zip(names, files, strict=True):
        (county / name).write_text(text_of(head, rows), encoding="utf-8")
    return names


@pytest.mark.parametrize("base", ["8001", ""])
def test_cells_of_a_station_in_two_files_are_one_station(county: Path, base: str) -> None:
    head = ["基站标识", "站名", "频段", "状态", "经度", "纬度", "方位角", "PCI", "下倾角", "挂高"]
    lon, lat = degrees(3.0, 3.0)
    beside = (round(lon + 4e-5, 6), lat)  # some four metres
    own = [[base, "甲", "n41", "开通", lon, lat, turn, turn, 6, ""] for turn in (0, 240)]
    other = [[base, "甲", "n41", "开通", *beside, 120, 120, 7, 25]]
    layers, found = look(county, {"inputs": {"sites": in_files(county, head, own, other)}})
    (site,) = layers.sites.to_dict("records")
    assert site[F.AZIMUTHS_DEG] == "0/120/240"
    assert (site[F.PCIS], site[F.TILTS_DEG], site[F.HEIGHT_M]) == ("0/120/240", "6/7/6", 25.0)
    assert any("cells1.csv:2" in text for text in found["I cells_grouped"])
    assert not [code for code in found if code[0] == "E"]


def test_what_two_files_tell_otherwise_of_a_station_is_no_second_one(county: Path) -> None:
    head = ["站址编码", "站名", "频段", "状态", "经度", "纬度", "方位角"]
    own = [["A", "甲", "n41", "开通", *degrees(3.0, 3.0), 120]]
    again = [["A", "甲", "n41", "开通", *degrees(3.0, 3.0), "120/240"]]
    _, found = look(county, {"inputs": {"sites": in_files(county, head, own, again)}})
    assert "E duplicate_key" in found
    renamed = [["B", "甲", "n41", "开通", *degrees(3.0, 3.0), 240]]
    _, found = look(county, {"inputs": {"sites": in_files(county, head, own, renamed)}})
    assert any("cells1.csv" in text for text in found["W duplicate_location"])


def test_lists_of_several_files_are_one_and_what_stands_twice_stands_once(county: Path) -> None:
    head = ["站名", "站址编码", "频段", "状态", "经度", "纬度"]
    rows = [[f"站{i}", f"A{i}", "n41", "开通", *degrees(2 + 0.5 * i, 3.0)] for i in range(4)]
    (county / "more.csv").write_text(text_of(head, rows[2:]), encoding="utf-8")
    together, found = read(
        county, head, rows[:3], inputs={"sites": ["list.csv", {"file": "more.csv"}]}
    )
    assert together.sites[F.SITE_ID].tolist() == ["A0", "A1", "A2", "A3"]
    assert "I rows_in_other_file" in found

    rows[2][0] = "另一个"
    (county / "more.csv").write_text(text_of(head, rows[2:]), encoding="utf-8")
    _, found = look(county, {"inputs": {"sites": ["list.csv", "more.csv"]}})
    assert "list.csv:4" in found["E duplicate_key"][0]


def test_towns_need_no_kind_and_no_seat_and_landmarks_take_the_kind_of_their_file(
    county: Path,
) -> None:
    (county / "units.csv").write_text("名称,人口\n城中街道,20000\n三里镇,6000\n", encoding="utf-8")
    (county / "marks.csv").write_text("名称,经度,纬度\n一小,120.13,33.42\n", encoding="utf-8")
    changes = {"towns": "units.csv", "landmarks": {"file": "marks.csv", "kind": "school"}}
    layers, found = look(county, {"inputs": changes})
    assert layers.towns[F.KIND].tolist() == ["town", "urban"]
    assert layers.landmarks[F.KIND].tolist() == ["school"]
    assert "I town_kind_by_name" in found


@pytest.fixture(scope="module")
def odd_plan(county: Path) -> Plan:
    """A plan of a list with doubtful cells and one row that cannot be used."""
    head = ["站址编码", "站名", "状态", "频段", "经度", "纬度", "挂高", "方位角", "总下倾角"]
    rows: list[list[Any]] = [
        [
            *(f"A{i}", f"站{i}", "开通", "n41" if i % 2 else "n78"),
            *(*degrees(2.2 + 0.25 * i, 3.0), 25, "0/120/240", "4/6/8"),
        ]
        for i in range(9)
    ]
    rows[0][6:8] = "楼顶", "朝南"
    rows[8][2] = "不明"
    (county / "odd.csv").write_text(text_of(head, rows), encoding="utf-8")
    scenario = Scenario.from_file(county / "scenario.yaml").replace(inputs={"sites": "odd.csv"})
    with pytest.raises(planner.InputError, match="enum_unknown"):
        planner.build(scenario)
    return planner.solve(planner.build(scenario, without_refused_rows=True))


def test_one_bad_cell_is_no_refused_plan_and_is_marked(odd_plan: Plan) -> None:
    stations = odd_plan.stations[odd_plan.stations[F.STATE] == "open"].set_index(F.SITE_ID)
    assert len(stations) == 8
    assert stations.loc["A0", F.DOUBTS] == "azimuths_deg height_m tilts_deg"
    assert set(stations.drop(index="A0")[F.DOUBTS]) == {""}

    lists = make_lists(odd_plan, formats=["csv"])
    listed = pd.concat([pd.read_csv(io.BytesIO(data), dtype=str) for _, data in lists])
    here = listed[listed["规划编号"] == "A0-T-N78"]["数据说明"]
    assert len(here) == 2  # in the cumulative list and in that of the state
    assert here.str.contains("挂高").all()
    assert here.str.contains("方位角").all()


def test_rows_left_out_are_counted_and_part_of_the_key(odd_plan: Plan, tmp_path: Path) -> None:
    assert odd_plan.layers.rows_left_out == 1
    assert odd_plan.provenance[OPTIONS] == {"rows_left_out": "1"}
    assert {n.code for n in odd_plan.layers.notices} >= {"enum_unknown", "rows_left_out"}
    odd_plan.save(tmp_path / "plan")
    again = Plan.load(tmp_path / "plan")
    assert again.layers.rows_left_out == 1
    assert again.key == odd_plan.key
    found = verify(again, inputs=odd_plan.scenario.root)
    assert not [str(finding) for finding in found.findings]


def test_listed_tilts_are_those_of_the_cells(odd_plan: Plan) -> None:
    stations = odd_plan.stations
    own = stations.loc[(stations[F.STATE] == "open") & (stations[F.SITE_ID] != "A0"), F.STATION_ID]
    cells = odd_plan.cells[odd_plan.cells[F.STATION_ID].isin(own)]
    found = cells.groupby(F.STATION_ID)[F.TILT_DEG].agg(list)
    assert found.tolist() == [[4.0, 6.0, 8.0]] * 7
    others = odd_plan.cells[~odd_plan.cells[F.STATION_ID].isin(own)]
    assert (others.groupby(F.STATION_ID)[F.TILT_DEG].nunique() == 1).all()


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "geojson"])
def test_a_plan_comes_back_from_its_own_lists(odd_plan: Plan, county: Path, suffix: str) -> None:
    stations = odd_plan.stations.iloc[odd_plan.order].set_index(F.STATION_ID)
    names = []
    for name, data in make_lists(odd_plan, formats=[suffix]):
        (county / name).write_bytes(data)
        names.append(name)
    layers, found = look(county, {"inputs": {"sites": names}})
    assert not [code for code in found if code.startswith("E")], found

    codes = {network.name: network.code for network in odd_plan.scenario.networks}
    sites = layers.sites
    ids = [
        f"{s}-{codes[n]}-{b.upper()}"
        for s, n, b in zip(sites[F.SITE_ID], sites[F.NETWORK], sites[F.BAND], strict=True)
    ]
    standing = stations[stations[F.STATE] != "candidate"]
    back = sites.assign(station_id=ids).set_index(F.STATION_ID)
    assert set(back.index) == set(standing.index)
    back = back.loc[standing.index]
    for column in (F.STATE, F.NETWORK, F.BAND, F.SITE_ID, F.NAME):
        assert back[column].tolist() == standing[column].tolist()
    # lists have six decimals
    for column in (F.LON, F.LAT):
        assert (back[column] - standing[column]).abs().max() <= 5.01e-7
    planned = stations[stations[F.STATE] == "candidate"]
    known = {*layers.sites[F.SITE_ID], *layers.candidates[F.SITE_ID]}
    assert set(planned[F.SITE_ID]) <= known


def test_the_demand_sheet_with_two_rows_of_heads_comes_back(odd_plan: Plan, county: Path) -> None:
    lists = make_lists(odd_plan, formats=["xlsx"], profile="tower_demand")
    names = []
    for name, data in lists:
        (county / name).write_bytes(data)
        names.append(name)
    cumulative = [name for name in names if "累计" in name]
    layers, found = look(county, {"inputs": {"candidates": cumulative}})
    assert not [code for code in found if code.startswith("E")], found
    stations = odd_plan.stations.iloc[odd_plan.order]
    planned = set(stations.loc[stations[F.STATE] == "candidate", F.SITE_ID])
    assert planned <= {*layers.candidates[F.SITE_ID], *layers.sites[F.SITE_ID]}


def test_cells_that_name_several_generations_are_of_5g(county: Path) -> None:
    words = ["4G+5G", "5G SA", "NR-TDD", "LTE FDD", "FDD-LTE/NB-IoT", "4G", "/", ""]
    rows = [
        [f"站{i}", "open", "n41", word, *degrees(2.0 + 0.3 * i, 3.0)]
        for i, word in enumerate(words)
    ]
    layers, found = read(county, ["站名", "状态", "频段", "制式", "经度", "纬度"], rows)
    assert sorted(layers.sites[F.NAME]) == ["站0", "站1", "站2", "站6", "站7"]
    assert sorted(layers.candidates[F.NAME]) == ["站3", "站4", "站5"]
    assert "W technology_unknown" not in found


@pytest.mark.parametrize("blank", ["", "/", "0", "无", "未知"])
def test_a_day_or_a_state_that_says_nothing_is_taken_as_the_scenario_says(
    county: Path, blank: str
) -> None:
    head = ["站名", "状态", "开通日期", "频段", "经度", "纬度"]
    rows = [["甲", blank, blank, "n41", *degrees(2.0, 3.0)]]
    layers, _ = read(county, head, rows, defaults={"state": "open"})
    assert layers.sites[F.STATE].tolist() == ["open"]


def test_two_sheets_of_a_workbook_are_two_lists(county: Path) -> None:
    head = ["站名", "状态", "频段", "经度", "纬度"]
    rows = [[f"站{i}", "open", "n41", *degrees(2.0 + 0.3 * i, 3.0)] for i in range(5)]
    with pd.ExcelWriter(county / "two.xlsx") as book:
        # a row that stands twice in one sheet is none of the other
        pd.DataFrame([rows[0], rows[0], rows[1]], columns=head).to_excel(
            book, sheet_name="一", index=False
        )
        pd.DataFrame(rows[2:], columns=head).to_excel(book, sheet_name="二", index=False)
    entries = [{"file": "two.xlsx", "layer": sheet} for sheet in ("一", "二")]
    scenario = Scenario.from_file(county / "scenario.yaml").replace(inputs={"sites": entries})
    layers, findings, _ = look_at_layers(scenario)
    assert layers is not None
    assert sorted(layers.sites[F.NAME]) == [f"站{i}" for i in range(5)]
    counts = [(findings.account(f"two.xlsx[{sheet}]")) for sheet in ("一", "二")]
    assert [(one.rows_in, one.accepted, one.rejected) for one in counts] == [(3, 2, 1), (3, 3, 0)]


def test_signs_of_degrees_and_cells_that_mean_unknown_are_read(county: Path) -> None:
    head = ["站名", "状态", "运营商", "频段", "频点", "方位角", "下倾角", "经度", "纬度"]
    row = ["甲", "open", "/", "0", "504990", "0°/120°/240°", "6度", *degrees(2.0, 3.0)]
    layers, found = read(county, head, [row])
    site = layers.sites.iloc[0]
    assert (site[F.NETWORK], site[F.BAND]) == ("mobile", "n41")
    assert (site[F.AZIMUTHS_DEG], site[F.TILTS_DEG], site[F.DOUBTS]) == ("0/120/240", "6/6/6", "")
    assert not [code for code in found if code.startswith("E")]


def test_a_finding_about_pci_names_the_column_of_the_file(county: Path) -> None:
    head = ["站名", "状态", "频段", "方位角", "物理小区标识", "经度", "纬度"]
    _, found = read(county, head, [["甲", "open", "n41", "0/120", "1/2000", *degrees(2.0, 3.0)]])
    assert "[物理小区标识]" in found["W pci_invalid"][0]


def test_a_place_with_a_zero_is_refused_not_out_of_reach(county: Path) -> None:
    lon, lat = degrees(2.0, 3.0)
    rows = [
        ["甲", "open", "n41", lon, lat],
        ["乙", "open", "n41", 0, lat],
        ["丙", "open", "n41", lon, 0],
    ]
    _, found = read(county, ["站名", "状态", "频段", "经度", "纬度"], rows)
    assert len(found["E near_origin"]) == 2


def test_a_day_beside_a_state_refuses_nothing(county: Path) -> None:
    head = ["站名", "状态", "开通日期", "频段", "经度", "纬度"]
    rows = [
        ["甲", "open", "前年", "n41", *degrees(2.0, 3.0)],
        ["乙", "open", "2031-01-01", "n41", *degrees(2.4, 3.0)],
    ]
    layers, found = read(county, head, rows)
    assert len(layers.sites) == 2
    assert "W date_invalid" in found
    assert "W open_before_its_day" in found


LTE = ["CellName", "ECellID", "Longitude", "Latitude", "PCI", "EARFCN", "Azimuth"]


def lte(name: str, number: int, channel: int, place: tuple[str, str]) -> list[Any]:
    return [name, 1000 + number, *place, number, channel, 120 * (number % 3)]


def test_a_low_channel_of_lte_is_no_frequency(county: Path) -> None:
    rows = [lte("甲", i, channel, degrees(2.0 + i, 3.0)) for i, channel in enumerate((99, 3, 1392))]
    layers, found = read(county, LTE, rows)
    assert "3 rows" in found["I no_5g_station"][0]
    assert not [code for code in found if code.startswith("E")], found
    # they are there: no new site
    types = layers.candidates.loc[layers.candidates[F.NAME] == "甲", F.SITE_TYPE]
    assert types.tolist() == ["stock"] * 3


def test_lists_of_two_carriers_may_share_a_mast(county: Path) -> None:
    lon, lat = degrees(2.0, 3.0)
    other = text_of(LTE, [lte("乙", 7, 6300, (f"{lon}0000002", lat))])
    (county / "more.csv").write_text(other, encoding="utf-8")
    inputs = {"sites": ["list.csv", "more.csv"]}
    layers, found = read(county, LTE, [lte("甲", 1, 1392, (lon, lat))], inputs=inputs)
    assert not [code for code in found if code.startswith("E")], found
    assert "I rows_in_other_file" in found
    assert layers.candidates[F.NAME].isin(["甲", "乙"]).sum() == 1


def test_a_row_of_sums_is_no_row_of_data(county: Path) -> None:
    path = county / "towns.csv"
    path.write_text(path.read_text(encoding="utf-8") + "合计,,,31000,,\n", encoding="utf-8")
    layers, findings, _ = look_at_layers(Scenario.from_file(county / "scenario.yaml"))
    assert layers is not None
    assert layers.towns[F.PEOPLE].sum() == 31_000
    account = findings.account("towns.csv")
    assert (account.rows_in, account.accepted, account.rejected) == (4, 3, 1)


def test_a_network_that_is_none_is_refused_though_no_row_needs_it(county: Path) -> None:
    rows = [["甲", "open", "mobile", "n41", *degrees(2.0, 3.0)]]
    head = ["站名", "状态", "网络", "频段", "经度", "纬度"]
    _, found = read(county, head, rows, defaults={"network": "nope"})
    assert "defaults.network" in found["E enum_unknown"][0]
