"""One input file: found inside the project, its content looked at before anything opens it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from planner.layers import reader
from planner.layers.findings import Findings
from planner.layers.formats.archives import SIDECARS
from planner.layers.formats.content import HEAD_BYTES, format_of, has_shapes
from planner.layers.inputs import digest_of, files_in
from planner.scenario import InputFile

Family = Literal["table", "vector", "raster", "pattern"]


class Format(NamedTuple):
    """A format that is read: what its reader gives, and the suffixes under which it comes."""

    family: Family
    suffixes: tuple[str, ...]


_LINES: Final = (".geojsonl", ".geojsons", ".ndjson", ".jsonl")
MAX_BYTES: Final = 512 * 1024 * 1024
FORMATS: Final[dict[str, Format]] = {
    "csv": Format("table", (".csv", ".txt", ".tsv")),
    "xlsx": Format("table", (".xlsx", ".xlsm")),
    "xls": Format("table", (".xls",)),
    "xlsb": Format("table", (".xlsb",)),
    "ods": Format("table", (".ods",)),
    "json": Format("table", (".json",)),
    "parquet": Format("table", (".parquet",)),
    # one feature in one line is both
    "geojson": Format("vector", (".geojson", ".json", *_LINES)),
    "geojsonl": Format("vector", (*_LINES, ".json")),
    "gpkg": Format("vector", (".gpkg",)),
    "shapefile": Format("vector", (".shp",)),
    "kml": Format("vector", (".kml", ".kmz")),
    "tab": Format("vector", (".tab",)),
    "mif": Format("vector", (".mif",)),
    "gml": Format("vector", (".gml", ".xml")),
    "flatgeobuf": Format("vector", (".fgb",)),
    "geoparquet": Format("vector", (".parquet", ".geoparquet")),
    "filegdb": Format("vector", (".gdb",)),
    "dxf": Format("vector", (".dxf",)),
    "osm": Format("vector", (".osm", ".pbf", ".xml")),
    "geotiff": Format("raster", (".tif", ".tiff")),
    "planet": Format("pattern", (".msi", ".pln")),
    "radiomobile": Format("pattern", (".ant",)),
}
"""Every format that is read, by what its content is; any of them may lie in a zip archive."""

_PACKED: Final = ".zip"
_REMOTE: Final = re.compile(r"^\s*(?:[a-z][a-z0-9+.-]+:|/vsi|\\\\|//)", re.IGNORECASE)
_DRIVE: Final = re.compile(r"^[A-Za-z]:")


def formats_of(*families: Family) -> tuple[str, ...]:
    """The formats that give one of these families."""
    return tuple(name for name, kind in FORMATS.items() if kind.family in families)


TABLES: Final = formats_of("table", "vector")
"""What holds rows: of a vector file its features."""
VECTORS: Final = formats_of("vector")


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was found, looked at and may be opened.

    ``name`` is what notices call it (:meth:`planner.scenario.Inputs.name`), ``format`` what its
    content is, ``record`` its row of the manifest, ``size`` its bytes, unpacked and with the files
    that belong to it. ``stamp`` tells whether it was changed since. ``entry`` is what the scenario
    says of it.
    """

    path: Path
    name: str
    format: str
    sha256: str
    record: dict[str, str]
    size: int
    stamp: tuple[int, int]
    entry: InputFile

    @property
    def family(self) -> Family:
        """What its reader gives."""
        return FORMATS[self.format].family

    @property
    def basis(self) -> str:
        """Basis of rows that do not state their own."""
        return self.record.get("basis") or "unstated"

    def read(self, findings: Findings, **options: Any) -> tuple[Any, bytes] | None:
        """What the file holds; None, with a finding, when it cannot be used.

        Records and bytes are those of the reader of its format, in :mod:`planner.layers.formats`.
        """
        answer = _ask(self.path, self.name, self.format, self.size, findings, **options)
        try:
            is_same = _stamp(self.path) == self.stamp
        except OSError:
            is_same = False
        if not is_same:
            findings.add("file_changed", file=self.name)
            return None
        return answer


