"""Files of antennas: the head and the two cuts of Planet, the bare numbers of Radio Mobile."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

from planner.layers.formats import Remarks
from planner.layers.formats.delimited import decoded

MAX_LINES: Final = 20_000
"""Of a file of one antenna, which has some 740 as a rule."""
_CUT: Final = re.compile(r"(horizontal|vertical)\s+([0-9]{1,6})", re.IGNORECASE)
_BETWEEN: Final = re.compile(r"[\s;]+")
_LINE_END: Final = re.compile(r"\r\n|\r|\n")


def read_planet(path: Path, remarks: Remarks) -> tuple[dict[str, Any], bytes] | None:
    """The lines before the cuts, and the rows of each cut, with their physical lines.

    A cut begins with its name and how many rows it is to have.
    """
    lines = _lines(path, remarks)
    if lines is None:
        return None
    head: list[tuple[int, str, str]] = []
    cuts: list[dict[str, Any]] = []
    for line, text in lines:
        begun = _CUT.fullmatch(text)
        if begun:
            count = int(begun[2])
            cuts.append({"name": begun[1].lower(), "line": line, "count": count, "rows": []})
        elif cuts:
            cuts[-1]["rows"].append((line, _BETWEEN.split(text)))
        else:
            key, _, rest = text.replace("\t", " ").partition(" ")
            head.append((line, key.upper(), rest.strip()))
    return {"head": head, "cuts": cuts}, b""


def read_radio_mobile(path: Path, remarks: Remarks) -> tuple[dict[str, Any], bytes] | None:
    """The rows, one number each as it should be, with their physical lines."""
    lines = _lines(path, remarks)
    if lines is None:
        return None
    return {"rows": [(line, _BETWEEN.split(text)) for line, text in lines]}, b""


def _lines(path: Path, remarks: Remarks) -> list[tuple[int, str]] | None:
    """The lines that are not blank, trimmed, each with its number."""
    text = decoded(path.read_bytes(), remarks)
    if text is None:
        return None
    lines = [
        (number, plain)
        for number, whole in enumerate(_LINE_END.split(text), start=1)
        if (plain := whole.strip("\ufeff\0 \t\r\f\v"))
    ]
    if len(lines) > MAX_LINES:
        facts = {"found": len(lines), "limit": MAX_LINES}
        remarks.add("table_too_large/lines", line=lines[MAX_LINES][0], **facts)
        return None
    return lines
