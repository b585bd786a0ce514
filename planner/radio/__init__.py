"""What a station reaches: formulas on arrays of metres and decibels, no geography.

Three functions say what a propagation model says, for whoever checks it by hand or in a notebook:
``path_loss``, ``expected_path_loss`` and ``los_probability``. Budgets and the compiled loops read
the same coefficients and tables.
"""

from planner.radio.antenna import (
    AZIMUTH_REASONS,
    Antenna,
    PatternTable,
    Sectors,
    attenuation,
    bearing_deg,
    default_azimuths,
    default_tilt,
    make_sectors,
    parted_tilt,
    pattern_table,
)
from planner.radio.bands import BANDS, FOLLOWS_FROM_UNIT, KNOWN_BANDS, Band
from planner.radio.budget import (
    RSRP_DBM,
    BudgetRow,
    LinkBudget,
    Propagation,
    RadioParameters,
    link_budget,
    uplink_sensitivity,
)
from planner.radio.capacity import CapacityParameters, SectorLoad, busy_hour_traffic, sector_load
from planner.radio.channels import LAST_EARFCN, in_band, in_some_band, nr_frequency
from planner.radio.coverage import coverage_reserve, near_mast, sector_coverage
from planner.radio.entry import NOT_IN_OPEN_LAND, OUTDOORS, WALLS, Entry, Wall, wall_entry
from planner.radio.exposure import (
    OTHER_ANTENNA,
    OTHER_F_GHZ,
    Emitter,
    ExposureParameters,
    SiteField,
    WorstPlace,
    compliance_distance,
    exposure_limit,
    power_spread,
    site_field,
    worst_place,
)
from planner.radio.identity import N_PCI, IdentityParameters
from planner.radio.model import NEAR_M, Curve, PropagationModel, Validity
from planner.radio.models import MODELS
from planner.radio.neighbours import Relations, neighbours
from planner.radio.pathloss import (
    Visibility,
    expected_path_loss,
    los_probability,
    max_range,
    path_loss,
)
from planner.radio.prach import RandomAccess, random_access
from planner.radio.rate import LinkCurve, spectral_efficiency, stream_efficiency
from planner.radio.reuse import (
    NONE,
    Clashes,
    Codes,
    Places,
    find_clashes,
    kept_codes,
    near_pairs,
    spread_codes,
)
from planner.radio.shadowing import area_share, joint_loss, shadow_margin
from planner.radio.signal import Signal, heard_cells, signal, signals
from planner.radio.transmitters import StationClass, Transmitters

__all__ = [
    "AZIMUTH_REASONS", "BANDS", "FOLLOWS_FROM_UNIT", "KNOWN_BANDS", "LAST_EARFCN", "MODELS",
    "NEAR_M", "NONE", "NOT_IN_OPEN_LAND", "N_PCI", "OTHER_ANTENNA", "OTHER_F_GHZ", "OUTDOORS",
    "RSRP_DBM", "WALLS", "Antenna", "Band", "BudgetRow", "CapacityParameters", "Clashes",
    "Codes", "Curve", "Emitter", "Entry", "ExposureParameters", "IdentityParameters",
    "LinkBudget", "LinkCurve", "PatternTable", "Places", "Propagation", "PropagationModel",
    "RadioParameters", "RandomAccess", "Relations", "SectorLoad", "Sectors", "Signal",
    "SiteField", "StationClass", "Transmitters", "Validity", "Visibility", "Wall", "WorstPlace",
    "area_share", "attenuation", "bearing_deg", "busy_hour_traffic", "compliance_distance",
    "coverage_reserve", "default_azimuths", "default_tilt", "expected_path_loss",
    "exposure_limit", "find_clashes", "heard_cells", "in_band", "in_some_band", "joint_loss",
    "kept_codes", "link_budget", "los_probability", "make_sectors", "max_range", "near_mast",
    "near_pairs", "neighbours", "nr_frequency", "parted_tilt", "path_loss", "pattern_table",
    "power_spread", "random_access", "sector_coverage", "sector_load", "shadow_margin",
    "signal", "signals", "site_field", "spectral_efficiency", "spread_codes",
    "stream_efficiency", "uplink_sensitivity", "wall_entry", "worst_place",
]  # fmt: skip
