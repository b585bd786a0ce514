"""The cells of a plan: signal, load and identity of every sector, phase by phase."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from planner import fields as F
from planner import radio
from planner.model import FloatArray, IntArray, Layers, Model, Reception, tables
from planner.scenario import Scenario
from planner.service.coverage import station_classes, station_kinds_of
from planner.service.sectors import sectors_of

SINR_DB = -3.0
"""SS-SINR that public drive-test programs ask for beside SS-RSRP, dB."""

OVERLAP_SERVERS = 3
"""Sectors within 6 dB from which a place counts as overlapped (drive-test practice)."""


class OpenNetwork(NamedTuple):
    """The stations of one network that are open at a count, as the radio's loops take them."""

    name: str
    stations: pd.DataFrame
    kind: IntArray
    classes: list[radio.StationClass]
    sectors: radio.Sectors

    def signal(self, xy: FloatArray, scenario: Scenario) -> radio.Signal:
        """Signal outdoors at places in the work CRS, without shadow margin."""
        return radio.signal(
            xy,
            self.stations[[F.X_M, F.Y_M]].to_numpy(),
            self.kind,
            self.classes,
            self.sectors,
            scenario.radio,
            load=scenario.demand.load,
            rsrp_dbm=scenario.levels.outdoor.rsrp_dbm,
        )


class Ordered(NamedTuple):
    """The stations of an order, by rank, and the district that they stand in."""

    scenario: Scenario
    layers: Layers
    stations: pd.DataFrame

    def open_network(self, name: str, count: int) -> OpenNetwork:
        """The stations of a network among the first ``count``, by rank."""
        stations = self.stations.iloc[:count]
        stations = stations[stations[F.NETWORK] == name]
        kind, kinds = station_kinds_of(stations)
        sectors = sectors_of(self.scenario, self.layers, stations)
        return OpenNetwork(name, stations, kind, station_classes(self.scenario, kinds), sectors)


def describe_cells(model: Model, opened: pd.DataFrame) -> Reception:
    """The cells of an order of stations, their neighbours, and the measures of signal and load at each phase.

    The measures, outdoors at the stated load: by layer and network ``rsrp_median_dbm``,
    ``sinr_share`` (ground with SS-SINR of at least -3 dB), ``overlap_share`` (three or more sectors
    within 6 dB), ``dl_median_mbps``, ``ul_median_mbps``; by network, in the busy hour,
    ``carried_mbps``, ``carried_share`` and ``overloaded_sectors``; at the last phase
    ``pci_collisions``, ``pci_confusions`` and ``pci_mod3_share`` (of neighbour pairs). A median is
    NaN where most places hear nothing.

    Parameters
    ----------
    model
        The scenario, layers and places of demand.
    opened
        The stations of the order by rank, as many as the last phase counts.
    """
    scenario, demand = model.scenario, model.demand
    order = Ordered(scenario, model.layers, opened)
    points, xy = demand.points, demand.points[[F.X_M, F.Y_M]].to_numpy()
    last = len(scenario.phases) - 1
    cells = [
        _cell_table(order.open_network(name, scenario.counts[last]))
        for name in scenario.network_names
    ]
    measures: list[tuple[object, ...]] = []
    for number, count in enumerate(scenario.counts):
        for table, name in zip(cells, scenario.network_names, strict=True):
            network = order.open_network(name, count)
            signal = network.signal(xy, scenario)
            load = _load(model, network, signal, number)
            heard = np.where(np.isfinite(signal.rsrp_dbm), np.round(signal.rsrp_dbm, 1), np.nan)
            points = points.assign(**{F.signal_column(name, count): heard.astype(np.float32)})
            missing = np.full(
                len(table) - len(network.sectors.station), np.nan
            )  # sectors that open later
            table[F.offered_column(count)] = np.append(load.offered_mbps, missing)
            table[F.load_column(count)] = np.append(load.load, missing)
            rows = (*_signal_rows(model, signal), *_load_rows(scenario, load))
            measures += [(number, count, layer, name, *row) for layer, *row in rows]
    neighbours = []
    for table, name in zip(cells, scenario.network_names, strict=True):
        relations, identities = _identify(order, demand.points, table, name)
        neighbours.append(relations)
        measures += [
            (last, scenario.counts[last], "", name, "", *row) for row in _identity_rows(identities)
        ]
    return Reception(
        points=points,
        cells=pd.concat(cells, ignore_index=True),
        neighbours=pd.concat(neighbours, ignore_index=True),
        measures=pd.DataFrame(measures, columns=list(tables.MEASURES.columns)),
    )


def _cell_table(network: OpenNetwork) -> pd.DataFrame:
    """One row per sector, stations by rank."""
    stations, owner = network.stations, network.sectors.station
    number = np.arange(len(owner)) - network.sectors.start[owner] + 1
    ids = stations[F.STATION_ID].to_numpy()[owner]
    return pd.DataFrame(
        {
            F.CELL_ID: [f"{station}-{n}" for station, n in zip(ids, number, strict=True)],
            F.STATION_ID: ids,
            **{c: stations[c].to_numpy()[owner] for c in (F.NETWORK, F.BAND)},
            F.AZIMUTH_DEG: network.sectors.azimuth,
            F.TILT_DEG: network.sectors.electrical_tilt,
        }
    )


