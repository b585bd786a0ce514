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
        ("UMi", {"h_bs_m": 10.5}, "h_bs_m"),
        ("UMa", {"h_bs_m": 9.0}, "h_bs_m"),
        ("UMa", {"street_width_m": 4.0}, "street_width_m"),
        ("RMa", {"building_height_m": 51.0}, "building_height_m"),
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


def loss_of_m2135(d_m, f_ghz, h_bs, *, h_ut=1.5, street=20.0, building=20.0):
    """Report ITU-R M.2135-1, Table A1-2, UMa NLOS: d in space (m), f (GHz), heights (m)."""
    return (
        161.04
        - 7.1 * math.log10(street)
        + 7.5 * math.log10(building)
        - (24.37 - 3.7 * (building / h_bs) ** 2) * math.log10(h_bs)
        + (43.42 - 3.1 * math.log10(h_bs)) * (math.log10(d_m) - 3)
        + 20 * math.log10(f_ghz)
        - (3.2 * math.log10(11.75 * h_ut) ** 2 - 4.97)
    )


def test_the_height_term_is_that_of_the_report():
    """Also the distances of the report's own formula at 3.5 GHz and 131.8 dB, to the metre."""
    for h_bs, reach in ((15.0, 319), (25.0, 559), (45.0, 910)):
        assert loss_of_m2135(reach, 3.5, h_bs) == pytest.approx(131.8, abs=0.03)

    for h_bs, street, building in ((12, 20, 20), (15, 20, 20), (38, 12, 35), (45, 20, 9)):
        for d2d in (150.0, 600.0, 2500.0):
            d3d = math.hypot(d2d, h_bs - 1.5)
            of_table = 13.54 + 39.08 * math.log10(d3d) + 20 * math.log10(3.5)
            more = loss_of_m2135(d3d, 3.5, h_bs, street=street, building=building)
            expected = of_table + more - loss_of_m2135(d3d, 3.5, 25.0)
            around = {"street_width_m": street, "building_height_m": building}
            seen, hidden = (
                radio.path_loss("UMa", d2d, 3.5, los=los, h_bs_m=h_bs, **around)
                for los in (True, False)
            )
            assert hidden == pytest.approx(max(expected, seen), abs=1e-9)
            if (street, building) == (20, 20):
                assert hidden == pytest.approx(loss_of_m2135(d3d, 3.5, h_bs), abs=0.03)


def test_a_mast_of_25_m_is_that_of_the_table_to_the_bit():
    d = np.linspace(10.0, 5000.0, 4001)
    d3d = np.hypot(d, 23.5)
    of_table = 13.54 + 20.0 * np.log10(2.6) - 0.6 * 0.0 + 39.08 * np.log10(d3d)
    seen = radio.path_loss("UMa", d, 2.6, los=True)
    assert (radio.path_loss("UMa", d, 2.6, los=False) == np.maximum(of_table, seen)).all()

    # how far the report is from it there
    apart = max(abs(loss_of_m2135(x, 2.6, 25.0) - y) for x, y in zip(d3d, of_table, strict=True))
    assert radio.MODELS["UMa"].joint_db == pytest.approx(apart, abs=1e-5)
    assert apart < 0.03


def test_open_land_with_streets_and_buildings_of_its_own():
    """TR 38.901 V17, RMa, with W = 30 m and h = 45 m, where both terms of the roofs are capped."""
    h_bs, street, building, f = 60.0, 30.0, 45.0, 0.7
    for d2d in (200.0, 700.0, 4000.0):
        d3d = math.hypot(d2d, h_bs - 1.5)

        def near(d):
            loss = 20 * math.log10(40 * math.pi * d * f / 3) + 10 * math.log10(d) - 14.77
            return loss + 0.002 * math.log10(building) * d

        breakpoint_m = 2 * math.pi * h_bs * 1.5 * f * 1e9 / 3e8
        beyond = near(breakpoint_m) + 40 * math.log10(d3d / breakpoint_m)
        seen = near(d3d) if d2d <= breakpoint_m else beyond
        hidden = loss_of_m2135(d3d, f, h_bs, street=street, building=building)
        around = {"h_bs_m": h_bs, "street_width_m": street, "building_height_m": building}
        ours = [radio.path_loss("RMa", d2d, f, los=los, **around) for los in (True, False)]
        assert ours == pytest.approx([seen, max(seen, hidden)], abs=1e-9)


