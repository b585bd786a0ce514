"""Vector files, read by GDAL without the drivers that follow a file elsewhere.

GDAL opens by content, not by name: a VRT or WFS description in a file named x.geojson would be
followed to any file or address. GDAL reads its deny-list once, when it loads, so this is the way
the child loads it. :mod:`planner.layers.files` looks at the content before that and admits only
what it knows; here each file is seen by GDAL in a private folder, alone with the files that belong
to it, and what another driver would open than the one of its format is refused.
"""

from __future__ import annotations

import codecs
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from planner.layers.formats import Remarks
from planner.layers.formats.archives import sidecars
from planner.layers.formats.delimited import is_gbk_in_disguise
from planner.layers.formats.features import Features, text_of

ALLOWED: Final = (
    "DXF", "ESRI Shapefile", "FlatGeobuf", "GML", "GPKG", "KML", "LIBKML", "MEM", "MapInfo File",
    "OSM", "OpenFileGDB",
)  # fmt: skip
"""Drivers that are left; none of them follows a file elsewhere once it was looked at here."""
_DENIED: Final = (
    "ADBC", "AIVector", "AVCBin", "AVCE00", "AmigoCloud", "CSV", "CSW", "Carto", "DGN", "EDIGEO",
    "EEDA", "ESRIJSON", "Elasticsearch", "GDALG", "GPSBabel", "GPX", "GTFS", "GeoJSON",
    "GeoJSONSeq", "GeoRSS", "HTTP", "Idrisi", "JML", "JSONFG", "LVBAG", "MBTiles", "MVT", "MapML",
    "MiraMonVector", "NGW", "OAPIF", "ODS", "OGCAPI", "OGR_GMT", "OGR_PDS", "OGR_VRT", "PCIDSK",
    "PDF", "PDS4", "PGDUMP", "PLSCENES", "PMTiles", "S57", "SQLite", "SXF", "Selafin", "TopoJSON",
    "VDV", "VFK", "VICAR", "WAsP", "WFS", "XLSX",
)  # fmt: skip
_SETTINGS: Final = {"OGR_SKIP": ",".join(_DENIED), "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none"}
# GML names its schema and its parts by address: neither is fetched
_OPTIONS: Final = {
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
    "GML_DOWNLOAD_SCHEMA": "NO",
    "GML_SKIP_RESOLVE_ELEMS": "ALL",
}
# pyogrio imports what it finds; the arrays that are read here need none of it, a second is saved
_UNUSED: Final = ("geopandas", "pandas", "pyarrow", "pyproj")

Answer = tuple[dict[str, Any], bytes] | None
Encodings = tuple[str | None, ...]
"""What text is tried as, one after the other; None = what the driver takes it for."""

UNMARKED: Final[Encodings] = ("UTF-8", "GB18030")
"""Text that does not say its encoding: never Latin, which fits any bytes."""
_CHINESE: Final = re.compile(
    r"(?:cp|ms|windows|ansi)?[\s_-]*936|gbk|gb2312|euc[-_]?cn", re.IGNORECASE
)
_XML_ENCODING: Final = re.compile(rb"""\A\s*<\?xml[^>]*?encoding\s*=\s*["']([\w.-]+)["']""")
_DECLARATION: Final = re.compile(r"\A\s*<\?xml[^>]*\?>")
_SCHEMA: Final = re.compile(
    r"""\s(?:[\w.-]+:)?(?:noNamespaceS|s)chemaLocation\s*=\s*(?:"[^"]*"|'[^']*')"""
)
_OF_KML: Final = frozenset({
    "timestamp", "begin", "end", "altitudemode", "tessellate", "extrude", "visibility", "draworder",
    "icon", "snippet",
})  # fmt: skip
"""Columns that GDAL makes of how a KML is drawn."""
_OTHER_TABLES: Final = re.compile(
    rb'open\s+table|create\s+view|"\\isseamless"\s*=\s*"true"|type\s+linked', re.IGNORECASE
)
_DRAWING: Final = re.compile(rb"\$ACADVER[^A]{1,16}AC([0-9]{4})")
_UTF8_DRAWING: Final = 1021
_OF_DXF: Final = frozenset({"PaperSpace", "SubClasses", "Linetype", "EntityHandle"})
"""Columns that GDAL makes of how a drawing is kept."""
_APPLICATION: Final = "1001"
_EXTENDED: Final = frozenset({"1000", "1005", "1040", "1041", "1042", "1070", "1071"})
"""Codes of what an application writes behind its name: texts, handles and numbers."""
_MIDNIGHT: Final = "T00:00:00.000"
_CHARSET: Final = re.compile(rb'charset\s+"(\w*)"', re.IGNORECASE)


