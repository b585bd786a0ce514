"""What is heard at stated counts, for layers whose rule asks for it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd

from planner import fields as F
from planner import radio
from planner.model import FloatArray, IntArray, Model, tables
from planner.rules import asked, reached_by
from planner.scenario import Layer
from planner.service.cells import Ordered, is_overlapped

WITHIN, BEYOND = 20, 10
"""Even steps at which what is heard is worked out: from the state to the last phase, and from there
to the last station that serves anything first."""


def judge_reception(model: Model, extension: IntArray) -> pd.DataFrame:
    """Figures of the rules on what is heard, outdoors.

    Parameters
    ----------
    model
        The scenario, layers and places of demand.
    extension
        Places in the model's table of the stations by rank, on past the last phase.

    Returns
    -------
    DataFrame
        ``tables.HEARD``: a row for each phase and stated count, layer that asks and network; empty
        where no layer asks.
    """
    scenario, demand = model.scenario, model.demand
    layers = [layer for layer in scenario.layers if _asks(layer)]
    rows: list[tuple[object, ...]] = []
    if layers:
        counts = stated_counts(scenario.counts, _last_useful(model, extension))
        wanted = np.unique(np.concatenate([demand.members(layer.name) for layer in layers]))
        points = demand.points.iloc[wanted]
        ground = points[F.AREA_M2].fillna(points[F.LENGTH_M]).to_numpy()
        parts = [(layer, np.isin(wanted, demand.members(layer.name))) for layer in layers]

        stations = model.stations.table.iloc[extension[: counts[-1]]]
        order = Ordered(scenario, model.layers, stations, model.stations.neighbours)
        for name in scenario.network_names:
            network = order.open_network(name, counts[-1])
            xy = points[[F.X_M, F.Y_M]].to_numpy()
            for count, signal in zip(counts, network.signals(xy, scenario, counts), strict=True):
                for layer, inside in parts:
                    figures = _figures(model, layer, signal, inside, ground)
                    rows += [(count, layer.name, name, *figure) for figure in figures]
    table = pd.DataFrame(rows, columns=list(tables.HEARD.columns))
    return table if rows else tables.HEARD.empty()


def stated_counts(phases: tuple[int, ...], top: int) -> list[int]:
    """Counts at which what is heard is judged: the phases, and even steps up to ``top``."""
    within = np.linspace(phases[0], phases[-1], WITHIN)
    beyond = np.linspace(phases[-1], max(top, phases[-1]), BEYOND + 1)
    even = np.concatenate([within, beyond]).round().astype(int)
    return sorted({*phases, *even.tolist()})


def _last_useful(model: Model, extension: IntArray) -> int:
    """How many stations of an order it takes until every place is served that ever is."""
    cover = model.coverage.cover
    rank = np.full(cover.shape[1], len(extension))
    rank[extension] = np.arange(len(extension))
    starts = cover.indptr[:-1][np.diff(cover.indptr) > 0]
    first = np.minimum.reduceat(rank[cover.indices], starts) if len(starts) else rank[:0]
    return int(first[first < len(extension)].max(initial=0)) + 1


def _asks(layer: Layer) -> bool:
    return any(rule.is_heard for rule, _ in asked(layer.rule, layer.shape))


def _figures(
    model: Model,
    layer: Layer,
    signal: radio.Signal,
    inside: npt.NDArray[np.bool_],
    ground: FloatArray,
) -> Iterator[tuple[str, float]]:
    """Measures of the rules, for the places of a layer."""
    size = ground[inside]
    least_dbm = model.scenario.levels.outdoor.rsrp_dbm
    overlapped = is_overlapped(signal, least_dbm)[inside]
    yield "ss_sinr_edge_db", reached_by(signal.ss_sinr_db[inside], size, layer.rule.share)
    yield "overlap_judged_share", float(size[overlapped].sum() / size.sum()) if len(size) else 0.0
