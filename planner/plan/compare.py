"""Plans beside each other: the parameters that differ, the figures and their differences, and the stations."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from planner import fields as F
from planner.errors import ProblemError
from planner.model import FloatArray, Plan
from planner.plan.build import in_order

MOVE_M = 100.0  # a quarter of an urban cell's radius, by which a textbook lets a site move
SAME_PLACE_M = 0.5  # coordinates are rounded to 0.1 m; a station that moved keeps its 规划编号
EARTH_RADIUS_M = 6_371_008.8
_KEYS = [F.PHASE, F.LAYER, F.NETWORK, F.LEVEL, "measure"]
_LABELS = {
    "share": "覆盖率 share", "gaps": "缺口数 gaps over the limit", "longest_m": "最长缺口 longest gap",
    "gaps_all": "全部缺口 all gaps", "gaps_per_100km": "每百公里缺口 gaps per 100 km", "holes": "空洞数 holes",
    "largest_ha": "最大空洞 largest hole", "passes": "是否达标 passes", "passing_count": "达标站数 passes from",
    "stations": "基站 stations", "sites": "站址 sites", "cost_wan": "投资 cost", "per_10k": "每万人 per 10,000",
}  # fmt: skip
_DECIDED = ("opened", "locked", "vetoed", "refused_towns", "moved", "proposed", "due", "delivered")
DECISIONS = tuple(f"review.{part}" for part in _DECIDED)
_RESERVED = ("part", "item", "parameter", "unit", *_KEYS)  # columns of ours, no names of plans
_CHIEF = ("passes", "share", "passing_count", "longest_m", "holes", "cost_wan", "sites", "stations")  # printed
_WIDTH, _SHOWN_PARAMETERS, _SHOWN_FIGURES = 120, 8, 18  # a screen of 120 columns and 40 lines
_SHOWN_PLANS, _WITH_DIFFERENCES, _PHASE_WIDTH, _FIGURE_WIDTH = 4, 2, 10, 12
_LEVEL_LABELS = {"outdoor": "室外连续 outdoor", "deep": "深度 deep", "": ""}
CHANGES = {"added": "新增 added", "removed": "删除 removed", "moved": "移动 moved", "retimed": "调期 re-timed"}


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """One base and other plans; prints as the office's table 方案对比表.

    Attributes
    ----------
    names
        Names of the plans, the base first; a name that comes again carries a number.
    labels
        What the office calls the layers and networks, by name.
    parameters
        ``parameter`` and one column per plan, as text: only the parameters that differ.
    indicators
        ``phase, layer, network, level, measure, unit``, and one column of values per plan; for each other plan a
        column ``<name> - <base>``. A figure that a plan does not have is NaN.
    stations
        ``plan, change`` (added, removed, moved, retimed against the base), ``station_id, base_id`` (of the station it
        moved from), ``network, band, town, phase_base, phase, rank_base, rank, moved_m, lon, lat``.
    """

    names: tuple[str, ...]
    labels: Mapping[str, str]
    parameters: pd.DataFrame
    indicators: pd.DataFrame
    stations: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """The whole as one table: ``part, item, phase``, a column per plan, a difference per other plan."""
        base, *others = self.names
        parameters = self.parameters.rename(columns={"parameter": "item"}).assign(part="参数 parameter", phase="")
        items = [self._item(*row) for row in self.indicators[[F.LAYER, F.NETWORK, F.LEVEL, "measure", "unit"]].values]
        figures = self.indicators.assign(part="指标 indicator", item=items)
        counts = self.stations.groupby(["plan", "change"]).size()
        changes = pd.DataFrame({"item": list(CHANGES.values()), "part": "基站变更 stations", F.PHASE: "", base: 0})
        for name in others:
            changes[name] = [int(counts.get((name, change), 0)) for change in CHANGES]
        columns = ["part", "item", F.PHASE, *self.names, *(_difference(name, base) for name in others)]
        parts = [part.astype(object).reindex(columns=columns) for part in (parameters, figures, changes)]
        return pd.concat(parts, ignore_index=True)

    def _item(self, layer: str, network: str, level: str, measure: str, unit: str) -> str:
        where = [self.labels.get(layer, layer), self.labels.get(network, network), _LEVEL_LABELS[level]]
        shown_unit = "%" if measure == "share" else "" if unit == "1" else unit
        return " · ".join(filter(None, [*where, f"{_LABELS.get(measure, measure)} {shown_unit}".strip()]))

    def __repr__(self) -> str:
        """The plans and how much differs, in a line."""
        base, *others = self.names
        against = others[0] if len(others) == 1 else f"{len(others)} plans"
        return (
            f"Comparison({against} against {base}: {len(self.parameters)} parameters, {len(self._differing())} figures "
            f"and {len(self.stations)} stations differ)"
        )

    def __str__(self) -> str:
        """The chief differences as a table of a screen's size, and where to find all of them."""
        from rich.console import Console
        from rich.table import Table

        shown, others = self.names[:_SHOWN_PLANS], self.names[1:]
        if len(self.names) > _WITH_DIFFERENCES:
            others = ()
        figures = (*shown, *(_difference(name, self.names[0]) for name in others))
        room = _WIDTH - 1 - sum(width + 3 for width in (0, _PHASE_WIDTH, *(_FIGURE_WIDTH for _ in figures)))  # 3: frame
        table = Table(title="方案对比表 comparison of plans", title_justify="left")
        table.add_column("项目 item", no_wrap=True, max_width=room)
        table.add_column("期 phase", no_wrap=True, max_width=_PHASE_WIDTH)
        for column in figures:
            table.add_column(column, justify="right", no_wrap=True, max_width=_FIGURE_WIDTH)
        rows = [*self._changed_stations(), *self._changed_parameters(), *self._chief_figures()]
        for item, phase, values, differences in rows:
            table.add_row(item, phase, *values[: len(shown)], *differences[: len(others)])
        buffer = io.StringIO()
        console = Console(file=buffer, width=_WIDTH, color_system=None, markup=False, highlight=False, emoji=False)
        console.print(table)
        return buffer.getvalue() + self._rest()

    def _changed_stations(self) -> Iterator[_Row]:
        counts = self.stations.groupby(["plan", "change"]).size()
        for change, label in CHANGES.items():
            yield label, "", ["0", *(str(int(counts.get((name, change), 0))) for name in self.names[1:])], []

    def _changed_parameters(self) -> Iterator[_Row]:
        for name, *values in self.parameters.head(_SHOWN_PARAMETERS).itertuples(index=False, name=None):
            yield name, "", values, []

    def _differing(self) -> pd.DataFrame:
        """Figures that differ, or that one plan does not have."""
        values = self.indicators[list(self.names)]
        differs = values.sub(values[self.names[0]], axis=0).fillna(0.0).ne(0.0).any(axis=1)
        return self.indicators[differs | (values.isna().any(axis=1) & values.notna().any(axis=1))]

    def _chief_figures(self) -> Iterator[_Row]:
        """Of the figures that differ those that matter most, the largest differences first, in the table's order."""
        table = self._differing()
        table = table[table["measure"].isin(_CHIEF)]
        by = [f"{name} - {self.names[0]}" for name in self.names[1:]]
        most = table.assign(_chief=table["measure"].map(_CHIEF.index), _size=-table[by].abs().max(axis=1).fillna(0.0))
        most = most.assign(_missing=most["_size"] == 0).sort_values(["_missing", "_chief", "_size"], kind="stable")
        for row in table.loc[sorted(most.index[:_SHOWN_FIGURES])].to_dict("records"):
            measure = row["measure"]
            item = self._item(row[F.LAYER], row[F.NETWORK], row[F.LEVEL], measure, row["unit"])
            values = [_text(row[name], measure) for name in self.names]
            yield item, str(row[F.PHASE]), values, [_text(row[name], measure, signed=True) for name in by]

    def _rest(self) -> str:
        """What the table leaves out, and where it stands."""
        left = (
            max(0, len(self.parameters) - _SHOWN_PARAMETERS),
            len(self._differing()) - len(list(self._chief_figures())),
            max(0, len(self.names) - _SHOWN_PLANS),
        )
        if not any(left):
            return ""
        parameters, figures, plans = left
        return (
            f"另有 {parameters} 项参数、{figures} 项指标、{plans} 个方案未列，"
            "全部见 to_frame() 或 planner report --compare\n"
            f"{parameters} more parameters, {figures} more figures and {plans} more plans: "
            "to_frame(), or planner report --compare\n"
        )


