"""Stations of today, out of any list: a row a station, or a row a cell."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy.spatial import cKDTree

from planner import fields as F
from planner.codes import State
from planner.layers import places
from planner.layers.files import Source
from planner.layers.kinds.carriers import read_carriers
from planner.layers.kinds.equipment import note_equipment
from planner.layers.kinds.identities import read_identities
from planner.layers.kinds.neighbours import within_reach, without_idle
from planner.layers.kinds.optional import Optional
from planner.layers.kinds.powers import say_powers
from planner.layers.kinds.rows import Book, accepted, drop_repeated, read_points
from planner.layers.kinds.sectors import OF_SECTORS, Sectors, joined, read_sectors
from planner.layers.kinds.site_columns import (
    check_places,
    doubts_of,
    read_columns,
    read_site_types,
)
from planner.layers.kinds.states import PENDING, RANKS, read_states
from planner.layers.tables import Table
from planner.model.layers import SAME_ROOF_M

if TYPE_CHECKING:
    import pandas as pd

_MAY: Final = (
    "site_id", "plan_site_id", "station_id", "base_id", "name", "cell_id", "cell_name", "state",
    "opened_on", "network", "technology", "band", "arfcn", "frequency", "site_type", "build_way",
    "height_m", F.AZIMUTHS_DEG, "pci", F.TILTS_DEG, "electrical_tilt", "mechanical_tilt",
    "power_w", "reference_power", "basis", "source",
)  # fmt: skip
KEYS: Final = (F.SITE_ID, F.NETWORK, F.BAND)
_STANDING: Final = ("stock", "rebuilt")
"""Types of sites that stand: what is built there is a retrofit, any other type is built anew."""


def read_sites(source: Source, book: Book) -> pd.DataFrame | None:
    """Stations of today and planned ones, a row each; sites of other generations too.

    The columns are those of ``tables.LISTED_SITES``; network and band are blank where a site has no
    station of 5G, and the state is ``PENDING`` where :func:`settle_states` tells it. The index is
    the first line of each.
    """
    read = read_points(source, book, (), _MAY)
    if read is None:
        return None

    # what is out of reach is left out before its columns are looked at: it may be anything
    table, lon, lat = within_reach(*read, book, book.scenario.district.neighbour_m)
    cells = Optional(table, book.findings)
    identities = read_identities(table, book.scenario)
    frame = read_columns(cells, identities, lon, lat, source, book)
    frame[F.SITE_TYPE] = read_site_types(cells)
    carriers = read_carriers(table, identities, book)
    frame[F.NETWORK] = [carrier.network for carrier in carriers]
    frame[F.BAND] = [carrier.band for carrier in carriers]
    is_stock = np.array([carrier.is_stock for carrier in carriers], dtype=np.bool_)
    frame[F.STATE] = _states(table, is_stock, book)
    frame["sectors"] = np.array([*read_sectors(cells), None], dtype=object)[:-1]
    frame[F.DOUBTS] = doubts_of(cells, table.frame.index.tolist())
    say_powers(table, frame[F.BAND].tolist(), book)

    frame["is_stock"] = is_stock
    frame = accepted(without_idle(frame, table, book), source, book)
    note_equipment(frame, table, source, book)
    stations = _as_stations(frame[~frame["is_stock"]], table, book)
    stock = _as_sites(frame[frame["is_stock"]])
    _retrofit(stock, source, book)
    check_places(stations, source, book.findings)
    return accepted(_together(stations, stock), source, book)


def _retrofit(stock: pd.DataFrame, source: Source, book: Book) -> None:
    """Make sites of other generations what is retrofitted: each is there, nothing new is built."""
    types = stock[F.SITE_TYPE]
    is_new = ~types.isin(("", *_STANDING))
    if is_new.any():
        named = sorted(types[is_new].unique())
        count, line = int(is_new.sum()), int(stock.index[is_new].min())
        book.findings.add(
            "no_5g_station/typed", file=source.name, line=line, count=count, types=named
        )
    stock[F.SITE_TYPE] = types.where(types.isin(_STANDING), _STANDING[0])


def _together(stations: pd.DataFrame, stock: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    return pd.concat([stations, stock]) if len(stock) else stations


def settle_sites(listed: pd.DataFrame, book: Book) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The stations of today, and the planned and other sites, which are candidates.

    Parameters
    ----------
    listed
        Rows of :func:`read_sites` of every list, in the order of the files.
    book
        The scenario tells what the lists leave open.
    """
    listed = _with_states(listed, book)
    is_station = listed[F.STATE] != State.CANDIDATE
    stations, planned = listed[is_station].copy(), listed[~is_station]
    stations[F.SITE_TYPE] = _with_types(stations, "rebuilt", book)
    planned = _as_sites(planned[~planned[F.SITE_ID].isin(set(stations[F.SITE_ID]))])
    return stations, planned[_is_apart(planned, stations, book)]


