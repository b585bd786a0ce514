"""Continuity against hand oracles and a plain recomputation at every count."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from planner import fields as F
from planner.model import Grid
from planner.plan.continuity import (
    Ground,
    disc_offsets,
    failing_pieces,
    make_grounds,
    measure_ground,
    opened_rank,
)
from planner.scenario import Scenario
from tests.plan.conftest import make_scenario

Array = npt.NDArray[Any]
SCENARIO = make_scenario()
CELL_M2 = 2_500.0


def one_layer(name: str, **rule: float) -> Scenario:
    tree = SCENARIO.to_tree()
    tree["layers"] = [layer for layer in tree["layers"] if layer["name"] == name]
    tree["layers"][0]["rule"] |= rule
    return Scenario.from_tree(tree, root=SCENARIO.root)


def road_ground(lengths: list[list[float]], **rule: float) -> Ground:
    """A layer of chains, each given by the lengths of its samples."""
    road = np.repeat(np.arange(len(lengths)), [len(chain) for chain in lengths])
    size = np.concatenate([np.array(chain, float) for chain in lengths])
    points = pd.DataFrame({F.ROAD: road, F.LENGTH_M: size, F.AREA_M2: np.nan, F.CELL: -1})
    grid = Grid(0.0, 0.0, 50.0, 1, 1, 50.0)
    return make_grounds(one_layer("roads", **rule), points, np.ones((len(points), 1)), grid)[0]


def area_ground(mask: Array, **rule: float) -> Ground:
    """A layer whose cells are those of a drawing."""
    cell = np.flatnonzero(mask.ravel())
    points = pd.DataFrame({F.ROAD: -1, F.LENGTH_M: np.nan, F.AREA_M2: CELL_M2, F.CELL: cell})
    grid = Grid(0.0, 0.0, 50.0, mask.shape[1], mask.shape[0], 50.0)
    return make_grounds(one_layer("core", **rule), points, np.ones((len(points), 1)), grid)[0]


def served_by(sites_m: Array, length_m: float, radius_m: float = 250.0) -> dict[str, float]:
    """Measures of a straight road of 50 m samples once all sites are open."""
    ground = road_ground([[50.0] * int(length_m / 50)])
    middle = np.arange(len(ground.places)) * 50.0 + 25.0
    near = np.abs(middle[:, None] - sites_m[None, :]) <= radius_m
    rank = np.where(near.any(axis=1), near.argmax(axis=1), F.NEVER)
    top = len(sites_m)
    return {name: values[top] for name, values in measure_ground(ground, rank, opened_rank(ground, rank), top).items()}


@pytest.mark.parametrize(
    ("sites", "length", "gaps_all", "longest", "passes"),
    [
        (np.arange(500.0, 9_501.0, 500.0), 10_000, 2, 250, True),
        (np.delete(250 + 500.0 * np.arange(20), 7), 10_000, 1, 500, True),
        (250 + 500.0 * np.arange(38) + 250.0 * np.repeat([0, 1, 2, 3], [8, 10, 10, 10]) + 250, 20_000, 4, 250, True),
        (np.delete(250 + 500.0 * np.arange(40), [7, 23]), 20_000, 2, 500, True),
        (np.delete(250 + 500.0 * np.arange(40), [7, 8]), 20_000, 1, 1_000, False),
    ],
    ids=[
        "10 km, two ends of 250",
        "10 km, one of 500",
        "20 km, four of 250",
        "20 km, two of 500",
        "20 km, one of 1,000",
    ],
)
def test_95_per_cent_of_a_road_passes_or_fails_by_its_longest_gap(
    sites: Array, length: float, gaps_all: int, longest: float, passes: bool
) -> None:
    at = served_by(sites, length)
    assert at["share"] == pytest.approx(0.95)
    assert (at["gaps_all"], at["longest_m"], at["passes"]) == (gaps_all, longest, passes)
    assert at["gaps"] == (0 if passes else 1)
    assert at["gaps_per_100km"] == pytest.approx(gaps_all / length * 1e5)


@pytest.mark.parametrize(("dark", "fails"), [(10, False), (11, True)])
def test_over_500_m_means_eleven_samples_of_50_m(dark: int, fails: bool) -> None:
    ground = road_ground([[50.0] * 400])
    rank = np.zeros(400, np.int64)
    rank[100 : 100 + dark] = F.NEVER
    at = measure_ground(ground, rank, opened_rank(ground, rank), 1)
    assert bool(at["gaps"][1]) is fails
    assert bool(at["passes"][1]) is not fails


def test_a_gap_does_not_cross_from_one_chain_to_the_next() -> None:
    ground = road_ground([[50.0] * 8, [50.0] * 8])
    rank = np.full(16, F.NEVER)
    at = measure_ground(ground, rank, opened_rank(ground, rank), 1)
    assert (at["gaps_all"][1], at["gaps"][1], at["longest_m"][1]) == (2, 0, 400.0)


def test_a_gap_is_measured_with_the_short_sample_at_the_end_of_its_chain() -> None:
    ground = road_ground([[50.0] * 10 + [20.0]])
    rank = np.full(11, F.NEVER)
    at = measure_ground(ground, rank, opened_rank(ground, rank), 1)
    assert (at["longest_m"][1], at["gaps"][1]) == (520.0, 1)


def test_a_hole_is_where_the_disc_fits_and_nothing_less() -> None:
    mask = np.ones((30, 60), bool)
    ground = area_ground(mask, hole_radius_m=250.0)
    dark = np.zeros(mask.shape, bool)
    dark[3:14, 3:14] = True  # holds the disc of 11 cells across: the hole is the disc itself and not the corners
    dark[18:28, 20:50] = True  # long, but 10 cells wide
    rank = np.where(dark, F.NEVER, 0).ravel()
    at = measure_ground(ground, rank, opened_rank(ground, rank), 1)
    disc = len(disc_offsets(250.0, 50.0))
    assert disc == 81
    assert (at["holes"][1], at["largest_ha"][1]) == (1, disc * CELL_M2 / 1e4)
    assert not at["passes"][1]


def test_a_disc_that_leaves_the_layer_makes_no_hole() -> None:
    mask = np.ones((10, 40), bool)  # too narrow for the disc, and dark all over
    ground = area_ground(mask, hole_radius_m=250.0)
    rank = np.full(mask.sum(), F.NEVER)
    at = measure_ground(ground, rank, opened_rank(ground, rank), 1)
    assert (at["holes"][1], at["share"][1], at["passes"][1]) == (0, 0.0, False)


def test_a_layer_without_a_place_passes_and_does_not_fail() -> None:
    ground = area_ground(np.zeros((5, 5), bool))
    none = np.empty(0, np.int64)
    at = measure_ground(ground, none, opened_rank(ground, none), 3)
    assert at["passes"].all()
    assert failing_pieces(ground, opened_rank(ground, none), 2) == []


@st.composite
def drawings(draw: st.DrawFn) -> tuple[Array, Array, float]:
    height, width = draw(st.integers(3, 14)), draw(st.integers(3, 14))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    mask = rng.random((height, width)) < draw(st.sampled_from([0.7, 0.95, 1.0]))
    coarse = rng.integers(0, 12, (height // 3 + 1, width // 3 + 1))
    rank = np.kron(coarse, np.ones((3, 3), np.int64))[:height, :width]
    rank = np.where(rank > 9, F.NEVER, rank)
    return mask, rank, draw(st.sampled_from([50.0, 75.0, 100.0, 150.0]))


@settings(deadline=None)
@given(drawings())
def test_holes_at_every_count_equal_a_plain_recomputation(drawing: tuple[Array, Array, float]) -> None:
    mask, rank, radius = drawing
    ground = area_ground(mask, hole_radius_m=radius)
    opened = opened_rank(ground, rank[mask])
    found = measure_ground(ground, rank[mask], opened, 11)
    offsets = [(dy, dx) for dy in range(-3, 4) for dx in range(-3, 4) if (dy * dy + dx * dx) * 50**2 <= radius**2]
    for count in range(12):
        dark = mask & (rank >= count)
        holes = np.zeros_like(dark)
        for row, column in np.argwhere(dark):
            disc = [(row + dy, column + dx) for dy, dx in offsets]
            if all(0 <= r < dark.shape[0] and 0 <= c < dark.shape[1] and dark[r, c] for r, c in disc):
                holes[tuple(np.transpose(disc))] = True
        label, number = ndimage.label(holes, np.ones((3, 3)))
        sizes = sorted(np.bincount(label.ravel())[1:] * CELL_M2, reverse=True)
        assert found["holes"][count] == number
        assert found["largest_ha"][count] == pytest.approx(max(sizes, default=0) / 1e4)
        assert found["share"][count] == pytest.approx(1 - dark.sum() / mask.sum() if mask.any() else 1.0)
        pieces = failing_pieces(ground, opened, count)
        assert [ground.size[piece].sum() for piece in pieces] == pytest.approx(sizes)
        assert np.array_equal(np.sort(np.concatenate([*pieces, []])), np.flatnonzero(holes[mask]))


@st.composite
def chains(draw: st.DrawFn) -> tuple[list[list[float]], Array]:
    counts = draw(st.lists(st.integers(0, 30), min_size=1, max_size=3))
    lengths = [[50.0] * n + [draw(st.sampled_from([1.0, 20.0, 50.0]))] for n in counts]
    total = sum(map(len, lengths))
    rank = draw(st.lists(st.sampled_from([0, 3, 5, 8, F.NEVER]), min_size=total, max_size=total))
    return lengths, np.array(rank)


@settings(deadline=None)
@given(chains(), st.sampled_from([100.0, 120.0, 500.0]))
def test_gaps_at_every_count_equal_a_plain_recomputation(road: tuple[list[list[float]], Array], limit: float) -> None:
    lengths, rank = road
    ground = road_ground(lengths, gap_m=limit)
    opened = opened_rank(ground, rank)
    found = measure_ground(ground, rank, opened, 9)
    for count in range(10):
        runs, failing, place = [], set(), 0
        for chain in lengths:
            run: list[int] = []
            for _ in chain:
                if rank[place] >= count:
                    run.append(place)
                elif run:
                    runs.append(run)
                    run = []
                place += 1
            runs += [run] if run else []
        size = [float(ground.size[run].sum()) for run in runs]
        over = [run for run, metres in zip(runs, size, strict=True) if metres > limit + 0.5]
        failing = {sample for run in over for sample in run}
        assert (found["gaps_all"][count], found["gaps"][count]) == (len(runs), len(over))
        assert found["longest_m"][count] == pytest.approx(max(size, default=0))
        assert set(np.flatnonzero(opened >= count)) == failing
        assert sorted(map(len, failing_pieces(ground, opened, count))) == sorted(map(len, over))


def test_sums_do_not_depend_on_the_order_of_service() -> None:
    rng = np.random.default_rng(3)
    mask = np.ones((20, 20), bool)
    ground = area_ground(mask)
    rank = rng.integers(0, 50, 400)
    permuted = np.append(rng.permutation(50), 99)[rank]
    shares = [measure_ground(ground, r, opened_rank(ground, r), 60)["share"] for r in (rank, permuted)]
    assert shares[0][50] == shares[1][50] == 1.0
