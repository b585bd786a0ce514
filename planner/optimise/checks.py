"""What every field of a problem is checked by."""

from __future__ import annotations

from typing import NoReturn, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from planner.errors import ProblemError

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
_Entry = TypeVar("_Entry", bound=np.generic)


def refuse(en: str, zh: str) -> NoReturn:
    """Refuse a problem, in English and Chinese."""
    raise ProblemError(en, zh)


def read_only(array: NDArray[_Entry]) -> NDArray[_Entry]:
    """The array itself, which nobody may write any more."""
    array.flags.writeable = False
    return array


def integers(name: str, values: ArrayLike) -> IntArray:
    """Whole numbers, also where they are given as floats."""
    array = np.asarray(values)
    if array.size == 0:
        array = array.astype(np.int64)
    if array.dtype.kind == "f" and np.isfinite(array).all() and np.all(array == np.floor(array)):
        array = array.astype(np.int64)
    if array.dtype.kind not in "iu":
        refuse(f"{name} must hold whole numbers", f"{name} 须为整数")
    return array.astype(np.int64)
