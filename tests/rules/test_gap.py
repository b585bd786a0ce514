"""Gaps of a road against hand oracles and a plain recomputation at every count."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.rules import failing, failing_pieces
from tests.rules.grounds import NEVER, chains_of, judged

Array = npt.NDArray[Any]


@pytest.mark.parametrize(
    ("sites", "length", "gaps_all", "longest", "passes"),
    [
        (np.arange(500.0, 9_501.0, 500.0), 10_000, 2, 250, True),
        (np.delete(250 + 500.0 * np.arange(20), 7), 10_000, 1, 500, True),
        (
            250 + 500.0 * np.arange(38) + 250.0 * np.repeat([0, 1, 2, 3], [8, 10, 10, 10]) + 250,
            20_000,
            4,
            250,
            True,
        ),
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
    ground = chains_of([[50.0] * int(length / 50)])
    middle = np.arange(len(ground.places)) * 50.0 + 25.0
    near = np.abs(middle[:, None] - sites[None, :]) <= 250.0
    rank = np.where(near.any(axis=1), near.argmax(axis=1), NEVER)
    measures = judged(ground, rank, len(sites), share=0.95, gap=500.0).measures
    at = {name: values[len(sites)] for name, values in measures.items()}
    assert at["share"] == pytest.approx(0.95)
    assert (at["gaps_all"], at["longest_m"], at["passes"]) == (gaps_all, longest, passes)
    assert at["gaps"] == (0 if passes else 1)
    assert at["gaps_per_100km"] == pytest.approx(gaps_all / length * 1e5)
    assert failing(at) == ([] if passes else [("gap", "length", longest)])


@pytest.mark.parametrize(("dark", "fails"), [(10, False), (11, True)])
def test_over_500_m_means_eleven_samples_of_50_m(dark: int, fails: bool) -> None:
    rank = np.zeros(400, np.int64)
    rank[100 : 100 + dark] = NEVER
    at = judged(chains_of([[50.0] * 400]), rank, 1, gap=500.0).measures
    assert bool(at["gaps"][1]) is fails
    assert bool(at["passes"][1]) is not fails
    assert at["fail_gap"][1] == (50.0 * dark if fails else 0.0)


def test_a_gap_does_not_cross_from_one_chain_to_the_next() -> None:
    at = judged(chains_of([[50.0] * 8, [50.0] * 8]), np.full(16, NEVER), 1, gap=500.0).measures
    assert (at["gaps_all"][1], at["gaps"][1], at["longest_m"][1]) == (2, 0, 400.0)


def test_a_gap_is_measured_with_the_short_sample_at_the_end_of_its_chain() -> None:
    at = judged(chains_of([[50.0] * 10 + [20.0]]), np.full(11, NEVER), 1, gap=500.0).measures
    assert (at["longest_m"][1], at["gaps"][1]) == (520.0, 1)


@st.composite
def chains(draw: st.DrawFn) -> tuple[list[list[float]], Array]:
    counts = draw(st.lists(st.integers(0, 30), min_size=1, max_size=3))
    lengths = [[50.0] * n + [draw(st.sampled_from([1.0, 20.0, 50.0]))] for n in counts]
    total = sum(map(len, lengths))
    rank = draw(st.lists(st.sampled_from([-1, 0, 3, 5, 8, NEVER]), min_size=total, max_size=total))
    return lengths, np.array(rank)


@settings(deadline=None)
@given(chains(), st.sampled_from([100.0, 120.0, 500.0]))
def test_gaps_at_every_count_equal_a_plain_recomputation(
    road: tuple[list[list[float]], Array], limit: float
) -> None:
    lengths, rank = road
    ground = chains_of(lengths)
    found, opened = judged(ground, rank, 9, gap=limit)
    for count in range(10):
        runs, failing_samples, place = [], set(), 0
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
        failing_samples = {sample for run in over for sample in run}
        assert (found["gaps_all"][count], found["gaps"][count]) == (len(runs), len(over))
        assert found["longest_m"][count] == pytest.approx(max(size, default=0))
        assert found["fail_gap"][count] == pytest.approx(max(size) if over else 0.0)
        assert found["passes"][count] == (not over)
        assert set(np.flatnonzero(opened >= count)) == failing_samples
        assert sorted(map(len, failing_pieces(ground, opened, count))) == sorted(map(len, over))
