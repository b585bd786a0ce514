"""Where plants are entered, and what changes the files of the toy county."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import xlsxwriter
from shapely.geometry import LineString, Point

from planner.errors import Notice
from planner.layers import look_at_layers
from planner.scenario import Scenario
from tests.toy import ORIGIN
from tests.writers import WRITERS

Plant = Callable[[Path], dict[str, Any] | None]
"""Changes a written county; may return changes of its scenario."""

PLANTS: list[tuple[str, int | None, Plant]] = []
"""Code, line that it must name (None = not checked), how it is planted."""

NUMBERS = ("lon", "lat", "people", "cell_m", "seat_lon", "seat_lat")
"""Columns of the county that a workbook holds as numbers."""

SITES = "name,state,band,lon,lat"
"""Head of the shortest list of sites."""


def plant(code: str, line: int | None = None) -> Callable[[Plant], Plant]:
    def register(function: Plant) -> Plant:
        PLANTS.append((code, line, function))
        return function

    return register


def plant_each(code: str, *plants: Plant) -> None:
    """Several examples of one kind, each under a name of its own."""
    for number, change in enumerate(plants):
        change.__name__ = f"example_{number}"
        plant(code)(change)


def listed(
    code: str, line: int | None, head: str, *rows: str, file: str = "sites.csv", **changes: Any
) -> None:
    """Plant a list of its own; ``@1``, ``@2`` ... are places in the county, a kilometre apart."""

    def write(folder: Path) -> dict[str, Any]:
        places = {f"@{i}": f"{120.12 + 0.0107 * i:.6f},33.42" for i in range(6)}
        put(folder / file, [_placed(text, places) for text in (head, *rows)])
        return changes

    write.__name__ = file
    PLANTS.append((code, line, write))


def _placed(text: str, places: dict[str, str]) -> str:
    for mark, place in places.items():
        text = text.replace(mark, place)
    return text


def candidates(code: str, line: int | None, head: str, *rows: str, **changes: Any) -> None:
    """Plant a list of candidates; see :func:`listed`."""
    given = {"inputs": {"candidates": "places.csv"}, **changes}
    listed(code, line, head, *rows, file="places.csv", **given)


def in_cells(
    code: str, line: int | None, file: str, *changes: tuple[int, int, str], **scenario: Any
) -> None:
    """Plant texts in cells of a table: its line, its column from 0, the text."""

    def write(folder: Path) -> dict[str, Any]:
        for row, column, text in changes:
            cell(folder / file, row, column, text)
        return scenario

    write.__name__ = file
    PLANTS.append((code, line, write))


def in_text(code: str, line: int | None, file: str, old: str, new: str) -> None:
    """Plant another text for the first one of a file that reads so."""

    def write(folder: Path) -> None:
        edit(folder / file, old, new)

    write.__name__ = file
    PLANTS.append((code, line, write))


def in_scenario(code: str, **changes: Any) -> None:
    """Plant what only the scenario says."""

    def write(_: Path) -> dict[str, Any]:
        return changes

    write.__name__ = "-".join(changes)
    PLANTS.append((code, None, write))


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text, old
    path.write_text(text.replace(old, new, 1), encoding="utf-8", newline="\n")


def lines_of(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def put(path: Path, lines: Sequence[str]) -> None:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def cell(path: Path, line: int, column: int, value: str) -> None:
    lines = lines_of(path)
    cells = lines[line - 1].split(",")
    cells[column] = value
    lines[line - 1] = ",".join(cells)
    put(path, lines)


def feature(path: Path, number: int, **changes: Any) -> None:
    tree = json.loads(path.read_text(encoding="utf-8"))
    tree["features"][number].update(changes)
    features = ",\n".join(json.dumps(one, ensure_ascii=False) for one in tree["features"])
    path.write_text(
        '{"type":"FeatureCollection","features":[\n' + features + "\n]}\n",
        encoding="utf-8",
        newline="\n",
    )


def rows_of(folder: Path, part: str) -> pd.DataFrame:
    """A table of the county as text."""
    return pd.read_csv(folder / f"{part}.csv", dtype=str, keep_default_na=False)


def points_of(folder: Path, part: str) -> gpd.GeoDataFrame:
    """A table of the county as points, without columns of degrees."""
    rows = rows_of(folder, part)
    places = [Point(float(x), float(y)) for x, y in zip(rows["lon"], rows["lat"], strict=True)]
    return gpd.GeoDataFrame(rows.drop(columns=["lon", "lat"]), geometry=places, crs="EPSG:4326")


def shapes_of(folder: Path, part: str) -> gpd.GeoDataFrame:
    """Shapes of the county."""
    return gpd.read_file(folder / f"{part}.geojson", engine="pyogrio")


def as_file(folder: Path, part: str, shapes: gpd.GeoDataFrame, suffix: str) -> dict[str, Any]:
    """A part of the county in a format of shapes; the key under which it is named."""
    driver = {"gpkg": "GPKG", "shp": "ESRI Shapefile", "fgb": "FlatGeobuf", "kml": "KML"}
    shapes.to_file(folder / f"{part}.{suffix}", driver=driver.get(suffix, "GeoJSON"))
    return {"inputs": {part: f"{part}.{suffix}"}}


def as_json(folder: Path, part: str, rows: pd.DataFrame) -> dict[str, Any]:
    """A table as a list of objects."""
    text = json.dumps(rows.to_dict("records"), ensure_ascii=False)
    (folder / f"{part}.json").write_text(text, encoding="utf-8")
    return {"inputs": {part: f"{part}.json"}}


def in_format(folder: Path, part: str, rows: pd.DataFrame, way: str) -> dict[str, Any]:
    """A table in a format of :data:`tests.writers.WRITERS`, its numbers as numbers."""
    texts = [
        [
            float(text) if head in NUMBERS and text[:1].isdigit() else text
            for head, text in row.items()
        ]
        for row in rows.to_dict("records")
    ]
    suffix, write = WRITERS[way]
    write(folder / f"{part}.{suffix}", list(rows.columns), texts)
    return {"inputs": {part: f"{part}.{suffix}"}}


def as_workbook(
    folder: Path, write: Callable[[Any, list[list[str]]], None], part: str = "sites"
) -> dict[str, Any]:
    """A table of the county as a workbook, to which something is done: to book and sheet."""
    rows = [line.split(",") for line in lines_of(folder / f"{part}.csv")]
    with xlsxwriter.Workbook(folder / f"{part}.xlsx") as book:
        sheet = book.add_worksheet("站址")
        for i, row in enumerate(rows):
            for j, (head, text) in enumerate(zip(rows[0], row, strict=True)):
                if i and text and head in NUMBERS:
                    sheet.write_number(i, j, float(text))
                else:
                    sheet.write_string(i, j, text)
        write((book, sheet), rows)
    return {"inputs": {part: f"{part}.xlsx"}}


def replaced(path: Path, member: str, data: bytes) -> None:
    """Another content of one member of an archive."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, own in members.items():
            archive.writestr(name, data if name == member else own)


def findings_of(folder: Path, changes: dict[str, Any] | None = None) -> tuple[Notice, ...]:
    scenario = Scenario.from_file(folder / "scenario.yaml")
    return look_at_layers(scenario.replace(**changes) if changes else scenario)[1].notices


def one_street() -> gpd.GeoDataFrame:
    line = LineString([ORIGIN, (ORIGIN[0] + 0.02, ORIGIN[1] + 0.02)])
    return gpd.GeoDataFrame({"name": ["人民路"]}, geometry=[line], crs="EPSG:4326")


def as_shapefile(folder: Path, encoding: str = "UTF-8") -> dict[str, Any]:
    streets = one_street()
    streets.to_file(folder / "streets.shp", driver="ESRI Shapefile", encoding=encoding)
    return {"inputs": {"streets": "streets.shp"}}


def as_geopackage(folder: Path, layer: str, crs: str | None) -> dict[str, Any]:
    streets = one_street()
    streets = streets if crs is None else streets.to_crs(crs)
    streets.to_file(folder / "streets.gpkg", layer=layer, driver="GPKG")
    return {"inputs": {"streets": "streets.gpkg"}}
