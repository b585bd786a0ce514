"""A change of a run folder: staged beside, committed by a journal, then brought to its end."""

from __future__ import annotations

import os
import shutil
import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Final

from planner import files
from planner.errors import Notice, StorageError
from planner.folder.notices import NOTICES
from planner.folder.state import (
    NEW,
    STATE,
    Entry,
    Journal,
    Manifest,
    checked_name,
    has_journal,
    has_staged,
    remains,
)

KEPT: Final = "kept"
"""Folder for files that the planner will not lose: changed since, or never its own."""
PATIENCE_S: Final = 3.0
"""How long in all a change waits for files that another program holds open, as Windows does."""
_PAUSE_S: Final = 0.1
_SHOWN: Final = 5
_WALKED: Final = 20_000
"""How many files are looked at, where somebody's whole home is the run folder."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a change came to.

    Attributes
    ----------
    folder
        Where the names lie below.
    written
        Files of the change, in its order; those whose bytes were there already too.
    removed
        Files of the earlier plan that are gone.
    kept
        Where files went that somebody else had written or changed.
    pending
        Files that another program holds open: the next command puts them in place.
    foreign
        What else lies there but for ``kept``; in a folder of more than 20,000 files not all of it.
    """

    folder: Path
    written: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()

    @property
    def paths(self) -> tuple[Path, ...]:
        """Where the files of the change lie."""
        return tuple(self.folder / name for name in self.written)

    def notices(self) -> tuple[Notice, ...]:
        """What a user should know of it, one of a kind."""
        ours = {_top(name) for name in self.written} - {""}
        among = tuple(name for name in self.foreign if _top(name) in ours)
        found = (
            ("files_removed", self.removed),
            ("file_kept", self.kept),
            ("file_in_use", self.pending),
            ("foreign_files/among", among),
            ("foreign_files", tuple(name for name in self.foreign if name not in among)),
        )
        return tuple(
            NOTICES.notice(code, file=str(self.folder), count=len(names), names=first_of(names))
            for code, names in found
            if names
        )


def _top(name: str) -> str:
    """The folder of a run folder in which a name lies; empty for one right in the run folder."""
    return name.partition("/")[0] if "/" in name else ""


def first_of(names: tuple[str, ...]) -> list[str]:
    """The first names, for a text that says how many there are."""
    return [*names[:_SHOWN], *(["…"] if len(names) > _SHOWN else [])]


def stage(home: Path, contents: Iterable[tuple[str, bytes]], key: str) -> Journal:
    """Write the files of a change beside; nothing of the run folder is touched.

    Parameters
    ----------
    home
        Run folder, whose lock is held.
    contents
        Name and content of each file.
    key
        Key of the plan that they belong to.

    Returns
    -------
    Journal
        Not written yet. Files that are there with the same bytes are in its manifest, but do not
        move. Files of other plans go; those of the same plan that are not written anew stay.
    """
    old = Manifest.read(home)
    waiting = home / STATE / NEW
    drop_staged(home)
    waiting.mkdir()
    entries: dict[str, Entry] = {}
    moves: list[tuple[str, str]] = []
    for name, data in contents:
        name = checked_name(name)
        if name in entries:
            raise StorageError(f"two files would be named {name}", f"两个文件会同名：{name}")
        entries[name] = Entry(files.digest(data), key)
        if not holds(home / name, entries[name].sha256):
            check_inside(home, name)
            staged = str(len(moves))
            files.write_flushed(waiting / staged, data)
            moves.append((name, staged))

    others = {name: entry for name, entry in old.files.items() if name not in entries}
    stay = {name: entry for name, entry in others.items() if entry.key == key}
    removes = {name: entry.sha256 for name, entry in others.items() if name not in stay}
    return Journal(tuple(moves), removes, Manifest(key, {**stay, **entries}))


