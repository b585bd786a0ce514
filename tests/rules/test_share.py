"""Shares of ground and of residents, counted place by place."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.rules import failing
from tests.rules.grounds import NEVER, cells_of, chains_of, judged

Array = npt.NDArray[Any]
TOP = 9


@st.composite
def towns(draw: st.DrawFn) -> tuple[Array, Array]:
    """People and rank of each of some cells in a row."""
    cells = draw(st.integers(1, 25))
    people = draw(st.lists(st.integers(0, 400), min_size=cells, max_size=cells))
    rank = draw(st.lists(st.sampled_from([-1, 0, 1, 4, 8, NEVER]), min_size=cells, max_size=cells))
    return np.array(people) / 8, np.array(rank)


@settings(deadline=None)
@given(towns(), st.sampled_from([0.0, 0.5, 0.95, 1.0]))
def test_shares_at_every_count_equal_a_plain_recomputation(
    town: tuple[Array, Array], limit: float
) -> None:
    people, rank = town
    ground = cells_of(np.ones((1, len(people)), bool), people[None, :])
    found, opened = judged(ground, rank, TOP, share=limit, residents=limit)
    assert (opened == -1).all()  # neither is about a piece of ground
    for count in range(TOP + 1):
        served = [at < count for at in rank]
        covered = sum(heads for heads, is_served in zip(people, served, strict=True) if is_served)
        shares = {
            "share": sum(served) / len(served),
            "residents": covered / people.sum() if people.sum() else 1.0,
        }
        assert found["residents"][count] == pytest.approx(covered)
        assert found["share"][count] == pytest.approx(shares["share"])
        assert found["residents_share"][count] == pytest.approx(shares["residents"])
        short = {code: limit - share for code, share in shares.items() if share < limit - 1e-9}
        at = {name: values[count] for name, values in found.items()}
        assert {code: size for code, _, size in failing(at)} == pytest.approx(short)
        assert at["passes"] == (not short)


def test_a_share_of_a_road_is_one_of_its_length() -> None:
    found = judged(
        chains_of([[50.0, 50.0, 20.0], [80.0]]), np.array([0, 2, 2, NEVER]), 3, share=0.75
    ).measures
    assert found["share"].tolist() == [0.0, 0.25, 0.25, 0.6]
    assert found["fail_share"] == pytest.approx([0.75, 0.5, 0.5, 0.15])


def test_a_share_that_misses_by_its_last_bit_holds() -> None:
    rank = np.repeat([0, NEVER], [3, 7])
    limit = 0.1 + 0.2
    assert limit > 3 / 10
    assert judged(chains_of([[50.0] * 10]), rank, 1, share=limit).measures["fail_share"][1] == 0.0


def test_sums_do_not_depend_on_the_order_of_service() -> None:
    rng = np.random.default_rng(3)
    people = rng.random((20, 20)) * 40
    ground = cells_of(np.ones((20, 20), bool), people)
    rank = rng.integers(0, 50, 400)
    permuted = np.append(rng.permutation(50), 99)[rank]
    found = [
        judged(ground, ranks, 60, share=0.95, residents=0.95).measures for ranks in (rank, permuted)
    ]
    assert found[0]["share"][50] == found[1]["share"][50] == 1.0
    assert (
        found[0]["residents"][50]
        == found[1]["residents"][50]
        == pytest.approx(people.sum(), rel=1e-4)
    )
    assert found[0]["residents_share"][50] == found[1]["residents_share"][50] == 1.0
