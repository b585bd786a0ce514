"""OpenStreetMap extracts, PBF and XML: what is tagged in them as features, every reference checked.

A general reader gives a way without the nodes that an extract cut off, and an area without the
ways that it lacks, and says nothing; here both are counted and said. The file is read once: tags
that are not wanted cost a look at their key, and nodes, the bulk, are decoded by whole blocks.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
import numpy.typing as npt

from planner.layers.formats import Remarks
from planner.layers.formats.features import Drawn, Features, Unreadable

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
Tags = dict[str, str]
Answer = tuple[dict[str, Any], bytes] | None
Wanted = Mapping[str, Collection[str]]
"""Key -> its values that are wanted, every one where there are none; no key at all wants all."""

MAX_FEATURES: Final = 500_000
"""Tagged things of one answer; a district has some 100,000, buildings included."""

DEGREE: Final = 10_000_000  # coordinates are whole ten-millionths of a degree
_MAX_HEADER: Final = 64 * 1024
_MAX_BLOB: Final = 32 * 1024 * 1024  # both as the format sets them
_KNOWN_FEATURES: Final = frozenset({b"OsmSchema-V0.6", b"DenseNodes"})

_AREA_KEYS: Final = frozenset({
    "aeroway", "amenity", "boundary", "building", "historic", "landuse", "leisure", "military",
    "natural", "office", "place", "shop", "tourism", "water",
})  # fmt: skip
_LINE_VALUES: Final = frozenset(
    {"runway", "taxiway", "coastline", "cliff", "tree_row", "riverbank"}
)
_LINE_KEYS: Final = frozenset({"barrier", "highway", "railway", "waterway"})
_AREA_RELATIONS: Final = ("boundary", "multipolygon")


class _Damaged(ValueError):
    """The bytes at ``offset`` are not as the format says."""

    def __init__(self, reason: str, offset: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.offset = offset


@dataclass
class _Relation:
    number: int
    tags: Tags
    members: list[tuple[int, str]]  # ways and their roles


@dataclass
class _Extract:
    """What was read: every node, every way's references, tags of what is wanted.

    ``node_ids``, ``lon``, ``lat`` and ``refs`` are pieces, one a block.
    """

    wanted: Wanted
    node_ids: list[IntArray] = field(default_factory=list)
    lon: list[IntArray] = field(default_factory=list)
    lat: list[IntArray] = field(default_factory=list)
    node_tags: dict[int, Tags] = field(default_factory=dict)
    way_ids: list[int] = field(default_factory=list)
    way_sizes: list[int] = field(default_factory=list)
    refs: list[IntArray] = field(default_factory=list)
    way_tags: dict[int, Tags] = field(default_factory=dict)  # by place in way_ids
    relations: list[_Relation] = field(default_factory=list)

    def wants(self, tags: Tags) -> bool:
        """Whether anything of these tags is asked for."""
        if not self.wanted:
            return bool(tags)
        return any(
            key in self.wanted and (not self.wanted[key] or value in self.wanted[key])
            for key, value in tags.items()
        )

    @property
    def count(self) -> int:
        return len(self.node_tags) + len(self.way_tags) + len(self.relations)


def read_pbf(
    path: Path,
    remarks: Remarks,
    tags: Wanted | None = None,
    frame: Sequence[float] | None = None,
    keep: Collection[str] = (),
    **_: Any,
) -> Answer:
    """The tagged things of a PBF extract as features in WGS-84.

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
    where nodes are missing; nodes are points.
    """
    extract = _Extract(tags or {})
    try:
        with path.open("rb") as stream:
            _read_blobs(stream, path.stat().st_size, extract)
    except _Damaged as damage:
        remarks.add("truncated_file", offset=damage.offset, reason=damage.reason)
        return None
    return _answer(extract, frame, frozenset(keep), remarks)


def read_xml(
    path: Path,
    remarks: Remarks,
    tags: Wanted | None = None,
    frame: Sequence[float] | None = None,
    keep: Collection[str] = (),
    **_: Any,
) -> Answer:
    """The same of an XML extract."""
    extract = _Extract(tags or {})
    try:
        with path.open("rb") as stream:
            head = stream.read(65536)
            if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
                remarks.add("remote_reference", what="DOCTYPE")
                return None
            stream.seek(0)
            _read_elements(stream, extract)
    except _Damaged as damage:
        remarks.add("truncated_file", line=damage.offset, offset=0, reason=damage.reason)
        return None
    return _answer(extract, frame, frozenset(keep), remarks)


# PBF: blobs of blocks of groups, all of them protocol buffers


def _read_blobs(stream: BinaryIO, size: int, extract: _Extract) -> None:
    """Read every block of a file."""
    at = 0
    while at < size:
        try:
            at = _read_blob(stream, at, extract)
        # a field that is missing or of another kind, a place beyond the bytes, a number too large
        except (
            AttributeError, LookupError, OverflowError, TypeError, ValueError, zlib.error
        ) as error:  # fmt: skip
            if isinstance(error, _Damaged):
                raise
            raise _Damaged(str(error)[:60] or "PBF", at) from None


def _read_blob(stream: BinaryIO, at: int, extract: _Extract) -> int:
    """Read one blob with its header; where the next one begins."""
    n_head = int.from_bytes(_exactly(stream, 4, at), "big")
    if n_head > _MAX_HEADER:
        raise _Damaged("no OSM PBF header 不是 OSM PBF", at)
    head = dict(_fields(_exactly(stream, n_head, at)))
    kind, n_blob = head.get(1), head.get(3, 0)
    if not 0 <= n_blob <= _MAX_BLOB:
        raise _Damaged("blob too large 数据块过大", at)

    blob = _exactly(stream, n_blob, at)
    if kind == b"OSMHeader":
        _check_header(_unpacked(blob, at), at)
    elif kind == b"OSMData":
        _read_block(_unpacked(blob, at), extract)
    return at + 4 + n_head + int(n_blob)


def _exactly(stream: BinaryIO, count: int, at: int) -> bytes:
    data = stream.read(count)
    if len(data) < count:
        raise _Damaged("the file ends inside a blob 文件在数据块中断", at)
    return data


def _unpacked(blob: bytes, at: int) -> bytes:
    """The bytes of a blob, never more than the format allows."""
    parts = dict(_fields(blob))
    if 1 in parts:
        data: bytes = parts[1]
        return data
    if 3 not in parts:
        raise _Damaged("packed otherwise than by zlib 压缩方式不是 zlib", at)
    unpacker = zlib.decompressobj()
    data = unpacker.decompress(parts[3], _MAX_BLOB)
    if not unpacker.eof:
        raise _Damaged("a blob is cut or unpacks to too much 数据块不完整或过大", at)
    return data


def _check_header(data: bytes, at: int) -> None:
    """Refuse a file that needs more of its reader than is known here."""
    for number, value in _fields(data):
        if number == 4 and value not in _KNOWN_FEATURES:
            needed = value.decode("utf-8", "replace")[:40]
            raise _Damaged(f"needs 需要 {needed}", at)


def _read_block(data: bytes, extract: _Extract) -> None:
    """Read the groups of a block, which share its texts and its grid."""
    texts: list[bytes] = []
    groups = []
    granularity, lat_offset, lon_offset = 100, 0, 0
    for number, value in _fields(data):
        if number == 1:
            texts = [text for tag, text in _fields(value) if tag == 1]
        elif number == 2:
            groups.append(value)
        elif number == 17:
            granularity = value
        elif number == 19:
            lat_offset = _signed(value)
        elif number == 20:
            lon_offset = _signed(value)

    block = _Block(texts, granularity, lat_offset, lon_offset, extract)
    for group in groups:
        block.read(group)


class _Block:
    """Texts and grid of a block, and what of its texts is wanted."""

    def __init__(
        self,
        texts: list[bytes],
        granularity: int,
        lat_offset: int,
        lon_offset: int,
        extract: _Extract,
    ) -> None:
        self._texts = texts
        self._granularity = granularity
        self._offsets = lon_offset, lat_offset
        self._extract = extract
        wanted = {key.encode() for key in extract.wanted}
        self._keys = {i for i, text in enumerate(texts) if not wanted or text in wanted}

    def read(self, group: bytes) -> None:
        """Read the nodes, ways and relations of a group."""
        ways = []
        for number, value in _fields(group):
            if number == 1:
                self._read_node(value)
            elif number == 2:
                self._read_dense(value)
            elif number == 3:
                ways.append(value)
            elif number == 4:
                self._read_relation(value)
        if ways:
            self._read_ways(ways)

    def _read_node(self, data: bytes) -> None:
        parts = dict(_fields(data))
        number = _zigzag(parts[1])
        self._add_nodes(*(np.array([_zigzag(parts[i])], dtype=np.int64) for i in (1, 9, 8)))
        self._keep_node(number, self._tags(parts))

    def _read_dense(self, data: bytes) -> None:
        parts = dict(_fields(data))
        ids, lat, lon = (np.cumsum(_signed_varints(parts.get(i, b""))) for i in (1, 8, 9))
        if not len(ids) == len(lat) == len(lon):
            raise _Damaged("nodes without coordinates 节点缺坐标")
        self._add_nodes(ids, lon, lat)

        # a zero ends the tags of each node: only where something stands between zeros is a tag
        words = _varints(parts.get(10, b"")).astype(np.int64)
        if not words.any():
            return
        owner = np.cumsum(words == 0)
        pairs = words[words != 0].tolist()
        owners = owner[words != 0].tolist()
        if len(pairs) % 2:
            raise _Damaged("a key without a value 键缺值")
        found: dict[int, list[int]] = {}
        for i, place in enumerate(owners):
            found.setdefault(place, []).append(pairs[i])
        for place, ours in found.items():
            if self._keys.intersection(ours[::2]):
                self._keep_node(int(ids[place]), self._texts_of(ours[::2], ours[1::2]))

    def _add_nodes(self, ids: IntArray, lon: IntArray, lat: IntArray) -> None:
        extract = self._extract
        extract.node_ids.append(ids)
        for axis, steps, offset in zip(
            (extract.lon, extract.lat), (lon, lat), self._offsets, strict=True
        ):
            # nanodegrees to ten-millionths
            axis.append((offset + self._granularity * steps) // 100)

    def _keep_node(self, number: int, tags: Tags) -> None:
        if self._extract.wants(tags):
            self._extract.node_tags[number] = tags
            _check_count(self._extract)

    def _read_ways(self, ways: list[bytes]) -> None:
        extract = self._extract
        packed = []
        for data in ways:
            parts = dict(_fields(data))
            # most ways hold nothing that is wanted, which their keys alone tell
            keys = _short_varints(parts.get(2, b""))
            if not self._keys.isdisjoint(keys):
                tags = self._texts_of(keys, _short_varints(parts.get(3, b"")))
                if extract.wants(tags):
                    extract.way_tags[len(extract.way_ids)] = tags
                    _check_count(extract)
            extract.way_ids.append(_signed(parts[1]))
            packed.append(parts.get(8, b""))

        # the references of a group are decoded at once: each way's are the sums of its own steps
        steps = _signed_varints(b"".join(packed))
        sizes = _sizes(packed)
        extract.way_sizes += sizes
        extract.refs.append(_sums(steps, np.array(sizes, dtype=np.int64)))

    def _read_relation(self, data: bytes) -> None:
        parts = dict(_fields(data))
        tags = self._tags(parts)
        if tags.get("type") not in _AREA_RELATIONS or not self._extract.wants(_without_type(tags)):
            return
        roles = _short_varints(parts.get(8, b""))
        ids = np.cumsum(_signed_varints(parts.get(9, b""))).tolist()
        kinds = _short_varints(parts.get(10, b""))
        members = [
            (number, self._text(role))
            for number, role, kind in zip(ids, roles, kinds, strict=True)
            if kind == 1
        ]
        self._extract.relations.append(_Relation(_signed(parts[1]), tags, members))
        _check_count(self._extract)

    def _tags(self, parts: dict[int, Any]) -> Tags:
        return self._texts_of(_short_varints(parts.get(2, b"")), _short_varints(parts.get(3, b"")))

    def _texts_of(self, keys: list[int], values: list[int]) -> Tags:
        pairs = zip(keys, values, strict=True)
        return {self._text(key): self._text(value) for key, value in pairs}

    def _text(self, number: int) -> str:
        return self._texts[number].decode("utf-8", "replace")


def _fields(data: bytes) -> Iterator[tuple[int, Any]]:
    """Number and value of each field of a message; bytes of one with a length."""
    at, end = 0, len(data)
    while at < end:
        tag, at = _varint(data, at)
        wire = tag & 7
        if wire == 0:
            value, at = _varint(data, at)
            yield tag >> 3, value
        elif wire == 2:
            size, at = _varint(data, at)
            if at + size > end:
                raise _Damaged("a field is longer than its message 字段超出消息")
            yield tag >> 3, data[at : at + size]
            at += size
        elif wire in (1, 5):
            at += 8 if wire == 1 else 4
        else:
            raise _Damaged("no protocol buffer 不是 protobuf")


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """The number that begins at a place, and where it ends."""
    byte = data[at]
    if byte < 128:
        return byte, at + 1
    value, shift = byte & 127, 7
    while True:
        at += 1
        byte = data[at]
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at + 1
        shift += 7
        if shift > 63:
            raise _Damaged("a number without an end 数字没有结尾")


def _short_varints(data: bytes) -> list[int]:
    """Numbers of a few bytes, one after the other."""
    if max(data, default=0) < 128:
        return list(data)
    numbers, at = [], 0
    while at < len(data):
        number, at = _varint(data, at)
        numbers.append(number)
    return numbers


def _varints(data: bytes) -> npt.NDArray[np.uint64]:
    """Many numbers, one after the other."""
    raw = np.frombuffer(data, np.uint8)
    if not len(raw):
        return np.empty(0, np.uint64)
    ends = np.flatnonzero(raw < 128)
    if not len(ends) or ends[-1] != len(raw) - 1:
        raise _Damaged("a number without an end 数字没有结尾")
    starts = np.concatenate([[0], ends[:-1] + 1])
    sizes = ends - starts + 1
    if sizes.max() > 10:
        raise _Damaged("a number without an end 数字没有结尾")
    place = np.arange(len(raw)) - np.repeat(starts, sizes)
    parts = (raw & 127).astype(np.uint64) << (7 * place).astype(np.uint64)
    return np.add.reduceat(parts, starts)


def _signed_varints(data: bytes) -> IntArray:
    """Many numbers with a sign, as the format folds it in."""
    folded = _varints(data)
    half = (folded >> np.uint64(1)).astype(np.int64)
    signed: IntArray = half ^ -(folded & np.uint64(1)).astype(np.int64)
    return signed


def _zigzag(value: int) -> int:
    return (value >> 1) ^ -(value & 1)


def _signed(value: int) -> int:
    """A number of 64 bits whose first one is the sign."""
    return value - (1 << 64) if value >> 63 else value


def _sizes(packed: list[bytes]) -> list[int]:
    """How many numbers each of some texts of them holds."""
    raw = np.frombuffer(b"".join(packed), np.uint8)
    ends = np.concatenate([[0], np.cumsum(raw < 128)])
    borders = np.concatenate([[0], np.cumsum([len(one) for one in packed])])
    sizes: list[int] = np.diff(ends[borders]).tolist()
    return sizes


def _sums(steps: IntArray, sizes: IntArray) -> IntArray:
    """Running sums of steps that begin anew with each piece."""
    total: IntArray = np.concatenate([[0], np.cumsum(steps)])
    starts = np.cumsum(sizes) - sizes
    sums: IntArray = total[1:] - np.repeat(total[starts], sizes)
    return sums


# XML: the same in words


def _read_elements(stream: BinaryIO, extract: _Extract) -> None:
    """Read every node, way and relation; the line of a fault stands in its offset."""
    from lxml import etree

    kinds: Any = {"node": _read_xml_node, "way": _read_xml_way, "relation": _read_xml_relation}
    pieces: tuple[list[int], list[int], list[int], list[int]] = ([], [], [], [])
    line = 1
    try:
        elements = etree.iterparse(
            stream, tag=tuple(kinds), resolve_entities=False, load_dtd=False, no_network=True
        )
        for _event, element in elements:
            line = element.sourceline or line
            is_gone = element.get("action") == "delete" or element.get("visible") == "false"
            if not is_gone:
                kinds[element.tag](element, extract, pieces)
            # what was read is let go of, the empty elements before it too
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
    except etree.XMLSyntaxError as error:
        raise _Damaged(str(error)[:60], error.lineno or line) from None
    except (TypeError, ValueError, OverflowError) as error:
        if isinstance(error, _Damaged):
            raise _Damaged(error.reason, line) from None
        raise _Damaged(f"no number 不是数字: {error}"[:60], line) from None

    ids, lon, lat, refs = (np.array(piece, dtype=np.int64) for piece in pieces)
    extract.node_ids, extract.lon, extract.lat, extract.refs = [ids], [lon], [lat], [refs]


def _read_xml_node(element: Any, extract: _Extract, pieces: Any) -> None:
    ids, lons, lats, _ = pieces
    number = int(element.get("id"))
    lon, lat = (float(element.get(axis)) for axis in ("lon", "lat"))
    ids.append(number)
    lons.append(round(lon * DEGREE))
    lats.append(round(lat * DEGREE))
    tags = _xml_tags(element)
    if extract.wants(tags):
        extract.node_tags[number] = tags
        _check_count(extract)


def _read_xml_way(element: Any, extract: _Extract, pieces: Any) -> None:
    refs = [int(part.get("ref")) for part in element.iterchildren("nd")]
    tags = _xml_tags(element)
    if extract.wants(tags):
        extract.way_tags[len(extract.way_ids)] = tags
        _check_count(extract)
    extract.way_ids.append(int(element.get("id")))
    extract.way_sizes.append(len(refs))
    pieces[3].extend(refs)


def _read_xml_relation(element: Any, extract: _Extract, _pieces: Any) -> None:
    tags = _xml_tags(element)
    if tags.get("type") not in _AREA_RELATIONS or not extract.wants(_without_type(tags)):
        return
    members = [
        (int(part.get("ref")), part.get("role") or "")
        for part in element.iterchildren("member")
        if part.get("type") == "way"
    ]
    extract.relations.append(_Relation(int(element.get("id")), tags, members))
    _check_count(extract)


def _xml_tags(element: Any) -> Tags:
    return {part.get("k") or "": part.get("v") or "" for part in element.iterchildren("tag")}


def _without_type(tags: Tags) -> Tags:
    return {key: value for key, value in tags.items() if key != "type"}


def _check_count(extract: _Extract) -> None:
    if extract.count > 20 * MAX_FEATURES:
        raise _Damaged("too many tagged things 要素过多")


# Shapes: of either


class _Shapes:
    """Nodes by their id, ways by their places, and what is missing of both."""

    def __init__(self, extract: _Extract, frame: Sequence[float] | None) -> None:
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
    extract: _Extract, frame: Sequence[float] | None, keep: Collection[str], remarks: Remarks
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
    extract: _Extract,
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
