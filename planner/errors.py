"""Everything that can go wrong, and the notices that say so.

::

    PlannerError             exit 2 unless said otherwise; text in Chinese and English
    ├── ScenarioError        the scenario asks for what cannot be read or is out of range
    ├── InputError           a layer or list cannot be used; carries the notices that say why
    ├── ProblemError         an optimisation problem is malformed (also a ValueError)
    ├── InfeasibleError      the counts or the hard rules cannot be met
    ├── ValidityError        a radio formula was asked outside its range (also a ValueError)
    └── StorageError         a file cannot be written or read back; exit 74

A fault of our own is never a PlannerError: the command line reports it as an internal error, exit
70.

What a notice says stands in the :class:`Catalogue` of the room that makes it, in its module
``notices``; the code of the room gives the place and the facts.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple, NoReturn, Self

Severity = Literal["E", "W", "I"]

SHOWN_CHARACTERS: Final = 80


@dataclass(frozen=True, slots=True)
class Notice:
    """One finding about an input: what, where, which value, and how to mend it.

    Parameters
    ----------
    code
        Stable name of the kind of finding, for example ``"missing_required_column"``.
    severity
        ``E`` row or file refused, ``W`` used after a recorded repair or in doubt, ``I``
        information.
    zh, en
        The finding in Chinese and in English, in one sentence.
    fix_zh, fix_en
        What to do about it.
    file, sheet, line, column, value
        Where it is; ``line`` is the physical line, counted from 1. ``value`` is cut to 80
        characters.
    """

    code: str
    severity: Severity
    zh: str
    en: str
    fix_zh: str = ""
    fix_en: str = ""
    file: str = ""
    sheet: str = ""
    line: int | None = None
    column: str = ""
    value: str = ""

    def __post_init__(self) -> None:
        shown = self.value
        if not shown.isprintable():
            shown = shown.encode("unicode_escape").decode()
        object.__setattr__(self, "value", shown[:SHOWN_CHARACTERS])

    @property
    def place(self) -> str:
        """Where the finding is, as ``file:line [column] = value``."""
        text = self.file
        if self.sheet:
            text += f"[{self.sheet}]"
        if self.line is not None:
            text += f":{self.line}"
        if self.column:
            text += f" [{self.column}]"
        if self.value:
            text += f" = {self.value}"
        return text.strip()

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        return f"{self.severity} {self.code} {where}{self.said_zh}\n  {self.said_en}"

    @property
    def said_zh(self) -> str:
        """The finding and what to do about it, in Chinese."""
        return f"{self.zh}。{self.fix_zh}" if self.fix_zh else self.zh

    @property
    def said_en(self) -> str:
        """The same in English."""
        return f"{self.en}. {self.fix_en}" if self.fix_en else self.en


class Said(NamedTuple):
    """A text in Chinese and in English."""

    zh: str
    en: str


class Kind(NamedTuple):
    """One kind of notice; facts stand in braces, as :meth:`str.format` fills them.

    Parameters
    ----------
    severity
        As of a notice.
    zh, en
        What it says.
    fix_zh, fix_en
        What to do about it; empty when there is nothing to do.
    column
        Where it is, unless the notice says otherwise.
    """

    severity: Severity
    zh: str
    en: str
    fix_zh: str = ""
    fix_en: str = ""
    column: str = ""


class Catalogue(Mapping[str, Kind]):
    """Every kind of notice that a room makes, by code.

    Several kinds may share a code. They are told apart behind a slash (``count_over_possible/last``
    and ``count_over_possible/by_date``), and their notices carry what stands before it.
    """

    def __init__(self, kinds: Mapping[str, Kind]) -> None:
        self._kinds = dict(kinds)

    def __getitem__(self, code: str) -> Kind:
        return self._kinds[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self._kinds)

    def __len__(self) -> int:
        return len(self._kinds)

    def __or__(self, other: Mapping[str, Kind]) -> Catalogue:
        """Both catalogues as one."""
        return Catalogue({**self, **other})

    def notice(
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
    ) -> Notice:
        """A notice of a kind.

        Parameters
        ----------
        code
            Which kind.
        file, sheet, line, column, value
            Where it is, as in :class:`Notice`; ``column`` instead of that of the kind.
        severity
            Instead of that of the kind.
        facts
            What the texts of the kind ask for. A list is enumerated; a :class:`Said` gives each
            language its own text.

        Raises
        ------
        KeyError
            When there is no such kind, or a fact is missing: a fault of ours.
        """
        kind = self[code]
        chinese, english = _in_both_languages(facts)
        return Notice(
            code=code.partition("/")[0],
            severity=severity or kind.severity,
            zh=kind.zh.format(**chinese),
            en=kind.en.format(**english),
            fix_zh=kind.fix_zh.format(**chinese),
            fix_en=kind.fix_en.format(**english),
            file=file,
            sheet=sheet,
            line=line,
            column=column or kind.column,
            value=str(value),
        )


def _in_both_languages(facts: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Facts as they are told in Chinese, and in English."""
    chinese, english = dict(facts), dict(facts)
    for name, fact in facts.items():
        if isinstance(fact, Said):
            chinese[name], english[name] = fact
        elif isinstance(fact, list):
            chinese[name], english[name] = "、".join(fact), ", ".join(fact)
    return chinese, english


