"""The cells of a plan: signal, load and identity of every sector, phase by phase."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from planner import fields as F
from planner import radio
from planner.model import FloatArray, Layers, Model, Reception, tables
from planner.scenario import Scenario
from planner.service.residents import served_rows
from planner.service.transmitters import transmitters_of

if TYPE_CHECKING:
    import networkx as nx

SINR_DB = -3.0
"""SS-SINR that public drive-test programs ask for beside SS-RSRP, dB."""

OVERLAP_SERVERS = 3
"""Sectors within 6 dB from which a place counts as overlapped (drive-test practice)."""


HEARD = [
    F.X_M, F.Y_M, F.NETWORK, F.BAND, F.SCENE, F.HEIGHT_M, F.AZIMUTHS_DEG, F.TILTS_DEG, F.TILT_DEG,
]  # fmt: skip
"""What the radio asks of a station."""


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
    transmitters
        Of both, the district's first.
    """

    name: str
    stations: pd.DataFrame
    neighbours: pd.DataFrame
    transmitters: radio.Transmitters

    @property
    def n_own(self) -> int:
        """How many sectors are the district's; they come first."""
        return int(self.transmitters.sectors.start[len(self.stations)])

    def of_sectors(self, column: str) -> npt.NDArray[np.object_]:
        """A column of the stations by sector, (sectors,)."""
        values = [table[column].to_numpy(object) for table in (self.stations, self.neighbours)]
        return np.concatenate(values)[self.transmitters.sectors.station]

    def signal(self, xy: FloatArray, scenario: Scenario) -> radio.Signal:
        """Signal outdoors at places in the work CRS, without shadow margin."""
        load, rsrp_dbm = scenario.demand.load, scenario.levels.outdoor.rsrp_dbm
        return radio.signal(xy, self.transmitters, load=load, rsrp_dbm=rsrp_dbm)


class Ordered(NamedTuple):
    """The stations of an order, by rank, the district that they stand in, and its neighbours."""

    scenario: Scenario
    layers: Layers
    stations: pd.DataFrame
    neighbours: pd.DataFrame

    def open_network(self, name: str, count: int) -> OpenNetwork:
        """The stations of a network among the first ``count``, by rank, and its neighbours."""
        stations = self.stations.iloc[:count]
        stations = stations[stations[F.NETWORK] == name]
        neighbours = self.neighbours[self.neighbours[F.NETWORK] == name]
        heard = pd.concat([stations[HEARD], neighbours[HEARD]]) if len(neighbours) else stations
        transmitters = transmitters_of(self.scenario, self.layers, heard)
        return OpenNetwork(name, stations, neighbours, transmitters)


def describe_cells(model: Model, opened: pd.DataFrame) -> Reception:
    """The cells of an order of stations, their neighbours, and their measures at each phase.

    The measures, outdoors at the stated load: by layer and network ``rsrp_median_dbm``,
    ``sinr_share`` (ground with SS-SINR of at least -3 dB), ``overlap_share`` (three or more sectors
    within 6 dB), ``dl_median_mbps``, ``ul_median_mbps``; by network, in the busy hour,
    ``carried_mbps``, ``carried_share`` and ``overloaded_sectors``, and where the scenario says how
    many residents a station serves ``covered_residents``, ``split_residents`` (by the split that
    serves most) and ``attached_residents`` (each by its strongest server); at the last phase
    ``pci_collisions``, ``pci_confusions`` and ``pci_mod3_share`` (of neighbour pairs). A median is
    NaN where most places hear nothing. Stations beyond the border serve, carry and disturb in all
    of them; cells, relations and overloaded sectors are the district's alone.

    Parameters
    ----------
    model
        The scenario, layers and places of demand.
    opened
        The stations of the order by rank, as many as the last phase counts, with their places in
        the model's table as index.
    """
    scenario, demand = model.scenario, model.demand
    order = Ordered(scenario, model.layers, opened, model.stations.neighbours)
    points, xy = demand.points, demand.points[[F.X_M, F.Y_M]].to_numpy()
    last, most = len(scenario.phases) - 1, scenario.counts[-1]
    cells = [_cell_table(order.open_network(name, most)) for name in scenario.network_names]

    measures: list[tuple[object, ...]] = []
    for number, count in enumerate(scenario.counts):
        for place, (table, name) in enumerate(zip(cells, scenario.network_names, strict=True)):
            network = order.open_network(name, count)
            signal = network.signal(xy, scenario)
            load = _load(model, network, signal, number)
            heard = np.where(np.isfinite(signal.rsrp_dbm), np.round(signal.rsrp_dbm, 1), np.nan)
            points = points.assign(**{F.signal_column(name, count): heard.astype(np.float32)})
            # sectors that open later
            missing = np.full(len(table) - network.n_own, np.nan)
            table[F.offered_column(count)] = np.append(load.offered_mbps[: network.n_own], missing)
            table[F.load_column(count)] = np.append(load.load[: network.n_own], missing)
            rows = (
                *_signal_rows(model, signal),
                *_load_rows(scenario, load, network.n_own),
                *served_rows(model, place, network.stations.index.to_numpy(), signal.station),
            )
            measures += [(number, count, layer, name, *row) for layer, *row in rows]

    neighbours = []
    for table, name in zip(cells, scenario.network_names, strict=True):
        relations, identities = _identify(order, demand.points, table, name)
        neighbours.append(relations)
        measures += [(last, most, "", name, "", *row) for row in _identity_rows(identities)]

    return Reception(
        points=points,
        cells=pd.concat(cells, ignore_index=True),
        neighbours=pd.concat(neighbours, ignore_index=True),
        measures=pd.DataFrame(measures, columns=list(tables.MEASURES.columns)),
    )


