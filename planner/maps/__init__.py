"""HOW IT IS SHOWN to the office: a plan becomes one HTML file that asks the network for nothing.

``page`` gives the :class:`folium.Map`, ``page_html`` the content of its file, ``both_html`` that
and a comparison. ``payload`` turns a plan into the data of the page, ``shell`` puts data, Leaflet
and the page's own script and style (the files in ``page/``) into one document; ``bundler`` makes
one script of the page's modules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from planner.errors import ProblemError
from planner.maps.payload import payload
from planner.maps.shell import PageFigure, page_map
from planner.maps.stations import changed_pairs

if TYPE_CHECKING:
    import folium
    import pandas as pd

    from planner.model import Plan

__all__ = ["both_html", "page", "page_html", "payload"]


def page(
    plan: Plan,
    other: Plan | None = None,
    changes: pd.DataFrame | None = None,
    move_m: float | None = None,
) -> folium.Map:
    """The review page of a plan, or of two plans side by side.

    Parameters
    ----------
    plan
        What is shown; on the right while comparing.
    other
        A second plan of the same district on the same grid, shown on the left.
    changes
        What differs between the stations of ``other`` and of ``plan``:
        ``planner.plan.compare(other, plan).stations``, or ``tables.CHANGES`` where answers told
        what moved. The page counts what this table says; needed with ``other``.
    move_m
        Within which distance a station that is gone and a new one were taken for one that moved, m;
        None when answers told which stations moved.

    Returns
    -------
    folium.Map
        Its root renders the whole document: ``page(plan).get_root().render()``.

    Raises
    ------
    ProblemError
        When the two plans do not lie on the same grid, or nothing says what differs.
    """
    if other is None:
        return page_map([payload(plan)])
    return _beside(payload(plan), plan, other, changes, move_m)


def _beside(
    shown: dict[str, Any],
    plan: Plan,
    other: Plan,
    changes: pd.DataFrame | None,
    move_m: float | None,
) -> folium.Map:
    """The page of a plan, whose data are made, beside another one; see :func:`page`."""
    if other.grid != plan.grid:
        raise ProblemError(
            "the two plans do not lie on the same grid; compare plans of one district and one cell "
            "size",
            "两个方案的网格不同，请比较同一区域、同一网格大小的方案",
        )
    if changes is None:
        raise ProblemError("two plans need the table of what differs", "两个方案需附差异表")
    differences = {"move_m": move_m, **changed_pairs(plan, other, changes)}
    return page_map([{**shown, "changes": differences}, payload(other)])


def page_html(
    plan: Plan,
    other: Plan | None = None,
    changes: pd.DataFrame | None = None,
    move_m: float | None = None,
) -> bytes:
    """The review page as a file; the same plan gives the same bytes.

    Parameters and errors are those of :func:`page`.
    """
    return _html(page(plan, other, changes, move_m))


def both_html(plan: Plan, other: Plan, changes: pd.DataFrame) -> tuple[bytes, bytes]:
    """The page of a plan alone and that beside another one, as :func:`page_html` makes them.

    The data of the plan are made once.
    """
    shown = payload(plan)
    return _html(page_map([shown])), _html(_beside(shown, plan, other, changes, None))


def _html(shown: folium.Map) -> bytes:
    root = shown.get_root()
    assert isinstance(root, PageFigure)
    return root.render().encode("utf-8")
