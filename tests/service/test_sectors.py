"""Sectors and coverage of the toy county against a plain recomputation of single links."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import planner
from planner import fields as F
from planner import radio
from planner.model import Model
from tests.toy import write_toy_county


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return planner.build(planner.Scenario.from_file(write_toy_county(tmp_path_factory.mktemp("toy"))))


def azimuths(text: str) -> list[float]:
    return [float(a) for a in text.split("/")]


def test_every_station_has_three_sectors_and_a_reason(model: Model) -> None:
    table = model.stations.table
    for text in table[F.AZIMUTHS_DEG]:
        turns = azimuths(text)
        assert len(turns) == 3 and turns == sorted(turns) and all(0 <= a < 360 for a in turns)
    assert set(table["azimuth_reason"]) <= {"road", "demand", "default"}
    assert table["tilt_deg"].between(0, 15).all()
    assert table.groupby(F.SITE_ID)[F.AZIMUTHS_DEG].nunique().eq(1).all(), "stations of a site look the same ways"


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
        candidates = np.flatnonzero((table[F.NETWORK] == network) & (table[F.BAND] != "n28") & near.between(15, 1500))
        j = int(rng.choice(candidates))
        station = table.iloc[j]
        if row[F.LEVEL] == 1 and place[F.ROAD] >= 0:
            taken = scenario.radio.vehicle_loss_db
        else:
            taken = scenario.bands[station[F.BAND]].indoor_loss_db if row[F.LEVEL] == 1 else 0.0
        margin = signal_margin(model, station, place, near.iloc[j], taken)
        if abs(margin) < 0.05:  # rounding of azimuths to whole degrees is exact; this is for the last bits only
            continue
        assert bool(cover[i, j]) == (margin >= 0)
        seen[margin >= 0] += 1
    assert min(seen.values()) >= 40


def signal_margin(model: Model, station: object, place: object, distance: float, taken: float) -> float:
    """SS-RSRP over the threshold at the terminal, margin and penetration taken off, dB."""
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
        float(radio.attenuation(band.antenna, bearing - a, down, electrical_tilt_deg=station["tilt_deg"]))  # type: ignore[index]
        for a in azimuths(station[F.AZIMUTHS_DEG])  # type: ignore[index]
    )
    power = 10 * np.log10(band.power_w * 1e3) - 10 * np.log10(band.n_prb * 12)
    rsrp = power + band.beam_gain_dbi + best - loss - taken - scenario.radio.margin_db[propagation.model]
    return float(rsrp + 105.0)


def test_sectors_cover_less_than_the_same_gain_all_round(model: Model, tmp_path: Path) -> None:
    alike = {"antenna": {"side_lobe_db": 0.0, "front_to_back_db": 0.0}}
    base = planner.Scenario.from_file(write_toy_county(tmp_path))
    around = planner.build(base.replace(bands=dict.fromkeys(("n28", "n41", "n78"), alike)))
    lost = (model.coverage.cover > around.coverage.cover).nnz
    assert lost == 0 and model.coverage.cover.nnz < around.coverage.cover.nnz


def with_antennas(folder: Path, rows: list[str]) -> planner.Scenario:
    path = write_toy_county(folder, inputs={"antennas": "antennas.csv"})
    (folder / "antennas.csv").write_text("\n".join(["band,cut,angle_deg,loss_db", *rows]) + "\n", encoding="utf-8")
    return planner.Scenario.from_file(path)


def test_a_measured_pattern_takes_the_place_of_the_formula(model: Model, tmp_path: Path) -> None:
    around = [f"n78,{cut},{angle},0" for cut in ("horizontal", "vertical") for angle in (0, 90, 180, 270)]
    measured = planner.build(with_antennas(tmp_path, around))
    table = model.stations.table
    for band, grows in (("n78", True), ("n41", False)):
        mine = (table[F.BAND] == band).to_numpy()
        before, after = (m.coverage.cover[:, mine].nnz for m in (model, measured))
        assert (after > before) if grows else (after == before)


def test_a_bad_row_of_a_pattern_is_named(tmp_path: Path) -> None:
    with pytest.raises(planner.InputError) as refused:
        planner.build(with_antennas(tmp_path, ["n99,horizontal,0,0", "n78,sideways,0,0", "n78,vertical,0,-3"]))
    found = {(notice.line, notice.column) for notice in refused.value.notices if notice.severity == "E"}
    assert {(2, "band"), (3, "cut"), (4, "loss_db")} <= found
