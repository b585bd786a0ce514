"""GDAL without the drivers that follow a file to other files or addresses.

GDAL opens by content, not by name: a VRT or WFS description in a file named x.geojson would be
followed to any file or address. GDAL reads its deny-list once, when it loads, so this is the way
the readers load it; :mod:`planner.layers.files` looks at the content before that and admits only
what it knows.
"""

from __future__ import annotations

import os
from types import ModuleType
from typing import Final

_DENIED: Final = (
    "ADBC", "AIVector", "AVCBin", "AVCE00", "AmigoCloud", "CSV", "CSW", "Carto", "DGN", "DXF",
    "EDIGEO", "EEDA", "ESRIJSON", "Elasticsearch", "GDALG", "GML", "GPSBabel", "GPX", "GTFS",
    "GeoJSONSeq", "GeoRSS", "HTTP", "Idrisi", "JML", "JSONFG", "LVBAG", "MBTiles", "MVT", "MapML",
    "MiraMonVector", "NGW", "OAPIF", "ODS", "OGCAPI", "OGR_GMT", "OGR_PDS", "OGR_VRT",
    "OpenFileGDB", "PCIDSK", "PDF", "PDS4", "PGDUMP", "PLSCENES", "PMTiles", "S57", "SXF",
    "Selafin", "TopoJSON", "VDV", "VFK", "VICAR", "WAsP", "WFS", "XLSX",
)  # fmt: skip
_SETTINGS: Final = {"OGR_SKIP": ",".join(_DENIED), "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none"}


def load_gdal() -> ModuleType:
    """Import pyogrio; the first import in a process goes without the drivers above.

    The environment stays as it was.
    """
    before = {key: os.environ.get(key) for key in _SETTINGS}
    os.environ.update(_SETTINGS)
    try:
        import pyogrio

        pyogrio.set_gdal_config_options({"CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none"})
    finally:
        for key, value in before.items():
            if value is None:
                os.environ.pop(key, None)
            else:
                os.environ[key] = value
    module: ModuleType = pyogrio
    return module
