"""What comes out: the plan, and how it is saved and read back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from planner import fields as F
from planner import files
from planner import folder as run_folder
from planner.errors import Notice, Said, StorageError
from planner.folder import SHORT_KEY
from planner.model import tables
from planner.model.arrays import FloatArray, IntArray, freeze
from planner.model.key import plan_key, state_key
from planner.model.layers import Layers
from planner.model.measures import RESIDENTS_SERVED
from planner.model.question import Grid
from planner.model.remarks import NOTICES_NAME, notices_csv
from planner.scenario import Scenario
from planner.schema import SchemaError

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """One order of stations and what it brings.

    Everything that is shown or exported is read from here.

    Attributes
    ----------
    scenario, layers
        What was asked and what was there.
    grid, points, roads, share
        The places of demand, as in :class:`Demand`; the points with the SS-RSRP of each network at
        each phase (``tables.PLAN_POINTS``).
    stations
        ``tables.PLAN_STATIONS``: the table of :class:`Stations` with its place in the order
        (``rank, phase`` missing and ``build_type`` empty when not in the plan), the cost as built
        in this order, and its own reasons.
    neighbour_stations
        ``tables.NEIGHBOUR_STATIONS``: those beyond the border, neither counted nor planned.
    findings
        ``tables.FINDINGS``: the siting rules that hit them.
    first
        (points, networks, levels) int32: rank of the station that first serves the point;
        ``fields.NEVER`` when no station of the plan does or nothing is asked for,
        ``fields.OUTSIDE`` where a neighbour station serves it from the start.
    wanted
        (points, networks, levels) bool: what is asked for.
    server
        (points, networks, levels) int32: place in ``stations`` of that first station, -1 for none
        or a neighbour station.
    broken
        (points, networks, levels) int32: the greatest count at which the place still lies in a
        hole, or in a gap over the limit, of any of its layers (so it does at every count up to this
        one); 0 = in none while a station is open, ``fields.NEVER`` = to the end of the plan.
    by_count
        Every measure at every count from the open stations to the last phase; shares are of the
        whole ground, what neighbour stations serve counts as served. Index ``count``;
        columns are a MultiIndex ``layer, network, level, measure``; ``""`` where a part does not
        apply. The measures are those of ``planner.model.measures`` and of the pass rules.
    measures, verdicts, gaps, holes, towns, residents
        The same at the phases, and what follows: ``tables.MEASURES, VERDICTS, GAPS, HOLES, TASKS,
        RESIDENTS``.
    curve
        ``tables.CURVE``: covered weight against count, on past the last phase.
    cells, neighbours, carriers
        ``tables.CELLS, NEIGHBOURS, CARRIERS``: the sectors by network, rank and sector, their
        neighbour lists, and how good lists, identities and root sequences are.
    replacements
        ``tables.REPLACEMENTS``: who could stand in for each station that is not on air yet.
    provenance
        JSON-able: format_version, versions, seed, effort, input hashes, options, objective,
        objective_bound, objective_gap, sharing_price, value, bound, gap, phase_bound, certificate,
        counts of rejected and unreachable rows, cost scale. Values and bounds are in units of
        covered weight, beyond what neighbour stations serve.
    """

    scenario: Scenario
    layers: Layers
    grid: Grid
    points: pd.DataFrame
    roads: pd.DataFrame
    share: FloatArray
    stations: gpd.GeoDataFrame
    neighbour_stations: pd.DataFrame
    findings: pd.DataFrame
    first: npt.NDArray[np.int32]
    wanted: npt.NDArray[np.bool_]
    server: npt.NDArray[np.int32]
    broken: npt.NDArray[np.int32]
    by_count: pd.DataFrame
    measures: pd.DataFrame
    verdicts: pd.DataFrame
    gaps: pd.DataFrame
    holes: pd.DataFrame
    towns: pd.DataFrame
    residents: pd.DataFrame
    curve: pd.DataFrame
    cells: pd.DataFrame
    neighbours: pd.DataFrame
    carriers: pd.DataFrame
    replacements: pd.DataFrame
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Name, counts, proven gap, and how many rules hold at each phase."""
        lines = [f"Plan({self.scenario!r}"]
        if "objective_gap" in self.provenance:
            lines[0] += f", gap {100 * self.provenance['objective_gap']:.2f} %"
        for count, verdicts in self.verdicts.groupby(F.COUNT):
            held = [
                f"{level} {int(passes.sum())} / {len(passes)}"
                for level, passes in verdicts.groupby(F.LEVEL, sort=False)[F.PASSES]
            ]
            lines.append(f"  rules held at {count}: {', '.join(held)}")
        return ",\n".join(lines) + ")"

    def __post_init__(self) -> None:
        freeze(self.share, self.first, self.wanted, self.server, self.broken)
        for name, table in _TABLES.items():
            table.checked(getattr(self, name))

    @property
    def is_synthetic(self) -> bool:
        """Whether an input is synthetic, or a station of the plan stands on a proposed site.

        Pages, reports and lists must say so.
        """
        bases = self.stations[F.BASIS].iloc[self.order]
        return self.layers.is_synthetic or bool((bases == "synthetic").any())

    @property
    def order(self) -> IntArray:
        """Places in ``stations`` of the plan's stations, by rank."""
        rank = self.stations[F.RANK].to_numpy(dtype="float64", na_value=np.nan)
        chosen = np.flatnonzero(~np.isnan(rank))
        return chosen[np.argsort(rank[chosen], kind="stable")]

    def ground_beyond(self, network: int) -> tuple[float, float]:
        """What the neighbour stations of a network serve outdoors: m2 of areas and m of roads."""
        is_served = self.first[:, network, F.OUTDOOR] == F.OUTSIDE
        sizes = self.points.loc[is_served, [F.AREA_M2, F.LENGTH_M]].sum()
        return float(sizes[F.AREA_M2]), float(sizes[F.LENGTH_M])

    def residents_served(self, phase: int) -> dict[str, float]:
        """Residents by the codes of ``planner.model.measures.RESIDENTS_SERVED``, over all networks.

        Empty where the scenario does not say how many residents a station serves.
        """
        if self.scenario.capacity.residents_per_station is None:
            return {}
        table = self.measures[self.measures[F.PHASE] == phase]
        return {
            code: float(table[F.VALUE][table[F.MEASURE] == code].sum()) for code in RESIDENTS_SERVED
        }

    @property
    def key(self) -> str:
        """What makes it this plan and no other, as a hash: SHA-256, 64 hexadecimal digits.

        In it are the SHA-256 of every input file by name, the resolved scenario without its title
        block, the options that change the result and stand in neither (``provenance["options"]``:
        the key of the plan that a version was made from), the station_id of every station by rank,
        and the digest of the certificate. So it is the same for any number of threads, hash seed,
        locale and machine.

        Outside it are the title block and the state of a version, which have a hash of their own
        (:attr:`state_key`); and what follows from all that: figures, verdicts and tables, which
        :func:`planner.verify.verify` works out again.
        """
        ids = self.stations[F.STATION_ID].iloc[self.order].tolist()
        return plan_key(self.scenario, self.layers.sources, ids, self.provenance)

    @property
    def short_key(self) -> str:
        """方案编号, by which every file made of the plan says whose it is: the key's first digits.

        It has :data:`planner.folder.SHORT_KEY` of them.
        """
        return self.key[:SHORT_KEY]

    @property
    def state_key(self) -> str:
        """What is said about the plan, as a hash: the title block and the state of a version.

        The latter is ``provenance["review"]``: its number, its parent and its record.
        """
        return state_key(self.scenario, self.provenance)

    @property
    def edition(self) -> str:
        """What every file of a run folder belongs to: :attr:`key` and :attr:`state_key`."""
        return f"{self.key}.{self.state_key}"

    def save(self, folder: str | Path) -> Path:
        """Write the plan below ``folder/plan``; the same plan gives the same bytes.

        Parameters
        ----------
        folder
            Run folder; made when missing. An earlier plan in it is replaced, and all that belongs
            to it goes.

        Returns
        -------
        Path
            The folder ``folder/plan``.

        Raises
        ------
        planner.errors.StorageError
            When it cannot be written; an earlier plan then stands as it was.
        """
        with run_folder.opened(folder, "save", (f"{PLAN_FOLDER}/",)) as place:
            place.replace(self.contents(), self.edition)
        return Path(folder) / PLAN_FOLDER

    def contents(self) -> Iterator[tuple[str, bytes]]:
        """Name, below a run folder, and content of every file of the plan.

        ``provenance.json`` comes last and holds the SHA-256 of every other file.
        """
        hashes = {}
        for name, data in _plan_parts(self).items():
            hashes[name] = files.digest(data)
            yield f"{PLAN_FOLDER}/{name}", data
        facts = {**self.provenance, **_keys(self)}
        facts |= {"format_version": FORMAT_VERSION, "files": hashes}
        yield f"{PLAN_FOLDER}/provenance.json", files.json_bytes(facts)

    @classmethod
    def load(cls, folder: str | Path) -> Plan:
        """Read back what :meth:`save` wrote.

        Parameters
        ----------
        folder
            Run folder, or the folder ``plan`` in it. The scenario's inputs are not needed. What a
            run that died left there is first brought to its end.

        Raises
        ------
        planner.errors.StorageError
            When a file is missing, damaged or of another version of the format, or a stored key is
            not that of what was read.
        """
        return run_folder.read_whole(folder, lambda: cls._load(Path(folder)), PLAN_FOLDER)

    @classmethod
    def _load(cls, folder: Path) -> Plan:
        plan = folder / PLAN_FOLDER
        if not plan.is_dir() and (folder / "provenance.json").is_file():
            plan = folder

        path = plan / "provenance.json"
        facts = files.parse_json(files.read_bytes(path), str(path))
        hashes = _checked_hashes(facts, plan)
        parts = {name: files.read_bytes(plan / name) for name in _PART_NAMES}
        for name, data in parts.items():
            if hashes.get(name) != files.digest(data):
                raise StorageError(
                    f"{plan / name} is not what was written with this plan; run the plan again",
                    f"{plan / name} 与方案写出时不一致，请重新运行",
                )

        scenario = Scenario.from_file(plan / "scenario.yaml")
        stored = {name: facts.pop(name, None) for name in _KEYS}
        try:
            found = cls(scenario=scenario, provenance=facts, **_read_parts(parts, scenario))
            _check_keys(stored, _keys(found), plan)
        except (SchemaError, LookupError, TypeError, ValueError, AttributeError) as error:
            # every file is what was written, but what was written is no plan
            raise StorageError(
                f"{plan} is damaged: {error}. Run its scenario again.",
                f"{plan} 已损坏：{error}。请用其情景文件重新运行。",
            ) from None
        return found


