"""WHAT COMES OUT of an order of stations: measures, continuity, reasons, the office's questions, comparison."""

from planner.plan.answers import answer_list
from planner.plan.assemble import make_plan
from planner.plan.changes import Changes, change_list, make_changes
from planner.plan.compare import MOVE_M, Comparison, compare
from planner.plan.counts import hurt_by_veto, least_count, value_of_more
from planner.plan.decisions import Decisions, decide
from planner.plan.difficult import difficult_sites
from planner.plan.explain import Explanation, explain
from planner.plan.replacements import alternatives
from planner.plan.unopened import unopened

__all__ = [
    "MOVE_M", "Changes", "Comparison", "Decisions", "Explanation", "alternatives", "answer_list", "change_list",
    "compare", "decide", "difficult_sites", "explain", "hurt_by_veto", "least_count", "make_changes", "make_plan",
    "unopened", "value_of_more",
]  # fmt: skip
