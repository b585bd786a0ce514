"""Every column of the tables that pass from room to room; the unit is part of the name.

Which table holds which of them: ``planner.model.tables``.
"""

from __future__ import annotations

from typing import Final

from planner.codes import Level, State
from planner.schema import column, member

# identity
SITE_ID: Final = column("site_id", "text", "-", "a place, made from its coordinates")
STATION_ID: Final = column("station_id", "text", "-", "规划编号: site, network and band")
CELL_ID: Final = column("cell_id", "text", "-", "a sector: 规划编号 and its number there")
NAME: Final = column("name", "text", "-", "name as the input gives it")
ADCODE: Final = column("adcode", "text", "-", "code of the district; may be blank")
NETWORK: Final = column("network", "text", "-", "code of the network")
BAND: Final = column("band", "text", "-", "code of the band")
STATE: Final = column("state", "text", "-", "open, retrofitted, candidate")
TOWN: Final = column(
    "town",
    "text",
    "-",
    "town or 城区街道; an estimate by the nearest seat unless polygons are given",
)
TOWN_ID: Final = column("town_id", "text", "-", "code of the town as the input gives it")

# place
LON: Final = column("lon", "float", "degree", "longitude, WGS-84")
LAT: Final = column("lat", "float", "degree", "latitude, WGS-84")
X_M: Final = column("x_m", "float", "m", "east in the district's work CRS")
Y_M: Final = column("y_m", "float", "m", "north in the district's work CRS")
SEAT_LON: Final = column("seat_lon", "float", "degree", "longitude of a town's seat, WGS-84")
SEAT_LAT: Final = column("seat_lat", "float", "degree", "latitude of a town's seat, WGS-84")
LAYER: Final = column("layer", "text", "-", "one of the scenario's layers; empty for none or all")
KIND: Final = column(
    "kind", "text", "-", "what an input says a feature is; of a failing piece gap or hole"
)
REF: Final = column("ref", "text", "-", "number of a road")
SCENE: Final = column("scene", "text", "-", "dense-urban, urban, township, industrial, rural")
MODEL: Final = column("model", "text", "-", "name of the propagation model")
GEOMETRY: Final = column("geometry", "geometry", "-", "shape, in the CRS that the table says")
DISTANCE_M: Final = column("distance_m", "float", "m", "distance between two stations")

# how a station is built
SITE_TYPE: Final = column("site_type", "text", "-", "rebuilt, stock, roof, pole, tower")
BUILD_TYPE: Final = column(
    "build_type", "text", "-", "retrofit, co_location, new_roof, new_pole, new_tower; or empty"
)
HEIGHT_M: Final = column("height_m", "float", "m", "antenna above ground")
COST_WAN: Final = column(
    "cost_wan",
    "float",
    "money",
    "cost as built in this order; what the unit is called: references.money",
)
EFFORT: Final = column("effort", "float", "1", "build effort, 1 = co-location")
EXCLUDED: Final = column(
    "excluded", "bool", "-", "may not be built: in a keep-out, refused, or ready too late"
)
FIRST_PHASE: Final = column(
    "first_phase", "int", "1", "number of the first phase the station may open in, 0 = the state"
)
OPENED_ON: Final = column(
    "opened_on", "text", "YYYY-MM-DD", "day on which a review says it was opened; or empty"
)

