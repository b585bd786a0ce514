"""Every table that passes from room to room: its columns, and where a value may be missing.

``scripts/write_tables.py`` prints them into the documents.
"""

from __future__ import annotations

from typing import Final

from planner import fields as F
from planner.schema import Table

_DRAWN: Final = (F.NAME, F.KIND, F.BASIS, F.ACCURACY_M, F.SOURCE, F.LICENCE)

# what is there: Layers
BOUNDARY: Final = Table("boundary", "the district, one row", (F.NAME, F.ADCODE, F.GEOMETRY))
AREAS: Final = Table(
    "areas",
    "a polygon of an area layer, or of a later phase (layer empty)",
    (F.LAYER, *_DRAWN, F.GEOMETRY),
    frozenset({F.ACCURACY_M}),
)
ROADS: Final = Table(
    "roads",
    "a line of a road layer, or of another named road (layer empty)",
    (F.LAYER, F.REF, *_DRAWN, F.GEOMETRY),
    frozenset({F.ACCURACY_M}),
)
STREETS: Final = Table(
    "streets",
    "a street, for candidates and drawing",
    (*_DRAWN, F.GEOMETRY),
    frozenset({F.ACCURACY_M}),
)
WATER: Final = Table(
    "water", "a river or canal, for drawing", (*_DRAWN, F.GEOMETRY), frozenset({F.ACCURACY_M})
)
KEEP_OUTS: Final = Table(
    "keep_outs",
    "a polygon where nothing may be built",
    (*_DRAWN, F.GEOMETRY),
    frozenset({F.ACCURACY_M}),
)
TOWNS: Final = Table(
    "towns",
    "a township-level unit (kind urban or town) with its seat",
    (F.TOWN_ID, F.NAME, F.KIND, F.PEOPLE, F.SEAT_LON, F.SEAT_LAT, F.X_M, F.Y_M, F.BASIS, F.SOURCE),
    frozenset({F.PEOPLE, F.SEAT_LON, F.SEAT_LAT, F.X_M, F.Y_M}),
)
TOWN_AREAS: Final = Table(
    "town_areas", "the polygon of a unit, where borders are known", (F.TOWN_ID, F.NAME, F.GEOMETRY)
)
LANDMARKS: Final = Table(
    "landmarks", "a point to find one's way by", (F.NAME, F.KIND, F.BASIS, F.SOURCE, F.GEOMETRY)
)
POPULATION: Final = Table(
    "population", "a square and who lives in it", (F.X_M, F.Y_M, F.PEOPLE, F.CELL_M, F.BASIS)
)
LISTED_SITES: Final = Table(
    "sites",
    "a station of today, open or retrofitted",
    (
        F.SITE_ID,
        F.NAME,
        F.STATE,
        F.NETWORK,
        F.BAND,
        F.SITE_TYPE,
        F.HEIGHT_M,
        F.AZIMUTHS_DEG,
        F.PCIS,
        F.TILTS_DEG,
        F.MECHANICAL_TILTS_DEG,
        F.DOUBTS,
        F.LON,
        F.LAT,
        F.BASIS,
        F.SOURCE,
        F.GEOMETRY,
    ),
    frozenset({F.HEIGHT_M}),
)
LISTED_NEIGHBOURS: Final = Table(
    "listed neighbours",
    "an open station of today beyond the border, within reach of the district",
    LISTED_SITES.columns,
    LISTED_SITES.nullable,
)
CANDIDATES: Final = Table(
    "candidates",
    "a candidate site",
    (
        F.SITE_ID,
        F.NAME,
        F.SITE_TYPE,
        F.HEIGHT_M,
        F.DOUBTS,
        F.LON,
        F.LAT,
        F.BASIS,
        F.SOURCE,
        F.GEOMETRY,
    ),
    frozenset({F.HEIGHT_M}),
)
EQUIPMENT: Final = Table(
    "equipment",
    "equipment of 2G to 4G that stands, as a site list tells; azimuths empty = as the stations",
    (F.SITE_ID, F.X_M, F.Y_M, F.AZIMUTHS_DEG, F.TILTS_DEG, F.SYSTEMS, F.POWER_W),
    frozenset({F.POWER_W}),
)
ANTENNAS: Final = Table(
    "antennas", "a point of a measured antenna pattern", (F.BAND, F.CUT, F.ANGLE_DEG, F.LOSS_DB)
)
SOURCES: Final = Table(
    "sources",
    "an input in use, as the manifest describes it",
    (F.FILE, F.SOURCE, F.DATE, F.LICENCE, F.ACCURACY, F.DATUM, F.BASIS, F.SHA256),
)

