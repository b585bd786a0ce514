"""What a band counts for: the covering matrix against what a layer says of its bands."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import planner
from planner import fields as F
from planner.errors import ScenarioError
from planner.model import Model
from planner.service import build_coverage, measure_reserve
from tests.toy import SCENARIO, write_toy_county


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """The county with antennas that are alike up and down: thresholds and walls move the tilts."""
    path = write_toy_county(tmp_path_factory.mktemp("toy"))
    flat = {name: {"antenna": {"side_lobe_db": 0.0}} for name in ("n28", "n41", "n78")}
    return planner.build(planner.Scenario.from_file(path).replace(bands=flat))


def low_entries(model: Model) -> dict[tuple[str, str], int]:
    """Pairs of a row and a 700 MHz station that covers it, by layer and level."""
    rows, member = model.demand.rows, model.demand.share > 0
    is_low = (model.stations.table[F.BAND] == "n28").to_numpy()
    pairs = np.asarray(model.coverage.cover[:, np.flatnonzero(is_low)].sum(axis=1)).ravel()
    return {
        (layer.name, level): int(
            pairs[
                member[rows[F.POINT], j] & (rows[F.LEVEL] == F.LEVELS.index(level)).to_numpy()
            ].sum()
        )
        for j, layer in enumerate(model.scenario.layers)
        for level in layer.judged_at
    }


def test_a_band_for_outdoors_alone_serves_nobody_indoors(model: Model) -> None:
    """700 MHz counts outdoors everywhere, inside buildings where the layer does not exclude it."""
    found = low_entries(model)
    for layer in SCENARIO["layers"]:
        outdoors_alone = "n28" in layer.get("outdoor_only_bands", [])
        assert found[layer["name"], "outdoor"] > 0
        if "deep" in layer:
            assert (found[layer["name"], "deep"] == 0) == outdoors_alone

    # where no layer says so, the same stations serve indoors too
    free = [{**layer, "outdoor_only_bands": []} for layer in SCENARIO["layers"]]
    scenario = model.scenario.replace(layers=free)
    without = low_entries(planner.build(scenario, layers=model.layers))
    assert without["core", "deep"] > 0 and without["parks", "deep"] > 0


def covered(model: Model, layer: str, level: str) -> int:
    """Pairs of a station and a row of a layer that it covers, at a level."""
    rows, member = model.demand.rows, model.demand.share > 0
    j = model.scenario.layer_names.index(layer)
    is_here = member[rows[F.POINT], j] & (rows[F.LEVEL] == F.LEVELS.index(level)).to_numpy()
    return int(model.coverage.cover[np.flatnonzero(is_here)].sum())


def with_levels(model: Model, **levels: dict[str, dict[str, float]]) -> Model:
    """The model with thresholds of their own for some layers."""
    layers = [
        {**layer, "levels": levels[str(layer["name"])]} if layer["name"] in levels else layer
        for layer in model.scenario.to_tree()["layers"]
    ]
    return planner.build(model.scenario.replace(layers=layers), layers=model.layers)


def test_a_threshold_of_a_layer_holds_in_that_layer_and_level_alone(model: Model) -> None:
    strict = with_levels(model, core={"outdoor": {"rsrp_dbm": -90.0}})
    assert covered(strict, "core", "outdoor") < covered(model, "core", "outdoor")
    assert covered(strict, "core", "deep") == covered(model, "core", "deep")
    for layer in ("parks", "seats", "scenic", "roads"):
        assert covered(strict, layer, "outdoor") == covered(model, layer, "outdoor")

    # what was served before and is served still is the same
    gone = model.coverage.cover - strict.coverage.cover
    assert gone.nnz and gone.data.min() >= 0
    terms = strict.coverage.budget
    assert set(terms.loc[terms[F.TERM] == "rsrp_dbm", F.VALUE]) == {-105.0, -90.0}

    # a lower one serves more
    lax = with_levels(model, scenic={"outdoor": {"rsrp_dbm": -115.0}})
    assert covered(lax, "scenic", "outdoor") > covered(model, "scenic", "outdoor")


def test_where_layers_overlap_the_highest_threshold_holds(model: Model) -> None:
    core = model.layers.areas[model.layers.areas[F.LAYER] == "core"].assign(**{F.LAYER: "scenic"})
    areas = pd.concat([model.layers.areas, core], ignore_index=True)
    drawn = planner.build(
        model.scenario, layers=replace(model.layers, areas=gpd.GeoDataFrame(areas, crs=core.crs))
    )
    strict = with_levels(drawn, core={"outdoor": {"rsrp_dbm": -90.0}})
    either = with_levels(drawn, scenic={"outdoor": {"rsrp_dbm": -90.0}})
    lax = with_levels(drawn, scenic={"outdoor": {"rsrp_dbm": -115.0}})
    asked = [covered(one, "core", "outdoor") for one in (drawn, strict, either, lax)]
    assert asked[0] > asked[1] == asked[2]
    assert asked[3] == asked[0]


def with_walls(model: Model, **walls: str) -> Model:
    """The model with other classes of walls in some layers."""
    layers = [
        {**layer, "wall": walls.get(str(layer["name"]), layer["wall"])}
        for layer in model.scenario.to_tree()["layers"]
    ]
    return planner.build(model.scenario.replace(layers=layers), layers=model.layers)


def test_a_wall_holds_in_its_layer_indoors_alone(model: Model) -> None:
    heavy = with_walls(model, core="tr-high", parks="p2109-efficient")
    for layer in ("core", "parks"):
        assert covered(heavy, layer, "deep") < covered(model, layer, "deep")
        assert covered(heavy, layer, "outdoor") == covered(model, layer, "outdoor")
    for layer, level in (("seats", "deep"), ("roads", "deep"), ("scenic", "outdoor")):
        assert covered(heavy, layer, level) == covered(model, layer, level)

    # the classes in the order of what they let through
    classes = ("none", "light", "tr-low", "p2109-traditional", "tr-high", "p2109-efficient")
    pairs = [covered(with_walls(model, core=wall), "core", "deep") for wall in classes]
    assert pairs == sorted(pairs, reverse=True) and pairs[0] > 3 * pairs[-1]


@pytest.mark.parametrize(
    ("layer", "change", "said"),
    [
        ("core", {"wall": "tr-lwo"}, "tr-low"),
        ("core", {"wall": "brick"}, "n28"),
        ("core", {"wall": "tr-high", "scene": "rural"}, "7.4.3.1"),
        ("roads", {"wall": "tr-high"}, "no depth indoors"),
        ("core", {"wall": "light"}, "a loss of its own already"),
    ],
)
def test_a_wall_that_does_not_fit_is_refused(
    model: Model, layer: str, change: dict[str, str], said: str
) -> None:
    tree = model.scenario.to_tree()
    own = "light" if change["wall"] == "light" else "brick"
    tree["radio"]["walls"] = {own: {"loss_db": {"n41": 15.0, "n78": 16.0}, "sigma_db": 5.0}}
    for one in tree["layers"]:
        one.update(change if one["name"] == layer else {})
    with pytest.raises(ScenarioError) as caught:
        model.scenario.from_tree(tree, root=model.scenario.root)
    assert said in str(caught.value)


def test_a_reserve_is_how_far_the_threshold_may_move(model: Model) -> None:
    """Coverage worked out anew with a deep threshold that is higher or lower by some dB."""
    last = model.scenario.counts[-1]
    order = np.concatenate(
        [model.stations.fixed, np.setdiff1d(np.arange(60), model.stations.fixed)]
    )[:last]
    opened = model.stations.table.iloc[order]
    reserve = measure_reserve(model, opened)
    deep = (model.demand.rows[F.LEVEL] == F.DEEP).to_numpy()
    for shift in (-1.7, -0.4, 0.0, 0.4, 1.7):
        moved = model.scenario.replace(levels={"deep": {"rsrp_dbm": -105.0 + shift}})
        anew = build_coverage(moved, model.layers, model.demand, model.stations)
        for number, count in enumerate(model.scenario.counts):
            served = np.asarray(anew.cover[:, order[:count]].sum(axis=1)).ravel() > 0
            assert ((reserve[number] >= shift) == (served | anew.outside))[deep].all()
