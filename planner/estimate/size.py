"""The size of a case from the ground of its layers: what could not be held is refused beforehand.

Counts follow from areas, lengths and steps by simple formulas; bytes and seconds are measured costs
of one row, station or pair. Nothing here enters a plan.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import shapely

from planner import fields as F
from planner import radio
from planner.errors import Notice, ScenarioError, ValidityError
from planner.estimate.notices import NOTICES, TERMS
from planner.model import Layers
from planner.optimise.solve import EFFORTS
from planner.scenario import Layer, Scenario

# Measured on plans of the packaged case with cells of 100, 50 and 25 m and of the toy county with
# 50 and 20 m, Python 3.11: (1.3, 4.9, 19, 0.1, 0.6) million pairs, peak resident memory (441, 588,
# 1098, 333, 364) MB, processor time of all threads (23, 30, 56, 2.3, 3.0) s. The sizes below give
# (443, 580, 1090, 337, 359) MB and (21, 29, 56, 2.3, 3.2) s. Later, on made cities of 1, 3 and 10
# districts: (513, 900, 2139) MB, (28, 78, 265) s; the sizes give (565, 1042, 2690) MB and (28, 78,
# 254) s, with 12 and 1 ns for a unit of search and bound. These were measured alone since: 5 to 6
# and 2.4 to 3.7 ns, which takes 3 s off a district. Not measured: near, box, drawn and square,
# which are counted from the arrays that hold them.
BASE_BYTES: Final = 330e6
"""The program, its libraries and the compiled loops."""
BYTES: Final[Mapping[str, float]] = {
    "box": 45.0,  # a cell, or a node of a lattice, of the frame of a polygon
    "drawn": 8.0,  # a cell of a layer that is drawn for its discs
    "point": 300.0,
    "row": 50.0,
    "entry": 24.0,  # a place in a window of continuity
    "square": 80.0,  # a part of a square of the population table
    "station": 4000.0,
    "near": 60.0,  # two places that are nearer than candidates may stand
    "pair": 24.0,
}
BASE_SECONDS: Final = 2.0
SECONDS: Final[Mapping[str, float]] = {
    "point": 15e-6,
    "station": 260e-6,
    "pair": 1.6e-6,
    "search": 6e-9,  # a unit of an effort's search
    "bound": 3e-9,  # a unit of its bound
}
MOST_NEAR: Final = 20_000_000
"""Pairs of proposed places too near to each other: they are settled one by one, 0.4 µs each."""
STEP_UNITS: Final = 400_000
"""Units of search that a station is worth at most: 200 steps of about 2,000."""
DISTRICT_STATIONS: Final = 14_000
"""Stations above which a search takes its steps in proportion to them, as planner.optimise has."""
SERVED: Final = 0.35
"""Part of the circle of a station's range that it serves: its sectors reach that range ahead only.

