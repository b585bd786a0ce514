"""HOW IT IS SHOWN in the terminal: stages while they run, then plans, reviews and stations.

What people wrote is shown as it stands and never obeyed: see ``planner.console.terminal``.
"""

from planner.console.explanation import explanation_text
from planner.console.plan import print_plan
from planner.console.progress import Progress
from planner.console.review import print_areas, print_review
from planner.console.settings import print_inputs, print_settings
from planner.console.terminal import say, say_all, terminal
from planner.console.verification import verification_text

__all__ = [
    "Progress", "explanation_text", "print_areas", "print_inputs", "print_plan", "print_review",
    "print_settings", "say", "say_all", "terminal", "verification_text",
]  # fmt: skip
