"""Commands of the packaged case against those of the release they are held against.

The release is a tag; its files are laid beside the checkout and run by the same Python with the
same libraries, so that the ratio tells of the code alone. Seconds of the processor and peak memory
are those of the whole command with its children. Both have what they compiled in a folder of their
own, and compile it before anything is measured.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.pairs import ROOT, Line, Measured, alternate, line

BASELINE = "v0.1-baseline"
BASELINE_COMMIT = "7643c7b4dac8679fe945c2e8aac19f338523daae"
"""What the tag stands on, for a clone that has no tags."""

COMMANDS = ("run", "report", "check")
FIGURES = {"cpu": "CPU s", "wall": "s", "peak": "peak MB"}
ORDER_SCRIPT = """import sys
from planner.model import Plan
plan = Plan.load(sys.argv[1])
print(*plan.stations["station_id"].iloc[plan.order])"""


class Side:
    """A checkout whose commands are measured.

    Parameters
    ----------
    source
        Its folder, where ``python -m planner`` finds its package.
    work
        Where its runs and what it compiles go.
    """

    def __init__(self, source: Path, work: Path) -> None:
        self.source, self.run_folder = source, work / "run"
        own = {"NUMBA_CACHE_DIR": str(work / "compiled"), "PYTHONPATH": str(source)}
        self.environment = os.environ | own

    def prepare(self) -> None:
        """Compile, and leave a run folder, with the least search."""
        self.planner("run", "--effort", "fast")
        self.planner("report")
        self.planner("check")

    def planner(self, command: str, *options: str) -> Measured:
        """Run a command of the packaged case; its seconds and peak memory, MB."""
        if command == "run":
            shutil.rmtree(self.run_folder, ignore_errors=True)
        arguments = {
            "run": ["run", *options, "--output", str(self.run_folder)],
            "report": ["report", str(self.run_folder)],
            "check": ["check"],
        }
        return self.spend("-m", "planner", *arguments[command])

    def spend(self, *arguments: str) -> Measured:
        """What this Python takes for some arguments: seconds of processor and clock, peak MB.

        Raises
        ------
        RuntimeError
            When it fails, with what it said.
        """
        command = [sys.executable, *arguments]
        with tempfile.TemporaryFile() as said:
            began = time.perf_counter()
            child = subprocess.Popen(
                command,
                cwd=self.source,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
            )
            # The peak is that of the largest process, and never less than ours when it began.
            _, status, usage = os.wait4(child.pid, 0)
            wall = time.perf_counter() - began
            child.returncode = os.waitstatus_to_exitcode(status)
            if child.returncode != 0:
                said.seek(0)
                text = said.read().decode("utf-8", errors="replace")
                raise RuntimeError(f"{command} in {self.source}: exit {child.returncode}\n{text}")
        cpu = usage.ru_utime + usage.ru_stime
        return {"cpu": cpu, "wall": wall, "peak": usage.ru_maxrss / 1024}

    def order(self) -> list[str]:
        """The stations of the run folder in their order."""
        done = subprocess.run(
            [sys.executable, "-c", ORDER_SCRIPT, str(self.run_folder)],
            cwd=self.source,
            env=self.environment,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout.split()


def measure(pairs: int, ours: Side, work: Path) -> Iterator[Line]:
    """Every command against the release; nothing, said aloud, in a clone without its commit."""
    commit = baseline()
    if commit is None:
        print(
            f"commands: left out, this clone has neither the tag {BASELINE} nor {BASELINE_COMMIT}; "
            "git fetch --tags --unshallow"
        )
        return
    peer = Side(lay(commit, work / "source"), work)
    for name, pinned, installed in other_libraries(peer.source):
        print(f"commands: {BASELINE} pins {name} {pinned}, both run with {installed}")
    peer.prepare()

    for command in COMMANDS:
        taken = alternate(partial(ours.planner, command), partial(peer.planner, command), pairs)
        found = ""
        if command == "run":
            found = "same order" if ours.order() == peer.order() else "another order"
        for name, unit in FIGURES.items():
            what = f"planner {command} / {BASELINE}, {unit}"
            yield line(taken, name, what, unit.split()[-1], None, found)


def baseline() -> str | None:
    """The commit of the release; None where the clone does not have it."""
    for name in (BASELINE, BASELINE_COMMIT):
        asked = ["git", "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}"]
        try:
            done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
        except OSError:  # no git
            return None
        if done.returncode == 0:
            return done.stdout.strip()
    return None


def lay(commit: str, folder: Path) -> Path:
    """The files of a commit in a folder."""
    asked = ["git", "archive", "--format=tar", commit]
    packed = subprocess.run(asked, cwd=ROOT, check=True, capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")
    return folder


def other_libraries(source: Path) -> Iterator[tuple[str, str, str]]:
    """Libraries that a checkout pins to another version than is installed: name, pin, installed."""
    text = (source / "requirements.txt").read_text(encoding="utf-8")
    for name, pinned in re.findall(r"^([\w.-]+)==(\S+) \\$", text, re.MULTILINE):
        try:
            installed = version(name)
        except PackageNotFoundError:
            installed = "none"
        if installed != pinned:
            yield name, pinned, installed