class _OtherDriver(Exception):
    """Another driver than that of the format opens a file: which."""


def load_gdal() -> ModuleType:
    """Import pyogrio for a process that does nothing but read."""
    os.environ.update(_SETTINGS)
    for name in _UNUSED:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]

    import pyogrio

    pyogrio.set_gdal_config_options(_OPTIONS)
    module: ModuleType = pyogrio
    return module


def read_geopackage(path: Path, remarks: Remarks, layer: str = "") -> Answer:
    """Features and the CRS of a layer, by default the first.

    The CRS is blank where the file names none.
    """
    return _read_private(path, "GPKG", remarks, layer)


def read_flatgeobuf(path: Path, remarks: Remarks) -> Answer:
    """The same of a FlatGeobuf."""
    return _read_private(path, "FlatGeobuf", remarks)


def read_dxf(path: Path, remarks: Remarks) -> Answer:
    """The same of a DXF, which has no CRS.

    A block is drawn wherever it is referred to; a reference that carries attributes is a point with
    these as columns. Extended data are a column for each application.
    """
    with path.open("rb") as stream:
        version = _DRAWING.search(stream.read(65536))
    # from AutoCAD 2007 on the text is UTF-8, whatever code page a drawing names; GDAL follows that
    is_utf8 = version is not None and int(version[1]) >= _UTF8_DRAWING
    options = {"DXF_ENCODING": "UTF-8" if is_utf8 else None, "DXF_INCLUDE_RAW_CODE_VALUES": "YES"}
    load_gdal().set_gdal_config_options(options)
    with tempfile.TemporaryDirectory(prefix="planner-") as folder:
        return _read(_private(path, {}, Path(folder)), "DXF", remarks, encodings=("UTF-8",))


def read_geodatabase(path: Path, remarks: Remarks, layer: str = "") -> Answer:
    """The same of a file geodatabase, a folder."""
    return _read(path, "OpenFileGDB", remarks, layer)


def read_shapefile(path: Path, remarks: Remarks) -> Answer:
    """The same of a shapefile."""
    beside = sidecars(path, "shapefile")
    for suffix in (".shx", ".dbf"):
        if suffix not in beside:
            remarks.add("sidecar_missing", what=path.stem + suffix)
    if ".shx" not in beside:
        return None
    marked = _codec(beside[".cpg"].read_text("latin-1")) if ".cpg" in beside else None
    encodings: Encodings = (marked,) if marked else UNMARKED
    with tempfile.TemporaryDirectory(prefix="planner-") as folder:
        private = _private(path, beside, Path(folder))
        return _read(private, "ESRI Shapefile", remarks, encodings=encodings)


def read_tab(path: Path, remarks: Remarks) -> Answer:
    """The same of a MapInfo table that is made of no others."""
    text = path.read_bytes()
    if other := _OTHER_TABLES.search(text):
        remarks.add("remote_reference", what=other.group().decode("ascii"))
        return None
    needed = (".dbf",) if re.search(rb"type\s+dbf", text, re.IGNORECASE) else (".dat",)
    return _read_mapinfo(path, "tab", (*needed, ".map", ".id"), text, remarks)


def read_mif(path: Path, remarks: Remarks) -> Answer:
    """The same of a MapInfo exchange file."""
    with path.open("rb") as stream:
        head = stream.read(4096)
    return _read_mapinfo(path, "mif", (".mid",), head, remarks)


