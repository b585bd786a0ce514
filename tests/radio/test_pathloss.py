"""Path loss against published numbers, and what a radio engineer would notice if it broke."""

import csv
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner import radio
from planner.errors import ValidityError

ORACLE = Path(__file__).parent / "data" / "tr38901_sionna.csv"


def oracle():
    with ORACLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("model", ["UMa", "UMi", "RMa"])
def test_every_oracle_value_within_a_hundredth_of_a_decibel(model):
    rows = [row for row in oracle() if row["scenario"] == model]
    column = {name: np.array([float(row[name]) for row in rows]) for name in list(rows[0])[2:]}
    ours = radio.path_loss(
        model,
        column["d2d_m"],
        column["fc_GHz"],
        los=np.array([row["state"] == "LOS" for row in rows]),
        h_bs_m=column["h_bs_m"],
        h_ut_m=column["h_ut_m"],
    )
    assert len(rows) >= 150
    np.testing.assert_allclose(ours, column["pl_dB"], rtol=0, atol=0.01)


def test_oracle_is_whole():
    assert len(oracle()) == 756


def test_by_hand():
    # UMa NLOS, 3.5 GHz, 500 m: d3D = hypot(500, 23.5)
    expected = 13.54 + 39.08 * math.log10(math.hypot(500, 23.5)) + 20 * math.log10(3.5)
    assert radio.path_loss("UMa", 500.0, 3.5, los=False) == pytest.approx(expected, abs=1e-9)
    # RMa NLOS: only h / h_bs is squared, 3.7 is not
    mast = 24.37 - 3.7 * (5 / 35) ** 2
    d3d = math.hypot(1000, 33.5)
    expected = (
        161.04
        - 7.1 * math.log10(20)
        + 7.5 * math.log10(5)
        - mast * math.log10(35)
        + (43.42 - 3.1 * math.log10(35)) * (math.log10(d3d) - 3)
        + 20 * math.log10(0.7)
        - (3.2 * math.log10(11.75 * 1.5) ** 2 - 4.97)
    )
    assert radio.path_loss("RMa", 1000.0, 0.7, los=False) == pytest.approx(expected, abs=1e-9)


# TR 38.901 V17, Table 7.4.1-1, NLOS: each model's loss at d3D (m), f (GHz), heights of mast and
# terminal (m), written out. RMa with roofs of 5 m and streets of 20 m.
NLOS_OF_THE_TABLE = {
    "UMa": lambda d3d, f, h_bs, h_ut: (
        13.54 + 39.08 * math.log10(d3d) + 20 * math.log10(f) - 0.6 * (h_ut - 1.5)
    ),
    "UMi": lambda d3d, f, h_bs, h_ut: (
        35.3 * math.log10(d3d) + 22.4 + 21.3 * math.log10(f) - 0.3 * (h_ut - 1.5)
    ),
    "RMa": lambda d3d, f, h_bs, h_ut: (
        161.04
        - 7.1 * math.log10(20)
        + 7.5 * math.log10(5)
        - (24.37 - 3.7 * (5 / h_bs) ** 2) * math.log10(h_bs)
        + (43.42 - 3.1 * math.log10(h_bs)) * (math.log10(d3d) - 3)
        + 20 * math.log10(f)
        - (3.2 * math.log10(11.75 * h_ut) ** 2 - 4.97)
    ),
}


@pytest.mark.parametrize(
    ("model", "h_bs_m", "h_ut_m"),
    [
        *(("UMa", 25.0, h) for h in (1.5, 3.0, 6.0, 13.0)),
        *(("UMi", 10.0, h) for h in (1.5, 3.0, 6.0, 13.0)),
        *(("RMa", 35.0, h) for h in (1.0, 1.5, 3.0, 10.0)),
    ],
)
def test_a_terminal_higher_up_is_heard_as_the_table_says(model, h_bs_m, h_ut_m):
    """The published values beside it are all for 1.5 m, where the term of the height is nought."""
    for d2d_m, f_ghz in ((300.0, 3.5), (900.0, 2.6), (2000.0, 0.7)):
        d3d_m = math.hypot(d2d_m, h_bs_m - h_ut_m)
        expected = NLOS_OF_THE_TABLE[model](d3d_m, f_ghz, h_bs_m, h_ut_m)
        heights = {"h_bs_m": h_bs_m, "h_ut_m": h_ut_m}
        open_air = radio.path_loss(model, d2d_m, f_ghz, los=True, **heights)
        loss = radio.path_loss(model, d2d_m, f_ghz, los=False, **heights)
        assert loss == pytest.approx(max(expected, float(open_air)), abs=1e-9)


def test_breakpoint_counts_heights_above_the_environment():
    # UMa at 3.5 GHz: 4 * (25 - 1) * (1.5 - 1) * 3.5e9 / 3e8 = 560 m; slope 22 before, 40 after
    before = radio.path_loss("UMa", [300.0, 500.0], 3.5, los=True)
    after = radio.path_loss("UMa", [700.0, 1400.0], 3.5, los=True)
    slant = np.hypot([300.0, 500.0, 700.0, 1400.0], 23.5)
    assert (before[1] - before[0]) / math.log10(slant[1] / slant[0]) == pytest.approx(22, abs=1e-6)
    assert (after[1] - after[0]) / math.log10(slant[3] / slant[2]) == pytest.approx(40, abs=1e-6)


