"""WHAT COULD BE BUILT: Layers and site lists -> Stations, complete: with sectors and what the siting rules say."""

from planner.stations.build import build_stations
from planner.stations.propose import propose_sites

__all__ = ["build_stations", "propose_sites"]