_Row = tuple[str, str, list[str], list[str]]


def _difference(name: str, base: str) -> str:
    return f"{name} - {base}"


def _text(value: Any, measure: str, *, signed: bool = False) -> str:
    if pd.isna(value):
        return ""
    if measure == "passes" and not signed:
        return "✓" if value else "✕"
    if measure == "share":
        value = 100 * value
    sign = "+" if signed else ""
    if isinstance(value, float):
        return f"{value:{sign}.0f}" if value == round(value) or abs(value) >= 1000 else f"{value:{sign}.2f}"
    return str(value)


def compare(base: Plan, *others: Plan, move_m: float = MOVE_M) -> Comparison:
    """Put plans beside a base.

    Parameters
    ----------
    base
        The plan that the others are measured against.
    others
        At least one.
    move_m
        A station that is gone and a new one of the same network and band within this distance count as one that
        moved, m.

    Raises
    ------
    ProblemError
        When there is no other plan.
    """
    if not others:
        raise ProblemError("compare needs at least two plans", "比较至少需要两个方案")
    plans = (base, *others)
    names = tuple(_unique_names([plan.scenario.name for plan in plans]))
    labels = _labels(plans)
    stations = pd.concat(
        [
            _station_changes(base, other, move_m).assign(plan=name)
            for name, other in zip(names[1:], others, strict=True)
        ],
        ignore_index=True,
    )
    first = ["plan", *(column for column in stations.columns if column != "plan")]
    return Comparison(names, labels, _parameters(plans, names), _indicators(plans, names), stations[first])


