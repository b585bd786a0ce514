"""Which stage runs, how long it took, and how far the search is."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console

from planner.console.office import OFFICE
from planner.console.terminal import plain
from planner.words import beside


class Progress:
    """Names each stage and its seconds on a terminal; says nothing when the output is piped."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self.seconds: dict[str, float] = {}
        self._status: Any = None

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Run one stage; its name is a code of ``words("stage", ...)``."""
        start = time.perf_counter()
        label = beside("stage", name)
        with self._console.status(plain(label)) as self._status:
            yield

        self.seconds[name] = time.perf_counter() - start
        if self._console.is_terminal:
            self._console.print(plain(f"{label:<28} {self.seconds[name]:6.1f} s", "dim"))

    def search(self, stage: str, step: int, value: float, bound: float, gap: float) -> None:
        """Show how far the search is; as `progress` of :func:`planner.optimise.solve`."""
        if self._status is None:
            return
        facts = [
            f"{beside('stage', 'search')}: {stage} {step}",
            f"{beside('console.objective')} {value:.5g}",
        ]
        if math.isfinite(bound):
            facts += [
                f"{beside('console.objective_bound')} {bound:.5g}",
                f"{beside('console.objective_gap')} {100 * gap:.2f} %",
            ]
        self._status.update(plain(OFFICE("language.and_comma").join(facts)))
