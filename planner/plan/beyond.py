"""Stations beyond the border: how many, and what of the district they serve."""

from __future__ import annotations

from planner import fields as F
from planner.errors import Notice
from planner.model import Plan
from planner.plan.notices import NOTICES


def neighbours_serve(plan: Plan) -> tuple[Notice, ...]:
    """A remark for each network with neighbour stations: their number and what they serve."""
    counts = plan.neighbour_stations[F.NETWORK].value_counts()
    notices = []
    for number, network in enumerate(plan.scenario.networks):
        if network.name not in counts:
            continue
        area_m2, road_m = plan.ground_beyond(number)
        notices.append(
            NOTICES.notice(
                "served_from_outside",
                value=network.name,
                label=network.label,
                network=network.name,
                count=int(counts[network.name]),
                km2=f"{area_m2 / 1e6:.2f}",
                km=f"{road_m / 1e3:.2f}",
            )
        )
    return tuple(notices)
