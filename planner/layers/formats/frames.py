"""What parent and child send each other: JSON and bytes behind their lengths, nothing that runs."""

from __future__ import annotations

import json
import struct
from typing import Any, BinaryIO, Final

MAX_BYTES: Final = 1 << 30
"""Of one message: the parent, which has no limit of its own, takes no more."""
_LENGTHS: Final = struct.Struct("<QQ")


def write_frame(stream: BinaryIO, message: Any, data: bytes = b"") -> None:
    """Send a message with its bytes."""
    text = json.dumps(message, ensure_ascii=False).encode("utf-8", "surrogatepass")
    stream.write(_LENGTHS.pack(len(text), len(data)))
    stream.write(text)
    stream.write(data)
    stream.flush()


def read_frame(stream: BinaryIO) -> tuple[Any, bytes]:
    """Receive a message with its bytes.

    Raises
    ------
    EOFError
        When the other side ended.
    ValueError
        When it sent what is no message, or one that is too long.
    """
    n_text, n_data = _LENGTHS.unpack(_exactly(stream, _LENGTHS.size))
    if n_text + n_data > MAX_BYTES:
        raise ValueError(f"a message of {n_text + n_data} bytes, the limit is {MAX_BYTES}")
    text = _exactly(stream, n_text)
    return json.loads(text.decode("utf-8", "surrogatepass")), _exactly(stream, n_data)


def _exactly(stream: BinaryIO, count: int) -> bytes:
    data = stream.read(count)
    if len(data) < count:
        raise EOFError
    return data