def _load(model: Model, network: OpenNetwork, signal: radio.Signal, phase: int) -> radio.SectorLoad:
    scenario, points = model.scenario, model.demand.points
    share = (
        scenario.demand.share_5g[phase]
        * scenario.network_shares[scenario.network_names.index(network.name)]
    )
    traffic = radio.busy_hour_traffic(
        points[F.PEOPLE].to_numpy(),
        points[F.AREA_M2].to_numpy(),
        points[F.SCENE].to_numpy(str),
        scenario.capacity,
        share=share,
    )
    bands = network.stations[F.BAND].to_numpy()[network.sectors.station]
    streams = np.array([scenario.bands[band].streams for band in bands])
    return radio.sector_load(signal.sector, signal.dl_mbps, traffic, streams)


def _signal_rows(model: Model, signal: radio.Signal) -> Iterator[tuple[str, str, str, float, str]]:
    demand, least_dbm = model.demand, model.scenario.levels.outdoor.rsrp_dbm
    ground = demand.points[F.AREA_M2].fillna(demand.points[F.LENGTH_M]).to_numpy()
    overlapped = (signal.servers >= OVERLAP_SERVERS) & (signal.rsrp_dbm >= least_dbm)
    for j, layer in enumerate(demand.layers):
        inside = demand.share[:, j] > 0
        part = ground[inside] / ground[inside].sum()
        median = float(np.median(signal.rsrp_dbm[inside]))
        yield layer, "outdoor", "rsrp_median_dbm", median if np.isfinite(median) else np.nan, "dBm"
        yield (
            layer,
            "outdoor",
            "sinr_share",
            float(part[signal.sinr_db[inside] >= SINR_DB].sum()),
            "1",
        )
        yield layer, "outdoor", "overlap_share", float(part[overlapped[inside]].sum()), "1"
        yield layer, "outdoor", "dl_median_mbps", float(np.median(signal.dl_mbps[inside])), "Mbit/s"
        yield layer, "outdoor", "ul_median_mbps", float(np.median(signal.ul_mbps[inside])), "Mbit/s"


def _load_rows(
    scenario: Scenario, load: radio.SectorLoad
) -> Iterator[tuple[str, str, str, float, str]]:
    carried = float(load.carried_mbps.sum())
    yield "", "", "carried_mbps", carried, "Mbit/s"
    yield "", "", "carried_share", load.carried_share, "1"
    yield "", "", "overloaded_sectors", float(len(load.overloaded(scenario.capacity.overload))), "1"


def _identity_rows(identities: radio.PciPlan) -> Iterator[tuple[str, float, str]]:
    yield "pci_collisions", float(identities.collisions), "1"
    yield "pci_confusions", float(identities.confusions), "1"
    yield "pci_mod3_share", identities.mod3_clashes / max(1, identities.neighbour_pairs), "1"


def _identify(
    order: Ordered, points: pd.DataFrame, cells: pd.DataFrame, name: str
) -> tuple[pd.DataFrame, radio.PciPlan]:
    """Give the cells of a network their PCI; returns the neighbour relations, each way, and how good the PCIs are."""
    scenario = order.scenario
    last = order.open_network(name, scenario.counts[-1])
    rivals = radio.rivals(
        points[[F.X_M, F.Y_M]].to_numpy(),
        last.stations[[F.X_M, F.Y_M]].to_numpy(),
        last.kind,
        last.classes,
        last.sectors,
        scenario.radio,
        rsrp_dbm=scenario.levels.outdoor.rsrp_dbm,
    )
    ground = points[F.AREA_M2].fillna(points[F.LENGTH_M] * scenario.demand.cell_m).to_numpy()
    graph = radio.neighbours(
        rivals, ground, cells[F.STATION_ID].to_numpy(), cells[F.BAND].to_numpy()
    )
    on_air = {
        int(last.sectors.start[i]) + k: int(pci)
        for i, text in enumerate(last.stations[F.PCIS])
        for k, pci in enumerate(filter(None, text.split("/")))
    }
    identities = radio.assign_pci(graph, on_air)
    cells[F.PCI] = identities.pci
    edges = sorted(
        (a, b, d["weight"], d["same_site"])
        for a, near in graph.adjacency()
        for b, d in near.items()
    )
    kinds = {F.SHARED_M2: "float64", F.SAME_SITE: "bool"}  # of a network that opens nothing too
    frame = pd.DataFrame(edges, columns=list(tables.NEIGHBOURS.columns)).astype(kinds)
    names = cells[F.CELL_ID].to_numpy()
    a, b = (names[frame[column].astype(np.int64)] for column in (F.CELL_ID, F.NEIGHBOUR_ID))
    return frame.assign(**{F.CELL_ID: a, F.NEIGHBOUR_ID: b}), identities
