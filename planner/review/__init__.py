"""THE LOOP above the pipeline: answers of reviewers become the next version of a plan."""

from planner.review.answers import Answers, read_answers
from planner.review.changes import Changes, make_changes
from planner.review.decisions import Decisions, decide
from planner.review.difficult import Difficult, difficult_sites
from planner.review.loop import Version, read_history, replan, review

__all__ = [
    "Answers",
    "Changes",
    "Decisions",
    "Difficult",
    "Version",
    "decide",
    "difficult_sites",
    "make_changes",
    "read_answers",
    "read_history",
    "replan",
    "review",
]
