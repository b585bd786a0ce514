"""The cells of a plan: signal, load and identity of every sector, phase by phase."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from planner import fields as F
from planner import radio
from planner.model import FloatArray, IntArray, Layers, Model, Reception, tables
from planner.scenario import Scenario
from planner.service.identities import Before, NetworkCells, identify_cells
from planner.service.residents import served_rows
from planner.service.transmitters import HEARD, transmitters_of

SINR_DB = -3.0
"""SS-SINR that public drive-test programs ask for beside SS-RSRP, dB."""

OVERLAP_SERVERS = 3
"""Sectors within 6 dB from which a place counts as overlapped (drive-test practice)."""


class OpenNetwork(NamedTuple):
    """The stations of one network that are open at a count, and how the radio takes them.

    Attributes
    ----------
    name
        Of the network.
    stations
        Those of the district, by rank.
    neighbours
        Those beyond the border, which are always on.
    rank
        (stations,) place of each of those of the district in the order.
    transmitters
        Of both, the district's first.
    """

    name: str
    stations: pd.DataFrame
    neighbours: pd.DataFrame
    rank: IntArray
    transmitters: radio.Transmitters

    @property
    def n_own(self) -> int:
        """How many sectors are the district's; they come first."""
        return int(self.transmitters.sectors.start[len(self.stations)])

    def opened(self, count: int) -> IntArray:
        """Places in the model's table of those of the district that are open at a count."""
        opened: IntArray = self.stations.index.to_numpy()[: np.searchsorted(self.rank, count)]
        return opened

    def n_on(self, count: int) -> int:
        """How many of the district's sectors are on at a count; they come first."""
        return int(self.transmitters.sectors.start[np.searchsorted(self.rank, count)])

    def of_sectors(self, column: str) -> npt.NDArray[np.object_]:
        """A column of the stations by sector, (sectors,)."""
        values = [table[column].to_numpy(object) for table in (self.stations, self.neighbours)]
        return np.concatenate(values)[self.transmitters.sectors.station]

    def signal(self, xy: FloatArray, scenario: Scenario) -> radio.Signal:
        """Signal outdoors at places in the work CRS, without shadow margin."""
        load, rsrp_dbm = scenario.demand.load, scenario.levels.outdoor.rsrp_dbm
        return radio.signal(xy, self.transmitters, load=load, rsrp_dbm=rsrp_dbm)

    def signals(
        self, xy: FloatArray, scenario: Scenario, counts: Sequence[int]
    ) -> tuple[radio.Signal, ...]:
        """The same at each of some counts, the greatest last."""
        load, rsrp_dbm = scenario.demand.load, scenario.levels.outdoor.rsrp_dbm
        own = np.searchsorted(counts, self.rank, side="right")
        since = np.concatenate([own, np.zeros(len(self.neighbours), np.int64)])
        steps = len(counts)
        return radio.signals(xy, self.transmitters, since, steps, load=load, rsrp_dbm=rsrp_dbm)


class Ordered(NamedTuple):
    """The stations of an order, by rank, the district that they stand in, and its neighbours."""

    scenario: Scenario
    layers: Layers
    stations: pd.DataFrame
    neighbours: pd.DataFrame

    def open_network(self, name: str, count: int) -> OpenNetwork:
        """The stations of a network among the first ``count``, by rank, and its neighbours."""
        rank = np.flatnonzero(self.stations[F.NETWORK].iloc[:count] == name)
        stations = self.stations.iloc[rank]
        neighbours = self.neighbours[self.neighbours[F.NETWORK] == name]
        heard = pd.concat([stations[HEARD], neighbours[HEARD]]) if len(neighbours) else stations
        transmitters = transmitters_of(self.scenario, self.layers, heard)
        return OpenNetwork(name, stations, neighbours, rank, transmitters)


