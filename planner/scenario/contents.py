"""What a scenario file holds: its parts and what follows from them, before they are checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

from pydantic import Field

from planner.parameters import Day, Part, parameter
from planner.radio import (
    BANDS,
    MODELS,
    OUTDOORS,
    Band,
    CapacityParameters,
    Entry,
    ExposureParameters,
    IdentityParameters,
    RadioParameters,
)
from planner.scenario.inputs import Defaults, Inputs
from planner.scenario.parts import (
    DemandParameters,
    District,
    Layer,
    Levels,
    Limit,
    Network,
    Phase,
    References,
    Search,
    SitingParameters,
    Titles,
)
from planner.scenario.review import Review

TITLE_BLOCK: Final = "title block"
"""Marks a part of the contents that a plan does not follow from: it stands outside a plan's key.

A part without the mark is in the key.
"""


class Contents(Part):
    """The parts of a scenario; :class:`~planner.scenario.Scenario` checks that they fit."""

    name: str = parameter(
        ..., unit="-", source="asked", doc="Short name.", pattern=r"^[\w-]+$", max_length=80
    )
    as_of: Day = parameter(..., unit="YYYY-MM-DD", source="asked", doc="Date of every file.")
    district: District
    titles: Annotated[Titles, TITLE_BLOCK] = Field(default_factory=Titles)
    references: References = Field(default_factory=References)
    phases: tuple[Phase, ...] = Field(
        min_length=2, description="The state first, then the milestones."
    )
    networks: tuple[Network, ...] = Field(min_length=1)
    bands: Mapping[str, Band] = Field(
        default_factory=lambda: dict(BANDS),
        min_length=1,
        description="By name. n28, n41 and n78 are always there. An entry of a known band gives "
        "only what differs, and one that a network names needs no entry.",
    )
    layers: tuple[Layer, ...] = Field(
        (), description="What is judged; without any, the land inside the border is the one layer."
    )
    levels: Levels = Field(default_factory=Levels)
    radio: RadioParameters = Field(default_factory=RadioParameters)
    demand: DemandParameters = Field(default_factory=DemandParameters)
    capacity: CapacityParameters = Field(default_factory=CapacityParameters)
    identity: IdentityParameters = Field(default_factory=IdentityParameters)
    exposure: ExposureParameters = Field(default_factory=ExposureParameters)
    siting: SitingParameters = Field(default_factory=SitingParameters)
    search: Search = Field(default_factory=Search)
    limits: tuple[Limit, ...] = parameter(
        (),
        unit="-",
        source="off",
        doc="Floors and caps on groups of stations, and budgets; none by default.",
    )
    review: Review = Field(default_factory=Review)
    inputs: Inputs
    defaults: Defaults = Field(default_factory=Defaults)
    aliases: Mapping[str, tuple[str, ...]] = parameter(
        {},
        unit="-",
        source="asked",
        doc="Further heads of columns: our field, and what the files call it.",
    )

    @property
    def counts(self) -> tuple[int, ...]:
        """Cumulative counts, the state's first."""
        return tuple(phase.stations for phase in self.phases)

    @property
    def network_names(self) -> tuple[str, ...]:
        """Names of the networks, in the scenario's order."""
        return tuple(network.name for network in self.networks)

    @property
    def network_shares(self) -> tuple[float, ...]:
        """Share of the demand of each network; those that give none divide the rest evenly."""
        given = [network.share for network in self.networks if network.share is not None]
        rest = max(0.0, 1 - sum(given)) / max(1, len(self.networks) - len(given))
        return tuple(rest if one.share is None else one.share for one in self.networks)

    @property
    def layer_names(self) -> tuple[str, ...]:
        """Names of the layers, in the scenario's order."""
        return tuple(layer.name for layer in self.layers)

    @property
    def years(self) -> range:
        """Years in which the last phase is built: from that of the phase before it to its own."""
        before, last = (int(phase.date[:4]) for phase in self.phases[-2:])
        return range(before, last + 1)

    def layer(self, name: str) -> Layer:
        """The layer of that name; ``KeyError`` when there is none."""
        return next(layer for layer in self.layers if layer.name == name)

    def least_dbm(self, layer: Layer, level: str) -> float:
        """Least SS-RSRP of a level in a layer, dBm: the layer's own, or the scenario's."""
        own: float | None = getattr(layer.levels, level).rsrp_dbm
        general: float = getattr(self.levels, level).rsrp_dbm
        return general if own is None else own

    def entry(self, layer: Layer | None, band: str) -> Entry:
        """Loss into the place where a layer asks for depth, in a band; outdoors without one."""
        if layer is None or layer.deep == "none":
            return OUTDOORS
        if layer.deep == "vehicle":
            return self.radio.vehicle_entry()
        f_ghz = self.bands[band].f_ghz
        open_land = not self.is_built(layer.scene)
        return self.radio.wall_entry(layer.wall, band, f_ghz, is_open_land=open_land)

    def is_built(self, scene: str) -> bool:
        """Whether a scene is built up: its propagation model is not one of open land."""
        return not MODELS[self.radio.scenes[scene].model].open_land

    def own_thresholds(self, layer: Layer) -> list[tuple[str, str]]:
        """Levels and thresholds (dBm, as they are written) that a layer does not share."""
        levels = [(level, self.least_dbm(layer, level)) for level in layer.judged_at]
        return [
            (level, f"{dbm:g}")
            for level, dbm in levels
            if dbm != getattr(self.levels, level).rsrp_dbm
        ]

    def phase_by(self, date: str) -> int:
        """Number of the first phase that ends on a day or later; ``len(phases)`` past the last."""
        return next(
            (i for i, phase in enumerate(self.phases) if phase.date >= date), len(self.phases)
        )


def is_title_block(part: str) -> bool:
    """Whether a part of the contents is marked as the title block."""
    return TITLE_BLOCK in Contents.model_fields[part].metadata
