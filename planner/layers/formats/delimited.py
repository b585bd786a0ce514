"""Delimited text: its encoding, its delimiter, its rows."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any, Final

from planner.layers.formats import MAX_CELLS, Remarks

_DELIMITERS: Final = {",": "comma 逗号", "\t": "tab 制表符", ";": "semicolon 分号", "|": "bar 竖线"}
_SAMPLE: Final = 50  # lines by which the delimiter is known
_LOOKED_AT: Final = 1 << 16  # bytes by which UTF-16 is known
_STRANGE: Final = 0.01  # share of characters in it that no page shows
_ENDS: Final = dict.fromkeys(map(ord, "\t\r\n\ufeff"))


def read_text(path: Path, remarks: Remarks) -> tuple[list[dict[str, Any]], bytes] | None:
    """One sheet, as a workbook has several; rows without text are left out."""
    text = decoded(path.read_bytes(), remarks)
    if text is None:
        return None
    delimiter = _delimiter(text)
    if delimiter != ",":
        remarks.add("delimiter_guessed", what=_DELIMITERS[delimiter])
    return _sheet(text, delimiter, remarks)


def _sheet(
    text: str, delimiter: str, remarks: Remarks
) -> tuple[list[dict[str, Any]], bytes] | None:
    """Rows that are not blank, each with the physical line on which it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    lines: list[int] = []
    rows: list[list[str]] = []
    blank_above: list[int] = []
    line, n_cells, n_blank = 1, 0, 0
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                lines.append(line)
                rows.append(row)
                blank_above.append(n_blank)
                n_cells += len(row)
                n_blank = 0
            else:
                n_blank += 1
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
    return [{"name": "", "lines": lines, "rows": rows, "blank_above": blank_above}], b""


def decoded(data: bytes, remarks: Remarks) -> str | None:
    """The text: by its byte order mark, else by where its zeros stand, else UTF-8, else GB18030.

    A guess is said.
    """
    unmarked = utf16_of(data)
    if unmarked:
        text, bad = _attempt(data, unmarked)
        if text is None:
            remarks.add("encoding_error", offset=bad, bytes=data[bad : bad + 4].hex(" "))
        else:
            _say_guess(unmarked, text, remarks)
        return text

    is_marked = data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    is_utf16 = is_marked and not data.startswith(codecs.BOM_UTF8)
    plain, bad = _attempt(data, "utf-16" if is_utf16 else "utf-8-sig")
    if plain is not None and (is_marked or not is_gbk_in_disguise(plain)):
        return plain

    text, _ = (None, 0) if is_marked else _attempt(data, "gb18030")
    if text is None:
        if plain is None:
            remarks.add("encoding_error", offset=bad, bytes=data[bad : bad + 4].hex(" "))
        return plain

    _say_guess("gb18030", text, remarks)
    return text


def utf16_of(data: bytes) -> str:
    """``utf-16-le`` or ``utf-16-be`` of a text in UTF-16 without a byte order mark; else nothing.

    Every second byte of its digits and delimiters is zero, which is in no other text.
    """
    if (
        data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        or b"\0" not in data[:_LOOKED_AT]
    ):
        return ""
    head = data[: _LOOKED_AT & ~1]
    encoding = "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"
    letters = head.decode(encoding, "replace").translate(_ENDS)
    n_strange = sum(not letter.isprintable() for letter in letters)
    return encoding if n_strange <= _STRANGE * len(letters) else ""


def _say_guess(guess: str, text: str, remarks: Remarks) -> None:
    # two words tell a reader whether the guess is right
    words = re.findall(r"[^\x00-\x7f]+", text)[:2]
    remarks.add("encoding_guessed", guess=guess, sample=" / ".join(words)[:40])


def _attempt(data: bytes, encoding: str) -> tuple[str | None, int]:
    """The text, or None and the offset of the first byte that is no text in this encoding."""
    try:
        return data.decode(encoding), 0
    except UnicodeDecodeError as error:
        return None, error.start


def is_gbk_in_disguise(text: str) -> bool:
    """Whether Greek, Cyrillic, Armenian or Hebrew letters stand where no Chinese does.

    Some GBK words are valid UTF-8 of two bytes a letter: 站 reads as an Armenian one.
    """
    has_foreign = re.search("[\u0250-\u07ff]", text) is not None
    has_chinese = re.search("[\u0800-\U0010ffff]", text) is not None
    return has_foreign and not has_chinese


def _delimiter(text: str) -> str:
    """The delimiter that gives the most of the first rows one width, and that the larger one.

    A title has none of it, and a comma within a decimal number is in all rows but the header.
    """
    lines = list(islice((line for line in io.StringIO(text) if line.strip()), _SAMPLE))

    def fit(delimiter: str) -> tuple[int, int]:
        # a quote that does not close is found when the whole is read
        rows = csv.reader(lines, delimiter=delimiter)
        with suppress(csv.Error):
            widths = Counter(len(row) for row in rows if len(row) > 1)
            return max(((times, width) for width, times in widths.items()), default=(0, 0))
        return 0, 0

    return max(_DELIMITERS, key=fit)
