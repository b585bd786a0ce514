"""The frame of a printed map: title, legend, scale bar, north arrow and the title block."""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from planner.report.facts import Facts
from planner.report.fonts import plot_fonts
from planner.report.maps import GREY, INK, RED, WIDTH_MM, DistrictMap, Draw, Entry
from planner.words import Language

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DPI = 300
MM = 1 / 25.4
_GAP_MM = 3.0  # between panels
_HEAD_MM = 4.0  # of a panel
_TITLE_MM = 8.0
_BLOCK_MM = 21.0
_LEGEND_MM = 4.0  # a line of it
_CELL_SHARES = (4, 2, 5)  # widths of the cells of the title block
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
            # names are no formulas, whatever dollars they hold
            "text.parse_math": False,
            "savefig.dpi": DPI,
        }
    )


def png_bytes(figure: Figure) -> bytes:
    """A figure as PNG, 300 dots per inch, without date or program name."""
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        # a sign that no font of the report has, such as an emoji in a name, is drawn as a box
        warnings.filterwarnings("ignore", "Glyph .* missing from font", UserWarning)

        # laid out by hand, or all of it is drawn a first time only for that
        layout = figure.get_layout_engine()
        if layout is not None:
            figure.set_dpi(DPI)
            layout.execute(figure)
            figure.set_layout_engine(None)

        figure.savefig(buffer, format="png", dpi=DPI, metadata={"Software": None})
    return buffer.getvalue()


