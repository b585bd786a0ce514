"""Write the lists of a plan: per network one cumulative list and one per phase of what it adds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, get_args

import pandas as pd

from planner.crs import DATUMS, Datum
from planner.errors import ScenarioError, StorageError
from planner.exports.formats import csv_bytes, geojson_bytes, read_ids
from planner.exports.guide import guide_sheet
from planner.exports.profile import ListColumn, Profile
from planner.exports.rows import DATUM_LABELS, cell_rows, list_rows
from planner.files import write_bytes
from planner.model import Plan
from planner.sheets import Sheet, clean_text, workbook_bytes

Format = Literal["xlsx", "csv", "geojson"]
FORMATS: Final[tuple[str, ...]] = get_args(Format)
CUMULATIVE: Final = "累计"


@dataclass(frozen=True, slots=True, eq=False)
class SiteList:
    """One list: the stations of a network that a phase adds, or all up to the last phase."""

    network: str
    phase: str
    rows: pd.DataFrame


def export_lists(
    plan: Plan,
    folder: str | Path,
    *,
    datum: Datum = "wgs84",
    formats: Sequence[Format] = ("xlsx", "csv", "geojson"),
    profile: str | Path = "operator",
    version: int = 1,
) -> tuple[Path, ...]:
    """Write the lists that go to carriers or to the tower company.

    Parameters
    ----------
    plan
        The plan.
    folder
        Where the files go; made if need be. Files of the same name are replaced.
    datum
        ``wgs84``, ``cgcs2000``, ``gcj02`` or ``bd09``; stands in a column and in the file name.
    formats
        Any of ``xlsx``, ``csv``, ``geojson``.
    profile
        ``operator``, ``tower_demand``, ``tower_stock``, or the path of a profile of your own.
    version
        Number after the V in the file name.

    Returns
    -------
    tuple of Path
        The files, in the order network, cumulative and then by phase, format.

    Raises
    ------
    ScenarioError
        When datum, format or profile is not known.
    StorageError
        When a file cannot be written, or does not read back with the same 规划编号 in the same order.
    """
    for what, value, known in (("datum", datum, DATUMS), *(("format", text, FORMATS) for text in formats)):
        if value not in known:
            raise ScenarioError(
                f"unknown {what} {value!r}; known: {', '.join(known)}",
                f"不认识的取值 {value!r}，可选：{'、'.join(known)}",
            )
    form = Profile.load(profile)
    rows = list_rows(plan, datum)
    files: dict[Path, bytes] = {}
    expected: dict[Path, list[str]] = {}
    for one in _lists(plan, form, rows):
        stem = _stem(plan, form, one, datum, version)
        content = _content(plan, form, one, datum)
        for suffix in formats:
            path = Path(folder) / f"{stem}.{suffix}"
            if path in files:
                raise StorageError(f"two lists would be named {path.name}", f"两份清单会同名：{path.name}")
            files[path] = content[suffix]()
            expected[path] = list(one.rows["station_id"])
    for path, data in files.items():
        write_bytes(path, data)
        _verify(path, form.key, expected[path])
    return tuple(files)


def _lists(plan: Plan, form: Profile, rows: pd.DataFrame) -> Iterator[SiteList]:
    """Every list of the profile; those of the phases make up the cumulative one."""
    kept = rows[rows["state"].isin(form.states)]
    for network in plan.scenario.networks:
        own = kept[kept["network_name"] == network.name]
        if form.row == "site":
            own = own.drop_duplicates("site_id")
        yield SiteList(network.label, CUMULATIVE, own)
        for phase in plan.scenario.phases:
            yield SiteList(network.label, phase.name, own[own["phase_name"] == phase.name])


def _content(plan: Plan, form: Profile, one: SiteList, datum: Datum) -> dict[str, Callable[[], bytes]]:
    """How to make each format of a list."""
    sheet = _sheet("站址清单", form.columns, one.rows)
    title = f"{plan.scenario.district.name}{form.title} {one.network} {one.phase}"
    sheets = [guide_sheet(plan, form, one.network, one.phase, len(one.rows), datum), sheet]
    cells = cell_rows(plan, one.rows)
    if form.cells and len(cells):
        sheets.append(_sheet("小区参数", form.cells, cells))
    return {
        "xlsx": lambda: workbook_bytes(sheets, created=plan.scenario.as_of, title=title),
        "csv": lambda: csv_bytes(sheet),
        "geojson": lambda: geojson_bytes(sheet, one.rows, datum, title, synthetic=plan.layers.is_synthetic),
    }


def _sheet(name: str, columns: Sequence[ListColumn], rows: pd.DataFrame) -> Sheet:
    """The rows under the profile's heads and in its words."""
    numbered = rows.assign(serial=range(1, len(rows) + 1))
    values: list[list[object]] = []
    for column in columns:
        cells: list[Any] = numbered[column.field].tolist() if column.field else [None] * len(rows)
        if column.values:
            cells = [column.values.get(cell, cell) for cell in cells]
        values.append([None if cell == "" or pd.isna(cell) else cell for cell in cells])
    return Sheet(name, tuple(column.column for column in columns), list(zip(*values, strict=True)))


def _stem(plan: Plan, form: Profile, one: SiteList, datum: Datum, version: int) -> str:
    """File name without its ending: district_list_network_phase_datum_date_version."""
    date = plan.scenario.as_of.replace("-", "")
    parts = (plan.scenario.district.name, form.title, one.network, one.phase, DATUM_LABELS[datum], date, f"V{version}")
    return "_".join(_file_part(part) for part in parts)


def _file_part(text: str) -> str:
    """Text that every system takes as part of a file name, and that no one takes for a path."""
    return re.sub(r'[<>:"/\\|?*\s]', "-", clean_text(text)).strip(". ")[:40]


def _verify(path: Path, head: str, expected: list[str]) -> None:
    """Read a list back from the disk: rows out = rows in the plan, in the same order."""
    found = read_ids(path, head)
    if found != expected:
        raise StorageError(
            f"{path.name} does not read back as written: {len(found)} rows, {len(expected)} expected",
            f"{path.name} 写后回读不一致：读到 {len(found)} 行，应为 {len(expected)} 行",
        )
