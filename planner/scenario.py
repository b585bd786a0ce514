"""WHAT IS ASKED: a scenario and its parts, frozen; unknown keys are refused with the nearest match.

A scenario file is YAML. Parameters sit beside what uses them: those of the radio and of the optimiser are declared in
their rooms, the others here. ``Scenario.json_schema()`` describes the file.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, Literal, Self

import yaml
from pydantic import Field, PrivateAttr, ValidationError, model_validator

from planner.errors import Notice, ScenarioError
from planner.parameters import Part, parameter
from planner.radio import BANDS, Band, CapacityParameters, ExposureParameters, RadioParameters

MAX_DEPTH = 20
MAX_BYTES = 4_000_000


class District(Part):
    """The district and the coordinates it is worked in."""

    name: str = parameter(..., unit="-", source="asked", doc="Name as the office writes it.")
    name_en: str = parameter("", unit="-", source="asked", doc="Name in English.")
    city: str = parameter("", unit="-", source="asked", doc="City it belongs to (归属地市); blank if not given.")
    adcode: str = parameter(
        ..., unit="-", source="GB/T 2260", doc="Six-digit code of the district.", pattern=r"^\d{6}$"
    )
    work_crs: str = parameter(
        "EPSG:4549",
        unit="-",
        source="CGCS2000 / 3-degree Gauss-Kruger 120E holds Tinghu whole",
        doc="Projected CRS in metres in which all distances are taken.",
        pattern=r"^EPSG:\d{4,6}$",
    )
    urban_town: str = parameter(
        "城区街道", unit="-", source="borders of the subdistricts are unknown", doc="Row that holds all urban units."
    )


class Phase(Part):
    """A milestone: a name, a date and the cumulative number of stations."""

    name: str = parameter(..., unit="-", source="asked", doc="Name of the phase.")
    name_en: str = parameter("", unit="-", source="asked", doc="Name in English.")
    date: str = parameter(..., unit="YYYY-MM-DD", source="asked", doc="Day it ends.", pattern=r"^\d{4}-\d{2}-\d{2}$")
    stations: int = parameter(..., unit="stations", source="asked", doc="Cumulative number of stations.", ge=0)


class Network(Part):
    """A radio network that is built once and shared."""

    name: str = parameter(..., unit="-", source="asked", doc="Short name.", pattern=r"^[a-z][a-z0-9-]*$")
    code: str = parameter(..., unit="-", source="asked", doc="Letter in the station_id.", pattern=r"^[A-Z]$")
    label: str = parameter(..., unit="-", source="asked", doc="Name that the office reads.")
    label_en: str = parameter("", unit="-", source="asked", doc="Name in English.")
    operators: tuple[str, ...] = parameter((), unit="-", source="press", doc="Carriers that share it.")
    bands: tuple[str, ...] = parameter(..., unit="-", source="press", doc="Names of its bands.", min_length=1)


class Rule(Part):
    """When a layer passes: a share, and no gap or hole over a limit."""

    share: float = parameter(
        0.95,
        unit="1",
        source="95 % of the length (MIIT 2023 No. 257); areas: judgement",
        doc="Least share.",
        ge=0,
        le=1,
    )
    gap_m: float = parameter(500.0, unit="m", source="judgement", doc="Longest gap a road may have.", gt=0)
    hole_radius_m: float = parameter(
        250.0, unit="m", source="judgement", doc="An area may have no hole that holds a disc of this radius.", gt=0
    )


class Layer(Part):
    """One of the government's layers and how it is judged."""

    name: str = parameter(..., unit="-", source="asked", doc="Short name.", pattern=r"^[a-z][a-z0-9_]*$")
    label: str = parameter(..., unit="-", source="asked", doc="Name that the office reads.")
    label_en: str = parameter("", unit="-", source="asked", doc="Name in English.")
    shape: Literal["area", "road"] = parameter(..., unit="-", source="asked", doc="Polygons or lines.")
    kinds: tuple[str, ...] = parameter(..., unit="-", source="asked", doc="Values of `kind` that make the layer.")
    scene: Literal["dense-urban", "urban", "township", "industrial", "rural"] = parameter(
        ..., unit="-", source="judgement", doc="How the layer is built; in overlaps the earlier layer wins."
    )
    deep: Literal["none", "indoor", "vehicle"] = parameter(
        "none", unit="-", source="judgement (CASE)", doc="What deep service means in it, if it is asked for."
    )
    rule: Rule = Field(default_factory=Rule, description="Pass rule, outdoors and deep alike.")
    outdoor_only_bands: tuple[str, ...] = parameter(
        (), unit="-", source="judgement: 700 MHz lacks the capacity for depth in core and parks",
        doc="Bands that count outdoors but not for deep service in this layer.",
    )  # fmt: skip
    must_hold_from: int | None = parameter(
        None, unit="1", source="soft by default",
        doc="Number of the phase (1 = first after the state) from which no gap or hole may remain, or no plan is given.",
        ge=1,
    )  # fmt: skip
    spacing_m: float = parameter(200.0, unit="m", source="judgement", doc="Distance of candidate sites in it.", gt=0)
    weight_share: float | None = parameter(
        None, unit="1", source="computed from residents and ground", doc="Share of the layer if it is to be set.", gt=0
    )


