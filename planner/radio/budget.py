"""Radio parameters of a scenario, and the link budget that turns them into a range.

Every term of a budget is a row with its unit and source, so that a radio engineer can redo it by
hand. Coverage is decided by SS-RSRP at the point and by the uplink; the smaller of the two maximum
losses wins.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from pydantic import model_validator

from planner.errors import ValidityError
from planner.parameters import Part, UnfitError, parameter
from planner.radio.bands import KNOWN_BANDS, SUBCARRIERS, Band
from planner.radio.entry import MOST_DB, OUTDOORS, WALLS, Entry, Wall, wall_entry
from planner.radio.grid import FloatArray
from planner.radio.model import BUILDING_HEIGHTS_M, STREET_WIDTHS_M
from planner.radio.models import ModelName, find_model
from planner.radio.pathloss import Visibility, max_range
from planner.radio.rate import DOWNLINK, THERMAL_NOISE_DBM_HZ, UPLINK, LinkCurve, least_power
from planner.radio.shadowing import joint_loss

RSRP_DBM = -105.0
"""Usual threshold of SS-RSRP in public drive-test programs, dBm."""

EDGE_PROBABILITY = 0.9
"""Usual probability of service at the edge of a cell."""

ELEVATIONS = 91
"""Whole degrees of elevation, 0 to 90, at which a loss that grows with it is worked out."""


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
    sigma_db: float | None = parameter(
        None,
        unit="dB",
        source="the model: TR 38.901 V17, Table 7.4.1-1; into buildings of TR 38.901 Table 7.5-6",
        doc="Standard deviation of the shadowing, for example as measured; without it the model's.",
        gt=0.0,
        le=20.0,
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
    edge_probability: float | None = parameter(
        None,
        unit="1",
        source="judgement: 0.9, unless area_probability is given",
        doc="Probability at the edge of a cell with which shadowing and the loss into buildings "
        "and vehicles, each with its own spread, stay together below what is taken off.",
        ge=0.5,
        lt=1.0,
    )
    area_probability: float | None = parameter(
        None,
        unit="1",
        source="Jakes, section 2.5.3",
        doc="The same for the mean over a cell, instead.",
        gt=0.0,
        lt=1.0,
    )
    walls: dict[str, Wall] = parameter(
        {},
        unit="-",
        source="asked",
        doc="Further classes of walls that a layer may name, for example as measured.",
    )
    vehicle_loss_db: float = parameter(
        9.0,
        unit="dB",
        source="TR 38.901 V17, 7.4.3.2",
        doc="Mean loss into a car; 20 dB where its windows are metallised.",
        ge=0.0,
        le=MOST_DB,
    )
    vehicle_sigma_db: float = parameter(
        5.0,
        unit="dB",
        source="TR 38.901 V17, 7.4.3.2",
        doc="Standard deviation of the loss into a car.",
        ge=0.0,
        le=20.0,
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

    def wall_entry(self, wall: str, band: str, f_ghz: float, *, is_open_land: bool) -> Entry:
        """Loss through a class of walls: one of ``WALLS``, or of the scenario's own.

        Raises
        ------
        planner.errors.ValidityError
            If there is no such class, or one of the scenario's has no loss in the band.
        """
        if wall in WALLS:
            return wall_entry(wall, f_ghz, is_open_land=is_open_land)
        own = self.walls.get(wall)
        if own is None or band not in own.loss_db:
            raise ValidityError(
                f"The wall {wall!r} is neither one of {', '.join(WALLS)} nor has it a loss in "
                f"{band} under radio.walls.",
                f"墙体类别 {wall!r} 不在 {'、'.join(WALLS)} 之列,radio.walls 下也没有其 {band} "
                f"损耗。",
            )
        return Entry(wall, ((own.loss_db[band], own.sigma_db),), "scenario")

    def vehicle_entry(self) -> Entry:
        """Loss into a vehicle."""
        parts = ((self.vehicle_loss_db, self.vehicle_sigma_db),)
        return Entry("vehicle", parts, _source(self, "vehicle_loss_db", "vehicle_sigma_db"))

    def sigma_db(self, propagation: Propagation, entry: Entry) -> float:
        """Standard deviation of the shadowing of a path to a place, dB."""
        if propagation.sigma_db is not None:
            return propagation.sigma_db
        model = find_model(propagation.model)
        if entry.through_wall:
            return model.indoor_sigma_db
        # a mean of two losses has no deviation of its own: the one without line of sight, as a rule
        # the greater, is the cautious choice
        with_los, without = model.sigma_db
        return with_los if propagation.visibility == "los" else without

    def probability(self) -> Mapping[str, float]:
        """The wanted probability under the name of what it is over."""
        if self.area_probability is not None:
            return {"area_probability": self.area_probability}
        edge = self.edge_probability
        return {"edge_probability": EDGE_PROBABILITY if edge is None else edge}


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

    Attributes
    ----------
    rows
        The terms.
    max_loss_db
        The smaller of the two directions' largest median outdoor path loss, of a level path.
    limit
        Names that direction.
    range_m
        Distance on the ground at which that loss is reached (0: never served), by the elevation
        of the path there.
    rise_db
        (91,) by how much more is lost on a path of so many degrees of elevation; empty where that
        is nothing.
    """

    rows: tuple[BudgetRow, ...]
    max_loss_db: float
    limit: Literal["downlink", "uplink"]
    range_m: float
    rise_db: FloatArray


