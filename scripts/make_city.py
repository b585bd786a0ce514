"""Make a city of adjoining districts, in the likeness of the packaged one: synthetic throughout.

    python scripts/make_city.py OUT [--districts 10] [--size district|small] [--seed 1]

Every district is a rectangle cut out of the packaged case, mirrored at each border that it shares:
so ground, roads and people go on across borders, and stations near them serve both sides. What is
cut off folds back in for a whole district. Each has its own seeded number of people and its places
are moved a little. ``OUT/scenarios`` holds a scenario per district, with the open sites of its
neighbours, and the city in one piece (``city.yaml``); their input files lie in folders beside it.
The same arguments give the same bytes. None of it may be taken for a plan of a real place.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
import yaml

from planner.crs import project
from planner.scenario import Scenario
from planner.stations.ids import site_id

FloatArray = npt.NDArray[np.float64]
Places = dict[str, pd.DataFrame]
Shapes = dict[str, gpd.GeoDataFrame]

DATA: Final = Path(__file__).resolve().parents[1] / "data"
SHAPES: Final = ("areas", "roads", "streets", "water")
PLACES: Final = ("sites", "candidates", "population")
DIGITS: Final = 5
MOVE_M: Final = 25.0
PEOPLE_SPREAD: Final = 0.25
FIRST_CODE: Final = 999_001  # of no real district
HEADER: Final = (
    "file", "source", "date", "licence", "accuracy", "datum", "basis", "sha256", "rows",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tile:
    """The rectangle that is cut out of the packaged district, work CRS, m.

    Attributes
    ----------
    west, south, width, height
        Its place and size.
    folds
        Whether places beyond it are mirrored into it, so that none is lost.
    """

    west: float
    south: float
    width: float
    height: float
    folds: bool

    @property
    def box(self) -> Any:
        """The rectangle."""
        return shapely.box(self.west, self.south, self.west + self.width, self.south + self.height)


SIZES: Final = {
    "district": Tile(506_000.0, 3_680_400.0, 34_000.0, 29_618.0, folds=True),  # 1,007 km2
    "small": Tile(512_500.0, 3_694_500.0, 4_000.0, 3_000.0, folds=False),
}


@dataclass(frozen=True, slots=True)
class Seat:
    """Where a district of the city stands: its column and row, odd ones mirrored."""

    tile: Tile
    column: int
    row: int

    @property
    def box(self) -> Any:
        """Its border."""
        west = self.tile.west + self.column * self.tile.width
        south = self.tile.south + self.row * self.tile.height
        return shapely.box(west, south, west + self.tile.width, south + self.tile.height)

    def put(self, xy: FloatArray) -> FloatArray:
        """Places of the tile, (places, 2), m, where they stand in the city."""
        tile = self.tile
        sides = ((tile.west, tile.width, self.column), (tile.south, tile.height, self.row))
        axes = []
        for axis, (start, length, number) in enumerate(sides):
            away = xy[:, axis] - start
            axes.append(start + number * length + (length - away if number % 2 else away))
        return np.column_stack(axes)


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A scenario's name, the seats of its districts, and what its input files hold."""

    name: str
    seats: Sequence[Seat]
    shapes: Shapes
    places: Places

    @property
    def ground(self) -> Any:
        """All its seats, work CRS."""
        return shapely.union_all([seat.box for seat in self.seats])

    @property
    def n_open(self) -> int:
        """Open sites inside its border."""
        return len(_open_on(self.ground, self.places["sites"]))