def describe_cells(
    model: Model, opened: pd.DataFrame, heard: pd.DataFrame, before: Before | None = None
) -> Reception:
    """The cells of an order of stations, their neighbours, and their measures at each phase.

    The measures, outdoors: by layer and network ``rsrp_median_dbm``, ``ss_sinr_median_db``,
    ``ss_sinr_share`` (ground with SS-SINR of at least -3 dB), ``overlap_share`` (three or more
    sectors within 6 dB), at the design load ``pdsch_sinr_median_db``, ``dl_median_mbps`` and
    ``ul_median_mbps``, and ``load_share`` (mean over what is heard of the busy hour's load of the
    best server); by network, in the busy hour,
    ``carried_mbps``, ``carried_share`` and ``overloaded_sectors``, and where the scenario says how
    many residents a station serves ``covered_residents``, ``split_residents`` (by the split that
    serves most) and ``attached_residents`` (each by its strongest server). A median is NaN where
    most places hear nothing. Stations beyond the border serve, carry and disturb in all of them;
    cells, relations and overloaded sectors are the district's alone.

    Parameters
    ----------
    model
        The scenario, layers and places of demand.
    opened
        The stations of the order by rank, as many as the last phase counts, with their places in
        the model's table as index.
    heard
        What :func:`planner.service.judge_reception` says of the order; it is passed on.
    before
        What the cells of an earlier plan were given; it stays where it fits.
    """
    scenario, points = model.scenario, model.demand.points
    order = Ordered(scenario, model.layers, opened, model.stations.neighbours)
    most = scenario.counts[-1]
    levels: dict[str, npt.NDArray[np.float32]] = {}
    cells, neighbours, carriers = [], [], []
    measures: list[tuple[object, ...]] = []
    for place, name in enumerate(scenario.network_names):
        network = order.open_network(name, most)
        table = _cell_table(network, scenario.bands)
        signals = network.signals(points[[F.X_M, F.Y_M]].to_numpy(), scenario, scenario.counts)
        loads = _loads(model, network, signals)
        for number, count in enumerate(scenario.counts):
            signal, load, on = signals[number], loads[number], network.n_on(count)
            levels[F.signal_column(name, count)] = _rounded(signal)
            # sectors that open later have no load
            later = np.arange(len(table)) >= on
            for column, values in (
                (F.offered_column(count), load.offered_mbps),
                (F.load_column(count), load.load),
            ):
                table[column] = np.where(later, np.nan, values[: len(table)])
            rows = (
                *_signal_rows(model, signal, load),
                *_load_rows(scenario, load, on),
                *served_rows(model, place, network.opened(count), signal.station),
            )
            measures += [(number, count, layer, name, *row) for layer, *row in rows]

        own = _network_cells(network, table)
        given = identify_cells(scenario, points, own, signals[-1], before)
        cells.append(table.assign(**given.columns))
        neighbours.append(given.neighbours)
        carriers.append(given.carriers)

    # by phase, then network
    measures.sort(key=itemgetter(0))
    columns = [
        F.signal_column(n, count) for count in scenario.counts for n in scenario.network_names
    ]
    return Reception(
        points=points.assign(**{column: levels[column] for column in columns}),
        cells=pd.concat(cells, ignore_index=True),
        neighbours=pd.concat(neighbours, ignore_index=True),
        carriers=pd.concat(carriers, ignore_index=True),
        measures=pd.DataFrame(measures, columns=list(tables.MEASURES.columns)),
        heard=heard,
    )


def _rounded(signal: radio.Signal) -> npt.NDArray[np.float32]:
    """SS-RSRP to a tenth, NaN where nothing is heard."""
    is_heard = np.isfinite(signal.rsrp_dbm)
    return np.where(is_heard, np.round(signal.rsrp_dbm, 1), np.nan).astype(np.float32)


def _cell_table(network: OpenNetwork, bands: Mapping[str, radio.Band]) -> pd.DataFrame:
    """One row per sector of the district, stations by rank."""
    stations, sectors = network.stations, network.transmitters.sectors
    owner = sectors.station[: network.n_own]
    number = np.arange(len(owner)) - sectors.start[owner] + 1
    ids = stations[F.STATION_ID].to_numpy()[owner]
    return pd.DataFrame(
        {
            F.CELL_ID: [f"{station}-{n}" for station, n in zip(ids, number, strict=True)],
            F.STATION_ID: ids,
            **{c: stations[c].to_numpy()[owner] for c in (F.NETWORK, F.BAND)},
            F.AZIMUTH_DEG: sectors.azimuth[: network.n_own],
            F.TILT_DEG: sectors.electrical_tilt[: network.n_own],
            **_tilt_parts(network, bands),
        }
    )


def _tilt_parts(network: OpenNetwork, bands: Mapping[str, radio.Band]) -> dict[str, FloatArray]:
    """Electrical and mechanical part of the tilts of the district's sectors, degrees.

    Of a tilt that a list gives they are what it says, and NaN where it does not.
    """
    sectors, stations = network.transmitters.sectors, network.stations
    total, owner = sectors.electrical_tilt[: network.n_own], sectors.station[: network.n_own]
    electrical, mechanical = np.full((2, len(total)), np.nan)

    texts = stations[F.MECHANICAL_TILTS_DEG].to_numpy(object)
    is_listed = stations[F.TILTS_DEG].to_numpy(object) != ""
    for band in stations[F.BAND].unique():
        own = np.flatnonzero((stations[F.BAND].to_numpy() == band)[owner] & ~is_listed[owner])
        electrical[own], mechanical[own] = radio.parted_tilt(bands[band].antenna, total[own])
    for i in np.flatnonzero(texts != ""):
        first, end = sectors.start[i], sectors.start[i + 1]
        parts = [float(part) for part in texts[i].split("/")]
        if len(parts) in (1, end - first):
            mechanical[first:end] = parts
            electrical[first:end] = total[first:end] - mechanical[first:end]
    return {F.ELECTRICAL_TILT_DEG: electrical, F.MECHANICAL_TILT_DEG: mechanical}


