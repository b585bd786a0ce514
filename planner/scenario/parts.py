"""The parts of a scenario: what is asked of the district, of demand, of sites and of the search."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, create_model, model_validator
from pydantic_core import PydanticCustomError

from planner import fields as F
from planner.codes import Build, Scene
from planner.crs import is_local_crs
from planner.parameters import FARTHEST_M, Day, Part, UnfitError, parameter
from planner.rules import RULES
from planner.scenario.inputs import OneOrMore

# a length, weight or cost beyond the upper end is a slip, and its sums would be infinite
NotNegative = Annotated[float, Field(ge=0, le=1e9)]
Positive = Annotated[float, Field(gt=0, le=1e9)]
Share = Annotated[float, Field(ge=0, le=1)]


def _work_crs(text: str) -> str:
    # a code, or what a plan was saved with: never a text that could name a file or an address
    if not text or re.fullmatch(r"EPSG:[0-9]{4,6}", text) or is_local_crs(text):
        return text
    raise PydanticCustomError(
        "work_crs_form",
        "not an EPSG code such as EPSG:4549; leave it empty for a transverse Mercator centred on "
        "the district",
    )


WorkCrs = Annotated[str, AfterValidator(_work_crs)]


class District(Part):
    """The district and the coordinates it is worked in."""

    name: str = parameter(
        ..., unit="-", source="asked", doc="Name as the office writes it.", min_length=1
    )
    name_en: str = parameter("", unit="-", source="asked", doc="Name in English.")
    city: str = parameter(
        "", unit="-", source="asked", doc="City it belongs to (归属地市); blank if not given."
    )
    adcode: str = parameter(
        "",
        unit="-",
        source="asked; in China GB/T 2260, six digits",
        doc="Code of the district, as its country writes it; blank if it has none.",
        max_length=40,
    )
    work_crs: WorkCrs = parameter(
        "",
        unit="-",
        source="a transverse Mercator centred on a district is true to 1 in 10,000 up to 90 km off",
        doc="Projected CRS in metres in which all distances are taken, as an EPSG code; empty = a "
        "transverse Mercator centred on the district.",
    )
    urban_town: str = parameter(
        "城区街道",
        unit="-",
        source="borders of the subdistricts are unknown",
        doc="Row that holds all urban units.",
    )
    neighbour_m: float = parameter(
        5000.0,
        unit="m",
        source="measured: 5,000 m is the farthest at which the models of the default scenes hold; "
        "there 700 MHz from a 35 m mast still raises the noise by 3 dB at half load, while it "
        "serves up to 2,336 m (3,371 m from 60 m)",
        doc="How far beyond the border an open station of the site list still serves and "
        "interferes, as a neighbour station; those farther are left out.",
        ge=0,
        le=FARTHEST_M,
    )


class Phase(Part):
    """A milestone: a name, a date and the cumulative number of stations."""

    name: str = parameter(..., unit="-", source="asked", doc="Name of the phase.", min_length=1)
    name_en: str = parameter("", unit="-", source="asked", doc="Name in English.")
    date: Day = parameter(..., unit="YYYY-MM-DD", source="asked", doc="Day it ends.")
    stations: int = parameter(
        ..., unit="stations", source="asked", doc="Cumulative number of stations.", ge=0, le=10**9
    )


class Network(Part):
    """A radio network that is built once and shared."""

    name: str = parameter(
        ..., unit="-", source="asked", doc="Short name.", pattern=r"^[a-z][a-z0-9-]*$"
    )
    code: str = parameter(
        ..., unit="-", source="asked", doc="Letter in the station_id.", pattern=r"^[A-Z]$"
    )
    label: str = parameter(
        ..., unit="-", source="asked", doc="Name that the office reads.", min_length=1
    )
    label_en: str = parameter("", unit="-", source="asked", doc="Name in English.")
    operators: tuple[str, ...] = parameter(
        (), unit="-", source="press", doc="Carriers that share it."
    )
    bands: tuple[str, ...] = parameter(
        ..., unit="-", source="press", doc="Names of its bands.", min_length=1
    )
    share: float | None = parameter(
        None,
        unit="1",
        source="judgement: every network serves everybody",
        doc="Share of the demand that it carries; all sum to 1, networks without one divide the "
        "rest evenly.",
        ge=0,
        le=1,
    )


_LIMITS: Any = {
    rule.key: (float if rule.limit.default is not None else float | None, rule.limit)
    for rule in RULES.values()
}


class Rule(create_model("Limits", __base__=Part, **_LIMITS)):  # type: ignore[misc]  # a key for every pass rule
    """When a layer passes: what each pass rule asks of it."""


class LayerLevel(Part):
    """What a layer asks of a service level instead of the scenario."""

    rsrp_dbm: float | None = parameter(
        None,
        unit="dBm",
        source="levels",
        doc="Least SS-RSRP in this layer; without it that of the scenario's levels. Where layers "
        "overlap, the highest holds.",
        ge=-140,
        le=-40,
    )


class LayerLevels(Part):
    """The two service levels, as a layer asks for them."""

    outdoor: LayerLevel = Field(default_factory=LayerLevel, description="室外连续.")
    deep: LayerLevel = Field(default_factory=LayerLevel, description="深度.")


class Layer(Part):
    """One of the government's layers and how it is judged."""

    name: str = parameter(
        ..., unit="-", source="asked", doc="Short name.", pattern=r"^[a-z][a-z0-9_]*$"
    )
    label: str = parameter(
        ..., unit="-", source="asked", doc="Name that the office reads.", min_length=1
    )
    label_en: str = parameter("", unit="-", source="asked", doc="Name in English.")
    shape: Literal["area", "road"] = parameter(
        ..., unit="-", source="asked", doc="Polygons or lines."
    )
    kinds: tuple[str, ...] = parameter(
        ..., unit="-", source="asked", doc="Values of `kind` that make the layer."
    )
    scene: Literal["dense-urban", "urban", "township", "industrial", "rural"] = parameter(
        ...,
        unit="-",
        source="judgement",
        doc="How the layer is built; in overlaps the earlier layer wins.",
    )
    deep: Literal["none", "indoor", "vehicle"] = parameter(
        "none",
        unit="-",
        source="judgement (CASE)",
        doc="What deep service means in it, if it is asked for.",
    )
    wall: str = parameter(
        "tr-low",
        unit="-",
        source="3GPP TR 38.901 V17, Table 7.4.3-2: the low-loss wall is the one that it lets every "
        "scene have; how much coated glass a town has is unknown: judgement",
        doc="Class of the walls where depth is asked indoors: none, light, tr-low, tr-high, "
        "p2109-traditional, p2109-efficient, or one of radio.walls.",
        min_length=1,
    )
    rule: Rule = Field(default_factory=Rule, description="Pass rule, outdoors and deep alike.")
    levels: LayerLevels = Field(
        default_factory=LayerLevels, description="Thresholds that differ from the scenario's."
    )
    outdoor_only_bands: tuple[str, ...] = parameter(
        (),
        unit="-",
        source="judgement: 700 MHz lacks the capacity for depth in core and parks",
        doc="Bands that count outdoors but not for deep service in this layer.",
    )
    must_hold_from: int | None = parameter(
        None,
        unit="1",
        source="soft by default",
        doc="Number of the phase (1 = first after the state) from which no gap or hole may remain; "
        "else no plan.",
        ge=1,
    )
    spacing_m: float = parameter(
        200.0,
        unit="m",
        source="judgement",
        doc="Distance of candidate sites in it.",
        gt=0,
        le=FARTHEST_M,
    )
    radius_m: float | None = parameter(
        None,
        unit="m",
        source="asked",
        doc="Radius of the discs that points of its kinds stand for; else points are no areas.",
        gt=0,
        le=FARTHEST_M,
    )
    weight_share: float | None = parameter(
        None,
        unit="1",
        source="computed from residents and ground",
        doc="Share of the layer if it is to be set.",
        gt=0,
        le=1,
    )

    @property
    def judged_at(self) -> tuple[str, ...]:
        """The service levels that it is judged at."""
        return F.LEVELS if self.deep != "none" else F.LEVELS[:1]

    @model_validator(mode="after")
    def _can_be_judged(self) -> Self:
        for rule in RULES.values():
            if self.shape not in rule.shapes and getattr(self.rule, rule.key) != rule.limit.default:
                what = {"area": "面状图层", "road": "道路图层"}[self.shape]
                raise UnfitError(
                    f"{what} {self.name} 不能按 rule.{rule.key} 判定，请删去该键",
                    f"{self.shape} layer {self.name} "
                    f"cannot be judged by rule.{rule.key}, which is of {' and '.join(rule.shapes)} "
                    f"layers: remove it",
                )
        if self.deep != "indoor" and self.wall != type(self).model_fields["wall"].default:
            raise UnfitError(
                f"图层 {self.name} 的深度不在室内,用不到 wall;请删去该键,或写 deep: indoor",
                f"layer {self.name} asks for no depth indoors and has no use for wall: remove it, "
                f"or write deep: indoor",
            )
        return self