PLAN_FOLDER = "plan"
FORMAT_VERSION = 8
_TABLES = {
    "points": tables.PLAN_POINTS, "roads": tables.CHAINS, "stations": tables.PLAN_STATIONS,
    "neighbour_stations": tables.NEIGHBOUR_STATIONS, "findings": tables.FINDINGS,
    "measures": tables.MEASURES, "verdicts": tables.VERDICTS,
    "gaps": tables.GAPS, "holes": tables.HOLES, "towns": tables.TASKS,
    "residents": tables.RESIDENTS, "curve": tables.CURVE, "cells": tables.CELLS,
    "neighbours": tables.NEIGHBOURS, "carriers": tables.CARRIERS,
    "replacements": tables.REPLACEMENTS,
}  # fmt: skip
_LAYER_FRAMES = tuple(part.name for part in fields(Layers) if part.name != "notices")
_CSV = (
    "measures",
    "verdicts",
    "gaps",
    "holes",
    "towns",
    "residents",
    "carriers",
)  # read by people, so as text
_FRAMES = ("by_count", *(name for name in _TABLES if name not in _CSV))
_PART_NAMES = (
    "scenario.yaml", "grid.json", "layers/notices.json",
    *(f"layers/{name}.parquet" for name in _LAYER_FRAMES),
    *(f"{name}.parquet" for name in _FRAMES), *(f"{name}.csv" for name in _CSV),
)  # fmt: skip
_CUBES: Mapping[str, Any] = {
    "first": np.int32,
    "wanted": np.bool_,
    "server": np.int32,
    "broken": np.int32,
}


