"""What a run folder says of itself, in its folder ``.planner``."""

from __future__ import annotations

import json
import os
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, Final, NamedTuple, Self

from planner import files
from planner.errors import StorageError

STATE: Final = ".planner"
NEW: Final = "new"
"""Where files of a change wait, below ``STATE``."""
FORMAT_VERSION: Final = 1
_STAGED: Final = re.compile(r"[0-9]+")


class Entry(NamedTuple):
    """A file of the run folder: its content and the plan it belongs to."""

    sha256: str
    key: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """Every file of a run folder that the planner wrote.

    Attributes
    ----------
    key
        Key of the plan that the folder holds; empty when it holds none.
    files
        By name, with ``/`` between folders.
    """

    key: str = ""
    files: Mapping[str, Entry] = field(default_factory=dict)

    @classmethod
    def read(cls, home: Path) -> Self:
        """The manifest of a run folder; an empty one where there is none.

        Raises
        ------
        StorageError
            When it is damaged or of a later version.
        """
        path = home / STATE / "manifest.json"
        return cls._of_tree(_read(path), path) if path.is_file() else cls()

    def write(self, home: Path) -> None:
        """Write it down, as a whole."""
        files.write_bytes(home / STATE / "manifest.json", files.json_bytes(self._tree()))

    def _tree(self) -> dict[str, Any]:
        entries = {name: entry._asdict() for name, entry in self.files.items()}
        return {"format_version": FORMAT_VERSION, "key": self.key, "files": entries}

    @classmethod
    def _of_tree(cls, tree: Any, path: Path) -> Self:
        try:
            entries = {checked_name(name): Entry(**each) for name, each in tree["files"].items()}
            return cls(str(tree["key"]), entries)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise _damaged(path, error) from None


@dataclass(frozen=True, slots=True)
class Journal:
    """A change that stands: what is still to be moved and removed.

    Attributes
    ----------
    moves
        Name of a file and the name under which it waits in ``NEW``, in the order of the moves.
    removes
        Files of the earlier plan that go, with the SHA-256 that they had.
    manifest
        What holds afterwards.
    """

    moves: tuple[tuple[str, str], ...]
    removes: Mapping[str, str]
    manifest: Manifest

    @classmethod
    def read(cls, home: Path) -> Self | None:
        """The journal of a run folder; None when no change is under way.

        Raises
        ------
        StorageError
            When it is damaged, of a later version, or names a place outside the folder.
        """
        path = home / STATE / "journal.json"
        if not path.is_file():
            return None
        tree = _read(path)
        try:
            moves = tuple((checked_name(name), _checked_staged(at)) for name, at in tree["moves"])
            removes = {checked_name(name): str(sha) for name, sha in tree["removes"].items()}
            manifest = Manifest._of_tree(tree["manifest"], path)
            assert {name for name, _ in moves} <= manifest.files.keys()
        except (KeyError, TypeError, AttributeError, ValueError, AssertionError) as error:
            raise _damaged(path, error) from None
        return cls(moves, removes, manifest)

    def write(self, home: Path) -> None:
        """Write it down, as a whole: from here on the change stands."""
        tree = {
            "format_version": FORMAT_VERSION,
            "moves": self.moves,
            "removes": self.removes,
            "manifest": self.manifest._tree(),
        }
        files.write_bytes(home / STATE / "journal.json", files.json_bytes(tree))


def has_journal(home: Path) -> bool:
    """Whether a change stands that is not at its end."""
    return (home / STATE / "journal.json").is_file()


def has_staged(home: Path) -> bool:
    """Whether files wait there, of a change that is under way or was stopped."""
    return (home / STATE / NEW).is_dir()


def is_home(folder: Path) -> bool:
    """Whether a folder is a run folder, also one whose first run was stopped."""
    has_manifest = (folder / STATE / "manifest.json").is_file()
    return has_manifest or has_journal(folder) or has_staged(folder)


def remains(home: Path) -> list[Path]:
    """What a process that works there has beside manifest and lock, or one that died left."""
    own = (path for path in (home / STATE).iterdir() if files.PART.fullmatch(path.name))
    named = (home / STATE / name for name in ("holder.json", "journal.json", NEW))
    return [*own, *(path for path in named if path.exists())]


def checked_name(name: str) -> str:
    """Name of a file below a run folder; refuses what leads out of it.

    Raises
    ------
    ValueError
        For an absolute name, one with ``..`` or a backslash, or one inside ``.planner``.
    """
    parts = PurePosixPath(name).parts
    windows = PureWindowsPath(name)
    if (
        not parts
        or ".." in parts
        or "\\" in name
        or windows.drive
        or windows.root
        or parts[0].casefold() == STATE
    ):
        raise ValueError(f"{name!r} is no name of a file in a run folder")
    return PurePosixPath(name).as_posix()


def _checked_staged(name: str) -> str:
    if not _STAGED.fullmatch(name):
        raise ValueError(f"{name!r} is no waiting file")
    return name


def _read(path: Path) -> Any:
    try:
        tree = json.loads(files.read_bytes(path))
    except ValueError as error:
        raise _damaged(path, error) from None
    version = tree.get("format_version") if isinstance(tree, dict) else None
    if version != FORMAT_VERSION:
        raise StorageError(
            f"{path} is of format {version!r}, this planner knows {FORMAT_VERSION}; "
            f"use the planner that wrote the folder, or run into another one",
            f"{path} 的格式版本为 {version!r}，本程序只认 {FORMAT_VERSION}；"
            f"请用写出该文件夹的版本，或另选文件夹运行",
        )
    return tree


def _damaged(path: Path, why: Exception) -> StorageError:
    return StorageError(
        f"{path} is damaged ({why}); delete the folder {path.parent} and run the plan again",
        f"{path} 已损坏（{why}）；请删除文件夹 {path.parent} 后重新运行",
    )


class Holder(NamedTuple):
    """Who works in a run folder."""

    command: str
    pid: int
    host: str
    since: str

    @classmethod
    def this_one(cls, command: str) -> Self:
        """The process that asks, from now on."""
        now = datetime.now().astimezone().isoformat(sep=" ", timespec="seconds")
        return cls(command, os.getpid(), socket.gethostname(), now)

    @classmethod
    def read(cls, home: Path) -> Self | None:
        """Who said last that it works there; None when nobody does or it cannot be read."""
        try:
            return cls(**files.parse_json((home / STATE / "holder.json").read_bytes(), "holder"))
        except (OSError, StorageError, TypeError):
            return None

    def write(self, home: Path) -> None:
        """Say so."""
        files.write_bytes(home / STATE / "holder.json", files.json_bytes(self._asdict()))

    def __str__(self) -> str:
        return f"planner {self.command}, PID {self.pid}, {self.host}, {self.since}"
