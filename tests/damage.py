"""Files of every format and kind, and what can happen to them on the way to us.

The seeds are the toy county's tables, written by other programs than ours. ``scripts/damage`` does
thousands of them, the tests some.
"""

from __future__ import annotations

import csv
import io
import json
import random
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
import xlsxwriter
from rasterio.transform import Affine
from shapely.geometry import Point

from planner.layers import look_at_layers
from planner.scenario import Scenario
from tests.osm import Extract, write_pbf, write_xml
from tests.toy import ORIGIN, SCENARIO, write_toy_county

TABLES = ("sites", "candidates", "population", "towns", "landmarks")
SHAPES = ("boundary", "areas", "roads", "water")
POINTS = ("sites", "candidates", "landmarks", "population")


class Seed(NamedTuple):
    """A file that can be read, and the key of the inputs that it is for."""

    part: str
    name: str


def write_seeds(folder: Path) -> list[Seed]:
    """Write the county and its files in every format that another program here can write."""
    write_toy_county(folder)
    (folder / "candidates.csv").write_text(
        "site_id,name,site_type,height_m,lon,lat\n"
        "C1,楼一,roof,24,120.13,33.43\nC2,塔二,tower,35,120.15,33.42\n",
        encoding="utf-8",
    )
    seeds = [Seed(part, f"{part}.csv") for part in TABLES]
    seeds += [Seed(part, f"{part}.geojson") for part in SHAPES]
    for part in TABLES:
        frame = pd.read_csv(folder / f"{part}.csv", dtype=str, keep_default_na=False)
        seeds += [Seed(part, name) for name in _write_tables(folder, part, frame)]
        if part in POINTS:
            points = [Point(float(x), float(y)) for x, y in zip(frame.lon, frame.lat, strict=True)]
            shapes = gpd.GeoDataFrame(
                frame.drop(columns=["lon", "lat"]), geometry=points, crs="EPSG:4326"
            )
            seeds += [Seed(part, name) for name in _write_shapes(folder, f"{part}_points", shapes)]
    for part in SHAPES:
        shapes = gpd.read_file(folder / f"{part}.geojson")
        seeds += [Seed(part, name) for name in _write_shapes(folder, part, shapes)]
    _write_raster(folder / "population.tif")
    return [*seeds, Seed("population", "population.tif")]


def _write_tables(folder: Path, part: str, frame: pd.DataFrame) -> Iterator[str]:
    """The same rows as text in other forms, as workbooks, as JSON and as Parquet."""
    rows = [list(frame.columns), *frame.to_numpy().tolist()]
    for name, delimiter, encoding in (
        (f"{part}.tsv", "\t", "utf-8-sig"),
        (f"{part}-semicolon.csv", ";", "gb18030"),
        (f"{part}-utf16.txt", "\t", "utf-16-le"),
        (f"{part}-bom16.txt", ",", "utf-16"),
    ):
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=delimiter).writerows(rows)
        (folder / name).write_bytes(text.getvalue().encode(encoding))
        yield name

    with xlsxwriter.Workbook(folder / f"{part}.xlsx") as book:
        book.add_worksheet("说明").write_string(0, 0, "填写说明")
        sheet = book.add_worksheet("数据")
        for i, row in enumerate(rows):
            for j, cell in enumerate(row):
                is_number = re.fullmatch(r"-?\d+(\.\d+)?", cell) is not None
                (sheet.write_number if is_number else sheet.write_string)(
                    i, j, float(cell) if is_number else cell
                )
    yield f"{part}.xlsx"

    numbers = gpd.GeoDataFrame(frame, geometry=[None] * len(frame), crs="EPSG:4326")
    numbers.to_file(folder / f"{part}.ods", driver="ODS", engine="pyogrio")
    yield f"{part}.ods"

    records = frame.to_dict("records")
    (folder / f"{part}.json").write_text(json.dumps(records, ensure_ascii=False), "utf-8")
    yield f"{part}.json"
    frame.to_parquet(folder / f"{part}.parquet", index=False)
    yield f"{part}.parquet"


