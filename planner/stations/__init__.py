"""WHAT COULD BE BUILT: Layers and site lists -> Stations.

They are complete when they leave this room: with sectors and what the siting rules say.
"""

from planner.stations.build import Listed, complete_stations, list_stations
from planner.stations.faults import unusual_state
from planner.stations.propose import propose_sites

__all__ = [
    "Listed",
    "complete_stations",
    "list_stations",
    "propose_sites",
    "unusual_state",
]
