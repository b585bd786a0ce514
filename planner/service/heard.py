"""What is heard at stated counts, for layers whose rule asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from planner import fields as F
from planner import radio
from planner.model import FloatArray, IntArray, Model, tables
from planner.rules import asked, reached_by
from planner.scenario import Layer
from planner.service.cells import Ordered, is_overlapped

STATED_COUNTS: Final = 30
"""Even steps at which what is heard is worked out, from the state to the end of the order."""


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
        counts = stated_counts(scenario.counts, len(extension))
        wanted = np.unique(np.concatenate([demand.members(layer.name) for layer in layers]))
        points = demand.points.iloc[wanted]
        ground = points[F.AREA_M2].fillna(points[F.LENGTH_M]).to_numpy()
        parts = [(layer, np.isin(wanted, demand.members(layer.name))) for layer in layers]

        stations = model.stations.table.iloc[extension]
        order = Ordered(scenario, model.layers, stations, model.stations.neighbours)
        for name in scenario.network_names:
            network = order.open_network(name, len(extension))
            xy = points[[F.X_M, F.Y_M]].to_numpy()
            for count, signal in zip(counts, network.signals(xy, scenario, counts), strict=True):
                for layer, inside in parts:
                    figures = _figures(model, layer, signal, inside, ground)
                    rows += [(count, layer.name, name, *figure) for figure in figures]
    table = pd.DataFrame(rows, columns=list(tables.HEARD.columns))
    return table if rows else tables.HEARD.empty()


def stated_counts(phases: tuple[int, ...], top: int) -> list[int]:
    """Counts at which what is heard is judged: the phases, and even steps up to ``top``."""
    even = np.linspace(phases[0], max(top, phases[-1]), STATED_COUNTS).round().astype(int)
    return sorted({*phases, *even.tolist()})


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
    yield "overlap_judged_share", float(size[overlapped].sum() / size.sum())
