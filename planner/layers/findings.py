"""The book in which the findings of one reading are entered."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from planner.errors import InputError, Notice, Severity
from planner.layers.catalogue import CATALOGUE, RETURNED

KEPT: Final = 1000  # findings kept in full; all are counted
SHOWN: Final = 20  # findings in the text of the error
_KINDS: Final = CATALOGUE | RETURNED


class Findings:
    """The findings of one reading, in the order in which they were made."""

    def __init__(self) -> None:
        self._kept: list[Notice] = []
        self.counts: Counter[str] = Counter()
        self._errors: Counter[str] = Counter()

    def add(
        self,
        code: str,
        *,
        file: str = "",
        sheet: str = "",
        line: int | None = None,
        column: str = "",
        value: object = "",
        severity: Severity | None = None,
        **facts: Any,
    ) -> None:
        """Enter a finding; ``facts`` fill the text of its kind, ``severity`` overrides that of the kind."""
        kind = _KINDS[code]
        severity = severity or kind.severity
        self.counts[code] += 1
        self._errors[file] += severity == "E"
        # remarks do not crowd out errors: what refuses the input is among what is kept
        if len(self._kept) < KEPT or (severity == "E" and self.errors <= KEPT):
            zh, en, fix_zh, fix_en = (text.format(**facts) for text in kind[1:])
            self._kept.append(
                Notice(
                    code, severity, zh, en, fix_zh, fix_en, file, sheet, line, column, str(value)
                )
            )

    @property
    def errors(self) -> int:
        """How many findings refuse a row or a file."""
        return self._errors.total()

    def errors_in(self, file: str) -> int:
        """How many of them are about one file: what follows from them needs no finding of its own."""
        return self._errors[file]

    @property
    def notices(self) -> tuple[Notice, ...]:
        """The findings, the first 1,000 in full and the rest as a number."""
        left = sum(self.counts.values()) - len(self._kept)
        if not left:
            return tuple(self._kept)
        kind = _KINDS["more_findings"]
        return (
            *self._kept,
            Notice("more_findings", "I", kind.zh.format(count=left), kind.en.format(count=left)),
        )

    def raise_errors(self) -> None:
        """Raise one :class:`~planner.errors.InputError` with every finding, when one of them is an error."""
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
