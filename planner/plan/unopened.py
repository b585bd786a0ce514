"""Phases in which a network opens nothing: planned all the same, and said aloud."""

from __future__ import annotations

import numpy as np

from planner import fields as F
from planner.errors import Notice
from planner.model import Plan
from planner.plan.notices import NOTICES


def unopened(plan: Plan) -> tuple[Notice, ...]:
    """A remark for each network that opens no station in some phase after the state.

    It names those phases.
    """
    scenario = plan.scenario
    network_at = plan.stations[F.NETWORK].to_numpy()[plan.order]
    counts = list(scenario.counts)
    notices = []
    for network in scenario.networks:
        so_far = np.concatenate([[0], np.cumsum(network_at == network.name)])[counts]
        opened = zip(scenario.phases[1:], np.diff(so_far), strict=True)
        idle = [phase.name for phase, stations in opened if not stations]
        if idle:
            notices.append(
                NOTICES.notice(
                    "network_opens_nothing",
                    value=network.name,
                    label=network.label,
                    network=network.name,
                    phases=", ".join(idle),
                )
            )
    return tuple(notices)
