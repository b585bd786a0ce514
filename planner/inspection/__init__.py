"""WHAT IS RIGHT AND WRONG WITH FILES: ``planner check`` on a scenario, a folder or one file."""

from planner.inspection.look import CHECKED, FileCheck, Inspection, inspect, marked_copy

__all__ = ["CHECKED", "FileCheck", "Inspection", "inspect", "marked_copy"]
