"""How each station is built when its turn comes, what it costs, and the task table of the towns."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from planner import fields as F
from planner.model import FloatArray, IntArray, Layers
from planner.scenario import FIRST_BUILD, Scenario, SitingParameters

NEW_BUILDS = ("new_roof", "new_pole", "new_tower")


def build_types(table: pd.DataFrame, order: IntArray) -> pd.Series:
    """Build type of each station of the order, by rank.

    The first station at a site is built as the site is (a rebuilt or stock site is retrofitted, a new one is put up);
    any later one shares what stands there.
    """
    opened = table.iloc[order]
    first = opened[F.SITE_TYPE].map(FIRST_BUILD)
    return first.where(~opened[F.SITE_ID].duplicated(), "co_location").reset_index(drop=True).astype("str")


def cost_scale(siting: SitingParameters, types: pd.Series, counts: tuple[int, ...]) -> float:
    """Factor that brings the mean cost of the first phase after the state to the one asked for; else 1."""
    if siting.cost_scale is not None:
        return siting.cost_scale
    if siting.mean_cost_wan is None:
        return 1.0
    first_phase = types.iloc[counts[0] : counts[1]].map(dict(siting.cost_wan))
    return siting.mean_cost_wan / float(first_phase.mean())


def station_frame(table: gpd.GeoDataFrame, order: IntArray, scenario: Scenario) -> tuple[gpd.GeoDataFrame, float]:
    """The stations with rank, phase, build type and cost as built in this order; and the scale of the costs.

    Stations of the state are paid for: they cost nothing. A station that is not in the plan has no rank (missing),
    no phase and build type (empty) and no cost (NaN).
    """
    types = build_types(table, order)
    scale = cost_scale(scenario.siting, types, scenario.counts)
    cost = types.map(dict(scenario.siting.cost_wan)).to_numpy(np.float64) * scale
    cost[: scenario.counts[0]] = 0.0
    names = np.array([phase.name for phase in scenario.phases], dtype=object)
    phase = names[np.searchsorted(scenario.counts, np.arange(len(order)), side="right")]
    stations = table.copy()
    stations[F.RANK] = _spread(pd.array(np.arange(len(order)), dtype="Int64"), order, table, pd.NA, "Int64")
    stations[F.PHASE] = _spread(phase, order, table, "", "str")
    stations[F.BUILD_TYPE] = _spread(types.to_numpy(), order, table, "", "str")
    stations[F.COST_WAN] = _spread(cost, order, table, np.nan, "float64")
    return stations, scale


def _spread(values: object, order: IntArray, table: pd.DataFrame, fill: object, dtype: str) -> pd.Series:
    column = pd.Series(fill, index=table.index, dtype=dtype)
    column.iloc[order] = values
    return column


def in_order(stations: pd.DataFrame) -> pd.DataFrame:
    """The plan's stations by rank, index = rank."""
    chosen = stations[stations[F.RANK].notna()]
    return chosen.set_index(chosen[F.RANK].astype("int64")).sort_index()


def sites_by_count(opened: pd.DataFrame) -> IntArray:
    """Number of sites at every count, index = count."""
    return np.concatenate([[0], np.cumsum(~opened[F.SITE_ID].duplicated().to_numpy())])


def cost_by_count(opened: pd.DataFrame) -> FloatArray:
    """Money spent after the state at every count, 10,000 yuan, index = count."""
    return np.concatenate([[0.0], np.cumsum(opened[F.COST_WAN].to_numpy(np.float64))])


def people_of(layers: Layers) -> float:
    """Residents of the district: of its towns, or of the population rows when the towns tell none."""
    people = float(layers.towns[F.PEOPLE].sum())
    return people if people > 0 else float(layers.population[F.PEOPLE].sum())


def town_table(stations: pd.DataFrame, layers: Layers, scenario: Scenario) -> pd.DataFrame:
    """Task table: what each town gets in each phase, by network.

    Returns
    -------
    DataFrame
        ``town, phase, network``; cumulative ``stations`` and ``sites`` (a site counts in the network that used it
        first, so that the column adds up to the sites of the district); opened in the phase: ``new``, of these
        ``retrofit``, ``co_location`` and ``new_sites``; ``cost_wan`` of the phase; ``people`` of the town;
        ``per_10k``, stations of the network per 10,000 of them. Every town has a row, so all columns add up.
    """
    opened = in_order(stations)
    people = _people_by_town(layers, scenario)
    town = _town_names(opened[F.TOWN], layers, scenario)
    names = [*people.index, *sorted(set(town) - set(people.index))]
    facts = pd.DataFrame(
        {F.TOWN: town, F.PHASE: opened[F.PHASE], F.NETWORK: opened[F.NETWORK], "new": 1,
         "sites": ~opened[F.SITE_ID].duplicated(), "retrofit": opened[F.BUILD_TYPE] == "retrofit",
         "co_location": opened[F.BUILD_TYPE] == "co_location", "new_sites": opened[F.BUILD_TYPE].isin(NEW_BUILDS),
         F.COST_WAN: opened[F.COST_WAN]}
    )  # fmt: skip
    keys = [F.TOWN, F.PHASE, F.NETWORK]
    every = pd.MultiIndex.from_product([names, [p.name for p in scenario.phases], scenario.network_names], names=keys)
    sums = facts.groupby(keys).sum().reindex(every, fill_value=0)
    so_far = sums.groupby([F.TOWN, F.NETWORK], sort=False)[["new", "sites"]].cumsum()
    table = sums.drop(columns="sites").assign(stations=so_far["new"], sites=so_far["sites"]).reset_index()
    table[F.PEOPLE] = table[F.TOWN].map(people).fillna(0).astype("int64")
    table["per_10k"] = (table["stations"] / table[F.PEOPLE].where(table[F.PEOPLE] > 0) * 1e4).astype("float64")
    counts = ["stations", "sites", "new", "retrofit", "co_location", "new_sites"]
    table = table.astype(dict.fromkeys(counts, "int64") | {F.COST_WAN: "float64"})
    return table[[*keys, *counts, F.COST_WAN, F.PEOPLE, "per_10k"]]


def _people_by_town(layers: Layers, scenario: Scenario) -> pd.Series:
    """People by row of the task table: the urban units are one row, the first."""
    towns = layers.towns
    name = towns[F.NAME].where(towns[F.KIND] != "urban", scenario.district.urban_town)
    heads = towns[F.PEOPLE].astype("float64").fillna(0).round().astype("int64")
    people = heads.groupby(name.to_numpy(), sort=False).sum()
    urban = [scenario.district.urban_town] if scenario.district.urban_town in people.index else []
    return people.reindex([*urban, *(name for name in people.index if name not in urban)])


def _town_names(town: pd.Series, layers: Layers, scenario: Scenario) -> pd.Series:
    """Towns as the task table names them."""
    urban = set(layers.towns.loc[layers.towns[F.KIND] == "urban", F.NAME])
    return town.where(~town.isin(urban), scenario.district.urban_town)
