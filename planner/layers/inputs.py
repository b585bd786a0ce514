"""Input files of a plan that was made before: whether they are still what it was made from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from planner import fields as F
from planner.scenario import PARTS, Scenario

if TYPE_CHECKING:
    import pandas as pd


def find_project(folders: Iterable[Path], sources: pd.DataFrame) -> Path | None:
    """The folder that most likely holds the input files of a plan.

    Parameters
    ----------
    folders
        Where to look, the likeliest first.
    sources
        ``tables.SOURCES``.

    Returns
    -------
    Path
        The one that holds the most of them unchanged; None where none holds half of them.
    """
    stored = list(sources[F.SHA256])
    unchanged = {
        folder: sum(map(str.__eq__, input_digests(folder, sources).values(), stored))
        for folder in folders
    }
    best = max(unchanged, key=lambda folder: unchanged[folder], default=None)
    return best if best is not None and 2 * unchanged[best] >= len(stored) > 0 else None


def input_digests(root: Path, sources: pd.DataFrame) -> dict[str, str]:
    """SHA-256 of each input file as it is today, by its name; empty where it cannot be read.

    Parameters
    ----------
    root
        Project folder that the names are relative to; what lies outside it is not read.
    sources
        ``tables.SOURCES``.
    """
    return {str(name): _digest(root.resolve(), str(name)) for name in sources[F.FILE]}


def contents_of(scenario: Scenario) -> dict[str, str]:
    """SHA-256 of all that reading the inputs of a scenario may open, by name.

    Those are the manifest, the files that the scenario names, and those beside them that share the
    name but for its suffix, as the parts of a shapefile do. Empty where one cannot be read.
    """
    inputs, root = scenario.inputs, scenario.root.resolve()
    named = {inputs.manifest, *(entry.file for part in PARTS for entry in inputs.files(part))}
    names = {name for one in named - {""} for name in (one, *_beside(root, one))}
    return {name: _digest(root, name) for name in sorted(names)}


def _beside(root: Path, name: str) -> list[str]:
    """Names of the files beside one that share its name but for the suffix."""
    path = root / name
    try:
        stem = path.stem.casefold() + "."
        alike = [file for file in path.parent.iterdir() if file.name.casefold().startswith(stem)]
        return [file.relative_to(root).as_posix() for file in alike if file.is_file()]
    except (OSError, ValueError):  # no such folder, or none inside the project: never opened
        return []


def digest_of(path: Path) -> str:
    """SHA-256 of a file; of a folder, of the names and hashes of its files.

    Raises
    ------
    OSError
        When it cannot be read.
    """
    if not path.is_dir():
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    lines = (f"{digest_of(file)} {file.name}\n" for file in files_in(path))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def files_in(path: Path) -> list[Path]:
    """The files of a folder, such as a geodatabase, by name; a file alone is its own."""
    if not path.is_dir():
        return [path]
    return sorted(file for file in path.iterdir() if file.is_file() and file.suffix != ".lock")


def _digest(root: Path, name: str) -> str:
    try:
        path = (root / name).resolve()
        if not path.is_relative_to(root) or not path.exists():
            return ""
        return digest_of(path)
    except (OSError, ValueError):  # ValueError: NUL in the name
        return ""
