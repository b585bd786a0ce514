"""The book in which the findings of one reading are entered."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from planner.errors import Catalogue, InputError, Notice, Severity, Spot, grouped

KEPT: Final = 1000
"""Findings of a kind that are kept in full; all are counted."""


class Findings:
    """The findings of one reading, in the order in which they were made.

    Parameters
    ----------
    catalogue
        What can be found.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._kept: list[Notice] = []
        self._counts: Counter[tuple[str, Severity]] = Counter()
        self._errors: Counter[str] = Counter()
        self._features: dict[str, Mapping[int, Spot]] = {}

    def add(
        self, code: str, *, file: str = "", severity: Severity | None = None, **said: Any
    ) -> None:
        """Enter a finding; ``said`` is the rest of its place and its facts.

        See :meth:`planner.errors.Catalogue.notice`.
        """
        spot = self._features.get(file, {}).get(said.get("line") or 0)
        if spot is not None:
            said = {**said, "line": None, "at": spot}
        severity = severity or self._catalogue[code].severity
        kind = (code.partition("/")[0], severity)
        self._counts[kind] += 1
        self._errors[file] += severity == "E"
        if self._counts[kind] <= KEPT:
            self._kept.append(self._catalogue.notice(code, file=file, severity=severity, **said))

    def know_features(self, file: str, spots: Mapping[int, Spot]) -> None:
        """Name features where a finding names a row: its line is the number of a feature there."""
        self._features[file] = spots

    @property
    def errors(self) -> int:
        """How many findings refuse a row or a file."""
        return self._errors.total()

    def errors_in(self, file: str) -> int:
        """How many of them are about one file.

        What follows from those needs no finding of its own.
        """
        return self._errors[file]

    @property
    def notices(self) -> tuple[Notice, ...]:
        """The findings; of a kind the first 1,000, the last of which tells how many more."""
        notices = list(self._kept)
        last = {(notice.code, notice.severity): i for i, notice in enumerate(notices)}
        for kind, i in last.items():
            left = self._counts[kind] - KEPT
            if left > 0:
                notices[i] = dataclasses.replace(notices[i], more=left)
        return tuple(notices)

    def raise_errors(self) -> None:
        """Raise an :class:`~planner.errors.InputError` with every finding, if any is an error."""
        errors = self.errors
        if not errors:
            return

        notices = self.notices
        refused = [notice for notice in notices if notice.severity == "E"]
        raise InputError(
            "\n".join((f"the inputs cannot be used, {errors} error(s)", *grouped(refused))),
            f"输入数据有 {errors} 处错误",
            notices,
        )
