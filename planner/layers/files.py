"""One input file: found inside the project, its content looked at before anything opens it."""

from __future__ import annotations

import hashlib
import re
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from planner.layers.findings import Findings

MAX_BYTES: Final = 512 * 1024 * 1024
MAX_UNPACKED: Final = 128 * 1024 * 1024
MAX_MEMBERS: Final = 1000
MAX_CELLS: Final = 20_000_000
MAX_RATIO: Final = 200
RATIO_FLOOR: Final = 10 * 1024 * 1024  # a small archive may be dense
VECTORS: Final = {
    "geojson": (".geojson", ".json"),
    "gpkg": (".gpkg",),
    "shapefile": (".shp",),
    "kml": (".kml",),
}
TABLES: Final = {"csv": (".csv", ".txt", ".tsv"), "xlsx": (".xlsx", ".xlsm"), "xls": (".xls",)}
_REMOTE: Final = re.compile(r"^\s*(?:[a-z][a-z0-9+.-]+:|/vsi|\\\\|//)", re.IGNORECASE)
_CELL: Final = re.compile(rb"""\br\s*=\s*["']([A-Z]{1,3})([0-9]{1,7})["']""")
_DRIVE: Final = re.compile(r"^[A-Za-z]:")


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was found, looked at and may be opened.

    ``name`` is how the scenario writes it, ``format`` what its content is, ``record`` its row of
    the manifest.
    """

    path: Path
    name: str
    format: str
    sha256: str
    record: dict[str, str]

    @property
    def basis(self) -> str:
        """Basis of rows that do not state their own."""
        return self.record.get("basis") or "unstated"


def open_source(
    root: Path,
    name: str,
    allowed: dict[str, tuple[str, ...]],
    findings: Findings,
    record: dict[str, str] | None = None,
) -> Source | None:
    """Find a file and see what it is; None, with a finding, when it may not be opened."""
    path = _locate(root, name, findings)
    if path is None:
        return None

    # the content says what a file is, its name may not: its beginning is enough
    try:
        size = path.stat().st_size
        with path.open("rb") as stream:
            head = stream.read(65536)
    except OSError as error:
        findings.add("unreadable_file", file=name, reason=error.strerror or "OS")
        return None
    if size > MAX_BYTES:
        findings.add("file_too_large", file=name, size=size, limit=MAX_BYTES)
        return None
    # a byte order mark and blanks are nothing
    if not head.strip(b"\xef\xbb\xbf \t\r\n\0"):
        findings.add("empty_file", file=name)
        return None

    found = _format_of(path, head, name, findings)
    if found is None or not _admit(found, path, name, allowed, findings):
        return None

    # the plan keeps the hash, so that it is known from which bytes it was made
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return Source(path, name, found, digest, record or {})


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
            reason = "是文件夹 it is a folder" if path.is_dir() else "文件不存在 no such file"
            findings.add("unreadable_file", file=name, reason=reason)
            return None
    except (OSError, ValueError) as error:  # ValueError: NUL in the name
        findings.add("unreadable_file", file=name, reason=str(error))
        return None
    return path


def _format_of(path: Path, head: bytes, name: str, findings: Findings) -> str | None:
    """What the content is, by its first bytes; None, with a finding, of a bad archive."""
    if head.startswith(b"PK\x03\x04"):
        return _archive_format(path, name, findings)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return "xls"
    if head.startswith(b"SQLite format 3\0"):
        return "gpkg" if head[68:70] == b"GP" else "sqlite"
    if head.startswith(b"\x00\x00\x27\x0a"):
        return "shapefile"

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
    return "kml" if root.lower() == "kml" else root


def _archive_format(path: Path, name: str, findings: Findings) -> str | None:
    """What an archive holds; None, with a finding, when it is damaged or unpacks to too much."""
    try:
        with zipfile.ZipFile(path) as archive:
            return _safe_archive(archive, archive.infolist(), name, findings)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError) as error:
        size, reason = path.stat().st_size, str(error)[:80]
        findings.add("truncated_file", file=name, offset=size, reason=reason)
        return None


def _safe_archive(
    archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], name: str, findings: Findings
) -> str | None:
    unpacked = sum(member.file_size for member in members)
    packed = max(1, sum(member.compress_size for member in members))
    is_large = len(members) > MAX_MEMBERS or unpacked > MAX_UNPACKED
    is_dense = unpacked > RATIO_FLOOR and unpacked / packed > MAX_RATIO
    if is_large or is_dense:
        sizes = f"{unpacked} bytes ({MAX_UNPACKED}), x {unpacked // packed} ({MAX_RATIO})"
        what = f"{len(members)} members ({MAX_MEMBERS}), {sizes}"
        findings.add("archive_too_large", file=name, what=what)
        return None
    cells = _widest_sheet(archive, members)
    if cells > MAX_CELLS:
        findings.add("archive_too_large", file=name, what=f"{cells} cells ({MAX_CELLS})")
        return None
    names = {member.filename for member in members}
    return "xlsx" if "xl/workbook.xml" in names else "zip"


def _widest_sheet(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> int:
    """Cells of the largest rectangle that a sheet spans.

    Readers hold the whole of it, however few cells are filled.
    """
    widest = 0
    for member in members:
        if re.fullmatch(r"xl/worksheets/[^/]+\.xml", member.filename):
            places = _CELL.findall(archive.read(member))
            rows = max((int(row) for _, row in places), default=0)
            columns = max((_column_number(letters) for letters, _ in places), default=0)
            widest = max(widest, rows * columns)
    return widest


def _column_number(letters: bytes) -> int:
    """Number of a column by its letters: A is 1, AA is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


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