def make_city(out: Path, districts: int, size: str, seed: int) -> list[Path]:
    """Write a city; see the module.

    Parameters
    ----------
    out
        Folder, made when missing.
    districts
        How many.
    size
        One of ``SIZES``.
    seed
        Of the people's numbers and the places.

    Returns
    -------
    list
        The scenario of each district, then that of the city.
    """
    scenario = Scenario.from_file(DATA / "scenarios" / "tinghu.yaml")
    work = str(scenario.district.work_crs)
    tile, columns = SIZES[size], math.ceil(math.sqrt(districts))
    seats = [Seat(tile, number % columns, number // columns) for number in range(districts)]
    shapes = _cut_shapes(tile, work)
    towns = pd.read_csv(DATA / "tinghu" / "towns.csv", dtype={"town_id": str})
    places = _cut_places(tile, work)

    made: list[Places] = []
    for number, seat in enumerate(seats):
        rng = np.random.default_rng((seed, number))
        made.append(_placed(places, towns, seat, number, rng, work))

    # a district knows the open sites beyond its border, as far as its scenario looks
    written = []
    city = {name: pd.concat([one[name] for one in made]) for name in made[0]}
    for number, (seat, own) in enumerate(zip(seats, made, strict=True), start=1):
        ground = seat.box.buffer(scenario.district.neighbour_m) - seat.box
        known = {**own, "sites": pd.concat([own["sites"], _open_on(ground, city["sites"])])}
        case = Case(f"district{number:02d}", [seat], _put_shapes(shapes, [seat]), known)
        written.append(_write(out, case, work, seed))
    whole = Case("city", seats, _put_shapes(shapes, seats), city)
    return [*written, _write(out, whole, work, seed)]


def _cut_shapes(tile: Tile, work: str) -> Shapes:
    """Facts layers inside the tile, work CRS."""
    found = {}
    for name in SHAPES:
        frame = gpd.read_file(DATA / "tinghu" / "osm" / f"{name}.geojson").to_crs(work)
        frame = frame.clip(tile.box, keep_geom_type=True, sort=True)
        found[name] = frame[~frame.geometry.is_empty].explode(ignore_index=True)
    return found


def _cut_places(tile: Tile, work: str) -> Places:
    """Tables of places inside the tile or folded into it, with ``x_m, y_m``."""
    found = {}
    for name in PLACES:
        table = pd.read_csv(DATA / "tinghu" / "osm" / f"{name}.csv")
        xy = np.column_stack(project(table["lon"], table["lat"], "EPSG:4326", work))
        if tile.folds:
            xy = np.column_stack([
                _folded(xy[:, 0], tile.west, tile.width),
                _folded(xy[:, 1], tile.south, tile.height),
            ])  # fmt: skip
        table = table.assign(x_m=xy[:, 0], y_m=xy[:, 1])
        found[name] = table[shapely.contains_xy(tile.box, xy)].reset_index(drop=True)
    return found


def _folded(values: FloatArray, start: float, length: float) -> FloatArray:
    """Coordinates mirrored into a stretch at its ends."""
    away = np.mod(values - start, 2 * length)
    return start + np.where(away > length, 2 * length - away, away)


def _placed(
    places: Places, towns: pd.DataFrame, seat: Seat, number: int, rng: Any, work: str
) -> Places:
    """A district's own tables: its places moved, its people more or fewer, its towns renamed."""
    found = {}
    more = float(np.exp(rng.normal(0.0, PEOPLE_SPREAD)))
    for name, table in places.items():
        own = table.copy()
        if name == "population":
            own["people"] = np.maximum(1, rng.poisson(own["people"] * more))
        else:
            own[["x_m", "y_m"]] += rng.uniform(-MOVE_M, MOVE_M, (len(own), 2))
        inner = (seat.tile.box.buffer(-1.0)).bounds
        own["x_m"] = own["x_m"].clip(inner[0], inner[2])
        own["y_m"] = own["y_m"].clip(inner[1], inner[3])
        own[["x_m", "y_m"]] = seat.put(own[["x_m", "y_m"]].to_numpy())
        own[["lon", "lat"]] = _degrees(own[["x_m", "y_m"]].to_numpy(), work)
        if "site_id" in own:
            own["site_id"] = [
                site_id(lon, lat) for lon, lat in zip(own["lon"], own["lat"], strict=True)
            ]
            own["name"] = [f"合成{number + 1:02d}-{one}" for one in own["name"]]
            own = own.drop_duplicates("site_id")
        found[name] = own

    xy = np.column_stack(project(towns["seat_lon"], towns["seat_lat"], "EPSG:4326", work))
    inside = towns["seat_lon"].notna().to_numpy() & shapely.contains_xy(seat.tile.box, xy)
    own = towns[inside].copy()
    own["town_id"] = [f"{FIRST_CODE + number}{one:03d}" for one in range(1, len(own) + 1)]
    own["name"] = [f"合成{number + 1:02d}{one}" for one in own["name"]]
    own["former_name"] = ""
    own["people"] = np.rint(own["people"] * more).astype(int)
    own[["seat_lon", "seat_lat"]] = _degrees(seat.put(xy[inside]), work)
    for basis in ("basis", "seat_basis"):
        own[basis] = "synthetic"
    own[["source", "seat_source"]] = "scripts/make_city.py"
    found["towns"] = own
    return found


def _degrees(xy: FloatArray, work: str) -> FloatArray:
    lon, lat = project(xy[:, 0], xy[:, 1], work, "EPSG:4326")
    return np.round(np.column_stack([lon, lat]), DIGITS)


def _open_on(ground: Any, sites: pd.DataFrame) -> pd.DataFrame:
    """Open sites on a ground."""
    inside = shapely.contains_xy(ground, sites[["x_m", "y_m"]].to_numpy())
    return sites[inside & (sites["state"] == "open").to_numpy()]


def _put_shapes(shapes: Shapes, seats: Sequence[Seat]) -> Shapes:
    """Facts layers of the seats, work CRS."""
    found = {}
    for name, frame in shapes.items():
        parts = [
            frame.set_geometry(shapely.transform(frame.geometry.array, seat.put), crs=frame.crs)
            for seat in seats
        ]
        found[name] = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=frame.crs)
        found[name]["basis"] = "synthetic"
    return found


def _write(out: Path, case: Case, work: str, seed: int) -> Path:
    """Write a scenario, its input files and their manifest; return the scenario's path."""
    folder = out / case.name
    folder.mkdir(parents=True, exist_ok=True)
    facts = {"name": [f"合成{case.name}"], "basis": ["synthetic"]}
    border = gpd.GeoDataFrame(facts, geometry=[case.ground], crs=work)
    inputs = {"manifest": f"{case.name}/MANIFEST.csv", "datum": "wgs84"}
    for part, frame in {"boundary": border, **case.shapes}.items():
        if len(frame):
            inputs[part] = f"{case.name}/{part}.geojson"
            text = frame.to_crs("EPSG:4326").to_json(drop_id=True, ensure_ascii=False)
            (out / inputs[part]).write_text(text + "\n", encoding="utf-8")
    for part, table in case.places.items():
        if len(table):
            inputs[part] = f"{case.name}/{part}.csv"
            columns = table.drop(columns=["x_m", "y_m"], errors="ignore")
            columns.to_csv(out / inputs[part], index=False, lineterminator="\n")
    _write_manifest(out, case.name, seed)

    path = out / "scenarios" / f"{case.name}.yaml"
    path.parent.mkdir(exist_ok=True)
    text = yaml.safe_dump(_scenario(case, inputs, work), allow_unicode=True, sort_keys=False)
    path.write_text("# Made by scripts/make_city.py: synthetic, no real place.\n" + text, "utf-8")
    return path


def _scenario(case: Case, inputs: dict[str, str], work: str) -> dict[str, Any]:
    """The packaged scenario for a case: its counts by the open sites, what is real left out."""
    packaged = (DATA / "scenarios" / "tinghu.yaml").read_text(encoding="utf-8")
    tree: dict[str, Any] = yaml.safe_load(packaged)
    named = {"name": f"合成{case.name}", "name_en": f"synthetic {case.name}", "work_crs": work}
    tree |= {"name": f"synthetic-{case.name}", "district": named, "inputs": inputs}
    tree["titles"] = {
        "title": f"{named['name']}5G基站分期建设规划图（合成数据）",
        "title_en": f"Rollout plan of {named['name_en']} (made data)",
    }
    del tree["references"]

    of_today = tree["phases"][0]["stations"]
    for phase in tree["phases"]:
        phase["stations"] = round(phase["stations"] * case.n_open / of_today)
    return tree


def _write_manifest(out: Path, name: str, seed: int) -> None:
    """One row per input file: synthetic, and the SHA-256 of its bytes."""
    source = f"made by scripts/make_city.py, seed {seed}, after the packaged case"
    with (out / name / "MANIFEST.csv").open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream, lineterminator="\n")
        rows.writerow(HEADER)
        for path in sorted((out / name).iterdir()):
            if path.name == "MANIFEST.csv":
                continue
            content = path.read_bytes()
            count = content.count(b'"Feature",') or content.count(b"\n") - 1
            digest = hashlib.sha256(content).hexdigest()
            rows.writerow([
                f"{name}/{path.name}", source, "2026-11", "ODbL-1.0", "", "wgs84", "synthetic",
                digest, count,
            ])  # fmt: skip


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path)
    parser.add_argument("--districts", type=int, default=10)
    parser.add_argument("--size", choices=sorted(SIZES), default="district")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    for path in make_city(given.out, given.districts, given.size, given.seed):
        print(path)


if __name__ == "__main__":
    main()
