"""A small plan made by hand: what lists read of a plan, with names that attack."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from planner import fields as F
from planner.model import Plan, tables
from planner.scenario import Scenario
from tests.frames import complete, empty_layers, empty_plan

HOSTILE = (
    "=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1",
    '=HYPERLINK("http://x.example","点我")', "＝1+1", "{{7*7}}", "<script>alert(1)</script>",
    "http://x.example/a", "a\x00b", "行\n二", '引"号,逗号',
    "_x0041_", "007", "1E5", "{=1}", "mailto:a@b.example", "internal:'站址清单'!A1", "长" * 40_000,
)  # fmt: skip

COUNTS = (20, 60, 120)


def make_scenario() -> Scenario:
    path = Path(__file__).resolve().parents[2] / "data" / "scenarios" / "tinghu.yaml"
    base = Scenario.from_file(path)
    phases = [
        phase.model_dump() | {"stations": count}
        for phase, count in zip(base.phases, COUNTS, strict=True)
    ]
    return base.replace(phases=phases)


@pytest.fixture(scope="session")
def scenario() -> Scenario:
    return make_scenario()


@pytest.fixture(scope="session")
def plan(scenario: Scenario) -> Plan:
    return make_plan(scenario)


def make_plan(
    scenario: Scenario,
    *,
    hostile: bool = False,
    basis: str = "synthetic",
    sectors: Sequence[float] = (),
    people: float = 0.0,
) -> Plan:
    """A plan of 120 stations at 80 sites and 10 stations left over.

    Each of its stations is the first to serve so many people, where people are known.
    """
    stations = _stations(scenario, hostile=hostile, basis=basis)
    if people:
        stations[F.GAIN_RESIDENTS] = np.where(stations[F.RANK].notna(), people, np.nan)
    cells = pd.DataFrame(
        [
            (f"{i}-{n + 1}", i, azimuth, 11.0, 9.0, 2.0, n)
            for i in stations["station_id"]
            for n, azimuth in enumerate(sectors)
        ],
        columns=[
            *("cell_id", "station_id", "azimuth_deg", "tilt_deg"),
            *("electrical_tilt_deg", "mechanical_tilt_deg", "pci"),
        ],
    )
    free = stations[stations["rank"].isna()].iloc[:2]
    replacements = pd.DataFrame(
        {
            "station_id": stations.loc[stations["rank"] == 119, "station_id"].iloc[0],
            "replacement_id": free["station_id"].tolist(),
            "distance_m": [149.6, 310.2],
            "regained": [0.6049, 0.004],
        }
    )
    residents = pd.DataFrame({F.TOWN: ["城区街道"], F.PEOPLE: people, F.COVERED: people})
    return empty_plan(
        scenario,
        stations=stations,
        cells=cells,
        replacements=replacements,
        layers=empty_layers(sources=pd.DataFrame({"file": ["sites.csv"], "basis": [basis]})),
        residents=residents if people else tables.RESIDENTS.empty(),
    )


def _stations(scenario: Scenario, *, hostile: bool, basis: str) -> gpd.GeoDataFrame:
    rng = np.random.default_rng(7)
    total = COUNTS[-1] + 10
    # The last forty share a site with the other network.
    site = np.r_[np.arange(90), np.arange(20, 60)]
    lon = np.round(rng.uniform(119.98, 120.6, 90), 5)[site]
    lat = np.round(rng.uniform(33.2, 33.6, 90), 5)[site]
    network = np.where(
        (np.arange(total) % 2 == 0) ^ (np.arange(total) >= 90), *scenario.network_names
    )
    state = np.repeat(["open", "retrofitted", "candidate"], [20, 10, total - 30])
    site_type = np.r_[
        np.repeat("rebuilt", 30), np.resize(["roof", "pole", "tower"], 60), np.repeat("rebuilt", 40)
    ]
    kinds = {"rebuilt": "retrofit", "roof": "new_roof", "pole": "new_pole", "tower": "new_tower"}
    table = pd.DataFrame(
        {
            "site_id": [f"S{number:04d}" for number in site],
            "name": [HOSTILE[i % len(HOSTILE)] if hostile else f"站点{i}" for i in range(total)],
            "network": network,
            "band": np.where(network == scenario.network_names[0], "n41", "n78"),
            "state": state,
            "site_type": site_type,
            "build_type": np.where(
                np.arange(total) >= 90, "co_location", [kinds[kind] for kind in site_type]
            ),
            "height_m": 25.0,
            "scene": "urban",
            "town": "城区街道",
            "lon": lon,
            "lat": lat,
            "cost_wan": 39.4,
            "basis": basis,
            "rank": pd.array([*range(COUNTS[-1]), *[pd.NA] * 10], dtype="Int64"),
            "gain_core_outdoor": np.where(np.arange(total) % 3 == 0, 0.25, 0.0),
            "gain_road_m": np.where(np.arange(total) % 5 == 0, 450.0, 0.0),
        }
    )
    table["station_id"] = (
        table["site_id"] + "-" + table["network"].str[0].str.upper() + "-" + table["band"]
    )
    phases = [
        int(np.searchsorted(COUNTS, i, side="right")) if i < COUNTS[-1] else pd.NA
        for i in range(total)
    ]
    table["phase"] = pd.array(phases, dtype="Int64")
    pairs = [(layer.name, level) for layer in scenario.layers for level in layer.judged_at]
    families = {
        F.GAIN: tuple(F.gain_column(*pair) for pair in pairs),
        F.LOSS: tuple(F.loss_column(*pair) for pair in pairs),
    }
    table = complete(
        tables.PLAN_STATIONS, table.sort_values("station_id", ignore_index=True), **families
    )
    table = table.fillna(dict.fromkeys((*families[F.GAIN], *families[F.LOSS]), 0.0))
    return gpd.GeoDataFrame(
        table, geometry=gpd.points_from_xy(table["lon"], table["lat"]), crs="EPSG:4326"
    )


@pytest.fixture(scope="session")
def make() -> object:
    """The maker itself, for tests that need another plan."""
    return make_plan
