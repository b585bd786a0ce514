"""Every shared column name, one line each; the unit is part of the name."""

from __future__ import annotations

from typing import Final

# identity
SITE_ID: Final = "site_id"  # a place, made from its coordinates
STATION_ID: Final = "station_id"  # 规划编号: site, network and band
NAME: Final = "name"
NETWORK: Final = "network"
BAND: Final = "band"
STATE: Final = "state"  # open / retrofitted / candidate
TOWN: Final = "town"  # town or 城区街道, an estimate by the nearest seat unless polygons are given

# place
LON: Final = "lon"  # degrees, WGS-84
LAT: Final = "lat"
X_M: Final = "x_m"  # metres, the district's work CRS, east
Y_M: Final = "y_m"  # metres, north
LAYER: Final = "layer"  # one of the scenario's layers
KIND: Final = "kind"  # what an input says a feature is
SCENE: Final = "scene"  # dense-urban, urban, township, industrial, rural
MODEL: Final = "model"  # UMa, UMi, RMa

# how a station is built
SITE_TYPE: Final = "site_type"  # rebuilt, stock, roof, pole, tower
BUILD_TYPE: Final = "build_type"  # retrofit, co_location, new_roof, new_pole, new_tower
HEIGHT_M: Final = "height_m"  # antenna above ground
COST_WAN: Final = "cost_wan"  # 10,000 yuan
AZIMUTHS_DEG: Final = "azimuths_deg"  # text "0/120/240": sectors, true north clockwise
FIRST_PHASE: Final = "first_phase"  # number of the first phase the station may open in, 0 = the state

# the order
RANK: Final = "rank"  # 0 = first; missing for a station that is not in the plan
PHASE: Final = "phase"  # name of the phase the rank falls in

# demand
POINT: Final = "point"
LEVEL: Final = "level"  # outdoor / deep
PEOPLE: Final = "people"
AREA_M2: Final = "area_m2"
LENGTH_M: Final = "length_m"
ROAD: Final = "road"  # number of the road chain a sample lies on, -1 for area cells
CHAINAGE_M: Final = "chainage_m"  # along that chain, at the middle of the sample
CELL: Final = "cell"  # row * columns + column in the grid


def signal_column(network: str, count: int) -> str:
    """Column of a plan's points: SS-RSRP of a network's best server at a count, dBm, outdoors, NaN where unheard."""
    return f"rsrp_{network}_{count}_dbm"


# truth
BASIS: Final = "basis"  # evidence, estimate, synthetic
SOURCE: Final = "source"
ACCURACY_M: Final = "accuracy_m"
LICENCE: Final = "licence"

STATES: Final = ("open", "retrofitted", "candidate")
LEVELS: Final = ("outdoor", "deep")
WGS84: Final = "EPSG:4326"
NEVER: Final = 65535  # rank of demand that no station of the plan serves
