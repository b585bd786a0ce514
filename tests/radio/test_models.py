"""What is asked of every propagation model, of a new one too."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner import radio
from planner.radio.pathloss import los_table

MODELS = st.sampled_from(sorted(radio.MODELS))


@st.composite
def links(draw):
    """A model, and frequency, mast and terminal within its range."""
    model = radio.MODELS[draw(MODELS)]
    link = {
        "f_ghz": draw(st.floats(model.valid.f_ghz[0], min(model.valid.f_ghz[1], 30.0))),
        "h_bs_m": draw(st.floats(*model.masts_m)),
        "h_ut_m": draw(st.floats(*model.valid.h_ut_m)),
        "street_width_m": draw(st.floats(5.0, 50.0)),
        "building_height_m": draw(st.floats(5.0, 50.0)),
    }
    return model, link


@pytest.mark.parametrize("name", radio.MODELS)
def test_a_model_is_whole(name):
    model = radio.MODELS[name]
    assert model.name == name
    assert any(mark.isdigit() for mark in model.source), "the source names a document"
    for low, high in (model.valid.h_bs_m, model.valid.h_ut_m, model.valid.f_ghz):
        assert 0 < low <= high
    assert model.valid.h_bs_m[0] <= model.h_bs_m <= model.valid.h_bs_m[1]
    assert model.valid.los_m >= model.valid.nlos_m > radio.NEAR_M
    assert all(sigma > 0 for sigma in model.sigma_db)
    assert model.indoor_sigma_db > 0


@settings(deadline=None)
@given(links(), st.booleans(), st.floats(0, 1))
def test_loss_rises_with_distance_and_never_falls_below_line_of_sight(drawn, los, share):
    model, link = drawn
    d = radio.NEAR_M + share * (model.valid.nlos_m - radio.NEAR_M - 10.0)
    near, far = radio.path_loss(model.name, [d, d + 10], los=los, **link)
    # RMa LOS steps at its breakpoint by less than the 10 m gain: the slant distance replaces the
    # ground one
    assert far > near
    seen, hidden = (radio.path_loss(model.name, d, los=state, **link) for state in (True, False))
    assert seen <= hidden
    mean = radio.expected_path_loss(model.name, d, **link)
    assert seen - 1e-9 <= mean <= hidden + 1e-9


@settings(deadline=None)
@given(MODELS, st.sampled_from(["los", "nlos", "expected"]), st.floats(60, 160))
def test_range_is_the_last_distance_within_the_loss(name, visibility, loss):
    model = radio.MODELS[name]
    f = min(max(2.6, model.valid.f_ghz[0]), model.valid.f_ghz[1])
    reach = radio.max_range(name, loss, f, visibility=visibility)

    def at(d):
        if visibility == "expected":
            return radio.expected_path_loss(name, d, f)
        return radio.path_loss(name, d, f, los=visibility == "los")

    longest = model.valid.los_m if visibility == "los" else model.valid.nlos_m
    if reach == 0:
        assert at(10.0) > loss
    else:
        assert at(reach) <= loss
        assert reach == longest or at(np.nextafter(reach, np.inf)) > loss


@settings(deadline=None)
@given(links(), st.floats(0, 1))
def test_probability_stays_one(drawn, share):
    model, link = drawn
    p = radio.los_probability(model.name, share * model.valid.los_m, link["h_ut_m"])
    assert 0 <= p <= 1


@settings(deadline=None, max_examples=30)
@given(links(), st.integers(0, 2**32 - 1))
def test_the_table_moves_no_loss_by_a_thousandth_of_a_decibel(drawn, seed):
    model, link = drawn
    random = np.random.default_rng(seed)
    d = np.concatenate(
        (
            random.uniform(10, 60, 2000),
            10 * (model.valid.nlos_m / 10) ** random.random(2000),
        )
    )
    p = radio.los_probability(model.name, d, link["h_ut_m"])
    seen, hidden = (radio.path_loss(model.name, d, los=state, **link) for state in (True, False))
    exact = p * seen + (1 - p) * hidden
    assert np.abs(radio.expected_path_loss(model.name, d, **link) - exact).max() <= 1e-3


def test_a_table_reaches_past_the_longest_distance():
    for model in radio.MODELS.values():
        assert (len(los_table(model, 1.5)) - 2) * 0.25 >= model.valid.nlos_m


def test_loops_hear_the_expected_loss_of_every_model():
    """The compiled loop, which knows no model by name, against the formulas."""
    parameters = radio.RadioParameters()
    for name, model in radio.MODELS.items():
        scene = radio.Propagation(model=name, visibility="expected", h_bs_m=model.h_bs_m)
        station = radio.StationClass(radio.BANDS["n41"], scene, model.h_bs_m)
        flat = radio.Antenna(side_lobe_db=0.0, front_to_back_db=0.0)
        sent = radio.Transmitters(
            [[0.0, 0.0]], [0], (station,), radio.make_sectors(1, [0], [0.0], [flat]), parameters
        )
        d = np.array([3.0, 10.0, 18.1, 77.7, 300.0, 999.9])
        signal = radio.signal(np.column_stack((d, 0 * d)), sent)
        loss = radio.expected_path_loss(name, np.maximum(d, 10.0), 2.6, h_bs_m=model.h_bs_m)
        assert signal.rsrp_dbm == pytest.approx(station.reference_dbm - loss, abs=1e-9)
        assert math.isfinite(signal.ss_sinr_db.min())
