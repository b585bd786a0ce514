"""The packaged case: found beside the installed package or in the checkout, copied out to edit."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from planner import files
from planner.errors import StorageError

CASE: Final = "tinghu"


def packaged_case() -> Path:
    """Scenario file of the packaged case.

    A wheel has it in ``planner/data``, an editable install in ``data``.

    Raises
    ------
    StorageError
        When the installation carries no data.
    """
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "data", package.parent / "data"):
        scenario = folder / "scenarios" / f"{CASE}.yaml"
        if scenario.is_file():
            return scenario
    raise StorageError(
        f"the installation has no data beside {package}",
        f"安装不完整：{package} 旁没有 data 文件夹",
    )


def copy_case(folder: Path) -> Path:
    """Copy the packaged case into a new folder; returns its scenario file.

    Raises
    ------
    StorageError
        When the folder holds something already, or cannot be written.
    """
    data = packaged_case().parents[1]
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise StorageError(
            f"{folder} is not empty; name a new folder", f"{folder} 不是空文件夹，请另选一个"
        )
    # the copy goes on without the checkout: code stays where it is
    inputs = (path for path in sorted(data.rglob("*")) if path.is_file())
    kept = (path for path in inputs if path.suffix not in (".py", ".pyc"))
    contents = ((path.relative_to(data).as_posix(), files.read_bytes(path)) for path in kept)
    files.write_together(folder, contents)
    return folder / "scenarios" / f"{CASE}.yaml"
