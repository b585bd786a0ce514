"""Load and exposure: figures that can be done by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner import radio
from planner.errors import ProblemError, ValidityError

PEOPLE = radio.CapacityParameters()


def test_traffic_by_hand():
    # 10.35 GB x 8000 Mbit / 30 days x 8 % x 90 % / 3600 s = 0.0552 Mbit/s
    assert PEOPLE.mbps_per_person == pytest.approx(0.0552, abs=1e-4)
    offered = radio.busy_hour_traffic(
        [10, 0, 5], [2500, 1e6, np.nan], ["rural", "industrial", "rural"], PEOPLE, share=0.5
    )
    assert offered == pytest.approx(np.array([10, 3000, 5]) * PEOPLE.mbps_per_person / 2)
    with pytest.raises(ProblemError, match="moon"):
        radio.busy_hour_traffic([1], [1], ["moon"], PEOPLE)


def test_load_by_hand():
    # sector 0: 50 Mbit/s at 400 and 30 at 80 -> 0.125 + 0.375; sector 1: 90 at 60 -> 1.5
    done = radio.sector_load([0, 0, 1, -1, 2], [400, 80, 60, 0, 0], [50, 30, 90, 10, 20], 4)
    assert done.load == pytest.approx([0.5, 1.5, 0, 0])
    assert done.offered_mbps.tolist() == [80, 90, 0, 0]
    assert done.capacity_mbps[:2] == pytest.approx([160, 60])
    assert done.carried_mbps == pytest.approx([80, 60, 0, 0])
    assert done.carried_share == pytest.approx(140 / 200)
    assert done.overloaded(0.7).tolist() == [1]
    assert done.overloaded(0.1).tolist() == [1, 0]
    with pytest.raises(ProblemError):
        radio.sector_load([4], [1.0], [1.0], 1)


def test_limits_and_compliance_distances():
    assert radio.exposure_limit([2.6, 3.45, 4.85]) == pytest.approx([0.4, 0.46, 0.647], abs=5e-4)
    assert radio.compliance_distance(200, 24, 0.467) == pytest.approx(92.5, abs=0.05)
    assert radio.compliance_distance(200, 24, 0.467, 0.75 * 0.25) == pytest.approx(40.1, abs=0.05)
    assert radio.compliance_distance(200, 24, 0.4) == pytest.approx(100, abs=0.1)
    assert radio.compliance_distance(240, 15, 0.4) == pytest.approx(39, abs=0.3)
    assert radio.compliance_distance(240, 15, 0.4 / 5) == pytest.approx(87, abs=0.5)
    assert radio.exposure_limit([15.0, 28.0]) == pytest.approx([2.0, 2.0])
    for bad in (0.02, 301.0, np.nan):
        with pytest.raises(ValidityError):
            radio.exposure_limit(bad)


@given(st.floats(1, 1000), st.floats(0, 30), st.floats(0.05, 1), st.floats(0.01, 1))
def test_density_at_the_compliance_distance_is_the_limit(power, gain, duty, limit):
    r = radio.compliance_distance(power, gain, limit, duty)
    assert power * 10 ** (gain / 10) * duty / (4 * np.pi * r**2) == pytest.approx(limit)


NARROW = radio.Antenna(h_beamwidth_deg=65.0, v_beamwidth_deg=10.0)


def by_hand(sources, bearing, depression):
    """Sum of P G F / (4 pi S_limit) of sources (W, dBi, F, W/m2, azimuth, tilt), m2.

    The pattern is that of TR 38.901, Table 7.3-1, with 65 and 10 degrees and 30 dB.
    """
    total = 0.0
    for power, gain, duty, limit, azimuth, tilt in sources:
        off = (bearing - azimuth + 180) % 360 - 180
        across, below = 12 * (off / 65) ** 2, 12 * ((depression - tilt) / 10) ** 2
        lost = min(min(across, 30) + min(below, 30), 30)
        total += power * 10 ** ((gain - lost) / 10) * duty / (4 * np.pi * limit)
    return total


def field_of(sources):
    return radio.site_field(
        [
            radio.Emitter(azimuth, radio.power_spread(NARROW, tilt),
                          radio.compliance_distance(power, gain, limit, duty))
            for power, gain, duty, limit, azimuth, tilt in sources
        ]
    )  # fmt: skip


def test_alone_a_sector_is_worst_on_its_axis():
    """Far field of one antenna: r = sqrt(P G F / (4 pi S)) = 38.857 m, 4.06 m below its height."""
    worst = radio.worst_place(field_of([(240, 15, 1.0, 0.4, 77, 6)]), 30.0, 1.5)
    assert worst.distance_m == pytest.approx(38.857, abs=0.001)
    assert worst.bearing_deg == 77
    assert worst.height_m == pytest.approx(30 - 38.857 * np.sin(np.radians(6)), abs=0.001)
    shares = [
        by_hand([(240, 15, 1.0, 0.4, 0, 6)], 0, down) * (np.sin(np.radians(down)) / 28.5) ** 2
        for down in np.arange(0.5, 90, 0.5)
    ]
    assert worst.ground_share == pytest.approx(max(shares), rel=1e-3)


def test_stations_of_a_site_add_up_each_over_its_own_limit():
    """3.5 GHz towards 0 degrees, tilt 4; 700 MHz towards 50, tilt 8: neither axis is the worst.

    On the axis of the first at 4 degrees below, by hand: its own 1370.7 m2; the second, 50 degrees
    off (7.10 dB) and 4 degrees above its beam (1.92 dB), adds 1509.9 m2 x 0.1253 = 189.2 m2.
    """
    first = (200, 24, 0.64 * 0.25, 3500 / 7500, 0, 4)
    second = (240, 15, 1.0, 0.4, 50, 8)
    assert by_hand([first, second], 0, 4) == pytest.approx(1370.7 + 189.2, abs=0.1)

    field = field_of([first, second])
    at = int(np.flatnonzero(field.depression_deg == 4.0)[0])
    row = [by_hand([first, second], bearing, 4) for bearing in range(360)]
    assert field.reach_m[at] == pytest.approx(np.sqrt(max(row)), rel=1e-9)
    assert field.bearing_deg[at] == int(np.argmax(row))

    worst = radio.worst_place(field, 25.0, 1.5)
    alone = [np.sqrt(by_hand([one], one[4], one[5])) for one in (first, second)]
    assert max(alone) < worst.distance_m < np.hypot(*alone)
    assert 0 < worst.bearing_deg < 50
    down = np.degrees(np.arcsin((25.0 - worst.height_m) / worst.distance_m))
    there = by_hand([first, second], worst.bearing_deg, down)
    assert there / worst.distance_m**2 == pytest.approx(1.0)
    # at the fifth of the limit every distance is the root of 5 longer
    fifth = [(*one[:3], one[3] / 5, *one[4:]) for one in (first, second)]
    assert radio.worst_place(field_of(fifth), 25.0, 1.5).distance_m == pytest.approx(
        np.sqrt(5) * worst.distance_m
    )


def test_a_site_whose_beams_meet_the_ground_says_so():
    worst = radio.worst_place(field_of([(1000, 30, 1.0, 0.4, 0, 45)]), 10.0, 1.5)
    assert worst.height_m == 0 and worst.ground_share > 1