class Level(Part):
    """A service level: from which signal on a place counts as served."""

    rsrp_dbm: float = parameter(
        -105.0,
        unit="dBm",
        source="public drive-test programs (with SS-SINR >= -3 dB)",
        doc="Least SS-RSRP at the user's terminal, after indoor or vehicle loss at level deep.",
        ge=-140,
        le=-40,
    )


class Levels(Part):
    """The two service levels."""

    outdoor: Level = Field(default_factory=Level, description="室外连续: in the open, at 1.5 m.")
    deep: Level = Field(
        default_factory=Level, description="深度: inside buildings; inside vehicles on roads."
    )


class DemandParameters(Part):
    """How places become weighted demand."""

    cell_m: float = parameter(
        50.0,
        unit="m",
        source="100 m flatters 3.5 GHz depth by 3-4 points",
        doc="Cell.",
        gt=0,
        le=FARTHEST_M,
    )
    road_step_m: float = parameter(
        50.0, unit="m", source="as the cell", doc="Distance of road samples.", gt=0, le=FARTHEST_M
    )
    resident_share: float = parameter(
        0.5,
        unit="1",
        source="judgement",
        doc="Part of the weight by residents; the rest by ground.",
        ge=0,
        le=1,
    )
    road_strip_m: float = parameter(
        500.0,
        unit="m",
        source="judgement: the gap a road may have",
        doc="Width at which a road counts as ground.",
        gt=0,
        le=FARTHEST_M,
    )
    deep_weight: tuple[NotNegative, ...] = parameter(
        (),
        unit="1",
        source="judgement: the first phase is about continuity; empty = 0.25 in the first phase, 1 "
        "in the last, even steps between",
        doc="Depth, by phase after the state.",
    )
    phase_weight: tuple[NotNegative, ...] = parameter(
        (),
        unit="1",
        source="judgement; empty = 1 in the first phase, 2 in the last, even steps between",
        doc="What a phase after the state counts in the one objective.",
    )
    share_5g: tuple[Share, ...] = parameter(
        (),
        unit="1",
        source="judgement; empty = by the day a phase ends: 0.05 on 2020-09-09, 0.1 on 2020-12-31, "
        "0.8 on 2025-12-31, straight lines between, the ends beyond",
        doc="Share of the data on 5G, by phase, the state first.",
    )
    load: float = parameter(
        0.5,
        unit="1",
        source="judgement",
        doc="Design load at which PDSCH-SINR and rates are stated: the share of resource elements "
        "for data that other sectors use. SS-SINR knows no load; that which the busy hour brings "
        "stands beside.",
        ge=0,
        le=1,
    )
    continuity: float = parameter(
        5.0,
        unit="1",
        source="1-20 give the same",
        doc="Weight of a continuity row, in median samples.",
        ge=0,
        le=1000,
    )


