"""Stations by rank, free candidate sites, who could stand in, and pairs of changed stations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial import cKDTree

from planner import fields as F
from planner.codes import Change
from planner.maps.bundle import narrowed
from planner.maps.geometry import point_columns
from planner.maps.languages import every
from planner.model import doubt_texts, whole_percent
from planner.words import shown_size

if TYPE_CHECKING:
    from planner.model import Plan
    from planner.words import Language

Columns = tuple[dict[str, npt.NDArray[Any]], dict[str, Any]]
# Columns of the exposure, with so many decimals.
EXPOSURE = {
    F.LIMIT_W_M2: 3, F.COMPLIANCE_M: 0, F.WORST_BEARING_DEG: 0, F.WORST_HEIGHT_M: 0,
    F.GROUND_SHARE: 2, F.AIRPORT_CAP_M: 0,
}  # fmt: skip
CODED = (F.TOWN, F.SCENE, F.BUILD_TYPE, F.BASIS, F.SITING_VERDICT, F.AZIMUTHS_DEG, F.AZIMUTH_REASON)
SMALLEST_SHOWN = 5e-4  # per cent: a smaller gain or loss is shown as none


def station_columns(plan: Plan) -> Columns:
    """Number columns and text columns of the stations of the plan, row = rank."""
    frame = plan.stations.iloc[plan.order]
    scenario = plan.scenario
    numbers: dict[str, npt.NDArray[Any]] = {
        **point_columns(frame),
        F.NETWORK: _places(frame[F.NETWORK], list(scenario.network_names), np.uint8),
        F.BAND: _places(frame[F.BAND], list(scenario.bands), np.uint8),
        F.STATE: _places(frame[F.STATE], list(F.STATES), np.uint8),
        "site": narrowed(pd.factorize(frame[F.SITE_ID])[0]),
    }

    residents = [None if pd.isna(n) else shown_size("count", n) for n in frame[F.GAIN_RESIDENTS]]
    texts: dict[str, Any] = {
        F.STATION_ID: frame[F.STATION_ID].astype(str).tolist(),
        F.NAME: frame[F.NAME].astype(str).tolist(),
        F.SITE_ID: pd.unique(frame[F.SITE_ID].astype(str)).tolist(),
        **{name: _coded(frame[name]) for name in CODED},
        F.HEIGHT_M: _rounded(frame[F.HEIGHT_M], 1),
        F.COST_WAN: _rounded(frame[F.COST_WAN], 2),
        **{name: _rounded(frame[name], digits) for name, digits in EXPOSURE.items()},
        F.DOUBTS: every(lambda words: _coded(pd.Series(doubt_texts(frame[F.DOUBTS], words)))),
        "siting": every(lambda words: _coded(_siting_texts(plan, frame[F.STATION_ID], words))),
        "reasons": {str(name): _sparse(frame[name]) for name in frame if _is_reason(str(name))},
        F.GAIN_RESIDENTS: residents,
    }
    return numbers, texts


def _is_reason(name: str) -> bool:
    """Whether a column says what ground a station adds or what is lost without it."""
    return name.startswith(("gain_", "loss_")) and name != F.GAIN_RESIDENTS


def _siting_texts(plan: Plan, stations: pd.Series, words: Language) -> pd.Series:
    """What the siting rules say of each station, in their order; empty where none of them hits."""
    found: dict[str, list[str]] = {}
    findings = plan.findings[[F.STATION_ID, F.RULE, F.FIGURE, F.LIMIT, F.NAME]]
    for station, rule, figure, limit, name in findings.itertuples(index=False, name=None):
        text = words("siting_rule", rule, figure=figure, limit=limit, name=name)
        found.setdefault(station, []).append(text)
    return stations.map(lambda station: words.clauses(found.get(station, ())))


def site_spacing(plan: Plan) -> float:
    """Median distance from a site of the plan to the nearest other one, m.

    A site that is alone has the width of the map.
    """
    sites = plan.stations.iloc[plan.order].drop_duplicates(F.SITE_ID)[[F.X_M, F.Y_M]].to_numpy()
    if len(sites) < 2:
        return plan.grid.columns * plan.grid.cell_m
    nearest = np.asarray(cKDTree(sites).query(sites, k=2)[0])
    return round(float(np.median(nearest[:, 1])), 1)


def candidate_columns(plan: Plan) -> Columns:
    """Candidate sites at which some network has no station in the plan.

    ``networks`` has a bit per such network.
    """
    table = plan.stations
    free = table[table[F.RANK].isna().to_numpy() & ~table[F.EXCLUDED].to_numpy(dtype=bool)]

    # A network that is at the site in one band needs no second candidate there.
    planned = table.iloc[plan.order]
    taken = set(_site_networks(planned))
    free = free[[pair not in taken for pair in _site_networks(free)]]

    places = _places(free[F.NETWORK], list(plan.scenario.network_names), np.int64)
    pairs = free.assign(bit=np.left_shift(1, places)).drop_duplicates([F.SITE_ID, F.NETWORK])
    bits = pairs.groupby(F.SITE_ID, sort=False)["bit"].sum()
    sites = pairs.drop_duplicates(F.SITE_ID)
    numbers: dict[str, npt.NDArray[Any]] = {
        **point_columns(sites),
        "networks": bits.to_numpy(dtype=np.uint8),
    }
    return numbers, {F.SITE_ID: sites[F.SITE_ID].astype(str).tolist()}


def _site_networks(stations: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """Site and network of each station; lists of texts are read in a sixth of a column's time."""
    return zip(stations[F.SITE_ID].tolist(), stations[F.NETWORK].tolist(), strict=True)


