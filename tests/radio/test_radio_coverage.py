"""The sparse matrix against plain distances."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner import radio
from planner.errors import ProblemError


def district(seed, n, m, n_classes=(4, 5), extent=6000.0):
    rng = np.random.default_rng(seed)
    table = rng.choice([0.0, 80.0, 193.0, 561.0, 2336.0], n_classes)
    return (
        rng.random((n, 2)) * extent + [5e5, 3.7e6],
        rng.integers(0, n_classes[0], n),
        rng.random((m, 2)) * extent + [5e5, 3.7e6],
        rng.integers(0, n_classes[1], m),
        table,
    )


def by_distance(points, p_class, stations, s_class, table):
    d = np.hypot(*(points[:, None] - stations[None]).transpose(2, 0, 1))
    reach = table[p_class][:, s_class]
    return (d <= reach) & (reach > 0)


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 120), st.integers(0, 80))
def test_same_as_plain_distances(seed, n, m):
    case = district(seed, n, m)
    cover = radio.coverage(*case)
    assert (cover.shape, cover.dtype, cover.indices.dtype) == ((n, m), np.bool_, np.int32)
    cover.check_format(full_check=True)
    assert all(
        (np.diff(cover.indices[a:b]) > 0).all()
        for a, b in zip(cover.indptr, cover.indptr[1:], strict=False)
    )
    assert (cover.toarray() == by_distance(*case)).all()


def test_tiles_and_threads_do_not_matter(monkeypatch):
    case = district(7, 3000, 400)
    whole = radio.coverage(*case, threads=1)
    monkeypatch.setattr("planner.radio.grid.TILE_ROWS", 97)
    for threads in (1, 2, 5):
        tiled = radio.coverage(*case, threads=threads)
        assert (tiled.indptr == whole.indptr).all()
        assert (tiled.indices == whole.indices).all()
    part = radio.coverage(case[0][500:900], case[1][500:900], *case[2:])
    assert (part != whole[500:900]).nnz == 0


def test_the_edge_is_inside_and_every_station_on_one_line_is_found():
    stations = np.column_stack((np.arange(50) * 100.0, np.zeros(50)))
    cover = radio.coverage([[0.0, 0.0]], [0], stations, np.zeros(50, dtype=int), [[1000.0]])
    assert cover.indices.tolist() == list(range(11))


def test_below_ten_metres_counts_as_covered_and_is_reported():
    stations = [[0.0, 0.0], [500.0, 0.0]]
    points = [[3.0, 4.0], [10.0, 0.0], [500.0, 9.99], [200.0, 0.0], [0.0, 0.0]]
    assert radio.near_mast(points, stations).tolist() == [True, False, True, False, True]
    cover = radio.coverage(points, [0] * 5, stations, [0, 0], [[50.0]])
    assert cover.toarray().any(axis=1).tolist() == [True, True, True, False, True]


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (0, [[0.0, np.nan]]),
        (0, [0.0, 0.0]),
        (1, [1]),
        (1, [-1]),
        (1, [0.0]),
        (3, [0, 0]),
        (4, [[5.0]]),
        (4, [[np.inf]]),
        (4, [100.0]),
    ],
)
def test_input_that_does_not_fit_is_refused(place, value):
    case = [[[0.0, 0.0]], [0], [[1.0, 1.0]], [0], [[100.0]]]
    case[place] = value
    with pytest.raises(ProblemError):
        radio.coverage(*case)