FIRST_BUILD: Final = {
    "rebuilt": "retrofit", "stock": "retrofit", "roof": "new_roof", "pole": "new_pole",
    "tower": "new_tower",
}  # fmt: skip
"""How the first station of a site of each type is built; any later one there is a co-location."""

BUILD_TYPES: Final = tuple(build.value for build in Build)
SCENES: Final = tuple(scene.value for scene in Scene)
ROAD_CLASSES: Final = ("expressway", "national", "provincial", "county", "township")


class BandSiting(Part):
    """When and on what a band may be built."""

    first_phase: int = parameter(
        0, unit="1", source="asked", doc="Number of the first phase, 0 = the state.", ge=0, le=10**9
    )
    site_types: tuple[Literal["rebuilt", "stock", "roof", "pole", "tower"], ...] = parameter(
        ("rebuilt", "stock", "roof", "pole", "tower"),
        unit="-",
        source="asked",
        doc="Types of site that can hold it.",
    )


class SitingRules(Part):
    """Rules that a site is checked against.

    Each ends in a verdict with the figure that decided, never in silence.
    """

    airport_cap_m: float = parameter(
        45.0,
        unit="m",
        source="ICAO Annex 14, Table 4-1, code 4: inner horizontal surface",
        gt=0,
        le=FARTHEST_M,
        doc="Highest top within the inner distance of an airport.",
    )
    airport_inner_m: float = parameter(
        4000.0,
        unit="m",
        source="ICAO Annex 14, Table 4-1",
        doc="Distance up to which the cap holds.",
        ge=0,
        le=FARTHEST_M,
    )
    airport_slope: float = parameter(
        0.05,
        unit="1",
        source="ICAO Annex 14, Table 4-1: conical surface",
        doc="Rise of the cap beyond it.",
        ge=0,
        le=1,
    )
    airport_outer_m: float = parameter(
        6000.0,
        unit="m",
        source="ICAO Annex 14, Table 4-1: 100 m above the inner surface",
        doc="Where it ends.",
        ge=0,
        le=FARTHEST_M,
    )
    approach_slope: float = parameter(
        0.02,
        unit="1",
        source="ICAO Annex 14, Table 4-1: first section of the approach surface",
        gt=0,
        le=1,
        doc="A top that this surface could not clear, were the runway to point at it, is to be "
        "consulted on.",
    )
    road_setback_m: Mapping[str, NotNegative] = parameter(
        {"expressway": 30.0, "national": 20.0, "provincial": 15.0, "county": 10.0, "township": 5.0},
        unit="m",
        source="公路安全保护条例 (not re-read)",
        doc="Least distance of ground towers, by road class.",
    )
    sensitive_kinds: tuple[str, ...] = parameter(
        ("school", "kindergarten", "hospital"),
        unit="-",
        source="judgement",
        doc="Landmarks that need care.",
    )
    sensitive_m: float = parameter(
        50.0,
        unit="m",
        source="judgement",
        doc="Distance within which they do.",
        ge=0,
        le=FARTHEST_M,
    )


