"""Plans beside each other: the parameters that differ, the figures, and the stations."""

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

MOVE_M = 100.0
"""A quarter of an urban cell's radius, by which a textbook lets a site move."""
SAME_PLACE_M = 0.5
"""Coordinates are rounded to 0.1 m; a station that moved by an answer keeps its 规划编号."""
EARTH_RADIUS_M = 6_371_008.8
NO_PHASE = -1
"""Of a figure that belongs to no phase, while figures of plans are joined."""
_KEYS = [F.PHASE, F.LAYER, F.NETWORK, F.LEVEL, F.MEASURE]
_DECIDED = ("opened", "locked", "vetoed", "refused_towns", "moved", "proposed", "due", "delivered")
DECISIONS = tuple(f"review.{part}" for part in _DECIDED)
"""Parameters of which only the number of entries is compared."""
_RESERVED = (F.PARAMETER, F.UNIT, *_KEYS)  # columns of ours, no names of plans
_SIDE = [F.STATION_ID, F.NETWORK, F.BAND, F.TOWN, F.PHASE, F.RANK, F.LON, F.LAT]


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
    """Names of plans, numbered where one comes again or is that of a column."""
    for place, name in enumerate(names):
        before = names[:place].count(name) + (name in _RESERVED)
        yield f"{name} ({before + 1})" if before else name


def _parameters(plans: tuple[Plan, ...], names: tuple[str, ...]) -> pd.DataFrame:
    """Parameters that differ, a row each and a column of texts a plan."""
    flat = [dict(_flatten(plan.scenario.to_tree())) for plan in plans]
    keys = dict.fromkeys(key for values in flat for key in values if key != "name")
    rows = [(key, *(values.get(key, "—") for values in flat)) for key in keys]
    differing = [row for row in rows if len(set(row[1:])) > 1]
    return pd.DataFrame(differing, columns=[F.PARAMETER, *names])