# what is wanted: Demand
_POINT: Final = (
    F.X_M,
    F.Y_M,
    F.LON,
    F.LAT,
    F.CELL,
    F.AREA_M2,
    F.LENGTH_M,
    F.ROAD,
    F.CHAINAGE_M,
    F.PEOPLE,
    F.TOWN,
    F.SCENE,
)
_OF_ONE_SHAPE: Final = frozenset({F.AREA_M2, F.LENGTH_M, F.CHAINAGE_M})
POINTS: Final = Table(
    "points",
    "a place of demand: area cells by number, then road samples by chain",
    _POINT,
    _OF_ONE_SHAPE,
)
CHAINS: Final = Table(
    "road chains", "a chain of road that is sampled", (F.NAME, F.REF, F.LAYER, F.LENGTH_M)
)
ROWS: Final = Table(
    "rows",
    "what is asked for: place, network and level by number",
    (F.POINT, F.NETWORK, F.LEVEL),
    kinds={F.NETWORK: "int", F.LEVEL: "int"},
)

# what could be built: Stations
_STATION: Final = (
    F.STATION_ID, F.SITE_ID, F.NAME, F.NETWORK, F.BAND, F.STATE, F.SITE_TYPE, F.HEIGHT_M, F.SCENE,
    F.MODEL, F.TOWN, F.LON, F.LAT, F.X_M, F.Y_M, F.FIRST_PHASE, F.COST_WAN, F.EFFORT, F.EXCLUDED,
    F.OPENED_ON, F.PCIS, F.TILTS_DEG, F.MECHANICAL_TILTS_DEG, F.DOUBTS, F.BASIS, F.AZIMUTHS_DEG,
    F.AZIMUTH_REASON, F.TILT_DEG, F.SITING_VERDICT,
    F.AIRPORT_CAP_M, F.LIMIT_W_M2, F.COMPLIANCE_M, F.WORST_BEARING_DEG, F.WORST_HEIGHT_M,
    F.GROUND_SHARE, F.OTHER_SYSTEMS, F.GEOMETRY,
)  # fmt: skip
STATIONS: Final = Table(
    "stations", "a station that stands or could be built", _STATION, frozenset({F.AIRPORT_CAP_M})
)
NEIGHBOUR_STATIONS: Final = Table(
    "neighbour stations",
    "a station beyond the border that serves and interferes from the start: neither counted nor "
    "planned",
    (
        F.SITE_ID, F.NAME, F.NETWORK, F.BAND, F.HEIGHT_M, F.SCENE, F.LON, F.LAT, F.X_M, F.Y_M,
        F.PCIS, F.AZIMUTHS_DEG, F.AZIMUTH_REASON, F.TILTS_DEG, F.TILT_DEG,
    ),
)  # fmt: skip
FINDINGS: Final = Table(
    "findings",
    "a siting rule that hits a station",
    (F.STATION_ID, F.RULE, F.VERDICT, F.FIGURE, F.LIMIT, F.NAME),
    frozenset({F.FIGURE, F.LIMIT}),
)
BUDGET: Final = Table(
    "budget",
    "a term of a link budget in use",
    (F.MODEL, F.HEIGHT_M, F.BAND, F.PLACE, F.TERM, F.VALUE, F.UNIT, F.SOURCE),
)