# sectors
AZIMUTHS_DEG: Final = column(
    "azimuths_deg", "text", "degree", 'sectors, true north clockwise: "0/120/240"'
)
AZIMUTH_REASON: Final = column(
    "azimuth_reason", "text", "-", "why they look so: road, demand, default, on_air, rebuilt"
)
AZIMUTH_DEG: Final = column(
    "azimuth_deg", "float", "degree", "where a sector looks, true north clockwise"
)
TILT_DEG: Final = column(
    "tilt_deg", "float", "degree", "down-tilt; a station's is the largest of its sectors"
)
ELECTRICAL_TILT_DEG: Final = column(
    "electrical_tilt_deg", "float", "degree", "part of a sector's tilt_deg that is steered"
)
MECHANICAL_TILT_DEG: Final = column(
    "mechanical_tilt_deg", "float", "degree", "part of a sector's tilt_deg by which it is turned"
)
PCIS: Final = column("pcis", "text", "-", 'identities on air by azimuth, "285/241/182"; or empty')
TILTS_DEG: Final = column(
    "tilts_deg", "text", "degree", 'down-tilts on air by azimuth, "6/6/8"; or empty'
)
MECHANICAL_TILTS_DEG: Final = column(
    "mechanical_tilts_deg", "text", "degree", 'mechanical part of tilts_deg, "2/2/2"; or empty'
)
DOUBTS: Final = column(
    "doubts", "text", "-", "what a list says that was left out, the default stands: height_m pcis"
)
PCI: Final = column("pci", "int", "1", "physical cell identity, 0-1007")
RADIUS_M: Final = column(
    "radius_m", "float", "m", "how far the axis reaches the outdoor threshold, without margin"
)
PRACH_LENGTH: Final = column("prach_length", "int", "1", "length of the random access sequences")
ROOT_INDEX: Final = column("root_index", "int", "1", "first logical root sequence index")
ROOTS: Final = column("roots", "int", "1", "root sequences in a row that 64 preambles take")
N_CS: Final = column("n_cs", "int", "1", "cyclic shift of the preambles, 0 = a sequence each")
ZERO_CORRELATION_ZONE: Final = column(
    "zero_correlation_zone", "int", "1", "its zeroCorrelationZoneConfig, 0-15"
)
N_CS_REACH_M: Final = column("n_cs_reach_m", "float", "m", "cell radius that the shift bears")
NEIGHBOUR_ID: Final = column("neighbour_id", "text", "-", "cell_id of the neighbour")
SHARED_M2: Final = column(
    "shared_m2", "float", "m2", "ground on which both are heard, each on its carrier"
)
SAME_SITE: Final = column("same_site", "bool", "-", "whether both stand on one site")
CELLS: Final = column("cells", "int", "1", "cells of the district on the carrier")
LIST_LENGTH: Final = column("list_length", "float", "1", "mean length of their neighbour lists")
CARRIER_PAIRS: Final = column("carrier_pairs", "int", "1", "pairs of neighbours on the carrier")
PCI_REUSE_M: Final = column(
    "pci_reuse_m", "float", "m", "least distance between equal identities; missing for none"
)
PCI_COLLISIONS: Final = column("pci_collisions", "int", "1", "neighbours with one identity, pairs")
PCI_CONFUSIONS: Final = column(
    "pci_confusions", "int", "1", "cells with one identity and a neighbour in common, pairs"
)
PCI_MOD3: Final = column("pci_mod3", "int", "1", "neighbours whose identities are alike by 3")
PCI_MOD4: Final = column("pci_mod4", "int", "1", "neighbours whose identities are alike by 4")
PCI_MOD30: Final = column("pci_mod30", "int", "1", "neighbours whose identities are alike by 30")
ROOTS_MOST: Final = column("roots_most", "int", "1", "most root sequences that a cell takes")
ROOT_REUSE_M: Final = column(
    "root_reuse_m", "float", "m", "least distance between equal root sequences; missing for none"
)
ROOT_COLLISIONS: Final = column(
    "root_collisions", "int", "1", "neighbours with a root sequence in common, pairs"
)
ROOT_CONFUSIONS: Final = column(
    "root_confusions", "int", "1", "cells with a root sequence and a neighbour in common, pairs"
)
TOO_WIDE: Final = column("too_wide", "int", "1", "cells wider than their cyclic shift bears")
CLASHES: Final = column("clashes", "text", "-", "the first of those pairs by name; or empty")
OFFERED_MBPS: Final = column(
    "offered_mbps_{count}", "float", "Mbit/s", "busy-hour traffic offered at a phase's count"
)
LOAD: Final = column(
    "load_{count}", "float", "1", "traffic over what the sector can carry at a phase's count"
)