Source: pairs of the packaged case and the toy county against circles.
"""
HEX: Final = math.sqrt(0.75)
"""Ground of a place in a hexagonal lattice, in squares of its spacing."""
ENDLESS: Final = 1e15
"""Stands for a count beyond all bounds."""
GB: Final = 1e9
CGROUP: Final = Path("/sys/fs/cgroup")


@dataclass(frozen=True, slots=True)
class Size:
    """How large a case will be.

    Attributes
    ----------
    points, rows
        Places of demand, and rows by network and level.
    sites, stations
        Sites of today and candidates, and the stations that they may hold.
    pairs
        Rows and stations that serve them.
    near
        Pairs of proposed places that are nearer than candidates may stand.
    memory
        Bytes at the peak, by what they are needed for (``planner.estimate.notices.TERMS``).
    seconds
        On one core.
    """

    points: int
    rows: int
    sites: int
    stations: int
    pairs: int
    near: int
    memory: Mapping[str, float]
    seconds: float

    @property
    def memory_bytes(self) -> float:
        """Bytes at the peak."""
        return BASE_BYTES + sum(self.memory.values())

    def notice(self) -> Notice:
        """The size, in a sentence."""
        return NOTICES.notice(
            "work_estimated",
            points=self.points,
            rows=self.rows,
            sites=self.sites,
            stations=self.stations,
            pairs=self.pairs,
            memory_gb=self.memory_bytes / GB,
            seconds=math.ceil(self.seconds),
        )


@dataclass(frozen=True, slots=True)
class _Ground:
    """One layer as demand and as ground for candidates.

    Attributes
    ----------
    points
        Places of demand.
    entries
        Places in its windows of continuity, for one network.
    box_cells, drawn_cells
        Cells that are held at once to find its places, and to draw it with a margin for its discs.
    sites
        Candidates that its spacing gives, before they thin each other out.
    near
        Pairs of these that are nearer than the least spacing.
    box_nodes
        Nodes of the lattice over the frame of a polygon.
    area_m2
        Of its polygons; 0 of a road layer.
    """

    points: float
    entries: float
    box_cells: float
    drawn_cells: float
    sites: float
    near: float
    box_nodes: float
    area_m2: float


def measure_size(scenario: Scenario, layers: Layers) -> Size:
    """Estimate the size of a case.

    Parameters
    ----------
    scenario
        With its work CRS.
    layers
        The district.
    """
    grounds = {
        layer.name: (_area if layer.shape == "area" else _road)(scenario, layers, layer)
        for layer in scenario.layers
    }
    points = sum(ground.points for ground in grounds.values())
    deep = sum(grounds[layer.name].points for layer in scenario.layers if layer.deep != "none")
    n_networks = len(scenario.networks)
    rows = n_networks * (points + deep)
    squares = _population_parts(scenario, layers)

    candidates, near, nodes = _candidates(scenario, layers, list(grounds.values()))
    sites = layers.sites[F.SITE_ID].nunique() + candidates
    stations = sites * sum(len(network.bands) for network in scenario.networks)
    pairs = _pairs(scenario, layers, grounds, sites)

    cells = BYTES["point"] * points + BYTES["row"] * rows
    boxes = max((ground.box_cells for ground in grounds.values()), default=0.0)
    on_roads = sum(grounds[one.name].points for one in scenario.layers if one.shape == "road")
    share_on_roads = on_roads / points if points else 0.0
    return Size(
        points=_whole(points),
        rows=_whole(rows),
        sites=_whole(sites),
        stations=_whole(stations),
        pairs=_whole(pairs),
        near=_whole(near),
        memory={
            "cells": cells * (1 - share_on_roads) + BYTES["box"] * boxes,
            "samples": cells * share_on_roads,
            "windows": BYTES["entry"] * n_networks * sum(one.entries for one in grounds.values())
            + BYTES["drawn"] * max((one.drawn_cells for one in grounds.values()), default=0.0),
            "population": BYTES["square"] * squares,
            "candidates": BYTES["station"] * stations + BYTES["near"] * near + BYTES["box"] * nodes,
            "pairs": BYTES["pair"] * pairs,
        },
        seconds=_seconds(scenario, points, stations, pairs),
    )


def check_memory(size: Size) -> None:
    """Refuse a case that the free memory cannot hold.

    Raises
    ------
    ScenarioError
        With what to change.
    """
    have = _free_bytes()
    if size.memory_bytes <= have:
        return
    what = max(size.memory, key=lambda name: size.memory[name])
    raise ScenarioError.found(
        NOTICES.notice(
            "memory_short",
            column=_KEYS[what][0],
            need_gb=size.memory_bytes / GB,
            have_gb=have / GB,
            what=TERMS[what],
            keys=[*_KEYS[what]],
        )
    )


def check_places(size: Size) -> None:
    """Refuse a spacing that proposes far more places than may stand beside each other.

    Raises
    ------
    ScenarioError
        With what to change.
    """
    if size.near > MOST_NEAR:
        raise ScenarioError.found(
            NOTICES.notice(
                "places_too_near",
                column="layers.spacing_m",
                count=size.near,
                most=MOST_NEAR,
                keys=[*_KEYS["candidates"]],
            )
        )


_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "cells": ("demand.cell_m",),
    "samples": ("demand.road_step_m",),
    "population": ("demand.cell_m",),
    "windows": ("demand.cell_m", "demand.road_step_m", "layers.rule"),
    "candidates": ("layers.spacing_m", "siting.street_spacing_m", "siting.min_spacing_m"),
    "pairs": ("demand.cell_m", "demand.road_step_m", "layers.spacing_m"),
}
"""Keys of the scenario that it depends on."""


def _whole(count: float) -> int:
    return round(min(count, ENDLESS))


def _free_bytes() -> float:
    """Memory that this process may still take, bytes: that of the machine, or of its container."""
    import psutil

    free = float(psutil.virtual_memory().available)
    try:
        limit = float((CGROUP / "memory.max").read_text())
        used = float((CGROUP / "memory.current").read_text())
    except (OSError, ValueError):  # no container, or one without a limit
        return free
    return min(free, limit - used)


def _area(scenario: Scenario, layers: Layers, layer: Layer) -> _Ground:
    """A layer of polygons."""
    polygons: Any = layers.areas.geometry[layers.areas[F.LAYER] == layer.name].array
    cell_m = scenario.demand.cell_m
    area = float(shapely.area(shapely.union_all(polygons)))
    box = max((_box_m2(polygon) for polygon in polygons), default=0.0)
    points = _ratio(area, cell_m * cell_m)

    # discs stand on a lattice of about half their radius; each holds its cells, and the layer is
    # drawn once with so much of a margin
    radius = _ratio(layer.rule.hole_radius_m, cell_m)
    step = max(1.0, math.floor(radius / 2))
    disc = math.pi * max(0.0, radius - step / math.sqrt(2)) ** 2
    width, height = (_ratio(side, cell_m) + 2 * radius for side in _frame_m(polygons))

    spacing_m = layer.spacing_m
    sites = _ratio(area, HEX * spacing_m * spacing_m)
    circle = math.pi * scenario.siting.min_spacing_m**2
    return _Ground(
        points=points,
        entries=max(1.0, points / step**2) * disc,
        box_cells=_ratio(box, cell_m * cell_m),
        drawn_cells=width * height,
        sites=sites,
        near=sites * _ratio(circle, 2 * HEX * spacing_m * spacing_m),
        box_nodes=_ratio(box, HEX * spacing_m * spacing_m),
        area_m2=area,
    )


def _road(scenario: Scenario, layers: Layers, layer: Layer) -> _Ground:
    """A layer of roads."""
    of_layer = layers.roads[layers.roads[F.LAYER] == layer.name]
    length = float(of_layer.length.sum())
    step_m = scenario.demand.road_step_m
    points = _ratio(length, step_m)
    sites = _ratio(length, layer.spacing_m)
    return _Ground(
        points=points,
        entries=points * min(points, _ratio(layer.rule.gap_m, step_m) + 1),
        box_cells=0.0,
        drawn_cells=0.0,
        sites=sites,
        near=sites * _ratio(scenario.siting.min_spacing_m, layer.spacing_m),
        box_nodes=0.0,
        area_m2=0.0,
    )


def _ratio(part: float, unit: float) -> float:
    """How often a unit goes into a part; :data:`ENDLESS` when that is no number any more."""
    return min(part / unit, ENDLESS) if unit > part / ENDLESS else ENDLESS


def _frame_m(polygons: Any) -> tuple[float, float]:
    """Width and height of the frame of polygons, m."""
    if not len(polygons):
        return 0.0, 0.0
    west, south, east, north = shapely.total_bounds(polygons)
    return float(east - west), float(north - south)


def _box_m2(polygon: Any) -> float:
    width, height = _frame_m([polygon])
    return width * height


def _population_parts(scenario: Scenario, layers: Layers) -> float:
    """Parts of a cell that the squares of the population table are cut into."""
    sides = layers.population[F.CELL_M].to_numpy(float)
    return sum(max(1.0, _ratio(side, scenario.demand.cell_m)) ** 2 for side in sides)


def _candidates(
    scenario: Scenario, layers: Layers, grounds: list[_Ground]
) -> tuple[float, float, float]:
    """Candidate sites, pairs of places that are too near, and nodes of the largest lattice."""
    listed = len(layers.candidates)
    if scenario.inputs.candidates:
        return float(listed), 0.0, 0.0

    least_m, street_m = scenario.siting.min_spacing_m, scenario.siting.street_spacing_m
    other = layers.roads[layers.roads[F.LAYER] == ""]
    length = float(other.length.sum() + layers.streets.length.sum())
    on_streets = _ratio(length, street_m) + len(layers.streets)
    near = sum(ground.near for ground in grounds) + on_streets * _ratio(least_m, street_m)

    # places thin each other out: no more stay than the least spacing has room for
    wanted = sum(ground.sites for ground in grounds) + on_streets
    room = _ratio(float(layers.boundary.area.sum()), HEX * least_m * least_m)
    boxes = max((ground.box_nodes for ground in grounds), default=0.0)
    return listed + min(wanted, room), near, boxes + wanted


def _pairs(
    scenario: Scenario, layers: Layers, grounds: Mapping[str, _Ground], sites: float
) -> float:
    """Rows and stations that serve them: the sites in the range of a row, by band and level."""
    total_m2 = float(layers.boundary.area.sum())
    of_areas = sum(ground.area_m2 for ground in grounds.values())
    on_areas = _on_areas(scenario, layers, grounds, sites)
    density_outside = max(0.0, sites - sum(on_areas.values())) / max(total_m2 - of_areas, 1.0)

    pairs = 0.0
    for layer, reach_m in _ranges(scenario):
        ground = grounds[layer.name]
        circle = SERVED * math.pi * reach_m * reach_m
        inside = min(circle, ground.area_m2)
        density = on_areas[layer.name] / ground.area_m2 if ground.area_m2 else 0.0
        seen = inside * density + (circle - inside) * density_outside
        pairs += ground.points * min(seen, sites)
    return pairs


def _on_areas(
    scenario: Scenario, layers: Layers, grounds: Mapping[str, _Ground], sites: float
) -> dict[str, float]:
    """Sites that stand in each layer of polygons: of a list those that do, else by spacing."""
    listed = layers.candidates if scenario.inputs.candidates else None
    found = {}
    for name, ground in grounds.items():
        if listed is None or not ground.area_m2:
            found[name] = min(ground.sites, sites) if ground.area_m2 else 0.0
            continue
        polygons = layers.areas.geometry[layers.areas[F.LAYER] == name]
        union = shapely.union_all(polygons.array)
        shapely.prepare(union)
        found[name] = float(shapely.intersects(union, listed.geometry.array).sum())
    return found


def _ranges(scenario: Scenario) -> Iterator[tuple[Layer, float]]:
    """Range of each band, m, in each layer and level that asks for it; none outside its model."""
    for layer in scenario.layers:
        propagation = scenario.radio.scenes[layer.scene]
        for network in scenario.networks:
            for band in network.bands:
                places = [(scenario.entry(None, band), scenario.least_dbm(layer, "outdoor"))]
                if layer.deep != "none" and band not in layer.outdoor_only_bands:
                    places.append((scenario.entry(layer, band), scenario.least_dbm(layer, "deep")))
                for entry, rsrp_dbm in places:
                    try:
                        budget = radio.link_budget(
                            scenario.radio,
                            scenario.bands[band],
                            propagation,
                            entry,
                            rsrp_dbm=rsrp_dbm,
                        )
                    except ValidityError:  # said where stations are listed
                        continue
                    yield layer, budget.range_m


def _seconds(scenario: Scenario, points: float, stations: float, pairs: float) -> float:
    """Seconds on one core."""
    effort = EFFORTS.get(scenario.search.effort, EFFORTS["standard"])
    search = effort.search * max(1.0, stations / DISTRICT_STATIONS)
    bound = min(effort.bound, pairs * effort.iterations[1])
    return (
        BASE_SECONDS
        + SECONDS["point"] * points
        + SECONDS["station"] * stations
        + SECONDS["pair"] * pairs
        + SECONDS["search"] * min(search, STEP_UNITS * stations)
        + SECONDS["bound"] * bound
    )
