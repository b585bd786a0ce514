"""Plan the rollout of a 5G network in a district: one nested path of stations.

Measures, maps, reports and site lists show what each phase of it brings.

>>> import planner
>>> base = planner.Scenario.from_file("data/scenarios/tinghu.yaml")  # doctest: +SKIP
>>> plan = planner.solve(planner.build(base))  # doctest: +SKIP
>>> plan.save("out/tinghu")  # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

__all__ = [
    "InfeasibleError", "InputError", "Notice", "Plan", "PlannerError", "ProblemError", "Scenario",
    "ScenarioError", "StorageError", "ValidityError", "build", "check", "compare", "load_plan",
    "packaged_case", "run", "solve",
]  # fmt: skip

from planner.errors import (
    InfeasibleError,
    InputError,
    Notice,
    PlannerError,
    ProblemError,
    ScenarioError,
    StorageError,
    ValidityError,
)

if TYPE_CHECKING:
    from planner.groundwork import check
    from planner.layers import packaged_case
    from planner.model import Plan
    from planner.pipeline import build, run, solve
    from planner.plan.compare import compare
    from planner.scenario import Scenario

    load_plan = Plan.load

_WHERE = {
    "Scenario": "planner.scenario", "Plan": "planner.model", "packaged_case": "planner.layers",
    "build": "planner.pipeline", "solve": "planner.pipeline", "run": "planner.pipeline",
    "check": "planner.groundwork", "compare": "planner.plan",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    """Load a room when one of its names is first used: ``--help`` answers without geopandas."""
    import importlib

    if name == "load_plan":
        return importlib.import_module("planner.model").Plan.load
    if name in ("crs", "optimise", "radio"):
        return importlib.import_module(f"planner.{name}")
    if name in _WHERE:
        return getattr(importlib.import_module(_WHERE[name]), name)
    raise AttributeError(f"module 'planner' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
