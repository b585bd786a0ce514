"""Files as bytes: written whole or not at all, and the same bytes for the same content.

A file that cannot be read back is said to be damaged.
"""

from __future__ import annotations

import csv
import errno
import hashlib
import io
import json
import os
import re
import secrets
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from planner.errors import Said, StorageError

if TYPE_CHECKING:
    import pandas as pd

_FULL = (errno.ENOSPC, errno.EDQUOT)
_DENIED = (errno.EACCES, errno.EPERM, errno.EROFS)
_IN_THE_WAY = (errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENOTEMPTY)
NOTHING_MORE: Final = Said("", "")
_FORMULA_SIGNS = ("=", "+", "-", "@")
_GUARD = "'"


def write_bytes(path: str | Path, data: bytes) -> Path:
    """Write a file as a whole: beside its place, flushed to disk, then moved there.

    Folders are made.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    StorageError
        When the disk is full or the place cannot be written; an older file of that name is then
        untouched.
    """
    path = Path(path)
    return write_together(path.parent, [(path.name, data)])[0]


def write_together(folder: str | Path, contents: Iterable[tuple[str, bytes]]) -> tuple[Path, ...]:
    """Write files: all of them beside their places first, then each is moved to its own.

    Parameters
    ----------
    folder
        Where they go; made if need be.
    contents
        Name, with ``/`` between folders, and content of each.

    Raises
    ------
    StorageError
        When the disk is full or a place cannot be written. Until the last file lies beside its
        place every older file is untouched.
    """
    places: dict[Path, Path] = {}
    path = Path(folder)
    try:
        try:
            for name, data in contents:
                path = Path(folder) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                _remove_dead_parts(path)
                beside = path.with_name(_part_name(path))
                places[beside] = path
                write_flushed(beside, data)
            for beside, path in places.items():
                beside.replace(path)
        except BaseException:
            # whatever stops it, also the user: nothing is left beside
            for beside in places:
                with suppress(OSError):
                    beside.unlink()
            raise
        for parent in {path.parent for path in places.values()}:
            flush_folder(parent)
    except OSError as error:
        raise not_written(path, error) from error
    return tuple(places.values())


PART: Final = re.compile(r"\.[0-9a-f]{12}(\.(?P<pid>[0-9]+)-[0-9a-f]{4})?\.part")
"""Name of a file that is not yet at its place; of an earlier version it names no process."""


def _part_name(path: Path) -> str:
    """Name beside a file: it tells whose it is and which process writes it."""
    return f"{_part_prefix(path)}.{os.getpid()}-{secrets.token_hex(2)}.part"


def _part_prefix(path: Path) -> str:
    return f".{digest(path.name.encode())[:12]}"


def _remove_dead_parts(path: Path) -> None:
    """Remove what processes that died left beside a file."""
    for part in path.parent.glob(f"{_part_prefix(path)}.*.part"):
        found = PART.fullmatch(part.name)
        if found and found["pid"] and not _is_alive(int(found["pid"])):
            with suppress(OSError):
                part.unlink()


def _is_alive(pid: int) -> bool:
    import psutil

    return psutil.pid_exists(pid)


def write_flushed(path: Path, data: bytes) -> None:
    """Write a new file down to the disk; one that is there already is an error."""
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def flush_folder(folder: Path) -> None:
    """Make moves in a folder last; Windows does not open folders and keeps moves by itself."""
    if os.name != "nt":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def not_written(path: Path, error: OSError, then: Said = NOTHING_MORE) -> StorageError:
    """What an error of the system says about a file that could not be written.

    Parameters
    ----------
    path
        The file.
    error
        What the system said.
    then
        How things stand after it; empty when there is nothing to say.
    """
    if error.errno in _FULL:
        en = "the disk is full; free some space and run again"
        zh = "磁盘已满，请腾出空间后重试"
    elif error.errno in _DENIED:
        en = "no permission; choose another folder, or close the program that holds the file open"
        zh = "没有写入权限，请换一个文件夹，或关闭正在使用该文件的程序"
    elif error.errno in _IN_THE_WAY:
        en = "a file stands where a folder is needed, or a folder where a file; name another place"
        zh = "需要文件夹的位置是文件，或需要文件的位置是文件夹，请另选位置"
    elif error.errno == errno.ENAMETOOLONG:
        en, zh = "the name is too long; choose a shorter one", "名称太长，请换一个短的"
    else:
        en = zh = error.strerror or type(error).__name__
    return StorageError(
        f"cannot write {path}: {en}" + (f". {then.en}" if then.en else ""),
        f"无法写入 {path}：{zh}" + (f"。{then.zh}" if then.zh else ""),
    )


def read_bytes(path: str | Path) -> bytes:
    """Content of a file.

    Raises
    ------
    StorageError
        When it is missing or cannot be read.
    """
    try:
        return Path(path).read_bytes()
    except FileNotFoundError:
        raise StorageError(f"{path} is missing", f"缺少文件 {path}") from None
    except OSError as error:
        raise StorageError(
            f"cannot read {path}: {error.strerror}", f"无法读取 {path}：{error.strerror}"
        ) from error


def digest(data: bytes) -> str:
    """SHA-256 as hexadecimal text."""
    return hashlib.sha256(data).hexdigest()


