"""OpenStreetMap extracts, PBF and XML: what is tagged in them as features, every reference checked.

A general reader gives a way without the nodes that an extract cut off, and an area without the
ways that it lacks, and says nothing; here both are counted and said. The file is read once: tags
that are not wanted cost a look at their key, and nodes, the bulk, are decoded by whole blocks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from planner.layers.formats import Remarks
from planner.layers.formats.features import Drawn, Features, Unreadable
from planner.layers.formats.osm_extract import DEGREE, Damaged, Extract, IntArray, Tags, Wanted
from planner.layers.formats.osm_pbf import read_blobs
from planner.layers.formats.osm_xml import read_elements

Answer = tuple[dict[str, Any], bytes] | None

MAX_FEATURES: Final = 500_000
"""Tagged things of one answer; a district has some 100,000, buildings included."""

_HEAD: Final = 65536
_AREA_KEYS: Final = frozenset({
    "aeroway", "amenity", "boundary", "building", "historic", "landuse", "leisure", "military",
    "natural", "office", "place", "shop", "tourism", "water",
})  # fmt: skip
_LINE_VALUES: Final = frozenset(
    {"runway", "taxiway", "coastline", "cliff", "tree_row", "riverbank"}
)
_LINE_KEYS: Final = frozenset({"barrier", "highway", "railway", "waterway"})


def read_osm(
    path: Path,
    remarks: Remarks,
    layer: str = "",  # noqa: ARG001 (every vector reader is told of one, an extract has none)
    tags: Wanted | None = None,
    frame: Sequence[float] | None = None,
    keep: Collection[str] = (),
) -> Answer:
    """The tagged things of an extract as features in WGS-84.

    Parameters
    ----------
    tags
        Which ones are wanted; all of them when there are none.
    frame
        West, south, east, north in degrees: what lies beyond is left out.
    keep
        Keys that come as properties; every one when there are none.

    Returns
    -------
    A feature has ``osm_id`` (``way/17``) and its tags as properties. Closed ways of an areal kind,
    and relations of type multipolygon or boundary, are polygons; other ways are lines, in parts
    where nodes are missing; nodes are points. An area that lacks a way has ``osm_incomplete``.
    """
    extract = Extract(tags or {})
    try:
        with path.open("rb") as stream:
            head = stream.read(_HEAD)
            stream.seek(0)
            if not head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<"):
                read_blobs(stream, path.stat().st_size, extract)
            elif b"<!DOCTYPE" in head or b"<!ENTITY" in head:
                remarks.add("remote_reference", what="DOCTYPE")
                return None
            else:
                read_elements(stream, extract)
    except Damaged as damage:
        remarks.add("truncated_file", reason=damage.reason, **damage.place)
        return None
    return _answer(extract, frame, frozenset(keep), remarks)


class _Shapes:
    """Nodes by their id, ways by their places, and what is missing of both."""

    def __init__(self, extract: Extract, frame: Sequence[float] | None) -> None:
        ids, lon, lat = (_joined(part) for part in (extract.node_ids, extract.lon, extract.lat))
        if (np.diff(ids) < 0).any():
            order = np.argsort(ids, kind="stable")
            ids, lon, lat = ids[order], lon[order], lat[order]
        self._ids, self._lon, self._lat = ids, lon, lat
        self._refs = _joined(extract.refs)
        sizes = np.array(extract.way_sizes, dtype=np.int64)
        self._starts = np.concatenate([[0], np.cumsum(sizes)])
        self.ways = {number: place for place, number in enumerate(extract.way_ids)}
        self._frame = None if frame is None else [round(side * DEGREE) for side in frame]
        self.dangling: list[tuple[int, int]] = []

    def node(self, number: int) -> npt.NDArray[np.float64]:
        """Degrees of a node that is there, (1, 2)."""
        return self._degrees(np.searchsorted(self._ids, np.array([number])))

    def way(self, place: int, number: int) -> tuple[list[npt.NDArray[np.float64]], bool]:
        """Degrees of a way, a part for each run of nodes that are there, and whether all are."""
        refs = self._refs[self._starts[place] : self._starts[place + 1]]
        at = np.searchsorted(self._ids, refs)
        at[at == len(self._ids)] = 0
        is_there = self._ids[at] == refs if len(self._ids) else np.zeros(len(refs), np.bool_)
        if is_there.all():
            return [self._degrees(at)], True

        self.dangling.append((number, int(refs[~is_there][0])))
        runs = np.split(np.arange(len(refs)), np.flatnonzero(np.diff(is_there.astype(int))) + 1)
        kept = [run for run in runs if len(run) > 1 and is_there[run[0]]]
        return [self._degrees(at[run]) for run in kept], False

    def meets_frame(self, degrees: Iterable[npt.NDArray[np.float64]]) -> bool:
        """Whether the box around some places meets the frame."""
        if self._frame is None:
            return True
        boxes = [(*part.min(axis=0), *part.max(axis=0)) for part in degrees if len(part)]
        if not boxes:
            return False
        west, south, east, north = (side / DEGREE for side in self._frame)
        low = np.min([box[:2] for box in boxes], axis=0)
        high = np.max([box[2:] for box in boxes], axis=0)
        return bool(low[0] <= east and high[0] >= west and low[1] <= north and high[1] >= south)

    def _degrees(self, at: IntArray) -> npt.NDArray[np.float64]:
        return np.column_stack([self._lon[at], self._lat[at]]) / DEGREE


def _joined(pieces: list[IntArray]) -> IntArray:
    return np.concatenate(pieces) if pieces else np.empty(0, np.int64)


def _answer(
    extract: Extract, frame: Sequence[float] | None, keep: Collection[str], remarks: Remarks
) -> Answer:
    """The features of an extract, nodes, ways and relations in its order."""
    import shapely

    shapes = _Shapes(extract, frame)
    features = Features()
    for number, tags in extract.node_tags.items():
        place = shapes.node(number)
        if shapes.meets_frame([place]):
            drawn = bytes(shapely.to_wkb(shapely.Point(place[0])))
            features.add(None, _properties("node", number, tags, keep), drawn)
    for place_in_list, tags in extract.way_tags.items():
        number = extract.way_ids[place_in_list]
        parts, is_whole = shapes.way(place_in_list, number)
        if shapes.meets_frame(parts):
            drawn_way = _drawn_way(parts, tags, is_whole=is_whole)
            features.add(None, _properties("way", number, tags, keep), drawn_way)
    incomplete = _add_relations(extract, shapes, keep, features, remarks)

    if len(features.lines) > MAX_FEATURES:
        remarks.add("osm_too_many", count=len(features.lines), limit=MAX_FEATURES)
        return None
    if not features.lines:
        remarks.add("no_data_rows")
        return None
    if shapes.dangling:
        way, node = shapes.dangling[0]
        remarks.add("osm_dangling_reference", count=len(shapes.dangling), way=way, node=node)
    if incomplete:
        names = [name for name, _ in incomplete[:3]]
        remarks.add("osm_relation_incomplete", count=len(incomplete), names=names)
    return features.with_crs("EPSG:4326")


def _properties(kind: str, number: int, tags: Tags, keep: Collection[str]) -> Tags:
    own = {key: value for key, value in tags.items() if not keep or key in keep}
    return {"osm_id": f"{kind}/{number}", **own}


def _drawn_way(parts: list[npt.NDArray[np.float64]], tags: Tags, *, is_whole: bool) -> Drawn:
    """A way as a polygon where it encloses an area, else as a line; why it is none."""
    import shapely

    is_closed = is_whole and len(parts[0]) > 3 and bool((parts[0][0] == parts[0][-1]).all())
    if is_closed and _is_area(tags):
        return bytes(shapely.to_wkb(shapely.Polygon(parts[0])))
    lines = [part for part in parts if len(part) > 1]
    if not lines:
        return Unreadable("too few nodes of it are in the file 文件中的节点不足", None)
    made = shapely.LineString(lines[0]) if len(lines) == 1 else shapely.MultiLineString(lines)
    return bytes(shapely.to_wkb(made))


def _is_area(tags: Tags) -> bool:
    """Whether a closed way with these tags is a ground and no loop."""
    if "area" in tags:
        return tags["area"] != "no"
    if any(key in tags for key in _LINE_KEYS) and "building" not in tags:
        return False
    return any(key in tags and tags[key] not in _LINE_VALUES for key in _AREA_KEYS)


def _add_relations(
    extract: Extract,
    shapes: _Shapes,
    keep: Collection[str],
    features: Features,
    remarks: Remarks,
) -> list[tuple[str, int]]:
    """Add the areas of relations; name and number of those of which a part is missing."""
    incomplete = []
    n_repeated = 0
    for relation in extract.relations:
        own = dict.fromkeys(number for number, _ in relation.members)
        parts: list[npt.NDArray[np.float64]] = []
        is_whole = bool(own)
        before = len(shapes.dangling)
        for number in own:
            place = shapes.ways.get(number)
            if place is None:
                is_whole = False
                continue
            drawn, has_all = shapes.way(place, number)
            parts += drawn
            is_whole &= has_all
        # what an area lacks is said of the area
        del shapes.dangling[before:]
        if not shapes.meets_frame(parts):
            continue

        n_repeated += len(own) < len(relation.members)
        area, is_closed = _area_of(parts)
        if not (is_whole and is_closed):
            name = relation.tags.get("name") or f"relation/{relation.number}"
            incomplete.append((name, relation.number))
        properties = _properties("relation", relation.number, relation.tags, keep)
        # told apart from a whole one: half a border is no border
        if not (is_whole and is_closed):
            properties["osm_incomplete"] = "yes"
        features.add(None, properties, area)
    if n_repeated:
        remarks.add("osm_duplicate_member", count=n_repeated)
    return incomplete


def _area_of(parts: list[npt.NDArray[np.float64]]) -> tuple[Drawn, bool]:
    """The ground that some lines enclose, and whether every one of them bounds it."""
    import shapely

    lines = [shapely.LineString(part) for part in parts if len(part) > 1]
    if not lines:
        return Unreadable("none of its ways is in the file 文件中没有它的边线", None), False
    polygons, cuts, dangles, bad = shapely.polygonize_full(lines)
    is_closed = cuts.is_empty and dangles.is_empty and bad.is_empty
    if polygons.is_empty:
        return Unreadable("its ways enclose nothing 边线没有围成面", None), False
    # what lies within an odd number of rings: a hole is out, an island in it is in
    area = shapely.build_area(shapely.GeometryCollection(lines))
    return bytes(shapely.to_wkb(area)), bool(is_closed)
