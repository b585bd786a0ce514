"""OpenStreetMap extracts: the same from XML and PBF, whatever is missing is said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import shapely

from planner.layers import look_at_layers, reader
from planner.layers.formats import Remarks, osm
from planner.layers.formats.features import Unreadable, unpacked
from planner.scenario import Scenario
from tests.osm import Extract, write_pbf, write_xml
from tests.toy import degrees, write_toy_county

Writer = Callable[[Path, Extract], Path]
SQUARE = [(10.0, 50.0), (10.1, 50.0), (10.1, 50.1), (10.0, 50.1)]


def as_xml(folder: Path, extract: Extract) -> Path:
    return write_xml(folder / "a.osm", extract)


def as_pbf(folder: Path, extract: Extract) -> Path:
    return write_pbf(folder / "a.osm.pbf", extract)


def as_plain_pbf(folder: Path, extract: Extract) -> Path:
    return write_pbf(folder / "b.osm.pbf", extract, dense=False, zipped=False)


@pytest.fixture(params=[as_xml, as_pbf, as_plain_pbf])
def write(request: pytest.FixtureRequest) -> Writer:
    writer: Writer = request.param
    return writer


def read(path: Path, **options: Any) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Tags and shape of each thing by its id, and remarks by code."""
    remarks = Remarks()
    answer = osm.read_osm(path, remarks, **options)
    said = dict(remarks)
    if answer is None:
        return {}, said
    found = {}
    for _, properties, drawn in unpacked(*answer):
        shape = shapely.from_wkb(drawn) if isinstance(drawn, bytes) else drawn
        found[properties.pop("osm_id")] = (properties, shape)
    return found, said


def made() -> Extract:
    """A town, a road, a closed street, a wood with a hole and a border of two halves."""
    extract = Extract()
    extract.point(-10.25, -50.25, {"place": "town", "name": "南岛"})
    extract.point(10.01, 50.01, {})
    extract.line(
        [(10.0, 50.0), (10.02, 50.03)], {"highway": "primary", "name": "A & B", "ref": "1"}
    )
    extract.line(SQUARE, {"highway": "residential"}, close=True)
    extract.line(SQUARE, {"landuse": "industrial"}, close=True)
    outer = extract.line([(11, 51), (12, 51), (12, 52), (11, 52)], {}, close=True)
    inner = extract.line(
        [(11.4, 51.4), (11.6, 51.4), (11.5, 51.6)], {"barrier": "wall"}, close=True
    )
    wood = [("way", outer, "outer"), ("way", inner, "inner"), ("node", 1, "label")]
    extract.area(wood, {"type": "multipolygon", "landuse": "forest"})
    nodes = extract.ways[1][0]
    extract.ways[20] = ([*nodes, 99], {})
    extract.nodes[99] = (10.05, 50.0, {})
    extract.ways[21] = ([99, nodes[0]], {})
    halves = [("way", 20, "outer"), ("way", 21, "outer")]
    extract.area(halves, {"type": "boundary", "boundary": "administrative", "name": "县"})
    extract.area(halves, {"type": "route", "route": "bus"})
    return extract


def test_every_form_of_an_extract_reads_alike(tmp_path: Path, write: Writer) -> None:
    found, said = read(write(tmp_path, made()))

    assert said == {}
    assert found["node/1"][0] == {"place": "town", "name": "南岛"}
    assert found["node/1"][1].equals(shapely.Point(-10.25, -50.25))
    assert found["way/1"][0] == {"highway": "primary", "name": "A & B", "ref": "1"}
    assert found["way/1"][1].equals(shapely.LineString([(10.0, 50.0), (10.02, 50.03)]))
    assert found["way/2"][1].geom_type == "LineString"
    assert found["way/3"][1].equals(shapely.Polygon(SQUARE))
    assert found["relation/1"][1].area == pytest.approx(1 - 0.02)
    assert found["relation/2"][1].equals(
        shapely.Polygon([(10.0, 50.0), (10.02, 50.03), (10.05, 50.0)])
    )
    # nodes and ways without a tag are nothing by themselves, and a route is no area
    assert set(found) == {
        "node/1", "way/1", "way/2", "way/3", "way/5", "relation/1", "relation/2"
    }  # fmt: skip


def test_only_what_is_wanted_comes(tmp_path: Path, write: Writer) -> None:
    path = write(tmp_path, made())

    found, _ = read(path, tags={"highway": ["primary"], "place": []})
    assert set(found) == {"node/1", "way/1"}
    found, _ = read(path, tags={"boundary": ["administrative"]}, keep=["name"])
    assert {key: tags for key, (tags, _) in found.items()} == {"relation/2": {"name": "县"}}


def test_a_frame_leaves_out_what_lies_beyond(tmp_path: Path, write: Writer) -> None:
    found, said = read(write(tmp_path, made()), frame=[10.5, 51.5, 11.2, 53])
    # only the wood meets it, by its box
    assert set(found) == {"relation/1"}
    assert said == {}