class Level(Part):
    """A service level: from which signal on a place counts as served."""

    rsrp_dbm: float = parameter(
        -105.0, unit="dBm", source="public drive-test programs (with SS-SINR >= -3 dB)",
        doc="Least SS-RSRP at the user's terminal, after indoor or vehicle loss at level deep.", ge=-140, le=-40,
    )  # fmt: skip


class Levels(Part):
    """The two service levels."""

    outdoor: Level = Field(default_factory=Level, description="室外连续: in the open, at 1.5 m.")
    deep: Level = Field(default_factory=Level, description="深度: inside buildings; inside vehicles on roads.")


class Inputs(Part):
    """Files of the case, relative to the scenario's project folder; empty where there is none."""

    manifest: str = parameter(
        "MANIFEST.csv", unit="-", source="asked", doc="Source, licence, basis and sha256 of each."
    )
    boundary: str = parameter(..., unit="-", source="asked", doc="District polygon.")
    areas: str = parameter(..., unit="-", source="asked", doc="Polygons of the area layers and keep-outs.")
    roads: str = parameter(..., unit="-", source="asked", doc="Named roads.")
    streets: str = parameter("", unit="-", source="asked", doc="Other streets.")
    water: str = parameter("", unit="-", source="asked", doc="Rivers and canals, for drawing.")
    towns: str = parameter(..., unit="-", source="asked", doc="Township-level units with people and seats.")
    town_areas: str = parameter("", unit="-", source="asked", doc="Polygons of the units, if known.")
    landmarks: str = parameter("", unit="-", source="asked", doc="Points to find one's way by.")
    population: str = parameter(..., unit="-", source="asked", doc="Where people live.")
    sites: str = parameter(..., unit="-", source="asked", doc="Open and retrofitted stations.")
    candidates: str = parameter("", unit="-", source="asked", doc="Candidate sites; empty = propose them.")
    datum: Literal["wgs84", "cgcs2000", "gcj02", "bd09"] = parameter(
        "wgs84", unit="-", source="asked", doc="Datum of every input that does not say its own."
    )


