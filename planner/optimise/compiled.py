"""How the hot loops are compiled, and the random numbers they draw.

Loops are compiled once and kept on disk, run without the interpreter's lock, and never in parallel
inside, so that sums do not depend on the number of threads. Assignments of whole slices are written
as loops: each of them would cost more than a second of compiling.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

compiled: Any = njit(cache=True, nogil=True, error_model="numpy")
inlined: Any = njit(cache=True, nogil=True, error_model="numpy", inline="always")


@inlined
def mix(value):  # type: ignore[no-untyped-def]
    """SplitMix64 finaliser: 64 well-mixed bits of a counter."""
    value = np.uint64(value) + np.uint64(0x9E3779B97F4A7C15)
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


@compiled
def draw(seed, counter, below):  # type: ignore[no-untyped-def]
    """Whole number from 0 to `below` - 1, from a seed and a counter that moves on."""
    counter[0] += np.uint64(1)
    return np.int64(mix(seed ^ mix(counter[0])) >> np.uint64(33)) % below
