"""WHAT IS ASKED: a scenario and its parts, frozen; unknown keys are refused with the nearest match.

A scenario file is YAML. Parameters sit beside what uses them: those of the radio are declared in
its room, the others here. ``Scenario.json_schema()`` describes the file.
"""

from planner.scenario.account import FileState, Setting, settings
from planner.scenario.inputs import PARTS, Defaults, InputFile, Inputs
from planner.scenario.parts import (
    FIRST_BUILD,
    BandSiting,
    DemandParameters,
    District,
    IndicatorName,
    Layer,
    Level,
    Levels,
    Limit,
    Money,
    Network,
    Pace,
    Phase,
    References,
    Rule,
    Search,
    SitingParameters,
    SitingRules,
    Titles,
)
from planner.scenario.reading import read_yaml
from planner.scenario.review import Move, Proposal, Review
from planner.scenario.scenario import NotGivenError, Scenario

__all__ = [
    "FIRST_BUILD",
    "PARTS",
    "BandSiting",
    "Defaults",
    "DemandParameters",
    "District",
    "FileState",
    "IndicatorName",
    "InputFile",
    "Inputs",
    "Layer",
    "Level",
    "Levels",
    "Limit",
    "Money",
    "Move",
    "Network",
    "NotGivenError",
    "Pace",
    "Phase",
    "Proposal",
    "References",
    "Review",
    "Rule",
    "Scenario",
    "Search",
    "Setting",
    "SitingParameters",
    "SitingRules",
    "Titles",
    "read_yaml",
    "settings",
]
