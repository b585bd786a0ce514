"""OpenStreetMap extracts written by hand, the same things as XML and as PBF.

The writer knows nothing of the reader: it follows the description of the format.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import quoteattr

Tags = Mapping[str, str]
Member = tuple[str, int, str]
"""Type (node, way, relation), number and role."""


@dataclass
class Extract:
    """Nodes as (lon, lat, tags), ways as (nodes, tags), relations as (members, tags), by number."""

    nodes: dict[int, tuple[float, float, Tags]] = field(default_factory=dict)
    ways: dict[int, tuple[Sequence[int], Tags]] = field(default_factory=dict)
    relations: dict[int, tuple[Sequence[Member], Tags]] = field(default_factory=dict)

    def line(
        self, places: Sequence[tuple[float, float]], tags: Tags, *, close: bool = False
    ) -> int:
        """Add a way with nodes of its own; its number."""
        first = len(self.nodes) + 1
        for i, (lon, lat) in enumerate(places):
            self.nodes[first + i] = (lon, lat, {})
        numbers = [*range(first, first + len(places)), *([first] if close else [])]
        way = len(self.ways) + 1
        self.ways[way] = (numbers, tags)
        return way

    def point(self, lon: float, lat: float, tags: Tags) -> int:
        """Add a node; its number."""
        self.nodes[len(self.nodes) + 1] = (lon, lat, tags)
        return len(self.nodes)

    def area(self, members: Sequence[Member], tags: Tags) -> int:
        """Add a relation; its number."""
        self.relations[len(self.relations) + 1] = (members, tags)
        return len(self.relations)


def write_xml(path: Path, extract: Extract) -> Path:
    """Write an extract as OSM XML."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<osm version="0.6" generator="a test">']
    for number, (lon, lat, tags) in extract.nodes.items():
        lines.append(f'<node id="{number}" lat="{lat:.7f}" lon="{lon:.7f}">{_xml(tags)}</node>')
    for number, (refs, tags) in extract.ways.items():
        nodes = "".join(f'<nd ref="{ref}"/>' for ref in refs)
        lines.append(f'<way id="{number}">{nodes}{_xml(tags)}</way>')
    for number, (members, tags) in extract.relations.items():
        parts = "".join(
            f'<member type="{kind}" ref="{ref}" role={quoteattr(role)}/>'
            for kind, ref, role in members
        )
        lines.append(f'<relation id="{number}">{parts}{_xml(tags)}</relation>')
    path.write_text("\n".join([*lines, "</osm>"]), encoding="utf-8")
    return path


def _xml(tags: Tags) -> str:
    return "".join(f"<tag k={quoteattr(key)} v={quoteattr(value)}/>" for key, value in tags.items())


def write_pbf(path: Path, extract: Extract, *, dense: bool = True, zipped: bool = True) -> Path:
    """Write an extract as OSM PBF, a block for each kind of thing."""
    header = _text(4, b"OsmSchema-V0.6") + (_text(4, b"DenseNodes") if dense else b"")
    blobs = [_blob(b"OSMHeader", header, zipped=zipped)]
    blocks = (_nodes(extract, dense=dense), _ways(extract), _relations(extract))
    blobs += [_blob(b"OSMData", made, zipped=zipped) for made in blocks]
    path.write_bytes(b"".join(blobs))
    return path


def _blob(kind: bytes, data: bytes, *, zipped: bool) -> bytes:
    body = _number(2, len(data)) + _text(3, zlib.compress(data)) if zipped else _text(1, data)
    head = _text(1, kind) + _number(3, len(body))
    return len(head).to_bytes(4, "big") + head + body


class _Texts:
    """The table of texts of a block; its first entry is none."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {"": 0}

    def __getitem__(self, text: str) -> int:
        return self._places.setdefault(text, len(self._places))

    def pairs(self, tags: Tags) -> list[int]:
        return [self[text] for pair in tags.items() for text in pair]

    def block(self, group: bytes) -> bytes:
        table = b"".join(_text(1, text.encode()) for text in self._places)
        return _text(1, table) + _text(2, group)

    def tagged(self, tags: Tags) -> bytes:
        pairs = self.pairs(tags)
        return _packed(2, pairs[::2]) + _packed(3, pairs[1::2]) if pairs else b""


def _nodes(extract: Extract, *, dense: bool) -> bytes:
    texts = _Texts()
    nodes = extract.nodes.items()
    places = [(round(lon * 1e7), round(lat * 1e7)) for lon, lat, _ in extract.nodes.values()]
    if dense:
        words = [word for _, (_, _, tags) in nodes for word in (*texts.pairs(tags), 0)]
        group = _packed(1, _steps(list(extract.nodes)))
        group += _packed(8, _steps([lat for _, lat in places]))
        group += _packed(9, _steps([lon for lon, _ in places]))
        return texts.block(_text(2, group + _packed(10, words)))
    single = b""
    for (number, (_, _, tags)), (lon, lat) in zip(nodes, places, strict=True):
        body = _number(1, _zigzag(number)) + texts.tagged(tags)
        single += _text(1, body + _number(8, _zigzag(lat)) + _number(9, _zigzag(lon)))
    return texts.block(single)


def _ways(extract: Extract) -> bytes:
    texts = _Texts()
    group = b""
    for number, (refs, tags) in extract.ways.items():
        body = _number(1, number) + texts.tagged(tags) + _packed(8, _steps(refs))
        group += _text(3, body)
    return texts.block(group)


def _relations(extract: Extract) -> bytes:
    texts = _Texts()
    group = b""
    for number, (members, tags) in extract.relations.items():
        body = _number(1, number) + texts.tagged(tags)
        body += _packed(8, [texts[role] for _, _, role in members])
        body += _packed(9, _steps([ref for _, ref, _ in members]))
        body += _packed(10, [("node", "way", "relation").index(kind) for kind, _, _ in members])
        group += _text(4, body)
    return texts.block(group)


def _steps(numbers: Sequence[int]) -> list[int]:
    before = [0, *numbers]
    return [_zigzag(number - before[i]) for i, number in enumerate(numbers)]


def _zigzag(number: int) -> int:
    return number * 2 if number >= 0 else -number * 2 - 1


def _varint(number: int) -> bytes:
    made = bytearray()
    while number > 127:
        made.append(number & 127 | 128)
        number >>= 7
    made.append(number)
    return bytes(made)


def _number(tag: int, value: int) -> bytes:
    return _varint(tag << 3) + _varint(value)


def _text(tag: int, value: bytes) -> bytes:
    return _varint(tag << 3 | 2) + _varint(len(value)) + value


def _packed(tag: int, numbers: Sequence[int]) -> bytes:
    return _text(tag, b"".join(map(_varint, numbers)))
