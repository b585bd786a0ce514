"""What a plan rests on: layers, demand and stations, and everything that refuses a plan there.

``planner check`` lists what ``planner run`` raises: both come from here.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from planner.demand import build_demand
from planner.errors import Notice, PlannerError, ScenarioError
from planner.estimate import check_memory, check_places, measure_size
from planner.kept import NOTHING, Store, key_of
from planner.layers import (
    Account,
    contents_of,
    has_feature,
    layers_in_use,
    look_at_layers,
    with_crs_of,
)
from planner.layers.findings import Findings
from planner.layers.kinds import Lines
from planner.layers.notices import NOTICES as LAYER_NOTICES
from planner.model import Demand, Layers, Stations
from planner.model.packed import demand_of, layers_of, pack, parts_of, stations_of, unpack
from planner.scenario import PARTS, NotGivenError, Scenario
from planner.stations import Listed, complete_stations, list_stations, unusual_state

_T = TypeVar("_T")
Keys = tuple[str | None, str | None]

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
    store: Store = NOTHING,
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
    store
        Where layers, demand and stations that were worked out before are looked for, and kept.
    """
    errors: list[PlannerError] = [ScenarioError.found(notice) for notice in conflicts]
    notices: list[Notice] = list(conflicts)

    lines: Lines = {}
    accounts: Mapping[str, Account] = {}
    spoilt: set[str] = set()
    key: str | None = None
    demand_key: str | None = None
    was_read = layers is None
    if layers is None:
        with stage("layers"):
            (layers, findings, lines), key = _layers(scenario, without_refused_rows, store)
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
            made = _attempt(found, _demand, scenario, layers, key, store)
            demand, demand_key = made or (None, None)

    stations = listed = None
    is_asked = any(has_feature(layers, layer) for layer in scenario.layers)
    if is_asked and not (spoilt & _STATIONS_READ or parts & _STATIONS_ASK):
        with stage("stations"):
            listed = _attempt(found, list_stations, scenario, layers, lines)
            if demand is not None and listed is not None and not (errors or found):
                keys = (key, demand_key)
                stations = _stations(scenario, layers, demand, listed, keys, store)

    if was_read and listed is not None:
        unusual = tuple(unusual_state(scenario, layers, listed.table))
        notices += unusual
        layers = dataclasses.replace(layers, notices=(*layers.notices, *unusual))
    notices += (notice for error in found for notice in error.as_notices())
    errors += found
    return Groundwork(scenario, layers, demand, stations, tuple(errors), tuple(notices), accounts)


# What each stage may read of the scenario, which is all that it is given; where there are two ways,
# it is given more when the first does not do: few cases ask the layers how many stations there are.
_LAYERS = ("aliases", "as_of", "bands", "defaults", "district", "inputs", "layers", "networks")
_LAYERS_GIVEN = ((*_LAYERS, "siting"), (*_LAYERS, "siting", "phases"))
_DEMAND_GIVEN = (("demand", "district", "layers", "networks", "radio", "siting"),)
_STATIONS_GIVEN = (
    ("bands", "district", "exposure", "layers", "levels", "networks", "radio", "siting"),
)


def _layers(
    scenario: Scenario, without_refused_rows: bool, store: Store
) -> tuple[tuple[Layers | None, Findings, Lines], str | None]:
    """Layers, findings and lines, and the key of what they follow from.

    They are kept where no finding is an error, so no finding but those of the layers is lost.
    """
    contents = contents_of(scenario) if store.keeps else {}

    def parts(made: tuple[Layers | None, Findings, Lines]) -> Mapping[str, Any] | None:
        layers, findings, lines = made
        has_error = any(notice.severity == "E" for notice in findings.notices)
        # a file may have been written to while it was read
        if layers is None or has_error or contents_of(scenario) != contents:
            return None
        return {**parts_of(layers), "lines": lines}

    def again(parts: dict[str, Any]) -> tuple[Layers | None, Findings, Lines]:
        lines = {name: (file, line) for name, (file, line) in parts.pop("lines").items()}
        return layers_of(parts), Findings(LAYER_NOTICES), lines

    look = partial(look_at_layers, without_refused_rows=without_refused_rows)
    follows = (contents, without_refused_rows)
    return _once(store, "layers", scenario, _LAYERS_GIVEN, follows, look, parts, again)


def _demand(
    scenario: Scenario, layers: Layers, layers_key: str | None, store: Store
) -> tuple[Demand, str | None]:
    """The demand of layers, and the key of what it follows from."""
    store = store if layers_key else NOTHING
    build = partial(build_demand, layers=layers)
    return _once(
        store, "demand", scenario, _DEMAND_GIVEN, (layers_key,), build, parts_of, demand_of
    )


def _stations(
    scenario: Scenario, layers: Layers, demand: Demand, listed: Listed, keys: Keys, store: Store
) -> Stations:
    """The stations that were listed, complete; ``keys`` are those of layers and demand."""
    store = store if all(keys) else NOTHING
    follows = (*keys, pack(listed._asdict())) if store.keeps else ()
    build = partial(complete_stations, layers=layers, demand=demand, listed=listed)
    return _once(
        store, "stations", scenario, _STATIONS_GIVEN, follows, build, parts_of, stations_of
    )[0]


def _once(
    store: Store,
    what: str,
    scenario: Scenario,
    ways: Sequence[Sequence[str]],
    follows: tuple[Any, ...],
    step: Callable[[Scenario], _T],
    parts: Callable[[_T], Mapping[str, Any] | None],
    again: Callable[[dict[str, Any]], _T],
) -> tuple[_T, str | None]:
    """What a step makes of some parts of a scenario, from the store where it is there.

    Parameters
    ----------
    store, what
        Where it is kept, and what it is.
    scenario, ways
        The scenario, and what of it the step is given: it cannot read anything else. The first way
        that does is taken; that is always the same one for the same parts.
    follows
        What the step follows from beside.
    step
        Makes it.
    parts
        What of it is kept; None when nothing is.
    again
        Makes it of what was kept.

    Returns
    -------
    made
        The same whether it was kept or not.
    key
        Of what it follows from; None where nothing is kept.
    """
    given = [{part: getattr(scenario, part) for part in way} for way in ways]
    keys = [key_of(what, tree, follows) if store.keeps else None for tree in given]
    for key in filter(None, keys):
        known = store.get(key)
        if known is not None:
            return again(unpack(known)), key

    for way, name in zip(ways, keys, strict=True):
        try:
            made = step(scenario.only(way))
        except NotGivenError:
            continue
        kept = parts(made) if name else None
        if name and kept is not None:
            store.put(name, pack(kept))
        return made, name
    # on a way that no test has gone a step reads still more: it gets it, and is not kept
    return step(scenario), None


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
