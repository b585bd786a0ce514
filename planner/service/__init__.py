"""WHAT IS RECEIVED: the radio's formulas applied to a district: sectors, coverage, signal, load, PCI."""

from planner.service.cells import describe_cells, open_network
from planner.service.coverage import build_coverage
from planner.service.rasters import write_rasters
from planner.service.sectors import lay_out_sectors, sectors_of

__all__ = ["build_coverage", "describe_cells", "lay_out_sectors", "open_network", "sectors_of", "write_rasters"]
