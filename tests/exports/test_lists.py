"""Lists: each station once, the same in every format and reader, nothing that runs, the datum."""

from __future__ import annotations

import csv
import dataclasses
import json
import subprocess
import time
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
from python_calamine import CalamineWorkbook

from planner.crs import convert
from planner.errors import ScenarioError, StorageError
from planner.exports import Profile, list_formats, lists, make_lists
from planner.exports.format import SiteList
from planner.model import Plan
from planner.scenario import Scenario
from tests.toy import write_contents

SIGNS = (
    "=",
    "+",
    "-",
    "@",
    "＝",
    "＋",
    "－",
    "＠",
    " =",
    "\u3000=",
    "\u00a0=",
    "\u200b=",
    "\ufeff=",
    "'=",
)
PROFILES = ("operator", "tower_demand", "tower_stock")
DATUMS = ("wgs84", "cgcs2000", "gcj02", "bd09")
HALF_PLACE_DEG = 0.5e-6 + 1e-12  # lists carry six decimal places


def cells_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def read_csv(path: Path) -> pd.DataFrame:
    table = cells_of(path)
    start = next(i for i, row in enumerate(table) if "规划编号" in row)
    return pd.DataFrame(table[start + 1 :], columns=table[start])


def read_calamine(path: Path) -> pd.DataFrame:
    table = CalamineWorkbook.from_path(str(path)).get_sheet_by_name("站址清单").to_python()
    start = next(i for i, row in enumerate(table) if "规划编号" in row)
    return pd.DataFrame(table[start + 1 :], columns=table[start])


def read_openpyxl(path: Path) -> list[list[Any]]:
    book = openpyxl.load_workbook(path)
    rows = [list(row) for row in book["站址清单"].iter_rows()]
    start = next(i for i, row in enumerate(rows) if any(cell.value == "规划编号" for cell in row))
    return rows[start:]


def of(paths: tuple[Path, ...], suffix: str, *words: str) -> list[Path]:
    return [
        path for path in paths if path.suffix == suffix and all(word in path.name for word in words)
    ]


