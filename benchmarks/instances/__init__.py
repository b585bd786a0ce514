"""Problems that the optimiser is measured on: stored ones and seeded, made ones."""

from __future__ import annotations

from benchmarks.instances.districts import SHAPES, district
from benchmarks.instances.instance import Instance
from benchmarks.instances.large import NAMES as LARGE
from benchmarks.instances.large import large
from benchmarks.instances.stored import packaged, stored

STORED = ("packaged-7643c7b",)
NAMES = (*STORED, "packaged", *SHAPES, *LARGE)

__all__ = ["LARGE", "NAMES", "Instance", "make"]


def make(name: str, seed: int = 7) -> Instance:
    """A problem by its name.

    The stored ones, ``packaged`` as it stands, a made district (``district``, ``strict`` with
    ranges x 0.75, ``fine`` with 50 m cells, ``dense``, ``city`` of ten that cover across their
    borders), or one of few large stations, whose seeds are their own.

    Raises
    ------
    ValueError
        If there is none of that name.
    """
    if name not in NAMES:
        raise ValueError(f"no instance {name!r}; there are {', '.join(NAMES)}")
    if name in LARGE:
        return large(name)
    if name in STORED:
        return stored(name)
    return packaged() if name == "packaged" else district(name, seed)