def test_a_way_is_broken_where_a_node_is_missing(tmp_path: Path, write: Writer) -> None:
    extract = Extract()
    way = extract.line([(i / 10, 50.0) for i in range(6)], {"highway": "primary"})
    del extract.nodes[3]
    found, said = read(write(tmp_path, extract))

    assert said["osm_dangling_reference"] == {"count": 1, "way": way, "node": 3}
    parts = shapely.get_parts(found["way/1"][1])
    assert [part.bounds[::2] for part in parts] == [(0.0, 0.1), (0.3, 0.5)]


def test_an_area_without_a_node_is_no_area(tmp_path: Path, write: Writer) -> None:
    extract = Extract()
    extract.line(SQUARE, {"landuse": "industrial"}, close=True)
    del extract.nodes[2]
    found, said = read(write(tmp_path, extract))
    assert said["osm_dangling_reference"]["count"] == 1
    assert found["way/1"][1].geom_type == "LineString"


def test_a_border_that_lacks_a_way_says_so(tmp_path: Path, write: Writer) -> None:
    extract = made()
    del extract.ways[21]
    found, said = read(write(tmp_path, extract), tags={"boundary": []})

    assert said == {"osm_relation_incomplete": {"count": 1, "names": ["县"]}}
    properties, shape = found["relation/2"]
    assert properties["osm_incomplete"] == "yes"
    assert isinstance(shape, Unreadable)


def test_a_way_that_stands_twice_in_an_area_counts_once(tmp_path: Path, write: Writer) -> None:
    extract = Extract()
    way = extract.line(SQUARE, {}, close=True)
    twice = [("way", way, "outer"), ("way", way, "outer")]
    extract.area(twice, {"type": "multipolygon", "landuse": "forest"})
    found, said = read(write(tmp_path, extract))
    assert said == {"osm_duplicate_member": {"count": 1}}
    assert found["relation/1"][1].equals(shapely.Polygon(SQUARE))


def test_elements_in_any_order_are_the_same(tmp_path: Path) -> None:
    path = as_xml(tmp_path, made())
    lines = path.read_text(encoding="utf-8").splitlines()
    turned = tmp_path / "turned.osm"
    turned.write_text("\n".join([*lines[:2], *lines[-2:1:-1], lines[-1]]), encoding="utf-8")
    mine, yours = read(path), read(turned)
    assert mine[1] == yours[1] == {}
    assert mine[0].keys() == yours[0].keys()
    assert all(mine[0][key][1].equals(yours[0][key][1]) for key in mine[0])


def test_more_things_than_can_be_held_are_refused(
    tmp_path: Path, write: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(osm, "MAX_FEATURES", 4)
    found, said = read(write(tmp_path, made()))
    assert found == {}
    assert said["osm_too_many"] == {"count": 7, "limit": 4}


def test_nothing_wanted_is_said(tmp_path: Path, write: Writer) -> None:
    assert read(write(tmp_path, made()), tags={"aeroway": []}) == ({}, {"no_data_rows": {}})


def test_a_cut_or_flipped_extract_is_a_remark(tmp_path: Path, write: Writer) -> None:
    path = write(tmp_path, made())
    whole = path.read_bytes()
    for i in range(1, len(whole), 7):
        path.write_bytes(whole[:i])
        found, said = read(path)
        assert found == {} or path.suffix != ".osm"
        assert said or found

        path.write_bytes(whole[:i] + bytes([whole[i] ^ 1 << i % 8]) + whole[i + 1 :])
        read(path)


def test_entities_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.osm"
    path.write_text('<!DOCTYPE osm [<!ENTITY a "b">]><osm version="0.6"/>')
    assert read(path) == ({}, {"remote_reference": {"what": "DOCTYPE"}})


def test_a_blob_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    extract = Extract()
    extract.point(1, 1, {"name": "x" * (33 << 20)})
    found, said = read(write_pbf(tmp_path / "a.osm.pbf", extract))
    assert found == {}
    assert "truncated_file" in said


def test_the_child_reads_it(tmp_path: Path) -> None:
    path = as_pbf(tmp_path, made())
    answer, _ = reader.ask(path, "osm", path.stat().st_size, {"tags": {"place": []}})
    assert len(answer["records"]["features"]) == 1


def test_points_of_an_extract_are_landmarks(tmp_path: Path) -> None:
    path = write_toy_county(tmp_path)
    extract = Extract()
    for i in range(3):
        tags = {"amenity": "school", "name": f"小学{i}"}
        extract.point(*degrees(2 + i, 3), tags)
    extract.point(*degrees(4, 4), {"amenity": "bank", "name": "银行"})
    write_pbf(tmp_path / "places.osm.pbf", extract)

    schools = {"file": "places.osm.pbf", "where": {"amenity": "school"}, "kind": "school"}
    scenario = Scenario.from_file(path).replace(inputs={"landmarks": schools})
    layers, findings, _ = look_at_layers(scenario)
    assert layers is not None, [str(notice) for notice in findings.notices]
    assert list(layers.landmarks["name"]) == ["小学0", "小学1", "小学2"]
    assert set(layers.landmarks["kind"]) == {"school"}