def make_map(
    district: DistrictMap,
    title: str,
    number: int,
    panels: Sequence[tuple[str, Draw]],
    *,
    columns: int = 1,
) -> bytes:
    """Draw one map sheet of one or more panels that share a frame.

    Parameters
    ----------
    district
        The district.
    title, number
        图名 and 图号.
    panels
        Title and drawing of each panel; an empty title for a single one.
    columns
        Panels side by side.
    """
    from matplotlib.figure import Figure

    with drawing_style():
        figure = Figure()
        axes, entries = _draw_panels(figure, panels)

        # The sheet is as high as its legend needs, which is known only when all is drawn.
        rows = -(-len(panels) // columns)
        width, height = _panel_size(district, columns)
        head = _HEAD_MM if panels[0][0] else 0.0
        map_mm = rows * (height + head) + (rows - 1) * _GAP_MM
        legend_mm = _LEGEND_MM * -(-len(entries) // _legend_columns(district.words)) + 2
        below = _BLOCK_MM + legend_mm
        total = _TITLE_MM + map_mm + below
        figure.set_size_inches(WIDTH_MM * MM, total * MM)

        for i, ax in enumerate(axes):
            row, column = divmod(i, columns)
            left = column * (width + _GAP_MM) / WIDTH_MM
            top = (rows - 1 - row) * (height + head + _GAP_MM)
            size = (width / WIDTH_MM - 0.004, height / total)
            ax.set_position((left + 0.002, (below + top) / total, *size))

        figure.text(0.5, 1 - 0.5 * _TITLE_MM / total, title, fontsize=12, ha="center", va="center")
        _scale_bar(axes[0], district)
        _north_arrow(axes[0], district)
        _legend(figure, entries, district.words, below / total)
        _title_block(figure, district.facts, district.words, title, number, total)
        return png_bytes(figure)


def _draw_panels(
    figure: Figure, panels: Sequence[tuple[str, Draw]]
) -> tuple[list[Axes], list[Entry]]:
    """The drawn panels, not yet in their places, and the lines of the legend, each once."""
    axes: list[Axes] = []
    entries: list[Entry] = []
    for i, (name, draw) in enumerate(panels):
        ax = figure.add_axes((0.0, 0.0, 1.0, 1.0), label=str(i))
        axes.append(ax)
        entries += draw(ax)
        if name:
            ax.set_title(name, fontsize=7.5, pad=2.5)
    return axes, list(dict.fromkeys(entries))


def _panel_size(district: DistrictMap, columns: int) -> tuple[float, float]:
    """Width and height of a panel, mm."""
    west, east, south, north = district.extent
    width = (WIDTH_MM - _GAP_MM * (columns - 1)) / columns
    return width, width * (north - south) / (east - west)


def _scale_bar(ax: Axes, district: DistrictMap) -> None:
    """A bar of up to a quarter of the width, half dark, half white, lower left."""
    from matplotlib.patches import Rectangle

    west, east, south, _ = district.extent
    span, unit = east - west, (east - west) / 100
    km = max(length for length in _ROUND_KM if length * 1000 <= span / 4)
    x, y, half = west + 4 * unit, south + 4 * unit, km * 500
    rim: dict[str, Any] = {"edgecolor": INK, "lw": 0.5, "zorder": 10}
    for i, colour in enumerate((INK, "white")):
        ax.add_patch(Rectangle((x + i * half, y), half, unit, facecolor=colour, **rim))
    for i, text in enumerate(("0", f"{km / 2:g}", f"{km:g} km")):
        ax.text(x + i * half, y + 1.8 * unit, text, fontsize=6, ha="center", va="bottom", zorder=10)


def _north_arrow(ax: Axes, district: DistrictMap) -> None:
    """An arrow to grid north, upper left."""
    from matplotlib.patches import Polygon

    west, east, _, north = district.extent
    unit = (east - west) / 100
    x, y = west + 5 * unit, north - 12 * unit
    arrow = [(x, y + 8 * unit), (x - 2 * unit, y), (x, y + 2 * unit), (x + 2 * unit, y)]
    ax.add_patch(Polygon(arrow, facecolor=INK, edgecolor=INK, lw=0.5, zorder=10))
    text = district.words("report.map.north")
    ax.text(x, y + 8.4 * unit, text, fontsize=7, ha="center", va="bottom", zorder=10)


def _legend_columns(words: Language) -> int:
    return int(words("report.paper.legend_columns"))


def _legend(figure: Figure, entries: Sequence[Entry], words: Language, top: float) -> None:
    figure.legend(
        [_handle(entry) for entry in entries],
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
            return Patch(facecolor=entry.colour, edgecolor=GREY, linewidth=0.3)
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
    figure: Figure, facts: Facts, words: Language, title: str, number: int, total_mm: float
) -> None:
    """Cells below the map. What the office has not given stays blank."""
    titles, as_of = facts.scenario.titles, facts.scenario.as_of
    crs = str(facts.plan.layers.boundary.crs.name)
    see_bar = words("report.block.see_bar")
    rows = [
        [("title", title), ("number", str(number)), ("crs", crs)],
        [("compiled_by", titles.compiled_by), ("secrecy", titles.secrecy), ("data_as_of", as_of)],
        [("review_number", titles.review_number), ("scale", see_bar), ("made_on", as_of)],
    ]

    # heights are in mm, of which the sheet has so many
    mm = 1 / total_mm
    height = 5.0 * mm
    for i, row in enumerate(rows):
        left = 0.002
        bottom = (14.5 - 5.0 * i) * mm
        for (code, text), share in zip(row, _CELL_SHARES, strict=True):
            width = 0.996 * share / sum(_CELL_SHARES)
            shown = words("language.colon").join([words("report.block", code), text])
            _cell(figure, (left, bottom), width, height, shown)
            left += width

    nature = "unreviewed_synthetic" if facts.plan.is_synthetic else "unreviewed"
    style: dict[str, Any] = {"fontsize": 7.5, "ha": "center", "va": "center", "color": RED}
    figure.text(0.5, 2.0 * mm, words("report.block", nature), **style)


def _cell(
    figure: Figure, corner: tuple[float, float], width: float, height: float, text: str
) -> None:
    from matplotlib.patches import Rectangle

    left, bottom = corner
    style: dict[str, Any] = {"facecolor": "none", "edgecolor": INK, "lw": 0.5}
    figure.add_artist(Rectangle(corner, width, height, transform=figure.transFigure, **style))

    # A title is the office's own text: a dollar sign in it begins no formula.
    style = {"fontsize": 6.5, "va": "center", "ha": "left", "parse_math": False}
    figure.text(left + 0.006, bottom + height / 2, text, **style)