def open_source(
    root: Path,
    name: str,
    allowed: Iterable[str],
    findings: Findings,
    record: dict[str, str] | None = None,
    entry: InputFile | None = None,
) -> Source | None:
    """Find a file and see what it is; None, with a finding, when it may not be opened.

    Parameters
    ----------
    root, name
        The folder of the project, and the path of the file as it is written, relative to it.
    allowed
        Formats that can be used, of :data:`FORMATS`.
    findings
        Book of findings.
    record
        Row of the manifest.
    entry
        What the scenario says of the file.
    """
    path = _locate(root, name, findings)
    if path is None:
        return None

    # the content says what a file is, its name may not: its beginning is enough
    try:
        stamp = _stamp(path)
        head, found = _look(path, stamp[0])
    except OSError as error:
        findings.add("unreadable_file", file=name, reason=error.strerror or "OS")
        return None
    if stamp[0] > MAX_BYTES:
        findings.add("file_too_large", file=name, size=stamp[0], limit=MAX_BYTES)
        return None
    # a byte order mark and blanks are nothing
    if not head.strip(b"\xef\xbb\xbf \t\r\n\0"):
        findings.add("empty_file", file=name)
        return None

    size, is_packed = stamp[0], found == "archive"
    if is_packed:
        answer = _ask(path, name, found, size, findings)
        if answer is None:
            return None
        found, size = answer[0]
    size += sum(_size(path.with_suffix(suffix)) for suffix in SIDECARS.get(found, ()))
    if not _admit(found, is_packed, path, name, allowed, findings):
        return None

    # the plan keeps the hash, so that it is known from which bytes it was made
    try:
        digest = digest_of(path)
    except OSError as error:
        findings.add("unreadable_file", file=name, reason=error.strerror or "OS")
        return None
    said = entry or InputFile(file=name)
    return Source(path, name, found, digest, record or {}, size, stamp, said)


def _ask(
    path: Path, name: str, file_format: str, size: int, findings: Findings, **options: Any
) -> tuple[Any, bytes] | None:
    """Records and bytes that the child finds in a file; what it says becomes findings."""
    try:
        answer, data = reader.ask(path, file_format, size, options)
    except reader.Ended as ended:
        findings.add(ended.code, file=name, **ended.facts)
        return None
    for code, facts in answer["remarks"]:
        findings.add(code, file=name, **facts)
    return None if answer["records"] is None else (answer["records"], data)


def _stamp(path: Path) -> tuple[int, int]:
    """What changes when a file, or one of a folder, is written to: bytes and time."""
    states = [file.stat() for file in files_in(path)]
    return sum(state.st_size for state in states), max(state.st_mtime_ns for state in states)


def _look(path: Path, size: int) -> tuple[bytes, str]:
    """The first bytes of a file, and what it is; of a folder those of its first file."""
    with files_in(path)[0].open("rb") as stream:
        head = stream.read(HEAD_BYTES)
        found = "filegdb" if path.is_dir() else format_of(head)
        if found == "parquet" and has_shapes(stream, size):
            found = "geoparquet"
    # a damaged text of an antenna does not look like one: what it lacks is said of it as that
    if found == "csv":
        patterns = (name for name, kind in FORMATS.items() if kind.family == "pattern")
        suffix = path.suffix.lower()
        found = next((name for name in patterns if suffix in FORMATS[name].suffixes), found)
    return head, found


def _size(path: Path) -> int:
    """Bytes of a file that may not be there."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _locate(root: Path, name: str, findings: Findings) -> Path | None:
    """The path of a file inside the project; None, with a finding, of any other."""
    on_drive = _DRIVE.match(name) and not _REMOTE.match(name[2:])
    if on_drive or (name.startswith("/") and not _REMOTE.match(name)):
        findings.add("path_outside_project", file=name)
        return None
    if _REMOTE.match(name):
        findings.add("remote_reference", file=name, what=name[:60])
        return None

    try:
        # links are followed first: a link may lead out of the project
        path = (root / name).resolve()
        if not path.is_relative_to(root.resolve()):
            findings.add("path_outside_project", file=name)
            return None
        if not (path.is_file() or _is_geodatabase(path)):
            findings.add("unreadable_file", file=name, reason=_no_file(path))
            return None
    except (OSError, ValueError, RuntimeError) as error:  # NUL in the name, links in a ring
        findings.add("unreadable_file", file=name, reason=str(error))
        return None
    return path


def _is_geodatabase(path: Path) -> bool:
    """Whether a folder holds a file geodatabase, and nothing that leads elsewhere."""
    is_one = path.is_dir() and (path / "a00000001.gdbtable").is_file()
    return is_one and not any(file.is_symlink() for file in path.iterdir())


def _no_file(path: Path) -> str:
    """What stands in place of a file."""
    if path.is_dir():
        return "是文件夹 it is a folder"
    return "不是普通文件 no plain file" if path.exists() else "文件不存在 no such file"


def _admit(
    found: str,
    is_packed: bool,
    path: Path,
    name: str,
    allowed: Iterable[str],
    findings: Findings,
) -> bool:
    """Whether what was found may be opened; a name that says something else is a finding."""
    if found not in allowed:
        leads_elsewhere = re.search("VRT|WFS|WMS|OGR|GDAL", found, re.IGNORECASE)
        code = "forbidden_driver" if leads_elsewhere else "unsupported_format"
        findings.add(code, file=name, found=found[:40], allowed=", ".join(allowed))
        return False

    suffix = path.suffix.lower()
    is_known = any(suffix in kind.suffixes for kind in FORMATS.values())
    fits = suffix in FORMATS[found].suffixes or (is_packed and suffix == _PACKED)
    if is_known and not fits:
        findings.add("extension_mismatch", file=name, value=suffix, found=found)
    return True
