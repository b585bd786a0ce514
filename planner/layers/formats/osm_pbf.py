"""OSM PBF: blobs of blocks of groups, all of them protocol buffers."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

import numpy as np
import numpy.typing as npt

from planner.layers.formats.osm_extract import Damaged, Extract, IntArray, Relation, Tags

_MAX_HEADER: Final = 64 * 1024
_MAX_BLOB: Final = 32 * 1024 * 1024  # both as the format sets them
_KNOWN_FEATURES: Final = frozenset({b"OsmSchema-V0.6", b"DenseNodes"})


def read_blobs(stream: BinaryIO, size: int, extract: Extract) -> None:
    """Read every block of a file."""
    at = 0
    while at < size:
        try:
            at = _read_blob(stream, at, extract)
        # a field that is missing or of another kind, a place beyond the bytes, a number too large
        except (
            AttributeError, LookupError, OverflowError, TypeError, ValueError, zlib.error
        ) as error:  # fmt: skip
            if isinstance(error, Damaged):
                raise
            raise Damaged(str(error)[:60] or "PBF", at) from None


def _read_blob(stream: BinaryIO, at: int, extract: Extract) -> int:
    """Read one blob with its header; where the next one begins."""
    n_head = int.from_bytes(_exactly(stream, 4, at), "big")
    if n_head > _MAX_HEADER:
        raise Damaged("no OSM PBF header 不是 OSM PBF", at)
    head = dict(_fields(_exactly(stream, n_head, at)))
    kind, n_blob = head.get(1), head.get(3, 0)
    if not 0 <= n_blob <= _MAX_BLOB:
        raise Damaged("blob too large 数据块过大", at)

    blob = _exactly(stream, n_blob, at)
    if kind == b"OSMHeader":
        _check_header(_unpacked(blob, at), at)
    elif kind == b"OSMData":
        _read_block(_unpacked(blob, at), extract)
    return at + 4 + n_head + int(n_blob)


def _exactly(stream: BinaryIO, count: int, at: int) -> bytes:
    data = stream.read(count)
    if len(data) < count:
        raise Damaged("the file ends inside a blob 文件在数据块中断", at)
    return data


def _unpacked(blob: bytes, at: int) -> bytes:
    """The bytes of a blob, never more than the format allows."""
    parts = dict(_fields(blob))
    if 1 in parts:
        data: bytes = parts[1]
        return data
    if 3 not in parts:
        raise Damaged("packed otherwise than by zlib 压缩方式不是 zlib", at)
    unpacker = zlib.decompressobj()
    data = unpacker.decompress(parts[3], _MAX_BLOB)
    if not unpacker.eof:
        raise Damaged("a blob is cut or unpacks to too much 数据块不完整或过大", at)
    return data


def _check_header(data: bytes, at: int) -> None:
    """Refuse a file that needs more of its reader than is known here."""
    for number, value in _fields(data):
        if number == 4 and value not in _KNOWN_FEATURES:
            needed = value.decode("utf-8", "replace")[:40]
            raise Damaged(f"needs 需要 {needed}", at)


def _read_block(data: bytes, extract: Extract) -> None:
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
        extract: Extract,
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
            raise Damaged("nodes without coordinates 节点缺坐标")
        self._add_nodes(ids, lon, lat)

        # a zero ends the tags of each node: only where something stands between zeros is a tag
        words = _varints(parts.get(10, b"")).astype(np.int64)
        if not words.any():
            return
        owner = np.cumsum(words == 0)
        pairs = words[words != 0].tolist()
        owners = owner[words != 0].tolist()
        if len(pairs) % 2:
            raise Damaged("a key without a value 键缺值")
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
            self._extract.check_size()

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
                    extract.check_size()
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
        if not self._extract.wants_area(tags):
            return
        roles = _short_varints(parts.get(8, b""))
        ids = np.cumsum(_signed_varints(parts.get(9, b""))).tolist()
        kinds = _short_varints(parts.get(10, b""))
        members = [
            (number, self._text(role))
            for number, role, kind in zip(ids, roles, kinds, strict=True)
            if kind == 1
        ]
        self._extract.relations.append(Relation(_signed(parts[1]), tags, members))
        self._extract.check_size()

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
                raise Damaged("a field is longer than its message 字段超出消息")
            yield tag >> 3, data[at : at + size]
            at += size
        elif wire in (1, 5):
            at += 8 if wire == 1 else 4
        else:
            raise Damaged("no protocol buffer 不是 protobuf")


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
            raise Damaged("a number without an end 数字没有结尾")


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
        raise Damaged("a number without an end 数字没有结尾")
    starts = np.concatenate([[0], ends[:-1] + 1])
    sizes = ends - starts + 1
    if sizes.max() > 10:
        raise Damaged("a number without an end 数字没有结尾")
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
