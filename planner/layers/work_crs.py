"""The work CRS against the place: that of the district where none is set, else whether it fits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from planner.crs import local_crs, scale_at, system_of, zone_crs
from planner.errors import Said, ScenarioError
from planner.layers.findings import Findings
from planner.layers.notices import NOTICES
from planner.model import Layers
from planner.scenario import Scenario

if TYPE_CHECKING:
    from pyproj import CRS

    from planner.layers.places import FloatArray

KEY: Final = "district.work_crs"
FINE: Final = 0.001
"""Largest error of a length that needs no word: 5 cm in a cell of 50 m."""
BEARABLE: Final = 0.002
"""Largest error of a length that is not refused."""
LATTICE: Final = 9
"""Places along each side of the district's frame at which the scale is looked at."""


def settle(scenario: Scenario, ground: Any, findings: Findings) -> Scenario | None:
    """The scenario with a work CRS that is true to the ground; None, with a finding, without one.

    Parameters
    ----------
    ground
        The district as one shape, in WGS-84 degrees.
    """
    named = scenario.district.work_crs
    west, south, east, north = ground.bounds
    middle = ((west + east) / 2, (south + north) / 2)
    name = named or local_crs(*middle)
    lon, lat = _places_in(ground)

    where: dict[str, Any] = {"file": "scenario", "column": KEY, "value": name}
    better = _better(zone_crs(*middle), lon, lat)
    crs = system_of(name)
    if crs is None:
        findings.add("work_crs_unusable/unknown", better=better, **where)
        return None
    if amiss := _amiss(crs):
        findings.add("work_crs_unusable", better=better, crs=crs.name, amiss=amiss, **where)
        return None
    if not named:
        findings.add("work_crs_local", **where)

    scale = scale_at(crs, lon, lat)
    is_bearable = scale.error <= BEARABLE
    if scale.error > FINE:
        where |= {"severity": "W" if is_bearable else "E"}
        least, greatest, area = scale
        lengths = f"{least:.4f} - {greatest:.4f}"
        if named:
            findings.add("work_crs_scale", lengths=lengths, area=area, better=better, **where)
        else:
            findings.add("district_too_wide", lengths=lengths, **where)
    return scenario.worked_in(name) if is_bearable else None


def with_crs_of(scenario: Scenario, layers: Layers) -> Scenario:
    """The scenario with the work CRS that its layers are in.

    Raises
    ------
    ScenarioError
        When it names another one.
    """
    from pyproj import CRS

    crs = layers.boundary.crs
    named = scenario.district.work_crs
    if named and CRS.from_user_input(named) == crs:
        return scenario
    if named:
        raise ScenarioError.found(
            NOTICES.notice("work_crs_of_layers", column=KEY, value=named, crs=crs.name)
        )
    if code := crs.to_epsg():
        return scenario.worked_in(f"EPSG:{code}")
    origin = {parameter.name: parameter.value for parameter in crs.coordinate_operation.params}
    middle = (origin[f"{axis} of natural origin"] for axis in ("Longitude", "Latitude"))
    return scenario.worked_in(local_crs(*middle))


def _places_in(ground: Any) -> tuple[FloatArray, FloatArray]:
    """Degrees of the corners of the district and of a lattice in it."""
    import shapely

    west, south, east, north = ground.bounds
    lon, lat = np.meshgrid(np.linspace(west, east, LATTICE), np.linspace(south, north, LATTICE))
    lattice = np.column_stack([lon.ravel(), lat.ravel()])
    inside = lattice[shapely.intersects_xy(ground, lattice)]
    places = np.concatenate([shapely.get_coordinates(ground), inside])
    return places[:, 0], places[:, 1]


def _better(zone: str, lon: FloatArray, lat: FloatArray) -> Said:
    """What a notice says to use: the zone of the place, where that is true to its ground."""
    from pyproj import CRS

    is_fine = scale_at(CRS.from_user_input(zone), lon, lat).error <= FINE
    return Said(f"改用 {zone}，或", f"use {zone}, or ") if is_fine else Said("", "")


def _amiss(crs: CRS) -> str:
    """What keeps a CRS from being a projected one in metres east and north; empty for nothing."""
    units = {axis.unit_name for axis in crs.axis_info}
    axes = sorted(axis.direction for axis in crs.axis_info)
    # a compound CRS calls itself projected too, and western axes would change places in silence
    if crs.type_name != "Projected CRS":
        return crs.type_name
    if units != {"metre"}:
        return ", ".join(sorted(units))
    return "" if axes == ["east", "north"] else " / ".join(axes)
