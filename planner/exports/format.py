"""What a format is: a suffix, how a list is written in it, how its 规划编号 are read back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from planner.crs import Datum
from planner.sheets import Sheet
from planner.words import Language


@dataclass(frozen=True, slots=True, eq=False)
class SiteList:
    """A list as a format takes it.

    Attributes
    ----------
    title
        Name of the list, its network and phase.
    stations
        The list itself: a row per station, or per site and network.
    guide
        What the list is and what its columns mean.
    cells
        A row per sector; None where profile or plan has none.
    places
        Longitude and latitude of each row of ``stations``, degrees.
    datum
        Datum of the places.
    as_of
        Day on which the list says it was made, ``YYYY-MM-DD``.
    nature
        Whether the data are made up.
    plan_key
        方案编号 of the plan.
    words
        The language of the list.
    """

    title: str
    stations: Sheet
    guide: Sheet
    cells: Sheet | None
    places: Sequence[tuple[float, float]]
    datum: Datum
    as_of: str
    nature: str
    plan_key: str
    words: Language


@dataclass(frozen=True, slots=True)
class ListFormat:
    """A format; a module of the folder ``formats`` holds one under the name ``FORMAT``.

    Attributes
    ----------
    suffix
        Ending of its files without the dot, by which the format is asked for.
    write
        The bytes of a list: the same bytes for the same list.
    read_ids
        The cells below a head of the list in a file's content, row by row: every list is verified
        by them.
    """

    suffix: str
    write: Callable[[SiteList], bytes]
    read_ids: Callable[[bytes, str], list[str]]


def cells_below(table: Sequence[Sequence[str]], head: str) -> list[str]:
    """Cells below a head of the header row, the second row where the first one holds groups.

    Raises
    ------
    LookupError
        When neither holds the head.
    """
    for number, heads in enumerate(table[:2]):
        if head in heads:
            column = list(heads).index(head)
            return [row[column] for row in table[number + 1 :]]
    raise LookupError(head)
