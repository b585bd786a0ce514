"""What reviewers and carriers decided: part of the scenario of the next version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from planner.parameters import FARTHEST_M, Day, DayOrBlank, Part, parameter


class Move(Part):
    """Where a station was moved to, and from where."""

    lon: float = parameter(
        ...,
        unit="degree",
        source="asked",
        doc="Longitude of the new place, WGS-84.",
        ge=-180,
        le=180,
    )
    lat: float = parameter(
        ..., unit="degree", source="asked", doc="Latitude of the new place, WGS-84.", ge=-90, le=90
    )
    from_lon: float = parameter(
        ..., unit="degree", source="asked", doc="Longitude it was planned at.", ge=-180, le=180
    )
    from_lat: float = parameter(
        ..., unit="degree", source="asked", doc="Latitude it was planned at.", ge=-90, le=90
    )


class Proposal(Part):
    """A candidate site that a reviewer named."""

    lon: float = parameter(
        ..., unit="degree", source="asked", doc="Longitude, WGS-84.", ge=-180, le=180
    )
    lat: float = parameter(
        ..., unit="degree", source="asked", doc="Latitude, WGS-84.", ge=-90, le=90
    )
    site_type: Literal["", "stock", "roof", "pole", "tower"] = parameter(
        "", unit="-", source="asked", doc="Empty = a roof on built-up ground, else a tower."
    )


class Review(Part):
    """What reviewers decided so far, by 规划编号, and the price of leaving what was agreed.

    ``planner review`` writes the decisions; who asked for what stands in ``plan/review.json`` of
    the version.
    """

    churn_price: float = parameter(
        0.25,
        unit="mean stations",
        source="judgement; 0 replans freely",
        doc="What a station that leaves its agreed phase costs, in stations of mean coverage.",
        ge=0,
        le=1000,
    )
    tolerance_m: Mapping[str, Annotated[float, Field(ge=0, le=FARTHEST_M)]] = parameter(
        {"dense-urban": 50.0, "urban": 50.0, "industrial": 50.0, "township": 100.0, "rural": 200.0},
        unit="m",
        source="judgement: a quarter of the cell radius (textbook rule)",
        doc="允许偏离半径 per scene: a station moved no farther keeps its 规划编号.",
    )
    opened: Mapping[str, DayOrBlank] = parameter(
        {},
        unit="-",
        source="asked",
        doc="Stations opened since the state, with the day; empty where no row told it.",
    )
    locked: Mapping[str, int] = parameter(
        {},
        unit="-",
        source="asked",
        doc="Accepted stations, with the number of the phase they open in.",
    )
    vetoed: tuple[str, ...] = parameter(
        (), unit="-", source="asked", doc="Stations that may not be built."
    )
    refused_towns: tuple[str, ...] = parameter(
        (),
        unit="-",
        source="asked",
        doc="Towns in which no candidate may be built, by name or code.",
    )
    moved: Mapping[str, Move] = parameter(
        {}, unit="-", source="asked", doc="Stations moved within their tolerance."
    )
    proposed: tuple[Proposal, ...] = parameter(
        (), unit="-", source="asked", doc="Candidate sites that reviewers named."
    )
    due: Mapping[str, Day] = parameter(
        {},
        unit="YYYY-MM-DD",
        source="asked",
        doc="Agreed days of delivery (约定交付时间): a station opens no earlier.",
    )
    delivered: Mapping[str, Day] = parameter(
        {}, unit="YYYY-MM-DD", source="asked", doc="Confirmed days of delivery (交付确认时间)."
    )

    @property
    def station_ids(self) -> frozenset[str]:
        """Every station that a decision names."""
        return frozenset(
            [*self.opened, *self.locked, *self.vetoed, *self.moved, *self.due, *self.delivered]
        )
