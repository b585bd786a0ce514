"""Maps of the report: the district and its layers with the plan on it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from planner import fields as F
from planner.codes import Build, Change, Level, State
from planner.crs import project
from planner.model import Comparison, IntArray, Plan, on_road
from planner.report.facts import PUBLIC_KINDS, Facts
from planner.scenario import Network
from planner.words import Language

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH_MM: Final = 156.0  # the text width of GB/T 9704-2012
TINTS: Final = ("#8ab6d3", "#d9c79a", "#a9c9b4", "#c3b4d6", "#9fc4c9", "#cdb9a8", "#b5c0a0")
NETWORK_COLOURS: Final = ("#0a4a8c", "#b45f06", "#4a5864", "#14202b")
PHASE_COLOURS: Final = ("#4a5864", "#0a7a5a", "#c46a00", "#7a2a8c", "#0a4a8c")
FULL, PART, NONE = "#5f9cc5", "#c9dfec", "#f3c9a9"
RED, HOLE, INK = "#b5121b", "#d9480f", "#14202b"
LAND, OUTSIDE, WATER = "#fdfdfb", "#eceeec", "#9db9c9"
ROAD, OTHER_ROAD, STREET, GREY = "#3a454f", "#b9c0c4", "#dcdfdf", "#7b868e"
CHANGES: Final = (
    (Change.ADDED, "#0a7a5a", "^"),
    (Change.REMOVED, RED, "X"),
    (Change.MOVED, "#7a2a8c", "D"),
    (Change.RETIMED, "#c46a00", "o"),
)
PUBLIC_MARKERS: Final = {Build.NEW_ROOF: "o", Build.NEW_POLE: "^"}
_POLYGON: Final = 3  # type of geometry in shapely's numbers


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a legend: ``kind`` is point, square, ring, line, patch or hatch."""

    label: str
    colour: str
    kind: str = "point"
    marker: str = "o"


Draw = Callable[["Axes"], Sequence[Entry]]


class DistrictMap:
    """The district as every map draws it, prepared once.

    Parameters
    ----------
    facts
        The plan that is drawn.
    words
        The language.

    Attributes
    ----------
    plan, stations
        Of the facts.
    crs
        The work CRS, in which everything is drawn.
    boundary
        The district as one geometry.
    extent
        West, east, south and north edge of the map, m: those of the district with a margin.
    tint
        Colour of each layer, by name.
    cells
        Place in ``plan.points`` of the cell under each pixel of the extent, (down, across); -1
        where there is none.
    """

    def __init__(self, facts: Facts, words: Language) -> None:
        self.facts = facts
        self.words = words
        self.plan = facts.plan
        self.stations = facts.stations
        self.crs = facts.scenario.district.work_crs

        self.boundary = shapely.union_all(self.plan.layers.boundary.geometry.to_numpy())
        west, south, east, north = self.boundary.bounds
        pad = 0.03 * max(east - west, north - south)
        self.extent = (west - pad, east + pad, south - pad, north + pad)

        names = facts.scenario.layer_names
        self.tint = dict(zip(names, np.resize(TINTS, len(names)), strict=True))
        self.cells = _work_grid(self.plan, self.extent)

    def draw(self, ax: Axes, *, tinted: bool = True, labels: bool = True) -> list[Entry]:
        """Draw land, water, layers and roads; returns the legend of the layers."""
        ax.set_facecolor(OUTSIDE)
        _fill(ax, [self.boundary], LAND, zorder=0)
        entries = self._draw_areas(ax) if tinted else []
        self._draw_lines(ax)

        # Coverage has colours of its own: without tints the layers are not in the legend either.
        if tinted:
            roads = [layer for layer in self.plan.scenario.layers if layer.shape == "road"]
            entries += [Entry(self.words.name(layer), ROAD, "line") for layer in roads]
            if len(self.plan.layers.keep_outs):
                entries.append(Entry(self.words("report.map.keep_outs"), GREY, "hatch"))

        if labels:
            self._name_towns(ax)
        self.frame(ax)
        return entries

    def _draw_areas(self, ax: Axes) -> list[Entry]:
        areas = self.plan.layers.areas
        entries = []
        for layer in self.plan.scenario.layers:
            if layer.shape == "area":
                tint = self.tint[layer.name]
                _fill(ax, areas.geometry[areas[F.LAYER] == layer.name], tint, zorder=1)
                entries.append(Entry(self.words.name(layer), tint, "patch"))
        return entries

    def _draw_lines(self, ax: Axes) -> None:
        layers = self.plan.layers
        in_layer = layers.roads[F.LAYER] != ""

        _fill(ax, layers.keep_outs.geometry, "none", hatch="////", edge=GREY, zorder=2)
        _lines(ax, layers.streets.geometry, STREET, 0.3, zorder=1)
        _lines(ax, layers.water.geometry, WATER, 1.0, zorder=1)
        _lines(ax, layers.roads.geometry[~in_layer], OTHER_ROAD, 0.5, zorder=2)
        _lines(ax, layers.roads.geometry[in_layer], ROAD, 0.9, zorder=3)
        _lines(ax, [shapely.boundary(self.boundary)], GREY, 0.8, style=(0, (6, 2, 1, 2)), zorder=4)

    def _name_towns(self, ax: Axes) -> None:
        from matplotlib import patheffects

        towns = self.plan.layers.towns
        halo = [patheffects.withStroke(linewidth=1.6, foreground="white")]
        style: dict[str, Any] = {"fontsize": 6, "ha": "center", "va": "center", "zorder": 9}
        for name, x, y in zip(towns[F.NAME], towns[F.X_M], towns[F.Y_M], strict=True):
            if np.isfinite(x):
                # What stands in brackets, half or full width, is no part of the name.
                short = re.split(r"[(\uff08]", str(name))[0].strip()
                ax.text(x, y, short, path_effects=halo, **style)

    def work_points(self, places: pd.DataFrame) -> gpd.GeoSeries:
        """Points of a table with ``lon, lat``, in the work CRS."""
        points = gpd.points_from_xy(places[F.LON], places[F.LAT])
        return gpd.GeoSeries(points, crs=F.WGS84).to_crs(self.crs)

    def frame(self, ax: Axes) -> None:
        """Set the extent, without ticks."""
        west, east, south, north = self.extent
        ax.set(xlim=(west, east), ylim=(south, north), aspect="equal", xticks=[], yticks=[])
        for spine in ax.spines.values():
            spine.set(linewidth=0.8, color=INK)


