"""GeoJSON: the list as points that say their datum."""

from __future__ import annotations

import json
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


def _write(site_list: SiteList) -> bytes:
    words, datum = site_list.words, site_list.datum
    collection: dict[str, Any] = {
        "type": "FeatureCollection",
        "name": clean_text(site_list.title),
        "plan_key": site_list.plan_key,
        "datum": words("datum", datum),
        "note": words("lists.datum_note", datum),
        "data_nature": site_list.nature,
    }
    # Readers that take a file as a stream want the reference system before the points.
    if datum in _CRS:
        collection["crs"] = {"type": "name", "properties": {"name": _CRS[datum]}}
    collection["features"] = _features(site_list)
    return json.dumps(collection, ensure_ascii=False, allow_nan=False).encode()


def _features(site_list: SiteList) -> list[dict[str, Any]]:
    heads = [column.head for column in site_list.stations.columns]
    return [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": place},
            "properties": dict(zip(heads, map(_plain, cells), strict=True)),
        }
        for place, cells in zip(site_list.places, site_list.stations.rows, strict=True)
    ]


def _plain(value: Any) -> Any:
    return clean_text(value) if isinstance(value, str) else value


def _read_ids(data: bytes, head: str) -> list[str]:
    features = json.loads(data)["features"]
    return [str(feature["properties"].get(head, "")) for feature in features]


FORMAT: Final = ListFormat("geojson", _write, _read_ids)
