"""The child process that opens files, seen from the parent: started, asked, watched, ended.

A hostile or damaged file may crash a library, or make it take all memory or run for ever. The
parent looks at the child while it waits, and ends it over a limit; then the file gets a notice and
the next one a new child. Nothing here differs between systems: no signals, no limits of the kernel.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from planner.layers.formats.child import OUT_OF_MEMORY
from planner.layers.formats.frames import read_frame, write_frame

MEMORY_BASE: Final = 512 * 1024 * 1024
MEMORY_TIMES: Final = 10
"""Bytes that the child may take for a file: the base and so many times the file, unpacked.

A GeoJSON of 200 MB with eight properties a feature takes 770 MB, one of 26 MB that is a single line
of 2 million corners 790 MB, a CSV of 110 MB and 7.6 million cells 1,240 MB, a workbook of 26 MB
that unpacks to 122 MB 530 MB.
"""
CPU_BASE_S: Final = 30.0
CPU_S_PER_BYTE: Final = 1e-6
"""Seconds of processor that a file may take: the base and 1 for each megabyte, unpacked.

Not of the clock, which runs on while a busy machine does something else. The same GeoJSON takes
some 20 s, the workbook 7 s.
"""
WALL_TIMES: Final = 10
"""So many times that by the clock: for a file on a network that does not answer."""

_POLL_S: Final = 0.02
_GRACE_S: Final = 10.0
_MB: Final = 1e6
_PROGRAM: Final = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from planner.layers.formats.child import main; main()"
)


class Ended(Exception):
    """The child came to an end over a file: the code of the notice and its facts."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


@dataclass(frozen=True, slots=True)
class Limits:
    """What the child may take for one file: bytes more than it holds, seconds of processor."""

    memory: float
    cpu_s: float

    @classmethod
    def of(cls, size: int) -> Limits:
        """Those of a file of so many bytes, unpacked."""
        return cls(MEMORY_BASE + MEMORY_TIMES * size, CPU_BASE_S + CPU_S_PER_BYTE * size)

    @property
    def wall_s(self) -> float:
        """Seconds by the clock."""
        return WALL_TIMES * self.cpu_s


def ask(
    path: Path, file_format: str, size: int, options: dict[str, Any]
) -> tuple[dict[str, Any], bytes]:
    """What a file holds, as the child reads it.

    Parameters
    ----------
    path
        The file.
    file_format
        One of :data:`planner.layers.formats.child.READERS`.
    size
        Its bytes, unpacked: the limits grow with them.
    options
        What the reader of the format asks for.

    Returns
    -------
    answer
        ``remarks`` and ``records``, None when the file cannot be used.
    data
        Bytes that belong to the records.

    Raises
    ------
    Ended
        When the child died, or was ended over a limit. The next call starts a new one.
    """
    # a process that was forked off has pipes to the child of its parent, and starts its own
    reader = _READERS.setdefault(os.getpid(), _Reader())
    request = {"path": str(path), "format": file_format, "options": options}
    return reader.ask(request, Limits.of(size))


