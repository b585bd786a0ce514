"""Holes of an area against hand oracles and a plain recomputation at every count."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from planner.rules import failing_pieces
from planner.rules.hole import disc_offsets
from tests.rules.grounds import CELL_M2, NEVER, cells_of, judged

Array = npt.NDArray[Any]


def test_a_hole_is_where_the_disc_fits_and_nothing_less() -> None:
    mask = np.ones((30, 60), bool)
    dark = np.zeros(mask.shape, bool)
    dark[3:14, 3:14] = (
        True  # holds the disc of 11 cells across: the hole is the disc itself and not the corners
    )
    dark[18:28, 20:50] = True  # long, but 10 cells wide
    at = judged(cells_of(mask), np.where(dark, NEVER, 0).ravel(), 1, hole=250.0).measures
    disc = len(disc_offsets(250.0, 50.0))
    assert disc == 81
    assert (at["holes"][1], at["largest_ha"][1], at["fail_hole"][1]) == (
        1,
        disc * CELL_M2 / 1e4,
        1.0,
    )
    assert not at["passes"][1]


def test_a_disc_that_leaves_the_layer_makes_no_hole() -> None:
    mask = np.ones((10, 40), bool)  # too narrow for the disc, and dark all over
    at = judged(cells_of(mask), np.full(mask.sum(), NEVER), 1, hole=250.0).measures
    assert (at["holes"][1], at["fail_hole"][1], at["passes"][1]) == (0, 0.0, True)


def test_a_layer_without_a_place_passes_and_does_not_fail() -> None:
    ground = cells_of(np.zeros((5, 5), bool))
    at, opened = judged(ground, np.empty(0, np.int64), 3, share=0.95, residents=0.95, hole=250.0)
    assert at["passes"].all()
    assert failing_pieces(ground, opened, 2) == []


@st.composite
def drawings(draw: st.DrawFn) -> tuple[Array, Array, float]:
    height, width = draw(st.integers(3, 14)), draw(st.integers(3, 14))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    mask = rng.random((height, width)) < draw(st.sampled_from([0.7, 0.95, 1.0]))
    coarse = rng.integers(-1, 12, (height // 3 + 1, width // 3 + 1))
    rank = np.kron(coarse, np.ones((3, 3), np.int64))[:height, :width]
    rank = np.where(rank > 9, NEVER, rank)
    return mask, rank, draw(st.sampled_from([25.0, 50.0, 75.0, 100.0, 150.0]))


@settings(deadline=None)
@given(drawings())
def test_holes_at_every_count_equal_a_plain_recomputation(
    drawing: tuple[Array, Array, float],
) -> None:
    mask, rank, radius = drawing
    ground = cells_of(mask)
    found, opened = judged(ground, rank[mask], 11, hole=radius)
    offsets = [
        (dy, dx)
        for dy in range(-3, 4)
        for dx in range(-3, 4)
        if (dy * dy + dx * dx) * 50**2 <= radius**2
    ]
    for count in range(12):
        dark = mask & (rank >= count)
        holes = np.zeros_like(dark)
        for row, column in np.argwhere(dark):
            disc = [(row + dy, column + dx) for dy, dx in offsets]
            if all(
                0 <= r < dark.shape[0] and 0 <= c < dark.shape[1] and dark[r, c] for r, c in disc
            ):
                holes[tuple(np.transpose(disc))] = True
        label, number = ndimage.label(holes, np.ones((3, 3)))
        sizes = sorted(np.bincount(label.ravel())[1:] * CELL_M2, reverse=True)
        assert found["holes"][count] == found["fail_hole"][count] == number
        assert found["passes"][count] == (number == 0)
        assert found["largest_ha"][count] == pytest.approx(max(sizes, default=0) / 1e4)
        pieces = failing_pieces(ground, opened, count)
        assert [ground.size[piece].sum() for piece in pieces] == pytest.approx(sizes)
        assert np.array_equal(np.sort(np.concatenate([*pieces, []])), np.flatnonzero(holes[mask]))
