"""The transmitters of a table of stations, as the radio's loops take them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from planner import fields as F
from planner import radio
from planner.model import FloatArray, IntArray, Layers
from planner.scenario import Scenario

HEARD = [
    F.X_M, F.Y_M, F.NETWORK, F.BAND, F.SCENE, F.HEIGHT_M, F.AZIMUTHS_DEG, F.TILTS_DEG, F.TILT_DEG,
]  # fmt: skip
"""What the radio asks of a station."""


class StationKind(NamedTuple):
    """What stations have in common for a link budget."""

    network: str
    band: str
    scene: str
    height_m: float


def station_kinds_of(table: pd.DataFrame) -> tuple[IntArray, list[StationKind]]:
    """Kind of each station, and the kinds."""
    columns = (table[name] for name in (F.NETWORK, F.BAND, F.SCENE, F.HEIGHT_M))
    number, kinds = kinds_of(*columns)
    return number, [StationKind(*kind) for kind in kinds]


def kinds_of(*columns: Any) -> tuple[IntArray, list[tuple[Any, ...]]]:
    """Number of the kind of each row of some columns, and what each kind has in them, in order."""
    coded = [pd.factorize(column, sort=True) for column in columns]
    sizes = tuple(max(1, len(values)) for _, values in coded)
    place = np.ravel_multi_index(tuple(codes for codes, _ in coded), sizes)
    found, number = np.unique(place, return_inverse=True)
    parts = zip(np.unravel_index(found, sizes), coded, strict=True)
    kinds = [np.asarray(values, dtype=object)[codes].tolist() for codes, (_, values) in parts]
    return number.astype(np.int64), list(zip(*kinds, strict=True))


def transmitters_of(scenario: Scenario, layers: Layers, table: pd.DataFrame) -> radio.Transmitters:
    """The transmitters of a table of stations, in the table's order.

    Their classes are the kinds of :func:`station_kinds_of`.

    Parameters
    ----------
    scenario, layers
        Bands and radio parameters; measured antenna patterns.
    table
        Stations with ``x_m, y_m, network, band, scene, height_m, azimuths_deg, tilts_deg,
        tilt_deg``.
    """
    number, kinds = station_kinds_of(table)
    classes = [
        radio.StationClass(scenario.bands[k.band], scenario.radio.scenes[k.scene], k.height_m)
        for k in kinds
    ]
    return radio.Transmitters(
        table[[F.X_M, F.Y_M]].to_numpy(),
        number,
        tuple(classes),
        _sectors_of(scenario, layers, table),
        scenario.radio,
    )


def _sectors_of(scenario: Scenario, layers: Layers, table: pd.DataFrame) -> radio.Sectors:
    """The sectors of the stations, each with the antenna of its band."""
    names = list(scenario.bands)
    azimuths = [[float(a) for a in text.split("/")] for text in table[F.AZIMUTHS_DEG].tolist()]
    owner: IntArray = np.repeat(np.arange(len(table)), [len(row) for row in azimuths])
    band = np.array([names.index(band) for band in table[F.BAND].tolist()], dtype=np.int64)
    return radio.make_sectors(
        len(table),
        owner,
        np.array([a for row in azimuths for a in row]),
        [layers.antenna_of(scenario, name) for name in names],
        antenna=band[owner],
        # a list tells how far the whole axis points down; it is taken as if steered electrically
        electrical_tilt_deg=_tilts(table, azimuths),
    )


def _tilts(table: pd.DataFrame, azimuths: list[list[float]]) -> FloatArray:
    """Down-tilt of each sector, degrees: those that are listed, else one for a whole station.

    One that is listed alone is that of every sector.
    """
    tilts: list[float] = []
    listed = zip(table[F.TILTS_DEG].tolist(), table[F.TILT_DEG].tolist(), azimuths, strict=True)
    for text, one, row in listed:
        own = [float(tilt) for tilt in text.split("/")] if text else [one]
        tilts += own if len(own) == len(row) else [max(own)] * len(row)
    return np.array(tilts, dtype=np.float64)
