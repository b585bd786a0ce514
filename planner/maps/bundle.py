"""Many number arrays and JSON values as one compressed stream, which a browser unpacks in one go.

A bundle is ``{"parts": [[name, kind, bytes], ...], "zlib": base64}``; ``kind`` is the typed array a
part unpacks to. Wider numbers are stored as byte planes (all low bytes first), which compresses
better; see ``page/bundle.js``.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

KINDS = {"uint8": "u8", "uint16": "u16", "int16": "i16", "int32": "i32"}


def bundle(parts: Mapping[str, Any]) -> dict[str, Any]:
    """Pack parts in their order: arrays of the types in ``KINDS`` as numbers, the rest as JSON."""
    packed = {
        name: _planes(value) if isinstance(value, np.ndarray) else _json(value)
        for name, value in parts.items()
    }
    data = b"".join(data for _, data in packed.values())
    return {
        "parts": [[name, kind, len(data)] for name, (kind, data) in packed.items()],
        "zlib": base64.b64encode(zlib.compress(data, 9)).decode(),
    }


def narrowed(values: npt.NDArray[np.integer[Any]]) -> npt.NDArray[Any]:
    """Whole numbers, none below 0, in 16 bits where they fit, else in 32."""
    fits = values.max(initial=0) <= np.iinfo(np.uint16).max
    return values.astype(np.uint16 if fits else np.int32)


def _planes(array: npt.NDArray[Any]) -> tuple[str, bytes]:
    """Kind and bytes of an array: its lowest bytes first, (bytes of a number, numbers)."""
    values = np.ascontiguousarray(array)
    little = values.astype(values.dtype.newbyteorder("<"))
    planes = little.view(np.uint8).reshape(-1, values.dtype.itemsize).T
    return KINDS[values.dtype.name], planes.tobytes()


def _json(value: Any) -> tuple[str, bytes]:
    """Kind and bytes of any other value."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return "json", text.encode("utf-8")
