"""In which order to build: a nested covering problem, its solution, and how good it is at worst."""

from planner.optimise.certificate import Bounds, Certificate, Numbers, Whole, verify
from planner.optimise.curve import Curve, curve, extend, order_inside
from planner.optimise.limits import Broken, Limit
from planner.optimise.problem import Problem, cover_matrix
from planner.optimise.solve import Faults, Result, appraise, appraise_by, cover_value, faults, solve

__all__ = [
    "Bounds",
    "Broken",
    "Certificate",
    "Curve",
    "Faults",
    "Limit",
    "Numbers",
    "Problem",
    "Result",
    "Whole",
    "appraise",
    "appraise_by",
    "cover_matrix",
    "cover_value",
    "curve",
    "extend",
    "faults",
    "order_inside",
    "solve",
    "verify",
]
