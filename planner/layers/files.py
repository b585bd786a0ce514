"""One input file: found inside the project, its content looked at before anything opens it."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from planner.layers import reader
from planner.layers.findings import Findings
from planner.scenario import InputFile

MAX_BYTES: Final = 512 * 1024 * 1024
VECTORS: Final = {
    "geojson": (".geojson", ".json"),
    "gpkg": (".gpkg",),
    "shapefile": (".shp",),
    "kml": (".kml",),
    "osm-pbf": (".pbf",),
    "osm-xml": (".osm",),
}
TABLES: Final = {"csv": (".csv", ".txt", ".tsv"), "xlsx": (".xlsx", ".xlsm"), "xls": (".xls",)}
_REMOTE: Final = re.compile(r"^\s*(?:[a-z][a-z0-9+.-]+:|/vsi|\\\\|//)", re.IGNORECASE)
_DRIVE: Final = re.compile(r"^[A-Za-z]:")


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was found, looked at and may be opened.

    ``name`` is how the scenario writes it, ``format`` what its content is, ``record`` its row of
    the manifest, ``size`` its bytes, unpacked and with the files that belong to it. ``stamp`` tells
    whether it was changed since. ``entry`` is what the scenario says of it.
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
    def basis(self) -> str:
        """Basis of rows that do not state their own."""
        return self.record.get("basis") or "unstated"

    def read(self, findings: Findings, **options: Any) -> tuple[Any, bytes] | None:
        """What the file holds; None, with a finding, when it cannot be used.

        Records and bytes are those of the reader of its format, in :mod:`planner.layers.formats`.
        """
        answer = _ask(self.path, self.name, self.format, self.size, findings, **options)
        try:
            is_same = _stamp(self.path.stat()) == self.stamp
        except OSError:
            is_same = False
        if not is_same:
            findings.add("file_changed", file=self.name)
            return None
        return answer


def open_source(
    root: Path,
    name: str,
    allowed: dict[str, tuple[str, ...]],
    findings: Findings,
    record: dict[str, str] | None = None,
    entry: InputFile | None = None,
) -> Source | None:
    """Find a file and see what it is; None, with a finding, when it may not be opened."""
    path = _locate(root, name, findings)
    if path is None:
        return None

    # the content says what a file is, its name may not: its beginning is enough
    try:
        status = path.stat()
        with path.open("rb") as stream:
            head = stream.read(65536)
    except OSError as error:
        findings.add("unreadable_file", file=name, reason=error.strerror or "OS")
        return None
    if status.st_size > MAX_BYTES:
        findings.add("file_too_large", file=name, size=status.st_size, limit=MAX_BYTES)
        return None
    # a byte order mark and blanks are nothing
    if not head.strip(b"\xef\xbb\xbf \t\r\n\0"):
        findings.add("empty_file", file=name)
        return None

    found, size = _format_of(head), status.st_size
    if found == "archive":
        answer = _ask(path, name, found, size, findings)
        if answer is None:
            return None
        found, size = answer[0]
    elif found == "shapefile":
        size += sum(_size(path.with_suffix(suffix)) for suffix in (".dbf", ".shx"))
    if not _admit(found, path, name, allowed, findings):
        return None

    # the plan keeps the hash, so that it is known from which bytes it was made
    try:
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        findings.add("unreadable_file", file=name, reason=error.strerror or "OS")
        return None
    said = entry or InputFile(file=name)
    return Source(path, name, found, digest, record or {}, size, _stamp(status), said)


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


def _stamp(status: os.stat_result) -> tuple[int, int]:
    """What changes when a file is written to."""
    return status.st_size, status.st_mtime_ns


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
        if not path.is_file():
            reason = _no_file(path)
            findings.add("unreadable_file", file=name, reason=reason)
            return None
    except (OSError, ValueError) as error:  # ValueError: NUL in the name
        findings.add("unreadable_file", file=name, reason=str(error))
        return None
    return path


def _no_file(path: Path) -> str:
    """What stands in place of a file."""
    if path.is_dir():
        return "是文件夹 it is a folder"
    return "不是普通文件 no plain file" if path.exists() else "文件不存在 no such file"


def _format_of(head: bytes) -> str:
    """What the content is, by its first bytes."""
    if head.startswith(b"PK\x03\x04"):
        return "archive"
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return "xls"
    if head.startswith(b"SQLite format 3\0"):
        return "gpkg" if head[68:70] == b"GP" else "sqlite"
    if head.startswith(b"\x00\x00\x27\x0a"):
        return "shapefile"
    if head[4:15] == b"\n\tOSMHeader":
        return "osm-pbf"

    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith((b"{", b"[")):
        return "geojson"
    if text.startswith(b"<"):
        return _xml_format(text)
    utf16 = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    return "csv" if utf16 or b"\0" not in head else "binary"


def _xml_format(text: bytes) -> str:
    """The root element of an XML text, past declarations and comments."""
    match = re.search(rb"<\s*([A-Za-z_][\w:.-]*)", re.sub(rb"<[?!][^>]*>", b"", text))
    root = match.group(1).decode("ascii") if match else "XML"
    return {"kml": "kml", "osm": "osm-xml"}.get(root.lower(), root)


def _admit(
    found: str, path: Path, name: str, allowed: dict[str, tuple[str, ...]], findings: Findings
) -> bool:
    """Whether what was found may be opened; a name that says something else is a finding."""
    if found not in allowed:
        leads_elsewhere = re.search("VRT|WFS|WMS|OGR|GDAL", found, re.IGNORECASE)
        code = "forbidden_driver" if leads_elsewhere else "unsupported_format"
        findings.add(code, file=name, found=found[:40], allowed=", ".join(allowed))
        return False

    suffix = path.suffix.lower()
    formats = {**VECTORS, **TABLES}.items()
    named = next((kind for kind, suffixes in formats if suffix in suffixes), None)
    if named is not None and named != found:
        findings.add("extension_mismatch", file=name, value=suffix, found=found)
    return True
