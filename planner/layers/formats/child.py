"""The child process: opens one file after the other as the parent asks, and ends with it."""

from __future__ import annotations

import contextlib
import faulthandler
import importlib
import os
import queue
import signal
import sys
import tempfile
import threading
import traceback
from pathlib import Path
from typing import Any, BinaryIO, Final

from planner.layers.formats import Remarks
from planner.layers.formats.archives import is_packed, unpack
from planner.layers.formats.frames import read_frame, write_frame

READERS: Final = {
    "archive": "archives.read_archive",
    "csv": "delimited.read_text",
    "xlsx": "workbooks.read_workbook",
    "xls": "workbooks.read_workbook",
    "xlsb": "workbooks.read_workbook",
    "ods": "workbooks.read_workbook",
    "json": "json_tables.read_json",
    "parquet": "parquet.read_parquet",
    "geoparquet": "parquet.read_geoparquet",
    "geojson": "geojson.read_geojson",
    "geojsonl": "geojson.read_sequence",
    "gpkg": "gdal.read_geopackage",
    "flatgeobuf": "gdal.read_flatgeobuf",
    "filegdb": "gdal.read_geodatabase",
    "dxf": "gdal.read_dxf",
    "shapefile": "gdal.read_shapefile",
    "tab": "gdal.read_tab",
    "mif": "gdal.read_mif",
    "kml": "gdal.read_kml",
    "gml": "gdal.read_gml",
    "geotiff": "raster.read_geotiff",
    "osm": "osm.read_osm",
    "planet": "patterns.read_planet",
    "radiomobile": "patterns.read_radio_mobile",
}
"""What reads a format, a module and its function; an archive is asked what it is."""

ONE_LAYER: Final = (
    "geojson", "geojsonl", "geoparquet", "shapefile", "tab", "mif", "flatgeobuf", "dxf",
)  # fmt: skip
"""Formats of which a file holds one layer."""

OUT_OF_MEMORY: Final = "out of memory"


def main() -> None:
    """Answer requests until the parent ends."""
    _expect_the_worst()
    answers = _own_stdout()
    requests: queue.SimpleQueue[Any] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, requests), daemon=True).start()

    while True:
        request = requests.get()
        # Should the parent be killed while a library is deep in a file, nobody is left to end this
        # process: this clock needs neither the parent nor the interpreter, which may be blocked.
        faulthandler.dump_traceback_later(request.pop("wall_s"), exit=True)
        write_frame(answers, *answer(request))
        faulthandler.cancel_dump_traceback_later()


def _expect_the_worst() -> None:
    """A crash shows no window and leaves no dump; Ctrl-C is for the parent alone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "win32":
        import msvcrt

        msvcrt.SetErrorMode(msvcrt.SEM_FAILCRITICALERRORS | msvcrt.SEM_NOGPFAULTERRORBOX)
    else:
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _own_stdout() -> BinaryIO:
    """The way to the parent; what libraries print goes where their errors go, to nowhere."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return answers


def _listen(stream: BinaryIO, requests: queue.SimpleQueue[Any]) -> None:
    """Pass requests on; end the process with its parent, whatever it is doing."""
    with contextlib.suppress(EOFError, ValueError, OSError):
        while True:
            requests.put(read_frame(stream)[0])
    os._exit(0)


def answer(request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """What a file holds, and what is to be said about it."""
    remarks = Remarks()
    records, data = None, b""
    try:
        found = _read(Path(request["path"]), request["format"], request["options"], remarks)
        records, data = (None, b"") if found is None else found
    except RecursionError:
        remarks.add("truncated_file", line=1, offset=0, reason="nested too deeply 嵌套过深")
    except OSError as error:
        remarks.add("unreadable_file", reason=error.strerror or "OS")
    except MemoryError:
        return {"fault": OUT_OF_MEMORY}, b""
    # a fault of our own: the parent raises it
    except Exception:  # noqa: BLE001
        return {"fault": traceback.format_exc()}, b""
    return {"remarks": remarks, "records": records}, data


def _read(path: Path, file_format: str, options: dict[str, Any], remarks: Remarks) -> Any:
    """What the reader of a format finds in a file, which may lie in an archive.

    Options are what it knows of: a layer of a vector file, a frame of a raster.
    """
    module, function = READERS[file_format].split(".")
    reader = getattr(importlib.import_module(f"planner.layers.formats.{module}"), function)
    layer = options.get("layer", "")
    with tempfile.TemporaryDirectory(prefix="planner-") as folder:
        stem, is_file = path.stem, file_format in ONE_LAYER
        if is_packed(path, file_format):
            inner = unpack(path, file_format, layer, Path(folder), remarks)
            if inner is None:
                return None
            path, stem = inner
            is_file = is_file or layer == stem

        # what holds one layer is called as its file
        if layer and is_file and layer != stem:
            remarks.add("layer_unknown", value=layer, have=stem)
            return None
        if is_file:
            options.pop("layer", None)
        return reader(path, remarks, **options)
