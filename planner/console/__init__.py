"""HOW IT IS SHOWN in the terminal: stages while they run, then plans, reviews and stations."""

from planner.console.explanation import explanation_text
from planner.console.plan import print_plan
from planner.console.progress import Progress
from planner.console.review import print_areas, print_review
from planner.console.verification import verification_text

__all__ = [
    "Progress", "explanation_text", "print_areas", "print_plan", "print_review",
    "verification_text",
]  # fmt: skip
