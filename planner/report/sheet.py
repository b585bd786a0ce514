"""How a table of the report is put together, and what a comparison of plans has to offer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, cast

import pandas as pd

from planner.report.words import Words
from planner.sheets import Column, Kind, Sheet


class Comparison(Protocol):
    """What :func:`planner.compare` returns, as far as a report reads it."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the plans, the base first."""

    @property
    def labels(self) -> Mapping[str, str]:
        """What the office calls layers and networks."""

    @property
    def parameters(self) -> pd.DataFrame:
        """Parameters that differ: ``parameter`` and a column per plan."""

    @property
    def indicators(self) -> pd.DataFrame:
        """Every figure with a column per plan and a difference per other plan."""

    @property
    def stations(self) -> pd.DataFrame:
        """Stations that changed."""


def make_sheet(
    words: Words, name: str, columns: Sequence[Column], rows: Sequence[Sequence[Any]], **parts: Any
) -> Sheet:
    """A sheet under its Chinese name, in the report's language."""
    return Sheet(words(name)[:31], tuple(columns), rows, title=words(name), **parts)


def columns_of(words: Words, heads: str) -> list[Column]:
    """Columns from their Chinese heads, parted by spaces; ``head:kind`` where a column does not hold text."""
    pairs = [head.partition(":") for head in heads.split()]
    return [Column(words(head), cast("Kind", kind or "text")) for head, _, kind in pairs]
