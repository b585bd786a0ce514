"""A disk that fails, or a process that dies, at its n-th change of the disk."""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

CHANGES = ("write", "fsync", "replace", "unlink", "mkdir", "rmdir")
FULL = (errno.ENOSPC, errno.EIO)


class Death(BaseException):
    """The process is gone: whatever it still does on its way out no longer reaches the disk."""


class Disk:
    """Counts what changes the disk, and stops it at the n-th change.

    Parameters
    ----------
    stop_at
        Number of the change that does not succeed, from 1; 0 = all do.
    kinds
        Which changes count.
    code
        Number of the error; None = the process dies, and no later change succeeds either.
    for_good
        Whether later changes of these kinds fail too.
    """

    def __init__(
        self,
        stop_at: int = 0,
        kinds: tuple[str, ...] = CHANGES,
        code: int | None = None,
        *,
        for_good: bool = False,
    ) -> None:
        self.stop_at, self.kinds, self.code, self.for_good = stop_at, kinds, code, for_good
        self.count = 0
        self.stopped = False

    def before(self, kind: str, path: object) -> None:
        if self.stopped and self.code is None:
            raise Death
        if kind not in self.kinds:
            return
        self.count += 1
        if self.count == self.stop_at or (self.stopped and self.for_good):
            self.stopped = True
            if self.code is None:
                raise Death
            raise OSError(self.code, os.strerror(self.code), str(path))

    @contextmanager
    def mounted(self) -> Iterator[Disk]:
        """Everything that Python changes on the disk goes through this one.

        Nothing is really flushed, which takes long: a death of the process does not ask for it.
        """
        with pytest.MonkeyPatch.context() as patch:
            for name in CHANGES[1:]:
                change = no_change if name == "fsync" else getattr(os, name)
                patch.setattr(os, name, self._checked(name, change))
            patch.setattr(io, "open", self._open(io.open))
            yield self

    def _checked(self, kind: str, change: Callable[..., Any]) -> Callable[..., Any]:
        def checked(path: Any, *rest: Any, **options: Any) -> Any:
            self.before(kind, path)
            return change(path, *rest, **options)

        return checked

    def _open(self, opening: Callable[..., Any]) -> Callable[..., Any]:
        def opened(path: Any, mode: str = "r", *rest: Any, **options: Any) -> Any:
            if self.stopped and self.code is None and set(mode) & set("wxa+"):
                raise Death
            file = opening(path, mode, *rest, **options)
            return _Written(file, self, path) if set(mode) & set("wxa") else file

        return opened


def no_change(_handle: int) -> None:
    """Instead of a flush."""


class _Written:
    """A file that is written to; of a write that fails the first half is there."""

    def __init__(self, file: Any, disk: Disk, path: object) -> None:
        self._file, self._disk, self._path = file, disk, path

    def write(self, data: Any) -> int:
        try:
            self._disk.before("write", self._path)
        except BaseException:
            self._file.write(data[: len(data) // 2])
            self._file.flush()
            raise
        written: int = self._file.write(data)
        return written

    def __enter__(self) -> _Written:
        self._file.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._file.__exit__(*error)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)
