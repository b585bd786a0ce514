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
    # sector 0: 50 Mbit/s at 100 x 4 and 30 at 20 x 4 -> 0.125 + 0.375; sector 1: 90 at 30 x 2 ->
    # 1.5
    done = radio.sector_load(
        [0, 0, 1, -1, 2], [100, 20, 30, 0, 0], [50, 30, 90, 10, 20], [4, 2, 2, 2]
    )
    assert done.load == pytest.approx([0.5, 1.5, 0, 0])
    assert done.offered_mbps.tolist() == [80, 90, 0, 0]
    assert done.capacity_mbps[:2] == pytest.approx([160, 60])
    assert done.carried_mbps == pytest.approx([80, 60, 0, 0])
    assert done.carried_share == pytest.approx(140 / 200)
    assert done.overloaded(0.7).tolist() == [1]
    assert done.overloaded(0.1).tolist() == [1, 0]
    with pytest.raises(ProblemError):
        radio.sector_load([4], [1.0], [1.0], [1.0])


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
    assert radio.power_density(r, power, gain, duty) == pytest.approx(limit)
    assert radio.power_density(2 * r, power, gain, duty) == pytest.approx(limit / 4)
