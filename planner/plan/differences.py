"""What is stored in a plan and is not what follows: table by table, column by column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from planner import fields as F
from planner.errors import SHOWN_CHARACTERS, Notice
from planner.model import PLAN_FOLDER, Plan, plan_frames
from planner.plan.notices import NOTICES

RELATIVE: Final = 1e-9
"""Two numbers are the same within this share of the larger one.

On one machine they are the same to the last bit. Another one may add in another order: sums of a
million terms then differ by 1e-10 at most, and no figure is shown to nine digits.
"""
_RELATIVE_SINGLE: Final = 1e-5
"""The same for numbers in single precision, which hold seven digits."""
_ABSOLUTE: Final = 1e-12
"""What is left of a difference of two equal numbers, in any unit."""
_WHO: Final = (
    F.STATION_ID, F.CELL_ID, F.REPLACEMENT_ID, F.NEIGHBOUR_ID, F.RULE, F.PHASE, F.COUNT, F.LAYER,
    F.NETWORK, F.LEVEL, F.MEASURE, F.TOWN, F.NAME, F.FILE,
)  # fmt: skip
"""Columns that say which row it is."""
_FOLLOWS_FROM_NOTHING: Final = frozenset(
    {"steps", "optimal", "interrupted", "versions", "review", "certificate"}
)
"""Keys of the provenance that tell how a plan was found, and the certificate, which proves itself.

Its packed bytes are not the same with every library of compression; its digest is.
"""


def differences(
    stored: Plan, again: Plan, unproven: frozenset[str] = frozenset()
) -> tuple[Notice, ...]:
    """Where a plan is not what it was worked out to be again.

    Parameters
    ----------
    stored, again
        As saved, and from scratch.
    unproven
        Columns and keys of which nothing can be said, as ``curve.parquet/bound``.

    Returns
    -------
    tuple of Notice
        One for each column or key, with the first place, the stored value and the one worked out
        again. Numbers are compared within :data:`RELATIVE`, everything else exactly.
    """
    found = [*_other_versions(stored, again), *_table_differences(stored, again, unproven)]
    values = {
        "scenario.yaml": (stored.scenario.to_tree(), again.scenario.to_tree()),
        "grid.json": (asdict(stored.grid), asdict(again.grid)),
        "provenance.json": (_provable(stored, unproven), _provable(again, unproven)),
    }
    for file, (one, other) in values.items():
        found += _value_differences(f"{PLAN_FOLDER}/{file}", "", one, other)
    return tuple(found)


def _other_versions(stored: Plan, again: Plan) -> Iterator[Notice]:
    """Said first, because anything else may come of it."""
    kept = [plan.provenance.get("versions") for plan in (stored, again)]
    made, used = (each if isinstance(each, Mapping) else {} for each in kept)
    changed = [
        f"{name} {made.get(name, '—')} → {used.get(name, '—')}"
        for name in sorted({*made, *used})
        if made.get(name) != used.get(name)
    ]
    if changed:
        yield NOTICES.notice(
            "other_versions", file=f"{PLAN_FOLDER}/provenance.json", versions=changed
        )


def _table_differences(stored: Plan, again: Plan, unproven: frozenset[str]) -> Iterator[Notice]:
    frames, anew = plan_frames(stored), plan_frames(again)
    # the order first: all else follows from it
    names = sorted(frames, key=lambda name: name != "stations.parquet")
    for name in names:
        yield from _frame_differences(name, frames[name], anew[name], unproven)


def _frame_differences(
    name: str, frame: pd.DataFrame, anew: pd.DataFrame, unproven: frozenset[str]
) -> Iterator[Notice]:
    """Where a table is not what it was worked out to be again; ``name`` is its file's."""
    file = f"{PLAN_FOLDER}/{name}"
    if len(frame) != len(anew):
        yield NOTICES.notice("other_rows", file=file, stored=len(frame), again=len(anew))
        return
    if list(frame.columns) != list(anew.columns):
        stored, again = ", ".join(frame.columns), ", ".join(anew.columns)
        yield NOTICES.notice("other_columns", file=file, stored=stored, again=again)
        return

    if not frame.index.equals(anew.index):
        places = np.flatnonzero(frame.index.to_numpy() != anew.index.to_numpy())
        what = str(frame.index.name or "index")
        yield _differs(file, what, frame.index, anew.index, places, "")
    for column in frame.columns:
        if f"{name}/{column}" in unproven:
            continue
        places = np.flatnonzero(_unlike(frame[column], anew[column]))
        if len(places):
            who = _who(frame, int(places[0]), column)
            yield _differs(file, str(column), frame[column], anew[column], places, who)


