"""The frame of a printed map: title, legend, scale bar, north arrow and the title block."""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from planner.report.facts import Facts
from planner.report.fonts import plot_fonts
from planner.report.maps import WIDTH_MM, Base, Draw, Entry
from planner.words import Language

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DPI = 300
MM = 1 / 25.4
_GAP_MM, _TITLE_MM, _BLOCK_MM, _LEGEND_MM = 3.0, 8.0, 21.0, 4.0
_ROUND_KM = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)


def drawing_style() -> AbstractContextManager[None]:
    """Settings that every figure is drawn with; the user's own are left alone."""
    import matplotlib as mpl

    return mpl.rc_context(
        {
            "font.family": list(plot_fonts()),
            "font.size": 7,
            "axes.unicode_minus": False,
            "hatch.linewidth": 0.4,
            "axes.linewidth": 0.6,
            "path.simplify": True,
            "savefig.dpi": DPI,
        }
    )


def png_bytes(figure: Figure) -> bytes:
    """A figure as PNG, 300 dots per inch, without date or program name."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=DPI, metadata={"Software": None})
    return buffer.getvalue()


def make_map(
    base: Base, title: str, number: int, panels: Sequence[tuple[str, Draw]], *, columns: int = 1
) -> bytes:
    """Draw one map sheet of one or more panels that share a frame.

    Parameters
    ----------
    base
        The district.
    title, number
        图名 and 图号.
    panels
        Title and drawing of each panel; an empty title for a single one.
    columns
        Panels side by side.
    """
    from matplotlib.figure import Figure

    west, east, south, north = base.extent
    rows = -(-len(panels) // columns)
    width = (WIDTH_MM - _GAP_MM * (columns - 1)) / columns
    height = width * (north - south) / (east - west)
    head = 4.0 if panels[0][0] else 0.0
    with drawing_style():
        figure = Figure()
        entries: list[Entry] = []
        tops = [(rows - 1 - i // columns) * (height + head + _GAP_MM) for i in range(len(panels))]
        map_mm = rows * (height + head) + (rows - 1) * _GAP_MM
        axes = []
        for i, (name, draw) in enumerate(panels):
            ax = figure.add_axes((0.0, 0.0, 1.0, 1.0), label=str(i))
            axes.append(ax)
            for entry in draw(ax):
                if entry not in entries:
                    entries.append(entry)
            if name:
                ax.set_title(name, fontsize=7.5, pad=2.5)
        legend_mm = _LEGEND_MM * -(-len(entries) // _legend_columns(base.words)) + 2
        total = _TITLE_MM + map_mm + legend_mm + _BLOCK_MM
        figure.set_size_inches(WIDTH_MM * MM, total * MM)
        for i, ax in enumerate(axes):
            left = (i % columns) * (width + _GAP_MM)
            bottom = _BLOCK_MM + legend_mm + tops[i]
            ax.set_position(
                (left / WIDTH_MM + 0.002, bottom / total, width / WIDTH_MM - 0.004, height / total)
            )
        figure.text(0.5, 1 - 0.5 * _TITLE_MM / total, title, fontsize=12, ha="center", va="center")
        _scale_and_north(axes[0], base)
        _legend(figure, entries, base.words, (_BLOCK_MM + legend_mm) / total)
        _title_block(figure, base.facts, base.words, title, number, total)
        return png_bytes(figure)


def _scale_and_north(ax: Axes, base: Base) -> None:
    """A bar of about a fifth of the width, lower left; the arrow points to grid north, upper left."""
    from matplotlib.patches import Polygon, Rectangle

    west, east, south, north = base.extent
    span, unit = east - west, (east - west) / 100
    km = max(k for k in _ROUND_KM if k * 1000 <= span / 4)
    x, y, half = west + 4 * unit, south + 4 * unit, km * 500
    for i, colour in enumerate(("#14202b", "white")):
        ax.add_patch(
            Rectangle(
                (x + i * half, y),
                half,
                unit,
                facecolor=colour,
                edgecolor="#14202b",
                lw=0.5,
                zorder=10,
            )
        )
    for i, text in enumerate(("0", f"{km / 2:g}", f"{km:g} km")):
        ax.text(x + i * half, y + 1.8 * unit, text, fontsize=6, ha="center", va="bottom", zorder=10)
    x, y = west + 5 * unit, north - 12 * unit
    arrow = [(x, y + 8 * unit), (x - 2 * unit, y), (x, y + 2 * unit), (x + 2 * unit, y)]
    ax.add_patch(Polygon(arrow, facecolor="#14202b", edgecolor="#14202b", lw=0.5, zorder=10))
    ax.text(
        x,
        y + 8.4 * unit,
        base.words("report.map.north"),
        fontsize=7,
        ha="center",
        va="bottom",
        zorder=10,
    )


def _legend_columns(words: Language) -> int:
    return int(words("report.paper.legend_columns"))


def _legend(figure: Figure, entries: Sequence[Entry], words: Language, top: float) -> None:
    handles = [_handle(entry) for entry in entries]
    figure.legend(
        handles,
        [entry.label for entry in entries],
        loc="upper center",
        bbox_to_anchor=(0.5, top - 0.002),
        ncols=_legend_columns(words),
        frameon=False,
        fontsize=6.5,
        handlelength=1.6,
        columnspacing=1.2,
        labelspacing=0.35,
        borderpad=0.2,
    )


def _handle(entry: Entry) -> Any:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    match entry.kind:
        case "patch":
            return Patch(facecolor=entry.colour, edgecolor="#7b868e", linewidth=0.3)
        case "hatch":
            return Patch(facecolor="none", edgecolor=entry.colour, hatch="////", linewidth=0.3)
        case "line":
            return Line2D([], [], color=entry.colour, linewidth=1.2)
        case "square" | "ring":
            marker = "s" if entry.kind == "square" else "o"
            return Line2D([], [], ls="", marker=marker, mfc="none", mec=entry.colour, ms=4, mew=0.7)
        case _:
            return Line2D([], [], ls="", marker=entry.marker, color=entry.colour, ms=4)


def _title_block(
    figure: Figure, facts: Facts, words: Language, title: str, number: int, total: float
) -> None:
    """Cells below the map. What the office has not given stays blank."""
    titles, as_of, mm = facts.scenario.titles, facts.scenario.as_of, 1 / total
    crs = str(facts.plan.layers.boundary.crs.name)
    cells = [
        [("title", title, 4), ("number", str(number), 2), ("crs", crs, 5)],
        [
            ("compiled_by", titles.compiled_by, 4),
            ("secrecy", titles.secrecy, 2),
            ("data_as_of", as_of, 5),
        ],
        [
            ("review_number", titles.review_number, 4),
            ("scale", words("report.block.see_bar"), 2),
            ("made_on", as_of, 5),
        ],
    ]
    height = 5.0 * mm
    for i, row in enumerate(cells):
        left, bottom = 0.002, (14.5 - 5.0 * i) * mm
        for code, text, share in row:
            width = 0.996 * share / 11
            shown = words("language.colon").join([words("report.block", code), text])
            _cell(figure, left, bottom, width, height, shown)
            left += width
    nature = "unreviewed_synthetic" if facts.plan.layers.is_synthetic else "unreviewed"
    warning = words("report.block", nature)
    figure.text(0.5, 2.0 * mm, warning, fontsize=7.5, ha="center", va="center", color="#b5121b")


def _cell(
    figure: Figure, left: float, bottom: float, width: float, height: float, text: str
) -> None:
    from matplotlib.patches import Rectangle

    box = Rectangle(
        (left, bottom),
        width,
        height,
        transform=figure.transFigure,
        facecolor="none",
        edgecolor="#14202b",
        lw=0.5,
    )
    figure.add_artist(box)
    figure.text(
        left + 0.006,
        bottom + height / 2,
        text,
        fontsize=6.5,
        va="center",
        ha="left",
        parse_math=False,
    )