class SitingParameters(Part):
    """What may be built, where, and what it costs before scaling."""

    min_spacing_m: float = parameter(
        100.0,
        unit="m",
        source="judgement",
        doc="Least distance of a candidate site from every other site.",
        ge=0,
        le=FARTHEST_M,
    )
    street_spacing_m: float = parameter(
        500.0, unit="m", source="judgement", doc="Candidates along streets.", gt=0, le=FARTHEST_M
    )
    stock_spacing_m: Mapping[str, Positive] = parameter(
        {},
        unit="m",
        source="off: no proposed site is called an existing 4G site. A provincial planning code "
        "has 400 (dense-urban, urban), 550 (industrial, township), 1200 (rural), 1500 (street)",
        doc="Spacing of the 4G sites that proposed candidates are taken to stand at, by scene and "
        "for `street`; where the case lists candidates it does nothing.",
    )
    uma_margin_m: float = parameter(
        500.0,
        unit="m",
        source="judgement",
        doc="Sites this near to core, parks or seats are built as urban ones.",
        ge=0,
        le=FARTHEST_M,
    )
    keep_out_kinds: tuple[str, ...] = parameter(
        ("keep_out_airport", "keep_out_reserve"),
        unit="-",
        source="siting rules",
        doc="Areas without candidates.",
    )
    rules: SitingRules = Field(default_factory=SitingRules)
    bands: Mapping[str, BandSiting] = parameter(
        {},
        unit="-",
        source="asked",
        doc="Limits by band; a band without an entry may be built anywhere, any time.",
    )
    share_bonus: float = parameter(
        0.05,
        unit="1",
        source="judgement; above 0.1 it buys worthless stations",
        doc="What a second network at a site is worth, in mean stations.",
        ge=0,
        le=0.1,
    )
    cost_wan: Mapping[str, NotNegative] = parameter(
        {
            "retrofit": 34.0,
            "co_location": 30.0,
            "new_roof": 42.0,
            "new_pole": 36.0,
            "new_tower": 75.0,
        },
        unit="references.money",
        source="judgement; only their ratios count where mean_cost_wan is given",
        doc="Cost per build type.",
    )
    effort: Mapping[str, Positive] = parameter(
        {"retrofit": 1.0, "co_location": 1.0, "new_roof": 2.0, "new_pole": 2.0, "new_tower": 4.0},
        unit="1",
        source="judgement",
        doc="Build effort that divides the gain in the order inside a phase.",
    )
    lead_days: Mapping[str, Annotated[float, Field(ge=0, le=36_500)]] = parameter(
        {
            "retrofit": 20.0,
            "co_location": 20.0,
            "new_roof": 40.0,
            "new_pole": 40.0,
            "new_tower": 68.0,
        },
        unit="day",
        source="a county's forms: 48 working days for a new tower, concrete 20-28 days; the rest "
        "judgement",
        doc="From the day of the state to the opening; a phase that ends earlier holds no such "
        "station.",
    )
    mean_cost_wan: float | None = parameter(
        None,
        unit="references.money",
        source="asked",
        gt=0,
        le=1e9,
        doc="Mean cost of a station of the first phase, to which the costs are scaled; else they "
        "stand as they are.",
    )
    cost_scale: float | None = parameter(
        None,
        unit="1",
        source="computed",
        doc="Set to keep the scale of another plan.",
        gt=0,
        le=1e9,
    )


