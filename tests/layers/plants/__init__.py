"""Defects to plant in the toy county, a module for each group of notices; one registry of all."""

from tests.layers.plants import (  # noqa: F401 - each enters its own
    coordinates,
    datum,
    files,
    geometry,
    lacking,
    osm,
    patterns,
    rasters,
    sites,
    tables,
    values,
    workbooks,
)
from tests.layers.plants.county import PLANTS

__all__ = ["PLANTS"]
