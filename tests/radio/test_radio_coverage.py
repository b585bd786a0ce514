"""The stations that a loop finds against plain distances."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner import radio
from planner.errors import ProblemError

RADIO = radio.RadioParameters()
URBAN = radio.StationClass(radio.BANDS["n41"], RADIO.scenes["urban"], 25.0)
RURAL = radio.StationClass(radio.BANDS["n41"], RADIO.scenes["rural"], 35.0)
ALL_ROUND = radio.Antenna(side_lobe_db=0.0, front_to_back_db=0.0)


def transmitters(stations, station_class, classes=(URBAN, RURAL)):
    """Stations with one sector that reaches as far on all sides: a circle round each."""
    n = len(stations)
    sectors = radio.make_sectors(n, np.arange(n), np.zeros(n), [ALL_ROUND])
    return radio.Transmitters(stations, station_class, classes, sectors, RADIO)


def district(seed, n, m, n_rows=4, extent=6000.0):
    rng = np.random.default_rng(seed)
    loss = rng.choice([-np.inf, 60.0, 100.0, 118.0, 132.0], (n_rows, 2))
    stations = rng.random((m, 2)) * extent + [5e5, 3.7e6]
    return (
        rng.random((n, 2)) * extent + [5e5, 3.7e6],
        rng.integers(0, n_rows, n),
        loss,
        transmitters(stations, rng.integers(0, 2, m)),
    )


def by_distance(points, p_class, loss, sent):
    d = np.hypot(*(points[:, None] - sent.xy[None]).transpose(2, 0, 1))
    ranges = np.array(
        [[c.reach_m(x, RADIO) for c, x in zip(sent.classes, row, strict=True)] for row in loss]
    )
    reach = ranges[p_class][:, sent.station_class]
    return (d <= reach) & (reach > 0)


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 120), st.integers(0, 80))
def test_same_as_plain_distances(seed, n, m):
    case = district(seed, n, m)
    cover = radio.sector_coverage(*case)
    assert (cover.shape, cover.dtype, cover.indices.dtype) == ((n, m), np.bool_, np.int32)
    cover.check_format(full_check=True)
    assert all(
        (np.diff(cover.indices[a:b]) > 0).all()
        for a, b in zip(cover.indptr, cover.indptr[1:], strict=False)
    )
    assert (cover.toarray() == by_distance(*case)).all()


def test_tiles_and_threads_do_not_matter(monkeypatch):
    case = district(7, 3000, 400)
    whole = radio.sector_coverage(*case, threads=1)
    assert 0 < whole.nnz < 3000 * 400
    monkeypatch.setattr("planner.radio.grid.TILE_ROWS", 97)
    for threads in (1, 2, 5):
        tiled = radio.sector_coverage(*case, threads=threads)
        assert (tiled.indptr == whole.indptr).all()
        assert (tiled.indices == whole.indices).all()
    part = radio.sector_coverage(case[0][500:900], case[1][500:900], *case[2:])
    assert (part != whole[500:900]).nnz == 0


def test_every_station_on_one_line_is_found():
    stations = np.column_stack((np.arange(50) * 100.0, np.zeros(50)))
    sent = transmitters(stations, np.zeros(50, dtype=int))
    edge = float(radio.path_loss("UMa", 1000.0, 2.6, los=False)) + 1e-6
    cover = radio.sector_coverage([[0.0, 0.0]], [0], [[edge, -np.inf]], sent)
    assert cover.indices.tolist() == list(range(11))


def test_below_ten_metres_counts_as_covered_and_is_reported():
    stations = [[0.0, 0.0], [500.0, 0.0]]
    points = [[3.0, 4.0], [10.0, 0.0], [500.0, 9.99], [200.0, 0.0], [0.0, 0.0]]
    assert radio.near_mast(points, stations).tolist() == [True, False, True, False, True]
    loss = [[float(radio.path_loss("UMa", 50.0, 2.6, los=False)), -np.inf]]
    cover = radio.sector_coverage(points, [0] * 5, loss, transmitters(stations, [0, 0]))
    assert cover.toarray().any(axis=1).tolist() == [True, True, True, False, True]


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (0, [[0.0, np.nan]]),
        (0, [0.0, 0.0]),
        (1, [1]),
        (1, [-1]),
        (1, [0.0]),
        (2, [[100.0]]),
        (2, [[np.nan, 0.0]]),
        (2, [100.0, 100.0]),
    ],
)
def test_rows_that_do_not_fit_are_refused(place, value):
    case = [[[0.0, 0.0]], [0], [[100.0, 100.0]], transmitters([[1.0, 1.0]], [0])]
    case[place] = value
    with pytest.raises(ProblemError):
        radio.sector_coverage(*case)


@pytest.mark.parametrize(
    "change",
    [
        {"xy": [[0.0, np.inf]]},
        {"xy": [[0.0, 0.0], [1.0, 1.0]]},
        {"station_class": [2]},
        {"station_class": [0, 0]},
        {"sectors": radio.make_sectors(2, [0, 1], [0.0, 0.0], [ALL_ROUND])},
    ],
)
def test_transmitters_that_do_not_fit_are_refused(change):
    fitting = {
        "xy": [[0.0, 0.0]],
        "station_class": [0],
        "classes": (URBAN, RURAL),
        "sectors": radio.make_sectors(1, [0], [0.0], [ALL_ROUND]),
        "radio": RADIO,
    }
    assert len(radio.Transmitters(**fitting).xy) == 1
    with pytest.raises(ProblemError):
        radio.Transmitters(**fitting | change)


ENTRIES = {
    "outdoor": radio.OUTDOORS,
    "wall": radio.wall_entry("tr-low", 2.6),
    "vehicle": RADIO.vehicle_entry(),
}


def farthest(scene, band, entry, h_bs_m):
    """Farthest place served on the axis of a sector whose tilt is chosen for its height, m."""
    budget = radio.link_budget(RADIO, band, scene.at(h_bs_m), entry)
    tilt = radio.default_tilt(band.antenna, h_bs_m, budget.range_m)
    sectors = radio.make_sectors(1, [0], [0.0], [band.antenna], electrical_tilt_deg=tilt)
    station = radio.StationClass(band, scene, h_bs_m)
    sent = radio.Transmitters([[0.0, 0.0]], [0], (station,), sectors, RADIO)
    ahead = np.arange(10.0, 5000.0, 5.0)
    points = np.column_stack((np.zeros(len(ahead)), ahead))
    loss = np.array([[budget.max_loss_db]])
    cover = radio.sector_coverage(points, np.zeros(len(ahead), int), loss, sent)
    return ahead[np.diff(cover.indptr) > 0].max()


@pytest.mark.parametrize("scene", ["urban", "rural"])
@pytest.mark.parametrize(
    ("band", "place"), [("n78", "outdoor"), ("n41", "wall"), ("n28", "vehicle")]
)
def test_a_higher_mast_with_its_own_tilt_reaches_farther(scene, band, place):
    heights = [12.0, 15.0, 20.0, 25.0, 30.0, 38.0, 45.0, 60.0]
    parts = (RADIO.scenes[scene], radio.BANDS[band], ENTRIES[place])
    reach = {h: farthest(*parts, h) for h in heights}
    assert list(reach.values()) == sorted(reach.values())
    assert reach[45.0] > 1.5 * reach[15.0]
