"""WHAT IS RECEIVED: the radio's formulas applied to a district: coverage, signal, load, PCI."""

from planner.service.cells import Ordered, describe_cells
from planner.service.coverage import build_coverage
from planner.service.rasters import write_rasters
from planner.service.sectors import sectors_of

__all__ = ["Ordered", "build_coverage", "describe_cells", "sectors_of", "write_rasters"]
