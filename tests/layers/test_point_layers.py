"""A layer of points: schools as discs with a radius, from a list of points to a verdict."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

import planner
from planner import fields as F
from planner.groundwork import check
from planner.layers import read_layers
from tests.toy import SCENARIO, degrees, write_toy_county

AT_KM = ((2.5, 3.0), (3.5, 4.0), (6.6, 1.4), (1.0, 5.0), (5.0, 3.6))
LAYER = {
    "name": "schools", "label": "学校", "shape": "area", "kinds": ["school"], "scene": "urban",
    "deep": "indoor", "spacing_m": 200.0,
}  # fmt: skip


def write_schools(folder: Path, **radius: float) -> None:
    """Five points in the form of the office's file."""
    features = [
        {
            "type": "Feature",
            "properties": {"name": f"测试小学{i}", "kind": "school", **radius},
            "geometry": {"type": "Point", "coordinates": degrees(*km)},
        }
        for i, km in enumerate(AT_KM, 1)
    ]
    text = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
    (folder / "schools.geojson").write_text(text, encoding="utf-8")


def county(folder: Path, entry: Any = "schools.geojson", **layer: Any) -> Path:
    """The toy county with a layer of schools."""
    layers = [*SCENARIO["layers"], LAYER | layer]
    return write_toy_county(folder, layers=layers, inputs={"areas": ["areas.geojson", entry]})


def radii_m(path: Path) -> list[float]:
    """Radius of each disc of the layer, m, by its area."""
    areas = read_layers(planner.Scenario.from_file(path)).areas
    return [math.sqrt(a / math.pi) for a in areas[areas[F.LAYER] == "schools"].geometry.area]


@pytest.mark.parametrize(
    ("own", "entry", "layer", "found_m"),
    [
        ({}, "schools.geojson", {"radius_m": 300.0}, 300.0),
        ({}, {"file": "schools.geojson", "radius_m": 250.0}, {"radius_m": 300.0}, 250.0),
        (
            {"radius_m": 200.0},
            {"file": "schools.geojson", "radius_m": 250.0},
            {"radius_m": 300.0},
            200.0,
        ),
    ],
)
def test_points_are_discs_of_the_nearest_radius_that_is_given(
    tmp_path: Path, own: dict[str, float], entry: Any, layer: dict[str, float], found_m: float
) -> None:
    write_schools(tmp_path, **own)
    # a disc drawn with corners is a little smaller than its circle
    assert radii_m(county(tmp_path, entry, **layer)) == pytest.approx([found_m] * 5, rel=0.01)


def test_points_without_a_radius_are_refused_by_name(tmp_path: Path) -> None:
    write_schools(tmp_path)
    found = [notice for notice in check(county(tmp_path)) if notice.severity == "E"]
    assert "schools.geojson" in {notice.file for notice in found}
    assert any("radius_m" in notice.said_zh and "radius_m" in notice.said_en for notice in found)


def test_a_layer_of_points_is_planned_and_judged(tmp_path: Path) -> None:
    write_schools(tmp_path)
    path = county(tmp_path, radius_m=300.0)
    scenario = planner.Scenario.from_file(path).replace(
        demand={"cell_m": 100.0, "road_step_m": 100.0}
    )
    plan = planner.solve(planner.build(scenario))
    rows = plan.verdicts[plan.verdicts[F.LAYER] == "schools"]
    assert set(rows[F.LEVEL]) == {"outdoor", "deep"}
    assert len(rows) == 3 * 2 * 2  # phases, levels, networks
    assert rows[F.SHARE].between(0, 1).all() and rows[F.SHARE].max() > 0
