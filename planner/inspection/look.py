"""A scenario, a folder, or one file by itself: its findings, and what became of every row."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from planner import sheets
from planner.errors import Notice
from planner.groundwork import lay_groundwork, look_at
from planner.inspection.notices import NOTICES
from planner.layers import KINDS, Account, look_at_file, sheet_of
from planner.scenario import PARTS

if TYPE_CHECKING:
    from planner.layers.heads import Sheet as Rows

SCENARIO: Final = "scenario"
CHECKED: Final = (*KINDS, SCENARIO)
"""What a file can be checked as."""

_SCENARIOS: Final = (".yaml", ".yml")
_BESIDE: Final = frozenset(
    {".shx", ".dbf", ".prj", ".cpg", ".qix", ".sbn", ".sbx", ".qmd", ".dat", ".map", ".id", ".ind",
     ".mid", ".md", ".pdf", ".docx", ".doc", ".png", ".jpg", ".html", ".log"}
)  # fmt: skip
"""Suffixes of files that belong to others, or are to be read by people."""
_TEXTS: Final = ("MANIFEST", "README", "LICENSE", "LICENCE", "NOTICE")
_NO_INPUT: Final = ("kind_untold", "unsupported_format")
_MARKED: Final = "标注 marked"
"""The sheet of a single table, and the title of a copy of several."""
_NO_TAB: Final = re.compile(r"[\[\]:*?/\\]")
_LONGEST_TAB: Final = 27  # letters: 31, of which some are kept for a number
_CREATED: Final = "2020-01-01"  # of the marked copy, whose bytes are those of its rows alone


@dataclass(frozen=True, slots=True)
class FileCheck:
    """What was found in one file.

    Attributes
    ----------
    path
        As it was named; of the input of a scenario as the scenario names it.
    kind
        One of :data:`CHECKED`; empty where it could not be told.
    account
        What became of its rows.
    notices
        Everything found in it.
    file
        Where it lies; None of what is no file, such as the folder itself.
    layer
        The sheet that a scenario names.
    """

    path: str
    kind: str
    account: Account
    notices: tuple[Notice, ...]
    file: Path | None = None
    layer: str = ""

    def as_json(self) -> dict[str, Any]:
        """As ``planner check --json`` prints it."""
        account = self.account
        return {
            "path": self.path,
            "kind": self.kind,
            "rows_in": account.rows_in,
            "accepted": account.accepted,
            "rejected": account.rejected,
            "blank": account.blank,
            "notices": [_without_blanks(notice) for notice in self.notices],
        }


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was found under one path: the files, and everything said, in the order it was found."""

    path: str
    files: tuple[FileCheck, ...]
    notices: tuple[Notice, ...]

    @property
    def is_of_files(self) -> bool:
        """Whether files were looked at by themselves, and no scenario with its inputs."""
        return not self.files or self.files[0].kind != SCENARIO

    @classmethod
    def of(cls, path: Path, files: Iterable[FileCheck]) -> Self:
        """That of files, one after the other."""
        files = tuple(files)
        return cls(str(path), files, tuple(notice for file in files for notice in file.notices))


def _without_blanks(notice: Notice) -> dict[str, Any]:
    """What a notice says; of its place and counts what it has."""
    said = dataclasses.asdict(notice)
    return {name: value for name, value in said.items() if value not in ("", None, 0)}


def inspect(path: Path, kind: str = "") -> Inspection:
    """Look at a scenario and its inputs, at every file of a folder, or at one file; none is raised.

    Parameters
    ----------
    path
        What is looked at.
    kind
        One of :data:`CHECKED`; by default a YAML file is a scenario, and any other file what its
        heads and shapes tell.
    """
    if path.is_dir():
        return Inspection.of(path, _inspect_folder(path, kind))
    if kind == SCENARIO or (not kind and path.suffix.lower() in _SCENARIOS):
        return _inspect_scenario(path)
    return Inspection.of(path, [_inspect_file(path, kind)])


def _inspect_folder(folder: Path, kind: str) -> list[FileCheck]:
    """Every file of a folder by itself; of a scenario only what it says itself."""
    checks: list[FileCheck] = []
    passed: list[str] = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        if _is_passed_over(path):
            passed.append(path.relative_to(folder).as_posix())
        elif path.suffix.lower() in _SCENARIOS:
            _, conflicts = look_at(path)
            checks.append(FileCheck(str(path), SCENARIO, Account(), conflicts))
        else:
            checks.append(_softened(_inspect_file(path, kind)))

    said = []
    if passed:
        said.append(NOTICES.notice("files_passed_over", file=str(folder), files=passed))
    if not checks:
        said.append(NOTICES.notice("no_files", file=str(folder)))
    return [*checks, *([FileCheck(str(folder), "", Account(), tuple(said))] if said else [])]


def _softened(check: FileCheck) -> FileCheck:
    """A check among those of a folder, in which a file may lie that is no input at all."""
    notices = tuple(
        dataclasses.replace(notice, severity="W") if notice.code in _NO_INPUT else notice
        for notice in check.notices
    )
    return dataclasses.replace(check, notices=notices)


