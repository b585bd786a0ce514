"""WHAT COMES OUT of an order of stations: measures, continuity, reasons, the office's questions, comparison."""

from planner.plan.assemble import make_plan
from planner.plan.compare import Comparison, compare
from planner.plan.counts import hurt_by_veto, least_count, value_of_more
from planner.plan.why import alternatives

__all__ = ["Comparison", "alternatives", "compare", "hurt_by_veto", "least_count", "make_plan", "value_of_more"]
