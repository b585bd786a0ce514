"""What a station reaches: formulas on arrays of metres and decibels, no geography."""

from planner.radio.budget import (
    BANDS,
    PLACES,
    RSRP_DBM,
    Band,
    BudgetRow,
    LinkBudget,
    Place,
    Propagation,
    RadioParameters,
    link_budget,
    uplink_sensitivity,
)
from planner.radio.coverage import coverage, near_mast
from planner.radio.pathloss import (
    MODELS,
    NEAR_M,
    Model,
    Visibility,
    area_share,
    expected_path_loss,
    los_probability,
    max_range,
    o2i_loss,
    path_loss,
    shadow_margin,
    shadow_sigma,
)
from planner.radio.rate import LinkCurve, spectral_efficiency
