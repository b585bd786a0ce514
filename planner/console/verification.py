"""What came of working a plan out again, in two lines."""

from __future__ import annotations

import math
from collections import Counter
from typing import get_args

from planner.console.office import OFFICE
from planner.model import InputState, Verification
from planner.words import beside


def verification_text(found: Verification) -> str:
    """Gaps, values and bounds, worked out again, and how many input files are what they were.

    What is maximised comes first, then the price of sharing, then coverage alone.
    """
    shares = ("objective_gap", "sharing_price", "gap")
    names = ("objective", "objective_bound", *shares[:2], "value", "bound", shares[2])
    said = [
        f"{beside('console', name)} "
        + _figure(getattr(found, name), "{:z.2%}" if name in shares else "{:.6f}")
        for name in names
    ]
    worked_out = OFFICE.bracketed(OFFICE.clauses(said), beside("console.worked_out_again"))

    states = Counter(found.inputs.values())
    counts = [
        f"{beside('console.input_state', state)} {states[state]}"
        for state in get_args(InputState)
        if states[state]
    ] or [beside("console.not_looked_at")]
    inputs = f"{beside('console.inputs')}: {OFFICE.clauses(counts)}"
    return f"{worked_out}\n{inputs}"


def _figure(number: float, form: str) -> str:
    said = form.format(number).replace("%", " %")
    return said if math.isfinite(number) else beside("console.unproven")