def _loads(
    model: Model, network: OpenNetwork, signals: tuple[radio.Signal, ...]
) -> list[radio.SectorLoad]:
    """Load of the network's sectors in the busy hour of each phase; of those not on yet none."""
    scenario, points = model.scenario, model.demand.points
    place = scenario.network_names.index(network.name)
    traffic = radio.busy_hour_traffic(
        points[F.PEOPLE].to_numpy(),
        points[F.AREA_M2].to_numpy(),
        points[F.SCENE].to_numpy(str),
        scenario.capacity,
    )
    count = len(network.transmitters.sectors.station)
    shares = [share * scenario.network_shares[place] for share in scenario.demand.share_5g]
    return [
        radio.sector_load(signal.sector, signal.dl_mbps, traffic * share, count)
        for signal, share in zip(signals, shares, strict=True)
    ]


def is_overlapped(signal: radio.Signal, least_dbm: float) -> npt.NDArray[np.bool_]:
    """(points,) where three or more sectors are within 6 dB of the strongest, itself strong."""
    return (signal.servers >= OVERLAP_SERVERS) & (signal.rsrp_dbm >= least_dbm)


def _signal_rows(
    model: Model, signal: radio.Signal, load: radio.SectorLoad
) -> Iterator[tuple[str, str, str, float, str]]:
    """Measures of each layer: layer, level, measure, value and unit."""
    demand, least_dbm = model.demand, model.scenario.levels.outdoor.rsrp_dbm
    ground = demand.points[F.AREA_M2].fillna(demand.points[F.LENGTH_M]).to_numpy()
    clear = signal.ss_sinr_db >= SINR_DB
    overlapped = is_overlapped(signal, least_dbm)
    is_heard = signal.sector >= 0
    # a network that opens nothing has no sector to read, and of no traffic no load is known
    busy = np.where(is_heard, np.append(load.load, np.nan)[signal.sector], np.nan)

    for j, layer in enumerate(demand.layers):
        inside = demand.share[:, j] > 0
        part = ground[inside] / ground[inside].sum()
        heard = inside & is_heard & np.isfinite(load.carried_share)
        rows = (
            ("rsrp_median_dbm", _median(signal.rsrp_dbm[inside]), "dBm"),
            ("ss_sinr_median_db", _median(signal.ss_sinr_db[inside]), "dB"),
            ("ss_sinr_share", float(part[clear[inside]].sum()), "1"),
            ("pdsch_sinr_median_db", _median(signal.pdsch_sinr_db[inside]), "dB"),
            ("dl_median_mbps", float(np.median(signal.dl_mbps[inside])), "Mbit/s"),
            ("ul_median_mbps", float(np.median(signal.ul_mbps[inside])), "Mbit/s"),
            ("overlap_share", float(part[overlapped[inside]].sum()), "1"),
            ("load_share", _mean(busy[heard], ground[heard]), "1"),
        )
        yield from ((layer, "outdoor", *row) for row in rows)


def _median(values: FloatArray) -> float:
    """NaN where most places hear nothing."""
    median = float(np.median(values))
    return median if np.isfinite(median) else np.nan


def _mean(values: FloatArray, size: FloatArray) -> float:
    """Mean by size; NaN of nothing."""
    return float((values * size).sum() / size.sum()) if len(size) else np.nan


def _load_rows(
    scenario: Scenario, load: radio.SectorLoad, n_own: int
) -> Iterator[tuple[str, str, str, float, str]]:
    """Measures of a network: the same as for layers, without layer and level.

    Overloaded sectors are counted among the first ``n_own``, those of the district.
    """
    overloaded = load.overloaded(scenario.capacity.overload)
    overloaded = overloaded[overloaded < n_own]
    yield "", "", "carried_mbps", float(load.carried_mbps.sum()), "Mbit/s"
    yield "", "", "carried_share", load.carried_share, "1"
    yield "", "", "overloaded_sectors", float(len(overloaded)), "1"


def _network_cells(network: OpenNetwork, table: pd.DataFrame) -> NetworkCells:
    """The network's cells, those of the district as the table names them."""
    sectors, site = network.transmitters.sectors, network.of_sectors(F.SITE_ID)
    owner = sectors.station[network.n_own :]
    number = np.arange(network.n_own, len(sectors.station)) - sectors.start[owner] + 1
    beyond = [f"{name}-{n}" for name, n in zip(site[network.n_own :], number, strict=True)]
    return NetworkCells(
        network.name,
        network.transmitters,
        network.n_own,
        np.array([*table[F.CELL_ID], *beyond], dtype=object),
        site,
        network.of_sectors(F.BAND),
        _listed(network),
    )


def _listed(network: OpenNetwork) -> IntArray:
    """Identities that the site list gives, (sectors,); -1 for none."""
    sectors = network.transmitters.sectors
    listed = np.full(len(sectors.station), -1, dtype=np.int64)
    texts = [*network.stations[F.PCIS], *network.neighbours[F.PCIS]]
    for begin, text in zip(sectors.start, texts, strict=False):
        for k, pci in enumerate(filter(None, text.split("/"))):
            listed[begin + k] = int(pci)
    return listed
