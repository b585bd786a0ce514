"""Tables in every format, written by other hands than ours: csv, openpyxl, pyarrow, bare bytes."""

from __future__ import annotations

import csv
import io
import json
import struct
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import openpyxl
import pyarrow as pa
import pyarrow.parquet

Row = Sequence[Any]
Write = Callable[[Path, Row, Sequence[Row]], None]
"""Writes a head and rows of texts and numbers to a file."""

TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0"
OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
TEXT = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
WORKBOOK = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def delimited(delimiter: str, encoding: str, *, comma: bool = False) -> Write:
    def write(path: Path, head: Row, rows: Sequence[Row]) -> None:
        out = io.StringIO()
        writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
        writer.writerows([head, *([shown(cell) for cell in row] for row in rows)])
        path.write_bytes(out.getvalue().encode(encoding))

    def shown(cell: Any) -> str:
        return str(cell).replace(".", ",") if comma and isinstance(cell, float) else str(cell)

    return write


def xlsx(path: Path, head: Row, rows: Sequence[Row]) -> None:
    book = openpyxl.Workbook()
    for row in (head, *rows):
        book.active.append([None if cell == "" else cell for cell in row])
    for cells in book.active.iter_rows():
        for cell in cells:
            # a text that begins like a formula is none
            cell.data_type = "s" if cell.data_type == "f" else cell.data_type
    book.save(path)


def ods(path: Path, head: Row, rows: Sequence[Row]) -> None:
    """As an office writes it: blank cells and rows to the end of the sheet are written once."""
    drawn = "".join(
        f"<table:table-row>{''.join(map(_ods_cell, row))}"
        '<table:table-cell table:number-columns-repeated="16000"/></table:table-row>'
        for row in (head, *rows)
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", ods_content(drawn))
        archive.writestr("META-INF/manifest.xml", _MANIFEST)


_MANIFEST = (
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
)


def ods_content(rows: str, name: str = "表") -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="{OFFICE}" '
        f'xmlns:table="{TABLE}" xmlns:text="{TEXT}"><office:body><office:spreadsheet>'
        f"<table:table table:name={quoteattr(name)}>{rows}"
        '<table:table-row table:number-rows-repeated="1048000">'
        '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )


def _ods_cell(cell: Any) -> str:
    if cell == "":
        return "<table:table-cell/>"
    text = f"<text:p>{escape(str(cell))}</text:p></table:table-cell>"
    if isinstance(cell, str):
        return f'<table:table-cell office:value-type="string">{text}'
    return f'<table:table-cell office:value-type="float" office:value="{cell!r}">{text}'


def xlsb(path: Path, head: Row, rows: Sequence[Row]) -> None:
    """Records of the binary workbook, as few as it can have."""
    width, body = len(head), bytearray(record(145))
    for line, row in enumerate((head, *rows)):
        body += record(0, struct.pack("<IIHBBBI", line, 0, 300, 0, 0, 0, 0))
        for column, cell in enumerate(row):
            at = struct.pack("<II", column, 0)
            if isinstance(cell, str) and cell:
                body += record(6, at + _wide(cell))
            elif cell != "":
                body += record(5, at + struct.pack("<d", cell))
    dimension = record(148, struct.pack("<4I", 0, len(rows), 0, width - 1))
    sheet = record(129) + dimension + bytes(body) + record(146) + record(130)

    named = struct.pack("<II", 0, 1) + _wide("r") + _wide("表")
    book = record(131) + record(143) + record(156, named) + record(144) + record(132)
    kind = "application/vnd.ms-excel.sheet.binary.macroEnabled.main"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            f'<Default Extension="bin" ContentType="{kind}"/></Types>',
        )
        archive.writestr("_rels/.rels", _relation("officeDocument", "xl/workbook.bin"))
        archive.writestr("xl/workbook.bin", book)
        archive.writestr(
            "xl/_rels/workbook.bin.rels", _relation("worksheet", "worksheets/sheet1.bin")
        )
        archive.writestr("xl/worksheets/sheet1.bin", sheet)


