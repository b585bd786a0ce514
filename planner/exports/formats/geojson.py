"""GeoJSON: the list as points that say their datum."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from planner.exports.format import ListFormat, SiteList
from planner.sheets import clean_text

# RFC 7946 knows WGS-84 only. The older `crs` member keeps GDAL and QGIS from taking the other
# datums for it: GCJ-02 and BD-09 have no EPSG code, so they are named as local systems that nothing
# is laid over by mistake.
_CRS: Final = {
    "cgcs2000": "urn:ogc:def:crs:EPSG::4490",
    "gcj02": 'LOCAL_CS["GCJ-02",UNIT["degree",0.0174532925199433]]',
    "bd09": 'LOCAL_CS["BD-09",UNIT["degree",0.0174532925199433]]',
}


def _write(one: SiteList) -> bytes:
    heads = [column.head for column in one.stations.columns]
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": place},
            "properties": dict(zip(heads, map(_plain, values), strict=True)),
        }
        for place, values in zip(one.places, one.stations.rows, strict=True)
    ]
    collection: dict[str, Any] = {
        "type": "FeatureCollection",
        "name": clean_text(one.title),
        "datum": one.words("datum", one.datum),
        "note": one.words("lists.datum_note", one.datum),
        "data_nature": one.nature,
    }
    if one.datum in _CRS:
        collection["crs"] = {"type": "name", "properties": {"name": _CRS[one.datum]}}
    text = json.dumps(collection | {"features": features}, ensure_ascii=False, allow_nan=False)
    return text.encode()


def _plain(value: Any) -> Any:
    return clean_text(value) if isinstance(value, str) else value


def _read_ids(path: Path, head: str) -> list[str]:
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    return [str(feature["properties"].get(head, "")) for feature in features]


FORMAT: Final = ListFormat("geojson", _write, _read_ids)