def _cell_table(network: OpenNetwork) -> pd.DataFrame:
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
        }
    )


def _load(model: Model, network: OpenNetwork, signal: radio.Signal, phase: int) -> radio.SectorLoad:
    """Load of the network's sectors in the busy hour of a phase."""
    scenario, points = model.scenario, model.demand.points
    place = scenario.network_names.index(network.name)
    share = scenario.demand.share_5g[phase] * scenario.network_shares[place]
    traffic = radio.busy_hour_traffic(
        points[F.PEOPLE].to_numpy(),
        points[F.AREA_M2].to_numpy(),
        points[F.SCENE].to_numpy(str),
        scenario.capacity,
        share=share,
    )
    streams = np.array([scenario.bands[band].streams for band in network.of_sectors(F.BAND)])
    return radio.sector_load(signal.sector, signal.dl_mbps, traffic, streams)


def _signal_rows(model: Model, signal: radio.Signal) -> Iterator[tuple[str, str, str, float, str]]:
    """Measures of each layer: layer, level, measure, value and unit."""
    demand, least_dbm = model.demand, model.scenario.levels.outdoor.rsrp_dbm
    ground = demand.points[F.AREA_M2].fillna(demand.points[F.LENGTH_M]).to_numpy()
    clear = signal.sinr_db >= SINR_DB
    overlapped = (signal.servers >= OVERLAP_SERVERS) & (signal.rsrp_dbm >= least_dbm)

    for j, layer in enumerate(demand.layers):
        inside = demand.share[:, j] > 0
        part = ground[inside] / ground[inside].sum()
        median = float(np.median(signal.rsrp_dbm[inside]))
        rows = (
            ("rsrp_median_dbm", median if np.isfinite(median) else np.nan, "dBm"),
            ("sinr_share", float(part[clear[inside]].sum()), "1"),
            ("overlap_share", float(part[overlapped[inside]].sum()), "1"),
            ("dl_median_mbps", float(np.median(signal.dl_mbps[inside])), "Mbit/s"),
            ("ul_median_mbps", float(np.median(signal.ul_mbps[inside])), "Mbit/s"),
        )
        yield from ((layer, "outdoor", *row) for row in rows)


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


def _identity_rows(identities: radio.PciPlan) -> Iterator[tuple[str, float, str]]:
    yield "pci_collisions", float(identities.collisions), "1"
    yield "pci_confusions", float(identities.confusions), "1"
    yield "pci_mod3_share", identities.mod3_clashes / max(1, identities.neighbour_pairs), "1"


def _identify(
    order: Ordered, points: pd.DataFrame, cells: pd.DataFrame, name: str
) -> tuple[pd.DataFrame, radio.PciPlan]:
    """Give the cells of a network their PCI.

    Those beyond the border keep what the site list says; of one that it does not tell there is
    nothing to avoid. Returns the neighbour relations in the district, each way, and how good the
    identities are.
    """
    scenario = order.scenario
    last = order.open_network(name, scenario.counts[-1])
    xy, rsrp_dbm = points[[F.X_M, F.Y_M]].to_numpy(), scenario.levels.outdoor.rsrp_dbm
    rivals = radio.rivals(xy, last.transmitters, rsrp_dbm=rsrp_dbm)
    ground = points[F.AREA_M2].fillna(points[F.LENGTH_M] * scenario.demand.cell_m).to_numpy()
    owner = last.transmitters.sectors.station
    graph = radio.neighbours(rivals, ground, owner, last.of_sectors(F.BAND))

    on_air, own = _on_air(last), range(last.n_own)
    beyond = [sector for sector in graph if sector not in own]
    graph.remove_nodes_from([sector for sector in beyond if sector not in on_air])
    # how two of them get on with each other is not the district's
    graph.remove_edges_from(list(graph.subgraph(beyond).edges))

    identities = radio.assign_pci(graph, on_air)
    cells[F.PCI] = identities.pci[: last.n_own]
    return _relations(graph, cells[F.CELL_ID].to_numpy()), identities


def _on_air(network: OpenNetwork) -> dict[int, int]:
    """Identities that the site list gives, by number of the sector."""
    start = network.transmitters.sectors.start
    listed = [*network.stations[F.PCIS], *network.neighbours[F.PCIS]]
    return {
        int(start[i]) + k: int(pci)
        for i, text in enumerate(listed)
        for k, pci in enumerate(filter(None, text.split("/")))
    }


def _relations(graph: nx.Graph[int], names: npt.NDArray[np.object_]) -> pd.DataFrame:
    """The neighbour relations of the named cells, each way, as a table of the names.

    The cells are the first nodes of the graph; others lie beyond the border.
    """
    count = len(names)
    edges = sorted(
        (a, b, edge["weight"], edge["same_site"])
        for a, near in graph.adjacency()
        if a < count
        for b, edge in near.items()
        if b < count
    )
    # the types hold for a network that opens nothing too
    kinds = {F.SHARED_M2: "float64", F.SAME_SITE: "bool"}
    frame = pd.DataFrame(edges, columns=list(tables.NEIGHBOURS.columns)).astype(kinds)
    cell, neighbour = (
        names[frame[column].astype(np.int64)] for column in (F.CELL_ID, F.NEIGHBOUR_ID)
    )
    return frame.assign(**{F.CELL_ID: cell, F.NEIGHBOUR_ID: neighbour})