def _work_grid(plan: Plan, extent: tuple[float, float, float, float]) -> IntArray:
    """Place in ``points`` of the cell under each pixel of the extent, (down, across); -1 for none.

    The pixels lie in the work CRS, the cells in Web Mercator.
    """
    grid = plan.grid
    west, east, south, north = extent

    # place of each cell of the grid, -1 where nothing is wanted
    cells = np.flatnonzero(~on_road(plan.points))
    place = np.full(grid.rows * grid.columns, -1, dtype=np.int64)
    place[plan.points[F.CELL].to_numpy()[cells]] = cells

    # number of the cell under the middle of each pixel
    across = np.arange(west + grid.cell_m / 2, east, grid.cell_m)
    down = np.arange(north - grid.cell_m / 2, south, -grid.cell_m)
    x, y = np.meshgrid(across, down)
    mercator_x, mercator_y = project(x, y, plan.scenario.district.work_crs, "EPSG:3857")
    number = grid.cells(mercator_x, mercator_y)

    pixels = np.full(number.shape, -1, dtype=np.int64)
    in_grid = number >= 0
    pixels[in_grid] = place[number[in_grid]]
    return pixels


def _fill(
    ax: Axes, geometries: Any, colour: str, *, hatch: str = "", edge: str = "none", zorder: float
) -> None:
    from matplotlib.patches import PathPatch

    path = _polygon_path(geometries)
    if path is not None:
        style: dict[str, Any] = {"facecolor": colour, "edgecolor": edge, "hatch": hatch}
        ax.add_patch(PathPatch(path, linewidth=0.3, zorder=zorder, **style))


def _polygon_path(geometries: Any) -> Any:
    """One path of all rings, holes kept by their direction; None for nothing."""
    from matplotlib.path import Path

    parts = shapely.get_parts(np.asarray(geometries, dtype=object))
    polygons = shapely.orient_polygons(parts[shapely.get_type_id(parts) == _POLYGON])
    rings = shapely.get_rings(polygons)
    if not len(rings):
        return None
    paths = [Path(shapely.get_coordinates(ring), closed=True) for ring in rings]
    return Path.make_compound_path(*paths)


def _lines(
    ax: Axes, geometries: Any, colour: str, width: float, *, style: Any = "-", zorder: float
) -> None:
    from matplotlib.collections import LineCollection

    parts = shapely.get_parts(np.asarray(geometries, dtype=object))
    segments = [shapely.get_coordinates(part) for part in parts if not part.is_empty]
    ax.add_collection(
        LineCollection(segments, colors=colour, linewidths=width, linestyles=[style], zorder=zorder)
    )


def _points(ax: Axes, x: Any, y: Any, colour: str, **style: Any) -> None:
    """Draw points with a thin white rim."""
    rim: dict[str, Any] = {"linewidths": 0.25, "edgecolors": "white", "zorder": 6}
    ax.scatter(x, y, c=colour, **(rim | style))


