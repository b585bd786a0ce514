"""WHAT IS RECEIVED: the radio's formulas applied to a district: sectors, coverage, signal, load, PCI."""

from planner.service.coverage import build_coverage
from planner.service.sectors import lay_out_sectors, sectors_of

__all__ = ["build_coverage", "lay_out_sectors", "sectors_of"]
