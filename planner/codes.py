"""Codes where people read words: in tables, in files, from room to room.

What they are called stands in ``planner.words``.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class State(StrEnum):
    """What a station is today."""

    OPEN = "open"
    RETROFITTED = "retrofitted"
    CANDIDATE = "candidate"


class Level(StrEnum):
    """A service level of demand; the order is that of the arrays' last axis."""

    OUTDOOR = "outdoor"
    DEEP = "deep"


class Verdict(StrEnum):
    """Whether a layer passes at a level; ``NONE`` where nothing is asked for."""

    PASS = "pass"  # noqa: S105 (no password)
    FAIL = "fail"
    NONE = "none"

    @classmethod
    def of(cls, passes: bool | None) -> Verdict:
        """The verdict behind a flag of a table; None where there is no row."""
        return cls.NONE if passes is None else cls.PASS if passes else cls.FAIL


class Siting(StrEnum):
    """What the siting and exposure rules say of a station, from mild to strict."""

    PASS = "pass"  # noqa: S105 (no password)
    CALCULATE = "calculate"
    CONSULT = "consult"
    FORBIDDEN = "forbidden"


class Change(StrEnum):
    """How a station differs between two plans."""

    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"
    RETIMED = "retimed"


class Build(StrEnum):
    """How a station is built."""

    RETROFIT = "retrofit"
    CO_LOCATION = "co_location"
    NEW_ROOF = "new_roof"
    NEW_POLE = "new_pole"
    NEW_TOWER = "new_tower"


NEW_BUILDS: Final = (Build.NEW_ROOF, Build.NEW_POLE, Build.NEW_TOWER)
"""The ways of building that make a new site."""


class Scene(StrEnum):
    """How the ground around a place is built, from dense to open."""

    DENSE_URBAN = "dense-urban"
    URBAN = "urban"
    TOWNSHIP = "township"
    INDUSTRIAL = "industrial"
    RURAL = "rural"
