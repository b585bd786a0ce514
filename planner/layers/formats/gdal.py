"""GeoPackage, Shapefile and KML, read by GDAL without the drivers that follow a file elsewhere.

GDAL opens by content, not by name: a VRT or WFS description in a file named x.geojson would be
followed to any file or address. GDAL reads its deny-list once, when it loads, so this is the way
the child loads it; :mod:`planner.layers.files` looks at the content before that and admits only
what it knows.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from planner.layers.formats import Remarks
from planner.layers.formats.features import Features

_DENIED: Final = (
    "ADBC", "AIVector", "AVCBin", "AVCE00", "AmigoCloud", "CSV", "CSW", "Carto", "DGN", "DXF",
    "EDIGEO", "EEDA", "ESRIJSON", "Elasticsearch", "GDALG", "GML", "GPSBabel", "GPX", "GTFS",
    "GeoJSONSeq", "GeoRSS", "HTTP", "Idrisi", "JML", "JSONFG", "LVBAG", "MBTiles", "MVT", "MapML",
    "MiraMonVector", "NGW", "OAPIF", "ODS", "OGCAPI", "OGR_GMT", "OGR_PDS", "OGR_VRT",
    "OpenFileGDB", "PCIDSK", "PDF", "PDS4", "PGDUMP", "PLSCENES", "PMTiles", "S57", "SXF",
    "Selafin", "TopoJSON", "VDV", "VFK", "VICAR", "WAsP", "WFS", "XLSX",
)  # fmt: skip
_SETTINGS: Final = {"OGR_SKIP": ",".join(_DENIED), "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none"}
# pyogrio imports what it finds; the arrays that are read here need none of it, a second is saved
_UNUSED: Final = ("geopandas", "pandas", "pyarrow", "pyproj")


Answer = tuple[dict[str, Any], bytes] | None


def load_gdal() -> ModuleType:
    """Import pyogrio for a process that does nothing but read."""
    os.environ.update(_SETTINGS)
    for name in _UNUSED:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]

    import pyogrio

    pyogrio.set_gdal_config_options({"CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none"})
    module: ModuleType = pyogrio
    return module


def read_geopackage(path: Path, remarks: Remarks, names: list[str]) -> Answer:
    """Features and the CRS of the first layer.

    ``names`` are the properties that are wanted.
    """
    return _read(path, remarks, names)


def read_shapefile(path: Path, remarks: Remarks, names: list[str]) -> Answer:
    """The same of a shapefile; one without .cpg is UTF-8 or else GB18030, never Latin."""
    if not _has_sidecars(path, remarks):
        return None
    if path.with_suffix(".cpg").is_file():
        return _read(path, remarks, names)
    return _read(path, remarks, names, encodings=("UTF-8", "GB18030"))


def read_kml(path: Path, remarks: Remarks, names: list[str]) -> Answer:
    """The same of a KML that refers to nothing else."""
    return _read(path, remarks, names) if _is_plain_kml(path, remarks) else None


def _has_sidecars(path: Path, remarks: Remarks) -> bool:
    """Whether a shapefile has the files that belong to it; each missing one is said."""
    is_complete = True
    for suffix in (".shx", ".dbf", ".prj"):
        spellings = (suffix, suffix.upper())
        if not any(path.with_suffix(spelling).is_file() for spelling in spellings):
            remarks.add("sidecar_missing", what=path.stem + suffix)
            is_complete = False
    return is_complete


def _is_plain_kml(path: Path, remarks: Remarks) -> bool:
    """Whether a KML refers to nothing else; what cannot be searched, in UTF-16, is refused too."""
    text = path.read_bytes()
    for mark in (b"<!DOCTYPE", b"<!ENTITY", b"NetworkLink", b"\0"):
        if mark in text:
            what = mark.decode("ascii").strip("\0") or "UTF-16"
            remarks.add("remote_reference", what=what)
            return False
    return True


def _read(
    path: Path, remarks: Remarks, names: list[str], encodings: tuple[str | None, ...] = (None,)
) -> Answer:
    try:
        opened = _open(path, remarks, encodings)
    except MemoryError:
        raise
    # GDAL and pyogrio raise many kinds, all of them about the file
    except Exception as error:  # noqa: BLE001
        reason = str(error).replace(str(path), path.name)
        remarks.add("truncated_file", offset=0, reason=reason[:80])
        return None
    if opened is None:
        remarks.add("no_data_rows")
        return None

    meta, _, shapes, columns = opened
    if meta["crs"] is None:
        remarks.add("crs_missing")
        return None
    features = Features(names)
    fields = [str(name) for name in meta["fields"]]
    rows = zip(*columns, strict=True) if fields else [()] * len(shapes)
    for row, shape in zip(rows, shapes, strict=True):
        features.add(None, dict(zip(fields, row, strict=True)), shape)
    return features.with_crs(str(meta["crs"]))


def _open(path: Path, remarks: Remarks, encodings: tuple[str | None, ...]) -> Any:
    """What pyogrio reads of the first layer, in the first encoding that fits."""
    pyogrio = load_gdal()
    layers = pyogrio.list_layers(path)
    if len(layers) == 0:
        return None
    first = str(layers[0][0])
    if len(layers) > 1:
        remarks.add("multiple_layers", count=len(layers), chosen=first)

    *guesses, last = encodings
    for guess in guesses:
        try:
            return pyogrio.raw.read(path, layer=first, force_2d=True, encoding=guess)
        except UnicodeDecodeError:
            remarks.add("encoding_guessed", guess=str(last).lower(), sample=path.stem + ".dbf")
    return pyogrio.raw.read(path, layer=first, force_2d=True, encoding=last)
