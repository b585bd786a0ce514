"""Open a run folder for writing, or read from one: what a dead run left is dealt with first."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, TypeVar

from filelock import FileLock, Timeout

from planner import files
from planner.errors import Notice, Said, StorageError
from planner.folder.change import (
    Change,
    check_inside,
    commit,
    drop_staged,
    first_of,
    foreign_files,
    holds,
    remove_parts,
    settle,
    stage,
    tidy,
)
from planner.folder.notices import COMPLETED_NEXT, NOTHING, NOTICES, UNTOUCHED, WHOLE
from planner.folder.state import (
    STATE,
    Holder,
    Journal,
    Manifest,
    has_journal,
    is_home,
    remains,
)

T = TypeVar("T")
SHORT_KEY: Final = 12
"""Digits of a key that people see and files carry: 48 bits tell the plans of an office apart."""
_WAIT_S: Final = 10.0
"""How long a reader waits for a process that is just putting its files in place."""
_READS: Final = 5


@dataclass(frozen=True, slots=True)
class Place:
    """A folder that is open for writing.

    Attributes
    ----------
    home
        The run folder; None when the files go elsewhere.
    folder
        Where names lie below: the run folder itself, a folder in it, or one elsewhere.
    notices
        What was finished or undone when it was opened.
    """

    home: Path | None
    folder: Path
    notices: tuple[Notice, ...] = ()

    def replace(self, contents: Iterable[tuple[str, bytes]], key: str) -> Change:
        """Replace the plan that the run folder holds, and all that belongs to it.

        Parameters
        ----------
        contents
            Name and content of each file, in the order in which they are put in place.
        key
            Key of their plan. Files of the run folder that belong to another plan go; those of the
            same plan that are not written anew stay.

        Raises
        ------
        StorageError
            When a file cannot be written; says whether the earlier plan stands or the new one.
        """
        assert self.home is not None
        change = _changed(self.home, contents, key)
        foreign = (name for name in foreign_files(self.home) if name not in change.kept)
        return replace(change, foreign=tuple(foreign))

    def add(self, contents: Iterable[tuple[str, bytes]], *keys: str) -> Change:
        """Add files to the plan that the run folder holds.

        Parameters
        ----------
        contents
            Name and content of each file.
        keys
            Keys of the plans that they show; one of them must be the run folder's.

        Raises
        ------
        StorageError
            When the run folder holds another plan, or a file cannot be written.
        """
        if self.home is None:
            paths = files.write_together(self.folder, contents)
            written = tuple(path.relative_to(self.folder).as_posix() for path in paths)
            return Change(self.folder, written)

        held = Manifest.read(self.home).key or keys[0]
        if held not in keys:
            raise StorageError.found(
                NOTICES.notice(
                    "other_plan",
                    file=str(self.home),
                    held=_shown(held),
                    key=_shown(keys[0]),
                )
            )
        below = self.folder.relative_to(self.home)
        named = (((below / name).as_posix(), data) for name, data in contents)
        return _changed(self.home, named, held)


def _changed(home: Path, contents: Iterable[tuple[str, bytes]], key: str) -> Change:
    """Make a change; an error says how things stand after it."""
    before = Manifest.read(home)
    names: list[str] = []

    def noted() -> Iterator[tuple[str, bytes]]:
        for name, data in contents:
            names.append(name)
            yield name, data

    try:
        change = commit(home, stage(home, noted(), key))
    except BaseException as error:
        said = _standing(home, before)
        if isinstance(error, OSError):
            place = Path(error.filename or home)
            raise files.not_written(place, error, said) from error
        if isinstance(error, StorageError):
            raise StorageError(
                f"{error.en}. {said.en}", f"{error.zh}。{said.zh}", error.notices
            ) from error
        raise
    return replace(change, written=tuple(names))


def _standing(home: Path, before: Manifest) -> Said:
    """How things stand after a change was stopped."""
    if has_journal(home):
        return COMPLETED_NEXT
    if Manifest.read(home) != before:
        return WHOLE
    return UNTOUCHED if before.files else NOTHING


@contextmanager
def opened(folder: str | Path, command: str, needs: Sequence[str] = ()) -> Iterator[Place]:
    """Open a run folder for a command that will replace its plan.

    Parameters
    ----------
    folder
        Run folder; made when missing, and gone again when nothing is written.
    command
        Name of the command, for others who would write there meanwhile.
    needs
        Files and folders that it will write; a folder's name ends in ``/``.

    Raises
    ------
    StorageError
        Before the work: when the folder cannot be one or cannot be written, when another process
        works in it, or when files of an earlier run cannot be put in place.
    """
    home = _resolved(folder)
    check_suitable(home, needs)
    _check_free(home)
    with _made(home), _said_when_stopped(home), _locked(home, command):
        notices = _settled(home)
        with _said_when_stopped(home):
            yield Place(home, home, notices)


@contextmanager
def into(
    folder: str | Path, command: str, needs: Sequence[str] = (), apart: str = ""
) -> Iterator[Place]:
    """Open any folder for further files of a plan; inside a run folder they become part of it.

    Parameters and errors are those of :func:`opened` and :func:`check_suitable`.
    """
    folder = _resolved(folder)
    check_suitable(folder, needs, apart)
    home = _home_of(folder)
    if home is None:
        yield Place(None, folder)
        return
    with _said_when_stopped(home), _locked(home, command):
        notices = _settled(home)
        with _said_when_stopped(home):
            yield Place(home, folder, notices)


def check_suitable(folder: Path, needs: Sequence[str], apart: str = "") -> None:
    """Refuse a place that cannot hold what is to be written; nothing is made.

    Parameters
    ----------
    folder
        Where it would go; may be missing.
    needs
        As in :func:`opened`.
    apart
        Folder of a run folder into which nothing else is written.

    Raises
    ------
    StorageError
        Names what stands in the way, and what to do.
    """
    folder = _resolved(folder)
    there = next((each for each in (folder, *folder.parents) if os.path.lexists(each)), None)
    if there is None:
        nowhere = FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        raise files.not_written(folder, nowhere)
    if not there.is_dir():
        raise StorageError.found(NOTICES.notice("unsuitable_output/file", file=str(there)))
    _check_access(there)
    for need in needs:
        path = folder / need
        _resolved(path)
        if need.endswith("/") and os.path.lexists(path):
            if not path.is_dir():
                raise StorageError.found(NOTICES.notice("unsuitable_output/file", file=str(path)))
            check_inside(folder, f"{need}file")
            _check_access(path)
        elif path.is_dir() and not need.endswith("/"):
            raise StorageError.found(NOTICES.notice("unsuitable_output/folder", file=str(path)))

    home = _home_of(folder)
    inside = folder.relative_to(home).parts if home else ()
    if inside and inside[0].casefold() in (STATE, apart):
        raise StorageError.found(NOTICES.notice("unsuitable_output/own", file=str(folder)))


def _check_free(home: Path) -> None:
    """Refuse to make a run folder of what is a part of another."""
    outer = _home_of(home.parent)
    if outer is not None:
        below = f"{home.relative_to(outer).as_posix()}/"
        if any(name.startswith(below) for name in Manifest.read(outer).files):
            raise StorageError.found(NOTICES.notice("unsuitable_output/own", file=str(home)))


def _resolved(folder: str | Path) -> Path:
    """Where a folder lies, behind every link; it may be missing."""
    try:
        path = Path(folder).resolve()
        path.exists()
    except RuntimeError:  # what a loop of links raises
        notice = NOTICES.notice("unsuitable_output/loop", file=str(folder))
        raise StorageError.found(notice) from None
    except OSError as error:
        raise files.not_written(Path(folder), error) from error
    return path


def _check_access(folder: Path) -> None:
    if not os.access(folder, os.W_OK | os.X_OK):
        raise StorageError.found(NOTICES.notice("unsuitable_output/denied", file=str(folder)))


def _home_of(folder: Path) -> Path | None:
    """The run folder that a folder is or lies in; None when it is in none."""
    folder = folder.resolve()
    return next((each for each in (folder, *folder.parents) if is_home(each)), None)


@contextmanager
def _made(home: Path) -> Iterator[None]:
    """Make a run folder; when nothing comes to stand in it, it goes again."""
    missing = [each for each in (home, *home.parents) if not each.exists()]
    try:
        (home / STATE).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise files.not_written(home, error) from error
    try:
        yield
    finally:
        if not is_home(home):
            for folder in (home / STATE, *missing):
                with suppress(OSError):
                    folder.rmdir()


@contextmanager
def _locked(home: Path, command: str) -> Iterator[None]:
    """Hold a run folder's lock, and say who does."""
    with _lock(home, 0.0):
        tidy(home)
        try:
            Holder.this_one(command).write(home)
            yield
        finally:
            if not has_journal(home):
                drop_staged(home)
            with suppress(OSError):
                (home / STATE / "holder.json").unlink(missing_ok=True)
                # who waits for a lock that is gone notices; Windows removes it when it is released
                if not is_home(home):
                    (home / STATE / "lock").unlink()


