"""Pictures of the signal layers of a run folder, one sheet per network and phase.

    planner signal OUT
    python scripts/render_signal.py OUT [-o maps] [--count 654]

Reads the GeoTIFF that ``planner signal`` wrote and draws SS-RSRP, best servers, SS-SINR and overlap
round the first layer, with the outlines of the layers.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import rasterio
from matplotlib.colors import BoundaryNorm, ListedColormap

import planner
from planner import fields as F
from planner.model import Plan

mpl.use("Agg")
mpl.rcParams["font.family"] = ["Noto Sans CJK SC", "Noto Sans CJK JP", "sans-serif"]
# Scales: the edges of the steps and a colour for each step.
WEAK_TO_STRONG = ["#b5121b", "#e3a15a", "#f2dc8c", "#b7d7a8", "#6fb3c8", "#1f5f9c"]
RSRP = ([-140, -105, -100, -90, -80, -70, -40], WEAK_TO_STRONG)
SINR = ([-20, -3, 0, 5, 15, 25, 50], WEAK_TO_STRONG)
OVERLAP = ([0.5, 1.5, 2.5, 3.5, 20], ["#d5e5ef", "#8ab6d3", "#e3a15a", "#b5121b"])


def sheet(plan: Plan, raster: Path, network: str, count: int, out: Path) -> None:
    """Draw the four layers of one network at one count."""
    with rasterio.open(raster, driver="GTiff") as source:
        rsrp, server, servers, sinr = (source.read(band) for band in (1, 2, 3, 4))
        west, south, east, north = source.bounds
    extent = (west, east, south, north)

    figure, axes = plt.subplots(2, 2, figsize=(13, 12), layout="constrained")
    draw_steps(axes[0, 0], rsrp, RSRP, "SS-RSRP (dBm)", extent)
    draw_servers(axes[0, 1], server, extent)
    draw_steps(axes[1, 0], sinr, SINR, "SS-SINR (dB)", extent)
    draw_steps(axes[1, 1], servers, OVERLAP, "6 dB 内小区数 sectors within 6 dB", extent)

    # The pictures show the first layer and half a kilometre round it.
    areas = plan.layers.areas.to_crs("EPSG:3857")
    focus = areas[areas[F.LAYER] == plan.scenario.layer_names[0]].total_bounds
    for axis in axes.flat:
        areas.boundary.plot(ax=axis, color="#14202b", linewidth=0.7)
        axis.set_xlim(focus[0] - 500, focus[2] + 500)
        axis.set_ylim(focus[1] - 500, focus[3] + 500)
        axis.set_axis_off()

    (label,) = (known.label for known in plan.scenario.networks if known.name == network)
    title = f"{plan.scenario.district.name} {label} {count} 站：室外中值信号 median signal outdoors"
    made = "（合成数据 synthetic inputs）" if plan.layers.is_synthetic else ""
    figure.suptitle(f"{title}{made}")
    figure.savefig(out, dpi=80, metadata={"Software": None})
    plt.close(figure)


def draw_servers(axis: Any, server: Any, extent: tuple[float, ...]) -> None:
    """Draw which station serves each pixel, in twenty colours that neighbours seldom share."""
    colours = np.random.default_rng(1).permutation(20)
    palette = ListedColormap([plt.get_cmap("tab20")(int(colour)) for colour in colours])
    axis.imshow(server % 20, cmap=palette, extent=extent, interpolation="nearest")
    axis.set_title("最佳服务站 best server")


def draw_steps(
    axis: Any,
    values: Any,
    scale: tuple[list[float], list[str]],
    title: str,
    extent: tuple[float, ...],
) -> None:
    """Draw a layer in steps with its own scale."""
    edges, colours = scale
    image = axis.imshow(
        values,
        cmap=ListedColormap(colours),
        norm=BoundaryNorm(edges, len(colours)),
        extent=extent,
        interpolation="nearest",
    )
    axis.set_title(title)
    axis.figure.colorbar(image, ax=axis, shrink=0.6, ticks=edges[1:-1])


def main() -> None:
    """Draw every network at one count."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    folder_help = "run folder in which `planner signal` has written"
    parser.add_argument("folder", type=Path, help=folder_help)
    parser.add_argument("-o", "--output", type=Path, default=Path("maps"))
    count_help = "count of a phase; the first after the state by default"
    parser.add_argument("--count", type=int, help=count_help)
    options = parser.parse_args()
    plan = planner.load_plan(options.folder)
    count = options.count or plan.scenario.counts[1]
    for network in plan.scenario.network_names:
        out = options.output / f"signal-{network}-{count}.png"
        sheet(plan, options.folder / "signal" / f"{network}_{count}.tif", network, count, out)
        print(out)


if __name__ == "__main__":
    main()