def replacement_columns(plan: Plan, free_sites: list[str]) -> dict[str, npt.NDArray[Any]]:
    """Who could stand in for each station of the plan: as many entries for every rank, best first.

    Returns
    -------
    dict
        ``site``: place among the free sites, or their number more than a rank at the site; -1 for
        nobody. ``band``; ``metres`` between the two; ``percent`` regained, whole.
    """
    found, planned = plan.replacements, plan.stations.iloc[plan.order]
    place = {site: len(free_sites) + rank for rank, site in enumerate(planned[F.SITE_ID])}
    place |= {site: i for i, site in enumerate(free_sites)}
    ranks = {station: rank for rank, station in enumerate(planned[F.STATION_ID])}

    # A table with a row per rank and a column per choice, so that the page finds an entry by place.
    row = found[F.STATION_ID].map(ranks).to_numpy(dtype=np.int64)
    choice = found[F.CHOICE].to_numpy(dtype=np.int64) - 1
    shape = (len(planned), int(found[F.CHOICE].max()) if len(found) else 1)
    values: dict[str, tuple[Any, Any]] = {
        "site": (found[F.SITE_ID].map(place), np.int32),
        F.BAND: (_places(found[F.BAND], list(plan.scenario.bands), np.uint8), np.uint8),
        "metres": (np.rint(found[F.DISTANCE_M]), np.int32),
        "percent": ([whole_percent(share) for share in found[F.REGAINED]], np.uint8),
    }

    columns = {}
    for name, (column, kind) in values.items():
        filled = np.full(shape, -1 if name == "site" else 0, kind)
        filled[row, choice] = column
        columns[name] = filled.ravel()
    return columns


def changed_pairs(plan: Plan, other: Plan, changes: pd.DataFrame) -> dict[str, list[list[int]]]:
    """Ranks ``[in other, in plan]`` of the stations that moved and of those that were re-timed."""
    ours, theirs = _rank_of(plan), _rank_of(other)
    pairs = {}
    for kind in (Change.MOVED, Change.RETIMED):
        rows = changes[changes[F.CHANGE] == kind]
        ids = zip(rows[F.BASE_ID], rows[F.STATION_ID], strict=True)
        pairs[kind.value] = [[theirs[was], ours[now]] for was, now in ids]
    return pairs


def _rank_of(plan: Plan) -> dict[str, int]:
    """Rank by 规划编号."""
    ids = plan.stations.iloc[plan.order][F.STATION_ID]
    return {str(station): rank for rank, station in enumerate(ids)}


def _places(values: pd.Series, names: list[str], kind: Any) -> npt.NDArray[Any]:
    """Place of each value among the names, (rows,)."""
    return values.map({name: i for i, name in enumerate(names)}).to_numpy(dtype=kind)


def _coded(values: pd.Series) -> list[Any]:
    """Texts as ``[distinct texts, place of each row's]``."""
    codes, distinct = pd.factorize(values.fillna("").astype(str))
    return [distinct.tolist(), codes.tolist()]


def _rounded(values: pd.Series, digits: int) -> list[float | None]:
    return [None if pd.isna(value) else round(float(value), digits) for value in values]


def _sparse(values: pd.Series) -> list[list[Any]]:
    """A column that is mostly nought as ``[rows, values]``."""
    figures = values.to_numpy(dtype=np.float64, na_value=0.0)
    rows = np.flatnonzero(np.abs(np.nan_to_num(figures)) >= SMALLEST_SHOWN)
    return [rows.tolist(), [float(f"{figure:.4g}") for figure in figures[rows]]]
