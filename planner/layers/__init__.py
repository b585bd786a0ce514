"""WHAT IS THERE: one reader per kind of input, checks and notices -> Layers; every rejected row is accounted for."""

from planner.layers.packaged import copy_case, packaged_case
from planner.layers.read import check, read_layers
from planner.layers.returned import Answers, read_answers

__all__ = ["Answers", "check", "copy_case", "packaged_case", "read_answers", "read_layers"]
