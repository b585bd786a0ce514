"""WHAT COULD BE BUILT: Layers and site lists -> Stations."""

from planner.stations.build import build_stations
from planner.stations.faults import unusual_state
from planner.stations.propose import propose_sites
from planner.stations.siting import judge_sites

__all__ = ["build_stations", "judge_sites", "propose_sites", "unusual_state"]