def _is_passed_over(path: Path) -> bool:
    """Whether a file belongs to another one, or is to be read by people."""
    is_hidden = path.name.startswith((".", "~$"))
    return is_hidden or path.suffix.lower() in _BESIDE or path.stem.upper() in _TEXTS


def _inspect_file(path: Path, kind: str) -> FileCheck:
    kind, findings = look_at_file(path, kind)
    return FileCheck(str(path), kind, findings.account(path.name), findings.notices, path)


def _inspect_scenario(path: Path) -> Inspection:
    """The scenario, with what is of no file of its own, and each of its inputs."""
    known, conflicts = look_at(path)
    if known is None:
        return Inspection.of(path, [FileCheck(str(path), SCENARIO, Account(), conflicts)])
    ground = lay_groundwork(known, conflicts=conflicts)
    parts = {
        known.inputs.name(part, entry): (part, entry)
        for part in reversed(PARTS)
        for entry in known.inputs.files(part)
    }
    own = tuple(notice for notice in ground.notices if notice.file not in parts)
    inputs = [
        FileCheck(
            file,
            part,
            ground.accounts.get(file, Account()),
            tuple(notice for notice in ground.notices if notice.file == file),
            known.root / entry.file,
            entry.layer,
        )
        for file, (part, entry) in sorted(parts.items(), key=lambda one: PARTS.index(one[1][0]))
    ]
    files = (FileCheck(str(path), SCENARIO, Account(), own), *inputs)
    return Inspection(str(path), files, ground.notices)


def marked_copy(checks: Sequence[FileCheck]) -> tuple[bytes, tuple[Notice, ...]]:
    """A workbook with a sheet for each table, the cells that a notice names filled with a colour.

    A sheet has every row of its table; two columns more tell the line of the file, and what was
    found there in Chinese and English. What is no table is said; nothing, with an error, where
    there is none.
    """
    files = [check for check in checks if check.file is not None]
    tables = [(check, table) for check in files if (table := _table_of(check)) is not None]
    others = [check.path for check in files if all(check is not one for one, _ in tables)]
    if not tables:
        file = others[0] if others else checks[0].path
        return b"", (NOTICES.notice("not_a_table", file=file),)

    names = _tab_names([Path(check.path).name for check, _ in tables])
    copies = [_marked_sheet(name, *one) for name, one in zip(names, tables, strict=True)]
    said = [NOTICES.notice("not_copied", files=others)] if others else []
    title = Path(tables[0][0].path).name if len(tables) == 1 else _MARKED
    return sheets.workbook_bytes(copies, created=_CREATED, title=title), tuple(said)


def _table_of(check: FileCheck) -> Rows | None:
    """The rows of a table as its file holds them; None of what is none, or cannot be read."""
    named = next((notice.sheet for notice in check.notices if notice.sheet), check.layer)
    return None if check.file is None else sheet_of(check.file, named)


def _tab_names(names: Sequence[str]) -> list[str]:
    """Names of sheets: of the files, as far as a workbook can hold them, each of its own."""
    if len(names) == 1:
        return [_MARKED]
    shown: list[str] = []
    for name in names:
        plain = _NO_TAB.sub("_", name)[:_LONGEST_TAB].strip("'")
        again = sum(other.lower().startswith(plain.lower()) for other in shown)
        shown.append(f"{plain} {again + 1}" if again else plain)
    return shown


def _marked_sheet(name: str, check: FileCheck, sheet: Rows) -> sheets.Sheet:
    """A table with what was found in it."""
    width = max(map(len, sheet.rows))
    head, *rows = ([*row, *[""] * (width - len(row))] for row in sheet.rows)
    # a finding about many cells names the first: the others are told by what it says of that one
    said = {
        (notice.code, notice.column): notice
        for notice in reversed(check.notices)
        if notice.severity != "I"
    }
    own: dict[int, list[Notice]] = {}
    for notice in check.notices:
        if notice.line is not None and notice.severity != "I":
            own.setdefault(notice.line, []).append(notice)

    table, marked = [], set()
    for number, (line, row) in enumerate(zip(sheet.lines[1:], rows, strict=True)):
        marks = check.account.marks.get(line, {})
        told = own.get(line, [])
        here = {(notice.code, notice.column) for notice in told}
        alike = [said[code, column] for column, code in marks.items() if (code, column) in said]
        told = [*told, *(one for one in alike if (one.code, one.column) not in here)]
        table.append([*row, str(line), _said(told)])
        names = [*marks, *(notice.column for notice in told)]
        marked |= {(number, place) for place in _places(names, sheet.rows, width)}
        if told:
            marked.add((number, width + 1))
    heads = [*head, "行 line", "提示 notices"]
    columns = tuple(sheets.Column(text) for text in heads)
    return sheets.Sheet(name, columns, table, marked=frozenset(marked))


def _said(notices: Sequence[Notice]) -> str:
    """What notices say of a row, in both languages."""
    return " | ".join(
        f"{notice.severity} {notice.code}: {notice.said_zh} / {notice.said_en}"
        for notice in notices
    )


def _places(names: Iterable[str], rows: Sequence[Sequence[str]], width: int) -> Iterable[int]:
    """Places of columns, by whichever row holds their heads; of no column that of the line."""
    for name in names:
        place = next((row.index(name) for row in rows if name in row), width)
        yield place if name else width
