"""How each station is built when its turn comes, what it costs, and the task table of the towns."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from planner import fields as F
from planner.codes import NEW_BUILDS
from planner.model import FloatArray, IntArray, Layers, tables
from planner.scenario import FIRST_BUILD, Scenario, SitingParameters


def build_types(table: pd.DataFrame, order: IntArray) -> pd.Series:
    """Build type of each station of the order, by rank.

    The first station at a site is built as the site is (a rebuilt or stock site is retrofitted, a
    new one is put up); any later one shares what stands there.
    """
    opened = table.iloc[order]
    is_later = opened[F.SITE_ID].duplicated()
    types = opened[F.SITE_TYPE].map(FIRST_BUILD).where(~is_later, "co_location")
    return types.reset_index(drop=True).astype("str")


def cost_scale(siting: SitingParameters, types: pd.Series, counts: tuple[int, ...]) -> float:
    """Factor on costs by which the first phase after the state has the mean cost asked for.

    1 when no mean is asked for; a later version keeps the factor of the first plan.
    """
    if siting.cost_scale is not None:
        return siting.cost_scale
    if siting.mean_cost_wan is None:
        return 1.0
    mean = float(types.iloc[counts[0] : counts[1]].map(dict(siting.cost_wan)).mean())
    # all of them free: nothing to scale by
    return siting.mean_cost_wan / mean if mean > 0 else 1.0


def order_stations(
    table: gpd.GeoDataFrame, order: IntArray, scenario: Scenario
) -> gpd.GeoDataFrame:
    """The stations with rank, phase, build type and cost as built in this order.

    Stations of the state are paid for: they cost nothing. A station that is not in the plan has no
    rank and phase (missing), no build type (empty) and no cost (NaN).
    """
    types = build_types(table, order)
    scale = cost_scale(scenario.siting, types, scenario.counts)
    cost = types.map(dict(scenario.siting.cost_wan)).to_numpy(np.float64) * scale
    cost[: scenario.counts[0]] = 0.0
    rank = np.arange(len(order))
    phase = np.searchsorted(scenario.counts, rank, side="right")

    stations = table.copy()
    stations[F.RANK] = _spread(pd.array(rank, dtype="Int64"), order, table, pd.NA, "Int64")
    stations[F.PHASE] = _spread(pd.array(phase, dtype="Int64"), order, table, pd.NA, "Int64")
    stations[F.BUILD_TYPE] = _spread(types.to_numpy(), order, table, "", "str")
    stations[F.COST_WAN] = _spread(cost, order, table, np.nan, "float64")
    return stations


def _spread(
    values: object, order: IntArray, table: pd.DataFrame, fill: object, dtype: str
) -> pd.Series:
    """Values by rank as a column of the table; `fill` for stations that are not in the order."""
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
    """Money spent after the state at every count, in the scenario's unit, index = count."""
    return np.concatenate([[0.0], np.cumsum(opened[F.COST_WAN].to_numpy(np.float64))])


def town_table(stations: pd.DataFrame, layers: Layers, scenario: Scenario) -> pd.DataFrame:
    """Task table: what each town gets in each phase, by network.

    Returns
    -------
    DataFrame
        ``tables.TASKS``. A site counts in the network that used it first, so that the column adds
        up to the sites of the district. Every town has a row for every phase and network, so all
        columns add up.
    """
    opened = in_order(stations)
    people = people_by_town(layers, scenario)
    town = town_names(opened[F.TOWN], layers, scenario)
    names = [*people.index, *sorted(set(town) - set(people.index))]
    is_first_at_site = ~opened[F.SITE_ID].duplicated()
    facts = pd.DataFrame(
        {
            F.TOWN: town,
            F.PHASE: opened[F.PHASE].astype("int64"),
            F.NETWORK: opened[F.NETWORK],
            F.NEW: 1,
            F.SITES: is_first_at_site,
            F.RETROFIT: opened[F.BUILD_TYPE] == "retrofit",
            F.CO_LOCATION: opened[F.BUILD_TYPE] == "co_location",
            F.NEW_SITES: opened[F.BUILD_TYPE].isin(NEW_BUILDS),
            F.COST_WAN: opened[F.COST_WAN],
        }
    )

    # a row for every town, phase and network, so that sums over any of them are whole
    keys = [F.TOWN, F.PHASE, F.NETWORK]
    every = pd.MultiIndex.from_product(
        [names, range(len(scenario.phases)), scenario.network_names], names=keys
    )
    sums = facts.groupby(keys).sum().reindex(every, fill_value=0)
    so_far = sums.groupby([F.TOWN, F.NETWORK], sort=False)[[F.NEW, F.SITES]].cumsum()
    table = sums.assign(**{F.STATIONS: so_far[F.NEW], F.SITES: so_far[F.SITES]}).reset_index()

    table[F.PEOPLE] = table[F.TOWN].map(people).fillna(0).astype("int64")
    inhabited = table[F.PEOPLE].where(table[F.PEOPLE] > 0)
    table[F.PER_10K] = (table[F.STATIONS] / inhabited * 1e4).astype("float64")
    counts = [F.PHASE, F.STATIONS, F.SITES, F.NEW, F.RETROFIT, F.CO_LOCATION, F.NEW_SITES]
    table = table.astype(dict.fromkeys(counts, "int64") | {F.COST_WAN: "float64"})
    return table[list(tables.TASKS.columns)]


def people_by_town(layers: Layers, scenario: Scenario) -> pd.Series:
    """People by row of the task table: the urban units are one row, the first.

    Where no unit is known the district is the one row.
    """
    towns, urban_town = layers.towns, scenario.district.urban_town
    if towns.empty and layers.town_areas.empty:
        return pd.Series({scenario.district.name: round(layers.people)}, dtype="int64")
    names = towns[F.NAME].where(towns[F.KIND] != "urban", urban_town)
    heads = towns[F.PEOPLE].astype("float64").fillna(0).round().astype("int64")
    people = heads.groupby(names.to_numpy(), sort=False).sum()

    urban = [urban_town] if urban_town in people.index else []
    return people.reindex([*urban, *(name for name in people.index if name not in urban)])


def town_names(town: pd.Series, layers: Layers, scenario: Scenario) -> pd.Series:
    """Towns as the task table names them."""
    urban = set(layers.towns.loc[layers.towns[F.KIND] == "urban", F.NAME])
    return town.where(~town.isin(urban), scenario.district.urban_town)
