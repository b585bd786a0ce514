"""The page finds the same gaps and holes as the plan's check, sample by sample, cell by cell."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from planner import fields as F
from planner.maps.payload import LENGTH_PARTS, NOT_WANTED
from planner.rules import RULES, Ground, area_ground, failing_pieces, judge, road_ground
from planner.rules.ground import SIZE_PARTS

pytestmark = pytest.mark.node

Array = npt.NDArray[Any]
SCRIPT = Path(__file__).parents[1] / "page" / "continuity.mjs"
TOP = 30
COUNTS = [0, 1, 2, 7, 8, 15, 29, 30]
LAYERS = 60


def on_page(layers: list[dict[str, Any]]) -> list[Any]:
    """What the page's module finds, per layer and count."""
    done = subprocess.run(
        ["node", str(SCRIPT)], input=json.dumps(layers), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def random_ranks(rng: np.random.Generator, n: int) -> Array:
    """Ranks in patches, some never served: so that pieces of all sizes come about."""
    ranks = np.repeat(rng.integers(0, TOP, n), rng.integers(1, 9, n))[:n].astype(np.int64)
    ranks[rng.random(n) < 0.1] = F.NEVER
    return ranks


def random_road(seed: int) -> tuple[Ground, Array, dict[str, Any]]:
    """A road layer that lacks some samples of its chains; often with gaps of just the limit."""
    rng = np.random.default_rng(seed)
    chains = rng.integers(1, 40, rng.integers(1, 6))
    road = np.repeat(np.arange(len(chains)), chains)
    n = len(road)
    length = rng.choice(
        [50.0, 50.0, 50.0, 49.99, 50.06, 50.45, 50.5, 50.5 + 1 / LENGTH_PARTS, 55.62], n
    )
    member = rng.random(n) > 0.05
    rule = {"gap_m": float(rng.choice([150, 300, 500]))}
    ground = road_ground(np.flatnonzero(member), road[member], length[member])
    rank = random_ranks(rng, len(ground.places))
    of_samples = np.full(n, NOT_WANTED)
    of_samples[ground.places] = rank
    ends = np.cumsum(chains)
    layer = {
        "shape": "road",
        "ranks": of_samples.tolist(),
        "rule": rule,
        "counts": COUNTS,
        "lengths": (np.rint(length * LENGTH_PARTS) / LENGTH_PARTS).tolist(),
        "chains": np.stack([ends - chains, ends], axis=1).tolist(),
    }
    return ground, rank, layer


def random_area(seed: int) -> tuple[Ground, Array, dict[str, Any]]:
    """An area layer with bays and islands, also at the edge of the grid."""
    rng = np.random.default_rng(seed)
    shape = tuple(rng.integers(3, 24, 2))
    mask = rng.random(shape) > rng.choice([0.0, 0.03, 0.3])
    mask.flat[0] = True
    cell = np.flatnonzero(mask.ravel())
    side = float(rng.choice([50.0, 48.7]))
    rule = {"hole_radius_m": float(rng.choice([50.0, 100.0, 150.0, 2 * side]))}
    size = np.full(len(cell), side**2)
    ground = area_ground(
        np.arange(len(cell)), *np.divmod(cell, shape[1]), size, np.zeros(len(cell)), side
    )
    rank = random_ranks(rng, len(cell))
    layer = {
        "shape": "area",
        "ranks": rank.tolist(),
        "rule": rule,
        "counts": COUNTS,
        "cells": cell.tolist(),
        "grid": {"columns": int(shape[1]), "cell_m": side},
    }
    return ground, rank, layer


def test_gaps_are_those_of_the_plan() -> None:
    roads = [random_road(seed) for seed in range(LAYERS)]
    ties = 0
    for (ground, rank, layer), per_count in zip(
        roads, on_page([layer for *_, layer in roads]), strict=True
    ):
        measures, opened = judge(ground, rank, [(RULES["gap"], layer["rule"]["gap_m"])], TOP)
        for count, gaps in zip(COUNTS, per_count, strict=True):
            assert len(gaps) == measures["gaps_all"][count]
            assert max((gap["length"] for gap in gaps), default=0.0) == measures["longest_m"][count]
            over = [gap for gap in gaps if gap["over"]]
            wanted = {
                (int(ground.places[piece[0]]), int(ground.places[piece[-1]])): float(
                    ground.size[piece].sum()
                )
                for piece in failing_pieces(ground, opened, count)
            }
            assert {(gap["from"], gap["to"]): gap["length"] for gap in over} == wanted
            assert len(over) == measures["gaps"][count]
            dark = [slice(gap["from"], gap["to"] + 1) for gap in gaps]
            assert all(min(layer["ranks"][run]) >= count for run in dark)
            ties += sum(abs(gap["length"] - layer["rule"]["gap_m"] - 0.5) < 1.5 for gap in gaps)
    assert ties > 20, "no gap came near the limit"


def test_holes_are_those_of_the_plan() -> None:
    areas = [random_area(seed) for seed in range(LAYERS)]
    several = 0
    for (ground, rank, layer), per_count in zip(
        areas, on_page([layer for *_, layer in areas]), strict=True
    ):
        measures, opened = judge(
            ground, rank, [(RULES["hole"], layer["rule"]["hole_radius_m"])], TOP
        )
        for count, holes in zip(COUNTS, per_count, strict=True):
            wanted = {frozenset(piece.tolist()) for piece in failing_pieces(ground, opened, count)}
            assert {frozenset(hole) for hole in holes} == wanted
            assert len(holes) == measures["holes"][count]
            assert all(len(set(hole)) == len(hole) for hole in holes)
            several += len(holes) > 1
    assert several > 20, "no layer had several holes"


def test_the_page_counts_lengths_in_the_same_parts() -> None:
    assert LENGTH_PARTS == SIZE_PARTS
