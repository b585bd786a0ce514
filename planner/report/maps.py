"""Maps of the report: the district and its layers with the plan on it, in the frame an office expects."""

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
from planner.codes import Change, State
from planner.crs import project
from planner.model import Comparison, IntArray, Plan
from planner.report.facts import PUBLIC_KINDS, Facts
from planner.scenario import Network
from planner.words import Language

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH_MM: Final = 156.0  # the text width of GB/T 9704-2012
TINTS: Final = ("#8ab6d3", "#d9c79a", "#a9c9b4", "#c3b4d6", "#9fc4c9", "#cdb9a8", "#b5c0a0")
NETWORK_COLOURS: Final = ("#0a4a8c", "#b45f06", "#4a5864", "#14202b")
PHASE_COLOURS: Final = ("#4a5864", "#0a7a5a", "#c46a00", "#7a2a8c", "#0a4a8c")
FULL, PART, NONE, RED, HOLE = "#5f9cc5", "#c9dfec", "#f3c9a9", "#b5121b", "#d9480f"
LAND, OUTSIDE, ROAD, STREET, WATER, GREY = (
    "#fdfdfb",
    "#eceeec",
    "#3a454f",
    "#dcdfdf",
    "#9db9c9",
    "#7b868e",
)
CHANGES: Final = (
    (Change.ADDED, "#0a7a5a", "^"),
    (Change.REMOVED, RED, "X"),
    (Change.MOVED, "#7a2a8c", "D"),
    (Change.RETIMED, "#c46a00", "o"),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a legend: ``kind`` is point, line or patch."""

    label: str
    colour: str
    kind: str = "point"
    marker: str = "o"


Draw = Callable[["Axes"], Sequence[Entry]]


class Base:
    """The district as every map draws it, prepared once.

    Parameters
    ----------
    facts
        The plan that is drawn.
    words
        The language.
    """

    def __init__(self, facts: Facts, words: Language) -> None:
        self.facts, self.plan, self.words, self.stations = facts, facts.plan, words, facts.stations
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
        layers, entries = self.plan.layers, []
        ax.set_facecolor(OUTSIDE)
        _fill(ax, [self.boundary], LAND, zorder=0)
        if tinted:
            for layer in self.plan.scenario.layers:
                if layer.shape == "area":
                    _fill(
                        ax,
                        layers.areas.geometry[layers.areas[F.LAYER] == layer.name],
                        self.tint[layer.name],
                        zorder=1,
                    )
                    entries.append(Entry(self.words.name(layer), self.tint[layer.name], "patch"))
        _fill(ax, layers.keep_outs.geometry, "none", hatch="////", edge=GREY, zorder=2)
        _lines(ax, layers.streets.geometry, STREET, 0.3, zorder=1)
        _lines(ax, layers.water.geometry, WATER, 1.0, zorder=1)
        in_layer = layers.roads[F.LAYER] != ""
        _lines(ax, layers.roads.geometry[~in_layer], "#b9c0c4", 0.5, zorder=2)
        _lines(ax, layers.roads.geometry[in_layer], ROAD, 0.9, zorder=3)
        _lines(ax, [shapely.boundary(self.boundary)], GREY, 0.8, style=(0, (6, 2, 1, 2)), zorder=4)
        if tinted:
            entries += [
                Entry(self.words.name(one), ROAD, "line")
                for one in self.plan.scenario.layers
                if one.shape == "road"
            ]
            if len(layers.keep_outs):
                entries.append(Entry(self.words("report.map.keep_outs"), GREY, "hatch"))
        if labels:
            self._name_towns(ax)
        self.frame(ax)
        return entries

    def project(self, places: pd.DataFrame) -> gpd.GeoSeries:
        """Points of a table with ``lon, lat``, in the work CRS."""
        return gpd.GeoSeries(gpd.points_from_xy(places[F.LON], places[F.LAT]), crs=F.WGS84).to_crs(
            self.crs
        )

    def _name_towns(self, ax: Axes) -> None:
        from matplotlib import patheffects

        towns = self.plan.layers.towns
        halo = [patheffects.withStroke(linewidth=1.6, foreground="white")]
        for name, x, y in zip(towns[F.NAME], towns[F.X_M], towns[F.Y_M], strict=True):
            if np.isfinite(x):
                short = re.split(r"[(\uff08]", str(name))[
                    0
                ].strip()  # what stands in brackets is no name
                ax.text(
                    x, y, short, fontsize=6, ha="center", va="center", zorder=9, path_effects=halo
                )

    def frame(self, ax: Axes) -> None:
        """Set the extent, without ticks."""
        west, east, south, north = self.extent
        ax.set(xlim=(west, east), ylim=(south, north), aspect="equal", xticks=[], yticks=[])
        for spine in ax.spines.values():
            spine.set(linewidth=0.8, color="#14202b")


def _fill(
    ax: Axes,
    geometries: Any,
    colour: str,
    *,
    hatch: str = "",
    edge: str = "none",
    zorder: float = 1,
) -> None:
    from matplotlib.patches import PathPatch

    path = polygon_path(geometries)
    if path is not None:
        ax.add_patch(
            PathPatch(
                path, facecolor=colour, edgecolor=edge, hatch=hatch, linewidth=0.3, zorder=zorder
            )
        )


def polygon_path(geometries: Any) -> Any:
    """One path of all rings, holes kept by their direction; None for nothing."""
    from matplotlib.path import Path

    parts = shapely.get_parts(np.asarray(geometries, dtype=object))
    polygons = shapely.orient_polygons(parts[shapely.get_type_id(parts) == 3])
    rings = shapely.get_rings(polygons)
    if not len(rings):
        return None
    return Path.make_compound_path(
        *(Path(shapely.get_coordinates(ring), closed=True) for ring in rings)
    )


def _lines(
    ax: Axes, geometries: Any, colour: str, width: float, *, style: Any = "-", zorder: float = 1
) -> None:
    from matplotlib.collections import LineCollection

    parts = shapely.get_parts(np.asarray(geometries, dtype=object))
    segments = [shapely.get_coordinates(part) for part in parts if not part.is_empty]
    ax.add_collection(
        LineCollection(segments, colors=colour, linewidths=width, linestyles=[style], zorder=zorder)
    )


def points(
    ax: Axes,
    x: Any,
    y: Any,
    colour: str,
    *,
    size: float = 4.0,
    marker: str = "o",
    zorder: float = 6,
) -> None:
    """Draw points with a thin white rim."""
    ax.scatter(
        x, y, s=size, c=colour, marker=marker, linewidths=0.25, edgecolors="white", zorder=zorder
    )


def _coloured(networks: Sequence[Network]) -> Iterator[tuple[Network, str]]:
    return zip(networks, np.resize(NETWORK_COLOURS, len(networks)).tolist(), strict=True)


def present_map(base: Base) -> Draw:
    """现状站址分布图: stations of the state, and those rebuilt and ready."""

    def draw(ax: Axes) -> Sequence[Entry]:
        entries, words, at = base.draw(ax), base.words, base.stations
        state = at[at[F.STATE] == State.OPEN]
        for network, colour in _coloured(base.plan.scenario.networks):
            own = state[state[F.NETWORK] == network.name]
            points(ax, own[F.X_M], own[F.Y_M], colour, size=7)
            name = words.name(network)
            label = words(
                "report.map.of_network", state=words("state.open"), network=name, n=len(own)
            )
            entries.append(Entry(label, colour))
        ready = at[at[F.STATE] == State.RETROFITTED]
        points(ax, ready[F.X_M], ready[F.Y_M], "white", size=8, marker="s", zorder=5)
        ax.scatter(
            ready[F.X_M],
            ready[F.Y_M],
            s=6,
            facecolors="none",
            edgecolors="#14202b",
            marker="s",
            linewidths=0.6,
            zorder=6,
        )
        label = words("report.map.of_state", state=words("state.retrofitted"), n=len(ready))
        entries.append(Entry(label, "#14202b", "square"))
        return entries

    return draw


def layout_map(base: Base) -> Draw:
    """规划站址布局图: every station of the last phase by network."""

    def draw(ax: Axes) -> Sequence[Entry]:
        entries, words, at = base.draw(ax), base.words, base.stations
        shared = at[at[F.IS_SHARED] & at[F.FIRST_HERE]]
        ax.scatter(
            shared[F.X_M],
            shared[F.Y_M],
            s=9,
            facecolors="none",
            edgecolors="#14202b",
            linewidths=0.35,
            zorder=5,
        )
        for network, colour in _coloured(base.plan.scenario.networks):
            own = at[at[F.NETWORK] == network.name]
            points(ax, own[F.X_M], own[F.Y_M], colour, size=3.5)
            entries.append(Entry(f"{words.name(network)} {len(own)}", colour))
        if len(base.facts.networks) > 1:
            entries.append(Entry(words("report.map.shared", n=len(shared)), "#14202b", "ring"))
        return entries

    return draw


def phase_map(base: Base) -> Draw:
    """分期建设图: stations by the phase that opens them."""

    def draw(ax: Axes) -> Sequence[Entry]:
        entries, at = base.draw(ax), base.stations
        for number in reversed(range(len(base.plan.scenario.phases))):
            own = at[at[F.PHASE] == number]
            points(
                ax,
                own[F.X_M],
                own[F.Y_M],
                PHASE_COLOURS[number % len(PHASE_COLOURS)],
                size=3.5,
                zorder=6,
            )
        for number, phase in enumerate(base.plan.scenario.phases):
            n = int((at[F.PHASE] == number).sum())
            entries.append(
                Entry(f"{base.words.name(phase)} {n}", PHASE_COLOURS[number % len(PHASE_COLOURS)])
            )
        return entries

    return draw


def coverage_map(base: Base, network: int, count: int) -> Draw:
    """覆盖图: cells and road samples of one network at one count: all that is asked, outdoors only, none."""

    def draw(ax: Axes) -> Sequence[Entry]:
        from matplotlib.colors import ListedColormap

        base.draw(ax, tinted=False, labels=False)
        state = service_state(base.plan, network, count)
        image = np.ma.masked_less(np.append(state, -1)[base.cells], 0)
        ax.imshow(
            image,
            extent=base.extent,
            cmap=ListedColormap([NONE, PART, FULL]),
            vmin=0,
            vmax=2,
            zorder=1.5,
            interpolation="nearest",
            aspect="equal",
        )
        base.frame(ax)
        places = base.plan.points
        dark = places[(places[F.ROAD].to_numpy() >= 0) & (state == 0)]
        ax.scatter(dark[F.X_M], dark[F.Y_M], s=0.8, c=RED, linewidths=0, zorder=5)
        words = base.words
        return [
            Entry(words("report.map.all_asked"), FULL, "patch"),
            Entry(words("report.map.outdoors_only"), PART, "patch"),
            Entry(words("report.map.uncovered"), NONE, "patch"),
            Entry(words("report.map.uncovered_road"), RED, "line"),
        ]

    return draw


def service_state(plan: Plan, network: int, count: int) -> IntArray:
    """Per point 2 = all that is asked there, 1 = outdoors only, 0 = none, -1 = nothing asked."""
    served = plan.first[:, network, :] < count
    wanted = plan.wanted[:, network, :]
    state = np.where((served | ~wanted).all(axis=1), 2, np.where(served[:, 0], 1, 0))
    return np.where(wanted.any(axis=1), state, -1)


def _work_grid(plan: Plan, extent: tuple[float, float, float, float]) -> IntArray:
    """Place in ``points`` of the cell under each pixel of a picture of the extent in the work CRS; -1 for none."""
    grid, (west, east, south, north) = plan.grid, extent
    cells = np.flatnonzero(plan.points[F.ROAD].to_numpy() < 0)
    place = np.full(
        grid.rows * grid.columns + 1, -1, dtype=np.int64
    )  # the last one is what lies outside the grid
    place[plan.points[F.CELL].to_numpy()[cells]] = cells
    across = np.arange(west + grid.cell_m / 2, east, grid.cell_m)
    down = np.arange(north - grid.cell_m / 2, south, -grid.cell_m)
    x, y = np.meshgrid(across, down)
    return place[grid.cells(*project(x, y, plan.scenario.district.work_crs, "EPSG:3857"))]


def continuity_map(base: Base, network: int, count: int) -> Draw:
    """连续覆盖核查图: gaps over the limit and holes, outdoors, at one count."""

    def draw(ax: Axes) -> Sequence[Entry]:
        base.draw(ax, labels=False)
        plan, words = base.plan, base.words
        dark = (plan.first[:, network, 0] >= count) & plan.wanted[:, network, 0]
        broken = dark & (plan.broken[:, network, 0] >= count)
        road = plan.points[F.ROAD].to_numpy() >= 0
        x, y = plan.points[F.X_M].to_numpy(), plan.points[F.Y_M].to_numpy()
        ax.scatter(x[broken & road], y[broken & road], s=4, c=RED, linewidths=0, zorder=7)
        ax.scatter(
            x[broken & ~road], y[broken & ~road], s=1.2, c=HOLE, marker="s", linewidths=0, zorder=6
        )
        name = base.facts.scenario.network_names[network]
        for failures, colour in ((plan.gaps, RED), (plan.holes, HOLE)):
            is_it = (
                (failures[F.COUNT] == count)
                & (failures[F.NETWORK] == name)
                & (failures[F.LEVEL] == F.LEVELS[0])
            )
            at = base.project(failures[is_it])
            ax.scatter(
                at.x, at.y, s=34, facecolors="none", edgecolors=colour, linewidths=0.7, zorder=8
            )
        return [
            Entry(words("report.map.gap"), RED, "line"),
            Entry(words("report.map.hole"), HOLE, "patch"),
        ]

    return draw


def difficult_map(base: Base) -> Draw:
    """疑难站址图: the new sites of the list, the larger the more is lost without them."""

    def draw(ax: Axes) -> Sequence[Entry]:
        entries, shown = base.draw(ax), base.facts.difficult()
        if len(shown):
            size = 6 + 40 * (shown[F.LOST_POINTS] / shown[F.LOST_POINTS].max()).to_numpy()
            ax.scatter(
                shown[F.X_M],
                shown[F.Y_M],
                s=size,
                c=RED,
                alpha=0.75,
                lw=0.3,
                edgecolors="white",
                zorder=7,
            )
        return [*entries, Entry(base.words("report.map.settle_first"), RED)]

    return draw


def resource_map(base: Base) -> Draw:
    """公共资源利用图: roofs and poles to be opened, by phase."""

    def draw(ax: Axes) -> Sequence[Entry]:
        entries, at, words = base.draw(ax), base.stations, base.words
        for (build, kind), marker in zip(PUBLIC_KINDS.items(), "o^", strict=True):
            own = at[at[F.FIRST_HERE] & (at[F.BUILD_TYPE] == build)]
            for number in range(1, len(base.plan.scenario.phases)):
                here = own[own[F.PHASE] == number]
                points(
                    ax,
                    here[F.X_M],
                    here[F.Y_M],
                    PHASE_COLOURS[number % len(PHASE_COLOURS)],
                    size=6,
                    marker=marker,
                )
                phase, what = (
                    words.name(base.plan.scenario.phases[number]),
                    words("site_type", kind),
                )
                label = words("report.map.of_kind", kind=what, phase=phase, n=len(here))
                entries.append(
                    Entry(label, PHASE_COLOURS[number % len(PHASE_COLOURS)], "point", marker)
                )
        return entries

    return draw


def difference_map(base: Base, compare: Comparison) -> Draw:
    """方案差异图: stations that the first other plan adds, drops, moves or shifts."""

    def draw(ax: Axes) -> Sequence[Entry]:
        entries, words = base.draw(ax), base.words
        own = compare.stations[compare.stations[F.PLAN] == compare.names[1]]
        at = base.project(own)
        for change, colour, marker in CHANGES:
            is_it = (own[F.CHANGE] == change).to_numpy()
            ax.scatter(
                at.x[is_it],
                at.y[is_it],
                s=8,
                c=colour,
                marker=marker,
                lw=0.3,
                edgecolors="white",
                zorder=7,
            )
            entries.append(
                Entry(f"{words('change', change)} {int(is_it.sum())}", colour, "point", marker)
            )
        return entries

    return draw
