"""How a table of the report is put together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final, cast

from planner.sheets import Column, Kind, Sheet
from planner.words import Language

_HEAD: Final = re.compile(r"(?P<code>\w+)(?:\((?P<unit>.+)\))?(?::(?P<kind>\w+))?")


def make_sheet(
    words: Language,
    code: str,
    columns: Sequence[Column],
    rows: Sequence[Sequence[Any]],
    **parts: Any,
) -> Sheet:
    """A sheet with the table's name as its title, and as much of it as a tab can hold."""
    title = words("report.table", code)
    return Sheet(title[:31], tuple(columns), rows, title=title, **parts)


def columns_of(words: Language, *heads: str) -> list[Column]:
    """Columns from codes of heads: ``code``, ``code:kind``, ``code(unit):kind``.

    Parameters
    ----------
    words
        The language.
    heads
        Codes of the report's own heads or of measures; the kind where a column does not hold text;
        the code of a unit where the head is to name it.
    """
    return [_column(words, head) for head in heads]


def _column(words: Language, head: str) -> Column:
    parts = _HEAD.fullmatch(head)
    assert parts, f"no head: {head}"
    text = head_text(words, parts["code"])
    if parts["unit"]:
        text = with_unit(words, text, words("unit", parts["unit"]))
    return Column(text, cast("Kind", parts["kind"] or "text"))


def head_text(words: Language, code: str) -> str:
    """A head of the report's own, else the name of a measure."""
    return begun(words.find(f"report.head.{code}") or words("measure", code))


def begun(text: str) -> str:
    """A text as a cell or a note begins with it: with a capital, where letters have them."""
    return text[:1].upper() + text[1:]


def with_unit(words: Language, name: str, unit: str) -> str:
    """A head that names its unit."""
    return words("report.with_unit", name=name, unit=unit)
