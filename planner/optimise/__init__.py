"""In which order to build: a nested covering problem, its solution, and a proof of how good it is."""

from planner.optimise.bound import Certificate, verify
from planner.optimise.problem import Problem
from planner.optimise.solve import Result, solve

__all__ = ["Certificate", "Problem", "Result", "solve", "verify"]