def read_kml(path: Path, remarks: Remarks, layer: str = "") -> Answer:
    """The same of all folders of a KML that refers to nothing else."""
    text = _plain_xml(path, ("<!DOCTYPE", "<!ENTITY", "NetworkLink"), remarks)
    return None if text is None else _read_text(text, ".kml", "LIBKML", remarks, layer)


def read_gml(path: Path, remarks: Remarks, layer: str = "") -> Answer:
    """The same of a GML, whose schema is not looked for: GDAL makes one of what it finds."""
    text = _plain_xml(path, ("<!DOCTYPE", "<!ENTITY"), remarks)
    if text is None:
        return None
    return _read_text(_SCHEMA.sub("", text), ".gml", "GML", remarks, layer)


def _private(path: Path, beside: Mapping[str, Path], folder: Path) -> Path:
    """The file and those beside it as GDAL is to see them, in a folder of their own."""
    private = folder / f"data{path.suffix.lower()}"
    for suffix, file in {path.suffix.lower(): path, **beside}.items():
        try:
            private.with_suffix(suffix).symlink_to(file.resolve())
        except OSError:  # not every user of Windows may make links
            shutil.copyfile(file, private.with_suffix(suffix))
    return private


def _read_private(path: Path, driver: str, remarks: Remarks, layer: str = "") -> Answer:
    with tempfile.TemporaryDirectory(prefix="planner-") as folder:
        return _read(_private(path, {}, Path(folder)), driver, remarks, layer)


def _read_text(text: str, suffix: str, driver: str, remarks: Remarks, layer: str) -> Answer:
    with tempfile.TemporaryDirectory(prefix="planner-") as folder:
        private = Path(folder) / f"data{suffix}"
        private.write_text(text, encoding="utf-8", newline="")
        del text
        return _read(private, driver, remarks, layer)


def _read_mapinfo(
    path: Path,
    file_format: str,
    needed: tuple[str, ...],
    head: bytes,
    remarks: Remarks,
) -> Answer:
    """Features of a MapInfo file; text of charset Neutral is in no encoding that is told."""
    beside = sidecars(path, file_format)
    missing = [suffix for suffix in needed if suffix not in beside]
    for suffix in missing:
        remarks.add("sidecar_missing", what=path.stem + suffix)
    if missing:
        return None
    charset = _CHARSET.search(head)
    is_marked = charset is not None and charset[1].lower() not in (b"", b"neutral")
    encodings: Encodings = (None,) if is_marked else UNMARKED
    with tempfile.TemporaryDirectory(prefix="planner-") as folder:
        private = _private(path, beside, Path(folder))
        return _read(private, "MapInfo File", remarks, encodings=encodings)


def _codec(label: str) -> str | None:
    """Python's name of an encoding as a .cpg calls it; None where it is not known."""
    label = label.strip().strip("\0").lower()
    if _CHINESE.fullmatch(label):
        return "GB18030"
    try:
        return codecs.lookup("utf-8" if label == "65001" else label).name
    except (LookupError, ValueError):
        return None


def _plain_xml(path: Path, marks: tuple[str, ...], remarks: Remarks) -> str | None:
    """The text of an XML file that refers to nothing else; None, with a remark, of any other."""
    data = path.read_bytes()
    declared = _XML_ENCODING.match(data)
    label = declared[1].decode("ascii") if declared else "utf-8-sig"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        label = "utf-16"
    encoding = "utf-8-sig" if label.lower() == "utf-8" else _codec(label) or "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        bad = data[error.start : error.start + 4].hex(" ")
        remarks.add("encoding_error", offset=error.start, bytes=bad)
        return None
    for mark in (*marks, "\0"):
        if mark in text:
            remarks.add("remote_reference", what=mark.strip("\0") or "NUL")
            return None
    # as it will be written for GDAL
    return _DECLARATION.sub('<?xml version="1.0" encoding="UTF-8"?>', text)