def commit(home: Path, journal: Journal) -> Change:
    """Let a staged change stand, and bring it to its end."""
    if journal.moves or journal.removes or journal.manifest != Manifest.read(home):
        files.flush_folder(home / STATE / NEW)
        journal.write(home)
        change = finish(home, journal)
    else:
        change = Change(home)
        drop_staged(home)
    return change


def finish(home: Path, journal: Journal, *, patience_s: float | None = None) -> Change:
    """Bring a change that stands to its end; whoever died over it, and however often.

    Parameters
    ----------
    home
        Run folder, whose lock is held.
    journal
        As it was written down.
    patience_s
        How long to wait in all for files that other programs hold open, ``PATIENCE_S`` by default;
        what is still held then stays in the journal.

    Raises
    ------
    OSError
        When a file cannot be put in place for another reason; the journal stays.
    """
    patience_s = PATIENCE_S if patience_s is None else patience_s
    work = _Work(home, Manifest.read(home), journal, time.monotonic() + patience_s)
    for name, staged in journal.moves:
        work.attempt(name, partial(work.move_in, name, staged))
    for name, sha256 in journal.removes.items():
        work.attempt(name, partial(work.remove, name, sha256))

    work.flush()
    if not work.pending:
        journal.manifest.write(home)
        (home / STATE / "journal.json").unlink()
        files.flush_folder(home / STATE)
        drop_staged(home)
    return Change(
        home, tuple(work.moved), tuple(work.removed), tuple(work.kept), tuple(work.pending)
    )