@contextmanager
def _said_when_stopped(home: Path) -> Iterator[None]:
    """Note on a signal that stops the work how things stand."""
    before = Manifest.read(home)
    try:
        yield
    except BaseException as stop:
        # what was said closer to the work stands
        if not isinstance(stop, Exception) and not hasattr(stop, "__notes__"):
            said = _standing(home, before)
            stop.add_note(f"{said.zh}\n{said.en}")
        raise


@contextmanager
def _lock(home: Path, wait_s: float) -> Iterator[None]:
    """Hold the lock alone.

    The system takes it from a process that dies.

    Raises
    ------
    StorageError
        When another process holds it, whose name is said.
    """
    lock = FileLock(home / STATE / "lock")
    try:
        try:
            lock.acquire(timeout=wait_s)
        except Timeout:
            # who says nothing of itself only brings a change to its end, and is soon done
            if Holder.read(home) is not None:
                raise
            lock.acquire(timeout=_WAIT_S)
    except Timeout:
        holder = Holder.read(home) or "?"
        raise StorageError.found(
            NOTICES.notice("locked_by_other_run", file=str(home), holder=holder)
        ) from None
    except OSError as error:
        raise files.not_written(home, error) from error
    try:
        yield
    finally:
        lock.release()


def _settled(home: Path) -> tuple[Notice, ...]:
    """Deal with what dead runs left, before a new change.

    Raises
    ------
    StorageError
        When files of the last change still cannot be put in place.
    """
    try:
        change, notices = settle(home)
    except OSError as error:
        raise files.not_written(Path(error.filename or home), error, COMPLETED_NEXT) from error
    if change.pending:
        raise _held(home, change.pending)
    remove_parts(home)
    return notices


