"""WHAT COMES OUT of an order of stations: measures, verdicts, reasons, questions, comparison."""

from planner.plan.assemble import check_order, make_plan
from planner.plan.beyond import neighbours_serve
from planner.plan.build import order_stations
from planner.plan.compare import MOVE_M, compare
from planner.plan.differences import RELATIVE, differences
from planner.plan.explain import explain
from planner.plan.identities import identity_doubts
from planner.plan.nested import order_findings, saved_order
from planner.plan.replacements import alternatives
from planner.plan.start import start_order
from planner.plan.unopened import unopened
from planner.plan.veto import hurt_by_veto

__all__ = [
    "MOVE_M",
    "RELATIVE",
    "alternatives",
    "check_order",
    "compare",
    "differences",
    "explain",
    "hurt_by_veto",
    "identity_doubts",
    "make_plan",
    "neighbours_serve",
    "order_findings",
    "order_stations",
    "saved_order",
    "start_order",
    "unopened",
]
