"""GeoJSON read feature by feature, so that one bad feature is one finding and not a lost file."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any, Final

from planner.layers.formats import Remarks
from planner.layers.formats.features import NOT_GEOJSON, Drawn, Features, Unreadable

GEOMETRIES: Final = (
    "Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon",
    "GeometryCollection",
)  # fmt: skip
_BLANK: Final = re.compile(r"[ \t\r\n]*")
_AFTER: Final = "text after the end 结尾后还有内容"
_BETWEEN: Final = re.compile(r"[ \t\r\n\x1e]*")


class _Cut(ValueError):
    """The text stops being GeoJSON at ``offset``."""

    def __init__(self, reason: str, offset: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.offset = offset


Answer = tuple[dict[str, Any], bytes] | None


def read_geojson(path: Path, remarks: Remarks) -> Answer:
    """Features and the CRS of a FeatureCollection, a Feature or a bare geometry; None of others.

    The CRS is EPSG:4326, the only one GeoJSON has, unless an old ``crs`` member names another.
    """
    text = _text(path, remarks)
    if text is None:
        return None

    features = Features()
    try:
        has_list, rest = _scan(text, features)
    except _Cut as cut:
        # a first line longer than what is looked at: it is one feature a line
        if cut.reason == _AFTER and text.startswith(("{", "\x1e"), cut.offset):
            return read_sequence(path, remarks)
        _say_cut(cut, text, remarks)
        return None

    kind = rest.get("type")
    if kind == "Feature":
        features.add(None, *_split_drawn(rest))
    elif kind in GEOMETRIES:
        features.add(None, {}, _drawn(rest))
    elif kind != "FeatureCollection" or not has_list:
        allowed = "GeoJSON FeatureCollection, Feature"
        remarks.add("unsupported_format", found="JSON", allowed=allowed)
        return None
    crs = _crs_name(rest.get("crs"))
    if crs is None:
        remarks.add("crs_unknown", value=str(rest.get("crs"))[:1000])
        return None

    # a line tells something where one feature begins on it, not where all of them do
    starts = Counter(features.lines)
    if "\n" not in text.strip():
        starts.clear()
    features.lines = [line if starts[line] == 1 else None for line in features.lines]
    return features.with_crs(crs)


def read_sequence(path: Path, remarks: Remarks) -> Answer:
    """Features one after the other, a line each or parted by the character RS (RFC 8142)."""
    text = _text(path, remarks)
    if text is None:
        return None
    features = Features()
    decoder = json.JSONDecoder()
    at, line, counted = 0, 1, 0
    try:
        while (start := _BETWEEN.match(text, at).end()) < len(text):  # type: ignore[union-attr]
            line += text.count("\n", counted, start)
            counted = start
            feature, at = _value(decoder, text, start)
            features.add(line, *_split_drawn(feature))
    except _Cut as cut:
        _say_cut(cut, text, remarks)
        return None
    return features.with_crs("EPSG:4326")


def _text(path: Path, remarks: Remarks) -> str | None:
    """The text of a file in UTF-8, the only encoding JSON has; None, with a remark, of others."""
    data = path.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        bad = data[error.start : error.start + 4].hex(" ")
        remarks.add("encoding_error", offset=error.start, bytes=bad)
        return None


def _say_cut(cut: _Cut, text: str, remarks: Remarks) -> None:
    """A remark that names line and byte, which a character's place is turned into."""
    line = text.count("\n", 0, cut.offset) + 1
    offset = len(text[: cut.offset].encode("utf-8", "surrogatepass"))
    remarks.add("truncated_file", line=line, offset=offset, reason=cut.reason)


