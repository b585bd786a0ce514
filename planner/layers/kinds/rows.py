"""What the readers of rows share: the book, the columns of each kind, places, repeated rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from planner import fields as F
from planner.layers import places
from planner.layers.coordinates import Ground, as_wgs84
from planner.layers.datum import References
from planner.layers.files import Source
from planner.layers.findings import Findings
from planner.layers.places import BoolArray, District, FloatArray
from planner.layers.tables import Table, numbers, read_table
from planner.model import tables
from planner.model.layers import SAME_ROOF_M
from planner.scenario import Scenario

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

_BASES: Final = ("evidence", "estimate", "synthetic", "unstated")
SAME_PLACE_M: Final = 1.0
"""What stands no farther apart than this is at one place."""
TABLES: Final = {
    "towns": tables.TOWNS,
    "landmarks": tables.LANDMARKS,
    "population": tables.POPULATION,
    "sites": tables.LISTED_SITES,
    "candidates": tables.CANDIDATES,
    "antennas": tables.ANTENNAS,
}
COLUMNS: Final = {
    part: tuple(column.name for column in table if column.kind != "geometry")
    for part, table in TABLES.items()
}

Lines = dict[str, tuple[str, int]]
"""File and line of each site, by ``site_id``; of several rows the first."""


@dataclass(frozen=True, slots=True)
class Book:
    """What every table reader needs: the question, the findings, the district.

    ``lines`` tells where each site is listed, ``equipment`` what stands there of 2G to 4G, a frame
    a list; the readers fill them. ``known`` is what coordinates of
    an unknown datum are held against.
    """

    scenario: Scenario
    findings: Findings
    district: District
    known: References
    lines: Lines = field(default_factory=dict)
    equipment: list[pd.DataFrame] = field(default_factory=list)


def read_texts(table: Table, columns: tuple[str, ...], source: Source) -> pd.DataFrame:
    """Text columns of a table, by physical line; the manifest fills in basis and source."""
    import pandas as pd

    cells = {column: table.text(column) for column in columns}
    frame = pd.DataFrame(cells, index=table.frame.index)

    # the known words are codes and come in lower case; any other text is kept as written
    basis = table.text("basis", source.basis)
    frame[F.BASIS] = basis.map(lambda word: word.lower() if word.lower() in _BASES else word)
    frame[F.SOURCE] = table.text("source", source.record.get("source", ""))
    return frame


def read_points(
    source: Source, book: Book, need: tuple[str, ...], may: tuple[str, ...]
) -> tuple[Table, FloatArray, FloatArray] | None:
    """A table with its places in WGS-84, (rows,) each; rows without one are findings and go."""
    aliases = book.scenario.aliases
    table = read_table(
        source, book.findings, ("lon", "lat", *need), (*may, "datum"), aliases=aliases
    )
    if table is None:
        return None

    lon = numbers(table, "lon", book.findings, missing="missing_coordinate", degrees=True)
    lat = numbers(table, "lat", book.findings, missing="missing_coordinate", degrees=True)
    lon, lat = in_wgs84(table, lon, lat, ("lon", "lat"), book)

    good = np.isfinite(lon) & np.isfinite(lat)
    return table.without(table.frame.index[~good]), lon[good], lat[good]


def in_wgs84(
    table: Table, x: FloatArray, y: FloatArray, axes: tuple[str, str], book: Book
) -> tuple[FloatArray, FloatArray]:
    """Degrees in WGS-84, (rows,); see :func:`planner.layers.coordinates.as_wgs84`."""
    ground = Ground(book.district, book.known, book.scenario.inputs.datum)
    return as_wgs84(table, x, y, axes, ground, book.findings)


def mark_inside(frame: pd.DataFrame, table: Table, book: Book) -> BoolArray:
    """Which rows lie in the district, (rows,); see :func:`planner.layers.places.inside`."""
    lines, file = frame.index.to_numpy(np.int64), table.source.name
    x, y = frame[F.X_M].to_numpy(), frame[F.Y_M].to_numpy()
    return places.inside(x, y, lines, book.district, book.findings, file, refuse=False)


def accepted(frame: pd.DataFrame, source: Source, book: Book) -> pd.DataFrame:
    """The rows that no finding refuses; the index is their line."""
    return frame[~frame.index.isin(book.findings.account(source.name).left_out)]


def drop_repeated(
    frame: pd.DataFrame,
    keys: list[str],
    table: Table,
    findings: Findings,
    code: str = "duplicate_site_id",
) -> pd.DataFrame:
    """The first row of each key; every further one is a finding.

    It is a warning when it holds the same as the first, and an error, with that code, when it does
    not.
    """
    is_again = frame.duplicated(keys).to_numpy(bool)
    if is_again.any():
        # a value that could not be read is a finding already, and no key
        is_again = is_again & frame[keys].notna().all(axis=1).to_numpy(bool)
    if not is_again.any():
        return frame

    # rows are known by their physical line, which is the index
    lines = frame.index.to_series()
    first_line = lines.groupby([frame[key] for key in keys], dropna=False).transform("first")
    rest = [column for column in frame.columns if column not in keys]
    where: dict[str, Any] = {"file": table.source.name, "column": table.header(keys[0])}
    for line in lines[is_again]:
        first = first_line[line]
        row = frame.loc[line]
        is_same = _are_same(row, frame.loc[first], rest)
        findings.add(
            "duplicate_row" if is_same else code,
            line=int(line),
            left_out=[int(line)],
            value=row[keys[0]],
            other=int(first),
            **where,
        )
    return frame[~is_again]


def drop_known(
    frames: Sequence[pd.DataFrame], sources: Sequence[Source], keys: list[str], findings: Findings
) -> list[pd.DataFrame]:
    """The rows of several files, each key once, in the first of them; see :func:`drop_repeated`."""
    known: dict[tuple[Any, ...], tuple[str, pd.Series[Any]]] = {}
    kept = []
    for frame, source in zip(frames, sources, strict=True):
        again, alike = [], []
        own = list(frame[keys].itertuples(index=False, name=None))
        for i, key in enumerate(own) if known else ():
            if key not in known:
                continue
            file, row = known[key]
            again.append(i)
            line, mine = int(frame.index[i]), frame.iloc[i]
            rest = [name for name in frame.columns if name not in (*keys, F.BASIS, F.SOURCE)]
            if _are_same(mine, row, rest) or _are_one_roof(mine, row):
                alike.append(line)
                continue
            other = f"{file}:{row.name}"
            findings.add(
                "duplicate_key/files", file=source.name, line=line, value=str(key[0]), other=other
            )
        if alike:
            findings.add(
                "rows_in_other_file", file=source.name, line=alike[0], count=len(alike),
                left_out=alike,
            )  # fmt: skip
        frame = frame[~np.isin(np.arange(len(frame)), again)]
        if len(sources) > 1:
            own = list(frame[keys].itertuples(index=False, name=None))
            known |= {key: (source.name, frame.iloc[i]) for i, key in enumerate(own)}
        kept.append(frame)
    return kept


def _are_one_roof(row: pd.Series[Any], other: pd.Series[Any]) -> bool:
    """Whether two rows are one site that holds no station of ours, as in lists of two carriers."""
    if not (row.get("is_stock", False) and other.get("is_stock", False)):
        return False
    away_m = np.hypot(row[F.X_M] - other[F.X_M], row[F.Y_M] - other[F.Y_M])
    return bool(away_m <= SAME_ROOF_M)


def _are_same(row: pd.Series[Any], other: pd.Series[Any], columns: list[str]) -> bool:
    """Whether two rows hold the same; two blanks (NaN) are the same."""
    pairs = ((row[column], other[column]) for column in columns)
    return all(mine == its or (mine != mine and its != its) for mine, its in pairs)


def add_points(
    frame: pd.DataFrame, book: Book, keys: list[str], columns: tuple[str, ...]
) -> gpd.GeoDataFrame:
    """The columns of a part, rows sorted by keys, each with its point in the work CRS."""
    import geopandas as gpd

    frame = frame.sort_values(keys, ignore_index=True)
    shapes = gpd.points_from_xy(frame[F.X_M], frame[F.Y_M], crs=book.district.work_crs)
    # with its column it is checked once, with shapes beside it thrice
    return gpd.GeoDataFrame(frame[list(columns)].assign(geometry=shapes), geometry="geometry")
