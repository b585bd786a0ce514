"""HOW MUCH WORK IT IS: rows, memory and seconds of a case before any of it is done."""

from planner.estimate.size import Size, check_memory, check_places, measure_size

__all__ = ["Size", "check_memory", "check_places", "measure_size"]
