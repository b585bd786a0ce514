"""Grounds that are drawn by hand, and what the rules say of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from planner.rules import RULES, Ground, Judged, area_ground, judge, road_ground

Array = npt.NDArray[Any]
NEVER = 65535
CELL_M, CELL_M2 = 50.0, 2_500.0


def chains_of(lengths: list[list[float]]) -> Ground:
    """A road layer of chains, each given by the lengths of its samples."""
    road = np.repeat(np.arange(len(lengths)), [len(chain) for chain in lengths])
    return road_ground(
        np.arange(len(road)), road, np.concatenate([np.array(chain, float) for chain in lengths])
    )


def cells_of(mask: Array, people: Array | None = None) -> Ground:
    """An area layer whose cells are those of a drawing."""
    row, column = np.nonzero(mask)
    inside = np.zeros(len(row)) if people is None else people[mask].astype(float)
    return area_ground(np.arange(len(row)), row, column, np.full(len(row), CELL_M2), inside, CELL_M)


def judged(ground: Ground, rank: Array, top: int, **limits: float) -> Judged:
    """What the named rules say, each with its limit."""
    return judge(ground, rank, [(RULES[code], limit) for code, limit in limits.items()], top)
