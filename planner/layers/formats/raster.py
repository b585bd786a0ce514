"""GeoTIFF: the cells of one district."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, Final

from planner.layers.formats import Remarks

MAX_PIXELS: Final = 4_000_000
"""Cells of a district: 2,000 x 2,000, such as 200 km x 200 km in cells of 100 m."""
MAX_BLOCK: Final = 64_000_000
"""Cells that lie together in a file and are unpacked together, however few are wanted."""
_MOST_PEOPLE: Final = 1e9
"""In no cell are as many: a mark of cells without data that is not declared as one."""
_SETTINGS: Final = {
    # no file beside it is looked at, and no address
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_PAM_ENABLED": "NO",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
}


def read_geotiff(
    path: Path, remarks: Remarks, frame: tuple[float, float, float, float], crs: str = ""
) -> tuple[dict[str, Any], bytes] | None:
    """Values of the cells that touch a frame, 64-bit, NaN where there are none.

    Parameters
    ----------
    path, remarks
        The file, and what is to be said of it.
    frame
        West, south, east, north in degrees of WGS-84.
    crs
        CRS where the file names none.

    Returns
    -------
    records
        ``crs`` as WKT, ``first`` (x and y of the first corner), ``steps`` (x and y from a cell to
        the next), ``width`` and ``height`` of the cells that are given.
    data
        Their values, row by row.
    """
    import rasterio

    try:
        with rasterio.Env(**_SETTINGS), rasterio.open(path, driver="GTiff") as raster:
            return _read(raster, remarks, frame, crs)
    except MemoryError:
        raise
    # rasterio and GDAL raise many kinds, all of them about the file
    except Exception as error:  # noqa: BLE001
        reason = str(error).replace(str(path), path.name)
        remarks.add("truncated_file", offset=0, reason=reason[:80])
        return None


def _read(
    raster: Any, remarks: Remarks, frame: tuple[float, float, float, float], crs: str
) -> tuple[dict[str, Any], bytes] | None:
    from rasterio.crs import CRS

    system = raster.crs or (CRS.from_user_input(crs) if crs else None)
    if system is None:
        remarks.add("raster_crs_missing")
        return None
    to_map = raster.transform
    if to_map.b or to_map.d:
        remarks.add("raster_rotated")
        return None
    if raster.count > 1:
        have = ", ".join(map(str, raster.indexes[:20]))
        remarks.add("multiple_layers", count=raster.count, chosen="1", have=have)

    window = _window(raster, system, frame)
    if window is None:
        remarks.add("raster_empty_overlap")
        return None
    n_cells, block = window.width * window.height, math.prod(raster.block_shapes[0])
    if n_cells > MAX_PIXELS or block > MAX_BLOCK:
        what = f"{n_cells} ({MAX_PIXELS}), block {block} ({MAX_BLOCK})"
        remarks.add("raster_too_large", what=what)
        return None

    values = _values(raster, window, remarks)
    if values is None:
        return None
    first = (to_map.c + window.col_off * to_map.a, to_map.f + window.row_off * to_map.e)
    place = {"first": first, "steps": (to_map.a, to_map.e)}
    size = {"width": window.width, "height": window.height}
    return {"crs": system.to_wkt(), **place, **size}, values.tobytes()


def _window(raster: Any, system: Any, frame: tuple[float, float, float, float]) -> Any:
    """The cells that touch a frame and one more on each side; None where there are none."""
    from rasterio.warp import transform_bounds
    from rasterio.windows import Window

    west, south, east, north = transform_bounds("EPSG:4326", system, *frame)
    to_map = raster.transform
    columns = sorted((x - to_map.c) / to_map.a for x in (west, east))
    rows = sorted((y - to_map.f) / to_map.e for y in (south, north))
    left, right = max(0, math.floor(columns[0]) - 1), min(raster.width, math.ceil(columns[1]) + 1)
    top, bottom = max(0, math.floor(rows[0]) - 1), min(raster.height, math.ceil(rows[1]) + 1)
    if left >= right or top >= bottom:
        return None
    return Window(left, top, right - left, bottom - top)


def _values(raster: Any, window: Any, remarks: Remarks) -> Any:
    """The values as people, NaN where there are none; None, with a remark, of impossible ones."""
    import numpy as np

    cells = raster.read(1, window=window, masked=True).astype(np.float64)
    values = cells.filled(np.nan) * raster.scales[0] + raster.offsets[0]
    values[~np.isfinite(values)] = np.nan
    if not np.isfinite(values).any():
        remarks.add("raster_empty_overlap")
        return None

    least, most = float(np.nanmin(values)), float(np.nanmax(values))
    is_marked = raster.nodata is not None
    if not is_marked and (least < 0 or most > _MOST_PEOPLE):
        remarks.add("raster_nodata_missing", found=f"{least if least < 0 else most:g}")
        return None
    if least < 0:
        count = int((values < 0).sum())
        remarks.add("raster_negative_population", found=f"{least:g}", count=count)
        return None
    return values
