"""What sites and candidates share: identity, name, height and place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from planner import fields as F
from planner.crs import place_code
from planner.layers import places
from planner.layers.aliases import NEAREST_TYPES, VALUES
from planner.layers.files import Source
from planner.layers.findings import Findings
from planner.layers.kinds.identities import Identity
from planner.layers.kinds.optional import Optional
from planner.layers.kinds.rows import SAME_PLACE_M, Book, read_texts
from planner.layers.places import FloatArray
from planner.layers.proportions import question_heights
from planner.layers.tables import Table
from planner.model.layers import SAME_ROOF_M

if TYPE_CHECKING:
    import pandas as pd

_COARSE: Final = r"\d{1,3}(?:\.\d{0,3})?"  # a coordinate of fewer than four decimals
_LOWEST_M: Final = 5.0
"""Below this a height is doubted."""
_TALLEST_M: Final = 60.0
"""No mast of a 5G station is taken to be higher [judgement]."""
_MARKED: Final = {
    "pci": F.PCIS, "electrical_tilt": F.TILTS_DEG, "mechanical_tilt": F.TILTS_DEG,
}  # fmt: skip
"""Fields of a file that make up one of ours."""


def read_columns(
    cells: Optional,
    identities: Sequence[Identity],
    lon: FloatArray,
    lat: FloatArray,
    source: Source,
    book: Book,
) -> pd.DataFrame:
    """The columns of these, by physical line."""
    frame = read_texts(cells.table, (), source)
    frame[F.HEIGHT_M] = _read_heights(cells)
    frame[F.LON], frame[F.LAT] = lon, lat
    frame[F.X_M], frame[F.Y_M] = places.to_work(lon, lat, book.district.work_crs)
    _say_coarse(cells.table, source, book.findings)

    frame[F.SITE_ID] = _site_ids(frame, identities, source, book.findings)
    frame = _at_one_place(frame, source, book.findings)
    names = [identity.name for identity in identities]
    frame[F.NAME] = np.where(np.array(names, dtype=object) == "", frame[F.SITE_ID], names)
    for line, site in zip(frame.index, frame[F.SITE_ID], strict=True):
        book.lines.setdefault(site, (source.name, int(line)))
    return frame


def read_site_types(cells: Optional) -> list[str]:
    """Type of site of each row, or how it is built; blank where neither is said."""
    types = cells.words("site_type", VALUES["site_type"])
    _say_nearest(cells, types)
    ways = cells.table.text("build_way").map(lambda cell: VALUES["build_way"].get(cell, ""))
    return types.where(types != "", ways).tolist()


def _say_nearest(cells: Optional, types: pd.Series[str]) -> None:
    """One finding for each word that may mean another type of site than it is taken for."""
    said = cells.table.text("site_type")
    for word in sorted(NEAREST_TYPES.intersection(said)):
        rows = said.index[said == word]
        cells.findings.add(
            "site_type_nearest",
            file=cells.table.source.name,
            line=int(rows[0]),
            column=cells.table.header("site_type"),
            value=word,
            count=len(rows),
            taken=types.at[rows[0]],
        )


def doubts_of(cells: Optional, lines: Sequence[int]) -> list[str]:
    """Fields of which a row's cell was left out, (rows,), such as ``height_m pcis``."""
    marks = ({_MARKED.get(name, name) for name in cells.marks.get(line, ())} for line in lines)
    return [" ".join(sorted(names)) for names in marks]


def _site_ids(
    frame: pd.DataFrame, identities: Sequence[Identity], source: Source, findings: Findings
) -> list[str]:
    """Id of the site of each row: its own, else one for what has one name and stands together.

    A base station with all its antennas on one site gives it its id; any other site is called by
    its place.
    """
    ids = [identity.site for identity in identities]
    labels: dict[tuple[str, str], list[int]] = {}
    for i, identity in enumerate(identities):
        if not identity.site:
            # what has no name is one site only at one place
            own = identity.base or identity.name or f"{frame[F.LON].iat[i]} {frame[F.LAT].iat[i]}"
            labels.setdefault((identity.base, own), []).append(i)

    scattered = 0
    lon, lat = frame[F.LON].to_numpy(), frame[F.LAT].to_numpy()
    xy = frame[[F.X_M, F.Y_M]].to_numpy()
    for (base, _), rows in labels.items():
        groups = _together(xy[rows])
        scattered += bool(base) and len(groups) > 1
        for group in groups:
            mine = [rows[k] for k in group]
            first = min(mine, key=lambda i: (lon[i], lat[i]))
            site = base if base and len(groups) == 1 else "S" + place_code(lon[first], lat[first])
            for i in mine:
                ids[i] = site
    if scattered:
        findings.add(
            "base_at_several_places", file=source.name, count=scattered, metres=SAME_ROOF_M
        )
    return ids


