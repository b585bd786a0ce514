"""WHAT IS RECEIVED: the radio's formulas applied to a district: coverage, signal, load, PCI."""

from planner.service.cells import Ordered, describe_cells
from planner.service.coverage import build_coverage
from planner.service.identities import Before
from planner.service.rasters import make_rasters

__all__ = ["Before", "Ordered", "build_coverage", "describe_cells", "make_rasters"]
