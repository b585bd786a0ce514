"""Parquet: a table, or features where its metadata say so."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Final

from planner.layers.formats import MAX_CELLS, Remarks, cell_text
from planner.layers.formats.features import Features

_DEGREES: Final = "OGC:CRS84"
"""What GeoParquet means where it names no CRS."""


def read_parquet(path: Path, remarks: Remarks) -> tuple[list[dict[str, Any]], bytes] | None:
    """One sheet, as a workbook has several; a row is known by its number, from 1, as its line."""
    table = _table(path, remarks)
    if table is None:
        return None
    # the heads stand on line 0, above the first row
    rows = [list(table.column_names), *_rows(table)]
    lines = list(range(len(rows)))
    return [{"name": "", "lines": lines, "rows": rows, "blank_above": [0] * len(rows)}], b""


def read_geoparquet(path: Path, remarks: Remarks) -> tuple[dict[str, Any], bytes] | None:
    """Features and their CRS, blank where none is named."""
    table = _table(path, remarks)
    if table is None:
        return None

    primary, columns = _shapes_of(table)
    about = columns.get(primary, {})
    if about.get("encoding") != "WKB":
        found = f"GeoParquet {about.get('encoding', '')}".strip()
        remarks.add("unsupported_format", found=found, allowed="GeoParquet WKB")
        return None
    crs = about.get("crs", _DEGREES)

    drawn = table.column(primary).to_pylist()
    others = table.drop_columns([name for name in columns if name in table.column_names])
    features = Features()
    for shape, row in zip(drawn, _rows(others), strict=True):
        features.add(None, dict(zip(others.column_names, row, strict=True)), shape)
    return features.with_crs(crs if isinstance(crs, str) else json.dumps(crs) if crs else "")


def _shapes_of(table: Any) -> tuple[str, dict[str, Any]]:
    """The column of shapes, and what the metadata say of each; blank where they say nothing of it.

    Anybody can write them, so that nothing in them is taken to be there.
    """
    try:
        geo = json.loads(table.schema.metadata[b"geo"])
        primary, columns = str(geo["primary_column"]), geo["columns"]
        about = {name: columns[name] for name in columns if isinstance(columns[name], dict)}
    except (ValueError, KeyError, TypeError, RecursionError):
        return "", {}
    is_there = primary in about and table.column_names.count(primary) == 1
    return (primary if is_there else ""), about


def _table(path: Path, remarks: Remarks) -> Any:
    """The table as Arrow holds it; None, with a remark, when it is too large or damaged."""
    # the reader of shapes hides it from its own library; it is needed here
    if sys.modules.get("pyarrow", path) is None:
        del sys.modules["pyarrow"]
    import pyarrow as pa
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(path) as file:
            n_cells = (file.metadata.num_rows + 1) * len(file.schema_arrow.names)
            if n_cells > MAX_CELLS:
                remarks.add("table_too_large", cells=n_cells, limit=MAX_CELLS)
                return None
            table = file.read(use_threads=False)
            # texts may be damaged where the pages that hold them are not
            table.validate(full=True)
            return table
    except (pa.ArrowException, OSError) as error:
        remarks.add("truncated_file", offset=path.stat().st_size, reason=str(error)[:80])
        return None


def _rows(table: Any) -> list[list[str]]:
    """The rows as text."""
    columns = [[cell_text(value) for value in column.to_pylist()] for column in table.columns]
    return [list(row) for row in zip(*columns, strict=True)] if columns else [[]] * len(table)
