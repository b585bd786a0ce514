"""A scenario, a folder, or one file by itself: its findings, and what became of every row."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from planner import sheets
from planner.errors import Notice
from planner.groundwork import lay_groundwork, look_at
from planner.inspection.notices import NOTICES
from planner.layers import KINDS, Account, look_at_file, sheet_of
from planner.scenario import PARTS

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
    """

    path: str
    kind: str
    account: Account
    notices: tuple[Notice, ...]

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
    return FileCheck(str(path), kind, findings.account(path.name), findings.notices)


def _inspect_scenario(path: Path) -> Inspection:
    """The scenario, with what is of no file of its own, and each of its inputs."""
    known, conflicts = look_at(path)
    if known is None:
        return Inspection.of(path, [FileCheck(str(path), SCENARIO, Account(), conflicts)])
    ground = lay_groundwork(known, conflicts=conflicts)
    parts = {
        known.inputs.name(part, entry): part
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
        )
        for file, part in sorted(parts.items(), key=lambda item: PARTS.index(item[1]))
    ]
    files = (FileCheck(str(path), SCENARIO, Account(), own), *inputs)
    return Inspection(str(path), files, ground.notices)


def marked_copy(checks: Sequence[FileCheck]) -> tuple[bytes, tuple[Notice, ...]]:
    """A workbook of every row of a table, the cells that a notice names filled with a colour.

    Two columns more tell the line of the file, and what was found there in Chinese and English.
    Nothing, with an error, of what is no single table.
    """
    sheet = None
    if len(checks) == 1:
        (check,) = checks
        named = next((notice.sheet for notice in check.notices if notice.sheet), "")
        sheet = sheet_of(Path(check.path), named)
    if sheet is None:
        return b"", (NOTICES.notice("not_a_table", file=checks[0].path),)

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
    copy = sheets.Sheet("标注 marked", columns, table, marked=frozenset(marked))
    return sheets.workbook_bytes([copy], created=_CREATED, title=Path(check.path).name), ()


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