class DemandParameters(Part):
    """How places become weighted demand."""

    cell_m: float = parameter(50.0, unit="m", source="100 m flatters 3.5 GHz depth by 3-4 points", doc="Cell.", gt=0)
    road_step_m: float = parameter(50.0, unit="m", source="as the cell", doc="Distance of road samples.", gt=0)
    resident_share: float = parameter(
        0.5, unit="1", source="judgement", doc="Part of the weight by residents; the rest by ground.", ge=0, le=1
    )
    road_strip_m: float = parameter(
        500.0,
        unit="m",
        source="judgement: the gap a road may have",
        doc="Width at which a road counts as ground.",
        gt=0,
    )
    deep_weight: tuple[float, ...] = parameter(
        (0.25, 1.0), unit="1", source="judgement: the first phase is about continuity", doc="Depth, by phase."
    )
    phase_weight: tuple[float, ...] = parameter(
        (1.0, 2.0), unit="1", source="judgement", doc="What a phase counts in the one objective."
    )
    network_share: tuple[float, ...] = parameter(
        (0.5, 0.5), unit="1", source="judgement: both networks serve everybody", doc="Weight of each network."
    )
    share_5g: tuple[float, ...] = parameter(
        (0.05, 0.1, 0.8), unit="1", source="judgement", doc="Share of the data on 5G, by phase, the state first."
    )
    load: float = parameter(
        0.5, unit="1", source="judgement", doc="Share of resource elements in use when SS-SINR is stated.", ge=0, le=1
    )
    continuity: float = parameter(
        5.0, unit="1", source="1-20 give the same", doc="Weight of a continuity row, in median samples.", ge=0
    )


FIRST_BUILD: Final = {
    "rebuilt": "retrofit", "stock": "retrofit", "roof": "new_roof", "pole": "new_pole", "tower": "new_tower",
}  # fmt: skip
"""How the first station of a site of each type is built; any later one there is a co-location."""


class BandSiting(Part):
    """When and on what a band may be built."""

    first_phase: int = parameter(0, unit="1", source="asked", doc="Number of the first phase, 0 = the state.", ge=0)
    site_types: tuple[Literal["rebuilt", "stock", "roof", "pole", "tower"], ...] = parameter(
        ("rebuilt", "stock", "roof", "pole", "tower"), unit="-", source="asked", doc="Types of site that can hold it."
    )


class SitingRules(Part):
    """Rules that a site is checked against; each ends in a verdict with the figure that decided, never in silence."""

    airport_cap_m: float = parameter(
        45.0, unit="m", source="ICAO Annex 14, Table 4-1, code 4: inner horizontal surface", gt=0,
        doc="Highest top within the inner distance of an airport.",
    )  # fmt: skip
    airport_inner_m: float = parameter(
        4000.0, unit="m", source="ICAO Annex 14, Table 4-1", doc="Distance up to which the cap holds.", ge=0
    )
    airport_slope: float = parameter(
        0.05, unit="1", source="ICAO Annex 14, Table 4-1: conical surface", doc="Rise of the cap beyond it.", ge=0
    )
    airport_outer_m: float = parameter(
        6000.0, unit="m", source="ICAO Annex 14, Table 4-1: 100 m above the inner surface", doc="Where it ends.", ge=0
    )
    approach_slope: float = parameter(
        0.02, unit="1", source="ICAO Annex 14, Table 4-1: first section of the approach surface", gt=0,
        doc="A top that this surface could not clear, were the runway to point at it, is to be consulted on.",
    )  # fmt: skip
    road_setback_m: Mapping[str, float] = parameter(
        {"expressway": 30.0, "national": 20.0, "provincial": 15.0, "county": 10.0, "township": 5.0},
        unit="m", source="公路安全保护条例 (not re-read)", doc="Least distance of ground towers, by road class.",
    )  # fmt: skip
    sensitive_kinds: tuple[str, ...] = parameter(
        ("school", "kindergarten", "hospital"), unit="-", source="judgement", doc="Landmarks that need care."
    )
    sensitive_m: float = parameter(50.0, unit="m", source="judgement", doc="Distance within which they do.", ge=0)


