"""Charts of the report: coverage against the number of stations, continuity, and money by phase."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from planner import fields as F
from planner.codes import Build, Level
from planner.model import FloatArray
from planner.report.facts import Facts
from planner.report.frame import MM, drawing_style, png_bytes
from planner.report.maps import GREY, RED, WIDTH_MM
from planner.scenario import Network
from planner.words import Language

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LAYER_COLOURS = ("#0a4a8c", "#b45f06", "#0a7a5a", "#7a2a8c", "#b5121b", "#4a5864", "#8a7a00")
BUILD_COLOURS = ("#4a5864", "#8ab6d3", "#d9c79a", "#a9c9b4", "#b45f06")


def coverage_chart(facts: Facts, words: Language) -> bytes:
    """Covered weight against the number of stations, with the proven bound at the phases."""
    with drawing_style():
        figure, (ax,) = _figure(78)

        curve = facts.plan.curve
        line = {"color": LAYER_COLOURS[0], "linewidth": 1.4}
        ax.plot(curve.index, 100 * curve[F.COVERED], label=words("report.chart.this_plan"), **line)

        bound = curve[F.BOUND].dropna()
        dots = {"ls": "", "marker": "v", "ms": 5, "mfc": "none", "mec": RED}
        ax.plot(bound.index, 100 * bound, label=words("report.chart.bound"), **dots)

        ax.set_ylabel(words("report.chart.weighted"))
        ax.set_ylim(top=103)
        _mark_phases(ax, facts, words)
        ax.legend(loc="lower right", frameon=False, fontsize=6.5)
        return png_bytes(figure)


def continuity_chart(facts: Facts, words: Language) -> bytes:
    """Outdoor share of each layer against the number of stations; a dot where its rule holds."""
    with drawing_style():
        networks = facts.scenario.networks
        figure, axes = _figure(80, len(networks))
        for ax, network in zip(axes, networks, strict=True):
            _draw_shares(ax, facts, words, network)
        axes[0].set_ylabel(words("report.chart.outdoor"))

        # The layers are the same in every panel: one legend serves all of them.
        handles, labels = axes[0].get_legend_handles_labels()
        style = {"ncols": 5, "frameon": False, "fontsize": 6.5}
        figure.legend(handles, labels, loc="outside lower center", **style)
        return png_bytes(figure)


def _draw_shares(ax: Axes, facts: Facts, words: Language, network: Network) -> None:
    layers = facts.scenario.layers
    for layer, colour in zip(layers, np.resize(LAYER_COLOURS, len(layers)), strict=True):
        part = facts.plan.by_count[layer.name, network.name, Level.OUTDOOR]
        percent = 100 * part[F.SHARE]
        ax.plot(part.index, percent, color=colour, linewidth=1.1, label=words.name(layer))

        holds = part.index[part[F.PASSES].astype(bool)]
        if len(holds):
            dot: dict[str, Any] = {"ms": 4.5, "mec": "white", "mew": 0.5, "zorder": 5}
            ax.plot(holds[0], percent.loc[holds[0]], "o", color=colour, **dot)

    for share in sorted({layer.rule.share for layer in layers}):
        ax.axhline(100 * share, color=RED, linewidth=0.6, linestyle=":")
    ax.set_ylim(0, 103)
    ax.set_title(words.name(network), fontsize=7.5, pad=12)
    _mark_phases(ax, facts, words)


def cost_chart(facts: Facts, words: Language) -> bytes:
    """Money of each phase after the state by build type."""
    with drawing_style():
        figure, (ax,) = _figure(66)
        phases = facts.scenario.phases[1:]
        rows = np.arange(len(phases))

        total = np.zeros(len(phases))
        for build_type, colour in zip(Build, BUILD_COLOURS, strict=True):
            money = _money(facts, build_type)
            label = words("build_type", build_type)
            ax.barh(rows, money, left=total, color=colour, height=0.55, label=label)
            total = total + money

        for row, length in zip(rows, total, strict=True):
            ax.text(length, row, f" {length:,.0f}", va="center", fontsize=7)
        ax.set_yticks(rows, [words.name(phase) for phase in phases])
        ax.invert_yaxis()
        ax.set_xlim(0, 1.12 * max(total.max(), 1.0))  # room for the figure behind the longest bar
        ax.set_xlabel(words("report.chart.cost", unit=words.name(facts.scenario.references.money)))
        ax.grid(axis="y", visible=False)
        figure.legend(loc="outside lower center", ncols=5, frameon=False, fontsize=6.5)
        return png_bytes(figure)


def _money(facts: Facts, build_type: Build) -> FloatArray:
    """Money of the stations of a build type, (phases after the state,), 10,000 yuan."""
    own = facts.later[facts.later[F.BUILD_TYPE] == build_type]
    phases = range(1, len(facts.scenario.phases))
    return np.array([own.loc[own[F.PHASE] == number, F.COST_WAN].sum() for number in phases])


def _figure(height_mm: float, columns: int = 1) -> tuple[Figure, Any]:
    """An empty figure as wide as the text, and its axes side by side, (columns,)."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH_MM * MM, height_mm * MM), layout="constrained")
    axes = figure.subplots(1, columns, squeeze=False)[0]
    for ax in axes:
        ax.grid(color="#e2e5e5", linewidth=0.5)
        ax.set_axisbelow(True)
        ax.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _mark_phases(ax: Axes, facts: Facts, words: Language) -> None:
    """A dashed line at the count of each phase, with the count above it."""
    style: dict[str, Any] = {"fontsize": 6, "ha": "center", "va": "bottom"}
    above = ax.get_xaxis_transform()
    for count in facts.scenario.counts:
        ax.axvline(count, color=GREY, linewidth=0.6, linestyle=(0, (4, 3)), zorder=1)
        ax.text(count, 1.01, str(count), transform=above, **style)
    ax.set_xlabel(words("report.chart.stations"))
    ax.locator_params(axis="x", nbins=6)
