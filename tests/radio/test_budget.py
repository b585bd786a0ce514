"""Link budgets against hand calculation and the packaged ranges."""

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner import radio
from planner.errors import ValidityError

RADIO = radio.RadioParameters()


@pytest.mark.parametrize(
    ("band", "scene", "wall", "metres"),
    [
        ("n78", "urban", "none", 571),
        ("n78", "urban", "tr-low", 177),
        ("n41", "urban", "none", 665),
        ("n41", "urban", "tr-low", 212),
        ("n28", "urban", "none", 1390),
        ("n28", "urban", "tr-low", 501),
        ("n78", "rural", "none", 952),
        ("n41", "rural", "none", 1111),
        ("n28", "rural", "none", 2342),
    ],
)
def test_packaged_ranges(band, scene, wall, metres):
    known = radio.BANDS[band]
    entry = radio.wall_entry(wall, known.f_ghz)
    budget = radio.link_budget(RADIO, known, RADIO.scenes[scene], entry)
    assert budget.range_m == pytest.approx(metres, abs=0.6)
    assert budget.limit == "downlink"


def test_power_per_resource_element():
    # 200 W = 53.01 dBm over 273 PRB of 12 subcarriers
    assert radio.BANDS["n78"].epre_dbm == pytest.approx(17.86, abs=0.005)
    assert radio.BANDS["n28"].epre_dbm == pytest.approx(10 * math.log10(240e3 / 1920))


def rows_of(budget):
    return {row.term: row.value for row in budget.rows}


def test_the_rows_alone_give_the_result():
    """What a radio engineer does with the printed table, and nothing else."""
    budget = radio.link_budget(
        RADIO, radio.BANDS["n28"], RADIO.scenes["rural"], RADIO.vehicle_entry(), rsrp_dbm=-110.0
    )
    row = rows_of(budget)
    epre = 10 * math.log10(row["power_w"] * 1e3) - 10 * math.log10(row["subcarriers"])
    taken = row["margin_db"] + row["penetration_db"]
    down = epre + row["beam_gain_dbi"] - row["rsrp_dbm"] - taken
    noise = (
        row["noise_density"]
        + 10 * math.log10(row["ul_blocks"] * row["prb_khz"] * 1e3)
        + row["gnb_noise_figure_db"]
        + row["ul_interference_db"]
    )
    up = row["ue_power_dbm"] + row["traffic_gain_dbi"] - (noise + row["snr_db"]) - taken
    assert down == pytest.approx(row["dl_max_loss_db"], abs=1e-9)
    assert up == pytest.approx(row["ul_max_loss_db"], abs=1e-9)
    assert budget.max_loss_db == pytest.approx(min(down, up))
    loss = radio.path_loss("RMa", row["range_m"], row["f_ghz"], los=False, h_bs_m=row["height_m"])
    assert loss == pytest.approx(budget.max_loss_db, abs=1e-6)
    assert all(r.unit and r.source and r.term for r in budget.rows)
    # the uplink figures carry exactly the asked rate
    bits = row["ul_blocks"] * row["prb_khz"] * 1e3 * row["ul_share"]
    assert bits * 0.4 * math.log2(1 + 10 ** (row["snr_db"] / 10)) / 1e6 >= row["ul_mbps"] - 1e-9


def test_a_weak_uplink_limits():
    hard = RADIO.model_copy(update={"ul_mbps": 40.0})
    budget = radio.link_budget(hard, radio.BANDS["n78"], RADIO.scenes["urban"])
    assert budget.limit == "uplink"
    assert budget.range_m < 571
    impossible = RADIO.model_copy(update={"ul_mbps": 900.0})
    with pytest.raises(ValidityError, match="900"):
        radio.link_budget(impossible, radio.BANDS["n78"], RADIO.scenes["urban"])


@settings(deadline=None)
@given(st.floats(0.5, 40), st.integers(1, 4))
def test_uplink_choice_of_blocks_is_the_best(rate, k):
    band = radio.BANDS["n41"]
    hard = RADIO.model_copy(update={"ul_mbps": rate})
    blocks, snr, power = radio.uplink_sensitivity(hard, band)
    other = min(max(blocks + (k - 2) * 20, 1), band.n_prb)
    efficiency = rate * 1e6 / (band.ul_share * other * band.prb_hz)
    if efficiency <= 2.0:
        need = max(10 * math.log10(2 ** (efficiency / 0.4) - 1), -10)
        assert power <= -174 + 10 * math.log10(other * band.prb_hz) + 6.5 + need + 1e-9
    assert snr >= -10