class SitingParameters(Part):
    """What may be built, where, and what it costs before scaling."""

    min_spacing_m: float = parameter(
        100.0, unit="m", source="judgement", doc="Least distance of a candidate site from every other site.", ge=0
    )
    street_spacing_m: float = parameter(500.0, unit="m", source="judgement", doc="Candidates along streets.", gt=0)
    uma_margin_m: float = parameter(
        500.0,
        unit="m",
        source="judgement",
        doc="Sites this near to core, parks or seats are built as urban ones.",
        ge=0,
    )
    keep_out_kinds: tuple[str, ...] = parameter(
        ("keep_out_airport", "keep_out_reserve"), unit="-", source="siting rules", doc="Areas without candidates."
    )
    rules: SitingRules = Field(default_factory=SitingRules)
    bands: Mapping[str, BandSiting] = Field(
        default_factory=dict, description="Limits by band; a band without an entry may be built anywhere, any time."
    )
    share_bonus: float = parameter(
        0.05, unit="1", source="judgement; above 0.1 it buys worthless stations",
        doc="What a second network at a site is worth, in mean stations.", ge=0, le=0.1,
    )  # fmt: skip
    cost_wan: Mapping[str, float] = parameter(
        {"retrofit": 34.0, "co_location": 30.0, "new_roof": 42.0, "new_pole": 36.0, "new_tower": 75.0},
        unit="10,000 yuan", source="judgement; only their ratios count, see mean_cost_wan", doc="Cost per build type.",
    )  # fmt: skip
    effort: Mapping[str, float] = parameter(
        {"retrofit": 1.0, "co_location": 1.0, "new_roof": 2.0, "new_pole": 2.0, "new_tower": 4.0},
        unit="1", source="judgement", doc="Build effort that divides the gain in the order inside a phase.",
    )  # fmt: skip
    mean_cost_wan: float = parameter(
        39.4, unit="10,000 yuan", source="people.cn 2020-06-23: 3,300 stations for CNY 1.3 billion",
        doc="Mean cost of a station of the first phase; the costs are scaled to it.", gt=0,
    )  # fmt: skip
    cost_scale: float | None = parameter(
        None, unit="1", source="computed", doc="Set to keep the scale of another plan.", gt=0
    )


class Search(Part):
    """How hard the optimiser works."""

    effort: Literal["fast", "standard", "long", "exact"] = parameter(
        "standard", unit="-", source="asked", doc="fast: seconds, standard: half a minute, long: minutes."
    )
    seed: int = parameter(2020, unit="1", source="asked", doc="Seed of the search.", ge=0, le=2**32 - 1)
    order: Literal["effort", "gain"] = parameter(
        "effort", unit="-", source="by gain alone road towers would come first, in the autumn of the first year",
        doc="Inside a phase the next station is that of most gain per build effort, or of most gain.",
    )  # fmt: skip
    cost_share: float = parameter(
        0.001, unit="1", source="judgement", doc="What cost may be worth, as a share of coverage.", ge=0, le=0.05
    )


class Move(Part):
    """Where a station was moved to, and from where."""

    lon: float = parameter(
        ..., unit="degree", source="asked", doc="Longitude of the new place, WGS-84.", ge=-180, le=180
    )
    lat: float = parameter(
        ..., unit="degree", source="asked", doc="Latitude of the new place, WGS-84.", ge=-90, le=90
    )
    from_lon: float = parameter(
        ..., unit="degree", source="asked", doc="Longitude it was planned at.", ge=-180, le=180
    )
    from_lat: float = parameter(
        ..., unit="degree", source="asked", doc="Latitude it was planned at.", ge=-90, le=90
    )


class Proposal(Part):
    """A candidate site that a reviewer named."""

    lon: float = parameter(
        ..., unit="degree", source="asked", doc="Longitude, WGS-84.", ge=-180, le=180
    )
    lat: float = parameter(
        ..., unit="degree", source="asked", doc="Latitude, WGS-84.", ge=-90, le=90
    )
    site_type: Literal["", "stock", "roof", "pole", "tower"] = parameter(
        "", unit="-", source="asked", doc="Empty = a roof on built-up ground, else a tower."
    )


