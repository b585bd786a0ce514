"""What a list can say of each station of a plan: one frame of fields from which every profile picks its columns."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from planner import fields as F
from planner.crs import Datum, convert
from planner.model import Plan, replacement_texts

DATUM_LABELS: Final = {"wgs84": "WGS84", "cgcs2000": "CGCS2000", "gcj02": "GCJ02", "bd09": "BD09"}
DEGREE_PLACES: Final = 6  # half of the last place is 0.06 m on the ground

FIELDS: Final = (
    "serial", "station_id", "site_id", "name", "network", "operators", "city", "district", "town", "scene", "area",
    "state", "phase", "phase_number", "phase_date", "order", "build_type", "site_type", "build_way", "shared",
    "partners", "operators_at_site", "operators_before", "n_operators_before", "n_operators_new",
    "lon", "lat", "datum", "height_m", "band", "f_ghz", "n_cells", "n_systems", "cost_wan", "nature", "reason",
    "azimuths_deg", "azimuth_reason", "pcis",
    "alternatives",
)  # fmt: skip
CELL_FIELDS: Final = (*FIELDS, "cell_id", "azimuth_deg", "tilt_deg", "pci")


def list_rows(plan: Plan, datum: Datum) -> pd.DataFrame:
    """Every station of the plan, by rank, with all fields of a list.

    Parameters
    ----------
    plan
        The plan.
    datum
        Datum of ``lon, lat``, rounded to six decimal places of a degree.

    Returns
    -------
    pandas.DataFrame
        Columns :data:`FIELDS` but ``serial``, and the network's and phase's own names as ``network_name, phase_name``.
        Texts without truth are empty.
    """
    scenario = plan.scenario
    at = plan.stations.iloc[plan.order].reset_index(drop=True)
    networks = {network.name: network for network in scenario.networks}
    phases = {phase.name: (number, phase) for number, phase in enumerate(scenario.phases)}
    lon, lat = convert(at[F.LON].to_numpy(), at[F.LAT].to_numpy(), "wgs84", datum)
    rows = pd.DataFrame(
        {
            **{name: at[name] for name in ("station_id", "site_id", "name", "town", "scene", "state")},
            **{name: at[name] for name in ("build_type", "site_type", "height_m", "cost_wan")},
            "network_name": at[F.NETWORK],
            "phase_name": at[F.PHASE],
            "network": [networks[name].label for name in at[F.NETWORK]],
            "operators": ["、".join(networks[name].operators) for name in at[F.NETWORK]],
            "city": scenario.district.city,
            "district": scenario.district.name,
            "phase": at[F.PHASE],
            "phase_number": [phases[name][0] for name in at[F.PHASE]],
            "phase_date": [phases[name][1].date for name in at[F.PHASE]],
            "order": at[F.RANK].astype("int64") + 1,
            "lon": np.round(lon, DEGREE_PLACES),
            "lat": np.round(lat, DEGREE_PLACES),
            "datum": DATUM_LABELS[datum],
            "band": [scenario.bands[name].label_zh for name in at[F.BAND]],
            "f_ghz": [scenario.bands[name].f_ghz for name in at[F.BAND]],
            "n_cells": _cells_of(plan, at),
            "azimuths_deg": _joined(plan, at, "azimuth_deg"),
            "azimuth_reason": at.get("azimuth_reason", ""),
            "pcis": _joined(plan, at, "pci"),
            "n_systems": 1,
            "nature": _nature(plan, at[F.BASIS]),
            "alternatives": _alternatives(plan, at),
        }
    )
    return rows.join(_sharing(plan, at)).join(_reasons(plan, at))


def cell_rows(plan: Plan, rows: pd.DataFrame) -> pd.DataFrame:
    """One row per cell of the stations in a list, in their order; none where the plan has no sectors."""
    if plan.cells.empty:
        return rows.iloc[:0].assign(cell_id="", azimuth_deg=0.0, tilt_deg=0.0, pci=0)
    cells = plan.cells[["cell_id", F.STATION_ID, "azimuth_deg", "tilt_deg", "pci"]]
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


def _alternatives(plan: Plan, at: pd.DataFrame) -> list[str]:
    """Who could stand in for each station, best first."""
    texts = replacement_texts(plan.replacements)
    return ["；".join(texts.get(station, [])) for station in at[F.STATION_ID]]


def _nature(plan: Plan, basis: pd.Series) -> list[str]:
    """Say of each row whether it is made up, or rests on made-up inputs."""
    rest = "规划结果（依据含合成数据）" if plan.layers.is_synthetic else "规划结果"
    return ["合成数据" if "synthetic" in text else rest for text in basis]


def _sharing(plan: Plan, at: pd.DataFrame) -> pd.DataFrame:
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
            before[place] = "、".join(there)
            own = operators[network[place]]
            counts[place] = len(there), sum(operator not in there for operator in own)
            there |= dict.fromkeys(own)
        for place in places:
            at_site[place] = "、".join(there)
    shared = np.where(networks_at_site > 1, "shared", "exclusive")
    new = at[F.BUILD_TYPE].str.startswith("new_")
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


def _reasons(plan: Plan, at: pd.DataFrame) -> pd.DataFrame:
    """Where a station brings most at its rank, in words; both empty where it adds nothing."""
    known = {
        f"gain_{layer.name}_{level}": (layer.label, word)
        for layer in plan.scenario.layers
        for level, word in (("outdoor", "室外"), ("deep", "深度"))
        if f"gain_{layer.name}_{level}" in at
    }
    gain = at[list(known)].to_numpy(dtype=np.float64, na_value=0.0)
    best = gain.argmax(axis=1)
    names = list(known.values())
    road = at["gain_road_m"].to_numpy(dtype=np.float64, na_value=0.0)
    areas, reasons = [], []
    for row, column in enumerate(best):
        label, word = names[column]
        adds = gain[row, column] > 0
        areas.append(label if adds else "")
        parts = [f"{label}{word}覆盖率提高{gain[row, column]:.3f}个百分点"] if adds else []
        parts += [f"交通干线增加覆盖{road[row]:.0f}米"] if road[row] > 0 else []
        reasons.append("；".join(parts))
    return pd.DataFrame({"area": areas, "reason": reasons})