@pytest.fixture(scope="module")
def paths(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    return write_contents(tmp_path_factory.mktemp("lists"), make_lists(plan))


def test_a_list_per_network_phase_and_format_with_the_names_of_the_office(
    paths: tuple[Path, ...],
) -> None:
    assert len(paths) == 2 * 4 * len(list_formats())
    assert "亭湖区_5G站址规划清单_电信联通_一期（2020年底）_WGS84_20200930_V1.xlsx" in {
        path.name for path in paths
    }
    assert all(path.stat().st_size > 0 for path in paths)


def test_cumulative_is_the_union_of_the_phases_and_all_lists_make_up_the_plan(
    paths: tuple[Path, ...], plan: Plan
) -> None:
    seen: list[str] = []
    for network in plan.scenario.networks:
        cumulative = read_csv(*of(paths, ".csv", network.label, "累计"))["规划编号"].tolist()
        phases = [
            one
            for phase in plan.scenario.phases
            for one in read_csv(*of(paths, ".csv", network.label, phase.name))["规划编号"]
        ]
        assert cumulative == phases
        seen += cumulative
    chosen = plan.stations[plan.stations["rank"].notna()]
    assert len(seen) == len(set(seen)) == plan.scenario.counts[-1]
    assert set(seen) == set(chosen["station_id"])


@pytest.mark.parametrize("profile", PROFILES)
def test_every_list_says_whose_it_is(plan: Plan, tmp_path: Path, profile: str) -> None:
    key = plan.key[:12]
    for path in write_contents(tmp_path, make_lists(plan, profile=profile)):
        if path.suffix == ".csv":
            table = read_csv(path)
            assert set(table["方案编号"]) == ({key} if len(table) else set())
        elif path.suffix == ".geojson":
            assert json.loads(path.read_bytes())["plan_key"] == key
        else:
            book = openpyxl.load_workbook(path)
            assert book.properties.keywords == f"方案编号 {key}"
            guide = {row[0]: row[1] for row in book["填写说明"].iter_rows(values_only=True)}
            assert guide["方案编号"] == key


@pytest.mark.parametrize("profile", PROFILES)
def test_every_format_says_the_same(plan: Plan, tmp_path: Path, profile: str) -> None:
    for path in of(write_contents(tmp_path, make_lists(plan, profile=profile)), ".xlsx", "累计"):
        sheet = read_calamine(path)
        text = read_csv(path.with_suffix(".csv"))
        features = json.loads(path.with_suffix(".geojson").read_text(encoding="utf-8"))["features"]
        cells = read_openpyxl(path)
        assert (
            list(sheet)
            == list(text)
            == [cell.value for cell in cells[0]]
            == list(features[0]["properties"])
        )
        assert len(sheet) == len(text) == len(features) == len(cells) - 1
        for i, feature in enumerate(features):
            properties = feature["properties"]
            assert feature["geometry"]["coordinates"] == [properties["经度"], properties["纬度"]]
            for head, cell in zip(cells[0], cells[i + 1], strict=True):
                value = properties[head.value]
                assert cell.value == value
                assert sheet[head.value][i] == ("" if value is None else value)
                if isinstance(value, str) or value is None:
                    assert text[head.value][i] == (value or "")
                else:
                    assert float(text[head.value][i]) == pytest.approx(value, abs=0.05)


def test_each_row_tells_the_station_of_the_plan(paths: tuple[Path, ...], plan: Plan) -> None:
    rows = pd.concat([read_csv(path) for path in of(paths, ".csv", "累计")]).set_index("规划编号")
    at = plan.stations.set_index("station_id").loc[rows.index]
    assert (rows["开通次序"].astype(int) == at["rank"] + 1).all()
    assert (rows["期"].astype(int) == at["phase"]).all()
    assert (
        rows["期"]
        .astype(int)
        .map(lambda i: plan.scenario.phases[i].name)
        .eq(rows["工程期别"])
        .all()
    )
    assert set(rows["建设方式"][at["build_type"].isin(["retrofit", "co_location"])]) == {"共址"}
    assert set(rows["建设方式"][at["build_type"].str.startswith("new_")]) == {"新建"}
    states = {"open": "已开通", "retrofitted": "已改造未开通", "candidate": "规划"}
    assert (rows["状态"] == at["state"].map(states)).all()
    for number, partners in rows["共址规划编号"].items():
        expected = set(at.index[at["site_id"] == at.loc[number, "site_id"]]) - {number}
        assert set(filter(None, partners.split(";"))) == expected
    assert (rows["覆盖区域"] == np.where(at["gain_core_outdoor"] > 0, "主城区", "")).all()
    assert rows["入选理由"].str.contains("450米").eq(at["gain_road_m"] > 0).all()
    first, second = plan.stations.loc[plan.stations["rank"].isna(), "station_id"].iloc[:2]
    replaced = rows.loc[rows["开通次序"] == "120", "备选站址"]
    assert replaced.tolist() == [f"{first} 距150米 补回60%；{second} 距310米 补回<1%"]
    assert (rows["备选站址"].drop(replaced.index) == "").all()


def test_people_first_served_have_a_column_where_they_are_known(
    scenario: Scenario, plan: Plan, make: Any, tmp_path: Path
) -> None:
    head = "新增覆盖居民（人）"
    for path in of(
        write_contents(tmp_path / "known", make_lists(make(scenario, people=12.4))), ".csv", "累计"
    ):
        assert set(read_csv(path)[head]) == {"12"}
        book = (
            CalamineWorkbook.from_path(str(path.with_suffix(".xlsx")))
            .get_sheet_by_name("填写说明")
            .to_python()
        )
        (meaning,) = [text for item, text in book if item == f"列：{head}"]
        assert "首次" in meaning and "居民" in meaning
        (feature, *_) = json.loads(path.with_suffix(".geojson").read_text(encoding="utf-8"))[
            "features"
        ]
        assert feature["properties"][head] == 12
    for path in of(write_contents(tmp_path / "unknown", make_lists(plan)), ".csv", "累计"):
        guide = (
            CalamineWorkbook.from_path(str(path.with_suffix(".xlsx")))
            .get_sheet_by_name("填写说明")
            .to_python()
        )
        assert head not in read_csv(path) and not [item for item, _ in guide if head in str(item)]


def test_tower_demand_leaves_out_what_is_open_and_names_who_was_there(
    plan: Plan, tmp_path: Path
) -> None:
    paths = write_contents(tmp_path, make_lists(plan, profile="tower_demand", formats=["csv"]))
    rows = pd.concat([read_csv(path) for path in of(paths, ".csv", "累计")]).set_index("规划编号")
    at = plan.stations.set_index("station_id").loc[rows.index]
    assert set(at["state"]) == {"retrofitted", "candidate"}
    added = at["build_type"] == "co_location"
    assert (rows["原有运营商数"][added].astype(int) == 2).all()
    assert (rows["新增运营商数"].astype(int) == 2).all()
    assert (rows["原有运营商"][~added] == "").all()
    ways = rows["建设方式"][at["build_type"].str.startswith("new_")]
    assert set(ways) == {"新址新建共享", "新址新建独享"}
    assert (ways == "新址新建共享").eq(rows["是否共享"][ways.index] == "是").all()
    table = cells_of(paths[0])
    assert [head for head in table[0] if head][:3] == ["站点位置及要求", "BBU参数", "RRU参数"]


def test_new_carriers_at_a_site_are_those_who_were_not_there(
    scenario: Scenario, make: Any, tmp_path: Path
) -> None:
    """Broadcasting has a share in both networks: whoever comes second brings one carrier less."""
    mobile, telecom = (network.model_dump(mode="json") for network in scenario.networks)
    shared = {**telecom, "operators": ["电信", "联通", "广电"]}
    plan = make(scenario.replace(networks=[mobile, shared]))
    paths = write_contents(tmp_path, make_lists(plan, profile="tower_demand", formats=["csv"]))
    rows = pd.concat([read_csv(path) for path in of(paths, ".csv", "累计")]).set_index("规划编号")

    carriers = {"mobile": {"移动", "广电"}, "telecom-unicom": {"电信", "联通", "广电"}}
    there: dict[str, set[str]] = {}
    before, new = {}, {}
    for station in plan.stations.dropna(subset="rank").sort_values("rank").itertuples():
        at_site = there.setdefault(station.site_id, set())
        before[station.station_id] = len(at_site)
        new[station.station_id] = len(carriers[station.network] - at_site)
        at_site |= carriers[station.network]

    assert rows["原有运营商数"].astype(int).to_dict() == {i: before[i] for i in rows.index}
    assert rows["新增运营商数"].astype(int).to_dict() == {i: new[i] for i in rows.index}
    assert set(new.values()) == {1, 2, 3}


def test_stock_has_a_row_per_site(plan: Plan, tmp_path: Path) -> None:
    for path in of(
        write_contents(tmp_path, make_lists(plan, profile="tower_stock", formats=["csv"])),
        ".csv",
        "累计",
    ):
        rows = read_csv(path)
        assert rows["规划站址编号"].is_unique
        assert set(rows["站址编码"]) == {""}

        # who is at a site: all carriers of the plan's stations there
        planned = plan.stations[plan.stations["rank"].notna()]
        for site, carriers in zip(rows["规划站址编号"], rows["共享单位"], strict=True):
            there = set(planned.loc[planned["site_id"] == site, "network"])
            own = [network.operators for network in plan.scenario.networks if network.name in there]
            assert set(carriers.split("、")) == {name for names in own for name in names}


@pytest.mark.parametrize("datum", DATUMS)
def test_coordinates_lead_back_to_the_plan(plan: Plan, tmp_path: Path, datum: Any) -> None:
    for path in of(write_contents(tmp_path, make_lists(plan, datum=datum)), ".csv", "累计"):
        label = {"wgs84": "WGS84", "cgcs2000": "CGCS2000", "gcj02": "GCJ02", "bd09": "BD09"}[datum]
        rows = read_csv(path).set_index("规划编号")
        at = plan.stations.set_index("station_id").loc[rows.index]
        exact = convert(at["lon"], at["lat"], "wgs84", datum)
        given = rows["经度"].astype(float).to_numpy(), rows["纬度"].astype(float).to_numpy()
        for axis in (0, 1):
            assert np.abs(given[axis] - exact[axis]).max() <= HALF_PLACE_DEG
        lon, lat = convert(*given, datum, "wgs84")
        assert (
            max(np.abs(lon - at["lon"]).max(), np.abs(lat - at["lat"]).max())
            <= 1.1 * HALF_PLACE_DEG
        )
        assert set(rows["坐标系"]) == {label}
        assert f"_{label}_" in path.name
        collection = json.loads(path.with_suffix(".geojson").read_text(encoding="utf-8"))
        assert collection["datum"] == label
        assert ("不是WGS-84" in collection["note"]) == (datum in {"gcj02", "bd09"})


def test_a_reader_of_geojson_does_not_take_gcj02_for_wgs84(plan: Plan, tmp_path: Path) -> None:
    found = {}
    for datum in DATUMS:
        path = write_contents(tmp_path, make_lists(plan, datum=datum, formats=["geojson"]))[0]  # type: ignore[arg-type]
        found[datum] = pyogrio.read_info(path)["crs"]
    assert found["wgs84"] == "EPSG:4326"
    assert found["cgcs2000"] == "EPSG:4490"
    assert 'LOCAL_CS["GCJ-02"' in found["gcj02"]
    assert 'LOCAL_CS["BD-09"' in found["bd09"]


def test_nothing_in_a_list_runs(scenario: Scenario, make: Any, tmp_path: Path) -> None:
    hostile = make(scenario, hostile=True)
    paths = write_contents(tmp_path, make_lists(hostile))
    for path in of(paths, ".xlsx"):
        for row in read_openpyxl(path):
            assert all(cell.data_type != "f" and cell.hyperlink is None for cell in row)
        with zipfile.ZipFile(path) as archive:
            text = b"".join(
                archive.read(name) for name in archive.namelist() if "worksheets" in name
            )
        assert b"<f>" not in text
        assert b"hyperlink" not in text
    for path in of(paths, ".csv"):
        for row in cells_of(path):
            assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝")) for cell in row)
    names = {
        name for path in of(paths, ".xlsx", "累计") for name in read_calamine(path)["规划站点名称"]
    }
    assert {
        "=1+1",
        "007",
        "1E5",
        "{{7*7}}",
        "ab",
        "行 二",
        "http://x.example/a",
        "_x0041_",
    } <= names


def test_hostile_names_of_phases_stay_inside_the_folder(
    scenario: Scenario, make: Any, tmp_path: Path
) -> None:
    phases = [phase.model_dump() for phase in scenario.phases]
    phases[1]["name"] = "../../一期:CON|*"
    folder = tmp_path / "a" / "b"
    paths = write_contents(folder, make_lists(make(scenario.replace(phases=phases))))
    assert {path.parent for path in paths} == {folder}
    assert {path.resolve() for path in tmp_path.rglob("*") if path.is_file()} == {
        path.resolve() for path in paths
    }
    assert not any(char in path.name for path in paths for char in '<>:"/\\|?*')


def test_long_names_fit_into_file_names_and_stay_apart(
    scenario: Scenario, make: Any, tmp_path: Path
) -> None:
    tree = scenario.to_tree()
    tree["district"]["name"] = "县" * 500
    for i, part in enumerate((*tree["phases"], *tree["networks"])):
        part["label" if "label" in part else "name"] = "长" * 500 + str(i)
    named = Scenario.from_tree(tree, root=scenario.root)
    paths = write_contents(tmp_path, make_lists(make(named), formats=["csv"]))
    assert len(set(paths)) == len(paths) > 2
    assert all(len(path.name.encode()) <= 255 for path in paths)


def test_synthetic_is_said_in_every_list(
    paths: tuple[Path, ...], scenario: Scenario, make: Any, tmp_path: Path
) -> None:
    for path in of(paths, ".xlsx"):
        assert set(read_calamine(path)["数据性质"]) == {"合成数据"}
        guide = CalamineWorkbook.from_path(str(path)).get_sheet_by_name("填写说明").to_python()
        assert any("合成数据" in str(row[1]) for row in guide if row[0] == "数据性质")
    real = write_contents(tmp_path, make_lists(make(scenario, basis="evidence"), formats=["csv"]))
    assert set(read_csv(real[0])["数据性质"]) == {"规划结果"}


def test_cells_have_a_sheet_where_the_radio_has_sectors(
    scenario: Scenario, make: Any, tmp_path: Path
) -> None:
    path = write_contents(
        tmp_path, make_lists(make(scenario, sectors=(0.0, 120.0, 240.0)), formats=["xlsx"])
    )[0]
    book = CalamineWorkbook.from_path(str(path))
    assert book.sheet_names == ["填写说明", "站址清单", "小区参数"]
    head, *cells = book.get_sheet_by_name("小区参数").to_python()
    stations = read_calamine(path)
    assert (stations["小区数"] == 3).all()
    assert len(cells) == 3 * len(stations)
    assert [row[head.index("方位角（度）")] for row in cells[:3]] == [0, 120, 240]
    tilts = ("机械下倾角（度）", "电子下倾角（度）", "总下倾角（度）")
    assert [cells[0][head.index(tilt)] for tilt in tilts] == [2, 9, 11]
    assert [row[head.index("规划编号")] for row in cells[::3]] == stations["规划编号"].tolist()
    assert {row[head.index("cellId")] for row in cells} == {""}


def test_same_plan_same_bytes_whenever(plan: Plan) -> None:
    first = make_lists(plan)
    time.sleep(2.1)  # zip times have a resolution of two seconds
    assert make_lists(plan) == first


def test_a_profile_of_the_office_replaces_heads_and_order(plan: Plan, tmp_path: Path) -> None:
    profile = tmp_path / "own.yaml"
    profile.write_text(
        "title: 自定清单\ncolumns:\n- {head: 编号, field: station_id}\n- {head: 电话}\n- {head: "
        "期别, field: phase}\n",
        encoding="utf-8",
    )
    path = write_contents(tmp_path, make_lists(plan, profile=profile, formats=["csv"]))[0]
    rows = cells_of(path)
    assert rows[0] == ["编号", "电话", "期别"]
    assert rows[1][1] == ""
    assert "自定清单" in path.name


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("title: x\ncolumns: [{head: 编号, field: station_ids}]", "station_id"),
        ("title: x\ncolumns: [{head: 名称, field: name}]", "station_id"),
        ("title: x\ncolumns: [{head: a, field: station_id}, {head: a}]", "a"),
        ("title: x\ncolum: []", "colum"),
        ("- 1", "mapping"),
    ],
)
def test_a_bad_profile_is_refused_by_name(plan: Plan, tmp_path: Path, text: str, word: str) -> None:
    (tmp_path / "bad.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError, match=word):
        make_lists(plan, profile=tmp_path / "bad.yaml")


@pytest.mark.parametrize(
    "wrong", [{"datum": "wgs72"}, {"formats": ["xls"]}, {"profile": "carrier"}]
)
def test_what_is_not_known_is_refused(plan: Plan, wrong: dict[str, Any]) -> None:
    with pytest.raises(ScenarioError, match="known"):
        make_lists(plan, **wrong)


def test_a_list_that_reads_back_short_is_an_error(
    plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = list_formats()

    def without_last_row(one: SiteList) -> bytes:
        return b"\n".join(known["csv"].write(one).split(b"\n")[:-2]) + b"\n"

    short = dataclasses.replace(known["csv"], write=without_last_row)
    monkeypatch.setattr(lists, "list_formats", lambda: {**known, "csv": short})
    with pytest.raises(StorageError, match="read back"):
        make_lists(plan, formats=["csv"])


def test_two_lists_never_share_a_name(scenario: Scenario, make: Any) -> None:
    phases = [phase.model_dump() for phase in scenario.phases]
    phases[1]["name"] = "累计"
    with pytest.raises(StorageError, match="two lists"):
        make_lists(make(scenario.replace(phases=phases)), formats=["csv"])


@pytest.mark.parametrize("name", PROFILES)
def test_packaged_profiles_fill_no_name_or_phone(name: str) -> None:
    empty = {column.head for column in Profile.load(name).columns if not column.field}
    assert empty & {"备注", "站址编码"}


@pytest.mark.office
def test_libreoffice_finds_no_formula(scenario: Scenario, make: Any, tmp_path: Path) -> None:
    hostile = make(scenario, hostile=True)
    names = [f"{sign}{i}+1" for i, sign in enumerate(SIGNS)]
    stations = hostile.stations.assign(name=np.resize(names, len(hostile.stations)))
    data = dict(
        make_lists(dataclasses.replace(hostile, stations=stations), formats=["csv", "xlsx"])
    )
    for suffix in (".csv", ".xlsx"):
        name = next(name for name in data if name.endswith(suffix))
        (tmp_path / f"made{suffix}").write_bytes(data[name])
    (tmp_path / "raw.csv").write_text("name\n=1+1\n", encoding="utf-8-sig")

    formulas = {name: formulas_of(tmp_path, name) for name in ("made.csv", "made.xlsx", "raw.csv")}
    assert formulas == {"made.csv": 0, "made.xlsx": 0, "raw.csv": 1}


def formulas_of(folder: Path, name: str) -> int:
    """Cells of a file that LibreOffice takes for formulas, asked to evaluate them."""
    reading = ["--infilter=CSV:44,34,76,1,,0,false,true,,,,,true"] * name.endswith(".csv")
    home = f"-env:UserInstallation={(folder / 'home').as_uri()}"
    command = ["soffice", home, "--headless", *reading, "--convert-to", "fods", "--outdir", "back"]
    subprocess.run([*command, name], cwd=folder, check=True, capture_output=True, timeout=120)
    (back,) = (folder / "back").glob("*.fods")
    text = back.read_text(encoding="utf-8")
    back.unlink()
    assert "<table:table-row" in text
    return text.count("table:formula=")


@pytest.mark.office
def test_libreoffice_reads_every_row_and_runs_nothing(
    scenario: Scenario, make: Any, tmp_path: Path
) -> None:
    hostile = make(scenario, hostile=True)
    for path in write_contents(tmp_path, make_lists(hostile, formats=["xlsx", "csv"]))[:2]:
        (tmp_path / f"made{path.suffix}").write_bytes(path.read_bytes())
        reading = ["--infilter=CSV:44,34,76,1"] if path.suffix == ".csv" else []
        writing = "csv:Text - txt - csv (StarCalc):44,34,76,1" + (
            ",,0,false,true,false,false,false,2" * (not reading)
        )
        home = f"-env:UserInstallation={(tmp_path / 'home').as_uri()}"
        command = [
            "soffice",
            home,
            "--headless",
            *reading,
            "--convert-to",
            writing,
            "--outdir",
            "back",
        ]
        subprocess.run(
            [*command, f"made{path.suffix}"],
            cwd=tmp_path,
            check=True,
            capture_output=True,
            timeout=120,
        )
        (back,) = (tmp_path / "back").glob("made*.csv")
        head, *rows = cells_of(back)
        back.unlink()
        written = read_csv(path.with_suffix(".csv"))
        found = pd.DataFrame(rows, columns=head)
        assert found["规划编号"].tolist() == written["规划编号"].tolist()
        assert found["经度"].astype(float).tolist() == written["经度"].astype(float).tolist()
        # in a CSV nothing says that 007 and 1E5 are texts; in a workbook the cell does
        is_text = ~written["规划站点名称"].isin(["007", "1E5"]) | (path.suffix == ".xlsx")
        expected = (
            written["规划站点名称"] if reading else written["规划站点名称"].str.removeprefix("'")
        )
        assert found["规划站点名称"][is_text].tolist() == expected[is_text].tolist()
