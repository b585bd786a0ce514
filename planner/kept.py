"""What was worked out before, kept by content in a folder of the user's.

An entry is named by a hash of all that it follows from, so what is found is what would be worked
out again: a store saves time and changes nothing. It may be emptied at any time. Entries hold
tables and arrays, and nothing in them is ever run.
"""

from __future__ import annotations

import dataclasses
import hashlib
import importlib.metadata
import os
import platform
import re
import secrets
import sys
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from pydantic import BaseModel

PLACE: Final = "PLANNER_CACHE"
"""Variable of the environment: a folder for the entries, or ``off``."""
LIMIT_BYTES: Final = 1_000_000_000
"""What all entries together may take; the packaged case takes 25 MB."""

_LIBRARIES: Final = (
    "numpy", "scipy", "numba", "llvmlite", "pandas", "pyarrow", "geopandas", "shapely", "pyproj",
    "pyogrio", "rasterio", "openpyxl", "python-calamine", "pydantic", "PyYAML",
)  # fmt: skip
_NAME: Final = re.compile(r"[0-9a-f]{64}\.kept(\.[0-9a-f]{16})?")
"""Names of entries, and of those that are being written; other files are nobody's business."""
_SETTING: Final = re.compile("(PROJ|GDAL|OGR|OSR|CPL|SHAPE|GPKG)_")
"""Variables of the environment that tell PROJ and GDAL how to project and to read."""
_DIGEST_BYTES: Final = hashlib.sha256().digest_size


class Store:
    """Entries by key, in one folder; without a folder nothing is kept.

    Any number of processes may use a folder at once. What cannot be read or written, or is not what
    was written, counts as not there.

    Parameters
    ----------
    folder
        Made when the first entry is written.
    limit_bytes
        What the entries may take together. Those that were not used for the longest time go first.
    """

    def __init__(self, folder: Path | None, limit_bytes: int = LIMIT_BYTES) -> None:
        self.folder = folder
        self.limit_bytes = limit_bytes

    @classmethod
    def of_user(cls) -> Self:
        """The store that :data:`PLACE` names, else that of the platform's folder for caches."""
        named = os.environ.get(PLACE, "").strip()
        if named:
            return cls(None if named.lower() == "off" else Path(named).absolute())
        base = _cache_folder()
        return cls(base and base / "rollout-planner")

    @property
    def keeps(self) -> bool:
        """Whether anything can be kept or found."""
        return self.folder is not None

    def get(self, key: str) -> bytes | None:
        """The entry of a key; None where there is none."""
        if self.folder is None:
            return None
        path = self._path(self.folder, key)
        with suppress(OSError):
            whole = path.read_bytes()
            digest, data = whole[:_DIGEST_BYTES], whole[_DIGEST_BYTES:]
            if hashlib.sha256(data).digest() != digest:
                path.unlink()
                return None
            # the time of a file is that of its last use
            with suppress(OSError):
                os.utime(path)
            return data
        return None

    def put(self, key: str, data: bytes) -> None:
        """Keep an entry, and let the oldest go where they are too many."""
        if self.folder is None or len(data) > self.limit_bytes:
            return
        path = self._path(self.folder, key)
        beside = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            beside.write_bytes(hashlib.sha256(data).digest() + data)
            # another process may have written the same meanwhile: one of the two stays
            beside.replace(path)
        except OSError:
            with suppress(OSError):
                beside.unlink(missing_ok=True)
        else:
            self._trim(self.folder)

    def _trim(self, folder: Path) -> None:
        """Let entries go, the one used longest ago first, until the others keep to the limit."""
        found = []
        with suppress(OSError), os.scandir(folder) as files:
            for file in files:
                # another process may have removed it
                with suppress(OSError):
                    if _NAME.fullmatch(file.name) and file.is_file(follow_symlinks=False):
                        state = file.stat(follow_symlinks=False)
                        found.append((state.st_mtime_ns, file.name, state.st_size))

        over = sum(size for *_, size in found) - self.limit_bytes
        for _, name, size in sorted(found):
            if over <= 0:
                break
            with suppress(OSError):
                (folder / name).unlink()
            over -= size

    @staticmethod
    def _path(folder: Path, key: str) -> Path:
        return folder / f"{key}.kept"