class Review(Part):
    """What reviewers decided so far, by 规划编号, and the price of leaving what was agreed.

    ``planner review`` writes the decisions; who asked for what stands in ``plan/review.json`` of the version.
    """

    churn_price: float = parameter(
        0.25, unit="mean stations", source="judgement; see README, review: 0 replans freely",
        doc="What a station that leaves its agreed phase costs, in stations of mean coverage.", ge=0, le=1000,
    )  # fmt: skip
    tolerance_m: Mapping[str, float] = parameter(
        {"dense-urban": 50.0, "urban": 50.0, "industrial": 50.0, "township": 100.0, "rural": 200.0},
        unit="m", source="judgement: a quarter of the cell radius (textbook rule)",
        doc="允许偏离半径 per scene: a station moved no farther keeps its 规划编号.",
    )  # fmt: skip
    opened: Mapping[str, str] = parameter(
        {}, unit="-", source="asked", doc="Stations opened since the state, with the day; empty where no row told it."
    )
    locked: Mapping[str, int] = parameter(
        {}, unit="-", source="asked", doc="Accepted stations, with the number of the phase they open in."
    )
    vetoed: tuple[str, ...] = parameter((), unit="-", source="asked", doc="Stations that may not be built.")
    refused_towns: tuple[str, ...] = parameter(
        (), unit="-", source="asked", doc="Towns in which no candidate may be built."
    )
    moved: Mapping[str, Move] = Field(default_factory=dict, description="Stations moved within their tolerance.")
    proposed: tuple[Proposal, ...] = Field((), description="Candidate sites that reviewers named.")
    due: Mapping[str, str] = parameter(
        {}, unit="YYYY-MM-DD", source="asked", doc="Agreed days of delivery (约定交付时间): a station opens no earlier."
    )
    delivered: Mapping[str, str] = parameter(
        {}, unit="YYYY-MM-DD", source="asked", doc="Confirmed days of delivery (交付确认时间)."
    )

    @property
    def station_ids(self) -> frozenset[str]:
        """Every station that a decision names."""
        return frozenset([*self.opened, *self.locked, *self.vetoed, *self.moved, *self.due, *self.delivered])


class Titles(Part):
    """What stands in the title block. Blank unless the office fills it in; nothing is invented."""

    title: str = parameter("5G基站分期建设规划图", unit="-", source="asked", doc="Title of maps and report.")
    title_en: str = parameter("5G rollout plan", unit="-", source="asked", doc="Title in English.")
    compiled_by: str = parameter("", unit="-", source="asked", doc="编制单位.")
    client: str = parameter("", unit="-", source="asked", doc="委托单位.")
    secrecy: str = parameter("", unit="-", source="asked", doc="密级.")
    review_number: str = parameter("", unit="-", source="asked", doc="审图号.")