# siting and exposure
SITING_VERDICT: Final = column(
    "siting_verdict", "text", "-", "pass, calculate, consult, forbidden: the strictest rule's"
)
AIRPORT_CAP_M: Final = column(
    "airport_cap_m", "float", "m", "highest top under an airport's surfaces"
)
LIMIT_W_M2: Final = column("limit_w_m2", "float", "W/m2", "limit of power density for the public")
COMPLIANCE_M: Final = column(
    "compliance_m", "float", "m",
    "distance from the antennas from which the sum of all of the site keeps the limits",
)  # fmt: skip
WORST_BEARING_DEG: Final = column(
    "worst_bearing_deg", "float", "deg", "direction in which that distance is the longest"
)
WORST_HEIGHT_M: Final = column(
    "worst_height_m", "float", "m", "height above ground of the place at that distance"
)
GROUND_SHARE: Final = column(
    "ground_share", "float", "1",
    "highest sum on the ground of the power densities of the site over their limits",
)  # fmt: skip
OTHER_SYSTEMS: Final = column(
    "other_systems", "text", "-",
    "how the exposure counts 2G to 4G at the site: listed, allowed, none",
)  # fmt: skip
RULE: Final = column("rule", "text", "-", "siting rule that hits a station")
VERDICT: Final = column(
    "verdict", "text", "-", "what the rule makes of it: calculate, consult, forbidden"
)
FIGURE: Final = column("figure", "float", "m | 1", "the station's own figure under the rule")
LIMIT: Final = column("limit", "float", "m | 1", "the rule's limit")

# the order
RANK: Final = column("rank", "int", "1", "0 = first; missing for a station that is not in the plan")
PHASE: Final = column("phase", "int", "1", "number of the phase, 0 = the state")
COUNT: Final = column("count", "int", "stations", "cumulative number of stations")
GAIN: Final = column(
    "gain_{layer}_{level}", "float", "%", "ground of the layer, in its network, added at its rank"
)
GAIN_ROAD_M: Final = column(
    "gain_road_m", "float", "m", "road layers served outdoors for the first time"
)
GAIN_RESIDENTS: Final = column(
    "gain_residents", "float", "people", "residents inside the layers first served outdoors"
)
LOSS: Final = column(
    "loss_{layer}_{level}", "float", "%", "ground of the layer that the last phase loses without it"
)
REPLACEMENT_ID: Final = column(
    "replacement_id", "text", "-", "规划编号 of a station that could stand in"
)
CHOICE: Final = column("choice", "int", "1", "1-3, best first")
REGAINED: Final = column("regained", "float", "1", "share of the lost value that it brings back")

# demand
POINT: Final = column("point", "int", "1", "place of the point in the table of points")
LEVEL: Final = column("level", "text", "-", "outdoor or deep; empty for both")
PEOPLE: Final = column("people", "float", "people", "residents")
AREA_M2: Final = column("area_m2", "float", "m2", "true area of a cell")
LENGTH_M: Final = column("length_m", "float", "m", "length of a piece of road")
AREA_HA: Final = column("area_ha", "float", "ha", "size of an area")
ROAD: Final = column(
    "road", "int", "1", "number of the road chain a sample lies on, -1 for area cells"
)
CHAINAGE_M: Final = column(
    "chainage_m", "float", "m", "along that chain, at the middle of the sample"
)
CELL: Final = column("cell", "int", "1", "row * columns + column in the grid")
CELL_M: Final = column(
    "cell_m", "float", "m", "side of the square that a row of the population stands for"
)
SIGNAL: Final = column(
    "rsrp_{network}_{count}_dbm", "float", "dBm", "SS-RSRP of the best server at a phase's count"
)

# measures
MEASURE: Final = column("measure", "text", "-", "code of the measure")
VALUE: Final = column("value", "float", "see unit", "the figure")
UNIT: Final = column("unit", "text", "-", "unit of the figure")
PASSES: Final = column("passes", "bool", "-", "whether every rule of the layer holds")
SHARE: Final = column("share", "float", "1", "share of the layer's ground that is served")
PASSING_COUNT: Final = column(
    "passing_count", "int", "stations", "least count from which it passes, -1 = never"
)
RESERVE_DB: Final = column(
    "reserve_db", "float", "dB",
    "by how much all signals may weaken, or below 0 have to strengthen, until the verdict turns; "
    "empty from 2 dB on",
)  # fmt: skip
FAIL: Final = column("fail_{rule}", "float", "1 | m", "size of a rule's failure, 0 = it holds")
COVERED: Final = column(
    "covered", "float", "1 | people", "what is served: share of all weight, or residents"
)
BOUND: Final = column(
    "bound",
    "float",
    "1",
    "share of all weight that no set of so many stations exceeds, where proven",
)
CURVE: Final = column(
    "{layer}/{network}/{level}", "float", "1", "share of the layer's ground that is served"
)
STATIONS: Final = column("stations", "int", "stations", "cumulative number of stations")
SITES: Final = column("sites", "int", "sites", "cumulative number of sites")
NEW: Final = column("new", "int", "stations", "stations opened in the phase")
RETROFIT: Final = column("retrofit", "int", "stations", "of these, on rebuilt or stock sites")
CO_LOCATION: Final = column("co_location", "int", "stations", "of these, beside another station")
NEW_SITES: Final = column("new_sites", "int", "stations", "of these, on new sites")
PER_10K: Final = column("per_10k", "float", "1/10,000 people", "stations per 10,000 residents")