def _hollow(ax: Axes, x: Any, y: Any, colour: str, **style: Any) -> None:
    """Draw rings or empty squares."""
    ax.scatter(x, y, facecolors="none", edgecolors=colour, **style)


def _coloured(networks: Sequence[Network]) -> Iterator[tuple[Network, str]]:
    return zip(networks, np.resize(NETWORK_COLOURS, len(networks)).tolist(), strict=True)


def _phase_colour(number: int) -> str:
    return PHASE_COLOURS[number % len(PHASE_COLOURS)]


def present_map(district: DistrictMap) -> Draw:
    """Stations of today by network, and those rebuilt and ready (现状站址分布图)."""

    def draw(ax: Axes) -> Sequence[Entry]:
        entries, words, stations = district.draw(ax), district.words, district.stations

        is_open = stations[stations[F.STATE] == State.OPEN]
        for network, colour in _coloured(district.plan.scenario.networks):
            own = is_open[is_open[F.NETWORK] == network.name]
            _points(ax, own[F.X_M], own[F.Y_M], colour, s=7)
            texts = {"state": words("state.open"), "network": words.name(network)}
            entries.append(Entry(words("report.map.of_network", n=len(own), **texts), colour))

        # White below the dark rim, so that the squares stand out from the tints of the layers.
        ready = stations[stations[F.STATE] == State.RETROFITTED]
        x, y = ready[F.X_M], ready[F.Y_M]
        _points(ax, x, y, "white", s=8, marker="s", zorder=5)
        _hollow(ax, x, y, INK, s=6, marker="s", linewidths=0.6, zorder=6)
        label = words("report.map.of_state", state=words("state.retrofitted"), n=len(ready))
        return [*entries, Entry(label, INK, "square")]

    return draw


def layout_map(district: DistrictMap) -> Draw:
    """Every station of the last phase by network (规划站址布局图)."""

    def draw(ax: Axes) -> Sequence[Entry]:
        entries, words, stations = district.draw(ax), district.words, district.stations

        shared = stations[stations[F.IS_SHARED] & stations[F.FIRST_HERE]]
        _hollow(ax, shared[F.X_M], shared[F.Y_M], INK, s=9, linewidths=0.35, zorder=5)

        for network, colour in _coloured(district.plan.scenario.networks):
            own = stations[stations[F.NETWORK] == network.name]
            _points(ax, own[F.X_M], own[F.Y_M], colour, s=3.5)
            entries.append(Entry(f"{words.name(network)} {len(own)}", colour))

        if len(district.facts.networks) > 1:
            entries.append(Entry(words("report.map.shared", n=len(shared)), INK, "ring"))
        return entries

    return draw


def phase_map(district: DistrictMap) -> Draw:
    """Stations by the phase that opens them (分期建设图)."""

    def draw(ax: Axes) -> Sequence[Entry]:
        entries, phases = district.draw(ax), district.plan.scenario.phases
        by_phase = [district.facts.of_phase(number) for number in range(len(phases))]

        # The last phase has the most stations: it is drawn first, the state on top.
        for number, own in reversed(list(enumerate(by_phase))):
            _points(ax, own[F.X_M], own[F.Y_M], _phase_colour(number), s=3.5)

        for number, (phase, own) in enumerate(zip(phases, by_phase, strict=True)):
            entries.append(Entry(f"{district.words.name(phase)} {len(own)}", _phase_colour(number)))
        return entries

    return draw


def coverage_map(district: DistrictMap, network: int, count: int) -> Draw:
    """What one network serves at one count (覆盖图).

    A place is served with all that is asked, outdoors only, or not at all.
    """

    def draw(ax: Axes) -> Sequence[Entry]:
        from matplotlib.colors import ListedColormap

        district.draw(ax, tinted=False, labels=False)
        state = _service_state(district.plan, network, count)

        # Nothing is drawn on pixels without a cell, nor where nothing is asked.
        image = np.full(district.cells.shape, -1)
        has_cell = district.cells >= 0
        image[has_cell] = state[district.cells[has_cell]]
        image = np.ma.masked_less(image, 0)
        colours = ListedColormap([NONE, PART, FULL])
        style: dict[str, Any] = {"extent": district.extent, "interpolation": "nearest"}
        ax.imshow(image, cmap=colours, vmin=0, vmax=2, zorder=1.5, aspect="equal", **style)
        district.frame(ax)  # the picture has changed the limits of the axes

        points = district.plan.points
        dark = points[on_road(points) & (state == 0)]
        ax.scatter(dark[F.X_M], dark[F.Y_M], s=0.8, c=RED, linewidths=0, zorder=5)

        words = district.words
        return [
            Entry(words("report.map.all_asked"), FULL, "patch"),
            Entry(words("report.map.outdoors_only"), PART, "patch"),
            Entry(words("report.map.uncovered"), NONE, "patch"),
            Entry(words("report.map.uncovered_road"), RED, "line"),
        ]

    return draw


