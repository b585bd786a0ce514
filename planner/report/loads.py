"""重载小区清单: sectors above the limit of load at each phase, and what the plan does then."""

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
_HEADS: Final = (
    "phase", "network", "cell_id", "station_id", "name", "town", "band", "azimuth:mixed",
    "pci:integer", "load:percent", "load_limit:percent", "busy_mbps:number", "busy_gb:number",
    "relief", "later_load:percent", "other_bands",
)  # fmt: skip
Sites = dict[tuple[str, str], list[tuple[str, int]]]


def overload_list(facts: Facts, words: Language) -> Sheet:
    """Overloaded sectors, phase by phase, the fullest first.

    The notes below count every phase, also those without an overloaded sector.
    """
    sites = _sites(facts)
    rows = [
        _overload_row(facts, words, sites, row, number)
        for number in range(len(facts.scenario.phases))
        for row in _overloaded(facts, number).to_dict("records")
    ]
    columns = columns_of(words, *_HEADS)
    notes = [words("report.note", note) for note in ("loads_meaning", "loads_relief")]
    notes = [*load_lines(facts, words), *notes]
    return make_sheet(words, "overloads", columns, rows, notes=tuple(notes))


def _overload_row(
    facts: Facts, words: Language, sites: Sites, row: dict[Hashable, Any], number: int
) -> list[Any]:
    scenario, phase = facts.scenario, facts.scenario.phases[number]
    azimuth, offered = float(row[F.AZIMUTH_DEG]), float(row[F.offered_column(phase.stations)])
    return [
        words.name(phase),
        words.name(facts.networks[row[F.NETWORK]]),
        row[F.CELL_ID],
        row[F.STATION_ID],
        row[F.NAME],
        row[F.TOWN],
        words.name(scenario.bands[row[F.BAND]]),
        int(azimuth) if azimuth.is_integer() else azimuth,
        row[F.PCI],
        100 * row["load"],
        100 * scenario.capacity.overload,
        offered,
        offered * GB_PER_MBPS,
        *_relief(facts, words, row, number),
        _second_carriers(facts, words, sites, row, number),
    ]


def load_lines(facts: Facts, words: Language) -> tuple[str, ...]:
    """A line per phase: how many sectors are overloaded, and the highest load."""
    if facts.plan.cells.empty:
        return (words("report.note.loads_none"),)
    # where nobody is known to live or to work, a load of 0 % would be no finding
    every = facts.plan.cells[[F.load_column(count) for count in facts.scenario.counts]]
    if not (every > 0).any(axis=None):
        return (words("report.note.loads_unknown"),)

    limit = f"{100 * facts.scenario.capacity.overload:g}"
    lines = []
    for number, phase in enumerate(facts.scenario.phases):
        loads = facts.plan.cells[F.load_column(phase.stations)].dropna()
        name = words.name(phase)
        if loads.empty:
            lines.append(words("report.note.loads_closed", phase=name))
            continue
        over = len(_overloaded(facts, number))
        note = "loads_over" if over else "loads_within"
        figures = {"n": len(loads), "over": over, "limit": limit, "top": f"{100 * loads.max():.1f}"}
        lines.append(words("report.note", note, phase=name, **figures))
    return tuple(lines)


def _overloaded(facts: Facts, number: int) -> pd.DataFrame:
    """Cells above the limit at a phase, the fullest first, with their ``load`` and station."""
    cells = facts.plan.cells
    if cells.empty:
        return cells
    loads = cells[F.load_column(facts.scenario.counts[number])]
    over = cells.assign(load=loads)[loads > facts.scenario.capacity.overload]
    stations = facts.stations[[F.STATION_ID, F.SITE_ID, F.NAME, F.TOWN, F.RANK]]
    over = over.merge(stations, on=F.STATION_ID, how="left", validate="many_to_one")
    return over.sort_values(["load", F.CELL_ID], ascending=[False, True], kind="stable")


def _relief(facts: Facts, words: Language, row: dict[Hashable, Any], number: int) -> list[Any]:
    """Phase from which the load stays within the limit, and the load there."""
    counts, limit = facts.scenario.counts, facts.scenario.capacity.overload
    later = [float(row[F.load_column(count)]) for count in counts[number + 1 :]]
    still = [i for i, load in enumerate(later) if load > limit]
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
    """Stations of each network at each site by rank, with the number of their phase."""
    sites: Sites = {}
    table = facts.stations[[F.SITE_ID, F.NETWORK, F.STATION_ID, F.PHASE]]
    for site, network, station, number in table.itertuples(index=False, name=None):
        sites.setdefault((site, network), []).append((station, number))
    return sites
