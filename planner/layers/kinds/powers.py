"""Transmit power that a list tells: it is not used, and what that does is said."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from statistics import median
from typing import Final

from planner.layers.kinds.rows import Book
from planner.layers.tables import Table

_POWER: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*(dbm|w|瓦)?")
_ALIKE_DB: Final = 1.0
"""Powers no farther apart than this are the same for coverage [judgement]."""


def say_powers(table: Table, bands: Sequence[str], book: Book) -> None:
    """One finding for each band whose stations are listed with another power than it has.

    A list that does not say the unit, or agrees, is one finding without a figure; one that tells
    the power of other generations alone is none: it is used.

    Parameters
    ----------
    table
        Of sites.
    bands
        Band of each row, (rows,); blank where it is no station.
    book
        The scenario has the power of each band; that of a reference signal is no such power.
    """
    file = table.source.name
    told = watts_of(table) if table.has("power_w") else {}
    apart = False
    for band in sorted({*bands} & book.scenario.bands.keys()):
        used = book.scenario.bands[band].power_w
        lines = [line for line, own in zip(table.frame.index, bands, strict=True) if own == band]
        more = {line: 10 * math.log10(used / told[line]) for line in lines if line in told}
        other = [line for line, decibels in more.items() if abs(decibels) > _ALIKE_DB]
        if other:
            apart = True
            book.findings.add(
                "power_unused/differs",
                file=file,
                line=int(other[0]),
                column=table.header("power_w"),
                count=len(other),
                band=band,
                listed=f"{median(told[line] for line in other):.3g}",
                used=f"{used:g}",
                decibels=f"{median(more[line] for line in other):+.1f}",
            )
    is_station = [band != "" for band in bands]
    for field in ("power_w", "reference_power"):
        is_told = bool((table.text(field) != "")[is_station].any())
        if is_told and not (apart and field == "power_w"):
            book.findings.add("power_unused", file=file, column=table.header(field))


def watts_of(table: Table) -> dict[int, float]:
    """Power of the rows that tell it with its unit, W, by line."""
    head = table.header("power_w")
    unit = table.units.get(head, "dbm" if head.lower().endswith("dbm") else "")
    watts: dict[int, float] = {}
    for line, cell in table.text("power_w").items():
        found = _POWER.fullmatch(cell.strip().lower())
        own = (found[2] or unit) if found else ""
        if found and own in ("w", "瓦", "dbm") and float(found[1]) > 0:
            value = float(found[1])
            watts[int(str(line))] = 10 ** (value / 10 - 3) if own == "dbm" else value
    return watts
