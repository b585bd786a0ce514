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
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple, NoReturn, Self, get_args

Severity = Literal["E", "W", "I"]

SHOWN_CHARACTERS: Final = 80

CONTROL: Final = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]"
"""Characters that are part of no name; neither a workbook nor a text document can hold them."""

_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Categories of characters that a terminal obeys or does not show.

Control characters, marks of direction and of no width, halves of pairs, ends of lines and
paragraphs.
"""


def visible(text: str, *, keep: str = "") -> str:
    r"""A text that a terminal shows as it stands: what it would obey is written out, as ``\x1b``.

    Everything that is shown in a terminal goes through here: names and values are data, and data
    must neither move the cursor nor turn a line around.

    Parameters
    ----------
    text
        Any text; one that was made visible stays as it is.
    keep
        Characters that stay, such as the ends of our own lines.
    """
    if text.isprintable():
        return text
    return "".join(
        character
        if character in keep or unicodedata.category(character) not in _UNSEEN
        else character.encode("unicode_escape").decode()
        for character in text
    )


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
        Where it is; ``line`` is the physical line, counted from 1. ``column``, ``value`` and
        ``feature_name`` are cut to 80 characters.
    feature, feature_name, lon, lat
        Where it is in a file of shapes: number of the feature, counted from 1, what it is called,
        and a place in the degrees of the file, the offending one if there is one (degrees of
        WGS-84 where the file is projected).
    more
        So many more of this kind were counted, but not kept.

    Notes
    -----
    Texts are :func:`visible`, whatever they were made of.
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
    feature: int | None = None
    feature_name: str = ""
    lon: float | None = None
    lat: float | None = None
    more: int = 0

    def __post_init__(self) -> None:
        for name in ("file", "sheet", "column", "value", "feature_name"):
            object.__setattr__(self, name, visible(getattr(self, name)))
        for name in ("zh", "en", "fix_zh", "fix_en"):
            object.__setattr__(self, name, visible(getattr(self, name), keep="\n"))
        for name in ("column", "value", "feature_name"):
            object.__setattr__(self, name, getattr(self, name)[:SHOWN_CHARACTERS])

    @property
    def place(self) -> str:
        """Where the finding is.

        ``file:line [column] = value``, or ``file 要素 feature 2 name (lon, lat)``.
        """
        return self.place_after(None)

    def place_after(self, other: Notice | None) -> str:
        """Where it is, said behind the place of another one: without what both share."""
        is_same_file = other is not None and (other.file, other.sheet) == (self.file, self.sheet)
        text = ""
        if not is_same_file:
            text = f"{self.file}[{self.sheet}]" if self.sheet else self.file
        if self.line is not None:
            text += f":{self.line}"
        text += self._feature_place()
        if self.column and not (is_same_file and other is not None and other.column == self.column):
            text += f" [{self.column}]"
        if self.value:
            text += f" = {self.value}"
        return text.strip()

    def _feature_place(self) -> str:
        """The feature's number, its name and degrees, as far as they are known."""
        if self.feature is None:
            return ""
        name = f" {self.feature_name}" if self.feature_name else ""
        degrees = ""
        if self.lon is not None and self.lat is not None:
            degrees = f" ({self.lon:.5f}, {self.lat:.5f})"
        return f" 要素 feature {self.feature}{name}{degrees}"

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


class Spot(NamedTuple):
    """Where in its file a finding is, on a line or at a feature; as in :class:`Notice`."""

    line: int | None = None
    feature: int | None = None
    feature_name: str = ""
    lon: float | None = None
    lat: float | None = None


class Said(NamedTuple):
    """A text in Chinese and in English."""

    zh: str
    en: str


_ORDER: Final[tuple[Severity, ...]] = get_args(Severity)
_EXAMPLES: Final[Mapping[Severity, int]] = {"E": 10, "W": 3, "I": 3}
"""How many of a kind are told; a reader must mend every error, and remember the rest."""

ALL_BY_CHECK: Final = Said(
    "全部可用 planner check 情景文件 -o 清单.csv 写出",
    "write all with: planner check SCENARIO -o LIST.csv",
)
"""How to get all that stops a scenario."""


def all_in(path: object) -> Said:
    """The file in which all notices stand."""
    return Said(f"全部见 {path}", f"all in {path}")


def grouped(notices: Iterable[Notice], rest: Said = ALL_BY_CHECK) -> list[str]:
    """Notices as lines for people: errors first, many of one kind as one, with examples.

    Parameters
    ----------
    notices
        Kinds keep the order in which they first appear.
    rest
        Where those stand that are no examples.

    Returns
    -------
    list of str
        A line in Chinese, then one in English, for each kind. Errors that each say something else
        have two lines of their own.
    """
    kinds: dict[tuple[Severity, str], list[Notice]] = {}
    for notice in notices:
        kinds.setdefault((notice.severity, notice.code), []).append(notice)
    ordered = sorted(kinds.items(), key=lambda kind: _ORDER.index(kind[0][0]))
    return [line for _, alike in ordered for line in _kind_lines(alike, rest)]


