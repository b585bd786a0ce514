"""THE LOOP above the pipeline: answers of reviewers become the next version of a plan.

In the order of the loop: ``marks``, ``lists`` -> ``answers`` (statements) -> ``checks``,
``contradictions``, ``draft`` -> ``decisions`` -> ``churn`` (the plan) -> ``changes``, ``difficult``
-> ``tables``, ``record`` -> ``version``; ``loop`` walks it.
"""

from planner.review.answers import Answers, read_answers
from planner.review.changes import Changes, make_changes
from planner.review.churn import replan
from planner.review.decisions import Decisions, decide
from planner.review.difficult import Difficult, difficult_sites, refused_sites
from planner.review.loop import review
from planner.review.record import read_history
from planner.review.statements import Statement
from planner.review.version import Version

__all__ = [
    "Answers",
    "Changes",
    "Decisions",
    "Difficult",
    "Statement",
    "Version",
    "decide",
    "difficult_sites",
    "make_changes",
    "read_answers",
    "read_history",
    "refused_sites",
    "replan",
    "review",
]
