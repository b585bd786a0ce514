"""Datums: published pairs, an independent program, exact inverses; CRS: axes and zone prefix."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from coord_convert.transform import Transform
from hypothesis import given
from hypothesis import strategies as st

from planner import crs
from planner.errors import InputError

WGS_GCJ = [  # test vectors of eviltransform and coordtransform, longitude first
    ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
    ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
    ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
    ((116.404, 39.915), (116.41024449916938, 39.91640428150164)),
]
GCJ_BD = [((116.404, 39.915), (116.41036949371029, 39.92133699351021))]
METRES_PER_DEGREE = 111_320.0
EXACT_M = 7e-9  # the last digits of a double: 1.4e-14 degree a step, a few steps

chinese = st.tuples(st.floats(73.6, 134.7), st.floats(18.2, 53.5))


@pytest.mark.parametrize(("wgs", "gcj"), WGS_GCJ)
def test_published_pairs_of_gcj02(wgs: tuple[float, float], gcj: tuple[float, float]) -> None:
    assert np.allclose(crs.convert(*wgs, "wgs84", "gcj02"), gcj, rtol=0, atol=1e-12)
    assert np.allclose(crs.convert(*gcj, "gcj02", "wgs84"), wgs, rtol=0, atol=1e-12)


@pytest.mark.parametrize(("gcj", "bd"), GCJ_BD)
def test_published_pairs_of_bd09(gcj: tuple[float, float], bd: tuple[float, float]) -> None:
    assert np.allclose(crs.convert(*gcj, "gcj02", "bd09"), bd, rtol=0, atol=1e-12)
    assert np.allclose(crs.convert(*bd, "bd09", "gcj02"), gcj, rtol=0, atol=1e-12)


def test_agrees_with_an_independent_program() -> None:
    rng = np.random.default_rng(7)
    lon, lat = rng.uniform(119.9, 120.7, 200), rng.uniform(33.2, 33.7, 200)
    gcj, bd = crs.convert(lon, lat, "wgs84", "gcj02"), crs.convert(lon, lat, "wgs84", "bd09")
    back = crs.convert(*bd, "bd09", "wgs84")
    other = Transform()
    for i in range(len(lon)):
        assert (bd[0][i], bd[1][i]) == pytest.approx(other.wgs2bd(lon[i], lat[i]), abs=1e-12)
        assert (gcj[0][i], gcj[1][i]) == pytest.approx(other.wgs2gcj(lon[i], lat[i]), abs=1e-12)
        assert (back[0][i], back[1][i]) == pytest.approx(
            other.gcj2wgs(gcj[0][i], gcj[1][i]), abs=2e-9
        )


@given(chinese, st.sampled_from(list(itertools.permutations(crs.DATUMS, 2))))
def test_there_and_back_is_exact(
    place: tuple[float, float], datums: tuple[crs.Datum, crs.Datum]
) -> None:
    there = crs.convert(*place, datums[0], datums[1])
    lon, lat = crs.convert(*there, datums[1], datums[0])
    again = crs.convert(lon, lat, datums[0], datums[1])
    assert np.abs(np.subtract(again, there)).max() * METRES_PER_DEGREE < EXACT_M

    # At 105 degrees east the formula itself is not one to one.
    exact = EXACT_M if abs(place[0] - 105) > 1e-5 else 1e-6
    assert abs(lon - place[0]) * METRES_PER_DEGREE * np.cos(np.radians(place[1])) < exact
    assert abs(lat - place[1]) * METRES_PER_DEGREE < exact


def test_at_105_east_the_published_formula_itself_is_not_one_to_one() -> None:
    lon, lat = crs.convert(*crs.convert(105.0, 19.0, "wgs84", "gcj02"), "gcj02", "wgs84")
    assert np.allclose(
        crs.convert(lon, lat, "wgs84", "gcj02"),
        crs.convert(105.0, 19.0, "wgs84", "gcj02"),
        rtol=0,
        atol=5e-14,
    )


@given(chinese)
def test_a_way_through_another_datum_ends_at_the_same_place(place: tuple[float, float]) -> None:
    direct = crs.convert(*place, "wgs84", "bd09")
    stepped = crs.convert(*crs.convert(*place, "wgs84", "gcj02"), "gcj02", "bd09")
    assert np.array_equal(direct, stepped)


def test_offsets_in_tinghu_are_the_known_ones() -> None:
    lon, lat = np.meshgrid(np.linspace(119.98, 120.6, 30), np.linspace(33.2, 33.65, 30))
    east, north = crs.convert(lon, lat, "wgs84", "gcj02")
    away = np.hypot(
        (east - lon) * METRES_PER_DEGREE * np.cos(np.radians(lat)),
        (north - lat) * METRES_PER_DEGREE,
    )
    assert 430 < away.min() < away.max() < 515


def test_cgcs2000_is_taken_as_wgs84_and_places_abroad_are_left() -> None:
    assert np.array_equal(crs.convert(120.1, 33.4, "wgs84", "cgcs2000"), (120.1, 33.4))
    assert np.array_equal(crs.convert(2.35, 48.85, "wgs84", "bd09"), (2.35, 48.85))


def test_input_arrays_are_not_changed_and_shapes_are_kept() -> None:
    lon, lat = np.full((2, 3), 120.1), np.full((2, 3), 33.4)
    east, _ = crs.convert(lon, lat, "wgs84", "gcj02")
    assert east.shape == (2, 3)
    assert (lon == 120.1).all()
    same, _ = crs.convert(lon, lat, "wgs84", "wgs84")
    same[0, 0] = 0
    assert lon[0, 0] == 120.1


def test_unknown_datum_is_refused_in_two_languages() -> None:
    with pytest.raises(InputError) as caught:
        crs.convert(120, 33, "wgs84", "mars")  # type: ignore[arg-type]
    assert "wgs84" in caught.value.en
    assert "坐标系" in caught.value.zh


@pytest.mark.parametrize(
    ("texts", "datum"),
    [
        (("百度经度", "百度纬度"), "bd09"),
        (("sites_GCJ-02.csv",), "gcj02"),
        (("奥维导出.csv",), "gcj02"),
        (("经度", "纬度"), None),
        (("百度经度", "高德经度"), None),
        (("lon_wgs84",), "wgs84"),
    ],
)
def test_a_datum_is_read_from_words_only_when_they_agree(
    texts: tuple[str, ...], datum: str | None
) -> None:
    assert crs.detect_datum(*texts) == datum


def test_projection_takes_x_before_y_whatever_the_axis_order() -> None:
    # Both are north first by their definition.
    x, y = crs.project(120.1, 33.4, "EPSG:4490", "EPSG:4549")
    assert 500_000 < x < 520_000
    assert 3_690_000 < y < 3_700_000
    x_zone, y_zone = crs.project(120.1, 33.4, "EPSG:4490", "EPSG:4528")
    assert x_zone - x == pytest.approx(40_000_000, abs=1e-6)
    assert y_zone == pytest.approx(y, abs=1e-6)


def test_zone_prefix_names_the_crs() -> None:
    assert crs.gauss_kruger(40_511_234.5) == "EPSG:4528"
    assert crs.gauss_kruger(21_234_567.0) == "EPSG:4499"
    assert crs.gauss_kruger(511_234.5) is None


@given(st.tuples(st.integers(-18_000_000, 18_000_000), st.integers(-9_000_000, 9_000_000)))
def test_place_codes_name_places_one_to_one(steps: tuple[int, int]) -> None:
    lon, lat = steps[0] / 1e5, steps[1] / 1e5
    code = crs.place_code(lon, lat)
    letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    number = 0
    for letter in code:
        number = number * 32 + letters.index(letter)
    assert len(code) == 10
    assert divmod(number, 18_000_001) == (steps[0] + 18_000_000, steps[1] + 9_000_000)


def test_a_definition_without_a_way_to_degrees_is_no_crs() -> None:
    # Earth Projection 104 of a damaged MIF file: a datum that PROJ can name and not convert
    adrift = (
        'GEOGCS["adrift",DATUM["nowhere",SPHEROID["none",0,0]],PRIMEM["x",0],'
        'UNIT["degree",0.0174532925199433]]'
    )
    assert crs.system_of(adrift) is None
    assert crs.system_of("EPSG:999999") is None
    known = crs.system_of("EPSG:4549")
    assert known is not None and known.to_epsg() == 4549
