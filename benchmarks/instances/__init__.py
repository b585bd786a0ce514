"""Problems that the optimiser is measured on: stored ones and seeded, made ones."""

from __future__ import annotations

from benchmarks.instances.districts import Instance, district
from benchmarks.instances.large import NAMES as LARGE
from benchmarks.instances.large import large
from benchmarks.instances.stored import Stored, stored

__all__ = ["LARGE", "Instance", "Stored", "make", "stored"]


def make(name: str, seed: int = 7) -> Instance:
    """A made problem by its name.

    ``district``, ``strict`` (ranges x 0.75), ``fine`` (50 m cells), ``city`` (ten districts that
    share nothing), or one of ``large-01`` to ``large-12``, whose seeds are their own.
    """
    return large(name) if name in LARGE else district(name, seed)