def _labels(plans: tuple[Plan, ...]) -> dict[str, str]:
    """What layers and networks are called, the base's word first."""
    labels: dict[str, str] = {}
    for plan in reversed(plans):
        labels |= {layer.name: layer.label for layer in plan.scenario.layers}
        labels |= {network.name: network.label for network in plan.scenario.networks}
    return labels


def _unique_names(names: list[str]) -> Iterator[str]:
    for place, name in enumerate(names):
        before = names[:place].count(name) + (name in _RESERVED)
        yield f"{name} ({before + 1})" if before else name


def _parameters(plans: tuple[Plan, ...], names: tuple[str, ...]) -> pd.DataFrame:
    flat = [dict(_flatten(plan.scenario.to_tree())) for plan in plans]
    keys = [key for key in dict.fromkeys(key for values in flat for key in values) if key != "name"]
    rows = [(key, *(values.get(key, "—") for values in flat)) for key in keys]
    return pd.DataFrame([row for row in rows if len(set(row[1:])) > 1], columns=["parameter", *names])


def _flatten(tree: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Leaves of a scenario as (path, text); parts in a list are known by their names, decisions are counted."""
    if path in DECISIONS:
        yield path, str(len(tree))
        return
    if isinstance(tree, list) and tree and all(isinstance(item, Mapping) and "name" in item for item in tree):
        tree = {item["name"]: {key: value for key, value in item.items() if key != "name"} for item in tree}
    if isinstance(tree, Mapping) and tree:
        for key, value in tree.items():
            yield from _flatten(value, f"{path}.{key}" if path else str(key))
    else:
        yield path, tree if isinstance(tree, str) else json.dumps(tree, ensure_ascii=False)


def _indicators(plans: tuple[Plan, ...], names: tuple[str, ...]) -> pd.DataFrame:
    parts = [_figures(plan).rename(name) for plan, name in zip(plans, names, strict=True)]
    order = list(dict.fromkeys(key for part in parts for key in part.index))
    index = pd.MultiIndex.from_tuples(order, names=[*_KEYS, "unit"])
    table = pd.concat([part.reindex(index) for part in parts], axis=1).reset_index()
    for name in names[1:]:
        table[_difference(name, names[0])] = table[name] - table[names[0]]
    return table


def _figures(plan: Plan) -> pd.Series:
    """Every figure at the phases, and for each layer the count from which it passes (-1 never: no figure)."""
    at_phases = plan.measures.set_index([*_KEYS, "unit"])["value"]
    last = plan.verdicts[plan.verdicts["count"] == plan.scenario.counts[-1]]
    passing = last.assign(measure="passing_count", unit="1", phase="").set_index([*_KEYS, "unit"])["passing_count"]
    figures: pd.Series = pd.concat([at_phases, passing.where(passing >= 0).astype("float64")])
    return figures


def _station_changes(base: Plan, other: Plan, move_m: float) -> pd.DataFrame:
    """One row per station that is not the same in both plans; one that moved and was re-timed counts as moved."""
    keep = [F.STATION_ID, F.NETWORK, F.BAND, F.TOWN, F.PHASE, F.RANK, F.LON, F.LAT]
    old, new = (pd.DataFrame(in_order(plan.stations)[keep]).set_index(F.STATION_ID) for plan in (base, other))
    both = new.index.intersection(old.index, sort=False)
    moves = _moves(old.drop(both), new.drop(both), move_m)
    shifted = np.linalg.norm(_chord(old.loc[both]) - _chord(new.loc[both]), axis=1)
    origin = {i: float(metres) if metres > SAME_PLACE_M else np.nan for i, metres in zip(both, shifted, strict=True)}
    origin |= {to: metres for _, to, metres in moves}
    base_id = {**{i: i for i in both}, **{to: start for start, to, _ in moves}}
    new_side = new.reset_index().assign(base_id=[base_id.get(i, "") for i in new.index], moved_m=new.index.map(origin))
    old_side = old.rename_axis("base_id").reset_index()
    table = new_side.merge(old_side, on="base_id", how="outer", suffixes=("", "_base"))
    kept, known = table[F.RANK].notna(), table["rank_base"].notna()
    timed = table[F.PHASE] != table["phase_base"]
    table["change"] = np.select(
        [~known, ~kept, table["moved_m"].notna(), timed], ["added", "removed", "moved", "retimed"], ""
    )
    for column in (F.NETWORK, F.BAND, F.TOWN, F.LON, F.LAT):
        table[column] = table[column].where(kept, table[f"{column}_base"])
    table[F.STATION_ID] = table[F.STATION_ID].where(kept, table["base_id"])
    table = table.fillna({F.PHASE: "", "phase_base": "", F.RANK: -1, "rank_base": -1})
    table = table[table["change"] != ""].sort_values(["change", F.RANK, "rank_base"], ignore_index=True)
    return table[_CHANGE_COLUMNS].astype({F.RANK: "int64", "rank_base": "int64", "moved_m": "float64"})


_CHANGE_COLUMNS = [
    "change", F.STATION_ID, "base_id", F.NETWORK, F.BAND, F.TOWN, "phase_base", F.PHASE, "rank_base", F.RANK, "moved_m",
    F.LON, F.LAT,
]  # fmt: skip


def _moves(gone: pd.DataFrame, come: pd.DataFrame, move_m: float) -> list[tuple[str, str, float]]:
    """Pairs (old, new, metres) of one network and band, nearest first, each station once."""
    found: list[tuple[float, str, str]] = []
    for key, left in gone.groupby([F.NETWORK, F.BAND]):
        right = come[(come[F.NETWORK] == key[0]) & (come[F.BAND] == key[1])]
        if right.empty:
            continue
        here, there = _chord(left), _chord(right)
        near = cKDTree(here).sparse_distance_matrix(cKDTree(there), move_m, output_type="ndarray")
        found += [(float(v), str(left.index[i]), str(right.index[j])) for i, j, v in near]
    used: set[str] = set()
    pairs = []
    for metres, origin, to in sorted(found):
        if origin not in used and to not in used:
            used |= {origin, to}
            pairs.append((origin, to, metres))
    return pairs


def _chord(stations: pd.DataFrame) -> FloatArray:
    """Places on the sphere in metres, so that plans in any two work systems can be compared."""
    lon, lat = np.radians(stations[F.LON].to_numpy()), np.radians(stations[F.LAT].to_numpy())
    return EARTH_RADIUS_M * np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=1)
