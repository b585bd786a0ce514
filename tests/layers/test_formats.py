"""Each vector format, by a writer that is not ours: the same shapes and texts, and nothing else."""

from __future__ import annotations

import json
import random
import re
import shutil
import sqlite3
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely
from shapely.geometry import LineString, MultiPolygon, Point, Polygon

from planner.errors import Notice
from planner.layers import files, read_layers, reader, vectors
from planner.layers.findings import Findings
from planner.layers.formats.content import HEAD_BYTES
from planner.layers.formats.features import unpacked
from planner.layers.formats.gdal import ALLOWED
from planner.layers.notices import NOTICES
from planner.layers.tables import numbers, read_table
from planner.scenario import InputFile, Scenario
from tests.toy import ORIGIN, write_toy_county

LON, LAT = 120.13, 33.4
SQUARE = [(0, 0), (0.02, 0), (0.02, 0.015), (0, 0.015)]
HOLE = [(0.005, 0.004), (0.01, 0.004), (0.01, 0.008), (0.005, 0.008)]
ZIPPED = (
    "shapefile", "gpkg", "geojson", "kml", "tab", "mif", "gml", "filegdb", "flatgeobuf",
    "geoparquet",
)  # fmt: skip

# a TAB holds whole numbers of 31 bits: how fine they are depends on how far they reach
TAB = {"BOUNDS": "119,32,122,35"}

Write = Callable[[gpd.GeoDataFrame, Path], Path]


def moved(corners: list[tuple[float, float]], by: float = 0.0) -> list[tuple[float, float]]:
    return [(LON + by + x, LAT + y) for x, y in corners]


SHAPES: dict[str, list[Any]] = {
    "points": [Point(LON + i / 1000, LAT + i / 700) for i in range(3)],
    "lines": [LineString(moved(SQUARE, i / 10)) for i in range(3)],
    "areas": [
        Polygon(moved(SQUARE), [moved(HOLE)]),
        Polygon(moved(SQUARE, 0.1)),
        MultiPolygon([Polygon(moved(SQUARE, 0.2)), Polygon(moved(SQUARE, 0.3))]),
    ],
}
COLUMNS = {"名称": ["甲", "乙 村", "丙<&>"], "类型": ["城区", "", "园区"], "people": [1, 20, 300]}


def frame_of(kind: str) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(COLUMNS, geometry=SHAPES[kind], crs="EPSG:4326")


def by_pyogrio(suffix: str, driver: str, **said: Any) -> Write:
    def write(frame: gpd.GeoDataFrame, folder: Path) -> Path:
        path = folder / f"图层一{suffix}"
        # GDAL says what a format makes of names, which is its affair
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pyogrio.write_dataframe(frame, path, driver=driver, **said)
        return path

    return write


def as_kmz(frame: gpd.GeoDataFrame, folder: Path) -> Path:
    kml = by_pyogrio(".kml", "KML")(frame, folder)
    with zipfile.ZipFile(folder / "图层.kmz", "w") as archive:
        archive.write(kml, "doc.kml")
        archive.writestr("files/icon.png", b"\x89PNG\r\n\x1a\n\0")
    return folder / "图层.kmz"


def as_gbk_shapefile(frame: gpd.GeoDataFrame, folder: Path) -> Path:
    """In GBK, and nothing says so."""
    path = by_pyogrio(".shp", "ESRI Shapefile", encoding="GB18030")(frame, folder)
    path.with_suffix(".cpg").unlink()
    return path


def as_neutral_tab(frame: gpd.GeoDataFrame, folder: Path) -> Path:
    """In GBK, called Neutral."""
    said = TAB | {"ENCODING": "CP936"}
    path = by_pyogrio(".tab", "MapInfo File", layer_options=said)(frame, folder)
    path.write_bytes(path.read_bytes().replace(b"WindowsSimpChinese", b"Neutral"))
    return path


def as_neutral_mif(frame: gpd.GeoDataFrame, folder: Path) -> Path:
    path = by_pyogrio(".mif", "MapInfo File", layer_options={"ENCODING": "CP936"})(frame, folder)
    path.write_bytes(path.read_bytes().replace(b"WindowsSimpChinese", b"Neutral"))
    return path


def as_gbk_kml(frame: gpd.GeoDataFrame, folder: Path) -> Path:
    path = by_pyogrio(".kml", "KML")(frame, folder)
    text = path.read_text(encoding="utf-8")
    declared = re.sub(r"encoding=\S+?(?=\s*\?>)", 'encoding="GB2312"', text, count=1)
    assert declared != text
    path.write_bytes(declared.encode("gb18030"))
    return path


def as_geoparquet(frame: gpd.GeoDataFrame, folder: Path) -> Path:
    frame.to_parquet(folder / "图层一.parquet")
    return folder / "图层一.parquet"