def test_the_margin_follows_from_a_probability():
    chosen = RADIO.model_copy(update={"edge_probability": 0.95})
    budget = radio.link_budget(chosen, radio.BANDS["n78"], RADIO.scenes["urban"])
    assert rows_of(budget)["margin_db"] == pytest.approx(1.6449 * 6, abs=1e-3)
    with pytest.raises(ValueError, match="not both"):
        radio.RadioParameters(edge_probability=0.9, area_probability=0.95)


def sources_of(parameters, band, entry=radio.OUTDOORS, scene="urban"):
    budget = radio.link_budget(parameters, band, parameters.scenes[scene], entry)
    return {row.term: row.source for row in budget.rows}


def test_a_changed_value_is_not_given_the_default_source():
    changed = RADIO.model_copy(update={"vehicle_loss_db": 12.0})
    budget = radio.link_budget(
        changed, radio.BANDS["n78"], RADIO.scenes["rural"], changed.vehicle_entry()
    )
    row = next(r for r in budget.rows if r.term == "penetration_db")
    assert (row.value, row.source) == (12.0, "scenario")


@pytest.mark.parametrize("name", radio.BANDS)
def test_a_packaged_band_names_its_sources(name):
    assert (
        "scenario"
        not in sources_of(RADIO, radio.BANDS[name], radio.wall_entry("tr-low", 3.5)).values()
    )


def test_a_changed_band_is_the_scenario_s():
    strong = radio.BANDS["n78"].model_copy(update={"power_w": 320.0})
    sources = sources_of(RADIO, strong)
    changed = {term for term, source in sources.items() if source == "scenario"}
    assert changed == {"power_w"}
    # a carrier of which nothing is packaged, though some figures are the same
    other = radio.BANDS["n78"].model_copy(update={"f_ghz": 4.85})
    sources = sources_of(RADIO, other)
    assert {sources[term] for term in ("f_ghz", "power_w", "subcarriers")} == {"scenario"}


def test_a_measured_deviation_is_told_of_its_own_scene_alone():
    urban = RADIO.scenes["urban"].model_copy(update={"sigma_db": 7.5})
    changed = RADIO.model_copy(update={"scenes": {**RADIO.scenes, "urban": urban}})
    assert sources_of(changed, radio.BANDS["n78"])["sigma_db"] == "scenario"
    rural = sources_of(changed, radio.BANDS["n78"], scene="rural")
    assert rural["sigma_db"] == "3GPP TR 38.901 V17, Table 7.4.1-1"


def test_a_range_names_its_model_once(monkeypatch):
    table = radio.MODELS["UMa"].source
    assert sources_of(RADIO, radio.BANDS["n78"])["range_m"] == f"{table}, UMa NLOS"
    named = replace(radio.MODELS["UMa"], source=f"{table}, UMa")
    monkeypatch.setitem(radio.MODELS, "UMa", named)
    assert sources_of(RADIO, radio.BANDS["n78"])["range_m"] == f"{table}, UMa NLOS"


def test_height_of_the_site_wins_and_is_checked():
    low, high = (
        radio.link_budget(RADIO, radio.BANDS["n41"], RADIO.scenes["rural"].at(h_bs_m))
        for h_bs_m in (20.0, 60.0)
    )
    assert low.range_m < 1108 < high.range_m
    short = radio.Propagation(model="RMa", h_bs_m=8.0)
    with pytest.raises(ValidityError, match="h_bs_m"):
        radio.link_budget(RADIO, radio.BANDS["n41"], short)


def test_streets_and_buildings_of_a_scene_count():
    wide = radio.Propagation(model="UMa", h_bs_m=25.0, street_width_m=40.0, building_height_m=12.0)
    usual = radio.link_budget(RADIO, radio.BANDS["n78"], RADIO.scenes["urban"])
    budget = radio.link_budget(RADIO, radio.BANDS["n78"], wide)
    # M.2135-1: 7.1 lg(40 / 20) - 7.5 lg(12 / 20) + 3.7 (20^2 - 12^2) / 25^2 lg(25) dB less is lost
    less = 7.1 * math.log10(2) - 7.5 * math.log10(0.6)
    less += 3.7 * (20**2 - 12**2) / 25**2 * math.log10(25)
    expected = math.hypot(usual.range_m, 23.5) * 10 ** (less / 39.08)
    assert math.hypot(budget.range_m, 23.5) == pytest.approx(expected, rel=1e-6)
