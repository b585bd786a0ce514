"""What is measured on: a problem, and what is known beside it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.optimise import Problem


@dataclass(frozen=True)
class Instance:
    """A problem by its name.

    Attributes
    ----------
    xy, scene
        Place of each column, (columns, 2), and the scene it stands in; of made districts alone, for
        the peers that need geography.
    order
        The plan that is stored with it, if any.
    """

    name: str
    problem: Problem
    xy: NDArray[np.float64] | None = None
    scene: NDArray[np.int64] | None = None
    order: NDArray[np.int64] | None = None
