"""Zip archives: what one holds, seen before anything unpacks it."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from typing import Final

from planner.layers.formats import Remarks

MAX_UNPACKED: Final = 128 * 1024 * 1024
MAX_MEMBERS: Final = 1000
MAX_RATIO: Final = 200
RATIO_FLOOR: Final = 10 * 1024 * 1024  # a small archive may be dense

_KINDS: Final = {"xlsx": "xl/workbook.xml", "xlsb": "xl/workbook.bin", "ods": "content.xml"}
"""The member by which an archive is known."""


def read_archive(path: Path, remarks: Remarks) -> tuple[tuple[str, int], bytes] | None:
    """What an archive is and the bytes it unpacks to; None when it is damaged or too large."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError) as error:
        size, reason = path.stat().st_size, str(error)[:80]
        remarks.add("truncated_file", offset=size, reason=reason)
        return None

    unpacked = sum(member.file_size for member in members)
    packed = max(1, sum(member.compress_size for member in members))
    is_large = len(members) > MAX_MEMBERS or unpacked > MAX_UNPACKED
    is_dense = unpacked > RATIO_FLOOR and unpacked / packed > MAX_RATIO
    if is_large or is_dense:
        sizes = f"{unpacked} bytes ({MAX_UNPACKED}), x {unpacked // packed} ({MAX_RATIO})"
        remarks.add("archive_too_large", what=f"{len(members)} members ({MAX_MEMBERS}), {sizes}")
        return None
    names = {member.filename for member in members}
    found = next((kind for kind, member in _KINDS.items() if member in names), "zip")
    return (found, unpacked), b""
