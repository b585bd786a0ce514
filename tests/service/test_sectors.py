"""Sectors and coverage of the toy county against a plain recomputation of single links."""

from __future__ import annotations

import csv
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

import planner
from planner import fields as F
from planner import radio
from planner.console import explanation_text
from planner.exports import make_lists
from planner.layers import read_layers
from planner.layers.findings import Findings
from planner.layers.kinds.optional import Optional
from planner.layers.kinds.sectors import read_sectors
from planner.layers.notices import NOTICES
from planner.layers.tables import Table
from planner.model import Model
from planner.plan import explain
from planner.words import language
from tests.toy import write_contents, write_toy_county


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return planner.build(
        planner.Scenario.from_file(write_toy_county(tmp_path_factory.mktemp("toy")))
    )


def azimuths(text: str) -> list[float]:
    return [float(a) for a in text.split("/")]


def test_every_station_has_three_sectors_and_a_reason(model: Model) -> None:
    table = model.stations.table
    for text in table[F.AZIMUTHS_DEG]:
        turns = azimuths(text)
        assert len(turns) == 3 and turns == sorted(turns) and all(0 <= a < 360 for a in turns)
    assert set(table["azimuth_reason"]) <= {"road", "demand", "default"}
    assert table["tilt_deg"].between(0, 15).all()
    assert table.groupby(F.SITE_ID)[F.AZIMUTHS_DEG].nunique().eq(1).all(), (
        "stations of a site look the same ways"
    )


def test_a_site_on_the_trunk_road_looks_along_it(model: Model) -> None:
    table, points = model.stations.table, model.demand.points
    chain = model.demand.roads.index[model.demand.roads["ref"] == "G902"][0]  # runs due north
    road = points[points[F.ROAD] == chain]
    x = road[F.X_M].mean()
    on_it = table[(abs(table[F.X_M] - x) < 60) & (table["azimuth_reason"] == "road")]
    on_it = on_it[on_it[F.Y_M].between(road[F.Y_M].quantile(0.5), road[F.Y_M].max())]
    assert len(on_it) > 0
    for text in on_it[F.AZIMUTHS_DEG]:
        along = [min(abs((a - way + 180) % 360 - 180) for a in azimuths(text)) for way in (0, 180)]
        assert max(along) <= 2.0


def test_a_pair_is_covered_when_its_own_budget_holds(model: Model) -> None:
    """SS-RSRP of the best sector, written out for single pairs with the public formulas."""
    scenario, table = model.scenario, model.stations.table
    points, rows, cover = model.demand.points, model.demand.rows, model.coverage.cover
    rng = np.random.default_rng(11)
    seen = {True: 0, False: 0}
    for i in rng.permutation(len(rows))[:4000]:
        if min(seen.values()) >= 40:
            break
        row = rows.iloc[i]
        place = points.iloc[row[F.POINT]]
        network = scenario.network_names[row[F.NETWORK]]
        near = np.hypot(table[F.X_M] - place[F.X_M], table[F.Y_M] - place[F.Y_M])
        candidates = np.flatnonzero(
            (table[F.NETWORK] == network) & (table[F.BAND] != "n28") & near.between(15, 1500)
        )
        j = int(rng.choice(candidates))
        station = table.iloc[j]
        # mean, deviation of the entry, and that of the path: 6 dB in UMa, 8 in RMa, 7 and 8 indoors
        mean, spread = 0.0, 0.0
        path = 8.0 if station[F.SCENE] == "rural" else 6.0
        if row[F.LEVEL] == 1 and place[F.ROAD] >= 0:
            mean, spread = 9.0, 5.0
        elif row[F.LEVEL] == 1:
            mean = radio.wall_entry("tr-low", scenario.bands[station[F.BAND]].f_ghz).median_db
            spread, path = 4.4, max(path, 7.0)
        taken = mean + 1.2815516 * np.hypot(path, spread)
        margin = signal_margin(model, station, place, near.iloc[j], taken)
        if (
            abs(margin) < 0.05
        ):  # rounding of azimuths to whole degrees is exact; this is for the last bits only
            continue
        assert bool(cover[i, j]) == (margin >= 0)
        seen[margin >= 0] += 1
    assert min(seen.values()) >= 40


ON_AIR = ("75", "250/10/130.5", "0/60/120/180/240/300", "", "360/90")
IDENTITIES = ("9", "5/6/7", "", "", "30/31")
READY = "90/270"


