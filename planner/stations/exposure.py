"""Exposure around sites: what all stations and other systems of one add up to.

Every station that a site may hold counts, whether the plan opens it or not: the figure is that of
the site when all is built, and stays the same from one version of a plan to the next.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from planner import fields as F
from planner import radio
from planner.model import Layers
from planner.model.layers import SAME_ROOF_M
from planner.scenario import Scenario

_READ = [
    F.SITE_ID, F.BAND, F.X_M, F.Y_M, F.HEIGHT_M, F.EXCLUDED, F.AZIMUTHS_DEG, F.TILTS_DEG,
    F.TILT_DEG,
]  # fmt: skip

_OTHER = ""
"""Stands for the antennas of 2G to 4G where a band would."""


class _Source(NamedTuple):
    """A sector, or several that look the same way, as a source of exposure."""

    turn: int
    antenna: str
    tilt_deg: float
    reach_m: float


def site_exposures(scenario: Scenario, layers: Layers, table: pd.DataFrame) -> pd.DataFrame:
    """Exposure around the site of each station.

    Parameters
    ----------
    scenario
        Its bands and ``exposure``.
    layers
        Measured antenna patterns.
    table
        Stations with sectors.

    Returns
    -------
    pandas.DataFrame
        With the index of the table. ``limit_w_m2`` is the station's own; ``compliance_m,
        worst_bearing_deg, worst_height_m`` tell where the sum of the site is only just within the
        limits, ``ground_share`` is that sum on the ground, ``other_systems`` how those of 2G to 4G
        are counted.
    """
    sources = _Sources(scenario, layers)
    stations = table[_READ].to_dict("records")
    sites: dict[str, list[dict[Any, Any]]] = {}
    for station in stations:
        sites.setdefault(station[F.SITE_ID], []).append(station)

    found = {site: sources.around(own) for site, own in sites.items()}
    rows = [
        (sources.limit_w_m2[station[F.BAND]], *found[station[F.SITE_ID]]) for station in stations
    ]
    columns = [
        F.LIMIT_W_M2, F.COMPLIANCE_M, F.WORST_BEARING_DEG, F.WORST_HEIGHT_M, F.GROUND_SHARE,
        F.OTHER_SYSTEMS,
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns, index=table.index)


class _Sources:
    """The sources of exposure of a scenario, and what was worked out of them already."""

    def __init__(self, scenario: Scenario, layers: Layers) -> None:
        self.scenario = scenario
        self.layers = layers
        self.limit_w_m2 = {name: self._limit_w_m2(b.f_ghz) for name, b in scenario.bands.items()}
        self.reach_m = {name: self._reach_m(name) for name in scenario.bands}
        asked = scenario.exposure
        self.allowance_m = self._other_reach_m(asked.other_systems * asked.other_power_w)
        self._equipment = layers.equipment.to_dict("records")
        places = layers.equipment[[F.X_M, F.Y_M]].to_numpy()
        self._places = cKDTree(places) if len(places) else None
        self._spreads: dict[tuple[str, float], Any] = {}
        self._fields: dict[tuple[_Source, ...], radio.SiteField] = {}

    def around(
        self, stations: Sequence[Mapping[Any, Any]]
    ) -> tuple[float, float, float, float, str]:
        """The worst place around one site, and how its other systems are counted.

        Parameters
        ----------
        stations
            Its rows of the table. One that may not be built does not count, unless none may.
        """
        counted = [station for station in stations if not station[F.EXCLUDED]] or stations
        sectors = [list(_sectors(station)) for station in counted]
        sources = [
            _Source(turn, station[F.BAND], tilt_deg, self.reach_m[station[F.BAND]])
            for station, own in zip(counted, sectors, strict=True)
            for turn, tilt_deg in own
        ]
        others, how = self._others(stations[0], sectors[0])

        # sites whose sectors stand alike have one field, turned
        first = min(source.turn for source in sources)
        turned = [source._replace(turn=(source.turn - first) % 360) for source in sources + others]
        field = self._field(tuple(sorted(turned)))
        height_m = float(counted[0][F.HEIGHT_M])
        worst = radio.worst_place(field, height_m, self.scenario.radio.h_ut_m)
        bearing_deg = (worst.bearing_deg + first) % 360.0
        return worst.distance_m, bearing_deg, worst.height_m, worst.ground_share, how

    def _limit_w_m2(self, f_ghz: float) -> float:
        """What a site may use of the limit at a frequency."""
        return float(radio.exposure_limit(f_ghz)) * self.scenario.exposure.limit_share

    def _reach_m(self, name: str) -> float:
        """How far a sector of a band exceeds its limit on its axis."""
        band = self.scenario.bands[name]
        # a steered beam looks at one place for a part of the time
        is_steered = band.traffic_gain_dbi > band.beam_gain_dbi
        duty = band.dl_share * (self.scenario.exposure.beam_share if is_steered else 1.0)
        limit = self.limit_w_m2[name]
        return float(radio.compliance_distance(band.power_w, band.traffic_gain_dbi, limit, duty))

    def _others(
        self, station: Mapping[Any, Any], sectors: list[tuple[int, float]]
    ) -> tuple[list[_Source], str]:
        """The other systems of a site, and how they are known: from a list, or by allowance.

        Parameters
        ----------
        station, sectors
            One of its stations, and azimuth and tilt of those of one: others look there where no
            list tells where they do.
        """
        listed = self._listed_at(station)
        if listed:
            return [source for row in listed for source in self._as_listed(row, sectors)], "listed"
        if not self.allowance_m:
            return [], "none"
        allowed = [_Source(turn, _OTHER, tilt_deg, self.allowance_m) for turn, tilt_deg in sectors]
        return allowed, "allowed"

    def _listed_at(self, station: Mapping[Any, Any]) -> list[dict[Any, Any]]:
        """What lists tell of 2G to 4G within the reach of a roof."""
        if self._places is None:
            return []
        near = self._places.query_ball_point((station[F.X_M], station[F.Y_M]), SAME_ROOF_M)
        return [self._equipment[i] for i in sorted(near)]

    def _as_listed(self, row: Mapping[Any, Any], sectors: list[tuple[int, float]]) -> list[_Source]:
        """The sectors of a row of a list; those of a station where it tells none."""
        power_w = row[F.POWER_W]
        if np.isnan(power_w):
            power_w = row[F.SYSTEMS] * self.scenario.exposure.other_power_w
        reach_m = self._other_reach_m(power_w)
        if row[F.AZIMUTHS_DEG]:
            sectors = list(_sectors({**row, F.TILT_DEG: max(tilt_deg for _, tilt_deg in sectors)}))
        return [_Source(turn, _OTHER, tilt_deg, reach_m) for turn, tilt_deg in sectors]

    def _other_reach_m(self, power_w: float) -> float:
        """How far so much power of 2G to 4G exceeds its limit on the axis of its antenna."""
        limit = self._limit_w_m2(radio.OTHER_F_GHZ)
        gain_dbi = self.scenario.exposure.other_gain_dbi
        return float(radio.compliance_distance(power_w, gain_dbi, limit))

    def _field(self, sources: tuple[_Source, ...]) -> radio.SiteField:
        """The field of a site, worked out once."""
        if sources not in self._fields:
            emitters = [
                radio.Emitter(source.turn, self._spread(source), source.reach_m)
                for source in sources
            ]
            self._fields[sources] = radio.site_field(emitters)
        return self._fields[sources]

    def _spread(self, source: _Source) -> Any:
        """What the antenna of a source radiates in each direction, worked out once."""
        key = (source.antenna, source.tilt_deg)
        if key not in self._spreads:
            is_other = source.antenna == _OTHER
            antenna = (
                radio.OTHER_ANTENNA
                if is_other
                else self.layers.antenna_of(self.scenario, source.antenna)
            )
            self._spreads[key] = radio.power_spread(antenna, source.tilt_deg)
        return self._spreads[key]


def _sectors(row: Mapping[Any, Any]) -> Iterator[tuple[int, float]]:
    """Azimuth, whole degrees, and tilt of each sector of a station."""
    turns = [round(float(text)) % 360 for text in row[F.AZIMUTHS_DEG].split("/")]
    own = [float(text) for text in row[F.TILTS_DEG].split("/")] if row[F.TILTS_DEG] else []
    tilts = own if len(own) == len(turns) else [row[F.TILT_DEG]] * len(turns)
    yield from zip(turns, tilts, strict=True)