class _Reader:
    """One child at a time, for one request at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._child: _Child | None = None

    def ask(self, request: dict[str, Any], limits: Limits) -> tuple[dict[str, Any], bytes]:
        with self._lock:
            if self._child is None or not self._child.is_alive:
                self._end()
                self._child = _Child()
            try:
                return self._child.ask(request, limits)
            # an interrupted child would answer the next request with this file
            except BaseException:
                self._end()
                raise

    def close(self) -> None:
        # whoever waits for the child hears of its end, and lets go of the lock
        child = self._child
        if child is not None:
            child.process.kill()
        with self._lock:
            self._end()

    def _end(self) -> None:
        if self._child is not None:
            self._child.end()
            self._child = None


class _Child:
    """A process that opens files, and the thread that hears what it says."""

    def __init__(self) -> None:
        # one thread: the child computes nothing, and each further one takes memory
        environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        # the child finds the package where this process does, and nothing in the current folder; it
        # writes names of files in the same letters
        letters = f"utf8={sys.flags.utf8_mode}"
        command = [sys.executable, "-X", letters, "-P", "-c", _PROGRAM, json.dumps(sys.path)]
        try:
            self.process = subprocess.Popen(  # noqa: S603
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            reason = error.strerror or str(error)
            raise Ended("reader_died", reason=f"{sys.executable}: {reason}") from None
        self._answers: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        return self.process.poll() is None

    def ask(self, request: dict[str, Any], limits: Limits) -> tuple[dict[str, Any], bytes]:
        watch = _Watch(self.process.pid, limits)
        try:
            # the parent is to end it first, and to say why
            request = {**request, "wall_s": limits.wall_s + _GRACE_S}
            write_frame(cast("BinaryIO", self.process.stdin), request)
        except OSError:
            raise self._dead() from None
        answer, data = self._await(watch)
        if not isinstance(answer, dict):
            raise Ended("reader_died", reason="no answer 没有应答")
        fault = answer.get("fault")
        if fault == OUT_OF_MEMORY:
            raise _over_memory(limits)
        if fault:
            raise RuntimeError(f"a fault of the child that reads files:\n{fault}")
        return answer, data

    def _await(self, watch: _Watch) -> tuple[Any, bytes]:
        """The answer, unless a limit is reached before it comes."""
        while True:
            try:
                heard: tuple[Any, bytes] | None = self._answers.get(timeout=_POLL_S)
            except queue.Empty:
                watch.look()
                continue
            if heard is None:
                raise self._dead()
            return heard

    def _listen(self) -> None:
        try:
            while True:
                self._answers.put(read_frame(cast("BinaryIO", self.process.stdout)))
        # the end of the child, or what is no message: there is nothing more to hear
        except (EOFError, OSError, ValueError, RecursionError, MemoryError):
            self._answers.put(None)

    def _dead(self) -> Ended:
        """How the child died; one that only fell silent is ended."""
        try:
            code = self.process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            return Ended("reader_died", reason="no answer 没有应答")
        if code >= 0:
            return Ended("reader_died", reason=f"exit {code:#x}")
        known = {number.value: number.name for number in signal.Signals}
        return Ended("reader_died", reason=f"signal {-code} {known.get(-code, '')}".strip())

    def end(self) -> None:
        """End the process and leave nothing of it."""
        self.process.kill()
        self.process.wait()
        self._thread.join()
        for stream in (self.process.stdin, self.process.stdout):
            # what was not sent has nobody to go to
            with contextlib.suppress(OSError):
                cast("BinaryIO", stream).close()


class _Watch:
    """What the child takes while it reads one file."""

    def __init__(self, pid: int, limits: Limits) -> None:
        import psutil

        self._gone = psutil.NoSuchProcess
        self._limits = limits
        self._started = time.monotonic()
        self._process = psutil.Process(pid)
        self._cpu_s, self._memory = self._used()

    def look(self) -> None:
        """Raise over a limit."""
        cpu_s, memory = self._used()
        if memory - self._memory > self._limits.memory:
            raise _over_memory(self._limits)
        spent_s, limit_s = cpu_s - self._cpu_s, self._limits.cpu_s
        waited_s = time.monotonic() - self._started
        if spent_s > limit_s:
            raise Ended("reader_over_time", seconds=f"{limit_s:.0f}")
        if waited_s > self._limits.wall_s:
            raise Ended("reader_over_time/waiting", seconds=f"{waited_s:.0f}")

    def _used(self) -> tuple[float, float]:
        """Seconds of processor and bytes; none of a process that is gone, which is heard soon."""
        try:
            times = self._process.cpu_times()
            return times.user + times.system, self._process.memory_info().rss
        except self._gone:
            return 0.0, 0.0


def _over_memory(limits: Limits) -> Ended:
    return Ended("reader_over_memory", megabytes=f"{limits.memory / _MB:.0f}")


_READERS: Final[dict[int, _Reader]] = {}
"""The reader of each process that has one, by its id: those of a parent are of no use."""


@atexit.register
def close() -> None:
    """End the child of this process, if it has one."""
    reader = _READERS.pop(os.getpid(), None)
    if reader is not None:
        reader.close()
