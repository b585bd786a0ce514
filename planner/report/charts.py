"""Charts of the report: coverage against the number of stations, continuity, and money by phase."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from planner import fields as F
from planner.codes import Build
from planner.report.facts import Facts
from planner.report.frame import MM, drawing_style, png_bytes
from planner.report.maps import WIDTH_MM
from planner.words import Language

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LAYER_COLOURS = ("#0a4a8c", "#b45f06", "#0a7a5a", "#7a2a8c", "#b5121b", "#4a5864", "#8a7a00")
BUILD_COLOURS = ("#4a5864", "#8ab6d3", "#d9c79a", "#a9c9b4", "#b45f06")


def _figure(height_mm: float, columns: int = 1) -> tuple[Figure, Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH_MM * MM, height_mm * MM), layout="constrained")
    axes = figure.subplots(1, columns, squeeze=False)[0]
    for ax in axes:
        ax.grid(color="#e2e5e5", linewidth=0.5)
        ax.set_axisbelow(True)
        ax.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _mark_phases(ax: Axes, facts: Facts, words: Language) -> None:
    for phase in facts.scenario.phases:
        ax.axvline(phase.stations, color="#7b868e", linewidth=0.6, linestyle=(0, (4, 3)), zorder=1)
        ax.text(
            phase.stations,
            1.01,
            str(phase.stations),
            fontsize=6,
            ha="center",
            va="bottom",
            transform=ax.get_xaxis_transform(),
        )
    ax.set_xlabel(words("report.chart.stations"))
    ax.locator_params(axis="x", nbins=6)


def coverage_chart(facts: Facts, words: Language) -> bytes:
    """Covered weight against the number of stations, with the proven bound at the phases."""
    with drawing_style():
        figure, (ax,) = _figure(78)
        curve = facts.plan.curve
        ax.plot(
            curve.index,
            100 * curve[F.COVERED],
            color="#0a4a8c",
            linewidth=1.4,
            label=words("report.chart.this_plan"),
        )
        bound = curve[F.BOUND].dropna()
        dots = {"ls": "", "marker": "v", "ms": 5, "mfc": "none", "mec": "#b5121b"}
        ax.plot(bound.index, 100 * bound, label=words("report.chart.bound"), **dots)
        ax.set_ylabel(words("report.chart.weighted"))
        ax.set_ylim(top=103)
        _mark_phases(ax, facts, words)
        ax.legend(loc="lower right", frameon=False, fontsize=6.5)
        return png_bytes(figure)


def continuity_chart(facts: Facts, words: Language) -> bytes:
    """Outdoor share of each layer against the number of stations; a dot where the rule holds from."""
    with drawing_style():
        networks = facts.scenario.networks
        figure, axes = _figure(80, len(networks))
        for ax, network in zip(axes, networks, strict=True):
            for layer, colour in zip(
                facts.scenario.layers,
                np.resize(LAYER_COLOURS, len(facts.scenario.layers)),
                strict=True,
            ):
                part = facts.plan.by_count[layer.name, network.name, F.LEVELS[0]]
                ax.plot(
                    part.index,
                    100 * part[F.SHARE],
                    color=colour,
                    linewidth=1.1,
                    label=words.name(layer),
                )
                holds = part.index[part[F.PASSES].astype(bool)]
                if len(holds):
                    ax.plot(
                        holds[0],
                        100 * part[F.SHARE].loc[holds[0]],
                        "o",
                        color=colour,
                        ms=4.5,
                        mec="white",
                        mew=0.5,
                        zorder=5,
                    )
            for share in sorted({layer.rule.share for layer in facts.scenario.layers}):
                ax.axhline(100 * share, color="#b5121b", linewidth=0.6, linestyle=":")
            ax.set_ylim(0, 103)
            ax.set_title(words.name(network), fontsize=7.5, pad=12)
            _mark_phases(ax, facts, words)
        axes[0].set_ylabel(words("report.chart.outdoor"))
        handles, labels = axes[0].get_legend_handles_labels()
        figure.legend(
            handles, labels, loc="outside lower center", ncols=5, frameon=False, fontsize=6.5
        )
        return png_bytes(figure)


def cost_chart(facts: Facts, words: Language) -> bytes:
    """Money of each phase after the state by build type."""
    with drawing_style():
        figure, (ax,) = _figure(66)
        stations = facts.stations
        phases = list(enumerate(facts.scenario.phases))[1:]
        left = np.zeros(len(phases))
        for build_type, colour in zip(Build, BUILD_COLOURS, strict=True):
            own = stations[stations[F.BUILD_TYPE] == build_type]
            money = np.array(
                [own.loc[own[F.PHASE] == number, F.COST_WAN].sum() for number, _ in phases]
            )
            ax.barh(
                np.arange(len(phases)),
                money,
                left=left,
                color=colour,
                height=0.55,
                label=words("build_type", build_type),
            )
            left = left + money
        for i, total in enumerate(left):
            ax.text(total, i, f" {total:,.0f}", va="center", fontsize=7)
        ax.set_yticks(np.arange(len(phases)), [words.name(phase) for _, phase in phases])
        ax.invert_yaxis()
        ax.set_xlim(0, 1.12 * max(left.max(), 1.0))
        ax.set_xlabel(words("report.chart.cost", unit=words.name(facts.scenario.references.money)))
        ax.grid(axis="y", visible=False)
        figure.legend(loc="outside lower center", ncols=5, frameon=False, fontsize=6.5)
        return png_bytes(figure)