def read_whole(folder: str | Path, read: Callable[[], T], needs: str = "") -> T:
    """Read from a run folder what one run wrote.

    What a dead run left is finished or undone first; a run that replaces its files meanwhile is
    waited for, and what was read is read again.

    Parameters
    ----------
    folder
        Run folder, a folder in it, or any other.
    read
        Reads; raises a StorageError where what it finds does not belong together.
    needs
        Folder that is read, below the run folder: files of it have to be in place.

    Raises
    ------
    StorageError
        What ``read`` raises; or when the folder must be brought to an end and cannot be.
    """
    for _ in range(_READS - 1):
        recover(folder, needs)
        before = _stamp(folder)
        try:
            return read()
        except StorageError:
            if _stamp(folder) == before:
                raise
    recover(folder, needs)
    return read()


def stale_files(folder: str | Path, key: str) -> tuple[Notice, ...]:
    """Name what lies in a run folder beside a plan but does not belong to it.

    Parameters
    ----------
    folder
        Run folder, or a folder in it.
    key
        Key of the plan that was read there.
    """
    home = _home_of(Path(folder))
    held = Manifest.read(home) if home else Manifest()
    if home is None or not held.key:
        return ()
    if held.key != key:
        there, read = _shown(held.key), _shown(key)
        return (NOTICES.notice("stale_file/other", file=str(home), held=there, key=read),)

    waiting = {name for name, _ in journal.moves} if (journal := Journal.read(home)) else set()
    changed = tuple(
        name
        for name, entry in held.files.items()
        if name not in waiting and (home / name).is_file() and not holds(home / name, entry.sha256)
    )
    if not changed:
        return ()
    count, names = len(changed), first_of(changed)
    return (NOTICES.notice("stale_file/changed", file=str(home), count=count, names=names),)


def _shown(key: str) -> str:
    """A key as people see it, part by part: two editions of one plan differ in the second."""
    return "·".join(part[:SHORT_KEY] for part in key.split("."))


def _stamp(folder: str | Path) -> tuple[bool, Manifest]:
    home = _home_of(Path(folder))
    return (has_journal(home), Manifest.read(home)) if home else (False, Manifest())


def recover(folder: str | Path, needs: str = "") -> tuple[Notice, ...]:
    """Finish or undo what a dead run left in a run folder; nothing to do where there is none.

    Parameters and errors are those of :func:`read_whole`.

    Returns
    -------
    tuple of Notice
        What was done.
    """
    home = _home_of(Path(folder))
    if home is None or not remains(home):
        return ()
    try:
        with _lock(home, _WAIT_S if has_journal(home) else 0.0):
            change, notices = settle(home, patience_s=0.0)
            tidy(home)
    except (StorageError, OSError) as error:
        # before its journal stands, a run that is under way or cannot be cleared away harms nobody
        if not has_journal(home):
            return ()
        if isinstance(error, StorageError) and not isinstance(error.__cause__, OSError):
            raise
        reason = getattr(error.__cause__ or error, "strerror", "")
        raise StorageError.found(
            NOTICES.notice("unfinished_change/read_only", file=str(home), reason=reason)
        ) from error
    held = tuple(name for name in change.pending if name.startswith(needs))
    if needs and held:
        raise _held(home, held)
    return notices


def _held(home: Path, names: tuple[str, ...]) -> StorageError:
    return StorageError.found(
        NOTICES.notice(
            "unfinished_change/held", file=str(home), count=len(names), names=first_of(names)
        )
    )
