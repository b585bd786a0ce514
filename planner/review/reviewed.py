"""The plan that was reviewed, looked up by 规划编号, and distances from its places."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely

from planner import fields as F
from planner.crs import project
from planner.model import Plan
from planner.review.statements import Statement
from planner.rules import HECTARE_M2

IN_PLACE_M: Final = 1.0
"""What a 规划编号 can tell apart: a place nearer than this to the planned one is the same."""

Place = tuple[float, float]
"""Longitude and latitude in WGS-84, degrees; NaN when it is not told."""


class Reviewed:
    """A plan as answers are read against it.

    Attributes
    ----------
    plan
        The plan.
    stations
        ``plan.stations`` by 规划编号.
    towns
        Names of the towns that hold a station, sorted.
    sites
        ``site_id`` of every site.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.scenario = plan.scenario
        self.stations = plan.stations.set_index(F.STATION_ID)
        self.towns = sorted(map(str, self.stations[F.TOWN].unique()))
        self.sites = set(self.stations[F.SITE_ID].unique())

    def knows(self, station: str) -> bool:
        """Whether the plan or its candidates hold a station."""
        return station in self.stations.index

    def state(self, station: str) -> str:
        """Open, retrofitted or candidate."""
        return str(self.stations.at[station, F.STATE])

    def town(self, station: str) -> str:
        """Town of a station."""
        return str(self.stations.at[station, F.TOWN])

    def phase(self, station: str) -> int:
        """Number of the phase it opens in; 0 for the state and for stations not in the plan."""
        phase = self.stations.at[station, F.PHASE]
        return 0 if pd.isna(phase) else int(phase)

    def tolerance_m(self, station: str) -> float:
        """允许偏离半径 of its scene; 0 where the scenario gives none."""
        scene = str(self.stations.at[station, F.SCENE])
        return float(self.scenario.review.tolerance_m.get(scene, 0.0))

    def place_now(self, station: str) -> Place:
        """Where a station stands in the plan."""
        return float(self.stations.at[station, F.LON]), float(self.stations.at[station, F.LAT])

    def place_planned(self, station: str) -> Place:
        """Where a station was planned, before earlier answers moved it."""
        move = self.scenario.review.moved.get(station)
        return self.place_now(station) if move is None else (move.from_lon, move.from_lat)

    def metres(self, here: Place, there: Place) -> float:
        """Distance of two places; NaN when one of them is not told."""
        if not (math.isfinite(here[0]) and math.isfinite(there[0])):
            return math.nan
        x, y = self.to_work([here[0], there[0]], [here[1], there[1]])
        return float(np.hypot(x[1] - x[0], y[1] - y[0]))

    def moved_m(self, statement: Statement) -> float:
        """How far a statement moves its station from the planned place.

        NaN when it names no place, no known station, or the same place.
        """
        if not statement.has_place or not self.knows(statement.station_id):
            return math.nan
        planned = self.place_planned(statement.station_id)
        metres = self.metres(planned, (statement.lon, statement.lat))
        return metres if metres > IN_PLACE_M else math.nan

    def moves(self, statement: Statement) -> bool:
        """Whether a statement moves its station."""
        return math.isfinite(self.moved_m(statement))

    def keep_out_at(self, place: Place) -> str | None:
        """Name of the keep-out that a place lies in; None when it may be built on."""
        keep_outs = self.plan.layers.keep_outs
        if keep_outs.empty:
            return None
        x, y = self.to_work([place[0]], [place[1]])
        hit = np.flatnonzero(shapely.intersects_xy(keep_outs.geometry.to_numpy(), x[0], y[0]))
        return str(keep_outs[F.NAME].iloc[hit[0]]) if len(hit) else None

    def area_facts(self, wkt: str) -> dict[str, Any]:
        """Size of an area in WGS-84, ha, and the stations of the plan in it, by rank."""
        if not wkt:
            return {F.AREA_HA: math.nan, F.INSIDE: ()}

        ring = shapely.from_wkt(wkt)
        x, y = self.to_work(*shapely.get_coordinates(ring).T)
        area_m2 = shapely.Polygon(np.column_stack([x, y])).area

        ranked = self.plan.stations.iloc[self.plan.order]
        hit = shapely.contains_xy(ring, ranked[F.LON].to_numpy(), ranked[F.LAT].to_numpy())
        inside = tuple(ranked[F.STATION_ID][hit].astype(str))
        return {F.AREA_HA: round(area_m2 / HECTARE_M2, 2), F.INSIDE: inside}

    def to_work(self, lon: Any, lat: Any) -> tuple[Any, Any]:
        """Metres in the district's work CRS of degrees in WGS-84, arrays of one length."""
        return project(lon, lat, F.WGS84, self.scenario.district.work_crs)
