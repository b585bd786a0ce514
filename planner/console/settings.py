"""A scenario as it was resolved: every parameter, and the files that it names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from planner.console.office import OFFICE
from planner.console.terminal import plain
from planner.scenario import FileState, Scenario, Setting
from planner.words import beside


def print_settings(console: Console, scenario: Scenario, rows: Iterable[Setting]) -> None:
    """Print parameters by part: value, unit, where it comes from, and what would hold otherwise."""
    money = OFFICE.name(scenario.references.money)
    for part, group in groupby(rows, key=_part):
        table = _table("parameter", "value", "unit", "origin", "source_of_default")
        for row in group:
            unit = money if row.unit == "references.money" else row.unit
            cells = (row.path, _shown(row.value), "" if unit == "-" else unit, *_origin(row))
            table.add_row(*map(plain, cells))
        _print(console, beside("part", part), table)


def print_inputs(console: Console, states: Sequence[FileState]) -> None:
    """Print files: found or not, their format and datum, what else the scenario says of them."""
    table = _table("key", "file", "found", "format", "datum", "said_of_it")
    for state in states:
        entry = state.entry.model_dump(exclude={"file", "datum"}, exclude_defaults=True)
        said = OFFICE.clauses(f"{name} {_shown(value)}" for name, value in entry.items())
        found = beside("console.found_state", state.found)
        datum = OFFICE.find(f"datum.{state.datum}") or state.datum or beside("console.datum_unsaid")
        table.add_row(*map(plain, (state.part, state.entry.file, found, state.format, datum, said)))
    _print(console, beside("console.inputs"), table)


def _part(row: Setting) -> str:
    part = row.path.partition(".")[0]
    return "scenario" if part in ("name", "as_of") else part


def _origin(row: Setting) -> tuple[str, str]:
    """Whether the file says it, and the source of the default, or the default that it replaces."""
    if not row.is_set:
        return beside("console.by_default"), row.source
    if row.default is None or row.default == row.value:
        return beside("console.by_file"), ""
    return beside("console.by_file"), f"{beside('console.by_default')} {_shown(row.default)}"


def _shown(value: Any) -> str:
    """A value as a file would write it; a dash where there is none."""
    if value is None or value == "" or (not value and isinstance(value, tuple | list | dict)):
        return "—"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.12g}"
    if isinstance(value, tuple | list):
        return ", ".join(map(_shown, value))
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_shown(part)}" for name, part in value.items())
    return str(value)


def _table(*heads: str) -> Table:
    table = Table(box=None)
    for head in heads:
        table.add_column(plain(beside("console", head)), overflow="fold")
    return table


def _print(console: Console, title: str, table: Table) -> None:
    console.print()
    console.print(Text.assemble(plain(title, "bold")))
    console.print(table)
