"""How tables are declared, and how a table that is made is checked.

A column is declared once, by :func:`column`, which gives its name back, so that code goes on naming
columns by constants (``planner.fields``); a table is the columns that it holds. A name with braces
stands for a family of columns, one for each layer, level or count: ``gain_{layer}_{level}``.
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
_EMPTY_DTYPES: Final[Mapping[str, str]] = {
    "text": "str", "tuple": "object", "float": "float64", "bool": "bool", "int": "int64",
}  # fmt: skip


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

        kinds = {
            column.name: self.kinds.get(column.name, column.kind)
            for column in self
            if not column.is_family
        }
        columns = {
            name: pd.Series([], dtype=_EMPTY_DTYPES[kind])
            for name, kind in kinds.items()
            if kind != "geometry"
        }
        return pd.DataFrame(columns)

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
        for column in self:
            if not column.is_family and column.name not in frame.columns:
                yield f"{column.name} is missing"
        for name in frame.columns:
            found = declared(str(name), self)
            if found is None:
                yield f"{name} is not declared"
            else:
                yield from self._column_faults(frame[name], found)

    def _column_faults(self, values: pd.Series, found: Column) -> Iterator[str]:
        kind = self.kinds.get(found.name, found.kind)
        may_miss = found.name in self.nullable
        if len(values) and not _fits(values.dtype, kind, may_miss):
            yield f"{values.name} is {values.dtype}, declared {kind}"
        elif not may_miss and kind != "geometry" and bool(values.isna().any()):
            yield f"{values.name} has missing values"


def _fits(dtype: Any, kind: Kind, may_miss: bool) -> bool:
    if kind == "geometry":
        return str(dtype) == "geometry"
    if kind in _DTYPES:
        # pandas' Int64 is for whole numbers that may be missing, and only for them
        is_nullable = str(dtype) == "Int64"
        return is_nullable == (kind == "int" and may_miss) and dtype.kind in _DTYPES[kind]
    return str(dtype) in ("object", "str", "string")


def declared(name: str, among: Iterable[Column] | None = None) -> Column | None:
    """The column of that name, or the family that it belongs to.

    Among some, by default among all that were declared; None when there is none.
    """
    columns = COLUMNS if among is None else {column.name: column for column in among}
    if name in columns:
        return columns[name]
    families = (column for column in columns.values() if column.is_family)
    return next((column for column in families if _pattern(column.name).fullmatch(name)), None)


@cache
def _pattern(family: str) -> re.Pattern[str]:
    """What names a family has; the parts in braces hold anything."""
    parts = re.split(r"\{\w+\}", family)
    return re.compile(".+".join(map(re.escape, parts)))


def member(family: str, **parts: Any) -> str:
    """Name of one column of a family: ``member(GAIN, layer="core", level="deep")``."""
    return family.format(**parts)
