"""Bands by their 3GPP names: tables of resource blocks, spacings, and what fits together."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from pydantic import ValidationError

from planner import radio
from planner.errors import ScenarioError
from planner.scenario import Scenario
from tests.toy import SCENARIO

RADIO = radio.RadioParameters()


@pytest.mark.parametrize(
    ("f_ghz", "scs_khz", "width_mhz", "blocks"),
    [
        # TS 38.101-1 and TS 38.101-2, Tables 5.3.2-1: corners and odd steps
        (0.7, 15, 30.0, 160),
        (2.1, 15, 50.0, 270),
        (2.6, 30, 5.0, 11),
        (3.5, 30, 70.0, 189),
        (4.9, 30, 100.0, 273),
        (3.5, 60, 100.0, 135),
        (26.0, 60, 50.0, 66),
        (28.0, 120, 50.0, 32),
        (28.0, 120, 400.0, 264),
    ],
)
def test_resource_blocks_are_those_of_the_standard(
    f_ghz: float, scs_khz: int, width_mhz: float, blocks: int
) -> None:
    given = radio.BANDS["n78"].model_dump(exclude={"n_prb", "prach_length"})
    band = radio.Band(**{**given, "f_ghz": f_ghz, "scs_khz": scs_khz, "bandwidth_mhz": width_mhz})
    assert band.n_prb == blocks
    # guard bands take at least a fiftieth of a channel, and never a quarter
    assert 0.75 * width_mhz < band.bandwidth_hz / 1e6 < 0.99 * width_mhz


@pytest.mark.parametrize(
    ("f_ghz", "scs_khz"), [(0.7, 15), (2.1, 15), (2.3, 30), (4.9, 30), (24.25, 120), (28.0, 120)]
)
def test_the_spacing_follows_the_frequency_where_it_is_not_given(
    f_ghz: float, scs_khz: int
) -> None:
    given = radio.BANDS["n78"].model_dump(exclude={"n_prb", "scs_khz", "prach_length"})
    band = radio.Band(**{**given, "f_ghz": f_ghz, "bandwidth_mhz": 50.0})
    assert band.scs_khz == scs_khz


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"f_ghz": 28.0}, "at 28 GHz scs_khz is one of 60, 120, not 30"),
        ({"scs_khz": 120}, "at 3.5 GHz scs_khz is one of 15, 30, 60, not 120"),
        ({"bandwidth_mhz": 55.0}, "no channel of 55 MHz at 30 kHz: 5, 10"),
        ({"bandwidth_mhz": 80.0}, "hold 217 resource blocks, not n_prb = 273"),
    ],
)
def test_what_does_not_fit_together_is_refused(change: dict[str, float], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        radio.Band(**{**radio.BANDS["n78"].model_dump(), **change})


@pytest.mark.parametrize("name", sorted(radio.KNOWN_BANDS))
def test_every_known_band_has_a_budget_in_every_scene(name: str) -> None:
    band = radio.KNOWN_BANDS[name]
    for propagation in RADIO.scenes.values():
        budget = radio.link_budget(RADIO, band, propagation)
        assert 50.0 < budget.range_m < 5000.0
    assert radio.exposure_limit(band.f_ghz) > 0


def test_the_budget_of_120_khz_is_that_of_a_wider_block() -> None:
    """By hand: power over subcarriers, noise over a block of 12 of them."""
    band = radio.KNOWN_BANDS["n258"]
    rows = {
        row.term: row.value for row in radio.link_budget(RADIO, band, RADIO.scenes["urban"]).rows
    }
    assert rows["subcarriers"] == 66 * 12 and rows["prb_khz"] == 12 * 120
    assert rows["epre_dbm"] == pytest.approx(36.02 - 28.99, abs=0.01)
    assert rows["dl_max_loss_db"] == pytest.approx(
        rows["epre_dbm"] + 24.0 + 105.0 - rows["margin_db"]
    )


def test_a_band_names_the_sources_of_the_table() -> None:
    band = radio.KNOWN_BANDS["n1"]
    rows = radio.link_budget(RADIO, band, RADIO.scenes["rural"]).rows
    assert "scenario" not in {row.source for row in rows}


def test_gains_beams_and_streams_follow_from_the_unit_where_they_are_not_given() -> None:
    bands = {"n78": {"unit": "8T8R", "power_w": 320.0}, "n41": {"unit": "32T32R"}}
    found = Scenario.from_tree({**SCENARIO, "bands": bands}, root=Path()).bands
    n78, n41, n28 = (found[name] for name in ("n78", "n41", "n28"))
    assert (n78.traffic_gain_dbi, n78.mean_gain_dbi, n78.ssb_beams) == (21.0, 15.0, 1)
    assert (n78.power_w, n78.n_prb, n78.antenna.h_beamwidth_deg) == (320.0, 273, 65.0)
    assert (n41.traffic_gain_dbi, n41.ssb_beams, n41.streams) == (23.0, 8, 4)
    assert n28 == radio.BANDS["n28"] and n28.streams == 2
    # four columns of a polarisation add 6 dB to one; beams in all directions have that one's gain
    assert n78.traffic_gain_dbi - n78.mean_gain_dbi == pytest.approx(10 * math.log10(4), abs=0.03)
    with pytest.raises(ScenarioError, match=r"bands\.n78\.unit"):
        Scenario.from_tree({**SCENARIO, "bands": {"n78": {"unit": "128T128R"}}}, root=Path())
