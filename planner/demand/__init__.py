"""WHERE SERVICE IS WANTED: Layers -> Demand."""

from planner.demand.build import build_demand

__all__ = ["build_demand"]
