"""What a list can say of each station: a frame of fields, from which a profile picks columns."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from planner import fields as F
from planner.codes import NEW_BUILDS
from planner.crs import Datum, convert
from planner.model import Plan, doubt_texts, replacement_texts, tables
from planner.words import Language

DEGREE_PLACES: Final = 6  # half of the last place is 0.06 m on the ground

FIELDS: Final = (
    "serial", "station_id", "site_id", "name", "network", "operators", "city", "district", "town",
    "scene", "area", "state", "phase", "phase_number", "phase_date", "order", "build_type",
    "site_type", "build_way", "shared", "partners", "operators_at_site", "operators_before",
    "n_operators_before", "n_operators_new", "lon", "lat", "datum", "height_m", "band", "f_ghz",
    "n_cells", "n_systems", "cost_wan", "nature", "reason", "azimuths_deg", "azimuth_reason",
    "pcis", "alternatives", F.GAIN_RESIDENTS, "remarks", "plan_key",
)  # fmt: skip
# Fields that are columns of the plan's stations.
_COPIED: Final = (
    "station_id", "site_id", "name", "town", "scene", "state", "build_type", "site_type",
    "height_m", "cost_wan",
)  # fmt: skip
_OF_CELL: Final = (
    F.CELL_ID, F.STATION_ID, F.AZIMUTH_DEG, F.TILT_DEG, F.ELECTRICAL_TILT_DEG,
    F.MECHANICAL_TILT_DEG, F.PCI, F.PRACH_LENGTH, F.ROOT_INDEX, F.ROOTS, F.ZERO_CORRELATION_ZONE,
    F.N_CS,
)  # fmt: skip
CELL_FIELDS: Final = (*FIELDS, *(name for name in _OF_CELL if name != F.STATION_ID))


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
    stations = plan.stations.iloc[plan.order].reset_index(drop=True)
    rows = pd.DataFrame(
        {
            **{name: stations[name] for name in _COPIED},
            **_asked(plan, stations, words),
            **_place(stations, datum, words),
            **_sectors(plan, stations),
            F.GAIN_RESIDENTS: np.floor(stations[F.GAIN_RESIDENTS] + 0.5).astype("Int64"),
            "nature": _nature(plan, stations[F.BASIS], words),
            "alternatives": _alternatives(plan, stations, words),
            "remarks": _remarks(plan, stations, words),
            "plan_key": plan.short_key,
        }
    )
    return rows.join(_sharing(plan, stations, words)).join(_reasons(plan, stations, words))


def _asked(plan: Plan, stations: pd.DataFrame, words: Language) -> dict[str, Any]:
    """What the scenario says of each station's network, band, phase and district."""
    scenario = plan.scenario
    networks = {network.name: network for network in scenario.networks}
    own = [networks[name] for name in stations[F.NETWORK]]
    bands = [scenario.bands[name] for name in stations[F.BAND]]
    numbers = stations[F.PHASE].astype("int64").tolist()
    phases = [scenario.phases[number] for number in numbers]
    return {
        "network_name": stations[F.NETWORK],
        "network": [words.name(network) for network in own],
        "operators": [words.join(network.operators) for network in own],
        "city": scenario.district.city,
        "district": words.name(scenario.district),
        "phase": [words.name(phase) for phase in phases],
        "phase_number": numbers,
        "phase_date": [phase.date for phase in phases],
        "order": stations[F.RANK].astype("int64") + 1,
        "band": [words.name(band) for band in bands],
        "f_ghz": [band.f_ghz for band in bands],
        "n_systems": 1,
    }


def _place(stations: pd.DataFrame, datum: Datum, words: Language) -> dict[str, Any]:
    lon, lat = convert(stations[F.LON].to_numpy(), stations[F.LAT].to_numpy(), "wgs84", datum)
    return {
        "lon": np.round(lon, DEGREE_PLACES),
        "lat": np.round(lat, DEGREE_PLACES),
        "datum": words("datum", datum),
    }


def _sectors(plan: Plan, stations: pd.DataFrame) -> dict[str, Any]:
    return {
        "n_cells": _cells_of(plan, stations),
        "azimuths_deg": _joined(plan, stations, F.AZIMUTH_DEG),
        "azimuth_reason": stations[F.AZIMUTH_REASON],
        "pcis": _joined(plan, stations, F.PCI),
    }


def _cells_of(plan: Plan, stations: pd.DataFrame) -> pd.Series:
    """Number of sectors per station; missing where the plan has none."""
    if plan.cells.empty:
        return pd.Series(np.nan, index=stations.index)
    return stations[F.STATION_ID].map(plan.cells[F.STATION_ID].value_counts())


def _joined(plan: Plan, stations: pd.DataFrame, column: str) -> pd.Series:
    """A figure of each station's sectors in their order, such as "0/120/240"; empty for none."""
    if plan.cells.empty:
        return pd.Series("", index=stations.index)
    texts = plan.cells[column].map(lambda value: np.format_float_positional(value, trim="-"))
    return stations[F.STATION_ID].map(texts.groupby(plan.cells[F.STATION_ID]).agg("/".join))


