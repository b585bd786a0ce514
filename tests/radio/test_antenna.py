"""Sector patterns, tilts and azimuths."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner import radio
from planner.errors import ProblemError, ValidityError

PANEL = radio.Antenna(h_beamwidth_deg=65.0, v_beamwidth_deg=10.0)
ANGLE = st.floats(-180, 180)


def test_half_power_at_half_the_beam_width():
    assert radio.attenuation(PANEL, [0, 32.5, -32.5], 0) == pytest.approx([0, -3, -3])
    assert radio.attenuation(PANEL, 0, [5, -5, 1, 11], electrical_tilt_deg=6.0)[
        2:
    ] == pytest.approx([-3, -3])
    # the table's element itself: 65 degrees both ways, 30 dB at most
    element = radio.Antenna()
    assert radio.attenuation(element, 60.0, 20.0) == pytest.approx(
        -12 * ((60 / 65) ** 2 + (20 / 65) ** 2)
    )
    assert radio.attenuation(element, 180.0, 0.0) == -30


def test_bearings_wrap():
    around = radio.attenuation(PANEL, [350, -10, 10, 730], 0)
    assert around == pytest.approx([around[0]] * 4)


@settings(deadline=None)
@given(ANGLE, st.floats(-90, 90), st.floats(-15, 15))
def test_mechanical_tilt_is_a_rotation(bearing, depression, tilt):
    """Against the vectors: turn the direction back by the tilt, read the untilted pattern."""
    phi, delta, beta = (math.radians(v) for v in (bearing, depression, tilt))
    x, y, z = math.cos(phi) * math.cos(delta), math.sin(phi) * math.cos(delta), -math.sin(delta)
    turned = (x * math.cos(beta) - z * math.sin(beta), y, x * math.sin(beta) + z * math.cos(beta))
    off = math.degrees(math.atan2(turned[1], turned[0]))
    down = -math.degrees(math.asin(max(min(turned[2], 1), -1)))
    ours = radio.attenuation(PANEL, bearing, depression, mechanical_tilt_deg=tilt)
    assert ours == pytest.approx(radio.attenuation(PANEL, off, down), abs=1e-6)


def test_electrical_tilt_lowers_every_direction_and_mechanical_only_the_front():
    assert radio.attenuation(PANEL, [0, 90], 6.0, electrical_tilt_deg=6.0) == pytest.approx(
        radio.attenuation(PANEL, [0, 90], 0.0)
    )
    front, side = radio.attenuation(PANEL, [0, 90], [6.0, 0.0], mechanical_tilt_deg=6.0)
    assert front == pytest.approx(0)
    assert side == pytest.approx(radio.attenuation(PANEL, 90.0, 0.0), abs=0.2)


def test_a_table_of_the_parabola_gives_the_parabola():
    angle = np.arange(-180.0, 180.0)
    table = radio.pattern_table(
        angle, np.minimum(12 * (angle / 65) ** 2, 30), angle, np.minimum(12 * (angle / 10) ** 2, 30)
    )
    bearing, down = np.meshgrid(np.arange(-60, 61, 7), np.arange(-9, 10, 3))
    ours = radio.attenuation(table, bearing, down, electrical_tilt_deg=0.0)
    form = radio.Antenna(h_beamwidth_deg=65.0, v_beamwidth_deg=10.0, front_to_back_db=60.0)
    np.testing.assert_allclose(ours, radio.attenuation(form, bearing, down), atol=1e-9)
    # between two whole degrees: linear
    assert radio.attenuation(table, 10.5, 0.0) == pytest.approx(-12 * (10**2 + 11**2) / 2 / 65**2)


def test_not_a_number_stays_one():
    table = radio.pattern_table([0, 180], [0, 30], [0, 180], [0, 30])
    for antenna in (PANEL, table):
        assert np.isnan(radio.attenuation(antenna, np.nan, 0.0))
        assert np.isnan(radio.attenuation(antenna, 0.0, np.nan, mechanical_tilt_deg=2.0))


@pytest.mark.parametrize(
    ("angle", "loss"),
    [([0, 0], [0, 1]), ([0, 360], [0, 1]), ([0, 90], [0]), ([0, 90], [0, -1]), ([0], [0])],
)
def test_a_broken_table_is_refused(angle, loss):
    with pytest.raises(ValidityError):
        radio.pattern_table(angle, loss, [0, 180], [0, 30])


def test_default_tilt_points_at_the_edge():
    panel = radio.BANDS["n78"].antenna
    tilt = radio.default_tilt(panel, [25, 35, 25, 25], [560, 2336, 190, 150])
    assert tilt.tolist() == [2, 1, 7, 9]
    # half of a narrow beam on top: atan(23.5 / 560) = 2.4 degrees, and 3
    narrow = panel.model_copy(update={"v_beamwidth_deg": 6.0})
    assert radio.default_tilt(narrow, 25.0, 560.0) == 5
    assert radio.default_tilt(panel, [60.0, 1.5, 0.5], [20.0, 500.0, 5.0]).tolist() == [24, 0, -2]
    assert not np.signbit(radio.default_tilt(panel, 1.0, 500.0))

    electrical, mechanical = radio.parted_tilt(panel, [-2.0, 7.0, 12.0])
    assert electrical.tolist() == [-2, 7, 9] and mechanical.tolist() == [0, 0, 3]


def test_azimuths_follow_roads_then_demand_then_the_default():
    random = np.random.default_rng(1)
    ring = (
        np.column_stack((np.sin(a := np.linspace(0, 2 * np.pi, 720, endpoint=False)), np.cos(a)))
        * 300
    )
    east = np.array([400.0, 0.0]) + random.normal(0, 20, (50, 2))
    far = np.array([1e5, 0.0])
    demand = np.concatenate((ring, far + east, 2 * far + [0, 300] + random.normal(0, 20, (50, 2))))
    stations = [[0.0, 0.0], far, 2 * far, 3 * far]
    azimuth, reason = radio.default_azimuths(
        stations,
        demand,
        np.ones(len(demand)),
        reach_m=600.0,
        road_xy=[2 * far + [50, 0]],
        road_bearing_deg=[90.0],
    )
    assert [radio.AZIMUTH_REASONS[r] for r in reason] == ["default", "demand", "road", "default"]
    assert azimuth[0].tolist() == [0, 120, 240]
    assert azimuth[3].tolist() == [0, 120, 240]
    assert np.abs(azimuth[1] - 90).min() <= 10
    assert azimuth[2].tolist() == [
        0,
        90,
        270,
    ]  # both ways along the road, and to the demand in the north
    with pytest.raises(ProblemError):
        radio.default_azimuths(stations, demand, -np.ones(len(demand)), reach_m=600.0)


def test_bearings_run_clockwise_from_north():
    assert radio.bearing_deg([0, 0], [[0, 1], [1, 0], [0, -1], [-1, 0]]).tolist() == [
        0,
        90,
        180,
        270,
    ]


@pytest.mark.parametrize(
    "change",
    [{"station": [1, 0]}, {"station": [0, 2]}, {"antenna": 1}, {"azimuth_deg": [0, np.nan]}],
)
def test_sectors_that_do_not_fit_are_refused(change):
    given_ = {"station": [0, 1], "azimuth_deg": [0, 120]} | change
    with pytest.raises(ProblemError):
        radio.make_sectors(2, antennas=[PANEL], **given_)
