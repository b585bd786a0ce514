"""What came of working a plan out again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from planner.errors import Notice

InputState = Literal["unchanged", "changed", "missing"]
"""What an input file is today, against what a plan was made from."""


@dataclass(frozen=True, slots=True, eq=False)
class Verification:
    """What a plan proves, worked out again from its own layers, stations and certificate.

    Attributes
    ----------
    value
        Covered weight, summed over the phases; NaN where the order is no order of the model.
    bound
        What no nested plan exceeds; NaN where the certificate proves nothing.
    gap
        ``bound / value - 1``.
    findings
        Everything that is stored and is not what follows. Severity ``E`` refutes the plan.
    inputs
        State of each input file; empty where nobody said where they are.
    """

    value: float
    bound: float
    gap: float
    findings: tuple[Notice, ...]
    inputs: Mapping[str, InputState]

    @property
    def holds(self) -> bool:
        """Whether nothing refutes the plan."""
        return all(finding.severity != "E" for finding in self.findings)
