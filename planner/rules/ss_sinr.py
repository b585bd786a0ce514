"""The share of the ground that a layer asks for has at least an SS-SINR."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from planner.parameters import parameter
from planner.rules.ground import Array, FloatArray
from planner.rules.heard import LEAST_SINR_DB, MOST_SINR_DB, HeardRule


class SsSinrRule(HeardRule):
    """Least SS-SINR outdoors, on the share of the ground that ``share`` asks for."""

    code = "ss_sinr"
    key = "ss_sinr_db"
    limit = parameter(
        None,
        unit="dB",
        source="asked; public drive-test programs: -3 dB",
        doc="Least SS-SINR outdoors on the share of the ground that `share` asks for; null asks "
        "for none. Judged at the phases and at stated counts, no aim of the optimisation.",
        ge=LEAST_SINR_DB,
        le=MOST_SINR_DB,
    )
    shapes = ("area", "road")
    measures: ClassVar[Mapping[str, str]] = {"ss_sinr_edge_db": "dB"}
    form = "level"

    def failure(self, measured: Mapping[str, Array], limit: float) -> FloatArray:
        """How many decibels are missing."""
        return np.maximum(limit - measured["ss_sinr_edge_db"], 0.0)


RULE = SsSinrRule()
