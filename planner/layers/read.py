"""Scenario -> Layers: every input read, checked and brought to the work CRS.

All problems are reported once.
"""

from __future__ import annotations

import dataclasses
import difflib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np

from planner import fields as F
from planner.errors import ScenarioError, nearest
from planner.layers import datum, kinds, land, vectors, work_crs
from planner.layers.aliases import HEADS, plain_head
from planner.layers.coordinates import is_declared, question_shapes
from planner.layers.files import TABLES, VECTORS, Source, formats_of, open_source
from planner.layers.findings import Findings
from planner.layers.manifest import COLUMNS, check_record, read_manifest
from planner.layers.notices import NOTICES
from planner.layers.places import District
from planner.layers.proportions import question_people
from planner.model import Layers
from planner.model.layers import LAYER_TABLES
from planner.scenario import PARTS, Layer, Scenario

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    import shapely

_TABLES: Final = ("towns", "landmarks", "antennas", "population", "sites", "candidates")
AREA_COLUMNS: Final = ("layer", "name", "kind", "basis", "accuracy_m", "source", "licence")
BASES: Final = ("evidence", "estimate", "synthetic")
ROAD_COLUMNS: Final = ("layer", "name", "ref", "kind", "basis", "accuracy_m", "source", "licence")
_SHOWN: Final = 5  # names of parts of a border
LAKE: Final = 2  # dimension of a polygon
LINE_COLUMNS: Final = ("name", "kind", "basis", "accuracy_m", "source", "licence")


@dataclass
class _Reading:
    """One reading of one scenario's inputs: the files found so far and the book of findings."""

    scenario: Scenario
    findings: Findings = field(default_factory=lambda: Findings(NOTICES))
    sources: dict[str, list[Source]] = field(default_factory=dict)


def read_layers(scenario: Scenario, *, without_refused_rows: bool = False) -> Layers:
    """Read every input of a scenario.

    Parameters
    ----------
    scenario
        Names the files, relative to ``scenario.root``, and the datum of those that do not say their
        own.

    without_refused_rows
        Whether to go on without rows that cannot be used, instead of refusing all of it. Their
        notices stay, and ``rows_left_out`` of the layers is how many they are.

    Returns
    -------
    Layers
        In the work CRS, rows in a canonical order: permuted input rows give the same layers.
        ``notices`` holds what was found short of an error.

    Raises
    ------
    InputError
        Once, with every finding, when one of them refuses a row or a file.
    """
    layers, findings, _ = look_at_layers(scenario, without_refused_rows=without_refused_rows)
    findings.raise_errors()
    assert layers is not None  # no error, so every part was read
    return layers


def look_at_layers(
    scenario: Scenario, *, without_refused_rows: bool = False
) -> tuple[Layers | None, Findings, kinds.Lines]:
    """Read every input as far as it can be read; nothing is raised.

    Parameters
    ----------
    scenario, without_refused_rows
        As in :func:`read_layers`.

    Returns
    -------
    layers
        Without the rows that were refused; None when a file or the boundary could not be used at
        all.
    findings
        Every finding, errors included.
    lines
        File and line of each site and candidate.
    """
    reading = _Reading(scenario)
    findings = reading.findings

    _check_aliases(scenario.aliases, findings)

    # without a boundary nothing else can be placed
    _find_sources(reading)
    found = _boundary(reading)
    if found is None:
        return None, findings, {}

    reading.scenario, district, boundary = found
    shapes = _vector_parts(reading, district)
    known = _ground(_references(district, shapes), shapes)
    book = kinds.Book(reading.scenario, findings, district, known)
    parts: dict[str, Any] = {"boundary": boundary, **shapes, **_table_parts(reading, book)}
    if any(part is None for part in parts.values()):
        return None, findings, book.lines
    if without_refused_rows and findings.refuse_rows_alone:
        findings.go_on_without_rows()
    of_people = scenario.inputs.names("population")
    question_people(parts["population"], parts["towns"], of_people, findings)
    if land.is_asked(reading.scenario):
        ground = land.ground_of(boundary, parts.get("water"))
        areas = land.add_land(parts.get("areas"), ground, reading.scenario, findings)
        parts.update(areas=areas)
    parts.update(water=_banks(parts.get("water")))
    _say_missing(reading.scenario, parts, findings)
    layers = Layers(**parts, sources=_sources(reading, parts), notices=findings.notices)
    return layers, findings, book.lines


