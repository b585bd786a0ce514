"""What came of working a plan out again."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy.typing as npt

from planner.errors import Notice

InputState = Literal["unchanged", "changed", "missing"]
"""What an input file is today, against what a plan was made from."""


@dataclass(frozen=True, slots=True, eq=False)
class Verification:
    """What a plan proves, worked out again from its own layers, stations and certificate.

    Attributes
    ----------
    objective, objective_bound, objective_gap
        What is maximised, summed over the phases, what no nested plan exceeds, and ``bound / value
        - 1``. Here and below values are NaN where the order is no order of the model, bounds and
        gaps also where the certificate proves nothing.
    sharing_price
        ``gap - objective_gap``: coverage given up for shared sites and cost.
    value, bound, gap
        The same of coverage alone.
    proof
        The problem in whole numbers, the plan and the numbers of its certificate, by name; see
        :meth:`planner.optimise.Whole.arrays`. Empty where the certificate proves nothing.
    findings
        Everything that is stored and is not what follows. Severity ``E`` refutes the plan.
    inputs
        State of each input file; empty where nobody said where they are.
    """

    findings: tuple[Notice, ...]
    inputs: Mapping[str, InputState]
    objective: float = math.nan
    objective_bound: float = math.nan
    objective_gap: float = math.nan
    sharing_price: float = math.nan
    value: float = math.nan
    bound: float = math.nan
    gap: float = math.nan
    proof: Mapping[str, npt.NDArray[Any]] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Whether nothing refutes the plan."""
        return all(finding.severity != "E" for finding in self.findings)