class Search(Part):
    """How hard the optimiser works."""

    effort: Literal["fast", "standard", "long", "exact"] = parameter(
        "standard",
        unit="-",
        source="asked",
        doc="fast: seconds, standard: half a minute, long: minutes.",
    )
    seed: int = parameter(
        2020, unit="1", source="asked", doc="Seed of the search.", ge=0, le=2**32 - 1
    )
    order: Literal["effort", "gain"] = parameter(
        "effort",
        unit="-",
        source="by gain alone road towers would come first, in the autumn of the first year",
        doc="Inside a phase the next station is that of most gain per build effort, or of most "
        "gain.",
    )
    cost_share: float = parameter(
        0.001,
        unit="1",
        source="judgement",
        doc="What cost may be worth, as a share of coverage.",
        ge=0,
        le=0.01,
    )


def _for_every_phase(given: Any) -> Any:
    # one text or truth value is said to be no number rather than to be no list
    if isinstance(given, str | int | float):
        return (given,)
    return tuple(given) if isinstance(given, list) else given


_Counts = Annotated[
    tuple[Annotated[int, Field(ge=0, le=10**9)], ...],
    BeforeValidator(_for_every_phase),
    OneOrMore(),
]
_Amounts = Annotated[tuple[NotNegative, ...], BeforeValidator(_for_every_phase), OneOrMore()]


