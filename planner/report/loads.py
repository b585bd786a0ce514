"""重载小区清单: sectors above the limit of load at each phase, and what the plan itself does about them."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, Final

import pandas as pd

from planner import fields as F
from planner.report.facts import Facts
from planner.report.sheet import columns_of, make_sheet
from planner.sheets import Sheet
from planner.words import Language

GB_PER_MBPS: Final = 3600 / 8e3  # in one hour, decimal GB
Sites = dict[tuple[str, str], list[tuple[str, int]]]


def overload_list(facts: Facts, words: Language) -> Sheet:
    """Overloaded sectors, phase by phase, the fullest first; the lines below count every phase, empty ones too."""
    limit = 100 * facts.scenario.capacity.overload
    rows: list[list[Any]] = []
    sites = _sites(facts)
    for number, phase in enumerate(facts.scenario.phases):
        over = _overloaded(facts, number)
        for row in over.to_dict("records"):
            turn, offered = float(row[F.AZIMUTH_DEG]), float(row[F.offered_column(phase.stations)])
            where = [
                words.name(phase),
                words.name(facts.networks[row[F.NETWORK]]),
                row[F.CELL_ID],
                row[F.STATION_ID],
                row[F.NAME],
            ]
            cell = [
                row[F.TOWN],
                words.name(facts.scenario.bands[row[F.BAND]]),
                int(turn) if turn.is_integer() else turn,
                row[F.PCI],
            ]
            load = [100 * row["load"], limit, offered, offered * GB_PER_MBPS]
            rows.append([*where, *cell, *load, *_relief(facts, words, row, number)])
            rows[-1].append(_second_carriers(facts, words, sites, row, number))
    columns = columns_of(
        words,
        "phase",
        "network",
        "cell_id",
        "station_id",
        "name",
        "town",
        "band",
        "azimuth:mixed",
        "pci:integer",
        "load:percent",
        "load_limit:percent",
        "busy_mbps:number",
        "busy_gb:number",
        "relief",
        "later_load:percent",
        "other_bands",
    )
    notes = (
        *load_lines(facts, words),
        words("report.note.loads_meaning"),
        words("report.note.loads_relief"),
    )
    return make_sheet(words, "overloads", columns, rows, notes=notes)


def load_lines(facts: Facts, words: Language) -> tuple[str, ...]:
    """A line per phase: how many sectors are overloaded, and the highest load."""
    if facts.plan.cells.empty:
        return (words("report.note.loads_none"),)
    limit, lines = f"{100 * facts.scenario.capacity.overload:g}", []
    for number, phase in enumerate(facts.scenario.phases):
        loads = facts.plan.cells[F.load_column(phase.stations)].dropna()
        if loads.empty:
            lines.append(words("report.note.loads_closed", phase=words.name(phase)))
            continue
        over = len(_overloaded(facts, number))
        note, top = "loads_over" if over else "loads_within", f"{100 * loads.max():.1f}"
        name = words.name(phase)
        lines.append(
            words("report.note", note, phase=name, n=len(loads), over=over, limit=limit, top=top)
        )
    return tuple(lines)


def _overloaded(facts: Facts, number: int) -> pd.DataFrame:
    """Cells above the limit at a phase, the fullest first, with ``load`` there and their station."""
    cells = facts.plan.cells
    if cells.empty:
        return cells
    loads = cells[F.load_column(facts.scenario.counts[number])]
    over = cells.assign(load=loads)[loads > facts.scenario.capacity.overload]
    station = facts.stations[[F.STATION_ID, F.SITE_ID, F.NAME, F.TOWN, F.RANK]]
    over = over.merge(station, on=F.STATION_ID, how="left", validate="many_to_one")
    return over.sort_values(["load", F.CELL_ID], ascending=[False, True], kind="stable")


def _relief(facts: Facts, words: Language, row: dict[Hashable, Any], number: int) -> list[Any]:
    """Phase from which the load stays within the limit, and the load there."""
    counts = facts.scenario.counts
    later = [float(row[F.load_column(count)]) for count in counts[number + 1 :]]
    still = [i for i, load in enumerate(later) if load > facts.scenario.capacity.overload]
    first = still[-1] + 1 if still else 0
    if first == len(later):
        return [words("report.cell.never_relieved"), None]
    return [words.name(facts.scenario.phases[number + 1 + first]), 100 * later[first]]


def _second_carriers(
    facts: Facts, words: Language, sites: Sites, row: dict[Hashable, Any], number: int
) -> str | None:
    """Stations of the network that the plan opens later at the same site, on another band."""
    named = [
        words.bracketed(station, words.name(facts.scenario.phases[opened]))
        for station, opened in sites[row[F.SITE_ID], row[F.NETWORK]]
        if opened > number
    ]
    return words.join(named) or None


def _sites(facts: Facts) -> Sites:
    """Stations of each network at each site, with the number of the phase that opens them, by rank."""
    sites: Sites = {}
    columns = [F.SITE_ID, F.NETWORK, F.STATION_ID, F.PHASE]
    for site, network, station, number in facts.stations[columns].itertuples(
        index=False, name=None
    ):
        sites.setdefault((site, network), []).append((station, number))
    return sites
