"""GeoJSON read feature by feature, so that one bad feature is one finding and not a lost file."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any, Final

from planner.layers.files import Source
from planner.layers.findings import Findings

Raw = tuple[int | None, dict[str, Any], Any]
"""Of a feature: its physical line where that tells something, properties, geometry as GeoJSON."""

_BLANK: Final = re.compile(r"[ \t\r\n]*")


class _Cut(ValueError):
    """The text stops being GeoJSON at ``offset``."""

    def __init__(self, reason: str, offset: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.offset = offset


def read_geojson(source: Source, findings: Findings) -> tuple[list[Raw], str] | None:
    """Features and the CRS of a FeatureCollection; None, with a finding, when it is not one.

    The CRS is EPSG:4326, the only one GeoJSON has, unless an old ``crs`` member names another.
    """
    data = source.path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        bad = data[error.start : error.start + 4].hex(" ")
        findings.add("encoding_error", file=source.name, offset=error.start, bytes=bad)
        return None

    # findings name line and byte, which a character's place is turned into
    try:
        features, rest = _scan(text)
    except (_Cut, RecursionError) as error:
        cut = error if isinstance(error, _Cut) else _Cut("nested too deeply 嵌套过深", 0)
        line = text.count("\n", 0, cut.offset) + 1
        offset = len(text[: cut.offset].encode())
        findings.add(
            "truncated_file", file=source.name, line=line, offset=offset, reason=cut.reason
        )
        return None

    if rest.get("type") != "FeatureCollection" or features is None:
        allowed = "GeoJSON FeatureCollection"
        findings.add("unsupported_format", file=source.name, found="JSON", allowed=allowed)
        return None
    crs = _crs_name(rest.get("crs"))
    if crs is None:
        findings.add("crs_unknown", file=source.name, value=str(rest.get("crs")))
        return None

    # a line tells something where one feature begins on it, not where all of them do
    starts = Counter(line for line, _ in features)
    is_one_line = "\n" not in text.strip()
    return [
        _split(None if is_one_line or starts[line] > 1 else line, feature)
        for line, feature in features
    ], crs


def _scan(text: str) -> tuple[list[tuple[int, Any]] | None, dict[str, Any]]:
    """Members of the top object, the features apart with the line on which each begins."""
    decoder = json.JSONDecoder(parse_constant=_no_constant)
    features: list[tuple[int, Any]] | None = None
    rest: dict[str, Any] = {}
    at = _expect(text, 0, "{")
    while not _is(text, at, "}"):
        key, at = _value(decoder, text, at)
        at = _expect(text, at, ":")
        if key == "features" and _is(text, at, "["):
            features, at = _feature_list(decoder, text, at)
        else:
            rest[str(key)], at = _value(decoder, text, at)
        if not _is(text, at, "}"):
            at = _expect(text, at, ",")
    end = _skip(text, _expect(text, at, "}"))
    if end < len(text):
        raise _Cut("text after the end 结尾后还有内容", end)
    return features, rest


def _feature_list(
    decoder: json.JSONDecoder, text: str, at: int
) -> tuple[list[tuple[int, Any]], int]:
    """Features with their lines, and where their list ends."""
    at = _expect(text, at, "[")
    features: list[tuple[int, Any]] = []
    line, counted = 1, 0
    while not _is(text, at, "]"):
        start = _skip(text, at)
        line += text.count("\n", counted, start)
        counted = start
        feature, at = _value(decoder, text, at)
        features.append((line, feature))
        if not _is(text, at, "]"):
            at = _expect(text, at, ",")
    return features, _expect(text, at, "]")


def _value(decoder: json.JSONDecoder, text: str, at: int) -> tuple[Any, int]:
    """The JSON value that begins at a place, and where it ends."""
    try:
        return decoder.raw_decode(text, _skip(text, at))
    except json.JSONDecodeError as error:
        raise _Cut(error.msg, error.pos) from None
    except ValueError as error:  # a number too long, NaN or Infinity
        raise _Cut(str(error)[:60], at) from None


def _no_constant(word: str) -> float:
    raise ValueError(f"{word} is not a number 不是数字")


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


def _split(line: int | None, feature: Any) -> Raw:
    """Line, properties and geometry of a feature, whatever stands in its place."""
    if not isinstance(feature, dict):
        return line, {}, None
    properties = feature.get("properties")
    return line, properties if isinstance(properties, dict) else {}, feature.get("geometry")


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