def _unlike(one: pd.Series, other: pd.Series) -> npt.NDArray[np.bool_]:
    """Which values of two columns of the same length are not the same."""
    if "geometry" in (str(one.dtype), str(other.dtype)):
        return _unlike_shapes(one, other)
    if one.dtype.kind == other.dtype.kind == "f":
        return _unlike_numbers(one.to_numpy(), other.to_numpy())

    # texts, whole numbers and switches exactly; of two kinds nothing is the same
    if one.dtype.kind != other.dtype.kind:
        return np.ones(len(one), np.bool_)
    values = [each.astype(object).where(each.notna(), None).to_numpy() for each in (one, other)]
    unlike: npt.NDArray[np.bool_] = (values[0] != values[1]).astype(np.bool_)
    return unlike


def _unlike_shapes(one: Any, other: Any) -> npt.NDArray[np.bool_]:
    if getattr(one, "crs", None) != getattr(other, "crs", None):
        return np.ones(len(one), np.bool_)
    shapes = np.asarray(one, dtype=object), np.asarray(other, dtype=object)
    return ~np.asarray(shapely.equals_exact(*shapes, tolerance=RELATIVE), np.bool_)


def _unlike_numbers(one: npt.NDArray[Any], other: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    is_single = 4 in (one.itemsize, other.itemsize)
    share = _RELATIVE_SINGLE if is_single else RELATIVE
    alike: npt.NDArray[np.bool_] = np.isclose(
        one, other, rtol=share, atol=_ABSOLUTE, equal_nan=True
    )
    return ~alike


def _who(frame: pd.DataFrame, place: int, column: str) -> str:
    """What says which row it is, as far as the table has it."""
    known = [name for name in _WHO if name in frame.columns and name != column]
    row = frame.iloc[place]
    said = [f"{name} {row[name]}" for name in known if not pd.isna(row[name]) and row[name] != ""]
    label = f"{frame.index.name} {frame.index[place]}" if frame.index.name else f"#{place + 1}"
    return ", ".join(said) or label


def _differs(
    file: str, what: str, stored: Any, again: Any, places: npt.NDArray[np.int64], who: str
) -> Notice:
    values = np.asarray(stored, dtype=object), np.asarray(again, dtype=object)
    first = int(places[0])
    return NOTICES.notice(
        "differs/rows" if len(places) > 1 else "differs",
        file=file,
        line=first + 2 if file.endswith(".csv") else None,
        column=what,
        what=what,
        of=f" ({who})" if who else "",
        stored=_shown(values[0][first]),
        again=_shown(values[1][first]),
        count=len(places),
    )


def _provable(plan: Plan, unproven: frozenset[str]) -> dict[str, Any]:
    return {
        key: value
        for key, value in plan.provenance.items()
        if key not in _FOLLOWS_FROM_NOTHING and f"provenance.json/{key}" not in unproven
    }


def _value_differences(file: str, key: str, stored: Any, again: Any) -> Iterator[Notice]:
    """Where two plain values differ, to any depth."""
    if isinstance(stored, Mapping) and isinstance(again, Mapping):
        for name in sorted({*stored, *again}):
            inner = f"{key}.{name}" if key else str(name)
            yield from _value_differences(file, inner, stored.get(name), again.get(name))
    elif (
        isinstance(stored, list | tuple)
        and isinstance(again, list | tuple)
        and len(stored) == len(again)
    ):
        for place, (one, other) in enumerate(zip(stored, again, strict=True)):
            yield from _value_differences(file, f"{key}[{place}]", one, other)
    elif not _same(stored, again):
        yield NOTICES.notice(
            "differs",
            file=file,
            column=key,
            what=key,
            of="",
            stored=_shown(stored),
            again=_shown(again),
        )


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return bool(np.isclose(one, other, rtol=RELATIVE, atol=_ABSOLUTE, equal_nan=True))
    return type(one) is type(other) and bool(one == other)


def _shown(value: Any) -> str:
    """A value as a notice shows it, on one line."""
    text = repr(value.item() if isinstance(value, np.generic) else value)
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[: SHOWN_CHARACTERS - 1]}…"
