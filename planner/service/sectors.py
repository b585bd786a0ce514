"""The sectors of a table of stations, as the radio's loops take them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from planner import fields as F
from planner import radio
from planner.model import IntArray, Layers
from planner.scenario import Scenario


def sectors_of(scenario: Scenario, layers: Layers, table: pd.DataFrame) -> radio.Sectors:
    """The sectors of a table of stations as the radio's loops take them, in the table's order.

    Parameters
    ----------
    scenario, layers
        Give the antenna of each band.
    table
        Stations with ``band, azimuths_deg, tilt_deg``.
    """
    names = list(scenario.bands)
    azimuths = [[float(a) for a in text.split("/")] for text in table[F.AZIMUTHS_DEG]]
    count = [len(row) for row in azimuths]
    owner: IntArray = np.repeat(np.arange(len(table)), count)
    return radio.make_sectors(
        len(table),
        owner,
        np.array([a for row in azimuths for a in row]),
        [layers.antenna_of(scenario, name) for name in names],
        antenna=np.array([names.index(band) for band in table[F.BAND]], dtype=np.int64)[owner],
        electrical_tilt_deg=table[F.TILT_DEG].to_numpy(np.float64)[owner],
    )
