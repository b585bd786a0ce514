"""OSM XML: nodes, ways and relations as elements, one after the other."""

from __future__ import annotations

from array import array
from typing import Any, BinaryIO

import numpy as np

from planner.layers.formats.osm_extract import DEGREE, Damaged, Extract, Relation, Tags


def read_elements(stream: BinaryIO, extract: Extract) -> None:
    """Read every node, way and relation."""
    from lxml import etree

    kinds: Any = {"node": _read_xml_node, "way": _read_xml_way, "relation": _read_xml_relation}
    # arrays of eight bytes: a number that is larger is refused where it stands
    pieces = tuple(array("q") for _ in range(4))
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
        raise Damaged(str(error)[:60], line=error.lineno or line) from None
    except (TypeError, ValueError, OverflowError) as error:
        if isinstance(error, Damaged):
            raise Damaged(error.reason, line=line) from None
        raise Damaged(f"no number 不是数字: {error}"[:60], line=line) from None

    ids, lon, lat, refs = (np.frombuffer(piece, dtype=np.int64) for piece in pieces)
    extract.node_ids, extract.lon, extract.lat, extract.refs = [ids], [lon], [lat], [refs]


def _read_xml_node(element: Any, extract: Extract, pieces: Any) -> None:
    ids, lons, lats, _ = pieces
    number = int(element.get("id"))
    lon, lat = (float(element.get(axis)) for axis in ("lon", "lat"))
    ids.append(number)
    lons.append(round(lon * DEGREE))
    lats.append(round(lat * DEGREE))
    tags = _xml_tags(element)
    if extract.wants(tags):
        extract.node_tags[number] = tags
        extract.check_size()


def _read_xml_way(element: Any, extract: Extract, pieces: Any) -> None:
    refs = [int(part.get("ref")) for part in element.iterchildren("nd")]
    tags = _xml_tags(element)
    if extract.wants(tags):
        extract.way_tags[len(extract.way_ids)] = tags
        extract.check_size()
    extract.way_ids.append(int(element.get("id")))
    extract.way_sizes.append(len(refs))
    pieces[3].extend(refs)


def _read_xml_relation(element: Any, extract: Extract, _pieces: Any) -> None:
    tags = _xml_tags(element)
    if not extract.wants_area(tags):
        return
    members = [
        (int(part.get("ref")), part.get("role") or "")
        for part in element.iterchildren("member")
        if part.get("type") == "way"
    ]
    extract.relations.append(Relation(int(element.get("id")), tags, members))
    extract.check_size()


def _xml_tags(element: Any) -> Tags:
    return {part.get("k") or "": part.get("v") or "" for part in element.iterchildren("tag")}