def _read(
    path: Path, driver: str, remarks: Remarks, layer: str = "", encodings: Encodings = (None,)
) -> Answer:
    """Features of a file that is alone in its folder with what belongs to it."""
    features = Features()
    try:
        names = _layers(path, driver, remarks, layer)
        if names is None:
            return None
        crs = ""
        for name in names:
            meta, shapes, columns = _open(path, driver, remarks, name, encodings)
            crs = crs or str(meta["crs"] or "")
            fields = [str(field) for field in meta["fields"]]
            if driver == "LIBKML":
                fields, columns = _of_file(fields, columns)
            if driver == "DXF":
                fields, columns, shapes = _of_drawing(path, name, fields, columns, shapes)
            folder = {"folder": name} if len(names) > 1 else {}
            n_rows = len(columns[0]) if shapes is None and columns else len(shapes or ())
            rows = zip(*columns, strict=True) if fields else [()] * n_rows
            for row, shape in zip(rows, shapes or [None] * n_rows, strict=True):
                features.add(None, {**folder, **dict(zip(fields, row, strict=True))}, shape)
    except MemoryError:
        raise
    except _OtherDriver as error:
        remarks.add("forbidden_driver", found=str(error))
        return None
    # GDAL and pyogrio raise many kinds, all of them about the file
    except Exception as error:  # noqa: BLE001
        reason = str(error).replace(str(path), "").replace(str(path.parent), "")
        remarks.add("truncated_file", offset=0, reason=reason[:80])
        return None
    return features.with_crs(crs)


def _layers(path: Path, driver: str, remarks: Remarks, layer: str) -> list[str] | None:
    """Names of the layers to be read; None, with a remark, where there is none.

    A KML has a layer a folder, which belong together.
    """
    pyogrio = load_gdal()
    layers = [(str(name), shape) for name, shape in pyogrio.list_layers(path)]
    if not layers:
        remarks.add("no_data_rows")
        return None
    # a table without shapes is read where it is all there is, or asked for
    names = [name for name, shape in layers if shape is not None] or [name for name, _ in layers]
    shown = ", ".join(name for name, _ in layers)[:200]
    if layer:
        if layer in dict(layers):
            return [layer]
        remarks.add("layer_unknown", value=layer, have=shown)
        return None
    if driver == "LIBKML":
        return names
    if len(names) > 1:
        remarks.add("multiple_layers", count=len(names), chosen=names[0], have=shown)
    return names[:1]


def _open(path: Path, driver: str, remarks: Remarks, layer: str, encodings: Encodings) -> Any:
    """What pyogrio reads of a layer, in the first encoding that fits: meta, shapes, columns."""
    for guess in encodings:
        try:
            read = _columns_of(path, driver, layer, guess)
        except UnicodeDecodeError as error:
            # a name of ten bytes may end in the middle of a Chinese letter
            if error.reason == "unexpected end of data" and _mend_names(path):
                return _columns_of(path, driver, layer, guess)
            if guess == encodings[-1]:
                raise
        else:
            if guess == encodings[-1] or not _is_disguised(read):
                return read
        sample = ".dbf" if path.suffix == ".shp" else path.suffix
        remarks.add("encoding_guessed", guess=str(encodings[-1]).lower(), sample=sample)
    raise AssertionError("the last encoding is read, or raises")


def _is_disguised(read: Any) -> bool:
    """Whether all texts of a layer look as GBK does when it is read as UTF-8."""
    meta, _, columns = read
    texts = [*map(str, meta["fields"]), *(text_of(cell) for column in columns for cell in column)]
    return is_gbk_in_disguise("\n".join(texts))


def _columns_of(path: Path, driver: str, layer: str, encoding: str | None) -> Any:
    """Meta, shapes and columns of a layer in one encoding, by the driver that is meant."""
    found = str(load_gdal().read_info(path, layer=layer, encoding=encoding)["driver"])
    if found not in (driver, "KML" if driver == "LIBKML" else driver):
        raise _OtherDriver(found)
    meta, _, shapes, columns = load_gdal().raw.read(
        path, layer=layer, force_2d=True, encoding=encoding
    )
    plain = [_times(column) if column.dtype.kind == "M" else column.tolist() for column in columns]
    return meta, None if shapes is None else shapes.tolist(), plain


def _times(column: Any) -> list[str]:
    """Times as text; a day alone without a time of day."""
    texts = column.astype(str).tolist()
    return ["" if text == "NaT" else text.removesuffix(_MIDNIGHT) for text in texts]