def _states(table: Table, is_stock: Any, book: Book) -> Any:
    """State of each row; what is no station of 5G could become one."""
    states = np.full(len(is_stock), State.CANDIDATE.value, dtype=object)
    states[~is_stock] = read_states(table.without(table.frame.index[is_stock]), book)
    return states


def _as_stations(frame: pd.DataFrame, table: Table, book: Book) -> pd.DataFrame:
    """Rows of the file as stations: those that are cells of one are put together."""
    keys = list(KEYS)
    signatures = [sectors.signature for sectors in frame["sectors"]]
    are_cells = np.array([sectors.is_cell for sectors in frame["sectors"]], dtype=np.bool_)
    all_cells = frame.assign(_cell=are_cells).groupby(keys)["_cell"].transform("all")
    frame["_cell"] = np.where(all_cells.to_numpy(bool), signatures, "")
    frame = drop_repeated(frame, [*keys, "_cell"], table, book.findings)

    rows = frame.rename_axis("line").reset_index()
    by_key = rows.groupby(keys, sort=False).indices.values()
    records = rows.to_dict("records")
    stations = [_station([records[i] for i in sorted(own)], table, book) for own in by_key]
    n_grouped = [len(own) for own in by_key if len(own) > 1]
    if n_grouped:
        file, cells = table.source.name, sum(n_grouped)
        book.findings.add("cells_grouped", file=file, cells=cells, count=len(n_grouped))
    return _frame_of(stations, frame)


def _station(rows: list[dict[str, Any]], table: Table, book: Book) -> dict[str, Any]:
    """One station out of its rows; its place is one by now."""
    first = rows[0]
    sectors: Sectors = first["sectors"]
    doubts = {mark for row in rows for mark in row[F.DOUBTS].split()}
    if len(rows) > 1 or sectors.is_cell:
        sectors, marks, twice = joined([row["sectors"] for row in rows])
        doubts |= marks
        where = {"file": table.source.name, "line": first["line"]}
        if F.PCIS in marks:
            pcis = [str(pci) for row in rows for pci in row["sectors"].pcis]
            book.findings.add(
                "pci_invalid/cells", value="/".join(pcis), column=table.header("pci"),
                count=sectors.count, other=len(pcis), **where,
            )  # fmt: skip
        if twice:
            book.findings.add("cells_look_alike", count=twice, value=first[F.SITE_ID], **where)

    # what some of its cells tell is known of the station
    heights = sorted(row[F.HEIGHT_M] for row in rows if row[F.HEIGHT_M] > 0)
    types = sorted(row[F.SITE_TYPE] for row in rows if row[F.SITE_TYPE])
    doubts -= {name for name, told in ((F.HEIGHT_M, heights), (F.SITE_TYPE, types)) if told}
    return {
        **first,
        **sectors.texts(),
        F.NAME: min(row[F.NAME] for row in rows),
        F.STATE: min((row[F.STATE] for row in rows), key=RANKS.index),
        F.HEIGHT_M: statistics.median_low(heights) if heights else np.nan,
        F.SITE_TYPE: types[0] if types else "",
        F.DOUBTS: " ".join(sorted(doubts)),
        F.BASIS: min(row[F.BASIS] for row in rows),
        F.SOURCE: min(row[F.SOURCE] for row in rows),
    }


