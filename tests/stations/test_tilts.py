"""Tilts: the stated rule worked out anew, station by station, and what a list tells first."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import planner
from planner import fields as F
from planner.model import Model
from tests.toy import write_toy_county


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    path = write_toy_county(tmp_path_factory.mktemp("toy"))
    return planner.build(planner.Scenario.from_file(path))


def test_the_axis_meets_the_ground_where_the_range_to_be_served_ends(model: Model) -> None:
    scenario, points, budget = model.scenario, model.demand.points, model.coverage.budget
    ranges = budget[budget["term"] == "range_m"].drop_duplicates(
        ["model", "height_m", "band", "place"]
    )
    reach = ranges.set_index(["model", "height_m", "band", "place"])["value"]
    xy = points[[F.X_M, F.Y_M]].to_numpy()

    seen = set()
    for station in model.stations.table.itertuples():
        away = np.hypot(*(xy - [station.x_m, station.y_m]).T)
        served = []
        for j, layer in enumerate(scenario.layers):
            if away[model.demand.share[:, j] > 0].min() <= layer.spacing_m:
                deep = layer.deep != "none" and station.band not in layer.outdoor_only_bands
                place = scenario.entry(layer if deep else None, station.band).name
                own = reach[station.model, station.height_m, station.band, place]
                served.append(max(own, layer.spacing_m * 2 / 3))
                seen.add((place, len(served)))
        outdoors = reach[station.model, station.height_m, station.band, "outdoor"]
        range_m = min(served, default=outdoors)
        expected = round(math.degrees(math.atan((station.height_m - 1.5) / range_m)))
        assert station.tilt_deg == expected, station.station_id
    assert {place for place, _ in seen} == {"tr-low", "vehicle", "outdoor"}
    assert max(count for _, count in seen) > 1, "some stations are for two layers"
    # into buildings the range is short: the axis looks down steeply there
    built = model.stations.table.query("scene == 'urban' and band == 'n78'")["tilt_deg"]
    open_land = model.stations.table.query("scene == 'rural' and band == 'n78'")["tilt_deg"]
    assert built.median() >= 7 and open_land.median() <= 4


TILTS = {
    "站01": ("0/120/240", "", "4", "3", (7, 4, 3)),
    "站02": ("0/120/240", "8", "", "", (8, None, None)),
    "站03": ("0/120/240", "9", "5", "", (9, 5, 4)),
    "站04": ("0/120/240", "", "6", "", (6, 6, 0)),
    "站05": ("", "", "", "", None),
}
"""Azimuths, total, electrical and mechanical tilt as listed, and tilts of each cell."""


def test_listed_tilts_win_and_keep_their_parts(model: Model, tmp_path: Path) -> None:
    path = write_toy_county(tmp_path)
    sites = pd.read_csv(tmp_path / "sites.csv", dtype=str, keep_default_na=False)
    heads = ("方位角", "总下倾角", "电子下倾角", "机械下倾角")
    for k, head in enumerate(heads):
        sites[head] = [TILTS.get(name, ("",) * 5)[k] for name in sites["name"]]
    sites.to_csv(tmp_path / "sites.csv", index=False)
    plan = planner.solve(planner.build(planner.Scenario.from_file(path)))

    names = plan.stations[plan.stations["state"] != "candidate"].set_index("station_id")["name"]
    cells = plan.cells.assign(name=plan.cells["station_id"].map(names))
    for name, (*_, told) in TILTS.items():
        own = cells[cells["name"] == name]
        assert len(own) == 3
        for parts in own[["tilt_deg", "electrical_tilt_deg", "mechanical_tilt_deg"]].to_numpy():
            if told is None:
                assert parts[0] == parts[1] + parts[2] and 0 <= parts[1] <= 9
            else:
                assert [None if np.isnan(part) else part for part in parts] == list(told)
