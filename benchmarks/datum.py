"""How safely a list that does not say its datum is told by its places: wrong, undecided, right.

Lists of the packaged district in three datums, held against all that is known of its ground and
against parts of that; and lists that must not be told: places that have nothing to do with the
ground, lists moved by another cause or of two halves. The thresholds were chosen with other seeds.

    python -m benchmarks.datum                   # writes benchmarks/results/datum.csv
    python -m benchmarks.datum --seeds 2 --dry   # a trial that is not kept
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from planner import fields as F
from planner.crs import Datum, convert, project
from planner.layers import packaged_case, read_layers
from planner.layers.datum import (
    HYPOTHESES,
    References,
    Verdict,
    judge,
    stake_out,
    where_people_live,
)
from planner.model import Layers
from planner.scenario import Scenario

FloatArray = npt.NDArray[np.float64]
Draw = Callable[[np.random.Generator], FloatArray]
"""Makes a list of places, (rows, 2), in work metres."""

STORED: Final = Path(__file__).parent / "results" / "datum.csv"
COLUMNS: Final = ("list", "references", "rows", "lists", "right", "wrong", "undecided",
    "lead_of_a_wrong_datum",
)  # fmt: skip
CLEAR_M: Final = 200.0
BETWEEN_DATUMS: Final = np.array(
    [(450.0, -150.0), (1080.0, 470.0), (630.0, 620.0), (-450.0, 150.0), (-1080.0, -470.0),
     (-630.0, -620.0)]
)  # fmt: skip
"""Metres east and north from one datum to another in the packaged district, roughly."""
REFERENCES: Final = {
    "roads, streets, areas, people": ("roads", "streets", "areas", "people"),
    "roads, areas, people": ("roads", "areas", "people"),
    "streets, areas, people": ("streets", "areas", "people"),
    "areas, people": ("areas", "people"),
    "roads and streets": ("roads", "streets"),
    "streets": ("streets",),
    "roads": ("roads",),
}


class Case(NamedTuple):
    """One kind of list: how it is drawn, and to how many decimals of a degree it is written."""

    name: str
    draw: Draw
    decimals: int = 5
    references: str = next(iter(REFERENCES))
    """What it is held against; packaged lists are held against each of :data:`REFERENCES`."""

    @property
    def is_packaged(self) -> bool:
        """Whether it is one of the packaged lists as they are."""
        return self.name.startswith("packaged")


def cases(layers: Layers) -> list[Case]:
    """Every kind of list, of the district's own places and of others."""
    sites, candidates = (_places(layers, part) for part in ("sites", "candidates"))
    built_up = shapely.union_all(layers.areas.geometry.array)
    people = layers.population[[F.X_M, F.Y_M, F.PEOPLE]].to_numpy(np.float64)
    return [
        Case("packaged sites, 330", _some(sites, 330)),
        Case("packaged sites, 100", _some(sites, 100)),
        Case("packaged candidates, 330", _some(candidates, 330)),
        Case("packaged candidates, 100", _some(candidates, 100)),
        Case("sites, 5 % outliers, 100", _with_outliers(_some(sites, 100))),
        Case("candidates, 5 % outliers, 330", _with_outliers(_some(candidates, 330))),
        Case("candidates at 4 decimals, 330", _some(candidates, 330), 4),
        Case("candidates 60 m beside, 330", _beside(_some(candidates, 330), 60.0)),
        Case("candidates, a third twice, 100", _twice(_some(candidates, 100))),
        Case("one township, 60 within 3 km", _township(candidates, 60, 3000.0)),
        Case("one township, 30 within 1.5 km", _township(candidates, 30, 1500.0)),
        Case("where people live, 100", _peopled(people, 100), references="roads and streets"),
        Case("anywhere within 560 m of candidates, 330", _blurred(_some(candidates, 330), 560.0)),
        Case("anywhere built up, 330", _anywhere(built_up, 330)),
        Case("anywhere built up, 330", _anywhere(built_up, 330), references="roads and streets"),
        Case("anywhere built up, 100", _anywhere(built_up, 100)),
        Case("anywhere built up, 100", _anywhere(built_up, 100), references="roads and streets"),
        Case("anywhere within 3 km, 100", _disc(candidates, 100, 3000.0)),
        Case("moved 600 to 1,500 m, 330", _moved(_some(candidates, 330))),
        Case("moved 600 to 1,500 m, 100", _moved(_some(sites, 100))),
        Case("half in another datum, 330", _half(_some(candidates, 330))),
    ]  # fmt: skip


def measure(
    case: Case, references: References, name: str, seeds: int, work_crs: str
) -> dict[str, object]:
    """Right, wrong and undecided lists of one kind: of each seed one in each datum."""
    told: list[str] = []
    sizes, leads = [], []
    known: dict[bytes, Verdict] = {}
    for seed in range(seeds):
        for number, truth in enumerate(HYPOTHESES):
            xy = case.draw(np.random.default_rng([seed, number]))
            degrees = _written(xy, truth, case.decimals, work_crs)
            # a list of every site is the same list for every seed
            content = np.unique(np.column_stack(degrees), axis=0).tobytes()
            verdict = known.get(content) or judge(*degrees, references)
            known[content] = verdict
            found = verdict.datum
            told.append("undecided" if not found else "right" if found == truth else "wrong")
            sizes.append(len(xy))
            if verdict.likeliest and verdict.likeliest != truth:
                leads.append(verdict.lead)
    counts = {word: told.count(word) for word in COLUMNS[4:7]}
    most = f"{max(leads):.1f}" if leads else ""
    size = int(np.median(sizes))
    return {"list": case.name, "references": name, "rows": size, "lists": len(told),
            **counts, COLUMNS[7]: most}  # fmt: skip