WRITERS: dict[str, tuple[str, Write]] = {
    "geojson": ("geojson", by_pyogrio(".geojson", "GeoJSON")),
    "geojsonl": ("geojsonl", by_pyogrio(".geojsonl", "GeoJSONSeq")),
    "geojsons with RS": ("geojsonl", by_pyogrio(".geojsons", "GeoJSONSeq", RS=True)),
    "gpkg": ("gpkg", by_pyogrio(".gpkg", "GPKG")),
    "shapefile": ("shapefile", by_pyogrio(".shp", "ESRI Shapefile", encoding="UTF-8")),
    "shapefile in GBK": ("shapefile", as_gbk_shapefile),
    "kml": ("kml", by_pyogrio(".kml", "KML")),
    "kml by libkml": ("kml", by_pyogrio(".kml", "LIBKML")),
    "kml in GBK": ("kml", as_gbk_kml),
    "kmz": ("kml", as_kmz),
    "kmz by libkml": ("kml", by_pyogrio(".kmz", "LIBKML")),
    "tab": ("tab", by_pyogrio(".tab", "MapInfo File", layer_options=TAB | {"ENCODING": "CP936"})),
    "tab in UTF-8": (
        "tab", by_pyogrio(".tab", "MapInfo File", layer_options=TAB | {"ENCODING": "UTF-8"})
    ),
    "tab called neutral": ("tab", as_neutral_tab),
    "mif": ("mif", by_pyogrio(".mif", "MapInfo File", layer_options={"ENCODING": "CP936"})),
    "mif called neutral": ("mif", as_neutral_mif),
    "gml": ("gml", by_pyogrio(".gml", "GML")),
    "gml 2": ("gml", by_pyogrio(".gml", "GML", FORMAT="GML2")),
    "flatgeobuf": ("flatgeobuf", by_pyogrio(".fgb", "FlatGeobuf")),
    "geoparquet": ("geoparquet", as_geoparquet),
    "filegdb": ("filegdb", by_pyogrio(".gdb", "OpenFileGDB", promote_to_multi=True)),
}  # fmt: skip


def open_file(path: Path, **said: Any) -> tuple[files.Source | None, Findings]:
    findings = Findings(NOTICES)
    entry = InputFile(file=path.name, **said)
    source = files.open_source(path.parent, path.name, files.FORMATS, findings, None, entry)
    return source, findings


def notices_of(path: Path, **said: Any) -> tuple[Notice, ...]:
    """What is found when a file is read as features."""
    source, findings = open_file(path, **said)
    if source is not None:
        source.read(findings, layer=source.entry.layer)
    return findings.notices


def codes(path: Path, **said: Any) -> list[str]:
    return [notice.code for notice in notices_of(path, **said)]


def in_order(texts: list[Any], shapes: list[Any]) -> list[Any]:
    """By the place of the shapes: FlatGeobuf writes features in an order of its own."""
    order = sorted(range(len(shapes)), key=lambda i: shapely.get_coordinates(shapes[i]).tolist())
    return [texts[i] for i in order]


@pytest.mark.parametrize("kind", SHAPES)
@pytest.mark.parametrize("writer", WRITERS)
def test_a_file_of_another_writer_comes_through(tmp_path: Path, writer: str, kind: str) -> None:
    frame, (expected, write) = frame_of(kind), WRITERS[writer]
    source, findings = open_file(write(frame, tmp_path))
    assert source is not None, [str(notice) for notice in findings.notices]
    assert (source.format, source.family) == (expected, "vector")
    read = source.read(findings)
    assert read is not None, [str(notice) for notice in findings.notices]
    assert {notice.code for notice in findings.notices} <= {"encoding_guessed"}

    features = list(unpacked(*read))
    drawn = [shapely.from_wkb(drawn) for _, _, drawn in features]
    rows = [properties for _, properties, _ in features]
    rows, drawn = in_order(rows, drawn), in_order(drawn, drawn)
    shapes = in_order(SHAPES[kind], SHAPES[kind])
    for one, other in zip(drawn, shapes, strict=True):
        # a shape may come as one of several parts, its rings from another corner or the other way
        difference = shapely.hausdorff_distance(one, other)
        assert difference < 1e-7 if kind != "areas" else shapely.equals_exact(
            shapely.normalize(one.normalize().buffer(0)),
            shapely.normalize(other.normalize().buffer(0)),
            1e-7,
        )  # fmt: skip
    # names of columns that a shapefile cuts are whole here: three letters at most
    texts = [[row.get(name, "") for name in COLUMNS] for row in rows]
    wanted = [list(map(str, row)) for row in zip(*COLUMNS.values(), strict=True)]
    assert texts == in_order(wanted, SHAPES[kind])


@pytest.mark.parametrize("writer", ZIPPED)
@pytest.mark.parametrize("has_utf8_names", [True, False])
def test_a_file_in_a_zip_is_the_same(tmp_path: Path, writer: str, has_utf8_names: bool) -> None:
    frame, (expected, write) = frame_of("areas"), WRITERS[writer]
    (tmp_path / "in").mkdir()
    path = write(frame, tmp_path / "in")
    plain, _ = open_file(path)
    assert plain is not None
    inside = sorted(path.rglob("*")) if path.is_dir() else sorted((tmp_path / "in").iterdir())
    with zipfile.ZipFile(tmp_path / "图.zip", "w") as archive:
        archive.writestr("说明.txt", "来源,日期")
        for file in inside:
            archive.write(file, f"数据/../{file.relative_to(tmp_path / 'in').as_posix()}")
    if not has_utf8_names:
        as_chinese_windows_writes(tmp_path / "图.zip")
    source, findings = open_file(tmp_path / "图.zip", layer="图层一")
    assert source is not None, findings.notices
    assert source.format == expected
    read = source.read(findings, layer="图层一")
    assert findings.notices == ()
    assert list(unpacked(*read)) == list(unpacked(*plain.read(findings)))  # type: ignore[misc]
    assert sorted(file.name for file in tmp_path.iterdir()) == ["in", "图.zip"]


