"""Phases in which a network opens nothing: planned all the same, and said aloud."""

from __future__ import annotations

import numpy as np

from planner import fields as F
from planner.errors import Notice
from planner.model import Plan


def unopened(plan: Plan) -> tuple[Notice, ...]:
    """A remark for each network that opens no station in some phase after the state, naming those phases."""
    scenario, networks = plan.scenario, plan.stations[F.NETWORK].to_numpy()[plan.order]
    notices = []
    for network in scenario.networks:
        so_far = np.concatenate([[0], np.cumsum(networks == network.name)])[list(scenario.counts)]
        idle = [
            phase
            for phase, new in zip(scenario.phases[1:], np.diff(so_far), strict=True)
            if not new
        ]
        if idle:
            names = ", ".join(phase.name for phase in idle)
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