# link budgets
PLACE: Final = column(
    "place", "text", "-", "where the terminal is: outdoor, vehicle, or a class of walls"
)
TERM: Final = column("term", "text", "-", "term of a link budget")

# on paper
FIRST_HERE: Final = column(
    "first_here", "bool", "-", "whether it is the first station of the plan at its site"
)
IS_NEW: Final = column("is_new", "bool", "-", "whether it stands at a site that is newly built")
IS_SHARED: Final = column(
    "is_shared", "bool", "-", "whether more than one network of the plan is at its site"
)

# two plans
PLAN: Final = column("plan", "text", "-", "name of a plan")
CHANGE: Final = column("change", "text", "-", "added, removed, moved, retimed")
BASE_ID: Final = column("base_id", "text", "-", "规划编号 in the base plan; empty for none")
PHASE_BASE: Final = column(
    "phase_base", "int", "1", "number of its phase in the base plan; missing for none"
)
RANK_BASE: Final = column("rank_base", "int", "1", "its rank in the base plan, -1 for none")
MOVED_M: Final = column("moved_m", "float", "m", "how far it moved")
EFFECT_PHASE: Final = column(
    "effect_phase", "int", "1", "first phase at whose end two versions differ about it"
)
POINTS: Final = column(
    "points", "float", "%", "what is gained (+) or lost (-), in per cent of the layer's ground"
)
STATION_POINTS: Final = column(
    "points_{layer}_{level}", "float", "%", "the same, what the station alone serves there"
)
SHARE_BASE: Final = column("share_base", "float", "1", "share in the base plan")
SHARE_WITHOUT: Final = column("share_without", "float", "1", "share without the station")
PASSES_BASE: Final = column("passes_base", "bool", "-", "whether it passes in the base plan")
PASSES_WITHOUT: Final = column(
    "passes_without", "bool", "-", "whether it passes without the station"
)
ASKED: Final = column("asked", "bool", "-", "by an answer, else to repair the counts")
BY: Final = column("by", "text", "-", "who answered, a line each")
CAUSE: Final = column(
    "cause", "text", "-", "decisions that changed it, joined by +; empty where nobody asked"
)
NEAR: Final = column(
    "near",
    "text",
    "-",
    "规划编号 of the nearest that came for one that went, or the other way round",
)
SAID: Final = column("said", "text", "-", "what people wrote, a line each")
SIZE: Final = column("size", "float", "m | ha", "how large a gap or hole is")
BEFORE: Final = column("before", "float", "m | ha", "how large it was before")
AFTER: Final = column("after", "float", "m | ha", "how large it is after")
OVER_LIMIT: Final = column(
    "over_limit", "bool", "-", "whether it failed the rule before and no longer does"
)
LOST_POINTS: Final = column(
    "lost_points", "float", "%", "ground of the layers lost, summed over layers and levels"
)
NEW_GAP_M: Final = column("new_gap_m", "float", "m", "road in gaps over the limit that are new")
NEW_HOLE_HA: Final = column("new_hole_ha", "float", "ha", "ground in holes that are new")
WAY: Final = column(
    "way", "text", "-", "zero, version, free: how dear it was to leave the agreed plan"
)
PRICE: Final = column(
    "price", "float", "mean stations", "price of a station that leaves its agreed phase"
)
GAP: Final = column("gap", "float", "1", "proven gap of what is maximised")
LEFT: Final = column("left", "int", "stations", "agreed stations that left their phase")
COVERED_AT: Final = column(
    "covered_{count}", "float", "1", "share of all weight covered at a phase's count"
)
PARAMETER: Final = column("parameter", "text", "-", "path of a parameter in the scenario")