@dataclass(slots=True)
class _Work:
    """The moves of a change, each of which may have been made before."""

    home: Path
    old: Manifest
    journal: Journal
    deadline: float
    moved: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)

    def attempt(self, name: str, step: Callable[[], None]) -> None:
        """Do a step; while another program holds the file, again until time is up."""
        while True:
            try:
                return step()
            except PermissionError:
                if time.monotonic() >= self.deadline:
                    self.pending.append(name)
                    return None
            time.sleep(_PAUSE_S)

    def move_in(self, name: str, staged: str) -> None:
        """Put a waiting file in its place."""
        source = self.home / STATE / NEW / staged
        if not source.exists():
            return
        sha256 = self.journal.manifest.files[name].sha256
        if digest_of(source) != sha256:
            raise StorageError(
                f"{source} is damaged; delete {source.parent.parent} and run the plan again",
                f"{source} 已损坏，请删除 {source.parent.parent} 后重新运行",
            )

        check_inside(self.home, name)
        target = self.home / name
        if os.path.lexists(target) and digest_of(target) not in self._written_as(name):
            self._set_aside(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        source.replace(target)
        self.moved.append(name)

    def remove(self, name: str, sha256: str) -> None:
        """Remove a file of the earlier plan, and the folders that it leaves empty."""
        target = self.home / name
        check_inside(self.home, name)
        if not os.path.lexists(target) or self._is_new(name):
            return
        if digest_of(target) == sha256:
            target.unlink()
            self.removed.append(name)
        else:
            self._set_aside(name)
        for folder in target.parents:
            if folder == self.home or any(folder.iterdir()):
                break
            folder.rmdir()

    def flush(self) -> None:
        """Make every move last, also those that were made before a death."""
        names = [*(name for name, _ in self.journal.moves), *self.journal.removes, *self.kept]
        folders = {folder for name in names for folder in (self.home / name).parents}
        inside = {folder for folder in folders if folder.is_relative_to(self.home)}
        for folder in sorted(inside):
            if folder.is_dir():
                files.flush_folder(folder)

    def _written_as(self, name: str) -> set[str]:
        """What the planner wrote under a name, capital letters or not: they may be one file."""
        entries = self.old.files.items()
        found = {entry.sha256 for known, entry in entries if _folded(known) == _folded(name)}
        return found | {self.journal.manifest.files[name].sha256}

    def _is_new(self, name: str) -> bool:
        """Whether a name leads to a new file, where small and capital letters are one."""
        likely = [new for new in self.journal.manifest.files if _folded(new) == _folded(name)]
        target = self.home / name
        return any(
            (self.home / new).exists() and (self.home / new).samefile(target) for new in likely
        )

    def _set_aside(self, name: str) -> None:
        """Move a file that is not the planner's to where nothing replaces it."""
        source = self.home / name
        place = PurePosixPath(KEPT) / name
        sha256 = digest_of(source)
        if os.path.lexists(self.home / place) and digest_of(self.home / place) != sha256:
            place = place.with_stem(f"{place.stem}.{sha256[:8]}")
        (self.home / place).parent.mkdir(parents=True, exist_ok=True)
        source.replace(self.home / place)
        self.kept.append(place.as_posix())


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def digest_of(path: Path) -> str:
    """SHA-256 of a file; empty where there is none, also behind a link that leads nowhere."""
    try:
        return files.digest(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return ""


def holds(path: Path, sha256: str) -> bool:
    """Whether a file has a content; of one that another program keeps to itself nobody knows."""
    try:
        return digest_of(path) == sha256
    except PermissionError:
        return False


def check_inside(home: Path, name: str) -> None:
    """Refuse a place that a link leads out of the run folder.

    Raises
    ------
    StorageError
        Names the link.
    """
    parent = (home / name).parent
    if not parent.resolve().is_relative_to(home.resolve()):
        raise StorageError.found(NOTICES.notice("unsuitable_output/link", file=str(parent)))


def settle(home: Path, *, patience_s: float | None = None) -> tuple[Change, tuple[Notice, ...]]:
    """Finish or undo what a dead process left; the lock is held.

    Returns
    -------
    change
        What was finished.
    notices
        What to say about it.
    """
    journal = Journal.read(home)
    if journal is not None:
        change = finish(home, journal, patience_s=patience_s)
        done = NOTICES.notice("run_finished", file=str(home), count=len(change.written))
        return change, (done, *change.notices())
    if has_staged(home):
        drop_staged(home)
        return Change(home), (NOTICES.notice("run_undone", file=str(home)),)
    return Change(home), ()


def drop_staged(home: Path) -> None:
    """Throw away what waits, when no journal wants it."""
    assert not has_journal(home)
    shutil.rmtree(home / STATE / NEW, ignore_errors=True)


def foreign_files(home: Path) -> tuple[str, ...]:
    """Names of files that the planner did not write, sorted; a run folder within counts as one."""
    # a system may keep the parts of a letter apart
    ours = {unicodedata.normalize("NFC", name) for name in Manifest.read(home).files}
    found: list[str] = []
    for path in islice(_walk(home), _WALKED):
        name = path.relative_to(home).as_posix()
        if unicodedata.normalize("NFC", name) not in ours:
            found.append(name)
    return tuple(sorted(found))


def remove_parts(home: Path) -> None:
    """Remove files that dead processes left beside their places; the lock is held."""
    for path in islice(_walk(home), _WALKED):
        if files.PART.fullmatch(path.name):
            with suppress(OSError):
                path.unlink()


def tidy(home: Path) -> None:
    """Remove what a dead process left of itself, but for a change that stands; the lock is held."""
    for path in remains(home):
        if path.name not in ("journal.json", NEW):
            with suppress(OSError):
                path.unlink()


def _walk(folder: Path) -> Iterator[Path]:
    """Files below a folder; no link is followed, ``.planner`` is left out."""
    try:
        paths = sorted(folder.iterdir())
    except PermissionError:
        return
    for path in paths:
        if path.name == STATE:
            continue
        if path.is_symlink() or not _is_folder(path) or _is_folder(path / STATE):
            yield path
        else:
            yield from _walk(path)


def _is_folder(path: Path) -> bool:
    return os.path.isdir(path)  # noqa: PTH112 (the method raises where nobody may look)
