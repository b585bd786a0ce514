"""What an old workbook, an XLS, says of itself: which rows it hides, which cells hold an error.

calamine tells neither. An XLS is a compound file: a small file system, one stream of which holds
the records of the workbook, BIFF [MS-CFB, MS-XLS].
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from planner.layers.formats.looks import ERRORS, Look

_HEADER: Final = 512  # bytes before the first sector, the sectors of a short one are as long
_ENTRY: Final = 128  # bytes of an entry of the folder
_STREAMS: Final = ("workbook", "book")
_LAST_SECTOR: Final = 0xFFFFFFFA  # numbers above it are marks: end of a chain, no sector

_BOUND_SHEET, _BEGIN, _END, _ROW = 0x85, 0x809, 0x0A, 0x208
_FORMULA, _BOOL_OR_ERROR = 0x06, 0x205
_CELLS: Final = frozenset({_FORMULA, _BOOL_OR_ERROR, 0x203, 0x204, 0x27E, 0xFD, 0xD6})
"""Cells that hold something, one a record: also a number, a text, a short number and such."""
_SHORT_NUMBERS: Final = 0xBD  # several cells of one row
_IS_HIDDEN: Final = 0x20
_ERROR_VALUE: Final = 2  # kind of the value of a formula that holds neither a number nor a text


def look_into_xls(path: Path) -> Iterator[Look]:
    """Every sheet of an XLS.

    Raises
    ------
    ValueError, struct.error
        When it is not built as one; calamine says why in its own words.
    """
    book = _stream(path.read_bytes())
    for kind, body in _records(book, 0):
        if kind == _BOUND_SHEET and len(body) > 7:
            start, length = struct.unpack_from("<I", body)[0], body[6]
            yield _look(_name(body[7:], length), book, start)


def _look(name: str, book: bytes, start: int) -> Look:
    """What the records of a sheet say, from where they begin in the stream."""
    last_line = last_column = depth = 0
    hidden: list[int] = []
    errors: dict[int, dict[int, str]] = {}
    for kind, body in _records(book, start):
        # a chart in a sheet has a beginning and an end of its own
        depth += (kind == _BEGIN) - (kind == _END)
        if depth <= 0:
            break
        if depth > 1 or len(body) < 6:
            continue
        line, column = (number + 1 for number in struct.unpack_from("<2H", body))
        if kind == _ROW and len(body) > 12 and body[12] & _IS_HIDDEN:
            hidden.append(line)
        elif kind in _CELLS:
            last_line, last_column = max(last_line, line), max(last_column, column)
            if error := _error(kind, body):
                errors.setdefault(line, {})[column - 1] = error
        elif kind == _SHORT_NUMBERS:
            last = struct.unpack_from("<H", body, len(body) - 2)[0] + 1
            last_line, last_column = max(last_line, line), max(last_column, last)
    return Look(name, last_line, last_column, hidden, [], [], errors)


def _error(kind: int, body: bytes) -> str:
    """The error that a cell holds, as a value or as that of its formula; blank where none."""
    if kind == _BOOL_OR_ERROR and len(body) > 7 and body[7]:
        return ERRORS.get(body[6], "")
    is_no_number = kind == _FORMULA and body[12:14] == b"\xff\xff"
    return ERRORS.get(body[8], "") if is_no_number and body[6] == _ERROR_VALUE else ""


def _name(body: bytes, length: int) -> str:
    """The name of a sheet: one or two bytes a letter, as the first byte says."""
    if body[:1] == b"\1":
        return body[1 : 1 + 2 * length].decode("utf-16-le", "replace")
    return body[1 : 1 + length].decode("latin-1")


def _records(book: bytes, start: int) -> Iterator[tuple[int, bytes]]:
    """Kind and content of each record from a place of the stream on."""
    at = start
    while at + 4 <= len(book):
        kind, size = struct.unpack_from("<2H", book, at)
        yield kind, book[at + 4 : at + 4 + size]
        at += 4 + size


def _stream(data: bytes) -> bytes:
    """The records of the workbook in a compound file."""
    shift, short_shift = struct.unpack_from("<2H", data, 30)
    if shift not in (9, 12) or short_shift != 6:
        raise ValueError("sectors of no usual size")
    size = 1 << shift
    n_tables, folder, cutoff, short_table, _, more, _ = struct.unpack_from("<2I4x5I", data, 44)
    table = _table(data, size, n_tables, more)
    entries = _chain(data[size:], table, folder, size)

    start, length = _entry(entries, _STREAMS)
    if length >= cutoff:
        return _chain(data[size:], table, start, size)[:length]
    # a short stream lies in the stream of the root, in sectors and a table of its own
    root, _ = _entry(entries, ("root entry",))
    sectors = _chain(data[size:], table, short_table, size)
    shorts = struct.unpack(f"<{len(sectors) // 4}I", sectors)
    within = _chain(data[size:], table, root, size)
    return _chain(within, shorts, start, 1 << short_shift)[:length]


def _table(data: bytes, size: int, n_tables: int, more: int) -> tuple[int, ...]:
    """Which sector follows each: the header names the first parts of the table, a chain others."""
    parts = list(struct.unpack_from("<109I", data, _HEADER - 4 * 109))
    seen = 0
    while more <= _LAST_SECTOR and seen <= n_tables:
        *own, more = struct.unpack_from(f"<{size // 4}I", data, (more + 1) * size)
        parts += own
        seen += 1
    at = [(part + 1) * size for part in parts if part <= _LAST_SECTOR][:n_tables]
    return tuple(next_ for i in at for next_ in struct.unpack_from(f"<{size // 4}I", data, i))


def _chain(data: bytes, table: tuple[int, ...], start: int, size: int) -> bytes:
    """The sectors of a chain, one behind the other; one that never ends is cut."""
    pieces: list[bytes] = []
    at = start
    while at < len(table) and len(pieces) <= len(table):
        pieces.append(data[at * size : (at + 1) * size])
        at = table[at]
    return b"".join(pieces)


def _entry(entries: bytes, names: tuple[str, ...]) -> tuple[int, int]:
    """First sector and length of the first entry of these names."""
    for at in range(0, len(entries) - _ENTRY + 1, _ENTRY):
        length = struct.unpack_from("<H", entries, at + 64)[0]
        name = entries[at : at + max(0, length - 2)].decode("utf-16-le", "replace")
        if name.lower() in names:
            start, size = struct.unpack_from("<2I", entries, at + 116)
            return start, size
    raise ValueError("no stream of a workbook")
