"""WHAT COMES OUT of an order of stations: measures, continuity, reasons, the office's questions, comparison."""

from planner.plan.assemble import check_order, make_plan
from planner.plan.build import order_stations
from planner.plan.changes import Changes, make_changes
from planner.plan.compare import MOVE_M, compare
from planner.plan.counts import hurt_by_veto, least_count, value_of_more
from planner.plan.decisions import Decisions, decide
from planner.plan.difficult import Difficult, difficult_sites
from planner.plan.explain import Explanation, explain
from planner.plan.replacements import alternatives
from planner.plan.unopened import unopened

__all__ = [
    "MOVE_M", "Changes", "Decisions", "Difficult", "Explanation", "alternatives", "check_order",
    "compare", "decide",
    "difficult_sites", "explain", "hurt_by_veto", "least_count", "make_changes", "make_plan",
    "order_stations",
    "unopened", "value_of_more",
]  # fmt: skip