def _write_shapes(folder: Path, stem: str, shapes: gpd.GeoDataFrame) -> Iterator[str]:
    """The same features as GDAL and pyarrow write them."""
    for suffix, driver in (
        ("geojson", "GeoJSON"),
        ("geojsonl", "GeoJSONSeq"),
        ("gpkg", "GPKG"),
        ("kml", "KML"),
        ("fgb", "FlatGeobuf"),
        ("gml", "GML"),
        ("mif", "MapInfo File"),
        ("tab", "MapInfo File"),
    ):
        name = f"{stem}_gdal.{suffix}"
        options = {"FORMAT": "MIF"} if suffix == "mif" else {}
        if driver == "MapInfo File":
            options["ENCODING"] = "CP936"
        shapes.to_file(folder / name, driver=driver, engine="pyogrio", **options)
        yield name

    shapes.to_parquet(folder / f"{stem}_geo.parquet")
    yield f"{stem}_geo.parquet"
    shapes.to_file(folder / f"{stem}_shape.shp", engine="pyogrio", encoding="UTF-8")
    with zipfile.ZipFile(folder / f"{stem}.zip", "w") as archive:
        for path in sorted(folder.glob(f"{stem}_shape.*")):
            archive.write(path, path.name)
    yield f"{stem}_shape.shp"
    yield f"{stem}.zip"
    yield from _write_extracts(folder, stem, shapes)


def _write_extracts(folder: Path, stem: str, shapes: gpd.GeoDataFrame) -> Iterator[str]:
    """The same features as nodes and ways with tags."""
    extract = Extract()
    for row in shapes.to_dict("records"):
        shape = row.pop("geometry")
        tags = {key: str(text) for key, text in row.items()}
        if shape.geom_type == "Point":
            extract.point(shape.x, shape.y, tags)
        elif shape.geom_type == "Polygon":
            corners = list(shape.exterior.coords)[:-1]
            extract.line(corners, tags | {"area": "yes"}, close=True)
        else:
            extract.line(list(shape.coords), tags)
    write_pbf(folder / f"{stem}.osm.pbf", extract)
    write_xml(folder / f"{stem}.osm", extract)
    yield f"{stem}.osm.pbf"
    yield f"{stem}.osm"


def _write_raster(path: Path) -> None:
    people = np.random.default_rng(7).integers(0, 60, (60, 90)).astype("float32")
    people[:3, :3] = -99999
    with rasterio.open(
        path, "w", driver="GTiff", height=60, width=90, count=1, dtype="float32",
        transform=Affine(0.001, 0, ORIGIN[0] - 0.002, 0, -0.001, ORIGIN[1] + 0.058),
        crs="EPSG:4326", nodata=-99999,
    ) as file:  # fmt: skip
        file.write(people, 1)


ODD = [
    "", "-1", "0", "1e308", "1e999", "nan", "Infinity", "null", "NULL", "NA", "=1+1", "{{7*7}}",
    "{0}", "%s", "'", '"', "''", "[", "]", "{", "}", ",", ",,,,,,", "\n", "\r\n", "\x00", "\ufeff",
    "１２", "120°7′", "#REF!", "../x", "http://x", "/vsicurl/x", "9" * 400, "x" * 200_000, "[[[[",
    "true", "\udce9", "站", "\u202e", "120.1", "-99999", "9999", "１２０．１", "120,1", "35m",
    "1.2万",
    "<!ENTITY x SYSTEM 'file:///etc/passwd'>", "<!--", "]]>", "\x1a", "EPSG:999999", "NaN",
]  # fmt: skip
ENCODINGS = ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "cp1252", "big5", "utf-32")


def flip_bytes(data: bytes, dice: random.Random) -> bytes:
    """Some bytes become others."""
    changed = bytearray(data)
    for _ in range(dice.randint(1, 6)):
        changed[dice.randrange(len(changed))] = dice.randrange(256)
    return bytes(changed)


def flip_bit(data: bytes, dice: random.Random) -> bytes:
    """One bit becomes the other."""
    changed = bytearray(data)
    changed[dice.randrange(len(changed))] ^= 1 << dice.randrange(8)
    return bytes(changed)


def cut(data: bytes, dice: random.Random) -> bytes:
    """The end is missing."""
    return data[: dice.randrange(len(data))]


def splice(data: bytes, dice: random.Random) -> bytes:
    """Something odd stands in the place of some bytes."""
    at, length = dice.randrange(len(data)), dice.randint(0, 40)
    return data[:at] + dice.choice(ODD).encode("utf-8", "surrogateescape") + data[at + length :]


