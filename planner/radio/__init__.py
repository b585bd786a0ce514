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
from planner.radio.model import NEAR_M, Curve, PropagationModel, Validity
from planner.radio.models import MODELS
from planner.radio.pathloss import (
    Visibility,
    expected_path_loss,
    los_probability,
    max_range,
    path_loss,
)
from planner.radio.pci import N_PCI, PciPlan, assign_pci, neighbours
from planner.radio.rate import LinkCurve, spectral_efficiency
from planner.radio.shadowing import area_share, shadow_margin
from planner.radio.signal import Signal, rivals, signal, signals
from planner.radio.transmitters import StationClass, Transmitters

__all__ = [
    "AZIMUTH_REASONS", "BANDS", "KNOWN_BANDS", "LAST_EARFCN", "MODELS", "NEAR_M", "N_PCI",
    "RSRP_DBM", "Antenna",
    "Band", "BudgetRow", "CapacityParameters", "Curve", "ExposureParameters", "LinkBudget",
    "LinkCurve", "PatternTable", "PciPlan", "Place", "Propagation", "PropagationModel",
    "RadioParameters", "SectorLoad", "Sectors", "Signal", "StationClass", "Transmitters",
    "Validity", "Visibility", "area_share", "assign_pci", "attenuation", "bearing_deg",
    "busy_hour_traffic", "compliance_distance", "default_azimuths", "default_tilt",
    "expected_path_loss", "exposure_limit", "in_band", "in_some_band", "link_budget",
    "los_probability",
    "make_sectors", "max_range", "near_mast", "neighbours", "nr_frequency",
    "parted_tilt", "path_loss", "pattern_table", "power_density", "rivals", "sector_coverage",
    "sector_load", "shadow_margin", "signal", "signals", "spectral_efficiency",
    "uplink_sensitivity",
]  # fmt: skip
