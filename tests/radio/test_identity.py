"""Neighbour lists, identities and root sequences against plain re-computations."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from planner import radio
from planner.errors import ProblemError
from planner.radio.prach import LONG, SHIFTS, SHORT

KEEP_M, REUSE_M = 3000.0, 6000.0


# random access


@pytest.mark.parametrize(
    ("n_cs", "radius_km", "roots"),
    [
        # as a vendor's guide for LTE prints them: delay spread 5.2 us, two samples of guard
        (13, 0.79, 1), (15, 1.08, 2), (18, 1.51, 2), (22, 2.08, 2), (26, 2.65, 2), (32, 3.51, 3),
        (38, 4.37, 3), (46, 5.51, 4), (59, 7.37, 5), (76, 9.80, 6), (0, 118.93, 64),
    ],
)  # fmt: skip
def test_long_sequences_reach_as_far_as_published(n_cs, radius_km, roots):
    if not n_cs:
        # a whole sequence a preamble: beyond the widest shift
        need = radio.random_access(100_000.0, LONG, 1.25, 5.2, 2)
        assert (need.n_cs, need.zone, need.roots) == (0, 0, roots)
        assert need.reach_m / 1e3 == pytest.approx(radius_km, abs=0.01)
        return
    need = radio.random_access(1e3 * radius_km - 20, LONG, 1.25, 5.2, 2)
    assert (need.n_cs, need.roots) == (n_cs, roots)
    assert need.reach_m / 1e3 == pytest.approx(radius_km, abs=0.01)
    assert SHIFTS[LONG][need.zone] == n_cs
    wider = radio.random_access(need.reach_m + 1, LONG, 1.25, 5.2, 2)
    assert wider.n_cs > n_cs


def test_short_sequences_by_hand():
    # 30 kHz: 33.33 us over 139 samples; 300 m are 2 us there and back: 4.6 us = 19.2 samples
    need = radio.random_access(300.0, SHORT, 30.0, 2.6, 2)
    assert (need.n_cs, need.zone, need.roots) == (23, 11, math.ceil(64 / 6))
    # 120 kHz has a quarter of the time
    assert radio.random_access(300.0, SHORT, 120.0, 2.6, 2).n_cs == 0
    assert radio.random_access(3000.0, SHORT, 120.0, 2.6, 2).reach_m < 3000.0


def test_the_tables_of_shifts_are_those_of_the_standard():
    """Retyped from the printed tables, as differences between neighbouring entries."""
    steps = {
        LONG: (13, 2, 3, 4, 4, 6, 6, 8, 13, 17, 17, 26, 48, 112, 140),
        SHORT: (2, 2, 2, 2, 2, 2, 1, 2, 2, 2, 4, 4, 7, 12, 23),
    }
    for length, wanted in steps.items():
        assert SHIFTS[length][0] == 0
        assert tuple(np.diff(SHIFTS[length])) == wanted


@pytest.mark.parametrize(("f_ghz", "length", "scs_khz"), [(0.7, 839, 1.25), (28.0, 139, 120.0)])
def test_bands_have_a_length(f_ghz, length, scs_khz):
    known = {band.f_ghz: band for band in radio.KNOWN_BANDS.values()}
    assert (known[f_ghz].prach_length, known[f_ghz].prach_scs_khz) == (length, scs_khz)
    short = radio.BANDS["n78"].model_copy(update={"prach_length": 139})
    assert short.prach_scs_khz == 30.0


def test_there_is_no_long_sequence_above_24_ghz():
    with pytest.raises(ValueError, match="139"):
        radio.Band(**{**radio.KNOWN_BANDS["n257"].model_dump(), "prach_length": 839})


# neighbour lists


def pairs_of(relations):
    return set(zip(relations.one.tolist(), relations.other.tolist(), strict=True))


def test_shared_ground_and_length_of_lists():
    heard = csr_matrix(np.array([[1, 1, 0], [1, 1, 0], [1, 0, 1], [0, 0, 1]], dtype=bool))
    weight, site, carrier = [1.0, 2.0, 5.0, 7.0], [0, 1, 2], [0, 0, 0]
    found = radio.neighbours(heard, weight, site, carrier, [True] * 3, most=2)
    assert dict(zip(sorted(pairs_of(found)), found.shared_m2.tolist(), strict=True)) == {
        (0, 1): 3.0,
        (0, 2): 5.0,
    }
    short = radio.neighbours(heard, weight, site, carrier, [True] * 3, most=1)
    assert pairs_of(short) == {(0, 2)}, "the list of 0 is full"
    unknown = radio.neighbours(heard, weight, site, carrier, [True, True, False], most=2)
    assert pairs_of(unknown) == {(0, 1)}
    nothing = csr_matrix((0, 3), dtype=bool)
    mates = radio.neighbours(nothing, [], [0, 0, 0], [0, 0, 1], [True] * 3, most=1)
    assert pairs_of(mates) == {(0, 1), (0, 2), (1, 2)} and mates.same_site.all()
    with pytest.raises(ProblemError):
        radio.neighbours(heard, weight, site, carrier, [True] * 3, most=0)


def test_other_carriers_have_room_in_a_list():
    # cell 0 shares 10 m2 with each of five of its own carrier, and 1 m2 with one of another
    table = np.zeros((6, 7), dtype=bool)
    table[:, 0] = True
    table[np.arange(6), np.arange(1, 7)] = True
    carrier = [0] * 6 + [1]
    found = radio.neighbours(
        csr_matrix(table), [10.0] * 5 + [1.0], range(7), carrier, [True] * 7, most=3
    )
    assert (0, 6) in pairs_of(found)


# codes


def county(seed, sites, side_m=20_000.0, sides=3):
    """Sites in a square, two carriers, each cell a neighbour of those of the nearest sites."""
    random = np.random.default_rng(seed)
    xy = random.random((sites, 2)) * side_m
    on = random.integers(0, 2, sites)
    station = np.repeat(np.arange(sites), sides)
    places = radio.Places(xy, station.astype(np.int64), on[station].astype(np.int64))
    far = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    near = np.argsort(far, axis=1, kind="stable")[:, :4]
    pairs = {(min(a, b), max(a, b)) for a in range(sites) for b in near[a] if a != b}
    cells = [(sides * a + i, sides * b + i) for a, b in pairs for i in range(sides)]
    cells += [(sides * a + i, sides * a + j) for a in range(sites) for i in range(sides)
              for j in range(i + 1, sides)]  # fmt: skip
    one, other = np.array(sorted(cells), dtype=np.int64).T
    relations = radio.Relations(
        one, other, random.random(len(one)) * 1e4, station[one] == station[other]
    )
    return places, relations


def codes_of(places, total=radio.N_PCI, width=1, *, by_three=True):
    ones = np.ones(len(places.station), dtype=np.int64)
    return radio.Codes(total * ones, width * ones, by_three=by_three)


def assign(places, relations, codes, before=None, listed=None, own=None):
    none = np.full(len(places.station), radio.NONE)
    wanted = none if before is None else before
    settled = np.zeros(len(none), bool) if listed is None else listed
    near = radio.near_pairs(relations, places)
    held = radio.kept_codes(wanted, settled, codes, near, places, KEEP_M)
    return radio.spread_codes(
        held, wanted, codes, relations, near, places,
        own=len(none) if own is None else own, keep_m=KEEP_M, reuse_m=REUSE_M,
    )  # fmt: skip


def clashes_by_force(code, codes, relations, places):
    """First and second order, and the least distance, every cell against every other."""
    count = len(code)
    hops = np.zeros((count, count), dtype=np.float32)
    hops[relations.one, relations.other] = hops[relations.other, relations.one] = 1
    last = code + codes.width - 1
    common = (code[:, None] <= last[None]) & (code[None] <= last[:, None])
    common &= (code[:, None] >= 0) & (code[None] >= 0) & ~np.eye(count, dtype=bool)
    common &= places.carrier[:, None] == places.carrier[None]
    xy = places.xy[places.station]
    far = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    least = np.where(common, far, np.inf).min(axis=1, initial=np.inf)
    found = [np.argwhere(np.triu(common & (way > 0))) for way in (hops, hops @ hops)]
    return *({tuple(pair) for pair in pairs.tolist()} for pairs in found), least


def checked(code, codes, relations, places):
    near = radio.near_pairs(relations, places)
    found = radio.find_clashes(code, codes, relations, near, places)
    first, second, least = clashes_by_force(code, codes, relations, places)
    assert {tuple(pair) for pair in found.first.tolist()} == first
    assert {tuple(pair) for pair in found.second.tolist()} == second
    assert found.reuse_m == pytest.approx(least)
    return found


@settings(deadline=None, max_examples=12)
@given(st.integers(0, 2**32 - 1), st.integers(1, 90), st.sampled_from([60, 300, 1008]))
def test_clashes_are_those_found_cell_by_cell(seed, sites, total):
    """Also where codes are too few, and clashes are left."""
    places, relations = county(seed, sites)
    for codes in (codes_of(places, total), codes_of(places, total, 2, by_three=False)):
        code = assign(places, relations, codes)
        assert (code >= 0).all() and (code + codes.width <= total).all()
        checked(code, codes, relations, places)


def test_identities_come_again_far_away():
    places, relations = county(1, 700)
    codes = codes_of(places)
    code = assign(places, relations, codes)
    found = checked(code, codes, relations, places)
    assert not len(found.first) and not len(found.second)
    assert found.reuse_m.min() >= REUSE_M
    assert (np.sort(code.reshape(-1, 3) % 3, axis=1) == [0, 1, 2]).all()
    assert (np.ptp(code.reshape(-1, 3), axis=1) == 2).all(), "three identities in a row"

    # three remainders by 30 fall to chance alone at one pair in thirty
    a, b = relations.one, relations.other
    alike = places.carrier[a] == places.carrier[b]
    for modulus, chance in ((30, 0.1), (4, 0.8), (3, 1.0)):
        clashes = (code[a] % modulus == code[b] % modulus)[alike & ~relations.same_site]
        assert clashes.mean() < chance / modulus


def test_where_codes_are_too_few_the_farthest_is_taken():
    # ten stations a kilometre apart, and four blocks of three: each comes again after four
    places = radio.Places(
        np.column_stack((np.arange(10) * 1000.0, np.zeros(10))),
        np.repeat(np.arange(10), 3),
        np.zeros(30, np.int64),
    )
    none = np.zeros(0, np.int64)
    relations = radio.Relations(none, none, np.zeros(0), np.zeros(0, bool))
    codes = codes_of(places, 12)
    code = assign(places, relations, codes)
    found = checked(code, codes, relations, places)
    assert found.reuse_m.min() >= 3000.0


def test_sites_of_one_to_six_sides_have_all_remainders():
    places, relations = county(3, 20, sides=5)
    code = assign(places, relations, codes_of(places))
    for station in range(20):
        own = code[places.station == station]
        assert len(set(own.tolist())) == 5 and set(own % 3) == {0, 1, 2}


def test_what_fits_stays_and_what_does_not_goes():
    places, relations = county(5, 300)
    codes = codes_of(places)
    code = assign(places, relations, codes)
    assert (assign(places, relations, codes, before=code) == code).all()

    # a listed cell takes the code of another nearby: that one alone gives way
    listed = np.zeros(len(code), bool)
    a = 30
    far = np.hypot(*(places.xy - places.xy[places.station[a]]).T)[places.station]
    near = np.flatnonzero((places.carrier == places.carrier[a]) & (far > 0) & (far <= KEEP_M))
    b = int(near[np.argmin(far[near])])
    wanted = code.copy()
    wanted[a], listed[a] = code[b], True
    again = assign(places, relations, codes, before=wanted, listed=listed)
    assert again[a] == code[b]
    assert np.flatnonzero(again != wanted).tolist() == [b]
    assert again[b] % 3 == code[b] % 3, "its two sisters keep their remainders"
    found = checked(again, codes, relations, places)
    assert not len(found.first) and not len(found.second) and found.reuse_m.min() > KEEP_M

    # two listed ones stay, whatever they do to each other, and that is found
    listed[b] = True
    kept = assign(places, relations, codes, before=wanted, listed=listed)
    assert (kept == wanted).all()
    assert checked(kept, codes, relations, places).reuse_m.min() <= KEEP_M


def test_what_cannot_be_bettered_is_not_changed():
    """With too few codes nothing fits: a new version still changes nothing."""
    places, relations = county(9, 80, side_m=4000.0)
    codes = codes_of(places, 30)
    code = assign(places, relations, codes)
    assert checked(code, codes, relations, places).reuse_m.min() < KEEP_M
    again = assign(places, relations, codes, before=code)
    assert (again != code).mean() < 0.05


def test_cells_of_others_are_given_nothing():
    places, relations = county(11, 10)
    code = assign(places, relations, codes_of(places), own=24)
    assert (code[:24] >= 0).all() and (code[24:] == radio.NONE).all()


def test_no_cell_needs_no_code():
    none = np.zeros(0, np.int64)
    places = radio.Places(np.zeros((0, 2)), none, none)
    relations = radio.Relations(none, none, np.zeros(0), np.zeros(0, bool))
    assert assign(places, relations, codes_of(places)).shape == (0,)