def _relation(kind: str, target: str) -> str:
    return (
        f'<Relationships xmlns="{RELATIONS}"><Relationship Id="r" Type="{WORKBOOK}/{kind}" '
        f'Target="{target}"/></Relationships>'
    )


def record(kind: int, body: bytes = b"") -> bytes:
    number = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size, left = bytearray(), len(body)
    while True:
        left, low = left >> 7, left & 0x7F
        size.append(low | (0x80 if left else 0))
        if not left:
            return number + bytes(size) + body


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


XLS_ERRORS = {"#N/A": 0x2A, "#REF!": 0x17, "#DIV/0!": 0x07}


def xls(
    path: Path,
    head: Row,
    rows: Sequence[Row],
    *,
    hidden: Sequence[int] = (),
    is_short: bool = False,
) -> None:
    """BIFF8 in a compound file of one stream; lines from 1, errors by their names.

    ``is_short`` keeps a stream below 4096 bytes as it is, among the small ones.
    """
    bof = struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0)
    cells = bytearray(_biff(0x809, bof))
    for line in hidden:
        cells += _biff(0x208, struct.pack("<6HI", line - 1, 0, len(head), 255, 0, 0, 0x0F0120))
    for line, row in enumerate((head, *rows)):
        for column, cell in enumerate(row):
            at = struct.pack("<HHH", line, column, 0)
            if cell in XLS_ERRORS and column % 2:
                cells += _biff(0x205, at + bytes([XLS_ERRORS[cell], 1]))
            elif cell in XLS_ERRORS:
                value = bytes([2, 0, XLS_ERRORS[cell], 0, 0, 0, 255, 255])
                cells += _biff(0x06, at + value + struct.pack("<HIHBB", 0, 0, 2, 0x1C, 0x2A))
            elif isinstance(cell, str) and cell:
                text = struct.pack("<HB", len(cell), 1) + cell.encode("utf-16-le")
                cells += _biff(0x204, at + text)
            elif cell != "":
                cells += _biff(0x203, at + struct.pack("<d", cell))
    cells += _biff(0x0A)

    globals_ = _biff(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0))
    name = struct.pack("<BB", 1, 1) + "表".encode("utf-16-le")
    start = len(globals_) + 4 + 6 + len(name) + 4
    globals_ += _biff(0x85, struct.pack("<IBB", start, 0, 0) + name) + _biff(0x0A)
    path.write_bytes(_compound(globals_ + bytes(cells), is_short=is_short))


