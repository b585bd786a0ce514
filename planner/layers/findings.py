"""The book in which the findings of one reading are entered."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from planner.errors import Catalogue, InputError, Notice, Severity

KEPT: Final = 1000  # findings kept in full; all are counted
SHOWN: Final = 20  # findings in the text of the error


class Findings:
    """The findings of one reading, in the order in which they were made.

    Parameters
    ----------
    catalogue
        What can be found, ``more_findings`` among it.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._kept: list[Notice] = []
        self.counts: Counter[str] = Counter()
        self._errors: Counter[str] = Counter()

    def add(
        self, code: str, *, file: str = "", severity: Severity | None = None, **said: Any
    ) -> None:
        """Enter a finding; ``said`` is the rest of its place and its facts.

        See :meth:`planner.errors.Catalogue.notice`.
        """
        severity = severity or self._catalogue[code].severity
        self.counts[code] += 1
        self._errors[file] += severity == "E"
        # remarks do not crowd out errors: what refuses the input is among what is kept
        if len(self._kept) < KEPT or (severity == "E" and self.errors <= KEPT):
            self._kept.append(self._catalogue.notice(code, file=file, severity=severity, **said))

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
        """The findings, the first 1,000 in full and the rest as a number."""
        left = sum(self.counts.values()) - len(self._kept)
        if not left:
            return tuple(self._kept)
        return (*self._kept, self._catalogue.notice("more_findings", count=left))

    def raise_errors(self) -> None:
        """Raise an :class:`~planner.errors.InputError` with every finding, if any is an error."""
        errors = self.errors
        if not errors:
            return

        notices = self.notices
        shown = [str(notice) for notice in notices if notice.severity == "E"][:SHOWN]
        more = errors - len(shown)
        tail = f"\n({more} more 另有 {more} 条)" if more > 0 else ""
        raise InputError(
            f"the inputs cannot be used, {errors} error(s)\n" + "\n".join(shown) + tail,
            f"输入数据有 {errors} 处错误",
            notices,
        )