def _alternatives(plan: Plan, stations: pd.DataFrame, words: Language) -> list[str]:
    """Who could stand in for each station, best first."""
    texts = replacement_texts(plan.replacements, words)
    return [words.clauses(texts.get(station, [])) for station in stations[F.STATION_ID]]


def _remarks(plan: Plan, stations: pd.DataFrame, words: Language) -> list[str]:
    """What else is to be known of each station: how its path loss was taken; mostly empty."""
    remarks = []
    for name, height_m in zip(stations[F.SCENE], stations[F.HEIGHT_M], strict=True):
        scene = plan.scenario.radio.scenes[name]
        taken = scene.at(height_m)
        is_own = (taken.model, taken.h_bs_m) == (scene.model, height_m)
        facts = {"height": height_m, "taken": taken.h_bs_m, "model": taken.model}
        remarks.append("" if is_own else words("lists.height", **facts))
    doubts = doubt_texts(stations[F.DOUBTS], words)
    pairs = zip(doubts, remarks, strict=True)
    return [words.clauses(filter(None, pair)) for pair in pairs]


def _nature(plan: Plan, basis: pd.Series, words: Language) -> list[str]:
    """Say of each row whether it is made up, or rests on made-up inputs."""
    made = words("basis.synthetic")
    is_synthetic = plan.layers.is_synthetic
    rest = words("lists.result_on_synthetic" if is_synthetic else "lists.result")
    return [made if "synthetic" in text else rest for text in basis]


def _sharing(plan: Plan, stations: pd.DataFrame, words: Language) -> pd.DataFrame:
    """Who else is at the site: other stations of the plan, and the carriers there before."""
    operators = {network.name: network.operators for network in plan.scenario.networks}
    ids = stations[F.STATION_ID].astype(str).tolist()
    own = [operators[str(name)] for name in stations[F.NETWORK]]
    by_site = stations.groupby(F.SITE_ID, sort=False)

    partners, before, at_site = ([""] * len(ids) for _ in range(3))
    counts = np.zeros((len(ids), 2), dtype=np.int64)
    for rows in by_site.indices.values():
        # The rows of a site stand by rank: who comes later meets those who are there.
        there: dict[str, None] = {}
        for row in rows:
            partners[row] = ";".join(ids[other] for other in rows if other != row)
            before[row] = words.join(there)
            counts[row] = len(there), sum(operator not in there for operator in own[row])
            there |= dict.fromkeys(own[row])
        for row in rows:
            at_site[row] = words.join(there)

    shared = np.where(by_site[F.NETWORK].transform("nunique") > 1, "shared", "exclusive")
    is_new = stations[F.BUILD_TYPE].isin(NEW_BUILDS)
    return pd.DataFrame(
        {
            "partners": partners,
            "shared": shared,
            "build_way": np.where(is_new, np.char.add("new_", shared), stations[F.BUILD_TYPE]),
            "operators_at_site": at_site,
            "operators_before": before,
            "n_operators_before": counts[:, 0],
            "n_operators_new": counts[:, 1],
        }
    )


def _reasons(plan: Plan, stations: pd.DataFrame, words: Language) -> pd.DataFrame:
    """Where a station brings most at its rank, in words; both empty where it adds nothing."""
    names = {
        F.gain_column(layer.name, level): (words.name(layer), words("level_short", level))
        for layer in plan.scenario.layers
        for level in layer.judged_at
    }
    labels = list(names.values())
    gain = stations[list(names)].to_numpy(np.float64)
    road_m = stations[F.GAIN_ROAD_M].to_numpy(np.float64)

    areas, reasons = [], []
    for row, column in enumerate(gain.argmax(axis=1)):
        (layer, level), points = labels[column], gain[row, column]
        adds = points > 0
        areas.append(layer if adds else "")
        parts = [words("lists.gain", layer=layer, level=level, points=points)] if adds else []
        if road_m[row] > 0:
            parts.append(words("lists.road", metres=road_m[row]))
        reasons.append(words.clauses(parts))
    return pd.DataFrame({"area": areas, "reason": reasons})


def cell_rows(plan: Plan, rows: pd.DataFrame) -> pd.DataFrame:
    """One row per cell of the stations in a list, in their order; none where there are no cells."""
    if plan.cells.empty:
        return rows.iloc[:0].assign(**tables.CELLS.empty()[list(_OF_CELL)])
    cells = plan.cells[list(_OF_CELL)]
    # Whole degrees are written without a decimal.
    azimuths = [int(turn) if turn == int(turn) else turn for turn in cells[F.AZIMUTH_DEG]]
    cells = cells.assign(azimuth_deg=pd.Series(azimuths, index=cells.index, dtype=object))
    return rows.merge(cells, on=F.STATION_ID, how="inner", validate="one_to_many")
