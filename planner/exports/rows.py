"""What a list can say of each station of a plan: one frame of fields from which every profile picks its columns."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from planner import fields as F
from planner.codes import NEW_BUILDS
from planner.crs import Datum, convert
from planner.model import Plan, replacement_texts
from planner.words import Language

DEGREE_PLACES: Final = 6  # half of the last place is 0.06 m on the ground

FIELDS: Final = (
    "serial", "station_id", "site_id", "name", "network", "operators", "city", "district", "town",
    "scene", "area",
    "state", "phase", "phase_number", "phase_date", "order", "build_type", "site_type", "build_way",
    "shared",
    "partners", "operators_at_site", "operators_before", "n_operators_before", "n_operators_new",
    "lon", "lat", "datum", "height_m", "band", "f_ghz", "n_cells", "n_systems", "cost_wan",
    "nature", "reason",
    "azimuths_deg", "azimuth_reason", "pcis", "alternatives", F.GAIN_RESIDENTS,
)  # fmt: skip
CELL_FIELDS: Final = (*FIELDS, "cell_id", "azimuth_deg", "tilt_deg", "pci")


def list_rows(plan: Plan, datum: Datum, words: Language) -> pd.DataFrame:
    """Every station of the plan, by rank, with all fields of a list.

    Parameters
    ----------
    plan
        The plan.
    datum
        Datum of ``lon, lat``, rounded to six decimal places of a degree.
    words
        The language of the list.

    Returns
    -------
    pandas.DataFrame
        Columns :data:`FIELDS` but ``serial``, and the network's own name as ``network_name``. Texts
        without truth are empty.
    """
    scenario = plan.scenario
    at = plan.stations.iloc[plan.order].reset_index(drop=True)
    networks = {network.name: network for network in scenario.networks}
    numbers = at[F.PHASE].astype("int64").tolist()
    phases = [scenario.phases[number] for number in numbers]
    lon, lat = convert(at[F.LON].to_numpy(), at[F.LAT].to_numpy(), "wgs84", datum)
    rows = pd.DataFrame(
        {
            **{
                name: at[name]
                for name in ("station_id", "site_id", "name", "town", "scene", "state")
            },
            **{name: at[name] for name in ("build_type", "site_type", "height_m", "cost_wan")},
            "network_name": at[F.NETWORK],
            "network": [words.name(networks[name]) for name in at[F.NETWORK]],
            "operators": [words.join(networks[name].operators) for name in at[F.NETWORK]],
            "city": scenario.district.city,
            "district": words.name(scenario.district),
            "phase": [words.name(phase) for phase in phases],
            "phase_number": numbers,
            "phase_date": [phase.date for phase in phases],
            "order": at[F.RANK].astype("int64") + 1,
            "lon": np.round(lon, DEGREE_PLACES),
            "lat": np.round(lat, DEGREE_PLACES),
            "datum": words("datum", datum),
            "band": [words.name(scenario.bands[name]) for name in at[F.BAND]],
            "f_ghz": [scenario.bands[name].f_ghz for name in at[F.BAND]],
            "n_cells": _cells_of(plan, at),
            "azimuths_deg": _joined(plan, at, F.AZIMUTH_DEG),
            "azimuth_reason": at[F.AZIMUTH_REASON],
            F.GAIN_RESIDENTS: np.floor(at[F.GAIN_RESIDENTS] + 0.5).astype("Int64"),
            "pcis": _joined(plan, at, "pci"),
            "n_systems": 1,
            "nature": _nature(plan, at[F.BASIS], words),
            "alternatives": _alternatives(plan, at, words),
        }
    )
    return rows.join(_sharing(plan, at, words)).join(_reasons(plan, at, words))


def cell_rows(plan: Plan, rows: pd.DataFrame) -> pd.DataFrame:
    """One row per cell of the stations in a list, in their order; none where the plan has no sectors."""
    if plan.cells.empty:
        return rows.iloc[:0].assign(cell_id="", azimuth_deg=0.0, tilt_deg=0.0, pci=0)
    cells = plan.cells[[F.CELL_ID, F.STATION_ID, F.AZIMUTH_DEG, F.TILT_DEG, F.PCI]]
    whole = [int(turn) if turn == int(turn) else turn for turn in cells["azimuth_deg"]]
    cells = cells.assign(azimuth_deg=pd.Series(whole, index=cells.index, dtype=object))
    return rows.merge(cells, on=F.STATION_ID, how="inner", validate="one_to_many")


def _cells_of(plan: Plan, at: pd.DataFrame) -> pd.Series:
    """Number of sectors per station; missing where the plan has none."""
    if plan.cells.empty:
        return pd.Series(np.nan, index=at.index)
    return at[F.STATION_ID].map(plan.cells[F.STATION_ID].value_counts())


def _joined(plan: Plan, at: pd.DataFrame, column: str) -> pd.Series:
    """A figure of the station's sectors in their order, such as "0/120/240"; empty where the plan has none."""
    if plan.cells.empty:
        return pd.Series("", index=at.index)
    texts = plan.cells[column].map(lambda value: np.format_float_positional(value, trim="-"))
    return at[F.STATION_ID].map(texts.groupby(plan.cells[F.STATION_ID]).agg("/".join))


