"""What is there: the district as read and checked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from planner import fields as F
from planner.errors import Notice
from planner.model.arrays import FloatArray, describe
from planner.radio import Antenna, PatternTable, pattern_table
from planner.scenario import Scenario

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd


def _no_antennas() -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame({"band": [], "cut": [], "angle_deg": [], "loss_db": []}).astype({"band": object, "cut": object})


@dataclass(frozen=True, slots=True, eq=False)
class Layers:
    """What is there, as read, checked and brought to the work CRS.

    Attributes
    ----------
    boundary
        One row: ``name, adcode``, polygon.
    areas
        Polygons of the area layers: ``layer, name, kind, basis, accuracy_m, source, licence``, inside the boundary.
        A feature of a later phase (``kind`` not asked for by any layer) has ``layer`` empty and is drawn only.
    roads
        Lines of the road layers, clipped to the boundary, and of other named roads: ``layer`` (empty when the road
        is context only), ``name, ref, kind, basis, accuracy_m, source, licence``.
    streets, water
        Lines for candidates and for drawing: ``name, kind, basis, accuracy_m, source, licence``.
    keep_outs
        Polygons where nothing may be built: ``name, kind, basis, accuracy_m, source, licence``.
    towns
        Plain frame: ``town_id, name, kind`` (urban or town), ``people, seat_lon, seat_lat, x_m, y_m`` (NaN without
        a seat), ``basis, source``.
    town_areas
        Polygons ``town_id, name`` where the borders are known; else empty, and towns are the nearest seat's.
    landmarks
        Points ``name, kind, basis, source``.
    population
        Plain frame: ``x_m, y_m, people, cell_m`` (side of the square a row stands for), ``basis``.
    sites
        Points of the sites of today: ``site_id, name, state`` (open or retrofitted), ``network, band, site_type,
        height_m`` (NaN = by scene), ``pci`` (identities on air, "285/241/182" by azimuth, or empty), ``lon, lat, basis,
        source``, and where the list has it ``azimuths_deg`` (of the sectors that stand, "0/120/240", or empty); one row
        per station.
    candidates
        Points of candidate sites: ``site_id, name, site_type`` (stock, roof, pole, tower), ``height_m`` (NaN = by
        scene), ``lon, lat, basis, source``.
    antennas
        Plain frame of measured patterns: ``band, cut`` (horizontal, vertical), ``angle_deg, loss_db``; a band without
        rows has the parabolic form of its parameters.
    sources
        The manifest rows of the inputs in use: ``file, source, date, licence, accuracy, datum, basis, sha256``.
    notices
        Findings about the inputs, errors excluded (those raise).
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
    candidates: gpd.GeoDataFrame
    sources: pd.DataFrame
    antennas: pd.DataFrame = field(default_factory=_no_antennas)
    notices: tuple[Notice, ...] = ()

    def __repr__(self) -> str:
        """How large each part is."""
        return describe(self)

    def town_at(self, x_m: FloatArray, y_m: FloatArray, scenario: Scenario) -> npt.NDArray[Any]:
        """Town of places given in the work CRS, as names (object array).

        By polygons where they are known; else the nearest seat's, and the one urban row for places inside an urban
        layer or nearest to the seat of an urban unit: the borders of those units are not public.
        """
        import shapely
        from scipy.spatial import cKDTree

        seated = self.towns[self.towns[F.X_M].notna()]
        urban_name = scenario.district.urban_town
        names = np.where(seated[F.KIND] == "urban", urban_name, seated[F.NAME]).astype(object)
        if len(seated):
            _, nearest = cKDTree(seated[[F.X_M, F.Y_M]].to_numpy()).query(np.column_stack([x_m, y_m]))
            town = names[nearest]
        else:
            town = np.full(len(x_m), urban_name, dtype=object)
        urban_layers = [layer.name for layer in scenario.layers if layer.scene in ("urban", "dense-urban")]
        for polygon in self.areas.geometry[self.areas[F.LAYER].isin(urban_layers)]:
            town[shapely.contains_xy(polygon, x_m, y_m)] = urban_name
        for polygon, name in zip(self.town_areas.geometry, self.town_areas[F.NAME], strict=True):
            town[shapely.contains_xy(polygon, x_m, y_m)] = name
        return town

    def antenna_of(self, scenario: Scenario, band: str) -> Antenna | PatternTable:
        """Pattern of a band's sectors: the measured one where the case has one, else the band's parameters.

        Raises
        ------
        planner.errors.ValidityError
            When a cut of the measured pattern is missing or holds an angle twice.
        """
        rows = self.antennas[self.antennas["band"] == band]
        if rows.empty:
            return scenario.bands[band].antenna
        cuts = [rows[rows["cut"] == cut] for cut in ("horizontal", "vertical")]
        return pattern_table(*(cut[column].to_numpy() for cut in cuts for column in ("angle_deg", "loss_db")))

    @property
    def is_synthetic(self) -> bool:
        """Whether any input is synthetic, so that maps, reports and lists must say so."""
        return bool(self.sources[F.BASIS].str.contains("synthetic").any())
