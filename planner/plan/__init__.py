"""WHAT COMES OUT of an order of stations: measures, continuity, reasons, the office's questions, comparison."""

from planner.plan.assemble import make_plan

__all__ = ["make_plan"]
