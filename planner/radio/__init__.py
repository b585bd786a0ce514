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
    pattern_table,
)
from planner.radio.bands import BANDS, KNOWN_BANDS, Band
from planner.radio.budget import (
    RSRP_DBM,
    BudgetRow,
    LinkBudget,
    Place,
    Propagation,
    RadioParameters,
    link_budget,
    uplink_sensitivity,
)
from planner.radio.capacity import CapacityParameters, SectorLoad, busy_hour_traffic, sector_load
from planner.radio.channels import LAST_EARFCN, in_band, in_some_band, nr_frequency
from planner.radio.coverage import near_mast, sector_coverage
from planner.radio.exposure import (
    ExposureParameters,
    compliance_distance,
    exposure_limit,
    power_density,
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
    nearest_height,
    path_loss,
)
from planner.radio.prach import RandomAccess, random_access
from planner.radio.rate import LinkCurve, spectral_efficiency
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
from planner.radio.shadowing import area_share, shadow_margin
from planner.radio.signal import Signal, heard_cells, signal, signals
from planner.radio.transmitters import StationClass, Transmitters

__all__ = [
    "AZIMUTH_REASONS", "BANDS", "KNOWN_BANDS", "LAST_EARFCN", "MODELS", "NEAR_M", "NONE",
    "N_PCI", "RSRP_DBM", "Antenna", "Band", "BudgetRow", "CapacityParameters", "Clashes",
    "Codes", "Curve", "ExposureParameters", "IdentityParameters", "LinkBudget", "LinkCurve",
    "PatternTable", "Place", "Places", "Propagation", "PropagationModel", "RadioParameters",
    "RandomAccess", "Relations", "SectorLoad", "Sectors", "Signal", "StationClass",
    "Transmitters", "Validity", "Visibility", "area_share", "attenuation", "bearing_deg",
    "busy_hour_traffic", "compliance_distance", "default_azimuths", "default_tilt",
    "expected_path_loss", "exposure_limit", "find_clashes", "heard_cells", "in_band",
    "in_some_band", "kept_codes", "link_budget", "los_probability", "make_sectors", "max_range",
    "near_mast", "near_pairs", "nearest_height", "neighbours", "nr_frequency", "path_loss",
    "pattern_table", "power_density", "random_access", "sector_coverage", "sector_load",
    "shadow_margin", "signal", "signals", "spectral_efficiency", "spread_codes",
    "uplink_sensitivity",
]  # fmt: skip
