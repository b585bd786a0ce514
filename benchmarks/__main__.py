"""All comparisons with peers, in alternating pairs: ``python -m benchmarks [PART ...]``.

Prints every line as it is measured and keeps the lines in ``benchmarks/results/pairs.csv`` and
``.md`` under the commit. ``scripts/benchmark`` does the same from nothing.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from benchmarks.commands import Side
from benchmarks.commands import measure as measure_commands
from benchmarks.pairs import RESULTS, ROOT, Line, print_line, store, where

PARTS = ("commands", "page", "coverage", "greedy", "optimise")
PAIRS = 5


def main() -> None:
    """Measure the parts that are named and keep what is a commit's."""
    parser = argparse.ArgumentParser(prog="benchmark", description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)}; all when none is named"
    )
    parser.add_argument(
        "--pairs", type=int, default=PAIRS, help=f"fewer than {PAIRS} are a trial that is not kept"
    )
    given = parser.parse_args()
    if unknown := set(given.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    if given.pairs < 1:
        parser.error(f"--pairs {given.pairs}: at least one")

    parts = given.parts or PARTS

    # A line is kept at once: a part that fails takes none with it.
    at = where() if given.pairs >= PAIRS else None
    for one in measure(parts, given.pairs):
        print_line(one)
        if at is not None and where() == at:
            store([one], at)

    if "optimise" in parts:
        optimise = import_module("benchmarks.optimise")
        for one in optimise.measure():
            optimise.print_line(one)

    if given.pairs < PAIRS:
        print(f"not kept: a trial of {given.pairs} pairs")
    elif at is None or where() != at:
        print("not kept: what was measured is no commit, files of the checkout were changed")
    else:
        print(f"kept under {at.commit}: {(RESULTS / 'pairs.md').relative_to(ROOT)}")


def measure(parts: list[str] | tuple[str, ...], pairs: int) -> Iterator[Line]:
    """The lines of some parts.

    The commands come first: a process that is started holds what its parent holds until it has
    begun, and what the other parts import and make would be in its peak.
    """
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        ours = Side(ROOT, work / "ours")
        if {"commands", "page"} & set(parts):
            ours.prepare()
        if "commands" in parts:
            yield from measure_commands(pairs, ours, work / "baseline")
        if "page" in parts:
            yield from import_module("benchmarks.page").measure(pairs, ours.run_folder, work)
        for name in ("coverage", "greedy"):
            if name in parts:
                yield from import_module(f"benchmarks.{name}").measure(pairs)


if __name__ == "__main__":
    main()
