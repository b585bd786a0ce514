"""How the hot loops are compiled, and the random numbers they draw.

Loops are compiled once and kept on disk, run without the interpreter's lock, and never in parallel
inside, so that sums do not depend on the number of threads. Assignments of whole slices are written
as loops: each of them would cost more than a second of compiling. A counter that is handed on
begins as ``np.int64(0)``: a plain 0 is a type of its own, for which everything compiles again.

Arrays that belong together come as one named tuple. A loop reads them out of it once, at its head:
inside a hot loop every reading costs an atomic count.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

# no way in from C, which nobody uses; type stubs do not know this option, nor the next
_OPTIONS: Any = {"cache": True, "nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True}
_INNER: Any = {**_OPTIONS, "no_cpython_wrapper": True}

#: A loop that Python calls.
compiled: Any = njit(**_OPTIONS)
#: A step of such a loop. It has no way in from Python either, so it compiles much sooner.
inner: Any = njit(**_INNER)
#: A line of such a loop, put in where it is used.
inlined: Any = njit(**_OPTIONS, inline="always")


@inlined
def mix(value):  # type: ignore[no-untyped-def]
    """SplitMix64 finaliser: 64 well-mixed bits of a counter."""
    value = np.uint64(value) + np.uint64(0x9E3779B97F4A7C15)
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


@inner
def draw(seed, counter):  # type: ignore[no-untyped-def]
    """Whole number from 0 to 2^31 - 1, from a seed and a counter that moves on."""
    counter[0] += np.uint64(1)
    return np.int64(mix(seed ^ mix(counter[0])) >> np.uint64(33))
