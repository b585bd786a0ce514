"""What a workbook says of itself before it is opened: how far its sheets reach, what is hidden.

calamine holds every cell between the first and the last, however few are filled: two far apart take
gigabytes, or more than there is, and then it aborts. It tells nothing of hidden rows either.
"""

from __future__ import annotations

import posixpath
import re
import struct
import zipfile
from collections.abc import Iterator
from typing import IO, Any, Final, NamedTuple

Range = tuple[int, int, int, int]
"""First line, first column, last line, last column; lines from 1, columns from 0."""

# a cell that holds something has an end of its own: `<c r="S9" s="3"/>` is a format alone
_CELL: Final = re.compile(
    rb"""<(?:\w+:)?c\s[^<>]*?\br\s*=\s*["']([A-Z]{1,3})([0-9]{1,7})["'][^<>]*(?<!/)>"""
)
_HIDDEN: Final = re.compile(
    rb"""<(?:\w+:)?row\s(?=[^<>]*\bhidden\s*=\s*["'](?:1|true)["'])"""
    rb"""[^<>]*?\br\s*=\s*["']([0-9]{1,7})["']"""
)
# a formula that no program has worked out yet: its cell holds no value
_UNVALUED: Final = re.compile(
    rb"""<(?:\w+:)?c\s[^<>]*?\br\s*=\s*["']([A-Z]{1,3}[0-9]{1,7})["'][^<>]*(?<!/)>\s*"""
    rb"""<(?:\w+:)?f(?:\s[^<>]*)?(?:/>|>[^<>]*</(?:\w+:)?f>)\s*"""
    rb"""(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>"""
)
# calamine gives nothing of a cell that holds an error
_ERROR: Final = re.compile(
    rb"""<(?:\w+:)?c\s(?=[^<>]*\bt\s*=\s*["']e["'])"""
    rb"""[^<>]*?\br\s*=\s*["']([A-Z]{1,3})([0-9]{1,7})["'][^<>]*(?<!/)>\s*"""
    rb"""(?:<(?:\w+:)?f(?:\s[^<>]*)?(?:/>|>[^<>]*</(?:\w+:)?f>)\s*)?<(?:\w+:)?v>(#[^<>]{1,12})</"""
)
ERRORS: Final = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!",
    0x2A: "#N/A",
}  # fmt: skip
"""Errors of a spreadsheet by their number in a binary workbook."""
_ERROR_CELLS: Final = (3, 11)  # as a value and as that of a formula
_END_OF_CELL: Final = b"</c>"
_CHUNK: Final = 1 << 20
_BLANK_ROW, _LAST_CELL = 0, 11  # records of a binary sheet: a row; 1 is a format alone, then cells
_MERGED: Final = 176
_SHEET: Final = 156
_HIDDEN_FLAG: Final = 0x10


class Look(NamedTuple):
    """What a sheet says of itself.

    ``last_line`` and ``last_column`` are those that are filled, from 1; 0 where nothing is.
    ``unvalued`` are cells of an XLSX with a formula and no value, ``errors`` those that hold an
    error, such as ``#REF!``: line -> column from 0 -> error.
    """

    name: str
    last_line: int
    last_column: int
    hidden: list[int]
    merged: list[Range]
    unvalued: list[str]
    errors: dict[int, dict[int, str]]


def look_into(archive: zipfile.ZipFile) -> Iterator[Look]:
    """Every part of a workbook; those that are no sheet in use have no name.

    Sheets may lie anywhere in the archive, so every member is looked at.
    """
    members = set(archive.namelist())
    if "xl/workbook.bin" in members:
        names, look = _binary_names(archive), _look_binary
    elif "xl/workbook.xml" in members:
        names, look = _names(archive), _look_xml
    else:
        with archive.open("content.xml") as stream:
            yield from _look_ods(stream)
        return
    for member in archive.infolist():
        with archive.open(member) as stream:
            yield look(names.get(member.filename, ""), stream)


def _look_xml(name: str, stream: IO[bytes]) -> Look:
    """A part of an XLSX, read in pieces."""
    last_line = last_column = 0
    hidden: list[int] = []
    unvalued: list[str] = []
    errors: dict[int, dict[int, str]] = {}
    for text in _pieces(stream):
        for letters, line in _CELL.findall(text):
            last_line = max(last_line, int(line))
            last_column = max(last_column, _number(letters))
        hidden += map(int, _HIDDEN.findall(text))
        unvalued += (cell.decode() for cell in _UNVALUED.findall(text))
        for letters, line, error in _ERROR.findall(text):
            own = errors.setdefault(int(line), {})
            own[_number(letters) - 1] = error.decode("ascii", "replace")
    return Look(name, last_line, last_column, hidden, [], unvalued, errors)


def _pieces(stream: IO[bytes]) -> Iterator[bytes]:
    """A text in pieces: a cell cut in two waits for its other half, and so does any other tag."""
    rest = b""
    while chunk := stream.read(_CHUNK):
        text = rest + chunk
        end = text.rfind(_END_OF_CELL) + len(_END_OF_CELL)
        if end < len(_END_OF_CELL):
            end = text.rfind(b"<") if text.rfind(b"<") > text.rfind(b">") else len(text)
        yield text[:end]
        rest = text[end:][-_CHUNK:]
    yield rest


