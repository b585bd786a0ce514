"""A scenario: a question to the planner, checked as a whole."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, Self

import yaml
from pydantic import Field, PrivateAttr, ValidationError, model_validator

from planner.errors import ScenarioError
from planner.parameters import Part, parameter
from planner.radio import BANDS, Band, CapacityParameters, ExposureParameters, RadioParameters
from planner.scenario.parts import (
    DemandParameters,
    District,
    Inputs,
    Layer,
    Levels,
    Network,
    Phase,
    References,
    Search,
    SitingParameters,
    Titles,
)
from planner.scenario.reading import finding, nearest, read_yaml
from planner.scenario.review import Review


class Scenario(Part):
    """A question to the planner. Frozen; :meth:`replace` gives a checked copy."""

    name: str = parameter(..., unit="-", source="asked", doc="Short name.", pattern=r"^[\w-]+$")
    as_of: str = parameter(
        ..., unit="YYYY-MM-DD", source="asked", doc="Date of every file.", pattern=r"^\d{4}-\d{2}-\d{2}$"
    )
    district: District
    titles: Titles = Field(default_factory=Titles)
    references: References = Field(default_factory=References)
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

    @property
    def years(self) -> range:
        """Years at whose end the last phase is being built: from that of the phase before it to its own."""
        before, last = (int(phase.date[:4]) for phase in self.phases[-2:])
        return range(before, last + 1)

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
            notices = tuple(finding(cls, file, entry) for entry in error.errors(include_url=False))
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
        for what, names in (("phases", [p.name for p in self.phases]), ("networks", list(self.network_names)),
                             ("layers", list(self.layer_names))):  # fmt: skip
            if len(set(names)) < len(names):
                yield f"名称重复 names must differ in {what}: {names}"
        for network in self.networks:
            for band in network.bands:
                if band not in self.bands:
                    yield (
                        f"网络 {network.name} 的频段 {band} 未定义 network {network.name} names band {band}, "
                        f"which is not among {sorted(self.bands)}{nearest(band, self.bands)}"
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
        if self.references.pace is not None:
            years = [str(year) for year in self.years]
            known = [self.references.pace.stations.get(year) for year in years]
            if missing := [year for year, stations in zip(years, known, strict=True) if stations is None]:
                yield (
                    f"references.pace.stations 缺少年份 lacks the years {', '.join(missing)}: 补齐或删去 pace "
                    "add them or leave pace out"
                )
            elif len(years) > 1 and not known[0] < known[-1]:  # type: ignore[operator]
                yield f"references.pace.stations 从 {years[0]} 到 {years[-1]} 年须增加 must grow over these years"
        for station, number in self.review.locked.items():
            if not 1 <= number <= later:
                yield f"review.locked: {station} 的期须在 1 到 {later} 之间 must name a phase from 1 to {later}"


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
