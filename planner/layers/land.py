"""The land inside the border as the one layer, where a case has nothing else to judge."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from planner import fields as F
from planner.layers.findings import Findings
from planner.layers.notices import TERMS
from planner.scenario import Layer, Scenario

if TYPE_CHECKING:
    import geopandas as gpd

KIND: Final = "land"
"""What a layer asks for that is to be the land inside the border: no file needs to hold it."""

_SOURCE: Final = "the border"
SITES_PER_STATION: Final = 3
"""Candidate sites for each station that a network is to have: enough to choose among."""
LEAST_SITES, MOST_SITES = 300, 8000
_HEX: Final = math.sqrt(0.75)  # ground of a site in a hexagonal lattice, in squares of its spacing


def is_asked(scenario: Scenario) -> bool:
    """Whether nothing but the land can be judged, or a layer asks for it."""
    inputs = scenario.inputs
    has_nothing = not (scenario.layers and (inputs.areas or inputs.roads))
    return has_nothing or any(KIND in layer.kinds for layer in scenario.layers)


def ground_of(boundary: gpd.GeoDataFrame, water: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """The land inside the border, one shape: the district without its lakes."""
    lakes = water.geometry[water.geom_type.isin(("Polygon", "MultiPolygon"))]
    return boundary.geometry.difference(lakes.union_all()) if len(lakes) else boundary.geometry


def add_land(
    areas: gpd.GeoDataFrame, ground: gpd.GeoSeries, scenario: Scenario, findings: Findings
) -> gpd.GeoDataFrame:
    """The areas, columns of ``tables.AREAS``, with the land where they hold none of its kind."""
    import geopandas as gpd
    import pandas as pd

    polygon = ground.iloc[0]
    if (areas[F.KIND] == KIND).any() or polygon.is_empty:
        return areas
    asking = [layer.name for layer in scenario.layers if KIND in layer.kinds]
    row = {
        F.LAYER: asking[0] if asking else KIND,
        F.NAME: scenario.district.name,
        F.KIND: KIND,
        F.BASIS: "estimate",
        F.ACCURACY_M: math.nan,
        F.SOURCE: _SOURCE,
        F.LICENCE: "",
        "geometry": polygon,
    }
    if not asking:
        spacing_m = land_layer(scenario, polygon).spacing_m
        findings.add("land_is_the_layer", label=TERMS["land"], spacing_m=f"{spacing_m:g}")
    land = gpd.GeoDataFrame([row], geometry="geometry", crs=ground.crs)[list(areas.columns)]
    return land if areas.empty else gpd.GeoDataFrame(pd.concat([areas, land], ignore_index=True))


def land_layer(scenario: Scenario, polygon: Any) -> Layer:
    """The layer of a case that names none: open land, with a spacing that bounds the candidates.

    Parameters
    ----------
    scenario
        Its last count says how many stations are to be chosen.
    polygon
        The land, in metres.
    """
    wanted = SITES_PER_STATION * scenario.counts[-1] / len(scenario.networks)
    sites = min(max(wanted, LEAST_SITES), MOST_SITES)
    spacing_m = math.sqrt(polygon.area / (_HEX * sites))
    return Layer(
        name=KIND,
        label=TERMS["land"].zh,
        label_en=TERMS["land"].en,
        shape="area",
        kinds=(KIND,),
        scene="rural",
        # whole tens of metres, and no nearer than candidates may stand
        spacing_m=max(10.0 * round(spacing_m / 10), scenario.siting.min_spacing_m, 10.0),
    )