def n_findings(notices: Iterable[Notice]) -> int:
    """How many findings notices stand for, those included that were counted only."""
    return sum(1 + notice.more for notice in notices)


def _kind_lines(alike: Sequence[Notice], rest: Said) -> Iterator[str]:
    """The lines of one kind: a notice, several as examples, and how many more there are."""
    first, n_found = alike[0], n_findings(alike)
    # one more is told rather than counted
    n_shown = _EXAMPLES[first.severity]
    shown = alike if n_found <= n_shown + 1 else alike[:n_shown]
    left = n_found - len(shown)
    more = _rest(left, n_found, len(alike), rest) if left else Said("", "")
    head = f"{first.severity} {first.code} "
    says_the_same = len({notice.said_zh for notice in alike}) == 1

    if n_found > 1 and (says_the_same or first.severity != "E"):
        said = _said_of(shown, says_the_same=says_the_same)
        yield _sentences("。", f"{head}×{n_found} {said.zh}", more.zh)
        yield _sentences(". ", f"  {said.en}", more.en)
        return
    for notice in shown:
        yield from str(notice).splitlines()
    if left:
        yield head + more.zh
        yield f"  {more.en}"


def _rest(left: int, n_found: int, n_kept: int, rest: Said) -> Said:
    """How many are not told, and where they stand: all of them, or those that were kept."""
    zh, en = [f"另有 {left} 处", rest.zh], [f"{left} more", rest.en]
    if n_kept < n_found:
        zh.append(f"只列前 {n_kept} 处")
        en.append(f"listed are the first {n_kept}")
    return Said("，".join(filter(None, zh)), ", ".join(filter(None, en)))


def _said_of(shown: Sequence[Notice], *, says_the_same: bool) -> Said:
    """What some notices of a kind say and where, what they share said once."""
    first = shown[0]
    places = [
        after.place_after(before) for before, after in zip((None, *shown[:-1]), shown, strict=True)
    ]
    if says_the_same:
        where = "、".join(dict.fromkeys(filter(None, places)))
        return Said(f"{where}: {first.said_zh}" if where else first.said_zh, first.said_en)

    # what to do about it is said once, behind what was found
    found = [
        f"{place}: {notice.zh}" if place else notice.zh
        for place, notice in zip(places, shown, strict=True)
    ]
    fix = Said(first.fix_zh, first.fix_en)
    return Said(
        _sentences("。", "；".join(found), fix.zh),
        _sentences(". ", "; ".join(notice.en for notice in shown), fix.en),
    )


def _sentences(stop: str, first: str, then: str) -> str:
    """Two sentences, or the first alone when there is no other."""
    return f"{first.removesuffix(stop.strip())}{stop}{then}" if then else first


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
        at: Spot | None = None,
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
        at
            Instead of ``line``.
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
            column=column or kind.column,
            value=str(value),
            **(at or Spot(line))._asdict(),
        )


def _in_both_languages(facts: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Facts as they are told in Chinese, and in English; texts among them may be data."""
    chinese, english = dict(facts), dict(facts)
    for name, fact in facts.items():
        if isinstance(fact, Said):
            chinese[name], english[name] = map(visible, fact)
        elif isinstance(fact, list):
            chinese[name], english[name] = (visible(joint.join(fact)) for joint in ("、", ", "))
        elif isinstance(fact, str):
            chinese[name] = english[name] = visible(fact)
    return chinese, english


def nearest(word: str, known: Iterable[str], *, likeness: float = 0.5) -> str:
    """A remark for a notice that names the nearest of the known words, or nothing.

    ``likeness`` (0-1) is the least that counts as near; see :func:`difflib.get_close_matches`.
    """
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=likeness)
    return f"（最接近 nearest: {close[0]}）" if close else ""


class PlannerError(Exception):
    """Base of every error a user can mend.

    ``zh`` and ``en`` hold the message, :func:`visible`; ``notices`` the findings behind it.
    """

    exit_code = 2

    def __init__(self, en: str, zh: str, notices: Iterable[Notice] = ()) -> None:
        self.en = visible(en, keep="\n")
        self.zh = visible(zh, keep="\n")
        self.notices = tuple(notices)
        super().__init__(f"{self.zh}\n{self.en}")

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
    refused = [notice for notice in notices if notice.severity == "E"]
    found = n_findings(refused)
    raise type(errors[0])(
        "\n".join((f"{found} findings stop the plan", *grouped(refused))),
        f"有 {found} 处问题，无法规划",
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