def _flatten(tree: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Leaves of a scenario as (path, text); decisions of reviewers are counted."""
    if path in DECISIONS:
        yield path, str(len(tree))
        return

    branches = _by_name(tree)
    if isinstance(branches, Mapping) and branches:
        for key, value in branches.items():
            yield from _flatten(value, f"{path}.{key}" if path else str(key))
    else:
        yield path, tree if isinstance(tree, str) else json.dumps(tree, ensure_ascii=False)


def _by_name(tree: Any) -> Any:
    """A list of named parts as a mapping: a part is known by its name, not by its place."""
    if not isinstance(tree, list) or not tree:
        return tree
    if not all(isinstance(item, Mapping) and "name" in item for item in tree):
        return tree
    return {item["name"]: {k: v for k, v in item.items() if k != "name"} for item in tree}


def _indicators(plans: tuple[Plan, ...], names: tuple[str, ...]) -> pd.DataFrame:
    """Every figure of any plan, a row each; a column a plan, and the difference to the base."""
    parts = [_figures(plan).rename(name) for plan, name in zip(plans, names, strict=True)]
    order = list(dict.fromkeys(key for part in parts for key in part.index))
    index = pd.MultiIndex.from_tuples(order, names=[*_KEYS, F.UNIT])
    table = pd.concat([part.reindex(index) for part in parts], axis=1).reset_index()
    for name in names[1:]:
        table[f"{name} - {names[0]}"] = table[name] - table[names[0]]
    return table


def _figures(plan: Plan) -> pd.Series:
    """Every figure at the phases, and for each layer the count from which it passes.

    A layer that never passes has no such figure: NaN.
    """
    at_phases = plan.measures.set_index([*_KEYS, F.UNIT])[F.VALUE]
    is_last = plan.verdicts[F.COUNT] == plan.scenario.counts[-1]
    passing = plan.verdicts[is_last].copy()
    passing[F.MEASURE] = PASSING_COUNT
    passing[F.UNIT] = MEASURES[PASSING_COUNT].unit
    passing[F.PHASE] = NO_PHASE
    counts = passing.set_index([*_KEYS, F.UNIT])[F.PASSING_COUNT]
    figures: pd.Series = pd.concat([at_phases, counts.where(counts >= 0).astype("float64")])
    return figures


def _station_changes(base: Plan, other: Plan, move_m: float) -> pd.DataFrame:
    """One row per station that is not the same in both plans, ``tables.CHANGED_STATIONS``.

    A station that moved and was re-timed counts as moved.
    """
    old, new = (
        pd.DataFrame(in_order(plan.stations)[_SIDE]).set_index(F.STATION_ID)
        for plan in (base, other)
    )
    table = _joined(old, new, move_m)
    is_new, was_old = table[F.RANK].notna(), table[F.RANK_BASE].notna()
    is_retimed = (table[F.PHASE] != table[F.PHASE_BASE]).fillna(False)
    table[F.CHANGE] = np.select(
        [~was_old, ~is_new, table[F.MOVED_M].notna(), is_retimed],
        ["added", "removed", "moved", "retimed"],
        "",
    )

    # a removed station is told by what the base says of it
    for column in (F.NETWORK, F.BAND, F.TOWN, F.LON, F.LAT):
        table[column] = table[column].where(is_new, table[f"{column}_base"])
    table[F.STATION_ID] = table[F.STATION_ID].where(is_new, table[F.BASE_ID])

    table = table.fillna({F.RANK: -1, F.RANK_BASE: -1})
    table = table[table[F.CHANGE] != ""]
    table = table.sort_values([F.CHANGE, F.RANK, F.RANK_BASE], ignore_index=True)
    kinds = dict.fromkeys([F.RANK, F.RANK_BASE], "int64") | {F.MOVED_M: "float64"}
    kinds |= dict.fromkeys([F.PHASE, F.PHASE_BASE], "Int64")
    return table[[name for name in tables.CHANGED_STATIONS.columns if name != F.PLAN]].astype(kinds)


def _joined(old: pd.DataFrame, new: pd.DataFrame, move_m: float) -> pd.DataFrame:
    """Stations of two plans side by side, by 规划编号 or as one that moved.

    ``base_id`` is empty for a new station, ``moved_m`` NaN for one that did not move.
    """
    both = new.index.intersection(old.index, sort=False)
    moves = _moves(old.drop(both), new.drop(both), move_m)
    base_id = {station: station for station in both} | {to: origin for origin, to, _ in moves}

    shifted = np.linalg.norm(_chord(old.loc[both]) - _chord(new.loc[both]), axis=1)
    shifted[shifted <= SAME_PLACE_M] = np.nan
    moved_m = dict(zip(both, shifted.tolist(), strict=True))
    moved_m |= {to: metres for _, to, metres in moves}

    new_side = new.reset_index()
    new_side[F.BASE_ID] = [base_id.get(station, "") for station in new.index]
    new_side[F.MOVED_M] = new.index.map(moved_m)
    old_side = old.rename_axis(F.BASE_ID).reset_index()
    return new_side.merge(old_side, on=F.BASE_ID, how="outer", suffixes=("", "_base"))


def _moves(gone: pd.DataFrame, come: pd.DataFrame, move_m: float) -> list[tuple[str, str, float]]:
    """Pairs (old, new, metres) of one network and band, nearest first, each station once."""
    found: list[tuple[float, str, str]] = []
    for (network, band), old in gone.groupby([F.NETWORK, F.BAND]):
        new = come[(come[F.NETWORK] == network) & (come[F.BAND] == band)]
        if new.empty:
            continue
        here, there = cKDTree(_chord(old)), cKDTree(_chord(new))
        near = here.sparse_distance_matrix(there, move_m, output_type="ndarray")
        found += [(float(d), str(old.index[i]), str(new.index[j])) for i, j, d in near]

    used: set[str] = set()
    pairs = []
    for metres, origin, to in sorted(found):
        if origin not in used and to not in used:
            used |= {origin, to}
            pairs.append((origin, to, metres))
    return pairs


def _chord(stations: pd.DataFrame) -> FloatArray:
    """Places on the sphere, (stations, 3), m: plans in any two work systems can be compared."""
    lon, lat = np.radians(stations[F.LON].to_numpy()), np.radians(stations[F.LAT].to_numpy())
    xyz = [np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)]
    return EARTH_RADIUS_M * np.stack(xyz, axis=1)