def as_chinese_windows_writes(path: Path) -> None:
    """The same archive with names in GBK, not marked as UTF-8."""
    with zipfile.ZipFile(path) as archive:
        members = [(one.filename, archive.read(one)) for one in archive.infolist()]
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members:
            info = zipfile.ZipInfo(name.encode("gb18030").decode("cp437"))
            archive.writestr(info, data)
    data = path.read_bytes()
    for name, _ in members:
        raw = name.encode("gb18030")
        data = data.replace(raw.decode("cp437").encode("utf-8"), raw)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members:
            info = GbkInfo(name)
            archive.writestr(info, content)


class GbkInfo(zipfile.ZipInfo):
    """A member whose name is written in GBK."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        return self.filename.encode("gb18030"), self.flag_bits & ~0x800


def test_of_several_shapefiles_in_a_zip_one_is_named(tmp_path: Path) -> None:
    for name, by in (("甲", 0.0), ("乙", 1.0)):
        shape = Polygon(moved(SQUARE, by))
        frame = gpd.GeoDataFrame({"name": [name]}, geometry=[shape], crs="EPSG:4326")
        frame.to_file(tmp_path / f"{name}.shp", encoding="UTF-8")
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for file in sorted(tmp_path.glob("[甲乙].*")):
            archive.write(file, f"sub/{file.name}")
    source, findings = open_file(tmp_path / "all.zip", layer="甲")
    assert source is not None
    read = source.read(findings, layer="甲")
    assert read is not None
    assert [row["name"] for _, row, _ in unpacked(*read)] == ["甲"]
    assert findings.notices == ()
    (notice,) = notices_of(tmp_path / "all.zip")
    assert (notice.code, "乙, 甲" in notice.en) == ("multiple_layers", True)
    (notice,) = notices_of(tmp_path / "all.zip", layer="丙")
    assert (notice.code, "乙, 甲" in notice.en) == ("layer_unknown", True)


def test_a_zip_in_a_zip_is_not_unpacked(tmp_path: Path) -> None:
    path = by_pyogrio(".shp", "ESRI Shapefile")(frame_of("areas"), tmp_path)
    with zipfile.ZipFile(tmp_path / "inner.zip", "w") as archive:
        archive.write(path)
    with zipfile.ZipFile(tmp_path / "outer.zip", "w") as archive:
        archive.write(tmp_path / "inner.zip", "inner.zip")
    assert codes(tmp_path / "outer.zip") == ["unsupported_format"]


def test_a_single_feature_and_a_bare_shape_are_geojson(tmp_path: Path) -> None:
    shape = json.loads(shapely.to_geojson(Point(LON, LAT)))
    feature = {"type": "Feature", "properties": {"名称": "甲"}, "geometry": shape}
    for tree, texts in ((feature, {"名称": "甲"}), (shape, {})):
        path = tmp_path / "one.geojson"
        path.write_text(json.dumps(tree, ensure_ascii=False), encoding="utf-8")
        source, findings = open_file(path)
        assert source is not None
        assert source.format == "geojson"
        ((_, properties, drawn),) = unpacked(*source.read(findings))  # type: ignore[misc]
        assert properties == texts
        assert shapely.from_wkb(drawn) == Point(LON, LAT)


def test_features_a_line_know_their_lines_and_a_cut_one_is_named(tmp_path: Path) -> None:
    path = by_pyogrio(".geojsonl", "GeoJSONSeq")(frame_of("points"), tmp_path)
    source, findings = open_file(path)
    assert source is not None
    assert [line for line, _, _ in unpacked(*source.read(findings))] == [1, 2, 3]  # type: ignore[misc]
    path.write_text(path.read_text(encoding="utf-8")[:-20], encoding="utf-8")
    (notice,) = notices_of(path)
    assert (notice.code, notice.line) == ("truncated_file", 3)


def test_a_first_line_longer_than_what_is_looked_at_is_one_of_several(tmp_path: Path) -> None:
    outline = shapely.segmentize(Point(LON, LAT).buffer(0.1), 0.0002)
    tree = {"type": "Feature", "properties": {"名称": "甲"},
            "geometry": json.loads(shapely.to_geojson(outline))}  # fmt: skip
    line = json.dumps(tree, ensure_ascii=False)
    assert len(line) > HEAD_BYTES
    for count in (1, 2):
        path = tmp_path / f"{count}.geojsonl"
        path.write_text("\n".join([line] * count), encoding="utf-8")
        source, findings = open_file(path)
        assert source is not None
        assert len(list(unpacked(*source.read(findings)))) == count  # type: ignore[misc]
        assert findings.notices == ()


def test_words_of_gbk_that_are_valid_utf_8_are_read_as_chinese(tmp_path: Path) -> None:
    names = ["站01", "站02", "站03"]
    assert "站".encode("gb18030").decode("utf-8") != "站"
    frame = gpd.GeoDataFrame({"name": names}, geometry=[Point(LON, LAT)] * 3, crs=4326)
    source, findings = open_file(as_gbk_shapefile(frame, tmp_path))
    assert source is not None
    rows = [row for _, row, _ in unpacked(*source.read(findings))]  # type: ignore[misc]
    assert [row["name"] for row in rows] == names
    assert {notice.code for notice in findings.notices} == {"encoding_guessed"}


def test_values_come_as_a_reader_writes_them(tmp_path: Path) -> None:
    values = {
        "whole": 990101.0, "real": 1.25, "yes": True, "none": None, "list": [1, "二"],
        "text": " a ", "NAME": "n", "name": "m", "not": float("nan"),
    }  # fmt: skip
    feature = {"type": "Feature", "properties": values, "geometry": None}
    path = tmp_path / "values.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
    source, findings = open_file(path)
    assert source is not None
    ((_, texts, _),) = unpacked(*source.read(findings))  # type: ignore[misc]
    assert texts == {
        "whole": "990101", "real": "1.25", "yes": "true", "none": "", "list": '[1, "二"]',
        "text": "a", "NAME": "n", "name": "m", "not": "",
    }  # fmt: skip
    days = gpd.GeoDataFrame(
        {"day": np.array(["2020-06-30"], "datetime64[ms]"), "whole": [7.0]},
        geometry=[Point(LON, LAT)],
        crs="EPSG:4326",
    )
    source, findings = open_file(by_pyogrio(".gpkg", "GPKG")(days, tmp_path))
    assert source is not None
    ((_, texts, _),) = unpacked(*source.read(findings))  # type: ignore[misc]
    assert texts == {"day": "2020-06-30", "whole": "7"}


def test_a_name_of_a_column_that_a_shapefile_cut_in_a_letter_is_whole_letters(
    tmp_path: Path,
) -> None:
    frame = frame_of("points").rename(columns={"名称": "道路名称长"})
    path = by_pyogrio(".shp", "ESRI Shapefile", encoding="UTF-8")(frame, tmp_path)
    before = path.with_suffix(".dbf").read_bytes()
    source, findings = open_file(path)
    assert source is not None
    rows = [row for _, row, _ in unpacked(*source.read(findings))]  # type: ignore[misc]
    assert [row["道路名"] for row in rows] == COLUMNS["名称"]
    assert findings.notices == ()
    assert path.with_suffix(".dbf").read_bytes() == before


@pytest.mark.parametrize("label", ["936", "GBK", "cp936", "gb2312", "GB18030", "ANSI 936"])
def test_a_cpg_is_understood_as_it_is_meant(tmp_path: Path, label: str) -> None:
    path = as_gbk_shapefile(frame_of("points"), tmp_path)
    path.with_suffix(".cpg").write_text(label, encoding="ascii")
    source, findings = open_file(path)
    assert source is not None
    rows = [row for _, row, _ in unpacked(*source.read(findings))]  # type: ignore[misc]
    assert [row["名称"] for row in rows] == COLUMNS["名称"]
    assert findings.notices == ()


# what follows a file elsewhere is not followed

SECRET = "secret-of-another-file"
ELSEWHERE = {
    "vrt": "<OGRVRTDataSource><OGRVRTLayer name='x'><SrcDataSource>{secret}</SrcDataSource>"
    "</OGRVRTLayer></OGRVRTDataSource>",
    "vrt raster": "<VRTDataset rasterXSize='1' rasterYSize='1'><VRTRasterBand band='1'>"
    "<SimpleSource><SourceFilename>{secret}</SourceFilename></SimpleSource></VRTRasterBand>"
    "</VRTDataset>",
    "wfs": "<OGRWFSDataSource><URL>http://127.0.0.1:9/wfs</URL></OGRWFSDataSource>",
    "wfs capabilities": "<wfs:WFS_Capabilities xmlns:wfs='http://www.opengis.net/wfs'/>",
    "gdalg": '{{"type":"gdal_streamed_alg","command_line":"gdal vector pipeline ! read {secret}"}}',
}


@pytest.mark.parametrize("content", ELSEWHERE)
@pytest.mark.parametrize(
    "suffix",
    [*sorted({suffix for kind in files.FORMATS.values() for suffix in kind.suffixes}), ".zip"],
)
def test_what_leads_elsewhere_is_refused_under_every_suffix(
    tmp_path: Path, suffix: str, content: str
) -> None:
    secret = tmp_path / "secret.geojson"
    secret.write_text(SECRET, encoding="utf-8")
    path = tmp_path / f"x{suffix}"
    text = ELSEWHERE[content].format(secret=secret)
    if suffix in (".zip", ".kmz"):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("doc.kml", text)
    else:
        path.write_text(text, encoding="utf-8")
    findings = Findings(NOTICES)
    source = files.open_source(tmp_path, path.name, files.VECTORS, findings)
    assert source is None
    (notice,) = findings.notices
    assert notice.code in ("forbidden_driver", "unsupported_format")


def test_only_drivers_that_are_needed_are_left() -> None:
    import subprocess
    import sys

    program = "from planner.layers.formats.gdal import load_gdal as load; "
    program += "print(*load().list_drivers(), sep='|')"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert set(done.stdout.strip().split("|")) == set(ALLOWED)


XML_HEAD = '<?xml version="1.0" encoding="utf-8"?>'


@pytest.mark.parametrize("suffix", [".kml", ".gml"])
@pytest.mark.parametrize(
    "prolog",
    [
        '<!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_xml_with_a_dtd_is_refused_before_anything_parses_it(
    tmp_path: Path, suffix: str, prolog: str, encoding: str
) -> None:
    kind = {".kml": "KML", ".gml": "GML"}[suffix]
    path = by_pyogrio(suffix, kind)(frame_of("points"), tmp_path)
    text = path.read_text(encoding="utf-8")
    body = text[text.index("?>") + 2 :]
    path.write_bytes(f'<?xml version="1.0" encoding="{encoding}"?>{prolog}{body}'.encode(encoding))
    assert codes(path) == ["remote_reference"]


@pytest.mark.parametrize("place", ["file:///etc/passwd", "http://127.0.0.1:9/x.xsd", "x.xsd"])
def test_a_schema_of_a_gml_is_not_looked_for(tmp_path: Path, place: str) -> None:
    path = by_pyogrio(".gml", "GML")(frame_of("points"), tmp_path)
    before = features_of(path)
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r'(?<=ogr.maptools.org/ )[^"]+', place, text), encoding="utf-8")
    # a schema that leads elsewhere, and GDAL's own notes, beside it
    (tmp_path / "x.xsd").write_text(
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:import namespace="a" '
        'schemaLocation="http://127.0.0.1:9/y.xsd"/></xs:schema>',
        encoding="utf-8",
    )
    shutil.copy(tmp_path / "x.xsd", path.with_suffix(".xsd"))
    path.with_suffix(".gfs").write_text("<GMLFeatureClassList/>", encoding="utf-8")
    assert features_of(path) == before


def features_of(path: Path) -> list[Any]:
    source, findings = open_file(path)
    assert source is not None, findings.notices
    read = source.read(findings)
    assert read is not None, findings.notices
    return list(unpacked(*read))


@pytest.mark.parametrize(
    "text",
    [
        '!table\n!version 300\nDefinition Table\n  Type LINKED Charset "Neutral"\n',
        '!table\n!version 300\nOpen Table "..\\\\..\\\\secret.tab" Hide\ncreate view x\n',
        '!table\nDefinition Table\n  Type NATIVE\nbegin_metadata\n"\\IsSeamless" = "TRUE"\n',
    ],
)
def test_a_table_of_other_tables_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.tab"
    path.write_text(text, encoding="utf-8")
    for suffix in (".dat", ".map", ".id"):
        path.with_suffix(suffix).write_bytes(b"\0")
    assert codes(path) == ["remote_reference"]


def test_files_beside_a_file_that_lead_elsewhere_are_none_of_it(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    frame_of("points").to_file(tmp_path / "secret.shp")
    path = by_pyogrio(".shp", "ESRI Shapefile")(frame_of("points"), tmp_path / "in")
    path.with_suffix(".dbf").unlink()
    path.with_suffix(".dbf").symlink_to(tmp_path / "secret.dbf")
    source, findings = open_file(path)
    assert source is not None
    read = source.read(findings)
    assert read is not None
    assert [row for _, row, _ in unpacked(*read)] == [{}, {}, {}]
    assert [notice.code for notice in findings.notices] == ["sidecar_missing"]


def test_a_geodatabase_with_a_link_is_none(tmp_path: Path) -> None:
    path = by_pyogrio(".gdb", "OpenFileGDB")(frame_of("points"), tmp_path)
    (path / "a0000000f.gdbtable").symlink_to("/etc/passwd")
    assert codes(path) == ["unreadable_file"]


def test_a_geopackage_of_tables_elsewhere_holds_none_of_them(tmp_path: Path) -> None:
    path = by_pyogrio(".gpkg", "GPKG")(frame_of("points"), tmp_path)
    shapefile = by_pyogrio(".shp", "ESRI Shapefile")(frame_of("lines"), tmp_path)
    base = sqlite3.connect(path)
    base.execute("pragma writable_schema = 1")
    base.execute(
        "insert into sqlite_master(type, name, tbl_name, rootpage, sql) values "
        "('table', 'evil', 'evil', 0, ?)",
        (f"create virtual table evil using VirtualOGR('{shapefile}')",),
    )
    base.execute(
        "insert into gpkg_contents(table_name, data_type, identifier, srs_id) "
        "values ('evil', 'features', 'evil', 4326)"
    )
    base.execute(
        "insert into gpkg_geometry_columns values ('evil', 'geom', 'LINESTRING', 4326, 0, 0)"
    )
    base.commit()
    base.close()
    assert codes(path, layer="evil") == ["truncated_file"]


def test_a_drawing_that_names_another_is_read_without_it(tmp_path: Path) -> None:
    path = by_pyogrio(".dxf", "DXF")(frame_of("lines")[["geometry"]], tmp_path)
    before = features_of(path)
    text = path.read_text(encoding="utf-8")
    place = " 10\n0.0\n 20\n0.0\n  3\nother\n  1\n/etc/passwd\n"
    block = f"  0\nBLOCK\n  8\n0\n  2\nother\n 70\n4\n{place}  0\nENDBLK\n"
    assert "BLOCKS\n" in text
    path.write_text(text.replace("BLOCKS\n", f"BLOCKS\n{block}", 1), encoding="utf-8")
    assert features_of(path) == before


def pairs(*codes_and_values: Any) -> str:
    """Lines of a drawing: a code and what it says, one below the other."""
    return "".join(f"{line}\n" for line in codes_and_values)


def test_a_drawing_has_layers_texts_block_attributes_and_extended_data(tmp_path: Path) -> None:
    """As a Chinese AutoCAD writes it: UTF-8 under the name of another code page."""
    head = pairs(0, "SECTION", 2, "HEADER", 9, "$ACADVER", 1, "AC1024")
    head += pairs(9, "$DWGCODEPAGE", 3, "ANSI_936", 0, "ENDSEC")
    mark = pairs(0, "LINE", 8, "0", 10, 0, 20, 0, 11, 0.001, 21, 0.001)
    blocks = pairs(0, "SECTION", 2, "BLOCKS") + "".join(
        pairs(0, "BLOCK", 8, "0", 2, name, 70, 2, 10, 0, 20, 0) + mark + pairs(0, "ENDBLK")
        for name in ("SITE", "PLAIN")
    )
    label = (100, "AcDbText", 10, 120.12, 20, 33.43, 40, 1)
    told = pairs(0, "INSERT", 5, "A1", 8, "基站", 66, 1, 2, "SITE", 10, 120.12, 20, 33.42)
    for tag, text in (("站名", "西村 一"), ("STATE", "已开通")):
        told += pairs(0, "ATTRIB", 8, "基站", *label, 1, text, 100, "AcDbAttribute", 2, tag, 70, 0)
    told += pairs(0, "SEQEND", 0, "INSERT", 5, "A2", 8, "路", 2, "PLAIN", 10, 120.13, 20, 33.42)
    corners = (10, 120.12, 20, 33.41, 10, 120.14, 20, 33.44)
    told += pairs(0, "LWPOLYLINE", 5, "A3", 8, "路", 90, 2, 70, 0, *corners)
    told += pairs(1001, "SOUTH", 1000, "161101", 1040, 3.5)
    told += pairs(0, "TEXT", 5, "A4", 8, "路", *label, 1, "中山路")
    end = pairs(0, "ENDSEC")
    entities = pairs(0, "SECTION", 2, "ENTITIES") + told
    text = head + blocks + end + entities + end + pairs(0, "EOF")
    (tmp_path / "a.dxf").write_text(text, encoding="utf-8")

    features = features_of(tmp_path / "a.dxf")

    assert [said for _, said, _ in features] == [
        {"Layer": "基站", "Text": "", "站名": "西村 一", "STATE": "已开通", "SOUTH": ""},
        {"Layer": "路", "Text": "", "站名": "", "STATE": "", "SOUTH": ""},
        {"Layer": "路", "Text": "", "站名": "", "STATE": "", "SOUTH": "161101, 3.5"},
        {"Layer": "路", "Text": "中山路", "站名": "", "STATE": "", "SOUTH": ""},
    ]
    drawn = [shapely.from_wkb(drawn).geom_type for *_, drawn in features]
    assert drawn == ["Point", "LineString", "LineString", "Point"]


def test_networks_of_a_kmz_are_refused(tmp_path: Path) -> None:
    link = "<NetworkLink><Link><href>http://127.0.0.1:9/x.kml</href></Link></NetworkLink>"
    with zipfile.ZipFile(tmp_path / "x.kmz", "w") as archive:
        archive.writestr("doc.kml", f"{XML_HEAD}<kml><Document>{link}</Document></kml>")
    assert codes(tmp_path / "x.kmz") == ["remote_reference"]


@pytest.mark.parametrize("href", ["http://127.0.0.1:9/x.kml", "layers/none.kml", "../doc.kml"])
def test_a_kmz_of_links_that_lead_out_of_it_is_refused(tmp_path: Path, href: str) -> None:
    inside = "<NetworkLink><Link><href>layers/a.kml</href></Link></NetworkLink>"
    links = inside + inside.replace("layers/a.kml", href)
    point = "<Placemark><Point><coordinates>120.1,33.4</coordinates></Point></Placemark>"
    with zipfile.ZipFile(tmp_path / "x.kmz", "w") as archive:
        archive.writestr("doc.kml", f"{XML_HEAD}<kml><Document>{links}</Document></kml>")
        archive.writestr("layers/a.kml", f"{XML_HEAD}<kml><Document>{point}</Document></kml>")
    assert "remote_reference" in codes(tmp_path / "x.kmz")


def test_folders_of_a_kml_are_read_together(tmp_path: Path) -> None:
    point = "<Point><coordinates>120.1,33.4</coordinates></Point>"
    mark = f"<Placemark><name>{{0}}</name>{point}</Placemark>"
    folders = "".join(f"<Folder><name>{name}</name>{mark.format(name)}</Folder>" for name in "甲乙")
    path = tmp_path / "x.kml"
    path.write_text(f"{XML_HEAD}<kml><Document>{folders}</Document></kml>", encoding="utf-8")
    assert [(row["folder"], row["Name"]) for _, row, _ in features_of(path)] == [
        ("甲", "甲"),
        ("乙", "乙"),
    ]
    assert codes(path) == []


def test_what_a_mark_is_called_is_a_column_once(tmp_path: Path) -> None:
    names = ["甲", "乙", "丙"]
    frame = gpd.GeoDataFrame(
        {"Name": names, "站名": names, "备注": ["", "", ""]}, geometry=SHAPES["points"], crs=4326
    )
    path = by_pyogrio(".kml", "LIBKML")(frame, tmp_path)
    assert [{**row, "id": ""} for _, row, _ in features_of(path)] == [
        {"id": "", "站名": name} for name in names
    ]
    frame = frame.assign(站名=["a", "b", "c"])
    path = by_pyogrio(".kml", "LIBKML")(frame, tmp_path)
    assert [row["Name"] for _, row, _ in features_of(path)] == names


def test_nothing_is_left_of_what_was_unpacked(tmp_path: Path, monkeypatch: Any) -> None:
    reader.close()
    (tmp_path / "temporary").mkdir()
    for name in ("TMPDIR", "TEMP", "TMP"):
        monkeypatch.setenv(name, str(tmp_path / "temporary"))
    path = as_kmz(frame_of("points"), tmp_path)
    assert len(features_of(path)) == 3
    assert list((tmp_path / "temporary").iterdir()) == []
    reader.close()


@pytest.mark.parametrize("writer", WRITERS)
def test_a_damaged_file_is_read_or_refused_with_every_feature_accounted_for(
    tmp_path: Path, writer: str
) -> None:
    dice = random.Random(writer)
    (tmp_path / "seed").mkdir()
    seed = WRITERS[writer][1](frame_of("points"), tmp_path / "seed")
    for i in range(6):
        shutil.copytree(tmp_path / "seed", tmp_path / str(i))
        path = tmp_path / str(i) / seed.name
        damage(
            dice.choice([file for file in (tmp_path / str(i)).rglob("*") if file.is_file()]), dice
        )
        for shape in ("line", None):
            source, findings = open_file(path)
            if source is not None and shape is None:
                read_table(source, findings, ("lon", "lat"), ("name",))
            elif source is not None and source.family == "vector":
                vectors.read_vector(source, findings, "line", datum="wgs84", work_crs="EPSG:4549")
            account = findings.account(path.name)
            assert account.rows_in == account.accepted + account.rejected + account.blank


def damage(path: Path, dice: random.Random) -> None:
    """Change a few bytes of a file, or cut it."""
    data = bytearray(path.read_bytes())
    if data and dice.random() < 0.3:
        data = data[: dice.randrange(len(data))]
    for _ in range(dice.randint(1, 6) if data else 0):
        data[dice.randrange(len(data))] = dice.randrange(256)
    path.write_bytes(data)


def test_rows_without_any_shape_are_each_refused(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"name": ["甲", "乙"]}, geometry=[None, None], crs="EPSG:4326")
    frame.to_file(tmp_path / "none.geojson", driver="GeoJSON")
    source, findings = open_file(tmp_path / "none.geojson")
    assert source is not None
    table = read_table(source, findings, ("lon", "lat"), ("name",))
    assert table is not None
    numbers(table, "lon", findings, missing="missing_coordinate", degrees=True)
    said = [(notice.code, notice.feature_name) for notice in findings.notices]
    assert said == [("missing_coordinate", "甲"), ("missing_coordinate", "乙")]


# features as rows, and as areas


@pytest.mark.parametrize("writer", WRITERS)
def test_points_of_every_format_are_rows_of_a_list(tmp_path: Path, writer: str) -> None:
    frame, (_, write) = frame_of("points"), WRITERS[writer]
    source, findings = open_file(write(frame, tmp_path))
    assert source is not None
    table = read_table(source, findings, ("lon", "lat", "name", "people"), ("kind",))
    assert table is not None, [str(notice) for notice in findings.notices]
    lon, lat = (numbers(table, axis, findings, degrees=True) for axis in ("lon", "lat"))
    order = np.argsort(lon)
    assert np.abs(lon[order] - frame.geometry.x).max() < 1e-7
    assert np.abs(lat[order] - frame.geometry.y).max() < 1e-7
    assert table.text("name").to_numpy()[order].tolist() == COLUMNS["名称"]
    assert numbers(table, "people", findings)[order].tolist() == COLUMNS["people"]


def test_findings_about_rows_name_the_feature(tmp_path: Path) -> None:
    frame = frame_of("points").assign(people=["1", "many", "3"]).to_crs("EPSG:4549")
    source, findings = open_file(by_pyogrio(".gpkg", "GPKG")(frame, tmp_path))
    assert source is not None
    table = read_table(source, findings, ("lon", "lat", "people"), ("name",))
    assert table is not None
    assert table.source.entry.datum == "wgs84"
    numbers(table, "people", findings)
    (notice,) = [notice for notice in findings.notices if notice.code == "invalid_number"]
    assert (notice.feature, notice.feature_name, notice.line) == (2, "乙 村", None)
    assert (notice.lon, notice.lat) == pytest.approx((LON + 0.001, LAT + 1 / 700), abs=1e-8)


def test_columns_of_degrees_are_those_of_the_file(tmp_path: Path) -> None:
    frame = frame_of("points").assign(经度=["120.5", "120.6", ""], 纬度=["33.1", "33.2", ""])
    source, findings = open_file(by_pyogrio(".gpkg", "GPKG")(frame, tmp_path))
    assert source is not None
    table = read_table(source, findings, ("lon", "lat"))
    assert table is not None
    assert table.text("lon").tolist() == ["120.5", "120.6", ""]


def test_columns_of_metres_are_no_degrees(tmp_path: Path) -> None:
    frame = frame_of("points").assign(X=[512345.1, 512346.1, 512347.1], Y=[3698765.0] * 3)
    source, findings = open_file(by_pyogrio(".gpkg", "GPKG")(frame, tmp_path))
    assert source is not None
    table = read_table(source, findings, ("lon", "lat"))
    assert table is not None
    assert table.text("lon").tolist() == [repr(x) for x in frame.geometry.x]


def areas_of(path: Path, **said: Any) -> tuple[gpd.GeoDataFrame | None, Findings]:
    source, findings = open_file(path, **said)
    assert source is not None, findings.notices
    frame = vectors.read_vector(source, findings, "polygon", datum="wgs84", work_crs="EPSG:4549")
    return frame, findings


def test_of_a_mixed_file_each_part_is_used_as_what_it_is(tmp_path: Path) -> None:
    shapes = [Polygon(moved(SQUARE)), LineString(moved(SQUARE)), Point(LON, LAT), None]
    frame = gpd.GeoDataFrame({"name": list("甲乙丙丁")}, geometry=shapes, crs="EPSG:4326")
    frame.to_file(tmp_path / "mixed.geojson", driver="GeoJSON")
    areas, findings = areas_of(tmp_path / "mixed.geojson")
    assert areas is not None
    assert areas["name"].tolist() == ["甲"]
    said = {(notice.severity, notice.feature_name) for notice in findings.notices}
    assert said == {("W", "乙"), ("W", "丙"), ("W", "丁")}
    account = findings.account("mixed.geojson")
    assert (account.rows_in, account.accepted, account.rejected) == (4, 1, 3)
    source, findings = open_file(tmp_path / "mixed.geojson", radius_m=100.0)
    assert source is not None
    roads = vectors.read_vector(source, findings, "line", datum="wgs84", work_crs="EPSG:4549")
    assert roads is not None
    assert roads["name"].tolist() == ["乙"]


def test_points_with_a_radius_are_discs(tmp_path: Path) -> None:
    columns = {"name": list("甲乙丙"), "半径": ["100", "", "-5"], "kind": ["", "school", ""]}
    frame = gpd.GeoDataFrame(columns, geometry=SHAPES["points"], crs="EPSG:4326")
    frame.to_file(tmp_path / "points.gpkg", driver="GPKG")
    discs, findings = areas_of(tmp_path / "points.gpkg", radius_m=250.0)
    assert discs is not None
    assert discs.area.tolist() == pytest.approx([np.pi * 100**2, np.pi * 250**2], rel=0.01)
    assert discs.centroid.to_crs("EPSG:4326").x.tolist() == pytest.approx(
        frame.geometry.x[:2].tolist(), abs=1e-7
    )
    (notice,) = [notice for notice in findings.notices if notice.severity == "E"]
    assert (notice.code, notice.feature_name, notice.value) == ("value_out_of_range", "丙", "-5")


def test_rows_with_a_radius_are_discs(tmp_path: Path) -> None:
    path = tmp_path / "schools.csv"
    path.write_text("名称,经度,纬度,radius_m\n甲,120.13,33.4,150\n乙,120.14,33.4,\n", "utf-8")
    discs, findings = areas_of(path)
    assert discs is not None
    assert discs["name"].tolist() == ["甲"]
    assert discs.area.tolist() == pytest.approx([np.pi * 150**2], rel=0.01)
    (notice,) = [notice for notice in findings.notices if notice.severity != "I"]
    assert (notice.code, notice.line, notice.feature_name) == ("wrong_geometry_type", 3, "乙")


def test_closed_lines_of_a_drawing_are_areas(tmp_path: Path) -> None:
    ring = LineString([*moved(SQUARE), moved(SQUARE)[0]])
    frame = gpd.GeoDataFrame(geometry=[ring], crs="EPSG:4326").to_crs("EPSG:4549")
    path = by_pyogrio(".dxf", "DXF")(frame, tmp_path)
    areas, findings = areas_of(path)
    assert areas is None
    assert [notice.code for notice in findings.notices] == ["crs_missing"]
    areas, findings = areas_of(path, crs="EPSG:4549")
    assert areas is not None
    assert findings.notices == ()
    assert areas.area.iloc[0] == pytest.approx(Polygon(frame.geometry[0].coords).area)


@pytest.mark.parametrize(
    "where", [{"name": ("甲区",)}, {"adcode": ("990101",)}, {"ADCODE": ("1", "990101")}]
)
def test_one_county_is_taken_whatever_the_ring_of_its_neighbour(
    tmp_path: Path, where: dict[str, Any]
) -> None:
    square = [[120.08, 33.33], [120.24, 33.33], [120.24, 33.43], [120.08, 33.43], [120.08, 33.33]]
    bow = [[120.24, 33.33], [120.4, 33.43], [120.4, 33.33], [120.24, 33.43], [120.24, 33.33]]
    features = [
        {
            "type": "Feature",
            "properties": {"adcode": code, "name": name},
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }
        for code, name, ring in ((990101, "甲区", square), (990102, "乙县", bow))
    ]
    path = tmp_path / "city.geojson"
    tree = {"type": "FeatureCollection", "features": features}
    path.write_text(json.dumps(tree, ensure_ascii=False), encoding="utf-8")
    areas, findings = areas_of(path, where=where)
    assert areas is not None
    assert (areas["name"].tolist(), findings.notices) == (["甲区"], ())
    areas, findings = areas_of(path)
    (notice,) = findings.notices
    assert (notice.code, notice.feature, notice.feature_name) == ("invalid_ring", 2, "乙县")
    assert (notice.lon, notice.lat) == pytest.approx((120.32, 33.38), abs=1e-4)


def test_points_of_a_layer_are_areas_by_its_radius(tmp_path: Path) -> None:
    write_toy_county(tmp_path)
    schools = gpd.GeoDataFrame(
        {"name": ["小学", "中学"], "kind": ["school", "school"]},
        geometry=[
            Point(ORIGIN[0] + 0.03, ORIGIN[1] + 0.03),
            Point(ORIGIN[0] + 0.04, ORIGIN[1] + 0.03),
        ],
        crs="EPSG:4326",
    )
    schools.to_file(tmp_path / "schools.geojson", driver="GeoJSON")
    scenario = Scenario.from_file(tmp_path / "scenario.yaml")
    layers = [layer.model_dump(mode="json") for layer in scenario.layers]
    layers[0] = {**layers[0], "kinds": [*layers[0]["kinds"], "school"], "radius_m": 120}
    files_of = {"areas": ["areas.geojson", "schools.geojson"]}
    areas = read_layers(scenario.replace(layers=layers, inputs=files_of)).areas
    discs = areas[areas.kind == "school"]
    assert sorted(discs["name"]) == ["中学", "小学"]
    assert set(discs["layer"]) == {layers[0]["name"]}
    assert discs.area.tolist() == pytest.approx([np.pi * 120**2] * 2, rel=0.01)