def _banks(water: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Water as it is drawn: lakes by their banks."""
    import shapely

    is_lake = shapely.get_dimensions(water.geometry.array) == LAKE
    return water.set_geometry(water.geometry.mask(is_lake, water.geometry.boundary))


def layers_in_use(scenario: Scenario, layers: Layers) -> Scenario:
    """The scenario without the layers that hold nothing; with the land where it names no other.

    Shares that are set for every layer are scaled to sum to 1 without those that go.

    Raises
    ------
    ScenarioError
        When no layer is left.
    """
    kept = [layer for layer in scenario.layers if has_feature(layers, layer)]
    if kept and len(kept) == len(scenario.layers):
        return scenario
    if not kept:
        kept = [land.land_layer(scenario, polygon) for polygon in _unclaimed_land(layers)]
    if not kept:
        kinds = ", ".join(kind for layer in scenario.layers for kind in layer.kinds)
        raise ScenarioError.found(NOTICES.notice("nothing_asked", kinds=kinds))

    shares = [layer.weight_share for layer in kept if layer.weight_share is not None]
    if len(shares) == len(kept):
        scaled = [share / sum(shares) for share in shares]
        pairs = zip(kept, scaled, strict=True)
        kept = [layer.model_copy(update={"weight_share": share}) for layer, share in pairs]
    return scenario.replace(layers=[layer.model_dump(mode="json") for layer in kept])


def has_feature(layers: Layers, layer: Layer) -> bool:
    """Whether there is anything of a layer of the scenario."""
    frame = layers.areas if layer.shape == "area" else layers.roads
    return bool((frame[F.LAYER] == layer.name).any())


def _unclaimed_land(layers: Layers) -> list[Any]:
    """The land where it was made for no layer of the scenario, one polygon or none."""
    areas = layers.areas
    return list(areas.geometry[(areas[F.LAYER] == land.KIND) & (areas[F.KIND] == land.KIND)])


def _say_missing(scenario: Scenario, parts: Mapping[str, Any], findings: Findings) -> None:
    """What a plan does without, because the case names no file of it."""
    inputs = scenario.inputs
    if not inputs.population and len(parts.get("towns", ())):
        findings.add("people_by_town_only")
    if not (inputs.towns or inputs.town_areas):
        findings.add("one_town")
    if not inputs.landmarks:
        findings.add("no_sensitive_places")
    if not (inputs.streets or inputs.candidates):
        findings.add("no_streets")


def _check_aliases(aliases: Mapping[str, Sequence[str]], findings: Findings) -> None:
    """A finding about each field that is none, and each head that is of another field already."""
    owner = {plain_head(head): name for name, heads in HEADS.items() for head in heads}
    for name, heads in aliases.items():
        if name not in {*HEADS, "angle_deg", "loss_db"}:
            near = nearest(name, HEADS)
            findings.add("alias_unknown", file="aliases", value=name, found=name, near=near)
        for head in heads:
            other = owner.get(plain_head(head), name)
            if other != name:
                findings.add("alias_taken", file="aliases", value=head, field=name, other=other)


def _find_sources(reading: _Reading) -> None:
    """Look at every file first, so that one run names everything that is missing."""
    scenario, findings = reading.scenario, reading.findings
    manifest = read_manifest(scenario.root, scenario.inputs.manifest, findings)
    for part in PARTS:
        allowed = formats_for(part)
        for entry in scenario.inputs.files(part):
            record = (manifest or {}).get(Path(entry.file).as_posix())
            source = open_source(scenario.root, entry.file, allowed, findings, record, entry)
            if source is not None:
                # where there is no manifest, that is said once
                if manifest is not None:
                    check_record(source, findings)
                name = scenario.inputs.name(part, entry)
                source = dataclasses.replace(source, name=name)
                if part != "boundary":
                    findings.let_be_empty(name)
                reading.sources.setdefault(part, []).append(source)


def formats_for(part: str) -> tuple[str, ...]:
    """The formats that can hold a part: rows, shapes, cuts, or for areas rows with a radius."""
    if part == "population":
        return formats_of("table", "vector", "raster")
    if part == "antennas":
        return formats_of("table", "vector", "pattern")
    return TABLES if part in (*_TABLES, "areas") else VECTORS


def _boundary(reading: _Reading) -> tuple[Scenario, District, gpd.GeoDataFrame] | None:
    """The district as the readers take it, and its boundary as a layer; None where unusable.

    The scenario has the CRS in which they are.
    """
    import geopandas as gpd
    import shapely

    # where the district lies tells which CRS is true to it, so it is looked for in one that holds
    # every place; what is wrong with the file is said then, not again
    looked_at = _vector(reading, "boundary", "polygon", None, work_crs=F.MERCATOR)
    if looked_at is None:
        return None
    if len(looked_at) > 1:
        names = sorted({name for name in looked_at[F.NAME] if name})
        # several that were asked for, or parts of one name, are meant to be together
        (first, *others), asked = reading.scenario.inputs.files("boundary"), len(names) < 2
        reading.findings.add(
            "boundary_of_parts",
            file=reading.scenario.inputs.names("boundary"),
            severity="I" if asked or others or first.where else "W",
            count=len(looked_at),
            names=names[:_SHOWN],
        )
    ground = shapely.union_all(looked_at.to_crs(F.WGS84).geometry.array)
    scenario = work_crs.settle(reading.scenario, ground, reading.findings)
    if scenario is None:
        return None

    named = scenario.district
    again = dataclasses.replace(reading, findings=Findings(NOTICES))
    frame = _vector(again, "boundary", "polygon", None, work_crs=named.work_crs)
    assert frame is not None  # it was read before, and every corner lies where the CRS is true
    polygon = shapely.union_all(frame.geometry.array)
    shapely.prepare(polygon)
    district = District(polygon, ground.bounds, named.work_crs)
    row = {"name": named.name, "adcode": named.adcode, "geometry": polygon}
    return scenario, district, gpd.GeoDataFrame([row], geometry="geometry", crs=named.work_crs)


def _vector(
    reading: _Reading,
    part: str,
    shape: vectors.Shape,
    district: District | None,
    *,
    work_crs: str,
) -> gpd.GeoDataFrame | None:
    """The features of every file of a key; None when there is none or one cannot be used."""
    import pandas as pd

    frames = []
    for source in reading.sources.get(part, ()):
        frame = vectors.read_vector(
            source,
            reading.findings,
            shape,
            datum=reading.scenario.inputs.datum,
            work_crs=work_crs,
            district=district,
            radii_m=_radii_m(reading.scenario),
            aliases=reading.scenario.aliases,
        )
        if frame is not None:
            frames.append(frame)
        elif not reading.findings.errors_in(source.name):
            frames.append(_no_features(work_crs))
    if not frames or len(frames) < len(reading.scenario.inputs.files(part)):
        return None
    if len(frames) == 1:
        return frames[0]
    return cast("gpd.GeoDataFrame", pd.concat(frames, ignore_index=True))


def _radii_m(scenario: Scenario) -> dict[str, float]:
    """Radius of the points of each kind, in the layers that have one."""
    with_radius = [layer for layer in scenario.layers if layer.radius_m]
    return {kind: layer.radius_m or 0.0 for layer in with_radius for kind in layer.kinds}


def _vector_parts(reading: _Reading, district: District) -> dict[str, gpd.GeoDataFrame | None]:
    """Areas, roads and what else is drawn; keep-outs are the areas of their kinds."""
    areas = _clipped(reading, "areas", "polygon", district)
    roads = _clipped(reading, "roads", "line", district)
    streets = _clipped(reading, "streets", "line", district)
    water = _clipped(reading, "water", "water", district)
    town_areas = _clipped(reading, "town_areas", "polygon", district)

    found = {"areas": areas, "roads": roads, "streets": streets, "town_areas": town_areas}
    _question_datums(
        reading, district, {key: part for key, part in found.items() if part is not None}
    )

    # an area of a keep-out kind is nowhere demand: it leaves the areas before layers claim theirs
    keep_outs = None
    if areas is not None:
        is_keep_out = areas[F.KIND].isin(reading.scenario.siting.keep_out_kinds).to_numpy(bool)
        keep_outs = _ordered(areas[is_keep_out], LINE_COLUMNS)
        areas = _layered(reading, areas[~is_keep_out], "areas", "area", AREA_COLUMNS)
    if roads is not None:
        roads = _layered(reading, roads, "roads", "road", ROAD_COLUMNS)

    return {
        "areas": areas,
        "roads": roads,
        "keep_outs": keep_outs,
        "streets": None if streets is None else _ordered(streets, LINE_COLUMNS),
        "water": None if water is None else _ordered(water, LINE_COLUMNS),
        "town_areas": None if town_areas is None else _ordered(town_areas, ("town_id", "name")),
    }


def _question_datums(
    reading: _Reading, district: District, found: Mapping[str, gpd.GeoDataFrame]
) -> None:
    """Say where shapes look like another datum than the declared one: each file by the roads.

    Roads are held against streets, and streets against roads.
    """
    default = reading.scenario.inputs.datum
    for part, frame in found.items():
        known = _references(district, {key: found[key] for key in found if key != part})
        if known.lines is not None:
            sources = reading.sources.get(part, [])
            question_shapes(frame, sources, default, known, reading.findings)


def _references(
    district: District, shapes: Mapping[str, gpd.GeoDataFrame | None]
) -> datum.References:
    """What coordinates are held against: roads and streets inside the district."""
    frames = [shapes.get(part) for part in ("roads", "streets")]
    lines = [line for frame in frames if frame is not None for line in frame.geometry]
    return datum.References(district.work_crs, district.polygon, datum.stake_out(lines))


def _ground(
    known: datum.References, shapes: Mapping[str, gpd.GeoDataFrame | None]
) -> datum.References:
    """The same with areas and water, which places of tables are held against too."""
    areas, water = (_polygons(shapes.get(part)) for part in ("areas", "water"))
    return dataclasses.replace(known, areas=areas, water=water)


def _polygons(frame: gpd.GeoDataFrame | None) -> shapely.Geometry | None:
    """The polygons of a part as one shape; None without any."""
    import shapely

    if frame is None:
        return None
    shapes = frame.geometry.array
    shapes = shapes[shapely.get_dimensions(shapes) == LAKE]
    return shapely.union_all(shapes) if len(shapes) else None


def _clipped(
    reading: _Reading, part: str, shape: vectors.Shape, district: District
) -> gpd.GeoDataFrame | None:
    """Features of a key inside the boundary."""
    import shapely

    if not reading.scenario.inputs.files(part):
        return _no_features(district.work_crs)
    frame = _vector(reading, part, shape, district, work_crs=district.work_crs)
    if frame is None:
        return None

    # what only touches the boundary is cut to points or edges, and goes as an empty shape
    whole = frame.geometry.array
    pieces = shapely.intersection(whole, district.polygon)
    cut = np.array([_of_shape(piece, shape) for piece in pieces], dtype=object)
    is_cut = ~shapely.covered_by(whole, district.polygon)
    for file, n_cut in Counter(frame[F.FILE].to_numpy()[is_cut]).items():
        reading.findings.add("clipped_to_boundary", file=file, count=n_cut)
    frame = frame.set_geometry(cut, crs=district.work_crs)
    is_there = ~shapely.is_empty(cut)
    return frame if is_there.all() else frame[is_there]


def _of_shape(piece: Any, shape: vectors.Shape) -> Any:
    """The polygons (or lines) of what a clip left; touching points and edges go."""
    import shapely

    if piece.geom_type in vectors.TYPES[shape] or piece.is_empty:
        return piece
    parts = [part for part in shapely.get_parts(piece) if part.geom_type in vectors.TYPES[shape]]
    # of a lake that runs along the border the edges go too
    lakes = [part for part in parts if shapely.get_dimensions(part) == LAKE]
    return shapely.union_all(lakes or parts)


def _layered(
    reading: _Reading, frame: gpd.GeoDataFrame, part: str, shape: str, columns: tuple[str, ...]
) -> gpd.GeoDataFrame:
    """Features with the layer that asks for their kind.

    Unused kinds and layers without a feature are findings.
    """
    findings = reading.findings
    layers = [layer for layer in reading.scenario.layers if layer.shape == shape]
    of_kind = {kind: layer.name for layer in layers for kind in layer.kinds}
    owners = [of_kind.get(kind, "") for kind in frame[F.KIND]]

    inputs = reading.scenario.inputs
    named = [inputs.name(part, entry) for entry in inputs.files(part)]
    unused = frame[[not owner for owner in owners]] if "" in owners else frame.iloc[:0]
    for file in named if len(unused) else ():
        _say_unused(unused[unused[F.FILE] == file], list(of_kind), file, findings)
    # a layer of the land needs no file; with neither areas nor roads that is said of all at once
    is_told = any(map(findings.errors_in, named)) or not (inputs.areas or inputs.roads)
    for layer in (layer for layer in layers if land.KIND not in layer.kinds):
        if layer.name not in owners and not is_told:
            code = "layer_empty" if named else "layer_left_out"
            file, kinds = inputs.names(part) or f"inputs.{part}", ", ".join(layer.kinds)
            findings.add(code, file=file, layer=layer.name, label=layer.label, kinds=kinds)

    names = [layer.name for layer in reading.scenario.layers]
    ranks = [names.index(owner) if owner else len(names) for owner in owners]
    return _ordered(frame.assign(layer=np.array(owners, dtype=object)), columns, ranks)


def _say_unused(unused: gpd.GeoDataFrame, known: list[str], file: str, findings: Findings) -> None:
    """A finding for each kind that no layer asks for: an error when it is a known one misspelt."""
    for kind in sorted(set(unused[F.KIND])):
        spots = unused.loc[unused[F.KIND] == kind, "spot"]
        first = min(spots, key=lambda spot: spot.feature or spot.line)
        where: dict[str, Any] = {"file": file, "column": F.KIND, "value": kind, "at": first}
        near = nearest(kind, known) if len(kind) > 3 else ""
        if near and _is_slip(kind, known):
            findings.add("enum_unknown", near=near, allowed=", ".join(known), **where)
        else:
            findings.add("kind_unused", found=kind, **where)


def _is_slip(kind: str, known: list[str]) -> bool:
    """Whether a kind is a known one misspelt: one or two letters away."""
    return bool(difflib.get_close_matches(kind, known, n=1, cutoff=0.85))


def _ordered(
    frame: gpd.GeoDataFrame, columns: tuple[str, ...], ranks: Sequence[int] | None = None
) -> gpd.GeoDataFrame:
    """Rows by rank, name, kind and shape, whatever their order in the file."""
    import shapely

    shapes = shapely.to_wkb(shapely.normalize(frame.geometry.array)).tolist()
    ranks = [0] * len(shapes) if ranks is None else ranks
    keys = list(zip(ranks, frame[F.NAME], frame[F.KIND], shapes, strict=True))
    order = sorted(range(len(keys)), key=keys.__getitem__)
    whole = frame.take(order).reindex(columns=[*columns, "geometry"])
    return whole.reset_index(drop=True)


def _no_features(work_crs: str) -> gpd.GeoDataFrame:
    """What a file that the case does not name holds."""
    import geopandas as gpd
    import pandas as pd

    columns = {name: np.array([], dtype=object) for name in (*vectors.FIELDS, F.FILE)}
    shapes = gpd.points_from_xy([], [], crs=work_crs)
    return gpd.GeoDataFrame(pd.DataFrame(columns).assign(geometry=shapes), geometry="geometry")


def _table_parts(reading: _Reading, book: kinds.Book) -> dict[str, Any]:
    """The tables of places and of antennas; candidates without those that are sites of today."""
    # a list of an unknown datum is held against those that are known
    names = sorted(_TABLES, key=lambda part: not _is_declared(reading, part))
    parts: dict[str, Any] = {}
    for name in names:
        parts[name] = _part(reading, book, name)
        if name == "population":
            book = _with_people(book, parts[name])
    parts |= {"neighbours": None, "equipment": None}
    sites, candidates = parts["sites"], parts["candidates"]
    if sites is not None and candidates is not None:
        parts |= kinds.settle(sites, candidates, book)
    return parts


def _with_people(book: kinds.Book, population: pd.DataFrame | None) -> kinds.Book:
    """The book that knows where people live, for the lists that are read after them."""
    if population is None:
        return book
    columns = (population[name].to_numpy() for name in (F.X_M, F.Y_M, F.PEOPLE, F.CELL_M))
    known = dataclasses.replace(book.known, people=datum.where_people_live(*columns))
    return dataclasses.replace(book, known=known)


def _is_declared(reading: _Reading, part: str) -> bool:
    default = reading.scenario.inputs.datum
    return all(is_declared(source, default) for source in reading.sources.get(part, ()))


def _part(reading: _Reading, book: kinds.Book, part: str) -> Any:
    """One table; without rows when the case names no file, None when one cannot be used."""
    if not (entries := reading.scenario.inputs.files(part)):
        return kinds.empty(part, book.district.work_crs)
    sources = reading.sources.get(part, [])
    return kinds.read_part(part, sources, book) if len(sources) == len(entries) else None


def _sources(reading: _Reading, parts: dict[str, Any]) -> pd.DataFrame:
    """Manifest rows of the inputs in use.

    The basis names what the manifest and what the rows themselves say.
    """
    import pandas as pd

    rows = []
    every = ((part, source) for part, sources in reading.sources.items() for source in sources)
    for part, source in every:
        row = {column: source.record.get(column, "") for column in COLUMNS}
        said = set(re.split(r"[,;\s]+", source.basis))
        for frame in (parts[part], parts["keep_outs"]) if part == "areas" else (parts[part],):
            said |= set(frame[F.BASIS]) if F.BASIS in LAYER_TABLES[part].columns else set()
        basis = ", ".join(word for word in BASES if word in said) or "unstated"
        rows.append(
            {
                **row,
                "file": Path(source.entry.file).as_posix(),
                "basis": basis,
                "sha256": source.sha256,
            }
        )
    return pd.DataFrame(rows, columns=list(COLUMNS)).sort_values("file", ignore_index=True)
