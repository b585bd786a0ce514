"""The made city: adjoining districts that say they are made, and serve each other."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest

import planner
from planner.layers import read_layers
from planner.scenario import Scenario
from scripts.make_city import make_city


@pytest.fixture(scope="module")
def scenarios(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Scenario]:
    paths = make_city(tmp_path_factory.mktemp("city"), 2, "small", 1)
    return {path.stem: Scenario.from_file(path) for path in paths}


def test_the_same_arguments_give_the_same_bytes(tmp_path: Path) -> None:
    names = set()
    for folder in ("a", "b"):
        make_city(tmp_path / folder, 2, "small", 7)
        names.add(tuple(sorted(path.relative_to(tmp_path / folder)
                               for path in (tmp_path / folder).rglob("*.*"))))  # fmt: skip
    (same,) = names
    for name in same:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_districts_adjoin_and_the_city_is_all_of_them(scenarios: dict[str, Scenario]) -> None:
    layers = {name: read_layers(scenario) for name, scenario in scenarios.items()}
    west, east, city = (
        gpd.GeoSeries(layers[name].boundary.geometry).union_all()
        for name in ("district01", "district02", "city")
    )
    assert west.intersection(east).area < 1e-3 * west.area
    assert west.buffer(1.0).intersection(east).length > 2 * 2900
    assert city.symmetric_difference(west.union(east)).area < 1e-3 * city.area
    assert city.geom_type == "Polygon"
    counts = [scenarios[name].counts for name in ("district01", "district02", "city")]
    for one, other, both in zip(*counts, strict=True):
        assert abs(one + other - both) <= 1


def test_a_district_is_served_across_its_border_and_says_it_is_made(
    scenarios: dict[str, Scenario],
) -> None:
    for name in ("district01", "district02"):
        model = planner.build(scenarios[name])
        assert len(model.stations.neighbours) and model.coverage.outside.any()
        assert model.layers.is_synthetic
    for scenario in scenarios.values():
        notices = planner.check(scenario)
        assert not [one for one in notices if one.severity == "E"]
        assert "合成" in scenario.titles.title and "made data" in scenario.titles.title_en