def with_azimuths(folder: Path) -> Path:
    """The county with azimuths for four open stations and for its last retrofitted one, 站11."""
    path = write_toy_county(folder)
    sites = folder / "sites.csv"
    head, *rows = sites.read_text(encoding="utf-8").splitlines()
    turns = (*ON_AIR, *[""] * (len(rows) - len(ON_AIR) - 1), READY)
    pcis = (*IDENTITIES, *[""] * (len(rows) - len(IDENTITIES)))
    lines = [
        f"{head},方位角（度）,pci",
        *(f"{row},{a},{p}" for row, a, p in zip(rows, turns, pcis, strict=True)),
    ]
    sites.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return planner.build(
        planner.Scenario.from_file(with_azimuths(tmp_path_factory.mktemp("listed")))
    )


@pytest.fixture(scope="module")
def listed_plan(listed: Model) -> planner.Plan:
    return planner.solve(listed)


def test_azimuths_of_the_site_list_are_kept_and_the_others_proposed(
    model: Model, listed: Model
) -> None:
    before, after = (m.stations.table.set_index(F.STATION_ID) for m in (model, listed))
    by_name = after[after[F.STATE] != "candidate"].set_index(F.NAME)
    wanted = {
        "站01": "75",
        "站02": "250/10/130.5",
        "站03": "0/60/120/180/240/300",
        "站05": "0/90",
        "站11": READY,
    }
    assert by_name.loc[list(wanted), F.AZIMUTHS_DEG].to_dict() == wanted
    reasons = by_name.loc[list(wanted), "azimuth_reason"].tolist()
    assert reasons == ["on_air"] * 4 + ["rebuilt"]
    others = ~after.index.isin(after.index[after["azimuth_reason"].isin(("on_air", "rebuilt"))])
    assert (~others).sum() == len(wanted)
    columns = [F.AZIMUTHS_DEG, "azimuth_reason", "tilt_deg"]
    assert after.loc[others, columns].equals(before.loc[others, columns])
    assert list(after.columns) == list(before.columns)


def test_coverage_and_cells_follow_the_listed_azimuths(
    listed: Model, listed_plan: planner.Plan
) -> None:
    table, points, rows = listed.stations.table, listed.demand.points, listed.demand.rows
    place = table.index[table["azimuth_reason"].isin(("on_air", "rebuilt"))]
    rng = np.random.default_rng(3)
    for j in place:
        station = table.loc[j]
        near = np.hypot(points[F.X_M] - station[F.X_M], points[F.Y_M] - station[F.Y_M])[
            rows[F.POINT]
        ].to_numpy()
        own = (rows[F.NETWORK] == listed.scenario.network_names.index(station[F.NETWORK])) & (
            rows[F.LEVEL] == 0
        )
        for i in rng.permutation(np.flatnonzero(own.to_numpy() & (near > 15) & (near < 900)))[:150]:
            taken = 1.2815516 * (8.0 if station[F.SCENE] == "rural" else 6.0)
            margin = signal_margin(
                listed, station, points.iloc[rows[F.POINT].iloc[i]], near[i], taken
            )
            assert abs(margin) < 0.05 or bool(listed.coverage.cover[i, j]) == (margin >= 0)
    for name, turns, identities in zip(
        ("站01", "站02", "站03", "站04", "站05"), ON_AIR, IDENTITIES, strict=True
    ):
        station = table.loc[
            (table[F.NAME] == name) & (table[F.STATE] == "open"), F.STATION_ID
        ].item()
        cells = listed_plan.cells[listed_plan.cells[F.STATION_ID] == station]
        if turns:
            assert cells["azimuth_deg"].tolist() == [a % 360 for a in azimuths(turns)], (
                "in the order of the list"
            )
        assert cells["cell_id"].tolist() == [f"{station}-{n}" for n in range(1, len(cells) + 1)]
        if identities:
            assert cells["pci"].tolist() == [int(pci) for pci in identities.split("/")]


def test_the_reason_says_on_air_as_listed(listed_plan: planner.Plan, listed: Model) -> None:
    table = listed.stations.table
    said = (
        ("站01", "现网方位角，按站址表所列", "on air, as listed"),
        ("站11", "已改造站", "rebuilt, as listed"),
    )
    for name, zh, en in said:
        station = table.loc[
            (table[F.NAME] == name) & (table[F.STATE] != "candidate"), F.STATION_ID
        ].item()
        why = explain(listed_plan, listed, station)
        texts = {code: explanation_text(why, listed_plan, language(code)) for code in ("zh", "en")}
        assert zh in texts["zh"] and en in texts["en"]