def _plan_parts(plan: Plan) -> dict[str, bytes]:
    """Content of every file of a plan but its provenance, by name."""
    notices = [asdict(notice) for notice in plan.layers.notices]
    return {
        "scenario.yaml": plan.scenario.to_yaml().encode(),
        "grid.json": files.json_bytes(asdict(plan.grid)),
        "layers/notices.json": files.json_bytes(notices),
        **{
            name: files.csv_bytes(frame) if name.endswith(".csv") else files.parquet_bytes(frame)
            for name, frame in plan_frames(plan).items()
        },
        # for people, who are shown the first of each kind; never read back
        NOTICES_NAME: notices_csv(plan.layers.notices),
    }


def plan_frames(plan: Plan) -> dict[str, pd.DataFrame]:
    """Every table of a plan as its files hold it, by the file's name below ``plan``.

    The arrays are columns of the points: ``first/mobile/outdoor``, ``share/core``.
    """
    by_count = plan.by_count.set_axis(["/".join(key) for key in plan.by_count.columns], axis=1)
    frames = {name: getattr(plan, name) for name in _FRAMES}
    frames |= {"points": _points_with_arrays(plan), "by_count": by_count}
    frames |= {f"layers/{name}": getattr(plan.layers, name) for name in _LAYER_FRAMES}
    texts = {f"{name}.csv": getattr(plan, name) for name in _CSV}
    return {**{f"{name}.parquet": frame for name, frame in frames.items()}, **texts}


