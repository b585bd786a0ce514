"""Notices as a table, all of them; and what page and report say of the inputs."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from planner import files
from planner.errors import Notice, Said, n_findings

if TYPE_CHECKING:
    import pandas as pd

NOTICES_NAME: Final = "notices.csv"
_EXAMPLES: Final = 6
"""Sentences of one kind that are said; of more, the first and how many there are."""


_FILES: Final = 3
"""Files that a sentence names."""


def input_notes(notices: Iterable[Notice]) -> tuple[Said, ...]:
    """What a reader of the plan must know of its inputs: its warnings, each sentence once."""
    kinds: dict[str, list[Notice]] = {}
    for notice in notices:
        if notice.severity == "W":
            kinds.setdefault(notice.code, []).append(notice)
    return tuple(said for alike in kinds.values() for said in _sentences(alike))


def _sentences(alike: list[Notice]) -> list[Said]:
    """What the notices of one kind say of which files; where in them is left to their list."""
    different: dict[Said, list[Notice]] = {}
    for notice in alike:
        different.setdefault(Said(notice.zh, notice.en), []).append(notice)
    n_found = n_findings(alike)
    if len(different) <= _EXAMPLES and n_found == len(different):
        return [_of_files(said, own) for said, own in different.items()]
    first = _of_files(next(iter(different)), alike)
    return [Said(f"{first.zh}（共 {n_found} 处）", f"{first.en} ({n_found} in all)")]


def _of_files(said: Said, notices: list[Notice]) -> Said:
    """A sentence with the files that it is about before it; of many the first ones."""
    names = list(dict.fromkeys(notice.file for notice in notices if notice.file))
    if not names:
        return said
    shown = ", ".join([*names[:_FILES], *(["..."] if len(names) > _FILES else [])])
    return Said(f"{shown}：{said.zh}", f"{shown}: {said.en}")


def notices_csv(notices: Iterable[Notice]) -> bytes:
    """:func:`notices_table` as the content of a file."""
    return files.csv_bytes(notices_table(notices))


def notices_table(notices: Iterable[Notice]) -> pd.DataFrame:
    """A row a notice, a column a field of :class:`planner.errors.Notice`."""
    import pandas as pd

    columns = [field.name for field in dataclasses.fields(Notice)]
    rows = [dataclasses.astuple(notice) for notice in notices]
    return pd.DataFrame(rows, columns=columns).astype(_NUMBERS)


_NUMBERS: Final = {
    "line": "Int64",
    "feature": "Int64",
    "lon": "float64",
    "lat": "float64",
    "more": "int64",
}
