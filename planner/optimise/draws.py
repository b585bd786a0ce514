"""The random numbers that hot loops draw: a counter that is mixed."""

from __future__ import annotations

import numpy as np

from planner.compiled import inlined, inner


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
