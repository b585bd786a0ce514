"""What is there: the district as read and checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from planner import fields as F
from planner.errors import Notice
from planner.model import tables
from planner.model.arrays import FloatArray, describe
from planner.radio import Antenna, PatternTable, pattern_table
from planner.scenario import Scenario

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

LAYER_TABLES = {
    "boundary": tables.BOUNDARY, "areas": tables.AREAS, "roads": tables.ROADS,
    "streets": tables.STREETS, "water": tables.WATER, "keep_outs": tables.KEEP_OUTS,
    "towns": tables.TOWNS, "town_areas": tables.TOWN_AREAS, "landmarks": tables.LANDMARKS,
    "population": tables.POPULATION, "sites": tables.LISTED_SITES,
    "neighbours": tables.LISTED_NEIGHBOURS, "candidates": tables.CANDIDATES,
    "equipment": tables.EQUIPMENT, "antennas": tables.ANTENNAS, "sources": tables.SOURCES,
}  # fmt: skip

SAME_ROOF_M = 50.0
"""Antennas of one base station within this distance stand on one site [judgement]."""


@dataclass(frozen=True, slots=True, eq=False)
class Layers:
    """What is there, as read, checked and brought to the work CRS.

    Attributes
    ----------
    boundary, areas, roads, streets, water, keep_outs, towns, town_areas, landmarks, population,
    sites, neighbours, candidates, equipment, antennas
        Frames of the tables of the same names in ``planner.model.tables``, shapes in the work CRS.
        Areas lie inside the boundary; a feature of a later phase (``kind`` not asked for by any
        layer) has ``layer`` empty and is drawn only. Where borders are unknown ``town_areas`` is
        empty and towns are the nearest seat's. A site has one row a station, ``height_m`` NaN = by
        scene; a neighbour is one beyond the border, which is neither counted nor planned; equipment
        is of 2G to 4G, and counts in the exposure of what stands within ``SAME_ROOF_M``. A band
        without rows in ``antennas`` has the parabolic form of its parameters.
    sources
        The manifest rows of the inputs in use.
    notices
        Findings about the inputs; no errors (those raise) but where refused rows were left out.
    """

    boundary: gpd.GeoDataFrame
    areas: gpd.GeoDataFrame
    roads: gpd.GeoDataFrame
    streets: gpd.GeoDataFrame
    water: gpd.GeoDataFrame
    keep_outs: gpd.GeoDataFrame
    towns: pd.DataFrame
    town_areas: gpd.GeoDataFrame
    landmarks: gpd.GeoDataFrame
    population: pd.DataFrame
    sites: gpd.GeoDataFrame
    neighbours: gpd.GeoDataFrame
    candidates: gpd.GeoDataFrame
    equipment: pd.DataFrame
    antennas: pd.DataFrame
    sources: pd.DataFrame
    notices: tuple[Notice, ...] = ()

    def __post_init__(self) -> None:
        for name, table in LAYER_TABLES.items():
            table.checked(getattr(self, name))

    def __repr__(self) -> str:
        """How large each part is."""
        return describe(self)

    @property
    def rows_left_out(self) -> int:
        """Rows of the inputs that were refused, and left out because the plan was asked for."""
        return sum(int(notice.value) for notice in self.notices if notice.code == "rows_left_out")

    @property
    def town_codes(self) -> dict[str, str]:
        """Name of each town by its code; urban units are no towns of their own."""
        towns = self.towns[self.towns[F.KIND] != "urban"]
        codes = {
            code: name
            for frame in (towns, self.town_areas)
            for code, name in zip(frame[F.TOWN_ID], frame[F.NAME], strict=True)
        }
        return {code: name for code, name in codes.items() if code}

    def town_at(self, x_m: FloatArray, y_m: FloatArray, scenario: Scenario) -> npt.NDArray[Any]:
        """Town of places given in the work CRS, as names (object array).

        By polygons where they are known; else the nearest seat's, and the one urban row for places
        inside an urban layer or nearest to the seat of an urban unit: the borders of those units
        are not public. Where no unit is known at all, the district is the one town.
        """
        import shapely

        urban_name = scenario.district.urban_town
        if self.towns.empty:
            urban_name = scenario.district.name
        town = self._town_by_seat(x_m, y_m, urban_name)

        # what is better known lies over it: the urban layers, then the borders
        urban = [layer.name for layer in scenario.layers if layer.scene in ("urban", "dense-urban")]
        for polygon in self.areas.geometry[self.areas[F.LAYER].isin(urban)]:
            town[shapely.contains_xy(polygon, x_m, y_m)] = urban_name
        for polygon, name in zip(self.town_areas.geometry, self.town_areas[F.NAME], strict=True):
            town[shapely.contains_xy(polygon, x_m, y_m)] = name
        return town

    def _town_by_seat(self, x_m: FloatArray, y_m: FloatArray, urban_name: str) -> npt.NDArray[Any]:
        """Town of the nearest seat, as names; the urban row where no seat is known."""
        from scipy.spatial import cKDTree

        seated = self.towns[self.towns[F.X_M].notna()]
        if seated.empty:
            return np.full(len(x_m), urban_name, dtype=object)
        names = np.where(seated[F.KIND] == "urban", urban_name, seated[F.NAME]).astype(object)
        seats = cKDTree(seated[[F.X_M, F.Y_M]].to_numpy())
        _, nearest = seats.query(np.column_stack([x_m, y_m]))
        return names[nearest]

    def antenna_of(self, scenario: Scenario, band: str) -> Antenna | PatternTable:
        """Pattern of a band's sectors: the measured one, else that of the band's parameters.

        Raises
        ------
        planner.errors.ValidityError
            When a cut of the measured pattern is missing or holds an angle twice.
        """
        rows = self.antennas[self.antennas[F.BAND] == band]
        if rows.empty:
            return scenario.bands[band].antenna
        cuts = [rows[rows[F.CUT] == cut] for cut in ("horizontal", "vertical")]
        columns = (cut[name].to_numpy() for cut in cuts for name in (F.ANGLE_DEG, F.LOSS_DB))
        return pattern_table(*columns)

    @property
    def people(self) -> float:
        """Residents of the district: of its towns, else of the population rows; 0 = unknown."""
        people = float(self.towns[F.PEOPLE].sum())
        return people if people > 0 else float(self.population[F.PEOPLE].sum())

    @property
    def is_synthetic(self) -> bool:
        """Whether any input is synthetic, so that maps, reports and lists must say so."""
        return bool(self.sources[F.BASIS].str.contains("synthetic").any())