def nearest(word: str, known: Iterable[str], *, likeness: float = 0.5) -> str:
    """A remark for a notice that names the nearest of the known words, or nothing.

    ``likeness`` (0-1) is the least that counts as near; see :func:`difflib.get_close_matches`.
    """
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=likeness)
    return f"（最接近 nearest: {close[0]}）" if close else ""


class PlannerError(Exception):
    """Base of every error a user can mend.

    ``zh`` and ``en`` hold the message, ``notices`` the findings behind it.
    """

    exit_code = 2

    def __init__(self, en: str, zh: str, notices: Iterable[Notice] = ()) -> None:
        self.en = en
        self.zh = zh
        self.notices = tuple(notices)
        super().__init__(f"{zh}\n{en}")

    @classmethod
    def found(cls, notice: Notice) -> Self:
        """An error of one finding, which says the same."""
        where = f"{notice.place}: " if notice.place else ""
        return cls(where + notice.said_en, where + notice.said_zh, (notice,))

    def as_notices(self) -> tuple[Notice, ...]:
        """The findings; an error that carries none is one itself."""
        return self.notices or (Notice(type(self).__name__, "E", self.zh, self.en),)


def raise_together(errors: Sequence[PlannerError]) -> NoReturn:
    """Raise everything that was found at once.

    A single error is raised itself, several as one of the first one's class.
    """
    if len(errors) == 1:
        raise errors[0]
    notices = [notice for error in errors for notice in error.as_notices()]
    refused = [str(notice) for notice in notices if notice.severity == "E"]
    raise type(errors[0])(
        f"{len(refused)} findings stop the plan\n" + "\n".join(refused),
        f"有 {len(refused)} 处问题，无法规划",
        notices,
    )


class ScenarioError(PlannerError):
    """The scenario cannot be read, or one of its values cannot be used."""


class InputError(PlannerError):
    """A layer, table or list cannot be used."""


class ProblemError(PlannerError, ValueError):
    """An optimisation problem is malformed."""


class InfeasibleError(PlannerError):
    """The counts or the hard rules of continuity cannot be met."""


class ValidityError(PlannerError, ValueError):
    """A radio formula was asked outside the range its source states.

    ``quantity`` names the argument that lies outside, where it is one of a link: ``"f_ghz"``.
    """

    def __init__(
        self, en: str, zh: str, notices: Iterable[Notice] = (), *, quantity: str = ""
    ) -> None:
        super().__init__(en, zh, notices)
        self.quantity = quantity


class StorageError(PlannerError):
    """A file cannot be written or read back."""

    exit_code = 74
