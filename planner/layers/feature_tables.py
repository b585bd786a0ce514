"""Features of a vector file as the rows of a table, for the kinds of input that are lists."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from planner.errors import Spot
from planner.layers.aliases import plain_head
from planner.layers.files import Source
from planner.layers.findings import Findings
from planner.layers.formats.features import Unreadable
from planner.layers.heads import Head, Sheet, Wanted
from planner.layers.notices import reason_of
from planner.layers.shapes import (
    Feature,
    Shapes,
    degrees_of,
    known_crs,
    names_datum,
    plain_names,
    read_shapes,
)

_CALLED: Final = ("name", "site_id")
_AXES: Final = ("lon", "lat")
_MOST_DEGREES: Final = 360.0


def read_features(source: Source, wanted: Wanted, findings: Findings) -> tuple[Head, Source] | None:
    """The one sheet of a file, under its head; None, with findings, when there is none.

    A row is known by the number of its feature, from 1, as its line; the heads stand on line 0.
    Findings about it name the feature. Where the file has no columns of degrees, they are made of
    its shapes.

    Returns
    -------
    head
        Whose sheet holds the rows.
    source
        The file as its degrees are to be taken: where its CRS names their datum, with that one.
    """
    shapes = read_shapes(source, plain_names(_CALLED, {}), findings)
    if shapes is None:
        return None
    features = shapes.features
    if not features:
        if not findings.errors_in(source.name):
            findings.add("no_data_rows", file=source.name)
        return None
    findings.know_features(source.name, {int(one.spot.feature or 0): one.spot for one in features})

    heads = list(dict.fromkeys(name for one in features for name in one.properties))
    own = [name for name in heads if _axis_of(name, wanted)]
    if not _tell_places(own, features, wanted) and set(_AXES) <= set(wanted.need):
        placed = _with_places(shapes, source, findings)
        if placed is None:
            return None
        features, source = placed
        heads = [*(name for name in heads if name not in own), *_AXES]

    lines = [0, *(int(one.spot.feature or 0) for one in features)]
    rows = [heads, *([one.properties.get(head, "") for head in heads] for one in features)]
    sheet = Sheet(source.entry.layer, lines, rows, [0] * len(rows))
    return Head(sheet, heads, [""] * len(heads), first=0, last=0, body=1), source


def _axis_of(head: str, wanted: Wanted) -> str:
    """Which axis a head names; blank for none."""
    plain = plain_head(head)
    return next((axis for axis in _AXES if plain in wanted.need.get(axis, ())), "")


def _tell_places(own: Sequence[str], features: Sequence[Feature], wanted: Wanted) -> bool:
    """Whether columns of the file hold degrees, and not metres or nothing."""
    if {_axis_of(head, wanted) for head in own} != set(_AXES):
        return False
    cells = [one.properties.get(head, "") for one in features for head in own]
    numbers = [float(cell) for cell in cells if re.fullmatch(r"[+-]?\d+(?:\.\d*)?", cell)]
    return any(cells) and all(abs(number) <= _MOST_DEGREES for number in numbers)


def _with_places(
    shapes: Shapes, source: Source, findings: Findings
) -> tuple[list[Feature], Source] | None:
    """The features with their degrees as texts, blank where there is no shape; and the file."""
    import shapely

    crs = known_crs(shapes, source, findings)
    if crs is None:
        return None

    drawn, features = _drawn(shapes.features, source, findings)
    is_point = np.array([shape is None or _is_point(shape) for shape in drawn], bool)
    if not is_point.all():
        first = features[int(np.argmin(is_point))].spot
        findings.add("shape_as_point", file=source.name, count=int((~is_point).sum()), at=first)

    places = shapely.point_on_surface(np.array(drawn, dtype=object))
    is_there = ~(shapely.is_missing(places) | shapely.is_empty(places))
    degrees = degrees_of(shapely.get_coordinates(places[is_there]), crs)
    texts = np.full((len(features), 2), "", dtype=object)
    for i, place in zip(np.flatnonzero(is_there), degrees, strict=True):
        texts[i] = [repr(float(axis)) for axis in place]

    spots: dict[int, Spot] = {}
    placed = []
    for one, (lon, lat) in zip(features, texts, strict=True):
        spot = one.spot._replace(lon=float(lon), lat=float(lat)) if lon else one.spot
        spots[int(spot.feature or 0)] = spot
        properties = {**one.properties, "lon": lon, "lat": lat}
        placed.append(dataclasses.replace(one, spot=spot, properties=properties))
    findings.know_features(source.name, spots)
    return placed, _in_wgs84(source) if names_datum(crs) else source


def _is_point(shape: Any) -> bool:
    """Whether a shape is one place."""
    return shape.geom_type == "Point" or (
        len(getattr(shape, "geoms", ())) == 1 and _is_point(shape.geoms[0])
    )


def _drawn(
    features: Sequence[Feature], source: Source, findings: Findings
) -> tuple[list[Any], list[Feature]]:
    """The shapes, None where there is none, and their features.

    One that cannot be read is a finding and left out.
    """
    import shapely

    shapes, kept = [], []
    for one in features:
        try:
            made = None if one.drawn is None else one.drawn
            shape = shapely.from_wkb(made) if isinstance(made, bytes) else made
        except shapely.errors.GEOSException as error:
            shape = Unreadable(str(error), None)
        if isinstance(shape, Unreadable):
            reason = reason_of(shape.reason)
            findings.count_rows(source.name, [int(one.spot.feature or 0)], 0)
            findings.add("invalid_ring", file=source.name, reason=reason, at=one.spot)
            continue
        shapes.append(shape)
        kept.append(one)
    return shapes, kept


def _in_wgs84(source: Source) -> Source:
    """The file with WGS-84 declared: its degrees were converted from what its CRS says."""
    entry = source.entry.model_copy(update={"datum": "wgs84"})
    return dataclasses.replace(source, entry=entry, record={**source.record, "datum": "wgs84"})
