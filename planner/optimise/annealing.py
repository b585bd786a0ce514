"""How much worse a step may leave a plan: an exponential loss whose mean shrinks geometrically.

Losses come from tables of whole numbers: the last bits of a logarithm or a power in the loop would
differ between machines.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from planner.compiled import inlined
from planner.optimise.problem import IntArray

#: Points of each table, and the unit of the quantiles.
_POINTS = 1024
_UNIT = 1 << 12


class Annealing(NamedTuple):
    """Length in steps, seed, mean loss over the length, and quantiles in units of 1 / 4,096."""

    length: int
    seed: np.uint64
    mean: IntArray
    quantiles: IntArray


def annealing(length: int, seed: int, heat: int, cold: int, times: int = 1) -> Annealing:
    """An annealing whose mean loss goes from `heat` to `cold`, in integer units of worth.

    It does so `times` times one after the other.
    """
    cooling = np.arange(_POINTS) * times / (_POINTS - 1) % 1.0
    cooling[-1] = 1.0
    warm = np.maximum([heat, cold], 1).astype(np.float64)
    mean = np.round(warm[0] * (warm[1] / warm[0]) ** cooling).astype(np.int64)

    middle = (np.arange(_POINTS) + 0.5) / _POINTS
    quantiles = np.round(-np.log(middle) * _UNIT).astype(np.int64)
    return Annealing(length, np.uint64(seed), mean * (heat > 0), quantiles)


@inlined
def allowed_loss(step, random, length, mean, quantiles):  # type: ignore[no-untyped-def]
    """What step number `step` may lose; `random` is a whole number from 0 up."""
    now = mean[step * (mean.size - 1) // length]
    return now * quantiles[random % quantiles.size] // _UNIT
