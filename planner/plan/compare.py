"""Plans beside each other: the parameters that differ, the figures and their differences, and the stations."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from planner import fields as F
from planner.errors import ProblemError
from planner.model import Comparison, FloatArray, Plan, tables
from planner.model.measures import MEASURES, PASSING_COUNT
from planner.plan.build import in_order
from planner.scenario import Layer, Network

MOVE_M = 100.0  # a quarter of an urban cell's radius, by which a textbook lets a site move
SAME_PLACE_M = 0.5  # coordinates are rounded to 0.1 m; a station that moved keeps its 规划编号
EARTH_RADIUS_M = 6_371_008.8
NO_PHASE = -1  # of a figure that belongs to none, while figures of plans are joined
_KEYS = [F.PHASE, F.LAYER, F.NETWORK, F.LEVEL, F.MEASURE]
_DECIDED = ("opened", "locked", "vetoed", "refused_towns", "moved", "proposed", "due", "delivered")
DECISIONS = tuple(f"review.{part}" for part in _DECIDED)
_RESERVED = (F.PARAMETER, F.UNIT, *_KEYS)  # columns of ours, no names of plans


def compare(base: Plan, *others: Plan, move_m: float = MOVE_M) -> Comparison:
    """Put plans beside a base.

    Parameters
    ----------
    base
        The plan that the others are measured against.
    others
        At least one.
    move_m
        A station that is gone and a new one of the same network and band within this distance count
        as one that moved, m.

    Raises
    ------
    ProblemError
        When there is no other plan.
    """
    if not others:
        raise ProblemError("compare needs at least two plans", "比较至少需要两个方案")
    plans = (base, *others)
    names = tuple(_unique_names([plan.scenario.name for plan in plans]))
    changes = [
        _station_changes(base, other, move_m).assign(**{F.PLAN: name})
        for name, other in zip(names[1:], others, strict=True)
    ]
    return Comparison(
        names=names,
        parts=_parts(plans),
        phases=max((plan.scenario.phases for plan in plans), key=len),
        money=base.scenario.references.money,
        parameters=_parameters(plans, names),
        indicators=_indicators(plans, names),
        stations=pd.concat(changes, ignore_index=True)[list(tables.CHANGED_STATIONS.columns)],
    )


def _parts(plans: tuple[Plan, ...]) -> dict[str, Layer | Network]:
    """Layers and networks by code, the base's first."""
    parts: dict[str, Layer | Network] = {}
    for plan in reversed(plans):
        parts |= {layer.name: layer for layer in plan.scenario.layers}
        parts |= {network.name: network for network in plan.scenario.networks}
    return parts


def _unique_names(names: list[str]) -> Iterator[str]:
    for place, name in enumerate(names):
        before = names[:place].count(name) + (name in _RESERVED)
        yield f"{name} ({before + 1})" if before else name


def _parameters(plans: tuple[Plan, ...], names: tuple[str, ...]) -> pd.DataFrame:
    flat = [dict(_flatten(plan.scenario.to_tree())) for plan in plans]
    keys = [key for key in dict.fromkeys(key for values in flat for key in values) if key != "name"]
    rows = [(key, *(values.get(key, "—") for values in flat)) for key in keys]
    return pd.DataFrame(
        [row for row in rows if len(set(row[1:])) > 1], columns=[F.PARAMETER, *names]
    )


