"""The frozen types that pass from room to room.

``Layers -> Demand, Stations -> Coverage -> Model -> Plan``

Frames are not to be changed after construction; arrays are set read-only. Geometry is in the
district's work CRS (metres) everywhere but in ``Stations`` and ``Plan.stations``, whose points are
WGS-84 and which carry ``x_m, y_m`` beside.
"""

from planner.model import tables
from planner.model.arrays import FloatArray, IntArray
from planner.model.comparison import Comparison
from planner.model.explanation import Explanation
from planner.model.key import OPTIONS, RECORD, REVIEW, STATED_COUNTS, WARM_START
from planner.model.layers import Layers
from planner.model.limits import LimitUse, counted, limit_uses
from planner.model.plan import FORMAT_VERSION, PLAN_FOLDER, Plan, plan_frames
from planner.model.question import (
    Coverage,
    CoveredWeight,
    Demand,
    Grid,
    Model,
    Reception,
    Stations,
    on_road,
)
from planner.model.remarks import NOTICES_NAME, input_notes, notices_csv, notices_table
from planner.model.replacements import doubt_texts, replacement_texts, whole_percent
from planner.model.verification import InputState, Verification

__all__ = [
    "FORMAT_VERSION", "NOTICES_NAME", "OPTIONS", "PLAN_FOLDER", "RECORD", "REVIEW",
    "STATED_COUNTS", "WARM_START", "Comparison", "Coverage", "CoveredWeight", "Demand",
    "Explanation", "FloatArray",
    "Grid", "InputState", "IntArray", "Layers", "LimitUse", "Model", "Plan", "Reception",
    "Stations", "Verification", "counted", "doubt_texts", "input_notes", "limit_uses",
    "notices_csv", "notices_table", "on_road", "plan_frames", "replacement_texts", "tables",
    "whole_percent",
]  # fmt: skip
