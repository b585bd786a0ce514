"""Frames, arrays and plain values as bytes, and back as they were: what is kept between runs."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, fields, is_dataclass
from typing import Any, Final

import numpy as np

from planner.errors import Notice
from planner.model.layers import Layers
from planner.model.question import Demand, Grid, Stations

_ARRAYS: Final = ("data", "indices", "indptr")
"""What a sparse matrix is made of."""


def pack(parts: Mapping[str, Any]) -> bytes:
    """Parts by name as bytes: frames, arrays, sparse rows, and what JSON holds.

    Dataclasses become mappings, tuples lists. Arrays of objects are refused with ``ValueError``.
    """
    import pandas as pd
    from scipy.sparse import csr_matrix

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        for name, part in parts.items():
            if isinstance(part, pd.DataFrame):
                out = io.BytesIO()
                part.to_parquet(out, compression=None)
                types = [str(dtype) for dtype in part.dtypes]
                _add(packed, f"{name}.frame", out.getvalue())
                _add(packed, f"{name}.types", json.dumps(types).encode())
            elif isinstance(part, csr_matrix):
                _add(packed, f"{name}.shape", json.dumps(part.shape).encode())
                for array in _ARRAYS:
                    _add(packed, f"{name}.{array}", _array_bytes(getattr(part, array)))
            elif isinstance(part, np.ndarray):
                _add(packed, f"{name}.array", _array_bytes(part))
            else:
                _add(packed, f"{name}.json", json.dumps(part, default=asdict).encode())
    return buffer.getvalue()


def unpack(data: bytes) -> dict[str, Any]:
    """The parts of :func:`pack`."""
    from scipy.sparse import csr_matrix

    parts: dict[str, Any] = {}
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        for member in packed.namelist():
            name, _, form = member.rpartition(".")
            if form == "frame":
                types = json.loads(packed.read(f"{name}.types"))
                parts[name] = _frame(packed.read(member), types)
            elif form == "shape":
                arrays = (_array(packed.read(f"{name}.{array}")) for array in _ARRAYS)
                shape = tuple(json.loads(packed.read(member)))
                parts[name] = csr_matrix(tuple(arrays), shape=shape)
            elif form == "array":
                parts[name] = _array(packed.read(member))
            elif form == "json":
                parts[name] = json.loads(packed.read(member))
    return parts


def parts_of(thing: Layers | Demand | Stations) -> dict[str, Any]:
    """The parts of a type of the model, to be packed."""
    assert is_dataclass(thing)
    return {part.name: getattr(thing, part.name) for part in fields(thing)}


def layers_of(parts: Mapping[str, Any]) -> Layers:
    """Layers from their unpacked parts."""
    return Layers(**{**parts, "notices": tuple(Notice(**told) for told in parts["notices"])})


def demand_of(parts: Mapping[str, Any]) -> Demand:
    """Demand from its unpacked parts."""
    return Demand(**{**parts, "grid": Grid(**parts["grid"]), "layers": tuple(parts["layers"])})


def stations_of(parts: Mapping[str, Any]) -> Stations:
    """Stations from their unpacked parts."""
    return Stations(**parts)


def _add(packed: zipfile.ZipFile, name: str, data: bytes) -> None:
    # without the time of day, so that the same parts give the same bytes
    packed.writestr(zipfile.ZipInfo(name), data)


def _array_bytes(array: Any) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()


def _array(data: bytes) -> Any:
    return np.load(io.BytesIO(data), allow_pickle=False)


def _frame(data: bytes, types: list[str]) -> Any:
    """A frame with the types that it had: texts come back as ``str`` where they were objects."""
    import pandas as pd
    import pyarrow.parquet as pq

    if b"geo" in (pq.read_metadata(io.BytesIO(data)).metadata or {}):
        import geopandas as gpd

        frame = gpd.read_parquet(io.BytesIO(data))
    else:
        frame = pd.read_parquet(io.BytesIO(data))
    for column, dtype in zip(list(frame.columns), types, strict=True):
        if str(frame[column].dtype) != dtype:
            frame[column] = frame[column].astype(dtype)
    return frame
