"""WHAT IS RECEIVED: the radio's formulas applied to a district: coverage, signal, load, PCI."""

from planner.service.cells import Ordered, describe_cells
from planner.service.coverage import build_coverage, measure_reserve
from planner.service.heard import judge_reception
from planner.service.identities import Before
from planner.service.rasters import make_rasters

__all__ = [
    "Before", "Ordered", "build_coverage", "describe_cells", "judge_reception", "make_rasters",
    "measure_reserve",
]  # fmt: skip