def _alternatives(plan: Plan, at: pd.DataFrame, words: Language) -> list[str]:
    """Who could stand in for each station, best first."""
    texts = replacement_texts(plan.replacements, words)
    return [words.clauses(texts.get(station, [])) for station in at[F.STATION_ID]]


def _nature(plan: Plan, basis: pd.Series, words: Language) -> list[str]:
    """Say of each row whether it is made up, or rests on made-up inputs."""
    made, rest = words("basis.synthetic"), words("lists.result")
    if plan.layers.is_synthetic:
        rest = words("lists.result_on_synthetic")
    return [made if "synthetic" in text else rest for text in basis]


def _sharing(plan: Plan, at: pd.DataFrame, words: Language) -> pd.DataFrame:
    """Who else is at the site: the other stations of the plan, and the carriers that were there before."""
    operators = {network.name: network.operators for network in plan.scenario.networks}
    partners = [""] * len(at)
    ids, network = at[F.STATION_ID].astype(str).tolist(), at[F.NETWORK].astype(str).tolist()
    at_site = [""] * len(at)
    before = [""] * len(at)
    counts = np.zeros((len(at), 2), dtype=np.int64)
    networks_at_site = at.groupby(F.SITE_ID, sort=False)[F.NETWORK].transform("nunique")
    for places in at.groupby(F.SITE_ID, sort=False).indices.values():
        there: dict[str, None] = {}
        for place in places:
            partners[place] = ";".join(ids[other] for other in places if other != place)
            before[place] = words.join(there)
            own = operators[network[place]]
            counts[place] = len(there), sum(operator not in there for operator in own)
            there |= dict.fromkeys(own)
        for place in places:
            at_site[place] = words.join(there)
    shared = np.where(networks_at_site > 1, "shared", "exclusive")
    new = at[F.BUILD_TYPE].isin(NEW_BUILDS)
    return pd.DataFrame(
        {
            "partners": partners,
            "shared": shared,
            "build_way": np.where(new, np.char.add("new_", shared), at[F.BUILD_TYPE]),
            "operators_at_site": at_site,
            "operators_before": before,
            "n_operators_before": counts[:, 0],
            "n_operators_new": counts[:, 1],
        }
    )


def _reasons(plan: Plan, at: pd.DataFrame, words: Language) -> pd.DataFrame:
    """Where a station brings most at its rank, in words; both empty where it adds nothing."""
    names = {
        F.gain_column(layer.name, level): (words.name(layer), words("level_short", level))
        for layer in plan.scenario.layers
        for level in layer.levels
    }
    gain, road = at[list(names)].to_numpy(np.float64), at[F.GAIN_ROAD_M].to_numpy(np.float64)
    best = gain.argmax(axis=1)
    areas, reasons = [], []
    for row, column in enumerate(best):
        layer, level = list(names.values())[column]
        adds = gain[row, column] > 0
        areas.append(layer if adds else "")
        parts = (
            [words("lists.gain", layer=layer, level=level, points=gain[row, column])]
            if adds
            else []
        )
        parts += [words("lists.road", metres=road[row])] if road[row] > 0 else []
        reasons.append(words.clauses(parts))
    return pd.DataFrame({"area": areas, "reason": reasons})