def test_an_exported_list_comes_back_as_sites_with_its_azimuths(
    listed: Model, listed_plan: planner.Plan, tmp_path: Path
) -> None:
    scenario = listed.scenario
    files = write_contents(tmp_path / "lists", make_lists(listed_plan, formats=("csv",)))
    whole = pd.concat(
        [pd.read_csv(file, dtype=str) for file in files if "累计" in file.name], ignore_index=True
    )
    of_today = whole[whole["状态"].isin(("已开通", "已改造未开通"))]
    source = dict(zip(of_today["规划站点名称"], of_today["方位角依据"], strict=True))
    assert source["站01"] == "站址表所列" and source["站04"] == "规划值"
    again = write_toy_county(tmp_path / "again")
    of_today.to_csv(again.parent / "sites.csv", index=False, encoding="utf-8-sig")
    back = planner.build(planner.Scenario.from_file(again))
    columns = [F.STATION_ID, F.STATE, F.AZIMUTHS_DEG]
    before, after = (
        m.stations.table.query("state != 'candidate'")[columns] for m in (listed, back)
    )
    assert len(after) == 11 and after.reset_index(drop=True).equals(before.reset_index(drop=True))
    cells = planner.solve(back).cells.set_index("cell_id")["pci"]
    known = listed_plan.cells.set_index("cell_id")["pci"]
    for row in after.itertuples():
        for n in range(1, row.azimuths_deg.count("/") + 2):
            assert cells[f"{row.station_id}-{n}"] == known[f"{row.station_id}-{n}"]
    assert back.scenario.counts == scenario.counts


def test_a_plan_with_listed_azimuths_reads_back_and_builds_the_same_model(
    listed: Model, listed_plan: planner.Plan, tmp_path: Path
) -> None:
    listed_plan.save(tmp_path)
    plan = planner.Plan.load(tmp_path)
    again = planner.build(plan.scenario, layers=plan.layers)
    assert (
        again.stations.table[F.AZIMUTHS_DEG].tolist()
        == listed.stations.table[F.AZIMUTHS_DEG].tolist()
    )
    assert (again.coverage.cover != listed.coverage.cover).nnz == 0