def link_budget(
    radio: RadioParameters,
    band: Band,
    propagation: Propagation,
    entry: Entry = OUTDOORS,
    *,
    rsrp_dbm: float = RSRP_DBM,
) -> LinkBudget:
    """Link budget from transmit power to range, term by term.

    Parameters
    ----------
    radio, band, propagation
        The parameters; see their classes for units, ranges and sources. The mast is that of
        ``propagation``: of another one :meth:`Propagation.at`.
    entry
        Loss into the place of the terminal: see :meth:`RadioParameters.wall_entry` and
        :meth:`RadioParameters.vehicle_entry`.
    rsrp_dbm
        Least SS-RSRP at the terminal, dBm.

    Returns
    -------
    LinkBudget
        Rows in dB, dBm and m; range from :func:`planner.radio.max_range`.

    Raises
    ------
    planner.errors.ValidityError
        If height or frequency lie outside the model, or the uplink rate is beyond the carrier.

    Notes
    -----
    Each direction is solved for the largest path loss, in dB and dBm:

    downlink = EPRE + beam gain - threshold of SS-RSRP - margin - penetration

    uplink = terminal power + traffic gain - sensitivity - margin - penetration

    Penetration is the median of the entry; margin is what it and the shadowing come to together at
    the wanted probability, less that median.
    """
    # the weaker direction decides; margin and penetration weigh on both
    shared_rows, taken_db = _shared_rows(radio, propagation, entry)
    down_rows, down_loss_db = _downlink_rows(band, rsrp_dbm, taken_db)
    up_rows, up_loss_db = _uplink_rows(radio, band, taken_db)
    limit: Literal["downlink", "uplink"] = "uplink" if up_loss_db < down_loss_db else "downlink"
    max_loss_db = min(up_loss_db, down_loss_db)

    rise_db = _rise_db(entry, radio.sigma_db(propagation, entry), *radio.probability().items())
    range_m, elevation_deg = _range(radio, band, propagation, max_loss_db, rise_db)
    last_rows = (
        BudgetRow("max_loss_db", max_loss_db, "dB", f"min(down, up): {limit}"),
        _given(band, "f_ghz"),
        BudgetRow("height_m", propagation.h_bs_m, "m", "scene, or the site's own"),
        _given(radio, "h_ut_m"),
        *_elevation_rows(entry, elevation_deg, rise_db),
        BudgetRow("range_m", range_m, "m", _range_source(propagation)),
    )
    rows = shared_rows + down_rows + up_rows + last_rows
    return LinkBudget(rows, max_loss_db, limit, range_m, rise_db)


def uplink_sensitivity(radio: RadioParameters, band: Band) -> tuple[int, float, float]:
    """Resource blocks, SNR (dB) and power at the station (dBm) that just carry ``radio.ul_mbps``.

    The interference margin is part of the noise. Errors and source as in
    :func:`planner.radio.rate.least_power`.
    """
    noise_rise_db = radio.gnb_noise_figure_db + radio.ul_interference_db
    return least_power(
        radio.ul_mbps, band.ul_share, band.n_prb, band.prb_hz, noise_rise_db, radio.uplink
    )


def _rise_db(entry: Entry, sigma_db: float, probability: tuple[str, float]) -> FloatArray:
    """By how much more is lost at each whole degree of elevation, dB; empty for nothing."""
    if not entry.per_degree:
        return _NO_RISE
    return _risen(entry, sigma_db, probability)


_NO_RISE = np.empty(0)
_NO_RISE.setflags(write=False)