NOTHING: Final = Store(None)
"""Keeps nothing and finds nothing."""


def key_of(what: str, *parts: Any) -> str:
    """Key of what follows from some parts, from the planner's code and from its libraries.

    Parameters
    ----------
    what
        What is kept.
    parts
        All that it follows from: numbers, texts, arrays, models, and mappings, sequences and
        dataclasses of them.

    Returns
    -------
    str
        64 hexadecimal digits.

    Raises
    ------
    TypeError
        For a part whose content cannot be told.
    """
    told = hashlib.sha256()
    _tell(told, (_surroundings(), what, parts))
    return told.hexdigest()


def _tell(told: Any, thing: Any) -> None:
    """Add a thing to a hash: its type, its length and its content, so that no two are alike."""
    if isinstance(thing, np.ndarray) and thing.dtype != object:
        _tell(told, (thing.dtype.str, *thing.shape))
        told.update(np.ascontiguousarray(thing).reshape(-1).view(np.uint8).data)
    elif thing is None or isinstance(thing, bool | int | float | str | bytes):
        data = thing if isinstance(thing, bytes) else repr(thing).encode()
        told.update(f"{type(thing).__name__} {len(data)} ".encode() + data)
    elif isinstance(thing, BaseModel):
        _tell(told, (type(thing).__name__, thing.model_dump_json()))
    elif dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        fields = dataclasses.fields(thing)
        _tell(told, {field.name: getattr(thing, field.name) for field in fields})
    elif isinstance(thing, Mapping):
        _tell(told, ("mapping", *thing.items()))
    elif isinstance(thing, list | tuple):
        told.update(f"{type(thing).__name__} {len(thing)} ".encode())
        for each in thing:
            _tell(told, each)
    else:
        raise TypeError(f"nothing can be kept by a {type(thing).__name__}")


def _surroundings() -> tuple[Any, ...]:
    """What every result follows from beside its input: code, libraries, machine, settings."""
    settings = sorted(item for item in os.environ.items() if _SETTING.match(item[0]))
    return *_installed(), *settings


@cache
def _installed() -> tuple[Any, ...]:
    """The code, the libraries and the machine."""
    import pyproj
    import shapely

    # what is compiled and vectorised may round otherwise on another processor
    vectors = np.show_config(mode="dicts")["SIMD Extensions"]
    machine = (platform.machine(), vectors.get("found", ()), sys.platform)
    native = (sys.byteorder, platform.python_version(), shapely.geos_version_string)
    fetches = pyproj.network.is_network_enabled()  # type: ignore[attr-defined]
    projections = (pyproj.proj_version_str, fetches, *_proj_data())
    digest = code_digest(Path(__file__).parent)
    return digest, *machine, *native, *projections, *map(_version, _LIBRARIES)


def _proj_data() -> list[tuple[str, int]]:
    """Name and size of each file by which PROJ projects: its database, and grids if there are any.

    Between two CRS it takes the way that is best with the grids that it finds.
    """
    from pyproj import datadir

    found = []
    user: str = datadir.get_user_data_dir()  # type: ignore[attr-defined]
    for folder in (*datadir.get_data_dir().split(os.pathsep), user):
        with suppress(OSError), os.scandir(folder) as files:
            found += [(file.name, file.stat().st_size) for file in files]
    return sorted(found)


def code_digest(package: Path) -> str:
    """SHA-256 of every file of a package, but for those that Python and numba compile."""
    code = hashlib.sha256()
    for file in sorted(package.rglob("*")):
        if file.is_file() and "__pycache__" not in file.parts:
            data = file.read_bytes()
            code.update(f"{file.relative_to(package).as_posix()} {len(data)} ".encode() + data)
    return code.hexdigest()


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _cache_folder() -> Path | None:
    """The platform's folder for what may be deleted; None where it has none."""
    if sys.platform == "win32":
        named = os.environ.get("LOCALAPPDATA", "")
    else:
        named = os.environ.get("XDG_CACHE_HOME", "")
    # a relative one is to be passed over, says the rule of these variables
    if named and Path(named).is_absolute():
        return Path(named)
    try:
        home = Path.home()
    except RuntimeError:
        return None
    if sys.platform == "win32":
        return home / "AppData" / "Local"
    return home / "Library" / "Caches" if sys.platform == "darwin" else home / ".cache"