def _points_with_arrays(plan: Plan) -> pd.DataFrame:
    """The points with a column per layer's share, and per network and level of each array."""
    columns = {
        f"share/{name}": plan.share[:, j] for j, name in enumerate(plan.scenario.layer_names)
    }
    for name in _CUBES:
        array = getattr(plan, name)
        for key, network, level in _cube_keys(plan.scenario):
            columns[f"{name}/{key}"] = array[:, network, level]
    return plan.points.assign(**columns)


def _cube_keys(scenario: Scenario) -> list[tuple[str, int, int]]:
    """Name of each network's level in a column, and its place in an array of a plan."""
    return [
        (f"{network}/{level}", i, j)
        for i, network in enumerate(scenario.network_names)
        for j, level in enumerate(F.LEVELS)
    ]


_KEYS: Mapping[str, Said] = {
    "key": Said(
        "输入文件、情景、选项、站点次序或证书",
        "its inputs, scenario, options, order of stations or certificate",
    ),
    "state_key": Said("标题栏或版本状态", "its title block or the state of its version"),
}
"""What a plan's keys are made of."""


def _keys(plan: Plan) -> dict[str, str]:
    return {name: getattr(plan, name) for name in _KEYS}


def _check_keys(stored: Mapping[str, Any], found: Mapping[str, str], folder: Path) -> None:
    """Refuse a plan whose keys are not those that were written with it, and say what they cover."""
    for name, covers in _KEYS.items():
        if stored[name] != found[name]:
            raise StorageError(
                f"{folder / 'provenance.json'}: `{name}` is {stored[name]!r}, worked out again "
                f"{found[name]!r}: {covers.en} were changed after the plan was written. "
                f"Run its scenario again.",
                f"{folder / 'provenance.json'}：`{name}` 为 {stored[name]!r}，重新计算为 "
                f"{found[name]!r}：方案写出后，{covers.zh}被改动。请用其情景文件重新运行。",
            )


def _checked_hashes(facts: Any, folder: Path) -> dict[str, str]:
    """Take the hashes out of the provenance; refuse a format that this version does not know."""
    version = facts.get("format_version") if isinstance(facts, dict) else None
    if version != FORMAT_VERSION or not isinstance(facts.get("files"), dict):
        raise StorageError(
            f"{folder} does not hold a plan in format {FORMAT_VERSION}: its provenance.json is in "
            f"format {version!r}. Run its scenario again.",
            f"{folder} 中的方案不是格式版本 {FORMAT_VERSION}：其 provenance.json 为 {version!r}。"
            f"请用其情景文件重新运行。",
        )
    hashes: dict[str, str] = facts.pop("files")
    return hashes


def _read_parts(parts: Mapping[str, bytes], scenario: Scenario) -> dict[str, Any]:
    """Attributes of a plan from the content of its files."""
    layers = {
        name: files.parse_parquet(parts[f"layers/{name}.parquet"], f"{name}.parquet")
        for name in _LAYER_FRAMES
    }
    notices = files.parse_json(parts["layers/notices.json"], "notices.json")
    frames = {
        name: files.parse_parquet(parts[f"{name}.parquet"], f"{name}.parquet") for name in _FRAMES
    }

    by_count = frames["by_count"]
    names = (F.LAYER, F.NETWORK, F.LEVEL, F.MEASURE)
    by_count.columns = by_count.columns.str.split("/", expand=True).set_names(names)

    # columns with a stroke are the arrays, the others the table itself
    points = frames["points"]
    frames["points"] = points[[column for column in points.columns if "/" not in column]]

    return {
        "layers": Layers(**layers, notices=tuple(Notice(**notice) for notice in notices)),
        "grid": Grid(**files.parse_json(parts["grid.json"], "grid.json")),
        "share": np.stack([points[f"share/{name}"] for name in scenario.layer_names], axis=1),
        **{name: _cube(points, name, scenario) for name in _CUBES},
        **frames,
        **{
            name: files.parse_csv(parts[f"{name}.csv"], f"{name}.csv", _TABLES[name].kind_of)
            for name in _CSV
        },
    }


def _cube(points: pd.DataFrame, name: str, scenario: Scenario) -> npt.NDArray[Any]:
    """An array of a plan, (points, networks, levels), from its columns of the points."""
    shape = (len(points), len(scenario.networks), len(F.LEVELS))
    cube: npt.NDArray[Any] = np.empty(shape, _CUBES[name])
    for key, network, level in _cube_keys(scenario):
        cube[:, network, level] = points[f"{name}/{key}"]
    return cube
