"""At least a share of the residents of a layer is served."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from planner.parameters import parameter
from planner.rules.ground import Array, FloatArray, Ground, IntArray, share_by_count, sum_by_count
from planner.rules.rule import Rule, missing_share


def served_people(people: FloatArray, rank: IntArray, top: int) -> dict[str, FloatArray]:
    """Residents of some places who are served at every count.

    Parameters
    ----------
    people
        (n,) residents of each place.
    rank
        (n,) rank at which each place is first served.
    top
        The greatest count.

    Returns
    -------
    dict
        ``residents`` and ``residents_share`` (0-1; of nobody all are served), arrays of length
        ``top + 1``.
    """
    return {
        "residents": sum_by_count(rank, people, top),
        "residents_share": share_by_count(rank, people, top),
    }


class ResidentsRule(Rule):
    """Least share of the residents inside an area layer."""

    code = "residents"
    key = "residents"
    limit = parameter(
        None,
        unit="1",
        source="asked",
        ge=0,
        le=1,
        doc="Least share of the residents inside an area layer; null asks for none.",
    )
    shapes = ("area",)
    measures: ClassVar[Mapping[str, str]] = {"residents": "people", "residents_share": "1"}
    form = "share"

    def measure(
        self, ground: Ground, rank: IntArray, opened: IntArray | None, limit: float, top: int
    ) -> Mapping[str, Array]:
        """``residents`` served and ``residents_share``; see :meth:`Rule.measure`."""
        return served_people(ground.people, rank, top)

    def failure(self, measured: Mapping[str, Array], limit: float) -> FloatArray:
        """Share that is missing."""
        return missing_share(measured["residents_share"], limit)


RULE = ResidentsRule()
