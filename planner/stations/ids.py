"""Names of sites and stations, made from where they stand and what they transmit."""

from __future__ import annotations

from planner.crs import place_code


def site_id(lon: float, lat: float) -> str:
    """Id of a site: ``S`` and ten Crockford base-32 characters of its place.

    The place is in WGS-84, rounded to 1e-5 degree (1 m). The id depends on it alone, so that adding
    candidates never renames a site.
    """
    return "S" + place_code(lon, lat)


def station_id(site: str, network_code: str, band: str) -> str:
    """规划编号 of a station: site, letter of the network, band.

    For example ``S4K7M2P9QRT-M-N41``.
    """
    return f"{site}-{network_code}-{band.upper()}"