def _number(letters: bytes) -> int:
    """Number of a column by its letters: A is 1, AA is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def letters_of(number: int) -> str:
    """Letters of a column by its number, from 1."""
    letters = ""
    while number:
        number, letter = divmod(number - 1, 26)
        letters = chr(65 + letter) + letters
    return letters


def _look_binary(name: str, stream: IO[bytes]) -> Look:
    """A part of an XLSB; one that is none of its records says nothing that counts."""
    line = last_line = last_column = 0
    hidden, merged = [], []
    errors: dict[int, dict[int, str]] = {}
    for kind, body in _records(stream.read()):
        if kind == _BLANK_ROW and len(body) > 11:
            line = struct.unpack_from("<I", body)[0] + 1
            if body[11] & _HIDDEN_FLAG:
                hidden.append(line)
        elif 1 < kind <= _LAST_CELL and len(body) >= 4:
            last_line = max(last_line, line)
            column = struct.unpack_from("<I", body)[0]
            last_column = max(last_column, column + 1)
            if kind in _ERROR_CELLS and len(body) > 8 and body[8] in ERRORS:
                errors.setdefault(line, {})[column] = ERRORS[body[8]]
        elif kind == _MERGED and len(body) >= 16:
            first, last, left, right = struct.unpack_from("<4I", body)
            merged.append((first + 1, left, last + 1, right))
    return Look(name, last_line, last_column, hidden, merged, [], errors)


def _records(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Kind and content of each record: both lengths are of seven bits a byte."""
    at, end = 0, len(data)
    while at < end:
        kind = data[at]
        at += 1
        if kind & 0x80 and at < end:
            kind = (kind & 0x7F) | (data[at] << 7)
            at += 1
        size = shift = 0
        while at < end and shift < 28:
            byte = data[at]
            at += 1
            size |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                break
        yield kind, data[at : at + size]
        at += size


def _names(archive: zipfile.ZipFile) -> dict[str, str]:
    """Sheet of each member of an XLSX."""
    targets = _targets(archive, "xl/_rels/workbook.xml.rels")
    names = {}
    for sheet in _tree(archive, "xl/workbook.xml").iter("{*}sheet"):
        for key, value in sheet.attrib.items():
            if key.endswith("relationships}id"):
                names[targets.get(value, "")] = sheet.get("name", "")
    return names


def _binary_names(archive: zipfile.ZipFile) -> dict[str, str]:
    """Sheet of each member of an XLSB."""
    targets = _targets(archive, "xl/_rels/workbook.bin.rels")
    names = {}
    for kind, body in _records(archive.read("xl/workbook.bin")):
        if kind == _SHEET:
            relation, at = _wide(body, 8)
            names[targets.get(relation, "")] = _wide(body, at)[0]
    return names


def _wide(body: bytes, at: int) -> tuple[str, int]:
    """A text and where it ends: its length, then two bytes a letter."""
    start = at + 4
    length = struct.unpack_from("<I", body.ljust(start, b"\0"), at)[0]
    end = start + 2 * min(length, len(body))
    return body[start:end].decode("utf-16-le", "replace"), end


def _targets(archive: zipfile.ZipFile, name: str) -> dict[str, str]:
    """Member of each relation of a workbook, whose own place is the folder xl."""
    return {
        relation.get("Id", ""): posixpath.normpath(
            posixpath.join("/xl", relation.get("Target", ""))
        ).lstrip("/")
        for relation in _tree(archive, name).iter("{*}Relationship")
    }


def _tree(archive: zipfile.ZipFile, name: str) -> Any:
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    return etree.fromstring(archive.read(name), parser)


def _look_ods(stream: IO[bytes]) -> Iterator[Look]:
    """The tables of an ODS; rows and cells that repeat stand for as many."""
    from lxml import etree

    events = etree.iterparse(
        stream,
        events=("start", "end"),
        tag=("{*}table", "{*}table-row", "{*}table-cell", "{*}covered-table-cell"),
        resolve_entities=False,
        no_network=True,
    )
    at = _Walk("")
    for event, element in events:
        tag = etree.QName(element).localname
        said = {etree.QName(key).localname: value for key, value in element.attrib.items()}
        if tag == "table" and event == "start":
            at = _Walk(said.get("name", ""))
        elif tag == "table":
            yield at.look()
        elif tag == "table-row":
            at.row(said, begins=event == "start")
            if event == "end":
                # what was looked at is let go of
                element.clear()
        elif event == "end":
            text = "".join(element.itertext())
            at.cell(said, text, is_filled="value-type" in said or bool(text))


class _Walk:
    """A walk through the rows and cells of one table."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._line, self._column = 1, 0
        self._filled = self._last_line = self._last_column = 0
        self._hidden: list[int] = []
        self._merged: list[Range] = []
        self._errors: dict[int, dict[int, str]] = {}
        self._in_row: dict[int, str] = {}

    def row(self, said: dict[str, str], *, begins: bool) -> None:
        if begins:
            self._column = self._filled = 0
            self._in_row = {}
            return
        times = int(said.get("number-rows-repeated", 1))
        if self._filled:
            self._last_line = self._line + times - 1
            self._last_column = max(self._last_column, self._filled)
            if said.get("visibility") in ("collapse", "filter"):
                self._hidden += range(self._line, self._line + min(times, 1 << 20))
            if self._in_row:
                lines = range(self._line, self._line + min(times, 1 << 20))
                self._errors |= dict.fromkeys(lines, self._in_row)
        self._line += times

    def cell(self, said: dict[str, str], text: str, *, is_filled: bool) -> None:
        lines = int(said.get("number-rows-spanned", 1))
        columns = int(said.get("number-columns-spanned", 1))
        if lines > 1 or columns > 1:
            line, column = self._line, self._column
            self._merged.append((line, column, line + lines - 1, column + columns - 1))
        if said.get("value-type") == "error":
            self._in_row[self._column] = text
        self._column += int(said.get("number-columns-repeated", 1))
        if is_filled:
            self._filled = self._column

    def look(self) -> Look:
        line, column = self._last_line, self._last_column
        return Look(self._name, line, column, self._hidden, self._merged, [], self._errors)
