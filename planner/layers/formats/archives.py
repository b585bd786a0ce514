"""Zip archives: what one holds, seen before anything unpacks it, and one file of it unpacked."""

from __future__ import annotations

import re
import shutil
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import Final

from planner.layers.formats import Remarks
from planner.layers.formats.content import HEAD_BYTES, format_of, has_shapes

MAX_UNPACKED: Final = 128 * 1024 * 1024
"""Of a workbook, which is held as a whole."""
MAX_BYTES: Final = 512 * 1024 * 1024
"""Of any other archive: as of a file that is not packed."""
MAX_MEMBERS: Final = 1000
MAX_RATIO: Final = 200
RATIO_FLOOR: Final = 10 * 1024 * 1024  # a small archive may be dense

WORKBOOKS: Final = {
    "xl/workbook.xml": "xlsx",
    "xl/workbook.bin": "xlsb",
    "content.xml": "ods",
}
"""A member that tells what a workbook is: an archive that its own reader opens."""
SIDECARS: Final = {
    "shapefile": (".shx", ".dbf", ".prj", ".cpg"),
    "tab": (".dat", ".map", ".id", ".ind", ".dbf"),
    "mif": (".mid",),
}
"""Suffixes of the files that belong to one of a format, beside its own."""
_INSIDE: Final = (
    "filegdb", "gpkg", "shapefile", "tab", "mif", "flatgeobuf", "geojson", "geojsonl", "kml", "gml",
    "dxf", "osm", "geotiff", "geoparquet", "parquet", "xls", "json", "planet", "radiomobile",
    "csv",
)  # fmt: skip
"""What is looked for in an archive, in this order: a text beside a map is its explanation."""
_FIRST_TABLE: Final = "a00000001.gdbtable"
_TABLE_FILE: Final = re.compile(r"[a-z0-9_]+(?:\.[a-z0-9_]+)*")
_LINK: Final = re.compile(rb"<NetworkLink\b")
_MARK: Final = re.compile(rb"<(?:Placemark|\w*Overlay)\b")
_INNER: Final = re.compile(rb"(?!\.\.|/)[^:\\]*?\.kml")
_HREF: Final = re.compile(rb"<href>\s*([^<]*?)\s*</href>")
_UTF8: Final = 0x800  # flag of a name in UTF-8
_FAULTS: Final = (
    zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError, NotImplementedError,
)  # fmt: skip


def read_archive(path: Path, remarks: Remarks) -> tuple[tuple[str, int], bytes] | None:
    """What an archive is and the bytes it unpacks to; None when it is damaged or too large."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            names = {member.filename for member in members}
            book = next((kind for name, kind in WORKBOOKS.items() if name in names), "")
            if not _is_bearable(members, MAX_UNPACKED if book else MAX_BYTES, remarks):
                return None
            found = {} if book else _main_members(archive)
    except _FAULTS as error:
        remarks.add("truncated_file", offset=path.stat().st_size, reason=str(error)[:80])
        return None
    # what nobody reads is called by its own name
    inside = next((kind for kind in (*_INSIDE, *found) if kind in found), "zip")
    return (book or inside, sum(member.file_size for member in members)), b""


def is_packed(path: Path, file_format: str) -> bool:
    """Whether a file of that format lies in an archive, and must be unpacked to be read."""
    if file_format == "archive" or file_format in WORKBOOKS.values() or not path.is_file():
        return False
    with path.open("rb") as stream:
        return format_of(stream.read(HEAD_BYTES)) == "archive"


def unpack(
    path: Path, file_format: str, layer: str, folder: Path, remarks: Remarks
) -> tuple[Path, str] | None:
    """Unpack one file of an archive into a folder: its path there, and what it is called.

    No path of the archive is followed: there it is called ``data``. It is the one that is called
    ``layer``; by default the first, which is said where there are several. None, with a remark,
    when there is none of that name, or the archive is damaged.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            chosen = _choose(_main_members(archive)[file_format], layer, remarks)
            if chosen is None:
                return None
            stem = _stem(chosen)
            if file_format == "filegdb":
                return _unpack_folder(archive, chosen, folder), stem
            inner = folder / f"data{PurePosixPath(chosen.filename).suffix.lower()}"
            _copy(archive, chosen, inner)
            for member in archive.infolist():
                suffix = PurePosixPath(member.filename).suffix.lower()
                if _base(member) == _base(chosen) and suffix in SIDECARS.get(file_format, ()):
                    _copy(archive, member, inner.with_suffix(suffix))
    except _FAULTS as error:
        remarks.add("truncated_file", offset=path.stat().st_size, reason=str(error)[:80])
        return None
    return inner, stem