def test_arguments_broadcast():
    loss = radio.path_loss(
        "RMa",
        np.linspace(10, 5000, 7)[:, None],
        [0.7, 2.6],
        los=np.array([[[True]], [[False]]]),
        h_bs_m=45.0,
    )
    assert loss.shape == (2, 7, 2)
    one = radio.path_loss("RMa", 5000.0, 2.6, los=False, h_bs_m=45.0)
    assert np.ndim(one) == 0
    assert loss[1, -1, 1] == one


@pytest.mark.parametrize(
    ("model", "change", "named"),
    [
        ("UMa", {"d2d_m": 9.9}, "d2d_m"),
        ("UMa", {"d2d_m": 5001.0}, "d2d_m"),
        ("RMa", {"d2d_m": 5001.0}, "d2d_m"),
        ("UMa", {"f_ghz": 0.4}, "f_ghz"),
        ("UMa", {"f_ghz": 3500.0}, "GHz"),  # megahertz by mistake
        ("RMa", {"f_ghz": 31.0}, "f_ghz"),
        ("UMi", {"h_bs_m": 35.0}, "h_bs_m"),
        ("UMa", {"h_bs_m": 35.0}, "h_bs_m"),
        ("RMa", {"h_bs_m": 9.0}, "h_bs_m"),
        ("UMa", {"h_ut_m": 15.0}, "h_ut_m"),
        ("RMa", {"h_ut_m": 0.9}, "h_ut_m"),
        ("UMa", {"d2d_m": float("nan")}, "d2d_m"),
        ("UMa", {"d2d_m": [100.0, 6000.0]}, "6000"),
        ("COST231", {}, "COST231"),
        ("UMa", {"los": 1}, "los"),
    ],
)
def test_outside_the_table_is_refused_in_both_languages(model, change, named):
    with pytest.raises(ValidityError, match=named) as caught:
        radio.path_loss(model, **({"d2d_m": 100.0, "f_ghz": 3.5, "los": False} | change))
    assert any("\u4e00" <= letter <= "\u9fff" for letter in caught.value.zh)


def test_rma_line_of_sight_reaches_ten_kilometres():
    assert radio.path_loss("RMa", 9999.0, 0.7, los=True) > radio.path_loss(
        "RMa", 5000.0, 0.7, los=True
    )


def test_other_heights_only_when_asked_for():
    tall = radio.path_loss("UMa", 500.0, 3.5, los=True, h_bs_m=35.0, extended=True)
    assert tall != radio.path_loss("UMa", 500.0, 3.5, los=True)
    with pytest.raises(ValidityError):
        radio.path_loss("UMi", 500.0, 3.5, los=True, h_bs_m=35.0, extended=True)


def test_line_of_sight_probability_by_hand():
    assert radio.los_probability("UMa", 18.0) == 1
    d = 200.0
    assert radio.los_probability("UMa", d) == pytest.approx(
        18 / d + math.exp(-d / 63) * (1 - 18 / d)
    )
    assert radio.los_probability("UMi", d) == pytest.approx(
        18 / d + math.exp(-d / 36) * (1 - 18 / d)
    )
    assert radio.los_probability("RMa", 1010.0) == pytest.approx(math.exp(-1))


def test_margins_of_jakes():
    assert radio.shadow_margin(6, edge_probability=0.9) == pytest.approx(7.689, abs=1e-3)
    assert radio.shadow_margin(8, edge_probability=0.9) == pytest.approx(10.252, abs=1e-3)
    # the textbook pair: sigma 8 dB, exponent 4: 75 % at the edge is 90 to 91 % of the area
    share = radio.area_share(radio.shadow_margin(8, edge_probability=0.75), 8, 4.0)
    assert share == pytest.approx(0.91, abs=0.01)
    margin = radio.shadow_margin(8, area_probability=share, exponent=4.0)
    assert margin == pytest.approx(radio.shadow_margin(8, edge_probability=0.75), abs=1e-6)
    with pytest.raises(ValidityError):
        radio.shadow_margin(8)
    with pytest.raises(ValidityError):
        radio.shadow_margin(8, edge_probability=0.9, area_probability=0.9)


@settings(deadline=None)
@given(st.floats(3, 10), st.floats(2, 4.5), st.floats(-10, 15))
def test_area_share_is_what_integration_finds(sigma, exponent, margin):
    from scipy.special import ndtr

    r = (np.arange(4000) + 0.5) / 4000
    inside = ndtr((margin - 10 * exponent * np.log10(r)) / sigma)
    assert radio.area_share(margin, sigma, exponent) == pytest.approx(
        float((2 * r * inside).mean()), abs=1e-5
    )