def _as_sites(frame: pd.DataFrame) -> pd.DataFrame:
    """One row for each site, whatever was to stand there."""
    columns = dict.fromkeys((F.NETWORK, F.BAND, *OF_SECTORS), "")
    if frame.empty:
        return frame.assign(**columns)
    order = [F.SITE_ID, F.NAME, F.HEIGHT_M, F.SITE_TYPE, F.BASIS, F.SOURCE]
    plain = frame.sort_values(order).assign(**columns)
    plain[F.SITE_TYPE] = plain[F.SITE_TYPE].mask(plain[F.SITE_TYPE] == "")
    known = plain.groupby(F.SITE_ID)[[F.SITE_TYPE, F.HEIGHT_M]].transform("first")
    return plain.assign(**known.fillna({F.SITE_TYPE: ""})).drop_duplicates(F.SITE_ID)


def _frame_of(rows: Sequence[dict[str, Any]], like: pd.DataFrame) -> pd.DataFrame:
    """The stations, by their first line, in its order."""
    import pandas as pd

    columns = [*like.columns.drop(["sectors", "_cell"]), *OF_SECTORS]
    if not rows:
        return like.iloc[:0].assign(**dict.fromkeys(OF_SECTORS, ""))[columns]
    return pd.DataFrame(list(rows)).set_index("line")[columns].sort_index()


def _with_states(listed: pd.DataFrame, book: Book) -> pd.DataFrame:
    """The rows with every state: of those that tell none the first are open, as many as count.

    Those beyond the border are none that count: they are taken as neighbours on air.
    """
    is_pending = (listed[F.STATE] == PENDING).to_numpy(bool)
    if not is_pending.any():
        return listed
    x, y = listed[F.X_M].to_numpy(float), listed[F.Y_M].to_numpy(float)
    is_inside = places.beyond_border(x, y, book.district) == 0
    n_open = int(((listed[F.STATE] == State.OPEN).to_numpy(bool) & is_inside).sum())
    left = max(0, book.scenario.phases[0].stations - n_open)
    pending = np.flatnonzero(is_pending & is_inside)
    states = listed[F.STATE].mask(is_pending, State.OPEN.value).to_numpy(object)
    states[pending[left:]] = State.CANDIDATE.value
    types = listed[F.SITE_TYPE].to_numpy(object).copy()
    rest = pending[left:]
    types[rest] = np.where(np.isin(types[rest], _STANDING), types[rest], _STANDING[0])
    return listed.assign(**{F.STATE: states, F.SITE_TYPE: types})


def _with_types(stations: pd.DataFrame, usual: str, book: Book) -> Any:
    """Types of sites with the scenario's where a list tells none, which is a finding."""
    default = book.scenario.defaults.site_type or usual
    is_blank = (stations[F.SITE_TYPE] == "").to_numpy(bool)
    if is_blank.any():
        file = book.scenario.inputs.names("sites")
        book.findings.add(
            "default_taken/site_type", file=file, count=int(is_blank.sum()), default=default
        )
    return stations[F.SITE_TYPE].mask(is_blank, default)


def _is_apart(planned: pd.DataFrame, stations: pd.DataFrame, book: Book) -> Any:
    """Which sites are no other generation's antennas where a station of today stands."""
    if planned.empty or stations.empty:
        return np.ones(len(planned), dtype=np.bool_)
    tree = cKDTree(stations[[F.X_M, F.Y_M]].to_numpy())
    away_m, _ = tree.query(planned[[F.X_M, F.Y_M]].to_numpy())
    is_apart = (away_m > SAME_ROOF_M) | ~planned["is_stock"].to_numpy(bool)
    if not is_apart.all():
        file, count = book.scenario.inputs.names("sites"), int((~is_apart).sum())
        book.findings.add("site_of_today", file=file, count=count, metres=SAME_ROOF_M)
    return is_apart