def _together(xy: FloatArray) -> list[list[int]]:
    """Rows that stand within reach of each other, by place: what is not in reach of any is alone.

    Parameters
    ----------
    xy
        (rows, 2), work metres.
    """
    if np.ptp(xy, axis=0).max(initial=0.0) <= SAME_ROOF_M:
        return [list(range(len(xy)))]
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    pairs = cKDTree(xy).query_pairs(SAME_ROOF_M, output_type="ndarray")
    ones = np.ones(len(pairs))
    graph = coo_array((ones, (pairs[:, 0], pairs[:, 1])), shape=(len(xy), len(xy)))
    number, of_row = connected_components(graph, directed=False)
    return [np.flatnonzero(of_row == i).tolist() for i in range(number)]


def _at_one_place(frame: pd.DataFrame, source: Source, findings: Findings) -> pd.DataFrame:
    """The rows with one place for each site, the most western of its own.

    What is farther apart than a roof is long stays: it is an error by and by.
    """
    if frame[F.SITE_ID].is_unique:
        return frame
    columns = [F.LON, F.LAT, F.X_M, F.Y_M]
    by_site = frame.groupby(F.SITE_ID)[[F.X_M, F.Y_M]]
    reach_m = (by_site.transform("max") - by_site.transform("min")).max(axis=1)
    is_near = ((reach_m > 0) & (reach_m <= SAME_ROOF_M)).to_numpy(bool)
    if not is_near.any():
        return frame
    lead = frame[is_near].sort_values([F.LON, F.LAT]).groupby(F.SITE_ID)[columns].first()
    frame = frame.copy()
    frame.loc[is_near, columns] = lead.loc[frame.loc[is_near, F.SITE_ID]].to_numpy()
    n_apart = frame.loc[is_near & (reach_m > SAME_PLACE_M).to_numpy(bool), F.SITE_ID].nunique()
    if n_apart:
        findings.add("site_places_joined", file=source.name, count=n_apart, metres=SAME_ROOF_M)
    return frame


def _read_heights(cells: Optional) -> FloatArray:
    """Heights, (rows,) m, NaN where the scene's is taken; unusable and doubtful ones are findings.

    0 is no blank: it is a height that no mast has.
    """
    said: dict[str, Any] = {"tallest": _TALLEST_M}
    heights_m = cells.numbers("height_m", zero=True, unusable="height_unusable", **said)

    where: dict[str, Any] = {
        "file": cells.table.source.name,
        "column": cells.table.header("height_m"),
    }
    question_heights(heights_m, where, cells.findings)
    lines, texts = cells.table.frame.index.tolist(), cells.table.text("height_m").tolist()
    for i in np.flatnonzero((heights_m <= 0) | (heights_m > _TALLEST_M)):
        cells.leave_out("height_unusable", "height_m", int(lines[i]), texts[i], **said)
        heights_m[i] = np.nan
    for i in np.flatnonzero(heights_m < _LOWEST_M):
        cells.findings.add("height_suspicious", line=int(lines[i]), value=texts[i], **where)
    return heights_m


def _say_coarse(table: Table, source: Source, findings: Findings) -> None:
    """One finding for the places of which both coordinates have too few decimals."""
    lon, lat = (table.text(axis).str.fullmatch(_COARSE) for axis in ("lon", "lat"))
    is_coarse = (lon & lat).to_numpy(bool)
    if is_coarse.any():
        lines = table.frame.index[is_coarse]
        where: dict[str, Any] = {"file": source.name, "line": int(lines[0])}
        findings.add("coordinate_precision_low", count=len(lines), lines=lines, **where)


def check_places(frame: pd.DataFrame, source: Source, findings: Findings) -> None:
    """An id with two places is an error; two ids within a metre are worth a word."""
    from scipy.spatial import cKDTree

    if not frame[F.SITE_ID].is_unique:
        _say_places_apart(frame, source, findings)

    xy = frame.drop_duplicates(F.SITE_ID)[[F.X_M, F.Y_M]].to_numpy()
    pairs = cKDTree(xy).query_pairs(SAME_PLACE_M) if len(xy) > 1 else ()
    if pairs:
        findings.add("duplicate_location", file=source.name, count=len(pairs))


def _say_places_apart(frame: pd.DataFrame, source: Source, findings: Findings) -> None:
    """An error for each id with two places."""
    by_id = frame.groupby(F.SITE_ID)[[F.X_M, F.Y_M]]
    reach_m = (by_id.max() - by_id.min()).max(axis=1)
    where: dict[str, Any] = {"file": source.name, "column": F.SITE_ID}
    for site in reach_m.index[reach_m > SAME_PLACE_M]:
        # named with the first row is the farthest from it: one between may repeat its place
        xy = frame.loc[frame[F.SITE_ID] == site, [F.X_M, F.Y_M]]
        away_m = (xy - xy.iloc[0]).abs().max(axis=1)
        first, second = int(xy.index[0]), int(away_m.idxmax())
        findings.add("duplicate_site_id", line=second, value=site, other=first, **where)
