"""Rasters of people: cells of a file as squares in the district, nobody lost or doubled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from planner import fields as F
from planner.crs import project
from planner.layers.files import Source
from planner.layers.findings import Findings
from planner.layers.places import ROUND_M, District

if TYPE_CHECKING:
    import pandas as pd

DENSITY: Final = "density"
"""Kind of a file whose cells hold people per km2, and not people."""
_M2_PER_KM2: Final = 1e6


def read_squares(source: Source, district: District, findings: Findings) -> pd.DataFrame | None:
    """People of a raster in the district; None, with a finding, when it cannot be used.

    Cells hold people, or people per km2 where the scenario says ``kind: density`` of the file. A
    cell that the border cuts counts with the share of its area that lies inside, so that people are
    neither lost nor moved; it stands then for a square as large as that part, in that part.

    Returns
    -------
    DataFrame
        ``people``, ``cell_m`` (side of a square of that area), ``x_m`` and ``y_m`` in the work CRS,
        row by row from the first of the file; cells without people are left out.
    """
    import pandas as pd
    import shapely

    read = source.read(findings, frame=district.frame, crs=source.entry.crs)
    if read is None:
        return None
    records, data = read
    values = np.frombuffer(data, dtype=np.float64).reshape(records["height"], records["width"])
    rows, columns = np.nonzero(values > 0)
    cells = _cells(rows, columns, records, district.work_crs)
    areas_m2: Any = shapely.area(cells)
    people = values[rows, columns]
    if source.entry.kind == DENSITY:
        people = people * areas_m2 / _M2_PER_KM2

    # most cells lie wholly inside: only those that the border cuts are cut
    touches = shapely.intersects(district.polygon, cells)
    is_cut = touches & ~shapely.covers(district.polygon, cells)
    parts = cells.copy()
    parts[is_cut] = shapely.intersection(cells[is_cut], district.polygon)
    parts_m2: Any = shapely.area(parts)
    kept = touches & (parts_m2 > 0)
    if not kept.any():
        findings.add("raster_empty_overlap", file=source.name)
        return None

    inside = people * parts_m2 / areas_m2
    findings.count_rows(source.name, range(1, int(kept.sum()) + 1), 0)
    total, n_cut = f"{inside[kept].sum():.0f}", int((is_cut & kept).sum())
    findings.add("raster_read", file=source.name, count=int(kept.sum()), people=total, cut=n_cut)
    xy = shapely.get_coordinates(shapely.point_on_surface(parts[kept]))
    xy[~is_cut[kept]] = shapely.get_coordinates(shapely.centroid(parts[kept & ~is_cut]))
    x, y = np.round(xy, ROUND_M).T
    side_m = np.sqrt(parts_m2[kept])
    return pd.DataFrame({F.PEOPLE: inside[kept], "cell_m": side_m, F.X_M: x, F.Y_M: y})


def _cells(rows: Any, columns: Any, records: dict[str, Any], work_crs: str) -> Any:
    """The cells as quadrangles in the work CRS."""
    import shapely

    (x0, y0), (dx, dy) = records["first"], records["steps"]
    steps = np.array([(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)])
    x = x0 + dx * (columns[:, None] + steps[:, 0])
    y = y0 + dy * (rows[:, None] + steps[:, 1])
    lon, lat = project(x.ravel(), y.ravel(), records["crs"], "EPSG:4326")
    x, y = project(lon, lat, "EPSG:4326", work_crs)
    return shapely.polygons(np.column_stack([x, y]).reshape(len(rows), len(steps), 2))