# what people answered
LINE: Final = column("line", "int", "1", "line of the file, from 1")
REVIEWER: Final = column("reviewer", "text", "-", "who says it")
IS_OPEN: Final = column("is_open", "bool", "-", "says that the station is on air")
DEMAND_LON: Final = column(
    "demand_lon", "float", "degree", "longitude that the row echoes as demanded, WGS-84"
)
DEMAND_LAT: Final = column(
    "demand_lat", "float", "degree", "latitude that the row echoes as demanded, WGS-84"
)
OFFSET_M: Final = column(
    "offset_m", "float", "m", "distance between demanded and built place that the row states"
)
DUE_ON: Final = column("due_on", "text", "YYYY-MM-DD", "agreed day of delivery; or empty")
DELIVERED_ON: Final = column(
    "delivered_on", "text", "YYYY-MM-DD", "confirmed day of delivery; or empty"
)
REASON: Final = column("reason", "text", "-", "reason given")
NOTE: Final = column("note", "text", "-", "remark given")
MARK_LON: Final = column("mark_lon", "float", "degree", "where a mark of the page stands, WGS-84")
MARK_LAT: Final = column("mark_lat", "float", "degree", "where a mark of the page stands, WGS-84")
AREA: Final = column("area", "text", "-", "ring that a comment is about, as WKT; or empty")
DECISION: Final = column("decision", "text", "-", "what an answer came to, joined by +")
METRES: Final = column("metres", "float", "m", "distance of a named place from the planned one")
KEY: Final = column("key", "text", "-", "hash of what is said, wherever it stands")
INSIDE: Final = column(
    "inside", "tuple", "-", "规划编号 of the plan's stations inside the ring, by rank"
)

# truth
FILE: Final = column("file", "text", "-", "file of an input")
BASIS: Final = column("basis", "text", "-", "evidence, estimate, synthetic")
SOURCE: Final = column("source", "text", "-", "where it comes from")
DATE: Final = column("date", "text", "-", "as of when")
ACCURACY: Final = column("accuracy", "text", "-", "how exact, as the source says")
ACCURACY_M: Final = column("accuracy_m", "float", "m", "how exact a feature is")
LICENCE: Final = column("licence", "text", "-", "licence of the data")
DATUM: Final = column("datum", "text", "-", "datum of its coordinates")
SHA256: Final = column("sha256", "text", "-", "hash of the file")
SYSTEMS: Final = column("systems", "int", "1", "systems of 2G to 4G that a row stands for")
POWER_W: Final = column("power_w", "float", "W", "transmit power in a sector, of all its systems")
CUT: Final = column("cut", "text", "-", "horizontal or vertical cut of an antenna's pattern")
ANGLE_DEG: Final = column("angle_deg", "float", "degree", "angle in the cut")
LOSS_DB: Final = column("loss_db", "float", "dB", "loss against the axis")

STATES: Final = tuple(state.value for state in State)
LEVELS: Final = tuple(level.value for level in Level)
OUTDOOR, DEEP = (LEVELS.index(level) for level in (Level.OUTDOOR, Level.DEEP))
"""Places of the two levels in ``LEVELS`` and on the last axis of arrays by level."""
WGS84: Final = "EPSG:4326"
MERCATOR: Final = "EPSG:3857"
NEVER: Final = 2**31 - 1
"""Rank of demand that no station of the plan serves: the greatest that 32 bits with a sign hold."""
OUTSIDE: Final = -1
"""Rank of demand that neighbour stations serve: from the start, before every count."""


def signal_column(network: str, count: int) -> str:
    """Column of a plan's points: SS-RSRP of a network's best server at a count.

    Outdoors, dBm; NaN where nothing is heard.
    """
    return member(SIGNAL, network=network, count=count)


def gain_column(layer: str, level: str) -> str:
    """Column of a plan's stations: ground of the layer that one adds at its rank, per cent."""
    return member(GAIN, layer=layer, level=level)


def loss_column(layer: str, level: str) -> str:
    """Column of a plan's stations: ground that the last phase loses without one, per cent."""
    return member(LOSS, layer=layer, level=level)


def points_column(layer: str, level: str) -> str:
    """Column of changed stations: ground of the layer gained or lost with one, per cent."""
    return member(STATION_POINTS, layer=layer, level=level)


def load_column(count: int) -> str:
    """Column of a plan's cells: load at a count; NaN for a sector that is not open then."""
    return member(LOAD, count=count)


def offered_column(count: int) -> str:
    """Column of a plan's cells: busy-hour traffic offered at a count, Mbit/s."""
    return member(OFFERED_MBPS, count=count)
