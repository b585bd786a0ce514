"""Alternating pairs, their ratios, and the table that keeps them with the commit.

Ours and a peer are measured in turn, the first of a pair in turn too (A B, B A, A B ...), so that a
busy machine slows both. What counts is the ratio ours / peer of each pair: the median, the least
and the most of it. Below 1, ours takes less.
"""

from __future__ import annotations

import csv
import os
import platform
import statistics
import subprocess
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from itertools import groupby
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RESULTS = Path(__file__).parent / "results"

Measured = Mapping[str, float]
"""What one measurement says, by name."""


@dataclass(frozen=True)
class Line:
    """A line of the table: medians of ours and of the peer, ratios of the pairs.

    ``target`` is the most that the ratio may be, empty where none is set; ``found`` is what both
    came to, such as the same matrix.
    """

    what: str
    unit: str
    ours: str
    peer: str
    ratio: str
    least: str
    most: str
    pairs: str
    target: str = ""
    found: str = ""


@dataclass(frozen=True)
class Where:
    """The commit that was measured, its day, and the machine."""

    commit: str
    date: str
    machine: str
    python: str


COLUMNS = [field.name for kind in (Where, Line) for field in fields(kind)]


def alternate(
    ours: Callable[[], Measured], peer: Callable[[], Measured], pairs: int
) -> list[tuple[Measured, Measured]]:
    """Measure both in turn.

    Parameters
    ----------
    ours, peer
        Do the work once and say what it took, under the same names.
    pairs
        How often.

    Returns
    -------
    list
        What ours took and what the peer took, pair by pair.
    """
    taken = []
    for number in range(pairs):
        if number % 2 == 0:
            mine, theirs = ours(), peer()
        else:
            theirs, mine = peer(), ours()
        taken.append((mine, theirs))
    return taken


def line(
    taken: list[tuple[Measured, Measured]],
    name: str,
    what: str,
    unit: str,
    target: float | None = None,
    found: str = "",
) -> Line:
    """One line of what was measured under a name."""
    ours, peer = zip(*((mine[name], theirs[name]) for mine, theirs in taken), strict=True)
    ratios = [mine / theirs for mine, theirs in zip(ours, peer, strict=True)]
    middle = map(statistics.median, (ours, peer, ratios))
    return Line(
        what,
        unit,
        *(f"{value:.4g}" for value in middle),
        *(f"{value:.4g}" for value in (min(ratios), max(ratios), len(ratios))),
        target="" if target is None else f"{target:g}",
        found=found,
    )


def forget_peak() -> None:
    """Let :func:`peak_mb` begin anew from what this process holds now."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def peak_mb() -> float:
    """The most memory that this process has held, MB."""
    # getrusage would count the parent's memory too.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


# --- the table -----------------------------------------------------------------------------------


def where() -> Where | None:
    """Commit and machine; None when what is measured is no commit: the files were changed."""
    changed = ["git", "status", "--porcelain", "--", ".", ":!benchmarks/results"]
    try:
        if _said(changed):
            return None
        commit, date = _said(["git", "show", "--no-patch", "--format=%H %cs", "HEAD"]).split()
    except (OSError, subprocess.CalledProcessError):  # no git, or no clone
        return None
    machine = f"{_processor()}, {os.cpu_count()} cores"
    return Where(commit[:12], date, machine, platform.python_version())


def _said(command: list[str]) -> str:
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    named = [text.partition(":")[2].strip() for text in lines if text.startswith("model name")]
    return named[0] if named else platform.machine()


def store(lines: Iterable[Line], at: Where, folder: Path = RESULTS) -> None:
    """Keep the lines of a commit in ``pairs.csv`` and write ``pairs.md`` from it.

    A line that the same commit has already, from the same machine, is replaced; all others stay.
    What was measured last comes first.
    """
    path, place = folder / "pairs.csv", vars(at).items()
    old = read(path) if path.exists() else []
    here = {row["what"]: row for row in old if row.items() >= place}
    here |= {one.what: vars(at) | vars(one) for one in lines}
    rows = [*here.values(), *(row for row in old if not row.items() >= place)]

    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    (folder / "pairs.md").write_text(table(rows), encoding="utf-8", newline="\n")


def read(path: Path) -> list[dict[str, str]]:
    """The rows of a stored table."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def table(rows: list[dict[str, str]]) -> str:
    """The stored rows as Markdown, a section a commit and machine."""
    text = ["# Ours against its peers, in pairs", "", *(__doc__ or "").splitlines()[2:]]
    for at, here in groupby(rows, lambda row: Where(*(row[field.name] for field in fields(Where)))):
        text += [
            "",
            f"## {at.commit} of {at.date}",
            "",
            f"{at.machine}, Python {at.python}",
            "",
            "| what | unit | ours | peer | ratio | least .. most | pairs | target | found |",
            "|---|---|---|---|---|---|---|---|---|",
            *map(_table_row, here),
        ]
    return "\n".join([*text, ""])


def _table_row(row: dict[str, str]) -> str:
    spread = f"{row['least']} .. {row['most']}"
    cells = [row[name] for name in ("what", "unit", "ours", "peer", "ratio")]
    return "| " + " | ".join([*cells, spread, row["pairs"], verdict(row), row["found"]]) + " |"


def verdict(row: Mapping[str, str]) -> str:
    """The target beside whether the ratio holds it."""
    if not row["target"]:
        return ""
    holds = float(row["ratio"]) <= float(row["target"])
    return f"<= {row['target']} {'holds' if holds else 'MISSED'}"


def print_line(one: Line) -> None:
    """Show a line as soon as it is measured."""
    row = vars(one)
    ratio = f"{one.ratio} ({one.least} .. {one.most})"
    told = [f"{one.what}: {one.ours} / {one.peer} {one.unit} = {ratio}", verdict(row), one.found]
    print("; ".join(part for part in told if part), flush=True)