class Scenario(Part):
    """A question to the planner. Frozen; :meth:`replace` gives a checked copy."""

    name: str = parameter(..., unit="-", source="asked", doc="Short name.", pattern=r"^[\w-]+$")
    as_of: str = parameter(
        ..., unit="YYYY-MM-DD", source="asked", doc="Date of every file.", pattern=r"^\d{4}-\d{2}-\d{2}$"
    )
    district: District
    titles: Titles = Field(default_factory=Titles)
    phases: tuple[Phase, ...] = Field(min_length=2, description="The state first, then the milestones.")
    networks: tuple[Network, ...] = Field(min_length=1)
    bands: Mapping[str, Band] = Field(
        default_factory=lambda: dict(BANDS), min_length=1,
        description="By name. An entry of a known band (n28, n41, n78) may give only what differs.",
    )  # fmt: skip
    layers: tuple[Layer, ...] = Field(min_length=1)
    levels: Levels = Field(default_factory=Levels)
    radio: RadioParameters = Field(default_factory=RadioParameters)
    demand: DemandParameters = Field(default_factory=DemandParameters)
    capacity: CapacityParameters = Field(default_factory=CapacityParameters)
    exposure: ExposureParameters = Field(default_factory=ExposureParameters)
    siting: SitingParameters = Field(default_factory=SitingParameters)
    search: Search = Field(default_factory=Search)
    review: Review = Field(default_factory=Review)
    inputs: Inputs

    _root: Path = PrivateAttr(default=Path())

    @property
    def root(self) -> Path:
        """Folder that the inputs are relative to."""
        return self._root

    @property
    def counts(self) -> tuple[int, ...]:
        """Cumulative counts, the state's first."""
        return tuple(phase.stations for phase in self.phases)

    @property
    def network_names(self) -> tuple[str, ...]:
        """Names of the networks, in the scenario's order."""
        return tuple(network.name for network in self.networks)

    @property
    def layer_names(self) -> tuple[str, ...]:
        """Names of the layers, in the scenario's order."""
        return tuple(layer.name for layer in self.layers)

    def layer(self, name: str) -> Layer:
        """The layer of that name; ``KeyError`` when there is none."""
        return next(layer for layer in self.layers if layer.name == name)

    def phase_by(self, date: str) -> int:
        """Number of the first phase that ends on a day or later; ``len(phases)`` past the last."""
        return next((i for i, phase in enumerate(self.phases) if phase.date >= date), len(self.phases))

    def phase_of(self, rank: int) -> int:
        """Number of the phase that a rank falls in, 0 = the state; ``len(phases)`` past the last."""
        return next((i for i, count in enumerate(self.counts) if rank < count), len(self.counts))

    @classmethod
    def from_file(cls, path: str | Path) -> Self:
        """Read a scenario file.

        Parameters
        ----------
        path
            YAML file. When it lies in a folder named ``scenarios``, the inputs are relative to that folder's parent,
            else to its own folder.

        Raises
        ------
        ScenarioError
            With one notice per finding: bad YAML, unknown key, wrong type, value out of range, parts that conflict.
        """
        path = Path(path)
        tree = read_yaml(path)
        folder = path.resolve().parent
        return cls.from_tree(tree, root=folder.parent if folder.name == "scenarios" else folder, file=path.name)

    @classmethod
    def from_tree(cls, tree: Mapping[str, Any], *, root: Path, file: str = "scenario") -> Self:
        """Check a tree of plain values; see :meth:`from_file`."""
        try:
            scenario = cls.model_validate_json(json.dumps(_with_known_bands(tree), ensure_ascii=False))
        except ValidationError as error:
            notices = tuple(_notice(cls, file, entry) for entry in error.errors(include_url=False))
            raise ScenarioError(
                f"{file} cannot be used, {len(notices)} finding(s)\n" + "\n".join(map(str, notices)),
                f"情景文件 {file} 有 {len(notices)} 处问题",
                notices,
            ) from None
        scenario._root = root
        return scenario

    def replace(self, **changes: Any) -> Self:
        """A copy with changes merged in, checked again.

        Parameters
        ----------
        changes
            Values by field; a mapping is merged into the part it names, to any depth, anything else replaces it.
        """
        return self.from_tree(_merged(self.to_tree(), changes), root=self._root, file=f"{self.name} (replace)")

    def to_tree(self) -> dict[str, Any]:
        """Every value, defaults included, as plain values that :meth:`from_tree` reads back."""
        tree: dict[str, Any] = json.loads(self.model_dump_json())
        return tree

    def to_yaml(self) -> str:
        """The resolved scenario as text."""
        return yaml.safe_dump(self.to_tree(), allow_unicode=True, sort_keys=False, width=120)

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """JSON Schema of the scenario file, with unit and source of each parameter."""
        return cls.model_json_schema()

    def is_built(self, scene: str) -> bool:
        """Whether a scene is built up, that is, not modelled as open land (RMa)."""
        return self.radio.scenes[scene].model != "RMa"

    @model_validator(mode="after")
    def _fits(self) -> Self:
        for problem in self._conflicts():
            raise ValueError(problem)
        return self

    def _conflicts(self) -> Iterator[str]:
        counts = self.counts
        if any(later <= earlier for earlier, later in pairwise(counts)):
            yield f"各期累计站数须逐期增加 counts must grow from phase to phase: {list(counts)}"
        if any(later.date <= earlier.date for earlier, later in pairwise(self.phases)):
            yield "各期日期须逐期推后 dates must grow from phase to phase"
        for what, values in (("phases", [p.name for p in self.phases]), ("networks", list(self.network_names)),
                             ("layers", list(self.layer_names))):  # fmt: skip
            if len(set(values)) < len(values):
                yield f"名称重复 names must differ in {what}: {values}"
        for network in self.networks:
            for band in network.bands:
                if band not in self.bands:
                    yield (
                        f"网络 {network.name} 的频段 {band} 未定义 network {network.name} names band {band}, "
                        f"which is not among {sorted(self.bands)}{_nearest(band, self.bands)}"
                    )
        for layer in self.layers:
            if (layer.must_hold_from or 1) >= len(self.phases):
                yield f"图层 {layer.name} 的 must_hold_from 须为 1 至 {len(self.phases) - 1} the number of a phase"
            if layer.scene not in self.radio.scenes:
                yield f"radio.scenes 缺少场景 {layer.scene} lacks the scene of layer {layer.name}"
        later = len(self.phases) - 1
        for name, values in (("deep_weight", self.demand.deep_weight), ("phase_weight", self.demand.phase_weight)):
            if len(values) != later:
                yield f"demand.{name} 须有 {later} 个值 needs one value for each of the {later} phases after the state"
        if len(self.demand.share_5g) != len(self.phases):
            yield f"demand.share_5g 须有 {len(self.phases)} 个值 needs one value for each phase, the state first"
        if len(self.demand.network_share) != len(self.networks):
            yield f"demand.network_share 须有 {len(self.networks)} 个值 needs one value per network"
        for station, number in self.review.locked.items():
            if not 1 <= number <= later:
                yield f"review.locked: {station} 的期须在 1 到 {later} 之间 must name a phase from 1 to {later}"


