"""Delimited text: its encoding, its delimiter, its rows."""

from __future__ import annotations

import codecs
import csv
import io
import re
from pathlib import Path
from typing import Any, Final

from planner.layers.formats import MAX_CELLS, Remarks

_DELIMITERS: Final = {",": "comma 逗号", "\t": "tab 制表符", ";": "semicolon 分号", "|": "bar 竖线"}


def read_text(path: Path, remarks: Remarks) -> tuple[list[dict[str, Any]], bytes] | None:
    """One sheet, as a workbook has several; rows without text are left out."""
    text = _decoded(path.read_bytes(), remarks)
    if text is None:
        return None
    delimiter = _delimiter(text)
    if delimiter != ",":
        remarks.add("delimiter_guessed", what=_DELIMITERS[delimiter])
    records = _records(text, delimiter, remarks)
    if records is None:
        return None
    lines, rows = records
    return [{"name": "", "lines": lines, "rows": rows, "text_until": []}], b""


def _records(
    text: str, delimiter: str, remarks: Remarks
) -> tuple[list[int], list[list[str]]] | None:
    """Rows that are not blank, each with the physical line on which it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    lines: list[int] = []
    rows: list[list[str]] = []
    line, n_cells = 1, 0
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                lines.append(line)
                rows.append(row)
                n_cells += len(row)
            if n_cells > MAX_CELLS:
                remarks.add("table_too_large", line=line, cells=n_cells, limit=MAX_CELLS)
                return None
            line = reader.line_num + 1
    except csv.Error as error:
        reason = str(error)
        is_quote = "end of data" in reason or "expected after" in reason
        code = "unterminated_quote" if is_quote else "truncated_file"
        remarks.add(code, line=line, offset=len(text), reason=reason)
        return None
    return lines, rows


def _decoded(data: bytes, remarks: Remarks) -> str | None:
    """The text: by its byte order mark, else UTF-8, else GB18030 and said so."""
    is_marked = data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    is_utf16 = is_marked and not data.startswith(codecs.BOM_UTF8)
    plain, bad = _attempt(data, "utf-16" if is_utf16 else "utf-8-sig")
    if plain is not None and (is_marked or not _is_gbk_in_disguise(plain)):
        return plain

    text, _ = (None, 0) if is_marked else _attempt(data, "gb18030")
    if text is None:
        if plain is None:
            remarks.add("encoding_error", offset=bad, bytes=data[bad : bad + 4].hex(" "))
        return plain

    # two words tell a reader whether the guess is right
    words = re.findall(r"[^\x00-\x7f]+", text)[:2]
    remarks.add("encoding_guessed", guess="gb18030", sample=" / ".join(words)[:40])
    return text


def _attempt(data: bytes, encoding: str) -> tuple[str | None, int]:
    """The text, or None and the offset of the first byte that is no text in this encoding."""
    try:
        return data.decode(encoding), 0
    except UnicodeDecodeError as error:
        return None, error.start


def _is_gbk_in_disguise(text: str) -> bool:
    """Whether Greek, Cyrillic, Armenian or Hebrew letters stand where no Chinese does.

    Some GBK words are valid UTF-8 of two bytes a letter: 站 reads as an Armenian one.
    """
    has_foreign = re.search("[\u0250-\u07ff]", text) is not None
    has_chinese = re.search("[\u0800-\U0010ffff]", text) is not None
    return has_foreign and not has_chinese


def _delimiter(text: str) -> str:
    """The delimiter that the first line has most of."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(_DELIMITERS, key=first.count)