def sidecars(path: Path, file_format: str) -> dict[str, Path]:
    """The files that belong to one, by their suffix; a link may lead anywhere, and is none."""
    return {
        other.suffix.lower(): other
        for other in sorted(path.parent.iterdir())
        if other.stem.lower() == path.stem.lower()
        and other.suffix.lower() in SIDECARS.get(file_format, ())
        and other.is_file()
        and not other.is_symlink()
    }


def _is_bearable(members: list[zipfile.ZipInfo], limit: int, remarks: Remarks) -> bool:
    """Whether an archive unpacks to what can be held; a remark when it does not."""
    unpacked = sum(member.file_size for member in members)
    packed = max(1, sum(member.compress_size for member in members))
    is_large = len(members) > MAX_MEMBERS or unpacked > limit
    is_dense = unpacked > RATIO_FLOOR and unpacked / packed > MAX_RATIO
    if is_large or is_dense:
        sizes = f"{unpacked} bytes ({limit}), x {unpacked // packed} ({MAX_RATIO})"
        remarks.add("archive_too_large", what=f"{len(members)} members ({MAX_MEMBERS}), {sizes}")
    return not (is_large or is_dense)


def _main_members(archive: zipfile.ZipFile) -> dict[str, list[zipfile.ZipInfo]]:
    """The files of an archive by their format, those that belong to another one left out.

    Of a geodatabase it is the first table, which every one has.
    """
    found: dict[str, list[zipfile.ZipInfo]] = {}
    for member in archive.infolist():
        path = PurePosixPath(member.filename)
        if member.is_dir() or path.name.startswith(".") or path.parts[0] == "__MACOSX":
            continue
        if path.name.lower() == _FIRST_TABLE:
            found.setdefault("filegdb", []).append(member)
            continue
        with archive.open(member) as stream:
            head = stream.read(HEAD_BYTES)
            kind = format_of(head)
            if kind == "parquet" and has_shapes(stream, member.file_size):
                kind = "geoparquet"
        if kind == "kml" and _is_contents(head, archive):
            continue
        # the index of a shapefile begins as the shapes do
        if kind != "shapefile" or path.suffix.lower() == ".shp":
            found.setdefault(kind, []).append(member)
    # a KMZ begins with the one of this name
    found.get("kml", []).sort(key=lambda member: member.filename != "doc.kml")
    return found


def _is_contents(head: bytes, archive: zipfile.ZipFile) -> bool:
    """Whether a KML is but a list of links to the others of its archive, as GDAL begins a KMZ.

    GDAL writes their names in another way than the links, so that they are only counted.
    """
    links = set(_HREF.findall(head))
    others = [name for name in archive.namelist() if name.lower().endswith(".kml")]
    is_list = len(head) < HEAD_BYTES and _LINK.search(head) and not _MARK.search(head)
    is_inside = all(_INNER.fullmatch(link) for link in links)
    return bool(is_list and links and is_inside and len(links) == len(others) - 1)


def _choose(members: list[zipfile.ZipInfo], layer: str, remarks: Remarks) -> zipfile.ZipInfo | None:
    """The member that is called so; by default the first, with a remark where there are several."""
    stems = [_stem(member) for member in members]
    if layer in stems:
        return members[stems.index(layer)]
    shown = ", ".join(stems)[:200]
    if len(members) > 1 and layer:
        remarks.add("layer_unknown", value=layer, have=shown)
        return None
    if len(members) > 1:
        remarks.add("multiple_layers", count=len(members), chosen=stems[0], have=shown)
    return members[0]


def _unpack_folder(archive: zipfile.ZipFile, table: zipfile.ZipInfo, folder: Path) -> Path:
    """Unpack the files beside the first table of a geodatabase."""
    inner = folder / "data.gdb"
    inner.mkdir()
    for member in archive.infolist():
        path = PurePosixPath(member.filename)
        is_beside = path.parent == PurePosixPath(table.filename).parent
        if is_beside and _TABLE_FILE.fullmatch(path.name.lower()):
            _copy(archive, member, inner / path.name.lower())
    return inner


def _copy(archive: zipfile.ZipFile, member: zipfile.ZipInfo, to: Path) -> None:
    with archive.open(member) as stream, to.open("wb") as copy:
        shutil.copyfileobj(stream, copy)


def _stem(member: zipfile.ZipInfo) -> str:
    """What a member is called; a geodatabase is called as its folder."""
    path = PurePosixPath(_name(member))
    return path.parent.stem if path.name.lower() == _FIRST_TABLE else path.stem


def _base(member: zipfile.ZipInfo) -> str:
    """The path of a member without its suffix: files of one base belong together."""
    return str(PurePosixPath(member.filename).with_suffix("")).lower()


def _name(member: zipfile.ZipInfo) -> str:
    """The name of a member: archives of Chinese Windows write it in GBK and do not say so."""
    if member.flag_bits & _UTF8:
        return member.filename
    try:
        return member.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return member.filename