class _Loader(yaml.SafeLoader):
    """Safe YAML that refuses aliases and double keys and reads dates and yes/no words as text."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.events.AliasEvent):
            event = self.peek_event()
            raise yaml.MarkedYAMLError(
                problem="aliases (&, *) are not allowed 不允许使用别名", problem_mark=event.start_mark
            )
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen: dict[Any, int] = {}
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            line = key_node.start_mark.line + 1
            if not isinstance(key, str):
                raise yaml.MarkedYAMLError(
                    problem=f"key {key!r} is not text 键须为文字", problem_mark=key_node.start_mark
                )
            if key in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"key {key!r} stands twice, lines {seen[key]} and {line} 键重复",
                    problem_mark=key_node.start_mark,
                )
            seen[key] = line
        return super().construct_mapping(node, deep)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag.endswith((":null", ":int", ":float", ":bool"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
for _first, _resolvers in list(_Loader.yaml_implicit_resolvers.items()):
    # YAML 1.1 reads NO as false, 010 as 8 and 12:30 as 750: only plain JSON words and numbers count here
    _Loader.yaml_implicit_resolvers[_first] = [
        (tag, {":bool": re.compile(r"^(?:true|false)$"), ":int": re.compile(r"^-?(?:0|[1-9][0-9_]*)$")}.get(
            tag[tag.rindex(":") :], re.compile(r"^-?[0-9][0-9_]*\.[0-9]*(?:[eE][-+]?[0-9]+)?$")
            if tag.endswith(":float") else pattern))
        for tag, pattern in _resolvers
    ]  # fmt: skip


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML mapping: no aliases, no double keys, at most 20 levels, 4 MB.

    Raises
    ------
    ScenarioError
        When the file cannot be read or is not such a mapping; names line and column.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ScenarioError(f"{path.name} is over {MAX_BYTES} bytes", f"{path.name} 超过 {MAX_BYTES} 字节")
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = "not UTF-8" if isinstance(error, UnicodeDecodeError) else error.strerror
        raise ScenarioError(f"cannot read {path}: {reason}", f"无法读取情景文件 {path}：{reason}") from None
    try:
        _check_depth(text)
        tree = yaml.load(text, _Loader)  # noqa: S506 (a subclass of SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line, column = (mark.line + 1, mark.column + 1) if mark else (None, 0)
        problem = getattr(error, "problem", None) or str(error)
        notice = Notice(
            "yaml_syntax_error", "E", f"第 {line} 行第 {column} 列：YAML 无法解析",
            f"line {line}, column {column}: {problem}", file=path.name, line=line,
        )  # fmt: skip
        raise ScenarioError(f"{path.name}: {notice.en}", f"{path.name}：{notice.zh}", (notice,)) from None
    if not isinstance(tree, dict):
        raise ScenarioError(f"{path.name} holds no mapping of keys", f"{path.name} 不是键值结构")
    return tree


def _check_depth(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, yaml.SafeLoader):
        if isinstance(event, yaml.events.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise yaml.MarkedYAMLError(
                    problem=f"nested deeper than {MAX_DEPTH} 嵌套过深", problem_mark=event.start_mark
                )
        elif isinstance(event, yaml.events.CollectionEndEvent):
            depth -= 1


def _merged(base: Any, change: Any) -> Any:
    if isinstance(base, dict) and isinstance(change, Mapping):
        return {**base, **{key: _merged(base.get(key), value) for key, value in change.items()}}
    return list(change) if isinstance(change, tuple) else change


def _with_known_bands(tree: Mapping[str, Any]) -> Mapping[str, Any]:
    """Fill up the entries of known bands, so that a scenario writes only what differs."""
    bands = tree.get("bands")
    if not isinstance(bands, Mapping):
        return tree
    known = {name: json.loads(band.model_dump_json()) for name, band in BANDS.items()}
    return {**tree, "bands": {name: _merged(known.get(name), band) for name, band in bands.items()}}


def _nearest(word: str, known: Any) -> str:
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f" (最接近 nearest: {close[0]})" if close else ""


def _notice(cls: type[Part], file: str, entry: Any) -> Notice:
    where = ".".join(str(part) for part in entry["loc"])
    if entry["type"] == "extra_forbidden":
        known = _keys_at(cls, entry["loc"][:-1])
        key = str(entry["loc"][-1])
        near = _nearest(key, known)
        return Notice(
            "unknown_key", "E", f"不认识的键 {where}{near}", f"unknown key {where}{near}; known: {', '.join(known)}",
            file=file, column=where,
        )  # fmt: skip
    if entry["type"] == "missing":
        return Notice("missing_key", "E", f"缺少键 {where}", f"key {where} is missing", file=file, column=where)
    kind = {"value_error": "conflicting_options"}.get(
        entry["type"], "wrong_type" if entry["type"].endswith("_type") else "value_out_of_range"
    )
    value = "" if isinstance(entry["input"], dict) else str(entry["input"])
    message = entry["msg"].removeprefix("Value error, ")
    return Notice(kind, "E", f"{where or '情景'} 的值不可用", message, file=file, column=where, value=value)


def _keys_at(cls: type[Part], loc: tuple[Any, ...]) -> list[str]:
    """Keys that the schema knows at a place."""
    schema = cls.model_json_schema()
    node: Any = schema
    for step in loc:
        node = _resolved(schema, node)
        if isinstance(step, int):
            node = node.get("items", node.get("prefixItems", [{}])[0])
        else:
            node = node.get("properties", {}).get(step, node.get("additionalProperties", {}))
    return list(_resolved(schema, node).get("properties", {}))


def _resolved(schema: dict[str, Any], node: Any) -> dict[str, Any]:
    while isinstance(node, dict) and "$ref" in node:
        node = schema["$defs"][node["$ref"].rsplit("/", 1)[1]]
    return node if isinstance(node, dict) else {}
