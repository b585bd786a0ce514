"""Phases in which a network opens nothing: planned all the same, and said aloud."""

from __future__ import annotations

import numpy as np

from planner import fields as F
from planner.errors import Notice
from planner.model import Plan


def unopened(plan: Plan) -> tuple[Notice, ...]:
    """A remark for each network that opens no station in some phase after the state."""
    scenario = plan.scenario
    networks = plan.stations[F.NETWORK].to_numpy()[plan.order]
    notices = []
    for network in scenario.networks:
        by_count = np.concatenate([[0], np.cumsum(networks == network.name)])
        new = np.diff(by_count[list(scenario.counts)])
        idle = [
            phase.name for phase, count in zip(scenario.phases[1:], new, strict=True) if not count
        ]

        if idle:
            names = ", ".join(idle)
            notices.append(
                Notice(
                    "network_opens_nothing",
                    "W",
                    f"网络 {network.label}（{network.name}）没有新开基站的期：{names}",
                    f"the network {network.name} opens no station in {names}",
                    column="networks",
                    value=network.name,
                )
            )
    return tuple(notices)