def _biff(kind: int, body: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _compound(stream: bytes, *, is_short: bool = False) -> bytes:
    """A compound file: a header, the table of sectors, the folder, the stream."""
    if is_short:
        return _small_compound(stream)
    stream = stream.ljust(4096, b"\0")
    n_sectors = -(-len(stream) // 512)
    n_tables = -(-(n_sectors + 2) // 126)
    first = n_tables + 1
    chain = [0xFFFFFFFD] * n_tables + [0xFFFFFFFE]
    chain += [*range(first + 1, first + n_sectors), 0xFFFFFFFE]
    chain += [0xFFFFFFFF] * (n_tables * 128 - len(chain))
    tables = [*range(n_tables), *[0xFFFFFFFF] * (109 - n_tables)]
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    head += struct.pack("<5H6x", 0x3E, 3, 0xFFFE, 9, 6)
    head += struct.pack("<9I", 0, n_tables, n_tables, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)

    entries = _entry("Root Entry", 5, 1, 0xFFFFFFFE, 0)
    entries += _entry("Workbook", 2, 0xFFFFFFFF, first, len(stream)) + bytes(256)
    body = struct.pack(f"<{len(chain)}I", *chain) + entries + stream.ljust(n_sectors * 512, b"\0")
    return head + struct.pack("<109I", *tables) + body


def _small_compound(stream: bytes) -> bytes:
    """Four sectors and those of the root's stream: pieces of 64 bytes, in which the other lies."""
    assert len(stream) < 4096
    n_pieces, n_sectors = -(-len(stream) // 64), -(-len(stream) // 512)
    end, free = 0xFFFFFFFE, 0xFFFFFFFF
    chain = [0xFFFFFFFD, end, end, *range(4, 3 + n_sectors), end]
    pieces = [*range(1, n_pieces), end]
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    head += struct.pack("<5H6x", 0x3E, 3, 0xFFFE, 9, 6)
    head += struct.pack("<9I109I", 0, 1, 1, 0, 4096, 2, 1, end, 0, 0, *[free] * 108)
    entries = _entry("Root Entry", 5, 1, 3, n_pieces * 64)
    entries += _entry("Workbook", 2, free, 0, len(stream)) + bytes(256)
    tables = [struct.pack("<128I", *own, *[free] * (128 - len(own))) for own in (chain, pieces)]
    return head + tables[0] + entries + tables[1] + stream.ljust(n_sectors * 512, b"\0")


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    wide, none = name.encode("utf-16-le"), 0xFFFFFFFF
    return wide.ljust(64, b"\0") + struct.pack(
        "<HBBIII36xIQ", len(wide) + 2, kind, 1, none, none, child, start, size
    )


def json_objects(path: Path, head: Row, rows: Sequence[Row]) -> None:
    _json(path, [_object(head, row) for row in rows])


def json_data(path: Path, head: Row, rows: Sequence[Row]) -> None:
    _json(path, {"code": 0, "data": [_object(head, row) for row in rows], "total": len(rows)})


def json_columns(path: Path, head: Row, rows: Sequence[Row]) -> None:
    _json(path, {name: [row[i] for row in rows] for i, name in enumerate(head)})


def json_split(path: Path, head: Row, rows: Sequence[Row]) -> None:
    _json(path, {"columns": list(head), "index": list(range(len(rows))), "data": list(rows)})


def json_numbered(path: Path, head: Row, rows: Sequence[Row]) -> None:
    """Columns of values by their number, as pandas writes them."""
    columns = {name: {str(j): row[i] for j, row in enumerate(rows)} for i, name in enumerate(head)}
    _json(path, columns)


def json_lines(path: Path, head: Row, rows: Sequence[Row]) -> None:
    lines = [json.dumps(_object(head, row), ensure_ascii=False) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _object(head: Row, row: Row) -> dict[str, Any]:
    return {name: None if cell == "" else cell for name, cell in zip(head, row, strict=True)}


def _json(path: Path, tree: Any) -> None:
    path.write_text(json.dumps(tree, ensure_ascii=False), encoding="utf-8")


def parquet(path: Path, head: Row, rows: Sequence[Row]) -> None:
    columns = {
        name: [None if row[i] == "" else row[i] for row in rows] for i, name in enumerate(head)
    }
    pa.parquet.write_table(pa.table(columns), path)


WRITERS: dict[str, tuple[str, Write]] = {
    "csv": ("csv", delimited(",", "utf-8")),
    "csv-with-a-mark": ("csv", delimited(",", "utf-8-sig")),
    "csv-gb18030": ("csv", delimited(",", "gb18030")),
    "tsv": ("tsv", delimited("\t", "utf-8")),
    "semicolons": ("csv", delimited(";", "utf-8")),
    "decimal-commas": ("csv", delimited(";", "utf-8", comma=True)),
    "decimal-commas-and-tabs": ("txt", delimited("\t", "gb18030", comma=True)),
    "utf16": ("txt", delimited("\t", "utf-16")),
    "utf16-little-without-a-mark": ("txt", delimited("\t", "utf-16-le")),
    "utf16-big-without-a-mark": ("csv", delimited(",", "utf-16-be")),
    "xlsx": ("xlsx", xlsx),
    "xls": ("xls", xls),
    "xlsb": ("xlsb", xlsb),
    "ods": ("ods", ods),
    "json-objects": ("json", json_objects),
    "json-data": ("json", json_data),
    "json-columns": ("json", json_columns),
    "json-split": ("json", json_split),
    "json-numbered": ("json", json_numbered),
    "json-lines": ("json", json_lines),
    "parquet": ("parquet", parquet),
}
"""Name of a way to write a table -> suffix of its file, and the writer."""
