"""What a row calls its site, its base station and its station."""

from __future__ import annotations

import re
from typing import NamedTuple

from planner.files import unguarded
from planner.layers.aliases import CELL_OF_NAME
from planner.layers.tables import Table
from planner.scenario import Scenario


class Identity(NamedTuple):
    """What a row calls things; blank where it does not.

    Attributes
    ----------
    site
        Id of the place.
    base
        Id of the base station, which may have antennas at several places.
    name
        Name of the site or station; that of a cell without the number of the cell.
    network, band
        Codes, out of a 规划编号.
    """

    site: str
    base: str
    name: str
    network: str
    band: str


def read_identities(table: Table, scenario: Scenario) -> list[Identity]:
    """What each row calls its things, (rows,)."""
    # in a list of ours that comes back an apostrophe before a text is none of it
    fields = ("plan_site_id", "station_id", "site_id", "base_id", "name", "cell_name")
    columns = [table.text(field).map(unguarded) for field in fields]
    pattern = _station_pattern(scenario)
    codes = {network.code: network.name for network in scenario.networks}
    bands = {name.upper(): name for name in scenario.bands}

    read = []
    for place, station, site, base, name, cell in zip(*columns, strict=True):
        parts = pattern.fullmatch(station)
        of_station, network, band = parts.groups() if parts else (station, "", "")
        read.append(
            Identity(
                place or of_station or site,
                base,
                name or CELL_OF_NAME.sub("", cell),
                codes.get(network, ""),
                bands.get(band, ""),
            )
        )
    return read


def _station_pattern(scenario: Scenario) -> re.Pattern[str]:
    """How a 规划编号 is made: see :func:`planner.stations.ids.station_id`."""
    codes = "|".join(re.escape(network.code) for network in scenario.networks)
    bands = "|".join(re.escape(name.upper()) for name in scenario.bands)
    return re.compile(rf"(.+)-({codes})-({bands})")