@lru_cache(maxsize=256)  # many masts of a plan stand before one class of walls
def _risen(entry: Entry, sigma_db: float, probability: tuple[str, float]) -> FloatArray:
    wanted = dict([probability])
    losses = [
        joint_loss(entry, sigma_db, elevation_deg=float(degree), **wanted)
        for degree in range(ELEVATIONS)
    ]
    rise = np.array(losses) - losses[0]
    rise.setflags(write=False)
    return rise


def _range(
    radio: RadioParameters,
    band: Band,
    propagation: Propagation,
    max_loss_db: float,
    rise_db: FloatArray,
) -> tuple[float, float]:
    """Range, m, and the elevation of the path from there, degrees.

    The nearer the place, the steeper the path: from the range of a level path the distance falls to
    the farthest at which the loss holds.
    """
    left_db, reached_m = max_loss_db, math.inf
    while True:
        range_m = max_range(
            propagation.model,
            left_db,
            band.f_ghz,
            visibility=propagation.visibility,
            h_bs_m=propagation.h_bs_m,
            h_ut_m=radio.h_ut_m,
            street_width_m=propagation.street_width_m,
            building_height_m=propagation.building_height_m,
        )
        drop_m = propagation.h_bs_m - radio.h_ut_m
        elevation_deg = math.degrees(math.atan2(drop_m, max(range_m, 1.0)))
        if not len(rise_db) or range_m == 0.0 or reached_m - range_m < 1e-6:
            return range_m, elevation_deg
        reached_m = range_m
        left_db = max_loss_db - float(np.interp(elevation_deg, np.arange(ELEVATIONS), rise_db))


def _elevation_rows(
    entry: Entry, elevation_deg: float, rise_db: FloatArray
) -> tuple[BudgetRow, ...]:
    """What is lost at the range for the elevation of the path there; nothing for most entries."""
    if not len(rise_db):
        return ()
    lost_db = float(np.interp(elevation_deg, np.arange(ELEVATIONS), rise_db))
    return (
        BudgetRow("elevation_deg", elevation_deg, "deg", "atan((mast - terminal) / range)"),
        BudgetRow("elevation_db", lost_db, "dB", f"{entry.per_degree} dB per degree of the median"),
    )


def _shared_rows(
    radio: RadioParameters, propagation: Propagation, entry: Entry
) -> tuple[tuple[BudgetRow, ...], float]:
    """Margin and penetration, which both directions pay, and their sum, dB."""
    sigma_db, wanted = radio.sigma_db(propagation, entry), radio.probability()
    ((over, probability),) = wanted.items()
    taken_db = joint_loss(entry, sigma_db, **wanted)
    own = propagation.sigma_db is not None
    path = "scenario" if own else find_model(propagation.model).source
    if entry.through_wall and not own:
        path = "3GPP TR 38.901 V17, Table 7.5-6, O2I"
    spread = (
        (BudgetRow("penetration_sigma_db", entry.parts[0][1], "dB", entry.source),)
        if entry.is_normal and entry.parts[0][1]
        else ()
    )
    is_both = not entry.is_normal or bool(spread)
    together = "shadowing and penetration together, less its median" if is_both else "shadowing"
    if over == "area_probability":
        together += "; Jakes, section 2.5.3"

    rows = (
        BudgetRow(over, probability, "1", _source(radio, over)),
        BudgetRow("sigma_db", sigma_db, "dB", path),
        *spread,
        BudgetRow("margin_db", taken_db - entry.median_db, "dB", together),
        BudgetRow("penetration_db", entry.median_db, "dB", entry.source),
    )
    return rows, taken_db


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


def _source(part: Band | RadioParameters, *names: str) -> str:
    """The declared source, or that the scenario chose another value than the packaged one."""
    for name in names:
        if isinstance(part, Band):
            # a band has no defaults: the known one is that of its carrier frequency
            packaged = [getattr(b, name) for b in KNOWN_BANDS.values() if b.f_ghz == part.f_ghz]
        else:
            packaged = [type(part).model_fields[name].default]
        if getattr(part, name) not in packaged:
            return "scenario"
    return str(_declared(part, names[0])["source"])


def _range_source(propagation: Propagation) -> str:
    """Source, name and visibility of the model; many a source ends in the name."""
    name = propagation.model
    source = find_model(name).source
    named = source if source.endswith(name) else f"{source}, {name}"
    return f"{named} {propagation.visibility.upper()}"


def _declared(part: Part, name: str) -> Any:
    """Unit and source that a parameter is declared with."""
    return type(part).model_fields[name].json_schema_extra
