"""Radio parameters of a scenario, and the link budget that turns them into a range.

Every term of a budget is a row with its unit and source, so that a radio engineer can redo it by
hand. Coverage is decided by SS-RSRP at the point and by the uplink; the smaller of the two maximum
losses wins.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from planner.errors import ScenarioError
from planner.parameters import Part, UnfitError, parameter
from planner.radio.bands import KNOWN_BANDS, SUBCARRIERS, Band
from planner.radio.model import BUILDING_HEIGHTS_M, STREET_WIDTHS_M
from planner.radio.models import MODELS, ModelName, find_model
from planner.radio.pathloss import Visibility, max_range
from planner.radio.rate import DOWNLINK, THERMAL_NOISE_DBM_HZ, UPLINK, LinkCurve, least_power
from planner.radio.shadowing import shadow_margin

Place = Literal["outdoor", "indoor", "vehicle"]

RSRP_DBM = -105.0
"""Usual threshold of SS-RSRP in public drive-test programs, dBm."""

# three standard deviations of the widest shadow fading, either way
Margin = Annotated[float, Field(ge=-30.0, le=30.0)]


class Propagation(Part):
    """How a scene is modelled: its model, the line of sight assumed, and the usual mast."""

    model: ModelName = parameter(
        ..., unit="-", source="planner/radio/models", doc="Name of the propagation model."
    )
    visibility: Visibility = parameter(
        "nlos",
        unit="-",
        source="judgement: the cautious choice on flat land without buildings",
        doc="los, nlos, or expected: the mean of both losses in dB over the probability of "
        "line of sight.",
    )
    h_bs_m: float = parameter(
        ...,
        unit="m",
        source="the source of the model",
        doc="Usual antenna height, within the range of the model.",
        ge=5.0,
        le=150.0,
    )
    street_width_m: float | None = parameter(
        None,
        unit="m",
        source="ITU-R M.2135-1, Table A1-2: usually 20",
        doc="Average width of streets, for a model that knows it; by default its usual one.",
        ge=STREET_WIDTHS_M[0],
        le=STREET_WIDTHS_M[1],
    )
    building_height_m: float | None = parameter(
        None,
        unit="m",
        source="ITU-R M.2135-1, Table A1-2: usually 20; TR 38.901 V17, RMa: 5",
        doc="Average height of buildings, for a model that knows it; by default its usual one.",
        ge=BUILDING_HEIGHTS_M[0],
        le=BUILDING_HEIGHTS_M[1],
    )

    def at(self, h_bs_m: float) -> Propagation:
        """How a mast of a height (m) is modelled here, with the height at which its loss is taken.

        A model hands masts beyond its range to another where it names one. Else, and beyond that
        one's range too, the loss is taken at the nearest height.
        """
        model = find_model(self.model)
        low, high = model.masts_m
        other = model.lower if h_bs_m <= low else model.higher if h_bs_m > high else ""
        if other:
            model = find_model(other)
            low, high = model.masts_m
        taken = {"model": model.name, "h_bs_m": min(max(h_bs_m, low), high)}
        return self.model_copy(update=taken)


_URBAN = Propagation(model="UMa", h_bs_m=25.0)
_RURAL = Propagation(model="RMa", h_bs_m=35.0)


class RadioParameters(Part):
    """Everything the radio model asks of a scenario, but the bands."""

    scenes: dict[str, Propagation] = parameter(
        {
            "dense-urban": _URBAN,
            "urban": _URBAN,
            "township": _URBAN,
            "industrial": _URBAN,
            "rural": _RURAL,
        },
        unit="-",
        source="judgement: UMa where it is built up, RMa in flat open land",
        doc="Propagation per scene.",
    )
    margin_db: dict[ModelName, Margin] = parameter(
        {name: model.margin_db for name, model in MODELS.items()},
        unit="dB",
        source="90 % at the edge, 1.28 times the model's NLOS deviation, rounded",
        doc="Shadow margin per model.",
    )
    edge_probability: float | None = parameter(
        None,
        unit="1",
        source="Jakes, section 2.5.3",
        doc="Where given, the margin follows from it.",
        gt=0.0,
        lt=1.0,
    )
    area_probability: float | None = parameter(
        None,
        unit="1",
        source="Jakes, section 2.5.3",
        doc="The same for the mean over a cell.",
        gt=0.0,
        lt=1.0,
    )
    vehicle_loss_db: float = parameter(
        9.0,
        unit="dB",
        source="TR 38.901 V17, 7.4.3.2",
        doc="Loss into a car.",
        ge=0.0,
        le=40.0,
    )
    h_ut_m: float = parameter(
        1.5,
        unit="m",
        source="3GPP TR 38.901 V17, Table 7.4.1-1",
        doc="Height of the terminal, within the range of every model in use.",
        ge=1.0,
        le=13.0,
    )
    ul_mbps: float = parameter(
        1.0,
        unit="Mbit/s",
        source="operator practice: 1 Mbit/s up at the edge",
        doc="Least uplink rate at the terminal; a point whose uplink fails is not served.",
        gt=0.0,
        le=1000.0,
    )
    gnb_noise_figure_db: float = parameter(
        3.5, unit="dB", source="judgement", doc="Noise figure of the station.", ge=0.0, le=20.0
    )
    ue_noise_figure_db: float = parameter(
        9.0,
        unit="dB",
        source="TR 38.802, Table A.2.1-1",
        doc="Noise figure of the terminal.",
        ge=0.0,
        le=20.0,
    )
    ul_interference_db: float = parameter(
        3.0,
        unit="dB",
        source="judgement",
        doc="Rise of the uplink's noise floor through other cells.",
        ge=0.0,
        le=30.0,
    )
    downlink: LinkCurve = parameter(
        DOWNLINK, unit="-", source="TR 36.942, Annex A.2", doc="Downlink efficiency."
    )
    uplink: LinkCurve = parameter(
        UPLINK, unit="-", source="TR 36.942, Annex A.2", doc="Uplink efficiency."
    )

    @model_validator(mode="after")
    def _one_probability(self) -> RadioParameters:
        if self.edge_probability is not None and self.area_probability is not None:
            raise UnfitError(
                "edge_probability 与 area_probability 只能给一个",
                "give edge_probability or area_probability, not both",
            )
        return self

    def penetration_db(self, band: Band, place: Place) -> float:
        """Loss from the street to the terminal, dB."""
        if place == "outdoor":
            return 0.0
        return band.indoor_loss_db if place == "indoor" else self.vehicle_loss_db

    def shadow_margin_db(self, propagation: Propagation) -> float:
        """Margin of a model, dB: its figure in ``margin_db``, or that of a given probability."""
        edge, area = self.edge_probability, self.area_probability
        if edge is None and area is None:
            return self.margin_db[propagation.model]

        # a mean of two losses has no deviation of its own: the one without line of sight, as a rule
        # the greater, is the cautious choice
        with_los, without = find_model(propagation.model).sigma_db
        sigma = with_los if propagation.visibility == "los" else without
        return shadow_margin(sigma, edge_probability=edge, area_probability=area)


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """One term of a link budget by its code; ``unit`` is that of ``value``."""

    term: str
    value: float
    unit: str
    source: str


@dataclass(frozen=True, slots=True)
class LinkBudget:
    """A link budget for one model, band and place: its rows in order, and what follows from them.

    ``max_loss_db`` is the smaller of the two directions' largest median outdoor path loss,
    ``limit`` names it, and ``range_m`` is the distance of that loss on the ground (0: never
    served).
    """

    rows: tuple[BudgetRow, ...]
    max_loss_db: float
    limit: Literal["downlink", "uplink"]
    range_m: float


def link_budget(
    radio: RadioParameters,
    band: Band,
    propagation: Propagation,
    place: Place,
    *,
    rsrp_dbm: float = RSRP_DBM,
) -> LinkBudget:
    """Link budget from transmit power to range, term by term.

    Parameters
    ----------
    radio, band, propagation
        The parameters; see their classes for units, ranges and sources. The mast is that of
        ``propagation``: of another one :meth:`Propagation.at`.
    place
        Where the terminal is: ``"outdoor"``, ``"indoor"`` or ``"vehicle"``.
    rsrp_dbm
        Least SS-RSRP at the terminal, dBm.

    Returns
    -------
    LinkBudget
        Rows in dB, dBm and m; range from :func:`planner.radio.max_range`.

    Raises
    ------
    planner.errors.ScenarioError
        If the margin of the model is missing.
    planner.errors.ValidityError
        If height or frequency lie outside the model, or the uplink rate is beyond the carrier.

    Notes
    -----
    Each direction is solved for the largest path loss, in dB and dBm:

    downlink = EPRE + beam gain - threshold of SS-RSRP - margin - penetration

    uplink = terminal power + traffic gain - sensitivity - margin - penetration
    """
    if propagation.model not in radio.margin_db:
        raise ScenarioError(
            f"radio.margin_db has no entry for {propagation.model}; add one in dB.",
            f"radio.margin_db 缺少 {propagation.model} 的余量;请补充(单位 dB)。",
        )

    # the weaker direction decides; margin and penetration weigh on both
    shared_rows, taken_db = _shared_rows(radio, band, propagation, place)
    down_rows, down_loss_db = _downlink_rows(band, rsrp_dbm, taken_db)
    up_rows, up_loss_db = _uplink_rows(radio, band, taken_db)
    limit: Literal["downlink", "uplink"] = "uplink" if up_loss_db < down_loss_db else "downlink"
    max_loss_db = min(up_loss_db, down_loss_db)

    range_m = max_range(
        propagation.model,
        max_loss_db,
        band.f_ghz,
        visibility=propagation.visibility,
        h_bs_m=propagation.h_bs_m,
        h_ut_m=radio.h_ut_m,
        street_width_m=propagation.street_width_m,
        building_height_m=propagation.building_height_m,
    )
    last_rows = (
        BudgetRow("max_loss_db", max_loss_db, "dB", f"min(down, up): {limit}"),
        _given(band, "f_ghz"),
        BudgetRow("height_m", propagation.h_bs_m, "m", "scene, or the site's own"),
        _given(radio, "h_ut_m"),
        BudgetRow("range_m", range_m, "m", _range_source(propagation)),
    )
    return LinkBudget(shared_rows + down_rows + up_rows + last_rows, max_loss_db, limit, range_m)


def uplink_sensitivity(radio: RadioParameters, band: Band) -> tuple[int, float, float]:
    """Resource blocks, SNR (dB) and power at the station (dBm) that just carry ``radio.ul_mbps``.

    The interference margin is part of the noise. Errors and source as in
    :func:`planner.radio.rate.least_power`.
    """
    noise_rise_db = radio.gnb_noise_figure_db + radio.ul_interference_db
    return least_power(
        radio.ul_mbps, band.ul_share, band.n_prb, band.prb_hz, noise_rise_db, radio.uplink
    )


def _shared_rows(
    radio: RadioParameters, band: Band, propagation: Propagation, place: Place
) -> tuple[tuple[BudgetRow, ...], float]:
    """Margin and penetration, which both directions pay, and their sum, dB."""
    margin_db = radio.shadow_margin_db(propagation)
    penetration_db = radio.penetration_db(band, place)
    wall = {
        "outdoor": "outdoors",
        "indoor": _source(band, "indoor_loss_db"),
        "vehicle": _source(radio, "vehicle_loss_db"),
    }
    rows = (
        BudgetRow("margin_db", margin_db, "dB", _margin_source(radio, propagation.model)),
        BudgetRow("penetration_db", penetration_db, "dB", wall[place]),
    )
    return rows, margin_db + penetration_db


def _downlink_rows(
    band: Band, rsrp_dbm: float, taken_db: float
) -> tuple[tuple[BudgetRow, ...], float]:
    """Rows of the downlink, and its largest path loss, dB."""
    loss_db = band.epre_dbm + band.beam_gain_dbi - rsrp_dbm - taken_db
    subcarriers = float(band.n_prb * SUBCARRIERS)
    sums = "EPRE + gain - threshold - margin - penetration"
    rows = (
        _given(band, "power_w"),
        BudgetRow("subcarriers", subcarriers, "1", _source(band, "n_prb")),
        BudgetRow("epre_dbm", band.epre_dbm, "dBm", "10 lg(power in mW) - 10 lg(subcarriers)"),
        _given(band, "beam_gain_dbi"),
        BudgetRow("rsrp_dbm", rsrp_dbm, "dBm", "the service level"),
        BudgetRow("dl_max_loss_db", loss_db, "dB", sums),
    )
    return rows, loss_db


def _uplink_rows(
    radio: RadioParameters, band: Band, taken_db: float
) -> tuple[tuple[BudgetRow, ...], float]:
    """Rows of the uplink, and its largest path loss, dB."""
    blocks, snr_db, sensitivity_dbm = uplink_sensitivity(radio, band)
    loss_db = band.ue_power_dbm + band.traffic_gain_dbi - sensitivity_dbm - taken_db
    need = "noise density + 10 lg(PRB width) + noise figure + interference + SNR"
    sums = "power + gain - sensitivity - margin - penetration"
    rows = (
        _given(radio, "ul_mbps"),
        _given(band, "ue_power_dbm"),
        _given(band, "traffic_gain_dbi"),
        _given(band, "ul_share"),
        BudgetRow("ul_blocks", float(blocks), "PRB", "the number that needs least power"),
        BudgetRow("prb_khz", band.prb_hz / 1e3, "kHz", "12 subcarriers (TS 38.211, 4.4.4.1)"),
        BudgetRow("noise_density", THERMAL_NOISE_DBM_HZ, "dBm/Hz", "k T at 290 K"),
        _given(radio, "gnb_noise_figure_db"),
        _given(radio, "ul_interference_db"),
        BudgetRow("snr_db", snr_db, "dB", _source(radio, "uplink")),
        BudgetRow("sensitivity_dbm", sensitivity_dbm, "dBm", need),
        BudgetRow("ul_max_loss_db", loss_db, "dB", sums),
    )
    return rows, loss_db


def _given(part: Band | RadioParameters, name: str) -> BudgetRow:
    """A row that shows a parameter as it stands, with the unit and source of its declaration."""
    unit = _declared(part, name)["unit"]
    return BudgetRow(name, float(getattr(part, name)), unit, _source(part, name))


def _source(part: Band | RadioParameters, name: str) -> str:
    """The declared source, or that the scenario chose another value than the packaged one."""
    if isinstance(part, Band):
        # a band has no defaults: the known one is that of its carrier frequency
        packaged = [getattr(b, name) for b in KNOWN_BANDS.values() if b.f_ghz == part.f_ghz]
    else:
        packaged = [type(part).model_fields[name].default]
    if getattr(part, name) not in packaged:
        return "scenario"
    return str(_declared(part, name)["source"])


def _margin_source(radio: RadioParameters, model: str) -> str:
    """Source of a model's margin: a formula, or the figure that the scenario leaves or changes."""
    if radio.edge_probability is not None or radio.area_probability is not None:
        return "Jakes, section 2.5.3"
    if radio.margin_db[model] != find_model(model).margin_db:
        return "scenario"
    return str(_declared(radio, "margin_db")["source"])


def _range_source(propagation: Propagation) -> str:
    """Source, name and visibility of the model; many a source ends in the name."""
    name = propagation.model
    source = find_model(name).source
    named = source if source.endswith(name) else f"{source}, {name}"
    return f"{named} {propagation.visibility.upper()}"


def _declared(part: Part, name: str) -> Any:
    """Unit and source that a parameter is declared with."""
    return type(part).model_fields[name].json_schema_extra