# what comes out: Plan
PLAN_POINTS: Final = Table(
    "plan points",
    "a place of demand with its signal at the phases",
    (*_POINT, F.SIGNAL),
    _OF_ONE_SHAPE | {F.SIGNAL},
)
PLAN_STATIONS: Final = Table(
    "plan stations",
    "a station with its place in the order and its reasons; those outside the plan have none",
    (*_STATION, F.RANK, F.PHASE, F.BUILD_TYPE, F.GAIN, F.GAIN_ROAD_M, F.GAIN_RESIDENTS, F.LOSS),
    frozenset(
        {
            F.AIRPORT_CAP_M,
            F.COST_WAN,
            F.RANK,
            F.PHASE,
            F.GAIN,
            F.GAIN_ROAD_M,
            F.GAIN_RESIDENTS,
            F.LOSS,
        }
    ),
)
_CASE: Final = (F.LAYER, F.NETWORK, F.LEVEL)
MEASURES: Final = Table(
    "measures",
    "a figure at a phase",
    (F.PHASE, F.COUNT, *_CASE, F.MEASURE, F.VALUE, F.UNIT),
    frozenset({F.VALUE}),
)
HEARD: Final = Table(
    "heard",
    "a figure of what is heard outdoors at a phase or stated count, for a rule that asks for it",
    (F.COUNT, F.LAYER, F.NETWORK, F.MEASURE, F.VALUE),
)
VERDICTS: Final = Table(
    "verdicts",
    "whether a layer passes at a phase in a network and level",
    (F.PHASE, F.COUNT, *_CASE, F.PASSES, F.SHARE, F.PASSING_COUNT, F.RESERVE_DB, F.FAIL),
    frozenset({F.RESERVE_DB}),
)
_PIECE: Final = (F.PHASE, F.COUNT, F.NETWORK, F.LEVEL, F.LAYER, F.NAME, F.TOWN)
GAPS: Final = Table("gaps", "a gap over the limit at a phase", (*_PIECE, F.LENGTH_M, F.LON, F.LAT))
HOLES: Final = Table("holes", "a hole at a phase", (*_PIECE, F.AREA_HA, F.LON, F.LAT))
TASKS: Final = Table(
    "town tasks",
    "what a town gets in a phase and network",
    (
        F.TOWN,
        F.PHASE,
        F.NETWORK,
        F.STATIONS,
        F.SITES,
        F.NEW,
        F.RETROFIT,
        F.CO_LOCATION,
        F.NEW_SITES,
        F.COST_WAN,
        F.PEOPLE,
        F.PER_10K,
    ),
    frozenset({F.PER_10K}),
    kinds={F.PEOPLE: "int"},
)
RESIDENTS: Final = Table(
    "residents",
    "residents of a town inside the layers, and how many of them are served",
    (F.TOWN, F.PHASE, F.NETWORK, F.LEVEL, F.PEOPLE, F.COVERED),
)
CURVE: Final = Table(
    "curve",
    "a count of stations, on past the last phase",
    (F.COVERED, F.BOUND, F.CURVE),
    frozenset({F.BOUND}),
    index=F.COUNT,
)
CELLS: Final = Table(
    "cells",
    "a sector of the plan",
    (
        F.CELL_ID,
        F.STATION_ID,
        F.NETWORK,
        F.BAND,
        F.AZIMUTH_DEG,
        F.TILT_DEG,
        F.ELECTRICAL_TILT_DEG,
        F.MECHANICAL_TILT_DEG,
        F.PCI,
        F.RADIUS_M,
        F.PRACH_LENGTH,
        F.ZERO_CORRELATION_ZONE,
        F.N_CS,
        F.N_CS_REACH_M,
        F.ROOT_INDEX,
        F.ROOTS,
        F.OFFERED_MBPS,
        F.LOAD,
    ),
    frozenset({F.ELECTRICAL_TILT_DEG, F.MECHANICAL_TILT_DEG, F.OFFERED_MBPS, F.LOAD}),
)
CARRIERS: Final = Table(
    "carriers",
    "the cells of a network on a frequency: how good their lists, identities and roots are",
    (
        F.NETWORK, F.BAND, F.CELLS, F.LIST_LENGTH, F.CARRIER_PAIRS, F.PCI_REUSE_M, F.PCI_COLLISIONS,
        F.PCI_CONFUSIONS, F.PCI_MOD3, F.PCI_MOD4, F.PCI_MOD30, F.PRACH_LENGTH, F.ROOTS_MOST,
        F.ROOT_REUSE_M, F.ROOT_COLLISIONS, F.ROOT_CONFUSIONS, F.TOO_WIDE, F.CLASHES,
    ),
    frozenset({F.PCI_REUSE_M, F.ROOT_REUSE_M}),
)  # fmt: skip
NEIGHBOURS: Final = Table(
    "neighbours",
    "a neighbour in the list of a sector, those first that share most",
    (F.CELL_ID, F.NEIGHBOUR_ID, F.SHARED_M2, F.SAME_SITE),
)
REPLACEMENTS: Final = Table(
    "replacements",
    "a station that could stand in for one of the plan",
    (
        F.STATION_ID,
        F.CHOICE,
        F.REPLACEMENT_ID,
        F.SITE_ID,
        F.BAND,
        F.LON,
        F.LAT,
        F.DISTANCE_M,
        F.REGAINED,
    ),
)

REPORT_STATIONS: Final = Table(
    "report stations",
    "a station of the plan as the report reads it, by rank; town as the task table names it",
    (
        *(name for name in _STATION if name != F.GEOMETRY),
        F.RANK,
        F.PHASE,
        F.BUILD_TYPE,
        F.GAIN,
        F.GAIN_ROAD_M,
        F.GAIN_RESIDENTS,
        F.LOSS,
        F.FIRST_HERE,
        F.IS_NEW,
        F.IS_SHARED,
        F.LOST_POINTS,
    ),
    frozenset({F.AIRPORT_CAP_M, F.GAIN_RESIDENTS}),
)