def _of_file(fields: list[str], columns: list[Any]) -> tuple[list[str], list[Any]]:
    """The columns of a KML that its maker wrote: others are of GDAL, or blank."""
    own = [
        i
        for i, (field, column) in enumerate(zip(fields, columns, strict=True))
        if field.lower() not in _OF_KML and any(map(text_of, column))
    ]
    # what a mark is called is often a copy of a column
    texts = {i: list(map(text_of, columns[i])) for i in own}
    own = [i for i in own if fields[i] != "Name" or list(texts.values()).count(texts[i]) == 1]
    return [fields[i] for i in own], [columns[i] for i in own]


def _of_drawing(
    path: Path, layer: str, fields: list[str], columns: list[Any], shapes: Any
) -> tuple[list[str], list[Any], Any]:
    """The columns of a drawing that its maker wrote, and references with attributes as points."""
    rows = [dict(zip(fields, row, strict=True)) for row in zip(*columns, strict=True)]
    points = _with_attributes(path, layer)
    kept: dict[str, tuple[dict[str, Any], Any]] = {}
    for i, (row, shape) in enumerate(zip(rows, shapes, strict=True)):
        handle = row["EntityHandle"]
        if handle in points:
            attributes, shape = points[handle]
            row |= attributes
        # what a block with attributes is drawn of is one thing, and its texts are columns
        is_label = bool(points) and "AcDbAttribute" in (row["SubClasses"] or "")
        if not is_label:
            own = {name: cell for name, cell in row.items() if name not in _OF_DXF}
            own |= _extended(own.pop("RawCodeValues", None))
            kept.setdefault(handle if handle in points else f"#{i}", (own, shape))

    names = list(dict.fromkeys(name for own, _ in kept.values() for name in own))
    table = [[own.get(name) for own, _ in kept.values()] for name in names]
    return names, table, [shape for _, shape in kept.values()]


def _with_attributes(path: Path, layer: str) -> dict[str, tuple[dict[str, str], Any]]:
    """Attributes and place of each reference to a block that has any, by its handle."""
    load_gdal().set_gdal_config_options({"DXF_INLINE_BLOCKS": "NO"})
    try:
        meta, shapes, columns = _columns_of(path, "DXF", layer, "UTF-8")
    finally:
        load_gdal().set_gdal_config_options({"DXF_INLINE_BLOCKS": None})
    named = dict(zip(map(str, meta["fields"]), columns, strict=True))
    cells = zip(named["EntityHandle"], named.get("BlockAttributes", ()), shapes, strict=False)
    return {
        handle: ({tag: text for tag, _, text in (one.partition(" ") for one in said)}, shape)
        for handle, said, shape in cells
        if handle and said is not None and len(said)
    }


def _extended(codes: Any) -> dict[str, str]:
    """What applications wrote of an entity, by their names."""
    said: dict[str, list[str]] = {}
    own: list[str] = []
    for code, _, value in (one.partition(" ") for one in (codes if codes is not None else ())):
        if code == _APPLICATION:
            own = said.setdefault(value, [])
        elif code in _EXTENDED and said:
            own.append(value)
    return {name: ", ".join(values) for name, values in said.items() if values}


def _mend_names(path: Path) -> bool:
    """Cut names of columns in a .dbf where a letter of UTF-8 ends; whether any was cut."""
    dbf = path.with_suffix(".dbf")
    if path.suffix != ".shp" or not dbf.is_file():
        return False
    data = bytearray(dbf.read_bytes())
    is_mended = False
    for at in range(32, min(int.from_bytes(data[8:10], "little"), len(data)) - 11, 32):
        name = bytes(data[at : at + 11]).split(b"\0")[0]
        whole = name.decode("utf-8", "ignore").encode()
        if whole != name and name.startswith(whole):
            data[at : at + 11] = whole.ljust(11, b"\0")
            is_mended = True
    if is_mended:
        # the file of the user, to which this one may be a link, stays as it is
        dbf.unlink()
        dbf.write_bytes(data)
    return is_mended
