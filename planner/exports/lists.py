"""The lists of a plan: per network one cumulative list and one per phase of what it adds."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from planner import fields as F
from planner.crs import DATUMS, Datum
from planner.errors import ScenarioError, StorageError
from planner.exports.format import SiteList
from planner.exports.formats import list_formats
from planner.exports.guide import guide_sheet
from planner.exports.profile import ListColumn, Profile
from planner.exports.rows import cell_rows, list_rows
from planner.files import digest
from planner.model import Plan
from planner.sheets import Sheet, clean_text
from planner.words import Language, language

LANGUAGE: Final = "zh"
"""The heads of the profiles are Chinese, so is all that a list says."""

_PART_BYTES: Final = 60
"""Of each part of a file name: a system takes 255 bytes for all of them."""


def make_lists(
    plan: Plan,
    *,
    datum: Datum = "wgs84",
    formats: Sequence[str] = (),
    profile: str | Path = "operator",
    version: int = 1,
) -> tuple[tuple[str, bytes], ...]:
    """The lists that go to carriers or to the tower company, each read back before it leaves.

    Parameters
    ----------
    plan
        The plan.
    datum
        ``wgs84``, ``cgcs2000``, ``gcj02`` or ``bd09``; stands in a column and in the file name.
    formats
        Suffixes of :func:`planner.exports.list_formats`; all of them by default.
    profile
        ``operator``, ``tower_demand``, ``tower_stock``, or the path of a profile of your own.
    version
        Number after the V in the file name.

    Returns
    -------
    tuple of tuple of str and bytes
        File name and content, in the order network, cumulative and then by phase, format.

    Raises
    ------
    ScenarioError
        When datum, format or profile is not known.
    StorageError
        When two lists would have one name, or a list does not read back with the same 规划编号 in
        the same order.
    """
    known = list_formats()
    _check("datum", [datum], DATUMS)
    _check("format", formats, known)
    form = Profile.load(profile)
    if plan.residents.empty:
        form = form.without(F.GAIN_RESIDENTS)

    files: dict[str, bytes] = {}
    for stem, site_list, stations in _Lists(plan, form, datum, version, language(LANGUAGE)):
        for suffix in formats or known:
            name, data = f"{stem}.{suffix}", known[suffix].write(site_list)
            if name in files:
                raise StorageError(f"two lists would be named {name}", f"两份清单会同名：{name}")
            _verify(name, known[suffix].read_ids(data, form.key), stations)
            files[name] = data
    return tuple(files.items())


def _check(what: str, asked: Sequence[str], known: Collection[str]) -> None:
    """Refuse what is not known."""
    for value in asked:
        if value not in known:
            raise ScenarioError(
                f"unknown {what} {value!r}; known: {', '.join(known)}",
                f"不认识的取值 {value!r}，可选：{'、'.join(known)}",
            )


@dataclass(frozen=True, slots=True, eq=False)
class _Lists:
    """The lists of a plan: file name without its ending, the list, and its 规划编号."""

    plan: Plan
    form: Profile
    datum: Datum
    version: int
    words: Language

    def __iter__(self) -> Iterator[tuple[str, SiteList, list[str]]]:
        """Those of the phases make up the cumulative one."""
        scenario, words = self.plan.scenario, self.words
        rows = list_rows(self.plan, self.datum, words)
        kept = rows[rows["state"].isin(self.form.states)]
        for network in scenario.networks:
            own = kept[kept["network_name"] == network.name]
            if self.form.row == "site":
                own = own.drop_duplicates("site_id")
            parts = [(words("lists.cumulative"), own)]
            for number, phase in enumerate(scenario.phases):
                parts.append((words.name(phase), own[own["phase_number"] == number]))
            for name, part in parts:
                names = (words.name(network), name)
                yield self._stem(*names), self._list(*names, part), part["station_id"].tolist()

    def _list(self, network: str, phase: str, rows: pd.DataFrame) -> SiteList:
        plan, form, words = self.plan, self.form, self.words
        return SiteList(
            title=f"{words.name(plan.scenario.district)}{form.title} {network} {phase}",
            stations=_sheet(words("lists.sheet.stations"), form.columns, rows),
            guide=guide_sheet(plan, form, network, phase, len(rows), self.datum, words),
            cells=self._cells(rows),
            places=list(zip(rows["lon"].tolist(), rows["lat"].tolist(), strict=True)),
            datum=self.datum,
            as_of=plan.scenario.as_of,
            nature=words("basis.synthetic") if plan.is_synthetic else words("lists.result"),
            plan_key=plan.short_key,
            words=words,
        )

    def _cells(self, rows: pd.DataFrame) -> Sheet | None:
        """The sectors of a list's stations; None where nobody asks for them or there are none."""
        cells = cell_rows(self.plan, rows)
        if not self.form.cells or cells.empty:
            return None
        return _sheet(self.words("lists.sheet.cells"), self.form.cells, cells)

    def _stem(self, network: str, phase: str) -> str:
        """district_list_network_phase_datum_date_version."""
        scenario, words = self.plan.scenario, self.words
        parts = (
            words.name(scenario.district),
            self.form.title,
            network,
            phase,
            words("datum", self.datum),
            scenario.as_of.replace("-", ""),
            f"V{self.version}",
        )
        return "_".join(map(_file_part, parts))


def _sheet(name: str, columns: Sequence[ListColumn], rows: pd.DataFrame) -> Sheet:
    """The rows under the profile's heads and in its words."""
    numbered = rows.assign(serial=range(1, len(rows) + 1))
    values = [_cells_of(column, numbered) for column in columns]
    return Sheet(name, tuple(column.column for column in columns), list(zip(*values, strict=True)))


def _cells_of(column: ListColumn, rows: pd.DataFrame) -> list[object]:
    """The cells of a column, (rows,); None for the empty ones."""
    if not column.field:
        return [None] * len(rows)
    field = rows[column.field]
    missing = field.isna().tolist()
    cells: list[Any] = [column.values.get(cell, cell) for cell in field.tolist()]
    return [None if gone or cell == "" else cell for cell, gone in zip(cells, missing, strict=True)]


def _file_part(text: str) -> str:
    """Text that every system takes as part of a file name, and that no one takes for a path."""
    part = re.sub(r'[<>:"/\\|?*\s]', "-", clean_text(text)).strip(". ")
    if len(part.encode()) <= _PART_BYTES:
        return part
    # what is cut keeps a mark of the whole, so that two long names stay two
    mark = f"~{digest(text.encode())[:6]}"
    return part.encode()[: _PART_BYTES - len(mark)].decode(errors="ignore") + mark


def _verify(name: str, found: list[str], expected: list[str]) -> None:
    """A list read back: rows out = rows in the plan, in the same order."""
    if found == expected:
        return
    for number, (read, asked) in enumerate(zip(found, expected, strict=False), start=1):
        if read != asked:
            raise StorageError(
                f"{name} does not read back as written: row {number} is {read!r}, not {asked!r}",
                f"{name} 写后回读不一致：第 {number} 行为 {read}，应为 {asked}",
            )
    raise StorageError(
        f"{name} does not read back as written: {len(found)} rows, {len(expected)} expected",
        f"{name} 写后回读不一致：读到 {len(found)} 行，应为 {len(expected)} 行",
    )