# two plans: Comparison
CHANGED_STATIONS: Final = Table(
    "changed stations",
    "a station that is not the same in two plans",
    (
        F.PLAN,
        F.CHANGE,
        F.STATION_ID,
        F.BASE_ID,
        F.NETWORK,
        F.BAND,
        F.TOWN,
        F.PHASE_BASE,
        F.PHASE,
        F.RANK_BASE,
        F.RANK,
        F.MOVED_M,
        F.LON,
        F.LAT,
    ),
    frozenset({F.PHASE_BASE, F.PHASE, F.MOVED_M}),
)

# why one station, and what the office asks next
ADDS: Final = Table(
    "adds", "what a station adds to a layer at its rank", (F.LAYER, F.LEVEL, F.POINTS)
)
CLOSES: Final = Table(
    "closes",
    "a dark run of road or a hole that a station is the first to serve of",
    (F.KIND, F.LAYER, F.LEVEL, F.NAME, F.TOWN, F.BEFORE, F.AFTER, F.OVER_LIMIT),
)
_OPENING: Final = (F.KIND, F.LAYER, F.LEVEL, F.NAME, F.TOWN, F.SIZE, F.BEFORE)
OPENS: Final = Table(
    "opens", "a gap or hole that a veto opens or makes larger", (F.PHASE, F.COUNT, *_OPENING)
)
LOSES: Final = Table(
    "loses",
    "a layer that loses by a veto",
    (
        F.PHASE,
        F.COUNT,
        *_CASE,
        F.SHARE,
        F.SHARE_WITHOUT,
        F.POINTS,
        F.PASSES,
        F.PASSES_WITHOUT,
        F.FAIL,
    ),
)
# a review
STATEMENTS: Final = Table(
    "statements",
    "an answer that was taken up, and what it came to",
    (
        F.FILE,
        F.LINE,
        F.REVIEWER,
        F.KIND,
        F.STATION_ID,
        F.TOWN,
        F.VERDICT,
        F.IS_OPEN,
        F.LON,
        F.LAT,
        F.DEMAND_LON,
        F.DEMAND_LAT,
        F.OFFSET_M,
        F.OPENED_ON,
        F.DUE_ON,
        F.DELIVERED_ON,
        F.REASON,
        F.NOTE,
        F.MARK_LON,
        F.MARK_LAT,
        F.AREA,
        F.DECISION,
        F.METRES,
        F.KEY,
        F.AREA_HA,
        F.INSIDE,
    ),
    frozenset(
        {
            F.LON,
            F.LAT,
            F.DEMAND_LON,
            F.DEMAND_LAT,
            F.OFFSET_M,
            F.MARK_LON,
            F.MARK_LAT,
            F.METRES,
            F.AREA_HA,
        }
    ),
)
CHANGES: Final = Table(
    "changes",
    "a station that a new version changes, and why",
    (
        F.CHANGE,
        F.STATION_ID,
        F.BASE_ID,
        F.NETWORK,
        F.BAND,
        F.TOWN,
        F.PHASE_BASE,
        F.PHASE,
        F.MOVED_M,
        F.LON,
        F.LAT,
        F.ASKED,
        F.BY,
        F.CAUSE,
        F.NEAR,
        F.SAID,
        F.EFFECT_PHASE,
        F.STATION_POINTS,
    ),
    frozenset({F.PHASE_BASE, F.PHASE, F.MOVED_M}),
)
COVERAGE_CHANGES: Final = Table(
    "coverage changes",
    "a layer at a phase in two versions",
    (F.PHASE, *_CASE, F.SHARE_BASE, F.SHARE, F.POINTS, F.PASSES_BASE, F.PASSES),
)
DIFFICULT: Final = Table(
    "difficult sites",
    "a station that somebody refused, and what hangs on it",
    (
        F.STATION_ID,
        F.NAME,
        F.NETWORK,
        F.BAND,
        F.TOWN,
        F.SCENE,
        F.LON,
        F.LAT,
        F.PHASE,
        F.RANK,
        F.LOST_POINTS,
        F.NEW_GAP_M,
        F.NEW_HOLE_HA,
        F.LOSS,
    ),
)
OPENINGS: Final = Table(
    "openings",
    "a gap or hole that would be there without such a station",
    (F.STATION_ID, *_OPENING),
)
PRICES: Final = Table(
    "prices",
    "a way to replan, and what it costs",
    (F.WAY, F.PRICE, F.VALUE, F.GAP, F.LEFT, F.COVERED_AT, F.POINTS),
)

TABLES: Final = tuple(value for value in globals().values() if isinstance(value, Table))
