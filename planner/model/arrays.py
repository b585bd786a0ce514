"""The arrays that the types hold, and how they are kept from change."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


def freeze(*arrays: npt.NDArray[Any]) -> None:
    """Set arrays read-only."""
    for array in arrays:
        array.setflags(write=False)
