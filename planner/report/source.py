"""The one source of both papers: a text template with the plan's figures put in.

A template is a text file. A line is a paragraph; ``# ``, ``## `` and ``### `` begin heads of three
ranks, ``- `` a point of a list, ``= `` a title, ``~ `` a line of the cover; ``[[table NAME]]`` and
``[[figure NAME]]`` stand for a table and a figure by its code (with ``?`` before the name: where
there is one), ``[[page]]`` begins a page, ``[[contents]]`` is the table of contents. Values are
Jinja expressions. What comes out of a value is text and never a head, a table or a template.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from planner.errors import ScenarioError
from planner.sheets import clean_text

Kind = Literal[
    "cover", "title", "head1", "head2", "head3", "text", "point",
    "table", "figure", "page", "contents",
]  # fmt: skip
_HEADS: Final[tuple[tuple[str, Kind], ...]] = (
    ("### ", "head3"), ("## ", "head2"), ("# ", "head1"), ("- ", "point"), ("= ", "title"),
    ("~ ", "cover"),
)  # fmt: skip
_MARK = re.compile(r"^\[\[\s*(table|figure|page|contents)\s*(.*?)\s*\]\]$")
# Stands before every value, so that a line that begins with a value begins with no mark.
_DATA = "\ue000"


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of a paper: a head, a paragraph, or the name of a table or figure."""

    kind: Kind
    text: str = ""


def make_blocks(
    template: str, facts: Mapping[str, Any], tables: Collection[str], figures: Collection[str]
) -> list[Block]:
    """Fill a template and take it apart.

    Parameters
    ----------
    template
        Text of the template.
    facts
        Values by name.
    tables, figures
        Codes that exist; a mark that names another one is left out when its name begins with ``?``,
        else refused.

    Raises
    ------
    ScenarioError
        When the template asks for a value, a table or a figure that does not exist, or cannot be
        read.
    """
    from jinja2 import DictLoader, StrictUndefined, TemplateError
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(
        loader=DictLoader({}),
        finalize=_as_data,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # nothing here is HTML; _as_data keeps values from being read as marks
    )

    # A template is a stranger's file: whatever an expression raises is told as a fault of its own.
    try:
        text = environment.from_string(template).render(facts)
    except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError) as error:
        line = getattr(error, "lineno", None)
        where = f" line {line}" if line else ""
        raise ScenarioError(
            f"the report's template cannot be used:{where} {error}",
            f"报告模板不可用：{where} {error}",
        ) from None
    return list(_blocks(text, {"table": tables, "figure": figures}))


def _as_data(value: Any) -> str:
    return _DATA + clean_text(value).replace(_DATA, "")


def _blocks(text: str, known: Mapping[str, Collection[str]]) -> Iterator[Block]:
    for raw in text.splitlines():
        line = raw.strip()
        if not line.replace(_DATA, ""):
            continue
        mark = _MARK.match(line)
        if not mark:
            yield _paragraph(line)
        elif block := _marked(mark[1], mark[2].replace(_DATA, ""), known):
            yield block


def _paragraph(line: str) -> Block:
    """A line that begins with the sign of a head, a point or the cover, else running text."""
    for sign, kind in _HEADS:
        if line.startswith(sign):
            return Block(kind, line.removeprefix(sign).replace(_DATA, "").strip())
    return Block("text", line.replace(_DATA, "").strip())


def _marked(kind: str, name: str, known: Mapping[str, Collection[str]]) -> Block | None:
    """The block of a mark; None where it names an optional thing that is not there."""
    is_optional = name.startswith("?")
    name = name.removeprefix("?").strip()
    if kind not in known or name in known[kind]:
        return Block(kind, name)  # type: ignore[arg-type]
    if is_optional:
        return None
    raise ScenarioError(
        f"the report's template names {kind} {name}, which there is not; known: "
        f"{', '.join(known[kind])}",
        f"报告模板引用的{name}不存在，可用：{'、'.join(known[kind])}",
    )
