"""JSON that holds a table: objects, rows or columns."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from planner.layers.formats import MAX_CELLS, Remarks
from planner.layers.formats.delimited import decoded

_SHAPES: Final = '[{"lon": 120.1, ...}, ...], {"data": [...]}, {"lon": [120.1, ...], ...}'

_Grid = tuple[Sequence[Any], Sequence[Sequence[Any]]]
"""Heads, and rows with a value for each."""


def read_json(path: Path, remarks: Remarks) -> tuple[list[dict[str, Any]], bytes] | None:
    """One sheet, as a workbook has several; a row is known by its number, from 1, as its line.

    Numbers are kept as they are written. What is nested in a value stays JSON.
    """
    text = decoded(path.read_bytes(), remarks)
    if text is None:
        return None
    try:
        tree = _parsed(text)
    except json.JSONDecodeError as error:
        remarks.add("truncated_file", line=error.lineno, offset=error.pos, reason=error.msg)
        return None
    except ValueError as error:  # NaN or Infinity
        remarks.add("truncated_file", offset=0, reason=str(error)[:60])
        return None

    if tree in ([], {}):
        return [], b""
    grid = _grid(tree)
    if grid is None:
        remarks.add("unsupported_format", found="JSON", allowed=_SHAPES)
        return None
    heads, values = grid
    n_cells = len(heads) * (len(values) + 1)
    if n_cells > MAX_CELLS:
        remarks.add("table_too_large", cells=n_cells, limit=MAX_CELLS)
        return None

    # the heads stand on line 0, above the first row
    rows = [[_text(cell) for cell in row] for row in (heads, *values)]
    blank_above = [0] * len(rows)
    lines = list(range(len(rows)))
    return [{"name": "", "lines": lines, "rows": rows, "blank_above": blank_above}], b""


def _parsed(text: str) -> Any:
    """The tree; objects that stand below each other are a list."""
    decoder = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=_no_constant)
    try:
        return decoder.decode(text)
    except json.JSONDecodeError as error:
        lines = text.splitlines()
        if error.msg != "Extra data" or not lines[0].rstrip().endswith(("}", "]")):
            raise
    return [decoder.decode(line) for line in lines if line.strip()]


def _no_constant(word: str) -> Any:
    raise ValueError(f"{word} is not a number 不是数字")


def _grid(tree: Any) -> _Grid | None:
    """Heads and rows of a tree; None when it holds no table."""
    if isinstance(tree, list):
        return _of_list(tree)
    if not isinstance(tree, dict):
        return None

    values = list(tree.values())
    heads, data = tree.get("columns"), tree.get("data")
    if _is_flat(heads) and isinstance(data, list) and all(map(_is_flat, data)):
        return _even(heads, data)
    if values and all(map(_is_flat, values)) and len({len(column) for column in values}) == 1:
        return list(tree), list(zip(*values, strict=True))
    if values and all(isinstance(value, dict) for value in values):
        return _of_mappings(tree)

    if values and _is_flat(values):
        return list(tree), [values]

    # the list that stands beside what is said of it
    grids = [grid for grid in map(_of_list, values) if grid is not None]
    return grids[0] if len(grids) == 1 else None


def _of_list(rows: Any) -> _Grid | None:
    """Heads and rows of a list of objects, or of a list of rows of which the first is the head."""
    if not isinstance(rows, list) or not rows:
        return None
    if all(isinstance(row, dict) for row in rows):
        heads = list(dict.fromkeys(head for row in rows for head in row))
        return heads, [[row.get(head) for head in heads] for row in rows]
    return _even(rows[0], rows[1:]) if all(map(_is_flat, rows)) else None


def _of_mappings(tree: Mapping[str, Mapping[str, Any]]) -> _Grid:
    """Objects by their number, or columns whose values are known by a number."""
    inner = list(dict.fromkeys(key for value in tree.values() for key in value))
    if all(key.isdecimal() for key in inner):
        return list(tree), [[column.get(key) for column in tree.values()] for key in inner]
    return inner, [[row.get(key) for key in inner] for row in tree.values()]


def _even(heads: Any, rows: Sequence[Any]) -> _Grid | None:
    """Heads and rows, if each row has a value for each."""
    return (heads, rows) if all(len(row) == len(heads) for row in rows) else None


def _is_flat(value: Any) -> bool:
    """Whether a value is a list of plain values."""
    return isinstance(value, list) and not any(isinstance(each, (list, dict)) for each in value)


def _text(value: Any) -> str:
    """A value as text; numbers are texts by now."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
