"""Stations of which the cells stand in several files: each is one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy.spatial import cKDTree

from planner import fields as F
from planner.crs import place_code
from planner.layers.files import Source
from planner.layers.findings import Findings
from planner.layers.kinds.rows import SAME_PLACE_M
from planner.layers.kinds.sectors import MOST_SECTORS, OF_SECTORS
from planner.layers.kinds.states import RANKS
from planner.model.layers import SAME_ROOF_M

if TYPE_CHECKING:
    import pandas as pd

_PLACE: Final = [F.SITE_ID, F.LON, F.LAT, F.X_M, F.Y_M]

Key = tuple[str, str, str]
Row = dict[str, Any]


def join_spread(
    frames: Sequence[pd.DataFrame], sources: Sequence[Source], findings: Findings
) -> list[pd.DataFrame]:
    """The stations of site lists, each in the first file that has a cell of it.

    Two rows are one station where site, network and band are the same and no azimuth stands in
    both. A site that is called by its place has the id of the one of its name, network and band
    that stands within a roof of it in an earlier file. What stands at one place under two ids, or
    twice and differs, is left to others to say.
    """
    if len(frames) < 2:
        return list(frames)
    first: dict[Key, Row] = {}
    named: dict[Key, Row] = {}
    kept: list[dict[int, Row]] = []
    for frame, source in zip(frames, sources, strict=True):
        mine: dict[int, Row] = {}
        joined: list[int] = []
        rows: list[Any] = frame.to_dict("records")
        for line, row in zip(frame.index.tolist(), rows, strict=True):
            _move(row, named.get((row[F.NAME], row[F.NETWORK], row[F.BAND])))
            other = first.get((row[F.SITE_ID], row[F.NETWORK], row[F.BAND]))
            if other is not None and _are_of_one(row, other):
                _add(row, other)
                joined.append(line)
            else:
                mine[line] = row
        if joined:
            count = len(joined)
            findings.add("cells_grouped/files", file=source.name, line=joined[0], count=count)
        for row in mine.values():
            if row[F.NETWORK]:
                first.setdefault((row[F.SITE_ID], row[F.NETWORK], row[F.BAND]), row)
                named.setdefault((row[F.NAME], row[F.NETWORK], row[F.BAND]), row)
        kept.append(mine)
    frames = [_frame(rows, frame) for rows, frame in zip(kept, frames, strict=True)]
    _say_alike(frames, sources, findings)
    return frames


def _frame(rows: dict[int, Row], like: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    index = pd.Index(list(rows), name=like.index.name)
    return pd.DataFrame(list(rows.values()), index=index, columns=like.columns).astype(like.dtypes)


def _move(row: Row, other: Row | None) -> None:
    """Put a row on the site of another that has its name, where places alone tell both."""
    if other is None or row[F.NAME] == row[F.SITE_ID]:
        return
    if _is_called_by_place(row) and _is_called_by_place(other) and _away(row, other) <= SAME_ROOF_M:
        row.update({name: other[name] for name in _PLACE})


def _is_called_by_place(row: Row) -> bool:
    return bool(row[F.SITE_ID] == "S" + place_code(row[F.LON], row[F.LAT]))


def _away(row: Row, other: Row) -> float:
    return float(np.hypot(row[F.X_M] - other[F.X_M], row[F.Y_M] - other[F.Y_M]))


def _are_of_one(row: Row, other: Row) -> bool:
    """Whether two rows of one key are different cells of a station."""
    azimuths, others = (one[F.AZIMUTHS_DEG].split("/") for one in (row, other))
    are_apart = "" not in (*azimuths, *others) and set(azimuths).isdisjoint(others)
    return (
        are_apart
        and len(azimuths) + len(others) <= MOST_SECTORS
        and _away(row, other) <= SAME_ROOF_M
    )


def _add(row: Row, other: Row) -> None:
    """Add the cells of a row to those of another; what only one of the two tells is known."""
    cells = sorted((*_cells(row), *_cells(other)), key=lambda cell: float(cell[0]))
    for field, values in zip(OF_SECTORS, zip(*cells, strict=True), strict=True):
        other[field] = "/".join(values) if all(values) else ""
    other[F.STATE] = min(row[F.STATE], other[F.STATE], key=RANKS.index)
    other[F.SITE_TYPE] = other[F.SITE_TYPE] or row[F.SITE_TYPE]
    if not other[F.HEIGHT_M] > 0:
        other[F.HEIGHT_M] = row[F.HEIGHT_M]
    other[F.DOUBTS] = " ".join(sorted({*row[F.DOUBTS].split(), *other[F.DOUBTS].split()}))


def _cells(row: Row) -> list[tuple[str, ...]]:
    """Azimuth, identity and tilt of each sector of a row; blank where it does not tell them."""
    count = len(row[F.AZIMUTHS_DEG].split("/"))
    columns = (row[field].split("/") for field in OF_SECTORS)
    told = [own if len(own) == count else [""] * count for own in columns]
    return list(zip(*told, strict=True))


def _say_alike(
    frames: Sequence[pd.DataFrame], sources: Sequence[Source], findings: Findings
) -> None:
    """One finding a file for its sites that stand on one of an earlier file by another id."""
    known: list[pd.DataFrame] = []
    for frame, source in zip(frames, sources, strict=True):
        own = frame.drop_duplicates(F.SITE_ID)
        count = 0
        for other in known:
            new = own[~own[F.SITE_ID].isin(set(other[F.SITE_ID]))]
            if len(new) and len(other):
                tree = cKDTree(other[[F.X_M, F.Y_M]].to_numpy(float))
                away_m, _ = tree.query(new[[F.X_M, F.Y_M]].to_numpy(float))
                count += int(np.count_nonzero(away_m <= SAME_PLACE_M))
        if count:
            findings.add("duplicate_location/files", file=source.name, count=count)
        known.append(own)
