"""Stations of a site list beyond the border: neighbours where they are open and within reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from planner import fields as F
from planner.codes import State
from planner.layers import places
from planner.layers.kinds.rows import Book
from planner.layers.places import FloatArray
from planner.layers.tables import Table

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd


def within_reach(
    table: Table,
    lon: FloatArray,
    lat: FloatArray,
    book: Book,
    reach_m: float,
    code: str = "beyond_reach",
) -> tuple[Table, FloatArray, FloatArray]:
    """The rows within reach of the district; the others are one finding.

    Parameters
    ----------
    table, lon, lat
        Rows with their places in WGS-84, (rows,) degrees each.
    book
        The district, and where the others are said.
    reach_m
        How far beyond the border they may be, m.
    code
        Of the finding, where some are in reach.
    """
    away_m = places.beyond_border(*places.to_work(lon, lat, book.district.work_crs), book.district)
    is_far = away_m > reach_m
    far = table.frame.index[is_far].tolist()
    if far:
        # a list of which nothing is near is in another datum, CRS or order of axes
        is_whole = len(far) == len(table.frame) > 1
        book.findings.add(
            "beyond_reach/all" if is_whole else code,
            file=table.source.name,
            line=far[0],
            left_out=far,
            count=len(far),
            km=f"{reach_m / 1000:g}",
            farthest=f"{away_m.max() / 1000:.2f}",
        )
    return table.without(far), lon[~is_far], lat[~is_far]


def without_idle(frame: pd.DataFrame, table: Table, book: Book) -> pd.DataFrame:
    """The rows without those beyond the border that are not on air, which are one finding."""
    x, y = frame[F.X_M].to_numpy(), frame[F.Y_M].to_numpy()
    is_beyond = places.beyond_border(x, y, book.district) > 0
    # what tells no state is looked at when every list was read
    is_idle = is_beyond & ~frame[F.STATE].isin((State.OPEN, "")).to_numpy(bool)
    idle = frame.index[is_idle].tolist()
    if idle:
        book.findings.add(
            "neighbour_not_open",
            file=table.source.name,
            line=idle[0],
            left_out=idle,
            count=len(idle),
        )
    return frame[~is_idle]


def split_neighbours(
    listed: gpd.GeoDataFrame, file: str, book: Book
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """The stations of the site lists in the district, and those beyond its border.

    Parameters
    ----------
    listed
        Of every list, as :func:`planner.layers.kinds.sites.read_sites` gives them.
    file
        The lists, as a finding names them.
    book
        The district, and where the neighbours are said.
    """
    x, y = listed.geometry.x.to_numpy(np.float64), listed.geometry.y.to_numpy(np.float64)
    is_inside = places.beyond_border(x, y, book.district) == 0
    if is_inside.all():
        return listed, listed.iloc[:0]
    km = f"{book.scenario.district.neighbour_m / 1000:g}"
    count = int((~is_inside).sum())
    book.findings.add("neighbour_stations", file=file, count=count, km=km)
    sites, neighbours = listed[is_inside], listed[~is_inside]
    return sites.reset_index(drop=True), neighbours.reset_index(drop=True)