def _service_state(plan: Plan, network: int, count: int) -> IntArray:
    """What is served, (points,): 2 all that is asked, 1 outdoors only, 0 none, -1 nothing asked."""
    served = plan.first[:, network, :] < count
    wanted = plan.wanted[:, network, :]

    # the first that holds decides
    asks_nothing = ~wanted.any(axis=1)
    has_all = (served | ~wanted).all(axis=1)
    has_outdoors = served[:, F.OUTDOOR]
    return np.select([asks_nothing, has_all, has_outdoors], [-1, 2, 1], default=0)


def continuity_map(district: DistrictMap, network: int, count: int) -> Draw:
    """Gaps over the limit and holes, outdoors, at one count (连续覆盖核查图)."""

    def draw(ax: Axes) -> Sequence[Entry]:
        district.draw(ax, labels=False)
        plan, words, points = district.plan, district.words, district.plan.points

        # a place that is broken is dark too: no hole or gap holds what is served
        is_broken = plan.broken[:, network, F.OUTDOOR] >= count
        is_sample = on_road(points)
        gaps = points[is_broken & is_sample]
        holes = points[is_broken & ~is_sample]
        ax.scatter(gaps[F.X_M], gaps[F.Y_M], s=4, c=RED, lw=0, zorder=7)
        ax.scatter(holes[F.X_M], holes[F.Y_M], s=1.2, c=HOLE, marker="s", lw=0, zorder=6)

        # A small gap or hole is lost in the map of a district: a ring marks each one.
        name = district.facts.scenario.network_names[network]
        for failures, colour in ((plan.gaps, RED), (plan.holes, HOLE)):
            is_here = (failures[F.COUNT] == count) & (failures[F.NETWORK] == name)
            is_outdoors = failures[F.LEVEL] == Level.OUTDOOR
            places = district.work_points(failures[is_here & is_outdoors])
            _hollow(ax, places.x, places.y, colour, s=34, linewidths=0.7, zorder=8)

        return [
            Entry(words("report.map.gap"), RED, "line"),
            Entry(words("report.map.hole"), HOLE, "patch"),
        ]

    return draw


def difficult_map(district: DistrictMap) -> Draw:
    """New sites that are hard to do without, larger where more is lost (疑难站址图)."""

    def draw(ax: Axes) -> Sequence[Entry]:
        entries, shown = district.draw(ax), district.facts.difficult()
        if len(shown):
            lost = shown[F.LOST_POINTS]
            size = 6 + 40 * (lost / lost.max()).to_numpy()
            style: dict[str, Any] = {"s": size, "alpha": 0.75, "linewidths": 0.3, "zorder": 7}
            _points(ax, shown[F.X_M], shown[F.Y_M], RED, **style)
        return [*entries, Entry(district.words("report.map.settle_first"), RED)]

    return draw


def resource_map(district: DistrictMap) -> Draw:
    """Roofs and poles to be opened, by phase (公共资源利用图)."""

    def draw(ax: Axes) -> Sequence[Entry]:
        entries, sites, words = district.draw(ax), district.facts.public(), district.words
        later = list(enumerate(district.plan.scenario.phases))[1:]

        for build, kind in PUBLIC_KINDS.items():
            own = sites[sites[F.BUILD_TYPE] == build]
            marker = PUBLIC_MARKERS[build]
            for number, phase in later:
                here = own[own[F.PHASE] == number]
                colour = _phase_colour(number)
                _points(ax, here[F.X_M], here[F.Y_M], colour, s=6, marker=marker)
                texts = {"kind": words("site_type", kind), "phase": words.name(phase)}
                label = words("report.map.of_kind", n=len(here), **texts)
                entries.append(Entry(label, colour, "point", marker))
        return entries

    return draw


def difference_map(district: DistrictMap, compare: Comparison) -> Draw:
    """Stations that another plan adds, drops, moves or opens in another phase (方案差异图).

    Of the plans that are compared it is the first after this one.
    """

    def draw(ax: Axes) -> Sequence[Entry]:
        entries, words = district.draw(ax), district.words
        _, other, *_ = compare.names  # the base comes first
        changes = compare.stations[compare.stations[F.PLAN] == other]
        places = district.work_points(changes)

        for change, colour, marker in CHANGES:
            own = places[(changes[F.CHANGE] == change).to_numpy()]
            style: dict[str, Any] = {"s": 8, "linewidths": 0.3, "zorder": 7}
            _points(ax, own.x, own.y, colour, marker=marker, **style)
            label = f"{words('change', change)} {len(own)}"
            entries.append(Entry(label, colour, "point", marker))
        return entries

    return draw