def json_bytes(value: Any) -> bytes:
    """JSON text: keys sorted, a level of indent, one line end at the end; refuses NaN."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True, indent=1)
    return (text + "\n").encode()


def parse_json(data: bytes, name: str) -> Any:
    """Value of a JSON file; `name` is what the error calls it."""
    try:
        return json.loads(data)
    except ValueError as error:
        raise _damaged(name, str(error)) from None


def guarded(text: str) -> str:
    """A text as it is written to a CSV: with an apostrophe before it where it might run.

    Spreadsheets run what begins with ``= + - @``, some of them after blanks or signs of no width
    and in other widths. What begins with an apostrophe gets one too, so that :func:`unguarded`
    gives every text back. Numbers are not texts: they are written bare. A workbook needs none of
    this, its cells say that they hold texts (:func:`planner.sheets.write_cell`).
    """
    return _GUARD + text if _needs_guard(text) else text


def unguarded(text: str) -> str:
    """The text of :func:`guarded`; one that was never guarded stays as it is.

    But for what begins with an apostrophe before a text that might run: nobody writes that himself.
    """
    bare = text.removeprefix(_GUARD)
    return bare if bare != text and _needs_guard(bare) else text


def _needs_guard(text: str) -> bool:
    # no letter or digit is a sign in another width
    if text[:1].isalnum():
        return False
    if text.startswith((_GUARD, "\t", "\r", "\n")):
        return True

    # blanks, controls and signs of no width (Z and C of Unicode) do not keep a formula from running
    seen = (letter for letter in text if unicodedata.category(letter)[0] not in "ZC")
    return unicodedata.normalize("NFKC", next(seen, "")).startswith(_FORMULA_SIGNS)


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """CSV in UTF-8; texts are quoted and never a formula, heads neither.

    A byte order mark tells a spreadsheet how to read Chinese.
    """
    shown = frame.copy()
    for column in _text_columns(shown):
        shown[column] = [guarded(text) for text in shown[column]]
    shown.columns = [guarded(str(head)) for head in shown.columns]
    text = shown.to_csv(index=False, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
    return text.encode("utf-8-sig")


def parse_csv(data: bytes, name: str, kind_of: Callable[[str], str]) -> pd.DataFrame:
    """Frame of :func:`csv_bytes`, to the last bit.

    Parameters
    ----------
    data, name
        The file and what the error calls it.
    kind_of
        Gives the kind of a column by its name: ``int``, ``float`` (empty = NaN), ``bool`` or
        ``text``; ``KeyError`` for an unknown one.
    """
    import pandas as pd

    try:
        heads, *rows = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
        header = [unguarded(head) for head in heads]
        columns = zip(*rows, strict=True) if rows else ((),) * len(header)
        table = {
            column: pd.Series(_parse(texts, kind_of(column)), dtype=_DTYPES[kind_of(column)])
            for column, texts in zip(header, columns, strict=True)
        }
    except (ValueError, KeyError, csv.Error) as error:
        raise _damaged(name, str(error)) from None
    return pd.DataFrame(table)


_DTYPES = {"int": "int64", "float": "float64", "bool": "bool", "text": "str"}


def _parse(texts: Sequence[str], kind: str) -> list[Any]:
    if kind == "float":
        return [float(text) if text else float("nan") for text in texts]
    if kind == "bool":
        return [{"True": True, "False": False}[text] for text in texts]
    return [int(text) if kind == "int" else unguarded(text) for text in texts]


def _text_columns(frame: pd.DataFrame) -> list[str]:
    return [str(column) for column, dtype in frame.dtypes.items() if dtype in ("str", "object")]


def parquet_bytes(frame: pd.DataFrame) -> bytes:
    """Parquet, GeoParquet for a frame with geometry."""
    buffer = io.BytesIO()
    _plain_texts(frame).to_parquet(buffer, compression="zstd")
    return buffer.getvalue()


def _plain_texts(frame: pd.DataFrame) -> pd.DataFrame:
    """Texts in the type in which they are read back.

    A frame that was read back gives the same bytes again.
    """
    import pandas as pd

    # str from pandas 3 on; before, objects stay objects
    text = pd.Series(["text"]).dtype
    objects = [column for column, dtype in frame.dtypes.items() if dtype == "object"]
    found = {column: pd.api.types.infer_dtype(frame[column], skipna=True) for column in objects}
    texts = [column for column in objects if found[column] in ("string", "empty")]
    shown = frame.astype(dict.fromkeys(texts, text))
    shown.columns = shown.columns.astype(text)
    return shown


def parse_parquet(data: bytes, name: str) -> Any:
    """Frame of :func:`parquet_bytes`: a GeoDataFrame when it holds geometry, else a DataFrame."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        metadata = pq.read_metadata(io.BytesIO(data)).metadata or {}
        if b"geo" in metadata:
            import geopandas as gpd

            return gpd.read_parquet(io.BytesIO(data))
        import pandas as pd

        return pd.read_parquet(io.BytesIO(data))
    except (pa.ArrowException, ValueError, KeyError, TypeError, OSError) as error:
        raise _damaged(name, str(error)) from None


def _damaged(name: str, why: str) -> StorageError:
    return StorageError(f"{name} is damaged: {why}", f"文件 {name} 已损坏：{why}")