def move_block(data: bytes, dice: random.Random) -> bytes:
    """A piece stands a second time."""
    a, b = sorted(dice.randrange(len(data)) for _ in range(2))
    at = dice.randrange(len(data))
    return data[:at] + data[a : min(b, a + 300)] + data[at:]


def swap_words(data: bytes, dice: random.Random) -> bytes:
    """Two pieces between commas change places, or one is replaced by something odd."""
    parts = data.split(b",")
    a, b = (dice.randrange(len(parts)) for _ in range(2))
    odd = dice.choice(ODD).encode("utf-8", "surrogateescape")
    parts[a], parts[b] = parts[b], dice.choice([parts[a], odd])
    return b",".join(parts)


def encode_anew(data: bytes, dice: random.Random) -> bytes:
    """A text in another encoding."""
    text = data.decode("utf-8", "surrogateescape")
    return text.encode(dice.choice(ENCODINGS), "replace")


def swap_columns(data: bytes, dice: random.Random) -> bytes:
    """Two columns of a text change places, with or without their heads."""
    lines = [line.split(b",") for line in data.split(b"\n")]
    width = len(lines[0])
    if width < 2:
        return data[::-1]
    a, b = dice.sample(range(width), 2)
    for line in lines[dice.randrange(2) :]:
        if len(line) == width:
            line[a], line[b] = line[b], line[a]
    return b"\n".join(b",".join(line) for line in lines)


def edit_numbers(data: bytes, dice: random.Random) -> bytes:
    """Some numbers of a text become nothing, huge, not a number or another one of it."""
    places = list(re.finditer(rb"-?\d+(?:\.\d+)?", data))
    if not places:
        return flip_bytes(data, dice)
    for place in sorted(dice.choices(places, k=3), key=lambda match: -match.start()):
        other = dice.choice([b"", b"NaN", b"1e308", b"-0", b"9" * 60, dice.choice(places).group()])
        data = data[: place.start()] + other + data[place.end() :]
    return data


def edit_rings(data: bytes, dice: random.Random) -> bytes:
    """Corners of shapes go, change places or stand twice."""
    corners = list(re.finditer(rb"\[\s*-?[\d.]+\s*,\s*-?[\d.]+\s*\]\s*,?|-?[\d.]+,-?[\d.]+ ", data))
    if len(corners) < 2:
        return splice(data, dice)
    a, b = sorted(dice.sample(corners, 2), key=lambda match: match.start())
    head, middle, tail = data[: a.start()], data[a.end() : b.start()], data[b.end() :]
    pieces = dice.choice([(b"", b.group()), (b.group(), a.group()), (a.group() * 2, b.group())])
    return head + pieces[0] + middle + pieces[1] + tail


MUTATIONS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    flip_bytes, flip_bit, cut, splice, move_block, swap_words, encode_anew, swap_columns,
    edit_numbers, edit_rings,
)  # fmt: skip


def damaged(data: bytes, dice: random.Random) -> tuple[str, bytes]:
    """A damaged copy of a file's bytes, and what was done to it."""
    mutate = dice.choice(MUTATIONS)
    return mutate.__name__, mutate(data, dice)


class Judged(NamedTuple):
    """What became of a damaged file: whether it is used, and what was found."""

    is_used: bool
    codes: tuple[str, ...]


def judge(folder: Path, seed: Seed) -> Judged:
    """Read a file beside the county's boundary, as its key; nothing but findings may come of it.

    Raises
    ------
    AssertionError
        When a row is neither used, nor refused, nor blank, or a finding cannot be read.
    """
    inputs = {"boundary": "boundary.geojson", seed.part: seed.name, "datum": "wgs84"}
    scenario = Scenario.from_tree({**SCENARIO, "inputs": inputs}, root=folder)
    layers, findings, *_ = look_at_layers(scenario)
    for notice in findings.notices:
        assert notice.zh and notice.en and len(notice.value) <= 80, notice

    account = findings.account(seed.name)
    assert account.accepted >= 0 and account.rejected >= 0
    assert account.accepted + account.rejected + account.blank == account.rows_in
    if layers is not None and seed.part == "population" and not seed.name.endswith(".tif"):
        assert len(layers.population) == account.accepted, findings.notices
    refused = findings.errors_in(seed.name) > 0 or layers is None
    return Judged(not refused, tuple(sorted({notice.code for notice in findings.notices})))
