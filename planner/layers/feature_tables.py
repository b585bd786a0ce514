"""Features of a vector file as the rows of a table, for the kinds of input that are lists."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from planner.errors import Spot
from planner.layers.aliases import HEADS, plain_head
from planner.layers.files import Source
from planner.layers.findings import Findings
from planner.layers.formats.features import Unreadable
from planner.layers.notices import reason_of
from planner.layers.shapes import Feature, Shapes, degrees_of, known_crs, names_datum, read_shapes

_AXES: Final = {axis: frozenset(map(plain_head, HEADS[axis])) for axis in ("lon", "lat")}
_POINTS: Final = ("Point",)
_MOST_DEGREES: Final = 360.0


def read_sheet(source: Source, findings: Findings) -> tuple[dict[str, Any], Source] | None:
    """One sheet, as a workbook has several; None, with findings, when there is none.

    A row is known by the number of its feature, from 1, as its line; the heads stand on line 0.
    Findings about it name the feature. Where the file has no columns of degrees, they are made of
    its shapes: ``lon`` and ``lat``.

    Returns
    -------
    sheet
        ``name``, ``lines`` and ``rows`` of text, the first of which are the heads.
    source
        The file as its degrees are to be taken: where its CRS names their datum, with that one.
    """
    shapes = read_shapes(source, findings)
    if shapes is None:
        return None
    features = shapes.features
    if not features:
        if not findings.errors_in(source.name):
            findings.add("no_data_rows", file=source.name)
        return None
    findings.know_features(source.name, {int(one.spot.feature or 0): one.spot for one in features})

    heads = list(dict.fromkeys(name for one in features for name in one.properties))
    own = [name for name in heads if _axis_of(name)]
    if not _tell_places(own, features):
        placed = _with_places(shapes, source, findings)
        if placed is None:
            return None
        features, source = placed
        heads = [name for name in heads if name not in own] + ["lon", "lat"]

    lines = [0, *(int(one.spot.feature or 0) for one in features)]
    rows = [heads, *([one.properties.get(head, "") for head in heads] for one in features)]
    return {"name": source.entry.layer, "lines": lines, "rows": rows}, source


def _axis_of(head: str) -> str:
    """Which axis a head names; blank for none."""
    return next((axis for axis, names in _AXES.items() if plain_head(head) in names), "")


def _tell_places(own: Sequence[str], features: Sequence[Feature]) -> bool:
    """Whether columns of the file hold degrees, and not metres or nothing."""
    if {_axis_of(head) for head in own} != set(_AXES):
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
    is_point = np.array([shape is None or shape.geom_type in _POINTS for shape in drawn], bool)
    if not is_point.all():
        first = features[int(np.argmin(is_point))].spot
        findings.add("shape_as_point", file=source.name, count=int((~is_point).sum()), at=first)

    places = shapely.point_on_surface(np.array(drawn, dtype=object))
    is_there = ~(shapely.is_missing(places) | shapely.is_empty(places))
    degrees = degrees_of(shapely.get_coordinates(places[is_there]), crs)
    texts = np.full((len(features), 2), "", dtype=object)
    texts[is_there] = [[repr(float(axis)) for axis in place] for place in degrees]

    spots: dict[int, Spot] = {}
    placed = []
    for one, (lon, lat) in zip(features, texts, strict=True):
        spot = one.spot._replace(lon=float(lon), lat=float(lat)) if lon else one.spot
        spots[int(spot.feature or 0)] = spot
        properties = {**one.properties, "lon": lon, "lat": lat}
        placed.append(dataclasses.replace(one, spot=spot, properties=properties))
    findings.know_features(source.name, spots)
    return placed, _in_wgs84(source) if names_datum(crs) else source


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
            shape = Unreadable(re.sub(r"^\w+Exception: ", "", str(error))[:80], None)
        if isinstance(shape, Unreadable):
            reason = reason_of(shape.reason[:80])
            findings.add("invalid_ring", file=source.name, reason=reason, at=one.spot)
            continue
        shapes.append(shape)
        kept.append(one)
    return shapes, kept


def _in_wgs84(source: Source) -> Source:
    """The file with WGS-84 declared: its degrees were converted from what its CRS says."""
    entry = source.entry.model_copy(update={"datum": "wgs84"})
    return dataclasses.replace(source, entry=entry, record={**source.record, "datum": "wgs84"})