class Limit(Part):
    """What a group of stations may come to at each phase after the state, the state included.

    A station counts when its network, town and type of site are among those that are named; what
    is not named leaves out nothing.
    """

    name: str = parameter(
        ..., unit="-", source="asked", doc="Short name.", pattern=r"^[a-z][a-z0-9_-]*$"
    )
    label: str = parameter(
        ..., unit="-", source="asked", doc="Name that the office reads.", min_length=1
    )
    label_en: str = parameter("", unit="-", source="asked", doc="Name in English.")
    networks: tuple[str, ...] = parameter(
        (), unit="-", source="asked", doc="Names of networks; empty = all."
    )
    towns: tuple[str, ...] = parameter(
        (), unit="-", source="asked", doc="Towns as the task table names them; empty = all."
    )
    site_types: tuple[str, ...] = parameter(
        (), unit="-", source="asked", doc="rebuilt, stock, roof, pole, tower; empty = all."
    )
    least: _Counts = parameter(
        (),
        unit="stations",
        source="off",
        doc="Fewest stations: one number, or one for each phase after the state.",
    )
    most: _Counts = parameter(
        (),
        unit="stations",
        source="off",
        doc="Most stations: one number, or one for each phase after the state.",
    )
    budget: _Amounts = parameter(
        (),
        unit="references.money",
        source="off",
        doc="Most money after the state up to each phase: one number, or one for each. While a "
        "plan is sought, a station counts by the dearer of its own site and a co-location, save "
        "where a station stands already: the plan never costs more than the budget, often less.",
    )

    def ends(self, name: str, phases: int) -> tuple[float | None, ...]:
        """`least`, `most` or `budget` for each phase after the state; None for no end."""
        given: tuple[float, ...] = getattr(self, name)
        return given * phases if len(given) == 1 else given or (None,) * phases


class Titles(Part):
    """What stands in the title block. Blank unless the office fills it in; nothing is invented."""

    title: str = parameter(
        "5G基站分期建设规划图", unit="-", source="asked", doc="Title of maps and report."
    )
    title_en: str = parameter("5G rollout plan", unit="-", source="asked", doc="Title in English.")
    compiled_by: str = parameter("", unit="-", source="asked", doc="编制单位.")
    client: str = parameter("", unit="-", source="asked", doc="委托单位.")
    secrecy: str = parameter("", unit="-", source="asked", doc="密级.")
    review_number: str = parameter("", unit="-", source="asked", doc="审图号.")


IndicatorName = Literal[
    "stations",
    "sites",
    "per_10k",
    "completion",
    "outdoor_passing",
    "outdoor_share",
    "deep_share",
    "longest_gap",
    "sharing",
    "retrofit",
    "public",
    "cost",
]
"""Indicators of the report, in the order in which it shows them."""


class Reference(Part):
    """What an indicator is held against."""

    target: NotNegative | None = parameter(
        None,
        unit="the indicator's",
        source="asked",
        doc="Value that the last phase is to reach, if there is one.",
    )
    source: str = parameter(
        "", unit="-", source="asked", doc="Where target or yardstick come from."
    )
    source_en: str = parameter("", unit="-", source="asked", doc="The same in English.")


class Pace(Part):
    """How fast a wider area builds.

    Its shape over the years between the last two phases is a check of the plan's.
    """

    label: str = parameter(..., unit="-", source="asked", doc="Name of the wider area.")
    label_en: str = parameter("", unit="-", source="asked", doc="Name in English.")
    stations: Mapping[Annotated[str, Field(pattern=r"^\d{4}$")], NotNegative] = parameter(
        ...,
        unit="stations, in any unit",
        source="asked",
        min_length=2,
        doc="Stations at the end of each year; only the growth between two years counts.",
    )
    source: str = parameter(..., unit="-", source="asked", doc="Where the figures come from.")
    source_en: str = parameter("", unit="-", source="asked", doc="The same in English.")


class Money(Part):
    """The unit in which every cost of the scenario is given."""

    label: str = parameter("万元", unit="-", source="asked", doc="Name of the unit.", min_length=1)
    label_en: str = parameter("× 10,000 yuan", unit="-", source="asked", doc="Name in English.")


class References(Part):
    """What the district's figures are held against, and where that is said.

    Nothing of it enters the plan.
    """

    money: Money = Field(default_factory=Money)
    indicators: Mapping[IndicatorName, Reference] = parameter(
        {},
        unit="-",
        source="asked",
        doc="By indicator. That of `cost` says where the unit costs come from.",
    )
    pace: Pace | None = parameter(
        None, unit="-", source="asked", doc="Stations of a wider area; without it no pace is shown."
    )
