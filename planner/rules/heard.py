"""Rules on what is heard outdoors: they follow from the reception, not from ranks.

What is heard gets worse as stations are added, so such a rule may hold at a count and fail at a
later one. It is judged outdoors, at the counts at which the reception was worked out, and between
them by the last one before; it is no row of the optimisation.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from planner.rules.ground import Array, FloatArray, Ground, IntArray
from planner.rules.rule import SHARE_SLACK, Rule

LEAST_SINR_DB = -23.0
"""Least SS-SINR that a terminal reports (TS 38.133, Table 10.1.16.1-1); that of a silent place."""

MOST_SINR_DB = 40.0
"""The most that it reports; that of no ground at all."""


class HeardRule(Rule):
    """A rule whose figure, the one of its ``measures``, is worked out beforehand."""

    is_heard = True

    def measure(
        self, ground: Ground, rank: IntArray, opened: IntArray | None, limit: float, top: int
    ) -> Mapping[str, Array]:
        """Nothing: it does not follow from ranks."""
        return {}


def reached_by(ss_sinr_db: FloatArray, size: FloatArray, share: float) -> float:
    """SS-SINR that a share of the ground reaches, dB.

    Parameters
    ----------
    ss_sinr_db, size
        (n,) of each place; minus infinity where nothing is heard.
    share
        Of the whole size, 0 to 1.
    """
    if not len(size):
        return MOST_SINR_DB
    order = np.argsort(-ss_sinr_db, kind="stable")
    reached = np.cumsum(size[order]) >= (share - SHARE_SLACK) * size.sum()
    last = int(reached.argmax()) if reached.any() else -1
    return max(float(ss_sinr_db[order[last]]), LEAST_SINR_DB)
