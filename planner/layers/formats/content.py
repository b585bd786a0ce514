"""What a file is, by the bytes with which it begins; its name may say anything."""

from __future__ import annotations

import re
from typing import IO, Final

from planner.layers.formats.delimited import utf16_of

HEAD_BYTES: Final = 65536
"""So many bytes tell what a file is."""

BINARY: Final[tuple[tuple[bytes, str], ...]] = (
    (b"PK\x03\x04", "archive"),
    (b"\xd0\xcf\x11\xe0", "xls"),
    (b"\x00\x00\x27\x0a", "shapefile"),
    (b"fgb\x03fgb", "flatgeobuf"),
    (b"PAR1", "parquet"),
    (b"II*\0", "geotiff"),
    (b"MM\0*", "geotiff"),
    (b"II+\0", "geotiff"),
    (b"MM\0+", "geotiff"),
    (b"AutoCAD Binary DXF", "dxf"),
)
_MAX_FOOTER: Final = 16 * 1024 * 1024
_UTF16: Final = ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_GEOJSON: Final = re.compile(
    rb'"type"\s*:\s*"(?:Feature(?:Collection)?|(?:Multi)?(?:Point|LineString|Polygon)'
    rb'|GeometryCollection)"|"features"\s*:'
)
_LINES: Final = re.compile(rb"\x1e\s*\{|\{[^\r\n]*\}[ \t]*\r?\n\s*\{")
_DXF: Final = re.compile(rb"(?:\s*999\r?\n[^\r\n]*\r?\n)*\s*0\r?\n\s*SECTION\b")
_PLANET: Final = re.compile(rb"(?im)^[ \t]*(?:horizontal|vertical)[ \t]+\d+[ \t]*\r?$")
_RADIO_MOBILE: Final = re.compile(rb"(?:[ \t]*[-+]?\d+(?:[.,]\d+)?[ \t]*\r?\n){360}")
_MIF: Final = re.compile(rb"version\s+\d+\s+(?:charset|delimiter|unique|index|coordsys|columns)\b")


def format_of(head: bytes) -> str:
    """What the content is, by its first :data:`HEAD_BYTES`; ``csv`` is any other text.

    What nobody here reads is called by its own name, such as the root element of an XML text.
    """
    for mark, found in BINARY:
        if head.startswith(mark):
            return found
    if head.startswith(b"SQLite format 3\0"):
        return "gpkg" if head[68:70] == b"GP" else "sqlite"
    if b"OSMHeader" in head[:32]:
        return "osm"

    text = head.removeprefix(b"\xef\xbb\xbf")
    for mark, encoding in _UTF16:
        if head.startswith(mark):
            text = head[2:].decode(encoding, "ignore").encode()
    text = text.lstrip()
    if text.startswith((b"{", b"[", b"\x1e")):
        return _json_format(text)
    if text.startswith(b"<"):
        return _xml_format(text)
    if text[:6].lower() == b"!table":
        return "tab"
    if _MIF.match(text[:200].lower()):
        return "mif"
    if _DXF.match(text):
        return "dxf"
    if _PLANET.search(text):
        return "planet"
    if _RADIO_MOBILE.match(text):
        return "radiomobile"
    return "csv" if b"\0" not in text or utf16_of(head) else "binary"


def has_shapes(stream: IO[bytes], size: int) -> bool:
    """Whether the metadata at the end of a Parquet file, whose length they say, tell of shapes."""
    stream.seek(max(size - 8, 0))
    length = int.from_bytes(stream.read(4), "little")
    stream.seek(max(size - 8 - length, 0))
    return b'"primary_column"' in stream.read(min(length, _MAX_FOOTER))


def _json_format(text: bytes) -> str:
    """GeoJSON, one feature a line, or any other JSON."""
    if _LINES.match(text):
        return "geojsonl" if _GEOJSON.search(text) else "json"
    is_geojson = text.startswith(b"{") and _GEOJSON.search(text)
    return "geojson" if is_geojson else "json"


def _xml_format(text: bytes) -> str:
    """The format of an XML text by its root element, past declarations and comments."""
    match = re.search(rb"<\s*([A-Za-z_][\w:.-]*)", re.sub(rb"<[?!][^>]*>", b"", text))
    root = match.group(1).decode("ascii") if match else "XML"
    local = root.rpartition(":")[2].lower()
    if local == "featurecollection":
        return "gml"
    return local if local in ("kml", "osm") else root
