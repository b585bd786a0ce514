"""The arrays that the types hold, and how they are kept from change."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import numpy.typing as npt

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


def freeze(*arrays: npt.NDArray[Any]) -> None:
    """Set arrays read-only."""
    for array in arrays:
        array.setflags(write=False)


def describe(thing: Any) -> str:
    """A dataclass of frames and arrays in a few lines: how large each part is."""
    sizes = [f"{part.name} {_size(getattr(thing, part.name))}" for part in fields(thing)]
    starts = range(0, len(sizes), _PARTS_A_LINE)
    lines = [sizes[start : start + _PARTS_A_LINE] for start in starts]
    return f"{type(thing).__name__}(" + ",\n  ".join(", ".join(line) for line in lines) + ")"


_PARTS_A_LINE = 6


def _size(part: Any) -> str:
    shape = getattr(part, "shape", None)
    if shape is not None:
        return " x ".join(map(str, shape))
    return str(len(part)) if hasattr(part, "__len__") else type(part).__name__