def test_line_of_sight_counts_the_height_through_the_breakpoint():
    # Report ITU-R M.2135-1, UMa LOS beyond the breakpoint: 40 lg d + 7.8 - 18 lg h'bs - 18 lg h'ut
    # + 2 lg f; that of TR 38.901 has the heights in one sum and other digits
    for h_bs in (15.0, 25.0, 45.0):
        d3d = math.hypot(3000.0, h_bs - 1.5)
        report = 40 * math.log10(d3d) + 7.8 - 18 * math.log10(h_bs - 1) - 18 * math.log10(0.5)
        report += 2 * math.log10(3.5)
        ours = radio.path_loss("UMa", 3000.0, 3.5, los=True, h_bs_m=h_bs)
        assert ours == pytest.approx(report, abs=0.1)
    for h_bs in (15.0, 45.0):
        breakpoint_m = 4 * (h_bs - 1) * 0.5 * 3.5e9 / 3e8
        near = 28 + 22 * math.log10(math.hypot(breakpoint_m - 1, h_bs - 1.5))
        ours = radio.path_loss("UMa", breakpoint_m - 1, 3.5, los=True, h_bs_m=h_bs)
        assert ours == pytest.approx(near + 20 * math.log10(3.5), abs=1e-9)


@settings(deadline=None)
@given(
    st.sampled_from(["UMa", "UMi", "RMa"]),
    st.floats(100, 150),
    st.sampled_from([0.7, 2.6, 3.5, 4.9]),
    st.floats(12, 60),
    st.floats(0, 20),
)
def test_a_higher_mast_never_reaches_less_far(model, loss, f_ghz, h_bs, more):
    scene = radio.Propagation(model=model, h_bs_m=radio.MODELS[model].h_bs_m)

    def reach(h_bs_m):
        at = scene.at(h_bs_m)
        assert at.h_bs_m == h_bs_m
        return radio.max_range(at.model, loss, f_ghz, h_bs_m=h_bs_m)

    assert reach(h_bs) <= reach(min(h_bs + more, 60.0))


@pytest.mark.parametrize("model", ["UMa", "UMi", "RMa"])
@pytest.mark.parametrize("f_ghz", [0.7, 2.6, 3.5, 4.9])
def test_45_m_reach_more_than_half_as_far_again_as_15_m(model, f_ghz):
    scene = radio.Propagation(model=model, h_bs_m=radio.MODELS[model].h_bs_m)
    low, high = (radio.max_range(scene.at(h).model, 131.8, f_ghz, h_bs_m=h) for h in (15.0, 45.0))
    assert high > 1.5 * low


def test_a_mast_takes_the_model_of_its_height():
    scenes = {
        name: radio.Propagation(model=name, h_bs_m=radio.MODELS[name].h_bs_m)
        for name in ("UMa", "UMi", "RMa")
    }
    taken = {
        ("UMa", 3.0): ("UMi", 5.0),
        ("UMa", 8.0): ("UMi", 8.0),
        ("UMa", 10.0): ("UMi", 10.0),
        ("UMa", 10.5): ("UMa", 10.5),
        ("UMa", 200.0): ("UMa", 150.0),
        ("UMi", 8.0): ("UMi", 8.0),
        ("UMi", 12.0): ("UMa", 12.0),
        ("RMa", 8.0): ("RMa", 10.0),
        ("RMa", 60.0): ("RMa", 60.0),
    }
    for (name, h_bs), (model, height) in taken.items():
        at = scenes[name].at(h_bs)
        assert (at.model, at.h_bs_m) == (model, height), (name, h_bs)
    # the visibility is the scene's
    assert scenes["UMa"].model_copy(update={"visibility": "los"}).at(8.0).visibility == "los"


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