def _written(
    xy: FloatArray, truth: Datum, decimals: int, work_crs: str
) -> tuple[FloatArray, FloatArray]:
    """Degrees as a list in that datum has them."""
    lon, lat = convert(*project(xy[:, 0], xy[:, 1], work_crs, "EPSG:4326"), "wgs84", truth)
    return np.round(lon, decimals), np.round(lat, decimals)


def _places(layers: Layers, part: str) -> FloatArray:
    places: FloatArray = shapely.get_coordinates(getattr(layers, part).geometry.array)
    return places


def _some(places: FloatArray, count: int) -> Draw:
    return lambda draw: places[draw.permutation(len(places))[:count]]


def _with_outliers(list_of: Draw) -> Draw:
    def drawn(draw: np.random.Generator) -> FloatArray:
        xy = list_of(draw).copy()
        is_out = draw.random(len(xy)) < 0.05
        xy[is_out] += draw.normal(0.0, 1500.0, (int(is_out.sum()), 2))
        return xy

    return drawn


def _beside(list_of: Draw, spread_m: float) -> Draw:
    def drawn(draw: np.random.Generator) -> FloatArray:
        xy = list_of(draw)
        return xy + draw.normal(0.0, spread_m, xy.shape)

    return drawn


def _blurred(list_of: Draw, reach_m: float) -> Draw:
    def drawn(draw: np.random.Generator) -> FloatArray:
        xy = list_of(draw)
        return xy + draw.uniform(-reach_m, reach_m, xy.shape)

    return drawn


def _twice(list_of: Draw) -> Draw:
    def drawn(draw: np.random.Generator) -> FloatArray:
        xy = list_of(draw)
        return np.concatenate([xy, xy[: len(xy) // 3]])

    return drawn


def _township(places: FloatArray, count: int, reach_m: float) -> Draw:
    def drawn(draw: np.random.Generator) -> FloatArray:
        middle = places[draw.integers(len(places))]
        near = places[np.hypot(*(places - middle).T) <= reach_m]
        return near[draw.permutation(len(near))[:count]]

    return drawn


def _peopled(people: FloatArray, count: int) -> Draw:
    share = people[:, 2] / people[:, 2].sum()

    def drawn(draw: np.random.Generator) -> FloatArray:
        cells = people[draw.choice(len(people), count, p=share), :2]
        return cells + draw.uniform(-50.0, 50.0, cells.shape)

    return drawn


def _anywhere(ground: shapely.Geometry, count: int) -> Draw:
    west, south, east, north = ground.bounds
    shapely.prepare(ground)

    def drawn(draw: np.random.Generator) -> FloatArray:
        xy = draw.uniform((west, south), (east, north), (400 * count, 2))
        return xy[shapely.intersects_xy(ground, xy)][:count]

    return drawn


def _disc(middles: FloatArray, count: int, reach_m: float) -> Draw:
    def drawn(draw: np.random.Generator) -> FloatArray:
        turn, away_m = draw.uniform(0, 2 * np.pi, count), reach_m * np.sqrt(draw.random(count))
        offset = np.column_stack([away_m * np.cos(turn), away_m * np.sin(turn)])
        return middles[draw.integers(len(middles))] + offset

    return drawn


def _moved(list_of: Draw) -> Draw:
    """A list moved by one vector that leads to no other datum: to those it would be that datum."""

    def drawn(draw: np.random.Generator) -> FloatArray:
        while True:
            turn, away_m = draw.uniform(0, 2 * np.pi), draw.uniform(600.0, 1500.0)
            move = away_m * np.array([np.cos(turn), np.sin(turn)])
            if np.hypot(*(move - BETWEEN_DATUMS).T).min() > CLEAR_M:
                return list_of(draw) + move

    return drawn


def _half(list_of: Draw) -> Draw:
    """Every other row off by about what GCJ-02 is off."""

    def drawn(draw: np.random.Generator) -> FloatArray:
        xy = list_of(draw).copy()
        xy[::2] += (450.0, -150.0)
        return xy

    return drawn


def references(layers: Layers, parts: tuple[str, ...]) -> References:
    """What is known of the ground of a district, as far as it is of some parts."""
    lines = [
        line
        for part in ("roads", "streets")
        if part in parts
        for line in getattr(layers, part).geometry
    ]
    areas = shapely.union_all(layers.areas.geometry.array)
    squares = layers.population[[F.X_M, F.Y_M, F.PEOPLE, F.CELL_M]].to_numpy(np.float64)
    return References(
        layers.boundary.crs.to_string(),
        layers.boundary.geometry.iloc[0],
        stake_out(lines) if lines else None,
        areas if "areas" in parts else None,
        people=where_people_live(*squares.T) if "people" in parts else None,
    )


def main(arguments: list[str]) -> None:
    """Measure every kind of list and store the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--dry", action="store_true", help="keep nothing")
    asked = parser.parse_args(arguments)

    layers = read_layers(Scenario.from_file(packaged_case()))
    work_crs = layers.boundary.crs.to_string()
    known = {name: references(layers, parts) for name, parts in REFERENCES.items()}
    table = []
    for case in cases(layers):
        for name in known if case.is_packaged else (case.references,):
            row = measure(case, known[name], name, asked.seeds, work_crs)
            table.append(row)
            print(", ".join(f"{key} {value}" for key, value in row.items()), flush=True)
    if not asked.dry:
        with STORED.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(table)


if __name__ == "__main__":
    main(sys.argv[1:])