def _flatten(tree: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Leaves of a scenario as (path, text); parts in a list are known by their names, decisions are counted."""
    if path in DECISIONS:
        yield path, str(len(tree))
        return
    if (
        isinstance(tree, list)
        and tree
        and all(isinstance(item, Mapping) and "name" in item for item in tree)
    ):
        tree = {
            item["name"]: {key: value for key, value in item.items() if key != "name"}
            for item in tree
        }
    if isinstance(tree, Mapping) and tree:
        for key, value in tree.items():
            yield from _flatten(value, f"{path}.{key}" if path else str(key))
    else:
        yield path, tree if isinstance(tree, str) else json.dumps(tree, ensure_ascii=False)


def _indicators(plans: tuple[Plan, ...], names: tuple[str, ...]) -> pd.DataFrame:
    parts = [_figures(plan).rename(name) for plan, name in zip(plans, names, strict=True)]
    order = list(dict.fromkeys(key for part in parts for key in part.index))
    index = pd.MultiIndex.from_tuples(order, names=[*_KEYS, F.UNIT])
    table = pd.concat([part.reindex(index) for part in parts], axis=1).reset_index()
    for name in names[1:]:
        table[f"{name} - {names[0]}"] = table[name] - table[names[0]]
    return table


def _figures(plan: Plan) -> pd.Series:
    """Every figure at the phases, and for each layer the count from which it passes (-1 never: no figure)."""
    at_phases = plan.measures.set_index([*_KEYS, F.UNIT])[F.VALUE]
    last = plan.verdicts[plan.verdicts[F.COUNT] == plan.scenario.counts[-1]]
    last = last.copy()
    last[F.MEASURE], last[F.UNIT], last[F.PHASE] = (
        PASSING_COUNT,
        MEASURES[PASSING_COUNT].unit,
        NO_PHASE,
    )
    passing = last.set_index([*_KEYS, F.UNIT])[F.PASSING_COUNT]
    figures: pd.Series = pd.concat([at_phases, passing.where(passing >= 0).astype("float64")])
    return figures


def _station_changes(base: Plan, other: Plan, move_m: float) -> pd.DataFrame:
    """One row per station that is not the same in both plans; one that moved and was re-timed counts as moved."""
    keep = [F.STATION_ID, F.NETWORK, F.BAND, F.TOWN, F.PHASE, F.RANK, F.LON, F.LAT]
    old, new = (
        pd.DataFrame(in_order(plan.stations)[keep]).set_index(F.STATION_ID)
        for plan in (base, other)
    )
    both = new.index.intersection(old.index, sort=False)
    moves = _moves(old.drop(both), new.drop(both), move_m)
    shifted = np.linalg.norm(_chord(old.loc[both]) - _chord(new.loc[both]), axis=1)
    origin = {
        i: float(metres) if metres > SAME_PLACE_M else np.nan
        for i, metres in zip(both, shifted, strict=True)
    }
    origin |= {to: metres for _, to, metres in moves}
    base_id = {**{i: i for i in both}, **{to: start for start, to, _ in moves}}
    new_side = new.reset_index()
    new_side[F.BASE_ID] = [base_id.get(i, "") for i in new.index]
    new_side[F.MOVED_M] = new.index.map(origin)
    old_side = old.rename_axis(F.BASE_ID).reset_index()
    table = new_side.merge(old_side, on=F.BASE_ID, how="outer", suffixes=("", "_base"))
    kept, known = table[F.RANK].notna(), table[F.RANK_BASE].notna()
    timed = (table[F.PHASE] != table[F.PHASE_BASE]).fillna(False)
    table[F.CHANGE] = np.select(
        [~known, ~kept, table[F.MOVED_M].notna(), timed],
        ["added", "removed", "moved", "retimed"],
        "",
    )
    for column in (F.NETWORK, F.BAND, F.TOWN, F.LON, F.LAT):
        table[column] = table[column].where(kept, table[f"{column}_base"])
    table[F.STATION_ID] = table[F.STATION_ID].where(kept, table[F.BASE_ID])
    table = table.fillna({F.RANK: -1, F.RANK_BASE: -1})
    table = table[table[F.CHANGE] != ""].sort_values(
        [F.CHANGE, F.RANK, F.RANK_BASE], ignore_index=True
    )
    kinds = {
        F.RANK: "int64",
        F.RANK_BASE: "int64",
        F.MOVED_M: "float64",
        F.PHASE: "Int64",
        F.PHASE_BASE: "Int64",
    }
    return table[[name for name in tables.CHANGED_STATIONS.columns if name != F.PLAN]].astype(kinds)


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
    return EARTH_RADIUS_M * np.stack(
        [np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=1
    )