def _scan(text: str, features: Features) -> tuple[bool, dict[str, Any]]:
    """Whether the top object has a list of features, and its other members.

    The features are added as they come, so that their numbers are never held all at once.
    """
    decoder = json.JSONDecoder()
    has_list = False
    rest: dict[str, Any] = {}
    at = _expect(text, 0, "{")
    while not _is(text, at, "}"):
        key, at = _value(decoder, text, at)
        at = _expect(text, at, ":")
        if key == "features" and _is(text, at, "["):
            features.clear()
            at = _feature_list(decoder, text, at, features)
            has_list = True
        else:
            rest[str(key)], at = _value(decoder, text, at)
        if not _is(text, at, "}"):
            at = _expect(text, at, ",")
    end = _skip(text, _expect(text, at, "}"))
    if end < len(text):
        raise _Cut(_AFTER, end)
    return has_list, rest


def _feature_list(decoder: json.JSONDecoder, text: str, at: int, features: Features) -> int:
    """Add the features with the line on which each begins; where their list ends."""
    at = _expect(text, at, "[")
    line, counted = 1, 0
    while not _is(text, at, "]"):
        start = _skip(text, at)
        line += text.count("\n", counted, start)
        counted = start
        try:
            feature, at = _value(decoder, text, at)
        except _Cut as cut:
            which = f"要素 feature {len(features.lines) + 1}"
            raise _Cut(f"{which}: {cut.reason}", cut.offset) from None
        features.add(line, *_split_drawn(feature))
        if not _is(text, at, "]"):
            at = _expect(text, at, ",")
    return _expect(text, at, "]")


def _value(decoder: json.JSONDecoder, text: str, at: int) -> tuple[Any, int]:
    """The JSON value that begins at a place, and where it ends."""
    try:
        return decoder.raw_decode(text, _skip(text, at))
    except json.JSONDecodeError as error:
        raise _Cut(error.msg, error.pos) from None
    except ValueError as error:  # a number too long
        raise _Cut(str(error)[:60], at) from None


def _skip(text: str, at: int) -> int:
    """The place of the next character that is no blank."""
    match = _BLANK.match(text, at)
    return match.end() if match else at


def _is(text: str, at: int, mark: str) -> bool:
    return text.startswith(mark, _skip(text, at))


def _expect(text: str, at: int, mark: str) -> int:
    """The place behind a mark that must come next."""
    start = _skip(text, at)
    if not text.startswith(mark, start):
        raise _Cut(f"expected {mark} 此处应为 {mark}", start)
    return start + 1


def _split_drawn(feature: Any) -> tuple[dict[str, Any], Drawn]:
    """Properties and geometry of a feature, whatever stands in its place."""
    if not isinstance(feature, dict):
        return {}, None
    properties = feature.get("properties")
    return properties if isinstance(properties, dict) else {}, _drawn(feature.get("geometry"))


def _drawn(geometry: Any) -> Drawn:
    """A geometry as WKB, or why it is none."""
    import shapely

    if geometry is None:
        return None
    try:
        return shapely.to_wkb(shapely.from_geojson(json.dumps(geometry)))
    except (shapely.errors.GEOSException, ValueError, RecursionError) as error:
        reason = NOT_GEOJSON if "json.exception" in str(error) else str(error)[:500]
        return Unreadable(reason, _first_corner(geometry))


def _first_corner(geometry: Any) -> tuple[Any, Any] | None:
    """The first two numbers of a geometry; None where there are none."""
    corner = geometry.get("coordinates") if isinstance(geometry, dict) else None
    while isinstance(corner, list) and corner and isinstance(corner[0], list):
        corner = corner[0]
    if not isinstance(corner, list) or len(corner) < 2:
        return None
    lon, lat = corner[:2]
    return (lon, lat) if isinstance(lon, (int, float)) and isinstance(lat, (int, float)) else None


def _crs_name(member: Any) -> str | None:
    """The CRS that an old ``crs`` member names; None when it cannot be told."""
    if member is None:
        return "EPSG:4326"
    try:
        name = str(member["properties"]["name"])
    except (KeyError, TypeError):
        return None
    if name.endswith("CRS84"):
        return "EPSG:4326"
    code = re.search(r"EPSG:+(\d{4,6})$", name)
    return f"EPSG:{code.group(1)}" if code else None
