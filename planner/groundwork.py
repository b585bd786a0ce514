"""What a plan rests on: layers, demand and stations, and everything that refuses a plan there.

``planner check`` lists what ``planner run`` raises: both come from here.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from planner.demand import build_demand
from planner.errors import Notice, PlannerError, ScenarioError
from planner.estimate import check_memory, check_places, measure_size
from planner.layers import Account, has_feature, layers_in_use, look_at_layers, with_crs_of
from planner.model import Demand, Layers, Stations
from planner.scenario import PARTS, Scenario
from planner.stations import complete_stations, list_stations, unusual_state

_T = TypeVar("_T")

Stage = Callable[[str], AbstractContextManager[Any]]
"""Called with the code of a stage; what it returns is entered while the stage runs."""


def silent(_stage: str) -> AbstractContextManager[Any]:
    """Tell nobody of a stage."""
    return nullcontext()


@dataclass(frozen=True, slots=True, eq=False)
class Groundwork:
    """What a plan rests on, as far as it could be worked out, and all that stands in its way.

    Attributes
    ----------
    scenario
        What is asked, with its work CRS, without the layers for which the case names no file.
    layers, demand, stations
        None where an error came before it.
    errors
        What refuses the plan. :func:`planner.build` raises them, :func:`check` lists them.
    notices
        Everything found, errors included.
    accounts
        What became of the rows of each input that was read, by its name.
    """

    scenario: Scenario
    layers: Layers | None
    demand: Demand | None
    stations: Stations | None
    errors: tuple[PlannerError, ...]
    notices: tuple[Notice, ...]
    accounts: Mapping[str, Account] = field(default_factory=dict)


def lay_groundwork(
    scenario: Scenario,
    *,
    layers: Layers | None = None,
    demand: Demand | None = None,
    stage: Stage = silent,
    conflicts: tuple[Notice, ...] = (),
    without_refused_rows: bool = False,
) -> Groundwork:
    """Work out layers, demand and stations, and find all that refuses a plan before coverage.

    Parameters
    ----------
    scenario, layers, demand, stage
        As in :func:`planner.build`.
    conflicts
        What :meth:`planner.Scenario.look_into` found: then only what does not depend on it is
        looked at.
    without_refused_rows
        As in :func:`planner.build`.
    """
    errors: list[PlannerError] = [ScenarioError.found(notice) for notice in conflicts]
    notices: list[Notice] = list(conflicts)

    lines: Mapping[str, tuple[str, int]] = {}
    accounts: Mapping[str, Account] = {}
    spoilt: set[str] = set()
    was_read = layers is None
    if layers is None:
        with stage("layers"):
            layers, findings, lines = look_at_layers(
                scenario, without_refused_rows=without_refused_rows
            )
        notices += findings.notices
        accounts = findings.accounts
        files = {part: scenario.inputs.files(part) for part in PARTS}
        spoilt = {
            part
            for part, entries in files.items()
            if any(findings.errors_in(scenario.inputs.name(part, entry)) for entry in entries)
        }
        _attempt(errors, findings.raise_errors)
    if layers is None:
        return Groundwork(scenario, None, None, None, tuple(errors), tuple(notices), accounts)
    scenario = _attempt(errors, with_crs_of, scenario, layers) or scenario

    # what rests on a part that was refused is left out: its errors would be those of that part
    found: list[PlannerError] = []
    if not (conflicts or spoilt & {"areas", "roads"}):
        scenario = _attempt(found, layers_in_use, scenario, layers) or scenario

    # what the memory cannot hold, or would take hours, is refused before any of it is made
    in_conflict = {notice.column for notice in conflicts} - _ASKED_BY_NO_STATION
    parts = {column.split(".")[0] for column in in_conflict}
    if not (found or parts & _SIZE_ASKS):
        size = measure_size(scenario, layers)
        notices.append(size.notice())
        for check_limit in (check_memory, check_places):
            _attempt(found, check_limit, size)
        if found:
            notices += (notice for error in found for notice in error.as_notices())
            stopped = (*errors, *found)
            return Groundwork(scenario, layers, None, None, stopped, tuple(notices), accounts)

    if demand is None and not (conflicts or found or spoilt & _DEMAND_READS):
        with stage("demand"):
            demand = _attempt(found, build_demand, scenario, layers)

    stations = listed = None
    is_asked = any(has_feature(layers, layer) for layer in scenario.layers)
    if is_asked and not (spoilt & _STATIONS_READ or parts & _STATIONS_ASK):
        with stage("stations"):
            listed = _attempt(found, list_stations, scenario, layers, lines)
            if demand is not None and listed is not None and not (errors or found):
                stations = complete_stations(scenario, layers, demand, listed)

    if was_read and listed is not None:
        unusual = tuple(unusual_state(scenario, layers, listed.table))
        notices += unusual
        layers = dataclasses.replace(layers, notices=(*layers.notices, *unusual))
    notices += (notice for error in found for notice in error.as_notices())
    errors += found
    return Groundwork(scenario, layers, demand, stations, tuple(errors), tuple(notices), accounts)


# inputs that demand and stations are made of
_DEMAND_READS = {"boundary", "areas", "roads", "population", "towns", "town_areas"}
_STATIONS_READ = _DEMAND_READS - {"population"} | {"streets", "sites", "candidates", "antennas"}
# parts of the scenario without which no station can be listed
_STATIONS_ASK = {"networks", "bands", "radio", "siting"}
_ASKED_BY_NO_STATION = {"networks.share"}
_SIZE_ASKS = _STATIONS_ASK | {"layers"}


def _attempt(found: list[PlannerError], step: Callable[..., _T], *arguments: Any) -> _T | None:
    """What a step returns; None when it refuses, and then its error is among those found."""
    try:
        return step(*arguments)
    except PlannerError as error:
        found.append(error)
        return None


def check(scenario: Scenario | str | Path) -> tuple[Notice, ...]:
    """Everything that :func:`planner.run` would refuse before coverage, and remarks.

    Nothing is raised.

    Parameters
    ----------
    scenario
        A scenario, or the path of its file: then what contradicts itself in it is found too.

    Returns
    -------
    tuple of Notice
        Severity ``E`` refuses the plan.
    """
    known, conflicts = look_at(scenario)
    return conflicts if known is None else lay_groundwork(known, conflicts=conflicts).notices


def look_at(scenario: Scenario | str | Path) -> tuple[Scenario | None, tuple[Notice, ...]]:
    """A scenario as far as it can be read, None when it cannot; and what contradicts itself."""
    if isinstance(scenario, Scenario):
        return scenario, ()
    return Scenario.look_into(scenario)
