"""What is made up when it is asked for: people, one unit, open stations. All of it says so."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import shapely

from planner.intake.borders import Border, Work
from planner.intake.openstreetmap import Feature

CELL_M: Final = 200
PEOPLE_PER_KM2: Final = {"urban_core": 6000.0, "township_seat": 2500.0, "": 100.0}
"""Judgement: a core and a seat of a county, and its countryside."""
STATION_SPACING_M: Final = 400.0
DIGITS: Final = 5


def invent_people(border: Border, areas: list[Feature]) -> list[dict[str, Any]]:
    """Squares with people: many on built-up ground, few elsewhere."""
    work = Work(border)
    ground = shapely.make_valid(work.metres(border.ground))
    places = _lattice(ground, CELL_M)
    density = np.full(len(places), PEOPLE_PER_KM2[""])
    for said, shape in areas:
        if said["kind"] in PEOPLE_PER_KM2:
            is_in = shapely.contains_xy(shapely.make_valid(work.metres(shape)), *places.T)
            density[is_in] = PEOPLE_PER_KM2[said["kind"]]
    people = np.round(density * (CELL_M / 1000) ** 2).astype(int)
    degrees = shapely.get_coordinates(work.degrees(shapely.points(places)))
    return [
        {"lon": lon, "lat": lat, "people": int(count), "cell_m": CELL_M, "basis": "synthetic"}
        for (lon, lat), count in zip(degrees.tolist(), people, strict=True)
    ]


def invent_town(border: Border, people: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The district as one unit with the people that were made up."""
    lon, lat = shapely.get_coordinates(shapely.point_on_surface(border.ground))[0]
    total = sum(row["people"] for row in people)
    return [{
        "town_id": "1", "name": border.name, "kind": "town", "people": total, "basis": "synthetic",
        "seat_lon": round(lon, DIGITS), "seat_lat": round(lat, DIGITS),
    }]  # fmt: skip


def invent_sites(
    border: Border, areas: list[Feature], count: int, networks: list[dict[str, Any]]
) -> tuple[list[dict[str, Any]], float]:
    """Open stations and their spacing in metres: the nearest to the middle of the core first.

    They are of each network in turn.
    """
    work = Work(border)
    ground = shapely.make_valid(work.metres(border.ground))
    cores = [shape for said, shape in areas if said["kind"] == "urban_core"]
    core = shapely.make_valid(work.metres(cores[0])) if cores else ground
    middle = shapely.get_coordinates(shapely.point_on_surface(core))[0]

    # narrower where the district is too small for so many
    spacing = STATION_SPACING_M
    places = _lattice(ground, spacing)
    while len(places) < count and spacing > 1:
        spacing /= 2
        places = _lattice(ground, spacing)
    away = np.hypot(*(places - middle).T)
    chosen = places[np.lexsort((places[:, 0], places[:, 1], away))[:count]]
    degrees = shapely.get_coordinates(work.degrees(shapely.points(chosen)))
    rows = []
    for i, (lon, lat) in enumerate(np.round(degrees, DIGITS).tolist()):
        network = networks[i % len(networks)]
        rows.append({
            "name": f"synthetic {i + 1:04d}", "state": "open", "network": network["name"],
            "band": network["bands"][0], "lon": lon, "lat": lat, "basis": "synthetic",
        })  # fmt: skip
    return rows, spacing


def _lattice(ground: Any, spacing_m: float) -> Any:
    """Middles of the squares of a district, (places, 2) in metres."""
    west, south, east, north = (side / spacing_m for side in ground.bounds)
    x, y = np.meshgrid(np.arange(np.floor(west), east), np.arange(np.floor(south), north))
    places = (np.column_stack([x.ravel(), y.ravel()]) + 0.5) * spacing_m
    return places[shapely.contains_xy(ground, *places.T)]
