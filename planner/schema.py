"""How tables are declared: each column once, each table as the columns that it holds; checked when a table is made.

A column is declared by :func:`column`, which gives its name back, so that code goes on naming
columns by constants (``planner.fields``). A name with braces stands for a family of columns, one
for each layer, level or count: ``gain_{layer}_{level}``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["text", "int", "float", "bool", "geometry", "tuple"]
"""What a column holds. A whole number that may be missing is of pandas' type ``Int64``."""

Frame = TypeVar("Frame")  # a table of pandas or geopandas
_DTYPES: Final[Mapping[str, str]] = {"int": "iu", "float": "f", "bool": "b"}


class SchemaError(AssertionError):
    """A table of ours does not hold what is declared: a fault of our own, never of an input."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, what it holds, in which unit, and what it means.

    Attributes
    ----------
    name
        With braces for a family.
    kind
        What it holds.
    unit
        ``1`` for a bare number, ``-`` for text and switches.
    meaning
        One line.
    """

    name: str
    kind: Kind
    unit: str
    meaning: str

    @property
    def is_family(self) -> bool:
        """Whether it stands for several columns."""
        return "{" in self.name


COLUMNS: Final[dict[str, Column]] = {}
"""Every column that was declared, by name."""


def column(name: str, kind: Kind, unit: str, meaning: str) -> str:
    """Declare a column and give back its name."""
    assert name not in COLUMNS, f"column {name} is declared twice"
    COLUMNS[name] = Column(name, kind, unit, meaning)
    return name


@dataclass(frozen=True, slots=True)
class Table:
    """A kind of table that passes from room to room.

    Parameters
    ----------
    name
        Under which it stands in the documents.
    meaning
        One line: what a row is.
    columns
        Names of its columns and families, in order.
    nullable
        Those in which a value may be missing (NaN, None); in all others none may.
    kinds
        What a column holds in this table where it is not what is declared for all: numbers for
        codes.
    index
        Name of the index where it means something.
    """

    name: str
    meaning: str
    columns: tuple[str, ...]
    nullable: frozenset[str] = field(default_factory=frozenset)
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    index: str = ""

    def __iter__(self) -> Iterator[Column]:
        return (COLUMNS[name] for name in self.columns)

    def kind_of(self, name: str) -> Kind:
        """What a column of this table, or one of a family of it, holds.

        Raises
        ------
        KeyError
            When the table has no such column.
        """
        found = declared(name, self)
        if found is None:
            raise KeyError(f"table {self.name} has no column {name}")
        return self.kinds.get(found.name, found.kind)

    def empty(self) -> pd.DataFrame:
        """The table without rows and without geometry."""
        import pandas as pd

        dtypes = {
            "text": "str",
            "tuple": "object",
            "float": "float64",
            "bool": "bool",
            "int": "int64",
        }
        kinds = {one.name: self.kinds.get(one.name, one.kind) for one in self if not one.is_family}
        return pd.DataFrame(
            {
                name: pd.Series([], dtype=dtypes[kind])
                for name, kind in kinds.items()
                if kind in dtypes
            }
        )

    def checked(self, frame: Frame) -> Frame:
        """The frame itself, when it holds what is declared.

        Raises
        ------
        SchemaError
            When a column is missing, unknown, of another kind, or holds a missing value where none
            may be.
        """
        faults = list(self._faults(frame))
        if faults:
            raise SchemaError(f"table {self.name}: " + "; ".join(faults))
        return frame

    def _faults(self, frame: Any) -> Iterator[str]:
        yield from (
            f"{one.name} is missing"
            for one in self
            if not one.is_family and one.name not in frame.columns
        )
        for name in frame.columns:
            found = declared(str(name), self)
            if found is None:
                yield f"{name} is not declared"
            else:
                yield from self._column_faults(frame[name], found)

    def _column_faults(self, values: pd.Series, found: Column) -> Iterator[str]:
        kind, may_miss = self.kinds.get(found.name, found.kind), found.name in self.nullable
        if len(values) and not _fits(values.dtype, kind, may_miss):
            yield f"{values.name} is {values.dtype}, declared {kind}"
        elif not may_miss and kind != "geometry" and bool(values.isna().any()):
            yield f"{values.name} has missing values"


def _fits(dtype: Any, kind: Kind, may_miss: bool) -> bool:
    if kind == "geometry":
        return str(dtype) == "geometry"
    if kind in _DTYPES:
        return (str(dtype) == "Int64") == (kind == "int" and may_miss) and dtype.kind in _DTYPES[
            kind
        ]
    return str(dtype) in ("object", "str", "string")


def declared(name: str, among: Iterable[Column] | None = None) -> Column | None:
    """The column of that name among some, or the family that it belongs to; all that were declared by default."""
    columns = list(COLUMNS.values() if among is None else among)
    exact = (one for one in columns if one.name == name)
    families = (one for one in columns if one.is_family and _pattern(one.name).fullmatch(name))
    return next(exact, None) or next(families, None)


@cache
def _pattern(family: str) -> re.Pattern[str]:
    """What names a family has; the parts in braces hold anything."""
    parts = re.split(r"\{\w+\}", family)
    return re.compile(".+".join(map(re.escape, parts)))


def member(family: str, **parts: Any) -> str:
    """Name of one column of a family: ``member(GAIN, layer="core", level="deep")``."""
    return family.format(**parts)