def test_a_workbook_says_the_same_whether_a_lone_azimuth_is_a_number_or_text(
    listed: Model, tmp_path: Path
) -> None:
    path = with_azimuths(tmp_path)
    with (tmp_path / "sites.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    with xlsxwriter.Workbook(tmp_path / "sites.xlsx") as book:
        tab = book.add_worksheet("工参")
        for i, row in enumerate(rows):
            for j, cell in enumerate(row):
                tab.write_number(i, j, float(cell)) if cell in ("75", "9") else tab.write_string(
                    i, j, cell
                )
    scenario = planner.Scenario.from_file(path).replace(inputs={"sites": "sites.xlsx"})
    sites = read_layers(scenario).sites
    assert sites[F.AZIMUTHS_DEG].tolist() == listed.layers.sites[F.AZIMUTHS_DEG].tolist()
    assert sites[F.PCIS].tolist() == listed.layers.sites[F.PCIS].tolist()


DEGREE = st.floats(0, 359.99).map(lambda turn: round(turn, 2))


@given(st.lists(DEGREE, min_size=1, max_size=6, unique=True), st.sampled_from(["/", " / ", "／"]))
def test_any_six_directions_are_read_as_they_are_written(turns: list[float], between: str) -> None:
    findings = Findings(NOTICES)
    read = read_azimuths(between.join(f"{turn:g}" for turn in turns), findings)
    assert not [notice for notice in findings.notices if notice.severity != "I"]
    assert list(read) == [float(f"{turn:g}") for turn in turns]


@given(st.text(alphabet="0123456789/.-+eE nan无，／０\x00=", max_size=40))
def test_whatever_stands_there_is_sectors_or_a_named_finding(text: str) -> None:
    findings = Findings(NOTICES)
    turns = read_azimuths(text, findings)
    doubts = [notice for notice in findings.notices if notice.severity != "I"]
    for notice in doubts:
        assert (notice.file, notice.line, notice.column) == ("sites.csv", 2, "方位角")
        assert notice.zh and notice.en and notice.fix_zh and notice.fix_en
    assert findings.errors == 0
    assert bool(turns) != bool(doubts or not text.strip())
    assert len(set(turns)) == len(turns) <= 6 and all(0 <= turn < 360 for turn in turns)


def read_azimuths(text: str, findings: Findings) -> tuple[float, ...]:
    """The cell as the reader of sites takes it; cells of a table that was read are trimmed."""
    frame = pd.DataFrame({"方位角": [text.strip()]}, index=[2], dtype=object)
    table = Table(SimpleNamespace(name="sites.csv"), frame, {F.AZIMUTHS_DEG: "方位角"}, {})  # type: ignore[arg-type]
    (read,) = read_sectors(Optional(table, findings))
    return read.azimuths


def signal_margin(
    model: Model, station: object, place: object, distance: float, taken: float
) -> float:
    """SS-RSRP over the threshold at the terminal, so much taken off, dB."""
    scenario = model.scenario
    band = scenario.bands[station[F.BAND]]  # type: ignore[index]
    propagation = scenario.radio.scenes[station[F.SCENE]]  # type: ignore[index]
    height = station[F.HEIGHT_M]  # type: ignore[index]
    loss = radio.path_loss(propagation.model, distance, band.f_ghz, los=False, h_bs_m=height)
    bearing = radio.bearing_deg(
        [station[F.X_M], station[F.Y_M]],
        [place[F.X_M], place[F.Y_M]],  # type: ignore[index]
    )
    down = np.degrees(np.arctan2(height - 1.5, distance))
    best = max(
        float(
            radio.attenuation(
                band.antenna, bearing - a, down, electrical_tilt_deg=station["tilt_deg"]
            )
        )  # type: ignore[index]
        for a in azimuths(station[F.AZIMUTHS_DEG])  # type: ignore[index]
    )
    power = 10 * np.log10(band.power_w * 1e3) - 10 * np.log10(band.n_prb * 12)
    rsrp = power + band.beam_gain_dbi + best - loss - taken
    return float(rsrp + 105.0)


def test_sectors_cover_less_than_the_same_gain_all_round(model: Model, tmp_path: Path) -> None:
    alike = {"antenna": {"side_lobe_db": 0.0, "front_to_back_db": 0.0}}
    base = planner.Scenario.from_file(write_toy_county(tmp_path))
    around = planner.build(base.replace(bands=dict.fromkeys(("n28", "n41", "n78"), alike)))
    lost = (model.coverage.cover > around.coverage.cover).nnz
    assert lost == 0 and model.coverage.cover.nnz < around.coverage.cover.nnz


def with_antennas(folder: Path, rows: list[str]) -> planner.Scenario:
    path = write_toy_county(folder, inputs={"antennas": "antennas.csv"})
    (folder / "antennas.csv").write_text(
        "\n".join(["band,cut,angle_deg,loss_db", *rows]) + "\n", encoding="utf-8"
    )
    return planner.Scenario.from_file(path)


def test_a_measured_pattern_takes_the_place_of_the_formula(model: Model, tmp_path: Path) -> None:
    around = [
        f"n78,{cut},{angle},0" for cut in ("horizontal", "vertical") for angle in (0, 90, 180, 270)
    ]
    measured = planner.build(with_antennas(tmp_path, around))
    table = model.stations.table
    for band, grows in (("n78", True), ("n41", False)):
        mine = (table[F.BAND] == band).to_numpy()
        before, after = (m.coverage.cover[:, mine].nnz for m in (model, measured))
        assert (after > before) if grows else (after == before)


def test_a_bad_row_of_a_pattern_is_named(tmp_path: Path) -> None:
    with pytest.raises(planner.InputError) as refused:
        planner.build(
            with_antennas(tmp_path, ["n99,horizontal,0,0", "n78,sideways,0,0", "n78,vertical,0,-3"])
        )
    found = {
        (notice.line, notice.column) for notice in refused.value.notices if notice.severity == "E"
    }
    assert {(2, "band"), (3, "cut"), (4, "loss_db")} <= found


def test_two_angles_that_cannot_be_read_are_not_one_angle_twice(tmp_path: Path) -> None:
    rows = ["n78,horizontal,north,0", "n78,horizontal,ahead,3", "n78,vertical,0,0"]
    with pytest.raises(planner.InputError) as refused:
        planner.build(with_antennas(tmp_path, rows))
    found = [(n.code, n.line) for n in refused.value.notices if n.severity == "E"]
    assert found == [("invalid_number", 2), ("invalid_number", 3)]
