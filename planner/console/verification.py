"""What came of working a plan out again, in two lines."""

from __future__ import annotations

import math
from collections import Counter
from typing import get_args

from planner.console.office import OFFICE
from planner.model import InputState, Verification
from planner.words import beside


def verification_text(found: Verification) -> str:
    """Value, bound and gap, all worked out again, and how many input files are what they were."""
    figures = {
        "value": _figure(found.value, "{:.6f}"),
        "bound": _figure(found.bound, "{:.6f}"),
        "gap": _figure(100 * found.gap, "{:.2f} %"),
    }
    said = [f"{beside('console', name)} {figure}" for name, figure in figures.items()]
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
    return form.format(number) if math.isfinite(number) else beside("console.unproven")
