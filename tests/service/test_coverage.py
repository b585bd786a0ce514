"""What a band counts for: the covering matrix against what a layer says of its bands."""

from __future__ import annotations

import numpy as np
import pytest

import planner
from planner import fields as F
from planner.model import Model
from tests.toy import SCENARIO, write_toy_county


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    path = write_toy_county(tmp_path_factory.mktemp("toy"))
    return planner.build(planner.Scenario.from_file(path))


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
        for level in layer.levels
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
